"""Loads of a block a block's length apart: one run after the other, whatever guards stand before them and how many there are."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, i32, i64
from kdsl.compiler import lower
from kdsl.ir.core import Op, walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

WIDE = 64


@kdsl.kernel
def twice(x: Array[i32, 1], out: Array[i32, 1]):
    s = kdsl.shared(WIDE, i32)
    t, i = kdsl.thread_id(0), kdsl.block_id(0) * (2 * WIDE) + kdsl.thread_id(0)
    total = i32(0)
    if i < x.shape[0]:
        total = x[i]
    if i + WIDE < x.shape[0]:
        total += 3 * x[i + WIDE]
    s[t] = total
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[WIDE - 1 - t]


@kdsl.kernel
def three(x: Array[i32, 1], out: Array[i32, 1]):
    """Three of each thread, the first two at once; what is less than a block apart stays together."""
    s = kdsl.shared(WIDE, i32)
    t, i = kdsl.thread_id(0), kdsl.block_id(0) * (3 * WIDE) + kdsl.thread_id(0)
    s[t] = 0
    if i + 2 * WIDE < x.shape[0]:
        s[t] = x[i] - 5 * x[i + WIDE] + x[i + 1] + 7 * x[i + 2 * WIDE]
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[WIDE - 1 - t]


@kdsl.kernel
def rounds(x: Array[i32, 1], out: Array[i32, 1]):
    """Counts in shared memory of what each thread takes a block's length apart."""
    s = kdsl.shared(WIDE, i32)
    t = kdsl.thread_id(0)
    s[t] = 0
    kdsl.barrier()
    for k in range(5):
        i = kdsl.block_id(0) * (5 * WIDE) + k * WIDE + t
        if i < x.shape[0]:
            kdsl.atomic_add(s[x[i] & (WIDE - 1)], i32(i))
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[t]


@kdsl.kernel
def changes(x: Array[i32, 1], out: Array[i32, 1]):
    """What lies a block's length further was stored by another thread before a barrier; the array is the one that is read."""
    s = kdsl.shared(WIDE, i32)
    t, i = kdsl.thread_id(0), kdsl.block_id(0) * (2 * WIDE) + kdsl.thread_id(0)
    s[t] = 0
    if i + WIDE < x.shape[0]:
        a = x[i]
        x[i] = 2 * x[i + WIDE] + a
        x[i + WIDE] = a
        s[t] = a
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[WIDE - 1 - t]


@kdsl.kernel
def pairs(x: Array[i32, 1], out: Array[i32, 1]):
    """Two elements in a trip, the second under a guard."""
    s = kdsl.shared(WIDE, i32)
    t, n = kdsl.thread_id(0), x.shape[0]
    i = kdsl.block_id(0) * (2 * WIDE) + t
    total = i32(0)
    while i < n:
        total += x[i]
        if i + WIDE < n:
            total += 3 * x[i + WIDE]
        i += 2 * WIDE * kdsl.grid_dim(0)
    s[t] = total
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[WIDE - 1 - t]


@kdsl.kernel
def pairs_and_rounds(x: Array[i32, 1], out: Array[i32, 1]):
    """Which trips there are, and which of them have two elements, is counted, too; a guard that looks less far comes with them."""
    s = kdsl.shared(WIDE, i32)
    t, n = kdsl.thread_id(0), x.shape[0]
    total = i32(0)
    for i in range(kdsl.block_id(0) * (2 * WIDE) + t, n, 2 * WIDE * kdsl.grid_dim(0)):
        total += x[i] + 1000
        if n > i + WIDE:
            total += 3 * x[i + WIDE] + 100000
        if i + 1 < n:
            total += 10000000
    s[t] = total
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[WIDE - 1 - t]


SIZES = [0, 1, 50, WIDE, WIDE + 1, 2 * WIDE, 300, 1000, 4 * 5 * WIDE, 5000, 40 * 2 * WIDE - 1, 40 * 2 * WIDE + 70]


@pytest.mark.parametrize("blocks", [1, 4, 37])
@pytest.mark.parametrize("kernel", [twice, three, rounds, changes, pairs, pairs_and_rounds], ids=lambda k: k.name)
@pytest.mark.parametrize("target", RUNNABLE)
def test_as_interpreted(kernel, blocks: int, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, kernel)
    for n in SIZES:
        x = np.random.default_rng(n).integers(-99, 99, n, dtype=np.int32)
        found = []
        for launch in (kernel[blocks, WIDE], kernel.interpret[blocks, WIDE]):
            mine, out = x.copy(), np.zeros(blocks * WIDE, np.int32)
            launch(mine, out)
            found.append(np.concatenate([mine, out]))
        assert np.array_equal(*found), n


def accesses(kernel) -> list[Op]:
    """The array's loads in the order in which they are made."""
    types, values = declared_signature(kernel, None, {})
    f = lower(kernel.ir(types, values), CPU_TARGETS["x86-64-v4"], block=(WIDE, 1, 1))
    return [op for op in walk(f.body) if op.name in ("tile.load", "tile.gather") and op.operands[0].name == "x"]


def test_one_run_after_the_other() -> None:
    """The second element is loaded behind the last vector of the first ones."""
    made = accesses(twice)
    places = [op.operands[1].op for op in made]
    last = max(k for k, op in enumerate(places) if op is not None and op.defn.name == "arith.add" and op.operands[1].constant == 48)
    behind = [k for k, op in enumerate(places) if op is not None and op.defn.name == "arith.add"
              and op.operands[1].constant in (64, 80, 96, 112)]  # fmt: skip
    assert behind and last < min(behind)


@kdsl.kernel
def segments(x: Array[i32, 1], starts: Array[i64, 1], out: Array[i32, 1]):
    s = kdsl.shared(WIDE, i32)
    t, b = kdsl.thread_id(0), kdsl.block_id(0)
    total = i32(0)
    for i in range(starts[b] + t, starts[b + 1], WIDE):
        total = 3 * total + x[i]
    s[t] = total
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[WIDE - 1 - t]


@pytest.mark.parametrize("target", RUNNABLE)
def test_segments_of_any_length(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, segments)
    starts = np.concatenate([[0], np.cumsum([0, 1, 15, 16, 17, 63, 64, 65, 500, 3, 2000, 128, 24 * 64 + 5])]).astype(np.int64)
    x = np.random.default_rng(3).integers(-99, 99, int(starts[-1]), np.int32)
    got, want = (np.zeros((len(starts) - 1) * WIDE, np.int32) for _ in range(2))
    segments[len(starts) - 1, WIDE](x, starts, got)
    segments.interpret[len(starts) - 1, WIDE](x, starts, want)
    assert np.array_equal(got, want)


def test_no_segment_is_gathered() -> None:
    assert {op.name for op in accesses(segments)} == {"tile.load"}
