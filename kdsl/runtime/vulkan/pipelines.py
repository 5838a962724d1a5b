"""Modules and pipelines, and what the driver compiled, kept on disk.

One idea: all pipelines have one layout, a block of push constants, which holds the arguments or the address of them. The
driver's pipeline cache is loaded when the first pipeline is made and stored when the process ends, under the device's own id, so
that a kernel is compiled by the driver once on a machine.
"""

from __future__ import annotations

import ctypes
from ctypes import byref, c_size_t, c_uint64
from typing import TYPE_CHECKING, Any

from ...artifact import Artifact, Entry
from ...diagnostics import DeviceError
from .. import keep, kept
from ..bindings import vulkan as v
from .api import new

if TYPE_CHECKING:
    from .device import VulkanDriver

__all__ = ["PUSH_BYTES", "Code", "Module", "Pipelines"]

PUSH_BYTES = 128  # the least that a device may have (Vulkan 1.3, table "Required Limits"), and all that code asks for


class Module:
    """A loaded artifact: its module, and the pipelines of its entries. row: threads of a block that subgroups are cut from, in a
    kernel to which that matters; else 0, or 1 where it is not known. part_blocks: see `parts`."""

    __slots__ = ("handle", "part_blocks", "pipelines", "row", "spills")

    def __init__(self, handle: int, *, spills: bool, row: int, part_blocks: int) -> None:
        self.handle = handle
        self.spills = spills
        self.row = row
        self.part_blocks = part_blocks
        self.pipelines: dict[str, Code] = {}


class Code:
    """What a launch binds. spills: the push constant is the address of the arguments. part_blocks: see `parts`."""

    __slots__ = ("part_blocks", "pipeline", "spills")

    def __init__(self, pipeline: int, *, spills: bool, part_blocks: int = 0) -> None:
        self.pipeline = pipeline
        self.spills = spills
        self.part_blocks = part_blocks


class Pipelines:
    """The layout, the cache, and how modules and pipelines are made and given back."""

    def __init__(self, driver: VulkanDriver) -> None:
        self._driver = driver
        self._vk, self._device = driver.vk, driver.device
        pushed = v.PushConstantRange(v.SHADER_STAGE_COMPUTE_BIT, 0, PUSH_BYTES)
        info = new(v.PipelineLayoutCreateInfo, pushConstantRangeCount=1, pPushConstantRanges=ctypes.addressof(pushed))
        layout = c_uint64()
        self._vk.CreatePipelineLayout(self._device, byref(info), None, byref(layout))
        self.layout = layout.value
        self._name = f"vulkan pipelines {driver.physical.uuid.hex()} {driver.physical.driver}"
        self._loaded: c_uint64 | None = None
        self._is_new = False

    @property
    def _cache(self) -> c_uint64:
        if self._loaded is None:
            self._loaded = self._load_cache()
        return self._loaded

    def _load_cache(self) -> c_uint64:
        """The driver looks itself whether the data is its own (Vulkan 1.3, section 10.7.2)."""
        data = kept(self._name) or b""
        info = new(v.PipelineCacheCreateInfo, initialDataSize=len(data))
        held = ctypes.create_string_buffer(data, len(data)) if data else None
        if held is not None:
            info.pInitialData = ctypes.addressof(held)
        cache = c_uint64()
        self._vk.CreatePipelineCache(self._device, byref(info), None, byref(cache))
        return cache

    def store(self) -> None:
        """Keep what the driver compiled in this process."""
        if not self._is_new:
            return
        size = c_size_t()
        self._vk.GetPipelineCacheData(self._device, self._cache, byref(size), None)
        data = ctypes.create_string_buffer(size.value)
        self._vk.GetPipelineCacheData(self._device, self._cache, byref(size), ctypes.addressof(data))
        keep(self._name, data.raw[: size.value])
        self._is_new = False

    def load(self, artifact: Artifact) -> Module:
        words = artifact.binary
        if len(words) < 20 or len(words) % 4 or words[:4] != b"\x03\x02\x23\x07":
            raise DeviceError("this artifact does not hold a SPIR-V module")
        code = ctypes.create_string_buffer(words, len(words))
        info = new(v.ShaderModuleCreateInfo, codeSize=len(words), pCode=ctypes.addressof(code))
        handle = c_uint64()
        self._vk.CreateShaderModule(self._device, byref(info), None, byref(handle))
        facts = artifact.metadata
        local: Any = facts.get("local_size", (1,))
        row = local[0] if facts.get("subgroups", True) else 0
        parts: Any = facts.get("part_blocks", 0)
        return Module(handle.value, spills=facts.get("arguments") == "buffer", row=row, part_blocks=parts)

    def prepare(self, module: Module, entry: Entry) -> Code:
        found = module.pipelines.get(entry.symbol)
        if found is None:
            pipeline = self._make(module, entry)
            found = module.pipelines[entry.symbol] = Code(pipeline, spills=module.spills, part_blocks=module.part_blocks)
        return found

    def _make(self, module: Module, entry: Entry) -> int:
        name = ctypes.create_string_buffer(entry.symbol.encode())
        stage = new(v.PipelineShaderStageCreateInfo, stage=v.SHADER_STAGE_COMPUTE_BIT, module=module.handle,
                    pName=ctypes.addressof(name))  # fmt: skip
        driver = self._driver
        asked = new(v.PipelineShaderStageRequiredSubgroupSizeCreateInfo, requiredSubgroupSize=driver.asked_subgroup_size)
        if module.row and driver.asked_subgroup_size:  # else the driver chooses what is fastest
            stage.pNext = ctypes.addressof(asked)
        if module.row and driver.target.subgroup_size and module.row % driver.target.subgroup_size == 0:
            stage.flags = v.PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT if driver.fills_subgroups else 0
        info = new(v.ComputePipelineCreateInfo, stage=stage, layout=self.layout, basePipelineIndex=-1)
        pipeline = c_uint64()
        self._vk.CreateComputePipelines(self._device, self._cache, 1, byref(info), None, byref(pipeline))
        self._is_new = True
        return pipeline.value

    def unload(self, module: Module) -> None:
        for code in module.pipelines.values():
            self._vk.DestroyPipeline(self._device, code.pipeline, None)
        self._vk.DestroyShaderModule(self._device, module.handle, None)
