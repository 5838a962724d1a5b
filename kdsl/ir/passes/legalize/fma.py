"""A fused multiply-add without the instruction: a*b + c rounded once.

One idea: exact where there is room (f16 in f32, f32 in f64: the sum is rounded to odd, so that the second rounding is the only
one that counts), and by integers where there is none: the product in two words, c beside it in the same scale, then one sum
and one rounding, as S. Boldo and G. Melquiond, "Emulation of FMA and correctly rounded sums" (2008), and the Handbook of
Floating-Point Arithmetic (2nd edition, chapter 9) describe them.
"""

from __future__ import annotations

from typing import Any

from ... import types as T
from ...core import Value
from ...mathlib.common import F32, F64, Format
from ...ops import arith
from ..ir_algebra import Term
from .maker import Maker, narrow_rule, rule

__all__: list[str] = []

Pair = tuple[Term, Term]  # the upper and the lower word of a number of twice the width


@rule(arith.FMA)
def _fma(m: Maker, operands: tuple[Value, ...], t: T.ScalarType, facts: dict[str, Any]) -> Value:
    a, b, c = m.terms(operands)
    if t is T.f32 and m.has("f64"):
        return m.to(_odd(m, *[m.to(x, T.f64) for x in (a, b, c)]), T.f32).value
    return _by_integers(m, F64 if t is T.f64 else F32, a, b, c).value


@narrow_rule(arith.FMA)
def _narrow_fma(m: Maker, operands: tuple[Value, ...], t: T.ScalarType, facts: dict[str, Any]) -> Value:
    return m.to(_odd(m, *[m.to(x, T.f32) for x in m.terms(operands)]), t).value


def _odd(m: Maker, a: Term, b: Term, c: Term) -> Term:
    """a*b + c, of which a*b is exact, rounded to odd: one step toward the true sum where that is between two even numbers."""
    signed = "i64" if a.element is T.f64 else "i32"
    product = m.exact_mul(a, b)
    total = m.exact_add(product, c)
    carried = m.exact_sub(total, product)
    error = m.exact_add(m.exact_sub(product, m.exact_sub(total, carried)), m.exact_sub(c, carried))
    bits = m.bitcast(total, signed)
    up = error > 0.0
    inexact = m.either(up, error < 0.0)  # no NaN: then the sum is no number, and stays as it is
    away = m.binary(arith.EQ, up, total > 0.0, T.bool_)
    moved = bits + m.select(away, m.literal(1, bits.element), m.literal(-1, bits.element))
    return m.bitcast(m.select(m.both(inexact, (bits & 1) == 0), moved, bits), a.type)


# By integers


class _Parts:
    """A finite float as sign (in its place), exponent (biased, i32) and a significand whose highest bit is set; 0 has none."""

    __slots__ = ("exponent", "sign", "significand")

    def __init__(self, m: Maker, f: Format, x: Term) -> None:
        bits = m.bits_of(x)
        p = f.fraction_bits
        self.sign = bits & f.sign_mask
        magnitude = bits & (f.sign_mask - 1)
        exponent = m.to(magnitude >> p, T.i32)
        fraction = magnitude & ((1 << p) - 1)
        shift = m.to(m.unary(arith.CLZ, fraction), T.i32) - (f.bits - 1 - p)
        is_small = exponent == 0
        amount = m.to(m.select(is_small, shift, 0), fraction.element)
        self.significand = m.select(is_small, fraction << amount, fraction | (1 << p))
        self.exponent = m.select(is_small, 1 - shift, exponent)


def _by_integers(m: Maker, f: Format, a: Term, b: Term, c: Term) -> Term:
    infinity = float("inf")
    plain = a * b + c
    finite = m.both(m.abs(a) < infinity, m.abs(b) < infinity)
    nothing = m.either(a == 0.0, b == 0.0)
    exact = _sum(m, f, _Parts(m, f, a), _Parts(m, f, b), _Parts(m, f, c), is_zero=c == 0.0)
    # Where there is no product to be exact about, two operations do; an infinite c stays, also beside an overflow.
    out = m.select(m.either(nothing, ~finite), plain, exact)
    return m.select(m.both(finite, ~(m.abs(c) < infinity)), c, out)


def _sum(m: Maker, f: Format, a: _Parts, b: _Parts, c: _Parts, *, is_zero: Term) -> Term:
    """The product and c with their highest bits at the same place of two words (two below the top, for the carry)."""
    p, n = f.fraction_bits, f.bits
    room, word = 2 * n - 4 - 2 * p, a.significand.element
    product = _shift_up(m, _product(m, a.significand, b.significand), m.literal(room, word))
    zero = m.literal(0, word)
    other = _shift_up(m, (zero, m.select(is_zero, zero, c.significand)), m.literal(2 * n - 3 - p, word))
    # Exponents of the last bit of two words.
    scale = a.exponent + b.exponent - (2 * (f.bias + p) + room)
    scale_c = m.select(is_zero, -(1 << 20), c.exponent - (f.bias + p + 2 * n - 3 - p))
    distance = scale - scale_c
    above = distance > 0
    other = _shift_down(m, other, m.select(above, distance, 0))
    product = _shift_down(m, product, m.select(above, 0, -distance))
    low = m.select(above, scale, scale_c)
    sign = a.sign ^ b.sign
    return _rounded(m, f, *_added(m, product, sign, other, c.sign), low)


def _added(m: Maker, x: Pair, x_sign: Term, y: Pair, y_sign: Term) -> tuple[Pair, Term]:
    """The sum of two numbers with signs, as magnitude and sign."""
    same = x_sign == y_sign
    less = m.either(x[0] < y[0], m.both(x[0] == y[0], x[1] < y[1]))
    large = m.select(less, y[0], x[0]), m.select(less, y[1], x[1])
    small = m.select(less, x[0], y[0]), m.select(less, x[1], y[1])
    low = large[1] + small[1]
    high = large[0] + small[0] + m.to(low < large[1], low.element)
    down = large[1] - small[1]
    borrow = m.to(large[1] < small[1], low.element)
    upper = large[0] - small[0] - borrow
    total = m.select(same, high, upper), m.select(same, low, down)
    sign = m.select(less, y_sign, x_sign)
    # Numbers that cancel give +0.
    return total, m.select((total[0] | total[1]) == 0, 0, sign)


def _rounded(m: Maker, f: Format, x: Pair, sign: Term, scale: Term) -> Term:
    """Two words times 2**scale as the nearest float."""
    p, n = f.fraction_bits, f.bits
    word = sign.element
    high, low = x
    zeros = m.select(high == 0, m.unary(arith.CLZ, low) + n, m.unary(arith.CLZ, high))
    x = _shift_up(m, x, zeros)
    exponent = scale - m.to(zeros, T.i32) + (2 * n - 1 + f.bias)
    is_small = exponent < 1
    high, low = _shift_down(m, x, m.select(is_small, 1 - exponent, 0))
    exponent = m.select(is_small, 1, exponent)
    below = n - 1 - p  # bits of the upper word that do not fit
    kept = high >> below
    rest = (high & ((1 << below) - 1)) | m.to(low != 0, word)  # bits of the lower word only say that there is more
    half = m.literal(1 << (below - 1), word)
    up = m.either(rest > half, m.both(rest == half, (kept & 1) != 0))
    largest = (1 << (n - 1 - p)) - 1  # the exponent of infinity
    limited = m.select(exponent < largest, exponent, largest)
    bits = (m.to(limited - 1, word) << p) + kept + m.to(up, word)
    infinity = m.literal(largest << p, word)
    bits = m.select(m.either(exponent >= largest, bits > infinity), infinity, bits)
    is_zero = (x[0] | x[1]) == 0
    return m.bitcast(m.select(is_zero, 0, bits) | sign, f.name)


def _product(m: Maker, x: Term, y: Term) -> Pair:
    """The product of two words in two words."""
    if x.element is T.u32:
        whole = m.to(x, T.u64) * m.to(y, T.u64)
        return m.to(whole >> 32, T.u32), m.to(whole, T.u32)
    mask = 0xFFFFFFFF
    x1, x0, y1, y0 = x >> 32, x & mask, y >> 32, y & mask
    low, one, two = x0 * y0, x1 * y0, x0 * y1
    middle = (low >> 32) + (one & mask) + (two & mask)
    high = x1 * y1 + (one >> 32) + (two >> 32) + (middle >> 32)
    return high, (middle << 32) | (low & mask)


def _shift_up(m: Maker, x: Pair, amount: Term) -> Pair:
    """Two words shifted left by less than their width; shifts by a word's width or more give 0, as rows say."""
    n = amount.element.bits
    high, low = x
    near = (high << amount) | (low >> (n - amount))
    far = low << (amount - n)
    is_far = amount >= n
    return m.select(is_far, far, near), low << amount


def _shift_down(m: Maker, x: Pair, distance: Term) -> Pair:
    """Two words shifted right by any amount (an i32); what is lost sets the last bit."""
    high, low = x
    n = high.element.bits
    amount = m.to(m.select(distance < 2 * n, distance, 2 * n), high.element)
    is_far = amount >= n
    near_low = (low >> amount) | (high << (n - amount))
    near_lost = low << (n - amount)
    far_low = high >> (amount - n)
    far_lost = (high << (2 * n - amount)) | low
    lost = m.select(is_far, far_lost, near_lost) != 0
    out = m.select(is_far, far_low, near_low) | m.to(lost, high.element)
    return m.select(is_far, 0, high >> amount), out
