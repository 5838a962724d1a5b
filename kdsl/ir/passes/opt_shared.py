"""Shared arrays become values: where all accesses of one are at known places of straight code, vectors are handed on as such.

One idea: behind `vectorize`, the stages of a sum by a tree are loads and stores of vectors at numbers. Who has written each element
is known at each of them then, so a load is the vector that was stored, or its lanes moved: no element goes through memory, where
half a vector that is loaded from two stores would wait until both are in the cache.

So do slots, in which threads keep values over a barrier. An array stays as it is where a load has elements of several vectors,
where control flow writes it, or where any place is not known.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from .. import types as T
from ..builder import Builder, Rebuilder
from ..core import Function, Op, Region, Value
from ..ops import arith, memory, tile

__all__ = ["opt_shared"]

_MOST_ELEMENTS = 1024
_LEAST_BITS = 32  # floats of fewer are in memory what they are nowhere else


class _Source(NamedTuple):
    """Where a loaded value is: from which lane of a vector on; of a scalar, lane is None."""

    value: Value
    lane: int | None


def opt_shared(f: Function) -> Function:
    """An equal function; `f` itself where no array can go."""
    if "barriers" not in f.attributes:
        return f
    arrays = [op.results[0] for op in f.body.ops if op.defn is memory.ALLOC and _may_go(op.results[0].type)]
    found: dict[Value, dict[Op, _Source | None]] = {}
    for array in arrays:
        accesses = _Accesses(array)
        if accesses.region(f.body, is_straight=True):
            found[array] = accesses.sources
    return _Without(f, found).new if found else f


def _may_go(t: T.Type) -> bool:
    if not isinstance(t, T.ArrayType) or t.unit_axis != t.rank - 1:
        return False
    element = t.element
    if not isinstance(element, T.ScalarType) or not (element.is_integer or element.bits >= _LEAST_BITS):
        return False
    if t.space is T.Space.SLOTS:
        return True
    return t.space is T.Space.SHARED and t.shape is not None and prod(t.shape) <= _MOST_ELEMENTS


class _Accesses:
    """All accesses of one array in turn. sources: what each load has; None: of a store."""

    def __init__(self, array: Value) -> None:
        assert isinstance(array.type, T.ArrayType)
        self.array = array
        self.element = array.type.element
        self.shape = array.type.shape or (_MOST_ELEMENTS,)
        self.owners: dict[int, _Source] = {}
        self.sources: dict[Op, _Source | None] = {}

    def region(self, region: Region, *, is_straight: bool) -> bool:
        """Whether all of a region's accesses are such. is_straight: whether it runs once, and always."""
        for op in region.ops:
            if self.array in op.operands and not self.access(op, is_straight=is_straight):
                return False
            if not all(self.region(inner, is_straight=False) for inner in op.regions):
                return False
        return True

    def access(self, op: Op, *, is_straight: bool) -> bool:
        if op.defn not in (memory.LOAD, memory.STORE, tile.LOAD, tile.STORE) or op.operands[0] is not self.array:
            return False
        count = _lanes(op)
        first = None if count is None else self.place(op, count)
        if count is None or first is None:
            return False
        t = op.results[0].type if op.results else op.operands[-1].type
        if op.attributes["offset"] or T.element_of(t) != self.element:
            return False
        if op.results:
            self.sources[op] = source = self.source(first, count, t)
            return source is not None
        self.sources[op] = None
        scalar = op.defn is memory.STORE
        self.owners.update({first + k: _Source(op.operands[-1], None if scalar else k) for k in range(count)})
        return is_straight

    def place(self, op: Op, count: int) -> int | None:
        """The number of the first of so many elements, which are in one row and inside of the array."""
        first, rank = 0, len(self.shape)
        if count > 1 and op.attributes["axis"] != rank - 1:
            return None
        for axis, (extent, index) in enumerate(zip(self.shape, op.operands[1 : 1 + rank], strict=True)):
            n = index.constant
            if not isinstance(n, int) or not 0 <= n <= extent - (count if axis == rank - 1 else 1):
                return None
            first = first * extent + n
        return first

    def source(self, first: int, count: int, t: T.Type) -> _Source | None:
        """The one vector that elements are lanes of, side by side."""
        found = self.owners.get(first)
        if found is None or not isinstance(t, T.TileType):
            return found
        value, lane = found
        if lane is None or value.type != t:
            return None
        return found if all(self.owners.get(first + k) == (value, lane + k) for k in range(1, count)) else None


def _lanes(op: Op) -> int | None:
    """How many elements an access of neighbours has: the first lanes."""
    if op.defn in (memory.LOAD, memory.STORE):
        return 1
    if op.attributes["step"] != 1 or "points" in op.attributes:
        return None
    t, mask = (op.results[0].type, op.operands[-1]) if op.results else (op.operands[-1].type, op.operands[-2])
    assert isinstance(t, T.TileType)
    if mask.constant is True:
        return t.shape[0]
    test = mask.op
    if test is None or test.defn is not arith.LT or test.operands[0].op is None or test.operands[0].op.defn is not tile.IOTA:
        return None
    n = test.operands[1].constant
    return n if isinstance(n, int) and 0 < n <= t.shape[0] else None


class _Without(Rebuilder):
    """A copy without the arrays."""

    def __init__(self, f: Function, found: dict[Value, dict[Op, _Source | None]]) -> None:
        super().__init__(f)
        self.gone = {v.op for v in found}
        self.sources = {op: source for accesses in found.values() for op, source in accesses.items()}
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        if (source := self.sources.get(op)) is not None:
            self.mapping[op.results[0]] = _taken(self.b, self.mapping[source.value], source.lane, op.results[0].type)
        return op in self.sources or op in self.gone


def _taken(b: Builder, value: Value, lane: int | None, t: T.Type) -> Value:
    """What a load has of a vector from a lane on. Lanes behind the last are of no interest."""
    if lane is None:
        return value
    if not isinstance(t, T.TileType):
        return b.emit(tile.EXTRACT, value, b.constant(lane, T.index))
    if lane == 0:
        return value
    lanes = b.emit(tile.IOTA, type=T.TileType(T.index, t.shape))
    moved = b.emit(arith.ADD, lanes, b.splat(b.constant(lane, T.index), t.shape))
    return b.emit(tile.PERMUTE, value, moved)
