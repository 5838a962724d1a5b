"""Checks and prints: writes to the diagnostic buffer, which is one more array of the kernel.

One idea: the buffer of `artifact.DiagnosticSlot` seen as 32-bit words, lower word first, so that its counter is a word that
every target can add to. A record beyond the capacity is counted and not written, so that the host can say how many are lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....artifact import DiagnosticSlot
from ... import types as T
from ...core import Function, Op, Region, Value, inner_ops, walk
from ...ops import arith, memory, scf, simt
from ..ir_algebra import Term
from .maker import Maker, special

if TYPE_CHECKING:
    from . import Legalizer

__all__ = ["HIDDEN_DIAGNOSTICS", "buffer_type", "meeting_loops"]

HIDDEN_DIAGNOSTICS = "kdsl_diagnostics"
_RECORD = DiagnosticSlot.RECORD
_FIRST = _RECORD - DiagnosticSlot.PAYLOAD  # payload slots of a first record


def buffer_type() -> T.ArrayType:
    return T.ArrayType(T.u32, 1, unit_axis=0)


def meeting_loops(f: Function) -> frozenset[Op]:
    """Reads of `healthy` that decide loops with barriers in them."""
    found: list[Op] = []
    for op in walk(f.body):
        if op.defn is scf.WHILE and any(o.defn is simt.BARRIER for o in inner_ops(op)):
            found += [o for o in walk(op.regions[0]) if o.defn is simt.HEALTHY]
    return frozenset(found)


@special(simt.ASSERT, simt.PRINT, simt.BREAKPOINT)
def _nothing(s: Legalizer, op: Op) -> None:
    """`lower_checks` has made what is to be seen of them; a breakpoint stops in the interpreter alone."""


@special(simt.CHECK)
def _check(s: Legalizer, op: Op) -> None:
    ok, *payload = [s.map[v] for v in op.operands]
    then, otherwise = Region(), Region()
    with s.m.inside(then):
        s.m.b.yield_()
    with s.m.inside(otherwise):
        _Word(s.m, s.buffer, DiagnosticSlot.FAILED).exchange(1)
        _record(s, op, payload)
        s.m.b.yield_()
    s.m.b.if_(ok, (), then, otherwise)


@special(simt.REPORT)
def _report(s: Legalizer, op: Op) -> None:
    _record(s, op, [s.map[v] for v in op.operands])


@special(simt.HEALTHY)
def _healthy(s: Legalizer, op: Op) -> None:
    """Read anew in every round: an update that changes nothing. Threads that meet in a loop must leave it together, and
    may read different things, so such a loop goes on."""
    if op in s.meeting:
        s.define(op, s.m.literal(True, T.bool_).value)
    else:
        s.define(op, (_Word(s.m, s.buffer, DiagnosticSlot.FAILED).or_(0) == 0).value)


class _Word:
    """The lower word of a slot of the buffer's head."""

    def __init__(self, m: Maker, buffer: Value, slot: int) -> None:
        self.m = m
        self.place = (buffer, m.literal(2 * slot, T.index).value)

    def exchange(self, value: int) -> None:
        self.m.raw(memory.ATOMIC_EXCHANGE, (*self.place, self.m.literal(value, T.u32).value), T.u32, {"offset": 0})

    def add(self, value: int) -> Term:
        return self.atomic(memory.ATOMIC_ADD, value)

    def or_(self, value: int) -> Term:
        return self.atomic(memory.ATOMIC_OR, value)

    def atomic(self, defn: object, value: int) -> Term:
        m = self.m
        old = m.raw(defn, (*self.place, m.literal(value, T.u32).value), T.u32, {"offset": 0})  # type: ignore[arg-type]
        return m.wrap(old)

    def load(self) -> Term:
        return self.m.wrap(self.m.raw(memory.LOAD, self.place, T.u32, {"offset": 0}))


def _record(s: Legalizer, op: Op, payload: list[Value]) -> None:
    """Claims as many records as the payload takes, and writes those that fit."""
    m = s.m
    slots = [(m.literal(op.attributes["site"], T.u32), m.literal(0, T.u32)), *_place(s)]
    slots += [_words_of(m, m.wrap(v)) for v in payload]
    count = -(-len(slots) // _RECORD)
    first = _Word(m, s.buffer, DiagnosticSlot.COUNT).add(count)
    capacity = _Word(m, s.buffer, DiagnosticSlot.CAPACITY).load()
    for k in range(count):
        then, otherwise = Region(), Region()
        with m.inside(then):
            number = m.to(first + k, T.index)
            at = number * (2 * _RECORD) + 2 * DiagnosticSlot.HEADER
            for j, words in enumerate(slots[k * _RECORD : (k + 1) * _RECORD]):
                for half, word in enumerate(words):
                    where = at + (2 * j + half)
                    m.b.emit_op(memory.STORE, (s.buffer, where.value, word.value), (), {"offset": 0})
            m.b.yield_()
        with m.inside(otherwise):
            m.b.yield_()
        m.b.if_((first + k < capacity).value, (), then, otherwise)


def _place(s: Legalizer) -> list[tuple[Term, Term]]:
    """Block and thread, axis by axis; neither needs a second word."""
    m = s.m
    ids = [m.raw(defn, (), T.index, {"axis": axis}) for defn in (simt.BLOCK_ID, simt.THREAD_ID) for axis in range(3)]
    return [(m.to(m.wrap(v), T.u32), m.literal(0, T.u32)) for v in ids]


def _words_of(m: Maker, x: Term) -> tuple[Term, Term]:
    """A value as 64 bits, lower word first: integers extended, floats as f64."""
    t = x.element
    if t.is_float:
        if m.has("f64"):
            whole = m.bitcast(m.to(x, T.f64), "u64")
        else:
            return _double(m, m.to(x, T.f32))
    elif t.is_bool or not t.is_signed:
        whole = m.to(x, T.u64)
    else:
        whole = m.to(m.to(x, T.i64), T.u64)
    return m.to(whole, T.u32), m.to(whole >> 32, T.u32)


def _double(m: Maker, x: Term) -> tuple[Term, Term]:
    """The bits of the f64 of an f32, on a target that has no f64."""
    bits = m.bits_of(x)
    sign, magnitude = bits & 0x80000000, bits & 0x7FFFFFFF
    fraction = magnitude & 0x7FFFFF
    shift = m.unary(arith.CLZ, fraction) - 8
    is_small = magnitude < 0x00800000
    exponent = m.select(is_small, m.literal(897, T.u32) - shift, (magnitude >> 23) + 896)
    fraction = m.select(is_small, (fraction << shift) & 0x7FFFFF, fraction)
    exponent = m.select(magnitude >= 0x7F800000, 2047, exponent)
    high = sign | (exponent << 20) | (fraction >> 3)
    is_zero = magnitude == 0
    return m.select(is_zero, 0, fraction << 29), m.select(is_zero, sign, high)
