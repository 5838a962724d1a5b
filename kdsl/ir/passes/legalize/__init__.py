"""Legalize: every op that a GPU target does not spell becomes ops that it does.

One idea: the backend's own rows decide. This pass asks whether an op is spelled on a type and, where it is not, applies
the op's rule; afterwards a backend needs no cleverness, only rows. In reading order: `maker` (asking and applying),
`integers` `floats` `fma` `casts` (rules by family), `formats` (narrow floats as bits), `memory` (what is loaded, stored and
given), `atomics`, `subgroup`, `diagnostics` (checks and prints as writes to a buffer), `needs` (what is refused because the
target has no way to do it: a pass of its own).

Values afterwards: bool, integers, f16 (where it can be loaded), f32, f64. bf16 and the 8-bit floats are numbers in f32, rounded
after each op; they are loaded and stored as bits. Narrow integers are only moved, compared for equality and cast.
"""

from __future__ import annotations

from ....target import Target
from ... import types as T
from ...analysis.ranges import Ranges
from ...builder import Builder
from ...core import Function, Op, Region, Value
from ...ops import arith, scf
from ..lower_math import function_for
from . import atomics, casts, diagnostics, floats, fma, ids, integers, memory, subgroup
from .dead import without_dead
from .formats import round_to
from .maker import EXACT_ROWS, SPECIAL, Maker, Spells
from .wide import wide_updates

__all__ = ["Legalizer", "Spells", "legalize", "nothing_more"]

_FAMILIES = (atomics, casts, diagnostics, floats, fma, ids, integers, memory, subgroup)  # importing them fills the tables of rules


def nothing_more(name: str, t: T.ScalarType) -> bool:
    """The answer of a target that spells only what every target must."""
    return False


def legalize(f: Function, target: Target, spells: Spells = nothing_more) -> Function:
    """`f` in ops that are spelled, for blocks of the shape in attribute "block"; K5 for what the target cannot do at all."""
    return Legalizer(f, target, spells).run()


class Legalizer:
    """Builds the new function. map: old values to new ones, of the type that carries theirs."""

    def __init__(self, source: Function, target: Target, spells: Spells) -> None:
        self.source = source
        self.target = target
        self.block: tuple[int, int, int] | None = source.attributes.get("block")
        self.ranges = Ranges(self.block)
        self.carriers = memory.carriers(target)
        self.m = Maker(Builder(Region(), source.span), target, spells, self.ranges, self.carriers, source.math)
        self.out = memory.with_parameters(source, self.m)
        self.m.b.region = self.out.body
        self.map: dict[Value, Value] = {}
        self.meeting = diagnostics.meeting_loops(source)
        self.wide, _ = wide_updates(source, target)

    @property
    def buffer(self) -> Value:
        """The diagnostic buffer, which functions with sites have."""
        return self.out.params[-1]

    def run(self) -> Function:
        for old, new in zip(self.source.params, self.out.params):
            self.map[old] = memory.given(self.m, old, new)
        for op in self.source.body.ops:
            self.op(op)
        self.out.attributes["legal"] = True
        return without_dead(self.out)

    def carrier(self, t: T.Type) -> T.Type:
        """The type of the new value that stands for one of type `t`."""
        return self.carriers.get(t, t) if isinstance(t, T.ScalarType) else t

    def op(self, op: Op) -> None:
        self.m.b.span = op.span
        special = SPECIAL.get(op.defn)
        if special is not None:
            special(self, op)
        elif op.defn.function:
            self.define(op, self.call(op))
        elif op.defn.elementwise:
            self.define(op, self.elementwise(op))
        elif op.results and op.defn.mergeable and not op.regions:
            operands = tuple([self.map[v] for v in op.operands])
            self.define(op, self.m.raw(op.defn, operands, op.results[0].type, op.attributes))
        else:
            self.copy(op)

    def define(self, op: Op, v: Value) -> None:
        old = op.results[0]
        self.map[old] = v
        if old.name and not v.name:
            v.name = old.name

    def elementwise(self, op: Op) -> Value:
        mapping = self.map
        operands = tuple([mapping[v] for v in op.operands])
        old = op.results[0].type
        assert isinstance(old, T.ScalarType)
        t = self.carriers.get(old, old)
        if op.defn is arith.CONSTANT:
            return self.m.literal(op.attributes["value"], t).value
        v = self.m.append(op.defn, operands, t, op.attributes)
        if t is old or op.defn in EXACT_ROWS:
            return v
        return round_to(self.m, self.m.wrap(v), old).value

    def call(self, op: Op) -> Value:
        """An elementary function or a random number, in arithmetic (under math="fast" the target may have one that is near
        enough): of narrow types by way of f32."""
        m = self.m
        operands = [self.map[v] for v in op.operands]
        old = op.results[0].type
        assert isinstance(old, T.ScalarType)
        if operands[0].type is T.f16:
            operands = [m.cast(v, T.f32) for v in operands]
        of = T.element_of(operands[0].type)
        math = self.source.math
        if math != "strict" and m.spelled(f"{op.defn.name}:{math}", of):
            out = m.wrap(m.raw(op.defn, tuple(operands), of))
        else:
            out = function_for(op.defn.name, of.name, math)(m, *m.terms(tuple(operands)))
        if old in self.carriers:
            return round_to(m, out, old).value
        return m.cast(out.value, old)

    def copy(self, op: Op) -> Op:
        """The op as it is, on the new values."""
        regions = tuple([self.region(r) for r in op.regions])
        operands = [self.map[v] for v in op.operands]
        new = self.m.b.emit_op(op.defn, operands, [self.carrier(r.type) for r in op.results], op.attributes, regions, op.span)
        for old, result in zip(op.results, new.results, strict=True):
            result.name = old.name
            self.map[old] = result
        return new

    def region(self, region: Region) -> Region:
        return self.fill(region, self.empty(region))

    def empty(self, region: Region) -> Region:
        """A region that takes what `region` does."""
        new = Region(tuple([self.carrier(a.type) for a in region.args]), tuple([a.name for a in region.args]))
        self.map.update(zip(region.args, new.args, strict=True))
        return new

    def fill(self, region: Region, new: Region) -> Region:
        with self.m.inside(new):
            for op in region.ops:
                self.op(op)
        return new

    def loop(self, op: Op) -> None:
        """A counted loop, whose counter has bounds."""
        new = self.empty(op.regions[0])
        operands = [self.map[v] for v in op.operands]
        self.ranges.loops[new.args[0]] = (operands[0], operands[1], operands[2])
        self.fill(op.regions[0], new)
        self.m.b.span = op.span
        made = self.m.b.for_(operands[0], operands[1], operands[2], operands[3:], new)
        for old, result in zip(op.results, made.results, strict=True):
            result.name = old.name
            self.map[old] = result

    def repeat(self, op: Op) -> None:
        """A `while`: what it counts up below a bound has bounds in its body."""
        cond, body = op.regions
        operands = [self.map[v] for v in op.operands]
        first = self.region(cond)
        new = self.empty(body)
        for k, (bound, step) in scf.counters(op).items():
            self.ranges.loops[new.args[k]] = (operands[k], self.map[bound], step)
        self.fill(body, new)
        self.m.b.span = op.span
        made = self.m.b.while_(operands, first, new)
        for old, result in zip(op.results, made.results, strict=True):
            result.name = old.name
            self.map[old] = result


SPECIAL[scf.FOR] = Legalizer.loop
SPECIAL[scf.WHILE] = Legalizer.repeat
