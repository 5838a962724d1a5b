"""What the condition of a divergent loop computes is carried to the body that computes it again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.core import Op, walk
from kdsl.ir.text import print_function
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def escape(x: Array[f32, 1], steps: Array[i32, 1]):
    i = kdsl.global_id(0)
    a, b, k = x[i], f32(0.25), i32(0)
    while k < 50 and a * a + b * b <= 4.0:
        a, b = a * a - b * b + 0.3, a * b + 0.5
        k += 1
    steps[i] = k


@kdsl.kernel
def both_ways(x: Array[f32, 1], out: Array[f32, 2]):
    """The difference of the squares, and one of them by itself; a quotient that is made for lanes that have left, of zeros too."""
    i = kdsl.global_id(0)
    a, b, k = x[i], f32(0.25), f32(0)
    while k < 50 and a * a + b * b <= 4.0:
        a, b = a * a - b * b + 0.3, a * b + b * b
        k += 1.0
    c, d = x[i], 1.0 + 0.125 * x[i]
    while k < 90 and c * c + d * d < 9.0:
        c, d = c + 0.25 + (c * c) / (d * d), d - 0.5
        k += 1.0
    out[0, i], out[1, i], out[2, i] = a, c, k


@kdsl.kernel
def read_again(x: Array[f32, 1], y: Array[f32, 1]):
    """The condition's load is no number that only depends on the carried values: it is read again."""
    i = kdsl.global_id(0)
    k = i32(0)
    while y[i] * 2.0 < x[i]:
        y[i] = y[i] * 2.0 + 1.0
        k += 1
    x[i] = f32(k)


def loops_of(kernel: Any) -> list[Op]:
    types, values = declared_signature(kernel, None, {})
    f = lower(kernel.ir(types, values), CPU_TARGETS["x86-64-v4"])
    loops = [op for op in walk(f.body) if op.name == "scf.while"]
    assert loops, print_function(f)
    return loops


def loop_of(kernel: Any) -> list[str]:
    return [op.name for op in walk(loops_of(kernel)[0].regions[1])]


def carried(loop: Op) -> int:
    """Vectors of numbers that a loop carries."""
    return len([v for v in loop.regions[0].args if isinstance(v.type, T.TileType) and v.type.element is T.f32])


def test_squares_are_carried() -> None:
    """Two squares for the condition and one product; without, the body squares both numbers a second time."""
    assert loop_of(escape).count("arith.mul") == 3


def test_their_difference_is_carried_for_both() -> None:
    assert carried(loops_of(escape)[0]) == 3  # a, b, a * a - b * b
    assert loop_of(escape).count("arith.sub") == 1


def test_squares_that_are_needed_besides_are_carried_themselves() -> None:
    assert carried(loops_of(both_ways)[0]) == 5  # a, b, both squares, k
    assert carried(loops_of(both_ways)[-1]) == 4  # c, d, the quotient, k


@pytest.mark.parametrize("target", RUNNABLE)
def test_as_interpreted(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, both_ways)
    x = np.linspace(-2, 2, 77, dtype=np.float32)
    got, want = np.zeros((3, x.size), np.float32), np.zeros((3, x.size), np.float32)
    both_ways.over(x.size)(x, got)
    both_ways.interpret.over(x.size)(x, want)
    np.testing.assert_array_equal(got[2], want[2])
    np.testing.assert_allclose(got, want, rtol=1e-4)


def test_loads_are_not() -> None:
    assert loop_of(read_again).count("tile.load") >= 3


def test_the_same_numbers() -> None:
    x = np.linspace(-2, 2, 1003, dtype=np.float32)
    steps = np.zeros(x.size, np.int32)
    escape.over(x.size)(x, steps)
    want = np.zeros_like(steps)
    for i, start in enumerate(x.astype(np.float64)):
        a, b, k = start, 0.25, 0
        while k < 50 and a * a + b * b <= 4.0:
            a, b, k = a * a - b * b + 0.3, a * b + 0.5, k + 1
        want[i] = k
    assert np.mean(steps == want) > 0.98  # a chaotic map in f32 and in f64
    y, left = np.zeros(40, np.float32), np.full(40, 9.0, np.float32)
    read_again.over(40)(left, y)
    assert np.array_equal(left, np.full(40, 3, np.float32))
    assert np.array_equal(y, np.full(40, 7, np.float32))
