"""Arrays and streams of other libraries: torch, CuPy, numba, JAX, pycuda, cuda.bindings.

One idea: an array is an address with a shape, however its library says so: torch tensors by their own methods, which
cost less than the protocols, others by `__cuda_array_interface__`, the rest by DLPack. What is shared keeps the object
alive. A stream is an int.

Order: the stream that a library uses now is said with the array, and a launch goes to that stream, so that it stands
in one order with the library's work before and after it. DLPack's producer is told to make the default stream wait.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from operator import index
from typing import Any, NamedTuple, NoReturn

import numpy as np

from ...diagnostics import refuse
from ..bindings.cuda import POINTER_CONTEXT, POINTER_DEVICE_ORDINAL, STREAM_LEGACY
from ..dlpack import contents
from ..driver import Adopted, Memory
from .context import Context

__all__ = ["adopt", "other_context", "stream_handle"]

_CUDA, _CUDA_HOST, _CUDA_MANAGED = 2, 3, 13  # DLDeviceType (dlpack.h 1.0)
_TORCH_TYPES = {
    "torch.float32": "f4", "torch.float64": "f8", "torch.float16": "f2", "torch.int8": "i1", "torch.uint8": "u1",
    "torch.int16": "i2", "torch.int32": "i4", "torch.int64": "i8", "torch.bool": "?", "torch.uint16": "u2", "torch.uint32": "u4",
    "torch.uint64": "u8", "torch.bfloat16": "bf16", "torch.float8_e4m3fn": "f8e4m3", "torch.float8_e5m2": "f8e5m2",
}  # fmt: skip
_torch_dtypes: dict[Any, Any] = {}
_NOWHERE = 256


def stream_handle(stream: object) -> int | None:
    """The CUstream of an int or of a stream of torch, CuPy, numba, pycuda, cuda.bindings or cuda.core; None for anything else."""
    if isinstance(stream, int) and not isinstance(stream, bool):
        return stream if 0 <= stream < 2 * _FAR else None
    try:
        found = _handle_of(stream)
    except (TypeError, ValueError, LookupError):  # an object that has such a name for something else
        return None
    return found if found is not None and 0 <= found < 2 * _FAR else None


def _handle_of(stream: Any) -> int | None:
    protocol = getattr(stream, "__cuda_stream__", None)
    if protocol is not None:
        named: Any = protocol() if callable(protocol) else protocol
        return int(named[1])
    for name in ("cuda_stream", "ptr", "handle"):  # torch, CuPy, pycuda and numba
        value = getattr(stream, name, None)
        if value is not None:
            return int(getattr(value, "value", value) or 0)
    return int(stream) if type(stream).__name__ in ("CUstream", "cudaStream_t") else None


def adopt(context: Context, value: object) -> Adopted | None:
    """An array on this GPU; None for anything else."""
    if type(value).__module__ == "torch" or hasattr(value, "data_ptr"):
        return _from_torch(context, value)
    found = _described(value)
    if found is not None:
        return _from_interface(context, value, found)
    if hasattr(value, "__dlpack_device__") and hasattr(value, "__dlpack__"):
        return _from_dlpack(context, value)
    return None


def _memory(address: int, size_bytes: int, owner: object) -> Memory:
    if not address and size_bytes:
        _cannot_share(owner, "it is at no address")
    memory = Memory(address or _NOWHERE, size_bytes, owner)  # an array without elements may be anywhere
    memory.state = owner  # kept alive by what is made of it
    return memory


def _extent_bytes(shape: Sequence[int], strides: Sequence[int] | None, item: int) -> int:
    """Bytes from the first element to the end of the last one."""
    if 0 in shape:
        return 0
    if strides is None:
        size = item
        for n in shape:
            size *= n
        return size
    return item + sum(max((n - 1) * s, 0) for n, s in zip(shape, strides, strict=True))


def _from_torch(context: Context, value: Any) -> Adopted | None:
    device: Any = getattr(value, "device", None)
    if getattr(device, "type", "") != "cuda" or (device.index or 0) != context.index:
        return None
    if value.requires_grad:
        _cannot_share(value, "it requires gradients, and torch would not know what a kernel does to it", "pass x.detach()")
    if value.is_neg():
        _cannot_share(value, "it holds its numbers negated", "pass x.resolve_neg()")
    dtype = _torch_dtypes.get(value.dtype)
    if dtype is None:
        name = _TORCH_TYPES.get(str(value.dtype))
        if name is None:
            _cannot_hold(value, value.dtype)
        dtype = _torch_dtypes[value.dtype] = _dtype(name)
    try:
        address = value.data_ptr()
    except RuntimeError as e:  # a sparse tensor's
        _cannot_share(value, str(e).partition("\n")[0])
    shape, item = tuple(value.shape), value.element_size()
    strides = None if value.is_contiguous() else tuple([s * item for s in value.stride()])
    memory = _memory(address, _extent_bytes(shape, strides, item), value)
    return Adopted(memory, shape, strides, dtype, _torch_stream(context.index))


def _torch_stream(index: int) -> int:
    """The stream that torch gives work to now, in this thread."""
    torch: Any = sys.modules.get("torch")
    return 0 if torch is None else int(torch.cuda.current_stream(index).cuda_stream)


def _dtype(name: str) -> Any:
    """A NumPy dtype, or kdsl's name of a type that NumPy lacks."""
    return name if name in ("bf16", "f8e4m3", "f8e5m2") else np.dtype(name)


class _Described(NamedTuple):
    """What an array says of itself by `__cuda_array_interface__`."""

    shape: tuple[int, ...]
    strides: tuple[int, ...] | None
    dtype: np.dtype[Any]
    address: int
    is_read_only: bool
    stream: int


def _described(value: object) -> _Described | None:
    """What an array with that interface says, if it has one. K622 for what no such array may say."""
    interface: Any = getattr(value, "__cuda_array_interface__", None)
    if not isinstance(interface, dict):
        return None
    try:
        shape = tuple([index(n) for n in interface["shape"]])
        strides, stream, mask = interface.get("strides"), interface.get("stream"), interface.get("mask")
        strides = None if strides is None else tuple([index(n) for n in strides])
        typestr = interface["typestr"]
        dtype = np.dtype(interface.get("descr") or typestr if typestr.startswith("|V") else typestr)
        address, is_read_only = interface["data"]
        found = _Described(shape, strides, dtype, index(address or 0), bool(is_read_only), index(stream or 0))
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        _cannot_share(value, f"its __cuda_array_interface__ is not valid: {type(e).__name__}: {e}")
    numbers = (*shape, *(strides or ()))
    if len(strides or shape) != len(shape) or any(not -_FAR < n < _FAR for n in numbers) or any(n < 0 for n in shape):
        _cannot_share(value, f"its __cuda_array_interface__ is not valid: shape {shape}, strides {strides}")
    if not 0 <= found.address < 2 * _FAR or found.stream < 0:
        _cannot_share(value, "its __cuda_array_interface__ is not valid: an address or a stream that there cannot be")
    if mask is not None:
        _cannot_share(value, "it has a mask, which kernels do not read", "pass the array without it, and the mask as another")
    return found


_FAR = 1 << 63


def _cannot_share(value: object, why: str, help: str = "pass a copy of it, or an array of NumPy") -> NoReturn:
    refuse("K622", None, f"the memory of this {type(value).__name__} cannot be shared: {why}", help=help)


def _cannot_hold(value: object, dtype: object) -> NoReturn:
    refuse("K614", None, f"an array of {dtype} cannot be held by a kernel: this {type(value).__name__}",
           help="convert it to f32 or another numeric type")  # fmt: skip


def _from_interface(context: Context, value: object, found: _Described) -> Adopted | None:
    if found.address and _ordinal(context, found.address) != context.device:
        return None
    memory = _memory(found.address, _extent_bytes(found.shape, found.strides, found.dtype.itemsize), value)
    stream = 0 if found.stream == STREAM_LEGACY else found.stream
    return Adopted(memory, found.shape, found.strides, found.dtype, stream, found.is_read_only)


def _ordinal(context: Context, address: int) -> int:
    """The GPU that memory belongs to; -1 for memory that CUDA does not know."""
    found = ctypes.c_int(-1)
    with context.current():
        code = context.cuda.cuPointerGetAttribute(ctypes.byref(found), POINTER_DEVICE_ORDINAL, address)
    return found.value if code == 0 else -1


def other_context(context: Context, value: object) -> int:
    """The handle of the context that an array's memory belongs to, where that is not this one; else 0. Memory of the
    driver's pools belongs to none."""
    described = _described(value) if not hasattr(value, "data_ptr") else None
    if described is None or not described.address:
        return 0
    found = ctypes.c_void_p()
    with context.current():
        code = context.cuda.cuPointerGetAttribute(ctypes.byref(found), POINTER_CONTEXT, described.address)
    return found.value or 0 if code == 0 and found.value != context.handle else 0


def _is_here(context: Context, kind: int, number: int) -> bool:
    """Whether memory of a DLPack device may be used on this GPU."""
    return int(kind) in (_CUDA_HOST, _CUDA_MANAGED) or (int(kind) == _CUDA and int(number) == context.index)


def _from_dlpack(context: Context, value: Any) -> Adopted | None:
    if not _is_here(context, *value.__dlpack_device__()):
        return None
    try:
        try:
            capsule = value.__dlpack__(stream=STREAM_LEGACY, max_version=(1, 0))
        except TypeError:  # the argument came with version 1
            capsule = value.__dlpack__(stream=STREAM_LEGACY)
        tensor = contents(capsule)
    except (BufferError, TypeError, ValueError, RuntimeError, AttributeError) as e:  # RuntimeError: JAX, of a deleted array
        _cannot_share(value, f"its __dlpack__ fails: {e}")
    if tensor is None:
        _cannot_hold(value, "such elements")
    if not _is_here(context, *tensor.device) or any(n < 0 for n in tensor.shape):
        _cannot_share(value, f"its DLPack capsule is not valid: device {tensor.device}, shape {tensor.shape}")
    if not tensor.data and 0 not in tensor.shape:
        _cannot_share(value, "it is at no address")
    # A capsule that nobody renames frees the tensor when it goes itself.
    extent = _extent_bytes(tensor.shape, tensor.strides, tensor.item_bytes)
    memory = _memory(tensor.data + tensor.byte_offset, extent, (capsule, value))
    return Adopted(memory, tensor.shape, tensor.strides, _dtype(tensor.dtype), 0, tensor.is_read_only)
