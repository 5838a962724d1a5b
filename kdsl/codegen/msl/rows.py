"""How the Metal Shading Language spells ops, and which it leaves to `legalize`.

One idea: rows by (op, operand type). Overflow of signed integers is undefined in MSL, so i32 and i64 are added as unsigned numbers;
`index` is not, because ids and extents do not come near. Source: Metal Shading Language Specification 3.2, sections 2 and 6.
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

# A value in a register; in memory a bool is a byte. bf16 and the 8-bit floats are integers by now; there is no f64.
TYPES: dict[str, str] = {
    "bool": "bool", "i8": "char", "i16": "short", "i32": "int", "i64": "long", "index": "long", "u8": "uchar",
    "u16": "ushort", "u32": "uint", "u64": "ulong", "f16": "half", "f32": "float",
}  # fmt: skip
CELLS: dict[str, str] = {**TYPES, "bool": "uchar", "bf16": "ushort", "f8e4m3": "uchar", "f8e5m2": "uchar"}
FUSED: dict[str, str] = {"f32": "fma"}

_WORDS = "i32 i64 index u32 u64"
_PLAIN = "index u32 u64"
_NARROW = "i8 i16 u8 u16"
_FLOATS = "f16 f32"
_UNSIGNED = {"i32": ("int", "uint"), "i64": ("long", "ulong")}


def _rows() -> Rows:
    rows: Rows = {}

    def row(op: str, types: str, form: Form) -> None:
        spell(rows, op, types, form)

    numbers = f"{_WORDS} {_FLOATS}"
    for op, operator, level in (("add", "+", ADDITIVE), ("sub", "-", ADDITIVE), ("mul", "*", MULTIPLICATIVE)):
        row(f"arith.{op}", f"{_PLAIN} {_FLOATS}", binary(operator, level))
        for name, (signed, unsigned) in _UNSIGNED.items():
            row(f"arith.{op}", name, Form(f"{signed}({unsigned}({{0}}) {operator} {unsigned}({{1}}))", ATOM, (ANY, ANY)))
    row("arith.div", "f32", binary("/", MULTIPLICATIVE))
    row("machine.quot", _WORDS, binary("/", MULTIPLICATIVE))
    row("machine.rem", _WORDS, binary("%", MULTIPLICATIVE))
    row("arith.neg", f"index {_FLOATS}", prefix("-"))
    row("arith.abs", "index", Form("{0} < 0 ? -{0} : {0}", CHOICE, (ATOM,), repeats=True))
    for name, (signed, unsigned) in _UNSIGNED.items():
        zero = "0u" if name == "i32" else "0ul"
        row("arith.neg", name, Form(f"{signed}({zero} - {unsigned}({{0}}))", ATOM, (ANY,)))
        negative = f"{{0}} < 0 ? {signed}({zero} - {unsigned}({{0}})) : {{0}}"
        row("arith.abs", name, Form(negative, CHOICE, (ATOM,), repeats=True))
        row("machine.shl", name, Form(f"{signed}({unsigned}({{0}}) << {{1}})", ATOM, (ANY, UNARY)))
    row("machine.shl", _PLAIN, Form("{0} << {1}", SHIFT, (UNARY, UNARY)))
    row("machine.shr", _WORDS, Form("{0} >> {1}", SHIFT, (UNARY, UNARY)))
    row("arith.abs", "u32 u64", Form("{0}", UNARY, (UNARY,)))
    row("arith.minimum", _WORDS, call("min", 2))
    row("arith.maximum", _WORDS, call("max", 2))
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
    for op in ("popcount", "clz", "ctz"):
        row(f"arith.{op}", _WORDS, call(op))
    for op, operator in (("eq", "=="), ("ne", "!="), ("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">=")):
        level = EQUALITY if op in ("eq", "ne") else COMPARISON
        kinds = f"{numbers} {_NARROW} bool" if level == EQUALITY else numbers
        row(f"arith.{op}", kinds, Form(f"{{0}} {operator} {{1}}", level, (SHIFT, SHIFT)))
    for op in ("floor", "ceil", "trunc"):
        row(f"arith.{op}", "f32", call(op))
    row("arith.round", "f32", call("rint"))
    row("arith.sqrt", "f32", call("precise::sqrt"))
    row("arith.abs", "f32", call("fabs"))
    row("arith.fma", "f32", call("fma", 3))
    return rows


ROWS: Rows = _rows()

# 32-bit integers have all; f32 has a sum in device memory from 3.0 on, and elsewhere a loop that stands in the text.
_ATOMIC_WORDS = ("i32", "u32")
ATOMIC_KINDS: dict[str, dict[str, str]] = {
    f"atomic.{op}": dict.fromkeys(_ATOMIC_WORDS, op)
    for op in ("add", "sub", "min", "max", "and", "or", "xor", "exchange", "compare_exchange")
}
