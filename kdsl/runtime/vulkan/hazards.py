"""Where a barrier is due: before a piece of work that touches what work without a barrier in between has written.

One idea: two launches that read the same memory, or touch none in common, need nothing between them and may run at the same
time. A barrier orders everything before it with everything after it, so after one nothing is outstanding.
"""

from __future__ import annotations

from typing import Any

from ..driver import Uses

__all__ = ["Hazards"]


class Hazards:
    """What the work since the last barrier reads and writes."""

    __slots__ = ("_read", "_unknown", "_written")

    def __init__(self) -> None:
        self._read: set[Any] = set()
        self._written: set[Any] = set()
        self._unknown = False

    def touch(self, uses: Uses) -> bool:
        """Note a piece of work; whether a barrier must stand before it: for a read or write of what is written, and for a
        write of what is read."""
        read, written = self._read, self._written
        due = self._unknown
        if not due:
            for memory, writes in uses:
                if memory in written or (writes and memory in read):
                    due = True
                    break
        if due:
            self.barrier()
        for memory, writes in uses:
            (written if writes else read).add(memory)
        return due

    def barrier(self) -> None:
        """A barrier was placed."""
        self._read.clear()
        self._written.clear()
        self._unknown = False

    def lose_track(self) -> None:
        """Work was given of which nothing is known: whatever comes next needs a barrier."""
        self._unknown = True
