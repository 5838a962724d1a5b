"""Narrow floats as numbers in f32: their bits, and rounding to what they can hold.

One idea: bits are taken apart and put together by integer ops, which give the same everywhere and know no flushed
subnormals. `kdsl.ir.formats` says the same on NumPy arrays, and a test compares the two on every pattern of bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import formats, types as T
from ...ops import arith, machine
from ..ir_algebra import Term
from .maker import Maker

__all__ = ["decode", "encode", "round_to"]


@dataclass(frozen=True, slots=True)
class _Format:
    """mantissa: explicit bits. bias: of the exponent. largest: finite value. has_infinity: else what is too large is NaN."""

    type: T.ScalarType
    mantissa: int
    bias: int
    largest: float
    has_infinity: bool = True

    @property
    def shift(self) -> int:
        """Bits of an f32 that it does not have."""
        return 23 - self.mantissa

    @property
    def smallest_normal(self) -> float:
        return 2.0 ** (1 - self.bias)

    @property
    def sign(self) -> int:
        return 1 << (self.type.bits - 1)

    @property
    def specials(self) -> int:
        """The pattern of infinity, or of NaN where there is none."""
        top = self.sign - 1
        return top - (1 << self.mantissa) + 1 if self.has_infinity else top


_FORMATS = {
    T.f16: _Format(T.f16, 10, 15, 65504.0),
    T.f8e5m2: _Format(T.f8e5m2, 2, 15, 57344.0),
    T.f8e4m3: _Format(T.f8e4m3, 3, 7, 448.0, has_infinity=False),
}
_SIGN, _REST, _INFINITY, _QUIET = 1 << 31, (1 << 31) - 1, 0xFF << 23, 0x00400000


def decode(m: Maker, bits: Term, t: T.ScalarType) -> Term:
    """The f32 that a pattern of bits (u8 or u16) stands for."""
    b = m.to(bits, T.u32)
    if t is T.bf16:
        return m.bitcast(b << 16, "f32")
    f = _FORMATS[t]
    sign = (b & f.sign) << (32 - t.bits)
    magnitude = b & (f.sign - 1)
    # With the exponent in place, but a bias too low; a subnormal is first made a normal number of its exponent.
    moved = (magnitude << f.shift) + ((127 - f.bias) << 23)
    one_more = m.bitcast(moved + (1 << 23), "f32")
    subnormal = m.bits_of(m.exact_sub(one_more, f.smallest_normal))
    out = m.select(magnitude < (1 << f.mantissa), subnormal, moved)
    if f.has_infinity:
        out = m.select(magnitude >= f.specials, (magnitude << f.shift) | _INFINITY, out)
    else:
        out = m.select(magnitude == f.specials, _INFINITY | _QUIET, out)
    return m.bitcast(out | sign, "f32")


def encode(m: Maker, x: Term, t: T.ScalarType) -> Term:
    """The bits (u8 or u16) of an f32 that the format holds."""
    b = m.bits_of(x)
    if t is T.bf16:
        return m.to(b >> 16, T.u16)
    f = _FORMATS[t]
    magnitude = b & _REST
    size = m.bitcast(magnitude, "f32")
    normal = (magnitude >> f.shift) - ((127 - f.bias) << f.mantissa)
    is_small = size < f.smallest_normal
    units = m.exact_mul(m.select(is_small, size, 0.0), 2.0 ** (f.bias - 1 + f.mantissa))
    code = m.select(is_small, m.unary(machine.CONVERT, units, T.u32), normal)
    if f.has_infinity:
        special = m.select(magnitude > _INFINITY, f.specials | (1 << (f.mantissa - 1)), m.literal(f.specials, T.u32))
        code = m.select(magnitude >= _INFINITY, special, code)
    else:
        code = m.select(magnitude >= _INFINITY, f.specials, code)
    sign = (b >> (32 - t.bits)) & f.sign
    return m.to(code | sign, T.u8 if t.bits == 8 else T.u16)


def round_to(m: Maker, x: Term, t: T.ScalarType) -> Term:
    """An f32 rounded to nearest even among what `t` holds."""
    if x.value.constant is not None:
        return m.literal(float(formats.convert(t, np.float32(x.value.constant))), T.f32)
    if m.spelled("arith.cast", t):
        narrow = m.raw(arith.CAST, (x.value,), t)
        return Term(m, T.f32, m.raw(arith.CAST, (narrow,), T.f32))
    b = m.bits_of(x)
    if t is T.bf16:
        even = b + ((b >> 16) & 1) + 0x7FFF
        return m.bitcast(m.select(x != x, b | _QUIET, even) & 0xFFFF0000, "f32")
    f = _FORMATS[t]
    magnitude = b & _REST
    even = magnitude + ((magnitude >> f.shift) & 1) + ((1 << (f.shift - 1)) - 1)
    normal = even & (~((1 << f.shift) - 1) & 0xFFFFFFFF)
    # Adding a number whose last bit is worth the format's smallest rounds to multiples of that.
    big = 2.0 ** (23 + 1 - f.bias - f.mantissa)
    size = m.bitcast(magnitude, "f32")
    small = m.bits_of(m.exact_sub(m.exact_add(size, big), big))
    out = m.select(size < f.smallest_normal, small, normal)
    over = _INFINITY if f.has_infinity else _INFINITY | _QUIET
    out = m.select(m.bitcast(out, "f32") > f.largest, over, out)
    kept = magnitude | _QUIET if f.has_infinity else m.literal(over, T.u32)
    out = m.select(magnitude > _INFINITY, kept, out)
    return m.bitcast(out | (b & _SIGN), "f32")
