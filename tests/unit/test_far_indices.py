"""Indices that are as large as 64 bits have them: lanes on both sides of where they wrap are in no order, and what compares
or limits them says so. The interpreter's bits for each architecture.
"""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i16, i64, index, u8

GREATEST = 2**63 - 1
FAR = [GREATEST, GREATEST - 4, GREATEST - 39, -GREATEST - 1, -GREATEST + 6, 2**62, 0, 1, -1]


@kdsl.kernel
def guarded(a: Array[f32, 1], o: Array[f32, 1], k: i64):
    i = kdsl.global_id(0)
    j = i + index(k)
    if 0 <= j < a.shape[0]:
        o[i] = a[min(max(j, 0), a.shape[0] - 1)]


@kdsl.kernel
def from_below(a: Array[u8, 1], o: Array[u8, 1], k: i64):
    i = kdsl.global_id(0)
    j = min(i + index(k), a.shape[0] - 1)
    if j >= 0:
        o[i] = a[j]


@kdsl.kernel
def limited(a: Array[i16, 1], o: Array[i16, 1], k: i64):
    i = kdsl.global_id(0)
    j = index(k) - i
    o[i] = a[min(max(i + index(k), 0), a.shape[0] - 1)] + a[max(min(j, a.shape[0] - 1), 0)]


@kdsl.kernel
def around(a: Array[f32, 1], o: Array[f32, 1], k: i64):
    i = kdsl.global_id(0)
    o[i] = a[(i + index(k)) % a.shape[0]] + a[index((i64(i) - k) % i64(a.shape[0]))]


@kdsl.kernel
def neighbours(a: Array[f32, 1], o: Array[f32, 1], k: i64):
    i = kdsl.global_id(0)
    s = f32(0)
    for d in range(-2, 3):
        j = i + d + index(k)
        if 0 <= j < a.shape[0]:
            s += a[j]
        s += a[max(0, min(a.shape[0] - 1, j))]
    o[i] = s


@kdsl.kernel
def from_there(a: Array[f32, 1], o: Array[f32, 1], k: i64):
    """Counts that begin there, and that would end beyond."""
    i = kdsl.global_id(0)
    s = f32(0)
    for j in range(max(index(k) + i, 0), min(index(k) + i + 4, a.shape[0])):
        s += a[j]
    for j in range(index(k) + i, a.shape[0] + index(k), 7):
        s += f32(a.shape[0]) if j > 0 else 1.0
    o[i] = s


@kdsl.kernel
def steps(a: Array[f32, 1], o: Array[f32, 1], k: i64):
    """Steps as large: one round, or two."""
    i = kdsl.global_id(0)
    s = f32(0)
    for j in range(i, a.shape[0], index(k)):
        s += a[j]
        if k < 0 or k > 8:
            s += 0.5
    for j in range(i, -1, index(k)):
        s += a[j]
    for j in range(index(a[i] * 3.0), index(2**63 - 1), max(index(k), 2**61)):
        s += f32(j)
    o[i] = s


@kdsl.kernel
def apart(a: Array[f32, 1], o: Array[f32, 1], k: i64):
    """Lanes that lie so far apart that a vector goes around."""
    i = kdsl.global_id(0)
    for n in (2**60, 2**62, 2**63 - 1):
        j = i * n + index(k)
        if 0 <= j < a.shape[0]:
            o[i] += a[j]
        if j == 0 or j != a.shape[0]:
            o[i] += a[j % a.shape[0]]
        o[i] += a[min(max(j, 0), a.shape[0] - 1)]


@pytest.mark.parametrize("arch", RUNNABLE)
def test_indices_as_large_as_they_get(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kernels = {guarded: np.float32, from_below: np.uint8, limited: np.int16, around: np.float32, neighbours: np.float32,
               from_there: np.float32, steps: np.float32, apart: np.float32}  # fmt: skip
    launch_on(arch, monkeypatch, *kernels)
    rng = np.random.default_rng(1)
    for kernel, element in kernels.items():
        for n in (5, 70):
            a = (rng.random(n) * 100).astype(element) if element != np.float32 else rng.random(n, np.float32)
            for k in FAR:
                want, got = np.zeros_like(a), np.zeros_like(a)
                kernel.interpret.over(n)(a, want, k)
                kernel.over(n)(a, got, k)
                np.testing.assert_array_equal(got, want, err_msg=f"{kernel.__name__}, {n}, {k}")
