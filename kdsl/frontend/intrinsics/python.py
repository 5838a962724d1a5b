"""Python's and NumPy's functions inside a kernel: which kdsl functions they are, and the few with rules of their own.

One idea: `math.sin`, `numpy.sin` and `kdsl.sin` are one function here, found by identity of the object that is called.
"""

from __future__ import annotations

import ast
import builtins
import math
from typing import Any

import numpy as np

from ...ir import types as T
from ...ir.core import Region, Value
from ...ir.ops import simt
from ..expressions import any_of, is_seen
from ..iterables import items
from ..lowering import Lowering
from ..operators import binary, truth
from ..places import shape_tuple
from ..values import Agg, Shape, describe, is_array
from .arithmetic import maximum, minimum
from .table import ROWS, row

__all__ = ["named"]

_BUILTINS: dict[Any, str] = {
    builtins.abs: "abs", builtins.min: "min", builtins.max: "max", builtins.round: "builtin_round",
    builtins.len: "len", builtins.pow: "pow", builtins.divmod: "divmod", builtins.print: "print",
    builtins.breakpoint: "breakpoint", builtins.ord: "ord", builtins.sum: "sum", builtins.any: "builtin_any",
    builtins.all: "builtin_all", builtins.tuple: "tuple",
}  # fmt: skip
_MATH = {"fabs": "abs", "pow": "pow", "log": "math_log"}
_NUMPY = {
    "absolute": "abs", "fabs": "abs", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2",
    "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "rad2deg": "degrees", "deg2rad": "radians",
    "power": "pow", "rint": "round", "round": "builtin_round", "around": "builtin_round", "clip": "clamp", "where": "where",
    "fix": "trunc", "bitwise_count": "popcount",
}  # fmt: skip


def _functions() -> dict[Any, str]:
    out = dict(_BUILTINS)
    for name in ROWS:
        for module in (math, np):
            f = getattr(module, name, None)
            if callable(f) and name not in ("any", "all", "select", "broadcast", "sum"):
                out[f] = name
    for module, names in ((math, _MATH), (np, _NUMPY)):
        out.update({getattr(module, k): v for k, v in names.items() if v and hasattr(module, k)})
    return out


_found: dict[Any, str] = {}


def named(f: Any) -> str | None:
    """The row that a function of Python's or NumPy's stands for."""
    if not _found:
        _found.update(_functions())
    try:
        return _found.get(f)
    except TypeError:  # not hashable
        return None


def _extreme(pick: Any, word: str):
    def lower(L: Lowering, node: ast.Call) -> Any:
        if node.keywords and node.args:
            L.refuse("K120", node.keywords[0].value, f"{word} in a kernel has no {node.keywords[0].arg}=",
                     help=f"write {word}(a, b), or compare by hand: a if abs(a) < abs(b) else b")  # fmt: skip
        values = [L.eval(a) for a in node.args] if len(node.args) > 1 else _items(L, node, word)
        if node.keywords or not values:
            L.refuse("K120", node, f"{word} takes two or more numbers", help=f"write {word}(a, b)")
        out = values[0]
        for v in values[1:]:
            out = pick(L, node, out, v)
        return out

    return lower


def _items(L: Lowering, node: ast.Call, word: str) -> tuple[Any, ...]:
    """Of the only argument."""
    if len(node.args) != 1 or node.keywords:
        L.refuse("K120", node, f"{word} takes a tuple", help=f"write {word}((a, b))")
    return items(L, node.args[0], word)


def _sum(L: Lowering, node: ast.Call) -> Any:
    start = [*node.args[1:], *[k.value for k in node.keywords if k.arg == "start"]]
    if not node.args or len(start) > 1 or len(start) != len(node.args) + len(node.keywords) - 1:
        L.refuse("K120", node, "sum takes a tuple, and where to start", help="write sum((a, b))")
    values = items(L, node.args[0], "sum")
    out = L.eval(start[0]) if start else values[0] if values else 0
    for v in values if start else values[1:]:
        out = binary(L, "+", out, v, node)
    return out


def _whether(word: str) -> Any:
    def lower(L: Lowering, node: ast.Call) -> Any:
        given = Region()
        with L.b.inside(given):
            found = [truth(L, v, node) for v in _items(L, node, word)]
        is_lazy = isinstance(node.args[0], ast.GeneratorExp)
        if is_lazy and (is_seen(given) or any(isinstance(n, ast.NamedExpr) for n in ast.walk(node.args[0]))):
            L.refuse("K103", node.args[0], f"{word} of a generator ends at the first item that decides it, and this does something "
                     "for every item", help=f"write {word}([...]), which makes every item first, or a for loop")  # fmt: skip
        L.b.region.ops.extend(given.ops)
        return any_of(L, found, node, every=word == "all")

    return lower


row("sum(*)", _sum)
row("builtin_any(*)", _whether("any"))
row("builtin_all(*)", _whether("all"))
row("tuple(*)", lambda L, node: _items(L, node, "tuple"))
row("min(*)", _extreme(minimum, "min"))
row("max(*)", _extreme(maximum, "max"))


_MOST_DIGITS = 22  # the powers of ten that f64 holds exactly


def _round(L: Lowering, node: ast.AST, number: Any, ndigits: Any) -> Any:
    """To so many decimal digits, as NumPy does: of the number times a power of ten."""
    digits = 0 if ndigits is None else L.const_int(ndigits, node, "to how many digits round rounds")
    whole = ROWS["round"].lower
    if digits == 0 or (digits > 0 and not _is_float(L, number)):
        return whole(L, node, number)
    if abs(digits) > _MOST_DIGITS or not _is_float(L, number):
        L.refuse("K120", node, f"round cannot round this to {digits} digits",
                 help="round floats to a few digits; for integers write x // 100 * 100")  # fmt: skip
    scale, op, back = 10.0 ** abs(digits), *(("*", "/") if digits > 0 else ("/", "*"))
    return binary(L, back, whole(L, node, binary(L, op, number, scale, node)), scale, node)


def _is_float(L: Lowering, v: Any) -> bool:
    return v.type.element.is_float if isinstance(v, Agg) and isinstance(v.type, T.VectorType) else L.type_of(v).is_float


def _len(L: Lowering, node: ast.AST, obj: Any) -> Any:
    if is_array(obj):
        return shape_tuple(L, Shape(obj), node)[0]
    if isinstance(obj, Shape):
        return obj.rank
    if isinstance(obj, (tuple, str)):
        return len(obj)
    if isinstance(obj, Agg) and isinstance(obj.type, T.VectorType):
        return obj.type.count
    L.refuse("K205", node, f"{describe(obj)} has no length", help="arrays, tuples, shapes and vectors have one")


def _divmod(L: Lowering, node: ast.AST, a: Any, b: Any) -> Any:
    return binary(L, "//", a, b, node), binary(L, "%", a, b, node)


row("builtin_round(number, ndigits: any = 0)", _round)
row("len(obj: any)", _len)
def _ord(L: Lowering, node: ast.AST, c: Any) -> int:
    if not isinstance(c, str) or len(c) != 1:
        L.refuse("K205", node, f"ord takes one character, this is {describe(c)}",
                 help='write ord("a"); an element of an array of bytes is a number already')  # fmt: skip
    return ord(c)


row("divmod(a, b)", _divmod)
row("ord(c: any)", _ord)


# print


def _print(L: Lowering, node: ast.Call) -> None:
    words = {"sep": " ", "end": "\n"}
    for k in node.keywords:
        if k.arg not in words:
            L.refuse("K133", k.value, f"print in a kernel has no {k.arg!r}", help="it has sep= and end=")
        v = L.eval(k.value)
        if not isinstance(v, str):
            L.refuse(
                "K133", k.value, f"{k.arg} must be a string constant, this is {describe(v)}", help=f'write {k.arg}=""'
            )
        words[str(k.arg)] = v
    parts: list[str] = []
    values: list[Value] = []
    for i, a in enumerate(node.args):
        if i:
            parts.append(words["sep"])
        if isinstance(a, ast.JoinedStr):
            _formatted(L, a, parts, values)
        else:
            _piece(L, L.eval(a), "", a, parts, values)
    parts.append(words["end"])
    L.emit(node, simt.PRINT, *values, parts=_joined(parts))


def _joined(parts: list[str]) -> tuple[str, ...]:
    """Literal pieces run together; a literal that looks like a place for a value is cut in two."""
    out: list[str] = []
    text = ""
    for p in parts:
        if p.startswith("\0"):
            out += _literal(text)
            out.append(p[1:])
            text = ""
        else:
            text += p
    return tuple(out + _literal(text))


def _literal(text: str) -> list[str]:
    if text.startswith("{") and text.endswith("}"):
        return ["{", text[1:]]
    return [text] if text else []


def _formatted(L: Lowering, node: ast.JoinedStr, parts: list[str], values: list[Value]) -> None:
    for p in node.values:
        if isinstance(p, ast.Constant):
            parts.append(str(p.value))
            continue
        assert isinstance(p, ast.FormattedValue)
        if p.conversion not in (-1, 114, 115):
            L.refuse("K133", p, "!a is not available in a kernel's print", help="leave it out")
        spec = ""
        if p.format_spec is not None:
            pieces = p.format_spec.values if isinstance(p.format_spec, ast.JoinedStr) else []
            if not all(isinstance(x, ast.Constant) for x in pieces):
                L.refuse("K133", p, "a format must be constant in a kernel's print", help="write for example {x:.3f}")
            spec = "".join(str(x.value) for x in pieces if isinstance(x, ast.Constant))
        _piece(L, L.eval(p.value), spec, p, parts, values)


def _piece(L: Lowering, v: Any, spec: str, node: ast.AST, parts: list[str], values: list[Value]) -> None:
    """Text for what is known now, `{}` (or `{:spec}`) for what is known when the kernel runs."""
    if isinstance(v, Shape):
        v = shape_tuple(L, v, node)
    if isinstance(v, (Agg, tuple)):
        items = v.parts if isinstance(v, Agg) else v
        parts.append("(")
        for i, x in enumerate(items):
            parts += [", "] if i else []
            _piece(L, x, spec, node, parts, values)
        parts.append(")")
        return
    if isinstance(v, Value) and isinstance(v.type, T.ScalarType):
        sample: Any = True if v.type.is_bool else 1.5 if v.type.is_float else 1
        _check_format(L, sample, spec, node)
        parts.append("\0{:" + spec + "}" if spec else "\0{}")
        values.append(v)
        return
    if is_array(v):
        L.refuse("K133", node, "an array cannot be printed as a whole", help="print its elements, for example x[i]")
    if isinstance(v, (str, int, float)) or v is None:
        parts.append(_check_format(L, v, spec, node))
        return
    parts.append(str(v) if isinstance(v, (T.ScalarType, T.VectorType)) else describe(v))


def _check_format(L: Lowering, v: Any, spec: str, node: ast.AST) -> str:
    digits = "".join(c if c.isdigit() else " " for c in spec).split()
    if any(len(d) > 3 for d in digits):
        L.refuse("K133", node, f"the width in {spec!r} is too large", help="write for example {x:8.3f}")
    try:
        return format(v, spec)
    except (ValueError, TypeError) as error:
        L.refuse(
            "K133",
            node,
            f"the format {spec!r} does not fit this value: {error}",
            help="write for example {x:.3f} for a float",
        )


row("print(*)", _print)
row("static_range(start: any, stop: any = 0, step: any = 0)",
    lambda L, node, *_: L.refuse("K112", node, "static_range only stands in a for statement",
                                 help="write for i in kdsl.static_range(n):"))  # fmt: skip
