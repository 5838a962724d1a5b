"""The Vulkan library: its commands as Python functions, its results as errors.

One idea: every command is called as `vk.QueueSubmit(...)` and raises if it fails, with Vulkan's own word for what went wrong
and what a user can do about it.
"""

from __future__ import annotations

import ctypes
import itertools
import sys
from collections.abc import Callable, Mapping
from ctypes import CFUNCTYPE, byref
from typing import Any, TypeVar

from ...diagnostics import DeviceError
from ..bindings import vulkan as v
from ..driver import DeviceLost

__all__ = ["Commands", "chain", "check", "library", "listed", "new"]

_LIBRARIES = {
    "linux": ("libvulkan.so.1", "libvulkan.so"),
    "win32": ("vulkan-1.dll",),
    "darwin": ("libvulkan.1.dylib", "libvulkan.dylib", "libMoltenVK.dylib"),
}
_LOST = (
    "the device was lost: a kernel ran longer than the system allows (on a GPU that draws the screen a few seconds), touched "
    "memory that is not its own, or the driver failed\n"
    "  = help: run with KDSL_DEBUG=1 to check every access, give less work to one launch, and start a new process"
)
_HELP = {
    "VK_ERROR_OUT_OF_HOST_MEMORY": "out of host memory\n  = help: free arrays, or work in smaller pieces",
    "VK_ERROR_OUT_OF_DEVICE_MEMORY": "out of device memory\n  = help: free arrays, or work in smaller pieces",
    "VK_ERROR_TOO_MANY_OBJECTS": "too many objects of this kind\n  = help: free arrays and streams",
    "VK_ERROR_INITIALIZATION_FAILED": "the driver could not start\n  = help: `vulkaninfo --summary` shows whether it works",
    "VK_ERROR_INCOMPATIBLE_DRIVER": "no Vulkan driver is installed\n  = help: install your GPU's, or Debian's "
    "mesa-vulkan-drivers",
}

S = TypeVar("S", bound=ctypes.Structure)


def new(kind: type[S], **fields: Any) -> S:
    """A structure with its `sType`."""
    return kind(kind.TAG, **fields) if hasattr(kind, "TAG") else kind(**fields)


def chain(*structures: ctypes.Structure) -> ctypes.Structure:
    """Links structures by `pNext`, the first to the second and so on; gives the first. Keep them all alive."""
    for structure, following in itertools.pairwise(structures):
        structure.pNext = ctypes.addressof(following)  # type: ignore[attr-defined]
    return structures[0]


def check(result: int, command: str) -> None:
    """Raise for a result that is an error; what is not (VK_INCOMPLETE, VK_TIMEOUT) is the caller's to look at."""
    if result >= 0:
        return
    name = v.RESULTS.get(result, f"result {result}")
    if name == "VK_ERROR_DEVICE_LOST":
        raise DeviceLost(f"Vulkan: {_LOST}")
    raise DeviceError(f"Vulkan: {command} failed with {name}: {_HELP.get(name, 'the driver says no more')}")


def library() -> ctypes.CDLL:
    """The loader library. `DeviceError` where there is none."""
    names = _LIBRARIES.get(sys.platform, _LIBRARIES["linux"])
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise DeviceError(f"there is no Vulkan on this system ({' or '.join(names)} does not load)\n"
                      "  = help: install your GPU's driver, and Debian's libvulkan1")  # fmt: skip


class Commands:
    """A table of commands: `vk.CreateBuffer(...)`. Those that return a VkResult raise if it is an error, and give it."""

    def __init__(self, table: Mapping[str, tuple[Any, list[Any]]], find: Callable[[bytes], int | None]) -> None:
        for name, (result, parameters) in table.items():
            address = find(name.encode())
            if address:
                raw = CFUNCTYPE(result, *parameters)(address)
                setattr(self, name[2:], _checked(raw, name) if result is ctypes.c_int32 else raw)
                setattr(self, f"{name[2:]}_raw", raw)

    def __getattr__(self, name: str) -> Any:
        raise DeviceError(f"Vulkan: the driver has no vk{name}")


def _checked(raw: Any, name: str) -> Callable[..., int]:
    def command(*arguments: Any) -> int:
        result = raw(*arguments)
        if result < 0:
            check(result, name)
        return result

    return command


def listed(call: Callable[..., int], kind: Any, *before: Any) -> list[Any]:
    """What an enumerating command gives: it is asked for the number first."""
    count = ctypes.c_uint32()
    call(*before, byref(count), None)
    rows = (kind * count.value)()
    if hasattr(kind, "TAG"):
        for row in rows:
            row.sType = kind.TAG
    call(*before, byref(count), ctypes.addressof(rows) if count.value else None)
    return list(rows[: count.value])


