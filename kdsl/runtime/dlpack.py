"""Memory of a device as a DLPack capsule, which other libraries make an array of their own of. After dlpack.h 1.0.

One idea: the structure and all that it points to live in one object, which stays until the consumer calls the deleter,
or until the capsule went away without having been taken.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from typing import Any

from .dtypes import SCALARS, size_bytes

__all__ = ["CUDA", "capsule"]

CPU, CUDA = 1, 2  # DLDeviceType
_NAME = b"dltensor"  # the form without a version, which every consumer takes
_CODES = {"i": 0, "u": 1, "f": 2}  # DLDataTypeCode; 4 is bfloat, 6 bool


class _Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32), ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
        ("shape", ctypes.c_void_p), ("strides", ctypes.c_void_p), ("byte_offset", ctypes.c_uint64),
    )  # fmt: skip


class _Managed(ctypes.Structure):
    _fields_ = (("tensor", _Tensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p))


_kept: dict[int, Any] = {}  # address of a structure -> its capsule, and all that it needs
_OURS = 3  # references to a capsule that nobody else holds: its row, the name in `purge`, and the question


def _forget(address: int | None) -> None:
    _kept.pop(address or 0, None)


def purge() -> None:
    """Forget what nobody took and nobody can take any more (who takes it renames the capsule). A destructor of the capsule's would
    do this sooner, but a consumer that refuses drops the capsule with its error set, when no Python code may run."""
    for address, (capsule, *_) in list(_kept.items()):
        if sys.getrefcount(capsule) <= _OURS and _is_valid(capsule, _NAME):
            _forget(address)
        del capsule


_DELETER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(_forget)
_is_valid = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_IsValid", ctypes.pythonapi))
_new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)(
    ("PyCapsule_New", ctypes.pythonapi)
)


def _type_of(dtype: str) -> tuple[int, int]:
    """(code, bits). `BufferError`, as the protocol wants it, for what DLPack has no name for."""
    if dtype == "bool":
        return 6, 8
    if dtype == "bf16":
        return 4, 16
    if dtype in SCALARS and dtype[0] in _CODES and not dtype.startswith("f8"):
        return _CODES[dtype[0]], 8 * size_bytes(dtype)
    raise BufferError(f"DLPack has no element type for {dtype}")


def capsule(owner: object, address: int, dtype: str, shape: Sequence[int], strides: Sequence[int],
            device: tuple[int, int]) -> Any:  # fmt: skip
    """A capsule over memory that `owner` keeps alive. strides: in bytes."""
    purge()
    code, bits = _type_of(dtype)
    rank = len(shape)
    if any(s % (bits // 8) for s in strides):
        raise BufferError("the strides are no multiples of the element's size")
    extents = (ctypes.c_int64 * max(rank, 1))(*shape)
    steps = (ctypes.c_int64 * max(rank, 1))(*[s * 8 // bits for s in strides])
    tensor = _Tensor(address, *device, rank, code, bits, 1, ctypes.addressof(extents), ctypes.addressof(steps), 0)
    managed = _Managed(tensor, None, ctypes.cast(_DELETER, ctypes.c_void_p).value)
    at = ctypes.addressof(managed)
    made = _new(at, _NAME, None)
    _kept[at] = (made, managed, extents, steps, owner)
    return made
