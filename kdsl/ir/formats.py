"""Number formats: how each scalar type's values become bits in memory and how values convert between types.

One idea: bf16 and the 8-bit floats are *stored* in their own bits but *computed* in f32 and rounded after every op, so
here is the one definition of that rounding. Rounding is to nearest even; a NaN stays a NaN. Overflow gives infinity
(bf16, f8e5m2) or NaN (f8e4m3, which has no infinity), as in the OCP 8-bit floating point specification 1.0 and ml_dtypes.
Conversions to the formats narrower than f32 go through f32 from everywhere, also from f64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import types as T

__all__ = ["convert", "decode", "encode", "round_to"]

Array = Any  # NumPy arrays of one of the scalar types' value dtypes


def _round_bf16(x: Array) -> Array:
    bits = np.asarray(x, np.float32).view(np.uint32)
    even = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    kept = np.where(np.isnan(x), bits | np.uint32(0x00400000), even) & np.uint32(0xFFFF0000)
    return kept.astype(np.uint32).view(np.float32)


# (smallest normal exponent, largest finite value) of the 8-bit formats.
_F8 = {"f8e4m3": (-6, 448.0), "f8e5m2": (-14, 57344.0)}


def _round_f8(t: T.ScalarType, x: Array) -> Array:
    """Round f32 to the grid of an 8-bit format: multiples of 2**(exponent - mantissa), exponent bounded below."""
    lowest, largest = _F8[t.name]
    x = np.asarray(x, np.float32)
    _, exponent = np.frexp(np.where(np.isfinite(x), x, np.float32(1)))
    step = np.maximum(exponent - 1, lowest) - t.mantissa
    rounded = np.ldexp(np.rint(np.ldexp(x, -step)), step).astype(np.float32)
    over = np.float32(np.inf) if t is T.f8e5m2 else np.float32(np.nan)
    rounded = np.where(np.abs(rounded) > largest, np.copysign(over, x), rounded)
    return np.where(np.isfinite(x), rounded, np.copysign(over, x) if t is T.f8e4m3 else x).astype(np.float32)


def round_to(t: T.ScalarType, x: Array) -> Array:
    """`x` (f32 values) rounded to what `t` can hold, for the types that are computed in f32; others unchanged."""
    if not t.storage:
        return x
    with np.errstate(all="ignore"):
        return _round_bf16(x) if t is T.bf16 else _round_f8(t, x)


def encode(t: T.ScalarType, x: Array) -> Array:
    """The bits in memory (of `t.dtype`) of values `x` (of `t.value_dtype`, already rounded)."""
    if not t.storage:
        return np.asarray(x, t.dtype)
    bits = np.asarray(x, np.float32).view(np.uint32)
    if t is T.bf16:
        return (bits >> np.uint32(16)).astype(np.uint16)
    if t is T.f8e5m2:  # same exponent width as f16, so its bits are the upper half of the f16's
        half = np.asarray(x, np.float32).astype(np.float16).view(np.uint16)
        return (half >> np.uint16(8)).astype(np.uint8)
    lowest, _ = _F8[t.name]
    _, exponent = np.frexp(np.where(np.isnan(x) | (x == 0), np.float32(1), x))
    exponent = np.maximum(exponent - 1, lowest)
    units = np.rint(np.abs(np.ldexp(np.where(np.isnan(x), 0, x), -(exponent - t.mantissa)))).astype(np.int64)
    one = 1 << t.mantissa
    code = np.where(units < one, units, ((exponent - lowest + 1) << t.mantissa) + (units - one))
    code = np.where(x == 0, 0, np.where(np.isnan(x), 0x7F, code))
    return (code | (np.signbit(x).astype(np.int64) << 7)).astype(np.uint8)


def decode(t: T.ScalarType, bits: Array) -> Array:
    """The values (of `t.value_dtype`) that bits in memory (of `t.dtype`) stand for."""
    if not t.storage:
        return np.asarray(bits, t.dtype)
    if t is T.bf16:
        return (np.asarray(bits, np.uint16).astype(np.uint32) << np.uint32(16)).view(np.float32)
    if t is T.f8e5m2:
        return (np.asarray(bits, np.uint8).astype(np.uint16) << np.uint16(8)).view(np.float16).astype(np.float32)
    code = np.asarray(bits, np.uint8).astype(np.int32)
    exponent, mantissa = (code >> 3) & 15, code & 7
    size = np.where(exponent == 0, np.ldexp(mantissa.astype(np.float32), -9),
                    np.ldexp((8 + mantissa).astype(np.float32), exponent - 10))  # fmt: skip
    size = np.where((code & 0x7F) == 0x7F, np.float32(np.nan), size)
    return np.where(code & 0x80, -size, size).astype(np.float32)


def _float_to_int(t: T.ScalarType, x: Array) -> Array:
    """Truncate; saturate at the ends of the range; NaN gives 0."""
    wide = np.asarray(x, np.float64)
    low, high = T.limits(t)
    # float(high) may round up to a power of two that the type cannot hold: compare with >= and patch the end in.
    inside = np.where(np.isfinite(wide) & (wide > float(low)) & (wide < float(high)), np.trunc(wide), 0.0)
    out = inside.astype(t.dtype)
    out = np.where(wide >= float(high), t.dtype.type(high), out)
    return np.where(wide <= float(low), t.dtype.type(low), out).astype(t.dtype)


def convert(to: T.ScalarType, x: Array) -> Array:
    """Values of any scalar type as values of `to`: the meaning of a cast.

    Integers wrap modulo 2**bits; floats to integers truncate and saturate, NaN to 0; anything to bool is `!= 0`.
    """
    x = np.asarray(x)
    with np.errstate(all="ignore"):
        if to.is_bool:
            return x != 0
        if to.is_integer:
            return _float_to_int(to, x) if x.dtype.kind == "f" else x.astype(to.dtype)
        if to is T.f64:
            return x.astype(np.float64)
        single = x if x.dtype == np.float16 and to is T.f16 else x.astype(np.float32)
        return single.astype(np.float16) if to is T.f16 else round_to(to, single)
