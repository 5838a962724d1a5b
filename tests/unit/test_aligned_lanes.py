"""Threads of one axis as rows and columns: `t // 32`, `t % 32` of a thread's number, where blocks are walked in vectors."""

from __future__ import annotations

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32

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
