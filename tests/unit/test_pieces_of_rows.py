"""Loops over the rows that threads along one axis find by division: places are the interpreter's, and no lane divides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, i64
from kdsl.codegen.cpu.cost import thread_nanoseconds
from kdsl.compiler import lower
from kdsl.ir.core import Function, Op, walk
from kdsl.kernel import Kernel
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

INDEX_END = (1 << 63) - 1


@kdsl.kernel
def stencil(a: Array[i32, 2], out: Array[i32, 2]):
    t = kdsl.global_id(0)
    h, w = a.shape
    if t < h * w:
        y = t // w
        x = t % w
        if 0 < x < w - 1 and 0 < y < h - 1:
            out[y, x] = a[y - 1, x] + 2 * a[y + 1, x] + 3 * a[y, x - 1] + 4 * a[y, x + 1] - 5 * a[y, x]


@kdsl.kernel
def leaves_early(a: Array[i32, 2], out: Array[i32, 2]):
    """Edges by equality, of which a row begins behind one and ends before another."""
    t = kdsl.global_id(0)
    h, w = a.shape
    y, x = t // w, t % w
    if y >= h:
        return
    if x == 0 or y == 0 or x == w - 1 or y == h - 1 or x == w // 2:
        return
    out[y, x] = a[y - 1, x] + 2 * a[y + 1, x] + 3 * a[y, x - 1] + 4 * a[y, x + 1]


@kdsl.kernel
def has_edges(a: Array[i32, 2], out: Array[i32, 2]):
    t = kdsl.global_id(0)
    h, w = a.shape
    y, x = t // w, t % w
    if y < h:
        if 0 < x <= w - 2:
            out[y, x] = a[y, x - 1] - a[y, x + 1]
        else:
            out[y, x] = a[y, max(x - 1, 0)] + 7


@kdsl.kernel
def volume(a: Array[i32, 3], out: Array[i32, 3]):
    t = kdsl.global_id(0)
    d, h, w = a.shape
    if t < d * h * w:
        z = t // (w * h)
        r = t % (w * h)
        y, x = r // w, r % w
        if 1 <= x < w - 1 and 0 < y < h - 1 and 0 < z < d - 1:
            sides = a[z - 1, y, x] - a[z + 1, y, x] + 2 * a[z, y - 1, x] - a[z, y + 1, x]
            out[z, y, x] = sides + 3 * a[z, y, x - 1] - a[z, y, x + 1]


@kdsl.kernel
def volume_by_row(a: Array[i32, 3], out: Array[i32, 3]):
    t = kdsl.global_id(0)
    d, h, w = a.shape
    x, y, z = t % w, (t // w) % h, t // (w * h)
    if z < d and x > 0:
        out[z, y, x] = a[z, y, x - 1] + 2 * a[max(z - 1, 0), y, x] + a[z, min(y + 1, h - 1), x]


@kdsl.kernel
def flat(h: i32, w: i32, a: Array[i32, 1], out: Array[i32, 1]):
    """Numbers of 32 bits, and a column that is what the row leaves over."""
    t = i32(kdsl.global_id(0))
    if t >= w * h:
        return
    y = t // w
    x = t - y * w
    if x > 0 and x < w - 1 and y > 0 and y < h - 1:
        out[t] = a[t - w] + 2 * a[t + w] + 3 * a[t - 1] + 4 * a[t + 1]


@kdsl.kernel
def flat_volume(d: i64, h: i64, w: i64, a: Array[i32, 1], out: Array[i32, 1]):
    t = i64(kdsl.global_id(0))
    if t < d * h * w:
        z = t // (h * w)
        y = (t - z * h * w) // w
        x = t - z * h * w - y * w
        if 0 < x < w - 1:
            out[t] = a[t - 1] + 2 * a[(z * h + y) * w + x + 1] + i32(y) - i32(z)


@kdsl.kernel
def alone(a: Array[i32, 2], starts: Array[i32, 1], out: Array[i32, 2]):
    """Threads that run one by one, as each has another loop over places that data decide."""
    t = kdsl.global_id(0)
    w = a.shape[1]
    y, x = t // w, t % w
    if 0 < x < w - 1:
        total = i32(0)
        for k in range(starts[t], starts[t + 1]):
            total += a[y, starts[k]]
        out[y, x] = total


@kdsl.kernel
def known(a: Array[i32, 2], out: Array[i32, 2]):
    t = kdsl.global_id(0)
    y, x = t // 64, t % 64
    if 0 < x < 63 and y < a.shape[0]:
        out[y, x] = a[y, x - 1] + 2 * a[y, x + 1]


@kdsl.kernel
def numbers(w: i32, first: i32, out: Array[i32, 2]):
    """Any divisor, any sign, and sums that wrap: what threads find, by itself."""
    t = i32(kdsl.global_id(0)) + first
    y, x = t // w, t % w
    if x < 90 and out.shape[1] > 0:
        out[0, kdsl.global_id(0)], out[1, kdsl.global_id(0)], out[2, kdsl.global_id(0)] = y, x, y * w + x
        if 3 <= x + first < 10000:
            out[3, kdsl.global_id(0)] = 1


@kdsl.kernel
def far(first: kdsl.index, w: kdsl.index, out: Array[i64, 2]):
    i = kdsl.global_id(0)
    t = i + first
    if t > -5:
        out[0, i], out[1, i] = i64(t // w), i64(t % w)


@kdsl.kernel
def held(first: kdsl.index, w: kdsl.index, a: Array[i32, 1], out: Array[i32, 2]):
    """Columns that are held within an array, and compared."""
    i = kdsl.global_id(0)
    t = i + first
    y, x = t // w, t % w
    out[0, i], out[1, i] = a[min(max(x - 1, 0), a.shape[0] - 1)], i32(y)
    out[2, i] = a[x] if 0 <= x < 10 else -1


@kdsl.kernel
def held_alone(first: kdsl.index, w: kdsl.index, a: Array[i32, 1], out: Array[i32, 2]):
    i = kdsl.global_id(0)
    x, back = (i + first) % w, (first - i) % w
    out[0, i], out[1, i] = a[max(min(x, a.shape[0] - 1), 0)], a[max(min(back, a.shape[0] - 1), 0)]
    out[2, i] = a[x] if 0 <= x < 10 else -1


def same(kernel: Kernel, threads: int, *args: Any) -> None:
    found = []
    for run in (kernel, kernel.interpret):
        given = [x.copy() if isinstance(x, np.ndarray) else x for x in args]
        run.over(threads)(*given)
        found.append(given)
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def some(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(-99, 99, shape, dtype=np.int32)


SHAPES = [(5, 7), (4, 8), (3, 20), (9, 33), (4, 100), (1, 1), (20, 1), (2, 2), (4, 64)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("target", RUNNABLE)
@pytest.mark.parametrize("kernel", [stencil, leaves_early, has_edges], ids=lambda k: k.__name__)
def test_pictures(kernel: Kernel, target: str, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, kernel)
    a = some(*shape)
    same(kernel, a.size + 3 if kernel is stencil else a.size, a, np.zeros_like(a))


@pytest.mark.parametrize("shape", [(3, 5, 7), (4, 4, 40), (3, 9, 20), (2, 3, 8), (1, 1, 30), (5, 6, 1)], ids=str)
@pytest.mark.parametrize("target", RUNNABLE)
def test_volumes(target: str, shape: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, volume, volume_by_row, flat_volume)
    a = some(*shape)
    for kernel in (volume, volume_by_row):
        same(kernel, a.size + 1, a, np.zeros_like(a))
    same(flat_volume, a.size, *shape, a.ravel(), np.zeros(a.size, np.int32))


@pytest.mark.parametrize("target", RUNNABLE)
def test_columns_by_difference_and_known_widths(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, flat, known)
    for h, w in SHAPES:
        same(flat, h * w + 2, h, w, some(h * w), np.zeros(h * w, np.int32))
    same(known, 300, some(5, 64), np.zeros((5, 64), np.int32))


@pytest.mark.parametrize("target", RUNNABLE)
def test_threads_one_by_one(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code(alone).attributes["width"] == 1
    launch_on(target, monkeypatch, alone)
    for shape in ((4, 30), (30, 4)):
        starts = np.sort(np.random.default_rng(0).integers(0, shape[1], 121)).astype(np.int32)
        same(alone, 120, some(*shape), starts, np.zeros(shape, np.int32))


@pytest.mark.parametrize("w", [1, 3, 8, 9, 17, 64, 150, -1, -8, -40, (1 << 31) - 1, -(1 << 31)])
@pytest.mark.parametrize("target", RUNNABLE)
def test_any_divisor(target: str, w: int, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, numbers)
    for first in (0, 5, -60, (1 << 31) - 70, -(1 << 31), -(1 << 31) + 9):
        same(numbers, 131, w, first, np.zeros((4, 131), np.int32))


@pytest.mark.parametrize("target", RUNNABLE)
def test_checks(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which say where each thread is that fails: a kernel with some has no pieces."""
    checked = kdsl.kernel(debug=True)(numbers.function)
    launch_on(target, monkeypatch, checked)
    for w in (3, 40):
        same(checked, 131, w, 0, np.zeros((4, 131), np.int32))
    with pytest.raises(kdsl.KernelFault, match="the divisor is 0"):
        checked.over(131)(0, 0, np.zeros((4, 131), np.int32))


@pytest.mark.parametrize("w", [8, 33, 1 << 40, INDEX_END, INDEX_END - 3, -7])
@pytest.mark.parametrize("target", RUNNABLE)
def test_numbers_of_64_bits_wrap(target: str, w: int, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, far)
    for first in (0, -3, INDEX_END - 40, -INDEX_END - 1, 3 * w - 9 if abs(w) < 1 << 50 else w - 9):
        same(far, 100, first, w, np.zeros((2, 100), np.int64))


@pytest.mark.parametrize("first", [-5, -16, 0])
@pytest.mark.parametrize("target", RUNNABLE)
def test_columns_of_the_longest_rows(target: str, first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The greatest of them is so near to the end of 64 bits that lanes behind it wrap."""
    launch_on(target, monkeypatch, held, held_alone)
    for w in (INDEX_END, INDEX_END - 20, 1 << 62, 40, -INDEX_END - 1):
        for threads in (3, 5, 40):
            for kernel in (held, held_alone):
                same(kernel, threads, first, w, some(50), np.zeros((3, threads), np.int32))


@pytest.mark.parametrize("target", RUNNABLE)
def test_by_zero(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which the interpreter reports, and is 0."""
    launch_on(target, monkeypatch, numbers, far)
    narrow, wide = np.full((4, 131), 7, np.int32), np.full((2, 100), 7, np.int64)
    numbers.over(131)(0, -60, narrow)
    far.over(100)(0, 0, wide)
    assert not narrow[:3].any() and (narrow[3] == 7).all() and not wide.any()


@pytest.mark.parametrize("target", RUNNABLE)
def test_stores_that_wait_for_arguments_apart(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    @kdsl.kernel
    def colours(a: Array[f32, 3], out: Array[f32, 3]):
        t = kdsl.global_id(0)
        h, w, _ = a.shape
        y, x = t // w, t % w
        if y < h:
            out[y, x, 0] = a[y, x, 1]
            out[y, x, 1] = a[y, x, 2] + a[y, max(x - 1, 0), 0]
            out[y, x, 2] = a[y, x, 0]

    launch_on(target, monkeypatch, colours)
    a = some(5, 30, 3).astype(np.float32)
    same(colours, 150, a, np.zeros_like(a))
    found, expected = a.copy(), a.copy()
    colours.over(150)(found, found)
    for y, x in np.ndindex(5, 30):
        expected[y, x, 0] = expected[y, x, 1]
        expected[y, x, 1] = expected[y, x, 2] + expected[y, max(x - 1, 0), 0]
        expected[y, x, 2] = expected[y, x, 0]
    np.testing.assert_array_equal(found, expected)


def code(kernel: Kernel) -> Function:
    types, values = declared_signature(kernel, None, {})
    return lower(kernel.ir(types, values), CPU_TARGETS["x86-64-v3"])


def in_pieces(f: Function) -> Iterator[Op]:
    [loop] = [op for op in walk(f.body) if op.name == "scf.while"]
    return walk(loop.regions[1])


@pytest.mark.parametrize("kernel, divisions", [(stencil, 1), (leaves_early, 2), (volume, 2), (volume_by_row, 3), (flat, 1),
                                               (flat_volume, 2), (known, 1)], ids=str)  # fmt: skip
def test_pieces_are_vectors_without_divisions(kernel: Kernel, divisions: int) -> None:
    """One division for each that tells rows apart, and the others once for a piece; no lane asks where it is."""
    f = code(kernel)
    ops = list(in_pieces(f))
    assert f.attributes["pieces"]
    assert not [op for op in ops if op.name in ("tile.gather", "tile.scatter")]
    in_vectors = [op for loop in ops if loop.name == "scf.for" for op in walk(loop.regions[0])]
    assert any(op.name == "tile.load" for op in in_vectors) and any(op.name == "tile.store" for op in in_vectors)
    assert not [op for op in in_vectors if op.name in ("arith.floordiv", "arith.mod")]
    assert len([op for op in ops if op.name in ("arith.floordiv", "arith.mod") and op.operands[1].constant != 8]) <= divisions


@pytest.mark.parametrize("kernel", [stencil, volume], ids=lambda k: k.__name__)
def test_threads_cost_what_their_vectors_do(kernel: Kernel) -> None:
    """Launches are cut by it: not what is computed once for a piece, nor the loop for rows that are short."""
    f, target = code(kernel), CPU_TARGETS["x86-64-v3"]
    [*_, loop] = [op for op in in_pieces(f) if op.name == "scf.for" and op.operands[2].constant == f.attributes["width"]]
    ops = len(list(walk(loop.regions[0])))
    assert thread_nanoseconds(f, f.attributes["width"], target.vector_bytes) * f.attributes["width"] < 0.6 * ops


def test_what_has_no_rows_is_as_it_was() -> None:
    @kdsl.kernel
    def ring(x: Array[f32, 1], out: Array[f32, 1]):
        i = kdsl.global_id(0)
        if i < x.shape[0]:
            out[i] = x[(i + 1) % x.shape[0]]

    @kdsl.kernel
    def points(x: Array[f32, 2], out: Array[f32, 2]):
        t = kdsl.global_id(0)
        out[t // 3, t % 3] = x[t // 3, t % 3]

    @kdsl.kernel
    def counts(x: Array[i32, 1], w: i32, out: Array[i32, 1]):
        t = kdsl.global_id(0)
        kdsl.atomic_add(out[t // kdsl.index(w)], x[t])

    for kernel in (ring, points, counts):
        assert "pieces" not in code(kernel).attributes
