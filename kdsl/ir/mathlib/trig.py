"""sin, cos and tan for f32 and f64.

One idea: after the reduction x = q*(pi/2) + r, both polynomials sin(r) and cos(r) are evaluated and q selects
between them and flips the sign: no branches except for the rare reduction of huge arguments.  The f64
polynomials take the tail of r into account (as fdlibm's k_sin.c and k_cos.c do, which keeps them below 1 ULP).
"""

from __future__ import annotations

from collections.abc import Sequence

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.coefficients import COS, SIN, TAN
from kdsl.ir.mathlib.common import F32, Format, fast_two_sum, polynomial
from kdsl.ir.mathlib.reduction import reduce


def sin_reduced(f: Format, r: Value, tails: Sequence[Value], z: Value) -> Value:
    """sin(r + tail) for |r| <= pi/4 and z = r*r; f32 does without the tail."""
    if f is F32:
        return (r * z) * polynomial(z, SIN["f32"]) + r
    (tail,) = tails
    first, *others = SIN["f64"]
    cubic = z * r
    return r - ((z * (0.5 * tail - cubic * polynomial(z, others)) - tail) - cubic * first)


def cos_reduced(m: Algebra, f: Format, r: Value, tails: Sequence[Value], z: Value) -> Value:
    """cos(r + tail) for |r| <= pi/4 and z = r*r; f32 does without the tail."""
    if f is F32:
        return z * polynomial(z, (-0.5, *COS["f32"])) + 1.0
    (tail,) = tails
    half = 0.5 * z
    rest = (z * z) * polynomial(z, COS["f64"])
    one = m.const(1.0, "f64")
    w = m.exact_sub(one, half)
    return w + (m.exact_sub(m.exact_sub(one, w), half) + (rest - r * tail))


def _flip(m: Algebra, f: Format, x: Value, sign: Value) -> Value:
    """x with its sign flipped where ``sign`` (an unsigned integer with only that bit) is set."""
    return m.bitcast(m.bitcast(x, f.unsigned) ^ sign, f.name)


def _sign_from(m: Algebra, f: Format, q: Value, bit: int) -> Value:
    """Bit ``bit`` of the quadrant as a sign bit."""
    return (m.bitcast(q, f.unsigned) & (1 << bit)) << (f.bits - 1 - bit)


def sin(m: Algebra, f: Format, x: Value) -> Value:
    """The sine."""
    sign = m.bitcast(x, f.unsigned) & f.sign_mask
    q, r, *tail = reduce(m, f, m.abs(x), has_tail=f is not F32)
    z = r * r
    value = m.select((q & 1) == 0, sin_reduced(f, r, tail, z), cos_reduced(m, f, r, tail, z))
    return _flip(m, f, value, sign ^ _sign_from(m, f, q, 1))


def cos(m: Algebra, f: Format, x: Value) -> Value:
    """The cosine."""
    q, r, *tail = reduce(m, f, m.abs(x), has_tail=f is not F32)
    z = r * r
    value = m.select((q & 1) == 0, cos_reduced(m, f, r, tail, z), sin_reduced(f, r, tail, z))
    return _flip(m, f, value, _sign_from(m, f, q + 1, 1))


def tan(m: Algebra, f: Format, x: Value) -> Value:
    """The tangent: t = tan(r), or -1/t in odd quadrants with the rounding error of t taken into account."""
    sign = m.bitcast(x, f.unsigned) & f.sign_mask
    q, r, tail = reduce(m, f, m.abs(x), has_tail=True)
    z = r * r
    tail = tail * (z * 1.5) + tail  # the derivative of the tangent is about 1 + 1.5*z
    t, error = fast_two_sum(m, r, (r * z) * polynomial(z, TAN[f.name]) + tail)
    inverse = -1.0 / t
    value = m.select((q & 1) == 0, t, (inverse * inverse) * error + inverse)
    return _flip(m, f, value, sign)
