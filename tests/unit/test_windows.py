"""Shared arrays that are windows of an argument: threads load its elements themselves, in rows of many blocks; where arrays
overlap, blocks run as they are written. Equal to the interpreter either way, and left alone where an array is something else."""

from __future__ import annotations

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32, u8
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.ir.interpreter import interpret
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS, parse_target

BLOCK = (8, 4, 1)


@kdsl.kernel
def edges(a: Array[f32, 2], o: Array[f32, 2]):
    """Each edge's threads bring the halo, with 0 outside; the inside is computed."""
    t = kdsl.shared((6, 10), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.block_id(0) * 8 + tx, kdsl.block_id(1) * 4 + ty
    h, w = a.shape[0], a.shape[1]
    t[ty + 1, tx + 1] = a[y, x] if y < h and x < w else 0.0
    if tx == 0:
        t[ty + 1, 0] = a[y, x - 1] if x > 0 and y < h else 0.0
    if tx == 7:
        t[ty + 1, 9] = a[y, x + 1] if x + 1 < w and y < h else 0.0
    if ty == 0:
        t[0, tx + 1] = a[y - 1, x] if y > 0 and x < w else 0.0
    if ty == 3:
        t[5, tx + 1] = a[y + 1, x] if y + 1 < h and x < w else 0.0
    kdsl.barrier()
    if 0 < x < w - 1 and 0 < y < h - 1:
        o[y, x] = t[ty, tx + 1] + 2.0 * t[ty + 2, tx + 1] + 3.0 * t[ty + 1, tx] + 5.0 * t[ty + 1, tx + 2]


@kdsl.kernel
def guarded(a: Array[f32, 2], o: Array[f32, 2]):
    """What lies outside is not stored, and not looked at."""
    t = kdsl.shared((6, 10), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    h, w = a.shape[0], a.shape[1]
    if x < w and y < h:
        t[ty + 1, tx + 1] = a[y, x]
        if tx == 0 and x > 0:
            t[ty + 1, 0] = a[y, x - 1]
        if tx == kdsl.block_dim(0) - 1 and x < w - 1:
            t[ty + 1, tx + 2] = a[y, x + 1]
    kdsl.barrier()
    if 0 < x < w - 1 and y < h:
        o[y, x] = t[ty + 1, tx + 1] + 2.0 * t[ty + 1, tx] + 3.0 * t[ty + 1, tx + 2]


@kdsl.kernel
def together(a: Array[f32, 2], o: Array[f32, 2]):
    """All threads bring all elements, with -1 outside, which is looked at."""
    t = kdsl.shared((6, 10), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    left, top = kdsl.block_id(0) * 8, kdsl.block_id(1) * 4
    for k in range(ty * 8 + tx, 60, 32):
        y, x = top + k // 10 - 1, left + k % 10 - 1
        t[k // 10, k % 10] = a[y, x] if 0 <= y < a.shape[0] and 0 <= x < a.shape[1] else -1.0
    kdsl.barrier()
    if left + tx < o.shape[1] and top + ty < o.shape[0]:
        o[top + ty, left + tx] = t[ty, tx + 1] + 2.0 * t[ty + 2, tx + 1] + 3.0 * t[ty + 1, tx] + 5.0 * t[ty + 1, tx + 2]


@kdsl.kernel
def clamped(a: Array[f32, 2], o: Array[f32, 2]):
    t = kdsl.shared((6, 10), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    left, top = kdsl.block_id(0) * 8, kdsl.block_id(1) * 4
    for r in range(ty, 6, 4):
        for c in range(tx, 10, 8):
            t[r, c] = a[min(max(top + r - 1, 0), a.shape[0] - 1), min(max(left + c - 1, 0), a.shape[1] - 1)]
    kdsl.barrier()
    if left + tx < o.shape[1] and top + ty < o.shape[0]:
        o[top + ty, left + tx] = t[ty, tx + 1] + 2.0 * t[ty + 2, tx + 1] + 3.0 * t[ty + 1, tx] + 5.0 * t[ty + 1, tx + 2]


@kdsl.kernel
def bytes_of_a_row(a: Array[u8, 2], n: i32, o: Array[f32, 2]):
    """Of another type in shared memory, up to an argument's number of them."""
    t = kdsl.shared((4, 8), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < kdsl.index(n) and y < a.shape[0]:
        t[ty, tx] = f32(a[y, x])
    kdsl.barrier()
    if x < kdsl.index(n) and y < a.shape[0]:
        o[y, x] = 0.5 * t[ty, tx]


@kdsl.kernel
def two(a: Array[f32, 2], b: Array[f32, 2], o: Array[f32, 2]):
    """Windows of two arguments, one brought between two barriers."""
    t, u = kdsl.shared((4, 8), f32), kdsl.shared((4, 10), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    t[ty, tx] = a[y, x] if y < a.shape[0] and x < a.shape[1] else 0.0
    kdsl.barrier()
    u[ty, tx] = b[y, x] if y < b.shape[0] and x < b.shape[1] else 1.0
    kdsl.barrier()
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = t[ty, tx] * u[ty, tx]


WINDOWS = [edges, guarded, together, clamped, bytes_of_a_row, two]


@kdsl.kernel
def mirrored(a: Array[f32, 2], o: Array[f32, 2]):
    """Elements that lie the other way round in each block."""
    t = kdsl.shared((4, 8), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    t[ty, tx] = a[y, x] if y < a.shape[0] and x < a.shape[1] else 0.0
    kdsl.barrier()
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = t[ty, 7 - tx]


@kdsl.kernel
def other_edge(a: Array[f32, 2], o: Array[f32, 2]):
    """A halo of another place than where it lies."""
    t = kdsl.shared((4, 9), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    t[ty, tx] = a[y, x] if y < a.shape[0] and x < a.shape[1] else 0.0
    if tx == 0:
        t[ty, 8] = a[y, x] if y < a.shape[0] and x < a.shape[1] else 0.0
    kdsl.barrier()
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = t[ty, tx] + 2.0 * t[ty, tx + 1]


@kdsl.kernel
def other_fill(a: Array[f32, 2], o: Array[f32, 2]):
    """Another number outside on another side."""
    t = kdsl.shared((4, 9), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    t[ty, tx] = a[y, x] if y < a.shape[0] and x < a.shape[1] else 0.0
    if tx == 7:
        t[ty, 8] = a[y, x + 1] if y < a.shape[0] and x + 1 < a.shape[1] else 1.0
    kdsl.barrier()
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = t[ty, tx] + 2.0 * t[ty, tx + 1]


@kdsl.kernel
def narrower(a: Array[f32, 2], o: Array[f32, 2]):
    """Less than there is, which shows."""
    t = kdsl.shared((4, 8), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    t[ty, tx] = a[y, x] if y < a.shape[0] and x < a.shape[1] - 1 else -2.0
    kdsl.barrier()
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = t[ty, tx]


@kdsl.kernel
def again(a: Array[f32, 2], o: Array[f32, 2]):
    """What has been looked at changes."""
    t = kdsl.shared((4, 8), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    t[ty, tx] = a[y, x] if y < a.shape[0] and x < a.shape[1] else 0.0
    kdsl.barrier()
    v = t[3 - ty, 7 - tx]
    kdsl.barrier()
    t[ty, tx] = v
    kdsl.barrier()
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = t[ty, tx]


@kdsl.kernel
def back(a: Array[f32, 2], o: Array[f32, 2]):
    """What was read is written, between barriers."""
    t = kdsl.shared((4, 8), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    t[ty, tx] = a[y, x] if y < a.shape[0] and x < a.shape[1] else 0.0
    kdsl.barrier()
    if x < o.shape[1] and y < o.shape[0]:
        a[y, x] = 7.0
        o[y, x] = t[ty, tx]


OTHERS = [mirrored, other_edge, other_fill, narrower, again, back]


def _lowered(kernel, target: str):
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[target], block=BLOCK)


def _arguments(kernel, h: int, w: int):
    rng = np.random.default_rng(h * 1000 + w)
    a, b = rng.integers(0, 255, (2, h, w)).astype(np.float32)  # whatever is contracted is exact
    o = np.full((h, w), 9, np.float32)
    if kernel is bytes_of_a_row:
        return [a.astype(np.uint8), max(w - 3, 0), o]
    return [a, b, o] if kernel is two else [a, o]


SIZES = [(1, 1), (4, 8), (5, 9), (3, 40), (13, 77), (17, 300)]


@pytest.mark.parametrize("kernel", [*WINDOWS, *OTHERS], ids=lambda k: k.name)
@pytest.mark.parametrize(("h", "w"), SIZES)
def test_as_interpreted(kernel, h: int, w: int) -> None:
    got, want = _arguments(kernel, h, w), _arguments(kernel, h, w)
    grid = kdsl.cdiv(w, 8), kdsl.cdiv(h, 4)
    kernel[grid, BLOCK](*got)
    kernel.interpret[grid, BLOCK](*want)
    assert np.array_equal(got[-1], want[-1]) and np.array_equal(got[0], want[0])


@pytest.mark.parametrize("kernel", WINDOWS, ids=lambda k: k.name)
@pytest.mark.parametrize("target", CPU_TARGETS)
def test_rows_of_many_blocks(kernel, target: str) -> None:
    """And what they are made of is what the interpreter makes of it."""
    f = _lowered(kernel, target)
    assert f.attributes["neighbours"][:2] == (2, 1024)
    direct = next(op for op in f.body.ops if op.name == "scf.if").regions[0]
    assert all("shared" not in str(v.type) for op in walk(direct) for v in op.operands)
    got, want = _arguments(kernel, 5, 21), _arguments(kernel, 5, 21)
    interpret(f, got, (3, 2, 1), BLOCK)
    kernel.interpret[(3, 2), BLOCK](*want)
    assert np.array_equal(got[-1], want[-1])


@pytest.mark.parametrize("kernel", OTHERS, ids=lambda k: k.name)
def test_others_stay(kernel) -> None:
    assert "neighbours" not in _lowered(kernel, "x86-64-v3").attributes


@kdsl.kernel
def changed(a: Array[f32, 2], o: Array[f32, 2]):
    """What lies in the array is another number behind the barrier, though nobody looks there any more."""
    t = kdsl.shared((4, 10), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    t[ty, tx + 1] = a[y, x]
    if tx == 0:
        t[ty, 0] = a[y, x - 1] if x > 0 else 0.0
    if tx == 7:
        t[ty, 9] = a[y, x + 1] if x + 1 < a.shape[1] else 0.0
    a[y, x] = 7.0
    kdsl.barrier()
    o[y, x] = t[ty, tx] + 2.0 * t[ty, tx + 2]


def test_an_array_that_changes_before_the_barrier() -> None:
    """One block, as the others' edges would change meanwhile."""
    assert "neighbours" not in _lowered(changed, "x86-64-v3").attributes
    got, want = [[np.arange(32, dtype=np.float32).reshape(4, 8), np.zeros((4, 8), np.float32)] for _ in range(2)]
    changed[1, BLOCK](*got)
    changed.interpret[1, BLOCK](*want)
    assert np.array_equal(got, want)


@kdsl.kernel
def moved(a: Array[f32, 2], o: Array[f32, 2]):
    """Each block's own elements and one beside, all of which are there."""
    t = kdsl.shared((4, 9), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    t[ty, tx] = a[y, x]
    if tx == 7:
        t[ty, 8] = a[y, x + 1]
    kdsl.barrier()
    o[y, x] = t[ty, tx] + 2.0 * t[ty, tx + 1]


@pytest.mark.parametrize("shift", [0, 1, 8, 17])
def test_arrays_that_overlap(shift: int) -> None:
    """In blocks that see nothing of each other what is stored does not show before all have loaded."""
    assert "neighbours" in _lowered(moved, "x86-64-v3").attributes
    start = np.arange(4 * 40, dtype=np.float32).reshape(4, 40)
    got, want = start.copy(), start.copy()
    for array, launch in ((got, moved[1, BLOCK]), (want, moved.interpret[1, BLOCK])):
        launch(array[:, :9], array[:, shift : shift + 8])
    assert np.array_equal(got, want)
    tall, wanted = np.arange(5 * 9, dtype=np.float32).reshape(5, 9), np.arange(5 * 9, dtype=np.float32).reshape(5, 9)
    for array, launch in ((tall, moved[1, BLOCK]), (wanted, moved.interpret[1, BLOCK])):
        launch(array[:4], array[1:, :8])  # a row's sums lie where the next row's elements are
    assert np.array_equal(tall, wanted)
    rows = [start.copy() for _ in range(2)]
    for array, launch in zip(rows, (moved[(2, 1), BLOCK], moved.interpret[(2, 1), BLOCK]), strict=True):
        launch(array[:, :17], array[:, 20:36])  # rows lie between one another's, and share nothing
    assert np.array_equal(*rows)


def test_a_launch_knows_what_a_thread_costs() -> None:
    """As if there were no shared memory, within a factor: how many blocks a worker takes follows from it."""
    from kdsl.codegen.cpu import compile_cpu

    entry = compile_cpu(_lowered(edges, "x86-64-v3"), parse_target("x86-64-v3")).entry
    assert entry.cost < 2 and entry.rows == 1024 and entry.stream_bytes == 4 and not entry.flat
    assert entry.thread_bytes == entry.shared_bytes == 0
