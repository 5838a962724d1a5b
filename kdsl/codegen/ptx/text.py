"""Atoms of PTX text: register classes, type suffixes, numbers, and which version of PTX an architecture came with.

One idea: a value of the IR lives in one register of its class, integers narrower than 32 bits in a 32-bit register,
extended as their type says, so that no 16-bit integer arithmetic is ever needed.
"""

from __future__ import annotations

import struct

from ...ir import types as T

__all__ = ["ARITHMETIC", "CLASS", "MEMORY", "PREFIX", "VERSIONS", "number", "sm_of", "version_of"]

# class of registers -> (prefix of their names, type of their declaration)
PREFIX: dict[str, tuple[str, str]] = {
    "p": ("%p", "pred"),
    "h": ("%h", "b16"),
    "r": ("%r", "b32"),
    "d": ("%rd", "b64"),
    "f": ("%f", "f32"),
    "g": ("%fd", "f64"),
}

# type of the IR -> class of its register
CLASS: dict[str, str] = {
    "bool": "p",
    **dict.fromkeys(("i8", "u8", "i16", "u16", "i32", "u32"), "r"),
    **dict.fromkeys(("i64", "u64", "index"), "d"),
    "f16": "h",
    "bf16": "h",
    "f32": "f",
    "f64": "g",
}

# type of the IR -> suffix of arithmetic on its register
ARITHMETIC: dict[str, str] = {
    "bool": "pred", "i8": "s32", "u8": "u32", "i16": "s32", "u16": "u32", "i32": "s32", "u32": "u32", "i64": "s64", "u64": "u64",
    "index": "s64", "f16": "f16", "bf16": "bf16", "f32": "f32", "f64": "f64",
}  # fmt: skip

# type of the IR -> suffix of its loads and stores
MEMORY: dict[str, str] = {
    "bool": "u8", "i8": "s8", "u8": "u8", "i16": "s16", "u16": "u16", "i32": "b32", "u32": "b32", "i64": "b64", "u64": "b64",
    "index": "b64", "f16": "b16", "bf16": "b16", "f32": "f32", "f64": "f64",
}  # fmt: skip

# Compute capability -> the PTX version that a driver must know: that which first had the architecture (PTX ISA,
# "Release notes", table 54), or 6.3 for what the emitter uses of it.
VERSIONS: dict[str, tuple[int, int]] = {
    "70": (6, 3), "72": (6, 3), "75": (6, 3), "80": (7, 0), "86": (7, 1), "87": (7, 4), "88": (9, 0), "89": (7, 8), "90": (7, 8),
    "90a": (8, 0), "100": (8, 6), "100a": (8, 6), "100f": (8, 8), "101": (8, 6), "101a": (8, 6), "103": (8, 8), "103a": (8, 8),
    "110": (9, 0), "110a": (9, 0), "120": (8, 7), "120a": (8, 7), "121": (8, 8), "121a": (8, 8),
}  # fmt: skip


def sm_of(arch: str) -> int:
    """"sm_90a" -> 90."""
    return int("".join(c for c in arch if c.isdigit()))


def version_of(arch: str) -> tuple[int, int]:
    """The PTX version of code for an architecture; one that is not in the table is newer than all that are."""
    return VERSIONS.get(arch.removeprefix("sm_"), (9, 0))


def number(t: T.ScalarType, value: object) -> str:
    """A constant as an operand. Booleans and 16-bit floats have none: they need a register."""
    if t.name == "f32":
        return "0f" + struct.pack(">f", value).hex().upper()
    if t.name == "f64":
        return "0d" + struct.pack(">d", value).hex().upper()
    if t.is_float:
        return "0x" + struct.pack(">e", value).hex().upper()
    return str(int(value))  # type: ignore[call-overload]
