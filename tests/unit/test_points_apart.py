"""Points that do not lie side by side go thread by thread, where that is most of what a kernel does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, struct, u8, vec3
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@struct
class Particle:
    x: f32
    y: f32
    speed: f32
    fall: f32
    alive: i32
    age: f32


@kdsl.kernel
def mirrored(p: Array[u8, 3], o: Array[u8, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        for c in range(3):
            o[y, x, c] = p[y, o.shape[1] - 1 - x, c]


@kdsl.kernel
def turned(p: Array[f32, 3], o: Array[f32, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        for c in range(3):
            o[y, x, c] = p[p.shape[0] - 1 - x, y, c]


@kdsl.kernel
def chosen(p: Array[Particle, 1], dt: f32):
    i = kdsl.global_id(0)
    if i < p.shape[0] and p[i].alive == 1:
        p[i].x += p[i].speed * dt
        p[i].y += p[i].fall * dt
        p[i].fall -= 9.5 * dt
        p[i].age += dt
        if p[i].age > 5.0:
            p[i].alive = 0


@kdsl.kernel
def by_index(p: Array[f32, 2], k: Array[i32, 1], o: Array[f32, 2]):
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        for c in range(3):
            o[i, c] = p[k[i], c]


@kdsl.kernel
def inverted(p: Array[u8, 3], o: Array[u8, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        for c in range(3):
            o[y, x, c] = 255 - p[y, x, c]


@kdsl.kernel
def moved(p: Array[Particle, 1], dt: f32):
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        q = p[i]
        q.x += q.speed * dt
        q.age += dt
        p[i] = q


@kdsl.kernel
def unit(p: Array[vec3, 1], o: Array[vec3, 1]):
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        q = p[i]
        o[i] = q * kdsl.rsqrt(q.x * q.x + q.y * q.y + q.z * q.z + 1.0)


@kdsl.kernel
def products(a: Array[f32, 3], b: Array[f32, 3], o: Array[f32, 3]):
    """Matrices of 3 x 3, one for each thread."""
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        for r in range(3):
            for c in range(3):
                o[i, r, c] = a[i, r, 0] * b[i, 0, c] + a[i, r, 1] * b[i, 1, c] + a[i, r, 2] * b[i, 2, c]


@kdsl.kernel
def transposed(p: Array[f32, 2], o: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = p[x, y]


def arguments(kernel: Any, rng: np.random.Generator) -> tuple[Any, ...]:
    if kernel in (mirrored, inverted):
        return rng.integers(0, 256, (37, 41, 3), dtype=np.uint8), np.zeros((37, 41, 3), np.uint8)
    if kernel is turned:
        return rng.random((41, 37, 3), dtype=np.float32), np.zeros((37, 41, 3), np.float32)
    if kernel in (chosen, moved):
        p = np.zeros(203, [(name, "i4" if name == "alive" else "f4") for name in Particle.__annotations__])
        for name in ("x", "y", "speed", "fall"):
            p[name] = rng.random(203)
        p["alive"], p["age"] = rng.integers(0, 2, 203), rng.random(203) * 5.5
        return p, 0.25
    if kernel is by_index:
        return rng.random((50, 3), dtype=np.float32), rng.integers(0, 50, 203, dtype=np.int32), np.zeros((203, 3), np.float32)
    return rng.random((203, 3), dtype=np.float32), np.zeros((203, 3), np.float32)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", [mirrored, turned, chosen, by_index, inverted, moved], ids=lambda k: k.name)
def test_the_same_as_the_interpreter(kernel: Any, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, kernel)
    found, wanted = [arguments(kernel, np.random.default_rng(5)) for _ in range(2)]
    threads = (41, 37) if kernel in (mirrored, turned, inverted) else 203
    kernel.over(threads)(*found)
    kernel.interpret.over(threads)(*wanted)
    for a, b in zip(found, wanted, strict=True):
        if isinstance(a, np.ndarray):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
@pytest.mark.parametrize("kernel", [mirrored, turned, chosen], ids=lambda k: k.name)
def test_who_goes_alone(kernel: Any, arch: str) -> None:
    assert lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch]).attributes["width"] == 1


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
@pytest.mark.parametrize("kernel", [inverted, moved, unit, products, transposed], ids=lambda k: k.name)
def test_who_goes_together(kernel: Any, arch: str) -> None:
    assert lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch]).attributes["width"] > 1
