"""What is measured: every function that rounds, its exact value, and what is promised of it in each math mode.

One idea: the list is held against the op rows. A row that takes floats is either here or in `EXACT`, with the reason why it
has no rounding error of its own; a new function that is in neither fails a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np

import kdsl

from .kernels import Format

__all__ = ["BY_NAME", "EXACT", "FAST", "FUNCTIONS", "Measured", "Promise", "promise"]

INF = float("inf")


@dataclass(frozen=True)
class Measured:
    """A function of this many arguments.

    op: its row. exact: of mpmath numbers. wide: of NumPy's long doubles, None where NumPy has none. symmetry: 1 for an even
    function, -1 for an odd one, 0 for neither.
    """

    name: str
    op: str
    arity: int
    function: Any
    exact: Callable[..., Any]
    wide: Callable[..., Any] | None
    symmetry: int = 0


@kdsl.func
def _add(x, y):
    return x + y


@kdsl.func
def _sub(x, y):
    return x - y


@kdsl.func
def _mul(x, y):
    return x * y


@kdsl.func
def _div(x, y):
    return x / y


def _fma(x: Any, y: Any, z: Any) -> Any:
    with mp.workprec(5000):  # any three numbers of any exponents
        return x * y + z


def _wide_erf(x: Any) -> Any:
    """2/sqrt(pi) exp(-x*x) times a series of positive terms; at 6 the rounding of x*x costs 5 bits of 64."""
    a = np.minimum(np.abs(x), 6.5)
    term = total = a
    for n in range(1, 130):
        term = term * (2 * a * a / (2 * n + 1))
        total = total + term
    return np.copysign(total * np.exp(-a * a) * (2 / np.sqrt(np.arctan(np.longdouble(1)) * 4)), x)


def _elementary(name: str, exact: Any, wide: Any, symmetry: int = 0, arity: int = 1) -> Measured:
    return Measured(name, f"math.{name}", arity, getattr(kdsl, name), exact, wide, symmetry)


FUNCTIONS: tuple[Measured, ...] = (
    _elementary("exp", mp.exp, np.exp),
    _elementary("exp2", lambda x: mp.mpf(2) ** x, np.exp2),
    _elementary("expm1", mp.expm1, np.expm1),
    _elementary("log", mp.log, np.log),
    _elementary("log2", lambda x: mp.log(x) / mp.log(2), np.log2),
    _elementary("log10", mp.log10, np.log10),
    _elementary("log1p", mp.log1p, np.log1p),
    _elementary("sin", mp.sin, np.sin, -1),
    _elementary("cos", mp.cos, np.cos, 1),
    _elementary("tan", mp.tan, np.tan, -1),
    _elementary("asin", mp.asin, np.arcsin, -1),
    _elementary("acos", mp.acos, np.arccos),
    _elementary("atan", mp.atan, np.arctan, -1),
    _elementary("sinh", mp.sinh, np.sinh, -1),
    _elementary("cosh", mp.cosh, np.cosh, 1),
    _elementary("tanh", mp.tanh, np.tanh, -1),
    _elementary("asinh", mp.asinh, np.arcsinh, -1),
    _elementary("acosh", mp.acosh, np.arccosh),
    _elementary("atanh", mp.atanh, np.arctanh, -1),
    _elementary("cbrt", lambda x: mp.sign(x) * mp.cbrt(abs(x)), np.cbrt, -1),
    _elementary("hypot", lambda x, y: mp.sqrt(x * x + y * y), np.hypot, arity=2),
    _elementary("erf", mp.erf, _wide_erf, -1),
    _elementary("atan2", mp.atan2, np.arctan2, arity=2),
    _elementary("pow", lambda x, y: x**y, np.power, arity=2),
    Measured("rsqrt", "arith.rsqrt", 1, kdsl.rsqrt, lambda x: 1 / mp.sqrt(x), lambda x: 1 / np.sqrt(x)),
    Measured("sqrt", "arith.sqrt", 1, kdsl.sqrt, mp.sqrt, np.sqrt),
    Measured("x + y", "arith.add", 2, _add, lambda x, y: x + y, np.add),
    Measured("x - y", "arith.sub", 2, _sub, lambda x, y: x - y, np.subtract),
    Measured("x * y", "arith.mul", 2, _mul, lambda x, y: x * y, np.multiply),
    Measured("x / y", "arith.div", 2, _div, lambda x, y: x / y, np.divide),
    Measured("fma", "arith.fma", 3, kdsl.fma, _fma, None),
)
BY_NAME = {f.name: f for f in FUNCTIONS}

EXACT: dict[str, str] = {
    **dict.fromkeys(("arith.neg", "arith.abs", "arith.sign"), "changes the sign at most"),
    **dict.fromkeys(("arith.minimum", "arith.maximum", "arith.fmin", "arith.fmax", "arith.select"), "gives one of its operands"),
    **dict.fromkeys(("arith.floor", "arith.ceil", "arith.trunc", "arith.round"), "the integer it asks for is a float"),
    **dict.fromkeys(
        ("arith.eq", "arith.ne", "arith.lt", "arith.le", "arith.gt", "arith.ge", "arith.isnan", "arith.isinf"), "gives a mask"
    ),
    "arith.cast": "correctly rounded; tests/conformance holds every pair of types against the interpreter, bit for bit",
    "machine.convert": "gives an integer, towards zero; defined where that is exact",
    **dict.fromkeys(("arith.constant", "arith.lookup", "arith.bitcast"), "gives bits that are there already"),
}


# --- promises ---


@dataclass(frozen=True)
class Promise:
    """At most `most` units of error, for first arguments within [low, high] and where `usual` holds.

    scale: of (exact value, *arguments), how many units an error of 1 is; None for ULP. Where there is a scale the unit is the
    bound itself, `most` is 1, and `text` says what the bound is. usual: of arrays of arguments, which it speaks of.
    """

    text: str
    most: float
    scale: Any = None
    low: float = -INF
    high: float = INF
    usual: Callable[..., Any] | None = None


@kdsl.func
def _of_exp(exact, x):
    return 1 / (abs(exact) * (3e-7 + 8e-8 * abs(x)))


@kdsl.func
def _absolute(exact, x):
    return 4194304.0


def _of_pow(exact: Any, x: Any, y: Any) -> Any:
    return 1 / (3e-7 * np.abs(exact) * (1 + np.abs(y * np.log2(x))))


def _usual_pow(x: Any, y: Any) -> Any:
    return (x >= 2.0**-126) & (x < INF) & (np.abs(y * np.log2(np.where(x > 0, x, 1))) <= 125)


_ROUNDED = Promise("0.5 ULP", 0.5)
_FOUR = Promise("4 ULP", 4.0)
_NARROW = Promise("0.51 ULP", 0.51)  # a function of f32, rounded once more
_TWICE = Promise("0.501 ULP", 0.501)
_SMALLEST, _LARGEST = 2.0**-126, (2 - 2.0**-23) * 2.0**127
_BASIC = {"arith.sqrt", "arith.add", "arith.sub", "arith.mul", "arith.div", "arith.fma"}

FAST: dict[str, Promise] = {
    "exp": Promise("relative 3e-7 + 8e-8 abs(x)", 1.0, _of_exp, -86.6, 88.7),
    "exp2": Promise("3 ULP", 3.0, low=-125.0, high=127.99),
    "log": Promise("5 ULP", 5.0, low=_SMALLEST, high=_LARGEST),
    "log2": Promise("5 ULP", 5.0, low=_SMALLEST, high=_LARGEST),
    "log1p": Promise("5 ULP", 5.0),
    "sin": Promise("absolute 2**-22", 1.0, _absolute, -10000.0, 10000.0),
    "cos": Promise("absolute 2**-22", 1.0, _absolute, -10000.0, 10000.0),
    "tanh": Promise("3 ULP", 3.0),
    "pow": Promise("relative 3e-7 (1 + abs(y log2(x)))", 1.0, _of_pow, usual=_usual_pow),
}
"""What the shorter f32 functions of math="fast" promise (kdsl/ir/mathlib/fast.py)."""


FAST_NARROW: dict[str, Promise] = {
    "sin": Promise("4 ULP", 4.0, low=-10000.0, high=10000.0),
    "cos": Promise("4 ULP", 4.0, low=-10000.0, high=10000.0),
    "exp": Promise("0.51 ULP", 0.51, low=-86.6, high=88.7),
    "exp2": Promise("0.51 ULP", 0.51, low=-125.0, high=127.99),
    "log": Promise("0.51 ULP", 0.51, low=_SMALLEST),
    "log2": Promise("0.51 ULP", 0.51, low=_SMALLEST),
    "log1p": Promise("0.51 ULP", 0.51),
    "pow": Promise("0.53 ULP", 0.53, usual=_usual_pow),
}
"""The same for f16 and bf16, after rounding."""


def promise(f: Measured, format: Format, mode: str) -> Promise:
    """What is promised of a function of a format in a math mode."""
    is_short = mode == "fast" and f.name in FAST and format.name != "f64"
    if format.name == "bf16" and f.name == "fma":
        return _TWICE  # f32's result, rounded again
    if format.fraction < 23:
        return FAST_NARROW.get(f.name, _NARROW) if is_short else _ROUNDED if f.op in _BASIC else _NARROW
    return FAST[f.name] if is_short else _ROUNDED if f.op in _BASIC else _FOUR
