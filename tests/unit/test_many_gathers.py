"""Elements at any distance: one gather for an access that is even only sometimes, and one function for many of them."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE

import kdsl
from kdsl import Array, i32, u8
from kdsl.codegen.cpu import emit
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.core import walk
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def around(image: Array[u8, 3], out: Array[i32, 2], shift: Array[i32, 1]):
    """Where the edge is met is not known before a thread has looked."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    total = i32(0)
    for dy in kdsl.static_range(-1, 2):
        for dx in kdsl.static_range(-1, 2):
            row = min(max(y + dy, 0), image.shape[0] - 1)
            column = min(max(x + dx + shift[0], 0), image.shape[1] - 1)
            total += i32(image[row, column, 0]) * (dx + 2) + i32(image[row, column, 2]) * (dy + 3)
    out[y, x] = total


def test_shape() -> None:
    target = CPU_TARGETS["x86-64-v4"]
    types = {"image": T.ArrayType(T.u8, 3, unit_axis=2), "out": T.ArrayType(T.i32, 2, unit_axis=1),
             "shift": T.ArrayType(T.i32, 1, unit_axis=0)}  # fmt: skip
    f = lower(around.ir(types), target)
    # Along x the elements lie a run-time number of bytes apart: no second version that is even away from the edge.
    loads = [op.name for op in walk(f.body) if op.name in ("tile.load", "tile.gather")]
    assert loads and set(loads) == {"tile.gather"}
    text = emit(f, target)
    assert text.count("define internal") == 1 and "@gather.i8." in text


@pytest.mark.parametrize("target", RUNNABLE)
def test_bytes(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KDSL_TARGET", target)
    image = np.random.default_rng(1).integers(0, 256, (7, 37, 3), np.uint8)
    got, want, shift = np.zeros((7, 37), np.int32), np.zeros((7, 37), np.int32), np.array([1], np.int32)
    kernel = kdsl.kernel(around.function)
    kernel.over((37, 7))(image, got, shift)
    kernel.interpret.over((37, 7))(image, want, shift)
    assert np.array_equal(got, want)
