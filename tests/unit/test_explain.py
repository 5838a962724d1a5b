"""`kernel.explain()` says of each access, branch and loop what it became; each case is one line of a kernel.

One idea: what the report claims is also looked for in the LLVM text, so that the words and the code cannot part.
"""

from __future__ import annotations

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, f64, i32, vec3
from kdsl.explain import STAGES, explain_kernel
from kdsl.instructions import count_instructions
from kdsl.target import CPU_TARGETS

V3, V4 = "cpu:x86-64-v3", "cpu:x86-64-v4"


@kdsl.kernel
def accesses(x: Array[f32, 1], m: Array[f32, 2], idx: Array[i32, 1], p: Array[vec3, 1], y: Array[f32, 1], n: i32):
    i = kdsl.global_id(0)
    y[i] = x[i]
    y[i] = x[0]
    y[i] = x[n - i]
    y[i] = x[2 * i]
    y[i] = x[9 * i]
    y[i] = m[i, 0]
    y[i] = m[0, i]
    y[i] = m[i, i]
    y[i] = x[idx[i]]
    y[i] = x[i * i]
    y[i] = x[i % 5]
    y[i] = x[min(i + 1, x.shape[0] - 1)]
    y[i] = p[i].y
    y[idx[i]] = x[i]


def lines_of(kernel, target=V3, **consts) -> dict[str, list[str]]:
    """Source line (stripped) -> what the report says under it."""
    out: dict[str, list[str]] = {}
    now = ""
    for line in kernel.explain(target, **consts).splitlines():
        number, bar, text = line.partition(" | ")
        if not bar:
            continue
        if number.strip().isdecimal():
            now = text.strip()
            out[now] = []
        elif text.strip().startswith(">"):
            out[now].append(text.strip()[2:])
    return out


ACCESSES = {
    "y[i] = x[i]": "x: vector load (unit stride)",
    "y[i] = x[0]": "x: one scalar load for all",
    "y[i] = x[n - i]": "x: vector load, reversed",
    "y[i] = x[2 * i]": "x: strided load: neighbouring threads are 2 elements apart; vector loads and shuffles",
    "y[i] = x[9 * i]": "x: strided load: neighbouring threads are 9 elements apart; element by element",
    "y[i] = m[i, 0]": "m: strided load: axis 0 moves from thread to thread, and elements lie side by side along axis 1",
    "y[i] = m[0, i]": "m: vector load (unit stride)",
    "y[i] = m[i, i]": "m: gather (element by element): axes 0 and 1 both move from thread to thread",
    "y[i] = x[idx[i]]": "x: gather (element by element): index 0 is read from idx at line",
    "y[i] = x[i * i]": "x: gather (element by element): index 0 is `i * i`",
    "y[i] = x[i % 5]": "x: gather (element by element): index 0 is `i % 5`",
    "y[i] = x[min(i + 1, x.shape[0] - 1)]": "x: vector load (unit stride) where all lanes are in range (a test), gather",
    "y[i] = p[i].y": "p: strided load: f32 is one field of an element of 12 bytes, 3 apart; vector loads and shuffles",
    "y[idx[i]] = x[i]": "y: scatter (element by element): index 0 is read from idx at line",
}


@pytest.mark.parametrize("line", ACCESSES)
def test_accesses(line):
    found = lines_of(accesses)[line]
    assert any(text.startswith(ACCESSES[line]) for text in found), found


@kdsl.kernel
def points(x: Array[f32, 2], v: Array[f32, 2], m: Array[f32, 1]):
    i = kdsl.global_id(0)
    for c in range(3):
        x[i, c] += v[i, c] * m[i]


@kdsl.kernel
def rows(x: Array[f32, 2], out: Array[f32, 2]):
    i = kdsl.global_id(0)
    for c in range(x.shape[1]):
        out[i, c] = x[i, c] * 2.0


def test_numbers_of_points_as_they_lie():
    said = "vector {} (unit stride): numbers of points as they lie, where points follow one another"
    load, store = said.format("load"), said.format("store")
    moved = [f"x: {load}", f"v: {load}", "m: vector load (unit stride)", f"x: {store}"]
    assert lines_of(points)["x[i, c] += v[i, c] * m[i]"] == moved
    assert lines_of(rows)["out[i, c] = x[i, c] * 2.0"] == [f"x: {load}", f"out: {store}"]


def test_gather_instructions_where_they_are_fast():
    assert "x: gather (gather instructions)" in " ".join(lines_of(accesses, V4)["y[i] = x[idx[i]]"])


@kdsl.kernel
def one_gather(x: Array[f32, 1], idx: Array[i32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = x[idx[i]]


@kdsl.kernel
def one_copy(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = x[i]


def test_the_code_says_the_same():
    assert "llvm.masked.gather" in explain_kernel(one_gather, V4, stage="llvm")
    assert "llvm.masked.gather" not in explain_kernel(one_gather, V3, stage="llvm")
    assert "gather" not in explain_kernel(one_copy, V4, stage="llvm")
    gathers = count_instructions(explain_kernel(one_gather, V4, stage="asm"), CPU_TARGETS["x86-64-v4"])["gathers"]
    assert gathers >= 1
    assert "gathers" not in count_instructions(explain_kernel(one_copy, V4, stage="asm"), CPU_TARGETS["x86-64-v4"])


@kdsl.kernel
def control(x: Array[f32, 1], y: Array[f32, 1], n: i32):
    i = kdsl.global_id(0)
    if n > 3:
        y[0] = 1.0
    if i < n:
        y[i] = x[i]
    if x[i] > 0.0:
        y[i] = 2.0
    v = x[i]
    if v > 1.0:
        v = v * 2.0
    for k in range(n):
        v += x[k]
    while v > 3.0:
        v *= 0.5
    y[i] = v


CONTROL = {
    "if n > 3:": "branch: uniform for the block, a plain jump",
    "if i < n:": "branch: varies; no mask where all lanes agree, else masks",
    "if x[i] > 0.0:": "branch: varies; under masks, jumped over where no lane takes it",
    "if v > 1.0:": "branch: varies; both sides are computed, and lanes selected",
    "for k in range(n):": "loop: the same rounds for all lanes",
    "while v > 3.0:": "loop: threads leave it at different times; it runs while any is in",
}


@pytest.mark.parametrize("line", CONTROL)
def test_control_flow(line):
    assert CONTROL[line] in lines_of(control)[line]


@kdsl.func
def damped(v):
    return kdsl.exp(-v * v)


@kdsl.kernel
def together(x: Array[f32, 1], counts: Array[i32, 1], total: Array[f32, 1], BLOCK: kdsl.const = 64):
    s = kdsl.shared((BLOCK,), f32)
    i, t = kdsl.global_id(0), kdsl.thread_id(0)
    v = damped(x[i])
    s[t] = v
    kdsl.barrier()
    w = s[BLOCK - 1 - t] + v
    kdsl.atomic_add(counts[0], 1)
    kdsl.atomic_add(counts[t], 1)
    kdsl.atomic_max(counts[t], 1)
    kdsl.atomic_add(total[0], w)
    x[i] = kdsl.subgroup_sum(w)


def test_what_threads_do_together():
    report = together.explain(V3)
    lines = lines_of(together)
    assert "cut at 1 barrier" in report and "shared       s: 64 of f32" in report and "constant 64" in report
    assert "kept         a value of type f32 for every thread of the block, across barriers" in report
    assert lines["kdsl.barrier()"][0].startswith("barrier: ")
    assert "one locked instruction" in lines["kdsl.atomic_add(counts[0], 1)"][0]
    assert "lanes are combined first" in lines["kdsl.atomic_add(counts[0], 1)"][0]
    assert "for each active lane" in lines["kdsl.atomic_add(counts[t], 1)"][0]
    assert "a compare-and-swap loop" in lines["kdsl.atomic_max(counts[t], 1)"][0]
    assert "no atomic add of f32" in lines["kdsl.atomic_add(total[0], w)"][0]
    assert lines["x[i] = kdsl.subgroup_sum(w)"][0].startswith("sum: by halves")


def test_device_functions_have_their_own_lines():
    report = together.explain(V3)
    assert "damped, called from line" in report
    assert lines_of(together)["return kdsl.exp(-v * v)"] == ["exp: kdsl's polynomial, for all lanes at once"]


@pytest.mark.parametrize("arch", CPU_TARGETS)
@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_on_every_target(arch, stage):
    text = explain_kernel(together, f"cpu:{arch}", stage=stage)
    assert text and not text.endswith("\n")


def test_without_a_signature_the_last_launch_counts():
    @kdsl.kernel
    def double(x):
        x[kdsl.global_id(0)] *= 2.0

    with pytest.raises(kdsl.CompileError, match="K502"):
        double.explain()
    double.over(8)(np.ones(8, np.float64))
    assert "Array[f64, 1], elements side by side along axis 0, read and written" in double.explain()
    assert "Array[f32, 1]" in double.explain(signature={"x": Array[f32, 1]})


def test_debug_builds_show_their_checks():
    @kdsl.kernel(debug=True)
    def checked(x: Array[f64, 1]):
        x[kdsl.global_id(0)] = 1.0

    report = checked.explain(V3)
    assert "debug: accesses, asserts and divisions are checked" in report and "> check: " in report


@kdsl.kernel
def scaled(x: Array[f32, 1], FACTOR: kdsl.const = 2.0):
    i = kdsl.global_id(0)
    x[i] = x[i] * FACTOR


def test_after_a_launch_with_a_constant() -> None:
    """Of the types and constants of the last launch, where none are given."""
    x = np.ones(4, np.float32)
    scaled.over(4)(x, FACTOR=3.0)
    assert x[0] == 3.0
    assert "constant 3.0" in scaled.explain()
