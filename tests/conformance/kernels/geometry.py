"""Which threads there are: ids, extents, tails, launches of one to three axes."""

from __future__ import annotations

import numpy as np
from conformance.cases import blocks, over, register

import kdsl
from kdsl import Array, f32, i32, i64

MANY = [
    over(n, b)
    for n in (0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 255, 256, 257, 1000)
    for b in (1, 7, 32, 33, 64, 256)
    if n < 300 or b >= 32
]


@kdsl.kernel
def count_up(out: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[i] += i32(i) + 1


def count_up_oracle(where, out):
    out += np.arange(1, where.n + 1, dtype="i4")


register(count_up, count_up_oracle, lambda where, rng: [rng.integers(0, 99, where.n).astype("i4")], MANY)

ALL_AXES = [
    blocks(1, 1),
    blocks(3, 7),
    blocks(2, 32),
    blocks(2, 33),
    blocks(1, 256),
    blocks((2, 3), (8, 8)),
    blocks((3, 2), (5, 3)),
    blocks((2, 2), (16, 16)),
    blocks((2, 1, 2), (4, 3, 2)),
    blocks((1, 2, 3), (1, 1, 1)),
    blocks((0, 1), (8, 8)),
    blocks(0, 32),
    over((9, 5), (4, 4)),
    over((17, 3), (8, 2)),
    over((3, 5, 7), (2, 2, 2)),
    over((33, 1, 2), (16, 1, 1)),
    over((0, 4), (8, 8)),
    over((100, 7), (32, 8)),
    over((1, 1, 1), (8, 8, 4)),
    over((5, 9), (64, 1)),
]


@kdsl.kernel
def all_ids(out: Array[i32, 4]):
    """Every id and extent there is, per thread."""
    x, y, z = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    for k in kdsl.static_range(3):
        out[z, y, x, k] = i32(kdsl.thread_id(k))
        out[z, y, x, 3 + k] = i32(kdsl.block_id(k))
        out[z, y, x, 6 + k] = i32(kdsl.block_dim(k))
        out[z, y, x, 9 + k] = i32(kdsl.grid_dim(k))
        out[z, y, x, 12 + k] = i32(kdsl.global_id(k)) + 100


def all_ids_oracle(where, out):
    for x, y, z in where.ids():
        for k, g in enumerate((x, y, z)):
            out[z, y, x, k] = g % where.block[k]
            out[z, y, x, 3 + k] = g // where.block[k]
            out[z, y, x, 6 + k] = where.block[k]
            out[z, y, x, 9 + k] = where.grid[k]
            out[z, y, x, 12 + k] = g + 100


register(all_ids, all_ids_oracle, lambda where, rng: [np.zeros((*where.threads[::-1], 15), "i4")], ALL_AXES)


@kdsl.kernel
def global_ids_only(out: Array[i64, 3], weight: f32):
    """A kernel that cannot tell its blocks."""
    x, y, z = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    out[z, y, x] = i64(x) + 1000 * i64(y) + 1000000 * i64(z) + i64(weight * f32(x))


def global_ids_only_oracle(where, out, weight):
    for x, y, z in where.ids():
        out[z, y, x] = x + 1000 * y + 1000000 * z + int(weight * x)


register(global_ids_only, global_ids_only_oracle, lambda where, rng: [np.zeros(where.threads[::-1], "i8"), 0.5], ALL_AXES)


@kdsl.kernel
def strided_views(a: Array[i32, 2], b: Array[i32, 2], out: Array[i32, 2]):
    """Shapes and strides are each array's own."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if y < out.shape[0] and x < out.shape[1]:
        out[y, x] = a[y, x] * 2 - b[y, x] + i32(a.shape[0] * 10 + b.shape[1])


def strided_views_oracle(where, a, b, out):
    out[:] = a * 2 - b + (a.shape[0] * 10 + b.shape[1])


def _views(kind):
    def make(where, rng):
        big = rng.integers(-99, 99, (60, 80)).astype("i4")
        h, w = 11, 19
        a = {
            "dense": big[:h, :w].copy(),
            "rows": big[::2, :][:h, :w],
            "columns": big[:, ::3][:h, :w],
            "both": big[::-1, ::-2][:h, :w],
            "transposed": big.T[:h, :w],
            "broadcast": np.broadcast_to(big[0, :w], (h, w)),
        }[kind]
        b = big[20 : 20 + h, 10 : 10 + w]
        out = np.zeros((w, h), "i4").T if kind == "transposed" else np.zeros((2 * h, w), "i4")[::2]
        return [a, b, out]

    return make


for _kind in ("dense", "rows", "columns", "both", "transposed", "broadcast"):
    register(strided_views, strided_views_oracle, _views(_kind), [over((24, 12), (8, 4)), blocks((1, 11), (32, 1))])


@kdsl.kernel
def grid_stride(x: Array[i32, 1], out: Array[i32, 1]):
    """Fewer threads than elements: every thread walks over the array."""
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * kdsl.block_dim(0)):
        out[i] = x[i] * 3


def grid_stride_oracle(where, x, out):
    out[:] = x * 3


for _n in (0, 1, 50, 333):
    register(
        grid_stride,
        grid_stride_oracle,
        lambda where, rng, n=_n: [rng.integers(0, 99, n).astype("i4"), np.zeros(n, "i4")],
        [blocks(2, 32), blocks(1, 7), blocks(3, 64)],
    )
