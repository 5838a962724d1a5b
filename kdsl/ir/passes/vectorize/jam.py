"""Several rows of threads at once: what neighbouring rows load from the same place is loaded once.

One idea: the thread at (x, y + 1) of a stencil loads most of what the thread at (x, y) does, and much of the rest (weights) is
the same for both. A later row follows the one before it in such a way that it comes to each common load just after
that one has: then a loaded vector is used by all rows at once, and need not be kept in a register meanwhile. Sums of
several rows also hide each other's latency. This is unroll-and-jam (Callahan, Carr and Kennedy, "Improving register allocation
for subscripted variables", 1990) over a loop that nobody wrote. `rows_at_once` says for how many rows it is worth it.

Where a thread's loop loads what all rows load alike, as the columns of a matrix that it multiplies, rows go through the loop
together (`team`), and each such vector is loaded once for all of them. Where rows load or store neighbours of what each lane has in
a row of its own, as in a transposition, all do it before they go on: what a lane accesses is a run of memory then (`transposed` in
`codegen/cpu`), or at least a line that is still in the nearest cache.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from ... import types as T
from ...analysis.accesses import in_row
from ...analysis.uniformity import BLOCK, SUBGROUP, Uniformity
from ...core import Function, Op, Value, walk
from ...ops import memory, tile
from .body import Body
from .folded import Fold
from .lanes import Lane
from .memory import run_along
from .width import peak_of

__all__ = ["CROSSED_LANES", "Jam", "rows_at_once"]

# Loads of a thread below which memory, not the core's load ports, is what takes the time.
_FEWEST_LOADS = 9
# Vectors that all rows load together, of what they would load one by one, at most.
_MOST_LEFT = 0.6
# Ops of all rows: LLVM's time grows with them; loops are made for one row as well, and for the ends of rows.
_MOST_OPS, _MOST_LOOPED = 1200, 400
# Rows whose neighbours are loaded or stored together: more take less time yet, as a line of memory has more of them.
_CROSSED, _MOST_CROSSED = 8, 160
CROSSED_LANES = 8  # at most: each has a line of its own, which the next rows want again, and the nearest cache has 8 ways
_PLAIN = ("simt.global_id", "memory.extent", "memory.load", "memory.store")

Place = tuple[Hashable, ...]


class Jam:
    """rows: how many run together. kept: registers of each, beside what it has loaded. moving: values that depend on the row.
    places: where loads that rows share read, as (what stays the same, row). in_step: whether all rows do one op, or round of a
    loop, before the next. is_crossed: lanes go along another axis than elements that lie side by side. fold: they are the numbers
    of points."""

    def __init__(self, rows: int, kept: int, moving: set[Value], places: dict[Op, tuple[Place, int]], *,
                 in_step: bool = False, is_crossed: bool = False, fold: Fold | None = None) -> None:  # fmt: skip
        self.rows = rows
        self.kept = kept
        self.moving = moving
        self.places = places
        self.in_step = in_step
        self.is_crossed = is_crossed
        self.fold = fold

    def fits_twice(self, registers: int) -> bool:
        """Whether there are registers for two vectors of each row: they share what is the same for all threads."""
        return self.fold is None and 2 * _registers(self.rows, self.kept) <= registers * 7 // 8

    def run(self, bodies: Sequence[Body], ops: Sequence[Op]) -> None:
        """The ops in all bodies, one for each row; each body goes on until it would load what no row has loaded yet."""
        loaded: dict[tuple[Place, int], Lane] = {}
        at = [0] * len(bodies)
        for ahead in range(len(bodies)):
            while at[ahead] < len(ops):
                self._op(bodies, ahead, ops[at[ahead]], loaded)
                at[ahead] += 1
                for k in range(ahead + 1, len(bodies)):
                    while at[k] < at[k - 1] and self._ready(k, ops[at[k]], loaded):
                        self._op(bodies, k, ops[at[k]], loaded)
                        at[k] += 1

        if self._has_planes():
            self._ask_for_next(bodies, ops)

    def _has_planes(self) -> bool:
        """Whether rows of several planes of an array are loaded."""
        planes = {place[:-1] for place, _ in self.places.values()}
        return len(planes) > len({place[0] for place in planes})

    def _ask_for_next(self, bodies: Sequence[Body], ops: Sequence[Op]) -> None:
        """What the next rows access, and these do not, comes into the second cache. Rows together that are shorter than a page of
        memory are accessed here and there in it, which processors do not foresee: 27 neighbours took 1.5 times as long. (Of one
        plane rows are longer as a rule, and nothing is gained.)"""
        last, asked = max([at for _, at in self.places.values()]) + self.rows - 1, set[Place]()
        for op in ops:
            place, at = self.places.get(op, ((), 0))
            for row, body in enumerate(bodies):
                key = (*place[:-1], at + row)
                if op.defn is memory.STORE or (place and at + row > last - self.rows and key not in asked):
                    asked.add(key)
                    self._ask(body, op)

    def _ask(self, body: Body, op: Op) -> None:
        array, *indices = op.operands[: -1 if op.defn is memory.STORE else None]
        lanes = [body.lane(v) for v in indices]
        axes = [k for k, v in enumerate(indices) if v in self.moving and not lanes[k].step]
        if len(axes) == 1 and run_along(op, lanes) == len(lanes) - 1:
            places = [lane.scalar for lane in lanes if lane.scalar is not None]
            body.b.emit(tile.AHEAD, body.array(array), *places, axis=axes[0], rows=self.rows, lanes=body.width)

    def _ready(self, row: int, op: Op, loaded: dict[tuple[Place, int], Lane]) -> bool:
        found = self.places.get(op)
        return found is None or (found[0], found[1] + row) in loaded

    def _op(self, bodies: Sequence[Body], row: int, op: Op, loaded: dict[tuple[Place, int], Lane]) -> None:
        body = bodies[row]
        if op.results and all(v not in self.moving for v in op.results):  # the same in all rows
            if row == 0:
                body.op(op)
                for other in bodies[1:]:
                    for v in op.results:
                        other.env[v] = body.env[v]
            return
        if (found := self.places.get(op)) is None:
            body.op(op)
            return
        place = (found[0], found[1] + row)
        if place not in loaded:
            body.op(op)
            loaded[place] = body.lane(op.results[0])
        body.env[op.results[0]] = loaded[place]


def rows_at_once(f: Function, levels: Uniformity, registers: int) -> Jam | None:
    """How several rows of a flat function run together, if that is worth it on a machine with so many vector registers."""
    ops = _ops(f)
    if not all(op.defn.elementwise or op.name in _PLAIN for op in ops):
        return _through_loops(f, levels, registers)
    written = {op.operands[0] for op in ops if op.defn.writes}
    if any(op.name == "memory.load" and op.operands[0] in written for op in ops):
        return None  # a load may have to see what its thread has stored
    moving = _moving(ops)
    loads = [op for op in ops if op.name == "memory.load" and op.results[0] in moving]
    stored = _behind_stores(ops)
    places = {op: place for op in loads if op not in stored and (place := _place(op, moving)) is not None}
    kept = max(peak_of(f.body, levels) - 1, 1)
    if any(_is_crossed(op, moving, levels) for op in ops):
        rows = _CROSSED if kept == 1 else _CROSSED // 2
        return Jam(rows, kept, moving, {}, in_step=True, is_crossed=True) if rows * len(ops) <= _MOST_CROSSED else None
    if len(places) < _FEWEST_LOADS:
        return None
    for rows in (4, 2):
        left = len({(place, at + k) for place, at in places.values() for k in range(rows)}) + (len(loads) - len(places)) * rows
        fits = _registers(rows, kept) <= registers * 7 // 8 and rows * len(ops) <= _MOST_OPS
        if fits and left <= _MOST_LEFT * rows * len(loads):
            return Jam(rows, kept, moving, places)
    return None


def _ops(f: Function) -> list[Op]:
    """What a thread does, without the guard around it."""
    if len(f.body.ops) == 1:
        return []
    *before, last = f.body.ops[:-1]
    if last.name == "scf.if" and not last.results and len(last.regions[1].ops) == 1:
        return [*before, *last.regions[0].ops[:-1]]
    return [*before, last]


def _behind_stores(ops: Sequence[Op]) -> set[Op]:
    """Loads that may have to see what their thread has stored: arguments may overlap."""
    first = next((k for k, op in enumerate(ops) if op.name == "memory.store"), len(ops))
    return {op for op in ops[first:] if op.name == "memory.load"}


def _is_crossed(op: Op, moving: set[Value], levels: Uniformity) -> bool:
    """Whether an access has lanes along one axis, and rows along that of elements side by side."""
    place = in_row(op) if op.name in ("memory.load", "memory.store") else None
    if place is None:
        return False
    along, others = place
    is_apart = any(levels.of(v) > SUBGROUP for v in others) and not any(v in moving for v in others)
    return is_apart and levels.of(along) <= SUBGROUP and _rows_ahead(along) is not None


def _through_loops(f: Function, levels: Uniformity, registers: int) -> Jam | None:
    """The same for a function whose loops all threads go through alike."""
    ops = list(walk(f.body))
    loops = [op for op in ops if op.name == "scf.for" and levels.control[op] == BLOCK]
    plain = (*_PLAIN, "scf.for", "scf.if", "scf.yield")
    if not loops or not all(op.defn.elementwise or op.name in plain for op in ops):
        return None
    guards = [op for op in ops if op.name == "scf.if"]
    written = {op.operands[0] for op in ops if op.defn.writes}
    if any(op.name == "scf.for" and op not in loops for op in ops) or (guards and guards != f.body.ops[-2:-1]):
        return None
    if any(op.name == "memory.load" and op.operands[0] in written for op in ops):
        return None
    moving = _moving_through(ops)
    kept = max([_shared_sums(op, levels, moving) for op in loops])
    for rows in (4, 2) if kept else ():
        if _registers(rows, kept) <= registers * 7 // 8 and rows * len(ops) <= _MOST_LOOPED:
            return Jam(rows, kept, moving, {}, in_step=True)
    return None


def _shared_sums(op: Op, levels: Uniformity, moving: set[Value]) -> int:
    """Registers of what a loop carries for a row, where at least half of the vectors that it loads are the same in all rows."""
    region = op.regions[0]
    if any(inner.regions for inner in region.ops):
        return 0
    loads = [inner.results[0] for inner in region.ops if inner.name == "memory.load" and levels.of(inner.results[0]) > SUBGROUP]
    shared = [v for v in loads if v not in moving]
    if not shared or 2 * len(shared) < len(loads):
        return 0
    return sum([max(T.element_of(v.type).bits // 32, 1) for v in region.args[1:] if v in moving])


def _moving_through(ops: Sequence[Op]) -> set[Value]:
    """What depends on the place along axis 1, also by way of what loops carry."""
    found: set[Value] = set()
    size = -1
    while size != len(found):
        size = len(found)
        for op in ops:
            if _is_row(op) or (not op.regions and any(v in found for v in op.operands)):
                found.update(op.results)
            elif op.name == "scf.for":
                region = op.regions[0]
                carried = zip(op.operands[3:], region.args[1:], region.yielded, op.results, strict=True)
                for init, inside, following, after in carried:
                    if init in found or following in found:
                        found.update((inside, after))
    return found


def _registers(rows: int, kept: int) -> int:
    return rows * kept + 2  # what was loaded last, and what it is multiplied with


def _moving(ops: Sequence[Op]) -> set[Value]:
    """What depends on the place along axis 1."""
    found: set[Value] = set()
    for op in ops:
        if _is_row(op) or any(v in found for v in op.operands):
            found.update(op.results)
    return found


def _is_row(op: Op) -> bool:
    return op.name == "simt.global_id" and op.attributes["axis"] == 1


def _place(op: Op, moving: set[Value]) -> tuple[Place, int] | None:
    """Where a load reads, as what is the same in all rows and a number of rows, if its indices are of that kind."""
    array, *indices = op.operands
    place: list[Hashable] = [array, op.attributes["offset"], T.element_of(op.results[0].type)]
    rows: list[int] = []
    for index in indices:
        if index not in moving:
            place.append(index)
            continue
        ahead = _rows_ahead(index)
        if ahead is None:
            return None
        rows.append(ahead)
        place.append(None)
    return (tuple(place), rows[0]) if len(rows) == 1 else None


def _rows_ahead(v: Value) -> int | None:
    """c where v is the place along axis 1 plus c."""
    if v.op is None:
        return None
    if _is_row(v.op):
        return 0
    if v.op.name not in ("arith.add", "arith.sub"):
        return None
    a, b = v.op.operands
    if v.op.name == "arith.add" and a.constant is not None:
        a, b = b, a
    if b.constant is None:
        return None
    ahead = _rows_ahead(a)
    step = int(b.constant) if v.op.name == "arith.add" else -int(b.constant)
    return None if ahead is None else ahead + step
