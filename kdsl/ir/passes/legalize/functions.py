"""What a target has as functions of its own, in the ops that it spells.

One idea: the expansion that other targets have at every call is the body, made by the same maker, so no bit of a result changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from ....target import Target
from ... import types as T
from ...analysis.ranges import Ranges
from ...builder import Builder
from ...core import Function
from ...mathlib import HUGE
from ...opdef import OpDef
from ...ops import machine
from ..ir_algebra import Term
from . import memory
from .dead import without_dead
from .floats import extreme
from .maker import Maker, Spells

__all__ = ["body_of", "name_of"]


def name_of(defn: OpDef, t: T.ScalarType, math: str) -> str:
    """A function's name, which tells it from those of other ops, types and `math`."""
    name = f"{defn.name.partition('.')[2]}_{t}"
    return name if math == "default" else f"{name}_{math}"


def body_of(defn: OpDef, t: T.ScalarType, target: Target, spells: Spells, math: str) -> Function:
    """The body of `machine.payne_hanek`, or of `arith.minimum maximum fmin fmax`, on f32 or f64: a legal function of the op's
    operands that yields its results."""
    params = tuple([(x.name, t) for x in defn.operands])
    f = Function(name_of(defn, t, math), params, attributes={"math": math, "legal": True})
    m = Maker(Builder(f.body), target, spells, Ranges(None), memory.carriers(target), math)
    m.b.yield_(*[x.value for x in _results(m, defn, m.terms(f.params))])
    return without_dead(f)


def _results(m: Maker, defn: OpDef, operands: tuple[Term, ...]) -> Sequence[Term]:
    if defn is machine.PAYNE_HANEK:
        return HUGE[operands[0].type](m, *operands)
    return [extreme(m, defn, *operands)]
