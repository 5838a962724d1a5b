"""Guards of flat kernels: `if x < n and y < m` ends rows earlier, and leaves rows out; the results are the interpreter's."""

from __future__ import annotations

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32, u8
from kdsl.codegen.cpu import emit
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.core import walk
from kdsl.target import CPU_TARGETS

V3 = CPU_TARGETS["x86-64-v3"]


@kdsl.kernel
def below(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    i = kdsl.global_id(0)
    if i < x.shape[1]:
        y[0, i] = 2.0 * x[0, i] + y[0, i]


@kdsl.kernel
def left(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    i = kdsl.global_id(0)
    double = 2.0 * f32(i)
    if x.shape[1] <= i:
        return
    y[0, i] = double + x[0, i]


@kdsl.kernel
def both(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i < x.shape[1] and j < x.shape[0]:
        y[j, i] = 2.0 * x[j, i] + f32(j)


@kdsl.kernel
def outside(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i >= x.shape[1] or j >= x.shape[0] or n < 0:
        return
    total = f32(0)
    for k in range(i):
        total += x[j, k]
    y[j, i] = total


@kdsl.kernel
def first(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i <= 4 and j == 1:
        if i < x.shape[1] and j < x.shape[0]:
            y[j, i] = x[j, i] + 1.0


@kdsl.kernel
def from_memory(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    i = kdsl.global_id(0)
    if i < i32(x[0, 0]) and i < x.shape[1]:
        y[0, i] += 1.0


@kdsl.kernel
def of_the_row(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if j < x.shape[0] and i < x.shape[1] - j:
        y[j, i] = x[j, i] * x[j, i]


@kdsl.kernel
def otherwise(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i < n and i < x.shape[1] and j < x.shape[0]:
        y[j, i] = 1.0
    elif j < x.shape[0] and i < x.shape[1]:
        y[j, i] = x[j, i]


@kdsl.kernel
def between(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if 0 < i < x.shape[1] - 1 and 0 < j < x.shape[0] - 1:
        y[j, i] = x[j, i - 1] + x[j - 1, i] + x[j, i + 1]


@kdsl.kernel
def behind(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i < n or i >= x.shape[1] or j >= x.shape[0]:
        return
    y[j, i] = x[j, i - n] + 1.0


@kdsl.kernel
def after(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i > n and i < x.shape[1] and j < x.shape[0]:
        y[j, i] = x[j, i] + 1.0


@kdsl.kernel
def not_first(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    i = kdsl.global_id(0)
    if i == 0 or i >= x.shape[1]:
        return
    y[0, i] = x[0, i] - x[0, i - 1]


@kdsl.kernel
def nowhere(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    i = kdsl.global_id(0)
    if i > kdsl.i64(n) + (2**63 - 4):  # no index is
        y[0, i] = 1.0


@kdsl.kernel
def many(n: i32, x: Array[f32, 2], y: Array[f32, 2]):
    """Rows together."""
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if 2 < i < x.shape[1] - 3 and 2 < j < x.shape[0] - 3:
        s = f32(0)
        for dy in kdsl.static_range(-3, 4):
            for dx in kdsl.static_range(-3, 4):
                s += x[j + dy, i + dx]
        y[j, i] = s


KERNELS = [below, left, both, outside, first, from_memory, of_the_row, otherwise, between, behind, after, not_first, nowhere, many]


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.name)
@pytest.mark.parametrize("shape", [(3, 37), (2, 8), (1, 1), (2, 3), (5, 64), (17, 50)], ids=str)
def test_guards(kernel: kdsl.Kernel, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KDSL_TARGET", V3.name)
    x = np.random.default_rng(1).random(shape, np.float32) + np.float32(1)
    for threads in ((1, 1), (shape[1], shape[0]), (shape[1] + 29, shape[0] + 2)):
        got, want = np.full(shape, 0.5, np.float32), np.full(shape, 0.5, np.float32)
        threads = (threads[0], 1) if kernel in (below, left, from_memory, not_first, nowhere) else threads
        kernel.over(threads, (16, 2))(3, x, got)
        kernel.interpret.over(threads, (16, 2))(3, x, want)
        np.testing.assert_allclose(got, want, rtol=1e-5)


@pytest.mark.parametrize("kernel", [between, behind, after, not_first], ids=lambda k: k.name)
def test_rows_begin_later(kernel: kdsl.Kernel) -> None:
    """So that no vector but a row's last has a mask."""
    array = T.ArrayType(T.f32, 2, unit_axis=1)
    f = lower(kernel.ir({"n": T.i32, "x": array, "y": array}), V3)
    bodies = [list(walk(op.regions[0])) for op in walk(f.body) if op.name == "scf.for"]
    inner = [ops for ops in bodies if not any(op.name == "scf.for" for op in ops)]
    assert inner and not [op for ops in inner for op in ops if op.name in ("scf.if", "tile.any")]


@kdsl.kernel
def differs(x: Array[u8, 1], y: Array[u8, 1]):
    i = kdsl.global_id(0)
    if i == 5:
        y[i] = 9
    else:
        y[i] = 1 if x[i] != x[i ^ 1] else 0


@kdsl.kernel
def differs_not(x: Array[u8, 1], y: Array[u8, 1]):
    i = 40 - kdsl.global_id(0)
    if i != 5 and i > 0:
        y[i] = x[i] + 3 * x[i - 1] + x[i] // 7


@pytest.mark.parametrize("kernel", [differs, differs_not], ids=lambda k: k.name)
def test_one_thread_is_another(kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors without that thread have no mask."""
    monkeypatch.setenv("KDSL_TARGET", V3.name)
    x = np.random.default_rng(1).integers(0, 3, 42).astype(np.uint8)
    for n in (4, 5, 6, 7, 22, 41):
        got, want = np.full(42, 7, np.uint8), np.full(42, 7, np.uint8)
        kernel.over(n)(x, got)
        kernel.interpret.over(n)(x, want)
        np.testing.assert_array_equal(got, want)
    array = T.ArrayType(T.u8, 1, unit_axis=0)
    f = lower(kernel.ir({"x": array, "y": array}), V3)
    loads = [op for op in walk(f.body) if op.name == "tile.load"]
    assert [op for op in loads if op.operands[-1].constant is True], f


@pytest.mark.parametrize("kernel", [below, left], ids=lambda k: k.name)
def test_a_guarded_body_is_made_for_vectors_and_for_the_rest(kernel: kdsl.Kernel) -> None:
    """And not for vectors that the guard cuts."""
    array = T.ArrayType(T.f32, 2, unit_axis=1)
    text = emit(lower(kernel.ir({"n": T.i32, "x": array, "y": array}), V3), V3)
    assert len([line for line in text.splitlines() if "fmul contract <" in line]) == 2, text
