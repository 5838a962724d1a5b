"""Points at clamped, mirrored and wrapped places: whole vectors where no edge is met, threads one by one where one is."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, u8
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.ops import tile
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def mean(a: Array[u8, 3], out: Array[u8, 3], r: i32):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    h, w = out.shape[0], out.shape[1]
    if x < w and y < h:
        for c in range(3):
            total = i32(0)
            for dy in range(-1, 2):
                for dx in range(-1, 2):
                    total += i32(a[kdsl.clamp(y + dy, 0, h - 1), kdsl.clamp(x + dx, 0, w - 1), c])
            out[y, x, c] = u8(total // 9)


@kdsl.kernel(math="strict")
def as_far_as_given(a: Array[f32, 3], out: Array[f32, 3], r: i32):
    """Of a loop's first and last round is asked."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    h, w = out.shape[0], out.shape[1]
    if x < w and y < h:
        for c in range(3):
            total = f32(0)
            for dx in range(-r, r + 1):
                total = total * 0.5 + a[y, kdsl.clamp(x + dx, 0, w - 1), c]
            out[y, x, c] = total


@kdsl.kernel(math="strict")
def backwards(a: Array[f32, 3], out: Array[f32, 3], r: i32):
    """Two loops, one of which goes the other way, and 32 bits."""
    x, y = i32(kdsl.global_id(0)), kdsl.global_id(1)
    w = i32(out.shape[1])
    if x < w and y < out.shape[0]:
        for c in range(3):
            total = f32(0)
            for k in range(r):
                for j in range(r + 1):
                    total = total * 0.5 + a[y, kdsl.minimum(kdsl.maximum(x + 2 * j - 3 * k, 0), w - 1), c]
            out[y, x, c] = total


@kdsl.kernel(math="strict")
def around(a: Array[f32, 3], out: Array[f32, 3], r: i32):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    h, w = out.shape[0], out.shape[1]
    if x < w and y < h:
        for c in range(3):
            out[y, x, c] = a[y, (x + 1) % w, c] + a[y, (x + w - 1) % w, c] - a[(y + r) % h, x, c]


@kdsl.kernel(math="strict")
def mirrored(a: Array[f32, 3], out: Array[f32, 3], r: i32):
    """By `abs` and by a choice, and points of which some numbers are looked at."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    w = out.shape[1]
    if x < w and y < out.shape[0]:
        before, after = kdsl.minimum(abs(x - 1), w - 1), x + 1
        if after >= w:
            after = 2 * w - 1 - after
        out[y, x, 0] = a[y, before, 0] + a[y, after, 2]
        out[y, x, 1] = a[y, before, 1] - a[y, after, 1]
        out[y, x, 2] = a[y, before, 2] * 2.0


@kdsl.kernel(math="strict")
def in_place(a: Array[f32, 3], out: Array[f32, 3], r: i32):
    """Each thread's own point, by its place among all."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    last = out.shape[1] - 1
    if x <= last and y < out.shape[0]:
        for c in range(3):
            out[y, kdsl.minimum(x, last), c] += a[y, kdsl.minimum(x + 2, last), c] * 0.5


@kdsl.kernel(math="strict")
def there_and_back(a: Array[f32, 3], out: Array[f32, 3], r: i32):
    """Furthest from its own point in the middle of a loop, where neither end meets an edge."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    w = out.shape[1]
    if x < w and y < out.shape[0]:
        for c in range(3):
            total = f32(0)
            for k in range(7):
                total = total * 0.5 + a[y, kdsl.clamp(x + k * (6 - k), 0, w - 1), c]
            for k in range(r):
                total = total * 0.5 + a[y, kdsl.maximum(x - (5 * k) % 7, 0), c]
            for k in range(2 * r + 1):
                total = total * 0.5 + a[y, kdsl.clamp(x + 2 * kdsl.minimum(k, r) - k, 0, w - 1), c]
            out[y, x, c] = total


KERNELS = [mean, as_far_as_given, backwards, around, mirrored, in_place, there_and_back]


def _layouts(rng: np.random.Generator, dtype: type, w: int) -> list[np.ndarray]:
    whole = rng.integers(0, 200, (3, w, 3)).astype(dtype)
    wide = rng.integers(0, 200, (3, w + 2, 4)).astype(dtype)
    return [whole, wide[:, 1:-1, :3], wide[:, w - 1 :: -1, 3:0:-1]]


@pytest.mark.parametrize("w", [1, 2, 9, 35])
@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_results_are_the_interpreters(arch: str, kernel: kdsl.Kernel, w: int, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(w)
    dtype = np.uint8 if kernel is mean else np.float32
    f = kernel.ir(*declared_signature(kernel, None, {}))
    launch_on(arch, monkeypatch, kernel)
    for a in _layouts(rng, dtype, w):
        for r in (0, 2, w + 1):
            want, got = np.full((3, w, 3), 7, dtype), np.full((3, w, 3), 7, dtype)
            interpret(f, [a, want, np.int32(r)], grid=(-(-w // 16), 3, 1), block=(16, 1, 1))
            kernel[(-(-w // 16), 3), (16, 1)](a, got, r)
            np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("kernel", KERNELS[:-1], ids=lambda k: k.__name__)
def test_no_lane_has_its_place_from_anywhere(kernel: kdsl.Kernel):
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"])
    assert not [op for op in walk(f.body) if op.defn is tile.GATHER]


@kdsl.kernel
def looked_up(a: Array[f32, 3], out: Array[f32, 3], at: Array[i32, 1]):
    """How far the loop goes is not known before the thread has looked."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    w = out.shape[1]
    if x < w and y < out.shape[0]:
        for c in range(3):
            total = f32(0)
            for dx in range(at[0]):
                total += a[y, kdsl.minimum(x + dx, w - 1), c]
            out[y, x, c] = total


@pytest.mark.parametrize("arch", RUNNABLE)
def test_what_is_not_known_is_not_asked(arch: str, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(5)
    a, got, want = rng.random((2, 35, 3), np.float32), np.zeros((2, 35, 3), np.float32), np.zeros((2, 35, 3), np.float32)
    at = np.array([4], np.int32)
    interpret(looked_up.ir(*declared_signature(looked_up, None, {})), [a, want, at], grid=(3, 2, 1), block=(16, 1, 1))
    launch_on(arch, monkeypatch, looked_up)
    looked_up[(3, 2), (16, 1)](a, got, at)
    np.testing.assert_allclose(got, want, rtol=1e-6)  # sums in the interpreter's order, contracted or not
