"""Reading a relocatable ELF64 object: sections, symbols and relocations, with every offset checked.

One idea: an object file comes from a disk cache that anyone may have damaged, so nothing in here trusts a number it
reads; whatever does not fit is a `DeviceError`, never a crash. Field layouts: System V gABI, chapters 4 and 5.
"""

from __future__ import annotations

import struct

from ...diagnostics import DeviceError

__all__ = ["AARCH64", "CALLS", "GOT", "NAMES", "X86_64", "Elf", "Section", "Symbol"]

X86_64, AARCH64 = 62, 183
NAMES = {X86_64: "x86-64", AARCH64: "AArch64"}
SYMTAB, RELA, NOBITS, REL = 2, 4, 8, 9  # sh_type
WRITE, ALLOC, EXEC, TLS = 1, 2, 4, 0x400  # sh_flags
UNDEFINED, ABSOLUTE, COMMON = 0, 0xFFF1, 0xFFF2  # st_shndx
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELA = struct.Struct("<QQq")
# Relocations of this value read the address table; the link gives their symbols a slot in it.
GOT = {X86_64: {9, 41, 42}, AARCH64: {311, 312}}
# Branches: a symbol outside the object is reached through a stub, because libm may be further away than they reach.
CALLS = {X86_64: {4}, AARCH64: {282, 283}}
_LIMIT_BYTES = 1 << 30  # no kernel comes near; a larger section is a damaged header


def damaged(why: str) -> DeviceError:
    return DeviceError(f"the compiled code is damaged: {why}\n  = help: clear the cache with `kdsl cache clear`")


class Section:
    """One section header. `offset` / `size` lie inside the file unless `kind` is NOBITS."""

    __slots__ = ("align", "entry_size", "flags", "info", "kind", "link", "name", "offset", "size")

    def __init__(self, fields: tuple[int, ...]) -> None:
        _, self.kind, self.flags, _, self.offset, self.size, self.link, self.info, self.align, self.entry_size = fields
        self.name = ""


class Symbol:
    """One symbol. `section` is a section index, or UNDEFINED, ABSOLUTE, COMMON."""

    __slots__ = ("binding", "kind", "name", "section", "size", "value")

    def __init__(self, name: str, info: int, section: int, value: int, size: int) -> None:
        self.name = name
        self.binding = info >> 4  # 0 local, 1 global, 2 weak
        self.kind = info & 15  # 6 is thread local
        self.section = section
        self.value = value
        self.size = size


class Elf:
    """A parsed object. `relocations` holds (section index, offset, type, symbol index, addend)."""

    __slots__ = ("data", "machine", "relocations", "sections", "symbols")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.machine = 0
        self.sections = self._read_sections()
        self.symbols = self._read_symbols()
        self.relocations = self._read_relocations()

    def _read_sections(self) -> list[Section]:
        data = self.data
        if len(data) < _HEADER.size or data[:4] != b"\x7fELF":
            raise damaged("it is not an ELF file")
        ident, kind, machine, _, _, _, at, _, _, _, _, size, count, names_index = _HEADER.unpack_from(data)
        if ident[4] != 2 or ident[5] != 1 or kind != 1:
            raise damaged("it is not a 64-bit little-endian relocatable object")
        if machine not in (X86_64, AARCH64):
            raise DeviceError(f"the compiled code is for ELF machine {machine}; this loader knows x86-64 and AArch64")
        self.machine = machine
        if size != _SECTION.size or at + count * size > len(data):
            raise damaged("the section table does not fit the file")
        sections = [Section(_SECTION.unpack_from(data, at + i * size)) for i in range(count)]
        for s in sections:
            _check_section(s, len(data))
        if names_index >= count:
            raise damaged("the section names are missing")
        for i, s in enumerate(sections):
            s.name = self._string(
                sections[names_index], int.from_bytes(data[at + i * size : at + i * size + 4], "little")
            )
        return sections

    def _string(self, table: Section, offset: int) -> str:
        if offset >= table.size or table.kind == NOBITS:
            raise damaged("a name lies outside its table")
        end = self.data.find(b"\0", table.offset + offset, table.offset + table.size)
        if end < 0:
            raise damaged("a name has no end")
        return self.data[table.offset + offset : end].decode("utf-8", "replace")

    def _read_symbols(self) -> list[Symbol]:
        table = next((s for s in self.sections if s.kind == SYMTAB), None)
        if table is None:
            raise damaged("it has no symbols")
        if table.link >= len(self.sections):
            raise damaged("the symbol names are missing")
        names = self.sections[table.link]
        body = self.data[table.offset : table.offset + table.size // _SYMBOL.size * _SYMBOL.size]
        out = []
        for name, info, _, section, value, size in _SYMBOL.iter_unpack(body):
            defined = section not in (UNDEFINED, ABSOLUTE, COMMON)
            if defined and (section >= len(self.sections) or value > self.sections[section].size):
                raise damaged("a symbol lies outside its section")
            if section == COMMON and size > _LIMIT_BYTES:
                raise damaged("a symbol is too large")
            out.append(Symbol(self._string(names, name) if name else "", info, section, value, size))
        return out

    def _read_relocations(self) -> list[tuple[int, int, int, int, int]]:
        out = []
        for s in self.sections:
            if s.kind not in (RELA, REL):
                continue
            if s.info >= len(self.sections):
                raise damaged("a relocation table belongs to no section")
            target = self.sections[s.info]
            if not target.flags & ALLOC or not target.size or target.name == ".eh_frame":
                continue
            if s.kind == REL:
                raise damaged("it uses REL relocations, which neither machine has")
            body = self.data[s.offset : s.offset + s.size // _RELA.size * _RELA.size]
            for offset, info, addend in _RELA.iter_unpack(body):
                if offset >= target.size or info >> 32 >= len(self.symbols):
                    raise damaged("a relocation lies outside its section")
                out.append((s.info, offset, info & 0xFFFFFFFF, info >> 32, addend))
        return out


def _check_section(s: Section, file_bytes: int) -> None:
    if s.size > _LIMIT_BYTES or (s.kind not in (0, NOBITS) and s.offset + s.size > file_bytes):
        raise damaged("a section lies outside the file")
    if s.align & (s.align - 1) or s.align > 4096:
        raise damaged("a section has an impossible alignment")
    if s.flags & ALLOC and s.flags & TLS:
        raise DeviceError("the compiled code uses thread-local variables, which the loader does not support")
