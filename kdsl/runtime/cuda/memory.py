"""Memory of a GPU: the kinds of it, and pinned pieces through which copies from and to the host go.

One idea: device memory comes from the driver's stream-ordered pool where there is one, on a stream of its own that
nothing else uses, because giving memory back to that pool does not stop the GPU as `cuMemFree` does.

Copies go through pinned pieces of a fixed size: the host fills one while the GPU's copy engine empties the one before,
and the caller's memory may change as soon as the host has read it.
"""

from __future__ import annotations

import ctypes
import threading
from typing import Any

import numpy as np

from ..bindings.cuda import HOST_DEVICEMAP, HOST_PORTABLE, MEM_ATTACH_GLOBAL, STREAM_NON_BLOCKING, Attribute, Error
from ..driver import Memory
from .context import Context

__all__ = ["Allocator", "Piece", "Staging"]

PIECE_BYTES = 4 << 20
_MOST_PIECES = 8


class Allocator:
    """allocate and free, for the memories of `names`."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._stream = 0
        if context.attribute(Attribute.MEMORY_POOLS_SUPPORTED):
            handle = ctypes.c_void_p()
            context.call("cuStreamCreate", ctypes.byref(handle), STREAM_NON_BLOCKING, doing="making a stream for allocations")
            self._stream = handle.value or 0
        managed = context.attribute(Attribute.MANAGED_MEMORY) and context.attribute(Attribute.CONCURRENT_MANAGED_ACCESS)
        mapped = context.attribute(Attribute.CAN_MAP_HOST_MEMORY)
        self.names: tuple[str, ...] = ("device", *(("host",) if mapped else ()), *(("shared",) if managed else ()))

    def allocate(self, size_bytes: int, name: str) -> Memory:
        """`MemoryError` when there is none left."""
        cuda, address = self.context.cuda, ctypes.c_uint64()
        with self.context.current():
            if name == "host":
                code = cuda.cuMemHostAlloc(ctypes.byref(address), size_bytes, HOST_PORTABLE | HOST_DEVICEMAP)
            elif name == "shared":
                code = cuda.cuMemAllocManaged(ctypes.byref(address), size_bytes, MEM_ATTACH_GLOBAL)
            elif self._stream:
                code = cuda.cuMemAllocAsync(ctypes.byref(address), size_bytes, self._stream)
                code = code or cuda.cuStreamSynchronize(self._stream)  # from here on any stream may use it
            else:
                code = cuda.cuMemAlloc_v2(ctypes.byref(address), size_bytes)
            if code == Error.OUT_OF_MEMORY:
                raise MemoryError
            self.context.check(code, f"allocating {size_bytes} bytes of {name} memory")
            if name == "device":
                return Memory(address.value, size_bytes, address.value)
            return self._seen_by_host(address.value, size_bytes, name)

    def _seen_by_host(self, host: int, size_bytes: int, name: str) -> Memory:
        address = ctypes.c_uint64(host)
        if name == "host":
            code = self.context.cuda.cuMemHostGetDevicePointer_v2(ctypes.byref(address), host, 0)
            self.context.check(code, "mapping host memory")
        return Memory(address.value, size_bytes, host, host, name)

    def free(self, memory: Memory) -> None:
        cuda = self.context.cuda
        with self.context.current():
            if memory.name == "host":
                code = cuda.cuMemFreeHost(memory.handle)
            elif memory.name == "device" and self._stream:
                code = cuda.cuMemFreeAsync(memory.handle, self._stream)
            else:
                code = cuda.cuMemFree_v2(memory.handle)
            self.context.check(code, "freeing memory")


class Piece:
    """Pinned memory as an array of bytes, its address, and the event after which it may be used again."""

    __slots__ = ("address", "bytes", "event", "memory", "used")

    def __init__(self, memory: Memory, event: int) -> None:
        self.memory = memory
        self.address = memory.host
        content: Any = (ctypes.c_ubyte * memory.size_bytes).from_address(memory.host)
        self.bytes: np.ndarray[Any, Any] = np.frombuffer(content, np.uint8)
        self.event = event
        self.used = False  # whether the event was ever recorded


class Staging:
    """The pinned pieces of one GPU, made as they are needed. `None` where pinned memory cannot be had: then copies are the
    driver's own, which wait."""

    def __init__(self, context: Context, allocator: Allocator) -> None:
        self._context = context
        self._allocator = allocator
        self._lock = threading.Lock()
        self._free: list[Piece] = []
        self._count = 0

    def take(self) -> Piece | None:
        """A piece that no copy uses any more; waits for one where there are enough."""
        with self._lock:
            for i, piece in enumerate(self._free):
                if not piece.used or self._context.cuda.cuEventQuery(piece.event) == 0:
                    return self._free.pop(i)
            if self._count < _MOST_PIECES:
                made = self._make()
                if made is not None or not self._free:
                    return made
            piece = self._free.pop(0) if self._free else None
        if piece is not None:
            self._context.check(self._context.cuda.cuEventSynchronize(piece.event), "waiting for a copy")
        return piece

    def give(self, piece: Piece) -> None:
        """Back, after its event was recorded on the stream whose copy uses it."""
        with self._lock:
            self._free.append(piece)

    def _make(self) -> Piece | None:
        try:
            memory = self._allocator.allocate(PIECE_BYTES, "host")
        except MemoryError:
            return None
        event = ctypes.c_void_p()
        self._context.check(self._context.cuda.cuEventCreate(ctypes.byref(event), 2), "making an event")
        self._count += 1
        return Piece(memory, event.value or 0)
