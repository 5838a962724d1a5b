"""Casts between types of values.

One idea: a float outside of an integer's range never reaches the instruction: 0 is converted in its place, and the end of the
range put in after. Ways that no target need have (bool, f16 to f64) go through a type in between, as the row says they mean.
"""

from __future__ import annotations

from typing import Any

from ... import types as T
from ...core import Value
from ...ops import arith, machine
from ..ir_algebra import Term
from .maker import Maker, rule

__all__: list[str] = []


@rule(arith.CAST, always=True)
def _cast(m: Maker, operands: tuple[Value, ...], t: T.ScalarType, facts: dict[str, Any]) -> Value:
    (x,) = m.terms(operands)
    source = x.element
    if source is t:
        return operands[0]
    if t.is_bool:
        return (x != (0.0 if source.is_float else 0)).value
    if source.is_bool:
        ones = m.literal(1, t), m.literal(0, t)
        return m.select(x, *ones).value
    if source.is_float and t.is_integer:
        return _to_integer(m, x, t, inside=bool(facts.get("inside"))).value
    between = _between(source, t)
    if between is not None:
        return m.to(m.to(x, between), t).value
    return m.raw(arith.CAST, operands, t)


def _between(source: T.ScalarType, t: T.ScalarType) -> T.ScalarType | None:
    """The type that a cast goes through: f16 is made of f32 from everywhere, and of narrow integers comes a wide one first."""
    if source.is_integer and t.is_float and source.bits < 32:
        return T.i32 if source.is_signed else T.u32
    if t is T.f16 and source is not T.f32:
        return T.f32
    return T.f32 if source is T.f16 and t is not T.f32 else None


def _to_integer(m: Maker, x: Term, t: T.ScalarType, *, inside: bool) -> Term:
    """Toward zero; saturated; NaN gives 0. inside: anything will do for what is not in range."""
    if x.element is T.f16:
        x = m.to(x, T.f32)
    if m.spelled(f"arith.cast:{t}", x.element):
        return Term(m, t, m.raw(arith.CAST, (x.value,), t))
    if t.bits < 32:
        wide = _narrow(m, x, t)
        return m.to(wide, t)
    if inside:
        return m.unary(machine.CONVERT, x, t)
    low, high = T.limits(t)
    above = x >= float(high + 1)  # a power of two, so a float, which the greatest number itself need not be
    below = x < float(low)
    not_below = x >= float(low)  # NaN is neither
    safe = m.select(m.both(not_below, x < float(high + 1)), x, 0.0)
    whole = m.select(above, high, m.unary(machine.CONVERT, safe, t))
    return m.select(below, low, whole) if t.is_signed else whole


def _narrow(m: Maker, x: Term, t: T.ScalarType) -> Term:
    """Both ends of the range are floats: into the range first."""
    low, high = T.limits(t)
    x = m.select(x > float(low), x, m.select(x == x, m.literal(float(low), x.element), 0.0))
    return m.unary(machine.CONVERT, m.select(x < float(high), x, float(high)), T.i32)
