"""Shared arrays whose accesses are all at known places are values; others stay memory, with the same results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f16, f32, f64, i8, i16, i32, u8, u16
from kdsl.codegen.cpu import assembly
from kdsl.compiler import lower
from kdsl.ir.core import Function, walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

N = 64


@kdsl.kernel(math="strict")
def tree(x: Array[f32, 1], out: Array[f32, 1]):
    s = kdsl.shared((N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[kdsl.global_id(0)]
    kdsl.barrier()
    w = i32(N // 2)
    while w > 0:
        if t < w:
            s[t] += s[t + w]
        kdsl.barrier()
        w //= 2
    if t == 0:
        out[kdsl.block_id(0)] = s[0]


@kdsl.kernel(math="strict")
def long(x: Array[f32, 1], out: Array[f32, 1]):
    """Of more stages, which have few threads: as much code as two of all threads."""
    s = kdsl.shared((8 * N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[kdsl.global_id(0)]
    kdsl.barrier()
    w = kdsl.index(4 * N)
    while w > 0:
        if t < w:
            s[t] += s[t + w]
        kdsl.barrier()
        w //= 2
    if t == 0:
        out[kdsl.block_id(0)] = s[0]


@kdsl.kernel
def atomic(x: Array[f64, 1], out: Array[f64, 1]):
    s = kdsl.shared((N,), f64)
    t = kdsl.thread_id(0)
    i = kdsl.block_id(0) * (2 * N) + t
    s[t] = x[i] + x[i + N]
    for k in range(6):
        kdsl.barrier()
        if t < N >> (k + 1):
            s[t] += s[t + (N >> (k + 1))]
    kdsl.barrier()
    if t == 0:
        kdsl.atomic_add(out[0], s[0])


@kdsl.kernel
def largest(x: Array[i32, 1], out: Array[i32, 1]):
    """Two arrays, of which the places are found with the values."""
    s, at = kdsl.shared((N,), i32), kdsl.shared((N,), i32)
    t = kdsl.thread_id(0)
    s[t] = x[kdsl.global_id(0)]
    at[t] = i32(kdsl.global_id(0))
    kdsl.barrier()
    w = i32(N // 2)
    while w > 0:
        if t < w:
            is_larger = s[t + w] > s[t]
            at[t] = kdsl.where(is_larger, at[t + w], at[t])
            s[t] = kdsl.where(is_larger, s[t + w], s[t])
        kdsl.barrier()
        w //= 2
    if t == 0:
        out[2 * kdsl.block_id(0)] = s[0]
        out[2 * kdsl.block_id(0) + 1] = at[0]


@kdsl.kernel(math="strict")
def tree_kept(x: Array[f32, 1], out: Array[f32, 1]):
    """All of the array is wanted behind the tree: vectors with lanes of several stages."""
    s = kdsl.shared((N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[kdsl.global_id(0)]
    kdsl.barrier()
    w = i32(N // 2)
    while w > 0:
        if t < w:
            s[t] += s[t + w]
        kdsl.barrier()
        w //= 2
    out[kdsl.global_id(0)] = s[t]


@kdsl.kernel(math="strict")
def shifted(x: Array[f32, 1], out: Array[f32, 1]):
    """Elements of two vectors."""
    s = kdsl.shared((N + 1,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[kdsl.global_id(0)]
    if t == 0:
        s[N] = 7.0
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[t] * s[t + 1]


@kdsl.kernel(math="strict")
def chosen(x: Array[f32, 1], out: Array[f32, 1]):
    """A branch of the block writes; one reads."""
    s, u = kdsl.shared((N,), f32), kdsl.shared((N,), f32)
    t = kdsl.thread_id(0)
    s[t] = x[kdsl.global_id(0)]
    u[t] = s[t] * 2.0
    kdsl.barrier()
    if x[0] > 0.5:
        s[t] = 3.0
        kdsl.barrier()
    if kdsl.block_id(0) == 1:
        out[kdsl.global_id(0)] = s[t] + u[0]
    else:
        out[kdsl.global_id(0)] = u[t] + u[N - 1]


@kdsl.kernel
def narrow(x: Array[f16, 1], out: Array[f16, 1]):
    s = kdsl.shared((N,), f16)
    t = kdsl.thread_id(0)
    s[t] = x[kdsl.global_id(0)] * f16(3.0)
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[t] - s[0]


def lowered(kernel: Any, arch: str, threads: int = N) -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch], block=(threads, 1, 1))


def arrays(f: Function) -> int:
    return len([op for op in walk(f.body) if op.defn.name == "memory.alloc"])


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_which_arrays_stay(arch: str) -> None:
    for kernel, stay in ((tree, 0), (atomic, 0), (largest, 0), (tree_kept, 1), (shifted, 1), (chosen, 1), (narrow, 1)):
        f = lowered(kernel, arch)
        assert arrays(f) == stay, kernel
        assert assembly(f, CPU_TARGETS[arch])


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
def test_trees_of_many_threads(arch: str) -> None:
    assert arrays(lowered(long, arch, 8 * N)) == 0
    x, want, got = np.random.default_rng(1).random(3 * 8 * N, np.float32), np.zeros(3, np.float32), np.zeros(3, np.float32)
    long.interpret[3, 8 * N](x, want)
    long[3, 8 * N](x, got)
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("kernel", [tree, atomic, largest, tree_kept, shifted, chosen, narrow])
@pytest.mark.parametrize("first", [0.25, 0.75])
def test_as_the_interpreter(kernel: Any, first: float) -> None:
    blocks, element = 5, kernel.ir(*declared_signature(kernel, None, {})).params[0].type.element
    dtype = {"f64": np.float64, "i32": np.int32, "f16": np.float16}.get(str(element), np.float32)
    rng = np.random.default_rng(3)
    x = rng.integers(-999, 999, 2 * blocks * N).astype(dtype) if dtype is np.int32 else rng.random(2 * blocks * N).astype(dtype)
    x[0] = first
    want, got = np.zeros(blocks * N, dtype), np.zeros(blocks * N, dtype)
    kernel.interpret[blocks, N](x, want)
    kernel[blocks, N](x, got)
    if kernel is atomic:  # workers bring their sums in any order
        np.testing.assert_allclose(got, want, rtol=1e-12)
    else:
        np.testing.assert_array_equal(got, want)


# Several rows a block, each with a tree of its own, and numbers of few bits.


@kdsl.kernel(math="strict")
def rows_by_axis(x: Array[f32, 2], out: Array[f32, 1]):
    s = kdsl.shared((4, N), f32)
    k, y = kdsl.thread_id(0), kdsl.thread_id(1)
    row = kdsl.block_id(0) * 4 + y
    s[y, k] = x[row, k]
    kdsl.barrier()
    w = kdsl.index(N // 2)
    while w > 0:
        if k < w:
            s[y, k] += s[y, k + w]
        kdsl.barrier()
        w //= 2
    if k == 0:
        out[row] = s[y, 0]


@kdsl.kernel(math="strict")
def rows_by_remainder(x: Array[f32, 2], out: Array[f32, 1]):
    s = kdsl.shared(4 * N, f32)
    t = kdsl.thread_id(0)
    k, row = t % N, kdsl.block_id(0) * 4 + t // N
    s[t] = x[row, k]
    kdsl.barrier()
    w = kdsl.index(N // 2)
    while w > 0:
        if k < w:
            s[t] += s[t + w]
        kdsl.barrier()
        w //= 2
    if k == 0:
        out[row] = s[t]


@kdsl.kernel(math="strict")
def columns(x: Array[f32, 2], out: Array[f32, 1]):
    """A tree along the other axis."""
    s = kdsl.shared((4, N), f32)
    k, y = kdsl.thread_id(0), kdsl.thread_id(1)
    s[y, k] = x[kdsl.block_id(0) * 4 + y, k] * 3.0
    kdsl.barrier()
    if y < 2:
        s[y, k] += s[y + 2, k]
    kdsl.barrier()
    if y == 0:
        out[kdsl.block_id(0) * N + k] = s[0, k] + s[1, k]


@pytest.mark.parametrize("target", RUNNABLE)
@pytest.mark.parametrize("kernel", [rows_by_axis, rows_by_remainder, columns], ids=lambda k: k.name)
def test_rows_of_a_block(kernel: Any, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, kernel)
    block = (4 * N, 1) if kernel is rows_by_remainder else (N, 4)
    x = np.random.default_rng(5).random((4 * 3, N), np.float32)
    want, got = np.zeros(3 * N, np.float32), np.zeros(3 * N, np.float32)
    kernel.interpret[3, block](x, want)
    kernel[3, block](x, got)
    np.testing.assert_array_equal(got, want)


def test_rows_of_a_block_stay_in_registers() -> None:
    for kernel, block in ((rows_by_axis, (N, 4, 1)), (rows_by_remainder, (4 * N, 1, 1)), (columns, (N, 4, 1))):
        f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v4"], block=block)
        assert arrays(f) == 0, kernel


def tree_of(element: Any, sums: bool) -> Any:
    @kdsl.kernel
    def narrow_tree(x: Array[element, 1], out: Array[element, 1]):
        s = kdsl.shared(N, element)
        t = kdsl.thread_id(0)
        s[t] = x[kdsl.global_id(0)]
        kdsl.barrier()
        w = kdsl.index(N // 2)
        while w > 0:
            if t < w:
                s[t] = s[t] + s[t + w] if sums else max(s[t], s[t + w])
            kdsl.barrier()
            w //= 2
        if t == 0:
            out[kdsl.block_id(0)] = s[0]

    return narrow_tree


@pytest.mark.parametrize("target", RUNNABLE)
@pytest.mark.parametrize("element", [i8, u8, i16, u16], ids=str)
def test_trees_of_narrow_numbers(element: Any, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for sums in (False, True):
        kernel = tree_of(element, sums)
        launch_on(target, monkeypatch, kernel)
        dtype = np.dtype(str(element).replace("i", "int").replace("u", "uint"))
        limits = np.iinfo(dtype)
        x = np.random.default_rng(6).integers(limits.min, limits.max + 1, 5 * N).astype(dtype)
        want, got = np.zeros(5, dtype), np.zeros(5, dtype)
        kernel.interpret[5, N](x, want)
        kernel[5, N](x, got)
        np.testing.assert_array_equal(got, want)
        assert arrays(lowered(kernel, target)) == 0
