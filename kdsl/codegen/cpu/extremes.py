"""Minima and maxima of floats on x86, whose instructions give the second operand for NaN and for two zeros.

One idea: what LLVM does about that takes four instructions for each extreme. MINPS both ways round gives two answers that
differ only where one operand is NaN, or zeros have different signs; their bits or-ed are NaN, or -0, as is wanted. A maximum
of many loaded elements is one chain of MAXPS; its sign is negative only if all signs are, and it is NaN if any element is,
so both are asked once for all. Any other maximum is VRANGEPS where there is AVX-512, which knows the signs of zeros, and one
question for NaN beside it: LLVM's own way takes six instructions there, of which two masks wait for each other. Of numbers by
themselves its way is to ask for a sign and to jump, which nothing foresees: their maximum is MAXSS both ways round, the bits that
both have, or NaN.
"""

from __future__ import annotations

from typing import NamedTuple

from ...ir import types as T
from ...ir.core import Op, Value
from .emitter import BY_ROW, LOWERED, Emitter, lowering
from .text import REGISTER, lanes_of, splat, vector

__all__ = ["Most", "greater"]

_FEWEST = 4  # elements of a maximum, from which asking once for all takes less
_BITS = {"float": "i32", "double": "i64"}
_RANGES = {"float": ("ps", 16), "double": ("pd", 8)}  # how VRANGE is named, and lanes of a register
_GREATER = 0b0101  # of it: the greater one, with its sign


class Most(NamedTuple):
    """Of so many elements: what MAXPS gives, the bits that all have, whether one that was looked at is NaN, and one that was
    not."""

    elements: int
    value: str
    common: str
    unordered: str | None
    left: str | None


@lowering("arith.minimum", "arith.maximum")
def _extreme(e: Emitter, op: Op) -> str | None:
    t, lanes = T.element_of(op.results[0].type), lanes_of(op.results[0].type)
    if not t.is_float or not e.is_x86 or any(_is_number(v) for v in op.operands):
        return LOWERED[BY_ROW](e, op)
    base = REGISTER[t.name]
    if op.name == "arith.minimum":
        a, b = [e.value(v) for v in op.operands]
        return _lesser(e, a, b, base, lanes)
    if not lanes:
        a, b = [e.value(v) for v in op.operands]
        unordered = e.do(f"fcmp uno {base} {a}, {b}")
        return e.select(unordered, base, splat(base, float("nan"), 0), _greater_or_both(e, a, b, base, 0), 0)
    found = _most(e, op, base, lanes)
    if found is not None and found.elements >= _FEWEST:
        return _with_signs(e, found, base, lanes)
    if e.target.vector_bytes < 64 or lanes < _RANGES[base][1] // 4:
        return LOWERED[BY_ROW](e, op)
    a, b = [e.value(v) for v in op.operands]
    unordered = e.do(f"fcmp uno {vector(base, lanes)} {a}, {b}")
    return e.select(unordered, vector(base, lanes), splat(base, float("nan"), lanes), greater(e, a, b, base, lanes), lanes)


@lowering("arith.fmin", "arith.fmax")
def _number_over_nan(e: Emitter, op: Op) -> str:
    """Each operand that is NaN is first what the other one is: then either none is, or both are the same."""
    lanes, base = lanes_of(op.results[0].type), REGISTER[T.element_of(op.results[0].type).name]
    t, is_least = vector(base, lanes), op.name == "arith.fmin"
    a, b = [e.value(v) for v in op.operands]
    b = e.select(e.do(f"fcmp uno {t} {b}, zeroinitializer"), t, a, b, lanes)
    a = e.select(e.do(f"fcmp uno {t} {a}, zeroinitializer"), t, b, a, lanes)
    if not e.is_x86:
        return e.intrinsic("minimum" if is_least else "maximum", base, lanes, a, b)
    return _lesser(e, a, b, base, lanes) if is_least else _greater_or_both(e, a, b, base, lanes)


def _lesser(e: Emitter, a: str, b: str, base: str, lanes: int) -> str:
    """The minimum of two vectors' elements, or two numbers: NaN if one is."""
    return _bits(e, "or", base, lanes, _first(e, "olt", base, lanes, a, b), _first(e, "olt", base, lanes, b, a))


def _greater_or_both(e: Emitter, a: str, b: str, base: str, lanes: int) -> str:
    """The maximum where neither is NaN, or both are the same one."""
    return _bits(e, "and", base, lanes, _first(e, "ogt", base, lanes, a, b), _first(e, "ogt", base, lanes, b, a))


def greater(e: Emitter, a: str, b: str, base: str, lanes: int) -> str:
    """The greater of two vectors' elements where neither is NaN, with AVX-512; 0 is above -0."""
    name, most = _RANGES[base]
    t, bits = vector(base, lanes), max(lanes, 8)
    if lanes > most:
        half = lanes // 2
        orders = [", ".join([f"i32 {first + k}" for k in range(half)]) for first in (0, half)]
        parts = [[e.do(f"shufflevector {t} {v}, {t} poison, <{half} x i32> <{order}>") for v in (a, b)] for order in orders]
        low, high = [f"{vector(base, half)} {greater(e, x, y, base, half)}" for x, y in parts]
        return e.do(f"shufflevector {low}, {high}, <{lanes} x i32> <{', '.join([f'i32 {k}' for k in range(lanes)])}>")
    intrinsic = f"llvm.x86.avx512.mask.range.{name}.{512 * lanes // most}"
    rounding = [", i32", ", i32 4"] if lanes == most else ["", ""]
    e.declare(intrinsic, f"declare {t} @{intrinsic}({t}, {t}, i32, {t}, i{bits}{rounding[0]})")
    return e.do(f"call {t} @{intrinsic}({t} {a}, {t} {b}, i32 {_GREATER}, {t} zeroinitializer, i{bits} -1{rounding[1]})")


def _is_number(v: Value) -> bool:
    """Whether LLVM knows that a value is not NaN."""
    while v.op is not None and v.op.name == "tile.splat":
        (v,) = v.op.operands
    is_cast = v.op is not None and v.op.name == "arith.cast"
    return v.constant is not None or (is_cast and not T.element_of(v.op.operands[0].type).is_float)  # type: ignore[union-attr]


def _first(e: Emitter, order: str, base: str, lanes: int, a: str, b: str) -> str:
    """MINPS or MAXPS."""
    t = vector(base, lanes)
    return e.select(e.do(f"fcmp {order} {t} {a}, {b}"), t, a, b, lanes)


def _bits(e: Emitter, how: str, base: str, lanes: int, a: str, b: str) -> str:
    t, bits = vector(base, lanes), vector(_BITS[base], lanes)
    x, y = [e.do(f"bitcast {t} {v} to {bits}") for v in (a, b)]
    return e.do(f"bitcast {bits} {e.do(f'{how} {bits} {x}, {y}')} to {t}")


def _most(e: Emitter, op: Op, base: str, lanes: int) -> Most | None:
    """A maximum of loaded elements; None if there are others."""
    parts = [_part(e, v, lanes) for v in op.operands]
    a, b = parts
    if a is None or b is None:
        return None
    unordered, left = a.unordered or b.unordered, a.left or b.left
    mask = vector("i1", lanes)
    if a.unordered and b.unordered:
        unordered = e.do(f"or {mask} {a.unordered}, {b.unordered}")
    if a.left and b.left:
        both, left = e.do(f"fcmp uno {vector(base, lanes)} {a.left}, {b.left}"), None
        unordered = both if unordered is None else e.do(f"or {mask} {unordered}, {both}")
    value = _first(e, "ogt", base, lanes, a.value, b.value)
    made = Most(a.elements + b.elements, value, _bits(e, "and", base, lanes, a.common, b.common), unordered, left)
    e.maxima[op.results[0]] = (e.label, made)
    return made


def _part(e: Emitter, v: Value, lanes: int) -> Most | None:
    if v in e.maxima:
        label, known = e.maxima[v]
        return known if label == e.label else None
    if v.op is None or v.op.name not in ("tile.load", "tile.gather"):
        return None
    x = e.value(v)
    return Most(1, x, x, None, x)


def _with_signs(e: Emitter, found: Most, base: str, lanes: int) -> str:
    t, mask, whole = vector(base, lanes), vector("i1", lanes), _BITS[base]
    unordered = found.unordered
    assert unordered is not None
    if found.left:
        last = e.do(f"fcmp uno {t} {found.left}, zeroinitializer")
        unordered = e.do(f"or {mask} {unordered}, {last}")
    number = splat(whole, (1 << int(whole[1:]) - 1) - 1, lanes)
    bits = vector(whole, lanes)
    signs = e.do(f"or {bits} {e.do(f'bitcast {t} {found.common} to {bits}')}, {number}")
    signed = e.do(f"and {bits} {e.do(f'bitcast {t} {found.value} to {bits}')}, {signs}")
    return e.select(unordered, t, splat(base, float("nan"), lanes), e.do(f"bitcast {bits} {signed} to {t}"), lanes)
