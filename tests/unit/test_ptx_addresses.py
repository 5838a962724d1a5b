"""PTX: what loops compute of addresses: as little as may be."""

from __future__ import annotations

import re

import numpy as np
from emulation.ptx.launch import launch
from ptx_tools import assemble

import kdsl
from kdsl import Array, f32, i32
from kdsl.codegen.ptx import compile_ptx
from kdsl.compiler import lower
from kdsl.ir.interpreter import interpret
from kdsl.specialise import declared_signature
from kdsl.target import parse_target

TARGET = parse_target("cuda:sm_90")


@kdsl.kernel
def product(a: Array[f32, 1], b: Array[f32, 1], c: Array[f32, 1], n: i32):
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    total = f32(0)
    for k in range(n):
        total += a[i * n + k] * b[k * n + j]
    c[i * n + j] = total


@kdsl.kernel
def blocks(x: Array[f32, 1], y: Array[f32, 1], n: i32):
    i = kdsl.global_id(0)
    for t in range(n):
        for k in range(n):
            if (k + i) % 2 == 0:
                y[i] += x[t * 8 + i * n + k] - x[i * n + k]


@kdsl.kernel
def ends(x: Array[f32, 1], y: Array[f32, 1], n: i32):
    """Places that are used after the loop, in the ways of arguments that are aligned and that are not."""
    i = kdsl.global_id(0)
    for t in range(n):
        p = i * n + t
        y[4 * i] += x[4 * i] * x[4 * i + 1]
        for k in range(n):
            y[4 * i + 1] += x[p + k]


def check(kernel, *args, block: tuple[int, int, int]) -> str:
    function = kernel.ir(*declared_signature(kernel, None, {}))
    artifact = compile_ptx(lower(function, TARGET, block=block), TARGET)
    wanted = [np.copy(x) if isinstance(x, np.ndarray) else x for x in args]
    interpret(function, wanted, (1, 1, 1), block)
    launch(artifact, list(args), (1, 1, 1), block, block)
    for got, expected in zip(args, wanted, strict=True):
        assert np.array_equal(got, expected)
    text = artifact.texts["asm"]
    assemble(text, "sm_90")
    return text


def numbers(n: int) -> np.ndarray:
    return (np.arange(n) * 7 % 23).astype(np.float32)


def test_products_of_indices_take_one_instruction_and_stand_before_the_loop():
    text = check(product, numbers(64), numbers(64), numbers(64), 8, block=(8, 8, 1))
    loop = text.split("loop", 1)[1].split("bra", 1)[0]
    assert "mul.lo.s64" not in text
    assert len(re.findall(r"mul\.wide\.s32", loop)) == 1  # k * n; i * n is there
    assert len(re.findall(r"mad\.wide\.s32 \S+, \S+, 4, ", loop)) == 1  # the address of a's element
    assert "shl.b64" not in loop.split("ld.global", 2)[1].split("mul.wide", 1)[0]


def test_sums_whose_parts_change_in_loops_of_different_depth():
    for kernel in (blocks, ends):
        check(kernel, numbers(200), numbers(64), 5, block=(16, 1, 1))
        check(kernel, numbers(201)[1:], numbers(65)[1:], 5, block=(16, 1, 1))
