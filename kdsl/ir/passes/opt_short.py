"""Short loops over neighbours become straight code: `for dy in range(-1, 2): for dx in range(-1, 2): ... a[y + dy, x + dx] ...`.

One idea: of a window, a patch or a cell's neighbours a loop of three rounds loads one element each, and counting takes as long. As
straight code places differ by numbers: what several of them share is computed once, conditions on counters are decided, and
neighbouring rows of threads share what they load (`vectorize/jam.py`). Of loops that store, those over two to four channels of a
point gain, with a window in each round too, since vectors of all channels are loaded and stored together then
(`codegen/cpu/interleaved.py`), and those that store up to eight numbers which the counter does not load, such as the bits of a
byte, as lanes are threads then and no rounds; others may lose, and stay. Loops over a table of neighbours or of taps may be longer
than others. The loops are unrolled by a sweep of `opt_simplify`.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from .. import types as T
from ..analysis.accesses import indices_of
from ..analysis.points import goes_over_numbers
from ..core import Function, Op, Region, Value, walk, with_inner
from ..ops import arith, memory, scf
from .opt_simplify import TooLong, unrolled

__all__ = ["opt_short"]

_MOST_ROUNDS = 8
_MOST_LOOKED_UP = 25  # of a table, whose numbers are constants of straight code: neighbours, taps; lanes take no look-ups at once
_MOST_CHANNELS = 4  # that are loaded and stored together
_MOST_STORED = 8  # of what each thread makes of numbers of its own


class _Most(NamedTuple):
    """What unrolling may make. ops: in all loops together, each of which takes a tenth of a millisecond to compile. runs: of memory
    that a loop loads from and stores to, each of which has an address of its own then, and there are few registers."""

    ops: int
    runs: int


_WINDOW = _Most(160, 8)
# Of a loop over channels, which may have a window of 3 x 3 in it: as a loop, each lane loads each element by itself.
_POINT = _Most(260, 13)
# Of loops over the elements of small matrices, as in a product of two: each element is loaded once then, and not for each use.
_MATRIX = _Most(420, 13)
_EDGES = (arith.MOD, arith.FLOORDIV)
_PLAIN = (memory.LOAD, memory.STORE, memory.EXTENT, scf.IF, scf.FOR, scf.YIELD)


def opt_short(f: Function) -> Function:
    """An equal function without such loops; `f` itself where there are none, or they are too long."""
    if f.debug:
        return f
    search = _Search()
    search.region(f.body)
    if not search.found:
        return f
    try:
        return unrolled(f, search.found, 2 * _POINT.ops)  # what folds is counted as well
    except TooLong:
        return f


class _Search:
    """Finds the loops, the outermost first as far as there is room."""

    def __init__(self) -> None:
        self.found: set[Op] = set()
        self.ops = 0

    def region(self, region: Region) -> None:
        for op in region.ops:
            if op.defn is scf.FOR and not _parts(op) and (ops := _ops_of(op)) is not None and self._has_room(op, ops):
                self.ops += ops
                self.found.add(op)
                self.found.update([o for o in walk(op.regions[0]) if o.defn is scf.FOR])
                continue
            for inner in op.regions:
                self.region(inner)

    def _has_room(self, op: Op, ops: int) -> bool:
        most = _WINDOW
        if any(o.defn is memory.STORE for o in walk(op.regions[0])):
            most = _MATRIX if _only_indexes(op) else _POINT
        return self.ops + ops <= most.ops and 0 < _runs_of(op) <= most.runs


def _ops_of(op: Op) -> int | None:
    """Ops that a loop becomes, with those in it; None for one that stays."""
    lo, hi, step = [v.constant for v in op.operands[:3]]
    if not (isinstance(lo, int) and isinstance(hi, int) and isinstance(step, int)) or not step:
        return None
    rounds = _rounds(op)
    most = _MOST_ROUNDS if rounds <= _MOST_ROUNDS or not _looks_up(op) else _MOST_LOOKED_UP
    ops = _sum(op.regions[0]) if 1 < rounds <= most else None
    return None if ops is None else rounds * ops


def _parts(op: Op) -> bool:
    """Whether threads may part in a loop over the numbers of a point. Of such loops vectors are made as numbers lie
    (`opt_points`), where a store under a mask is one of neighbours; not of points that data choose."""
    inside = list(walk(op.regions[0]))
    return (goes_over_numbers(op) and any(o.defn is scf.IF for o in inside)
            and not any(_is_chosen(v) for o in inside if o.defn is memory.LOAD for v in indices_of(o)))  # fmt: skip


def _is_chosen(v: Value) -> bool:
    """Whether an index is made of what was loaded, or of a float."""
    open_, seen = [v], set[Value]()
    while open_:
        w = open_.pop()
        if w in seen or w.op is None:
            continue
        seen.add(w)
        if w.op.defn is memory.LOAD or T.element_of(w.type).is_float:
            return True
        open_ += w.op.operands if w.op.defn.elementwise else ()
    return False


def _looks_up(op: Op) -> bool:
    """Whether a loop's counter, or a number of it and constants, is the index of a table; not where there are branches, which
    take so long that constants save nothing (eight neighbours inside of a grid)."""
    inside = list(walk(op.regions[0]))
    if any(o.defn is scf.IF for o in inside):
        return False
    led = {op.regions[0].args[0]}
    for o in inside:
        if o.defn.elementwise and o.operands and all(v in led or v.constant is not None for v in o.operands):
            if o.defn is arith.LOOKUP:
                return True
            led.update(o.results)
    return False


def _sum(region: Region) -> int | None:
    total = 0
    for op in region.ops[:-1]:
        if not (op.defn.elementwise or op.defn in _PLAIN) or op.defn.function:
            return None
        own = 0 if op.defn is arith.LOOKUP else 1  # by a counter: a constant then
        parts = [_ops_of(op)] if op.defn is scf.FOR else [own, *[_sum(inner) for inner in op.regions]]
        for part in parts:
            if part is None:
                return None
            total += part
    return total


def _runs_of(op: Op) -> int:
    """In how many runs of memory a loop loads, or stores, what its counter, or one of a loop in it, leads to; 0 where it does
    nothing so, where places go around an edge (code for that is long, and each would have its own), or where it stores what is
    no channel, unless it loads channels, as where a picture is taken apart into planes."""
    loops = [op, *[o for o in walk(op.regions[0]) if o.defn is scf.FOR]]
    leads: dict[Value, set[Op]] = {o.regions[0].args[0]: {o} for o in loops}
    numbers = {o.regions[0].args[0]: _rounds(o) for o in loops}  # how many there are, at most: a table's may be fewer
    points: set[tuple[Value, ...]] = set()
    total = stored = 0
    most_stored, loads_channels, stores_planes = _MOST_STORED, False, False
    for o in walk(op.regions[0]):
        if o.defn is memory.LOAD:
            array, *indices = o.operands
            t = array.type
            assert isinstance(t, T.ArrayType)
            if any(v in leads for v in indices):
                most_stored = _MOST_CHANNELS
                loads_channels = loads_channels or (t.unit_axis is not None and indices[t.unit_axis] in leads)
                near = {t.unit_axis}
                if t.unit_axis and isinstance(indices[t.unit_axis].constant, int):  # numbers of a point, and of its neighbours
                    near.add(t.unit_axis - 1)
                    point = array, *[v for axis, v in enumerate(indices) if axis != t.unit_axis]
                    if point in points:
                        continue
                    points.add(point)
                far = [v for axis, v in enumerate(indices) if v in leads and axis not in near]
                rounds = prod([_rounds(loop) for loop in set[Op]().union(*[leads[v] for v in far])])
                total += min(rounds, prod([numbers[v] for v in far]))
        elif o.defn is memory.STORE:
            array, *indices = o.operands[:-1]
            t = array.type
            assert isinstance(t, T.ArrayType)
            channel = None if t.unit_axis is None else leads.get(indices[t.unit_axis])
            if channel is None:
                channel = set[Op]().union(*[leads.get(v, set()) for v in indices])
                stores_planes = True
                total += prod(map(_rounds, channel))
            if not channel:
                return 0
            stored = max([stored, *map(_rounds, channel)])
            total += 1
        elif o.defn.elementwise and (counters := [leads[v] for v in o.operands if v in leads]):
            if o.defn in _EDGES:
                return 0
            leads.update(dict.fromkeys(o.results, set().union(*counters)))
            of_table = [len(set(o.attributes["table"]))] if o.defn is arith.LOOKUP else []
            most = prod([numbers[v] for v in o.operands if v in leads])
            numbers.update(dict.fromkeys(o.results, min([most, *of_table])))
    return total if stored <= most_stored and (loads_channels or not stores_planes) else 0


def _only_indexes(op: Op) -> bool:
    """Whether counters are nothing but indices, each of an axis."""
    inside = with_inner([op])
    counters = {o.regions[0].args[0] for o in inside if o.defn is scf.FOR}
    return not any(v in counters for o in inside if not o.defn.touches for v in o.operands)


def _rounds(op: Op) -> int:
    lo, hi, step = [v.constant for v in op.operands[:3]]
    assert isinstance(lo, int) and isinstance(hi, int) and isinstance(step, int)
    return max(-(-(hi - lo) // step), 0)
