"""Loops that start at a thread's id and have one step for all: vector loads, unmasked while all lanes are inside."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, i32, i64
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def up(x: Array[i32, 1], out: Array[i32, 2]):
    t = kdsl.global_id(0)
    total, rounds, last = i32(0), i32(0), kdsl.index(-1)
    for i in range(t, x.shape[0], out.shape[1]):
        total += x[i]
        rounds += 1
        last = i
    out[0, t], out[1, t], out[2, t] = total, rounds, i32(last)


@kdsl.kernel
def down(x: Array[i32, 1], out: Array[i32, 2]):
    t = kdsl.global_id(0)
    total, rounds, last = i32(0), i32(0), kdsl.index(-1)
    for i in range(x.shape[0] - 1 - t, -1, -out.shape[1]):
        total += x[i]
        rounds += 1
        last = i
    out[0, t], out[1, t], out[2, t] = total, rounds, i32(last)


@kdsl.kernel
def ragged(x: Array[i32, 1], out: Array[i32, 2]):
    """Ends that differ between threads, a start with a step of three between them, a break, and a loop inside."""
    t = kdsl.global_id(0)
    total, rounds, last = i32(0), i32(0), kdsl.index(-1)
    for i in range(3 * t, min(x.shape[0], 40 + t * t), 7):
        if x[i] == 5:
            break
        for k in range(i, x.shape[0], 50):
            total += x[k]
        rounds += 1
        last = i
    out[0, t], out[1, t], out[2, t] = total, rounds, i32(last)


@pytest.mark.parametrize("n", [0, 1, 7, 50, 64, 65, 333])
@pytest.mark.parametrize("threads", [1, 5, 16, 40])
@pytest.mark.parametrize("kernel", [up, down, ragged], ids=lambda k: k.name)
@pytest.mark.parametrize("target", RUNNABLE)
def test_as_interpreted(kernel, threads: int, n: int, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, kernel)
    x = np.random.default_rng(n).integers(0, 30, n, dtype=np.int32)
    got, want = np.zeros((3, threads), np.int32), np.zeros((3, threads), np.int32)
    kernel.over(threads)(x, got)
    kernel.interpret.over(threads)(x, want)
    assert np.array_equal(got, want)


def test_no_gather_and_no_mask() -> None:
    types, values = declared_signature(up, None, {})
    f = lower(up.ir(types, values), CPU_TARGETS["x86-64-v4"])
    ops = list(walk(f.body))
    assert not [op for op in ops if op.name == "tile.gather"]
    assert [op for op in ops if op.name == "tile.load" and op.operands[-1].constant == 1]


# Loops that begin where the block does, wherever that is: its threads go along what it has for itself.

WIDE = 64


@kdsl.kernel
def chunks(x: Array[i32, 1], starts: Array[i64, 1], ends: Array[i64, 1], out: Array[i32, 2], totals: Array[i32, 1]):
    s = kdsl.shared(WIDE, i32)
    t, b = kdsl.thread_id(0), kdsl.block_id(0)
    total, rounds, last = i32(0), i32(0), kdsl.index(-1)
    for i in range(starts[b] + t, ends[b], WIDE):
        total += x[i]
        rounds += 1
        last = i
    g = kdsl.global_id(0)
    out[0, g], out[1, g], out[2, g] = total, rounds, i32(last)
    s[t] = total
    kdsl.barrier()
    if t == 0:
        for k in range(WIDE):
            totals[b] += s[k]


@kdsl.kernel
def anywhere(starts: Array[i64, 1], ends: Array[i64, 1], out: Array[i64, 2], totals: Array[i64, 1]):
    """Nothing is loaded, so counters may be any numbers."""
    s = kdsl.shared(WIDE, i64)
    t, b = kdsl.thread_id(0), kdsl.block_id(0)
    total, rounds = i64(0), i64(0)
    for i in range(1 + starts[b] + t + 2, ends[b], WIDE):
        total += i
        rounds += 1
    g = kdsl.global_id(0)
    out[0, g], out[1, g] = total, rounds
    s[t] = total
    kdsl.barrier()
    if t == 0:
        for k in range(WIDE):
            totals[b] += s[k]


def in_turn(kernel, blocks: int, *args, dtype: type) -> list[np.ndarray]:
    """What a launch leaves, as compiled and as interpreted."""
    found = []
    for launch in (kernel[blocks, WIDE], kernel.interpret[blocks, WIDE]):
        out, totals = np.zeros((3, blocks * WIDE), dtype), np.zeros(blocks, dtype)
        launch(*args, out, totals)
        found.append(np.concatenate([out.reshape(-1), totals]))
    return found


@pytest.mark.parametrize("target", RUNNABLE)
def test_chunks_of_any_length(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, chunks)
    lengths = [0, 1, 63, 64, 65, 23 * WIDE, 24 * WIDE - 1, 24 * WIDE, 24 * WIDE + 1, 25 * WIDE, 30 * WIDE + 37, 40 * WIDE - 1]
    starts = np.array([5 * k for k in range(len(lengths))] + [100, 3000], np.int64)
    ends = np.concatenate([starts[:-2] + lengths, [100 - 7, -5]])
    x = np.random.default_rng(1).integers(-99, 99, int(ends.max()), np.int32)
    got, want = in_turn(chunks, len(starts), x, starts, ends, dtype=np.int32)
    assert np.array_equal(got, want)
    assert got[-len(starts) :][:-2].tolist() == [int(x[a:b].sum()) for a, b in zip(starts, ends, strict=True)][:-2]


@pytest.mark.parametrize("target", RUNNABLE)
def test_counters_that_are_any_numbers(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At both ends of 64 bits, and where the sum for the last thread wraps around them: no thread has a round more or less."""
    launch_on(target, monkeypatch, anywhere)
    least, most, far = -(1 << 63), (1 << 63) - 1, 40 * WIDE
    rows = [(least, least), (least, least + far), (least + 1, least + 64), (least, least + 5), (-far, far), (-70, 0),
            (most - far, most - 100), (most - 1, least), (5, least), (most, least),
            (-(1 << 62) - 100, far - (1 << 62)), ((1 << 62) - 100, (1 << 62) + far)]  # fmt: skip
    starts, ends = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    got, want = in_turn(anywhere, len(rows), starts, ends, dtype=np.int64)
    assert np.array_equal(got, want)


def test_threads_take_what_a_block_has_in_step() -> None:
    """A loop of the block, in which vectors of all its threads follow one another; and each thread's own, where rounds are few."""
    types, values = declared_signature(chunks, None, {})
    f = lower(chunks.ir(types, values), CPU_TARGETS["x86-64-v4"], block=(WIDE, 1, 1))
    loops = [op for op in walk(f.body) if op.name == "scf.for"]
    loads = [[x for x in walk(op.regions[0]) if x.name == "tile.load" and x.operands[0].name == "x"] for op in loops]
    assert max(map(len, loads)) >= WIDE // 16
