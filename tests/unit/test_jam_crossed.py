"""Rows of threads that load or store along the other axis, as a transposition, and guards around kernels whose rows go together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, f64, i16, u8
from kdsl.codegen.cpu import assembly, emit
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def loads(a: Array[f32, 2], b: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    b[y, x] = a[x, y]


@kdsl.kernel
def stores(a: Array[f64, 2], b: Array[f64, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if y < a.shape[0] and x < a.shape[1]:
        b[x, y] = a[y, x]


@kdsl.kernel
def of_bytes(a: Array[u8, 2], b: Array[u8, 3], c: Array[i16, 3]):
    x, y, z = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    if x < b.shape[2]:
        b[z, y, x] = a[x, y]
        c[z, x, y] = i16(a[x, y]) - i16(y)


@kdsl.kernel(math="strict")
def symmetric(a: Array[f32, 2], b: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    b[y, x] = (a[x, y] + a[y, x]) * 0.5 + a[x, y + 1] * f32(y)


@kdsl.kernel
def guarded_sum(image: Array[f32, 2], weights: Array[f32, 2], out: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < out.shape[1] and y < out.shape[0]:
        total = f32(0)
        for i in kdsl.static_range(5):
            for j in kdsl.static_range(5):
                total += weights[i, j] * image[y + i, x + j]
        out[y, x] = total


@kdsl.kernel
def in_place(a: Array[f32, 2]):
    """Loads of what it stores: one row after the other."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < y:
        kept = a[y, x]
        a[y, x] = a[x, y]
        a[x, y] = kept


@kdsl.kernel
def diagonal(a: Array[f32, 2], b: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    b[y, x] = a[x + y, y]


SIZES = [(1, 1), (3, 40), (8, 16), (21, 33), (16, 7)]


def _same(kernel: Any, threads: object, *arguments: np.ndarray, rtol: float = 0.0) -> None:
    want, got = [a.copy() for a in arguments], [a.copy() for a in arguments]
    kernel.interpret.over(threads)(*want)
    kernel.over(threads)(*got)
    for w, g in zip(want, got, strict=True):
        np.testing.assert_allclose(g, w, rtol=rtol)


@pytest.mark.parametrize("m, n", SIZES)
def test_transpositions(m: int, n: int) -> None:
    rng = np.random.default_rng(n)
    a = rng.random((n, m), np.float32)
    _same(loads, (n, m), a, np.full((m, n), -1, np.float32))
    _same(loads, (n, m), rng.random((2 * n, m + 3), np.float32)[::-2, 1 : m + 1], np.full((m, n), -1, np.float32))
    _same(loads, (n, m), np.asfortranarray(a), np.full((m, n), -1, np.float32))
    _same(stores, (n + 3, m + 9), rng.random((m, n)), np.full((n, m), -1.0))
    _same(of_bytes, (n + 2, m, 2), rng.integers(0, 256, (n, m)).astype(np.uint8), np.zeros((2, m, n), np.uint8),
          np.zeros((2, n, m), np.int16))  # fmt: skip
    square = rng.random((n, n + 1), np.float32)
    _same(symmetric, (n, n), square, np.zeros((n, n), np.float32))
    _same(in_place, (n, n), rng.random((n, n), np.float32))
    _same(diagonal, (n, n), rng.random((2 * n, n), np.float32), np.zeros((n, n), np.float32))


@pytest.mark.parametrize("m, n", SIZES)
def test_guards(m: int, n: int) -> None:
    rng = np.random.default_rng(n)
    image, weights = rng.random((m + 4, n + 4), np.float32), rng.random((5, 5), np.float32)
    for threads in ((n, m), (n + 20, m + 6), (max(n - 1, 1), max(m - 1, 1))):
        _same(guarded_sum, threads, image, weights, np.full((m, n), -1, np.float32), rtol=2e-6)


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_which_rows_go_together(arch: str) -> None:
    target = CPU_TARGETS[arch]

    def lowered(kernel: Any) -> Any:
        return lower(kernel.ir(*declared_signature(kernel, None, {})), target)

    assert {lowered(k).attributes.get("rows") for k in (loads, stores)} == {8}
    assert all(lowered(k).attributes.get("rows") in (4, 8) for k in (of_bytes, symmetric))
    assert all("rows" not in lowered(k).attributes for k in (in_place, diagonal))
    assert {lowered(k).attributes["width"] for k in (loads, stores)} == {4 if arch == "x86-64-v2" else 8}  # lines, one of each lane
    assert emit(lowered(loads), target).count("load <4 x float>") >= 8
    assert emit(lowered(stores), target).count("store <2 x double>") >= 8
    assert all(assembly(lowered(k), target) for k in (loads, stores, of_bytes, symmetric, guarded_sum))
