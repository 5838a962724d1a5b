"""The loops over threads of kernels with barriers: whole blocks, cut at their barriers, row by row or vectors side by side.

One idea: where the block's shape is known, several vectors run together (`team`), and no code is made for tails that do not
exist. Subgroup operations want the block's linear order: where rows are no multiple of W the `linear` layout walks the whole block
as one row and computes ids by division.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ... import types as T
from ...core import Op, Region, Value
from ...ops import arith, simt, tile
from .in_turn import in_turn
from .lanes import Lane
from .narrow import narrowed, of_first_row
from .plan import Segment
from .row import Ids, Place, Row, plus, run_row, tail_mask

if TYPE_CHECKING:
    from .blocks import Blocks

__all__ = ["block_rows", "linear_rows", "updates_own"]

_UNROLLED = 4  # vectors of merged blocks, which have rows enough
_CHAINS = 4
# Updates of tables that blocks share, in the loop over threads. A processor foresees which store a load will meet for few places in
# the code: equal bytes take 0.33 ns each on an EPYC of the third generation, and 0.38 with 32 and more.
_FORESEEN = 16


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
        run_row(blocks, segment, Row(zero, hi, lambda x: _ids(blocks, x, y, z), number))

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
            at = [plus(blocks, x, k % nx * w), plus(blocks, y, k // nx % ny), plus(blocks, z, k // (nx * ny))]
            exists = tail_mask(blocks, at[0], s.index(threads), w) if nx == used and threads - k % nx * w < w else None
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
