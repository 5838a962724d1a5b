"""Shared tables that neighbouring blocks have in common: histograms and the like, and what must have a table for each block."""

from __future__ import annotations

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32, i64, u8, u16, u32
from kdsl.compiler import lower
from kdsl.ir.core import Op, Region, walk
from kdsl.ir.passes.vectorize.pool import padding
from kdsl.ir.types import Space
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

BLOCK = 64
BINS = 256


@kdsl.func
def count(mine, x):
    """How often each byte occurs among a block's."""
    for k in range(kdsl.thread_id(0), BINS, BLOCK):
        mine[k] = 0
    kdsl.barrier()
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        kdsl.atomic_add(mine[kdsl.index(x[i])], 1)
    kdsl.barrier()


@kdsl.kernel
def plain(x: Array[u8, 1], out: Array[i32, 1]):
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    count(mine, x)
    for k in range(t, BINS, BLOCK):
        kdsl.atomic_add(out[k], mine[k])


@kdsl.kernel
def one_each(x: Array[u8, 1], out: Array[i32, 1]):
    """A thread has one element: nothing walks with the stride of the grid. Some are left out, others count twice."""
    mine = kdsl.shared((BINS,), i32)
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    for k in range(t, BINS, BLOCK):
        mine[k] = 0
    kdsl.barrier()
    if i < x.shape[0] and x[i] != 7:
        kdsl.atomic_add(mine[kdsl.index(x[i])], 1 if x[i] < 99 else 2)
    kdsl.barrier()
    for k in range(t, BINS, BLOCK):
        kdsl.atomic_add(out[k], mine[k])


@kdsl.kernel
def several(x: Array[u8, 1], out: Array[i32, 1]):
    """Four elements for each thread, in a table of 16 bits' worth: one way."""
    mine = kdsl.shared((4096,), i32)
    t = kdsl.thread_id(0)
    for k in range(t, 4096, BLOCK):
        mine[k] = 0
    kdsl.barrier()
    for j in range(4):
        i = (kdsl.block_id(0) * 4 + j) * BLOCK + t
        if i < x.shape[0]:
            kdsl.atomic_sub(mine[kdsl.index(x[i]) * 16 + j], i32(x[i]))
    kdsl.barrier()
    for k in range(t, 256, BLOCK):
        kdsl.atomic_sub(out[k], mine[16 * k + 1])


@kdsl.kernel
def extremes(x: Array[u8, 1], out: Array[i32, 1]):
    """A first value that is not neutral, which only extremes may have, and two tables."""
    low, high = kdsl.shared((16,), i32), kdsl.shared((16,), i32)
    t = kdsl.thread_id(0)
    if t < 16:
        low[t] = 1000
    kdsl.barrier()
    if t < 16:
        high[t] = out[300] * 0 if t < 0 else -5
    kdsl.barrier()
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        kdsl.atomic_min(low[kdsl.index(x[i] & 15)], i32(x[i]))
        kdsl.atomic_max(high[kdsl.index(x[i] & 15)], i32(x[i]))
    kdsl.barrier()
    if t < 16:
        kdsl.atomic_max(out[16 + t], high[t])
    kdsl.barrier()
    if t < 16:
        kdsl.atomic_min(out[t], low[t])


@kdsl.kernel
def counter(x: Array[u8, 1], out: Array[i32, 1]):
    """One element for all: lanes are added up, and need no tables of their own."""
    n = kdsl.shared((1,), i32)
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    if t == 0:
        n[0] = 0
    kdsl.barrier()
    if i < x.shape[0] and x[i] > 50:
        kdsl.atomic_add(n[0], i32(x[i]))
    kdsl.barrier()
    if t == 0:
        kdsl.atomic_add(out[3], n[0])


@kdsl.kernel
def rounds(x: Array[u8, 1], out: Array[i32, 1]):
    """What has been counted is brought in each round, once more."""
    mine = kdsl.shared((BINS,), i32)
    t = kdsl.thread_id(0)
    for k in range(t, BINS, BLOCK):
        mine[k] = 0
    kdsl.barrier()
    for r in range(3):
        for i in range(kdsl.global_id(0) + r, x.shape[0], kdsl.grid_dim(0) * BLOCK):
            kdsl.atomic_xor(mine[kdsl.index(x[i])], i32(i) + r)
        kdsl.barrier()
        for k in range(t, BINS, BLOCK):
            kdsl.atomic_xor(out[k], mine[k])
        kdsl.barrier()


@kdsl.kernel
def guarded(x: Array[u8, 1], out: Array[i32, 1]):
    """Only what was counted is brought, which is all that changes anything."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    count(mine, x)
    for k in range(t, BINS, BLOCK):
        if mine[k] != 0:
            kdsl.atomic_add(out[k], mine[k])


@kdsl.kernel
def guarded_least(x: Array[u8, 1], out: Array[i32, 1]):
    """The least of none changes no element either; the first value is a larger one than some of the elements."""
    low, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    for k in range(t, BINS, BLOCK):
        low[k] = 1000
    kdsl.barrier()
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        kdsl.atomic_min(low[kdsl.index(x[i])], i32(i) - 50)
    kdsl.barrier()
    for k in range(t, BINS, BLOCK):
        least = low[k]
        if least != 0x7FFFFFFF:
            kdsl.atomic_min(out[k], least)


@kdsl.kernel
def above_none(x: Array[u8, 1], out: Array[u32, 1]):
    """A number without a sign is above 0 if it is not 0."""
    mine, t = kdsl.shared((BINS,), u32), kdsl.thread_id(0)
    for k in range(t, BINS, BLOCK):
        mine[k] = 0
    kdsl.barrier()
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        kdsl.atomic_sub(mine[kdsl.index(x[i])], 1)
    kdsl.barrier()
    for k in range(t, BINS, BLOCK):
        if mine[k] > 0:
            kdsl.atomic_add(out[k], mine[k])


@kdsl.func
def count_in_warps(tables, x):
    """Each 16 threads have a table."""
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    for w in range(4):
        for k in range(t, BINS, BLOCK):
            tables[w, k] = 0
    kdsl.barrier()
    if i < x.shape[0]:
        kdsl.atomic_add(tables[t // 16, kdsl.index(x[i])], 1)
    kdsl.barrier()


@kdsl.kernel
def of_warps(x: Array[u8, 1], out: Array[i32, 1]):
    """Of which tables a loop makes one sum."""
    tables = kdsl.shared((4, BINS), i32)
    count_in_warps(tables, x)
    for k in range(kdsl.thread_id(0), BINS, BLOCK):
        s = 0
        for w in range(4):
            s += tables[w, k]
        kdsl.atomic_add(out[k], s)


@kdsl.kernel
def of_warps_at_once(x: Array[u8, 1], out: Array[i32, 1]):
    tables = kdsl.shared((4, BINS), i32)
    count_in_warps(tables, x)
    for k in range(kdsl.thread_id(0), BINS, BLOCK):
        kdsl.atomic_add(out[k], tables[0, k] + tables[1, k] + (tables[2, k] + tables[3, k]))


@kdsl.kernel
def as_long_as_it_is(x: Array[u8, 1], out: Array[i32, 1]):
    """How many elements a table has is asked."""
    mine, t, i = kdsl.shared((BINS,), i32), kdsl.thread_id(0), kdsl.global_id(0)
    for k in range(t, mine.shape[0], BLOCK):
        mine[k] = 0
    kdsl.barrier()
    if i < x.shape[0]:
        kdsl.atomic_add(mine[mine.shape[0] - 1 - kdsl.index(x[i])], 1)
    kdsl.barrier()
    for k in range(t, mine.shape[0], BLOCK):
        kdsl.atomic_add(out[k], mine[k])


POOLED = {of_warps: 4, of_warps_at_once: 4, plain: 8, one_each: 8, several: 1, extremes: 8, counter: 1, rounds: 8,
          as_long_as_it_is: 8, guarded: 8, guarded_least: 8, above_none: 8}  # fmt: skip


@kdsl.kernel
def to_its_own(x: Array[u8, 1], out: Array[i32, 1]):
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    count(mine, x)
    for k in range(t, BINS, BLOCK):
        kdsl.atomic_add(out[(k + kdsl.block_id(0)) % BINS], mine[k])


@kdsl.kernel
def by_some(x: Array[u8, 1], out: Array[i32, 1]):
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    count(mine, x)
    if kdsl.block_id(0) % 2 == 0:
        for k in range(t, BINS, BLOCK):
            kdsl.atomic_add(out[k], mine[k])


@kdsl.kernel
def only_many(x: Array[u8, 1], out: Array[i32, 1]):
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    count(mine, x)
    for k in range(t, BINS, BLOCK):
        if mine[k] > 1:
            kdsl.atomic_add(out[k], mine[k])


@kdsl.kernel
def squared(x: Array[u8, 1], out: Array[i32, 1]):
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    count(mine, x)
    for k in range(t, BINS, BLOCK):
        kdsl.atomic_add(out[k], mine[k] * mine[k])


@kdsl.kernel
def not_empty(x: Array[u8, 1], out: Array[i32, 1]):
    """Each block brings the one it began with."""
    mine = kdsl.shared((BINS,), i32)
    t = kdsl.thread_id(0)
    for k in range(t, BINS, BLOCK):
        mine[k] = 1
    kdsl.barrier()
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        kdsl.atomic_add(mine[kdsl.index(x[i])], 1)
    kdsl.barrier()
    for k in range(t, BINS, BLOCK):
        kdsl.atomic_add(out[k], mine[k])


@kdsl.kernel
def other_kind(x: Array[u8, 1], out: Array[i32, 1]):
    """The largest of what blocks have counted."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    count(mine, x)
    for k in range(t, BINS, BLOCK):
        kdsl.atomic_max(out[k], mine[k])


@kdsl.kernel
def emptied_by_blocks(x: Array[u8, 1], out: Array[i32, 1]):
    """What a block empties again is what its number says."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    count(mine, x)
    mine[(kdsl.block_id(0) + t) % BINS] = 0
    kdsl.barrier()
    for k in range(t, BINS, BLOCK):
        kdsl.atomic_add(out[k], mine[k])


@kdsl.kernel
def in_one_part(x: Array[u8, 1], out: Array[i32, 1]):
    """Threads have elements of their own, so that no barrier stands between what they count and what they bring."""
    mine = kdsl.shared((BLOCK,), i32)
    t = kdsl.thread_id(0)
    mine[t] = 0
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        kdsl.atomic_add(mine[t], i32(x[i]))
    kdsl.atomic_add(out[t], mine[t])
    mine[t] = 0
    kdsl.barrier()


@kdsl.kernel
def looks(x: Array[u8, 1], out: Array[i32, 1]):
    """A thread looks at the element that it has brought to, and writes down whether its own share is there."""
    mine = kdsl.shared((BLOCK,), i32)
    t = kdsl.thread_id(0)
    mine[t] = 0
    kdsl.barrier()
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        kdsl.atomic_add(mine[(t + 1) % BLOCK], 1)
    kdsl.barrier()
    kdsl.atomic_add(out[t], mine[t])
    if kdsl.atomic_load(out[t]) < 0:
        out[256 + t] = 1


@kdsl.kernel
def old_values(x: Array[u8, 1], out: Array[i32, 1]):
    """Every block's first of a kind writes down where it was."""
    mine = kdsl.shared((BINS,), i32)
    t = kdsl.thread_id(0)
    for k in range(t, BINS, BLOCK):
        mine[k] = 0
    kdsl.barrier()
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        if kdsl.atomic_add(mine[kdsl.index(x[i])], 1) == 0:
            kdsl.atomic_add(out[BINS], 1)
    kdsl.barrier()
    for k in range(t, BINS, BLOCK):
        kdsl.atomic_add(out[k], mine[k])


@kdsl.kernel
def only_gains(x: Array[u8, 1], out: Array[i32, 1]):
    """What one block has lost stays behind, and may not be taken from what another has won."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    for k in range(t, BINS, BLOCK):
        mine[k] = 0
    kdsl.barrier()
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        kdsl.atomic_add(mine[kdsl.index(x[i])], i32(i % 5) - 2)
    kdsl.barrier()
    for k in range(t, BINS, BLOCK):
        if mine[k] > 0:
            kdsl.atomic_add(out[k], mine[k])


@kdsl.kernel
def least_but_none(x: Array[u8, 1], out: Array[u32, 1]):
    """A least one of 0 stays behind, as what is above 0 is not all that changes something here."""
    low, t = kdsl.shared((BINS,), u32), kdsl.thread_id(0)
    for k in range(t, BINS, BLOCK):
        low[k] = 0xFFFFFFFF
    kdsl.barrier()
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        kdsl.atomic_min(low[kdsl.index(x[i])], u32(i % 3))
    kdsl.barrier()
    for k in range(t, BINS, BLOCK):
        if low[k] > 0:
            kdsl.atomic_min(out[k], low[k])


@kdsl.kernel
def for_another(x: Array[u8, 1], out: Array[i32, 1]):
    """Whether an element is brought hangs on its neighbour."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    count(mine, x)
    for k in range(t, BINS - 1, BLOCK):
        if mine[k + 1] != 0:
            kdsl.atomic_add(out[k], mine[k])


@kdsl.kernel
def but_one(x: Array[u8, 1], out: Array[i32, 1]):
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    count(mine, x)
    for k in range(t, BINS, BLOCK):
        if mine[k] != 1:
            kdsl.atomic_add(out[k], mine[k])


@kdsl.kernel
def counts_blocks(x: Array[u8, 1], out: Array[i32, 1]):
    """In how many blocks a byte is, too."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    count(mine, x)
    for k in range(t, BINS, BLOCK):
        if mine[k] != 0:
            kdsl.atomic_add(out[k], mine[k])
            kdsl.atomic_add(out[BINS], 1)


@kdsl.kernel
def counts_none(x: Array[u8, 1], out: Array[i32, 1]):
    """And of how many bytes each block has none."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    count(mine, x)
    for k in range(t, BINS, BLOCK):
        if mine[k] != 0:
            kdsl.atomic_add(out[k], mine[k])
        else:
            kdsl.atomic_add(out[BINS], 1)


@kdsl.kernel
def asks_for_more(x: Array[u8, 1], out: Array[i32, 1]):
    """Whether there is something decides more than whether it is brought."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    count(mine, x)
    for k in range(t, BINS, BLOCK):
        some = mine[k] != 0
        if some:
            kdsl.atomic_add(out[k], mine[k])
        kdsl.atomic_add(out[BINS], i32(some))


@kdsl.kernel
def one_more(x: Array[u8, 1], out: Array[i32, 1]):
    """Each block adds one, too."""
    tables = kdsl.shared((4, BINS), i32)
    count_in_warps(tables, x)
    for k in range(kdsl.thread_id(0), BINS, BLOCK):
        s = 1
        for w in range(4):
            s += tables[w, k]
        kdsl.atomic_add(out[k], s)


@kdsl.kernel
def most_of_warps(x: Array[u8, 1], out: Array[i32, 1]):
    """What is brought is the largest of a block's, not their sum."""
    tables = kdsl.shared((4, BINS), i32)
    count_in_warps(tables, x)
    for k in range(kdsl.thread_id(0), BINS, BLOCK):
        s = 0
        for w in range(4):
            s = max(s, tables[w, k])
        kdsl.atomic_add(out[k], s)


@kdsl.kernel
def sum_is_seen(x: Array[u8, 1], out: Array[i32, 1]):
    """A sum is brought, and what it is on the way decides how much of it."""
    tables = kdsl.shared((4, BINS), i32)
    count_in_warps(tables, x)
    for k in range(kdsl.thread_id(0), BINS, BLOCK):
        s, some = 0, 0
        for w in range(4):
            s += tables[w, k]
            some += 1 if s > 1 else 0
        kdsl.atomic_add(out[k], s)
        kdsl.atomic_add(out[BINS], some)


@kdsl.kernel
def sums_of_some(x: Array[u8, 1], out: Array[i32, 1]):
    """How many tables a block adds up is its own number."""
    tables = kdsl.shared((4, BINS), i32)
    count_in_warps(tables, x)
    for k in range(kdsl.thread_id(0), BINS, BLOCK):
        s = 0
        for w in range(kdsl.block_id(0) % 5):
            s += tables[w, k]
        kdsl.atomic_add(out[k], s)


APART = (one_more, most_of_warps, sum_is_seen, sums_of_some, to_its_own, by_some, only_many, squared, not_empty, other_kind,
         emptied_by_blocks, in_one_part, looks, old_values, only_gains, least_but_none, for_another, but_one, counts_blocks,
         counts_none, asks_for_more)  # fmt: skip


@kdsl.kernel
def floats(x: Array[u8, 1], out: Array[f32, 1]):
    mine = kdsl.shared((BINS,), f32)
    t = kdsl.thread_id(0)
    for k in range(t, BINS, BLOCK):
        mine[k] = -0.0
    kdsl.barrier()
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        kdsl.atomic_add(mine[kdsl.index(x[i])], 1.0)
    kdsl.barrier()
    for k in range(t, BINS, BLOCK):
        kdsl.atomic_add(out[k], mine[k])


@kdsl.kernel
def squares(x: Array[u16, 2], out: Array[i64, 1]):
    """Blocks of two axes on a picture, whose neighbours lie along the third; weights, and a table of two axes."""
    mine = kdsl.shared((4, 32), i64)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    if ty < 4:
        for k in range(tx, 32, 16):
            mine[ty, k] = 0
    kdsl.barrier()
    c, r = kdsl.global_id(0), kdsl.global_id(1)
    if c < x.shape[1] and r < x.shape[0]:
        v = kdsl.index(x[r, c])
        kdsl.atomic_add(mine[v % 4, v // 4 % 32], i64(r * c))
    kdsl.barrier()
    if ty < 4:
        for k in range(tx, 32, 16):
            kdsl.atomic_add(out[k * 4 + ty], mine[ty, k])


def _shared(kernel, target: str, block: tuple[int, int, int] = (BLOCK, 1, 1)) -> tuple[int, list[int]]:
    """How many blocks run as one at most, and tables of how many."""
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[target], block=block)
    arrays = [op.results[0].type for op in walk(f.body) if op.name == "memory.alloc"]
    return f.attributes.get("merged", (0, 0))[1], [t.shape[0] for t in arrays if t.space is Space.SHARED]


@pytest.mark.parametrize("target", CPU_TARGETS)
def test_what_blocks_have_in_common(target: str) -> None:
    for kernel, ways in POOLED.items():
        blocks, tables = _shared(kernel, target)
        assert blocks >= 16 and set(tables) == {ways}, kernel.name
    assert _shared(squares, target, (16, 8, 1)) == (32, [8])


@pytest.mark.parametrize("target", CPU_TARGETS)
def test_what_each_block_has_by_itself(target: str) -> None:
    for kernel in (*APART, floats):
        blocks, tables = _shared(kernel, target)
        assert not blocks or tables == [blocks], kernel.name


def _in_rows(region: Region, found: list[Op], *, inside: bool = False) -> list[Op]:
    """The ops in loops over all blocks that run as one."""
    for op in region.ops:
        goes = op.name == "scf.for" and op.operands[1].op is not None and op.operands[1].op.name == "block.extent"
        found += [op] if inside else []
        for part in op.regions:
            _in_rows(part, found, inside=inside or goes)
    return found


@pytest.mark.parametrize("kernel", [plain, one_each, several, rounds, guarded, guarded_least, above_none], ids=lambda k: k.name)
def test_one_block_empties_and_brings_while_no_other_looks(kernel) -> None:
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"], block=(BLOCK, 1, 1))
    tables = {op.results[0] for op in walk(f.body) if op.name == "memory.alloc" and op.results[0].type.space is Space.SHARED}
    inside = _in_rows(f.body, [])
    accesses = [op.name for op in inside if op.operands and op.operands[0] in tables]
    assert accesses and set(accesses) == {"tile.atomic"}
    assert not any(op.name == "tile.atomic" and op.operands[0] in f.params for op in inside)


@pytest.mark.parametrize("n", [0, 1, 63, 64 * 7, 5000])
@pytest.mark.parametrize("grid", [1, 3, 32, 71])
@pytest.mark.parametrize("kernel", [*POOLED, *APART, floats], ids=lambda k: k.name)
def test_as_interpreted(kernel, grid: int, n: int) -> None:
    x = np.minimum(np.random.default_rng(n).geometric(0.02, n), 255).astype(np.uint8)
    kind = np.float32 if kernel is floats else np.uint32 if kernel in (above_none, least_but_none) else np.int32
    first = np.arange(400, dtype=kind) % 19
    got, want = first.copy(), first.copy()
    kernel[grid, BLOCK](x, got)
    kernel.interpret[grid, BLOCK](x, want)
    assert np.array_equal(got, want)


@pytest.mark.parametrize("ways", [1, 2, 4, 8])
@pytest.mark.parametrize("size_bytes", [4, 8])
@pytest.mark.parametrize("bins", [1, 16, 100, 256, 512, 1000, 1024, 2048])
def test_no_two_tables_begin_where_addresses_end_alike(bins: int, size_bytes: int, ways: int) -> None:
    more = padding((bins,), size_bytes, ways)
    at = [way * (bins + more) * size_bytes % 4096 for way in range(ways)]
    apart = [min(abs(a - b), 4096 - abs(a - b)) for k, a in enumerate(at) for b in at[:k]]
    assert all(n >= 64 for n in apart) and more * size_bytes <= 7 * 64
    assert padding((3, bins), size_bytes, ways) == 0


@pytest.mark.parametrize("shape", [(1, 1), (40, 100), (8, 600)])
def test_blocks_of_two_axes_as_interpreted(shape: tuple[int, int]) -> None:
    x = np.random.default_rng(5).integers(0, 1 << 16, shape).astype(np.uint16)
    got, want = np.zeros(128, np.int64), np.zeros(128, np.int64)
    grid = (-(-shape[1] // 16), -(-shape[0] // 8))
    squares[grid, (16, 8)](x, got)
    squares.interpret[grid, (16, 8)](x, want)
    assert np.array_equal(got, want) and got.any() == (shape != (1, 1))
