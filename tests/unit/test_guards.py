"""`if i < n and x[i] > limit:`: the guard that it is, with a branch in it."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32
from kdsl.compiler import lower
from kdsl.ir.core import Op, Region, walk
from kdsl.ir.ops import scf
from kdsl.ir.passes.opt_guards import opt_guards
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

N = 203


@kdsl.kernel
def kept(x: Array[f32, 1], limit: f32, out: Array[f32, 1], seen: Array[i32, 1]):
    i = kdsl.global_id(0)
    if i < x.shape[0] and x[i] > limit:
        out[i] = x[i] * 2.0


@kdsl.kernel
def three_parts(x: Array[f32, 1], limit: f32, out: Array[f32, 1], seen: Array[i32, 1]):
    i = kdsl.global_id(0)
    if i < x.shape[0] and x[i] > limit and x[x.shape[0] - 1 - i] < 0.75:
        out[i] = x[i] + 1.0


@kdsl.kernel
def left_early(x: Array[f32, 1], limit: f32, out: Array[f32, 1], seen: Array[i32, 1]):
    i = kdsl.global_id(0)
    if i >= x.shape[0] or x[i] <= limit or x[x.shape[0] - 1 - i] > 0.75:
        return
    out[i] = x[i] + 2.0


@kdsl.kernel
def either_of_them(x: Array[f32, 1], limit: f32, out: Array[f32, 1], seen: Array[i32, 1]):
    """Something is done where one part holds: it stays."""
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        if i == 0 or x[i] > limit:
            out[i] = 1.0


@kdsl.kernel
def counted(x: Array[f32, 1], limit: f32, out: Array[f32, 1], seen: Array[i32, 1]):
    i = kdsl.global_id(0)
    if i < x.shape[0] and x[i] > limit:
        kdsl.atomic_add(seen[0], 1)


@kdsl.kernel
def stored_before(x: Array[f32, 1], limit: f32, out: Array[f32, 1], seen: Array[i32, 1]):
    """What the second part looks at is stored first, and what it was is asked for behind a store."""
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        out[i] = x[i] - 0.25
    asked = i + 1 < x.shape[0] and out[i] > limit
    if i < x.shape[0]:
        out[i] = -1.0
    if asked:
        out[i] += x[i + 1]


@kdsl.kernel
def otherwise(x: Array[f32, 1], limit: f32, out: Array[f32, 1], seen: Array[i32, 1]):
    """Something is done elsewhere, too: it stays."""
    i = kdsl.global_id(0)
    if i < x.shape[0] and x[i] > limit:
        out[i] = 1.0
    elif i < out.shape[0]:
        out[i] = 2.0


@kdsl.kernel
def asked_twice(x: Array[f32, 1], limit: f32, out: Array[f32, 1], seen: Array[i32, 1]):
    i = kdsl.global_id(0)
    asked = i < x.shape[0] and x[i] > limit
    if asked:
        out[i] = 1.0
    if asked:
        out[i] += x[i]


@kdsl.kernel
def in_a_block(x: Array[f32, 1], limit: f32, out: Array[f32, 1], seen: Array[i32, 1]):
    """The largest of a block, and where it is."""
    s, p = kdsl.shared(64, f32), kdsl.shared(64, i32)
    i, t = kdsl.global_id(0), kdsl.thread_id(0)
    s[t] = x[i] if i < x.shape[0] else -1.0
    p[t] = i32(i)
    kdsl.barrier()
    half = i32(limit * 64.0)
    while half > 0:
        if t < half and s[t + half] > s[t]:
            s[t], p[t] = s[t + half], p[t + half]
        kdsl.barrier()
        half //= 2
    if t == 0:
        out[kdsl.block_id(0)] = s[0]
        seen[kdsl.block_id(0)] = p[0]


KERNELS = [kept, three_parts, left_early, either_of_them, counted, stored_before, otherwise, asked_twice, in_a_block]


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_results_are_the_interpreters(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch):
    launch_on(arch, monkeypatch, kernel)
    for n in (1, 16, 33, N):
        x = np.random.default_rng(n).random(n, np.float32)
        want, got = [(np.zeros(n + 8, np.float32), np.zeros(8, np.int32)) for _ in range(2)]
        kernel.interpret[-(-n // 64), 64](x, 0.5, *want)
        kernel[-(-n // 64), 64](x, 0.5, *got)
        for a, b in zip(want, got, strict=True):
            np.testing.assert_array_equal(b, a, err_msg=str(n))


def _depth(region: Region) -> int:
    """How many branches stand in one another."""
    return max([_depth(part) + (op.defn is scf.IF) for op in region.ops for part in op.regions], default=0)


def _choices(kernel: kdsl.Kernel) -> list[Op]:
    """Branches that give a value, once guards are guards."""
    f = opt_guards(simplify(kernel.ir(*declared_signature(kernel, None, {}))))
    return [op for op in walk(f.body) if op.defn is scf.IF and op.results]


def test_a_part_that_looks_at_memory_is_a_branch_in_the_guard():
    for kernel in (kept, three_parts, left_early, counted):
        f = opt_guards(simplify(kernel.ir(*declared_signature(kernel, None, {}))))
        assert not _choices(kernel)
        assert _depth(f.body) == (3 if kernel in (three_parts, left_early) else 2)


def test_what_is_asked_for_elsewhere_too_stays():
    for kernel in (stored_before, otherwise, asked_twice, either_of_them):
        assert _choices(kernel)


def test_rows_of_a_block_end_at_the_guard():
    """Not all of the block's threads are asked whether they take part."""
    f = lower(in_a_block.ir(*declared_signature(in_a_block, None, {})), CPU_TARGETS["x86-64-v3"], block=(64, 1, 1))
    (rounds,) = [op for op in walk(f.body) if op.defn is scf.WHILE]
    rows = [op for op in walk(rounds.regions[1]) if op.defn is scf.FOR]
    assert rows
    assert all(op.operands[1].constant is None for op in rows)
