"""Memory types, and pieces of large blocks.

One idea: drivers allow a few thousand allocations and take long for each, so memory comes in blocks of many megabytes, each
with one buffer over all of it; an array is a range of a block. Kernels see its address, copies its buffer and offset.

KDSL_VULKAN_MEMORY=discrete treats the device's memory as if the host did not see it, =incoherent as if what the host writes had
to be flushed (both: discrete,incoherent). They are for tests: where memory is unified and coherent, that code would never run.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from ctypes import byref, c_uint64, c_void_p
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...diagnostics import DeviceError
from ..bindings import vulkan as v
from .api import new

if TYPE_CHECKING:
    from .device import VulkanDriver

__all__ = ["ALIGNMENT", "Heap", "MemoryKind", "Piece", "choose_kind", "modes"]

ALIGNMENT = 256  # of pieces: at least what any device asks of buffers, and of ranges that are flushed
_FIRST_BLOCK, _LARGEST_BLOCK = 16 << 20, 128 << 20
_LOCAL, _VISIBLE = v.MEMORY_PROPERTY_DEVICE_LOCAL_BIT, v.MEMORY_PROPERTY_HOST_VISIBLE_BIT
_COHERENT, _CACHED = v.MEMORY_PROPERTY_HOST_COHERENT_BIT, v.MEMORY_PROPERTY_HOST_CACHED_BIT
_USAGE = (v.BUFFER_USAGE_STORAGE_BUFFER_BIT | v.BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT | v.BUFFER_USAGE_TRANSFER_SRC_BIT
          | v.BUFFER_USAGE_TRANSFER_DST_BIT)  # fmt: skip


class MemoryKind(NamedTuple):
    """A memory type that was chosen for a purpose. is_visible: the host maps it. is_coherent: and need not flush."""

    number: int
    heap: int
    heap_bytes: int
    is_visible: bool
    is_coherent: bool


def modes() -> frozenset[str]:
    """What KDSL_VULKAN_MEMORY says."""
    words = frozenset(w for w in os.environ.get("KDSL_VULKAN_MEMORY", "").replace(" ", "").split(",") if w)
    if words - {"discrete", "incoherent"}:
        raise DeviceError(f"KDSL_VULKAN_MEMORY={','.join(sorted(words))!r}: the words are discrete and incoherent")
    return words


def choose_kind(name: str, types: Sequence[tuple[int, int]], heaps: Sequence[tuple[int, int]], *, is_unified: bool,
                modes: frozenset[str] = frozenset()) -> MemoryKind:  # fmt: skip
    """The memory type for "device" (as near to the device as there is; mapped where memory is unified) or for "host" (read and
    written by the host, best through its caches). types: (property flags, heap). heaps: (size in bytes, flags)."""

    def worth(index: int) -> tuple[int, ...]:
        flags, heap = types[index]
        visible = flags & _VISIBLE
        if name == "host":
            return (bool(visible), not flags & _LOCAL or is_unified, bool(flags & _CACHED), bool(flags & _COHERENT))
        mapped = bool(visible) + bool(flags & _COHERENT) + bool(flags & _CACHED) if is_unified else -bool(visible)
        return (bool(flags & _LOCAL), mapped, heaps[heap][0])

    best = max(range(len(types)), key=lambda index: (worth(index), -index))
    flags, heap = types[best]
    is_visible = bool(flags & _VISIBLE) and not (name == "device" and "discrete" in modes)
    is_coherent = is_visible and bool(flags & _COHERENT) and "incoherent" not in modes
    return MemoryKind(best, heap, heaps[heap][0], is_visible, is_coherent)


class Block:
    """One allocation of the driver's, mapped for good where it can be, and what of it is free."""

    __slots__ = ("address", "buffer", "bytes", "free", "host", "memory", "size_bytes")

    def __init__(self, memory: int, buffer: int, address: int, host: int, size_bytes: int) -> None:
        self.memory = memory
        self.buffer = buffer
        self.address = address
        self.host = host
        self.size_bytes = size_bytes
        raw: Any = (ctypes.c_uint8 * size_bytes).from_address(host) if host else None
        self.bytes: np.ndarray[Any, Any] | None = None if raw is None else np.frombuffer(raw, np.uint8)
        self.free: list[tuple[int, int]] = [(0, size_bytes)]  # (offset, size), in order of offset, never touching

    def take(self, size: int) -> int | None:
        """The offset of a free range, from the first one that is large enough."""
        for i, (offset, room) in enumerate(self.free):
            if room >= size:
                self.free[i : i + 1] = [(offset + size, room - size)] if room > size else []
                return offset
        return None

    def give(self, offset: int, size: int) -> None:
        """A range is free again; it grows together with free neighbours."""
        at = next((i for i, (o, _) in enumerate(self.free) if o > offset), len(self.free))
        self.free.insert(at, (offset, size))
        for i in (at, at - 1):
            if 0 <= i < len(self.free) - 1 and sum(self.free[i]) == self.free[i + 1][0]:
                self.free[i : i + 2] = [(self.free[i][0], self.free[i][1] + self.free[i + 1][1])]

    @property
    def is_empty(self) -> bool:
        return self.free == [(0, self.size_bytes)]


class Piece(NamedTuple):
    """A range of a block: what a `Memory.handle` is."""

    block: Block
    offset: int
    size_bytes: int

    def bytes(self, offset: int, size: int) -> np.ndarray[Any, Any]:
        """The host's view of a part; only of memory that is mapped."""
        assert self.block.bytes is not None
        start = self.offset + offset
        return self.block.bytes[start : start + size]


class Heap:
    """Memory of one kind of a device."""

    def __init__(self, driver: VulkanDriver, kind: MemoryKind) -> None:
        self._driver = driver
        self.kind = kind
        self.blocks: list[Block] = []
        self.allocated_bytes = 0

    def allocate(self, size_bytes: int) -> Piece:
        """`MemoryError` when there is none left."""
        size = (max(size_bytes, 1) + ALIGNMENT - 1) & -ALIGNMENT
        for block in self.blocks:
            offset = block.take(size)
            if offset is not None:
                return Piece(block, offset, size)
        block = self._new_block(size)
        offset = block.take(size)
        assert offset is not None
        return Piece(block, offset, size)

    def free(self, piece: Piece) -> None:
        block = piece.block
        block.give(piece.offset, piece.size_bytes)
        if block.is_empty and (block.size_bytes > _LARGEST_BLOCK or any(b.is_empty for b in self.blocks if b is not block)):
            self.blocks.remove(block)
            self._release(block)

    def _new_block(self, size: int) -> Block:
        wanted = min(_FIRST_BLOCK << len(self.blocks), _LARGEST_BLOCK, max(self.kind.heap_bytes // 16, 1 << 20))
        for attempt in (max(size, wanted), size):  # a large block may be too much where the piece itself is not
            if self.allocated_bytes + attempt > self.kind.heap_bytes:
                continue
            try:
                block = self._allocate_block(attempt)
            except (MemoryError, DeviceError):
                if attempt == size:
                    raise
                continue
            self.blocks.append(block)
            return block
        raise MemoryError

    def _allocate_block(self, size: int) -> Block:
        vk, device = self._driver.vk, self._driver.device
        if size > self._driver.largest_bytes:
            raise MemoryError
        buffer, memory, host = c_uint64(), c_uint64(), c_void_p()
        vk.CreateBuffer(device, byref(new(v.BufferCreateInfo, size=size, usage=_USAGE)), None, byref(buffer))
        needs = v.MemoryRequirements()
        vk.GetBufferMemoryRequirements(device, buffer, byref(needs))
        flags = new(v.MemoryAllocateFlagsInfo, flags=v.MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT)
        info = new(v.MemoryAllocateInfo, pNext=ctypes.addressof(flags), allocationSize=needs.size,
                   memoryTypeIndex=self.kind.number)  # fmt: skip
        result = vk.AllocateMemory_raw(device, byref(info), None, byref(memory))
        if result < 0:
            vk.DestroyBuffer(device, buffer, None)
            raise MemoryError(v.RESULTS.get(result, ""))
        vk.BindBufferMemory(device, buffer, memory, 0)
        if self.kind.is_visible:
            vk.MapMemory(device, memory, 0, v.WHOLE_SIZE, 0, byref(host))
        address = vk.GetBufferDeviceAddress(device, byref(new(v.BufferDeviceAddressInfo, buffer=buffer.value)))
        self.allocated_bytes += size
        return Block(memory.value, buffer.value, address, host.value or 0, size)

    def _release(self, block: Block) -> None:
        vk, device = self._driver.vk, self._driver.device
        vk.DestroyBuffer(device, block.buffer, None)
        vk.FreeMemory(device, block.memory, None)  # unmaps it
        self.allocated_bytes -= block.size_bytes

    def flush(self, piece: Piece, offset: int, size: int) -> None:
        """What the host wrote can be seen by the device."""
        if not self.kind.is_coherent:
            self._driver.vk.FlushMappedMemoryRanges(self._driver.device, 1, byref(self._range(piece, offset, size)))

    def invalidate(self, piece: Piece, offset: int, size: int) -> None:
        """What the device wrote can be seen by the host."""
        if not self.kind.is_coherent:
            self._driver.vk.InvalidateMappedMemoryRanges(self._driver.device, 1, byref(self._range(piece, offset, size)))

    def _range(self, piece: Piece, offset: int, size: int) -> v.MappedMemoryRange:
        """A range in whole atoms, or to the end of the block (Vulkan 1.3, VUID-VkMappedMemoryRange-size-01390)."""
        start, end = whole_atoms(piece.offset + offset, size, self._driver.atom_bytes, piece.block.size_bytes)
        return new(v.MappedMemoryRange, memory=piece.block.memory, offset=start, size=end - start)


def whole_atoms(start: int, size: int, atom: int, limit: int) -> tuple[int, int]:
    """The range of whole atoms around [start, start + size), not beyond `limit`."""
    return start // atom * atom, min((start + size + atom - 1) // atom * atom, limit)
