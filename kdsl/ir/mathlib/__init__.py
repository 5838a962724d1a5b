"""kdsl's own elementary functions, written once against an abstract algebra.

One idea: ``FUNCTIONS[name][type]`` is all that the interpreter and the lowering need: evaluated on a
``NumpyAlgebra`` a function computes, on an IR-building algebra it expands; see ``algebra.py`` for the
operations it may use.  ``FAST_FUNCTIONS`` holds shorter, less accurate f32 versions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kdsl.ir.mathlib import erf, exp, fast, hyperbolic, inverse_hyperbolic, inverse_trig, log, power, random, reduction, roots, trig
from kdsl.ir.mathlib.algebra import Algebra, NumpyAlgebra, Value, evaluate
from kdsl.ir.mathlib.common import F32, F64
from kdsl.records import record

__all__ = [
    "FAST_FUNCTIONS",
    "FUNCTIONS",
    "HUGE",
    "RANDOM_FUNCTIONS",
    "Algebra",
    "Function",
    "NumpyAlgebra",
    "Value",
    "evaluate",
    "evaluate_numpy",
    "huge_numpy",
    "random_numpy",
]


class Function(metaclass=record):
    """One elementary function for one type; call it with an algebra and ``arity`` values of ``type``."""

    name: str
    type: str
    arity: int
    expand: Callable[..., Value]

    def __call__(self, m: Algebra, *arguments: Value) -> Value:
        return self.expand(m, *arguments)


_SOURCES: dict[str, tuple[int, Callable[..., Value]]] = {
    "exp": (1, exp.exp),
    "exp2": (1, exp.exp2),
    "expm1": (1, exp.expm1),
    "log": (1, log.log),
    "log2": (1, log.log2),
    "log10": (1, log.log10),
    "log1p": (1, log.log1p),
    "sin": (1, trig.sin),
    "cos": (1, trig.cos),
    "tan": (1, trig.tan),
    "asin": (1, inverse_trig.asin),
    "acos": (1, inverse_trig.acos),
    "atan": (1, inverse_trig.atan),
    "atan2": (2, inverse_trig.atan2),
    "sinh": (1, hyperbolic.sinh),
    "cosh": (1, hyperbolic.cosh),
    "tanh": (1, hyperbolic.tanh),
    "asinh": (1, inverse_hyperbolic.asinh),
    "acosh": (1, inverse_hyperbolic.acosh),
    "atanh": (1, inverse_hyperbolic.atanh),
    "erf": (1, erf.erf),
    "pow": (2, power.pow),
    "rsqrt": (1, power.rsqrt),
    "cbrt": (1, roots.cbrt),
    "hypot": (2, roots.hypot),
}


def _bind(source: Callable[..., Any], f: object) -> Callable[..., Any]:
    def expand(m: Algebra, *arguments: Value) -> Any:
        return source(m, f, *arguments)

    return expand


FUNCTIONS: dict[str, dict[str, Function]] = {
    name: {f.name: Function(name, f.name, arity, _bind(source, f)) for f in (F32, F64)}
    for name, (arity, source) in _SOURCES.items()
}

HUGE: dict[str, Callable[..., Any]] = {f.name: _bind(reduction.huge, f) for f in (F32, F64)}
"""The argument reduction of huge numbers by type: an algebra and x to (quadrant, rest, tail)."""

FAST_FUNCTIONS: dict[str, dict[str, Function]] = {
    name: {"f32": Function(name, "f32", arity, source)} for name, (arity, source) in fast.SOURCES.items()
}

RANDOM_FUNCTIONS: dict[str, Callable[[Algebra, Value, Value], Value]] = {
    "random_bits": random.random_bits,
    "random_uniform": random.random_uniform,
    "random_normal": random.random_normal,
}
"""Functions of (seed, counter), both u64 or u32; results are u32, f32 and f32."""


_NAMES = {np.dtype(np.float32): "f32", np.dtype(np.float64): "f64"}


def evaluate_numpy(name: str, *arrays: Any) -> Any:
    """The meaning of `math.<name>` on f32 or f64 arrays: what the interpreter gives, and strict mode everywhere."""
    return evaluate(FUNCTIONS[name][_NAMES[arrays[0].dtype]], *arrays)


def random_numpy(name: str, seed: Any, counter: Any) -> Any:
    """The meaning of `random.<name>` on u64 arrays."""
    return evaluate(RANDOM_FUNCTIONS[f"random_{name}"], seed, counter)


def huge_numpy(x: Any) -> tuple[Any, ...]:
    """The meaning of `machine.payne_hanek` on f32 or f64 arrays."""
    m = NumpyAlgebra()
    return tuple([v.data for v in HUGE[_NAMES[x.dtype]](m, m.wrap(x))])
