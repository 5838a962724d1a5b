"""log, log2, log10 and log1p for f32 and f64.

One idea: ``x = 2**k * (1 + f)`` with ``sqrt(1/2) <= 1 + f < sqrt(2)`` by integer operations on the bits, then
``log(x) = k*ln(2) + log(1 + f)``.  With s = f/(2+f), log(1+f) = f - (f*f/2 - s*(f*f/2 + R(s*s))) has its
leading terms nearly exact (the scheme of FreeBSD's k_log.h, with our own coefficients for R); those of f32
use plain polynomials in f instead, which need no division (as Cephes' logf does).
"""

from __future__ import annotations

from collections.abc import Sequence

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.coefficients import LOG, LOG2_REST, LOG10_REST, LOG_ODD
from kdsl.ir.mathlib.common import F32, INFINITY, LN2, LN10, NAN, Format, fast_two_sum, halves, polynomial, split

# ln 2 and log10(2) with a first part that is exact times any exponent.
LN2_PARTS = {"f32": split(LN2, (15, 24)), "f64": split(LN2, (41, 53))}
LOG10_2_PARTS = {"f32": split(LN2 / LN10, (15, 24)), "f64": split(LN2 / LN10, (41, 53))}
# 1/ln(2) and 1/ln(10) with a first part of half the precision.
INVERSE_LN2_PARTS = {"f32": split(1 / LN2, (12, 24)), "f64": split(1 / LN2, (26, 53))}
INVERSE_LN10_PARTS = {"f32": split(1 / LN10, (12, 24)), "f64": split(1 / LN10, (26, 53))}
# The significand at which k changes: sqrt(1/2).
ROOT_HALF = {"f32": 0x3F3504F3, "f64": 0x3FE6A09E667F3BCD}


def decompose(m: Algebra, f: Format, x: Value) -> tuple[Value, Value]:
    """k (as an integer) and g in [sqrt(1/2), sqrt(2)) with x = 2**k * g, for normal positive x."""
    bits = m.bitcast(x, f.signed)
    k = (bits - ROOT_HALF[f.name]) >> f.fraction_bits
    return k, m.bitcast(bits - (k << f.fraction_bits), f.name)


def decompose_positive(m: Algebra, f: Format, x: Value) -> tuple[Value, Value]:
    """``decompose`` with k as a float, for denormal x too."""
    if m.limits(x)[0] >= f.smallest_normal:
        k, g = decompose(m, f, x)
        return m.convert(k, f.name), g
    denormal = x < f.smallest_normal
    shift = f.fraction_bits + 2
    k, g = decompose(m, f, m.select(denormal, x * 2.0**shift, x))
    return m.convert(m.select(denormal, k - shift, k), f.name), g


def with_special_cases(m: Algebra, x: Value, result: Value) -> Value:
    """The logarithm's values outside of (0, inf)."""
    result = m.select(x < INFINITY, result, x)  # +inf and NaN
    return below(m, x, 0.0, result)


def below(m: Algebra, x: Value, pole: float, result: Value) -> Value:
    """A logarithm's values where the argument is ``pole``, which is -inf, and less."""
    low = m.limits(x)[0]
    if low <= pole:
        result = m.select(x == pole, -INFINITY, result)
    return m.select(x < pole, NAN, result) if low < pole else result


def log1p_tail(f: Format, r: Value, half_square: Value) -> Value:
    """s*(r*r/2 + R), so that log(1 + r) = r - (r*r/2 - log1p_tail)."""
    s = r / (r + 2.0)
    z = s * s
    return s * (half_square + z * polynomial(z, LOG_ODD[f.name]))


def log(m: Algebra, f: Format, x: Value) -> Value:
    """The natural logarithm."""
    k, g = decompose_positive(m, f, x)
    r = g - 1.0
    high, low = LN2_PARTS[f.name]
    if f is F32:
        return with_special_cases(m, x, _log_f32(k, r))
    half_square = 0.5 * r * r
    tail = log1p_tail(f, r, half_square)
    return with_special_cases(m, x, k * high - ((half_square - (tail + k * low)) - r))


def _log_f32(k: Value, r: Value) -> Value:
    """k*ln(2) + log(1 + r)."""
    high, low = LN2_PARTS["f32"]
    rest = (r * r) * polynomial(r, (-0.5, *LOG["f32"])) + k * low
    return k * high + (rest + r)


def _log_in_base(m: Algebra, f: Format, x: Value, inverse: Sequence[float], of_2: Sequence[float]) -> Value:
    """log(x) * inverse, given the logarithm of 2, with log(1+r) split so that its leading half is multiplied exactly.

    After FreeBSD's e_log2.c and e_log10.c.
    """
    k, g = decompose_positive(m, f, x)
    r = g - 1.0
    half_square = 0.5 * r * r
    high, _ = halves(m, f, r - half_square)
    low = (m.exact_sub(r, high) - half_square) + log1p_tail(f, r, half_square)
    leading = high * inverse[0]  # exact
    rest = (low + high) * inverse[1] + low * inverse[0]
    if of_2[1]:
        rest = rest + k * of_2[1]
    total, error = fast_two_sum(m, k * of_2[0], leading)
    return with_special_cases(m, x, total + (error + rest))


def log2(m: Algebra, f: Format, x: Value) -> Value:
    """The logarithm to base 2; exact for powers of two."""
    if f is F32:
        k, g = decompose_positive(m, f, x)
        r = g - 1.0
        return with_special_cases(m, x, k + (r * polynomial(r, LOG2_REST["f32"]) + r))
    return _log_in_base(m, f, x, INVERSE_LN2_PARTS[f.name], (1.0, 0.0))


def log10(m: Algebra, f: Format, x: Value) -> Value:
    """The logarithm to base 10."""
    if f is F32:
        k, g = decompose_positive(m, f, x)
        r = g - 1.0
        high, low = LOG10_2_PARTS["f32"]
        rest = r * polynomial(r, LOG10_REST["f32"]) + k * low
        return with_special_cases(m, x, k * high + (0.5 * r + rest))
    return _log_in_base(m, f, x, INVERSE_LN10_PARTS[f.name], LOG10_2_PARTS[f.name])


def log1p(m: Algebra, f: Format, x: Value) -> Value:
    """log(1 + x), accurate near zero: the rounding error of 1 + x is added back as a correction."""
    if f is F32:
        return _log1p_f32(m, x)
    u, error = _one_plus(m, x)
    k, g = decompose(m, f, u)
    near = k == 0  # then r = x itself is more accurate than (1 + x) - 1
    r = m.select(near, x, g - 1.0)
    correction = m.select(near, 0.0, error / u)
    k = m.convert(k, f.name)
    high, low = LN2_PARTS[f.name]
    half_square = 0.5 * r * r
    tail = log1p_tail(f, r, half_square)
    result = k * high - ((half_square - (tail + (k * low + correction))) - r)
    return _log1p_special_cases(m, f, x, result)


def _log1p_f32(m: Algebra, x: Value) -> Value:
    """log(1 + x): with k from 1 + x as it is rounded, r = x / 2**k + (2**-k - 1) is 1 + x without that rounding."""
    k, _ = decompose(m, F32, m.exact_add(x, 1.0))
    exponent = k << F32.fraction_bits
    four = m.bitcast(F32.one_bits + (2 << F32.fraction_bits) - exponent, "f32")  # 4 / 2**k, which is normal for every k
    r = m.bitcast(m.bitcast(x, "i32") - exponent, "f32") + (0.25 * four - 1.0)
    return _log1p_special_cases(m, F32, x, _log_f32(m.convert(k, "f32"), r))


def _log1p_special_cases(m: Algebra, f: Format, x: Value, result: Value) -> Value:
    result = m.select(m.abs(x) < 2.0 ** -(f.fraction_bits + 3), x, result)
    result = m.select(x < INFINITY, result, x)
    return below(m, x, -1.0, result)


def _one_plus(m: Algebra, x: Value) -> tuple[Value, Value]:
    """1 + x and its rounding error, for any x > -1."""
    u = m.exact_add(x, 1.0)
    large = -m.exact_sub(m.exact_sub(u, x), 1.0)
    small = m.exact_sub(x, m.exact_sub(u, 1.0))
    return u, m.select(x > 1.0, large, small)
