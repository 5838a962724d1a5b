"""How HIP C++ spells ops, and which it leaves to `legalize`.

One idea: rows by (op, operand type). Integer operators wrap because the text is compiled with -fwrapv; floats are IEEE because
it is compiled without fast math and with contraction off, so that a fused multiply-add stands where this compiler put one.
Sources: HIP programming manual 6.3 (C++ language extensions); Clang language extensions (`__builtin_bit_cast`, `_Float16`).
"""

from __future__ import annotations

from ..cfamily.forms import ADDITIVE, ATOM, CHOICE, MULTIPLICATIVE, SHIFT, UNARY, Form, Rows, binary, call, prefix, spell
from ..cfamily.rows import WORDS, common_rows

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

_SIGNED = "i32 i64 index"
_WIDE = "f32 f64"
_FLOATS = "f16 f32 f64"


def _rows() -> Rows:
    rows = common_rows(_FLOATS)

    def row(op: str, types: str, form: Form) -> None:
        spell(rows, op, types, form)

    numbers = f"{WORDS} {_FLOATS}"
    row("arith.add", numbers, binary("+", ADDITIVE))
    row("arith.sub", numbers, binary("-", ADDITIVE))
    row("arith.mul", numbers, binary("*", MULTIPLICATIVE))
    row("arith.div", _WIDE, binary("/", MULTIPLICATIVE))
    row("arith.neg", f"{_SIGNED} {_FLOATS}", prefix("-"))
    row("arith.abs", _SIGNED, Form("{0} < 0 ? -{0} : {0}", CHOICE, (ATOM,), repeats=True))
    lesser, greater = "{0} < {1} ? {0} : {1}", "{0} > {1} ? {0} : {1}"
    row("arith.minimum", WORDS, Form(lesser, CHOICE, (ATOM, ATOM), repeats=True))
    row("arith.maximum", WORDS, Form(greater, CHOICE, (ATOM, ATOM), repeats=True))
    row("machine.shl", WORDS, Form("{0} << {1}", SHIFT, (UNARY, UNARY)))
    row("arith.popcount", "i32 u32", call("__popc"))
    row("arith.popcount", "i64 u64 index", call("__popcll"))
    row("arith.clz", "i32 u32", call("__clz"))
    row("arith.clz", "i64 u64 index", call("__clzll"))
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
    # Of 16 bits it is one on the word around them, which the compiler writes (LLVM's AtomicExpand).
    "atomic.compare_exchange": dict.fromkeys((*_ATOMIC_WORDS, "u16"), "compare_exchange"),
}
