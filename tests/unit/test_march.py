"""Loops down columns, which all threads of a piece of rows go through together: the interpreter's bits for rows, pieces and guards
of every kind, and which kernels run so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, f64, i32
from kdsl.calltable import MAX_SCRATCH
from kdsl.codegen.cpu.cost import thread_nanoseconds
from kdsl.codegen.cpu.entry import Layout
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.core import walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel(math="strict")
def stencil(a: Array[f32, 3], o: Array[f32, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    nz, ny, nx = a.shape
    if 0 < x < nx - 1 and 0 < y < ny - 1:
        for z in range(1, nz - 1):
            o[z, y, x] = a[z, y, x] + 2.0 * a[z - 1, y, x] + 3.0 * a[z + 1, y, x] + 4.0 * a[z, y - 1, x + 1]


@kdsl.kernel(math="strict")
def rolled(a: Array[f64, 3], o: Array[f64, 3]):
    """Planes in registers; what is behind the loop; guards one in the other."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    nz, ny, nx = a.shape
    if y < ny:
        if x < nx:
            below, here = a[0, y, x], a[1, y, x]
            for z in range(1, nz - 1):
                above = a[z + 1, y, x]
                o[z, y, x] = below + 2.0 * here + 3.0 * above
                below, here = here, above
            o[nz - 1, y, x] = here - below


@kdsl.kernel(math="strict")
def filtered(a: Array[f32, 2], o: Array[f32, 2]):
    """Down and up again, with a sum of either way."""
    x = kdsl.global_id(0)
    if x < a.shape[1]:
        s, total = f32(x), f32(0)
        for y in range(a.shape[0]):
            s = s * 0.5 + a[y, x]
            total += s
            o[y, x] = s
        for k in range(a.shape[0]):
            y = a.shape[0] - 1 - k
            s = s * 0.25 + o[y, x]
            o[y, x] = s + total


@kdsl.kernel(math="strict")
def in_place(a: Array[f32, 3], counts: Array[i32, 2]):
    """Each turn reads what the one before has stored, and parts of threads do otherwise."""
    x, y, z = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    n = i32(z)
    for k in range(1, a.shape[0]):
        a[k, y, x] = a[k, y, x] + 0.5 * a[k - 1, y, x]
        if a[k, y, x] > 1.0:
            a[k, y, x] = a[k, y, x] - 1.0
            n += 1
    counts[y, x] = n


@kdsl.kernel(math="strict")
def of_each_time(a: Array[f32, 2], o: Array[f32, 2], steps: i32, weights: Array[f32, 1]):
    """The loop is in another one, beside a branch; weights are the same for all."""
    x = kdsl.global_id(0)
    if 2 < x < a.shape[1]:
        last = f32(0)
        for t in range(steps):
            w = weights[kdsl.index(t)]
            for y in range(a.shape[0]):
                last = last * w + a[y, x]
                o[y, x] = o[y, x] + last
            if t % 2 == 1:
                last = last * 0.5


@kdsl.kernel(math="strict")
def own_rows(a: Array[f32, 3], o: Array[f32, 3]):
    """A guard that is another for each row, and a number that each row has."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if y % 3 != 1 and x < a.shape[2]:
        k = f32(y) * 0.25
        for z in range(a.shape[0]):
            o[z, y, x] = a[z, y, x] * k + f32(z)
            k = k + 1.0


@kdsl.kernel(math="strict")
def sums(a: Array[f32, 3], o: Array[f32, 3], weights: Array[f32, 1]):
    """Nothing is stored but behind the loop; a branch in it."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < a.shape[2] and y < a.shape[1]:
        s = f32(y)
        for z in range(a.shape[0]):
            if a[z, y, x] > 0.25:
                s += a[z, y, x] * weights[z]
        o[0, y, x] = s


@kdsl.kernel(math="strict")
def guards(a: Array[f32, 3], o: Array[f32, 3]):
    """One in the other, with what only the inner one asks for, around what is kept for all turns."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    far = kdsl.sqrt(f32(x * x + y * y)) * 0.5
    if y < a.shape[1]:
        if x >= a.shape[2] - 1:
            return
        k = a[0, y, x + 1] * far
        if x > a.shape[0]:
            for z in range(a.shape[0]):
                o[z, y, x] = a[z, y, x] * k + far
            o[0, y, x] -= k


@kdsl.kernel(math="strict")
def moments(a: Array[f32, 2], o: Array[f32, 2], weights: Array[f32, 1]):
    """More is carried than loaded; weights are the same for all threads."""
    x = kdsl.global_id(0)
    s, q = f32(0), f32(0)
    for y in range(o.shape[0], a.shape[0]):
        s += a[y, x] * weights[y]
        q += a[y, x] * a[y, x]
    o[0, x] = q
    o[1, x] = s


@kdsl.kernel(math="strict")
def largest(a: Array[f32, 2], o: Array[f32, 2], at: Array[i32, 1]):
    """Where the largest is, under a guard, and then how far others are from it."""
    x = kdsl.global_id(0)
    if 0 < x < a.shape[1] - 1:
        best, where, off = a[0, x], i32(0), f32(0)
        for y in range(1, a.shape[0]):
            if a[y, x] > best:
                best = a[y, x]
                where = i32(y)
        for y in range(a.shape[0]):
            d = a[y, x - 1] - best
            off += d * d
        o[0, x], at[x] = off, where


MARCH = [stencil, rolled, filtered, in_place, of_each_time, own_rows, sums, guards, moments, largest]


@kdsl.kernel
def cut_by_data(a: Array[f32, 2], o: Array[f32, 2]):
    """Which threads take part is in memory."""
    x = kdsl.global_id(0)
    if a[0, x] > 0.5:
        for y in range(a.shape[0]):
            o[y, x] = a[y, x]


@kdsl.kernel
def own_turns(a: Array[f32, 2], o: Array[f32, 2]):
    x = kdsl.global_id(0)
    for y in range(min(x, a.shape[0])):
        o[y, x] = a[y, x]


@kdsl.kernel
def few_turns(a: Array[f32, 2], o: Array[f32, 2]):
    x = kdsl.global_id(0)
    for y in range(30, 24, -1):
        o[y, x] = a[y, x] + a[y - 1, x]


@kdsl.kernel
def along_rows(a: Array[f32, 2], o: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    for k in range(a.shape[1]):
        o[y, k] = a[y, k] + a[y, x]


@kdsl.kernel
def limit_of_row(a: Array[f32, 3], o: Array[f32, 3], ends: Array[i32, 1]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    for z in range(kdsl.index(ends[y])):
        o[z, y, x] = a[z, y, x]


@kdsl.kernel
def window(a: Array[f32, 2], o: Array[f32, 2], weights: Array[f32, 1]):
    """Rows that threads of other rows look at, too."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = f32(0)
    for k in range(weights.shape[0]):
        s += a[y + k, x] * weights[k]
    o[y, x] = s


@kdsl.kernel
def many(a: Array[f32, 2], o: Array[f32, 2]):
    """Far more is carried than loaded."""
    x = kdsl.global_id(0)
    s, q, p, t = f32(0), f32(0), f32(1), f32(0)
    for y in range(a.shape[0]):
        s += a[y, x]
        q += a[y, x] * a[y, x]
        p *= a[y, x]
        t = t * 0.5 + a[y, x]
    o[0, x] = q - s * s + p + t


OTHERS = [window, many, cut_by_data, own_turns, few_turns, along_rows, limit_of_row]


def _same(kernel: Any, threads: object, *arguments: object) -> None:
    want = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    got = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    kernel.interpret.over(threads)(*want)
    kernel.over(threads)(*got)
    for w, g in zip(want, got, strict=True):
        np.testing.assert_array_equal(g, w)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("nz, ny, nx", [(2, 1, 1), (3, 3, 3), (5, 20, 33), (4, 9, 70), (2, 2, 16600)])
def test_columns(nz: int, ny: int, nx: int, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, *MARCH)
    rng = np.random.default_rng(nx)
    a = rng.random((nz, ny, nx), np.float32)
    blank = np.full_like(a, -1)
    for kernel in (stencil, own_rows):
        _same(kernel, (nx, ny), a, blank)
    _same(stencil, (nx + 7, ny + 3), a, blank)
    _same(rolled, (nx + 1, max(ny - 1, 1)), a.astype(np.float64), blank.astype(np.float64))
    _same(rolled, (nx, ny), a.astype(np.float64)[:, :, ::-1], blank.astype(np.float64))
    _same(guards, (nx + 4, ny + 1), a, blank)
    _same(in_place, (nx, ny, 1), a, np.zeros((ny, nx), np.int32))
    _same(sums, (nx + 4, ny), a, blank, rng.random(nz, np.float32))
    flat = a.reshape(nz * ny, nx)
    _same(filtered, (nx + 2,), flat, np.zeros_like(flat))
    for steps in (0, 3):
        _same(of_each_time, (nx,), flat, np.zeros_like(flat), steps, rng.random(3, np.float32))


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("turns, nx", [(0, 100), (2, 97), (3, 96), (7, 131), (10, 200), (18, 320), (27, 8300)])
def test_several_turns_at_once(turns: int, nx: int, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as go together, fewer, and some that are left."""
    launch_on(arch, monkeypatch, moments, largest, sums, rolled)
    rng = np.random.default_rng(turns)
    a, weights = rng.random((turns, nx), np.float32), rng.random(turns, np.float32)
    _same(moments, nx, a, np.zeros((2, nx), np.float32), weights)
    if turns:
        _same(largest, nx + 3, a, np.zeros((1, nx), np.float32), np.zeros(nx, np.int32))
    volume = np.ascontiguousarray(a.reshape(turns, 1, nx))
    _same(sums, (nx + 4, 1), volume, np.zeros((1, 1, nx), np.float32), weights)
    if turns > 1:
        _same(rolled, (nx, 1), volume.astype(np.float64), np.zeros((turns, 1, nx)))


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
def test_a_sum_is_carried_once_for_four_turns(arch: str) -> None:
    f = lower(moments.ir(*declared_signature(moments, None, {})), CPU_TARGETS[arch])
    loops = [op.regions[0].ops for op in walk(f.body) if op.defn.name == "scf.for"]
    counted = [[op.operands[0].type for op in ops if op.defn.name == "tile.load"] for ops in loops]
    spaces = [t.space for t in max(counted, key=len) if isinstance(t, T.ArrayType)]
    assert (spaces.count(T.Space.PRIVATE), spaces.count(T.Space.GLOBAL)) == (2, 4)


@pytest.mark.parametrize("kernel", [moments, largest], ids=lambda k: k.name)
def test_what_threads_carry_is_on_the_stack(kernel: Any) -> None:
    """No launch has to find memory for it, which takes longer than 16 thousand elements."""
    target = CPU_TARGETS["x86-64-v3"]
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), target)
    assert Layout(f, f.attributes["width"], None).shared_bytes <= MAX_SCRATCH


def test_nobody_is_there() -> None:
    """What is the same for all threads is not looked at where none takes part."""
    empty = np.zeros(0, np.float32)
    o = np.ones((3, 40), np.float32)
    of_each_time.over((2,))(o, o.copy(), 1000, empty)
    _same(filtered, (40,), np.zeros((0, 40), np.float32), np.zeros((0, 40), np.float32))


@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_which_kernels_march(arch: str) -> None:
    def marches(kernel: Any) -> bool:
        return "march" in lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch]).attributes

    assert all(marches(k) for k in MARCH)
    assert not any(marches(k) for k in OTHERS)


@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_cost(arch: str) -> None:
    """A turn counts as often as that of a loop of unknown length, for the threads of one row."""
    f = lower(stencil.ir(*declared_signature(stencil, None, {})), CPU_TARGETS[arch])
    assert 1 < thread_nanoseconds(f, f.attributes["width"], CPU_TARGETS[arch].vector_bytes) < 32


def test_explained() -> None:
    assert "take each turn of their loop together" in str(stencil.explain())
