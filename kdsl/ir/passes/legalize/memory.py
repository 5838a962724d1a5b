"""What values are in memory and as arguments: loads and stores of bits, parameters, casts and bitcasts of carried types.

One idea: a type that is no type of values on the target is moved as the unsigned integer of its width and is made a number
right behind the load. The array keeps its element type: a load of `u16` from an `array<bf16>` is a load of the bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....target import Target
from ... import types as T
from ...builder import like
from ...core import Function, Op, Value
from ...ops import arith, memory
from .diagnostics import HIDDEN_DIAGNOSTICS, buffer_type
from .formats import decode, encode, round_to
from .maker import CARRIED_AS_INTEGER, Maker, special

if TYPE_CHECKING:
    from . import Legalizer

__all__ = ["carriers", "from_bits", "given", "held_as", "to_bits", "with_parameters"]

_STORAGE = (T.bf16, T.f8e4m3, T.f8e5m2)


def carriers(target: Target) -> dict[T.ScalarType, T.ScalarType]:
    """The types that are no types of values on the target, each with the one that stands for it."""
    is_half = "f16" in target.has or "f16_storage" in target.has
    return dict.fromkeys(_STORAGE if is_half else (*_STORAGE, T.f16), T.f32)


def held_as(m: Maker, t: T.ScalarType) -> T.ScalarType:
    """The type as which a value of `t` is loaded and stored."""
    if t.is_bool:
        return T.u8
    if t in m.carriers and not m.spelled("arith.cast", t):
        return CARRIED_AS_INTEGER[t.bits]
    return t


def from_bits(m: Maker, v: Value, t: T.ScalarType) -> Value:
    """The value of type `t`, as it is carried, of what was loaded."""
    if t.is_bool:
        return m.append(arith.NE, (v, m.literal(0, T.u8).value), T.bool_)
    if v.type is t:
        return m.raw(arith.CAST, (v,), T.f32) if t in m.carriers else v
    return decode(m, m.wrap(v), t).value


def to_bits(m: Maker, v: Value, t: T.ScalarType, held: T.ScalarType) -> Value:
    """What is stored for a value of type `t`."""
    if t.is_bool:
        return m.select(m.wrap(v), m.literal(1, held), m.literal(0, held)).value
    if held is t:
        if t not in m.carriers:
            return v
        made = v.op  # what was loaded is stored as it was, a NaN too
        is_same = made is not None and made.defn is arith.CAST and made.operands[0].type is t
        return made.operands[0] if is_same else m.raw(arith.CAST, (v,), t)  # type: ignore[union-attr]
    return encode(m, m.wrap(v), t).value


# Parameters


def with_parameters(f: Function, m: Maker) -> Function:
    """An empty function like `f` whose parameters have types of values; attribute "declared" says what they were. One with
    sites takes the diagnostic buffer, too."""
    params: list[tuple[str, T.Type]] = []
    declared: list[tuple[str, str]] = []
    for p in f.params:
        held = held_as(m, p.type) if isinstance(p.type, T.ScalarType) else p.type
        params.append((p.name, held))
        if held is not p.type:
            declared.append((p.name, str(p.type)))
    if f.sites:
        params.append((HIDDEN_DIAGNOSTICS, buffer_type()))
    out = like(f, params)
    if f.sites:
        out.attributes["hidden"] = (*f.attributes.get("hidden", ()), HIDDEN_DIAGNOSTICS)
    if declared:
        out.attributes["declared"] = tuple(declared)
    return out


def given(m: Maker, old: Value, new: Value) -> Value:
    """The value that stands for a parameter."""
    return from_bits(m, new, old.type) if isinstance(old.type, T.ScalarType) else new


# Accesses


@special(memory.LOAD)
def _load(s: Legalizer, op: Op) -> None:
    m, t = s.m, op.results[0].type
    assert isinstance(t, T.ScalarType)
    operands = tuple([s.map[v] for v in op.operands])
    loaded = m.raw(memory.LOAD, operands, held_as(m, t), op.attributes)
    s.define(op, from_bits(m, loaded, t))


@special(memory.STORE)
def _store(s: Legalizer, op: Op) -> None:
    m, t = s.m, op.operands[-1].type
    assert isinstance(t, T.ScalarType)
    *place, x = [s.map[v] for v in op.operands]
    m.b.emit_op(memory.STORE, (*place, to_bits(m, x, t, held_as(m, t))), (), op.attributes)


# Casts


@special(arith.CAST)
def _cast(s: Legalizer, op: Op) -> None:
    m, source, t = s.m, op.operands[0].type, op.results[0].type
    x = s.map[op.operands[0]]
    assert isinstance(source, T.ScalarType) and isinstance(t, T.ScalarType)
    if t not in m.carriers:
        s.define(op, m.append(arith.CAST, (x,), t, op.attributes) if x.type is not t else x)
        return
    number = m.cast(x, T.f32)
    if source is t or (t is T.bf16 and source.name.startswith("f8")) or source.is_bool:
        s.define(op, number)
    else:
        s.define(op, round_to(m, m.wrap(number), t).value)


@special(arith.BITCAST)
def _bitcast(s: Legalizer, op: Op) -> None:
    m, source, t = s.m, op.operands[0].type, op.results[0].type
    x = s.map[op.operands[0]]
    assert isinstance(source, T.ScalarType) and isinstance(t, T.ScalarType)
    if source in m.carriers:
        x = encode(m, m.wrap(x), source).value
    if t in m.carriers:
        bits = m.bitcast(m.wrap(x), CARRIED_AS_INTEGER[t.bits].name)
        s.define(op, decode(m, bits, t).value)
    elif x.type is t:
        s.define(op, x)
    else:
        s.define(op, m.raw(arith.BITCAST, (x,), t))
