"""sinh, cosh and tanh for f32 and f64.

One idea: away from zero everything follows from u = (e**|x| - 1)/2 which, computed as twice a quarter,
overflows only where the result does; near zero sinh and tanh are odd polynomials.
"""

from __future__ import annotations

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.coefficients import SINH, TANH
from kdsl.ir.mathlib.common import F32, INFINITY, Format, at_most, polynomial, power_of_two, with_sign_of
from kdsl.ir.mathlib.exp import expm1_reduced, quarter_expm1, reduce_by_ln2

# Arguments beyond which sinh and cosh are infinite, yet 2**n / 4 is still finite.
_OVERFLOW = {"f32": 89.5, "f64": 710.5}


def sinh(m: Algebra, f: Format, x: Value) -> Value:
    """The hyperbolic sine: u + u/(2u + 1), as in fdlibm's e_sinh.c."""
    ax = m.abs(x)
    u = quarter_expm1(m, f, at_most(m, ax, _OVERFLOW[f.name])) * 2.0
    result = m.select(u < INFINITY, u + u / (u + u + 1.0), u)
    return with_sign_of(m, f, m.select(ax < 1.0, _odd(f, ax, SINH), result), x)


def _odd(f: Format, x: Value, coefficients: dict[str, tuple[float, ...]]) -> Value:
    """x + x * z * p(z) with z = x*x."""
    z = x * x
    return (x * z) * polynomial(z, coefficients[f.name]) + x


def cosh(m: Algebra, f: Format, x: Value) -> Value:
    """The hyperbolic cosine: h + 1/(4h) with h = e**|x| / 2."""
    n, r = reduce_by_ln2(m, f, at_most(m, m.abs(x), _OVERFLOW[f.name]))
    quarter = power_of_two(m, f, m.convert(n, f.signed) - 2)
    h = (quarter * (expm1_reduced(f, r) + 1.0)) * 2.0
    return h + 0.25 / h


def tanh(m: Algebra, f: Format, x: Value) -> Value:
    """The hyperbolic tangent: t/(t + 2) with t = e**(2|x|) - 1."""
    ax = m.abs(x)
    limit = 10.0 if f is F32 else 20.0  # tanh rounds to 1 well before
    t = quarter_expm1(m, f, at_most(m, ax, limit) * 2.0) * 4.0
    return with_sign_of(m, f, m.select(ax < 0.5, _odd(f, ax, TANH), t / (t + 2.0)), x)
