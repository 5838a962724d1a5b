"""`%` and `//` of floats are NumPy's, on corners and on numbers of very different size."""

from __future__ import annotations

import numpy as np
import pytest

import kdsl


@kdsl.kernel
def default(x, y, rest, whole):
    i = kdsl.global_id(0)
    rest[i] = x[i] % y[i]
    whole[i] = x[i] // y[i]


@kdsl.kernel(math="fast")
def fast(x, y, rest, whole):
    i = kdsl.global_id(0)
    rest[i] = x[i] % y[i]
    whole[i] = x[i] // y[i]


def numbers(t):
    """Pairs of numbers of type t."""
    f, rng = np.finfo(t), np.random.default_rng(3)
    corners = [0.0, 1.0, 3.0, 0.1, 5.5, 8.9999995, float(f.max), float(f.tiny), float(f.smallest_subnormal), np.inf, np.nan]
    grid = np.array([*corners, *[-c for c in corners]], t)
    x, y = [a.ravel() for a in np.meshgrid(grid, grid)]
    sizes = (rng.standard_normal((2, 400)) * 10.0 ** rng.integers(-6, 5, (2, 400))).astype(t)
    tenths = (rng.integers(1, 200, 100) * 0.1).astype(t)
    return np.concatenate([x, sizes[0], tenths]), np.concatenate([y, sizes[1], np.full(100, 0.1, t)])


@pytest.mark.parametrize("kernel", [default, default.interpret, fast], ids=["default", "interpreter", "fast"])
@pytest.mark.parametrize("t", [np.float16, np.float32, np.float64])
def test_remainders_are_numpys(kernel, t):
    x, y = numbers(t)
    rest, whole = np.zeros_like(x), np.zeros_like(x)
    kernel.over(len(x))(x, y, rest, whole)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(rest, np.mod(x, y))
        wanted = np.floor_divide(x, y)
    is_exact = np.abs(wanted) < 2.0 ** np.finfo(t).nmant
    np.testing.assert_array_equal(whole[is_exact], wanted[is_exact])
    np.testing.assert_allclose(whole, wanted, rtol=4 * np.finfo(t).eps)


def test_of_one_is_the_fraction():
    @kdsl.kernel
    def fraction(x, out):
        i = kdsl.global_id(0)
        out[i] = x[i] % 1.0

    x = np.array([2.75, -0.25, -1e-10, 1e30, -3.0], np.float32)
    out = np.zeros_like(x)
    fraction.over(5)(x, out)
    np.testing.assert_array_equal(out, np.mod(x, np.float32(1)))
