"""asinh, acosh and atanh for f32 and f64.

One idea: each is log1p of something that is small where the function is, as in fdlibm's s_asinh.c, e_acosh.c and e_atanh.c; of a
large x it is log(2x), computed as log1p(x) + ln 2, which are the same there.
"""

from __future__ import annotations

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.common import LN2, NAN, Format, with_sign_of
from kdsl.ir.mathlib.log import log1p

# Where x*x + 1 rounds to x*x, and 1 + x to x.
_LARGE = {"f32": 2.0**26, "f64": 2.0**55}
_LN2 = float(LN2)


def asinh(m: Algebra, f: Format, x: Value) -> Value:
    """The inverse hyperbolic sine: log1p(a + a*a / (1 + sqrt(1 + a*a))) with the sign of x."""
    ax = m.abs(x)
    is_large = ax > _LARGE[f.name]
    a = m.select(is_large, 1.0, ax)
    square = a * a
    inside = a + square / (m.sqrt(square + 1.0) + 1.0)
    return with_sign_of(m, f, _log1p_or_large(m, f, inside, ax, is_large), x)


def acosh(m: Algebra, f: Format, x: Value) -> Value:
    """The inverse hyperbolic cosine: log1p(t + sqrt(t * (t + 2))) with t = x - 1; NaN below 1."""
    is_large = x > _LARGE[f.name]
    t = m.select(is_large, 1.0, x) - 1.0
    result = _log1p_or_large(m, f, t + m.sqrt(t * (t + 2.0)), x, is_large)
    return m.select(x < 1.0, NAN, result)


def _log1p_or_large(m: Algebra, f: Format, inside: Value, x: Value, is_large: Value) -> Value:
    """log1p(inside), or log(2x) of a large x."""
    log = log1p(m, f, m.select(is_large, x, inside))
    return m.select(is_large, log + _LN2, log)


def atanh(m: Algebra, f: Format, x: Value) -> Value:
    """The inverse hyperbolic tangent: log1p(2a / (1 - a)) / 2 with the sign of x; infinite at 1, NaN beyond."""
    ax = m.abs(x)
    t = ax + ax
    # Up to 1/2 the quotient is what is added to 2a, whose error then counts less.
    inside = m.select(ax < 0.5, t + (t * ax) / (1.0 - ax), t / (1.0 - ax))
    result = with_sign_of(m, f, log1p(m, f, inside) * 0.5, x)
    return m.select(ax > 1.0, NAN, result)
