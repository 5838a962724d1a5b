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

# Kinds that a NumPy ufunc computes one after another; the second only for integers (floats order zeros and NaN).
_ACCUMULATE = {"add": np.add, "sub": np.subtract}
_ACCUMULATE_INTEGERS = {
    **_ACCUMULATE, "min": np.minimum, "max": np.maximum,
    "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
}  # fmt: skip


def update(m: Machine, op: Op, memory: Memory, picked: Picked, kind: str, x: A, t: T.ScalarType) -> A:
    """One kind of atomic on the entries, with operands `x`; gives the old values."""
    row = KINDS[kind]
    ufunc = None if t.storage else (_ACCUMULATE_INTEGERS if t.is_integer else _ACCUMULATE).get(kind)

    def change(old: A, entries: A) -> A:
        return x[entries] if row is None else evaluate(row, t, (old, x[entries]), {})

    return _in_turn(m, op, memory, picked, change, t, ufunc, x)


def compare_exchange(m: Machine, op: Op, memory: Memory, picked: Picked, expected: A, x: A, t: T.ScalarType) -> A:
    """Stores x where the bits in memory are those of `expected`; gives the old values."""

    def change(old: A, entries: A) -> A:
        bits = f"u{t.size_bytes}"
        same = formats.encode(t, old).view(bits) == formats.encode(t, expected[entries]).view(bits)
        return np.where(same, x[entries], old)

    return _in_turn(m, op, memory, picked, change, t)


def _in_turn(m: Machine, op: Op, memory: Memory, picked: Picked, change: Change, t: T.ScalarType, ufunc: A = None,
             x: A = None) -> A:  # fmt: skip
    offset = op.attributes["offset"]
    m.track(op, Access.ATOMIC, memory, picked, offset, t.size_bytes)
    view = memory.view(t, offset)
    out = np.zeros(picked.count, t.value_dtype)
    order, turn, starts = _meetings(memory.cells(picked, offset, 1))
    if ufunc is not None and turn.max() > 4 * len(starts):
        for entries in np.split(order, starts[1:]):
            at = tuple([i[entries[0]] for i in picked.at])
            # The type is said because NumPy would sum narrow integers in 64 bits.
            steps = ufunc.accumulate(np.concatenate((view[at].reshape(1), x[entries])), dtype=view.dtype)
            out[entries] = steps[:-1]
            view[at] = steps[-1]
        return out
    for entries in _turns(order, turn):
        at = tuple([i[entries] for i in picked.at])
        old = formats.decode(t, view[at])
        out[entries] = old
        view[at] = formats.encode(t, change(old, entries))
    return out


def _meetings(place: A) -> tuple[A, A, A]:
    """The entries sorted by place (in order at each), the turn each of them has there, and where each place starts."""
    order = np.argsort(place, kind="stable")
    placed = place[order]
    first = np.concatenate(([True], placed[1:] != placed[:-1]))
    numbers = np.arange(len(order))
    return order, numbers - np.maximum.accumulate(np.where(first, numbers, 0)), np.flatnonzero(first)


def _turns(order: A, turn: A) -> list[A]:
    """The entries in groups to run one after another: the first at each place, the second at each place, ..."""
    if turn.max() == 0:
        return [order]
    by_turn = np.argsort(turn, kind="stable")
    ends = np.cumsum(np.bincount(turn))
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
