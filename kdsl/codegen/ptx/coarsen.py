"""Several neighbouring elements to a hardware thread, so that they are loaded and stored together: 128 bits at a time.

One idea: in a kernel whose threads know nothing of each other, F threads along axis 0 may be done by one, op by op in step: each
of them still does its own ops in its own order, so nothing can be told apart, also where arrays overlap. That is the way
for groups of threads of which all pass all guards and whose elements are aligned; the others go one by one through the body
as it was. Loads and stores side by side are noted in a table beside the IR, so the ops stay what every pass knows.

A kernel with loops gains nothing by it and is left alone, as is one whose guards depend on what it loads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import gcd

from ...ir import types as T
from ...ir.analysis.uses import use_counts
from ...ir.builder import Builder, clone_op, like
from ...ir.core import Function, Op, Region, Value, walk
from ...ir.ops import arith, memory, scf, simt
from .together import ASKED, Together, worth_asking

__all__ = ["Coarse", "coarsen"]

_MOST_OPS = 48  # of the body: it is copied once for each element, and once more
_WARP = 32
_VECTOR_BYTES = 16
_ALLOWED = frozenset(("scf.if", "scf.yield", "memory.load", "memory.store", "memory.extent", "memory.prefetch"))


@dataclass
class Coarse:
    """factor: threads along axis 0 that one does. together: loads and stores that are one instruction, by each of them.
    aligned: constants that stand for "all of these arrays are aligned to so many bytes, pointer and strides". inside, asked: ops
    that run only where these arguments are aligned so."""

    function: Function
    factor: int
    together: dict[Op, Together] = field(default_factory=dict)
    aligned: dict[Op, dict[Value, int]] = field(default_factory=dict)
    asked: dict[Value, int] = field(default_factory=dict)
    inside: frozenset[Op] = frozenset()


def coarsen(f: Function, block: tuple[int, int, int]) -> Coarse | None:
    """`f` with several elements to a thread, where that is possible and of use."""
    if f.sites or f.debug or not _is_simple(f):
        return None
    varying = _varying(f)
    vectors = [op for op in walk(f.body) if _is_vector(op, varying)]
    sizes = [_moved(op).size_bytes for op in vectors]
    if not sizes or max(sizes) > _VECTOR_BYTES // 2:
        return None
    factor = min(_VECTOR_BYTES // max(sizes), 8)
    if block[0] % factor or block[0] // factor * block[1] * block[2] < _WARP:
        return None
    guards = _guards(f.body, varying)
    if guards is None:
        return None
    return _Maker(f, factor, varying, frozenset(op for op in vectors if _shift(op) % factor == 0)).run(guards)


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


def _shift(op: Op) -> int:
    index = _unit(op)
    return (_offset(index) or 0) if index is not None else 1


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


def _likely(t: T.Type) -> int:
    """What pointer and strides of an argument can be asked to be multiples of, with hardly a chance that they are not: of strides
    of numbers, nothing."""
    if not isinstance(t, T.ArrayType):
        return 1
    if isinstance(t.element, T.ScalarType):
        return ASKED if t.unit_axis is not None and t.rank == 1 else 1
    return gcd(ASKED, T.size_and_align(t.element)[0])


class _Maker:
    """Builds the new function. lanes: for each element, new values by old; shared: of what is the same for all."""

    def __init__(self, f: Function, factor: int, varying: frozenset[Value], vectors: frozenset[Op]) -> None:
        self.f = f
        self.factor = factor
        self.varying = varying
        self.vectors = vectors
        self.out = like(f)
        self.b = Builder(self.out.body, f.span)
        self.given: dict[Value, Value] = dict(zip(f.params, self.out.params, strict=True))
        self.coarse = Coarse(self.out, factor)
        self.wanted: dict[Value, int] = {}
        self.likely = {v: size for v in self.out.params if (size := _likely(v.type)) > 1}

    def run(self, guards: list[Value]) -> Coarse:
        b = self.b
        own = b.emit(simt.GLOBAL_ID, axis=0)
        self.first = b.emit(arith.MUL, own, b.constant(self.factor, T.index))
        self.ahead: list[dict[Value, Value]] = [dict(self.given) for _ in range(self.factor)]
        fast = self.aligned()
        for cond in guards:
            for k in self.telling(cond):
                fast = b.emit(arith.AND, fast, self.early(cond, k))
        then, otherwise = Region(), Region()
        with b.inside(then):
            self.lanes: list[dict[Value, Value]] = [dict(self.given) for _ in range(self.factor)]
            self.in_step(self.f.body)
            b.yield_()
        with b.inside(otherwise):
            self.one_by_one()
            b.yield_()
        b.if_(fast, (), then, otherwise)
        b.yield_()
        self.coarse.asked.update(worth_asking(then, self.likely, self.coarse.together, use_counts(self.out)).asked)
        self.coarse.inside = frozenset(walk(then))
        for v, size in self.coarse.asked.items():
            self.wanted[v] = max(self.wanted.get(v, 1), size)
        return self.coarse

    def lane_id(self, k: int) -> Value:
        return self.b.emit(arith.ADD, self.first, self.b.constant(k, T.index)) if k else self.first

    # Whether all may go in step

    def aligned(self) -> Value:
        wanted = self.wanted
        for op in walk(self.f.body):  # in their order, which a set does not have: the same text from every process
            if op not in self.vectors:
                continue
            array = self.given[op.operands[0]]
            size = min(_VECTOR_BYTES, self.factor * _moved(op).size_bytes)
            wanted[array] = max(wanted.get(array, 1), size)
        v = self.b.constant(value=True, type=T.bool_)
        assert v.op is not None
        self.coarse.aligned[v.op] = wanted
        return v

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
            elif _is_own(op):
                for k, lane in enumerate(self.lanes):
                    lane[op.results[0]] = self.lane_id(k)
            elif op.defn is not memory.STORE and self.varying.isdisjoint(op.operands):
                clone_op(self.b, op, self.lanes[0])
                for lane in self.lanes[1:]:
                    lane.update((r, self.lanes[0][r]) for r in op.results)
            else:
                made = tuple([clone_op(self.b, op, lane) for lane in self.lanes])
                if op in self.vectors:
                    vector = Together(made, made[0] if op.defn is memory.LOAD else made[-1])
                    self.coarse.together.update(dict.fromkeys(made, vector))

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
