"""Which of some ranges of addresses an address lies in.

One idea: the ranges never overlap, so a sorted list of where they begin is enough.
"""

from __future__ import annotations

import bisect
import threading
from typing import Generic, TypeVar

__all__ = ["Ranges"]

T = TypeVar("T")


class Ranges(Generic[T]):
    """Things by the addresses that they have. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._starts: list[int] = []
        self._held: dict[int, tuple[int, T]] = {}  # start -> (end, what)

    def add(self, start: int, size_bytes: int, held: T) -> None:
        with self._lock:
            bisect.insort(self._starts, start)
            self._held[start] = (start + size_bytes, held)

    def remove(self, start: int) -> None:
        with self._lock:
            if self._held.pop(start, None) is not None:
                del self._starts[bisect.bisect_left(self._starts, start)]

    def find(self, low: int, high: int) -> tuple[int, T] | None:
        """(where it starts, what) of that which has all addresses from `low` to before `high`."""
        with self._lock:
            at = bisect.bisect_right(self._starts, low) - 1
            if at < 0:
                return None
            start = self._starts[at]
            end, held = self._held[start]
        return (start, held) if low < end and high <= end else None

    def unlock(self) -> None:
        """In a forked child: a thread that does not exist here may have held the lock."""
        self._lock = threading.Lock()
