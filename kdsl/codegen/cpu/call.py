"""The native call path as LLVM IR text: from Python's arguments to a running kernel in some hundred instructions.

One idea: there is one function for all kernels, `tp_call` of the types in `kdsl.runtime.cpu.quick`, and it is driven by a
table: what must still be so (guards), a row for each parameter (which type, dtype, axes, layout, range it was checked
for), and the launch itself. Where anything differs, or any test fails, it goes on to the next table and finally
to the Python `__call__`, which knows every case, refuses with a reason, and makes a new table. So it decides nothing: it
only recognises a launch that was made before. The table's layout is in kdsl/calltable.py.

It is compiled once per installation, and nothing of this process is in it: addresses are in the tables, the C API is
linked when it is loaded. Offsets of NumPy's and Python's structs are `ObjectLayout`, which the runtime has measured.
"""

from __future__ import annotations

from ...artifact import LaunchSlot
from ...calltable import MAX_ARGUMENT_SLOTS, CallRow, CallSlot, CudaSlot, GuardKind, GuardSlot, ObjectLayout, RowKind
from ...records import names_of
from ...target import Target
from .pool import plain_object

__all__ = ["call_source", "compile_call"]

_SOURCE = """\
target triple = "{triple}"

@_Py_NoneStruct = external global i8
@_Py_TrueStruct = external global i8
declare ptr @PyDict_GetItemWithError(ptr, ptr)
declare ptr @PyCell_Get(ptr)
declare ptr @PyErr_Occurred()
declare void @PyErr_Clear()
declare double @PyFloat_AsDouble(ptr)
declare ptr @PyNumber_Index(ptr)
declare i64 @PyLong_AsLongLong(ptr)
declare i64 @PyLong_AsUnsignedLongLong(ptr)
declare i32 @PyObject_IsTrue(ptr)
declare i32 @PyObject_RichCompareBool(ptr, ptr, i32)
declare ptr @PyObject_GetAttr(ptr, ptr)
declare ptr @PyObject_Call(ptr, ptr, ptr)
declare ptr @PyMethod_New(ptr, ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)
declare double @llvm.fabs.f64(double)
declare i64 @llvm.abs.i64(i64, i1)

define ptr @kdsl_call(ptr %self, ptr %args, ptr %named) nounwind {{
entry:
  %block = alloca [{slots} x i64], align 64
  %own = alloca [{record_slots} x i64], align 64
  %keep.at = getelementptr i8, ptr %self, i64 {state}
  %keep = load ptr, ptr %keep.at
  %tables.at = getelementptr i8, ptr %keep, i64 {tuple_items}
  %tables = load ptr, ptr %tables.at
  %head.at = getelementptr i8, ptr %tables, i64 {array_data}
  %head = load ptr, ptr %head.at
  %plain = icmp eq ptr %named, null
  br i1 %plain, label %first, label %named.one
named.one:
  %named.size.at = getelementptr i8, ptr %named, i64 {dict_size}
  %named.size = load i64, ptr %named.size.at
  %is.one = icmp eq i64 %named.size, 1
  br i1 %is.one, label %named.stream, label %slow
named.stream:
  %stream.name.at = getelementptr i64, ptr %head, i64 2
  %stream.name = load ptr, ptr %stream.name.at
  %stream.given = call ptr @PyDict_GetItemWithError(ptr %named, ptr %stream.name)
  %is.given = icmp ne ptr %stream.given, null
  %is.none = icmp eq ptr %stream.given, @_Py_NoneStruct
  %stream.named = select i1 %is.none, ptr null, ptr %stream.given
  br i1 %is.given, label %first, label %slow
first:
  %stream = phi ptr [ null, %entry ], [ %stream.named, %named.stream ]
  %given.at = getelementptr i8, ptr %args, i64 {size}
  %given = load i64, ptr %given.at
  %first.table = getelementptr i64, ptr %head, i64 {header_slots}
  br label %table

next:
  %bytes = load i64, ptr %t
  %further = getelementptr i8, ptr %t, i64 %bytes
  %last = icmp eq i64 %bytes, 0
  br i1 %last, label %slow, label %table
table:
  %t = phi ptr [ %first.table, %first ], [ %further, %next ]
  %count.at = getelementptr i64, ptr %t, i64 {count}
  %count = load i64, ptr %count.at
  %right.count = icmp eq i64 %count, %given
  %stream.at = getelementptr i64, ptr %t, i64 {stream}
  %stream.then = load ptr, ptr %stream.at
  %right.stream = icmp eq ptr %stream, %stream.then
  %right.call = and i1 %right.count, %right.stream
  br i1 %right.call, label %epoch, label %next
epoch:
  %epoch.at.at = getelementptr i64, ptr %t, i64 {epoch_at}
  %epoch.at = load ptr, ptr %epoch.at.at
  %epoch.now = load i64, ptr %epoch.at
  %epoch.then.at = getelementptr i64, ptr %t, i64 {epoch_then}
  %epoch.then = load i64, ptr %epoch.then.at
  %same.epoch = icmp eq i64 %epoch.now, %epoch.then
  br i1 %same.epoch, label %guards, label %next
guards:
  %guards.first = getelementptr i64, ptr %t, i64 {guards}
  %guard.count.at = getelementptr i64, ptr %t, i64 {guard_count}
  %guard.count = load i64, ptr %guard.count.at
  %guards.behind = getelementptr [{guard_slots} x i64], ptr %guards.first, i64 %guard.count
  br label %guard
guard:
  %g = phi ptr [ %guards.first, %guards ], [ %g.next, %holds ], [ %g.further, %same ]
  %g.done = icmp eq ptr %g, %guards.behind
  br i1 %g.done, label %rows, label %ask
ask:
  %space.at = getelementptr i64, ptr %g, i64 {guard_space}
  %space = load ptr, ptr %space.at
  %key.at = getelementptr i64, ptr %g, i64 {guard_key}
  %key = load ptr, ptr %key.at
  %value.at = getelementptr i64, ptr %g, i64 {guard_value}
  %value = load ptr, ptr %value.at
  %guard.kind = load i64, ptr %g
  switch i64 %guard.kind, label %next [ i64 {guard_item}, label %item i64 {guard_cell}, label %cell i64 {guard_word}, label %word
                                        i64 {guard_same}, label %same i64 {guard_seen}, label %seen
                                        i64 {guard_reaches}, label %reaches ]
item:
  %found = call ptr @PyDict_GetItemWithError(ptr %space, ptr %key)
  %is.same = icmp eq ptr %found, %value
  br i1 %is.same, label %holds, label %clear
cell:
  %content = call ptr @PyCell_Get(ptr %space)
  call void @Py_DecRef(ptr %content)
  %same.content = icmp eq ptr %content, %value
  br i1 %same.content, label %holds, label %next
word:
  %word.now = load ptr, ptr %space
  %right.word = icmp eq ptr %word.now, %value
  br i1 %right.word, label %holds, label %next
reaches:
  %reached = load i64, ptr %space
  %to.reach = load i64, ptr %key
  %is.there = icmp sge i64 %reached, %to.reach
  br i1 %is.there, label %holds, label %next
same:
  %version.now = load ptr, ptr %space
  %no.change = icmp eq ptr %version.now, %value
  %answered = ptrtoint ptr %key to i64
  %g.behind.it = getelementptr i64, ptr %g, i64 {guard_slots}
  %g.behind.all = getelementptr i8, ptr %g.behind.it, i64 %answered
  %g.further = select i1 %no.change, ptr %g.behind.all, ptr %g.behind.it
  br label %guard
seen:
  %version.seen = load i64, ptr %space
  %bytes.back = ptrtoint ptr %key to i64
  %bytes.before = sub i64 0, %bytes.back
  %g.before = getelementptr i8, ptr %g, i64 %bytes.before
  %version.at = getelementptr i64, ptr %g.before, i64 {guard_value}
  store i64 %version.seen, ptr %version.at
  br label %holds
holds:
  %g.next = getelementptr i64, ptr %g, i64 {guard_slots}
  br label %guard
clear:
  call void @PyErr_Clear()
  br label %next

rows:
  %items.first = getelementptr i8, ptr %args, i64 {tuple_items}
  br label %row
row:
  %r = phi ptr [ %g, %rows ], [ %r.next, %accepted ]
  %item.at = phi ptr [ %items.first, %rows ], [ %item.next, %accepted ]
  %left = phi i64 [ %given, %rows ], [ %fewer, %accepted ]
  %out = phi ptr [ %block, %rows ], [ %out.next, %accepted ]
  %all.done = icmp eq i64 %left, 0
  br i1 %all.done, label %run, label %check
check:
  %o = load ptr, ptr %item.at
  %type.at = getelementptr i8, ptr %o, i64 {type}
  %type = load ptr, ptr %type.at
  %wanted.at = getelementptr i64, ptr %r, i64 {row_type}
  %wanted = load ptr, ptr %wanted.at
  %a.at = getelementptr i64, ptr %r, i64 {row_a}
  %a = load i64, ptr %a.at
  %a.ptr = load ptr, ptr %a.at
  %b.at = getelementptr i64, ptr %r, i64 {row_b}
  %b = load i64, ptr %b.at
  %right.type = icmp eq ptr %type, %wanted
  br i1 %right.type, label %kind, label %next
kind:
  %kind.number = load i64, ptr %r
  switch i64 %kind.number, label %next [
    i64 {kind_array}, label %array  i64 {kind_device}, label %device
    i64 {kind_f32}, label %real     i64 {kind_f64}, label %real
    i64 {kind_int}, label %whole    i64 {kind_u64}, label %whole  i64 {kind_bool}, label %truth
    i64 {kind_is}, label %identical i64 {kind_equal}, label %equal ]
accepted:
  %out.next = phi ptr [ %behind, %array.done ], [ %d.behind, %device.copied ], [ %scalar.next, %stored.f32 ],
                      [ %scalar.next, %stored.f64 ], [ %whole.next, %stored.int ], [ %truth.next, %stored.bool ],
                      [ %out, %identical ], [ %out, %equal ], [ %out, %compare ]
  %r.next = getelementptr i64, ptr %r, i64 {row_slots}
  %item.next = getelementptr i64, ptr %item.at, i64 1
  %fewer = add i64 %left, -1
  br label %row

array:
  %dtype.at = getelementptr i8, ptr %o, i64 {array_dtype}
  %dtype = load ptr, ptr %dtype.at
  %right.dtype = icmp eq ptr %dtype, %a.ptr
  %nd.at = getelementptr i8, ptr %o, i64 {array_nd}
  %nd32 = load i32, ptr %nd.at
  %nd = sext i32 %nd32 to i64
  %right.nd = icmp eq i64 %nd, %b
  %flags.at = getelementptr i8, ptr %o, i64 {array_flags}
  %flags32 = load i32, ptr %flags.at
  %flags = zext i32 %flags32 to i64
  %needed.at = getelementptr i64, ptr %r, i64 {row_flags}
  %needed = load i64, ptr %needed.at
  %have = and i64 %flags, %needed
  %right.flags = icmp eq i64 %have, %needed
  %right.1 = and i1 %right.dtype, %right.nd
  %right.2 = and i1 %right.1, %right.flags
  br i1 %right.2, label %shape, label %next
shape:
  %data.at = getelementptr i8, ptr %o, i64 {array_data}
  %data = load i64, ptr %data.at
  store i64 %data, ptr %out
  %dims.at = getelementptr i8, ptr %o, i64 {array_dims}
  %dims = load ptr, ptr %dims.at
  %strides.at = getelementptr i8, ptr %o, i64 {array_strides}
  %strides = load ptr, ptr %strides.at
  %rank.at = getelementptr i64, ptr %r, i64 {row_rank}
  %rank = load i64, ptr %rank.at
  %extents.out = getelementptr i64, ptr %out, i64 1
  %strides.out = getelementptr i64, ptr %extents.out, i64 %rank
  %behind = getelementptr i64, ptr %strides.out, i64 %rank
  %components.at = getelementptr i64, ptr %r, i64 {row_components}
  %components = load i64, ptr %components.at
  br label %axis
axis:
  %k = phi i64 [ 0, %shape ], [ %k.next, %copy ]
  %copied = icmp eq i64 %k, %rank
  br i1 %copied, label %last.axis, label %copy
copy:
  %dim.at = getelementptr i64, ptr %dims, i64 %k
  %dim = load i64, ptr %dim.at
  %dim.to = getelementptr i64, ptr %extents.out, i64 %k
  store i64 %dim, ptr %dim.to
  %stride.at = getelementptr i64, ptr %strides, i64 %k
  %stride = load i64, ptr %stride.at
  %stride.to = getelementptr i64, ptr %strides.out, i64 %k
  store i64 %stride, ptr %stride.to
  %k.next = add i64 %k, 1
  br label %axis
last.axis:
  %scalar.element = icmp eq i64 %components, 0
  br i1 %scalar.element, label %layout, label %vector
vector:
  %vector.at = getelementptr i64, ptr %dims, i64 %rank
  %vector.size = load i64, ptr %vector.at
  %right.vector = icmp eq i64 %vector.size, %components
  br i1 %right.vector, label %layout, label %next
layout:
  %dense.bit = and i64 %flags, 1
  %dense = icmp ne i64 %dense.bit, 0
  %unit.at = getelementptr i64, ptr %r, i64 {row_unit}
  %unit = load i64, ptr %unit.at
  %item.bytes.at = getelementptr i64, ptr %r, i64 {row_item}
  %item.bytes = load i64, ptr %item.bytes.at
  br i1 %dense, label %dense.unit, label %strided
dense.unit:
  %last.k = add i64 %rank, -1
  %as.dense = icmp eq i64 %unit, %last.k
  br i1 %as.dense, label %array.done, label %next
strided:
  br i1 %scalar.element, label %seek, label %next
seek:
  %u = phi i64 [ %rank, %strided ], [ %u1, %not.unit ]
  %u1 = add i64 %u, -1
  %none.unit = icmp slt i64 %u1, 0
  br i1 %none.unit, label %seeked, label %is.unit
is.unit:
  %u.at = getelementptr i64, ptr %strides, i64 %u1
  %u.stride = load i64, ptr %u.at
  %steps.one = icmp eq i64 %u.stride, %item.bytes
  br i1 %steps.one, label %seeked, label %not.unit
not.unit:
  br label %seek
seeked:
  %right.unit = icmp eq i64 %u1, %unit
  br i1 %right.unit, label %writes, label %next
writes:
  %writable.bit = and i64 %needed, {writeable}
  %written = icmp ne i64 %writable.bit, 0
  br i1 %written, label %written.to, label %array.done
written.to:
  %fortran.bit = and i64 %flags, 2
  %fortran = icmp ne i64 %fortran.bit, 0
  br i1 %fortran, label %array.done, label %apart
apart:
  %p = phi i64 [ %rank, %written.to ], [ %p1, %apart.next ]
  %covered = phi i64 [ %item.bytes, %written.to ], [ %covered.next, %apart.next ]
  %p1 = add i64 %p, -1
  %p.done = icmp slt i64 %p1, 0
  br i1 %p.done, label %array.done, label %apart.axis
apart.axis:
  %n.at = getelementptr i64, ptr %dims, i64 %p1
  %n = load i64, ptr %n.at
  %s.at = getelementptr i64, ptr %strides, i64 %p1
  %s.signed = load i64, ptr %s.at
  %s = call i64 @llvm.abs.i64(i64 %s.signed, i1 false)
  %single = icmp sle i64 %n, 1
  %clear.of = icmp sge i64 %s, %covered
  %fine = or i1 %single, %clear.of
  br i1 %fine, label %apart.next, label %next
apart.next:
  %n.less = add i64 %n, -1
  %reach = mul i64 %s, %n.less
  %more.covered = add i64 %reach, %covered
  %covered.next = select i1 %single, i64 %covered, i64 %more.covered
  br label %apart
array.done:
  br label %accepted

device:
  %d.key.at = getelementptr i8, ptr %o, i64 {device_key}
  %d.key = load ptr, ptr %d.key.at
  %right.key = icmp eq ptr %d.key, %a.ptr
  br i1 %right.key, label %d.buffer, label %next
d.buffer:
  %d.buffer.at = getelementptr i8, ptr %o, i64 {device_buffer}
  %d.buffer.o = load ptr, ptr %d.buffer.at
  %d.address.at = getelementptr i8, ptr %d.buffer.o, i64 {buffer_address}
  %d.address.o = load ptr, ptr %d.address.at
  %d.address = call i64 @PyLong_AsUnsignedLongLong(ptr %d.address.o)
  %d.offset.at = getelementptr i8, ptr %o, i64 {device_offset}
  %d.offset.o = load ptr, ptr %d.offset.at
  %d.offset = call i64 @PyLong_AsUnsignedLongLong(ptr %d.offset.o)
  %freed = icmp eq i64 %d.address, 0
  br i1 %freed, label %next, label %d.shape
d.shape:
  %d.data = add i64 %d.address, %d.offset
  store i64 %d.data, ptr %out
  %d.extents.at = getelementptr i8, ptr %o, i64 {device_extents}
  %d.extents.o = load ptr, ptr %d.extents.at
  %d.extents = getelementptr i8, ptr %d.extents.o, i64 {bytes_data}
  %d.words = shl i64 %b, 1
  %d.out = getelementptr i64, ptr %out, i64 1
  %d.behind = getelementptr i64, ptr %d.out, i64 %d.words
  br label %d.word
d.word:
  %w = phi i64 [ 0, %d.shape ], [ %w.next, %d.copy ]
  %d.done = icmp eq i64 %w, %d.words
  br i1 %d.done, label %device.copied, label %d.copy
d.copy:
  %w.at = getelementptr i64, ptr %d.extents, i64 %w
  %extent = load i64, ptr %w.at
  %w.to = getelementptr i64, ptr %d.out, i64 %w
  store i64 %extent, ptr %w.to
  %w.next = add i64 %w, 1
  br label %d.word
device.copied:
  br label %accepted

real:
  %scalar.next = getelementptr i64, ptr %out, i64 1
  %d = call double @PyFloat_AsDouble(ptr %o)
  %perhaps = fcmp oeq double %d, -1.0
  br i1 %perhaps, label %real.error, label %real.good
real.error:
  %error = call ptr @PyErr_Occurred()
  %no.error = icmp eq ptr %error, null
  br i1 %no.error, label %real.good, label %clear
real.good:
  %single.precision = icmp eq i64 %kind.number, {kind_f32}
  br i1 %single.precision, label %narrow, label %stored.f64
narrow:
  %f = fptrunc double %d to float
  %f.wide = fpext float %f to double
  %f.abs = call double @llvm.fabs.f64(double %f.wide)
  %d.abs = call double @llvm.fabs.f64(double %d)
  %f.inf = fcmp oeq double %f.abs, 0x7FF0000000000000
  %d.finite = fcmp one double %d.abs, 0x7FF0000000000000
  %too.large = and i1 %f.inf, %d.finite
  br i1 %too.large, label %next, label %stored.f32
stored.f32:
  store i64 0, ptr %out
  store float %f, ptr %out
  br label %accepted
stored.f64:
  store double %d, ptr %out
  br label %accepted

whole:
  %whole.next = getelementptr i64, ptr %out, i64 1
  %int = call ptr @PyNumber_Index(ptr %o)
  %no.int = icmp eq ptr %int, null
  br i1 %no.int, label %clear, label %whole.value
whole.value:
  %is.signed = icmp eq i64 %kind.number, {kind_int}
  br i1 %is.signed, label %signed, label %unsigned
signed:
  %v.signed = call i64 @PyLong_AsLongLong(ptr %int)
  br label %whole.read
unsigned:
  %v.unsigned = call i64 @PyLong_AsUnsignedLongLong(ptr %int)
  br label %whole.read
whole.read:
  %v = phi i64 [ %v.signed, %signed ], [ %v.unsigned, %unsigned ]
  call void @Py_DecRef(ptr %int)
  %v.odd = icmp eq i64 %v, -1
  br i1 %v.odd, label %whole.error, label %range
whole.error:
  %int.error = call ptr @PyErr_Occurred()
  %no.int.error = icmp eq ptr %int.error, null
  br i1 %no.int.error, label %range, label %clear
range:
  %above = icmp sge i64 %v, %a
  %below = icmp sle i64 %v, %b
  %between = and i1 %above, %below
  %unbounded = xor i1 %is.signed, true
  %inside = or i1 %between, %unbounded
  br i1 %inside, label %stored.int, label %next
stored.int:
  store i64 %v, ptr %out
  br label %accepted

truth:
  %truth.next = getelementptr i64, ptr %out, i64 1
  %is.true = call i32 @PyObject_IsTrue(ptr %o)
  %truth.error = icmp slt i32 %is.true, 0
  br i1 %truth.error, label %clear, label %stored.bool
stored.bool:
  %bit = zext i32 %is.true to i64
  store i64 %bit, ptr %out
  br label %accepted

identical:
  %is.it = icmp eq ptr %o, %a.ptr
  br i1 %is.it, label %accepted, label %next
equal:
  %is.that = icmp eq ptr %o, %a.ptr
  br i1 %is.that, label %accepted, label %compare
compare:
  %equals = call i32 @PyObject_RichCompareBool(ptr %o, ptr %a.ptr, i32 2)
  %are.equal = icmp sgt i32 %equals, 0
  br i1 %are.equal, label %accepted, label %clear

run:
  %record.fixed = getelementptr i64, ptr %t, i64 {record}
  %code.at = getelementptr i64, ptr %t, i64 {code}
  %code = load ptr, ptr %code.at
  %items.at = getelementptr i64, ptr %t, i64 {items}
  %items = load i64, ptr %items.at
  %packed.at = getelementptr i64, ptr %t, i64 {packed}
  %packed = load ptr, ptr %packed.at
  %not.packed = icmp eq ptr %packed, null
  %data.block = select i1 %not.packed, ptr %block, ptr %packed
  %limited.at = getelementptr i64, ptr %t, i64 {limited}
  %limited = load i64, ptr %limited.at
  %number.at = getelementptr i64, ptr %data.block, i64 %limited
  %number = load i64, ptr %number.at
  %most.at = getelementptr i64, ptr %t, i64 {most}
  %most = load i64, ptr %most.at
  %too.many = icmp sgt i64 %number, %most
  br i1 %too.many, label %next, label %made.for
made.for:
  %scratch.bytes.at = getelementptr i64, ptr %t, i64 {scratch}
  %scratch.bytes = load i64, ptr %scratch.bytes.at
  %runs.at = getelementptr i64, ptr %t, i64 {runs}
  %runs.before = load i64, ptr %runs.at
  %runs.now = add i64 %runs.before, 1
  store i64 %runs.now, ptr %runs.at
  %no.scratch = icmp eq i64 %scratch.bytes, 0
  br i1 %no.scratch, label %mode, label %own.record
own.record:
  call void @llvm.memcpy.inline.p0.p0.i64(ptr align 64 %own, ptr align 8 %record.fixed, i64 {record_bytes}, i1 false)
  %scratch.place = alloca i8, i64 %scratch.bytes, align 64
  %scratch.to = getelementptr i64, ptr %own, i64 {scratch_slot}
  store ptr %scratch.place, ptr %scratch.to
  %scratch.stride.to = getelementptr i64, ptr %own, i64 {scratch_stride_slot}
  store i64 %scratch.bytes, ptr %scratch.stride.to
  br label %mode
mode:
  %record = phi ptr [ %record.fixed, %made.for ], [ %own, %own.record ]
  %tries.at = getelementptr i64, ptr %t, i64 {tries}
  %tries = load i64, ptr %tries.at
  %is.try = icmp ne i64 %tries, 0
  br i1 %is.try, label %try, label %sure
try:
  call void @Py_IncRef(ptr %keep)
  %try.thread = call ptr @PyEval_SaveThread()
  %try.failed = call i64 %code(ptr %data.block, ptr %record, i64 0, i64 %items, i64 0)
  call void @PyEval_RestoreThread(ptr %try.thread)
  %try.made = icmp eq i64 %try.failed, 0
  br i1 %try.made, label %tried, label %slow.after
tried:
  call void @Py_DecRef(ptr %keep)
  br label %done
sure:
  %pool.at = getelementptr i64, ptr %t, i64 {pool}
  %pool = load ptr, ptr %pool.at
  %brief.at = getelementptr i64, ptr %t, i64 {brief}
  %brief = load i64, ptr %brief.at
  %is.brief = icmp ne i64 %brief, 0
  br i1 %is.brief, label %short, label %long
short:
  call void %code(ptr %data.block, ptr %record, i64 0, i64 %items, i64 0)
  br label %done
long:
  call void @Py_IncRef(ptr %keep)
  %thread = call ptr @PyEval_SaveThread()
  %lock.at = getelementptr i64, ptr %t, i64 {lock}
  %lock = load ptr, ptr %lock.at
  %free.of.lock = icmp eq ptr %lock, null
  %no.pool = icmp eq ptr %pool, null
  br i1 %no.pool, label %by.itself, label %shared
shared:
  %grain.at = getelementptr i64, ptr %t, i64 {grain}
  %grain = load i64, ptr %grain.at
  %was.free = call i64 %pool(ptr %code, ptr %data.block, ptr %record, i64 %items, i64 %grain)
  %has.run = icmp ne i64 %was.free, 0
  br i1 %has.run, label %back, label %turned.away
turned.away:
  br i1 %free.of.lock, label %alone, label %without.memory
by.itself:
  br i1 %free.of.lock, label %alone, label %take
take:
  %was = atomicrmw xchg ptr %lock, i64 1 acquire, align 8
  %taken = icmp ne i64 %was, 0
  br i1 %taken, label %without.memory, label %locked
locked:
  call void %code(ptr %data.block, ptr %record, i64 0, i64 %items, i64 0)
  store atomic i64 0, ptr %lock release, align 8
  br label %back
without.memory:
  call void @PyEval_RestoreThread(ptr %thread)
  br label %slow.after
alone:
  call void %code(ptr %data.block, ptr %record, i64 0, i64 %items, i64 0)
  br label %back
back:
  call void @PyEval_RestoreThread(ptr %thread)
  call void @Py_DecRef(ptr %keep)
  br label %done
done:
  call void @Py_IncRef(ptr @_Py_NoneStruct)
  ret ptr @_Py_NoneStruct

; While others ran, one may have put other tables in place of these, which go with the last reference to them.
slow.after:
  %after.class = load ptr, ptr %head
  %after.name.at = getelementptr i64, ptr %head, i64 1
  %after.name = load ptr, ptr %after.name.at
  call void @Py_DecRef(ptr %keep)
  br label %slowly
slow:
  %slow.class = load ptr, ptr %head
  %slow.name.at = getelementptr i64, ptr %head, i64 1
  %slow.name = load ptr, ptr %slow.name.at
  br label %slowly
slowly:
  %class = phi ptr [ %after.class, %slow.after ], [ %slow.class, %slow ]
  %name = phi ptr [ %after.name, %slow.after ], [ %slow.name, %slow ]
  %function = call ptr @PyObject_GetAttr(ptr %class, ptr %name)
  %no.function = icmp eq ptr %function, null
  br i1 %no.function, label %failed, label %bind
bind:
  %method = call ptr @PyMethod_New(ptr %function, ptr %self)
  call void @Py_DecRef(ptr %function)
  %no.method = icmp eq ptr %method, null
  br i1 %no.method, label %failed, label %call
call:
  %result = call ptr @PyObject_Call(ptr %method, ptr %args, ptr %named)
  call void @Py_DecRef(ptr %method)
  ret ptr %result
failed:
  ret ptr null
}}

declare void @llvm.memcpy.inline.p0.p0.i64(ptr, ptr, i64, i1)

; A launch of a CUDA kernel, after `CudaSlot`: the arguments, and behind them the threads of a launch that ends inside of
; blocks, as one block of bytes (cuda.h, CU_LAUNCH_PARAM_BUFFER_POINTER). Gives the driver's CUresult.
define i64 @kdsl_launch_cuda(ptr %args, ptr %record, i64 %begin, i64 %end, i64 %worker) nounwind {{
entry:
  %block = alloca [{cuda_slots} x i64], align 64
  %size = alloca i64, align 8
  %extra = alloca [5 x i64], align 16
  %count.at = getelementptr i64, ptr %record, i64 {cuda_arguments}
  %count = load i64, ptr %count.at
  %hidden.at = getelementptr i64, ptr %record, i64 {cuda_hidden}
  %hidden = load i64, ptr %hidden.at
  %threads.at = getelementptr i64, ptr %record, i64 {cuda_threads}
  br label %copy
copy:
  %k = phi i64 [ 0, %entry ], [ %k.next, %copy.one ]
  %copied = icmp uge i64 %k, %count
  br i1 %copied, label %behind, label %copy.one
copy.one:
  %from = getelementptr i64, ptr %args, i64 %k
  %word = load i64, ptr %from
  %to = getelementptr i64, ptr %block, i64 %k
  store i64 %word, ptr %to
  %k.next = add i64 %k, 1
  br label %copy
behind:
  %h = phi i64 [ 0, %copy ], [ %h.next, %behind.one ]
  %h.done = icmp uge i64 %h, %hidden
  br i1 %h.done, label %launch, label %behind.one
behind.one:
  %h.from = getelementptr i64, ptr %threads.at, i64 %h
  %h.word = load i64, ptr %h.from
  %h.k = add i64 %count, %h
  %h.to = getelementptr i64, ptr %block, i64 %h.k
  store i64 %h.word, ptr %h.to
  %h.next = add i64 %h, 1
  br label %behind
launch:
  %slots = add i64 %count, %hidden
  %bytes = shl i64 %slots, 3
  store i64 %bytes, ptr %size
  %block.word = ptrtoint ptr %block to i64
  %size.word = ptrtoint ptr %size to i64
  store i64 1, ptr %extra
  %extra.1 = getelementptr i64, ptr %extra, i64 1
  store i64 %block.word, ptr %extra.1
  %extra.2 = getelementptr i64, ptr %extra, i64 2
  store i64 2, ptr %extra.2
  %extra.3 = getelementptr i64, ptr %extra, i64 3
  store i64 %size.word, ptr %extra.3
  %extra.4 = getelementptr i64, ptr %extra, i64 4
  store i64 0, ptr %extra.4
  %code = load ptr, ptr %record
  %function.at = getelementptr i64, ptr %record, i64 {cuda_function}
  %function = load ptr, ptr %function.at
{cuda_numbers}
  %stream.at = getelementptr i64, ptr %record, i64 {cuda_stream}
  %stream = load ptr, ptr %stream.at
  %result = call i32 %code(ptr %function, i32 %n0, i32 %n1, i32 %n2, i32 %n3, i32 %n4, i32 %n5, i32 %n6, ptr %stream,
                           ptr null, ptr %extra)
  %is.made = icmp eq i32 %result, 0
  br i1 %is.made, label %made, label %done
made:
  %counter.at = getelementptr i64, ptr %record, i64 {cuda_counter}
  %counter = load ptr, ptr %counter.at
  %before = atomicrmw add ptr %counter, i64 1 release
  br label %done
done:
  %wide = zext i32 %result to i64
  ret i64 %wide
}}
"""


def _cuda_numbers() -> str:
    """Grid, block and shared bytes as the i32 values %n0 to %n6."""
    lines = []
    for i, slot in enumerate((*[CudaSlot.GRID + k for k in range(3)], *[CudaSlot.BLOCK + k for k in range(3)], CudaSlot.SHARED)):
        lines += [f"  %n{i}.at = getelementptr i64, ptr %record, i64 {slot}", f"  %n{i} = load i32, ptr %n{i}.at"]
    return "\n".join(lines)


def call_source(target: Target, layout: ObjectLayout) -> str:
    """LLVM IR of `kdsl_call(self, args, named)`, a `ternaryfunc`, for a Linux CPU target."""
    return _SOURCE.format(
        triple=target.triple, slots=MAX_ARGUMENT_SLOTS, record_slots=LaunchSlot.COUNT, record_bytes=8 * LaunchSlot.COUNT,
        header_slots=CallSlot.HEADER, count=CallSlot.COUNT, epoch_at=CallSlot.EPOCH_AT, epoch_then=CallSlot.EPOCH,
        guards=CallSlot.COUNT_SLOTS, guard_count=CallSlot.GUARDS, guard_space=GuardSlot.SPACE, guard_key=GuardSlot.KEY,
        guard_value=GuardSlot.VALUE, guard_slots=GuardSlot.COUNT, guard_item=GuardKind.ITEM, guard_cell=GuardKind.CELL,
        guard_word=GuardKind.WORD, guard_same=GuardKind.SAME, guard_seen=GuardKind.SEEN,
        guard_reaches=GuardKind.REACHES, stream=CallSlot.STREAM,
        row_type=CallRow.TYPE, row_a=CallRow.A, row_b=CallRow.B, row_flags=CallRow.FLAGS,
        row_rank=CallRow.RANK, row_components=CallRow.COMPONENTS, row_unit=CallRow.UNIT, row_item=CallRow.ITEM,
        row_slots=CallRow.COUNT, kind_array=RowKind.ARRAY, kind_device=RowKind.DEVICE, kind_f32=RowKind.F32,
        kind_f64=RowKind.F64, kind_int=RowKind.INT, kind_u64=RowKind.U64, kind_bool=RowKind.BOOL, kind_is=RowKind.IS,
        kind_equal=RowKind.EQUAL, writeable=0x400, record=CallSlot.RECORD, code=CallSlot.CODE, items=CallSlot.ITEMS,
        packed=CallSlot.PACKED, scratch=CallSlot.SCRATCH, runs=CallSlot.RUNS, scratch_slot=LaunchSlot.SCRATCH,
        scratch_stride_slot=LaunchSlot.SCRATCH_STRIDE, pool=CallSlot.POOL, brief=CallSlot.BRIEF, grain=CallSlot.GRAIN,
        tries=CallSlot.TRIES, lock=CallSlot.LOCK, limited=CallSlot.LIMITED, most=CallSlot.MOST,
        cuda_slots=MAX_ARGUMENT_SLOTS + 3, cuda_arguments=CudaSlot.ARGUMENTS,
        cuda_hidden=CudaSlot.HIDDEN, cuda_threads=CudaSlot.THREADS, cuda_function=CudaSlot.FUNCTION, cuda_stream=CudaSlot.STREAM,
        cuda_numbers=_cuda_numbers(), cuda_counter=CudaSlot.COUNTER,
        **{name: getattr(layout, name) for name in names_of(layout)},
    )  # fmt: skip


def compile_call(target: Target, layout: ObjectLayout) -> bytes:
    """The call path as an ELF object, position independent. Takes about 10 ms; needs llvmlite."""
    return plain_object(call_source(target, layout), target)
