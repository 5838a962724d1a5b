"""Updates of 64 bits on a target whose atomics have 32: one of each half.

One idea: where nobody takes the old value, nobody sees an element between the two. A sum's low half carries into the high one,
whoever comes between; what and, or and xor do with a half is nothing to the other. Only updates of one kind may meet: of a sum and
an `or`, one half would have the one first and the other half the other.
"""

from __future__ import annotations

from ....target import Target
from ... import types as T
from ...analysis.uses import use_counts
from ...core import Function, Op, all_ops

__all__ = ["HALVED", "in_halves"]

# Updates that can be done so, and what those that may meet have in common.
HALVED = {"add": "sum", "sub": "sum", "and": "and", "or": "or", "xor": "xor"}


def in_halves(f: Function, target: Target) -> tuple[frozenset[Op], Op | None]:
    """(the updates that are done so on a target, an atomic of 64-bit integers that cannot be; where there is one, no other is)."""
    wide = [op for op in all_ops(f.body) if op.defn.name.startswith("atomic.") and _is_wide(op)]
    if not wide or "atomic_i64" in target.has:
        return frozenset(), None
    uses = use_counts(f)
    able: list[Op] = []
    for space in (T.Space.GLOBAL, T.Space.SHARED):  # arrays of one space may be the same memory
        ops = [op for op in wide if op.operands[0].type.space is space]  # type: ignore[union-attr]
        kinds = [HALVED.get(op.defn.name.partition(".")[2]) for op in ops]
        for op, kind in zip(ops, kinds, strict=True):
            has_halves = space is T.Space.GLOBAL or "shared_halves" in target.has
            if not has_halves or kind is None or kind != kinds[0] or op.results[0] in uses:
                return frozenset(), op
        able += ops
    return frozenset(able), None


def _is_wide(op: Op) -> bool:
    t = op.operands[-1].type
    return isinstance(t, T.ScalarType) and t.is_integer and t.bits == 64
