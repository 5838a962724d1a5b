"""Eight bytes of each lane that lie side by side: on vectors of 64 bytes numbers of 64 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, bool_, f32, i8, i32, u8, u32, u64
from kdsl.explain import explain_kernel


@kdsl.kernel
def to_bytes(x: Array[u64, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    for k in range(8):
        o[8 * i + k] = u8(x[i] >> u64(8 * k))


@kdsl.kernel
def from_bytes(o: Array[u8, 1], x: Array[u64, 1]):
    i = kdsl.global_id(0)
    v = u64(0)
    for k in kdsl.static_range(8):
        v |= u64(o[8 * i + k]) << u64(8 * k)
    x[i] = v


@kdsl.kernel
def bits(x: Array[u8, 1], o: Array[u8, 2]):
    """An axis of its own, of rows with gaps or without."""
    i = kdsl.global_id(0)
    for k in range(8):
        o[i, k] = (x[i] >> u8(7 - k)) & 1


@kdsl.kernel
def packed(o: Array[bool_, 2], x: Array[u8, 1]):
    i = kdsl.global_id(0)
    v = u8(0)
    for k in kdsl.static_range(8):
        v |= u8(o[i, k]) << u8(7 - k)
    x[i] = v


@kdsl.kernel
def some(a: Array[i8, 1], o: Array[i32, 1]):
    """The first, the last, and one between."""
    i = kdsl.global_id(0)
    o[i] = 1000 * i32(a[8 * i]) + 10 * i32(a[8 * i + 3]) + a[8 * i + 7]


@kdsl.kernel
def turned(a: Array[u8, 2], n: i32):
    """In place, of every other row, and of floats on the way."""
    i = kdsl.global_id(0)
    if i % 2 == n:
        v0, v1, v2, v3 = a[i, 0], a[i, 1], a[i, 2], a[i, 3]
        v4, v5, v6, v7 = a[i, 4], a[i, 5], a[i, 6], a[i, 7]
        a[i, 0], a[i, 1], a[i, 2], a[i, 3] = v7, v6, v5, u8(f32(v4) * 0.5)
        a[i, 4], a[i, 5], a[i, 6], a[i, 7] = v3, v2, v1, v0


@kdsl.kernel
def eight_of_nine(a: Array[u8, 1], o: Array[u8, 1]):
    """Lanes are further apart."""
    i = kdsl.global_id(0)
    for k in kdsl.static_range(8):
        o[9 * i + k] = a[9 * i + 7 - k]


@kdsl.kernel
def words(a: Array[u32, 1], o: Array[u32, 1]):
    """No bytes."""
    i = kdsl.global_id(0)
    for k in kdsl.static_range(8):
        o[8 * i + k] = a[8 * i + 7 - k] + 1


def check(kernel: Any, n: int, *args: Any) -> None:
    want, got = [[v.copy() if isinstance(v, np.ndarray) and v.base is None else v for v in args] for _ in range(2)]
    kernel.interpret.over(n)(*want)
    kernel.over(n)(*got)
    for p, q in zip(want, got, strict=True):
        np.testing.assert_array_equal(p, q)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("n", [1, 7, 16, 31, 64, 200])
def test_all_lanes_and_some(arch: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, to_bytes, from_bytes, bits, packed, some, turned, eight_of_nine, words)
    rng = np.random.default_rng(n)
    numbers, octets = rng.integers(0, 2**64, n, np.uint64), rng.integers(0, 256, 8 * n, np.uint8)
    check(to_bytes, n, numbers, np.zeros(8 * n + 5, np.uint8))
    check(from_bytes, n, octets, np.zeros(n, np.uint64))
    check(bits, n, octets[:n].copy(), np.zeros((n, 8), np.uint8))
    check(packed, n, rng.random((n, 8)) > 0.5, np.zeros(n, np.uint8))
    check(some, n, octets.view(np.int8).copy(), np.zeros(n, np.int32))
    for odd in (0, 1):
        check(turned, n, octets.reshape(n, 8).copy(), odd)
    check(eight_of_nine, n, rng.integers(0, 256, 9 * n, np.uint8), np.zeros(9 * n, np.uint8))
    check(words, n, rng.integers(0, 2**32, 8 * n, np.uint32), np.zeros(8 * n, np.uint32))


@pytest.mark.parametrize("arch", RUNNABLE)
def test_rows_with_gaps(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, bits, packed)
    rng = np.random.default_rng(5)
    x = rng.integers(0, 256, 150, np.uint8)
    for room in (np.zeros((150, 11), np.uint8)[:, 2:10], np.zeros((300, 8), np.uint8)[::2], np.zeros((150, 8), np.uint8)[::-1]):
        bits.over(150)(x, room)
        np.testing.assert_array_equal(room, np.unpackbits(x).reshape(150, 8))
        back = np.zeros(150, np.uint8)
        packed.over(150)(room.view(np.bool_), back)
        np.testing.assert_array_equal(back, x)


def test_they_move_by_vectors() -> None:
    for kernel in (to_bytes, from_bytes, bits, packed):
        text = explain_kernel(kernel, "cpu:x86-64-v4-vbmi", stage="asm")
        assert "vpscatter" not in text and "vpgather" not in text and text.count("vpextrb") < 16, kernel
