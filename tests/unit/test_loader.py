"""The ELF loader: code that runs, AArch64 code that runs under an emulator, and damaged objects that must not crash."""

from __future__ import annotations

import ctypes
import math
import os
import random
import struct
import subprocess

import handmade
import pytest
from toolbox import require_tool

from kdsl.artifact import Artifact
from kdsl.codegen.cpu.pool import pool_source
from kdsl.diagnostics import DeviceError
from kdsl.runtime.cpu import elf, loader
from kdsl.runtime.cpu.device import CpuDevice
from kdsl.runtime.cpu.elf import AARCH64, X86_64, Elf
from kdsl.runtime.cpu.relocate import TABLES, OutOfRange, stub

# Read-only data, writable data, data with addresses in it, common symbols, calls inside and outside.
EVERYTHING = """
@table = internal unnamed_addr constant [4 x double] [double 1.5, double 2.25, double 3.125, double 4.0]
@counter = global i64 40, align 8
@zeros = global [100 x i64] zeroinitializer, align 64
@names = internal constant [2 x ptr] [ptr @counter, ptr @add_one]
@outside = external global i64
declare double @exp(double)
declare i64 @labs(i64)

define i64 @add_one(i64 %x) noinline {
  %y = add i64 %x, 1
  ret i64 %y
}
define double @table_sum(i64 %i) noinline {
  %p = getelementptr [4 x double], ptr @table, i64 0, i64 %i
  %a = load volatile double, ptr %p
  %b = call double @exp(double 1.0)
  %c = fadd double %a, %b
  ret double %c
}
define i64 @count() noinline {
  %pp = getelementptr [2 x ptr], ptr @names, i64 0, i64 0
  %p = load volatile ptr, ptr %pp
  %a = load i64, ptr %p
  %fp = getelementptr [2 x ptr], ptr @names, i64 0, i64 1
  %f = load volatile ptr, ptr %fp
  %b = call i64 %f(i64 %a)
  store i64 %b, ptr @counter
  %z = getelementptr [100 x i64], ptr @zeros, i64 0, i64 %b
  %old = load i64, ptr %z
  %n = sub i64 %old, %b
  %r = call i64 @labs(i64 %n)
  ret i64 %r
}
define i64 @read_outside() noinline {
  %v = load i64, ptr @outside
  ret i64 %v
}
"""


def resolve(value: ctypes.c_int64):
    return lambda name: ctypes.addressof(value) if name == "outside" else loader.resolve_symbol(name)


def test_code_and_data_work() -> None:
    value = ctypes.c_int64(1234)
    image = loader.load(handmade.compile_object(EVERYTHING), resolve(value))
    i64, f64 = ctypes.c_int64, ctypes.c_double
    assert ctypes.CFUNCTYPE(f64, i64)(image.address("table_sum"))(2) == 3.125 + math.e
    count = ctypes.CFUNCTYPE(i64)(image.address("count"))
    assert [count(), count(), count()] == [41, 42, 43]
    assert i64.from_address(image.address("counter")).value == 43
    assert image.address("zeros") % 64 == 0
    assert ctypes.CFUNCTYPE(i64)(image.address("read_outside"))() == 1234
    with pytest.raises(DeviceError, match="does not define 'table'"):
        image.address("table")


def test_code_is_never_writable_and_executable() -> None:
    image = loader.load(handmade.compile_object(EVERYTHING), resolve(ctypes.c_int64()))
    found = {}
    with open("/proc/self/maps") as maps:
        for line in maps:
            span, rights = line.split()[:2]
            low, high = (int(x, 16) for x in span.split("-"))
            for name in ("add_one", "counter"):
                if low <= image.address(name) < high:
                    found[name] = rights[:3]
    assert found == {"add_one": "r-x", "counter": "rw-"}


def test_images_are_unmapped() -> None:
    data = handmade.compile_object(EVERYTHING)

    def maps() -> int:
        with open("/proc/self/maps") as f:
            return len(f.readlines())

    keep = [loader.load(data, resolve(ctypes.c_int64())) for _ in range(2)]
    before = maps()
    for _ in range(50):
        loader.load(data, resolve(ctypes.c_int64()))
    assert maps() <= before + 4 and keep


def test_a_missing_function_is_named() -> None:
    text = "declare void @no_such_function()\ndefine void @f() {\n call void @no_such_function()\n ret void\n}\n"
    with pytest.raises(DeviceError, match="'no_such_function'"):
        loader.load(handmade.compile_object(text))


def test_code_for_another_machine_is_refused() -> None:
    data = handmade.compile_object(handmade.SAXPY, handmade.AARCH64)
    if os.uname().machine == "x86_64":
        with pytest.raises(DeviceError, match="AArch64"):
            loader.load(data)
    data = bytearray(data)
    struct.pack_into("<H", data, 18, 8)
    with pytest.raises(DeviceError, match="machine 8"):
        Elf(bytes(data))


def link_anywhere(data: bytes) -> None:
    loader.link(loader.Layout(Elf(data)), 0x10000, lambda name: 0x20000000)


@pytest.mark.parametrize("text", [EVERYTHING, handmade.SAXPY])
@pytest.mark.parametrize("target", [None, handmade.AARCH64])
def test_damaged_objects_do_not_crash(text, target, monkeypatch) -> None:
    """Every header byte, and thousands of random ones: a `DeviceError` or a result, never anything else."""
    monkeypatch.setattr(elf, "_LIMIT_BYTES", 1 << 20)  # keeps the test's own memory small
    good = handmade.compile_object(text, target)
    rng = random.Random(1)
    damaged = [good[:n] for n in range(0, len(good), 37)]
    for at in range(64):
        damaged += [good[:at] + bytes([value]) + good[at + 1 :] for value in (0, 1, 0x7F, 0xFF)]
    tables = int.from_bytes(good[40:48], "little")
    for _ in range(600):
        broken = bytearray(good)
        for _ in range(rng.choice((1, 1, 2, 8))):
            low = rng.choice((0, tables, len(good) // 2))
            broken[rng.randrange(low, len(good))] = rng.choice((0, 1, 0x80, 0xFF, rng.randrange(256)))
        damaged.append(bytes(broken))
    for data in damaged:
        try:
            link_anywhere(data)
        except DeviceError:
            pass


def test_unknown_relocations_are_named() -> None:
    data = handmade.compile_object(EVERYTHING)
    table = next(s for s in Elf(data).sections if s.kind == elf.RELA and s.name == ".rela.text")
    broken = bytearray(data)
    struct.pack_into("<I", broken, table.offset + 8, 37)
    with pytest.raises(DeviceError, match="relocation, type 37"):
        link_anywhere(bytes(broken))


def test_a_symbol_out_of_reach_is_named() -> None:
    data = handmade.compile_object(EVERYTHING)
    parsed = Elf(data)
    index = next(i for i, r in enumerate(parsed.relocations) if r[2] in (4, 2, 283))
    section, offset, kind, symbol, _ = parsed.relocations[index]
    parsed.relocations[index] = (section, offset, kind, symbol, 1 << 40)
    with pytest.raises(DeviceError, match="cannot reach"):
        loader.link(loader.Layout(parsed), 0x10000, lambda name: 0x20000000)


@pytest.mark.parametrize(
    "kind, word, value, place, expected",
    [
        (275, 0x90000000, 0x12345678, 0x10000000, 0x90000000 | ((0x2345 & 3) << 29) | ((0x2345 >> 2) << 5)),
        (277, 0x91000000, 0x12345678, 0, 0x91000000 | (0x678 << 10)),
        (278, 0x39400000, 0x12345679, 0, 0x39400000 | (0x679 << 10)),
        (284, 0x79400000, 0x12345678, 0, 0x79400000 | (0x678 >> 1 << 10)),
        (285, 0xB9400000, 0x12345678, 0, 0xB9400000 | (0x678 >> 2 << 10)),
        (286, 0xF9400000, 0x12345678, 0, 0xF9400000 | (0x678 >> 3 << 10)),
        (299, 0x3DC00000, 0x12345670, 0, 0x3DC00000 | (0x670 >> 4 << 10)),
        (283, 0x94000000, 0x1000, 0x2000, 0x97FFFC00),
        (282, 0x14000000, 0x2000, 0x1000, 0x14000400),
        (257, 0, 0x123456789A, 0, 0x123456789A),
        (261, 0, 0x1000, 0x2000, 0xFFFFF000),
    ],
)
def test_aarch64_fields(kind, word, value, place, expected) -> None:
    assert TABLES[AARCH64][kind][2](value, place, 0, word) == expected


@pytest.mark.parametrize("kind, value", [(283, 1 << 28), (283, 2), (275, 1 << 33), (286, 4), (261, 1 << 32)])
def test_aarch64_ranges(kind, value) -> None:
    with pytest.raises(OutOfRange):
        TABLES[AARCH64][kind][2](value, 0, 0, 0)


@pytest.mark.parametrize("kind, value", [(2, 1 << 31), (10, -1), (10, 1 << 32), (11, 1 << 31)])
def test_x86_ranges(kind, value) -> None:
    with pytest.raises(OutOfRange):
        TABLES[X86_64][kind][2](value, 0, 0, 0)


def test_stubs_are_16_bytes() -> None:
    assert all(len(stub(m, 0x123456789ABCDEF0)) == 16 for m in (X86_64, AARCH64))


PROGRAM = (
    EVERYTHING
    + """
declare void @leave(i64)
declare i64 @far(i64)
define double @exp_here(double %x) {
  ret double 2.75
}
define i64 @labs_here(i64 %x) {
  %n = sub i64 0, %x
  ret i64 %n
}
define void @_start() {
  %a = call i64 @count()
  %b = call i64 @count()
  %s = call double @table_sum(i64 1)
  %t = fptosi double %s to i64
  %u = call i64 @far(i64 %b)
  %o = call i64 @read_outside()
  %x = add i64 %a, %b
  %y = add i64 %x, %t
  %z = add i64 %y, %u
  %r = add i64 %z, %o
  call void @leave(i64 %r)
  ret void
}
"""
)


@pytest.mark.qemu
def test_aarch64_code_runs_linked(tmp_path) -> None:
    """The linked image, wrapped in the smallest executable, computes what it should under qemu: 41+42+5+43+40."""
    qemu = require_tool("qemu-aarch64", "qemu-aarch64-static")
    base, page = 0x400000, 0x10000
    layout = loader.Layout(Elf(handmade.compile_object(PROGRAM, handmade.AARCH64)))
    leave = base - page + 0x800
    loader.link(layout, base, lambda name: leave)  # where things are
    places = dict(layout.addresses)
    targets = {"exp": places["exp_here"], "labs": places["labs_here"], "far": places["add_one"],
               "outside": places["zeros"], "leave": leave}  # fmt: skip
    image = bytearray(loader.link(layout, base, lambda name: targets[name]))
    at = places["zeros"] - base
    image[at : at + 8] = (40).to_bytes(8, "little")
    # One segment with all rights: protection is the host test's business.
    size = page + len(image)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, AARCH64, 1, places["_start"], 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    header += struct.pack("<IIQQQQQQ", 1, 7, 0, base - page, base - page, size, size, page)
    first = bytearray(page)
    first[: len(header)] = header
    first[0x800:0x808] = struct.pack("<II", 0xD2800BA8, 0xD4000001)  # mov x8, #93 (exit); svc #0
    program = tmp_path / "program"
    program.write_bytes(first + image)
    program.chmod(0o755)
    assert subprocess.run([qemu, str(program)], timeout=30).returncode == 41 + 42 + 5 + 43 + 40


def test_pool_links_for_aarch64() -> None:
    link_anywhere(handmade.compile_object(pool_source(handmade.AARCH64), handmade.AARCH64))


def test_code_that_this_machine_lacks_instructions_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loaded, it would end the process."""
    device = CpuDevice()
    other = "aarch64" if device.target.arch.startswith("x86") else "x86-64-v3"
    artifact = Artifact(f"cpu:{other}", "elf", b"", ())
    with pytest.raises(DeviceError, match="help: KDSL_TARGET"):
        device.load(artifact)
    monkeypatch.setattr("kdsl.runtime.cpu.device.why_not", lambda target: "the processor has no avx512f")
    artifact = Artifact("cpu:x86-64-v4" if device.target.arch != "x86-64-v4" else "cpu:x86-64-v3", "elf", b"", ())
    with pytest.raises(DeviceError, match="no avx512f"):
        device.load(artifact)
