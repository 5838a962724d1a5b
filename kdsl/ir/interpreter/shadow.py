"""Shadow memory: who accessed each cell of an array, to find data races and reads of what nobody wrote.

One idea: two accesses race when different threads touch the same cell, at least one writes, not both are atomic, and
they are in different blocks or between the same two barriers of one block. Per cell it is enough to remember the last
plain write, and two plain readers and two atomics chosen so that whatever thread writes next, one of the two is not
ordered before it if any is. A cell is the largest piece of memory that no access can take half of.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np

__all__ = ["Access", "Shadow"]

A = Any
_OP_BITS = 16  # a record is (thread number + 1) << 16 | op number; 0 is nobody


class Access(Enum):
    READ = "reads"
    WRITE = "writes"
    ATOMIC = "atomically updates"


class _Slot:
    """One remembered access per cell: a thread, its barrier phase, and the op."""

    __slots__ = ("phase", "record")

    def __init__(self, cells: int) -> None:
        self.record = np.zeros(cells, np.int64)  # zeros are mapped lazily: untouched cells cost nothing
        self.phase = np.zeros(cells, np.int32)

    def put(self, cells: A, record: A, phase: A) -> None:
        self.record[cells] = record
        self.phase[cells] = phase


class Shadow:
    """The accesses to the cells of one stretch of memory. A thread's number tells its block by `threads_per_block`."""

    __slots__ = ("cells", "slots", "threads_per_block")

    def __init__(self, cells: int, threads_per_block: int) -> None:
        self.cells = cells
        self.threads_per_block = threads_per_block
        self.slots: dict[tuple[Access, int], _Slot] = {}

    def access(self, kind: Access, op_number: int, cells: A, thread: A, phase: A
               ) -> tuple[int, int, int, Access] | None:  # fmt: skip
        """Notes one op's accesses: per entry a cell, a thread number and its block's barrier phase.

        Gives the first race found as (which entry, the other thread, the other's op, how that accessed), or None.
        """
        record = (thread + 1) << _OP_BITS | op_number
        for (earlier, _), slot in self.slots.items():
            if earlier is kind and kind is not Access.WRITE:
                continue
            found = self._conflict(slot, cells, thread, phase)
            if found is not None:
                return (*found, earlier)
        if kind is Access.WRITE:
            return self._write(cells, record, phase)
        self._remember_two(kind, cells, thread, record, phase)
        return None

    def _slot(self, kind: Access, which: int) -> _Slot:
        slot = self.slots.get((kind, which))
        if slot is None:
            slot = self.slots[kind, which] = _Slot(self.cells)
        return slot

    def _conflict(self, slot: _Slot, cells: A, thread: A, phase: A) -> tuple[int, int, int] | None:
        record = slot.record[cells]
        other = (record >> _OP_BITS) - 1
        candidates = (record != 0) & (other != thread)
        if not candidates.any():
            return None
        size = self.threads_per_block
        bad = candidates & ((other // size != thread // size) | (slot.phase[cells] == phase))
        if not bad.any():
            return None
        first = _lowest(bad, thread)
        return first, int(other[first]), int(record[first] & ((1 << _OP_BITS) - 1))

    def _write(self, cells: A, record: A, phase: A) -> tuple[int, int, int, Access] | None:
        slot = self._slot(Access.WRITE, 0)
        slot.put(cells, record, phase)
        kept = slot.record[cells]
        lost = kept != record  # another lane of this very op wrote the same cell
        if not lost.any():
            return None
        first = _lowest(lost, record)
        return first, int(kept[first] >> _OP_BITS) - 1, int(kept[first] & ((1 << _OP_BITS) - 1)), Access.WRITE

    def _remember_two(self, kind: Access, cells: A, thread: A, record: A, phase: A) -> None:
        """Keeps two accesses of different blocks if there are such, else of different threads of the latest phase."""
        first = self._slot(kind, 0)
        block = thread // self.threads_per_block
        known = first.record[cells]
        known_thread = (known >> _OP_BITS) - 1
        same_block = known_thread // self.threads_per_block == block
        stale = (known == 0) | (same_block & ((known_thread == thread) | (first.phase[cells] < phase)))
        if stale.all():
            first.put(cells, record, phase)
        else:
            first.put(cells[stale], record[stale], phase[stale])
        rest = first.record[cells] != record
        if not rest.any():
            return
        cells, record, phase, block = cells[rest], record[rest], phase[rest], block[rest]
        second = self._slot(kind, 1)
        first_block = ((first.record[cells] >> _OP_BITS) - 1) // self.threads_per_block
        held = second.record[cells]
        spread = (held != 0) & (((held >> _OP_BITS) - 1) // self.threads_per_block != first_block)
        near = ~spread & (block == first_block)
        second.put(cells[near], record[near], phase[near])
        far = ~spread & (block != first_block)  # last, so that another block is what stays
        second.put(cells[far], record[far], phase[far])


def _lowest(which: A, thread: A) -> int:
    """The entry of the lowest thread among those marked: reports do not depend on the order of lanes."""
    marked = np.flatnonzero(which)
    return int(marked[np.argmin(thread[marked])])
