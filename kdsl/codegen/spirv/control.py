"""Structured control flow as blocks that say where they meet, and phis.

One idea: the IR's control flow is structured, and so is SPIR-V's: `scf.if` is a selection, `scf.for` and `scf.while` are
loops whose only way out is their test. Tests of trips cannot overflow.
"""

from __future__ import annotations

from ...ir.core import Op, Value
from .emitter import Emitter, lowering

__all__: list[str] = []


@lowering("scf.if")
def _if(e: Emitter, op: Op) -> None:
    cond = e.value(op.operands[0])
    then, otherwise = op.regions
    if len(then.ops) == 1 and len(otherwise.ops) == 1:
        for result, a, b in zip(op.results, then.yielded, otherwise.yielded, strict=True):
            e.ids[result] = e.select(e.type_of(result.type), cond, e.value(a), e.value(b))
        return
    join, start = e.fresh(), e.label
    yes = e.fresh() if len(then.ops) > 1 else join
    no = e.fresh() if len(otherwise.ops) > 1 else join
    e.act("SelectionMerge", join, 0)
    e.branch(cond, yes, no)
    arms: list[tuple[list[int], int]] = []
    for region, label in ((then, yes), (otherwise, no)):
        if label == join:
            arms.append(([e.value(v) for v in region.yielded], start))
            continue
        e.begin(label)
        values = e.region(region)
        arms.append((values, e.label))
        e.jump(join)
    e.begin(join)
    (first, from_first), (second, from_second) = arms
    for result, a, b in zip(op.results, first, second, strict=True):
        e.ids[result] = e.phi(e.type_of(result.type), (a, from_first), (b, from_second))


class _Carried:
    """The phis at the head of a loop, whose second operands are filled in when the loop's end is known."""

    def __init__(self, e: Emitter, before: int, after: int) -> None:
        self.e = e
        self.before = before
        self.after = after
        self.places: list[int] = []

    def add(self, type: int, start: int) -> int:
        made = self.e.phi(type, (start, self.before), (0, self.after))
        self.places.append(len(self.e.code) - 2)
        return made

    def close(self, following: list[int]) -> None:
        for at, value in zip(self.places, following, strict=True):
            self.e.code[at] = value


@lowering("scf.for")
def _for(e: Emitter, op: Op) -> None:
    lo, hi, step = op.operands[:3]
    initial = op.operands[3:]
    known = step.constant
    if known == 0:
        for result, v in zip(op.results, initial, strict=True):
            e.ids[result] = e.value(v)
        return
    body = op.regions[0]
    trip = _Trip(e, lo, hi, step)
    start, head, inside, again, done = e.label, e.fresh(), e.fresh(), e.fresh(), e.fresh()
    e.jump(head)
    e.begin(head)
    carried = _Carried(e, start, again)
    index = carried.add(e.type("l"), e.value(lo))
    e.ids[body.args[0]] = index
    for v, first in zip(body.args[1:], initial, strict=True):
        e.ids[v] = carried.add(e.type_of(v.type), e.value(first))
    for result, v in zip(op.results, body.args[1:], strict=True):
        e.ids[result] = e.ids[v]
    left = carried.add(e.type("l"), trip.trips) if trip.trips else 0
    runs = trip.test(index, left)
    e.act("LoopMerge", done, again, 0)
    e.branch(runs, inside, done)
    e.begin(inside)
    following = e.region(body)
    e.jump(again)
    e.begin(again)
    more = [e.i64("IAdd", index, e.value(step)), *following]
    carried.close(more + trip.advance(left))
    e.jump(head)
    e.begin(done)


class _Trip:
    """How a loop counts. By one: the index is compared, and cannot overflow. Otherwise the number of trips is worked out before
    the loop and counted down by one, the only form of count that every driver's compiler is known to bear: NVIDIA's does not end,
    or crashes, on a count that saturates. trips: at the start; 0 for a loop whose index is compared."""

    def __init__(self, e: Emitter, lo: Value, hi: Value, step: Value) -> None:
        self.e = e
        self.hi = e.value(hi)
        self.known = step.constant
        self.trips = 0
        if self.known in (1, -1):
            return
        low, zero = e.value(lo), e.module.long(0)
        l = e.type("l")
        if self.known is not None:
            bottom, top = (low, self.hi) if self.known > 0 else (self.hi, low)
            enters = e.bool_("SLessThan", bottom, top)
            last = self._over(e.i64("ISub", e.i64("ISub", top, bottom), e.module.long(1)), abs(self.known))
        else:
            size = e.value(step)
            up = e.bool_("SGreaterThan", size, zero)
            bottom, top = e.select(l, up, low, self.hi), e.select(l, up, self.hi, low)
            moves = e.bool_("INotEqual", size, zero)
            enters = e.bool_("LogicalAnd", e.bool_("SLessThan", bottom, top), moves)
            size = e.select(l, moves, e.select(l, up, size, e.i64("SNegate", size)), e.module.long(1))
            last = e.i64("UDiv", e.i64("ISub", e.i64("ISub", top, bottom), e.module.long(1)), size)
        self.trips = e.select(l, enters, e.i64("IAdd", last, e.module.long(1)), zero)

    def _over(self, distance: int, size: int) -> int:
        """An unsigned number over a constant, by a shift where it is a power of two."""
        if size & (size - 1) == 0:
            return self.e.i64("ShiftRightLogical", distance, self.e.module.long(size.bit_length() - 1))
        return self.e.i64("UDiv", distance, self.e.module.long(size))

    def test(self, index: int, left: int) -> int:
        if left:
            return self.e.bool_("INotEqual", left, self.e.module.long(0))
        return self.e.bool_("SLessThan" if self.known == 1 else "SGreaterThan", index, self.hi)

    def advance(self, left: int) -> list[int]:
        """The next value of what is left, if it is carried."""
        return [self.e.i64("ISub", left, self.e.module.long(1))] if left else []


@lowering("scf.while")
def _while(e: Emitter, op: Op) -> None:
    cond, body = op.regions
    start, head, test, inside, again, done = e.label, *[e.fresh() for _ in range(5)]
    e.jump(head)
    e.begin(head)
    carried = _Carried(e, start, again)
    for v, first in zip(cond.args, op.operands, strict=True):
        e.ids[v] = carried.add(e.type_of(v.type), e.value(first))
    for result, inner, v in zip(op.results, body.args, cond.args, strict=True):
        e.ids[result] = e.ids[inner] = e.ids[v]
    e.act("LoopMerge", done, again, 0)
    e.jump(test)
    e.begin(test)
    (holds,) = e.region(cond)
    e.branch(holds, inside, done)
    e.begin(inside)
    following = e.region(body)
    e.jump(again)
    e.begin(again)
    carried.close(following)
    e.jump(head)
    e.begin(done)
