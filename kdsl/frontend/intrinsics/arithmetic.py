"""Math: elementary functions, rounding, minima, bit counting, and random numbers."""

from __future__ import annotations

import ast
import builtins
import math as host_math
from collections.abc import Callable
from typing import Any

from ...ir import types as T
from ...ir.core import Value
from ...ir.opdef import OpDef
from ...ir.ops import arith, math
from ..exponents import split_exponent, split_fraction, times_power_of_two
from ..lowering import Lowering
from ..operators import as_float, binary, lift, power, select, truth
from ..outside import python_types
from ..remainder import remainder, with_sign
from ..values import describe
from .table import ROWS, row

__all__ = ["maximum", "minimum"]

# Functions of one float, and Python's own where a constant can be computed at once.
_UNARY: dict[str, tuple[OpDef, Any]] = {
    "sqrt": (arith.SQRT, host_math.sqrt), "rsqrt": (arith.RSQRT, None),
    "exp": (math.EXP, host_math.exp), "exp2": (math.EXP2, None), "expm1": (math.EXPM1, host_math.expm1),
    "log": (math.LOG, host_math.log), "log2": (math.LOG2, host_math.log2), "log10": (math.LOG10, host_math.log10),
    "log1p": (math.LOG1P, host_math.log1p), "sin": (math.SIN, host_math.sin), "cos": (math.COS, host_math.cos),
    "tan": (math.TAN, host_math.tan), "asin": (math.ASIN, host_math.asin), "acos": (math.ACOS, host_math.acos),
    "atan": (math.ATAN, host_math.atan), "sinh": (math.SINH, host_math.sinh), "cosh": (math.COSH, host_math.cosh),
    "tanh": (math.TANH, host_math.tanh), "asinh": (math.ASINH, host_math.asinh), "acosh": (math.ACOSH, host_math.acosh),
    "atanh": (math.ATANH, host_math.atanh), "erf": (math.ERF, host_math.erf), "cbrt": (math.CBRT, None),
}  # fmt: skip
_ROUNDING: dict[str, OpDef] = {"floor": arith.FLOOR, "ceil": arith.CEIL, "trunc": arith.TRUNC, "round": arith.ROUND}
_HOST_ROUNDING = {"floor": host_math.floor, "ceil": host_math.ceil, "trunc": host_math.trunc, "round": builtins.round}
_TESTS: dict[str, tuple[OpDef, Any]] = {
    "isnan": (arith.ISNAN, host_math.isnan),
    "isinf": (arith.ISINF, host_math.isinf),
}
_BITS: dict[str, OpDef] = {"popcount": arith.POPCOUNT, "clz": arith.CLZ, "ctz": arith.CTZ}


def _constant(v: Any) -> bool:
    return isinstance(v, (int, float)) and not isinstance(v, bool)


def _refuse_bool(L: Lowering, v: Any, node: ast.AST, name: str) -> Any:
    v = L.number(v, node)
    if L.type_of(v) is T.bool_:
        L.refuse("K203", node, f"{name} works on numbers, this is a mask (bool)", help="write i32(mask) or f32(mask)")
    return v


def _unary(name: str, defn: OpDef, host: Any) -> Callable[..., Any]:
    def one(L: Lowering, node: ast.AST, v: Any) -> Any:
        v = _refuse_bool(L, v, node, name)
        if _constant(v) and host is not None:
            try:
                return float(host(v))
            except (ValueError, OverflowError):
                pass  # outside the domain: the op gives NaN or an infinity
        return L.keep_weak(L.emit(node, defn, as_float(L, v, node)), (v,))

    return lambda L, node, x: lift(L, node, [x], lambda v: one(L, node, v))


def _rounding(name: str, defn: OpDef) -> Callable[..., Any]:
    def one(L: Lowering, node: ast.AST, v: Any) -> Any:
        v = _refuse_bool(L, v, node, name)
        if not L.type_of(v).is_float:
            return v
        if _constant(v) and host_math.isfinite(v):
            return float(_HOST_ROUNDING[name](v))
        return L.keep_weak(L.emit(node, defn, as_float(L, v, node)), (v,))

    return lambda L, node, x: lift(L, node, [x], lambda v: one(L, node, v))


def _test(name: str, defn: OpDef, host: Any) -> Callable[..., Any]:
    def one(L: Lowering, node: ast.AST, v: Any) -> Any:
        v = _refuse_bool(L, v, node, name)
        if not L.type_of(v).is_float:
            return False
        return host(v) if _constant(v) else L.emit(node, defn, as_float(L, v, node))

    return lambda L, node, x: lift(L, node, [x], lambda v: one(L, node, v))


def _bit(name: str, defn: OpDef) -> Callable[..., Any]:
    def one(L: Lowering, node: ast.AST, v: Any) -> Any:
        v = _refuse_bool(L, v, node, name)
        if L.type_of(v).is_float:
            L.refuse("K205", node, f"{name} works on integers, this is {describe(v)}",
                     help="write kdsl.bitcast(x, u32) for the bits of a float")  # fmt: skip
        return L.emit(node, defn, L.value(v, node))

    return lambda L, node, x: lift(L, node, [x], lambda v: one(L, node, v))


def _isfinite(L: Lowering, node: ast.AST, x: Any) -> Any:
    def one(v: Any) -> Any:
        v = _refuse_bool(L, v, node, "isfinite")
        if not L.type_of(v).is_float:
            return True
        if _constant(v):
            return host_math.isfinite(v)
        y = as_float(L, v, node)
        return L.emit(node, arith.LT, L.emit(node, arith.ABS, y), L.constant(host_math.inf, T.element_of(y.type), node))

    return lift(L, node, [x], one)


for _name, (_defn, _host) in _UNARY.items():
    row(f"{_name}(x)", _unary(_name, _defn, _host))
for _name, _defn in _ROUNDING.items():
    row(f"{_name}(x)", _rounding(_name, _defn))
for _name, (_defn, _host) in _TESTS.items():
    row(f"{_name}(x)", _test(_name, _defn, _host))
row("isfinite(x)", _isfinite)
for _name, _defn in _BITS.items():
    row(f"{_name}(x)", _bit(_name, _defn))


def _abs(L: Lowering, node: ast.AST, x: Any) -> Any:
    def one(v: Any) -> Any:
        v = _refuse_bool(L, v, node, "abs")
        if _constant(v):
            return builtins.abs(v)
        return L.keep_weak(L.emit(node, arith.ABS, _computing(L, v, node)), (v,))

    return lift(L, node, [x], one)


def _computing(L: Lowering, v: Any, node: ast.AST) -> Value:
    """A number in a type that arithmetic takes: 8-bit floats become f32."""
    return as_float(L, v, node) if L.type_of(v).is_float else L.value(v, node)


def _sign(L: Lowering, node: ast.AST, x: Any) -> Any:
    def one(v: Any) -> Any:
        v = _refuse_bool(L, v, node, "sign")
        if _constant(v):
            return v if v == 0 or v != v else type(v)(1 if v > 0 else -1)
        y = _computing(L, v, node)
        if isinstance(y.type, T.ScalarType) and y.type.kind is T.Kind.UINT:
            return L.emit(node, arith.MINIMUM, y, L.constant(1, y.type, node))
        return L.keep_weak(L.emit(node, arith.SIGN, y), (v,))

    return lift(L, node, [x], one)


row("abs(x)", _abs)
row("sign(x)", _sign)

# Two numbers


def _two(name: str, of_any: OpDef, of_float: OpDef | None = None) -> Callable[..., Any]:
    """Minima and maxima. of_float: what floats use instead."""

    def one(L: Lowering, node: ast.AST, a: Any, b: Any) -> Any:
        a, b = _refuse_bool(L, a, node, name), _refuse_bool(L, b, node, name)
        if _constant(a) and _constant(b):
            return _host_two(of_any, a, b)
        (x, y), t = L.unify([a, b], node, [node])
        return L.keep_weak(L.emit(node, of_float if of_float is not None and t.is_float else of_any, x, y), (a, b))

    return lambda L, node, a, b: lift(L, node, [a, b], lambda x, y: one(L, node, x, y))


def _host_two(defn: OpDef, a: Any, b: Any) -> Any:
    if a != a or b != b:
        return float("nan")
    return builtins.min(a, b) if defn is arith.MINIMUM else builtins.max(a, b)


minimum = _two("minimum", arith.MINIMUM)
maximum = _two("maximum", arith.MAXIMUM)
row("minimum(a, b)", minimum)
row("maximum(a, b)", maximum)
row("fmin(a, b)", _two("fmin", arith.MINIMUM, arith.FMIN))
row("fmax(a, b)", _two("fmax", arith.MAXIMUM, arith.FMAX))


def _floats(name: str, defn: OpDef) -> Callable[..., Any]:
    """A function of several floats in their common type."""

    def one(L: Lowering, node: ast.AST, *values: Any) -> Any:
        values = tuple([_refuse_bool(L, v, node, name) for v in values])
        xs, t = L.unify(values, node)
        if not t.is_float:
            xs = [L.cast(x, T.f32, node) for x in xs]
        return L.keep_weak(L.emit(node, defn, *xs), values)

    return lambda L, node, *values: lift(L, node, list(values), lambda *v: one(L, node, *v))


row("atan2(y, x)", _floats("atan2", math.ATAN2))
row("hypot(x, y)", _floats("hypot", math.HYPOT))
row("fma(a, b, c)", _floats("fma", arith.FMA))


def _composed(name: str, compute: Callable[[Lowering, Value, Value, ast.AST], Value]) -> Callable[..., Any]:
    """A function of two floats that is made of ops."""

    def one(L: Lowering, node: ast.AST, *values: Any) -> Any:
        values = tuple([_refuse_bool(L, v, node, name) for v in values])
        xs, t = L.unify(values, node)
        x, y = [L.value(v if t.is_float else L.cast(v, T.f32, node), node) for v in xs]
        return L.keep_weak(compute(L, x, y, node), values)

    return lambda L, node, x, y: lift(L, node, [x, y], lambda a, b: one(L, node, a, b))


row("copysign(x, y)", _composed("copysign", with_sign))
row("fmod(x, y)", _composed("fmod", remainder))


def _turned(name: str, factor: float) -> Callable[..., Any]:
    """An angle in another unit."""
    return lambda L, node, x: lift(
        L, node, [x], lambda v: binary(L, "*", _as_weak_float(L, _refuse_bool(L, v, node, name), node), factor, node)
    )


def _as_weak_float(L: Lowering, v: Any, node: ast.AST) -> Any:
    return float(v) if _constant(v) else L.keep_weak(as_float(L, v, node), (v,))


row("degrees(x)", _turned("degrees", 180 / host_math.pi))
row("radians(x)", _turned("radians", host_math.pi / 180))


def _math_log(L: Lowering, node: ast.AST, x: Any, base: Any) -> Any:
    """Python's `math.log`, which takes a base."""
    if base is None:
        return ROWS["log"].lower(L, node, x)
    if _constant(base) and base in (2, 10):
        return ROWS[f"log{base:.0f}"].lower(L, node, x)
    return binary(L, "/", ROWS["log"].lower(L, node, x), ROWS["log"].lower(L, node, base), node)


row("math_log(x, base: any = 0)", lambda L, node, x, base: _math_log(L, node, x, base if base != 0 else None))


def _ldexp(L: Lowering, node: ast.AST, x: Any, n: Any) -> Any:
    def one(v: Any, k: Any) -> Any:
        v, k = _refuse_bool(L, v, node, "ldexp"), _refuse_bool(L, k, node, "ldexp")
        if L.type_of(k).is_float:
            L.refuse("K205", node, f"the exponent of ldexp is an integer, this is {describe(k)}",
                     help="write x * kdsl.exp2(y) for a power that is none")  # fmt: skip
        return L.keep_weak(times_power_of_two(L, as_float(L, v, node), L.value(k, node), node), (v,))

    return lift(L, node, [x, n], one)


def _split(name: str, compute: Callable[[Lowering, Value, ast.AST], tuple[Value, Value]]) -> Callable[..., Any]:
    """A function of one float that gives two numbers."""

    def lower(L: Lowering, node: ast.AST, x: Any) -> tuple[Any, Any]:
        v = _refuse_bool(L, x, node, name)
        return compute(L, as_float(L, v, node), node)

    return lower


row("ldexp(x, n)", _ldexp)
row("frexp(x)", _split("frexp", split_exponent))
row("modf(x)", _split("modf", split_fraction))


def _pow(L: Lowering, node: ast.AST, x: Any, y: Any) -> Any:
    return lift(
        L, node, [x, y], lambda a, b: power(L, _refuse_bool(L, a, node, "pow"), _refuse_bool(L, b, node, "pow"), node)
    )


def _clamp(L: Lowering, node: ast.AST, x: Any, lo: Any, hi: Any) -> Any:
    return minimum(L, node, maximum(L, node, x, lo), hi)


def _cdiv(L: Lowering, node: ast.AST, a: Any, b: Any) -> Any:
    for v in (a, b):
        v = L.number(v, node)
        if L.type_of(v).is_float or L.type_of(v) is T.bool_:
            L.refuse(
                "K205", node, f"cdiv divides integers, this is {describe(v)}", help="write kdsl.ceil(a / b) for floats"
            )
    return binary(L, "//", binary(L, "+", a, binary(L, "-", b, 1, node), node), b, node)


row("pow(x, y)", _pow)
row("clamp(x, lo, hi)", _clamp)
row("cdiv(a, b)", _cdiv)


def _select(L: Lowering, node: ast.AST, cond: Any, a: Any, b: Any) -> Any:
    return select(L, truth(L, cond, node), a, b, node)


row("select(cond, a, b)", _select)
row("where(cond, a, b)", _select)


def _bitcast(L: Lowering, node: ast.AST, x: Any, dtype: Any) -> Any:
    t = python_types(dtype)
    if t is None or t is T.bool_:
        L.refuse("K209", node, "bitcast needs a number type", help="write for example kdsl.bitcast(x, u32)")
    v = L.value(_refuse_bool(L, x, node, "bitcast"), node)
    have = v.type
    assert isinstance(have, T.ScalarType)
    if have.bits != t.bits:
        L.refuse("K209", node, f"{have} has {have.bits} bits and {t} has {t.bits}: one does not fit the other",
                 help=f"cast to a type of {t.bits} bits first")  # fmt: skip
    return v if have is t else L.emit(node, arith.BITCAST, v, type=t)


row("bitcast(x, dtype: any)", _bitcast)


# Random numbers


def _random(name: str, defn: OpDef) -> Callable[..., Any]:
    def lower(L: Lowering, node: ast.AST, seed: Any, counter: Any) -> Any:
        values = []
        for v in (seed, counter):
            v = L.number(v, node)
            if L.type_of(v).is_float or L.type_of(v) is T.bool_:
                L.refuse("K205", node, f"{name} takes integers, this is {describe(v)}", help="write i64(...) around it")
            values.append(L.cast(v, T.u64, node))
        return L.emit(node, defn, *values)

    return lower


for _name, _defn in (("bits", math.RANDOM_BITS), ("uniform", math.RANDOM_UNIFORM), ("normal", math.RANDOM_NORMAL)):
    row(f"random_{_name}(seed, counter)", _random(f"random_{_name}", _defn))
