"""The contract between kdsl and a device: `Device, Buffer, Stream, Event, CommandBuffer, Executable`.

One idea: the contract is written for the most asynchronous device there is (timeline semaphores, several streams,
several kinds of memory), and a device that does everything at once, such as the CPU, satisfies it trivially.

Who checks what
    `kdsl.runtime.checked` and `geometry` check everything a user can get wrong, once, in front of any device. A device
    receives only valid requests: ranges inside live buffers, a geometry inside its limits, packed arguments that fit
    the entry. What a device must still report is what only it can know: out of memory, device lost, the
    driver's refusal. These are `DeviceError`, with the driver's own words. Faults that a debug kernel wrote to its
    diagnostic buffer are `KernelFault`.

What is ordered with what
    Work on one stream runs in the order it was given: launches, writes, reads, copies, fills, replays. Work on two
    streams is not ordered, unless one waits for an event that the other recorded. Every device has a default stream
    (`stream=None`), which is a stream like any other: it does not wait for the others. Only `write` and `fill` on it, by
    which the host makes and fills arrays, come before everything that any stream is given later. An event is a point (stream,
    value) on a stream's timeline: values only grow, and an event is done when its stream has come to its value. This
    is a timeline semaphore in Vulkan, MTLSharedEvent in Metal; with CUDA and HIP an event object per point.

What may block
    `Event.wait`, `Stream.synchronize`, `Device.synchronize` and `read` block the calling thread until the work is done.
    `allocate` blocks only when memory must be waited for. `write` has copied its source when it returns. `launch`,
    `copy`, `fill`, `record`, `signal`, `Stream.wait` and `submit` do not wait for the device, although a device may
    finish them before it returns (the CPU does). No method may call back into Python code of the user.

Faults
    A fault is raised at the next point where the host waits (`wait`, `synchronize`, `read`), or at once where the
    device is synchronous. After it the device is usable again, except when the device was lost.

Lifetimes
    A buffer, executable or command buffer may be dropped at any time; its device keeps the memory or code until the
    work that uses it is done (`kdsl.runtime.pool` frees after an event). `Buffer.free` only says so earlier.

Threads
    Every method may be called from any thread. Two threads that use one stream get some order; each call is atomic.

Optional hooks, with their defaults
    `Device.host_address(buffer)`: 0. An address at which the CPU sees the memory (CPU, unified memory, mapped memory).
    `Device.memories`: ("device",). Further names `allocate` knows, such as "host" (pinned) and "shared" (unified).
    `Stream.native`, `Buffer.native`: the driver's handle as an int, for interoperability; 0.
    `Executable.bind(entry)`: `launch` with the entry filled in.
    `Executable.launcher`: the class of its launchers, after `launcher.Launcher`; None: that one.
    `Device.compiles_shapes`: False. Whether code is made for blocks of one shape, and for launches that end inside blocks
    apart (GPUs); else any launch may run any code.
    `Executable.call_plan(entry, geometry, stream)`: what `quick` needs to make the launch natively the next time; None.
    `Executable.explain()`: what the device compiler says (registers, spills, occupancy); "".
    `Device.memory_info()`: (free, total) in bytes; (0, 0) when unknown.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from operator import index
from typing import TYPE_CHECKING, Any

from ..diagnostics import DeviceError, refuse, shown
from ..records import record
from .arrays import DeviceArray, from_host, make

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from ..artifact import Artifact, Entry
    from ..target import Target

__all__ = ["Buffer", "CallPlan", "CommandBuffer", "Device", "Event", "Executable", "Geometry", "Limits", "Stream",
           "check_event", "check_range", "check_size"]  # fmt: skip

# Blocks per axis, threads of a block per axis, threads that exist per axis: nine ints, as in the CPU launch record.
Geometry = tuple[int, int, int, int, int, int, int, int, int]


class CallPlan(metaclass=record):
    """What a device runs natively for one geometry; see `kdsl.calltable.CallSlot`. `keep` is kept alive as long as it may run.

    argument_slots: how many slots the code reads. is_apart: the host's memory is not the device's, so only the device's
    arrays are passed; and the code says whether it made the launch. reaches: addresses of two numbers, of which the first must not
    be the less. lock: address of the word that locks the scratch memory in the record, or 0. limit: an argument slot, and the
    largest number there that the plan is for.
    """

    code: int
    items: int
    grain: int
    brief: bool
    pool: int
    scratch: int
    record: bytes
    epoch_at: int
    epoch: int
    keep: object
    argument_slots: int = 0
    is_apart: bool = False
    reaches: tuple[int, int] | None = None
    lock: int = 0
    limit: tuple[int, int] | None = None


class Limits(metaclass=record):
    """What a launch on this device may ask for. `shared_bytes` is per block."""

    block_threads: int = 1024
    block: tuple[int, int, int] = (1024, 1024, 64)
    grid: tuple[int, int, int] = (2**31 - 1, 65535, 65535)
    shared_bytes: int = 48 << 10
    subgroup_sizes: tuple[int, ...] = (32,)


class Buffer(ABC):
    """A piece of memory of a device. `size_bytes` is what was asked for; its address is a multiple of 64."""

    __slots__ = ("address", "device", "memory", "size_bytes")

    device: Device
    address: int  # as kernels see it; 0 after `free`
    size_bytes: int
    memory: str

    @property
    def native(self) -> int:
        return 0

    @abstractmethod
    def free(self) -> None:
        """Give the memory back now. It is reused once the work given so far is done. Freeing twice is allowed."""


def check_event(event: object) -> None:
    """K626 for what is no event."""
    if not isinstance(event, Event):
        refuse("K626", None, f"{shown(event)} is no event", help="stream.record() gives one")


def check_size(size_bytes: object) -> None:
    """K626 for what is no number of bytes."""
    if not isinstance(size_bytes, int) or size_bytes < 0:
        refuse("K626", None, f"{shown(size_bytes)} is no number of bytes", help="give an int that is not negative")


def check_range(buffer: object, offset: Any, size_bytes: Any) -> None:
    """K626 for what is no buffer, and for bytes that it does not have: a copy of those would lose the device."""
    if not isinstance(buffer, Buffer):
        refuse("K626", None, f"{shown(buffer)} is no buffer", help="an array's is x.buffer; device.allocate(n) gives one")
    try:
        first, count = index(offset), index(size_bytes)
    except TypeError:
        first = count = -1
    if first < 0 or count < 0 or first + count > buffer.size_bytes:
        refuse("K626", None, f"{shown(size_bytes)} bytes from {shown(offset)} on are not in a buffer of {buffer.size_bytes} bytes",
               help="offsets and sizes are in bytes: x.nbytes is an array's, 4 * n that of n numbers of f32")  # fmt: skip



class Event(ABC):
    """A point on a stream's timeline."""

    __slots__ = ()

    @property
    @abstractmethod
    def done(self) -> bool:
        """Whether the stream has come to this point. Never blocks."""

    @abstractmethod
    def wait(self) -> None:
        """Block the calling thread until `done`; raises the fault of the work before it, if there was one."""

    @abstractmethod
    def elapsed_ms(self, since: Event) -> float:
        """Milliseconds on the device's clock from `since` to this event. Both must be done, and come from `Stream.record`."""


class Stream(ABC):
    """An ordered queue of work. Use as `kernel[grid](..., stream=s)`."""

    __slots__ = ()

    device: Device

    @property
    def native(self) -> int:
        return 0

    @abstractmethod
    def record(self) -> Event:
        """The point after everything given to this stream so far."""

    def signal(self) -> Event:
        """The same as `record`, in the words of timeline semaphores."""
        return self.record()

    @abstractmethod
    def wait(self, event: Event) -> None:
        """Work given to this stream from now on starts after `event`. Does not block the calling thread."""

    @abstractmethod
    def synchronize(self) -> None:
        """Block until everything given to this stream is done; raises its faults."""


class Executable(ABC):
    """An artifact loaded on a device."""

    __slots__ = ()

    launcher: type[Any] | None = None
    device: Device
    artifact: Artifact

    @abstractmethod
    def launch(self, entry: Entry, arguments: bytes, geometry: Geometry, stream: Stream | None = None) -> None:
        """Run `entry` over a checked geometry. `arguments` are the packed slots of `Entry.params` (see `artifact`)."""

    def bind(self, entry: Entry) -> Callable[[bytes, Geometry, Stream | None], None]:
        """`launch` for one entry, as a function (arguments, geometry, stream): the fast path of repeated launches."""
        return partial(self.launch, entry)

    def call_plan(self, entry: Entry, geometry: Geometry, stream: Stream | None = None) -> CallPlan | None:
        """How compiled code makes a launch that was just made; None when it cannot."""
        del entry, geometry, stream
        return None

    def explain(self) -> str:
        return ""


class CommandBuffer(ABC):
    """Launches recorded once and replayed as a whole, on one stream, in order.

    `with device.commands() as c:` records every launch that the same Python thread makes on this device; nothing runs.
    Arguments are kept alive by the recording. Shapes and types are fixed by it, the arrays are not: see `update`.
    """

    __slots__ = ()

    device: Device

    @abstractmethod
    def submit(self, stream: Stream | None = None) -> Event:
        """Run everything that was recorded, again; the event is done when all of it is."""

    @abstractmethod
    def update(self, *pairs: tuple[object, object], **named: object) -> None:
        """Replace arguments: `update(x=other)` for every launch with a parameter x, `update((old, new))` for every
        launch that was recorded with the object `old`. The type must be the recorded one (K642), the name
        known (K641)."""


class Device(ABC):
    """One machine that runs kernels."""

    name: str  # as KDSL_DEVICE spells it: "cpu", "cuda:0"
    target: Target
    limits: Limits
    memories: tuple[str, ...] = ("device",)
    compiles_shapes: bool = False
    cuda_index: int = -1  # the number by which CUDA's libraries know the device; -1 for what they do not know

    @abstractmethod
    def allocate(self, size_bytes: int, memory: str = "device") -> Buffer:
        """Uninitialised memory, at least 64-byte aligned. `DeviceError` when there is none left."""

    @abstractmethod
    def write(self, buffer: Buffer, data: Any, offset: int = 0, stream: Stream | None = None) -> None:
        """Copy `data` (bytes-like, contiguous) into the buffer; the source may change after the return."""

    @abstractmethod
    def read(self, buffer: Buffer, into: Any, offset: int = 0, stream: Stream | None = None) -> None:
        """Copy from the buffer into `into` (writable, bytes-like, contiguous). Blocks."""

    @abstractmethod
    def copy(self, source: Buffer, to: Buffer, size_bytes: int, source_offset: int = 0, offset: int = 0,
             stream: Stream | None = None) -> None:  # fmt: skip
        """Copy between two buffers of this device; the ranges may overlap only if they are the same."""

    @abstractmethod
    def fill(
        self, buffer: Buffer, pattern: bytes, size_bytes: int, offset: int = 0, stream: Stream | None = None
    ) -> None:
        """Repeat `pattern` over `size_bytes`, a multiple of its length."""

    @abstractmethod
    def load(self, artifact: Artifact) -> Executable:
        """Make compiled code runnable here. `DeviceError` when the artifact is for something else or is damaged."""

    @abstractmethod
    def stream(self) -> Stream:
        """A new stream."""

    @abstractmethod
    def commands(self) -> CommandBuffer:
        """An empty command buffer, to be used with `with`."""

    @abstractmethod
    def synchronize(self) -> None:
        """Block until every stream of this device has nothing left to do; raises the faults."""

    def host_address(self, buffer: Buffer) -> int:
        """Where the CPU sees the memory, or 0."""
        del buffer
        return 0

    def memory_info(self) -> tuple[int, int]:
        return (0, 0)

    def __repr__(self) -> str:
        return f"<kdsl device {self.name}: {self.target}>"

    # Arrays: the same on every device, see `arrays`.

    def array(self, source: object, dtype: object = None) -> DeviceArray:
        """A new array on this device with a copy of `source` (anything NumPy understands), C-contiguous."""
        return from_host(self, source, dtype)

    def empty(self, shape: int | Sequence[int], dtype: object = "f32") -> DeviceArray:
        """A new array, uninitialised. Shape in elements; `dtype` a kdsl type, its name, or a NumPy dtype."""
        return make(self, shape, dtype)

    def zeros(self, shape: int | Sequence[int], dtype: object = "f32") -> DeviceArray:
        """A new array of zeros."""
        out = make(self, shape, dtype)
        out.fill(0)
        return out

    def host_array(self, shape: int | Sequence[int], dtype: object = "f32") -> np.ndarray[Any, Any]:
        """A new NumPy array, uninitialised, in memory that the CPU and this device share: a launch here uses it in place, where
        it would copy another array of the host's in and out. `DeviceError` where there is no such memory."""
        found = [m for m in ("shared", "host", "device") if m in self.memories]
        out = make(self, shape, dtype, found[0])
        if not self.host_address(out.buffer):
            raise DeviceError(f"{self.name} has no memory that the CPU sees\n"
                              "  = help: device.empty(...) makes an array there, and x.numpy() a copy of it")  # fmt: skip
        return out.host_view()
