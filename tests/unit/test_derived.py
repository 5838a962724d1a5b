"""Numbers that a loop carries and moves by the same in every trip, as its counter says it; and counters of 32 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, i32, i64, u32
from kdsl.ir.core import walk
from kdsl.ir.passes.near_ids import near_ids
from kdsl.ir.passes.opt_counted import opt_counted
from kdsl.ir.passes.opt_derived import opt_derived
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.specialise import declared_signature


@kdsl.kernel
def planes(x: Array[i32, 1], o: Array[i32, 1], n: i32, m: i32):
    """Down a column of a volume, as CUDA's stencils go."""
    i = i32(kdsl.global_id(0))
    if i < n:
        at, before = i, x[i]
        for k in range(1, m):
            at += n
            now = x[at]
            o[at] = now - before + i32(k)
            before = now


@kdsl.kernel
def both_ends(x: Array[i32, 1], o: Array[i32, 1], n: i32, m: i32):
    """From both ends of all, by the threads of the grid."""
    i = i32(kdsl.global_id(0))
    stride = i32(kdsl.grid_dim(0) * kdsl.block_dim(0))
    j = n * m - 1 - i
    while i < n * m // 2:
        o[i], o[j] = x[j], x[i] * 2
        i += stride
        j -= stride


@kdsl.kernel
def asked_behind(x: Array[i32, 1], o: Array[i32, 1], n: i32, m: i32):
    """Where the numbers end is asked for behind the loop, and one goes back by what the launch gives."""
    i = kdsl.global_id(0)
    if i < kdsl.index(n):
        at, back = i32(i), i32(i) + n * (m - 1)
        for _ in range(m - 1):
            o[at] += x[back] + x[at]
            at += n
            back -= n
        o[at] += back


@kdsl.kernel
def around(x: Array[i32, 1], o: Array[i32, 1], n: i32, m: i32):
    """Wraps, again and again."""
    i = kdsl.global_id(0)
    if i < kdsl.index(n):
        total, at, other = i32(0), i32(i), u32(i)
        for k in range(m + 9):
            total += x[at & 3] * i32(k) + x[i32(other >> u32(30))]
            at += 1_000_000_007 * n
            other -= u32(1_500_000_001)
        o[i] = total


@kdsl.kernel
def threes(x: Array[i32, 1], o: Array[i32, 1], n: i32, m: i32):
    """By threes, as the counter; one that goes by five stays."""
    i = kdsl.global_id(0)
    if i < kdsl.index(n):
        total, at, other = i32(0), i64(i), i64(i)
        for k in range(2, m + 20, 3):
            total += x[at] + x[other % i64(x.shape[0])] * i32(k)
            at = min(at + 3, i64(x.shape[0]) - 1) if m < 0 else at + 3
            other += 5
        o[i] = total


KERNELS = (planes, both_ends, asked_behind, around, threes)


def _carried(f: Any) -> int:
    return sum(len(op.operands) - 3 for op in walk(f.body) if op.name == "scf.for")


def test_which_numbers_are_made_of_the_counter() -> None:
    found = []
    for kernel in KERNELS:
        f = opt_counted(simplify(near_ids(kernel.ir(*declared_signature(kernel, None, {})))))
        found.append(_carried(f) - _carried(opt_derived(f)))
    assert found == [1, 1, 0, 2, 0]  # those that are asked for behind the loop are carried as well


@pytest.mark.parametrize(("n", "m"), [(1, 2), (5, 3), (8, 1), (16, 4), (33, 5), (70, 7)])
@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.name)
@pytest.mark.parametrize("target", RUNNABLE)
def test_as_interpreted(kernel: Any, n: int, m: int, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, kernel)
    x = np.random.default_rng(n).integers(0, 99, n * m + 40, dtype=np.int32)
    o, expected = np.zeros_like(x), np.zeros_like(x)
    kernel[5, 16](x, o, n, m)
    kernel.interpret[5, 16](x, expected, n, m)
    np.testing.assert_array_equal(o, expected)


@kdsl.kernel
def ranges(lo: Array[i32, 1], hi: Array[i32, 1], x: Array[i32, 1], o: Array[i32, 2]):
    """Each thread's own, with ends of 32 bits; no counter may pass the greatest of them."""
    i = kdsl.global_id(0)
    if i < lo.shape[0]:
        for k in range(lo[i], hi[i]):
            o[0, i] += i32(k) ^ x[k & 7]
        for k in range(lo[i], hi[i], 7):
            o[1, i] += i32(k) - x[(k >> 1) & 7]
        for k in range(lo[i], hi[i], 1 << 30):
            o[2, i] += 1
        last = i64(0)
        for k in range(lo[i], hi[i], 3):
            last = i64(k)
        o[3, i] = i32(last)


@pytest.mark.parametrize("target", RUNNABLE)
def test_ranges_of_32_bits(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, ranges)
    rng, least, most = np.random.default_rng(1), -(1 << 31), (1 << 31) - 1
    lo = np.concatenate([rng.integers(-9, 30, 40), [most - 20, most - 5, least, least + 3, most, most - 1, 0, -1]]).astype(np.int32)
    hi = np.concatenate([rng.integers(-9, 60, 40), [most, most - 2, least + 30, least, most, most, -5, 0]]).astype(np.int32)
    x = rng.integers(0, 99, 8, dtype=np.int32)
    o, expected = np.zeros((4, 48), np.int32), np.zeros((4, 48), np.int32)
    ranges[3, 16](lo, hi, x, o)
    ranges.interpret[3, 16](lo, hi, x, expected)
    np.testing.assert_array_equal(o, expected)


@kdsl.kernel
def rows_of_blocks(lo: Array[i32, 1], hi: Array[i32, 1], x: Array[i32, 1], o: Array[i32, 2]):
    """A row's elements, by the threads of a block: they begin side by side, but where they wrap."""
    r, t = kdsl.block_id(0), i32(kdsl.thread_id(0))
    at, total, last, count = r * kdsl.block_dim(0) + kdsl.thread_id(0), i32(0), i64(-1), i32(0)
    for k in range(lo[r] + t, hi[r], i32(kdsl.block_dim(0))):
        total += i32(k) ^ x[k & 7]
        last = i64(k)
    for k in range(lo[r] + t, hi[r], 3):
        count += x[i64(i32(k) & 3)] + i32(k)
    for k in range(lo[r] + 2 * t, hi[r], 40):
        count += x[i64(i32(k) & 3)] - 1
    o[0, at], o[1, at], o[2, at] = total, i32(last), count
    for k in range(lo[r] + t, hi[r], i32(kdsl.block_dim(0))):
        if k >= 0 and k < 40:
            o[3, at] += x[k] * x[k]


@pytest.mark.parametrize("target", RUNNABLE)
@pytest.mark.parametrize("block", [8, 16, 20])
def test_rows_whose_elements_a_block_shares_out(block: int, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, rows_of_blocks)
    least, most = -(1 << 31), (1 << 31) - 1
    lo = np.array([0, 5, 17, 3, -9, most - 3, most - 40, most - 90, least, most - 9], np.int32)
    hi = np.array([40, 5, 18, 37, 30, least + 40, most, most - 1, least + 9, least + 2], np.int32)
    x = np.random.default_rng(2).integers(0, 99, 40, dtype=np.int32)
    o, expected = np.zeros((4, 10 * block), np.int32), np.zeros((4, 10 * block), np.int32)
    rows_of_blocks[10, block](lo, hi, x, o)
    rows_of_blocks.interpret[10, block](lo, hi, x, expected)
    np.testing.assert_array_equal(o, expected)


@kdsl.kernel
def wraps_between_lanes(n: i32, x: Array[i32, 1], o: Array[i32, 2]):
    """Numbers below 0 that become places again."""
    t = kdsl.global_id(0)
    i = i64(i32(t) + n)
    o[0, t], o[1, t] = x[i % 100], x[i & 7]
    o[2, t], o[3, t] = x[kdsl.minimum(kdsl.maximum(i, 0), i64(63))], x[kdsl.minimum(abs(i + (1 << 31)), i64(99))]


@pytest.mark.parametrize("target", RUNNABLE)
def test_what_wrapped_is_a_place_again(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, wraps_between_lanes)
    x = np.arange(100, dtype=np.int32)
    for n in ((1 << 31) - 4, (1 << 31) - 20, -70, 5):
        o, expected = np.zeros((4, 40), np.int32), np.zeros((4, 40), np.int32)
        wraps_between_lanes[1, 40](n, x, o)
        wraps_between_lanes.interpret[1, 40](n, x, expected)
        np.testing.assert_array_equal(o, expected)


@kdsl.kernel
def alike_first(x: Array[i32, 2], o: Array[i32, 2], n: i32):
    """Conditions of which a part is the same for all threads of a row."""
    c, r = kdsl.global_id(0), kdsl.global_id(1)
    v, w = i32(3), i32(4)
    if c < kdsl.index(n) and r < x.shape[0]:
        if r % 3 == 0 and x[r, c] > 40:
            v = x[r, c] // 3
            for k in range(i32(c) % 5):
                v += i32(k) * w
        if x[r, c] > 20 and r > 4:
            w = v % 7
            o[r, c] = -1
            for k in range(x[r, c] & 3):
                w += i32(k)
        o[r, c] += v + 10 * w


@pytest.mark.parametrize("target", RUNNABLE)
def test_what_all_have_alike_is_asked_first(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, alike_first)
    x = np.random.default_rng(5).integers(0, 99, (11, 70), dtype=np.int32)
    for n in (0, 1, 33, 70):
        o, expected = np.zeros_like(x), np.zeros_like(x)
        alike_first[(5, 4), (16, 3)](x, o, n)
        alike_first.interpret[(5, 4), (16, 3)](x, expected, n)
        np.testing.assert_array_equal(o, expected)
