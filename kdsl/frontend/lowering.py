"""The state of one lowering and the few verbs that everything else is made of: evaluate, emit, convert, refuse.

One idea: what to do with a syntax node is looked up by its class in two tables (`EXPRESSIONS`, `STATEMENTS`) that the
other modules of this folder fill, so each of them holds one family and none imports another.
"""

from __future__ import annotations

import ast
import math
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any, NoReturn

import numpy as np

from ..diagnostics import Label, Span, refuse, with_article
from ..ir import formats, types as T
from ..ir.builder import Builder
from ..ir.core import Region, Value
from ..ir.opdef import OpDef
from ..ir.ops import arith, memory
from .outside import Outside
from .promote import Conflict, Weak, default_type, fits, literal_type, promote
from .source import SourceFunction
from .values import Agg, Place, Shape, Undefined, describe, fields_of

__all__ = ["EXPRESSIONS", "STATEMENTS", "Frame", "Loop", "Lowering", "expression", "given", "may_act", "statement"]

EXPRESSIONS: dict[type[ast.expr], Callable[[Lowering, Any], Any]] = {}
STATEMENTS: dict[type[ast.stmt], Callable[[Lowering, Any], None]] = {}
_F32 = struct.Struct("=f")  # of the native "f" a number that is too large becomes infinity

MOST_UNROLLED = 20_000
MOST_INLINED = 5_000


def expression(*kinds: type[ast.expr]) -> Callable[[Any], Any]:
    """Enter a function in the table of expressions."""

    def enter(f: Any) -> Any:
        for kind in kinds:
            EXPRESSIONS[kind] = f
        return f

    return enter


def statement(*kinds: type[ast.stmt]) -> Callable[[Any], Any]:
    """Enter a function in the table of statements."""

    def enter(f: Any) -> Any:
        for kind in kinds:
            STATEMENTS[kind] = f
        return f

    return enter


class _Given(ast.expr):
    """An expression that has been evaluated."""

    _fields = ("source",)
    source: ast.expr
    value: Any


def given(value: Any, source: ast.expr) -> ast.expr:
    """An expression that has been evaluated already, which nobody evaluates again."""
    out = ast.copy_location(_Given(), source)
    out.source, out.value = source, value
    return out


@expression(_Given)
def _given(L: Lowering, node: _Given) -> Any:
    return node.value


def may_act(node: ast.expr) -> bool:
    """Whether evaluating this may do more than give a value: := or a call are in it."""
    return any(isinstance(n, (ast.NamedExpr, ast.Call)) for n in ast.walk(node))


class Loop:
    """A loop being lowered: its flags, and the names that are live where `break` and `continue` lead."""

    __slots__ = ("brk", "cont", "live", "undefined_at_break")

    def __init__(self, depth: int, live: frozenset[str]) -> None:
        self.brk = f".break{depth}"
        self.cont = f".continue{depth}"
        self.live = live
        self.undefined_at_break: set[str] = set()


class Frame:
    """A function being lowered (the kernel, or an inlined device function).

    env: variable -> value. flags: exit -> False, True or a bool `Value`: whether it has been taken; ".return",
    and per loop ".break3", ".continue3". Both are replaced, not changed, when control flow splits.
    """

    __slots__ = (
        "assigned_at",
        "call_site",
        "env",
        "flags",
        "function",
        "is_kernel",
        "loops",
        "parent",
        "source",
        "spans",
    )

    def __init__(self, function: Any, source: SourceFunction, parent: Frame | None, call_site: Span | None) -> None:
        self.function = function
        self.source = source
        self.parent = parent
        self.call_site = call_site
        self.is_kernel = parent is None
        self.env: dict[str, Any] = {}
        self.flags: dict[str, Any] = {}
        self.loops: list[Loop] = []
        self.spans: dict[ast.AST, Span] = {}
        self.assigned_at: dict[str, Span] = {}


class Lowering:
    """One kernel on its way to IR."""

    def __init__(self, builder: Builder, outside: Outside) -> None:
        self.b = builder
        self.outside = outside
        self.captured_names: set[tuple[int, str]] = set()
        self.frame: Frame = None  # type: ignore[assignment]  # set before anything is lowered
        self.weak: dict[Value, Weak] = {}
        self.tables: dict[Value, tuple[Any, ...]] = {}
        self.adopted: list[tuple[frozenset[str], T.ScalarType]] = []
        self.allocations: dict[Any, Value] = {}
        self.alloc_region = Region()
        self.calls: dict[Any, Any] = {}  # by function and kinds of arguments, see `inlined`
        self.hint = ""
        self.unrolled = 0
        self.inlined = 0
        self.depth = 0

    # Places and messages

    def span(self, node: ast.AST) -> Span:
        spans = self.frame.spans
        known = spans.get(node)
        if known is None:
            known = spans[node] = self.frame.source.span(node, self.frame.call_site)
        return known

    def refuse(self, code: str, node: ast.AST | Span, message: str, *, help: str, caret: str = "",
               labels: Sequence[Label] = (), notes: Sequence[str] = ()) -> NoReturn:  # fmt: skip
        span = node if isinstance(node, Span) else self.span(node)
        refuse(code, span, message, help=help, caret=caret, labels=labels, notes=notes)

    # Evaluating

    def eval(self, node: ast.expr) -> Any:
        """The value of an expression; an element of an array is loaded."""
        handler = EXPRESSIONS.get(type(node))
        if handler is None:
            self.refuse("K103", node, f"{type(node).__name__} expressions are not part of the kernel language",
                        help="see docs/language.md for what a kernel may contain")  # fmt: skip
        value = handler(self, node)
        return self.load(value, node) if isinstance(value, Place) else value

    def load(self, place: Place, node: ast.AST) -> Any:
        """Read an element (all its components, each by a load of its own)."""
        self.b.span = self.span(node)
        if place.swizzle is not None:
            assert isinstance(place.type, T.VectorType)
            size = place.type.element.size_bytes
            parts = [self._load(place, place.type.element, place.offset + k * size) for k in place.swizzle]
            return Agg(T.VectorType(place.type.element, len(parts)), tuple(parts))
        return self._load(place, place.type, place.offset)

    def _load(self, place: Place, t: T.ElementType, offset: int) -> Any:
        if isinstance(t, T.ScalarType):
            return self.b.emit(memory.LOAD, place.array, *place.indices, type=t, offset=offset)
        return Agg(t, tuple([self._load(place, inner, offset + at) for _, inner, at in fields_of(t)]))

    @contextmanager
    def in_frame(self, frame: Frame) -> Iterator[None]:
        outer, self.frame = self.frame, frame
        try:
            yield
        finally:
            self.frame = outer

    # Numbers

    def type_of(self, v: Any) -> T.ScalarType | Weak:
        """The type of a number; of a literal, that it is weak."""
        if isinstance(v, Value):
            return self.weak.get(v) or v.type  # type: ignore[return-value]
        if isinstance(v, bool):
            return T.bool_
        return Weak(True) if isinstance(v, float) else Weak(False, v, v)

    def emit(
        self, node: ast.AST, defn: OpDef, *operands: Value, type: T.Type | None = None, **attributes: Any
    ) -> Value:
        self.b.span = self.span(node)
        return self.b.emit(defn, *operands, type=type, **attributes)

    def constant(self, value: bool | int | float, t: T.ScalarType, node: ast.AST) -> Value:
        """A number that fits `t` as an IR constant."""
        self.b.span = self.span(node)
        if t.is_bool:
            return self.b.constant(bool(value), t)
        if t.is_float:
            return self.b.constant(self._float(float(value), t, node), t)
        return self.b.constant(int(value), t)

    def _float(self, value: float, t: T.ScalarType, node: ast.AST) -> float:
        if t is T.f64:
            return value
        if t is T.f32:  # nearly always, and NumPy takes ten times as long
            try:
                return _F32.unpack(_F32.pack(value))[0]
            except OverflowError:
                rounded = math.inf
        else:
            with np.errstate(over="ignore"):
                rounded = float(formats.convert(t, np.float64(value)))
        if not np.isfinite(rounded) and np.isfinite(value):
            self.refuse(
                "K204", node, f"{value!r} is too large for {t}", help="compute in a wider type, for example f64(...)"
            )
        return rounded

    def number(self, v: Any, node: ast.AST, what: str = "a number") -> Any:
        """`v` if it is a scalar (runtime or constant), else an error."""
        if isinstance(v, (int, float)) or (isinstance(v, Value) and isinstance(v.type, T.ScalarType)):
            return v
        if isinstance(v, Undefined):
            raise AssertionError("undefined values are refused where the name is read")
        self.refuse("K205", node, f"{what} is needed here, this is {describe(v)}", help=_help_for(v))

    def value(self, v: Any, node: ast.AST) -> Value:
        """A scalar as an IR value, literals in their default type."""
        v = self.number(v, node)
        if isinstance(v, Value):
            return v
        if isinstance(v, int) and not isinstance(v, bool) and not (fits(v, T.i64) or fits(v, T.u64)):
            self.refuse(
                "K204", node, "this number does not fit any integer type", help="write it as a float, for example 1e20"
            )
        return self.constant(v, literal_type(v), node)

    def cast(self, v: Any, t: T.ScalarType, node: ast.AST) -> Value:
        """An explicit conversion: any number to any type, by the rules of `arith.cast`."""
        v = self.number(v, node)
        if isinstance(v, Value):
            return v if v.type is t and v not in self.weak else self._cast(v, t, node)
        if t.is_bool:
            return self.constant(v != 0, t, node)
        if t.is_float:
            return self.constant(self._to_float(v, node), t, node)
        if isinstance(v, float):
            return self._cast(self.constant(v, T.f64, node), t, node)
        lo, hi = T.limits(t)
        return self.constant((int(v) - lo) % (hi - lo + 1) + lo, t, node)

    def _to_float(self, v: int | float, node: ast.AST) -> float:
        try:
            return float(v)
        except OverflowError:
            self.refuse("K204", node, "this number is too large for a float", help="write a smaller number")

    def _cast(self, v: Value, t: T.ScalarType, node: ast.AST) -> Value:
        numbers = self.tables.get(v, ())
        if numbers and (t.is_float or (t.is_integer and all(isinstance(x, int) and fits(x, t) for x in numbers))):
            return self.table(numbers, v.op.operands[0], t, node)  # type: ignore[union-attr]
        return self.emit(node, arith.CAST, v, type=t)

    def table(self, numbers: tuple[Any, ...], i: Value, t: T.ScalarType, node: ast.AST) -> Value:
        """Number i of a tuple in one type; cast to another type it is looked up there, as if it were a literal."""
        out = self.emit(node, arith.LOOKUP, i, type=t, table=tuple([self.constant(x, t, node).constant for x in numbers]))
        self.tables[out] = numbers
        return out

    def convert(self, v: Any, t: T.ScalarType, node: ast.AST) -> Value:
        """An implicit conversion to a type that promotion chose; literals must fit it."""
        if isinstance(v, Value):
            weak = self.weak.get(v)
            if weak is not None:
                if weak.roots:
                    self.adopted.append((weak.roots, t))
                self.check(promote(weak, t), node)
            return v if v.type is t else self._cast(v, t, node)
        if t.is_float:
            return self.constant(self._to_float(v, node), t, node)
        if t is T.index and not fits(v, t):  # an index, or a loop's bound: of other types the two were compared
            self.refuse("K204", node, f"{v} does not fit {t}, whose numbers have 64 bits", help="check the constant")
        return self.constant(v, t, node)

    def check(self, t: Any, node: ast.AST, labels: Sequence[Label] = ()) -> Any:
        """`t`, unless promotion gave a conflict."""
        if isinstance(t, Conflict):
            self.refuse(t.code, node, t.reason, help=t.help, labels=labels)
        return t

    def assign_number(self, v: Any, t: T.ScalarType, node: ast.AST, where: str) -> Value:
        """What storing into a place of type `t` does: numbers convert, masks and numbers do not mix."""
        v = self.number(v, node)
        have = self.type_of(v)
        if (not isinstance(have, Weak) and have.is_bool) is not t.is_bool:
            fix = "write `!= 0` to make a mask of it" if t.is_bool else f"write {t}(...) to make a number of it"
            if isinstance(getattr(node, "value", None), ast.BoolOp):
                fix = "`and` and `or` give masks in a kernel; write a if a != 0 else b for one of two numbers"
            self.refuse("K203", node, f"{where} holds {t}, this is {_type_words(have)}", help=fix)
        if isinstance(v, Value):
            return self.convert(v, t, node) if v in self.weak else self.cast(v, t, node)
        if t.is_integer and isinstance(v, int):
            met = promote(t, self.type_of(v))
            if isinstance(met, Conflict) and v > 0:
                bits = (v + (1 << t.bits - 1)) % (1 << t.bits) - (1 << t.bits - 1) if t.is_signed else v % (1 << t.bits)
                self.refuse(met.code, node, f"{where} holds {t}: {met.reason}",
                            help=f"its lowest {t.bits} bits are the number {bits}; a wider type holds it all")  # fmt: skip
            self.check(met, node)
        if t.is_float:
            return self.constant(self._to_float(v, node), t, node)
        return self.cast(v, t, node)

    def unify(
        self, values: Sequence[Any], node: ast.AST, labels: Sequence[ast.AST] = ()
    ) -> tuple[list[Value], T.ScalarType]:
        """Several numbers in the one type they promote to."""
        common: Any = self.type_of(values[0])
        for v in values[1:]:
            met = promote(common, self.type_of(v))
            if isinstance(met, Conflict):
                marks = [Label(self.span(n), f"this is {describe(v)}") for n, v in zip(labels, values, strict=False)]
                self.check(met, node, [m for m in marks if m.span != self.span(node)])
            common = met
        if isinstance(common, Weak):
            t = default_type(common)
            out = [self._default(v, t, node) for v in values]
            return out, t
        return [self.convert(v, common, node) for v in values], common

    def _default(self, v: Any, t: T.ScalarType, node: ast.AST) -> Value:
        """A weak number in the type of all-weak arithmetic; the type is still open, so nothing is adopted."""
        if not isinstance(v, Value):
            return self.convert(v, t, node)
        return v if v.type is t else self._cast(v, t, node)

    def keep_weak(self, result: Value, operands: Sequence[Any]) -> Value:
        """A result of weak loop variables (and literals) alone is weak too: their type is still being found out."""
        roots: frozenset[str] = frozenset()
        is_float = False
        for v in operands:
            t = self.type_of(v)
            if not isinstance(t, Weak):
                return result
            roots |= t.roots
            is_float |= t.is_float
        if roots and not result.type.is_bool:  # type: ignore[union-attr]
            self.weak[result] = Weak(is_float or result.type.is_float, 0, 0, roots)  # type: ignore[union-attr]
        return result

    # Constants

    def const_int(self, v: Any, node: ast.AST, what: str, help: str = "") -> int:
        """A compile-time integer, or K121."""
        if isinstance(v, int) and not isinstance(v, bool):
            return v
        known = v.constant if isinstance(v, Value) and isinstance(v.type, T.ScalarType) and v.type.is_integer else None
        if isinstance(known, int):
            return known
        self.refuse("K121", node, f"{what} must be known when the kernel is compiled, this is {describe(v)}",
                    help=help or "use a number, a constant of the enclosing scope, or a kdsl.const parameter")  # fmt: skip


def _type_words(t: T.ScalarType | Weak) -> str:
    return str(t) if isinstance(t, Weak) else with_article(str(t))


def _help_for(v: Any) -> str:
    if isinstance(v, Value):
        return "index the array to get an element, for example x[i]"
    if isinstance(v, Agg) and isinstance(v.type, T.VectorType):
        return f"take a component, for example v.x, or cast the vector by a vector's type, for example kdsl.ivec{v.type.count}(v)"
    if isinstance(v, Agg):
        return "take a component, for example v.x, or work on the components one by one"
    if isinstance(v, tuple) and 2 <= len(v) <= 4 and all(isinstance(x, (int, float)) for x in v):
        return f"take one of its items, or make a vector of it: kdsl.vec{len(v)}{v}"
    if isinstance(v, (Shape, tuple)):
        return "take one of its items, for example x.shape[0]"
    if isinstance(v, (T.ScalarType, T.VectorType, T.StructType)):
        return f"call the type to make a value of it, for example {v if isinstance(v, T.ScalarType) else 'T'}(...)"
    if isinstance(v, Enum):
        return "write .value after it, or make the class an IntEnum"
    if callable(v):
        return "call the function: f(...)"
    if isinstance(v, str) and len(v) == 1:
        return f"a character is a number in a kernel, ord({v!r}) is {ord(v)}; print and assert take strings as they stand there"
    if isinstance(v, str):
        return "only print and assert take strings; values stand beside them, or in an f-string: print(f\"n is {n}\")"
    if v is None:
        return "a function without `return value` gives None"
    return "kernels compute with numbers, vectors, structs and arrays of them"
