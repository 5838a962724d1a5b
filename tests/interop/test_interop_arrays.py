"""Other libraries' arrays as arguments on the CPU, with the libraries themselves: memory is shared, what cannot be is said."""

from __future__ import annotations

import numpy as np
import pytest
from toolbox import require_module

import kdsl
from kdsl import Array, f32
from kdsl.diagnostics import LaunchError


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


def launched(x, y, n: int = 4) -> None:
    saxpy.over(n)(2.0, x, y)


def refused(code: str, x, y) -> None:
    with pytest.raises(LaunchError) as error:
        launched(x, y)
    assert error.value.code == code


def ones() -> np.ndarray:
    return np.ones(4, np.float32)


def test_numpy() -> None:
    base = np.arange(40, dtype=np.float32).reshape(5, 8)
    y = base.copy()
    launched(base[4, ::-2], y[::-1, 3][:4])
    expected = base.copy()
    expected[::-1, 3][:4] += 2 * base[4, ::-2]
    assert np.array_equal(y, expected)
    read_only = ones()
    read_only.flags.writeable = False
    launched(read_only, ones())
    refused("K618", ones(), read_only)
    refused("K617", ones().astype(">f4"), ones())
    refused("K614", ones().astype(complex), ones())


def test_arrow() -> None:
    require_module("pyarrow")
    import pyarrow as pa

    column, y = pa.array(np.arange(6, dtype=np.float32)), ones()
    launched(column[2:], y)
    assert y.tolist() == [5, 7, 9, 11]
    refused("K618", ones(), column[2:])
    refused("K622", pa.array([1, None, 3, 4], pa.float32()), ones())
    refused("K612", pa.chunked_array([column]), ones())
    refused("K615", pa.py_buffer(ones()), ones())
    result = pa.array(y)
    assert result.buffers()[1].address == y.ctypes.data


def test_dlpack_both_ways() -> None:
    ours = kdsl.device("cpu").array(ones())
    theirs = np.from_dlpack(ours)
    launched(theirs, ours)
    assert (theirs == 3).all() and ours.numpy().ctypes.data == theirs.ctypes.data
    require_module("jax")
    import jax

    assert (jax.dlpack.from_dlpack(ours) == 3).all()


def test_mlx() -> None:
    mx = pytest.importorskip("mlx.core")
    x, y = mx.arange(8, dtype=mx.float32), mx.zeros(4) + 1
    mx.eval(x, y)
    launched(x[::2], y)
    assert y.tolist() == [1, 5, 9, 13]
