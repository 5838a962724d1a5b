"""Threads of one axis as rows and columns: `t // 32`, `t % 32` of a thread's number, where blocks are walked in vectors."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, i64, u32
from kdsl.codegen.cpu import emit
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.target import CPU_TARGETS

ROWS, COLUMNS = 16, 32


@kdsl.kernel
def transposed(a: Array[f32, 2], out: Array[f32, 2], columns: kdsl.const = COLUMNS):
    tile = kdsl.shared((ROWS, COLUMNS), f32)
    t = kdsl.thread_id(0)
    y, x = kdsl.block_id(1) * ROWS, kdsl.block_id(0) * COLUMNS
    for e in range(t, ROWS * COLUMNS, 256):
        row, column = e // columns, e % columns
        tile[row, column] = a[y + row, x + column] if y + row < a.shape[0] and x + column < a.shape[1] else 0.0
    kdsl.barrier()
    for e in range(t, ROWS * COLUMNS, 256):
        column, row = divmod(e, ROWS)
        if x + column < a.shape[1] and y + row < a.shape[0]:
            out[x + column, y + row] = tile[row, column]


@pytest.mark.parametrize("target", ["cpu:x86-64-v2", "cpu:x86-64-v3"])
def test_tiles_of_a_block_of_one_axis(monkeypatch, target) -> None:
    monkeypatch.setenv("KDSL_TARGET", target)
    a = np.random.default_rng(0).random((45, 100), np.float32)
    out = np.zeros((100, 45), np.float32)
    transposed[(kdsl.cdiv(100, COLUMNS), kdsl.cdiv(45, ROWS)), 256](a, out)
    assert np.array_equal(out, a.T)


def test_no_gather_is_left() -> None:
    text = transposed.explain("cpu:x86-64-v3")
    assert "> a: vector load" in text and "> tile: vector store" in text and "> out: vector store" in text


@kdsl.kernel
def pieces(out: Array[i32, 2], n: kdsl.const, shift: kdsl.const):
    s = kdsl.shared(1, i32)
    t, g = kdsl.thread_id(0), kdsl.global_id(0)
    s[0] = 1
    kdsl.barrier()
    out[g, 0], out[g, 1] = i32(t // n), i32(t % n)
    out[g, 2], out[g, 3] = i32((g - 64) // n), i32(g) % n
    out[g, 4], out[g, 5] = i32((t + 3) // n), i32((t * 2) % n)
    out[g, 6], out[g, 7] = i32(t) >> shift, i32(t) & (n - 1)
    out[g, 8] = i32(t) & ~7


@pytest.mark.parametrize("block", [20, 48])
@pytest.mark.parametrize("n", [4, 8, 12, 32])
def test_pieces_of_every_length(n, block) -> None:
    out, shift = np.zeros((3 * block, 9), np.int32), n.bit_length()
    pieces[3, block](out, n, shift)
    g = np.arange(3 * block)
    t = g % block
    wanted = [t // n, t % n, (g - 64) // n, g % n, (t + 3) // n, t * 2 % n, t >> shift, t & (n - 1), t & ~7]
    assert np.array_equal(out, np.stack(wanted, 1))


@kdsl.kernel
def halves(out: Array[i32, 2], n: i32):
    s = kdsl.shared(1, i32)
    t = kdsl.thread_id(0)
    a, b, c = i32(t), u32(t), i64(t)
    s[0] = 1
    kdsl.barrier()
    g, v = kdsl.global_id(0), i32(0)
    if t < 64:
        v += 1
        out[g, 0] = a
    if t >= 32:
        v += 2
        out[g, 1] = a
    if a <= 63:
        v += 4
        out[g, 2] = a
    if 31 < b:
        v += 8
        out[g, 3] = a
    if 64 > c and t > 0:
        v += 16
        out[g, 4] = a
    if a - 32 < 0:
        v += 32
        out[g, 5] = a
    if a < n * 64:
        v += 64
        out[g, 6] = a
    if t < 40:
        v += 128
        out[g, 7] = a
    k = a
    while k < 64:
        k += 48
    out[g, 8] = v
    out[g, 9] = k if t < 64 else -k


@pytest.mark.parametrize("target", RUNNABLE)
@pytest.mark.parametrize("block", [96, 100, 60, 7])
def test_conditions_that_vectors_share(monkeypatch, block, target) -> None:
    launch_on(target, monkeypatch, halves)
    for n in (-1, 0, 1, 1 << 26):  # the last wraps
        out = np.full((3 * block, 10), -1, np.int32)
        halves[3, block](out, n)
        t = np.arange(3 * block) % block
        many = (n * 64 + 2**31) % 2**32 - 2**31
        holds = [t < 64, t >= 32, t <= 63, t > 31, (t < 64) & (t > 0), t < 32, t < many, t < 40]
        k = np.where(t < 64, t + 48, t)
        k = np.where(k < 64, k + 48, k)
        wanted = [np.where(c, t, -1) for c in holds] + [sum(c * 2**i for i, c in enumerate(holds)), np.where(t < 64, k, -k)]
        assert np.array_equal(out, np.stack(wanted, 1))


@kdsl.kernel
def first_threads(out: Array[i32, 1], limit: kdsl.const):
    s = kdsl.shared(256, i32)
    t = kdsl.thread_id(0)
    s[t] = i32(t)
    kdsl.barrier()
    if t < limit:
        out[t] = s[255 - t]


def test_no_lanes_are_compared_where_no_vector_is_parted() -> None:
    target = CPU_TARGETS["x86-64-v4"]

    def text(limit: int) -> str:
        f = first_threads.ir({"out": T.ArrayType(T.i32, 1, unit_axis=0)}, {"limit": limit})
        return emit(lower(f, target, block=(256, 1, 1)), target)

    assert "icmp slt <16 x i32>" in text(60)
    assert "icmp slt <16 x i32>" not in text(64)
