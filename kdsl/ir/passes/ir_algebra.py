"""The algebra of `ir/mathlib` over IR values: what computes on NumPy arrays there appends ops here.

One idea: elementary functions know nothing of the IR; operators on `Term`s become rows of `arith`, on scalars and tiles
alike. Types are right by construction, so ops are appended without the builder's inference: an expansion has hundreds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .. import types as T
from ..analysis.limits import ANY, Limits, magnitude
from ..builder import Builder
from ..core import Op, Region, Value
from ..opdef import OpDef
from ..ops import arith, tile

__all__ = ["IRAlgebra", "Term", "fit"]

_EXACT: dict[str, Any] = {"exact": True}
_ORDERED: dict[str, Any] = {"ordered": True}


class Term:
    """An IR value of one of the algebra's types."""

    __slots__ = ("algebra", "element", "value")

    def __init__(self, algebra: IRAlgebra, element: T.ScalarType, value: Value) -> None:
        self.algebra = algebra
        self.element = element
        self.value = value

    @property
    def type(self) -> str:
        return self.element.name

    __hash__ = None  # type: ignore[assignment]

    if TYPE_CHECKING:  # set below, from the rows

        def __add__(self, other: Any) -> Term: ...
        def __radd__(self, other: Any) -> Term: ...
        def __sub__(self, other: Any) -> Term: ...
        def __rsub__(self, other: Any) -> Term: ...
        def __mul__(self, other: Any) -> Term: ...
        def __rmul__(self, other: Any) -> Term: ...
        def __truediv__(self, other: Any) -> Term: ...
        def __rtruediv__(self, other: Any) -> Term: ...
        def __and__(self, other: Any) -> Term: ...
        def __rand__(self, other: Any) -> Term: ...
        def __or__(self, other: Any) -> Term: ...
        def __ror__(self, other: Any) -> Term: ...
        def __xor__(self, other: Any) -> Term: ...
        def __rxor__(self, other: Any) -> Term: ...
        def __lshift__(self, other: Any) -> Term: ...
        def __rlshift__(self, other: Any) -> Term: ...
        def __rshift__(self, other: Any) -> Term: ...
        def __rrshift__(self, other: Any) -> Term: ...
        def __lt__(self, other: Any) -> Term: ...
        def __le__(self, other: Any) -> Term: ...
        def __gt__(self, other: Any) -> Term: ...
        def __ge__(self, other: Any) -> Term: ...
        def __eq__(self, other: Any) -> Term: ...  # type: ignore[override]
        def __ne__(self, other: Any) -> Term: ...  # type: ignore[override]

    def __neg__(self) -> Term:
        m = self.algebra
        if self.element.kind is T.Kind.UINT:  # the row is for signed types: 0 - x
            return m.binary(arith.SUB, m.literal(0, self.element), self)
        return m.unary(arith.NEG, self)

    def __invert__(self) -> Term:
        return self.algebra.unary(arith.NOT, self)


def _operator(defn: OpDef) -> tuple[Callable[[Term, Any], Term], Callable[[Term, Any], Term]]:
    def forward(self: Term, other: Any) -> Term:
        return self.algebra.binary(defn, self, other)

    def reflected(self: Term, other: Any) -> Term:
        return self.algebra.binary(defn, other, self)

    return forward, reflected


def _arithmetic(defn: OpDef) -> tuple[Callable[[Term, Any], Term], Callable[[Term, Any], Term]]:
    """Operators that math="fast" must leave in the order in which they are written: reductions rest on it."""

    def forward(self: Term, other: Any) -> Term:
        return self.algebra.binary(defn, self, other, None, self.algebra.order(self.element))

    def reflected(self: Term, other: Any) -> Term:
        return self.algebra.binary(defn, other, self, None, self.algebra.order(self.element))

    return forward, reflected


def _comparison(defn: OpDef) -> Callable[[Term, Any], Term]:
    def compare(self: Term, other: Any) -> Term:
        return self.algebra.binary(defn, self, other, T.bool_)

    return compare


for _name, _defn in {"add": arith.ADD, "sub": arith.SUB, "mul": arith.MUL}.items():
    _forward, _reflected = _arithmetic(_defn)
    setattr(Term, f"__{_name}__", _forward)
    setattr(Term, f"__r{_name}__", _reflected)
for _name, _defn in {
    "truediv": arith.DIV, "and": arith.AND, "or": arith.OR, "xor": arith.XOR, "lshift": arith.SHL, "rshift": arith.SHR,
}.items():
    _forward, _reflected = _operator(_defn)
    setattr(Term, f"__{_name}__", _forward)
    setattr(Term, f"__r{_name}__", _reflected)
for _name, _defn in {
    "lt": arith.LT, "le": arith.LE, "gt": arith.GT, "ge": arith.GE, "eq": arith.EQ, "ne": arith.NE,
}.items():  # fmt: skip
    setattr(Term, f"__{_name}__", _comparison(_defn))


class IRAlgebra:
    """Appends to the builder's current region.

    shape: () for scalars, otherwise that of the tiles. fuses: a fused multiply-add is one instruction, and bits need
    not be those of the interpreter (not under math="strict"). wide: f64 is no slower than its width says, and likewise.
    ordered: arithmetic must not be reassociated.
    """

    def __init__(self, b: Builder, shape: tuple[int, ...] = (), *, fuses: bool = False, wide: bool = False,
                 ordered: bool = False) -> None:  # fmt: skip
        self.b = b
        self.shape = shape
        self.fuses = fuses
        self.wide = wide
        self.ordered = ordered
        self.types: dict[T.ScalarType, T.Type] = {}
        self.tables: dict[tuple[int, T.ScalarType], tuple[Sequence[Any], tuple[Any, ...]]] = {}  # of look-ups, as `t` holds them
        # Constants by (type, value), one table per region that is open: an inner one sees those of the outer ones.
        self.constants: list[dict[tuple[T.ScalarType, str], Value]] = [{}]
        self.limited: dict[Value, Limits] = {}  # what `limits` answers of arguments

    def type_of(self, t: T.ScalarType) -> T.Type:
        known = self.types.get(t)
        if known is None:
            known = self.types[t] = T.TileType(t, self.shape) if self.shape else t
        return known

    def append(
        self, defn: OpDef, operands: tuple[Value, ...], t: T.Type, attributes: dict[str, Any] | None = None
    ) -> Value:
        op = Op(defn, operands, (t,), attributes, (), self.b.span)
        self.b.region.ops.append(op)
        return op.results[0]

    def wrap(self, value: Value) -> Term:
        return Term(self, T.element_of(value.type), value)

    def literal(self, value: Any, t: T.ScalarType) -> Term:
        """A constant in every lane; integers wrap, floats are rounded to the type."""
        value = fit(value, t)
        key = (t, repr(value))  # repr tells 0.0 from -0.0
        for known in self.constants:
            if key in known:
                return Term(self, t, known[key])
        made = self.constants[-1][key] = self.b.constant(value, self.type_of(t))  # type: ignore[arg-type]
        return Term(self, t, made)

    def order(self, t: T.ScalarType) -> dict[str, Any] | None:
        """The attributes of arithmetic on this type."""
        return _ORDERED if self.ordered and t.is_float else None

    def unary(
        self, defn: OpDef, x: Term, result: T.ScalarType | None = None, attributes: dict[str, Any] | None = None
    ) -> Term:
        t = result or x.element
        return Term(self, t, self.append(defn, (x.value,), self.type_of(t), attributes))

    def pair(self, a: Any, b: Any) -> tuple[Term, Term]:
        """Two operands of one type; a literal takes the type of the other."""
        if not isinstance(a, Term):
            return self.literal(a, b.element), b
        if not isinstance(b, Term):
            return a, self.literal(b, a.element)
        if a.element is not b.element:
            raise TypeError(f"operands of one type are needed, not {a.type} and {b.type}")
        return a, b

    def binary(self, defn: OpDef, a: Any, b: Any, result: T.ScalarType | None = None,
               attributes: dict[str, Any] | None = None) -> Term:  # fmt: skip
        a, b = self.pair(a, b)
        t = result or a.element
        return Term(self, t, self.append(defn, (a.value, b.value), self.type_of(t), attributes))

    # The protocol

    def const(self, value: Any, type: str) -> Term:
        return self.literal(value, T.SCALARS[type])

    def select(self, mask: Term, a: Any, b: Any) -> Term:
        a, b = self.pair(a, b)
        value = self.append(arith.SELECT, (mask.value, a.value, b.value), self.type_of(a.element))
        return Term(self, a.element, value)

    def bitcast(self, x: Term, type: str) -> Term:
        return x if x.type == type else self.unary(arith.BITCAST, x, T.SCALARS[type])

    def convert(self, x: Term, type: str) -> Term:
        if x.type == type:
            return x
        to = T.SCALARS[type]
        # `inside`: what lies outside the integer's range may give anything, so no instructions are spent on it.
        return self.unary(arith.CAST, x, to, {"inside": True} if x.element.is_float and to.is_integer else None)

    def exact_add(self, x: Any, y: Any) -> Term:
        return self.binary(arith.ADD, x, y, None, _EXACT)

    def exact_sub(self, x: Any, y: Any) -> Term:
        return self.binary(arith.SUB, x, y, None, _EXACT)

    def exact_mul(self, x: Any, y: Any) -> Term:
        return self.binary(arith.MUL, x, y, None, _EXACT)

    def product_error(self, x: Term, y: Any, product: Term) -> Term | None:
        if not self.fuses:
            return None
        x, y = self.pair(x, y)
        value = self.append(arith.FMA, (x.value, y.value, (-product).value), self.type_of(x.element))
        return Term(self, x.element, value)

    def limits(self, x: Term) -> Limits:
        return self.limited.get(x.value, ANY)

    def abs(self, x: Term) -> Term:
        out = self.unary(arith.ABS, x)
        if x.value in self.limited:
            self.limited[out.value] = magnitude(self.limited[x.value])
        return out

    def floor(self, x: Term) -> Term:
        return self.unary(arith.FLOOR, x)

    def rint(self, x: Term) -> Term:
        return self.unary(arith.ROUND, x)

    def sqrt(self, x: Term) -> Term:
        return self.unary(arith.SQRT, x)

    def isnan(self, x: Term) -> Term:
        return self.unary(arith.ISNAN, x, T.bool_)

    def lookup(self, table: Sequence[Any], index: Term, type: str) -> Term:
        t = T.SCALARS[type]
        _, fitting = self.tables.get((id(table), t), (None, None))
        if fitting is None:
            fitting = tuple([fit(v, t) for v in table])
            self.tables[id(table), t] = table, fitting  # as long as it is held, nothing else has its id
        return self.unary(arith.LOOKUP, index, t, {"table": fitting})

    def huge(self, ax: Term, expand: Callable[[], Sequence[Term]]) -> Sequence[Term]:
        """In full: CPUs make functions of what is rare on their own."""
        return expand()

    def rarely(self, mask: Term, slow: Callable[[], Sequence[Term]], fast: Sequence[Term]) -> Sequence[Term]:
        """A branch around `slow`, taken when any lane needs it."""
        cond = self.append(tile.ANY, (mask.value,), T.bool_) if self.shape else mask.value
        then, otherwise = Region(), Region()
        with self.b.inside(then):
            self.constants.append({})
            results = slow()
            if self.shape:
                results = [self.select(mask, a, b) for a, b in zip(results, fast, strict=True)]
            self.b.yield_(*[x.value for x in results])
            self.constants.pop()
        with self.b.inside(otherwise):
            self.b.yield_(*[x.value for x in fast])
        out = self.b.if_(cond, [x.value.type for x in fast], then, otherwise)
        return [Term(self, x.element, result) for x, result in zip(fast, out.results, strict=True)]


def fit(value: Any, t: T.ScalarType) -> Any:
    """A literal as a Python number that `t` holds."""
    if t.is_float:
        return float(t.dtype.type(value)) if t.bits == 32 else float(value)
    if t.is_bool:
        return bool(value)
    value = int(value) & ((1 << t.bits) - 1)
    return value - (1 << t.bits) if t.is_signed and value >> (t.bits - 1) else value
