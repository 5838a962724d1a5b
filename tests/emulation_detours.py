"""Gathers and scatters for `emulation_avx512`, whose processor takes some of them for undefined.

One idea: bochs (2.7, and still in 2025) reads EVEX.V' of an instruction whose indices are in one of the registers 16 to 31 as a
part of vvvv, which must be 0. Each becomes a jump to code that puts the indices into another register, and back.
Encodings: Intel SDM volume 2, sections 2.3.12 (VSIB) and 2.7 (EVEX).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

__all__ = ["DETOUR_BYTES", "SAVED_BYTES", "detour", "far_indices", "jump"]

DETOUR_BYTES = 64
SAVED_BYTES = 64  # memory that every detour saves a register in
# P0, P1 (vvvv is 1111, pp is 01), P2 (V' set, no rounding, no zeroing), opcode, ModRM
_FAR_INDEX = re.compile(rb"\x62[\x02-\xf2][\x7d\xfd][\x01-\x07\x20-\x27\x40-\x47][\x90-\x93\xa0-\xa3].", re.DOTALL)


def far_indices(code: bytes) -> Iterator[tuple[int, int]]:
    """Where such instructions begin, and end."""
    for found in _FAR_INDEX.finditer(code):
        at, modrm = found.start(), found.group()[5]
        if code[at + 1] & 0xF == 2 and code[at + 3] & 7 and modrm & 7 == 4 and modrm >> 6 != 3:
            has_no_base = modrm >> 6 == 0 and code[at + 6] & 7 == 5
            yield at, at + 7 + (4 if has_no_base else (0, 1, 4)[modrm >> 6])


def detour(code: bytes, place: int, back: int, saved: int) -> bytes:
    """The instruction with its indices in register 0 or 1, for the address `place`; then to `back`."""
    p0, p2, modrm, sib = code[1], code[3], code[5], code[6]
    index = 16 | (~p0 >> 6 & 1) << 3 | sib >> 3 & 7
    data = (~p0 >> 4 & 1) << 4 | (~p0 >> 7 & 1) << 3 | modrm >> 3 & 7
    low = 0 if data else 1

    def moved(opcode: int, at: int) -> bytes:  # vmovdqu64 between that register and memory
        return bytes([0x62, 0xF1, 0xFE, 0x48, opcode, 5 | low << 3]) + struct.pack("<i", saved - at - 10)

    out = moved(0x7F, place)
    out += bytes([0x62, 0x91 | (~index >> 3 & 1) << 5, 0xFD, 0x48, 0x6F, 0xC0 | low << 3 | index & 7])  # vmovdqa64
    out += bytes([0x62, p0 | 0x40, code[2], p2 | 8, code[4], modrm, sib & 0xC7 | low << 3]) + code[7:]
    out += moved(0x6F, place + len(out))
    return (out + jump(place + len(out), back)).ljust(DETOUR_BYTES, b"\xcc")


def jump(place: int, to: int) -> bytes:
    return b"\xe9" + struct.pack("<i", to - place - 5)
