"""Masked accesses where they are slow, that is before AVX-512: a vector whose lanes are all on is loaded and stored as it is."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, f64, i8, i16, i32, i64, u8
from kdsl.codegen.cpu import emit
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

NUMBERS = (np.int8, np.int16, np.int32, np.int64, np.float32, np.float64)


@kdsl.kernel
def chosen(m: Array[i32, 2], a: Array[i8, 2], b: Array[i16, 2], c: Array[i32, 2], d: Array[i64, 2], p: Array[f32, 2],
           q: Array[f64, 2]):  # fmt: skip
    """Data choose, twice: what a second store to the same place sees counts too."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    v = m[y, x]
    if v > 0:
        a[y, x] = v
        b[y, x] = v * 3
        c[y, x] += v
        d[y, x] = v - 7
        p[y, x] = f32(v) * 0.5
        q[y, x] = f64(v) + p[y, x]
    if v > 5:
        c[y, x] -= 2
        d[y, x] += c[y, x]


@kdsl.kernel
def strides(m: Array[i32, 1], p: Array[f32, 1], n: i32):
    """Under a condition in a loop whose last round has less than all threads."""
    for i in range(kdsl.global_id(0), n, 16):
        if m[i] > 0:
            p[i] = f32(m[i]) + p[i]


@kdsl.kernel
def pair(m: Array[f32, 1], a: Array[f32, 1], b: Array[f64, 1]):
    i = kdsl.global_id(0)
    if m[i] > 0:
        a[i] = m[i] * 2.0
        b[i] = f64(m[i]) + 1.0


@kdsl.kernel
def chosen_bytes(m: Array[u8, 2], x: Array[u8, 2], y: Array[i16, 2], a: Array[u8, 2], b: Array[i16, 2], c: Array[f32, 2],
                 d: Array[f64, 2], z: Array[f64, 2]):  # fmt: skip
    """What data choose is loaded too."""
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if m[j, i] > 0:
        a[j, i] = x[j, i] + 1
        b[j, i] = y[j, i] * 3
        c[j, i] = f32(x[j, i]) + c[j, i]
        d[j, i] = z[j, i] * 2.0


@kdsl.kernel
def inner(x: Array[f32, 1], out: Array[f32, 1]):
    """Only the first vector has lanes that are off."""
    i = kdsl.global_id(0)
    v = f32(0)
    if i > 0:
        v = x[i - 1]
    out[i] = v


def masks(n: int) -> list[np.ndarray[Any, Any]]:
    """All lanes on, none, some, but one, and one alone, in rows that are not alike."""
    whole = 1 + np.arange(3 * n, dtype=np.int32).reshape(3, n) % 9
    none, some, most, one = np.zeros_like(whole), whole.copy(), whole.copy(), np.zeros_like(whole)
    some[np.random.default_rng(n).random((3, n)) < 0.5] *= -1
    most[range(3), [n // 2, n - 1, 0]] = 0
    one[range(3), [n - 1, 0, n // 2]] = 7
    return [whole, none, some, most, one]


def outputs(n: int) -> list[np.ndarray[Any, Any]]:
    return [np.full((3, n + 5), 77, t) for t in NUMBERS]


@cache
def wanted(n: int) -> list[list[np.ndarray[Any, Any]]]:
    found = []
    for m in masks(n):
        found.append(outputs(n))
        chosen.interpret.over((n, 3))(m, *found[-1])
    return found


@pytest.mark.parametrize("target", RUNNABLE)
def test_only_lanes_that_are_on(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, chosen)
    for n in range(1, 41):
        for number, (m, want) in enumerate(zip(masks(n), wanted(n), strict=True)):
            got = outputs(n)
            chosen.over((n, 3))(m, *got)
            for x, y in zip(got, want, strict=True):
                np.testing.assert_array_equal(x, y, err_msg=f"{n} threads, mask {number}")


@pytest.mark.parametrize("target", RUNNABLE)
def test_only_lanes_that_are_on_are_read(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, chosen_bytes)
    for n in [*range(1, 20), 31, 32, 33, 40]:
        numbers = np.random.default_rng(n)
        x, y, z = [numbers.integers(-99, 99, (3, n)).astype(t) for t in (np.uint8, np.int16, np.float64)]
        for number, m in enumerate(masks(n)):
            on = np.maximum(m, 0).astype(np.uint8)
            got, want = [[np.full((3, n + 5), 77, t) for t in (np.uint8, np.int16, np.float32, np.float64)] for _ in range(2)]
            chosen_bytes.over((n, 3))(on, x, y, *got, z)
            chosen_bytes.interpret.over((n, 3))(on, x, y, *want, z)
            for one, other in zip(got, want, strict=True):
                np.testing.assert_array_equal(one, other, err_msg=f"{n} threads, mask {number}")


@pytest.mark.parametrize("target", RUNNABLE)
def test_rounds_of_a_loop(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(target, monkeypatch, strides)
    for n in [1, 7, 8, 16, 20, 31, 64, 83]:
        for m in masks(n):
            got, want = np.full(n + 9, 0.5, np.float32), np.full(n + 9, 0.5, np.float32)
            strides.over(16)(m[0], got, n)
            strides.interpret.over(16)(m[0], want, n)
            np.testing.assert_array_equal(got, want, err_msg=str(n))


def text_of(target: str, kernel: Any = pair) -> str:
    return emit(lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[target]), CPU_TARGETS[target])


ALL_ON = re.compile(r"(%v\d+) = icmp eq i\d+ %v\d+, -1\nbr i1 \1, label %(whole\d+), label %(part\d+)\n")


def asked(text: str) -> list[tuple[str, str]]:
    """What is done where all lanes are on, and where they are not."""
    blocks = dict(re.findall(r"^(\w+):\n(.*?)(?=^\w+:|^})", text, flags=re.M | re.S))
    return [(blocks[whole], blocks[part]) for _, whole, part in ALL_ON.findall(text)]


@pytest.mark.parametrize("target", ["x86-64-v2", "x86-64-v3", "aarch64"])
def test_whole_vectors_are_stored_as_they_are(target: str) -> None:
    """Of the middle of a row, which has two stores. An instruction that masks is taken where there is one, otherwise a function."""
    found = [(whole, part) for whole, part in asked(text_of(target)) if whole.startswith("store ")]
    assert len(found) == 2
    for _, part in found:
        assert ("@llvm.masked.store." in part) == (target == "x86-64-v3"), part
        assert (" @store." in part) == (target != "x86-64-v3"), part


@pytest.mark.parametrize("target", ["x86-64-v2", "x86-64-v3", "aarch64"])
def test_whole_vectors_are_loaded_as_they_are(target: str) -> None:
    """Of f32 once more, as the store before may have changed it, and of bytes, where no instruction masks them."""
    floats = [part for whole, part in asked(text_of(target)) if " = load <" in whole]
    assert len(floats) == (target != "x86-64-v3")
    assert all(" @load.float." in part for part in floats)
    found = [part for whole, part in asked(text_of(target, chosen_bytes)) if " = load <" in whole]
    assert any(" @load.i8." in part for part in found)
    assert any(" @load.i16." in part for part in found)
    assert any(" @load.double." in part for part in found) == (target != "x86-64-v3")


def test_where_places_choose_lanes_branches_are_guessed_right() -> None:
    text = text_of("x86-64-v2", inner)
    assert "@llvm.masked.load." in text
    assert not re.search(r"call .* @(load|store)\.", text)


def test_an_instruction_that_is_fast_is_not_avoided() -> None:
    text = text_of("x86-64-v4")
    assert not ALL_ON.search(text)
    assert "call void @llvm.masked.store." in text
