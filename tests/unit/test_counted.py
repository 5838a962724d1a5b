"""A `while` that only counts is a `for`; what else may end it, or counts otherwise, stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, i32, i64
from kdsl.ir.core import walk
from kdsl.ir.passes.opt_counted import opt_counted
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.specialise import declared_signature


@kdsl.kernel
def strided(x: Array[i32, 1], out: Array[i32, 2]):
    """The grid's stride; the counter is asked for behind the loop."""
    i = kdsl.global_id(0)
    total, rounds = i32(0), i32(0)
    while i < x.shape[0]:
        total += x[i]
        rounds += 1
        i += kdsl.grid_dim(0) * kdsl.block_dim(0)
    t = kdsl.global_id(0)
    out[0, t], out[1, t], out[2, t] = total, rounds, i32(i)


@kdsl.kernel
def nested(x: Array[i32, 1], out: Array[i32, 2]):
    """One inside the other, the outer one with a comparison the other way round."""
    t = kdsl.global_id(0)
    i, total, rounds = kdsl.index(0), i32(0), i32(0)
    while x.shape[0] > i:
        k = i + t
        while k < x.shape[0]:
            total += x[k] * i32(i)
            rounds += 1
            k += out.shape[0] + 9
        i += 7
    out[0, t], out[1, t], out[2, t] = total, rounds, i32(i)


@kdsl.kernel
def loaded(x: Array[i32, 1], out: Array[i32, 2]):
    """The bound lies in memory that the loop writes."""
    i = kdsl.global_id(0) * 0
    t = kdsl.global_id(0)
    out[0, t], out[1, t] = 20, 0
    while i < out[0, t]:
        out[0, t] -= 1
        out[1, t] += 1
        i += 2
    out[2, t] = i32(i)


@kdsl.kernel
def changed(x: Array[i32, 1], out: Array[i32, 2]):
    """The bound, or the step, is carried."""
    t = kdsl.global_id(0)
    i, end, step, rounds = t, kdsl.index(40), kdsl.index(1), i32(0)
    while i < end:
        end -= 1
        rounds += 1
        i += 1
    k = t
    while k < x.shape[0]:
        k += step
        step += 1
    out[0, t], out[1, t], out[2, t] = rounds, i32(i), i32(k)


@kdsl.kernel
def unknown(n: i64, step: i64, out: Array[i64, 1]):
    """A step that may be 0 or less; `range` of it is another loop."""
    t = kdsl.global_id(0)
    i, rounds = kdsl.index(0), i64(0)
    while i < n:
        i += kdsl.index(step)
        rounds += 1
    out[t] = rounds


def _whiles(kernel: Any) -> int:
    f = opt_counted(simplify(kernel.ir(*declared_signature(kernel, None, {}))))
    return sum(op.name == "scf.while" for op in walk(f.body))


def test_which_loops_count() -> None:
    assert [_whiles(k) for k in (strided, nested, loaded, changed, unknown)] == [0, 0, 1, 2, 1]


@pytest.mark.parametrize("n", [0, 1, 7, 65, 333])
@pytest.mark.parametrize("kernel", [strided, nested, loaded, changed], ids=lambda k: k.name)
@pytest.mark.parametrize("target", RUNNABLE)
def test_as_interpreted(kernel: Any, n: int, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, kernel)
    x = np.random.default_rng(n).integers(0, 30, n, dtype=np.int32)
    out, expected = np.zeros((3, 40), np.int32), np.zeros((3, 40), np.int32)
    kernel[5, 8](x, out)
    kernel.interpret[5, 8](x, expected)
    np.testing.assert_array_equal(out, expected)


def test_a_stage_with_a_barrier_is_still_straight_code() -> None:
    @kdsl.kernel
    def stages(out: Array[i32, 1]):
        shared = kdsl.shared((8,), i32)
        t = kdsl.thread_id(0)
        shared[t] = i32(t)
        k = kdsl.index(0)
        while k < 3:
            kdsl.barrier()
            shared[t] += i32(k)
            k += 1
        out[t] = shared[t]

    assert _whiles(stages) == 1
