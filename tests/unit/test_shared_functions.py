"""What a kernel calls often is compiled once: which calls are inlined, what the backend makes of the others."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE

import kdsl
from kdsl import Array, f32, u32
from kdsl.codegen.cpu import emit
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.core import Function, walk
from kdsl.ir.passes.lower_math import lower_math
from kdsl.target import CPU_TARGETS, why_not

V4 = CPU_TARGETS["x86-64-v4"]


@kdsl.kernel
def few(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = kdsl.exp(kdsl.sin(x[i])) + kdsl.log1p(x[i] * x[i])


@kdsl.kernel
def many(x: Array[f32, 1], a: f32):
    i = kdsl.global_id(0)
    v = x[i]
    s, c = kdsl.sin(v), kdsl.cos(v)
    for _ in range(3):
        s, c = s * kdsl.cos(c), c * kdsl.sin(c) + kdsl.sin(a)
    x[i] = s + kdsl.cos(c) + kdsl.sin(s) + kdsl.log(abs(c) + 1.0)


def ir(kernel: kdsl.Kernel) -> Function:
    signature = {"x": T.ArrayType(T.f32, 1, unit_axis=0), "a": T.f32}
    return kernel.ir({name: t for name, t in signature.items() if name in kernel.function.__annotations__})


def left(f: Function) -> list[str]:
    return sorted({op.name for op in walk(f.body) if op.name.startswith(("math.", "random."))})


def test_few_calls_are_inlined() -> None:
    assert left(lower_math(ir(few), share=True)) == []
    text = emit(lower(ir(few), V4), V4)
    assert "@math." not in text and text.count("@rare.") >= 2  # but for what sine does with huge numbers


SHARES = (0.5, 1.5, 2.5, 3.5, 4.5)


@kdsl.kernel
def branched(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    v = x[i]
    s = f32(0)
    k = i % 5
    if v > 0.5:
        w = SHARES[k]
        s = kdsl.sqrt(w * v + 1) / (w + v) + w / (v + 2)
    x[i] = s


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_a_branch_with_a_table_is_no_rare_path(arch: str) -> None:
    target = CPU_TARGETS[arch]
    text = emit(lower(ir(branched), target), target)
    assert "@rare." not in text and "!prof" not in text
    text = emit(lower(ir(few), target), target)
    assert "@rare." in text and "!prof" in text


@kdsl.kernel
def long_ones(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    noise = kdsl.random_uniform(u32(7), u32(i))
    x[i] = kdsl.log(kdsl.pow(kdsl.sin(x[i]), 3.0) + kdsl.cos(noise * x[i]))


def test_long_functions_are_called_where_much_is_called() -> None:
    """Each copy costs more to compile than its call takes."""
    assert left(lower_math(ir(long_ones), share=True)) == ["math.cos", "math.pow", "math.sin", "random.uniform"]


@kdsl.kernel(math="strict")
def of_one_number(x: Array[f32, 1], a: f32):
    i = kdsl.global_id(0)
    x[i] = x[i] + kdsl.sin(a)


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_what_all_lanes_share_is_computed_once(arch: str) -> None:
    """A function of one number has room for one result: going through lanes it would write past it."""
    target = CPU_TARGETS[arch]
    text = emit(lower(ir(of_one_number), target), target)
    start = text.index("define internal {")
    body = text[start : text.index("\n}", start)]
    assert "{i32, float}" in body and "lane:" not in body and "alloca" not in body
    if not why_not(target):
        x = np.zeros(3, np.float32)
        of_one_number.over(3)(x, 1e30)
        np.testing.assert_allclose(x, np.sin(np.float64(np.float32(1e30))), rtol=1e-6)


def test_many_calls_are_one_function() -> None:
    f = ir(many)
    assert left(lower_math(f)) == []
    shared = lower_math(f, share=True)
    assert left(shared) == ["math.cos", "math.sin"]  # and no logarithm: there is one
    assert lower_math(shared, share=True) is shared
    text = emit(lower(f, V4), V4)
    # Sine and cosine of one number together, and each of them alone for the rest.
    functions = [line for line in text.splitlines() if line.startswith("define internal")]
    assert len([line for line in functions if "@math." in line]) == 3
    assert len([line for line in functions if "@rare." in line]) == 1  # of all of them
    rare = text[text.index("} @rare.") :].split("\n}")[0]
    assert "mul i64" in rare and "x i64>" not in rare  # one lane after the other
    assert text.count("define internal {<16 x float>, <16 x float>} @math.sin.math.cos.f32.16.default(") == 1


@kdsl.kernel
def huge(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = kdsl.sin(x[i]) + 2.0 * kdsl.cos(x[i] * 1.5) + 0.25 * kdsl.tan(x[i])


@pytest.mark.parametrize("target", RUNNABLE)
def test_huge_numbers_take_the_shared_path(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inlined calls, some of whose lanes are huge; infinities give NaN."""
    monkeypatch.setenv("KDSL_TARGET", target)
    x = np.geomspace(1e-3, 3e38, 1003, dtype=np.float32)
    x[::7] /= np.float32(1e30)
    x[[5, 900]] = np.inf, -np.inf
    got, want = x.copy(), x.copy()
    huge.over(len(x))(got)
    huge.interpret.over(len(x))(want)
    assert np.isnan(want[[5, 900]]).all()
    np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("target", RUNNABLE)
def test_they_compute_the_same(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KDSL_TARGET", target)
    x = np.linspace(-40, 40, 1003, dtype=np.float32)
    got, want = x.copy(), x.copy()
    kernel = kdsl.kernel(many.function)
    kernel.over(len(x))(got, 0.7)
    kernel.interpret.over(len(x))(want, 0.7)
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4)
