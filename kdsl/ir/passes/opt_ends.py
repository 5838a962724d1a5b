"""A loop that does nothing from some round on ends there: `for k in range(per): i = t * per + k; if i < n: s += a[i]`, as a run of
its own for each thread is often written.

One idea: the guard asks in every round what the loop's end can say once, `min(per, n - t * per)`. A vector of threads has a mask
for each round otherwise, under which it gathers. What is guarded loads or stores at that index, so that it is inside of an array,
where no sum wraps; were it not, what happens would be undefined as it is.

Only where threads lie apart: for those side by side the guard is asked of vectors that follow one another. And not where the
rounds update a table that the block shares, which `vectorize/runs` shares out among the block's threads, guards and all.
"""

from __future__ import annotations

from typing import NamedTuple

from .. import types as T
from ..analysis.accesses import indices_of, is_argument
from ..analysis.uniformity import BLOCK, Uniformity, uniformity
from ..builder import Rebuilder, clone_op
from ..core import Function, Op, Region, Value, walk
from ..ops import arith, memory, scf, simt
from .opt_counted import is_fixed

__all__ = ["opt_ends"]

_FAR = 1 << 60


class _Guard(NamedTuple):
    """`if a + counter + b < bound` around all that a loop does. base: what is added to the counter."""

    op: Op
    base: list[Value]
    bound: Value


def opt_ends(f: Function) -> Function:
    """An equal function whose loops have no such guards; `f` itself where it has none."""
    found = {op: guard for op in walk(f.body) if op.defn is scf.FOR and (guard := _guard(op)) is not None}
    if not found:
        return f
    levels = uniformity(f)
    apart = {op: guard for op, guard in found.items() if any(_is_apart(v, levels) for v in guard.base)}
    found = {op: guard for op, guard in apart.items() if _is_near(levels.range_of(op.operands[0]))}
    return _Ended(f, found).new if found else f


def _guard(loop: Op) -> _Guard | None:
    region = loop.regions[0]
    guards = [op for op in region.ops if op.regions]
    if len(guards) != 1 or loop.operands[2].constant != 1 or not all(op.defn.mergeable or op.regions for op in region.ops[:-1]):
        return None
    (guard,) = guards
    test = guard.operands[0].op
    if guard.defn is not scf.IF or test is None or test.defn not in (arith.LT, arith.GT) or guard.regions[1].ops[:-1]:
        return None
    place, bound = test.operands if test.defn is arith.LT else test.operands[::-1]
    base = _terms(place, region)
    if place.type is not T.index or base.count(region.args[0]) != 1 or any(map(_updates_table, walk(guard.regions[0]))):
        return None
    base.remove(region.args[0])
    if not (all(is_fixed(v, region) for v in [*base, bound]) and _accesses(guard.regions[0], place)):
        return None
    return _Guard(guard, base, bound) if _changes_nothing(guard, region) else None


def _updates_table(op: Op) -> bool:
    array = op.operands[0].type if op.defn.name.startswith("atomic.") else None
    return isinstance(array, T.ArrayType) and array.space is T.Space.SHARED


def _accesses(region: Region, place: Value) -> bool:
    """Whether an element of an argument at that index is loaded, or stored, whenever a region runs."""
    found = [op for op in region.ops if op.defn in (memory.LOAD, memory.STORE) and is_argument(op.operands[0])]
    return any(place in indices_of(op) for op in found)


def _changes_nothing(guard: Op, region: Region) -> bool:
    """Whether a round in which a guard does not hold carries on what came into it."""
    without = dict(zip(guard.results, guard.regions[1].yielded, strict=True))
    return all(without.get(v, v) is arg for v, arg in zip(region.yielded, region.args[1:], strict=True))


def _terms(v: Value, region: Region) -> list[Value]:
    """Of which values a round makes a sum."""
    op = v.op
    if op is None or op.defn is not arith.ADD or op not in region.ops:
        return [v]
    return [term for x in op.operands for term in _terms(x, region)]


def _is_apart(v: Value, levels: Uniformity) -> bool:
    """Whether neighbouring threads are neither side by side nor in one place by a term."""
    op = v.op
    return levels.of(v) != BLOCK and (op is None or op.defn not in (arith.ADD, simt.THREAD_ID, simt.GLOBAL_ID))


def _is_near(limits: tuple[int, int]) -> bool:
    """Whether a first round's index is outside of every array where what is added to the counter is so far below 0 that the new
    end would wrap."""
    least, greatest = limits
    return least >= -_FAR and greatest <= _FAR


class _Ended(Rebuilder):
    """found: the loops to change, and their guards."""

    def __init__(self, f: Function, found: dict[Op, _Guard]) -> None:
        super().__init__(f)
        self.found = found
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        if op not in self.found:
            return False
        guard, b = self.found[op], self.b
        lo, hi, step, *init = [self.mapping[v] for v in op.operands]
        source = op.regions[0]
        end = self.ahead(guard.bound, source)
        for term in guard.base:
            end = b.emit(arith.SUB, end, self.ahead(term, source))
        end = b.emit(arith.MINIMUM, hi, end)
        inner = Region(tuple([a.type for a in source.args]), tuple([a.name for a in source.args]))
        self.mapping.update(zip(source.args, inner.args, strict=True))
        with b.inside(inner):
            for part in source.ops[:-1]:
                if part is guard.op:
                    self.inline(part)
                else:
                    clone_op(b, part, self.mapping)
            b.yield_(*[self.mapping[v] for v in source.yielded])
        made = b.for_(lo, end, step, init, inner)
        for old, result in zip(op.results, made.results, strict=True):
            result.name = old.name
            self.mapping[old] = result
        return True

    def inline(self, guard: Op) -> None:
        body = Region()
        body.ops = guard.regions[0].ops[:-1]
        self.fill(body)
        self.mapping.update(zip(guard.results, [self.mapping[v] for v in guard.regions[0].yielded], strict=True))
