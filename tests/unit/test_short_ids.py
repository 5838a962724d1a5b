"""Guards by threads' numbers in 32 bits: rows end where they say, and what wraps in longer ones is what it was."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from cpu_launch import launch_record, pack_args
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, i32
from kdsl.codegen.cpu import compile_cpu
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.ir.interpreter import interpret
from kdsl.runtime.cpu.loader import load
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel(math="strict")
def stencil(a: Array[f32, 2], o: Array[f32, 2], w: i32, h: i32):
    x, y = i32(kdsl.global_id(0)), i32(kdsl.global_id(1))
    if x > 0 and y > 0 and x < w - 1 and y < h - 1:
        o[y, x] = a[y, x - 1] + a[y, x + 1] - a[y - 1, x] * a[y + 1, x]


@kdsl.kernel(math="strict")
def by_shape(a: Array[f32, 2], o: Array[f32, 2], w: i32, h: i32):
    x, y = i32(kdsl.global_id(0)), i32(kdsl.global_id(1))
    if x >= i32(o.shape[1]) or y >= i32(o.shape[0]):
        return
    o[y, x] = a[y, x] * f32(x + w)


@kdsl.kernel(math="strict")
def between(a: Array[f32, 2], o: Array[f32, 2], w: i32, h: i32):
    x, y = i32(kdsl.global_id(0)), kdsl.global_id(1)
    if 3 <= x and w - 2 > x and y < a.shape[0]:
        total = f32(0)
        for k in range(x % 4):
            total += a[y, k]
        o[y, x] = total


@kdsl.kernel(math="strict")
def clamped(a: Array[f32, 2], o: Array[f32, 2], w: i32, h: i32):
    x, y = i32(kdsl.global_id(0)), i32(kdsl.global_id(1))
    if x < w and y < h:
        o[y, x] = a[y, kdsl.clamp(x - 2, 0, w - 1)] + a[kdsl.minimum(y + 1, h - 1), x]


@kdsl.kernel(math="strict")
def every_second(a: Array[f32, 2], o: Array[f32, 2], w: i32, h: i32):
    x, y = i32(kdsl.global_id(0)), i32(kdsl.global_id(1))
    if x < w and y < h and (x + y) % 2 == 0:
        o[y, x] += a[y, x]


KERNELS = [stencil, by_shape, between, clamped, every_second]


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_results_are_the_interpreters(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(1)
    f = kernel.ir(*declared_signature(kernel, None, {}))
    launch_on(arch, monkeypatch, kernel)
    for w in (1, 3, 8, 17, 40, 67):
        a = rng.random((5, w), np.float32)
        for limit in (w, w - 1, 0, -3):
            want, got = np.full((5, w), 7, np.float32), np.full((5, w), 7, np.float32)
            interpret(f, [a, want, np.int32(limit), np.int32(5)], grid=(-(-w // 16), 5, 1), block=(16, 1, 1))
            kernel[(-(-w // 16), 5), (16, 1)](a, got, limit, 5)
            np.testing.assert_array_equal(got, want, err_msg=f"{w} wide, {limit} of them")


@pytest.mark.parametrize("kernel", [stencil, by_shape, every_second])
def test_no_vector_but_the_last_has_a_mask(kernel: kdsl.Kernel):
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"])
    assert not [op for op in walk(f.body) if op.name == "tile.any" and op.operands[0].op.name == "arith.and"]


@kdsl.kernel
def counts(hits: Array[i32, 1], n: i32):
    """Of numbers below 0 there are some in rows of more than 2**31 threads."""
    i = i32(kdsl.global_id(0))
    if i < n:
        kdsl.atomic_add(hits[i & 15], 1 if i < 0 else 256)


@kdsl.kernel
def stores(hits: Array[i32, 1], n: i32):
    i = i32(kdsl.global_id(0))
    if i < n:
        hits[i & 1023] = i


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", [counts, stores])
@pytest.mark.parametrize("chunk", [64, 96, 1000])
def test_rows_in_which_numbers_wrap(arch: str, kernel: kdsl.Kernel, chunk: int):
    """The pieces of a row around the thread whose number is the first to wrap."""
    target, limit, far = CPU_TARGETS[arch], 2**31 - 10, 2**31
    f = kernel.ir(*declared_signature(kernel, None, {}))
    with runs(target):
        artifact = compile_cpu(lower(f, target), target)
        chunk = -(-chunk // artifact.entry.width) * artifact.entry.width
        image = load(artifact.binary)
        entry = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 3)(image.address(artifact.entry.symbol))
        got = np.zeros(1024, np.int32)
        record, slots = launch_record((2**32,), (64, 1, 1), chunk), pack_args(artifact, [got, limit])
        first = far // chunk - 1
        entry(slots, record.ctypes.data, first, first + 3, 0)
    ids = np.arange(first * chunk, (first + 3) * chunk, dtype=np.int64)
    numbers = ids.astype(np.int32)
    numbers = numbers[numbers < limit]
    want = np.zeros(1024, np.int32)
    if kernel is counts:
        np.add.at(want, numbers & 15, np.where(numbers < 0, 1, 256))
    else:
        want[numbers & 1023] = numbers
    np.testing.assert_array_equal(got, want)
