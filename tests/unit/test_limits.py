"""What is known of a float (`analysis/limits`) holds for every value, and functions that rest on it give what they give without.

One idea: expressions are made at random and evaluated on corner values; a function is evaluated as if nothing were known, and as if
exactly the limits of its arguments were.
"""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f16, f32, f64
from kdsl.ir import formats, types as T
from kdsl.ir.analysis.limits import ANY, limits_of, magnitude
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, Value, walk
from kdsl.ir.mathlib import FAST_FUNCTIONS, FUNCTIONS, NumpyAlgebra
from kdsl.ir.opdef import OPS, Level
from kdsl.ir.ops import arith
from kdsl.ir.passes.lower_math import lower_math
from kdsl.target import CPU_TARGETS

TYPES = ["f32", "f64", "f16", "bf16"]
TWO = ["add", "sub", "mul", "div", "minimum", "maximum", "fmin", "fmax"]
ONE = ["neg", "abs", "sqrt", "sign"]
CALLED = ["sin", "cos", "tanh", "erf", "exp", "exp2", "expm1", "cosh", "asin", "acos", "atan"]


def corners(t: T.ScalarType) -> np.ndarray:
    special = [0.0, -0.0, math.inf, -math.inf, math.nan, 1.0, -1.0, 0.5, 1e-30, -1e-30, 1e-42, 1e30, -1e30, 3.4e38, 65000.0]
    drawn = np.random.default_rng(5).normal(size=49) * 10.0 ** np.random.default_rng(6).integers(-9, 9, 49)
    with np.errstate(all="ignore"):
        return formats.convert(t, np.array([*special, *drawn]))


class Expressions:
    """Values made of a pool by random ops, and what NumPy makes of each."""

    def __init__(self, t: T.ScalarType, seed: int) -> None:
        self.t, self.random = t, random.Random(seed)
        self.function = Function("f", (("x", t), ("y", t), ("n", T.u8)), level=Level.BLOCK)
        self.b = Builder(self.function.body)
        x = corners(t)
        grid = [np.repeat(x, len(x)), np.tile(x, len(x)), np.arange(len(x) ** 2, dtype=np.uint8)]
        self.values: dict[Value, np.ndarray] = dict(zip(self.function.params, grid, strict=True))
        self.pool = list(self.function.params[:2])
        counted = self.emit(arith.CAST, self.function.params[2], type=t)
        self.pool += [counted, *[self.constant(c) for c in (0.0, -0.0, 1.0, -0.5, 2.5, -3.0, 1e-6, 20.0)]]

    def constant(self, number: float) -> Value:
        out = self.b.constant(float(formats.convert(self.t, np.array(number))), self.t)
        self.values[out] = formats.convert(self.t, np.full(len(self.values[self.function.params[0]]), number))
        return out

    def emit(self, defn: Any, *operands: Value, type: T.ScalarType | None = None) -> Value:
        out = self.b.emit(defn, *operands, type=type) if type else self.b.emit(defn, *operands)
        given = [self.values[v] for v in operands]
        with np.errstate(all="ignore"):
            if defn is arith.CAST:
                result = formats.convert(type, given[0])
            else:
                result = defn.eval(*given)
                if self.t.storage and out.type is self.t:  # computed wide, rounded to the type
                    result = formats.convert(self.t, np.asarray(result, np.float32))
        self.values[out] = result
        return out

    def one(self) -> Value:
        pick = self.random.choice
        kind = self.random.random()
        if kind < 0.2:
            a = pick(self.pool)
            return self.emit(arith.MUL, a, a)
        if kind < 0.35:
            a, b = pick(self.pool), pick(self.pool)
            test = OPS[f"arith.{pick(['lt', 'le', 'gt', 'ge'])}"]
            order = (a, b) if self.random.random() < 0.5 else (b, a)
            return self.emit(arith.SELECT, self.emit(test, a, b), *order)
        if kind < 0.5:
            return self.emit(OPS[f"math.{pick(CALLED)}"], pick(self.pool))
        if kind < 0.65:
            return self.emit(OPS[f"arith.{pick(ONE)}"], pick(self.pool))
        return self.emit(OPS[f"arith.{pick(TWO)}"], pick(self.pool), pick(self.pool))


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("seed", range(12))
def test_no_value_is_outside(name: str, seed: int) -> None:
    made = Expressions(T.SCALARS[name], seed)
    known = 0
    for _ in range(60):
        v = made.one()
        made.pool.append(v)
        low, high = limits_of(v)
        known += (low, high) != ANY
        numbers = made.values[v].astype(np.float64)
        numbers = numbers[~np.isnan(numbers)]
        assert ((numbers >= low) & (numbers <= high)).all(), (v.op, low, high, numbers.min(), numbers.max())
        if low >= 0:
            assert not np.signbit(numbers).any(), (v.op, low, high)
    assert known > 10


class Limited(NumpyAlgebra):
    """As if the limits of the arguments were known, and of what `abs` makes of them."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.given = low, high
        self.known: list[tuple[Any, tuple[float, float]]] = []

    def wrap(self, data: Any) -> Any:
        out = super().wrap(data)
        self.known.append((out, self.given))
        return out

    def limits(self, x: Any) -> tuple[float, float]:
        return next((limits for v, limits in self.known if v is x), (-math.inf, math.inf))

    def abs(self, x: Any) -> Any:
        out = super().abs(x)
        self.known.append((out, magnitude(self.limits(x))))
        return out


LIMITS = [
    (-1.0, 1.0), (-1e3, 1e3), (-5e-324, math.inf), (0.0, math.inf), (1.0, math.inf), (-math.inf, 0.0), (0.001, 5.0), (-1.0, 9.0),
]  # fmt: skip


@pytest.mark.parametrize("limits", LIMITS, ids=str)
@pytest.mark.parametrize("type", ["f32", "f64"])
@pytest.mark.parametrize("name", [n for n, by_type in FUNCTIONS.items() if by_type["f32"].arity == 1])
def test_functions_give_what_they_give_without(name: str, type: str, limits: tuple[float, float]) -> None:
    low, high = limits
    dtype = np.dtype(f"float{type[1:]}")
    draw = np.random.default_rng(8)
    x = np.concatenate([draw.uniform(max(low, -1e4), min(high, 1e4), 3000), draw.uniform(-4.0, 4.0, 3000),
                        draw.choice([-1.0, 1.0], 3000) * 10.0 ** draw.uniform(-45, 38, 3000),
                        [0.0, math.inf, -math.inf, 1.0, -1.0]]).astype(dtype)  # fmt: skip
    x = np.append(x[(x >= low) & (x <= high)], dtype.type(math.nan))
    for table in (FUNCTIONS, FAST_FUNCTIONS):
        function = table.get(name, {}).get(type)
        if function is None:
            continue
        plain, m = NumpyAlgebra(), Limited(low, high)
        with np.errstate(all="ignore"):
            expected, found = function(plain, plain.wrap(x)).data, function(m, m.wrap(x)).data
        if name == "exp" and type == "f32" and limits == (-1.0, 1.0):
            exact = np.exp(x.astype(np.longdouble))
            most = 3.8e-7 if table is FAST_FUNCTIONS else 2.4e-7  # where it is 1/e, sums of terms cancel
            assert np.nanmax(abs(found - exact) / exact) < most
            assert np.isnan(found[-1])
        else:
            assert np.array_equal(expected.view(f"u{dtype.itemsize}"), found.view(f"u{dtype.itemsize}"))


@kdsl.kernel
def known(x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 2]):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        a, b = x[i], y[i]
        out[0, i] = kdsl.exp(kdsl.sin(a)) + kdsl.exp(kdsl.tanh(b))
        out[1, i] = kdsl.exp(-0.5 * a * a)
        out[2, i] = kdsl.exp(-(a * a) / (2.0 * b * b))
        out[3, i] = kdsl.log(1.0 + a * a)
        out[4, i] = kdsl.log(kdsl.maximum(a, 1e-6))
        out[5, i] = kdsl.log(1.0 + kdsl.exp(-abs(a)))
        out[6, i] = kdsl.log1p(b * b)
        out[7, i] = kdsl.cos(3.0 * kdsl.clamp(a, -2.0, 2.0))
        out[8, i] = kdsl.exp(min(a, 0.0)) + kdsl.exp2(-abs(b))
        out[9, i] = kdsl.tan(kdsl.tanh(a) * 1.5) + kdsl.sinh(kdsl.cos(b))
        out[10, i] = kdsl.log(abs(a)) + kdsl.log2(kdsl.sqrt(b))


@kdsl.kernel(math="fast")
def known_fast(x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 2]):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        a, b = x[i], y[i]
        out[0, i] = kdsl.exp(kdsl.sin(a)) + kdsl.exp(kdsl.tanh(b))
        out[1, i] = kdsl.exp(-0.5 * a * a)
        out[2, i] = kdsl.log(1.0 + a * a)
        out[3, i] = kdsl.log(kdsl.maximum(a, 1e-6))
        out[4, i] = kdsl.log1p(b * b)
        out[5, i] = kdsl.cos(3.0 * kdsl.clamp(a, -2.0, 2.0))
        out[6, i] = kdsl.exp(min(a, 0.0)) + kdsl.exp2(-abs(b))


@kdsl.kernel
def known_wide(x: Array[f64, 1], y: Array[f64, 1], out: Array[f64, 2]):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        a, b = x[i], y[i]
        out[0, i] = kdsl.exp(kdsl.sin(a))
        out[1, i] = kdsl.exp(-(a * a) / (2.0 * b * b))
        out[2, i] = kdsl.log(1.0 + a * a)
        out[3, i] = kdsl.sin(kdsl.tanh(b) * 3.0)


@kdsl.kernel
def known_narrow(x: Array[f16, 1], y: Array[f16, 1], out: Array[f16, 2]):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        a, b = x[i], y[i]
        out[0, i] = kdsl.exp(kdsl.sin(a))
        out[1, i] = kdsl.exp(-(a * a))
        out[2, i] = kdsl.log(f16(1.0) + b * b)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", [known, known_fast, known_wide, known_narrow], ids=lambda k: k.__name__)
def test_a_kernel_computes_what_the_interpreter_does(kernel: Any, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dtype = {"known_wide": np.float64, "known_narrow": np.float16}.get(kernel.__name__, np.float32)
    special = [0.0, -0.0, 1e-30, 1.0, -1.0, 0.3, 5.0, -9.0, 80.0, -120.0]
    special += [] if kernel is known_fast else [math.inf, -math.inf, math.nan, 1e30, -1e30, 1e-42]
    with np.errstate(over="ignore"):
        x, y = [np.array(v, dtype) for v in (np.repeat(special, len(special)), np.tile(special, len(special)))]
    out = np.zeros((11, len(x)), dtype)
    expected = np.zeros_like(out)
    with np.errstate(all="ignore"):
        kernel.interpret.over(len(x))(x, y, expected)
    launch_on(arch, monkeypatch, kernel)
    kernel.over(len(x))(x, y, out)
    rtol = {np.float16: 4e-3, np.float32: 4e-6, np.float64: 1e-14}[dtype]
    np.testing.assert_allclose(out, expected, rtol, 3e-6 if kernel is known_fast else np.finfo(dtype).smallest_normal * 8)


@kdsl.kernel
def turned(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = kdsl.cos(kdsl.clamp(x[i], -3.2, 3.2))


@kdsl.kernel
def far(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = kdsl.cos(x[i])


def test_what_is_known_spares_code() -> None:
    """An angle within a turn needs no reduction of huge ones, which has loops' worth of integers."""

    def ops(kernel: Any) -> int:
        return sum(1 for _ in walk(lower_math(kernel.ir({"x": T.ArrayType(T.f32, 1)}), CPU_TARGETS["x86-64-v3"]).body))

    assert ops(turned) < ops(far) / 2
