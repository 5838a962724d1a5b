"""Several neighbouring elements to a hardware thread, so that they are loaded and stored together: 128 bits at a time.

One idea: in a kernel whose threads know nothing of each other, F threads along axis 0 may be done by one, op by op in step: each
of them still does its own ops in its own order, so nothing can be told apart, also where arrays overlap. That is the way
for groups of threads of which all pass all guards and whose elements are aligned; the others go one by one through the body
as it was. What is then side by side `together` joins, as it does in any other kernel.

An access that is not joined is a bad one: the warp's threads make it 16 bytes from one another where they were next to
each other. So it is done only where few are not. A kernel with loops gains nothing by it and is left alone, as is one whose
guards depend on what it loads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import gcd

from ...ir import types as T
from ...ir.builder import Builder, clone_op, like
from ...ir.core import Function, Op, Region, Value, all_ops, walk
from ...ir.ops import arith, memory, scf, simt
from .together import ASKED, Question, worth_asking

__all__ = ["Coarse", "coarsen"]

_MOST_OPS = 48  # of the body: it is copied once for each element, and once more
_WARP = 32
_VECTOR_BYTES = 16
_ALLOWED = frozenset(("scf.if", "scf.yield", "memory.load", "memory.store", "memory.extent", "memory.prefetch"))


@dataclass
class Coarse:
    """factor: threads along axis 0 that one does. asked: by argument, how many bytes pointer and strides are multiples of in the
    ops that are `inside`. aligned: the constant that stands for "they are"."""

    function: Function
    factor: int
    asked: dict[Value, int] = field(default_factory=dict)
    inside: frozenset[Op] = frozenset()
    aligned: Op | None = None


def coarsen(f: Function, block: tuple[int, int, int]) -> Coarse | None:
    """`f` with several elements to a thread, where that is possible and of use."""
    if f.sites or f.debug or not _is_simple(f):
        return None
    varying = _varying(f)
    sides = [op for op in walk(f.body) if _is_vector(op, varying)]
    sizes = [_moved(op).size_bytes for op in sides]
    if not sizes or max(sizes) > _VECTOR_BYTES // 2:
        return None
    factor = min(_VECTOR_BYTES // max(sizes), 8)
    if block[0] % factor or block[0] // factor * block[1] * block[2] < _WARP:
        return None
    guards = _guards(f.body, varying)
    if guards is None:
        return None
    return _Maker(f, factor, varying, frozenset([op.operands[0] for op in sides])).run(guards)


def _is_simple(f: Function) -> bool:
    """Whether its threads know nothing of each other and do not loop."""
    count = 0
    for op in walk(f.body):
        count += 1
        if count > _MOST_OPS:
            return False
        name = op.defn.name
        if name in _ALLOWED or (name == "simt.global_id") or (name == "simt.grid_dim"):
            continue
        if not op.defn.elementwise or op.defn.effect or op.defn.convergent:
            return False
    return True


def _is_own(op: Op) -> bool:
    return op.defn is simt.GLOBAL_ID and op.attributes["axis"] == 0


def _varying(f: Function) -> frozenset[Value]:
    """What differs between neighbours along axis 0."""
    found: set[Value] = set()
    for op in walk(f.body):
        if _is_own(op) or not found.isdisjoint(op.operands):
            found.update(op.results)
    return frozenset(found)


def _moved(op: Op) -> T.ScalarType:
    t = op.results[0].type if op.results else op.operands[-1].type
    assert isinstance(t, T.ScalarType)
    return t


def _unit(op: Op) -> Value | None:
    """The index along the axis whose elements lie side by side."""
    if op.defn not in (memory.LOAD, memory.STORE):
        return None
    t = op.operands[0].type
    if not isinstance(t, T.ArrayType) or t.unit_axis is None:
        return None
    return op.operands[1 + t.unit_axis]


def _is_vector(op: Op, varying: frozenset[Value]) -> bool:
    """Whether neighbours access neighbouring scalars."""
    index = _unit(op)
    if index is None or op.attributes["offset"] or not isinstance(op.operands[0].type, T.ArrayType):
        return False
    t = op.operands[0].type
    others = [v for v in op.operands[1 : 1 + t.rank] if v is not index]
    return t.element is _element(op) and varying.isdisjoint(others) and _offset(index) is not None


def _element(op: Op) -> T.Type | None:
    """The array's element, if it is what the access moves (or its bits)."""
    element = op.operands[0].type.element  # type: ignore[union-attr]
    moved = _moved(op)
    return element if isinstance(element, T.ScalarType) and element.size_bytes == moved.size_bytes else None


def _offset(index: Value) -> int | None:
    """c where an index is global_id(0) + c."""
    op, total = index.op, 0
    while op is not None and op.defn in (arith.ADD, arith.SUB):
        constant = op.operands[1].constant
        if constant is None:
            return None
        total += constant if op.defn is arith.ADD else -constant
        op = op.operands[0].op
    return total if op is not None and _is_own(op) else None


def _guards(region: Region, varying: frozenset[Value]) -> list[Value] | None:
    """The conditions of the branches that neighbours may take differently; None where one is more than a guard."""
    found: list[Value] = []
    for op in region.ops:
        if op.defn is not scf.IF:
            continue
        cond = op.operands[0]
        then, otherwise = op.regions
        if op.results or (cond in varying and len(otherwise.ops) > 1):
            return None
        if cond in varying:
            if not _is_pure(cond):
                return None
            found.append(cond)
        for inner in (then, otherwise):
            more = _guards(inner, varying)
            if more is None:
                return None
            found += more
    return found


def _is_pure(v: Value) -> bool:
    """Whether a value can be computed ahead: nothing is loaded for it."""
    op = v.op
    if op is None:
        return True
    return not op.regions and not op.defn.reads and all(map(_is_pure, op.operands))


def _needed(f: Function, guards: list[Value]) -> frozenset[Op]:
    """Ops that do something, or whose results are needed for more than to know who passes the guards."""
    found: set[Op] = set()
    used: set[Value] = set()
    passed = frozenset(guards)
    for op in reversed(list(walk(f.body))):
        if op.defn is scf.IF:
            used.update(v for v in op.operands if v not in passed)
        elif not op.defn.pure or not used.isdisjoint(op.results):
            used.update(op.operands)
            found.add(op)
    return frozenset(found)


def _indices(op: Op) -> Sequence[Value]:
    t = op.operands[0].type
    assert isinstance(t, T.ArrayType)
    return op.operands[1 : 1 + t.rank]


def _is_told(v: Value, seen: set[Value]) -> bool:
    """Whether a value depends on what is loaded."""
    if v in seen or v.op is None:
        return False
    seen.add(v)
    return v.op.defn.reads or any(_is_told(x, seen) for x in v.op.operands)


def _likely(t: T.Type) -> int:
    """What pointer and strides of an argument can be asked to be multiples of, with hardly a chance that they are not: of strides
    of numbers, nothing."""
    if not isinstance(t, T.ArrayType):
        return 1
    if isinstance(t.element, T.ScalarType):
        return ASKED if t.unit_axis is not None and t.rank == 1 else 1
    return gcd(ASKED, T.size_and_align(t.element)[0])


class _Maker:
    """Builds the new function. sides: arguments of which neighbours access neighbours. lanes: for each element, new values by
    old. made: for each access of the elements, which element's it is."""

    def __init__(self, f: Function, factor: int, varying: frozenset[Value], sides: frozenset[Value]) -> None:
        self.f = f
        self.factor = factor
        self.varying = varying
        self.out = like(f)
        self.b = Builder(self.out.body, f.span)
        self.given: dict[Value, Value] = dict(zip(f.params, self.out.params, strict=True))
        self.coarse = Coarse(self.out, factor)
        most = {new: _VECTOR_BYTES if v in sides else _likely(v.type) for v, new in self.given.items()}
        self.most = {v: size for v, size in most.items() if size > 1}
        self.made: dict[Op, int] = {}

    def run(self, guards: list[Value]) -> Coarse | None:
        b = self.b
        self.needed = _needed(self.f, guards)
        own = b.emit(simt.GLOBAL_ID, axis=0)
        self.first = b.emit(arith.MUL, own, b.constant(self.factor, T.index))
        self.ahead: list[dict[Value, Value]] = [dict(self.given) for _ in range(self.factor)]
        fast = b.constant(value=True, type=T.bool_)
        self.coarse.aligned = fast.op
        for cond in guards:
            for k in self.telling(cond):
                fast = b.emit(arith.AND, fast, self.early(cond, k))
        then, otherwise = Region(), Region()
        with b.inside(then):
            self.lanes: list[dict[Value, Value]] = [dict(self.given) for _ in range(self.factor)]
            self.in_step(self.f.body)
            b.yield_()
        question = worth_asking(then, self.most, {v: 1 for op in all_ops(then) for v in op.operands})
        if not self.profits(question):
            return None
        with b.inside(otherwise):
            self.one_by_one()
            b.yield_()
        b.if_(fast, (), then, otherwise)
        b.yield_()
        self.coarse.asked = question.asked
        self.coarse.inside = frozenset(walk(then))
        return self.coarse

    def profits(self, question: Question) -> bool:
        """Whether joined accesses outweigh the others, which cost `factor` times what they did: twice as many. What is looked up
        in a table lies anywhere in either case."""
        joined = left = 0
        for op in self.made:
            if any(_is_told(v, set()) for v in _indices(op)):
                continue
            group = question.ops.get(op)
            if group is None:
                left += 1
            elif len({self.made[x] for x in group.ops}) > 1:
                joined += 1
            elif op is group.leader:
                left += 1  # several fields of one element
        return joined >= 2 * left and joined > 0

    def lane_id(self, k: int) -> Value:
        return self.b.emit(arith.ADD, self.first, self.b.constant(k, T.index)) if k else self.first

    # Whether all may go in step

    def telling(self, cond: Value) -> list[int]:
        """The elements whose condition says it for all: the last of `i < n`, the first of `i >= m`."""
        op = cond.op
        assert op is not None
        if op.defn is arith.AND:
            return sorted({k for v in op.operands for k in (self.telling(v) if v in self.varying else [0])})
        rising = self.rises(op.operands[0]) if op.operands else None
        fixed = len(op.operands) == 2 and op.operands[1] not in self.varying
        if rising and fixed and op.defn in (arith.LT, arith.LE):
            return [self.factor - 1]
        if rising and fixed and op.defn in (arith.GT, arith.GE):
            return [0]
        return list(range(self.factor))

    def rises(self, v: Value) -> bool:
        """Whether it is global_id(0), and something that all share."""
        op = v.op
        while op is not None and op.defn is arith.ADD:
            a, b = op.operands
            if a in self.varying and b in self.varying:
                return False
            op = (a if a in self.varying else b).op
        return op is not None and _is_own(op)

    def early(self, v: Value, k: int) -> Value:
        """A value of element k, computed before it is known who goes in step."""
        known = self.ahead[k].get(v)
        if known is not None:
            return known
        op = v.op
        assert op is not None
        if v not in self.varying and k:
            return self.early(v, 0)
        if _is_own(op):
            new = self.lane_id(k)
        else:
            operands = [self.early(x, k) for x in op.operands]
            new = self.b.emit_op(op.defn, operands, [v.type], op.attributes, (), op.span).result
        self.ahead[k][v] = new
        return new

    # All in step

    def in_step(self, region: Region) -> None:
        for op in region.ops[:-1]:
            if op.defn is scf.IF:
                self.branch(op)
            elif op not in self.needed:
                continue
            elif _is_own(op):
                for k, lane in enumerate(self.lanes):
                    lane[op.results[0]] = self.lane_id(k)
            elif op.defn is not memory.STORE and self.varying.isdisjoint(op.operands):
                clone_op(self.b, op, self.lanes[0])
                for lane in self.lanes[1:]:
                    lane.update((r, self.lanes[0][r]) for r in op.results)
            else:
                made = [clone_op(self.b, op, lane) for lane in self.lanes]
                if op.defn is memory.LOAD or op.defn is memory.STORE:
                    self.made.update(zip(made, range(self.factor), strict=True))

    def branch(self, op: Op) -> None:
        """A guard that all have passed, or a branch that all take alike."""
        cond = op.operands[0]
        if cond in self.varying:
            self.in_step(op.regions[0])
            return
        regions = []
        for region in op.regions:
            new = Region()
            with self.b.inside(new):
                self.in_step(region)
                self.b.yield_()
            regions.append(new)
        self.b.if_(self.lanes[0][cond], (), regions[0], regions[1])

    # One by one

    def one_by_one(self) -> None:
        b = self.b
        body = Region((T.index,), ("k",))
        with b.inside(body):
            mapping = dict(self.given)
            here = b.emit(arith.ADD, self.first, body.args[0])
            self.copy(self.f.body, mapping, here)
        b.for_(b.constant(0, T.index), b.constant(self.factor, T.index), b.constant(1, T.index), (), body)

    def copy(self, region: Region, mapping: dict[Value, Value], here: Value) -> None:
        for op in region.ops:
            if _is_own(op):
                mapping[op.results[0]] = here
            elif op.regions:
                regions = []
                for inner in op.regions:
                    new = Region()
                    with self.b.inside(new):
                        self.copy(inner, mapping, here)
                    regions.append(new)
                self.b.if_(mapping[op.operands[0]], (), regions[0], regions[1])
            else:
                clone_op(self.b, op, mapping)
