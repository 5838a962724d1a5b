"""Launches on the first Vulkan device without kdsl's runtime: a few dozen lines of ctypes, for tests of code.

One idea: what the artifact says of arguments is read here a second time, from its text, so that the runtime's version has
something to disagree with. Many launches go in one submission, each with memory of its own.
"""

from __future__ import annotations

import ctypes as C
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from cpu_launch import diagnostic_buffer, pack_args

from kdsl.artifact import Artifact
from kdsl.target import GPU_TARGETS, Target

__all__ = ["Job", "Triple", "launch", "missing_vulkan", "vulkan", "vulkan_target"]

Triple = tuple[int, int, int]
_P, _U32, _U64 = C.c_void_p, C.c_uint32, C.c_uint64
_ARENA_BYTES = 256 << 20
_HEAD = [("sType", _U32), ("pNext", _P)]
_PUSH_BYTES = 128


def _struct(name: str, *fields: tuple[str, Any]) -> Any:
    return type(name, (C.Structure,), {"_fields_": list(fields)})


_App = _struct("App", *_HEAD, ("n", C.c_char_p), ("v", _U32), ("e", C.c_char_p), ("ev", _U32), ("api", _U32))
_Instance = _struct("Instance", *_HEAD, ("flags", _U32), ("app", _P), ("nl", _U32), ("layers", _P), ("ne", _U32), ("exts", _P))
_Queue = _struct("Queue", *_HEAD, ("flags", _U32), ("family", _U32), ("n", _U32), ("priorities", _P))
_Device = _struct("Device", *_HEAD, ("flags", _U32), ("nq", _U32), ("q", _P), ("nl", _U32), ("l", _P), ("ne", _U32), ("e", _P),
                  ("features", _P))  # fmt: skip
_Features = {count: _struct(f"Features{count}", *_HEAD, ("f", _U32 * count)) for count in (12, 15, 47, 55)}
_Buffer = _struct("Buffer", *_HEAD, ("flags", _U32), ("size", _U64), ("usage", _U32), ("share", _U32), ("nq", _U32), ("q", _P))
_Allocate = _struct("Allocate", *_HEAD, ("size", _U64), ("type", _U32))
_AllocateFlags = _struct("AllocateFlags", *_HEAD, ("flags", _U32), ("mask", _U32))
_Address = _struct("Address", *_HEAD, ("buffer", _U64))
_Module = _struct("Module", *_HEAD, ("flags", _U32), ("size", C.c_size_t), ("code", _P))
_Range = _struct("Range", ("stage", _U32), ("offset", _U32), ("size", _U32))
_Layout = _struct("Layout", *_HEAD, ("flags", _U32), ("nset", _U32), ("sets", _P), ("n", _U32), ("ranges", _P))
_Stage = _struct("Stage", *_HEAD, ("flags", _U32), ("stage", _U32), ("module", _U64), ("name", C.c_char_p), ("spec", _P))
_Pipeline = _struct("Pipeline", *_HEAD, ("flags", _U32), ("stage", _Stage), ("layout", _U64), ("base", _U64), ("i", C.c_int32))
_Pool = _struct("Pool", *_HEAD, ("flags", _U32), ("family", _U32))
_Commands = _struct("Commands", *_HEAD, ("pool", _U64), ("level", _U32), ("n", _U32))
_Begin = _struct("Begin", *_HEAD, ("flags", _U32), ("inherits", _P))
_Fence = _struct("Fence", *_HEAD, ("flags", _U32))
_Subgroups = _struct("Subgroups", *_HEAD, ("size", _U32), ("stages", _U32), ("operations", _U32), ("quad", _U32))
_Properties = _struct("Properties", *_HEAD, ("all", _U64 * 256))
_Submit = _struct("Submit", *_HEAD, ("nw", _U32), ("w", _P), ("wm", _P), ("nc", _U32), ("c", _P), ("ns", _U32), ("s", _P))


class VulkanError(RuntimeError):
    """A Vulkan call that did not succeed."""


@dataclass
class Job:
    """One launch: its code, NumPy arrays and scalars, blocks of the grid, threads (where the code is cut)."""

    artifact: Artifact
    args: Sequence[Any]
    grid: Triple
    threads: Triple
    diagnostics: np.ndarray | None = None


class Vulkan:
    """The device: one queue, one arena of memory that the host sees."""

    def __init__(self) -> None:
        self.lib = C.CDLL("libvulkan.so.1")
        self.lib.vkGetBufferDeviceAddress.restype = _U64
        app = _App(sType=0, n=b"kdsl tests", api=1 << 22 | 3 << 12)
        self.instance, self.physical, self.device = _P(), _P(), _P()
        self("vkCreateInstance", C.byref(_Instance(sType=1, app=C.addressof(app))), None, C.byref(self.instance))
        count, found = _U32(8), (_P * 8)()
        self("vkEnumeratePhysicalDevices", self.instance, C.byref(count), found)
        if not count.value:
            raise VulkanError("there is no Vulkan device")
        self.physical = _P(found[0])
        subgroups = _Subgroups(sType=1000094000)
        self.lib.vkGetPhysicalDeviceProperties2(self.physical, C.byref(_Properties(sType=1000059001, pNext=C.addressof(subgroups))))
        self.lanes: int = subgroups.size
        self._open()
        self.queue, self.pool, self.layout, self.fence, self.buffer, memory = _P(), _U64(), _U64(), _U64(), _U64(), _U64()
        self.lib.vkGetDeviceQueue(self.device, 0, 0, C.byref(self.queue))
        self("vkCreateCommandPool", self.device, C.byref(_Pool(sType=39, flags=2)), None, C.byref(self.pool))
        ranges = _Range(0x20, 0, _PUSH_BYTES)
        layout = _Layout(sType=30, n=1, ranges=C.addressof(ranges))
        self("vkCreatePipelineLayout", self.device, C.byref(layout), None, C.byref(self.layout))
        self("vkCreateFence", self.device, C.byref(_Fence(sType=8)), None, C.byref(self.fence))
        buffer = _Buffer(sType=12, size=_ARENA_BYTES, usage=0x20000 | 0x20 | 3)
        self("vkCreateBuffer", self.device, C.byref(buffer), None, C.byref(self.buffer))
        flags = _AllocateFlags(sType=1000060000, flags=2)
        wanted = _Allocate(sType=5, pNext=C.addressof(flags), size=_ARENA_BYTES, type=0)
        self("vkAllocateMemory", self.device, C.byref(wanted), None, C.byref(memory))
        self("vkBindBufferMemory", self.device, self.buffer, memory, _U64(0))
        host = _P()
        self("vkMapMemory", self.device, memory, _U64(0), _U64(2**64 - 1), 0, C.byref(host))
        self.address = self.lib.vkGetBufferDeviceAddress(self.device, C.byref(_Address(sType=1000244001, buffer=self.buffer.value)))
        self.memory = np.frombuffer((C.c_char * _ARENA_BYTES).from_address(host.value or 0), np.uint8)
        self.commands = _P()
        given = _Commands(sType=40, pool=self.pool.value, n=1)
        self("vkAllocateCommandBuffers", self.device, C.byref(given), C.byref(self.commands))
        self.pipelines: dict[bytes, _U64] = {}

    def __call__(self, name: str, *args: Any) -> None:
        result = getattr(self.lib, name)(*args)
        if result:
            raise VulkanError(f"{name} gives {C.c_int32(result).value}")

    def _open(self) -> None:
        """The device with all features that it has."""
        atomics = _Features[12](sType=1000260000)
        v13 = _Features[15](sType=53, pNext=C.addressof(atomics))
        v12 = _Features[47](sType=51, pNext=C.addressof(v13))
        v11 = _Features[12](sType=49, pNext=C.addressof(v12))
        features = _Features[55](sType=1000059000, pNext=C.addressof(v11))
        self.lib.vkGetPhysicalDeviceFeatures2(self.physical, C.byref(features))
        features.f[0] = 0  # robustBufferAccess
        priority = C.c_float(1)
        queue = _Queue(sType=2, n=1, priorities=C.addressof(priority))
        names = (C.c_char_p * 1)(b"VK_EXT_shader_atomic_float")
        device = _Device(sType=3, pNext=C.addressof(features), nq=1, q=C.addressof(queue), ne=1, e=C.addressof(names))
        self("vkCreateDevice", self.physical, C.byref(device), None, C.byref(self.device))

    def pipeline(self, artifact: Artifact) -> _U64:
        key = artifact.binary
        found = self.pipelines.get(key)
        if found is not None:
            return found
        if len(self.pipelines) > 64:
            for old in self.pipelines.values():
                self.lib.vkDestroyPipeline(self.device, old, None)
            self.pipelines.clear()
        code = C.create_string_buffer(key, len(key))
        module, made = _U64(), _U64()
        given = _Module(sType=16, size=len(key), code=C.addressof(code))
        self("vkCreateShaderModule", self.device, C.byref(given), None, C.byref(module))
        stage = _Stage(sType=18, stage=0x20, module=module.value, name=artifact.entry.symbol.encode())
        pipeline = _Pipeline(sType=29, stage=stage, layout=self.layout.value, i=-1)
        self("vkCreateComputePipelines", self.device, _U64(0), 1, C.byref(pipeline), None, C.byref(made))
        self.lib.vkDestroyShaderModule(self.device, module, None)
        self.pipelines[key] = made
        return made

    def run(self, jobs: Sequence[Job]) -> None:
        """All jobs in one submission; their arrays are written in place."""
        for k in range(0, len(jobs), 48):
            self._run(jobs[k : k + 48])

    def _run(self, jobs: Sequence[Job]) -> None:
        arena = _Arena(self)
        self("vkBeginCommandBuffer", self.commands, C.byref(_Begin(sType=42)))
        for job in jobs:
            slots = arena.slots(job)
            if job.artifact.metadata["arguments"] == "buffer":
                slots = struct.pack("<Q", arena.copy(np.frombuffer(slots, np.uint8)))
            if job.artifact.metadata["part_blocks"]:
                slots += bytes(8)  # all blocks in one part
            self.lib.vkCmdBindPipeline(self.commands, 1, self.pipeline(job.artifact))
            if slots:
                self.lib.vkCmdPushConstants(self.commands, self.layout, 0x20, 0, len(slots), slots)
            self.lib.vkCmdDispatch(self.commands, *job.grid)
        self("vkEndCommandBuffer", self.commands)
        submit = _Submit(sType=4, nc=1, c=C.addressof(self.commands))
        self("vkQueueSubmit", self.queue, 1, C.byref(submit), self.fence)
        self("vkWaitForFences", self.device, 1, C.byref(self.fence), 1, _U64(2**64 - 1))
        self("vkResetFences", self.device, 1, C.byref(self.fence))
        arena.take_back()


class _Arena:
    """Memory of one submission: copies of the arrays' whole memory, so that views keep their place."""

    def __init__(self, device: Vulkan) -> None:
        self.device = device
        self.used = 256
        self.copies: list[tuple[int, np.ndarray]] = []

    def copy(self, data: np.ndarray) -> int:
        """The device address of a copy of contiguous bytes."""
        at, self.used = self.used, self.used + -(-data.nbytes // 64) * 64 + 64
        if self.used > _ARENA_BYTES:
            raise MemoryError("the tests' arena is too small")
        self.device.memory[at : at + data.nbytes] = data.reshape(-1).view(np.uint8)
        return self.device.address + at

    def _array(self, data: np.ndarray, known: dict[int, int]) -> int:
        """The address of an array's first element."""
        base = data
        while isinstance(base.base, np.ndarray):
            base = base.base
        raw = np.lib.array_utils.byte_bounds(base) if base.size else (base.ctypes.data, base.ctypes.data)
        start, length = raw[0], raw[1] - raw[0]
        if start not in known:
            bytes_ = np.frombuffer((C.c_char * length).from_address(start), np.uint8) if length else np.zeros(0, np.uint8)
            known[start] = self.copy(bytes_)
            if data.flags.writeable and length:
                self.copies.append((known[start] - self.device.address, bytes_))
        return known[start] + data.ctypes.data - start

    def slots(self, job: Job) -> bytes:
        """The argument slots of `kdsl/codegen/layout.py`."""
        known: dict[int, int] = {}
        places = {a.ctypes.data: self._array(a, known) for a in job.args if isinstance(a, np.ndarray)}
        out = pack_args(job.artifact, job.args, lambda host: places[host])
        if job.artifact.entry.cut:
            out += struct.pack("<3q", *job.threads)
        if job.artifact.sites:
            job.diagnostics = diagnostic_buffer() if job.diagnostics is None else job.diagnostics
            words = job.diagnostics.view(np.uint32)
            out += struct.pack("<Qqq", self._array(job.diagnostics, known), len(words), 4)
        return out

    def take_back(self) -> None:
        for at, data in self.copies:
            if data.flags.writeable:
                data[:] = self.device.memory[at : at + data.nbytes]


@cache
def vulkan_target() -> Target:
    """The target of the device: lavapipe, of which the features are known."""
    target = GPU_TARGETS["vulkan:1.3"]
    more = {"atomic_f32_add", "atomic_f32_shared_add", "exact_f32", "folds_zeros", "rounding_rte_f32",
            "rounding_rte_f64", "signed_zero_inf_nan_preserve_f32", "signed_zero_inf_nan_preserve_f64"}  # fmt: skip
    return replace(target, has=(target.has - {"f16"}) | more)


@cache
def vulkan() -> Vulkan:
    return Vulkan()


@cache
def missing_vulkan() -> str:
    """Why there is no device, or ""."""
    try:
        vulkan()
    except (OSError, VulkanError) as error:
        return f"no Vulkan device: {error}"
    return ""


def launch(artifact: Artifact, args: Sequence[Any], grid: Triple, threads: Triple) -> None:
    vulkan().run([Job(artifact, args, grid, threads)])
