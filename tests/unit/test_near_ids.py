"""Threads' numbers in 32 bits as indices: where nothing wraps, and in launches of few threads only."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, target as targets, u32
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.core import Function, walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.passes.near_ids import near_ids
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel(math="strict")
def stencil(a: Array[f32, 2], o: Array[f32, 2], w: i32):
    x, y = i32(kdsl.global_id(0)), i32(kdsl.global_id(1))
    if x > 0 and y > 0 and x < w - 1 and y < i32(a.shape[0]) - 1:
        o[y, x] = a[y, x - 1] + a[y, x + 1] - a[y - 1, x] * a[y + 1, x]


@kdsl.kernel(math="strict")
def transposed(a: Array[f32, 2], o: Array[f32, 2], w: i32):
    x, y = i32(kdsl.global_id(0)), i32(kdsl.global_id(1))
    if x < i32(o.shape[0]) and y < i32(o.shape[1]) and x < i32(a.shape[1]) and y < i32(a.shape[0]):
        o[x, y] = a[y, x] + f32(w)


@kdsl.kernel(math="strict")
def halves(a: Array[f32, 2], o: Array[f32, 2], w: i32):
    x, y = u32(kdsl.global_id(0)), u32(kdsl.global_id(1))
    if x < u32(o.shape[1]) and y < u32(o.shape[0]):
        o[y, x] = a[y // u32(2), x // u32(2)] - a[y % u32(2), kdsl.minimum(u32(2) * x, u32(o.shape[1]) - u32(1))]


@kdsl.kernel(math="strict")
def sums(a: Array[f32, 2], o: Array[f32, 2], w: i32):
    """Counters, too."""
    x, y = i32(kdsl.global_id(0)), i32(kdsl.global_id(1))
    if x < i32(o.shape[1]) and y < i32(o.shape[0]):
        total = f32(0)
        for k in range(i32(a.shape[1])):
            total = total * 0.5 + a[y, kdsl.maximum(x - i32(k), 0)]
        o[y, x] = total


@kdsl.kernel(math="strict")
def wraps(a: Array[f32, 2], o: Array[f32, 2], w: i32):
    """What wraps goes on doing so: products, sums with arguments, and numbers below 0 that have no sign."""
    x, y = i32(kdsl.global_id(0)), kdsl.global_id(1)
    v = x * 300_000_000
    u = u32(x) - u32(5)
    s = x + w * 1_000_000_000
    if y < o.shape[0] and x < i32(o.shape[1]):
        r = f32(0)
        if v > 0:
            r += 1.0
        if u < u32(100):
            r += 2.0
        if s < 7:
            r += 4.0
        o[y, x] = r + a[y, kdsl.minimum(kdsl.maximum(x - (x << 3), 0), 0)]


@kdsl.kernel(math="strict")
def in_blocks(a: Array[f32, 2], o: Array[f32, 2], w: i32):
    """Shared memory, by numbers of 32 bits."""
    s = kdsl.shared((16,), f32)
    t, x, y = i32(kdsl.thread_id(0)), i32(kdsl.global_id(0)), i32(kdsl.global_id(1))
    s[t] = a[y, x] if x < i32(a.shape[1]) and y < i32(a.shape[0]) else f32(0)
    kdsl.barrier()
    if x < i32(o.shape[1]) and y < i32(o.shape[0]):
        o[y, x] = s[15 - t] + s[(t + 1) % 16]


@kdsl.kernel(math="strict")
def shared_out(a: Array[f32, 2], o: Array[f32, 2], w: i32):
    """Threads of a block share a row out, and a tree; numbers of blocks, and loops that end next to where numbers do."""
    s = kdsl.shared(16, f32)
    t, b = i32(kdsl.thread_id(0)), i32(kdsl.block_id(1))
    own = f32(0)
    for k in range(t, i32(a.shape[1]), 16):
        own += a[b, k] * f32(k + 1)
    for k in range(i32(2147483630) + t, 2147483647, 7):
        own += f32(k - 2147483000)
    s[t] = own
    kdsl.barrier()
    half = 8
    while half > 0:
        if t < half:
            s[t] += s[t + half]
        kdsl.barrier()
        half //= 2
    x = i32(kdsl.block_id(0)) * 16 + t
    if x < i32(o.shape[1]) and b < i32(o.shape[0]):
        o[b, x] = s[0] - a[b, x]


@kdsl.kernel(math="strict")
def unsigned(a: Array[f32, 2], o: Array[f32, 2], w: i32):
    t, b = u32(kdsl.thread_id(0)), u32(kdsl.block_id(1))
    x = u32(kdsl.block_id(0)) * u32(16) + t
    if x < u32(o.shape[1]) and b < u32(o.shape[0]):
        total = f32(0)
        for k in range(u32(4294967290), u32(4294967295), u32(2)):
            total += f32(k - u32(4294967290))
        o[b, x] = total + a[b, (x - t) % u32(a.shape[1])] + f32(t - u32(1))


@kdsl.kernel(math="strict")
def by_bits(a: Array[f32, 2], o: Array[f32, 2], w: i32):
    """Masks and shifts; remainders and quotients by anything."""
    x, y = i32(kdsl.global_id(0)), i32(kdsl.global_id(1))
    lane, team = x & 7, x >> 3
    if x < i32(o.shape[1]) and y < i32(o.shape[0]):
        r = a[y, (team << 3) | lane] + a[y, x ^ (x & 1)] + f32((x << 29) >> 3) + f32((x - 9) & -2)
        if (x - 3) % (w * 2 + 1) == 0:
            r += 0.5
        if (x - 3) // (w * 4 - 1) < 1:
            r += 0.25
        o[y, x] = r - f32((x - 5) >> 1) + f32(x | (w << 1))


KERNELS = [by_bits, stencil, transposed, halves, sums, wraps, in_blocks, shared_out, unsigned]
BLOCKS = [in_blocks, shared_out, unsigned]


def _ir(kernel: kdsl.Kernel) -> Function:
    return kernel.ir(*declared_signature(kernel, None, {}))


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
def test_the_function_is_equal(kernel: kdsl.Kernel):
    rng = np.random.default_rng(2)
    f = _ir(kernel)
    near = near_ids(f)
    assert near is not f
    for h, w in ((5, 37), (16, 16), (1, 1)):
        a = rng.random((h, w), np.float32)
        for limit in (w, 0, -2, 3):
            results = []
            for g in (f, near):
                o = np.full((h, w), 7, np.float32)
                interpret(g, [a, o, np.int32(limit)], grid=(-(-w // 16), h, 1), block=(16, 1, 1))
                results.append(o)
            np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("few", [1 << 28, 8])
def test_launches_of_few_threads_and_of_more(few: int, arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch):
    """Each has its own code, in one order or the other."""
    rng = np.random.default_rng(3)
    monkeypatch.setattr(targets, "FEW_THREADS", few)
    f = _ir(kernel)
    launch_on(arch, monkeypatch, kernel)
    for h, w in ((4, 8), (5, 37), (4, 7), (20, 30)):
        a = rng.random((h, w), np.float32)
        want, got = np.full((h, w), 7, np.float32), np.full((h, w), 7, np.float32)
        interpret(f, [a, want, np.int32(w)], grid=(-(-w // 16), h, 1), block=(16, 1, 1))
        kernel[(-(-w // 16), h), (16, 1)](a, got, w)
        np.testing.assert_array_equal(got, want)
        if kernel not in BLOCKS:
            got[...] = 7
            kernel.over((w, h))(a, got, w)
            np.testing.assert_array_equal(got, want)
    (spec,) = kernel._specialisations.values()
    both = {False} if kernel in BLOCKS else {True, False}
    assert {walk.near for walk in spec.executables} == ({True} if few > 1000 else both)
    kernel._fast.clear()
    kernel._specialisations.clear()


@pytest.mark.parametrize("kernel", [stencil, transposed, sums])
def test_no_index_is_made_of_32_bits(kernel: kdsl.Kernel):
    near = near_ids(_ir(kernel))
    casts = {op.results[0]: op.operands[0] for op in walk(near.body) if op.name == "arith.cast"}
    for op in walk(near.body):
        if op.name in ("memory.load", "memory.store"):
            assert not [v for v in op.operands[1:] if v in casts and casts[v].type is T.i32]


@kdsl.kernel
def plain(a: Array[f32, 1], o: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        o[i] = a[i] + f32(i32(o.shape[0]))


def test_what_a_thread_is_in_its_block_is_an_index_in_all_launches():
    """As are loops from it: rows that a block shares out are gone through in the order of memory."""
    near = near_ids(_ir(shared_out), few=False)
    assert all(op.regions[0].args[0].type is T.index for op in walk(near.body) if op.name == "scf.for")
    f = lower(_ir(shared_out), CPU_TARGETS["x86-64-v3"], block=(16, 1, 1))
    assert any(op.name == "tile.load" and op.attributes["axis"] == 1 for op in walk(f.body))


def test_other_functions_stay():
    f, g = _ir(plain), _ir(stencil)
    assert near_ids(f) is f
    assert near_ids(g, few=False) is g
    assert near_ids(_ir(kdsl.kernel(stencil.function, debug=True))).debug


def test_how_many_threads_there_are_along_an_axis() -> None:
    @kdsl.kernel
    def along(o: Array[f32, 1]):
        i = i32(kdsl.global_id(0))
        if i < i32(kdsl.block_dim(0) * kdsl.grid_dim(0)):
            o[i] = 1.0

    @kdsl.kernel
    def across(o: Array[f32, 1]):
        i = i32(kdsl.global_id(0))
        if i < i32(kdsl.block_dim(0) * kdsl.grid_dim(1)):  # of 32 bits this may wrap
            o[i] = 1.0

    def bound(kernel: kdsl.Kernel) -> str:
        f = near_ids(kernel.ir(*declared_signature(kernel, None, {})))
        return next(op.operands[1].op.name for op in walk(f.body) if op.name == "arith.lt" and op.operands[1].op is not None)

    assert (bound(along), bound(across)) == ("arith.mul", "arith.cast")
