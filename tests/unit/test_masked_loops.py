"""Loops that threads leave at different times: what all of them ask alike is asked once, and what they count is added."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE

import kdsl
from kdsl import Array, i32, u8
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def counted(x: Array[i32, 1], limit: i32, out: Array[i32, 2]):
    """A limit for all on either side of what each asks, counters up, down and by what is no constant, and one that wraps."""
    t = kdsl.global_id(0)
    v, up, down, grows, wraps = x[t], i32(0), i32(7), i32(1), u8(250)
    while up < limit and v != 1:
        v = v // 2 if v % 2 == 0 else 3 * v + 1
        up += 1
        down = down - 3
        grows += up
        wraps += u8(1)
    out[0, t], out[1, t], out[2, t], out[3, t], out[4, t] = v, up, down, grows, i32(wraps)


@kdsl.kernel
def shared_last(x: Array[i32, 1], limit: i32, out: Array[i32, 2]):
    t = kdsl.global_id(0)
    n, k = x[t], i32(0)
    if n > 3:
        while n > 0 and k < limit:
            n -= 2
            k += 1
            if n == 9:
                break
    out[0, t], out[1, t] = n, k


@pytest.mark.parametrize("limit", [-1, 0, 1, 5, 1000])
@pytest.mark.parametrize("target", RUNNABLE)
def test_as_interpreted(target: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KDSL_TARGET", f"cpu:{target}")
    x = np.random.default_rng(limit + 1).integers(1, 60, 75, dtype=np.int32)
    for kernel, rows in ((counted, 5), (shared_last, 2)):
        kernel._fast.clear()
        kernel._specialisations.clear()
        got, want = np.zeros((rows, 75), np.int32), np.zeros((rows, 75), np.int32)
        kernel.over(75)(x, limit, got)
        kernel.interpret.over(75)(x, limit, want)
        assert np.array_equal(got, want), kernel.name


def test_what_all_ask_alike_becomes_no_mask() -> None:
    signature, values = declared_signature(counted, None, {})
    f = lower(counted.ir(signature, values), CPU_TARGETS["x86-64-v3"])
    loops = [op for op in walk(f.body) if op.name == "scf.while"]
    assert loops
    for loop in loops:
        test = loop.regions[0].yielded[0].op
        assert test is not None and test.name == "arith.and"
        assert {v.op.name if v.op else "" for v in test.operands} == {"tile.any", ""}
