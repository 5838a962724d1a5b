"""Writes `kdsl/runtime/bindings/vulkan.py` from the Vulkan registry: the commands named here, and the types they need.

    python tools/make_vulkan_binding.py /usr/share/vulkan/registry/vk.xml

One idea: only what the runtime calls is bound, so that reading the binding is reading what the runtime depends on. On Debian
the registry file is in the package libvulkan-dev. The result is committed: nobody needs this to use kdsl.
"""

from __future__ import annotations

import re
import sys
import textwrap
import xml.etree.ElementTree as ET
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "kdsl" / "runtime" / "bindings" / "vulkan.py"

GLOBAL = "EnumerateInstanceVersion EnumerateInstanceExtensionProperties EnumerateInstanceLayerProperties CreateInstance"
INSTANCE = """
    EnumeratePhysicalDevices GetPhysicalDeviceProperties2 GetPhysicalDeviceFeatures2 GetPhysicalDeviceMemoryProperties2
    GetPhysicalDeviceQueueFamilyProperties EnumerateDeviceExtensionProperties CreateDevice GetDeviceProcAddr
    CreateDebugUtilsMessengerEXT
"""
DEVICE = """
    GetDeviceQueue AllocateMemory FreeMemory MapMemory FlushMappedMemoryRanges InvalidateMappedMemoryRanges
    CreateBuffer DestroyBuffer GetBufferMemoryRequirements BindBufferMemory GetBufferDeviceAddress
    CreateShaderModule DestroyShaderModule CreatePipelineLayout CreateComputePipelines DestroyPipeline
    CreatePipelineCache GetPipelineCacheData CreateCommandPool DestroyCommandPool AllocateCommandBuffers
    FreeCommandBuffers BeginCommandBuffer EndCommandBuffer CmdBindPipeline CmdPushConstants CmdDispatch CmdPipelineBarrier
    CmdCopyBuffer CmdFillBuffer CmdWriteTimestamp CmdResetQueryPool CreateQueryPool DestroyQueryPool GetQueryPoolResults
    CreateSemaphore DestroySemaphore GetSemaphoreCounterValue WaitSemaphores QueueSubmit DeviceWaitIdle
"""
STRUCTS = """
    VkApplicationInfo VkDeviceQueueCreateInfo VkPushConstantRange
    VkPhysicalDeviceVulkan11Features VkPhysicalDeviceVulkan12Features VkPhysicalDeviceVulkan13Features
    VkPhysicalDeviceVulkan11Properties VkPhysicalDeviceVulkan12Properties VkPhysicalDeviceVulkan13Properties
    VkPhysicalDeviceShaderAtomicFloatFeaturesEXT VkPhysicalDeviceShaderAtomicFloat2FeaturesEXT
    VkPhysicalDeviceMemoryBudgetPropertiesEXT VkMemoryAllocateFlagsInfo VkSemaphoreTypeCreateInfo
    VkTimelineSemaphoreSubmitInfo VkDebugUtilsMessengerCallbackDataEXT VkMemoryBarrier VkBufferCopy
    VkPipelineShaderStageRequiredSubgroupSizeCreateInfo VkPhysicalDeviceSubgroupSizeControlFeatures
    VkPhysicalDeviceSubgroupSizeControlProperties
"""
CONSTANTS = r"""
    VK_BUFFER_USAGE_(TRANSFER_SRC|TRANSFER_DST|STORAGE_BUFFER|SHADER_DEVICE_ADDRESS)_BIT
    VK_MEMORY_PROPERTY_(DEVICE_LOCAL|HOST_VISIBLE|HOST_COHERENT|HOST_CACHED)_BIT VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT
    VK_QUEUE_(COMPUTE|GRAPHICS|TRANSFER)_BIT
    VK_PIPELINE_STAGE_(COMPUTE_SHADER|TRANSFER|HOST|ALL_COMMANDS|BOTTOM_OF_PIPE|TOP_OF_PIPE)_BIT
    VK_ACCESS_(SHADER_READ|SHADER_WRITE|TRANSFER_READ|TRANSFER_WRITE|HOST_READ|HOST_WRITE|MEMORY_READ|MEMORY_WRITE)_BIT
    VK_SHADER_STAGE_COMPUTE_BIT VK_PIPELINE_BIND_POINT_COMPUTE VK_QUERY_TYPE_TIMESTAMP VK_SEMAPHORE_TYPE_TIMELINE
    VK_QUERY_RESULT_(64|WAIT)_BIT VK_COMMAND_POOL_CREATE_(RESET_COMMAND_BUFFER|TRANSIENT)_BIT
    VK_COMMAND_BUFFER_USAGE_(ONE_TIME_SUBMIT|SIMULTANEOUS_USE)_BIT VK_PHYSICAL_DEVICE_TYPE_\w+
    VK_DEBUG_UTILS_MESSAGE_SEVERITY_(WARNING|ERROR)_BIT_EXT VK_DEBUG_UTILS_MESSAGE_TYPE_(GENERAL|VALIDATION|PERFORMANCE)_BIT_EXT
    VK_PIPELINE_SHADER_STAGE_CREATE_(REQUIRE_FULL_SUBGROUPS|ALLOW_VARYING_SUBGROUP_SIZE)_BIT
    VK_SUBGROUP_FEATURE_(BASIC|VOTE|BALLOT|SHUFFLE|ARITHMETIC)_BIT VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR
    VK_SHARING_MODE_EXCLUSIVE VK_WHOLE_SIZE
"""
PLAIN = {
    "char": "c_char", "uint8_t": "c_uint8", "uint32_t": "c_uint32", "uint64_t": "c_uint64", "int32_t": "c_int32",
    "float": "c_float", "size_t": "c_size_t", "int": "c_int", "VkBool32": "c_uint32", "VkDeviceSize": "c_uint64",
    "VkFlags": "c_uint32", "VkFlags64": "c_uint64", "VkDeviceAddress": "c_uint64", "uint16_t": "c_uint16",
}  # fmt: skip


class Registry:
    """What vk.xml says."""

    def __init__(self, path: str) -> None:
        root = ET.parse(path).getroot()
        self.types = {t.get("name") or t.findtext("name") or "": t for t in root.iter("type") if t.get("category")}
        self.commands = {c.findtext("proto/name"): c for c in root.iter("command") if c.find("proto") is not None}
        self.enums = self._enums(root)
        self.results = {v: k for k, v in self.enums.items() if v < 0 and k in self._names_of(root, "VkResult")}
        version = next(t for t in root.iter("type") if t.findtext("name") == "VK_HEADER_VERSION")
        number = re.findall(r"\d+", "".join(version.itertext()))[-1]
        complete = next(t for t in root.iter("type") if t.findtext("name") == "VK_HEADER_VERSION_COMPLETE")
        parts = re.findall(r"\d+", "".join(complete.itertext()).split("VK_MAKE_API_VERSION")[-1])
        self.revision = f"{parts[1]}.{parts[2]}.{number}"

    def _names_of(self, root: ET.Element, group: str) -> set[str]:
        plain = {e.get("name", "") for es in root.iter("enums") if es.get("name") == group for e in es.iter("enum")}
        return plain | {e.get("name", "") for e in root.iter("enum") if e.get("extends") == group}

    def _enums(self, root: ET.Element) -> dict[str, int]:
        found: dict[str, int] = {}
        extensions = [(e, int(e.get("number", "0"))) for e in root.iter("extension")]
        places = [(f, 0) for f in root.iter("feature")] + extensions + [(e, 0) for e in root.iter("enums")]
        for place, number in places:
            for e in place.iter("enum"):
                value = self._value(e, number)
                if value is not None:
                    found.setdefault(e.get("name", ""), value)
        for place, _ in places:
            for e in place.iter("enum"):
                if e.get("alias") in found:
                    found.setdefault(e.get("name", ""), found[e.get("alias", "")])
        return found

    def _value(self, e: ET.Element, number: int) -> int | None:
        if e.get("bitpos"):
            return 1 << int(e.get("bitpos", ""))
        if e.get("offset"):
            value = 1_000_000_000 + (int(e.get("extnumber") or number) - 1) * 1000 + int(e.get("offset", ""))
            return -value if e.get("dir") == "-" else value
        text = e.get("value", "")
        if text == "(~0ULL)":
            return (1 << 64) - 1
        return int(text, 0) if re.fullmatch(r"-?(0x)?[0-9A-Fa-f]+", text) else None

    def resolve(self, name: str) -> ET.Element | None:
        t = self.types.get(name)
        return self.resolve(t.get("alias", "")) if t is not None and t.get("alias") else t

    def ctype(self, member: ET.Element, needed: list[str]) -> str:
        """The ctypes type of a member or parameter; structures that it holds are added to `needed`."""
        name, text = member.findtext("type") or "", "".join(member.itertext()).split("/*")[0]
        if "*" in text:
            return "c_void_p"
        base = PLAIN.get(name) or self._named(name, needed)
        size = re.search(r"\[(\w+)\]", text)
        if size is None:
            return base
        count = int(size[1]) if size[1].isdigit() else self.enums[size[1]]
        return f"{base} * {count}"

    def _named(self, name: str, needed: list[str]) -> str:
        t = self.resolve(name)
        assert t is not None, name
        category = t.get("category")
        if category == "handle":
            return "c_uint64" if "NON_DISPATCHABLE" in "".join(t.itertext()) else "c_void_p"
        if category == "bitmask":
            return "c_uint64" if "VkFlags64" in "".join(t.itertext()) else "c_uint32"
        if category == "enum":
            return "c_int32"
        if category == "funcpointer":
            return "c_void_p"
        assert category in ("struct", "union"), (name, category)
        needed.append(t.get("name", ""))
        return t.get("name", "")[2:]


def structures(r: Registry, names: list[str]) -> list[str]:
    """The classes of structures, those that others hold first."""
    done: dict[str, str] = {}

    def add(name: str) -> None:
        t = r.resolve(name)
        assert t is not None, name
        name = t.get("name", "")
        if name in done:
            return
        needed: list[str] = []
        members = [m for m in t.findall("member") if m.get("api") in (None, "vulkan")]
        fields = [(m.findtext("name"), r.ctype(m, needed)) for m in members]
        for n in needed:
            add(n)
        tag = members[0].get("values")
        lines = [f"class {name[2:]}({'Union' if t.get('category') == 'union' else 'Structure'}):"]
        if tag:
            lines.append(f"    TAG = {r.enums[tag]}")
        listed = ", ".join(f'("{n}", {c})' for n, c in fields)
        lines += textwrap.wrap(f"_fields_ = [{listed}]", 118, initial_indent="    ", subsequent_indent="        ",
                               break_long_words=False)  # fmt: skip
        done[name] = "\n".join(lines)

    for name in names:
        add(name)
    return list(done.values())


def signature(r: Registry, name: str, used: list[str]) -> str:
    c = r.commands.get(f"vk{name}")
    assert c is not None, name
    if c.get("alias"):
        c = r.commands[c.get("alias")]
    result = c.findtext("proto/type") or ""
    returns = {"void": "None", "VkResult": "c_int32", "VkDeviceAddress": "c_uint64"}.get(result, "c_void_p")
    parameters = [p for p in c.findall("param") if p.get("api") in (None, "vulkan")]
    for p in parameters:
        t = r.resolve(p.findtext("type") or "")
        if t is not None and t.get("category") == "struct":
            used.append(t.get("name", ""))
    return f'    "vk{name}": ({returns}, [{", ".join(r.ctype(p, []) for p in parameters)}]),'


def main() -> None:
    r = Registry(sys.argv[1])
    used: list[str] = []
    tables = []
    for title, names in (("GLOBAL", GLOBAL), ("INSTANCE", INSTANCE), ("DEVICE", DEVICE)):
        rows = "\n".join(signature(r, n, used) for n in names.split())
        tables.append(f"{title}: dict[str, tuple[Any, list[Any]]] = {{\n{rows}\n}}")
    classes = structures(r, [n for n in [*used, *STRUCTS.split()] if n != "VkAllocationCallbacks"])
    wanted = [re.compile(p) for p in CONSTANTS.split()]
    values = {n: v for n, v in r.enums.items() if any(p.fullmatch(n) for p in wanted)}
    for pattern in wanted:
        assert any(pattern.fullmatch(n) for n in values), pattern
    constants = "\n".join(f"{n[3:]} = {v:#x}" for n, v in sorted(values.items()) if not n.endswith("MAX_ENUM"))
    results = "\n".join(f'    {v}: "{n}",' for v, n in sorted(r.results.items(), reverse=True))
    body = "".join([*classes, *tables])
    plain = sorted(set(PLAIN.values()) | {"c_void_p"}, key=lambda n: (n.rstrip("0123456789_pt"), len(n), n))
    names = ", ".join(n for n in ("Structure", "Union", *plain) if re.search(rf"\b{n}\b", body))
    OUT.write_text(f'''"""Vulkan as ctypes: what the runtime calls, from revision {r.revision} of the registry (vk.xml).

One idea: written by `tools/make_vulkan_binding.py`, never by hand. Names are Vulkan's without their prefix; `TAG` is a
structure's `sType`. Pointers are `c_void_p`.
"""

# fmt: off
# ruff: noqa: E501

from __future__ import annotations

from ctypes import {names}
from typing import Any

REVISION = "{r.revision}"

# Constants

{constants}

# What a call failed with
RESULTS: dict[int, str] = {{
{results}
}}

# Structures


{(chr(10) * 3).join(classes)}


# Commands: what they return, what they take. Those of the library itself, of an instance, of a device.

{(chr(10) * 2).join(tables)}
''')
    print(f"{OUT.name}: {len(classes)} structures, {sum(t.count('vk') for t in tables)} commands, revision {r.revision}")


if __name__ == "__main__":
    main()
