"""What only the first threads of a block need behind a barrier is found out for those alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def halves(x: Array[f32, 1], o: Array[f32, 1], n: i32):
    """A wavelet: pairs, half as many in each round."""
    s = kdsl.shared(512, f32)
    t, b = kdsl.thread_id(0), kdsl.block_id(0) * 512
    s[t], s[t + 256] = x[b + t], x[b + t + 256]
    while n > 0:
        kdsl.barrier()
        a, c = f32(0), f32(0)
        if t < n:
            a, c = s[2 * t], s[2 * t + 1]
        kdsl.barrier()
        if t < n:
            s[t] = a + c
            o[b + n + t] = a - c
        n >>= 1
    kdsl.barrier()
    if t == 0:
        o[b] = s[0]


@kdsl.kernel
def tree(x: Array[f32, 1], o: Array[f32, 1], steps: i32):
    """A lattice of prices: nothing asks who loads."""
    s = kdsl.shared(257, f32)
    t, b = kdsl.thread_id(0), kdsl.block_id(0) * 512
    s[t] = x[b + t]
    if t == 0:
        s[256] = x[b + 256]
    for k in range(steps):
        kdsl.barrier()
        a, c = s[t], s[t + 1]
        kdsl.barrier()
        if t < steps - k:
            s[t] = 0.5 * a + 0.25 * c
    kdsl.barrier()
    o[b + t] = s[t]


@kdsl.kernel
def several(x: Array[f32, 1], o: Array[f32, 1], n: i32):
    """Users with ends of their own, one of what is computed again from what is kept."""
    s = kdsl.shared(256, f32)
    t, b = kdsl.thread_id(0), kdsl.block_id(0) * 512
    s[t] = x[b + t]
    kdsl.barrier()
    a = s[255 - t]
    c = a * 2.0 + 1.0
    kdsl.barrier()
    if t < n:
        s[t] = c
    kdsl.barrier()
    if t < n // 2 + 3:
        s[t] += a
    kdsl.barrier()
    if t == 0:
        s[0] -= c
    kdsl.barrier()
    o[b + t] = s[t]


@kdsl.kernel
def all_of_them(x: Array[f32, 1], o: Array[f32, 1], n: i32):
    """One user has no end, one asks for more than that."""
    s = kdsl.shared(256, f32)
    t, b = kdsl.thread_id(0), kdsl.block_id(0) * 512
    s[t] = x[b + t]
    kdsl.barrier()
    a = s[255 - t]
    c = s[(t + 7) % 256]
    d = s[(t + 9) % 256]
    kdsl.barrier()
    if t < n:
        s[t] = a
    if t < n and c > 0.0:
        s[t] += c
    kdsl.barrier()
    o[b + t] = s[t] + a
    if t >= n:
        o[b + t] += d


@kdsl.kernel
def later(x: Array[f32, 1], o: Array[f32, 1], n: i32):
    """The end is found behind what it would end, or changes with each round."""
    s = kdsl.shared(256, f32)
    ends = kdsl.shared(4, i32)
    t, b = kdsl.thread_id(0), kdsl.block_id(0) * 512
    s[t] = x[b + t]
    if t < 4:
        ends[t] = n * i32(t) + 5
    kdsl.barrier()
    a, c = s[255 - t], s[(t + 3) % 256]
    kdsl.barrier()
    end = ends[2]
    if t < end:
        s[t] = a
    for k in range(4):
        kdsl.barrier()
        if t < n + 7 * i32(k):
            s[t] += c
    kdsl.barrier()
    o[b + t] = s[t]


@kdsl.kernel
def under_conditions(x: Array[f32, 1], o: Array[f32, 1], n: i32):
    """Of the block, around the user and around both; loops and branches in what is found out."""
    s = kdsl.shared(256, f32)
    t, b = kdsl.thread_id(0), kdsl.block_id(0) * 512
    s[t] = x[b + t]
    kdsl.barrier()
    if n > 20:
        a = f32(0)
        for k in range(3):
            if s[(t + 5 * k) % 256] > 0.0:
                a += s[t] * f32(k)
        kdsl.barrier()
        if t < n:
            s[t] = a
        kdsl.barrier()
    c = s[255 - t]
    kdsl.barrier()
    if n % 2 == 0:
        if t < 40:
            s[t] -= c
        kdsl.barrier()
    elif t < 9:
        s[t] *= c
    kdsl.barrier()
    o[b + t] = s[t]


KERNELS = [halves, tree, several, all_of_them, later, under_conditions]


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.name)
def test_the_same_as_the_interpreter(kernel: Any, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, kernel)
    x = np.random.default_rng(3).integers(-8, 9, 1024).astype(np.float32)
    for n in (0, 1, 3, 7, 8, 9, 31, 40, 64, 100, 128, 250):
        wanted, found = np.zeros((2, 1024), np.float32)
        kernel.interpret[2, 256](x, wanted, n)
        kernel[2, 256](x, found, n)
        np.testing.assert_array_equal(found, wanted)


def rows_to(kernel: Any) -> list[str]:
    """What the loops over threads whose vectors load shared memory end with."""
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"], block=(256, 1, 1))
    inside = {op: [o.name for o in walk(op.regions[0])] for op in walk(f.body) if op.name == "scf.for"}
    loops = [op for op, names in inside.items() if "tile.load" in names and "scf.for" not in names]
    return ["number" if op.operands[1].constant is not None else "end" for op in loops]


def test_fewer_threads_load() -> None:
    assert rows_to(tree).count("end") >= 2
    assert rows_to(halves).count("end") >= 2
