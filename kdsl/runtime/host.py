"""What devices share whose memory is the host's and whose work is done when a call returns (`cpu`, `null`).

One idea: being synchronous is a valid way to keep the contract of `api`. An event is a time stamp that is always
done, a stream is a counter, and a replay is a loop.
"""

from __future__ import annotations

import os
import time
from _thread import allocate_lock
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..diagnostics import DeviceError, refuse
from ..target import Target
from .api import Buffer, Device, Event, Stream, check_event, check_range, check_size
from .arrays import NOT_FREED

if TYPE_CHECKING:
    from .commands import Recording, Step
    from .pool import Block, CachingPool

__all__ = ["HostBuffer", "HostDevice", "HostEvent", "HostStream", "aligned_memory", "only"]

ALIGNMENT = 64  # a cache line, and the widest vector register


def aligned_memory(size_bytes: int) -> np.ndarray[Any, Any]:
    """Uninitialised bytes that start at a multiple of 64. `MemoryError` when there are none."""
    raw = np.empty(size_bytes + ALIGNMENT, np.uint8)
    skip = -raw.__array_interface__["data"][0] % ALIGNMENT
    return raw[skip : skip + size_bytes]


def _as_bytes(data: Any) -> np.ndarray[Any, Any]:
    return np.frombuffer(data, np.uint8) if not isinstance(data, np.ndarray) else data.reshape(-1).view(np.uint8)


class HostBuffer(Buffer):
    """Host memory from the device's pool."""

    __slots__ = ("_block", "bytes")

    def __init__(self, device: HostDevice, size_bytes: int) -> None:
        self._block: Block | None = None
        self.device = device
        self.memory = "device"
        self.size_bytes = size_bytes
        self._block = device.pool.allocate(size_bytes)
        self.bytes: np.ndarray[Any, Any] = self._block.handle
        self.address = self.bytes.__array_interface__["data"][0]

    def free(self) -> None:
        block, self._block = self._block, None
        if block is not None:
            self.address = 0
            self.device.pool.free(block)  # type: ignore[attr-defined]

    def __del__(self) -> None:
        block = getattr(self, "_block", None)
        if block is not None:
            self.device.pool.free(block)  # type: ignore[attr-defined]


class HostEvent(Event):
    """A moment: the stream's value and the time in nanoseconds of the monotonic clock."""

    __slots__ = ("stream", "time_ns", "value")

    def __init__(self, stream: HostStream, value: int) -> None:
        self.stream = stream
        self.value = value
        self.time_ns = time.perf_counter_ns()

    def __repr__(self) -> str:
        return f"<event {self.value} of {self.stream.device.name}>"

    @property
    def done(self) -> bool:
        return True

    def wait(self) -> None:
        return

    def elapsed_ms(self, since: Event) -> float:
        check_event(since)
        if not isinstance(since, HostEvent):
            refuse("K626", None, "the time between events of two devices is not known", help="record both on one device")
        return (self.time_ns - since.time_ns) / 1e6


class HostStream(Stream):
    """Work given to it is done when the giving call returns. Two Python threads may use two streams at once."""

    __slots__ = ("_lock", "_value", "device")

    def __init__(self, device: HostDevice) -> None:
        self.device = device
        self._value = 0
        self._lock = allocate_lock()

    def __repr__(self) -> str:
        return f"<stream of {self.device.name}, at {self._value}>"

    def record(self) -> HostEvent:
        with self._lock:
            self._value += 1
            return HostEvent(self, self._value)

    def wait(self, event: Event) -> None:
        check_event(event)
        event.wait()

    def synchronize(self) -> None:
        return


class HostDevice(Device):
    """Memory, transfers, streams and command buffers; a child adds `load`."""

    def __init__(self, name: str, target: Target) -> None:
        self.name = name
        self.target = target
        self._default = HostStream(self)

    @property
    def pool(self) -> CachingPool:
        """What buffers are taken from; made with the first."""
        mine = vars(self)
        if "_pool" not in mine:
            from .pool import CachingPool

            mine.setdefault("_pool", CachingPool(aligned_memory, lambda handle: None))  # another thread may have been first
        return mine["_pool"]

    def allocate(self, size_bytes: int, memory: str = "device") -> HostBuffer:
        del memory
        check_size(size_bytes)
        return HostBuffer(self, size_bytes)

    def write(self, buffer: Buffer, data: Any, offset: int = 0, stream: Stream | None = None) -> None:
        del stream
        source = _as_bytes(data)
        check_range(buffer, offset, source.size)
        _bytes(buffer)[offset : offset + source.size] = source

    def read(self, buffer: Buffer, into: Any, offset: int = 0, stream: Stream | None = None) -> None:
        del stream
        target = _as_bytes(into)
        check_range(buffer, offset, target.size)
        target[...] = _bytes(buffer)[offset : offset + target.size]

    def copy(self, source: Buffer, to: Buffer, size_bytes: int, source_offset: int = 0, offset: int = 0,
             stream: Stream | None = None) -> None:  # fmt: skip
        del stream
        check_range(source, source_offset, size_bytes)
        check_range(to, offset, size_bytes)
        _bytes(to)[offset : offset + size_bytes] = _bytes(source)[source_offset : source_offset + size_bytes]

    def fill(
        self, buffer: Buffer, pattern: bytes, size_bytes: int, offset: int = 0, stream: Stream | None = None
    ) -> None:
        del stream
        check_range(buffer, offset, size_bytes)
        region = _bytes(buffer)[offset : offset + size_bytes]
        if pattern.count(pattern[:1]) == len(pattern):
            region[...] = pattern[0]  # memset
        else:
            region.reshape(-1, len(pattern))[...] = np.frombuffer(pattern, np.uint8)

    def stream(self) -> HostStream:
        return HostStream(self)

    def commands(self) -> Recording:
        from .commands import Recording  # only who records needs it

        return Recording(self, self._replay)

    def _replay(self, steps: Sequence[Step], stream: Stream | None) -> Event:
        for step in steps:
            launcher = step.launcher
            launcher.executable.launch(launcher.entry, step.data, step.geometry, stream)
        return (stream or self._default).record()

    def synchronize(self) -> None:
        return

    def host_address(self, buffer: Buffer) -> int:
        return buffer.address

    def memory_info(self) -> tuple[int, int]:
        page = os.sysconf("SC_PAGE_SIZE")
        return os.sysconf("SC_AVPHYS_PAGES") * page, os.sysconf("SC_PHYS_PAGES") * page


def only(kind: str, index: int) -> None:
    """Refuse (K501) an index other than 0 where there is one device of a kind."""
    if index:
        refuse("K501", None, f"there is no device '{kind}:{index}'", help=f"there is one: {kind}")


def _bytes(buffer: Buffer) -> np.ndarray[Any, Any]:
    assert isinstance(buffer, HostBuffer)
    if not buffer.address:
        raise DeviceError(f"the memory of this buffer has been freed\n  = help: {NOT_FREED}")
    return buffer.bytes
