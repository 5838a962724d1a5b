"""Memory of a device as a DLPack capsule, which other libraries make an array of their own of, and what theirs say. After
dlpack.h 1.0.

One idea: the structure and all that it points to live in one object, which stays until the consumer calls the deleter,
or until the capsule went away without having been taken.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..records import record
from .dtypes import SCALARS, numpy_dtype, size_bytes

__all__ = ["CUDA", "METAL", "UNKNOWN_TO_NUMPY", "Tensor", "capsule", "contents", "element_dtype",
           "narrow_floats"]  # fmt: skip

CPU, CUDA, METAL = 1, 2, 8  # DLDeviceType
_NAME = b"dltensor"  # the form without a version, which every consumer takes
_CODES = {"i": 0, "u": 1, "f": 2}  # DLDataTypeCode; 4 is bfloat, 6 bool, 10 and 12 the f8 of dlpack.h 1.1


class _Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32), ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
        ("shape", ctypes.c_void_p), ("strides", ctypes.c_void_p), ("byte_offset", ctypes.c_uint64),
    )  # fmt: skip


class Tensor(metaclass=record):
    """What another library's capsule says. data: an address; on Metal the MTLBuffer. dtype: NumPy's code, or one of
    `UNKNOWN_TO_NUMPY`. strides: in bytes, None if dense."""

    data: int
    byte_offset: int
    device: tuple[int, int]
    dtype: str
    item_bytes: int
    shape: tuple[int, ...]
    strides: tuple[int, ...] | None
    is_read_only: bool


_KINDS = {(0, b): f"i{b // 8}" for b in (8, 16, 32, 64)} | {(1, b): f"u{b // 8}" for b in (8, 16, 32, 64)}
_KINDS |= {(2, b): f"f{b // 8}" for b in (16, 32, 64)} | {(4, 16): "bf16", (6, 8): "?", (10, 8): "f8e4m3", (12, 8): "f8e5m2"}
UNKNOWN_TO_NUMPY = ("bf16", "f8e4m3", "f8e5m2")
_READ_ONLY = 1  # DLPACK_FLAG_BITMASK_READ_ONLY
_NEW_BEFORE_TENSOR = 32  # DLManagedTensorVersioned: version, manager_ctx, deleter, flags


def contents(capsule: object) -> Tensor | None:
    """Look into a capsule, which stays as it is: it gives the memory up when it goes. None for elements that kdsl does not have."""
    is_new = "dltensor_versioned" in repr(capsule)
    at = _pointer(capsule, b"dltensor_versioned" if is_new else _NAME) + (_NEW_BEFORE_TENSOR if is_new else 0)
    it = _Tensor.from_address(at)
    name = _KINDS.get((it.code, it.bits))
    if name is None or it.lanes != 1:
        return None
    item = it.bits // 8
    flags = ctypes.c_uint64.from_address(at - 8).value if is_new else 0
    strides = tuple([s * item for s in _numbers(it.strides, it.ndim)]) if it.strides else None
    return Tensor(it.data or 0, it.byte_offset, (it.device_type, it.device_id), name, item, _numbers(it.shape, it.ndim), strides,
                  bool(flags & _READ_ONLY))  # fmt: skip


def element_dtype(name: str) -> np.dtype[Any]:
    """The NumPy dtype that kdsl holds elements in which a capsule calls `name`."""
    return numpy_dtype(name) if name in UNKNOWN_TO_NUMPY else np.dtype(name)


def _numbers(at: int | None, count: int) -> tuple[int, ...]:
    rows: Any = (ctypes.c_int64 * count).from_address(at) if at and count else ()
    return tuple(rows)


def narrow_floats(value: Any, kinds: Sequence[int]) -> tuple[object, dict[str, Any], np.dtype[Any]] | None:
    """An array of bf16 or f8, which NumPy does not take over itself, on one of these kinds of device: its owner, its
    `__array_interface__` as integers, and the dtype that kdsl holds such elements in. None for any other."""
    try:
        try:
            capsule = value.__dlpack__(max_version=(1, 0))
        except TypeError:  # the argument came with version 1
            capsule = value.__dlpack__()
        tensor = contents(capsule)
    except (BufferError, RuntimeError, ValueError, TypeError, AttributeError):
        return None
    if tensor is None or tensor.dtype not in UNKNOWN_TO_NUMPY or tensor.device[0] not in kinds or not tensor.data:
        return None
    interface = {"version": 3, "shape": tensor.shape, "strides": tensor.strides, "typestr": f"<u{tensor.item_bytes}",
                 "data": (tensor.data + tensor.byte_offset, tensor.is_read_only)}  # fmt: skip
    return (capsule, value), interface, element_dtype(tensor.dtype)


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
_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))
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
