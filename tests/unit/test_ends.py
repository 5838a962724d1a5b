"""Loops that end where a guard around all of a round no longer holds, and which guards stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, i32, i64
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.ir.passes.opt_ends import opt_ends
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def run(x: Array[i32, 1], per: i32, out: Array[i32, 2]):
    t, n = kdsl.global_id(0), x.shape[0]
    total, rounds = i32(0), i32(0)
    for k in range(per):
        i = t * per + k
        if i < n:
            total += x[i]
            rounds += 1
    out[0, t], out[1, t] = total, rounds


@kdsl.kernel
def turned(x: Array[i32, 1], per: i32, out: Array[i32, 2]):
    """The comparison the other way round, a start that is no 0, an end that differs, and a largest element."""
    t, n = kdsl.global_id(0), x.shape[0]
    total, last = i32(-1000), kdsl.index(0)
    for k in range(t % 3 - 1, per + t % 5):
        if n > k + per * t + 1:
            total = max(total, x[k + per * t + 1])
            last = k
    out[0, t], out[1, t] = total, i32(last)


@kdsl.kernel
def filled(x: Array[i32, 1], per: i32, out: Array[i32, 2]):
    t, n = kdsl.global_id(0), x.shape[0]
    for k in range(per):
        i = t * per + k
        if i < n:
            x[i] = i32(i) + x[i] * 2
    out[0, t] = 1


@kdsl.kernel
def lengths(x: Array[i32, 1], per: i32, out: Array[i32, 2]):
    """No guard: as many rounds as each thread has, of a row of its own."""
    t = kdsl.global_id(0)
    total = i32(0)
    for k in range(t % (per + 2)):
        total = 3 * total + x[min(t * per, x.shape[0] - per - 2) + k]
    out[0, t] = total


@kdsl.kernel
def otherwise(x: Array[i32, 1], per: i32, out: Array[i32, 2]):
    """Stays: a round without an element counts."""
    t, n = kdsl.global_id(0), x.shape[0]
    total, rounds = i32(0), i32(0)
    for k in range(per):
        i = t * per + k
        if i < n:
            total += x[i]
        rounds += 1
    out[0, t], out[1, t] = total, rounds


@kdsl.kernel
def elsewhere(x: Array[i32, 1], per: i32, out: Array[i32, 2]):
    """Stays: nothing says that the sum does not wrap."""
    t, n = kdsl.global_id(0), x.shape[0]
    rounds = i32(0)
    for k in range(per):
        if t * per + k < n:
            rounds += x[t % 4]
    out[0, t] = rounds


@kdsl.kernel
def neighbours(x: Array[i32, 1], per: i32, out: Array[i32, 2]):
    """Stays: threads are side by side."""
    t, n = kdsl.global_id(0), x.shape[0]
    total = i32(0)
    for k in range(per):
        if t + k < n:
            total += x[t + k]
    out[0, t] = total


@kdsl.kernel
def far(starts: Array[i64, 1], x: Array[i32, 1], out: Array[i32, 2]):
    """Where a run begins may be any number; what is inside of the array is loaded."""
    t, n = kdsl.global_id(0), x.shape[0]
    total, first = i32(0), starts[t]
    for k in range(20):
        i = first + k
        if i < n:
            total += x[i]
    out[0, t] = total


RUNS = [run, turned, filled, lengths, otherwise, elsewhere, neighbours]


@pytest.mark.parametrize("kernel", RUNS, ids=lambda k: k.name)
@pytest.mark.parametrize("target", RUNNABLE)
def test_as_interpreted(kernel: Any, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, kernel)
    for threads, per, n in ((40, 7, 300), (40, 7, 3), (33, 16, 33 * 16), (33, 16, 400), (64, 5, 1000), (5, 0, 10), (70, 130, 8000)):
        if kernel is lengths and n < per + 3:
            continue
        x, found = np.random.default_rng(n).integers(-99, 99, n, dtype=np.int32), []
        for launch in (kernel.over(threads), kernel.interpret.over(threads)):
            mine, out = x.copy(), np.zeros((2, threads), np.int32)
            launch(mine, per, out)
            found.append(np.concatenate([mine, out.reshape(-1)]))
        assert np.array_equal(*found), (threads, per, n)


@pytest.mark.parametrize("target", RUNNABLE)
def test_starts_that_are_any_numbers(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, far)
    starts = np.array([0, 5, 95, 100, 1 << 40, (1 << 62) + 7, (1 << 63) - 21, 81, 80] * 4, np.int64)
    x = np.arange(1, 101, dtype=np.int32)
    got, want = np.zeros((2, starts.size), np.int32), np.zeros((2, starts.size), np.int32)
    far.over(starts.size)(starts, x, got)
    far.interpret.over(starts.size)(starts, x, want)
    assert np.array_equal(got, want)


def test_which_guards_go() -> None:
    for kernel in [*RUNS, far]:
        f = simplify(kernel.ir(*declared_signature(kernel, None, {})))
        loop = next(op for op in walk(opt_ends(f).body) if op.name == "scf.for")
        stays = kernel in (otherwise, elsewhere, neighbours)
        assert any(op.name == "scf.if" for op in walk(loop.regions[0])) == stays, kernel


def test_a_run_is_vectors() -> None:
    """Where all lanes have an element no mask is asked for, so lanes load four neighbours at once."""
    f = lower(run.ir(*declared_signature(run, None, {})), CPU_TARGETS["x86-64-v4"])
    gathers = [op for op in walk(f.body) if op.name == "tile.gather" and op.operands[0].name == "x"]
    assert any(op.operands[-1].constant is True for op in gathers)
