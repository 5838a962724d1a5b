"""Expressions: literals, operators, conditions that may skip their right side, conditional expressions, tuples.

One idea: an operand that may not be evaluated (`a and b`, `x if c else y`) is lowered into a region of its own; when
what is there is cheap and cannot go wrong its ops are moved up and both sides are computed, otherwise it stays behind
an `scf.if`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any

from ..ir import types as T
from ..ir.core import Region, Value, walk
from ..ir.opdef import Effect
from ..ir.ops import arith
from .arguments import called, range_arguments, spread, spread_arguments
from .facts import assigned_when
from .lowering import Lowering, expression
from .merge import Slot, filler, meet, pack, slot_of, slot_types, unpack
from .operators import BINARY, COMPARE, binary, compare, truth, unary
from .values import Undefined, describe, held_in

__all__ = ["any_of", "both", "is_seen"]

_MOST_CHEAP = 8
_SEEN = Effect.WRITE | Effect.SYNC | Effect.HOST
_COSTLY = {arith.FLOORDIV, arith.MOD, arith.DIV, arith.SQRT, arith.RSQRT}


@expression(ast.Constant)
def _constant(L: Lowering, node: ast.Constant) -> Any:
    v = node.value
    if isinstance(v, complex):
        L.refuse("K103", node, "kernels have no complex numbers", help="keep real and imaginary part in two variables")
    if isinstance(v, bytes):
        return tuple(v)
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
    out: list[Any] = []
    for e in node.elts:
        out += spread(L, e) if isinstance(e, ast.Starred) else [L.eval(e)]
    return tuple(out)


@expression(ast.NamedExpr)
def _walrus(L: Lowering, node: ast.NamedExpr) -> Any:
    v = L.eval(node.value)
    L.frame.env[node.target.id] = v
    L.frame.assigned_at[node.target.id] = L.span(node.target)
    return v


@expression(ast.Compare)
def _compare(L: Lowering, node: ast.Compare) -> Any:
    return _chain(L, node, L.eval(node.left), 0)


def _chain(L: Lowering, node: ast.Compare, left: Any, k: int) -> Any:
    """A comparison from its operator k on: what stands right of the first that fails is not evaluated."""
    op, right_node = node.ops[k], node.comparators[k]
    right: Any = None
    if isinstance(op, (ast.In, ast.NotIn)):
        one = _contains(L, left, right_node, node)
        if isinstance(op, ast.NotIn):
            one = L.emit(node, arith.NOT, one) if isinstance(one, Value) else not one
    else:
        right = L.eval(right_node)
        identical = isinstance(op, (ast.Is, ast.IsNot))
        one = _identity(L, op, left, right, node) if identical else compare(L, COMPARE[type(op)], left, right, node)
    if k == len(node.ops) - 1:
        return one
    others = ast.copy_location(ast.Compare(right_node, node.ops[k + 1 :], node.comparators[k + 1 :]), node)
    return both(L, one, lambda: _chain(L, node, right, k + 1), others)


def _contains(L: Lowering, x: Any, node: ast.expr, where: ast.AST) -> bool | Value:
    """`x in ...`: whether x equals one of the items, or is in a range."""
    if called(L, node) is range:
        return _in_range(L, x, spread_arguments(L, node), where)  # type: ignore[arg-type]
    if isinstance(node, (ast.List, ast.Set)):
        node = ast.copy_location(ast.Tuple(node.elts, ast.Load()), node)
    inside = L.eval(node)
    if not isinstance(inside, tuple):
        L.refuse("K122", where, f"`in` looks into tuples and ranges, this is {describe(inside)}",
                 help="write a loop that compares with each element, or a tuple of values: x in (a, b)")  # fmt: skip
    return any_of(L, [compare(L, "==", x, item, where) for item in inside], where)


def any_of(L: Lowering, found: Sequence[bool | Value], node: ast.AST, *, every: bool = False) -> bool | Value:
    """Whether one of the conditions holds, or (every) all of them."""
    out: bool | Value = every
    for one in found:
        if one is (not every) or out is (not every):
            return not every
        if isinstance(one, Value):
            out = L.emit(node, arith.AND if every else arith.OR, out, one) if isinstance(out, Value) else one
    return out


def _in_range(L: Lowering, x: Any, call: ast.Call, node: ast.AST) -> bool | Value:
    values = range_arguments(L, call)
    low, high = values[:2] if len(values) > 1 else (0, values[0])
    step = L.const_int(values[2], call.args[2], "the step of a range behind `in`") if len(values) == 3 else 1
    if step == 0:
        L.refuse("K314", call.args[2], "the step of a range cannot be 0", help="use a step of 1 or -1")
    ends = ("<=", "<") if step > 0 else (">=", ">")
    tests = [compare(L, ends[0], low, x, node), compare(L, ends[1], x, high, node)]
    if L.type_of(L.number(x, node)).is_float:  # which may be the number of an item, but has to be a whole one
        tests.append(compare(L, "==", binary(L, "//", x, 1, node), x, node))
    elif abs(step) > 1 and any(isinstance(v, Value) for v in (x, low)):
        x, low = [L.cast(v, T.index, node) for v in (x, low)]  # their difference may be too large for their own types
    if abs(step) > 1:
        tests.append(compare(L, "==", binary(L, "%", binary(L, "-", x, low, node), step, node), 0, node))
    return any_of(L, tests, node, every=True)


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


def _assigns(node: ast.expr) -> bool:
    return any(isinstance(n, ast.NamedExpr) for n in ast.walk(node))


@contextmanager
def _apart(L: Lowering, region: Region, envs: list[dict[str, Any]]) -> Iterator[None]:
    """What may not run: ops go into `region`, and the variables as they are then are added to `envs`."""
    before = L.frame.env
    L.frame.env = dict(before)
    try:
        with L.b.inside(region):
            yield
    finally:
        envs.append(L.frame.env)
        L.frame.env = before


def _join(L: Lowering, cond: Value, regions: Sequence[Region], yields: Sequence[list[Value]], types: Sequence[T.Type],
          envs: Sequence[dict[str, Any]], node: ast.expr) -> Iterator[Value]:  # fmt: skip
    """An `scf.if` of two regions with their results, and the variables that := assigned in them."""
    before = L.frame.env
    carried: list[tuple[str, Slot, bool]] = []
    for name in {n.target.id: None for n in ast.walk(node) if isinstance(n, ast.NamedExpr)}:
        values = [env.get(name, Undefined()) for env in envs]
        if values[0] is values[1]:
            continue
        known = [(v.held if v.is_held else None) if isinstance(v, Undefined) else v for v in values]
        slots = [slot_of(L, v) for v in known if v is not None]
        if not slots:
            continue
        slot = slots[0] if len(slots) == 1 else meet(L, name, slots[0], slots[1], node, [])
        for region, v, out in zip(regions, known, yields, strict=True):
            with L.b.inside(region):
                out += filler(L, slot, node) if v is None else pack(L, v, slot, node)
        carried.append((name, slot, not any(isinstance(v, Undefined) for v in values)))
    for region, out in zip(regions, yields, strict=True):
        with L.b.inside(region):
            L.b.yield_(*out)
    L.b.span = L.span(node)
    results = iter(L.b.if_(cond, [*types, *[t for _, slot, _ in carried for t in slot_types(slot)]], *regions).results)
    first = [next(results) for _ in types]
    L.frame.env = dict(before)
    for name, slot, is_certain in carried:
        v = unpack(L, slot, results)
        L.frame.env[name] = v if is_certain else Undefined((L.frame.assigned_at[name],), held=v)
    return iter(first)


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


def is_seen(region: Region) -> bool:
    """Whether anybody can tell that this ran."""
    return any(op.defn.effect & _SEEN for op in walk(region))


def both(
    L: Lowering, left: bool | Value, right: Callable[[], bool | Value], node: ast.expr, *, stop: bool = False
) -> bool | Value:
    """`left and right()` (`left or right()` with stop=True), evaluating right only if it matters and is not cheap."""
    if isinstance(left, bool):
        return left if left is stop else right()
    scratch, is_assigning = Region(), _assigns(node)
    envs = [L.frame.env]
    with _apart(L, scratch, envs):
        value = right()
        if is_assigning or (isinstance(value, bool) and is_seen(scratch)):
            value = L.value(value, node)
    if isinstance(value, bool):
        return stop if value is stop else left
    if not is_assigning and is_cheap(scratch):
        L.b.region.ops.extend(scratch.ops)
        return L.emit(node, arith.OR if stop else arith.AND, left, value)
    short = Region()
    with L.b.inside(short):
        known = L.constant(stop, T.bool_, node)
    sides = zip((short, scratch), ([known], [value]), envs, strict=True)
    regions, yields, envs = zip(*(sides if stop else [*sides][::-1]), strict=True)
    return next(_join(L, left, regions, yields, [T.bool_], envs, node))


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
    for k, e in enumerate(node.values[1:], 1):

        def right(e: ast.expr = e, before: list[ast.expr] = node.values[:k]) -> bool | Value:
            held_in(L.frame.env, [name for v in before for name in assigned_when(v, not stop)])
            return truth(L, L.eval(e), e)

        result = both(L, result, right, e, stop=stop)
    return result


@expression(ast.IfExp)
def _conditional(L: Lowering, node: ast.IfExp) -> Any:
    cond = truth(L, L.eval(node.test), node.test)
    if isinstance(cond, bool):
        held_in(L.frame.env, assigned_when(node.test, cond))
        return L.eval(node.body if cond else node.orelse)
    regions, values, envs = [Region(), Region()], [], []
    for region, e, outcome in zip(regions, (node.body, node.orelse), (True, False), strict=True):
        with _apart(L, region, envs):
            held_in(L.frame.env, assigned_when(node.test, outcome))
            values.append(L.eval(e))
    name = ".if"
    slot = meet(L, name, slot_of(L, values[0]), slot_of(L, values[1]), node, [])
    is_assigning = _assigns(node.body) or _assigns(node.orelse)
    if slot[0] == "leaf" and not is_assigning and all(map(is_cheap, regions)):
        for region in regions:
            L.b.region.ops.extend(region.ops)
        sides = [pack(L, v, slot, node)[0] for v in values]
        return unpack(L, slot, iter([L.emit(node, arith.SELECT, cond, *sides)]))
    yields = []
    for region, v in zip(regions, values, strict=True):
        with L.b.inside(region):
            yields.append(pack(L, v, slot, node))
    return unpack(L, slot, _join(L, cond, regions, yields, slot_types(slot), envs, node))


_REFUSED: dict[type[ast.expr], tuple[str, str, str]] = {
    ast.SetComp: ("K104", "set comprehensions are not part of the kernel language", "write a for loop"),
    ast.DictComp: ("K104", "dict comprehensions are not part of the kernel language", "write a for loop"),
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
