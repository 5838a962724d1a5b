"""Arrays of threads that become values, and those that must not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32
from kdsl.ir.core import Function, walk
from kdsl.ir.passes.opt_locals import opt_locals
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.ir.types import ArrayType, Space
from kdsl.ir.verify import errors_of
from kdsl.specialise import declared_signature

N = 75


@kdsl.struct
class Pair:
    a: f32
    b: i32


@kdsl.kernel
def sorts(x: Array[f32, 1], out: Array[f32, 1]):
    """Loops of known length, one's range by another's counter, and branches that lanes take differently."""
    i = kdsl.global_id(0)
    v = kdsl.local(7, f32)
    for k in range(7):
        v[k] = x[i + k]
    for a in range(1, 7):
        for b in range(6, a - 1, -1):
            if v[b - 1] > v[b]:
                t = v[b]
                v[b] = v[b - 1]
                v[b - 1] = t
    out[i] = v[3] - 0.5 * v[6]


@kdsl.kernel
def carries(n: i32, x: Array[f32, 1], out: Array[f32, 1]):
    """Elements that loops carry which lanes leave at different times, and one that some paths write."""
    i = kdsl.global_id(0)
    acc = kdsl.local((2, 2), f32)
    for r in kdsl.static_range(2):
        for c in kdsl.static_range(2):
            acc[r, c] = x[i + r + c]
    k = i32(0)
    while acc[0, 0] < 4.0 and k < n:
        for j in range(k % 3 + i % 2):
            acc[1, 1] += 0.25 * j
        acc[0, 0] += acc[1, 0] + 0.5
        k += 1
    last = kdsl.local(1, i32)
    last[0] = -1
    if acc[1, 1] > 1.0:
        last[0] = k
    out[i] = acc[0, 0] + acc[0, 1] + acc[1, 1] + last[0]


@kdsl.kernel
def fields(x: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    p = kdsl.local(2, Pair)
    p[0].a = x[i]
    p[1] = Pair(a=x[i] * 2.0, b=3)
    p[0].b = p[1].b + 1
    out[i] = p[0].a * p[0].b + p[1].a * p[1].b


@kdsl.kernel
def crosses(x: Array[f32, 1], out: Array[f32, 1]):
    """Sums across barriers."""
    t = kdsl.thread_id(0)
    s = kdsl.shared(16, f32)
    acc = kdsl.local(3, f32)
    for c in range(3):
        acc[c] = x[c]
    for k in range(4):
        s[t] = x[kdsl.global_id(0) + k]
        kdsl.barrier()
        for c in range(3):
            acc[c] += s[(t + c) % 16]
        kdsl.barrier()
    out[kdsl.global_id(0)] = acc[0] * 2.0 + acc[1] - acc[2]


@kdsl.kernel
def moves(x: Array[f32, 1], out: Array[f32, 1]):
    """Indices that data decide."""
    i = kdsl.global_id(0)
    v = kdsl.local(8, f32)
    for k in range(8):
        v[k] = 0.0
    for k in range(5):
        v[i32(x[i + k] * 7.0)] += 1.0
    best = 0.0
    for k in range(8):
        best = max(best, v[k])
    out[i] = best


@kdsl.kernel
def asks(x: Array[f32, 1], out: Array[f32, 1]):
    """A condition that writes: its values reach the next round only through memory."""
    i = kdsl.global_id(0)
    v = kdsl.local(1, f32)
    v[0] = x[i]
    while more(v):
        v[0] += 0.25
    out[i] = v[0]


@kdsl.func
def more(v):
    v[0] = v[0] * 1.5
    return v[0] < 3.0


@kdsl.kernel
def long(x: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    v = kdsl.local(40, f32)
    for k in range(40):
        v[k] = x[i]
    for a in range(40):
        for b in range(40):
            v[b] += v[a]
    out[i] = v[39]


def optimised(kernel: Any) -> Function:
    f = opt_locals(simplify(kernel.ir(*declared_signature(kernel, None, {}))))
    assert not errors_of(f)
    return f


def arrays(f: Function) -> int:
    kinds = [op.results[0].type for op in walk(f.body) if op.name == "memory.alloc"]
    return sum(isinstance(t, ArrayType) and t.space is Space.PRIVATE for t in kinds)


@pytest.mark.parametrize(
    ("kernel", "left"), [(sorts, 0), (carries, 0), (fields, 0), (crosses, 0), (moves, 1), (asks, 1), (long, 1)]
)
def test_which_arrays_become_values(kernel: Any, left: int) -> None:
    assert arrays(optimised(kernel)) == left


@pytest.mark.parametrize("kernel", [sorts, carries, fields, moves, asks])
def test_the_answers_stay(kernel: Any) -> None:
    x = np.random.default_rng(3).random(N + 8, dtype=np.float32)
    given = (6, x) if kernel is carries else (x,)
    wanted, found = np.zeros((2, N), np.float32)
    kernel.interpret.over(N)(*given, wanted)
    kernel.over(N)(*given, found)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_values_cross_barriers() -> None:
    x = np.random.default_rng(3).random(64 + 8, dtype=np.float32)
    wanted, found = np.zeros((2, 64), np.float32)
    crosses.interpret[4, 16](x, wanted)
    crosses[4, 16](x, found)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
