"""One CUDA stream as a queue of work.

One idea: a launch passes its arguments as one block of bytes (CU_LAUNCH_PARAM_BUFFER_POINTER), which is the block that
kdsl packs anyway; the array that says so, and the size in it, belong to the queue and are filled in place. A mark is an
event from a pool; a dropped mark's event goes back there.
"""

from __future__ import annotations

import ctypes
import threading
from collections import deque
from typing import Any

import numpy as np

from ..api import Geometry
from ..bindings.cuda import (
    EVENT_DEFAULT,
    LAUNCH_PARAM_BUFFER_POINTER,
    LAUNCH_PARAM_BUFFER_SIZE,
    LAUNCH_PARAM_END,
    STREAM_NON_BLOCKING,
    Error,
)
from ..driver import Driver, Memory, Queue, Uses
from .code import Function
from .context import Context, raise_error
from .memory import PIECE_BYTES, Staging

__all__ = ["CudaQueue", "Events", "Mark"]

_AT_ONCE = 32 << 10  # bytes that the driver takes into its own command buffer
BYTES_DATA = bytes.__basicsize__ - 1  # where the content of a bytes object lies (CPython: Include/cpython/bytesobject.h)


class Events:
    """Events that no mark uses. `append` needs no lock, so a finalizer may give one back."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.free: deque[int] = deque()

    def take(self) -> int:
        try:
            return self.free.popleft()
        except IndexError:
            event = ctypes.c_void_p()
            self._context.check(self._context.cuda.cuEventCreate(ctypes.byref(event), EVENT_DEFAULT), "making an event")
            return event.value or 0


class Mark:
    """A recorded event."""

    __slots__ = ("_events", "event")

    def __init__(self, events: Events, event: int) -> None:
        self._events = events
        self.event = event

    def __del__(self) -> None:
        self._events.free.append(self.event)


class CudaQueue(Queue):
    """A stream of its own, or (`native`) one that is there already: the legacy default stream, or another library's."""

    def __init__(self, driver: Driver, context: Context, staging: Staging, events: Events,
                 native: int | None = None) -> None:  # fmt: skip
        self.driver = driver
        self.context = context
        self._staging = staging
        self._events = events
        self._own = native is None
        if native is None:
            handle = ctypes.c_void_p()
            context.call("cuStreamCreate", ctypes.byref(handle), STREAM_NON_BLOCKING, doing="making a stream")
            native = handle.value or 0
        self.native = native
        self._handle = ctypes.c_void_p(native)
        self._size = ctypes.c_size_t()
        self._extra = (ctypes.c_void_p * 5)(LAUNCH_PARAM_BUFFER_POINTER, None, LAUNCH_PARAM_BUFFER_SIZE,
                                            ctypes.addressof(self._size), LAUNCH_PARAM_END)  # fmt: skip
        self._launch = context.cuda.cuLaunchKernel
        self._pending: deque[tuple[int, Mark]] = deque()
        self._reached = 0
        self._lock = threading.Lock()  # of the two above

    def launch(self, code: Function, arguments: bytes, geometry: Geometry, uses: Uses) -> None:
        shape = code.shapes.get(geometry) or code.shape(geometry)
        extra = self._extra
        extra[1] = id(arguments) + BYTES_DATA
        self._size.value = len(arguments)
        result = self._launch(*shape, self._handle, None, extra)
        if result:
            self._launch_again(result, code, shape)

    def _launch_again(self, result: int, code: Function, shape: tuple[Any, ...]) -> None:
        """This thread had no context, or another one, which costs more to ask than to be told."""
        if result in (Error.INVALID_CONTEXT, Error.INVALID_HANDLE, Error.INVALID_VALUE):
            with self.context.current():
                result = self._launch(*shape, self._handle, None, self._extra)
        if result:
            raise_error(self.context.cuda, result, f"launching {code.entry.name}")

    def upload(self, to: Memory, offset: int, source: np.ndarray[Any, Any]) -> None:
        size, address = source.size, to.address + offset
        if size <= _AT_ONCE:
            data = source.tobytes()  # memory that is not pinned: the driver has read it when it returns
            self.context.call("cuMemcpyHtoDAsync_v2", address, data, size, self._handle, doing="copying to the GPU")
            return
        with self.context.current():
            at = 0
            while at < size:
                at += self._upload_piece(address + at, source[at : at + PIECE_BYTES])

    def _upload_piece(self, address: int, part: np.ndarray[Any, Any]) -> int:
        cuda, piece = self.context.cuda, self._staging.take()
        if piece is None:
            code = cuda.cuMemcpyHtoDAsync_v2(address, part.__array_interface__["data"][0], part.size, self._handle)
            self.context.check(code or cuda.cuStreamSynchronize(self._handle), "copying to the GPU")
            return part.size
        try:
            piece.bytes[: part.size] = part
            self.context.check(cuda.cuMemcpyHtoDAsync_v2(address, piece.address, part.size, self._handle), "copying to the GPU")
            self.context.check(cuda.cuEventRecord(piece.event, self._handle), "copying to the GPU")
            piece.used = True
        finally:
            self._staging.give(piece)
        return part.size

    def download(self, source: Memory, offset: int, into: np.ndarray[Any, Any]) -> None:
        size, address = into.size, source.address + offset
        with self.context.current():
            if size <= _AT_ONCE:
                self._download_at_once(address, into)
                return
            waiting: list[tuple[Any, np.ndarray[Any, Any]]] = []
            try:
                for at in range(0, size, PIECE_BYTES):
                    part = into[at : at + PIECE_BYTES]
                    piece = self._staging.take()
                    if piece is None:
                        self._download_at_once(address + at, part)
                        continue
                    waiting.append((piece, part))
                    self._start_download(address + at, piece, part.size)
                    if len(waiting) > 1:
                        self._finish_download(*waiting.pop(0))
                while waiting:
                    self._finish_download(*waiting.pop(0))
            finally:
                for piece, _ in waiting:
                    self._staging.give(piece)

    def _download_at_once(self, address: int, into: np.ndarray[Any, Any]) -> None:
        cuda = self.context.cuda
        code = cuda.cuMemcpyDtoHAsync_v2(into.__array_interface__["data"][0], address, into.size, self._handle)
        self.context.check(code or cuda.cuStreamSynchronize(self._handle), "copying from the GPU")

    def _start_download(self, address: int, piece: Any, size: int) -> None:
        cuda = self.context.cuda
        self.context.check(cuda.cuMemcpyDtoHAsync_v2(piece.address, address, size, self._handle), "copying from the GPU")
        self.context.check(cuda.cuEventRecord(piece.event, self._handle), "copying from the GPU")
        piece.used = True

    def _finish_download(self, piece: Any, part: np.ndarray[Any, Any]) -> None:
        try:
            self.context.check(self.context.cuda.cuEventSynchronize(piece.event), "copying from the GPU")
            part[...] = piece.bytes[: part.size]
        finally:
            self._staging.give(piece)

    def copy(self, source: Memory, source_offset: int, to: Memory, offset: int, size_bytes: int) -> None:
        self.context.call("cuMemcpyDtoDAsync_v2", to.address + offset, source.address + source_offset, size_bytes, self._handle,
                          doing="copying on the GPU")  # fmt: skip

    def fill(self, to: Memory, offset: int, size_bytes: int, pattern: bytes) -> None:
        address = to.address + offset
        for width, name in ((1, "cuMemsetD8Async"), (2, "cuMemsetD16Async"), (4, "cuMemsetD32Async")):
            if len(pattern) % width == 0 and pattern == pattern[:width] * (len(pattern) // width) and address % width == 0:
                value = int.from_bytes(pattern[:width], "little")
                self.context.call(name, address, value, size_bytes // width, self._handle, doing="filling memory")
                return
        # A longer pattern is written once, and then what is there is copied behind itself, twice as much each time.
        self.upload(to, offset, np.frombuffer(pattern, np.uint8))
        done = len(pattern)
        while done < size_bytes:
            part = min(done, size_bytes - done)
            self.copy(to, offset, to, offset + done, part)
            done += part

    def signal(self, value: int) -> Mark:
        with self.context.current():
            mark = Mark(self._events, self._events.take())
            self.context.check(self.context.cuda.cuEventRecord(mark.event, self._handle), "recording an event")
        with self._lock:
            self._pending.append((value, mark))
        return mark

    def reached(self) -> int:
        with self._lock:
            while self._pending:
                value, mark = self._pending[0]
                code = self.context.cuda.cuEventQuery(mark.event)
                if code == Error.INVALID_CONTEXT:
                    with self.context.current():
                        code = self.context.cuda.cuEventQuery(mark.event)
                if code == Error.NOT_READY:
                    break
                self.context.check(code, "work on the GPU failed")
                self._pending.popleft()
                self._reached = value
            return self._reached

    def wait(self, value: int) -> None:
        with self._lock:
            marks = [mark for v, mark in self._pending if v <= value]
        if marks:
            self.context.call("cuEventSynchronize", marks[-1].event, doing="work on the GPU failed")
            self.reached()

    def after(self, mark: Mark) -> None:
        self.context.call("cuStreamWaitEvent", self._handle, mark.event, 0, doing="waiting for an event")

    def elapsed_ms(self, start: Mark, end: Mark) -> float:
        value = ctypes.c_float()
        self.context.call("cuEventElapsedTime", ctypes.byref(value), start.event, end.event, doing="reading the device's clock")
        return value.value

    def close(self) -> None:
        if self._own:
            self.context.call("cuStreamDestroy_v2", self._handle, doing="closing a stream")
