"""Atomics on small arrays that data index: a table of each worker, brought to the array at the end of a piece of a row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cpu_run import X86, run

import kdsl
from kdsl import Array, f32, i32, u8, u32, u64
from kdsl.codegen.cpu import compile_cpu
from kdsl.compiler import lower
from kdsl.ir.core import Function, walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

N = 20_011


@kdsl.kernel
def histogram(x: Array[u8, 1], bins: Array[i32, 1]):
    kdsl.atomic_add(bins[x[kdsl.global_id(0)]], 1)


@kdsl.kernel
def every_kind(x: Array[i32, 1], low: Array[i32, 1], less: Array[u64, 1]):
    """Under a mask, twice on one array, and two arrays."""
    i = kdsl.global_id(0)
    v = x[i]
    if v % 3 != 0:
        kdsl.atomic_max(low[v & 15], v)
    kdsl.atomic_max(low[(v >> 4) & 15], -v)
    kdsl.atomic_sub(less[v & 7], u64(v & 255))


@kdsl.kernel
def bits(x: Array[u32, 1], some: Array[u32, 1], every: Array[u32, 1]):
    v = x[kdsl.global_id(0)]
    kdsl.atomic_or(some[v % 5], v)
    kdsl.atomic_and(every[v % 7], v)


@kdsl.kernel
def joint(x: Array[i32, 2], y: Array[i32, 2], counts: Array[f32, 2]):
    """Sums of floats, elements of two axes, rows of a launch."""
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    kdsl.atomic_add(counts[x[j, i], y[j, i]], 0.5)


@kdsl.kernel
def walks(x: Array[i32, 1], seen: Array[i32, 1]):
    """Threads one at a time."""
    at = x[kdsl.global_id(0)]
    n = i32(0)
    while at != 0 and n < 9:
        kdsl.atomic_add(seen[at], 1)
        at = x[at]
        n += 1


@kdsl.kernel
def clusters(x: Array[f32, 2], label: Array[i32, 1], sums: Array[f32, 2], counts: Array[i32, 1]):
    """Threads that update a row each."""
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        kdsl.atomic_add(counts[label[i]], 1)
        for d in range(x.shape[1]):
            kdsl.atomic_add(sums[label[i], d], x[i, d])


@kdsl.kernel
def some_clusters(x: Array[f32, 2], label: Array[i32, 1], sums: Array[f32, 2]):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        for d in range(1, x.shape[1]):
            if x[i, d] > 3.0:
                kdsl.atomic_add(sums[label[i], d - 1], x[i, d])


@kdsl.kernel
def looks(x: Array[i32, 1], bins: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[i] = kdsl.atomic_add(bins[x[i]], 1)


@kdsl.kernel
def mixes(x: Array[i32, 1], bins: Array[i32, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_add(bins[x[i]], 1)
    kdsl.atomic_max(bins[x[i]], 1)


@kdsl.kernel(math="strict")
def strict(x: Array[i32, 1], bins: Array[f32, 1]):
    kdsl.atomic_add(bins[x[kdsl.global_id(0)]], 1.0)


@kdsl.kernel
def lowest(x: Array[i32, 1], bins: Array[i32, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_min(bins[x[i]], i32(i))


@kdsl.kernel
def three(x: Array[i32, 1], sums: Array[f32, 1]):
    """Three updates of each thread, of which few fall on one element."""
    i = kdsl.global_id(0)
    for k in kdsl.static_range(3):
        kdsl.atomic_add(sums[x[i] + k], 1.0)


@kdsl.kernel
def one_of_three(x: Array[i32, 1], sums: Array[f32, 1]):
    v = x[kdsl.global_id(0)]
    if v == 0:
        kdsl.atomic_add(sums[v], 1.0)
    elif v == 1:
        kdsl.atomic_add(sums[v + 1], 1.0)
    else:
        kdsl.atomic_add(sums[v + 2], 1.0)


@kdsl.kernel
def deposit(x: Array[i32, 2], momentum: Array[f32, 3], mass: Array[i32, 2]):
    """Cells around each particle, of two grids."""
    p = kdsl.global_id(0)
    if p < x.shape[0]:
        for i in kdsl.static_range(2):
            for j in kdsl.static_range(2):
                kdsl.atomic_add(momentum[x[p, 0] + i, x[p, 1] + j, 0], f32(1 + i))
                kdsl.atomic_add(momentum[x[p, 0] + i, x[p, 1] + j, 1], f32(j))
                kdsl.atomic_add(mass[x[p, 0] + i, x[p, 1] + j], 1)


def code(kernel: Any, arch: str = "x86-64-v3") -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])


@pytest.mark.parametrize(("kernel", "tables"), [(histogram, 1), (every_kind, 2), (joint, 1), (looks, 0), (mixes, 0), (strict, 0)])
def test_who_has_a_table(kernel: Any, tables: int) -> None:
    names = [op.attributes["name"] for op in walk(code(kernel).body) if op.name == "memory.alloc"]
    assert names.count("table") == tables


@pytest.mark.parametrize("size", [256, 1000, 1025, 2048, 2049, 8192, 8193, 16_384, 16_385])
@pytest.mark.parametrize("n", [1, 40, 511, 2060, N])
def test_arrays_and_pieces_of_all_sizes(size: int, n: int) -> None:
    x = np.random.default_rng(n).integers(0, 256, n).astype(np.uint8)
    bins = np.full(size, 3, np.int32)
    histogram.over(n)(x, bins)
    np.testing.assert_array_equal(bins - 3, np.bincount(x, minlength=size))


@pytest.mark.parametrize(("kernel", "elements"), [(histogram, [16_384]), (every_kind, [7872, 3936]), (lowest, [8192])])
def test_one_table_of_sums_may_have_the_whole_stack(kernel: Any, elements: list[int]) -> None:
    f = code(kernel)
    tables = [op.results[0].type.shape[0] for op in walk(f.body) if op.name == "memory.alloc" and op.attributes["name"] == "table"]
    assert tables == elements
    assert compile_cpu(f, CPU_TARGETS["x86-64-v3"]).entry.shared_bytes == 0


def goes_by_table(kernel: Any, threads: int, elements: int) -> bool:
    """Ones that are added to 2**24 one by one are lost; together they are not."""
    sums = np.full(elements, 2.0**24, np.float32)
    run(code(kernel), "x86-64-v2", (np.zeros(threads, np.int32), sums), (threads,), chunk=1024)
    return sums[0] > 2.0**24


@pytest.mark.parametrize(
    ("kernel", "elements", "used"),
    [(three, 400, True), (three, 1500, True), (three, 1600, False), (one_of_three, 500, True), (one_of_three, 600, False)],
)
def test_all_updates_count_but_of_branches_one(kernel: Any, elements: int, used: bool) -> None:
    assert goes_by_table(kernel, 1024, elements) == used


@pytest.mark.parametrize("grid", [(5, 3), (100, 100), (128, 128), (129, 128), (200, 200), (2, 9000)])
@pytest.mark.parametrize("n", [3, 1000, 60_000])
def test_grids_may_be_larger(grid: tuple[int, int], n: int) -> None:
    """Their tables lie in the worker's own memory."""
    rng = np.random.default_rng(n)
    x = np.stack([rng.integers(0, size - 1, n, dtype=np.int32) for size in grid], 1)
    momentum, mass = np.zeros((*grid, 2), np.float32), np.zeros((grid[0], grid[1] + 3), np.int32)[:, 2:-1]
    wanted, counts = momentum.copy(), np.zeros(grid, np.int32)
    deposit.over(n)(x, momentum, mass)
    for i in range(2):
        for j in range(2):
            np.add.at(wanted, (x[:, 0] + i, x[:, 1] + j), np.array([1 + i, j], np.float32))
            np.add.at(counts, (x[:, 0] + i, x[:, 1] + j), 1)
    np.testing.assert_array_equal(momentum, wanted)
    np.testing.assert_array_equal(mass, counts)
    assert compile_cpu(code(deposit), CPU_TARGETS["x86-64-v3"]).entry.shared_bytes >= 2 * 128 * 128 * 4


@pytest.mark.parametrize("arch", X86)
@pytest.mark.parametrize("worker", [0, 1, 2, 3, 7, 63, 1000])
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 3), (31, 33)])
def test_each_worker_begins_elsewhere(shape: tuple[int, int], worker: int, arch: str) -> None:
    """And brings every element once."""
    rng = np.random.default_rng(worker)
    x, y = [rng.integers(0, n, (1, 3000), dtype=np.int32) for n in shape]
    counts, wanted = np.zeros((2, *shape), np.float32)
    run(code(joint, arch), arch, (x, y, counts), (3000,), chunk=4096, worker=worker)
    np.add.at(wanted, (x, y), np.float32(0.5))
    np.testing.assert_array_equal(counts, wanted)


def test_ends_of_rows_are_short_code() -> None:
    """Whole vectors have one table or several; the last one is not made for both."""
    kinds = [op.operands[0].name for op in walk(code(histogram).body) if op.name == "tile.atomic"]
    assert [name.split("_")[0] for name in kinds] == ["table", "table", "bins", "table", "bins"]


def test_rows_that_are_not_side_by_side() -> None:
    x = np.random.default_rng(8).integers(0, 256, N).astype(np.uint8)
    bins = np.zeros((256, 3), np.int32)
    histogram.over(N)(x, bins[:, 1])
    np.testing.assert_array_equal(bins[:, 1], np.bincount(x, minlength=256))
    assert not bins[:, 0].any()
    assert not bins[:, 2].any()


def test_every_kind() -> None:
    x = np.random.default_rng(9).integers(-(2**30), 2**30, N).astype(np.int32)
    wanted, found = [(np.full(16, -5, np.int32), np.full(8, 7, np.uint64)) for _ in range(2)]
    every_kind.interpret.over(N)(x, *wanted)
    every_kind.over(N)(x, *found)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a, b)


def test_bits() -> None:
    x = np.random.default_rng(9).integers(0, 2**32, 999).astype(np.uint32) | np.uint32(1 << 31)
    wanted, found = [(np.zeros(5, np.uint32), np.full(7, 2**32 - 1, np.uint32)) for _ in range(2)]
    bits.interpret.over(999)(x, *wanted)
    bits.over(999)(x, *found)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("shape", [(5, 7), (31, 33), (64, 64)])
def test_two_axes(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    x, y = [rng.integers(0, n, (3, 5000), dtype=np.int32) for n in shape]
    counts, wanted = np.zeros((2, *shape), np.float32)
    joint.over((5000, 3))(x, y, counts)
    np.add.at(wanted, (x, y), np.float32(0.5))
    np.testing.assert_array_equal(counts, wanted)


def test_threads_one_at_a_time() -> None:
    assert code(walks).attributes["width"] == 1
    x = np.random.default_rng(7).integers(0, 97, 4000, dtype=np.int32)
    wanted, found = np.zeros((2, 97), np.int32)
    walks.interpret.over(4000)(x, wanted)
    walks.over(4000)(x, found)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("columns", [1, 3, 16, 17, 64])
@pytest.mark.parametrize(("n", "groups"), [(1, 1), (50, 4), (700, 9), (700, 300)])
def test_rows_of_a_table(n: int, groups: int, columns: int) -> None:
    rng = np.random.default_rng(n)
    x, label = rng.integers(0, 9, (n, columns)).astype(np.float32), rng.integers(0, groups, n, dtype=np.int32)
    wanted, found = [(np.full((groups, columns), 2, np.float32), np.zeros(groups, np.int32)) for _ in range(2)]
    clusters.interpret.over(n)(x, label, *wanted)
    clusters.over(n)(x, label, *found)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a, b)
    wanted, found = np.zeros((2, groups, columns), np.float32)
    some_clusters.interpret.over(n)(x, label, wanted)
    some_clusters.over(n)(x, label, found)
    np.testing.assert_array_equal(found, wanted)


def test_rounds_that_update_a_row_are_lanes() -> None:
    f = code(clusters)
    assert f.attributes["width"] == 1
    loads = [op for op in walk(f.body) if op.name == "tile.load"]
    assert {op.operands[0].name.split("_")[0] for op in loads} == {"x", "table"}


def test_rows_that_are_what_is_added() -> None:
    """A thread sees its own updates through another argument, as no vector of rounds would."""
    found, wanted = np.ones((2, 1, 40), np.float32)
    label = np.zeros(1, np.int32)
    clusters.interpret.over(1)(wanted[:, 1:39], label, wanted[:, 2:], np.zeros(1, np.int32))
    clusters.over(1)(found[:, 1:39], label, found[:, 2:], np.zeros(1, np.int32))
    np.testing.assert_array_equal(found, wanted)
    assert found[0, -1] == 39


@pytest.mark.parametrize("shape", [(3, 2000), (64, 70), (1, 5)])
def test_a_table_lasts_for_all_rows_of_a_worker(shape: tuple[int, int]) -> None:
    """Rows shorter than the table is large."""
    rng = np.random.default_rng(1)
    x, y = [rng.integers(0, n, shape[::-1], dtype=np.int32) for n in (31, 33)]
    counts, wanted = np.zeros((2, 31, 33), np.float32)
    joint.over(shape)(x, y, counts)
    np.add.at(wanted, (x, y), np.float32(0.5))
    np.testing.assert_array_equal(counts, wanted)
    names = [op.name for op in walk(code(joint).body)]
    assert names.count("block.is_first") == names.count("block.is_last") == 1


def test_explain_says_so() -> None:
    assert "in a table of each worker" in str(histogram.explain())
