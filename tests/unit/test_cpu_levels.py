"""What a processor is asked for and what its code gains by it: the levels of the psABI, and what came after the last one."""

from __future__ import annotations

import re

import pytest

import kdsl
from kdsl import Array, u8, u32
from kdsl.explain import explain_kernel
from kdsl.target import _NEEDS, CPU_TARGETS, cpu_target_of_host

V4, VBMI = "cpu:x86-64-v4", "cpu:x86-64-v4-vbmi"


@kdsl.kernel
def differing(a: Array[u32, 1], b: Array[u32, 1], out: Array[u32, 1]):
    i = kdsl.global_id(0)
    out[i] = u32(kdsl.popcount(a[i] ^ b[i]))


@kdsl.kernel
def luma(picture: Array[u8, 2], out: Array[u8, 1]):
    i = kdsl.global_id(0)
    out[i] = u8((77 * u32(picture[i, 0]) + 150 * u32(picture[i, 1]) + 29 * u32(picture[i, 2])) >> 8)


@pytest.mark.parametrize("arch", _NEEDS)
def test_a_processor_gets_the_most_that_it_has(arch: str) -> None:
    assert cpu_target_of_host("x86_64", lambda: {*_NEEDS[arch], "fpu", "aes"}) is CPU_TARGETS[arch]
    levels = list(_NEEDS)
    lower = levels[max(levels.index(arch) - 1, 0)]
    for flag in _NEEDS[arch] - _NEEDS[lower]:
        assert cpu_target_of_host("x86_64", lambda left=flag: _NEEDS[arch] - {left}) is CPU_TARGETS[lower], flag
    assert cpu_target_of_host("x86_64", set) is CPU_TARGETS["x86-64-v2"]


def test_bits_are_counted_by_an_instruction() -> None:
    assert "vpopcntd" in explain_kernel(differing, VBMI, stage="asm")
    assert "vpopcntd" not in explain_kernel(differing, V4, stage="asm")


def test_bytes_move_from_anywhere_to_anywhere() -> None:
    assert re.search(r"\bvperm[it]?2?b\b", explain_kernel(luma, VBMI, stage="asm"))
    assert not re.search(r"\bvperm[it]?2?b\b", explain_kernel(luma, V4, stage="asm"))
