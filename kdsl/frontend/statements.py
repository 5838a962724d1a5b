"""Simple statements: assignment, return, break, continue, assert, expressions alone on a line.

One idea: assignment binds a name to a value (SSA); only elements and fields are written to.
"""

from __future__ import annotations

import ast
from typing import Any

from ..ir import types as T
from ..ir.core import Op, Value
from ..ir.ops import simt
from .branches import RESULT, RETURN
from .lowering import Loop, Lowering, statement
from .operators import BINARY, binary, truth
from .outside import python_types
from .places import converted, once, place_of, shape_tuple, store, store_target
from .values import Agg, Place, Shape, Undefined, describe, is_array

__all__ = ["assign_target", "lost_at_break"]


@statement(ast.Assign)
def _assign(L: Lowering, node: ast.Assign) -> None:
    first = node.targets[0]
    L.hint = first.id if isinstance(first, ast.Name) else ""
    value = L.eval(node.value)
    L.hint = ""
    for target in node.targets:
        assign_target(L, target, value, node)


def assign_target(L: Lowering, target: ast.expr, value: Any, node: ast.AST) -> None:
    """`target = value` for any target."""
    if isinstance(target, ast.Name):
        _bind(L, target, value, node)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(L, target, value, node)
    elif isinstance(target, (ast.Subscript, ast.Attribute)):
        store_target(L, target, value, node)
    else:
        L.refuse(
            "K131", target, f"{type(target).__name__} cannot be assigned to in a kernel", help="assign to plain names"
        )


def _bind(L: Lowering, target: ast.Name, value: Any, node: ast.AST) -> None:
    frame = L.frame
    old = frame.env.get(target.id)
    if is_array(old) and not is_array(value):
        L.refuse("K405", target, f"{target.id!r} is an array; assigning to its name would not change its elements",
                 help=f"write {target.id}[i] = ... for an element, or use another name")  # fmt: skip
    frame.env[target.id] = value
    frame.assigned_at[target.id] = L.span(target)
    if isinstance(value, Value) and not value.name and isinstance(value.owner, Op):
        value.name = target.id


def _of_axes(node: ast.AST, count: int) -> str:
    """What to write for `x, y = kdsl.global_id()`, as those of numba do."""
    call = node.value if isinstance(node, ast.Assign) else node
    name = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
    if name.rpartition(".")[2] not in ("global_id", "thread_id", "block_id", "block_dim", "grid_dim") or not 2 <= count <= 3:
        return ""
    return f"it has one axis: write {', '.join([f'{name}({axis})' for axis in range(count)])}"


def _unpack(L: Lowering, target: ast.Tuple | ast.List, value: Any, node: ast.AST) -> None:
    if isinstance(value, Shape):
        value = shape_tuple(L, value, node)
    if isinstance(value, Agg) and isinstance(value.type, T.VectorType):
        value = value.parts
    if not isinstance(value, tuple):
        L.refuse("K132", target, f"{describe(value)} cannot be unpacked into {len(target.elts)} names",
                 help=_of_axes(node, len(target.elts)) or "unpack tuples, shapes and vectors")  # fmt: skip
    rest = [k for k, t in enumerate(target.elts) if isinstance(t, ast.Starred)]
    if rest and len(value) >= len(target.elts) - 1:
        (k,) = rest  # Python's own syntax has one at most
        end = len(value) - (len(target.elts) - 1 - k)
        value = (*value[:k], value[k:end], *value[end:])
    if len(value) != len(target.elts):
        names = f"{len(target.elts) - 1} or more" if rest else f"{len(target.elts)}"
        have = f"{len(value)} value{'' if len(value) == 1 else 's'}"
        L.refuse("K132", target, f"{names} names are assigned from {have}",
                 help=f"give {len(value)} name{'' if len(value) == 1 else 's'}")  # fmt: skip
    for t, v in zip(target.elts, value, strict=True):
        assign_target(L, t.value if isinstance(t, ast.Starred) else t, v, node)


@statement(ast.AnnAssign)
def _annotated(L: Lowering, node: ast.AnnAssign) -> None:
    t = L.eval(_annotation(node))
    t = getattr(t, "__kdsl_struct__", t)
    scalar = python_types(t)
    if scalar is None and not isinstance(t, (T.VectorType, T.StructType)):
        L.refuse("K127", node.annotation, f"a variable's annotation must be a type, this is {describe(t)}",
                 help="write for example total: f32 = 0")  # fmt: skip
    if node.value is None:
        return
    value = converted(L, L.eval(node.value), scalar or t, node, f"the variable {ast.unparse(node.target)}")
    assign_target(L, node.target, value, node)


def _annotation(node: ast.AnnAssign) -> ast.expr:
    """The annotation, or what stands in the string that it is."""
    given = node.annotation
    if not (isinstance(given, ast.Constant) and isinstance(given.value, str)):
        return given
    try:
        inside = ast.parse(given.value, mode="eval").body
    except SyntaxError:
        return given
    for n in ast.walk(inside):
        ast.copy_location(n, given)
    return inside


@statement(ast.AugAssign)
def _augmented(L: Lowering, node: ast.AugAssign) -> None:
    op = BINARY.get(type(node.op))
    if op is None:
        L.refuse(
            "K123", node, "@= is a tile operation, which thread kernels do not have", help="write the loop of products"
        )
    target = node.target
    if isinstance(target, ast.Name):
        old = L.eval(ast.copy_location(ast.Name(target.id, ast.Load()), target))
        if is_array(old):
            L.refuse("K405", target, f"{target.id!r} is an array; thread kernels change one element at a time",
                     help=f"write {target.id}[i] {op}= ...")  # fmt: skip
        _bind(L, target, binary(L, op, old, L.eval(node.value), node), node)
        return
    target = once(L, target)
    place = place_of(L, target)
    if isinstance(place, Place):
        new = binary(L, op, L.load(place, target), L.eval(node.value), node)
        store(L, place, new, node, target)
        return
    store_target(L, target, binary(L, op, place, L.eval(node.value), node), node)


@statement(ast.Expr)
def _expression(L: Lowering, node: ast.Expr) -> None:
    if isinstance(node.value, ast.Constant):
        return  # a docstring, a note, or `...`
    L.eval(node.value)


@statement(ast.Pass)
def _pass(L: Lowering, node: ast.Pass) -> None:
    pass


@statement(ast.Return)
def _return(L: Lowering, node: ast.Return) -> None:
    frame = L.frame
    empty = node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
    if frame.is_kernel and not empty:
        L.refuse("K116", node, "a kernel returns nothing", caret="this value has nowhere to go",
                 help="write results into an array parameter, for example out[i] = ...")  # fmt: skip
    if not empty:
        assert node.value is not None
        value = L.eval(node.value)
        frame.env[RESULT] = shape_tuple(L, value, node) if isinstance(value, Shape) else value
        frame.assigned_at[RESULT] = L.span(node)
    elif frame.source.facts.returns_value:
        L.refuse(
            "K316",
            node,
            "this return gives no value, but another one does",
            help="return a value everywhere, or nowhere",
        )
    frame.flags = {**frame.flags, RETURN: True}


def lost_at_break(L: Lowering, loop: Loop) -> None:
    """Note which variables have no value where control leaves a loop."""
    env = L.frame.env
    loop.undefined_at_break |= {n for n in loop.live if n not in env or isinstance(env[n], Undefined)}


@statement(ast.Break, ast.Continue)
def _leave_round(L: Lowering, node: ast.Break | ast.Continue) -> None:
    frame = L.frame
    loop = frame.loops[-1]
    if isinstance(node, ast.Break):
        lost_at_break(L, loop)
    frame.flags = {**frame.flags, loop.brk if isinstance(node, ast.Break) else loop.cont: True}


@statement(ast.Assert)
def _assert(L: Lowering, node: ast.Assert) -> None:
    message = _message(L, node.msg) if node.msg is not None else ast.unparse(node.test)
    cond = truth(L, L.eval(node.test), node.test)
    if cond is True:
        return
    if cond is False:
        L.refuse("K318", node, f"this assertion is false when the kernel is compiled: {message}",
                 help="check the constants and types that it tests")  # fmt: skip
    L.emit(node, simt.ASSERT, L.value(cond, node), message=message)


def _message(L: Lowering, node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        parts = []
        for p in node.values:
            v = p.value if isinstance(p, ast.Constant) else L.eval(p.value) if isinstance(p, ast.FormattedValue) else ""
            if not isinstance(v, (str, int, float)):
                L.refuse(
                    "K133",
                    p,
                    "an assertion's message can only hold constants",
                    help="print the value before the assertion",
                )
            parts.append(str(v))
        return "".join(parts)
    v = L.eval(node)
    if not isinstance(v, (str, int, float)):
        L.refuse(
            "K133",
            node,
            f"an assertion's message must be a string, this is {describe(v)}",
            help='write assert x > 0, "x"',
        )
    return str(v)


_REFUSED: dict[type[ast.stmt], tuple[str, str, str]] = {
    ast.FunctionDef: ("K105", "a function cannot be defined inside a kernel", "define it outside, with @kdsl.func"),
    ast.AsyncFunctionDef: ("K107", "a function cannot be defined inside a kernel", "define it outside with @kdsl.func"),
    ast.ClassDef: ("K105", "a class cannot be defined inside a kernel", "use @kdsl.struct outside the kernel"),
    ast.Delete: ("K108", "del is not part of the kernel language", "variables end by themselves; leave the line out"),
    ast.With: ("K106", "with is not part of the kernel language", "a kernel has no contexts to enter; leave it out"),
    ast.AsyncWith: ("K107", "async is not part of the kernel language", "leave it out"),
    ast.AsyncFor: ("K107", "async is not part of the kernel language", "write for i in range(n):"),
    ast.Raise: ("K106", "a kernel cannot raise exceptions", "use assert, which a debug build checks, or write a flag"),
    ast.Try: ("K106", "a kernel cannot catch exceptions: nothing in it raises one", "test the condition with if"),
    ast.Import: ("K108", "a kernel cannot import", "import at the top of the file"),
    ast.ImportFrom: ("K108", "a kernel cannot import", "import at the top of the file"),
    ast.Global: ("K108", "a kernel cannot change global variables", "write results into an array parameter"),
    ast.Nonlocal: ("K108", "a kernel cannot change variables outside it", "write results into an array parameter"),
    ast.Match: ("K124", "match is not part of the kernel language", "write if / elif / else"),
}  # fmt: skip


def _refuse_statement(L: Lowering, node: ast.stmt) -> None:
    code, message, help = next(row for kind, row in _REFUSED.items() if isinstance(node, kind))
    L.refuse(code, node, message, help=help)


statement(*_REFUSED)(_refuse_statement)
for _name in ("TryStar", "TypeAlias"):  # newer than Python 3.10
    if hasattr(ast, _name):
        _REFUSED[getattr(ast, _name)] = ("K106", "this statement is not part of the kernel language", "leave it out")
        statement(getattr(ast, _name))(_refuse_statement)
