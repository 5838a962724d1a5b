"""Which elements are counted is written down first: computed numbers, of one axis and of several, with values, under conditions."""

from __future__ import annotations

import numpy as np
import pytest
from handbuilt import Kernel
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, u8, u32
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.core import Function, Region, walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.opdef import Level
from kdsl.ir.ops import arith, memory, tile
from kdsl.ir.passes.opt_counts import opt_counts
from kdsl.ir.verify import verify
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

BLOCK = 64
BINS = 64


@kdsl.func
def bin_of(x):
    return min(max(i32(x * 64.0), 0), 63)


@kdsl.kernel
def clamped(x: Array[f32, 1], w: Array[i32, 1], out: Array[i32, 1]):
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    mine[t] = 0
    kdsl.barrier()
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        kdsl.atomic_add(mine[bin_of(x[i])], 1)
    kdsl.barrier()
    kdsl.atomic_add(out[t], mine[t])


@kdsl.kernel
def by_the_grid(x: Array[f32, 1], w: Array[i32, 1], out: Array[i32, 1]):
    """Under a condition that data decide, with weights."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    mine[t] = 0
    kdsl.barrier()
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        b = i32(x[i] * 64.0)
        if b >= 0 and b < BINS:
            kdsl.atomic_add(mine[b], w[i])
    kdsl.barrier()
    kdsl.atomic_add(out[t], mine[t])


@kdsl.kernel
def inside(x: Array[f32, 1], w: Array[i32, 1], out: Array[i32, 1]):
    """The same for a thread each, counted by one."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    mine[t] = 0
    kdsl.barrier()
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        b = i32(x[i] * 64.0)
        if 0 <= b < BINS:
            kdsl.atomic_add(mine[b], 1)
    kdsl.barrier()
    kdsl.atomic_add(out[t], mine[t])


@kdsl.kernel
def argument(x: Array[f32, 1], w: Array[i32, 1], out: Array[i32, 1]):
    """In a worker's own table, in rows of any length."""
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        kdsl.atomic_max(out[bin_of(x[i])], w[i])


@kdsl.kernel
def planes(x: Array[f32, 1], w: Array[i32, 1], out: Array[i32, 1]):
    """Two axes, both computed, in blocks of two axes."""
    mine = kdsl.shared((8, 8), i32)
    t = kdsl.thread_id(0)
    mine[t // 8, t % 8] = 0
    kdsl.barrier()
    for k in range(4):
        i = (kdsl.block_id(0) * 4 + k) * BLOCK + t
        if i < x.shape[0]:
            b = bin_of(x[i])
            kdsl.atomic_sub(mine[b % 8, w[i] & 7], 3)
    kdsl.barrier()
    kdsl.atomic_sub(out[t], mine[t // 8, t % 8])


@kdsl.kernel
def two_tables(x: Array[f32, 1], w: Array[i32, 1], out: Array[i32, 1]):
    """One that is counted twice in each round, and one of extremes beside it, whose elements are none of a list's."""
    mine, most, t = kdsl.shared((BINS,), i32), kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    mine[t] = 0
    most[t] = -1
    kdsl.barrier()
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        kdsl.atomic_add(mine[bin_of(x[i])], 1)
        kdsl.atomic_add(mine[63 - bin_of(x[i])], 1)
        kdsl.atomic_max(most[w[i] % 61], i32(i))
    kdsl.barrier()
    kdsl.atomic_add(out[t], mine[t])
    kdsl.atomic_max(out[BINS + t], most[t])


ALL = (clamped, by_the_grid, inside, argument, planes, two_tables)


def lowered(kernel, arch: str = "x86-64-v4", block: tuple[int, int, int] | None = (BLOCK, 1, 1)) -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch], block=block)


def names(f: Function) -> list[str]:
    return [op.name for op in walk(f.body)]


def lists(f: Function) -> int:
    return len([op for op in walk(f.body) if op.name == "memory.alloc" and op.attributes["name"] == "numbers"])


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", ALL, ids=lambda k: k.name)
def test_as_interpreted(kernel, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, kernel)
    rng = np.random.default_rng(7)
    for n, grid in ((1, 1), (63, 2), (64 * 7, 7), (4133, 65), (4133, 3)):
        x = rng.uniform(-0.3, 1.3, n).astype(np.float32)
        w = rng.integers(0, 1 << 20, n).astype(np.int32)
        first = np.arange(2 * BINS, dtype=np.int32) % 19
        got, want = first.copy(), first.copy()
        kernel[grid, BLOCK](x, w, got)
        kernel.interpret[grid, BLOCK](x, w, want)
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", ALL, ids=lambda k: k.name)
def test_many_for_several_workers(kernel, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All alike, few kinds, and any: as one block's own order of threads would have it."""
    launch_on(arch, monkeypatch, kernel)
    n = 150_001
    for x in (np.full(n, 0.4), np.arange(n) % 3 * 0.3, np.random.default_rng(3).uniform(-0.2, 1.2, n)):
        x, w = x.astype(np.float32), (np.arange(n) % 1000).astype(np.int32)
        out, want = np.zeros(2 * BINS, np.int32), np.zeros(2 * BINS, np.int32)
        kernel[-(-n // BLOCK), BLOCK](x, w, out)
        b = np.clip((x * np.float32(64)).astype(np.int32), 0, 63)
        kept = (x * np.float32(64)).astype(np.int32) == b
        if kernel is clamped:
            np.add.at(want, b, 1)
        elif kernel is inside:
            np.add.at(want, b[kept], 1)
        elif kernel is by_the_grid:
            np.add.at(want, b[kept], w[kept])
        elif kernel is argument:
            np.maximum.at(want, b, w)
        elif kernel is planes:
            np.add.at(want, b % 8 * 8 + (w & 7), 3)
        else:
            np.add.at(want, b, 1)
            np.add.at(want, 63 - b, 1)
            np.maximum.at(want, BINS + w % 61, np.arange(n).astype(np.int32))
        np.testing.assert_array_equal(out, want)


@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_who_writes_numbers_down(arch: str) -> None:
    compacts = arch.startswith("x86-64-v4")
    assert lists(lowered(clamped, arch)) == 1
    assert lists(lowered(argument, arch, None)) == 2  # with the value
    assert lists(lowered(planes, arch)) == 2  # of two axes
    assert lists(lowered(inside, arch)) == (1 if compacts else 0)
    assert lists(lowered(by_the_grid, arch)) == (2 if compacts else 0)
    assert ("tile.compact" in names(lowered(inside, arch))) is compacts


@kdsl.kernel
def looks(x: Array[f32, 1], out: Array[i32, 1]):
    """What was counted decides what comes next."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    mine[t] = 0
    kdsl.barrier()
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        old = kdsl.atomic_add(mine[bin_of(x[i])], 1)
        out[i] = i32(old >= 0)
    kdsl.barrier()
    kdsl.atomic_add(out[t], mine[t] - mine[t])


@kdsl.kernel
def two_kinds(x: Array[f32, 1], out: Array[i32, 1]):
    """A thread's own updates of one element come in its order."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    mine[t] = 0
    kdsl.barrier()
    for k in range(8):
        kdsl.atomic_add(mine[bin_of(x[k * BLOCK + t])], 1)
        kdsl.atomic_or(mine[63 - bin_of(x[k * BLOCK + t])], 4)
    kdsl.barrier()
    out[t] = mine[t]


@kdsl.kernel
def last_one(x: Array[f32, 1], out: Array[i32, 1]):
    """Of exchanges, the order is seen."""
    mine, t = kdsl.shared((BINS,), i32), kdsl.thread_id(0)
    mine[t] = 0
    kdsl.barrier()
    for k in range(8):
        kdsl.atomic_exchange(mine[bin_of(x[k * BLOCK + t])], k)
    kdsl.barrier()
    out[t] = mine[t]


@kdsl.kernel
def bytes_as_they_are(x: Array[u8, 1], out: Array[i32, 1]):
    """Such numbers are in memory already."""
    mine, t = kdsl.shared((256,), i32), kdsl.thread_id(0)
    for k in range(t, 256, BLOCK):
        mine[k] = 0
    kdsl.barrier()
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        kdsl.atomic_add(mine[x[i]], 1)
    kdsl.barrier()
    for k in range(t, 256, BLOCK):
        kdsl.atomic_add(out[k], mine[k])


@pytest.mark.parametrize("kernel", [looks, two_kinds, last_one, bytes_as_they_are], ids=lambda k: k.name)
def test_who_does_not(kernel) -> None:
    for arch in CPU_TARGETS:
        assert lists(lowered(kernel, arch)) == 0


@kdsl.kernel
def shifted(x: Array[u8, 1], out: Array[u32, 1]):
    mine, t = kdsl.shared((32,), u32), kdsl.thread_id(0)
    if t < 32:
        mine[t] = 0
    kdsl.barrier()
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        kdsl.atomic_add(mine[x[i] >> 3], 1)
    kdsl.barrier()
    if t < 32:
        kdsl.atomic_add(out[t], mine[t])


@pytest.mark.parametrize("arch", RUNNABLE)
def test_what_bytes_are_made_into(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, shifted)
    x = np.random.default_rng(1).integers(0, 256, 100_003).astype(np.uint8)
    out = np.zeros(32, np.uint32)
    shifted[-(-x.size // BLOCK), BLOCK](x, out)
    np.testing.assert_array_equal(out, np.bincount(x >> 3, minlength=32))


@kdsl.kernel
def sums(x: Array[f32, 1], w: Array[f32, 1], out: Array[f32, 2]):
    """Floats, in a table of each block."""
    mine, t = kdsl.shared((BINS,), f32), kdsl.thread_id(0)
    mine[t] = 0.0
    kdsl.barrier()
    for k in range(8):
        i = kdsl.block_id(0) * 8 * BLOCK + k * BLOCK + t
        kdsl.atomic_add(mine[bin_of(x[i])], w[i])
    kdsl.barrier()
    out[kdsl.block_id(0), t] = mine[t]


@pytest.mark.parametrize("arch", RUNNABLE)
def test_sums_of_floats(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, sums)
    rng = np.random.default_rng(2)
    x, w = rng.random(40 * 8 * BLOCK).astype(np.float32), rng.integers(0, 99, 40 * 8 * BLOCK).astype(np.float32)
    out = np.zeros((40, BINS), np.float32)
    sums[40, BLOCK](x, w, out)
    for block in range(40):
        part = slice(block * 8 * BLOCK, (block + 1) * 8 * BLOCK)
        np.testing.assert_array_equal(out[block], np.bincount((x[part] * 64).astype(int), w[part], BINS))


@pytest.mark.parametrize("arch", CPU_TARGETS)
@pytest.mark.parametrize("kernel", ALL, ids=lambda k: k.name)
def test_at_block_level(kernel, arch: str) -> None:
    """What is written down is what is counted, also where the interpreter asks whether anybody reads what nobody wrote."""
    rng = np.random.default_rng(5)
    n = 4 * BLOCK * 3 + 17
    x, w = rng.uniform(-0.3, 1.3, n).astype(np.float32), rng.integers(0, 1 << 20, n).astype(np.int32)
    got, want = np.zeros((2, 2 * BINS), np.int32)
    grid = -(-n // BLOCK)
    interpret(lowered(kernel, arch), (x, w, got), (grid, 1, 1), (BLOCK, 1, 1))
    kernel.interpret[grid, BLOCK](x, w, want)
    np.testing.assert_array_equal(got, want)


def counting(rounds: int) -> Function:
    """A loop that counts four lanes in each round, some under a mask, and carries how many rounds there were."""
    k = Kernel("counting", Level.BLOCK, {"flat": False, "width": 4}, bins="i32[1]", out="index[1]")
    table = k.op("memory.alloc", type=T.ArrayType(T.i32, 1, T.Space.PRIVATE, (8,), 0), name="table")
    b, four = k.builder, T.TileType(T.i32, (4,))
    zero, one, true = b.constant(0, T.index), b.constant(1, T.index), b.constant(True, T.bool_)
    b.emit(tile.STORE, table.value, zero, true, b.constant(0, T.TileType(T.i32, (8,))), axis=0, step=1, offset=0)
    body = Region((T.index, T.index), ("k", "so_far"))
    with b.inside(body):
        number = b.emit(arith.CAST, body.args[0], type=T.i32)
        lane = b.emit(arith.MUL, b.emit(tile.IOTA, type=four), b.splat(number, (4,)))
        place = b.emit(arith.CAST, b.emit(arith.AND, lane, b.constant(7, four)), type=T.TileType(T.index, (4,)))
        x = b.constant(1, four)
        some, none = Region(), Region()
        with b.inside(some):
            b.emit(tile.ATOMIC, table.value, place, b.splat(true, (4,)), x, type=four, kind="add", offset=0)
            b.yield_()
        with b.inside(none):
            mask = b.emit(arith.NE, lane, b.constant(0, four))
            b.emit(tile.ATOMIC, table.value, place, mask, x, type=four, kind="add", offset=0)
            b.yield_()
        b.if_(b.emit(arith.LT, body.args[0], b.constant(2, T.index)), [], some, none)
        b.yield_(b.emit(arith.ADD, body.args[1], one))
    loop = b.for_(zero, b.constant(rounds, T.index), one, [zero], body)
    b.emit(memory.STORE, k.out.value, zero, loop.results[0], offset=0)
    counted = b.emit(tile.LOAD, table.value, zero, true, type=T.TileType(T.i32, (8,)), axis=0, step=1, offset=0)
    b.emit(tile.STORE, k.bins.value, zero, true, counted, axis=0, step=1, offset=0)
    return k.done()


@pytest.mark.parametrize("arch", CPU_TARGETS)
@pytest.mark.parametrize("rounds", [1, 5, 40])
def test_a_loop_by_itself(arch: str, rounds: int) -> None:
    """A loop of few vectors stays; of a longer one, what is carried goes on, and lanes that are off are counted nowhere."""
    f = counting(rounds)
    verify(f)
    g = opt_counts(f, CPU_TARGETS[arch])
    verify(g)
    assert (g is f) is (rounds == 1)
    found = []
    for made in (f, g):
        bins, out = np.zeros(8, np.int32), np.zeros(1, np.int64)
        interpret(made, (bins, out), (1, 1, 1), (4, 1, 1))
        found.append([*bins.tolist(), *out.tolist()])
    assert found[0] == found[1]
    places = np.array([[lane * k for lane in range(4)] for k in range(rounds)])
    on = (places != 0) | (np.arange(rounds) < 2)[:, None]
    assert found[0] == [*np.bincount(places[on] & 7, minlength=8).tolist(), rounds]

