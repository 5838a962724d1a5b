"""Rows of a matrix for each thread, and other runs of memory that lanes go along, each by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, bf16, f16, f32, f64, i8, i16, i32, i64, u8
from kdsl.codegen.cpu import assembly, emit
from kdsl.compiler import lower
from kdsl.ir.core import Value, walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel(math="strict")
def rows(a: Array[f32, 2], x: Array[f32, 1], out: Array[f32, 1]):
    y = kdsl.global_id(0)
    s = f32(0)
    for k in range(a.shape[1]):
        s += a[y, k] * x[k]
    out[y] = s


@kdsl.kernel(math="strict")
def flat(a: Array[f32, 1], x: Array[f32, 1], out: Array[f32, 1], n: i32):
    y = kdsl.global_id(0)
    if y < out.shape[0]:
        s = f32(0)
        for k in range(n):
            s += a[y * n + k] * x[k]
        out[y] = s


@kdsl.kernel(math="strict")
def chunks(a: Array[f32, 1], out: Array[f32, 1], n: i32):
    """A run of neighbours for each thread, of which the last has fewer and those behind it none."""
    i = kdsl.global_id(0)
    s = f32(0)
    for k in range(i * n, min((i + 1) * n, a.shape[0])):
        s = s * 0.5 + a[k]
    out[i] = s


@kdsl.kernel
def shrinking(a: Array[i32, 1], out: Array[i32, 1], n: i32, less: i32):
    """Each thread has fewer rounds than the one before, and at last none; what lanes have alike is counted as well."""
    i = kdsl.global_id(0)
    s, rounds = i32(0), i32(0)
    for k in range(i * n, (i + 1) * n - i * less):
        s = s * 3 + a[k]
        rounds += 1
    out[i] = s * 64 + rounds


@kdsl.kernel(math="strict")
def anywhere(a: Array[f64, 2], first: Array[i32, 1], which: Array[i32, 1], n: i32, out: Array[f64, 1]):
    """Two arrays of indices decide; neighbours of one element; numbers of 64 bits."""
    i = kdsl.global_id(0)
    s = f64(0)
    for k in range(1, n):
        s = s * 0.5 + a[which[i], first[i] + k - 1] * a[which[i], first[i] + k]
    out[i] = s


@kdsl.kernel
def integers(a: Array[i64, 2], b: Array[i32, 2], out: Array[i64, 1], lo: i32, hi: i32):
    i = kdsl.global_id(0)
    s, t = i64(0), i32(1)
    for k in range(lo, hi):
        s += a[i, k]
        t = t * 3 ^ b[i, k]
    out[i] = s + t


@kdsl.kernel
def largest(a: Array[f32, 2], at: Array[i32, 1]):
    """A choice in each round, of what it has loaded."""
    y = kdsl.global_id(0)
    best, where = a[y, 0], i32(0)
    for k in range(1, a.shape[1]):
        if a[y, k] > best:
            best = a[y, k]
            where = i32(k)
    at[y] = where


@kdsl.kernel
def same_twice(a: Array[f32, 2], out: Array[f32, 1], n: i32):
    """The lane along both axes."""
    i = kdsl.global_id(0)
    s = f32(0)
    for k in range(n):
        s += a[i, i + k]
    out[i] = s


@kdsl.kernel(math="strict")
def product(a: Array[f32, 2], b: Array[f32, 2], c: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = f32(0)
    for k in range(a.shape[1]):
        s += a[y, k] * b[x, k]
    c[y, x] = s


@kdsl.kernel(math="strict")
def short(a: Array[i8, 2], b: Array[u8, 2], c: Array[i16, 2], d: Array[f16, 2], e: Array[bf16, 2], out: Array[f32, 1]):
    """Elements of which several are a word."""
    i = kdsl.global_id(0)
    s, t = i32(0), f32(0)
    for k in range(1, c.shape[1]):
        s = s * 3 + i32(a[i, k]) * i32(b[i, k - 1]) - i32(c[i, k])
        t += f32(d[i, k]) * f32(e[i, k])
    out[i] = f32(s) + t


@kdsl.kernel
def pixels(a: Array[u8, 3], wide: Array[i16, 3]):
    """Four bytes, or two of them by two bytes, in a row for each thread: loads and stores."""
    y = kdsl.global_id(0)
    for x in range(a.shape[1]):
        r, g, b, w = a[y, x, 0], a[y, x, 1], a[y, x, 2], a[y, x, 3]
        wide[y, x, 0] = i16(r) - i16(w)
        wide[y, x, 1] = i16(g) - i16(b)
        a[y, x, 0] = b
        a[y, x, 1] = 255 - g
        a[y, x, 2] = r
        a[y, x, 3] = w + 1


@kdsl.kernel
def writes(a: Array[f32, 2], n: i32):
    """Each round reads what the one before has written."""
    i = kdsl.global_id(0)
    for k in range(1, n):
        a[i, k] += a[i, k - 1]


def _same(kernel: Any, threads: object, *arguments: object) -> None:
    """The kernel's first or last written array, as the interpreter has it."""
    want = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    got = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    kernel.interpret.over(threads)(*want)
    kernel.over(threads)(*got)
    for w, g in zip(want, got, strict=True):
        np.testing.assert_array_equal(g, w)


SIZES = [(1, 1), (3, 5), (8, 4), (16, 16), (33, 3), (40, 37), (70, 129)]


@pytest.mark.parametrize("m, n", SIZES)
def test_a_row_for_each_thread(m: int, n: int) -> None:
    rng = np.random.default_rng(n)
    a, x, out = rng.random((m, n), np.float32), rng.random(n, np.float32), np.zeros(m, np.float32)
    _same(rows, m, a, x, out)
    _same(rows, m, a[:, ::-1], x, out)
    _same(rows, m, np.asfortranarray(a), x, out)
    _same(rows, m, rng.random((2 * m, n + 3), np.float32)[::2, 1 : n + 1], x, out)
    _same(flat, m + 5, a.reshape(-1), x, out, n)
    _same(largest, m, a, np.zeros(m, np.int32))
    _same(product, (m, 3), rng.random((3, n), np.float32), a, np.zeros((3, m), np.float32))


@pytest.mark.parametrize("m, n", SIZES)
def test_rows_of_short_elements(m: int, n: int) -> None:
    rng = np.random.default_rng(n)
    b = rng.integers(0, 256, (m, n)).astype(np.uint8)
    c, d = rng.integers(-999, 999, (m, n)).astype(np.int16), (rng.integers(-8, 8, (m, n)) / 4).astype(np.float16)
    e = ((rng.integers(-8, 8, (m, n)) / 4).astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)  # bits of bf16
    for a in (b.view(np.int8), np.asfortranarray(b.view(np.int8)), b.view(np.int8)[:, ::-1]):
        _same(short, m, a, b, c, d, e, np.zeros(m, np.float32))
    _same(pixels, m, rng.integers(0, 256, (m, n, 4)).astype(np.uint8), np.zeros((m, n, 2), np.int16))


@pytest.mark.parametrize("m, n", SIZES)
def test_runs_that_data_send_lanes_to(m: int, n: int) -> None:
    rng = np.random.default_rng(n)
    a = rng.random((11, n + 40))
    first, which = rng.integers(0, 40, m).astype(np.int32), rng.integers(0, 11, m).astype(np.int32)
    _same(anywhere, m, a, first, which, n, np.zeros(m))
    _same(same_twice, m, rng.random((m, m + n), np.float32), np.zeros(m, np.float32), n)


@pytest.mark.parametrize("n", [0, 1, 3, 4, 7, 16, 50])
@pytest.mark.parametrize("m", [1, 8, 16, 45, 67])
def test_a_run_of_neighbours_for_each_thread(m: int, n: int) -> None:
    rng = np.random.default_rng(n)
    for missing in (0, 1, n // 2, 3 * n):
        _same(chunks, m, rng.random(max(m * n - missing, 1), np.float32), np.zeros(m, np.float32), n)
    _same(chunks, m, rng.random(2 * m * n + 1, np.float32)[::2], np.zeros(m, np.float32), n)
    for less in (0, 1, 2, 9):
        _same(shrinking, m, rng.integers(-99, 99, m * n + 1).astype(np.int32), np.zeros(m, np.int32), n, less)


@pytest.mark.parametrize("lo, hi", [(0, 0), (0, 31), (5, 30), (9, 2), (3, 4), (0, 8), (1, 33)])
def test_bounds(lo: int, hi: int) -> None:
    rng = np.random.default_rng(hi)
    a, b = rng.integers(-99, 99, (37, 33)), rng.integers(-99, 99, (37, 33)).astype(np.int32)
    _same(integers, 37, a, b, np.zeros(37, np.int64), lo, hi)


def test_loops_that_write_are_left_alone() -> None:
    _same(writes, 21, np.random.default_rng(0).random((21, 50), np.float32), 50)
    assert "together" not in writes.explain()


@pytest.mark.parametrize("kernel", [rows, flat, chunks, anywhere, integers, short])
def test_nothing_behind_a_row_is_read(kernel: Any) -> None:
    """Of the last row's last elements no vector may reach further: the pages behind them are not there."""
    import ctypes
    import mmap

    page = mmap.PAGESIZE
    memory = mmap.mmap(-1, 3 * page)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.mprotect(ctypes.c_void_p(address + 2 * page), page, 0) == 0
    try:
        for n in (13, 16, 22):
            def ends(shape: tuple[int, ...], dtype: type) -> np.ndarray:
                count = int(np.prod(shape))
                size = count * np.dtype(dtype).itemsize
                a = np.frombuffer(memory, dtype, count, 2 * page - size).reshape(shape)
                a[...] = np.arange(count).reshape(shape) % 7
                return a

            m = 16
            if kernel is rows:
                rows.over(m)(ends((m, n), np.float32), np.ones(n, np.float32), np.zeros(m, np.float32))
            elif kernel is flat:
                flat.over(m)(ends((m * n,), np.float32), np.ones(n, np.float32), np.zeros(m, np.float32), n)
            elif kernel is chunks:
                chunks.over(m)(ends((m * n,), np.float32), np.zeros(m, np.float32), n)
            elif kernel is anywhere:
                last = np.full(m, 4, np.int32)
                anywhere.over(m)(ends((5, n), np.float64), np.zeros(m, np.int32), last, n, np.zeros(m))
            elif kernel is short:
                others = [np.zeros((m, n), t) for t in (np.uint8, np.int16, np.float16, np.uint16)]
                short.over(m)(ends((m, n), np.int8), *others, np.zeros(m, np.float32))
            else:
                integers.over(m)(ends((m, n), np.int64), np.zeros((m, n), np.int32), np.zeros(m, np.int64), 0, n)
    finally:
        libc.mprotect(ctypes.c_void_p(address + 2 * page), page, 3)


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_vectors_along_rows(arch: str) -> None:
    target = CPU_TARGETS[arch]
    for kernel in (rows, flat, chunks, shrinking, anywhere, integers, product, largest):
        f = lower(kernel.ir(*declared_signature(kernel, None, {})), target)
        text = emit(f, target)
        size = 2 if kernel is anywhere else 4
        element = {anywhere: "double", integers: "i32", shrinking: "i32"}.get(kernel, "float")
        assert text.count(f"load <{size} x {element}>") >= 4
        assert assembly(f, target)
    f = lower(short.ir(*declared_signature(short, None, {})), target)
    assert emit(f, target).count("load i32") >= 4 * 7 and assembly(f, target)  # 4 lanes at least


@kdsl.kernel
def of_halves(a: Array[f16, 2], out: Array[f32, 1]):
    y = kdsl.global_id(0)
    s = f32(0)
    for k in range(a.shape[1]):
        s += f32(a[y, k])
    out[y] = s


@kdsl.kernel
def doubles(a: Array[f64, 2], out: Array[f64, 1]):
    y = kdsl.global_id(0)
    s = f64(0)
    for k in range(a.shape[1]):
        s += a[y, k]
    out[y] = s


@kdsl.kernel
def running(a: Array[f32, 2], out: Array[f32, 1]):
    """Each round waits for a division by the one before."""
    y = kdsl.global_id(0)
    s = f32(1)
    for k in range(a.shape[1]):
        s = 1.0 / (a[y, k] + s)
    out[y] = s


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_rows_at_once(arch: str) -> None:
    """Those of 32 threads, of a power of two of bytes each, would have more lines than the nearest cache has room for."""
    kernels = (rows, doubles, running, of_halves, product)
    widths = [lower(k.ir(*declared_signature(k, None, {})), CPU_TARGETS[arch]).attributes["width"] for k in kernels]
    lanes = CPU_TARGETS[arch].lanes
    assert widths == ([16, 16, 32, 32, 16] if lanes == 16 else [2 * lanes] * 5)


@kdsl.kernel
def extremes(a: Array[f32, 2], b: Array[f64, 2], c: Array[i32, 2], out: Array[f64, 2]):
    """Several at once, of all kinds; and one that is looked at in each round."""
    y = kdsl.global_id(0)
    most, least, size, whole, above = a[y, 0], b[y, 0], f32(0), i32(-5), f32(0)
    for k in range(a.shape[1]):
        most, least = max(most, a[y, k]), min(b[y, k], least)
        size, whole = max(abs(a[y, k]), size), max(whole, c[y, k])
        above = max(above + 1.0, a[y, k])
    out[y, 0], out[y, 1], out[y, 2] = f64(most), least, f64(size)
    out[y, 3], out[y, 4] = f64(whole), f64(above)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("m, n", [(1, 1), (5, 3), (16, 8), (19, 31), (40, 6), (3, 131), (37, 128)])
def test_extremes_of_rows(m: int, n: int, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """NaN in any round, and zeros whose signs matter."""
    launch_on(arch, monkeypatch, extremes)
    rng = np.random.default_rng(m)
    some = np.array([0.0, -0.0, -1.0, -2.5, np.nan, -np.inf, 3.0])
    for count in (2, 4, 5, 7):
        a, b = some[rng.integers(0, count, (m, n))].astype(np.float32), -some[rng.integers(0, count, (m, n))]
        c, got, want = rng.integers(-9, 9, (m, n)).astype(np.int32), np.zeros((m, 5)), np.zeros((m, 5))
        with runs(CPU_TARGETS[arch]):
            extremes.over(m)(a, b, c, got)
        extremes.interpret.over(m)(a, b, c, want)
        np.testing.assert_array_equal(got, want)
        np.testing.assert_array_equal(np.signbit(got)[want == 0], np.signbit(want)[want == 0])


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_no_extreme_waits_for_the_round_before(arch: str) -> None:
    """What four rounds join is carried four times, but what is looked at in each, as sums are."""
    f = lower(extremes.ir(*declared_signature(extremes, None, {})), CPU_TARGETS[arch])
    loops = [op for op in walk(f.body) if op.name == "scf.for" and len(op.results) >= 5]
    assert {len(op.results) for op in loops} == {5, 4 * 4 + 1}


@kdsl.kernel(math="fast")
def reductions(a: Array[f32, 2], b: Array[i32, 2], least: Array[f64, 2], out: Array[f64, 2], n: i32):
    """What may be taken in any grouping: counts, sums of integers, extremes, and of floats under fast math; and a part of a row."""
    y = kdsl.global_id(0)
    if y < out.shape[0]:
        count, total, s, low = i32(0), i32(0), f32(0), least[y, 0]
        for k in range(a.shape[1]):
            if a[y, k] > 0:
                count += 1
        for k in range(n, a.shape[1]):
            total += b[y, k] * 3
            s += a[y, k] * 2.0
        for k in range(least.shape[1]):
            low = min(low, least[y, k])
        out[y, 0], out[y, 1], out[y, 2], out[y, 3] = f64(count), f64(total), f64(s), low


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("m, n", [(1, 128), (2, 127), (16, 200), (21, 129), (40, 300), (70, 161)])
def test_long_rows_one_after_the_other(m: int, n: int, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, reductions)
    rng = np.random.default_rng(m)
    a, b = rng.integers(-9, 9, (m, n)).astype(np.float32), rng.integers(-(2**31), 2**31, (m, n)).astype(np.int32)
    least = np.where(rng.random((m, n + 9)) < 0.002, np.nan, rng.integers(-3, 3, (m, n + 9)) * -0.0)
    for first in (0, 1, 40):
        got, want = np.zeros((m, 4)), np.zeros((m, 4))
        with runs(CPU_TARGETS[arch]):
            reductions.over(m + 3)(a, b, least, got, first)
        reductions.interpret.over(m + 3)(a, b, least, want, first)
        np.testing.assert_array_equal(got, want)
        np.testing.assert_array_equal(np.signbit(got)[want == 0], np.signbit(want)[want == 0])


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_rows_are_asked_how_long_they_are(arch: str) -> None:
    """But where sums of floats are to be in order."""
    for kernel, times in ((reductions, 3), (extremes, 0), (rows, 0)):
        f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])
        asked = [op for op in walk(f.body) if op.name == "scf.if" and _is_length(op.operands[0])]
        assert len(asked) == 3 * times, kernel.name  # by whole vectors, by what is left of one, and of threads by themselves


def _is_length(cond: Value) -> bool:
    return cond.op is not None and cond.op.name == "arith.ge" and cond.op.operands[1].constant == 128


@kdsl.kernel(math="strict")
def scaled(a: Array[f32, 2], out: Array[f32, 2], most: Array[f32, 1]):
    """Sums in order by lanes, or by threads, and a row that each fills."""
    y = kdsl.global_id(0)
    if 1 < y < out.shape[0]:
        s, best = f32(0), a[y, 0]
        for k in range(a.shape[1]):
            s += a[y, k]
        for k in range(a.shape[1]):
            best = max(best, a[y, k])
        for k in range(a.shape[1]):
            out[y, k] = a[y, k] * s
        most[y] = best


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("n", [3, 40, 150])
def test_few_rows(n: int, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one, by lanes of which some do not exist, and whole vectors."""
    launch_on(arch, monkeypatch, scaled, rows)
    rng = np.random.default_rng(n)
    with runs(CPU_TARGETS[arch]):
        for m in (1, 3, 4, 6, 7, 10, 18, 19, 23, 35):
            a = rng.random((m, n), np.float32)
            _same(scaled, m + 2, a, np.zeros((m, n), np.float32), np.zeros(m, np.float32))
            _same(rows, m, a, rng.random(n, np.float32), np.zeros(m, np.float32))


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_few_rows_go_one_by_one_if_rounds_are_short(arch: str) -> None:
    """Of others there is no code for a thread by itself."""
    for kernel, alone in ((rows, True), (extremes, False)):
        f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])
        loops = [op.regions[0].ops for op in walk(f.body) if op.name == "scf.for"]
        assert any(op.name == "memory.load" and len(op.operands) == 3 for ops in loops for op in ops) == alone


@kdsl.kernel
def cosines(a: Array[f32, 2], b: Array[f32, 2], out: Array[f32, 1]):
    y = kdsl.global_id(0)
    s, t, u = f32(0), f32(0), f32(0)
    for k in range(a.shape[1]):
        s, t, u = s + a[y, k] * b[y, k], t + a[y, k] * a[y, k], u + b[y, k] * b[y, k]
    out[y] = s / kdsl.sqrt(t * u)


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
def test_each_line_of_two_arrays_is_asked_for_once(arch: str) -> None:
    """In four trips of four rounds, of 16 bytes each; not what lanes that do not exist would load, nor of one array."""
    for kernel, times in ((cosines, 2), (rows, 0)):
        f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])
        asked = [op for op in walk(f.body) if op.name == "memory.prefetch"]
        assert len(asked) == times * f.attributes["width"] // 4


@pytest.mark.parametrize("n", [3, 64, 97])
@pytest.mark.parametrize("m", [1, 16, 37])
def test_what_is_asked_for_need_not_be_there(m: int, n: int) -> None:
    rng = np.random.default_rng(n)
    a, b = rng.integers(1, 9, (2, m, n)).astype(np.float32)
    got, want = np.zeros((2, m), np.float32)
    cosines.over(m)(a, b, got)
    cosines.interpret.over(m)(a, b, want)
    np.testing.assert_allclose(got, want, rtol=1e-6)


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
def test_what_is_left_of_the_rows_has_no_mask(arch: str) -> None:
    """But for what is stored: rows by fewer threads than lanes are loaded as those of all are."""
    f = lower(rows.ir(*declared_signature(rows, None, {})), CPU_TARGETS[arch])
    loads = [op for op in walk(f.body) if op.name in ("tile.load", "tile.gather")]
    stores = [op for op in walk(f.body) if op.name in ("tile.store", "tile.scatter")]
    assert len(loads) >= 10 and all(op.operands[-1].constant is True for op in loads)
    assert [op.operands[-2].constant is True for op in stores] == [False]


def test_words_are_put_together_once() -> None:
    """Not a vector of their lower halves as well."""
    target = CPU_TARGETS["x86-64-v4"]
    code = assembly(lower(of_halves.ir(*declared_signature(of_halves, None, {})), target), target)
    first = code.index("vcvtph2ps")
    assert code[:first].count("vpinsrd") >= 24 and code[:first].count("vpinsrw") <= 8


def test_explained() -> None:
    text = rows.explain()
    assert "4 of them together" in text and "4 rounds at a time, by a vector load for each lane and shuffles" in text


@kdsl.kernel
def along_sums(x: Array[f32, 2], out: Array[f32, 1], n: i32):
    i = kdsl.global_id(0)
    total = f32(0)
    for k in range(x.shape[1]):
        a, b = kdsl.index(n), kdsl.index(n) + 1
        for _ in kdsl.static_range(60):
            a, b = b, a + b
        total += x[i, a + b - a - b + k]
    out[i] = total


def test_an_index_of_sums_of_the_same_numbers_is_looked_through_once() -> None:
    """Every way through them would be 1.6 to the power of 60."""
    target = CPU_TARGETS["x86-64-v3"]
    assert emit(lower(along_sums.ir(*declared_signature(along_sums, None, {})), target), target)
