"""Atomics: by the target's instruction, or by another of its instructions on the same bits, or by compare and exchange.

One idea: all that an atomic changes is one word, so a target that can exchange words if nobody came between can do every
update: read, compute, try, until it went well.

A target is asked for `atomic.add` on a type. Floats in shared memory are another instruction: it is asked for
`atomic.add:shared`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ....diagnostics import refuse
from ... import types as T
from ...analysis.effects import only_reads
from ...core import Op, Region, Value
from ...opdef import OPS, OpDef
from ...ops import arith, memory
from ..ir_algebra import Term
from .formats import round_to
from .maker import CARRIED_AS_INTEGER, EXACT_ROWS, Maker, special
from .memory import from_bits, to_bits

if TYPE_CHECKING:
    from . import Legalizer

__all__: list[str] = []

_JOINS = {
    "add": arith.ADD, "sub": arith.SUB, "min": arith.MINIMUM, "max": arith.MAXIMUM, "and": arith.AND, "or": arith.OR,
    "xor": arith.XOR,
}  # fmt: skip
_ON_BITS = frozenset(("add", "sub", "and", "or", "xor"))  # the same on signed and unsigned numbers
_KINDS = (*_JOINS, "exchange")


def _has(s: Legalizer, op: Op, kind: str, t: T.ScalarType) -> bool:
    array = op.operands[0].type
    is_shared = isinstance(array, T.ArrayType) and array.space is T.Space.SHARED
    suffix = ":shared" if is_shared and t.is_float else ""
    return s.m.spelled(f"atomic.{kind}{suffix}", t)


class _Access:
    """The place that an atomic changes, and how its bits are values."""

    def __init__(self, s: Legalizer, op: Op) -> None:
        self.s = s
        self.m: Maker = s.m
        self.op = op
        t = op.operands[-1].type
        assert isinstance(t, T.ScalarType)
        self.type = t
        self.bits = CARRIED_AS_INTEGER[t.size_bytes * 8]
        rank = op.operands[0].type.rank if isinstance(op.operands[0].type, T.ArrayType) else 0
        self.place = tuple([s.map[v] for v in op.operands[: 1 + rank]])
        self.values = tuple([s.map[v] for v in op.operands[1 + rank :]])

    def emit(self, kind: str, *values: Value) -> Value:
        """An atomic that the target has, on values of its type."""
        return self.m.raw(OPS[f"atomic.{kind}"], (*self.place, *values), values[-1].type, self.op.attributes)

    def as_bits(self, v: Value) -> Value:
        """A value as the unsigned integer of its bits."""
        m = self.m
        if self.type.is_integer:
            return m.cast(v, self.bits)
        held = to_bits(m, v, self.type, self.bits if self.type in m.carriers else self.type)
        return held if held.type is self.bits else m.raw(arith.BITCAST, (held,), self.bits)

    def as_value(self, bits: Value) -> Value:
        m = self.m
        if self.type.is_integer:
            return m.cast(bits, self.type)
        if self.type in m.carriers:
            return from_bits(m, bits, self.type)
        return m.raw(arith.BITCAST, (bits,), self.type)


def _atomic(kind: str) -> Callable[[Legalizer, Op], None]:
    def rule(s: Legalizer, op: Op) -> None:
        at = _Access(s, op)
        s.define(op, _update(s, op, at, kind))

    return rule


for _kind in _KINDS:
    special(OPS[f"atomic.{_kind}"])(_atomic(_kind))


def _update(s: Legalizer, op: Op, at: _Access, kind: str) -> Value:
    """The old value, by the first way that the target has."""
    m, t = s.m, at.type
    x = at.values[0]
    if t not in m.carriers and _has(s, op, kind, t):
        return at.emit(kind, x)
    if kind == "sub" and t not in m.carriers and _has(s, op, "add", t):
        negated = m.append(arith.NEG, (x,), t) if t.is_signed else (-m.wrap(x)).value
        return at.emit("add", negated)
    if op in s.wide:
        if kind in ("min", "max"):
            return at.emit(kind, x)
        return _in_halves(at, "add" if kind == "sub" else kind, -m.wrap(x) if kind == "sub" else m.wrap(x))
    on_bits = kind == "exchange" or (t.is_integer and kind in _ON_BITS)
    if on_bits and at.bits is not t and _has(s, op, kind, at.bits):
        return at.as_value(at.emit(kind, at.as_bits(x)))
    if t in m.carriers and m.spelled("arith.cast", t) and _has(s, op, kind, t):
        narrow = m.raw(arith.CAST, (x,), t)
        return m.raw(arith.CAST, (at.emit(kind, narrow),), T.f32)
    _can_exchange(s, op, at, kind)
    if kind == "exchange":
        return _by_exchange(at, lambda old: x)
    return _by_exchange(at, lambda old: _joined(m, _JOINS[kind], t, old, x), is_extreme=kind in ("min", "max"))


_NOTHING = {"and": (1 << 32) - 1}  # what changes no bit; elsewhere 0


def _in_halves(at: _Access, kind: str, x: Term) -> Value:
    """Both halves of what is little-endian in memory, each where it changes; gives what nobody looks at."""
    m = at.m
    bits = m.to(x, T.u64)
    low, high = m.to(bits, T.u32), m.to(bits >> 32, T.u32)
    offset = at.op.attributes["offset"]

    def update(half: Term, byte: int) -> Term:
        attributes = {**at.op.attributes, "offset": offset + byte}
        return Term(m, T.u32, m.raw(OPS[f"atomic.{kind}"], (*at.place, half.value), T.u32, attributes))

    def where_it_changes(half: Term, byte: int) -> None:
        then, otherwise = Region(), Region()
        with m.inside(then):
            update(half, byte)
            m.b.yield_()
        with m.inside(otherwise):
            m.b.yield_()
        m.b.if_((half != _NOTHING.get(kind, 0)).value, [], then, otherwise)

    if kind == "add":
        total = update(low, 0) + low
        high = high + m.select(total < low, m.literal(1, T.u32), 0)
    else:
        where_it_changes(low, 0)
    where_it_changes(high, 4)
    return at.values[0]


def _joined(m: Maker, defn: OpDef, t: T.ScalarType, old: Value, x: Value) -> Value:
    new = m.append(defn, (old, x), x.type)  # type: ignore[arg-type]
    return new if t not in m.carriers or defn in EXACT_ROWS else round_to(m, m.wrap(new), t).value


def _can_exchange(s: Legalizer, op: Op, at: _Access, kind: str) -> None:
    if s.m.spelled("atomic.compare_exchange", at.bits):
        return
    t = at.type
    width = t.size_bytes * 8
    refuse("K511", op.span, f"{s.target} has no atomic {kind} of {t}, and no compare and exchange of {width} bits",
           caret="this must not be interrupted", help="use a 32-bit type for what threads update together")  # fmt: skip


def _by_exchange(at: _Access, change: Callable[[Value], Value], *, is_extreme: bool = False) -> Value:
    """Until nobody came between: the value that was found, changed, takes its place. is_extreme: mostly it is to stay as it is, and
    then nothing is written, which threads would have to wait for each other for."""
    m, bits = at.m, at.bits
    zero = m.literal(0, bits)
    first = at.emit("compare_exchange", zero.value, zero.value)  # what is there, without a race
    types = (bits, T.bool_)
    cond, body = Region(types), Region(types)
    with m.inside(cond):
        m.b.yield_(cond.args[1])
    with m.inside(body):
        expected = body.args[0]
        new = at.as_bits(change(at.as_value(expected)))
        if is_extreme:
            found = _where_it_differs(at, expected, new)
        else:
            found = at.emit("compare_exchange", expected, new)
        m.b.yield_(found, (m.wrap(found) != Term(m, bits, expected)).value)
    loop = m.b.while_((first, m.literal(True, T.bool_).value), cond, body)
    return at.as_value(loop.results[0])


def _where_it_differs(at: _Access, expected: Value, new: Value) -> Value:
    m = at.m
    then, otherwise = Region(), Region()
    with m.inside(then):
        m.b.yield_(at.emit("compare_exchange", expected, new))
    with m.inside(otherwise):
        m.b.yield_(expected)
    return m.b.if_((m.wrap(new) != Term(m, at.bits, expected)).value, (at.bits,), then, otherwise).results[0]


@special(memory.ATOMIC_CAS)
def _compare_exchange(s: Legalizer, op: Op) -> None:
    at = _Access(s, op)
    expected, x = at.values
    if at.type not in s.m.carriers and _has(s, op, "compare_exchange", at.type):
        s.define(op, at.emit("compare_exchange", expected, x))
        return
    if only_reads(op) and _has(s, op, "or", at.bits):
        s.define(op, at.as_value(at.emit("or", s.m.literal(0, at.bits).value)))
        return
    _can_exchange(s, op, at, "compare_exchange")
    s.define(op, at.as_value(at.emit("compare_exchange", at.as_bits(expected), at.as_bits(x))))
