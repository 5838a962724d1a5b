"""Neighbours that lanes load or store together: the channels of a picture's points, the columns of a thread's tile.

One idea: lane k's x[3*k], x[3*k + 1] and x[3*k + 2] are, over all lanes, one run of memory. Where a body has all accesses of such a
group, whole vectors are loaded and their elements handed to the accesses, or what is stored is shuffled into whole vectors.
Each by itself would load the run anew, or store element by element. Where how far lanes are apart is known at run time only (a
picture's points along axis 1 of a view with any strides), a test decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...ir import types as T
from ...ir.core import Op, Region, Value, walk
from .emitter import Emitter, lowering
from .memory import (
    Stride,
    apart,
    is_on,
    load_vector,
    loaded_tile,
    pick,
    put_apart,
    scalar_pointer,
    step_bytes,
    store_vector,
    tile_store,
)
from .narrow import from_memory, to_memory
from .text import MEMORY, lanes_of, vector

__all__ = ["Group"]

_MOST = 4  # elements of a lane


class Group(NamedTuple):
    """Accesses of one kind, each by its op: `places` says which of a lane's elements, from 0 to size - 1, it is."""

    places: dict[Op, int]
    size: int


class _Key(NamedTuple):
    """What accesses of a group have in common. stride: bytes from lane to lane, 0 where that is known at run time only."""

    name: str
    array: Value
    axis: int
    stride: int
    element: T.ScalarType
    indices: tuple[Value | None, ...]


def _groups(e: Emitter) -> dict[Op, Group]:
    """By op, the group that it is part of."""
    if e.groups is None:
        e.groups = {}
        if any(_is_strided(op) for op in walk(e.function.body)):
            _find(e, e.function.body, e.groups)
    return e.groups


def _is_strided(op: Op) -> bool:
    if op.name not in ("tile.load", "tile.store"):
        return False
    t = op.operands[0].type
    assert isinstance(t, T.ArrayType)
    return abs(op.attributes["step"]) > 1 or op.attributes["axis"] != _unit(t)


def _unit(t: T.ArrayType) -> int | None:
    return t.unit_axis if t.space is T.Space.GLOBAL else t.rank - 1


def _key(e: Emitter, op: Op) -> tuple[_Key, int] | None:
    """The key of an access of all lanes, and which element of a lane's it takes, counted from anywhere."""
    is_load = op.name == "tile.load"
    array, *indices = op.operands[: -1 if is_load else -2]
    mask = op.operands[-1 if is_load else -2]
    t, element = array.type, T.element_of((op.results[0] if is_load else op.operands[-1]).type)
    assert isinstance(t, T.ArrayType)
    unit, axis, size = _unit(t), op.attributes["axis"], element.size_bytes
    if not is_on(mask) or unit is None or op.attributes["offset"] or T.size_and_align(t.element)[0] != size:
        return None
    known = _known_stride(t, axis, op.attributes["step"], size)
    if known is None:
        return None
    base, place = _split(indices[unit])
    if axis != unit and base is not None:
        return None
    same = tuple([base if k == unit else v for k, v in enumerate(indices)])
    return _Key(op.name, array, axis, known, element, same), place


def _known_stride(t: T.ArrayType, axis: int, step: int, size: int) -> int | None:
    """Bytes from lane to lane, 0 where the launch knows, None where no group can be."""
    if t.space is T.Space.GLOBAL and axis != t.unit_axis:
        return 0 if step == 1 else None
    elements = step
    for extent in t.shape[axis + 1 :] if t.shape else ():
        elements *= extent
    return elements * size if 2 <= elements <= _MOST else None


def _split(v: Value) -> tuple[Value | None, int]:
    """An index as a value and a number."""
    if isinstance(v.constant, int):
        return None, v.constant
    op = v.op
    if op is not None and op.name == "arith.add" and isinstance(op.operands[1].constant, int):
        return op.operands[0], op.operands[1].constant
    return v, 0


def _find(e: Emitter, region: Region, found: dict[Op, Group]) -> None:
    """Loads with nothing between them that writes, stores with nothing between them that touches memory."""
    loads: dict[_Key, dict[Op, int]] = {}
    stores: dict[Op, int] = {}
    last: _Key | None = None
    for op in region.ops:
        row = _key(e, op) if op.name in ("tile.load", "tile.store") else None
        if row is None or row[0].name == "tile.load":
            if op.defn.touches or op.regions or op.defn.orders:
                _keep(last, stores, found)
                stores, last = {}, None
        if row is not None and row[0].name == "tile.load":
            loads.setdefault(row[0], {})[op] = row[1]
        elif row is not None:
            if row[0] != last or row[1] in stores.values():
                _keep(last, stores, found)
                stores, last = {}, row[0]
            stores[op] = row[1]
        if op.defn.writes or op.defn.orders or op.regions:
            for key, members in loads.items():
                _keep(key, members, found)
            loads = {}
        for inner in op.regions:
            _find(e, inner, found)
    for key, members in [*loads.items(), (last, stores)]:
        _keep(key, members, found)


def _keep(key: _Key | None, members: dict[Op, int], found: dict[Op, Group]) -> None:
    """A group, if it has the first and the last element of a lane; of stores, all."""
    if key is None or len(members) < 2:
        return
    low, high = min(members.values()), max(members.values())
    count = key.stride // key.element.size_bytes if key.stride else high + 1
    if key.stride == 0 or key.axis != _unit_of(key):
        low = 0  # an element of an axis of its own
    places = {op: place - low for op, place in members.items()}
    given = set(places.values())
    wanted = {0, count - 1} if key.name == "tile.load" else set(range(count))
    if 2 <= count <= _MOST and wanted <= given and max(given) < count:
        group = Group(places, count)
        found.update(dict.fromkeys(members, group))


def _unit_of(key: _Key) -> int | None:
    assert isinstance(key.array.type, T.ArrayType)
    return _unit(key.array.type)


def _is_dense(e: Emitter, step: Stride, group: Group, size: int) -> str | None:
    """Whether lanes lie side by side: None for certainly, else a value."""
    return None if isinstance(step, int) else e.do(f"icmp eq i64 {step}, {group.size * size}")


def _pointer(e: Emitter, op: Op, group: Group, size: int) -> str:
    """Of the first lane's first element."""
    stop = -1 if op.name == "tile.load" else -2
    array, *indices = op.operands[:stop]
    pointer = scalar_pointer(e, array, indices, 0)
    place = group.places[op]
    return e.do(f"getelementptr i8, ptr {pointer}, i64 {-place * size}") if place else pointer


def _at(e: Emitter, pointer: str, bytes_: int) -> str:
    return e.do(f"getelementptr i8, ptr {pointer}, i64 {bytes_}") if bytes_ else pointer


@lowering("tile.load")
def _load(e: Emitter, op: Op) -> str:
    group = _groups(e).get(op)
    t = T.element_of(op.results[0].type)
    lanes = lanes_of(op.results[0].type)
    if group is None:
        return from_memory(e, t, loaded_tile(e, op), lanes)
    if op not in e.interleaved:
        _load_all(e, op, group, MEMORY[t.name], t.size_bytes, lanes)
    return from_memory(e, t, e.interleaved[op], lanes)


def _load_all(e: Emitter, op: Op, group: Group, base: str, size: int, lanes: int) -> None:
    """At the first op of a group, for all: indices of the others may not be there yet."""
    pointer, step = _pointer(e, op, group, size), step_bytes(e, op)
    wanted = sorted(set(group.places.values()))
    dense = _is_dense(e, step, group, size)
    yes, no, join = e.fresh("dense"), e.fresh("apart"), e.fresh("loaded")
    if dense is not None:
        e.branch(dense, yes, no)
        e.begin(yes)
    parts = [load_vector(e, base, size, _at(e, pointer, k * lanes * size), None, lanes) for k in range(group.size)]
    made = _taken_apart(e, base, parts, wanted, lanes)
    if dense is not None:
        e.jump(join)
        e.begin(no)
        others = [apart(e, base, size, _at(e, pointer, place * size), step, None, lanes) for place in wanted]
        end = e.label
        e.jump(join)
        e.begin(join)
        made = [e.phi(vector(base, lanes), [(a, yes), (b, end)]) for a, b in zip(made, others, strict=True)]
    for member, place in group.places.items():
        e.interleaved[member] = made[wanted.index(place)]


def _taken_apart(e: Emitter, base: str, parts: list[str], wanted: Sequence[int], lanes: int) -> list[str]:
    """The elements at some places of all lanes. Of four, first those at even and at odd places: halves that two of them share."""
    if len(parts) != 4 or len(wanted) < 3:
        return [pick(e, base, parts, [k * len(parts) + place for k in range(lanes)], lanes) for place in wanted]
    halves = [[pick(e, base, parts[k : k + 2], list(range(odd, 2 * lanes, 2)), lanes) for k in (0, 2)] for odd in (0, 1)]
    return [pick(e, base, halves[place % 2], list(range(place // 2, 2 * lanes, 2)), lanes) for place in wanted]


@lowering("tile.store")
def _store(e: Emitter, op: Op) -> None:
    group = _groups(e).get(op)
    if group is None:
        tile_store(e, op)
        return
    if op is not list(group.places)[-1]:
        return  # at the last, when all values are there
    t = T.element_of(op.operands[-1].type)
    base, size, lanes = MEMORY[t.name], t.size_bytes, e.lanes
    pointer, step = _pointer(e, op, group, size), step_bytes(e, op)
    by_place = {place: member.operands[-1] for member, place in group.places.items()}
    values = [to_memory(e, t, e.spread_value(by_place[k], lanes), lanes) for k in range(group.size)]
    dense = _is_dense(e, step, group, size)
    yes, no, join = e.fresh("dense"), e.fresh("apart"), e.fresh("stored")
    if dense is not None:
        e.branch(dense, yes, no)
        e.begin(yes)
    _store_all(e, base, size, values, pointer, lanes)
    if dense is not None:
        e.jump(join)
        e.begin(no)
        for k, x in enumerate(values):
            put_apart(e, base, size, x, _at(e, pointer, k * size), step, None, lanes)
        e.jump(join)
        e.begin(join)


def _store_all(e: Emitter, base: str, size: int, values: Sequence[str], pointer: str, lanes: int) -> None:
    count = len(values)
    for k in range(count):
        elements = range(k * lanes, (k + 1) * lanes)
        x = pick(e, base, list(values), [n % count * lanes + n // count for n in elements], lanes)
        store_vector(e, base, size, x, _at(e, pointer, k * lanes * size), None, lanes)
