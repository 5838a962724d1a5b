"""Stores to one place on branches of a choice become one: `if a: o[i] = x elif b: o[i] = y` is `if a or b: o[i] = x if a else y`.

One idea: each branch stores there always (as `a` does), or where one more condition holds (as behind `elif`), and does nothing else
that anybody can see. So one store will do, where one of them was, of a chosen value. Lanes then have one mask and one store for
both, and masked stores take long: AMD's processors have them as microcode before AVX-512. Longer chains go from the last: the inner
choice is one store under a condition by then. What the second condition is made of is computed before the first is known, and both
values where one is needed: few and quick operations only. (Stores that both branches always end with `opt_simplify` puts behind.)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from .. import types as T
from ..builder import Builder
from ..core import Op, Region, Value
from ..opdef import OpDef
from ..ops import arith, memory, scf

__all__ = ["alike", "is_quick", "store_once"]

Compute = Callable[[OpDef, tuple[Value, ...], T.Type, dict[str, Any]], Value]

_MOST_OPS = 12  # of a branch: below the price of one that is mispredicted
_SLOW = (arith.FLOORDIV, arith.MOD, arith.LOOKUP)


class _Only(NamedTuple):
    """What a branch does. store: that. own: where it holds, if not always. before, under: what is computed to know, and behind."""

    store: Op
    own: Value | None
    before: Sequence[Op]
    under: Sequence[Op]

    @property
    def ops(self) -> list[Op]:
        return [*self.before, *self.under]


def store_once(b: Builder, compute: Compute, cond: Value, branches: Sequence[Region]) -> bool:
    """Builds the one store of a choice without results; says whether there can be one. The branches do not yield yet.
    compute: builds an op in its simplest form."""
    one, other = [_only(branch.ops) for branch in branches]
    if one is None or other is None or not _same_place(one, other):
        return False
    if one.own is None and other.own is None:
        return False
    b.region.ops += [*one.before, *other.before]
    held = _held(compute, cond, one.own, other.own)
    some, none = Region(), Region()
    with b.inside(some), b.at(one.store.span):
        some.ops += [*one.under, *other.under]
        value = b.emit(arith.SELECT, cond, one.store.operands[-1], other.store.operands[-1])
        b.emit_op(memory.STORE, (*one.store.operands[:-1], value), (), one.store.attributes)
        b.yield_()
    with b.inside(none):
        b.yield_()
    b.if_(held, [], some, none)
    return True


def _held(compute: Compute, cond: Value, one: Value | None, other: Value | None) -> Value:
    """Whether either branch stores."""

    def both(a: Value, c: Value | None) -> Value:
        return a if c is None else compute(arith.AND, (a, c), T.bool_, {})

    if one is None and other is not None:  # it is not asked where the first holds
        return compute(arith.OR, (cond, other), T.bool_, {})
    opposite = compute(arith.NOT, (cond,), T.bool_, {})
    return compute(arith.OR, (both(cond, one), both(opposite, other)), T.bool_, {})


def _only(ops: Sequence[Op]) -> _Only | None:
    """What a branch does, if that is to store one number, and what is computed for it is quick."""
    found = _alone(ops)
    if found is None:
        return None
    last, others = found
    if last.defn is memory.STORE:
        return _Only(last, None, (), others)
    some, none = last.regions if last.defn is scf.IF and not last.results else (None, None)
    if some is None or none is None or len(none.ops) > 1:
        return None
    inner = _alone(some.ops[:-1])
    if inner is None or inner[0].defn is not memory.STORE:
        return None
    return _Only(inner[0], last.operands[0], others, inner[1])


def _alone(ops: Sequence[Op]) -> tuple[Op, list[Op]] | None:
    """The only op that is seen, and the others, if they are few and quick."""
    seen = [op for op in ops if not op.defn.mergeable or op.regions]
    others = [op for op in ops if op.defn.mergeable and not op.regions]
    if len(seen) != 1 or len(others) > _MOST_OPS or not all(is_quick(op) for op in others):
        return None
    return seen[0], others


def is_quick(op: Op) -> bool:
    """Whether an op may be computed where nobody wants it, as that takes less than a branch."""
    return op.defn.mergeable and not (op.regions or op.defn.function or op.defn in _SLOW)


def _same_place(one: _Only, other: _Only) -> bool:
    """Whether they store a number each, to one place."""
    a, c = one.store, other.store
    t = a.operands[-1].type
    if a.attributes != c.attributes or t != c.operands[-1].type or not isinstance(t, T.ScalarType):
        return False
    made = one.ops, other.ops
    if len(a.operands) != len(c.operands):  # of arrays of other ranks
        return False
    return all(alike(v, w, made) for v, w in zip(a.operands[:-1], c.operands[:-1], strict=True))


def alike(v: Value, w: Value, made: Sequence[Collection[Op]], steps: int = 4) -> bool:
    """Whether both branches of a choice make the same of what is known before them, in few steps. made: what they compute."""
    if v is w:
        return True
    a, b = v.op, w.op
    if a is None or b is None or not steps or a.defn is not b.defn or a.attributes != b.attributes or v.type != w.type:
        return False
    if not (a.defn.elementwise and a in made[0] and b in made[1]):
        return False
    return all(alike(x, y, made, steps - 1) for x, y in zip(a.operands, b.operands, strict=True))
