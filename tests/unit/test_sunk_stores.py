"""Stores to one place that both branches end with become one behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, u8
from kdsl.ir.core import walk
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.specialise import declared_signature


@kdsl.kernel
def life(a: Array[u8, 2], o: Array[u8, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if 0 < x < a.shape[1] - 1 and 0 < y < a.shape[0] - 1:
        n = a[y - 1, x - 1] + a[y - 1, x] + a[y - 1, x + 1] + a[y, x - 1] + a[y, x + 1]
        n += a[y + 1, x - 1] + a[y + 1, x] + a[y + 1, x + 1]
        if a[y, x] == 1:
            o[y, x] = 1 if n == 2 or n == 3 else 0
        else:
            o[y, x] = 1 if n == 3 else 0


@kdsl.kernel
def two_places(x: Array[f32, 1], a: Array[f32, 1], b: Array[f32, 1]):
    """The last two of each branch, in their order, which counts where a is b; what is before them stays."""
    i = kdsl.global_id(0)
    v = x[i]
    if v > 0.5:
        a[2 * i + 1] = 3.0
        a[2 * i] = v
        b[2 * i] = kdsl.sqrt(v)
    else:
        b[2 * i + 1] = 4.0
        a[2 * i] = -v
        b[2 * i] = 1.0


@kdsl.kernel
def other_places(x: Array[f32, 1], a: Array[f32, 1], b: Array[f32, 1]):
    """In another order, and to other elements: these stay."""
    i = kdsl.global_id(0)
    if x[i] > 0.5:
        a[2 * i] = 1.0
        b[2 * i] = 2.0
    else:
        b[2 * i] = 3.0
        a[2 * i] = 4.0
    if x[i] > 0.25:
        a[2 * i + 1] = x[i]
    else:
        b[2 * i + 1] = x[i]


def test_a_game_of_life() -> None:
    a = np.random.default_rng(2).integers(0, 2, (40, 61)).astype(np.uint8)
    want, got = np.zeros_like(a), np.zeros_like(a)
    life.interpret.over((61, 40))(a, want)
    life.over((61, 40))(a, got)
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("kernel", [two_places, other_places])
def test_order(kernel: Any, shared: bool) -> None:
    x = np.random.default_rng(2).random(29, np.float32)
    want, got = np.zeros((2, 2, 58), np.float32)
    kernel.interpret.over(29)(x, want[0], want[int(not shared)])
    kernel.over(29)(x, got[0], got[int(not shared)])
    np.testing.assert_array_equal(got, want)


def test_what_branches_keep() -> None:
    def stores(kernel: Any) -> int:
        return sum(op.name == "memory.store" for op in walk(simplify(kernel.ir(*declared_signature(kernel, None, {}))).body))

    assert (stores(life), stores(two_places), stores(other_places)) == (1, 4, 6)
