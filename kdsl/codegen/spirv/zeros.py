"""Devices that fold sums, products and quotients with a constant zero as if no operand were infinite, NaN or a negative zero.

One idea: what the device does not know it cannot fold. So the zero is one that it computes, from a number that is less than
2**31 whatever the launch; and of x - x one side is x times a one that it computes.

Mesa's lavapipe does that below all that SPIR-V can say: where its code for LLVM meets the constant 0, it gives x for 0 + x, 0 for
0 * x and 0 / x, and 0 for x - x (`lp_build_add` and its kind in lp_bld_arit.c).
"""

from __future__ import annotations

from math import copysign

from ...ir import types as T
from ...ir.core import Op, Value, walk
from ...ir.ops import arith
from .emitter import Emitter
from .simt import built_in_id

__all__ = ["emit_hidden", "hidden_zeros"]

_OPCODES = {arith.ADD: "FAdd", arith.SUB: "FSub", arith.MUL: "FMul", arith.DIV: "FDiv"}
_ONE = {T.f32: 0x3F800000, T.f64: 0x3FF00000}  # of f64 the upper half


def hidden_zeros(e: Emitter) -> set[Op]:
    """The ops that this device would fold wrongly."""
    if "folds_zeros" not in e.target.has or e.is_fast:
        return set()
    return {op for op in walk(e.function.body) if op.defn in _OPCODES and _is_folded(op)} - e.apart


def _is_folded(op: Op) -> bool:
    if T.element_of(op.result.type) not in _ONE:
        return False
    if op.defn is arith.SUB:
        return op.operands[0] is op.operands[1]
    return any(_is_zero(v) for v in op.operands)


def _is_zero(v: Value) -> bool:
    return v.constant is not None and v.constant == 0 and copysign(1.0, v.constant) > 0.0


def emit_hidden(e: Emitter, op: Op) -> int | None:
    """One of them; None for another op."""
    if op not in e.apart:
        return None
    t = T.element_of(op.result.type)
    first, second = [_opaque(e, t, 0) if _is_zero(v) else e.value(v) for v in op.operands]
    if op.defn is arith.SUB:
        second = e.exact(e.do("FMul", e.type_of(t), second, _opaque(e, t, _ONE[t])))
    made = e.do(_OPCODES[op.defn], e.type_of(t), first, second)
    return e.exact(made) if e.keeps(op) else made


def _opaque(e: Emitter, t: T.ScalarType, bits: int) -> int:
    """0 or 1, which the device cannot know before it runs. bits: see `_ONE`."""

    def make() -> int:
        nothing = e.i32("ShiftRightLogical", built_in_id(e, "NumWorkgroups", 0), e.word(31))
        word = e.i32("BitwiseOr", nothing, e.word(bits))
        if t is T.f32:
            return e.do("Bitcast", e.type("f"), word)
        wide = e.i64("ShiftLeftLogical", e.do("UConvert", e.type("l"), word), e.word(32))
        return e.do("Bitcast", e.type("d"), wide)

    return e.once(("opaque", t, bits), make)
