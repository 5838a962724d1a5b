"""Stores to one place on the branches of a choice, where one or both ask one more condition, become one of a chosen value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, u8
from kdsl.ir.core import Op, walk
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.specialise import declared_signature


@kdsl.kernel
def two(x: Array[f32, 1], k: Array[i32, 1], o: Array[f32, 1]):
    i = kdsl.global_id(0)
    v = x[i]
    if v > 0.6:
        o[i] = v * 2.0
    elif v < 0.3:
        o[i] = -v


@kdsl.kernel
def four(x: Array[f32, 1], k: Array[i32, 1], o: Array[f32, 1]):
    """The first that holds counts; the place is computed in each branch."""
    i = kdsl.global_id(0)
    v, n = x[i], k[i]
    if v > 0.8:
        o[2 * i + 1] = 1.0
    elif n % 2 == 1 and v > 0.3:
        o[2 * i + 1] = v + 1.0
    elif v > 0.5:
        o[2 * i + 1] = -v
    elif n == 4:
        o[2 * i + 1] = f32(n)


@kdsl.kernel
def both_ask(x: Array[f32, 1], k: Array[i32, 1], o: Array[f32, 1]):
    i = kdsl.global_id(0)
    v, n = x[i], k[i]
    if v > 0.5:
        if n > 3:
            o[n * 80 + i] = v
    else:
        m = n * n
        if m < 10:
            o[n * 80 + i] = f32(m)


@kdsl.kernel
def first_asks(x: Array[f32, 1], k: Array[i32, 1], o: Array[f32, 1]):
    """Behind it stands a choice that always stores."""
    i = kdsl.global_id(0)
    v, n, w = x[i], k[i], x[i + 1]
    if v > 0.5:
        if n > 3:
            o[i] = -v
    elif n > 5:
        o[i] = v
    else:
        o[i] = w


@kdsl.kernel
def walls(x: Array[f32, 1], k: Array[i32, 1], o: Array[f32, 1]):
    """Most vectors have no lane of either."""
    i = kdsl.global_id(0)
    if i == 0:
        o[i] = 1.0
    elif i == x.shape[0] - 1:
        o[i] = 2.0


@kdsl.kernel
def one_wall(x: Array[f32, 1], k: Array[i32, 1], o: Array[f32, 1]):
    """Of one branch and of two, the rarer of which is longer."""
    i = kdsl.global_id(0)
    if i == 18:
        o[i] = x[i - 1] * x[i] + x[i + 1] * kdsl.sqrt(x[i])
    else:
        o[i] = x[i]
    if i != 3:
        o[i + 80] = x[i]


@kdsl.kernel
def in_a_loop(x: Array[f32, 1], k: Array[i32, 1], o: Array[f32, 1]):
    """What a round stores, the next one loads."""
    i = kdsl.global_id(0)
    for r in range(k[i]):
        v = o[i] + x[i]
        if v > 1.0:
            o[i] = v - 1.0
        elif r != 2:
            o[i] = v


@kdsl.kernel
def other_places(x: Array[f32, 1], k: Array[i32, 1], o: Array[f32, 1]):
    i = kdsl.global_id(0)
    v, n = x[i], k[i]
    if v > 0.6:
        o[i] = 1.0
    elif v < 0.3:
        o[i + 1] = 2.0


@kdsl.kernel
def more_is_seen(x: Array[f32, 1], k: Array[i32, 1], o: Array[f32, 1]):
    """What a branch loads, stores besides, or takes long for stays behind its condition."""
    i = kdsl.global_id(0)
    v, n = x[i], k[i]
    if v > 0.6:
        o[i] = x[n]
    elif v < 0.3:
        o[i] = 2.0
    if v > 0.7:
        o[i + 80] = v
        o[i + 160] = v
    elif v < 0.2:
        o[i + 160] = 3.0
    if v > 0.4:
        o[i + 240] = 1.0
    elif n // (n - 3) == 1:
        o[i + 240] = 2.0
    if v > 0.4:
        o[i + 320] = kdsl.sin(v)
    elif n == 1:
        o[i + 320] = 2.0


_JOINED: list[tuple[Any, int]] = [(two, 1), (four, 1), (both_ask, 1), (first_asks, 1), (walls, 1), (in_a_loop, 1)]
_KEPT: list[tuple[Any, int]] = [(one_wall, 2), (other_places, 2), (more_is_seen, 9)]


def _stores(kernel: Any) -> list[Op]:
    f = simplify(kernel.ir(*declared_signature(kernel, None, {})))
    return [op for op in walk(f.body) if op.name == "memory.store"]


@pytest.mark.parametrize(("kernel", "count"), [*_JOINED, *_KEPT])
def test_how_many_stores(kernel: Any, count: int) -> None:
    assert len(_stores(kernel)) == count


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", [kernel for kernel, _ in (*_JOINED, *_KEPT)])
@pytest.mark.parametrize("n", [1, 20, 67])
def test_as_interpreted(arch: str, kernel: Any, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, kernel)
    rng = np.random.default_rng(3)
    x, k = rng.random(n + 1, np.float32), rng.integers(0, n + 1, n).clip(0, 6).astype(np.int32)
    x[::5] = np.nan  # neither above nor below
    want, got = np.full((2, 600), 9, np.float32)
    if kernel is other_places:  # else the same elements are stored to by neighbours
        x[::2] = 0.5
    kernel.interpret.over(n)(x, k, want)
    kernel.over(n)(x, k, got)
    np.testing.assert_allclose(got, want, rtol=2e-7)  # of a sine, and of a product that is added to


@kdsl.kernel
def bytes_of(a: Array[u8, 2], o: Array[u8, 2]):
    """What both conditions load is loaded once: the first branch's store is none that the second sees."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if a[y, x] > 200:
        o[y, x] = 255
    elif a[y, x] < 90:
        o[y, x] = 0


@pytest.mark.parametrize("arch", RUNNABLE)
def test_bytes(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, bytes_of)
    a = np.random.default_rng(2).integers(0, 256, (9, 131)).astype(np.uint8)
    want, got = np.full((2, *a.shape), 7, np.uint8)
    bytes_of.interpret.over((131, 9))(a, want)
    bytes_of.over((131, 9))(a, got)
    np.testing.assert_array_equal(got, want)
    assert len(_stores(bytes_of)) == 1


@kdsl.kernel
def in_place(a: Array[i32, 1]):
    """What stands behind a choice sees what either branch wrote, and loads again."""
    i = kdsl.global_id(0)
    n = a[i]
    if n > 4:
        a[i] = 4
    else:
        if a[i] < 2:
            a[i] = a[i] + 7
        a[i] = a[i] * 3
    if a[i] > 9:
        a[i] = a[i] - 1
    elif a[i] < 5:
        a[i] = a[i] * 2


@pytest.mark.parametrize("arch", RUNNABLE)
def test_in_place(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, in_place)
    want = np.random.default_rng(2).integers(0, 7, 77).astype(np.int32)
    got = want.copy()
    in_place.interpret.over(77)(want)
    in_place.over(77)(got)
    np.testing.assert_array_equal(got, want)
