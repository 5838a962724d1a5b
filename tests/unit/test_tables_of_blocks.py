"""Atomics on small arrays that data index, in kernels that see their blocks; and numbers of lanes that stay in memory until they
are counted, as channels of points and runs of each thread."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, u8, u16, u64
from kdsl.codegen.cpu import assembly, compile_cpu
from kdsl.compiler import lower
from kdsl.ir.core import Function, walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

BLOCK = 64


@kdsl.kernel
def by_the_grid(x: Array[u8, 1], bins: Array[i32, 1], n: i32):
    for i in range(kdsl.global_id(0), n, kdsl.grid_dim(0) * kdsl.block_dim(0)):
        kdsl.atomic_add(bins[x[i]], i32(i))


@kdsl.kernel
def as_in_cuda(x: Array[u8, 1], bins: Array[i32, 1], n: i32):
    i = kdsl.block_id(0) * kdsl.block_dim(0) + kdsl.thread_id(0)
    while i < n:
        if x[i] != 7:
            kdsl.atomic_xor(bins[x[i]], i32(i))
        i += kdsl.grid_dim(0) * kdsl.block_dim(0)


@kdsl.kernel
def shared_too(x: Array[u8, 1], bins: Array[i32, 1], n: i32):
    """What blocks bring goes to a worker's table as well; and so does what threads count beside it."""
    mine, t = kdsl.shared((256,), i32), kdsl.thread_id(0)
    for k in range(t, 256, BLOCK):
        mine[k] = 0
    kdsl.barrier()
    for i in range(kdsl.global_id(0), n, kdsl.grid_dim(0) * BLOCK):
        kdsl.atomic_add(mine[x[i]], 1)
        kdsl.atomic_add(bins[255 - x[i]], 2)
    kdsl.barrier()
    for k in range(t, 256, BLOCK):
        kdsl.atomic_add(bins[k], mine[k])


@kdsl.kernel
def halves(x: Array[u8, 1], bins: Array[i32, 1], n: i32):
    """Barriers between the updates of one array, and blocks that do not do the same."""
    i = kdsl.global_id(0)
    if i < n:
        kdsl.atomic_max(bins[x[i] & 63], i32(x[i]))
    kdsl.barrier()
    if i < n and kdsl.thread_id(0) % 2 == kdsl.block_id(0) % 2:
        kdsl.atomic_max(bins[64 + (x[i] & 63)], i32(i))


@kdsl.kernel
def several(x: Array[u8, 1], bins: Array[i32, 1], n: i32):
    """Each block counts in its own part, of which there are few."""
    for k in range(5):
        i = kdsl.global_id(0) * 5 + k
        if i < n:
            kdsl.atomic_sub(bins[kdsl.index(x[i] & 31) + 32 * (kdsl.block_id(0) % 4)], 3)


OF_BLOCKS = (by_the_grid, as_in_cuda, shared_too, halves, several)


@kdsl.kernel
def fenced(x: Array[u8, 1], bins: Array[i32, 1], n: i32):
    for i in range(kdsl.global_id(0), n, kdsl.grid_dim(0) * kdsl.block_dim(0)):
        kdsl.atomic_add(bins[x[i]], 1)
        kdsl.fence("device")


@kdsl.kernel
def looks(x: Array[u8, 1], bins: Array[i32, 1], n: i32):
    for i in range(kdsl.global_id(0), n, kdsl.grid_dim(0) * kdsl.block_dim(0)):
        if bins[x[i]] < 100:
            kdsl.atomic_add(bins[x[i]], 1)


@kdsl.kernel
def seen_behind_a_barrier(x: Array[u8, 1], bins: Array[i32, 1], seen: Array[i32, 1], out: Array[i32, 1]):
    """What other threads of a block did, by another name of the same memory."""
    i = kdsl.global_id(0)
    for k in range(16):
        kdsl.atomic_add(bins[x[16 * i + k] & 15], 1)
    kdsl.barrier()
    out[i] = seen[kdsl.thread_id(0) & 15]


def of_blocks(kernel: Any, arch: str = "x86-64-v3") -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch], block=(BLOCK, 1, 1))


def tables(f: Function) -> int:
    return [op.attributes["name"] for op in walk(f.body) if op.name == "memory.alloc"].count("table")


@pytest.mark.parametrize(("kernel", "count"), [*[(kernel, 1) for kernel in OF_BLOCKS], (fenced, 0), (looks, 0),
                                               (seen_behind_a_barrier, 1)], ids=str)  # fmt: skip
def test_who_has_a_table(kernel: Any, count: int) -> None:
    assert tables(of_blocks(kernel)) == count


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", OF_BLOCKS, ids=lambda k: k.name)
def test_as_interpreted(kernel: Any, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, kernel)
    for n in (0, 1, 63, 64 * 7, 5000):
        for grid in (1, 3, 32, 33, 71):
            x = np.minimum(np.random.default_rng(n).geometric(0.02, max(n, 1)), 255).astype(np.uint8)
            first = np.arange(300, dtype=np.int32) % 19
            got, want = first.copy(), first.copy()
            kernel[grid, BLOCK](x, got, n)
            kernel.interpret[grid, BLOCK](x, want, n)
            np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("size", [256, 1024, 2048, 2049, 16_384, 16_385])
@pytest.mark.parametrize("grid", [1, 31, 64, 1000])
def test_many_pieces_of_several_workers(size: int, grid: int) -> None:
    """Each worker brings what it has behind the last of the blocks that it runs one after the other, however many are one."""
    x = np.random.default_rng(grid).integers(0, 256, 400_003).astype(np.uint8)
    bins, wanted = np.zeros((2, size), np.int32)
    with np.errstate(over="ignore"):
        np.add.at(wanted, x, np.arange(x.size, dtype=np.int32))
    for _ in range(3):
        by_the_grid[grid, 256](x, bins, x.size)
    np.testing.assert_array_equal(bins, wanted * np.int32(3))


def test_many_blocks_of_one_element_for_each_thread() -> None:
    x = np.random.default_rng(3).integers(0, 256, 300_000).astype(np.uint8)
    bins, wanted = np.zeros((2, 300), np.int32)
    halves[-(-x.size // BLOCK), BLOCK](x, bins, x.size)
    np.maximum.at(wanted, x & 63, x.astype(np.int32))
    i = np.arange(x.size)
    odd = i % 2 == i // BLOCK % 2
    np.maximum.at(wanted, 64 + (x[odd] & 63).astype(np.int64), i[odd].astype(np.int32))
    np.testing.assert_array_equal(bins, wanted)


def test_a_table_is_used_only_where_nobody_looks_by_another_name() -> None:
    x = np.random.default_rng(3).integers(0, 256, 16 * BLOCK).astype(np.uint8)
    bins, out = np.zeros(16, np.int32), np.zeros(BLOCK, np.int32)
    seen_behind_a_barrier[1, BLOCK](x, bins, bins, out)
    np.testing.assert_array_equal(bins, np.bincount(x & 15, minlength=16))
    np.testing.assert_array_equal(out, np.tile(bins, 4))
    other = np.full(16, -1, np.int32)
    seen_behind_a_barrier[1, BLOCK](x, bins, other, out)
    np.testing.assert_array_equal(bins, 2 * np.bincount(x & 15, minlength=16))
    assert (out == -1).all()


def test_what_one_block_of_many_brings_counts_once() -> None:
    """Of 32 blocks that run as one, one brings; a table of the worker must have more to do than that."""

    @kdsl.kernel
    def bring(x: Array[u8, 1], out: Array[i32, 1]):
        mine, t, i = kdsl.shared((256,), i32), kdsl.thread_id(0), kdsl.global_id(0)
        for k in range(t, 256, 64):
            mine[k] = 0
        kdsl.barrier()
        if i < x.shape[0]:
            kdsl.atomic_add(mine[x[i]], 1)
        kdsl.barrier()
        for k in range(t, 256, 64):
            kdsl.atomic_add(out[k], mine[k])

    f = of_blocks(bring)
    made = {op.results[0] for op in walk(f.body) if op.name == "block.threads"}
    for op in walk(f.body):
        if op.defn.elementwise and made.intersection(op.operands):
            made.update(op.results)
    by = [(v.op.name, v.op.operands[1].constant) for v in made if v.op.operands]
    assert f.attributes["merged"][1] == 32
    assert ("arith.shr", 5) in by or ("arith.floordiv", 32) in by


def test_a_thread_takes_no_longer_for_what_is_done_once() -> None:
    """Emptying a table and bringing it is no part of what a thread is said to take."""
    f = of_blocks(by_the_grid)
    assert compile_cpu(f, CPU_TARGETS["x86-64-v3"]).entry.cost < 60


# Channels


@kdsl.kernel
def channels(x: Array[u8, 2], bins: Array[i32, 2]):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        for c in range(3):
            kdsl.atomic_add(bins[c, x[i, c]], 1)


@kdsl.kernel
def in_threes(x: Array[u8, 1], bins: Array[i32, 1]):
    i = kdsl.global_id(0)
    if i < x.shape[0] // 3:
        for c in range(3):
            kdsl.atomic_add(bins[256 * c + x[3 * i + c]], 1)


@kdsl.kernel
def three_arrays(x: Array[u8, 2], red: Array[i32, 1], green: Array[i32, 1], blue: Array[i32, 1]):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        kdsl.atomic_add(red[x[i, 0]], 1)
        kdsl.atomic_add(green[x[i, 1]], 1)
        kdsl.atomic_add(blue[x[i, 2]], 1)


@kdsl.kernel
def words(x: Array[u16, 2], bins: Array[u64, 2]):
    """Two channels of 16 bits, all loaded before any is counted."""
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * kdsl.block_dim(0)):
        a, b = x[i, 0], x[i, 1]
        kdsl.atomic_add(bins[0, a & 0xFFFF], u64(b))
        kdsl.atomic_add(bins[1, b], 1)


@kdsl.kernel
def changed(x: Array[u8, 2], bins: Array[i32, 2]):
    """A number is counted as it was when it was loaded."""
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        for c in range(2):
            v = x[i, c]
            x[i, c] = v + 1
            kdsl.atomic_add(bins[c, v], 1)


@kdsl.kernel
def changed_in_rounds(x: Array[u8, 1], bins: Array[f32, 1]):
    i = kdsl.global_id(0)
    v = x[3 * i]
    for k in range(20):
        if k % 2 == 0:
            kdsl.atomic_add(bins[v], 0.5)
        x[3 * i] = u8(k)


@kdsl.kernel
def numbers(x, bins: Array[i32, 1]):
    """Of any type, every second, and beside one that all threads have alike."""
    for i in range(kdsl.global_id(0), x.shape[0] // 2, kdsl.grid_dim(0) * kdsl.block_dim(0)):
        kdsl.atomic_add(bins[x[2 * i]], 1)
        kdsl.atomic_add(bins[100 + kdsl.index(x[i])], 1)


@pytest.mark.parametrize("arch", RUNNABLE)
def test_numbers_of_all_types(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, numbers)
    for dtype in (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64):
        x = np.random.default_rng(3).integers(0, 100, 3001).astype(dtype)
        bins = np.zeros(200, np.int32)
        numbers[5, BLOCK](x, bins)
        np.testing.assert_array_equal(bins[:100], np.bincount(x[:3000:2], minlength=100))
        np.testing.assert_array_equal(bins[100:], np.bincount(x[:1500], minlength=100))


def test_three_arrays_have_tables() -> None:
    f = lower(three_arrays.ir(*declared_signature(three_arrays, None, {})), CPU_TARGETS["x86-64-v3"])
    made = [op.results[0].type for op in walk(f.body) if op.name == "memory.alloc"]
    assert len(made) == 3
    # No two tables, and none of the lanes' of one, begin where the lowest 12 bits of addresses are the same.
    steps = {op.operands[1].constant for op in walk(f.body) if op.name == "arith.add" and op.operands[1].constant} - {1}
    begins = [n * 4 * t.shape[0] + 4 * way for n, t in enumerate(made) for way in sorted(steps & set(range(512, 4096))) + [0]]
    assert len({at % 4096 // 64 for at in begins}) == len(begins) == 12


def points(n: int, channels: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(n).integers(0, 256, (n, channels)).astype(np.uint8)


@pytest.mark.parametrize("arch", RUNNABLE)
def test_channels_as_counted_by_numpy(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, channels, in_threes, three_arrays)
    for n in (0, 1, 15, 16, 1000, 3001):
        wide = points(n, 4)
        wanted = np.stack([np.bincount(wide[:, c], minlength=256) for c in range(3)])
        # Side by side, with a fourth between, from the last to the first, with a byte of another picture between.
        dense = np.ascontiguousarray(wide[:, :3])
        for x in (dense, wide[:, :3], np.ascontiguousarray(dense[::-1])[::-1], np.repeat(wide, 2, 1)[:, :6:2]):
            bins = np.zeros((3, 256), np.int32)
            channels.over(n)(x, bins)
            np.testing.assert_array_equal(bins, wanted)
            bins[:] = 0
            three_arrays.over(n)(x, *bins)
            np.testing.assert_array_equal(bins, wanted)
        flat = np.zeros(768, np.int32)
        in_threes.over(n)(dense.ravel(), flat)
        np.testing.assert_array_equal(flat, wanted.ravel())


@pytest.mark.parametrize("arch", RUNNABLE)
def test_words_as_interpreted(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, words)
    for n, high in ((900, 200), (900, 2000), (40, 65536)):
        x = np.random.default_rng(n).integers(0, high, (n, 2)).astype(np.uint16)
        got, want = np.zeros((2, 2, high), np.uint64)
        words[7, BLOCK](x, got)
        words.interpret[7, BLOCK](x, want)
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("arch", RUNNABLE)
def test_numbers_that_change_before_they_are_counted(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, changed, changed_in_rounds)
    x = points(2000, 2)
    got, bins = x.copy(), np.zeros((2, 256), np.int32)
    changed.over(2000)(got, bins)
    np.testing.assert_array_equal(bins, [np.bincount(x[:, c], minlength=256) for c in range(2)])
    np.testing.assert_array_equal(got, x + np.uint8(1))
    x, halves_ = points(3000, 1).ravel(), np.zeros(256, np.float32)
    before = x[::3].copy()
    changed_in_rounds.over(1000)(x, halves_)
    np.testing.assert_array_equal(halves_, 5 * np.bincount(before, minlength=256))


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
def test_a_channel_is_read_where_it_is_counted(arch: str) -> None:
    """No vector is made of bytes that lie apart, only to be taken apart again."""
    f = lower(in_threes.ir(*declared_signature(in_threes, None, {})), CPU_TARGETS[arch])
    lines = [line.split() for line in assembly(f, CPU_TARGETS[arch]).splitlines()]
    pairs = [(a, b) for a, b in zip(lines, lines[1:], strict=False) if a[:1] == ["movzbl"] and b[:1] == ["incl"]]
    assert len(pairs) >= CPU_TARGETS[arch].lanes


# Runs of each thread


@kdsl.kernel
def chunks(x: Array[u8, 1], bins: Array[i32, 1], per: i32):
    t = kdsl.global_id(0)
    for k in range(per):
        j = t * per + k
        if j < x.shape[0]:
            kdsl.atomic_add(bins[x[j]], 1)


@pytest.mark.parametrize("arch", RUNNABLE)
def test_rounds_that_data_part_are_as_many_lanes_as_straight_code_is_for(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    f = lower(chunks.ir(*declared_signature(chunks, None, {})), CPU_TARGETS[arch])
    lanes = {op.results[0].type.shape[0] for op in walk(f.body) if op.name == "tile.atomic"}
    assert lanes == {min(2 * CPU_TARGETS[arch].lanes, 16)}
    launch_on(arch, monkeypatch, chunks)
    x = points(5000, 1).ravel()
    for per in (0, 1, 15, 16, 33, 100, 5000):
        bins = np.zeros(256, np.int32)
        chunks.over(-(-5000 // max(per, 1)))(x, bins, per)
        np.testing.assert_array_equal(bins, np.bincount(x, minlength=256) * (per > 0))
