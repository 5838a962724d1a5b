"""What a device folder (`cuda`, `hip`, `vulkan`, `metal`, `opencl`) gives, so that `asynchronous` makes a device of it.

One idea: a driver does raw things, in order, on a queue; everything that users see (arrays, streams, events, caching,
arguments on the host, diagnostics, recordings, what happens after a fork) is written once, in `asynchronous`. A device
folder's `open_device(index)` is then `AsyncDevice("cuda:0", CudaDriver(0))`.

What may be relied on
    Calls of one `Queue` come one at a time (a lock of the stream's), but for `reached` and `wait`, which any thread may
    call at any moment. Calls of different queues, and of the `Driver`, may come at the
    same time from several threads. Nothing is called from a finalizer, and nothing after a fork in the child.
    Ranges lie inside live memory; the geometry is inside `limits`; `arguments` has the layout of the entry, hidden
    slots included (threads of a cut launch, the diagnostic buffer: see "How arguments lie").

What must be kept
    Work on one queue runs in the order given, as if each piece began after the one before had ended and its writes
    were visible. Two queues are not ordered but by `after`. Memory, code and replays are only freed once the work that
    uses them is done; the driver need not keep track. No call waits for the device but `Queue.wait`, `Queue.download`
    and, where memory runs short, `Queue.upload`.

Points in time
    The host counts what it gives to a queue. `signal(value)` asks the queue to reach `value` once everything given
    before is done; values only grow. `reached()` is the largest value that was signalled and is reached. Work may be
    gathered and handed to the machine together, as long as `signal` hands over everything.
    `signal` returns a mark, any object: what `after` and `elapsed_ms` of any queue of the driver need. (CUDA: an event
    from a pool, which goes back there when the mark is dropped. Vulkan: semaphore and value.)

How arguments lie
    `arguments` is one block of 8-byte slots: for an array its address, extents and byte strides, for a scalar its
    bytes; then, if `entry.cut`, the three numbers of threads; then, if the artifact has sites, address, extent and
    stride of the diagnostic buffer. The layout is `kdsl.codegen.layout` seen from the other side.

Errors
    `MemoryError` from `allocate` when there is none left: the shared code makes room and tries again. Everything else
    is `DeviceError`, in the driver's own words and with what to do about it. `DeviceLost` when nothing will work again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..diagnostics import DeviceError
from .api import Geometry, Limits

if TYPE_CHECKING:
    import numpy as np

    from ..artifact import Artifact, Entry
    from ..target import Target

__all__ = ["IN_PLACE", "Adopted", "DeviceLost", "Driver", "Memory", "Queue", "Replay", "Uses", "Work"]


IN_PLACE = "in place"  # the name of memory that is the host's


class DeviceLost(DeviceError):
    """The device will not work again in this process: every later call raises this as well."""


class Memory:
    """A raw allocation. `address`: as kernels see it, a multiple of 64 (256 where it may be). `host`: where the CPU sees the
    same bytes, or 0. `handle`: the driver's own. `name`: one of `Driver.memories`."""

    __slots__ = ("address", "handle", "host", "name", "size_bytes", "state")

    def __init__(self, address: int, size_bytes: int, handle: Any, host: int = 0, name: str = "device") -> None:
        self.address = address
        self.size_bytes = size_bytes
        self.handle = handle
        self.host = host
        self.name = name
        self.state: Any = None  # the driver's, such as the hazards on this memory


# What a piece of work touches: (memory, whether it is written) of each array.
Uses = Sequence[tuple[Memory, bool]]


class Work(NamedTuple):
    """A launch that is recorded: what `Queue.launch` takes."""

    code: Any
    arguments: bytes
    geometry: Geometry
    uses: Uses


class Adopted(NamedTuple):
    """Another library's array. strides: in bytes, None if dense. dtype: NumPy's, or a name of kdsl's. stream: the native handle
    of the stream that its library uses for it now; 0 is the default stream."""

    memory: Memory
    shape: Sequence[int]
    strides: Sequence[int] | None
    dtype: Any
    stream: int = 0
    is_read_only: bool = False


class Queue(ABC):
    """An ordered queue of work. One for each stream."""

    driver: Driver
    native: int = 0  # the driver's handle, for interoperability

    @abstractmethod
    def launch(self, code: Any, arguments: bytes, geometry: Geometry, uses: Uses) -> None:
        """Run what `Driver.prepare` gave. No axis of the grid is 0. `uses` is empty where `Driver.wants_uses` is False."""

    @abstractmethod
    def upload(self, to: Memory, offset: int, source: np.ndarray[Any, Any]) -> None:
        """Copy contiguous bytes (u8, one axis, not empty) from the host. The source may change after the return."""

    @abstractmethod
    def download(self, source: Memory, offset: int, into: np.ndarray[Any, Any]) -> None:
        """Copy to contiguous bytes on the host, after everything given before. Blocks until the bytes are there."""

    @abstractmethod
    def copy(self, source: Memory, source_offset: int, to: Memory, offset: int, size_bytes: int) -> None:
        """Copy between two memories of this device."""

    @abstractmethod
    def fill(self, to: Memory, offset: int, size_bytes: int, pattern: bytes) -> None:
        """Repeat `pattern` (1, 2, 4, 8 or more bytes) over a range whose size is a multiple of its length."""

    @abstractmethod
    def signal(self, value: int) -> Any:
        """Reach `value` after everything given so far, and hand over everything that was gathered. Returns a mark."""

    def stamp(self, value: int) -> Any:
        """As `signal`, and the mark knows its time, for `elapsed_ms`. Where a time costs something, marks of `signal` need none."""
        return self.signal(value)

    @abstractmethod
    def reached(self) -> int:
        """The largest signalled value that is reached. Never blocks. Raises what the work failed with."""

    @abstractmethod
    def wait(self, value: int) -> None:
        """Block until a signalled value is reached."""

    @abstractmethod
    def after(self, mark: Any) -> None:
        """What is given from here on starts after the mark of another queue. Does not block the host."""

    def replay(self, replay: Any) -> None:
        """Run what `Driver.record` made, again."""
        replay.run(self)

    def elapsed_ms(self, start: Any, end: Any) -> float:
        """Milliseconds on the device's clock between two marks of this driver that are reached."""
        del start, end
        raise DeviceError("this device keeps no time stamps")

    def close(self) -> None:
        """The stream is gone, and its work is done."""
        return


class Replay:
    """Recorded launches of a driver that has nothing better: they are given one by one."""

    __slots__ = ("works",)

    def __init__(self, works: Sequence[Work]) -> None:
        self.works = list(works)

    def run(self, queue: Queue) -> None:
        for code, arguments, geometry, uses in self.works:
            queue.launch(code, arguments, geometry, uses)

    def update(self, changes: dict[int, Work]) -> None:
        """Put other arguments into the launches at these places. No replay of it is running."""
        for i, work in changes.items():
            self.works[i] = work

    def close(self) -> None:
        """The recording is gone, and its work is done."""


class Driver(ABC):
    """One device as its own interface sees it."""

    target: Target  # with the features of this very device
    limits: Limits
    description: str  # the machine in words, for `kdsl doctor`
    formats: tuple[str, ...]  # the `Artifact.format`s that `load` takes
    memories: tuple[str, ...] = ("device",)
    wants_uses: bool = False  # whether `Queue.launch` is told which memory a launch touches

    @abstractmethod
    def allocate(self, size_bytes: int, memory: str) -> Memory:
        """Uninitialised memory. `MemoryError` when there is none left."""

    @abstractmethod
    def free(self, memory: Memory) -> None:
        """Give it back now: no work uses it any more."""

    @abstractmethod
    def queue(self) -> Queue:
        """A new queue."""

    def default_queue(self) -> Queue:
        """The queue of the device's default stream."""
        return self.queue()

    @abstractmethod
    def load(self, artifact: Artifact) -> Any:
        """Load code; its format is one of `formats`. `DeviceError` in the driver's words when it cannot."""

    @abstractmethod
    def prepare(self, module: Any, artifact: Artifact, entry: Entry) -> Any:
        """What `Queue.launch` takes to run one entry of a loaded module."""

    def call_record(self, code: Any, entry: Entry, geometry: Geometry, queue: Queue, counter: int) -> tuple[int, bytes] | None:
        """(address of compiled code, launch record) that make this launch without Python and add 1 to the number at
        `counter`; None where there is nothing of the kind. See `kdsl.calltable`."""
        del code, entry, geometry, queue, counter

    def unload(self, module: Any) -> None:
        """The module is gone, and its work is done."""
        del module

    def record(self, works: Sequence[Work]) -> Any:
        """What `Queue.replay` runs: an object with the methods of `Replay` (update, close), such as a graph."""
        return Replay(works)

    def memory_info(self) -> tuple[int, int]:
        """(free, total) in bytes; (0, 0) when unknown."""
        return (0, 0)

    def explain(self, module: Any) -> str:
        """What the device's compiler says of a module."""
        del module
        return ""

    def finish(self) -> None:
        """The process ends; all work is done. A place to keep what the driver compiled."""
        return

    def in_place(self, view: np.ndarray[Any, Any], low: int, high: int, *, is_written: bool) -> tuple[Memory, int] | None:
        """Memory of the host's, from the address `low` to before `high`, as memory of this device without a copy, and where in it
        `low` lies; None where it must be copied. The memory keeps `view` alive until it is freed; its name is `IN_PLACE`. What this
        driver allocated is not asked for."""
        del view, low, high, is_written

    def adopt(self, value: object) -> Adopted | None:
        """Another library's array on this very device, shared without a copy; None for anything else."""
        del value
        return None

    def sibling(self, value: object) -> tuple[str, Callable[[], Driver]] | None:
        """(what tells it from this one, how to make it) of the driver of this device that an array belongs to, where that is
        another one: of memory in another context of the same GPU."""
        del value
        return None

    def adopt_queue(self, stream: object) -> Queue | None:
        """A queue over another library's stream, which stays that library's; None for what is no stream."""
        del stream
        return None

    def cuda_index(self) -> int:
        """The number by which CUDA's libraries know this device; -1 for what they do not know."""
        return -1
