"""Masks that a loop carries: in the form that costs nothing to use.

Where masks are vectors like others: `<W x i1>` has no register outside of AVX-512. Within a block of code LLVM keeps what a
comparison gave as it is, a vector of all ones and zeros, but from block to block it packs such a mask into bytes, and unpacks it
for every use. So a loop carries it as `<W x i32>` of -1 and 0, `Emitter.wide`; a use compares that with 0, which costs nothing:
blends, masked accesses and tests look at the sign.

With AVX-512: a mask of two or four vectors has a register of its own, and each vector a part of it, which takes an instruction to
get at, and one to put back (a fifth of a Mandelbrot set's round). So loops that only compute, on vectors of 16 lanes, carry the
parts, `Emitter.parts`: comparisons give them, under the mask of the round before, and sums and choices take them.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.core import Op, Value, walk
from ...ir.ops import arith
from ..rows import classify
from .emitter import PART, Emitter
from .rows import ROWS
from .text import lanes_of, vector

__all__ = ["any_part", "any_wide", "goes_in_parts", "is_in_parts", "is_wide", "mask_part", "mask_parts", "part",
           "wide_mask"]

_JOINS = (arith.AND, arith.OR, arith.NOT)
_COMPARES = (arith.EQ, arith.NE, arith.LT, arith.LE, arith.GT, arith.GE)


def is_wide(e: Emitter, v: Value) -> bool:
    """Whether loops carry a value as a wide mask."""
    return e.target.vector_bytes < 64 and lanes_of(v.type) > 1 and T.element_of(v.type).is_bool


def wide_mask(e: Emitter, v: Value) -> str:
    """The wide form of a mask, made here unless it exists."""
    known = e.wide.get(v)
    if known is not None:
        return known
    t = vector("i32", lanes_of(v.type))
    if v.op is not None and v.op.name == "arith.and":
        # Not the widened conjunction: LLVM would move the widening behind the loop's head, and carry bytes again.
        a, b = [wide_mask(e, x) for x in v.op.operands]
        return e.do(f"and {t} {a}, {b}")
    if v.op is not None and v.op.name == "tile.splat":
        return e.spread(e.do(f"sext i1 {e.value(v.op.operands[0])} to i32"), "i32", lanes_of(v.type))
    return e.do(f"sext {vector('i1', lanes_of(v.type))} {e.value(v)} to {t}")


def any_wide(e: Emitter, wide: str, lanes: int) -> str:
    """Whether any lane of a wide mask is set."""
    register = e.target.vector_bytes // 4
    while lanes > register and lanes % 2 == 0:
        t, half = vector("i32", lanes), lanes // 2
        parts = [", ".join(f"i32 {k}" for k in range(start, start + half)) for start in (0, half)]
        low, high = [e.do(f"shufflevector {t} {wide}, {t} poison, <{half} x i32> <{part}>") for part in parts]
        wide, lanes = e.do(f"or {vector('i32', half)} {low}, {high}"), half
    set_ = e.do(f"icmp slt {vector('i32', lanes)} {wide}, zeroinitializer")
    bits = e.do(f"bitcast {vector('i1', lanes)} {set_} to i{lanes}")
    return e.do(f"icmp ne i{lanes} {bits}, 0")


def goes_in_parts(e: Emitter, loop: Op) -> bool:
    """Whether a loop carries masks in parts: it only computes, on elements of which a vector has 16."""
    carried = [v for v in loop.operands if T.element_of(v.type).is_bool and lanes_of(v.type) > PART]
    if e.target.vector_bytes < 64 or not carried:
        return False
    ops = [op for region in loop.regions for op in walk(region)]
    if any(op.defn.effect or op.defn.function for op in ops):
        return False
    tiles = [T.element_of(v.type) for op in ops for v in op.results if lanes_of(v.type)]
    return all(t.is_bool or t.bits == 32 for t in tiles)


def part(e: Emitter, text: str, base: str, lanes: int, k: int) -> str:
    """The k-th vector of a tile."""
    if text.startswith(("splat", "zeroinitializer")):
        return text
    places = ", ".join([f"i32 {place}" for place in range(k * PART, (k + 1) * PART)])
    t = vector(base, lanes)
    return e.do(f"shufflevector {t} {text}, {t} poison, <{PART} x i32> <{places}>")


def is_in_parts(e: Emitter, v: Value) -> bool:
    """Whether a mask had better be taken in parts: it is in parts, or made of one that is; in a loop that carries masks in parts,
    what comparisons give, too."""
    if v in e.parts:
        return True
    if v.op is None or lanes_of(v.type) <= PART:
        return False
    return any(is_in_parts(e, x) for x in v.op.operands) if v.op.defn in _JOINS else e.parted and _compares(v.op)


def mask_part(e: Emitter, v: Value, k: int) -> str:
    """The k-th part of any mask. Made when it is wanted: there are seven registers for them, which LLVM does not think of."""
    known, op = e.parts.get(v), v.op
    if known is not None:
        return known[k]
    if op is not None and op.defn in _JOINS:
        parts = [mask_part(e, x, k) for x in op.operands]
        spelling = ROWS[op.defn.name, classify(T.bool_)].spelling
        return e.do(spelling.format(*parts, t=vector("i1", PART), ones="splat (i1 true)"))
    lanes = lanes_of(v.type)
    if op is not None and _compares(op):
        element = T.element_of(op.operands[0].type)
        base, spelling = ("float" if element.is_float else "i32"), ROWS[op.defn.name, classify(element)].spelling
        a, b = [part(e, e.value(x), base, lanes, k) for x in op.operands]
        return e.do(spelling.format(a, b, t=vector(base, PART)))
    if op is not None and op.name == "tile.splat":
        return e.spread(e.value(op.operands[0]), "i1", PART)
    return part(e, e.value(v), "i1", lanes, k)


def _compares(op: Op) -> bool:
    return op.defn in _COMPARES and T.element_of(op.operands[0].type).bits == 32


def mask_parts(e: Emitter, v: Value) -> list[str]:
    """All parts of any mask."""
    return [mask_part(e, v, k) for k in range(lanes_of(v.type) // PART)]


def any_part(e: Emitter, parts: list[str]) -> str:
    """Whether any lane of a mask in parts is set."""
    while len(parts) > 1:
        parts = [e.do(f"or {vector('i1', PART)} {a}, {b}") for a, b in zip(parts[::2], parts[1::2], strict=True)]
    bits = e.do(f"bitcast {vector('i1', PART)} {parts[0]} to i{PART}")
    return e.do(f"icmp ne i{PART} {bits}, 0")
