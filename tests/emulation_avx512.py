"""Runs code for AVX-512 of this process on a machine without: on the processor of a PC that `bochs` plays, with nothing else on it.

One idea: the emulated machine sees this process's memory at this process's addresses. Code that is loaded here is called there
with the same pointers: the pages that it may touch are copied into the machine's memory, and tables of pages put them where they
are here. The processor has what x86-64-v4 has and nothing that came later, and starts no operating system: 0.2 s a run.

    run_on_avx512([Call(address, (x.ctypes.data, 5))], [code_of(image), bytes_at(x)])
"""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from emulation_detours import DETOUR_BYTES, SAVED_BYTES, detour, far_indices, jump
from emulation_rom import ALIAS, BEGIN, CALL, FAULT, HEADER, IMAGE, PAGE, STATE, WITH_ERROR, rom

from kdsl.runtime.cpu.loader import Image

__all__ = ["Call", "Memory", "bytes_at", "code_of", "run_on_avx512"]

_STACK_BYTES = 1 << 20
_PRESENT, _WRITABLE, _LARGE = 1, 2, 128  # bits of the tables' entries
# The first processor with F, BW, DQ, VL and CD of AVX-512. bochs may be built without another display than one for a network.
_SETTINGS = f"""
romimage: file=rom
optramimage1: file=image, address={IMAGE:#x}
cpu: model=corei7_skylake_x, count=1, ips=100000000, reset_on_triple_fault=0
clock: sync=none
display_library: rfb, options="timeout=0"
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
speaker: enabled=0
plugin_ctrl: speaker=0
port_e9_hack: enabled=1
log: log
panic: action=fatal
"""


@dataclass(frozen=True)
class Call:
    """A call of a C function that gives nothing: its address, and up to six integers or pointers."""

    address: int
    args: Sequence[int]


@dataclass(frozen=True)
class Memory:
    """Bytes of this process that calls may read, and write unless it is code."""

    low: int
    high: int
    writable: bool = True

    @property
    def pages(self) -> range:
        return range(self.low // PAGE, -(-self.high // PAGE) if self.high > self.low else self.low // PAGE)


def bytes_at(a: np.ndarray) -> Memory:
    """What an array or a view reaches."""
    if not a.size:
        return Memory(a.ctypes.data, a.ctypes.data)
    reach = [(n - 1) * s for n, s in zip(a.shape, a.strides, strict=True)]
    low = a.ctypes.data + sum(r for r in reach if r < 0)
    return Memory(low, a.ctypes.data + sum(r for r in reach if r > 0) + a.itemsize)


def code_of(image: Image) -> Memory:
    return Memory(image._base, image._base + image._size, False)


def run_on_avx512(calls: Sequence[Call], memory: Sequence[Memory]) -> None:
    """Make the calls one after the other; `memory` is all they may touch, and the code itself."""
    machine = _Machine(calls, memory)
    changed = _run(machine)
    for m in memory:
        if m.writable:
            _take(m, machine, changed)
    for page, content in changed.items():  # that the rest is as it was is part of the test
        at = machine.places[page]
        before = machine.bytes[at : at + PAGE]
        if content != before:
            first = next(k for k in range(PAGE) if content[k] != before[k])
            raise RuntimeError(f"the emulated code has written to {page * PAGE + first:#x}, which it must not")


def _take(m: Memory, machine: _Machine, changed: dict[int, bytearray]) -> None:
    """Copy back the part that calls may write, and forget that it has changed."""
    for page in m.pages:
        if page not in changed:
            continue
        low, high = max(m.low, page * PAGE), min(m.high, (page + 1) * PAGE)
        begin, end, at = low - page * PAGE, high - page * PAGE, machine.places[page]
        ctypes.memmove(low, bytes(changed[page][begin:end]), end - begin)
        machine.bytes[at + begin : at + end] = changed[page][begin:end]


class _Machine:
    """The machine's memory from `IMAGE` on: a page for the header, pages that may be written, the others, calls, tables."""

    def __init__(self, calls: Sequence[Call], memory: Sequence[Memory]) -> None:
        self.bytes = bytearray(PAGE)
        self.places: dict[int, int] = {}  # a page of this process: where it lies in `bytes`
        codes = [m for m in memory if not m.writable]
        written = sorted({page for m in memory if m.writable for page in m.pages})
        for page in [*written, *sorted({page for m in codes for page in m.pages} - set(written))]:
            self.places[page] = self._add(ctypes.string_at(page * PAGE, PAGE))
        writable = {*written, *[page for m in codes for page in self._add_detours(m)]}
        table = self._add(b"".join([CALL.pack(c.address, *c.args, *[0] * (6 - len(c.args))) for c in calls]))
        list_ = self._add(bytes(8 * len(written)))
        self.root = self._add(bytes(PAGE))
        entries = {
            page: self._map(page * PAGE, IMAGE + at, _WRITABLE if page in writable else 0) for page, at in self.places.items()
        }
        self.page_of = {entries[page]: page for page in written}
        struct.pack_into(f"<{len(written)}Q", self.bytes, list_, *self.page_of)
        self._map(0xFFFF0000, 0xFFFF0000, 0)  # where the ROM runs when tables are turned on
        for address in range(0, 1 << 32, 1 << 21):
            self._map(ALIAS + address, address, _LARGE | _WRITABLE, levels=3)
        stack = -(-(IMAGE + len(self.bytes) + _STACK_BYTES) // (1 << 20)) << 20
        self.megabytes = stack >> 20
        lists = (ALIAS + IMAGE + table, len(calls), ALIAS + stack, ALIAS + IMAGE + list_, len(written))
        self.bytes[: HEADER.size] = HEADER.pack(IMAGE + self.root, stack, *lists, ALIAS + IMAGE + PAGE)

    def _add(self, content: bytes | bytearray) -> int:
        self.bytes += bytes(-len(self.bytes) % PAGE)
        self.bytes += content
        return len(self.bytes) - len(content)

    def _map(self, address: int, place: int, flags: int, *, levels: int = 4) -> int:
        """Put memory at an address; gives where the entry is that says so."""
        table = at = self.root
        for level in range(levels):
            at = table + 8 * (address >> 39 - 9 * level & 511)
            entry = int.from_bytes(self.bytes[at : at + 8], "little")
            if level == levels - 1:
                entry = place | flags | _PRESENT
            elif not entry:
                entry = IMAGE + self._add(bytes(PAGE)) | _WRITABLE | _PRESENT
            self.bytes[at : at + 8] = entry.to_bytes(8, "little")
            table = (entry & ~(PAGE - 1)) - IMAGE
        return ALIAS + IMAGE + at

    def _add_detours(self, m: Memory) -> list[int]:
        """Put what instructions of the code become behind it, where nothing else is; gives the pages."""
        code = ctypes.string_at(m.low, m.high - m.low)
        found = list(far_indices(code))
        if not found:
            return []
        count = -(-(SAVED_BYTES + DETOUR_BYTES * len(found)) // PAGE)
        page = m.pages.stop
        while any(page + k in self.places for k in range(count)):
            page += 1
        text = bytearray(SAVED_BYTES)
        for begin, end in found:
            place = page * PAGE + len(text)
            self._patch(m.low + begin, jump(m.low + begin, place).ljust(end - begin, b"\xcc"))
            text += detour(code[begin:end], place, m.low + end, page * PAGE)
        text += bytes(-len(text) % PAGE)
        for k in range(count):
            self.places[page + k] = self._add(text[k * PAGE : (k + 1) * PAGE])
        return list(range(page, page + count))

    def _patch(self, address: int, code: bytes) -> None:
        for k, byte in enumerate(code):
            page, at = divmod(address + k, PAGE)
            self.bytes[self.places[page] + at] = byte


def _run(machine: _Machine) -> dict[int, bytearray]:
    """The pages that calls have changed."""
    with tempfile.TemporaryDirectory() as folder:
        settings = f"megs: {machine.megabytes}{_SETTINGS}".encode()
        for name, content in (("rom", rom()), ("image", machine.bytes), ("settings", settings)):
            with open(os.path.join(folder, name), "wb") as f:
                f.write(content)
        command = ["bochs", "-q", "-f", "settings"]
        # It may be built with a debugger, which has to be told to go on.
        done = subprocess.run(command, cwd=folder, input=b"c\n", capture_output=True, timeout=600, check=False)
        changed = _changed(machine, done.stdout)
        if changed is None:
            raise RuntimeError(f"the emulated machine has failed:\n{_said(folder, done.stderr)}")
        return changed


def _changed(machine: _Machine, output: bytes) -> dict[int, bytearray] | None:
    """The pages in what the machine has written; None where that has no end."""
    at = output.find(BEGIN)
    if at < 0:
        at = output.find(FAULT)
        if at >= 0:
            raise RuntimeError(_fault(machine, *STATE.unpack_from(output, at + len(FAULT))))
        return None
    at += len(BEGIN)
    changed: dict[int, bytearray] = {}
    while at + 8 <= len(output):
        (entry,) = struct.unpack_from("<Q", output, at)
        if not entry:
            return changed
        changed[machine.page_of[entry]] = bytearray(output[at + 8 : at + 8 + PAGE])
        at += 8 + PAGE
    return None


def _fault(machine: _Machine, address: int, vector: int, *pushed: int) -> str:
    error, place = pushed[:2] if vector in WITH_ERROR else (0, pushed[0])
    code = ctypes.string_at(place, 15).hex(" ") if place // PAGE in machine.places else "other code"
    return f"the emulated code faults: vector {vector}, error {error}, at {place:#x} ({code}), CR2 {address:#x}"


def _said(folder: str, errors: bytes) -> str:
    path = os.path.join(folder, "log")
    if not os.path.exists(path):
        return errors.decode(errors="replace")
    with open(path, errors="replace") as f:
        return "".join(f.readlines()[-40:])
