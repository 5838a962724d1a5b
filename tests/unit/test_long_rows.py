"""Rows of long kernels: one copy of the body under masks, or whole vectors and threads one by one; every length of a row."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, i32, u8, u32
from kdsl.codegen.cpu import emit
from kdsl.compiler import lower
from kdsl.ir.core import Function, walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


def _stir(v: Any) -> Any:
    for n in (1, 5, 2, 7):
        v = (v ^ (v >> n)) * 2654435761 + (v << 3)
    return v


def _stir_much(v: Any) -> Any:
    for _ in range(10):
        v = _stir(v)
    return v


@kdsl.func
def stir(v):
    v = (v ^ (v >> 1)) * 2654435761 + (v << 3)
    v = (v ^ (v >> 5)) * 2654435761 + (v << 3)
    v = (v ^ (v >> 2)) * 2654435761 + (v << 3)
    return (v ^ (v >> 7)) * 2654435761 + (v << 3)


@kdsl.func
def stir_much(v):
    v = stir(stir(stir(stir(stir(v)))))
    return stir(stir(stir(stir(stir(v)))))


@kdsl.kernel
def numbers(x: Array[u32, 2], total: Array[u32, 2], hits: Array[i32, 1]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i < x.shape[1]:
        total[j, i] += stir_much(x[j, i])
        kdsl.atomic_add(hits[j], 1)


@kdsl.kernel
def points(source: Array[u8, 3], out: Array[u8, 3], hits: Array[i32, 1]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i < source.shape[1]:
        r, g, b = source[j, i, 0], source[j, i, 1], source[j, i, 2]
        v = stir_much(u32(r) | (u32(g) << 8) | (u32(b) << 16) | (u32(out[j, i, 0]) << 24))
        out[j, i, 0] += u8(v & 255)
        out[j, i, 1] = u8((v >> 8) & 255)
        out[j, i, 2] = u8((v >> 16) & 255)
        kdsl.atomic_add(hits[j], 1)


@kdsl.kernel
def points_with_an_array(source: Array[u8, 3], out: Array[u8, 3], which: i32):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i < source.shape[1]:
        own = kdsl.local((4,), u32)
        for c in range(3):
            own[c] = u32(source[j, i, c])
        own[3] = u32(out[j, i, 0])
        v = stir_much(own[which & 3] | (u32(source[j, i, 1]) << 8) | (u32(source[j, i, 2]) << 16) | (u32(out[j, i, 1]) << 24))
        out[j, i, 0] = u8(v & 255)


LENGTHS = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 65]


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("n", LENGTHS)
def test_every_thread_of_a_row_runs_once(arch: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, numbers)
    rng = np.random.default_rng(n)
    x = rng.integers(0, 2**32, (3, n), dtype=np.uint32)
    before = rng.integers(0, 2**32, (3, n + 5), dtype=np.uint32)
    total, hits = before.copy(), np.zeros(3, np.int32)
    numbers.over((n, 3))(x, total, hits)
    want = before.copy()
    want[:, :n] += _stir_much(x)
    assert np.array_equal(total, want)
    assert (hits == n).all()


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("n", LENGTHS)
def test_points_of_a_row(arch: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, points)
    rng = np.random.default_rng(n)
    source, before = rng.integers(0, 256, (2, 3, n, 3), dtype=np.uint8)
    out, hits = before.copy(), np.zeros(3, np.int32)
    points.over((n, 3))(source, out, hits)
    r, g, b = np.moveaxis(source.astype(np.uint32), 2, 0)
    v = _stir_much(r | g << 8 | b << 16 | before[:, :, 0].astype(np.uint32) << 24)
    want = np.stack([before[:, :, 0] + v.astype(np.uint8), (v >> 8).astype(np.uint8), (v >> 16).astype(np.uint8)], axis=2)
    assert np.array_equal(out, want)
    assert (hits == n).all()


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("n", LENGTHS)
def test_points_of_threads_with_an_array(arch: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, points_with_an_array)
    rng = np.random.default_rng(n)
    source, before = rng.integers(0, 256, (2, 3, n, 3), dtype=np.uint8)
    for which in (1, 3):
        out = before.copy()
        points_with_an_array.over((n, 3))(source, out, which)
        own = (*np.moveaxis(source.astype(np.uint32), 2, 0), before[:, :, 0].astype(np.uint32))[which]
        a, b, c = (z.astype(np.uint32) for z in (source[:, :, 1], source[:, :, 2], before[:, :, 1]))
        assert np.array_equal(out[:, :, 0], _stir_much(own | a << 8 | b << 16 | c << 24).astype(np.uint8))


def _lowered(kernel: Any, arch: str) -> tuple[Function, Counter[str]]:
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])
    return f, Counter(op.name for op in walk(f.body))


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
def test_a_long_body_is_made_once(arch: str) -> None:
    """Its last vector is masked, as all of them are; where that is slow, whole ones are asked for and stored as such."""
    f, ops = _lowered(numbers, arch)
    assert ops["arith.xor"] == 40 and ops["memory.store"] == 0
    text = emit(f, CPU_TARGETS[arch])
    assert ("br i1 %" in text and "label %whole" in text) == (arch == "x86-64-v3")
    assert text.count("call void @llvm.masked.store") == 1


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
def test_the_end_of_a_row_of_bytes_is_threads(arch: str) -> None:
    f, ops = _lowered(points, arch)
    assert ops["arith.xor"] == 80 and ops["memory.store"] == 3
    masks = [op.operands[-1] for op in walk(f.body) if op.name == "tile.load"]
    assert masks and all(mask.constant is True for mask in masks)
