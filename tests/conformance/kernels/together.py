"""Atomics and subgroups as kernels write them."""

from __future__ import annotations

import numpy as np
from conformance.cases import blocks, over, register

import kdsl
from kdsl import Array, f16, f32, i32, i64, u8, u32, u64

BLOCKS = [blocks(2, 64), blocks(3, 32), blocks(1, 256), blocks(2, 33), blocks(2, 7)]


@kdsl.kernel
def histogram(x: Array[u8, 1], bins: Array[u32, 1]):
    """Counted in shared memory, then added up over the blocks."""
    mine = kdsl.shared((16,), u32)
    t = kdsl.thread_id(0)
    for k in range(t, 16, kdsl.block_dim(0)):
        mine[k] = 0
    kdsl.barrier()
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.block_dim(0) * kdsl.grid_dim(0)):
        kdsl.atomic_add(mine[x[i] >> 4], 1)
    kdsl.barrier()
    for k in range(t, 16, kdsl.block_dim(0)):
        kdsl.atomic_add(bins[k], mine[k])


def histogram_oracle(where, x, bins):
    bins += np.bincount(x >> 4, minlength=16).astype("u4")


register(histogram, histogram_oracle, lambda where, rng: [rng.integers(0, 256, 700).astype("u1"), np.zeros(16, "u4")], BLOCKS)


@kdsl.kernel
def wide_sums(x: Array[i64, 1], sums: Array[i64, 1], rest: Array[i64, 1]):
    """Sums of 64 bits that carry from the low half to the high one, in shared memory and in that of all blocks."""
    mine = kdsl.shared((4,), i64)
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    if t < 4:
        mine[t] = 0
    kdsl.barrier()
    kdsl.atomic_add(mine[i % 4], x[i])
    kdsl.atomic_sub(rest[i % 3], x[i])
    kdsl.barrier()
    if t < 4:
        kdsl.atomic_add(sums[t], mine[t])


def wide_sums_oracle(where, x, sums, rest):
    i = np.arange(where.n)
    np.add.at(sums, i % 4, x)
    np.subtract.at(rest, i % 3, x)


_EDGES = np.array([1, -1, 1 << 31, -(1 << 31), (1 << 32) - 1, 1 << 32, -(1 << 32), (1 << 63) - 1, -(1 << 63), 0], "i8")


def _wide(where, rng):
    return np.where(rng.random(where.n) < 0.5, rng.choice(_EDGES, where.n), rng.integers(-(1 << 63), 1 << 63, where.n, "i8"))


_SUMS = np.array([0, -1, 1 << 40, 5])
register(wide_sums, wide_sums_oracle, lambda where, rng: [_wide(where, rng), _SUMS.copy(), np.zeros(3, "i8")], BLOCKS)


@kdsl.kernel
def wide_bits(x: Array[i32, 1], masks: Array[u64, 1]):
    """A set of small numbers as bits, and nothing else of 64 bits."""
    i = kdsl.global_id(0)
    kdsl.atomic_or(masks[x[i] // 64], u64(1) << u64(x[i] % 64))


def wide_bits_oracle(where, x, masks):
    np.bitwise_or.at(masks, x // 64, np.uint64(1) << (x % 64).astype("u8"))


register(wide_bits, wide_bits_oracle, lambda where, rng: [rng.integers(0, 256, where.n).astype("i4"), np.zeros(4, "u8")], BLOCKS)


@kdsl.kernel
def wide_extremes(x: Array[u64, 1], found: Array[u64, 1]):
    """The least and the greatest of numbers whose halves would say otherwise."""
    i = kdsl.global_id(0)
    kdsl.atomic_min(found[2 * (i % 3)], x[i])
    kdsl.atomic_max(found[2 * (i % 3) + 1], x[i])


def wide_extremes_oracle(where, x, found):
    i = np.arange(where.n)
    np.minimum.at(found, 2 * (i % 3), x)
    np.maximum.at(found, 2 * (i % 3) + 1, x)


def _extremes_of(where, rng):
    return [_wide(where, rng).view("u8"), np.array([1 << 63, 1 << 33, (1 << 64) - 1, 0, 1 << 32, 1 << 32], "u8")]


register(wide_extremes, wide_extremes_oracle, _extremes_of, BLOCKS)


@kdsl.kernel
def halves(x: Array[f16, 1], sums: Array[f16, 1], last: Array[f16, 1], first: Array[f16, 1]):
    """Numbers of 16 bits that threads update side by side: neighbours share a word, in shared memory and in that of all blocks."""
    mine = kdsl.shared((6,), f16)
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    if t < 6:
        mine[t] = 0.0
    kdsl.barrier()
    kdsl.atomic_add(mine[i % 6], x[i])
    kdsl.atomic_max(sums[6], x[i])
    kdsl.atomic_min(sums[7], x[i])
    old = kdsl.atomic_exchange(last[i], x[i])
    kdsl.atomic_compare_exchange(first[i], f16(0.0), old)
    kdsl.barrier()
    if t < 6:
        kdsl.atomic_add(sums[t], mine[t])


def halves_oracle(where, x, sums, last, first):
    i = np.arange(where.n)
    np.add.at(sums, i % 6, x)
    sums[6], sums[7] = max(sums[6], x.max()), min(sums[7], x.min())
    first[:] = np.where(first == 0, last, first)
    last[:] = x


def _halves(where, rng):
    n = where.n
    small = rng.integers(-3, 4, (2, n)).astype("f2")
    return [small[0], np.zeros(8, "f2"), small[1], rng.integers(0, 2, n).astype("f2")]


register(halves, halves_oracle, _halves, BLOCKS)


@kdsl.kernel
def append(x: Array[i32, 1], count: Array[i32, 1], out: Array[i32, 1]):
    """Places handed out by a counter: every chosen element once, in any order."""
    i = kdsl.global_id(0)
    if x[i] % 3 == 0:
        place = kdsl.atomic_add(count[0], 1)
        out[x[i]] += 1 + 0 * place


def append_oracle(where, x, count, out):
    chosen = x[x % 3 == 0]
    count[0] = len(chosen)
    out[chosen] += 1


register(
    append,
    append_oracle,
    lambda where, rng: [rng.permutation(where.n).astype("i4"), np.zeros(1, "i4"), np.zeros(where.n, "i4")],
    [*BLOCKS, over(45, 32)],
)


@kdsl.kernel
def extremes(x: Array[i32, 1], y: Array[f32, 1], found: Array[i32, 1], found_f: Array[f32, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_min(found[0], x[i])
    kdsl.atomic_max(found[1], x[i])
    kdsl.atomic_or(found[2], 1 << (x[i] & 7))
    kdsl.atomic_and(found[3], x[i] | 1024)
    kdsl.atomic_xor(found[4], x[i])
    kdsl.atomic_sub(found[5], 2)
    kdsl.atomic_max(found_f[0], y[i])
    kdsl.atomic_min(found_f[1], y[i])
    if x[i] > 0:
        kdsl.atomic_add(found_f[2], 0.5)


def extremes_oracle(where, x, y, found, found_f):
    found[0], found[1] = min(found[0], x.min()), max(found[1], x.max())
    found[2] |= np.bitwise_or.reduce(1 << (x & 7))
    found[3] &= np.bitwise_and.reduce(x | 1024)
    found[4] ^= np.bitwise_xor.reduce(x)
    found[5] -= 2 * len(x)
    found_f[:] = max(found_f[0], y.max()), min(found_f[1], y.min()), found_f[2] + 0.5 * np.count_nonzero(x > 0)


register(
    extremes,
    extremes_oracle,
    lambda where, rng: [
        rng.integers(-500, 500, where.n).astype("i4"),
        rng.normal(0, 9, where.n).astype("f4"),
        np.array([9, -9, 0, -1, 5, 7], "i4"),
        np.zeros(3, "f4"),
    ],
    [*BLOCKS, over(45, 32)],
)


@kdsl.kernel
def compare_and_swap(x: Array[f32, 1], best: Array[f32, 1]):
    """A maximum by size, which no instruction has: a loop of compare-exchange."""
    i = kdsl.global_id(0)
    old = best[1]
    done = False
    while not done:
        if abs(x[i]) <= abs(old):
            done = True
        else:
            seen = kdsl.atomic_compare_exchange(best[0], old, x[i])
            if seen == old:
                done = True
            old = seen


def compare_and_swap_oracle(where, x, best):
    best[0] = x[np.argmax(np.abs(x))]


register(
    compare_and_swap,
    compare_and_swap_oracle,
    lambda where, rng: [
        rng.permutation(np.arange(1, where.n + 1)).astype("f4") * rng.choice([-1, 1], where.n).astype("f4"),
        np.zeros(2, "f4"),
    ],
    BLOCKS[:3],
)


def subgroups(where, values, lanes):
    """Runs of `lanes` threads of each block, 1-D."""
    size = where.block[0]
    for first in range(0, where.n, size):
        for start in range(first, min(first + size, where.n), lanes):
            yield slice(start, min(start + lanes, first + size, where.n))


@kdsl.kernel
def subgroup_reduce(x: Array[i32, 1], out: Array[i32, 2]):
    i = kdsl.global_id(0)
    v = x[i]
    out[i, 0] = kdsl.subgroup_sum(v)
    out[i, 1] = kdsl.subgroup_max(v) - kdsl.subgroup_min(v)
    out[i, 2] = kdsl.subgroup_inclusive_sum(v)
    out[i, 3] = kdsl.subgroup_exclusive_sum(v)
    out[i, 4] = kdsl.broadcast(v, 0)
    out[i, 5] = i32(kdsl.popcount(kdsl.ballot(v > 0)))
    out[i, 6] = i32(kdsl.any(v > 90)) + 2 * i32(kdsl.all(v > -90))
    out[i, 7] = i32(kdsl.lane_id())


def subgroup_reduce_oracle(where, x, out, *, lanes):
    for s in subgroups(where, x, lanes):
        v = x[s]
        out[s, 0], out[s, 1] = v.sum(), v.max() - v.min()
        out[s, 2], out[s, 3] = np.cumsum(v), np.cumsum(v) - v
        out[s, 4], out[s, 5] = v[0], (v > 0).sum()
        out[s, 6] = int((v > 90).any()) + 2 * int((v > -90).all())
        out[s, 7] = np.arange(len(v))


register(
    subgroup_reduce,
    subgroup_reduce_oracle,
    lambda where, rng: [rng.integers(-99, 99, where.n).astype("i4"), np.zeros((where.n, 8), "i4")],
    [*BLOCKS, over(45, 32), over(5, 32)],
    lanes=True,
)


@kdsl.kernel
def subgroup_in_control(n: i32, x: Array[i32, 1], out: Array[i32, 1]):
    """Subgroup operations in uniform loops and branches, also ones whose condition only the subgroup shares."""
    i = kdsl.global_id(0)
    v = x[i]
    for k in range(n):
        if k % 2 == 0:
            v += kdsl.shuffle_xor(v, 1)
        else:
            v -= kdsl.shuffle_down(v, 1)
        if v % 3 == 0:
            v += 1
        if kdsl.any(v > 200):
            v = kdsl.subgroup_min(v)
            if kdsl.all(v > 1000):
                break
    while kdsl.any(v > 50):
        v //= 2
    out[i] = v


def subgroup_in_control_oracle(where, n, x, out, *, lanes):
    for s in subgroups(where, x, lanes):
        v = [int(a) for a in x[s]]
        size = len(v)
        for k in range(n):
            if k % 2 == 0:
                v = [v[j] + (v[j ^ 1] if j ^ 1 < size else v[j]) for j in range(size)]
            else:
                v = [v[j] - (v[j + 1] if j + 1 < size else v[j]) for j in range(size)]
            v = [a + 1 if a % 3 == 0 else a for a in v]
            if any(a > 200 for a in v):
                v = [min(v)] * size
                if v[0] > 1000:
                    break
        while any(a > 50 for a in v):
            v = [a // 2 for a in v]
        out[s] = v


for _n in (0, 3, 8):
    register(
        subgroup_in_control,
        subgroup_in_control_oracle,
        lambda where, rng, n=_n: [n, rng.integers(-99, 99, where.n).astype("i4"), np.zeros(where.n, "i4")],
        [*BLOCKS, over(45, 32)],
        lanes=True,
    )


@kdsl.kernel
def block_sum(x: Array[i32, 1], sums: Array[i32, 1]):
    """Subgroups first, then shared memory: works for every size of subgroup."""
    part = kdsl.shared((256,), i32)
    t, lane, lanes = kdsl.thread_id(0), kdsl.lane_id(), kdsl.subgroup_size()
    found = kdsl.subgroup_sum(x[kdsl.global_id(0)])
    if lane == 0:
        part[t // lanes] = found
    kdsl.barrier()
    total = i32(0)
    for k in range(lane, kdsl.cdiv(kdsl.block_dim(0), lanes), lanes):
        total += part[k]
    total = kdsl.subgroup_sum(total)
    if t == 0:
        sums[kdsl.block_id(0)] = total


def block_sum_oracle(where, x, sums):
    size = where.block[0]
    for b in range(where.grid[0]):
        sums[b] = x[b * size : (b + 1) * size].sum()


register(
    block_sum,
    block_sum_oracle,
    lambda where, rng: [rng.integers(-99, 99, where.n).astype("i4"), np.zeros(where.grid[0], "i4")],
    BLOCKS,
)


@kdsl.kernel
def subgroup_of_rows(x: Array[i32, 2], out: Array[i32, 2]):
    """Subgroups are runs of the block's linear order, also where rows are shorter."""
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    out[j, i] = kdsl.subgroup_sum(x[j, i]) + 1000 * i32(kdsl.lane_id())


def subgroup_of_rows_oracle(where, x, out, *, lanes):
    for first, here in where.blocks():
        at = (slice(first[1], first[1] + here[1]), slice(first[0], first[0] + here[0]))
        flat = x[at].reshape(-1)
        result = np.zeros(len(flat), "i4")
        for start in range(0, len(flat), lanes):
            part = flat[start : start + lanes]
            result[start : start + lanes] = part.sum() + 1000 * np.arange(len(part))
        out[at] = result.reshape(here[1], here[0])


register(
    subgroup_of_rows,
    subgroup_of_rows_oracle,
    lambda where, rng: [rng.integers(-9, 9, where.threads[1::-1]).astype("i4"), np.zeros(where.threads[1::-1], "i4")],
    [
        blocks((2, 2), (8, 8)),
        blocks((3, 1), (5, 3)),
        blocks((1, 2), (16, 16)),
        blocks((2, 2), (3, 11)),
        blocks((1, 3), (33, 2)),
        blocks((2, 1), (1, 20)),
    ],
    lanes=True,
)

_ = u64, f32
