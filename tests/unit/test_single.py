"""Kernels whose threads run one after the other, and those that stay vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32, u32
from kdsl.codegen.cpu import assembly
from kdsl.compiler import lower
from kdsl.ir.core import Function
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def spmv(start: Array[i32, 1], col: Array[i32, 1], val: Array[f32, 1], x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < y.shape[0]:
        s = 0.0
        for k in range(start[i], start[i + 1]):
            s += val[k] * x[col[k]]
        y[i] = s


@kdsl.kernel
def ell(val: Array[f32, 2], col: Array[i32, 2], x: Array[f32, 1], y: Array[f32, 1]):
    """Rows filled up to one length with columns that are none."""
    i = kdsl.global_id(0)
    s = 0.0
    for k in range(col.shape[1]):
        c = col[i, k]
        if c < 0:
            continue
        s += val[i, k] * x[c]
    y[i] = s


@kdsl.kernel
def ell_across(val: Array[f32, 2], col: Array[i32, 2], x: Array[f32, 1], y: Array[f32, 1]):
    """The same where neighbours lie side by side: only x is looked up."""
    i = kdsl.global_id(0)
    s = 0.0
    for k in range(col.shape[0]):
        c = col[k, i]
        if c >= 0:
            s += val[k, i] * x[c]
    y[i] = s


@kdsl.kernel
def insert(keys: Array[u32, 1], table: Array[u32, 1], mask: u32):
    i = kdsl.global_id(0)
    k = keys[i]
    h = (k * 2654435761) & mask
    while True:
        old = kdsl.atomic_compare_exchange(table[h], 0, k)
        if old == 0 or old == k:
            break
        h = (h + 1) & mask


@kdsl.kernel
def walks(x: Array[i32, 1], hops: Array[i32, 2], seen: Array[i32, 1]):
    """A chain of each thread, counted in its own memory and in everybody's."""
    i, row = kdsl.global_id(0), kdsl.global_id(1)
    at = x[i]
    last = kdsl.local(4, i32)
    for k in kdsl.static_range(4):
        last[k] = -1
    n = i32(0)
    while at != 0 and n < 50:
        last[at & 3] = at
        kdsl.atomic_add(seen[at], 1)
        at = x[at]
        n += 1
    hops[row, i] = n * 1000 + last[0] + last[1] + last[2] + last[3]


@kdsl.kernel
def in_blocks(start: Array[i32, 1], col: Array[i32, 1], x: Array[i32, 1], y: Array[i32, 1]):
    """Ids as those who come from CUDA write them."""
    i = kdsl.block_id(0) * kdsl.block_dim(0) + kdsl.thread_id(0)
    if i < y.shape[0]:
        own = kdsl.local(2, i32)
        own[0] = own[1] = 0
        for k in range(start[i], start[i + 1]):
            own[col[k] & 1] += x[col[k]]
        y[i] = own[0] - own[1] + kdsl.thread_id(0)


@kdsl.kernel
def mandelbrot(out: Array[i32, 1]):
    i = kdsl.global_id(0)
    a = i * f32(0.01) - 2.0
    x = y = f32(0)
    n = i32(0)
    while x * x + y * y < 4.0 and n < 90:
        x, y = x * x - y * y + a, 2.0 * x * y + 0.1
        n += 1
    out[i] = n


@kdsl.kernel
def primes(out: Array[i32, 1]):
    n = i32(kdsl.global_id(0))
    is_prime = n >= 2
    d = i32(2)
    while d * d <= n:
        if n % d == 0:
            is_prime = False
            break
        d += 1
    out[n] = i32(is_prime)


@kdsl.kernel
def divides_by_three(out: Array[i32, 1]):
    """A search whose divisor is a number: a vector multiplies."""
    i = kdsl.global_id(0)
    n, k = i32(i), i32(0)
    while n % 3 == 0 and k < 9:
        n = n // 3 + 1
        k += 1
    out[i] = k


@kdsl.kernel
def gcd(a: Array[i32, 1], out: Array[i32, 1]):
    """All threads take about as many rounds."""
    i = kdsl.global_id(0)
    x, y = a[i], i32(i)
    while y != 0:
        x, y = y, x % y
    out[i] = x


@kdsl.kernel
def looks_up(table: Array[f32, 1], places: Array[i32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    out[i] = table[places[i]]


@kdsl.kernel
def strides(x: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    s = 0.0
    for k in range(i, x.shape[0], 64):
        s += x[k]
    out[i] = s


def code(kernel: Any, arch: str) -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_who_runs_alone(arch: str) -> None:
    """Not where there is no gather, nor where no loop parts the lanes."""
    for kernel in (spmv, ell, insert, walks, in_blocks):
        assert code(kernel, arch).attributes["width"] == 1, kernel
    for kernel in (mandelbrot, looks_up, strides, ell_across, divides_by_three, gcd):
        assert code(kernel, arch).attributes["width"] > 1, kernel
    assert code(primes, arch).attributes["width"] == 1


@pytest.mark.parametrize("n", [1, 9, 500])
def test_searches(n: int) -> None:
    wanted, found = np.full((2, n), -1, np.int32)
    for kernel in (primes, divides_by_three):
        kernel.interpret.over(n)(wanted)
        kernel.over(n)(found)
        np.testing.assert_array_equal(found, wanted)
    a = np.random.default_rng(n).integers(-999, 999, n, dtype=np.int32)
    gcd.interpret.over(n)(a, wanted)
    gcd.over(n)(a, found)
    np.testing.assert_array_equal(found, wanted)


def test_code_of_scalars() -> None:
    target = CPU_TARGETS["x86-64-v3"]
    text = assembly(code(spmv, "x86-64-v3"), target)
    assert "ymm" not in text
    assert "vfmadd" not in text  # what waits for its sum alone is not fused


def test_a_sparse_product() -> None:
    rng = np.random.default_rng(5)
    n = 300
    start = np.concatenate([[0], np.cumsum(rng.integers(0, 9, n))]).astype(np.int32)
    col, val = rng.integers(0, n, start[-1]).astype(np.int32), rng.random(start[-1], dtype=np.float32)
    x = rng.random(n, dtype=np.float32)
    wanted, found = np.full((2, n), -1, np.float32)
    spmv.interpret.over(n)(start, col, val, x, wanted)
    spmv.over(n)(start, col, val, x, found)
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_rows_of_one_length() -> None:
    rng = np.random.default_rng(5)
    col, val = rng.integers(-99, 300, (300, 7)).astype(np.int32), rng.random((300, 7), dtype=np.float32)
    x, wanted, found = rng.random((3, 300), dtype=np.float32)
    ell.interpret.over(300)(val, col, x, wanted)
    for kernel, a, c in ((ell, val, col), (ell_across, np.ascontiguousarray(val.T), np.ascontiguousarray(col.T))):
        kernel.over(300)(a, c, x, found)
        np.testing.assert_allclose(found, wanted, rtol=1e-5)


@pytest.mark.parametrize("block", [1, 7, 64, 100])
def test_blocks(block: int) -> None:
    rng = np.random.default_rng(5)
    n = 300
    start = np.concatenate([[0], np.cumsum(rng.integers(0, 9, n))]).astype(np.int32)
    col, x = rng.integers(0, n, start[-1]).astype(np.int32), rng.integers(0, 99, n).astype(np.int32)
    wanted, found, exact = np.full((3, n), -1, np.int32)
    in_blocks.interpret[-(-n // block), block](start, col, x, wanted)
    in_blocks[-(-n // block), block](start, col, x, found)
    np.testing.assert_array_equal(found, wanted)
    in_blocks.interpret.over(n)(start, col, x, wanted)
    in_blocks.over(n)(start, col, x, exact)
    np.testing.assert_array_equal(exact, wanted)


def test_a_hash_table() -> None:
    keys = np.random.default_rng(6).integers(1, 4000, 5000).astype(np.uint32)
    table = np.zeros(8192, np.uint32)
    insert.over(keys.size)(keys, table, 8191)
    np.testing.assert_array_equal(np.sort(table[table != 0]), np.unique(keys))


def test_walks_and_their_own_memory() -> None:
    x = np.random.default_rng(7).integers(0, 97, 97, dtype=np.int32)
    hops, seen = np.zeros((2, 3, 97), np.int32), np.zeros((2, 97), np.int32)
    walks.interpret.over((97, 3))(x, hops[0], seen[0])
    walks.over((97, 3))(x, hops[1], seen[1])
    np.testing.assert_array_equal(hops[1], hops[0])
    np.testing.assert_array_equal(seen[1], seen[0])


def test_explain_says_so() -> None:
    report = str(spmv.explain())
    if "x86-64-v4" not in report:
        assert "one thread after the other" in report
        assert "of each thread by itself" in report


@kdsl.kernel(math="strict")
def fills(a: Array[f32, 2], out: Array[f32, 2]):
    """A row of its own for each thread, to be read and written; in place as well."""
    y = kdsl.global_id(0)
    s = f32(0)
    for k in range(a.shape[1]):
        s += a[y, k]
        out[y, k] = s


@kdsl.kernel(math="strict")
def fills_flat(a: Array[f32, 1], out: Array[f32, 1], n: i32):
    y = kdsl.global_id(0)
    if y < out.shape[0] // n:
        for k in range(n):
            out[y * n + k] = a[y * n + k] * 2.0 + 1.0


@kdsl.kernel
def fills_columns(a: Array[f32, 2], out: Array[f32, 2]):
    x = kdsl.global_id(0)
    for k in range(a.shape[0]):
        out[k, x] = a[k, x] * 2.0


@pytest.mark.parametrize("n", [1, 8, 33])
def test_rows_that_threads_fill(n: int) -> None:
    a = np.random.default_rng(n).random((37, n), np.float32)
    want, got = np.zeros((2, 37, n), np.float32)
    fills.interpret.over(37)(a, want)
    fills.over(37)(a, got)
    np.testing.assert_array_equal(got, want)
    fills.over(37)(got, got)
    fills.interpret.over(37)(want, want)
    np.testing.assert_array_equal(got, want)
    fills_flat.over(40)(a.reshape(-1), got.reshape(-1), n)
    np.testing.assert_array_equal(got, a * np.float32(2) + np.float32(1))


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_where_threads_fill_rows(arch: str) -> None:
    def width(kernel: Any) -> int:
        return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch]).attributes["width"]

    assert width(fills) == width(fills_flat) == 1 and width(fills_columns) > 1


@kdsl.kernel
def inner_rows(a: Array[f32, 2], out: Array[f32, 2]):
    """The first and the last thread fill nothing: a guard that differs along the row of threads."""
    y = kdsl.global_id(0)
    if 0 < y < a.shape[0] - 1:
        for x in range(1, a.shape[1] - 1):
            out[y, x] = 0.25 * (a[y - 1, x] + a[y + 1, x] + a[y, x - 1] + a[y, x + 1])


@kdsl.kernel
def odd_rows(a: Array[f32, 2], out: Array[f32, 2]):
    y = kdsl.global_id(0)
    if y % 2 == 1 and y < a.shape[0]:
        for x in range(a.shape[1]):
            out[y, x] = a[y, x] * 3.0


@pytest.mark.parametrize("kernel", [inner_rows, odd_rows])
def test_guards_of_threads_that_fill_rows(kernel: Any) -> None:
    """Asked of each thread, and not of the first of a row for all."""
    a = np.random.default_rng(1).random((23, 17), np.float32)
    want, got = np.zeros((2, 23, 17), np.float32)
    kernel.interpret.over(25)(a, want)
    kernel.over(25)(a, got)
    np.testing.assert_array_equal(got, want)
    assert np.count_nonzero(got) > 100


@kdsl.kernel
def counts(x: Array[i32, 2], out: Array[i32, 2]):
    i = kdsl.global_id(0)
    for j in range(x.shape[1]):
        out[i, x[i, j] & 7] += 1


@kdsl.kernel
def insertion(x: Array[f32, 2]):
    i = kdsl.global_id(0)
    for j in range(1, x.shape[1]):
        v = x[i, j]
        k = j - 1
        while k >= 0 and x[i, k] > v:
            x[i, k + 1] = x[i, k]
            k -= 1
        x[i, k + 1] = v


@kdsl.kernel
def tridiagonal(a: Array[f32, 2], b: Array[f32, 2], c: Array[f32, 2], d: Array[f32, 2]):
    """Each round waits for a quotient of the one before, which lanes have side by side."""
    i = kdsl.global_id(0)
    for j in range(1, a.shape[1]):
        w = a[i, j] / b[i, j - 1]
        b[i, j] = b[i, j] - w * c[i, j - 1]
        d[i, j] = d[i, j] - w * d[i, j - 1]
    for k in range(1, a.shape[1]):
        j = a.shape[1] - 1 - k
        d[i, j] = (d[i, j] - c[i, j] * d[i, j + 1]) / b[i, j]


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_where_threads_store_in_rows_of_their_own(arch: str) -> None:
    """Element by element, wherever: a vector would take its lanes apart for each."""
    for kernel in (counts, insertion):
        assert code(kernel, arch).attributes["width"] == 1, kernel
    if CPU_TARGETS[arch].vector_bytes >= 32:
        assert code(tridiagonal, arch).attributes["width"] > 1


def test_rows_counted_and_sorted() -> None:
    x = np.random.default_rng(9).integers(0, 99, (21, 30), dtype=np.int32)
    out = np.zeros((21, 8), np.int32)
    counts.over(21)(x, out)
    np.testing.assert_array_equal(out, [np.bincount(row & 7, minlength=8) for row in x])
    y = x.astype(np.float32)
    insertion.over(21)(y)
    np.testing.assert_array_equal(y, np.sort(x, axis=1))


@kdsl.kernel
def smoothed(x: Array[f32, 2], y: Array[f32, 2], a: f32):
    """What is carried is multiplied: a fused sum is the shorter way."""
    i = kdsl.global_id(0)
    s = f32(0)
    for j in range(x.shape[1]):
        s = a * s + (1.0 - a) * x[i, j]
        y[i, j] = s


def test_fused_where_what_is_carried_is_multiplied() -> None:
    target = CPU_TARGETS["x86-64-v3"]
    assert "vfmadd" in assembly(code(smoothed, "x86-64-v3"), target)
    assert "vfmadd" not in assembly(code(fills_flat, "x86-64-v3"), target)
    x = np.random.default_rng(1).random((9, 30), np.float32)
    want, got = np.zeros((2, 9, 30), np.float32)
    smoothed.interpret.over(9)(x, want, 0.9)
    smoothed.over(9)(x, got, 0.9)
    np.testing.assert_allclose(got, want, rtol=1e-5)
