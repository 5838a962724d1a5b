"""How SPIR-V spells the ops that are one instruction; what is not here is lowered by a function or rewritten by `legalize`.

One idea: a spelling is an opcode of the specification without its Op, or, behind a dot, an instruction of the flavour's
extended set: `.FAbs` of GLSL.std.450, `.fabs` of OpenCL.std. Rows hold for 32 and 64-bit integers, index, f32 and f64, and
those of "b" for bool; narrower numbers are moved, compared for equality and converted, and nothing else (see `emitter`).
"""

from __future__ import annotations

from ...diagnostics import InternalError
from ...ir import types as T
from ...ir.core import Op
from ...ir.ops import arith, machine
from ...target import Target
from ..rows import Row, classify, table
from .emitter import LOWERED, ByRow, Emitter, lowering
from .flavour import flavour_of
from .grammar import OPCODES
from .number import f16_to_f32

__all__ = ["ROWS", "prepare", "spells"]

_COMMON = [
    Row(arith.ADD, "IAdd", "iu"),
    Row(arith.ADD, "FAdd", "f"),
    Row(arith.SUB, "ISub", "iu"),
    Row(arith.SUB, "FSub", "f"),
    Row(arith.MUL, "IMul", "iu"),
    Row(arith.MUL, "FMul", "f"),
    Row(arith.NEG, "SNegate", "i"),
    Row(arith.NEG, "FNegate", "f"),
    Row(arith.AND, "BitwiseAnd", "iu"),
    Row(arith.OR, "BitwiseOr", "iu"),
    Row(arith.XOR, "BitwiseXor", "iu"),
    Row(arith.NOT, "Not", "iu"),
    Row(arith.AND, "LogicalAnd", "b"),
    Row(arith.OR, "LogicalOr", "b"),
    Row(arith.XOR, "LogicalNotEqual", "b"),
    Row(arith.NOT, "LogicalNot", "b"),
    Row(arith.EQ, "IEqual", "iu"),
    Row(arith.EQ, "LogicalEqual", "b"),
    Row(arith.EQ, "FOrdEqual", "f"),
    Row(arith.NE, "INotEqual", "iu"),
    Row(arith.NE, "LogicalNotEqual", "b"),
    Row(arith.NE, "FUnordNotEqual", "f"),
    Row(arith.LT, "SLessThan", "i"),
    Row(arith.LT, "ULessThan", "u"),
    Row(arith.LT, "FOrdLessThan", "f"),
    Row(arith.LE, "SLessThanEqual", "i"),
    Row(arith.LE, "ULessThanEqual", "u"),
    Row(arith.LE, "FOrdLessThanEqual", "f"),
    Row(arith.GT, "SGreaterThan", "i"),
    Row(arith.GT, "UGreaterThan", "u"),
    Row(arith.GT, "FOrdGreaterThan", "f"),
    Row(arith.GE, "SGreaterThanEqual", "i"),
    Row(arith.GE, "UGreaterThanEqual", "u"),
    Row(arith.GE, "FOrdGreaterThanEqual", "f"),
    Row(arith.SELECT, "Select", "iufb"),
    Row(arith.ISNAN, "IsNan", "f"),
    Row(arith.ISINF, "IsInf", "f"),
    Row(machine.QUOT, "SDiv", "i"),
    Row(machine.QUOT, "UDiv", "u"),
    Row(machine.REM, "UMod", "u"),  # of signed numbers: `number`
    Row(machine.SHL, "ShiftLeftLogical", "iu"),
    Row(machine.SHR, "ShiftRightArithmetic", "i"),
    Row(machine.SHR, "ShiftRightLogical", "u"),
]
_LIBRARY = {
    "vulkan": [
        Row(arith.ABS, ".FAbs", "f"),
        Row(arith.MINIMUM, ".SMin", "i"),
        Row(arith.MINIMUM, ".UMin", "u"),
        Row(arith.MAXIMUM, ".SMax", "i"),
        Row(arith.MAXIMUM, ".UMax", "u"),
        Row(arith.FLOOR, ".Floor", "f"),
        Row(arith.CEIL, ".Ceil", "f"),
    ],
    "opencl": [
        Row(arith.ABS, ".fabs", "f"),
        Row(arith.MINIMUM, ".s_min", "i"),
        Row(arith.MINIMUM, ".u_min", "u"),
        Row(arith.MAXIMUM, ".s_max", "i"),
        Row(arith.MAXIMUM, ".u_max", "u"),
        Row(arith.FLOOR, ".floor", "f"),
        Row(arith.CEIL, ".ceil", "f"),
    ],
}
ROWS = {flavour: table([*_COMMON, *rows]) for flavour, rows in _LIBRARY.items()}

_WIDE = frozenset(("bool", "i32", "u32", "i64", "u64", "index", "f32", "f64"))
_NARROW = frozenset(("i8", "u8", "i16", "u16", "f16"))
# What is done to numbers of every width: they are moved, compared for equality and converted.
_MOVES = frozenset(("arith.constant", "arith.select", "arith.cast", "arith.bitcast"))
_EQUALITY = frozenset(("arith.eq", "arith.ne"))
# Functions of this folder that are written for some types only.
_PARTIAL = {
    "arith.abs": frozenset(("i32", "u32", "i64", "u64", "index")),
    "machine.rem": frozenset(("i32", "i64", "index")),
    "machine.convert": frozenset(("f32", "f64")),
    "arith.div": frozenset(("f32", "f64")),
    "arith.sqrt": frozenset(("f32", "f64")),
    "arith.trunc": frozenset(("f32", "f64")),
    "arith.round": frozenset(("f32", "f64")),
}


def spells(op_name: str, t: T.ScalarType, target: Target) -> bool:
    """Whether this backend has the op on operands of that type."""
    if t.storage:
        return False
    name = t.name
    if name in _NARROW:
        return op_name in _MOVES or op_name in _EQUALITY
    rows = ROWS[flavour_of(target).name]
    if (op_name, classify(t)) in rows:
        return True
    if op_name == "arith.fma":
        return target.has_fma and name in ("f32", "f64")
    if op_name == "arith.rsqrt":
        return name == "f32" and target.backend == "vulkan"
    if op_name in _PARTIAL:
        return name in _PARTIAL[op_name]
    if op_name.startswith("atomic."):
        from .atomics import has_atomic

        return has_atomic(op_name, t, target)
    if op_name == "subgroup.shuffle":
        return name in ("i32", "u32", "f32") and "subgroups" in target.has
    if op_name == "subgroup.ballot":
        return "subgroups" in target.has
    return op_name in LOWERED and name in _WIDE


def prepare(e: Emitter, op: Op) -> ByRow:
    """The instruction of an op's row, for `Emitter`."""
    first = T.element_of(op.operands[0].type)
    row = ROWS[e.flavour.name].get((op.defn.name, classify(first)))
    if row is None or (first.name in _NARROW and op.defn.name not in _EQUALITY):
        raise InternalError(f"{op.defn.name} on {first} is left", where="SPIR-V code generation", state=str(e.function))
    opcode = row.spelling
    tail: tuple[int, ...] = ()
    if opcode[0] == ".":
        tail = (e.module.import_(e.flavour.library), e.flavour.instructions[opcode[1:]])
        opcode = "ExtInst"
    words = 3 + len(tail) + len(op.operands)
    return words << 16 | OPCODES[opcode], e.type_of(op.result.type), tail, first.is_float


@lowering("arith.eq", "arith.ne")
def _equal(e: Emitter, op: Op) -> int:
    """By row; two f16 are compared as the f32 that they are."""
    first = T.element_of(op.operands[0].type)
    operands = [e.value(v) for v in op.operands]
    letter = classify(first)
    if first is T.f16:
        operands = [f16_to_f32(e, x) for x in operands]
    else:
        e.remember(op, prepare(e, op))
    made = e.bool_(ROWS[e.flavour.name][op.defn.name, letter].spelling, *operands)
    return e.exact(made) if letter == "f" and e.keeps(op) else made
