"""What an expression can be while it is lowered: IR scalars and arrays, and what only the front end knows.

One idea: vectors, structs and tuples are Python tuples of scalars here and never reach the IR; numbers, types and
functions known at compile time are just the Python objects themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..diagnostics import Span, with_article
from ..ir import types as T
from ..ir.core import Value

__all__ = [
    "Agg",
    "Place",
    "Shape",
    "Undefined",
    "describe",
    "fields_of",
    "held_in",
    "is_array",
    "is_number",
    "leaves",
    "leaves_of",
]


class Agg:
    """A vector or struct as its components, in order: scalars (`Value`), or further `Agg`s."""

    __slots__ = ("parts", "type")

    def __init__(self, type: T.VectorType | T.StructType, parts: tuple[Any, ...]) -> None:
        self.type = type
        self.parts = parts


class Place:
    """An element of an array (or part of one) that has not been read: what may be loaded, stored or updated."""

    __slots__ = ("array", "indices", "offset", "swizzle", "type")

    def __init__(self, array: Value, indices: tuple[Value, ...], type: T.ElementType, offset: int = 0,
                 swizzle: tuple[int, ...] | None = None) -> None:  # fmt: skip
        self.array = array
        self.indices = indices
        self.type = type
        self.offset = offset
        self.swizzle = swizzle


class Shape:
    """`array.shape`, whose axes are read one by one."""

    __slots__ = ("array",)

    def __init__(self, array: Value) -> None:
        self.array = array

    @property
    def rank(self) -> int:
        assert isinstance(self.array.type, T.ArrayType)
        return self.array.type.rank


_NONE = object()


class Undefined:
    """A variable that has no value on some path: where it was assigned, and why it may not be read.

    held: its value on the paths that gave it one, for where only those come (the body of `if a and (v := f(x)):`, or after a
    loop that `break` left).
    """

    __slots__ = ("code", "held", "reason", "spans")

    def __init__(self, spans: tuple[Span, ...] = (), reason: str = "", code: str = "K310", held: Any = _NONE) -> None:
        self.spans = spans
        self.reason = reason
        self.code = code
        self.held = held

    @property
    def is_held(self) -> bool:
        return self.held is not _NONE


def held_in(env: dict[str, Any], names: Iterable[str]) -> None:
    """Give these variables the values they hold, where control comes only from paths that assigned them."""
    for name in names:
        v = env.get(name)
        if isinstance(v, Undefined) and v.is_held:
            env[name] = v.held


def is_array(v: Any) -> bool:
    return isinstance(v, Value) and isinstance(v.type, T.ArrayType)


def is_number(v: Any) -> bool:
    """A runtime scalar or a number known at compile time."""
    return isinstance(v, (int, float)) or (isinstance(v, Value) and isinstance(v.type, T.ScalarType))


def fields_of(t: T.VectorType | T.StructType) -> Iterator[tuple[str, T.ElementType, int]]:
    """(name, type, byte offset) of each component."""
    if isinstance(t, T.VectorType):
        for k in range(t.count):
            yield "xyzw"[k], t.element, k * t.element.size_bytes
        return
    yield from t.fields


def leaves_of(t: T.ElementType, prefix: str = "", offset: int = 0) -> list[tuple[str, T.ScalarType, int]]:
    """(dotted name, scalar type, byte offset) of every scalar of a type."""
    if isinstance(t, T.ScalarType):
        return [(prefix, t, offset)]
    out: list[tuple[str, T.ScalarType, int]] = []
    for name, inner, at in fields_of(t):
        out += leaves_of(inner, f"{prefix}.{name}" if prefix else name, offset + at)
    return out


def leaves(v: Any) -> list[Any]:
    """The scalars of a value, in order."""
    if isinstance(v, Agg):
        return [x for p in v.parts for x in leaves(p)]
    if isinstance(v, tuple):
        return [x for p in v for x in leaves(p)]
    return [v]


def type_name(t: Any) -> str:
    return t.name if isinstance(t, T.StructType) else str(t)


def describe(v: Any) -> str:
    """What to call a value in a message."""
    if isinstance(v, Value):
        if isinstance(v.type, T.ArrayType):
            return f"an array of {type_name(v.type.element)}"
        return str(v.type)
    if isinstance(v, Agg):
        return type_name(v.type)
    if isinstance(v, Shape):
        return "a shape"
    if isinstance(v, tuple):
        return f"a tuple of {len(v)}"
    if isinstance(v, str):
        return "a string"
    if v is None:
        return "None"
    if isinstance(v, (bool, int, float)):
        return f"the constant {v!r}" if not isinstance(v, int) or abs(v) < 10**30 else "a very large constant"
    if isinstance(v, (T.ScalarType, T.VectorType, T.StructType)):
        return f"the type {type_name(v)}"
    name = getattr(v, "__name__", None)
    return f"{type(v).__name__} {name}" if isinstance(name, str) else with_article(type(v).__name__)
