"""What a call is given: the function that is called, `*x` among its arguments, and the numbers of a range.

One idea: `*x` is taken apart before anybody looks at the arguments, into expressions that have been evaluated.
"""

from __future__ import annotations

import ast
from typing import Any

from ..ir import types as T
from .lowering import Lowering, given, may_act
from .places import shape_tuple
from .values import Agg, Shape, describe

__all__ = ["called", "range_arguments", "spread", "spread_arguments"]


def called(L: Lowering, node: ast.AST) -> Any:
    """The function that an expression calls, where its name says so."""
    plain = isinstance(node, ast.Call) and not isinstance(node.func, (ast.Call, ast.Subscript))
    return L.eval(node.func) if plain else None  # type: ignore[union-attr]


def spread(L: Lowering, node: ast.Starred) -> tuple[Any, ...]:
    """What `*x` stands for: the items of a tuple, a shape or a vector."""
    v = L.eval(node.value)
    if isinstance(v, Shape):
        return shape_tuple(L, v, node)
    if isinstance(v, Agg) and isinstance(v.type, T.VectorType):
        return v.parts
    if not isinstance(v, tuple):
        L.refuse("K109", node, f"* takes tuples, shapes and vectors apart, this is {describe(v)}",
                 help="write the items one by one")  # fmt: skip
    return v


def spread_arguments(L: Lowering, node: ast.Call, *, has_place: bool = False) -> ast.Call:
    """A call with each `*x` among its arguments taken apart. Where one of them and what stands before it may change what the other
    is (a call, :=), the latter is evaluated first. has_place: the first argument is an element that is not read."""
    stars = [k for k, a in enumerate(node.args) if isinstance(a, ast.Starred)]
    if not stars:
        return node
    args: list[ast.expr] = []
    for k, a in enumerate(node.args):
        if isinstance(a, ast.Starred):
            args += [given(v, a) for v in spread(L, a)]
        elif k < stars[-1] and not (has_place and k == 0) and any(map(may_act, [a, *[node.args[n] for n in stars if n > k]])):
            args.append(given(L.eval(a), a))
        else:
            args.append(a)
    return ast.copy_location(ast.Call(node.func, args, node.keywords), node)


def range_arguments(L: Lowering, call: ast.Call) -> list[Any]:
    if call.keywords or not 1 <= len(call.args) <= 3:
        L.refuse(
            "K120", call, "range takes one to three numbers", help="write range(n), range(a, b) or range(a, b, step)"
        )
    return [L.eval(a) for a in call.args]
