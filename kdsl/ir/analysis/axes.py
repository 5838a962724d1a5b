"""Which axis of the grid lies along memory: that whose threads should be side by side in a vector.

One idea: who writes `a[i, j]` with i, j = global_id(0), global_id(1) has put the rows of the array along the axis whose threads
are neighbours, and each access takes every lane apart. For each axis the accesses say how far the places of two neighbours are
apart, and so what they cost. All of it is an estimate: the order of threads is nobody's to see, so a wrong one costs time alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .. import types as T
from ..core import Function, Op, Region, Value, all_ops

__all__ = ["CROSSED", "IDS", "better_axis", "free_axes", "sees_lanes", "steps_of"]

IDS = frozenset({"simt.global_id", "simt.thread_id", "simt.block_id", "simt.block_dim", "simt.grid_dim"})
_OF_THREADS = ("simt.global_id", "simt.thread_id")

_SAME, _NEXT, _NEAR, _FAR = 0.3, 1.0, 2.5, 8.0  # what a vector of places costs: one, side by side, two to four apart, others
_WORTH = 3.0  # an axis must be so many times as cheap as axis 0
_ROUNDS = 8.0  # of a loop whose length is not known
_SUMS = {"arith.add": 1, "arith.sub": -1}
_KEEP = frozenset({"arith.cast", "arith.minimum", "arith.maximum", "arith.select", "arith.mod", "arith.floordiv", "arith.and",
                   "arith.xor"})  # fmt: skip


def free_axes(f: Function) -> int:
    """The axes along which a kernel tells threads apart, any of which may be that of threads side by side: bit k for axis k."""
    ops = all_ops(f.body)
    if any(sees_lanes(op) for op in ops):
        return 0
    return sum({1 << op.attributes["axis"] for op in ops if op.defn.name in _OF_THREADS})


def sees_lanes(op: Op) -> bool:
    """Whether an op tells which threads are lanes of one subgroup."""
    name = op.defn.name
    return name.startswith("subgroup.") or name == "simt.lane_id"


def steps_of(f: Function) -> Mapping[Op, tuple[int | None, ...]]:
    """By access, how far two threads side by side along axis 0 are apart along each of its array's axes; None: that is not known,
    or not the same for all."""
    costs = _Costs((0,))
    costs.region(f.body, 1.0)
    return costs.accesses


CROSSED = 3  # axes 1 and 2 change places


def better_axis(f: Function) -> int:
    """1 or 2 where threads along that axis are better side by side than those along axis 0; `CROSSED` where arrays lie along axis 2
    and others along axis 0, as then rows of neighbours are made of columns, which takes an axis next to it; else 0."""
    ops = all_ops(f.body)
    axes = {op.attributes["axis"] for op in ops if op.defn.name in _OF_THREADS}
    if axes <= {0} or any(sees_lanes(op) for op in ops):
        return 0
    costs = _Costs(tuple(sorted({0, *axes})))
    costs.region(f.body, 1.0)
    found = [(costs.of[axis], axis) for axis in costs.axes[1:] if axis in costs.along]
    if not found:
        return 0
    least, axis = min(found)
    if least * _WORTH <= costs.of[0]:
        return axis
    return CROSSED if costs.along == {0, 2} and 1 in axes else 0


class _Costs:
    """axes: 0, and the others that the kernel has ids of threads of. of: the cost of all accesses, by axis. along: those along
    which there are accesses side by side. steps: by value, how far two neighbours' are apart along each of `axes`; None: that is
    not known, or not the same for all. Of most values it is nothing along all axes: those are not in it."""

    def __init__(self, axes: tuple[int, ...]) -> None:
        self.axes = axes
        self.of = dict.fromkeys(axes, 0.0)
        self.along: set[int] = set()
        self.steps: dict[Value, tuple[int | None, ...]] = {}
        self.accesses: dict[Op, tuple[int | None, ...]] = {}  # the same of indices, along the first of `axes`
        self.none = (0,) * len(axes)

    def region(self, region: Region, times: float) -> None:
        for op in region.ops:
            name = op.defn.name
            if op.regions:
                self.control(op, times)
            elif name in IDS:
                if name in _OF_THREADS:
                    self.steps[op.results[0]] = tuple([int(k == op.attributes["axis"]) for k in self.axes])
            elif op.operands and isinstance(op.operands[0].type, T.ArrayType) and name != "memory.extent":
                self.access(op, op.operands[0].type, times)
            elif op.results and not self.steps.keys().isdisjoint(op.operands):
                along = zip(*[self.steps.get(v, self.none) for v in op.operands], strict=True)
                self.steps[op.results[0]] = tuple([_plain(op, steps) for steps in along])

    def control(self, op: Op, times: float) -> None:
        """What a loop carries is taken to change alike in all threads, so it is as far apart as it was before."""
        if op.defn.name == "scf.for":
            lo, hi, step = [v.constant for v in op.operands[:3]]
            times *= _ROUNDS if lo is None or hi is None or not step else max((hi - lo) / step, 0.0)
            given = (op.operands[0], *op.operands[3:])
            self.take(op.regions[0].args, given)
            self.region(op.regions[0], times)
            self.take(op.results, op.regions[0].yielded)
        elif op.defn.name == "scf.while":
            for region in op.regions:
                self.take(region.args, op.operands)
                self.region(region, times * _ROUNDS)
            self.take(op.results, op.operands)
        else:
            for region in op.regions:
                self.region(region, times)
            for r, *chosen in zip(op.results, *[region.yielded for region in op.regions], strict=True):
                if not self.steps.keys().isdisjoint(chosen):
                    self.steps[r] = tuple(map(_largest, zip(*[self.steps.get(v, self.none) for v in chosen], strict=True)))

    def take(self, values: tuple[Value, ...], given: tuple[Value, ...]) -> None:
        for v, w in zip(values, given, strict=False):
            if w in self.steps:
                self.steps[v] = self.steps[w]

    def access(self, op: Op, t: T.ArrayType, times: float) -> None:
        if t.space is T.Space.PRIVATE:
            self.steps.update((r, (None,) * len(self.axes)) for r in op.results)
            return
        unit = t.unit_axis if t.space is T.Space.GLOBAL else t.rank - 1
        indices = op.operands[1 : 1 + t.rank]
        is_point = unit is not None and isinstance(indices[unit].constant, int)
        along = list(zip(*[self.steps.get(v, self.none) for v in indices], strict=True))
        self.accesses[op] = along[0]
        for axis, steps in zip(self.axes, along, strict=True):
            cost = _cost(steps, unit, is_point=is_point)
            self.of[axis] += times * cost
            if cost == _NEXT:
                self.along.add(axis)
        apart = tuple([None if any(step != 0 for step in steps) else 0 for steps in along])
        self.steps.update((r, apart) for r in op.results)


def _plain(op: Op, steps: tuple[int | None, ...]) -> int | None:
    """How far an op's results are apart whose operands are apart by `steps`."""
    if not any(steps) and None not in steps:
        return 0
    name = op.defn.name
    if name in _KEEP:
        return _largest(steps[1:] if name == "arith.select" else steps)
    if None in steps:
        return None
    if (sign := _SUMS.get(name)) is not None:
        return steps[0] + sign * steps[1]  # type: ignore[operator]
    if name == "arith.neg":
        return -steps[0]  # type: ignore[operator]
    if name == "arith.mul":
        for v, step in zip(op.operands, reversed(steps), strict=True):
            if isinstance(v.constant, int):
                return v.constant * step  # type: ignore[operator]
    return None


def _largest(steps: Sequence[int | None]) -> int | None:
    return None if None in steps else max(steps, key=abs)  # type: ignore[arg-type]


def _cost(steps: Sequence[int | None], unit: int | None, *, is_point: bool) -> float:
    """is_point: whether the index along the unit axis is a number, as in `a[y, x, 0]`: its neighbours are the next point's."""
    apart = [k for k, step in enumerate(steps) if step != 0]
    if not apart:
        return _SAME
    if is_point and unit is not None and apart == [unit - 1] and steps[unit - 1] in (1, -1):
        return _NEAR
    if apart != [unit] or (step := steps[apart[0]]) is None or abs(step) > 4:
        return _FAR
    return _NEXT if abs(step) == 1 else _NEAR
