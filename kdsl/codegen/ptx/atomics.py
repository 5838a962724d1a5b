"""Atomics: relaxed, at the device's scope, as `atom` or, where nobody looks at the old value, as `red`.

One idea: the instruction where there is one that does what the row says; otherwise a loop of compare-exchanges on the bits. An
update that changes nothing is a load, and an exchange of which nobody looks at the old value a store.
A sum of f32 in global memory flushes subnormals (PTX ISA, `atom`), so math="strict" takes the loop there.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.analysis.effects import only_reads
from ...ir.core import Op, Value
from .emitter import Emitter, lowering
from .memory import Array, address, array_of, array_type
from .number import scalar
from .text import ARITHMETIC, CLASS

_WORDS = {"and": "and", "or": "or", "xor": "xor", "exchange": "exch"}


def _place(e: Emitter, op: Op) -> tuple[Array, str]:
    v = op.operands[0]
    array = array_of(e, v)
    return array, address(e, array, op.operands[1 : 1 + array_type(v).rank], op.attributes["offset"])


def _scope(array: Array) -> str:
    return "relaxed.gpu.global" if array.space == "global" else "relaxed.cta.shared"


@lowering(*[f"atomic.{name}" for name in ("add", "sub", "min", "max", "and", "or", "xor", "exchange")])
def _atomic(e: Emitter, op: Op) -> str | None:
    kind = op.defn.name.removeprefix("atomic.")
    v = op.operands[-1]
    t = scalar(v)
    array, at = _place(e, op)
    if kind == "add" and t is T.f32 and array.space == "global" and e.math == "strict":
        return _loop(e, array, at, v)
    given = e.in_register(v) if CLASS[t.name] == "h" else e.value(v)
    if kind == "sub":
        given = str(-int(given)) if given[0] != "%" else e.do(CLASS[t.name], f"neg.s{t.bits}", given)
        kind = "add"
    suffix = _suffix(kind, t)
    scope = _scope(array)
    if only_reads(op):
        return e.do(CLASS[t.name], f"ld.{scope}.b{t.bits}", at)
    if op.results[0] not in e.uses:
        if kind == "exchange":
            e.act(f"st.{scope}.b{t.bits} {at}, {given}")
            return None
        e.act(f"red.{scope}.{kind}.{suffix} {at}, {given}")
        return None
    return e.do(CLASS[t.name], f"atom.{scope}.{_WORDS.get(kind, kind)}.{suffix}", at, given)


def _suffix(kind: str, t: T.ScalarType) -> str:
    if kind in _WORDS:
        return f"b{t.bits}"
    if kind == "add" and t.bits == 64 and t.is_integer:
        return "u64"  # the sum of two's complements is one: there is no add.s64
    if t.is_float and t.bits == 16:
        return f"noftz.{ARITHMETIC[t.name]}"
    return ARITHMETIC[t.name]


def _loop(e: Emitter, array: Array, at: str, v: Value) -> str:
    """atomic.add of f32 that keeps subnormals."""
    given = e.value(v)
    old = e.do("f", f"ld.relaxed.gpu.{array.space}.f32", at)
    head, seen = e.label("again"), e.register("r")
    before = e.register("r")
    e.lines.append(f"mov.b32 {seen}, {old};")
    e.begin(head)
    e.lines.append(f"mov.b32 {before}, {seen};")
    as_float = e.do("f", "mov.b32", before)
    new = e.do("r", "mov.b32", e.do("f", "add.rn.f32", as_float, given))
    e.lines.append(f"atom.{_scope(array)}.cas.b32 {seen}, {at}, {before}, {new};")
    e.act(f"@{e.do('p', 'setp.ne.s32', seen, before)} bra {head}")
    return e.do("f", "mov.b32", before)


@lowering("atomic.compare_exchange")
def _compare_exchange(e: Emitter, op: Op) -> str:
    expected, v = op.operands[-2:]
    t = scalar(v)
    array, at = _place(e, op)
    if only_reads(op):
        return e.do(CLASS[t.name], f"ld.{_scope(array)}.b{t.bits}", at)
    if t.bits == 16:
        return _compare_exchange_16(e, array, at, expected, v)
    if not t.is_float:
        return e.do(CLASS[t.name], f"atom.{_scope(array)}.cas.b{t.bits}", at, e.value(expected), e.value(v))
    cls = "r" if t.bits == 32 else "d"
    bits = [e.do(cls, f"mov.b{t.bits}", e.in_register(x)) for x in (expected, v)]
    return e.do(CLASS[t.name], f"mov.b{t.bits}", e.do(cls, f"atom.{_scope(array)}.cas.b{t.bits}", at, *bits))


def _compare_exchange_16(e: Emitter, array: Array, at: str, expected: Value, v: Value) -> str:
    t = scalar(v)
    if t.is_float:
        given = [e.in_register(x) for x in (expected, v)]
        return e.do("h", f"atom.{_scope(array)}.cas.b16", at, *given)
    halves = [e.do("h", "cvt.u16.u32", e.in_register(x)) for x in (expected, v)]
    old = e.do("h", f"atom.{_scope(array)}.cas.b16", at, *halves)
    return e.do("r", "cvt.s32.s16" if t.is_signed else "cvt.u32.u16", old)
