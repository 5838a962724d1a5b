"""Axes that change places: the interpreter's results whatever the launch's shape, only where it pays and nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, i32
from kdsl.compiler import lower
from kdsl.ir.interpreter import interpret
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def rows_first(a: Array[f32, 2], out: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if 0 < i < a.shape[0] - 1 and 0 < j < a.shape[1] - 1:
        out[i, j] = a[i - 1, j] + a[i + 1, j] - a[i, j - 1] * a[i, j + 1] + f32(i) - 2.0 * f32(j)


@kdsl.kernel
def planes_first(a: Array[i32, 3], out: Array[i32, 3]):
    z, y, x = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    if z < out.shape[0] and y < out.shape[1] and x < out.shape[2]:
        out[z, y, x] = a[z, y, (x + 1) % a.shape[2]] * 3 + i32(100 * z + 10 * y + x)


@kdsl.kernel
def by_hand(a: Array[f32, 2], out: Array[f32, 2]):
    i = kdsl.block_id(0) * kdsl.block_dim(0) + kdsl.thread_id(0)
    j = kdsl.block_id(1) * kdsl.block_dim(1) + kdsl.thread_id(1)
    if i < out.shape[0] and j < out.shape[1]:
        out[i, j] = a[i, j] * f32(kdsl.grid_dim(0)) + f32(kdsl.block_id(1) + kdsl.thread_id(0))


@kdsl.kernel
def product(a: Array[f32, 2], b: Array[f32, 2], out: Array[f32, 2]):
    """As numba's documentation has it: the row of the matrix is the thread's place along axis 0."""
    sa, sb = kdsl.shared((4, 16), f32), kdsl.shared((16, 16), f32)
    x, y, tx, ty = kdsl.global_id(0), kdsl.global_id(1), kdsl.thread_id(0), kdsl.thread_id(1)
    total = f32(0)
    for k in range(0, a.shape[1], 16):
        sa[tx, ty] = a[x, k + ty]
        for r in range(4):
            sb[tx + 4 * r, ty] = b[k + tx + 4 * r, y]
        kdsl.barrier()
        for m in range(16):
            total += sa[tx, m] * sb[m, ty]
        kdsl.barrier()
    out[x, y] = total


@kdsl.kernel
def columns_first(a: Array[f32, 2], out: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < out.shape[1] and y < out.shape[0]:
        out[y, x] = a[y, x] + 1.0


@kdsl.kernel
def transposed(a: Array[f32, 2], out: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < a.shape[1] and y < a.shape[0]:
        out[x, y] = a[y, x]


@kdsl.kernel
def sees_lanes(a: Array[f32, 2], out: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    out[i, j] = kdsl.subgroup_sum(a[i, j])


@kdsl.kernel(debug=True)
def reports(a: Array[f32, 2], out: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    assert a[i, j] >= 0.0, "negative"
    out[i, j] = a[i, j]


@kdsl.kernel
def of_points(a: Array[f32, 3], out: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i < out.shape[0] and j < out.shape[1]:
        out[i, j] = a[i, j, 0] + 2.0 * a[i, j, 1] + 3.0 * a[i, j, 2]


@kdsl.kernel
def blocks_of_rows(a: Array[f32, 2], out: Array[f32, 2]):
    """No thread is beside another along axis 1."""
    x, y = kdsl.thread_id(0), kdsl.block_id(1)
    for row in range(4):
        out[x, 4 * y + row] = a[x, 4 * y + row]


@kdsl.kernel
def ends_exchanged(a: Array[f32, 3], out: Array[f32, 3]):
    """Memory lies along axis 0 of one and axis 2 of the other."""
    k, j, i = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    if k < out.shape[2] and j < out.shape[1] and i < out.shape[0]:
        out[i, j, k] = a[k, j, i] + f32(i) - f32(j)


def turned(kernel: kdsl.Kernel, arch: str = "x86-64-v3", **how: object) -> int:
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch], **how)  # type: ignore[arg-type]
    return f.attributes.get("turned", 0)


def test_axes_change_places_where_another_lies_along_memory() -> None:
    assert [turned(k) for k in (rows_first, planes_first, by_hand, product, of_points)] == [1, 2, 1, 1, 1]
    assert [turned(k) for k in (columns_first, transposed, blocks_of_rows, sees_lanes, reports)] == [0] * 5
    assert turned(rows_first, beside=0) == 0
    assert turned(ends_exchanged) == 3
    assert "threads along axis 2 are taken next to" in ends_exchanged.explain("cpu:x86-64-v3")
    text = rows_first.explain("cpu:x86-64-v3")
    assert "threads along axis 1 are side by side" in text and "> out: vector store" in text


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("shape", [(70, 33), (3, 5), (64, 64), (9, 300), (40, 2)])
def test_flat_launches(arch: str, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    a = np.random.default_rng(1).integers(0, 9, shape).astype(np.float32)
    with runs(CPU_TARGETS[arch]):
        launch_on(arch, monkeypatch, rows_first, by_hand)
        for kernel in (rows_first, by_hand):
            for launch in (kernel.over(shape), kernel[(-(-shape[0] // 16), -(-shape[1] // 8)), (16, 8)]):
                wanted, found = np.zeros_like(a), np.zeros_like(a)
                _interpreted(kernel, launch, a, wanted)
                launch(a, found)
                np.testing.assert_array_equal(found, wanted)


def _interpreted(kernel: kdsl.Kernel, launch: kdsl.Launch, *args: np.ndarray) -> None:
    g = launch.geometry
    interpret(kernel.ir(*declared_signature(kernel, None, {})), args, g[:3], g[3:6], threads=g[6:])


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("shape", [(4, 5, 90), (30, 3, 7), (2, 40, 16)])
def test_three_axes(arch: str, shape: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    a = np.random.default_rng(2).integers(0, 100, shape).astype(np.int32)
    with runs(CPU_TARGETS[arch]):
        launch_on(arch, monkeypatch, planes_first)
        found = np.zeros_like(a)
        planes_first.over(shape)(a, found)
        z, y, x = np.indices(shape)
        np.testing.assert_array_equal(found, np.roll(a, -1, 2) * 3 + 100 * z + 10 * y + x)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("shape", [(1, 1, 1), (40, 3, 35), (16, 17, 64), (5, 40, 1)])
def test_axes_1_and_2_change_places(arch: str, shape: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """With blocks of any shape, and threads outside of the arrays."""
    a = np.random.default_rng(4).integers(0, 100, shape).astype(np.float32)
    z, y, x = np.indices(shape[::-1])
    want = a.transpose(2, 1, 0) + z - y
    with runs(CPU_TARGETS[arch]):
        launch_on(arch, monkeypatch, ends_exchanged)
        grid = tuple(-(-n // m) + 1 for n, m in zip(shape, (16, 2, 3), strict=True))
        for launch in (ends_exchanged.over(shape), ends_exchanged[grid, (16, 2, 3)]):
            found = np.full(shape[::-1], -1, np.float32)
            launch(a, found)
            np.testing.assert_array_equal(found, want)


@pytest.mark.parametrize("arch", RUNNABLE)
def test_blocks_whose_threads_meet(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 4 x 16 threads are 16 x 4 to the code."""
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 9, (24, 64)).astype(np.float32), rng.integers(0, 9, (64, 48)).astype(np.float32)
    with runs(CPU_TARGETS[arch]):
        launch_on(arch, monkeypatch, product)
        found = np.zeros((24, 48), np.float32)
        product[(6, 3), (4, 16)](a, b, found)
        np.testing.assert_array_equal(found, a @ b)


def test_few_threads_along_the_other_axis_stay_as_they_are() -> None:
    """Points of three numbers: vectors of three would be slower than one thread after the other."""
    a = np.random.default_rng(4).integers(0, 9, (50, 3)).astype(np.float32)
    rows_first._specialisations.clear()
    rows_first._fast.clear()
    for shape in ((50, 3), (50, 8), (50, 3)):
        given, found, wanted = (np.resize(a, shape), *np.zeros((2, *shape), np.float32))
        rows_first.over(shape)(given, found)
        _interpreted(rows_first, rows_first.over(shape), given, wanted)
        np.testing.assert_array_equal(found, wanted)
    (spec,) = rows_first._specialisations.values()
    assert {walk.beside: made.artifact.entry.turned for walk, made in spec.executables.items()} == {0: 0, None: 1}


def test_few_threads_along_axis_0_have_those_along_another_side_by_side() -> None:
    """Components of points, channels of pictures: rows of three would each begin and end."""
    a = np.random.default_rng(5).integers(0, 9, (60, 3)).astype(np.float32)
    columns_first._specialisations.clear()
    columns_first._fast.clear()
    for shape in ((60, 3), (5, 3), (60, 8)):
        given, found = np.resize(a, shape), np.zeros(shape, np.float32)
        columns_first.over(shape[::-1])(given, found)
        np.testing.assert_array_equal(found, given + 1)
    (spec,) = columns_first._specialisations.values()
    assert {walk.beside: made.artifact.entry.turned for walk, made in spec.executables.items()} == {1: 1, None: 0}
    assert not spec.turned and spec.axes == 0b11
