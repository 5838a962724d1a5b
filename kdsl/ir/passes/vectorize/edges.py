"""Points at clamped, mirrored or wrapped places: `a[clamp(y + dy, 0, h - 1), clamp(x + dx, 0, w - 1), c]`, the colours around.

One idea: for all but a row's ends such an index is one that counts on. Elements side by side are loaded so where a vector's guard
holds, by a branch for each load. Numbers of points lie apart, and whether they are whole vectors of memory together (`opt_points`,
`interleaved`) is seen in code without branches. So all guards of what a thread loads are asked once for a vector, which then has
none, and threads of a vector that meets an edge run one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

from ... import types as T
from ...analysis.accesses import indices_of
from ...analysis.points import MOST_NUMBERS
from ...analysis.uniformity import SUBGROUP, Uniformity
from ...core import Function, Op, Value, walk
from ...ops import arith
from .body import is_arithmetic, taken_by
from .packed import COMPARES, Ask, Packed

__all__ = ["at_points"]

_MOST_OPS = 400  # of a thread: they are made once more for the edges
_MOST_LOOPS = 2  # around a load, whose ends are asked
_BOUNDS = frozenset({"arith.minimum", "arith.maximum", "arith.mod", "arith.abs", "arith.select", "scf.if"})
_EVEN = frozenset({"simt.global_id", "arith.add", "arith.sub", "arith.mul", "arith.shl", "arith.neg", "arith.cast"}) | COMPARES


def at_points(f: Function, levels: Uniformity) -> Packed | None:
    """What vectors are asked whose loads of points then count on; None where no point is at a bounded place."""
    ops = list(walk(f.body))
    if len(ops) > _MOST_OPS or f.sites:  # what reports does so for all lanes
        return None
    loops = {op.regions[0].args[0]: op for op in ops if op.name == "scf.for"}
    numbers = {counter for counter, op in loops.items() if _few(op.operands[1].constant)}
    asks: dict[Op, list[Ask]] = {}
    for op in ops:
        place = _place(op, numbers, levels) if op.name == "memory.load" else None
        ask = None if place is None else _ask(place, f, loops, levels)
        if ask is not None:
            asks[op] = [ask]
    return Packed(1, asks, {}) if asks else None


def _few(n: object) -> bool:
    return isinstance(n, int) and 0 <= n <= MOST_NUMBERS


def _place(op: Op, numbers: set[Value], levels: Uniformity) -> Value | None:
    """Which point a lane loads a number of; None where it loads something else."""
    t = op.operands[0].type
    if not isinstance(t, T.ArrayType) or t.space is not T.Space.GLOBAL or t.unit_axis is None:
        return None
    indices = indices_of(op)
    number, moving = indices[t.unit_axis], [axis for axis, v in enumerate(indices) if levels.of(v) > SUBGROUP]
    if len(moving) != 1 or abs(moving[0] - t.unit_axis) != 1 or not (_few(number.constant) or number in numbers):
        return None
    return indices[moving[0]]


def _ask(v: Value, f: Function, loops: dict[Value, Op], levels: Uniformity) -> Ask | None:
    """Of an index that counts on from lane to lane as far as bounds let it, and that a vector knows before it does anything. Where
    it grows with the rounds of loops, too, bounds that are not met at both ends of each are not met between them."""
    counters, bounds = [w for w in loops if _hangs_on(v, [w])], set[str]()
    if len(counters) > _MOST_LOOPS or any(loops[w].operands[2].constant != 1 for w in counters):
        return None
    open_, seen = [v, *[end for w in counters for end in loops[w].operands[:2]]], set[Value]()
    while open_:
        w = open_.pop()
        op = w.op
        if w in seen or w in f.params or w in counters:
            continue
        seen.add(w)
        differs = levels.of(w) > SUBGROUP
        if op is None or not is_arithmetic(op):
            return None
        if _hangs_on(w, counters) and not _grows_evenly(op, counters, differs=differs):
            return None
        if differs:
            if op.name not in _BOUNDS and op.name not in _EVEN:
                return None
            bounds.update({op.name} & _BOUNDS)
        open_ += taken_by(op)
        open_ += [x for region in op.regions for x in region.yielded]
    return Ask(v, loops=tuple([loops[w] for w in counters])) if bounds else None


def _grows_evenly(op: Op, counters: Sequence[Value], *, differs: bool) -> bool:
    """Whether a result goes on growing, or falling, with counters that its operands grow with, as far as bounds let it. differs:
    between lanes, whose numbers bounds limit; what is limited for all of them may stop growing where nobody asks."""
    hanging = [_hangs_on(x, counters) for x in op.operands]
    if op.defn in (arith.ADD, arith.SUB, arith.NEG):
        return True
    if op.defn is arith.CAST:  # what is narrower may wrap
        source, t = [T.element_of(x.type) for x in (op.operands[0], op.results[0])]
        return source.is_integer and t.is_integer and T.holds(t, source)
    return not all(hanging) and (op.defn is arith.MUL or (differs and op.defn in (arith.MINIMUM, arith.MAXIMUM)))


def _hangs_on(v: Value, counters: Sequence[Value]) -> bool:
    open_, seen = [v], set[Value]()
    while open_:
        w = open_.pop()
        if w in counters:
            return True
        if w not in seen and w.op is not None and is_arithmetic(w.op):
            seen.add(w)
            open_ += taken_by(w.op)
    return False
