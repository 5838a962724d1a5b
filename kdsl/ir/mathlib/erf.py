"""The error function for f32 and f64.

One idea: an odd polynomial up to 1, and ``1 - exp(p(|x|))`` beyond with p fitted to log(erfc); since
erfc(1) = 0.16, neither p nor exp needs to be better than one ULP (the scheme of N. Juffa's erff).
"""

from __future__ import annotations

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.coefficients import ERF, ERF_LOG_F32, ERF_LOG_F64
from kdsl.ir.mathlib.common import F32, Format, at_most, polynomial, power_of_two, with_sign_of
from kdsl.ir.mathlib.exp import expm1_reduced, reduce_by_ln2


def erf(m: Algebra, f: Format, x: Value) -> Value:
    """The error function, 2/sqrt(pi) * integral of exp(-t*t) from 0 to x."""
    ax = m.abs(x)
    near = x * polynomial(x * x, ERF[f.name]) + x
    limit, coefficients = (4.0, ERF_LOG_F32["f32"]) if f is F32 else (6.0, ERF_LOG_F64["f64"])
    n, r = reduce_by_ln2(m, f, polynomial(at_most(m, ax, limit), coefficients))
    far = 1.0 - (expm1_reduced(f, r) + 1.0) * power_of_two(m, f, m.convert(n, f.signed))
    return m.select(ax < 1.0, near, with_sign_of(m, f, far, x))
