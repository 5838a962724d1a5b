"""Arrays of vectors and structs, whose scalars get an axis of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f16, f32, f64, i32, u8, vec2, vec3, vec4
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.core import walk
from kdsl.ir.ops import tile
from kdsl.ir.parse import equal, parse
from kdsl.ir.passes.opt_elements import opt_elements
from kdsl.ir.text import print_function
from kdsl.language.types import numpy_dtype
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

N = 77


@kdsl.struct
class Body:
    pos: vec3
    vel: vec3
    id: i32
    mass: f32


@kdsl.struct
class Pair:
    key: i32
    value: f32


@kdsl.struct
class Odd:
    a: u8
    b: f32


@kdsl.struct
class Wide:
    a: f64
    b: f64
    c: f64


@kdsl.struct
class Many:
    m: vec4
    n: vec4
    o: vec4


@kdsl.struct
class Halves:
    a: f16
    b: f16


@kdsl.kernel(math="strict")
def mixed(p: Array[vec4, 1], q: Array[vec4, 1], t: f32):
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        p[i] = p[i] + (q[i] - p[i]) * t


@kdsl.kernel(math="strict")
def moved(p: Array[Body, 1], q: Array[Body, 1], t: f32):
    """Numbers of two types, of which some stay."""
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        b = p[i]
        b.vel = b.vel + q[i].vel * t
        b.pos = b.pos + b.vel * t
        b.id = b.id * 3 + i32(i)
        if b.mass > 0.5:
            p[i] = b


@kdsl.kernel(math="strict")
def in_reverse(p: Array[vec3, 1], q: Array[vec3, 1], t: f32):
    i = kdsl.global_id(0)
    n = p.shape[0]
    if i < n:
        v = q[n - 1 - i]
        p[i] = vec3(v.z, v.x, v.y) * t


@kdsl.kernel(math="strict")
def neighbours(p: Array[vec2, 2], q: Array[vec2, 2], t: f32):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if 0 < x < p.shape[1] - 1 and y < p.shape[0]:
        p[y, x] = (q[y, x - 1] + q[y, x + 1]) * t
        p[y, x].x += f32(y)


@kdsl.kernel(math="strict")
def window(p: Array[vec3, 2], q: Array[vec3, 2], t: f32):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if 0 < x < p.shape[1] - 1 and 0 < y < p.shape[0] - 1:
        s = vec3(0.0, 1.0, 2.0)
        for dy in range(-1, 2):
            for dx in range(-1, 2):
                s = s + q[y + dy, x + dx]
        p[y, x] = s * t


@kdsl.kernel(math="strict")
def gathered(p: Array[Pair, 1], q: Array[Pair, 1], t: f32):
    """Places that data choose, and updates of fields that all threads share."""
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        k = q[i].key % i32(q.shape[0])
        p[i].value = q[k].value * t
        kdsl.atomic_add(p[0].key, q[k].key)
        kdsl.atomic_max(p[1].key, q[i].key)


@kdsl.kernel(math="strict")
def of_odd_sizes(p: Array[Odd, 1], q: Array[Odd, 1], t: f32):
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        p[i].a, p[i].b = q[i].a, q[i].b * t


@kdsl.kernel(math="strict")
def of_doubles(p: Array[Wide, 1], q: Array[Wide, 1], t: f32):
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        w = q[i]
        w.a, w.c = w.c, w.a + w.b * f64(t)
        p[i] = w


@kdsl.kernel(math="strict")
def of_many(p: Array[Many, 1], q: Array[Many, 1], t: f32):
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        w = q[i]
        w.o = w.m * t + w.n
        p[i] = w


@kdsl.kernel(math="strict")
def of_halves(p: Array[Halves, 1], q: Array[Halves, 1], t: f32):
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        p[i].b = f16(f32(q[i].a) * t)
        p[i].a = q[i].b


@kdsl.kernel(math="strict")
def through_shared(p: Array[vec3, 1], q: Array[vec3, 1], t: f32):
    s = kdsl.shared(32, vec3)
    own = kdsl.local(2, vec3)
    i, k = kdsl.global_id(0), kdsl.thread_id(0)
    s[k] = q[i] if i < q.shape[0] else vec3(0.0, 1.0, 2.0)
    kdsl.barrier()
    own[0], own[1] = s[31 - k], s[k]
    if i < p.shape[0]:
        p[i] = own[k % 2] + own[1] * t


KERNELS = [mixed, moved, in_reverse, neighbours, window, gathered, of_odd_sizes, of_doubles, of_many, of_halves, through_shared]


def _dtype(kernel: kdsl.Kernel) -> np.dtype[Any]:
    t = declared_signature(kernel, None, {})[0]["p"]
    assert isinstance(t, T.ArrayType)
    return numpy_dtype(t.element)


def _filled(dtype: np.dtype[Any], shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Any numbers that are small, in an array of such elements."""
    rng = np.random.default_rng(seed)
    out = np.zeros(shape, dtype)

    def fill(part: np.ndarray) -> None:
        if part.dtype.names:
            for name in part.dtype.names:
                fill(part[name])
        else:
            part[...] = rng.integers(0, 50, part.shape) / (1 if part.dtype.kind in "iu" else 8)

    fill(out)
    return out


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_results_are_the_interpreters(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch):
    launch_on(arch, monkeypatch, kernel)
    dtype = _dtype(kernel)
    for n in (1, 2, 15, N):
        shape = (3, n) if kernel in (neighbours, window) else (n,)
        p, q = _filled(dtype, shape, n), _filled(dtype, shape, n + 1)
        if kernel is gathered and n < 2:
            continue
        for step in (1, 2, -1):  # elements with others in between, and backwards: their scalars lie side by side anyway
            apart = _filled(dtype, (*shape[:-1], n * abs(step)), 7)
            given = apart[(slice(None),) * (len(shape) - 1) + (slice(None, None, step),)]
            given[...] = q
            want, got = p.copy(), p.copy()
            grid, block = ((-(-n // 32), 3), (32, 1)) if len(shape) > 1 else (-(-n // 32), 32)
            kernel.interpret[grid, block](want, given, 0.5)
            kernel[grid, block](got, given, 0.5)
            np.testing.assert_array_equal(got, want, err_msg=f"{n} elements, step {step}")


def test_points_of_vectors_stay_where_they_lie():
    """A vector for each number of a point would be put together by shuffles: none is there. Of a window, too."""
    for kernel in (mixed, window):
        f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"])
        assert any(op.defn is tile.STORE and "points" in op.attributes for op in walk(f.body))
        assert not any(op.defn is tile.DENSE for op in walk(f.body))  # that components follow one another is known


def test_what_has_no_such_axis_stays():
    """Scalars of two sizes, and more of them than points have numbers."""
    for kernel in (of_odd_sizes, of_many):
        f = kernel.ir(*declared_signature(kernel, None, {}))
        assert opt_elements(f) is f
    f = opt_elements(moved.ir(*declared_signature(moved, None, {})))
    t = f.params[0].type
    assert isinstance(t, T.ArrayType)
    assert (str(t.element), t.rank, t.parts, t.given.rank) == ("f32", 2, 8, 1)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
def test_text_of_such_arrays_is_read_back(kernel: kdsl.Kernel):
    f = opt_elements(kernel.ir(*declared_signature(kernel, None, {})))
    assert equal(parse(print_function(f)), f)
