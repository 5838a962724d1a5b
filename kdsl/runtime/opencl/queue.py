"""A queue of work: an OpenCL command queue in order, and markers for the points that someone asks for.

One idea: arguments that a kernel has from the launch before are not set again, which is most of what a launch costs through
pyopencl; so each queue has kernels of its own, and a launch compares slots.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...artifact import Entry
from ...diagnostics import DeviceError
from ..api import Geometry
from ..driver import Memory, Queue, Uses
from .program import Module

if TYPE_CHECKING:
    from .device import OpenCLDriver

__all__ = ["Code", "OpenCLQueue"]

_PIECE_BYTES = 64 << 20  # of an upload, which is copied on the host so that the source may change
_MOST_HELD_BYTES = 256 << 20


class Code:
    """One entry of a module, as `Queue.launch` takes it. pointers: slots that hold addresses of arrays."""

    __slots__ = ("local", "module", "name", "pointers", "spills")

    def __init__(self, module: Module, entry: Entry) -> None:
        facts = module.artifact.metadata
        local: Any = facts["local_size"]
        pointers: Any = facts["pointers"]
        self.module = module
        self.name = entry.symbol
        self.local: tuple[int, ...] = tuple(local)  # what was kept on disk has lists
        self.pointers: tuple[int, ...] = tuple(pointers)
        self.spills = facts["arguments"] == "buffer"


class _Kernel:
    """A kernel of one queue, and the arguments it was last given. place: of each slot's parameter."""

    __slots__ = ("given", "kernel", "place")

    def __init__(self, cl: Any, code: Code) -> None:
        self.kernel = cl.Kernel(code.module.program, code.name)
        self.given: dict[int, object] = {}
        self.place: list[int] = []

    def set(self, place: int, value: object) -> None:
        if self.given.get(place) is not value and self.given.get(place) != value:
            self.kernel.set_arg(place, np.uint64(value) if isinstance(value, int) else value)
            self.given[place] = value


class OpenCLQueue(Queue):
    """See `driver.Queue`."""

    def __init__(self, driver: OpenCLDriver, queue: Any = None) -> None:
        """queue: somebody's; else a new one."""
        cl = driver.cl
        self.driver: OpenCLDriver = driver  # pyright: ignore
        self._cl = cl
        timed = cl.command_queue_properties.PROFILING_ENABLE
        self.queue = cl.CommandQueue(driver.context, driver.device, timed) if queue is None else queue
        self.native = self.queue.int_ptr
        self._kernels: dict[Code, _Kernel] = {}
        self._points: deque[tuple[int, Any]] = deque()  # (value, event) that were signalled
        self._reached = 0
        self._held: deque[tuple[Any, int, object]] = deque()  # (event, bytes, what must live until then)
        self._held_bytes = 0

    # Work

    def launch(self, code: Code, arguments: bytes, geometry: Geometry, uses: Uses) -> None:
        found = self._kernels.get(code)
        if found is None:
            found = self._kernels[code] = self._with_places(code, len(arguments) // 8)
        words = struct.unpack(f"<{len(arguments) // 8}Q", arguments)
        if code.spills:
            self._give_spilled(code, found, words)
        else:
            self._give(code, found, words)
        size = tuple([n * m for n, m in zip(geometry[:3], code.local, strict=True)])
        try:
            self._cl.enqueue_nd_range_kernel(self.queue, found.kernel, size, code.local)
        except self._cl.Error as e:
            raise self._failure(e) from None

    def _with_places(self, code: Code, slots: int) -> _Kernel:
        made = _Kernel(self._cl, code)
        at = 0
        for slot in range(slots):
            made.place.append(at)
            at += 2 if slot in code.pointers else 1
        return made

    def _give(self, code: Code, kernel: _Kernel, words: Sequence[int]) -> None:
        for slot, word in enumerate(words):
            if slot not in code.pointers:
                kernel.set(kernel.place[slot], word)
                continue
            buffer, offset = self.driver.addresses.find(word)
            kernel.set(kernel.place[slot], buffer)
            kernel.set(kernel.place[slot] + 1, offset)

    def _give_spilled(self, code: Code, kernel: _Kernel, words: Sequence[int]) -> None:
        """The slots go to a buffer, with offsets for addresses; the arrays' buffers stand behind it."""
        slots = np.array(words, np.uint64)
        places = [self.driver.addresses.find(words[slot]) for slot in code.pointers]
        for slot, (_, offset) in zip(code.pointers, places, strict=True):
            slots[slot] = offset
        flags = self._cl.mem_flags
        memory = self._cl.Buffer(self.driver.context, flags.READ_ONLY | flags.COPY_HOST_PTR, hostbuf=slots)
        kernel.set(0, memory)  # the kernel's launch keeps it alive, as OpenCL has it
        for k, (buffer, _) in enumerate(places):
            kernel.set(1 + k, buffer)

    # Copies

    def upload(self, to: Memory, offset: int, source: np.ndarray[Any, Any]) -> None:
        for at in range(0, source.size, _PIECE_BYTES):
            piece = source[at : at + _PIECE_BYTES].copy()
            while self._held and (self._held_bytes > _MOST_HELD_BYTES or self._is_done(self._held[0][0])):
                self._let_go()
            event = self._do(self._cl.enqueue_copy, to.handle, piece, dst_offset=offset + at, is_blocking=False)
            self._held.append((event, piece.nbytes, piece))
            self._held_bytes += piece.nbytes
        self.queue.flush()

    def _let_go(self) -> None:
        event, size, _ = self._held.popleft()
        event.wait()
        self._held_bytes -= size

    def download(self, source: Memory, offset: int, into: np.ndarray[Any, Any]) -> None:
        self._do(self._cl.enqueue_copy, into, source.handle, src_offset=offset, is_blocking=True)

    def copy(self, source: Memory, source_offset: int, to: Memory, offset: int, size_bytes: int) -> None:
        self._do(self._cl.enqueue_copy, to.handle, source.handle, src_offset=source_offset, dst_offset=offset,
                 byte_count=size_bytes)  # fmt: skip

    def fill(self, to: Memory, offset: int, size_bytes: int, pattern: bytes) -> None:
        length = len(pattern)
        if length & (length - 1) or length > 128 or offset % length:
            self.upload(to, offset, np.frombuffer(pattern * (size_bytes // length), np.uint8))
            return
        self._do(self._cl.enqueue_fill_buffer, to.handle, np.frombuffer(pattern, np.uint8), offset, size_bytes)

    def _do(self, call: Any, *args: Any, **options: Any) -> Any:
        try:
            return call(self.queue, *args, **options)
        except self._cl.Error as e:
            raise self._failure(e) from None

    def _failure(self, e: Any) -> DeviceError:
        text = f"OpenCL: {e}"
        if "OUT_OF_RESOURCES" in text or "MEM_OBJECT_ALLOCATION" in text:
            return DeviceError(f"{text}\n  = help: free arrays of the device, or launch smaller blocks")
        return DeviceError(f"{text}\n  = help: `kdsl doctor` shows the driver; a newer one may help")

    # Points in time

    def signal(self, value: int) -> Any:
        event = self._do(self._cl.enqueue_marker)
        self.queue.flush()
        self._points.append((value, event))
        return event

    def _is_done(self, event: Any) -> bool:
        status = event.command_execution_status
        if status < 0:
            raise DeviceError(f"OpenCL: work on {self.driver.description} failed with error {status}\n"
                              "  = help: a kernel may have read outside of an array: KDSL_DEBUG=1 checks every access")  # fmt: skip
        return status == self._cl.command_execution_status.COMPLETE

    def reached(self) -> int:
        while True:
            try:
                value, event = self._points[0]
            except IndexError:
                return self._reached
            if not self._is_done(event):
                return self._reached
            self._pass(value)

    def _pass(self, value: int) -> None:
        """Everything up to a value is done. Two threads may see so at once."""
        self._reached = max(self._reached, value)
        while True:
            try:
                first = self._points.popleft()
            except IndexError:
                return
            if first[0] > value:
                self._points.appendleft(first)
                return

    def wait(self, value: int) -> None:
        for at, event in list(self._points):
            if at >= value:
                try:
                    event.wait()
                except self._cl.Error as e:
                    raise self._failure(e) from None
                self._is_done(event)
                self._pass(at)
                return

    def after(self, mark: Any) -> None:
        self._do(self._cl.enqueue_barrier, wait_for=[mark])

    def elapsed_ms(self, start: Any, end: Any) -> float:
        return (end.profile.end - start.profile.end) * 1e-6

    def close(self) -> None:
        while self._held:
            self._let_go()
        self.queue.finish()
        self._kernels.clear()
