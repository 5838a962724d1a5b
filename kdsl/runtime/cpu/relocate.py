"""What each relocation type writes, as tables: one for x86-64, one for AArch64.

One idea: a relocation is a row, (bytes it patches, function of the value and the place); linking is one loop over
rows. Sources: System V psABI x86-64 1.0, table 4.9; ELF for the Arm 64-bit Architecture (IHI 0056), section 5.7.
In the tables s is the symbol's address plus the addend, p the place's address, g the address of the symbol's slot in
the table of addresses (GOT) plus the addend, w the word that is there already.
"""

from __future__ import annotations

from collections.abc import Callable

from .elf import AARCH64, X86_64

__all__ = ["TABLES", "OutOfRange", "Patch", "stub"]

Patch = Callable[[int, int, int, int], int]  # (s, p, g, w) -> the new word
_MASK64 = (1 << 64) - 1


class OutOfRange(Exception):
    """The value does not fit the field."""


def _fits(value: int, bits: int) -> int:
    if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise OutOfRange
    return value


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _s32(value: int) -> int:
    return _fits(value, 32) & 0xFFFFFFFF


def _u32(value: int) -> int:
    if not 0 <= value < 1 << 32:
        raise OutOfRange
    return value


def _page(address: int) -> int:
    return address & ~0xFFF


def _branch26(s: int, p: int, g: int, w: int) -> int:
    del g
    if (s - p) & 3:
        raise OutOfRange
    return (w & 0xFC000000) | ((_fits(s - p, 28) >> 2) & 0x03FFFFFF)


def _adr21(pages: int, w: int) -> int:
    _fits(pages, 21)
    return (w & 0x9F00001F) | ((pages & 3) << 29) | (((pages >> 2) & 0x7FFFF) << 5)


def _lo12(address: int, w: int, scale: int) -> int:
    low = address & 0xFFF
    if low & ((1 << scale) - 1):
        raise OutOfRange
    return (w & 0xFFC003FF) | ((low >> scale) << 10)


def _ldst(scale: int) -> tuple[int, Patch]:
    return 4, lambda s, p, g, w: _lo12(s, w, scale)


_X86: dict[int, tuple[str, int, Patch]] = {
    0: ("R_X86_64_NONE", 0, lambda s, p, g, w: w),
    1: ("R_X86_64_64", 8, lambda s, p, g, w: s & _MASK64),
    2: ("R_X86_64_PC32", 4, lambda s, p, g, w: _s32(s - p)),
    4: ("R_X86_64_PLT32", 4, lambda s, p, g, w: _s32(s - p)),
    9: ("R_X86_64_GOTPCREL", 4, lambda s, p, g, w: _s32(g - p)),
    10: ("R_X86_64_32", 4, lambda s, p, g, w: _u32(s)),
    11: ("R_X86_64_32S", 4, lambda s, p, g, w: _s32(_signed(s & _MASK64))),
    24: ("R_X86_64_PC64", 8, lambda s, p, g, w: (s - p) & _MASK64),
    41: ("R_X86_64_GOTPCRELX", 4, lambda s, p, g, w: _s32(g - p)),
    42: ("R_X86_64_REX_GOTPCRELX", 4, lambda s, p, g, w: _s32(g - p)),
}
_ARM: dict[int, tuple[str, int, Patch]] = {
    0: ("R_AARCH64_NONE", 0, lambda s, p, g, w: w),
    257: ("R_AARCH64_ABS64", 8, lambda s, p, g, w: s & _MASK64),
    260: ("R_AARCH64_PREL64", 8, lambda s, p, g, w: (s - p) & _MASK64),
    261: ("R_AARCH64_PREL32", 4, lambda s, p, g, w: _s32(s - p)),
    275: ("R_AARCH64_ADR_PREL_PG_HI21", 4, lambda s, p, g, w: _adr21((_page(s) - _page(p)) >> 12, w)),
    277: ("R_AARCH64_ADD_ABS_LO12_NC", 4, lambda s, p, g, w: _lo12(s, w, 0)),
    278: ("R_AARCH64_LDST8_ABS_LO12_NC", *_ldst(0)),
    282: ("R_AARCH64_JUMP26", 4, _branch26),
    283: ("R_AARCH64_CALL26", 4, _branch26),
    284: ("R_AARCH64_LDST16_ABS_LO12_NC", *_ldst(1)),
    285: ("R_AARCH64_LDST32_ABS_LO12_NC", *_ldst(2)),
    286: ("R_AARCH64_LDST64_ABS_LO12_NC", *_ldst(3)),
    299: ("R_AARCH64_LDST128_ABS_LO12_NC", *_ldst(4)),
    311: ("R_AARCH64_ADR_GOT_PAGE", 4, lambda s, p, g, w: _adr21((_page(g) - _page(p)) >> 12, w)),
    312: ("R_AARCH64_LD64_GOT_LO12_NC", 4, lambda s, p, g, w: _lo12(g, w, 3)),
}
TABLES = {X86_64: _X86, AARCH64: _ARM}
_STUBS = {
    X86_64: b"\xff\x25\x02\0\0\0\x0f\x0b",  # jmp *2(%rip); ud2: the address is in the 8 bytes that follow
    AARCH64: b"\x50\0\0\x58\0\x02\x1f\xd6",  # ldr x16, #8; br x16 (x16 is the psABI's scratch register for veneers)
}


def stub(machine: int, address: int) -> bytes:
    """16 bytes of code that jump to `address`, wherever it is."""
    return _STUBS[machine] + address.to_bytes(8, "little")
