"""`while` loops begin on a line of decoded instructions."""

from __future__ import annotations

import re

import pytest

import kdsl
from kdsl import Array, f32, i32
from kdsl.codegen.cpu import assembly
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def steps(x: Array[f32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    z = x[i]
    k = i32(0)
    while k < 100 and z * z <= 4.0:
        z = z * z - x[i]
        k += 1
    out[i] = k


@kdsl.kernel
def nested(x: Array[f32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    z = x[i]
    k = i32(0)
    while z < 100.0:
        for j in range(out.shape[0]):
            z += x[j]
        k += 1
    out[i] = k


def lines_of(kernel: kdsl.Kernel, arch: str) -> str:
    target = CPU_TARGETS[arch]
    return assembly(lower(kernel.ir({"x": T.ArrayType(T.f32, 1), "out": T.ArrayType(T.i32, 1)}), target, linear=True), target)


@pytest.mark.parametrize("arch", ["x86-64-v2", "x86-64-v3", "x86-64-v4"])
def test_the_steps_of_a_point_begin_on_a_line(arch: str) -> None:
    text = lines_of(steps, arch)
    aligned = re.findall(r"^\s*\.p2align\s+6.*\n(\.LBB\S+):", text, re.M)
    assert aligned  # for vectors of threads; for the last ones, too, where they have a loop of their own
    for label in aligned:
        assert re.search(rf"^\s*j\w+\s+{re.escape(label)}$", text, re.M)


def test_a_loop_around_another_is_not_moved() -> None:
    assert not re.search(r"^\s*\.p2align\s+6", lines_of(nested, "x86-64-v3"), re.M)
