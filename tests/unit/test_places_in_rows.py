"""Threads along one axis that find row and column by `t // w`, `t % w`: one division for a vector, vector loads within rows."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, i32
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def planes(a: Array[i32, 3], out: Array[i32, 3]):
    """A volume's places, one after the other."""
    t = kdsl.global_id(0)
    depth, height, width = a.shape
    x = t % width
    y = (t // width) % height
    z = t // (width * height)
    if z < depth:
        out[z, y, x] = 3 * a[z, y, x] - a[max(z - 1, 0), y, x] + a[z, min(y + 1, height - 1), x] - a[z, y, max(x - 1, 0)]


@kdsl.kernel
def flat(w: i32, first: i32, a: Array[i32, 1], out: Array[i32, 2]):
    """Any divisor, any sign; numbers of rows in sums, products and differences."""
    t = kdsl.global_id(0)
    place = t + first
    y, x = place // w, place % w
    out[0, t], out[1, t] = i32(y), i32(x)
    out[2, t] = i32(2 * y - x + y * 5 - (x - y))
    back = y * w + x
    if 0 <= back < a.shape[0]:
        out[3, t] = a[back]
    if 0 <= y + x < a.shape[0]:
        out[4, t] = a[y + x]
    out[5, t] = i32(y // 3 % 2) + i32(y % w) + i32((y - 7) // w)


@pytest.mark.parametrize("shape", [(3, 5, 7), (2, 3, 16), (1, 9, 33), (4, 1, 50), (5, 6, 1), (2, 7, 100)], ids=str)
@pytest.mark.parametrize("target", RUNNABLE)
def test_planes(shape: tuple[int, int, int], target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, planes)
    a = np.random.default_rng(0).integers(-99, 99, shape, dtype=np.int32)
    out, expected = np.zeros_like(a), np.zeros_like(a)
    planes[kdsl.cdiv(a.size, 64), 64](a, out)
    planes.interpret[kdsl.cdiv(a.size, 64), 64](a, expected)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("w", [1, 3, 7, 8, 15, 16, 17, 31, 33, 64, 150, -1, -5, -16, -40])
@pytest.mark.parametrize("target", RUNNABLE)
def test_any_divisor(w: int, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, flat)
    a = np.random.default_rng(0).integers(-99, 99, 200, dtype=np.int32)
    for first in (0, 5, -60):
        out, expected = np.zeros((6, 131), np.int32), np.zeros((6, 131), np.int32)
        flat.over(131)(w, first, a, out)
        flat.interpret.over(131)(w, first, a, expected)
        np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("target", RUNNABLE)
def test_by_zero(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, flat)
    a, out = np.arange(7, 207, dtype=np.int32), np.zeros((6, 131), np.int32)
    for first in (0, -60):
        flat.over(131)(0, first, a, out)
        assert not out[[0, 1, 2, 5]].any() and (out[3:5] == 7).all()


def test_vector_loads() -> None:
    types, values = declared_signature(planes, None, {})
    ops = list(walk(lower(planes.ir(types, values), CPU_TARGETS["x86-64-v4"]).body))
    assert any(op.name == "tile.load" for op in ops)
    assert any(op.name == "tile.stream" for op in ops)
