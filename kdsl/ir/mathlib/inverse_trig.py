"""asin, acos, atan and atan2 for f32 and f64.

One idea: each function is one odd polynomial after an argument transformation that is chosen by selects:
for |x| > 1/2, asin(x) = pi/2 - 2 asin(sqrt((1-|x|)/2)); atan moves to |t| <= tan(pi/8) with one division.
Constants such as pi/2 are added as a high and a low part, so their rounding does not show.
"""

from __future__ import annotations

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.coefficients import ASIN, ATAN
from kdsl.ir.mathlib.common import INFINITY, NAN, PI, Format, fast_two_sum, polynomial, split, with_sign_of

_PI = {"f32": split(PI, (24, 24)), "f64": split(PI, (53, 53))}
_HALF_PI = {"f32": split(PI / 2, (24, 24)), "f64": split(PI / 2, (53, 53))}
_QUARTER_PI = {"f32": split(PI / 4, (24, 24)), "f64": split(PI / 4, (53, 53))}
_TAN_EIGHTH_PI = 0.41421356237309503
_COT_EIGHTH_PI = 2.414213562373095


def _asin_parts(m: Algebra, f: Format, ax: Value) -> tuple[Value, Value, Value]:
    """Whether ax > 1/2; s (ax, or sqrt((1-ax)/2)); and s times the rest of the polynomial: asin(s) = s + rest."""
    large = ax > 0.5
    z = m.select(large, (1.0 - ax) * 0.5, ax * ax)
    s = m.select(large, m.sqrt(z), ax)
    return large, s, s * (z * polynomial(z, ASIN[f.name]))


def asin(m: Algebra, f: Format, x: Value) -> Value:
    """The arc sine; NaN outside [-1, 1]."""
    ax = m.abs(x)
    large, s, rest = _asin_parts(m, f, ax)
    high, low = _HALF_PI[f.name]
    # With the rounding error of pi/2 - 2s added back, only the error of s itself is doubled.
    difference, error = fast_two_sum(m, m.const(high, f.name), s * -2.0)
    beyond = difference - ((rest + rest) - low - error)
    result = m.select(large, beyond, s + rest)
    return with_sign_of(m, f, result, x)


def acos(m: Algebra, f: Format, x: Value) -> Value:
    """The arc cosine; NaN outside [-1, 1]."""
    large, s, rest = _asin_parts(m, f, m.abs(x))
    high, low = _HALF_PI[f.name]
    pi_high = _PI[f.name][0]
    negative = x < 0.0
    beyond = m.select(negative, pi_high - (s + (rest - low)) * 2.0, (s + rest) * 2.0)
    signed = m.select(negative, -s, s)
    signed_rest = m.select(negative, -rest, rest)
    return m.select(large, beyond, high - (signed + (signed_rest - low)))


def _atan_polynomial(f: Format, t: Value, base_low: Value) -> Value:
    """atan(t) + base_low for |t| <= tan(pi/8)."""
    z = t * t
    return t + ((t * z) * polynomial(z, ATAN[f.name]) + base_low)


def atan(m: Algebra, f: Format, x: Value) -> Value:
    """The arc tangent."""
    ax = m.abs(x)
    middle, large = ax > _TAN_EIGHTH_PI, ax > _COT_EIGHTH_PI
    numerator = m.select(large, m.const(-1.0, f.name), m.select(middle, ax - 1.0, ax))
    denominator = m.select(large, ax, m.select(middle, ax + 1.0, 1.0))
    result = _add_base(m, f, numerator / denominator, middle, large)
    return with_sign_of(m, f, result, x)


def _add_base(m: Algebra, f: Format, t: Value, middle: Value, large: Value | None) -> Value:
    """atan(t), plus pi/4 where middle, or pi/2 where large."""
    (half, half_low), (quarter, quarter_low) = _HALF_PI[f.name], _QUARTER_PI[f.name]
    zero = m.const(0.0, f.name)
    base, base_low = m.select(middle, quarter, zero), m.select(middle, quarter_low, zero)
    if large is not None:
        base, base_low = m.select(large, half, base), m.select(large, half_low, base_low)
    return base + _atan_polynomial(f, t, base_low)


def _atan_of_ratio(m: Algebra, f: Format, small: Value, large: Value) -> Value:
    """atan(small/large) for 0 <= small <= large, also when both are zero (0) or infinite (pi/4)."""
    infinite = small == INFINITY
    # A quarter of large numbers, so that their sum is finite; what becomes denormal did not count.
    factor = m.select(large >= 2.0 ** (f.bias - 1), m.const(0.25, f.name), 1.0)
    small = m.select(infinite, 1.0, small * factor)
    large = m.select(infinite | (large == 0.0), 1.0, large * factor)
    middle = small > large * _TAN_EIGHTH_PI
    numerator = m.select(middle, small - large, small)
    denominator = m.select(middle, small + large, large)
    return _add_base(m, f, numerator / denominator, middle, None)


def atan2(m: Algebra, f: Format, y: Value, x: Value) -> Value:
    """The angle of the point (x, y) in (-pi, pi], with all of C99's special values."""
    ay, ax = m.abs(y), m.abs(x)
    swapped = ay > ax
    small, large = m.select(swapped, ax, ay), m.select(swapped, ay, ax)
    angle = _atan_of_ratio(m, f, small, large)

    negative = m.bitcast(x, f.signed) < 0  # the sign bit, so that -0 counts
    zero = m.const(0.0, f.name)
    (half, half_low), (pi, pi_low) = _HALF_PI[f.name], _PI[f.name]
    base = m.select(swapped, half, m.select(negative, pi, zero))
    base_low = m.select(swapped, half_low, m.select(negative, pi_low, zero))
    backwards = (swapped & ~negative) | (negative & ~swapped)
    angle = base + (m.select(backwards, -angle, angle) + base_low)
    result = with_sign_of(m, f, angle, y)
    return m.select(m.isnan(x) | m.isnan(y), NAN, result)
