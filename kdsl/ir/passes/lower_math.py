"""Lower elementary functions and random numbers: `math.*` and `random.*` become the arithmetic of `ir/mathlib`.

One idea: the functions are written once against an algebra, so this pass only chooses one and calls it: the short
versions of f32 under math="fast", and for f16 and bf16 those of f32 between two casts. Works at thread and at block
level.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...target import Target
from .. import types as T
from ..builder import Builder, like
from ..core import Function, Op, Region, Value, walk
from ..mathlib import FAST_FUNCTIONS, FUNCTIONS, RANDOM_FUNCTIONS
from ..ops import arith
from .ir_algebra import IRAlgebra, Term

__all__ = ["lower_math"]

_FAMILIES = ("math.", "random.")


def lower_math(f: Function, target: Target | None = None) -> Function:
    """`f` without ops of `math` and `random`; `f` itself when it has none."""
    if not any(op.defn.name.startswith(_FAMILIES) for op in walk(f.body)):
        return f
    out = like(f)
    fuses = target is not None and target.has_fma and f.math != "strict"
    _Lowering(f, out, fuses).run()
    return out


class _Lowering:
    def __init__(self, source: Function, out: Function, fuses: bool) -> None:
        self.source = source
        self.fuses = fuses
        self.b = Builder(out.body, source.span)
        self.map: dict[Value, Value] = dict(zip(source.params, out.params, strict=True))
        # One algebra per shape and open region, so that calls in one region share their constants.
        self.algebras: list[dict[tuple[int, ...], IRAlgebra]] = [{}]

    def run(self) -> None:
        for op in self.source.body.ops:
            self.op(op)

    def op(self, op: Op) -> None:
        if op.defn.name.startswith(_FAMILIES):
            with self.b.at(op.span):
                self.map[op.results[0]] = self.expand(op)
            return
        regions = tuple([self.region(r) for r in op.regions])
        operands = tuple([self.map[v] for v in op.operands])
        new = Op(op.defn, operands, tuple([r.type for r in op.results]), op.attributes, regions, op.span)
        self.b.region.ops.append(new)
        for old, result in zip(op.results, new.results, strict=True):
            result.name = old.name
            self.map[old] = result

    def region(self, region: Region) -> Region:
        new = Region(tuple([a.type for a in region.args]), tuple([a.name for a in region.args]))
        self.map.update(zip(region.args, new.args, strict=True))
        self.algebras.append({})
        with self.b.inside(new):
            for op in region.ops:
                self.op(op)
        self.algebras.pop()
        return new

    def algebra(self, shape: tuple[int, ...]) -> IRAlgebra:
        open_here = self.algebras[-1]
        if shape not in open_here:
            m = open_here[shape] = IRAlgebra(self.b, shape, fuses=self.fuses, ordered=self.source.math == "fast")
            # Constants of the regions around are visible here.
            m.constants = [outer[shape].constants[-1] for outer in self.algebras if shape in outer]
        return open_here[shape]

    def expand(self, op: Op) -> Value:
        shape = T.shape_of(op.results[0].type)
        m = self.algebra(shape)
        operands = [self.map[v] for v in op.operands]
        element = T.element_of(op.operands[0].type)
        is_narrow = element.is_float and element.bits < 32
        if is_narrow:
            operands = [self.b.emit(arith.CAST, v, type=T.with_element(v.type, T.f32)) for v in operands]
        expand = self.function(op.defn.name, "f32" if is_narrow else element.name)
        out: Term = expand(m, *[m.wrap(v) for v in operands])
        if is_narrow:
            return self.b.emit(arith.CAST, out.value, type=op.results[0].type)
        return out.value

    def function(self, name: str, type: str) -> Callable[..., Any]:
        family, short = name.split(".")
        if family == "random":
            return RANDOM_FUNCTIONS[f"random_{short}"]
        if self.source.math == "fast" and type in FAST_FUNCTIONS.get(short, {}):
            return FAST_FUNCTIONS[short][type]
        return FUNCTIONS[short][type]
