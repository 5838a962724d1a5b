"""The Vulkan instance, the devices that it has, and why one of them is not used.

One idea: there is one instance in a process, made when Vulkan is first asked for. With KDSL_VULKAN_VALIDATION=1 the
validation layer watches every call, and what it says is kept in `messages`: a correct runtime leaves it empty.
"""

from __future__ import annotations

import ctypes
import functools
import os
from ctypes import CFUNCTYPE, addressof, byref, c_uint32, c_void_p
from typing import Any

from ...diagnostics import DeviceError
from ..bindings import vulkan as v
from .api import Commands, library, listed, new

__all__ = ["Instance", "instance", "messages", "version_text"]

_VALIDATION = "VK_LAYER_KHRONOS_validation"
_DEBUG_UTILS = "VK_EXT_debug_utils"
_PORTABILITY = "VK_KHR_portability_enumeration"
_MOST = (1 << 22) | (3 << 12)  # what the runtime is written for: 1.3

# What the validation layer said, in order.
messages: list[str] = []


@CFUNCTYPE(c_uint32, c_uint32, c_uint32, c_void_p, c_void_p)
def _listen(severity: int, kind: int, data: int, user: int) -> int:
    found = v.DebugUtilsMessengerCallbackDataEXT.from_address(data)
    messages.append(ctypes.string_at(found.pMessage).decode(errors="replace"))
    return 0


def version_text(version: int) -> str:
    """`1.3.239`"""
    return f"{version >> 22 & 0x7F}.{version >> 12 & 0x3FF}.{version & 0xFFF}"


class Instance:
    """The library's commands, an instance, and its physical devices."""

    def __init__(self) -> None:
        lib = library()
        self._find_any = lib.vkGetInstanceProcAddr
        self._find_any.argtypes, self._find_any.restype = [c_void_p, ctypes.c_char_p], c_void_p
        self.vk = Commands(v.GLOBAL, lambda name: self._find_any(None, name))
        offered = c_uint32()
        self.vk.EnumerateInstanceVersion(byref(offered))
        self.version = min(offered.value, _MOST)
        self.is_watched = os.environ.get("KDSL_VULKAN_VALIDATION", "0") not in ("", "0")
        self.handle = c_void_p()
        self._create()
        self.vk = Commands({**v.GLOBAL, **v.INSTANCE}, self._find)
        if self.is_watched:
            self._watch()
        self.devices: list[c_void_p] = [c_void_p(h) for h in listed(self.vk.EnumeratePhysicalDevices, c_void_p, self.handle)]

    def _find(self, name: bytes) -> int | None:
        return self._find_any(self.handle, name)

    def _create(self) -> None:
        application = new(v.ApplicationInfo, pEngineName=addressof(_NAME), apiVersion=self.version)
        extensions = {e.extensionName.decode() for e in listed(self.vk.EnumerateInstanceExtensionProperties,
                                                               v.ExtensionProperties, None)}  # fmt: skip
        layers = [_VALIDATION] if self.is_watched else []
        if self.is_watched:
            known = {row.layerName.decode() for row in listed(self.vk.EnumerateInstanceLayerProperties, v.LayerProperties)}
            if _VALIDATION not in known:
                raise DeviceError("KDSL_VULKAN_VALIDATION is set, and the validation layer is not installed\n"
                                  "  = help: install Debian's vulkan-validationlayers, or unset it")  # fmt: skip
        wanted = [_PORTABILITY] * (_PORTABILITY in extensions) + [_DEBUG_UTILS] * self.is_watched
        texts = [_texts(layers), _texts(wanted)]
        info = new(v.InstanceCreateInfo, pApplicationInfo=addressof(application), enabledLayerCount=len(layers),
                   ppEnabledLayerNames=addressof(texts[0]), enabledExtensionCount=len(wanted),
                   ppEnabledExtensionNames=addressof(texts[1]),
                   flags=v.INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR if _PORTABILITY in wanted else 0)  # fmt: skip
        self.vk.CreateInstance(byref(info), None, byref(self.handle))

    def _watch(self) -> None:
        severity = v.DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | v.DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT
        kinds = v.DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT | v.DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT
        info = new(v.DebugUtilsMessengerCreateInfoEXT, messageSeverity=severity, messageType=kinds,
                   pfnUserCallback=ctypes.cast(_listen, c_void_p).value)  # fmt: skip
        self.vk.CreateDebugUtilsMessengerEXT(self.handle, byref(info), None, byref(ctypes.c_uint64()))

    def extensions(self, device: c_void_p) -> set[str]:
        """Names of a physical device's extensions."""
        rows = listed(self.vk.EnumerateDeviceExtensionProperties, v.ExtensionProperties, device, None)
        return {row.extensionName.decode() for row in rows}


_NAME = ctypes.create_string_buffer(b"kdsl")


def _texts(names: list[str]) -> Any:
    """An array of C strings."""
    return (ctypes.c_char_p * max(len(names), 1))(*[n.encode() for n in names])


@functools.cache
def instance() -> Instance:
    """The process's instance. `DeviceError` where there is no Vulkan; it is tried again at the next call."""
    return Instance()


def _after_fork_in_child() -> None:
    instance.cache_clear()  # the child's own, should it ask for Vulkan


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
