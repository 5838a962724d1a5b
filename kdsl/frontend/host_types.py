"""Python's and NumPy's own types as kernels understand them: in annotations, casts and dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir import types as T

__all__ = ["BY_DTYPE", "python_types"]

_TYPES: dict[Any, T.ScalarType] = {
    bool: T.bool_, int: T.i32, float: T.f32, np.bool_: T.bool_,
    np.int8: T.i8, np.int16: T.i16, np.int32: T.i32, np.int64: T.i64, np.intp: T.i64, np.longlong: T.i64,
    np.uint8: T.u8, np.uint16: T.u16, np.uint32: T.u32, np.uint64: T.u64, np.ulonglong: T.u64,
    np.float16: T.f16, np.float32: T.f32, np.float64: T.f64,
}  # fmt: skip
BY_DTYPE: dict[Any, T.ScalarType] = {t.dtype: t for t in T.SCALARS.values() if not t.storage and t is not T.index}


def python_types(v: Any) -> T.ScalarType | None:
    """The scalar type that a Python type, NumPy scalar type or NumPy dtype stands for."""
    if isinstance(v, T.ScalarType):
        return v
    if isinstance(v, np.dtype):
        return BY_DTYPE.get(v)
    return _TYPES.get(v) if isinstance(v, type) else None
