"""Elements that loops change round by round: kept in registers, where nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32
from kdsl.compiler import lower
from kdsl.ir.analysis.accesses import is_argument
from kdsl.ir.core import Op, Region
from kdsl.ir.interpreter import interpret
from kdsl.ir.ops import memory, scf, tile
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

M2 = Array[f32, 2]


@kdsl.kernel(math="strict")
def product(a: M2, b: M2, o: M2, n: i32):
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if i < o.shape[0] and j < o.shape[1]:
        o[i, j] = 0.0
        for k in range(a.shape[1]):
            o[i, j] += a[i, k] * b[k, j]


@kdsl.kernel(math="strict")
def added(a: M2, b: M2, o: M2, n: i32):
    """Nothing is stored first: where there is no round the element may not be there."""
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if j < 16:
        for k in range(n):
            o[i, j] += a[i, k] * b[k, j]


@kdsl.kernel(math="strict")
def rows(a: M2, b: M2, o: M2, n: i32):
    """A row for each thread, whose loop goes on where the row says so."""
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        o[i, 0] = 1.0
        for k in range(a.shape[1]):
            o[i, 0] = o[i, 0] * 0.5 + a[i, k]


@kdsl.kernel(math="strict")
def nested(a: M2, b: M2, o: M2, n: i32):
    """Loops in loops, and what is stored is looked at again, behind them and in them."""
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if 0 < i < o.shape[0] - 1 and 0 < j < o.shape[1] - 1:
        o[i, j] = 0.0
        for dy in range(-1, n - 1):
            for dx in range(-1, 2):
                o[i, j] += a[i + dy, j + dx]
            o[i, j] = o[i, j] * 0.5
        o[i, j] = o[i, j] + b[i, j]


@kdsl.kernel(math="strict")
def of_any_length(a: M2, b: M2, o: M2, n: i32):
    """How many rounds there are a thread looks up."""
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if i < o.shape[0] and j < o.shape[1]:
        for k in range(i32(b[i, j] * 4.0)):
            o[i, j] += a[i, k]


@kdsl.kernel(math="strict")
def two_kinds(a: M2, b: M2, o: M2, n: i32):
    """Of one array several elements, of which some are another thread's in no round: it stays."""
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if i < o.shape[0] and j < o.shape[1] // 2:
        for k in range(n):
            o[i, j] += a[i, k]
            o[i, j + o.shape[1] // 2] += o[i, j]


@kdsl.kernel(math="strict")
def now_and_then(a: M2, b: M2, o: M2, n: i32):
    """Where no round may store, the thread may not."""
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if i < o.shape[0] and j < o.shape[1]:
        for k in range(a.shape[1]):
            if a[i, k] > 0.9:
                o[i, j] += b[k, j]


@kdsl.kernel(math="strict")
def both_ways(a: M2, b: M2, o: M2, n: i32):
    """Branches of which each leaves something else, and one in the other."""
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if i < o.shape[0] and j < o.shape[1]:
        o[i, j] = 1.0
        for k in range(a.shape[1]):
            if a[i, k] > 0.5:
                o[i, j] = o[i, j] * 0.5
                if b[k, j] > 0.5:
                    o[i, j] += b[k, j]
            else:
                o[i, j] -= a[i, k]
            o[i, j] = kdsl.minimum(o[i, j], 3.0)


@kdsl.kernel(math="strict")
def in_a_branch(a: M2, b: M2, o: M2, n: i32):
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if i < o.shape[0] and j < o.shape[1]:
        o[i, j] = 0.0
        for k in range(a.shape[1]):
            if a[i, k] > 0.5:
                o[i, j] += b[k, j]


@kdsl.kernel(math="strict")
def components(a: M2, b: M2, o: M2, n: i32):
    """Three elements of a row at once, and one that data choose among them."""
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        for k in range(n):
            d = a[k, 0] - b[i, 0]
            o[i, 0] += d * b[k, 0]
            o[i, 1] += d * b[k, 1]
            o[i, 2] = o[i, 2] * 0.5 + o[i, 0]
        for k in range(n):
            o[i, 3] += a[i, k]
            o[i, i32(b[i, k] * 3.0)] += 1.0


KERNELS = [now_and_then, both_ways, components, product, added, rows, nested, of_any_length, two_kinds, in_a_branch]


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_results_are_the_interpreters(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch):
    f = kernel.ir(*declared_signature(kernel, None, {}))
    launch_on(arch, monkeypatch, kernel)
    for size in (16, 17, 40):
        rng = np.random.default_rng(size)
        a, b, o = [rng.random((size, size), np.float32) for _ in range(3)]
        for n in (3, 1, 0):
            want, got = o.copy(), o.copy()
            grid, block = (-(-size // 8), 1 if kernel in (rows, components) else size), (8, 1)
            interpret(f, [a, b, want, np.int32(n)], grid=(*grid, 1), block=(*block, 1))
            kernel[grid, block](a, b, got, n)
            np.testing.assert_array_equal(got, want, err_msg=f"{size}, {n} rounds")


@pytest.mark.parametrize("kernel", [product, rows, in_a_branch], ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_arrays_that_overlap(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch):
    """One thread, or threads of which none looks at another's: each round sees what the last one stored."""
    f = kernel.ir(*declared_signature(kernel, None, {}))
    launch_on(arch, monkeypatch, kernel)
    for width in (1, 2) if kernel is rows else (1,):
        memory_ = np.random.default_rng(5).random((9, 12), np.float32)
        want, got = memory_.copy(), memory_.copy()
        for m, run in ((want, None), (got, kernel)):
            a, b, o = m[:width, :5], m[:5, 6:7], m[:width, 3:4]  # the element is one of those that are summed up
            if run is None:
                interpret(f, [a, b, o, np.int32(5)], grid=(1, 1, 1), block=(width, 1, 1))
            else:
                run[1, width](a, b, o, 5)
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("arch", RUNNABLE)
def test_what_has_no_round_is_not_looked_at(arch: str, monkeypatch: pytest.MonkeyPatch):
    """Rows of o that are not there: with no round nobody asks for them."""
    launch_on(arch, monkeypatch, added)
    a, b, o = np.ones((2, 0), np.float32), np.ones((0, 16), np.float32), np.ones((2, 16), np.float32)
    added.over((16, 100_000))(a, b, o, 0)
    assert (o == 1).all()


def _in_rounds(region: Region, inside: bool = False) -> list[Op]:
    """Stores to arguments in loops that carry something."""
    found = [op for op in region.ops if inside and op.defn in (tile.STORE, memory.STORE) and is_argument(op.operands[0])]
    for op in region.ops:
        for part in op.regions:
            found += _in_rounds(part, inside or (op.defn is scf.FOR and bool(op.results)))
    return found


def test_no_round_stores():
    """Where arrays do not overlap."""
    for kernel in (product, rows, nested, in_a_branch):
        f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"])
        (choice,) = [op for op in f.body.ops if op.defn is scf.IF]
        assert not _in_rounds(choice.regions[0])
    own = lower(product.ir(*declared_signature(product, None, {})), CPU_TARGETS["x86-64-v3"])
    assert own.attributes["rows"] > 1  # a product of matrices like any other
