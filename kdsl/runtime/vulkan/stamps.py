"""Times on the device's clock: command buffers that write one time stamp each, recorded once and used again and again.

One idea: an event takes a stamp and gives it back when it is dropped, so marking a point costs no recording.
"""

from __future__ import annotations

import ctypes
from collections import deque
from ctypes import byref, c_uint64
from typing import TYPE_CHECKING, NamedTuple

from ..bindings import vulkan as v
from .api import new

if TYPE_CHECKING:
    from .queue import VulkanQueue

__all__ = ["Stamp", "Stamps"]

_AT_A_TIME = 64


class Stamp(NamedTuple):
    """A place for a time, and the command buffer that writes it."""

    pool: int
    at: int
    commands: int


class Stamps:
    """The stamps of one queue."""

    def __init__(self, queue: VulkanQueue) -> None:
        self._queue = queue
        self._free: deque[Stamp] = deque()
        self.pools: list[int] = []

    def take(self) -> Stamp:
        try:
            return self._free.popleft()
        except IndexError:
            self._more()
            return self._free.popleft()

    def give(self, stamp: Stamp) -> None:
        """From finalizers. It goes to the end, so a stamp whose mark was dropped at once is not written again at once."""
        self._free.append(stamp)

    def _more(self) -> None:
        driver = self._queue.driver
        info = new(v.QueryPoolCreateInfo, queryType=v.QUERY_TYPE_TIMESTAMP, queryCount=_AT_A_TIME)
        pool = c_uint64()
        driver.vk.CreateQueryPool(driver.device, byref(info), None, byref(pool))
        self.pools.append(pool.value)
        for i, commands in enumerate(self._queue.new_commands(_AT_A_TIME)):
            self._queue.begin(commands, v.COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT)
            driver.vk.CmdResetQueryPool(commands, pool.value, i, 1)
            driver.vk.CmdWriteTimestamp(commands, v.PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, pool.value, i)
            driver.vk.EndCommandBuffer(commands)
            self._free.append(Stamp(pool.value, i, commands))

    def ticks(self, stamp: Stamp) -> int:
        """The time that a stamp holds; its work is done."""
        driver, value = self._queue.driver, c_uint64()
        flags = v.QUERY_RESULT_64_BIT | v.QUERY_RESULT_WAIT_BIT
        driver.vk.GetQueryPoolResults(driver.device, stamp.pool, stamp.at, 1, 8, ctypes.addressof(value), 8, flags)
        return value.value & driver.stamp_mask
