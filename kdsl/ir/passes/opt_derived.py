"""What a loop carries and moves by the same in every trip is made of its counter: `at += width` is at + (k - first) * width.

One idea: a number that is carried comes from anywhere, so lanes that begin side by side and go on alike are gathered; as a sum
with the counter they are seen to lie side by side. It is strength reduction (Cocke and Kennedy, 1977) the other way round, and
done where lanes differ and an access asks for the number; processors have no trouble with one more product of a row.
"""

from __future__ import annotations

from typing import NamedTuple

from .. import types as T
from ..analysis.accesses import indices_of
from ..analysis.uniformity import SUBGROUP, Uniformity, uniformity
from ..builder import Rebuilder
from ..core import Function, Op, Region, Value, walk
from ..ops import arith, memory, scf
from .opt_counted import is_fixed

__all__ = ["opt_derived"]

_DEPTH = 6  # ops from a number to the index of an access


class _Derived(NamedTuple):
    """A carried value: its number among those, what is added to it, or taken from it, and whether that is as much as the counter
    moves by."""

    number: int
    by: Value
    rises: bool
    in_step: bool


def opt_derived(f: Function) -> Function:
    """An equal function; `f` itself where no loop carries such a number."""
    found = {op: k for op in walk(f.body) if op.defn is scf.FOR and len(op.operands) > 3 and (k := _derived(op))}
    if not found:
        return f
    levels = uniformity(f, rows=True)
    wanted = {op: k for op, given in found.items() if (k := [one for one in given if _gains(op, one, levels)])}
    return _Rewrite(f, wanted).new if wanted else f


def _derived(loop: Op) -> list[_Derived]:
    region, step, out = loop.regions[0], loop.operands[2], list[_Derived]()
    for k, (v, moved) in enumerate(zip(region.args[1:], region.yielded, strict=True)):
        op, t = moved.op, v.type
        if op is None or op.defn not in (arith.ADD, arith.SUB):
            continue
        if not isinstance(t, T.ScalarType) or not t.is_integer or t.bits < 32:
            continue
        a, c = op.operands
        if c is v and op.defn is arith.ADD:
            a, c = c, a
        if a is not v or not is_fixed(c, region):
            continue
        in_step = _origin(c, t.bits) is _origin(step, t.bits) or (c.constant is not None and c.constant == step.constant)
        if in_step or step.constant == 1:
            out.append(_Derived(k, c, op.defn is arith.ADD, in_step))
    return out


def _origin(v: Value, bits: int) -> Value:
    """What a number was cast from, as long as so many bits of it are the same."""
    while v.op is not None and v.op.defn is arith.CAST:
        source = v.op.operands[0]
        if not (isinstance(source.type, T.ScalarType) and source.type.is_integer and source.type.bits >= bits):
            break
        v = source
    return v


def _gains(loop: Op, one: _Derived, levels: Uniformity) -> bool:
    """Whether lanes differ in it, an access asks for it, and it is no product in lanes."""
    v, region = loop.regions[0].args[1 + one.number], loop.regions[0]
    if levels.of(v) <= SUBGROUP or levels.of(loop.operands[3 + one.number]) <= SUBGROUP or levels.of(one.by) > SUBGROUP:
        return False
    if not one.in_step and levels.of(region.args[0]) > SUBGROUP:
        return False
    places = [i for op in walk(region) if op.defn in (memory.LOAD, memory.STORE) for i in indices_of(op)]
    return any(_asks(i, v) for i in places)


def _asks(index: Value, v: Value, depth: int = _DEPTH) -> bool:
    if index is v:
        return True
    op = index.op
    return depth > 0 and op is not None and op.defn.elementwise and any(_asks(w, v, depth - 1) for w in op.operands)


class _Rewrite(Rebuilder):
    def __init__(self, f: Function, found: dict[Op, list[_Derived]]) -> None:
        super().__init__(f)
        self.found = found
        self.used = {v for op in walk(f.body) for v in op.operands}
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        given = self.found.get(op)
        if given is None:
            return False
        self.loop(op, {one.number: one for one in given})
        return True

    def loop(self, op: Op, given: dict[int, _Derived]) -> None:
        b, old = self.b, op.regions[0]
        lo, hi, step = [self.mapping[v] for v in op.operands[:3]]
        # One that is asked for behind the loop is carried as well.
        kept = [k for k, result in enumerate(op.results) if k not in given or result in self.used]
        region = Region((T.index, *[old.args[1 + k].type for k in kept]), (old.args[0].name, *[old.args[1 + k].name for k in kept]))
        by = {k: self.ahead(one.by, old) for k, one in given.items()}
        self.mapping[old.args[0]] = region.args[0]
        carried = {k: region.args[1 + n] for n, k in enumerate(kept)}
        self.mapping.update({old.args[1 + k]: v for k, v in carried.items()})
        for k, one in given.items():
            v0, t = self.mapping[op.operands[3 + k]], old.args[1 + k].type
            assert isinstance(t, T.ScalarType)
            first = self.as_type(lo, t)
            before = self.before(v0, first, rises=one.rises) if one.in_step else None
            with b.inside(region):
                self.mapping[old.args[1 + k]] = self.closed(region.args[0], v0, first, by[k], before, one)
        with b.inside(region):
            for inner in old.ops[:-1]:
                self.copy(inner)
            out = []
            for k in kept:
                v = self.mapping[old.yielded[k]]
                if k in given:
                    v = b.emit(arith.ADD if given[k].rises else arith.SUB, carried[k], by[k])
                out.append(v)
            b.yield_(*out)
        made = b.for_(lo, hi, step, [self.mapping[op.operands[3 + k]] for k in kept], region)
        for k, result in zip(kept, made.results, strict=True):
            result.name = op.results[k].name
            self.mapping[op.results[k]] = result

    def before(self, v0: Value, first: Value, *, rises: bool) -> Value | None:
        """What is left of a number's beginning without the counter's, where that is seen."""
        op = v0.op
        if op is None or op.defn not in (arith.ADD, arith.SUB):
            return None
        a, c = op.operands
        if rises and op.defn is arith.ADD and first in (a, c):
            return c if a is first else a
        return a if not rises and op.defn is arith.SUB and c is first else None

    def closed(self, counter: Value, v0: Value, first: Value, by: Value, before: Value | None, one: _Derived) -> Value:
        b, t = self.b, v0.type
        assert isinstance(t, T.ScalarType)
        now = self.as_type(counter, t)
        if one.in_step and one.rises and v0 is first:
            return now
        if before is not None:
            return b.emit(arith.ADD, before, now) if one.rises else b.emit(arith.SUB, before, now)
        moved = now if first.constant == 0 else b.emit(arith.SUB, now, first)
        moved = moved if one.in_step else b.emit(arith.MUL, moved, by)
        return b.emit(arith.ADD if one.rises else arith.SUB, v0, moved)

    def as_type(self, v: Value, t: T.ScalarType) -> Value:
        if v.type is t:
            return v
        if v.op is not None and v.op.defn is arith.CAST and v.op.operands[0].type is t:
            return v.op.operands[0]
        return self.b.emit(arith.CAST, v, type=t)
