"""How PTX spells the arithmetic that is one instruction; what takes more is lowered in `number`.

One idea: {t} is the suffix of the operands' type, {0} {1} the operands; a row may need an architecture. `spells` answers
`legalize`: whatever it says no to never reaches the emitter.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...ir import types as T
from ...ir.opdef import OpDef
from ...ir.ops import arith, machine
from ...target import Target
from ..rows import Refused, classify
from .text import CLASS, sm_of

__all__ = ["LOGIC", "ROWS", "PtxRow", "fate", "row_of", "spells"]


@dataclass(frozen=True, slots=True)
class PtxRow:
    """`op` on operands of these types is this instruction, from this compute capability on."""

    op: OpDef
    spelling: str
    types: tuple[str, ...]
    sm: int = 70


_I = ("i32", "i64", "index")
_U = ("u32", "u64")
_F = ("f32", "f64")
_ALL = (*_I, *_U)
_SMALL = ("i8", "u8", "i16", "u16")
_HALF = ("f16",)
_INTEGERS = (*_ALL, *_SMALL)
# 32 and 64 bits wide: the suffix is of the width alone
LOGIC = {"i32": "b32", "u32": "b32", "i64": "b64", "u64": "b64", "index": "b64", **dict.fromkeys(_SMALL, "b32")}


def _compare(op: OpDef, word: str, of_float: str = "", more: tuple[str, ...] = ()) -> list[PtxRow]:
    return [
        PtxRow(op, f"setp.{word}.{{t}}", (*_ALL, *more)),
        PtxRow(op, f"setp.{of_float or word}.{{t}}", (*_F, *_HALF)),
    ]


_ROWS = [
    PtxRow(arith.ADD, "add.{t}", _ALL),
    PtxRow(arith.ADD, "add.rn.{t}", (*_F, *_HALF)),
    PtxRow(arith.SUB, "sub.{t}", _ALL),
    PtxRow(arith.SUB, "sub.rn.{t}", (*_F, *_HALF)),
    PtxRow(arith.MUL, "mul.lo.{t}", _ALL),
    PtxRow(arith.MUL, "mul.rn.{t}", (*_F, *_HALF)),
    PtxRow(arith.FMA, "fma.rn.{t}", (*_F, *_HALF)),
    PtxRow(arith.DIV, "div.rn.{t}", _F),
    PtxRow(arith.SQRT, "sqrt.rn.{t}", _F),
    PtxRow(arith.NEG, "neg.{t}", (*_I, *_F, *_HALF)),
    PtxRow(arith.ABS, "abs.{t}", (*_I, *_F, *_HALF)),
    PtxRow(arith.MINIMUM, "min.{t}", _ALL),
    PtxRow(arith.MAXIMUM, "max.{t}", _ALL),
    # Of the zeros the negative one is the lesser, for the instruction too.
    PtxRow(arith.MINIMUM, "min.NaN.{t}", ("f32", "f16"), 80),
    PtxRow(arith.MAXIMUM, "max.NaN.{t}", ("f32", "f16"), 80),
    PtxRow(arith.FMIN, "min.{t}", _F),
    PtxRow(arith.FMAX, "max.{t}", _F),
    PtxRow(arith.AND, "and.{b}", (*_ALL, *_SMALL, "bool")),
    PtxRow(arith.OR, "or.{b}", (*_ALL, *_SMALL, "bool")),
    PtxRow(arith.XOR, "xor.{b}", (*_ALL, *_SMALL, "bool")),
    *_compare(arith.EQ, "eq", more=_SMALL),
    *_compare(arith.NE, "ne", "neu", more=_SMALL),
    *_compare(arith.LT, "lt", more=_SMALL),
    *_compare(arith.LE, "le", more=_SMALL),
    *_compare(arith.GT, "gt", more=_SMALL),
    *_compare(arith.GE, "ge", more=_SMALL),
    PtxRow(arith.ISINF, "testp.infinite.{t}", _F),
    PtxRow(arith.FLOOR, "cvt.rmi.{t}.{t}", (*_F, *_HALF)),
    PtxRow(arith.CEIL, "cvt.rpi.{t}.{t}", (*_F, *_HALF)),
    PtxRow(arith.TRUNC, "cvt.rzi.{t}.{t}", (*_F, *_HALF)),
    PtxRow(arith.ROUND, "cvt.rni.{t}.{t}", (*_F, *_HALF)),
    PtxRow(machine.QUOT, "div.{t}", _ALL),
    PtxRow(machine.REM, "rem.{t}", _ALL),
    PtxRow(machine.CONVERT, "cvt.rzi.{r}.{t}", _F),
]

ROWS: dict[tuple[str, str], tuple[PtxRow, ...]] = {}
for _row in _ROWS:
    for _name in _row.types:
        ROWS[_row.op.name, _name] = (*ROWS.get((_row.op.name, _name), ()), _row)

# Ops of several instructions that the emitter has a function for -> the types of the first operand (of a cast and of what
# loads, of the result) that it takes.
_VALUES = tuple(CLASS)
_WORDS = ("i32", "u32", "f32")
_LOWERED: dict[str, tuple[str, ...]] = {
    "arith.constant": _VALUES,
    "arith.not": (*_ALL, *_SMALL, "bool"),
    "arith.eq": ("bool",),
    "arith.ne": ("bool",),
    "arith.abs": ("u32", "u64"),
    "arith.select": _VALUES,
    "arith.cast": ("bool", *_ALL, *_SMALL, *_F, *_HALF),
    "arith.bitcast": (*_ALL, *_SMALL, *_F, *_HALF),
    "arith.lookup": (*_ALL, *_F),
    "arith.isnan": (*_F, *_HALF),
    "arith.rsqrt": _F,
    "arith.popcount": _ALL,
    "arith.clz": _ALL,
    "arith.ctz": _ALL,
    "arith.shl": _ALL,
    "arith.shr": _ALL,
    "machine.shl": _ALL,
    "machine.shr": _ALL,
    "machine.payne_hanek": _F,
    "simt.global_id": ("index",),
    **{f"subgroup.{name}": _WORDS for name in ("shuffle", "shuffle_xor", "shuffle_up", "shuffle_down", "broadcast")},
    **{f"subgroup.{name}": ("bool",) for name in ("any", "all", "ballot")},
    **{f"atomic.{name}": _ALL for name in ("add", "sub", "min", "max", "and", "or", "xor", "exchange", "compare_exchange")},
}
_REDUCED = ("subgroup.sum", "subgroup.min", "subgroup.max")
_LOWERED.update(dict.fromkeys(_REDUCED, ()))
_LOWERED["atomic.add"] += ("f32", "f64", "f16")
_LOWERED["atomic.exchange"] += _F
_LOWERED["atomic.compare_exchange"] += (*_F, "u16", "i16", "f16")


# Functions that are an instruction, or little more, and as near as they have to be without math="strict" (`number`). Not sin and
# cos, whose errors grow with the argument, nor lg2, whose error near 1 is one of the result's absolute size.
FUNCTIONS = frozenset(("math.exp", "math.exp2"))


def row_of(op_name: str, type_name: str, sm: int) -> PtxRow | None:
    """The row that spells an op on operands of a type, if the architecture has the instruction."""
    for row in ROWS.get((op_name, type_name), ()):
        if row.sm <= sm:
            return row
    return None


def spells(op_name: str, t: T.ScalarType, target: Target) -> bool:
    """Whether the emitter takes `op_name` on operands of type `t` as it is."""
    if op_name.endswith((":fast", ":default")):
        return t is T.f32 and op_name.partition(":")[0] in FUNCTIONS
    if op_name.endswith(":there"):
        return t.name in _WORDS
    if op_name in _REDUCED:
        return t.name in ("i32", "u32") and sm_of(target.arch) >= 80  # redux.sync
    op_name, _, to = op_name.removesuffix(":shared").partition(":")  # atomics of floats are the same in shared memory
    if to:  # a cast from float: "arith.cast:i32"
        return t.name in _F and to in _INTEGERS
    if t is T.bf16:
        return op_name in ("arith.cast", "arith.constant", "arith.select") and sm_of(target.arch) >= 80
    if row_of(op_name, t.name, sm_of(target.arch)) is not None:
        return True
    return t.name in _LOWERED.get(op_name, ())


def fate(op_name: str, t: T.ScalarType | None = None, *, sm: int = 70) -> str | Refused:
    """What becomes of an op here: "spelled", "lowered", or `Refused` (it is for `legalize`, or for no GPU)."""
    if t is None:
        return "lowered" if op_name in _LOWERED or any(name == op_name for name, _ in ROWS) else Refused("no row")
    if row_of(op_name, t.name, sm) is not None:
        return "spelled"
    if t.name in _LOWERED.get(op_name, ()):
        return "lowered"
    return Refused(f"PTX has no instruction for {op_name} on class {classify(t)}: legalize expands it")
