"""What a thread loads from one place in every trip is loaded before the loop, if the loop has a trip."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, i32
from kdsl.ir.core import Op, Region
from kdsl.ir.passes.opt_loads import opt_loads
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.specialise import declared_signature


@kdsl.kernel
def pairs(p: Array[i32, 2], n: i32, out: Array[i32, 2]):
    """No trips: p may have no rows then, and nothing is loaded."""
    i = kdsl.global_id(0)
    total = i32(0)
    for j in range(n):
        total += (p[j, 0] - p[i, 0]) * (p[j, 1] - p[i + 1 - 1, 1])
    out[i, 0] = total


@kdsl.kernel
def down(p: Array[i32, 2], n: i32, out: Array[i32, 2]):
    """As many trips as the thread says, counted down."""
    i = kdsl.global_id(0)
    total = i32(0)
    for j in range(min(kdsl.index(n), i), 0, -1):
        total += p[j - 1, 1] * p[i, 0]
    out[i, 0] = total


@kdsl.kernel
def stores(p: Array[i32, 2], n: i32, out: Array[i32, 2]):
    """What the loop stores may be what it loads."""
    i = kdsl.global_id(0)
    for j in range(n):
        out[i, 0] += p[i, 0] + i32(j)


@kdsl.kernel
def moves(p: Array[i32, 2], n: i32, out: Array[i32, 2]):
    """The place depends on the trip, or on an element, or is asked for in some trips only."""
    i = kdsl.global_id(0)
    total = i32(0)
    for j in range(n):
        k = p[j, 0] % 3
        total += p[i, j % 2] + p[i + k, 1]
        if j > 3:
            total -= p[i, 0]
    out[i, 0] = total


KERNELS = (pairs, down, stores, moves)


def _loads_in_loops(region: Region) -> int:
    def of(op: Op, in_loop: bool) -> int:
        own = int(in_loop and op.name == "memory.load")
        return own + sum(of(o, in_loop or op.name == "scf.for") for r in op.regions for o in r.ops)

    return sum(of(op, False) for op in region.ops)


def test_which_loads_stay() -> None:
    functions = [simplify(k.ir(*declared_signature(k, None, {}))) for k in KERNELS]
    assert [_loads_in_loops(f.body) for f in functions] == [4, 2, 2, 4]
    assert [_loads_in_loops(opt_loads(f).body) for f in functions] == [2, 1, 2, 4]


@pytest.mark.parametrize("n", [0, 1, 5, 40])
@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.name)
@pytest.mark.parametrize("target", RUNNABLE)
def test_as_interpreted(kernel: Any, n: int, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, kernel)
    p = np.random.default_rng(n).integers(0, 30, (43, 2), dtype=np.int32)
    out, expected = np.zeros((40, 2), np.int32), np.zeros((40, 2), np.int32)
    kernel.over(40)(p, n, out)
    kernel.interpret.over(40)(p, n, expected)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("target", RUNNABLE)
def test_without_a_trip_nothing_is_loaded(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, pairs)
    out = np.ones((100_000, 2), np.int32)
    pairs.over(100_000)(np.zeros((0, 2), np.int32), 0, out)
    assert not out[:, 0].any() and out[:, 1].all()


def test_what_overlaps_is_loaded_anew() -> None:
    a = np.ones((20, 2), np.int32)
    stores.over(20)(a, 5, a)
    assert (a[:, 0] == 58).all()
