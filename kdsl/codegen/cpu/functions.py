"""Elementary functions that a kernel calls often, and the rare paths of others: one function of LLVM's for all calls, instead of
a copy for each.

One idea: the same expansion that is inlined elsewhere becomes the body, on whole tiles. (It is written as simple as can be:
`simplify` would find next to nothing.) It has no effects and may not be inlined again. Sine and cosine of one number are one
call, which gives both: most of their work is the same. A scalar goes in and out as a tile of itself, so that a function is
compiled once.

What sine, cosine and tangent do with huge numbers is the same, is as long as the rest of them, and takes LLVM three times as long.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ir import types as T
from ...ir.core import Function, Op, Region, Value
from ...ir.opdef import OPS, OpDef
from ...ir.ops import arith, math
from ...ir.passes.lower_math import function_body
from .emitter import Emitter, lowering
from .text import REGISTER, lanes_of, register, vector

__all__ = ["is_rare", "rare_region"]

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
    f = function_body(defns, types, out, e.function.math, e.target)
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


def is_rare(region: Region) -> bool:
    """Whether a region is an elementary function's path for numbers that hardly occur: only such read tables."""
    ops = region.ops[:-1]
    return any(op.defn is arith.LOOKUP for op in ops) and all(op.defn.mergeable and not op.regions for op in ops)


def rare_region(e: Emitter, region: Region) -> list[str]:
    """What a rare region yields, from a call. Regions with the same text are one function, so what decides which lanes take the
    results stays outside."""
    inner = Emitter(Function("rare", (), attributes={**e.function.attributes, "width": e.lanes}), e.target, e.tail)
    inner.used = e.used
    made = {v: op for op in region.ops for v in op.results}
    taken = [v.op if v.op is not None and v.op.defn is arith.SELECT and made.keys().isdisjoint(v.op.operands[::2]) else None
             for v in region.yielded]  # fmt: skip
    wanted = [v if op is None else op.operands[1] for v, op in zip(region.yielded, taken, strict=True)]
    given, params = [], []

    def make(v: Value) -> None:
        """What leads to a value, in an order that does not depend on that of the region."""
        if v in inner.names:
            return
        op = made.get(v)
        if op is not None:
            for x in op.operands:
                make(x)
            inner.op(op)
            return
        text = inner.names[v] = e.value(v)
        if text.startswith("%"):
            inner.names[v] = f"%x{len(given)}"
            given.append(f"{register(v.type)} {text}")
            params.append(f"{register(v.type)} {inner.names[v]}")

    for v in wanted:
        make(v)
    types = [register(v.type) for v in wanted]
    result = f"{{{', '.join(types)}}}"
    whole = "poison"
    for k, v in enumerate(wanted):
        whole = inner.do(f"insertvalue {result} {whole}, {inner.typed(v)}, {k}")
    body = "\n".join([f"({', '.join(params)}) #3 {{", "start:", *inner.entry, *inner.lines, f"ret {result} {whole}", "}"])
    head = f"define internal {result} "
    name = next((known for known, text in e.tail.items() if text == f"{head}{known}{body}"), f"@rare.{len(e.tail)}")
    e.declare(name, f"{head}{name}{body}")
    called = e.do(f"call {result} {name}({', '.join(given)})")
    parts = [e.do(f"extractvalue {result} {called}, {k}") for k in range(len(types))]
    return [
        part if op is None else e.select(e.value(op.operands[0]), t, part, e.value(op.operands[2]), lanes_of(op.operands[0].type))
        for part, t, op in zip(parts, types, taken, strict=True)
    ]
