"""A CUDA driver made of Python: the functions of `kdsl.runtime.bindings.cuda`, at addresses of their own.

One idea: it is as late and as literal as a driver may be. Work waits in its stream until somebody waits for it (a query
says NOT_READY at first), pinned memory is read when the copy runs and not when it was asked for, an address is
checked against what is allocated at that moment, and a call without a current context fails. So a runtime that forgets
to wait, frees too early or leans on the order of two streams gives wrong results here every time, not one time in a
thousand. Kernels are run by an executor that a test passes: `execute(module, entry, arguments, launch)`.

    with standin(execute=...) as machine:
        kdsl.device("cuda")
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kdsl.runtime.bindings import cuda as bindings
from kdsl.runtime.bindings.cuda import Attribute, Error, FunctionAttribute, Jit, KernelNodeParams

__all__ = ["Launched", "Machine", "standin"]

_TEXTS = {
    Error.INVALID_VALUE: ("CUDA_ERROR_INVALID_VALUE", "invalid argument"),
    Error.OUT_OF_MEMORY: ("CUDA_ERROR_OUT_OF_MEMORY", "out of memory"),
    Error.NOT_INITIALIZED: ("CUDA_ERROR_NOT_INITIALIZED", "initialization error"),
    Error.NO_DEVICE: ("CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"),
    Error.INVALID_CONTEXT: ("CUDA_ERROR_INVALID_CONTEXT", "invalid device context"),
    Error.INVALID_PTX: ("CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"),
    Error.UNSUPPORTED_PTX_VERSION: ("CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
                                    "the provided PTX was compiled with an unsupported toolchain."),
    Error.INVALID_HANDLE: ("CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"),
    Error.NOT_FOUND: ("CUDA_ERROR_NOT_FOUND", "named symbol not found"),
    Error.NOT_READY: ("CUDA_ERROR_NOT_READY", "device not ready"),
    Error.ILLEGAL_ADDRESS: ("CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"),
    Error.LAUNCH_OUT_OF_RESOURCES: ("CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"),
}  # fmt: skip
_STATIC_SHARED = 48 << 10
_ARENA = 512 << 20


class Fail(Exception):
    """A call's result that is not SUCCESS."""

    def __init__(self, code: int) -> None:
        super().__init__(_TEXTS.get(code, (str(code), ""))[0])
        self.code = code


@dataclass
class Launched:
    """What an executor is told of one launch. `memory(address, size)` is the device's memory there, or raises."""

    grid: tuple[int, int, int]
    block: tuple[int, int, int]
    dynamic_shared_bytes: int
    memory: Callable[[int, int], np.ndarray]


Execute = Callable[[str, str, bytes, Launched], None]


class Arena:
    """All memory that kernels see: one stretch of it, so that an executor may index it from `base`. valid: a mark for each
    byte that is allocated. Neighbours lie a gap apart, which nothing may touch."""

    GAP = 256

    def __init__(self, size: int) -> None:
        raw = np.zeros(size + 512, np.uint8)  # pages that nobody touches cost nothing
        at = -raw.__array_interface__["data"][0] % 256
        self.data = raw[at : at + size]
        self.valid = np.zeros(size, bool)
        self.base: int = self.data.__array_interface__["data"][0]
        self.holes: list[tuple[int, int]] = [(self.GAP, size - self.GAP)]  # (start, bytes), in order

    def take(self, size: int) -> int | None:
        """Where a new piece starts."""
        needed = -(-size // 256) * 256 + self.GAP
        for k, (start, there) in enumerate(self.holes):
            if there >= needed:
                self.holes[k : k + 1] = [(start + needed, there - needed)] if there > needed else []
                self.data[start : start + size] = 0xA5  # what nobody wrote is not zero
                self.valid[start : start + size] = True
                return start
        return None

    def give(self, start: int, size: int) -> None:
        self.data[start : start + size] = 0xDD  # what is read after it was freed is rubbish
        self.valid[start : start + size] = False
        holes: list[tuple[int, int]] = []
        for begin, there in sorted([*self.holes, (start, -(-size // 256) * 256 + self.GAP)]):
            if holes and sum(holes[-1]) == begin:
                holes[-1] = (holes[-1][0], holes[-1][1] + there)
            else:
                holes.append((begin, there))
        self.holes = holes


@dataclass
class _Memory:
    bytes: np.ndarray
    kind: str  # "device", "managed", "pinned"
    context: int = 0


@dataclass
class _Stream:
    number: int
    blocking: bool
    waiting: list[tuple[Callable[[], None], list[tuple[_Stream, int]]]] = field(default_factory=list)
    done: int = 0

    @property
    def given(self) -> int:
        return self.done + len(self.waiting)


@dataclass
class _Event:
    timing: bool
    stream: _Stream | None = None
    at: int = 0
    time_ms: float = -1.0
    queries: int = 0


@dataclass
class _Function:
    module: str
    name: str
    context: int
    most_dynamic: int = _STATIC_SHARED
    static_shared: int = 0


@dataclass
class _Node:
    params: tuple[_Function, tuple[int, ...], bytes]
    after: list[int]


@dataclass
class _Graph:
    nodes: dict[int, _Node] = field(default_factory=dict)


def _launch_bytes(extra: int) -> bytes:
    """The argument block that an `extra` array names."""
    words = ctypes.cast(extra, ctypes.POINTER(ctypes.c_uint64))
    at, where, size = 0, 0, 0
    while words[at] != bindings.LAUNCH_PARAM_END:
        if words[at] == bindings.LAUNCH_PARAM_BUFFER_POINTER:
            where = words[at + 1]
        elif words[at] == bindings.LAUNCH_PARAM_BUFFER_SIZE:
            size = ctypes.c_size_t.from_address(words[at + 1]).value
        else:
            raise Fail(Error.INVALID_VALUE)
        at += 2
    return ctypes.string_at(where, size)


def _put(where: int, value: int, kind: Any = ctypes.c_uint64) -> None:
    kind.from_address(where).value = value


class Machine:
    """One GPU, its driver, and counts of what was asked of them (`calls`)."""

    def __init__(self, execute: Execute, *, memory_bytes: int = 1 << 30, capability: tuple[int, int] = (9, 0), devices: int = 1,
                 driver: int = 13000, shared_optin: int = 227 << 10, static_shared: Callable[[str, str], int] | None = None,
                 missing: tuple[str, ...] = ()) -> None:  # fmt: skip
        self.execute = execute
        self.memory_bytes = memory_bytes
        self.capability = capability
        self.devices = devices
        self.driver = driver
        self.shared_optin = shared_optin
        self.static_shared = static_shared or (lambda module, name: 0)
        self.missing = missing
        self.calls: dict[str, int] = {}
        self.broken = 0  # the sticky error
        self.pid = os.getpid()
        self.context = threading.local()
        self.lock = threading.RLock()
        self.clock_ms = 0.0
        self.arena = Arena(_ARENA)
        self.memory: dict[int, _Memory] = {}
        self.used = 0
        self.handles: dict[int, Any] = {}
        self.next_handle = 0x1000
        self.streams: dict[int, _Stream] = {0: _Stream(0, True)}
        self.streams[bindings.STREAM_LEGACY] = self.streams[0]
        self.streams[bindings.STREAM_PER_THREAD] = _Stream(2, True)
        self.libraries: dict[str, Any] = {}
        self.info_log = "ptxas info    : Used 16 registers"

    # --- as a library ---

    def address_of(self, name: str) -> int:
        if name in self.missing:
            return 0
        if name not in self.libraries:
            codes = bindings.FUNCTIONS[name]
            prototype = ctypes.CFUNCTYPE(ctypes.c_int, *[bindings._CODES[c] for c in codes])
            self.libraries[name] = prototype(self._guarded(name))
        return ctypes.cast(self.libraries[name], ctypes.c_void_p).value or 0

    def _guarded(self, name: str) -> Callable[..., int]:
        body = getattr(self, name)
        free = ("cuInit", "cuGetErrorName", "cuGetErrorString", "cuDriverGetVersion")
        contextless = (*free, "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetName", "cuDeviceGetAttribute", "cuDeviceTotalMem_v2",
                       "cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRelease_v2", "cuCtxGetCurrent", "cuCtxSetCurrent",
                       "cuDeviceGetDefaultMemPool", "cuMemPoolSetAttribute", "cuMemPoolTrimTo")  # fmt: skip

        def call(*given: Any) -> int:
            with self.lock:
                self.calls[name] = self.calls.get(name, 0) + 1
                if os.getpid() != self.pid and name not in free:
                    return Error.NOT_INITIALIZED
                if name not in contextless:
                    if self.broken:
                        return self.broken
                    if not getattr(self.context, "current", 0):
                        return Error.INVALID_CONTEXT
                try:
                    return body(*[0 if g is None else g for g in given]) or 0
                except Fail as e:
                    if e.code in Error.STICKY:
                        self.broken = e.code
                    return e.code

        return call

    # --- the inside ---

    def new_handle(self, what: Any) -> int:
        self.next_handle += 16
        self.handles[self.next_handle] = what
        return self.next_handle

    def get(self, handle: int, kind: type) -> Any:
        found = self.handles.get(handle)
        if not isinstance(found, kind):
            raise Fail(Error.INVALID_HANDLE)
        return found

    def stream(self, handle: int) -> _Stream:
        found = self.streams.get(handle)
        if found is None:
            raise Fail(Error.INVALID_HANDLE)
        return found

    def allocate(self, size: int, kind: str) -> int:
        if size <= 0:
            raise Fail(Error.INVALID_VALUE)
        if kind != "pinned" and self.used + size > self.memory_bytes:
            raise Fail(Error.OUT_OF_MEMORY)
        start = self.arena.take(size)
        if start is None:
            raise Fail(Error.OUT_OF_MEMORY)
        address = self.arena.base + start
        self.memory[address] = _Memory(self.arena.data[start : start + size], kind, getattr(self.context, "current", 0))
        self.used += size if kind != "pinned" else 0
        return address

    def release(self, address: int) -> None:
        found = self.memory.pop(address, None)
        if found is None:
            raise Fail(Error.INVALID_VALUE)
        self.arena.give(address - self.arena.base, found.bytes.size)
        self.used -= found.bytes.size if found.kind != "pinned" else 0

    def find(self, address: int, size: int) -> tuple[_Memory, int] | None:
        for base, memory in self.memory.items():
            if base <= address and address + size <= base + memory.bytes.size:
                return memory, address - base
        return None

    def view(self, address: int, size: int) -> np.ndarray:
        """Memory that kernels and copies see, or a fault."""
        found = self.find(address, size)
        if found is None:
            raise Fail(Error.ILLEGAL_ADDRESS)
        memory, at = found
        return memory.bytes[at : at + size]

    def give(self, handle: int, work: Callable[[], None], after: list[tuple[_Stream, int]] | None = None) -> None:
        """Put work at the end of a stream. The legacy stream and blocking ones wait for each other."""
        stream = self.stream(handle)
        after = list(after or [])
        legacy = self.streams[0]
        if stream is legacy:
            after += [(s, s.given) for s in self.streams.values() if s.blocking and s is not legacy]
        elif stream.blocking:
            after.append((legacy, legacy.given))
        stream.waiting.append((work, after))

    def run(self, stream: _Stream, until: int) -> None:
        while stream.done < until:
            if self.broken:
                raise Fail(self.broken)
            work, after = stream.waiting[0]
            for other, count in after:
                if other is not stream:
                    self.run(other, count)
            if stream.waiting and stream.waiting[0][0] is work:
                stream.waiting.pop(0)
                stream.done += 1
                self.clock_ms += 0.001
                try:
                    work()
                except Fail as e:
                    if e.code in Error.STICKY:
                        self.broken = e.code
                    raise

    def run_all(self) -> None:
        for stream in list(self.streams.values()):
            self.run(stream, stream.given)

    # --- the driver API ---

    def cuInit(self, flags: int) -> int:
        return Error.NO_DEVICE if not self.devices else 0

    def cuDriverGetVersion(self, out: int) -> None:
        _put(out, self.driver, ctypes.c_int)

    def _text(self, code: int, out: int, part: int) -> int:
        texts = _TEXTS.get(code)
        if texts is None:
            _put(out, 0)
            return Error.INVALID_VALUE
        held = self.libraries.setdefault(f"text {code} {part}", ctypes.create_string_buffer(texts[part].encode()))
        _put(out, ctypes.addressof(held))
        return 0

    def cuGetErrorName(self, code: int, out: int) -> int:
        return self._text(code, out, 0)

    def cuGetErrorString(self, code: int, out: int) -> int:
        return self._text(code, out, 1)

    def cuDeviceGetCount(self, out: int) -> None:
        _put(out, self.devices, ctypes.c_int)

    def cuDeviceGet(self, out: int, index: int) -> None:
        if index >= self.devices:
            raise Fail(Error.INVALID_VALUE)
        _put(out, index, ctypes.c_int)

    def cuDeviceGetName(self, out: int, size: int, device: int) -> None:
        ctypes.memmove(out, b"Stand-in GPU\0", min(size, 13))

    def cuDeviceTotalMem_v2(self, out: int, device: int) -> None:
        _put(out, self.memory_bytes)

    def cuDeviceGetAttribute(self, out: int, attribute: int, device: int) -> None:
        known = {
            Attribute.MAX_THREADS_PER_BLOCK: 1024, Attribute.MAX_BLOCK_DIM_X: 1024, Attribute.MAX_BLOCK_DIM_Y: 1024,
            Attribute.MAX_BLOCK_DIM_Z: 64, Attribute.MAX_GRID_DIM_X: 2**31 - 1, Attribute.MAX_GRID_DIM_Y: 65535,
            Attribute.MAX_GRID_DIM_Z: 65535, Attribute.MAX_SHARED_MEMORY_PER_BLOCK: _STATIC_SHARED, Attribute.WARP_SIZE: 32,
            Attribute.MULTIPROCESSOR_COUNT: 2, Attribute.CAN_MAP_HOST_MEMORY: 1, Attribute.MANAGED_MEMORY: 1,
            Attribute.COMPUTE_CAPABILITY_MAJOR: self.capability[0], Attribute.COMPUTE_CAPABILITY_MINOR: self.capability[1],
            Attribute.CONCURRENT_MANAGED_ACCESS: 1, Attribute.MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: self.shared_optin,
            Attribute.MEMORY_POOLS_SUPPORTED: 1,
        }  # fmt: skip
        _put(out, known.get(attribute, 0), ctypes.c_int)

    def cuDeviceGetDefaultMemPool(self, out: int, device: int) -> None:
        _put(out, 0x77)

    def cuMemPoolSetAttribute(self, pool: int, attribute: int, value: int) -> None:
        return

    def cuMemPoolTrimTo(self, pool: int, keep: int) -> None:
        return

    def cuDevicePrimaryCtxRetain(self, out: int, device: int) -> None:
        _put(out, 0x900 + device)

    def cuDevicePrimaryCtxRelease_v2(self, device: int) -> None:
        return

    def cuCtxGetCurrent(self, out: int) -> None:
        _put(out, getattr(self.context, "current", 0))

    def cuCtxSetCurrent(self, context: int) -> None:
        self.context.current = context

    def cuCtxSynchronize(self) -> None:
        self.run_all()

    def cuMemGetInfo_v2(self, free: int, total: int) -> None:
        _put(free, self.memory_bytes - self.used)
        _put(total, self.memory_bytes)

    def cuMemAlloc_v2(self, out: int, size: int) -> None:
        _put(out, self.allocate(size, "device"))

    def cuMemFree_v2(self, address: int) -> None:
        self.run_all()  # as the driver does
        self.release(address)

    def cuMemAllocAsync(self, out: int, size: int, stream: int) -> None:
        found = self.stream(stream)
        self.run(found, found.given)  # what was freed on this stream before is there to be given out again
        _put(out, self.allocate(size, "device"))

    def cuMemFreeAsync(self, address: int, stream: int) -> None:
        self.give(stream, lambda: self.release(address))

    def cuMemAllocManaged(self, out: int, size: int, flags: int) -> None:
        _put(out, self.allocate(size, "managed"))

    def cuMemHostAlloc(self, out: int, size: int, flags: int) -> None:
        _put(out, self.allocate(size, "pinned"))

    def cuMemFreeHost(self, address: int) -> None:
        self.run_all()
        self.release(address)

    def cuMemHostGetDevicePointer_v2(self, out: int, address: int, flags: int) -> None:
        if self.find(address, 1) is None:
            raise Fail(Error.INVALID_VALUE)
        _put(out, address)

    def cuPointerGetAttribute(self, out: int, attribute: int, address: int) -> None:
        found = self.find(address, 1)
        if found is None:
            raise Fail(Error.INVALID_VALUE)
        kind = found[0].kind
        if attribute == bindings.POINTER_CONTEXT:
            _put(out, found[0].context)
            return
        value = {
            bindings.POINTER_MEMORY_TYPE: 1 if kind == "pinned" else 2,
            bindings.POINTER_IS_MANAGED: int(kind == "managed"),
            bindings.POINTER_DEVICE_ORDINAL: 0,
        }.get(attribute)
        if value is None:
            raise Fail(Error.INVALID_VALUE)
        _put(out, value, ctypes.c_int)

    def _host(self, address: int, size: int) -> np.ndarray | None:
        """Pinned memory, which a copy looks at only when it runs."""
        found = self.find(address, size)
        return None if found is None else found[0].bytes[found[1] : found[1] + size]

    def cuMemcpyHtoDAsync_v2(self, to: int, source: int, size: int, stream: int) -> None:
        pinned = self._host(source, size)
        data = pinned if pinned is not None else np.frombuffer(ctypes.string_at(source, size), np.uint8)

        def work() -> None:
            self.view(to, size)[...] = data

        if size:
            self.give(stream, work)

    def cuMemcpyDtoHAsync_v2(self, to: int, source: int, size: int, stream: int) -> None:
        if not size:
            return
        pinned = self._host(to, size)

        def work() -> None:
            data = self.view(source, size)
            if pinned is not None:
                pinned[...] = data
            else:
                ctypes.memmove(to, data.ctypes.data, size)

        self.give(stream, work)
        if pinned is None:  # from pageable memory the driver returns when it is done
            self.run(self.stream(stream), self.stream(stream).given)

    def cuMemcpyDtoDAsync_v2(self, to: int, source: int, size: int, stream: int) -> None:
        def work() -> None:
            self.view(to, size)[...] = self.view(source, size).copy()

        if size:
            self.give(stream, work)

    def _fill(self, address: int, value: int, count: int, kind: Any, stream: int) -> None:
        def work() -> None:
            self.view(address, count * np.dtype(kind).itemsize).view(kind)[...] = value

        if address % np.dtype(kind).itemsize:
            raise Fail(Error.INVALID_VALUE)
        if count:
            self.give(stream, work)

    def cuMemsetD8Async(self, address: int, value: int, count: int, stream: int) -> None:
        self._fill(address, value, count, np.uint8, stream)

    def cuMemsetD16Async(self, address: int, value: int, count: int, stream: int) -> None:
        self._fill(address, value, count, np.uint16, stream)

    def cuMemsetD32Async(self, address: int, value: int, count: int, stream: int) -> None:
        self._fill(address, value, count, np.uint32, stream)

    # streams and events

    def cuStreamCreate(self, out: int, flags: int) -> None:
        handle = self.new_handle("stream")
        self.streams[handle] = _Stream(handle, not flags & bindings.STREAM_NON_BLOCKING)
        _put(out, handle)

    def cuStreamDestroy_v2(self, handle: int) -> None:
        stream = self.stream(handle)
        self.run(stream, stream.given)  # the driver lets the work finish
        del self.streams[handle]

    def cuStreamSynchronize(self, handle: int) -> None:
        stream = self.stream(handle)
        self.run(stream, stream.given)

    def cuStreamQuery(self, handle: int) -> int:
        return Error.NOT_READY if self.stream(handle).waiting else 0

    def cuStreamWaitEvent(self, handle: int, event: int, flags: int) -> None:
        e = self.get(event, _Event)
        if e.stream is not None:
            self.give(handle, lambda: None, [(e.stream, e.at)])

    def cuEventCreate(self, out: int, flags: int) -> None:
        _put(out, self.new_handle(_Event(not flags & bindings.EVENT_DISABLE_TIMING)))

    def cuEventDestroy_v2(self, event: int) -> None:
        self.get(event, _Event)
        del self.handles[event]

    def cuEventRecord(self, event: int, stream: int) -> None:
        e = self.get(event, _Event)

        def work() -> None:
            e.time_ms = self.clock_ms

        self.give(stream, work)
        e.stream = self.stream(stream)
        e.at, e.queries = e.stream.given, 0

    def cuEventQuery(self, event: int) -> int:
        e = self.get(event, _Event)
        if e.stream is None or e.stream.done >= e.at:
            return 0
        e.queries += 1
        if e.queries > 2:  # time passes
            self.run(e.stream, e.at)
            return 0
        return Error.NOT_READY

    def cuEventSynchronize(self, event: int) -> None:
        e = self.get(event, _Event)
        if e.stream is not None:
            self.run(e.stream, e.at)

    def cuEventElapsedTime(self, out: int, start: int, end: int) -> int:
        a, b = self.get(start, _Event), self.get(end, _Event)
        if not a.timing or not b.timing or a.stream is None or b.stream is None:
            return Error.INVALID_HANDLE
        if a.stream.done < a.at or b.stream.done < b.at:
            return Error.NOT_READY
        _put(out, b.time_ms - a.time_ms, ctypes.c_float)  # type: ignore[arg-type]
        return 0

    # code

    def cuModuleLoadDataEx(self, out: int, image: int, count: int, options: int, values: int) -> int:
        text = ctypes.string_at(image).decode(errors="replace")
        given: dict[int, int] = {}
        for k in range(count):
            option = ctypes.c_int.from_address(options + 4 * k).value
            given[option] = ctypes.c_uint64.from_address(values + 8 * k).value
        version = next((line.split()[1] for line in text.splitlines() if line.startswith(".version")), "")
        log, code = self.info_log, 0
        if not version or ".entry" not in text or "syntax error" in text:
            log = "ptxas application ptx input, line 1; fatal   : Missing .version directive at start of file"
            code = Error.INVALID_PTX
        elif float(version) > 9.0:
            log = f"Unsupported .version {version}; current version is '9.0'"
            code = Error.UNSUPPORTED_PTX_VERSION
        buffer, size = (Jit.ERROR_LOG_BUFFER, Jit.ERROR_LOG_BUFFER_SIZE_BYTES) if code else (
            Jit.INFO_LOG_BUFFER, Jit.INFO_LOG_BUFFER_SIZE_BYTES)  # fmt: skip
        if buffer in given:
            data = log.encode()[: given[size] - 1] + b"\0"
            ctypes.memmove(given[buffer], data, len(data))
        if not code:
            _put(out, self.new_handle(text))
        return code

    def cuModuleUnload(self, module: int) -> None:
        self.get(module, str)
        del self.handles[module]

    def cuModuleGetFunction(self, out: int, module: int, name: bytes) -> None:
        text = self.get(module, str)
        wanted = name.decode()
        if f".entry {wanted}(" not in text.replace(" (", "("):
            raise Fail(Error.NOT_FOUND)
        own = self.static_shared(text, wanted)
        _put(out, self.new_handle(_Function(text, wanted, getattr(self.context, "current", 0), static_shared=own)))

    def cuFuncGetAttribute(self, out: int, attribute: int, function: int) -> None:
        f = self.get(function, _Function)
        known = {FunctionAttribute.SHARED_SIZE_BYTES: f.static_shared, FunctionAttribute.NUM_REGS: 16,
                 FunctionAttribute.MAX_THREADS_PER_BLOCK: 1024, FunctionAttribute.BINARY_VERSION: 90,
                 FunctionAttribute.MAX_DYNAMIC_SHARED_SIZE_BYTES: f.most_dynamic}  # fmt: skip
        _put(out, known.get(attribute, 0), ctypes.c_int)

    def cuFuncSetAttribute(self, function: int, attribute: int, value: int) -> None:
        f = self.get(function, _Function)
        if attribute == FunctionAttribute.MAX_DYNAMIC_SHARED_SIZE_BYTES:
            if value + f.static_shared > self.shared_optin:
                raise Fail(Error.INVALID_VALUE)
            f.most_dynamic = value

    def cuOccupancyMaxActiveBlocksPerMultiprocessor(self, out: int, function: int, threads: int, dynamic: int) -> None:
        _put(out, 2048 // max(threads, 1), ctypes.c_int)

    def _checked(self, function: int, shape: tuple[int, ...], shared: int, kernel_params: int, extra: int) -> Any:
        f = self.get(function, _Function)
        limits = (2**31 - 1, 65535, 65535, 1024, 1024, 64)
        if any(not 0 < n <= most for n, most in zip(shape, limits, strict=True)) or shape[3] * shape[4] * shape[5] > 1024:
            raise Fail(Error.INVALID_VALUE)
        if shared + f.static_shared > max(f.most_dynamic, _STATIC_SHARED) or (kernel_params and extra):
            raise Fail(Error.INVALID_VALUE)
        return f, (*shape, shared), _launch_bytes(extra) if extra else b""

    def _execute(self, f: _Function, shape: tuple[int, ...], arguments: bytes) -> None:
        self.execute(f.module, f.name, arguments, Launched(shape[:3], shape[3:6], shape[6], self.view))  # type: ignore[arg-type]

    def cuLaunchKernel(self, function: int, gx: int, gy: int, gz: int, bx: int, by: int, bz: int, shared: int, stream: int,
                       kernel_params: int, extra: int) -> None:  # fmt: skip
        f, shape, data = self._checked(function, (gx, gy, gz, bx, by, bz), shared, kernel_params, extra)
        if f.context != getattr(self.context, "current", 0):
            raise Fail(Error.INVALID_HANDLE)
        self.give(stream, lambda: self._execute(f, shape, data))

    # graphs

    def cuGraphCreate(self, out: int, flags: int) -> None:
        _put(out, self.new_handle(_Graph()))

    def _node_params(self, at: int) -> Any:
        p = KernelNodeParams.from_address(at)
        shape = (p.grid_x, p.grid_y, p.grid_z, p.block_x, p.block_y, p.block_z)
        return self._checked(p.func or 0, shape, p.shared_bytes, p.kernel_params or 0, p.extra or 0)

    def cuGraphAddKernelNode_v2(self, out: int, graph: int, after: int, count: int, params: int) -> None:
        g = self.get(graph, _Graph)
        names = [ctypes.c_uint64.from_address(after + 8 * k).value for k in range(count)]
        if any(n not in g.nodes for n in names):
            raise Fail(Error.INVALID_VALUE)
        handle = self.new_handle("node")
        g.nodes[handle] = _Node(self._node_params(params), names)
        _put(out, handle)

    def cuGraphInstantiateWithFlags(self, out: int, graph: int, flags: int) -> None:
        g = self.get(graph, _Graph)
        _put(out, self.new_handle(_Graph({h: _Node(n.params, n.after) for h, n in g.nodes.items()})))

    def cuGraphExecKernelNodeSetParams_v2(self, graph: int, node: int, params: int) -> None:
        found = self.get(graph, _Graph).nodes.get(node)
        if found is None:
            raise Fail(Error.INVALID_VALUE)
        new = self._node_params(params)
        found.params = new

    def cuGraphLaunch(self, graph: int, stream: int) -> None:
        steps = {h: (n.params, list(n.after)) for h, n in self.get(graph, _Graph).nodes.items()}

        def work() -> None:
            left = dict(steps)
            while left:  # the last that may run first, so that a missing edge shows
                ready = [h for h, (_, after) in left.items() if not any(a in left for a in after)]
                params, _ = left.pop(ready[-1])
                self._execute(*params)

        self.give(stream, work)

    def cuGraphDestroy(self, graph: int) -> None:
        del self.handles[graph]

    def cuGraphExecDestroy(self, graph: int) -> None:
        del self.handles[graph]


@contextmanager
def standin(execute: Execute, **options: Any) -> Iterator[Machine]:
    """The machine's driver is a stand-in inside the block; devices opened before are forgotten, and again after it."""
    from kdsl.runtime import registry

    machine = Machine(execute, **options)
    kept = {name: registry._open.pop(name) for name in list(registry._open) if name.startswith("cuda")}
    bindings.use_library(bindings.Cuda(machine.address_of, "the stand-in"))
    try:
        yield machine
    finally:
        for name in [name for name in registry._open if name.startswith("cuda")]:
            del registry._open[name]
        registry._open.update(kept)
        bindings.use_library(None)

