"""Stores of bytes and of two bytes under masks, which no instruction does before AVX-512."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, i16, u8


@kdsl.kernel
def above(x: Array[u8, 1], a: Array[u8, 1], b: Array[i16, 1]):
    i = kdsl.global_id(0)
    if x[i] > 99:
        a[i] = x[i] - 99
        b[i] = i16(x[i]) * 3


@pytest.mark.parametrize("target", RUNNABLE)
@pytest.mark.parametrize("n", [1, 15, 40, 77])
def test_only_what_is_on(target: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, above)
    x = np.random.default_rng(n).integers(0, 256, n).astype(np.uint8)
    a, b = np.full(n + 9, 7, np.uint8), np.full(n + 9, -7, np.int16)
    above.over(n)(x, a, b)
    np.testing.assert_array_equal(a[:n], np.where(x > 99, x - 99, 7))
    np.testing.assert_array_equal(b[:n], np.where(x > 99, x.astype(np.int16) * 3, -7))
    assert (a[n:] == 7).all() and (b[n:] == -7).all()


@kdsl.kernel
def until_it_is_5(x: Array[i16, 1], a: Array[i16, 1]):
    """A loop that carries nothing: what it asks for is in memory."""
    i = kdsl.global_id(0)
    if x[i] > 50 and i + 3 < x.shape[0]:
        a[i] = x[i + 3] - x[x.shape[0] - 1 - i]
    while a[i] < 5 and i > 3:
        a[i] += x[i - 2] + 1


@pytest.mark.parametrize("target", RUNNABLE)
def test_loops_that_carry_nothing(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, until_it_is_5)
    for n in (1, 5, 40, 77):
        x = np.random.default_rng(n).integers(0, 100, n).astype(np.int16)
        want, got = np.zeros(n, np.int16), np.zeros(n, np.int16)
        until_it_is_5.interpret.over(n)(x, want)
        until_it_is_5.over(n)(x, got)
        np.testing.assert_array_equal(got, want)
