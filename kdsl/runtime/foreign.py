"""Arrays and streams of other libraries as arguments of launches on GPUs.

One idea: they are taken over in front of everything else: an array becomes one of kdsl's over the same memory, a stream
one of kdsl's over the same handle, so nothing behind this module knows of them. What the CPU sees is left to `views`.

Where nobody names a stream, the launch goes to the stream that the arrays' library uses at that moment, as its own
kernels would.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ..diagnostics import DeviceError, refuse
from .api import Stream
from .arrays import PLAIN, DeviceArray
from .registry import device

__all__ = ["adopt", "as_stream", "taken"]

_MOST_PLAIN = 256
_CUDA_KINDS = (2, 13)  # DLDeviceType of memory of a CUDA device, and of managed memory (dlpack.h 1.0)


def _device_name(value: Any) -> str:
    """The device that an array of another library lives on; "" where the CPU sees it, or kdsl knows no such device."""
    of_dlpack = getattr(value, "__dlpack_device__", None)
    if of_dlpack is not None:
        try:
            kind, index = map(int, of_dlpack())
        except (BufferError, RuntimeError, TypeError, ValueError):  # its library has no name for the device
            return ""
        return f"cuda:{index}" if kind in _CUDA_KINDS and index >= 0 else ""
    return "cuda:0" if hasattr(value, "__cuda_array_interface__") else ""


def adopt(value: object) -> tuple[DeviceArray, int] | None:
    """(array of kdsl's, native handle of its library's stream), or None for what is no array on a GPU."""
    if type(value) in PLAIN:
        return None
    if type(value).__module__.startswith("pyopencl."):
        return _of_opencl(value)
    if not (hasattr(value, "__dlpack_device__") or hasattr(value, "__cuda_array_interface__")):
        if len(PLAIN) < _MOST_PLAIN:
            PLAIN.add(type(value))
        return None
    name = _device_name(value)
    if not name:
        return None
    try:
        on: Any = device(name)
    except DeviceError:
        return None  # the checks say where the array lives
    return on.adopt(value)


def _of_opencl(value: object) -> tuple[DeviceArray, int] | None:
    """An array of pyopencl: its buffer belongs to a context, and a device of kdsl's to one, too."""
    holder: Any = import_module(".opencl.device", __package__).device_holding(value)
    return None if holder is None else holder.adopt(value)


def as_stream(stream: object, args: Sequence[object]) -> Stream:
    """A stream of another library as kdsl's, on the device of the arguments."""
    if isinstance(stream, Stream):
        return stream
    on: Any = next((a.device for a in args if type(a) is DeviceArray), None) or device()
    found = on.adopt_stream(stream) if hasattr(on, "adopt_stream") else None
    if found is None:
        refuse("K625", None, f"{stream!r} is no stream of {on.name}",
               help="device.stream() makes one; streams of torch, CuPy, numba and pycuda are taken on CUDA devices, "
               "and pyopencl's queues on OpenCL devices")  # fmt: skip
    return found


def taken(args: Sequence[object], stream: Any) -> tuple[tuple[Any, ...], Stream | None]:
    """The arguments and the stream of a launch, with what is another library's taken over."""
    handles: list[tuple[Any, int]] = []
    out = list(args)
    for i, value in enumerate(args):
        found = adopt(value)
        if found is not None:
            out[i], handle = found
            handles.append((found[0].device, handle))
    given: Any = None if stream is None else as_stream(stream, out)
    for on, handle in handles:
        if handle:
            theirs = on.adopt_stream(handle)
            given = given or theirs
            if theirs is not given and given.device is on:
                given.line.meet(theirs.line)
    return tuple(out), given
