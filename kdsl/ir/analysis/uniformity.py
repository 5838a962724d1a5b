"""Which values are the same for every thread of a block, for every thread of a subgroup, or for neither.

One idea: a value is as varying as what it is computed from and as the control flow that chose it. Inside a loop that
threads leave at different times a counter is still the same for all who are in it; only after the loop it differs.
"""

from __future__ import annotations

from collections.abc import Iterable

from .. import types as T
from ..core import Function, Op, Region, Value
from .ranges import RANGE_OF_IDS, Ranges

__all__ = ["BLOCK", "SUBGROUP", "VARYING", "Uniformity", "uniformity"]

BLOCK = 0  # one value for the block
SUBGROUP = 1  # one value for each subgroup
VARYING = 2

_SUBGROUP_RESULTS = {
    "subgroup.broadcast", "subgroup.ballot", "subgroup.any", "subgroup.all", "subgroup.sum", "subgroup.min", "subgroup.max",
}  # fmt: skip


class Uniformity:
    """level: how varying each value is. control: how varying the decision of each `scf` op is. loops: of each counter. ranges: of
    integers, once somebody asks."""

    __slots__ = ("control", "level", "loops", "ranges", "rows")

    def __init__(self, *, rows: bool) -> None:
        self.level: dict[Value, int] = {}
        self.control: dict[Op, int] = {}
        self.loops: dict[Value, Op] = {}
        self.ranges: Ranges | None = None
        self.rows = rows

    def of(self, v: Value) -> int:
        return self.level.get(v, BLOCK)

    def range_of(self, v: Value) -> tuple[int, int]:
        """Between which numbers an integer lies."""
        return self._ranges().of(v)

    def are_ids(self, values: Iterable[Value]) -> None:
        """Of arguments that are made of ids, and no larger."""
        self._ranges().known.update(dict.fromkeys(values, RANGE_OF_IDS))

    def _ranges(self) -> Ranges:
        if self.ranges is None:
            self.ranges = Ranges(None)
            for counter, op in self.loops.items():
                lo, hi, step = op.operands[:3]
                self.ranges.loops[counter] = lo, hi, step
        return self.ranges

    def alone(self) -> Uniformity:
        """The same where a subgroup has one thread: nothing differs within it."""
        one = Uniformity(rows=self.rows)
        one.level = {v: min(level, SUBGROUP) for v, level in self.level.items()}
        one.control = {op: min(level, SUBGROUP) for op, level in self.control.items()}
        return one

    def region(self, region: Region) -> None:
        for op in region.ops:
            rule = _STRUCTURED.get(op.defn.name)
            if rule is not None:
                rule(self, op)
            elif op.results:
                level = self.plain(op)
                for r in op.results:
                    self.level[r] = level

    def plain(self, op: Op) -> int:
        defn = op.defn
        if defn.uniform:
            return BLOCK
        if defn.varying:
            return SUBGROUP if self.rows and op.attributes.get("axis", 0) > 0 else VARYING
        if defn.name in _SUBGROUP_RESULTS:
            return SUBGROUP
        if defn.writes or defn.convergent:
            return VARYING  # an atomic's old value, a shuffle
        if defn.reads:
            array = op.operands[0].type
            if isinstance(array, T.ArrayType) and array.space is T.Space.PRIVATE:
                return VARYING
        level, known = BLOCK, self.level
        for v in op.operands:
            if (of := known.get(v, BLOCK)) > level:
                level = of
        return level

    def if_(self, op: Op) -> None:
        cond = self.of(op.operands[0])
        self.control[op] = cond
        for region in op.regions:
            self.region(region)
        for k, r in enumerate(op.results):
            self.level[r] = max(cond, *[self.of(region.yielded[k]) for region in op.regions])

    def for_(self, op: Op) -> None:
        lo, hi, step = (self.of(v) for v in op.operands[:3])
        body = op.regions[0]
        self.control[op] = control = max(lo, hi, step)
        self.level[body.args[0]] = max(lo, step)
        self.loops[body.args[0]] = op
        self.carried(op, op.operands[3:], body.args[1:], [body])
        for k, r in enumerate(op.results):
            self.level[r] = max(control, self.of(body.args[1 + k]))

    def while_(self, op: Op) -> None:
        cond, body = op.regions
        self.carried(op, op.operands, cond.args, [cond, body], body.args)
        self.control[op] = control = self.of(cond.yielded[0])
        for k, r in enumerate(op.results):
            self.level[r] = max(control, self.of(cond.args[k]))

    def carried(self, op: Op, init: tuple[Value, ...], args: tuple[Value, ...], regions: list[Region],
                mirror: tuple[Value, ...] = ()) -> None:  # fmt: skip
        """Levels of loop-carried values: those of what enters and of what the body yields, to a fixed point."""
        levels = [self.of(v) for v in init]
        while True:
            self.level.update(zip(args, levels, strict=True))
            self.level.update(zip(mirror, levels, strict=False))
            for region in regions:
                self.region(region)
            after = [max(a, self.of(v)) for a, v in zip(levels, regions[-1].yielded, strict=True)]
            if after == levels:
                return
            levels = after


_STRUCTURED = {"scf.if": Uniformity.if_, "scf.for": Uniformity.for_, "scf.while": Uniformity.while_}


def uniformity(f: Function, *, rows: bool = False) -> Uniformity:
    """The levels of a thread-level function.

    rows: take a subgroup to lie within one row of the block (as the CPU's vectors do), so that ids along axes 1 and 2
    are the same in all its lanes.

    Attribute "places": so many of the parameters, the last, are numbers of a piece of a row (see `passes/vectorize/places.py`).
    """
    result = Uniformity(rows=rows)
    if count := f.attributes.get("places"):
        result.level = dict.fromkeys(f.params[-count:], SUBGROUP)
    result.region(f.body)
    return result
