"""Rounds in which threads that count in common tables take elements side by side, whatever elements they are written to take."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pytest

import kdsl
from kdsl import Array, i32, u8
from kdsl.compiler import lower
from kdsl.ir.analysis.uniformity import Uniformity
from kdsl.ir.core import Function, Op, Value, walk
from kdsl.ir.passes.vectorize import merge
from kdsl.ir.passes.vectorize.runs import Run, runs
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

BLOCK = 64
BINS = 256


@kdsl.func
def empty(mine):
    for k in range(kdsl.thread_id(0), BINS, BLOCK):
        mine[k] = 0
    kdsl.barrier()


@kdsl.func
def bring(mine, out):
    kdsl.barrier()
    for k in range(kdsl.thread_id(0), BINS, BLOCK):
        kdsl.atomic_add(out[k], mine[k])


@kdsl.kernel
def own_run(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    empty(mine)
    for k in range(16):
        j = i * 16 + k
        if j < x.shape[0]:
            kdsl.atomic_add(mine[kdsl.index(x[j])], 1)
    bring(mine, out)


@kdsl.kernel
def own_run_of_blocks(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    """The first element is that of the block, and two elements have weights of their places."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    first = kdsl.block_id(0) * kdsl.block_dim(0) * 6
    empty(mine)
    for k in range(6):
        j = first + t * 6 + k
        if j + 1 < x.shape[0]:
            kdsl.atomic_add(mine[kdsl.index(x[j])], i32(j))
            kdsl.atomic_add(mine[kdsl.index(x[j + 1])], i32(x[j]))
    bring(mine, out)


@kdsl.kernel
def side_by_side(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    empty(mine)
    for k in range(5):
        j = (kdsl.block_id(0) * 5 + k) * BLOCK + t
        if j < x.shape[0] and x[j] != 9:
            kdsl.atomic_add(mine[kdsl.index(x[j])], 1)
    bring(mine, out)


@kdsl.kernel
def every_third(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    """Elements are three apart, and a loop goes through the three."""
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    empty(mine)
    for k in range(4):
        first = (i * 4 + k) * 3
        for c in range(3):
            if first + c < x.shape[0]:
                kdsl.atomic_xor(mine[(kdsl.index(x[first + c]) * 3 + c) % BINS], i32(first))
    kdsl.barrier()
    for k in range(kdsl.thread_id(0), BINS, BLOCK):
        kdsl.atomic_xor(out[k], mine[k])


@kdsl.kernel
def as_many_as_told(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    empty(mine)
    for k in range(per):
        j = i * per + k + 3
        if j < x.shape[0]:
            kdsl.atomic_add(mine[kdsl.index(x[j])], 1)
    bring(mine, out)


@kdsl.kernel
def up_to_the_end(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    """The counter is the element, which has its place for a weight."""
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    empty(mine)
    for j in range(i * per, min(i * per + per, x.shape[0])):
        kdsl.atomic_add(mine[kdsl.index(x[j])], i32(j))
    bring(mine, out)


@kdsl.kernel
def up_to_the_next(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    """Where the next thread begins is written as that, and the first elements are nobody's."""
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    empty(mine)
    for j in range(i * per + 5, (i + 1) * per + 5):
        if j < x.shape[0] and x[j] != 3:
            kdsl.atomic_add(mine[kdsl.index(x[j])], 1)
    bring(mine, out)


@kdsl.kernel
def up_to_a_number(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    """The end comes first, and three elements are one."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    first = (kdsl.block_id(0) * BLOCK + t) * 12
    empty(mine)
    for j in range(first, min(x.shape[0] // 3, first + 12)):
        for c in range(3):
            kdsl.atomic_add(mine[(kdsl.index(x[3 * j + c]) + c) % BINS], i32(c) + 1)
    bring(mine, out)


SHARED = (own_run, own_run_of_blocks, side_by_side, every_third, as_many_as_told, up_to_the_end, up_to_the_next, up_to_a_number)


@kdsl.kernel
def meet_twice(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    """The last of a thread's elements is the next one's first."""
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    empty(mine)
    for k in range(16):
        j = i * 15 + k
        if j < x.shape[0]:
            kdsl.atomic_add(mine[kdsl.index(x[j])], 1)
    bring(mine, out)


@kdsl.kernel
def asks_which_round(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    empty(mine)
    for k in range(16):
        j = i * 16 + k
        if j < x.shape[0]:
            kdsl.atomic_add(mine[kdsl.index(x[j])], i32(k))
    bring(mine, out)


@kdsl.kernel
def asks_which_thread(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    empty(mine)
    for k in range(16):
        j = i * 16 + k
        if j < x.shape[0] and i % 3 != 1:
            kdsl.atomic_add(mine[kdsl.index(x[j])], 1)
    bring(mine, out)


@kdsl.kernel
def asks_which_block(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    empty(mine)
    if kdsl.block_id(0) % 2 == 0:
        for k in range(16):
            j = i * 16 + k
            if j < x.shape[0]:
                kdsl.atomic_add(mine[kdsl.index(x[j])], 1)
    bring(mine, out)


@kdsl.kernel
def sees_its_own_stores(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    """A thread changes its elements before it counts them, without a barrier between."""
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    empty(mine)
    for k in range(16):
        if i * 16 + k < x.shape[0]:
            x[i * 16 + k] = x[i * 16 + k] // 2
    for k in range(16):
        j = i * 16 + k
        if j < x.shape[0]:
            kdsl.atomic_add(mine[kdsl.index(x[j])], 1)
    bring(mine, out)


@kdsl.kernel
def of_other_blocks(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    """Blocks lie closer together than they have elements."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    empty(mine)
    for k in range(4):
        j = kdsl.block_id(0) * BLOCK + t * 4 + k
        if j < x.shape[0]:
            kdsl.atomic_add(mine[kdsl.index(x[j])], 1)
    bring(mine, out)


@kdsl.kernel
def looks_up(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    """What a block has by itself says what its elements count."""
    mine, weights, i = kdsl.shared((BINS,), i32), kdsl.shared((BLOCK,), i32), kdsl.global_id(0)
    weights[kdsl.thread_id(0)] = i32(i)
    empty(mine)
    for k in range(4):
        j = i * 4 + k
        if j < x.shape[0]:
            kdsl.atomic_add(mine[kdsl.index(x[j])], weights[j % BLOCK])
    bring(mine, out)


@kdsl.kernel
def up_to_the_blocks_end(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    """The number of rounds is the block's."""
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    rounds = kdsl.block_id(0) % 4
    empty(mine)
    for k in range(rounds):
        j = i * rounds + k
        if j < x.shape[0]:
            kdsl.atomic_add(mine[kdsl.index(x[j])], 1)
    bring(mine, out)


@kdsl.kernel
def begins_later(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    """Threads leave an element out, each between its own and the next one's."""
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    empty(mine)
    for j in range(i * per + 1, min((i + 1) * per, x.shape[0])):
        kdsl.atomic_add(mine[kdsl.index(x[j])], 1)
    bring(mine, out)


@kdsl.kernel
def asks_how_far(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    empty(mine)
    for j in range(i * per, min(i * per + per, x.shape[0])):
        kdsl.atomic_add(mine[kdsl.index(x[j])], i32(j - i * per))
    bring(mine, out)


@kdsl.kernel
def ends_of_its_own(x: Array[u8, 1], out: Array[i32, 1], per: kdsl.index):
    """Each thread has another end."""
    mine, i = kdsl.shared((BINS,), i32), kdsl.global_id(0)
    empty(mine)
    for j in range(i * per, min(i * per + per, x.shape[0] - i)):
        kdsl.atomic_add(mine[kdsl.index(x[j])], 1)
    bring(mine, out)


APART = (meet_twice, begins_later, asks_how_far, ends_of_its_own, asks_which_round, asks_which_thread, asks_which_block,
         sees_its_own_stores, of_other_blocks, looks_up, up_to_the_blocks_end)  # fmt: skip


@pytest.mark.parametrize("kernel", [*SHARED, *APART], ids=lambda k: k.name)
def test_which_rounds_are_shared_out(kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[dict[Op, Run]] = []

    def spy(f: Function, levels: Uniformity, threads: int, pooled: Collection[Value]) -> dict[Op, Run]:
        found.append(runs(f, levels, threads, pooled))
        return found[-1]

    monkeypatch.setattr(merge, "runs", spy)
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"], block=(BLOCK, 1, 1))
    assert "merged" in f.attributes and found
    assert all(bool(one) == (kernel in SHARED) for one in found)


@pytest.mark.parametrize("target", CPU_TARGETS)
def test_a_round_reads_one_run_of_memory(target: str) -> None:
    f = lower(own_run.ir(*declared_signature(own_run, None, {})), CPU_TARGETS[target], block=(BLOCK, 1, 1))
    loads: list[tuple[Value, Op]] = [(op.operands[0], op) for op in walk(f.body) if op.name in ("tile.load", "tile.gather")]
    ours = [op for array, op in loads if array is f.params[0]]
    assert ours and all(op.name == "tile.load" and op.attributes["step"] == 1 for op in ours)


@pytest.mark.parametrize("n", [0, 1, 63, 64 * 16, 64 * 16 * 3 + 5, 20000])
@pytest.mark.parametrize("grid", [1, 3, 32, 40])
@pytest.mark.parametrize("kernel", [*SHARED, *APART], ids=lambda k: k.name)
def test_as_interpreted(kernel, grid: int, n: int) -> None:
    x = np.minimum(np.random.default_rng(n).geometric(0.02, n), 255).astype(np.uint8)
    y = x.copy()
    first = np.arange(400, dtype=np.int32) % 19
    got, want = first.copy(), first.copy()
    per = 7 if n != 63 else 0
    kernel[grid, BLOCK](x, got, per)
    kernel.interpret[grid, BLOCK](y, want, per)
    assert np.array_equal(got, want) and np.array_equal(x, y)


def test_rounds_below_none_are_none() -> None:
    out = np.zeros(BINS, np.int32)
    for kernel in (as_many_as_told, up_to_the_end, up_to_the_next):
        kernel[3, BLOCK](np.ones(5000, np.uint8), out, -4)
    assert not out.any()


def test_one_thread_may_have_all() -> None:
    """There are as many rounds as elements are left, not as a thread may take at most."""
    x, out = np.full(1000, 7, np.uint8), np.zeros(BINS, np.int32)
    up_to_the_end[1, BLOCK](x, out, 1 << 40)
    assert out[7] == 999 * 500 and np.count_nonzero(out) == 1
