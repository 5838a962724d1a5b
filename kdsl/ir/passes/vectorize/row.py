"""One row of threads: full vectors, wider where all that is asked of them holds, and what is left of the row behind them.

One idea: W consecutive threads of a row are one vector. A row runs as full vectors without a mask and, where its length is no
multiple of W, one masked vector, or threads one by one where masks cost more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ... import types as T
from ...analysis.uniformity import SUBGROUP, Uniformity
from ...core import Op, Region, Value, with_inner
from ...ops import arith, scf
from .body import Body
from .folded import Piece
from .lanes import Lane, Lanes
from .packed import asked, at_edges, holds_for_all
from .plan import Segment, external

if TYPE_CHECKING:
    from .blocks import Blocks

__all__ = ["UNMASKED_COPY_OPS", "Ids", "Place", "Row", "count_ops", "first_lanes", "one_by_one", "plus", "run_full", "run_row",
           "scalar_lane", "tail_mask"]  # fmt: skip

# Beyond so many ops a second, unmasked copy of a segment costs more compile time than its masks cost run time: LLVM takes twice as
# long, and kernels of a hundred lines run 0.96 to 1.08 times as long (1.2 where loops along threads' own rows are most of it).
UNMASKED_COPY_OPS = 170
# The same of segments with a few loads and more that want all lanes, as those took 1.4 times as long under masks. From the former
# number on the end of a row, which may be a second copy of masked vectors and a third, is threads one by one.
UNMASKED_LOADS_OPS = 400
_FEW_LOADS = 4
# Of a vector's lanes, so many times fewer go along rows of their own one by one, if a round is no more than so many ops: sums of
# floats wait for each other, and 16 lanes take as long for an element as two or three of them.
_FEW_ROWS, _SHORT_ROUND = 8, 8

Ids = dict[tuple[str, int], Lane]


class Place(NamedTuple):
    """Where a vector of threads is. exists: mask of the threads that exist (None: all). slot: makes the vector's number.
    nth: of those that follow one another along axis 0 in the same code. again: the threads that do not exist are of the same
    row, and ran before. width: lanes, if not as many as vectors have. sure: all that is asked of a vector holds (see `packed`).
    run: vectors that follow one another along axis 0 in the same code, this one among them. piece: of points' numbers.
    levels: what differs between the lanes, if that is not what differs along axis 0."""

    ids: Ids
    exists: Value | None
    slot: Callable[[], Value] | None = None
    nth: int = 0
    again: bool = False
    width: int = 0
    sure: bool = False
    run: int = 1
    piece: Piece | None = None
    levels: Uniformity | None = None


class Row(NamedTuple):
    """Threads [lo, hi) along axis 0. number: of the row's first vector among those of the block. ran: from which on threads before
    lo have run already (None: there are none)."""

    lo: Value
    hi: Value
    ids: Callable[[Value], Ids]
    number: Value | None
    ran: Value | None = None


def run_row(blocks: Blocks, segment: Segment, row: Row) -> None:
    """One row, by vectors that are as long as they may be."""
    if not blocks.few:
        run_full(blocks, segment, row, blocks.width)
        return
    b, s, w = blocks.b, blocks.block.s, blocks.width
    step, asks, loop = s.index(w), list(dict.fromkeys(asked(blocks, segment.ops))), Region((T.index,), ("x",))
    x = loop.args[0]
    if not asks:
        stop = _whole(blocks, row, w)
        with b.inside(loop):
            blocks.run_vectors(segment, [Place(row.ids(x), None, sure=True)])
            b.yield_()
        b.for_(row.lo, stop, step, [], loop)
        run_full(blocks, segment, row._replace(lo=stop, ran=row.lo), blocks.few)
        return
    with b.inside(loop):
        yes, no = Region(), Region()
        left = b.emit(arith.SUB, row.hi, x)
        holds = holds_for_all(blocks.body(Place(row.ids(x), None)), asks)
        with b.inside(yes):
            blocks.run_vectors(segment, [Place(row.ids(x), None, sure=True)])
            b.yield_()
        with b.inside(no):
            end = b.emit(arith.ADD, x, b.emit(arith.MINIMUM, left, step))
            (_at_edge if at_edges(asks) else run_full)(blocks, segment, row._replace(lo=x, hi=end, ran=row.lo), blocks.few)
            b.yield_()
        b.if_(b.emit(arith.AND, b.emit(arith.GE, left, step), holds), [], yes, no)
        b.yield_()
    b.for_(row.lo, row.hi, step, [], loop)


def _at_edge(blocks: Blocks, segment: Segment, row: Row, w: int) -> None:
    """What a vector does that meets an edge: shorter ones that do not, and, where the edge is, threads one by one. So no code is
    made for lanes that have their places from anywhere."""
    b, s = blocks.b, blocks.block.s
    if w == blocks.width:
        one_by_one(blocks, segment.ops, blocks.levels, row)
        return
    loop, yes, no = Region((T.index,), ("x",)), Region(), Region()
    x, step = loop.args[0], s.index(w)
    with b.inside(loop):
        left = b.emit(arith.SUB, row.hi, x)
        place = Place(row.ids(x), None, width=w, sure=True)
        holds = holds_for_all(blocks.body(place), list(dict.fromkeys(asked(blocks, segment.ops))))
        with b.inside(yes):
            blocks.run_vectors(segment, [place])
            b.yield_()
        with b.inside(no):
            end = b.emit(arith.ADD, x, b.emit(arith.MINIMUM, left, step))
            one_by_one(blocks, segment.ops, blocks.levels, row._replace(lo=x, hi=end))
            b.yield_()
        b.if_(b.emit(arith.AND, b.emit(arith.GE, left, step), holds), [], yes, no)
        b.yield_()
    b.for_(row.lo, row.hi, step, [], loop)


def _whole(blocks: Blocks, row: Row, width: int) -> Value:
    """Where the last vector of so many threads ends that the row fills."""
    b, step = blocks.b, blocks.block.s.index(width)
    whole = b.emit(arith.FLOORDIV, b.emit(arith.SUB, row.hi, row.lo), step)
    return b.emit(arith.ADD, row.lo, b.emit(arith.MUL, whole, step))


def run_full(blocks: Blocks, segment: Segment, row: Row, w: int) -> None:
    """Full vectors of the row, then one masked vector for the rest."""
    b, s = blocks.b, blocks.block.s
    step, width = s.index(w), 0 if w == blocks.width else w

    def place(x: Value, exists: Value | None) -> list[Place]:
        if row.number is None:
            return [Place(row.ids(x), exists, width=width)]
        first = row.number
        number = lambda: b.emit(arith.ADD, first, b.emit(arith.FLOORDIV, b.emit(arith.SUB, x, row.lo), step))  # noqa: E731
        return [Place(row.ids(x), exists, number)]

    def vector_loop(hi: Value, masked: bool) -> None:
        loop = Region((T.index,), ("x",))
        with b.inside(loop):
            x = loop.args[0]
            blocks.run_vectors(segment, place(x, tail_mask(blocks, x, hi, w) if masked else None))
            b.yield_()
        b.for_(row.lo, hi, step, [], loop)

    if w == 1:
        vector_loop(row.hi, masked=False)
        return
    size = count_ops(segment.ops)
    wants_all = size > UNMASKED_COPY_OPS and _loads_of_all(blocks, segment.ops) >= _FEW_LOADS
    if size > (UNMASKED_LOADS_OPS if wants_all else UNMASKED_COPY_OPS):
        vector_loop(row.hi, masked=True)
        return
    stop = _whole(blocks, row, w)
    vector_loop(stop, masked=False)
    if wants_all and row.number is None and not blocks.private:
        one_by_one(blocks, segment.ops, blocks.levels, row._replace(lo=stop))
        return
    rest, none = Region(), Region()
    with b.inside(rest):
        if row.number is None and not width and blocks.has_own_rows:
            _own_rows_left(blocks, segment, row._replace(lo=stop), w)
        elif blocks.slow_masks and row.number is None and _has_rows(blocks) and _loads(segment):
            _rest(blocks, segment, row, stop, w)
        else:
            blocks.run_vectors(segment, place(stop, _rest_mask(blocks, stop, row.hi, w)))
        b.yield_()
    with b.inside(none):
        b.yield_()
    b.if_(b.emit(arith.LT, stop, row.hi), [], rest, none)


def _own_rows_left(blocks: Blocks, segment: Segment, row: Row, w: int) -> None:
    """Threads that are no vector and go along rows of their own: one by one, where they are few. Else lanes that do not exist do
    what the last thread does, without a trace: elements under masks are loaded one by one."""
    b, s = blocks.b, blocks.block.s

    def by_lanes() -> None:
        last = s.splat(b.emit(arith.SUB, row.hi, s.index(1)))
        threads = b.emit(arith.MINIMUM, s.tile(Lane(T.index, scalar=row.lo, step=1)), last)
        ids = {**row.ids(row.lo), ("simt.global_id", 0): s.varying(threads)}
        blocks.run_vectors(segment, [Place(ids, _rest_mask(blocks, row.lo, row.hi, w), again=True)])

    loops = [inner for inner in with_inner(segment.ops) if inner.name in ("scf.for", "scf.while")]
    if any(count_ops(region.ops) > _SHORT_ROUND + 1 for loop in loops for region in loop.regions) or blocks.private:
        by_lanes()
        return
    few, most = Region(), Region()
    with b.inside(few):
        one_by_one(blocks, segment.ops, blocks.levels, row)
        b.yield_()
    with b.inside(most):
        by_lanes()
        b.yield_()
    left = b.emit(arith.SUB, row.hi, row.lo)
    b.if_(b.emit(arith.LE, left, s.index(w // _FEW_ROWS)), [], few, most)


def _rest(blocks: Blocks, segment: Segment, row: Row, stop: Value, w: int) -> None:
    """The threads [stop, hi): as the last of the row's last W threads, where it has so many. Those of them that ran before do
    it once more without a trace, and what they read is there, so that no load needs a mask; in a row of less, all do."""
    b, s = blocks.b, Lanes(blocks.b, w)
    begin, width = b.emit(arith.SUB, row.hi, s.index(w)), 0 if w == blocks.width else w
    enough, short = Region(), Region()
    with b.inside(enough):
        ahead = b.emit(arith.CAST, b.emit(arith.SUB, stop, begin), type=T.i32)
        late = b.emit(arith.GE, s.iota(T.i32), s.splat(ahead))
        blocks.run_vectors(segment, [Place(row.ids(begin), late, again=True, width=width)])
        b.yield_()
    with b.inside(short):
        blocks.run_vectors(segment, [Place(row.ids(stop), _rest_mask(blocks, stop, row.hi, w), width=width)])
        b.yield_()
    b.if_(b.emit(arith.GE, begin, row.lo if row.ran is None else row.ran), [], enough, short)


def one_by_one(blocks: Blocks, ops: Sequence[Op], levels: Uniformity, row: Row) -> None:
    """The threads of a row, or of what is left of it, each by itself: scalars, and no masks."""
    b, loop = blocks.b, Region((T.index,), ("x",))
    with b.inside(loop):
        ids = {key: scalar_lane(lane) for key, lane in row.ids(loop.args[0]).items()}
        one = Body(b, 1, levels.alone(), blocks.uses, ids, dict(blocks.env), None)
        one.along, one.lanes_along = blocks.along, blocks.lanes_along
        for v in external(list(ops)):
            blocks.fetch(one, v)
        for op in ops:
            one.op(op)
        b.yield_()
    b.for_(row.lo, row.hi, blocks.block.s.index(1), [], loop)


def scalar_lane(lane: Lane) -> Lane:
    return Lane(lane.type, scalar=lane.scalar)


# --- how much there is to do ---


def count_ops(ops: Sequence[Op]) -> int:
    """How many ops there are, but for elementary functions' paths for numbers that hardly occur: all copies share one of each."""
    inside = [region.ops for op in ops for region in op.regions]
    return len(ops) + sum([count_ops(some) for some in inside if not any(op.defn is arith.LOOKUP for op in some)])


def _loads_of_all(blocks: Blocks, ops: Sequence[Op]) -> int:
    """How many loads are vectors, and shuffles of vectors, only as long as all lanes are there: bytes, which no instruction of AVX2
    masks, and elements that do not lie side by side, as channels of points. (Loops and what lanes part at have masks anyway.)"""
    count = 0
    for op in ops:
        if op.defn is scf.IF and blocks.levels.of(op.operands[0]) <= SUBGROUP:
            count += sum([_loads_of_all(blocks, region.ops) for region in op.regions])
        if op.defn.name != "memory.load":
            continue
        array, *indices = op.operands
        t, varying = array.type, [blocks.levels.of(v) > SUBGROUP for v in indices]
        assert isinstance(t, T.ArrayType)
        size = T.size_and_align(t.element)[0]
        lies_apart = t.unit_axis is None or not varying[t.unit_axis] or size != T.element_of(op.results[0].type).size_bytes
        count += any(varying) and (size < 4 or lies_apart)
    return count


def _has_rows(blocks: Blocks) -> bool:
    """Whether a flat kernel has more rows than one, as far as it can be seen: else their ends do not matter."""
    return blocks.places is not None or blocks.uses_id(1) or blocks.uses_id(2)


def _loads(segment: Segment) -> bool:
    """Whether loads are much of a thread's work, which a third copy of is worth its compile time: not in loops, which are long
    beside them or have their masks anyway."""
    ops = with_inner(segment.ops)
    if any(op.defn.name in ("scf.for", "scf.while") for op in ops):
        return False
    return any(op.defn.name == "memory.load" for op in ops)


# --- which lanes exist ---


def tail_mask(blocks: Blocks, x: Value, hi: Value, width: int) -> Value:
    """Lanes k with x + k < hi."""
    return first_lanes(blocks, blocks.b.emit(arith.MINIMUM, blocks.b.emit(arith.SUB, hi, x), blocks.block.s.index(width)), width)


def _rest_mask(blocks: Blocks, x: Value, hi: Value, width: int) -> Value:
    """The same where they are not all: code for a whole vector is made where the minimum is asked for."""
    return first_lanes(blocks, blocks.b.emit(arith.SUB, hi, x), width)


def first_lanes(blocks: Blocks, count: Value, width: int) -> Value:
    s = Lanes(blocks.b, width)
    return blocks.b.emit(arith.LT, s.iota(T.i32), s.splat(blocks.b.emit(arith.CAST, count, type=T.i32)))


def plus(blocks: Blocks, v: Value, n: int) -> Value:
    if n == 0:
        return v
    known = blocks.block.s.index(n)
    if v.constant is not None:
        return blocks.block.s.index(v.constant + n)
    return blocks.b.emit(arith.ADD, v, known)
