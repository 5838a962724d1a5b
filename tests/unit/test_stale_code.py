"""Code that was made for one constant, default or function is not run for another that Python calls equal, or that was put in
its place since."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i8


@kdsl.kernel
def is_negative(x: Array[f32, 1], n: kdsl.const):
    x[0] = kdsl.copysign(f32(1), n)


@kdsl.kernel
def scaled(x: Array[f32, 1], b: Array[i8, 1], n: kdsl.const):
    x[0] = b[0] * n[0]


@kdsl.kernel
def with_defaults(x: Array[f32, 1], a: f32 = 2.0, *, n: kdsl.const = 3):
    x[0] = a * n


@kdsl.func
def chosen(a):
    return a + 1


def made(add: float) -> Any:
    """A function of the same name and text as others that are made here."""

    @kdsl.func
    def chosen(a):
        return a + add

    return chosen


FUNCTIONS = (chosen,)


@kdsl.func
def with_its_own(a, b=2.0, *, c=3.0):
    return a * b * c


@kdsl.kernel
def calls_with_defaults(x: Array[f32, 1]):
    x[0] = with_its_own(1.0)


@kdsl.kernel
def calls(x: Array[f32, 1]):
    x[0] = FUNCTIONS[0](1.0)


def result(kernel: Any, *args: Any) -> float:
    x = np.zeros(1, np.float32)
    kernel.over(1)(x, *args)
    return float(x[0])


def test_zeros_of_both_signs():
    assert [result(is_negative, n) for n in (0.0, -0.0, 0.0, np.float32(-0.0), np.float32(0.0))] == [1, -1, 1, -1, 1]


def test_constants_in_tuples_have_types():
    b = np.full(1, 100, np.int8)
    assert [result(scaled, b, n) for n in ((2,), (2.0,), (np.float32(2),), (2,))] == [-56, 200, 200, -56]


def test_not_a_number_is_one_constant():
    for _ in range(3):
        assert result(is_negative, float("nan")) == 1
    assert len([key for key in is_negative._specialisations if "nan" in str(key)]) == 1


def test_functions_in_tuples_are_looked_at_again(monkeypatch: pytest.MonkeyPatch):
    assert result(calls) == 2
    for add in (5.0, 7.0):
        monkeypatch.setitem(globals(), "FUNCTIONS", (made(add),))
        assert result(calls) == 1 + add


def test_defaults_that_change():
    assert result(with_defaults) == 6
    with_defaults.function.__defaults__ = (4.0,)
    assert result(with_defaults) == 12
    with_defaults.function.__kwdefaults__["n"] = 5
    assert result(with_defaults) == 20


def test_defaults_of_a_device_function_that_change():
    function = with_its_own.function
    assert result(calls_with_defaults) == 6
    function.__defaults__ = (4.0,)
    assert result(calls_with_defaults) == 12
    function.__kwdefaults__["c"] = 5.0
    assert result(calls_with_defaults) == 20
    function.__kwdefaults__ = {"c": 7.0}
    assert result(calls_with_defaults) == 28
    function.__defaults__ = None
    with pytest.raises(kdsl.CompileError, match="K120"):
        result(calls_with_defaults)
