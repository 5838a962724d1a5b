"""What a loop keeps in memory at known places stays in registers while it runs.

One idea: threads of a block keep values over barriers in slots, of which each vector has its own place. A loop between two
barriers that all threads of a block run in step, as of a sum that they share out, would load and store them in every round. Where
the places are numbers, each is a value that the loop carries: loaded in front of it, stored behind it. What then stands in straight
code only needs no memory at all (`opt_shared`).

Arrays stay where they are of whose places there are more than registers (with a third of them in registers, dot products take 0.97
of the time and sums of rows of 1000 elements 1.15), and those of which any access in the loop is at a place that is not known,
under a mask, or inside of control flow.
"""

from __future__ import annotations

from typing import NamedTuple

from ...target import Target
from .. import types as T
from ..builder import Rebuilder
from ..core import Function, Op, Region, Value, walk
from ..ops import memory, scf, tile

__all__ = ["LEAST_BITS", "opt_carried", "registers"]

_OTHERS = 4  # registers for what a round computes
# Ops for each place: of long rounds registers are wanted for other things (an exponential sum takes 1.1 times as long).
_MOST_OPS = 12
LEAST_BITS = 32  # floats of fewer are in memory what they are nowhere else


class _Place(NamedTuple):
    array: Value
    indices: tuple[int, ...]


class _Kept(NamedTuple):
    """What a loop has at a place: how it is loaded, and whether it is stored too. like: one of the accesses."""

    like: Op
    stored: bool


_Loops = dict[Op, dict[_Place, _Kept]]


def opt_carried(f: Function, target: Target) -> Function:
    """An equal function; `f` itself where no loop keeps anything so."""
    if "barriers" not in f.attributes:
        return f
    while found := {op: kept for op in walk(f.body) if op.defn is scf.FOR and (kept := _kept(op, target))}:
        f = _Carrying(f, found).new  # what an inner loop loads before it and stores behind it, one around it may carry
    return f


def _kept(loop: Op, target: Target) -> dict[_Place, _Kept]:
    region = loop.regions[0]
    found: dict[_Place, _Kept] = {}
    spoiled: set[Value] = set()
    for op in region.ops:
        for v in op.operands:
            if isinstance(v.type, T.ArrayType) and (place := _place(op, v)) is None:
                spoiled.add(v)
        for inner in [o for r in op.regions for o in walk(r)]:
            spoiled.update([v for v in inner.operands if isinstance(v.type, T.ArrayType)])
        place = _place(op, op.operands[0]) if op.operands else None
        if place is not None:
            before = found.get(place)
            if before is not None and _type(before.like) != _type(op):
                spoiled.add(place.array)
            found[place] = _Kept(op, not op.results or (before is not None and before.stored))
    spoiled.update(_overlapping(found))
    if len(region.ops) > _MOST_OPS * len(found):
        return {}
    room = _room(region, target)
    kept: dict[_Place, _Kept] = {}
    for array in dict.fromkeys(place.array for place in found):
        own = {place: what for place, what in found.items() if place.array is array}
        takes = sum([registers(_type(what.like), target) for what in own.values()])
        if array not in spoiled and takes <= room:
            kept.update(own)
            room -= takes
    return kept if any(what.stored for what in kept.values()) else {}


def _place(op: Op, array: Value) -> _Place | None:
    """The place of an access of all lanes to memory of the block's own."""
    if op.defn not in (memory.LOAD, memory.STORE, tile.LOAD, tile.STORE) or op.operands[0] is not array:
        return None
    t = array.type
    assert isinstance(t, T.ArrayType)
    if t.space not in (T.Space.SLOTS, T.Space.SHARED) or t.unit_axis != t.rank - 1 or op.attributes["offset"]:
        return None
    element = t.element
    if element != T.element_of(_type(op)) or not isinstance(element, T.ScalarType):
        return None
    if not (element.is_integer or element.bits >= LEAST_BITS):
        return None
    if op.defn in (tile.LOAD, tile.STORE):
        mask = op.operands[-1] if op.results else op.operands[-2]
        if mask.constant is not True or op.attributes["step"] != 1 or op.attributes["axis"] != t.rank - 1:
            return None
        if "points" in op.attributes:
            return None
    indices: list[int] = []
    for axis, v in enumerate(op.operands[1 : 1 + t.rank]):
        n, length = v.constant, _lanes(_type(op)) if axis == t.unit_axis else 1
        # What no round accesses, as there is none, is accessed in front of the loop: it has to be there.
        if not isinstance(n, int) or n < 0 or (t.shape is not None and n + length > t.shape[axis]):
            return None
        indices.append(n)
    return _Place(array, tuple(indices))


def _type(op: Op) -> T.Type:
    return op.results[0].type if op.results else op.operands[-1].type


def _lanes(t: T.Type) -> int:
    return t.shape[0] if isinstance(t, T.TileType) else 1


def _overlapping(found: dict[_Place, _Kept]) -> set[Value]:
    """Arrays of which two places have an element in common."""
    ends: dict[tuple[Value, tuple[int, ...]], int] = {}
    both: set[Value] = set()
    for place in sorted(found, key=lambda p: p.indices):
        row = place.array, place.indices[:-1]
        if place.indices[-1] < ends.get(row, 0):
            both.add(place.array)
        ends[row] = place.indices[-1] + _lanes(_type(found[place].like))
    return both


def registers(t: T.Type, target: Target) -> int:
    """How many a value of that type takes."""
    return max(-(-_lanes(t) * T.element_of(t).bits // (8 * target.vector_bytes)), 1)


def _room(region: Region, target: Target) -> int:
    """Registers that are left beside what the loop carries already and what its rounds take from outside."""
    own = {v for op in region.ops for v in op.results}
    outside = {v for op in region.ops for v in op.operands if isinstance(v.type, T.TileType) and v not in own}
    taken = outside | {a for a in region.args if isinstance(a.type, T.TileType)}
    return target.vector_registers - _OTHERS - sum([registers(v.type, target) for v in taken])


class _Carrying(Rebuilder):
    """A copy in which loops carry what they keep. now: what is at each place."""

    def __init__(self, f: Function, found: _Loops) -> None:
        super().__init__(f)
        self.found = found
        self.now: dict[_Place, Value] = {}
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        if op in self.found:
            self.carry(op, self.found[op])
            return True
        place = _place(op, op.operands[0]) if self.now and op.operands and isinstance(op.operands[0].type, T.ArrayType) else None
        if place is None or place not in self.now:
            return False
        if op.results:
            self.mapping[op.results[0]] = self.now[place]
        else:
            self.now[place] = self.mapping[op.operands[-1]]
        return True

    def carry(self, op: Op, kept: dict[_Place, _Kept]) -> None:
        b, old = self.b, op.regions[0]
        first = [self.load(place, what.like) for place, what in kept.items()]
        names = [*[a.name for a in old.args], *[place.array.name for place in kept]]
        new = Region((*[a.type for a in old.args], *[v.type for v in first]), tuple(names))
        self.mapping.update(zip(old.args, new.args, strict=False))
        outer, self.now = self.now, dict(zip(kept, new.args[len(old.args) :], strict=True))
        with b.inside(new):
            for inner in old.ops[:-1]:
                self.copy(inner)
            b.yield_(*[self.mapping[v] for v in old.yielded], *[self.now[place] for place in kept])
        self.now = outer
        lo, hi, step, *init = [self.mapping[v] for v in op.operands]
        results = b.for_(lo, hi, step, [*init, *first], new).results
        self.mapping.update(zip(op.results, results, strict=False))
        for (place, what), v in zip(kept.items(), results[len(op.results) :], strict=True):
            if what.stored:
                self.store(place, v)

    def load(self, place: _Place, like: Op) -> Value:
        b, array, indices = self.b, self.mapping[place.array], [self.b.constant(n, T.index) for n in place.indices]
        t = _type(like)
        if not isinstance(t, T.TileType):
            return b.emit(memory.LOAD, array, *indices, type=t, offset=0)
        axis = len(indices) - 1
        return b.emit(tile.LOAD, array, *indices, b.constant(True, T.bool_), type=t, axis=axis, step=1, offset=0)

    def store(self, place: _Place, v: Value) -> None:
        b, array, indices = self.b, self.mapping[place.array], [self.b.constant(n, T.index) for n in place.indices]
        if not isinstance(v.type, T.TileType):
            b.emit(memory.STORE, array, *indices, v, offset=0)
            return
        b.emit(tile.STORE, array, *indices, b.constant(True, T.bool_), v, axis=len(indices) - 1, step=1, offset=0)
