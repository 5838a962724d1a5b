"""What an expression does is done once, in Python's order, and only where Python does it.

One idea: each kernel's expected elements are what the same text gives as plain Python.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32, u32
from kdsl.diagnostics import CompileError


@kdsl.func
def note(o, i):
    o[i] += 7
    return True


@kdsl.func
def digits(a, b, c):
    return a * 100 + b * 10 + c


@kdsl.kernel
def index_into_tuple(x: Array[i32, 1], o: Array[i32, 1]):
    i = kdsl.global_id(0)
    k = 0
    o[i] = (10, 20, 30, 40)[(k := k + 1)] * 100 + k


@kdsl.kernel
def index_into_vector(x: Array[i32, 1], o: Array[i32, 1]):
    v = kdsl.ivec4(1, 2, 3, 4)
    v[kdsl.atomic_add(x[1], 1)] = 9
    v[kdsl.atomic_add(x[1], 1)] += 9
    k = 2
    v[k] += (k := 3)
    o[kdsl.global_id(0)] = digits(v.x, v.y, v.z) * 10 + v.w + x[1]


@kdsl.kernel
def condition_known_after_its_effect(x: Array[i32, 1], o: Array[i32, 1]):
    i = kdsl.global_id(0)
    if x[i] > 1 and note(o, i):
        o[i] += 1
    if x[i] > 2 or note(o, i):
        o[i] += 100


@kdsl.kernel
def chain_of_comparisons(x: Array[i32, 1], o: Array[i32, 1]):
    i = kdsl.global_id(0)
    k = 5
    if 1 < x[i] < (k := 3) < kdsl.atomic_add(o[i], 10) + 9:
        k += 100
    o[i] += k


@kdsl.kernel
def named_in_a_chain(x: Array[i32, 1], o: Array[i32, 1]):
    i = kdsl.global_id(0)
    if 0 < x[i] < (most := 3):
        o[i] = most


@kdsl.kernel
def named_in_a_comprehension(x: Array[i32, 1], o: Array[i32, 1]):
    i = kdsl.global_id(0)
    v = x[i]
    o[i] = sum((v := v + k) for k in (1, 2, 3)) * 1000 + v


@kdsl.kernel
def before_a_star(x: Array[i32, 1], o: Array[i32, 1]):
    i = kdsl.global_id(0)
    a = x[i]
    o[i] = digits((a := a + 5), *(a, a)) + 1000 * digits(a, *((a := a + 1), a))


@kdsl.kernel
def arguments_by_name(x: Array[i32, 1], o: Array[i32, 1]):
    i = kdsl.global_id(0)
    a = x[i]
    o[i] = digits(c=(a := a + 5), b=a, a=(a := a + 1)) * 100 + kdsl.where(b=(a := 1), a=a + 3, cond=a > 0)


_CASES = {
    index_into_tuple: [2001] * 4,
    index_into_vector: [digits.function(1, 9, 15) * 10 + 4 + 3],
    condition_known_after_its_effect: [107, 107, 115, 108],
    chain_of_comparisons: [5, 5, 113, 3],
    named_in_a_chain: [0, 3, 3, 0],
    named_in_a_comprehension: [10006, 13007, 16008, 19009],
    before_a_star: [digits.function(a, a, a) + 1000 * digits.function(a, a + 1, a + 1) for a in range(5, 9)],
    arguments_by_name: [65504, 76604, 87704, 98804],
}


@pytest.mark.parametrize("kernel", _CASES, ids=lambda k: k.__name__)
def test_effects_are_pythons(kernel: Any) -> None:
    expected = _CASES[kernel]
    x, o = np.arange(4, dtype=np.int32), np.zeros(len(expected), np.int32)
    kernel.interpret[1, len(expected)](x, o)
    assert o.tolist() == expected


@kdsl.kernel
def in_range(x: Array[i32, 1], y: Array[f32, 1], o: Array[u32, 1]):
    i = kdsl.global_id(0)
    o[i] = 1 if x[i] in range(-5, 2147483647, 3) else 0
    o[i] += 2 if y[i] in range(5) else 0
    o[i] += 4 if y[i] in range(1, 9, 2) else 0
    o[i] += sum([8 for k in (1, 2, 4) if k in range(0, 9, 2)])  # known when it is compiled


def test_in_range() -> None:
    x = np.array([2147483646, 2147483644, -5, -4, 1], np.int32)
    y = np.array([0, 2.5, 3, 7, np.inf], np.float32)
    o = np.zeros(5, np.uint32)
    in_range.interpret[1, 5](x, y, o)
    first = [int(v) in range(-5, 2147483647, 3) for v in x]
    assert o.tolist() == [16 + a + 2 * (v in range(5)) + 4 * (v in range(1, 9, 2)) for a, v in zip(first, y.tolist(), strict=True)]


@kdsl.kernel
def backwards(n: u32, o: Array[i32, 1]):
    s = 0
    for _ in reversed(range(n)):
        s += 1
        if s > 9:
            break
    o[0] = s
    for k in reversed(range(n, 3)):
        o[1] = o[1] * 10 + i32(k)


def test_unsigned_range_backwards() -> None:
    """There is no unsigned number before 0, where such a range ends."""
    o = np.zeros(2, np.int32)
    backwards.interpret[1, 1](np.uint32(0), o)
    assert o.tolist() == [0, 210]


@kdsl.kernel
def lazy(x: Array[i32, 1], o: Array[i32, 1]):
    i = kdsl.global_id(0)
    if any(kdsl.atomic_add(o[i], 1) > k for k in (1, 2, 3)):
        x[i] = 0


def test_generator_that_ends_early_has_no_effects() -> None:
    with pytest.raises(CompileError, match="K103"):
        lazy.interpret[1, 1](np.zeros(1, np.int32), np.zeros(1, np.int32))
