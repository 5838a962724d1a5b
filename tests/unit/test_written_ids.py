"""Global ids that kernels make themselves: rows of any length, unless the kernel looks at its block for something else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, i32
from kdsl.ir.core import walk
from kdsl.ir.passes.near_ids import near_ids
from kdsl.ir.passes.opt_ids import opt_ids
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.ir.passes.vectorize import in_blocks_of, is_flat
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def as_in_cuda(a: Array[f32, 2], out: Array[f32, 2]):
    x = kdsl.block_id(0) * kdsl.block_dim(0) + kdsl.thread_id(0)
    y = kdsl.thread_id(1) + kdsl.block_dim(1) * kdsl.block_id(1)
    if 0 < x < out.shape[1] - 1 and y < out.shape[0]:
        out[y, x] = a[y, x - 1] + 2.0 * a[y, x] + a[y, x + 1]


@kdsl.kernel
def first_shared(a: Array[f32, 1], out: Array[f32, 1]):
    first = kdsl.block_id(0) * kdsl.block_dim(0)
    i, again = first + kdsl.thread_id(0), kdsl.thread_id(0) + first
    if i < out.shape[0]:
        out[i] = a[again] + 1.0


@kdsl.kernel
def place_too(a: Array[f32, 1], out: Array[f32, 1]):
    t = kdsl.thread_id(0)
    i = kdsl.block_id(0) * kdsl.block_dim(0) + t
    if i < out.shape[0]:
        out[i] = a[i] + f32(t)


@kdsl.kernel
def first_too(a: Array[f32, 1], out: Array[f32, 1]):
    first = kdsl.block_id(0) * kdsl.block_dim(0)
    i = first + kdsl.thread_id(0)
    if i < out.shape[0]:
        out[i] = a[first] + a[i]


@kdsl.kernel
def axes_mixed(a: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.block_id(0) * kdsl.block_dim(0) + kdsl.thread_id(1)
    if i < out.shape[0]:
        out[i] = a[i]


@kdsl.kernel
def strides(a: Array[f32, 1], out: Array[f32, 1]):
    for i in range(kdsl.block_id(0) * kdsl.block_dim(0) + kdsl.thread_id(0), out.shape[0], kdsl.grid_dim(0) * kdsl.block_dim(0)):
        out[i] = a[i] * 2.0


@kdsl.kernel
def by_number(a: Array[f32, 2], out: Array[f32, 2]):
    """With smaller blocks than 16 x 4 it leaves elements out."""
    x = kdsl.block_id(0) * 16 + kdsl.thread_id(0)
    y = kdsl.thread_id(1) + 4 * kdsl.block_id(1)
    if 0 < x < out.shape[1] - 1 and y < out.shape[0]:
        out[y, x] = a[y, x - 1] + 2.0 * a[y, x] + a[y, x + 1]


@kdsl.kernel
def place_unused(a: Array[f32, 1], out: Array[f32, 1]):
    """Who looks at a place and does nothing with it does not see the block."""
    t = kdsl.thread_id(0)
    twice = 2 * t
    i = kdsl.block_id(0) * kdsl.block_dim(0) + t
    if i < out.shape[0]:
        out[i] = a[i]


@kdsl.kernel
def in_32_bits(a: Array[f32, 2], out: Array[f32, 2]):
    x = i32(kdsl.block_id(0)) * i32(kdsl.block_dim(0)) + i32(kdsl.thread_id(0))
    y = i32(kdsl.thread_id(1)) + 4 * i32(kdsl.block_id(1))
    w, h = i32(out.shape[1]), i32(out.shape[0])
    if x >= w or y >= h or y // 4 * 4 + y % 4 != y:
        return
    out[y, x] = a[y, w - 1 - x] + f32(x)


@kdsl.kernel
def by_row(a: Array[f32, 2], out: Array[f32, 2]):
    """A row for each block along axis 1, and numbers that are only so where blocks are rows."""
    y = kdsl.block_id(1)
    x = kdsl.block_id(0) * kdsl.block_dim(0) + kdsl.thread_id(0)
    if x < out.shape[1] and y < out.shape[0]:
        out[y, x] = a[y, x] * f32(kdsl.block_dim(1)) + f32(kdsl.thread_id(1) + kdsl.block_id(2))


@kdsl.kernel
def alone(a: Array[f32, 2], out: Array[f32, 2]):
    """A thread for each block."""
    x, y = kdsl.block_id(0), kdsl.block_id(1)
    if x < out.shape[1] and y < out.shape[0]:
        out[y, x] = a[y, x] + f32(kdsl.thread_id(0))


def ir(kernel: Any) -> Any:
    return kernel.ir(*declared_signature(kernel, None, {}))


def test_which_kernels_do_not_see_their_block() -> None:
    for kernel in (as_in_cuda, first_shared, place_unused):
        f = ir(kernel)
        assert is_flat(f), kernel
        left = [op.name for op in walk(simplify(opt_ids(f), CPU_TARGETS["x86-64-v3"]).body) if op.name.startswith("simt.")]
        assert set(left) == {"simt.global_id"}, kernel
    assert is_flat(ir(strides))  # of what is in its loop
    for kernel in (place_too, first_too, axes_mixed):
        f = ir(kernel)
        assert not is_flat(f) and opt_ids(f) is f, kernel


@pytest.mark.parametrize("block, flat", [((16, 4, 1), True), ((32, 4, 1), False), ((16, 16, 1), False), (None, False)])
def test_numbers_are_extents_of_blocks_that_have_them(block: Any, flat: bool) -> None:
    f = opt_ids(in_blocks_of(ir(by_number), block))
    assert is_flat(simplify(f, CPU_TARGETS["x86-64-v3"])) == flat
    assert f.attributes.get("launched") == (block if flat else None)
    assert f.attributes.get("block") == (None if flat else block)


@pytest.mark.parametrize(
    "kernel, block, flat",
    [(by_row, (16, 1, 1), True), (by_row, (1, 1, 1), True), (by_row, (16, 2, 1), False), (by_row, None, False),
     (alone, (1, 1, 1), True), (alone, (4, 1, 1), False), (place_too, (64, 1, 1), False), (place_too, (1, 1, 1), True)],
)  # fmt: skip
def test_blocks_of_rows(kernel: Any, block: Any, flat: bool) -> None:
    f = opt_ids(in_blocks_of(ir(kernel), block))
    assert is_flat(simplify(f, CPU_TARGETS["x86-64-v3"])) == flat
    assert f.attributes.get("launched") == (block if flat else None)


@pytest.mark.parametrize("arch", RUNNABLE)
def test_launches_in_rows_and_others(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    a = np.random.default_rng(2).integers(0, 9, (37, 53)).astype(np.float32)
    with runs(CPU_TARGETS[arch]):
        for kernel in (by_row, alone):
            launch_on(arch, monkeypatch, kernel)
            for how in [((4, 37, 1), (16, 1, 1)), ((53, 37), 1), ((4, 19), (16, 2)), ((2, 40), (32, 1)), ((4, 37, 1), (16, 1, 1))]:
                wanted, found = np.zeros_like(a), np.zeros_like(a)
                if kernel is by_row or how[1] == 1:
                    kernel.interpret(detect_races=False)[how](a, wanted)
                    kernel[how](a, found)
                    np.testing.assert_array_equal(found, wanted)
            wanted, found = np.zeros_like(a), np.zeros_like(a)
            cut = ((50, 37), (16, 1)) if kernel is by_row else ((53, 30), 1)
            kernel.interpret.over(*cut)(a, wanted)
            kernel.over(*cut)(a, found)
            np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("arch", RUNNABLE)
def test_launches_in_blocks_of_numbers_and_others(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    a = np.random.default_rng(2).integers(0, 9, (37, 53)).astype(np.float32)
    with runs(CPU_TARGETS[arch]):
        launch_on(arch, monkeypatch, by_number)
        for how in [((4, 10), (16, 4)), ((4, 10), (8, 4)), ((4, 10), (16, 2)), ((3, 5), (5, 3)), ((4, 10), (16, 4))]:
            wanted, found = np.zeros_like(a), np.zeros_like(a)
            by_number.interpret[how](a, wanted)
            by_number[how](a, found)
            np.testing.assert_array_equal(found, wanted)
        wanted, found = np.zeros_like(a), np.zeros_like(a)
        by_number.interpret.over((53, 37), (16, 4))(a, wanted)
        by_number.over((53, 37), (16, 4))(a, found)  # blocks that are cut off
        np.testing.assert_array_equal(found, wanted)


def test_code_knows_its_blocks() -> None:
    """A launch of others must not get it."""
    assert by_number.compile(target="cpu:x86-64-v3", block=(16, 4)).entry.block == (16, 4, 1)
    assert by_number.compile(target="cpu:x86-64-v3", block=(16, 4)).entry.flat
    assert by_number.compile(target="cpu:x86-64-v3").entry.block is None


def test_numbers_of_32_bits_are_ids_as_well() -> None:
    """In launches of few threads, in blocks whose shape is known."""
    f = near_ids(ir(in_32_bits), block=(16, 4, 1))
    assert is_flat(simplify(opt_ids(in_blocks_of(f, (16, 4, 1))), CPU_TARGETS["x86-64-v3"]))
    assert not is_flat(ir(in_32_bits))


@pytest.mark.parametrize("arch", RUNNABLE)
def test_launches(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    one, two = rng.integers(0, 9, 1000).astype(np.float32), rng.integers(0, 9, (37, 53)).astype(np.float32)
    kernels = (as_in_cuda, first_shared, place_too, first_too, strides, place_unused, in_32_bits)
    with runs(CPU_TARGETS[arch]):
        launch_on(arch, monkeypatch, *kernels)
        for kernel in kernels:
            a = two if kernel in (as_in_cuda, in_32_bits) else one
            for how in [((4, 10), (16, 4)), ((60, 1), (1, 64))] if a is two else [(63, 16), (9, 128)]:
                wanted, found = np.zeros_like(a), np.zeros_like(a)
                kernel.interpret[how](a, wanted)
                kernel[how](a, found)
                np.testing.assert_array_equal(found, wanted)
