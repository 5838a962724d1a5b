"""How long a thread is taken to run: what of a function counts."""

from __future__ import annotations

from typing import Any

import pytest

import kdsl
from kdsl import Array, f32, i32, u8
from kdsl.codegen.cpu.cost import Number, dearest_number, thread_nanoseconds
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def saxpy(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = 2.0 * x[i] + y[i]


@kdsl.kernel
def rows(x: Array[f32, 2], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    y[j, i] = 2.0 * x[j, i] + y[j, i]


@kdsl.kernel
def flip(x: Array[u8, 1], y: Array[u8, 1]):
    i = kdsl.global_id(0)
    y[i] = 255 - x[i]


@kdsl.kernel
def starts(x: Array[u8, 1], y: Array[u8, 1]):
    i = kdsl.global_id(0)
    if i == 0:
        y[i] = 1
    else:
        y[i] = u8(1) if x[i] != x[i - 1] else u8(0)


@kdsl.kernel
def strided(x: Array[f32, 1], y: Array[f32, 1]):
    """Its loop has the step of the loop over the row, and is another."""
    i = kdsl.global_id(0)
    s = f32(0)
    for k in range(0, 1600, 16):
        s += x[i + k]
    y[i] = s


def cost(kernel: Any, arch: str) -> float:
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])
    return thread_nanoseconds(f, f.attributes["width"], CPU_TARGETS[arch].vector_bytes)


@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_a_rows_end_does_not_count(arch: str) -> None:
    assert 0.5 * cost(saxpy, arch) < cost(rows, arch) < 1.5 * cost(saxpy, arch)


@pytest.mark.parametrize("arch", ["x86-64-v2", "x86-64-v3", "aarch64"])
def test_bytes_take_less_of_a_register(arch: str) -> None:
    assert cost(flip, arch) < cost(saxpy, arch) / 2
    assert cost(starts, arch) < 4 * cost(flip, arch)


@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_loops_of_the_kernel_are_counted(arch: str) -> None:
    assert cost(strided, arch) > 15 * cost(saxpy, arch)


def test_about_what_it_takes() -> None:
    """On a machine of 3 GHz, where memory does not matter."""
    assert 0.05 < cost(saxpy, "x86-64-v3") < 0.4
    assert 0.01 <= cost(flip, "x86-64-v3") < 0.1


@kdsl.kernel
def points(x: Array[f32, 2], y: Array[f32, 2]):
    i = kdsl.global_id(0)
    y[i, 0] = x[i, 1]
    y[i, 1] = x[i, 0]


def test_elements_apart_take_longer() -> None:
    for arch in ("x86-64-v2", "x86-64-v3", "x86-64-v4"):
        assert cost(points, arch) > 4 * cost(saxpy, arch)


@kdsl.kernel
def tiles(x: Array[f32, 2], y: Array[f32, 1], n: i32):
    """Two loops of which one goes to an extent, in steps, and one to a number, in pairs."""
    i = kdsl.global_id(0)
    s = f32(0)
    for k in range(x.shape[1] // 8):
        s += x[i % 3, 8 * k] * x[0, k]
    for _ in range(2 * n):
        s = s * 0.5
    y[i] = s


@kdsl.kernel
def strides(x: Array[f32, 1], y: Array[f32, 1], n: i32):
    """How many rounds there are hangs on how many threads there are."""
    s = f32(0)
    for k in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * 64):
        s += x[k]
    y[kdsl.global_id(0)] = s


def test_the_number_that_most_rounds_go_to() -> None:
    target = CPU_TARGETS["x86-64-v3"]
    found = {}
    for kernel in (tiles, strides):
        f = lower(kernel.ir(*declared_signature(kernel, None, {})), target)
        found[kernel] = f, dearest_number(f, f.attributes["width"], target.vector_bytes)
    assert found[strides][1] is None
    f, dearest = found[tiles]
    assert dearest is not None and dearest.number.param in f.params
    lanes, size = f.attributes["width"], target.vector_bytes
    for n in (16, 64, 640):
        one = thread_nanoseconds(f, lanes, size, {dearest.number: n})
        assert one == pytest.approx(dearest.cost + (n - 16) * dearest.round_ns)
    extent, given = Number(f.params[0], 1), Number(f.params[2], None)
    costs = {number: thread_nanoseconds(f, lanes, size, {number: 1600}) - thread_nanoseconds(f, lanes, size, {number: 0})
             for number in (extent, given)}  # fmt: skip
    assert all(c > 0 for c in costs.values())
    assert dearest.number == max(costs, key=lambda number: costs[number])
