"""Exchanges between lanes whose places are known when code is made: one shuffle, and nothing through memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, f64, i32
from kdsl.codegen.cpu import assembly, emit
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def reductions(x: Array[f32, 1], y: Array[f64, 1], out: Array[f32, 1], scans: Array[f64, 1]):
    i = kdsl.global_id(0)
    out[i] = kdsl.subgroup_sum(x[i]) + kdsl.subgroup_max(x[i])
    scans[i] = kdsl.subgroup_inclusive_sum(y[i])


@kdsl.kernel
def exchanges(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    v = x[i]
    v = v * 3 + kdsl.shuffle_xor(v, 1)
    v = v * 3 + kdsl.shuffle_down(v, 2)
    v = v * 3 + kdsl.shuffle_up(v, 3)
    out[i] = v * 3 + kdsl.shuffle(v, 3 - kdsl.lane_id() % 4)


@kdsl.kernel
def by_a_number(x: Array[i32, 1], y: Array[f32, 1], out: Array[f32, 1], n: i32):
    i = kdsl.global_id(0)
    out[i] = f32(kdsl.shuffle_xor(x[i], n)) + kdsl.shuffle(y[i], (i + n) % 4)


@pytest.mark.parametrize("kernel", [reductions, exchanges])
@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_known_places_are_shuffles(arch: str, kernel: Any) -> None:
    target = CPU_TARGETS[arch]
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), target, block=(64, 1, 1))
    text = emit(f, target)
    assert "alloca" not in text
    assert text.count("shufflevector") >= 4
    assert assembly(f, target)


def test_any_places_are_one_instruction_where_there_is_one() -> None:
    target = CPU_TARGETS["x86-64-v3"]
    f = lower(by_a_number.ir(*declared_signature(by_a_number, None, {})), target, block=(64, 1, 1))
    text = assembly(f, target)
    assert "vpermps" in text and "alloca" not in emit(f, target)


@kdsl.kernel
def lanes(out: Array[i32, 1]):
    out[0] = i32(kdsl.subgroup_size())


@pytest.mark.parametrize("n, block", [(256, 64), (96, 48), (99, 33), (12, 4)])
def test_results(n: int, block: int) -> None:
    rng = np.random.default_rng(n)
    x, y = rng.integers(-99, 99, n).astype(np.int32), rng.integers(-99, 99, n).astype(np.float64)
    size = np.zeros(1, np.int32)
    lanes[1, block](size)
    for kernel, arguments in (
        (reductions, (x.astype(np.float32), y, np.zeros(n, np.float32), np.zeros(n))),
        (exchanges, (x, np.zeros(n, np.int32))),
        (by_a_number, (x, x.astype(np.float32) / 2, np.zeros(n, np.float32), 1)),
    ):
        want, got = [[a.copy() if isinstance(a, np.ndarray) else a for a in arguments] for _ in range(2)]
        kernel.interpret(subgroup_size=int(size[0]))[n // block, block](*want)
        kernel[n // block, block](*got)
        for w, g in zip(want, got, strict=True):
            np.testing.assert_array_equal(g, w)


@kdsl.kernel(math="strict")
def prefixes(x: Array[f32, 1], c: Array[i32, 1], out: Array[f32, 1], counts: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[i] = kdsl.subgroup_inclusive_sum(x[i])
    counts[i] = kdsl.subgroup_inclusive_sum(c[i])


@pytest.mark.parametrize("arch", RUNNABLE)
def test_lanes_that_add_nothing_keep_their_sign(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zeros of both signs, NaN and infinities; also in subgroups that have fewer threads."""
    launch_on(arch, monkeypatch, prefixes)
    rng = np.random.default_rng(6)
    some = np.array([0.0, -0.0, -0.0, -0.0, -0.0, 1.5, -1.5, np.inf, -np.inf, np.nan], np.float32)
    for count, n, block in ((5, 256, 64), (7, 128, 128), (10, 96, 32), (5, 3 * 21, 21)):
        x, c = some[rng.integers(0, count, n)], rng.integers(-(2**31), 2**31, n).astype(np.int32)
        got, want = [[np.zeros(n, np.float32), np.zeros(n, np.int32)] for _ in range(2)]
        with runs(CPU_TARGETS[arch]), np.errstate(invalid="ignore"):
            prefixes[n // block, block](x, c, *got)
            prefixes.interpret(subgroup_size=CPU_TARGETS[arch].lanes)[n // block, block](x, c, *want)
        np.testing.assert_array_equal(got[1], want[1])
        np.testing.assert_array_equal(got[0], want[0])
        np.testing.assert_array_equal(np.signbit(got[0])[want[0] == 0], np.signbit(want[0])[want[0] == 0])


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
def test_a_scan_shifts_and_adds(arch: str) -> None:
    f = lower(prefixes.ir(*declared_signature(prefixes, None, {})), CPU_TARGETS[arch])
    chosen = [v.op for op in walk(f.body) if op.name == "arith.select" for v in op.operands[1:]]
    assert chosen and not any(op is not None and op.name == "arith.add" for op in chosen)


@kdsl.kernel
def by_many_steps(x: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    lane = i32(kdsl.lane_id())
    for _ in kdsl.static_range(700):
        lane = (lane * lane + (lane >> 1)) & 15
    out[i] = kdsl.shuffle(x[i], lane & 3)


def test_a_place_that_takes_the_same_values_again_and_again() -> None:
    """What is known of them is asked once for each, without recursion: 3 to the power of 700 questions would never end."""
    target = CPU_TARGETS["x86-64-v3"]
    assert "shufflevector" in emit(lower(by_many_steps.ir(*declared_signature(by_many_steps, None, {})), target), target)
