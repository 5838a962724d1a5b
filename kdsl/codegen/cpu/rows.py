"""How LLVM spells the arithmetic that it has instructions or intrinsics for; what is not here is lowered in `number`.

One idea: {t} is the LLVM type of the operands, {v} its name in an intrinsic, {flags} the fast-math flags that math=
allows (none on an op with exact=True). The same row serves scalars and tiles. All four targets select every row for
every type and width (tests/unit/test_cpu_codegen_selects.py).
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.opdef import OPS
from ...ir.ops import arith
from ..rows import Refused, Row, classify, table
from .emitter import LOWERED

__all__ = ["ROWS", "fate"]

ROWS = table(
    [
        Row(arith.ADD, "add {t} {0}, {1}", "iu"),
        Row(arith.ADD, "fadd {flags}{t} {0}, {1}", "f"),
        Row(arith.SUB, "sub {t} {0}, {1}", "iu"),
        Row(arith.SUB, "fsub {flags}{t} {0}, {1}", "f"),
        Row(arith.MUL, "mul {t} {0}, {1}", "iu"),
        Row(arith.MUL, "fmul {flags}{t} {0}, {1}", "f"),
        Row(arith.DIV, "fdiv {flags}{t} {0}, {1}", "f"),
        Row(arith.NEG, "sub {t} zeroinitializer, {0}", "i"),
        Row(arith.NEG, "fneg {t} {0}", "f", exact=True),
        Row(arith.ABS, "call {t} @llvm.abs.{v}({t} {0}, i1 false)", "i"),
        Row(arith.ABS, "or {t} {0}, zeroinitializer", "u"),
        Row(arith.ABS, "call {t} @llvm.fabs.{v}({t} {0})", "f", exact=True),
        Row(arith.MINIMUM, "call {t} @llvm.smin.{v}({t} {0}, {t} {1})", "i"),
        Row(arith.MINIMUM, "call {t} @llvm.umin.{v}({t} {0}, {t} {1})", "u"),
        Row(arith.MINIMUM, "call {t} @llvm.minimum.{v}({t} {0}, {t} {1})", "f", exact=True),
        Row(arith.MAXIMUM, "call {t} @llvm.smax.{v}({t} {0}, {t} {1})", "i"),
        Row(arith.MAXIMUM, "call {t} @llvm.umax.{v}({t} {0}, {t} {1})", "u"),
        Row(arith.MAXIMUM, "call {t} @llvm.maximum.{v}({t} {0}, {t} {1})", "f", exact=True),
        Row(arith.AND, "and {t} {0}, {1}", "iub"),
        Row(arith.OR, "or {t} {0}, {1}", "iub"),
        Row(arith.XOR, "xor {t} {0}, {1}", "iub"),
        Row(arith.NOT, "xor {t} {0}, {ones}", "iub"),
        Row(arith.POPCOUNT, "call {t} @llvm.ctpop.{v}({t} {0})", "iu"),
        Row(arith.CLZ, "call {t} @llvm.ctlz.{v}({t} {0}, i1 false)", "iu"),
        Row(arith.CTZ, "call {t} @llvm.cttz.{v}({t} {0}, i1 false)", "iu"),
        Row(arith.EQ, "icmp eq {t} {0}, {1}", "iub"),
        Row(arith.EQ, "fcmp oeq {t} {0}, {1}", "fs"),
        Row(arith.NE, "icmp ne {t} {0}, {1}", "iub"),
        Row(arith.NE, "fcmp une {t} {0}, {1}", "fs"),
        Row(arith.LT, "icmp slt {t} {0}, {1}", "i"),
        Row(arith.LT, "icmp ult {t} {0}, {1}", "u"),
        Row(arith.LT, "fcmp olt {t} {0}, {1}", "f"),
        Row(arith.LE, "icmp sle {t} {0}, {1}", "i"),
        Row(arith.LE, "icmp ule {t} {0}, {1}", "u"),
        Row(arith.LE, "fcmp ole {t} {0}, {1}", "f"),
        Row(arith.GT, "icmp sgt {t} {0}, {1}", "i"),
        Row(arith.GT, "icmp ugt {t} {0}, {1}", "u"),
        Row(arith.GT, "fcmp ogt {t} {0}, {1}", "f"),
        Row(arith.GE, "icmp sge {t} {0}, {1}", "i"),
        Row(arith.GE, "icmp uge {t} {0}, {1}", "u"),
        Row(arith.GE, "fcmp oge {t} {0}, {1}", "f"),
        Row(arith.FLOOR, "call {t} @llvm.floor.{v}({t} {0})", "f", exact=True),
        Row(arith.CEIL, "call {t} @llvm.ceil.{v}({t} {0})", "f", exact=True),
        Row(arith.TRUNC, "call {t} @llvm.trunc.{v}({t} {0})", "f", exact=True),
        Row(arith.ROUND, "call {t} @llvm.roundeven.{v}({t} {0})", "f", exact=True),
        Row(arith.SQRT, "call {flags}{t} @llvm.sqrt.{v}({t} {0})", "f"),
        Row(arith.ISNAN, "fcmp uno {t} {0}, zeroinitializer", "f"),
    ]
)

# What never reaches this backend: passes before it have replaced these (lower_checks, lower_math, vectorize), or make them
# for others (legalize).
_BEFORE = (
    "math.", "random.", "subgroup.", "simt.global_id", "simt.thread_id", "simt.lane_id", "simt.barrier", "simt.assert",
    "simt.print", "simt.breakpoint", "simt.check", "simt.report", "machine.",
)  # fmt: skip


def fate(op_name: str, t: T.ScalarType | None = None) -> str | Refused:
    """What becomes of an op (on operands of type `t`): "spelled", "lowered", or `Refused`."""
    if op_name in LOWERED or op_name.startswith(_BEFORE):
        return "lowered"
    if op_name == "scf.yield":
        return "lowered"
    if t is not None and (op_name, classify(t)) in ROWS:
        return "spelled"
    if t is None and any(name == op_name for name, _ in ROWS):
        return "spelled"
    known = "the CPU backend does not know this op" if op_name not in OPS else "no row for operands of this type"
    return Refused(known)
