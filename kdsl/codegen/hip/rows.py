"""How HIP C++ spells ops, and which it leaves to `legalize`.

One idea: rows by (op, operand type). Integer operators wrap because the text is compiled with -fwrapv; floats are IEEE because
it is compiled without fast math and with contraction off, so that a fused multiply-add stands where this compiler put one.
Sources: HIP programming manual 6.3 (C++ language extensions); Clang language extensions (`__builtin_bit_cast`, `_Float16`).
"""

from __future__ import annotations

from ..cfamily.forms import (
    ADDITIVE,
    AND,
    ANY,
    ATOM,
    CHOICE,
    COMPARISON,
    EQUALITY,
    LOGICAL_AND,
    LOGICAL_OR,
    MULTIPLICATIVE,
    OR,
    SHIFT,
    UNARY,
    XOR,
    Form,
    Rows,
    binary,
    call,
    prefix,
    spell,
)  # fmt: skip

__all__ = ["ATOMIC_KINDS", "CELLS", "FUSED", "ROWS", "TYPES"]

# A value in a register; in memory a bool is a byte. bf16 and the 8-bit floats are integers by now.
TYPES: dict[str, str] = {
    "bool": "bool", "i8": "signed char", "i16": "short", "i32": "int", "i64": "long long", "index": "long long",
    "u8": "unsigned char", "u16": "unsigned short", "u32": "unsigned", "u64": "unsigned long long",
    "f16": "_Float16", "f32": "float", "f64": "double",
}  # fmt: skip
CELLS: dict[str, str] = {**TYPES, "bool": "unsigned char", "bf16": "unsigned short", "f8e4m3": "unsigned char",
                         "f8e5m2": "unsigned char"}  # fmt: skip
FUSED: dict[str, str] = {"f32": "fmaf", "f64": "fma"}

_WORDS = "i32 i64 index u32 u64"
_SIGNED = "i32 i64 index"
_NARROW = "i8 i16 u8 u16"
_WIDE = "f32 f64"
_FLOATS = "f16 f32 f64"


def _rows() -> Rows:
    rows: Rows = {}

    def row(op: str, types: str, form: Form) -> None:
        spell(rows, op, types, form)

    numbers = f"{_WORDS} {_FLOATS}"
    row("arith.add", numbers, binary("+", ADDITIVE))
    row("arith.sub", numbers, binary("-", ADDITIVE))
    row("arith.mul", numbers, binary("*", MULTIPLICATIVE))
    row("arith.div", _WIDE, binary("/", MULTIPLICATIVE))
    row("machine.quot", _WORDS, binary("/", MULTIPLICATIVE))
    row("machine.rem", _WORDS, binary("%", MULTIPLICATIVE))
    row("arith.neg", f"{_SIGNED} {_FLOATS}", prefix("-"))
    row("arith.abs", _SIGNED, Form("{0} < 0 ? -{0} : {0}", CHOICE, (ATOM,), repeats=True))
    row("arith.abs", "u32 u64", Form("{0}", UNARY, (UNARY,)))
    lesser, greater = "{0} < {1} ? {0} : {1}", "{0} > {1} ? {0} : {1}"
    row("arith.minimum", _WORDS, Form(lesser, CHOICE, (ATOM, ATOM), repeats=True))
    row("arith.maximum", _WORDS, Form(greater, CHOICE, (ATOM, ATOM), repeats=True))
    for op, operator, level, logical, logical_level in (
        ("arith.and", "&", AND, "&&", LOGICAL_AND),
        ("arith.or", "|", OR, "||", LOGICAL_OR),
        ("arith.xor", "^", XOR, "!=", EQUALITY),
    ):
        row(op, _WORDS, binary(operator, level, tight=True))
        inner = (COMPARISON, COMPARISON) if logical != "!=" else (UNARY, UNARY)
        row(op, "bool", Form(f"{{0}} {logical} {{1}}", logical_level, inner))
    row("arith.not", _WORDS, prefix("~"))
    row("arith.not", "bool", prefix("!"))
    row("machine.shl", _WORDS, Form("{0} << {1}", SHIFT, (UNARY, UNARY)))
    row("machine.shr", _WORDS, Form("{0} >> {1}", SHIFT, (UNARY, UNARY)))
    row("arith.popcount", "i32 u32", call("__popc"))
    row("arith.popcount", "i64 u64 index", call("__popcll"))
    row("arith.clz", "i32 u32", call("__clz"))
    row("arith.clz", "i64 u64 index", call("__clzll"))
    for op, operator in (("eq", "=="), ("ne", "!="), ("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">=")):
        level = EQUALITY if op in ("eq", "ne") else COMPARISON
        kinds = f"{numbers} {_NARROW} bool" if level == EQUALITY else numbers
        row(f"arith.{op}", kinds, Form(f"{{0}} {operator} {{1}}", level, (SHIFT, SHIFT)))
    for op in ("floor", "ceil", "trunc"):
        row(f"arith.{op}", "f32", call(f"{op}f"))
        row(f"arith.{op}", "f64", call(op))
    row("arith.round", "f32", call("rintf"))
    row("arith.round", "f64", call("rint"))
    row("arith.sqrt", "f32", call("sqrtf"))
    row("arith.sqrt", "f64", call("sqrt"))
    row("arith.abs", "f32", call("fabsf"))
    row("arith.abs", "f64", call("fabs"))
    row("arith.fma", "f32", call("fmaf", 3))
    row("arith.fma", "f64", call("fma", 3))
    return rows


ROWS: Rows = _rows()

# Atomics that are one instruction on every AMD GPU, or that its compiler makes a correct loop of.
_ATOMIC_WORDS = ("i32", "u32", "i64", "u64", "index")
ATOMIC_KINDS: dict[str, dict[str, str]] = {
    "atomic.add": dict.fromkeys((*_ATOMIC_WORDS, "f32", "f64"), "add"),
    "atomic.sub": dict.fromkeys(_ATOMIC_WORDS, "sub"),
    "atomic.min": dict.fromkeys(_ATOMIC_WORDS, "min"),
    "atomic.max": dict.fromkeys(_ATOMIC_WORDS, "max"),
    "atomic.and": dict.fromkeys(_ATOMIC_WORDS, "and"),
    "atomic.or": dict.fromkeys(_ATOMIC_WORDS, "or"),
    "atomic.xor": dict.fromkeys(_ATOMIC_WORDS, "xor"),
    "atomic.exchange": dict.fromkeys((*_ATOMIC_WORDS, "f32", "f64"), "exchange"),
    "atomic.compare_exchange": dict.fromkeys(_ATOMIC_WORDS, "compare_exchange"),
}

_ = ANY
