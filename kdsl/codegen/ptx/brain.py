"""bf16: conversions, and sums and products of bf16 in one instruction.

One idea: what reaches the emitter is f32 arithmetic on bf16 numbers, rounded to bf16 after each op. Of a sum, a difference and a
product the instruction of sm_90 (or the fused one of sm_80, with a 1 or a -0) gives the same bits: f32 has more than twice the bits
that are kept, so rounding to it on the way changes nothing. That is not so of a fused multiply-add, which stays in f32.
"""

from __future__ import annotations

import struct

from ...ir import types as T
from ...ir.core import Op, Value
from ...ir.ops import arith
from .emitter import PLANS, Emitter

__all__ = ["convert", "rounded_by_instruction"]

_NAMES = {arith.ADD: "add", arith.SUB: "sub", arith.MUL: "mul"}
_MINUS_ZERO, _ONE, _MINUS_ONE = "0x8000", "0x3F80", "0xBF80"


def plan_brain(e: Emitter, ops: list[Op]) -> None:
    """Note which f32 ops of a region become part of the rounding after them."""
    if e.sm < 80:
        return
    for op in ops:
        if op.defn is not arith.CAST or op.results[0].type is not T.bf16 or op in e.brains:
            continue
        x = op.operands[0]
        made = x.op
        if made is None:
            continue
        if made.defn is arith.CAST and _is_rounded(made.operands[0]):
            e.brains[op] = made  # what it was before it became an f32
            _forget(e, x)
            continue
        if made.defn not in _NAMES or e.uses.get(x) != 1 or made in e.fused:
            continue
        if all(_brain_of(v) is not None for v in made.operands):
            e.brains[op] = made
            e.fused.add(made)
            for v in made.operands:  # which nobody may want as f32 any more
                _forget(e, v)


def _is_rounded(v: Value) -> bool:
    """Whether it is a bf16 that was rounded: of memory, a NaN may be another one than a rounding gives."""
    return v.type is T.bf16 and v.op is not None and v.op.defn is arith.CAST


def _brain_of(v: Value) -> Value | int | None:
    """The bf16 that an f32 was made of; of a constant that is one, its bits."""
    op = v.op
    if op is None:
        return None
    if op.defn is arith.CAST and op.operands[0].type is T.bf16:
        return op.operands[0]
    if op.defn is arith.CONSTANT and v.type is T.f32:
        bits = struct.unpack("<I", struct.pack("<f", op.attributes["value"]))[0]
        return bits >> 16 if not bits & 0xFFFF else None
    return None


def _forget(e: Emitter, v: Value) -> None:
    source = _brain_of(v)
    e.uses[v] -= 1
    if not e.uses[v]:
        del e.uses[v]
    if isinstance(source, Value):
        e.uses[source] = e.uses.get(source, 0) + 1


def rounded_by_instruction(e: Emitter, op: Op) -> str | None:
    """A cast to bf16, where the op before it is part of it, or it changes nothing."""
    made = e.brains.get(op)
    if made is None:
        return None
    if made.defn is arith.CAST:
        return e.in_register(made.operands[0])
    a, b = [_register(e, v) for v in made.operands]
    name = _NAMES[made.defn]
    if e.sm >= 90:
        return e.made("h", f"{name}.rn.bf16", [a, b])
    if name == "mul":
        return e.made("h", "fma.rn.bf16", [a, b, _bits(e, _MINUS_ZERO)])
    if name == "add":
        return e.made("h", "fma.rn.bf16", [a, _bits(e, _ONE), b])
    return e.made("h", "fma.rn.bf16", [b, _bits(e, _MINUS_ONE), a])


def _register(e: Emitter, v: Value) -> str:
    found = _brain_of(v)
    assert found is not None
    return _bits(e, f"0x{found:04X}") if isinstance(found, int) else e.in_register(found)


def _bits(e: Emitter, text: str) -> str:
    return e.load_number(T.bf16, text)


def convert(e: Emitter, x: str, to: T.ScalarType) -> str:
    """bf16 to and from f32, of which it is the upper half; what rounds is an instruction."""
    if to is T.bf16:
        return e.do("h", "cvt.rn.bf16.f32", x)
    if e.sm >= 90:
        return e.do("f", "cvt.f32.bf16", x)
    return e.do("f", "mov.b32", f"{{{e.load_number(T.f16, '0')}, {x}}}")


PLANS.append(plan_brain)
