"""Math. In a kernel a float keeps its type, an integer becomes f32, and a vector goes component by component.

Under math="default" elementary functions are within 4 ULP (f32, f64) over the whole range; "strict" gives the same
bits on every target. `math.sin` and `numpy.sin` inside a kernel mean `kdsl.sin`. On the host these are NumPy's
functions.
"""

from __future__ import annotations

import math as host
from typing import Any

import numpy as np

from . import intrinsic, only_in_kernel

__all__ = [
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "bitcast", "cbrt", "ceil", "clamp", "clz",
    "copysign", "cos", "cosh", "ctz", "degrees", "erf", "exp", "exp2", "expm1", "floor", "fma", "fmax", "fmin", "fmod", "frexp",
    "hypot", "isfinite", "isinf", "isnan", "ldexp", "log", "log10", "log1p", "log2", "maximum", "minimum", "modf", "popcount",
    "pow", "radians", "round", "rsqrt", "select", "sign", "sin", "sinh", "sqrt",
    "tan", "tanh", "trunc", "where",
]  # fmt: skip


@intrinsic("sqrt")
def sqrt(x: Any) -> Any:
    """Square root, correctly rounded; NaN below 0."""
    return np.sqrt(x)


@intrinsic("rsqrt")
def rsqrt(x: Any) -> Any:
    """1 / sqrt(x)."""
    return 1 / np.sqrt(x)


@intrinsic("exp")
def exp(x: Any) -> Any:
    """e**x."""
    return np.exp(x)


@intrinsic("exp2")
def exp2(x: Any) -> Any:
    """2**x."""
    return np.exp2(x)


@intrinsic("expm1")
def expm1(x: Any) -> Any:
    """e**x - 1, accurate near 0."""
    return np.expm1(x)


@intrinsic("log")
def log(x: Any) -> Any:
    """Natural logarithm; -inf at 0, NaN below."""
    return np.log(x)


@intrinsic("log2")
def log2(x: Any) -> Any:
    """Logarithm to base 2."""
    return np.log2(x)


@intrinsic("log10")
def log10(x: Any) -> Any:
    """Logarithm to base 10."""
    return np.log10(x)


@intrinsic("log1p")
def log1p(x: Any) -> Any:
    """log(1 + x), accurate near 0."""
    return np.log1p(x)


@intrinsic("sin")
def sin(x: Any) -> Any:
    """Sine of x radians."""
    return np.sin(x)


@intrinsic("cos")
def cos(x: Any) -> Any:
    """Cosine of x radians."""
    return np.cos(x)


@intrinsic("tan")
def tan(x: Any) -> Any:
    """Tangent of x radians."""
    return np.tan(x)


@intrinsic("asin")
def asin(x: Any) -> Any:
    """Inverse sine in radians; NaN outside [-1, 1]."""
    return np.arcsin(x)


@intrinsic("acos")
def acos(x: Any) -> Any:
    """Inverse cosine in radians; NaN outside [-1, 1]."""
    return np.arccos(x)


@intrinsic("atan")
def atan(x: Any) -> Any:
    """Inverse tangent in radians."""
    return np.arctan(x)


@intrinsic("sinh")
def sinh(x: Any) -> Any:
    """Hyperbolic sine."""
    return np.sinh(x)


@intrinsic("cosh")
def cosh(x: Any) -> Any:
    """Hyperbolic cosine."""
    return np.cosh(x)


@intrinsic("tanh")
def tanh(x: Any) -> Any:
    """Hyperbolic tangent."""
    return np.tanh(x)


@intrinsic("asinh")
def asinh(x: Any) -> Any:
    """Inverse hyperbolic sine."""
    return np.arcsinh(x)


@intrinsic("acosh")
def acosh(x: Any) -> Any:
    """Inverse hyperbolic cosine; NaN below 1."""
    return np.arccosh(x)


@intrinsic("atanh")
def atanh(x: Any) -> Any:
    """Inverse hyperbolic tangent; infinite at 1 and -1, NaN beyond."""
    return np.arctanh(x)


@intrinsic("cbrt")
def cbrt(x: Any) -> Any:
    """Cube root, of negative numbers too."""
    return np.cbrt(x)


@intrinsic("degrees")
def degrees(x: Any) -> Any:
    """An angle of x radians in degrees."""
    return np.degrees(x)


@intrinsic("radians")
def radians(x: Any) -> Any:
    """An angle of x degrees in radians."""
    return np.radians(x)


@intrinsic("frexp")
def frexp(x: Any) -> Any:
    """A number in [1/2, 1) and an exponent (i32) with x = number * 2**exponent; of 0, infinities and NaN x itself and 0."""
    return np.frexp(x)


@intrinsic("modf")
def modf(x: Any) -> Any:
    """What is behind the point, and the rest, both as floats with the sign of x; of an infinity 0 and x."""
    return np.modf(x)


@intrinsic("ldexp")
def ldexp(x: Any, n: Any) -> Any:
    """x * 2**n for an integer n, rounded once where the result is denormal."""
    return np.ldexp(x, n)


@intrinsic("hypot")
def hypot(x: Any, y: Any) -> Any:
    """sqrt(x*x + y*y) without overflow or underflow on the way; infinite where either is, also beside NaN."""
    return np.hypot(x, y)


@intrinsic("erf")
def erf(x: Any) -> Any:
    """Error function."""
    return np.vectorize(host.erf)(x)[()]


@intrinsic("abs")
def abs(x: Any) -> Any:
    """Magnitude; the smallest integer wraps to itself."""
    return np.abs(x)


@intrinsic("sign")
def sign(x: Any) -> Any:
    """-1, 0 or 1; a NaN stays NaN."""
    return np.sign(x)


@intrinsic("floor")
def floor(x: Any) -> Any:
    """The largest integer not above x, as a float; integers stay as they are."""
    return np.floor(x)


@intrinsic("ceil")
def ceil(x: Any) -> Any:
    """The smallest integer not below x, as a float; integers stay as they are."""
    return np.ceil(x)


@intrinsic("trunc")
def trunc(x: Any) -> Any:
    """x without its fraction, as a float; integers stay as they are."""
    return np.trunc(x)


@intrinsic("round")
def round(x: Any) -> Any:
    """The nearest integer as a float, ties to even; integers stay as they are."""
    return np.rint(x)


@intrinsic("isnan")
def isnan(x: Any) -> Any:
    """Whether x is NaN; False for integers."""
    return np.isnan(x)


@intrinsic("isinf")
def isinf(x: Any) -> Any:
    """Whether x is an infinity; False for integers."""
    return np.isinf(x)


@intrinsic("isfinite")
def isfinite(x: Any) -> Any:
    """Whether x is neither NaN nor an infinity; True for integers."""
    return np.isfinite(x)


@intrinsic("copysign")
def copysign(x: Any, y: Any) -> Any:
    """The magnitude of x with the sign of y, also that of a zero."""
    return np.copysign(x, y)


@intrinsic("fmod")
def fmod(x: Any, y: Any) -> Any:
    """What is left of x after a whole number of y, exact, with the sign of x (`%` has that of y)."""
    return np.fmod(x, y)


@intrinsic("minimum")
def minimum(a: Any, b: Any) -> Any:
    """The lesser; NaN if either is NaN."""
    return np.minimum(a, b)


@intrinsic("maximum")
def maximum(a: Any, b: Any) -> Any:
    """The greater; NaN if either is NaN."""
    return np.maximum(a, b)


@intrinsic("fmin")
def fmin(a: Any, b: Any) -> Any:
    """The lesser; of a number and a NaN, the number."""
    return np.fmin(a, b)


@intrinsic("fmax")
def fmax(a: Any, b: Any) -> Any:
    """The greater; of a number and a NaN, the number."""
    return np.fmax(a, b)


@intrinsic("atan2")
def atan2(y: Any, x: Any) -> Any:
    """Angle of the point (x, y) in radians, in (-pi, pi]."""
    return np.arctan2(y, x)


@intrinsic("pow")
def pow(x: Any, y: Any) -> Any:
    """x to the power y; a constant integer y multiplies."""
    return np.power(x, y)


@intrinsic("fma")
def fma(a: Any, b: Any, c: Any) -> Any:
    """a * b + c with one rounding (on the host: with two)."""
    return a * b + c


@intrinsic("clamp")
def clamp(x: Any, lo: Any, hi: Any) -> Any:
    """minimum(maximum(x, lo), hi)."""
    return np.minimum(np.maximum(x, lo), hi)


@intrinsic("select")
def select(cond: Any, a: Any, b: Any) -> Any:
    """a where cond holds, else b; both are evaluated."""
    return np.where(cond, a, b)[()]


@intrinsic("where")
def where(cond: Any, a: Any, b: Any) -> Any:
    """The same as `select`, as NumPy calls it."""
    return np.where(cond, a, b)[()]


@intrinsic("popcount")
def popcount(x: Any) -> Any:
    """How many bits of an integer are set."""
    only_in_kernel("popcount")


@intrinsic("clz")
def clz(x: Any) -> Any:
    """Zero bits above the highest set bit of an integer; its width when x is 0."""
    only_in_kernel("clz")


@intrinsic("ctz")
def ctz(x: Any) -> Any:
    """Zero bits below the lowest set bit of an integer; its width when x is 0."""
    only_in_kernel("ctz")


@intrinsic("bitcast")
def bitcast(x: Any, dtype: Any) -> Any:
    """The same bits read as another type of the same width (K209)."""
    only_in_kernel("bitcast")
