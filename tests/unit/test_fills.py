"""Loops by which threads share out the elements of a tile have rows of the tile in place of rows of threads, without a division,
and stay as they are where a thread would see it."""

from __future__ import annotations

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

BLOCK = (8, 4, 1)


@kdsl.kernel
def one_counter(a: Array[f32, 2], o: Array[f32, 2]):
    """A tile that changes afterwards."""
    t = kdsl.shared((7, 11), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    left, top = kdsl.block_id(0) * 8, kdsl.block_id(1) * 4
    for k in range(ty * 8 + tx, 77, 32):
        y, x = top + k // 11, left + k % 11
        t[k // 11, k % 11] = a[y, x] if y < a.shape[0] and x < a.shape[1] else -1.0
    kdsl.barrier()
    v = t[ty + 3, tx + 3] + t[ty, tx]
    kdsl.barrier()
    t[ty, tx] = v
    kdsl.barrier()
    if left + tx < o.shape[1] and top + ty < o.shape[0]:
        o[top + ty, left + tx] = t[ty, 7 - tx]


@kdsl.kernel
def two_counters(a: Array[f32, 2], o: Array[f32, 2]):
    """With something before and behind the loops, and something of the threads' own."""
    t = kdsl.shared((6, 18), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    left, top = kdsl.block_id(0) * 8, kdsl.block_id(1) * 4
    mine = f32(tx * 3 + ty)
    for r in range(ty, 6, 4):
        y = min(max(top + r - 1, 0), a.shape[0] - 1)
        for c in range(tx, 18, 8):
            t[r, c] = a[y, min(max(left + c - 5, 0), a.shape[1] - 1)]
    kdsl.barrier()
    mine += t[5 - ty, 17 - tx]
    if left + tx < o.shape[1] and top + ty < o.shape[0]:
        o[top + ty, left + tx] = mine


@kdsl.kernel
def own_number(a: Array[f32, 2], o: Array[f32, 2]):
    """Which thread brought an element shows."""
    t = kdsl.shared((7, 11), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    mine = a[0, min(tx, a.shape[1] - 1)] * 10.0
    for k in range(ty * 8 + tx, 77, 32):
        t[k // 11, k % 11] = mine
    kdsl.barrier()
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = t[6 - ty, 10 - tx]


@kdsl.kernel
def own_sums(a: Array[f32, 2], o: Array[f32, 2]):
    """Each thread adds up what falls on its element, in its order."""
    s = kdsl.shared((32,), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    s[ty * 8 + tx] = 0.0
    kdsl.barrier()
    for k in range(ty * 8 + tx, 128, 32):
        s[k % 32] = s[k % 32] * 0.5 + f32(k // 32)
    kdsl.barrier()
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = s[31 - ty * 8 - tx]


@kdsl.kernel
def other_step(a: Array[f32, 2], o: Array[f32, 2]):
    """Not all elements."""
    t = kdsl.shared((6, 18), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    for k in range(ty * 8 + tx, 108, 32):
        t[k // 18, k % 18] = 1.0
    kdsl.barrier()
    for r in range(ty, 6, 5):
        for c in range(tx, 18, 8):
            t[r, c] = 2.0
    kdsl.barrier()
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = t[5 - ty, 17 - tx] + t[ty, tx]


@kdsl.kernel
def some_threads(a: Array[f32, 2], o: Array[f32, 2]):
    """A tile in which each thread's elements tell on which branch it was."""
    t = kdsl.shared((7, 11), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if tx < 3:
        for k in range(ty * 8 + tx, 77, 32):
            t[k // 11, k % 11] = a[0, 0]
    else:
        for k in range(ty * 8 + tx, 77, 32):
            t[k // 11, k % 11] = -1.0
    kdsl.barrier()
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = t[6 - ty, 10 - tx] + 2.0 * t[ty, tx]


@kdsl.kernel
def own_memory(a: Array[f32, 2], o: Array[f32, 2]):
    """Elements of which each is a number that its thread has kept."""
    t, mine = kdsl.shared((6, 18), f32), kdsl.local((2,), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    mine[0], mine[1] = f32(tx), f32(ty)
    for r in range(ty, 6, 4):
        for c in range(tx, 18, 8):
            t[r, c] = mine[a.shape[0] % 2] + a[0, 0]
    kdsl.barrier()
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = t[5 - ty, 17 - tx] + t[ty, tx]


FILLS, OTHERS = [one_counter, two_counters], [own_number, own_sums, other_step, some_threads, own_memory]


@pytest.mark.parametrize("kernel", [*FILLS, *OTHERS], ids=lambda k: k.name)
@pytest.mark.parametrize(("h", "w"), [(1, 1), (4, 8), (9, 21), (6, 64)])
def test_as_interpreted(kernel, h: int, w: int) -> None:
    a = np.random.default_rng(h + w).integers(0, 99, (h, w)).astype(np.float32)
    got, want = np.full((h, w), 9, np.float32), np.full((h, w), 9, np.float32)
    grid = kdsl.cdiv(w, 8), kdsl.cdiv(h, 4)
    kernel[grid, BLOCK](a, got)
    # What two threads write alike in `other_step` is no race that counts.
    kernel.interpret[grid, BLOCK](a, want)
    assert np.array_equal(got, want)


@pytest.mark.parametrize("target", CPU_TARGETS)
def test_nothing_is_divided_and_nothing_gathered(target: str) -> None:
    for kernel in FILLS:
        f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[target], block=BLOCK)
        names = {op.name for op in walk(f.body)}
        assert not names & {"arith.floordiv", "arith.mod", "scf.while"}, kernel.name


def test_others_stay() -> None:
    f = lower(own_number.ir(*declared_signature(own_number, None, {})), CPU_TARGETS["x86-64-v3"], block=BLOCK)
    assert any(op.name in ("arith.floordiv", "arith.mod") for op in walk(f.body))


@kdsl.kernel
def last_of_several(o: Array[f32, 2]):
    """A tile in which a thread stores to the same two elements in each of its turns."""
    t = kdsl.shared((6, 4), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    for r in range(ty, 6, 4):
        for c in range(tx, 400, 2):
            t[r, c % 2] = f32(c)
            t[r, c // 2 % 2 * 2 + c % 2] = f32(-c)
    kdsl.barrier()
    o[ty, tx] = t[ty, tx] + 1000.0 * t[ty, tx + 2]


@kdsl.kernel
def on_one_branch_or_the_other(o: Array[f32, 2]):
    """Two stores to elements that no other turn has."""
    t = kdsl.shared((6, 18), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    for r in range(ty, 6, 4):
        for c in range(tx, 18, 2):
            t[r, c] = f32(c)
            if (r + c) % 3 == 0:
                t[r, c] = -f32(r)
    kdsl.barrier()
    o[ty, tx] = t[ty + 2, tx] + 1000.0 * t[5 - ty, 17 - tx]


@kdsl.kernel
def by_two_lengths(o: Array[f32, 2]):
    """Row and column of different lengths: two turns of a thread have one element."""
    t = kdsl.shared((6, 2, 3), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    for r in range(ty, 6, 4):
        for c in range(tx, 12, 3):
            t[r, c // 6, c % 3] = f32(c)
            if c % 6 < 3:
                t[r, c // 6, c % 3] = -f32(c)
    kdsl.barrier()
    o[ty, tx] = t[ty, 0, tx] + 1000.0 * t[ty + 2, 1, 2 - tx]


@pytest.mark.parametrize(("kernel", "width"), [(last_of_several, 2), (on_one_branch_or_the_other, 2), (by_two_lengths, 3)])
def test_several_stores(kernel, width: int) -> None:
    got, want = np.zeros((4, width), np.float32), np.zeros((4, width), np.float32)
    kernel[(1, 1), (width, 4)](got)
    kernel.interpret[(1, 1), (width, 4)](want)
    assert np.array_equal(got, want)
