"""A queue of work: command buffers that fill while the device is busy, and a timeline semaphore that counts submissions.

One idea: work goes into an open command buffer. It is submitted when someone needs a point behind it, when the device has little
left to do, or when it is long; so a lone launch starts at once, and a thousand launches in a row share a few submissions.
Submissions are numbered; the semaphore's value is the number of the last one that is done.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from ctypes import addressof, byref, c_uint64, c_void_p
from typing import TYPE_CHECKING, Any

import numpy as np

from ...diagnostics import DeviceError
from ..api import Geometry
from ..bindings import vulkan as v
from ..driver import Memory, Queue, Uses
from .api import check, new
from .hazards import Hazards
from .parts import FIRST, Triple, dispatches
from .pipelines import Code
from .ring import Ring
from .stamps import Stamp, Stamps

if TYPE_CHECKING:
    from .device import VulkanDriver
    from .replay import VulkanReplay

__all__ = ["Mark", "VulkanQueue", "barrier_of", "time_limit"]

_MOST_LAUNCHES = 64  # in one command buffer
_BUSY = 2  # submissions under way with which the device has enough to do
_MOST_SUBMISSIONS = 32  # under way; beyond this the host waits
_RING_BYTES = 8 << 20
_PIECE_BYTES = _RING_BYTES // 4  # of large copies, so that the next piece is prepared while one is on its way
_NEVER = 1 << 62
_SLICE_NS = 200_000_000  # of waiting, so that Ctrl-C is heard

_COMPUTE, _TRANSFER, _HOST = (
    v.PIPELINE_STAGE_COMPUTE_SHADER_BIT, v.PIPELINE_STAGE_TRANSFER_BIT, v.PIPELINE_STAGE_HOST_BIT
)  # fmt: skip
_WRITES = v.ACCESS_SHADER_WRITE_BIT | v.ACCESS_TRANSFER_WRITE_BIT
_READS = v.ACCESS_SHADER_READ_BIT | v.ACCESS_TRANSFER_READ_BIT
_BETWEEN = new(v.MemoryBarrier, srcAccessMask=_WRITES, dstAccessMask=_READS | _WRITES)
_TO_HOST = new(v.MemoryBarrier, srcAccessMask=_WRITES, dstAccessMask=v.ACCESS_HOST_READ_BIT)


def barrier_of(vk: Any) -> Callable[[int], None]:
    """A function that writes a barrier between all work before and all after into a command buffer."""
    barrier, between, stages = vk.CmdPipelineBarrier, addressof(_BETWEEN), _COMPUTE | _TRANSFER

    def write(commands: int) -> None:
        barrier(commands, stages, stages, 0, 1, between, 0, None, 0, None)

    return write


def host_barrier_of(vk: Any) -> Callable[[int], None]:
    """A function that makes what was written visible to the host, once it has waited."""
    barrier, to_host = vk.CmdPipelineBarrier, addressof(_TO_HOST)

    def write(commands: int) -> None:
        barrier(commands, _COMPUTE | _TRANSFER, _HOST, 0, 1, to_host, 0, None, 0, None)

    return write


def time_limit() -> float:
    """Seconds after which waiting for the device is given up (KDSL_TIMEOUT); 0 for never."""
    try:
        return float(os.environ.get("KDSL_TIMEOUT", "") or 0)
    except ValueError as e:
        raise DeviceError("KDSL_TIMEOUT is not a number of seconds") from e


class Mark:
    """A point on a queue: the submission that it ends, and a time stamp if one was asked for."""

    __slots__ = ("queue", "serial", "stamp")

    def __init__(self, queue: VulkanQueue, serial: int, stamp: Stamp | None = None) -> None:
        self.queue = queue
        self.serial = serial
        self.stamp = stamp

    def __del__(self) -> None:
        if self.stamp is not None:
            self.queue.stamps.give(self.stamp)

    def ticks(self) -> int:
        if self.stamp is None:
            raise DeviceError("this event has no time\n  = help: take the times of `stream.record()`, before and after")
        return self.queue.stamps.ticks(self.stamp)


class VulkanQueue(Queue):
    """See `driver.Queue`."""

    def __init__(self, driver: VulkanDriver, native: int, submit_lock: threading.Lock) -> None:
        self.driver: VulkanDriver = driver  # pyright: ignore
        self.native = native
        self._vk, self._device, self._lock = driver.vk, driver.device, submit_lock
        # A submission and the wait for it are most of what a replayed launch costs: without a function around them.
        self._submit_raw, self._wait_raw = driver.vk.QueueSubmit_raw, driver.vk.WaitSemaphores_raw
        self._layout, self._limit = driver.layout, driver.target.grid_limit
        self.hazards = Hazards()
        self.stamps = Stamps(self)
        self._ring: Ring | None = None
        self._ring_memory: Memory | None = None
        self._barrier, self._host_barrier = barrier_of(driver.vk), host_barrier_of(driver.vk)
        self._open: int | None = None  # the command buffer that is being filled
        self._count = 0  # launches in it
        self._bound: Code | None = None
        self._closed: list[int] = []  # command buffers to submit, in order; the open one comes last
        self._ready: Any = None  # the same as an array, where there is one already
        self._waits: list[tuple[int, int]] = []  # (semaphore, value) that the next submission waits for
        self._serial = 0  # of the last submission
        self._done = 0
        self._idle: deque[int] = deque()
        self._flying: deque[tuple[int, int]] = deque()  # (serial, command buffer)
        self._points: deque[tuple[int, int]] = deque()  # (serial, value) that was signalled
        self._reached = 0
        self._held = _NEVER  # the first submission whose part of the ring a download has not brought home
        self._poll_lock = threading.Lock()
        self._waiters: list[tuple[c_uint64, v.SemaphoreWaitInfo]] = []  # structures to wait with; each waiting thread takes one
        self._make_pool()
        self._make_semaphore()
        self._prepare_submit()

    # Made once

    def _make_pool(self) -> None:
        info = new(v.CommandPoolCreateInfo, flags=v.COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
                   queueFamilyIndex=self.driver.family)  # fmt: skip
        pool = c_uint64()
        self._vk.CreateCommandPool(self._device, byref(info), None, byref(pool))
        self.pool = pool.value

    def _make_semaphore(self) -> None:
        kind = new(v.SemaphoreTypeCreateInfo, semaphoreType=v.SEMAPHORE_TYPE_TIMELINE)
        info = new(v.SemaphoreCreateInfo, pNext=addressof(kind))
        semaphore = c_uint64()
        self._vk.CreateSemaphore(self._device, byref(info), None, byref(semaphore))
        self.semaphore = semaphore

    def _prepare_submit(self) -> None:
        """The structures of a submission, filled in anew for each."""
        self._signal_value = c_uint64()
        self._timeline = new(v.TimelineSemaphoreSubmitInfo, signalSemaphoreValueCount=1,
                             pSignalSemaphoreValues=addressof(self._signal_value))  # fmt: skip
        self._info = new(v.SubmitInfo, pNext=addressof(self._timeline), signalSemaphoreCount=1,
                         pSignalSemaphores=addressof(self.semaphore))  # fmt: skip
        self._info_ref = byref(self._info)

    def new_commands(self, count: int) -> list[int]:
        """Command buffers of this queue's pool."""
        rows = (c_void_p * count)()
        info = new(v.CommandBufferAllocateInfo, commandPool=self.pool, commandBufferCount=count)
        self._vk.AllocateCommandBuffers(self._device, byref(info), addressof(rows))
        return [int(h or 0) for h in rows]

    def begin(self, commands: int, flags: int) -> None:
        self._vk.BeginCommandBuffer(commands, byref(_BEGIN[flags]))

    # Work

    def launch(self, code: Code, arguments: bytes, geometry: Geometry, uses: Uses) -> None:
        vk, commands = self._vk, self._open or self._opened()
        if code.spills:
            arguments = self._spill(arguments)
            commands = self._open or self._opened()  # waiting for room may have submitted the one before
        if self.hazards.touch(uses):
            self._barrier(commands)
        if code is not self._bound:
            vk.CmdBindPipeline(commands, v.PIPELINE_BIND_POINT_COMPUTE, code.pipeline)
            self._bound = code
        x, y, z = geometry[:3]
        a, b, c = self._limit
        if x > a or y > b or z > c:
            self.dispatch_parts(commands, code, arguments, (x, y, z))
        else:
            if code.part_blocks:
                arguments += FIRST
            if arguments:
                vk.CmdPushConstants(commands, self._layout, v.SHADER_STAGE_COMPUTE_BIT, 0, len(arguments), arguments)
            vk.CmdDispatch(commands, x, y, z)
        self._count += 1
        if self._serial - self._done < _BUSY or self._count % 8 == 1 or self._count >= _MOST_LAUNCHES:
            self._submit_if_due()

    def dispatch_parts(self, commands: int, code: Code, pushed: bytes, grid: Triple) -> None:
        """A launch of more blocks than the device takes at once."""
        vk = self._vk
        for word, (x, y, z) in dispatches(grid, self._limit, code.part_blocks):
            vk.CmdPushConstants(commands, self._layout, v.SHADER_STAGE_COMPUTE_BIT, 0, len(pushed) + 8, pushed + word)
            vk.CmdDispatch(commands, x, y, z)

    def _submit_if_due(self) -> None:
        if self._count < _MOST_LAUNCHES and self._serial - self._done >= _BUSY:
            self._poll()
        if self._count >= _MOST_LAUNCHES or self._serial - self._done < _BUSY:
            self._submit()

    def _spill(self, arguments: bytes) -> bytes:
        """Arguments into memory; gives the bytes of their address."""
        offset = self._take(len(arguments))
        memory, data = self._ring_memory, np.frombuffer(arguments, np.uint8)
        assert memory is not None
        memory.handle.bytes(offset, data.size)[...] = data
        self.driver.heap_of(memory).flush(memory.handle, offset, data.size)
        return (memory.address + offset).to_bytes(8, "little")

    def upload(self, to: Memory, offset: int, source: np.ndarray[Any, Any]) -> None:
        heap = self.driver.heap_of(to)
        if heap.kind.is_visible and self._is_idle():
            to.handle.bytes(offset, source.size)[...] = source
            heap.flush(to.handle, offset, source.size)
            return
        for start in range(0, source.size, _PIECE_BYTES):
            part = source[start : start + _PIECE_BYTES]
            at = self._take(part.size)
            ring = self._ring_memory
            assert ring is not None
            ring.handle.bytes(at, part.size)[...] = part
            self.driver.heap_of(ring).flush(ring.handle, at, part.size)
            self._copy(ring, at, to, offset + start, part.size)
            if source.size > _PIECE_BYTES:
                self._submit()  # it is on its way while the next piece is prepared

    def download(self, source: Memory, offset: int, into: np.ndarray[Any, Any]) -> None:
        heap = self.driver.heap_of(source)
        if heap.kind.is_visible:
            self._finish()
            heap.invalidate(source.handle, offset, into.size)
            into[...] = source.handle.bytes(offset, into.size)
            return
        flying: deque[tuple[int, int, np.ndarray[Any, Any]]] = deque()  # (serial, where in the ring, where to)
        for start in range(0, into.size, _PIECE_BYTES):
            part = into[start : start + _PIECE_BYTES]
            at = self._take(part.size, lambda: self._land(flying) if flying else self._make_room())
            assert self._ring_memory is not None
            self._copy(source, offset + start, self._ring_memory, at, part.size)
            flying.append((self._submit(), at, part))
            self._held = flying[0][0]
        while flying:
            self._land(flying)

    def _land(self, flying: deque[tuple[int, int, np.ndarray[Any, Any]]]) -> None:
        """Wait for the oldest part of a download, and put it where it belongs."""
        serial, at, part = flying.popleft()
        self._await(serial)
        ring = self._ring_memory
        assert ring is not None
        self.driver.heap_of(ring).invalidate(ring.handle, at, part.size)
        part[...] = ring.handle.bytes(at, part.size)
        self._held = flying[0][0] if flying else _NEVER
        self._release()

    def copy(self, source: Memory, source_offset: int, to: Memory, offset: int, size_bytes: int) -> None:
        if source is not to or source_offset != offset:
            self._copy(source, source_offset, to, offset, size_bytes)

    def _copy(self, source: Memory, source_offset: int, to: Memory, offset: int, size_bytes: int) -> None:
        commands = self._open or self._opened()
        if self.hazards.touch(((source, False), (to, True))):
            self._barrier(commands)
        a, b = source.handle, to.handle
        region = v.BufferCopy(a.offset + source_offset, b.offset + offset, size_bytes)
        self._vk.CmdCopyBuffer(commands, a.block.buffer, b.block.buffer, 1, byref(region))
        self._count += 1

    def fill(self, to: Memory, offset: int, size_bytes: int, pattern: bytes) -> None:
        if len(pattern) <= 4 and offset % 4 == 0 and size_bytes % 4 == 0:
            commands = self._open or self._opened()
            if self.hazards.touch(((to, True),)):
                self._barrier(commands)
            word, piece = int.from_bytes((pattern * 4)[:4], "little"), to.handle
            self._vk.CmdFillBuffer(commands, piece.block.buffer, piece.offset + offset, size_bytes, word)
            self._count += 1
            return
        tile = max(_PIECE_BYTES // 2 // len(pattern), 1) * len(pattern)
        data = np.frombuffer(pattern * (min(tile, size_bytes) // len(pattern)), np.uint8)
        self.upload(to, offset, data)
        for start in range(data.size, size_bytes, data.size):
            self._copy(to, offset, to, offset + start, min(data.size, size_bytes - start))

    def replay(self, replay: VulkanReplay) -> None:
        self._end_open()
        self._ready = replay.handles if not self._closed else None
        self._closed += replay.commands()
        self.hazards.lose_track()

    # Points in time

    def signal(self, value: int) -> Mark:
        serial = self._submit()
        self._points.append((serial, value))
        return Mark(self, serial)

    def stamp(self, value: int) -> Mark:
        stamp = self.stamps.take()
        self._end_open()
        self._closed.append(stamp.commands)
        self._ready = None
        mark = self.signal(value)
        mark.stamp = stamp
        return mark

    def reached(self) -> int:
        self._poll()
        return self._reached

    def wait(self, value: int) -> None:
        serial = next((s for s, v_ in list(self._points) if v_ >= value), 0)
        if serial and self._reached < value:
            self._await(serial)

    def after(self, mark: Mark) -> None:
        if mark.queue is self:
            return
        self._submit()  # what was given before need not wait
        self._waits.append((mark.queue.semaphore.value, mark.serial))

    def elapsed_ms(self, start: Mark, end: Mark) -> float:
        if not self.driver.stamp_mask:
            raise DeviceError("this device keeps no time stamps")
        ticks = (end.ticks() - start.ticks()) & self.driver.stamp_mask
        return ticks * self.driver.stamp_ns / 1e6

    # Submissions

    def _opened(self) -> int:
        """A new open command buffer."""
        if self._serial - self._done >= _MOST_SUBMISSIONS:
            self._await(self._serial - _MOST_SUBMISSIONS // 2)
        self._release()
        if not self._idle:
            self._idle.extend(self.new_commands(4))
        self._open = self._idle.popleft()
        self._vk.BeginCommandBuffer(self._open, _ONCE)
        self._bound = None
        self._count = 0
        return self._open

    def _end_open(self) -> None:
        if self._open is not None:
            self._host_barrier(self._open)
            self._vk.EndCommandBuffer(self._open)
            self._closed.append(self._open)
            self._ready = None
            self._flying.append((self._serial + 1, self._open))
            self._open = None

    def _submit(self) -> int:
        """Hand over all work that is gathered; gives the number of the submission that it is in."""
        self._end_open()
        if not self._closed and not self._waits:
            return self._serial
        info, serial = self._info, self._serial + 1
        handles = self._ready or (c_void_p * len(self._closed))(*self._closed)
        info.commandBufferCount, info.pCommandBuffers = len(self._closed), addressof(handles)
        keep = self._set_waits() if self._waits else None
        self._signal_value.value = serial
        with self._lock:
            result = self._submit_raw(self.native, 1, self._info_ref, 0)
        if result:
            check(result, "vkQueueSubmit")
        if keep is not None:
            info.waitSemaphoreCount = self._timeline.waitSemaphoreValueCount = 0
        self._serial = serial
        self._closed.clear()
        self._waits.clear()
        self._ready = None
        return serial

    def _set_waits(self) -> Any:
        count = len(self._waits)
        semaphores = (c_uint64 * count)(*[s for s, _ in self._waits])
        values = (c_uint64 * count)(*[n for _, n in self._waits])
        stages = (ctypes.c_uint32 * count)(*[_COMPUTE | _TRANSFER] * count)
        self._info.waitSemaphoreCount = self._timeline.waitSemaphoreValueCount = count
        self._info.pWaitSemaphores, self._info.pWaitDstStageMask = addressof(semaphores), addressof(stages)
        self._timeline.pWaitSemaphoreValues = addressof(values)
        return semaphores, values, stages

    def _poll(self) -> None:
        """See how far the device has come."""
        value = c_uint64()
        self._vk.GetSemaphoreCounterValue(self._device, self.semaphore, byref(value))
        self._note(value.value)

    def _note(self, done: int) -> None:
        with self._poll_lock:
            self._done = max(self._done, done)
            while self._points and self._points[0][0] <= self._done:
                self._reached = self._points.popleft()[1]

    def _await(self, serial: int) -> None:
        """Block until a submission is done."""
        try:
            value, info = self._waiters.pop()
        except IndexError:
            value = c_uint64()
            info = new(v.SemaphoreWaitInfo, semaphoreCount=1, pSemaphores=addressof(self.semaphore), pValues=addressof(value))
        value.value = serial
        result = self._wait_raw(self._device, byref(info), _SLICE_NS)
        if result:
            if result < 0:
                check(result, "vkWaitSemaphores")
            self._await_long(info)
        self._waiters.append((value, info))
        self._note(serial)

    def _await_long(self, info: v.SemaphoreWaitInfo) -> None:
        """After a first slice of waiting: further ones, until it is done or takes longer than it may."""
        limit, since = time_limit(), time.monotonic() - _SLICE_NS / 1e9
        while self._vk.WaitSemaphores(self._device, byref(info), _SLICE_NS):
            if limit and time.monotonic() - since > limit:
                raise DeviceError(
                    f"{self.driver.physical.name} did not finish within {limit} s (KDSL_TIMEOUT): a kernel runs for ever, or waits "
                    "for threads that never run\n  = help: look for loops that do not end and barriers that not every thread "
                    "reaches (KDSL_INTERPRET=1 finds those); the device is not usable until it finishes"
                )

    def _release(self) -> None:
        """Take back what the submissions that are done used, but for what a download still has to bring home."""
        done = min(self._done, self._held - 1)
        if self._ring is not None:
            self._ring.release(done)
        while self._flying and self._flying[0][0] <= done:
            self._idle.append(self._flying.popleft()[1])

    def _is_idle(self) -> bool:
        if self._open is not None or self._closed or self._waits:
            return False
        if self._done < self._serial:
            self._poll()
        return self._done >= self._serial

    def _finish(self) -> None:
        serial = self._submit()
        if self._done < serial:
            self._await(serial)

    # The ring

    def _made_ring(self) -> Ring:
        if self._ring is None:
            self._ring_memory = self.driver.allocate(_RING_BYTES, "host")
            self._ring = Ring(_RING_BYTES)
        return self._ring

    def _take(self, size: int, make_room: Callable[[], None] | None = None) -> int:
        """Room in the ring for the submission that is being gathered; waits for older ones where there is none."""
        ring = self._made_ring()
        while (offset := ring.take(size, self._serial + 1)) is None:
            (make_room or self._make_room)()
        return offset

    def _make_room(self) -> None:
        """Wait for the submission that has used the ring for longest."""
        self._submit()
        self._await(self._made_ring().oldest)
        self._release()

    def close(self) -> None:
        for pool in self.stamps.pools:
            self._vk.DestroyQueryPool(self._device, pool, None)
        self._vk.DestroyCommandPool(self._device, self.pool, None)
        self._vk.DestroySemaphore(self._device, self.semaphore, None)
        if self._ring_memory is not None:
            self.driver.free(self._ring_memory)


_BEGIN = {flags: new(v.CommandBufferBeginInfo, flags=flags)
          for flags in (v.COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT, v.COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT)}  # fmt: skip
_ONCE = byref(_BEGIN[v.COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT])
