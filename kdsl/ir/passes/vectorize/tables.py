"""Atomics on a small array, which data index, go to a table of the worker and from there to the array.

One idea: a histogram locks an element for each thread, and workers take its line of memory from one another. Where nobody looks at
old values (`analysis/combining`) a worker may count by itself as well, and bring what it has counted at the end of its piece
of a row. Whether that pays is known at run time only: the array must be small, and the piece long beside it. Neighbouring
lanes have tables of their own, as updates of one element wait for each other and data often come in runs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ... import types as T
from ...analysis.combining import neutral
from ...builder import Builder
from ...core import Op, Region, Value
from ...ops import arith, memory, tile

if TYPE_CHECKING:
    from .blocks import Blocks
    from .body import Body

__all__ = ["Table", "apart", "begin_tables", "bring_tables", "make_table", "update_table"]

ELEMENTS = 1024  # of an array that has a table, at most: four tables of it fill half of a cache
_WAYS = 4
_THREADS = 2  # of a piece for each element, at least: bringing an element takes as long as a few locked updates


class Table(NamedTuple):
    """array: what is updated. memory: element, then way. used: whether this piece of a row goes through the table."""

    array: Value
    memory: Value
    element: T.ScalarType
    kind: str
    used: Value | None = None
    elements: Value | None = None


def make_table(b: Builder, op: Op) -> Table:
    """Of an array (the new function's) that an atomic updates."""
    element = T.element_of(op.operands[-1].type)
    t = T.ArrayType(element, 2, T.Space.PRIVATE, (ELEMENTS, _WAYS), 1)
    made = b.emit(memory.ALLOC, type=t, name="table")
    made.name = "table"
    return Table(op.operands[0], made, element, op.name.removeprefix("atomic."))


def apart(blocks: Blocks) -> Value | None:
    """Whether no thread can see its updates by another argument, so that they may be put by; None: surely not."""
    b, array = blocks.b, blocks.block.array
    found = [b.emit(tile.DISJOINT, array(one), array(other)) for one, other in blocks.apart]
    return functools.reduce(lambda x, y: b.emit(arith.AND, x, y), found) if found else None


def begin_tables(blocks: Blocks, lo: Value, hi: Value) -> None:
    """Empty tables for the threads [lo, hi) of a row, where they will be used."""
    b, s = blocks.b, blocks.block.s
    safe = apart(blocks) if blocks.tables else None
    for source, table in blocks.tables.items():
        count = s.index(1)
        for extent in _extents(blocks, table, source):
            count = b.emit(arith.MUL, count, extent)
        small = b.emit(arith.LE, count, s.index(ELEMENTS))
        long = b.emit(arith.GE, b.emit(arith.SUB, hi, lo), b.emit(arith.MUL, count, s.index(_THREADS)))
        used = b.emit(arith.AND, small, long)
        table = table._replace(used=used if safe is None else b.emit(arith.AND, used, safe), elements=count)
        blocks.tables[source] = table
        _where(b, table, lambda table=table: _each(blocks, table, lambda i: _clear(b, table, i)))


def _extents(blocks: Blocks, table: Table, source: Value) -> list[Value]:
    t = source.type
    assert isinstance(t, T.ArrayType)
    return [blocks.b.emit(memory.EXTENT, blocks.block.array(source), axis=axis) for axis in range(t.rank)]


def _where(b: Builder, table: Table, inside: Callable[[], None], otherwise: Callable[[], None] = lambda: None) -> None:
    assert table.used is not None
    yes, no = Region(), Region()
    for region, make in ((yes, inside), (no, otherwise)):
        with b.inside(region):
            make()
            b.yield_()
    b.if_(table.used, [], yes, no)


def _each(blocks: Blocks, table: Table, inside: Callable[[Value], None]) -> None:
    b, s = blocks.b, blocks.block.s
    assert table.elements is not None
    loop = Region((T.index,), ("element",))
    with b.inside(loop):
        inside(loop.args[0])
        b.yield_()
    b.for_(s.index(0), table.elements, s.index(1), [], loop)


def _clear(b: Builder, table: Table, i: Value) -> None:
    nothing = b.constant(neutral(table.kind, table.element), table.element)
    for way in range(_WAYS):
        b.emit(memory.STORE, table.memory, i, b.constant(way, T.index), nothing, offset=0)


def bring_tables(blocks: Blocks) -> None:
    """What is in the tables goes to the arrays."""
    b = blocks.b
    for source, table in blocks.tables.items():
        _where(b, table, lambda table=table, source=source: _each(blocks, table, lambda i: _bring(blocks, table, source, i)))


def _bring(blocks: Blocks, table: Table, source: Value, i: Value) -> None:
    b, t = blocks.b, table.element
    parts = [b.emit(memory.LOAD, table.memory, i, b.constant(way, T.index), type=t, offset=0) for way in range(_WAYS)]
    while len(parts) > 1:
        parts = [b.emit(COMBINE[table.kind], x, y) for x, y in zip(parts[::2], parts[1::2], strict=True)]
    unsigned = {32: T.u32, 64: T.u64}[t.bits]
    nothing = b.constant(neutral(table.kind, t), t)
    bits = [b.emit(arith.BITCAST, x, type=unsigned) for x in (parts[0], nothing)]
    some, none = Region(), Region()
    with b.inside(some):
        indices: list[Value] = []
        rest = i
        for extent in reversed(_extents(blocks, table, source)[1:]):
            indices.insert(0, b.emit(arith.MOD, rest, extent))
            rest = b.emit(arith.FLOORDIV, rest, extent)
        b.emit(ATOMICS[table.kind], blocks.block.array(source), rest, *indices, parts[0], offset=0)
        b.yield_()
    with b.inside(none):
        b.yield_()
    b.if_(b.emit(arith.NE, *bits), [], some, none)


def update_table(body: Body, op: Op, table: Table, direct: Callable[[], None]) -> None:
    """An update in the worker's table where this piece uses it; else `direct()`, of the array."""
    b, s = body.b, body.s

    def own() -> None:
        first, *others = [body.lane(v) for v in op.operands[1:-1]]
        place = first
        for axis, i in enumerate(others, 1):
            extent = s.uniform(b.emit(memory.EXTENT, body.array(op.operands[0]), axis=axis))
            place = s.apply(arith.ADD, [s.apply(arith.MUL, [place, extent], T.index, {}), i], T.index, {})
        kind = "add" if table.kind == "sub" else table.kind
        if body.width == 1:
            assert place.scalar is not None
            b.emit(ATOMICS[kind], table.memory, place.scalar, s.index(0), body.scalar(op.operands[-1]), offset=0)
            return
        way = b.emit(arith.AND, s.iota(T.index), s.splat(s.index(_WAYS - 1)))
        value = body.tile(op.operands[-1])
        b.emit(tile.ATOMIC, table.memory, s.tile(place), way, body.mask_tile(), value, type=value.type, kind=kind, offset=0)

    _where(b, table, own, direct)


COMBINE = {"add": arith.ADD, "sub": arith.ADD, "min": arith.MINIMUM, "max": arith.MAXIMUM, "and": arith.AND, "or": arith.OR,
           "xor": arith.XOR}  # fmt: skip
ATOMICS = {"add": memory.ATOMIC_ADD, "sub": memory.ATOMIC_SUB, "min": memory.ATOMIC_MIN, "max": memory.ATOMIC_MAX,
           "and": memory.ATOMIC_AND, "or": memory.ATOMIC_OR, "xor": memory.ATOMIC_XOR}  # fmt: skip
