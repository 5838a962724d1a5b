"""The refined estimate of `rsqrt`: every exponent, dense significands, every special value; within 2 ULP of the truth."""

from __future__ import annotations

import numpy as np
import pytest
from cpu_run import X86, array_type, block_function, load, over_row, run, store
from emulation_arm import Launch, has_emulator, run_arm

from kdsl.codegen import cpu
from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, Value
from kdsl.ir.ops import arith
from kdsl.target import CPU_TARGETS

_SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -np.nan, -1.0, -1e-40, 1e-45, 4.0], np.float32)
_TINY = 2.0**-149


def kernel(lanes: int, math: str, *, spelled: bool = False) -> Function:
    """rsqrt(x), or spelled 1 / sqrt(x)."""
    f, b = block_function("inverse", [("x", array_type(T.f32)), ("y", array_type(T.f32))], math=math)
    x, y = f.params

    def body(i: Value, mask: Value) -> None:
        v = load(b, T.f32, lanes, x, i, mask=mask)
        out = b.emit(arith.RSQRT, v) if not spelled else b.emit(arith.DIV, b.constant(1.0, v.type), b.emit(arith.SQRT, v))
        store(b, out, y, i, mask=mask)

    assert isinstance(b, Builder)
    over_row(b, lanes, body)
    b.yield_()
    return f


def samples(per_exponent: int) -> np.ndarray:
    """All exponents, denormals among them (with all magnitudes), each with evenly spread and random significands."""
    rng = np.random.default_rng(5)
    significands = np.unique(np.concatenate([
        np.linspace(0, 2**23 - 1, per_exponent // 2).astype(np.uint32), rng.integers(0, 2**23, per_exponent // 2, np.uint32),
        np.uint32(1) << np.arange(23, dtype=np.uint32),
    ]))  # fmt: skip
    exponents = np.arange(255, dtype=np.uint32) << 23
    return np.concatenate([(exponents[:, None] | significands).reshape(-1).view(np.float32), _SPECIAL])


def worst_ulp(x: np.ndarray, got: np.ndarray) -> float:
    """The largest error where the truth is a positive number; f64 knows it to 2**-52, which is 2**-28 ULP of f32."""
    usual = (x > 0) & np.isfinite(x)
    truth = 1.0 / np.sqrt(x[usual].astype(np.float64))
    unit = np.maximum(np.exp2(np.floor(np.log2(truth)) - 23), _TINY)
    return float(np.max(np.abs(got[usual].astype(np.float64) - truth) / unit))


def check(x: np.ndarray, got: np.ndarray, limit: float) -> None:
    assert worst_ulp(x, got) <= limit
    with np.errstate(all="ignore"):
        odd = ~((x > 0) & np.isfinite(x))
        want = np.float32(1) / np.sqrt(x[odd])
    nan = np.isnan(want)
    assert np.array_equal(np.isnan(got[odd]), nan)
    assert np.array_equal(got[odd][~nan].view(np.uint32), want[~nan].view(np.uint32))  # the signs of zero and infinity


@pytest.mark.parametrize("math", ["strict", "default", "fast"])
@pytest.mark.parametrize("target", X86)
def test_within_two_ulp(target: str, math: str) -> None:
    x = samples(20_000)
    for lanes in (CPU_TARGETS[target].lanes, 2 * CPU_TARGETS[target].lanes):
        y = np.zeros_like(x)
        run(kernel(lanes, math), target, (x, y), (len(x),), chunk=1 << 20)
        check(x, y, 2.0)


@pytest.mark.parametrize("target", X86)
def test_fast_division_by_a_root(target: str) -> None:
    x = samples(2_000)
    y = np.zeros_like(x)
    run(kernel(CPU_TARGETS[target].lanes, "fast", spelled=True), target, (x, y), (len(x),), chunk=1 << 20)
    check(x, y, 2.0)


def test_strict_has_the_root_and_the_division() -> None:
    x = samples(200)
    y = np.zeros_like(x)
    run(kernel(16, "strict"), "x86-64-v4", (x, y), (len(x),), chunk=1 << 20)
    with np.errstate(all="ignore"):
        want = np.float32(1) / np.sqrt(x)
    assert np.array_equal(y, want, equal_nan=True)
    assert "rsqrt14" not in cpu.assembly(kernel(16, "strict"), CPU_TARGETS["x86-64-v4"])
    assert "vrsqrt14ps" in cpu.assembly(kernel(16, "default"), CPU_TARGETS["x86-64-v4"])


@pytest.mark.qemu
@pytest.mark.skipif(not has_emulator(), reason="qemu-aarch64 is not installed (Debian package qemu-user)")
def test_neon() -> None:
    arm = CPU_TARGETS["aarch64"]
    assert "frsqrte" in cpu.assembly(kernel(4, "default"), arm)
    x = samples(400)
    for lanes in (4, 8):
        y = np.zeros_like(x)
        run_arm([Launch(cpu.compile_cpu(kernel(lanes, "default"), arm), (x, y), (len(x),))])
        check(x, y, 2.0)
