"""Segments whose threads run one after the other: which threads take part, what they keep, and where vectors stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, u8
from kdsl.compiler import lower
from kdsl.ir.passes.vectorize import in_turn
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

N = 64


@kdsl.kernel
def sweeps(x: Array[f32, 1], out: Array[f32, 1], last: i32):
    """Blelloch's scan, with distances that are known when the code runs."""
    s = kdsl.shared((2 * N,), f32)
    t, n = kdsl.thread_id(0), kdsl.block_dim(0)
    s[2 * t] = x[2 * t]
    s[2 * t + 1] = x[2 * t + 1]
    offset, d = 1, n
    while d > last:
        kdsl.barrier()
        if t < d:
            a, b = offset * (2 * t + 1) - 1, offset * (2 * t + 2) - 1
            s[b] += s[a]
        offset <<= 1
        d >>= 1
    if t == 0:
        s[2 * n - 1] = 0.0
    d = 1
    while d < 2 * n:
        offset >>= 1
        kdsl.barrier()
        if t < d:
            a, b = offset * (2 * t + 1) - 1, offset * (2 * t + 2) - 1
            v = s[a]
            s[a] = s[b]
            s[b] += v
        d *= 2
    kdsl.barrier()
    out[2 * t] = s[2 * t]
    out[2 * t + 1] = s[2 * t + 1]


@kdsl.kernel
def every(x: Array[f32, 1], out: Array[f32, 1], m: i32):
    """Every so many threads, from any on; by 0 all leave 0, and what is negative divides as well."""
    s = kdsl.shared((N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[t]
    kdsl.barrier()
    if i32(t) % m == 0:
        s[t] += 100.0
    kdsl.barrier()
    if (i32(t) + 1) % m == 0:
        s[t] += 10000.0
    kdsl.barrier()
    if 0 == (i32(t) - 3) % m:
        s[t] *= 3.0
    out[t] = s[t]


@kdsl.kernel
def numbers(x: Array[f32, 1], out: Array[f32, 1], m: i32):
    """The same with numbers, which are powers of two or not, and places that are wanted or never met."""
    s = kdsl.shared((N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[t]
    for k in kdsl.static_range(1, 18, 4):
        for c in kdsl.static_range(-3, 4, 3):
            kdsl.barrier()
            if (i32(t) + c) % k == k // 2:
                s[t] += f32(m + k)
            kdsl.barrier()
            if (t + c) & 15 == k:
                s[t] *= 2.0
    kdsl.barrier()
    if not (t % 16 != 5):
        s[t] -= 7.0
    kdsl.barrier()
    if t % 16 == 16:
        s[t] = 0.0
    out[t] = s[t]


@kdsl.kernel
def multiples(x: Array[f32, 1], out: Array[f32, 1], n: i32):
    """`8 * t < 40`, either way round, moved, and of something that is no number."""
    s = kdsl.shared((32 * N,), f32)
    t = kdsl.thread_id(0)
    for k in range(32):
        s[k * kdsl.block_dim(0) + t] = x[t]
    kdsl.barrier()
    if 8 * t < 40:
        s[8 * t] += s[8 * t + 4]
    kdsl.barrier()
    if 100 > 16 * t + 3:
        s[16 * t] += s[16 * t + 8]
    kdsl.barrier()
    if (t << 4) < kdsl.block_dim(0):
        s[t << 4] += s[16 * t + 8]
    kdsl.barrier()
    if not (32 * i32(t) >= 5 * n):
        s[32 * t] += s[32 * t + 16]
    kdsl.barrier()
    if 16 * i32(t) < -5:
        s[16 * t] = 0.0
    kdsl.barrier()
    total = f32(0)
    for k in range(32):
        total = total * 0.5 + s[k * kdsl.block_dim(0) + t]
    out[t] = total


@kdsl.kernel
def keeps(x: Array[f32, 1], out: Array[f32, 1], m: i32):
    """Threads keep numbers, masks and loaded values from one segment to another; lanes and single threads read each other's."""
    s = kdsl.shared((8 * N,), f32)
    t = kdsl.thread_id(0)
    v = x[t]
    big = v > 3
    s[8 * t] = v
    kdsl.barrier()
    w = s[8 * max(t - 1, 0)]
    s[8 * t + 1] = w
    kdsl.barrier()
    u = s[8 * t + 1] * 2.0 + w
    kdsl.barrier()
    if t < m:
        if t % 3 == 0 and m > 2:
            s[8 * t + 2] = u
            s[8 * t] = w
    kdsl.barrier()
    for k in range(3):
        if (t + k) % 16 == 0 and t > m:
            s[8 * t] += w
        kdsl.barrier()
        v += s[8 * max(t - k, 0)] + u
        kdsl.barrier()
    out[t] = v + (w if big else u)


@kdsl.kernel
def planes(x: Array[f32, 1], out: Array[f32, 1], m: i32):
    """Rows and planes of threads, each of which halves its row."""
    s = kdsl.shared((4 * N,), f32)
    t, y, z = kdsl.thread_id(0), kdsl.thread_id(1), kdsl.thread_id(2)
    w, h = kdsl.block_dim(0), kdsl.block_dim(1)
    row = (z * h + y) * w
    s[row + t] = x[row + t]
    kdsl.barrier()
    for k in range(m):
        d = 1 << k
        if t % (2 * d) == 0 and t + d < w:
            s[row + t] += s[row + t + d]
        kdsl.barrier()
    out[row + t] = s[row + t]


@kdsl.kernel
def shifted(x: Array[f32, 1], out: Array[f32, 1], m: i32):
    """Lanes that are off lie before and behind arrays, and in others: those stay what they were."""
    a, b, c = kdsl.shared((N,), f32), kdsl.shared((N,), u8), kdsl.shared((N,), f32)
    t, n = kdsl.thread_id(0), kdsl.block_dim(0)
    a[t] = x[t]
    b[t] = u8(t)
    c[t] = x[t] * 2.0
    kdsl.barrier()
    if t >= m:
        a[t - m] = c[t]
        b[t - m] = u8(7)
    kdsl.barrier()
    if t + m < n:
        c[t + m] = a[t]
        b[t + m] += u8(a[t + m])
    kdsl.barrier()
    if x[t] > 3:
        a[t] += 1.0
        b[n - 1 - t] += u8(9)
    kdsl.barrier()
    out[t] = a[t] + f32(b[t]) + c[t] * 1000.0


@kdsl.kernel
def masked(x: Array[f32, 1], out: Array[f32, 1], m: i32):
    """`t & m == 0`, of any m: every so many threads, or some of them."""
    s = kdsl.shared((4 * N,), f32)
    t, n = kdsl.thread_id(0), kdsl.block_dim(0)
    for k in range(4):
        s[k * n + t] = x[t]
    kdsl.barrier()
    if i32(t) & m == 0:
        s[t] += s[t + n]
    kdsl.barrier()
    if 0 == (2 * m - 1) & i32(t) and t < n - 2:
        s[t] *= 2.0
    kdsl.barrier()
    if t & kdsl.index(m) == 0:
        s[3 * t] -= s[3 * t + 1]
    kdsl.barrier()
    out[t] = s[t] + 100.0 * s[t + n]


CASES = [
    (sweeps, [0]), (every, [1, 2, 5, 16, 1000, -8, 2**31 - 1, -(2**31)]), (numbers, [3]), (multiples, [1, 8]),
    (keeps, [0, 2, 9, 40]), (planes, [0, 3, 5]),
    (masked, [0, 1, 2, 3, 7, 8, 12, 31, 1023, -1, -8, -(2**31), 2**31 - 1]), (shifted, [0, 3, 8, 31]),
]  # fmt: skip


def compare(launch: Any, interpreted: Any, numbers: list[int]) -> None:
    x = np.random.default_rng(1).integers(-9, 9, 4 * N).astype(np.float32)
    for number in numbers:
        got, want = np.zeros((2, x.size), np.float32)
        launch(x, got, number)
        interpreted(x, want, number)
        np.testing.assert_array_equal(got, want, err_msg=str(number))


@pytest.mark.parametrize("target", [name for name in ("x86-64-v2", "x86-64-v3") if name in RUNNABLE])
@pytest.mark.parametrize(("kernel", "numbers"), CASES)
def test_the_same_as_interpreted(target: str, kernel: Any, numbers: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, kernel)
    blocks = [(16,)] if kernel is sweeps else [(8, 2, 2), (7, 3)] if kernel is planes else [(32,), (7,)]
    for block in blocks if target == "x86-64-v3" else blocks[1:]:
        compare(kernel[1, block], kernel.interpret[1, block], numbers)


@pytest.mark.parametrize(("kernel", "number"), [(every, 4), (keeps, 9), (numbers, 3)])
def test_blocks_that_the_launch_cuts_off(kernel: Any, number: int) -> None:
    for threads in (29, 45):
        compare(kernel.over(threads, block=48), kernel.interpret.over(threads, block=48), [number])


def test_by_zero_all_leave_zero() -> None:
    x, got = np.arange(N, dtype=np.float32), np.zeros(N, np.float32)
    every[1, 43](x, got, 0)
    np.testing.assert_array_equal(got[:43], (x[:43] + 10100) * 3)


@pytest.mark.parametrize(("kernel", "least"), [(sweeps, 2), (every, 2), (numbers, 10), (multiples, 4), (keeps, 3), (planes, 1),
                                              (masked, 3)])  # fmt: skip
def test_segments_that_run_so(kernel: Any, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert turns(kernel, "x86-64-v3", monkeypatch) >= least


def test_an_instruction_that_gathers_is_no_help(monkeypatch: pytest.MonkeyPatch) -> None:
    assert turns(sweeps, "x86-64-v4", monkeypatch) >= 2


def test_segments_that_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neighbours."""
    assert turns(shifted, "x86-64-v3", monkeypatch) == 0


def turns(kernel: Any, arch: str, monkeypatch: pytest.MonkeyPatch) -> int:
    found: list[bool] = []
    pays = in_turn._Costs.pays
    with monkeypatch.context() as patch:
        patch.setattr(in_turn._Costs, "pays", lambda self: found.append(pays(self)) or found[-1])
        lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch], block=(32, 1, 1))
    return sum(found)
