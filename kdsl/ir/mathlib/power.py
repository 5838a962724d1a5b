"""pow and rsqrt for f32 and f64.

One idea: ``x**y = 2**(y * log2(x))`` where log2(x) is a double-length number, because an exponent of up to
1024 (128) in front of the binary point costs 10 (7) bits of the fraction.  With s = (g-1)/(g+1),
log2(g) = s * (c + c*z/3 + z*z*T(z)), z = s*s, c = 2/ln(2); all but the last term are double-length.
"""

from __future__ import annotations

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.coefficients import LOG_TAIL, WIDE_LOG2
from kdsl.ir.mathlib.common import (
    F32,
    INFINITY,
    LN2,
    NAN,
    Format,
    Pair,
    clamp,
    constant_pair,
    fast_two_sum,
    pair_product,
    polynomial,
    scale,
    two_product,
    two_sum,
)
from kdsl.ir.mathlib.exp import EXP2_RANGE, exp2_reduced
from kdsl.ir.mathlib.log import decompose_positive

_FACTOR = 2 / LN2


def rsqrt(m: Algebra, f: Format, x: Value) -> Value:
    """1 / sqrt(x); infinite at 0 (with its sign), NaN below."""
    return 1.0 / m.sqrt(x)


def _quotient_pair(m: Algebra, f: Format, g: Value) -> Pair:
    """(g - 1) / (g + 1) as a double-length number, for g in [sqrt(1/2), sqrt(2)]."""
    numerator = m.exact_sub(g, 1.0)  # exact
    denominator = m.exact_add(g, 1.0)
    denominator_low = m.exact_sub(g, m.exact_sub(denominator, 1.0))
    quotient = numerator / denominator
    product, error = two_product(m, f, quotient, denominator)
    rest = m.exact_sub(m.exact_sub(numerator, product), error) - quotient * denominator_low
    return quotient, rest / denominator


def log2_pair(m: Algebra, f: Format, x: Value) -> Pair:
    """log2(x) as a double-length number, for finite x > 0."""
    k, g = decompose_positive(m, f, x)
    s = _quotient_pair(m, f, g)
    z, z_error = two_product(m, f, s[0], s[0])
    z_low = z_error + (s[0] + s[0]) * s[1]
    third = pair_product(m, f, (z, z_low), constant_pair(m, f, _FACTOR / 3))
    tail = (z * z) * polynomial(z, [c * float(_FACTOR) for c in LOG_TAIL[f.name]])
    series = fast_two_sum(m, third[0], third[1] + tail)
    factor, factor_low = constant_pair(m, f, _FACTOR)
    slope, slope_low = fast_two_sum(m, factor, series[0])
    log = pair_product(m, f, s, (slope, slope_low + (series[1] + factor_low)))
    high, low = two_sum(m, k, log[0])
    return fast_two_sum(m, high, low + log[1])


def _wide_magnitude(m: Algebra, ax: Value, y: Value) -> Value:
    """ax**y of f32 by way of f64, in which log2(ax) is accurate enough as one number."""
    k, g = decompose_positive(m, F32, ax)
    r = m.convert(g, "f64") - 1.0
    z = r * r  # two polynomials side by side, as one would be a chain of eleven steps
    log = polynomial(z, WIDE_LOG2["f64"][1::2]) * r + polynomial(z, WIDE_LOG2["f64"][::2])
    product = (r * log + m.convert(k, "f64")) * m.convert(y, "f64")
    low, high = EXP2_RANGE["f32"]
    # `clamp`, which becomes a minimum, took 1.1 times as long with AVX-512.
    product = m.select(product > high, high, m.select(product < low, low, product))
    n = m.rint(product)
    return scale(m, F32, exp2_reduced(F32, m.convert(product - n, "f32")), m.convert(n, "i32"))


def _magnitude(m: Algebra, f: Format, ax: Value, y: Value) -> Value:
    """ax**y for finite ax > 0."""
    limit = 2.0**34 if f is F32 else 2.0**66  # any larger |y| gives 0 or infinity, unless ax is 1
    y = clamp(m, y, -limit, limit)
    if f is F32 and m.wide:
        return _wide_magnitude(m, ax, y)
    log, log_low = log2_pair(m, f, ax)
    product, error = two_product(m, f, y, log)
    low = error + y * log_low
    clamped = clamp(m, product, *EXP2_RANGE[f.name])
    n = m.rint(clamped)
    r = m.exact_sub(clamped, n) + m.select(clamped == product, low, 0.0)
    return scale(m, f, exp2_reduced(f, r), m.convert(n, f.signed))


def pow(m: Algebra, f: Format, x: Value, y: Value) -> Value:
    """x**y with the special values of C99 F.9.4.4."""
    ax = m.abs(x)
    zero, infinite = ax == 0.0, ax == INFINITY
    result = _magnitude(m, f, m.select(zero, 1.0, ax), y)  # on the way to 0 were denormals, which take processors long
    upwards = (zero & (y < 0.0)) | (infinite & (y > 0.0))
    edge = m.select(upwards, INFINITY, m.const(0.0, f.name))
    result = m.select(zero | infinite, edge, result)

    half = y * 0.5
    integral = m.rint(y) == y
    odd = integral & (m.rint(half) != half)
    negated = odd & (m.bitcast(x, f.signed) < 0)
    result = m.select(negated, -result, result)
    undefined = (x < 0.0) & ~infinite & ~integral
    result = m.select(undefined | m.isnan(x) | m.isnan(y), NAN, result)
    return m.select((x == 1.0) | (y == 0.0), 1.0, result)
