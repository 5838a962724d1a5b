"""One OpenCL device, as a driver that `kdsl.runtime.asynchronous` makes a device of.

One idea: see `kdsl.runtime.opencl`.
"""

from __future__ import annotations

from typing import Any

from ...artifact import Artifact, Entry
from ...diagnostics import DeviceError
from ..asynchronous import AsyncDevice
from ..driver import Adopted, Driver, Memory
from ..registry import Found, opened
from .memory import Addresses
from .platforms import listed, pyopencl, reason_against, target_of, text_of
from .program import Module, build
from .queue import Code, OpenCLQueue

__all__ = ["OpenCLDriver", "device_holding", "list_devices", "open_device"]


class OpenCLDriver(Driver):
    """See `driver.Driver`."""

    formats = ("spirv",)

    def __init__(self, device: Any, context: Any = None) -> None:
        """context: somebody's, whose buffers are to be shared; else a new one."""
        self.cl = pyopencl()
        self.device = device
        self.target, self.limits = target_of(device)
        self.description = text_of(device)
        self.context = self.cl.Context([device]) if context is None else context
        self.addresses = Addresses()

    def allocate(self, size_bytes: int, memory: str) -> Memory:
        if size_bytes > self.device.max_mem_alloc_size:
            raise MemoryError
        try:
            buffer = self.cl.Buffer(self.context, self.cl.mem_flags.READ_WRITE, size_bytes)
        except (self.cl.MemoryError, MemoryError):
            raise MemoryError from None
        return self.addresses.place(buffer, size_bytes, memory)

    def free(self, memory: Memory) -> None:
        self.addresses.drop(memory)
        memory.handle.release()

    def queue(self) -> OpenCLQueue:
        return OpenCLQueue(self)

    def load(self, artifact: Artifact) -> Module:
        return build(self.context, self.device, artifact)

    def prepare(self, module: Module, artifact: Artifact, entry: Entry) -> Code:
        return Code(module, entry)

    def memory_info(self) -> tuple[int, int]:
        return (0, self.device.global_mem_size)

    def adopt(self, value: object) -> Adopted | None:
        """`pyopencl.array.Array` of this very context."""
        array: Any = value
        data: Any = getattr(array, "base_data", None)
        if not isinstance(data, self.cl.MemoryObject) or data.context != self.context:
            return None
        stream = array.queue.int_ptr if array.queue is not None else 0
        return Adopted(self.addresses.adopted(data, array.offset), array.shape, array.strides, array.dtype, stream)

    def adopt_queue(self, stream: object) -> OpenCLQueue | None:
        """A `pyopencl.CommandQueue` of this context, or its cl_command_queue as a number."""
        given: Any = stream
        if isinstance(given, int) and not isinstance(given, bool):
            given = self.cl.CommandQueue.from_int_ptr(given, True)
        if not isinstance(given, self.cl.CommandQueue) or getattr(given, "context", None) != self.context:
            return None
        return OpenCLQueue(self, given)


_by_context: dict[int, AsyncDevice] = {}


def device_holding(array: Any) -> AsyncDevice | None:
    """The device of kdsl's that shares the context of a `pyopencl.array.Array`; made where there is none yet."""
    context = getattr(getattr(array, "base_data", None), "context", None)
    if context is None:
        return None
    found = _by_context.get(context.int_ptr)
    if found is None:
        ours: list[Any] = [d for _, d in opened() if isinstance(getattr(d, "driver", None), OpenCLDriver)]
        found = next((d for d in ours if d.driver.context == context), None)
        if found is None:
            device = context.devices[0]
            if reason_against(device):
                return None
            # A name of its own: code is kept by the device's name, and belongs to a context.
            found = AsyncDevice(f"opencl@{len(_by_context) + 1}", OpenCLDriver(device, context))
        _by_context[context.int_ptr] = found
    return found


def list_devices() -> list[Found]:
    """Every device, the best first; `DeviceError` where OpenCL has none."""
    cl, found = pyopencl(), listed()
    if not found:
        raise DeviceError("OpenCL is here, but no device\n  = help: install your device's driver, or Debian's pocl-opencl-icd")
    return [Found(f"opencl:{i}" if i else "opencl", text_of(d), not d.type & cl.device_type.GPU, reason_against(d))
            for i, d in enumerate(found)]  # fmt: skip


def open_device(index: int) -> AsyncDevice:
    """The device with this number in the list. `DeviceError` where it is not there or cannot run kernels."""
    found = listed()
    if index >= len(found):
        what = f"there are {len(found)}" if found else "there is none"
        raise DeviceError(f"there is no device opencl:{index}: {what}\n  = help: `kdsl doctor` lists the devices")
    reason = reason_against(found[index])
    if reason:
        raise DeviceError(f"{found[index].name.strip()} cannot run kernels: {reason}\n"
                          "  = help: a newer driver, or llvm-spirv of your LLVM's version (Debian: llvm-spirv-15)")  # fmt: skip
    return AsyncDevice(f"opencl:{index}" if index else "opencl", OpenCLDriver(found[index]))
