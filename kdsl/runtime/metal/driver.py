"""An Apple GPU as `kdsl.runtime.driver` wants it.

One idea: every allocation is a buffer of its own in memory that CPU and GPU share; a launch names addresses, and the buffers
that they lie in are found here.
"""

from __future__ import annotations

import bisect
import threading
from dataclasses import replace
from typing import Any

from ...artifact import Artifact, Entry
from ...diagnostics import DeviceError
from ...target import GPU_TARGETS
from ..api import Limits
from ..bindings.metal import load
from ..driver import Driver, Memory
from .code import MetalFunction, MetalModule
from .queue import MetalQueue

__all__ = ["MetalDriver", "describe"]

_LANES = 32  # of a SIMD group on Apple's own GPUs; a pipeline says its own


def describe(metal: Any, device: int) -> str:
    return f"{metal.name(device)}, Metal {metal.language()}, {metal.memory_bytes(device)[1] / 2**30:.1f} GiB"


class MetalDriver(Driver):
    """GPU number `index` of this Mac."""

    formats = ("msl",)
    memories = ("device", "host", "shared")  # which are one

    def __init__(self, index: int) -> None:
        self.metal = metal = load()
        found = metal.devices()
        if index >= len(found):
            raise DeviceError(f"there is no GPU number {index}: Metal sees {len(found)}\n  = help: `kdsl doctor` lists the devices")
        self.device = found[index]
        self.limits = self._limits()
        version = metal.language()
        if not version:
            raise DeviceError("this macOS is older than kdsl needs\n  = help: update to macOS 12 or later")
        self.target = replace(GPU_TARGETS[f"metal:{version}"], subgroup_size=_LANES, shared_bytes=self.limits.shared_bytes,
                              block_threads=self.limits.block_threads, block_limit=self.limits.block,
                              grid_limit=self.limits.grid)  # fmt: skip
        self.description = describe(metal, self.device)
        self._lock = threading.Lock()
        self._starts: list[int] = []  # of live memory, in order
        self._live: dict[int, Memory] = {}
        self._nothing = metal.new_buffer(self.device, 16)  # in place of arrays without elements

    def _limits(self) -> Limits:
        x, y, z = self.metal.threadgroup_size(self.device)
        most = 2**31 - 1
        return Limits(min(x, 1024), (x, y, z), (most, most, most), self.metal.threadgroup_bytes(self.device), (_LANES,))

    def allocate(self, size_bytes: int, memory: str) -> Memory:
        buffer = self.metal.new_buffer(self.device, size_bytes)
        if not buffer:
            raise MemoryError
        address = self.metal.contents(buffer)
        made = Memory(address, size_bytes, buffer, address, memory)
        with self._lock:
            bisect.insort(self._starts, address)
            self._live[address] = made
        return made

    def free(self, memory: Memory) -> None:
        with self._lock:
            self._starts.remove(memory.address)
            del self._live[memory.address]
        self.metal.release(memory.handle)

    def buffer_at(self, address: int) -> tuple[int, int]:
        """The buffer that an address lies in, and how far inside."""
        with self._lock:
            at = bisect.bisect_right(self._starts, address) - 1
            found = self._live[self._starts[at]] if at >= 0 else None
        if found is None or address >= found.address + found.size_bytes:
            return self._nothing, 0
        return found.handle, address - found.address

    def queue(self) -> MetalQueue:
        return MetalQueue(self)

    def load(self, artifact: Artifact) -> MetalModule:
        return MetalModule(self, artifact)

    def prepare(self, module: MetalModule, artifact: Artifact, entry: Entry) -> MetalFunction:
        del artifact
        return MetalFunction(self, module, entry)

    def unload(self, module: MetalModule) -> None:
        module.unload()

    def memory_info(self) -> tuple[int, int]:
        used, total = self.metal.memory_bytes(self.device)
        return max(total - used, 0), total

    def explain(self, module: MetalModule) -> str:
        return "\n".join([f.explain() for f in module.functions])
