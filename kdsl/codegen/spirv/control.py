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
    """What a loop carries from trip to trip: phis at its head, whose second operands are filled in when the loop's end is known.

    A bool is carried as a word in Vulkan: NVIDIA's compiler (driver 580) ends the process at the phi of a bool there."""

    def __init__(self, e: Emitter, starts: list[tuple[int, int]]) -> None:
        """starts: of each value its type and the first one. Before the jump to the head."""
        self.e = e
        self.bools = {k for k, (type_, _) in enumerate(starts) if e.pushes and type_ == e.type("b")}
        self.starts = [(e.type("w"), self._word(x)) if k in self.bools else (type_, x) for k, (type_, x) in enumerate(starts)]
        self.before = e.label
        self.places: list[int] = []

    def _word(self, x: int) -> int:
        e = self.e
        return e.select(e.type("w"), x, e.word(1), e.word(0))

    def open(self, after: int) -> list[int]:
        """The values of a trip, at the head; after: the block that jumps back to it."""
        made = []
        for type_, start in self.starts:
            made.append(self.e.phi(type_, (start, self.before), (0, after)))
            self.places.append(len(self.e.code) - 2)
        e = self.e
        return [e.bool_("INotEqual", x, e.word(0)) if k in self.bools else x for k, x in enumerate(made)]

    def close(self, following: list[int]) -> None:
        """The values of the next trip, in the block that jumps back."""
        following = [self._word(x) if k in self.bools else x for k, x in enumerate(following)]
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
    head, inside, again, done = [e.fresh() for _ in range(4)]
    starts = [(e.type_of(v.type), e.value(first)) for v, first in zip(body.args[1:], initial, strict=True)]
    long = e.type("l")
    carried = _Carried(e, [(long, e.value(lo)), *starts, *([(long, trip.trips)] if trip.trips else [])])
    e.jump(head)
    e.begin(head)
    index, *values = carried.open(again)
    left = values.pop() if trip.trips else 0
    e.ids[body.args[0]] = index
    for result, v, x in zip(op.results, body.args[1:], values, strict=True):
        e.ids[result] = e.ids[v] = x
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
    the loop and counted down by one, the only form of count that every driver's compiler is known to bear: NVIDIA's (580)
    does not end on a count that saturates. trips: at the start; 0 for a loop whose index is compared."""

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
    head, test, inside, again, done = [e.fresh() for _ in range(5)]
    carried = _Carried(e, [(e.type_of(v.type), e.value(first)) for v, first in zip(cond.args, op.operands, strict=True)])
    e.jump(head)
    e.begin(head)
    for result, inner, v, x in zip(op.results, body.args, cond.args, carried.open(again), strict=True):
        e.ids[result] = e.ids[inner] = e.ids[v] = x
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
