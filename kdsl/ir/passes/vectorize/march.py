"""Threads that march: all threads of a piece of rows take a turn of their loop before any takes the next.

One idea: who has a thread for each column of a picture, or of a volume, and a loop down it, as `for z in range(1, nz - 1):
out[z, y, x] = ...`, lets each vector go through all planes by itself: of every plane it reads a line or two, and no processor
foresees what comes next. But threads that do not wait for each other may run in any order, so where all have the same turns the
loop goes outside: each turn reads and writes runs of memory, as long as the piece is. It is loop interchange (Allen and Kennedy,
"Automatic loop interchange", 1984), legal by what threads are. What a thread carries from turn to turn, as planes in registers or
the state of a filter, has an element for each thread of the piece in an array of the worker's, in the nearest caches.

What stands before such a loop, in a turn of it and behind it are segments of a plan, as if there were barriers (see `plan`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ... import types as T
from ...analysis.accesses import in_row
from ...analysis.uniformity import BLOCK, SUBGROUP, Uniformity
from ...builder import Builder
from ...core import Function, Op, Region, Value, walk, with_inner
from ...ops import arith, memory, scf
from .body import Body
from .lanes import Lane, Lanes
from .narrow import shortened
from .plan import Hoist, Plan, Planner, Segment, Structure

if TYPE_CHECKING:
    from .blocks import Blocks
    from .row import Ids

__all__ = ["March", "Strip", "march_of", "march_rows", "turns_together"]

# Threads of a piece, bytes of what they carry, and rows, at most. With 4 rows stencils of three dimensions take 1.05 to 1.2 times
# as long, and with 32 as long. What is carried has room on the stack, so that no launch has to find memory for it.
_THREADS, _BYTES, _ROWS = 16384, 32768, 16
_FEWEST_TURNS = 8  # where their number is known
# Vectors of a row. A filter of 16 columns waits for what it has stored in each turn, 3 times as long as for a register.
_FEWEST_VECTORS = 3
_MOST_CARRIED = 3  # values, for each that is loaded: they are read and written once for several turns
# Turns that a vector takes at once, and ops that they may be.
_TURNS, _MOST_OPS = (4, 2), 64
_OTHERS = ("atomic.", "simt.check", "simt.report", "simt.assert", "simt.print", "simt.breakpoint", "simt.fence", "memory.alloc")


class March(NamedTuple):
    """through: loops whose turns all threads take together, and what holds them. rows: of a piece, at most."""

    through: frozenset[Op]
    rows: int


class Strip(NamedTuple):
    """A piece: rows [y, end), whose threads begin and end where `bounds` has it, two numbers for each; `vectors` of the longest."""

    y: Value
    end: Value
    bounds: Value
    vectors: Value
    ids: Callable[[Value, Value], Ids]


def march_of(f: Function, levels: Uniformity) -> March | None:
    """The loops of a flat function that are to be outside of the loop over its threads; None where there are none."""
    loops = [op for op in walk(f.body) if op.defn is scf.FOR and levels.control[op] == BLOCK]
    if not loops or f.debug or f.sites:
        return None
    if any(op.name.startswith(_OTHERS) for op in walk(f.body)):
        return None
    through: set[Op] = set()
    _find(f.body, levels, through)
    if not through:
        return None
    rows = _ROWS if any(op.name == "simt.global_id" and op.attributes["axis"] == 1 for op in walk(f.body)) else 1
    return March(frozenset(through), rows)


def _find(region: Region, levels: Uniformity, through: set[Op]) -> bool:
    """Whether there is a loop in a region that goes down columns; it and what holds it come to `through`."""
    found = False
    for op in region.ops:
        if not op.regions:
            continue
        guards = op.defn is scf.IF and levels.control[op] > BLOCK  # around all that is done, or else it is not met
        if levels.control[op] > BLOCK and not guards:
            continue
        if op.defn is scf.FOR and _goes_down(op, levels):
            through.add(op)
            found = True
        elif any([_find(inner, levels, through) for inner in op.regions]):  # noqa: C419 - in all of them
            found = True
            if not guards:
                through.add(op)
    return found


def _goes_down(op: Op, levels: Uniformity) -> bool:
    """Whether each turn stores to another row, and lanes side by side; or loads from one that no other row of threads looks at, and
    no more is carried than is loaded. (What a window's rows add up is in registers, and the window in the caches.)"""
    lo, hi, step = [v.constant for v in op.operands[:3]]
    if isinstance(lo, int) and isinstance(hi, int) and isinstance(step, int) and step and (hi - lo) // step < _FEWEST_TURNS:
        return False
    counter, stores, loads = op.regions[0].args[0], 0, 0
    for inner in walk(op.regions[0]):
        if inner.defn not in (memory.LOAD, memory.STORE):
            continue
        place = in_row(inner)
        if place is None or any(levels.of(v) > SUBGROUP for v in place[1]):
            return False  # lanes lie apart
        along, others = place
        down = [levels.of(v) for v in others if _counts(v, counter)]
        if levels.of(along) > SUBGROUP and down:
            stores += inner.defn is memory.STORE
            loads += inner.defn is memory.LOAD and max(down) == BLOCK
    return stores > 0 or 0 < sum([levels.of(a) > BLOCK for a in op.regions[0].args[1:]]) <= _MOST_CARRIED * loads


def _counts(v: Value, counter: Value) -> bool:
    """Whether an index goes on with a counter."""
    if v is counter:
        return True
    return v.op is not None and v.op.defn.elementwise and any(_counts(w, counter) for w in v.op.operands)


# --- what is made of it ---


def march_rows(blocks: Blocks, segment: Segment, march: March, item: tuple[Value, Value, Value], rows: Sequence[Value],
               alone: Callable[[Segment, Value, Value, Callable[[Value], Ids]], None]) -> bool:  # fmt: skip
    """All rows of a work item, in pieces. False, and nothing, where threads are guarded by more than where rows begin and end.

    item: where a row begins and ends, and which row is that behind the last. rows: where the first one is. alone: makes what the
    vectors of a short row do, one after the other.
    """
    b, s, w = blocks.b, blocks.block.s, blocks.width
    (lo, hi, end), (y, z), one = item, rows, s.index(1)

    def ids(x: Value, row: Value) -> Ids:
        return {("simt.global_id", 0): Lane(T.index, scalar=x, step=1 if w > 1 else 0),
                ("simt.global_id", 1): s.uniform(row), ("simt.global_id", 2): s.uniform(z)}  # fmt: skip

    def guarded(begin: Value, stop: Value, row: Value) -> tuple[Segment, Value, Value]:
        """What a row does, and its threads in [begin, stop)."""
        inside, known = segment, set(blocks.env)
        while True:
            make = lambda: Body(b, w, blocks.levels, blocks.uses, ids(begin, row), dict(blocks.env), None)  # noqa: B023, E731
            less, begin, stop = shortened(blocks, inside, begin, stop, make, if_of_rows=True)
            if less is inside:
                break
            inside = less
        for v in [v for v in blocks.env if v not in known]:
            del blocks.env[v]  # what guards ask for, which is made where they are
        return inside, begin, stop

    inside = guarded(lo, hi, y)[0]
    planner = Planner(blocks.source, blocks.levels, ops=inside.ops, through=march.through)
    if not _may_march(planner, blocks.levels):
        return False
    short, long = Region(), Region()

    def by_itself(row: Value) -> None:
        _, begin, stop = guarded(lo, hi, row)
        alone(inside, begin, stop, lambda x: ids(x, row))

    with b.inside(short):
        blocks.loop(y, end, one, "y", by_itself)
        b.yield_()
    with b.inside(long):
        _in_pieces(blocks, planner, march, (lo, hi, y, end), guarded, ids)
        b.yield_()
    b.if_(b.emit(arith.LT, b.emit(arith.SUB, hi, lo), s.index(_FEWEST_VECTORS * w)), [], short, long)
    return True


def _in_pieces(blocks: Blocks, planner: Planner, march: March, item: tuple[Value, ...],
               guarded: Callable[[Value, Value, Value], tuple[Segment, Value, Value]],
               ids: Callable[[Value, Value], Ids]) -> None:  # fmt: skip
    """Rows that are long enough. item: where a row begins and ends, and which are the first row and that behind the last."""
    b, s, w = blocks.b, blocks.block.s, blocks.width
    (lo, hi, y, end), zero, one = item, s.index(0), s.index(1)
    threads = _threads(planner, blocks.levels, w)
    bounds = blocks.own_array(T.ArrayType(T.index, 1, T.Space.PRIVATE, (2 * march.rows,), 0), "bounds")
    row_vectors = _ceil(b, s, b.emit(arith.MINIMUM, b.emit(arith.SUB, hi, lo), s.index(threads)), w)
    most = b.emit(arith.FLOORDIV, s.index(threads // w), b.emit(arith.MAXIMUM, row_vectors, one))
    each = b.emit(arith.MAXIMUM, most, one)

    def piece(first: Value, begin: Value) -> None:
        last = b.emit(arith.MINIMUM, b.emit(arith.ADD, first, each), end)
        stop = b.emit(arith.MINIMUM, b.emit(arith.ADD, begin, s.index(threads)), hi)
        ask = Region((T.index, T.index), ("y", "longest"))
        with b.inside(ask):
            row, longest = ask.args
            _, its_begin, its_stop = guarded(begin, stop, row)
            at = b.emit(arith.MUL, b.emit(arith.SUB, row, first), s.index(2))
            b.emit(memory.STORE, bounds, at, its_begin, offset=0)
            b.emit(memory.STORE, bounds, b.emit(arith.ADD, at, one), its_stop, offset=0)
            b.yield_(b.emit(arith.MAXIMUM, longest, b.emit(arith.SUB, its_stop, its_begin)))
        longest = b.for_(first, last, one, [zero], ask).results[0]
        some, none = Region(), Region()
        with b.inside(some):
            vectors = _ceil(b, s, longest, w)
            # Only now: what is kept for other segments does not keep guards from being found.
            outer, blocks.planner, blocks.strip_threads = blocks.planner, planner, threads
            blocks.strip = Strip(first, last, bounds, vectors, ids)
            blocks.plan(planner.plan)
            blocks.strip, blocks.planner, blocks.strip_threads = None, outer, 0
            b.yield_()
        with b.inside(none):
            b.yield_()
        b.if_(b.emit(arith.GT, longest, zero), [], some, none)

    across = s.index(threads)
    blocks.loop(y, end, each, "y", lambda first: blocks.loop(lo, hi, across, "x", lambda begin: piece(first, begin)))


def _ceil(b: Builder, s: Lanes, v: Value, n: int) -> Value:
    return b.emit(arith.FLOORDIV, b.emit(arith.ADD, v, s.index(n - 1)), s.index(n))


def _may_march(planner: Planner, levels: Uniformity) -> bool:
    """Whether there is such a loop, and what is one value for all threads is known without any of them: there may be no first."""
    structures = list(_structures(planner.plan))
    if not structures or any(levels.of(v) == BLOCK for v in planner.slots):
        return False
    return not any(levels.of(v) == BLOCK and v in planner.threaded for item in structures for v in _asked(item.op))


def _asked(op: Op) -> Iterator[Value]:
    yield from op.operands
    for region in op.regions:
        yield from region.yielded


def turns_together(item: Structure, levels: Uniformity) -> int:
    """How many turns of a loop each vector takes at once: what threads carry is read and written once for all of them. Of loops
    that store, each turn has a run of memory to write: two at once, where more is carried than that."""
    op, (plan,) = item.op, item.plans
    args = op.regions[0].args[1:]
    if op.operands[2].constant != 1 or not args or any(levels.of(a) == BLOCK for a in args):
        return 1
    if not plan or not isinstance(plan[-1], Segment) or not all(isinstance(inner, Hoist) for inner in plan[:-1]):
        return 1
    ops = with_inner(plan[-1].ops)
    stores = [o for o in ops if o.defn is memory.STORE]
    if len(stores) >= len(args) or any(o.defn in (scf.FOR, scf.WHILE) for o in ops):
        return 1
    # What is the same for all threads is loaded for several turns before any of them.
    before = with_inner([inner.op for inner in plan[:-1] if isinstance(inner, Hoist)])
    if stores and any(o.defn is memory.LOAD for o in before):
        return 1
    return next((n for n in (_TURNS[-1:] if stores else _TURNS) if n * len(ops) <= _MOST_OPS), 1)


def _structures(plan: Plan) -> Iterator[Structure]:
    for item in plan:
        if isinstance(item, Structure):
            yield item
            for inner in item.plans:
                yield from _structures(inner)


def _threads(planner: Planner, levels: Uniformity, width: int) -> int:
    """Of a piece, at most: what they keep is to stay in the nearest caches."""
    carried = [r for item in _structures(planner.plan) for r in item.op.results if levels.of(r) > BLOCK]
    each = sum([max(T.element_of(v.type).bits // 8, 1) for v in {*carried, *planner.slots}])
    return max(min(_THREADS, _BYTES // max(each, 1)) // width, 1) * width
