"""Threads that append take their places together: `k = atomic_add(n[0], 1); o[k] = x[i]`.

One idea: lanes that add one number to one element get what it was, and one after the other's share: so an update by all of them,
and how many lanes before it take part, is what each would have got in its turn. What they then store at those places lies side by
side, once the lanes that take part are brought together. On GPUs it is known as warp-aggregated atomics (Adinets, "CUDA Pro Tip:
Optimized Filtering with Warp-Aggregated Atomics", 2014).
"""

from __future__ import annotations

from typing import NamedTuple

from .. import types as T
from ..builder import Rebuilder
from ..core import Function, Op, Region, Value, walk
from ..opdef import OPS
from ..ops import arith, tile

__all__ = ["opt_appends"]

_MOST_LANES = 32  # whose mask is a number of 32 bits


class _Taken(NamedTuple):
    """first: the place of the first lane, of `many` that take part, as indices; mask: of those."""

    first: Value
    many: Value
    mask: Value


def opt_appends(f: Function) -> Function:
    """An equal function; `f` itself where no lanes take places from one element."""
    used = {v for op in walk(f.body) for v in op.operands}
    found = {op for op in walk(f.body) if op.defn is tile.ATOMIC and op.results[0] in used and _is_shared(op)}
    return _Appends(f, found).new if found else f


def _is_shared(op: Op) -> bool:
    """Whether all lanes add one number to one element."""
    *place, mask, x = op.operands[1:]
    t = T.element_of(x.type)
    if op.attributes["kind"] not in ("add", "sub") or not t.is_integer or t.bits < 32 or _share(x) is None:
        return False
    lanes = op.results[0].type
    return (isinstance(lanes, T.TileType) and lanes.shape[0] <= _MOST_LANES and isinstance(mask.type, T.TileType)
            and not any(isinstance(v.type, T.TileType) for v in place))  # fmt: skip


def _share(x: Value) -> Value | None:
    """What each lane brings, if it is the same."""
    if not isinstance(x.type, T.TileType):
        return x
    return x.op.operands[0] if x.op is not None and x.op.defn is tile.SPLAT else None


class _Appends(Rebuilder):
    """taken: by the old values that lanes get, the places that they are."""

    def __init__(self, f: Function, found: set[Op]) -> None:
        super().__init__(f)
        self.found = found
        self.taken: dict[Value, _Taken] = {}
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        if op in self.found:
            self.update(op)
            return True
        if op.defn is arith.CAST and op.operands[0] in self.taken and T.element_of(op.results[0].type) is T.index:
            self.taken[op.results[0]] = self.taken[op.operands[0]]
            return False
        return op.defn is tile.SCATTER and self.stores(op)

    def update(self, op: Op) -> None:
        """One update by all lanes that take part, and what each has got by it."""
        b, kind = self.b, op.attributes["kind"]
        array, *place, mask, _ = [self.mapping[v] for v in op.operands]
        given = _share(op.operands[-1])
        assert given is not None
        share, tiles = self.mapping[given], op.results[0].type
        t = share.type
        assert isinstance(tiles, T.TileType) and isinstance(t, T.ScalarType)
        bits = b.emit(arith.CAST, b.emit(tile.BITS, mask), type=T.u32)
        count = b.emit(arith.CAST, b.emit(arith.POPCOUNT, bits), type=t)
        some, none = Region(), Region()
        with b.inside(some):  # where there are none the element may not be there
            total = b.emit(arith.MUL, count, share)
            b.yield_(b.emit(OPS[f"atomic.{kind}"], array, *place, total, offset=op.attributes["offset"]))
        with b.inside(none):
            b.yield_(b.constant(0, t))
        old = b.if_(b.emit(arith.NE, bits, b.constant(0, T.u32)), [t], some, none).results[0]
        ones, iota = b.splat(b.constant(1, T.u32), tiles.shape), b.emit(tile.IOTA, type=T.TileType(T.u32, tiles.shape))
        below = b.emit(arith.SUB, b.emit(arith.SHL, ones, iota), ones)
        before = b.emit(arith.POPCOUNT, b.emit(arith.AND, b.splat(bits, tiles.shape), below))
        shares = b.emit(arith.MUL, b.emit(arith.CAST, before, type=tiles), b.splat(share, tiles.shape))
        change = arith.ADD if kind == "add" else arith.SUB
        result = op.results[0]
        self.mapping[result] = b.emit(change, b.splat(old, tiles.shape), shares)
        if share.constant == 1 and change is arith.ADD and t is not T.u32:  # behind the last number of u32 comes 0
            first, many = [b.emit(arith.CAST, v, type=T.index) for v in (old, count)]
            self.taken[result] = _Taken(first, many, op.operands[-2])

    def stores(self, op: Op) -> bool:
        """Whether lanes store side by side, as they have taken their places; then they have."""
        array, *indices, mask, x = op.operands
        t = array.type
        assert isinstance(t, T.ArrayType)
        if t.unit_axis is None or indices[t.unit_axis] not in self.taken or not isinstance(x.type, T.TileType):
            return False
        first, many, took_part = self.taken[indices[t.unit_axis]]
        others = [v for axis, v in enumerate(indices) if axis != t.unit_axis]
        whole = T.size_and_align(t.element)[0] == T.element_of(x.type).size_bytes
        if took_part is not mask or not whole or any(isinstance(v.type, T.TileType) for v in others):
            return False
        b, lanes = self.b, x.type.shape
        together = b.emit(tile.COMPACT, self.mapping[x], self.mapping[mask])
        at = [first if axis == t.unit_axis else self.mapping[v] for axis, v in enumerate(indices)]
        iota = b.emit(tile.IOTA, type=T.TileType(T.i32, lanes))
        there = b.emit(arith.LT, iota, b.splat(b.emit(arith.CAST, many, type=T.i32), lanes))
        b.emit(tile.STORE, self.mapping[array], *at, there, together, axis=t.unit_axis, step=1, offset=op.attributes["offset"])
        return True
