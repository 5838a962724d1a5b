"""Atomics on a small array, which data index, go to a table of the worker and from there to the array.

One idea: a histogram locks an element for each thread, and workers take its line of memory from one another. Where nobody looks at
old values (`analysis/combining`) a worker may count by itself as well, and bring what it has counted behind the last of the
pieces of rows that it does in one go. Whether that pays is known at run time only: the array must be small, and those pieces long
beside it. Of a small one neighbouring lanes have tables of their own, as updates of one element wait for each other and data
often come in runs. In kernels that see their blocks the pieces are blocks.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ... import types as T
from ...analysis.combining import JOINED, neutral
from ...builder import Builder
from ...core import Op, Region, Value, inner_ops
from ...ops import arith, memory, scf, simt, tile
from .body import KNOWN_OPS
from .lanes import Lane
from .single import is_anywhere

if TYPE_CHECKING:
    from .blocks import Blocks
    from .body import Body

__all__ = ["ATOMICS", "COMBINE", "Table", "apart", "begin_tables", "bring_tables", "make_table", "total_of", "update_table"]

_BYTES = 65536  # of a kernel's tables: as much as a stack should hold
_GRID_BYTES = 262144  # where one is of an array of several axes, as grids of cells are: then they lie in the worker's own memory
_NEAR_BYTES = 32768  # of the tables of neighbouring lanes
# By how much tables are further apart than by a power of two, or less: processors take addresses for the same, and put them into
# the same few places of a cache, whose lowest 12 bits are.
_SKEW_BYTES = 320
_WAYS = 4
_FEW = 8  # updates in the code, up to which it is made for tables of neighbouring lanes too: more are mostly of different elements
_UPDATES = 2  # of a piece for each element, at least: bringing an element takes as long as a few locked updates
_GOLDEN = 2654435769  # of 2**32: multiples of the golden ratio lie apart, however many there are
_TRIPS = 4  # of a loop around an update whose bounds are not known before it


class Table(NamedTuple):
    """array: what is updated. memory: `room` elements. used: whether a piece goes through the table; several: whether there is
    room for one table behind the other, `apart` elements from it, for each of `_WAYS` lanes; None: lanes never meet in one."""

    array: Value
    memory: Value
    element: T.ScalarType
    kind: str
    room: int
    apart: int
    used: Value | None = None
    several: Value | None = None
    elements: Value | None = None


def make_table(b: Builder, op: Op, *, share: int) -> Table:
    """Of an array (the new function's) that an atomic updates. share: how many there are. Extremes, most of which change nothing
    and lock nothing, gain from a table in the nearest cache alone."""
    element, kind = T.element_of(op.operands[-1].type), op.name.removeprefix("atomic.")
    skew = _WAYS * _SKEW_BYTES if share > 1 else 0
    most = _BYTES // share - skew if len(op.operands) == 3 else _GRID_BYTES // share + skew
    room = (most if kind not in ("min", "max") else min(most, _NEAR_BYTES)) // element.size_bytes
    near = _NEAR_BYTES // (share if kind not in ("min", "max") else max(share, 2))
    apart = (near // _WAYS + _SKEW_BYTES) // element.size_bytes
    made = b.emit(memory.ALLOC, type=T.ArrayType(element, 1, T.Space.PRIVATE, (room,), 0), name="table")
    made.name = "table"
    return Table(op.operands[0], made, element, kind, room, apart)


def apart(blocks: Blocks) -> Value | None:
    """Whether no thread can see its updates by another argument, so that they may be put by; None: surely not."""
    b, array = blocks.b, blocks.block.array
    found = [b.emit(tile.DISJOINT, array(one), array(other)) for one, other in blocks.apart]
    return functools.reduce(lambda x, y: b.emit(arith.AND, x, y), found) if found else None


def begin_tables(blocks: Blocks) -> None:
    """Empty tables before the first of the pieces, or blocks, that a worker does in one go, where they will be used."""
    if not blocks.tables:
        return
    b, s = blocks.b, blocks.block.s
    safe, first = apart(blocks), b.emit(tile.IS_FIRST)
    for source, table in blocks.tables.items():
        count = s.index(1)
        for extent in _extents(blocks, source):
            count = b.emit(arith.MUL, count, extent)
        small = b.emit(arith.LE, count, s.index(table.room))
        long = b.emit(arith.GE, _updates(blocks, source), b.emit(arith.MUL, count, s.index(_UPDATES)))
        used = b.emit(arith.AND, small, long)
        used = used if safe is None else b.emit(arith.AND, used, safe)
        several = None
        updates = blocks.tabled[source]
        if len(updates) <= _FEW and any(is_anywhere(v, blocks.differs) for op in updates for v in op.operands[1:-1]):
            several = b.emit(arith.AND, used, b.emit(arith.LE, count, s.index(table.apart)))
        table = table._replace(used=used, several=several, elements=count)
        blocks.tables[source] = table
        begins = b.emit(arith.AND, used, first)
        b.when(begins, lambda table=table: _each(blocks, table.elements, lambda i: _clear(blocks, table, i)))


def _updates(blocks: Blocks, source: Value) -> Value:
    """About how many updates of an array the pieces make, if all threads are as the first of the launch. All must find the same."""
    body = blocks.first_thread()
    b, s = body.b, body.s
    updates = blocks.tabled[source]

    def look(region: Region, times: Value) -> Value | None:
        """All that a region's ops make, one behind the other; None of none."""
        found: list[Value] = []
        for op in region.ops:
            if op in updates:
                found.append(times)
            elif op.regions and any(inner in updates for inner in inner_ops(op)):
                found.append(inside(op, times))
        return functools.reduce(lambda x, y: b.emit(arith.ADD, x, y), found) if found else None

    def inside(op: Op, times: Value) -> Value:
        """All that an op's regions make: of branches, the one that makes more."""
        if op.defn is not scf.IF:
            times = b.emit(arith.MUL, times, _trips(op, body, blocks.source.body))
        elif (one_of := _one_of(blocks, op)) != 1:
            times = b.emit(arith.FLOORDIV, times, s.index(one_of))
        found = [count for part in op.regions if (count := look(part, times)) is not None]
        return functools.reduce(lambda x, y: b.emit(arith.MAXIMUM, x, y), found)

    most = look(blocks.source.body, b.emit(tile.THREADS))
    return s.index(0) if most is None else most


def _one_of(blocks: Blocks, op: Op) -> int:
    """How many blocks run as one where a branch is for the first of them (see `merge`); 1 of any other."""
    test = op.operands[0].op
    if blocks.merged is None or test is None or test.defn is not arith.EQ or test.operands[1].constant != 0:
        return 1
    row = test.operands[0].op
    is_first = row is not None and row.defn is simt.THREAD_ID and row.attributes["axis"] == blocks.merged
    return blocks.source.attributes["merged"][1] if is_first else 1


def _trips(op: Op, body: Body, top: Region) -> Value:
    b, s = body.b, body.s
    if op.name != "scf.for" or not all(_is_of_launch(v, top) and body.known(v) for v in op.operands[:3]):
        return s.index(_TRIPS)
    lo, hi, step = [body.scalar(v) for v in op.operands[:3]]
    reach = b.emit(arith.MAXIMUM, b.emit(arith.SUB, hi, lo), s.index(0))
    return b.emit(arith.FLOORDIV, reach, b.emit(arith.MAXIMUM, step, s.index(1)))


def _is_of_launch(v: Value, body: Region) -> bool:
    """Whether a value is made of extents, parameters, ids and numbers."""
    if v.op is None:
        return v.owner is body
    if v.constant is not None or v.op.name in KNOWN_OPS:
        return True
    return v.op.defn.elementwise and all(_is_of_launch(w, body) for w in v.op.operands)


def _extents(blocks: Blocks, source: Value) -> list[Value]:
    t = source.type
    assert isinstance(t, T.ArrayType)
    return [blocks.b.emit(memory.EXTENT, blocks.block.array(source), axis=axis) for axis in range(t.rank)]


def _each(blocks: Blocks, count: Value | None, inside: Callable[[Value], None]) -> None:
    assert count is not None
    s = blocks.block.s
    blocks.b.count(s.index(0), count, s.index(1), "element", inside)


def _way(blocks: Blocks, table: Table, i: Value, way: int) -> Value:
    return blocks.b.emit(arith.ADD, i, blocks.block.s.index(way * table.apart)) if way else i


def _clear(blocks: Blocks, table: Table, i: Value) -> None:
    b = blocks.b
    nothing = b.constant(neutral(table.kind, table.element), table.element)

    def clear(ways: range) -> None:
        for way in ways:
            b.emit(memory.STORE, table.memory, _way(blocks, table, i, way), nothing, offset=0)

    clear(range(1))
    if table.several is not None:
        b.when(table.several, lambda: clear(range(1, _WAYS)))


def bring_tables(blocks: Blocks) -> None:
    """What is in the tables goes to the arrays, after the last of the pieces."""
    b = blocks.b
    for source, table in blocks.tables.items():
        assert table.used is not None
        ends = b.emit(arith.AND, table.used, b.emit(tile.IS_LAST))
        b.when(ends, lambda table=table, source=source: _bring_row(blocks, table, source, blocks.block.s.index(0), []))


def _bring_row(blocks: Blocks, table: Table, source: Value, first: Value, indices: list[Value]) -> None:
    """The elements that have the first indices given, from that of the table on."""
    extents = _extents(blocks, source)
    if len(indices) == len(extents):
        _bring(blocks, table, source, first, indices)
        return
    b = blocks.b

    def inside(i: Value) -> None:
        before = b.emit(arith.MUL, first, extents[len(indices)]) if indices else first
        _bring_row(blocks, table, source, b.emit(arith.ADD, before, i), [*indices, i])

    _each(blocks, extents[len(indices)], lambda i: inside(_in_turn(blocks, i, extents[len(indices)])))


def _in_turn(blocks: Blocks, i: Value, extent: Value) -> Value:
    """Each worker begins at a place of its own: they mostly end together, and would take lines of memory from one another."""
    b, s = blocks.b, blocks.block.s
    share = b.emit(arith.AND, b.emit(arith.MUL, b.emit(tile.WORKER), s.index(_GOLDEN)), s.index((1 << 32) - 1))
    at = b.emit(arith.ADD, i, b.emit(arith.SHR, b.emit(arith.MUL, share, extent), s.index(32)))
    return b.emit(arith.SELECT, b.emit(arith.GE, at, extent), b.emit(arith.SUB, at, extent), at)


def _total(blocks: Blocks, table: Table, i: Value) -> Value:
    """Of an element, from all tables that there are."""
    b, t = blocks.b, table.element

    def load(way: int) -> Value:
        return b.emit(memory.LOAD, table.memory, _way(blocks, table, i, way), type=t, offset=0)

    if table.several is None:
        return load(0)
    yes, no = Region(), Region()
    with b.inside(yes):
        b.yield_(total_of(b, table.kind, [load(way) for way in range(_WAYS)]))
    with b.inside(no):
        b.yield_(load(0))
    return b.if_(table.several, [t], yes, no).results[0]


def _bring(blocks: Blocks, table: Table, source: Value, i: Value, indices: list[Value]) -> None:
    b, t = blocks.b, table.element
    total = _total(blocks, table, i)
    unsigned = {32: T.u32, 64: T.u64}[t.bits]
    nothing = b.constant(neutral(table.kind, t), t)
    some = b.emit(arith.NE, *[b.emit(arith.BITCAST, x, type=unsigned) for x in (total, nothing)])
    b.when(some, lambda: b.emit(ATOMICS[table.kind], blocks.block.array(source), *indices, total, offset=0))


def update_table(body: Body, op: Op, table: Table, direct: Callable[[], None]) -> None:
    """An update in the worker's table where this piece uses it; else `direct()`, of the array."""
    b, s = body.b, body.s
    kind = JOINED[table.kind]
    assert table.used is not None

    def place() -> Lane:
        """In 32 bits, which a table's places have: vectors of those are half as long, and multiplied at once."""
        first, *others = [body.lane(v) for v in op.operands[1:-1]]
        if not others:
            return first
        at = s.apply(arith.CAST, [first], T.i32, {})
        for axis, i in enumerate(others, 1):
            extent = s.uniform(b.emit(arith.CAST, b.emit(memory.EXTENT, body.array(op.operands[0]), axis=axis), type=T.i32))
            at = s.apply(arith.MUL, [at, extent], T.i32, {})
            at = s.apply(arith.ADD, [at, s.apply(arith.CAST, [i], T.i32, {})], T.i32, {})
        return s.apply(arith.CAST, [at], T.index, {})

    def alone() -> None:
        at = place().scalar
        assert at is not None
        b.emit(ATOMICS[kind], table.memory, at, body.scalar(op.operands[-1]), offset=0)

    def together(at: Value) -> None:
        value, active = body.tile(op.operands[-1]), body.active()
        before = b.emit(tile.LOAD, table.memory, at, active, type=value.type, axis=0, step=1, offset=0)
        b.emit(tile.STORE, table.memory, at, active, b.emit(COMBINE[kind], before, value), axis=0, step=1, offset=0)

    def one_by_one(*, several: bool) -> None:
        index, value = s.tile(place()), body.tile(op.operands[-1])
        if several:
            way = b.emit(arith.AND, s.iota(T.index), s.splat(s.index(_WAYS - 1)))
            index = b.emit(arith.ADD, index, b.emit(arith.MUL, way, s.splat(s.index(table.apart))))
        b.emit(tile.ATOMIC, table.memory, index, body.mask_tile(), value, type=value.type, kind=kind, offset=0)

    if body.width == 1:
        b.when(table.used, alone, direct)
        return
    *others, last = [body.lane(v) for v in op.operands[1:-1]]
    if last.affine and last.exact and last.step == 1 and all(i.uniform for i in others):
        first = place().scalar
        assert first is not None
        b.when(table.used, lambda: together(first), direct)
        return
    used = table.used
    is_end = body.exists is not None and body.mask is body.exists  # of a row: few threads, and code that is made once more
    if table.several is None or is_end:
        b.when(used, lambda: one_by_one(several=False), direct)
        return
    b.when(table.several, lambda: one_by_one(several=True),
           lambda: b.when(used, lambda: one_by_one(several=False), direct))  # fmt: skip


def total_of(b: Builder, kind: str, parts: list[Value]) -> Value:
    """What as many tables as a power of two have of an element."""
    while len(parts) > 1:
        parts = [b.emit(COMBINE[kind], x, y) for x, y in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


COMBINE = {"add": arith.ADD, "sub": arith.ADD, "min": arith.MINIMUM, "max": arith.MAXIMUM, "and": arith.AND, "or": arith.OR,
           "xor": arith.XOR}  # fmt: skip
ATOMICS = {"add": memory.ATOMIC_ADD, "sub": memory.ATOMIC_SUB, "min": memory.ATOMIC_MIN, "max": memory.ATOMIC_MAX,
           "and": memory.ATOMIC_AND, "or": memory.ATOMIC_OR, "xor": memory.ATOMIC_XOR}  # fmt: skip
