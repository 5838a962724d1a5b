"""One GPU's primary context: the driver's calls made in it, and its errors in words that say what to do.

One idea: the primary context is the one that torch, CuPy, JAX, numba and the CUDA runtime use, so memory and streams of
any of them are valid here. A call needs it to be current in the calling thread; whoever has another one current gets it
back afterwards.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ...diagnostics import DeviceError
from ..bindings.cuda import Attribute, Cuda, Error
from ..driver import DeviceLost

__all__ = ["Context", "describe", "device_count", "driver_version", "raise_error"]

_MINIMUM = 12000  # the driver's CUDA version

_HELP: dict[int, str] = {
    Error.OUT_OF_MEMORY: "free arrays that are no longer needed, or work in smaller pieces; nvidia-smi shows who else holds memory",
    Error.NOT_INITIALIZED: "a process that was forked after its parent had used CUDA cannot use it: start it with "
                           'multiprocessing.set_start_method("spawn")',
    Error.INVALID_HANDLE: "a stream, event or module that was destroyed, or a number that was none: device.stream() makes streams",
    Error.DEINITIALIZED: "the process is ending, and the driver with it",
    Error.STUB_LIBRARY: "this libcuda is the one to link against; the driver's own must come first in LD_LIBRARY_PATH",
    Error.NO_DEVICE: "nvidia-smi says whether the driver sees a GPU; CUDA_VISIBLE_DEVICES may hide it",
    Error.JIT_COMPILER_NOT_FOUND: "the driver's PTX compiler (libnvidia-ptxjitcompiler) is not installed beside libcuda",
    Error.UNSUPPORTED_PTX_VERSION: "update the graphics driver: its compiler does not know this version of PTX",
    Error.NO_BINARY_FOR_GPU: "compile for this GPU's own target, see `kdsl doctor`",
    Error.LAUNCH_OUT_OF_RESOURCES: "use smaller blocks: registers or shared memory do not suffice for so many threads",
    Error.SYSTEM_DRIVER_MISMATCH: "the kernel module and libcuda are of different versions: restart the machine after an update",
}  # fmt: skip
_STICKY_HELP = (
    "nothing will work on this GPU until the process ends. KDSL_DEBUG=1 checks every access and names the line, or run the "
    "kernel in the interpreter: kernel.interpret[...]"
)


def out(kind: Any = ctypes.c_void_p) -> Any:
    """A place for a result."""
    return kind()


def raise_error(cuda: Cuda, code: int, doing: str) -> None:
    """What a CUresult other than SUCCESS means, raised."""
    text = f"{doing}: {cuda.error_text(code)}"
    if code in Error.STICKY:
        raise DeviceLost(f"{text}\n  = help: {_STICKY_HELP}")
    helped = _HELP.get(code) if cuda.is_nvidia else None
    raise DeviceError(text + (f"\n  = help: {helped}" if helped else ""))


def device_count(cuda: Cuda) -> int:
    """How many GPUs there are. `DeviceError` when the driver is too old or does not start."""
    code = cuda.cuInit(0)
    if code == Error.NO_DEVICE:
        return 0
    if code:
        raise_error(cuda, code, "the CUDA driver does not start")
    version = out(ctypes.c_int)
    cuda.cuDriverGetVersion(ctypes.byref(version))
    if version.value < _MINIMUM:
        raise DeviceError(f"the CUDA driver is of version {_dotted(version.value)}, and kdsl needs {_dotted(_MINIMUM)}\n"
                          "  = help: update the graphics driver to R525 or later")  # fmt: skip
    count = out(ctypes.c_int)
    code = cuda.cuDeviceGetCount(ctypes.byref(count))
    if code:
        raise_error(cuda, code, "counting GPUs")
    return count.value


def _dotted(version: int) -> str:
    return f"{version // 1000}.{version % 1000 // 10}"


def driver_version(cuda: Cuda) -> str:
    """Of CUDA, as in "13.0"."""
    version = out(ctypes.c_int)
    cuda.cuDriverGetVersion(ctypes.byref(version))
    return _dotted(version.value)


def _attribute(cuda: Cuda, device: int, which: int) -> int:
    value = out(ctypes.c_int)
    code = cuda.cuDeviceGetAttribute(ctypes.byref(value), which, device)
    if code:
        raise_error(cuda, code, "asking what the GPU can do")
    return value.value


def describe(cuda: Cuda, index: int) -> str:
    """GPU number `index` in words. Needs no context, which takes some hundred milliseconds to make."""
    device, text, total = out(ctypes.c_int), ctypes.create_string_buffer(256), out(ctypes.c_size_t)
    code = cuda.cuDeviceGet(ctypes.byref(device), index) or cuda.cuDeviceGetName(text, len(text), device)
    code = code or cuda.cuDeviceTotalMem_v2(ctypes.byref(total), device)
    if code:
        raise_error(cuda, code, f"asking what GPU {index} is")
    a = Attribute
    major, minor, count = [_attribute(cuda, device.value, which) for which in
                           (a.COMPUTE_CAPABILITY_MAJOR, a.COMPUTE_CAPABILITY_MINOR, a.MULTIPROCESSOR_COUNT)]  # fmt: skip
    return (f"{text.value.decode(errors='replace')}, compute capability {major}.{minor}, {count} multiprocessors, "
            f"{total.value / 2**30:.1f} GiB, driver of CUDA {driver_version(cuda)}")  # fmt: skip


class Context:
    """A GPU with its primary context. `handle` is the CUcontext."""

    def __init__(self, cuda: Cuda, index: int, handle: int = 0) -> None:
        """handle: a context of another library's on this GPU, in place of the primary one."""
        count = device_count(cuda)
        if index >= count:
            there = f"{count} GPU{'s' * (count != 1)}" if count else "no GPU"
            raise DeviceError(f"there is no GPU number {index}: the CUDA driver sees {there}\n  = help: {_HELP[Error.NO_DEVICE]}")
        self.cuda = cuda
        self.index = index
        device, primary = out(ctypes.c_int), out()
        self.check(cuda.cuDeviceGet(ctypes.byref(device), index), f"opening GPU {index}")
        self.device: int = device.value
        if not handle:
            self.check(cuda.cuDevicePrimaryCtxRetain(ctypes.byref(primary), self.device), f"opening GPU {index}")
        self.handle: int = handle or primary.value or 0

    def check(self, code: int, doing: str) -> None:
        if code:
            raise_error(self.cuda, code, doing)

    def enter(self) -> int | None:
        """Make the context current in this thread; what was current before, or None if it was this one."""
        before = ctypes.c_void_p()
        self.check(self.cuda.cuCtxGetCurrent(ctypes.byref(before)), "asking for the current context")
        if before.value == self.handle:
            return None
        self.check(self.cuda.cuCtxSetCurrent(self.handle), "making the context current")
        return before.value or 0

    def leave(self, before: int | None) -> None:
        """Undo `enter`. A thread that had no context keeps this one: the next call finds it."""
        if before:
            self.cuda.cuCtxSetCurrent(before)

    @contextmanager
    def current(self) -> Iterator[None]:
        before = self.enter()
        try:
            yield
        finally:
            self.leave(before)

    def call(self, name: str, *arguments: Any, doing: str = "") -> None:
        """A driver function in this context."""
        self.checked(getattr(self.cuda, name), arguments, doing or name)

    def checked(self, function: Callable[..., int], arguments: tuple[Any, ...], doing: str) -> None:
        before = self.enter()
        try:
            code = function(*arguments)
        finally:
            self.leave(before)
        if code:
            raise_error(self.cuda, code, doing)

    def attribute(self, which: int) -> int:
        return _attribute(self.cuda, self.device, which)

    @property
    def capability(self) -> tuple[int, int]:
        return self.attribute(Attribute.COMPUTE_CAPABILITY_MAJOR), self.attribute(Attribute.COMPUTE_CAPABILITY_MINOR)

    @property
    def driver_version(self) -> str:
        return driver_version(self.cuda)
