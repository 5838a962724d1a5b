"""Grid-stride loops around all that a kernel does: as interpreted, whatever the grid and the order of the loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, i64
from kdsl.ir.passes.near_ids import near_ids
from kdsl.ir.passes.opt_counted import opt_counted
from kdsl.ir.passes.vectorize import grid_strides, in_blocks_of
from kdsl.specialise import declared_signature


@kdsl.kernel(math="strict")
def one(x: Array[f32, 2], y: Array[f32, 2], n: i32, s: f32):
    """Along one axis, the columns."""
    for c in range(kdsl.global_id(0), y.shape[1], kdsl.grid_dim(0) * kdsl.block_dim(0)):
        y[0, c] = s * x[1, c] + x[0, c]


@kdsl.kernel(math="strict")
def narrow(x: Array[f32, 2], y: Array[f32, 2], n: i32, s: f32):
    """As CUDA has it: numbers of 32 bits, ids that are written out, `while`."""
    r = i32(kdsl.block_id(1) * kdsl.block_dim(1) + kdsl.thread_id(1))
    while r < n:
        c = i32(kdsl.block_id(0) * kdsl.block_dim(0) + kdsl.thread_id(0))
        while c < i32(y.shape[1]):
            y[r, c] = s * x[r, c] - f32(r - c)
            c += i32(kdsl.block_dim(0) * kdsl.grid_dim(0))
        r += i32(kdsl.block_dim(1) * kdsl.grid_dim(1))


@kdsl.kernel(math="strict")
def inside(x: Array[f32, 2], y: Array[f32, 2], n: i32, s: f32):
    """All but the edges; the columns outside, and something is computed on the way."""
    for c in range(kdsl.global_id(0) + 1, y.shape[1] - 1, kdsl.grid_dim(0) * kdsl.block_dim(0)):
        left, t = c - 1, s * 0.25
        for r in range(1 + kdsl.global_id(1), y.shape[0] - 1, kdsl.block_dim(1) * kdsl.grid_dim(1)):
            y[r, c] = t * (x[r, left] + x[r, c + 1] + x[r - 1, c] + x[r + 1, c]) + f32(r)


@kdsl.kernel(math="strict")
def fours(x: Array[f32, 2], y: Array[f32, 2], n: i32, s: f32):
    """Four elements to a thread."""
    for c in range(kdsl.global_id(0) * 4, y.shape[1], 4 * (kdsl.grid_dim(0) * kdsl.block_dim(0))):
        for k in range(4):
            if c + k < y.shape[1]:
                y[0, c + k] = s * x[0, c + k]


@kdsl.kernel(math="strict")
def crossed(x: Array[f32, 2], y: Array[f32, 2], n: i32, s: f32):
    """Rows of the array along the axis whose threads are neighbours."""
    for r in range(kdsl.global_id(0), y.shape[0], kdsl.grid_dim(0) * kdsl.block_dim(0)):
        for c in range(kdsl.global_id(1), y.shape[1], kdsl.grid_dim(1) * kdsl.block_dim(1)):
            y[r, c] = s + x[r, c]


@kdsl.kernel(math="strict")
def own_chain(x: Array[f32, 2], y: Array[f32, 2], n: i32, s: f32):
    """Each trip takes what the thread's own last trip has stored."""
    step = kdsl.grid_dim(0) * kdsl.block_dim(0)
    for c in range(kdsl.global_id(0), y.shape[1], step):
        y[0, c] += x[0, c]
        if c + 40 < y.shape[1]:
            y[0, c + 40] = y[0, c] * 0.5


@kdsl.kernel(math="strict")
def columns(x: Array[f32, 2], y: Array[f32, 2], n: i32, s: f32):
    """A filter down each column."""
    for c in range(kdsl.global_id(0), y.shape[1], kdsl.grid_dim(0) * kdsl.block_dim(0)):
        last = s
        for r in range(y.shape[0]):
            last = 0.5 * last + x[r, c]
            y[r, c] = last


@kdsl.kernel(math="strict")
def product(x: Array[f32, 2], y: Array[f32, 2], n: i32, s: f32):
    """Rows that run together."""
    for r in range(kdsl.global_id(1), y.shape[0], kdsl.grid_dim(1) * kdsl.block_dim(1)):
        for c in range(kdsl.global_id(0), y.shape[1], kdsl.grid_dim(0) * kdsl.block_dim(0)):
            total = f32(0)
            for k in range(x.shape[0]):
                total += x[r, k % x.shape[1]] * x[k, c]
            y[r, c] = total


@kdsl.kernel(math="strict")
def planes(x: Array[f32, 2], y: Array[f32, 2], n: i32, s: f32):
    """Along all three axes, of which one is not in the arrays."""
    for k in range(kdsl.global_id(2), i64(n), kdsl.grid_dim(2) * kdsl.block_dim(2)):
        for c in range(kdsl.global_id(0), y.shape[1], kdsl.grid_dim(0) * kdsl.block_dim(0)):
            if k < y.shape[0]:
                y[k, c] = x[k, c] * s


KERNELS = (one, narrow, inside, fours, crossed, own_chain, columns, product, planes)


def _found(kernel: Any) -> Any:
    return grid_strides(opt_counted(near_ids(kernel.ir(*declared_signature(kernel, None, {})))))


def test_which_do() -> None:
    assert [len(_found(k).loops) for k in KERNELS] == [1, 2, 2, 1, 2, 1, 1, 2, 2]


AXES = {narrow: 2, inside: 2, crossed: 2, product: 2, planes: 3}
GRIDS = [((1, 1, 1), (8, 1, 1)), ((2, 1, 1), (20, 1, 1)), ((3, 2, 1), (16, 3, 2)), ((5, 4, 2), (8, 8, 1)), ((1, 40, 3), (1, 1, 1))]


@pytest.mark.parametrize(("grid", "block"), GRIDS, ids=str)
@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.name)
@pytest.mark.parametrize("target", RUNNABLE)
def test_as_interpreted(
    kernel: Any, grid: tuple[int, ...], block: tuple[int, ...], target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch_on(target, monkeypatch, kernel)
    axes = AXES.get(kernel, 1)
    if kernel is own_chain:
        grid, block = (2,), (20,)
    elif kernel is planes:
        grid, block = (grid[0], 1, grid[2]), (block[0], 1, block[2])
    rng = np.random.default_rng(3)
    for shape in ((2, 0), (2, 1), (3, 7), (5, 97), (33, 70)):
        x, y = rng.random(shape, dtype=np.float32), np.ones(shape, np.float32)
        expected = y.copy()
        kernel[grid[:axes], block[:axes]](x, y, shape[0], 1.5)
        kernel.interpret[grid[:axes], block[:axes]](x, expected, shape[0], 1.5)
        np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_arrays_that_overlap(workers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a thread's trip stores is what its next one loads, in another array's place."""

    @kdsl.kernel(math="strict")
    def shifted(x: Array[f32, 1], y: Array[f32, 1]):
        for i in range(kdsl.global_id(0), y.shape[0], kdsl.grid_dim(0) * kdsl.block_dim(0)):
            y[i] = x[i] + 1.0

    monkeypatch.setenv("KDSL_NUM_THREADS", workers)
    for grid, block in ((2, 32), (1, 64), (64, 1)):
        a = np.zeros(64 * 300, np.float32)
        shifted[grid, block](a[:-64], a[64:])
        np.testing.assert_array_equal(a, np.repeat(np.arange(300, dtype=np.float32), 64))


def test_the_extent_of_blocks_as_a_number() -> None:
    @kdsl.kernel(math="strict")
    def by_number(x: Array[f32, 1], y: Array[f32, 1]):
        for i in range(kdsl.block_id(0) * 64 + kdsl.thread_id(0), y.shape[0], kdsl.grid_dim(0) * 64):
            y[i] = x[i] * 2.0

    f = opt_counted(by_number.ir(*declared_signature(by_number, None, {})))
    assert grid_strides(f) is None
    assert grid_strides(in_blocks_of(f, (64, 1, 1))) is not None
    assert grid_strides(in_blocks_of(f, (128, 1, 1))) is None
    x = np.arange(1000, dtype=np.float32)
    for block, n in ((64, 1000), (32, 64)):
        y, expected = np.zeros(n, np.float32), np.zeros(n, np.float32)
        by_number[2, block](x, y)
        by_number.interpret[2, block](x, expected)
        np.testing.assert_array_equal(y, expected)


def test_launches_that_end_in_a_block() -> None:
    for n, over in ((1000, 70), (33, 257), (5, 5)):
        x, y = np.ones((2, n), np.float32), np.zeros((2, n), np.float32)
        expected = y.copy()
        one.over(over, block=32)(x, y, 0, 2.0)
        one.interpret.over(over, block=32)(x, expected, 0, 2.0)
        np.testing.assert_array_equal(y, expected)


def test_what_tells_threads_apart_stays() -> None:
    @kdsl.kernel
    def numbered(o: Array[i64, 1]):
        for i in range(kdsl.global_id(0), o.shape[0], kdsl.grid_dim(0) * kdsl.block_dim(0)):
            o[i] = kdsl.global_id(0)

    @kdsl.kernel
    def in_block(o: Array[i64, 1]):
        for i in range(kdsl.global_id(0), o.shape[0], kdsl.grid_dim(0) * kdsl.block_dim(0)):
            o[i] = kdsl.thread_id(0)

    @kdsl.kernel
    def counted(o: Array[i64, 1]):
        n = i64(0)
        for i in range(kdsl.global_id(0), o.shape[0], kdsl.grid_dim(0) * kdsl.block_dim(0)):
            n += 1
            o[i] = n

    @kdsl.kernel
    def kept(o: Array[i64, 1]):
        own = kdsl.local(1, i64)
        own[0] = 0
        for i in range(kdsl.global_id(0), o.shape[0], kdsl.grid_dim(0) * kdsl.block_dim(0)):
            own[0] += 1
            o[i] = own[0]

    @kdsl.kernel
    def loaded(o: Array[i64, 2]):
        for r in range(kdsl.global_id(1), o.shape[0], kdsl.grid_dim(1) * kdsl.block_dim(1)):
            first = o[r, kdsl.global_id(0)]
            for c in range(kdsl.global_id(0), o.shape[1], kdsl.grid_dim(0) * kdsl.block_dim(0)):
                o[r, c] -= first

    @kdsl.kernel
    def further(o: Array[i64, 1]):
        """By twice as much: half of the elements."""
        for i in range(kdsl.global_id(0), o.shape[0], 2 * kdsl.grid_dim(0) * kdsl.block_dim(0)):
            o[i] = i

    @kdsl.kernel
    def across(o: Array[i64, 1]):
        for i in range(kdsl.global_id(0), o.shape[0], kdsl.grid_dim(1) * kdsl.block_dim(0)):
            o[i] = i

    @kdsl.kernel
    def triangle(o: Array[i64, 2]):
        for r in range(kdsl.global_id(1), o.shape[0], kdsl.grid_dim(1) * kdsl.block_dim(1)):
            for c in range(kdsl.global_id(0), r, kdsl.grid_dim(0) * kdsl.block_dim(0)):
                o[r, c] = r - c

    for kernel in (numbered, in_block, counted, kept, further, across, loaded, triangle):
        assert _found(kernel) is None, kernel.name
        has_rows = kernel in (loaded, triangle)
        o = np.arange(360, dtype=np.int64).reshape((9, 40) if has_rows else 360)
        expected = o.copy()
        grid, block = ((1, 2), (16, 2)) if has_rows else (1, 8) if kernel is across else (2, 8)
        kernel[grid, block](o)
        kernel.interpret[grid, block](expected)
        np.testing.assert_array_equal(o, expected, err_msg=kernel.name)
