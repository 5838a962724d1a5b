"""Devices that fold sums, products and quotients with a constant zero as if no operand were infinite, NaN or a negative zero.

One idea: what the device does not know it cannot fold. So the zero is one that it computes, from a number that is less than
2**31 whatever the launch; and of x - x one side is x times a one that it computes.

Mesa's lavapipe does that below all that SPIR-V can say: where its code for LLVM meets the constant 0, it gives x for 0 + x, 0 for
0 * x and 0 / x, and 0 for x - x (`lp_build_add` and its kind in lp_bld_arit.c).
"""

from __future__ import annotations

from math import copysign

from ...ir import types as T
from ...ir.core import Op, Value
from ...ir.ops import arith
from .emitter import Emitter
from .simt import built_in_id

__all__ = ["emit_hidden", "hidden_zeros"]

_OPCODES = {"arith.add": "FAdd", "arith.sub": "FSub", "arith.mul": "FMul", "arith.div": "FDiv"}
_ONE = {T.f32: 0x3F800000, T.f64: 0x3FF00000}  # of f64 the upper half


def hidden_zeros(e: Emitter) -> set[Op]:
    """The ops that this device would fold wrongly."""
    if "folds_zeros" not in e.target.has or e.is_fast:
        return set()
    add, sub, mul, div, constant = arith.ADD, arith.SUB, arith.MUL, arith.DIV, arith.CONSTANT
    zeros = {op.results[0] for op in e.ops if op.defn is constant and op.attributes["value"] == 0 and _is_folded(op)}
    found = set[Op]()
    for op in e.ops:  # of which there are thousands: nothing is hashed without need
        defn = op.defn
        if defn is add or defn is mul or defn is div:
            if zeros and (op.operands[0] in zeros or op.operands[1] in zeros):
                found.add(op)
        elif defn is sub and op.operands[0] is op.operands[1] and _has_width(op):
            found.add(op)
    return found - e.apart


def _has_width(op: Op) -> bool:
    return T.element_of(op.result.type) in _ONE


def _is_folded(constant: Op) -> bool:
    return _has_width(constant) and copysign(1.0, constant.attributes["value"]) > 0.0


def _is_zero(v: Value) -> bool:
    return v.op is not None and v.op.defn is arith.CONSTANT and v.constant == 0 and _is_folded(v.op)


def emit_hidden(e: Emitter, op: Op) -> int | None:
    """One of them; None for another op."""
    if op not in e.apart or op in e.fused:
        return None
    t = T.element_of(op.result.type)
    first, second = [_opaque(e, t, 0) if _is_zero(v) else e.value(v) for v in op.operands]
    if op.defn is arith.SUB:
        second = e.exact(e.do("FMul", e.type_of(t), second, _opaque(e, t, _ONE[t])))
    made = e.do(_OPCODES[op.defn.name], e.type_of(t), first, second)
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
