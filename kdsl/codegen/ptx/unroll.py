"""Loops several trips at a time, where that puts loads or stores side by side.

One idea: the assembler unrolls by itself, but does not join what it finds then. So a loop is unrolled here only if an access in it
moves on by one element with each trip, and by as many as one instruction takes. What is a counter times a constant plus
something is not computed anew for each trip: it is that of the first plus a constant, which costs an address nothing.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.builder import Builder, clone_op, like
from ...ir.core import Function, Op, Region, Value, all_ops, walk
from ...ir.opdef import Effect
from ...ir.ops import arith, memory, scf
from .alignment import Residues
from .together import is_static, static_strides, widest

__all__ = ["unroll"]

_MOST_OPS = 320  # of a body, all its trips together
_SPILLS = Effect.SYNC | Effect.HOST


def unroll(f: Function) -> Function:
    """`f` with such loops unrolled; `f` itself where there is none."""
    if f.debug:
        return f  # every access has its own check
    factors = {op: factor for op in all_ops(f.body) if op.defn is scf.FOR and (factor := _factor(op)) > 1}
    return _Maker(f, factors).run() if factors else f


def _factor(op: Op) -> int:
    """How many trips of a loop to make one; 1: it stays as it is."""
    step = op.operands[2].constant
    if not step or step < 0:
        return 1
    body = op.regions[0]
    if not any(inner.defn is memory.LOAD or inner.defn is memory.STORE for inner in body.ops):
        return 1
    count = 0
    for inner in walk(body):
        count += 1
        defn = inner.defn
        if defn in (scf.FOR, scf.WHILE, memory.ALLOC) or defn.effect & _SPILLS or defn.convergent:
            return 1
    moves = _Moves(body)
    factor = 1
    for inner in body.ops:
        if inner.defn in (memory.LOAD, memory.STORE):
            gain = _gain(inner, moves, int(step))
            if gain > factor and (is_static(inner.operands[0].type) or _may_be_aligned(inner, op, gain)):
                factor = gain
    trips = scf.known_trips(op)
    while factor > 1 and (factor * count > _MOST_OPS or (trips is not None and factor > trips)):
        factor //= 2
    if trips is None and not _is_plain(op):
        return 1
    return factor


def _is_plain(op: Op) -> bool:
    """Whether its trips can be counted without fear of overflow: from a number on, one by one."""
    lo, _, step = [v.constant for v in op.operands[:3]]
    return step == 1 and lo is not None and 0 <= lo < 1 << 31


def _gain(op: Op, moves: _Moves, step: int) -> int:
    """How many elements of an access one instruction takes, if each trip goes on to the next one."""
    t = op.operands[0].type
    assert isinstance(t, T.ArrayType)
    moved = T.element_of((op.results[0] if op.results else op.operands[-1]).type)
    strides = static_strides(t) if is_static(t) else _strides_of_argument(t)
    total = 0
    for v, stride in zip(op.operands[1 : 1 + t.rank], strides, strict=True):
        by = moves.of(v)
        if by is None or (by and not stride):
            return 1
        total += by * stride * step
    return widest(moved) if total == moved.size_bytes else 1


def _strides_of_argument(t: T.ArrayType) -> tuple[int, ...]:
    """Byte strides of an argument; 0 where it is not known."""
    size = T.size_and_align(t.element)[0]
    return tuple([size if axis == t.unit_axis else 0 for axis in range(t.rank)])


def _may_be_aligned(access: Op, loop: Op, factor: int) -> bool:
    """Whether `factor` trips access what is one instruction, if pointer and strides are multiples of its size (see `twofold`)."""
    t = access.operands[0].type
    assert isinstance(t, T.ArrayType)
    moved = T.element_of((access.results[0] if access.results else access.operands[-1]).type)
    residues = Residues()
    residues.learn(loop.regions[0].args[0], loop.operands[0], int(loop.operands[2].constant) * factor)
    known = [(v, stride) for v, stride in zip(access.operands[1 : 1 + t.rank], _strides_of_argument(t), strict=True) if stride]
    m, r = residues.of_sum(known, access.attributes["offset"])
    size = factor * moved.size_bytes
    return m >= size and r % size == 0


class _Moves:
    """By how much values of a body grow when its counter grows by 1, modulo two to their bits; None: not always the same."""

    def __init__(self, body: Region) -> None:
        self.known: dict[Value, int | None] = dict.fromkeys(body.args[1:])
        self.known[body.args[0]] = 1
        self.inside = frozenset(body.ops)

    def of(self, v: Value) -> int | None:
        if v in self.known:
            return self.known[v]
        op = v.op
        found = self.known[v] = 0 if op is None or op not in self.inside else self._of(op)
        return found

    def _of(self, op: Op) -> int | None:
        t = op.results[0].type
        if op.regions or not op.defn.mergeable:
            return None
        if all(self.of(v) == 0 for v in op.operands):
            return 0
        if not isinstance(t, T.ScalarType) or not t.is_integer:
            return None
        if op.defn is arith.CAST:
            source = op.operands[0].type
            wraps = isinstance(source, T.ScalarType) and source.is_integer and t.bits <= source.bits
            return self.of(op.operands[0]) if wraps else None
        if op.defn not in (arith.ADD, arith.SUB, arith.MUL):
            return None
        a, b = [self.of(v) for v in op.operands]
        if a is None or b is None:
            return None
        if op.defn is arith.ADD:
            return a + b
        if op.defn is arith.SUB:
            return a - b
        x, y = [v.constant for v in op.operands]
        if y is not None:
            return a * int(y)
        if x is not None:
            return b * int(x)
        return None


class _Maker:
    """Builds the new function."""

    def __init__(self, f: Function, factors: dict[Op, int]) -> None:
        self.f = f
        self.factors = factors
        self.out = like(f)
        self.b = Builder(self.out.body, f.span)

    def run(self) -> Function:
        mapping: dict[Value, Value] = dict(zip(self.f.params, self.out.params, strict=True))
        self.ops(self.f.body, mapping)
        return self.out

    def ops(self, region: Region, mapping: dict[Value, Value]) -> None:
        for op in region.ops:
            if op in self.factors:
                self.loop(op, self.factors[op], mapping)
            elif op.regions:
                regions = tuple([self.region(inner, mapping) for inner in op.regions])
                new = self.b.emit_op(op.defn, [mapping[v] for v in op.operands], [v.type for v in op.results], op.attributes,
                                     regions, op.span)  # fmt: skip
                mapping.update(zip(op.results, new.results, strict=True))
            else:
                clone_op(self.b, op, mapping)

    def region(self, region: Region, mapping: dict[Value, Value]) -> Region:
        new = Region(tuple([v.type for v in region.args]), tuple([v.name for v in region.args]))
        mapping.update(zip(region.args, new.args, strict=True))
        with self.b.inside(new):
            self.ops(region, mapping)
        return new

    def loop(self, op: Op, factor: int, mapping: dict[Value, Value]) -> None:
        b, step = self.b, int(op.operands[2].constant)
        with b.at(op.span):
            lo, hi, one = [mapping[v] for v in op.operands[:3]]
            trips, left = scf.known_trips(op), 1
            if trips is not None:
                left = trips % factor
                middle = b.constant(int(op.operands[0].constant) + (trips - left) * step, T.index) if left else hi
            else:
                count = b.emit(arith.SUB, b.emit(arith.MAXIMUM, hi, lo), lo)
                middle = b.emit(arith.ADD, lo, b.emit(arith.AND, count, b.constant(-factor, T.index)))
            carried = [mapping[v] for v in op.operands[3:]]
            main = b.for_(lo, middle, b.constant(factor * step, T.index), carried, self.trips(op, factor, step, mapping))
            if left:
                main = b.for_(middle, hi, one, main.results, self.region(op.regions[0], mapping))
        mapping.update(zip(op.results, main.results, strict=True))

    def trips(self, op: Op, factor: int, step: int, outer: dict[Value, Value]) -> Region:
        body = op.regions[0]
        new = Region(tuple([v.type for v in body.args]), tuple([v.name for v in body.args]))
        moves = _Moves(body)
        mapping = dict(outer)
        mapping.update(zip(body.args, new.args, strict=True))
        first: dict[Value, Value] = {}
        with self.b.inside(new):
            for k in range(factor):
                if k:
                    mapping[body.args[0]] = self.ahead(new.args[0], k * step)
                for inner in body.ops[:-1]:
                    by = moves.of(inner.results[0]) if k and inner.results else None
                    if by is None:
                        clone_op(self.b, inner, mapping)
                        continue
                    v = first[inner.results[0]]
                    mapping[inner.results[0]] = self.ahead(v, by * k * step) if by else v
                if k == 0:
                    first = dict(mapping)
                mapping.update(zip(body.args[1:], [mapping[v] for v in body.yielded], strict=True))
            self.b.yield_(*[mapping[v] for v in body.args[1:]])
        return new

    def ahead(self, v: Value, by: int) -> Value:
        t = v.type
        assert isinstance(t, T.ScalarType)
        if t.is_signed:
            by = (by + (1 << (t.bits - 1))) % (1 << t.bits) - (1 << (t.bits - 1))
        else:
            by %= 1 << t.bits
        return self.b.emit(arith.ADD, v, self.b.constant(by, t))
