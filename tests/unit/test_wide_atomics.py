"""Updates of 64-bit integers where a target's atomics have 32 bits: by halves, and refused where somebody could see that.

What they compute is in the conformance suite (`wide_sums`, `wide_bits`), which runs the texts.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

import kdsl
from kdsl import Array, i64, u64
from kdsl.diagnostics import CompileError
from kdsl.target import parse_target

VULKAN = parse_target("vulkan:1.3")
WITHOUT = replace(VULKAN, has=VULKAN.has - {"atomic_i64"})
M3 = replace(parse_target("metal:3.1"), has=parse_target("metal:3.1").has | {"atomic_u64_extremes"})


@kdsl.kernel
def counts(x: Array[i64, 1], out: Array[i64, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_add(out[x[i] % 4], x[i])
    kdsl.atomic_sub(out[x[i] % 3], 1)


@kdsl.kernel
def takes_the_old_value(x: Array[i64, 1], out: Array[i64, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_add(out[0], 1)
    x[i] = kdsl.atomic_add(out[1], 1)


@kdsl.kernel
def two_kinds(x: Array[i64, 1], out: Array[i64, 1]):
    kdsl.atomic_add(out[0], 1)
    kdsl.atomic_or(x[0], 1)  # may be the same memory


@kdsl.kernel
def reads(x: Array[u64, 1], out: Array[u64, 1]):
    kdsl.atomic_add(out[0], 1)
    x[0] = kdsl.atomic_load(out[0])


@kdsl.kernel
def greatest(x: Array[u64, 1], out: Array[u64, 1]):
    kdsl.atomic_max(out[0], x[kdsl.global_id(0)])


@kdsl.kernel
def in_shared_memory(x: Array[u64, 1], out: Array[u64, 1]):
    s = kdsl.shared((1,), u64)
    s[0] = 0
    kdsl.barrier()
    kdsl.atomic_add(s[0], x[kdsl.global_id(0)])
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[0]


def text_of(kernel, target):
    return kernel.compile(target=target).texts["source"]


@pytest.mark.parametrize("target", ["metal:2.4", "metal:3.2", WITHOUT], ids=["metal:2.4", "metal:3.2", "vulkan"])
def test_sums_meet_sums(target):
    counts.compile(target=target)


@pytest.mark.parametrize("target", ["metal:3.0", WITHOUT], ids=["metal", "vulkan"])
@pytest.mark.parametrize(
    ("kernel", "line"),
    [
        (takes_the_old_value, "x[i] = kdsl.atomic_add(out[1], 1)"),
        (two_kinds, "kdsl.atomic_or(x[0], 1)"),
        (reads, "kdsl.atomic_load(out[0])"),
        (greatest, "kdsl.atomic_max(out[0]"),
    ],
    ids=lambda k: getattr(k, "name", ""),
)
def test_what_would_see_half_an_update_is_refused(kernel, line, target):
    with pytest.raises(CompileError) as error:
        kernel.compile(target=target)
    assert error.value.code == "K511" and line in str(error.value) and "no old value is used" in str(error.value)


def test_shared_memory_has_halves_where_it_is_bytes():
    in_shared_memory.compile(target="metal:3.0")
    with pytest.raises(CompileError, match="K511"):
        in_shared_memory.compile(target=WITHOUT)


def test_extremes_are_instructions_of_some_gpus():
    text = text_of(greatest, M3)
    assert "atomic_max_explicit((device atomic_ulong*)&out[0], x[" in text

    @kdsl.kernel
    def beside_a_sum(x: Array[u64, 1], out: Array[u64, 1]):
        kdsl.atomic_add(x[0], 1)
        kdsl.atomic_max(out[0], 5)

    @kdsl.kernel
    def of_signed(x: Array[i64, 1]):
        kdsl.atomic_max(x[0], 5)

    @kdsl.kernel
    def with_the_old(x: Array[u64, 1]):
        x[1] = kdsl.atomic_max(x[0], 5)

    for kernel in (beside_a_sum, of_signed, with_the_old):
        with pytest.raises(CompileError, match="K511") as error:
            kernel.compile(target=M3)
        assert "atomic_max" in str(error.value)


def test_a_half_that_does_not_change_is_left_alone():
    @kdsl.kernel
    def low(out: Array[u64, 1]):
        kdsl.atomic_or(out[0], 5)

    assert text_of(low, "metal:3.0").count("atomic_fetch_or_explicit") == 1
