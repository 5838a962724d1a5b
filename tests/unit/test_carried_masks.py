"""Masks that loops carry, and floats of counted ids, on machines without registers for masks: results and code."""

from __future__ import annotations

import re

import numpy as np
import pytest
from emulation_arm import Launch, has_emulator, run_arm
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, f64, i32, i64
from kdsl.codegen import cpu
from kdsl.codegen.cpu import assembly
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def orbit(limit: i32, x: Array[f32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    z, k = f32(0), i32(0)
    while k < limit and z * z <= 4.0:
        z = z * z + x[i]
        k += 1
    out[i] = k


@kdsl.kernel
def two_ends(x: Array[f64, 1], n: Array[i32, 1], out: Array[f64, 1]):
    """A loop that lanes leave for two reasons, with a branch and a loop of its own inside."""
    i = kdsl.global_id(0)
    total = f64(0)
    for k in range(n[i]):
        if k % 3 == 1:
            for j in range(k % 5):
                total += x[i] * j
                if total > 50.0:
                    break
        elif k % 7 == 2:
            continue
        total += 1.0
        if total > 100.0:
            break
    out[i] = total


@kdsl.kernel
def flags(n: i32, x: Array[i32, 1], out: Array[i32, 1]):
    """Booleans that are carried themselves, through loops that all lanes leave together and through others."""
    i = kdsl.global_id(0)
    odd, seen = x[i] % 2 == 1, False
    for k in range(n):
        seen = seen or (x[i] == k)
        odd = not odd
    k = i32(0)
    while not seen and k < x[i]:
        seen = (k * k) % 11 == 5
        odd = odd != seen
        k += 1
    out[i] = i32(odd) + 2 * i32(seen) + 4 * k


@kdsl.kernel
def places(first: i64, out: Array[f32, 1], exact: Array[f64, 1]):
    i = kdsl.global_id(0)
    out[i] = f32(i64(i) + first)
    exact[i] = f64(i64(i) + first)


@pytest.fixture(params=RUNNABLE)
def target(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    launch_on(request.param, monkeypatch, orbit, two_ends, flags, places)
    return request.param


def both(kernel, n: int, *arguments) -> None:
    wanted, found = np.zeros_like(arguments[-1]), np.zeros_like(arguments[-1])
    kernel.interpret.over(n)(*arguments[:-1], wanted)
    kernel.over(n)(*arguments[:-1], found)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("n", [1, 16, 37])
def test_loops_that_lanes_leave(target: str, n: int) -> None:
    rng = np.random.default_rng(1)
    x = (rng.random(n, np.float32) * 2 - 1).astype(np.float32)
    both(orbit, n, 20, x, np.zeros(n, np.int32))
    both(two_ends, n, x.astype(np.float64), rng.integers(0, 130, n, dtype=np.int32), np.zeros(n))
    for rounds in (0, 3, 8):
        both(flags, n, rounds, rng.integers(0, 12, n, dtype=np.int32), np.zeros(n, np.int32))


@pytest.mark.parametrize("first", [0, 2**24 - 3, 2**31 - 20, 2**31 - 1, 2**40, -(2**31) - 5, -(2**31), -7, 2**63 - 40])
def test_floats_of_ids(target: str, first: int) -> None:
    """Both sides of 32 bits, and vectors across the border."""
    n = 39
    out, exact = np.zeros(n, np.float32), np.zeros(n)
    places.over(n)(first, out, exact)
    numbers = [first + k for k in range(n)]
    np.testing.assert_array_equal(out, np.array([np.float32(np.int64(k)) for k in numbers]))
    np.testing.assert_array_equal(exact, np.array([float(k) for k in numbers]))


def code(kernel, arch: str) -> str:
    return assembly(lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch]), CPU_TARGETS[arch])


def loops(text: str) -> list[str]:
    """The code of the innermost loops: between a label and the jump back to it."""
    return re.findall(r"^(\.LBB\d+_\d+):\n((?:(?!^\.LBB).*\n)*?)\s+j\w+\s+\1\n", text, re.M)


def test_no_mask_is_packed_in_a_loop() -> None:
    inner = [body for _, body in loops(code(orbit, "x86-64-v3")) if "mulps" in body]
    assert inner
    for body in inner:
        assert not re.search(r"pack|pmovzx|punpck|pmovmskb", body)
        assert len(re.findall(r"cmpleps", body)) == 2  # two vectors


def test_rounds_are_counted_under_masks() -> None:
    """One instruction a vector where masks have registers; LLVM alone turns a mask into lanes of -1 first."""
    inner = [body for _, body in loops(code(orbit, "x86-64-v4")) if "mulps" in body]
    assert inner
    for body in inner:
        assert "vpmovm2d" not in body
        assert len(re.findall(r"vpaddd.*{%k\d}", body)) == 2


@kdsl.kernel
def changed_in_some_rounds(x: Array[f32, 1], w: Array[f32, 1], out: Array[f32, 1]):
    """A branch, which all lanes take or none, that leaves a boolean as it was."""
    i = kdsl.global_id(0)
    flag = x[i] > 0.9
    for k in range(w.shape[0]):
        if w[k] < 0.5:
            flag = x[i] > w[k]
            out[i] = x[i]
        if flag:
            out[i] = out[i] + w[k]


@pytest.mark.parametrize("arch", RUNNABLE)
def test_a_boolean_that_some_rounds_change(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, changed_in_some_rounds)
    rng = np.random.default_rng(1)
    x, w = rng.random(70, np.float32), rng.random(9, np.float32)
    got, want = np.zeros((2, 70), np.float32)
    changed_in_some_rounds.over(70)(x, w, got)
    changed_in_some_rounds.interpret.over(70)(x, w, want)
    np.testing.assert_array_equal(got, want)


def test_rounds_are_counted_by_masks_that_are_vectors() -> None:
    """One instruction a vector: lanes of -1 are subtracted, and not shifted down to 1 first."""
    inner = [body for _, body in loops(code(orbit, "x86-64-v3")) if "mulps" in body]
    assert inner
    for body in inner:
        assert "vpsrld" not in body
        assert len(re.findall(r"vpsubd", body)) == 2


def test_ids_become_floats_in_vectors() -> None:
    text = code(places, "x86-64-v3")
    assert "vcvtdq2ps" in text
    assert "vcvtdq2pd" in text
    assert re.search(r"scvtf\s+v\d+\.4s", code(places, "aarch64"))


@pytest.mark.qemu
@pytest.mark.skipif(not has_emulator(), reason="qemu-aarch64 is not installed (Debian package qemu-user)")
def test_floats_of_ids_on_arm() -> None:
    arm, n = CPU_TARGETS["aarch64"], 39
    artifact = cpu.compile_cpu(lower(places.ir(*declared_signature(places, None, {})), arm), arm)
    starts = [0, 2**24 - 3, 2**31 - 20, 2**31 - 1, 2**40, -(2**31) - 5, -7]
    outs = [(np.zeros(n, np.float32), np.zeros(n)) for _ in starts]
    run_arm([Launch(artifact, (first, *out), (n,)) for first, out in zip(starts, outs, strict=True)])
    for first, (out, exact) in zip(starts, outs, strict=True):
        numbers = [first + k for k in range(n)]
        np.testing.assert_array_equal(out, np.array([np.float32(np.int64(k)) for k in numbers]))
        np.testing.assert_array_equal(exact, np.array([float(k) for k in numbers]))
