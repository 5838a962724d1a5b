"""Atomics: read, change, write, indivisibly, lane by lane in order.

One idea: lanes that hit different places do not see each other, so all first comers run at once, then all second
comers, and so on; that gives each lane the old value it would get one by one. The change is the row that the kind is
named after.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import formats, types as T
from ..core import Op
from ..evaluate import evaluate
from ..ops import arith
from .basic import array_and_indices
from .memory import Memory, Picked, pick
from .shadow import Access

if TYPE_CHECKING:
    from .machine import Machine

__all__ = ["RULES", "KINDS", "compare_exchange", "update"]

A = Any
Change = Callable[[A, A], A]  # (old values, entries) -> new values

# Kind of atomic -> the row that combines the old value with the operand; exchange just takes the operand.
KINDS = {
    "add": arith.ADD, "sub": arith.SUB, "min": arith.MINIMUM, "max": arith.MAXIMUM,
    "and": arith.AND, "or": arith.OR, "xor": arith.XOR, "exchange": None,
}  # fmt: skip


def update(m: Machine, op: Op, memory: Memory, picked: Picked, kind: str, x: A, t: T.ScalarType) -> A:
    """One kind of atomic on the entries, with operands `x`; gives the old values."""
    row = KINDS[kind]

    def change(old: A, entries: A) -> A:
        return x[entries] if row is None else evaluate(row, t, (old, x[entries]), {})

    return _in_turn(m, op, memory, picked, change, t)


def compare_exchange(m: Machine, op: Op, memory: Memory, picked: Picked, expected: A, x: A, t: T.ScalarType) -> A:
    """Stores x where the bits in memory are those of `expected`; gives the old values."""

    def change(old: A, entries: A) -> A:
        bits = f"u{t.size_bytes}"
        same = formats.encode(t, old).view(bits) == formats.encode(t, expected[entries]).view(bits)
        return np.where(same, x[entries], old)

    return _in_turn(m, op, memory, picked, change, t)


def _in_turn(m: Machine, op: Op, memory: Memory, picked: Picked, change: Change, t: T.ScalarType) -> A:
    offset = op.attributes["offset"]
    m.track(op, Access.ATOMIC, memory, picked, offset, t.size_bytes)
    view = memory.view(t, offset)
    out = np.zeros(picked.count, t.value_dtype)
    for entries in _turns(memory, picked, offset):
        at = tuple([i[entries] for i in picked.at])
        old = formats.decode(t, view[at])
        out[entries] = old
        view[at] = formats.encode(t, change(old, entries))
    return out


def _turns(memory: Memory, picked: Picked, offset: int) -> list[A]:
    """The entries in groups to run one after another: the first at each place, the second at each place, ..."""
    place = memory.cells(picked, offset, 1)
    order = np.argsort(place, kind="stable")
    placed = place[order]
    starts = np.concatenate(([True], placed[1:] != placed[:-1]))
    run_start = np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
    turn = np.arange(len(order)) - run_start
    longest = int(turn.max())
    if longest == 0:
        return [np.arange(len(order))]
    by_turn = np.argsort(turn, kind="stable")
    ends = np.cumsum(np.bincount(turn, minlength=longest + 1))
    return [order[part] for part in np.split(by_turn, ends[:-1])]


def _spread(m: Machine, picked: Picked, old: A, t: T.ScalarType) -> A:
    if picked.where is None:
        return old
    out = np.zeros(m.count, t.value_dtype)
    out[picked.where] = old
    return out


def _atomic(kind: str) -> Callable[[Machine, Op, Any], Any]:
    def rule(m: Machine, op: Op, mask: A) -> A:
        memory, indices = array_and_indices(m, op)
        picked = pick(m, op, memory, indices, mask)
        t = T.element_of(op.result.type)
        x = picked.take(m.get(op.operands[-1]))
        return _spread(m, picked, update(m, op, memory, picked, kind, x, t), t)

    return rule


def _compare_exchange(m: Machine, op: Op, mask: A) -> A:
    memory, indices = array_and_indices(m, op)
    picked = pick(m, op, memory, indices, mask)
    t = T.element_of(op.result.type)
    expected, x = (picked.take(m.get(v)) for v in op.operands[-2:])
    return _spread(m, picked, compare_exchange(m, op, memory, picked, expected, x, t), t)


RULES: dict[str, Callable[[Machine, Op, Any], Any]] = {
    **{f"atomic.{kind}": _atomic(kind) for kind in KINDS},
    "atomic.compare_exchange": _compare_exchange,
}
