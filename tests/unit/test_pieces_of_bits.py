"""Places that are put together of a piece's number and the place in it, as butterflies have them: `((i - low) << 1) + low`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, i64, index
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

N = 200


@kdsl.kernel
def low_bits(first: i32, s: i32, x: Array[f32, 1], out: Array[f32, 2]):
    p = i32(kdsl.global_id(0)) + first
    low = p & (s - 1)
    at = ((p - low) << 1) + low
    i = kdsl.global_id(0)
    out[0, i] = x[at]
    out[1, i] = x[at + s]
    out[2, i] = x[(p & -s) + 3]
    out[3, i] = x[(p & ~(s - 1)) | low]


@kdsl.kernel
def of_indices(first: index, s: index, x: Array[f32, 1], out: Array[f32, 2]):
    i = kdsl.global_id(0)
    p = i + first
    low = p & (s - 1)
    at = ((p - low) << 1) + low
    out[0, i] = x[at]
    out[1, i] = x[at + s]
    out[2, i] = x[(p & -s) + 3]
    out[3, i] = x[at | s]


@kdsl.kernel
def shifts(first: i32, n: i32, x: Array[f32, 1], out: Array[f32, 2]):
    i = kdsl.global_id(0)
    p = i32(i) + first
    s = i32(1) << n
    low = p & (s - 1)
    at = ((p >> n) << (n + 1)) | low
    out[0, i] = x[at]
    out[1, i] = x[(p >> n) + 5]
    out[2, i] = x[low + 2 * (p >> n)]
    out[3, i] = x[(p >> 4) * 20 + (p & 15)]


@kdsl.kernel
def long_shifts(first: i64, n: i64, x: Array[f32, 1], out: Array[f32, 2]):
    i = kdsl.global_id(0)
    p = i64(i) + first
    out[0, i] = x[p >> n]
    out[1, i] = x[(p >> n) * 3 + (p & 7)]
    out[2, i] = x[(p >> n) | (p & 31)]
    out[3, i] = x[((p >> 3) << 3) | (p & 7)]


@kdsl.kernel
def divisions(first: i32, n: i32, x: Array[f32, 1], out: Array[f32, 2]):
    i = kdsl.global_id(0)
    p = i32(i) + first
    out[0, i] = x[(p // n) * 2 + p % n]
    out[1, i] = x[p // n + 1]
    out[2, i] = x[(p // n) * n + p % n]
    out[3, i] = x[(p // n) | 256]


@kdsl.kernel
def network(x: Array[f32, 1], out: Array[f32, 1], as_shifts: kdsl.const = False):
    """All stages of a transform in shared memory."""
    s = kdsl.shared(128, f32)
    t = i32(kdsl.thread_id(0))
    b = i32(kdsl.block_id(0)) * 128
    s[t], s[t + 64] = x[b + t], x[b + t + 64]
    n = i32(6)
    while n >= 0:
        kdsl.barrier()
        d = i32(1) << n
        low = t & (d - 1)
        if as_shifts:
            i = ((t >> n) << (n + 1)) | low
        else:
            i = ((t - low) << 1) + low
        j = i + d
        a, c = s[i], s[j]
        s[i], s[j] = a + c, a - c
        n -= 1
    kdsl.barrier()
    out[b + t], out[b + t + 64] = s[t], s[t + 64]


X = np.arange(4096, dtype=np.float32)


def both(kernel: Any, *numbers: int) -> None:
    wanted, found = np.zeros((2, 4, N), np.float32)
    kernel.interpret.over(N)(*numbers, X, wanted)
    kernel.over(N)(*numbers, X, found)
    np.testing.assert_array_equal(found, wanted)


@pytest.fixture(params=RUNNABLE)
def target(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    launch_on(request.param, monkeypatch, low_bits, of_indices, shifts, long_shifts, divisions, network)
    return request.param


@pytest.mark.parametrize("first", [0, 3, 8, 64])
@pytest.mark.parametrize("s", [1, 2, 4, 8, 16, 32, 64, 128, 0, 3, 12, 20, 48])
def test_pieces_by_masks(target: str, s: int, first: int) -> None:
    both(low_bits, first, s)
    both(of_indices, first, s)


@pytest.mark.parametrize("first", [0, 5, 16])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 6, 7, 31, 32, 40, 63, 64, 100])
def test_pieces_by_shifts(target: str, n: int, first: int) -> None:
    both(shifts, first, n)
    both(long_shifts, first, n)


@pytest.mark.parametrize("first", [0, 5, 16])
@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 16, 24, 100, 1000, 2**31 - 1])
def test_pieces_by_divisions(target: str, n: int, first: int) -> None:
    both(divisions, first, n)


@pytest.mark.parametrize("as_shifts", [False, True])
def test_stages_of_a_block(target: str, as_shifts: bool) -> None:
    x = np.random.default_rng(1).integers(-9, 9, 512).astype(np.float32)
    wanted, found = np.zeros((2, 512), np.float32)
    network.interpret[4, 64](x, wanted, as_shifts)
    network[4, 64](x, found, as_shifts)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("kernel", [low_bits, of_indices, shifts])
def test_they_are_vector_loads_behind_a_test(kernel: Any) -> None:
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"])
    assert [op.name for op in walk(f.body)].count("tile.load") >= 3
