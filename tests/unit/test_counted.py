"""A `while` that only counts is a `for`; what else may end it, or counts otherwise, stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, i8, i32, i64, u32
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


@kdsl.kernel
def narrow(n: i32, step: i32, x: Array[i32, 1], out: Array[i32, 2]):
    """Counters of 32 bits, which access what is at their number: they are there, and so have not wrapped."""
    t = kdsl.global_id(0)
    i, total, rounds = i32(t), i32(0), i32(0)
    while i < n:
        total += x[i]
        rounds += 1
        i += step
    k = i32(kdsl.block_id(0) * kdsl.block_dim(0) + kdsl.thread_id(0)) + 1
    while n >= k:
        out[0, t] += x[k - 1] + x[kdsl.minimum(k, n - 1)]
        k += i32(kdsl.grid_dim(0) * kdsl.block_dim(0))
    out[0, t] += total
    out[1, t], out[2, t] = rounds, i


@kdsl.kernel
def flat(n: i32, step: i32, x: Array[i32, 1], out: Array[i32, 2]):
    """Places that rise with the counter, in numbers of 32 bits: no array goes on where these wrap."""
    t, row = kdsl.global_id(0), i32(kdsl.thread_id(0))
    i = i32(kdsl.block_id(0))
    while i < n // 4:
        out[0, t] += x[i * 4 + (row & 3)]
        i += i32(kdsl.grid_dim(0))
    k = i32(0)
    while k <= n - 1 - row:
        out[1, t] += x[n - n + k + row]
        k += 5


@kdsl.kernel
def falls(n: i32, step: i32, x: Array[i32, 1], out: Array[i32, 2]):
    """Places that go down, and steps that nobody knows."""
    t, i, k = kdsl.global_id(0), i32(0), i32(0)
    while i < n:
        out[0, t] += x[n - 1 - i]
        i += kdsl.maximum(step, 1) & 127 | 1
    while k < n:
        out[1, t] += x[2 * k // 2]
        k += 3 + (step & 0)


@kdsl.kernel
def ones(n: i32, step: i32, x: Array[i32, 1], out: Array[i32, 2]):
    """A step of one stops at each bound; so it does of fewer bits, and of those that have no sign."""
    t = kdsl.global_id(0)
    i, total, u, short = i32(t), i32(0), u32(3), i8(-9)
    while i < n:
        total += i * i32(u)
        i += 1
    while u < u32(kdsl.maximum(n, 0)):
        total += i32(u)
        u += u32(1)
    while short < i8(100):
        total += i32(short)
        short += i8(28)
    out[0, t], out[1, t], out[2, t] = total, i32(u), i32(short)


@kdsl.kernel
def wrapping(n: i32, step: i32, out: Array[i32, 1]):
    """Accesses nothing at its counter, which wraps and goes on."""
    i, rounds = i32(0), i32(0)
    while i < n:
        rounds += 1
        i += step
    out[kdsl.global_id(0)] = rounds


@kdsl.kernel
def short(n: i8, step: i8, x: Array[i32, 1], out: Array[i32, 1]):
    """Wraps at 127, and accesses what is there: of few bits a number that has wrapped is soon back."""
    i, rounds = i8(0), i32(0)
    while i < n:
        rounds += x[i & i8(1)] * 0 + 1
        i += step
    out[kdsl.global_id(0)] = rounds


@kdsl.kernel
def unsigned(n: u32, step: u32, x: Array[i32, 1], out: Array[i32, 1]):
    """What has no sign wraps to where something is."""
    i, rounds = u32(0), i32(0)
    while i < n:
        rounds += x[i // u32(1 << 29)] * 0 + 1
        i += step
    out[kdsl.global_id(0)] = rounds


def _whiles(kernel: Any) -> int:
    f = opt_counted(simplify(kernel.ir(*declared_signature(kernel, None, {}))))
    return sum(op.name == "scf.while" for op in walk(f.body))


def test_which_loops_count() -> None:
    assert [_whiles(k) for k in (strided, nested, loaded, changed, unknown)] == [0, 0, 1, 2, 1]
    assert [_whiles(k) for k in (narrow, ones, wrapping, short, unsigned)] == [1, 0, 1, 1, 1]
    assert [_whiles(k) for k in (flat, falls)] == [1, 2]
    checked = simplify(narrow.ir(*declared_signature(narrow, None, {}), debug=True))
    assert opt_counted(checked) is checked  # accesses may be where there is nothing


@pytest.mark.parametrize(("n", "step"), [(0, 1), (1, 1), (7, 3), (65, 40), (333, 40), (333, 1 << 30), (0, -5), (-4, 0)])
@pytest.mark.parametrize("kernel", [narrow, ones, flat, falls], ids=lambda k: k.name)
@pytest.mark.parametrize("target", RUNNABLE)
def test_counters_of_32_bits(kernel: Any, n: int, step: int, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, kernel)
    x = np.random.default_rng(n + 4).integers(0, 30, max(n, 1), dtype=np.int32)
    out, expected = np.zeros((3, 40), np.int32), np.zeros((3, 40), np.int32)
    kernel[5, 8](n, step, x, out)
    kernel.interpret[5, 8](n, step, x, expected)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("target", RUNNABLE)
def test_those_that_wrap_go_on(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    some = np.zeros(9, np.int32)
    for kernel, n, step, more in [(wrapping, 2_000_000_000, 1_500_000_001, ()), (short, 120, 50, (some,)),
                                  (unsigned, 4_000_000_000, 1_500_000_001, (some,))]:  # fmt: skip
        launch_on(target, monkeypatch, kernel)
        out, expected = np.zeros(8, np.int32), np.zeros(8, np.int32)
        kernel[1, 8](n, step, *more, out)
        kernel.interpret[1, 8](n, step, *more, expected)
        np.testing.assert_array_equal(out, expected)
        assert out[0] > 2 + n // step  # it has wrapped


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
