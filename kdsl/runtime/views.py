"""Foreign arrays as NumPy views: DLPack, `__array_interface__`, the buffer protocol.

One idea: whatever an argument is, behind this module it is a NumPy array over the same memory, or a refusal that lists
what is accepted. Nothing is ever copied here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from ..diagnostics import refuse

__all__ = ["ACCEPTED", "as_host_view"]

ACCEPTED = (
    "accepted are NumPy arrays, kdsl arrays, and objects with __dlpack__, __array_interface__ or the buffer protocol "
    "(torch, CuPy, JAX, Arrow, memoryview, array.array)"
)
_OF_HOST, _METAL = (1, 3, 11), 8  # DLDeviceType of memory that the CPU can read, the last mostly (dlpack.h 1.0)


def as_host_view(value: object, kernel: str = "", param: str = "") -> np.ndarray[Any, Any]:
    """A NumPy array that shares memory with `value`.

    Refuses with K612 (not an array), K613 (Python list), K611 (None), K621 (on another device) or K622 (cannot be
    shared); `kernel` and `param` name the argument in the message.
    """
    if isinstance(value, np.ndarray):
        return value if type(value) is np.ndarray else value.view(np.ndarray)  # memmap, recarray and their like
    where = f"{kernel}: argument {param!r}: " if param else ""
    if value is None:
        refuse("K611", None, f"{where}an array is expected, and None was given",
               help="a NumPy function that works in place or with out= may have returned None")  # fmt: skip
    if isinstance(value, (list, tuple)):
        kind = type(value).__name__
        refuse("K613", None, f"{where}a Python {kind} is not an array; a kernel works on memory",
               help=f"np.asarray({param or 'x'}, dtype=...) makes an array"
               + (f"; a tuple of constants is annotated {param}: kdsl.const" if param and kind == "tuple" else ""))  # fmt: skip
    view = getattr(value, "host_view", None)
    if view is not None:  # kdsl's own arrays
        return view(kernel, param)
    if hasattr(value, "__dlpack__"):
        return _from_dlpack(value, where)
    if type(value).__module__ == "metalcompute":
        return np.frombuffer(value, np.uint8)  # type: ignore[call-overload]  # a buffer that says nothing of its shape
    if hasattr(value, "__array_interface__"):
        return _checked_share(value, where)
    try:
        return np.asarray(memoryview(value))  # type: ignore[arg-type]
    except TypeError:
        pass
    except (ValueError, BufferError, NotImplementedError) as e:
        refuse("K622", None, f"{where}the memory of this {type(value).__name__} cannot be shared: {e}", help=ACCEPTED)
    kind = type(value).__name__
    if hasattr(value, "__cuda_array_interface__"):
        refuse("K621", None, f"{where}this {kind} lives on a CUDA device, and the launch runs on the CPU",
               help="choose that device for the launch, or copy the array to the host")  # fmt: skip
    is_constant = isinstance(value, (str, type)) or callable(value)
    refuse("K612", None, f"{where}an array is expected, and {kind} was given",
           help=f"a compile-time constant is annotated {param}: kdsl.const" if is_constant and param else ACCEPTED)


def _from_dlpack(value: Any, where: str) -> np.ndarray[Any, Any]:
    try:
        kind, index = value.__dlpack_device__()
        device = int(kind), int(index)
    except (BufferError, RuntimeError, TypeError, ValueError) as e:
        refuse("K622", None, f"{where}the memory of this {type(value).__name__} cannot be shared: {e}", help=ACCEPTED)
    is_negated = getattr(value, "is_neg", None)  # of torch; DLPack has no word for it
    if is_negated is not None and is_negated():
        refuse("K622", None, f"{where}the memory of this {type(value).__name__} cannot be shared: it holds its numbers negated",
               help="pass x.resolve_neg()")  # fmt: skip
    if device[0] == _METAL:
        return _from_metal(value, where)
    if device[0] not in _OF_HOST:
        refuse("K621", None, f"{where}this {type(value).__name__} lives on DLPack device {device}, and the launch "
               "runs on the CPU", help="choose that device for the launch, or copy the array to the host")  # fmt: skip
    try:
        view = np.from_dlpack(value)
        if view.flags.owndata and view.size:  # NumPy makes memory of its own for what is at no address
            refuse("K622", None, f"{where}the memory of this {type(value).__name__} cannot be shared: it is at no address",
                   help="its storage was given back, or it has none, as a FakeTensor of torch's")  # fmt: skip
        return _writable_as_source(value, view)
    except (BufferError, RuntimeError, ValueError, TypeError, AttributeError) as e:
        if hasattr(value, "__array_interface__"):
            return _checked_share(value, where)
        narrow = import_module(".dlpack", __package__).narrow_floats(value, _OF_HOST)
        if narrow is not None:
            owner, interface, dtype = narrow
            return np.asarray(_Shared(interface, owner)).view(dtype)
        # torch: a tensor that requires grad raises here, with its own advice in the message.
        refuse("K622", None, f"{where}the memory of this {type(value).__name__} cannot be shared: {e}", help=ACCEPTED)


def _from_metal(value: Any, where: str) -> np.ndarray[Any, Any]:
    """An array on an Apple GPU, whose memory the CPU sees, too."""
    try:
        return np.asarray(memoryview(value))  # MLX
    except (ValueError, BufferError, NotImplementedError, RuntimeError) as e:  # each names a format it lacks otherwise
        refuse("K622", None, f"{where}the memory of this {type(value).__name__} cannot be shared: {e}",
               help="of bfloat16, x.view(mx.uint16) has the same bits, and a kernel's bf16 takes them")  # fmt: skip
    except TypeError:
        found = import_module(".metal.foreign", __package__).host_view(value)
    if isinstance(found, str):
        refuse("K621", None, f"{where}this {type(value).__name__} lives on an Apple GPU, and cannot be shared: {found}",
               help="copy it to the host, as x.cpu() does")  # fmt: skip
    return found


def _writable_as_source(value: Any, view: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """DLPack 0 could not say that memory is read-only, so NumPy marks all of it so; such memory may be written.

    A producer of DLPack 1 that sets the read-only flag is believed. JAX's arrays never change, and its capsules do not say so.
    """
    if view.flags.writeable or type(value).__module__.startswith("jax") or _speaks_dlpack_1(value):
        return view
    interface = dict(view.__array_interface__)
    interface["data"] = (interface["data"][0], False)
    return np.asarray(_Shared(interface, (value, view)))


class _Shared:
    """Memory as NumPy takes it over, and what keeps it."""

    def __init__(self, interface: dict[str, Any], owner: object) -> None:
        self.__array_interface__ = interface
        self.owner = owner


def _speaks_dlpack_1(value: Any) -> bool:
    """Whether the producer's capsule has the name of version 1 (dlpack, `dltensor_versioned`)."""
    try:
        capsule = value.__dlpack__(max_version=(1, 0))
    except TypeError:  # the argument came with version 1
        return False
    return "dltensor_versioned" in repr(capsule)


def _checked_share(value: Any, where: str) -> np.ndarray[Any, Any]:
    """`np.asarray` on an object with `__array_interface__` shares memory, or fails on a malformed description."""
    try:
        return np.asarray(value)
    except (TypeError, ValueError, AttributeError, KeyError) as e:
        refuse(
            "K622",
            None,
            f"{where}the __array_interface__ of this {type(value).__name__} is not valid: {e}",
            help=ACCEPTED,
        )
