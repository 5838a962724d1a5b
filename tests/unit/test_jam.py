"""Several rows of threads at once: the interpreter's results for every number of rows and length of a row, each common load
made once, and only where rows have enough in common.
"""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, u8
from kdsl.artifact import Entry
from kdsl.codegen.cpu import compile_cpu
from kdsl.compiler import lower
from kdsl.explain import explain_kernel
from kdsl.ir.core import Function, Op, walk
from kdsl.ir.interpreter import interpret
from kdsl.runtime.cpu.schedule import make_plan
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def weighted(image: Array[f32, 2], weights: Array[f32, 2], out: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    total = f32(0)
    for i in kdsl.static_range(5):
        for j in kdsl.static_range(5):
            total += weights[i, j] * image[y + i, x + j]
    out[y, x] = total


@kdsl.kernel
def blur(image: Array[f32, 2], out: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    sides = image[y, x + 1] + image[y + 1, x] + image[y + 1, x + 2] + image[y + 2, x + 1]
    corners = image[y, x] + image[y, x + 2] + image[y + 2, x] + image[y + 2, x + 2]
    out[y, x] = (corners + 2.0 * sides + 4.0 * image[y + 1, x + 1]) / 16.0


@kdsl.kernel
def planes(a: Array[i32, 3], out: Array[i32, 3]):
    """Three axes, indices on both sides of the place, values that depend on the row, and two results."""
    x, y, z = kdsl.global_id(0), kdsl.global_id(1) + 3, kdsl.global_id(2)
    total, most = i32(y) * 1000, a[z, y - 3, x]
    for i in kdsl.static_range(7):
        for j in kdsl.static_range(3):
            value = a[z, y - 3 + i, x + j]
            total += value * (i + 3 * j - 5) + i32(x)
            most = kdsl.maximum(most, value)
    out[z, y, x] = total
    out[z, y, x + a.shape[2]] = most


@kdsl.func
def around(a, z, y, x):
    total = f32(0)
    for i in kdsl.static_range(3):
        for j in kdsl.static_range(3):
            for k in kdsl.static_range(3):
                total += a[z + i, y + j, x + k]
    return total


@kdsl.kernel
def box(a: Array[f32, 3], out: Array[f32, 3]):
    x, y, z = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    out[z, y, x] = around(a, z, y, x)


@kdsl.kernel
def to_a_diagonal(a: Array[f32, 3], out: Array[f32, 3]):
    x, y, z = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    out[y, y, x] = around(a, z, y, x)


@kdsl.kernel
def bytes_(image: Array[u8, 2], out: Array[u8, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    total = i32(0)
    for i in kdsl.static_range(4):
        for j in kdsl.static_range(4):
            total += i32(image[y + i, x + j])
    out[y, x] = u8(total // 16)


@kdsl.kernel
def in_place(image: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    total = f32(0)
    for i in kdsl.static_range(5):
        for j in kdsl.static_range(5):
            total += image[y + 100 + i, x + j]
    image[y, x] = total


@kdsl.kernel
def few(image: Array[f32, 2], out: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    out[y, x] = image[y, x] + image[y + 1, x] + image[y + 2, x]


@kdsl.kernel
def nothing_in_common(image: Array[f32, 2], out: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    total = f32(0)
    for j in kdsl.static_range(25):
        total += image[y, x + j]
    out[y, x] = total


@kdsl.kernel
def all_kept(image: Array[f32, 2], out: Array[f32, 2]):
    """Every value is needed to the end: no registers for more than one row."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    a0, a1, a2, a3, a4 = image[y, x], image[y, x + 1], image[y, x + 2], image[y, x + 3], image[y, x + 4]
    b0, b1, b2, b3, b4 = image[y + 1, x], image[y + 1, x + 1], image[y + 1, x + 2], image[y + 1, x + 3], image[y + 1, x + 4]
    c0, c1, c2, c3, c4 = image[y + 2, x], image[y + 2, x + 1], image[y + 2, x + 2], image[y + 2, x + 3], image[y + 2, x + 4]
    d0, d1, d2, d3, d4 = image[y + 3, x], image[y + 3, x + 1], image[y + 3, x + 2], image[y + 3, x + 3], image[y + 3, x + 4]
    up = a0 + a1 + a2 + a3 + a4 + b0 + b1 + b2 + b3 + b4 + c0 + c1 + c2 + c3 + c4 + d0 + d1 + d2 + d3 + d4
    out[y, x] = up * a0 * a1 * a2 * a3 * a4 * b0 * b1 * b2 * b3 * b4 * c0 * c1 * c2 * c3 * c4 * d0 * d1 * d2 * d3 * d4


def code(kernel, arch: str) -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])


@pytest.fixture(params=RUNNABLE)
def arch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    launch_on(request.param, monkeypatch, weighted, planes, bytes_)
    return request.param


SIZES = [(1, 1), (3, 40), (4, 64), (6, 33), (11, 7)]  # rows, and threads of a row


@pytest.mark.parametrize("height, width", SIZES, ids=str)
def test_two_axes(arch: str, height: int, width: int) -> None:
    rng = np.random.default_rng(1)
    image, weights = rng.random((height + 4, width + 4), np.float32), rng.random((5, 5), np.float32)
    wanted, found = np.full((2, height + 1, width + 1), -1.0, np.float32)
    weighted.interpret.over((width, height))(image, weights, wanted)
    weighted.over((width, height))(image, weights, found)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert (found[height:] == -1).all() and (found[:, width:] == -1).all()


@pytest.mark.parametrize("height, width", SIZES, ids=str)
def test_three_axes(arch: str, height: int, width: int) -> None:
    a = np.random.default_rng(2).integers(-99, 99, (3, height + 7, width + 2), dtype=np.int32)
    wanted, found = np.zeros((2, 3, height + 3, 2 * width + 2), np.int32)
    planes.interpret.over((width, height, 3))(a, wanted)
    planes.over((width, height, 3))(a, found)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("height, width", [(1, 5), (4, 32), (9, 70), (8, 100)])
def test_planes(arch: str, height: int, width: int) -> None:
    a = np.random.default_rng(height).random((4, height + 2, width + 2), np.float32)
    got, want = [np.zeros((2, height, width), np.float32) for _ in range(2)]
    box.over((width, height, 2))(a, got)
    box.interpret.over((width, height, 2))(a, want)
    np.testing.assert_array_equal(got, want)


def test_rows_of_two_axes_at_once(arch: str) -> None:
    a = np.random.default_rng(0).random((3, 11, 72), np.float32)
    got, want = [np.zeros((9, 9, 70), np.float32) for _ in range(2)]
    to_a_diagonal.over((70, 9, 1))(a, got)
    to_a_diagonal.interpret.over((70, 9, 1))(a, want)
    np.testing.assert_array_equal(got, want)


def test_what_the_next_rows_access_is_asked_for() -> None:
    """Of several planes: in each the rows that these do not load, and what is stored."""
    asked = [op for op in walk(code(box, "x86-64-v4").body) if op.name == "block.ahead"]
    assert [op.attributes["rows"] for op in asked] == [4] * (3 * 4 + 4)
    assert len({op.operands[0] for op in asked}) == 2
    assert not [op for op in walk(code(weighted, "x86-64-v4").body) if op.name == "block.ahead"]


@pytest.mark.parametrize("height, width", SIZES, ids=str)
def test_bytes(arch: str, height: int, width: int) -> None:
    image = np.random.default_rng(3).integers(0, 256, (height + 3, width + 3), dtype=np.uint8)
    wanted, found = np.zeros((2, height, width), np.uint8)
    bytes_.interpret.over((width, height))(image, wanted)
    bytes_.over((width, height))(image, found)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("chunk", [None, 32, 96])
def test_the_block_level_means_the_same(chunk: int | None) -> None:
    """The vectorized function itself, in the interpreter, which also looks for accesses out of bounds and races."""
    f = code(weighted, "x86-64-v3")
    assert f.attributes["rows"] == 4
    rng = np.random.default_rng(4)
    image, weights = rng.random((10, 104), np.float32), rng.random((5, 5), np.float32)
    found = np.zeros((6, 100), np.float32)
    interpret(f, [image, weights, found], (100, 6, 1), (1, 1, 1), threads=(100, 6, 1), chunk=chunk)
    wanted = sum(weights[i, j] * image[i : i + 6, j : j + 100] for i in range(5) for j in range(5))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def vectors_loaded(region_of: Op) -> int:
    return sum(1 for op in walk(region_of.regions[0]) if op.name == "tile.load")


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4", "aarch64"])
@pytest.mark.parametrize("kernel, loaded", [(weighted, 8 * 5), (blur, 6 * 3)], ids=["weighted", "blur"])
def test_each_common_load_is_made_once(kernel, loaded: int, arch: str) -> None:
    """Four rows of a window of 5 by 5 read 8 rows of 5 vectors, not 4 times 25, of one of 3 by 3 6 of 3, not 4 times 9."""
    f = code(kernel, arch)
    assert f.attributes["rows"] == 4
    together = next(op for op in walk(f.body) if op.name == "scf.for")
    assert vectors_loaded(together) == loaded
    assert sum(1 for op in walk(together.regions[0]) if op.name == "tile.store") == 4
    assert not any(op.name == "memory.load" for op in walk(together.regions[0]))  # weights do not depend on the row
    assert compile_cpu(f, CPU_TARGETS[arch]).entry.rows == 4


@pytest.mark.parametrize("height, width", SIZES, ids=str)
def test_blurs(arch: str, height: int, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, blur)
    image = np.random.default_rng(5).random((height + 2, width + 2), np.float32)
    got, want = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    blur.over((width, height))(image, got)
    blur.over((width, height)).interpret(image, want)
    np.testing.assert_allclose(got, want, rtol=3e-7)  # sums may be fused with products


def test_a_vector_is_loaded_just_before_all_rows_use_it() -> None:
    """No more than a row's worth of loads lies between a load and its last use."""
    f = code(weighted, "x86-64-v4")
    ops = next(op for op in f.body.ops if op.name == "scf.for").regions[0].ops
    last = {v: k for k, op in enumerate(ops) for v in op.operands}
    alive = max(sum(1 for k, op in enumerate(ops[:at]) if op.name == "tile.load" and last[op.results[0]] >= at)
                for at in range(len(ops)))  # fmt: skip
    assert alive <= 2


@pytest.mark.parametrize("kernel", [in_place, few, nothing_in_common, all_kept], ids=lambda k: k.name)
def test_rows_stay_apart_where_nothing_is_gained(kernel) -> None:
    assert "rows" not in code(kernel, "x86-64-v3").attributes


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("height", [1, 4, 5, 1000])
def test_the_plan_counts_pieces_of_several_rows(workers: int, height: int) -> None:
    entry = Entry("kdsl_k", (), True, 16, cost=5.0, rows=4)
    plan = make_plan(entry, (4, height, 2, 256, 1, 1, 1000, height, 2), workers)
    assert plan.items == -(-1000 // plan.chunk) * -(-height // 4) * 2
    assert plan.chunk % 16 == 0


def test_explain_says_so() -> None:
    assert "4 rows run together" in explain_kernel(weighted, target="cpu:x86-64-v3")
    assert "rows run together" not in explain_kernel(few, target="cpu:x86-64-v3")


@kdsl.kernel
def empty(x: Array[f32, 1], wanted: kdsl.const):
    if wanted:
        x[kdsl.global_id(0)] = 1.0


def test_a_kernel_that_does_nothing() -> None:
    x = np.zeros(3, np.float32)
    empty.over(3)(x, False)
    assert x.tolist() == [0, 0, 0]


@kdsl.kernel
def stored_between(x: Array[f32, 2], y: Array[f32, 2], w: Array[f32, 2], z: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    total = x[j, i]
    for k in kdsl.static_range(9):
        total += w[j + k, i]
    y[j, i] = total
    for k in kdsl.static_range(9):
        total += w[j + k, i]
    z[j, i] = total + x[j, i]


def test_a_thread_sees_what_it_stored_by_another_argument() -> None:
    rng = np.random.default_rng(5)
    x, w = [rng.integers(0, 9, (n, 37)).astype(np.float32) for n in (16, 24)]
    z = np.zeros_like(x)
    sums = sum(w[k : k + 16] for k in range(9))
    stored = x + sums
    stored_between.over((37, 16))(x, x, w, z)
    assert (z == stored + sums + stored).all()


@kdsl.kernel
def byte_between(x: Array[f32, 2], y: Array[u8, 2], w: Array[f32, 2], z: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    total = x[j, i]
    for k in kdsl.static_range(9):
        total += w[j + k, i]
    y[j, 4 * i] = 0
    for k in kdsl.static_range(9):
        total += w[j + k, i]
    z[j, i] = total + x[j, i]


def test_a_thread_sees_what_it_stored_by_an_argument_of_another_type() -> None:
    x = np.random.default_rng(5).standard_normal((16, 37)).astype(np.float32)
    w, z = np.zeros((24, 37), np.float32), np.zeros_like(x)
    stored = (x.view(np.uint32) & 0xFFFFFF00).view(np.float32)
    wanted = x + stored
    byte_between.over((37, 16))(x, x.view(np.uint8), w, z)
    assert (x == stored).all() and (z == wanted).all()
