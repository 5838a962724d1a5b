"""Loads a relocatable ELF object into this process: map, relocate, protect. No linker, no llvmlite.

One idea: linking is a pure function (object, address, symbols -> bytes), so AArch64 code is checked on any machine;
only `load` touches memory. The image has three page-aligned parts: code (with stubs for functions outside), read-only
data (with the address table), and writable data; code is never writable while it is executable.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from collections.abc import Callable

from ...diagnostics import DeviceError
from .elf import AARCH64, ABSOLUTE, ALLOC, CALLS, COMMON, EXEC, GOT, NAMES, NOBITS, UNDEFINED, WRITE, X86_64, Elf, damaged

__all__ = ["Image", "Layout", "link", "load", "resolve_symbol"]

_MASK64 = (1 << 64) - 1
_MACHINE = os.uname().machine if sys.platform == "linux" else ""
_PAGE = 65536 if _MACHINE == "aarch64" else 4096  # AArch64 kernels may use 64 KiB pages
_READ, _WRITE, _EXEC = 1, 2, 4
_PRIVATE_ANONYMOUS, _LOW_2GIB = 0x22, 0x40  # MAP_PRIVATE | MAP_ANONYMOUS, MAP_32BIT (x86-64 Linux)


def _round_up(value: int, to: int) -> int:
    return (value + to - 1) // to * to


class Layout:
    """Where everything goes, as offsets from the image's first byte."""

    __slots__ = ("addresses", "commons", "elf", "parts", "places", "size", "slots", "stubs")

    def __init__(self, elf: Elf) -> None:
        self.elf = elf
        self.places: dict[int, int] = {}  # section index -> offset
        self.stubs: dict[int, int] = {}  # symbol index -> offset of its 16-byte stub
        self.slots: dict[int, int] = {}  # symbol index -> offset of its 8-byte slot in the address table
        self.commons: dict[int, int] = {}  # symbol index -> offset
        self.parts: list[tuple[int, int, int]] = []  # (offset, size, protection)
        self.addresses: dict[str, int] = {}  # symbol name -> address, filled by `link`
        self.size = 0
        self._place()

    def _place(self) -> None:
        elf = self.elf
        used = [i for i, s in enumerate(elf.sections) if s.flags & ALLOC and s.size and s.name != ".eh_frame"]
        outside = [i for i, s in enumerate(elf.symbols) if s.section == UNDEFINED and s.name]
        code = [i for i in used if elf.sections[i].flags & EXEC]
        writable = [i for i in used if elf.sections[i].flags & WRITE and i not in code]
        constant = [i for i in used if i not in code and i not in writable]
        got = GOT[elf.machine]
        in_table = {symbol for _, _, kind, symbol, _ in elf.relocations if kind in got}

        start = self._part(code)
        self._extra(self.stubs, outside, 16)
        self._close(start, _READ | _EXEC)
        start = self._part(constant)
        self._extra(self.slots, sorted(in_table), 8)
        self._close(start, _READ)
        start = self._part(writable)
        for i, s in enumerate(elf.symbols):
            if s.section == COMMON:
                self.commons[i] = _round_up(self.size, 64)
                self.size = self.commons[i] + s.size
        self._close(start, _READ | _WRITE)

    def _part(self, sections: list[int]) -> int:
        start = self.size
        for i in sections:
            section = self.elf.sections[i]
            self.places[i] = _round_up(self.size, max(section.align, 1))
            self.size = self.places[i] + section.size
        return start

    def _extra(self, where: dict[int, int], symbols: list[int], size: int) -> None:
        self.size = _round_up(self.size, 16)
        for symbol in symbols:
            where[symbol] = self.size
            self.size += size

    def _close(self, start: int, protection: int) -> None:
        self.size = _round_up(self.size, _PAGE)
        if self.size > start:
            self.parts.append((start, self.size - start, protection))


def link(layout: Layout, base: int, resolve: Callable[[str], int], into: memoryview | None = None) -> memoryview:
    """The image as it must lie at address `base`, written to `into` (zeroed, `layout.size` bytes) or to new memory."""
    elf = layout.elf
    image = into if into is not None else memoryview(bytearray(layout.size))
    for i, at in layout.places.items():
        section = elf.sections[i]
        if section.kind != NOBITS:
            image[at : at + section.size] = elf.data[section.offset : section.offset + section.size]
    symbols = _symbol_addresses(layout, base, resolve)
    if layout.stubs:
        from .relocate import stub

        for symbol, at in layout.stubs.items():
            image[at : at + 16] = stub(elf.machine, symbols[symbol])
    for symbol, at in layout.slots.items():
        image[at : at + 8] = (symbols[symbol] & _MASK64).to_bytes(8, "little")
    _relocate(layout, base, symbols, image)
    for i, s in enumerate(elf.symbols):
        if s.binding and s.section in layout.places:
            layout.addresses[s.name] = symbols[i]
    return image


def _symbol_addresses(layout: Layout, base: int, resolve: Callable[[str], int]) -> list[int]:
    out = []
    for i, s in enumerate(layout.elf.symbols):
        if s.section == UNDEFINED:
            out.append(_outside(s.name, s.binding == 2, resolve) if s.name else 0)
        elif s.section == ABSOLUTE:
            out.append(s.value)
        elif s.section == COMMON:
            out.append(base + layout.commons[i])
        else:
            out.append(base + layout.places.get(s.section, 0) + s.value)
    return out


def _outside(name: str, may_be_missing: bool, resolve: Callable[[str], int]) -> int:
    address = resolve(name)
    if not address and not may_be_missing:
        raise DeviceError(f"the compiled code calls {name!r}, which this system's C libraries do not have")
    return address


def _relocate(layout: Layout, base: int, symbols: list[int], image: memoryview) -> None:
    elf = layout.elf
    distance = 2 if elf.machine == X86_64 else -1  # R_X86_64_PC32, which all but some are: constants in memory
    others = []
    for relocation in elf.relocations:
        section, offset, kind, symbol, addend = relocation
        if kind == distance and offset + 4 <= elf.sections[section].size:
            at = layout.places[section] + offset
            far = symbols[symbol] + addend - base - at
            if -0x80000000 <= far < 0x80000000:
                image[at : at + 4] = (far & 0xFFFFFFFF).to_bytes(4, "little")
                continue
        others.append(relocation)
    if others:
        _by_table(layout, base, symbols, image, others)


def _by_table(layout: Layout, base: int, symbols: list[int], image: memoryview,
              relocations: list[tuple[int, int, int, int, int]]) -> None:  # fmt: skip
    """Those of other kinds, which many kernels have none of, and those that are refused."""
    from .relocate import TABLES, OutOfRange

    elf = layout.elf
    table, calls = TABLES[elf.machine], CALLS[elf.machine]
    for section, offset, kind, symbol, addend in relocations:
        row = table.get(kind)
        if row is None:
            raise DeviceError(f"the compiled code has an unknown {NAMES[elf.machine]} relocation, type {kind}")
        name, size, patch = row
        if offset + size > elf.sections[section].size:
            raise damaged("a relocation lies outside its section")
        at = layout.places[section] + offset
        value = base + layout.stubs[symbol] if kind in calls and symbol in layout.stubs else symbols[symbol]
        slot = base + layout.slots.get(symbol, 0)
        word = int.from_bytes(image[at : at + size], "little")
        try:
            new = patch(value + addend, base + at, slot + addend, word)
        except OutOfRange:
            raise DeviceError(
                f"the compiled code cannot reach {elf.symbols[symbol].name!r} ({name} out of range)"
            ) from None
        image[at : at + size] = new.to_bytes(size, "little")


def resolve_symbol(name: str) -> int:
    """Address of a function or object of the C library, libm or libgcc; 0 when none has it."""
    for number in range(1 + len(_FURTHER)):
        library = _library(number)
        try:
            if library is not None:
                return ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0
        except AttributeError:
            continue
    return 0


_FURTHER = ("libm.so.6", "libgcc_s.so.1")  # libgcc: conversions of f16 and bf16 on old processors


@functools.cache
def _library(number: int) -> ctypes.CDLL | None:
    """The C library, and those behind it, each opened when it is first asked."""
    try:
        return ctypes.CDLL(_FURTHER[number - 1]) if number else _typed_libc()
    except OSError:
        return None


def _typed_libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    return libc


def _libc() -> ctypes.CDLL:
    libc = _library(0)
    assert libc is not None
    return libc


class Image:
    """Code that is loaded. `address(symbol)` is where a function starts; it holds as long as the image lives."""

    __slots__ = ("_base", "_size", "_symbols", "_unmap")

    def __init__(self, base: int, layout: Layout) -> None:
        self._base = base
        self._size = layout.size
        self._symbols = layout.addresses
        self._unmap = _libc().munmap

    def address(self, symbol: str) -> int:
        address = self._symbols.get(symbol)
        if address is None:
            known = ", ".join(sorted(self._symbols)) or "none"
            raise DeviceError(f"the compiled code does not define {symbol!r}; it defines: {known}")
        return address

    def defines(self, symbol: str) -> bool:
        return symbol in self._symbols

    def contains(self, address: int) -> bool:
        return self._base <= address < self._base + self._size

    def keep(self) -> None:
        """Never unmap: threads run in here."""
        self._size = 0

    def __del__(self) -> None:
        if getattr(self, "_size", 0):
            self._unmap(self._base, self._size)


def load(data: bytes, resolve: Callable[[str], int] = resolve_symbol) -> Image:
    """Map the object `data` into this process. Takes about 0.2 ms. `DeviceError` when that is not possible."""
    if sys.platform != "linux":
        raise DeviceError(f"kdsl loads CPU code on Linux only so far, and this is {sys.platform}")
    elf = Elf(data)
    machine = {"x86_64": X86_64, "aarch64": AARCH64}.get(_MACHINE, 0)
    if elf.machine != machine:
        raise DeviceError(f"the compiled code is for {NAMES[elf.machine]}, and this machine is {_MACHINE}")
    layout = Layout(elf)
    if not layout.size:
        raise damaged("it has no code")
    libc = _libc()
    flags = _PRIVATE_ANONYMOUS
    if machine == X86_64 and any(kind in (10, 11) for _, _, kind, _, _ in elf.relocations):
        flags |= _LOW_2GIB  # absolute 32-bit addresses: code that is not position independent
    base = libc.mmap(None, layout.size, _READ | _WRITE, flags, -1, 0)
    if base is None or base == _MASK64:
        raise DeviceError(f"no memory for compiled code ({layout.size} bytes, errno {ctypes.get_errno()})")
    image = Image(base, layout)  # from here on it is unmapped when anything fails
    link(layout, base, resolve, memoryview((ctypes.c_ubyte * layout.size).from_address(base)).cast("B"))
    if machine == AARCH64:
        _flush_instructions(base, layout.size)
    for offset, size, protection in layout.parts:
        if libc.mprotect(base + offset, size, protection):
            raise DeviceError(
                f"the system refused to make compiled code executable (errno {ctypes.get_errno()})\n"
                "  = help: a security policy (SELinux execmem, PaX) may forbid it for this process"
            )
    return image


def _flush_instructions(base: int, size: int) -> None:
    """AArch64 has no coherent instruction cache.

    libgcc exports `__clear_cache`. Where it is missing, the page table change of `mprotect` does it: Linux cleans the
    caches of a page that becomes executable for the first time (arch/arm64/mm/flush.c, __sync_icache_dcache).
    """
    address = resolve_symbol("__clear_cache")
    if address:
        ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(address)(base, base + size)
