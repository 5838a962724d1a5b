"""What every language of C's family spells alike: division of integers, bits, logic, comparisons.

One idea: a language begins with these rows and adds its own, and a cell may be filled only once.
"""

from __future__ import annotations

from .forms import (
    AND,
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
    prefix,
    spell,
)

__all__ = ["NARROW", "WORDS", "common_rows"]

WORDS = "i32 i64 index u32 u64"
NARROW = "i8 i16 u8 u16"


def common_rows(floats: str) -> Rows:
    """The rows of a language with these floats."""
    rows: Rows = {}
    spell(rows, "machine.quot", WORDS, binary("/", MULTIPLICATIVE))
    spell(rows, "machine.rem", WORDS, binary("%", MULTIPLICATIVE))
    spell(rows, "machine.shr", WORDS, Form("{0} >> {1}", SHIFT, (UNARY, UNARY)))
    spell(rows, "arith.abs", "u32 u64", Form("{0}", UNARY, (UNARY,)))
    for op, operator, level, logical, logical_level in (
        ("arith.and", "&", AND, "&&", LOGICAL_AND),
        ("arith.or", "|", OR, "||", LOGICAL_OR),
        ("arith.xor", "^", XOR, "!=", EQUALITY),
    ):
        spell(rows, op, WORDS, binary(operator, level, tight=True))
        inner = (EQUALITY, EQUALITY) if logical != "!=" else (UNARY, UNARY)
        spell(rows, op, "bool", Form(f"{{0}} {logical} {{1}}", logical_level, inner))
    spell(rows, "arith.not", WORDS, prefix("~"))
    spell(rows, "arith.not", "bool", prefix("!"))
    numbers = f"{WORDS} {floats}"
    for op, operator in (("eq", "=="), ("ne", "!="), ("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">=")):
        level = EQUALITY if op in ("eq", "ne") else COMPARISON
        kinds = f"{numbers} {NARROW} bool" if level == EQUALITY else numbers
        spell(rows, f"arith.{op}", kinds, Form(f"{{0}} {operator} {{1}}", level, (SHIFT, SHIFT)))
    return rows
