"""Sums of which a cast keeps the lowest bits alone (`opt_low_bits`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, i8, i16, i32, i64, u8, u16
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.core import walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def changes(a: Array[u8, 1], b: Array[u8, 1], n: i32, out: Array[u8, 1]):
    i = kdsl.global_id(0)
    out[i] = 1 if a[i] != b[i] else 0


@kdsl.kernel
def delta(a: Array[u8, 1], b: Array[u8, 1], n: i32, out: Array[u8, 1]):
    i = kdsl.global_id(0)
    out[i] = u8(i32(a[i]) - i32(b[i]) - 300)


@kdsl.kernel
def mixed(a: Array[u8, 1], b: Array[u8, 1], n: i32, out: Array[u8, 1]):
    """One number of 32 bits, what is above it, and what one is wanted for besides."""
    i = kdsl.global_id(0)
    big = (i32(a[i]) + n) ^ 77
    out[i] = u8(i8(-i32(b[i]) & n)) + u8(big if b[i] > 9 else i32(a[i] > 3)) + u8(big // 1000)


@kdsl.kernel
def products(a: Array[u8, 1], b: Array[u8, 1], n: i32, out: Array[u8, 1]):
    i = kdsl.global_id(0)
    p = i16(i32(a[i]) * i32(b[i]) + i32(a[i] * 3) * -7)
    out[i] = u8(p >> 8) + u8(i32(b[i]) * i32(b[i]) + 1) + u8(u16(i64(a[i]) - i64(b[i])) >> 9)


KERNELS = [changes, delta, mixed, products]


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.name)
def test_the_bits_stay(kernel: Any) -> None:
    rng = np.random.default_rng(7)
    a, b = rng.integers(0, 256, (2, 300)).astype(np.uint8)
    for n in (0, -1, 77777, 2**31 - 1, -(2**31)):
        got, want = np.zeros((2, 300), np.uint8)
        kernel.over(300)(a, b, n, got)
        kernel.interpret.over(300)(a, b, n, want)
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("kernel", [changes, delta], ids=lambda k: k.name)
def test_no_vector_has_more(kernel: Any) -> None:
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"])
    types = {v.type.element for op in walk(f.body) for v in op.results if isinstance(v.type, T.TileType)}
    assert types <= {T.u8, T.i32, T.bool_}, types  # i32: which lanes are left of a row
    assert [op for op in walk(f.body) if op.name in ("arith.select", "arith.sub") and op.results[0].type == T.TileType(T.u8, (64,))]
