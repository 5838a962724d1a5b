"""Where two paths meet: one type for a variable that each path gives a value of its own.

One idea: a *slot* says how a value is carried across a region's edge: which scalars it is made of, in what types, and
how to put it together again. `meet` finds the slot of two values, `pack` gives the scalars, `unpack` the value.

A slot is ("leaf", type, weak or None), ("agg", type, slots), ("tuple", slots) or ("fixed", value).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from ..diagnostics import Label, Span
from ..ir import types as T
from ..ir.core import Value
from ..ir.ops import arith
from .lowering import Lowering
from .promote import Conflict, Weak, default_type, promote
from .values import Agg, describe, type_name

__all__ = ["Slot", "filler", "meet", "pack", "same", "slot_of", "slot_types", "unpack"]

Slot = tuple[Any, ...]


def same(a: Any, b: Any) -> bool:
    """Whether two values are one and the same on both paths."""
    if a is b:
        return True
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return all(map(same, a, b))
    if isinstance(a, Agg) and isinstance(b, Agg) and a.type == b.type:
        return all(map(same, a.parts, b.parts))
    if type(a) is type(b) and isinstance(a, (bool, int, float, str)):
        return repr(a) == repr(b)
    return isinstance(a, (T.VectorType, T.StructType)) and a == b


def slot_of(L: Lowering, v: Any, root: str = "") -> Slot:
    """How a value is carried. A number literal is weak; with `root` it is the variable whose type is being found
    out."""
    if isinstance(v, bool):
        return ("leaf", T.bool_, None)
    if isinstance(v, (int, float)) and not isinstance(v, Value):
        weak = Weak(isinstance(v, float), *((v, v) if isinstance(v, int) else (0, 0)))
        t = default_type(weak)
        return ("leaf", t, Weak(weak.is_float, 0, 0, frozenset((root,))) if root else weak)
    if isinstance(v, Value) and isinstance(v.type, T.ScalarType):
        weak = L.weak.get(v)
        if weak is not None and root:
            weak = weak._replace(roots=weak.roots | {root}, lo=0, hi=0)
        return ("leaf", v.type, weak)
    if isinstance(v, Agg):
        return ("agg", v.type, tuple([slot_of(L, p) for p in v.parts]))
    if isinstance(v, tuple):
        return ("tuple", tuple([slot_of(L, p, root) for p in v]))
    return ("fixed", v)


class _Clash(Exception):
    def __init__(self, code: str, reason: str, help: str) -> None:
        self.code = code
        self.reason = reason
        self.help = help


def meet(L: Lowering, name: str, a: Slot, b: Slot, node: ast.AST | Span, labels: list[Label]) -> Slot:
    """The slot that holds values of both."""
    try:
        return _meet(name, a, b)
    except _Clash as clash:
        shown = "the result" if name.startswith(".") else f"{name!r}"
        L.refuse(clash.code, node, f"{shown} {clash.reason}", help=clash.help, labels=labels)


def _meet(name: str, a: Slot, b: Slot) -> Slot:
    if a[0] == b[0] == "leaf":
        return _meet_leaf(a, b)
    if a[0] == b[0] == "agg" and a[1] == b[1]:
        return ("agg", a[1], tuple([_meet(name, x, y) for x, y in zip(a[2], b[2], strict=True)]))
    if a[0] == b[0] == "agg" and _vectors_alike(a[1], b[1]):
        parts = tuple([_meet(name, x, y) for x, y in zip(a[2], b[2], strict=True)])
        return ("agg", T.VectorType(parts[0][1], a[1].count), parts)
    if a[0] == b[0] == "tuple" and len(a[1]) == len(b[1]):
        return ("tuple", tuple([_meet(name, x, y) for x, y in zip(a[1], b[1], strict=True)]))
    if a[0] == b[0] == "fixed" and same(a[1], b[1]):
        return a
    if a[0] == b[0] == "fixed":
        raise _Clash("K206", "is a different constant or array on each path",
                     "decide with a condition known at compile time, or copy elements instead")  # fmt: skip
    raise _Clash(
        "K206",
        f"is {_words(a)} on one path and {_words(b)} on the other",
        "use a second variable, or convert one of them",
    )


def _vectors_alike(a: Any, b: Any) -> bool:
    return isinstance(a, T.VectorType) and isinstance(b, T.VectorType) and a.count == b.count


def _words(s: Slot) -> str:
    if s[0] == "leaf":
        return str(s[1])
    if s[0] == "agg":
        return type_name(s[1])
    return f"a tuple of {len(s[1])}" if s[0] == "tuple" else describe(s[1])


def _meet_leaf(a: Slot, b: Slot) -> Slot:
    if a[1] is b[1] and a[2] is None and b[2] is None:
        return a
    common = promote(a[2] or a[1], b[2] or b[1])
    if a[1] is b[1] and not isinstance(common, Weak):
        return ("leaf", a[1], None)  # also of types that compute in another one: nothing is computed here
    if isinstance(common, Conflict):
        raise _Clash(common.code, f"is {_words(a)} on one path and {_words(b)} on the other", common.help)
    if isinstance(common, Weak):
        return ("leaf", default_type(common), common)
    if (a[2] or b[2]) is not None and not isinstance(common, Weak):
        strong = b[1] if a[2] is not None else a[1]
        if strong.is_float and common.is_float and strong.bits < common.bits:
            common = strong  # a literal beside an 8-bit float
    return ("leaf", common, None)


def slot_types(s: Slot) -> list[T.ScalarType]:
    """The scalars a slot carries."""
    if s[0] == "leaf":
        return [s[1]]
    if s[0] == "agg":
        return [t for p in s[2] for t in slot_types(p)]
    return [t for p in s[1] for t in slot_types(p)] if s[0] == "tuple" else []


def pack(L: Lowering, v: Any, s: Slot, node: ast.AST) -> list[Value]:
    """The scalars of `v`, converted to the slot's types."""
    if s[0] == "leaf":
        if isinstance(v, Value):
            return [v if v.type is s[1] else L.emit(node, arith.CAST, v, type=s[1])]
        return [L.convert(v, s[1], node)]
    if s[0] == "agg":
        return [x for p, inner in zip(v.parts, s[2], strict=True) for x in pack(L, p, inner, node)]
    if s[0] == "tuple":
        return [x for p, inner in zip(v, s[1], strict=True) for x in pack(L, p, inner, node)]
    return []


def filler(L: Lowering, s: Slot, node: ast.AST) -> list[Value]:
    """Zeros for a value that nobody can read."""
    return [L.constant(False if t.is_bool else 0, t, node) for t in slot_types(s)]


def unpack(L: Lowering, s: Slot, values: Iterator[Value]) -> Any:
    """The value again, from its scalars."""
    if s[0] == "leaf":
        v = next(values)
        if s[2] is not None:
            L.weak[v] = s[2]
        return v
    if s[0] == "agg":
        return Agg(s[1], tuple([unpack(L, p, values) for p in s[2]]))
    if s[0] == "tuple":
        return tuple([unpack(L, p, values) for p in s[1]])
    return s[1]
