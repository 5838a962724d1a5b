"""Channels of points, and other neighbours that lanes load or store together."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, u8
from kdsl.codegen.cpu import assembly, emit
from kdsl.compiler import lower
from kdsl.explain import explain_kernel
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def tint(a: Array[f32, 3], out: Array[f32, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    r, g, b = a[y, x, 0], a[y, x, 1], a[y, x, 2]
    out[y, x, 0] = r + 2.0 * g
    out[y, x, 2] = b + 4.0 * r
    out[y, x, 1] = g + 3.0 * b


@kdsl.kernel
def swaps(a: Array[u8, 3]):
    """In place, of bytes, under a mask at the edge."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < a.shape[1]:
        r, b = a[y, x, 0], a[y, x, 2]
        a[y, x, 0] = b
        a[y, x, 1] = 255 - a[y, x, 1]
        a[y, x, 2] = r


@kdsl.kernel
def flat(a: Array[f32, 1], out: Array[f32, 1], n: kdsl.const = 3):
    """A run of n from each thread's first, which starts anywhere."""
    i = kdsl.global_id(0)
    s = f32(0)
    for k in kdsl.static_range(n):
        s = s * 2.0 + a[n * i + k + 1]
    for k in kdsl.static_range(n):
        out[n * i + k] = s + k


@kdsl.kernel
def fours(a: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0) * 4
    p, q, r, s = a[i], a[i + 1], a[i + 2], a[i + 3]
    out[i], out[i + 1], out[i + 2], out[i + 3] = p + q, q * r, r - s, s + p


def test_no_shuffles_from_half_to_half() -> None:
    """Of a lane's four elements: what brings halves of a vector together is a load."""
    code = assembly(lower(fours.ir(*declared_signature(fours, None, {})), CPU_TARGETS["x86-64-v3"]), CPU_TARGETS["x86-64-v3"])
    assert "vinsertf128" in code and "vunpcklp" in code
    assert "vpermp" not in code


@kdsl.kernel
def parts(a: Array[f32, 1], out: Array[f32, 1]):
    """Not all of a lane's elements: no store may touch the others."""
    i = kdsl.global_id(0)
    out[4 * i] = a[4 * i] + a[4 * i + 3]
    out[4 * i + 2] = a[4 * i + 2] + a[4 * i + 5]


@kdsl.kernel
def between(a: Array[f32, 1], out: Array[f32, 1]):
    """Each load behind a store, which it may depend on."""
    i = kdsl.global_id(0)
    out[2 * i] = a[2 * i] + 1.0
    out[2 * i + 1] = a[2 * i + 1] + 2.0


@kdsl.kernel
def tile_of_columns(a: Array[f32, 2], out: Array[f32, 2]):
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    s = kdsl.shared((4, 64), f32)
    for j in kdsl.static_range(4):
        s[ty, tx * 4 + j] = a[ty, tx * 4 + j]
    kdsl.barrier()
    total = f32(0)
    for j in kdsl.static_range(4):
        total = 3.0 * total + s[3 - ty, tx * 4 + j]
    out[ty, tx] = total


def test_pictures_of_any_strides() -> None:
    rng = np.random.default_rng(1)
    wide = rng.random((5, 90, 4), dtype=np.float32)
    for w in (1, 7, 16, 45):
        for a in (wide[:, :w, :3], wide[:, :w, :3].copy(), wide[:, : 2 * w : 2, 1:], wide[:, w - 1 :: -1, :3]):
            for to in (np.zeros((5, w, 3), np.float32), np.zeros((5, w, 4), np.float32)[:, :, 1:]):
                tint.over((a.shape[1], 5))(a, to)
                r, g, b = [a[:, :, k] for k in range(3)]
                np.testing.assert_allclose(to, np.stack([r + 2 * g, g + 3 * b, b + 4 * r], axis=2), rtol=1e-6)


def test_bytes_in_place() -> None:
    for w in (1, 8, 31, 64, 100):
        a = np.random.default_rng(w).integers(0, 256, (3, w, 3)).astype(np.uint8)
        wanted = np.stack([a[:, :, 2], 255 - a[:, :, 1], a[:, :, 0]], axis=2)
        swaps.over((w + 5, 3))(a)
        np.testing.assert_array_equal(a, wanted)


@kdsl.kernel
def swapped(a: Array[u8, 3], out: Array[u8, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    out[y, x, 0], out[y, x, 1], out[y, x, 2], out[y, x, 3] = a[y, x, 2], a[y, x, 1], a[y, x, 0], a[y, x, 3]


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4", "x86-64-v4-vbmi"])
def test_lanes_apart_cost_nothing_where_they_are_not(arch: str) -> None:
    """No round adds to addresses that are kept for each lane."""
    text = explain_kernel(swapped, f"cpu:{arch}", stage="asm")
    assert len(re.findall(r"^\s+addq\s+[^,]+, -?\d*\(%rsp\)$", text, re.M)) < 4


@pytest.mark.parametrize("n", [2, 3, 4, 5])
@pytest.mark.parametrize("threads", [1, 8, 45])
def test_runs_of_each_thread(n: int, threads: int) -> None:
    a = np.random.default_rng(n).random(n * threads + 1, dtype=np.float32)
    wanted, found = np.zeros((2, n * threads), np.float32)
    flat.interpret.over(threads)(a, wanted, n=n)
    flat.over(threads)(a, found, n=n)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


@pytest.mark.parametrize("kernel", [parts, between])
def test_what_is_no_group(kernel: Any) -> None:
    a = np.random.default_rng(2).random(4 * 45 + 6, dtype=np.float32)
    wanted, found = np.full((2, 4 * 45), -1, np.float32)
    kernel.interpret.over(45)(a, wanted)
    kernel.over(45)(a, found)
    np.testing.assert_array_equal(found, wanted)


def test_loads_stay_behind_stores_they_depend_on() -> None:
    """The arrays overlap, one element apart: a thread's second load is of its first store."""
    a = np.arange(100, dtype=np.float32)
    between.over(1)(a, a[1:])
    np.testing.assert_array_equal(a[:4], [0, 1, 3, 3])


def test_shared_memory() -> None:
    a = np.random.default_rng(2).random((4, 64), dtype=np.float32)
    wanted, found = np.zeros((2, 4, 16), np.float32)
    tile_of_columns.interpret[1, (16, 4)](a, wanted)
    tile_of_columns[1, (16, 4)](a, found)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_whole_vectors(arch: str) -> None:
    target = CPU_TARGETS[arch]
    for kernel in (tint, swaps, flat, tile_of_columns):
        f = lower(kernel.ir(*declared_signature(kernel, None, {"n": 3} if kernel is flat else {})), target)
        text = emit(f, target)
        assert "dense" in text or kernel in (flat, tile_of_columns)
        assert assembly(f, target)


@kdsl.kernel
def in_turns(out: Array[f32, 1]):
    """Threads' elements overlap, and a barrier says whose comes last."""
    t = kdsl.thread_id(0)
    near, far = kdsl.shared(48, f32), kdsl.shared(48, f32)
    for k in kdsl.static_range(48 // 4):
        near[4 * k + t] = far[4 * k + t] = 0.0
    kdsl.barrier()
    for k in (4, 0, 5, 1, 6, 2, 7, 3):
        near[5 * t + k] = 10.0 * t + k
        kdsl.barrier()
    for k in (0, 1, 2, 3):
        far[t * 3 % 4 * 2 + k] = 10.0 * t + k
        kdsl.barrier()
    for k in kdsl.static_range(48 // 4):
        out[4 * k + t] = near[4 * k + t]
        out[48 + 4 * k + t] = far[4 * k + t]


def test_stores_keep_their_order_around_barriers() -> None:
    """Of a block of one vector, whose barriers leave no trace behind."""
    wanted, found = np.zeros((2, 96), np.float32)
    in_turns.interpret[1, 4](wanted)
    in_turns[1, 4](found)
    np.testing.assert_array_equal(found, wanted)


@kdsl.kernel
def pairs(x: Array[f32, 1], out: Array[f32, 1]):
    """Two elements of each of 32 threads, with loads of other arrays between the stores, and the second stored first."""
    s = kdsl.shared((64,), f32)
    t = kdsl.thread_id(0)
    s[2 * t + 1] = x[2 * t]
    s[2 * t] = x[2 * t + 1] + 1.0
    kdsl.barrier()
    out[2 * t] = s[2 * t]
    out[2 * t + 1] = s[63 - 2 * t]


def test_vectors_behind_one_another() -> None:
    x = np.arange(64, dtype=np.float32)
    found, wanted = np.zeros((2, 64), np.float32)
    pairs[1, 32](x, found)
    pairs.interpret[1, 32](x, wanted)
    np.testing.assert_array_equal(found, wanted)


def test_pairs_are_vectors_in_each_of_the_vectors() -> None:
    f = lower(pairs.ir(*declared_signature(pairs, None, {})), CPU_TARGETS["x86-64-v3"], block=(32, 1, 1))
    assert emit(f, CPU_TARGETS["x86-64-v3"]).count("extractelement <8 x float>") == 0


# Lanes with more elements than whole vectors are made of: rows of their own, matrices, structs.


@kdsl.kernel(math="strict")
def rows_of(a, out, n: kdsl.const = 5):
    """With a store between loads, and elements that are read again."""
    i = kdsl.global_id(0)
    for k in kdsl.static_range(n):
        out[i, k] = a[i, n - 1 - k] + a[i, k]


@kdsl.kernel(math="strict")
def multiples(a, out, n: kdsl.const = 5):
    i = kdsl.global_id(0)
    out[n * i + 1] = a[n * i + n - 1] - a[n * i]
    out[n * i + 2] = a[n * i + 1]
    out[n * i + 3] = a[n * i]


@kdsl.kernel(math="strict")
def product(a, c, out, n: kdsl.const = 3):
    i = kdsl.global_id(0)
    for y in kdsl.static_range(n):
        for x in kdsl.static_range(n):
            s = a[i, y, 0] * c[i, 0, x]
            for k in kdsl.static_range(1, n):
                s += a[i, y, k] * c[i, k, x]
            out[i, y, x] = s


@kdsl.kernel(math="strict")
def moved(p: Array[f32, 2]):
    """In place, and not all of a row."""
    i = kdsl.global_id(0)
    if i < p.shape[0]:
        for k in kdsl.static_range(3):
            p[i, k] += p[i, 4 + k]


@kdsl.kernel(math="strict")
def chosen(at: Array[kdsl.i32, 1], a: Array[f32, 2], out: Array[f32, 2]):
    i = kdsl.global_id(0)
    j = at[i]
    for k in kdsl.static_range(6):
        out[i, k] = a[j, k] * 2.0 - a[j, 5 - k]


@kdsl.struct
class Body:
    x: f32
    y: f32
    z: f32
    u: f32
    v: f32
    w: f32
    m: f32


@kdsl.struct
class Tick:
    at: kdsl.i64
    x: f32
    y: f32


@kdsl.kernel(math="strict")
def step(p: Array[Body, 1]):
    i = kdsl.global_id(0)
    p[i].x += p[i].u * p[i].m
    p[i].y += p[i].v * p[i].m
    p[i].w = p[i].z - p[i].m


@kdsl.kernel(math="strict")
def tick(p: Array[Tick, 1]):
    i = kdsl.global_id(0)
    p[i].x, p[i].y = p[i].y + 1.0, p[i].x - 1.0
    p[i].at += 5


def _same(kernel: Any, threads: int, *arguments: np.ndarray, **constants: int) -> None:
    """Launches give the interpreter's bits; all arguments may be written."""
    wanted, found = [[a.copy(order="K") for a in arguments] for _ in range(2)]
    kernel.interpret.over(threads)(*wanted, **constants)
    kernel.over(threads)(*found, **constants)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a, b)


def _numbers(shape: tuple[int, ...], like: Any) -> np.ndarray:
    return (np.random.default_rng(3).random(shape) * 50).astype(like)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("n", [5, 6, 7, 8, 9])
def test_rows_of_each_lane(arch: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with runs(CPU_TARGETS[arch]):
        launch_on(arch, monkeypatch, rows_of, multiples)
        for like in (np.float32, np.float64, np.uint8, np.int16):
            for threads in (1, 15, 70):
                wide = _numbers((threads, 2 * n + 1), like)
                for a in (wide[:, :n].copy(), wide[:, 1 : n + 1], wide[::-1, :n], wide[:, 1::2], wide[:, n - 1 :: -1]):
                    _same(rows_of, threads, a, np.zeros((threads, n), like), n=n)
                    _same(rows_of, threads, a, _numbers((threads, n + 2), like)[:, 1:-1], n=n)
                _same(multiples, threads, _numbers((threads * n,), like), _numbers((threads * n,), like), n=n)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("n", [2, 3, 4])
def test_matrices_of_each_lane(arch: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with runs(CPU_TARGETS[arch]):
        launch_on(arch, monkeypatch, product)
        for like in (np.float32, np.float64, np.uint8, np.uint16):
            for threads in (1, 33):
                wide = _numbers((threads, 2 * n, 2 * n), like)
                for a in (wide[:, :n, :n].copy(), wide[:, :n, :n], wide[::-1, n - 1 :: -1, 1 : n + 1], wide[:, ::2, ::2]):
                    for out in (np.zeros((threads, n, n), like), np.zeros((threads, n + 1, n + 1), like)[:, 1:, 1:]):
                        _same(product, threads, a, wide[:, n:, n:].copy(), out, n=n)


@pytest.mark.parametrize("arch", RUNNABLE)
def test_structs_and_parts_of_rows(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with runs(CPU_TARGETS[arch]):
        launch_on(arch, monkeypatch, step, tick, moved, chosen)
        for threads in (1, 16, 61):
            bodies = _numbers((2 * threads, 7), np.float32).view(np.dtype([(k, np.float32) for k in "xyzuvwm"]))[:, 0]
            ticks = np.zeros(2 * threads, np.dtype([("at", np.int64), ("x", np.float32), ("y", np.float32)]))
            ticks["at"], ticks["x"], ticks["y"] = np.arange(2 * threads), *_numbers((2, 2 * threads), np.float32)
            for view in (slice(threads), slice(None, None, 2), slice(None, threads - 1 if threads > 1 else None, -1)):
                _same(step, threads, bodies[view])
                _same(tick, threads, ticks[view])
            for rows in (_numbers((threads, 8), np.float32), _numbers((threads, 9), np.float32)[:, 1:]):
                _same(moved, threads + 3, rows)
            at = np.random.default_rng(4).permutation(threads).astype(np.int32)
            _same(chosen, threads, at, _numbers((threads, 7), np.float32), np.zeros((threads, 6), np.float32))


def test_rows_that_overlap_are_done_one_by_one() -> None:
    """What a thread stores is what the same thread loads next, and its neighbours' elements."""
    for shift in (1, 5, 9):
        wanted, found = np.tile(np.arange(5 * 40 + shift, dtype=np.float32), (2, 1))
        for a, by in ((wanted, rows_of.interpret), (found, rows_of)):
            by.over(1)(a[: 5 * 40].reshape(40, 5), a[shift:].reshape(40, 5), n=5)
        np.testing.assert_array_equal(found, wanted)


def test_no_gathers_for_small_matrices() -> None:
    """Where elements of a lane lie one behind the other, which a test says, a vector of each lane's is loaded."""
    target = CPU_TARGETS["x86-64-v3"]
    given = dict.fromkeys(("a", "c", "out"), Array[f32, 3])
    text = emit(lower(product.ir(*declared_signature(product, given, {"n": 3})), target), target)
    assert "dense" in text and len(re.findall(r"call <\d+ x float> @apart", text)) == 2 * 9
