"""`i & m` as an index that counts on with the lanes where m and i allow it, and stores of lanes that are off."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, i32, u32
from kdsl.codegen.cpu import assembly
from kdsl.compiler import lower
from kdsl.ir.core import Function, walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

N = 192


@kdsl.kernel
def masked(m: i32, first: i32, x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    k = i32(i) + first
    out[i] = x[k & m] + 3 * x[(k - (k & m)) & 127]


@kdsl.kernel
def unsigned(m: u32, first: u32, x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[i] = x[(u32(i) + first) & m]


@kdsl.kernel
def moved(m: i32, x: Array[i32, 1], out: Array[i32, 1]):
    """Scatters under a mask, and places that are even under a guard."""
    i = kdsl.global_id(0)
    k = i32(i)
    low = 2 * k - (k & m)
    if x[i] > 50:
        out[low] = x[i]
        out[x[i] + 500] = k
    else:
        out[low + m + 1] = -x[i]


@kdsl.kernel
def constant_bits(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[i] = x[i32(i) & 5]


@pytest.fixture(params=RUNNABLE)
def target(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    launch_on(request.param, monkeypatch, masked, unsigned, moved)
    return request.param


@pytest.mark.parametrize("m", [0, 1, 7, 15, 31, 63, 127, 6, 16, 48, 96, 85])
def test_places_of_every_mask(target: str, m: int) -> None:
    x = np.random.default_rng(1).integers(-99, 99, 128, dtype=np.int32)
    for first in (0, 3, 8, 32, -16):
        wanted, found = np.zeros((2, N), np.int32)
        masked.interpret.over(N)(m, first, x, wanted)
        masked.over(N)(m, first, x, found)
        np.testing.assert_array_equal(found, wanted)
        unsigned.interpret.over(N)(m, first % 2**32, x, wanted)
        unsigned.over(N)(m, first % 2**32, x, found)
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("n", [1, 40, N])
@pytest.mark.parametrize("m", [0, 3, 7, 15, 31, 63])
def test_lanes_that_are_off_store_nothing(target: str, m: int, n: int) -> None:
    x = np.random.default_rng(2).permutation(N).astype(np.int32)
    wanted, found = np.full((2, 2 * N + 600), -1, np.int32)
    moved.interpret.over(n)(m, x, wanted)
    moved.over(n)(m, x, found)
    np.testing.assert_array_equal(found, wanted)


def code(kernel, arch: str) -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])


def test_a_mask_of_low_bits_is_a_vector_load_behind_a_test() -> None:
    f = code(unsigned, "x86-64-v3")
    inside = [op.name for op in walk(f.body) if op.name in ("tile.load", "tile.gather")]
    assert "tile.load" not in inside  # what unsigned numbers index may wrap between two lanes
    f = code(masked, "x86-64-v3")
    inside = [op.name for op in walk(f.body) if op.name in ("tile.load", "tile.gather")]
    assert "tile.load" in inside
    assert "tile.gather" in inside


def test_a_mask_that_parts_lanes_is_a_gather_at_once() -> None:
    assert not any(op.name == "tile.load" for op in walk(code(constant_bits, "x86-64-v3").body))


def test_no_branch_for_each_lane_of_a_scatter() -> None:
    """A masked scatter of LLVM's has a jump for each lane."""
    text = assembly(code(moved, "x86-64-v3"), CPU_TARGETS["x86-64-v3"])
    assert sum(1 for line in text.splitlines() if line.strip().startswith("j")) < 40
