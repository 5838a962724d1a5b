"""Loops that start at a thread's id and have one step for all: vector loads, unmasked while all lanes are inside."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, i32
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
