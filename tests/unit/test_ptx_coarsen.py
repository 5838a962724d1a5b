"""PTX: which kernels do several elements to a thread: those whose accesses join for it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from emulation.ptx.launch import launch
from ptx_tools import assemble, resources

import kdsl
from kdsl import Array, f32, i32, u8
from kdsl.codegen.ptx import compile_ptx
from kdsl.compiler import lower
from kdsl.ir.interpreter import interpret
from kdsl.specialise import declared_signature
from kdsl.target import parse_target

TARGET = parse_target("cuda:sm_90")
N = 128  # also of each row


@kdsl.kernel
def scaled(x: Array[f32, 2], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i < y.shape[1] and j < y.shape[0]:
        y[j, i] = x[j, i] * 2


@kdsl.kernel
def heat(x: Array[f32, 2], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i >= 1 and j >= 1 and i < y.shape[1] - 1 and j < y.shape[0] - 1:
        y[j, i] = x[j, i] + (x[j - 1, i] + x[j + 1, i] + x[j, i - 1] + x[j, i + 1] - 4 * x[j, i]) / 8


@kdsl.kernel
def blur(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i >= 1 and i < x.shape[0] - 1:
        y[i] = (x[i - 1] + 2 * x[i] + x[i + 1]) / 4


@kdsl.kernel
def in_place(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < x.shape[0] - 1:
        y[i] = x[i] + 1
        y[i] = y[i] * x[i] + x[i + 1]


@kdsl.kernel
def looked_up(x: Array[u8, 1], table: Array[u8, 1], y: Array[u8, 1]):
    i = kdsl.global_id(0)
    if i < y.shape[0]:
        y[i] = table[x[i]]


@kdsl.kernel
def grey(x: Array[f32, 3], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i < y.shape[1] and j < y.shape[0]:
        y[j, i] = 0.25 * x[j, i, 0] + 0.5 * x[j, i, 1] + 0.125 * x[j, i, 2]


@kdsl.kernel
def clamped(x: Array[f32, 1], y: Array[f32, 1]):
    i, n = kdsl.global_id(0), x.shape[0]
    if i < n:
        y[i] = (x[max(i - 1, 0)] + 2 * x[i] + x[min(i + 1, n - 1)]) / 4


@kdsl.kernel
def backwards(x: Array[f32, 1], y: Array[f32, 1]):
    i, n = kdsl.global_id(0), x.shape[0]
    if i < n:
        y[i] = x[n - 1 - i]


@kdsl.kernel
def across(x: Array[f32, 2], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i < y.shape[1] and j < y.shape[0]:
        y[j, i] = x[i, j]


@kdsl.kernel
def spread(x: Array[f32, 1], k: Array[i32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        y[k[i]] = x[i]


def vector(n: int = N) -> np.ndarray:
    raw = np.zeros(n + 64, np.float32)
    out = raw[-raw.ctypes.data // 4 % 64 :][:n]
    out[:] = np.arange(n) * 7 % 23
    return out


def rows(*shape: int) -> np.ndarray:
    return vector(int(np.prod(shape))).reshape(shape)


def check(kernel, *args, block: tuple[int, int, int]) -> tuple[int, list[str]]:
    """How many elements a thread does, and the loads and stores of the way on which it does them, of a kernel that gives what the
    interpreter gives and that the assembler takes."""
    function = kernel.ir(*declared_signature(kernel, None, {}))
    artifact = compile_ptx(lower(function, TARGET, block=block), TARGET)
    wanted = [np.copy(x) for x in args]
    interpret(function, wanted, (1, 1, 1), block)
    launch(artifact, list(args), (1, 1, 1), block, block)
    for got, expected in zip(args, wanted, strict=True):
        assert np.array_equal(got, expected)
    text = artifact.texts["asm"]
    assert all(r.spill_bytes == r.stack_bytes == 0 for r in resources(assemble(text, "sm_90")).values())
    fast = text.split("else", 2)[1] if artifact.entry.coarsen > 1 else text
    return artifact.entry.coarsen, re.findall(r"\b(?:ld|st)\.global\.?(?:nc\.)?(\S+)", fast)


FLAT, FLAT_ROWS = (N, 1, 1), (N, 2, 1)


@pytest.mark.parametrize("kernel, args, block, accesses", [
    (scaled, (rows(2, N), rows(2, N)), FLAT_ROWS, ["v4.f32", "v4.f32"]),
    # Of the row itself, what is left of the four and right of them: not the four again, shifted by one.
    (heat, (rows(4, N), rows(4, N)), (N, 4, 1), ["v4.f32", "v4.f32", "v4.f32", "f32", "f32", "v4.f32"]),
    (blur, (vector(), vector()), FLAT, ["f32", "v4.f32", "f32", "v4.f32"]),
    # x and y may overlap, so that after the first store both are loaded again.
    (in_place, (vector(), vector()), FLAT, ["v4.f32", "v4.f32", "v4.f32", "v4.f32", "f32", "v4.f32"]),
    (looked_up, (vector().astype(np.uint8), vector(23).astype(np.uint8), vector().astype(np.uint8)), (8 * N, 1, 1), None),
])  # fmt: skip
def test_several_elements_to_a_thread_where_they_join(kernel, args, block, accesses):
    factor, found = check(kernel, *args, block=block)
    assert factor == (4 if accesses else 8)
    if accesses:
        assert sorted(found) == sorted(accesses)


@pytest.mark.parametrize("kernel, args, block", [
    (grey, (rows(2, N, 3), rows(2, N)), FLAT_ROWS),
    (clamped, (vector(), vector()), FLAT),
    (backwards, (vector(), vector()), FLAT),
    (across, (rows(N, 2), rows(2, N)), FLAT_ROWS),
])  # fmt: skip
def test_one_element_to_a_thread_where_most_would_be_far_from_the_next_threads(kernel, args, block):
    factor, _ = check(kernel, *args, block=block)
    assert factor == 1


def test_what_is_looked_up_lies_anywhere_in_either_case():
    k = (np.arange(N, dtype=np.int32) * 5) % N
    factor, _ = check(spread, vector(), k, vector(), block=FLAT)
    assert factor == 4
