"""Arithmetic, comparisons and conversions to truth, on constants, scalars and vectors.

One idea: numbers known at compile time are computed by Python now; everything else is promoted by `promote` and
becomes one op. Vectors go component by component.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from enum import Enum
from typing import Any

from ..ir import types as T
from ..ir.core import Value
from ..ir.opdef import OpDef
from ..ir.ops import arith, math
from .lowering import Lowering
from .outside import python_types
from .powers import whole_power
from .promote import Weak, arithmetic_type, default_type
from .remainder import divide_floor, modulo
from .values import Agg, describe, is_array

__all__ = ["BINARY", "COMPARE", "binary", "compare", "lift", "power", "select", "truth", "unary"]

BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_PYTHON: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "&": operator.and_, "|": operator.or_, "^": operator.xor,
    "<<": operator.lshift, ">>": operator.rshift, "==": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ARITH: dict[str, OpDef] = {"+": arith.ADD, "-": arith.SUB, "*": arith.MUL, "/": arith.DIV}
_BITS: dict[str, OpDef] = {"&": arith.AND, "|": arith.OR, "^": arith.XOR}
_RELATIONS: dict[str, OpDef] = {
    "==": arith.EQ, "!=": arith.NE, "<": arith.LT, "<=": arith.LE, ">": arith.GT, ">=": arith.GE,
}  # fmt: skip
_WORDS = {"&": "and", "|": "or", "^": "!="}
_MOST_BITS = 4096  # of a constant computed at compile time


def lift(L: Lowering, node: ast.AST, values: list[Any], f: Callable[..., Any]) -> Any:
    """Apply a scalar function to each component where any of the values is a vector; scalars are repeated."""
    vectors = [v for v in values if isinstance(v, Agg)]
    if not vectors:
        return f(*values)
    t = vectors[0].type
    for v in vectors:
        if not isinstance(v.type, T.VectorType):
            L.refuse(
                "K205", node, f"structs have no arithmetic: this is {describe(v)}", help="work on its fields one by one"
            )
        if v.type.count != t.count:  # type: ignore[union-attr]
            L.refuse(
                "K213", node, f"{t} and {v.type} have different numbers of components", help="use a swizzle such as .xy"
            )
    assert isinstance(t, T.VectorType)
    parts = [f(*[v.parts[k] if isinstance(v, Agg) else v for v in values]) for k in range(t.count)]
    scalars = [L.value(p, node) for p in parts]
    return Agg(T.VectorType(scalars[0].type, t.count), tuple(scalars))  # type: ignore[arg-type]


def _plain(v: Any) -> bool:
    return isinstance(v, (int, float)) and not isinstance(v, Value)


def _fold(L: Lowering, op: str, a: Any, b: Any, node: ast.AST) -> Any:
    """Python's own result for two constants."""
    if op == "**" and isinstance(a, int) and isinstance(b, int) and abs(b) * max(a.bit_length(), 1) > _MOST_BITS:
        L.refuse("K204", node, "this power is too large to compute", help="write it as a float, for example 1e20")
    if op == "<<" and isinstance(b, int) and b > _MOST_BITS:
        L.refuse("K204", node, "this shift is too large to compute", help="shift by less than the width of the type")
    try:
        result = _PYTHON[op](a, b)
    except ZeroDivisionError:
        L.refuse("K217", node, "division by the constant zero", help="check the divisor before the division")
    except (OverflowError, ValueError, TypeError) as error:
        L.refuse("K205", node, f"{a!r} {op} {b!r} cannot be computed: {error}", help="check the constants")
    if isinstance(result, int) and result.bit_length() > _MOST_BITS:
        L.refuse("K204", node, "this number is too large to compute", help="write it as a float, for example 1e20")
    if isinstance(result, complex):
        L.refuse("K205", node, f"{a!r} {op} {b!r} is a complex number", help="kernels compute with real numbers")
    return result


def binary(L: Lowering, op: str, a: Any, b: Any, node: ast.AST) -> Any:
    """`a op b`."""
    if _plain(a) and _plain(b):
        if (isinstance(a, bool) or isinstance(b, bool)) and not (
            isinstance(a, bool) and isinstance(b, bool) and op in _BITS
        ):
            _refuse_mask(L, op, a, b, node)
        return _fold(L, op, a, b, node)
    if isinstance(a, tuple) and isinstance(b, tuple) and op == "+":
        return a + b
    if is_array(a) or is_array(b):
        L.refuse("K205", node, f"arithmetic on a whole array ({op}) is a tile operation, not for thread kernels",
                 help="index it: every thread works on its own element, for example x[i]")  # fmt: skip
    if isinstance(a, Agg) or isinstance(b, Agg):
        return lift(L, node, [a, b], lambda x, y: binary(L, op, x, y, node))
    a, b = L.number(a, node), L.number(b, node)
    if op in _BITS:
        return _bitwise(L, op, a, b, node)
    ta, tb = L.type_of(a), L.type_of(b)
    if ta is T.bool_ or tb is T.bool_:
        _refuse_mask(L, op, a, b, node)
    if op in ("<<", ">>"):
        return _shift(L, op, a, b, node)
    if op == "**":
        return power(L, a, b, node)
    return _arithmetic(L, op, a, b, node)


def _refuse_mask(L: Lowering, op: str, a: Any, b: Any, node: ast.AST) -> None:
    both = L.type_of(a) is T.bool_ and L.type_of(b) is T.bool_
    if both:
        L.refuse("K203", node, f"masks (bool) have no arithmetic ({op})",
                 help="combine them with and, or, not; write i32(mask) to count with them")  # fmt: skip
    L.refuse("K203", node, f"a mask (bool) is mixed with a number ({op})",
             help="write i32(mask) to count with it, or kdsl.where(mask, a, b) to choose with it")  # fmt: skip


def _operands(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.AugAssign):
        return [node.target, node.value]
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if isinstance(node, ast.Call):
        return list(node.args)
    return []


def _arithmetic(L: Lowering, op: str, a: Any, b: Any, node: ast.AST) -> Any:
    given = (a, b)
    (x, y), t = L.unify([a, b], node, _operands(node))
    if op == "/" and not t.is_float:
        x, y, t = L.cast(x, T.f32, node), L.cast(y, T.f32, node), T.f32
    if op in _ARITH:
        return L.keep_weak(L.emit(node, _ARITH[op], x, y), given)
    if t.is_integer:
        _refuse_zero(L, b, node)
        return L.keep_weak(L.emit(node, arith.FLOORDIV if op == "//" else arith.MOD, x, y), given)
    return L.keep_weak((divide_floor if op == "//" else modulo)(L, x, y, node), given)


def _refuse_zero(L: Lowering, b: Any, node: ast.AST) -> None:
    if _plain(b) and b == 0:
        L.refuse(
            "K217", node, "division of an integer by the constant zero", help="check the divisor before the division"
        )


def _bitwise(L: Lowering, op: str, a: Any, b: Any, node: ast.AST) -> Any:
    for v in (a, b):
        t = L.type_of(v)
        if t.is_float:
            L.refuse("K205", node, f"{op} works on integers and masks, this is {describe(v)}",
                     help=f"of a whole number write i32(...) first; between comparisons write `{_WORDS[op]}`, or brackets: "
                          f"(a < b) {op} (c < d); for the bits of a float kdsl.bitcast(x, u32)")  # fmt: skip
    if (L.type_of(a) is T.bool_) is not (L.type_of(b) is T.bool_):
        L.refuse("K203", node, f"a mask (bool) is mixed with a number ({op})",
                 help=f"write `{_WORDS[op]}` between conditions, or use brackets: (a < b) {op} (c < d)")  # fmt: skip
    if L.type_of(a) is T.bool_:
        return L.emit(node, _BITS[op], L.value(a, node), L.value(b, node))
    (x, y), _ = L.unify([a, b], node, _operands(node))
    return L.keep_weak(L.emit(node, _BITS[op], x, y), (a, b))


def _shift(L: Lowering, op: str, a: Any, b: Any, node: ast.AST) -> Any:
    """The result has the type of the left side; a literal on the left takes that of the right."""
    for v in (a, b):
        if L.type_of(v).is_float:
            L.refuse("K205", node, f"{op} works on integers, this is {describe(v)}", help="cast to an integer first")
    if isinstance(L.type_of(a), Weak) or isinstance(L.type_of(b), Weak):
        if isinstance(b, int) and b < 0:
            L.refuse(
                "K204", node, f"a shift by the negative number {b}", help="shift the other way by a positive number"
            )
        if isinstance(b, int) and isinstance(a, Value) and b >= a.type.bits:  # type: ignore[union-attr]
            b = a.type.bits  # type: ignore[union-attr]  # by the width or more: the same as by the width
        (x, y), _ = L.unify([a, b], node, _operands(node))
        return L.keep_weak(L.emit(node, arith.SHL if op == "<<" else arith.SHR, x, y), (a, b))
    return L.emit(node, arith.SHL if op == "<<" else arith.SHR, a, _shift_amount(L, b, a.type, node))


def _shift_amount(L: Lowering, b: Value, t: T.ScalarType, node: ast.AST) -> Value:
    """The amount in the type of the shifted number, without losing that it is too large."""
    have = b.type
    assert isinstance(have, T.ScalarType)
    if have is t:
        return b
    if have.bits > t.bits:
        unsigned = T.SCALARS[f"u{have.bits}"]
        wide = b if have is unsigned else L.emit(node, arith.BITCAST, b, type=unsigned)
        b = L.emit(node, arith.MINIMUM, wide, L.constant(t.bits, unsigned, node))
    return L.cast(b, t, node)


def power(L: Lowering, a: Any, b: Any, node: ast.AST) -> Any:
    """`a ** b`: by multiplication for an integer exponent that is constant or that an integer has, else `math.pow`."""
    if _plain(a) and _plain(b):
        return _fold(L, "**", a, b, node)
    ta = L.type_of(a)
    if isinstance(b, int):
        return _integer_power(L, a, b, node)
    if b == 0.5:
        return unary_float(L, arith.SQRT, a, node)
    if not (ta.is_float or L.type_of(b).is_float):
        return _power_of_integers(L, a, b, node)
    (x, y), _ = L.unify([a, b], node, _operands(node))
    return L.keep_weak(L.emit(node, math.POW, x, y), (a, b))


def _power_of_integers(L: Lowering, a: Any, b: Value, node: ast.AST) -> Any:
    """The result has the type of the left side; a literal on the left takes that of the right."""
    if isinstance(L.type_of(a), Weak) or isinstance(L.type_of(b), Weak):
        (x, n), _ = L.unify([a, b], node, _operands(node))
        return L.keep_weak(whole_power(L, x, n, node), (a, b))
    return whole_power(L, a, b, node)


def _integer_power(L: Lowering, a: Any, n: int, node: ast.AST) -> Any:
    is_float = L.type_of(a).is_float
    if n < 0 and not is_float:
        L.refuse(
            "K216",
            node,
            "a negative power of an integer is a fraction",
            help="write f32(x) ** n to compute it as a float",
        )
    if abs(n) > 64:
        base = a if is_float else None
        if base is None:
            L.refuse("K216", node, f"an integer to the power {n} wraps many times over", help="write f32(x) ** n")
        return power(L, a, float(n), node)
    t = L.type_of(a)
    kind = default_type(t) if isinstance(t, Weak) else arithmetic_type(t)
    x = L._default(a, kind, node) if isinstance(t, Weak) else L.convert(a, kind, node)
    result: Value | None = None
    square = x
    k = abs(n)
    while k:
        if k & 1:
            result = square if result is None else L.emit(node, arith.MUL, result, square)
        k >>= 1
        if k:
            square = L.emit(node, arith.MUL, square, square)
    if result is None:
        result = L.constant(1, kind, node)
    if n < 0:
        result = L.emit(node, arith.DIV, L.constant(1.0, kind, node), result)
    return L.keep_weak(result, (a,)) if result is not a else a


def unary(L: Lowering, op: type[ast.unaryop], v: Any, node: ast.AST) -> Any:
    """`-v`, `+v`, `~v`, `not v`."""
    if op is ast.Not:
        t = truth(L, v, node)
        return not t if isinstance(t, bool) else L.emit(node, arith.NOT, t)
    if isinstance(v, Agg):
        return lift(L, node, [v], lambda x: unary(L, op, x, node))
    v = L.number(v, node)
    t = L.type_of(v)
    if op is ast.Invert:
        if t.is_float:
            L.refuse(
                "K205",
                node,
                f"~ works on integers and masks, this is {describe(v)}",
                help="write -x to negate a number",
            )
        if isinstance(v, bool):
            return not v
        return ~v if isinstance(v, int) else L.keep_weak(L.emit(node, arith.NOT, v), (v,))
    if t is T.bool_:
        L.refuse("K203", node, "a mask (bool) has no sign", help="write `not mask` to invert it")
    if _plain(v):
        return -v if op is ast.USub else v
    if op is ast.UAdd:
        return v
    assert isinstance(v, Value) and isinstance(v.type, T.ScalarType)
    if v.type.kind is T.Kind.UINT:
        return L.emit(node, arith.SUB, L.constant(0, v.type, node), v)
    x = L.cast(v, arithmetic_type(v.type), node) if v.type is not arithmetic_type(v.type) else v
    return L.keep_weak(L.emit(node, arith.NEG, x), (v,))


def unary_float(L: Lowering, defn: OpDef, v: Any, node: ast.AST) -> Any:
    """A function of one float; integers become f32."""
    if isinstance(v, Agg):
        return lift(L, node, [v], lambda x: unary_float(L, defn, x, node))
    v = L.number(v, node)
    if L.type_of(v) is T.bool_:
        L.refuse("K203", node, "a mask (bool) is used as a number", help="write f32(mask)")
    return L.keep_weak(L.emit(node, defn, as_float(L, v, node)), (v,))


def as_float(L: Lowering, v: Any, node: ast.AST) -> Value:
    """A number as a float that computes: floats stay, integers become f32."""
    t = L.type_of(v)
    if isinstance(t, Weak):
        return L._default(v, T.f32, node) if isinstance(v, Value) else L.convert(v, T.f32, node)
    return L.cast(v, arithmetic_type(t) if t.is_float else T.f32, node)


def compare(L: Lowering, op: str, a: Any, b: Any, node: ast.AST) -> Any:
    """One comparison."""
    a, b = [v.value if isinstance(v, Enum) else v for v in (a, b)]  # a constant parameter has become its value already
    if _plain(a) and _plain(b):
        return _fold(L, op, a, b, node)
    runtime = isinstance(a, (Value, Agg)) or isinstance(b, (Value, Agg))
    if not runtime and op in ("==", "!="):
        a, b = _types(L, a, b, node)
        return _same_constant(a, b) is (op == "==")
    if isinstance(a, Agg) or isinstance(b, Agg):
        L.refuse("K205", node, f"{describe(a)} and {describe(b)} cannot be compared as a whole",
                 help="compare their components, for example a.x < b.x and a.y < b.y")  # fmt: skip
    a, b = L.number(a, node), L.number(b, node)
    ta, tb = L.type_of(a), L.type_of(b)
    if ta is T.bool_ and tb is T.bool_:
        if op not in ("==", "!="):
            L.refuse(
                "K203",
                node,
                f"masks (bool) have no order ({op})",
                help="compare them with == and !=, or use and, or, not",
            )
        return L.emit(node, _RELATIONS[op], L.value(a, node), L.value(b, node))
    (x, y), _ = L.unify([a, b], node, _operands(node))
    return L.emit(node, _RELATIONS[op], x, y)


def _types(L: Lowering, a: Any, b: Any, node: ast.AST) -> tuple[Any, Any]:
    """Where one is a type, the type that the other stands for: `x.dtype == np.float64`."""
    if not (isinstance(a, T.ScalarType) or isinstance(b, T.ScalarType)):
        return a, b
    for v in (a, b):
        if isinstance(v, str):
            L.refuse("K205", node, f"a type is compared with the string {v!r}", help="compare with a type: x.dtype == kdsl.f32")
    return python_types(a) or a, python_types(b) or b


def _same_constant(a: Any, b: Any) -> bool:
    if isinstance(a, (str, tuple, T.ScalarType, T.VectorType, T.StructType)) or a is None:
        return a == b
    return a is b


def truth(L: Lowering, v: Any, node: ast.AST) -> bool | Value:
    """`v` as a condition: a mask, or whether a number is not zero. A Python bool when that is known now."""
    if isinstance(v, Value) and isinstance(v.type, T.ScalarType):
        if v.type.is_bool:
            return v
        x = L.cast(v, arithmetic_type(v.type), node)
        return L.emit(node, arith.NE, x, L.constant(0, arithmetic_type(v.type), node))
    if isinstance(v, (bool, int, float)):
        return bool(v)
    if v is None or isinstance(v, str):
        return bool(v)
    L.refuse("K208", node, f"a condition must be a mask or a number, this is {describe(v)}",
             help="compare something, for example x[i] > 0")  # fmt: skip


def select(L: Lowering, cond: Any, a: Any, b: Any, node: ast.AST) -> Any:
    """`a` where cond, else `b`; both are evaluated already."""
    if isinstance(cond, bool):
        return a if cond else b
    if isinstance(a, Agg) or isinstance(b, Agg):
        if isinstance(a, Agg) and isinstance(b, Agg) and a.type == b.type and isinstance(a.type, T.StructType):
            return Agg(a.type, tuple([select(L, cond, x, y, node) for x, y in zip(a.parts, b.parts, strict=True)]))
        return lift(L, node, [a, b], lambda x, y: select(L, cond, x, y, node))
    a, b = L.number(a, node), L.number(b, node)
    if L.type_of(a) is T.bool_ and L.type_of(b) is T.bool_:
        return L.emit(node, arith.SELECT, cond, L.value(a, node), L.value(b, node))
    if L.type_of(a) is L.type_of(b) and isinstance(a, Value) and isinstance(b, Value) and a not in L.weak:
        return L.emit(node, arith.SELECT, cond, a, b)
    (x, y), _ = L.unify([a, b], node, _operands(node))
    return L.keep_weak(L.emit(node, arith.SELECT, cond, x, y), (a, b))
