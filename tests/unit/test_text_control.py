"""Control flow in HIP and Metal texts: what a reader expects of a person's C++ stands there, and no flag.

One idea: the lines of the body are compared as a whole, because it is the whole that reads well or does not.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32, i64
from kdsl.compiler import compile_function
from kdsl.specialise import signature_of
from kdsl.target import GPU_TARGETS

_F, _I, _L, _M = np.zeros(8, np.float32), np.zeros(8, np.int32), np.zeros(8, np.int64), np.zeros((8, 8), np.float32)


def body(kernel: Any, *args: Any, target: str = "hip:gfx942") -> list[str]:
    """The lines between the braces of a kernel, without indentation."""
    signature, consts = signature_of(kernel, kernel._bind(args, {}))
    text = compile_function(kernel.ir(signature, consts.values), GPU_TARGETS[target], block=(32, 1, 1)).texts["source"]
    lines = [line.strip() for line in text[text.rindex("kdsl_") :].split("\n")]
    return [line for line in lines[1:-2] if not line.startswith(("#", "uint3 ", "constant ", "device "))]


def loop_of(lines: list[str]) -> list[str]:
    return lines[next(k for k, line in enumerate(lines) if re.match("for|while", line)) :]


@kdsl.kernel
def first_above(x: Array[f32, 1], out: Array[i32, 1], limit: f32):
    i = kdsl.global_id(0)
    found = i32(-1)
    total = f32(0)
    for k in range(x.shape[0]):
        total += x[k]
        if total > limit:
            found = i32(k)
            break
    out[i] = found


def test_break_is_break_and_a_counter_is_counted_by_for():
    assert loop_of(body(first_above, _F, _I, 1.0, target="metal:3.1")) == [
        "for (long k = 0; k < arguments.x_size; k++) {", "total += x[k];", "if (total > arguments.limit) {", "found = int(k);",
        "break;", "}", "}", "out[i] = found;",
    ]  # fmt: skip


def test_hip_has_one_way_out_of_a_loop_by_a_flag_with_a_name():
    """What AMD's compiler makes of two ways takes nearly twice the instructions."""
    assert body(first_above, _F, _I, 1.0)[1:] == [
        "int found = -1;", "float total = 0.0f;", "bool done = false;", "for (long long k = 0; !done && k < x_size; k++) {",
        "total += x[k];", "done = total > limit;", "if (done) {", "found = (int)k;", "}", "}", "out[i] = found;",
    ]  # fmt: skip


@kdsl.kernel
def skipping(x: Array[i32, 1], out: Array[i32, 1], n: i32):
    i = kdsl.global_id(0)
    c = i32(0)
    for a in range(n):
        if x[a] < 0:
            continue
        if x[a] == 77:
            break
        for b in range(4):
            c ^= x[a + b]
    out[i] = c


def test_continue_is_continue_and_what_follows_is_not_indented():
    assert loop_of(body(skipping, _I, _I, 3, target="metal:3.1")) == [
        "for (long a = 0; a < t1; a++) {", "const int t2 = x[a];", "if (t2 < 0) {", "continue;", "}", "if (t2 == 77) {",
        "break;", "}", "for (long b = 0; b < 4; b++) {", "c ^= x[a + b];", "}", "}", "out[i] = c;",
    ]  # fmt: skip


@kdsl.kernel
def escaping(out: Array[i32, 1], c: f32):
    i = kdsl.global_id(0)
    z = f32(0)
    n = i32(0)
    while n < 100:
        z = z * z + c
        if z > 4.0:
            break
        n += 1
    out[i] = n


def test_what_is_not_needed_after_break_is_not_kept():
    assert loop_of(body(escaping, _I, 1.0, target="metal:3.1")) == [
        "while (n < 100) {", "z = fma(z, z, arguments.c);", "if (z > 4.0f) {", "break;", "}", "n = int(uint(n) + 1u);", "}",
        "out[i] = n;",
    ]  # fmt: skip


@kdsl.kernel
def with_else(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    for k in range(x.shape[0]):
        if x[k] == 3:
            break
    else:
        out[i] = 1


def test_a_flag_that_is_asked_for_afterwards_is_set():
    lines = body(with_else, _I, _I, target="metal:3.1")
    assert lines[-9:] == ["if (x[k] == 3) {", "done = true;", "break;", "}", "}", "if (done) {", "return;", "}", "out[i] = 1;"]


@kdsl.kernel
def together(x: Array[i32, 1], out: Array[i32, 1], n: i32):
    t = kdsl.thread_id(0)
    s = kdsl.shared(32, i32)
    s[t] = x[t]
    for k in range(n):
        kdsl.barrier()
        if s[0] > i32(k):
            break
        kdsl.barrier()
        if t == 0:
            s[0] += 1
    out[t] = s[t]


@pytest.mark.parametrize("target", ["hip:gfx942", "metal:3.1"])
def test_a_loop_in_which_threads_meet_is_left_at_its_condition(target):
    assert "break;" not in body(together, _I, _I, 3, target=target)


@kdsl.kernel
def compound(x: Array[i32, 1], out: Array[i32, 1], n: i32):
    i = kdsl.global_id(0)
    a = x[i]
    for k in range(n):
        out[i] = out[i] * (x[k] + 3)
        a = a - x[k] + x[1]
    out[0] = a


def test_compound_assignments_only_of_the_last_operator():
    lines = loop_of(body(compound, _I, _I, 3))
    assert "out[i] *= x[k] + 3;" in lines
    assert "a = a - x[k] + x[1];" in lines


@kdsl.kernel
def branches(x: Array[f32, 2], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i >= x.shape[0]:
        return
    v = x[i, 0]
    if v > 1.0 and x[i, 1] > v:
        r = v * 2.0
    elif v < -1.0:
        r = v + 3.0
    elif v < -0.5:
        r = x[i, 2] + 4.0
    else:
        r = f32(0)
    out[i] = r


def test_branches_are_written_as_they_were():
    """An early return, a condition that loads only if it has to, and one variable for what all the branches give."""
    lines = [re.sub(r"\*\(const float\*\)\(x \+ i \* x_stride_0( \+ (\d))?\)", r"x[\2]", line) for line in body(branches, _M, _F)]
    assert lines[1:] == [
        "if (i >= x_size_0) {", "return;", "}", "const float v = x[];", "float r;", "if (v > 1.0f && x[4] > v) {", "r = v * 2.0f;",
        "} else if (v < -1.0f) {", "r = v + 3.0f;", "} else if (v < -0.5f) {", "r = x[8] + 4.0f;", "} else {", "r = 0.0f;", "}",
        "out[i] = r;",
    ]  # fmt: skip


@kdsl.kernel
def exchanging(x: Array[i32, 1], out: Array[i32, 1], n: i32):
    i = kdsl.global_id(0)
    a, b = x[i], i32(1)
    for k in range(n):
        for j in range(3):
            a = a ^ x[j]
        if b % 5 < 3:
            b = b // 5
        b, a = a, b
    out[i] = a - b


@pytest.mark.parametrize("target", ["hip:gfx942", "metal:3.1"])
def test_a_variable_does_not_change_while_another_needs_what_it_was(target):
    """`a` holds what the inner loop gave, which `b` is to become: what the branches give for `a` must not go there at once."""
    lines = body(exchanging, _I, _I, 3, target=target)
    assert lines[-5:-1] == ["const int next_a = b;", "b = a;", "a = next_a;", "}"], lines


@kdsl.kernel
def arithmetic(x: Array[i32, 1], y: Array[i64, 1], out: Array[i64, 1], n: i64):
    i = kdsl.thread_id(0)
    v = x[i] * 3 + 1 - x[0]
    w = y[v] << 3
    if w > 5 and w != n and (w & 6 == 2 or w < -8) and n > -3:
        out[kdsl.block_id(0)] = w | (y[0] >> 40) | n | 1


def test_no_casts_suffixes_and_parentheses_that_say_nothing():
    assert body(arithmetic, _I, _L, _L, 3) == [
        "const long long w = y[x[threadIdx.x] * 3 + 1 - x[0]] << 3;",
        "if (w > 5 && w != n && ((w & 6) == 2 || w < -8) && n > -3) {", "out[blockIdx.x] = w | (y[0] >> 40) | n | 1;", "}",
    ]  # fmt: skip


def test_signed_sums_wrap_in_metal_and_are_cast_once():
    lines = body(arithmetic, _I, _L, _L, 3, target="metal:3.1")
    assert any("y[int(uint(x[local_id.x]) * 3u + 1u - uint(x[0]))]" in line for line in lines)


@kdsl.kernel
def ring(x: Array[i32, 1], out: Array[i32, 1], n: i32):
    a, b, c = x[0], x[1], x[2]
    for k in range(n):
        a, b, c = b * 3, c + a, b
    out[0] = a - b * c


@pytest.mark.parametrize("target", ["hip:gfx942", "metal:3.1"])
def test_variables_that_need_each_other_in_a_ring_and_one_beside_it(target):
    """The text of such a loop was never finished."""
    lines = body(ring, _I, _I, 3, target=target)
    assert len([line for line in lines if "next_" in line and line.startswith("const ")]) == 2
