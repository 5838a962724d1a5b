"""What a target has as a function of its own, in the ops that it spells.

One idea: the expansion that other targets have at every call is the body, made by the same maker, so no bit of a result changes.
"""

from __future__ import annotations

from ....target import Target
from ... import types as T
from ...builder import Builder
from ...core import Function
from ...mathlib import HUGE
from . import memory
from .dead import without_dead
from .maker import Maker, Spells
from .ranges import Ranges

__all__ = ["payne_hanek"]


def payne_hanek(t: T.ScalarType, target: Target, spells: Spells, math: str) -> Function:
    """The body of `machine.payne_hanek` on f32 or f64: a legal function of x that yields (quadrant, rest, tail). Its name tells it
    from those of other types and other `math`."""
    suffix = "" if math == "default" else f"_{math}"
    f = Function(f"payne_hanek_{t}{suffix}", (("x", t),), attributes={"math": math, "legal": True})
    m = Maker(Builder(f.body), target, spells, Ranges(None), memory.carriers(target), math)
    results = HUGE[t.name](m, m.wrap(f.params[0]))
    m.b.yield_(*[x.value for x in results])
    return without_dead(f)
