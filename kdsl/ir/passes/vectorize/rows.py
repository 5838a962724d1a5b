"""The loops over threads: pieces of rows for flat kernels, whole blocks (cut at their barriers) for the others.

One idea: W consecutive threads of a row are one vector. A row runs as full vectors without a mask and, where its length is
no multiple of W, one masked vector. Where the block's shape is known, several vectors run side by side (`team`), and no
code is made for tails that do not exist. Subgroup operations want the block's linear order: where rows are no
multiple of W the `linear` layout walks the whole block as one row and computes ids by division.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ... import types as T
from ...analysis.combining import neutral
from ...analysis.uniformity import SUBGROUP, Uniformity, uniformity
from ...core import Function, Op, Region, Value, walk
from ...ops import arith, memory, scf, simt, tile
from .body import Body
from .folded import Fold, Piece, group_of, ids_along, ids_of
from .in_turn import in_turn
from .joined import join_rows
from .lanes import Lane, Lanes
from .march import Strip, march_rows
from .memory import read_whole, run_along, write_whole
from .narrow import has_short_ids, in_turns, narrowed, of_first_row, shortened
from .of_rows import of_row
from .packed import asked, at_edges, holds_for_all
from .places import Places, in_pieces, long_enough
from .plan import Hoist, Segment, Structure, external
from .tables import apart, begin_tables, bring_tables

if TYPE_CHECKING:
    from .blocks import Blocks

__all__ = ["PIECES", "Place", "begin_sums", "block_rows", "bring_sums", "flat_rows", "linear_rows", "long_rows", "updates_own"]

# Beyond so many ops a second, unmasked copy of a segment costs more compile time than its masks cost run time: LLVM takes twice as
# long, and kernels of a hundred lines run 0.96 to 1.08 times as long (1.2 where loops along threads' own rows are most of it).
UNMASKED_COPY_OPS = 170
# The same of segments with a few loads and more that want all lanes, as those took 1.4 times as long under masks. From the former
# number on the end of a row, which may be a second copy of masked vectors and a third, is threads one by one.
UNMASKED_LOADS_OPS = 400
_FEW_LOADS = 4
_UNROLLED = 4  # vectors of merged blocks, which have rows enough
_CHAINS = 4
# Updates of tables that blocks share, in the loop over threads. A processor foresees which store a load will meet for few places in
# the code: equal bytes take 0.33 ns each on an EPYC of the third generation, and 0.38 with 32 and more.
_FORESEEN = 16
LONG = 8  # numbers of a point that are worth vectors of their own
PIECES = 2  # of a row that starts between two lines of memory

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


# Of a vector's lanes, so many times fewer go along rows of their own one by one, if a round is no more than so many ops: sums of
# floats wait for each other, and 16 lanes take as long for an element as two or three of them.
_FEW_ROWS, _SHORT_ROUND = 8, 8


class _Row(NamedTuple):
    """Threads [lo, hi) along axis 0. number: of the row's first vector among those of the block. ran: from which on threads before
    lo have run already (None: there are none)."""

    lo: Value
    hi: Value
    ids: Callable[[Value], Ids]
    number: Value | None
    ran: Value | None = None


def flat_rows(blocks: Blocks, segment: Segment) -> None:
    b = blocks.b
    if blocks.strip is not None:
        _strip_rows(blocks, segment, blocks.strip)
        return
    if blocks.piece is None:
        lo, hi = b.emit(tile.ROW_BEGIN), b.emit(tile.ROW_END)
        rows = [b.emit(tile.ROW, axis=axis) for axis in (1, 2)]
    else:
        lo, hi, *rows = blocks.piece

    def ids(x: Value) -> Ids:
        return {("simt.global_id", 0): Lane(T.index, scalar=x, step=1 if blocks.width > 1 else 0),
                **{("simt.global_id", k + 1): blocks.block.s.uniform(v) for k, v in enumerate(rows)}}  # fmt: skip

    def body() -> Body:
        return Body(b, blocks.width, blocks.levels, blocks.uses, ids(lo), dict(blocks.env), None)

    if blocks.march is not None:

        def alone(segment: Segment, lo: Value, hi: Value, ids: Callable[[Value], Ids]) -> None:
            _vectors(blocks, segment, _Row(lo, hi, ids, None), blocks.width)

        end = b.emit(tile.ROWS_END) if not blocks.rows else b.emit(arith.ADD, rows[0], blocks.block.s.index(blocks.rows))
        if march_rows(blocks, segment, blocks.march, (lo, hi, end), rows, alone):
            return
        blocks.drop_march()
        if blocks.rows:
            _each_row(blocks, lambda: flat_rows(blocks, segment))
            return
    if blocks.joined:
        _joined(blocks, segment, lo, hi, rows)
        return
    if blocks.jam is not None and _jammed(blocks, segment, lo, hi, rows):
        return
    if blocks.places is not None:
        _in_places(blocks, segment, blocks.places, _Row(lo, hi, ids, None))
        return
    if blocks.plain is not None:
        _if_apart(blocks, segment, blocks.plain, _Row(lo, hi, ids, None), body)
        return
    if has_short_ids(blocks, segment) and not (blocks.combined or blocks.tables or blocks.source.sites):
        # No thread's number wraps in 32 bits but in rows that are longer than any in use: code for those is short.
        b.when(b.emit(arith.LE, hi, blocks.block.s.index(1 << 31)),
               lambda: _guarded(blocks, segment, _Row(lo, hi, ids, None), body, short=True),
               lambda: _one_by_one(blocks, segment.ops, blocks.levels, _Row(lo, hi, ids, None)))  # fmt: skip
    else:
        _guarded(blocks, segment, _Row(lo, hi, ids, None), body)


def _joined(blocks: Blocks, segment: Segment, lo: Value, hi: Value, first: list[Value]) -> None:
    """The rows of a piece, as one where they follow one another."""
    y, z = first

    def ids(x: Value, row: Value) -> Ids:
        uniform = blocks.block.s.uniform
        return {("simt.global_id", 0): Lane(T.index, scalar=x, step=1), ("simt.global_id", 1): uniform(row),
                ("simt.global_id", 2): uniform(z)}  # fmt: skip

    def guarded(row: Value) -> tuple[Segment, Value, Value]:
        return shortened(blocks, segment, lo, hi, lambda: Body(blocks.b, blocks.width, blocks.levels, blocks.uses, ids(lo, row),
                                                               dict(blocks.env), None))  # fmt: skip

    def run(inside: Segment, begin: Value, stop: Value, row: Value) -> None:
        def together() -> None:
            _pieces(blocks, inside, begin, stop, lambda x: ids(x, row))

        plain = blocks.plain
        if safe is None or plain is None:
            together()
        else:  # rows by themselves are left, of arguments that overlap
            blocks.b.when(safe, together, lambda: _one_by_one(blocks, plain.body.ops[:-1], uniformity(plain),
                                                              _Row(lo, hi, lambda x: ids(x, row), None)))  # fmt: skip

    safe = apart(blocks) if blocks.plain is not None else None
    join_rows(blocks, y, safe, guarded, run)


def _guarded(blocks: Blocks, segment: Segment, row: _Row, body: Callable[[], Body], *, short: bool = False) -> None:
    """A row, or what a guard leaves of it."""
    b, ids = blocks.b, row.ids
    segment, lo, hi = shortened(blocks, segment, row.lo, row.hi, body, short=short)
    if _in_turns(blocks, segment, _Row(lo, hi, ids, None), short=short):
        return
    safe = apart(blocks)
    if safe is None or not blocks.combined:
        _put_by(blocks, segment, lo, hi, ids, body)
        return
    yes, no = Region(), Region()
    with b.inside(yes):
        _put_by(blocks, segment, lo, hi, ids, body)
        b.yield_()
    blocks.combined = {}
    with b.inside(no):
        _pieces(blocks, segment, lo, hi, ids)
        b.yield_()
    b.if_(safe, [], yes, no)


def _in_turns(blocks: Blocks, segment: Segment, row: _Row, *, short: bool) -> bool:
    """A row of which a remainder chooses the threads: vectors of those alone, whose numbers are so many apart."""
    if blocks.width == 1 or blocks.few or blocks.combined or blocks.tables or blocks.along:
        return False

    def one(x: Value) -> Body:
        ids = {key: _scalar(lane) for key, lane in row.ids(x).items()}
        return Body(blocks.b, 1, blocks.levels.alone(), blocks.uses, ids, dict(blocks.env), None)

    turns = in_turns(blocks, segment, row.lo, row.hi, one, short=short)
    if turns is None:
        return False
    b, s = blocks.b, blocks.block.s

    def ids(k: Value) -> Ids:
        x = b.emit(arith.ADD, turns.first, b.emit(arith.MUL, k, s.index(turns.step)))
        return {**row.ids(x), ("simt.global_id", 0): Lane(T.index, scalar=x, step=turns.step)}

    _row(blocks, turns.segment, _Row(s.index(0), turns.many, ids, None))
    return True


def _strip_rows(blocks: Blocks, segment: Segment, strip: Strip) -> None:
    """A segment for all threads of a piece of rows that march."""
    b, s = blocks.b, blocks.block.s

    def row(y: Value) -> None:
        nth = b.emit(arith.SUB, y, strip.y)
        at = b.emit(arith.MUL, nth, s.index(2))
        lo, hi = [b.emit(memory.LOAD, strip.bounds, _plus(blocks, at, k), type=T.index, offset=0) for k in range(2)]
        number = b.emit(arith.MUL, nth, strip.vectors)
        _vectors(blocks, segment, _Row(lo, hi, lambda x: strip.ids(x, y), number), blocks.width)

    blocks.loop(strip.y, strip.end, s.index(1), "y", row)


def long_rows(blocks: Blocks, direct: Blocks, axis: int, block: tuple[int, int, int]) -> None:
    """What `direct`, a flat function, does for the threads of neighbouring blocks along axis 0, counted along another axis: rows
    are as long as all of them."""
    b, s, zero = blocks.b, blocks.block.s, blocks.block.s.index(0)
    lo, y, z = [b.emit(arith.MUL, b.emit(simt.BLOCK_ID, axis=k), s.index(block[k])) for k in range(3)]
    hi = b.emit(arith.ADD, lo, b.emit(arith.MUL, b.emit(tile.EXTENT, axis=axis), s.index(block[0])))
    direct.b, direct.block = b, Body(b, direct.width, direct.levels, direct.uses, {}, direct.env, None)
    before, inside = list[Hoist | Segment | Structure](), list[Hoist | Segment | Structure]()
    for item in direct.planner.plan:
        (inside if isinstance(item, Segment) else before).append(item)
    direct.plan(before)

    def plane(k: Value) -> None:
        direct.piece, direct.rows = (lo, hi, y, b.emit(arith.ADD, z, k)), block[1]
        if direct.march is not None:
            direct.plan(inside)
        else:
            _each_row(direct, lambda: direct.plan(inside))

    _loop(blocks, zero, s.index(block[2]), 1, "z", plane)


def _each_row(blocks: Blocks, inside: Callable[[], None]) -> None:
    """The rows of a piece that has several, one after the other."""
    assert blocks.piece is not None
    (lo, hi, first, z), count, s = blocks.piece, blocks.rows, blocks.block.s

    def row(j: Value) -> None:
        blocks.piece, blocks.rows = (lo, hi, blocks.b.emit(arith.ADD, first, j), z), 0
        inside()

    _loop(blocks, s.index(0), s.index(count), 1, "y", row)


def _if_apart(blocks: Blocks, segment: Segment, plain: Function, row: _Row, body: Callable[[], Body]) -> None:
    """A row whose stores wait for their threads' ends where arrays do not overlap; else threads go one by one."""
    b, safe = blocks.b, apart(blocks)
    assert safe is not None
    yes, no = Region(), Region()
    with b.inside(yes):
        inside, lo, hi = shortened(blocks, segment, row.lo, row.hi, body)
        _pieces(blocks, inside, lo, hi, row.ids)
        b.yield_()
    with b.inside(no):
        _one_by_one(blocks, plain.body.ops[:-1], uniformity(plain), row)
        b.yield_()
    b.if_(safe, [], yes, no)


def _in_places(blocks: Blocks, segment: Segment, places: Places, row: _Row) -> None:
    """A row whose threads ask for rows and columns of their own; one by one, where those are short, or arguments overlap that the
    others' stores wait for."""
    b, plain = blocks.b, places.plain

    def by_piece() -> None:
        in_pieces(blocks, places, segment, row.lo, row.hi, row.ids, lambda inside, lo, hi: _pieces(blocks, inside, lo, hi, row.ids))

    safe = blocks.block.s.both(apart(blocks), long_enough(blocks, places))
    if safe is None:
        by_piece()
        return
    yes, no = Region(), Region()
    with b.inside(yes):
        by_piece()
        b.yield_()
    with b.inside(no):
        blocks.env.update({p: blocks.env[q] for p, q in zip(plain.params, places.function.params, strict=False)})
        _one_by_one(blocks, plain.body.ops[:-1], uniformity(plain), row)
        b.yield_()
    b.if_(safe, [], yes, no)


def _one_by_one(blocks: Blocks, ops: Sequence[Op], levels: Uniformity, row: _Row) -> None:
    """The threads of a row, or of what is left of it, each by itself: scalars, and no masks."""
    b, loop = blocks.b, Region((T.index,), ("x",))
    with b.inside(loop):
        ids = {key: _scalar(lane) for key, lane in row.ids(loop.args[0]).items()}
        one = Body(b, 1, levels.alone(), blocks.uses, ids, dict(blocks.env), None)
        one.along, one.lanes_along = blocks.along, blocks.lanes_along
        for v in external(list(ops)):
            blocks.fetch(one, v)
        for op in ops:
            one.op(op)
        b.yield_()
    b.for_(row.lo, row.hi, blocks.block.s.index(1), [], loop)


def _scalar(lane: Lane) -> Lane:
    return Lane(lane.type, scalar=lane.scalar)


def _put_by(blocks: Blocks, segment: Segment, lo: Value, hi: Value, ids: Callable[[Value], Ids], body: Callable[[], Body]) -> None:
    """A row whose updates of elements that all threads share wait for its end."""
    begin_sums(blocks)
    begin_tables(blocks)
    _pieces(blocks, segment, lo, hi, ids)
    bring_tables(blocks)
    bring_sums(blocks, body)


def begin_sums(blocks: Blocks) -> None:
    """Nothing yet in what the updates of shared elements are put by in."""
    for op, sums in blocks.combined.items():
        _start(blocks, op, sums)


def bring_sums(blocks: Blocks, body: Callable[[], Body]) -> None:
    """What has been put by goes to the elements. body: makes one for each, as what it computes for an index lies in that update's
    branch, where no other may look for it."""
    for op, sums in blocks.combined.items():
        _update(body(), op, sums)


def _jammed(blocks: Blocks, segment: Segment, lo: Value, hi: Value, first: list[Value]) -> bool:
    """Full vectors of all rows of the piece together; then, row by row, what is left: a tail, or all of it where the
    piece has fewer rows because the grid ends. False, and nothing, where the kernel's guard is none of rows."""
    b, s = blocks.b, blocks.block.s
    assert blocks.jam is not None
    count, step, zero, fold = blocks.jam.rows, s.index(blocks.width), s.index(0), blocks.jam.fold
    vectors = 0
    if fold is not None:
        vectors, points = group_of(count, blocks.width)
        step = s.index(points)
    y, z = first

    def ids(x: Value, row: Value) -> Ids:
        return {("simt.global_id", 0): Lane(T.index, scalar=x, step=1),
                ("simt.global_id", 1): s.uniform(row), ("simt.global_id", 2): s.uniform(z)}  # fmt: skip

    def guarded(row: Value) -> tuple[Segment, Value, Value]:
        """What a row does, and where it begins and ends. (It begins where all do, or has no threads.)"""
        return shortened(blocks, segment, lo, hi, lambda: Body(b, blocks.width, blocks.levels, blocks.uses, ids(lo, row),
                                                               dict(blocks.env), None))  # fmt: skip

    rows = [_plus(blocks, y, k) for k in range(count)]
    inside, start, stops = segment, lo, hi
    if segment.ops[-1].defn is scf.IF:
        for row in rows:
            inside, begin, own = guarded(row)
            if inside is segment and fold is not None:
                break  # it is a branch that lanes part at
            if inside is segment:
                blocks.drop_jam()
                return False
            start, stops = b.emit(arith.MAXIMUM, start, begin), b.emit(arith.MINIMUM, stops, own)
        stops = b.emit(arith.MAXIMUM, start, stops)
    end = b.emit(tile.ROWS_END)
    complete = b.emit(arith.EQ, b.emit(arith.SUB, end, y), s.index(count))
    if fold is not None:
        complete = b.emit(arith.AND, complete, b.emit(arith.EQ, y, zero))
        for array, axis in fold.dense:
            dense = b.emit(tile.DENSE, blocks.block.array(array), axis=axis, count=count)
            complete = b.emit(arith.AND, complete, dense)
    whole = b.emit(arith.MUL, b.emit(arith.FLOORDIV, b.emit(arith.SUB, stops, start), step), step)
    stop = b.emit(arith.ADD, start, b.emit(arith.SELECT, complete, whole, zero))
    together, single = Region((T.index,), ("x",)), Region((T.index,), ("y",))
    with b.inside(together):
        x = together.args[0]
        if fold is None:
            blocks.run_vectors(inside, [Place(ids(x, row), None) for row in rows])
        else:
            pieces = [Piece(fold, x, nth) for nth in range(vectors)]
            places = [Place(ids_of(s, piece, z), None, piece=piece, levels=fold.levels) for piece in pieces]
            blocks.run_vectors(inside, places)
        b.yield_()
    b.for_(start, stop, step, [], together)
    if fold is not None and count >= LONG:
        _points_one_by_one(blocks, segment, fold, stop, hi, z)
        return True
    with b.inside(single):
        row = single.args[0]
        own = hi if inside is segment else b.emit(arith.MAXIMUM, guarded(row)[2], stop)
        _row(blocks, inside, _Row(stop, own, lambda x: ids(x, row), None))
        b.yield_()
    b.for_(y, end, s.index(1), [], single)
    return True


def _points_one_by_one(blocks: Blocks, segment: Segment, fold: Fold, lo: Value, hi: Value, plane: Value) -> None:
    """Points that do not follow one another, and what is left of a row of them: each has vectors, and a masked one."""
    b, s, w = blocks.b, blocks.block.s, blocks.width
    loop = Region((T.index,), ("x",))
    with b.inside(loop):
        places = []
        for number in range(0, fold.few, w):
            left = fold.few - number
            exists = None if left >= w else _first_lanes(blocks, s.index(left), w)
            places.append(Place(ids_along(s, loop.args[0], number, plane), exists, levels=fold.levels))
        blocks.run_vectors(segment, places)
        b.yield_()
    b.for_(lo, hi, s.index(1), [], loop)


def _start(blocks: Blocks, op: Op, sums: Value) -> None:
    t = T.element_of(op.operands[-1].type)
    nothing = blocks.b.constant(neutral(op.name.removeprefix("atomic."), t), t)
    write_whole(blocks.b, sums, blocks.block.s.splat(nothing))


def _update(body: Body, op: Op, sums: Value) -> None:
    """What the threads of a row brought goes to its element; where they brought nothing the index may be anything."""
    b, s = body.b, body.s
    t = T.element_of(op.operands[-1].type)
    total = read_whole(b, sums, s.tile_type(t))
    unsigned = {32: T.u32, 64: T.u64}[t.bits]
    nothing = s.splat(b.constant(neutral(op.name.removeprefix("atomic."), t), t))
    bits = [b.emit(arith.BITCAST, x, type=s.tile_type(unsigned)) for x in (total, nothing)]
    some, none = Region(), Region()
    with b.inside(some):
        for v in op.operands[1:-1]:
            assert body.known(v)
        every = s.splat(b.constant(True, T.bool_))
        b.emit(tile.ATOMIC, body.array(op.operands[0]), *[body.scalar(v) for v in op.operands[1:-1]], every, total,
               type=total.type, kind=op.name.removeprefix("atomic."), offset=op.attributes["offset"])  # fmt: skip
        b.yield_()
    with b.inside(none):
        b.yield_()
    b.if_(b.emit(tile.ANY, b.emit(arith.NE, *bits)), [], some, none)


def _pieces(blocks: Blocks, segment: Segment, lo: Value, hi: Value, ids: Callable[[Value], Ids]) -> None:
    """A row, behind what is done for it once."""
    ahead, inside = of_row(blocks, segment)
    if not ahead:
        _aligned(blocks, segment, lo, hi, ids)
        return
    b, known = blocks.b, dict(blocks.env)

    def threads() -> None:
        body = blocks.body(Place(ids(lo), None))
        for op in ahead:
            body.op(op)
        blocks.env.update({r: body.lane(r) for op in ahead for r in op.results})
        _aligned(blocks, inside, lo, hi, ids)

    b.when(b.emit(arith.LT, lo, hi), threads, lambda: None)
    blocks.env.clear()
    blocks.env.update(known)


def _aligned(blocks: Blocks, segment: Segment, lo: Value, hi: Value, ids: Callable[[Value], Ids]) -> None:
    """A row in one piece, or in two where its start lies between two lines of what is streamed."""
    b, s = blocks.b, blocks.block.s
    ahead = _lead(blocks, lo, hi, ids)
    if ahead is None:
        _row(blocks, segment, _Row(lo, hi, ids, None))
        return
    if _is_simple(blocks, segment):
        _by_lines(blocks, segment, lo, hi, ahead, ids)
        return
    # Two pieces: the threads before the first whole line of memory, if there are any, and all others.
    zero, one = s.index(0), s.index(1)
    middle = b.emit(arith.MINIMUM, b.emit(arith.ADD, lo, ahead), hi)

    def piece(number: Value) -> None:
        is_head = b.emit(arith.EQ, number, zero)
        begin, end = b.emit(arith.SELECT, is_head, lo, middle), b.emit(arith.SELECT, is_head, middle, hi)
        _row(blocks, segment, _Row(begin, end, ids, None))

    first = b.emit(arith.SELECT, b.emit(arith.GT, ahead, zero), zero, one)
    b.count(first, s.index(PIECES), one, "piece", piece)


def _is_simple(blocks: Blocks, segment: Segment) -> bool:
    """Whether a row is full vectors and, at its ends, vectors under a mask."""
    few_kinds = blocks.width > 1 and not blocks.few and not blocks.has_own_rows
    return few_kinds and not blocks.slow_masks and _size(segment.ops) <= UNMASKED_COPY_OPS


def _by_lines(blocks: Blocks, segment: Segment, lo: Value, hi: Value, ahead: Value, ids: Callable[[Value], Ids]) -> None:
    """A row in one loop, whose first vector ends with the threads before the first whole line of memory. (Two loops in one keep the
    addresses in memory that one has in registers: a processor that has room for some 300 instructions saw no further than a row of
    1 KB, and took 1.04 times as long.)"""
    b, s, w = blocks.b, blocks.block.s, blocks.width
    width, zero = s.index(w), s.index(0)
    before = b.emit(arith.SUB, b.emit(arith.ADD, lo, ahead), width)
    start = b.emit(arith.SELECT, b.emit(arith.GT, ahead, zero), before, lo)
    last = b.emit(arith.SUB, hi, width)

    def vector(x: Value) -> None:
        def ends() -> None:
            iota, from_, to = s.iota(T.i32), b.emit(arith.SUB, lo, x), b.emit(arith.MINIMUM, b.emit(arith.SUB, hi, x), width)
            bounds = [s.splat(b.emit(arith.CAST, v, type=T.i32)) for v in (b.emit(arith.MAXIMUM, from_, zero), to)]
            exists = b.emit(arith.AND, b.emit(arith.GE, iota, bounds[0]), b.emit(arith.LT, iota, bounds[1]))
            blocks.run_vectors(segment, [Place(ids(x), exists)])

        whole = b.emit(arith.AND, b.emit(arith.GE, x, lo), b.emit(arith.LE, x, last))
        b.when(whole, lambda: blocks.run_vectors(segment, [Place(ids(x), None)]), ends)

    b.count(start, hi, width, "x", vector)


def _lead(blocks: Blocks, lo: Value, hi: Value, ids: Callable[[Value], Ids]) -> Value | None:
    """How many threads come before a whole line of what the first streamed store writes. What each of them writes in part is
    brought for a later row."""
    b, ahead = blocks.b, None
    body = Body(b, blocks.width, blocks.levels, blocks.uses, ids(lo), dict(blocks.env), None)
    for op in blocks.streams:
        array, *indices = op.operands[:-1]
        if not all(body.known(v) for v in indices):
            continue
        lanes = [body.lane(v) for v in indices]
        axis = run_along(op, lanes)
        if axis is None:
            continue
        place = [body.array(array), *[lane.scalar for lane in lanes if lane.scalar is not None]]
        ahead = ahead or b.emit(tile.LEAD, *place, axis=axis, lanes=blocks.width)
        if axis > 0:
            b.emit(tile.WRITE_AHEAD, *place, b.emit(arith.SUB, hi, lo), axis=axis, lanes=blocks.width)
    return ahead


def block_rows(blocks: Blocks, segment: Segment) -> None:
    """for z, for y: one row of the block, or as much of it as the segment is for."""
    if segment.fill is not None:
        columns, rows = segment.fill.extents
        _known_rows(blocks, segment, (columns, rows, 1), None, [blocks.block.s.index(n) for n in (columns, rows, 1)])
        return
    if in_turn(blocks, segment, [_extent(blocks, axis) for axis in range(3)]):
        return
    first = of_first_row(blocks, segment)
    segment, end = narrowed(blocks, first or segment)
    s = blocks.block.s
    extents = [s.index(1) if first and axis == blocks.merged else _extent(blocks, axis) for axis in range(3)]
    if blocks.shape is not None and (end is None or isinstance(end.constant, int)):
        _known_rows(blocks, segment, blocks.shape, None if end is None else end.constant, extents)
        return
    b = blocks.b
    zero, w = s.index(0), blocks.width
    padded = b.emit(arith.FLOORDIV, b.emit(arith.ADD, extents[0], s.index(w - 1)), s.index(w))
    hi = extents[0] if end is None else b.emit(arith.MINIMUM, extents[0], end)

    def row(y: Value, z: Value) -> None:
        number = b.emit(arith.MUL, b.emit(arith.ADD, b.emit(arith.MUL, z, extents[1]), y), padded)
        _row(blocks, segment, _Row(zero, hi, lambda x: _ids(blocks, x, y, z), number))

    _loop(blocks, zero, extents[2], 1, "z", lambda z: _loop(blocks, zero, extents[1], 1, "y", lambda y: row(y, z)))


def _extent(blocks: Blocks, axis: int) -> Value:
    if blocks.shape is None or axis == blocks.merged:
        return blocks.b.emit(tile.EXTENT, axis=axis)
    return blocks.block.s.index(blocks.shape[axis])


def _loop(blocks: Blocks, lo: Value, end: Value, step: int, name: str, inside: Callable[[Value], None]) -> None:
    blocks.loop(lo, end, blocks.block.s.index(step), name, inside)


# --- blocks of a known shape ---


def _known_rows(blocks: Blocks, segment: Segment, shape: tuple[int, int, int], end: int | None, extents: Sequence[Value]) -> None:
    """As many vectors side by side as are worth it. end: threads along axis 0 that the segment is for. extents: along all axes."""
    s, w = blocks.block.s, blocks.width
    bx, by, bz = shape
    across = -(-bx // w)
    threads = bx if end is None else max(min(end, bx), 0)
    used = -(-threads // w)
    if not used:
        return
    limit = blocks.team_limit(segment, used * by * bz, used)
    if blocks.merged is not None:
        limit = min(limit, _UNROLLED)
    whole = limit == used * by * bz and blocks.merged is None
    # A row with a tail is never cut: the tail's mask is one vector's only.
    nx = used if whole or threads % w or limit >= used else _divisor(used, limit)
    ny = by if whole else _divisor(by, limit // used)

    def places(x: Value, y: Value, z: Value, ny: int, planes: int) -> list[Place]:
        found = []
        for k in range(nx * ny * planes):
            at = [_plus(blocks, x, k % nx * w), _plus(blocks, y, k // nx % ny), _plus(blocks, z, k // (nx * ny))]
            exists = _tail_mask(blocks, at[0], s.index(threads), w) if nx == used and threads - k % nx * w < w else None
            found.append(Place(_ids(blocks, *at), exists, lambda at=at: _number(blocks, at, across, by), k % nx, run=nx))
        return found

    zero = s.index(0)
    # Updates of one element wait for each other, and those of another block's do not.
    in_turns = nx == 1 and _updates_row(segment, blocks.merged)
    if in_turns and used % 2 == 0 and threads % w == 0:
        nx = 2
    elif blocks.merged is not None and not in_turns and updates_own(segment) and used * w == threads:
        nx = _divisor(used, max(_FORESEEN // w, 1))
    if whole:
        blocks.run_vectors(segment, places(zero, zero, zero, ny, bz))
        return

    def rows(lo: Value, hi: Value, count: int, z: Value) -> None:
        _loop(blocks, lo, hi, count, "y",
              lambda y: _loop(blocks, zero, s.index(used * w), nx * w, "x",
              lambda x: blocks.run_vectors(segment, places(zero if nx == used else x, y, z, count, 1))))  # fmt: skip

    def plane(z: Value) -> None:
        end = extents[1]
        if not in_turns:
            rows(zero, end, ny, z)
            return
        several, b = s.index(_CHAINS), blocks.b
        middle = b.emit(arith.MUL, b.emit(arith.FLOORDIV, end, several), several)
        rows(zero, middle, _CHAINS, z)
        rows(middle, end, 1, z)

    _loop(blocks, zero, extents[2], 1, "z", plane)


def updates_own(segment: Segment) -> bool:
    """Whether all threads update what the block shares: not under a condition, whose code would be made many times."""
    return bool(_own_updates(segment))


def _own_updates(segment: Segment) -> list[Op]:
    atomics = [op for op in segment.ops if op.defn.name.startswith("atomic.")]
    arrays = [op.operands[0].type for op in atomics]
    return [op for op, t in zip(atomics, arrays, strict=True) if isinstance(t, T.ArrayType) and t.space is T.Space.SHARED]


def _updates_row(segment: Segment, axis: int | None) -> bool:
    """Whether blocks that run as one each update a table of their own (see `merge`)."""
    return axis == 1 and any(op.operands[1].op is not None and op.operands[1].op.defn is simt.THREAD_ID
                             and op.operands[1].op.attributes["axis"] == axis for op in _own_updates(segment))  # fmt: skip


def _divisor(n: int, most: int) -> int:
    """The largest divisor of n that is at most `most`, at least 1."""
    return max([k for k in range(1, max(most, 1) + 1) if n % k == 0])


def _plus(blocks: Blocks, v: Value, n: int) -> Value:
    if n == 0:
        return v
    known = blocks.block.s.index(n)
    if v.constant is not None:
        return blocks.block.s.index(v.constant + n)
    return blocks.b.emit(arith.ADD, v, known)


def _number(blocks: Blocks, at: list[Value], across: int, by: int) -> Value:
    """Of the vector at thread (x, y, z) among the vectors of the block."""
    b, s = blocks.b, blocks.block.s
    row = b.emit(arith.ADD, b.emit(arith.MUL, at[2], s.index(by)), at[1])
    nth = b.emit(arith.FLOORDIV, at[0], s.index(blocks.width))
    return b.emit(arith.ADD, b.emit(arith.MUL, row, s.index(across)), nth)


# --- ids ---


def _ids(blocks: Blocks, x: Value, y: Value, z: Value) -> Ids:
    s = blocks.block.s
    along = Lane(T.index, scalar=x, step=1 if blocks.width > 1 else 0)
    along.aligned = blocks.width > 1  # a vector of a block begins at a multiple of its length
    return _all_ids(blocks, [along, s.uniform(y), s.uniform(z)])


def _all_ids(blocks: Blocks, threads: list[Lane]) -> Ids:
    """thread_id and global_id = block_id * block_dim + thread_id."""
    b, s = blocks.b, blocks.block.s
    ids = {}
    for axis, lane in enumerate(threads):
        ids["simt.thread_id", axis] = lane
        if not blocks.uses_id(axis):
            continue
        size = b.emit(simt.BLOCK_DIM, axis=axis) if blocks.shape is None else s.index(blocks.shape[axis])
        first = b.emit(arith.MUL, b.emit(simt.BLOCK_ID, axis=axis), size)
        ids["simt.global_id", axis] = s.apply(arith.ADD, [s.uniform(first), lane], T.index, {})
    return ids


# --- linear order ---


def linear_rows(blocks: Blocks, segment: Segment) -> None:
    """The block as one row of all its threads, as on hardware: those that do not exist keep their places, masked."""
    b, s = blocks.b, blocks.block.s
    dims = [b.emit(simt.BLOCK_DIM, axis=axis) for axis in range(3)]
    plane = b.emit(arith.MUL, dims[0], dims[1])
    total = b.emit(arith.MUL, plane, dims[2])
    extents = [s.uniform(b.emit(tile.EXTENT, axis=axis)) for axis in range(3)]

    def threads(t: Value) -> list[Lane]:
        place = Lane(T.index, scalar=t, step=1)
        row = s.apply(arith.FLOORDIV, [place, s.uniform(dims[0])], T.index, {})
        return [
            s.apply(arith.MOD, [place, s.uniform(dims[0])], T.index, {}),
            s.apply(arith.MOD, [row, s.uniform(dims[1])], T.index, {}),
            s.apply(arith.FLOORDIV, [place, s.uniform(plane)], T.index, {}),
        ]

    def exists(t: Value) -> Value:
        # Axis 2 counts on past the block's end, so its comparison also leaves out the rest of the last vector.
        inside = [s.tile(s.apply(arith.LT, [x, n], T.bool_, {})) for x, n in zip(threads(t), extents, strict=True)]
        return b.emit(arith.AND, b.emit(arith.AND, inside[0], inside[1]), inside[2])

    loop, some, none = Region((T.index,), ("t",)), Region(), Region()
    with b.inside(loop):
        t = loop.args[0]
        mask = exists(t)
        with b.inside(some):
            number = lambda: b.emit(arith.FLOORDIV, t, s.index(blocks.width))  # noqa: E731
            blocks.run_vectors(segment, [Place(_all_ids(blocks, threads(t)), mask, number)])
            b.yield_()
        with b.inside(none):
            b.yield_()
        b.if_(b.emit(tile.ANY, mask), [], some, none)
        b.yield_()
    b.for_(s.index(0), total, s.index(blocks.width), [], loop)


# --- one row ---


def _row(blocks: Blocks, segment: Segment, row: _Row) -> None:
    """One row, by vectors that are as long as they may be."""
    if not blocks.few:
        _vectors(blocks, segment, row, blocks.width)
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
        _vectors(blocks, segment, row._replace(lo=stop, ran=row.lo), blocks.few)
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
            (_at_edge if at_edges(asks) else _vectors)(blocks, segment, row._replace(lo=x, hi=end, ran=row.lo), blocks.few)
            b.yield_()
        b.if_(b.emit(arith.AND, b.emit(arith.GE, left, step), holds), [], yes, no)
        b.yield_()
    b.for_(row.lo, row.hi, step, [], loop)


def _at_edge(blocks: Blocks, segment: Segment, row: _Row, w: int) -> None:
    """What a vector does that meets an edge: shorter ones that do not, and, where the edge is, threads one by one. So no code is
    made for lanes that have their places from anywhere."""
    b, s = blocks.b, blocks.block.s
    if w == blocks.width:
        _one_by_one(blocks, segment.ops, blocks.levels, row)
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
            _one_by_one(blocks, segment.ops, blocks.levels, row._replace(lo=x, hi=end))
            b.yield_()
        b.if_(b.emit(arith.AND, b.emit(arith.GE, left, step), holds), [], yes, no)
        b.yield_()
    b.for_(row.lo, row.hi, step, [], loop)


def _whole(blocks: Blocks, row: _Row, width: int) -> Value:
    """Where the last vector of so many threads ends that the row fills."""
    b, step = blocks.b, blocks.block.s.index(width)
    whole = b.emit(arith.FLOORDIV, b.emit(arith.SUB, row.hi, row.lo), step)
    return b.emit(arith.ADD, row.lo, b.emit(arith.MUL, whole, step))


def _vectors(blocks: Blocks, segment: Segment, row: _Row, w: int) -> None:
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
            blocks.run_vectors(segment, place(x, _tail_mask(blocks, x, hi, w) if masked else None))
            b.yield_()
        b.for_(row.lo, hi, step, [], loop)

    if w == 1:
        vector_loop(row.hi, masked=False)
        return
    size = _size(segment.ops)
    wants_all = size > UNMASKED_COPY_OPS and _loads_of_all(blocks, segment.ops) >= _FEW_LOADS
    if size > (UNMASKED_LOADS_OPS if wants_all else UNMASKED_COPY_OPS):
        vector_loop(row.hi, masked=True)
        return
    stop = _whole(blocks, row, w)
    vector_loop(stop, masked=False)
    if wants_all and row.number is None and not blocks.private:
        _one_by_one(blocks, segment.ops, blocks.levels, row._replace(lo=stop))
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


def _own_rows_left(blocks: Blocks, segment: Segment, row: _Row, w: int) -> None:
    """Threads that are no vector and go along rows of their own: one by one, where they are few. Else lanes that do not exist do
    what the last thread does, without a trace: elements under masks are loaded one by one."""
    b, s = blocks.b, blocks.block.s

    def by_lanes() -> None:
        last = s.splat(b.emit(arith.SUB, row.hi, s.index(1)))
        threads = b.emit(arith.MINIMUM, s.tile(Lane(T.index, scalar=row.lo, step=1)), last)
        ids = {**row.ids(row.lo), ("simt.global_id", 0): s.varying(threads)}
        blocks.run_vectors(segment, [Place(ids, _rest_mask(blocks, row.lo, row.hi, w), again=True)])

    loops = [inner for op in segment.ops for inner in _nested(op) if inner.name in ("scf.for", "scf.while")]
    if any(_size(region.ops) > _SHORT_ROUND + 1 for loop in loops for region in loop.regions) or blocks.private:
        by_lanes()
        return
    few, most = Region(), Region()
    with b.inside(few):
        _one_by_one(blocks, segment.ops, blocks.levels, row)
        b.yield_()
    with b.inside(most):
        by_lanes()
        b.yield_()
    left = b.emit(arith.SUB, row.hi, row.lo)
    b.if_(b.emit(arith.LE, left, s.index(w // _FEW_ROWS)), [], few, most)


def _size(ops: Sequence[Op]) -> int:
    """How many ops there are, but for elementary functions' paths for numbers that hardly occur: all copies share one of each."""
    inside = [region.ops for op in ops for region in op.regions]
    return len(ops) + sum([_size(some) for some in inside if not any(op.defn is arith.LOOKUP for op in some)])


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
    ops = [inner for op in segment.ops for inner in _nested(op)]
    if any(op.defn.name in ("scf.for", "scf.while") for op in ops):
        return False
    return any(op.defn.name == "memory.load" for op in ops)


def _rest(blocks: Blocks, segment: Segment, row: _Row, stop: Value, w: int) -> None:
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


def _tail_mask(blocks: Blocks, x: Value, hi: Value, width: int) -> Value:
    """Lanes k with x + k < hi."""
    return _first_lanes(blocks, blocks.b.emit(arith.MINIMUM, blocks.b.emit(arith.SUB, hi, x), blocks.block.s.index(width)), width)


def _rest_mask(blocks: Blocks, x: Value, hi: Value, width: int) -> Value:
    """The same where they are not all: code for a whole vector is made where the minimum is asked for."""
    return _first_lanes(blocks, blocks.b.emit(arith.SUB, hi, x), width)


def _first_lanes(blocks: Blocks, count: Value, width: int) -> Value:
    s = Lanes(blocks.b, width)
    return blocks.b.emit(arith.LT, s.iota(T.i32), s.splat(blocks.b.emit(arith.CAST, count, type=T.i32)))


def _nested(op: Op) -> list[Op]:
    return [op, *[inner for region in op.regions for inner in walk(region)]]
