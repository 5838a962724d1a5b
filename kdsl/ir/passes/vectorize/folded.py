"""Numbers of points: `o[i, c] = a[i, c] * s[c] + m[i]` in a launch with few threads along axis 1, as points of three numbers have.

One idea: where the points of all arrays follow one another in memory, those of as many points as a vector has lanes are whole
vectors, as many as a point has numbers. A vector's lanes go on from the numbers of one point to those of the next then, and which
point and which number each lane has is the same for all such pieces. Whether points follow one another is asked when the code runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ... import types as T
from ...analysis.uniformity import BLOCK, Uniformity, uniformity
from ...core import Function, Op, Value, walk
from ...ops import arith, memory, tile
from .lanes import Lane, Lanes

if TYPE_CHECKING:
    from .body import Body

__all__ = ["Fold", "Piece", "fold_of", "ids_of", "load_folded", "store_folded"]

_MOST_OPS = 200  # of all vectors: LLVM's time grows with them
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
    """Vector `nth` of those that have the numbers of a vector's points, of which `first` is the first."""

    fold: Fold
    first: Value
    nth: int


def fold_of(f: Function, few: int) -> Fold | None:
    """How vectors of a flat function go on from point to point, where all that its threads access is their own numbers, one number
    of each point, or what is the same for all of them."""
    ops = list(walk(f.body))
    if f.sites or few * len(ops) > _MOST_OPS or not all(op.defn.elementwise or op.name in _PLAIN for op in ops):
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
    """None: it moves otherwise, or not from one element to the next."""
    array, *indices = op.operands if op.name == "memory.load" else op.operands[:-1]
    t = array.type
    assert isinstance(t, T.ArrayType)
    point = number = more = None
    sign = 1
    for axis, v in enumerate(indices):
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
    return _Access(point, number, more, sign) if is_whole and t.space is T.Space.GLOBAL and moves == t.unit_axis else None


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
    if access.point is not None:
        indices = _indices(body, op, {access.point: _first_of(body, piece, access)})
        every = b.constant(True, T.bool_)
        found = b.emit(tile.LOAD, array, *indices, every, type=result, axis=access.point, step=1, offset=0)
        return b.emit(tile.PERMUTE, found, _points(s, piece))
    out: Value | None = None
    for number in range(piece.fold.few):
        indices = _indices(body, op, {access.number: s.index(number)})
        one = s.splat(b.emit(memory.LOAD, array, *indices, type=element, offset=0))
        is_its = b.emit(arith.EQ, _numbers(s, piece), s.splat(s.index(number)))
        out = one if out is None else b.emit(arith.SELECT, is_its, one, out)
    return out


def store_folded(body: Body, op: Op) -> bool:
    """Whether the lanes of a piece have stored."""
    piece = body.piece
    access = None if piece is None else piece.fold.accesses.get(op)
    if piece is None or access is None:
        return False
    indices, attributes = _own_numbers(body, op, piece, access)
    body.b.emit(tile.STORE, body.array(op.operands[0]), *indices, body.active(), body.tile(op.operands[-1]), **attributes)
    return True
