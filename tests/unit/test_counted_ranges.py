"""Loops whose start is no number but whose length is: `range(b, b + 8)` counts from 0 to 8, unless `b + 8` might wrap."""

from __future__ import annotations

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i16, i32, u32
from kdsl.ir.core import walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.ops import scf
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.specialise import declared_signature

N = 16


@kdsl.kernel
def eights(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    b = i * 8
    for k in range(b, b + 8):
        y[i] += x[k] * f32(k - b)


@kdsl.kernel
def window(x: Array[f32, 1], y: Array[f32, 1], R: kdsl.const = 2):
    i = kdsl.global_id(0)
    if i >= R and i < x.shape[0] - R:
        for k in range(i - R, i + R + 1):
            y[i] += x[k]


@kdsl.kernel
def tiles(x: Array[f32, 1], y: Array[f32, 1], n: i32):
    i = kdsl.global_id(0)
    for t in range(0, n, 4):
        for k in range(t + 3, t - 1, -1):
            y[i] -= x[k]
        for k in range(t, t + 4, 3):
            y[i] += x[k]


@kdsl.kernel
def bounded(x: Array[f32, 1], start: Array[i32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    s = start[i] % 100
    for k in range(s, s + 3):
        y[i] += x[k]


@kdsl.kernel
def words(x: Array[f32, 1], start: Array[i32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    s = start[i]
    for k in range(s, s + 3):
        y[i] += x[k]


def loops(function) -> list[int | None]:
    return [scf.known_trips(op) for op in walk(function.body) if op.defn is scf.FOR]


def numbers(n: int) -> np.ndarray:
    return (np.arange(n) * 7 % 23).astype(np.float32)


@pytest.mark.parametrize("kernel, args, trips", [
    (eights, (numbers(8 * N), numbers(N)), [8]),
    (window, (numbers(N), numbers(N)), [5]),
    (tiles, (numbers(8 * N), numbers(N), 15), [None, None, 2]),  # what counts down stays
    (bounded, (numbers(130), np.arange(N, dtype=np.int32) * 2**20, numbers(N)), [3]),
])  # fmt: skip
def test_loops_of_known_length_count_from_nothing(kernel, args, trips):
    function = kernel.ir(*declared_signature(kernel, None, {}))
    simple = simplify(function)
    assert loops(simple) == trips
    wanted, got = ([np.copy(x) if isinstance(x, np.ndarray) else x for x in args] for _ in range(2))
    interpret(function, wanted, (1, 1, 1), (N, 1, 1))
    interpret(simple, got, (1, 1, 1), (N, 1, 1))
    assert all(np.array_equal(a, b) for a, b in zip(got, wanted, strict=True))


def test_an_end_that_may_wrap_is_tested():
    """Of the greatest i32, `s + 3` is a number below it: nothing runs."""
    simple = simplify(words.ir(*declared_signature(words, None, {})))
    assert loops(simple) == [None]
    start, y = np.array([2**31 - 1, 5], np.int32), np.zeros(2, np.float32)
    interpret(simple, [numbers(20), start, y], (1, 1, 1), (2, 1, 1))
    assert list(y) == [0, numbers(20)[5:8].sum()]


@kdsl.kernel
def signs(x: Array[f32, 1], start: Array[i16, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    s = min(start[i], i16(100))
    for k in range(u32(s), u32(s + i16(3))):
        y[i] += x[k]


def test_a_cast_that_loses_the_sign_is_tested():
    """-1 is 2**32 - 1 there, and 2 no more than 2: nothing runs."""
    simple = simplify(signs.ir(*declared_signature(signs, None, {})))
    assert loops(simple) == [None]
    start, y = np.array([-1, 5], np.int16), np.zeros(2, np.float32)
    interpret(simple, [numbers(20), start, y], (1, 1, 1), (2, 1, 1))
    assert list(y) == [0, numbers(20)[5:8].sum()]
