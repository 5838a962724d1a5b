"""`build`: one kernel, with the types of its parameters, becomes one IR function.

One idea: parameters of vector or struct type become one scalar parameter per component here, so nothing behind the
front end knows of aggregates by value.
"""

from __future__ import annotations

from typing import Any

from ..diagnostics import refuse
from ..ir import types as T
from ..ir.builder import Builder
from ..ir.core import Function, Value
from ..ir.opdef import Level
from . import calls, expressions, loops, statements
from .branches import run
from .capture import admit
from .lowering import Frame, Lowering
from .outside import Outside, Read
from .source import SourceFunction, source_of
from .values import Agg, fields_of, leaves_of

__all__ = ["build"]

Signature = dict[str, Any]
_SYNTAX = (calls, expressions, loops, statements)  # importing them registers how each kind of node is lowered


def build(function: Any, signature: Signature, *, consts: dict[str, Any] | None = None, math: str = "default",
          debug: bool = False, name: str | None = None,
          captured: list[Read] | None = None, bindings: list[Read] | None = None) -> Function:  # fmt: skip
    """The IR of a kernel at thread level.

    signature: runtime parameter -> its type (scalar, vector, struct, or `ArrayType`). consts: `kdsl.const` parameter
    -> value. captured, bindings: if given, get what was taken from outside, see `Outside`.
    Raises CompileError (K1 to K4) at the place in the kernel that is wrong.
    """
    source = source_of(function)
    outside = Outside([] if captured is None else captured, [] if bindings is None else bindings)
    try:
        return _build(function, source, signature, consts or {}, math, debug, name, outside)
    except RecursionError:
        refuse("K126", source.span(source.node), "this kernel is nested too deeply to compile",
               help="split long expressions and deep nests of if and for into several statements")  # fmt: skip


def _build(function: Any, source: SourceFunction, signature: Signature, consts: dict[str, Any], math: str, debug: bool,
           name: str | None, outside: Outside) -> Function:  # fmt: skip
    params, aggregates = _parameters(source, signature, consts)
    attributes: dict[str, Any] = {"math": math}
    if debug:
        attributes["debug"] = True
    if aggregates:
        attributes["aggregates"] = aggregates
    span = source.span(source.node)
    f = Function(name or source.node.name, params, level=Level.THREAD, attributes=attributes, span=span)
    L = Lowering(Builder(f.body, span), outside)
    frame = Frame(function, source, None, None)
    with L.in_frame(frame):
        _bind_parameters(L, f, source, signature, consts)
        run(L, source.node.body, frozenset(), tail=True)
        L.b.span = span
        L.b.yield_()
    f.body.ops[:0] = L.alloc_region.ops
    return f


def _names(source: SourceFunction) -> list[Any]:
    args = source.node.args
    return [*args.posonlyargs, *args.args, *args.kwonlyargs]


def _parameters(source: SourceFunction, signature: Signature, consts: dict[str, Any]) -> tuple[Any, Any]:
    params: list[tuple[str, T.Type]] = []
    aggregates: list[tuple[str, str, int, tuple[tuple[str, int], ...]]] = []
    for a in _names(source):
        t = signature.get(a.arg)
        if t is None:
            if a.arg not in consts:
                refuse("K214", source.span(a), f"the type of parameter {a.arg!r} is not known",
                       help=f"annotate it ({a.arg}: f32, {a.arg}: Array[f32, 1]), or pass an argument")  # fmt: skip
            continue
        if isinstance(t, (T.VectorType, T.StructType)):
            inner = leaves_of(t, a.arg)
            params += [(leaf, scalar) for leaf, scalar, _ in inner]
            aggregates.append(
                (a.arg, str(t), T.size_and_align(t)[0], tuple([(leaf, offset) for leaf, _, offset in inner]))
            )
        else:
            params.append((a.arg, t))
    return tuple(params), tuple(aggregates)


def _bind_parameters(
    L: Lowering, f: Function, source: SourceFunction, signature: Signature, consts: dict[str, Any]
) -> None:
    values = iter(f.params)
    for a in _names(source):
        t = signature.get(a.arg)
        if t is None:
            L.frame.env[a.arg] = admit(L, consts[a.arg], a.arg, a)
        else:
            L.frame.env[a.arg] = _parameter(t, values)
        L.frame.assigned_at[a.arg] = L.span(a)


def _parameter(t: Any, values: Any) -> Value | Agg:
    if isinstance(t, (T.VectorType, T.StructType)):
        return Agg(t, tuple([_parameter(inner, values) for _, inner, _ in fields_of(t)]))
    return next(values)
