"""What a kernel takes from the program around it: Python's and NumPy's types, and constants, and whether these are still so.

One idea: every read is kept as (namespace, key, value): a dict and a key, a class or a function (whose defaults were read) and an
attribute, or a closure's cell. Constants are looked at again by every launch; bindings, which are modules and names that nothing
hides, only by another process that finds the code.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir import types as T
from ..records import record

__all__ = ["ABSENT", "BY_DTYPE", "Outside", "Read", "captures_changed", "is_ours", "python_types", "told_apart"]

_TYPES: dict[Any, T.ScalarType] = {
    bool: T.bool_, int: T.i32, float: T.f32, np.bool_: T.bool_,
    np.int8: T.i8, np.int16: T.i16, np.int32: T.i32, np.int64: T.i64, np.intp: T.i64, np.longlong: T.i64,
    np.uint8: T.u8, np.uint16: T.u16, np.uint32: T.u32, np.uint64: T.u64, np.ulonglong: T.u64,
    np.float16: T.f16, np.float32: T.f32, np.float64: T.f64,
}  # fmt: skip
BY_DTYPE: dict[Any, T.ScalarType] = {t.dtype: t for t in T.SCALARS.values() if not t.storage and t is not T.index}

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "<nothing>"})()  # as a value: there is nothing under the key
Read = tuple[Any, str, Any]
_KEPT = {"kdsl", "math", "numpy"}  # modules whose names are taken to mean what they always mean


def python_types(v: Any) -> T.ScalarType | None:
    """The scalar type that a Python type, NumPy scalar type or NumPy dtype stands for."""
    if isinstance(v, T.ScalarType):
        return v
    if isinstance(v, np.dtype):
        return BY_DTYPE.get(v)
    return _TYPES.get(v) if isinstance(v, type) else None


class Outside(metaclass=record):
    """What was read while a kernel was lowered, in the order of the first read of each."""

    captured: list[Read]
    bindings: list[Read]


def is_ours(module: Any) -> bool:
    """Whether a module's functions are those that the front end knows by heart."""
    return module.__name__.partition(".")[0] in _KEPT


def captures_changed(captured: list[Read]) -> bool:
    """Whether any constant that a compiled kernel took from outside is another one now."""
    for space, key, value in captured:
        now = space.get(key, ABSENT) if isinstance(space, dict) else getattr(space, key, ABSENT)
        if now is not value and not _same_constant(now, value):
            return True
    return False


def _same_constant(a: Any, b: Any) -> bool:
    return type(a) is type(b) and isinstance(a, (int, float, str, bytes, tuple)) and told_apart(a) == told_apart(b)


def told_apart(value: Any) -> Any:
    """A constant as a key in which those differ that kernels tell apart and Python does not: 1, 1.0 and True, 0.0 and -0.0, also
    in tuples. Hashable where the constant is."""
    if isinstance(value, tuple):
        return (type(value), *map(told_apart, value))
    if isinstance(value, (float, np.floating)):
        return (type(value), repr(value))
    return (type(value), value)
