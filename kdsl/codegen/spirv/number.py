"""Numbers that take more than one instruction: narrow integers, f16, casts, tables of constants.

One idea: a narrow integer is a 32-bit one that is extended again after whatever may have changed the bits above it, and an
f16 is its bits, which integer arithmetic converts to and from f32, because no feature of a device promises that its own
conversion rounds to nearest and keeps subnormals (Vulkan 1.3, appendix "Precision and Operation of SPIR-V Instructions").
"""

from __future__ import annotations

import struct

from ...ir import types as T
from ...ir.core import Op, Value
from .emitter import REGISTER, Emitter, lowering
from .subnormal import is_true, to_f64

__all__ = ["extend", "f16_to_f32", "f32_to_f16", "to_register"]


def extend(e: Emitter, t: T.ScalarType, x: int) -> int:
    """A 32-bit number as a value of the narrow integer type `t`: the bits above its width are made what they must be."""
    if t.bits == 32:
        return x
    if not t.is_signed or t.is_float:
        return e.i32("BitwiseAnd", x, e.word((1 << t.bits) - 1))
    places = e.word(32 - t.bits)
    return e.i32("ShiftRightArithmetic", e.i32("ShiftLeftLogical", x, places), places)


def to_register(e: Emitter, x: int, register: str, *, signed: bool) -> int:
    """An integer register as one of another width; what is too long is cut off.

    Signed from 32 bits to 64 in Vulkan: by way of an unsigned number that is moved up and down again. Mesa (22.3,
    `nir_opt_algebraic`) compares what OpSConvert has widened with constants as if the least i32 were a positive number.
    """
    if not signed:
        return e.do("UConvert", e.type(register), x)
    if register == "l" and e.flavour.pushes:
        above = e.i64("UConvert", e.i32("BitwiseXor", x, e.word(1 << 31)))
        return e.i64("ISub", above, e.module.long(1 << 31))
    return e.do("SConvert", e.type(register), x)


def _to_integer(e: Emitter, s: T.ScalarType, t: T.ScalarType, x: int) -> int:
    if REGISTER[s.name] != REGISTER[t.name]:
        x = to_register(e, x, REGISTER[t.name], signed=s.is_signed and t.bits == 64)
    if t.bits >= 32 or (s.bits < t.bits and (s.is_signed == t.is_signed or not s.is_signed)):
        return x
    return x if s.bits == t.bits and s.is_signed == t.is_signed else extend(e, t, x)


@lowering("arith.cast")
def _cast(e: Emitter, op: Op) -> int:
    s, t = T.element_of(op.operands[0].type), T.element_of(op.result.type)
    x = e.value(op.operands[0])
    if s is t:
        return x
    if t.is_bool:
        return _truth(e, s, x)
    if s.is_bool:
        return e.select(e.type_of(t), x, e.number(1, t), e.number(0, t))
    if s.is_integer and t.is_integer:
        return _to_integer(e, s, t, x)
    if s.is_integer:
        opcode = "ConvertSToF" if s.is_signed else "ConvertUToF"
        if t is T.f16:
            return f32_to_f16(e, e.do(opcode, e.type("f"), x))
        return e.do_always(op, opcode, e.type_of(t))
    if s is T.f16:
        x, s = f16_to_f32(e, x), T.f32
    wide = T.f32 if t is T.f16 else t
    if wide is not s:
        x = to_f64(e, x) if e.flushes and s is T.f32 else e.do("FConvert", e.type_of(wide), x)
    return f32_to_f16(e, x) if t is T.f16 else x


def _truth(e: Emitter, s: T.ScalarType, x: int) -> int:
    if s is T.f16:  # not one of the two zeros
        return e.bool_("INotEqual", e.i32("BitwiseAnd", x, e.word(0x7FFF)), e.word(0))
    if s is T.f32 and e.flushes:
        return is_true(e, x)
    return e.bool_("FUnordNotEqual" if s.is_float else "INotEqual", x, e.number(0, s))


@lowering("arith.bitcast")
def _bitcast(e: Emitter, op: Op) -> int:
    s, t = T.element_of(op.operands[0].type), T.element_of(op.result.type)
    if REGISTER[s.name] != REGISTER[t.name]:
        return e.do_always(op, "Bitcast", e.type_of(t))
    return bits_as(e, s, t, e.value(op.operands[0]))


def bits_as(e: Emitter, s: T.ScalarType, t: T.ScalarType, x: int) -> int:
    """The bits of a value read as another type of the same width."""
    if REGISTER[s.name] != REGISTER[t.name]:
        return e.do("Bitcast", e.type_of(t), x)
    narrow = s.bits < 32 and (s.is_signed and not s.is_float) != (t.is_signed and not t.is_float)
    return extend(e, t, x) if narrow else x


@lowering("arith.abs")
def _abs(e: Emitter, op: Op) -> int:
    """Of floats: by row. The smallest integer is its own negative."""
    t = T.element_of(op.result.type)
    x = e.value(op.operands[0])
    if t.is_float:
        made = e.library("FAbs" if e.flavour.pushes else "fabs", e.type_of(t), x)
        return e.exact(made) if e.keeps(op) else made
    if not t.is_signed:
        return x
    type_ = e.type_of(t)
    return e.library("SMax" if e.flavour.pushes else "s_max", type_, x, e.do("SNegate", type_, x))


@lowering("arith.round", "arith.trunc")
def _whole(e: Emitter, op: Op) -> int:
    """Instructions, but for f64 in Vulkan: Mesa's lavapipe (22.3) truncates there in both, and loses the sign of zero."""
    t = T.element_of(op.result.type)
    x, type_ = e.value(op.operands[0]), e.type_of(op.result.type)
    nearest = op.defn.name == "arith.round"
    if not e.flavour.pushes:
        return e.library("rint" if nearest else "trunc", type_, x)
    if t is not T.f64:
        return e.exact(e.library("RoundEven" if nearest else "Trunc", type_, x))
    bits = e.i64("Bitcast", x)
    sign = e.i64("BitwiseAnd", bits, e.module.long(1 << 63))
    size = e.exact(e.library("FAbs", type_, x))
    big = e.number(2.0**52, T.f64)  # from there on all are whole; the sum with a smaller number is rounded to one
    made = e.exact(e.do("FSub", type_, e.exact(e.do("FAdd", type_, size, big)), big))
    if not nearest:
        less = e.exact(e.do("FSub", type_, made, e.number(1.0, T.f64)))
        made = e.select(type_, e.bool_("FOrdGreaterThan", made, size), less, made)
    signed = e.do("Bitcast", type_, e.i64("BitwiseOr", e.i64("Bitcast", made), sign))
    return e.select(type_, e.bool_("FOrdLessThan", size, big), signed, x)


@lowering("machine.quot")
def _quot(e: Emitter, op: Op) -> int:
    return _quotient(e, T.element_of(op.result.type), op.operands[0], e.value(op.operands[1]))


def _quotient(e: Emitter, t: T.ScalarType, dividend: Value, b: int) -> int:
    """By row, but for a small constant over 64 bits in Vulkan: by a division of 32 bits, which is quicker, and necessary: NVIDIA's
    compiler (580) takes the quotients of two constants by the same number for one."""
    type_ = e.type_of(t)
    if not t.is_signed:
        return e.do("UDiv", type_, e.value(dividend), b)
    constant = dividend.constant
    if not e.pushes or REGISTER[t.name] != "l" or not isinstance(constant, int) or not abs(constant) < 1 << 32:
        return e.do("SDiv", type_, e.value(dividend), b)
    zero, w = e.module.long(0), e.type("w")
    negative = e.bool_("SLessThan", b, zero)
    size = e.select(type_, negative, e.i64("SNegate", b), b)
    large = e.bool_("INotEqual", e.i64("ShiftRightLogical", size, e.module.long(32)), zero)
    # Of a divisor that is too large only the fact is used; 1 keeps the division defined.
    under = e.select(w, large, e.word(1), e.do("UConvert", w, size))
    quotient = e.i64("UConvert", e.do("UDiv", w, e.word(abs(constant)), under))
    quotient = e.select(type_, large, zero, quotient)
    turned = negative if constant >= 0 else e.bool_("LogicalNot", negative)
    return e.select(type_, turned, e.i64("SNegate", quotient), quotient)


@lowering("machine.rem")
def _rem(e: Emitter, op: Op) -> int:
    """OpSRem is undefined for negative operands in Vulkan (Vulkan 1.3, appendix on SPIR-V, "Precision of integers")."""
    t = T.element_of(op.result.type)
    a, b = [e.value(v) for v in op.operands]
    type_ = e.type_of(t)
    if not t.is_signed:
        return e.do("UMod", type_, a, b)
    if not e.flavour.pushes:
        return e.do("SRem", type_, a, b)
    return e.do("ISub", type_, a, e.do("IMul", type_, _quotient(e, t, op.operands[0], b), b))


@lowering("machine.convert")
def _convert(e: Emitter, op: Op) -> int:
    t = T.element_of(op.result.type)
    return e.do("ConvertFToS" if t.is_signed else "ConvertFToU", e.type_of(t), e.value(op.operands[0]))


# f16


def _float(e: Emitter, bits: int) -> int:
    return e.do("Bitcast", e.type("f"), bits)


def _bits(e: Emitter, x: int) -> int:
    return e.i32("Bitcast", x)


def _f32(value: float) -> int:
    return struct.unpack("<I", struct.pack("<f", value))[0]


def f16_to_f32(e: Emitter, x: int) -> int:
    """The f32 of an f16's bits. The exponent moves up by 112, twice for infinities and NaN; what is subnormal gets an
    implicit 1 by its exponent, which a subtraction of normal numbers takes away again."""
    size = e.i32("ShiftLeftLogical", e.i32("BitwiseAnd", x, e.word(0x7FFF)), e.word(13))
    moved = e.i32("IAdd", size, e.word(112 << 23))
    endless = e.bool_("UGreaterThanEqual", size, e.word(0x7C00 << 13))
    tiny = e.bool_("ULessThan", size, e.word(0x0400 << 13))
    lifted = _float(e, e.i32("IAdd", size, e.word(113 << 23)))
    small = _bits(e, e.exact(e.do("FSub", e.type("f"), lifted, e.number(2.0**-14, T.f32))))
    w = e.type("w")
    made = e.select(w, endless, e.i32("IAdd", size, e.word(224 << 23)), e.select(w, tiny, small, moved))
    sign = e.i32("ShiftLeftLogical", e.i32("BitwiseAnd", x, e.word(0x8000)), e.word(16))
    return _float(e, e.i32("BitwiseOr", made, sign))


def f32_to_f16(e: Emitter, x: int) -> int:
    """The bits of the f16 nearest to an f32, ties to even. Normal results are rounded by adding a half of the last place, less
    one where it is even; subnormal ones by adding 0.5, whose last place is theirs."""
    bits = _bits(e, x)
    size = e.i32("BitwiseAnd", bits, e.word(0x7FFFFFFF))
    w, f = e.type("w"), e.type("f")
    odd = e.i32("BitwiseAnd", e.i32("ShiftRightLogical", size, e.word(13)), e.word(1))
    moved = e.i32("IAdd", e.i32("IAdd", size, e.word(((15 - 127) << 23) + 0xFFF)), odd)
    normal = e.i32("ShiftRightLogical", moved, e.word(13))
    raised = e.exact(e.do("FAdd", f, _float(e, size), e.number(0.5, T.f32)))
    small = e.i32("ISub", _bits(e, raised), e.word(_f32(0.5)))
    large = e.select(w, e.bool_("UGreaterThan", size, e.word(0x7F800000)), e.word(0x7E00), e.word(0x7C00))
    made = e.select(w, e.bool_("ULessThan", size, e.word(113 << 23)), small, normal)
    made = e.select(w, e.bool_("UGreaterThanEqual", size, e.word((127 + 16) << 23)), large, made)
    sign = e.i32("BitwiseAnd", e.i32("ShiftRightLogical", bits, e.word(16)), e.word(0x8000))
    return e.i32("BitwiseOr", made, sign)


# Tables


@lowering("arith.lookup")
def _lookup(e: Emitter, op: Op) -> int:
    """The table is a variable that starts as the constant; `legalize` has put the index into range."""
    t = T.element_of(op.result.type)
    table = op.attributes["table"]
    type_ = e.type_of(t)
    storage = "Private" if e.flavour.pushes else "UniformConstant"

    def make() -> int:
        m = e.module
        array = m.array_(type_, len(table))
        start = m.composite(array, tuple([e.number(x, t) for x in table]))
        return e.global_variable(storage, array, start)

    variable = e.once(("table", t.name, table), make)
    index = e.value(op.operands[0])
    pointer = e.do("AccessChain", e.storage_pointer(storage, type_), variable, index)
    return e.do("Load", type_, pointer)
