"""Floats narrower than f32: rounding, encoding and decoding of f16, bf16, f8e4m3 and f8e5m2 with integer operations.

One idea: one pair of functions with a table of formats; the arithmetic is that of `ir/formats.py` bit by bit. Where a
target converts f16 in hardware, that is used instead.
"""

from __future__ import annotations

from typing import NamedTuple

from ...ir import types as T
from .emitter import Emitter
from .text import MEMORY, splat, vector

__all__ = ["decode", "encode", "from_memory", "round_narrow", "round_wide_to_f16", "to_memory"]


class _Format(NamedTuple):
    """mantissa: bits. lowest: exponent of the smallest normal. overflow: code of everything too large. nan: of a
    NaN."""

    mantissa: int
    lowest: int
    overflow: int
    nan: int


_FORMATS = {
    "f16": _Format(10, -14, 0x7C00, 0x7E00),
    "f8e5m2": _Format(2, -14, 0x7C, 0x7E),
    "f8e4m3": _Format(3, -6, 0x7F, 0x7F),
}


def _has_f16(e: Emitter, t: T.ScalarType) -> bool:
    return t is T.f16 and e.target.has_f16


def round_narrow(e: Emitter, t: T.ScalarType, x: str, lanes: int) -> str:
    """f32 `x` rounded to what `t` holds, still as f32."""
    if t is T.bf16:
        bits = _round_bf16(e, x, lanes)
        return e.do(f"bitcast {vector('i32', lanes)} {bits} to {vector('float', lanes)}")
    if _has_f16(e, t):
        f, h = vector("float", lanes), vector("half", lanes)
        return e.do(f"fpext {h} {e.do(f'fptrunc {f} {x} to {h}')} to {f}")
    return decode(e, t, encode(e, t, x, lanes), lanes)


def _round_bf16(e: Emitter, x: str, lanes: int) -> str:
    i, f = vector("i32", lanes), vector("float", lanes)
    bits = e.do(f"bitcast {f} {x} to {i}")
    upper = e.do(f"lshr {i} {bits}, {splat('i32', 16, lanes)}")
    odd = e.do(f"and {i} {upper}, {splat('i32', 1, lanes)}")
    half = e.do(f"add {i} {bits}, {splat('i32', 0x7FFF, lanes)}")
    even = e.do(f"add {i} {half}, {odd}")
    quiet = e.do(f"or {i} {bits}, {splat('i32', 0x400000, lanes)}")
    kept = e.select(e.do(f"fcmp uno {f} {x}, zeroinitializer"), i, quiet, even, lanes)
    return e.do(f"and {i} {kept}, {splat('i32', -65536, lanes)}")


def encode(e: Emitter, t: T.ScalarType, x: str, lanes: int) -> str:
    """The bits in memory of f32 `x`, which is rounded on the way if it has to be."""
    memory = vector(MEMORY[t.name], lanes)
    i, f = vector("i32", lanes), vector("float", lanes)
    if t is T.bf16:
        bits = e.do(f"bitcast {f} {x} to {i}")
        upper = e.do(f"lshr {i} {bits}, {splat('i32', 16, lanes)}")
        return e.do(f"trunc {i} {upper} to {memory}")
    if _has_f16(e, t):
        h = vector("half", lanes)
        return e.do(f"bitcast {h} {e.do(f'fptrunc {f} {x} to {h}')} to {memory}")
    return e.do(f"trunc {i} {_encode_bits(e, t, x, lanes)} to {memory}")


def _encode_bits(e: Emitter, t: T.ScalarType, x: str, lanes: int) -> str:
    """As float_to_half_fast3_rtne of F. Giesen, for any format: normals round by an integer addition that may carry
    into the exponent, subnormals by adding a float whose last place is the format's smallest number."""
    m = _FORMATS[t.name]
    i, f = vector("i32", lanes), vector("float", lanes)
    drop = 23 - m.mantissa

    def number(value: int) -> str:
        return splat("i32", value, lanes)

    bits = e.do(f"bitcast {f} {x} to {i}")
    size = e.do(f"and {i} {bits}, {number(0x7FFFFFFF)}")
    odd = e.do(f"and {i} {e.do(f'lshr {i} {size}, {number(drop)}')}, {number(1)}")
    rebias = e.do(f"add {i} {size}, {number(((1 - m.lowest - 127) << 23) + (1 << (drop - 1)) - 1)}")
    normal = e.do(f"lshr {i} {e.do(f'add {i} {rebias}, {odd}')}, {number(drop)}")
    magic = (m.lowest + drop + 127) << 23
    small = e.do(f"bitcast {i} {size} to {f}")
    shifted = e.do(f"fadd {f} {small}, {splat('float', 2.0 ** (m.lowest + drop), lanes)}")
    subnormal = e.do(f"sub {i} {e.do(f'bitcast {f} {shifted} to {i}')}, {number(magic)}")
    is_small = e.do(f"icmp ult {i} {size}, {number((m.lowest + 127) << 23)}")
    code = e.select(is_small, i, subnormal, normal, lanes)
    # The integer rounding of a huge number runs past the largest code.
    code = e.intrinsic("umin", "i32", lanes, code, number(m.overflow))
    is_nan = e.do(f"icmp ugt {i} {size}, {number(0x7F800000)}")
    code = e.select(is_nan, i, number(m.nan), code, lanes)
    sign = e.do(f"lshr {i} {e.do(f'and {i} {bits}, {number(0x80000000)}')}, {number(32 - t.bits)}")
    return e.do(f"or {i} {code}, {sign}")


def decode(e: Emitter, t: T.ScalarType, bits: str, lanes: int) -> str:
    """The f32 value of bits in memory (of the memory type)."""
    memory = vector(MEMORY[t.name], lanes)
    i, f = vector("i32", lanes), vector("float", lanes)
    if _has_f16(e, t):
        h = vector("half", lanes)
        return e.do(f"fpext {h} {e.do(f'bitcast {memory} {bits} to {h}')} to {f}")
    wide = e.do(f"zext {memory} {bits} to {i}")
    if t is T.bf16:
        upper = e.do(f"shl {i} {wide}, {splat('i32', 16, lanes)}")
        return e.do(f"bitcast {i} {upper} to {f}")
    m = _FORMATS[t.name]

    def number(value: int) -> str:
        return splat("i32", value, lanes)

    size = e.do(f"and {i} {wide}, {number((1 << (t.bits - 1)) - 1)}")
    moved = e.do(f"shl {i} {size}, {number(23 - m.mantissa)}")
    # Subnormals come out right because the multiplication is exact for them too.
    scaled = e.do(f"fmul {f} {e.do(f'bitcast {i} {moved} to {f}')}, {splat('float', 2.0 ** (126 + m.lowest), lanes)}")
    value = e.do(f"bitcast {f} {scaled} to {i}")
    special = e.do(f"or {i} {moved}, {number(0x7F800000 if m.overflow != m.nan else 0x7FC00000)}")
    value = e.select(e.do(f"icmp uge {i} {size}, {number(m.overflow)}"), i, special, value, lanes)
    sign = e.do(f"shl {i} {e.do(f'and {i} {wide}, {number(1 << (t.bits - 1))}')}, {number(32 - t.bits)}")
    return e.do(f"bitcast {i} {e.do(f'or {i} {value}, {sign}')} to {f}")


def round_wide_to_f16(e: Emitter, x: str, lanes: int) -> str:
    """f64 `x` rounded once to f16, as f32. Through f32 rounded to odd, so that the second rounding is the only one."""
    d, i = vector("double", lanes), vector("i64", lanes)
    bits = e.do(f"bitcast {d} {x} to {i}")
    lost = e.do(f"and {i} {bits}, {splat('i64', (1 << 29) - 1, lanes)}")
    sticky = e.do(f"zext {vector('i1', lanes)} {e.do(f'icmp ne {i} {lost}, zeroinitializer')} to {i}")
    kept = e.do(f"and {i} {bits}, {splat('i64', -(1 << 29), lanes)}")
    last = e.do(f"shl {i} {sticky}, {splat('i64', 29, lanes)}")
    odd = e.do(f"or {i} {kept}, {last}")
    single = e.do(f"fptrunc {d} {e.do(f'bitcast {i} {odd} to {d}')} to {vector('float', lanes)}")
    return round_narrow(e, T.f16, single, lanes)


def to_memory(e: Emitter, t: T.ScalarType, x: str, lanes: int) -> str:
    """A value in its memory type."""
    if t.is_bool:
        return e.do(f"zext {vector('i1', lanes)} {x} to {vector('i8', lanes)}")
    return encode(e, t, x, lanes) if t.is_float and t.bits < 32 else x


def from_memory(e: Emitter, t: T.ScalarType, x: str, lanes: int) -> str:
    """A value from its memory type."""
    if t.is_bool:
        return e.do(f"icmp ne {vector('i8', lanes)} {x}, zeroinitializer")
    return decode(e, t, x, lanes) if t.is_float and t.bits < 32 else x
