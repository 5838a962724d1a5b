"""Checks and prints: lanes that fail write records into the diagnostic buffer.

One idea: the hot path is one test of a mask; the cold path stores its operands and calls one shared function per module,
so a kernel with a hundred checks stays small. Record layout: `DiagnosticSlot` in kdsl/artifact.py.
"""

from __future__ import annotations

from ...artifact import DiagnosticSlot, LaunchSlot
from ...ir import types as T
from ...ir.core import Op, Value
from .casts import convert
from .emitter import Emitter, lowering
from .entry import launch_slot
from .memory import any_lane, mask_of
from .text import REGISTER, vector

_HEAD = DiagnosticSlot.PAYLOAD
_FIRST = DiagnosticSlot.RECORD - _HEAD  # payload slots of a first record

# %ids: block 0..2, thread 0..2 of lane 0. %payload: `count` rows of one i64 per lane. A record beyond the capacity is counted
# but not written, so the host can say how many were lost.
_REPORT = f"""\
define internal void @report(ptr %buffer, i64 %site, ptr %ids, i64 %on, ptr %payload, i64 %count, i64 %lanes,
                             i64 %records) noinline cold nounwind {{
start:
  %capacity.at = getelementptr i64, ptr %buffer, i64 {DiagnosticSlot.CAPACITY}
  %capacity = load i64, ptr %capacity.at
  %size = mul i64 %capacity, {DiagnosticSlot.RECORD}
  br label %lane
lane:
  %left = phi i64 [%on, %start], [%rest, %next]
  %k = call i64 @llvm.cttz.i64(i64 %left, i1 true)
  %rest.1 = add i64 %left, -1
  %rest = and i64 %left, %rest.1
  %record = atomicrmw add ptr %buffer, i64 %records monotonic
  %inside = icmp ult i64 %record, %capacity
  br i1 %inside, label %head, label %next
head:
  %from = mul i64 %record, {DiagnosticSlot.RECORD}
  %records.at = getelementptr i64, ptr %buffer, i64 {DiagnosticSlot.HEADER}
  %slots = getelementptr i64, ptr %records.at, i64 %from
  store i64 %site, ptr %slots
  br label %id
id:
  %i = phi i64 [0, %head], [%i.next, %id]
  %id.at = getelementptr i64, ptr %ids, i64 %i
  %id.0 = load i64, ptr %id.at
  %is.x = icmp eq i64 %i, 3
  %shift = select i1 %is.x, i64 %k, i64 0
  %id.1 = add i64 %id.0, %shift
  %i.next = add i64 %i, 1
  %id.to = getelementptr i64, ptr %slots, i64 %i.next
  store i64 %id.1, ptr %id.to
  %id.more = icmp ult i64 %i.next, 6
  br i1 %id.more, label %id, label %value
value:
  %j = phi i64 [0, %id], [%j.next, %write]
  %has = icmp ult i64 %j, %count
  %slot = add i64 %j, {_HEAD}
  %at = add i64 %from, %slot
  %fits = icmp ult i64 %at, %size
  %goes = and i1 %has, %fits
  br i1 %goes, label %write, label %next
write:
  %row = mul i64 %j, %lanes
  %place = add i64 %row, %k
  %value.at = getelementptr i64, ptr %payload, i64 %place
  %value.0 = load i64, ptr %value.at
  %value.to = getelementptr i64, ptr %slots, i64 %slot
  store i64 %value.0, ptr %value.to
  %j.next = add i64 %j, 1
  br label %value
next:
  %more = icmp ne i64 %rest, 0
  br i1 %more, label %lane, label %exit
exit:
  ret void
}}
"""


@lowering("tile.check")
def _check(e: Emitter, op: Op) -> None:
    ok, mask_value, *payload = op.operands
    lanes = e.lanes
    m = vector("i1", lanes)
    bad = e.do(f"xor {m} {e.spread_value(ok, lanes)}, splat (i1 true)")
    mask = mask_of(e, mask_value)
    if mask is not None:
        bad = e.do(f"and {m} {bad}, {mask}")
    _record(e, op, bad, payload)


@lowering("tile.print")
def _print(e: Emitter, op: Op) -> None:
    mask_value, *values = op.operands
    mask = mask_of(e, mask_value)
    _record(e, op, mask if mask is not None else "splat (i1 true)", values)


def _record(e: Emitter, op: Op, mask: str, values: list[Value]) -> None:
    lanes = e.lanes
    cold, report, done = e.fresh("cold"), e.fresh("report"), e.fresh("checked")
    e.branch(any_lane(e, mask, lanes), cold, done, "" if op.name == "tile.print" else ", !prof !1")
    e.begin(cold)
    buffer = launch_slot(e, LaunchSlot.DIAGNOSTICS)
    e.branch(e.do(f"icmp ne i64 {buffer}, 0"), report, done)
    e.begin(report)
    position: list[Value] = []
    if op.attributes.get("located"):
        position, values = values[:3], values[3:]
    ids = _ids(e, position)
    payload = e.alloca(f"[{max(len(values), 1) * lanes} x i64], align 64")
    for k, v in enumerate(values):
        at = e.do(f"getelementptr i64, ptr {payload}, i64 {k * lanes}")
        e.act(f"store {vector('i64', lanes)} {_as_slot(e, v, lanes)}, ptr {at}, align 8")
    on = e.do(f"bitcast {vector('i1', lanes)} {mask} to i{lanes}")
    on = on if lanes == 64 else e.do(f"zext i{lanes} {on} to i64")
    records = 1 + max(0, len(values) - _FIRST + DiagnosticSlot.RECORD - 1) // DiagnosticSlot.RECORD
    pointer = e.do(f"inttoptr i64 {buffer} to ptr")
    e.declare("@report", _REPORT)
    e.act(
        f"call void @report(ptr {pointer}, i64 {op.attributes['site']}, ptr {ids}, i64 {on}, ptr {payload}, "
        f"i64 {len(values)}, i64 {lanes}, i64 {records})"
    )
    e.jump(done)
    e.begin(done)


def _ids(e: Emitter, position: list[Value]) -> str:
    """Block and thread of lane 0 in memory: positions of a flat function are global, of others within the block."""
    place = e.alloca("[6 x i64], align 64")
    for axis in range(3):
        if e.is_flat:
            known = e.value(position[axis]) if position else e.place["row_begin"] if axis == 0 else e.place[f"item{axis}"]
            size = launch_slot(e, LaunchSlot.BLOCK + axis)
            safe = e.do(f"call i64 @llvm.umax.i64(i64 {size}, i64 1)")
            block = e.do(f"udiv i64 {known}, {safe}")
            thread = e.do(f"urem i64 {known}, {safe}")
        else:
            block = e.place[f"item{axis}"]
            thread = e.value(position[axis]) if position else "0"
        for slot, value in ((axis, block), (3 + axis, thread)):
            e.act(f"store i64 {value}, ptr {e.do(f'getelementptr i64, ptr {place}, i64 {slot}')}, align 8")
    return place


def _as_slot(e: Emitter, v: Value, lanes: int) -> str:
    """Any value as 64 bits per lane: integers extended, floats as f64."""
    t = T.element_of(v.type)
    x = e.spread_value(v, lanes)
    wide = vector("i64", lanes)
    if t.is_float:
        double = convert(e, t, T.f64, x, lanes)
        return e.do(f"bitcast {vector('double', lanes)} {double} to {wide}")
    if REGISTER[t.name] == "i64":
        return x
    how = "sext" if t.is_signed else "zext"
    return e.do(f"{how} {vector(REGISTER[t.name], lanes)} {x} to {wide}")


