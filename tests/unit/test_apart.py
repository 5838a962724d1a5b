"""Loads that come before the stores of other arrays, where those do not overlap: which do, and that nobody can tell."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f16, f32, i32
from kdsl.compiler import lower
from kdsl.ir.core import Function, Op, Region, walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.ops import memory, scf, tile
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

M1 = Array[f32, 1]
LOADS, STORES = (memory.LOAD, tile.LOAD, tile.GATHER), (memory.STORE, tile.STORE, tile.STREAM, tile.SCATTER)


@kdsl.kernel(math="strict")
def moments(p: M1, g: M1, m: M1, v: M1):
    """What is stored is looked at again behind other stores."""
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        m[i] = 0.9 * m[i] + 0.1 * g[i]
        v[i] = 0.5 * v[i] + g[i] * g[i]
        p[i] -= m[i] / (kdsl.sqrt(kdsl.abs(v[i])) + 1.0)


@kdsl.kernel(math="strict")
def moved(p: M1, g: M1, m: M1, v: M1):
    """A component after the other."""
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        p[i] += 0.25 * g[i]
        m[i] += 0.25 * g[i] + p[i]
        v[i] = m[i]


@kdsl.kernel(math="strict")
def anywhere(p: M1, g: M1, m: M1, v: M1):
    """Places that data choose, of what is only read; and one that is stored on the way."""
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        at = i32(kdsl.abs(g[i]) * 100.0) % i32(g.shape[0])
        p[i] = v[at] + 1.0
        m[i] = v[(at * 3) % i32(g.shape[0])] + p[i]


@kdsl.kernel(math="strict")
def in_branches(p: M1, g: M1, m: M1, v: M1):
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        if g[i] > 0.5:
            p[i] = g[i] * 2.0
            m[i] = p[i] + v[i] + g[i]
        else:
            m[i] = v[i]
            p[i] = m[i] + g[i]
        v[i] = p[i] + m[i]


@kdsl.kernel(math="strict")
def along(p: M1, g: M1, m: M1, v: M1):
    """One thread, which goes along all of it."""
    if kdsl.global_id(0) == 0:
        s = f32(0)
        for i in range(1, p.shape[0] - 1):
            p[i] = 0.5 * g[i] + s
            m[i] = p[i] + g[i - 1] + g[i]
            v[i + 1] = v[i] + m[i - 1] * 0.25
            s = m[i] + v[i]
        p[0] = s


KERNELS = [moments, moved, anywhere, in_branches, along]


def _check(kernel: kdsl.Kernel, arrays: list[np.ndarray], chosen: tuple[int, ...], n: int):
    """Arguments that are the same array where they have the same number."""
    want, got = [a.copy() for a in arrays], [a.copy() for a in arrays]
    blocks = -(-n // 32)
    f = kernel.ir(*declared_signature(kernel, None, {}))
    interpret(f, [want[k] for k in chosen], grid=(blocks, 1, 1), block=(32, 1, 1))
    kernel[blocks, 32](*[got[k] for k in chosen])
    for a, b in zip(got, want, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=f"{n} elements, arguments {chosen}")


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_results_are_the_interpreters(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch):
    launch_on(arch, monkeypatch, kernel)
    for n in (5, 32, 77):
        arrays = [np.random.default_rng(n + k).random(n, np.float32) for k in range(4)]
        _check(kernel, arrays, (0, 1, 2, 3), n)


@pytest.mark.parametrize("kernel", [k for k in KERNELS if k is not anywhere], ids=lambda k: k.__name__)
def test_arguments_that_are_one_array(kernel: kdsl.Kernel):
    arrays = [np.random.default_rng(k).random(70, np.float32) for k in range(4)]
    for chosen in product(range(2), repeat=3):
        _check(kernel, arrays, (0, *chosen), 70)


def test_arguments_that_overlap():
    """Of one thread, so that no other's stores are in between."""
    f = along.ir(*declared_signature(along, None, {}))
    for starts in ((0, 1, 2, 3), (3, 0, 1, 1), (0, 0, 1, 40), (2, 40, 0, 1)):
        memory_ = np.random.default_rng(7).random(80, np.float32)
        want, got = memory_.copy(), memory_.copy()
        interpret(f, [want[s : s + 33] for s in starts], grid=(1, 1, 1), block=(1, 1, 1))
        along[1, 1](*[got[s : s + 33] for s in starts])
        np.testing.assert_array_equal(got, want)


def _lowered(kernel: kdsl.Kernel, arch: str = "x86-64-v3") -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])


def _choices(f: Function) -> list[Op]:
    """Branches of which both sides are one loop."""
    sides = [(op, [[o for o in r.ops if o.defn is not scf.YIELD] for r in op.regions]) for op in walk(f.body) if op.defn is scf.IF]
    return [op for op, parts in sides if all(len(ops) == 1 and ops[0].defn is scf.FOR for ops in parts)]


def _loaded_late(region: Region) -> int:
    """Loads behind the first store."""
    kinds = [op.defn in STORES for op in walk(region) if op.defn in LOADS or op.defn in STORES]
    return kinds[kinds.index(True) :].count(False)


@pytest.mark.parametrize("arch", ["x86-64-v2", "x86-64-v3", "x86-64-v4"])
def test_loads_come_first(arch: str):
    # With AVX-512 a row that streams has its ends in the same loop, under masks.
    for kernel, loads in ((moments, 4),) if arch == "x86-64-v4" else ((moments, 4), (moved, 3)):
        (choice,) = _choices(_lowered(kernel, arch))
        fast, plain = choice.regions
        assert _loaded_late(fast) == 0
        assert _loaded_late(plain) > 0
        assert len([op for op in walk(fast) if op.defn in LOADS]) == loads
        assert len([op for op in walk(plain) if op.defn in LOADS]) > loads


def test_what_loads_first_is_there_once():
    @kdsl.kernel
    def one(p: M1, g: M1, m: M1, v: M1):
        i = kdsl.global_id(0)
        if i < p.shape[0]:
            x, y = g[i] + v[i], g[i] - v[i]
            p[i] = x
            m[i] = y

    assert not _choices(_lowered(one))


def test_short_floats_are_loaded_anew():
    """Their arithmetic has more bits than memory."""

    @kdsl.kernel(math="strict")
    def halves(p: Array[f16, 1], g: Array[f16, 1], m: Array[f16, 1], v: Array[f16, 1]):
        i = kdsl.global_id(0)
        if i < p.shape[0]:
            p[i] = g[i] * g[i]
            m[i] = v[i] + g[i]
            v[i] = p[i] * g[i] + m[i]

    arrays = [np.random.default_rng(k).random(40).astype(np.float16) for k in range(4)]
    _check(halves, arrays, (0, 1, 2, 3), 40)
    _check(halves, arrays, (0, 0, 2, 2), 40)
    (choice,) = _choices(_lowered(halves))
    assert len([op for op in walk(choice.regions[0]) if op.defn in LOADS]) == 4
