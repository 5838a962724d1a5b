"""Updates of 64-bit integers on a target whose atomics have 32 bits: one of each half.

One idea: where nobody takes the old value, nobody sees an element between the two. A sum's low half carries into the high one,
whoever comes between; what and, or and xor do with a half is nothing to the other. Only updates of one kind may meet: of a sum and
an `or`, one half would have the one first and the other half the other.

The least and the greatest of u64 some targets have as instructions that give no old value, in global memory; they stand here with
the others, because they may not meet halves either.
"""

from __future__ import annotations

from ....target import Target
from ... import types as T
from ...analysis.uses import use_counts
from ...core import Function, Op, all_ops

__all__ = ["HALVED", "wide_updates"]

# Updates in halves, and what those that may meet have in common.
HALVED = {"add": "sum", "sub": "sum", "and": "and", "or": "or", "xor": "xor"}


def wide_updates(f: Function, target: Target) -> tuple[frozenset[Op], Op | None]:
    """(the updates of 64-bit integers that such a target does, an atomic of them that it cannot do; where there is one, no other
    is done)."""
    wide = [op for op in all_ops(f.body) if op.defn.name.startswith("atomic.") and _is_wide(op)]
    if not wide or "atomic_i64" in target.has:
        return frozenset(), None
    uses = use_counts(f)
    able: list[Op] = []
    for space in (T.Space.GLOBAL, T.Space.SHARED):  # arrays of one space may be the same memory
        ops = [op for op in wide if op.operands[0].type.space is space]  # type: ignore[union-attr]
        kinds = [_kind(op, space, target) for op in ops]
        for op, kind in zip(ops, kinds, strict=True):
            if not kind or kind != kinds[0] or op.results[0] in uses:
                return frozenset(), op
        able += ops
    return frozenset(able), None


def _kind(op: Op, space: T.Space, target: Target) -> str:
    """What an update has in common with those that it may meet; "" where the target has no way to do it."""
    name = op.defn.name.partition(".")[2]
    if name in ("min", "max"):
        has_it = space is T.Space.GLOBAL and op.operands[-1].type is T.u64 and "atomic_u64_extremes" in target.has
        return "extreme" if has_it else ""
    has_halves = space is T.Space.GLOBAL or "shared_halves" in target.has
    return HALVED.get(name, "") if has_halves else ""


def _is_wide(op: Op) -> bool:
    t = op.operands[-1].type
    return isinstance(t, T.ScalarType) and t.is_integer and t.bits == 64
