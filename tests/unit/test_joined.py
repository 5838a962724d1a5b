"""Rows of several arrays that follow one another in memory, gone through as one."""

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


@kdsl.kernel(math="strict")
def blended(a: Array[f32, 2], b: Array[f32, 2], o: Array[f32, 2], t: f32):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = a[y, x] + (b[y, x] - a[y, x]) * t


@kdsl.kernel(math="strict")
def inside(a: Array[f32, 2], b: Array[f32, 2], o: Array[f32, 2], t: f32):
    """But its edges, and only where another array says so."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if 0 < x < o.shape[1] - 1 and 1 <= y and y < o.shape[0] and b[y, x] > t:
        o[y, x] += a[y, x]


@kdsl.kernel(math="strict")
def some_rows(a: Array[f32, 2], b: Array[f32, 2], o: Array[f32, 2], t: f32):
    """Which rows take part is no question of first and last."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0] and y % 3 != 1:
        o[y, x] = a[y, x] * t


@kdsl.kernel(math="strict")
def by_row(a: Array[f32, 2], b: Array[f32, 2], o: Array[f32, 2], t: f32):
    """What a thread stores is its row's."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = a[y, x] * f32(y) + b[y, 0]


@kdsl.kernel(math="strict")
def without_guard(a: Array[f32, 2], b: Array[f32, 2], o: Array[f32, 2], t: f32):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    o[y, x] = a[y, x] * t + b[0, 0]


@kdsl.kernel(math="strict")
def points(a: Array[u8, 3], o: Array[u8, 3], n: i32):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        for c in range(3):
            o[y, x, c] = u8(255) - a[y, x, c]


@kdsl.kernel(math="strict")
def planes(a: Array[i32, 3], o: Array[i32, 3], n: i32):
    x, y, z = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    if x < o.shape[2] and y < o.shape[1] and z < o.shape[0]:
        o[z, y, x] = a[z, y, x] * n + o[z, y, x]


FLAT = [blended, inside, some_rows, by_row, without_guard]


def _views(rng: np.random.Generator, h: int, w: int) -> list[tuple[str, np.ndarray]]:
    """Arrays of h x w that lie in memory in all ways."""
    def made(*shape: int) -> np.ndarray:
        return rng.random(shape, np.float32)

    return [
        ("whole", made(h, w)), ("with gaps", made(h, w + 5)[:, 2 : w + 2]), ("every second", made(h, 2 * w)[:, ::2]),
        ("upside down", made(h, w)[::-1]), ("back to front", made(h, w)[:, ::-1]), ("by columns", made(w, h).T),
        ("every second row", made(2 * h, w)[::2]), ("one row", np.broadcast_to(made(1, w), (h, w))),
    ]  # fmt: skip


@pytest.mark.parametrize("kernel", FLAT, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_results_are_the_interpreters(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch):
    launch_on(arch, monkeypatch, kernel)
    f = kernel.ir(*declared_signature(kernel, None, {}))
    rng = np.random.default_rng(1)
    for h, w in ((1, 5), (3, 16), (19, 33), (40, 7)):
        for (one, a), (other, o) in zip(_views(rng, h, w), _views(rng, h, w)[1:-1] + _views(rng, h, w)[:2], strict=True):
            b = rng.random((h, w), np.float32)
            want = o.copy()
            interpret(f, [np.ascontiguousarray(a), b, want, np.float32(0.5)], grid=(1, h, 1), block=(w, 1, 1))
            for given in (o.copy(), o):
                kernel.over((w, h))(a, b, given, 0.5)
                np.testing.assert_array_equal(given, want, err_msg=f"{h} x {w}, {one} and {other}")


@pytest.mark.parametrize("arch", RUNNABLE)
def test_launches_that_are_smaller_and_larger(arch: str, monkeypatch: pytest.MonkeyPatch):
    """Not all threads of a row are there, or more than it has elements."""
    launch_on(arch, monkeypatch, blended)
    rng = np.random.default_rng(2)
    a, b = rng.random((21, 48), np.float32), rng.random((21, 48), np.float32)
    for threads in ((48, 21), (47, 21), (20, 18), (60, 30), (48, 1), (1, 21)):
        o = np.full_like(a, -1)
        blended.over(threads)(a, b, o, 0.25)
        want = np.full_like(a, -1)
        part = np.s_[: threads[1], : threads[0]]
        want[part] = a[part] + (b[part] - a[part]) * np.float32(0.25)
        np.testing.assert_array_equal(o, want, err_msg=str(threads))


@pytest.mark.parametrize("arch", RUNNABLE)
def test_points_and_planes(arch: str, monkeypatch: pytest.MonkeyPatch):
    launch_on(arch, monkeypatch, points, planes)
    rng = np.random.default_rng(3)
    for h, w in ((1, 1), (17, 20), (5, 67)):
        a = rng.integers(0, 256, (h, w, 4)).astype(np.uint8)
        for given in (a[..., :3], np.ascontiguousarray(a[..., :3]), a[:, ::-1, :3]):
            o = np.zeros((h, w, 3), np.uint8)
            points.over((w, h))(given, o, 3)
            np.testing.assert_array_equal(o, 255 - given)
        b = rng.integers(0, 256, (4, h, w)).astype(np.int32)
        for given in (b, b[:, ::-1], b[::2], np.ascontiguousarray(b.transpose(0, 2, 1)).transpose(0, 2, 1)):
            o = rng.integers(0, 9, given.shape).astype(np.int32)
            want = given * 7 + o
            planes.over((w, h, len(given)))(given, o, 7)
            np.testing.assert_array_equal(o, want)


def test_which_rows_are_joined():
    found = {}
    for kernel in (*FLAT, points, planes):
        f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"])
        found[kernel.__name__] = any(op.defn is tile.FOLLOWS for op in walk(f.body))
    assert found == {"blended": True, "inside": True, "some_rows": False, "by_row": False, "without_guard": True, "points": True,
                     "planes": True}  # fmt: skip
