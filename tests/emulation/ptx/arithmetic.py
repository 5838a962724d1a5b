"""Instructions that NumPy has no function for, on arrays of threads (PTX ISA, chapter 9).

One idea: each function takes and gives arrays of the instruction's type and follows the manual's text; approximate
instructions give the correctly rounded value, which lies within the error that the manual allows.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

__all__ = [
    "APPROXIMATE", "as_type", "bit_field", "bit_reverse", "brain", "clz", "convert", "divide", "flush", "fma", "maximum", "minimum",
    "mul_hi", "popc", "remainder", "shift_left", "shift_right", "to_brain",
]  # fmt: skip

A = Any

DTYPES = {
    "u8": "u1", "b8": "u1", "s8": "i1", "u16": "u2", "b16": "u2", "s16": "i2", "f16": "f2", "u32": "u4", "b32": "u4", "s32": "i4",
    "f32": "f4", "u64": "u8", "b64": "u8", "s64": "i8", "f64": "f8",
}  # fmt: skip


def as_type(name: str) -> np.dtype:
    return np.dtype(DTYPES[name])


def flush(x: A) -> A:
    """Subnormals become zeros of their sign (.ftz)."""
    tiny = np.finfo(x.dtype).tiny
    return np.where(np.abs(x) < tiny, np.copysign(x.dtype.type(0), x), x)


# Integers


def divide(a: A, b: A) -> A:
    """Toward zero. By zero the manual promises nothing: all bits set, as the hardware gives. The least by -1 wraps."""
    zero = b == 0
    safe = np.where(zero, b.dtype.type(1), b)
    down = np.floor_divide(a, safe)
    up = (np.mod(a, safe) != 0) & ((a < 0) != (safe < 0))
    out = (down + up.astype(a.dtype)).astype(a.dtype)
    return np.where(zero, np.array(-1).astype(a.dtype), out)


def remainder(a: A, b: A) -> A:
    """The sign of the dividend; by zero the dividend."""
    safe = np.where(b == 0, b.dtype.type(1), b)
    return np.where(b == 0, a, (a - divide(a, safe) * safe).astype(a.dtype))


def mul_hi(a: A, b: A) -> A:
    """The upper half of the product."""
    bits = a.dtype.itemsize * 8
    if bits < 64:
        wide = np.int64 if a.dtype.kind == "i" else np.uint64
        return (a.astype(wide) * b.astype(wide)) >> bits
    x, y = a.view(np.uint64) if isinstance(a, np.ndarray) else a, b
    low = np.uint64(0xFFFFFFFF)
    s = np.uint64(32)
    ux, uy = np.asarray(x).astype(np.uint64), np.asarray(y).astype(np.uint64)
    x0, x1, y0, y1 = ux & low, ux >> s, uy & low, uy >> s
    middle = x1 * y0 + ((x0 * y0) >> s)
    other = x0 * y1 + (middle & low)
    high = x1 * y1 + (middle >> s) + (other >> s)
    if a.dtype.kind == "i":
        high = high - np.where(np.asarray(a) < 0, uy, np.uint64(0)) - np.where(np.asarray(b) < 0, ux, np.uint64(0))
    return high.astype(a.dtype)


def shift_left(a: A, by: A) -> A:
    """The amount is a u32; by the width or more gives 0."""
    bits = a.dtype.itemsize * 8
    by = np.asarray(by).astype(np.uint32)
    inside = by < bits
    return np.where(inside, np.left_shift(a, np.where(inside, by, 0).astype(a.dtype)), a.dtype.type(0))


def shift_right(a: A, by: A) -> A:
    """By the width or more: 0, or the sign everywhere."""
    bits = a.dtype.itemsize * 8
    by = np.asarray(by).astype(np.uint32)
    if a.dtype.kind == "i":
        return np.right_shift(a, np.minimum(by, bits - 1).astype(a.dtype))
    inside = by < bits
    return np.where(inside, np.right_shift(a, np.where(inside, by, 0).astype(a.dtype)), a.dtype.type(0))


def popc(a: A) -> A:
    raw = np.ascontiguousarray(a).view(np.uint8).reshape(*np.shape(a), -1)
    return np.unpackbits(raw, axis=-1).sum(axis=-1).astype(np.uint32)


def bit_reverse(a: A) -> A:
    a = np.ascontiguousarray(a)
    raw = a.view(np.uint8).reshape(*np.shape(a), a.dtype.itemsize)[..., ::-1]
    bits = np.unpackbits(np.ascontiguousarray(raw), axis=-1).reshape(*np.shape(a), a.dtype.itemsize, 8)[..., ::-1]
    return np.ascontiguousarray(np.packbits(bits, axis=-1)[..., 0]).view(a.dtype).reshape(np.shape(a))


def clz(a: A) -> A:
    a = np.ascontiguousarray(a)
    raw = np.ascontiguousarray(a.view(np.uint8).reshape(*np.shape(a), a.dtype.itemsize)[..., ::-1])
    bits = np.unpackbits(raw, axis=-1)
    first = bits.argmax(axis=-1)
    return np.where(bits.any(axis=-1), first, a.dtype.itemsize * 8).astype(np.uint32)


def bit_field(a: A, position: A, length: A) -> A:
    """bfe: `length` bits from `position` on, extended by the sign of the highest where the type has one."""
    bits = a.dtype.itemsize * 8
    position, length = np.asarray(position).astype(np.int64) & 255, np.asarray(length).astype(np.int64) & 255
    wide = np.asarray(a).astype(np.int64) if a.dtype.kind == "i" else np.asarray(a).astype(np.uint64).astype(np.int64)
    msb = bits - 1
    top = np.minimum(position + length - 1, msb)
    sign = np.where((length == 0) | (a.dtype.kind == "u"), 0, (wide >> top) & 1)
    field = (wide >> np.minimum(position, 63)) & np.where(length >= 63, -1, (1 << np.minimum(length, 62)) - 1)
    valid = np.clip(msb - position + 1, 0, length)
    high = np.where(valid >= 63, 0, np.int64(-1) << np.minimum(valid, 62))
    field = np.where(valid <= 0, 0, field & ~high)
    return np.where(sign == 1, field | high, field).astype(a.dtype)


# Floats


def _two_sum(a: A, b: A) -> tuple[A, A]:
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def _two_product(a: A, b: A) -> tuple[A, A]:
    p = a * b
    big = 134217729.0
    ah = a * big
    ah = ah - (ah - a)
    bh = b * big
    bh = bh - (bh - b)
    al, bl = a - ah, b - bh
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


def _to_odd(total: A, error: A) -> A:
    """total + error, where the last bit says whether anything was lost."""
    bits = np.ascontiguousarray(total).view(np.int64)
    inexact = (error != 0) & ((bits & 1) == 0)
    step = np.where((error > 0) == (total > 0), 1, -1)
    return np.where(inexact, bits + step, bits).astype(np.int64).view(np.float64)


def fma(a: A, b: A, c: A) -> A:
    """a*b + c, rounded once (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008)."""
    a, b, c = np.broadcast_arrays(a, b, c)
    if a.dtype != np.float64:
        product = a.astype(np.float64) * b.astype(np.float64)
        wide = c.astype(np.float64)
        total, error = _two_sum(product, wide)
        finite = np.isfinite(total)
        odd = np.where(finite, _to_odd(np.where(finite, total, 0), np.where(finite, error, 0)), total)
        return odd.astype(a.dtype)
    plain = a * b + c
    _, ea = np.frexp(a)
    _, eb = np.frexp(b)
    _, ec = np.frexp(c)
    tame = np.isfinite(a) & np.isfinite(b) & np.isfinite(c) & (np.abs(ea + eb) < 900) & (np.abs(ec) < 900) & (np.abs(ea) < 900)
    tame &= (np.abs(eb) < 900) & (np.abs(ea + eb - ec) < 800)
    high, low = _two_product(np.where(tame, a, 1.0), np.where(tame, b, 1.0))
    t, tl = _two_sum(np.where(tame, c, 1.0), low)
    v, vl = _two_sum(high, t)
    out = v + _to_odd(*_two_sum(tl, vl))
    out = np.where(tame, out, plain)
    hard = np.isfinite(a) & np.isfinite(b) & ~tame & (a != 0) & (b != 0) & ~np.isnan(c)
    for k in np.flatnonzero(hard):
        out.reshape(-1)[k] = _exact(*(float(x.reshape(-1)[k]) for x in (a, b, c)))
    zero = tame & (out == 0) & (plain == 0)
    return np.where(zero, plain, out)


def _exact(a: float, b: float, c: float) -> float:
    if np.isinf(c):
        return c
    value = Fraction(a) * Fraction(b) + Fraction(c)
    if value == 0:
        return 0.0
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _ordered(a: A, b: A, *, least: bool) -> A:
    """Of numbers, with -0.0 below +0.0."""
    first = (a < b) | ((a == b) & np.signbit(a)) if least else (a > b) | ((a == b) & ~np.signbit(a))
    return np.where(first, a, b)


def minimum(a: A, b: A, propagate: bool) -> A:
    """Of a number and a NaN the number, or with .NaN the NaN."""
    return _extreme(a, b, propagate, True)


def maximum(a: A, b: A, propagate: bool) -> A:
    return _extreme(a, b, propagate, False)


def _extreme(a: A, b: A, propagate: bool, least: bool) -> A:
    a, b = np.broadcast_arrays(a, b)
    out = _ordered(a, b, least=least)
    if propagate:
        return np.where(np.isnan(a) | np.isnan(b), np.array(np.nan, a.dtype), out)
    return np.where(np.isnan(a), b, np.where(np.isnan(b), a, out))


def _through_f64(f: Callable[[A], A]) -> Callable[[A], A]:
    return lambda x: f(x.astype(np.float64)).astype(x.dtype)


APPROXIMATE: dict[str, Callable[[A], A]] = {
    "sin": _through_f64(np.sin),
    "cos": _through_f64(np.cos),
    "lg2": _through_f64(np.log2),
    "ex2": _through_f64(np.exp2),
    "tanh": _through_f64(np.tanh),
    "rsqrt": _through_f64(lambda x: 1.0 / np.sqrt(x)),
    "sqrt": _through_f64(np.sqrt),
    "rcp": _through_f64(lambda x: 1.0 / x),
}


# Conversions


def convert(x: A, to: str, source: str, modifiers: tuple[str, ...]) -> A:
    """cvt: from and to are type names, x an array of the source type."""
    dtype = as_type(to)
    if "ftz" in modifiers and source == "f32":
        x = flush(x)
    if source[0] == "f" and to[0] == "f":
        return _float_to_float(x, dtype, modifiers)
    if source[0] == "f":
        return _float_to_integer(x, dtype, modifiers)
    if to[0] == "f":
        return _integer_to_float(x, dtype)
    if "sat" in modifiers:
        info = np.iinfo(dtype)
        low, high = max(int(np.iinfo(x.dtype).min), info.min), min(int(np.iinfo(x.dtype).max), info.max)
        x = np.clip(x, x.dtype.type(low), x.dtype.type(high))
    return x.astype(dtype)


def _integral(x: A, modifiers: tuple[str, ...]) -> A:
    for word, f in (("rni", np.rint), ("rzi", np.trunc), ("rmi", np.floor), ("rpi", np.ceil)):
        if word in modifiers:
            return f(x)
    return x


def _float_to_float(x: A, dtype: np.dtype, modifiers: tuple[str, ...]) -> A:
    x = _integral(x, modifiers)
    if dtype.itemsize >= x.dtype.itemsize or "rn" in modifiers:
        out = x.astype(dtype)
    else:
        raise NotImplementedError(f"cvt to a narrower float needs .rn, not {modifiers}")
    if "sat" in modifiers:
        out = np.where(np.isnan(out), dtype.type(0), np.clip(out, dtype.type(0), dtype.type(1)))
    return flush(out) if "ftz" in modifiers and dtype == np.float32 else out


def _float_to_integer(x: A, dtype: np.dtype, modifiers: tuple[str, ...]) -> A:
    """Clamped to the range of the result. NaN: 0 unless the source or the result has 64 bits, then the highest bit alone."""
    y = _integral(x, modifiers).astype(np.float64)
    info = np.iinfo(dtype)
    top = float(info.max) + (0.0 if dtype.itemsize < 8 else 0.0)
    low, high = y <= float(info.min), y >= top
    middle = np.where(low | high | np.isnan(y), 0.0, y).astype(dtype)
    out = np.where(high, dtype.type(info.max), np.where(low, dtype.type(info.min), middle))
    wide = x.dtype.itemsize == 8 or dtype.itemsize == 8
    nan = np.array(1 << (dtype.itemsize * 8 - 1), np.uint64).astype(f"u{dtype.itemsize}").view(dtype) if wide else dtype.type(0)
    return np.where(np.isnan(y), nan, out)


def _integer_to_float(x: A, dtype: np.dtype) -> A:
    if dtype != np.float16 or x.dtype.itemsize < 4:
        return x.astype(dtype)
    # Odd in f64 where 53 bits do not hold it, so that the last rounding is the only one.
    near = x.astype(np.float64)
    return near.astype(dtype)


def to_brain(x: A) -> A:
    """f32 to the bits of bf16, to nearest even; NaN gives the canonical one."""
    bits = np.ascontiguousarray(x).view(np.uint32)
    rounded = (bits + ((bits >> 16) & 1) + np.uint32(0x7FFF)) >> 16
    return np.where(np.isnan(x), 0x7FFF, rounded).astype(np.uint16)


def of_brain(bits: A) -> A:
    """The f64 that bits of bf16 stand for."""
    return (np.asarray(bits).astype(np.uint32) << 16).view(np.float32).astype(np.float64)


def _nearest_brain(x: A) -> A:
    """f64 to the bits of bf16, in one rounding to nearest even, subnormals kept."""
    size = np.abs(np.where(np.isfinite(x), x, 0))
    unit = np.ldexp(1.0, np.maximum(np.frexp(size)[1] - 8, -133))  # of 8 bits the last, but never below the smallest number
    near = np.rint(size / unit) * unit
    near = np.where(np.isinf(x) | (near >= 2.0**128), np.inf, near)
    bits = np.copysign(near, x).astype(np.float32).view(np.uint32) >> 16
    return np.where(np.isnan(x), 0x7FFF, bits).astype(np.uint16)


def brain(name: str, a: A, b: A, c: A | None = None) -> A:
    """add, sub, mul, fma of bits of bf16 ("Half precision floating-point instructions": .bf16 keeps subnormals)."""
    x, y = of_brain(a), of_brain(b)
    if name == "mul":
        return _nearest_brain(x * y)
    high, low = (x, -y if name == "sub" else y) if c is None else (x * y, of_brain(c))  # a product has 16 bits: exact in f64
    high, low = np.broadcast_arrays(high, low)
    total, error = _two_sum(high, low)
    finite = np.isfinite(total)
    odd = np.where(finite, _to_odd(np.where(finite, total, 0), np.where(finite, error, 0)), total)
    return _nearest_brain(np.where(total == 0, total, odd))
