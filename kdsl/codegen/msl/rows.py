"""How the Metal Shading Language spells ops, and which it leaves to `legalize`.

One idea: rows by (op, operand type). Overflow of signed integers is undefined in MSL, so i32 and i64 are added as unsigned numbers;
`index` only where ranges do not say that the result has its 64 bits ("index:wraps"), as they do of what is made of ids and extents.
Source: Metal Shading Language Specification 3.2, sections 2 and 6.
"""

from __future__ import annotations

from ..cfamily.forms import ADDITIVE, ANY, ATOM, CHOICE, MULTIPLICATIVE, SHIFT, UNARY, Form, Rows, binary, call, prefix, spell
from ..cfamily.rows import WORDS, common_rows

__all__ = ["ATOMIC_KINDS", "CELLS", "FUSED", "ROWS", "TYPES"]

# A value in a register; in memory a bool is a byte. The 8-bit floats are integers by now, bf16 too
# before Metal 3.1; there is no f64.
TYPES: dict[str, str] = {
    "bool": "bool", "i8": "char", "i16": "short", "i32": "int", "i64": "long", "index": "long", "u8": "uchar",
    "u16": "ushort", "u32": "uint", "u64": "ulong", "f16": "half", "bf16": "bfloat", "f32": "float",
}  # fmt: skip
CELLS: dict[str, str] = {**TYPES, "bool": "uchar", "f8e4m3": "uchar", "f8e5m2": "uchar"}
FUSED: dict[str, str] = {"f32": "fma"}

_PLAIN = "index u32 u64"
_FLOATS = "f16 f32"
_UNSIGNED = {"i32": ("int", "uint"), "i64": ("long", "ulong")}


def _rows() -> Rows:
    rows = common_rows(_FLOATS)

    def row(op: str, types: str, form: Form) -> None:
        spell(rows, op, types, form)

    for op, operator, level in (("add", "+", ADDITIVE), ("sub", "-", ADDITIVE), ("mul", "*", MULTIPLICATIVE)):
        row(f"arith.{op}", f"{_PLAIN} {_FLOATS}", binary(operator, level))
        for name, (signed, unsigned) in _UNSIGNED.items():
            suffix = "u" if unsigned == "uint" else "ul"
            form = Form(f"{signed}({{0}} {operator} {{1}})", ATOM, (ANY, ANY), wraps=(unsigned, suffix, operator, level))
            row(f"arith.{op}", name, form)
            if name == "i64":
                row(f"arith.{op}", "index:wraps", form)
    row("arith.div", "f32", binary("/", MULTIPLICATIVE))
    row("arith.neg", f"index {_FLOATS}", prefix("-"))
    row("arith.abs", "index", Form("{0} < 0 ? -{0} : {0}", CHOICE, (ATOM,), repeats=True))
    for name, (signed, unsigned) in _UNSIGNED.items():
        zero = "0u" if name == "i32" else "0ul"
        row("arith.neg", name, Form(f"{signed}({zero} - {unsigned}({{0}}))", ATOM, (ANY,)))
        negative = f"{{0}} < 0 ? {signed}({zero} - {unsigned}({{0}})) : {{0}}"
        row("arith.abs", name, Form(negative, CHOICE, (ATOM,), repeats=True))
        row("machine.shl", name, Form(f"{signed}({unsigned}({{0}}) << {{1}})", ATOM, (ANY, UNARY)))
    row("machine.shl", _PLAIN, Form("{0} << {1}", SHIFT, (UNARY, UNARY)))
    row("arith.minimum", WORDS, call("min", 2))
    row("arith.maximum", WORDS, call("max", 2))
    for op in ("popcount", "clz", "ctz"):
        row(f"arith.{op}", WORDS, call(op))
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
