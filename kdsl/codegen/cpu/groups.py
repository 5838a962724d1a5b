"""Which accesses lanes make together: neighbours of each lane's own, found before the code of any is made.

One idea: accesses that differ by numbers alone, with nothing between them that may touch what they touch, are a group. What a group
has in common is a key, and which of a lane's elements each of them takes is its place.
"""

from __future__ import annotations

from typing import NamedTuple

from ...ir import types as T
from ...ir.analysis.masks import is_on
from ...ir.core import Op, Region, Value
from .each_lane import split, unit_axis
from .emitter import Emitter
from .memory import element_bytes
from .transposed import run_of

__all__ = ["LOADS", "Group", "groups_of", "is_number"]

LOADS = ("tile.load", "tile.gather")
_STORES = ("tile.store", "tile.scatter")
_ACCESSES = (*LOADS, *_STORES, "memory.load", "memory.store")
_MOST = 4  # elements of a lane, where lanes lie side by side
_MOST_BYTES = 8  # the same of bytes, on vectors of 64: a number of 64 bits for each lane
_MOST_OF_ROWS = 16  # the same of rows of each lane's own that lie one behind the other
_WORD = 4  # bytes of an element, or more, for which a part of a run is stored


class Group(NamedTuple):
    """Accesses of one kind, each by its op: `places` says which of a lane's elements, from 0 to size - 1, it is. side_by_side:
    whether lanes' elements may be one run of memory; otherwise each lane has a run of its own. rows: (axis, elements) where they
    are one run only if neighbours along that axis are so many elements apart, which a test when the code runs will tell."""

    places: dict[Op, int]
    size: int
    side_by_side: bool
    rows: tuple[int, int] | None = None


class _Key(NamedTuple):
    """What accesses of a group have in common. stride: bytes from lane to lane, 0 where that is known at run time only. indices:
    values that are added up, for each axis. mask: None where all lanes are on. rows: an axis where places are numbers as well."""

    is_load: bool
    array: Value
    axis: int | None
    step: int
    stride: int
    element: T.ScalarType
    indices: tuple[tuple[Value, ...], ...]
    mask: Value | None
    rows: int | None


_Place = tuple[int, int]  # of a row of the lane's, and an element in it


def groups_of(e: Emitter) -> dict[Op, Group]:
    """By op, the group that it is part of."""
    if e.groups is None:
        e.groups = {}
        if any(_is_strided(op) for op in e.accesses):
            _find(e, e.function.body, e.groups)
    return e.groups


def _is_strided(op: Op) -> bool:
    if op.name in ("tile.gather", "tile.scatter"):
        return True
    if op.name not in ("tile.load", "tile.store"):
        return False
    t = op.operands[0].type
    assert isinstance(t, T.ArrayType)
    is_field = isinstance(t.element, T.StructType)
    return abs(op.attributes["step"]) > 1 or op.attributes["axis"] != unit_axis(t) or is_field


def _key(e: Emitter, op: Op) -> tuple[_Key, _Place] | None:
    """The key of an access of all lanes, or of those that are on, and which element of a lane's it takes, counted from anywhere."""
    is_load = op.name in LOADS
    array, *indices = op.operands[: -1 if is_load else -2]
    mask = op.operands[-1 if is_load else -2]
    t, element = array.type, T.element_of((op.results[0] if is_load else op.operands[-1]).type)
    assert isinstance(t, T.ArrayType)
    unit, size, whole, offset = unit_axis(t), element.size_bytes, element_bytes(t), op.attributes["offset"]
    if not (is_on(mask) or _masks_all(e)) or unit is None or offset % size or whole % size:
        return None
    axis, step = op.attributes.get("axis"), op.attributes.get("step", 0)
    known = 0 if axis is None else _known_stride(t, axis, step, whole)
    if known is None or t.space not in (T.Space.GLOBAL, T.Space.SHARED):
        return None
    terms, place = split(indices[unit])
    row, rows = 0, None
    if t.space is T.Space.GLOBAL and axis is not None and whole == size:
        rows = next((k for k in reversed(range(t.rank)) if k not in (unit, axis) and isinstance(indices[k].constant, int)), None)
        row = 0 if rows is None else indices[rows].constant
    same = tuple([terms if k == unit else () if k == rows else (v,) for k, v in enumerate(indices)])
    key = _Key(is_load, array, axis, step, known, element, same, None if is_on(mask) else mask, rows)
    return key, (row, (place * whole + offset) // size)


def _masks_all(e: Emitter) -> bool:
    """Whether vectors of all elements may be masked: what lies side by side of lanes that are on is one run for each, too, as at
    the end of a row of points. By lanes they would be three and four gathers of as many lanes as are left."""
    return e.target.vector_bytes == 64 and e.lanes >= 4


def _known_stride(t: T.ArrayType, axis: int, step: int, size: int) -> int | None:
    """Bytes from lane to lane, 0 where the launch knows, None where no group can be."""
    if t.space is T.Space.GLOBAL and axis != t.unit_axis:
        return (t.stride_bytes(axis) or 0) * step if step else None
    elements = step
    for extent in t.shape[axis + 1 :] if t.shape else ():
        elements *= extent
    least = 1 if isinstance(t.element, T.StructType) else 2
    return elements * size if elements >= least or elements < -_MOST else None


def _find(e: Emitter, region: Region, found: dict[Op, Group]) -> None:
    """Loads with nothing between them that may write there, stores with nothing between them that may touch what they write."""
    loads: dict[_Key, dict[Op, _Place]] = {}
    stores: dict[Op, _Place] = {}
    last: _Key | None = None
    for op in region.ops:
        defn, inner = op.defn, op.regions
        if not (defn.touches or defn.orders or inner):
            continue
        name = defn.name
        row = _key(e, op) if name in LOADS or name in _STORES else None
        if row is None or row[0].is_load:
            if last is not None and _may_touch(op, last.array):
                _keep(e, last, stores, found)
                stores, last = {}, None
        if row is not None and row[0].is_load:
            loads.setdefault(row[0], {})[op] = row[1]
        elif row is not None:
            if row[0] != last or row[1] in stores.values():
                _keep(e, last, stores, found)
                stores, last = {}, row[0]
            stores[op] = row[1]
        if defn.writes or defn.orders or inner:
            ended = [key for key in loads if _may_touch(op, key.array)]
            for key in ended:
                _keep(e, key, loads.pop(key), found)
        for part in inner:
            _find(e, part, found)
    for key, members in [*loads.items(), (last, stores)]:
        _keep(e, key, members, found)


def _may_touch(op: Op, array: Value) -> bool:
    """Whether an op may read or write an array: a load or store of another does not, unless both are arguments."""
    if op.regions or op.defn.orders:
        return True
    if not op.defn.touches:
        return False
    other = op.operands[0]
    if op.name not in _ACCESSES or not isinstance(array.type, T.ArrayType) or not isinstance(other.type, T.ArrayType):
        return True
    return other is array or array.type.space is other.type.space is T.Space.GLOBAL


def _keep(e: Emitter, key: _Key | None, members: dict[Op, _Place], found: dict[Op, Group]) -> None:
    """A group, if it has the first and the last element of a lane; of stores, all. Vectors behind one another have one each."""
    if key is None:
        return
    if len(members) == 1:
        for op, place in members.items():
            _keep_channel(e, key, op, place, found)
        return
    by_row: dict[int, dict[Op, int]] = {}
    for op, (row, place) in members.items():
        by_row.setdefault(row, {})[op] = place
    if len(by_row) > 1 and _keep_rows(e, key, by_row, found):
        return
    for own in by_row.values():
        for some in _vectors(e, key, own):
            _keep_one(e, key, some, found)


def _keep_rows(e: Emitter, key: _Key, by_row: dict[int, dict[Op, int]], found: dict[Op, Group]) -> bool:
    """Whether rows of a lane's, as those of a matrix, are one group: where they are shorter than runs, or no whole ones."""
    ends = [place for own in by_row.values() for place in own.values()]
    length, count = max(ends) + 1, (max(by_row) + 1) * (max(ends) + 1)
    segment = run_of(key.element.size_bytes)
    if min(ends) != 0 or min(by_row) != 0 or length % segment == 0 or not segment <= count <= _MOST_OF_ROWS:
        return False
    if key.rows is None or key.mask is not None or key.indices[_unit_of(key)] or not _fits(e, key.element):
        return False
    places = {op: row * length + place for row, own in by_row.items() for op, place in own.items()}
    if len(set(places.values())) < (count // 2 if key.is_load else count):
        return False
    if not key.is_load and e.function.attributes.get("barriers"):
        return False
    found.update(dict.fromkeys(places, Group(places, count, False, (key.rows, length))))
    return True


def _vectors(e: Emitter, key: _Key, members: dict[Op, int]) -> list[dict[Op, int]]:
    """Members by vector, where lanes are a known number of elements apart along the axis of the elements."""
    size = key.element.size_bytes
    count = key.stride // size
    if not (1 < count <= _MOST or is_number(e, count, size)) or key.stride % size or key.axis != _unit_of(key):
        return [members]
    first: dict[int, int] = {}  # place -> the first of its vector
    low = None
    for place in sorted(set(members.values())):
        if low is None or place >= low + count:
            if low is not None and not key.is_load and place < low + count * e.lanes:
                return [members]  # two would store the same elements
            low = place
        first[place] = low
    by_vector: dict[int, dict[Op, int]] = {}
    for op, place in members.items():  # as they follow one another: what is stored is there at the last
        by_vector.setdefault(first[place], {})[op] = place
    return list(by_vector.values())


def _keep_one(e: Emitter, key: _Key, members: dict[Op, int], found: dict[Op, Group]) -> None:
    if len(members) < 2:
        return
    low, high = min(members.values()), max(members.values())
    if not key.is_load and e.function.attributes.get("barriers") and not _are_apart(key, high + 1 - low):
        return  # where a barrier was, one lane's store may be of the element that another's was before
    on_axis = not key.indices[_unit_of(key)]  # an element of an axis of its own
    size = key.element.size_bytes
    is_near = 0 < key.stride <= _MOST * size or is_number(e, key.stride, size)
    is_near = is_near and (on_axis or key.axis == _unit_of(key))
    # Lanes may have these side by side: a test when the code runs will tell.
    is_own = on_axis and key.stride == 0 and key.axis is not None and low >= 0 and (high < _MOST or is_number(e, high + 1, size))
    if is_near or is_own:
        count = key.stride // key.element.size_bytes if key.stride else high + 1
        if key.stride == 0 or key.axis != _unit_of(key):
            low = 0
    else:
        count = high + 1 - low
    if not key.is_load and 0 < abs(key.stride) < count * key.element.size_bytes:
        return  # two lanes would store the same elements
    places = {op: place - low for op, place in members.items()}
    given = set(places.values())
    wanted = {0, count - 1} if key.is_load else set(range(count))
    whole = wanted <= given and max(given) < count
    if len(given) < 2 or (not whole and key.is_load):
        return
    if whole and (is_near or is_own):
        found.update(dict.fromkeys(members, Group(places, count, True)))
    elif key.mask is None and _fits(e, key.element) and (whole or (is_near and size >= _WORD)):
        first, count = min(given), max(given) + 1 - min(given)
        is_gathered = key.is_load and key.axis is None and size >= _WORD
        if count == len(given) if not whole else count >= run_of(size) or is_gathered:
            found.update(dict.fromkeys(members, Group({op: place - first for op, place in places.items()}, count, False)))


def _keep_channel(e: Emitter, key: _Key, op: Op, at: _Place, found: dict[Op, Group]) -> None:
    """One channel of a picture's points, of which there may be three or four: numbers as narrow as no instruction gathers."""
    row, place = at
    is_one = key.is_load and key.stride == 0 and key.axis is not None and not key.indices[_unit_of(key)] and row == 0
    if is_one and 0 <= place < _MOST and key.element.size_bytes < _WORD and not e.is_long:
        found[op] = Group({op: place}, place + 1, True)


def is_number(e: Emitter, count: int, size: int) -> bool:
    """Whether so many elements of a lane are a number of 64 bits to code that moves them."""
    return count == _MOST_BYTES and size == 1 and e.target.vector_bytes == 64


def _are_apart(key: _Key, count: int) -> bool:
    """Whether no element of `count` neighbours is one of another lane's: lanes have rows of their own, or are that far apart."""
    return key.axis is not None and (key.stride == 0 or abs(key.stride) >= count * key.element.size_bytes)


def _fits(e: Emitter, t: T.ScalarType) -> bool:
    """Whether runs can be made vectors: whole ones."""
    return e.lanes >= run_of(t.size_bytes)


def _unit_of(key: _Key) -> int:
    assert isinstance(key.array.type, T.ArrayType)
    unit = unit_axis(key.array.type)
    assert unit is not None
    return unit


