"""A launch that was seen before, fast: a key of the arguments' types, and a packer made for that key.

One idea: everything that decides whether an argument is acceptable, except a number's range, is in its key (element
type, axes, layout, alignment, writability). Arguments with a known key need no checks, only packing, and packing is one
generated function per signature: straight-line Python around one `struct.pack`. A number out of range makes
`struct.pack` fail; the slow checks then say what is wrong.

The data pointer of a NumPy array is read out of the array object itself: `x.ctypes.data` builds several Python
objects and costs a microsecond, more than the rest of a call. The read is checked once per process against the
public way, and given up for it when NumPy or Python lays objects out differently.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..artifact import Param
from ..diagnostics import CompileError
from ..records import record
from .arrays import DeviceArray
from .checked import check_argument, elements_overlap
from .dtypes import SCALARS, item_shape, name_of, scalar_bytes, size_bytes
from .views import as_host_view

__all__ = ["ArgType", "classify", "key_of", "make_packer", "signature_key"]

_DENSE, _FLAGS = 1, 0x503  # NPY_ARRAY_C_CONTIGUOUS; with F_CONTIGUOUS, ALIGNED and WRITEABLE (numpy/ndarraytypes.h)
_DATA_OFFSET = 16  # PyArrayObject: object header, then `char *data`
_SCALAR_TYPES = (bool, int, float, np.generic)


def key_of(value: object) -> object:
    """What of an argument decides code and checks: hashable, cheap. Two values with one key are interchangeable."""
    if type(value) is np.ndarray:
        flags = value.flags.num & _FLAGS
        if flags & _DENSE:
            return (value.dtype, value.ndim, flags)
        item = value.itemsize
        return (value.dtype, value.ndim, flags, tuple([s == item for s in value.strides]))
    if type(value) is DeviceArray:
        return value.key
    if value is None or isinstance(value, _SCALAR_TYPES):
        return type(value)
    if type(value) is tuple or type(value) is list:  # a vector or struct by value; anything else is refused by its check
        return (type(value), *map(type, value))
    try:
        return (type(value), key_of(as_host_view(value)))
    except CompileError:  # neither array nor number: the checks, which know the parameter, say so
        return (type(value),)


def signature_key(args: Sequence[object]) -> tuple[object, ...]:
    """The key of a whole call. Dense NumPy arrays, the usual case, are spelled out: a call each costs as much."""
    key: list[object] = []
    for a in args:
        if type(a) is np.ndarray and (flags := a.flags.num & _FLAGS) & _DENSE:
            key += (a.dtype, a.ndim, flags)
        else:
            key.append(key_of(a))
    return tuple(key)


class ArgType(metaclass=record):
    """An argument's type, for specialisation.

    kind: "array" or "scalar". dtype: kdsl's name; for a Python bool, int or float "bool", "int", "float" (weakly
    typed). rank: axes. unit_axes: the axes whose byte stride is the element's size. dense: C-contiguous. device: ""
    for host memory.
    """

    kind: str
    dtype: str | None  # None: an element type that kernels cannot hold; `check_argument` refuses it
    rank: int = 0
    unit_axes: tuple[int, ...] = ()
    dense: bool = False
    writable: bool = True
    device: str = ""


def classify(value: object, kernel: str = "", param: str = "") -> ArgType:
    """The type of one argument. K611 to K622 when it is neither an array nor a number."""
    if isinstance(value, (bool, int, float)) and not isinstance(value, np.generic):
        return ArgType("scalar", type(value).__name__)
    if isinstance(value, np.generic) and value.dtype.fields is None:
        return ArgType("scalar", name_of(value.dtype))
    if isinstance(value, DeviceArray):
        item = size_bytes(value.dtype)
        axes = tuple(i for i, s in enumerate(value.strides) if s == item)
        return ArgType("array", value.dtype, value.ndim, axes, value.is_contiguous, True, value.device.name)
    view = as_host_view(value, kernel, param)
    axes = tuple(i for i, s in enumerate(view.strides) if s == view.itemsize)
    flags = view.flags
    return ArgType("array", name_of(view.dtype), view.ndim, axes, flags.c_contiguous, flags.writeable)


def _by_interface(array: np.ndarray[Any, Any]) -> int:
    return array.__array_interface__["data"][0]


def _make_reader() -> tuple[str, dict[str, Any]]:
    """Source text that gives the data pointer of the array `{0}`, and the names it uses."""
    slow = "address({0})", {"address": _by_interface}
    if (
        sys.implementation.name != "cpython"
        or sys.maxsize < 1 << 32
        or not getattr(sys, "_is_gil_enabled", lambda: True)()
    ):
        return slow
    # All memory as one array of 8-byte words; nothing is touched until it is indexed.
    memory = (ctypes.c_uint64 * ((1 << 60) - 1)).from_address(0)
    samples = [
        np.zeros(5, np.float32),
        np.zeros((3, 4))[1:, ::2],
        np.zeros((), np.int8),
        np.frombuffer(b"abcd", np.uint8),
    ]
    if object.__basicsize__ != _DATA_OFFSET or any(
        memory[(id(a) + _DATA_OFFSET) >> 3] != _by_interface(a) for a in samples
    ):
        return slow
    return f"memory[id({{0}}) + {_DATA_OFFSET} >> 3]", {"memory": memory}


_READER, _READER_NAMES = _make_reader()


def make_packer(kernel: str, params: Sequence[Param], samples: Sequence[object]) -> Callable[..., bytes]:
    """A function (the arguments, in order) -> the packed slots, for arguments with the same `signature_key` as
    `samples`, which must have been checked. Raises `struct.error`, `OverflowError`, `TypeError` or `ValueError` on a
    number that does not fit, and `LaunchError` where the key does not say it all (strided writes, vectors)."""
    names: dict[str, Any] = dict(_READER_NAMES)
    lines: list[str] = []
    values: list[str] = []
    code = "="
    for i, (param, sample) in enumerate(zip(params, samples, strict=True)):
        part_code, part_values = _pack_one(i, kernel, param, sample, lines, names)
        code += part_code
        values += part_values
    names["pack"] = struct.Struct(code).pack
    arguments = ", ".join(f"a{i}" for i in range(len(params)))
    body = "".join(f"    {line}\n" for line in lines)
    source = f"def packer({arguments}):\n{body}    return pack({', '.join(values)})\n"
    exec(compile(source, f"<kdsl packer of {kernel}>", "exec"), names)  # built from ranks and indices only
    return names["packer"]


def _pack_one(i: int, kernel: str, param: Param, sample: object, lines: list[str],
              names: dict[str, Any]) -> tuple[str, list[str]]:  # fmt: skip
    """Format code and value expressions of argument i; adds the lines that compute them."""
    if param.kind != "array":
        return _pack_scalar(i, param, names)
    extents = [f"n{i}_{k}" for k in range(param.rank)]
    strides = [f"s{i}_{k}" for k in range(param.rank)]
    vector = bool(item_shape(param.dtype))
    code = "Q" + "q" * (2 * param.rank)
    if type(sample) is DeviceArray:
        pointer, cut = f"a{i}.address", ""
    else:
        if type(sample) is not np.ndarray:
            names["view"] = as_host_view
            lines.append(f"a{i} = view(a{i})")
        pointer, cut = _READER.format(f"a{i}"), "[:-1]" if vector else ""
    if extents:
        lines.append(f"{', '.join(extents)}, = a{i}.shape{cut}")
        lines.append(f"{', '.join(strides)}, = a{i}.strides{cut}")
    if vector or param.unit_axis not in (None, param.rank - 1) or not _is_dense(sample):
        names[f"check{i}"] = _layout_check(kernel, param)
        lines.append(f"check{i}(a{i})")
    return code, [pointer, *extents, *strides]


def _is_dense(sample: object) -> bool:
    if isinstance(sample, DeviceArray):
        return sample.is_dense
    return as_host_view(sample).flags.c_contiguous


def _layout_check(kernel: str, param: Param) -> Callable[[Any], None]:
    """What the key of a strided array leaves open: whether the strides, on this call, make elements overlap."""
    item, vector = size_bytes(param.dtype), bool(item_shape(param.dtype))

    def check(array: Any) -> None:
        if (
            vector
            or param.unit_axis is not None
            or (param.writes and elements_overlap(array.shape, array.strides, item))
        ):
            check_argument(kernel, param, array, array.device.name if type(array) is DeviceArray else "cpu")

    return check


def _pack_scalar(i: int, param: Param, names: dict[str, Any]) -> tuple[str, list[str]]:
    pad = f"{-param.size_bytes % 8}x" if param.size_bytes % 8 else ""
    code = SCALARS[param.dtype][1] if param.dtype in SCALARS else ""
    if code:
        return code + pad, [f"a{i}"]
    names["scalar_bytes"] = scalar_bytes
    names[f"t{i}"] = param.dtype
    return f"{param.size_bytes}s{pad}", [f"scalar_bytes(t{i}, a{i})"]
