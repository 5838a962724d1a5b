"""Kernels as torch's operators. torch is too large for continuous integration, so this runs where it is installed."""

from __future__ import annotations

import pytest

import kdsl
from kdsl import Array, f32, index
from kdsl.diagnostics import LaunchError

torch = pytest.importorskip("torch")
from kdsl.interop.torch import operator  # noqa: E402


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


@kdsl.kernel
def scale(x, out, n: index, FACTOR: kdsl.const = 3):
    i = kdsl.global_id(0)
    j = kdsl.global_id(1)
    out[i, j] = x[i, j] * FACTOR + n


def count(a, x, y):
    return x.numel()


def test_tensors_are_passed_in_place() -> None:
    x, y = torch.arange(20.0)[::2], torch.ones(10)
    saxpy.over(10)(2.0, x, y)
    assert y.tolist() == [1 + 4 * k for k in range(10)]
    with pytest.raises(LaunchError, match="K622"):
        saxpy.over(10)(2.0, x, y.requires_grad_())


def test_operators_pass_the_checks_of_torch() -> None:
    x, y = torch.arange(4.0), torch.ones(4)
    for op in (operator("kdsl_test::saxpy", saxpy, count), operator("kdsl_test::saxpy_", saxpy, count, in_place=True)):
        torch.library.opcheck(op, (2.0, x, y.clone()), test_utils=("test_schema", "test_faketensor"))
    y = torch.ones(4)
    assert torch.ops.kdsl_test.saxpy(2.0, x, y).tolist() == [1, 3, 5, 7] and y.tolist() == [1, 1, 1, 1]
    assert torch.ops.kdsl_test.saxpy_(2.0, x, y) is None and y.tolist() == [1, 3, 5, 7]


def test_types_that_the_kernel_leaves_open() -> None:
    op = operator("kdsl_test::scale", scale, lambda x, n: tuple(x.shape), fills={"out": lambda x, n: torch.empty_like(x)}, FACTOR=5)
    for dtype in (torch.float32, torch.float64, torch.int32):
        x = torch.ones(2, 3, dtype=dtype)
        assert (op(x, 7) == 12).all() and (op(x.t(), 7) == 12).all()


def test_mistakes() -> None:
    x = torch.ones(4)
    for make, said in [
        (lambda: operator("kdsl_test::a", saxpy, count, writes=("x",)), "it writes y"),
        (lambda: operator("kdsl_test::b", saxpy, count, fills={"x": torch.empty_like}), "it writes y"),
        (lambda: operator("kdsl_test::c", scale, count), "not every parameter is annotated"),
        (lambda: operator("kdsl_test::d", scale, count, writes=("z",)), "none of its parameters"),
        (lambda: operator("kdsl_test::e", scale, lambda x, out, n: (2, 2), writes=("x",))(x[None], x[None], 1), "it writes out"),
        (lambda: operator("kdsl_test::f", saxpy, count)(2.0, x.double(), x), "K615"),
    ]:
        with pytest.raises(LaunchError, match=said):
            make()
