"""Integers: division that rounds down, shifts by any amount, counts of bits, signs and tables, by partial instructions.

One idea: an operand that an instruction must not get is replaced before, and the result patched after; where ranges say that
it cannot come, neither is made. That is nearly everywhere in index arithmetic.
"""

from __future__ import annotations

from typing import Any

from ... import types as T
from ...core import Value
from ...opdef import OpDef
from ...ops import arith, machine
from ..ir_algebra import Term
from .maker import Maker, narrow_rule, rule

__all__: list[str] = []

Operands = tuple[Value, ...]
Facts = dict[str, Any]


def _quot(m: Maker, a: Term, b: Term) -> Term:
    return m.binary(machine.QUOT, a, b)


def _rem(m: Maker, a: Term, b: Term) -> Term:
    return m.binary(machine.REM, a, b)


def _divisor(m: Maker, a: Value, b: Value) -> tuple[Term, bool, bool]:
    """A divisor that is safe, whether it may have been 0, and whether it may have been -1 (with a dividend below 0)."""
    (y,) = m.terms((b,))
    low, high = m.ranges.of(b)
    t = T.element_of(b.type)
    zero = low <= 0 <= high
    minus = t.is_signed and low <= -1 <= high and m.ranges.of(a)[0] == -(1 << (t.bits - 1))
    bad = y == 0 if zero else None
    if minus:
        one = y == -1
        bad = one if bad is None else m.either(bad, one)
    return (y if bad is None else m.select(bad, 1, y)), zero, minus


def _rounds_down(m: Maker, a: Value, b: Value, rest: Term) -> Term | None:
    """Where the quotient toward zero is one too large: the rest is not 0, and its sign not the divisor's. None: nowhere."""
    a_low, a_high = m.ranges.of(a)
    b_low, b_high = m.ranges.of(b)
    if not T.element_of(a.type).is_signed or (a_low >= 0 and b_low >= 0) or (a_high <= 0 and b_high <= 0):
        return None
    if b_low >= 0:
        return rest < 0
    if b_high <= 0:
        return rest > 0
    (y,) = m.terms((b,))
    return m.both(rest != 0, (rest ^ y) < 0)


@rule(arith.FLOORDIV)
def _floordiv(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    a, b = operands
    x, y = m.terms(operands)
    if b.constant == 0:
        return m.literal(0, t).value
    if b.constant == -1:
        return (-x).value
    safe, zero, minus = _divisor(m, a, b)
    quotient = _quot(m, x, safe)
    if (adjust := _rounds_down(m, a, b, x - quotient * safe)) is not None:
        quotient = m.select(adjust, quotient - 1, quotient)
    if minus:  # it was divided by 1
        quotient = m.select(y == -1, -x, quotient)
    return (m.select(y == 0, 0, quotient) if zero else quotient).value


@rule(arith.MOD)
def _mod(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    a, b = operands
    x, y = m.terms(operands)
    if b.constant in (0, -1):
        return m.literal(0, t).value
    rest = _rem(m, x, _divisor(m, a, b)[0])  # by 0 and by -1 it is that by 1: 0
    adjust = _rounds_down(m, a, b, rest)
    return (rest if adjust is None else m.select(adjust, rest + y, rest)).value


@rule(arith.SHL)
def _shl(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    return _shift(m, machine.SHL, operands, t)


@rule(arith.SHR)
def _shr(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    return _shift(m, machine.SHR, operands, t)


def _shift(m: Maker, defn: OpDef, operands: Operands, t: T.ScalarType) -> Value:
    x, amount = m.terms(operands)
    low, high = m.ranges.of(operands[1])
    if low >= 0 and high < t.bits:
        return m.binary(defn, x, amount).value
    keeps_sign = defn is machine.SHR and t.is_signed
    if high < 0 or low >= t.bits:
        return m.binary(defn, x, m.literal(t.bits - 1, t)).value if keeps_sign else m.literal(0, t).value
    inside = m.unsigned(amount) < t.bits
    safe = m.select(inside, amount, t.bits - 1)
    shifted = m.binary(defn, x, safe)
    return (shifted if keeps_sign else m.select(inside, shifted, 0)).value


# Bits


@rule(arith.POPCOUNT)
def _popcount(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    (x,) = m.terms(operands)
    return m.to(_population(m, m.unsigned(x)), t).value


def _population(m: Maker, x: Term) -> Term:
    """Of an unsigned number: sums of neighbouring bits, pairs, nibbles, then of all bytes by one product."""
    if x.element.bits == 64 and m.spelled("arith.popcount", T.u32):
        low, high = _halves(m, x)
        return m.to(m.unary(arith.POPCOUNT, low) + m.unary(arith.POPCOUNT, high), T.u64)
    ones = (1 << x.element.bits) - 1
    x = x - ((x >> 1) & (ones // 3))
    x = (x & (ones // 5)) + ((x >> 2) & (ones // 5))
    x = (x + (x >> 4)) & (ones // 17)
    return (x * (ones // 255)) >> (x.element.bits - 8)


def _halves(m: Maker, x: Term) -> tuple[Term, Term]:
    """The lower and the upper half of a u64."""
    return m.to(x, T.u32), m.to(x >> 32, T.u32)


@rule(arith.CLZ)
def _clz(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    (x,) = m.terms(operands)
    return m.to(_leading(m, m.unsigned(x)), t).value


def _leading(m: Maker, x: Term) -> Term:
    """Zeros above the highest bit: what is left of the width once all bits below it are set."""
    if x.element.bits == 64 and m.spelled("arith.clz", T.u32):
        low, high = _halves(m, x)
        inner = m.select(high == 0, m.unary(arith.CLZ, low) + 32, m.unary(arith.CLZ, high))
        return m.to(inner, T.u64)
    distance = 1
    while distance < x.element.bits:
        x = x | (x >> distance)
        distance *= 2
    return m.unary(arith.POPCOUNT, ~x)


@rule(arith.CTZ)
def _ctz(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    (x,) = m.terms(operands)
    u = m.unsigned(x)
    return m.to(m.unary(arith.POPCOUNT, ~u & (u - 1)), t).value


def _zero_extended(m: Maker, v: Value) -> Term:
    """A narrow integer's bits as a u32."""
    (x,) = m.terms((v,))
    return m.to(m.unsigned(x), T.u32)


@narrow_rule(arith.POPCOUNT)
def _narrow_popcount(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    return m.to(m.unary(arith.POPCOUNT, _zero_extended(m, operands[0])), t).value


@narrow_rule(arith.CLZ)
def _narrow_clz(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    return m.to(m.unary(arith.CLZ, _zero_extended(m, operands[0])) - (32 - t.bits), t).value


@narrow_rule(arith.CTZ)
def _narrow_ctz(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    return m.to(m.unary(arith.CTZ, _zero_extended(m, operands[0]) | (1 << t.bits)), t).value


def _shift_in_32(defn: OpDef) -> None:
    """In 32 bits a shift by the narrow width or more leaves what it should: the amount counts as unsigned."""

    def shift(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
        wide = T.i32 if t.is_signed else T.u32
        (x,) = m.terms(operands[:1])
        amount = m.to(_zero_extended(m, operands[1]), wide)
        return m.to(m.binary(defn, m.to(x, wide), amount), t).value

    narrow_rule(defn)(shift)


_shift_in_32(arith.SHL)
_shift_in_32(arith.SHR)


# Signs, least and greatest


@rule(arith.SIGN)
def _sign(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    (x,) = m.terms(operands)
    if t.is_float:
        return m.select(x > 0.0, 1.0, m.select(x < 0.0, -1.0, x)).value
    return m.select(x > 0, 1, m.select(x < 0, m.literal(-1, t), m.literal(0, t))).value


@rule(arith.ABS)
def _abs(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    (x,) = m.terms(operands)
    if t.is_float:
        bits = m.bits_of(x)
        return m.bitcast(bits & ((1 << (t.bits - 1)) - 1), t.name).value
    return m.select(x < 0, -x, x).value if t.is_signed else operands[0]


# Tables


@rule(arith.LOOKUP, always=True)
def _lookup(m: Maker, operands: Operands, t: T.ScalarType, facts: Facts) -> Value:
    """With an index of i32 inside the table; of a narrow type, the table of the type in which one computes."""
    (i,) = m.terms(operands)
    last = len(facts["table"]) - 1
    low, high = m.ranges.of(operands[0])
    if low < 0:
        i = m.binary(arith.MAXIMUM, i, 0)
    if high > last:
        i = m.binary(arith.MINIMUM, i, last)
    at = m.to(i, T.i32).value
    held = T.u32 if t.is_bool else T.i32 if t.is_integer and t.bits < 32 else T.f32 if t.is_float and t.bits < 32 else t
    table = tuple([float(x) if held.is_float else int(x) for x in facts["table"]])
    found = m.raw(arith.LOOKUP, (at,), held, {"table": table})
    return m.cast(found, t)
