"""Small changes to relocatable objects, and small objects of our own.

One idea: a symbol's name is an offset into a table that may grow, so a symbol is renamed by appending to the file; and what no
LLVM intrinsic says (which instructions a processor has) is a dozen bytes of code, which need no assembler.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from ..diagnostics import InternalError
from ..runtime.cpu.elf import SYMTAB, UNDEFINED, X86_64

__all__ = ["CPUID", "code_object", "renamed"]

_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_EHDR = struct.Struct("<16sHHIQQQIHHHHHH")

# void kdsl_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4]); uint64_t kdsl_xgetbv(void);
# Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2: CPUID, XGETBV; arguments as in the psABI, 3.2.3.
CPUID = {
    "kdsl_cpuid": bytes.fromhex(
        "53"  # push rbx
        "4989d0 89f8 89f1 0fa2"  # mov r8, rdx; mov eax, edi; mov ecx, esi; cpuid
        "418900 41895804 41894808 4189500c"  # mov [r8], eax; [r8+4], ebx; [r8+8], ecx; [r8+12], edx
        "5b c3"  # pop rbx; ret
    ),
    "kdsl_xgetbv": bytes.fromhex(
        "31c9 0f01d0 48c1e220 4809d0 c3"
    ),  # xor ecx, ecx; xgetbv; shl rdx, 32; or rax, rdx; ret
}


def renamed(data: bytes, names: Mapping[str, str]) -> bytes:
    """The object with global symbols called otherwise. Every one that it defines must be among them."""
    header = _EHDR.unpack_from(data)
    at, count = header[6], header[12]
    sections = [list(_SECTION.unpack_from(data, at + i * _SECTION.size)) for i in range(count)]
    symbols = next(s for s in sections if s[1] == SYMTAB)
    strings = sections[symbols[6]]
    table = bytearray(data[strings[4] : strings[4] + strings[5]])
    out = bytearray(data)
    for place in range(symbols[4], symbols[4] + symbols[5], _SYMBOL.size):
        name_at, info, other, section, value, size = _SYMBOL.unpack_from(data, place)
        if not info >> 4:
            continue
        name = bytes(table[name_at : table.index(0, name_at)]).decode()
        if name not in names:
            if section != UNDEFINED:
                raise InternalError(f"the object defines {name}, which was not expected", where="native")
            continue
        _SYMBOL.pack_into(out, place, len(table), info, other, section, value, size)
        table += names[name].encode() + b"\0"
    strings[4], strings[5] = len(out), len(table)
    out += table
    _SECTION.pack_into(out, at + symbols[6] * _SECTION.size, *strings)
    return bytes(out)


def code_object(functions: Mapping[str, bytes]) -> bytes:
    """An x86-64 object of functions that refer to nothing."""
    text, places = bytearray(), []
    for body in functions.values():
        text += b"\x90" * (-len(text) % 16)
        places.append(len(text))
        text += body
    names = b"\0.text\0.symtab\0.strtab\0.note.GNU-stack\0"
    rows = [_SYMBOL.pack(0, 0, 0, 0, 0, 0)]
    for (name, body), place in zip(functions.items(), places, strict=True):
        rows.append(_SYMBOL.pack(len(names), 1 << 4 | 2, 0, 1, place, len(body)))
        names += name.encode() + b"\0"
    symbols = b"".join(rows)
    text += bytes(-len(text) % 16)
    text_at = 64
    symbols_at = text_at + len(text)
    names_at = symbols_at + len(symbols)
    end = names_at + len(names)
    table_at = -(-end // 8) * 8
    sections = [
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        (names.index(b".text"), 1, 6, 0, text_at, len(text), 0, 0, 16, 0),
        (names.index(b".symtab"), 2, 0, 0, symbols_at, len(symbols), 3, 1, 8, _SYMBOL.size),
        (names.index(b".strtab"), 3, 0, 0, names_at, len(names), 0, 0, 1, 0),
        (names.index(b".note"), 1, 0, 0, end, 0, 0, 0, 1, 0),
    ]
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = _EHDR.pack(ident, 1, X86_64, 1, 0, 0, table_at, 0, 64, 0, 0, _SECTION.size, len(sections), 3)
    body = header + bytes(text) + symbols + names
    return body + bytes(table_at - end) + b"".join([_SECTION.pack(*s) for s in sections])
