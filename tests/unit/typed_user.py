"""A user's program as type checkers see it: `test_typing` gives it to pyright, which must have nothing to say.

One idea: everything here is ordinary use; a stub that calls any of it an error would turn people's editors red.
"""

from __future__ import annotations

import math

import numpy as np

import kdsl
from kdsl import Array, f32, i32, u32, vec3


@kdsl.struct
class Ray:
    origin: vec3
    length: f32


@kdsl.func
def square(v: f32) -> f32:
    return v * v


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]) -> None:
    i = kdsl.global_id(0)
    if i < y.shape[0]:
        y[i] = a * x[i] + square(y[i])


@kdsl.kernel(math="fast", debug=True)
def many(x: Array[f32, 2], counts: Array[i32, 1], rays: Array[Ray, 1], n: i32, SIZE: kdsl.const = 4):
    s = kdsl.shared((16, 16), f32)
    t = kdsl.local(SIZE, i32)
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    s[j, i] = x[j, i] * 2.0 + kdsl.sin(x[j, i]) + math.sqrt(x[j, i])
    kdsl.barrier()
    total = f32(0)
    for k in range(n):
        total += x[k, i]
    for k in kdsl.static_range(4):
        t[k] = i32(total)
    while total > 1.0:
        total *= 0.5
    if kdsl.any(total > 0.5) and not kdsl.isnan(total):
        kdsl.atomic_add(counts[i % 4], 1)
    rays[i].length = kdsl.subgroup_sum(total)
    x[j, i] = kdsl.clamp(total, 0.0, 1.0) if i > 2 else kdsl.minimum(total, s[0, 0])
    assert total < 2.0, "small"
    print("thread", i, total)




@kdsl.struct
class Sphere:
    centre: vec3
    ray: Ray
    radius: f32 = 1.0


@kdsl.func
def hit(s: Sphere, v: vec3):
    d = v - s.centre
    return d.x * d.x + d.yz.x < s.radius


@kdsl.kernel
def trace(spheres: Array[Sphere, 1], out: Array[vec3, 1], r: Ray, alpha: f32 = 2.0, unknown=None):
    i = kdsl.global_id(0)
    best: f32 = 1.0
    p = vec3(0.0, alpha, best)
    if hit(spheres[i], p * 2.0 + p):
        out[i] = p
        p.x = 3.0
    q = kdsl.vec2(1.0)
    out[i].x = q.y + r.length
    made = Ray(origin=p, length=2.0)
    best += made.length


two = Ray(origin=(0, 0, 0), length=1)
one = Sphere((0, 0, 0), two, radius=2.0)
spheres = np.zeros(3, Sphere.dtype)


def main() -> None:
    n = 1000
    x, y = np.ones(n, np.float32), np.ones(n, np.float32)
    saxpy[kdsl.cdiv(n, 256), 256](2.0, x, y)
    saxpy.over(n)(2.0, x, y)
    run = saxpy.over((n,)).bind(2.0, x, y)
    run()
    saxpy.interpret[1, 4](2.0, x, y)
    text: str = saxpy.explain("cpu:x86-64-v3")
    artifact = saxpy.compile(target="cpu")
    print(artifact.texts, text, u32)
    dev = kdsl.device("cpu")
    host: np.ndarray = dev.zeros((4,), f32).numpy()
    try:
        trace.over(4)(spheres, host)
    except kdsl.CompileError as e:
        print(e.code, one, two)
