"""Divisions of 64 bits: one for quotient and remainder, none where places lie in one row, slowly where numbers are large."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, i64, u64
from kdsl.compiler import lower
from kdsl.ir.core import Function, walk
from kdsl.ir.types import TileType
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def both(a: Array[i64, 1], b: Array[i64, 1], q: Array[i64, 1], r: Array[i64, 1]):
    i = kdsl.global_id(0)
    q[i] = a[i] // b[i]
    r[i] = a[i] % b[i]


@kdsl.kernel
def rest_first(by: i64, a: Array[i64, 1], q: Array[i64, 1], r: Array[i64, 1]):
    i = kdsl.global_id(0)
    v = a[i]
    rest = v % by
    if rest > 3:
        q[i] = v // by + rest
    r[i] = rest


@kdsl.kernel
def unsigned(by: u64, a: Array[u64, 1], q: Array[u64, 1], r: Array[u64, 1]):
    i = kdsl.global_id(0)
    v = a[i]
    q[i] = v // by
    r[i] = v % by


@kdsl.kernel
def by_seven(a: Array[i64, 1], q: Array[i64, 1], r: Array[i64, 1]):
    i = kdsl.global_id(0)
    v = a[i]
    r[i] = v % 7
    q[i] = v // 7


@kdsl.kernel(block=64)
def sums(rows: i32, x: Array[f32, 2], out: Array[f32, 2]):
    """Of all elements of a few rows, found by number."""
    t, b = kdsl.thread_id(0), kdsl.block_id(0)
    w = x.shape[1]
    s = f32(0)
    for i in range(t, rows * w, 64):
        s += x[b * rows + i // w, i % w]
    out[b, t] = s


@kdsl.kernel
def looked_up(w: i32, x: Array[f32, 2], o: Array[f32, 1]):
    """The quotient is for one branch alone, whose condition is the same for all."""
    i = kdsl.global_id(0)
    row = (i + 3) * i64(w) // (i + i64(w) + 1)
    if w > 5:
        o[i] = x[row % x.shape[0], 0]
    else:
        o[i] = 1


NUMBERS = np.array([0, 1, -1, 5, -7, 2**31, -(2**31), 2**50 - 1, 2**50, -(2**50), -(2**50) - 1, 2**51, 2**53 + 1, -(2**62),
                    2**63 - 1, -(2**63)], np.int64)  # fmt: skip


def lowered(kernel: Any, arch: str = "x86-64-v4") -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])


def divided(a: np.ndarray, by: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
    """As the language has it: rounded down, 0 where the divisor is, and the least number by -1 itself."""
    pairs = [divmod(x, y) if y else (0, 0) for x, y in zip(a.tolist(), np.broadcast_to(by, a.shape).tolist(), strict=True)]
    wrapped = np.array([[q & 2**64 - 1, r & 2**64 - 1] for q, r in pairs], np.uint64).view(a.dtype)
    return wrapped[:, 0], wrapped[:, 1]


@pytest.mark.parametrize("arch", RUNNABLE)
def test_numbers_of_all_sizes(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, both, rest_first, unsigned, by_seven)
    rng = np.random.default_rng(3)
    a, b = [x.ravel() for x in np.meshgrid(NUMBERS, NUMBERS)]
    small = rng.integers(-1000, 1000, 300)
    for x, y in ((a, b), (small, small[::-1].copy()), (small * 2**40, small[::-1].copy())):
        q, r = np.zeros((2, len(x)), np.int64)
        both.over(len(x))(x, y, q, r)
        np.testing.assert_array_equal((q, r), divided(x, y))
        by_seven.over(len(x))(x, q, r)
        np.testing.assert_array_equal((q, r), divided(x, 7))
        for by in (0, 1, -1, 7, -7, 2**51 + 1, 2**63 - 1, -(2**63)):
            want, rest = divided(x, by)
            rest_first.over(len(x))(by, x, q, r)
            np.testing.assert_array_equal(r, rest)
            np.testing.assert_array_equal(q[rest > 3], (want + rest)[rest > 3])
        for by in (0, 1, 7, 2**50, 2**63, 2**64 - 1):
            unsigned.over(len(x))(by, x.view(np.uint64), q.view(np.uint64), r.view(np.uint64))
            np.testing.assert_array_equal((q.view(np.uint64), r.view(np.uint64)), divided(x.view(np.uint64), np.uint64(by)))


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("w", [0, 1, 3, 15, 16, 17, 49, 200])
def test_places_in_rows_by_number(arch: str, w: int, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, sums)
    x = np.random.default_rng(w).integers(0, 100, (6, w)).astype(np.float32)
    want, got = np.zeros((2, 2, 64), np.float32)
    sums.interpret[2](3, x, want)
    sums[2](3, x, got)
    np.testing.assert_array_equal(want, got)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("w", [3, 9])
def test_what_one_branch_uses(arch: str, w: int, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, looked_up)
    x, want, got = np.random.default_rng(1).random((11, 2), np.float32), *np.zeros((2, 100), np.float32)
    looked_up.interpret.over(100)(w, x, want)
    looked_up.over(100)(w, x, got)
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("kernel", [rest_first, unsigned, by_seven], ids=lambda k: k.name)
def test_a_remainder_takes_no_division_of_its_own(kernel: Any) -> None:
    names = [op.name for op in walk(lowered(kernel).body)]
    assert "arith.floordiv" in names and "arith.mod" not in names


def test_rows_divide_numbers_alone() -> None:
    """Vectors of quotients are for those vectors that a row ends in."""
    f = lowered(sums)
    for op in walk(f.body):
        if op.name in ("arith.floordiv", "arith.mod") and isinstance(op.results[0].type, TileType):
            around = [o for o in walk(f.body) if o.name == "scf.if" and any(op in list(walk(r)) for r in o.regions)]
            assert around, op


def test_what_is_used_nowhere_else_is_computed_in_its_branch() -> None:
    f = lowered(looked_up)
    branches = [r for op in walk(f.body) if op.name == "scf.if" for r in op.regions if any(o.name == "tile.gather" for o in r.ops)]
    divisions = [op for op in walk(f.body) if op.name == "arith.floordiv" and isinstance(op.results[0].type, TileType)]
    assert divisions and all(any(op in r.ops for r in branches) for op in divisions)
