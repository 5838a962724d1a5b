"""Device functions that are called again: a copy of an earlier call is what lowering would have given, places included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32, vec3
from kdsl.diagnostics import CompileError
from kdsl.frontend import calls
from kdsl.ir import types as T
from kdsl.ir.core import Function
from kdsl.ir.text import print_function
from kdsl.ir.verify import verify

X = {"x": T.ArrayType(T.f32, 1, unit_axis=0)}


@kdsl.func
def product(a, b):
    scaled = a * b
    return scaled + a


@kdsl.func
def length(v):
    return kdsl.sqrt(v.x * v.x + v.y * v.y + v.z * v.z)


@kdsl.func
def bounded(a, most):
    if a > most:
        return most, a - most
    return a, f32(0)


@kdsl.func
def power(a, n):
    out = f32(1)
    for _ in range(n):
        out *= product(a, a)
    return out


@kdsl.func
def sorted_pair(a, b):
    own = kdsl.local(2, f32)
    own[0] = a
    own[1] = b
    return own[1 if a > b else 0]


@kdsl.func
def shifted(v, by):
    v.x += by
    return v


@kdsl.kernel
def of_one_value_then_of_two(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    v = x[i]
    w = x[i + 1]
    x[i] = product(v, v) + product(v, w) + product(w, v) + product(w, w)


@kdsl.kernel
def of_numbers(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    v = x[i]
    x[i] = product(v, 2.0) + product(v, 3.0) + product(v, 2.0) + product(2, v) + product(v, f32(2)) + product(v, f32(3))


@kdsl.kernel
def of_vectors(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    v = vec3(x[i], x[i + 1], x[i + 2])
    w = shifted(shifted(v, x[i]), x[i + 1])
    x[i] = length(v) + length(w) + length(vec3(x[i], x[i], x[i])) + length(shifted(w, x[0]))


@kdsl.kernel
def of_branches(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    a, rest = bounded(x[i], f32(1))
    b, more = bounded(x[i + 1], f32(1))
    if a > b:
        a, more = bounded(b, rest)
    x[i] = a + b + rest + more


@kdsl.kernel
def of_loops(x: Array[f32, 1], n: i32):
    i = kdsl.global_id(0)
    total = 0
    for k in range(n):
        total += power(x[i], k) + power(x[i], 3) + power(x[i + 1], 3)
        if total > 100:
            break
    x[i] = total + power(x[i], n) + power(x[i + 2], n)


@kdsl.kernel
def of_arrays(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = sorted_pair(x[i], x[i + 1]) + sorted_pair(x[i + 1], x[i + 2])


KERNELS = {k.name: k for k in (of_one_value_then_of_two, of_numbers, of_vectors, of_branches, of_loops, of_arrays)}


def ir(kernel: Any) -> Function:
    f = kernel.ir({**X, "n": T.i32} if "n" in kernel.function.__annotations__ else X)
    verify(f)
    return f


@pytest.mark.parametrize("name", KERNELS)
def test_a_copy_is_what_lowering_gives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[object] = []
    again = calls.call_again
    monkeypatch.setattr(calls, "call_again", lambda L, call, *rest: copied.append(call) or again(L, call, *rest))
    text = print_function(ir(KERNELS[name]), with_spans=True)
    assert bool(copied) is (name != "of_arrays"), "an array of its own is of each call"
    monkeypatch.setattr(calls, "is_closed", lambda call: False)
    count = len(copied)
    assert print_function(ir(KERNELS[name]), with_spans=True) == text
    assert len(copied) == count


def test_values_that_are_one_are_not_taken_for_two() -> None:
    x = np.array([2.0, 3.0, 5.0], np.float32)
    of_one_value_then_of_two.over(1)(x)
    assert x[0] == (4 + 2) + (6 + 2) + (6 + 3) + (9 + 3)


def test_a_copy_leads_to_the_place_of_its_own_call() -> None:
    @kdsl.func
    def waits(a):
        kdsl.barrier()
        return a

    @kdsl.kernel
    def kernel(x: Array[f32, 1]):
        i = kdsl.thread_id(0)
        x[i] = waits(x[i])
        if i < 3:
            x[i] = waits(x[i])

    with pytest.raises(CompileError) as refused:
        kernel.ir(X)
    line = kernel.function.__code__.co_firstlineno + 5
    assert refused.value.diagnostic.code in ("K301", "K302", "K303", "K312")
    assert f":{line}:" in str(refused.value)


def test_copies_count_among_the_calls_that_may_be_inlined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "MOST_INLINED", 3)
    with pytest.raises(CompileError, match="K117"):
        of_one_value_then_of_two.ir(X)
