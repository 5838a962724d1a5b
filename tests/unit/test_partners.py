"""`s[t ^ d]`, a thread's partner in a network, as a vector whose lanes change places: loads, stores, masks, comparisons."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, f64, i32, u8, u16, u32
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

N = 64


@kdsl.kernel
def exchanges(x: Array[i32, 1], out: Array[i32, 1], d: i32, E: kdsl.const = f32, I: kdsl.const = i32, M: kdsl.const = N):
    """What the partner has, where lanes are on; what lanes that are on store to it; which of two is first, asked in every way."""
    s, r = kdsl.shared((M,), E), kdsl.shared((M,), E)
    t = kdsl.thread_id(0)
    for k in range(t, M, kdsl.block_dim(0)):
        s[k], r[k] = E(x[k % N]), E(x[k % N])
    kdsl.barrier()
    i = I(t)
    p = i ^ I(d)
    total = i32(0)
    if x[t] % 3 != 0:
        total += i32(s[p])
        r[p] = E(i + I(1))
    kdsl.barrier()
    total += 7 * i32(r[t])
    kdsl.barrier()
    r[p] = E(total & 15)
    kdsl.barrier()
    total = 100 * total + i32(r[t]) + 3 * i32(r[I(d) ^ i])
    if p > i:
        total += 1
        s[t], s[p] = s[p], s[t]
    kdsl.barrier()
    total += 5 * i32(s[t])
    if not (i <= p):
        total *= 3
        total += i32(s[p])
    if p >= i and x[t] > 4:
        total ^= 999
        total += i32(s[p])
    if i > p or x[t] < 3:
        total -= 5 + i32(s[p])
    out[t] = total


@kdsl.kernel
def rows(x: Array[i32, 1], out: Array[i32, 1], d: i32):
    """Rows of threads, and partners in other columns, rows, and both: lanes lie along one axis only."""
    s = kdsl.shared((4, 16), i32)
    t, y = kdsl.thread_id(0), kdsl.thread_id(1)
    s[y, t] = x[16 * y + t]
    kdsl.barrier()
    v = s[y, t ^ (d & 15)] + 10 * s[y ^ (d & 3), t] + 100 * s[y ^ 1, t ^ (d & 7)]
    kdsl.barrier()
    s[y, t ^ (d & 15)] = v
    kdsl.barrier()
    out[16 * y + t] = s[y, t] + s[t & 3, y ^ 4]


@kdsl.kernel
def sort(x: Array[i32, 1], out: Array[i32, 1], d: i32):
    """A bitonic network whose first stage of each size meets the mirrored partner."""
    s = kdsl.shared((N,), i32)
    t = kdsl.thread_id(0)
    s[t] = x[t]
    kdsl.barrier()
    size = 2
    while size <= d:
        apart = size - 1
        while apart > 0:
            p = t ^ apart
            if p > t and s[t] > s[p]:
                s[t], s[p] = s[p], s[t]
            kdsl.barrier()
            apart = size // 4 if apart == size - 1 else apart // 2
        size *= 2
    out[t] = s[t]


def compare(launch: Any, interpreted: Any, d: int, **consts: Any) -> None:
    x = np.random.default_rng(d % 97).integers(0, 9, N, dtype=np.int32)
    found, wanted = np.zeros((2, N), np.int32)
    launch(x, found, d, **consts)
    interpreted(x, wanted, d, **consts)
    np.testing.assert_array_equal(found, wanted, err_msg=str(d))


@pytest.mark.parametrize("target", RUNNABLE)
def test_every_distance(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, exchanges)
    for d in (0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 24, 32, 63):
        compare(exchanges[1, N], exchanges.interpret[1, N], d)


@pytest.mark.parametrize(("E", "I"), [(f64, u32), (u8, kdsl.index), (i32, u16), (u8, u8)])
def test_types(E: Any, I: Any) -> None:  # noqa: E741
    for d in (1, 5, 8, 31, 40):
        compare(exchanges[1, N], exchanges.interpret[1, N], d, E=E, I=I)


@pytest.mark.parametrize(("threads", "extent"), [(32, 32), (40, 64), (7, 8), (37, 67), (60, 100)])
def test_blocks_and_arrays_that_are_not_full(threads: int, extent: int) -> None:
    """In an array that ends inside of a vector lanes are taken one by one."""
    for d in (1, 3, 4) if threads % 8 == 0 else (0,):
        compare(exchanges[1, threads], exchanges.interpret[1, threads], d, M=extent)


@pytest.mark.parametrize("target", RUNNABLE)
def test_rows_and_a_network(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, rows)
    launch_on(target, monkeypatch, sort)
    for d in (0, 1, 6, 9, 15):
        compare(rows[1, (16, 4)], rows.interpret[1, (16, 4)], d)
    x = np.random.default_rng(3).integers(-999, 999, N, dtype=np.int32)
    found = np.zeros(N, np.int32)
    sort[1, N](x, found, N)
    np.testing.assert_array_equal(found, np.sort(x))
    compare(sort[1, N], sort.interpret[1, N], 16)


def test_no_gathers() -> None:
    for kernel, count in ((sort, 0), (rows, 1)):
        f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"], block=(16, 4, 1))
        names = [op.name for op in walk(f.body)]
        assert "tile.permute" in names and sum(names.count(name) for name in ("tile.gather", "tile.scatter")) <= count * 16
        assert kernel is rows or "tile.gather" not in names
