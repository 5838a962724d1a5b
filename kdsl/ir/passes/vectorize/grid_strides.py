"""Grid-stride loops: `for i in range(global_id(0), n, all_threads)` around all that a kernel does, as rows of up to n threads.

One idea: who writes so launches as many threads as he likes, and each goes on by as many elements as there are threads. Where
nothing but the counters of such loops tells threads apart, a piece of a row of threads takes one trip together, side by side,
before any takes the next: it is loop interchange, as in `march`, and each thread still does its trips one after the other. What is
in the loops is a flat function of its own, whose threads have the counters for ids; it is vectorized as any other is, and the loops
go around all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ... import types as T
from ...analysis.ids import id_axis
from ...builder import Builder, Rebuilder, clone_op, like, rebuild_op
from ...core import Function, Op, Region, Value, joined_by, walk
from ...opdef import Effect
from ...ops import arith, memory, scf, simt, tile

__all__ = ["GridStrides", "grid_strides"]

_BLOCK_FACTS = (simt.THREAD_ID, simt.BLOCK_ID, simt.BLOCK_DIM, simt.GRID_DIM)
_MOST_APART = 1 << 15  # of the elements that neighbours begin at
_FURTHEST = 1 << 61  # that a counter goes: one step further is still a number of 64 bits


class GridStrides(NamedTuple):
    """loops: from the outermost on. function: what is in them; its threads have the numbers that are counted."""

    source: Function
    loops: tuple[_Loop, ...]
    function: Function

    def around(self, inside: Function) -> Function:
        """The block-level function of the source, where `inside` is that of `function`."""
        return _Around(self, inside).out


class _Loop(NamedTuple):
    """A loop that goes from a thread's number along an axis, times `scale`, and `first` more, up to `end`; and on by `scale` for
    each thread that the grid has along the axis."""

    op: Op
    axis: int
    scale: int
    first: Value | None
    end: Value


def grid_strides(f: Function) -> GridStrides | None:
    """The loops around all that a thread-level function does, if they go by the grid's threads and nothing else tells threads
    apart."""
    if f.debug or f.sites or not any(op.defn is simt.GRID_DIM for op in walk(f.body)):
        return None
    loops: list[_Loop] = []
    region = f.body
    while (found := _only_loop(f, region)) is not None and found.axis not in [loop.axis for loop in loops]:
        loops.append(found)
        region = found.op.regions[0]
    if not loops or any(_sees_more(op) for op in walk(region)):
        return None
    made = _Inside(f, loops)
    return None if made.sees_more else GridStrides(f, tuple(loops), made.new)


def _sees_more(op: Op) -> bool:
    """Whether an op in the loops has to do with which thread it is, or which others there are. (What atomics count is brought where
    a worker's piece of work ends, which is behind all trips.)"""
    is_shared = op.defn is memory.ALLOC and getattr(op.results[0].type, "space", None) is not T.Space.PRIVATE
    return op.defn.convergent or op.defn in _BLOCK_FACTS or is_shared or op.defn.name.startswith("atomic.")


def _only_loop(f: Function, region: Region) -> _Loop | None:
    """The loop that is all a region does, if it goes by the threads of the grid along an axis."""
    busy = [op for op in region.ops[:-1] if not _is_quiet(op)]
    if len(busy) != 1 or busy[0].defn is not scf.FOR or busy[0].results:
        return None
    lo, hi, step = busy[0].operands[:3]
    start = _start(f, lo)
    if start is None or _step(f, step) != start[:2] or not 0 < start[1] < _MOST_APART or not _is_known(f, hi):
        return None
    return _Loop(busy[0], *start, hi)


def _is_quiet(op: Op) -> bool:
    return op.defn.pure and op.defn.effect is Effect.NONE and not op.regions and op.defn is not memory.ALLOC


def _start(f: Function, v: Value) -> tuple[int, int, Value | None] | None:
    """Of a sum that a thread begins at: the axis of its number, what that is times, and what is added."""
    op = v.op
    if op is None:
        return None
    if op.defn is simt.GLOBAL_ID:
        return op.attributes["axis"], 1, None
    if op.defn is arith.ADD:
        if (axis := id_axis(op, f.attributes.get("block"))) is not None:
            return axis, 1, None
        for a, c in (op.operands, op.operands[::-1]):
            if _is_known(f, c) and (found := _start(f, a)) is not None and found[2] is None:
                return *found[:2], c
    if op.defn is arith.MUL:
        for a, n in (op.operands, op.operands[::-1]):
            if isinstance(n.constant, int) and (found := _start(f, a)) is not None and found[1:] == (1, None):
                return found[0], n.constant, None
    return None


def _step(f: Function, v: Value) -> tuple[int, int] | None:
    """Of a product of a number and how many threads there are along an axis: the axis and the number."""
    number, counts, block = 1, list[tuple[str, int]](), f.attributes.get("block")
    for part in joined_by(v, arith.MUL):
        if isinstance(part.constant, int):
            number *= part.constant
        elif part.op is not None and part.op.defn in (simt.BLOCK_DIM, simt.GRID_DIM):
            counts.append((part.op.name, part.op.attributes["axis"]))
        else:
            return None
    axes, names = {axis for _, axis in counts}, sorted(name for name, _ in counts)
    if len(axes) != 1:
        return None
    axis = axes.pop()
    if names == ["simt.grid_dim"] and block is not None and number % block[axis] == 0:  # the block's extent as a number
        return axis, number // block[axis]
    return (axis, number) if names == ["simt.block_dim", "simt.grid_dim"] else None


def _is_known(f: Function, v: Value, depth: int = 6) -> bool:
    """Whether a number is the same for all threads of a launch, as it is made of arguments."""
    op = v.op
    if op is None:
        return v.owner is f.body
    if op.defn is memory.EXTENT:
        return op.operands[0].owner is f.body
    return op.defn is arith.CONSTANT or (depth > 0 and op.defn.elementwise and all(_is_known(f, w, depth - 1) for w in op.operands))


class _Inside(Rebuilder):
    """What is in the loops, as a function. sees_more: whether it has to do with a thread's own number, too."""

    def __init__(self, f: Function, loops: list[_Loop]) -> None:
        super().__init__(f)
        self.new.attributes.pop("block", None)
        self.sees_more = False
        self.quiet: dict[Value, Op] = {}
        self.axes = {loop.axis for loop in loops}
        region = f.body
        for loop in loops:
            self.note(region)
            region, self.b.span = loop.op.regions[0], loop.op.span
            if loop.first is not None:
                self.bring(loop.first)
            self.mapping[region.args[0]] = self.counter(loop)
        for v in [v for op in walk(region) for v in op.operands]:
            self.bring(v)
        self.fill(region)

    def note(self, region: Region) -> None:
        self.quiet.update((r, op) for op in region.ops[:-1] if _is_quiet(op) for r in op.results)

    def counter(self, loop: _Loop) -> Value:
        b = self.b
        i = b.emit(simt.GLOBAL_ID, type=T.index, axis=loop.axis)
        i = i if loop.scale == 1 else b.emit(arith.MUL, i, b.constant(loop.scale, T.index))
        i = i if loop.first is None else b.emit(arith.ADD, i, self.mapping[loop.first])
        i.name = loop.op.regions[0].args[0].name
        return i

    def bring(self, v: Value) -> None:
        """What is computed before it is needed."""
        op = self.quiet.get(v)
        if op is None or v in self.mapping:
            return
        for w in op.operands:
            self.bring(w)
        self.sees_more |= op.defn in _BLOCK_FACTS or (op.defn is simt.GLOBAL_ID and op.attributes["axis"] in self.axes)
        clone_op(self.b, op, self.mapping)

    def changes(self, op: Op) -> bool:
        self.sees_more |= op.defn is simt.GLOBAL_ID and op.attributes["axis"] in self.axes
        return False


class _Around:
    """out: the loops around what `inside` does, in whose place of the launch a trip's is."""

    def __init__(self, found: GridStrides, inside: Function) -> None:
        self.out = like(inside)
        self.out.attributes["strided"] = len(found.loops)
        self.inside, self.b = inside, Builder(self.out.body, found.source.span)
        self.several = inside.attributes.get("rows", 1) > 1
        self.known: dict[Value, Value] = dict(zip(found.source.params, self.out.params, strict=True))
        self.mapping: dict[Value, Value] = dict(zip(inside.params, self.out.params, strict=True))
        self.work = [op for op in inside.body.ops if op.defn is not memory.ALLOC]
        for op in inside.body.ops:
            if op.defn is memory.ALLOC:
                clone_op(self.b, op, self.mapping)
        b = self.b
        self.begin, self.end = b.emit(tile.ROW_BEGIN), b.emit(tile.ROW_END)
        self.rows = [b.emit(tile.ROW, axis=axis) for axis in (1, 2)]
        self.rows_end = b.emit(tile.ROWS_END) if self.several else None
        self.nest([self.prepared(loop) for loop in found.loops])
        b.yield_()

    def prepared(self, loop: _Loop) -> Callable[[Callable[[], None]], None]:
        """What makes a loop around what it is given. It counts trips of all threads of the grid."""
        b, axis = self.b, loop.axis
        count = self.limited(self.number(loop.end))
        if loop.first is not None:
            count = b.emit(arith.SUB, count, self.limited(self.number(loop.first)))
        if loop.scale != 1:
            count = b.emit(arith.FLOORDIV, b.emit(arith.ADD, count, self.index(loop.scale - 1)), self.index(loop.scale))
        step = b.emit(arith.MUL, b.emit(simt.GRID_DIM, type=T.index, axis=axis), b.emit(simt.BLOCK_DIM, type=T.index, axis=axis))
        size = b.emit(arith.SUB, self.end, self.begin) if axis == 0 else None
        if axis == 1 and self.rows_end is not None:
            size = b.emit(arith.SUB, self.rows_end, self.rows[0])

        def around(trip: Callable[[], None]) -> None:
            first = self.begin if axis == 0 else self.rows[axis - 1]

            def one(place: Value) -> None:
                stop = size and b.emit(arith.MINIMUM, b.emit(arith.ADD, place, size), count)
                if axis == 0:
                    assert stop is not None
                    self.begin, self.end = place, stop
                else:
                    self.rows[axis - 1] = place
                    self.rows_end = stop or self.rows_end
                trip()

            with b.at(loop.op.span):
                b.count(first, count, step, loop.op.regions[0].args[0].name, one)

        return around

    def nest(self, loops: list[Callable[[Callable[[], None]], None]]) -> None:
        if loops:
            loops[0](lambda: self.nest(loops[1:]))
            return
        for op in self.work[:-1]:
            self.copy(op)

    def copy(self, op: Op) -> None:
        """Asks where the trip is in place of the work item."""
        place = {tile.ROW_BEGIN: self.begin, tile.ROW_END: self.end, tile.ROWS_END: self.rows_end}.get(op.defn)
        if op.defn is tile.ROW:
            place = self.rows[op.attributes["axis"] - 1]
        if place is not None:
            self.mapping[op.results[0]] = place
            return
        with self.b.at(op.span):
            if op.regions:
                rebuild_op(self.b, op, self.mapping, self.fill)
            else:
                clone_op(self.b, op, self.mapping)

    def fill(self, region: Region) -> None:
        for op in region.ops:
            self.copy(op)

    def number(self, v: Value) -> Value:
        """What all threads know."""
        if v not in self.known:
            assert v.op is not None
            for w in v.op.operands:
                self.number(w)
            clone_op(self.b, v.op, self.known)
        return self.known[v]

    def limited(self, v: Value) -> Value:
        b = self.b
        return b.emit(arith.MAXIMUM, b.emit(arith.MINIMUM, v, self.index(_FURTHEST)), self.index(-_FURTHEST))

    def index(self, n: int) -> Value:
        return self.b.constant(n, T.index)
