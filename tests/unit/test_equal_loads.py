"""Loads that are made once: an equal one before them gives the same unless something may be written or waited for in between."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, i32
from kdsl.ir.core import walk
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.specialise import declared_signature


@kdsl.kernel
def in_a_branch(a: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    if a[i] > 5:
        out[i] = a[i] + 1


@kdsl.kernel
def in_both(a: Array[i32, 1], out: Array[i32, 1]):
    """What one branch loads the other does not have, nor what comes after."""
    i = kdsl.global_id(0)
    if i % 2 == 0:
        out[i] = a[i]
    else:
        out[i] = a[i] + 1
    out[i] += a[i]


@kdsl.kernel
def behind_a_store(a: Array[i32, 1], out: Array[i32, 1]):
    """The arrays may overlap."""
    i = kdsl.global_id(0)
    x = a[i]
    out[i] = 7
    out[i + 16] = x + a[i]


@kdsl.kernel
def behind_an_atomic(a: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    x = a[i]
    kdsl.atomic_add(a[i], 3)
    out[i] = x * 100 + a[i]


@kdsl.kernel
def behind_a_barrier(a: Array[i32, 1], out: Array[i32, 1]):
    t = kdsl.thread_id(0)
    s = kdsl.shared(16, i32)
    s[t] = a[t]
    kdsl.barrier()
    x = s[15 - t]
    kdsl.barrier()
    s[t] = x + 1
    kdsl.barrier()
    out[t] = x + s[15 - t]


@kdsl.kernel
def in_a_loop(a: Array[i32, 1], out: Array[i32, 1]):
    """The second trip sees what the first has written."""
    i = kdsl.global_id(0)
    s = a[i]
    for k in range(out.shape[0] // 16):
        s = s * 3 + a[i]
        a[i] = s + i32(k)
    out[i] = s + a[i]


@kdsl.kernel
def in_a_quiet_loop(a: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    s = a[i]
    for k in range(3, out.shape[0]):
        if s < a[i] * i32(k):
            s += a[i]
    out[i] = s


CASES = [(in_a_branch, 1), (in_both, 4), (behind_a_store, 2), (behind_an_atomic, 2), (behind_a_barrier, 3), (in_a_loop, 3),
         (in_a_quiet_loop, 1)]  # fmt: skip


@pytest.mark.parametrize("kernel, loads", CASES)
def test_how_many_are_left(kernel: Any, loads: int) -> None:
    f = simplify(kernel.ir(*declared_signature(kernel, None, {})))
    assert sum(1 for op in walk(f.body) if op.name == "memory.load") == loads


@pytest.mark.parametrize("kernel", [k for k, _ in CASES])
def test_results(kernel: Any) -> None:
    a, out = np.arange(16, dtype=np.int32), np.zeros(40, np.int32)
    want = [a.copy(), out.copy()]
    kernel.interpret[1, 16](*want)
    got = [a.copy(), out.copy()]
    kernel[1, 16](*got)
    for w, g in zip(want, got, strict=True):
        np.testing.assert_array_equal(g, w)


def test_overlapping_arrays() -> None:
    a = np.arange(64, dtype=np.int32)
    behind_a_store.over(1)(a[:32], a[:32])
    assert a[0] == 7 and a[16] == 7
