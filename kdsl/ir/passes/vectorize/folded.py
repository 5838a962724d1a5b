"""Numbers of points: `o[i, c] = a[i, c] * s[c] + m[i]` in a launch with few threads along axis 1, as points of three numbers have.

One idea: where the points of all arrays follow one another in memory, the numbers of some are whole vectors. Lanes of a vector
go on from the numbers of one point to those of the next then, and which point and which number each lane has is the same for all
such groups. Whether points follow one another is asked when the code runs. Rows of 8 to 32 numbers are such points too: each by
itself would be a vector or two, and an end. Those that lie apart are, but without what a row's begin costs (`rows`).
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Any, NamedTuple

from ... import types as T
from ...analysis.accesses import indices_of
from ...analysis.uniformity import BLOCK, Uniformity, uniformity
from ...core import Function, Op, Value, walk
from ...ops import arith, memory, tile
from .lanes import Lane, Lanes

if TYPE_CHECKING:
    from .body import Body

__all__ = ["Fold", "Piece", "fold_of", "group_of", "ids_along", "ids_of", "load_folded", "ops_to_fold", "store_folded"]

_MOST_OPS = 400  # of all vectors: LLVM's time grows with them
_FUNCTION_OPS = 30  # that an elementary function becomes
_PLAIN = ("arith.constant", "simt.global_id", "memory.extent", "memory.load", "memory.store", "scf.if", "scf.yield")


class _Access(NamedTuple):
    """Which of its indices are a thread's place along axis 0, to which `more` is added (None: nothing), or from which it is taken,
    and along axis 1; None: none."""

    point: int | None
    number: int | None
    more: Value | None = None
    sign: int = 1


class Fold(NamedTuple):
    """few: threads along axis 1. levels: what differs between threads, those along axis 1 too. accesses: how each moves with the
    threads, where it does. dense: arrays whose points have to follow one another, with the axis that counts them."""

    few: int
    levels: Uniformity
    accesses: dict[Op, _Access]
    dense: list[tuple[Value, int]]


class Piece(NamedTuple):
    """Vector `nth` of a group, whose points begin with `first`."""

    fold: Fold
    first: Value
    nth: int


def group_of(few: int, width: int) -> tuple[int, int]:
    """How many vectors are the numbers of how many points, all of them: four vectors at least, or as many points as lanes."""
    common = gcd(few, width)
    while few // common < 4 and common % 2 == 0:
        common //= 2
    return few // common, width // common


def ops_to_fold(f: Function) -> int:
    """About how many ops a vector takes where they go on from point to point; 0: they do not."""
    ops = list(walk(f.body))
    functions = len([op for op in ops if op.name.startswith("math.")])
    return len(ops) + functions * _FUNCTION_OPS if fold_of(f, 1, 1) else 0


def fold_of(f: Function, few: int, width: int) -> Fold | None:
    """How vectors of a flat function go on from point to point, where all that its threads access is their own numbers, one number
    of each point, or what is the same for all of them."""
    ops = list(walk(f.body))
    if f.sites or group_of(few, width)[0] * len(ops) > _MOST_OPS or not all(op.defn.elementwise or op.name in _PLAIN for op in ops):
        return None
    levels = uniformity(f)
    accesses: dict[Op, _Access] = {}
    dense: dict[tuple[Value, int], None] = {}
    for op in ops:
        if op.name not in ("memory.load", "memory.store"):
            continue
        found = _access(op, levels)
        if found is None:
            return None
        if found.point is not None and found.number is not None:
            dense[op.operands[0], found.point] = None
        elif op.name == "memory.store":
            return None
        if found.point is not None or found.number is not None:
            accesses[op] = found
    return Fold(few, levels, accesses, list(dense)) if dense else None


def _access(op: Op, levels: Uniformity) -> _Access | None:
    """None: it moves otherwise, or with the numbers of points, but not from one element to the next."""
    t = op.operands[0].type
    assert isinstance(t, T.ArrayType)
    point = number = more = None
    sign = 1
    for axis, v in enumerate(indices_of(op)):
        if levels.of(v) == BLOCK:
            continue
        if _is_id(v, 1) and number is None:
            number = axis
            continue
        if point is not None or (sum_ := _beside_point(v, levels)) is None:
            return None
        point, (more, sign) = axis, sum_
    moves = point if number is None else number
    if moves is None:
        return _Access(None, None)
    element = T.element_of(op.results[0].type if op.results else op.operands[-1].type)
    is_whole = not op.attributes["offset"] and T.size_and_align(t.element)[0] == element.size_bytes
    fits = is_whole and t.space is T.Space.GLOBAL and (moves == t.unit_axis or number is None)
    return _Access(point, number, more, sign) if fits else None


def _is_id(v: Value, axis: int) -> bool:
    return v.op is not None and v.op.name == "simt.global_id" and v.op.attributes["axis"] == axis


def _beside_point(v: Value, levels: Uniformity) -> tuple[Value | None, int] | None:
    """What is added (1) to the place along axis 0, or taken from it (-1)."""
    if _is_id(v, 0):
        return None, 1
    if v.op is None or v.op.name not in ("arith.add", "arith.sub"):
        return None
    a, b = v.op.operands
    sign = 1 if v.op.name == "arith.add" else -1
    if sign > 0 and _is_id(b, 0):
        a, b = b, a
    return (b, sign) if _is_id(a, 0) and levels.of(b) == BLOCK else None


# --- what the lanes of a piece have ---


def ids_of(s: Lanes, piece: Piece, plane: Value) -> dict[tuple[str, int], Lane]:
    """The ids of a piece's threads. plane: their place along axis 2."""

    def point() -> Value:
        return s.b.emit(arith.ADD, s.splat(piece.first), _points(s, piece))

    return {("simt.global_id", 0): Lane(T.index, make=point),
            ("simt.global_id", 1): Lane(T.index, make=lambda: _numbers(s, piece)),
            ("simt.global_id", 2): s.uniform(plane)}  # fmt: skip


def ids_along(s: Lanes, point: Value, number: int, plane: Value) -> dict[tuple[str, int], Lane]:
    """The ids of threads along axis 1, from `number` on."""
    return {("simt.global_id", 0): s.uniform(point), ("simt.global_id", 1): Lane(T.index, scalar=s.index(number), step=1),
            ("simt.global_id", 2): s.uniform(plane)}  # fmt: skip


def _elements(s: Lanes, piece: Piece) -> Value:
    """Of each lane, counted from the first point's first."""
    return s.b.emit(arith.ADD, s.iota(T.index), s.splat(s.index(piece.nth * s.width)))


def _points(s: Lanes, piece: Piece) -> Value:
    return s.b.emit(arith.FLOORDIV, _elements(s, piece), s.splat(s.index(piece.fold.few)))


def _numbers(s: Lanes, piece: Piece) -> Value:
    return s.b.emit(arith.MOD, _elements(s, piece), s.splat(s.index(piece.fold.few)))


def _first_of(body: Body, piece: Piece, access: _Access) -> Value:
    """The index that counts points, of the first of them."""
    if access.more is None:
        return piece.first
    return body.b.emit(arith.ADD if access.sign > 0 else arith.SUB, piece.first, body.scalar(access.more))


def _indices(body: Body, op: Op, moving: dict[int | None, Value]) -> list[Value]:
    rank = op.operands[0].type.rank  # type: ignore[union-attr]
    return [moving[axis] if axis in moving else body.scalar(v) for axis, v in enumerate(op.operands[1 : 1 + rank])]


def _own_numbers(body: Body, op: Op, piece: Piece, access: _Access) -> tuple[list[Value], dict[str, Any]]:
    """The indices of a piece's first element, and the attributes of an access that goes on from point to point."""
    assert access.point is not None and access.number is not None
    before, number = divmod(piece.nth * body.width, piece.fold.few)
    first = _first_of(body, piece, access)
    first = body.b.emit(arith.ADD, first, body.s.index(before)) if before else first
    indices = _indices(body, op, {access.point: first, access.number: body.s.index(number)})
    return indices, {"axis": access.number, "step": 1, "offset": 0, "points": access.point, "count": piece.fold.few}


def load_folded(body: Body, op: Op) -> Value | None:
    """What the lanes of a piece load; None where that is to be gathered: of lanes under a mask no other's element may be read."""
    piece = body.piece
    access = None if piece is None else piece.fold.accesses.get(op)
    if piece is None or access is None:
        return None
    b, s, array, element = body.b, body.s, body.array(op.operands[0]), T.element_of(op.results[0].type)
    result = s.tile_type(element)
    if access.point is not None and access.number is not None:
        indices, attributes = _own_numbers(body, op, piece, access)
        return b.emit(tile.LOAD, array, *indices, body.active(), type=result, **attributes)
    if body.mask is not None:
        return None
    first, few = piece.nth * body.width, piece.fold.few
    axis = access.number if access.point is None else access.point
    assert axis is not None

    def along(place: Value) -> Value:
        every = b.constant(True, T.bool_)
        return b.emit(tile.LOAD, array, *_indices(body, op, {axis: place}), every, type=result, axis=axis, step=1, offset=0)

    def one_of(lanes: Value, numbers: range) -> Value:
        """Elements that each lanes have, by what they have of `lanes`."""
        out: Value | None = None
        for n in numbers:
            place = s.index(n)
            where = b.emit(arith.ADD, _first_of(body, piece, access), place) if access.point is not None else place
            one = s.splat(b.emit(memory.LOAD, array, *_indices(body, op, {axis: where}), type=element, offset=0))
            out = one if out is None else b.emit(arith.SELECT, b.emit(arith.EQ, lanes, s.splat(place)), one, out)
        assert out is not None
        return out

    if access.point is not None:
        unit = op.operands[0].type.unit_axis  # type: ignore[union-attr]
        if group_of(few, body.width)[1] == body.width and access.point == unit:
            return b.emit(tile.PERMUTE, along(_first_of(body, piece, access)), _points(s, piece))
        return one_of(_points(s, piece), range(first // few, (first + body.width - 1) // few + 1))
    if few < body.width:
        return one_of(_numbers(s, piece), range(few))
    number = first % few
    if number + body.width <= few:
        return along(s.index(number))
    # The last of one point and the first of the next: of both there is a whole vector, of which lanes have other places.
    past = number + body.width - few
    is_next = b.emit(arith.LT, s.iota(T.index), s.splat(s.index(past)))
    both = b.emit(arith.SELECT, is_next, along(s.index(0)), along(s.index(few - body.width)))
    lanes = b.emit(arith.MOD, b.emit(arith.ADD, s.iota(T.index), s.splat(s.index(past))), s.splat(s.index(body.width)))
    return b.emit(tile.PERMUTE, both, lanes)


def store_folded(body: Body, op: Op) -> bool:
    """Whether the lanes of a piece have stored."""
    piece = body.piece
    access = None if piece is None else piece.fold.accesses.get(op)
    if piece is None or access is None:
        return False
    indices, attributes = _own_numbers(body, op, piece, access)
    body.b.emit(tile.STORE, body.array(op.operands[0]), *indices, body.active(), body.tile(op.operands[-1]), **attributes)
    return True
