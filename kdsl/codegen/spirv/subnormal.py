"""Devices that take subnormal f32 for zero where they compare, clear a sign or convert, and cannot be told otherwise.

One idea: only numbers below the normal ones are affected, and of those the bits are whole numbers in units of the smallest one.
So where both sides of a comparison are below, these are compared, as floats that any device compares.

NVIDIA's Vulkan driver (580) says that it preserves no subnormal f32. Told to round to nearest even it keeps them in sums,
products and conversions to f32, and drops them as said here, in fused multiply-adds and in its atomic sums: those `Target.under`
takes away where every bit counts. Under math="fast" nothing is done.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.core import Op
from ...ir.ops import arith
from .emitter import Emitter, Handler

__all__ = ["careful", "is_true", "to_f64"]

_SIZE = 0x7FFFFFFF
_FIRST_NORMAL = 0x00800000
_OPCODES = {
    arith.EQ: "FOrdEqual", arith.NE: "FUnordNotEqual", arith.LT: "FOrdLessThan", arith.LE: "FOrdLessThanEqual",
    arith.GT: "FOrdGreaterThan", arith.GE: "FOrdGreaterThanEqual",
}  # fmt: skip


def careful(e: Emitter) -> dict[str, Handler]:
    """How ops on f32 are emitted, by name, where the device's own would drop subnormals; None leaves an op as it is."""
    if not e.flushes:
        return {}
    return {"arith.abs": _abs, **{defn.name: _compare for defn in _OPCODES}}


def _bits(e: Emitter, x: int) -> int:
    return e.i32("Bitcast", x)


def _units(e: Emitter, bits: int) -> int:
    """A subnormal or zero as a whole number of the smallest float, as f32; of other numbers something."""
    size = e.i32("BitwiseAnd", bits, e.word(_FIRST_NORMAL - 1))
    negative = e.bool_("SLessThan", bits, e.word(0))
    return e.do("ConvertSToF", e.type("f"), e.select(e.type("w"), negative, e.i32("SNegate", size), size))


def _size(e: Emitter, bits: int) -> int:
    return e.i32("BitwiseAnd", bits, e.word(_SIZE))


def _is_below(e: Emitter, size: int) -> int:
    return e.bool_("ULessThan", size, e.word(_FIRST_NORMAL))


def _abs(e: Emitter, op: Op) -> int | None:
    if T.element_of(op.result.type) is not T.f32:
        return None
    return e.do("Bitcast", e.type("f"), _size(e, _bits(e, e.value(op.operands[0]))))


def _compare(e: Emitter, op: Op) -> int | None:
    if T.element_of(op.operands[0].type) is not T.f32:
        return None
    opcode = _OPCODES[op.defn]
    values = [e.value(v) for v in op.operands]
    constants = [v.constant for v in op.operands]
    if op.operands[0] is op.operands[1] or any(isinstance(c, (int, float)) and not abs(c) < 2.0**-126 for c in constants):
        return e.exact(e.bool_(opcode, *values))  # with a normal number, a subnormal compares as zero does
    bits = [_bits(e, x) for x in values]
    below = _is_below(e, e.i32("BitwiseOr", *[_size(e, b) for b in bits]))
    type_ = e.type("f")
    return e.exact(e.bool_(opcode, *[e.select(type_, below, _units(e, b), x) for b, x in zip(bits, values, strict=True)]))


def is_true(e: Emitter, x: int) -> int:
    """Whether an f32 is not one of the two zeros."""
    return e.bool_("INotEqual", _size(e, _bits(e, x)), e.word(0))


def to_f64(e: Emitter, x: int) -> int:
    """An f32 as f64, where each is a normal number."""
    type_, bits = e.type("d"), _bits(e, x)
    units = e.do("FConvert", type_, _units(e, bits))
    scaled = e.exact(e.do("FMul", type_, units, e.number(2.0**-149, T.f64)))
    zero = e.bool_("IEqual", _size(e, bits), e.word(0))  # which keeps its sign
    direct = e.do("FConvert", type_, x)
    below = e.bool_("LogicalAnd", _is_below(e, _size(e, bits)), e.bool_("LogicalNot", zero))
    return e.select(type_, below, scaled, direct)
