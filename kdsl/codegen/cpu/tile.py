"""Operations on tiles as a whole: splat, lanes in and out, masks as bits.

One idea: a mask `<W x i1>` bitcast to an integer of W bits is what every target turns into its cheapest test.
"""

from __future__ import annotations

import numpy as np

from ...ir import types as T
from ...ir.core import Op, Value
from ...ir.evaluate import evaluate
from .emitter import Emitter, lowering
from .masks import any_part, any_wide, is_in_parts, mask_parts
from .memory import any_lane, gather_from
from .narrow import from_memory, to_memory
from .text import MEMORY, REGISTER, lanes_of, literal, register, splat, suffix, vector


@lowering("tile.splat")
def _splat(e: Emitter, op: Op) -> str:
    t = op.results[0].type
    return e.spread_value(op.operands[0], lanes_of(t))


@lowering("tile.iota")
def _iota(e: Emitter, op: Op) -> str:
    t = op.results[0].type
    base = REGISTER[T.element_of(t).name]
    return "<" + ", ".join(f"{base} {k}" for k in range(lanes_of(t))) + ">"


def _lane(e: Emitter, op: Op, place: int) -> str:
    """A lane number that is in range whatever it was."""
    v = op.operands[place]
    lanes = lanes_of(op.operands[0].type)
    if v.constant is not None:
        return str(v.constant % lanes)
    return e.do(f"and i64 {e.value(v)}, {lanes - 1}")


@lowering("tile.extract")
def _extract(e: Emitter, op: Op) -> str:
    return e.do(f"extractelement {e.typed(op.operands[0])}, i64 {_lane(e, op, 1)}")


@lowering("tile.insert")
def _insert(e: Emitter, op: Op) -> str:
    x, value, _ = op.operands
    return e.do(f"insertelement {e.typed(x)}, {e.typed(value)}, i64 {_lane(e, op, 2)}")


def mask_bits(e: Emitter, op: Op) -> tuple[str, str]:
    """(the mask as an integer, its type)."""
    (mask,) = op.operands
    lanes = lanes_of(mask.type)
    return e.do(f"bitcast {e.typed(mask)} to i{lanes}"), f"i{lanes}"


@lowering("tile.any")
def _any(e: Emitter, op: Op) -> str:
    mask = op.operands[0]
    if mask in e.wide:
        return any_wide(e, e.wide[mask], lanes_of(mask.type))
    return any_part(e, mask_parts(e, mask)) if is_in_parts(e, mask) else any_lane(e, e.value(mask), lanes_of(mask.type))


@lowering("tile.all")
def _all(e: Emitter, op: Op) -> str:
    bits, t = mask_bits(e, op)
    return e.do(f"icmp eq {t} {bits}, -1")


@lowering("tile.bits")
def _bits(e: Emitter, op: Op) -> str:
    bits, t = mask_bits(e, op)
    return bits if t == "i64" else e.do(f"zext {t} {bits} to i64")


@lowering("tile.first")
def _first(e: Emitter, op: Op) -> str:
    bits, t = mask_bits(e, op)
    lanes = int(t[1:])
    wide = bits if lanes == 64 else e.do(f"zext {t} {bits} to i64")
    if lanes < 64:  # a bit above the lanes ends the search
        wide = e.do(f"or i64 {wide}, {1 << lanes if lanes < 63 else -(1 << 63)}")
    return e.do(f"call i64 @llvm.cttz.i64(i64 {wide}, i1 false)")


@lowering("tile.permute")
def _permute(e: Emitter, op: Op) -> str:
    x, lane = op.operands
    t, lanes = register(x.type), lanes_of(x.type)
    known = _known_lanes(lane, lanes)
    if known is not None:
        places = [int(k) % lanes for k in known]
        if places == list(range(lanes)):
            return e.value(x)
        order = ", ".join([f"i32 {k}" for k in places])
        return e.do(f"shufflevector {t} {e.value(x)}, {t} poison, <{lanes} x i32> <{order}>")
    element = T.element_of(x.type)
    by_instruction = {8: _permute_8, 16: _permute_16 if e.target.vector_bytes == 64 else None}.get(lanes)
    if e.target.vector_bytes >= 32 and by_instruction is not None:
        if REGISTER[element.name] in ("i32", "float"):
            return by_instruction(e, e.value(x), lane, REGISTER[element.name])
        if element.is_bool:
            wide = by_instruction(e, e.do(f"sext {t} {e.value(x)} to {vector('i32', lanes)}"), lane, "i32")
            return e.do(f"icmp ne {vector('i32', lanes)} {wide}, zeroinitializer")
    # Through memory: the tile is stored once, each lane loads its own.
    base = MEMORY[element.name]
    place = e.alloca(f"{vector(base, lanes)}, align 64")
    e.act(f"store {vector(base, lanes)} {to_memory(e, element, e.value(x), lanes)}, ptr {place}, align 64")
    wrapped = e.do(f"and {vector('i64', lanes)} {e.value(lane)}, splat (i64 {lanes - 1})")
    return from_memory(e, element, gather_from(e, place, wrapped, base, lanes), lanes)


@lowering("tile.compact")
def _compact(e: Emitter, op: Op) -> str:
    """One instruction where there is one; elsewhere each lane is stored where the next one is if it is off."""
    x, mask = op.operands
    element, lanes = T.element_of(x.type), lanes_of(x.type)
    base = MEMORY[element.name]
    t, bits, on = vector(base, lanes), vector("i1", lanes), e.value(mask)
    given = to_memory(e, element, e.value(x), lanes)
    if _compresses(e, lanes, element.size_bytes):
        name = f"llvm.experimental.vector.compress.{suffix(base, lanes)}"
        e.declare(name, f"declare {t} @{name}({t}, {bits}, {t})")
        return from_memory(e, element, e.do(f"call {t} @{name}({t} {given}, {bits} {on}, {t} zeroinitializer)"), lanes)
    if lanes == 8 and base in ("i32", "float") and e.target.vector_bytes == 32:
        return from_memory(e, element, _compact_8(e, given, on, base), lanes)
    place, count = e.alloca(f"[{lanes + 1} x {base}], align 64"), "0"
    e.act(f"store {t} zeroinitializer, ptr {place}, align 64")
    for k in range(lanes):
        at = e.do(f"getelementptr {base}, ptr {place}, i64 {count}")
        e.act(f"store {base} {e.do(f'extractelement {t} {given}, i64 {k}')}, ptr {at}, align {element.size_bytes}")
        more = e.do(f"zext i1 {e.do(f'extractelement {bits} {on}, i64 {k}')} to i64")
        count = e.do(f"add i64 {count}, {more}")
    at = e.do(f"getelementptr {base}, ptr {place}, i64 {count}")  # where the last lanes that are off were
    e.act(f"store {base} {literal(base, 0)}, ptr {at}, align {element.size_bytes}")
    return from_memory(e, element, e.do(f"load {t}, ptr {place}, align 64"), lanes)


def _compact_8(e: Emitter, x: str, on: str, base: str) -> str:
    """By a table of which lanes are on: 8 bytes for each mask, of lanes that are none (8) behind them."""
    lanes = [[k for k in range(8) if mask >> k & 1] for mask in range(256)]
    rows = [sum([k << 8 * at for at, k in enumerate([*some, *[8] * (8 - len(some))])]) for some in lanes]
    numbers = ", ".join([f"i64 {n}" for n in rows])
    e.declare("@lanes.on", f"@lanes.on = private unnamed_addr constant [256 x i64] [{numbers}], align 64")
    mask = e.do(f"zext i8 {e.do(f'bitcast <8 x i1> {on} to i8')} to i64")
    row = e.do(f"load i64, ptr {e.do(f'getelementptr i64, ptr @lanes.on, i64 {mask}')}, align 8")
    places = e.do(f"zext <8 x i8> {e.do(f'bitcast i64 {row} to <8 x i8>')} to <8 x i32>")
    t, name = vector(base, 8), f"llvm.x86.avx2.perm{'ps' if base == 'float' else 'd'}"
    e.declare(name, f"declare {t} @{name}({t}, <8 x i32>)")
    moved = e.do(f"call {t} @{name}({t} {x}, <8 x i32> {places})")
    there = e.do(f"icmp ult <8 x i32> {places}, {splat('i32', 8, 8)}")
    return e.do(f"select <8 x i1> {there}, {t} {moved}, {t} zeroinitializer")


def _compresses(e: Emitter, lanes: int, size: int) -> bool:
    """Whether an instruction brings the lanes of a vector together that are on."""
    return e.target.vector_bytes == 64 and size >= 4 and lanes * size == 64


@lowering("tile.pairs")
def _pairs(e: Emitter, op: Op) -> str:
    """LLVM finds the instruction where there is one."""
    lanes = lanes_of(op.operands[0].type)
    wide, half = vector("i32", lanes), vector("i32", lanes // 2)
    x, y = [e.do(f"sext {vector('i16', lanes)} {e.value(v)} to {wide}") for v in op.operands]
    product = e.do(f"mul nsw {wide} {x}, {y}")
    orders = [", ".join([f"i32 {k}" for k in range(first, lanes, 2)]) for first in (0, 1)]
    even, odd = [e.do(f"shufflevector {wide} {product}, {wide} poison, <{lanes // 2} x i32> <{order}>") for order in orders]
    return e.do(f"add {half} {even}, {odd}")


@lowering("tile.repeat")
def _repeat(e: Emitter, op: Op) -> str:
    (x,) = op.operands
    t, lanes, times = register(x.type), lanes_of(op.results[0].type), op.attributes["times"]
    order = ", ".join([f"i32 {k // times}" for k in range(lanes)])
    return e.do(f"shufflevector {t} {e.value(x)}, {t} poison, <{lanes} x i32> <{order}>")


def _permute_8(e: Emitter, x: str, lane: Value, base: str) -> str:
    t = vector(base, 8)
    index = e.do(f"trunc <8 x i64> {e.value(lane)} to <8 x i32>")
    name = f"llvm.x86.avx2.perm{'ps' if base == 'float' else 'd'}"
    e.declare(name, f"declare {t} @{name}({t}, <8 x i32>)")
    return e.do(f"call {t} @{name}({t} {x}, <8 x i32> {index})")


def _permute_16(e: Emitter, x: str, lane: Value, base: str) -> str:
    t = vector(base, 16)
    index = e.do(f"trunc <16 x i64> {e.value(lane)} to <16 x i32>")
    name = f"llvm.x86.avx512.permvar.{'sf' if base == 'float' else 'si'}.512"
    e.declare(name, f"declare {t} @{name}({t}, <16 x i32>)")
    return e.do(f"call {t} @{name}({t} {x}, <16 x i32> {index})")


def _known_lanes(v: Value, lanes: int) -> np.ndarray | None:
    """What each lane has, where that is arithmetic on lanes' numbers and constants."""
    found: dict[Value, np.ndarray | None] = {}
    open_ = [v]  # no recursion: a value may be thousands of ops deep, and made of another many times over
    while open_:
        w = open_[-1]
        op = w.op
        is_computed = w.constant is None and op is not None and (op.name == "tile.splat" or (op.defn.elementwise and op.defn.eval))
        parts = op.operands if is_computed else ()  # type: ignore[union-attr]
        if all(found.get(x, lanes) is not None for x in parts):
            missing = [x for x in parts if x not in found]
            if missing:
                open_.append(missing[0])
                continue
        found[w] = _computed_lanes(w, lanes, [found.get(x) for x in parts])
        open_.pop()
    return found[v]


def _computed_lanes(v: Value, lanes: int, parts: list[np.ndarray | None]) -> np.ndarray | None:
    op, dtype = v.op, T.element_of(v.type).value_dtype
    if v.constant is not None:
        return np.full(lanes, v.constant, dtype)
    if op is not None and op.name == "tile.iota":
        return np.arange(lanes, dtype=dtype)
    known = [x for x in parts if x is not None]
    if op is None or not parts or len(known) < len(parts):
        return None
    return known[0] if op.name == "tile.splat" else evaluate(op.defn, v.type, known, op.attributes, [x.type for x in op.operands])
