"""Places that neighbours share: `a[y // 2, x // 2]`, the byte `a[i // 8]` that has a thread's bit, and which bit, `i % 8`.

One idea: where a vector begins at a multiple of n, lanes k to k + n - 1 have one place, and what the vector loads is a shorter one
with each element n times. Whether it begins there is asked once for a vector (see `packed`); otherwise lanes gather.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ... import types as T
from ...analysis.uniformity import SUBGROUP, Uniformity
from ...core import Function, Op, Value, walk
from ...ops import arith, tile

if TYPE_CHECKING:
    from .body import Body

__all__ = ["Share", "is_id", "load_shared", "share_of", "shared_loads", "turn_of", "turns"]

_MOST_SHARE = 8


class Share(NamedTuple):
    """id // n, to which `more` is added, or (negative) from which it is taken. axis: of an access."""

    id: Value
    n: int
    more: tuple[tuple[Value, int], ...] = ()
    axis: int = 0


def share_of(v: Value, levels: Uniformity) -> Share | None:
    """An index as a place that n neighbours share."""
    op = v.op
    if op is None or v.type is not T.index:
        return None
    if op.name in ("arith.floordiv", "arith.shr"):
        id, by = op.operands
        n = by.constant if op.name == "arith.floordiv" else _power(by.constant)
        return Share(id, n) if is_id(id) and n in (2, 4, _MOST_SHARE) else None
    if op.name not in ("arith.add", "arith.sub"):
        return None
    a, b = op.operands
    sign = 1 if op.name == "arith.add" else -1
    if levels.of(a) <= SUBGROUP and sign > 0:
        a, b = b, a
    found = share_of(a, levels) if levels.of(b) <= SUBGROUP else None
    return None if found is None else found._replace(more=(*found.more, (b, sign)))


def _power(shift: object) -> int:
    return 1 << shift if isinstance(shift, int) and 0 < shift < _MOST_SHARE else 0


def is_id(v: Value) -> bool:
    """Whether a value counts a row's threads."""
    return v.op is not None and v.op.name == "simt.global_id" and v.op.attributes["axis"] == 0


def turn_of(op: Op) -> Share | None:
    """A cast of id % n to a number of few bits."""
    t, source = op.results[0].type, op.operands[0].op
    if op.name != "arith.cast" or source is None or not isinstance(t, T.ScalarType) or not t.is_integer or t.bits > 16:
        return None
    if source.name not in ("arith.mod", "arith.and") or not is_id(source.operands[0]):
        return None
    number = source.operands[1].constant
    n = number if source.name == "arith.mod" or not isinstance(number, int) else number + 1
    return Share(source.operands[0], n) if n in (2, 4, _MOST_SHARE) else None


def shared_loads(f: Function, levels: Uniformity) -> dict[Op, Share]:
    """Loads of a flat function whose lanes share places along one axis, and move along no other; not where threads part by what
    they load."""
    found: dict[Op, Share] = {}

    def enter(op: Op) -> bool:
        return levels.control[op] <= SUBGROUP or (op.name == "scf.if" and _is_of_ids(op.operands[0], levels))

    for op in walk(f.body, enter):
        t = op.operands[0].type if op.name == "memory.load" else None
        if not isinstance(t, T.ArrayType) or t.space is not T.Space.GLOBAL or op.attributes["offset"]:
            continue
        moving = [(axis, v) for axis, v in enumerate(op.operands[1:]) if levels.of(v) > SUBGROUP]
        share = share_of(moving[0][1], levels) if len(moving) == 1 else None
        if share is not None and isinstance(op.results[0].type, T.ScalarType):
            found[op] = share._replace(axis=moving[0][0])
    return found


def _is_of_ids(v: Value, levels: Uniformity) -> bool:
    """Whether a value differs between threads by their places alone."""
    op = v.op
    if levels.of(v) <= SUBGROUP:
        return True
    if op is None or op.regions:
        return False
    return op.name == "simt.global_id" or (op.defn.elementwise and all(_is_of_ids(w, levels) for w in op.operands))


def load_shared(body: Body, array: Value, others: Iterable[Value], op: Op, share: Share) -> Value:
    """The elements of a vector that begins at a multiple of n, and has no mask. others: scalar indices of the other axes."""
    b, s = body.b, body.s
    place = body.lane(share.id).scalar
    assert place is not None and body.mask is None
    first = b.emit(arith.FLOORDIV, place, s.index(share.n))
    for v, sign in share.more:
        first = b.emit(arith.ADD if sign > 0 else arith.SUB, first, body.scalar(v))
    indices = list(others)
    indices.insert(share.axis, first)
    short = T.TileType(T.element_of(op.results[0].type), (body.width // share.n,))
    true = b.constant(True, T.bool_)
    found = b.emit(tile.LOAD, array, *indices, true, type=short, axis=share.axis, step=1, offset=op.attributes["offset"])
    return b.emit(tile.REPEAT, found, times=share.n)


def turns(body: Body, share: Share, t: T.ScalarType) -> Value:
    """id % n of a vector that begins at a multiple of n."""
    return body.b.emit(arith.AND, body.s.iota(t), body.s.splat(body.s.constant(share.n - 1, t)))
