"""Neighbours that lanes load or store together: the channels of a picture's points, the columns of a thread's tile, a run of
each thread's own row.

One idea: lane k's x[3*k], x[3*k + 1] and x[3*k + 2] are, over all lanes, one run of memory. Where a body has all accesses of such a
group, whole vectors are loaded and their elements handed to the accesses, or what is stored is shuffled into whole vectors.
Each by itself would load the run anew, or store element by element. Where how far lanes are apart is known at run time only (a
picture's points along axis 1 of a view with any strides), a test decides. Lanes further apart, in rows of their own or wherever
data send them, have a vector each for what neighbours they access (`transposed`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ...ir import types as T
from ...ir.analysis.masks import is_on
from ...ir.core import Op, Region, Value
from .emitter import Emitter, lowering
from .memory import (
    Stride,
    apart,
    as_it_is,
    lane_pointers,
    load_vector,
    loaded_tile,
    mask_of,
    pick,
    put_apart,
    scalar_pointer,
    scatter_tile,
    spread_mask,
    step_bytes,
    store_vector,
    tile_store,
)
from .narrow import from_memory, to_memory
from .near import near_gather
from .text import MEMORY, lanes_of, splat, vector
from .transposed import load_runs, run_of, store_runs

__all__ = ["Group"]

_TWICE = {"i8": "i16", "i16": "i32"}
_MOST = 4  # elements of a lane, where lanes lie side by side
_INLINED_APART = 6  # gathers, of lanes that do not lie side by side after all: those of a short kernel for pictures
_LOADS = ("tile.load", "tile.gather")
_STORES = ("tile.store", "tile.scatter")
_ACCESSES = (*_LOADS, *_STORES, "memory.load", "memory.store")


class Group(NamedTuple):
    """Accesses of one kind, each by its op: `places` says which of a lane's elements, from 0 to size - 1, it is. side_by_side:
    whether lanes' elements may be one run of memory; otherwise each lane has a run of its own."""

    places: dict[Op, int]
    size: int
    side_by_side: bool


class _Key(NamedTuple):
    """What accesses of a group have in common. stride: bytes from lane to lane, 0 where that is known at run time only. indices:
    values that are added up, for each axis. mask: None where all lanes are on."""

    is_load: bool
    array: Value
    axis: int | None
    step: int
    stride: int
    element: T.ScalarType
    indices: tuple[tuple[Value, ...], ...]
    mask: Value | None


def _groups(e: Emitter) -> dict[Op, Group]:
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
    return abs(op.attributes["step"]) > 1 or op.attributes["axis"] != _unit(t)


def _unit(t: T.ArrayType) -> int | None:
    return t.unit_axis if t.space is T.Space.GLOBAL else t.rank - 1


def _key(e: Emitter, op: Op) -> tuple[_Key, int] | None:
    """The key of an access of all lanes, or of those that are on, and which element of a lane's it takes, counted from anywhere."""
    is_load = op.name in _LOADS
    array, *indices = op.operands[: -1 if is_load else -2]
    mask = op.operands[-1 if is_load else -2]
    t, element = array.type, T.element_of((op.results[0] if is_load else op.operands[-1]).type)
    assert isinstance(t, T.ArrayType)
    unit, size = _unit(t), element.size_bytes
    if not (is_on(mask) or _masks_all(e)) or unit is None or op.attributes["offset"] or T.size_and_align(t.element)[0] != size:
        return None
    axis, step = op.attributes.get("axis"), op.attributes.get("step", 0)
    known = 0 if axis is None else _known_stride(t, axis, step, size)
    if known is None or t.space not in (T.Space.GLOBAL, T.Space.SHARED):
        return None
    terms, place = _split(indices[unit])
    same = tuple([terms if k == unit else (v,) for k, v in enumerate(indices)])
    return _Key(is_load, array, axis, step, known, element, same, None if is_on(mask) else mask), place


def _masks_all(e: Emitter) -> bool:
    """Whether vectors of all elements may be masked: what lies side by side of lanes that are on is one run for each, too, as at
    the end of a row of points. By lanes they would be three and four gathers of as many lanes as are left."""
    return e.target.vector_bytes == 64 and e.lanes >= 4


def _known_stride(t: T.ArrayType, axis: int, step: int, size: int) -> int | None:
    """Bytes from lane to lane, 0 where the launch knows, None where no group can be."""
    if t.space is T.Space.GLOBAL and axis != t.unit_axis:
        return 0 if step else None
    elements = step
    for extent in t.shape[axis + 1 :] if t.shape else ():
        elements *= extent
    return elements * size if elements > 1 or elements < -_MOST else None


def _split(v: Value) -> tuple[tuple[Value, ...], int]:
    """An index as values and a number that are added up. What all lanes have alike is told apart from what differs."""
    if isinstance(v.constant, int):
        return (), v.constant
    op = v.op
    if op is not None and op.name == "arith.add":
        (a, m), (b, n) = _split(op.operands[0]), _split(op.operands[1])
        return (*a, *b), m + n
    if op is not None and op.name == "tile.splat":
        return _split(op.operands[0])
    return (v,), 0


def _find(e: Emitter, region: Region, found: dict[Op, Group]) -> None:
    """Loads with nothing between them that may write there, stores with nothing between them that may touch what they write."""
    loads: dict[_Key, dict[Op, int]] = {}
    stores: dict[Op, int] = {}
    last: _Key | None = None
    for op in region.ops:
        defn, inner = op.defn, op.regions
        if not (defn.touches or defn.orders or inner):
            continue
        name = defn.name
        row = _key(e, op) if name in _LOADS or name in _STORES else None
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


def _keep(e: Emitter, key: _Key | None, members: dict[Op, int], found: dict[Op, Group]) -> None:
    """A group, if it has the first and the last element of a lane; of stores, all. Vectors behind one another have one each."""
    if key is None or len(members) < 2:
        return
    for some in _vectors(e, key, members):
        _keep_one(e, key, some, found)


def _vectors(e: Emitter, key: _Key, members: dict[Op, int]) -> list[dict[Op, int]]:
    """Members by vector, where lanes are a known number of elements apart along the axis of the elements."""
    size = key.element.size_bytes
    count = key.stride // size
    if not 1 < count <= _MOST or key.stride % size or key.axis != _unit_of(key):
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
    is_near = 0 < key.stride <= _MOST * key.element.size_bytes and (on_axis or key.axis == _unit_of(key))
    # Lanes may have these side by side: a test when the code runs will tell.
    is_own = on_axis and key.stride == 0 and key.axis is not None and low >= 0 and high < _MOST
    if is_near or is_own:
        count = key.stride // key.element.size_bytes if key.stride else high + 1
        if key.stride == 0 or key.axis != _unit_of(key):
            low = 0
    else:
        count = high + 1 - low
    places = {op: place - low for op, place in members.items()}
    given = set(places.values())
    wanted = {0, count - 1} if key.is_load else set(range(count))
    if count < 2 or not wanted <= given or max(given) >= count:
        return
    if is_near or is_own:
        found.update(dict.fromkeys(members, Group(places, count, True)))
        return
    if key.mask is not None:
        return
    segment = run_of(key.element.size_bytes)
    for first in range(0, count - count % segment, segment):
        some = {op: place - first for op, place in places.items() if 0 <= place - first < segment}
        if len(set(some.values())) >= 2 and _fits(e, key.element):
            found.update(dict.fromkeys(some, Group(some, segment, False)))


def _are_apart(key: _Key, count: int) -> bool:
    """Whether no element of `count` neighbours is one of another lane's: lanes have rows of their own, or are that far apart."""
    return key.axis is not None and (key.stride == 0 or abs(key.stride) >= count * key.element.size_bytes)


def _fits(e: Emitter, t: T.ScalarType) -> bool:
    """Whether runs can be made vectors: whole ones."""
    return e.lanes >= run_of(t.size_bytes)


def _unit_of(key: _Key) -> int:
    assert isinstance(key.array.type, T.ArrayType)
    unit = _unit(key.array.type)
    assert unit is not None
    return unit


def _is_dense(e: Emitter, step: Stride, group: Group, size: int) -> str | None:
    """Whether lanes lie side by side: None for certainly, else a value."""
    return None if isinstance(step, int) else e.do(f"icmp eq i64 {step}, {group.size * size}")


def _pointer(e: Emitter, op: Op, group: Group, size: int) -> str:
    """Of the first lane's first element."""
    array, *indices = op.operands[: -1 if op.name in _LOADS else -2]
    pointer = scalar_pointer(e, array, indices, 0)
    return _at(e, pointer, -group.places[op] * size)


def _pointers(e: Emitter, op: Op, group: Group, size: int, lanes: int) -> list[str]:
    """Of each lane's first element: what all rounds of a loop have alike is one value of each lane, which stays."""
    array, *indices = op.operands[: -1 if op.name in _LOADS else -2]
    if op.name in ("tile.load", "tile.store"):
        pointer, step = _pointer(e, op, group, size), step_bytes(e, op)
        return [_apart(e, pointer, step, k) for k in range(lanes)]
    t = array.type
    assert isinstance(t, T.ArrayType)
    unit = _unit(t)
    assert unit is not None
    terms, place = _split(indices[unit])
    at = lane_pointers(e, array, indices, 0, lanes, without=unit)
    return _moved(e, at, terms, place - group.places[op], size, lanes)


def _moved(e: Emitter, pointers: str, terms: Sequence[Value], place: int, size: int, lanes: int) -> list[str]:
    """Pointers moved by so many elements, of which what differs between lanes comes first."""
    for v in terms:
        if lanes_of(v.type):
            pointers = e.do(f"getelementptr [{size} x i8], {vector('ptr', lanes)} {pointers}, {vector('i64', lanes)} {e.value(v)}")
    each = [e.do(f"extractelement {vector('ptr', lanes)} {pointers}, i64 {k}") for k in range(lanes)]
    for v in terms:
        if not lanes_of(v.type):
            each = [e.do(f"getelementptr [{size} x i8], ptr {p}, i64 {e.value(v)}") for p in each]
    return [_at(e, p, place * size) for p in each]


def _apart(e: Emitter, pointer: str, step: Stride, lane: int) -> str:
    if lane == 0:
        return pointer
    if isinstance(step, int):
        return _at(e, pointer, lane * step)
    distance = step if lane == 1 else e.do(f"mul i64 {step}, {lane}")
    return e.do(f"getelementptr i8, ptr {pointer}, i64 {distance}")


def _at(e: Emitter, pointer: str, bytes_: int) -> str:
    return e.same(f"getelementptr i8, ptr {pointer}, i64 {bytes_}") if bytes_ else pointer


@lowering("tile.load")
def _load(e: Emitter, op: Op) -> str:
    return _loaded(e, op, loaded_tile)


@lowering("tile.gather")
def _gather(e: Emitter, op: Op) -> str:
    return _loaded(e, op, near_gather)


def _loaded(e: Emitter, op: Op, alone: Callable[[Emitter, Op], str]) -> str:
    group = _groups(e).get(op)
    t = T.element_of(op.results[0].type)
    lanes = lanes_of(op.results[0].type)
    if group is None:
        return from_memory(e, t, alone(e, op), lanes)
    if op not in e.interleaved:
        (_load_all if group.side_by_side else _load_runs)(e, op, group, MEMORY[t.name], t.size_bytes, lanes)
    return from_memory(e, t, e.interleaved[op], lanes)


def _load_runs(e: Emitter, op: Op, group: Group, base: str, size: int, lanes: int) -> None:
    made = load_runs(e, base, size, _pointers(e, op, group, size, lanes), lanes)
    for member, place in group.places.items():
        e.interleaved[member] = made[place]


def _load_all(e: Emitter, op: Op, group: Group, base: str, size: int, lanes: int) -> None:
    """At the first op of a group, for all: indices of the others may not be there yet."""
    pointer, step = _pointer(e, op, group, size), step_bytes(e, op)
    for member, place in group.places.items():
        e.note_load(member, _at(e, pointer, place * size), step)
    wanted, mask = sorted(set(group.places.values())), mask_of(e, op.operands[-1], lanes)
    dense = _is_dense(e, step, group, size)
    yes, no, join = e.fresh("dense"), e.fresh("apart"), e.fresh("loaded")
    if dense is not None:
        e.branch(dense, yes, no)
        e.begin(yes)
    if _by_segments(e, group, size, lanes):
        made = load_runs(e, base, size, [_at(e, pointer, k * group.size * size) for k in range(lanes)], lanes)
        made = [made[place] for place in wanted]
    elif base in ("i32", "float") and group.size == 2 and lanes % 8 == 0 and e.target.vector_bytes == 32:
        made = _of_pairs(e, base, pointer, wanted, lanes)
    else:
        parts = []
        for k in range(group.size):
            on = _of_points(e, k, group.size, mask, lanes)
            parts.append(load_vector(e, base, size, _at(e, pointer, k * lanes * size), on, lanes))
        made = _taken_apart(e, base, parts, wanted, lanes)
    if dense is not None:
        e.jump(join)
        e.begin(no)
        others = _loaded_apart(e, base, size, pointer, step, wanted, mask, lanes)
        end = e.label
        e.jump(join)
        e.begin(join)
        made = [e.phi(vector(base, lanes), [(a, yes), (b, end)]) for a, b in zip(made, others, strict=True)]
    for member, place in group.places.items():
        e.interleaved[member] = made[wanted.index(place)]


def _by_segments(e: Emitter, group: Group, size: int, lanes: int) -> bool:
    """Whether lanes side by side are taken as runs of each, too: where a vector has two segments, shuffles from one to the other
    take three times as long as those inside of them, and bringing segments together costs a load."""
    return e.target.vector_bytes == 32 and size >= 4 and group.size == run_of(size) and lanes * size >= 32


def _of_pairs(e: Emitter, base: str, pointer: str, wanted: Sequence[int], lanes: int) -> list[str]:
    """Of each lane's two elements: from registers with the runs of 16 bytes that shuffles inside of those want."""
    made: list[list[str]] = [[] for _ in wanted]
    for first in range(0, lanes, 8):
        a, b, c, d = [load_vector(e, base, 4, _at(e, pointer, 8 * first + 16 * k), None, 4) for k in range(4)]
        low, high = _joined(e, base, [a, c], 4), _joined(e, base, [b, d], 4)
        for place, parts in zip(wanted, made, strict=True):
            order = ", ".join([f"i32 {k + place}" for k in (0, 2, 8, 10, 4, 6, 12, 14)])
            t = vector(base, 8)
            parts.append(e.do(f"shufflevector {t} {low}, {t} {high}, <8 x i32> <{order}>"))
    return [_joined(e, base, parts, 8) for parts in made]


def _joined(e: Emitter, base: str, parts: list[str], lanes: int) -> str:
    """Vectors of so many lanes each, one behind the other."""
    while len(parts) > 1:
        t, order = vector(base, lanes), ", ".join([f"i32 {k}" for k in range(2 * lanes)])
        pairs = zip(parts[::2], parts[1::2], strict=True)
        parts = [e.do(f"shufflevector {t} {x}, {t} {y}, <{2 * lanes} x i32> <{order}>") for x, y in pairs]
        lanes *= 2
    return parts[0]


def _of_points(e: Emitter, k: int, count: int, mask: str | None, lanes: int) -> str | None:
    """The mask of the k-th vector of lanes' elements, `count` of each."""
    return None if mask is None else spread_mask(e, [(k * lanes + n) // count for n in range(lanes)], mask, lanes)


def _loaded_apart(e: Emitter, base: str, size: int, pointer: str, step: Stride, wanted: Sequence[int], mask: str | None,
                  lanes: int) -> list[str]:  # fmt: skip
    """Elements at some places of lanes that do not lie side by side."""
    segment = run_of(size)
    if mask is not None:
        return [apart(e, base, size, _at(e, pointer, place * size), step, mask, lanes) for place in wanted]
    if lanes >= segment and max(wanted) == segment - 1:
        runs = load_runs(e, base, size, [_apart(e, pointer, step, k) for k in range(lanes)], lanes)
        return [runs[place] for place in wanted]
    is_rare = e.lane_gathers >= _INLINED_APART
    return [apart(e, base, size, _at(e, pointer, place * size), step, None, lanes, is_rare=is_rare) for place in wanted]


def _taken_apart(e: Emitter, base: str, parts: list[str], wanted: Sequence[int], lanes: int) -> list[str]:
    """The elements at some places of all lanes. Of four, first those at even and at odd places: halves that two of them share. Of
    two narrow ones each is half of a number: where it is widened next, that is a mask or a shift, and no shuffle."""
    if len(parts) == 2 and base in _TWICE and e.target.triple.startswith("x86"):
        order = ", ".join([f"i32 {k}" for k in range(2 * lanes)])
        t, wide = vector(base, lanes), vector(_TWICE[base], lanes)
        both = e.do(f"shufflevector {t} {parts[0]}, {t} {parts[1]}, <{2 * lanes} x i32> <{order}>")
        pairs = e.do(f"bitcast {vector(base, 2 * lanes)} {both} to {wide}")
        shift = splat(_TWICE[base], int(base[1:]), lanes)
        return [e.do(f"trunc {wide} {e.do(f'lshr {wide} {pairs}, {shift}') if place else pairs} to {t}") for place in wanted]
    if len(parts) != 4 or len(wanted) < 3:
        return [pick(e, base, parts, [k * len(parts) + place for k in range(lanes)], lanes) for place in wanted]
    halves = [[pick(e, base, parts[k : k + 2], list(range(odd, 2 * lanes, 2)), lanes) for k in (0, 2)] for odd in (0, 1)]
    return [pick(e, base, halves[place % 2], list(range(place // 2, 2 * lanes, 2)), lanes) for place in wanted]


@lowering("tile.store")
def _store(e: Emitter, op: Op) -> None:
    _stored(e, op, tile_store)


@lowering("tile.scatter")
def _scatter(e: Emitter, op: Op) -> None:
    _stored(e, op, scatter_tile)


def _stored(e: Emitter, op: Op, alone: Callable[[Emitter, Op], None]) -> None:
    group = _groups(e).get(op)
    if group is None:
        alone(e, op)
        return
    if op is not list(group.places)[-1]:
        return  # at the last, when all values are there
    t = T.element_of(op.operands[-1].type)
    base, size, lanes = MEMORY[t.name], t.size_bytes, lanes_of(op.operands[-1].type)
    by_place = {place: member.operands[-1] for member, place in group.places.items()}
    values = [to_memory(e, t, e.value(by_place[k]), lanes) for k in range(group.size)]
    if not group.side_by_side:
        store_runs(e, base, size, values, _pointers(e, op, group, size, lanes), lanes)
        return
    pointer, step, mask = _pointer(e, op, group, size), step_bytes(e, op), mask_of(e, op.operands[-2], lanes)
    dense = _is_dense(e, step, group, size)
    yes, no, join = e.fresh("dense"), e.fresh("apart"), e.fresh("stored")
    if dense is not None:
        e.branch(dense, yes, no)
        e.begin(yes)
    if _by_segments(e, group, size, lanes):
        store_runs(e, base, size, values, [_at(e, pointer, k * group.size * size) for k in range(lanes)], lanes)
    else:
        _store_all(e, base, size, values, pointer, mask, lanes)
    if dense is not None:
        e.jump(join)
        e.begin(no)
        for k, x in enumerate(values):
            put_apart(e, base, size, x, _at(e, pointer, k * size), step, mask, lanes)
        e.jump(join)
        e.begin(join)


def _store_all(e: Emitter, base: str, size: int, values: Sequence[str], pointer: str, mask: str | None, lanes: int) -> None:
    count = len(values)
    if e.target.vector_bytes == 64 and base in _TWICE and size * count in (2, 4):
        words, word = _as_words(e, base, values, lanes)
        store_vector(e, word, size, words, pointer, mask, lanes)
        return
    for k in range(count):
        elements = range(k * lanes, (k + 1) * lanes)
        x = pick(e, base, list(values), [n % count * lanes + n // count for n in elements], lanes)
        on = _of_points(e, k, count, mask, lanes)
        store_vector(e, base, size, x if on is None else as_it_is(e, base, x, lanes), _at(e, pointer, k * lanes * size), on, lanes)


def _as_words(e: Emitter, base: str, values: Sequence[str], lanes: int) -> tuple[str, str]:
    """Each lane's narrow elements as one number, and its type: widened and shifted, as no shuffle of a vector of 64 bytes moves
    single ones from anywhere to anywhere."""
    parts = list(values)
    while len(parts) > 1:
        wide = _TWICE[base]
        t, shift = vector(wide, lanes), splat(wide, int(base[1:]), lanes)
        parts = [e.do(f"zext {vector(base, lanes)} {x} to {t}") for x in parts]
        parts = [e.do(f"or {t} {a}, {e.do(f'shl {t} {b}, {shift}')}") for a, b in zip(parts[::2], parts[1::2], strict=True)]
        base = wide
    return parts[0], base
