"""Every code has an example that gives it, every code in the sources is in the list, and carets point where they
should."""

# ruff: noqa: PT012

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import kdsl
from kdsl.codes import CODES
from kdsl.diagnostics import CompileError
from kdsl.frontend import annotations, build
from kdsl.ir import types as T
from kdsl.ir.analysis.convergence import check_convergence

HEAD = "import kdsl\nfrom kdsl import Array, f16, bf16, f32, f64, i8, i32, i64, u8, u32, u64, vec2, vec3\n"
ROOT = Path(kdsl.__file__).parent


def types_of(function: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    types, consts = {}, {}
    for p in annotations(function):
        if p.kind == "array":
            types[p.name] = T.ArrayType(p.type, p.rank or 1, unit_axis=(p.rank or 1) - 1)
        elif p.kind == "const":
            consts[p.name] = p.default
        elif p.kind == "scalar":
            types[p.name] = p.type
    return types, consts


def error_of(text: str) -> CompileError:
    space: dict[str, Any] = {"__name__": "example"}
    with pytest.raises(CompileError) as caught:
        exec(HEAD + text, space)
        function = getattr(space["k"], "function", space["k"])
        types, consts = types_of(function)
        check_convergence(build(function, types, consts=consts))
    return caught.value


@pytest.mark.parametrize("code", [c for c in CODES if CODES[c].example])
def test_example(code: str) -> None:
    error = error_of(CODES[code].example)
    assert error.code == code, str(error)
    assert error.diagnostic.help and error.diagnostic.message
    assert code in str(error)


def test_every_code_is_listed() -> None:
    used: set[str] = set()
    for path in ROOT.rglob("*.py"):
        if path.name != "codes.py":
            used |= set(re.findall(r'"(K[1-6]\d\d)"', path.read_text(encoding="utf-8")))
    assert used <= set(CODES), sorted(used - set(CODES))


ARRAY, INT, PAIR = "x: Array[f32, 1]", "x: Array[i32, 1], n: i32", "p: Array[vec3, 1]"
# (parameters, line, the text under the caret, code, a word of the remedy)
LINES = [
    (INT, "y = [x[i] for i in range(3)]", "[x[i] for i in range(3)]", "K104", "for loop"),
    (INT, "y = {v: 1 for v in (1, 2)}", "{v: 1 for v in (1, 2)}", "K104", "for loop"),
    (INT, "f = lambda v: v", "lambda v: v", "K105", "@kdsl.func"),
    (INT, "return x[0]", "return x[0]", "K116", "array parameter"),
    (INT, "x[0] = foo", "foo", "K115", "assign"),
    (INT, "x[0] = nn", "nn", "K115", "did you mean 'n'"),
    (INT, "x[0] = kdsl.sqr(1.0)", "kdsl.sqr", "K130", "kdsl.sqrt"),
    (INT, "x[0, 1] = 1", "x[0, 1]", "K211", "x[i]"),
    (INT, "x[1.5] = 1", "1.5", "K210", "i32("),
    (INT, "x[-2] = 1", "-2", "K401", "shape[0] - 2"),
    (INT, "x[0] = n if x else 1", "x", "K208", "x[i] > 0"),
    (INT, "x[0] = True", "x[0] = True", "K203", "i32("),
    (INT, "x[0] = n + (n > 1)", "n + (n > 1)", "K203", "where"),
    (INT, "x[0] = (n > 1) & n", "(n > 1) & n", "K203", "and"),
    (INT, "x[0] = n + u32(n)", "n + u32(n)", "K201", "i32(...)"),
    (INT, "x[0] = u32(n) - u64(n) - i64(n)", "u32(n) - u64(n) - i64(n)", "K201", "i64"),
    (INT, "x[0] = u8(n) + 256", "u8(n) + 256", "K204", "wider"),
    (INT, "x[0] = u8(n) + -1", "u8(n) + -1", "K204", "signed"),
    (INT, "x[0] = 3000000000", "x[0] = 3000000000", "K204", ""),
    (INT, "x[0] = n % 0", "n % 0", "K217", "divisor"),
    (INT, "x[0] = 1 // 0", "1 // 0", "K217", "divisor"),
    (INT, "x[0] = ~1.5", "~1.5", "K205", "-x"),
    (INT, "x[0] = n << 1.5", "n << 1.5", "K205", "integer"),
    (INT, "x[0] = x[0].foo", "x[0].foo", "K130", ".dtype"),
    (INT, "x.fill(0)", "x.fill", "K130", ".shape"),
    (INT, "x += 1", "x", "K405", "x[i]"),
    (INT, "for v in x: pass", "x", "K112", "range(n)"),
    (INT, "for i in range(1.5): pass", "1.5", "K205", "i32"),
    (INT, "for i in range(): pass", "range()", "K120", "range(n)"),
    (INT, "while True: n += 1", "while True: n += 1", "K315", "break"),
    (INT, "print(x)", "x", "K133", "elements"),
    (INT, "print(n, file=3)", "3", "K133", "sep="),
    (INT, "print(f'{n:q}')", "", "K133", "float"),
    (INT, "n = input()", "input()", "K119", "parameter"),
    (INT, "x[0] = isinstance(n, int)", "isinstance(n, int)", "K119", "dtype"),
    (INT, "x[0] = kdsl.global_id(3)", "kdsl.global_id(3)", "K401", "0, 1 or 2"),
    (INT, "x[0] = kdsl.global_id(n)", "kdsl.global_id(n)", "K121", "const"),
    (INT, "t = kdsl.shared((n, 4), f32)", "kdsl.shared((n, 4), f32)", "K121", "const"),
    (INT, "t = kdsl.shared(4, 4)", "kdsl.shared(4, 4)", "K402", "256, f32"),
    (INT, "t = kdsl.shared(4)", "kdsl.shared(4)", "K120", "dtype"),
    (INT, "kdsl.atomic_add(n, 1)", "kdsl.atomic_add(n, 1)", "K403", "x[i]"),
    (INT, "kdsl.fence('world')", "kdsl.fence('world')", "K120", "device"),
    (INT, "x[0] = kdsl.bitcast(x[0], f64)", "kdsl.bitcast(x[0], f64)", "K209", "64"),
    (INT, "x[0] = kdsl.popcount(1.5)", "kdsl.popcount(1.5)", "K205", "bitcast"),
    (INT, "kdsl.atomic_add(x, 0, n)", "kdsl.atomic_add(x, 0, n)", "K120", "atomic_add(x[i], value)"),
    (INT, "x[0] = x[1] or 1", "x[0] = x[1] or 1", "K203", "if a != 0 else"),
    (INT, "for i, j in kdsl.ndrange(2, 3): pass", "kdsl.ndrange", "K130", "kernel.over(n, m)"),
    (INT, "x[0] = min(n)", "n", "K112", "(a, b)"),
    (INT, "x[0] = round(n, -2)", "round(n, -2)", "K120", "digits"),
    (INT, "x[0] = n ** -1", "n ** -1", "K216", "f32(x)"),
    (INT, "a, b = n", "a, b", "K132", "tuples"),
    (INT, "x[0] = 'one'", "x[0] = 'one'", "K205", "f-string"),
    (INT, "x[0] = None", "x[0] = None", "K205", "return value"),
    (INT, "x[0:2] = 1", "0:2", "K114", "element"),
    (INT, "x[None] = 1", "None", "K114", "integer"),
    (INT, "x[0] = x @ x", "x @ x", "K123", "loop"),
    (INT, "x[0] = n in x", "n in x", "K122", "tuple"),
    (INT, "x[0] = n is 3", "n is 3", "K122", "=="),
    (INT, "x[0] = int('3')", "int('3')", "K205", ""),
    (INT, "assert n, f'{n}'", "", "K133", "print"),
    (INT, "x.shape[0] = 3", "x.shape[0]", "K131", "elements"),
    (INT, "m: f33 = 3", "f33", "K115", ""),
    (INT, "m: 3 = 3", "3", "K127", "f32"),
    (INT, "x[n > 0] = 3", "n > 0", "K210", ""),
    (ARRAY, "x[0] = x[1] << 2", "x[1] << 2", "K205", "integer"),
    (ARRAY, "x[0] = x[1] | 2", "x[1] | 2", "K205", "bitcast"),
    (ARRAY, "kdsl.atomic_and(x[0], 1)", "kdsl.atomic_and(x[0], 1)", "K215", "i32"),
    (ARRAY, "x[0] = f16(1) * bf16(2)", "f16(1) * bf16(2)", "K202", "f32(...)"),
    (ARRAY, "x[0] = 1e300", "x[0] = 1e300", "K204", "f64"),
    (PAIR, "p[0] = 1.0, 2.0", "p[0] = 1.0, 2.0", "K207", "vec3"),
    (PAIR, "p[0].q = 1.0", "p[0].q", "K212", "x, y, z"),
    (PAIR, "p[0] = vec3(1, 2)", "vec3(1, 2)", "K213", "3 numbers"),
    (PAIR, "p[0] = vec2(1, 2)", "p[0] = vec2(1, 2)", "K207", "vec3"),
    (PAIR, "a = p[0] == p[1]", "p[0] == p[1]", "K205", "components"),
    (PAIR, "p[0].xx = vec2(1, 2)", "p[0].xx", "K131", "once"),
    (PAIR, "é = 1.0 + lenght", "lenght", "K115", ""),
]  # fmt: skip


@pytest.mark.parametrize("parameters, line, under, code, word", LINES, ids=[row[1] for row in LINES])
def test_mistake(parameters: str, line: str, under: str, code: str, word: str) -> None:
    error = error_of(f"@kdsl.kernel\ndef k({parameters}):\n    {line}\n")
    d = error.diagnostic
    assert d.code == code, str(error)
    assert d.help and word in d.help, d.help
    assert d.span is not None and d.span.line == 5
    if under:
        source = "    " + line
        assert source[d.span.col - 1 : d.span.end_col - 1] == under, (d.span.col, d.span.end_col)
