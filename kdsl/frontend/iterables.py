"""What is gone over when the kernel is compiled: tuples, displays, `static_range`, `enumerate`, `zip`, `reversed`, comprehensions
of those, shapes and vectors.

One idea: all of them are a Python tuple of values here, so a loop over them is unrolled and a function of them is a fold.
"""

from __future__ import annotations

import ast
from typing import Any

from ..ir import types as T
from ..ir.core import Value
from .arguments import called, range_arguments, spread_arguments
from .lowering import MOST_UNROLLED, Lowering, expression
from .operators import truth
from .places import shape_tuple
from .statements import assign_target
from .values import Agg, Shape, describe, is_array

__all__ = ["as_items", "is_displayed", "items"]

_DISPLAYS = (ast.List, ast.Set, ast.Tuple)
_COMPREHENSIONS = (ast.GeneratorExp, ast.ListComp)


def is_displayed(node: ast.AST) -> bool:
    """Whether items are written out here, or made by a comprehension."""
    return isinstance(node, (*_DISPLAYS, *_COMPREHENSIONS))


def items(L: Lowering, node: ast.expr, what: str) -> tuple[Any, ...]:
    """The items of an expression for `what`, which works on those known at compile time alone."""
    if isinstance(node, _DISPLAYS):
        return L.eval(ast.copy_location(ast.Tuple(node.elts, ast.Load()), node))
    if isinstance(node, _COMPREHENSIONS):
        return _comprehended(L, node, 0)
    f = called(L, node)
    if f is not None:
        call = spread_arguments(L, node)  # type: ignore[arg-type]
        if f is enumerate:
            return _enumerated(L, call)
        if f in (zip, reversed):
            return _python_iterator(L, f, call)
        if f is range or getattr(f, "__kdsl_intrinsic__", "") == "static_range":
            return tuple(_static_range(L, call))
    v = L.eval(node)
    found = as_items(L, v, node)
    if found is None:
        name = ast.unparse(node) if is_array(v) and isinstance(node, ast.Name) else "x"
        hint = f"write a loop: for i in range({name}.shape[0]):" if is_array(v) else "write a tuple: (a, b)"
        L.refuse("K112", node, f"{what} works on tuples known at compile time, this is {describe(v)}", help=hint)
    return found


def as_items(L: Lowering, v: Any, node: ast.AST) -> tuple[Any, ...] | None:
    """A value's items, if it has some that are known at compile time."""
    if isinstance(v, Shape):
        return shape_tuple(L, v, node)
    if isinstance(v, Agg) and isinstance(v.type, T.VectorType):
        return v.parts
    return v if isinstance(v, tuple) else None


def _python_iterator(L: Lowering, f: Any, call: ast.Call) -> tuple[Any, ...]:
    if call.keywords or (len(call.args) != 1 and f is not zip):
        L.refuse("K120", call, f"{f.__name__} takes one tuple here", help="loop over range(...) and index")
    return tuple(f(*[items(L, a, f.__name__) for a in call.args]))


def _enumerated(L: Lowering, call: ast.Call) -> tuple[Any, ...]:
    given = [*call.args[1:], *[k.value for k in call.keywords if k.arg == "start"]]
    if not call.args or len(call.args) + len(call.keywords) - 1 != len(given) or len(given) > 1:
        L.refuse("K120", call, "enumerate takes a tuple, and where to start", help="write for i, v in enumerate((a, b)):")
    start = L.const_int(L.eval(given[0]), given[0], "where enumerate starts") if given else 0
    return tuple(enumerate(items(L, call.args[0], "enumerate"), start))


def _static_range(L: Lowering, call: ast.Call) -> range:
    given = zip(range_arguments(L, call), call.args, strict=True)
    word = "a range that is unrolled" if isinstance(call.func, ast.Name) and call.func.id == "range" else "static_range"
    values = [L.const_int(v, a, f"a bound of {word}") for v, a in given]
    if len(values) == 3 and values[2] == 0:
        L.refuse("K314", call.args[2], "the step of a range cannot be 0", help="use a step of 1 or -1")
    rounds = range(*values)
    if rounds[MOST_UNROLLED:]:  # before there is a tuple of them
        L.refuse("K313", call, f"too many rounds to unroll (more than {MOST_UNROLLED} in this kernel)",
                 help="write a loop: for i in range(n):")  # fmt: skip
    return rounds


@expression(*_COMPREHENSIONS)
def _comprehension(L: Lowering, node: ast.GeneratorExp | ast.ListComp) -> tuple[Any, ...]:
    L.refuse("K104", node, "a comprehension makes a list, which kernels do not have",
             help="write a for loop; over what is known at compile time, sum(...), min(...), max(...), any(...), all(...) and "
                  "tuple(...) take one")  # fmt: skip


def _comprehended(L: Lowering, node: ast.GeneratorExp | ast.ListComp, depth: int) -> tuple[Any, ...]:
    """Its items, one after the other; its variables are its own."""
    if depth == len(node.generators):
        return (L.eval(node.elt),)
    part = node.generators[depth]
    if part.is_async:
        L.refuse("K107", node, "async is not part of the kernel language", help="leave it out")
    outer = L.frame.env
    assigned = {n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr)}
    out: list[Any] = []
    for v in items(L, part.iter, "a comprehension"):
        L.unrolled += 1
        if L.unrolled > MOST_UNROLLED:
            L.refuse("K313", node, f"too many rounds to unroll (more than {MOST_UNROLLED} in this kernel)", help="write a for loop")
        L.frame.env = dict(outer)
        assign_target(L, part.target, v, node)
        if all(_is_kept(L, test) for test in part.ifs):
            out += _comprehended(L, node, depth + 1)
        outer.update({name: v for name, v in L.frame.env.items() if name in assigned})  # := is no variable of its own
    L.frame.env = outer
    return tuple(out)


def _is_kept(L: Lowering, test: ast.expr) -> bool:
    known = truth(L, L.eval(test), test)
    if isinstance(known, Value):
        L.refuse("K121", test, "a condition in a comprehension must be known when the kernel is compiled",
                 help="choose between two values: a if c else 0")  # fmt: skip
    return known
