"""cbrt and hypot for f32 and f64.

One idea: the exponent is dealt with apart, by powers of two that are exact, so that nothing over- or underflows on the way.
"""

from __future__ import annotations

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.coefficients import CBRT
from kdsl.ir.mathlib.common import INFINITY, NAN, Format, polynomial, power_of_two, with_sign_of

# Beyond which magnitude the squares would leave the range, and what such numbers are multiplied with (or divided by).
_FAR = {"f32": (2.0**60, 2.0**90), "f64": (2.0**500, 2.0**600)}
_ROOTS_OF_2 = (2.0 ** (1 / 3), 2.0 ** (2 / 3))


def hypot(m: Algebra, f: Format, x: Value, y: Value) -> Value:
    """sqrt(x*x + y*y); infinite where either is, also beside NaN."""
    ax, ay = m.abs(x), m.abs(y)
    larger = m.select(ax > ay, ax, ay)
    far, factor = _FAR[f.name]
    is_large, is_small = larger > far, larger < 1 / far
    down = m.select(is_large, 1 / factor, m.select(is_small, factor, m.const(1.0, f.name)))
    back = m.select(is_large, factor, m.select(is_small, 1 / factor, m.const(1.0, f.name)))
    a, b = ax * down, ay * down
    result = m.sqrt(a * a + b * b) * back
    result = m.select(m.isnan(x) | m.isnan(y), NAN, result)
    return m.select((ax == INFINITY) | (ay == INFINITY), INFINITY, result)


def cbrt(m: Algebra, f: Format, x: Value) -> Value:
    """The cube root: x = 2**(3q) * g with g in [1, 8), and one step of Halley's from a polynomial's cbrt(g).

    As in FreeBSD's s_cbrt.c, what the step starts from has half of the bits, so that its square is exact.
    """
    ax = m.abs(x)
    third = (f.fraction_bits + 3) // 3
    is_denormal = ax < f.smallest_normal
    bits = m.bitcast(m.select(is_denormal, ax * 8.0**third, ax), f.signed)
    above = 3 * f.bias  # a multiple of 3, so that what is divided is not negative
    exponent = (bits >> f.fraction_bits) + (above - f.bias)
    q = (exponent * 43691) >> 17  # a third, for numbers below 2**15
    rest = exponent - q * 3
    fraction = (bits & ((1 << f.fraction_bits) - 1)) | f.one_bits
    one, two = _ROOTS_OF_2
    root = m.select(rest == 0, 1.0, m.select(rest == 1, one, m.const(two, f.name)))
    guess = polynomial(m.bitcast(fraction, f.name), CBRT[f.name]) * root
    t = m.bitcast(m.bitcast(guess, f.unsigned) & f.half_mask, f.name)
    g = m.bitcast(fraction + (rest << f.fraction_bits), f.name)
    quotient = g / m.exact_mul(t, t)
    step = m.exact_sub(quotient, t) / (m.exact_add(t, t) + quotient)
    q = q - m.select(is_denormal, third + above // 3, m.const(above // 3, f.signed))
    result = (t + t * step) * power_of_two(m, f, q)
    is_number = (ax > 0.0) & (ax < INFINITY)
    return m.select(is_number, with_sign_of(m, f, result, x), x)
