"""Metal through the Objective-C runtime and ctypes: every message that kdsl sends to it, as methods of one class.

One idea: an object is its address, an int. What `new...` gives belongs to the caller, who says `release`; what Metal only lends
is retained here first, so that it is the same for all. The stand-in of the tests is a class with these methods, so that only
this file waits for a Mac.

After Metal.framework's headers of macOS 14 (MTLDevice.h, MTLComputeCommandEncoder.h, MTLBlitCommandEncoder.h, MTLEvent.h), Apple's
"Objective-C Runtime" reference, and dispatch/data.h.
"""

from __future__ import annotations

import ctypes
import mmap
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

from ...diagnostics import DeviceError

__all__ = ["Failure", "Metal", "Size", "load", "use_library"]

_P, _U = ctypes.c_void_p, ctypes.c_uint64
_STORAGE_SHARED = 0  # MTLResourceStorageModeShared: one memory for the CPU and the GPU
_STATUS_ERROR = 5  # MTLCommandBufferStatusError
_USAGE_READ_WRITE = 3
_VERSIONS = ((15, "3.2"), (14, "3.1"), (13, "3.0"), (12, "2.4"))  # macOS, and the language that came with it


class Failure(IntEnum):
    """MTLCommandBufferError."""

    INTERNAL = 1
    TIMEOUT = 2
    PAGE_FAULT = 3
    ACCESS_REVOKED = 4
    NOT_PERMITTED = 7
    OUT_OF_MEMORY = 8
    INVALID_RESOURCE = 9
    DEVICE_REMOVED = 11
    STACK_OVERFLOW = 12


def _there(made: int, what: str) -> int:
    """What Metal made. It makes nothing where memory has run out, or the GPU is gone."""
    if not made:
        raise DeviceError(f"Metal makes no {what}\n  = help: close what else uses the GPU, and drop streams that are not needed")
    return made


class Size(ctypes.Structure):
    """MTLSize."""

    _fields_ = (("width", _U), ("height", _U), ("depth", _U))


class _Range(ctypes.Structure):
    """NSRange."""

    _fields_ = (("location", _U), ("length", _U))


# What a compute encoder is told: the message, and the types of its arguments.
_STEPS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "pipeline": ("setComputePipelineState:", (_P,)),
    "buffer": ("setBuffer:offset:atIndex:", (_P, _U, _U)),
    "offset": ("setBufferOffset:atIndex:", (_U, _U)),
    "bytes": ("setBytes:length:atIndex:", (ctypes.c_char_p, _U, _U)),
    "resource": ("useResource:usage:", (_P, _U)),
    "launch": ("dispatchThreadgroups:threadsPerThreadgroup:", (Size, Size)),
}


class Metal:
    """Metal.framework."""

    def __init__(self) -> None:
        ctypes.CDLL("/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics")  # the default device needs it
        self._metal = ctypes.CDLL("/System/Library/Frameworks/Metal.framework/Metal")
        self._objc = ctypes.CDLL("/usr/lib/libobjc.dylib")
        self._system = ctypes.CDLL("/usr/lib/libSystem.B.dylib")
        self._system.dispatch_data_create.restype = _P
        self._system.dispatch_data_create.argtypes = [ctypes.c_char_p, ctypes.c_size_t, _P, _P]
        self._system.dispatch_release.argtypes = [_P]
        self._objc.sel_registerName.restype = self._objc.objc_getClass.restype = _P
        self._objc.objc_autoreleasePoolPush.restype = _P
        self._objc.objc_autoreleasePoolPop.argtypes = [_P]
        self._metal.MTLCopyAllDevices.restype = self._metal.MTLCreateSystemDefaultDevice.restype = _P
        self._address = ctypes.cast(self._objc.objc_msgSend, _P).value or 0
        self._selectors: dict[str, int] = {}
        self._prototypes: dict[tuple[Any, ...], Any] = {}

    # Messages

    def _send(self, to: int, message: str, *args: Any, gives: Any = _P, takes: Sequence[Any] = ()) -> Any:
        """A message with its arguments' types (pointers where they are not given)."""
        found = self._prototype(gives, tuple(takes) or (_P,) * len(args))(to, self._selector(message), *args)
        return (found or 0) if gives is _P else found

    def _selector(self, message: str) -> int:
        selector = self._selectors.get(message)
        if selector is None:
            selector = self._selectors[message] = self._objc.sel_registerName(message.encode())
        return selector

    def _prototype(self, gives: Any, takes: tuple[Any, ...]) -> Any:
        prototype = self._prototypes.get((gives, takes))
        if prototype is None:
            prototype = self._prototypes[gives, takes] = ctypes.CFUNCTYPE(gives, _P, _P, *takes)(self._address)
        return prototype

    @contextmanager
    def pool(self) -> Iterator[None]:
        """What is only lent inside is given up at its end."""
        pool = self._objc.objc_autoreleasePoolPush()
        try:
            yield
        finally:
            self._objc.objc_autoreleasePoolPop(pool)

    def _class(self, name: str) -> int:
        return self._objc.objc_getClass(name.encode())

    def _string(self, text: str) -> int:
        return self._send(self._class("NSString"), "stringWithUTF8String:", text.encode(), takes=(ctypes.c_char_p,))

    def _text(self, string: int) -> str:
        found = self._send(string, "UTF8String", gives=ctypes.c_char_p) if string else None
        return found.decode(errors="replace") if found else ""

    def _made(self, made: int, error: ctypes.c_void_p, doing: str) -> int:
        if not made:
            why = self._text(self._send(error.value or 0, "localizedDescription")) if error.value else "no reason given"
            lines = "\n".join([f"  {line}" for line in why.strip().splitlines()[:12]])
            raise DeviceError(f"{doing}:\n{lines}")
        return made

    def retain(self, it: int) -> int:
        return self._send(it, "retain")

    def release(self, it: int) -> None:
        self._send(it, "release", gives=None)

    # Devices

    def language(self) -> str:
        """The newest version of the language that this system compiles."""
        major = int(platform.mac_ver()[0].split(".")[0] or 0)
        return next((version for system, version in _VERSIONS if major >= system), "")

    def devices(self) -> list[int]:
        with self.pool():
            listed = self._metal.MTLCopyAllDevices()
            count = self._send(listed, "count", gives=_U) if listed else 0
            found = [self.retain(self._send(listed, "objectAtIndex:", k, takes=(_U,))) for k in range(count)]
            if not found:
                default = self._metal.MTLCreateSystemDefaultDevice()
                found = [default] if default else []
            return found

    def name(self, device: int) -> str:
        with self.pool():
            return self._text(self._send(device, "name"))

    def memory_bytes(self, device: int) -> tuple[int, int]:
        """(what this process has of it, what it should have at most)."""
        return (self._send(device, "currentAllocatedSize", gives=_U),
                self._send(device, "recommendedMaxWorkingSetSize", gives=_U))  # fmt: skip

    def is_of_family(self, device: int, family: int) -> bool:
        """Whether a GPU has what a family of them has (`MTLGPUFamily`)."""
        return self._send(device, "supportsFamily:", family, gives=ctypes.c_bool, takes=(ctypes.c_int64,))

    def threadgroup_bytes(self, device: int) -> int:
        return self._send(device, "maxThreadgroupMemoryLength", gives=_U)

    def threadgroup_size(self, device: int) -> tuple[int, int, int]:
        size = self._send(device, "maxThreadsPerThreadgroup", gives=Size)
        return size.width, size.height, size.depth

    # Memory

    def new_buffer(self, device: int, size_bytes: int) -> int:
        return self._send(device, "newBufferWithLength:options:", size_bytes, _STORAGE_SHARED, takes=(_U, _U))

    def page_bytes(self) -> int:
        """What a buffer over memory that is there already must begin at, and have, a multiple of."""
        return mmap.PAGESIZE

    def new_buffer_over(self, device: int, address: int, size_bytes: int) -> int:
        """A buffer of whole pages that are there already; 0 where Metal does not take them. They must outlive it."""
        message = "newBufferWithBytesNoCopy:length:options:deallocator:"
        return self._send(device, message, address, size_bytes, _STORAGE_SHARED, None, takes=(_P, _U, _U, _P))

    def contents(self, buffer: int) -> int:
        """Where the CPU sees it; 0 where it does not."""
        return self._send(buffer, "contents")

    def buffer_bytes(self, buffer: int) -> int:
        return self._send(buffer, "length", gives=_U)

    def is_of(self, buffer: int, device: int) -> bool:
        """Whether a buffer, which may be another library's, is this device's."""
        theirs = self._send(buffer, "device")
        return theirs == device or self._registry_id(theirs) == self._registry_id(device)

    def _registry_id(self, device: int) -> int:
        return self._send(device, "registryID", gives=_U)

    def gpu_address(self, buffer: int) -> int:
        return self._send(buffer, "gpuAddress", gives=_U)

    # Code

    def new_library(self, device: int, text: str, version: str) -> int:
        with self.pool():
            options = self._send(self._send(self._class("MTLCompileOptions"), "alloc"), "init")
            major, _, minor = version.partition(".")
            self._send(options, "setLanguageVersion:", (int(major) << 16) + int(minor), gives=None, takes=(_U,))
            self._send(options, "setFastMathEnabled:", 0, gives=None, takes=(ctypes.c_bool,))
            error = _P()
            made = self._send(device, "newLibraryWithSource:options:error:", self._string(text), options, ctypes.byref(error))
            self.release(options)
            return self._made(made, error, "Metal does not compile the text")

    def new_library_of(self, device: int, data: bytes) -> int:
        """A library that `metallib` made."""
        with self.pool():
            held = self._system.dispatch_data_create(data, len(data), None, None)  # a copy
            error = _P()
            made = self._send(device, "newLibraryWithData:error:", held, ctypes.byref(error))
            self._system.dispatch_release(held)
            return self._made(made, error, "Metal does not load the library")

    def new_pipeline(self, device: int, library: int, name: str) -> int:
        with self.pool():
            function = self._send(library, "newFunctionWithName:", self._string(name))
            if not function:
                raise DeviceError(f"Metal's library has no function {name!r}")
            error = _P()
            made = self._send(device, "newComputePipelineStateWithFunction:error:", function, ctypes.byref(error))
            self.release(function)
            return self._made(made, error, f"Metal makes no pipeline of {name!r}")

    def pipeline_facts(self, pipeline: int) -> tuple[int, int, int]:
        """(threads of a block at most, lanes of a SIMD group, bytes of shared memory)."""
        return (self._send(pipeline, "maxTotalThreadsPerThreadgroup", gives=_U),
                self._send(pipeline, "threadExecutionWidth", gives=_U),
                self._send(pipeline, "staticThreadgroupMemoryLength", gives=_U))  # fmt: skip

    # Work

    def new_queue(self, device: int) -> int:
        return _there(self._send(device, "newCommandQueue"), "command queue")

    def new_event(self, device: int) -> int:
        return _there(self._send(device, "newSharedEvent"), "shared event")

    def event_value(self, event: int) -> int:
        return self._send(event, "signaledValue", gives=_U)

    def set_event_value(self, event: int, value: int) -> None:
        """From the host. An event that is further on stays where it is."""
        self._send(event, "setSignaledValue:", value, gives=None, takes=(_U,))

    def commands(self, queue: int) -> int:
        """A new command buffer."""
        with self.pool():
            return self.retain(_there(self._send(queue, "commandBuffer"), "command buffer"))

    def compute(self, commands: int) -> int:
        """An encoder of launches that run one after the other."""
        with self.pool():
            return self.retain(_there(self._send(commands, "computeCommandEncoder"), "encoder"))

    def blit(self, commands: int) -> int:
        """An encoder of copies."""
        with self.pool():
            return self.retain(_there(self._send(commands, "blitCommandEncoder"), "encoder"))

    def end(self, encoder: int) -> None:
        self._send(encoder, "endEncoding", gives=None)
        self.release(encoder)

    def step(self, what: str, *args: Any) -> tuple[Any, ...]:
        """A message for a compute encoder, ready to be sent by `play` any number of times.

        "pipeline" (pipeline), "buffer" (buffer, offset, index), "offset" (of the buffer that is there, index), "bytes" (data,
        index), "resource" (a buffer that a launch only names by address), "launch" (blocks, threads of a block).
        """
        message, takes = _STEPS[what]
        if what == "bytes":
            args = (args[0], len(args[0]), args[1])
        elif what == "resource":
            args = (*args, _USAGE_READ_WRITE)
        elif what == "launch":
            args = (Size(*args[0]), Size(*args[1]))
        return (self._prototype(None, takes), self._selector(message), *args)

    def play(self, encoder: int, steps: Sequence[tuple[Any, ...]]) -> None:
        """Send messages. What one sets stays for those behind it in the same encoder."""
        for prototype, *arguments in steps:
            prototype(encoder, *arguments)

    def copy(self, encoder: int, source: int, at: int, to: int, offset: int, size_bytes: int) -> None:
        message = "copyFromBuffer:sourceOffset:toBuffer:destinationOffset:size:"
        self._send(encoder, message, source, at, to, offset, size_bytes, gives=None, takes=(_P, _U, _P, _U, _U))

    def fill(self, encoder: int, to: int, offset: int, size_bytes: int, value: int) -> None:
        self._send(encoder, "fillBuffer:range:value:", to, _Range(offset, size_bytes), value, gives=None,
                   takes=(_P, _Range, ctypes.c_uint8))  # fmt: skip

    def signal(self, commands: int, event: int, value: int) -> None:
        self._send(commands, "encodeSignalEvent:value:", event, value, gives=None, takes=(_P, _U))

    def wait_for(self, commands: int, event: int, value: int) -> None:
        self._send(commands, "encodeWaitForEvent:value:", event, value, gives=None, takes=(_P, _U))

    def commit(self, commands: int) -> None:
        self._send(commands, "commit", gives=None)

    def finish(self, commands: int) -> None:
        """Wait for committed commands."""
        self._send(commands, "waitUntilCompleted", gives=None)

    def error(self, commands: int) -> tuple[int, str]:
        """Why committed commands failed: one of `Failure`, 0 where they have not, and Metal's words."""
        if self._send(commands, "status", gives=_U) != _STATUS_ERROR:
            return 0, ""
        with self.pool():
            error = self._send(commands, "error")
            if not error:
                return Failure.INTERNAL, "no reason given"
            is_known = self._text(self._send(error, "domain")) == "MTLCommandBufferErrorDomain"
            code = self._send(error, "code", gives=ctypes.c_int64) if is_known else Failure.INTERNAL
            return code, self._text(self._send(error, "localizedDescription")) or "no reason given"

    def end_seconds(self, commands: int) -> float:
        """When finished commands ended, on the GPU's clock."""
        return self._send(commands, "GPUEndTime", gives=ctypes.c_double)


_library: Metal | None = None


def use_library(library: Any) -> None:
    """What `load` gives from now on; None to look for Metal again."""
    global _library
    _library = library


def load() -> Metal:
    """This Mac's Metal. `DeviceError` with the reason where there is none."""
    global _library
    if _library is None:
        if sys.platform != "darwin":
            raise DeviceError("no Metal: this is no Mac")
        try:
            _library = Metal()
        except OSError as e:
            raise DeviceError(f"no Metal: {e}") from None
    return _library


