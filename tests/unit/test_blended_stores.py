"""Stores of some lanes that are blends with what lies there, where masked stores are slow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32
from kdsl.codegen.cpu import assembly, emit
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def sorts(x: Array[f32, 1], out: Array[f32, 1]):
    """An array of each thread whose indices data decide, written under masks."""
    i = kdsl.global_id(0)
    v = kdsl.local(6, f32)
    for k in range(6):
        v[k] = x[i + k]
    for k in range(1, 6):
        key = v[k]
        j = k - 1
        while j >= 0 and v[j] > key:
            v[j + 1] = v[j]
            j -= 1
        v[j + 1] = key
    out[i] = v[2] + 0.5 * v[5]


@kdsl.kernel
def halves(x: Array[f32, 1], n: Array[i32, 1]):
    i = kdsl.global_id(0)
    x[i] = kdsl.where(x[i] > 0.5, x[i] * 0.5, x[i])
    n[i] = n[i] if n[i] < 0 else n[i] * 3


def masked_stores(kernel: Any) -> list[str]:
    target = CPU_TARGETS["x86-64-v3"]
    text = assembly(lower(kernel.ir(*declared_signature(kernel, None, {})), target), target)
    return [line for line in text.splitlines() if "maskmov" in line and line.rstrip().endswith(")")]


def test_a_threads_own_array_needs_no_masked_store() -> None:
    assert len(masked_stores(sorts)) <= 1  # that of the rest of a row


@kdsl.kernel
def network(x: Array[f32, 1]):
    """A step of a network of exchanges, by half of a block's threads."""
    s = kdsl.shared(256, f32)
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    s[t] = x[i]
    kdsl.barrier()
    for apart in (64, 8):
        if t ^ apart > t:
            a, b = s[t], s[t ^ apart]
            s[t], s[t ^ apart] = min(a, b), max(a, b)
        kdsl.barrier()
    x[i] = s[t]


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
def test_a_blocks_array_needs_no_masked_load(arch: str) -> None:
    """It has a vector's length around it, so that all lanes may be loaded, and those that are off stored as they were."""
    target = CPU_TARGETS[arch]
    f = lower(network.ir(*declared_signature(network, None, {})), target, block=(256, 1, 1))
    assert "masked" not in emit(f, target)


def test_a_choice_in_place_is_a_blend() -> None:
    assert len(masked_stores(halves)) <= 4  # of two arrays and two registers, for the rest of a row


@pytest.mark.parametrize("n", [1, 8, 37, 200])
def test_the_answers_stay(n: int) -> None:
    x = np.random.default_rng(n).random(n + 6, dtype=np.float32)
    wanted, found = np.zeros((2, n), np.float32)
    sorts.interpret.over(n)(x, wanted)
    sorts.over(n)(x, found)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    one, other = [(x.copy(), np.arange(-9, n - 3, dtype=np.int32)) for _ in range(2)]
    halves.interpret.over(n)(*one)
    halves.over(n)(*other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
