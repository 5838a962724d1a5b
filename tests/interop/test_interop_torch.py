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


def test_tensors_whose_memory_is_not_what_they_hold() -> None:
    y = torch.zeros(2)
    with pytest.raises(LaunchError, match="K622(.|\n)*resolve_neg"):
        saxpy.over(2)(1.0, torch.tensor([1 + 2j, 3 + 4j]).conj().imag, y)
    given_back = torch.ones(2)
    given_back.untyped_storage().resize_(0)
    with torch._subclasses.fake_tensor.FakeTensorMode() as mode:
        fake = mode.from_tensor(torch.ones(2))
    for x in (given_back, fake):
        with pytest.raises(LaunchError, match="K622(.|\n)*at no address"):
            saxpy.over(2)(1.0, x, y)


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_numbers_that_numpy_lacks(name) -> None:
    x, out = torch.arange(-3.0, 3.0).to(getattr(torch, name)), torch.zeros(3, 2)
    scale.over((3, 2))(x.reshape(2, 3).t(), out, 1)
    assert out.tolist() == [[-8, 1], [-5, 4], [-2, 7]]
    scale.over((3, 2))(out, x.reshape(2, 3).t(), 0, FACTOR=1)
    assert x.float().tolist() == [-8, -5, -2, 1, 4, 7]


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
        (lambda: operator("kdsl_test_g", saxpy, count), "K683(.|\n)*mylib::saxpy"),
    ]:
        with pytest.raises(LaunchError, match=said):
            make()
