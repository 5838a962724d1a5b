"""Elementary functions and counter-based random numbers.

Their meaning is kdsl's own algorithms in `ir/mathlib`, run by the interpreter on NumPy arrays and expanded into
arithmetic by `passes/lower_math`. f16 and bf16 go through f32. Within 4 ULP over the whole range (f32 and f64); special
values as in C99 annex F. Under math="strict" the bits are those of the interpreter on every target.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..opdef import OpDef, Trait, define


def _function(name: str) -> Callable[..., Any]:
    def evaluate(*args: Any) -> Any:
        from ..mathlib import evaluate_numpy

        wide = [a.astype(np.float32) if a.dtype == np.float16 else a for a in args]
        return evaluate_numpy(name, *wide).astype(args[0].dtype)

    return evaluate


def _random(name: str) -> Callable[..., Any]:
    def evaluate(seed: Any, counter: Any) -> Any:
        from ..mathlib import random_numpy

        return random_numpy(name, seed, counter)

    return evaluate


def _unary(name: str, doc: str) -> OpDef:
    return define(f"math.{name}", "x:F -> out:F", doc, eval=_function(name), elementwise=True, trait=Trait.FUNCTION)


def _binary(name: str, signature: str, doc: str) -> OpDef:
    return define(f"math.{name}", signature, doc, eval=_function(name), elementwise=True, trait=Trait.FUNCTION)


EXP = _unary("exp", "e**x.")
EXP2 = _unary("exp2", "2**x.")
EXPM1 = _unary("expm1", "e**x - 1, accurate near 0.")
LOG = _unary("log", "Natural logarithm; -inf at 0, NaN below.")
LOG2 = _unary("log2", "Logarithm to base 2.")
LOG10 = _unary("log10", "Logarithm to base 10.")
LOG1P = _unary("log1p", "log(1 + x), accurate near 0.")
SIN = _unary("sin", "Sine of x radians, also of large x.")
COS = _unary("cos", "Cosine of x radians, also of large x.")
TAN = _unary("tan", "Tangent of x radians, also of large x.")
ASIN = _unary("asin", "Inverse sine in radians; NaN outside [-1, 1].")
ACOS = _unary("acos", "Inverse cosine in radians; NaN outside [-1, 1].")
ATAN = _unary("atan", "Inverse tangent in radians.")
SINH = _unary("sinh", "Hyperbolic sine.")
COSH = _unary("cosh", "Hyperbolic cosine.")
TANH = _unary("tanh", "Hyperbolic tangent.")
ASINH = _unary("asinh", "Inverse hyperbolic sine.")
ACOSH = _unary("acosh", "Inverse hyperbolic cosine; NaN below 1.")
ATANH = _unary("atanh", "Inverse hyperbolic tangent; infinite at 1 and -1, NaN beyond.")
CBRT = _unary("cbrt", "Cube root, of negative numbers too.")
ERF = _unary("erf", "Error function.")
ATAN2 = _binary("atan2", "y:F x:F -> out:F", "Angle of the point (x, y) in radians, in (-pi, pi].")
HYPOT = _binary("hypot", "x:F y:F -> out:F", "sqrt(x*x + y*y) without overflow on the way; infinite where either is, also beside NaN.")
POW = _binary("pow", "x:F y:F -> out:F", "x to the power y; special values as C's pow.")

RANDOM_BITS = define("random.bits", "seed:u64 counter:u64 -> out:u32", "32 random bits: word 0 of Philox 4x32-10 at (seed, counter).", eval=_random("bits"), elementwise=True, trait=Trait.FUNCTION)  # fmt: skip
RANDOM_UNIFORM = define("random.uniform", "seed:u64 counter:u64 -> out:f32", "Uniform in [0, 1), 24 bits, from Philox 4x32-10.", eval=_random("uniform"), elementwise=True, trait=Trait.FUNCTION)  # fmt: skip
RANDOM_NORMAL = define("random.normal", "seed:u64 counter:u64 -> out:f32", "Standard normal by Box-Muller from Philox 4x32-10.", eval=_random("normal"), elementwise=True, trait=Trait.FUNCTION)  # fmt: skip
