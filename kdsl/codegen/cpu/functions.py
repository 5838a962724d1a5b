"""Elementary functions that a kernel calls often: one function of LLVM's for all calls, instead of a copy for each.

One idea: the same expansion that is inlined elsewhere becomes the body, on whole tiles, simplified like any function. It has no
effects and may not be inlined again. Sine and cosine of one number are one call, which gives both: most of their
work is the same. A scalar goes in and out as a tile of itself, so that a function is compiled once.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ir import types as T
from ...ir.core import Op, Region
from ...ir.opdef import OPS, OpDef
from ...ir.ops import math
from ...ir.passes.lower_math import function_body
from ...ir.passes.opt_simplify import simplify
from .emitter import Emitter, lowering
from .text import REGISTER, lanes_of, register, vector

__all__: list[str] = []

_PARTNER = {math.SIN: math.COS, math.COS: math.SIN}


@lowering(*[name for name, defn in OPS.items() if defn.function])
def _function(e: Emitter, op: Op) -> str:
    known = e.names.get(op.result)
    if known is not None:
        return known  # its partner has called
    partner = _partner(e, op)
    if partner is None:
        (out,) = _call(e, op, [op.defn])
        return out
    sine, cosine = (op, partner) if op.defn is math.SIN else (partner, op)
    e.names[sine.result], e.names[cosine.result] = _call(e, op, [math.SIN, math.COS])
    return e.names[op.result]


def _partner(e: Emitter, op: Op) -> Op | None:
    """The op of the same region that wants the other one of sine and cosine of the same number."""
    if op.defn not in _PARTNER:
        return None
    if e.partners is None:
        e.partners = {}
        _find_partners(e.function.body, e.partners)
    return e.partners.get(op)


def _find_partners(region: Region, partners: dict[Op, Op]) -> None:
    seen: dict[object, Op] = {}
    for op in region.ops:
        for inner in op.regions:
            _find_partners(inner, partners)
        wanted = _PARTNER.get(op.defn)
        if wanted is not None:
            seen[op.defn, op.operands[0]] = op
            found = seen.get((wanted, op.operands[0]))
            if found is not None:
                partners[op], partners[found] = found, op


def _call(e: Emitter, op: Op, defns: Sequence[OpDef]) -> list[str]:
    """What each of `defns` makes of the op's operands."""
    lanes = lanes_of(op.result.type) or e.lanes
    elements = [T.element_of(v.type) for v in op.operands]
    out = T.TileType(T.element_of(op.result.type), (lanes,))
    t = register(out)
    result = t if len(defns) == 1 else "{" + ", ".join([t] * len(defns)) + "}"
    kinds = ".".join([defn.name for defn in defns] + [x.name for x in elements])
    name = f"@{kinds}.{lanes}.{e.function.math}"
    if name not in e.tail:
        e.declare(name, _definition(e, defns, tuple([T.TileType(x, (lanes,)) for x in elements]), out, name, result))
    given = [f"{vector(REGISTER[x.name], lanes)} {e.spread_value(v, lanes)}" for x, v in zip(elements, op.operands, strict=True)]
    called = e.do(f"call {result} {name}({', '.join(given)})")
    parts = [called] if len(defns) == 1 else [e.do(f"extractvalue {result} {called}, {k}") for k in range(len(defns))]
    if lanes_of(op.result.type):
        return parts
    return [e.do(f"extractelement {t} {part}, i64 0") for part in parts]


def _definition(e: Emitter, defns: Sequence[OpDef], types: tuple[T.TileType, ...], out: T.TileType, name: str, result: str) -> str:
    f = simplify(function_body(defns, types, out, e.function.math))
    f.attributes["width"] = out.shape[0]
    inner = Emitter(f, e.target, e.tail)
    given: list[str] = []
    for k, p in enumerate(f.params):
        inner.names[p] = f"%x{k}"
        given.append(f"{register(p.type)} %x{k}")
    values = inner.region(f.body)
    whole = values[0]
    if len(values) > 1:
        whole = "poison"
        for k, x in enumerate(values):
            whole = inner.do(f"insertvalue {result} {whole}, {register(out)} {x}, {k}")
    head = f"define internal {result} {name}({', '.join(given)}) #1 {{"
    return "\n".join([head, "start:", *inner.entry, *inner.lines, f"ret {result} {whole}", "}"])
