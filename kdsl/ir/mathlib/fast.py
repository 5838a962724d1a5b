"""Shorter f32 functions for ``math="fast"``.

One idea: drop what costs operations and matters least: denormal results are flushed to zero, denormal
arguments of logarithms count as zero, sin and cos reduce with a single pass (meant for |x| < 10000) and
polynomials stop near single precision.  Errors on the intended range, in units of the last place:

===========  =========================================================================================
exp2         3 ULP; 0 below 2**-125, infinity above the largest number
exp          relative error 3e-7 + 8e-8 * |x|; range as exp2
log2, log    5 ULP; -inf at 0, NaN below it
log1p        5 ULP; denormals count as themselves
sin, cos     absolute error 2**-22, so the relative one grows near the zeros; the sign of zero is lost
tanh         3 ULP
pow          relative error 3e-7 * (1 + |y * log2(x)|), for x >= 0; NaN for x < 0
===========  =========================================================================================
"""

from __future__ import annotations

from collections.abc import Callable

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.coefficients import FAST_EXP2, FAST_EXP_NEAR_0, FAST_LOG2, FAST_SIN
from kdsl.ir.mathlib.common import F32, INFINITY, LN2, NAN, PI, at_most, clamp, polynomial, split, with_sign_of
from kdsl.ir.mathlib.exp import is_near_0, quarter_expm1
from kdsl.ir.mathlib.log import ROOT_HALF, below, decompose

_LOG2_E = float(1 / LN2)
_LN2 = float(LN2)
_TWICE_EXP2 = (2.0, *(2.0 * c for c in FAST_EXP2["f32"]))
_FAST_LOG = tuple([c * _LN2 for c in FAST_LOG2["f32"]])
_PI_PARTS = split(PI, (11, 24))


def exp2(m: Algebra, x: Value) -> Value:
    """2**x."""
    x = clamp(m, x, -126.0, 128.0)
    n = m.rint(x)
    return _times_power(m, x - n, n)


def _times_power(m: Algebra, r: Value, n: Value) -> Value:
    """2**r * 2**n for -126 <= n <= 128, as (2 * 2**r) * 2**(n-1), where 2**-127 counts as zero."""
    return polynomial(r, _TWICE_EXP2) * m.bitcast((m.convert(n, "i32") + 126) << 23, "f32")


def exp(m: Algebra, x: Value) -> Value:
    """e**x."""
    if is_near_0(m, x):
        return polynomial(x, FAST_EXP_NEAR_0["f32"])
    x = clamp(m, x, -87.5, 89.0)
    n = m.rint(x * _LOG2_E)
    return _times_power(m, x * _LOG2_E - n, n)


def log2(m: Algebra, x: Value) -> Value:
    """log2(x), for x >= 2**-126."""
    k, g = decompose(m, F32, x)
    r = g - 1.0
    result = r * polynomial(r, FAST_LOG2["f32"]) + m.convert(k, "f32")
    result = m.select(x < INFINITY, result, x)
    low = m.limits(x)[0]
    if low < F32.smallest_normal:
        result = m.select(x < F32.smallest_normal, -INFINITY, result)
    return m.select(x < 0.0, NAN, result) if low < 0.0 else result


def log(m: Algebra, x: Value) -> Value:
    """The natural logarithm."""
    return log2(m, x) * _LN2


def log1p(m: Algebra, x: Value) -> Value:
    """log(1 + x), accurate near zero: x is scaled itself, not 1 + x, whose last bits are lost."""
    u = m.exact_add(x, 1.0)
    bits = m.bitcast(u, "i32")
    k = (bits - ROOT_HALF["f32"]) >> F32.fraction_bits
    power = k << F32.fraction_bits
    # x * 2**-k and 2**-k - 1, which is -1 where 2**-k is no number of its own any more.
    scaled = m.bitcast(m.bitcast(x, "i32") - power, "f32")
    inverse = 0x3F800000 - power
    inverse = m.bitcast(m.select(inverse > 0, inverse, 0), "f32")
    r = m.exact_add(scaled, m.exact_sub(inverse, 1.0))
    result = r * polynomial(r, _FAST_LOG) + m.convert(k, "f32") * _LN2
    result = m.select(x < INFINITY, result, x)
    return below(m, x, -1.0, result)


def _sin_of_half_turns(m: Algebra, x: Value, n: Value, odd: Value) -> Value:
    """sin(x - n*pi), negated where the lowest bit of ``odd`` is set."""
    r = (x - n * _PI_PARTS[0]) - n * _PI_PARTS[1]
    value = r * polynomial(r * r, FAST_SIN["f32"])
    return m.bitcast(m.bitcast(value, "i32") ^ (odd << 31), "f32")


def sin(m: Algebra, x: Value) -> Value:
    """The sine of a moderate argument."""
    n = m.rint(x * float(1 / PI))
    return _sin_of_half_turns(m, x, n, m.convert(n, "i32"))


def cos(m: Algebra, x: Value) -> Value:
    """The cosine of a moderate argument, as sin(x + pi/2)."""
    n = m.floor(m.abs(x) * float(1 / PI))
    return _sin_of_half_turns(m, m.abs(x), n + 0.5, m.convert(n, "i32") + 1)


def tanh(m: Algebra, x: Value) -> Value:
    """The hyperbolic tangent, t/(t + 2) with t = e**(2|x|) - 1."""
    t = quarter_expm1(m, F32, at_most(m, m.abs(x), 10.0) * 2.0) * 4.0
    return with_sign_of(m, F32, t / (t + 2.0), x)


def pow(m: Algebra, x: Value, y: Value) -> Value:
    """x**y for x >= 0, as 2**(y*log2(x))."""
    result = exp2(m, y * log2(m, x))
    return m.select(y == 0.0, 1.0, result)


SOURCES: dict[str, tuple[int, Callable[..., Value]]] = {
    "exp": (1, exp),
    "exp2": (1, exp2),
    "log": (1, log),
    "log2": (1, log2),
    "log1p": (1, log1p),
    "sin": (1, sin),
    "cos": (1, cos),
    "tanh": (1, tanh),
    "pow": (2, pow),
}
