"""Two vectors at a time where both fit into registers, one otherwise."""

from __future__ import annotations

import pytest

import kdsl
from kdsl import Array, f32, i32
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def short(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + x[i + 1]


@kdsl.kernel
def updating(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


@kdsl.kernel
def updating_much(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = kdsl.tanh(x[i]) + y[i]


@kdsl.kernel
def crowded(x: Array[f32, 2], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    a, b, c, d, e, f, g, h = x[0, i], x[1, i], x[2, i], x[3, i], x[4, i], x[5, i], x[6, i], x[7, i]
    p, q, r, s, t = x[8, i], x[9, i], x[10, i], x[11, i], x[12, i]
    for _ in range(x.shape[0]):
        a, b, c, d, e, f, g, h, p, q, r, s, t = b, c, d, e, f, g, h, p, q, r, s, t, a * b
    y[i] = a + b + c + d + e + f + g + h + p + q + r + s + t


@kdsl.kernel
def counted(x: Array[i32, 1]):
    kdsl.atomic_add(x[kdsl.global_id(0) // 2], 1)


@kdsl.kernel
def in_blocks(x: Array[f32, 1]):
    x[kdsl.global_id(0)] = f32(kdsl.thread_id(0))


def width_of(kernel: object, arch: str) -> int:
    types, values = declared_signature(kernel, None, {})
    return lower(kernel.ir(types, values), CPU_TARGETS[arch]).attributes["width"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_short_bodies_take_two_vectors(arch: str) -> None:
    assert width_of(short, arch) == 2 * CPU_TARGETS[arch].lanes


@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_what_is_changed_where_it_lies_is_read_line_by_line(arch: str) -> None:
    is_line = arch.startswith("x86-64-v4")
    assert width_of(updating, arch) == CPU_TARGETS[arch].lanes * (1 if is_line else 2)
    assert width_of(updating_much, arch) == 2 * CPU_TARGETS[arch].lanes


@pytest.mark.parametrize("kernel", [crowded, counted, in_blocks], ids=lambda k: k.name)
@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_one_vector_where_two_gain_nothing(kernel: object, arch: str) -> None:
    assert width_of(kernel, arch) == CPU_TARGETS[arch].lanes
