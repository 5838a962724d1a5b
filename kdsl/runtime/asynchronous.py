"""A device made of a `driver.Driver`: what CUDA, HIP, Vulkan, Metal and OpenCL share.

One idea: the driver does raw work in order on queues; this file gives it memory that is cached and freed after the work that
uses it, and the verbs of `api`. In reading order: `timeline` (streams, events), `loaded` (code, hidden arguments,
diagnostics), `staging` and `staged` (launches, also with arguments on the host), `recorded` (command buffers).
"""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from ..artifact import Artifact, Entry
from ..diagnostics import DeviceError, KdslError, KernelFault, refuse, shown
from .api import Buffer, Device, Stream, check_range, check_size
from .arrays import NOT_FREED, DeviceArray, dense_strides
from .driver import IN_PLACE, Adopted, DeviceLost, Driver, Memory, Uses
from .dtypes import name_of, numpy_dtype, size_bytes
from .loaded import AsyncExecutable
from .pool import Block, CachingPool
from .ranges import Ranges
from .recorded import AsyncRecording
from .timeline import AsyncStream, Line, Point

__all__ = ["AsyncBuffer", "AsyncDevice"]

# Freed memory that waits for work: beyond this an allocation waits for that work instead of taking more from the device.
_PATIENCE_BYTES = 256 << 20
_MOST_BORROWED = 64  # streams of other libraries that are remembered


class AsyncBuffer(Buffer):
    """Memory from one of the device's pools."""

    __slots__ = ("_block", "raw")

    def __init__(self, device: AsyncDevice, size_bytes: int, memory: str) -> None:
        self._block: Block | None = None
        self.device = device
        self.memory = memory
        self.size_bytes = size_bytes
        self._block = device.pools[memory].allocate(size_bytes)
        self.raw: Memory = self._block.handle
        self.address = self.raw.address

    @property
    def native(self) -> int:
        return self.raw.address

    def free(self) -> None:
        block, self._block = self._block, None
        if block is not None:
            self.address = 0
            device: Any = self.device
            device.pools[self.memory].free(block, device.now())

    def __del__(self, is_ending: Callable[[], bool] = sys.is_finalizing) -> None:
        # When the process ends, memory goes with it, and what `free` calls may be gone before.
        if getattr(self, "_block", None) is not None and not is_ending():
            self.free()


def _refuse_type(value: object, dtype: Any) -> NoReturn:
    if not dtype.isnative:
        refuse("K617", None, f"the elements of this {type(value).__name__} ({dtype.str}) are stored in the byte order of another "
               "machine", help="pass a copy in this machine's order")  # fmt: skip
    refuse("K614", None, f"an array of {dtype} cannot be held by a kernel: this {type(value).__name__}",
           help="convert it to f32 or another numeric type")  # fmt: skip


class ForeignBuffer(Buffer):
    """Another library's memory. It is kept alive, and never given back here."""

    __slots__ = ("is_read_only", "raw")

    def __init__(self, device: AsyncDevice, found: Adopted) -> None:
        self.device = device
        self.memory = "device"
        self.raw = found.memory
        self.size_bytes = found.memory.size_bytes
        self.address = found.memory.address
        self.is_read_only = found.is_read_only

    @property
    def native(self) -> int:
        return self.raw.address

    @property
    def owner(self) -> object:
        return self.raw.handle

    def free(self) -> None:
        self.address = 0


class AsyncDevice(Device):
    """One device behind a driver."""

    compiles_shapes = True

    def __init__(self, name: str, driver: Driver) -> None:
        self.name = name
        self.driver = driver
        self.target = driver.target
        self.limits = driver.limits
        self.memories = driver.memories
        self.cuda_index = driver.cuda_index()
        self.pools = {memory: self._pool(memory) for memory in driver.memories}
        self.epoch = ctypes.c_int64()  # 0, and another number once compiled code must not launch here any more
        self.dropped: deque[Line] = deque()  # of streams that are gone; given up once their work is done
        self._lock = threading.RLock()
        self._raws: dict[int, Memory] = {}
        self._seen: Ranges[Memory] = Ranges()  # memory that the CPU sees, by its addresses there
        self._garbage: deque[tuple[Any, Any, Point]] = deque()  # (how to give it back, what, after which work)
        self._default = Line(driver.default_queue())
        self.lines = [self._default]
        self._siblings: dict[str, AsyncDevice] = {}
        self._borrowed: dict[int, AsyncStream] = {}  # of other libraries, by native handle
        self._written = ctypes.c_int64()  # up to where on the default line the host wrote to arrays
        _devices.add(self)

    def __repr__(self) -> str:
        return f"<kdsl device {self.name}: {self.target}, {self.driver.description}>"

    # Memory

    def _pool(self, memory: str) -> CachingPool:
        def allocate(size_bytes: int) -> Memory:
            raw = self.driver.allocate(size_bytes, memory)
            self._raws[raw.address] = raw
            if raw.host:
                self._seen.add(raw.host, raw.size_bytes, raw)
            return raw

        def free(raw: Memory) -> None:
            self._raws.pop(raw.address, None)
            if raw.host:
                self._seen.remove(raw.host)
            self.driver.free(raw)

        return CachingPool(allocate, free, patience_bytes=_PATIENCE_BYTES)

    def now(self) -> Point:
        """The point after all work given so far, on every stream. Called from finalizers: takes no lock."""
        return Point(list(self.lines))

    def allocate(self, size_bytes: int, memory: str = "device") -> AsyncBuffer:
        if memory not in self.pools:
            raise DeviceError(f"{self.name} has no memory called {memory!r}\n  = help: it has: {', '.join(self.memories)}")
        check_size(size_bytes)
        if self.dropped or self._garbage:
            self._tidy()
        return AsyncBuffer(self, size_bytes, memory)

    def write(self, buffer: Buffer, data: Any, offset: int = 0, stream: Stream | None = None) -> None:
        line, source = self.line_of(stream), _as_bytes(data)
        check_range(buffer, offset, source.size)
        line.upload(_raw(buffer), offset, source)
        self._host_wrote(line)

    def read(self, buffer: Buffer, into: Any, offset: int = 0, stream: Stream | None = None) -> None:
        line, target = self.line_of(stream), _as_bytes(into)
        check_range(buffer, offset, target.size)
        line.download(_raw(buffer), offset, target)
        if line.pending:
            line.synchronize()

    def copy(self, source: Buffer, to: Buffer, size_bytes: int, source_offset: int = 0, offset: int = 0,
             stream: Stream | None = None) -> None:  # fmt: skip
        line = self.line_of(stream)
        check_range(source, source_offset, size_bytes)
        check_range(to, offset, size_bytes)
        if size_bytes:
            with line.lock:
                line.queue.copy(_raw(source), source_offset, _raw(to), offset, size_bytes)
                line.advance()

    def fill(
        self, buffer: Buffer, pattern: bytes, size_bytes: int, offset: int = 0, stream: Stream | None = None
    ) -> None:
        line = self.line_of(stream)
        check_range(buffer, offset, size_bytes)
        if size_bytes:
            with line.lock:
                line.queue.fill(_raw(buffer), offset, size_bytes, _shortest(pattern))
                line.advance()
            self._host_wrote(line)

    def host_address(self, buffer: Buffer) -> int:
        return _raw(buffer).host

    def in_place(self, view: np.ndarray[Any, Any], low: int, high: int, *, is_written: bool) -> tuple[Memory, int] | None:
        """As `Driver.in_place`; also for what the CPU sees of this device's own memory."""
        own = self._seen.find(low, high)
        if own is not None:
            return own[1], low - own[0]
        return self.driver.in_place(view, low, high, is_written=is_written)

    def memory_info(self) -> tuple[int, int]:
        return self.driver.memory_info()

    def uses_of(self, entry: Entry, arguments: bytes) -> Uses:
        """What packed arguments touch, found by address: for launches that bring no array objects."""
        if not self.driver.wants_uses:
            return ()
        words, at, uses = np.frombuffer(arguments, np.uint64), 0, []
        for param in entry.params:
            if param.kind == "array":
                found = self._memory_at(int(words[at]))
                uses += [(found, param.writes)] if found is not None else []
            at += param.slots
        return uses

    def _memory_at(self, address: int) -> Memory | None:
        for raw in list(self._raws.values()):
            if raw.address <= address < raw.address + raw.size_bytes:
                return raw
        return None

    # Work

    def line_of(self, stream: Stream | None) -> Line:
        """Where to give work for a stream. What the host wrote to arrays without naming a stream, also to make them, is there
        for work on every stream that is given later: nobody should have to think of a stream to call `zeros`."""
        if stream is None:
            return self._default
        if not isinstance(stream, AsyncStream) or stream.device is not self:
            refuse("K625", None, f"{shown(stream)} is no stream of {self.name}", help="device.stream() makes one")
        line = stream.line
        if line.met < self._written.value:
            line.met = line.meet(self._default)
        return line

    @property
    def written_address(self) -> int:
        """Of the number that `Line.met` has to reach before work is given to a line; compiled code looks there."""
        return ctypes.addressof(self._written)

    def _host_wrote(self, line: Line) -> None:
        if line is self._default:
            self._written.value = line.given

    def load(self, artifact: Artifact) -> AsyncExecutable:
        return AsyncExecutable(self, artifact)

    def stream(self) -> AsyncStream:
        self._tidy()
        line = Line(self.driver.queue())
        with self._lock:
            self.lines = [*self.lines, line]
        return AsyncStream(self, line)

    # Arrays and streams of other libraries

    def adopt(self, value: object) -> tuple[DeviceArray, int] | None:
        """Another library's array on this device as an array of kdsl's, over the same memory, and the native handle of the
        stream that its library uses for it; None for anything else."""
        other = self.driver.sibling(value)
        if other is not None:
            mark, make = other
            return self._sibling(mark, make).adopt(value)
        found = self.driver.adopt(value)
        if found is None:
            return None
        dtype = name_of(found.dtype) if isinstance(found.dtype, np.dtype) else found.dtype
        if dtype is None:
            _refuse_type(value, found.dtype)
        shape = tuple(found.shape)
        strides = dense_strides(shape, size_bytes(dtype)) if found.strides is None else tuple(found.strides)
        align = numpy_dtype(dtype).alignment
        if 0 not in shape and any(n % align for n in (found.memory.address, *strides)):
            refuse("K619", None, f"the memory of this {type(value).__name__} is not aligned to {align} bytes",
                   help="pass a copy of it")  # fmt: skip
        array = DeviceArray(self, ForeignBuffer(self, found), dtype, shape, strides)
        if found.is_read_only:
            array.key = (*array.key, "read-only")
        return array, found.stream

    def _sibling(self, mark: str, make: Callable[[], Driver]) -> AsyncDevice:
        """The device of another library's context on the same GPU; one for each, as long as the process runs."""
        with self._lock:
            if mark not in self._siblings:
                self._siblings[mark] = AsyncDevice(f"{self.name}@{mark}", make())
            return self._siblings[mark]

    def adopt_stream(self, stream: object) -> AsyncStream | None:
        """Another library's stream (or its native handle) as a stream of this device; None for anything else."""
        queue = self.driver.adopt_queue(stream)
        if queue is None:
            return None
        found = self._borrowed.get(queue.native)
        if found is None:
            line = Line(queue, is_borrowed=True)
            with self._lock:
                if len(self._borrowed) >= _MOST_BORROWED:
                    self._borrowed.clear()
                self.lines = [*self.lines, line]
                found = self._borrowed[queue.native] = AsyncStream(self, line)
        return found

    def gather(self) -> Line:
        """The default line, which from here on has all work of every stream before it."""
        for line in list(self.lines):
            if line is not self._default and line.given > line.seen:
                self._default.meet(line)
        return self._default

    def commands(self) -> AsyncRecording:
        return AsyncRecording(self)

    def synchronize(self) -> None:
        fault: KernelFault | None = None
        for line in list(self.lines):
            try:
                line.synchronize()
            except KernelFault as e:
                fault = fault or e
        if fault is not None:
            raise fault

    # Giving back

    def discard(self, module: Any) -> None:
        """Code that nobody can launch any more. From finalizers: takes no lock."""
        self._garbage.append(("unload", module, self.now()))

    def discard_in_place(self, raw: Memory) -> None:
        """Memory of the host's that the device need not know any longer. From finalizers: takes no lock."""
        if raw.name == IN_PLACE:
            self._garbage.append(("free", raw, self.now()))

    def discard_replay(self, replay: Any) -> None:
        self._garbage.append(("close", replay, self.now()))

    def _tidy(self) -> None:
        """Give back queues, code and recordings whose work is done."""
        with self._lock:
            for _ in range(len(self.dropped)):
                line = self.dropped.popleft()
                if line.passed(line.given):
                    self.lines = [other for other in self.lines if other is not line]
                    line.queue.close()
                else:
                    self.dropped.append(line)
            for _ in range(len(self._garbage)):
                how, what, after = self._garbage.popleft()
                if not after.done:
                    self._garbage.append((how, what, after))
                elif how == "unload":
                    self.driver.unload(what)
                elif how == "free":
                    self.driver.free(what)
                else:
                    what.close()

    def abandon(self) -> None:
        """In a forked child: no call may reach the driver, whose threads and locks stayed in the parent."""
        gone: Any = _Abandoned(self.name)
        self.driver = gone
        self.epoch.value += 1
        self._lock = threading.RLock()
        self._seen.unlock()
        self._garbage.clear()
        self.dropped.clear()
        for line in self.lines:
            line.queue = gone
            line.lock = threading.RLock()


class _Abandoned:
    """In place of a driver and its queues, in a forked child."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        raise DeviceError(
            f"{self._name} was opened before this process was forked, and GPU drivers do not survive that\n"
            "  = help: start processes with multiprocessing.get_context('spawn'), or use the device first in the child"
        )


def _raw(buffer: Buffer) -> Memory:
    assert isinstance(buffer, (AsyncBuffer, ForeignBuffer))
    if not buffer.address:
        raise DeviceError(f"the memory of this buffer has been freed\n  = help: {NOT_FREED}")
    return buffer.raw


def _as_bytes(data: Any) -> np.ndarray[Any, Any]:
    return np.frombuffer(data, np.uint8) if not isinstance(data, np.ndarray) else data.reshape(-1).view(np.uint8)


def _shortest(pattern: bytes) -> bytes:
    """The shortest power-of-two piece that repeats to the pattern: drivers fill fastest with few bytes."""
    size = len(pattern)
    while size % 2 == 0 and pattern[: size // 2] == pattern[size // 2 : size]:
        size //= 2
    return pattern[:size]


_devices: weakref.WeakSet[AsyncDevice] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for device in _devices:
        device.abandon()


@atexit.register
def _finish() -> None:
    """Let work end before the process does: drivers crash when code and memory vanish under them."""
    for device in list(_devices):
        if isinstance(device.driver, _Abandoned):
            continue
        try:
            for line in device.lines:
                line.wait(line.signal()[0])
            device.driver.finish()
        except (DeviceLost, KdslError):
            continue


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
