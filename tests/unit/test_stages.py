"""Loops whose trips between barriers are counted in numbers are straight code on a CPU; others stay, with the same results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32, u8
from kdsl.ir.core import walk
from kdsl.specialise import declared_signature

N = 32


@kdsl.kernel
def scan(x: Array[f32, 1], out: Array[f32, 1], n: i32):
    """The distance doubles; the number of stages so far is carried along."""
    s = kdsl.shared((N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[t]
    kdsl.barrier()
    d, stages = i32(1), i32(0)
    while d < N:
        left = f32(0)
        if i32(t) >= d:
            left = s[t - d]
        kdsl.barrier()
        s[t] += left
        kdsl.barrier()
        stages += n
        d <<= 1
    out[t] = s[t] + f32(stages) + f32(d)


@kdsl.kernel
def nested(x: Array[f32, 1], out: Array[f32, 1], n: i32):
    s = kdsl.shared((N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[t]
    a = i32(1)
    while a <= 4:
        b = a
        while b > 0:
            kdsl.barrier()
            v = s[(t + b) % N]
            kdsl.barrier()
            s[t] += v * f32(a)
            b //= 2
        a *= 2
    out[t] = s[t]


@kdsl.kernel
def wraps(x: Array[f32, 1], out: Array[f32, 1], n: i32):
    """64, 128, and 256 is 0 in a byte; a loop of no trips before."""
    s = kdsl.shared((N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[t]
    d = u8(64)
    while d < 64:
        kdsl.barrier()
        s[t] = f32(-1)
        d += u8(1)
    while d > 0:
        kdsl.barrier()
        s[t] += f32(d)
        d = u8(d * u8(2))
    out[t] = s[t]


@kdsl.kernel
def conditional(x: Array[f32, 1], out: Array[f32, 1], n: i32):
    s = kdsl.shared((N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[t]
    d = i32(1)
    while d < N:
        kdsl.barrier()
        v = s[(t + d) % N]
        kdsl.barrier()
        s[t] += v
        if n > 1:
            d *= 2
        d *= 2
    out[t] = s[t]


@kdsl.kernel
def breaks(x: Array[f32, 1], out: Array[f32, 1], n: i32):
    s = kdsl.shared((N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[t]
    d = i32(1)
    while d < N:
        kdsl.barrier()
        v = s[(t + d) % N]
        kdsl.barrier()
        if d > n * 2:
            break
        s[t] += v
        d *= 2
    out[t] = s[t]


@kdsl.kernel
def long(x: Array[f32, 1], out: Array[f32, 1], n: i32):
    s = kdsl.shared((N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[t]
    d = i32(0)
    while d < 1000:
        kdsl.barrier()
        v = s[(t + 1) % N]
        kdsl.barrier()
        s[t] = v
        d += 1
    out[t] = s[t]


@kdsl.kernel
def counted(x: Array[f32, 1], out: Array[f32, 1], n: i32):
    """Distances by a counter, and one that is carried along; a loop over tiles, whose trips are alike, stays."""
    s = kdsl.shared((N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[t]
    half = kdsl.index(N)
    for k in range(4):
        kdsl.barrier()
        v = s[(t + (1 << k)) % N]
        half //= 2
        if t < half:
            v += s[t + half]
        kdsl.barrier()
        s[t] = v
    for k in range(0, N, 8):
        kdsl.barrier()
        v = s[(t + k) % N]
        kdsl.barrier()
        s[t] += v * f32(n)
    out[t] = s[t] + f32(half)


@kdsl.kernel
def uncounted(x: Array[f32, 1], out: Array[f32, 1], n: i32):
    """A number of trips, or a distance, that only the launch knows."""
    s = kdsl.shared((N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[t]
    for k in range(n):
        kdsl.barrier()
        v = s[(t + (1 << k)) % N]
        kdsl.barrier()
        s[t] += v
    for k in range(3):
        kdsl.barrier()
        v = s[(t + (n << k)) % N]
        kdsl.barrier()
        s[t] += v
    out[t] = s[t]


def whiles(kernel: Any) -> int:
    from kdsl.ir.passes.opt_simplify import simplify
    from kdsl.ir.passes.opt_stages import opt_stages
    from kdsl.ir.passes.vectorize import in_blocks_of

    types, values = declared_signature(kernel, None, {})
    f = opt_stages(simplify(in_blocks_of(kernel.ir(types, values), (N, 1, 1))))
    return sum(op.name in ("scf.while", "scf.for") for op in walk(f.body))


@pytest.mark.parametrize(("kernel", "left"), [(scan, 0), (nested, 0), (wraps, 0), (conditional, 1), (breaks, 1), (long, 1),
                                              (counted, 1), (uncounted, 2)])  # fmt: skip
@pytest.mark.parametrize("n", [1, 3])
def test_stages(kernel: Any, left: int, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kdsl.ir.passes.opt_stages._MOST_OPS", 500)  # for loops in loops
    assert whiles(kernel) == left
    x = np.arange(N, dtype=np.float32) % 7
    got, want = np.zeros_like(x), np.zeros_like(x)
    kernel[1, N](x, got, n)
    kernel.interpret[1, N](x, want, n)
    assert np.array_equal(got, want)


def test_a_value_of_thousands_of_ops_is_looked_at_once() -> None:
    """Each made of the one before it twice: every way through them would be 2 ** 1500."""

    @kdsl.kernel
    def deep(x: Array[f32, 1], out: Array[f32, 1], n: i32):
        d = i32(1)
        while d < 100:
            kdsl.barrier()
            for _ in kdsl.static_range(1500):
                d += d & n
            d += 1
        out[0] = f32(d)

    @kdsl.kernel
    def of_numbers(x: Array[f32, 1], out: Array[f32, 1], n: i32):
        d = i32(1)
        while d < 100:
            kdsl.barrier()
            e = d
            for _ in kdsl.static_range(1500):
                e += e & 1
            d = e + 1
        out[0] = f32(d)

    assert whiles(deep) == 1 and whiles(of_numbers) == 1  # the second has numbers, and too many ops
