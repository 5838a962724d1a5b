"""Arithmetic: rows filled in, and what one instruction cannot say: division, shifts, signs, fused and narrow floats.

One idea: nothing here can trap or be undefined, whatever the operands, because masked-off lanes compute on garbage:
divisors are made safe before the division, amounts before the shift.
"""

from __future__ import annotations

from collections.abc import Callable

from ...diagnostics import InternalError
from ...ir import types as T
from ...ir.core import Op, Value
from ...ir.opdef import OpDef
from ...ir.ops import arith
from ..rows import classify
from .emitter import BY_ROW, PART, Emitter, lowering
from .estimate import refined_rsqrt
from .functions import rare_values
from .masks import is_in_parts, mask_part, part
from .memory import gather_from
from .narrow import round_narrow, round_wide_to_f16
from .powers import power_of_root
from .rows import ROWS
from .text import REGISTER, lanes_of, literal, splat, suffix, vector

_MOST_FACTORS = 8  # of a divisor that are looked at


def _shape(op: Op) -> tuple[T.ScalarType, str, int, str]:
    """(element, register type of one lane, lanes, register type) of an op's first operand."""
    t = op.operands[0].type
    element = T.element_of(t)
    base = REGISTER[element.name]
    lanes = lanes_of(t)
    return element, base, lanes, vector(base, lanes)


def _is_rounded(t: T.ScalarType) -> bool:
    return t.is_float and t.bits < 32


def _flags(e: Emitter, op: Op) -> str:
    """The fast-math flags of an op: those of the math mode, less what the op forbids."""
    if not op.attributes:
        return e.flags if lanes_of(op.results[0].type) or _passes_on(op) else e.scalar_flags
    if op.attributes.get("exact"):
        return ""
    if op.attributes.get("ordered") and e.function.math == "fast":
        return "contract "
    return e.flags if lanes_of(op.results[0].type) or _passes_on(op) else e.scalar_flags


def _passes_on(op: Op) -> bool:
    """Whether what a loop carries is multiplied, and then added to: there a fused sum is the shorter way."""
    if op.name == "arith.mul":
        return any(v.op is None and v.index for v in op.operands)
    return op.name in ("arith.add", "arith.sub") and any(
        v.op is not None and v.op.name == "arith.mul" and _passes_on(v.op) for v in op.operands
    )


class _Spelled:
    """A row for operands of one type. text: with %s for each operand of `order`. rounds: whether the result must be."""

    def __init__(self, e: Emitter, op: Op, flags: str) -> None:
        element, base, lanes, t = _shape(op)
        row = ROWS.get((op.defn.name, classify(element)))
        if row is None:
            raise InternalError(f"no row for {op.name} on {element}", where="cpu code generation", state=str(e.function))
        marks = [f"\0{k}" for k in range(len(op.operands))]
        ones = splat(base, -1, lanes) if "{ones}" in row.spelling else ""
        filled = row.spelling.format(*marks, t=t, v=suffix(base, lanes), flags=flags, ones=ones)
        first, *parts = filled.replace("%", "%%").split("\0")
        self.order = [int(part[0]) for part in parts]
        self.text = "%s".join([first, *[part[1:] for part in parts]])
        self.rounds = not row.exact and _is_rounded(element) and T.element_of(op.results[0].type) is element


_spelled: dict[tuple[OpDef, T.Type, str], _Spelled] = {}


@lowering(BY_ROW)
def _by_row(e: Emitter, op: Op) -> str:
    """One row, filled in; narrow floats are rounded after it."""
    operands, flags = op.operands, _flags(e, op)
    row = _spelled.get((op.defn, operands[0].type, flags))
    if row is None:
        row = _spelled[op.defn, operands[0].type, flags] = _Spelled(e, op, flags)
    text = e.do(row.text % tuple([e.value(operands[k]) for k in row.order]))
    if not row.rounds:
        return text
    return round_narrow(e, T.element_of(operands[0].type), text, lanes_of(operands[0].type))


@lowering("arith.select")
def _select(e: Emitter, op: Op) -> str:
    cond, a, b = op.operands
    if (wide := e.wide.get(cond)) is not None and (a.constant, b.constant) == (1, 0) and T.element_of(a.type) in (T.i32, T.u32):
        # LLVM would shift the sign down; of lanes that are -1 or 0 already, what is added becomes a subtraction.
        return e.do(f"sub {vector('i32', lanes_of(a.type))} zeroinitializer, {wide}")
    element, lanes = T.element_of(a.type), lanes_of(a.type)
    if lanes > PART and element.bits == 32 and is_in_parts(e, cond):
        base, t = REGISTER[element.name], vector(REGISTER[element.name], PART)
        chosen: list[str] = []
        for k in range(lanes // PART):
            mask = mask_part(e, cond, k)
            x, y = [unknown_one(e, v, PART) or f"{t} {part(e, e.value(v), base, lanes, k)}" for v in (a, b)]
            chosen.append(e.do(f"select {vector('i1', PART)} {mask}, {x}, {y}"))
        return e.joined(chosen, base, PART)
    given = [unknown_one(e, v) or e.typed(v) for v in (a, b)] if e.target.vector_bytes == 64 else [e.typed(a), e.typed(b)]
    return e.do(f"select {e.typed(cond)}, {given[0]}, {given[1]}")


def unknown_one(e: Emitter, v: Value, lanes: int | None = None) -> str | None:
    """Lanes (all of the tile's, if it is not said how many) of 1 that LLVM does not know to be 1: it would turn a choice between 1
    and 0 into lanes of -1 (VPMOVM2D) that are subtracted, where a sum under a mask is one instruction."""
    t = T.element_of(v.type)
    lanes = lanes_of(v.type) if lanes is None else lanes
    if v.constant != 1 or not t.is_integer or not lanes:
        return None
    whole, of = vector(REGISTER[t.name], lanes), min(lanes, 64 * 8 // t.bits)
    if of * t.bits != 64 * 8:
        return None
    part = vector(REGISTER[t.name], of)
    one = e.at_entry(("one", part), f'call {part} asm "", "=v,0"({part} {splat(REGISTER[t.name], 1, of)})')
    if lanes > of:
        one = e.at_entry(("one", whole), f"shufflevector {part} {one}, {part} poison, <{lanes} x i32> zeroinitializer")
    return f"{whole} {one}"


@lowering("arith.fma")
def _fma(e: Emitter, op: Op) -> str:
    element, base, lanes, t = _shape(op)
    a, b, c = [e.value(v) for v in op.operands]
    if element is not T.f16:
        text = e.intrinsic("fma", base, lanes, a, b, c)
        return round_narrow(e, element, text, lanes) if _is_rounded(element) else text
    # The product of two f16 is exact in f32, and its sum with an f16 rounds harmlessly in f64: where 53 bits do not
    # hold it, one addend is too small to bring the other near the middle between two f16 numbers.
    wide = vector("double", lanes)
    product = e.do(f"fpext {t} {e.do(f'fmul {t} {a}, {b}')} to {wide}")
    total = e.do(f"fadd {wide} {product}, {e.do(f'fpext {t} {c} to {wide}')}")
    return round_wide_to_f16(e, total, lanes)


def _estimates(e: Emitter, op: Op, t: T.ScalarType) -> bool:
    """Whether an op may be a refined estimate instead of rounded step by step."""
    return e.function.math != "strict" and t is T.f32 and not op.attributes.get("exact")


@lowering("arith.rsqrt")
def _rsqrt(e: Emitter, op: Op) -> str:
    element, base, lanes, t = _shape(op)
    x = e.value(op.operands[0])
    out = refined_rsqrt(e, x, lanes) if _estimates(e, op, element) else None
    if out is not None:
        return out
    # Without flags: LLVM's own estimate of 1 / sqrt gives NaN at 0 and at infinity.
    root = e.do(f"call {t} @llvm.sqrt.{suffix(base, lanes)}({t} {x})")
    out = e.do(f"fdiv {t} {splat(base, 1.0, lanes)}, {root}")
    return round_narrow(e, element, out, lanes) if _is_rounded(element) else out


@lowering("arith.mul")
def _mul(e: Emitter, op: Op) -> str | None:
    found = power_of_root(e, op) if e.function.math == "fast" else None
    return found if found is not None else _by_row(e, op)


def _has_root(divisor: Value) -> bool:
    """Whether it is a product with a root in it. Where a division has flags, LLVM estimates such a root by itself, and makes
    NaN of 0, of infinity and of what overflows."""
    open_ = [divisor]
    for v in open_:
        if v.op is not None and v.op.name == "arith.mul" and len(open_) <= _MOST_FACTORS:
            open_ += v.op.operands
    return any(v is not divisor and v.op is not None and v.op.name == "arith.sqrt" for v in open_)


@lowering("arith.div")
def _div(e: Emitter, op: Op) -> str | None:
    """A row but for x / sqrt(y) under math="fast", which is x * rsqrt(y) with the right values at 0 and infinity."""
    element, _, lanes, t = _shape(op)
    root = op.operands[1].op
    if e.function.math == "fast" and (found := power_of_root(e, op)) is not None:
        return found
    if e.function.math == "fast" and element is T.f32 and _has_root(op.operands[1]):
        return e.do(f"fdiv {t} {e.value(op.operands[0])}, {e.value(op.operands[1])}")
    if e.function.math != "fast" or root is None or root.name != "arith.sqrt" or not _estimates(e, op, element):
        return _by_row(e, op)
    x, y = [e.value(v) for v in (op.operands[0], root.operands[0])]
    inverse = refined_rsqrt(e, y, lanes)
    if inverse is None:
        return e.do(f"fdiv {t} {x}, {e.value(op.operands[1])}")
    return inverse if op.operands[0].constant == 1.0 else e.do(f"fmul {e.flags}{t} {x}, {inverse}")


@lowering("arith.isinf")
def _isinf(e: Emitter, op: Op) -> str:
    _, base, lanes, t = _shape(op)
    size = e.intrinsic("fabs", base, lanes, e.value(op.operands[0]))
    return e.do(f"fcmp oeq {t} {size}, {splat(base, float('inf'), lanes)}")


@lowering("arith.sign")
def _sign(e: Emitter, op: Op) -> str:
    element, base, lanes, t = _shape(op)
    x = e.value(op.operands[0])
    if element.is_float:
        one = e.intrinsic("copysign", base, lanes, splat(base, 1.0, lanes), x)
        stays = e.do(f"fcmp ueq {t} {x}, zeroinitializer")
        return e.select(stays, t, x, one, lanes)
    low = e.intrinsic("smax", base, lanes, x, splat(base, -1, lanes))
    return e.intrinsic("smin", base, lanes, low, splat(base, 1, lanes))


# Shifts: LLVM leaves an amount of the width or more undefined.


@lowering("arith.shl", "arith.shr")
def _shift(e: Emitter, op: Op) -> str:
    element, base, lanes, t = _shape(op)
    x, amount = [e.value(v) for v in op.operands]
    is_signed_right = op.name == "arith.shr" and element.is_signed
    instruction = "shl" if op.name == "arith.shl" else "ashr" if is_signed_right else "lshr"
    if _is_below(op.operands[1], element.bits):
        return e.do(f"{instruction} {t} {x}, {amount}")
    last = splat(base, element.bits - 1, lanes)
    if is_signed_right:
        return e.do(f"ashr {t} {x}, {e.intrinsic('umin', base, lanes, amount, last)}")
    safe = e.do(f"and {t} {amount}, {last}")
    shifted = e.do(f"{instruction} {t} {x}, {safe}")
    fits = e.do(f"icmp ule {t} {amount}, {last}")
    return e.select(fits, t, shifted, "zeroinitializer" if lanes else "0", lanes)


def _is_below(v: Value, bound: int) -> bool:
    """Whether a number is seen to be in range(bound): a constant, or what a mask leaves."""
    known = v.constant
    if known is None and v.op is not None and v.op.defn is arith.AND:
        known = max((x.constant for x in v.op.operands if x.constant is not None), default=None)
    return known is not None and 0 <= known < bound


# Integer division. Row: rounds toward minus infinity, x // 0 == 0, x % 0 == 0, MIN // -1 == MIN.


@lowering("arith.floordiv", "arith.mod")
def _division(e: Emitter, op: Op) -> str:
    element, _, lanes, _ = _shape(op)
    known = op.operands[1].constant
    if known is not None:
        return _by_constant(e, op, int(known))
    if not lanes:
        return _by_size(e, op) if element.is_signed and element.bits >= 32 and e.is_x86 else _guarded(e, op)
    if element.bits == 64:
        return _wide_division(e, op)
    return _by_float(e, op, "float" if element.bits <= 16 else "double")


def _by_constant(e: Emitter, op: Op, divisor: int) -> str:
    element, base, lanes, t = _shape(op)
    x = e.value(op.operands[0])
    wants_quotient = op.name == "arith.floordiv"
    if divisor == 0 or (divisor == -1 and not wants_quotient):
        return splat(base, 0, lanes)
    if divisor == -1:
        return e.do(f"sub {t} zeroinitializer, {x}")
    by = splat(base, divisor, lanes)
    if not element.is_signed:
        return e.do(f"{'udiv' if wants_quotient else 'urem'} {t} {x}, {by}")
    if divisor > 0 and divisor & (divisor - 1) == 0:
        if wants_quotient:
            return e.do(f"ashr {t} {x}, {splat(base, divisor.bit_length() - 1, lanes)}")
        return e.do(f"and {t} {x}, {splat(base, divisor - 1, lanes)}")
    if divisor < 0:
        return _floor(e, op, x, by, e.do(f"sdiv {t} {x}, {by}"))
    # Of x below 0 the quotient is that of ~x, with all bits changed: nothing is left to correct, and LLVM takes half the time.
    sign = e.do(f"ashr {t} {x}, {splat(base, element.bits - 1, lanes)}")
    size = e.do(f"xor {t} {x}, {sign}")
    quotient = e.do(f"xor {t} {e.do(f'udiv {t} {size}, {by}')}, {sign}")
    return quotient if wants_quotient else e.do(f"sub {t} {x}, {e.do(f'mul {t} {quotient}, {by}')}")


def _floor(e: Emitter, op: Op, x: str, by: str, quotient: str) -> str:
    """Quotient or remainder rounded down, from the quotient rounded toward zero."""
    _, _, lanes, t = _shape(op)
    rest = e.do(f"sub {t} {x}, {e.do(f'mul {t} {quotient}, {by}')}")
    differ = e.do(f"icmp slt {t} {e.do(f'xor {t} {rest}, {by}')}, zeroinitializer")
    left = e.do(f"icmp ne {t} {rest}, zeroinitializer")
    is_over = e.do(f"and {vector('i1', lanes)} {differ}, {left}")
    if op.name == "arith.floordiv":
        minus = e.do(f"sext {vector('i1', lanes)} {is_over} to {t}")
        return e.do(f"add {t} {quotient}, {minus}")
    return e.do(f"add {t} {rest}, {e.select(is_over, t, by, 'zeroinitializer', lanes)}")


def _guarded(e: Emitter, op: Op) -> str:
    """By instructions, with divisors that trap (0, and -1 of signed types) replaced by 1."""
    element, base, lanes, t = _shape(op)
    x, by = [e.value(v) for v in op.operands]
    zero, one = splat(base, 0, lanes), splat(base, 1, lanes)
    is_zero = e.do(f"icmp eq {t} {by}, {zero}")
    wants_quotient = op.name == "arith.floordiv"
    if not element.is_signed:
        safe = e.select(is_zero, t, one, by, lanes)
        out = _divided(e, "udiv" if wants_quotient else "urem", t, x, safe)
        return e.select(is_zero, t, zero, out, lanes)
    is_minus = e.do(f"icmp eq {t} {by}, {splat(base, -1, lanes)}")
    is_odd = e.do(f"or {vector('i1', lanes)} {is_zero}, {is_minus}")
    safe = e.select(is_odd, t, one, by, lanes)
    out = _floor(e, op, x, safe, e.do(f"sdiv {t} {x}, {safe}"))
    if not wants_quotient:
        return out  # the remainder by 1 is 0, which is right for 0 and -1 too
    out = e.select(is_minus, t, e.do(f"sub {t} {zero}, {x}"), out, lanes)
    return e.select(is_zero, t, zero, out, lanes)


def _divided(e: Emitter, instruction: str, t: str, x: str, by: str) -> str:
    """An unsigned division. Of 64 bits older x86 processors take up to 90 cycles, of 32 bits, which most numbers fit into, 26."""
    if t != "i64" or not e.is_x86:
        return e.do(f"{instruction} {t} {x}, {by}")
    return _either(e, t, _fit(e, x, by), lambda: _short(e, instruction, x, by), lambda: e.do(f"{instruction} i64 {x}, {by}"))


def _by_size(e: Emitter, op: Op) -> str:
    """A signed division of numbers: where neither is negative, nor of more than 32 bits, nothing is left to correct."""
    _, base, _, t = _shape(op)
    x, by = [e.value(v) for v in op.operands]
    instruction = "udiv" if op.name == "arith.floordiv" else "urem"
    small = _fit(e, x, by) if t == "i64" else e.do(f"icmp sge {t} {e.do(f'or {t} {x}, {by}')}, 0")

    def quick() -> str:
        is_zero = e.do(f"icmp eq {t} {by}, 0")
        safe = e.select(is_zero, t, splat(base, 1, 0), by, 0)
        out = _short(e, instruction, x, safe) if t == "i64" else e.do(f"{instruction} {t} {x}, {safe}")
        return e.select(is_zero, t, "0", out, 0) if instruction == "udiv" else out

    return _either(e, t, small, quick, lambda: _guarded(e, op))


def _fit(e: Emitter, x: str, by: str) -> str:
    """Whether two numbers of 64 bits have 32, and no sign."""
    either = e.do(f"or i64 {x}, {by}")
    return e.do(f"icmp eq i64 {e.do(f'lshr i64 {either}, 32')}, 0")


def _short(e: Emitter, instruction: str, x: str, by: str) -> str:
    few = [e.do(f"trunc i64 {v} to i32") for v in (x, by)]
    return e.do(f"zext i32 {e.do(f'{instruction} i32 {few[0]}, {few[1]}')} to i64")


def _either(e: Emitter, t: str, cond: str, one: Callable[[], str], other: Callable[[], str]) -> str:
    ways, join, found = (e.fresh("short"), e.fresh("long")), e.fresh("divided"), list[tuple[str, str]]()
    e.branch(cond, *ways)
    for label, make in zip(ways, (one, other), strict=True):
        e.begin(label)
        found.append((make(), e.label))
        e.jump(join)
    e.begin(join)
    return e.phi(t, found)


# 1.5 * 2**52: adding it to an integral double puts that integer, in two's complement, into the low bits.
_MAGIC = 6755399441055744.0
_MAGIC_BITS = 0x4338000000000000


def _by_float(e: Emitter, op: Op, wide: str) -> str:
    """Integers of up to 16 bits through f32, of 32 bits through f64.

    Exact: if x / b is not an integer, its distance to the next one is at least 1/|b|, that is |1/x| of it, which is
    more than the rounding error of the division; so the floor of the rounded quotient is the floor of the true one.
    """
    element, base, lanes, t = _shape(op)
    x, by = [e.value(v) for v in op.operands]
    is_zero = e.do(f"icmp eq {t} {by}, zeroinitializer")
    safe = e.select(is_zero, t, splat(base, 1, lanes), by, lanes)
    convert = "sitofp" if element.is_signed else "uitofp"
    w = vector(wide, lanes)
    ratio = e.do(f"fdiv {w} {e.do(f'{convert} {t} {x} to {w}')}, {e.do(f'{convert} {t} {safe} to {w}')}")
    whole = e.intrinsic("floor", wide, lanes, ratio)
    if wide == "float":
        i32 = vector("i32", lanes)
        quotient = e.do(f"trunc {i32} {e.do(f'fptosi {w} {whole} to {i32}')} to {t}")
    else:
        i64 = vector("i64", lanes)
        moved = e.do(f"fadd {w} {whole}, {splat(wide, _MAGIC, lanes)}")
        quotient = e.do(f"trunc {i64} {e.do(f'bitcast {w} {moved} to {i64}')} to {t}")
    if op.name == "arith.floordiv":
        return e.select(is_zero, t, "zeroinitializer", quotient, lanes)
    rest = e.do(f"sub {t} {x}, {e.do(f'mul {t} {quotient}, {safe}')}")
    return e.select(is_zero, t, "zeroinitializer", rest, lanes)


def _wide_division(e: Emitter, op: Op) -> str:
    """64-bit tiles: through f64 when all operands are below 2**51 in size (ids and extents are), else lane by lane, in a function:
    as straight code LLVM takes ten milliseconds for each such division."""
    element, base, lanes, t = _shape(op)
    x, by = [e.value(v) for v in op.operands]
    fits = _all_small(e, element, (x, by), lanes)
    quick, slow, join = e.fresh("small"), e.fresh("large"), e.fresh("divided")
    e.branch(fits, quick, slow, ", !prof !0")
    e.begin(quick)
    is_zero = e.do(f"icmp eq {t} {by}, zeroinitializer")
    safe = e.select(is_zero, t, splat(base, 1, lanes), by, lanes)
    w = vector("double", lanes)
    ratio = e.do(f"fdiv {w} {_small_to_double(e, x, lanes)}, {_small_to_double(e, safe, lanes)}")
    whole = e.intrinsic("floor", "double", lanes, ratio)
    moved = e.do(f"fadd {w} {whole}, {splat('double', _MAGIC, lanes)}")
    quotient = e.do(f"sub {t} {e.do(f'bitcast {w} {moved} to {t}')}, {splat('i64', _MAGIC_BITS, lanes)}")
    if op.name == "arith.mod":
        quotient = e.do(f"sub {t} {x}, {e.do(f'mul {t} {quotient}, {safe}')}")
    first = e.select(is_zero, t, "zeroinitializer", quotient, lanes)
    e.jump(join)
    e.begin(slow)
    # What is no vector of the kernel's own, or was folded, is divided here.
    is_usual = lanes == e.lanes and all(text.startswith("%") for text in (x, by))
    (second,) = rare_values(e, {op.results[0]: op}, op.results) if is_usual else [_guarded(e, op)]
    e.jump(join)
    e.begin(join)
    return e.phi(t, [(first, quick), (second, slow)])


def _all_small(e: Emitter, element: T.ScalarType, values: tuple[str, ...], lanes: int) -> str:
    t = vector("i64", lanes)
    either = "zeroinitializer"
    for x in values:
        if element.is_signed:
            x = e.do(f"add {t} {x}, {splat('i64', 1 << 50, lanes)}")
        either = e.do(f"or {t} {either}, {x}")
    # Sums of small numbers stay below 2**51; any higher bit of any of them shows in the union.
    over = e.do(f"icmp ugt {t} {either}, {splat('i64', (1 << 51) - 1, lanes)}")
    bits = e.do(f"bitcast {vector('i1', lanes)} {over} to i{lanes}")
    return e.do(f"icmp eq i{lanes} {bits}, 0")


def _small_to_double(e: Emitter, x: str, lanes: int) -> str:
    """Exact for |x| < 2**51."""
    t, w = vector("i64", lanes), vector("double", lanes)
    moved = e.do(f"add {t} {x}, {splat('i64', _MAGIC_BITS, lanes)}")
    return e.do(f"fsub {w} {e.do(f'bitcast {t} {moved} to {w}')}, {splat('double', _MAGIC, lanes)}")


@lowering("arith.lookup")
def _lookup(e: Emitter, op: Op) -> str:
    element, base, lanes, t = _shape(op)
    out = T.element_of(op.results[0].type)
    values = op.attributes["table"]
    memory = "i8" if out.is_bool else REGISTER[out.name]
    items = ", ".join(f"{memory} {literal(memory, v)}" for v in values)
    # Named by content, so that equal tables are one.
    name = f"@table.{len(e.tail)}"
    text = f"private unnamed_addr constant [{len(values)} x {memory}] [{items}], align 64"
    for known, other in e.tail.items():
        if other == f"{known} = {text}":
            name = known
    e.declare(name, f"{name} = {text}")
    last = min(len(values) - 1, (1 << (element.bits - element.is_signed)) - 1)
    index = e.value(op.operands[0])
    if element.is_signed:
        index = e.intrinsic("smax", base, lanes, index, splat(base, 0, lanes))
    index = e.intrinsic("umin", base, lanes, index, splat(base, last, lanes))
    if base != "i64":
        index = e.do(f"zext {t} {index} to {vector('i64', lanes)}")
    # Tables are read where an elementary function's argument is out of the ordinary.
    loaded = gather_from(e, name, index, memory, lanes, is_rare=True)
    if out.is_bool:
        return e.do(f"trunc {vector(memory, lanes)} {loaded} to {vector('i1', lanes)}")
    return loaded
