"""Memory of W threads at once: which accesses are one scalar, one vector, or W scattered elements.

One idea: the indices' lanes decide. All uniform: a scalar access. One index affine, the others uniform: a vector access along
that axis. One index affine under a guard: whichever of two holds at run time. Anything else: gather or scatter.
A private array gets a last axis of W lanes; one that lives across barriers gets an element for every thread of the block.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ... import types as T
from ...analysis.combining import neutral
from ...builder import Builder
from ...core import Op, Region, Value
from ...ops import arith, memory, tile
from .body import Body, handles
from .folded import load_folded, store_folded
from .lanes import Lane
from .shared_places import load_shared
from .tables import COMBINE, update_table

__all__ = ["Private", "run_along"]


class Private:
    """Where a thread's own array lives: `array` has the given `shape` and a last axis of lanes, or (slots) holds W lanes
    of every element for every vector of the block, because the contents outlive a barrier."""

    __slots__ = ("array", "shape", "slots")

    def __init__(self, array: Value, shape: tuple[int, ...], *, slots: bool) -> None:
        self.array = array
        self.shape = shape
        self.slots = slots


def _indices(body: Body, op: Op, stop: int) -> list[Lane]:
    return [body.lane(v) for v in op.operands[1:stop]]


def _target(body: Body, op: Op, stop: int) -> tuple[Value, list[Lane], dict[str, Any]]:
    """The array, the lanes of its indices, and the offset attribute of an access."""
    indices = _indices(body, op, stop)
    attributes: dict[str, Any] = {"offset": op.attributes.get("offset", 0)}
    private = body.private.get(op.operands[0])
    if private is None:
        return body.array(op.operands[0]), indices, attributes
    if not private.slots:
        lane = Lane(T.index, scalar=body.s.index(0), step=1 if body.width > 1 else 0)
        return private.array, [*indices, lane], attributes
    # One run of W elements for each (vector of threads, element): place = (vector * elements + element) * W + lane.
    linear = body.s.uniform(body.s.index(0))
    elements = 1
    for i, extent in zip(indices, private.shape, strict=True):
        scaled = body.s.apply(arith.MUL, [linear, body.s.uniform(body.s.index(extent))], T.index, {})
        linear = body.s.apply(arith.ADD, [scaled, i], T.index, {})
        elements *= extent
    first = body.b.emit(arith.MUL, body.slot_position(), body.s.index(elements * body.width))
    run = body.s.apply(arith.MUL, [linear, body.s.uniform(body.s.index(body.width))], T.index, {})
    start = body.s.apply(arith.ADD, [body.s.uniform(first), run], T.index, {})
    lane = Lane(T.index, scalar=body.s.index(0), step=1)
    return private.array, [body.s.apply(arith.ADD, [start, lane], T.index, {})], attributes


def _axis(indices: list[Lane]) -> int | None:
    """The one axis along which the lanes move evenly, if there is one."""
    moving = [k for k, i in enumerate(indices) if not i.uniform]
    return moving[0] if len(moving) == 1 and indices[moving[0]].scalar is not None else None


class _Near(NamedTuple):
    """Elements that lie along an axis where a guard holds: the first lane's indices."""

    axis: int
    guard: Value | None
    indices: list[Value]


def _near(body: Body, op: Op, indices: list[Lane]) -> _Near | None:
    axis = _axis(indices)
    if axis is not None:
        return _Near(axis, None if op in body.sure else indices[axis].guard, _scalars(indices))
    moving = [k for k, i in enumerate(indices) if not i.uniform and i.scalar is not None]
    if len(moving) != 1:
        return None
    axis, guard, first = moving[0], indices[moving[0]].guard, list[Value]()
    for i in indices:  # one row's number, unless a row ends between the lanes
        scalar, holds = (i.scalar, None) if i.scalar is not None else i.usual or (None, None)
        if scalar is None:
            return None
        guard = body.s.both(guard, holds)
        first.append(scalar)
    return _Near(axis, guard, first)


def _scalars(indices: list[Lane]) -> list[Value]:
    return [i.scalar for i in indices if i.scalar is not None]


def _either(body: Body, guard: Value | None, types: list[T.Type], near: Callable[[], list[Value]],
            far: Callable[[], list[Value]]) -> list[Value]:  # fmt: skip
    """`near()` when there is no guard; otherwise a branch on it."""
    if guard is None:
        return near()
    regions = []
    for make in (near, far):
        region = Region()
        with body.b.inside(region):
            body.b.yield_(*make())
        regions.append(region)
    return list(body.b.if_(guard, types, *regions).results)


def _mixed(body: Body, indices: list[Lane]) -> list[Value]:
    return [i.scalar if i.uniform and i.scalar is not None else body.s.tile(i) for i in indices]


@handles("memory.load")
def load(body: Body, op: Op) -> None:
    if (folded := load_folded(body, op)) is not None:
        body.env[op.results[0]] = body.s.varying(folded)
        return
    array, indices, attributes = _target(body, op, len(op.operands))
    element = T.element_of(op.results[0].type)
    if all(i.uniform for i in indices):
        out = body.b.emit(memory.LOAD, array, *_scalars(indices), type=element, **attributes)
        body.env[op.results[0]] = body.s.uniform(out)
        return
    share = body.shares.get(op)
    if share is not None and body.mask is None:
        others = [i.scalar for k, i in enumerate(indices) if k != share.axis and i.scalar is not None]
        body.env[op.results[0]] = body.s.varying(load_shared(body, array, others, op, share))
        return
    result = body.s.tile_type(element)
    axis = _axis(indices)
    partner = _partner(op, indices, body.width) if axis is None else None
    if partner is not None:
        lanes, mask = partner.lanes(body), partner.mask(body)
        found = body.b.emit(tile.LOAD, array, *partner.indices, mask, type=result, axis=partner.axis, step=1, **attributes)
        body.env[op.results[0]] = body.s.varying(body.b.emit(tile.PERMUTE, found, lanes))
        return

    active = body.b.constant(True, T.bool_) if body.loads_all else body.active()

    def scattered() -> list[Value]:
        return [body.b.emit(tile.GATHER, array, *_mixed(body, indices), active, type=result, **attributes)]

    near = _near(body, op, indices)

    def together() -> list[Value]:
        assert near is not None
        return [body.b.emit(tile.LOAD, array, *near.indices, active, type=result, axis=near.axis,
                            step=indices[near.axis].step, **attributes)]  # fmt: skip

    if near is None or _guards_a_gather(op, near):
        out = scattered()
    else:
        out = _either(body, near.guard, [result], together, scattered)
    body.env[op.results[0]] = body.s.varying(out[0])


@handles("memory.store")
def store(body: Body, op: Op) -> None:
    if store_folded(body, op):
        return
    array, indices, attributes = _target(body, op, len(op.operands) - 1)
    value = body.lane(op.operands[-1])
    if all(i.uniform for i in indices):
        body.b.emit(memory.STORE, array, *_scalars(indices), _one(body, value), **attributes)
        return
    axis = _axis(indices)
    is_row = body.mask is None or (body.streams_parts and body.mask is body.exists)
    if op in body.streams and is_row and run_along(op, indices) is not None:
        body.b.emit(tile.STREAM, array, *_scalars(indices), body.active(), body.s.tile(value), axis=axis, **attributes)
        return

    partner = _partner(op, indices, body.width) if axis is None else None
    if partner is not None:
        moved, mask = body.b.emit(tile.PERMUTE, body.s.tile(value), partner.lanes(body)), partner.mask(body)
        body.b.emit(tile.STORE, array, *partner.indices, mask, moved, axis=partner.axis, step=1, **attributes)
        return

    def scattered() -> list[Value]:
        body.b.emit(tile.SCATTER, array, *_mixed(body, indices), body.active(), body.s.tile(value), **attributes)
        return []

    near = _near(body, op, indices)

    def together() -> list[Value]:
        assert near is not None
        body.b.emit(tile.STORE, array, *near.indices, body.active(), body.s.tile(value), axis=near.axis,
                    step=indices[near.axis].step, **attributes)  # fmt: skip
        return []

    if near is None or indices[near.axis].step == 0:
        scattered()
    else:
        _either(body, near.guard, [], together, scattered)


class _Partner(NamedTuple):
    """A vector of a block's array whose lanes change places: lane k has its element k ^ flip."""

    indices: list[Value]
    axis: int
    flip: Value

    def lanes(self, body: Body) -> Value:
        return body.s.partners(self.flip)

    def mask(self, body: Body) -> Value:
        """Of the elements that lanes which are on have."""
        return body.active() if body.mask is None else body.b.emit(tile.PERMUTE, body.mask, self.lanes(body))


def _partner(op: Op, indices: list[Lane], width: int) -> _Partner | None:
    """A vector that lies in the array as soon as one of its lanes does."""
    t = op.operands[0].type
    if not isinstance(t, T.ArrayType) or t.space is not T.Space.SHARED or t.shape is None or t.shape[-1] % width:
        return None
    *others, last = indices
    if last.swapped is None or not all(i.uniform for i in others):
        return None
    base, flip = last.swapped
    return _Partner([*_scalars(others), base], len(others), flip)


def _guards_a_gather(op: Op, near: _Near) -> bool:
    """Whether an even access would only sometimes be one, and then between elements at any distance, which is a gather too."""
    t = op.operands[0].type
    return near.guard is not None and isinstance(t, T.ArrayType) and t.space is T.Space.GLOBAL and t.unit_axis != near.axis


def run_along(op: Op, indices: list[Lane]) -> int | None:
    """The axis along which the lanes' elements lie side by side, if they certainly do."""
    axis, array = _axis(indices), op.operands[0].type
    if axis is None or not isinstance(array, T.ArrayType) or array.unit_axis != axis:
        return None
    return axis if indices[axis].affine and indices[axis].step == 1 else None


def _one(body: Body, value: Lane) -> Value:
    """What ends up in a cell that all active lanes write: the value of the last one that is active."""
    if value.uniform and value.scalar is not None:
        return value.scalar
    if body.mask is None:
        return body.b.emit(tile.EXTRACT, body.s.tile(value), body.s.index(body.width - 1))
    # Without a race only one lane is active here (or all write the same), so the first will do.
    lane = body.b.emit(tile.FIRST, body.mask)
    return body.b.emit(tile.EXTRACT, body.s.tile(value), lane)


_LINE = 64


@handles("memory.prefetch")
def prefetch(body: Body, op: Op) -> None:
    """The first lane's element: vectors that lie apart would be asked for lane by lane, which costs more than it saves.
    Once for each line of memory, as far as the code has the vectors that lie in it side by side."""
    array, indices, _ = _target(body, op, len(op.operands))
    assert isinstance(array.type, T.ArrayType)
    size_bytes = T.size_and_align(array.type.element)[0]
    if body.nth * body.width * size_bytes % _LINE or any(i.scalar is None for i in indices):
        return
    b, place = body.b, body.ids.get(("simt.thread_id", 0))
    run_bytes = body.run * body.width * size_bytes
    if place is None or place.scalar is None or run_bytes >= _LINE or _LINE % run_bytes:
        b.emit(memory.PREFETCH, array, *_scalars(indices), near=op.attributes["near"])
        return
    begins, some, none = b.emit(arith.AND, place.scalar, body.s.index(_LINE // size_bytes - 1)), Region(), Region()
    with b.inside(some):
        b.emit(memory.PREFETCH, array, *_scalars(indices), near=op.attributes["near"])
        b.yield_()
    with b.inside(none):
        b.yield_()
    b.if_(b.emit(arith.EQ, begins, body.s.index(0)), [], some, none)


_ATOMICS = ("add", "sub", "min", "max", "and", "or", "xor", "exchange")


@handles(*[f"atomic.{kind}" for kind in _ATOMICS])
def atomic(body: Body, op: Op) -> None:
    if op in body.combined:
        combine(body, op, body.combined[op])
        return
    table = body.tables.get(op.operands[0])
    if table is None:
        update(body, op)
    else:
        update_table(body, op, table, lambda: update(body, op))


def update(body: Body, op: Op) -> None:
    """An atomic of the lanes that are on."""
    if body.width == 1:
        alone(body, op)
        return
    array, indices, attributes = _target(body, op, len(op.operands) - 1)
    value = body.tile(op.operands[-1])
    out = body.b.emit(tile.ATOMIC, array, *_mixed(body, indices), body.mask_tile(), value, type=value.type,
                      kind=op.defn.name.removeprefix("atomic."), **attributes)  # fmt: skip
    body.env[op.results[0]] = body.s.varying(out)


def alone(body: Body, op: Op) -> None:
    """An atomic of the only lane, as it is."""
    array, *operands = op.operands
    out = body.b.emit(op.defn, body.array(array), *[body.scalar(v) for v in operands], **op.attributes)
    body.env[op.results[0]] = body.s.uniform(out)


def combine(body: Body, op: Op, sums: Value) -> None:
    """An update of an element that all threads share, put by for the end of the row (`analysis/combining`)."""
    kind, value = op.name.removeprefix("atomic."), body.tile(op.operands[-1])
    if body.mask is not None:
        nothing = body.s.splat(body.b.constant(neutral(kind, T.element_of(value.type)), T.element_of(value.type)))
        value = body.b.emit(arith.SELECT, body.mask, value, nothing)
    so_far = read_whole(body.b, sums, value.type)
    write_whole(body.b, sums, body.b.emit(COMBINE[kind], so_far, value))


def read_whole(b: Builder, array: Value, t: T.Type) -> Value:
    """All lanes of a private array of one tile."""
    zero, true = b.constant(0, T.index), b.constant(True, T.bool_)
    return b.emit(tile.LOAD, array, zero, true, type=t, axis=0, step=1, offset=0)


def write_whole(b: Builder, array: Value, value: Value) -> None:
    b.emit(tile.STORE, array, b.constant(0, T.index), b.constant(True, T.bool_), value, axis=0, step=1, offset=0)


@handles("atomic.compare_exchange")
def compare_exchange(body: Body, op: Op) -> None:
    if body.width == 1:
        alone(body, op)
        return
    array, indices, attributes = _target(body, op, len(op.operands) - 2)
    expected, value = body.tile(op.operands[-2]), body.tile(op.operands[-1])
    out = body.b.emit(tile.ATOMIC_CAS, array, *_mixed(body, indices), body.mask_tile(), expected, value,
                      type=value.type, **attributes)  # fmt: skip
    body.env[op.results[0]] = body.s.varying(out)


@handles("memory.alloc")
def alloc(body: Body, op: Op) -> None:
    """Arrays are made before the loops over threads (`blocks`); here they only have to be known."""
    assert op.results[0] in body.env or op.results[0] in body.private
