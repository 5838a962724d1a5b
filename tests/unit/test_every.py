"""Every second thread between barriers: its work is done by the first half of all, where nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, i32
from kdsl.ir.core import Function, walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.ops import simt
from kdsl.ir.passes.opt_every import opt_every
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.ir.passes.vectorize import in_blocks_of
from kdsl.ir.verify import verify
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

BLOCK = 64


@kdsl.kernel
def by_rounds(a: Array[i32, 1], out: Array[i32, 1]):
    """Odd-even sort: which half takes part is known by the round."""
    s, t, i = kdsl.shared(BLOCK, i32), kdsl.thread_id(0), kdsl.global_id(0)
    s[t] = a[i]
    kdsl.barrier()
    for r in range(BLOCK):
        if t % 2 == r % 2 and t < BLOCK - 1:
            if s[t] > s[t + 1]:
                s[t], s[t + 1] = s[t + 1], s[t]
        kdsl.barrier()
    out[i] = s[t]


@kdsl.kernel
def in_two_steps(a: Array[i32, 1], out: Array[i32, 1]):
    """The same by least and greatest, even and odd ones in turn; `!=` and `&`, too."""
    s, t, i = kdsl.shared(BLOCK, i32), kdsl.thread_id(0), kdsl.global_id(0)
    s[t] = a[i]
    kdsl.barrier()
    for _ in range(BLOCK // 2):
        if t % 2 == 0 and t + 1 < BLOCK:
            x, y = s[t], s[t + 1]
            s[t], s[t + 1] = min(x, y), max(x, y)
        kdsl.barrier()
        if t & 1 != 0 and t + 1 < BLOCK:
            x, y = s[t], s[t + 1]
            s[t], s[t + 1] = min(x, y), max(x, y)
        kdsl.barrier()
    out[i] = s[t]


@kdsl.kernel
def ids_of_others(a: Array[i32, 1], out: Array[i32, 1]):
    """What is made of a thread's number is made of the other one's, and arguments are loaded and stored by it; no barrier is there
    before or behind; as many as the launch says take part."""
    s, p = kdsl.shared(BLOCK, i32), kdsl.shared(BLOCK, i32)
    t, i, n = kdsl.thread_id(0), kdsl.global_id(0), a.shape[0] % 50
    k = i * 3 + 1
    p[t] = a[i] + 1
    s[t] = 0
    kdsl.barrier()
    p[t] = p[t] * 2
    if t % 2 == 1 and t + 2 < n and i != 9:
        for j in range(3):
            s[t] += i32(k) + p[t] + j
        s[t + 1] = a[i] - i32(t)
    out[i] = p[t]
    kdsl.barrier()
    out[i] = s[t] + p[t]


@kdsl.kernel
def in_rows(a: Array[i32, 1], out: Array[i32, 1]):
    """Blocks of two axes, whose rows each do it."""
    s, t, u = kdsl.shared((2, 32), i32), kdsl.thread_id(0), kdsl.thread_id(1)
    i = kdsl.block_id(0) * 64 + u * 32 + t
    s[u, t] = a[i]
    kdsl.barrier()
    if t % 2 == 0:
        s[u, t], s[u, t + 1] = s[u, t + 1] + u, s[u, t] - t
    kdsl.barrier()
    out[i] = s[u, t]


ALL = (by_rounds, in_two_steps, ids_of_others, in_rows)


@kdsl.kernel
def sums_only(a: Array[i32, 1], out: Array[i32, 1]):
    """Nothing is stored between: threads go one by one."""
    s, t, i = kdsl.shared(BLOCK, i32), kdsl.thread_id(0), kdsl.global_id(0)
    s[t] = a[i]
    kdsl.barrier()
    if t % 2 == 0:
        s[t] += s[t + 1]
    kdsl.barrier()
    out[i] = s[t]


@kdsl.kernel
def what_a_thread_has(a: Array[i32, 1], out: Array[i32, 1]):
    """A number that only the thread itself has."""
    s, t, i = kdsl.shared(BLOCK, i32), kdsl.thread_id(0), kdsl.global_id(0)
    x = a[i]
    s[t] = x
    kdsl.barrier()
    if t % 2 == 0:
        s[t], s[t + 1] = s[t + 1] + x, s[t] - x
    kdsl.barrier()
    out[i] = s[t]


@kdsl.kernel
def what_a_thread_keeps(a: Array[i32, 1], out: Array[i32, 1]):
    """A number that the thread goes on with."""
    s, t, i = kdsl.shared(BLOCK, i32), kdsl.thread_id(0), kdsl.global_id(0)
    x = 0
    s[t] = a[i]
    kdsl.barrier()
    if t % 2 == 0:
        x = s[t + 1]
        s[t], s[t + 1] = x, s[t]
    kdsl.barrier()
    out[i] = s[t] + x


@kdsl.kernel
def in_arrays_of_its_own(a: Array[i32, 1], out: Array[i32, 1]):
    s, t, i = kdsl.shared(BLOCK, i32), kdsl.thread_id(0), kdsl.global_id(0)
    own = kdsl.local(8, i32)
    for k in range(8):
        own[k] = a[i] + k
    s[t] = a[i]
    kdsl.barrier()
    if t % 2 == 0:
        s[t], s[t + 1] = s[t + 1], own[s[t] & 7]
    kdsl.barrier()
    out[i] = s[t]


@kdsl.kernel
def by_data(a: Array[i32, 1], out: Array[i32, 1]):
    """Which half it is, each thread says for itself."""
    s, t, i = kdsl.shared(BLOCK + 1, i32), kdsl.thread_id(0), kdsl.global_id(0)
    s[t] = a[i]
    kdsl.barrier()
    if t % 2 == kdsl.index(out[i]) % 2:
        s[t], s[t + 1] = s[t + 1], s[t]
    kdsl.barrier()
    out[i] = s[t]


OTHERS = (sums_only, what_a_thread_has, what_a_thread_keeps, in_arrays_of_its_own, by_data)


def shape(kernel) -> tuple[int, ...]:
    return (32, 2) if kernel is in_rows else (BLOCK,)


def given(kernel) -> Function:
    f = kernel.ir(*declared_signature(kernel, None, {}))
    return simplify(in_blocks_of(f, (*shape(kernel), 1, 1)[:3]), CPU_TARGETS["x86-64-v3"])


def arguments(blocks: int) -> tuple[np.ndarray, np.ndarray]:
    a = np.random.default_rng(blocks).integers(-99, 99, blocks * BLOCK).astype(np.int32)
    return a, np.zeros_like(a)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", [*ALL, *OTHERS], ids=lambda k: k.name)
def test_as_interpreted(kernel, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, kernel)
    for blocks in (1, 3, 40):
        got, want = [arguments(blocks) for _ in range(2)]
        kernel[blocks, shape(kernel)](*got)
        kernel.interpret[blocks, shape(kernel)](*want)
        np.testing.assert_array_equal(got[1], want[1])


@pytest.mark.parametrize("kernel", ALL, ids=lambda k: k.name)
def test_the_pass_by_itself(kernel) -> None:
    """At thread level, where the interpreter looks for races as well."""
    f = given(kernel)
    g = opt_every(f)
    verify(g)
    count = lambda made: len([op for op in walk(made.body) if op.defn is simt.BARRIER])  # noqa: E731
    assert count(g) == count(f) + (4 if kernel is in_two_steps else 2)
    block = (*shape(kernel), 1, 1)[:3]
    got, want = [arguments(3) for _ in range(2)]
    interpret(g, got, (3, 1, 1), block)
    interpret(f, want, (3, 1, 1), block)
    np.testing.assert_array_equal(got[1], want[1])


@pytest.mark.parametrize("kernel", OTHERS, ids=lambda k: k.name)
def test_who_stays(kernel) -> None:
    f = given(kernel)
    assert opt_every(f) is f


def test_odd_blocks_stay() -> None:
    f = by_rounds.ir(*declared_signature(by_rounds, None, {}))
    for n in (63, 16):
        g = simplify(in_blocks_of(f, (n, 1, 1)), CPU_TARGETS["x86-64-v3"])
        assert opt_every(g) is g
