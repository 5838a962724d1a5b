"""A device on which nothing happens until someone waits for it: the worst that the contract of `driver` allows.

One idea: its memory is the host's and its code the CPU's, so everything that asynchronous devices share can be tested
without one, and every place that forgot to wait shows itself, each time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np

from kdsl.artifact import Artifact, Entry
from kdsl.records import replace
from kdsl.runtime import registry
from kdsl.runtime.api import Executable, Geometry
from kdsl.runtime.asynchronous import AsyncDevice
from kdsl.runtime.driver import Driver, Memory, Queue, Uses
from kdsl.runtime.geometry import ANY_DEVICE
from kdsl.runtime.host import aligned_memory
from kdsl.target import cpu_target_of_host

__all__ = ["LateDevice", "LateDriver", "late_device"]


class LateQueue(Queue):
    def __init__(self, driver: LateDriver) -> None:
        self.driver = driver
        self.waiting: deque[Callable[[], None]] = deque()
        self.at = 0
        self.moments: dict[int, int] = {}

    def launch(self, code: Any, arguments: bytes, geometry: Geometry, uses: Uses) -> None:
        executable, entry = code
        self.driver.launches += 1
        assert len(uses) >= sum(p.kind == "array" for p in entry.params)
        self.waiting.append(lambda: executable.launch(entry, arguments, geometry))

    def upload(self, to: Memory, offset: int, source: np.ndarray[Any, Any]) -> None:
        data = source.copy()
        self.driver.uploaded += data.size
        self.waiting.append(lambda: _put(to, offset, data))

    def download(self, source: Memory, offset: int, into: np.ndarray[Any, Any]) -> None:
        self._run_all()
        self.driver.downloaded += into.size
        into[...] = source.handle[offset : offset + into.size]

    def copy(self, source: Memory, source_offset: int, to: Memory, offset: int, size_bytes: int) -> None:
        self.waiting.append(lambda: _put(to, offset, source.handle[source_offset : source_offset + size_bytes].copy()))

    def fill(self, to: Memory, offset: int, size_bytes: int, pattern: bytes) -> None:
        data = np.frombuffer(pattern * (size_bytes // len(pattern)), np.uint8)
        self.waiting.append(lambda: _put(to, offset, data))

    def signal(self, value: int) -> Any:
        self.driver.clock += 1
        self.moments[value] = self.driver.clock
        self.waiting.append(lambda: setattr(self, "at", value))
        return self, value

    def reached(self) -> int:
        return self.at

    def wait(self, value: int) -> None:
        while self.at < value:
            self.waiting.popleft()()

    def after(self, mark: Any) -> None:
        other, value = mark
        self.waiting.append(lambda: other.wait(value))

    def elapsed_ms(self, start: Any, end: Any) -> float:
        return float(end[0].moments[end[1]] - start[0].moments[start[1]])

    def _run_all(self) -> None:
        while self.waiting:
            self.waiting.popleft()()

    def close(self) -> None:
        self.driver.closed += 1


def _put(to: Memory, offset: int, data: np.ndarray[Any, Any]) -> None:
    to.handle[offset : offset + data.size] = data


class LateDriver(Driver):
    """is_unified: whether the CPU sees the memory. room_bytes: how much there is."""

    formats = ("elf",)
    memories = ("device", "host")
    wants_uses = True

    def __init__(self, *, is_unified: bool = False, room_bytes: int = 1 << 30) -> None:
        self.target = cpu_target_of_host()
        self.limits = replace(ANY_DEVICE, grid=(1 << 20, 1 << 16, 1 << 16))
        self.description = "late"
        self.is_unified = is_unified
        self.room_bytes = room_bytes
        self.clock = self.closed = self.launches = self.uploaded = self.downloaded = self.unloaded = 0

    def allocate(self, size_bytes: int, memory: str) -> Memory:
        if size_bytes > self.room_bytes:
            raise MemoryError
        self.room_bytes -= size_bytes
        data = aligned_memory(size_bytes)
        data[...] = 0xA5
        at = data.__array_interface__["data"][0]
        return Memory(at, size_bytes, data, at if self.is_unified else 0, memory)

    def free(self, memory: Memory) -> None:
        self.room_bytes += memory.size_bytes
        memory.handle[...] = 0x5A

    def queue(self) -> LateQueue:
        return LateQueue(self)

    def load(self, artifact: Artifact) -> Executable:
        return registry.device("cpu").load(replace(artifact, sites=()))  # diagnostics go where the arguments say

    def prepare(self, module: Any, artifact: Artifact, entry: Entry) -> Any:
        return module, entry

    def unload(self, module: Any) -> None:
        self.unloaded += 1

    def memory_info(self) -> tuple[int, int]:
        return self.room_bytes, 1 << 30


class LateDevice(AsyncDevice):
    compiles_shapes = False  # its code is the CPU's
    driver: LateDriver


_numbers = count()


def late_device(**options: Any) -> LateDevice:
    """Each has a name of its own, as kernels keep what they made for a device by its name."""
    return LateDevice(f"late:{next(_numbers)}", LateDriver(**options))
