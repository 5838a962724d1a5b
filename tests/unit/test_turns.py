"""Rows of which a remainder chooses the threads, as on a checkerboard: vectors of those alone."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, u32
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.ops import tile
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel(math="strict")
def relax(a: Array[f32, 2], b: Array[f32, 2], colour: i32):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    h, w = a.shape[0], a.shape[1]
    if x > 0 and y > 0 and x < w - 1 and y < h - 1 and (x + y) % 2 == colour:
        a[y, x] = 0.25 * (a[y, x - 1] + a[y, x + 1] + a[y - 1, x] + a[y + 1, x]) - b[y, x]


@kdsl.kernel(math="strict")
def backwards(a: Array[f32, 2], b: Array[f32, 2], colour: i32):
    """The sum falls along the row, which is looked at in 32 bits; guards inside of guards."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < a.shape[1] and y < a.shape[0]:
        if ((colour - i32(x) + 3 * i32(y)) & 3) == 1:
            a[y, x] = b[y, x] + 1.0


@kdsl.kernel(math="strict")
def not_so(a: Array[f32, 2], b: Array[f32, 2], colour: i32):
    """Every thread but some: no such row."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < a.shape[1] and y < a.shape[0] and (x + y) % 2 != colour:
        a[y, x] = b[y, x] * 2.0


@kdsl.kernel(math="strict")
def on_a_ring(a: Array[f32, 2], b: Array[f32, 2], colour: i32):
    """Neighbours over the edge, whose index is that of every second thread."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    h, w = a.shape[0], a.shape[1]
    if x < w and y < h:
        if (y - x) % 2 == colour % 2:
            a[y, x] = b[y, (x + 1) % w] - b[y, (x + w - 1) % w] + b[(y + 1) % h, x]


@kdsl.kernel(math="strict")
def unsigned(a: Array[f32, 2], b: Array[f32, 2], colour: i32):
    """A sum that wraps."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < a.shape[1] and y < a.shape[0] and (u32(x) + u32(4294967290) + u32(colour)) % u32(4) == u32(3):
        a[y, x] += b[y, x]


@kdsl.kernel(math="strict")
def thirds(a: Array[f32, 2], b: Array[f32, 2], colour: i32):
    """Not a power of two."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < a.shape[1] and y < a.shape[0] and (x + y) % 3 == colour:
        a[y, x] += b[y, x]


@kdsl.kernel(math="strict")
def both(a: Array[f32, 2], b: Array[f32, 2], colour: i32):
    """Two remainders, and one of the row."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < a.shape[1] and y < a.shape[0] and y % 2 == 1 and x % 2 == 0 and (x + y) % 4 == colour:
        a[y, x] += b[y, x]


@kdsl.kernel(math="strict")
def by_number(a: Array[f32, 2], b: Array[f32, 2], colour: i32):
    """What threads store is their number; and a loop for each."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < a.shape[1] and y < a.shape[0] and x % 2 == 1:
        total = f32(x)
        for k in range(x % 4 + colour):
            total = total * 0.5 + b[y, k % a.shape[1]]
        a[y, x] = total


@kdsl.kernel(math="strict")
def in_pairs(a: Array[f32, 2], b: Array[f32, 2], colour: i32):
    """One thread does what two have, and its loads are neighbours."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x + 1 < a.shape[1] and y < a.shape[0] and x % 2 == 0:
        one, other = b[y, x], b[y, x + 1]
        a[y, x] = kdsl.minimum(one, other)
        a[y, x + 1] = kdsl.maximum(one, other)


KERNELS = [relax, backwards, not_so, on_a_ring, unsigned, thirds, both, by_number, in_pairs]


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_results_are_the_interpreters(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(1)
    f = kernel.ir(*declared_signature(kernel, None, {}))
    launch_on(arch, monkeypatch, kernel)
    for w in (1, 2, 3, 17, 40, 67):
        a, b = rng.random((5, w), np.float32), rng.random((5, w), np.float32)
        for colour in (0, 1, 2, 5, -1) if kernel is not by_number else (0, 2):
            want, got = a.copy(), a.copy()
            interpret(f, [want, b, np.int32(colour)], grid=(-(-w // 16), 5, 1), block=(16, 1, 1))
            kernel[(-(-w // 16), 5), (16, 1)](got, b, colour)
            np.testing.assert_array_equal(got, want, err_msg=f"{w} wide, colour {colour}")


@pytest.mark.parametrize("kernel", [relax, backwards, on_a_ring, unsigned, by_number])
def test_no_vector_is_stored_under_a_mask_of_places(kernel: kdsl.Kernel):
    """But at a row's end."""
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"])
    steps = {abs(op.attributes["step"]) for op in walk(f.body) if op.defn is tile.STORE}
    assert steps in ({2}, {4})
