"""Threads of a block together: shared memory patterns, barriers in loops and branches, what a thread keeps across them."""

from __future__ import annotations

import numpy as np
from conformance.cases import blocks, over, register

import kdsl
from kdsl import Array, f32, i32

BLOCKS_1D = [blocks(3, 1), blocks(2, 7), blocks(2, 32), blocks(2, 33), blocks(3, 64), blocks(2, 256), over(100, 64), over(33, 32)]


def ints(where, rng, outs=1):
    return [rng.integers(-99, 99, where.n).astype("i4"), *[np.zeros(where.n, "i4") for _ in range(outs)]]


def per_block(where, x):
    """The part of a 1-D array that each block's threads own."""
    size = where.block[0]
    return [(b, x[b * size : min((b + 1) * size, where.n)]) for b in range(where.grid[0])]


@kdsl.kernel
def reduce_tree(x: Array[i32, 1], sums: Array[i32, 1], B: kdsl.const = 64):
    part = kdsl.shared((B,), i32)
    t = kdsl.thread_id(0)
    part[t] = x[kdsl.global_id(0)]
    kdsl.barrier()
    width = kdsl.index(B // 2)
    while width > 0:
        if t < width:
            part[t] += part[t + width]
        kdsl.barrier()
        width //= 2
    if t == 0:
        sums[kdsl.block_id(0)] = part[0]


def reduce_tree_oracle(where, x, sums):
    for b, part in per_block(where, x):
        sums[b] = part.sum()


for _b in (1, 2, 8, 32, 64, 256):
    register(
        reduce_tree,
        reduce_tree_oracle,
        lambda where, rng: [ints(where, rng)[0], np.zeros(where.grid[0], "i4")],
        [blocks(3, _b)],
        B=_b,
    )


@kdsl.kernel
def scan_block(x: Array[i32, 1], out: Array[i32, 1]):
    """Hillis and Steele, with two buffers and a barrier per step."""
    a = kdsl.shared((2, 256), i32)
    t, n = kdsl.thread_id(0), kdsl.block_dim(0)
    i = kdsl.global_id(0)
    a[0, t] = x[i]
    kdsl.barrier()
    now = i32(0)
    step = kdsl.index(1)
    while step < n:
        v = a[now, t]
        if t >= step:
            v += a[now, t - step]
        a[1 - now, t] = v
        kdsl.barrier()
        now = 1 - now
        step *= 2
    out[i] = a[now, t]


def scan_block_oracle(where, x, out):
    for b, part in per_block(where, x):
        out[b * where.block[0] :][: len(part)] = np.cumsum(part)


register(scan_block, scan_block_oracle, ints, BLOCKS_1D[:6] + [over(100, 64)])


@kdsl.kernel
def scan_by_sweeps(x: Array[i32, 1], out: Array[i32, 1], B: kdsl.const = 64, LOG: kdsl.const = 6):
    """Blelloch: sums up a tree, then down again; every so many threads take part, at distances that a counter tells."""
    a = kdsl.shared((B,), i32)
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    a[t] = x[i]
    kdsl.barrier()
    for k in range(LOG):
        d = 1 << k
        if (t + 1) % (2 * d) == 0:
            a[t] += a[t - d]
        kdsl.barrier()
    if t == B - 1:
        a[t] = 0
    kdsl.barrier()
    for k in range(LOG):
        d = B >> (k + 1)
        if t < 1 << k:
            low = d * (2 * t + 1) - 1
            v = a[low]
            a[low] = a[low + d]
            a[low + d] += v
        kdsl.barrier()
    out[i] = a[t]


def scan_by_sweeps_oracle(where, x, out):
    for b, part in per_block(where, x):
        out[b * where.block[0] + 1 :][: len(part) - 1] = np.cumsum(part[:-1])


for _b, _log in ((2, 1), (8, 3), (64, 6)):
    register(scan_by_sweeps, scan_by_sweeps_oracle, ints, [blocks(2, _b)], B=_b, LOG=_log)


@kdsl.kernel
def transpose_tile(a: Array[f32, 2], b: Array[f32, 2], T: kdsl.const = 8):
    tile = kdsl.shared((T, T + 1), f32)
    x, y = kdsl.thread_id(0), kdsl.thread_id(1)
    bx, by = kdsl.block_id(0) * T, kdsl.block_id(1) * T
    if by + y < a.shape[0] and bx + x < a.shape[1]:
        tile[y, x] = a[by + y, bx + x]
    kdsl.barrier()
    if bx + y < b.shape[0] and by + x < b.shape[1]:
        b[bx + y, by + x] = tile[x, y]


def transpose_oracle(where, a, b):
    b[:] = a.T


for _t, _shape in ((8, (13, 21)), (16, (16, 40)), (5, (11, 7)), (4, (1, 9))):
    register(
        transpose_tile,
        transpose_oracle,
        lambda where, rng, s=_shape: [rng.random(s, np.float32), np.zeros(s[::-1], np.float32)],
        [blocks((-(-_shape[1] // _t), -(-_shape[0] // _t)), (_t, _t))],
        T=_t,
    )


@kdsl.kernel
def stencil_halo(x: Array[i32, 1], out: Array[i32, 1], B: kdsl.const = 32, R: kdsl.const = 3):
    near = kdsl.shared((B + 2 * R,), i32)
    t = kdsl.thread_id(0)
    i = kdsl.global_id(0)
    n = x.shape[0]
    near[t + R] = x[i] if i < n else 0
    if t < R:
        near[t] = x[i - R] if i >= R else 0
        near[t + B + R] = x[i + B] if i + B < n else 0
    kdsl.barrier()
    total = i32(0)
    for k in kdsl.static_range(-R, R + 1):
        total += near[t + R + k] * (k + 10)
    if i < n:
        out[i] = total


def stencil_oracle(where, x, out):
    wide = np.concatenate([np.zeros(3, "i4"), x, np.zeros(3, "i4")])
    out[:] = sum(wide[3 + k : 3 + k + len(x)] * np.int32(k + 10) for k in range(-3, 4))


register(
    stencil_halo,
    stencil_oracle,
    lambda where, rng: [rng.integers(-9, 9, where.n - 5).astype("i4"), np.zeros(where.n - 5, "i4")],
    [blocks(3, 32), blocks(1, 32)],
)


@kdsl.kernel
def bitonic_sort(x: Array[i32, 1], B: kdsl.const = 64):
    a = kdsl.shared((B,), i32)
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    a[t] = x[i]
    kdsl.barrier()
    size = kdsl.index(2)
    while size <= B:
        step = size // 2
        while step > 0:
            other = t ^ step
            if other > t:
                up = (t & size) == 0
                if (a[t] > a[other]) == up:
                    a[t], a[other] = a[other], a[t]
            kdsl.barrier()
            step //= 2
        size *= 2
    x[i] = a[t]


def bitonic_oracle(where, x):
    for _, part in per_block(where, x):
        part.sort()


for _b in (2, 8, 32, 64, 256):
    register(bitonic_sort, bitonic_oracle, lambda where, rng: ints(where, rng, 0), [blocks(2, _b)], B=_b)


@kdsl.kernel
def matmul_tiles(A: Array[f32, 2], B: Array[f32, 2], C: Array[f32, 2], T: kdsl.const = 8):
    a, b = kdsl.shared((T, T), f32), kdsl.shared((T, T), f32)
    x, y = kdsl.thread_id(0), kdsl.thread_id(1)
    col, row = kdsl.global_id(0), kdsl.global_id(1)
    total = f32(0)
    for k in range(0, A.shape[1], T):
        a[y, x] = A[row, k + x] if row < A.shape[0] and k + x < A.shape[1] else 0.0
        b[y, x] = B[k + y, col] if k + y < B.shape[0] and col < B.shape[1] else 0.0
        kdsl.barrier()
        for j in range(T):
            total += a[y, j] * b[j, x]
        kdsl.barrier()
    if row < C.shape[0] and col < C.shape[1]:
        C[row, col] = total


def matmul_oracle(where, A, B, C):
    C[:] = A @ B  # small integers: exact in any order


def _matrices(m, k, n):
    def make(where, rng):
        return [rng.integers(-4, 5, s).astype(np.float32) for s in ((m, k), (k, n))] + [np.zeros((m, n), np.float32)]

    return make


for _m, _k, _n, _t in ((8, 8, 8, 8), (13, 9, 21, 8), (33, 17, 5, 16), (4, 30, 4, 4), (6, 7, 8, 5)):
    register(matmul_tiles, matmul_oracle, _matrices(_m, _k, _n), [blocks((-(-_n // _t), -(-_m // _t)), (_t, _t))], T=_t)


@kdsl.kernel
def kept_across(x: Array[i32, 1], out: Array[i32, 1]):
    """Scalars, flags and a private array with varying indices, in use on both sides of barriers in a loop."""
    s = kdsl.shared((256,), i32)
    mine = kdsl.local((4,), i32)
    t, n, i = kdsl.thread_id(0), kdsl.block_dim(0), kdsl.global_id(0)
    v = x[i]
    big = v > 10
    for k in range(4):
        mine[k] = v * i32(k)
    for round in range(5):
        s[t] = v + i32(round)
        kdsl.barrier()
        other = s[(t + round + 1) % n]
        mine[(t + round) % 4] += other
        if big:
            v -= other
        else:
            v += 1
        big = not big if other % 2 == 0 else big
        kdsl.barrier()
    out[i] = v + mine[0] + 3 * mine[t % 4] + (1000 if big else 0)


def kept_across_oracle(where, x, out):
    n = where.block[0]
    for b in range(where.grid[0]):
        v = [int(a) for a in x[b * n : (b + 1) * n]]
        big = [a > 10 for a in v]
        mine = [[a * k for k in range(4)] for a in v]
        for r in range(5):
            s = [a + r for a in v]
            for t in range(n):
                other = s[(t + r + 1) % n]
                mine[t][(t + r) % 4] += other
                v[t] = v[t] - other if big[t] else v[t] + 1
                big[t] = not big[t] if other % 2 == 0 else big[t]
        for t in range(n):
            out[b * n + t] = v[t] + mine[t][0] + 3 * mine[t][t % 4] + (1000 if big[t] else 0)


register(kept_across, kept_across_oracle, ints, BLOCKS_1D[:6])


@kdsl.kernel
def barrier_in_uniform_branches(mode: i32, x: Array[i32, 1], out: Array[i32, 1]):
    s = kdsl.shared((256,), i32)
    t, n, i = kdsl.thread_id(0), kdsl.block_dim(0), kdsl.global_id(0)
    v = x[i]
    for k in range(mode):
        if k % 2 == 0:
            s[t] = v
            kdsl.barrier()
            if mode > 3:
                v = s[n - 1 - t] + 1
                kdsl.barrier()
                s[t] = v * 2
                kdsl.barrier()
            v += s[(t + 1) % n]
        else:
            v ^= 5
            if k == 3:
                break
            if mode == 2:
                continue
            v += 1
        kdsl.barrier()
    if mode == 1:
        out[i] = v
        return
    kdsl.barrier()
    s[t] = v
    kdsl.barrier()
    out[i] = s[0] + v


def barrier_in_uniform_branches_oracle(where, mode, x, out):
    n = where.block[0]
    for b in range(where.grid[0]):
        v = x[b * n : (b + 1) * n].astype(np.int64)
        for k in range(mode):
            if k % 2 == 0:
                s = v.copy()
                if mode > 3:
                    v = s[::-1] + 1
                    s = v * 2
                v = v + np.roll(s, -1)
            else:
                v = v ^ 5
                if k == 3:
                    break
                if mode == 2:
                    continue
                v = v + 1
        out[b * n : (b + 1) * n] = v if mode == 1 else v[0] + v


for _m in range(6):
    register(
        barrier_in_uniform_branches,
        barrier_in_uniform_branches_oracle,
        lambda where, rng, m=_m: [m, *ints(where, rng)],
        [blocks(2, 7), blocks(2, 32), blocks(1, 33)],
    )


@kdsl.kernel
def barrier_four_deep(n: i32, x: Array[i32, 1], out: Array[i32, 1]):
    """Barriers at every depth of uniform loops and branches, with divergent work between them."""
    s = kdsl.shared((64,), i32)
    t, size, i = kdsl.thread_id(0), kdsl.block_dim(0), kdsl.global_id(0)
    v = x[i]
    s[t] = 0
    kdsl.barrier()
    for a in range(n):
        if a != 1:
            b = i32(0)
            while b < n:
                for c in range(2):
                    if v % 3 == 0:
                        v += i32(c)
                        for d in range(v % 5):
                            v += i32(d)
                            if v > 500:
                                break
                    else:
                        v -= 1
                    s[t] = v
                    kdsl.barrier()
                    v += s[(t + 1) % size] % 7
                    kdsl.barrier()
                b += 1
                if b == 2 and a == 2:
                    break
        else:
            s[t] = v
            kdsl.barrier()
            v = s[size - 1 - t]
            kdsl.barrier()
    out[i] = v


def barrier_four_deep_oracle(where, n, x, out):
    size = where.block[0]
    for first in range(0, where.n, size):
        v = [int(a) for a in x[first : first + size]]
        for a in range(n):
            if a == 1:
                v = v[::-1]
                continue
            b = 0
            while b < n:
                for c in range(2):
                    for t in range(size):
                        if v[t] % 3 == 0:
                            v[t] += c
                            for d in range(v[t] % 5):
                                v[t] += d
                                if v[t] > 500:
                                    break
                        else:
                            v[t] -= 1
                    v = [v[t] + v[(t + 1) % size] % 7 for t in range(size)]
                b += 1
                if b == 2 and a == 2:
                    break
        out[first : first + size] = v


for _n in (0, 1, 3, 4):
    register(
        barrier_four_deep,
        barrier_four_deep_oracle,
        lambda where, rng, n=_n: [n, *ints(where, rng)],
        [blocks(2, 64), blocks(2, 33), blocks(1, 5)],
    )


@kdsl.kernel
def blocks_of_three_axes(x: Array[i32, 3], out: Array[i32, 3], rows: Array[i32, 1]):
    """Every thread reads what its mirror image in the block wrote; one thread counts the block."""
    s = kdsl.shared((256,), i32)
    total = kdsl.shared((1,), i32)
    tx, ty, tz = kdsl.thread_id(0), kdsl.thread_id(1), kdsl.thread_id(2)
    nx, ny, nz = kdsl.block_dim(0), kdsl.block_dim(1), kdsl.block_dim(2)
    place = (tz * ny + ty) * nx + tx
    if place == 0:
        total[0] = 0
    s[place] = x[kdsl.global_id(2), kdsl.global_id(1), kdsl.global_id(0)]
    kdsl.barrier()
    mirror = nx * ny * nz - 1 - place
    out[kdsl.global_id(2), kdsl.global_id(1), kdsl.global_id(0)] = s[mirror] * 2 + i32(tz)
    kdsl.atomic_add(total[0], s[place])
    kdsl.barrier()
    if place == 0:
        block = (kdsl.block_id(2) * kdsl.grid_dim(1) + kdsl.block_id(1)) * kdsl.grid_dim(0) + kdsl.block_id(0)
        rows[block] = total[0]


def blocks_of_three_axes_oracle(where, x, out, rows):
    for number, (first, here) in enumerate(where.blocks()):
        at = tuple(slice(f, f + h) for f, h in zip(first[::-1], here[::-1], strict=True))
        part = x[at]
        mirrored = part.reshape(-1)[::-1].reshape(part.shape) * 2
        out[at] = mirrored + np.arange(here[2], dtype="i4")[:, None, None]
        rows[number] = part.sum()


register(
    blocks_of_three_axes,
    blocks_of_three_axes_oracle,
    lambda where, rng: [
        rng.integers(-9, 9, where.threads[::-1]).astype("i4"),
        np.zeros(where.threads[::-1], "i4"),
        np.zeros(int(np.prod(where.grid)), "i4"),
    ],
    [
        blocks((2, 2), (8, 8)),
        blocks((2, 1), (16, 16)),
        blocks((3, 2), (5, 3)),
        blocks((2, 1, 2), (4, 3, 2)),
        blocks((1, 1, 3), (1, 1, 7)),
        blocks((2, 2, 2), (1, 5, 1)),
        blocks((1, 2), (33, 3)),
        blocks((2, 1), (64, 4)),
    ],
)


@kdsl.kernel
def uniform_read_of_shared(x: Array[i32, 1], out: Array[i32, 1]):
    """A loop whose end every thread reads from shared memory."""
    limit = kdsl.shared((2,), i32)
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    if t < 2:
        limit[t] = x[kdsl.block_id(0)] % 7 + i32(t)
    kdsl.barrier()
    total = i32(0)
    for k in range(limit[0], limit[1] + 3):
        total += x[i] * i32(k)
    if limit[1] > 3:
        total = -total
    out[i] = total


def uniform_read_of_shared_oracle(where, x, out):
    for b, part in per_block(where, x):
        low = int(x[b]) % 7
        total = part * np.int32(sum(range(low, low + 4)))
        out[b * where.block[0] :][: len(part)] = -total if low + 1 > 3 else total


register(uniform_read_of_shared, uniform_read_of_shared_oracle, ints, BLOCKS_1D[1:6])


@kdsl.kernel
def posts(x, out, cells, open_: Array[i32, 1]):
    """Atomic stores and loads, in shared memory and in that of all blocks, each beside other atomics on the same elements."""
    i, t, size = kdsl.global_id(0), kdsl.thread_id(0), kdsl.block_dim(0)
    box = kdsl.shared(64, x.dtype)
    kdsl.atomic_store(box[t], x[i])
    kdsl.atomic_store(cells[i], x[i])
    kdsl.barrier()
    kdsl.atomic_add(cells[i], 1)
    out[i, 0] = kdsl.atomic_load(box[(t + 1) % size])
    out[i, 1] = kdsl.atomic_load(cells[i])
    if kdsl.atomic_load(open_[i % 3]) == 0:  # some threads see what others did, which is the same for all
        kdsl.atomic_store(open_[i % 3], 7)
    kdsl.atomic_max(open_[i % 3], 5)


def posts_oracle(where, x, out, cells, open_):
    for b, part in per_block(where, x):
        out[b * where.block[0] :][: len(part), 0] = np.roll(part, -1)
    cells[:] = x + x.dtype.type(1)
    out[:, 1] = cells
    open_[:] = 7


for _t in ("i4", "u8", "f4", "f8"):
    register(
        posts,
        posts_oracle,
        lambda where, rng, t=_t: [
            rng.integers(0, 99, where.n).astype(t), np.zeros((where.n, 2), t), np.zeros(where.n, t), np.zeros(3, "i4")
        ],
        [blocks(2, 33)] if _t != "i4" else [blocks(2, 33), blocks(3, 64)],
    )
