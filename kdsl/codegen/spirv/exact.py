"""Quotients and square roots of f32, rounded to nearest on every device.

One idea: Vulkan promises 2.5 units in the last place for a quotient, and less for a root (Vulkan 1.3, appendix "Precision and
Operation of SPIR-V Instructions"), and OpenCL as little where a device does not say otherwise. So the device's result on
significands in [1, 4) is only a guess, which integers correct: a remainder says exactly how far off it is. Nothing here is
subnormal, infinite or fused, so it does not matter how a device treats those.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.core import Op
from .emitter import Emitter, lowering

__all__ = ["divide", "square_root"]

_INFINITY, _NAN, _ONE = 0x7F800000, 0x7FC00000, 0x3F800000


def _is_exact(e: Emitter, t: T.ScalarType) -> bool:
    """Whether the device's own instruction will do."""
    return t is not T.f32 or e.is_fast or "exact_f32" in e.target.has


@lowering("arith.div")
def _div(e: Emitter, op: Op) -> int:
    t = T.element_of(op.result.type)
    a, b = [e.value(v) for v in op.operands]
    if not _is_exact(e, t):
        return divide(e, a, b)
    made = e.do("FDiv", e.type_of(t), a, b)
    return e.exact(made) if e.keeps(op) else made


@lowering("arith.sqrt")
def _sqrt(e: Emitter, op: Op) -> int:
    t = T.element_of(op.result.type)
    x = e.value(op.operands[0])
    if not _is_exact(e, t):
        return square_root(e, x)
    made = e.library("Sqrt" if e.pushes else "sqrt", e.type_of(t), x)
    return e.exact(made) if e.keeps(op) else made


@lowering("arith.rsqrt")
def _rsqrt(e: Emitter, op: Op) -> int:
    """Of f32 in Vulkan, where 2 ULP are promised and the row allows 4; subnormal arguments as whole numbers, what is no positive
    number without the instruction, which says nothing of it. In "strict" each step is rounded."""
    x, f, w = e.value(op.operands[0]), e.type("f"), e.type("w")
    if e.function.math == "strict" and "exact_f32" not in e.target.has:
        return divide(e, e.number(1.0, T.f32), square_root(e, x))
    if "exact_f32" in e.target.has:
        return e.exact(e.do("FDiv", f, e.number(1.0, T.f32), e.exact(e.library("Sqrt", f, x))))
    if e.is_fast:
        return e.library("InverseSqrt", f, x)
    bits = e.i32("Bitcast", x)
    tiny = e.bool_("ULessThan", bits, e.word(1 << 23))
    units = e.do("ConvertUToF", f, e.i32("ShiftLeftLogical", bits, e.word(1)))  # x is that times 2**-150
    root = e.library("InverseSqrt", f, e.select(f, tiny, units, x))
    root = e.select(f, tiny, e.exact(e.do("FMul", f, root, e.number(2.0**75, T.f32))), root)
    sign = e.i32("BitwiseAnd", bits, e.word(1 << 31))
    is_zero = e.bool_("IEqual", e.i32("BitwiseXor", bits, sign), e.word(0))
    other = e.select(w, is_zero, e.i32("BitwiseOr", sign, e.word(_INFINITY)), e.word(_NAN))
    positive = e.bool_("ULessThan", e.i32("ISub", bits, e.word(1)), e.word(_INFINITY))
    return e.select(f, positive, root, e.do("Bitcast", f, other))


def _parts(e: Emitter, size: int) -> tuple[int, int]:
    """(biased exponent, significand of 24 bits with its highest set) of a number's bits without the sign."""
    raw = e.i32("ShiftRightLogical", size, e.word(23))
    fraction = e.i32("BitwiseAnd", size, e.word(0x7FFFFF))
    if e.pushes:
        places = e.i32("ISub", e.word(23), e.library("FindUMsb", e.type("w"), fraction))
    else:
        places = e.i32("ISub", e.library("clz", e.type("w"), fraction), e.word(8))
    lifted = e.i32("ShiftLeftLogical", fraction, e.i32("BitwiseAnd", places, e.word(31)))
    tiny = e.bool_("IEqual", raw, e.word(0))
    w = e.type("w")
    exponent = e.select(w, tiny, e.i32("ISub", e.word(1), places), raw)
    return exponent, e.select(w, tiny, lifted, e.i32("BitwiseOr", fraction, e.word(1 << 23)))


def _as_float(e: Emitter, significand: int) -> int:
    """A significand as a number in [1, 2)."""
    fraction = e.i32("BitwiseAnd", significand, e.word(0x7FFFFF))
    return e.do("Bitcast", e.type("f"), e.i32("BitwiseOr", fraction, e.word(_ONE)))


def _wide(e: Emitter, x: int) -> int:
    return e.i64("UConvert", x)


def _ratio(e: Emitter, over: int, under: int) -> int:
    """About over / under, of 64-bit integers that are a few units apart, as a small one."""
    f = e.type("f")
    quotient = e.do("FDiv", f, e.do("ConvertSToF", f, over), e.do("ConvertSToF", f, under))
    return e.i64("ConvertFToS", quotient)


def divide(e: Emitter, a: int, b: int) -> int:
    """a / b of f32."""
    w, f, l = e.type("w"), e.type("f"), e.type("l")
    bits_a, bits_b = e.i32("Bitcast", a), e.i32("Bitcast", b)
    size_a, size_b = [e.i32("BitwiseAnd", x, e.word(0x7FFFFFFF)) for x in (bits_a, bits_b)]
    exponent_a, top = _parts(e, size_a)
    exponent_b, bottom = _parts(e, size_b)
    guess = e.exact(e.do("FDiv", f, _as_float(e, top), _as_float(e, bottom)))
    quotient = _wide(e, e.i32("ConvertFToU", e.exact(e.do("FMul", f, guess, e.number(2.0**26, T.f32)))))
    under = _wide(e, bottom)
    rest = e.i64("ISub", e.i64("ShiftLeftLogical", _wide(e, top), e.module.long(26)), e.i64("IMul", quotient, under))
    step = _ratio(e, rest, under)
    quotient = e.i64("IAdd", quotient, step)
    rest = e.i64("ISub", rest, e.i64("IMul", step, under))
    for _ in range(2):  # the remainder into [0, divisor): the step may have been one off, toward zero and by its rounding
        low = e.bool_("SLessThan", rest, e.module.long(0))
        quotient = e.select(l, low, e.i64("ISub", quotient, e.module.long(1)), quotient)
        rest = e.select(l, low, e.i64("IAdd", rest, under), rest)
    high = e.bool_("SGreaterThanEqual", rest, under)
    quotient = e.select(l, high, e.i64("IAdd", quotient, e.module.long(1)), quotient)
    rest = e.select(l, high, e.i64("ISub", rest, under), rest)
    more = e.select(w, e.bool_("INotEqual", rest, e.module.long(0)), e.word(1), e.word(0))
    narrow = e.i32("UConvert", quotient)
    # Of 27 bits: 24 that stay, two exact ones, and one that says whether there is anything below.
    small = e.bool_("ULessThan", narrow, e.word(1 << 26))
    narrow = e.i32("BitwiseOr", e.select(w, small, e.i32("ShiftLeftLogical", narrow, e.word(1)), narrow), more)
    exponent = e.i32("IAdd", e.i32("ISub", exponent_a, exponent_b), e.select(w, small, e.word(126), e.word(127)))
    made = _rounded(e, narrow, exponent)
    return _with_specials(e, size_a, size_b, e.i32("BitwiseXor", bits_a, bits_b), made)


def _rounded(e: Emitter, narrow: int, exponent: int) -> int:
    """The bits of a positive f32: 27 bits of its significand, the last one sticky, and its biased exponent, of any size."""
    w = e.type("w")
    below = e.bool_("SLessThan", exponent, e.word(1))
    places = e.select(w, below, e.i32("ISub", e.word(1), exponent), e.word(0))
    places = e.select(w, e.bool_("SGreaterThan", places, e.word(27)), e.word(27), places)
    mask = e.i32("ISub", e.i32("ShiftLeftLogical", e.word(1), places), e.word(1))
    lost = e.bool_("INotEqual", e.i32("BitwiseAnd", narrow, mask), e.word(0))
    kept = e.i32("BitwiseOr", e.i32("ShiftRightLogical", narrow, places), e.select(w, lost, e.word(1), e.word(0)))
    significand = e.i32("ShiftRightLogical", kept, e.word(3))
    tail = e.i32("IAdd", e.i32("BitwiseAnd", kept, e.word(7)), e.i32("BitwiseAnd", significand, e.word(1)))
    up = e.select(w, e.bool_("UGreaterThan", tail, e.word(4)), e.word(1), e.word(0))
    place = e.i32("ISub", e.select(w, below, e.word(1), exponent), e.word(1))
    bits = e.i32("IAdd", e.i32("ShiftLeftLogical", place, e.word(23)), e.i32("IAdd", significand, up))
    return e.select(w, e.bool_("SGreaterThan", exponent, e.word(254)), e.word(_INFINITY), bits)


def _with_specials(e: Emitter, size_a: int, size_b: int, sign: int, bits: int) -> int:
    """A quotient with what zeros, infinities and NaN demand."""
    w = e.type("w")

    def at(size: int, value: int) -> int:
        return e.bool_("IEqual", size, e.word(value))

    def either(a: int, b: int) -> int:
        return e.bool_("LogicalOr", a, b)

    zero_a, zero_b, end_a, end_b = at(size_a, 0), at(size_b, 0), at(size_a, _INFINITY), at(size_b, _INFINITY)
    none = [e.bool_("UGreaterThan", size, e.word(_INFINITY)) for size in (size_a, size_b)]
    none += [e.bool_("LogicalAnd", zero_a, zero_b), e.bool_("LogicalAnd", end_a, end_b)]
    made = e.select(w, either(zero_a, end_b), e.word(0), bits)
    made = e.select(w, either(end_a, zero_b), e.word(_INFINITY), made)
    made = e.select(w, either(either(none[0], none[1]), either(none[2], none[3])), e.word(_NAN), made)
    return e.do("Bitcast", e.type("f"), e.i32("BitwiseOr", made, e.i32("BitwiseAnd", sign, e.word(1 << 31))))


def square_root(e: Emitter, x: int) -> int:
    """The root of an f32: the integer nearest to that of a number of 47 or 48 bits, which is never half way between two."""
    w, l = e.type("w"), e.type("l")
    bits = e.i32("Bitcast", x)
    size = e.i32("BitwiseAnd", bits, e.word(0x7FFFFFFF))
    exponent, significand = _parts(e, size)
    even = e.i32("BitwiseAnd", exponent, e.word(1))  # a biased exponent that is odd belongs to an even power
    is_even = e.bool_("INotEqual", even, e.word(0))
    one = _as_float(e, significand)
    scaled = e.exact(e.do("FMul", e.type("f"), one, e.select(e.type("f"), is_even, e.number(1.0, T.f32), e.number(2.0, T.f32))))
    guess = e.exact(e.library("Sqrt" if e.pushes else "sqrt", e.type("f"), scaled))
    root = _wide(e, e.i32("ConvertFToU", e.exact(e.do("FMul", e.type("f"), guess, e.number(2.0**23, T.f32)))))
    places = e.select(l, is_even, e.module.long(25), e.module.long(26))
    four = e.i64("ShiftLeftLogical", _wide(e, significand), places)  # four times the radicand

    def twice(value: int) -> int:
        return e.i64("ShiftLeftLogical", value, e.module.long(1))

    rest = e.i64("ISub", four, e.i64("IMul", twice(root), twice(root)))
    root = e.i64("IAdd", root, _ratio(e, rest, e.i64("ShiftLeftLogical", root, e.module.long(3))))
    for _ in range(2):
        below = e.i64("ISub", twice(root), e.module.long(1))
        root = e.select(l, e.bool_("UGreaterThan", e.i64("IMul", below, below), four),
                        e.i64("ISub", root, e.module.long(1)), root)  # fmt: skip
    for _ in range(2):
        above = e.i64("IAdd", twice(root), e.module.long(1))
        root = e.select(l, e.bool_("ULessThanEqual", e.i64("IMul", above, above), four),
                        e.i64("IAdd", root, e.module.long(1)), root)  # fmt: skip
    power = e.i32("ShiftRightArithmetic", e.i32("ISub", e.i32("IAdd", exponent, even), e.word(128)), e.word(1))
    place = e.i32("ShiftLeftLogical", e.i32("IAdd", power, e.word(126)), e.word(23))
    made = e.i32("IAdd", place, e.i32("UConvert", root))
    itself = e.bool_("LogicalOr", e.bool_("IEqual", size, e.word(0)), e.bool_("IEqual", bits, e.word(_INFINITY)))
    none = e.bool_("UGreaterThan", bits, e.word(_INFINITY))  # NaN, or the sign is set
    made = e.select(w, none, e.word(_NAN), made)
    return e.do("Bitcast", e.type("f"), e.select(w, itself, bits, made))
