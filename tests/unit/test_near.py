"""Gathers from shared memory whose lanes lie within two vectors: what they load, at arrays' ends too, and where they are left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, i32
from kdsl.codegen.cpu import assembly
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

N = 64


@kdsl.struct
class Pair:
    left: i32
    right: i32


@kdsl.kernel
def network(x: Array[i32, 1], out: Array[i32, 1], apart: i32, E: kdsl.const = i32):
    """Both elements of each thread of a network: near each other for small distances, further than two vectors at others."""
    s = kdsl.shared((2 * N,), E)
    t = kdsl.thread_id(0)
    s[t], s[t + N] = E(x[t]), E(x[t + N])
    kdsl.barrier()
    i = i32(t)
    low = 2 * i - (i & (apart - 1))
    out[t], out[t + N] = i32(s[low]), i32(s[low + apart])


@kdsl.kernel
def stepped(x: Array[i32, 1], out: Array[i32, 1], d: i32):
    """Down from the array's end; as far apart as the code learns when it runs."""
    s = kdsl.shared((2 * N,), i32)
    t = kdsl.thread_id(0)
    s[t], s[t + N] = x[t], x[t + N]
    kdsl.barrier()
    i = i32(t)
    out[t], out[t + N] = s[2 * N - 1 - (i & ~d)], s[(i * d) & (2 * N - 1)]


@kdsl.kernel
def looked_up(x: Array[i32, 1], out: Array[i32, 1]):
    s = kdsl.shared((2 * N,), i32)
    t = kdsl.thread_id(0)
    s[t], s[t + N] = x[t], x[t + N]
    kdsl.barrier()
    out[t] = s[x[t] & (N - 1)]


@kdsl.kernel
def of_pairs(x: Array[i32, 1], out: Array[i32, 1], apart: i32):
    """The first field of each element: those of neighbours are eight bytes apart."""
    s = kdsl.shared((2 * N,), Pair)
    t = kdsl.thread_id(0)
    s[t], s[t + N] = Pair(x[t], 5), Pair(x[t + N], 7)
    kdsl.barrier()
    low = 2 * i32(t) - (i32(t) & (apart - 1))
    out[t], out[t + N] = s[low].left, s[low].right


def compare(kernel: Any, *more: int, **consts: Any) -> None:
    x = np.random.default_rng(5).integers(-999, 999, 2 * N, dtype=np.int32)
    found, wanted = np.zeros_like(x), np.zeros_like(x)
    kernel[1, N](x, found, *more, **consts)
    kernel.interpret[1, N](x, wanted, *more, **consts)
    np.testing.assert_array_equal(found, wanted, err_msg=str(more))


@pytest.mark.parametrize("target", RUNNABLE)
def test_every_distance(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, network, stepped, looked_up, of_pairs)
    with runs(CPU_TARGETS[target]):
        for d in (1, 2, 4, 8, 16, 32, 64):
            compare(network, d)
            compare(of_pairs, d)
        for d in (0, 1, 2, 3, 5, 7, 15, 16, 31, 127):
            compare(stepped, d)
        compare(network, 4, E=f32)


def test_where_data_do_not_decide() -> None:
    for kernel, count in ((network, 2), (looked_up, 0)):
        text = code(kernel, "x86-64-v4")
        assert text.count("vpermt2d") + text.count("vpermi2d") >= count
        assert (text.count("vpermt2d") + text.count("vpermi2d") > 0) == (count > 0)
    assert "vpermd" in code(network, "x86-64-v3")
    assert "vpermd" not in code(looked_up, "x86-64-v3")


def code(kernel: Any, arch: str) -> str:
    target = CPU_TARGETS[arch]
    return assembly(lower(kernel.ir(*declared_signature(kernel, None, {})), target, block=(N, 1, 1)), target)
