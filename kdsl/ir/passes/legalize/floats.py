"""Floats: least and greatest with their rules for NaN and zeros, tests, reciprocal roots.

One idea: comparisons are false on NaN, so which operand stands last decides what a NaN gives.
"""

from __future__ import annotations

from math import copysign
from typing import Any

from ... import types as T
from ...core import Value
from ...opdef import OpDef
from ...ops import arith
from ..ir_algebra import Term
from .maker import Maker, Rule, rule

__all__ = ["extreme"]

Operands = tuple[Value, ...]
Facts = dict[str, Any]
_COMPARE = {arith.MINIMUM: arith.LT, arith.MAXIMUM: arith.GT, arith.FMIN: arith.LT, arith.FMAX: arith.GT}


# The least and the greatest of x and a number: comparisons with the number, without and with equality.
_BEYOND = {arith.MINIMUM: (arith.GT, arith.GE), arith.MAXIMUM: (arith.LT, arith.LE)}  # the number is chosen; x where it is NaN
_WITHIN = {arith.FMIN: (arith.LT, arith.LE), arith.FMAX: (arith.GT, arith.GE)}  # x is chosen; the number where x is NaN


def _of_number(m: Maker, defn: OpDef, operands: Operands) -> Value | None:
    """The lesser or greater of a variable and a number: one comparison. Where both are zeros, the number decides: if it is the
    one that comes out among any zeros it is chosen, and otherwise x, which has its sign or the other."""
    x, c = m.terms(operands if operands[1].constant is not None else operands[::-1])
    number = c.value.constant
    if number is None or number != number:
        return None
    wins = (copysign(1.0, number) < 0) == (_COMPARE[defn] is arith.LT)
    if defn in _BEYOND:
        return m.select(m.binary(_BEYOND[defn][wins], x, c, T.bool_), c, x).value
    return m.select(m.binary(_WITHIN[defn][not wins], x, c, T.bool_), x, c).value


def extreme(m: Maker, defn: OpDef, a: Term, b: Term) -> Term:
    """The lesser or greater of two variables; of zeros, the one with (without) a sign. Where one is NaN, comparisons choose b."""
    is_first = m.binary(_COMPARE[defn], a, b, T.bool_)
    picked = m.select(is_first, a, b)
    joined = arith.OR if _COMPARE[defn] is arith.LT else arith.AND
    same = m.bitcast(m.binary(joined, m.bits_of(a), m.bits_of(b)), a.type)
    chosen = m.select(a == b, same, picked)
    return m.select(a != a, a, chosen) if defn in _BEYOND else m.select(b != b, a, chosen)


def _extreme(defn: OpDef) -> Rule:
    def apply(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
        a, b = m.terms(operands)
        if not t.is_float:
            return m.select(m.binary(_COMPARE[defn], a, b, T.bool_), a, b).value
        found = _of_number(m, defn, operands)
        if found is None and m.spelled(f"{defn.name}:function", t):
            return m.raw(defn, operands, t)
        return found or extreme(m, defn, a, b).value

    return apply


for _defn in _COMPARE:
    rule(_defn)(_extreme(_defn))


@rule(arith.ISNAN)
def _isnan(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    (x,) = m.terms(operands)
    return (x != x).value


@rule(arith.ISINF)
def _isinf(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    (x,) = m.terms(operands)
    return (m.abs(x) == float("inf")).value


@rule(arith.RSQRT)
def _rsqrt(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    (x,) = m.terms(operands)
    return (m.literal(1.0, t) / m.sqrt(x)).value
