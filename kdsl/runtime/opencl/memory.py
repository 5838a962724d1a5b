"""Buffers, and the numbers that stand for their addresses.

One idea: allocation n has the addresses from n << 40 on, so the buffer of any address is one look-up away. No kernel and no
driver ever sees such a number.
"""

from __future__ import annotations

import threading
from typing import Any

from ..driver import Memory

__all__ = ["Addresses"]

_SHIFT = 40  # a terabyte for each allocation


class Addresses:
    """Which buffer an address lies in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 1
        self._free: list[int] = []
        self.buffers: dict[int, Any] = {}
        self._adopted: dict[int, int] = {}  # cl_mem -> number

    def place(self, buffer: Any, size_bytes: int, name: str) -> Memory:
        """A buffer as memory, at addresses of its own."""
        with self._lock:
            if self._free:
                number = self._free.pop()
            else:
                number, self._next = self._next, self._next + 1
            self.buffers[number] = buffer
        return Memory(number << _SHIFT, size_bytes, buffer, name=name)

    def adopted(self, buffer: Any, offset: int) -> Memory:
        """Someone else's buffer, from a byte on. It is held, with a number of its own, until nobody else holds it."""
        number = self._adopted.get(buffer.int_ptr)
        if number is None:
            self._sweep()
            ours = type(buffer).from_int_ptr(buffer.int_ptr, True)
            number = self._adopted[buffer.int_ptr] = self.place(ours, buffer.size, "device").address >> _SHIFT
        return Memory((number << _SHIFT) + offset, buffer.size - offset, buffer)

    def _sweep(self) -> None:
        """Let go of adopted buffers that only this table still knows."""
        with self._lock:
            for pointer, number in list(self._adopted.items()):
                if self.buffers[number].reference_count <= 1:
                    del self._adopted[pointer], self.buffers[number]
                    self._free.append(number)

    def drop(self, memory: Memory) -> None:
        with self._lock:
            del self.buffers[memory.address >> _SHIFT]
            self._free.append(memory.address >> _SHIFT)

    def find(self, address: int) -> tuple[Any, int]:
        """(buffer, bytes from its start) of an address; (None, 0) of none."""
        if not address:
            return None, 0
        return self.buffers[address >> _SHIFT], address & ((1 << _SHIFT) - 1)
