"""exp, exp2 and expm1 for f32 and f64.

One idea: ``exp(x) = 2**n * exp(r)`` with ``n = rint(x / ln 2)`` and ``|r| <= ln(2)/2``; ``n * ln2_high`` is
exact (the constant has few bits), so r is accurate with or without a fused multiply-add, and exp(r) is a
minimax polynomial.  Everything is straight-line code: the argument is clamped to where the result is
already 0 or infinity, and the scaling by 2**n rounds once even for denormal results.
"""

from __future__ import annotations

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.coefficients import EXP, EXP2, EXP_NEAR_0
from kdsl.ir.mathlib.common import F32, LN2, Format, clamp, polynomial, power_of_two, scale, split

# ln 2 as a sum whose first part can be multiplied exactly by any |n| < 2**9 (f32) or 2**12 (f64).
LN2_PARTS = {"f32": split(LN2, (15, 24)), "f64": split(LN2, (41, 53))}

# Below the first bound exp is 0 (less than half the least denormal), above the second one it is infinite.
EXP_RANGE = {"f32": (-104.5, 89.0), "f64": (-746.0, 710.0)}
EXP2_RANGE = {"f32": (-151.0, 128.0), "f64": (-1076.0, 1024.0)}
# Below, expm1 is -1 after rounding; above, it is infinite.
EXPM1_RANGE = {"f32": (-18.0, 89.0), "f64": (-38.0, 710.0)}

# Up to here, as of sines and hyperbolic tangents, a longer polynomial in x itself takes less than the reduction.
_NEAR_0 = 1.01


def is_near_0(m: Algebra, x: Value) -> bool:
    """Whether that is known of x."""
    low, high = m.limits(x)
    return low >= -_NEAR_0 and high <= _NEAR_0


def reduce_by_ln2(m: Algebra, f: Format, x: Value) -> tuple[Value, Value]:
    """n (integral, as a float) and r with x = n*ln(2) + r."""
    high, low = LN2_PARTS[f.name]
    n = m.rint(x * float(1 / LN2))
    return n, (x - n * high) - n * low


def expm1_reduced(f: Format, r: Value) -> Value:
    """exp(r) - 1 for |r| <= ln(2)/2, with a small relative error."""
    return r * r * polynomial(r, EXP[f.name]) + r


def exp(m: Algebra, f: Format, x: Value) -> Value:
    """e**x."""
    if f is F32 and is_near_0(m, x):
        return polynomial(x, (1.0, 1.0, *EXP_NEAR_0["f32"]))
    low, high = EXP_RANGE[f.name]
    n, r = reduce_by_ln2(m, f, clamp(m, x, low, high))
    return scale(m, f, polynomial(r, (1.0, 1.0, *EXP[f.name])), m.convert(n, f.signed))


def exp2(m: Algebra, f: Format, x: Value) -> Value:
    """2**x."""
    low, high = EXP2_RANGE[f.name]
    x = clamp(m, x, low, high)
    n = m.rint(x)
    return scale(m, f, exp2_reduced(f, x - n), m.convert(n, f.signed))


def exp2_reduced(f: Format, r: Value) -> Value:
    """2**r for |r| <= 1/2."""
    return r * polynomial(r, EXP2[f.name]) + 1.0


def quarter_expm1(m: Algebra, f: Format, x: Value) -> Value:
    """(e**x - 1) / 4 for x in EXPM1_RANGE (plus 1): a quarter, so that it never overflows before it should.

    2**n * (1 + q) - 1 is computed as 2**n * q + (2**n - 1); for n = 0 that is q itself, so the relative error
    stays small down to the smallest normal x.
    """
    n, r = reduce_by_ln2(m, f, x)
    quarter = power_of_two(m, f, m.convert(n, f.signed) - 2)
    return quarter * expm1_reduced(f, r) + (quarter - 0.25)


def expm1(m: Algebra, f: Format, x: Value) -> Value:
    """e**x - 1, accurate near zero."""
    low, high = EXPM1_RANGE[f.name]
    result = quarter_expm1(m, f, clamp(m, x, low, high)) * 4.0
    return m.select(m.abs(x) < tiny(f), x, result)


def tiny(f: Format) -> float:
    """Below this, f(x) = x + O(x**2) rounds to x, and computing it otherwise might underflow."""
    return 2.0**-30 if f is F32 else 2.0**-60
