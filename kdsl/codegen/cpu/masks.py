"""Masks that a loop carries, on machines whose masks are vectors like others.

One idea: `<W x i1>` has no register outside of AVX-512. Within a block of code LLVM keeps what a comparison gave as it is, a
vector of all ones and zeros, but from block to block it packs such a mask into bytes, and unpacks it for every use. So a
loop carries it as `<W x i32>` of -1 and 0, `Emitter.wide`; a use compares that with 0, which costs nothing: blends,
masked accesses and tests look at the sign.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.core import Value
from .emitter import Emitter
from .text import lanes_of, vector

__all__ = ["any_wide", "is_wide", "wide_mask"]


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
