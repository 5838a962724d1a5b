"""Stores wait for the end of a thread, where the elements of a point are stored one by one: `o[i, 0] = ...; o[i, 1] = ...`.

One idea: such stores are whole vectors only together (`codegen/cpu/interleaved.py`), and a load between them may have to see what
they wrote, as arguments may overlap. Where they do not, all loads may come first: an element that the thread has stored itself is
the value it stored, also in a branch that changes it once more. Whether arguments overlap is asked when the code runs; where they
do, threads run one after the other, as they are written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import NamedTuple

from ... import types as T
from ...analysis.accesses import indices_of, is_argument
from ...core import Function, Op, Region, Value, walk, with_inner
from ...ops import arith, memory, scf

__all__ = ["Later", "stores_last"]

_MOST = 16  # elements of a point that become vectors together
_INDEX_BITS = 32  # of what may be an index; numbers of points had better not be one, where others of theirs are not
_MOST_ARRAYS = 4  # pairs of them are asked about for each row

_Index = tuple[tuple[Value, ...], int]


class Later(NamedTuple):
    """function: with its stores at the end. apart: arrays that must not overlap for it."""

    function: Function
    apart: tuple[tuple[Value, Value], ...]


class _Place(NamedTuple):
    """An element: each index as values and a number that are added up."""

    array: Value
    offset: int
    indices: tuple[_Index, ...]

    def is_other(self, other: _Place) -> bool:
        """Whether two elements of an array are certainly two."""
        if self.array is not other.array:
            return True
        if self.indices == other.indices:
            return self.offset != other.offset
        return any(a[0] == b[0] and a[1] != b[1] for a, b in zip(self.indices, other.indices, strict=True))


class _GivesUp(Exception):
    """Some op has to stay where it is."""


def stores_last(f: Function) -> Later | None:
    """A flat function with its stores behind its loads; None where that makes no vectors."""
    if f.debug or not _gains(f):
        return None
    made = _Straight()
    try:
        ops = made.whole(f.body.ops)
    except _GivesUp:
        return None
    if len(made.arrays) > _MOST_ARRAYS:
        return None
    out = copy(f)
    out.body = copy(f.body)
    out.body.ops = ops
    order = {v: k for k, v in enumerate(f.params)}
    return Later(out, tuple(sorted(made.apart, key=lambda pair: [order[v] for v in pair])))


def _gains(f: Function) -> bool:
    """Whether elements of one point are stored with something in between that touches memory, or loaded with a store in between."""
    accesses = [op for op in walk(f.body) if op.defn.touches]
    for defn in (memory.STORE, memory.LOAD):
        ops = [op for op in accesses if op.defn is defn]
        for array in dict.fromkeys([op.operands[0] for op in ops]):
            own = [op for op in ops if op.operands[0] is array]
            places = {_place(op) for op in own}
            if not 2 <= len(places) <= _MOST or not all(_is_of_a_point(p) for p in places):
                continue
            between = accesses[accesses.index(own[0]) : accesses.index(own[-1])]
            if any(op not in own and (defn is memory.STORE or op.defn.writes) for op in between):
                return True
    return False


def _is_of_a_point(place: _Place) -> bool:
    """Whether neighbouring threads have neighbours of this element between theirs: an axis of its own, a multiple, or fields."""
    t = place.array.type
    if not isinstance(t, T.ArrayType) or t.space is not T.Space.GLOBAL or t.unit_axis is None:
        return False
    if isinstance(t.element, T.StructType):
        return True
    terms, number = place.indices[t.unit_axis]
    if not terms:
        return t.rank > 1 and 0 <= number < _MOST
    return any(v.op is not None and v.op.defn in (arith.MUL, arith.SHL) for v in terms)


def _place(op: Op, known: dict[Value, Value] | None = None) -> _Place:
    indices = tuple([_split((known or {}).get(v, v)) for v in indices_of(op)])
    return _Place(op.operands[0], op.attributes["offset"], indices)


def _split(v: Value) -> _Index:
    if isinstance(v.constant, int):
        return (), v.constant
    op = v.op
    if op is not None and op.defn is arith.ADD and v.type is T.index:
        (a, m), (b, n) = _split(op.operands[0]), _split(op.operands[1])
        return (*a, *b), m + n
    return (v,), 0


class _Straight:
    """known: what values have become. now: what the thread has stored so far, by its last store. loaded: integers it has loaded,
    which are the same later on, as no store stands in between any more: one index is one place for all numbers of a point. arrays:
    that are stored to. apart: those that must not overlap."""

    def __init__(self) -> None:
        self.known: dict[Value, Value] = {}
        self.now: dict[_Place, Op] = {}
        self.loaded: dict[tuple[_Place, T.ScalarType], Value] = {}
        self.arrays: dict[Value, None] = {}
        self.apart: dict[tuple[Value, Value], None] = {}

    def whole(self, ops: Sequence[Op]) -> list[Op]:
        """All ops of a function, or of the guard around what it does."""
        *before, last, end = ops
        if last.defn is scf.IF and not last.results and not any(map(_stores, before)):
            region = 0 if len(last.regions[1].ops) == 1 else 1
            if len(last.regions[1 - region].ops) == 1:
                inner = copy(last.regions[region])
                inner.ops = self.whole(inner.ops)
                regions = (inner, last.regions[1]) if region == 0 else (last.regions[0], inner)
                return [*before, Op(scf.IF, last.operands, (), last.attributes, regions, last.span), end]
        out: list[Op] = []
        self.ops(ops[:-1], out)
        waiting = [op for array in self.arrays for place, op in self.now.items() if place.array is array]
        return [*out, *waiting, end]

    def ops(self, ops: Sequence[Op], out: list[Op]) -> None:
        for op in ops:
            if op.defn is memory.LOAD:
                self.load(op, out)
            elif op.defn is memory.STORE:
                self.store(op)
            elif op.defn is scf.IF and _stores(op):
                self.branch(op, out)
            else:
                self.other(op, out)

    def load(self, op: Op, out: list[Op]) -> None:
        place = _place(op, self.known)
        self.sees(place.array)
        if (stored := self.now.get(place)) is not None and stored.operands[-1].type is op.results[0].type:
            self.known[op.results[0]] = stored.operands[-1]
            return
        if not all(place.is_other(p) for p in self.now):
            raise _GivesUp
        t = T.element_of(op.results[0].type)
        before = self.loaded.setdefault((place, t), op.results[0]) if t.is_integer and t.bits >= _INDEX_BITS else op.results[0]
        if before is op.results[0]:
            self.keep(op, out)
        else:
            self.known[op.results[0]] = self.known.get(before, before)

    def store(self, op: Op) -> None:
        place = _place(op, self.known)
        if not is_argument(place.array) or not all(p == place or place.is_other(p) for p in self.now):
            raise _GivesUp
        self.sees(place.array)
        self.arrays.setdefault(place.array)
        self.now[place] = self.mapped(op)

    def branch(self, op: Op, out: list[Op]) -> None:
        """What a branch stores where the thread has stored before is a value that the branch gives."""
        before, known, loaded = dict(self.now), dict(self.known), dict(self.loaded)
        arms: list[tuple[list[Op], dict[_Place, Op], list[Value]]] = []
        for region in op.regions:
            self.now, self.known, self.loaded = dict(before), dict(known), dict(loaded)
            inner: list[Op] = []
            self.ops(region.ops[:-1], inner)
            arms.append((inner, self.now, [self.known.get(v, v) for v in region.yielded]))
        self.now, self.known, self.loaded = before, known, loaded
        changed = [p for p in arms[0][1] | arms[1][1] if any(now.get(p) is not before.get(p) for _, now, _ in arms)]
        if any(p not in before for p in changed):
            raise _GivesUp
        regions = []
        for inner, now, yielded in arms:
            region = Region()
            values = [*yielded, *[now[p].operands[-1] for p in changed]]
            region.ops = [*inner, Op(scf.YIELD, tuple(values), (), {}, (), op.span)]
            regions.append(region)
        types = [*[r.type for r in op.results], *[before[p].operands[-1].type for p in changed]]
        new = Op(scf.IF, (self.known.get(op.operands[0], op.operands[0]),), tuple(types), op.attributes, tuple(regions), op.span)
        out.append(new)
        self.known.update(zip(op.results, new.results, strict=False))
        for p, value in zip(changed, new.results[len(op.results) :], strict=True):
            like = before[p]  # its indices are known out here
            self.now[p] = Op(memory.STORE, (*like.operands[:-1], value), (), like.attributes, (), like.span)

    def other(self, op: Op, out: list[Op]) -> None:
        """Arithmetic, and what has regions that load elsewhere."""
        for inner in with_inner([op]):
            if inner.defn is memory.LOAD:
                self.sees(inner.operands[0])
                if any(p.array is inner.operands[0] for p in self.now):
                    raise _GivesUp
            elif inner.defn.writes or inner.defn.orders or inner.defn.convergent or inner.defn is memory.ALLOC:
                raise _GivesUp
            elif not (inner.defn.pure or inner.regions or inner.defn is scf.YIELD):
                raise _GivesUp
        self.keep(op, out)

    def sees(self, array: Value) -> None:
        """An access which comes before stores that it stood behind."""
        if not is_argument(array):
            raise _GivesUp
        for other in self.arrays:
            if other is not array and (array, other) not in self.apart:
                self.apart.setdefault((other, array))

    def keep(self, op: Op, out: list[Op]) -> None:
        out.append(self.mapped(op))

    def mapped(self, op: Op) -> Op:
        """The op with what its operands have become; `op` itself where they are what they were."""
        known = self.known
        if not any(v in known for o in with_inner([op]) for v in o.operands):
            return op
        regions = []
        for region in op.regions:
            new = Region(tuple([a.type for a in region.args]), tuple([a.name for a in region.args]))
            known.update(zip(region.args, new.args, strict=True))
            new.ops = [self.mapped(o) for o in region.ops]
            regions.append(new)
        types = tuple([r.type for r in op.results])
        made = Op(op.defn, tuple([known.get(v, v) for v in op.operands]), types, op.attributes, tuple(regions), op.span)
        for old, v in zip(op.results, made.results, strict=True):
            known[old], v.name = v, old.name
        return made


def _stores(op: Op) -> bool:
    return op.defn.writes or op.defn.orders or any(_stores(o) for region in op.regions for o in region.ops)
