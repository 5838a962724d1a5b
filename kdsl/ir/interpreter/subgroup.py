"""Subgroup operations: the threads of a block in runs of `subgroup_size`, in linear order.

One idea: lay the lanes out as a table (subgroup, place in it) with a mask of the places that exist; every operation
is then a permutation of the table's columns or a tree over them, in the order the op's row states.

A thread's place counts the threads of the *full* block, so a block that `over(n)` cuts short leaves places empty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import types as T
from ..core import Op
from ..evaluate import evaluate
from ..opdef import OpDef
from ..ops import arith
from .basic import parting

if TYPE_CHECKING:
    from .machine import Machine

__all__ = ["RULES"]

A = Any


class _Table:
    """The lanes of a batch by subgroup: row and column of each lane, and where an active thread is."""

    __slots__ = ("column", "here", "row", "size")

    def __init__(self, m: Machine, op: Op, mask: A) -> None:
        lanes, self.size = m.lanes, m.launch.options.subgroup_size
        rows_per_block = -(-lanes.geometry.threads_per_block // self.size)
        self.row = lanes.slot * rows_per_block + lanes.linear // self.size
        self.column = lanes.linear % self.size
        rows = len(lanes.blocks) * rows_per_block
        if mask is not m.everyone:
            self._together(m, op, mask, rows)
        self.here = np.zeros((rows, self.size), bool)
        self.here[self.row[mask], self.column[mask]] = True

    def _together(self, m: Machine, op: Op, mask: A, rows: int) -> None:
        """Reports a subgroup of which some threads are here and others are not."""
        if not m.check:
            return
        there = np.bincount(self.row, minlength=rows)
        arrived = np.bincount(self.row[mask], minlength=rows)
        partly = (arrived != 0) & (arrived != there)
        if not partly.any():
            return
        lane = m.lowest(partly[self.row] & ~mask)
        row = self.row[lane]
        raise m.fault(
            "K448", op, lane,
            f"only {arrived[row]} of the {there[row]} threads of the subgroup get here; one that does not is",
            caret="every thread of the subgroup must reach this", labels=parting(m, mask, lane),
            help="move it to where every thread comes by, and give threads with nothing to add a neutral value"
        )  # fmt: skip

    def spread(self, x: A) -> A:
        """Values of lanes as a table; 0 where there is no active thread."""
        out = np.zeros(self.here.shape, x.dtype)
        out[self.row, self.column] = x
        return np.where(self.here, out, x.dtype.type(0))

    def of_row(self, x: A) -> A:
        """One value per subgroup as one per lane."""
        return x[self.row]

    def of_place(self, x: A) -> A:
        """A table as values of lanes."""
        return x[self.row, self.column]


def _shuffle(source: Callable[[A, A], A]) -> Callable[[Machine, Op, Any], Any]:
    """Takes x of the place `source(own place, operand)`, or keeps its own when nobody is there."""

    def rule(m: Machine, op: Op, mask: A) -> A:
        table = _Table(m, op, mask)
        x = m.get(op.operands[0])
        wanted = source(table.column, m.get(op.operands[1]))
        valid = (wanted >= 0) & (wanted < table.size)
        column = np.where(valid, wanted, 0)
        valid &= table.here[table.row, column]
        return np.where(valid, table.spread(x)[table.row, column], x)

    return rule


def _broadcast(m: Machine, op: Op, mask: A) -> A:
    """One thread's x for its whole subgroup. Which must be the same for all and exist: anything else is not defined."""
    table = _Table(m, op, mask)
    x, lane = (m.get(v) for v in op.operands)
    inside = (lane >= 0) & (lane < table.size)
    column = np.where(inside, lane, lane % table.size)
    if m.check:
        rows = np.full(table.here.shape[0], -1, np.int64)
        rows[table.row[mask]] = lane[mask]
        wrong = mask & ~(inside & table.here[table.row, column] & (rows[table.row] == lane))
        if wrong.any():
            bad = m.lowest(wrong)
            raise m.fault(
                "K450", op, bad, f"lane {lane[bad]} is no lane that all threads of the subgroup can agree on",
                caret="broadcast from here", help="give every thread of the subgroup the same lane, one that exists: "
                "the last subgroup of a block may be partly filled")  # fmt: skip
    return table.spread(x)[table.row, column]


def _ballot(m: Machine, op: Op, mask: A) -> A:
    table = _Table(m, op, mask)
    bits = np.uint64(1) << np.arange(table.size, dtype=np.uint64)
    return table.of_row(np.where(table.spread(m.get(op.operands[0])), bits, np.uint64(0)).sum(axis=1, dtype=np.uint64))


def _any(m: Machine, op: Op, mask: A) -> A:
    table = _Table(m, op, mask)
    return table.of_row(table.spread(m.get(op.operands[0])).any(axis=1))


def _all(m: Machine, op: Op, mask: A) -> A:
    table = _Table(m, op, mask)
    return table.of_row((table.spread(m.get(op.operands[0])) | ~table.here).all(axis=1))


def _combine(row: OpDef, *, absent_is_zero: bool) -> Callable[[Machine, Op, Any], Any]:
    """A tree by halves: place k takes place k + size/2, then k + size/4, ... Absent places give 0, or are left out."""

    def rule(m: Machine, op: Op, mask: A) -> A:
        table = _Table(m, op, mask)
        t = T.element_of(op.result.type)
        x, here = table.spread(m.get(op.operands[0])), table.here
        half = table.size // 2
        while half:
            low, high = x[:, :half], x[:, half:]
            both = evaluate(row, t, (low, high), {})
            if not absent_is_zero:
                low_here, high_here = here[:, :half], here[:, half:]
                both = np.where(low_here & high_here, both, np.where(low_here, low, high))
                here = low_here | high_here
            x, half = both, half // 2
        return table.of_row(x[:, 0])

    return rule


def _scan(*, inclusive: bool) -> Callable[[Machine, Op, Any], Any]:
    """Running sums: each place adds the place 1 below, then 2, 4, ... below; exclusive takes the result one below."""

    def rule(m: Machine, op: Op, mask: A) -> A:
        table = _Table(m, op, mask)
        t = T.element_of(op.result.type)
        x = table.spread(m.get(op.operands[0]))
        distance = 1
        while distance < table.size:
            added = evaluate(arith.ADD, t, (x[:, distance:], x[:, :-distance]), {})
            x = np.concatenate((x[:, :distance], added), axis=1)
            distance *= 2
        if not inclusive:
            x = np.concatenate((np.zeros_like(x[:, :1]), x[:, :-1]), axis=1)
        return table.of_place(x)

    return rule


def _lane_id(m: Machine, op: Op, mask: A) -> A:
    return m.lanes.linear % m.launch.options.subgroup_size


RULES: dict[str, Callable[[Machine, Op, Any], Any]] = {
    "simt.lane_id": _lane_id,
    "subgroup.shuffle": _shuffle(lambda own, lane: lane),
    "subgroup.shuffle_xor": _shuffle(lambda own, mask: own ^ mask),
    "subgroup.shuffle_up": _shuffle(lambda own, delta: own - delta),
    "subgroup.shuffle_down": _shuffle(lambda own, delta: own + delta),
    "subgroup.broadcast": _broadcast,
    "subgroup.ballot": _ballot,
    "subgroup.any": _any,
    "subgroup.all": _all,
    "subgroup.sum": _combine(arith.ADD, absent_is_zero=True),
    "subgroup.min": _combine(arith.MINIMUM, absent_is_zero=False),
    "subgroup.max": _combine(arith.MAXIMUM, absent_is_zero=False),
    "subgroup.inclusive_sum": _scan(inclusive=True),
    "subgroup.exclusive_sum": _scan(inclusive=False),
}
