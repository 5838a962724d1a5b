"""sin, cos and tan for f32 and f64.

One idea: after the reduction x = q*(pi/2) + r, both polynomials sin(r) and cos(r) are evaluated and q selects
between them and flips the sign: no branches except for the rare reduction of huge arguments.  The f64
polynomials take the tail of r into account (as fdlibm's k_sin.c and k_cos.c do, which keeps them below 1 ULP).
"""

from __future__ import annotations

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.coefficients import COS, SIN
from kdsl.ir.mathlib.common import F32, INFINITY, NAN, Format, polynomial
from kdsl.ir.mathlib.reduction import reduce


def sin_reduced(f: Format, r: Value, tail: Value | None, z: Value) -> Value:
    """sin(r + tail) for |r| <= pi/4 and z = r*r; f32 may go without the tail."""
    if f is F32:
        cubic = (r * z) * polynomial(z, SIN["f32"])
        return r + (cubic if tail is None else cubic + tail)
    assert tail is not None
    first, *others = SIN["f64"]
    cubic = z * r
    return r - ((z * (0.5 * tail - cubic * polynomial(z, others)) - tail) - cubic * first)


def cos_reduced(m: Algebra, f: Format, r: Value, tail: Value | None, z: Value) -> Value:
    """cos(r + tail) for |r| <= pi/4 and z = r*r; f32 may go without the tail."""
    half = 0.5 * z
    rest = (z * z) * polynomial(z, COS[f.name])
    if f is F32:
        return 1.0 - (half - (rest if tail is None else rest - r * tail))
    assert tail is not None
    one = m.const(1.0, "f64")
    w = m.exact_sub(one, half)
    return w + (m.exact_sub(m.exact_sub(one, w), half) + (rest - r * tail))


def _flip(m: Algebra, f: Format, x: Value, sign: Value) -> Value:
    """x with its sign flipped where ``sign`` (an unsigned integer with only that bit) is set."""
    return m.bitcast(m.bitcast(x, f.unsigned) ^ sign, f.name)


def _sign_from(m: Algebra, f: Format, q: Value, bit: int) -> Value:
    """Bit ``bit`` of the quadrant as a sign bit."""
    return (m.bitcast(q, f.unsigned) & (1 << bit)) << (f.bits - 1 - bit)


def _finite(m: Algebra, ax: Value, result: Value) -> Value:
    """NaN for infinite arguments."""
    return m.select(ax == INFINITY, NAN, result)


def sin(m: Algebra, f: Format, x: Value) -> Value:
    """The sine."""
    ax = m.abs(x)
    sign = m.bitcast(x, f.unsigned) & f.sign_mask

    def kernel(q: Value, r: Value, tail: Value) -> Value:
        z, used_tail = r * r, None if f is F32 else tail
        value = m.select((q & 1) == 0, sin_reduced(f, r, used_tail, z), cos_reduced(m, f, r, used_tail, z))
        return _flip(m, f, value, sign ^ _sign_from(m, f, q, 1))

    return _finite(m, ax, reduce(m, f, ax, kernel))


def cos(m: Algebra, f: Format, x: Value) -> Value:
    """The cosine."""
    ax = m.abs(x)

    def kernel(q: Value, r: Value, tail: Value) -> Value:
        z, used_tail = r * r, None if f is F32 else tail
        value = m.select((q & 1) == 0, cos_reduced(m, f, r, used_tail, z), sin_reduced(f, r, used_tail, z))
        return _flip(m, f, value, _sign_from(m, f, q + 1, 1))

    return _finite(m, ax, reduce(m, f, ax, kernel))


def tan(m: Algebra, f: Format, x: Value) -> Value:
    """The tangent, as a quotient of sine and cosine."""
    ax = m.abs(x)
    sign = m.bitcast(x, f.unsigned) & f.sign_mask

    def kernel(q: Value, r: Value, tail: Value) -> Value:
        z = r * r
        sine, cosine = sin_reduced(f, r, tail, z), cos_reduced(m, f, r, tail, z)
        even = (q & 1) == 0
        quotient = m.select(even, sine, cosine) / m.select(even, cosine, sine)
        return _flip(m, f, quotient, sign ^ _sign_from(m, f, q, 0))

    return _finite(m, ax, reduce(m, f, ax, kernel))
