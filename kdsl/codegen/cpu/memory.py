"""Loads and stores: addresses, vectors, masks, gathers.

One idea: an access is a uniform base pointer plus what differs between lanes. Lanes that lie side by side are one
vector; small steps are vectors and a shuffle; only the rest is gathered, by instructions where those are fast and
otherwise lane by lane, where lanes that are off read a harmless address instead of branching.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from ...artifact import LaunchSlot
from ...ir import types as T
from ...ir.analysis.accesses import split_constant
from ...ir.analysis.masks import is_on
from ...ir.core import Op, Value
from .emitter import Emitter, lowering
from .entry import array_extent, array_stride, launch_slot, layout_of, slot_count
from .narrow import from_memory, to_memory
from .text import MEMORY, lanes_of, suffix, vector

__all__ = [
    "INLINED_GATHERS",
    "gather_from",
    "lane_pointers",
    "load_each",
    "loaded_gather",
    "loaded_tile",
    "scalar_pointer",
    "scatter_tile",
    "tile_store",
]

INLINED_GATHERS = 16  # of those that take lane after lane
_LINE = 64  # bytes of memory that caches move together
_INLINED_BYTES = 2  # of masked loads and stores of elements that no instruction masks

Stride = int | str  # bytes: a number, or the name of a value

# Where arrays lie


def element_bytes(t: T.ArrayType) -> int:
    return T.size_and_align(t.element)[0]


def strides(e: Emitter, array: Value) -> list[Stride]:
    """Bytes between neighbours along each axis."""
    t = array.type
    assert isinstance(t, T.ArrayType)
    size = element_bytes(t)
    if t.space is T.Space.GLOBAL:
        known = [t.stride_bytes(axis) for axis in range(t.rank)]
        return [array_stride(e, array, axis) if stride is None else stride for axis, stride in enumerate(known)]
    out: list[Stride] = []
    for axis in reversed(range(t.rank)):
        out.insert(0, size)
        size *= t.shape[axis] if t.shape else 1
    return out


@lowering("memory.extent")
def _extent(e: Emitter, op: Op) -> str:
    t = op.operands[0].type
    assert isinstance(t, T.ArrayType)
    if t.shape is not None:
        return str(t.shape[op.attributes["axis"]])
    if t.space is T.Space.SLOTS:
        alloc = op.operands[0].op
        return e.do(f"mul i64 {slot_count(e)}, {alloc.attributes.get('count', 1) if alloc else 1}")
    return array_extent(e, op.operands[0], op.attributes["axis"])


@lowering("block.disjoint")
def _disjoint(e: Emitter, op: Op) -> str:
    (low, high), (begin, end) = [_span(e, v) for v in op.operands]
    return e.do(f"or i1 {e.do(f'icmp ule i64 {high}, {begin}')}, {e.do(f'icmp ule i64 {end}, {low}')}")


@lowering("block.same")
def _same(e: Emitter, op: Op) -> str:
    a, b = op.operands
    same = e.do(f"icmp eq ptr {e.arrays[a]}, {e.arrays[b]}")
    for one, other in zip(strides(e, a), strides(e, b), strict=True):
        if one != other:
            same = e.do(f"and i1 {same}, {e.do(f'icmp eq i64 {one}, {other}')}")
    return same


@lowering("block.dense")
def _dense(e: Emitter, op: Op) -> str:
    array, count = op.operands[0], op.attributes["count"]
    stride = strides(e, array)[op.attributes["axis"]]
    assert isinstance(array.type, T.ArrayType)
    size, unit = element_bytes(array.type), array.type.unit_axis
    assert unit is not None
    whole = count * size if count else e.do(f"mul i64 {array_extent(e, array, unit)}, {size}")
    return e.do(f"icmp eq i64 {stride}, {whole}")


@lowering("block.follows")
def _follows(e: Emitter, op: Op) -> str:
    array, n = op.operands
    one, other = [strides(e, array)[op.attributes[name]] for name in ("axis", "along")]
    return e.do(f"icmp eq i64 {one}, {e.do(f'mul i64 {e.value(n)}, {other}')}")


def _span(e: Emitter, array: Value) -> tuple[str, str]:
    """Addresses of an argument's first byte and behind its last. (Of an empty one they may be any: nobody accesses it.)"""
    assert isinstance(array.type, T.ArrayType)
    low = high = e.do(f"ptrtoint ptr {e.arrays[array]} to i64")
    for axis, stride in enumerate(strides(e, array)):
        reach = e.do(f"mul i64 {e.do(f'sub i64 {array_extent(e, array, axis)}, 1')}, {stride}")
        is_back = e.do(f"icmp slt i64 {reach}, 0")
        low = e.do(f"add i64 {low}, {e.select(is_back, 'i64', reach, '0', 0)}")
        high = e.do(f"add i64 {high}, {e.select(is_back, 'i64', '0', reach, 0)}")
    return low, e.do(f"add i64 {high}, {element_bytes(array.type)}")


def _advance(e: Emitter, pointer: str, index: str, stride: Stride) -> str:
    """`pointer` moved by index * stride bytes."""
    if index == "0":
        return pointer
    if isinstance(stride, int):
        return e.same(f"getelementptr [{stride} x i8], ptr {pointer}, i64 {index}")
    if index == "1":
        return e.same(f"getelementptr i8, ptr {pointer}, i64 {stride}")
    return e.same(f"getelementptr i8, ptr {pointer}, i64 {e.same(f'mul i64 {index}, {stride}')}")


def scalar_pointer(e: Emitter, array: Value, indices: Sequence[Value], offset: int, *, without: int | None = None) -> str:
    """The address of one element (and `offset` bytes more); indices that are tiles are left out, and that of axis `without`.

    Steps along axes with large strides come first, so that loops over the unit axis keep them outside; and of these, what is known
    of them at the beginning, so that the neighbours of an element have what is left alike.
    """
    t = array.type
    assert isinstance(t, T.ArrayType)
    pointer = e.arrays[array]
    rows = enumerate(zip(indices, strides(e, array), strict=True))
    steps = [(i, s) for axis, (i, s) in rows if not lanes_of(i.type) and axis != without]
    far, hidden = "", False
    for index, stride in steps:
        if isinstance(stride, int):
            continue
        place, more = split_constant(index)
        if more and pointer in e.outermost:
            step = _multiple(e, stride, more)
            pointer = e.at_entry(("place", pointer, step), f"getelementptr i8, ptr {pointer}, i64 {step}")
            hidden = True
        else:
            place = index
        part = e.same(f"mul i64 {e.value(place)}, {stride}")
        far = e.same(f"add i64 {far}, {part}") if far else part
    if hidden:  # LLVM would make one product of both again, another for each neighbour
        e.declare("llvm.launder.invariant.group.p0", "declare ptr @llvm.launder.invariant.group.p0(ptr)")
        pointer = e.at_entry(("kept", pointer), f"call ptr @llvm.launder.invariant.group.p0(ptr {pointer})")
    if far:
        pointer = e.same(f"getelementptr i8, ptr {pointer}, i64 {far}")
    for index, stride in steps:
        if isinstance(stride, int):
            pointer = _advance(e, pointer, e.value(index), stride)
    if offset:
        pointer = e.same(f"getelementptr i8, ptr {pointer}, i64 {offset}")
    return pointer


def _multiple(e: Emitter, stride: Stride, n: int) -> str:
    return e.at_entry(("multiple", stride, n), f"mul i64 {stride}, {n}")


def lane_pointers(e: Emitter, array: Value, indices: Sequence[Value], offset: int, lanes: int,
                  left_out: Container[Value] = (), without: int | None = None) -> str:  # fmt: skip
    """A vector of addresses. left_out: tiles that are not looked at; without: an axis whose index is not."""
    pointer = scalar_pointer(e, array, indices, offset, without=without)
    t = vector("i64", lanes)
    rows = enumerate(zip(indices, strides(e, array), strict=True))
    terms = [(e.value(i), s) for axis, (i, s) in rows if lanes_of(i.type) and i not in left_out and axis != without]
    if not terms:
        return e.spread(pointer, "ptr", lanes)
    if len(terms) == 1 and isinstance(terms[0][1], int):
        return e.same(f"getelementptr [{terms[0][1]} x i8], ptr {pointer}, {t} {terms[0][0]}")
    total = ""
    for index, stride in terms:
        part = e.same(f"mul {t} {index}, {e.spread(str(stride), 'i64', lanes)}")
        total = e.same(f"add {t} {total}, {part}") if total else part
    return e.same(f"getelementptr i8, ptr {pointer}, {t} {total}")


# One element


@lowering("memory.load")
def _load(e: Emitter, op: Op) -> str:
    array, *indices = op.operands
    t = T.element_of(op.results[0].type)
    pointer = scalar_pointer(e, array, indices, op.attributes["offset"])
    return load_scalar(e, t, pointer)


@lowering("memory.store")
def _store(e: Emitter, op: Op) -> None:
    array, *indices, x = op.operands
    t = T.element_of(x.type)
    pointer = scalar_pointer(e, array, indices, op.attributes["offset"])
    value = to_memory(e, t, e.value(x), 0)
    e.act(f"store {MEMORY[t.name]} {value}, ptr {pointer}, align {t.size_bytes}")


@lowering("memory.prefetch")
def _prefetch(e: Emitter, op: Op) -> None:
    array, *indices = op.operands
    _ask_for(e, scalar_pointer(e, array, indices, 0), near=op.attributes["near"])


@lowering("simt.looks_ahead")
def _looks_ahead(e: Emitter, op: Op) -> str:
    e.asks = True
    return _goes_past(e)


@lowering("block.streams")
def _block_streams(e: Emitter, op: Op) -> str:
    return _goes_past(e)


def _goes_past(e: Emitter) -> str:
    return e.at_entry(("goes past",), f"icmp ne i64 {launch_slot(e, LaunchSlot.STREAM)}, 0")


def _ask_for(e: Emitter, pointer: str, *, near: bool) -> None:
    """near: into the nearest cache; else the second."""
    e.declare("llvm.prefetch.p0", "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
    e.act(f"call void @llvm.prefetch.p0(ptr {pointer}, i32 0, i32 {3 if near else 2}, i32 1)")


@lowering("block.ahead")
def _ahead(e: Emitter, op: Op) -> None:
    """From where the rows are that run now, whose addresses are at hand."""
    array, *indices = op.operands
    assert isinstance(array.type, T.ArrayType)
    rows, stride = op.attributes["rows"], strides(e, array)[op.attributes["axis"]]
    pointer = scalar_pointer(e, array, indices, 0)
    there = e.same(f"getelementptr i8, ptr {pointer}, i64 {_multiple(e, stride, rows)}")
    for first in range(0, op.attributes["lanes"] * element_bytes(array.type), _LINE):
        _ask_for(e, e.do(f"getelementptr i8, ptr {there}, i64 {first}") if first else there, near=False)


def load_scalar(e: Emitter, t: T.ScalarType, pointer: str) -> str:
    return from_memory(e, t, e.do(f"load {MEMORY[t.name]}, ptr {pointer}, align {t.size_bytes}"), 0)


# Lanes that advance by a fixed step


def mask_of(e: Emitter, v: Value, lanes: int) -> str | None:
    """The text of a mask, or None when all lanes are on."""
    return None if is_on(v) else e.spread_value(v, lanes)


def step_bytes(e: Emitter, op: Op) -> Stride:
    stride = strides(e, op.operands[0])[op.attributes["axis"]]
    step = op.attributes["step"]
    if isinstance(stride, int):
        return stride * step
    if step in (0, 1):
        return stride if step else 0
    return e.do(f"mul i64 {stride}, {step}")


def loaded_tile(e: Emitter, op: Op) -> str:
    """A `tile.load` by itself, as it is in memory."""
    array, *indices, mask_value = op.operands
    t = T.element_of(op.results[0].type)
    lanes = lanes_of(op.results[0].type)
    mask = mask_of(e, mask_value, lanes)
    pointer = scalar_pointer(e, array, indices, op.attributes["offset"])
    step = step_bytes(e, op)
    base, size = MEMORY[t.name], t.size_bytes
    if mask is None:
        e.note_load(op, pointer, step)
    if step == size:
        if mask is not None and _has_all_lanes(e, array):
            loaded = e.do(f"freeze {vector(base, lanes)} {load_vector(e, base, size, pointer, None, lanes)}")
        elif mask is not None and lanes > 1 and not _masks(e, size):
            loaded = _load_some(e, base, size, pointer, mask_value, mask, lanes)
        else:
            loaded = load_vector(e, base, size, pointer, mask, lanes)
    elif step == 0:
        loaded = _load_broadcast(e, t, pointer, mask, lanes)
    elif step == -size:
        loaded = _load_reversed(e, base, size, pointer, mask, lanes)
    elif isinstance(step, int) and mask is None and step % size == 0 and 2 <= abs(step) // size <= 4:
        loaded = _load_shuffled(e, op, base, size, pointer, step // size, None, lanes)
    elif mask is not None and _spreads(e, size, step, lanes, _MASKED_BYTES):
        loaded = _load_shuffled(e, op, base, size, pointer, step // size, mask, lanes)  # type: ignore[operator]
    elif mask is None and _may_be_part(e, op, step):
        loaded = _load_part(e, op, base, size, pointer, step, lanes)
    else:
        loaded = apart(e, base, size, pointer, step, mask, lanes, is_likely=True)
    return loaded


# How many elements may lie from one to the next in a view that is a part of a larger array: the real parts of complex numbers,
# every second column, a channel of a picture. So many loads of a kernel ask for these.
_PARTS, _ASKING = (2, 3, 4), 4


def _may_be_part(e: Emitter, op: Op, step: Stride) -> bool:
    """Whether lanes go along the last axis of an array none of whose axes has elements side by side."""
    t = op.operands[0].type
    assert isinstance(t, T.ArrayType)
    is_last = op.attributes["axis"] == t.rank - 1 and op.attributes["step"] == 1
    return is_last and t.unit_axis is None and not isinstance(step, int) and not e.is_long and e.lane_gathers < _ASKING


def _load_part(e: Emitter, op: Op, base: str, size: int, pointer: str, step: Stride, lanes: int) -> str:
    """An element for each lane of what may be a part of a larger array: whole vectors then, and shuffles."""
    join, found = e.fresh("loaded"), list[tuple[str, str]]()
    for times in _PARTS:
        yes, no = e.fresh("part"), e.fresh("other")
        e.branch(e.do(f"icmp eq i64 {step}, {times * size}"), yes, no)
        e.begin(yes)
        found.append((_load_shuffled(e, op, base, size, pointer, times, None, lanes), e.label))
        e.jump(join)
        e.begin(no)
    found.append((apart(e, base, size, pointer, step, None, lanes, is_likely=True), e.label))
    e.jump(join)
    e.begin(join)
    return e.phi(vector(base, lanes), found)


def apart(e: Emitter, base: str, size: int, pointer: str, step: Stride, mask: str | None, lanes: int, *,
          is_likely: bool = False, is_rare: bool = False) -> str:  # fmt: skip
    """An element for each lane, `step` bytes from lane to lane. is_likely: not only where lanes do not lie side by side after all,
    which is to take few registers of those that do. is_rare: one function for all, however few there are."""
    if mask is None and (is_likely or is_rare) and not (e.target.has_gather and size >= 4):
        e.lane_gathers += not is_rare
        if is_rare or e.lane_gathers > INLINED_GATHERS:
            name = f"@apart.{base}.{size}.{lanes}"
            e.declare(name, _apart_function(name, base, size, lanes))
            return e.do(f"call {vector(base, lanes)} {name}(ptr {pointer}, i64 {step})")
        return load_each(e, base, size, each_apart(e, pointer, step, lanes), lanes)
    pointers = e.do(f"getelementptr i8, ptr {pointer}, {vector('i64', lanes)} {_multiples(e, step, lanes)}")
    return gather(e, base, size, pointers, mask, lanes)


def each_apart(e: Emitter, pointer: str, step: Stride, lanes: int) -> Iterator[str]:
    """The address of each lane's element, `step` bytes from lane to lane: no vector is made of them only to be taken apart. Four
    lanes have one address, and one, two and three steps behind it, which is what an instruction can add."""
    for k in range(lanes):
        if isinstance(step, int):
            yield e.same(f"getelementptr i8, ptr {pointer}, i64 {k * step}") if k else pointer
            continue
        if k and k % 4 == 0:
            pointer = e.same(f"getelementptr i8, ptr {pointer}, i64 {_times(e, step, 4)}")
        yield e.same(f"getelementptr i8, ptr {pointer}, i64 {_times(e, step, k % 4)}") if k % 4 else pointer


def _times(e: Emitter, step: str, n: int) -> str:
    if n == 1:
        return step
    text = f"mul i64 {step}, {n}"
    return e.at_entry(("times", step, n), text) if step in e.outermost else e.same(text)


def _apart_function(name: str, base: str, size: int, lanes: int) -> str:
    """Of a pointer and a step: a vector of pointers would be made, and taken apart again."""
    t = vector(base, lanes)
    lines = [f"define internal {t} {name}(ptr %p0, i64 %step) #2 {{"]
    for k in range(lanes):
        if k:
            lines.append(f"%p{k} = getelementptr i8, ptr %p{k - 1}, i64 %step")
        lines.append(f"%x{k} = load {base}, ptr %p{k}, align {size}")
        lines.append(f"%v{k} = insertelement {t} {f'%v{k - 1}' if k else 'poison'}, {base} %x{k}, i64 {k}")
    return "\n".join([*lines, f"ret {t} %v{lanes - 1}", "}"])


def put_apart(e: Emitter, base: str, size: int, x: str, pointer: str, step: Stride, mask: str | None, lanes: int, *,
              is_likely: bool = False) -> None:  # fmt: skip
    """The same for storing."""
    if _spreads(e, size, step, lanes, _SPREAD_BYTES if mask is None else _MASKED_BYTES):
        _store_spread(e, base, size, x, pointer, step // size, mask, lanes)  # type: ignore[operator]
        return
    if mask is None and is_likely and not e.is_long and not (e.target.has_gather and size >= 4):
        for k, at in enumerate(each_apart(e, pointer, step, lanes)):
            one = e.do(f"extractelement {vector(base, lanes)} {x}, i64 {k}")
            e.act(f"store {base} {one}, ptr {at}, align {size}")
        return
    pointers = e.do(f"getelementptr i8, ptr {pointer}, {vector('i64', lanes)} {_multiples(e, step, lanes)}")
    scatter(e, base, size, x, pointers, mask, lanes)


# From element to element of lanes, where masked vectors with what lies between take less time than an access for each lane: of a
# constant mask, and of one that is spread as well. An element of fewer than four bytes no instruction scatters.
_SPREAD_BYTES, _MASKED_BYTES = 16, 8


def _spreads(e: Emitter, size: int, step: Stride, lanes: int, most: int) -> bool:
    """Whether lanes apart are whole vectors under masks: AVX-512 has them for elements of all sizes, and AMD's processors take
    three cycles for each, where 16 lanes that are scattered take 22."""
    if e.target.vector_bytes < 64 or lanes < 4 or not isinstance(step, int) or step % size:
        return False
    return 2 <= abs(step) // size <= 4 and (size < 4 or abs(step) <= most)


def spread_mask(e: Emitter, wanted: Sequence[int | None], mask: str | None, lanes: int) -> str:
    """Of a vector's elements: the lane that each is of, or None."""
    if mask is None:
        return "<" + ", ".join([f"i1 {'false' if k is None else 'true'}" for k in wanted]) + ">"
    t, order = vector("i1", lanes), ", ".join([f"i32 {lanes if k is None else k}" for k in wanted])
    return e.same(f"shufflevector {t} {mask}, {t} zeroinitializer, <{lanes} x i32> <{order}>")


def _lane_at(element: int, step: int, lanes: int) -> int | None:
    """The lane whose element it is, counted from the first in memory."""
    lane, between = divmod(element, abs(step))
    if between or not 0 <= lane < lanes:
        return None
    return lane if step > 0 else lanes - 1 - lane


def _store_spread(e: Emitter, base: str, size: int, x: str, pointer: str, step: int, mask: str | None, lanes: int) -> None:
    t, x = vector(base, lanes), as_it_is(e, base, x, lanes)
    first = min(step, 0) * size * (lanes - 1)
    for k in range(abs(step)):
        wanted = [_lane_at(n, step, lanes) for n in range(k * lanes, (k + 1) * lanes)]
        order = ", ".join(["i32 poison" if lane is None else f"i32 {lane}" for lane in wanted])
        part = e.do(f"shufflevector {t} {x}, {t} poison, <{lanes} x i32> <{order}>")
        at = e.do(f"getelementptr i8, ptr {pointer}, i64 {first + k * lanes * size}")
        store_vector(e, base, size, part, at, spread_mask(e, wanted, mask, lanes), lanes)


def _multiples(e: Emitter, step: Stride, lanes: int) -> str:
    """0, step, 2 step, ..."""
    if isinstance(step, int):
        return "<" + ", ".join(f"i64 {k * step}" for k in range(lanes)) + ">"
    t, iota = vector("i64", lanes), ", ".join([f"i64 {k}" for k in range(lanes)])
    text = f"mul {t} {e.spread(step, 'i64', lanes)}, <{iota}>"
    # A product of 64 bits takes x86-64-v3 ten instructions, and LLVM longer than whatever else an access has.
    return e.at_entry(("multiples", step, lanes), text) if step in e.outermost else e.same(text)


def load_vector(e: Emitter, base: str, align: int, pointer: str, mask: str | None, lanes: int) -> str:
    """Lanes side by side; lanes that are off give 0 (not poison: masks may be computed from them)."""
    t = vector(base, lanes)
    if mask is None:
        return e.do(f"load {t}, ptr {pointer}, align {align}")
    m = vector("i1", lanes)
    if _masks_by_branches(e, align, lanes):
        return _load_each(e, base, align, pointer, mask, lanes)
    name = f"llvm.masked.load.{suffix(base, lanes)}.p0"
    e.declare(name, f"declare {t} @{name}(ptr, i32, {m}, {t})")
    return e.do(f"call {t} @{name}(ptr {pointer}, i32 {align}, {m} {mask}, {t} zeroinitializer)")


def _masks(e: Emitter, size: int) -> bool:
    """Whether an instruction masks elements of that size."""
    return e.target.vector_bytes == 64 or (size >= 4 and e.target.masked_memory)


def _masks_by_branches(e: Emitter, size: int, lanes: int) -> bool:
    """Whether LLVM makes a branch for each lane of a masked access, as there is no instruction: a hundred blocks to compile. So one
    function does it, but for the first places, which may be all that a loop has."""
    if size >= 4 or lanes == 1 or e.target.vector_bytes == 64:
        return False
    e.byte_masks += 1
    return e.byte_masks > _INLINED_BYTES


def _load_each(e: Emitter, base: str, size: int, pointer: str, mask: str, lanes: int) -> str:
    """A function without branches: lanes that are off read 0 from elsewhere."""
    t, m, name = vector(base, lanes), vector("i1", lanes), f"@load.{base}.{lanes}"
    lines = [f"define internal {t} {name}(ptr %at, i{lanes} %bits) #2 {{", "%none = alloca i64", "store i64 0, ptr %none"]
    for k in range(lanes):
        lines += [*_own(k, size, lanes, "%none"), f"%x{k} = load {base}, ptr %p{k}, align {size}"]
        lines.append(f"%v{k} = insertelement {t} {f'%v{k - 1}' if k else 'poison'}, {base} %x{k}, i64 {k}")
    e.declare(name, "\n".join([*lines, f"ret {t} %v{lanes - 1}", "}"]))
    return e.do(f"call {t} {name}(ptr {pointer}, i{lanes} {e.do(f'bitcast {m} {mask} to i{lanes}')})")


def _own(k: int, size: int, lanes: int, other: str) -> list[str]:
    """The lines that make %p of lane k, its place where it is on."""
    is_on = [f"%b{k} = and i{lanes} %bits, {1 << k}", f"%on{k} = icmp ne i{lanes} %b{k}, 0"]
    return [*is_on, f"%own{k} = getelementptr i8, ptr %at, i64 {k * size}", f"%p{k} = select i1 %on{k}, ptr %own{k}, ptr {other}"]


def _store_each(e: Emitter, base: str, size: int, x: str, pointer: str, mask: str, lanes: int) -> None:
    """A function without branches: lanes that are off write what nobody reads."""
    t, m, name = vector(base, lanes), vector("i1", lanes), f"@store.{base}.{lanes}"
    lines = [f"define internal void {name}(ptr %at, i{lanes} %bits, {t} %x) noinline nounwind {{", "%unread = alloca i64"]
    for k in range(lanes):
        lines += _own(k, size, lanes, "%unread")
        lines += [f"%x{k} = extractelement {t} %x, i64 {k}", f"store {base} %x{k}, ptr %p{k}, align {size}"]
    e.declare(name, "\n".join([*lines, "ret void", "}"]))
    e.act(f"call void {name}(ptr {pointer}, i{lanes} {e.do(f'bitcast {m} {mask} to i{lanes}')}, {t} {x})")


def store_vector(e: Emitter, base: str, align: int, x: str, pointer: str, mask: str | None, lanes: int) -> None:
    t = vector(base, lanes)
    if mask is None:
        e.act(f"store {t} {x}, ptr {pointer}, align {align}")
        return
    if align < 4 and lanes > 1 and e.target.vector_bytes < 64:
        if _masks_by_branches(e, align, lanes):
            _store_each(e, base, align, x, pointer, mask, lanes)
        else:  # without branches, which would be guessed wrong half of the time
            put_apart(e, base, align, x, pointer, align, mask, lanes)
        return
    if base in _TRUNCATED and lanes > 1:
        if not _has_whole_words(base, lanes):
            put_apart(e, base, align, x, pointer, align, mask, lanes)
            return
        x = fenced(e, base, x, lanes)
    m = vector("i1", lanes)
    name = f"llvm.masked.store.{suffix(base, lanes)}.p0"
    e.declare(name, f"declare void @{name}({t}, ptr, i32, {m})")
    e.act(f"call void @{name}({t} {x}, ptr {pointer}, i32 {align}, {m} {mask})")


def _bound(mask: Value, comparison: str) -> Value | None:
    """The n of a mask of the lanes whose number compares so with n."""
    op = mask.op
    if op is None or op.name != comparison:
        return None
    first, last = [v.op for v in op.operands]
    if first is None or last is None or first.name != "tile.iota" or last.name != "tile.splat":
        return None
    return last.operands[0]


def _from(mask: Value) -> Value | None:
    """The n of a mask of the lanes from n on, as rows end with."""
    n = _bound(mask, "arith.ge")
    return n if n is not None and T.element_of(n.type) is T.i32 else None


def _until(mask: Value) -> Value | None:
    """The n of a mask of the first n lanes, where n may be all of them: of a loop whose last vector alone has fewer."""
    n = _bound(mask, "arith.lt")
    made = n.op.operands[0].op if n is not None and n.op is not None and n.op.name == "arith.cast" else None
    return n if made is not None and made.name == "arith.minimum" else None


def _all_on(e: Emitter, mask_value: Value, mask: str, lanes: int) -> str | None:
    """A test whether all lanes are on, as they mostly are inside of what a condition bounds, and up to the end of a row. None where
    there had better be none: they never are in what is left of a row, and long kernels have enough to compile."""
    until = _until(mask_value)
    if until is not None:
        return e.same(f"icmp eq i32 {e.value(until)}, {lanes}")
    if e.is_long or _ends(mask_value):
        return None
    bits = e.same(f"bitcast {vector('i1', lanes)} {mask} to i{lanes}")
    return e.same(f"icmp eq i{lanes} {bits}, -1")


def _load_some(e: Emitter, base: str, size: int, pointer: str, mask_value: Value, mask: str, lanes: int) -> str:
    """Lanes that a mask chooses, where no instruction masks: all of them where all are on."""
    load_part = load_vector if _of_places(mask_value) else _load_each
    all_on = _all_on(e, mask_value, mask, lanes)
    if all_on is None:
        return load_part(e, base, size, pointer, mask, lanes)
    done, whole, part = e.fresh("loaded"), e.fresh("whole"), e.fresh("part")
    e.branch(all_on, whole, part)
    e.begin(whole)
    all_lanes = load_vector(e, base, size, pointer, None, lanes)
    e.jump(done)
    e.begin(part)
    some_lanes = load_part(e, base, size, pointer, mask, lanes)
    e.jump(done)
    e.begin(done)
    return e.phi(vector(base, lanes), [(all_lanes, whole), (some_lanes, part)])


def _store_some(e: Emitter, base: str, size: int, x: str, pointer: str, mask_value: Value, mask: str, lanes: int) -> None:
    """Lanes that a mask chooses, where processors mask stores by microcode, or not at all: they are asked to only where some lanes
    are off."""
    is_masked = size < 4 or e.target.masked_memory or _of_places(mask_value)
    store_part = store_vector if is_masked else _store_each
    all_on = _all_on(e, mask_value, mask, lanes)
    if all_on is None:
        store_part(e, base, size, x, pointer, mask, lanes)
        return
    done, whole, part = e.fresh("stored"), e.fresh("whole"), e.fresh("part")
    e.branch(all_on, whole, part)
    e.begin(whole)
    store_vector(e, base, size, x, pointer, None, lanes)
    e.jump(done)
    e.begin(part)
    store_part(e, base, size, x, pointer, mask, lanes)
    e.jump(done)
    e.begin(done)


def _ends(mask: Value) -> bool:
    """Whether a mask has of the lanes that are left of a row, which are never all."""
    if mask.op is not None and mask.op.name == "arith.and":
        return any(_ends(v) for v in mask.op.operands)
    return _bound(mask, "arith.lt") is not None and _until(mask) is None


def _of_places(v: Value, depth: int = 4) -> bool:
    """Whether lanes are chosen by where they are. Where no instruction masks LLVM branches for each lane: the same way in each row
    then, but where data choose lanes every other branch is guessed wrong. depth: of what looks no further, as numbers made from
    places by many steps are as good as data."""
    if not lanes_of(v.type) or v.constant is not None:
        return True
    op = v.op
    if op is None or not depth:
        return False
    return op.name in ("tile.iota", "tile.splat") or (op.defn.elementwise and all(_of_places(x, depth - 1) for x in op.operands))


def store_from(e: Emitter, base: str, size: int, x: str, pointer: str, n: str, lanes: int) -> None:
    """The lanes from n on: half of the vector where their number has that bit, half of what is left, and so on. Rows of one
    length take the same way each time, and where processors mask stores by microcode or not at all that takes longer than
    the vector's work."""
    inside = e.do(f"call i32 @llvm.smin.i32(i32 {e.do(f'call i32 @llvm.smax.i32(i32 {n}, i32 0)')}, i32 {lanes})")
    count = e.do(f"sub i32 {lanes}, {inside}")
    done, whole, part = e.fresh("stored"), e.fresh("whole"), e.fresh("part")
    e.branch(e.do(f"icmp eq i32 {count}, {lanes}"), whole, part)
    e.begin(whole)
    store_vector(e, base, size, x, pointer, None, lanes)
    e.jump(done)
    e.begin(part)
    pointer = e.do(f"getelementptr i8, ptr {pointer}, i64 {lanes * size}")
    left = lanes
    while left > 1:
        t, left = vector(base, left), left // 2
        low, high = [_half(e, t, x, first, left) for first in (0, left)]
        yes, no, before = e.fresh("some"), e.fresh("none"), e.label
        e.branch(e.do(f"icmp ne i32 {e.do(f'and i32 {count}, {left}')}, 0"), yes, no)
        e.begin(yes)
        half = vector(base, left)
        behind = e.do(f"getelementptr i8, ptr {pointer}, i64 {-left * size}")
        e.act(f"store {half} {high}, ptr {behind}, align {size}")
        e.jump(no)
        e.begin(no)
        if left > 1:
            # What is left lies in the lower half, or at the end of the upper one.
            x = e.phi(half, [(low, yes), (high, before)])
            pointer = e.phi("ptr", [(behind, yes), (pointer, before)])
    e.jump(done)
    e.begin(done)


def _half(e: Emitter, t: str, x: str, first: int, count: int) -> str:
    order = ", ".join([f"i32 {first + k}" for k in range(count)])
    return e.do(f"shufflevector {t} {x}, {t} poison, <{count} x i32> <{order}>")


def reverse(e: Emitter, base: str, x: str, lanes: int) -> str:
    t = vector(base, lanes)
    order = ", ".join(f"i32 {k}" for k in reversed(range(lanes)))
    return e.do(f"shufflevector {t} {x}, {t} poison, <{lanes} x i32> <{order}>")


def _load_reversed(e: Emitter, base: str, size: int, pointer: str, mask: str | None, lanes: int) -> str:
    first = e.do(f"getelementptr i8, ptr {pointer}, i64 {-size * (lanes - 1)}")
    backward = None if mask is None else reverse(e, "i1", mask, lanes)
    return reverse(e, base, load_vector(e, base, size, first, backward, lanes), lanes)


def _load_broadcast(e: Emitter, t: T.ScalarType, pointer: str, mask: str | None, lanes: int) -> str:
    if mask is not None:
        pointer = e.select(any_lane(e, mask, lanes), "ptr", pointer, "%launch", 0)
    base = MEMORY[t.name]
    one = e.do(f"load {base}, ptr {pointer}, align {t.size_bytes}")
    return e.spread(one, base, lanes)


def _load_shuffled(e: Emitter, op: Op, base: str, size: int, pointer: str, step: int, mask: str | None, lanes: int) -> str:
    """Every `step`-th element: whole vectors, then shuffles. Reads nothing past the last lane's element, nor between those of
    lanes that are on where there is a mask."""
    array = op.operands[0].type
    assert isinstance(array, T.ArrayType)
    apart, count = abs(step), lanes
    if step < 0:
        pointer = e.do(f"getelementptr i8, ptr {pointer}, i64 {step * size * (lanes - 1)}")
    first = 0
    span = (lanes - 1) * apart + 1
    offset = op.attributes["offset"]
    if mask is None and element_bytes(array) == apart * size and offset % size == 0:
        # The lanes' whole structs lie side by side: read from the first field, so that all fields share the loads.
        first = offset // size
        span = lanes * apart
        pointer = e.do(f"getelementptr i8, ptr {pointer}, i64 {-offset}") if offset else pointer
    starts = [k * lanes for k in range(span // lanes)]
    if span % lanes:
        starts.append(span - lanes)
    parts = []
    for start in starts:
        at = e.do(f"getelementptr i8, ptr {pointer}, i64 {start * size}") if start else pointer
        wanted = [_lane_at(start + n, step, lanes) for n in range(lanes)]
        on = None if mask is None else spread_mask(e, wanted, mask, lanes)
        parts.append(load_vector(e, base, size, at, on, count))
    places = []
    for k in range(lanes):
        element = first + k * apart
        part = min(element // lanes, len(starts) - 1)
        places.append(part * lanes + element - starts[part])
    if step < 0:
        places.reverse()
    return pick(e, base, parts, places, lanes)


def pick(e: Emitter, base: str, parts: list[str], places: list[int], lanes: int) -> str:
    """Lanes `places` of the concatenation of the parts."""
    width = lanes
    while len(parts) > 2:
        t = vector(base, width)
        order = ", ".join(f"i32 {k}" for k in range(2 * width))
        pairs = [(parts[k], parts[k + 1] if k + 1 < len(parts) else "poison") for k in range(0, len(parts), 2)]
        parts = [e.do(f"shufflevector {t} {a}, {t} {b}, <{2 * width} x i32> <{order}>") for a, b in pairs]
        width *= 2
    t = vector(base, width)
    order = ", ".join(f"i32 {k}" for k in places)
    second = parts[1] if len(parts) > 1 else "poison"
    return e.do(f"shufflevector {t} {parts[0]}, {t} {second}, <{lanes} x i32> <{order}>")


def tile_store(e: Emitter, op: Op) -> None:
    """A `tile.store` by itself."""
    array, *indices, mask_value, value = op.operands
    t = T.element_of(value.type)
    lanes = lanes_of(value.type)
    mask = mask_of(e, mask_value, lanes)
    pointer = scalar_pointer(e, array, indices, op.attributes["offset"])
    step = step_bytes(e, op)
    base, size = MEMORY[t.name], t.size_bytes
    x = to_memory(e, t, e.value(value), lanes)
    if step == size and mask is not None and _has_all_lanes(e, array):
        old = load_vector(e, base, size, pointer, None, lanes)
        mixed = e.select(mask, vector(base, lanes), x, old, lanes)
        store_vector(e, base, size, as_it_is(e, base, mixed, lanes), pointer, None, lanes)
        return
    if step == size:
        if mask is None and _is_mixed(value, array):
            x = as_it_is(e, base, x, lanes)
        first = _from(mask_value)
        if first is not None and e.target.vector_bytes < 64 and lanes > 1:
            store_from(e, base, size, x, pointer, e.value(first), lanes)
        elif mask is not None and e.target.vector_bytes < 64 and lanes > 1:
            _store_some(e, base, size, x, pointer, mask_value, mask, lanes)
        elif mask is None:
            for part, at, count in _as_converted(e, t, x, pointer, lanes):
                store_vector(e, base, size, part, at, None, count)
        else:
            store_vector(e, base, size, x, pointer, mask, lanes)
        return
    if step == -size:
        first = e.do(f"getelementptr i8, ptr {pointer}, i64 {-size * (lanes - 1)}")
        backward = None if mask is None else reverse(e, "i1", mask, lanes)
        store_vector(e, base, size, reverse(e, base, x, lanes), first, backward, lanes)
        return
    put_apart(e, base, size, x, pointer, step, mask, lanes, is_likely=True)


def _has_all_lanes(e: Emitter, array: Value) -> bool:
    """Whether there is memory for all lanes, so that what lies there of lanes that are off may be loaded, and stored again. That
    holds for a block's arrays too, as far as one lane is on (so it is wherever there is a mask): no other worker sees them."""
    t = array.type
    return isinstance(t, T.ArrayType) and (t.space in (T.Space.PRIVATE, T.Space.SLOTS) or array.op in layout_of(e).margins)


def _is_mixed(value: Value, array: Value) -> bool:
    """Whether lanes keep what was loaded from the same array."""
    if value.op is None or value.op.name != "arith.select":
        return False
    return any(v.op is not None and v.op.name == "tile.load" and v.op.operands[0] is array for v in value.op.operands[1:])


def as_it_is(e: Emitter, base: str, x: str, lanes: int) -> str:
    """A blend with what lies at its place, for LLVM not to make a masked store of it: AMD's processors do that by microcode, in 12
    cycles or more, and what is loaded next from there waits for it to leave. Or it is one of those that AVX-512 truncates."""
    is_masked = {32: ("float", "i32", "double", "i64"), 64: _TRUNCATED}.get(e.target.vector_bytes, ())
    return fenced(e, base, x, lanes) if base in is_masked and _has_whole_words(base, lanes) else x


# AVX-512 has instructions that truncate integers and store those of a mask. Of a mask that LLVM finds to have one constant lane it
# makes a store of one number, and that one it forgets to truncate: it writes over what lies behind, to 22.1.0 at least
# (llvm/llvm-project#179489). So it may not see that a number which is stored is truncated.
_TRUNCATED = ("i8", "i16", "i32")
_BITS = {"i8": 8, "i16": 16, "i32": 32, "float": 32, "i64": 64, "double": 64}


def _has_whole_words(base: str, lanes: int) -> bool:
    return max(lanes, 1) * _BITS[base] % 32 == 0


def fenced(e: Emitter, base: str, x: str, lanes: int) -> str:
    """The same value, of which LLVM does not know where it is from. No instruction."""
    number = "double" if base in ("double", "i64") else "float"
    plain, count = vector(base, lanes), max(lanes, 1) * _BITS[base] // _BITS[number]
    t = vector(number, count if lanes else 0)
    name = f"llvm.arithmetic.fence.{suffix(number, count if lanes else 0)}"
    e.declare(name, f"declare {t} @{name}({t})")
    out = e.do(f"call {t} @{name}({t} {x if plain == t else e.do(f'bitcast {plain} {x} to {t}')})")
    return out if plain == t else e.do(f"bitcast {t} {out} to {plain}")


# Past the caches

_ROWS_AHEAD = 2  # rows of 1 KB take 0.1 us each: one is too late, four gain no more

def _streams(e: Emitter) -> str:
    """0 when this launch streams, else all bits: what an address is ORed with to be tested for both at once."""
    flag = launch_slot(e, LaunchSlot.STREAM)
    return e.at_entry(("streams",), f"add i64 {flag}, -1")


def _line(lanes: int, size: int) -> int:
    """Bytes that a streamed store's address must be a multiple of: of a cache line, or of a vector shorter than it."""
    return min(_LINE, lanes * size)


@lowering("tile.stream")
def _stream(e: Emitter, op: Op) -> None:
    """Either form of the store behind one test: the launch streams, and the address is aligned as it must be."""
    array, *indices, given, value = op.operands
    t = T.element_of(value.type)
    lanes, base, size = lanes_of(value.type), MEMORY[t.name], t.size_bytes
    pointer = scalar_pointer(e, array, indices, op.attributes["offset"])
    x, mask = to_memory(e, t, e.value(value), lanes), mask_of(e, given, lanes)
    line = _line(lanes, size)
    if line < 16:
        store_vector(e, base, size, x, pointer, mask, lanes)
        return
    e.streamed[array] = size
    if mask is not None:
        _stream_what_is_on(e, base, size, x, pointer, mask, lanes)
        return
    parts = _as_converted(e, t, x, pointer, lanes)
    yes, no, join = e.fresh("stream"), e.fresh("keep"), e.fresh("stored")
    e.branch(_may_stream(e, pointer, line), yes, no)
    e.begin(yes)
    for part, at, count in parts:
        e.act(f"store {vector(base, count)} {part}, ptr {at}, align {line * count // lanes}, !nontemporal !2")
    e.jump(join)
    e.begin(no)
    for part, at, count in parts:
        store_vector(e, base, size, part, at, None, count)
    e.jump(join)
    e.begin(join)


def _may_stream(e: Emitter, pointer: str, line: int) -> str:
    place = e.do(f"or i64 {e.do(f'ptrtoint ptr {pointer} to i64')}, {_streams(e)}")
    return e.do(f"icmp eq i64 {e.do(f'and i64 {place}, {line - 1}')}, 0")


def _stream_what_is_on(e: Emitter, base: str, size: int, x: str, pointer: str, mask: str, lanes: int) -> None:
    """The ends of a row, register by register. One of which no lane is on stores nothing: under a mask it would bring the line
    first, and a stencil on rows of 1 KB took 1.2 times as long. One of which all are streams as others do."""
    count = min(lanes, e.target.vector_bytes // size)
    t, m = vector(base, lanes), vector("i1", lanes)
    for first in range(0, lanes, count):
        order = ", ".join([f"i32 {first + k}" for k in range(count)])
        part = e.do(f"shufflevector {t} {x}, {t} poison, <{count} x i32> <{order}>")
        on = e.do(f"shufflevector {m} {mask}, {m} poison, <{count} x i32> <{order}>")
        at = e.do(f"getelementptr i8, ptr {pointer}, i64 {first * size}") if first else pointer
        bits = e.do(f"bitcast {vector('i1', count)} {on} to i{count}")
        whole = e.do(f"and i1 {e.do(f'icmp eq i{count} {bits}, -1')}, {_may_stream(e, at, count * size)}")
        yes, no, some, join = e.fresh("stream"), e.fresh("keep"), e.fresh("some"), e.fresh("stored")
        e.branch(whole, yes, no)
        e.begin(yes)
        e.act(f"store {vector(base, count)} {part}, ptr {at}, align {count * size}, !nontemporal !2")
        e.jump(join)
        e.begin(no)
        e.branch(e.do(f"icmp ne i{count} {bits}, 0"), some, join)
        e.begin(some)
        store_vector(e, base, size, part, at, on, count)
        e.jump(join)
        e.begin(join)


def _as_converted(e: Emitter, t: T.ScalarType, x: str, pointer: str, lanes: int) -> list[tuple[str, str, int]]:
    """What is stored, where, and of how many lanes: f16 by halves of 64 bytes, as conversions give them. To join them takes a Zen 4
    longer than a second store (a sum of two arrays 1.25 times as long)."""
    if t is not T.f16 or lanes * t.size_bytes != 64:
        return [(x, pointer, lanes)]
    base, half = MEMORY[t.name], lanes // 2
    out: list[tuple[str, str, int]] = []
    for first in (0, half):
        order = ", ".join([f"i32 {first + k}" for k in range(half)])
        part = e.do(f"shufflevector {vector(base, lanes)} {x}, {vector(base, lanes)} poison, <{half} x i32> <{order}>")
        out.append((part, e.do(f"getelementptr i8, ptr {pointer}, i64 {first * t.size_bytes}") if first else pointer, half))
    return out


@lowering("block.lead")
def _lead(e: Emitter, op: Op) -> str:
    """Behind a branch: a launch that does not stream, as none with short rows does, has nothing to wait for before a row begins."""
    array, *indices = op.operands
    start, yes, join = e.label, e.fresh("lead"), e.fresh("begun")
    e.branch(e.do(f"icmp eq i64 {_streams(e)}, 0"), yes, join)
    e.begin(yes)
    lead, end = _to_line(e, array, scalar_pointer(e, array, indices, 0), op.attributes["lanes"]), e.label
    e.jump(join)
    e.begin(join)
    return e.phi("i64", [("0", start), (lead, end)])


def _to_line(e: Emitter, array: Value, pointer: str, lanes: int) -> str:
    """Elements from `pointer` to the next place that a streamed store of so many may begin at."""
    assert isinstance(array.type, T.ArrayType)
    size = element_bytes(array.type)
    behind = e.do(f"sub i64 0, {e.do(f'ptrtoint ptr {pointer} to i64')}")
    return e.do(f"udiv i64 {e.do(f'and i64 {behind}, {_line(lanes, size) - 1}')}, {size}")


@lowering("block.write_ahead")
def _write_ahead(e: Emitter, op: Op) -> None:
    """A store that waits for its line holds up all behind it, and stores that go past the caches lead no prefetcher to it: without
    this, a stencil on rows of 1 KB took 1.2 times as long. Asked for are the lines of a row's head, and of what makes no full
    vectors at its end; whole ones are not, as those that a cache has are written slower."""
    array, *indices, threads = op.operands
    assert isinstance(array.type, T.ArrayType)
    size, axis, lanes = element_bytes(array.type), op.attributes["axis"], op.attributes["lanes"]
    yes, join = e.fresh("ahead"), e.fresh("asked")
    e.branch(e.do(f"icmp eq i64 {_streams(e)}, 0"), yes, join)
    e.begin(yes)
    begin = _advance(e, scalar_pointer(e, array, indices, 0), str(_ROWS_AHEAD), strides(e, array)[axis - 1])
    lead, count = _to_line(e, array, begin, lanes), e.value(threads)
    tail = e.do(f"and i64 {e.do(f'sub i64 {count}, {lead}')}, {lanes - 1}")
    past = e.do(f"getelementptr [{size} x i8], ptr {begin}, i64 {count}")
    back = e.do(f"sub i64 0, {tail}")
    # Where there is none of them, another that is at hand.
    head = e.select(e.do(f"icmp eq i64 {lead}, 0"), "ptr", "%launch", begin, 0)
    has_none = e.do(f"icmp eq i64 {tail}, 0")
    ends = [e.select(has_none, "ptr", head, e.do(f"getelementptr [{size} x i8], ptr {past}, i64 {to}"), 0) for to in (back, "-1")]
    for pointer in (head, *ends):
        _ask_for(e, pointer, near=True)
    e.jump(join)
    e.begin(join)


# Lanes anywhere


def any_lane(e: Emitter, mask: str, lanes: int) -> str:
    bits = e.do(f"bitcast {vector('i1', lanes)} {mask} to i{lanes}")
    return e.do(f"icmp ne i{lanes} {bits}, 0")


def gather(e: Emitter, base: str, size: int, pointers: str, mask: str | None, lanes: int, *, is_rare: bool = False) -> str:
    """is_rare: one function for all, however few there are."""
    t, p, m = vector(base, lanes), vector("ptr", lanes), vector("i1", lanes)
    if e.target.has_gather and size >= 4:
        name = f"llvm.masked.gather.{suffix(base, lanes)}.v{lanes}p0"
        e.declare(name, f"declare {t} @{name}({p}, i32, {m}, {t})")
        on = mask if mask is not None else "splat (i1 true)"
        return e.do(f"call {t} @{name}({p} {pointers}, i32 {size}, {m} {on}, {t} zeroinitializer)")
    if mask is not None:
        # Lanes that are off read the launch record: it is always there, and no branch is needed.
        pointers = e.select(mask, p, pointers, e.spread("%launch", "ptr", lanes), lanes)
    e.lane_gathers += not is_rare
    if is_rare or e.lane_gathers > INLINED_GATHERS:
        name = f"@gather.{base}.{size}.{lanes}"
        e.declare(name, _gather_function(name, base, size, lanes))
        return e.do(f"call {t} {name}({p} {pointers})")
    return load_each(e, base, size, (e.do(f"extractelement {p} {pointers}, i64 {k}") for k in range(lanes)), lanes)


def load_each(e: Emitter, base: str, size: int, pointers: Iterable[str], lanes: int) -> str:
    """The element behind each lane's pointer. One after the other, so that few pointers are in registers at a time."""
    out = "poison"
    for lane, p in enumerate(pointers):
        one = e.do(f"load {base}, ptr {p}, align {size}")
        out = e.do(f"insertelement {vector(base, lanes)} {out}, {base} {one}, i64 {lane}")
    return out


def _gather_function(name: str, base: str, size: int, lanes: int) -> str:
    """The same as a function: three instructions for each lane are too much to compile at every access of a long kernel."""
    t, p = vector(base, lanes), vector("ptr", lanes)
    lines = [f"define internal {t} {name}({p} %at) #2 {{"]
    for k in range(lanes):
        lines += [f"%p{k} = extractelement {p} %at, i64 {k}", f"%x{k} = load {base}, ptr %p{k}, align {size}"]
        lines.append(f"%v{k} = insertelement {t} {f'%v{k - 1}' if k else 'poison'}, {base} %x{k}, i64 {k}")
    return "\n".join([*lines, f"ret {t} %v{lanes - 1}", "}"])


def scatter(e: Emitter, base: str, size: int, x: str, pointers: str, mask: str | None, lanes: int) -> None:
    """Lower lanes first; LLVM's intrinsic promises that order."""
    t, p, m = vector(base, lanes), vector("ptr", lanes), vector("i1", lanes)
    if not (e.target.has_gather and size >= 4):
        if mask is not None:
            # Lanes that are off write what nobody reads: a branch for each lane would be guessed wrong half of the time.
            if e.unread is None:
                e.unread = e.alloca("[8 x i8], align 8")
            pointers = e.select(mask, p, pointers, e.spread(e.unread, "ptr", lanes), lanes)
        if e.is_long:
            name = f"@scatter.{base}.{size}.{lanes}"
            e.declare(name, _scatter_function(name, base, size, lanes))
            e.act(f"call void {name}({p} {pointers}, {t} {x})")
            return
        for k in range(lanes):
            pointer = e.do(f"extractelement {p} {pointers}, i64 {k}")
            one = e.do(f"extractelement {t} {x}, i64 {k}")
            e.act(f"store {base} {one}, ptr {pointer}, align {size}")
        return
    name = f"llvm.masked.scatter.{suffix(base, lanes)}.v{lanes}p0"
    e.declare(name, f"declare void @{name}({t}, {p}, i32, {m})")
    on = mask if mask is not None else "splat (i1 true)"
    e.act(f"call void @{name}({t} {x}, {p} {pointers}, i32 {size}, {m} {on})")


def _scatter_function(name: str, base: str, size: int, lanes: int) -> str:
    """The same as a function, as for gathers. (A loop of it takes LLVM as long.)"""
    t, p = vector(base, lanes), vector("ptr", lanes)
    lines = [f"define internal void {name}({p} %at, {t} %x) #4 {{"]
    for k in range(lanes):
        lines += [f"%p{k} = extractelement {p} %at, i64 {k}", f"%x{k} = extractelement {t} %x, i64 {k}"]
        lines.append(f"store {base} %x{k}, ptr %p{k}, align {size}")
    return "\n".join([*lines, "ret void", "}"])


def gather_from(e: Emitter, pointer: str, index: str, base: str, lanes: int, *, is_rare: bool = False) -> str:
    """Elements `index` (i64) of a contiguous table in memory."""
    size = max(int(base[1:]) // 8, 1) if base[0] == "i" else 4 if base == "float" else 8
    if not lanes:
        return e.do(f"load {base}, ptr {e.do(f'getelementptr {base}, ptr {pointer}, i64 {index}')}, align {size}")
    pointers = e.do(f"getelementptr [{size} x i8], ptr {pointer}, {vector('i64', lanes)} {index}")
    return gather(e, base, size, pointers, None, lanes, is_rare=is_rare)


def loaded_gather(e: Emitter, op: Op) -> str:
    """A `tile.gather` by itself, as it is in memory."""
    array, *indices, mask_value = op.operands
    t = T.element_of(op.results[0].type)
    lanes = lanes_of(op.results[0].type)
    pointers = lane_pointers(e, array, indices, op.attributes["offset"], lanes)
    return gather(e, MEMORY[t.name], t.size_bytes, pointers, mask_of(e, mask_value, lanes), lanes)


def scatter_tile(e: Emitter, op: Op) -> None:
    """A `tile.scatter` by itself."""
    array, *indices, mask_value, value = op.operands
    t, lanes = T.element_of(value.type), lanes_of(value.type)
    x = to_memory(e, t, e.value(value), lanes)
    pointers = lane_pointers(e, array, indices, op.attributes["offset"], lanes)
    scatter(e, MEMORY[t.name], t.size_bytes, x, pointers, mask_of(e, mask_value, lanes), lanes)
