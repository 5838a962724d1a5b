"""`i % n` as an index counts on with the lanes up to the next multiple of n: rows with periodic edges are vector loads."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE

import kdsl
from kdsl import Array, i32, i64, index

N = 150
ZERO = 40  # where in x the remainder 0 is: those of a negative n are below it


@kdsl.kernel
def around(n: i32, first: i32, x: Array[i32, 1], out: Array[i32, 2]):
    i = kdsl.global_id(0)
    narrow = i32(i) + first
    wide = i + first
    out[0, i] = x[ZERO + (wide + 1) % n]
    out[1, i] = x[ZERO + (first - i) % n]
    out[2, i] = x[ZERO + (3 * wide) % n]
    out[3, i] = x[ZERO + narrow % n]
    out[4, i] = x[ZERO + (5 - narrow) % n]
    out[5, i] = i32(wide % n) + x[ZERO + (wide % n) // 2]
    out[6, i] = x[min(ZERO + (wide - 1) % n, ZERO + 9)]
    out[7, ZERO + (i + N // 2) % N] = x[ZERO + (2 * i) % 7 % 5]


def wanted(n: int, first: int, x: np.ndarray) -> np.ndarray:
    def wrapped(v: int) -> int:
        return (v + 2**31) % 2**32 - 2**31

    def mod(v: int) -> int:
        return v % n if n else 0

    out = np.zeros((8, N + ZERO), np.int32)
    for i in range(N):
        narrow, wide = wrapped(i + first), i + first
        at = (mod(wide + 1), mod(first - i), mod(3 * wide), mod(narrow), mod(wrapped(5 - narrow)))
        out[:5, i] = x[ZERO + np.array(at)]
        out[5, i] = mod(wide) + x[ZERO + mod(wide) // 2]
        out[6, i] = x[min(ZERO + mod(wide - 1), ZERO + 9)]
        out[7, ZERO + (i + N // 2) % N] = x[ZERO + 2 * i % 7 % 5]
    return out


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("n", [0, 1, 2, 5, 8, 16, 17, 33, 64, 100, -1, -3, -16, -37])
def test_remainders_of_every_length(monkeypatch, arch: str, n: int) -> None:
    monkeypatch.setenv("KDSL_TARGET", f"cpu:{arch}")
    x = np.random.default_rng(0).integers(-999, 999, 2 * N).astype(np.int32)
    for first in (0, 3, -20, 2**31 - 75, -(2**31)):
        out = np.zeros((8, N + ZERO), np.int32)
        around.over(N)(n, first, x, out)
        np.testing.assert_array_equal(out, wanted(n, first, x))


@kdsl.kernel
def neighbours(a: Array[i32, 2], out: Array[i32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    h, w = a.shape
    out[y, x] = a[y, (x + 1) % w] + a[y, (x - 1) % w] + a[y, (x + w - 2) % w] + a[(y + 1) % h, x]


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("shape", [(3, 1), (4, 5), (3, 16), (2, 33), (5, 100)])
def test_a_torus(monkeypatch, arch: str, shape: tuple[int, int]) -> None:
    monkeypatch.setenv("KDSL_TARGET", f"cpu:{arch}")
    a = np.arange(shape[0] * shape[1], dtype=np.int32).reshape(shape) ** 2
    out = np.zeros_like(a)
    neighbours.over((shape[1], shape[0]))(a, out)
    sides = [np.roll(a, -1, 1), np.roll(a, 1, 1), np.roll(a, 2, 1), np.roll(a, -1, 0)]
    np.testing.assert_array_equal(out, sum(sides))


def test_what_explain_says_of_it() -> None:
    text = neighbours.explain("cpu:x86-64-v3")
    assert "3 guarded vector loads, 1 vector load" in text, text


@kdsl.kernel
def next_to(y: i64, n: i64, out: Array[i64, 2]):
    i, at, of = kdsl.global_id(0), index(y), index(n)
    out[0, i] = i64((at + 1) % of)
    out[1, i] = i64((at - 3) % of)
    out[2, i] = i64((at + of - 2) % of)
    out[3, i] = i64((at + of) % of)
    out[4, i] = i64((i + at + of - 2) % of)
    out[5, i] = i64((i + at + of - 2) // of)


@pytest.mark.parametrize("arch", RUNNABLE)
def test_remainders_beside_any_number(monkeypatch, arch: str) -> None:
    monkeypatch.setenv("KDSL_TARGET", f"cpu:{arch}")
    top = 2**63

    def wrapped(v: int) -> int:
        return (v + top) % (2 * top) - top

    ends = [0, 1, 2, 3, -1, -2, -3, 7, 100, -100, top - 1, top - 2, -top, -top + 1, top // 2, -top // 2]
    for y in ends:
        for n in ends:
            out = np.zeros((6, 19), np.int64)
            next_to.over(19)(y, n, out)
            for i in range(19):
                sums = [y + 1, y - 3, y + n - 2, y + n, i + y + n - 2]
                wanted = [*[wrapped(v) % n if n else 0 for v in sums], wrapped(sums[4]) // n if n else 0]
                known = 6 if -top <= y + n - 2 and y + n + 16 < top else 4  # ids do not wrap between two lanes
                assert out[:known, i].tolist() == [wrapped(v) for v in wanted[:known]], (y, n, i)
