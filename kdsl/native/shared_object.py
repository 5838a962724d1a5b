"""Shared libraries: an ELF shared object out of relocatable ones, for x86-64 and AArch64 Linux.

One idea: nothing is lazy. Every import has a word in the table of addresses, filled when the library is loaded, and a stub
that jumps through it; every other reference is relative to the code. So there is one relocation table with three kinds of rows.
Sources: System V gABI, chapters 4 and 5; psABI x86-64 1.0 and ELF for the Arm 64-bit Architecture (IHI 0056).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from ..diagnostics import InternalError
from ..runtime.cpu.elf import AARCH64, CALLS, NAMES, NOBITS, X86_64
from ..runtime.cpu.relocate import TABLES, OutOfRange
from .symbols import ABSOLUTE_WORD, BSS, CODE, CONSTANT, DATA, ENDS, Joined

__all__ = ["write_shared_object"]

_PAGE = {X86_64: 4096, AARCH64: 65536}  # AArch64 kernels may have pages of 64 KiB
_STUB_BYTES = 16
_READ, _WRITE, _EXEC = 4, 2, 1
_LOAD, _DYNAMIC, _STACK = 1, 2, 0x6474E551
_EHDR, _PHDR, _SHDR = struct.Struct("<16sHHIQQQIHHHHHH"), struct.Struct("<IIQQQQQQ"), struct.Struct("<IIQQQQIIQQ")
_SYM, _RELA, _DYN = struct.Struct("<IBBHQQ"), struct.Struct("<QQq"), struct.Struct("<QQ")
# Dynamic relocations: (address of the library plus addend, address of a symbol in the table, address of a symbol plus addend).
_DYNAMIC_KINDS = {X86_64: (8, 6, 1), AARCH64: (1027, 1025, 257)}
# d_tag
_NEEDED, _HASH, _STRTAB, _SYMTAB, _RELA_TAG, _RELASZ, _RELAENT, _STRSZ, _SYMENT, _SONAME, _FINI, _FINISZ, _FLAGS = (
    1, 4, 5, 6, 7, 8, 9, 10, 11, 14, 26, 28, 30)  # fmt: skip
_FIXED_TAGS = 13
_BIND_NOW = 8


@dataclass(slots=True)
class _Part:
    """A run of the file that is loaded with one set of rights. memory_bytes is more than its data at the end of writable data."""

    rights: int
    data: bytearray
    memory_bytes: int
    address: int = 0
    offset: int = 0


def write_shared_object(
    objects: Sequence[bytes], soname: str, exports: Sequence[str], needed: Sequence[str] = ("libc.so.6",)
) -> bytes:
    """A shared library that offers the functions `exports` of the objects, and asks for the rest in `needed`."""
    joined = Joined(objects)
    missing = [name for name in exports if name not in joined.defined]
    if missing:
        raise InternalError(f"nothing defines {missing[0]}", where="native")
    return _Library(joined, soname, sorted(exports), needed).write()


class _Library:
    def __init__(self, joined: Joined, soname: str, exports: list[str], needed: Sequence[str]) -> None:
        self.joined = joined
        self.machine = joined.machine
        self.exports = exports
        self.strings = _Strings()
        self.soname = self.strings.add(soname)
        self.needed = [self.strings.add(name) for name in needed]
        self.names = [*joined.imports, *exports]
        self.name_at = [self.strings.add(name) for name in self.names]
        self.relocations: list[tuple[int, int, int]] = []
        code, data = joined.runs[CODE], joined.runs[DATA]
        self.stubs = code.extend(_STUB_BYTES * len(joined.imports))
        self.table = data.extend(8 * len(joined.slots))
        # Functions to call at the end lie in one row; they are words like any other, and the dynamic linker is told where.
        ends = joined.runs[ENDS]
        self.ends = data.extend(ends.size_bytes, 8)
        self.dynamic_bytes = _DYN.size * (_FIXED_TAGS + len(self.needed))
        self.dynamic = data.extend(self.dynamic_bytes)
        # How many rows the relocation table has does not depend on any address.
        kinds = [kind for o in joined.objects for _, _, kind, _, _ in o.relocations]
        self.rows = len(joined.slots) + kinds.count(ABSOLUTE_WORD[self.machine])

    def write(self) -> bytes:
        parts = self.layout()
        self.fill(parts)
        head = parts[0].data
        self.dynamic_section(parts[3])
        assert len(self.relocations) == self.rows
        for n, row in enumerate(sorted(self.relocations)):
            _RELA.pack_into(head, self.rela_at + n * _RELA.size, *row)
        self.symbol_table(head)
        return self.file(parts)

    # --- where everything lies ---

    def layout(self) -> list[_Part]:
        """The head of the file (what the dynamic linker reads), code, constants, writable data."""
        runs = self.joined.runs
        segments = 6
        at = _EHDR.size + segments * _PHDR.size
        self.hash_at = at
        buckets = max(len(self.names) // 2, 1)
        self.hash_bytes = 4 * (2 + buckets + len(self.names) + 1)
        at += -(-self.hash_bytes // 8) * 8
        self.symbols_at, at = at, at + _SYM.size * (len(self.names) + 1)
        self.strings_at, at = at, at + -(-len(self.strings.data) // 8) * 8
        self.rela_at, at = at, at + _RELA.size * self.rows
        sizes = [at, runs[CODE].size_bytes, runs[CONSTANT].size_bytes, runs[DATA].size_bytes]
        rights = [_READ, _READ | _EXEC, _READ, _READ | _WRITE]
        parts = [_Part(r, bytearray(n), n) for r, n in zip(rights, sizes, strict=True)]
        page, offset, address = _PAGE[self.machine], 0, 0
        for part in parts:
            offset = -(-offset // 64) * 64
            address = -(-address // page) * page + offset % page
            part.offset, part.address = offset, address
            offset += len(part.data)
            address += len(part.data)
        for run, part in zip((CODE, CONSTANT, DATA), parts[1:], strict=True):
            runs[run].address = part.address
        runs[ENDS].address = parts[3].address + self.ends
        runs[BSS].address = -(-address // 64) * 64
        parts[3].memory_bytes = runs[BSS].address + runs[BSS].size_bytes - parts[3].address
        return parts

    # --- what is in it ---

    def fill(self, parts: list[_Part]) -> None:
        joined = self.joined
        for run, part in (*zip((CODE, CONSTANT, DATA), parts[1:], strict=True), (ENDS, parts[3])):
            first = joined.runs[run].address - part.address
            for (i, k), at in joined.runs[run].at.items():
                section = joined.objects[i].sections[k]
                if section.kind != NOBITS:
                    data = joined.objects[i].data[section.offset : section.offset + section.size]
                    part.data[first + at : first + at + section.size] = data
        self.fill_table()
        for n, name in enumerate(joined.imports):
            at = self.stubs + n * _STUB_BYTES
            place = parts[1].address + at
            parts[1].data[at : at + _STUB_BYTES] = _stub(self.machine, place, self.slot_address(name))
        for i, o in enumerate(joined.objects):
            for section, offset, kind, symbol, addend in o.relocations:
                self.relocate(parts, i, section, offset, kind, symbol, addend)

    def slot_address(self, slot: str | tuple[int, int]) -> int:
        return self.joined.runs[DATA].address + self.table + 8 * self.joined.slots[slot]

    def fill_table(self) -> None:
        relative, in_table, _ = _DYNAMIC_KINDS[self.machine]
        for slot in self.joined.slots:
            place = self.slot_address(slot)
            if isinstance(slot, str):
                self.relocations.append((place, self.import_number(slot) << 32 | in_table, 0))
            else:
                self.relocations.append((place, relative, self.joined.address(slot)))

    def import_number(self, name: str) -> int:
        return 1 + self.joined.imports.index(name)

    def relocate(
        self, parts: list[_Part], i: int, section: int, offset: int, kind: int, symbol: int, addend: int
    ) -> None:
        joined, machine = self.joined, self.machine
        run = next(r for r in (CODE, CONSTANT, DATA, ENDS) if (i, section) in joined.runs[r].at)
        part = parts[1 + min(run, DATA)]
        place, means = joined.runs[run].address + joined.runs[run].at[i, section] + offset, joined.meaning(i, symbol)
        at = place - part.address
        relative, _, absolute = _DYNAMIC_KINDS[machine]
        if kind == ABSOLUTE_WORD[machine]:
            if isinstance(means, str):
                self.relocations.append((place, self.import_number(means) << 32 | absolute, addend))
            else:
                self.relocations.append((place, relative, joined.address(means) + addend))
            return
        name, size, patch = TABLES[machine][kind]
        if isinstance(means, str):
            if kind not in CALLS[machine] and means not in joined.slots:
                raise InternalError(f"{name} of {means}, which is not in the library", where="native")
            value = joined.runs[CODE].address + self.stubs + joined.imports.index(means) * _STUB_BYTES
        else:
            value = joined.address(means)
        slot = self.slot_address(means) + addend if means in joined.slots else 0
        word = int.from_bytes(part.data[at : at + size], "little")
        try:
            new = patch(value + addend, place, slot, word)
        except OutOfRange:
            raise InternalError(f"{name} does not reach its target on {NAMES[machine]}", where="native") from None
        part.data[at : at + size] = new.to_bytes(size, "little")

    # --- what the dynamic linker reads ---

    def dynamic_section(self, part: _Part) -> None:
        ends = self.joined.runs[ENDS]
        rows = [*[(_NEEDED, at) for at in self.needed], (_SONAME, self.soname),
                (_HASH, self.hash_at), (_STRTAB, self.strings_at), (_SYMTAB, self.symbols_at),
                (_STRSZ, len(self.strings.data)), (_SYMENT, _SYM.size),
                (_RELA_TAG, self.rela_at), (_RELASZ, _RELA.size * self.rows), (_RELAENT, _RELA.size),
                *([(_FINI, ends.address), (_FINISZ, ends.size_bytes)] if ends.size_bytes else []),
                (_FLAGS, _BIND_NOW), (0, 0)]  # fmt: skip
        for n, row in enumerate(rows):
            _DYN.pack_into(part.data, self.dynamic + n * _DYN.size, *row)

    def symbol_table(self, head: bytearray) -> None:
        joined = self.joined
        for n, (name, at) in enumerate(zip(self.names, self.name_at, strict=True), 1):
            row = (at, 1 << 4, 0, 0, 0, 0)  # a global of no type, undefined
            if n > len(joined.imports):
                where = joined.defined[name]
                s = joined.symbol(where)
                row = (
                    at,
                    1 << 4 | s.kind,
                    0,
                    _SECTION_OF_CODE if s.kind == 2 else _SECTION_OF_DATA,
                    joined.address(where),
                    s.size,
                )
            _SYM.pack_into(head, self.symbols_at + n * _SYM.size, *row)
        head[self.strings_at : self.strings_at + len(self.strings.data)] = self.strings.data
        head[self.hash_at : self.hash_at + self.hash_bytes] = _hash_table(self.names)

    # --- the file ---

    def file(self, parts: list[_Part]) -> bytes:
        # A run without bytes is no segment: not every loader takes an empty one.
        page, data, size = _PAGE[self.machine], parts[3], self.dynamic_bytes
        headers = [(_LOAD if p.memory_bytes else 0, p.rights, p.offset, p.address, p.address, len(p.data), p.memory_bytes, page)
                   for p in parts]  # fmt: skip
        offset, address = data.offset + self.dynamic, data.address + self.dynamic
        headers += [(_DYNAMIC, _READ | _WRITE, offset, address, address, size, size, 8),
                    (_STACK, _READ | _WRITE, 0, 0, 0, 0, 0, 16)]  # fmt: skip
        out = bytearray(parts[-1].offset + len(parts[-1].data))
        for p in parts:
            out[p.offset : p.offset + len(p.data)] = p.data
        sections, names = self.sections(parts, len(out))
        out += names
        out += bytes(-len(out) % 8)
        ident = b"\x7fELF\x02\x01\x01" + bytes(9)
        _EHDR.pack_into(out, 0, ident, 3, self.machine, 1, 0, _EHDR.size, len(out), 0, _EHDR.size, _PHDR.size, len(headers),
                        _SHDR.size, len(sections), len(sections) - 1)  # fmt: skip
        for n, header in enumerate(headers):
            _PHDR.pack_into(out, _EHDR.size + n * _PHDR.size, *header)
        return bytes(out) + b"".join([_SHDR.pack(*s) for s in sections])

    def sections(self, parts: list[_Part], names_at: int) -> tuple[list[tuple[int, ...]], bytes]:
        """Section headers (linkers find symbols by them, debuggers code), and their names, which lie at `names_at`."""
        _, code, constant, data = parts
        names, dynamic, bss = _Strings(), self.dynamic, self.joined.runs[BSS]
        # name, type, flags, address, offset, size, link, info, align, entry size
        rows = [
            ("", 0, 0, 0, 0, 0, 0, 0, 0, 0),
            (".hash", 5, 2, self.hash_at, self.hash_at, self.hash_bytes, 2, 0, 8, 4),
            (".dynsym", 11, 2, self.symbols_at, self.symbols_at, _SYM.size * (len(self.names) + 1), 3, 1, 8, _SYM.size),
            (".dynstr", 3, 2, self.strings_at, self.strings_at, len(self.strings.data), 0, 0, 1, 0),
            (".rela.dyn", 4, 2, self.rela_at, self.rela_at, _RELA.size * self.rows, 2, 0, 8, _RELA.size),
            (".text", 1, 6, code.address, code.offset, len(code.data), 0, 0, 64, 0),
            (".rodata", 1, 2, constant.address, constant.offset, len(constant.data), 0, 0, 64, 0),
            (".data", 1, 3, data.address, data.offset, dynamic, 0, 0, 64, 0),
            (".dynamic", 6, 3, data.address + dynamic, data.offset + dynamic, self.dynamic_bytes, 3, 0, 8, _DYN.size),
            (".bss", 8, 3, bss.address, data.offset + len(data.data), bss.size_bytes, 0, 0, 64, 0),
            (".shstrtab", 3, 0, 0, names_at, 0, 0, 0, 1, 0),
        ]
        assert rows[_SECTION_OF_CODE][0] == ".text" and rows[_SECTION_OF_DATA][0] == ".data"
        numbers = [names.add(row[0]) for row in rows]
        rows[-1] = (*rows[-1][:5], len(names.data), *rows[-1][6:])
        return [(number, *row[1:]) for number, row in zip(numbers, rows, strict=True)], bytes(names.data)


_SECTION_OF_CODE, _SECTION_OF_DATA = 5, 7


class _Strings:
    """A table of names that end in a zero; the first is empty."""

    def __init__(self) -> None:
        self.data = bytearray(b"\0")
        self._at: dict[str, int] = {"": 0}

    def add(self, text: str) -> int:
        if text not in self._at:
            self._at[text] = len(self.data)
            self.data += text.encode() + b"\0"
        return self._at[text]


def _stub(machine: int, place: int, slot: int) -> bytes:
    """Code at `place` that jumps to the address in `slot`."""
    if machine == X86_64:  # jmp *slot(%rip), and what must not be reached
        return b"\xff\x25" + (slot - (place + 6)).to_bytes(4, "little", signed=True) + b"\x0f\x0b" * 5
    pages = (slot >> 12) - (place >> 12)
    adrp = 0x90000010 | (pages & 3) << 29 | (pages >> 2 & 0x7FFFF) << 5  # adrp x16, slot
    load = 0xF9400211 | (slot >> 3 & 0x1FF) << 10  # ldr x17, [x16, low 12 bits of slot]
    return struct.pack("<4I", adrp, load, 0xD61F0220, 0xD4200000)  # br x17; brk #0


def _hash_table(names: Sequence[str]) -> bytes:
    """DT_HASH of the symbols 1, 2, ... with these names (gABI, chapter 5, Hash Table)."""
    buckets = max(len(names) // 2, 1)
    heads, chains = [0] * buckets, [0] * (len(names) + 1)
    for n, name in enumerate(names, 1):
        bucket = _hash(name) % buckets
        chains[n], heads[bucket] = heads[bucket], n
    return struct.pack(f"<{2 + buckets + len(chains)}I", buckets, len(chains), *heads, *chains)


def _hash(name: str) -> int:
    h = 0
    for byte in name.encode():
        h = (h << 4) + byte
        high = h & 0xF0000000
        h = (h ^ high >> 24) & ~high & 0xFFFFFFFF
    return h
