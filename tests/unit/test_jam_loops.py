"""Several rows of threads through one loop: the interpreter's bits for every number of rows, with and without a guard, and which
kernels run so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, f64, i32
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel(math="strict")
def product(a: Array[f32, 2], b: Array[f32, 2], c: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = f32(0)
    for k in range(a.shape[1]):
        s += a[y, k] * b[k, x]
    c[y, x] = s


@kdsl.kernel(math="strict")
def guarded(a: Array[f32, 2], b: Array[f32, 2], c: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < c.shape[1] and y < c.shape[0]:
        s = f32(0)
        for k in range(a.shape[1]):
            s += a[y, k] * b[k, x]
        c[y, x] = s


@kdsl.kernel(math="strict")
def odd_rows(a: Array[f32, 2], b: Array[f32, 2], c: Array[f32, 2]):
    """A guard that is another for each row."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if y % 3 != 1 and x < c.shape[1]:
        s = f32(y)
        for k in range(a.shape[1]):
            s += a[y, k] * b[k, x]
        c[y, x] = s


@kdsl.kernel(math="strict")
def transposed(a: Array[f64, 2], b: Array[f64, 2], c: Array[f64, 2], n: i32):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = f64(0)
    for k in range(1, n):
        s = s * 0.5 + a[y, k] * b[x, k]
    c[y, x] = s + f64(x) - f64(y)


@kdsl.kernel(math="strict")
def nested(a: Array[f32, 3], b: Array[f32, 3], c: Array[f32, 3]):
    """Sums of both loops; what rows have alike is carried too; three axes."""
    x, y, z = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    s, all_b = f32(z), f32(0)
    for i in range(a.shape[0]):
        row = f32(0)
        for k in range(a.shape[2]):
            row += a[i, y, k] * b[i, k, x]
            all_b += b[i, k, x]
        s += row * f32(i)
    c[z, y, x] = s + all_b


@kdsl.kernel(math="strict")
def own_length(a: Array[f32, 2], b: Array[f32, 2], c: Array[f32, 2]):
    """As many rounds as the row's number: no loop of several rows."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = f32(0)
    for k in range(y):
        s += a[y, k] * b[k, x]
    c[y, x] = s


@kdsl.kernel(math="strict")
def reads_what_it_writes(a: Array[f32, 2], b: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    b[y + 40, x] = f32(1)
    s = f32(0)
    for k in range(a.shape[1]):
        s += a[y, k] * b[k, x]
    b[y + 40, x] = s


@kdsl.kernel(math="strict")
def cut_by_data(a: Array[f32, 2], b: Array[f32, 2], c: Array[f32, 2]):
    """A guard that each thread answers for itself."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if b[0, x] > 0.5:
        s = f32(0)
        for k in range(a.shape[1]):
            s += a[y, k] * b[k, x]
        c[y, x] = s


def _same(kernel: Any, threads: object, *arguments: object) -> None:
    want = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    got = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    kernel.interpret.over(threads)(*want)
    kernel.over(threads)(*got)
    for w, g in zip(want, got, strict=True):
        np.testing.assert_array_equal(g, w)


SIZES = [(1, 1), (3, 40), (4, 16), (6, 33), (13, 7)]


@pytest.mark.parametrize("m, n", SIZES)
@pytest.mark.parametrize("depth", [0, 1, 6])
def test_products(m: int, n: int, depth: int) -> None:
    rng = np.random.default_rng(depth)
    a, b, c = rng.random((m, depth), np.float32), rng.random((depth, n), np.float32), np.full((m, n), -1, np.float32)
    _same(product, (n, m), a, b, c)
    _same(product, (max(n - 1, 1), m), a, b, c)
    _same(guarded, (n + 17, m + 3), a, b, c)
    _same(guarded, (n, max(m - 1, 1)), a, b, c)
    _same(odd_rows, (n + 1, m), a, b, c)
    _same(transposed, (n, m), rng.random((m, depth)), rng.random((n, depth)), np.zeros((m, n)), depth)
    if depth:
        _same(cut_by_data, (n, m), a, b, c)


@pytest.mark.parametrize("m, n", SIZES)
def test_others(m: int, n: int) -> None:
    rng = np.random.default_rng(n)
    _same(nested, (n, m, 2), rng.random((3, m, 5), np.float32), rng.random((3, 5, n), np.float32), np.zeros((2, m, n), np.float32))
    _same(own_length, (n, m), rng.random((m, m), np.float32), rng.random((m, n), np.float32), np.zeros((m, n), np.float32))
    _same(reads_what_it_writes, (n, m), rng.random((m, 9), np.float32), rng.random((m + 40, n), np.float32))


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_which_rows_go_together(arch: str) -> None:
    def rows(kernel: Any) -> int:
        f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])
        return 1 if "march" in f.attributes else f.attributes.get("rows", 1)  # of a piece that marches rows share nothing

    assert {rows(k) for k in (product, guarded, odd_rows, nested)} == {4}
    assert rows(transposed) in (2, 4)
    assert {rows(k) for k in (own_length, reads_what_it_writes, cut_by_data)} == {1}
