"""The atoms of LLVM text: register and memory types, vector types, literals, intrinsic names.

One idea: `lanes` is 0 for a uniform scalar and the tile's width otherwise, and every function here takes it, so the
code above spells scalars and tiles alike. Types narrower than f32 live in registers as f32.
"""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np

from ...ir import formats, types as T

__all__ = ["MEMORY", "REGISTER", "lanes_of", "literal", "register", "splat", "suffix", "vector"]

# The LLVM type of a value in a register. f16 is not `half`: old x86 has no instructions for it, and LLVM would call
# library functions that need not exist; f32 rounded after every operation gives the same bits everywhere.
REGISTER: dict[str, str] = {
    "bool": "i1", "i8": "i8", "u8": "i8", "i16": "i16", "u16": "i16", "i32": "i32", "u32": "i32", "i64": "i64",
    "u64": "i64", "index": "i64", "f16": "float", "bf16": "float", "f8e4m3": "float", "f8e5m2": "float",
    "f32": "float", "f64": "double",
}  # fmt: skip
# The LLVM type that memory holds; narrow floats are moved as integers of their width.
MEMORY: dict[str, str] = {**REGISTER, "bool": "i8", "f16": "i16", "bf16": "i16", "f8e4m3": "i8", "f8e5m2": "i8"}
_SUFFIX = {"float": "f32", "double": "f64"}


def vector(base: str, lanes: int) -> str:
    return f"<{lanes} x {base}>" if lanes else base


def suffix(base: str, lanes: int) -> str:
    """The type's part of an intrinsic's name."""
    name = _SUFFIX.get(base, base)
    return f"v{lanes}{name}" if lanes else name


def lanes_of(t: T.Type) -> int:
    return t.shape[0] if isinstance(t, T.TileType) else 0


def register(t: T.Type) -> str:
    """The LLVM type of a value of type `t`."""
    return vector(REGISTER[T.element_of(t).name], lanes_of(t))


def _float_bits(value: float, base: str) -> str:
    # LLVM writes a float as the 64 bits of the equal double.
    if base == "float":
        try:
            (value,) = _FLOAT.unpack(_FLOAT.pack(value))
        except OverflowError:
            value = math.copysign(math.inf, value)
    return f"0x{_DOUBLE.pack(value).hex().upper()}"


_FLOAT, _DOUBLE = struct.Struct(">f"), struct.Struct(">d")


def literal(base: str, value: Any) -> str:
    """A number as an LLVM literal of a register type; integers wrap."""
    if base == "i1":
        return "true" if value else "false"
    if base in _SUFFIX:
        return _float_bits(float(value), base)
    bits = int(base[1:])
    wrapped = int(value) & ((1 << bits) - 1)
    return str(wrapped - (1 << bits) if wrapped >> (bits - 1) else wrapped)


def splat(base: str, value: Any, lanes: int) -> str:
    """A constant in every lane."""
    text = literal(base, value)
    return f"splat ({base} {text})" if lanes else text


def constant(t: T.ScalarType, value: Any, lanes: int) -> str:
    """A constant of a kdsl type: narrow floats are rounded to what they can hold."""
    if t.is_float and t.bits < 32:
        value = float(formats.convert(t, np.float32(value)))
    return splat(REGISTER[t.name], value, lanes)
