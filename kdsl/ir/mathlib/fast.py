"""Shorter f32 functions for ``math="fast"``.

One idea: drop what costs operations and matters least: denormal results are flushed to zero, denormal
arguments of logarithms count as zero, sin and cos reduce with a single pass (meant for |x| < 10000) and
polynomials stop near single precision.  Errors on the intended range, in units of the last place:

===========  =========================================================================================
exp2, exp    about 4 ULP; 0 below 2**-126, infinity above the largest number
log2, log    absolute error 2**-22 around 1, otherwise about 4 ULP; -inf at 0, NaN below it
sin, cos     absolute error 2**-22 + |x| * 2**-24
tanh         about 1e-6 relative for |x| > 0.3, absolute 2e-7 below (x itself for |x| < 0.001)
pow          relative error about 2**-22 * (1 + |y * log2(x)|), for x >= 0; NaN for x < 0
===========  =========================================================================================
"""

from __future__ import annotations

from collections.abc import Callable

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.coefficients import FAST_EXP2, FAST_LOG2, FAST_SIN
from kdsl.ir.mathlib.common import F32, INFINITY, LN2, NAN, PI, at_most, clamp, polynomial, split, with_sign_of
from kdsl.ir.mathlib.log import decompose

_LOG2_E = float(1 / LN2)
_LN2 = float(LN2)
_PI_PARTS = split(PI, (11, 24))


def exp2(m: Algebra, x: Value) -> Value:
    """2**x."""
    n = m.rint(clamp(m, x, -127.0, 128.0))
    # An exponent field of 0 flushes to zero, one of 255 overflows to infinity.
    p = polynomial(x - n, FAST_EXP2["f32"])
    return _times_power(m, p, n)


def _times_power(m: Algebra, p: Value, n: Value) -> Value:
    """p * 2**n for -127 <= n <= 128, where 2**-127 counts as zero and 2**128 as infinity."""
    return p * m.bitcast((m.convert(n, "i32") + 127) << 23, "f32")


def exp(m: Algebra, x: Value) -> Value:
    """e**x."""
    x = clamp(m, x, -88.5, 89.0)
    n = m.rint(x * _LOG2_E)
    r = x * _LOG2_E - n
    return _times_power(m, polynomial(r, FAST_EXP2["f32"]), n)


def log2(m: Algebra, x: Value) -> Value:
    """log2(x), for x >= 2**-126."""
    k, g = decompose(m, F32, x)
    r = g - 1.0
    result = r * polynomial(r, FAST_LOG2["f32"]) + m.convert(k, "f32")
    result = m.select(x < INFINITY, result, x)
    result = m.select(x < F32.smallest_normal, -INFINITY, result)
    return m.select(x < 0.0, NAN, result)


def log(m: Algebra, x: Value) -> Value:
    """The natural logarithm."""
    return log2(m, x) * _LN2


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
    """The hyperbolic tangent, 1 - 2/(e**(2|x|) + 1)."""
    ax = m.abs(x)
    result = 1.0 - 2.0 / (exp(m, at_most(m, ax, 10.0) * 2.0) + 1.0)
    return with_sign_of(m, F32, m.select(ax < 0.001, ax, result), x)


def pow(m: Algebra, x: Value, y: Value) -> Value:
    """x**y for x >= 0, as 2**(y*log2(x))."""
    result = exp2(m, y * log2(m, x))
    return m.select(y == 0.0, 1.0, result)


SOURCES: dict[str, tuple[int, Callable[..., Value]]] = {
    "exp": (1, exp),
    "exp2": (1, exp2),
    "log": (1, log),
    "log2": (1, log2),
    "sin": (1, sin),
    "cos": (1, cos),
    "tanh": (1, tanh),
    "pow": (2, pow),
}
