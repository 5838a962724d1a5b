"""A `while` that only counts is a `for`: `while i < n: ...; i += step`, as a loop with the grid's stride is often written.

One idea: of a `for` it is known how often it runs and that all counters go by one step, which is what vectors, streams and
rows over the grid ask; of a `while` each thread leaves when it leaves.
"""

from __future__ import annotations

from .. import types as T
from ..analysis.effects import region_effects
from ..analysis.ranges import Ranges
from ..builder import Rebuilder
from ..core import Function, Op, Region, Value, walk
from ..opdef import Effect
from ..ops import arith, scf

__all__ = ["is_fixed", "opt_counted"]


def opt_counted(f: Function) -> Function:
    """An equal function whose loops that only count an index up to a bound are `scf.for`; `f` itself where it has none."""
    ranges = Ranges(f.attributes.get("block"))
    found = {op: k for op in walk(f.body) if op.defn is scf.WHILE and (k := _counter(op, ranges)) is not None}
    return _Counted(f, found).new if found else f


def _counter(loop: Op, ranges: Ranges) -> int | None:
    """The number of the carried index that a `while` counts, if nothing else ends it and every trip adds the same."""
    cond, body = loop.regions
    counter, bound = _compared(cond)
    if counter is None or bound is None or counter.type is not T.index:
        return None
    k = counter.index
    step = _step(body, k)
    if step is None or not (is_fixed(bound, cond) and is_fixed(step, body)):
        return None
    least, most = ranges.of(step)
    if least <= 0 or ranges.of(bound)[1] + most >= 1 << 63:  # one that wraps goes on
        return None
    numbers = all(v.constant is not None for v in (loop.operands[k], bound, step))
    # Stages with barriers whose number is known are straight code, which `opt_stages` makes of a `while`.
    return None if numbers and Effect.SYNC in region_effects(body) else k


def _compared(cond: Region) -> tuple[Value | None, Value | None]:
    """The carried value of which alone a condition asks whether it is below a bound, and the bound."""
    test = cond.yielded[0].op
    if test is None or test.defn not in (arith.LT, arith.GT):
        return None, None
    low, high = test.operands if test.defn is arith.LT else reversed(test.operands)
    return (low, high) if low.owner is cond else (None, None)


def _step(body: Region, k: int) -> Value | None:
    """What each trip adds to the carried value of that number."""
    counter, op = body.args[k], body.yielded[k].op
    if op is None or op.defn is not arith.ADD or counter not in op.operands:
        return None
    a, b = op.operands
    return b if a is counter else a


def is_fixed(v: Value, region: Region) -> bool:
    """Whether a value that a region sees is the same in every trip: made outside, or of what is, whatever memory holds."""
    if v.owner is region:
        return False
    op = v.op
    if op is None or op not in region.ops:
        return True
    return op.defn.effect is Effect.NONE and op.defn.pure and not op.regions and all(is_fixed(x, region) for x in op.operands)


class _Counted(Rebuilder):
    """found: the loops to change, and which carried value each counts."""

    def __init__(self, f: Function, found: dict[Op, int]) -> None:
        super().__init__(f)
        self.found = found
        self.used = {v for op in walk(f.body) for v in op.operands}
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        if op not in self.found:
            return False
        self.count(op, self.found[op])
        return True

    def count(self, loop: Op, k: int) -> None:
        cond, body = loop.regions
        bound = self.ahead(_compared(cond)[1], cond)  # type: ignore[arg-type]
        step = self.ahead(_step(body, k), body)  # type: ignore[arg-type]
        # The counter behind the loop is carried as well, where somebody asks.
        kept = [i for i, result in enumerate(loop.results) if i != k or result in self.used]
        inner = Region((T.index, *[body.args[i].type for i in kept]), (body.args[k].name, *[body.args[i].name for i in kept]))
        self.mapping.update(zip([body.args[i] for i in kept], inner.args[1:], strict=True))
        self.mapping[body.args[k]] = inner.args[0]
        with self.b.inside(inner):
            self.fill_trip(body, kept)
        made = self.b.for_(self.mapping[loop.operands[k]], bound, step, [self.mapping[loop.operands[i]] for i in kept], inner)
        for i, result in zip(kept, made.results, strict=True):
            result.name = loop.results[i].name
            self.mapping[loop.results[i]] = result

    def fill_trip(self, body: Region, kept: list[int]) -> None:
        trip = Region()
        trip.ops = body.ops[:-1]
        self.fill(trip)
        self.b.yield_(*[self.mapping[body.yielded[i]] for i in kept])
