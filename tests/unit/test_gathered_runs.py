"""Neighbours that lanes load from places that data send them to: pairs and points, by indices of any type."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, f64, i32, i64, u8, u32
from kdsl.codegen.cpu import assembly
from kdsl.compiler import lower
from kdsl.ir.interpreter import interpret
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

N = 67


@kdsl.kernel(math="strict")
def pairs(t: Array[f32, 1], at: Array[i32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    k = at[i]
    out[i] = t[k] - 0.5 * t[k + 1]


@kdsl.kernel(math="strict")
def behind_and_before(t: Array[f32, 1], at: Array[i32, 1], out: Array[f32, 1]):
    """Three, of which the middle one has the index."""
    i = kdsl.global_id(0)
    k = at[i] + 1
    out[i] = t[k - 1] - 0.5 * t[k] + 0.25 * t[k + 1]


@kdsl.kernel(math="strict")
def of_64_bits(t: Array[f32, 1], at: Array[i32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    k = i64(at[i]) * 2 // 2
    out[i] = t[k] - 0.5 * t[k + 1]


@kdsl.kernel(math="strict")
def unsigned(t: Array[f32, 1], at: Array[i32, 1], out: Array[f32, 1]):
    """4294967295 + 1 is 0."""
    i = kdsl.global_id(0)
    k = u32(at[i]) - u32(1)
    out[i] = t[k + u32(1)] - 0.5 * t[k + u32(2)]


@kdsl.kernel(math="strict")
def of_bytes(t: Array[f32, 1], at: Array[i32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    k = u8(at[i])
    out[i] = t[k] - 0.5 * t[i32(k) + 1]


@kdsl.kernel(math="strict")
def some_lanes(t: Array[f32, 1], at: Array[i32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    k = at[i]
    if k % 3 != 1:
        for _ in range(k % 2 + 1):
            out[i] += t[k] - 0.5 * t[k + 1]


@kdsl.kernel(math="strict")
def first_of_pairs(t: Array[f32, 1], at: Array[i32, 1], out: Array[f32, 1]):
    """A store between, which may be to the table."""
    i = kdsl.global_id(0)
    k = at[i]
    a = t[k]
    out[i] = 1.0
    out[i] = a + t[k + 1]


TABLES = [pairs, behind_and_before, of_64_bits, unsigned, of_bytes, some_lanes, first_of_pairs]


@kdsl.kernel(math="strict")
def bilinear(t: Array[f32, 2], at: Array[i32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    x, y = at[i] % (i32(t.shape[1]) - 1), at[i] // 7
    out[i] = t[y, x] - 0.5 * t[y, x + 1] + 0.25 * t[y + 1, x] - 0.125 * t[y + 1, x + 1]


@kdsl.kernel(math="strict")
def edges(t: Array[f32, 2], at: Array[i32, 1], out: Array[f32, 1]):
    """Of the vectors between points that are looked up."""
    i = kdsl.global_id(0)
    a, b = at[i], at[at.shape[0] - 1 - i]
    dx, dy, dz = t[a, 0] - t[b, 0], t[a, 1] - t[b, 1], t[a, 2] - t[b, 2]
    out[i] = dx * dx - dy * dy + dz


@kdsl.kernel(math="strict")
def two_of_four(t: Array[f32, 2], at: Array[i32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    out[i] = t[at[i], 1] - 0.5 * t[at[i], 2]


GRIDS = [bilinear, edges, two_of_four]


@kdsl.kernel(math="strict")
def wide_pairs(t: Array[f64, 1], at: Array[i32, 1], out: Array[f64, 1]):
    i = kdsl.global_id(0)
    out[i] = t[at[i]] - 0.5 * t[at[i] + 1]


@kdsl.kernel
def whole_pairs(t: Array[i32, 1], at: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[i] = t[at[i]] - 3 * t[at[i] + 1]


@kdsl.kernel(math="strict")
def in_place(t: Array[f32, 2], at: Array[i32, 1], out: Array[f32, 2]):
    """Points that may be those that are written: each number is looked up after the one before it was stored."""
    i = kdsl.global_id(0)
    for c in range(3):
        out[i, c] = t[at[i], c] + 1.0


def _check(kernel: kdsl.Kernel, arch: str, monkeypatch: pytest.MonkeyPatch, *arguments: np.ndarray, n: int = N) -> None:
    want, got = [[a.copy() for a in arguments] for _ in range(2)]
    f = kernel.ir(*declared_signature(kernel, None, {}))
    interpret(f, want, grid=(n, 1, 1), block=(1, 1, 1))
    launch_on(arch, monkeypatch, kernel)
    kernel.over(n)(*got)
    for w, g in zip(want, got, strict=True):
        np.testing.assert_array_equal(g, w)


@pytest.mark.parametrize("kernel", TABLES, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_neighbours_in_a_table(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(1)
    at = rng.integers(0, 40, N).astype(np.int32)
    at[:3] = [0, 39, 0]
    for t in (rng.random(42, np.float32), rng.random(130, np.float32)[3::3][::-1]):
        _check(kernel, arch, monkeypatch, t, at, np.zeros(N, np.float32))


@pytest.mark.parametrize("kernel", GRIDS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_neighbours_in_rows_that_are_looked_up(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(2)
    at = rng.integers(0, 40, N).astype(np.int32)
    whole = rng.random((41, 4), np.float32)
    for t in (whole, rng.random((82, 9), np.float32)[::-2, 2:6], np.asfortranarray(whole), whole[:, ::-1]):
        _check(kernel, arch, monkeypatch, t, at, np.zeros(N, np.float32))


@pytest.mark.parametrize("arch", RUNNABLE)
def test_neighbours_of_other_types(arch: str, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(3)
    at = rng.integers(0, 40, N).astype(np.int32)
    _check(wide_pairs, arch, monkeypatch, rng.random(41), at, np.zeros(N))
    _check(whole_pairs, arch, monkeypatch, rng.integers(-99, 99, 41).astype(np.int32), at, np.zeros(N, np.int32))


@pytest.mark.parametrize("arch", RUNNABLE)
def test_points_that_may_be_the_ones_that_are_stored(arch: str, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(4)
    t = rng.random((N, 3), np.float32)
    _check(in_place, arch, monkeypatch, t, rng.permutation(N).astype(np.int32), np.zeros((N, 3), np.float32))
    same = t.copy()
    launch_on(arch, monkeypatch, in_place)
    in_place.over(N)(same, np.arange(N, dtype=np.int32), same)
    np.testing.assert_array_equal(same, t + 1)


def test_a_pair_is_one_load():
    """Of 8 bytes, for each of the lanes of two vectors, and its half."""
    f = lower(pairs.ir(*declared_signature(pairs, None, {})), CPU_TARGETS["x86-64-v3"])
    lines = assembly(f, CPU_TARGETS["x86-64-v3"])
    text = lines if isinstance(lines, str) else "\n".join(lines)
    assert text.count("vmovhps") + text.count("vmovhpd") >= 4
    assert "vgather" not in text
