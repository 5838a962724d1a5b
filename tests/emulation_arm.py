"""Runs AArch64 code of this project on any machine that has `qemu-aarch64`: no cross compiler, no linker, no C library.

One idea: an executable is small enough to write by hand. Kernels are linked by the runtime's own loader (`link` is a
pure function), 25 instructions call them one after the other and write the arrays to stdout, and all of it is one
segment of a static ELF file. Many launches share one process, which takes about 20 ms.

    run_arm([Launch(artifact, (a, x, y), threads=(1000,))])     # arrays are changed in place
"""

from __future__ import annotations

import ctypes
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from cpu_launch import item_count, launch_record, pack_args, scratch_bytes

from kdsl.artifact import Artifact, Entry
from kdsl.runtime.cpu.elf import Elf
from kdsl.runtime.cpu.loader import Layout, link

__all__ = ["Launch", "has_emulator", "run_arm", "run_entry"]

_BASE = 0x10000000
_HEADERS = 64 + 56


@dataclass
class Launch:
    """One launch of an artifact's entry.

    threads: how many exist per axis. grid: blocks per axis, as many as hold the threads unless given.
    """

    artifact: Artifact
    args: Sequence[Any]
    threads: Sequence[int]
    block: Sequence[int] = (64,)
    chunk: int = 64
    diagnostics: np.ndarray | None = None
    grid: Sequence[int] | None = None


def has_emulator() -> bool:
    return shutil.which("qemu-aarch64") is not None


# Encodings: Arm Architecture Reference Manual for A-profile, section C6.2.


def _ldr_literal(register: int, words: int) -> int:
    return 0x58000000 | (words & 0x7FFFF) << 5 | register


def _ldp(first: int, second: int, base: int, offset: int) -> int:
    return 0xA9400000 | (offset // 8) << 15 | second << 10 | base << 5 | first


def _start(jobs: int, data: int, size: int) -> bytes:
    """Call every job of the table (entry, args, launch, begin, end, worker), write the data, exit."""
    code = [
        _ldr_literal(19, 24),  # x19 = jobs
        _ldp(9, 0, 19, 0),  # call: entry, args
        0xB4000000 | 6 << 5 | 9,  # cbz x9, write
        _ldp(1, 2, 19, 16),  # launch, begin
        _ldp(3, 4, 19, 32),  # end, worker
        0xD63F0000 | 9 << 5,  # blr x9
        0x91000000 | 48 << 10 | 19 << 5 | 19,  # add x19, x19, #48
        0x14000000 | (-6 & 0x3FFFFFF),  # b call
        _ldr_literal(20, 18),  # write: x20 = data
        _ldr_literal(21, 19),  # x21 = size
        0xD2800000 | 1 << 5 | 0,  # again: mov x0, #1
        0xAA0003E0 | 20 << 16 | 1,  # mov x1, x20
        0xAA0003E0 | 21 << 16 | 2,  # mov x2, x21
        0xD2800000 | 64 << 5 | 8,  # mov x8, #64 (write)
        0xD4000001,  # svc #0
        0xF100001F | 0 << 5,  # cmp x0, #0
        0x54000000 | 4 << 5 | 0xD,  # b.le exit
        0x8B000000 | 0 << 16 | 20 << 5 | 20,  # add x20, x20, x0
        0xEB000000 | 0 << 16 | 21 << 5 | 21,  # subs x21, x21, x0
        0x54000000 | (-9 & 0x7FFFF) << 5 | 0xC,  # b.gt again
        0xD2800000,  # exit: mov x0, #0
        0xD2800000 | 93 << 5 | 8,  # mov x8, #93 (exit)
        0xD4000001,  # svc #0
        0xD503201F,  # nop
    ]
    assert len(code) == 24
    # x19 is word 24/25, x20 word 26/27, x21 word 28/29.
    return struct.pack("<24I3Q", *code, jobs, data, size)


class _Memory:
    """Guest memory under construction: one run of bytes from `_BASE`."""

    def __init__(self) -> None:
        self.bytes = bytearray(_HEADERS)

    def place(self, content: bytes | int, align: int = 64) -> int:
        """Append bytes, or so many zeros; gives the address."""
        self.bytes += bytes(-len(self.bytes) % align)
        at = _BASE + len(self.bytes)
        self.bytes += bytes(content) if isinstance(content, int) else content
        return at


def _ranges(arrays: list[np.ndarray]) -> list[tuple[int, int]]:
    """The host memory that arrays touch, as disjoint ranges; views of one array stay one range."""
    spans = []
    for a in arrays:
        if a.size == 0:
            continue
        reach = [(n - 1) * s for n, s in zip(a.shape, a.strides, strict=True)]
        low = a.ctypes.data + sum(r for r in reach if r < 0)
        spans.append((low, a.ctypes.data + sum(r for r in reach if r > 0) + a.itemsize))
    out: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if out and low < out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return out


def run_arm(launches: Sequence[Launch]) -> None:
    """Run launches one after the other in one emulated process; arrays and diagnostic buffers are changed in place."""
    arrays = [a for job in launches for a in job.args if isinstance(a, np.ndarray) and a.ndim]
    arrays += [job.diagnostics for job in launches if job.diagnostics is not None]
    memory = _Memory()
    ranges = _ranges(arrays)
    moved: list[tuple[int, int, int]] = []
    for low, high in ranges:
        # The same place within 64 bytes as on the host: alignment is part of the test.
        memory.bytes += bytes((low - len(memory.bytes)) % 64)
        moved.append((low, high, memory.place(ctypes.string_at(low, high - low), 1)))
    data, size = _BASE + _HEADERS, len(memory.bytes) - _HEADERS

    def guest(address: int) -> int:
        for low, high, at in moved:
            if low <= address < high:
                return at + address - low
        return data  # an empty array, of which nothing is touched

    entries = _place_images(memory, launches)
    jobs = b"".join([_job(memory, job, entry, guest) for job, entry in zip(launches, entries, strict=True)]) + bytes(48)
    table = memory.place(jobs)
    start = memory.place(_start(table, data, size))
    output = _execute(_executable(memory, start))
    if len(output) != size:
        raise RuntimeError(f"the emulated program wrote {len(output)} bytes, not {size}")
    for low, high, at in moved:
        begin = at - data
        ctypes.memmove(low, output[begin : begin + high - low], high - low)


def run_entry(artifact: Artifact, entry: Entry, args: Sequence[Any], geometry: Sequence[int]) -> None:
    """One launch with the geometry the runtime uses: grid, block and threads, three numbers each."""
    assert entry is artifact.entry
    grid, block, threads = geometry[0:3], geometry[3:6], geometry[6:9]
    chunk = max(64, 2 * entry.width)  # small, so that rows fall into several work items
    run_arm([Launch(artifact, args, threads, block, chunk, grid=grid)])


def _place_images(memory: _Memory, launches: Sequence[Launch]) -> list[int]:
    """Link every different object once; gives the address of each launch's entry."""
    known: dict[int, Layout] = {}
    for job in launches:
        if id(job.artifact.binary) in known:
            continue
        layout = known[id(job.artifact.binary)] = Layout(Elf(job.artifact.binary))
        at = memory.place(layout.size, 4096)
        image = link(layout, at, _no_symbol)
        memory.bytes[at - _BASE : at - _BASE + layout.size] = image
    return [known[id(job.artifact.binary)].addresses[job.artifact.entry.symbol] for job in launches]


def _no_symbol(name: str) -> int:
    raise RuntimeError(f"the code calls {name!r}, which the emulated program does not have")


def _job(memory: _Memory, job: Launch, entry: int, guest: Any) -> bytes:
    scratch = memory.place(scratch_bytes(job.artifact, job.block))
    diagnostics = 0 if job.diagnostics is None else guest(job.diagnostics.ctypes.data)
    record = launch_record(job.threads, job.block, job.chunk, scratch, 0, diagnostics, job.grid, job.artifact.entry.turned)
    args = memory.place(pack_args(job.artifact, job.args, guest) + bytes(8))
    launch = memory.place(record.tobytes())
    return struct.pack("<6Q", entry, args, launch, 0, item_count(job.artifact, record), 0)


def _executable(memory: _Memory, start: int) -> bytes:
    size = len(memory.bytes)
    ident = b"\x7fELF" + bytes([2, 1, 1, 0]) + bytes(8)
    header = struct.pack("<16sHHIQQQIHHHHHH", ident, 2, 183, 1, start, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack(
        "<IIQQQQQQ", 1, 7, 0, _BASE, _BASE, size, size, 0x10000
    )  # PT_LOAD, readable, writable, executable
    memory.bytes[:_HEADERS] = header + segment
    return bytes(memory.bytes)


def _execute(program: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "program")
        with open(path, "wb") as f:
            f.write(program)
        os.chmod(path, 0o755)
        done = subprocess.run(["qemu-aarch64", path], capture_output=True, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the emulated program ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout
