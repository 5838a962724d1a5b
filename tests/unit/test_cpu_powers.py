"""Powers of 1/sqrt(x) under math="fast" share one refinement: every spelling, every exponent, special values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from cpu_run import array_type, block_function, load, over_row, run, store

from kdsl.codegen import cpu
from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, Value
from kdsl.ir.ops import arith, tile
from kdsl.target import CPU_TARGETS

V3, V4 = CPU_TARGETS["x86-64-v3"], CPU_TARGETS["x86-64-v4"]
_SPECIAL = np.array([0.0, np.inf, -np.inf, np.nan, -1.0, 1e-45, 1e-40, 2e-39, 3e38, 4.0], np.float32)
Spelling = Callable[[Builder, Value, Value], Value]


def _cube(b: Builder, x: Value, m: Value) -> Value:
    y = b.emit(arith.RSQRT, x)
    return b.emit(arith.MUL, b.emit(arith.MUL, b.emit(arith.MUL, m, y), y), y)


def _square(b: Builder, x: Value, m: Value) -> Value:
    y = b.emit(arith.RSQRT, x)
    return b.emit(arith.MUL, m, b.emit(arith.MUL, y, y))


def _over_roots(b: Builder, x: Value, m: Value) -> Value:
    r = b.emit(arith.SQRT, x)
    return b.emit(arith.DIV, m, b.emit(arith.MUL, b.emit(arith.MUL, r, r), r))


def _over_mixed(b: Builder, x: Value, m: Value) -> Value:
    return b.emit(arith.DIV, m, b.emit(arith.MUL, x, b.emit(arith.SQRT, x)))


def _cube_of_quotient(b: Builder, x: Value, m: Value) -> Value:
    y = b.emit(arith.DIV, m, b.emit(arith.SQRT, x))
    one = b.emit(arith.RSQRT, x)
    return b.emit(arith.MUL, b.emit(arith.MUL, y, one), one)


POWERS: dict[Spelling, float] = {_cube: 1.5, _square: 1.0, _over_roots: 1.5, _over_mixed: 1.5}


def kernel(spelling: Spelling, lanes: int, *, same: bool, math: str = "fast") -> Function:
    """m * x**-power, with m the same in all lanes or not (then it is 3 there too)."""
    f, b = block_function("power", [("x", array_type(T.f32)), ("y", array_type(T.f32)), ("m", T.f32)], math=math)
    x, y, m = f.params

    def body(i: Value, mask: Value) -> None:
        v = load(b, T.f32, lanes, x, i, mask=mask)
        factor = b.splat(m, (lanes,))
        if not same:  # x > x is false everywhere, and nobody knows it
            factor = b.emit(arith.SELECT, b.emit(arith.GT, v, v), v, factor)
        store(b, spelling(b, v, factor), y, i, mask=mask)

    over_row(b, lanes, body)
    b.yield_()
    return f


def samples() -> np.ndarray:
    rng = np.random.default_rng(7)
    exponents = np.arange(255, dtype=np.uint32) << 23
    significands = rng.integers(0, 2**23, 4000, np.uint32)
    return np.concatenate([(exponents[:, None] | significands).reshape(-1).view(np.float32), _SPECIAL])


@pytest.mark.parametrize("same", [True, False], ids=["uniform", "varying"])
@pytest.mark.parametrize("spelling", POWERS, ids=lambda s: s.__name__)
def test_every_exponent(spelling: Spelling, same: bool) -> None:
    x = samples()
    y = np.zeros_like(x)
    run(kernel(spelling, 32, same=same), "x86-64-v4", (x, y, 3.0), (len(x),), chunk=1 << 20)
    assert _worst(x, y, POWERS[spelling]) <= 4.0


def _worst(x: np.ndarray, y: np.ndarray, power: float = 1.5) -> float:
    """How far y is from 3 * x**-power, in units in the last place; what is not finite has to be right."""
    with np.errstate(all="ignore"):
        truth = 3.0 * x.astype(np.float64) ** -power
        usual = np.isfinite(truth) & (truth > 2.0**-126) & (truth < 2.0**127) & (x >= 2.0**-126)
        error = np.abs(y[usual] - truth[usual]) / np.spacing(truth[usual].astype(np.float32))
        odd = (x == 0) | ~np.isfinite(x) | (x < 0) | ((x < 2.0**-126) & (truth > 3.5e38))
        want = np.where(x < 0, np.nan, truth)[odd].astype(np.float32)
    assert np.array_equal(y[odd], want, equal_nan=True)
    return float(error.max())


@pytest.mark.parametrize("spelling", POWERS, ids=lambda s: s.__name__)
def test_only_the_estimate_and_one_refinement(spelling: Spelling) -> None:
    text = cpu.assembly(kernel(spelling, 16, same=True), V4)
    loop = text[text.index("vrsqrt14ps") :]
    assert "vdivps" not in text
    assert "vsqrtps" not in text
    assert loop[: loop.index("vmovups")].count("vfnmadd") == 1


def test_what_shares_a_power_multiplies_once() -> None:
    """A force's three components: the power is multiplied by its refinement once, and not in each of them."""
    f, b = block_function("force", [(name, array_type(T.f32)) for name in ("x", "y", "z", "out")] + [("m", T.f32)], math="fast")
    *arrays, m = f.params

    def body(i: Value, mask: Value) -> None:
        x, y, z = [load(b, T.f32, 16, array, i, mask=mask) for array in arrays[:3]]
        s = _cube(b, x, b.splat(m, (16,)))
        store(b, b.emit(arith.ADD, b.emit(arith.MUL, s, y), b.emit(arith.MUL, s, z)), arrays[3], i, mask=mask)

    over_row(b, 16, body)
    b.yield_()
    text = cpu.assembly(f, V4)
    loop = text[text.index("vrsqrt14ps") :]
    loop = loop[: loop.index("vmovups")]
    assert loop.count("vrangeps") == 1
    assert loop.count("vmulps") == 4  # of the estimate, of its power, s itself, s * y
    at, ones = np.array([0.25, 1, 4, 16] * 4, np.float32), np.ones(16, np.float32)
    out = np.zeros(16, np.float32)
    run(f, "x86-64-v4", (at, ones, 2 * ones, out, 5.0), (16,))
    assert np.allclose(out, 15 * at**-1.5, rtol=1e-6)


def test_not_without_fast() -> None:
    assert "vdivps" in cpu.assembly(kernel(_over_roots, 16, same=True, math="default"), V4)


def test_not_without_a_good_estimate() -> None:
    for spelling in (_square, _over_roots, _over_mixed):
        assert "vrsqrtps" not in cpu.assembly(kernel(spelling, 8, same=True), V3)
    assert "rsqrtps" not in cpu.assembly(kernel(_cube, 4, same=True), CPU_TARGETS["x86-64-v2"])
    x, y = np.array([0.25, 1, 4, 16] * 4, np.float32), np.zeros(16, np.float32)
    run(kernel(_over_mixed, 4, same=True), "x86-64-v2", (x, y, 3.0), (16,))
    assert np.allclose(y, 3 * x**-1.5, rtol=1e-6)


@pytest.mark.parametrize("lanes", [8, 16])
@pytest.mark.parametrize("same", [True, False], ids=["uniform", "varying"])
@pytest.mark.parametrize("spelling", [_cube, _cube_of_quotient], ids=lambda s: s.__name__)
def test_third_powers_of_an_estimate_of_12_bits(spelling: Spelling, same: bool, lanes: int) -> None:
    x = samples()
    y = np.zeros_like(x)
    run(kernel(spelling, lanes, same=same), "x86-64-v3", (x, y, 3.0), (len(x),), chunk=1 << 20)
    assert _worst(x, y) <= 12.0


@pytest.mark.parametrize("spelling", [_over_roots, _over_mixed], ids=lambda s: s.__name__)
def test_division_by_products_of_roots_is_right_everywhere(spelling: Spelling) -> None:
    """LLVM's estimate of a root gave NaN for 0, for infinity, and where the product overflows."""
    x = np.array([0, np.inf, np.nan, -1, 1e30, 1e-30, 4, 9], np.float32)
    y = np.zeros_like(x)
    run(kernel(spelling, 8, same=True), "x86-64-v3", (x, y, 3.0), (8,))
    assert np.allclose(y, [np.inf, 0, np.nan, np.nan, 0, np.inf, 0.375, 1 / 9], rtol=1e-6, equal_nan=True)


def test_cubes_keep_to_their_order() -> None:
    """What m * r * r * r has on the way is in range where r * r * r is not."""
    f = kernel(_cube, 8, same=True)
    for at, m in ((1e30, 1e20), (1e26, 1e30), (1e-30, 1e-20), (1e-34, 1e-25)):
        x, y = np.full(8, at, np.float32), np.zeros(8, np.float32)
        run(f, "x86-64-v3", (x, y, m), (8,))
        assert np.allclose(y, m * at**-1.5, rtol=2e-6)


def test_cubes_have_no_roots_and_one_guard() -> None:
    text = cpu.assembly(kernel(_cube, 8, same=True), V3)
    loop = text[text.index("vrsqrtps") :]
    loop = loop[: loop.index("vmovups")]
    assert "vdivps" not in text
    assert "vsqrtps" not in text
    assert loop.count("vmaxps") == 1
    assert loop.count("vmulps") == 5  # the square, of the number, of the factor, of all three of the estimate, of the refinement


def test_two_different_roots_are_two() -> None:
    f, b = block_function("two", [("x", array_type(T.f32)), ("y", array_type(T.f32))], math="fast")
    x, y = f.params

    def body(i: Value, mask: Value) -> None:
        v = load(b, T.f32, 16, x, i, mask=mask)
        other = b.emit(arith.ADD, v, b.emit(tile.SPLAT, b.constant(1.0, T.f32), type=v.type))
        roots = [b.emit(arith.RSQRT, w) for w in (v, other)]
        store(b, b.emit(arith.MUL, *roots), y, i, mask=mask)

    over_row(b, 16, body)
    b.yield_()
    a = np.linspace(0.5, 9, 64, dtype=np.float32)
    out = np.zeros_like(a)
    run(f, "x86-64-v4", (a, out), (64,))
    assert np.allclose(out, 1 / np.sqrt(a * (a + 1.0)), rtol=1e-6)
