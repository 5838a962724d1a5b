"""Elementary functions that a kernel calls often, and the rare paths of others: one function of LLVM's for all calls, instead of
a copy for each.

One idea: the same expansion that is inlined elsewhere becomes the body, on whole tiles. (It is written as simple as can be:
`simplify` would find next to nothing.) It has no effects and may not be inlined again. Sine and cosine of one number are one
call, which gives both: most of their work is the same. A scalar goes in and out as a tile of itself, so that a function is
compiled once.

What sine, cosine and tangent do with huge numbers is the same, is as long as the rest of them, and takes LLVM three times as long.

Most of them stand ready as machine code (`written`).
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ir import types as T
from ...ir.core import Function, Op, Region, Value
from ...ir.opdef import OPS, OpDef
from ...ir.ops import arith, math, tile
from ...ir.passes.lower_math import function_body
from .emitter import Emitter, lowering
from .text import REGISTER, lanes_of, register, vector
from .written import written

__all__ = ["declared", "is_rare", "rare_region", "rare_values"]

_TWO_OVER_PI = 0xA2F9836E  # its first bits, a number of the table in `ir/mathlib/reduction.py`
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
    elements = tuple([T.element_of(v.type) for v in op.operands])
    name, result = declared(e, defns, elements, T.TileType(T.element_of(op.result.type), (lanes,)))
    given = [f"{vector(REGISTER[x.name], lanes)} {e.spread_value(v, lanes)}" for x, v in zip(elements, op.operands, strict=True)]
    called = e.do(f"call {result} {name}({', '.join(given)})")
    parts = [called] if len(defns) == 1 else [e.do(f"extractvalue {result} {called}, {k}") for k in range(len(defns))]
    if lanes_of(op.result.type):
        return parts
    t = vector(REGISTER[T.element_of(op.result.type).name], lanes)
    return [e.do(f"extractelement {t} {part}, i64 0") for part in parts]


def declared(e: Emitter, defns: Sequence[OpDef], elements: tuple[T.ScalarType, ...], out: T.TileType) -> tuple[str, str]:
    """The module's function that gives what each of `defns` makes of tiles of `elements`: its name, and the type of its result."""
    lanes = out.shape[0]
    t = register(out)
    result = t if len(defns) == 1 else "{" + ", ".join([t] * len(defns)) + "}"
    kinds = ".".join([defn.name for defn in defns] + [x.name for x in elements])
    name = f"@{kinds}.{lanes}.{e.function.math}"
    if name not in e.tail:
        ready = written(name, e.target) if e.takes_written else None
        e.declare(name, ready or _definition(e, defns, tuple([T.TileType(x, (lanes,)) for x in elements]), out, name, result))
    return name, result


def _definition(e: Emitter, defns: Sequence[OpDef], types: tuple[T.TileType, ...], out: T.TileType, name: str, result: str) -> str:
    f = function_body(defns, types, out, e.function.math, e.target)
    f.attributes["width"] = out.shape[0]
    inner = Emitter(f, e.target, e.tail)
    inner.rare = e.rare
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
    """Whether a region is an elementary function's path for numbers that hardly occur: that looks up the bits of 2/pi. Kernels have
    tables of their own, in branches that are as likely as others."""
    ops = region.ops[:-1]
    looks_up = any(op.defn is arith.LOOKUP and _TWO_OVER_PI in op.attributes["table"] for op in ops)
    return looks_up and all(op.defn.mergeable and not op.regions for op in ops)


def rare_region(e: Emitter, region: Region) -> list[str]:
    """What a rare region yields, from a call. Regions with the same text are one function, so what decides which lanes take the
    results stays outside."""
    made = {v: op for op in region.ops for v in op.results}
    taken = [v.op if v.op is not None and v.op.defn is arith.SELECT and made.keys().isdisjoint(v.op.operands[::2]) else None
             for v in region.yielded]  # fmt: skip
    wanted = [v if op is None else op.operands[1] for v, op in zip(region.yielded, taken, strict=True)]
    parts = rare_values(e, made, wanted)
    return [
        part if op is None else e.select(e.value(op.operands[0]), register(v.type), part, e.value(op.operands[2]),
                                         lanes_of(op.operands[0].type))
        for part, v, op in zip(parts, wanted, taken, strict=True)
    ]  # fmt: skip


def rare_values(e: Emitter, made: dict[Value, Op], wanted: Sequence[Value]) -> list[str]:
    """What a call gives for `wanted`, which are made by the ops of `made`."""
    types = [register(v.type) for v in wanted]
    result = f"{{{', '.join(types)}}}"
    key, outside = _shape(e, made, wanted)
    name, places = e.rare.get(key, ("", ()))
    if not name:
        given, body = _lane_after_lane(e, made, wanted) or _all_lanes(e, made, wanted)
        head = f"define internal {result} "
        name = next((known for known, text in e.tail.items() if text == f"{head}{known}{body}"), f"@rare.{len(e.tail)}")
        e.declare(name, f"{head}{name}{body}")
        places = tuple([outside.index(v) for v in given])
        e.rare[key] = name, places
    given = [outside[k] for k in places]
    called = e.do(f"call {result} {name}({', '.join([f'{register(v.type)} {e.value(v)}' for v in given])})")
    return [e.do(f"extractvalue {result} {called}, {k}") for k in range(len(types))]


def _shape(e: Emitter, made: dict[Value, Op], wanted: Sequence[Value]) -> tuple[tuple[object, ...], list[Value]]:
    """What tells one such function from another, and the values from outside, in the order that it meets them."""
    key: list[object] = []
    outside: list[Value] = []
    numbers: dict[Value, int] = {}

    def add(v: Value) -> int:
        known = numbers.get(v)
        if known is not None:
            return known
        op = made.get(v)
        if op is not None:
            facts = tuple([add(x) for x in op.operands])
            key.append((op.defn, v.type, facts, *[(name, repr(x)) for name, x in op.attributes.items()]))
        elif v in e.wide or (text := e.value(v)).startswith("%"):
            key.append(v.type)
            outside.append(v)
        else:
            key.append((v.type, text))
        numbers[v] = len(numbers)
        return numbers[v]

    return (e.lanes, *[add(v) for v in wanted], *key), outside


def _all_lanes(e: Emitter, made: dict[Value, Op], wanted: Sequence[Value]) -> tuple[list[Value], str]:
    """What a function of tiles is given, and its text behind the name."""
    inner = Emitter(Function("rare", (), attributes={**e.function.attributes, "width": e.lanes}), e.target, e.tail)
    inner.used = e.used
    given: list[Value] = []

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
            given.append(v)

    for v in wanted:
        make(v)
    returned = _returned(inner, [inner.typed(v) for v in wanted])
    params = ", ".join([f"{register(v.type)} {inner.names[v]}" for v in given])
    return given, "\n".join([f"({params}) #3 {{", "start:", *inner.entry, *inner.lines, *returned, "}"])


def _returned(e: Emitter, values: Sequence[str]) -> list[str]:
    """Lines that return typed values together."""
    result = f"{{{', '.join([x.rsplit(' ', 1)[0] for x in values])}}}"
    lines, whole = [], "poison"
    for k, x in enumerate(values):
        following = e.name()
        lines.append(f"{following} = insertvalue {result} {whole}, {x}, {k}")
        whole = following
    return [*lines, f"ret {result} {whole}"]


def _lane_after_lane(e: Emitter, made: dict[Value, Op], wanted: Sequence[Value]) -> tuple[list[Value], str] | None:
    """The same for a function that takes one lane after the other: tiles of 64-bit integers are most of such code, and take LLVM
    five times as long as numbers do, and the processor as long. None where lanes depend on one another."""
    ones = _OneLane(e, made)
    results = [ones.make(v) for v in wanted]
    # A value that all lanes share is computed once: its function has no lanes to go through.
    if None in results or not all(lanes_of(v.type) for v in wanted):
        return None
    if not all(_lies_in_lanes(v, e.lanes) for v in [*ones.given, *wanted]):
        return None
    inner = Emitter(Function("rare", (), attributes={**e.function.attributes, "width": e.lanes}), e.target, e.tail)
    inner.label = "lane"
    params, before, behind = [], [], []
    for k, (v, one) in enumerate(ones.given.items()):
        t, base = register(v.type), register(one.type)
        params.append(f"{t} %x{k}")
        if not lanes_of(v.type):
            inner.names[one] = f"%x{k}"
            continue
        before += [f"%m{k} = alloca {t}", f"store {t} %x{k}, ptr %m{k}"]
        inner.names[one] = inner.do(f"load {base}, ptr {inner.do(f'getelementptr {base}, ptr %m{k}, i64 %k')}")
    for op in ones.ops:
        inner.op(op)
    for k, (v, one) in enumerate(zip(wanted, results, strict=True)):
        assert one is not None
        t, base = register(v.type), register(one.type)
        before.append(f"%r{k} = alloca {t}")
        inner.act(f"store {base} {inner.value(one)}, ptr {inner.do(f'getelementptr {base}, ptr %r{k}, i64 %k')}")
        behind.append(f"%w{k} = load {t}, ptr %r{k}")
    behind += _returned(inner, [f"{register(v.type)} %w{k}" for k, v in enumerate(wanted)])
    loop = ["br label %lane", "lane:", f"%k = phi i64 [0, %start], [%n, %{inner.label}]"]
    again = ["%n = add nuw nsw i64 %k, 1", f"%more = icmp ult i64 %n, {e.lanes}", "br i1 %more, label %lane, label %done", "done:"]
    head = [f"({', '.join(params)}) #3 {{", "start:"]
    return list(ones.given), "\n".join([*head, *before, *inner.entry, *loop, *inner.lines, *again, *behind, "}"])


def _lies_in_lanes(v: Value, lanes: int) -> bool:
    """Whether memory has each lane by itself; bools it has as bits."""
    return lanes_of(v.type) in (0, lanes) and T.element_of(v.type) is not T.bool_


class _OneLane:
    """Ops on tiles as ops on numbers. given: what they take from outside, and what it is there."""

    def __init__(self, e: Emitter, made: dict[Value, Op]) -> None:
        self.e = e
        self.made = made
        self.ops: list[Op] = []
        self.given: dict[Value, Value] = {}
        self.known: dict[Value, Value | None] = {}

    def make(self, v: Value) -> Value | None:
        """The one lane's number, made in an order that does not depend on that of the region; None if it has none."""
        if v not in self.known:
            self.known[v] = self._make(v)
        return self.known[v]

    def _make(self, v: Value) -> Value | None:
        op = self.made.get(v)
        t = T.element_of(v.type)
        if v.constant is not None:
            return self._add(Op(arith.CONSTANT, (), (t,), {"value": v.constant}))
        if op is None:
            if not self.e.value(v).startswith("%"):
                return None
            self.given[v] = Region((t,)).args[0]
            return self.given[v]
        if op.defn is tile.SPLAT:
            return self.make(op.operands[0])
        operands = [self.make(x) for x in op.operands]
        if None in operands or not (op.defn.elementwise or op.defn is arith.LOOKUP):
            return None
        return self._add(Op(op.defn, tuple([x for x in operands if x is not None]), (t,), op.attributes))

    def _add(self, op: Op) -> Value:
        self.ops.append(op)
        return op.result
