"""The ends of rows that no number of vectors fills: the last vector overlaps the one before it, and leaves no trace of that."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, f64, i16, i32, u8
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

SLOW_MASKS = [t.arch for t in CPU_TARGETS.values() if t.vector_bytes < 64]


@kdsl.kernel
def types(x: Array[f32, 2], a: Array[f32, 2], b: Array[f64, 2], c: Array[i16, 2], d: Array[u8, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    v = x[j, i]
    a[j, i] = v + 1.0
    b[j, i] = f64(v) + 2.0
    c[j, i] = i16(v) + 3
    d[j, i] = u8(v)


@kdsl.kernel
def in_place(x: Array[f32, 2], count: Array[i32, 1], where: Array[i32, 1]):
    """What the overlapping threads read has changed since; they count nothing, and write nothing."""
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    x[j, i] = 2.0 * x[j, i] + 1.0
    kdsl.atomic_add(count[i % 3], 1)
    if i % 2 == 0:
        x[j, where[i]] += x[j, i]
        where[i] = where[i]


@kdsl.kernel
def shifted(x: Array[f32, 2], out: Array[f32, 2]):
    """Under other names out may be x, one element on; its last stores go backward."""
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    total = f32(0)
    for k in kdsl.static_range(4):
        total += x[j, i + k]
    if total > 100.0:
        total = kdsl.sqrt(total)
    out[j, out.shape[1] - 1 - i] = total


@pytest.mark.parametrize("target", RUNNABLE)
def test_every_length(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, types)
    launch_on(target, monkeypatch, shifted)
    for n in [*range(1, 36), 47, 63, 65, 94]:
        x = np.arange(3 * (n + 5), dtype=np.float32).reshape(3, n + 5) % 101
        outs = [np.full((3, n + 2), 77, t) for t in (np.float32, np.float64, np.int16, np.uint8)]
        types.over((n, 3))(x, *outs)
        for k, out in enumerate(outs):
            assert np.array_equal(out[:, :n], (x[:, :n] + (k + 1) % 4).astype(out.dtype)), (n, out.dtype)
            assert (out[:, n:] == 77).all(), (n, out.dtype)
        got, want = np.zeros((3, n), np.float32), np.zeros((3, n), np.float32)
        shifted.over((n, 3))(x, got)
        shifted.interpret.over((n, 3))(x, want)
        assert np.array_equal(got, want), n


@pytest.mark.parametrize("target", RUNNABLE)
def test_what_is_read_and_written(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, in_place)
    for n in [1, 7, 8, 9, 15, 17, 31, 33, 46]:
        given = np.arange(2 * n, dtype=np.float32).reshape(2, n)
        where = np.arange(n, dtype=np.int32)
        x, count = given.copy(), np.zeros(3, np.int32)
        in_place.over((n, 2))(x, count, where)
        once = 2 * given + 1
        once[:, ::2] *= 2
        assert np.array_equal(x, once), n
        assert count.sum() == 2 * n


@pytest.mark.parametrize("target", SLOW_MASKS)
def test_no_load_has_a_mask_but_in_short_rows(target: str) -> None:
    signature, values = declared_signature(shifted, None, {})
    f = lower(shifted.ir(signature, values), CPU_TARGETS[target])
    loads = [op for op in walk(f.body) if op.name == "tile.load"]
    free = [op for op in loads if op.operands[-1].constant is True or op.operands[-1].constant == 1]
    assert len(free) * 3 == len(loads) * 2, "whole vectors and the last one; not rows shorter than a vector"
