"""Kernels inside JAX's programs: results, memory, transformations, numbers of 64 bits, mistakes."""

from __future__ import annotations

import numpy as np
import pytest
from toolbox import require_module

import kdsl
from kdsl import Array, f32, i64
from kdsl.diagnostics import LaunchError

require_module("jax")
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

from kdsl.interop.jax import function  # noqa: E402


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


@kdsl.kernel
def both(x, low, high, n: i64, STEP: kdsl.const = 1):
    i = kdsl.global_id(0)
    low[i] = x[i] - STEP
    if i < n:
        high[i] = x[i] + STEP


@kdsl.kernel
def nothing(x: Array[f32, 1]):
    y = x[0]


@pytest.fixture
def x():
    return jnp.arange(8, dtype=jnp.float32)


def test_the_result_is_what_the_kernel_writes(x) -> None:
    y = jnp.ones(8)
    out = function(saxpy)(8, 2.0, x, y)
    assert out.tolist() == [1, 3, 5, 7, 9, 11, 13, 15] and (y == 1).all()
    assert function(saxpy, block=2)(3, jnp.float32(2), x, y).tolist() == [1, 3, 5, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_filled_arrays_begin_as_zeros(dtype) -> None:
    x = jnp.arange(8).astype(dtype)
    like = jax.ShapeDtypeStruct((8,), dtype)
    low, high = jax.jit(lambda x: function(both, STEP=2)(8, x, like, like, 5))(x)
    assert low.dtype == dtype and (low == x - 2).all()
    assert high.tolist() == [2, 3, 4, 5, 6, 0, 0, 0]


def test_under_jit_the_number_may_be_traced_and_memory_is_given(x) -> None:
    step = jax.jit(lambda a, x, y: function(saxpy)(len(x), a, x, y), donate_argnums=2)
    y = jnp.zeros(8)
    for a in (1.0, 2.0, 3.0):
        y = step(a, x, y)
    assert (y == 6 * x).all()
    place = y.unsafe_buffer_pointer()
    assert step(1.0, x, y).unsafe_buffer_pointer() == place


def test_large_launches_use_the_threads() -> None:
    n = 1_000_000
    x = jnp.ones(n)
    out = jax.jit(lambda x, y: function(saxpy)(n, 2.0, x, y))(x, x)
    assert (np.asarray(out) == 3).all()


def test_vmap_calls_it_for_each(x) -> None:
    out = jax.vmap(lambda a: function(saxpy)(8, a, x, jnp.ones(8)))(jnp.arange(3.0))
    assert np.array_equal(out, np.arange(3.0)[:, None] * np.asarray(x) + 1)


def test_numbers_of_64_bits_are_part_of_the_program(x) -> None:
    low = jax.ShapeDtypeStruct((8,), np.float32)
    assert function(both)(8, x, low, low, 1 << 40)[1].tolist() == (x + 1).tolist()
    with pytest.raises(LaunchError, match="K632"):
        function(both)(8, x, low, low, jnp.int32(4))
    with pytest.raises(LaunchError, match="K632"):
        function(both)(8, x, low, low, 1 << 70)


def test_errors_of_the_native_side_are_exceptions(x) -> None:
    """A handler that is called with what is not its kernel's says so."""
    from kdsl.interop.jax import _registered
    from kdsl.interop.native import native_function

    name = _registered(native_function(saxpy, {}, {}))
    of = jax.ffi.ffi_call(name, jax.ShapeDtypeStruct((8,), np.float32))
    with pytest.raises(Exception, match="attributes are not those"):
        jax.block_until_ready(of(x))
    given = {"given": np.ones(3, np.int64), "values": np.zeros(3, np.int64)}
    with pytest.raises(Exception, match="buffers are not those"):
        jax.block_until_ready(of(x, launch=np.array([1, 1, 1, 8, 1, 1, 8, 1, 1]), **given))
    with pytest.raises(Exception, match="number of threads that cannot be"):
        jax.block_until_ready(of(jnp.float32(1), x, x, launch=np.array([1, 1, 1, 8, 1, 1, 9, 1, 1]), **given))


def test_mistakes(x) -> None:
    like = jax.ShapeDtypeStruct((8,), np.float32)
    for call, code in [
        (lambda: function(saxpy)(8, 2.0, x), "K601"),
        (lambda: function(saxpy)(8, 2.0, x, x.astype(jnp.int32)), "K615"),
        (lambda: function(saxpy)(-8, 2.0, x, x), "K653"),
        (lambda: function(saxpy)(8, x, x, x), "K633"),
        (lambda: function(saxpy)(8, 2.0, like, x), "K683"),
        (lambda: function(nothing)(8, x), "K683"),
        (lambda: saxpy.over(8)(2.0, x, x), "K618"),
    ]:
        with pytest.raises(LaunchError) as error:
            call()
        assert error.value.code == code
