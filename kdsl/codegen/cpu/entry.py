"""The function around the body: arguments, the loop over work items, and what an item is (a block, or a piece of a
row).

One idea: the body is emitted once inside one loop; everything that does not change between items (arguments, launch
record, scratch addresses) is computed in the entry block, and only when it is used. The calling convention is
described in kdsl/artifact.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from ...artifact import LaunchSlot
from ...diagnostics import InternalError
from ...ir import types as T
from ...ir.core import Function, Op, Value, walk
from ..layout import array_bytes, make_params, symbol_of
from .emitter import Emitter, lowering
from .narrow import from_memory
from .text import MEMORY

__all__ = ["Layout", "array_extent", "array_stride", "emit_entry", "launch_slot", "layout_of", "slot_count"]

_REGISTERS = 16
# Arrays of known size up to this much live on the stack: LLVM can put them into registers there, and knows that no array of the
# caller overlaps them. Tables of what is counted have 64 KB, and numbers that are written down for them 8 (`passes/opt_counts`).
_STACK_BYTES = 65536 + 8192


# Parameters


def _slot_pointer(e: Emitter, slot: int, offset: int = 0) -> str:
    return e.at_entry(("args", slot, offset), f"getelementptr i8, ptr %args, i64 {slot * 8 + offset}")


def _array_slot(e: Emitter, array: Value) -> int:
    slots = e.place.get(f"slot of {array.name}")
    if slots is None:
        raise InternalError(f"{array!r} is not a parameter", where="cpu code generation")
    return int(slots)


def array_extent(e: Emitter, array: Value, axis: int) -> str:
    t = array.type
    assert isinstance(t, T.ArrayType)
    if axis == t.given.rank:  # that of an element's scalars
        return str(t.parts)
    pointer = _slot_pointer(e, _array_slot(e, array) + 1 + axis)
    return e.at_entry(("i64", pointer), f"load i64, ptr {pointer}, align 8")


def array_stride(e: Emitter, array: Value, axis: int) -> str:
    t = array.type
    assert isinstance(t, T.ArrayType)
    pointer = _slot_pointer(e, _array_slot(e, array) + 1 + t.given.rank + axis)
    return e.at_entry(("i64", pointer), f"load i64, ptr {pointer}, align 8")


def _bind_params(e: Emitter) -> None:
    f = e.function
    aggregates = f.attributes.get("aggregates", ())
    offsets = {leaf: (row[0], offset) for row in aggregates for leaf, offset in row[3]}
    slot_of: dict[str, int] = {}
    slot = 0
    for p in make_params(f):
        slot_of[p.name] = slot
        slot += p.slots
    for v in f.params:
        owner, offset = offsets.get(v.name, (v.name, 0))
        if isinstance(v.type, T.ArrayType):
            e.place[f"slot of {v.name}"] = str(slot_of[owner])
            if v in e.used:
                pointer = _slot_pointer(e, slot_of[owner])
                e.arrays[v] = e.at_entry(("ptr", pointer), f"load ptr, ptr {pointer}, align 8")
        elif v in e.used:
            pointer = _slot_pointer(e, slot_of[owner], offset)
            e.names[v] = _load_scalar_at_entry(e, T.element_of(v.type), pointer)
            e.outermost.add(e.names[v])


def _load_scalar_at_entry(e: Emitter, t: T.ScalarType, pointer: str) -> str:
    lines, e.lines = e.lines, e.entry
    value = from_memory(e, t, e.do(f"load {MEMORY[t.name]}, ptr {pointer}, align 1"), 0)
    e.lines = lines
    return value


# Launch record


def launch_slot(e: Emitter, slot: int) -> str:
    pointer = e.at_entry(("launch", slot), f"getelementptr i8, ptr %launch, i64 {slot * 8}")
    return e.at_entry(("i64", pointer), f"load i64, ptr {pointer}, align 8")


@lowering("simt.block_dim")
def _block_dim(e: Emitter, op: Op) -> str:
    axis = op.attributes["axis"]
    return launch_slot(e, LaunchSlot.BLOCK + axis) if e.block is None else block_extent(e, axis)


@lowering("simt.grid_dim")
def _grid_dim(e: Emitter, op: Op) -> str:
    return launch_slot(e, LaunchSlot.GRID + op.attributes["axis"])


@lowering("simt.subgroup_size")
def _subgroup_size(e: Emitter, op: Op) -> str:
    return str(e.lanes)


@lowering("simt.block_id")
def _block_id(e: Emitter, op: Op) -> str:
    axis = op.attributes["axis"]
    if not e.is_flat:
        return e.place[f"item{axis}"]
    if axis == 0:
        raise InternalError(
            "a row piece of a flat function spans blocks: block_id(0) is not uniform", where="cpu code generation"
        )
    return e.do(f"udiv i64 {e.place[f'item{axis}']}, {launch_slot(e, LaunchSlot.BLOCK + axis)}")


@lowering("block.row")
def _row(e: Emitter, op: Op) -> str:
    return _row_of(e, op.attributes["axis"])


def _row_of(e: Emitter, axis: int) -> str:
    item = e.place[f"item{axis}"]
    return item if axis != 1 or e.rows == 1 else e.do(f"mul nuw nsw i64 {item}, {e.rows}")


@lowering("block.rows_end")
def _rows_end(e: Emitter, op: Op) -> str:
    end = e.do(f"add nuw nsw i64 {_row_of(e, 1)}, {e.rows}")
    return e.do(f"call i64 @llvm.smin.i64(i64 {end}, i64 {launch_slot(e, LaunchSlot.THREADS + 1)})")


@lowering("block.row_begin")
def _row_begin(e: Emitter, op: Op) -> str:
    return e.place["row_begin"] if e.is_flat else "0"


@lowering("block.row_end")
def _row_end(e: Emitter, op: Op) -> str:
    return e.place["row_end"] if e.is_flat else block_extent(e, 0)


@lowering("block.is_first")
def _is_first(e: Emitter, op: Op) -> str:
    return e.do("icmp eq i64 %it, %begin")


@lowering("block.is_last")
def _is_last(e: Emitter, op: Op) -> str:
    return e.do(f"icmp sge i64 {e.do(f'add nuw nsw i64 %it, {_items_at_once(e)}')}, %end")


@lowering("block.worker")
def _worker(e: Emitter, op: Op) -> str:
    return "%worker"


@lowering("block.threads")
def _threads(e: Emitter, op: Op) -> str:
    items = e.at_entry(("items",), "sub i64 %end, %begin")
    if not e.is_flat:
        if e.block is not None:
            return e.at_entry(("items", 1), f"mul i64 {items}, {prod(e.block)}")
        for axis in range(3):
            items = e.at_entry(("items", 1 + axis), f"mul i64 {items}, {launch_slot(e, LaunchSlot.BLOCK + axis)}")
        return items
    row, chunk = launch_slot(e, LaunchSlot.THREADS), launch_slot(e, LaunchSlot.CHUNK)
    each = e.at_entry(("items", 1), f"call i64 @llvm.smin.i64(i64 {row}, i64 {chunk})")
    return e.at_entry(("items", 2), f"mul i64 {items}, {each}")


@lowering("block.extent")
def _extent(e: Emitter, op: Op) -> str:
    return block_extent(e, op.attributes["axis"])


def block_extent(e: Emitter, axis: int) -> str:
    """Threads of this block that exist along an axis."""
    if e.is_flat:
        raise InternalError("block.extent in a flat function", where="cpu code generation")
    if e.block is None or (e.merged is not None and axis == e.merged[0]):
        return e.place[f"extent{axis}"]
    return str(e.block[axis])


def slot_count(e: Emitter) -> str:
    """The block's threads, each row rounded up to whole tiles: a SLOTS array has `count` elements for each."""
    if e.block is not None:
        return str(slots_of(e.block, e.lanes) * blocks_at_once(e))
    known = e.once.get(("slots",))
    if known is None:
        x, y, z = [launch_slot(e, LaunchSlot.BLOCK + axis) for axis in range(3)]
        up = e.at_entry(("slots", 1), f"add i64 {x}, {e.lanes - 1}")
        row = e.at_entry(("slots", 2), f"and i64 {up}, {-e.lanes}")
        plane = e.at_entry(("slots", 3), f"mul i64 {row}, {y}")
        known = e.at_entry(("slots",), f"mul i64 {plane}, {z}")
    return known


def blocks_at_once(e: Emitter) -> int:
    """Blocks of a work item that may have memory at the same time."""
    return e.merged[1] if e.merged is not None and "merged" in e.function.attributes else 1


def slots_of(block: tuple[int, int, int], lanes: int) -> int:
    return -(-block[0] // lanes) * lanes * block[1] * block[2]


# Arrays of the block and of threads


class Layout:
    """Where arrays of threads and blocks lie: on the stack, or in a worker's scratch memory.

    stack: bytes of those on the stack. shared_bytes: fixed part of the scratch memory. thread_bytes: bytes per thread of
    the block behind it. margins: bytes before and behind each array that a vector with a lane in it may reach.
    """

    def __init__(self, f: Function, lanes: int, block: tuple[int, int, int] | None, at_once: int = 1,
                 margins: Mapping[Op, int] = {}) -> None:  # fmt: skip
        self.margins = margins
        self.offsets: dict[Op, int] = {}
        self.slots: dict[Op, int] = {}
        self.stack: dict[Op, int] = {}
        self.shared_bytes = 0
        self.thread_bytes = 0
        self.room = _STACK_BYTES
        allocations = [(op, op.results[0].type) for op in walk(f.body) if op.name == "memory.alloc"]
        arrays = [(op, t) for op, t in allocations if isinstance(t, T.ArrayType)]
        for space in (T.Space.PRIVATE, T.Space.SHARED):
            for op, t in arrays:
                if t.space is space:
                    self._place(op, array_bytes(t) + 2 * margins.get(op, 0))
        # Large elements first keeps every array aligned: the number of slots is a multiple of the lanes.
        slots = [(op, T.size_and_align(t.element)[0]) for op, t in arrays if t.space is T.Space.SLOTS]
        for op, size in sorted(slots, key=lambda row: -row[1]):
            size *= op.attributes.get("count", 1)  # a thread's own array has several
            if block is not None and self._fits(op, size * slots_of(block, lanes) * at_once):
                continue
            self.slots[op] = self.thread_bytes
            self.thread_bytes += size

    def _fits(self, op: Op, size: int) -> bool:
        if size > self.room:
            return False
        self.stack[op] = max(size, 1)
        self.room -= size
        return True

    def _place(self, op: Op, size: int) -> None:
        if not self._fits(op, size):
            self.offsets[op] = self.shared_bytes
            self.shared_bytes += (size + 63) // 64 * 64


def _scratch(e: Emitter) -> str:
    known = e.once.get(("scratch",))
    if known is None:
        base, stride = launch_slot(e, LaunchSlot.SCRATCH), launch_slot(e, LaunchSlot.SCRATCH_STRIDE)
        pointer = e.at_entry(("scratch", 1), f"inttoptr i64 {base} to ptr")
        skip = e.at_entry(("scratch", 2), f"mul i64 %worker, {stride}")
        known = e.at_entry(("scratch",), f"getelementptr i8, ptr {pointer}, i64 {skip}")
    return known


@lowering("memory.alloc")
def _alloc(e: Emitter, op: Op) -> None:
    layout = layout_of(e)
    result = op.results[0]
    t = result.type
    assert isinstance(t, T.ArrayType)
    if op in layout.stack:
        # With a block's arrays in the frame, tiled products take 1.2 times as long.
        e.arrays[result] = e.alloca(f"[{layout.stack[op]} x i8], align 64", top=t.space is T.Space.PRIVATE)
        if margin := layout.margins.get(op):
            e.arrays[result] = e.at_entry((op,), f"getelementptr i8, ptr {e.arrays[result]}, i64 {margin}")
            # LLVM would keep in registers what it has seen stored, if no masked store is in the way; there are not enough of them.
            if layout.stack[op] - 2 * margin > _REGISTERS * e.target.vector_bytes:
                number = e.at_entry((op, 1), f"ptrtoint ptr {e.arrays[result]} to i64")
                e.arrays[result] = e.at_entry((op, 2), f"inttoptr i64 {number} to ptr")
    elif op in layout.slots:
        count = slot_count(e)
        start = e.at_entry((op, 1), f"mul i64 {count}, {layout.slots[op]}")
        behind = e.at_entry((op, 2), f"add i64 {start}, {layout.shared_bytes}")
        e.arrays[result] = e.at_entry((op,), f"getelementptr i8, ptr {_scratch(e)}, i64 {behind}")
    else:
        scratch, place = _scratch(e), layout.offsets[op] + layout.margins.get(op, 0)
        e.arrays[result] = e.at_entry((op,), f"getelementptr i8, ptr {scratch}, i64 {place}")


# Of narrower elements the vectors of AVX-512 lie across what was stored before, which takes as long as masks do.
_BLENDED_BYTES = 4


def _margins(e: Emitter) -> dict[Op, int]:
    """A vector's length around arrays of a block whose vectors have lanes that are off: those are loaded, and stored again as they
    were (see `memory`). Masks are slow before AVX-512, and with it a load waits until a masked store before it has left."""
    if e.lanes < 2:
        return {}
    smallest = _BLENDED_BYTES if e.target.vector_bytes >= 64 else 1
    found: dict[Op, int] = {}
    for op in e.accesses:
        if op.name in ("tile.load", "tile.store"):
            array, mask = op.operands[0], op.operands[-1 if op.name == "tile.load" else -2]
            t, made = array.type, array.op
            if made is not None and isinstance(t, T.ArrayType) and t.space is T.Space.SHARED and mask.constant is None:
                size = T.size_and_align(t.element)[0]
                if size >= smallest:
                    found[made] = (e.lanes * size + 63) // 64 * 64
    return found


def layout_of(e: Emitter) -> Layout:
    if e.layout is None:
        e.layout = Layout(e.function, e.lanes, e.block, blocks_at_once(e), _margins(e))
    assert isinstance(e.layout, Layout)
    return e.layout


# The loop over work items


def emit_entry(e: Emitter) -> str:
    """The whole function as text."""
    _bind_params(e)
    counts = _item_counts(e)
    first = _decode_first(e, counts)
    e.begin("item")
    lines_at = len(e.lines)
    names = ["%it", "%item0", "%item1", "%item2"]
    e.lines += [""] * 4
    for axis in range(3):
        e.place[f"item{axis}"] = names[1 + axis]
    _item_bounds(e)
    e.region(e.function.body)
    following = _next_item(e, counts)
    for k, (name, start, after) in enumerate(zip(names, ["%begin", *first], following, strict=True)):
        e.lines[lines_at + k] = f"{name} = phi i64 [{start}, %start], [{after}, %{e.label}]"
    again = e.do(f"icmp slt i64 {following[0]}, %end")
    e.branch(again, "item", "exit")
    e.begin("exit")
    if e.streamed:  # what went past the caches is seen by others after this
        e.declare("llvm.x86.sse.sfence", "declare void @llvm.x86.sse.sfence()")
        e.act("call void @llvm.x86.sse.sfence()")
    e.act("ret void")
    e.entry.append("%any = icmp slt i64 %begin, %end")
    e.entry.append("br i1 %any, label %item, label %exit")
    head = (
        f"define void @{symbol_of(e.function)}(ptr noalias readonly %args, ptr noalias readonly %launch, "
        "i64 %begin, i64 %end, i64 %worker) #0 {\nstart:\n"
    )
    return head + "\n".join(e.entry) + "\n" + "\n".join(e.lines) + "\n}\n"


def _item_counts(e: Emitter) -> tuple[str, str]:
    """Work items along axes 0 and 1."""
    if not e.is_flat:
        return launch_slot(e, LaunchSlot.GRID), launch_slot(e, LaunchSlot.GRID + 1)
    threads, chunk = launch_slot(e, LaunchSlot.THREADS), launch_slot(e, LaunchSlot.CHUNK)
    last = e.at_entry(("chunks", 1), f"add i64 {threads}, -1")
    up = e.at_entry(("chunks", 2), f"add i64 {last}, {chunk}")
    rows = launch_slot(e, LaunchSlot.THREADS + 1)
    if e.rows > 1:
        rows = e.at_entry(("rows",), f"udiv i64 {e.at_entry(('rows', 1), f'add i64 {rows}, {e.rows - 1}')}, {e.rows}")
    return e.at_entry(("chunks",), f"udiv i64 {up}, {chunk}"), rows


def _decode_first(e: Emitter, counts: tuple[str, str]) -> tuple[str, str, str]:
    """The item numbers of item `begin`. Divided once; the loop counts on."""
    nx, ny = counts
    # An empty launch has counts of 0 and no items, but must not trap here.
    nx = e.at_entry(("item", 0), f"call i64 @llvm.umax.i64(i64 {nx}, i64 1)")
    ny = e.at_entry(("item", 1), f"call i64 @llvm.umax.i64(i64 {ny}, i64 1)")
    x = e.at_entry(("item", 2), f"urem i64 %begin, {nx}")
    row = e.at_entry(("item", 3), f"udiv i64 %begin, {nx}")
    y = e.at_entry(("item", 4), f"urem i64 {row}, {ny}")
    z = e.at_entry(("item", 5), f"udiv i64 {row}, {ny}")
    return x, y, z


def _items_at_once(e: Emitter) -> str:
    """How many items, from this one on, are done together."""
    return "1" if e.merged is None else e.place[f"extent{e.merged[0]}"]


def _next_item(e: Emitter, counts: tuple[str, str]) -> list[str]:
    done = _items_at_once(e)
    item = e.do(f"add nuw nsw i64 %it, {done}")
    x = e.do(f"add nuw nsw i64 %item0, {done}")
    ends_row = e.do(f"icmp eq i64 {x}, {counts[0]}")
    x = e.select(ends_row, "i64", "0", x, 0)
    y = e.do(f"add nuw nsw i64 %item1, {e.do(f'zext i1 {ends_row} to i64')}")
    ends_plane = e.do(f"icmp eq i64 {y}, {counts[1]}")
    y = e.select(ends_plane, "i64", "0", y, 0)
    z = e.do(f"add nuw nsw i64 %item2, {e.do(f'zext i1 {ends_plane} to i64')}")
    return [item, x, y, z]


def _item_bounds(e: Emitter) -> None:
    if e.is_flat:
        threads, chunk = launch_slot(e, LaunchSlot.THREADS), launch_slot(e, LaunchSlot.CHUNK)
        e.place["row_begin"] = begin = e.do(f"mul nuw nsw i64 %item0, {chunk}")
        end = e.do(f"add nuw nsw i64 {begin}, {chunk}")
        e.place["row_end"] = e.do(f"call i64 @llvm.smin.i64(i64 {end}, i64 {threads})")
        return
    if e.merged is not None:
        # Neighbours along axis 0: as many as may run as one, as this worker has, and as the row of blocks has.
        axis, most = e.merged
        left = e.do("sub nsw i64 %end, %it")
        across = e.do(f"sub nsw i64 {_item_counts(e)[0]}, %item0")
        some = e.do(f"call i64 @llvm.smin.i64(i64 {left}, i64 {across})")
        e.place[f"extent{axis}"] = e.do(f"call i64 @llvm.smin.i64(i64 {some}, i64 {most})")
        return
    for axis in _used_extents(e.function):
        size, threads = launch_slot(e, LaunchSlot.BLOCK + axis), launch_slot(e, LaunchSlot.THREADS + axis)
        begin = e.do(f"mul nsw i64 %item{axis}, {size}")
        left = e.do(f"sub nsw i64 {threads}, {begin}")
        e.place[f"extent{axis}"] = e.do(f"call i64 @llvm.smin.i64(i64 {left}, i64 {size})")


def _used_extents(f: Function) -> list[int]:
    found = set()
    for op in walk(f.body):
        if op.name == "block.extent":
            found.add(op.attributes["axis"])
        elif op.name == "block.row_end":
            found.add(0)
    return sorted(found)
