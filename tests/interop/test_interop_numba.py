"""Kernels called from numba's njit code: types, strides, constants, threads, mistakes."""

from __future__ import annotations

import numpy as np
import pytest
from toolbox import require_module

import kdsl
from kdsl import Array, f32, f64, i8, index
from kdsl.diagnostics import LaunchError

require_module("numba")
from numba import njit, prange  # noqa: E402
from numba.core.errors import TypingError  # noqa: E402

from kdsl.interop.numba import function  # noqa: E402


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


@kdsl.kernel
def scale(x, n: index, FACTOR: kdsl.const = 3):
    i = kdsl.global_id(0)
    j = kdsl.global_id(1)
    x[j, i] = x[j, i] * FACTOR + n


@kdsl.kernel
def sums(x: Array[f32, 1], out: Array[f32, 1]):
    tile = kdsl.shared(64, f32)
    t = kdsl.thread_id(0)
    tile[t] = x[kdsl.global_id(0)]
    kdsl.barrier()
    if t == 0:
        total = 0.0
        for k in range(64):
            total += tile[k]
        out[kdsl.block_id(0)] = total


@kdsl.kernel
def numbers(out: Array[f64, 1], a: i8, b: kdsl.bool_, c: f64, d: kdsl.u64):
    out[0] = f64(a)
    out[1] = 1.0 if b else 0.0
    out[2] = c
    out[3] = f64(d)


particle = np.dtype([("position", np.float32, 3), ("mass", np.float32)])


@kdsl.kernel
def heavier(p):
    i = kdsl.global_id(0)
    p[i].mass = p[i].mass + p[i].position.z


def test_types_are_those_of_the_caller() -> None:
    scale_of = function(scale, FACTOR=5)

    @njit
    def work(x):
        scale_of((x.shape[1], x.shape[0]), x, 7)

    for x in (np.ones((40, 3)).T, np.ones((6, 80), np.int32)[::-2, ::2]):
        base = x.base if x.base is not None else x
        untouched = base.size - x.size
        work(x)
        assert (x == 12).all() and (base == 1).sum() == untouched


def test_shared_memory_and_blocks() -> None:
    sums_of = function(sums, block=64)

    @njit(nogil=True)
    def work(x, out):
        sums_of(len(x), x, out)

    x, out = np.arange(64_000, dtype=np.float32) % 7, np.zeros(1000, np.float32)
    work(x, out)
    assert np.array_equal(out, x.reshape(-1, 64).sum(1))


def test_large_launches_from_several_threads_at_once() -> None:
    saxpy_of = function(saxpy)

    @njit(parallel=True)
    def work(x, y):
        for k in prange(4):
            saxpy_of(x.shape[1], 2.0, x[k], y[k])

    x, y = np.ones((4, 200_000), np.float32), np.zeros((4, 200_000), np.float32)
    for _ in range(3):
        work(x, y)
    assert (y == 6).all()


def test_numbers_are_converted() -> None:
    numbers_of = function(numbers)

    @njit
    def work(out, a, b, c, d):
        numbers_of(1, out, a, b, c, d)

    out = np.zeros(4)
    work(out, -3, True, np.float32(0.5), 1 << 40)
    assert out.tolist() == [-3, 1, 0.5, 1 << 40]


def test_structs_are_passed_in_place() -> None:
    heavier_of = function(heavier)

    @njit
    def work(p):
        heavier_of(len(p), p)

    p = np.zeros(5, particle)
    p["position"][:, 2] = np.arange(5)
    work(p)
    assert p["mass"].tolist() == [0, 1, 2, 3, 4]


def test_outside_of_njit_it_is_a_launch() -> None:
    x = np.ones((2, 2), np.float32)
    function(scale)((2, 2), x, 1)
    assert (x == 4).all()


def test_a_launch_that_cannot_be_is_an_exception() -> None:
    saxpy_of = function(saxpy)

    @njit
    def work(n, x, y):
        saxpy_of(n, 1.0, x, y)

    x = np.ones(8, np.float32)
    work(0, x, x.copy())
    with pytest.raises(ValueError, match="number of threads that cannot be"):
        work(-5, x, x.copy())
    overlapping = np.lib.stride_tricks.as_strided(x, (4,), (0,))
    with pytest.raises(ValueError, match="share memory"):
        work(4, x, overlapping)


def test_mistakes_are_typing_errors_with_the_reason() -> None:
    saxpy_of = function(saxpy)
    x, kept = np.ones(4, np.float32), np.ones(4, np.float32)
    cases = [
        (njit(lambda x: saxpy_of(4, x, x, x)), "K632"),
        (njit(lambda x: saxpy_of(4, 1.0, x)), "K601"),
        (njit(lambda x: saxpy_of(4, 1.0, x, x.astype(np.float64))), "K615"),
        (njit(lambda x: saxpy_of(4, 1.0, x, kept)), "K618"),
        (njit(lambda x: saxpy_of(4.0, 1.0, x, x)), "number of threads"),
    ]
    for call, said in cases:
        with pytest.raises(TypingError, match=said):
            call(x)
    with pytest.raises(LaunchError, match="K602"):
        function(saxpy, SIZE=4)
    with pytest.raises(LaunchError, match="K683"):
        function(len)  # type: ignore[arg-type]
