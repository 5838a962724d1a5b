"""Checks and prints: lanes that fail write records into the diagnostic buffer.

One idea: the hot path is one test of a mask; the cold path stores its operands and calls one shared function per
module, so a kernel with a hundred checks stays small. Record layout: `DiagnosticSlot` in kdsl/artifact.py.
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

_FIRST = DiagnosticSlot.RECORD - DiagnosticSlot.PAYLOAD  # payload slots of a first record

# %payload: rows of one i64 per lane, the first three of them the place of the thread along each axis: in its block,
# whose number %dims holds, or (%flat) in the grid, and then %dims holds the size of a block. A record beyond the
# capacity is counted but not written, so the host can say how many were lost.
_REPORT = f"""\
define internal void @report(ptr %buffer, i64 %site, ptr %dims, i1 %flat, i64 %on, ptr %payload, i64 %count, i64 %lanes,
                             i64 %records) noinline cold nounwind {{
start:
  %capacity.at = getelementptr i64, ptr %buffer, i64 {DiagnosticSlot.CAPACITY}
  %capacity = load i64, ptr %capacity.at
  %size = mul i64 %capacity, {DiagnosticSlot.RECORD}
  %records.at = getelementptr i64, ptr %buffer, i64 {DiagnosticSlot.HEADER}
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
  %slots = getelementptr i64, ptr %records.at, i64 %from
  store i64 %site, ptr %slots
  br label %value
value:
  %j = phi i64 [0, %head], [%j.next, %stored]
  %axis.slot = add i64 %j, 1
  %shift = add i64 %j, {DiagnosticSlot.PAYLOAD - 3}
  %is.place = icmp ult i64 %j, 3
  %slot = select i1 %is.place, i64 %axis.slot, i64 %shift
  %at = add i64 %from, %slot
  %has = icmp ult i64 %j, %count
  %fits = icmp ult i64 %at, %size
  %goes = and i1 %has, %fits
  br i1 %goes, label %write, label %next
write:
  %row = mul i64 %j, %lanes
  %place = add i64 %row, %k
  %value.at = getelementptr i64, ptr %payload, i64 %place
  %x = load i64, ptr %value.at
  %to = getelementptr i64, ptr %slots, i64 %slot
  %j.next = add i64 %j, 1
  br i1 %is.place, label %axis, label %plain
plain:
  store i64 %x, ptr %to
  br label %stored
axis:
  %dim.at = getelementptr i64, ptr %dims, i64 %j
  %dim = load i64, ptr %dim.at
  %thread.to = getelementptr i64, ptr %to, i64 3
  br i1 %flat, label %split, label %whole
split:
  %safe = call i64 @llvm.umax.i64(i64 %dim, i64 1)
  %block = udiv i64 %x, %safe
  %thread = urem i64 %x, %safe
  store i64 %block, ptr %to
  store i64 %thread, ptr %thread.to
  br label %stored
whole:
  store i64 %dim, ptr %to
  store i64 %x, ptr %thread.to
  br label %stored
stored:
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
    mask = mask_of(e, mask_value, e.lanes)
    if mask is not None:
        bad = e.do(f"and {m} {bad}, {mask}")
    _record(e, op, bad, payload)


@lowering("simt.healthy")
def _healthy(e: Emitter, op: Op) -> str:
    """Atomic, so that LLVM reads it anew in every round of a loop."""
    buffer = launch_slot(e, LaunchSlot.DIAGNOSTICS)
    at = e.do(f"select i1 {e.do(f'icmp ne i64 {buffer}, 0')}, i64 {buffer}, i64 ptrtoint (ptr @no_diagnostics to i64)")
    e.declare("@no_diagnostics", f"@no_diagnostics = internal constant [{DiagnosticSlot.HEADER} x i64] zeroinitializer")
    slot = e.do(f"getelementptr i64, ptr {e.do(f'inttoptr i64 {at} to ptr')}, i64 {DiagnosticSlot.FAILED}")
    return e.do(f"icmp eq i64 {e.do(f'load atomic i64, ptr {slot} monotonic, align 8')}, 0")


@lowering("tile.print")
def _print(e: Emitter, op: Op) -> None:
    mask_value, *values = op.operands
    mask = mask_of(e, mask_value, e.lanes)
    _record(e, op, mask if mask is not None else "splat (i1 true)", values)


def _record(e: Emitter, op: Op, mask: str, values: list[Value]) -> None:
    lanes = e.lanes
    cold, report, done = e.fresh("cold"), e.fresh("report"), e.fresh("checked")
    e.branch(any_lane(e, mask, lanes), cold, done, "" if op.name == "tile.print" else ", !prof !1")
    e.begin(cold)
    buffer = launch_slot(e, LaunchSlot.DIAGNOSTICS)
    e.branch(e.do(f"icmp ne i64 {buffer}, 0"), report, done)
    e.begin(report)
    if op.name == "tile.check":
        failed = e.do(f"getelementptr i64, ptr {e.do(f'inttoptr i64 {buffer} to ptr')}, i64 {DiagnosticSlot.FAILED}")
        e.act(f"store atomic i64 1, ptr {failed} monotonic, align 8")
    rows = [_as_slot(e, v, lanes) for v in values]
    payload = e.alloca(f"[{len(rows) * lanes} x i64], align 64")
    for k, row in enumerate(rows):
        at = e.do(f"getelementptr i64, ptr {payload}, i64 {k * lanes}")
        e.act(f"store {vector('i64', lanes)} {row}, ptr {at}, align 8")
    on = e.do(f"bitcast {vector('i1', lanes)} {mask} to i{lanes}")
    on = on if lanes == 64 else e.do(f"zext i{lanes} {on} to i64")
    records = 1 + max(0, len(rows) - 3 - _FIRST + DiagnosticSlot.RECORD - 1) // DiagnosticSlot.RECORD
    pointer = e.do(f"inttoptr i64 {buffer} to ptr")
    e.declare("@report", _REPORT)
    e.act(
        f"call void @report(ptr {pointer}, i64 {e.first_site + op.attributes['site']}, ptr {_dims(e)}, "
        f"i1 {'true' if e.is_flat else 'false'}, i64 {on}, ptr {payload}, i64 {len(rows)}, i64 {lanes}, i64 {records})"
    )
    e.jump(done)
    e.begin(done)


def _dims(e: Emitter) -> str:
    """Three numbers in memory: the size of a block (flat), or which block this is."""
    if e.is_flat:
        return e.at_entry(("launch", LaunchSlot.BLOCK), f"getelementptr i8, ptr %launch, i64 {LaunchSlot.BLOCK * 8}")
    place = e.alloca("[3 x i64], align 8")
    for axis in range(3):
        at = e.do(f"getelementptr i64, ptr {place}, i64 {axis}")
        e.act(f"store i64 {e.place[f'item{axis}']}, ptr {at}, align 8")
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
