"""Recorded launches as command buffers that are submitted as they are, again and again.

One idea: a recording is cut into segments of some launches, each one command buffer that begins with a barrier. An update
writes arguments that lie in memory in their place, and records anew only the segments whose pushed arguments, or whose arrays,
changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import byref, c_uint64, c_void_p
from operator import le
from typing import TYPE_CHECKING, Any

import numpy as np

from ..bindings import vulkan as v
from ..driver import Memory, Replay, Work
from .api import new
from .hazards import Hazards
from .parts import FIRST, dispatches

if TYPE_CHECKING:
    from .device import VulkanDriver

__all__ = ["VulkanReplay"]

_SEGMENT = 64
_SLOT = 256  # bytes that the arguments of one launch start at a multiple of


class VulkanReplay(Replay):
    """See `driver.Replay`."""

    __slots__ = ("_buffers", "_driver", "_memory", "_places", "_pool", "_stale", "handles")

    def __init__(self, driver: VulkanDriver, works: Sequence[Work]) -> None:
        super().__init__(works)
        self._driver = driver
        self._places: dict[int, int] = {}  # of launches with arguments in memory: where
        self._memory: Memory | None = self._make_memory()
        info = new(v.CommandPoolCreateInfo, flags=v.COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT, queueFamilyIndex=driver.family)
        pool = c_uint64()
        driver.vk.CreateCommandPool(driver.device, byref(info), None, byref(pool))
        self._pool = pool.value
        count = -(-len(self.works) // _SEGMENT)
        self._buffers = self._make_buffers(count) if count else []
        self.handles: Any = (c_void_p * count)(*self._buffers) if count else None
        self._stale = set(range(count))  # segments to record before the next submission

    def _make_memory(self) -> Memory | None:
        size = 0
        for i, work in enumerate(self.works):
            if work.code.spills:
                self._places[i] = size
                size += -(-len(work.arguments) // _SLOT) * _SLOT
        return self._driver.allocate(size, "host") if size else None

    def _make_buffers(self, count: int) -> list[int]:
        rows = (c_void_p * count)()
        info = new(v.CommandBufferAllocateInfo, commandPool=self._pool, commandBufferCount=count)
        self._driver.vk.AllocateCommandBuffers(self._driver.device, byref(info), byref(rows))
        return [int(h or 0) for h in rows]

    def commands(self) -> list[int]:
        """The command buffers, recorded where they are not or not any more. `handles` is the same as an array."""
        if self._stale:
            for segment in sorted(self._stale):
                self._record(segment)
            self._stale.clear()
        return self._buffers

    def _record(self, segment: int) -> None:
        driver, vk, commands = self._driver, self._driver.vk, self._buffers[segment]
        vk.BeginCommandBuffer(commands, byref(new(v.CommandBufferBeginInfo, flags=v.COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT)))
        hazards, bound, limit = Hazards(), None, driver.target.grid_limit
        hazards.lose_track()
        first = segment * _SEGMENT
        for i, work in enumerate(self.works[first : first + _SEGMENT], first):
            if hazards.touch(work.uses):
                driver.barrier(commands)
            if work.code is not bound:
                vk.CmdBindPipeline(commands, v.PIPELINE_BIND_POINT_COMPUTE, work.code.pipeline)
                bound = work.code
            pushed = self._spilled(i, work) if work.code.spills else work.arguments
            grid = work.geometry[:3]
            is_short = all(map(le, grid, limit))
            for word, blocks in [(FIRST, grid)] if is_short else dispatches(grid, limit, work.code.part_blocks):
                data = pushed + word if work.code.part_blocks else pushed
                if data:
                    vk.CmdPushConstants(commands, driver.layout, v.SHADER_STAGE_COMPUTE_BIT, 0, len(data), data)
                vk.CmdDispatch(commands, *blocks)
        driver.host_barrier(commands)
        vk.EndCommandBuffer(commands)

    def _spilled(self, i: int, work: Work) -> bytes:
        """Puts a launch's arguments into their place; gives the bytes of its address."""
        memory, at, data = self._memory, self._places[i], np.frombuffer(work.arguments, np.uint8)
        assert memory is not None
        memory.handle.bytes(at, data.size)[...] = data
        self._driver.heap_of(memory).flush(memory.handle, at, data.size)
        return (memory.address + at).to_bytes(8, "little")

    def update(self, changes: dict[int, Work]) -> None:
        for i, work in changes.items():
            before, self.works[i] = self.works[i], work
            if work.code.spills and list(before.uses) == list(work.uses):
                self._spilled(i, work)
            else:
                self._stale.add(i // _SEGMENT)

    def close(self) -> None:
        self._driver.vk.DestroyCommandPool(self._driver.device, self._pool, None)
        if self._memory is not None:
            self._driver.free(self._memory)
