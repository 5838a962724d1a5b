"""Atomic updates of one element by all threads: each worker combines them and updates the element once per piece of a row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32, i64, u8, u32, u64
from kdsl.compiler import lower
from kdsl.ir.core import Function, Op, Region, Value
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

N = 100_003


@kdsl.kernel
def total(x: Array[f32, 1], out: Array[f32, 1]):
    kdsl.atomic_add(out[0], x[kdsl.global_id(0)])


@kdsl.kernel(math="strict")
def total_strict(x: Array[f32, 1], out: Array[f32, 1]):
    kdsl.atomic_add(out[0], x[kdsl.global_id(0)])


@kdsl.kernel
def count_if(x: Array[f32, 1], limit: f32, out: Array[u32, 1]):
    i = kdsl.global_id(0)
    if x[i] > limit:
        kdsl.atomic_add(out[1], 1)


@kdsl.kernel
def every_kind(x: Array[i32, 1], low: Array[i32, 1], high: Array[i32, 1], odd: Array[u64, 1], less: Array[i32, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_min(low[0], x[i])
    kdsl.atomic_max(high[0], x[i])
    kdsl.atomic_xor(odd[0], kdsl.u64(x[i]))
    kdsl.atomic_sub(less[0], x[i])


@kdsl.kernel
def bits(x: Array[u32, 1], some: Array[u32, 1], every: Array[u32, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_or(some[0], x[i])
    kdsl.atomic_and(every[0], x[i])


@kdsl.kernel(math="strict")
def extremes(x: Array[f32, 1], low: Array[f32, 1], high: Array[f32, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_min(low[0], x[i])
    kdsl.atomic_max(high[0], x[i])


@kdsl.struct
class Range:
    low: i32
    high: i32


@kdsl.kernel
def bounds(x: Array[i32, 2], limit: i32, box: Array[i32, 1], values: Array[Range, 1]):
    """Several kinds in one array, each of an element, or of a field, of its own."""
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if x[j, i] > limit:
        kdsl.atomic_min(box[0], i32(i))
        kdsl.atomic_max(box[1], i32(i))
    kdsl.atomic_min(values[0].low, x[j, i])
    kdsl.atomic_max(values[0].high, x[j, i])


@kdsl.kernel
def rows(x: Array[f32, 2], out: Array[f32, 1]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    kdsl.atomic_add(out[j], x[j, i])


@kdsl.kernel
def one_place(x: Array[u32, 1], bins: Array[u32, 1]):
    """Two updates whose indices share a part: each computes it where it updates."""
    i = kdsl.global_id(0)
    if x[i] > 3:
        kdsl.atomic_xor(bins[7 % bins.shape[0]], x[i])
        if x[i] > 9:
            kdsl.atomic_xor(bins[8 % bins.shape[0]], 1)


@kdsl.kernel
def beyond(x: Array[f32, 1], place: i32, out: Array[f32, 1]):
    """The element does not exist where nobody updates it."""
    i = kdsl.global_id(0)
    if x[i] > 1e9:
        kdsl.atomic_add(out[place], x[i])


@kdsl.kernel
def looked_at(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    x[i] = kdsl.atomic_add(out[0], 1)


@kdsl.kernel
def two_kinds(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_add(out[0], x[i])
    kdsl.atomic_max(out[0], x[i])


@kdsl.kernel
def two_kinds_and_another(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_add(out[0], x[i])
    kdsl.atomic_max(out[0], x[i])
    kdsl.atomic_max(out[1], x[i])


@kdsl.kernel
def maybe_two_kinds(x: Array[i32, 1], n: i32, out: Array[i32, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_add(out[0], x[i])
    kdsl.atomic_max(out[n], x[i])


@kdsl.kernel
def counted_place(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    for k in range(out.shape[0]):
        kdsl.atomic_add(out[k], x[i])


@kdsl.kernel
def fenced(x: Array[i32, 1], out: Array[i32, 1]):
    kdsl.atomic_add(out[0], x[kdsl.global_id(0)])
    kdsl.fence("device")


def lowered(kernel: Any, arch: str = "x86-64-v4") -> Function:
    types, values = declared_signature(kernel, None, {})
    return lower(kernel.ir(types, values), CPU_TARGETS[arch])


def in_loops(region: Region, inside: bool = False) -> list[Op]:
    """The atomics that run once for every vector, where no arguments overlap."""
    found: list[Op] = []
    disjoint: set[Value] = set()
    for op in region.ops:
        found += [op] if inside and "atomic" in op.name else []
        if op.name == "block.disjoint" or (op.name == "arith.and" and disjoint.issuperset(op.operands)):
            disjoint.add(op.result)
        regions = op.regions[:1] if op.name == "scf.if" and op.operands[0] in disjoint else op.regions
        for inner in regions:
            found += in_loops(inner, inside or op.name in ("scf.for", "scf.while"))
    return found


@pytest.mark.parametrize("arch", CPU_TARGETS)
@pytest.mark.parametrize(
    "kernel", [total, count_if, every_kind, bits, extremes, rows, one_place, beyond, bounds], ids=lambda k: k.name
)
def test_none_is_left_in_the_loop(kernel: object, arch: str) -> None:
    assert not in_loops(lowered(kernel, arch).body)


@pytest.mark.parametrize(
    "kernel",
    [total_strict, looked_at, two_kinds, two_kinds_and_another, maybe_two_kinds, counted_place, fenced],
    ids=lambda k: k.name,
)
def test_each_alone_where_somebody_could_tell(kernel: object) -> None:
    assert in_loops(lowered(kernel).body)


def test_sums() -> None:
    x = np.random.default_rng(3).random(N, np.float32)
    for kernel, tolerance in ((total, 1e-6), (total_strict, 1e-3)):
        out = np.ones(1, np.float32)
        kernel.over(N)(x, out)
        assert abs(out[0] / (1 + x.astype(np.float64).sum()) - 1) < tolerance
    table, sums = x[:90_000].reshape(30, 3000), np.zeros(30, np.float32)
    rows.over((3000, 30))(table, sums)
    assert np.allclose(sums, table.sum(axis=1, dtype=np.float64), rtol=1e-6)


def test_a_box() -> None:
    x = np.random.default_rng(8).integers(-100, 100, (60, 1001)).astype(np.int32)
    x[:, :30] = x[:, 800:] = -7
    box, values = np.array([5000, -1], np.int32), np.zeros(1, Range.dtype)
    bounds.over((1001, 60))(x, 40, box, values)
    where = np.nonzero(x > 40)[1]
    assert box.tolist() == [where.min(), where.max()]
    assert values[0].tolist() == (x.min(), x.max())
    box[:] = 5, 7
    bounds.over((1001, 60))(x, 1000, box, values)
    assert box.tolist() == [5, 7]


def test_counts() -> None:
    x = np.random.default_rng(4).random(N, np.float32)
    out = np.array([5, 7], np.uint32)
    count_if.over(N)(x, 0.25, out)
    assert out.tolist() == [5, 7 + int((x > 0.25).sum())]


def test_integers() -> None:
    x = np.random.default_rng(5).integers(-(2**31), 2**31, N).astype(np.int32)
    low, high, less = np.zeros(1, np.int32), np.zeros(1, np.int32), np.zeros(1, np.int32)
    odd = np.array([77], np.uint64)
    every_kind.over(N)(x, low, high, odd, less)
    assert (low[0], high[0]) == (x.min(), x.max())
    assert odd[0] == np.bitwise_xor.reduce(x.astype(np.int64).view(np.uint64)) ^ np.uint64(77)
    assert less[0] == (-x.astype(np.int64).sum()).astype(np.int32)
    u = x.view(np.uint32) & 0xFFF0 | 0x100
    some, every = np.zeros(1, np.uint32), np.full(1, 0xFFFFFFFF, np.uint32)
    bits.over(N)(u, some, every)
    assert (some[0], every[0]) == (np.bitwise_or.reduce(u), np.bitwise_and.reduce(u))


def test_two_updates_of_one_place() -> None:
    x = np.random.default_rng(3).integers(0, 20, N, np.uint32)
    bins = np.zeros(5, np.uint32)
    one_place.over(N)(x, bins)
    assert bins.tolist() == [0, 0, np.bitwise_xor.reduce(x[x > 3]), (x > 9).sum() & 1, 0]


@pytest.mark.parametrize("special", [None, np.nan, np.inf, -np.inf])
def test_extremes(special: float | None) -> None:
    x = np.random.default_rng(6).standard_normal(N).astype(np.float32)
    if special is not None:
        x[777] = special
    low, high = np.zeros(1, np.float32), np.zeros(1, np.float32)
    extremes.over(N)(x, low, high)
    assert np.array_equal(low, x.min(keepdims=True), equal_nan=True)
    assert np.array_equal(high, x.max(keepdims=True), equal_nan=True)


def test_nobody_updates_what_does_not_exist() -> None:
    out = np.zeros(1, np.float32)
    beyond.over(N)(np.ones(N, np.float32), 1 << 30, out)
    assert out[0] == 0


def test_zeros_keep_their_sign() -> None:
    out = np.array([-0.0], np.float32)
    total.over(1000)(np.full(1000, -0.0, np.float32), out)
    assert np.signbit(out[0])


@kdsl.kernel
def one_thread(h: Array[i32, 1], same: Array[i32, 1], out: Array[i32, 1]):
    if kdsl.global_id(0) == 5:
        kdsl.atomic_add(h[0], 5)
        out[0] = same[0]


@kdsl.kernel
def each_its_own(h: Array[i32, 1], same: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    if i % 4 == 0:
        kdsl.atomic_add(h[out[i // 4]], 5)
        out[i // 4] = same[out[i // 4]]


def test_a_thread_sees_its_own_update_by_another_argument() -> None:
    h = np.zeros(1, np.int32)
    out = np.zeros(1, np.int32)
    one_thread.over(100)(h, h, out)
    assert out[0] == 5
    h = np.arange(500, dtype=np.int32)
    out = np.random.default_rng(4).permutation(500).astype(np.int32)
    wanted = out + 5
    each_its_own.over(2000)(h, h, out)
    assert (out == wanted).all()


@kdsl.kernel
def looks_again(h: Array[i32, 1], same: Array[i32, 1], place: Array[i32, 1], out: Array[i64, 1]):
    i = kdsl.global_id(0)
    before = same[i]
    if place[i] >= 0:
        kdsl.atomic_add(h[place[i]], 5)
    out[i] = i64(same[i] - before)


@kdsl.kernel
def looks_at_bytes(h: Array[i32, 1], same: Array[u8, 1], place: Array[i32, 1], out: Array[i64, 1]):
    i = kdsl.global_id(0)
    if place[i] >= 0:
        kdsl.atomic_add(h[place[i]], 5)
    out[i] = i64(same[4 * i])


@kdsl.kernel
def one_looks_again(h: Array[i32, 1], same: Array[i32, 1], out: Array[i64, 1]):
    before = same[0]
    if kdsl.global_id(0) == 5:
        kdsl.atomic_add(h[0], 5)
        out[0] = i64(same[0] - before)


@kdsl.kernel
def adds_then_caps(h: Array[i32, 1], same: Array[i32, 1], place: Array[i32, 1]):
    i = kdsl.global_id(0)
    if place[i] >= 0:
        for _ in range(3):
            kdsl.atomic_add(h[place[i]], 5)
            kdsl.atomic_min(same[place[i]], 7)


def test_where_arguments_overlap_a_thread_sees_what_it_has_updated() -> None:
    n = 4000
    place = np.where(np.arange(n) < 100, np.arange(n), -1).astype(np.int32)
    for back in (1, -1):
        memory, out = np.zeros(n, np.int32), np.zeros(n, np.int64)
        looks_again.over(n)(memory[:100], memory[::back][::back], place, out)
        assert (out == np.where(place >= 0, 5, 0)).all()
    memory = np.zeros(n, np.int32)
    looks_at_bytes.over(n)(memory[:100], memory.view(np.uint8), place, out)
    assert (out == np.where(place >= 0, 5, 0)).all()
    one_looks_again.over(n)(memory[:1], memory, out)
    assert out[0] == 5
    memory = np.zeros(100, np.int32)
    adds_then_caps.over(n)(memory, memory, place)
    assert (memory == 7).all()


@kdsl.kernel
def by_subgroups(x: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    s = kdsl.subgroup_sum(x[i] if i < x.shape[0] else 0.0)
    if kdsl.lane_id() == 0:
        kdsl.atomic_add(out[0], s)


@kdsl.kernel
def of_its_block(x: Array[i32, 2], out: Array[i32, 2], least: Array[i32, 1]):
    i, y = kdsl.global_id(0), kdsl.global_id(1)
    if i < x.shape[1] and y < x.shape[0]:
        kdsl.atomic_add(out[kdsl.block_id(1), kdsl.block_id(0)], x[y, i] * i32(kdsl.thread_id(0) + 1))
        kdsl.atomic_min(least[0], x[y, i])


@kdsl.kernel
def of_each_row(x: Array[i32, 2], out: Array[i32, 1]):
    """Rows of one block have elements of their own."""
    kdsl.atomic_add(out[kdsl.global_id(1)], x[kdsl.global_id(1), kdsl.global_id(0)] + i32(kdsl.thread_id(0)))


def in_blocks(kernel: Any, arch: str, block: tuple[int, int, int]) -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch], block=block)


@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_a_block_updates_an_element_once(arch: str) -> None:
    assert not in_loops(in_blocks(by_subgroups, arch, (256, 1, 1)).body)
    assert in_loops(in_blocks(of_each_row, arch, (32, 8, 1)).body)


def test_blocks() -> None:
    rng = np.random.default_rng(7)
    for n, block in ((100_003, 256), (1000, 100), (5, 8), (777, 33)):
        x, out = rng.random(n, np.float32), np.ones(1, np.float32)
        by_subgroups[kdsl.cdiv(n, block), block](x, out)
        assert abs(out[0] / (1 + x.astype(np.float64).sum()) - 1) < 1e-5
    for block in ((32, 4), (24, 2), (4, 4)):
        x = rng.integers(-99, 99, (50, 300)).astype(np.int32)
        grid = (kdsl.cdiv(300, block[0]), kdsl.cdiv(50, block[1]))
        out, least = np.zeros(grid[::-1], np.int32), np.zeros(1, np.int32)
        of_its_block[grid, block](x, out, least)
        weighted = np.zeros((grid[1] * block[1], grid[0] * block[0]), np.int32)
        weighted[:50, :300] = x * (np.arange(300) % block[0] + 1)
        assert (out == weighted.reshape(grid[1], block[1], grid[0], block[0]).sum((1, 3))).all()
        assert least[0] == x.min()
    x, sums = rng.integers(-99, 99, (48, 64)).astype(np.int32), np.zeros(48, np.int32)
    of_each_row[(2, 6), (32, 8)](x, sums)
    assert (sums == (x + np.arange(64) % 32).sum(1)).all()
