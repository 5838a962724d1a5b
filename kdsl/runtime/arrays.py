"""The array that a user holds: memory of a device with a shape, an element type and strides.

One idea: an array is a view of a buffer, so slicing costs nothing and the buffer lives as long as any view. Where the
CPU sees the memory, the array is a NumPy array as well (`__array_interface__`, DLPack); elsewhere `numpy()` copies.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from math import prod
from operator import index as as_int
from typing import TYPE_CHECKING, Any

import numpy as np

from ..diagnostics import DeviceError, refuse, shown
from .dtypes import dtype_name, item_shape, name_of, numpy_dtype, scalar_bytes, size_bytes

if TYPE_CHECKING:
    from .api import Buffer, Device

__all__ = ["NOT_FREED", "PLAIN", "DeviceArray", "from_host", "make"]


_keys: dict[tuple[object, ...], tuple[Any, ...]] = {}


NOT_FREED = "memory is given back when nobody holds it any more; free() is for what no work and no array will use again"


class DeviceArray:
    """An array on a device. `shape` is in elements, `strides` in bytes, `dtype` is kdsl's name ("f32", "vec3<f32>").

    Of a vector array, `numpy()` has one more axis, of 2, 3 or 4. Slices (`a[2:5, ::2]`, `a[0]`, `a[..., None]`) are
    views.
    """

    __slots__ = ("__weakref__", "buffer", "device", "dtype", "extents", "key", "offset", "shape", "strides")

    def __init__(self, device: Device, buffer: Buffer, dtype: str, shape: tuple[int, ...], strides: tuple[int, ...],
                 offset: int = 0) -> None:  # fmt: skip
        self.device = device
        self.buffer = buffer
        self.dtype = dtype
        self.shape = shape
        self.strides = strides
        self.offset = offset
        # What a launch needs to know of the type: see `signature`. Strides count only as "dense here" or not.
        item = size_bytes(dtype)
        dense = "C" if strides == dense_strides(shape, item) else tuple(s == item for s in strides)
        key = (DeviceArray, device.name, dtype, len(shape), dense)
        self.key = _keys.setdefault(key, key)  # one object for one key, so that compiled code may compare addresses
        self.extents = struct.pack(f"={2 * len(shape)}q", *shape, *strides)  # as a launch passes them

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        """Elements."""
        count = 1
        for n in self.shape:
            count *= n
        return count

    @property
    def nbytes(self) -> int:
        return self.size * size_bytes(self.dtype)

    @property
    def address(self) -> int:
        """Of the first element, as kernels see it. `DeviceError` after the buffer was freed."""
        if not self.buffer.address:
            raise DeviceError(f"the memory of this array has been freed\n  = help: {NOT_FREED}")
        return self.buffer.address + self.offset

    @property
    def is_dense(self) -> bool:
        """Whether its strides are those of a C-contiguous array."""
        return self.key[4] == "C"

    @property
    def is_contiguous(self) -> bool:
        return self.is_dense or self.size == 0

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("an array without axes has no length")
        return self.shape[0]

    def __repr__(self) -> str:
        return f"DeviceArray({self.dtype}, shape={self.shape}, device={self.device.name!r})"

    # Host access.

    def host_view(self, kernel: str = "", param: str = "") -> np.ndarray[Any, Any]:
        """The memory as a NumPy array, without a copy. Refused with K621 where the CPU does not see it."""
        at = self.device.host_address(self.buffer)
        if not at:
            _ = self.address  # raises where the memory was freed
            where = f"{kernel}: argument {param!r}: " if param else ""
            refuse("K621", None, f"{where}this array lives on {self.device.name}, whose memory the CPU does not see",
                   help="use x.numpy() for a copy")  # fmt: skip
        return np.asarray(_Shared(self, at)).view(numpy_dtype(self.dtype))

    def numpy(self) -> np.ndarray[Any, Any]:
        """The contents as a NumPy array: shared memory where the CPU sees it, else a copy. Waits for the device."""
        self.device.synchronize()
        if self.device.host_address(self.buffer):
            return self.host_view()
        if not self.is_contiguous:
            return self._host_span()[1].copy()
        out = np.empty(self.shape + item_shape(self.dtype), numpy_dtype(self.dtype))
        self.device.read(self.buffer, out.reshape(-1).view(np.uint8), self.offset)
        return out

    def _host_span(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], int]:
        """A copy of all bytes from the first element to the last, this array as a view of them, and where they begin."""
        low = high = self.offset
        for extent, stride in zip(self.shape, self.strides, strict=True):
            low, high = low + min(0, stride * (extent - 1)), high + max(0, stride * (extent - 1))
        data = np.empty(high - low + size_bytes(self.dtype), np.uint8)
        self.device.read(self.buffer, data, low)
        dtype, axes = numpy_dtype(self.dtype), item_shape(self.dtype)
        strides = self.strides + ((dtype.itemsize,) if axes else ())
        return data, np.ndarray(self.shape + axes, dtype, data, self.offset - low, strides), low

    @property
    def __array_interface__(self) -> dict[str, Any]:
        if not self.device.host_address(self.buffer):
            raise AttributeError(f"the CPU does not see the memory of {self.device.name}")  # NumPy goes on to __array__
        return self.host_view().__array_interface__

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        view = self.numpy()
        if dtype is not None and view.dtype != dtype:
            if copy is False:
                raise ValueError("this conversion needs a copy")
            return view.astype(dtype)
        return view.copy() if copy else view

    # Other libraries. An array on a CUDA device is CUDA's libraries' as well, where the CPU does not see it.

    @property
    def _is_cuda(self) -> bool:
        return self.device.cuda_index >= 0 and not self.device.host_address(self.buffer)

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """Version 3. What was given to the device so far comes before what is given to its default stream from here on."""
        if not self._is_cuda:
            raise AttributeError("__cuda_array_interface__")
        self.device.gather()  # type: ignore[attr-defined]
        dtype, axes = numpy_dtype(self.dtype), item_shape(self.dtype)
        plain = dtype if dtype.isbuiltin == 1 else np.dtype(f"V{dtype.itemsize}")
        strides = None if self.is_dense else self.strides + ((dtype.itemsize,) if axes else ())
        return {"version": 3, "shape": self.shape + axes, "strides": strides, "typestr": plain.str,
                "data": (self.address if self.size else 0, False), "stream": 1}  # fmt: skip

    def __dlpack__(self, *, stream: Any = None, **options: Any) -> Any:
        if not self._is_cuda:
            return self.host_view().__dlpack__(**({} if stream is None else {"stream": stream}), **options)
        device: Any = self.device
        if options.get("copy") or options.get("dl_device") not in (None, self.__dlpack_device__()):
            raise BufferError("arrays on this device are given out without a copy: x.numpy() is one on the host")
        line = device.gather()
        if stream is not None and stream not in (-1, 0, 1):  # the consumer works on another stream than the default one
            theirs = device.adopt_stream(stream)
            if theirs is None:
                refuse("K625", None, f"{shown(stream)} is no stream of {device.name}", help="give the handle of one, or None")
            theirs.line.meet(line)
        axes, dtype = item_shape(self.dtype), self.dtype
        item = dtype[5:-1] if axes else dtype
        strides = self.strides + ((size_bytes(item),) if axes else ())
        from .dlpack import capsule

        return capsule(self, self.address, item, self.shape + axes, strides, self.__dlpack_device__())

    def __dlpack_device__(self) -> tuple[int, int]:
        if self._is_cuda:
            return (2, self.device.cuda_index)  # kDLCUDA
        self.host_view()
        return (1, 0)  # kDLCPU

    # Contents.

    def copy_from(self, source: object) -> None:
        """Overwrite with `source`: a DeviceArray or host array of the same shape (elements are converted)."""
        if self.device.host_address(self.buffer):
            self.device.synchronize()  # what was given before may still use the memory
            np.copyto(self.host_view(), np.asarray(source), casting="same_kind")
            return
        self._write_from_host(np.asarray(source))

    def _write_from_host(self, source: np.ndarray[Any, Any]) -> None:
        """Overwrite memory that the CPU does not see. A strided array is read, changed and written back as a whole."""
        if self.is_contiguous:
            host = np.empty(self.shape + item_shape(self.dtype), numpy_dtype(self.dtype))
            np.copyto(host, source, casting="same_kind")
            self.device.write(self.buffer, host.reshape(-1).view(np.uint8), self.offset)
        elif self.size:
            data, view, low = self._host_span()
            np.copyto(view, source, casting="same_kind")
            self.device.write(self.buffer, data, low)

    def fill(self, value: object) -> None:
        """Set every element to `value`; for a vector one number for all, or one per component."""
        axes = item_shape(self.dtype)
        if axes and not isinstance(value, (tuple, list)):
            value = (value,) * axes[0]
        try:
            pattern = scalar_bytes(self.dtype, value)
        except (struct.error, OverflowError, TypeError, ValueError):
            refuse("K626", None, f"{shown(value)} is no element of an array of {self.dtype}",
                   help="give a number that the type holds; for a vector one number, or one for each component")  # fmt: skip
        if self.is_contiguous:
            if self.nbytes:
                self.device.fill(self.buffer, pattern, self.nbytes, self.offset)
            return
        item = np.frombuffer(pattern, numpy_dtype(self.dtype))
        self.copy_from(item if axes else item[0])

    def __getitem__(self, index: Any) -> DeviceArray:
        shape, strides, offset = _slice(index, self.shape, self.strides)
        return DeviceArray(self.device, self.buffer, self.dtype, shape, strides, self.offset + offset)

    def __setitem__(self, index: Any, value: object) -> None:
        part = self[index]
        if isinstance(value, (int, float, complex, np.generic)):
            part.fill(value)
        else:
            part.copy_from(value)


class _Shared:
    """Carries `__array_interface__` and keeps the array alive as the base of the NumPy view."""

    __slots__ = ("__array_interface__", "array")

    def __init__(self, array: DeviceArray, at: int) -> None:
        dtype, axes = numpy_dtype(array.dtype), item_shape(array.dtype)
        # The interface cannot name types that NumPy does not have built in.
        plain = dtype if dtype.isbuiltin == 1 else np.dtype(f"V{dtype.itemsize}")
        self.array = array
        self.__array_interface__: dict[str, Any] = {
            "version": 3,
            "shape": array.shape + axes,
            "strides": array.strides + ((dtype.itemsize,) if axes else ()),
            "typestr": plain.str,
            "data": (at + array.offset, False),
        }


# Types of arguments that are what they are. `foreign` adds those that turn out to have no protocol.
PLAIN: set[type] = {np.ndarray, DeviceArray, int, float, bool, type(None), tuple, list, str}


def dense_strides(shape: tuple[int, ...], item_bytes: int) -> tuple[int, ...]:
    """Byte strides of a C-contiguous array."""
    strides = []
    for n in reversed(shape):
        strides.append(item_bytes)
        item_bytes *= max(n, 1)
    return tuple(reversed(strides))


def _slice(index: Any, shape: tuple[int, ...],
           strides: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...], int]:  # fmt: skip
    """Basic indexing: (shape, strides, offset in bytes) of the view."""
    items: tuple[Any, ...] = index if isinstance(index, tuple) else (index,)
    used = sum(i is not None and i is not Ellipsis for i in items)
    if used > len(shape) or sum(i is Ellipsis for i in items) > 1:
        raise IndexError(f"too many indices for an array of {len(shape)} axes")
    if not any(i is Ellipsis for i in items):
        items = (*items, Ellipsis)
    out_shape: list[int] = []
    out_strides: list[int] = []
    offset = axis = 0
    for i in items:
        if i is None:
            out_shape.append(1)
            out_strides.append(0)
        elif i is Ellipsis:
            rest = len(shape) - used
            out_shape += shape[axis : axis + rest]
            out_strides += strides[axis : axis + rest]
            axis += rest
        elif isinstance(i, slice):
            start, stop, step = i.indices(shape[axis])
            count = len(range(start, stop, step))
            offset += start * strides[axis] if count else 0
            out_shape.append(count)
            out_strides.append(step * strides[axis])
            axis += 1
        else:
            at = as_int(i)
            if not -shape[axis] <= at < shape[axis]:
                raise IndexError(f"index {at} is outside axis {axis} of extent {shape[axis]}")
            offset += (at % shape[axis]) * strides[axis]
            axis += 1
    return tuple(out_shape), tuple(out_strides), offset


def _extents(shape: object) -> tuple[int, ...]:
    try:
        extents = tuple([as_int(n) for n in shape]) if isinstance(shape, Iterable) else (as_int(shape),)  # type: ignore[arg-type]
    except TypeError:
        extents = (-1,)
    if any(n < 0 for n in extents) or prod(extents) >= 1 << 60:
        refuse("K626", None, f"{shown(shape)} is not the shape of an array",
               help="give the elements along each axis: an int, or a tuple of ints, that are not negative")  # fmt: skip
    return extents


def make(device: Device, shape: int | Sequence[int], dtype: object, memory: str = "device") -> DeviceArray:
    """An uninitialised C-contiguous array. K626 for what is no shape, K614 for an unknown element type."""
    extents = _extents(shape)
    try:
        name = dtype_name(f"{dtype}" if dtype is None else dtype)  # NumPy takes None for f64
    except KeyError:
        refuse("K614", None, f"{dtype!r} is not an element type that kernels can hold",
               help="f32, i32, ..., a vector or struct type, or a NumPy dtype of those")  # fmt: skip
    strides = dense_strides(extents, size_bytes(name))
    count = size_bytes(name)
    for n in extents:
        count *= n
    return DeviceArray(device, device.allocate(count, memory), name, extents, strides)


def from_host(device: Device, source: object, dtype: object = None) -> DeviceArray:
    """A copy of a host array on `device`. `dtype` may be a vector type: the last axis then becomes the components."""
    try:
        host = np.asarray(source)
    except ValueError as e:  # lists of different lengths
        refuse("K614", None, f"NumPy makes no array of this {type(source).__name__}: {e}", help="give lists of one length")
    try:
        name = dtype_name(dtype) if dtype is not None else name_of(host.dtype.newbyteorder("="))
    except KeyError:
        name = None
    if name is None:
        refuse("K614", None, f"arrays of {dtype or host.dtype} cannot be held by kernels",
               help="convert with x.astype(np.float32) or another numeric type")  # fmt: skip
    axes = item_shape(name)
    shape = host.shape
    if axes:
        if shape[-1:] != axes:
            refuse("K614", None, f"an array of shape {shape} does not hold {name}: its last axis must have "
                   f"{axes[0]} elements", help=f"x.reshape(-1, {axes[0]}) gives it that axis")  # fmt: skip
        shape = shape[:-1]
    out = make(device, shape, name)
    out.copy_from(host if dtype is None else host.astype(numpy_dtype(name), copy=False))
    return out
