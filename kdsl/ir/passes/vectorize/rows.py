"""The loops over threads of flat kernels, which never wait for each other: pieces of rows, whatever blocks they are launched in.

One idea: a row is gone through (`row`) behind what is known of it: where a guard lets it begin and end, what all its threads do
alike, where its stores meet whole lines of memory, and whether it runs together with its neighbours, or as one row with them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ... import types as T
from ...analysis.combining import neutral
from ...analysis.uniformity import uniformity
from ...core import Function, Op, Region, Value, inner_ops
from ...ops import arith, memory, scf, simt, tile
from .body import Body
from .folded import Fold, Piece, group_of, ids_along, ids_of
from .joined import join_rows
from .lanes import Lane
from .march import Strip, march_rows
from .memory import read_whole, run_along, write_whole
from .narrow import has_short_ids, in_turns, shortened
from .of_rows import of_row
from .places import Places, in_pieces, long_enough
from .plan import Hoist, Segment, Structure
from .row import UNMASKED_COPY_OPS, Ids, Place, Row, count_ops, first_lanes, one_by_one, plus, run_full, run_row, scalar_lane
from .tables import apart, begin_tables, bring_tables

if TYPE_CHECKING:
    from .blocks import Blocks

__all__ = ["PIECES", "begin_sums", "bring_sums", "flat_rows", "long_rows"]

LONG = 8  # numbers of a point that are worth vectors of their own
PIECES = 2  # of a row that starts between two lines of memory
# Loads, and ops at most, of a body for which rows that go past the caches have code of their own: a test for each vector, and
# vectors under a mask at both ends, cost stencils up to a sixth where rows stay. Others gain nothing, or not what a copy takes to
# compile.
_SEVERAL, _SHORT = 4, 48


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
            run_full(blocks, segment, Row(lo, hi, ids, None), blocks.width)

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
        _in_places(blocks, segment, blocks.places, Row(lo, hi, ids, None))
        return
    if blocks.plain is not None:
        _if_apart(blocks, segment, blocks.plain, Row(lo, hi, ids, None), body)
        return
    if has_short_ids(blocks, segment) and not (blocks.combined or blocks.tables or blocks.source.sites):
        # No thread's number wraps in 32 bits but in rows that are longer than any in use: code for those is short.
        b.when(b.emit(arith.LE, hi, blocks.block.s.index(1 << 31)),
               lambda: _guarded(blocks, segment, Row(lo, hi, ids, None), body, short=True),
               lambda: one_by_one(blocks, segment.ops, blocks.levels, Row(lo, hi, ids, None)))  # fmt: skip
    else:
        _guarded(blocks, segment, Row(lo, hi, ids, None), body)


def _rows_of(blocks: Blocks, segment: Segment, lo: Value, hi: Value, z: Value) -> tuple[
        Callable[[Value, Value], Ids], Callable[[Value], tuple[Segment, Value, Value]]]:  # fmt: skip
    """Of the rows of a piece, by their numbers: the ids of the threads from x on, and what a row does, from where to where. (It
    begins where all do, or has no threads.)"""
    uniform = blocks.block.s.uniform

    def ids(x: Value, row: Value) -> Ids:
        return {("simt.global_id", 0): Lane(T.index, scalar=x, step=1), ("simt.global_id", 1): uniform(row),
                ("simt.global_id", 2): uniform(z)}  # fmt: skip

    def guarded(row: Value) -> tuple[Segment, Value, Value]:
        return shortened(blocks, segment, lo, hi, lambda: Body(blocks.b, blocks.width, blocks.levels, blocks.uses, ids(lo, row),
                                                               dict(blocks.env), None))  # fmt: skip

    return ids, guarded


def _joined(blocks: Blocks, segment: Segment, lo: Value, hi: Value, first: list[Value]) -> None:
    """The rows of a piece, as one where they follow one another."""
    y, z = first
    ids, guarded = _rows_of(blocks, segment, lo, hi, z)

    def run(inside: Segment, begin: Value, stop: Value, row: Value) -> None:
        def together() -> None:
            _pieces(blocks, inside, begin, stop, lambda x: ids(x, row))

        plain = blocks.plain
        if safe is None or plain is None:
            together()
        else:  # rows by themselves are left, of arguments that overlap
            blocks.b.when(safe, together, lambda: one_by_one(blocks, plain.body.ops[:-1], uniformity(plain),
                                                              Row(lo, hi, lambda x: ids(x, row), None)))  # fmt: skip

    safe = apart(blocks) if blocks.plain is not None else None
    join_rows(blocks, y, safe, guarded, run)


def _guarded(blocks: Blocks, segment: Segment, row: Row, body: Callable[[], Body], *, short: bool = False) -> None:
    """A row, or what a guard leaves of it."""
    b, ids = blocks.b, row.ids
    segment, lo, hi = shortened(blocks, segment, row.lo, row.hi, body, short=short)
    if _in_turns(blocks, segment, Row(lo, hi, ids, None), short=short):
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


def _in_turns(blocks: Blocks, segment: Segment, row: Row, *, short: bool) -> bool:
    """A row of which a remainder chooses the threads: vectors of those alone, whose numbers are so many apart."""
    if blocks.width == 1 or blocks.few or blocks.combined or blocks.tables or blocks.along:
        return False

    def one(x: Value) -> Body:
        ids = {key: scalar_lane(lane) for key, lane in row.ids(x).items()}
        return Body(blocks.b, 1, blocks.levels.alone(), blocks.uses, ids, dict(blocks.env), None)

    turns = in_turns(blocks, segment, row.lo, row.hi, one, short=short)
    if turns is None:
        return False
    b, s = blocks.b, blocks.block.s

    def ids(k: Value) -> Ids:
        x = b.emit(arith.ADD, turns.first, b.emit(arith.MUL, k, s.index(turns.step)))
        return {**row.ids(x), ("simt.global_id", 0): Lane(T.index, scalar=x, step=turns.step)}

    run_row(blocks, turns.segment, Row(s.index(0), turns.many, ids, None))
    return True


def _strip_rows(blocks: Blocks, segment: Segment, strip: Strip) -> None:
    """A segment for all threads of a piece of rows that march."""
    b, s = blocks.b, blocks.block.s

    def row(y: Value) -> None:
        nth = b.emit(arith.SUB, y, strip.y)
        at = b.emit(arith.MUL, nth, s.index(2))
        lo, hi = [b.emit(memory.LOAD, strip.bounds, plus(blocks, at, k), type=T.index, offset=0) for k in range(2)]
        number = b.emit(arith.MUL, nth, strip.vectors)
        run_full(blocks, segment, Row(lo, hi, lambda x: strip.ids(x, y), number), blocks.width)

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

    blocks.loop(zero, s.index(block[2]), s.index(1), "z", plane)


def _each_row(blocks: Blocks, inside: Callable[[], None]) -> None:
    """The rows of a piece that has several, one after the other."""
    assert blocks.piece is not None
    (lo, hi, first, z), count, s = blocks.piece, blocks.rows, blocks.block.s

    def row(j: Value) -> None:
        blocks.piece, blocks.rows = (lo, hi, blocks.b.emit(arith.ADD, first, j), z), 0
        inside()

    blocks.loop(s.index(0), s.index(count), s.index(1), "y", row)


def _if_apart(blocks: Blocks, segment: Segment, plain: Function, row: Row, body: Callable[[], Body]) -> None:
    """A row whose stores wait for their threads' ends where arrays do not overlap; else threads go one by one."""
    b, safe = blocks.b, apart(blocks)
    assert safe is not None
    yes, no = Region(), Region()
    with b.inside(yes):
        inside, lo, hi = shortened(blocks, segment, row.lo, row.hi, body)
        _pieces(blocks, inside, lo, hi, row.ids)
        b.yield_()
    with b.inside(no):
        one_by_one(blocks, plain.body.ops[:-1], uniformity(plain), row)
        b.yield_()
    b.if_(safe, [], yes, no)


def _in_places(blocks: Blocks, segment: Segment, places: Places, row: Row) -> None:
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
        one_by_one(blocks, plain.body.ops[:-1], uniformity(plain), row)
        b.yield_()
    b.if_(safe, [], yes, no)


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
    ids, guarded = _rows_of(blocks, segment, lo, hi, z)
    rows = [plus(blocks, y, k) for k in range(count)]
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
        run_row(blocks, inside, Row(stop, own, lambda x: ids(x, row), None))
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
            exists = None if left >= w else first_lanes(blocks, s.index(left), w)
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
    """A row that goes past the caches in launches that do, and else as it would if none did."""
    ops = [op for outer in segment.ops for op in (outer, *inner_ops(outer))] if blocks.streams else []
    if sum(op.defn is memory.LOAD for op in ops) < _SEVERAL or count_ops(segment.ops) > _SHORT or not _is_simple(blocks, segment):
        _by_pieces(blocks, segment, lo, hi, ids)
        return

    def stays() -> None:
        streams, blocks.streams = blocks.streams, ()
        run_row(blocks, segment, Row(lo, hi, ids, None))
        blocks.streams = streams

    blocks.b.when(blocks.b.emit(tile.STREAMS), lambda: _by_pieces(blocks, segment, lo, hi, ids), stays)


def _by_pieces(blocks: Blocks, segment: Segment, lo: Value, hi: Value, ids: Callable[[Value], Ids]) -> None:
    """A row in one piece, or in two where its start lies between two lines of what is streamed."""
    b, s = blocks.b, blocks.block.s
    ahead = _lead(blocks, lo, hi, ids)
    if ahead is None:
        run_row(blocks, segment, Row(lo, hi, ids, None))
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
        run_row(blocks, segment, Row(begin, end, ids, None))

    first = b.emit(arith.SELECT, b.emit(arith.GT, ahead, zero), zero, one)
    b.count(first, s.index(PIECES), one, "piece", piece)


def _is_simple(blocks: Blocks, segment: Segment) -> bool:
    """Whether a row is full vectors and, at its ends, vectors under a mask."""
    few_kinds = blocks.width > 1 and not blocks.few and not blocks.has_own_rows
    return few_kinds and not blocks.slow_masks and count_ops(segment.ops) <= UNMASKED_COPY_OPS


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
