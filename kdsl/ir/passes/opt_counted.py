"""A `while` that only counts is a `for`: `while i < n: ...; i += step`, as a loop with the grid's stride is often written.

One idea: of a `for` it is known how often it runs and that all counters go by one step, which is what vectors, streams and
rows over the grid ask; of a `while` each thread leaves when it leaves. A counter that wraps goes on, where a `for` has ended. So
it must be known not to: from what its type, the bound and the step are; or as every trip accesses an array at the counter itself,
or at a place that rises with it, or does nothing else. What has wrapped is below 0, or comes to be, and there nothing is.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import NamedTuple

from .. import types as T
from ..analysis.accesses import indices_of
from ..analysis.effects import region_effects
from ..analysis.ranges import ORDER, Ranges
from ..builder import Rebuilder
from ..core import Function, Op, Region, Value, walk
from ..opdef import Effect
from ..ops import arith, memory, scf

__all__ = ["is_fixed", "opt_counted"]


class _Count(NamedTuple):
    """number: of the carried value that is counted. past: what is added to the bound for the counter to stay below it. rises:
    whether the step is known to be 1 or more; one that is not is as good as 1, as some trip would access what is not there."""

    number: int
    bound: Value
    past: int
    step: Value
    rises: bool


def opt_counted(f: Function, ranges: Ranges | None = None) -> Function:
    """An equal function whose loops that only count up to a bound are `scf.for`; `f` itself where it has none. ranges: what is
    known of its numbers."""
    loops = [op for op in walk(f.body) if op.defn is scf.WHILE]
    if not loops:
        return f
    ranges, used = ranges or Ranges(f.attributes.get("block")), {v for op in walk(f.body) for v in op.operands}
    found: dict[Op, _Count] = {}
    for op in reversed(loops):  # those inside of others first
        count = _counter(op, ranges, found, used, trusted=not f.debug)
        if count is not None:
            found[op] = count
    return _Counted(f, found).new if found else f


def _counter(loop: Op, ranges: Ranges, found: Mapping[Op, _Count], used: Container[Value], *, trusted: bool) -> _Count | None:
    """What a `while` counts, if nothing else ends it and every trip adds the same. found: loops in it that count. used: values that
    somebody takes. trusted: whether accesses are where their arrays are."""
    cond, body = loop.regions
    counter, bound, past = _compared(cond)
    if counter is None or bound is None:
        return None
    t, k = counter.type, counter.index
    step = _step(body, k)
    if not (isinstance(t, T.ScalarType) and t.is_integer) or step is None or not is_fixed(step, body):
        return None
    changes_memory = any(effect & ~Effect.READ for effect in map(region_effects, loop.regions))
    if not is_fixed(bound, cond, loads=not changes_memory):
        return None
    (least, most), last = ranges.of(step), ranges.of(bound)[1] + past - 1
    if last + 1 > T.limits(T.index)[1]:
        return None
    if least <= 0 or last + most > T.limits(t)[1]:
        if not (trusted and t.kind is T.Kind.INT and t.bits >= 32):
            return None
        has_no_more = least > 0 and len(loop.results) == 1 and loop.results[0] not in used
        if not (_is_place(body.args[k], body) or (least > 0 and _leads_out(body.args[k], body, most))
                or (has_no_more and _only_acts_at(body.args[k], body, found))):  # fmt: skip
            return None
    numbers = all(v.constant is not None for v in (loop.operands[k], bound, step))
    # Stages with barriers whose number is known are straight code, which `opt_stages` makes of a `while`.
    if numbers and Effect.SYNC in region_effects(body):
        return None
    return _Count(k, bound, past, step, least > 0)


def _compared(cond: Region) -> tuple[Value | None, Value | None, int]:
    """The carried value of which alone a condition asks whether it is below a bound, the bound, and 1 where it may be that, too."""
    test = cond.yielded[0].op
    if test is None or test.name not in ORDER:
        return None, None, 0
    low, high = test.operands if ORDER[test.name] else reversed(test.operands)
    return (low, high, int(test.defn in (arith.LE, arith.GE))) if low.owner is cond else (None, None, 0)


def _step(body: Region, k: int) -> Value | None:
    """What each trip adds to the carried value of that number."""
    counter, op = body.args[k], body.yielded[k].op
    if op is None or op.defn is not arith.ADD or counter not in op.operands:
        return None
    a, b = op.operands
    return b if a is counter else a


def _is_place(counter: Value, body: Region) -> bool:
    """Whether every trip accesses an array at the counter itself."""
    places = {counter, *[op.results[0] for op in body.ops if _widens(op, counter)]}
    return any(v in places for v in _indices(body))


def _indices(body: Region) -> list[Value]:
    """Of what every trip accesses."""
    return [v for op in body.ops if op.defn in (memory.LOAD, memory.STORE) for v in indices_of(op) if v.type is T.index]


# All numbers of 32 bits are a circle, of which half are places. A place that goes on by the same in every trip cannot jump over the
# other half by steps that are no longer; and a counter that wraps goes once around, but for two steps, before it meets its bound.
_HALF, _LONGEST_STEP = 1 << 31, 1 << 30


def _leads_out(counter: Value, body: Region, most: int) -> bool:
    """Whether every trip accesses an array at a place that rises with the counter, by numbers of 32 bits: one that has wrapped
    would lead out of any array on its way to the bound. most: that the counter rises by."""
    if counter.type is not T.i32 or most > _LONGEST_STEP:
        return False
    for v in _indices(body):
        if v.op is None or v.op.defn is not arith.CAST or v.op.operands[0].type is not T.i32:
            continue
        times = _times(v.op.operands[0], counter, body)
        if times is not None and times > 0 and times * most <= _HALF:
            return True
    return False


def _times(v: Value, counter: Value, body: Region) -> int | None:
    """How often a counter is in a sum with what is the same in all trips; None where it is no such sum."""
    if v is counter:
        return 1
    if is_fixed(v, body):
        return 0
    op = v.op
    if op is None or op.defn not in (arith.ADD, arith.SUB, arith.MUL, arith.SHL) or op not in body.ops:
        return None
    a, n = _times(op.operands[0], counter, body), op.operands[1].constant
    if op.defn is arith.MUL and n is None and isinstance(op.operands[0].constant, int):
        a, n = _times(op.operands[1], counter, body), op.operands[0].constant
    if op.defn in (arith.MUL, arith.SHL):
        if a is None or not isinstance(n, int) or (op.defn is arith.SHL and not 0 <= n < T.i32.bits):
            return None
        return a * n if op.defn is arith.MUL else a << n
    c = _times(op.operands[1], counter, body)
    if a is None or c is None:
        return None
    return a + c if op.defn is arith.ADD else a - c


def _only_acts_at(counter: Value, body: Region, found: Mapping[Op, _Count]) -> bool:
    """Whether all that trips do is to store at the counter, in loops and branches that are the same in every trip: as those do that
    go along a row behind those that go from row to row. Trips of a counter that has wrapped do nothing, then, nor do others."""
    inner = list(walk(body))
    own = {v for op in inner for v in (*op.results, *[a for region in op.regions for a in region.args])} | set(body.args)
    places = {counter, *[op.results[0] for op in inner if _widens(op, counter)]}

    def same(v: Value) -> bool:
        op = v.op
        return v not in own or (op is not None and _is_fixed(op) and all(same(w) for w in op.operands))

    def controls(op: Op) -> list[Value] | None:
        if op.defn in (scf.IF, scf.FOR):
            return list(op.operands[:3] if op.defn is scf.FOR else op.operands)
        count = found.get(op)
        return None if count is None else [op.operands[count.number], count.bound, count.step]

    for op in inner:
        if op.regions:
            asked = controls(op)
            if asked is None or not all(map(same, asked)):
                return False
        elif op.defn is memory.STORE:
            if not any(v in places and v.type is T.index for v in op.operands[1:-1]):
                return False
        elif not op.defn.pure and op.defn is not scf.YIELD:
            return False
    return True


def _widens(op: Op, counter: Value) -> bool:
    return op.defn is arith.CAST and op.operands[0] is counter and op.results[0].type is T.index


def is_fixed(v: Value, region: Region, *, loads: bool = False) -> bool:
    """Whether a value that a region sees is the same in every trip: made outside, or of what is. loads: or of what memory holds."""
    if v.owner is region:
        return False
    op = v.op
    if op is None or op not in region.ops:
        return True
    is_same = _is_fixed(op) or (loads and op.defn is memory.LOAD)
    return is_same and all(is_fixed(x, region, loads=loads) for x in op.operands)


def _is_fixed(op: Op) -> bool:
    """Whether an op gives the same whenever its operands are the same, whatever memory holds."""
    return op.defn.effect is Effect.NONE and op.defn.pure and not op.regions


class _Counted(Rebuilder):
    """found: the loops to change, and which carried value each counts."""

    def __init__(self, f: Function, found: dict[Op, _Count]) -> None:
        super().__init__(f)
        self.found = found
        self.used = {v for op in walk(f.body) for v in op.operands}
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        if op not in self.found:
            return False
        self.count(op, self.found[op])
        return True

    def count(self, loop: Op, found: _Count) -> None:
        (cond, body), k = loop.regions, found.number
        bound, step = self.index(self.ahead(found.bound, cond)), self.index(self.ahead(found.step, body))
        if found.past:
            bound = self.b.emit(arith.ADD, bound, self.b.constant(found.past, T.index))
        if not found.rises:
            step = self.b.emit(arith.MAXIMUM, step, self.b.constant(1, T.index))
        # The counter behind the loop is carried as well, where somebody asks.
        kept = [i for i, result in enumerate(loop.results) if i != k or result in self.used]
        inner = Region((T.index, *[body.args[i].type for i in kept]), (body.args[k].name, *[body.args[i].name for i in kept]))
        self.mapping.update(zip([body.args[i] for i in kept], inner.args[1:], strict=True))
        with self.b.inside(inner):
            self.mapping[body.args[k]] = self.narrow(inner.args[0], body.args[k].type)
            self.mapping.update({op.results[0]: inner.args[0] for op in body.ops if _widens(op, body.args[k])})
            self.fill_trip(body, kept, k)
        first = self.index(self.mapping[loop.operands[k]])
        made = self.b.for_(first, bound, step, [self.mapping[loop.operands[i]] for i in kept], inner)
        for i, result in zip(kept, made.results, strict=True):
            result.name = loop.results[i].name
            self.mapping[loop.results[i]] = result

    def index(self, v: Value) -> Value:
        return v if v.type is T.index else self.b.emit(arith.CAST, v, type=T.index)

    def narrow(self, v: Value, t: T.Type) -> Value:
        return v if t is T.index else self.b.emit(arith.CAST, v, type=t)

    def fill_trip(self, body: Region, kept: list[int], k: int) -> None:
        """A trip, but for the casts of the counter to what it is now, and its next number where nobody asks for it."""
        following = body.yielded[k]
        asked = k in kept or sum(following in op.operands for op in walk(body)) > 1
        trip = Region()
        trip.ops = [op for op in body.ops[:-1] if not (op.results and op.results[0] in self.mapping)
                    and (asked or op is not following.op)]  # fmt: skip
        self.fill(trip)
        self.b.yield_(*[self.mapping[body.yielded[i]] for i in kept])
