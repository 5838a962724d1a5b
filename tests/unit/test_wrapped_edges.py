"""Edges that wrap or reflect by `if`: a vector's lanes lie side by side in all vectors but those that meet the edge."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, i64


@kdsl.kernel
def by_if(a: Array[f32, 1], out: Array[f32, 2]):
    i, n = kdsl.global_id(0), a.shape[0]
    right, left = i + 1, i - 1
    if right == n:
        right = 0
    if left < 0:
        left = n - 1
    out[0, i], out[1, i] = a[left], a[right]


@kdsl.kernel
def by_choice(a: Array[f32, 1], out: Array[f32, 2]):
    i, n = kdsl.global_id(0), a.shape[0]
    out[0, i] = a[i - 1 if i > 0 else n - 1]
    out[1, i] = a[i + 1 if i + 1 < n else 0]


@kdsl.kernel
def by_if_of_32_bits(a: Array[f32, 1], out: Array[f32, 2]):
    i, n = i32(kdsl.global_id(0)), i32(a.shape[0])
    right, left = i + 1, i - 1
    if right >= n:
        right -= n
    if left == -1:
        left += n
    out[0, i], out[1, i] = a[left], a[right]


@kdsl.kernel
def reflected(a: Array[f32, 1], out: Array[f32, 2], far: i32):
    i, n = kdsl.global_id(0), a.shape[0]
    left, right = i - far, i + far
    if left < 0:
        left = -left
    if right >= n:
        right = 2 * n - 2 - right
    out[0, i], out[1, i] = a[left], a[right]


@kdsl.kernel
def both_ends(a: Array[f32, 1], out: Array[f32, 2], far: i32):
    """One index that reflects at both ends, the second of which asks what the first gave."""
    i, n = kdsl.global_id(0), a.shape[0]
    at = abs(i - far)
    if at >= n:
        at = 2 * n - 2 - at
    to = i + far
    if to < 0:
        to = -to
    if to >= n:
        to = 2 * n - 2 - to
    out[0, i], out[1, i] = a[at], a[to]


@kdsl.kernel
def magnitudes(out: Array[i64, 2], begin: i32, far: i64):
    """As values; 32 bits wrap between two lanes where `begin` is near their end."""
    i = kdsl.global_id(0)
    narrow = i32(i) + begin
    out[0, i] = abs(narrow)
    wide = abs(i64(narrow))
    out[1, i] = wide if wide < far else far - wide
    at = abs(i - far)
    out[2, i] = at if at < 20 else 40 - at
    down = max(far - i, 7)
    out[3, i] = 5 if down > 9 else down
    out[4, i] = i64(at >= 9) + 2 * i64(min(i, 30) <= far)


@kdsl.kernel
def shifted(a: Array[f32, 2], out: Array[f32, 2], by: i32, flip: i32):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    height, width = a.shape[0], a.shape[1]
    to = x + by
    if to >= width:
        to -= width
    down = height - 1 - y if flip != 0 else y
    out[down, to] = a[y, x + 0 if flip == 0 else x]


@kdsl.kernel
def numbers(out: Array[i32, 2], begin: i32, bound: i32):
    """As values; 32 bits wrap between two lanes where `begin` is near their end."""
    i = kdsl.global_id(0)
    j = i32(i) + begin
    down = begin - i32(i) * 3
    out[0, i] = j if j < bound else 7 - j
    out[1, i] = 0 if j == bound else j
    out[2, i] = down if down >= bound else 5
    out[3, i] = down + 1 if down != bound else -down
    out[4, i] = 9 if j <= bound else j * 2
    out[5, i] = j if bound > down else down


LENGTHS = [2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 200]


@pytest.mark.parametrize("arch", RUNNABLE)
def test_neighbours_on_a_ring(monkeypatch, arch) -> None:
    launch_on(arch, monkeypatch, by_if, by_choice, by_if_of_32_bits)
    for n in LENGTHS:
        a = np.random.default_rng(n).random(n, np.float32)
        for kernel in (by_if, by_choice, by_if_of_32_bits):
            out = np.zeros((2, n), np.float32)
            kernel.over(n)(a, out)
            assert np.array_equal(out, np.stack([np.roll(a, 1), np.roll(a, -1)])), (kernel, n)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("far", [1, 2, 5])
def test_reflections(monkeypatch, arch, far) -> None:
    launch_on(arch, monkeypatch, reflected)
    for n in [n for n in LENGTHS if n > far]:
        a = np.random.default_rng(n).random(n, np.float32)
        out = np.zeros((2, n), np.float32)
        reflected.over(n)(a, out, far)
        padded = np.pad(a, far, mode="reflect")
        assert np.array_equal(out, np.stack([padded[:n], padded[2 * far :]])), n


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("far", [-5, -1, 0, 1, 4])
def test_reflections_at_both_ends(monkeypatch, arch, far) -> None:
    launch_on(arch, monkeypatch, both_ends)
    for n in [n for n in LENGTHS if n > abs(far)]:
        a = np.random.default_rng(n).random(n, np.float32)
        out = np.zeros((2, n), np.float32)
        both_ends.over(n)(a, out, far)
        padded, first = np.pad(a, abs(far), mode="reflect"), abs(far)
        assert np.array_equal(out, np.stack([padded[first - far :][:n], padded[first + far :][:n]])), n


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("begin", [-(2**31), -40, -7, 3, 2**31 - 40, 2**31 - 8])
def test_magnitudes(monkeypatch, arch, begin) -> None:
    launch_on(arch, monkeypatch, magnitudes)
    for far in (-3, 0, 5, 17, 33, 60, 2**31 - 9):
        want, out = np.zeros((2, 5, 61), np.int64)
        magnitudes.interpret.over(61)(want, begin, far)
        magnitudes.over(61)(out, begin, far)
        assert np.array_equal(out, want), far


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("flip", [0, 1])
def test_stores_wrap(monkeypatch, arch, flip) -> None:
    launch_on(arch, monkeypatch, shifted)
    for width in LENGTHS:
        a = np.random.default_rng(width).random((5, width), np.float32)
        for by in {0, 1, width // 2, width - 1}:
            out = np.zeros_like(a)
            shifted.over((width, 5))(a, out, by, flip)
            assert np.array_equal(out, np.roll(a[::-1] if flip else a, by, axis=1)), (width, by)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("begin", [-(2**31), -(2**31) + 9, -7, 0, 3, 2**31 - 40, 2**31 - 8, 2**31 - 1])
def test_numbers_that_wrap(monkeypatch, arch, begin) -> None:
    launch_on(arch, monkeypatch, numbers)
    n = 61
    i, low = np.arange(n), np.iinfo(np.int32).min
    j, down = (i + begin).astype(np.int32), (begin - 3 * i).astype(np.int32)
    for bound in {low, low + 5, -20, 0, 10, -low - 4, -low - 1, int(j[20]), int(down[20])}:
        out = np.zeros((6, n), np.int32)
        numbers.over(n)(out, begin, bound)
        wanted = [
            np.where(j < bound, j, 7 - j),
            np.where(j == bound, 0, j),
            np.where(down >= bound, down, 5),
            np.where(down != bound, down + 1, -down),
            np.where(j <= bound, 9, j * 2),
            np.where(bound > down, j, down),
        ]
        assert np.array_equal(out, np.stack(wanted).astype(np.int32)), bound


@pytest.mark.parametrize("kernel", [by_if, by_choice, by_if_of_32_bits, reflected, both_ends])
def test_vectors_away_from_the_edge_are_loaded(kernel) -> None:
    text = kernel.explain("cpu:x86-64-v3")
    assert "> a: vector load" in text, text


@kdsl.kernel
def wraps_in_64_bits(a: Array[f32, 1], out: Array[f32, 2], d: i64):
    i = kdsl.global_id(0)
    c = i64(i) + d
    above, below = max(c, 0), min(c, 9)
    if above < a.shape[0]:
        out[0, i] = a[above]
    if below >= 0:
        out[1, i] = a[below]


@pytest.mark.parametrize("target", RUNNABLE)
def test_numbers_of_64_bits_that_wrap_within_a_vector(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, wraps_in_64_bits)
    a, got, want = np.arange(40, dtype=np.float32), np.zeros((2, 40), np.float32), np.zeros((2, 40), np.float32)
    wraps_in_64_bits.over(40)(a, got, (1 << 63) - 3)
    wraps_in_64_bits.interpret.over(40)(a, want, (1 << 63) - 3)
    assert np.array_equal(got, want)
