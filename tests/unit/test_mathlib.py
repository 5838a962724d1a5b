"""Elementary functions: accuracy against mpmath, special values, and Philox against its known answers.

One idea: every function is checked three times, evaluated exactly as written (strict mode) and with every
allowed multiply-add fused in either of two ways (what a target with FMA may do), against the same bound.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from kdsl.ir.mathlib import FAST_FUNCTIONS, FUNCTIONS, RANDOM_FUNCTIONS, NumpyAlgebra, evaluate
from kdsl.ir.mathlib.common import F32, F64, two_product
from kdsl.ir.mathlib.random import philox4x32
from kdsl.ir.mathlib.ulp import references, sample, worst

pytestmark = pytest.mark.filterwarnings("error")

FORMATS = {"f32": F32, "f64": F64}
DTYPES: dict[str, Any] = {"f32": np.float32, "f64": np.float64}
INF, NAN = math.inf, math.nan

# The largest error in ULP that each function may show.
BOUNDS = {
    "exp": 1.1, "exp2": 1.2, "expm1": 2.0, "log": 0.9, "log2": 1.4, "log10": 1.3, "log1p": 1.6,
    "sin": 1.6, "cos": 1.6, "tan": 1.6, "asin": 1.6, "acos": 1.2, "atan": 2.0, "atan2": 2.0,
    "sinh": 1.6, "cosh": 1.5, "tanh": 1.6, "erf": 1.3, "pow": 1.3, "rsqrt": 1.5,
    "asinh": 1.6, "acosh": 1.7, "atanh": 1.6, "cbrt": 0.7, "hypot": 1.2,
}  # fmt: skip


@pytest.mark.parametrize("type", ["f32", "f64"])
@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_accuracy(name: str, type: str) -> None:
    f = FORMATS[type]
    arguments = sample(name, f, 2500, np.random.default_rng(20240601))
    exact = references(name, f, arguments)
    for contract in (None, "left", "right"):
        computed = evaluate(FUNCTIONS[name][type], *arguments, contract=contract)
        assert computed.dtype == DTYPES[type]
        error, at = worst(f, computed, exact, arguments)
        assert error <= BOUNDS[name], f"{error:.3f} ULP at {at} with contract={contract}"


# name, arguments, expected (exactly, with the sign of zero; NaN for NaN): C99 Annex F.9.
UNARY_SPECIALS = [
    *[(name, (NAN,), NAN) for name in FUNCTIONS if FUNCTIONS[name]["f32"].arity == 1],
    *[(name, (zero,), zero) for zero in (0.0, -0.0) for name in (
        "expm1", "log1p", "sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "erf", "cbrt",
    )],
    *[(name, (inf,), inf) for name in ("asinh", "cbrt") for inf in (INF, -INF)],
    *[("atanh", (sign * 1.0,), sign * INF) for sign in (1.0, -1.0)],
    *[("atanh", (x,), NAN) for x in (1.0000002, -1.5, INF, -INF)],
    *[("acosh", (x,), NAN) for x in (0.9999999, 0.0, -1.0, -3.0, -INF)],
    *[("acosh", (x,), y) for x, y in ((1.0, 0.0), (INF, INF))],
    *[("cbrt", (sign * x,), sign * y) for sign in (1.0, -1.0) for x, y in ((1.0, 1.0), (27.0, 3.0), (2.0**-126, 2.0**-42))],
    *[(name, (zero,), 1.0) for name in ("exp", "exp2", "cos", "cosh") for zero in (0.0, -0.0)],
    *[(name, (inf,), NAN) for name in ("sin", "cos", "tan", "asin", "acos") for inf in (INF, -INF)],
    *[(name, (INF,), INF) for name in ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sinh", "cosh")],
    *[(name, (-INF,), 0.0) for name in ("exp", "exp2")],
    *[(name, (zero,), -INF) for name in ("log", "log2", "log10") for zero in (0.0, -0.0)],
    *[(name, (x,), NAN) for name in ("log", "log2", "log10", "rsqrt") for x in (-1.0, -1e-38, -INF)],
    *[(name, (1.0,), 0.0) for name in ("log", "log2", "log10", "acos")],
    *[(name, (x,), NAN) for name in ("asin", "acos") for x in (1.0000002, -1.0000002, 7.0)],
    *[(name, (sign * INF,), sign * 1.0) for name in ("tanh", "erf") for sign in (1.0, -1.0)],
    ("expm1", (-INF,), -1.0),
    ("sinh", (-INF,), -INF),
    ("cosh", (-INF,), INF),
    ("log1p", (-1.0,), -INF),
    ("log1p", (-1.5,), NAN),
    ("log1p", (-INF,), NAN),
    ("rsqrt", (0.0,), INF),
    ("rsqrt", (-0.0,), -INF),
    ("rsqrt", (INF,), 0.0),
    ("rsqrt", (4.0,), 0.5),
    ("log2", (8.0,), 3.0),
    ("log10", (1000.0,), 3.0),
    ("exp2", (10.0,), 1024.0),
    ("exp", (1000.0,), INF),
    ("exp", (-1000.0,), 0.0),
    ("exp2", (-2000.0,), 0.0),
]
PI = math.pi
ATAN2_SPECIALS = [
    *[((s * 0.0, x), s * 0.0) for s in (1.0, -1.0) for x in (0.0, 1.0, INF)],
    *[((s * 0.0, x), s * PI) for s in (1.0, -1.0) for x in (-0.0, -1.0, -INF)],
    *[((s * 2.0, x), s * PI / 2) for s in (1.0, -1.0) for x in (0.0, -0.0)],
    *[((s * INF, x), s * PI / 2) for s in (1.0, -1.0) for x in (1.0, -1.0, 0.0)],
    *[((s * INF, INF), s * PI / 4) for s in (1.0, -1.0)],
    *[((s * INF, -INF), s * 3 * PI / 4) for s in (1.0, -1.0)],
    *[((s * 2.0, INF), s * 0.0) for s in (1.0, -1.0)],
    *[((s * 2.0, -INF), s * PI) for s in (1.0, -1.0)],
    *[((s * 3e38, s * 3e38), PI / 4 if s > 0 else -3 * PI / 4) for s in (1.0, -1.0)],
    *[(pair, NAN) for pair in ((NAN, 1.0), (1.0, NAN), (NAN, NAN), (NAN, INF), (INF, NAN), (0.0, NAN))],
]
POW_SPECIALS = [
    *[((x, y), 1.0) for x in (0.0, -0.0, 1.0, -2.0, INF, -INF, NAN) for y in (0.0, -0.0)],
    *[((1.0, y), 1.0) for y in (INF, -INF, NAN, 3.5, -1e30)],
    *[((-1.0, y), 1.0) for y in (INF, -INF, 2.0, 1e30)],
    *[((-1.0, y), -1.0) for y in (1.0, -3.0, 16777215.0)],
    *[((s * 0.0, y), s * INF) for s in (1.0, -1.0) for y in (-1.0, -3.0)],
    *[((s * 0.0, y), INF) for s in (1.0, -1.0) for y in (-2.0, -0.5, -1e30, -INF)],
    *[((s * 0.0, y), s * 0.0) for s in (1.0, -1.0) for y in (1.0, 3.0)],
    *[((s * 0.0, y), 0.0) for s in (1.0, -1.0) for y in (2.0, 0.5, 1e30, INF)],
    *[((x, -INF), INF) for x in (0.5, -0.5)],
    *[((x, -INF), 0.0) for x in (2.0, -2.0)],
    *[((x, INF), 0.0) for x in (0.5, -0.5)],
    *[((x, INF), INF) for x in (2.0, -2.0)],
    *[((-INF, y), r) for y, r in ((-3.0, -0.0), (-2.0, 0.0), (-0.5, 0.0), (3.0, -INF), (2.0, INF), (0.5, INF))],
    *[((INF, y), r) for y, r in ((-3.0, 0.0), (-0.5, 0.0), (3.0, INF), (0.5, INF))],
    *[((INF, y), r) for y, r in ((INF, INF), (-INF, 0.0))],
    *[((x, y), NAN) for x in (-2.0, -0.1) for y in (0.5, -1.5)],
    *[((x, y), NAN) for x, y in ((NAN, 1.0), (2.0, NAN), (NAN, INF), (0.0, NAN), (INF, NAN))],
    *[((-2.0, y), r) for y, r in ((3.0, -8.0), (2.0, 4.0), (-1.0, -0.5))],
    *[((3.0, 1.0), 3.0), ((2.0, 100.0), 2.0**100), ((2.0, -140.0), 2.0**-140), ((10.0, 2.0), 100.0)],
    *[((2.0, 5000.0), INF), ((2.0, -5000.0), 0.0), ((-2.0, 4999.0), -INF), ((-2.0, -4999.0), -0.0)],
]
HYPOT_SPECIALS = [
    *[((x, y), INF) for inf in (INF, -INF) for other in (NAN, 1.0, -INF) for x, y in ((inf, other), (other, inf))],
    *[((x, y), NAN) for x, y in ((NAN, 1.0), (0.0, NAN), (NAN, NAN))],
    *[((s * x, t * y), z) for s in (1.0, -1.0) for t in (1.0, -1.0) for x, y, z in (
        (0.0, 0.0, 0.0), (3.0, 4.0, 5.0), (3e38, 0.0, 3e38), (2.0**-149, 0.0, 2.0**-149), (3 * 2.0**124, 2.0**126, 5 * 2.0**124),
        (3 * 2.0**-140, 2.0**-138, 5 * 2.0**-140),
    )],
]
SPECIALS = [
    *[("hypot", arguments, expected) for arguments, expected in HYPOT_SPECIALS],
    *UNARY_SPECIALS,
    *[("atan2", arguments, expected) for arguments, expected in ATAN2_SPECIALS],
    *[("pow", arguments, expected) for arguments, expected in POW_SPECIALS],
]


@pytest.mark.parametrize("contract", [None, "left", "right"])
@pytest.mark.parametrize("type", ["f32", "f64"])
def test_special_values(type: str, contract: str | None) -> None:
    dtype = DTYPES[type]
    wrong = []
    for name, arguments, expected in SPECIALS:
        result = evaluate(FUNCTIONS[name][type], *(dtype(a) for a in arguments), contract=contract)
        assert result.dtype == dtype and result.shape == ()
        same = np.isnan(result) if expected != expected else _same_float(result, dtype(expected))
        if not same:
            wrong.append(f"{name}{arguments} = {result}, not {expected}")
    assert not wrong, "\n".join(wrong)


def _same_float(a: Any, b: Any) -> bool:
    return bool(a == b) and bool(np.signbit(a) == np.signbit(b))


@pytest.mark.parametrize("type", ["f32", "f64"])
def test_powers_of_two_are_exact(type: str) -> None:
    f, dtype = FORMATS[type], DTYPES[type]
    exponents = np.arange(1 - f.bias - f.fraction_bits, f.bias + 1)
    powers = np.ldexp(dtype(1), exponents).astype(dtype)
    assert np.array_equal(evaluate(FUNCTIONS["exp2"][type], exponents.astype(dtype)), powers)
    assert np.array_equal(evaluate(FUNCTIONS["log2"][type], powers), exponents.astype(dtype))
    twos = np.full(exponents.size, 2, dtype)
    assert np.array_equal(evaluate(FUNCTIONS["pow"][type], twos, exponents.astype(dtype)), powers)


class _Wide(NumpyAlgebra):
    """Where f64 is quick, and bits may be the target's own."""

    wide = True


@pytest.mark.parametrize("contract", [None, "left", "right"])
def test_powers_by_way_of_f64(contract: str | None) -> None:
    m, function = _Wide(contract), FUNCTIONS["pow"]["f32"]
    arguments = sample("pow", F32, 2500, np.random.default_rng(20261130))
    error, at = worst(F32, function(m, *map(m.wrap, arguments)).data, references("pow", F32, arguments), arguments)
    assert error <= BOUNDS["pow"], f"{error:.3f} ULP at {at}"
    for given, expected in POW_SPECIALS:
        result = function(m, *[m.wrap(np.float32(x)) for x in given]).data
        same = np.isnan(result) if expected != expected else _same_float(result, np.float32(expected))
        assert same, (given, result, expected)
    exponents = np.arange(-149, 128)
    powers = function(m, m.wrap(np.full(exponents.size, 2, np.float32)), m.wrap(exponents.astype(np.float32))).data
    assert np.array_equal(powers, np.ldexp(np.float32(1), exponents))


class _WithoutF64(NumpyAlgebra):
    """Refuses double precision, which some targets do not have."""

    def apply(self, name: str, ufunc: Any, *operands: Any) -> Any:
        result = super().apply(name, ufunc, *operands)
        assert result.data.dtype != np.float64, f"{name} gave an f64"
        return result


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_f32_needs_no_f64(name: str) -> None:
    m = _WithoutF64()
    function = FUNCTIONS[name]["f32"]
    values = [m.wrap(np.array([0.3, 1e30, 100.0], np.float32))] * function.arity
    result: Any = function(m, *values)
    assert result.data.dtype == np.float32


@pytest.mark.parametrize("type", ["f32", "f64"])
def test_one_lane_equals_many(type: str) -> None:
    """What other lanes hold (and which slow paths they need) does not change a lane."""
    x = np.array([0.5, 1e30, 3.0, -7e4, 1e-40], DTYPES[type])
    for name in ("sin", "cos", "tan", "exp", "log"):
        together = evaluate(FUNCTIONS[name][type], x)
        alone = np.array([evaluate(FUNCTIONS[name][type], v) for v in x])
        assert np.array_equal(together, alone, equal_nan=True)


@pytest.mark.parametrize("type", ["f32", "f64"])
def test_two_product_is_exact(type: str) -> None:
    """Hence a target may compute the error with a fused multiply-add and still give the same bits."""
    rng, dtype = np.random.default_rng(3), DTYPES[type]
    a, b = ((rng.uniform(0.5, 2.0, 2000) * rng.choice([-1, 1], 2000)).astype(dtype) for _ in range(2))
    m = NumpyAlgebra()
    product, error = (v.data for v in two_product(m, FORMATS[type], m.wrap(a), m.wrap(b)))  # type: ignore[attr-defined]
    for x, y, p, e in zip(a.tolist(), b.tolist(), product.tolist(), error.tolist()):
        assert Fraction(x) * Fraction(y) == Fraction(p) + Fraction(e)


FAST_RANGES: dict[str, tuple[tuple[float, float], ...]] = {
    "exp": ((-86.9, 88.0),), "exp2": ((-125.0, 127.9),), "log": ((2.0, 1e30),), "log2": ((2.0, 1e30),),
    "log1p": ((-0.999, 3.0),), "sin": ((-10000.0, 10000.0),), "cos": ((-10000.0, 10000.0),), "tanh": ((-12.0, 12.0),),
    "pow": ((0.5, 3.0), (-8.0, 8.0)),
}  # fmt: skip
FAST_RELATIVE = {"exp": 5e-6, "exp2": 3e-7, "log": 3e-7, "log2": 3e-7, "log1p": 3.5e-7, "pow": 5e-6, "tanh": 3e-7}
FAST_ABSOLUTE = {"sin": 3e-7, "cos": 3e-7}


@pytest.mark.parametrize("contract", [None, "left", "right"])
@pytest.mark.parametrize("name", list(FAST_FUNCTIONS))
def test_fast_functions(name: str, contract: str | None) -> None:
    rng = np.random.default_rng(7)
    arguments = [rng.uniform(low, high, 50_000).astype(np.float32) for low, high in FAST_RANGES[name]]
    computed = evaluate(FAST_FUNCTIONS[name]["f32"], *arguments, contract=contract).astype(np.float64)
    exact = getattr(np, {"pow": "power"}.get(name, name))(*(a.astype(np.float64) for a in arguments))
    error = np.abs(computed - exact)
    if name in FAST_ABSOLUTE:
        assert error.max() <= FAST_ABSOLUTE[name]
    else:
        assert (error / np.abs(exact)).max() <= FAST_RELATIVE[name]


def test_fast_limits() -> None:
    x = np.array([-INF, -200.0, 0.0, 128.1, 200.0, INF, NAN], np.float32)
    assert evaluate(FAST_FUNCTIONS["exp2"]["f32"], x)[:6].tolist() == [0.0, 0.0, 1.0, INF, INF, INF]
    assert evaluate(FAST_FUNCTIONS["exp"]["f32"], x)[:6].tolist() == [0.0, 0.0, 1.0, INF, INF, INF]
    log1p = FAST_FUNCTIONS["log1p"]["f32"]
    assert evaluate(log1p, np.array([-1.0, 0.0, 1e-40, INF], np.float32)).tolist() == [-INF, 0.0, np.float32(1e-40), INF]
    assert np.isnan(evaluate(log1p, np.array([-1.0000001, -INF, NAN], np.float32))).all()
    large = np.array([2.3e38, 2.5e38, 3.4e38], np.float32)
    assert np.allclose(evaluate(log1p, large), np.log1p(large.astype(np.float64)), rtol=1e-7)
    for name in ("exp", "exp2", "log", "log2", "log1p", "tanh"):
        assert np.isnan(evaluate(FAST_FUNCTIONS[name]["f32"], x)[6])


def _u32(*words: int) -> list[np.ndarray[Any, Any]]:
    return [np.array(w, np.uint32) for w in words]


# From Random123's kat_vectors: philox4x32, 10 rounds: counter, key, result.
PHILOX = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "expected"), PHILOX)
def test_philox_known_answers(counter: Any, key: Any, expected: Any) -> None:
    m = NumpyAlgebra()
    words = philox4x32(m, tuple(map(m.wrap, _u32(*counter))), tuple(map(m.wrap, _u32(*key))))  # type: ignore[arg-type]
    assert tuple(int(w.data) for w in words) == expected  # type: ignore[attr-defined]


def test_random_numbers_follow_the_seed_and_counter() -> None:
    counter = np.arange(1000, dtype=np.uint64)
    bits = evaluate(RANDOM_FUNCTIONS["random_bits"], np.uint64(5), counter)
    assert bits.dtype == np.uint32 and len(set(bits.tolist())) == 1000
    assert np.array_equal(bits, evaluate(RANDOM_FUNCTIONS["random_bits"], np.uint32(5), counter.astype(np.uint32)))
    beyond = evaluate(RANDOM_FUNCTIONS["random_bits"], np.uint64(5), counter + np.uint64(1 << 32))
    other_seed = evaluate(RANDOM_FUNCTIONS["random_bits"], np.uint64(5 + (1 << 32)), counter)
    assert not np.any(beyond == bits) and not np.any(other_seed == bits)


def test_random_distributions() -> None:
    counter = np.arange(100_000, dtype=np.uint64)
    uniform = evaluate(RANDOM_FUNCTIONS["random_uniform"], np.uint64(1), counter)
    assert uniform.dtype == np.float32 and uniform.min() >= 0 and uniform.max() < 1
    assert abs(uniform.mean() - 0.5) < 0.004 and abs(uniform.var() - 1 / 12) < 0.002
    normal = evaluate(RANDOM_FUNCTIONS["random_normal"], np.uint64(1), counter)
    assert normal.dtype == np.float32 and np.isfinite(normal).all()
    assert abs(normal.mean()) < 0.015 and abs(normal.var() - 1) < 0.02
    assert abs((np.abs(normal) < 1).mean() - 0.6827) < 0.006
