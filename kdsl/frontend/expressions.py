"""Expressions: literals, operators, conditions that may skip their right side, conditional expressions, tuples.

One idea: an operand that may not be evaluated (`a and b`, `x if c else y`) is lowered into a region of its own; when
what is there is cheap and cannot go wrong its ops are moved up and both sides are computed, otherwise it stays behind
an `scf.if`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from enum import Enum
from typing import Any

from ..ir import types as T
from ..ir.core import Region, Value
from ..ir.opdef import Effect
from ..ir.ops import arith
from .lowering import Lowering, expression
from .merge import meet, pack, slot_of, slot_types, unpack
from .operators import BINARY, COMPARE, binary, compare, truth, unary
from .values import describe

__all__ = ["both"]

_MOST_CHEAP = 8
_COSTLY = {arith.FLOORDIV, arith.MOD, arith.DIV, arith.SQRT, arith.RSQRT}


@expression(ast.Constant)
def _constant(L: Lowering, node: ast.Constant) -> Any:
    v = node.value
    if isinstance(v, complex):
        L.refuse("K103", node, "kernels have no complex numbers", help="keep real and imaginary part in two variables")
    if isinstance(v, bytes):
        L.refuse("K111", node, "kernels have no bytes", help="pass them as an array of u8")
    if v is Ellipsis:
        L.refuse("K103", node, "`...` has no value in a kernel", help="write the value that is meant")
    return v


@expression(ast.BinOp)
def _binary(L: Lowering, node: ast.BinOp) -> Any:
    op = BINARY.get(type(node.op))
    if op is None:
        L.refuse(
            "K123", node, "@ is a tile operation, which thread kernels do not have", help="write the loop of products"
        )
    return binary(L, op, L.eval(node.left), L.eval(node.right), node)


@expression(ast.UnaryOp)
def _unary(L: Lowering, node: ast.UnaryOp) -> Any:
    return unary(L, type(node.op), L.eval(node.operand), node)


@expression(ast.Tuple)
def _tuple(L: Lowering, node: ast.Tuple) -> tuple[Any, ...]:
    for e in node.elts:
        if isinstance(e, ast.Starred):
            L.refuse("K109", e, "* in a tuple is not part of the kernel language", help="write the items one by one")
    return tuple([L.eval(e) for e in node.elts])


@expression(ast.NamedExpr)
def _walrus(L: Lowering, node: ast.NamedExpr) -> Any:
    v = L.eval(node.value)
    L.frame.env[node.target.id] = v
    L.frame.assigned_at[node.target.id] = L.span(node.target)
    return v


@expression(ast.Compare)
def _compare(L: Lowering, node: ast.Compare) -> Any:
    left = L.eval(node.left)
    result: Any = True
    for op, right_node in zip(node.ops, node.comparators, strict=True):
        if result is not True:
            _refuse_walrus(L, right_node)
        right = L.eval(right_node)
        if isinstance(op, (ast.In, ast.NotIn)):
            one = _membership(L, op, left, right, node)
        elif isinstance(op, (ast.Is, ast.IsNot)):
            one = _identity(L, op, left, right, node)
        else:
            one = compare(L, COMPARE[type(op)], left, right, node)
        if isinstance(one, bool) or isinstance(result, bool):
            result = (one if result else False) if isinstance(result, bool) else (result if one else False)
        else:
            result = L.emit(node, arith.AND, result, one)
        left = right
    return result


def _membership(L: Lowering, op: ast.cmpop, x: Any, items: Any, node: ast.AST) -> bool | Value:
    """Whether x equals one of a tuple's items."""
    if not isinstance(items, tuple):
        L.refuse("K122", node, f"`in` looks into tuples, this is {describe(items)}",
                 help="write a loop that compares with each element, or a tuple of values: x in (a, b)")  # fmt: skip
    found: bool | Value = False
    for item in items:
        one = compare(L, "==", x, item, node)
        if one is True or found is True:
            found = True
        elif isinstance(one, Value):
            found = L.emit(node, arith.OR, found, one) if isinstance(found, Value) else one
    if isinstance(op, ast.In):
        return found
    return L.emit(node, arith.NOT, found) if isinstance(found, Value) else not found


def _identity(L: Lowering, op: ast.cmpop, a: Any, b: Any, node: ast.AST) -> bool:
    """`is` compares what is known at compile time: types, functions, None."""
    is_member = isinstance(a, Enum) or isinstance(b, Enum)
    a, b = [v.value if isinstance(v, Enum) else v for v in (a, b)]  # in some places members have become their values
    if is_member and not isinstance(a, Value) and not isinstance(b, Value):
        return (type(a) is type(b) and a == b) is isinstance(op, ast.Is)
    if type(a) is type(b) and isinstance(a, (bool, int, float, str)):
        return (a == b) is isinstance(op, ast.Is)
    for v in (a, b):
        if isinstance(v, (Value, int, float, str, tuple)) and not isinstance(v, bool):
            other = b if v is a else a
            if other is None:
                return isinstance(op, ast.IsNot)  # a number or an array is never None: optional const parameters
            L.refuse(
                "K122", node, f"`is` compares Python objects, this is {describe(v)}", help="write == to compare numbers"
            )
    equal = a == b if isinstance(a, (T.VectorType, T.StructType)) else a is b
    return equal is isinstance(op, ast.Is)


def _refuse_walrus(L: Lowering, node: ast.expr) -> None:
    for n in ast.walk(node):
        if isinstance(n, ast.NamedExpr):
            L.refuse(
                "K103", n, "an assignment with := in a part that may not be evaluated", help="assign on a line before"
            )


def is_cheap(region: Region) -> bool:
    """Whether computing this needlessly costs little and cannot fail or be seen."""
    ops = region.ops
    if len(ops) > _MOST_CHEAP:
        return False
    for op in ops:
        d = op.defn
        if op.regions or d.effect is not Effect.NONE or d.convergent or d in _COSTLY:
            return False
        if not d.name.startswith(("arith.", "simt.", "memory.extent")):
            return False
    return True


def both(
    L: Lowering, left: bool | Value, right: Callable[[], bool | Value], node: ast.expr, *, stop: bool = False
) -> bool | Value:
    """`left and right()` (`left or right()` with stop=True), evaluating right only if it matters and is not cheap."""
    if isinstance(left, bool):
        return left if left is stop else right()
    _refuse_walrus(L, node)
    scratch = Region()
    with L.b.inside(scratch):
        value = right()
    if isinstance(value, bool):
        return stop if value is stop else left
    if is_cheap(scratch):
        L.b.region.ops.extend(scratch.ops)
        return L.emit(node, arith.OR if stop else arith.AND, left, value)
    with L.b.inside(scratch):
        L.b.yield_(value)
    short = Region()
    with L.b.inside(short):
        L.b.yield_(L.constant(stop, T.bool_, node))
    L.b.span = L.span(node)
    regions = (short, scratch) if stop else (scratch, short)
    return L.b.if_(left, [T.bool_], *regions).result


@expression(ast.BoolOp)
def _bool(L: Lowering, node: ast.BoolOp) -> Any:
    stop = isinstance(node.op, ast.Or)
    first = L.eval(node.values[0])
    if not isinstance(first, Value) and len(node.values) > 1:
        known = truth(L, first, node.values[0])
        if known is stop:
            return first
        rest = node.values[1:]
        return L.eval(rest[0]) if len(rest) == 1 else _bool(L, ast.copy_location(ast.BoolOp(node.op, rest), node))
    result: bool | Value = truth(L, first, node.values[0])
    for e in node.values[1:]:
        result = both(L, result, lambda e=e: truth(L, L.eval(e), e), e, stop=stop)
    return result


@expression(ast.IfExp)
def _conditional(L: Lowering, node: ast.IfExp) -> Any:
    cond = truth(L, L.eval(node.test), node.test)
    if isinstance(cond, bool):
        return L.eval(node.body if cond else node.orelse)
    regions, values = [], []
    for e in (node.body, node.orelse):
        _refuse_walrus(L, e)
        region = Region()
        with L.b.inside(region):
            values.append(L.eval(e))
        regions.append(region)
    name = ".if"
    slot = meet(L, name, slot_of(L, values[0]), slot_of(L, values[1]), node, [])
    if slot[0] == "leaf" and all(map(is_cheap, regions)):
        for region in regions:
            L.b.region.ops.extend(region.ops)
        sides = [pack(L, v, slot, node)[0] for v in values]
        return unpack(L, slot, iter([L.emit(node, arith.SELECT, cond, *sides)]))
    for region, v in zip(regions, values, strict=True):
        with L.b.inside(region):
            L.b.yield_(*pack(L, v, slot, node))
    L.b.span = L.span(node)
    op = L.b.if_(cond, slot_types(slot), regions[0], regions[1])
    return unpack(L, slot, iter(op.results))


_REFUSED: dict[type[ast.expr], tuple[str, str, str]] = {
    ast.ListComp: ("K104", "list comprehensions are not part of the kernel language", "write a for loop"),
    ast.SetComp: ("K104", "set comprehensions are not part of the kernel language", "write a for loop"),
    ast.DictComp: ("K104", "dict comprehensions are not part of the kernel language", "write a for loop"),
    ast.GeneratorExp: ("K104", "generator expressions are not part of the kernel language", "write a for loop"),
    ast.Lambda: ("K105", "a lambda cannot be written inside a kernel", "define a function outside with @kdsl.func"),
    ast.Await: ("K107", "await is not part of the kernel language", "leave it out"),
    ast.Yield: ("K107", "a kernel cannot be a generator", "write results into an array parameter"),
    ast.YieldFrom: ("K107", "a kernel cannot be a generator", "write results into an array parameter"),
    ast.List: ("K110", "kernels have no lists", "use a tuple of constants, or an array: kdsl.local(4, f32)"),
    ast.Dict: ("K110", "kernels have no dicts", "use variables, a struct, or an array"),
    ast.Set: ("K110", "kernels have no sets", "compare with each value: x == a or x == b"),
    ast.JoinedStr: ("K111", "an f-string is only allowed in print and assert", "write print(f\"...\")"),
    ast.Starred: ("K109", "* is not part of the kernel language", "write the items one by one"),
    ast.Slice: ("K114", "a slice is a tile operation, which thread kernels do not have", "index one element"),
}  # fmt: skip


@expression(*_REFUSED)
def _refuse_expression(L: Lowering, node: ast.expr) -> Any:
    code, message, help = _REFUSED[type(node)]
    L.refuse(code, node, message, help=help)
