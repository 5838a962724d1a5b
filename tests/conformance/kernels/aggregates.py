"""Structs and vectors: in arrays, as values through control flow, as parameters and results of functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from conformance.cases import blocks, each, over, register

import kdsl
from kdsl import Array, f32, i32, u8, vec

float2, float3, int4 = vec(f32, 2), vec(f32, 3), vec(i32, 4)
LAUNCHES = [over(45), over(8), over(33, 7)]


@kdsl.struct
@dataclass
class Body:
    place: float3
    mass: f32
    kind: u8


@kdsl.struct
@dataclass
class Pair:
    left: i32
    right: i32


BODY = np.dtype([("place", "f4", 3), ("mass", "f4"), ("kind", "u1")], align=True)
PAIR = np.dtype([("left", "i4"), ("right", "i4")])


def bodies(where, rng):
    a = np.zeros(where.n, BODY)
    a["place"], a["mass"] = rng.integers(-9, 9, (where.n, 3)), rng.integers(1, 9, where.n)
    a["kind"] = rng.integers(0, 3, where.n)
    return [a, np.zeros(where.n, BODY), np.zeros(where.n, "f4")]


@kdsl.func
def mirrored(b, axis):
    if axis == 0:
        return Body(float3(-b.place.x, b.place.y, b.place.z), b.mass, b.kind)
    if axis == 1:
        b.place.y = -b.place.y
        b.mass *= 2.0
        return b
    return b


@kdsl.kernel
def bodies_of_kinds(a: Array[Body, 1], out: Array[Body, 1], sums: Array[f32, 1]):
    i = kdsl.global_id(0)
    b = a[i]
    if b.kind == 2:
        b = mirrored(b, 0)
    elif b.kind == 1:
        for k in range(3):
            b = mirrored(b, k % 2)
            if b.place.x > 5.0:
                break
    else:
        b.place = b.place.zyx + float3(1.0, 2.0, 3.0)
    out[i] = b
    out[i].mass += 1.0
    sums[i] = b.place.x + b.place.y * b.place.z


def bodies_of_kinds_oracle(i, a, out, sums):
    p, mass, kind = [float(v) for v in a[i]["place"]], float(a[i]["mass"]), int(a[i]["kind"])
    if kind == 2:
        p[0] = -p[0]
    elif kind == 1:
        for k in range(3):
            if k % 2 == 0:
                p[0] = -p[0]
            else:
                p[1] = -p[1]
                mass *= 2
            if p[0] > 5:
                break
    else:
        p = [p[2] + 1, p[1] + 2, p[0] + 3]
    out[i] = (p, mass + 1, kind)
    sums[i] = p[0] + p[1] * p[2]


register(bodies_of_kinds, each(bodies_of_kinds_oracle), bodies, LAUNCHES)


@kdsl.kernel
def vectors(a: Array[float3, 1], b: Array[int4, 1], out: Array[float3, 1], out4: Array[int4, 1], dots: Array[f32, 1]):
    i = kdsl.global_id(0)
    v = a[i]
    w = v * 2.0 - float3(1.0, 0.0, 1.0)
    if v.x > 0:
        w.xy = w.yx
    else:
        w.z = v.x
    q = b[i].wzyx
    while q.x > 0:
        q -= int4(1, 2, 3, 4)
        q.y = q.z
        if q.w < -20:
            break
    out[i] = w
    out4[i] = q
    out4[i].w = b[i].x
    dots[i] = v.x * w.x + v.y * w.y + v.z * w.z


def vectors_oracle(i, a, b, out, out4, dots):
    v = [float(x) for x in a[i]]
    w = [v[0] * 2 - 1, v[1] * 2, v[2] * 2 - 1]
    if v[0] > 0:
        w[0], w[1] = w[1], w[0]
    else:
        w[2] = v[0]
    q = [int(x) for x in b[i][::-1]]
    while q[0] > 0:
        q = [q[0] - 1, q[1] - 2, q[2] - 3, q[3] - 4]
        q[1] = q[2]
        if q[3] < -20:
            break
    out[i] = w
    out4[i] = [*q[:3], b[i][0]]
    dots[i] = sum(x * y for x, y in zip(v, w, strict=True))


register(
    vectors,
    each(vectors_oracle),
    lambda where, rng: [
        rng.integers(-9, 9, (where.n, 3)).astype("f4"),
        rng.integers(-9, 9, (where.n, 4)).astype("i4"),
        np.zeros((where.n, 3), "f4"),
        np.zeros((where.n, 4), "i4"),
        np.zeros(where.n, "f4"),
    ],
    LAUNCHES,
)


@kdsl.func
def larger(a, b):
    if a.left > b.left:
        return a
    if a.left == b.left and a.right > b.right:
        return a
    return b


@kdsl.kernel
def largest_pair(x: Array[Pair, 1], out: Array[Pair, 1]):
    """Structs in shared memory, carried by a loop with barriers."""
    s = kdsl.shared((64,), Pair)
    t, n = kdsl.thread_id(0), kdsl.block_dim(0)
    best = x[kdsl.global_id(0)]
    s[t] = best
    kdsl.barrier()
    step = kdsl.index(1)
    while step < n:
        other = s[(t + step) % n]
        best = larger(best, other)
        kdsl.barrier()
        s[t] = best
        kdsl.barrier()
        step *= 2
    if t == 0:
        out[kdsl.block_id(0)] = best


def largest_pair_oracle(where, x, out):
    n = where.block[0]
    for b in range(where.grid[0]):
        out[b] = max(x[b * n : (b + 1) * n].tolist())


register(
    largest_pair,
    largest_pair_oracle,
    lambda where, rng: [np.array([tuple(p) for p in rng.integers(0, 9, (where.n, 2))], PAIR), np.zeros(where.grid[0], PAIR)],
    [blocks(3, 64), blocks(2, 32), blocks(2, 1), blocks(2, 4)],
)


@kdsl.kernel
def by_value(centre: float3, pair: Pair, weights: float2, a: Array[float3, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    d = a[i] - centre
    best = f32(pair.left)
    if d.x * weights.x > d.y * weights.y:
        best = f32(pair.right) + d.z
    out[i] = best


def by_value_oracle(where, centre, pair, weights, a, out):
    d = a - np.asarray(centre, "f4")
    left, right = (pair["left"], pair["right"]) if isinstance(pair, (np.void, np.ndarray)) else (pair.left, pair.right)
    out[:] = np.where(d[:, 0] * weights[0] > d[:, 1] * weights[1], np.float32(right) + d[:, 2], np.float32(left))


register(
    by_value,
    by_value_oracle,
    lambda where, rng: [
        (1.0, 2.0, 3.0),
        np.array((7, -9), PAIR)[()],
        (2.0, 0.5),
        rng.integers(-9, 9, (where.n, 3)).astype("f4"),
        np.zeros(where.n, "f4"),
    ],
    LAUNCHES,
)


@kdsl.kernel
def private_vectors(x: Array[float2, 1], out: Array[float2, 1]):
    """Vectors in a private array with varying indices, on both sides of a barrier."""
    kept = kdsl.local((3,), float2)
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    for k in range(3):
        kept[k] = x[i] * f32(k)
    kept[t % 3].y = 50.0
    kdsl.barrier()
    kept[(t + 1) % 3] = kept[t % 3].yx
    kdsl.barrier()
    out[i] = kept[0] + kept[1] * 10.0 + kept[2] * 100.0


def private_vectors_oracle(i, x, out):
    kept = [[float(v) * k for v in x[i]] for k in range(3)]
    t = i % 32
    kept[t % 3][1] = 50.0
    kept[(t + 1) % 3] = kept[t % 3][::-1]
    out[i] = [kept[0][k] + kept[1][k] * 10 + kept[2][k] * 100 for k in range(2)]


register(
    private_vectors,
    each(private_vectors_oracle),
    lambda where, rng: [rng.integers(-9, 9, (where.n, 2)).astype("f4"), np.zeros((where.n, 2), "f4")],
    [blocks(2, 32), over(50, 32)],
)
