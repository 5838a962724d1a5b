"""Launches that were made before, made again by compiled code: `kdsl.codegen.cpu.call`, and the tables that drive it.

One idea: a launch starts as a Python object whose `__call__` checks, packs and runs. Once it has been called a few times it
gets a table of what it did, and its class becomes a subclass whose `__call__` is native. That one runs what the table
describes, and calls the Python `__call__` where the table does not describe this call. So nothing has to be undone when
something changes: a table whose guards do not hold is passed over.

Nothing is assumed of Python's and NumPy's objects that was not measured here in this process. Where a measurement fails
(another interpreter, a build without the GIL) launches stay Python objects; `call_status` says why.
"""

from __future__ import annotations

import ctypes
import itertools
import sys
from collections.abc import Iterator, Sequence
from types import CellType, FunctionType
from typing import Any

import numpy as np

from ..artifact import Param
from ..calltable import (
    MAX_ARGUMENT_SLOTS,
    CallRow,
    CallSlot,
    GuardKind,
    GuardSlot,
    ObjectLayout,
    RowKind,
)
from ..diagnostics import KdslError
from ..records import names_of
from . import call_provider
from .api import CallPlan
from .arrays import DeviceArray
from .dtypes import SCALARS, item_shape, numpy_dtype
from .launcher import Repeated, recording

__all__ = [
    "Guard", "call_status", "cuda_launch_address", "guards_of", "load_native", "make_quick", "measure_layout", "rows_of", "runs",
    "suspended",
]  # fmt: skip

_MOST_TABLES = 4
_ANY = (1 << 63) - 1
_ALIGNED, _WRITEABLE, _DENSE = 0x100, 0x400, 0x1  # numpy/ndarraytypes.h
_TP_CALL, _BASETYPE = 50, 1 << 10  # Include/typeslots.h, Include/object.h
_WORD = 1 << 64

Rows = tuple[list[list[int]], object]
Guard = tuple[int, Any, Any, Any]  # GuardKind, space, key, value
_ABSENT = object()  # as a guard's value: nothing is under the key

# Reasons why every launch has to go through Python's `__call__` for now, as keys.
suspended: dict[str, bool] = {}


class _Native:
    """The compiled call path of this process: `base`, a type whose `tp_call` it is, and our types derived from it."""

    def __init__(self) -> None:
        self.tried = False
        self.base: Any = None
        self.layout: ObjectLayout | None = None
        self.launch_cuda = 0  # address of the code that launches a CUDA kernel
        self.why_not = "nothing was launched often enough yet"
        self.classes: dict[type, type] = {}
        self.keep: list[object] = []


_native = _Native()


def call_status() -> str:
    """One line for `kdsl doctor`: whether launches that repeat are made natively, and why not."""
    return "native" if _native.base is not None else f"through Python: {_native.why_not}"


# What objects look like


def _word(address: int) -> int:
    return ctypes.c_int64.from_address(address).value


def _find(obj: object, part: object) -> int:
    """The offset of the slot of `obj` that refers to `part`; 0 when there is none."""
    first, size = object.__basicsize__, type(obj).__basicsize__
    return next((at for at in range(first, size, 8) if _word(id(obj) + at) == id(part)), 0)


def measure_layout() -> ObjectLayout | None:
    """Where things are in objects of this process; None where it is not as compiled code can use it."""
    if (
        sys.implementation.name != "cpython"
        or sys.maxsize < 1 << 32
        or object.__basicsize__ != 16
        or not getattr(sys, "_is_gil_enabled", lambda: True)()
    ):
        return None
    from .host import HostBuffer

    sample = Repeated()
    sample._tables = (object(),)
    buffer = HostBuffer.__new__(HostBuffer)
    buffer.address = 1 << 40
    array = DeviceArray.__new__(DeviceArray)
    array.key, array.buffer, array.offset, array.extents = (object(),), buffer, 1 << 41, b"abcdefgh"
    layout = ObjectLayout(
        type=8, size=16, tuple_items=tuple.__basicsize__, bytes_data=bytes.__basicsize__ - 1,
        state=_find(sample, sample._tables), array_data=16, array_nd=24, array_dims=32, array_strides=40, array_dtype=56,
        array_flags=64, device_key=_find(array, array.key), device_buffer=_find(array, buffer),
        device_offset=_find(array, array.offset), device_extents=_find(array, array.extents),
        buffer_address=_find(buffer, buffer.address), dict_size=16, dict_version=_find_version(),
    )  # fmt: skip
    return layout if all(getattr(layout, n) for n in names_of(layout) if n != "dict_version") and _is_so(layout) else None


def _find_version() -> int:
    """The offset of the number in a dict that every change changes (PEP 509, until Python 3.13) and nothing else does; 0 when
    there is none."""
    sample: dict[bytes, object] = {b"a": object()}

    def words() -> list[int]:
        return [_word(id(sample) + at) for at in range(object.__basicsize__, dict.__basicsize__, 8)]

    def changes() -> Iterator[list[int]]:
        for value in (object(), object()):
            sample[b"a"] = value
            yield words()
        sample[b"b"] = None
        yield words()
        del sample[b"b"]
        yield words()
        sample.clear()
        yield words()

    seen = [words(), *changes()]
    reads = [words(), [sample.get(b"a"), b"b" in sample, list(sample)] and words(), words()]
    for k, column in enumerate(zip(*seen, strict=True)):
        if len(set(column)) == len(seen) and len({read[k] for read in reads}) == 1:
            return object.__basicsize__ + 8 * k
    return 0


def _is_so(layout: ObjectLayout) -> bool:
    """Whether tuples, bytes and arrays are as `layout` says."""
    items, text = (object(), object()), b"abcdefgh"
    if _word(id(items) + layout.type) != id(tuple) or _word(id(items) + layout.size) != 2:
        return False
    if [_word(id(items) + layout.tuple_items + 8 * k) for k in range(2)] != [id(items[0]), id(items[1])]:
        return False
    if ctypes.string_at(id(text) + layout.bytes_data, 8) != text:
        return False
    if [_word(id(d) + layout.dict_size) for d in ({}, {1: 2}, dict.fromkeys(range(9)))] != [0, 1, 9]:
        return False
    base = np.zeros((3, 4, 6), np.float64)
    fixed = np.frombuffer(b"abcd", np.uint8)
    return all(_array_is_so(layout, a) for a in (base, base[1:, ::-1, ::2], base.T, fixed, np.zeros((), np.int8)))


def _array_is_so(layout: ObjectLayout, a: np.ndarray[Any, Any]) -> bool:
    at = id(a)
    flags = ctypes.c_int32.from_address(at + layout.array_flags).value
    dims, strides = _word(at + layout.array_dims), _word(at + layout.array_strides)
    return (
        _word(at + layout.array_data) == a.__array_interface__["data"][0]
        and ctypes.c_int32.from_address(at + layout.array_nd).value == a.ndim
        and [_word(dims + 8 * k) for k in range(a.ndim)] == list(a.shape)
        and [_word(strides + 8 * k) for k in range(a.ndim)] == list(a.strides)
        and _word(at + layout.array_dtype) == id(a.dtype)
        and bool(flags & _ALIGNED) == a.flags.aligned
        and bool(flags & _WRITEABLE) == a.flags.writeable
        and bool(flags & _DENSE) == a.flags.c_contiguous
    )


# Loading


class _Slot(ctypes.Structure):
    _fields_ = (("slot", ctypes.c_int), ("function", ctypes.c_void_p))


class _Spec(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("basicsize", ctypes.c_int), ("itemsize", ctypes.c_int),
                ("flags", ctypes.c_uint), ("slots", ctypes.c_void_p))  # fmt: skip


def _c_api(name: str) -> int:
    """Address of a function or object of Python's C API (memcpy and its like come with it); 0 when there is none."""
    try:
        return ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, name))
    except ValueError:
        return 0


def load_native() -> None:
    """Load the compiled call path, once."""
    if _native.tried:
        return
    provider = call_provider()
    if provider is None:  # so far
        _native.why_not = "no compiler has registered the code (set_call_provider)"
        return
    _native.tried = True
    layout = measure_layout()
    if layout is None:
        _native.why_not = "this Python or NumPy lays out objects in another way"
        return
    from .cpu.loader import load

    try:
        image = load(provider(layout), _c_api)
    except (KdslError, ImportError, OSError) as e:  # launches still run; `kdsl doctor` prints the reason
        _native.why_not = str(e)
        return
    image.keep()
    _native.layout = layout
    slots = (_Slot * 2)(_Slot(_TP_CALL, image.address("kdsl_call")), _Slot(0, None))
    spec = _Spec(b"kdsl.runtime.quick.Native", 0, 0, _BASETYPE, ctypes.addressof(slots))
    make_type = ctypes.pythonapi.PyType_FromSpec
    make_type.restype, make_type.argtypes = ctypes.py_object, [ctypes.c_void_p]
    _native.launch_cuda = image.address("kdsl_launch_cuda")
    _native.keep += [slots, spec]
    _native.base = make_type(ctypes.addressof(spec))


def cuda_launch_address() -> int:
    """Of the compiled code that launches a CUDA kernel (`kdsl.calltable.CudaSlot`); 0 where there is none."""
    load_native()
    return _native.launch_cuda


def _quick_class(cls: type) -> type | None:
    """`cls` with the native `__call__`; None where there is none."""
    load_native()
    if _native.base is None:
        return None
    found = _native.classes.get(cls)
    if found is None:
        body = {"__slots__": (), "__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}
        found = _native.classes[cls] = type(cls.__name__, (_native.base, cls), body)
    return found


# Tables


def make_quick(launch: Repeated, plan: CallPlan | None, guards: Sequence[Guard], rows: Rows | None,
               packed: bytes | None = None, stream: object = None) -> None:  # fmt: skip
    """Give `launch` a table for calls with these rows, and this object as stream=. Without a plan or rows it stays as it is."""
    if plan is None or rows is None or (plan.is_apart and not _fits(plan, rows, packed)):
        return
    slow = next(c for c in type(launch).__mro__ if "__call__" in vars(c) and c is not _native.base)
    quick = _quick_class(slow)
    if quick is None or not _is_quick_type(launch, slow, quick):
        return
    table = _table(plan, guards, rows[0], packed, stream)
    known: list[Any] = list(launch._tables[1]) if launch._tables else []
    known = [] if len(known) == _MOST_TABLES else known
    known.append((table, plan, guards, rows, packed, stream))
    launch._tables = (_joined(slow, [row[0] for row in known]), known)
    launch.__class__ = quick  # pyright: ignore


def _fits(plan: CallPlan, rows: Rows, packed: bytes | None) -> bool:
    """Whether all arrays are the device's, whose addresses stay what they are."""
    if packed is not None:
        return len(packed) == 8 * plan.argument_slots
    return all(row[CallRow.KIND] != RowKind.ARRAY for row in rows[0])


def _is_quick_type(launch: Repeated, slow: type, quick: type) -> bool:
    return type(launch) in (slow, quick)  # a user's subclass stays as it is


def _joined(slow: type, tables: list[list[int]]) -> np.ndarray[Any, Any]:
    for table in tables:
        table[CallSlot.BYTES] = 8 * len(table)
    tables[-1][CallSlot.BYTES] = 0
    words = [id(slow), id(_CALL), id(_STREAM), *[w for table in tables for w in table]]
    return np.array([w % _WORD for w in words], np.uint64)


_CALL, _STREAM = sys.intern("__call__"), sys.intern("stream")


def _table(plan: CallPlan, guards: Sequence[Guard], rows: list[list[int]], packed: bytes | None, stream: object) -> list[int]:
    table = [0] * CallSlot.COUNT_SLOTS
    table[CallSlot.COUNT] = len(rows)
    table[CallSlot.EPOCH_AT], table[CallSlot.EPOCH] = plan.epoch_at, plan.epoch
    table[CallSlot.CODE], table[CallSlot.ITEMS], table[CallSlot.GRAIN] = plan.code, plan.items, plan.grain
    table[CallSlot.BRIEF], table[CallSlot.POOL], table[CallSlot.SCRATCH] = int(plan.brief), plan.pool, plan.scratch
    table[CallSlot.TRIES], table[CallSlot.STREAM] = int(plan.is_apart), 0 if stream is None else id(stream)
    table[CallSlot.LOCK] = plan.lock
    table[CallSlot.LIMITED], table[CallSlot.MOST] = plan.limit or (0, _ANY)
    table[CallSlot.PACKED] = 0 if packed is None else id(packed) + bytes.__basicsize__ - 1
    record = np.frombuffer(plan.record, np.int64).tolist()
    table[CallSlot.RECORD : CallSlot.RECORD + len(record)] = record
    asked = _guard_rows(guards)
    if plan.reaches is not None:
        asked.append(_guard_row(GuardKind.REACHES, *plan.reaches))
    table[CallSlot.GUARDS] = len(asked)
    return table + [w for row in (*asked, *rows) for w in row]


def _guard_rows(guards: Sequence[Guard]) -> list[list[int]]:
    """That nothing suspends native calls, and `guards`: those of one dict behind a look at whether it has changed at all."""
    layout = _native.layout
    assert layout is not None, "a table is made after the code was loaded"
    rows = [_guard_row(GuardKind.WORD, id(space) + layout.dict_size) for space in (recording, suspended)]
    for (kind, _), group in itertools.groupby(guards, key=lambda guard: (guard[0], id(guard[1]))):
        items = [_guard_of(*guard) for guard in group]
        if kind == GuardKind.ITEM and layout.dict_version and len(items) > 1:
            version, reach = items[0][GuardSlot.SPACE] + layout.dict_version, 8 * GuardSlot.COUNT * (len(items) + 1)
            same, seen = _guard_row(GuardKind.SAME, version, reach, 0), _guard_row(GuardKind.SEEN, version, reach)
            rows += [same, *items, seen]  # no dict has the version 0: the first native call asks
        else:
            rows += items
    return rows


def _guard_of(kind: int, space: object, key: object, value: object) -> list[int]:
    if kind == GuardKind.WORD:
        return _guard_row(kind, id(space) + _find(space, value), 0, id(value))
    return _guard_row(kind, id(space), id(key), 0 if value is _ABSENT else id(value))


def _guard_row(kind: int, space: int, key: int = 0, value: int = 0) -> list[int]:
    row = [0] * GuardSlot.COUNT
    row[GuardSlot.KIND], row[GuardSlot.SPACE], row[GuardSlot.KEY], row[GuardSlot.VALUE] = kind, space, key, value
    return row


def rows_of(params: Sequence[Param], args: Sequence[object], const_at: Sequence[int]) -> Rows | None:
    """The rows of a call that was just made with `args`, and the objects that they name; None when one argument cannot
    be described."""
    runtime = iter(params)
    rows = [_const(a) if i in const_at else _row(next(runtime), a) for i, a in enumerate(args)]
    named = [a if i in const_at else getattr(a, "dtype", None) for i, a in enumerate(args)]
    slots = sum([p.slots for p in params])
    return None if slots > MAX_ARGUMENT_SLOTS or None in rows else ([row for row in rows if row is not None], named)


def guards_of(read: Sequence[tuple[Any, Any, Any]]) -> list[Guard] | None:
    """Guards for what was read from outside, as (dict, key, value), (cell, "", value) or (function, name of an attribute, value);
    None where something else was read. A value that is equal now, but another object, is what is looked for from here on."""
    guards: list[Guard] = []
    for space, key, _ in read:
        if type(space) is dict:
            guards.append((GuardKind.ITEM, space, key, space.get(key, _ABSENT)))
        elif type(space) is CellType:
            guards.append((GuardKind.CELL, space, key, space.cell_contents))
        elif type(space) is FunctionType:
            guards.append((GuardKind.WORD, space, key, getattr(space, key)))
        else:
            return None
    return guards


def _new_row(kind: int, value: object, a: int = 0, b: int = 0) -> list[int]:
    row = [0] * CallRow.COUNT
    row[CallRow.KIND], row[CallRow.TYPE], row[CallRow.A], row[CallRow.B] = kind, id(type(value)), a, b
    return row


def _const(value: object) -> list[int]:
    """A compile-time constant: the same object, or an equal number or string (of floats, -0.0 == 0.0 would not do)."""
    return _new_row(RowKind.EQUAL if type(value) in (int, str) else RowKind.IS, value, id(value))


def _row(param: Param, value: object) -> list[int] | None:
    if param.kind == "array":
        return _array_row(param, value)
    if type(value) not in (bool, int, float) and not isinstance(value, np.generic):
        return None  # its conversion would be someone else's Python code
    if param.dtype in ("f32", "f64"):
        return _new_row(RowKind.F32 if param.dtype == "f32" else RowKind.F64, value)
    if param.dtype in ("bool", "u64"):
        return _new_row(RowKind.BOOL if param.dtype == "bool" else RowKind.U64, value)
    if param.dtype in SCALARS and SCALARS[param.dtype][0].kind in "iu" and SCALARS[param.dtype][1]:
        info = np.iinfo(numpy_dtype(param.dtype))
        return _new_row(RowKind.INT, value, int(info.min), int(info.max))
    return None


def _array_row(param: Param, value: object) -> list[int] | None:
    dense_unit = param.rank - 1
    unit = -1 if param.unit_axis is None else param.unit_axis
    if type(value) is DeviceArray:
        return _new_row(RowKind.DEVICE, value, id(value.key), param.rank) if value.is_dense and unit == dense_unit else None
    if type(value) is not np.ndarray:
        return None
    components = item_shape(param.dtype)
    row = _new_row(RowKind.ARRAY, value, id(value.dtype), param.rank + len(components))
    row[CallRow.FLAGS] = _ALIGNED | (_WRITEABLE if param.writes else 0) | (_DENSE if components else 0)
    row[CallRow.RANK], row[CallRow.UNIT], row[CallRow.ITEM] = param.rank, unit, value.itemsize
    row[CallRow.COMPONENTS] = components[0] if components else 0
    return row


def runs(launch: Repeated) -> int:
    """How many calls of this launch were made natively from the tables it has now. For tests and the curious."""
    if launch._tables is None:
        return 0
    words, total, at = launch._tables[0].tolist(), 0, CallSlot.HEADER
    while True:
        total += words[at + CallSlot.RUNS]
        if not words[at + CallSlot.BYTES]:
            return total
        at += words[at + CallSlot.BYTES] // 8
