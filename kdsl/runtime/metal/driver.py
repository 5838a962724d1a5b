"""An Apple GPU as `kdsl.runtime.driver` wants it.

One idea: every allocation is a buffer of its own in memory that CPU and GPU share; a launch names addresses, and the buffers
that they lie in are found here.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...artifact import Artifact, Entry
from ...diagnostics import DeviceError
from ...records import replace
from ...target import GPU_TARGETS
from ..api import Limits
from ..bindings.metal import load
from ..driver import IN_PLACE, DeviceLost, Driver, Memory, Work
from ..ranges import Ranges
from .code import MetalFunction, MetalModule
from .foreign import buffer_of, pages_of
from .queue import MetalQueue
from .replay import MetalReplay

__all__ = ["MetalDriver", "describe"]

_APPLE8, _APPLE9, _MAC2 = 1008, 1009, 2002  # families of GPUs (MTLDevice.h)
_LANES = 32  # of a SIMD group on Apple's own GPUs; a pipeline says its own
_IN_PLACE_FROM, _IN_PLACE_SHIFT = 1 << 48, 40  # where no process has memory: a terabyte for each memory that is the host's


def describe(metal: Any, device: int) -> str:
    return f"{metal.name(device)}, Metal {metal.language()}, {metal.memory_bytes(device)[1] / 2**30:.1f} GiB"


class MetalDriver(Driver):
    """GPU number `index` of this Mac."""

    formats = ("msl", "metallib")
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
        target = GPU_TARGETS[f"metal:{version}"]
        extremes = {"atomic_u64_extremes"} if self._has_extremes() else set()
        self.target = replace(target, has=target.has | extremes, subgroup_size=_LANES,
                              shared_bytes=self.limits.shared_bytes, block_threads=self.limits.block_threads,
                              block_limit=self.limits.block, grid_limit=self.limits.grid)  # fmt: skip
        self.description = describe(metal, self.device)
        self.lost = ""  # why the GPU does not work again
        self._live: Ranges[int] = Ranges()  # the buffers of live memory
        self._lock = threading.Lock()
        self._numbers: list[int] = []  # that memory of the host's had, and may have again
        self._next_number = 0
        self._nothing = metal.new_buffer(self.device, 16)  # in place of arrays without elements

    def _limits(self) -> Limits:
        x, y, z = self.metal.threadgroup_size(self.device)
        most = 2**31 - 1
        return Limits(min(x, 1024), (x, y, z), (most, most, most), self.metal.threadgroup_bytes(self.device), (_LANES,))

    def _has_extremes(self) -> bool:
        """Of u64, as updates: Metal Feature Set Tables, "64-bit atomic minimum and maximum"."""
        if self.metal.is_of_family(self.device, _APPLE9):
            return True
        return self.metal.is_of_family(self.device, _APPLE8) and self.metal.is_of_family(self.device, _MAC2)

    def must_be_there(self) -> None:
        """`DeviceLost` where the GPU does not work again."""
        if self.lost:
            raise DeviceLost(self.lost)

    def allocate(self, size_bytes: int, memory: str) -> Memory:
        self.must_be_there()
        buffer = self.metal.new_buffer(self.device, size_bytes)
        if not buffer:
            raise MemoryError
        address = self.metal.contents(buffer)
        self._live.add(address, size_bytes, buffer)
        return Memory(address, size_bytes, buffer, address, memory)

    def free(self, memory: Memory) -> None:
        self._live.remove(memory.address)
        if memory.name == IN_PLACE:
            with self._lock:
                self._numbers.append((memory.address - _IN_PLACE_FROM) >> _IN_PLACE_SHIFT)
        self.metal.release(memory.handle)
        memory.state = None

    def in_place(self, view: np.ndarray[Any, Any], low: int, high: int, *, is_written: bool) -> tuple[Memory, int] | None:
        lent = buffer_of(self.metal, view, low, high)
        if lent is not None and self.metal.is_of(lent.buffer, self.device):
            return self._placed(self.metal.retain(lent.buffer), lent.size_bytes, lent.owner), low - lent.start
        pages = pages_of(view, low, high, self.metal.page_bytes(), is_written=is_written)
        buffer = self.metal.new_buffer_over(self.device, pages.start, pages.size_bytes) if pages is not None else 0
        if pages is None or not buffer:  # Metal takes no memory that is not one region of the process's
            return None
        return self._placed(buffer, pages.size_bytes, pages.owner), low - pages.start

    def _placed(self, buffer: int, size_bytes: int, owner: object) -> Memory:
        """A buffer over memory of the host's. It has addresses of its own: the same pages may be in two buffers."""
        with self._lock:
            if self._numbers:
                number = self._numbers.pop()
            else:
                number, self._next_number = self._next_number, self._next_number + 1
        made = Memory(_IN_PLACE_FROM + (number << _IN_PLACE_SHIFT), size_bytes, buffer, name=IN_PLACE)
        made.state = owner  # which lives as long
        self._live.add(made.address, size_bytes, buffer)
        return made

    def buffer_at(self, address: int) -> tuple[int, int]:
        """The buffer that an address lies in, and how far inside."""
        found = self._live.find(address, address + 1)
        return (self._nothing, 0) if found is None else (found[1], address - found[0])

    def queue(self) -> MetalQueue:
        return MetalQueue(self)

    def load(self, artifact: Artifact) -> MetalModule:
        return MetalModule(self, artifact)

    def prepare(self, module: MetalModule, artifact: Artifact, entry: Entry) -> MetalFunction:
        del artifact
        return MetalFunction(self, module, entry)

    def unload(self, module: MetalModule) -> None:
        module.unload()

    def record(self, works: Sequence[Work]) -> MetalReplay:
        return MetalReplay(self.metal, works)

    def memory_info(self) -> tuple[int, int]:
        used, total = self.metal.memory_bytes(self.device)
        return max(total - used, 0), total

    def explain(self, module: MetalModule) -> str:
        return "\n".join([f.explain() for f in module.functions])
