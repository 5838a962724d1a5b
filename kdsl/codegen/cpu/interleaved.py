"""Neighbours that lanes load or store together: the channels of a picture's points, the columns of a thread's tile, a run of
each thread's own row.

One idea: lane k's x[3*k], x[3*k + 1] and x[3*k + 2] are, over all lanes, one run of memory. Where a body has all accesses of such a
group, whole vectors are loaded and their elements handed to the accesses, or what is stored is shuffled into whole vectors.
Each by itself would load the run anew, or store element by element. Where how far lanes are apart is known at run time only (a
picture's points along axis 1 of a view with any strides), a test decides. Lanes further apart, in rows of their own or wherever
data send them, have a vector each for what neighbours they access (`transposed`): several, where those are more than one has. The
elements of a small matrix, and the fields of a struct, are neighbours too. Which accesses belong together `groups` finds out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...ir import types as T
from ...ir.core import Op, Value
from .channels import SEGMENT, as_words, concatenated, goes_by_segments, parts_of, points, taken_apart
from .each_lane import index_type, pointers_of_lanes, split, unit_axis
from .emitter import Emitter, lowering
from .groups import LOADS, Group, groups_of, is_number
from .memory import (
    Stride,
    apart,
    as_it_is,
    each_apart,
    element_bytes,
    lane_pointers,
    load_each,
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
    strides,
    tile_store,
)
from .narrow import from_memory, to_memory
from .near import near_gather
from .text import MEMORY, lanes_of, vector
from .transposed import load_pairs, load_runs, run_of, store_runs

_NARROW = ("i8", "i16")
_PAIRED = 4  # bytes of an element, two of which are a number
_QUAD = 4  # elements, of which runs of any number are worth it
_INLINED_APART = 6  # gathers, of lanes that do not lie side by side after all: those of a short kernel for pictures


def _hidden(e: Emitter, pointer: str) -> str:
    """The same address, of which LLVM does not know: for lanes that do not lie side by side it would carry one for each through the
    loop, and add to all of them in every round, whether they do or not."""
    return e.do(f'call ptr asm "", "=r,0"(ptr {pointer})')


def _is_dense(e: Emitter, step: Stride, group: Group, size: int) -> str | None:
    """Whether lanes lie side by side: None for certainly, else a value."""
    return None if isinstance(step, int) else e.do(f"icmp eq i64 {step}, {group.size * size}")


def _pointer(e: Emitter, op: Op, group: Group, size: int) -> str:
    """Of the first lane's first element."""
    array, *indices = op.operands[: -1 if op.name in LOADS else -2]
    pointer, place = scalar_pointer(e, array, indices, op.attributes["offset"]), group.places[op]
    if group.rows is not None:
        axis, length = group.rows
        row, place = divmod(place, length)
        back = e.do(f"mul i64 {strides(e, array)[axis]}, {-row}") if row else None
        pointer = pointer if back is None else e.do(f"getelementptr i8, ptr {pointer}, i64 {back}")
    return _at(e, pointer, -place * size)


def _pointers(e: Emitter, op: Op, group: Group, size: int, lanes: int) -> list[str]:
    """Of each lane's first element: what all rounds of a loop have alike is one value of each lane, which stays."""
    array, *indices = op.operands[: -1 if op.name in LOADS else -2]
    if op.name in ("tile.load", "tile.store"):
        pointer, step = _pointer(e, op, group, size), step_bytes(e, op)
        return list(each_apart(e, pointer if isinstance(step, int) else _hidden(e, pointer), step, lanes))
    behind = -group.places[op] * size
    found = pointers_of_lanes(e, array, indices, op.attributes["offset"], lanes)
    if found is not None:
        return [_at(e, p, behind) for p in found]
    t = array.type
    assert isinstance(t, T.ArrayType)
    unit = unit_axis(t)
    assert unit is not None
    terms, place = split(indices[unit])
    at, whole = lane_pointers(e, array, indices, op.attributes["offset"], lanes, without=unit), element_bytes(t)
    return _moved(e, at, terms, place * whole + behind, whole, lanes)


def _moved(e: Emitter, pointers: str, terms: Sequence[Value], behind: int, size: int, lanes: int) -> list[str]:
    """Pointers moved by so many elements and bytes, of which what differs between lanes comes first."""
    for v in terms:
        if lanes_of(v.type):
            pointers = e.do(f"getelementptr [{size} x i8], {vector('ptr', lanes)} {pointers}, {index_type(v)} {e.value(v)}")
    each = [e.do(f"extractelement {vector('ptr', lanes)} {pointers}, i64 {k}") for k in range(lanes)]
    for v in terms:
        if not lanes_of(v.type):
            each = [e.do(f"getelementptr [{size} x i8], ptr {p}, {index_type(v)} {e.value(v)}") for p in each]
    return [_at(e, p, behind) for p in each]


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
    group = groups_of(e).get(op)
    t = T.element_of(op.results[0].type)
    lanes = lanes_of(op.results[0].type)
    if group is None:
        return from_memory(e, t, alone(e, op), lanes)
    if op not in e.interleaved:
        (_load_all if group.side_by_side else _load_runs)(e, op, group, MEMORY[t.name], t.size_bytes, lanes)
    return from_memory(e, t, e.interleaved[op], lanes)


def _load_runs(e: Emitter, op: Op, group: Group, base: str, size: int, lanes: int) -> None:
    wanted = sorted(set(group.places.values()))
    if group.rows is None:
        made = _runs(e, _pointers(e, op, group, size, lanes), wanted, group.size, base, size, lanes)
    else:
        made = _load_rows(e, op, group, wanted, base, size, lanes)
    for member, place in group.places.items():
        e.interleaved[member] = made[place]


def _runs(e: Emitter, pointers: Sequence[str], wanted: Sequence[int], count: int, base: str, size: int,
          lanes: int) -> dict[int, str]:  # fmt: skip
    """Elements by their place among the `count` behind each lane's pointer, and others."""
    made: dict[int, str] = {}
    length = min(count, run_of(size))
    if size == _PAIRED and length < run_of(size) and lanes % 4 == 0:
        made.update(enumerate(load_pairs(e, base, pointers, lanes)))
        if length > 2:
            made[2] = load_each(e, base, size, [_at(e, p, 2 * size) for p in pointers], lanes)
        return made
    for first in _starts(wanted, count, length):
        run = load_runs(e, base, size, [_at(e, p, first * size) for p in pointers], lanes, length)
        made.update({first + k: x for k, x in enumerate(run)})
    return made


def _starts(wanted: Sequence[int], count: int, length: int) -> list[int]:
    """Where runs begin that have all wanted places, as few as there can be. The last one may overlap another."""
    out: list[int] = []
    for place in wanted:
        if not out or place >= out[-1] + length:
            out.append(min(place, count - length))
    return out


def _load_rows(e: Emitter, op: Op, group: Group, wanted: Sequence[int], base: str, size: int, lanes: int) -> dict[int, str]:
    """Of rows that are one run, or each lane's elements one by one."""
    assert group.rows is not None
    axis, length = group.rows
    pointer, step, across = _pointer(e, op, group, size), step_bytes(e, op), strides(e, op.operands[0])[axis]
    yes, no, join = e.fresh("dense"), e.fresh("apart"), e.fresh("loaded")
    e.branch(e.do(f"icmp eq i64 {across}, {length * size}"), yes, no)
    e.begin(yes)
    made = _runs(e, [_apart(e, pointer, step, k) for k in range(lanes)], wanted, group.size, base, size, lanes)
    e.jump(join)
    e.begin(no)
    others: dict[int, str] = {}
    for place in wanted:
        at = _at(e, _apart(e, pointer, across, place // length), place % length * size)
        others[place] = apart(e, base, size, at, step, None, lanes, is_rare=True)
    end = e.label
    e.jump(join)
    e.begin(join)
    return {place: e.phi(vector(base, lanes), [(made[place], yes), (others[place], end)]) for place in wanted}


def _load_all(e: Emitter, op: Op, group: Group, base: str, size: int, lanes: int) -> None:
    """At the first op of a group, for all: indices of the others may not be there yet."""
    pointer, step = _pointer(e, op, group, size), step_bytes(e, op)
    for member, place in group.places.items():
        e.note_load(member, _at(e, pointer, place * size), step)
    wanted, mask = sorted(set(group.places.values())), mask_of(e, op.operands[-1], lanes)
    # Lanes may lie side by side, and where they have three elements, with a fourth between: colours with an opacity behind. One
    # element is a channel of three or four.
    is_picture = group.size == 3 or len(group.places) == 1
    rooms = [room for room in (3, 4) if room >= group.size] if is_picture else [group.size]
    if isinstance(step, int):
        made = _loaded_dense(e, base, size, pointer, group, group.size, wanted, mask, lanes)
    else:
        found, join = list[tuple[list[str], str]](), e.fresh("loaded")
        for room in rooms:
            yes, no = e.fresh("dense"), e.fresh("apart" if room == rooms[-1] else "wider")
            e.branch(e.do(f"icmp eq i64 {step}, {room * size}"), yes, no)
            e.begin(yes)
            found.append((_loaded_dense(e, base, size, pointer, group, room, wanted, mask, lanes), e.label))
            e.jump(join)
            e.begin(no)
        found.append((_loaded_apart(e, base, size, _hidden(e, pointer), step, wanted, mask, lanes), e.label))
        e.jump(join)
        e.begin(join)
        made = [e.phi(vector(base, lanes), [(values[k], label) for values, label in found]) for k in range(len(wanted))]
    for member, place in group.places.items():
        e.interleaved[member] = made[wanted.index(place)]


def _loaded_dense(e: Emitter, base: str, size: int, pointer: str, group: Group, room: int, wanted: Sequence[int], mask: str | None,
                  lanes: int) -> list[str]:  # fmt: skip
    """Elements at some places of lanes that are `room` elements apart, of which the group's are the first."""
    if room == group.size and _by_segments(e, group, size, lanes):
        runs = _runs(e, [_at(e, pointer, k * room * size) for k in range(lanes)], wanted, room, base, size, lanes)
        return [runs[place] for place in wanted]
    if base in ("i32", "float") and room == 2 and lanes % 8 == 0 and e.target.vector_bytes == 32:
        return _of_pairs(e, base, pointer, wanted, lanes)
    parts = []
    for k in range(room):
        places = range(k * lanes, (k + 1) * lanes)
        # What lies behind the last lane's last element need not be there: it is masked, or the vector begins earlier.
        gap = room - group.size if k == room - 1 else 0
        on = None if mask is None else spread_mask(e, [n // room if n % room < group.size else None for n in places], mask, lanes)
        gap = gap if on is None else 0
        part = load_vector(e, base, size, _at(e, pointer, (k * lanes - gap) * size), on, lanes)
        if gap:
            t, order = vector(base, lanes), ", ".join([f"i32 {min(n + gap, lanes)}" for n in range(lanes)])
            part = e.do(f"shufflevector {t} {part}, {t} zeroinitializer, <{lanes} x i32> <{order}>")
        parts.append(part)
    return taken_apart(e, base, parts, wanted, lanes)


def _by_segments(e: Emitter, group: Group, size: int, lanes: int) -> bool:
    """Whether lanes side by side are taken as runs of each, too: where a vector has two segments, shuffles from one to the other
    take three times as long as those inside of them, and bringing segments together costs a load."""
    runs = group.size == run_of(size) or group.size >= _QUAD
    return e.target.vector_bytes == 32 and size >= 4 and runs and lanes * size >= 32


def _of_pairs(e: Emitter, base: str, pointer: str, wanted: Sequence[int], lanes: int) -> list[str]:
    """Of each lane's two elements: from registers with the runs of 16 bytes that shuffles inside of those want."""
    made: list[list[str]] = [[] for _ in wanted]
    for first in range(0, lanes, 8):
        a, b, c, d = [load_vector(e, base, 4, _at(e, pointer, 8 * first + 16 * k), None, 4) for k in range(4)]
        low, high = concatenated(e, base, [a, c], 4), concatenated(e, base, [b, d], 4)
        for place, parts in zip(wanted, made, strict=True):
            order = ", ".join([f"i32 {k + place}" for k in (0, 2, 8, 10, 4, 6, 12, 14)])
            t = vector(base, 8)
            parts.append(e.do(f"shufflevector {t} {low}, {t} {high}, <8 x i32> <{order}>"))
    return [concatenated(e, base, parts, 8) for parts in made]


def _of_points(e: Emitter, k: int, count: int, mask: str | None, lanes: int) -> str | None:
    """The mask of the k-th vector of lanes' elements, `count` of each."""
    return None if mask is None else spread_mask(e, [(k * lanes + n) // count for n in range(lanes)], mask, lanes)


def _loaded_apart(e: Emitter, base: str, size: int, pointer: str, step: Stride, wanted: Sequence[int], mask: str | None,
                  lanes: int) -> list[str]:  # fmt: skip
    """Elements at some places of lanes that do not lie side by side."""
    if is_number(e, max(wanted) + 1, size):
        words = apart(e, "i64", size, pointer, step, mask, lanes, is_rare=True)
        return taken_apart(e, base, parts_of(e, base, words, lanes), wanted, lanes)
    if mask is not None:
        return [apart(e, base, size, _at(e, pointer, place * size), step, mask, lanes) for place in wanted]
    if _goes_by_runs(size, max(wanted) + 1, lanes):
        made = _runs(e, [_apart(e, pointer, step, k) for k in range(lanes)], wanted, max(wanted) + 1, base, size, lanes)
        return [made[place] for place in wanted]
    is_rare = e.lane_gathers >= _INLINED_APART
    return [apart(e, base, size, _at(e, pointer, place * size), step, None, lanes, is_rare=is_rare) for place in wanted]


def _goes_by_runs(size: int, count: int, lanes: int) -> bool:
    """Whether `count` elements of each lane are a run of each: also some of a run, where that is no word."""
    return lanes >= run_of(size) and (count >= run_of(size) or size >= 4)


@lowering("tile.store")
def _store(e: Emitter, op: Op) -> None:
    _stored(e, op, tile_store)


@lowering("tile.scatter")
def _scatter(e: Emitter, op: Op) -> None:
    _stored(e, op, scatter_tile)


def _stored(e: Emitter, op: Op, alone: Callable[[Emitter, Op], None]) -> None:
    group = groups_of(e).get(op)
    if group is None:
        alone(e, op)
        return
    if op is not list(group.places)[-1]:
        return  # at the last, when all values are there
    t = T.element_of(op.operands[-1].type)
    base, size, lanes = MEMORY[t.name], t.size_bytes, lanes_of(op.operands[-1].type)
    by_place = {place: member.operands[-1] for member, place in group.places.items()}
    values = [to_memory(e, t, e.value(by_place[k]), lanes) for k in range(group.size)]
    if not group.side_by_side and group.rows is None:
        _store_runs(e, _pointers(e, op, group, size, lanes), values, base, size, lanes)
        return
    pointer, step, mask = _pointer(e, op, group, size), step_bytes(e, op), mask_of(e, op.operands[-2], lanes)
    axis, length = group.rows or (0, group.size)
    across: Stride = strides(e, op.operands[0])[axis] if group.rows is not None else 0
    dense = _is_dense(e, step, group, size) if group.rows is None else e.do(f"icmp eq i64 {across}, {length * size}")
    yes, no, join = e.fresh("dense"), e.fresh("apart"), e.fresh("stored")
    if dense is not None:
        e.branch(dense, yes, no)
        e.begin(yes)
    if not group.side_by_side:
        _store_runs(e, [_apart(e, pointer, step, k) for k in range(lanes)], values, base, size, lanes)
    elif _by_segments(e, group, size, lanes):
        _store_runs(e, [_at(e, pointer, k * group.size * size) for k in range(lanes)], values, base, size, lanes)
    else:
        _store_all(e, base, size, values, pointer, mask, lanes)
    if dense is not None:
        e.jump(join)
        e.begin(no)
        pointer = _hidden(e, pointer)
        if group.rows is None and mask is None and _goes_by_runs(size, group.size, lanes):
            _store_runs(e, [_apart(e, pointer, step, k) for k in range(lanes)], values, base, size, lanes)
            values = []
        elif is_number(e, len(values), size):
            put_apart(e, "i64", size, as_words(e, base, values, lanes)[0], pointer, step, mask, lanes)
            values = []
        for k, x in enumerate(values):
            at = _at(e, _apart(e, pointer, across, k // length), k % length * size)
            put_apart(e, base, size, x, at, step, mask, lanes)
        e.jump(join)
        e.begin(join)


def _store_runs(e: Emitter, pointers: Sequence[str], values: Sequence[str], base: str, size: int, lanes: int) -> None:
    count = min(run_of(size), len(values))
    for first in _starts(range(len(values)), len(values), count):
        store_runs(e, base, size, values[first : first + count], [_at(e, p, first * size) for p in pointers], lanes)


def _store_all(e: Emitter, base: str, size: int, values: Sequence[str], pointer: str, mask: str | None, lanes: int) -> None:
    count = len(values)
    if is_number(e, count, size) or (e.target.vector_bytes == 64 and base in _NARROW and size * count in (2, 4)):
        words, word = as_words(e, base, values, lanes)
        store_vector(e, word, size, words, pointer, mask, lanes)
        return
    if mask is None and goes_by_segments(e, base, count, lanes):
        for k, x in enumerate(points(e, values, lanes)):
            store_vector(e, base, size, x, _at(e, pointer, k * SEGMENT), None, SEGMENT)
        return
    for k in range(count):
        elements = range(k * lanes, (k + 1) * lanes)
        x = pick(e, base, list(values), [n % count * lanes + n // count for n in elements], lanes)
        on = _of_points(e, k, count, mask, lanes)
        store_vector(e, base, size, x if on is None else as_it_is(e, base, x, lanes), _at(e, pointer, k * lanes * size), on, lanes)
