"""Atomic loads and stores are the target's own, though they are written as updates: nothing is written by a load, and nothing by an
extreme that changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32


@kdsl.kernel
def waits(x: Array[f32, 1], flag: Array[i32, 1]):
    while kdsl.atomic_load(flag[0]) == 0:
        pass
    kdsl.atomic_store(flag[1], 3)
    kdsl.atomic_store(x[1], kdsl.atomic_load(x[0]))


WORDS = {
    "cuda:sm_80": ("ld.relaxed.gpu.global.b32", "st.relaxed.gpu.global.b32", "atom."),
    "hip:gfx1100": ("__hip_atomic_load(", "__hip_atomic_store(", "__hip_atomic_fetch"),
    "metal:3.1": ("atomic_load_explicit(", "atomic_store_explicit(", "atomic_fetch"),
}


@pytest.mark.parametrize("target", WORDS)
def test_a_gpu_loads_and_stores(target: str) -> None:
    load, store, update = WORDS[target]
    text = waits.compile(None, target).binary.decode()
    assert (text.count(load), text.count(store), text.count(update), text.count("exchange")) == (2, 2, 0, 0)


def test_a_processor_loads() -> None:
    text = waits.compile(None, "x86-64-v3").texts["llvm"]
    assert text.count("load atomic i32") == 2 and "atomicrmw or" not in text and "cmpxchg" not in text


@kdsl.kernel
def nearest(cell: Array[i32, 1], depth: Array[f32, 1], z: Array[f32, 1], order: Array[i32, 1], first: Array[i32, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_min(z[cell[i]], depth[i])
    first[i] = kdsl.atomic_max(order[cell[i]], i32(i))


def test_extremes_look_first() -> None:
    text = nearest.compile(None, "x86-64-v3").texts["llvm"]
    assert "atomicrmw" not in text
    assert text.count("cmpxchg") == text.count("\nchanges") >= 2  # each in a block that is entered where bits differ


def test_extremes_that_change_nothing_leave_what_was_there() -> None:
    n = 5000
    rng = np.random.default_rng(3)
    cell, depth = rng.integers(0, 7, n, dtype=np.int32), rng.standard_normal(n).astype(np.float32)
    depth[rng.integers(0, n, 9)] = [np.nan, -0.0, 0.0, np.inf, -np.inf, np.nan, -0.0, 1e-42, -1e-42]
    z, order = np.full(7, 0.0, np.float32), np.full(7, n // 2, np.int32)
    z[3], z[4] = np.nan, -np.inf
    first = np.zeros(n, np.int32)
    nearest.over(n)(cell, depth, z, order, first)
    for k in range(7):
        wanted = np.minimum.reduce(depth[cell == k], initial=np.float32([0, 0, 0, np.nan, -np.inf, 0, 0][k]))
        np.testing.assert_array_equal(z[k], wanted)
    np.testing.assert_array_equal(order, [max(n // 2, np.flatnonzero(cell == k)[-1]) for k in range(7)])
    assert (first >= n // 2).all()
