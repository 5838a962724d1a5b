"""Tables that narrow numbers index: an address for each lane from the number, as long as it is still in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, i8, i16, i32, u8, u16
from kdsl.codegen.cpu import assembly
from kdsl.codegen.cpu.lookups import kept_by_casts, narrow_number
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Region
from kdsl.ir.ops import arith
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def curve(a: Array[u8, 1], t: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        o[i] = t[i32(a[i])]


@kdsl.kernel
def of_rows(a: Array[u16, 1], t: Array[i16, 2], o: Array[i16, 1]):
    """Along the axis whose elements do not lie side by side."""
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        o[i] = t[a[i], 1]


@kdsl.kernel
def in_place(a: Array[u8, 1], t: Array[u8, 1], o: Array[u8, 1]):
    """What was read is written before it is looked up."""
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        c = a[i]
        a[i] = u8(255) - c
        o[i] = t[i32(c)]


@kdsl.kernel
def in_floats(a: Array[u8, 1], t: Array[f32, 1], o: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        o[i] = t[i32(a[i])]


@kdsl.kernel
def of_low_bytes(a: Array[u16, 1], t: Array[u8, 1], o: Array[u8, 1]):
    """Not what is in memory, but what a cast leaves of it."""
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        o[i] = t[i32(u8(a[i]))]


@kdsl.kernel
def of_low_bytes_in_floats(a: Array[u16, 1], t: Array[f32, 1], o: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        o[i] = t[u8(a[i])] + t[u16(u8(i32(a[i])))]


LOW_BYTES = [of_low_bytes, of_low_bytes_in_floats]


def arguments(kernel: Any, n: int) -> list[np.ndarray]:
    rng = np.random.default_rng(n)
    if kernel is of_rows:
        table = rng.integers(-999, 999, (600, 3)).astype(np.int16)
        return [rng.integers(0, 600, n).astype(np.uint16), table, np.zeros(n, np.int16)]
    is_float = kernel in (in_floats, of_low_bytes_in_floats)
    table = rng.random(256).astype(np.float32) if is_float else rng.integers(0, 256, 256).astype(np.uint8)
    numbers = rng.integers(0, 65536, n).astype(np.uint16) if kernel in LOW_BYTES else rng.integers(0, 256, n).astype(np.uint8)
    return [numbers, table, np.zeros(n, table.dtype)]


@pytest.mark.parametrize("kernel", [curve, of_rows, in_place, in_floats, *LOW_BYTES], ids=lambda k: k.name)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_tables(kernel: Any, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, kernel)
    for n in (1, 15, 16, 33, 300):
        got, wanted = arguments(kernel, n), arguments(kernel, n)
        with runs(CPU_TARGETS[arch]):
            kernel.over(n)(*got)
        kernel.interpret.over(n)(*wanted)
        for x, y in zip(got, wanted, strict=True):
            np.testing.assert_array_equal(x, y)


@kdsl.kernel
def counts_of_low_bits(a: Array[u16, 1], o: Array[i32, 1]):
    """What a cast with a sign leaves of a wider number, which is never below 0 here."""
    table = kdsl.shared((128,), i32)
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    table[t] = 0
    kdsl.barrier()
    if i < a.shape[0]:
        kdsl.atomic_add(table[kdsl.index(i8(a[i]))], 1)
    kdsl.barrier()
    kdsl.atomic_add(o[t], table[t])


@kdsl.kernel
def counts_around_0(a: Array[u8, 1], o: Array[i32, 1]):
    """Bytes that are taken to have a sign, from the lowest on."""
    table = kdsl.shared((256,), i32)
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    table[t], table[t + 128] = 0, 0
    kdsl.barrier()
    if i < a.shape[0]:
        kdsl.atomic_add(table[kdsl.index(i8(a[i])) + 128], 1)
    kdsl.barrier()
    kdsl.atomic_add(o[t], table[t])
    kdsl.atomic_add(o[t + 128], table[t + 128])


@pytest.mark.parametrize("arch", RUNNABLE)
def test_counts_around_0(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, counts_around_0)
    a = np.random.default_rng(0).integers(0, 256, 1000).astype(np.uint8)
    o = np.zeros(256, np.int32)
    with runs(CPU_TARGETS[arch]):
        counts_around_0[8, 128](a, o)
    np.testing.assert_array_equal(o, np.bincount(a ^ 128, minlength=256))


@pytest.mark.parametrize("arch", RUNNABLE)
def test_counts(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, counts_of_low_bits)
    a = np.random.default_rng(0).integers(0, 65536, 1000).astype(np.uint16) & np.uint16(0xFF7F)
    o = np.zeros(128, np.int32)
    with runs(CPU_TARGETS[arch]):
        counts_of_low_bits[8, 128](a, o)
    np.testing.assert_array_equal(o, np.bincount(a & 127, minlength=128))


def test_an_address_is_one_load() -> None:
    target = CPU_TARGETS["x86-64-v3"]
    code = assembly(lower(curve.ir(*declared_signature(curve, None, {})), target), target)
    whole = code[: code.index("vmovntdq")][-1600:]
    assert whole.count("movzbl") >= 16 and "vpextrq" not in whole  # of the vectors of 64 bits that addresses were


def test_floats_are_looked_up_one_by_one_too() -> None:
    """An instruction that gathers takes longer than a load of each number and one of its element."""
    target = CPU_TARGETS["x86-64-v4"]
    code = assembly(lower(in_floats.ir(*declared_signature(in_floats, None, {})), target), target)
    assert code.count("movzbl") >= 32
    assert "vgather" not in code[: code.index("movzbl")] and code.count("vgather") <= 2  # of what is left of a row


# (a number, what it is cast to, how many of those are the same number, counted from the last, what the narrow one is).
CASTS = [
    (u8, (kdsl.index,), 2, "u8"),
    (u8, (u16, i32, kdsl.index), 4, "u8"),
    (u8, (i8, kdsl.index), 2, None),
    (u16, (u8, i32, kdsl.index), 3, "u8"),
    (u16, (i16, i32, kdsl.index), 3, None),
    (i8, (i32, kdsl.index), 3, None),
    (i32, (kdsl.u32, kdsl.index), 2, None),
    (kdsl.u64, (kdsl.index,), 2, None),
    (kdsl.i64, (kdsl.u64, kdsl.index), 3, None),
    (kdsl.bool_, (u8, kdsl.index), 2, "u8"),
    (f32, (u8, kdsl.index), 2, "u8"),
    (kdsl.index, (), 1, None),
]


@pytest.mark.parametrize(("first", "types", "kept", "narrow"), CASTS)
def test_what_casts_keep(first: Any, types: tuple[Any, ...], kept: int, narrow: str | None) -> None:
    region = Region((T.SCALARS[first.name],))
    b, v = Builder(region), region.args[0]
    for t in types:
        v = b.emit(arith.CAST, v, type=T.SCALARS[t.name])
    assert len(list(kept_by_casts(v))) == kept
    found = narrow_number(v)
    assert (None if found is None else str(found.type)) == narrow
