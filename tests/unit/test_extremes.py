"""Minima and maxima of floats are the interpreter's for NaN and zeros with signs, in fewer instructions than LLVM's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, f64, i32
from kdsl.codegen.cpu import assembly
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def pool(a: Array[f32, 1], o: Array[f32, 2]):
    i = kdsl.global_id(0)
    if i < o.shape[1]:
        o[0, i] = max(max(a[4 * i], a[4 * i + 1]), max(a[4 * i + 2], a[4 * i + 3]))
        o[1, i] = max(a[4 * i], max(a[4 * i + 1], max(a[4 * i + 2], max(a[4 * i + 3], a[4 * i]))))
        o[2, i] = max(a[4 * i], a[4 * i + 1])
        o[3, i] = min(min(a[4 * i], a[4 * i + 1]), a[4 * i + 2])
        o[4, i] = min(a[4 * i], 0.0)
        o[5, i] = max(max(a[4 * i], f32(i)), max(a[4 * i + 1], -0.0))
        o[6, i] = kdsl.fmax(a[4 * i], a[4 * i + 1])
        o[7, i] = kdsl.fmin(a[4 * i], a[4 * i + 1])


@kdsl.kernel
def doubles(a: Array[f64, 1], o: Array[f64, 2]):
    i = kdsl.global_id(0)
    if i < o.shape[1]:
        o[0, i] = max(max(a[2 * i], a[2 * i + 1]), max(a[2 * i + 2], a[2 * i + 3]))
        o[1, i] = min(a[2 * i], a[2 * i + 1])
        o[2, i] = max(o[0, i], a[i])
        o[3, i] = kdsl.fmax(a[2 * i], a[2 * i + 1])
        o[4, i] = kdsl.fmin(a[2 * i], a[2 * i + 1])


@kdsl.kernel
def branches(a: Array[f32, 1], o: Array[f32, 2], c: Array[i32, 1]):
    """What is known in one branch is not in another, nor behind both."""
    i = kdsl.global_id(0)
    if i < o.shape[1]:
        x, y, z, w = a[i], a[i + 1], a[i + 2], a[i + 3]
        if c[i] > 0:
            m = max(max(x, y), max(z, w))
            o[0, i] = m / 2.0
        else:
            m = max(max(w, z), max(y, x))
            o[1, i] = m + 1.0
        o[2, i] = max(max(x, y), max(z, w))


VALUES = [np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, 0.0, -0.0, 1.0, -1.0, 1e-45, -1e-45, 2.5, -3.5]


@pytest.mark.parametrize("kernel", [pool, doubles, branches], ids=lambda k: k.name)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_extremes_of_everything(kernel: Any, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, kernel)
    t, n = np.float64 if kernel is doubles else np.float32, 1000
    rng = np.random.default_rng(4)
    a = np.asarray(VALUES, t)[rng.integers(0, len(VALUES), 4 * n + 4)]
    more = (rng.integers(0, 2, n).astype(np.int32),) if kernel is branches else ()
    got, wanted = np.zeros((8, n), t), np.zeros((8, n), t)
    with runs(CPU_TARGETS[arch]):
        kernel.over(n)(a, got, *more)
    kernel.interpret.over(n)(a, wanted, *more)
    np.testing.assert_array_equal(got, wanted)
    numbers = ~np.isnan(wanted)
    np.testing.assert_array_equal(np.signbit(got)[numbers], np.signbit(wanted)[numbers])


@kdsl.kernel
def of_two(x: f32, y: f32, o: Array[f32, 1]):
    o[0], o[1], o[2], o[3] = max(x, y), min(x, y), kdsl.fmax(x, y), kdsl.fmin(x, y)


@kdsl.kernel
def of_two_doubles(x: f64, y: f64, o: Array[f64, 1]):
    o[0], o[1], o[2], o[3] = max(x, y), min(x, y), kdsl.fmax(x, y), kdsl.fmin(x, y)


@pytest.mark.parametrize("kernel", [of_two, of_two_doubles], ids=lambda k: k.name)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_extremes_of_two_numbers(kernel: Any, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What all threads have alike is no vector."""
    launch_on(arch, monkeypatch, kernel)
    t = np.float64 if kernel is of_two_doubles else np.float32
    got, wanted = np.zeros(4, t), np.zeros(4, t)
    with runs(CPU_TARGETS[arch]):
        for x in VALUES:
            for y in VALUES:
                kernel.over(1)(x, y, got)
                kernel.interpret.over(1)(x, y, wanted)
                np.testing.assert_array_equal(got, wanted)
                numbers = ~np.isnan(wanted)
                np.testing.assert_array_equal(np.signbit(got)[numbers], np.signbit(wanted)[numbers])


@pytest.mark.parametrize("arch", ["x86-64-v2", "x86-64-v3", "x86-64-v4"])
def test_two_numbers_take_no_jumps(arch: str) -> None:
    """LLVM's own way asks for a sign and jumps."""
    lowered = lower(of_two.ir(*declared_signature(of_two, None, {})), CPU_TARGETS[arch])
    text = assembly(lowered, CPU_TARGETS[arch])
    assert "js\t" not in text and "jns\t" not in text


@kdsl.kernel
def pairs(a: Array[f32, 2], o: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        best = max(max(a[2 * y, 2 * x], a[2 * y, 2 * x + 1]), max(a[2 * y + 1, 2 * x], a[2 * y + 1, 2 * x + 1]))
        o[y, x] = best


@kdsl.kernel
def least(a: Array[f32, 1], b: Array[f32, 1], o: Array[f32, 1]):
    i = kdsl.global_id(0)
    o[i] = min(a[i], b[i])


def test_four_share_what_is_asked_of_signs_and_nan() -> None:
    code = text(pairs)
    assert 2 * code.count("vmaxps") == 3 * code.count("vcmpunordps")  # a question for two elements
    assert "vpermpd" not in code  # elements of two are taken from registers whose halves are as they go out


def test_a_minimum_is_two_minima() -> None:
    code = text(least)
    assert "vminps" in code and "vcmpunordps" not in code and "vblendvps" not in code


@kdsl.kernel
def largest(x: Array[f32, 2], y: Array[f64, 2], o: Array[f32, 1], p: Array[f64, 1]):
    """Each element joins what a loop carries: no four of them are asked at once."""
    r = kdsl.global_id(0)
    if r < o.shape[0]:
        m, n = x[r, 0], y[r, 0]
        for j in range(1, x.shape[1]):
            m, n = max(m, x[r, j]), max(n, y[r, j])
        o[r], p[r] = m, n


@pytest.mark.parametrize("arch", RUNNABLE)
def test_the_largest_of_a_row(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, largest)
    rng, rows = np.random.default_rng(5), 75
    x, y = [np.asarray(VALUES, t)[rng.integers(k, len(VALUES), (rows, 9))] for t, k in ((np.float32, 2), (np.float64, 4))]
    x[3], y[3, 4], x[5:7, 2:4] = -0.0, np.nan, -np.nan
    got, wanted = [[np.zeros(rows, np.float32), np.zeros(rows)] for _ in range(2)]
    with runs(CPU_TARGETS[arch]):
        largest.over(rows)(x, y, *got)
    largest.interpret.over(rows)(x, y, *wanted)
    for mine, its in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(mine, its)
        np.testing.assert_array_equal(np.signbit(mine)[its == 0], np.signbit(its)[its == 0])


def test_a_maximum_asks_once_for_nan_with_avx512() -> None:
    code = text(largest, "x86-64-v4")
    assert "vrangeps" in code and "vrangepd" in code and "vpmovd2m" not in code and "vpmovq2m" not in code
    assert "vrange" not in text(largest)


def text(kernel: Any, arch: str = "x86-64-v3") -> str:
    target = CPU_TARGETS[arch]
    return assembly(lower(kernel.ir(*declared_signature(kernel, None, {})), target), target)
