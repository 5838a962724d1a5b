"""What addresses mean: global memory as one arena with gaps, the shared memory of each block, the local of each thread.

One idea: every byte has a mark: whether it belongs to anything, and in shared memory whether anybody has written it. An access
that a mark forbids, or that is not aligned to its size, is a `Fault` with the thread and the address.
"""

from __future__ import annotations

import numpy as np

__all__ = ["Fault", "Memory", "Space"]

GLOBAL_BASE = 0x7F00_0000_0000
SHARED_BASE = 0x400  # an address that is used as a number shows
LOCAL_BASE = 0x80
_GAP = 256


class Fault(Exception):
    """What a program must not do, and where it did."""


class Memory:
    """Global memory: arrays are put in, and read back after launches."""

    def __init__(self, size: int = 1 << 20) -> None:
        self.data = np.full(size, 0xCB, np.uint8)
        self.valid = np.zeros(size, bool)
        self.base = GLOBAL_BASE  # the address of the first byte
        self.used = _GAP

    def _reserve(self, size: int, align: int = 256) -> int:
        start = -(-self.used // align) * align
        end = start + size + _GAP
        if end > len(self.data):
            more = max(end, 2 * len(self.data)) - len(self.data)
            self.data = np.concatenate([self.data, np.full(more, 0xCB, np.uint8)])
            self.valid = np.concatenate([self.valid, np.zeros(more, bool)])
        self.used = end
        return start

    def put(self, data: bytes | np.ndarray, align: int = 256, shift: int = 0) -> int:
        """A copy of some bytes; gives their address. shift: bytes past an aligned address."""
        raw = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else np.ascontiguousarray(data).reshape(-1).view(np.uint8)
        start = self._reserve(raw.size + shift, align) + shift
        self.data[start : start + raw.size] = raw
        self.valid[start : start + raw.size] = True
        return GLOBAL_BASE + start

    def get(self, address: int, size: int) -> bytes:
        start = address - GLOBAL_BASE
        return self.data[start : start + size].tobytes()


class Space:
    """A state space during a launch: bytes, marks, and for each thread where its part begins."""

    def __init__(self, name: str, data: np.ndarray, valid: np.ndarray, base: int, starts: np.ndarray | None, size: int) -> None:
        self.name = name
        self.data = data
        self.valid = valid
        self.base = base
        self.starts = starts
        self.size = size
        self.views: dict[np.dtype, np.ndarray] = {}

    @classmethod
    def of_memory(cls, memory: Memory) -> Space:
        return cls("global", memory.data, memory.valid, memory.base, None, len(memory.data))

    @classmethod
    def per(cls, name: str, owners: np.ndarray, count: int, size: int, base: int) -> Space:
        """Each owner (a block, a thread) its own `size` bytes. Shared memory is valid once written."""
        size = -(-max(size, 1) // 16) * 16
        data = np.full(count * size, 0xCB, np.uint8)
        return cls(name, data, np.zeros(count * size, bool), base, owners.astype(np.int64) * size, size)

    def view(self, dtype: np.dtype) -> np.ndarray:
        found = self.views.get(dtype)
        if found is None:
            found = self.views[dtype] = self.data[: len(self.data) // dtype.itemsize * dtype.itemsize].view(dtype)
        return found

    def places(self, addresses: np.ndarray, lanes: np.ndarray, size: int, what: str, *, reads: bool) -> np.ndarray:
        """Byte positions of accesses of `size` bytes, after all checks."""
        at = addresses.astype(np.int64) - self.base
        outside = (at < 0) | (at > self.size - size)
        if outside.any():
            self._fault("out of bounds", outside, addresses, lanes, what)
        if self.starts is not None:
            at = at + self.starts[lanes]
        if (at % size).any():
            self._fault("misaligned", at % size != 0, addresses, lanes, what)
        if self.starts is None or reads:
            bad = ~(self.valid[at] & self.valid[at + (size - 1)])
            if bad.any():
                why = "out of bounds" if self.starts is None else "read before anything was written"
                self._fault(why, bad, addresses, lanes, what)
        return at

    def _fault(self, why: str, bad: np.ndarray, addresses: np.ndarray, lanes: np.ndarray, what: str) -> None:
        k = int(np.flatnonzero(bad)[0])
        raise Fault(f"{self.name} memory {why}: address {int(addresses[k]):#x} of lane {int(lanes[k])} in {what}")

    def load(self, addresses: np.ndarray, lanes: np.ndarray, dtype: np.dtype, what: str) -> np.ndarray:
        at = self.places(addresses, lanes, dtype.itemsize, what, reads=True)
        return self.view(dtype)[at // dtype.itemsize]

    def store(self, addresses: np.ndarray, lanes: np.ndarray, values: np.ndarray, what: str) -> None:
        size = values.dtype.itemsize
        at = self.places(addresses, lanes, size, what, reads=False)
        self.view(values.dtype)[at // size] = values
        if self.starts is not None:
            for k in range(size):
                self.valid[at + k] = True
