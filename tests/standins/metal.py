"""Metal made of Python: the methods of `kdsl.runtime.bindings.metal.Metal`, with the executor of Metal texts behind them.

One idea: as the stand-in CUDA driver, it is as late and as literal as may be. Commands run when somebody waits for them or has
asked long enough, objects are counted, what is released is overwritten, and a launch reaches the buffers that are alive at that
moment and nothing else.
"""

from __future__ import annotations

import ctypes
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial, wraps
from typing import Any

import numpy as np
from emulation.building import BuildError
from emulation.executor import EmulationError, Memory
from emulation.msl import compile_msl, kernels_of

from kdsl.diagnostics import DeviceError
from kdsl.runtime.api import Device
from kdsl.runtime.bindings import metal as bindings
from kdsl.runtime.bindings.metal import Failure

__all__ = ["PAGE", "StandIn", "kept_apple_gpu", "standin"]

_GAP = 256
PAGE = 16 << 10  # as on Apple's processors


@dataclass
class _Buffer:
    """gap: bytes before and behind that nobody may touch; 0 where the memory is somebody else's."""

    raw: np.ndarray
    size: int
    gap: int = _GAP

    @property
    def address(self) -> int:
        return self.raw.ctypes.data + self.gap

    @property
    def bytes(self) -> np.ndarray:
        return self.raw[self.gap : self.gap + self.size]


@dataclass
class _Event:
    value: int = 0
    asked: int = 0
    queues: set[int] = field(default_factory=set)


@dataclass
class _Commands:
    queue: int
    steps: list[Any] = field(default_factory=list)
    holds: list[int] = field(default_factory=list)
    open: bool = False
    committed: bool = False
    done: bool = False
    error: tuple[int, str] = (0, "")
    ended: float = 0.0


@dataclass
class _Encoder:
    """table: what is bound, by index: a buffer with an offset, or bytes. Nothing at first."""

    commands: int
    kind: str
    ended: bool = False
    pipeline: int = 0
    table: dict[int, Any] = field(default_factory=dict)
    resources: list[int] = field(default_factory=list)


class StandIn:
    """One GPU. `calls`: how often a method was called; `alive()`: what nobody has released."""

    def __init__(self, *, version: str = "3.1", devices: int = 1, memory_bytes: int = 1 << 30, threads: int = 1024,
                 families: Sequence[int] = (1007, 1008, 2002)) -> None:  # fmt: skip
        self.lock = threading.RLock()
        self.version = version
        self.families = families  # Apple7, Apple8 and Mac2: an M2
        self.count = devices
        self.memory_limit = memory_bytes
        self.threads = threads
        self.used = 0
        self.objects: dict[int, Any] = {}
        self.counts: dict[int, int] = {}
        self.next = 0x1000
        self.waiting: dict[int, list[int]] = {}
        self.clock = 0.0
        self.calls: dict[str, int] = {}
        self.faults: list[str] = []
        self.failures: list[tuple[int, str]] = []  # of the next commands, (0, "") for those that do not fail
        self.foreign: set[int] = set()  # buffers of another GPU
        self.page = PAGE
        self.refuses_pages = False  # memory that is there already is not to Metal's liking

    # Objects

    def _new(self, it: Any) -> int:
        self.next += 16
        self.objects[self.next], self.counts[self.next] = it, 1
        return self.next

    def _get(self, handle: int, kind: type) -> Any:
        found = self.objects.get(handle)
        assert isinstance(found, kind), f"{handle:#x} is no {kind.__name__}"
        return found

    def retain(self, it: int) -> int:
        self.counts[it] += 1
        return it

    def release(self, it: int) -> None:
        self.counts[it] -= 1
        if self.counts[it]:
            return
        found = self.objects.pop(it)
        del self.counts[it]
        if isinstance(found, _Buffer) and found.gap:
            found.bytes[...] = 0xDD
            self.used -= found.size

    def alive(self, kind: type) -> int:
        return sum(isinstance(it, kind) for it in self.objects.values())

    # Devices

    def language(self) -> str:
        return self.version

    def devices(self) -> list[int]:
        return [self._new("device") for _ in range(self.count)]

    def name(self, device: int) -> str:
        return "Stand-in Apple GPU"

    def memory_bytes(self, device: int) -> tuple[int, int]:
        return self.used, self.memory_limit

    def is_of_family(self, device: int, family: int) -> bool:
        return family in self.families

    def threadgroup_bytes(self, device: int) -> int:
        return 32 << 10

    def threadgroup_size(self, device: int) -> tuple[int, int, int]:
        return self.threads, self.threads, self.threads

    # Memory

    def new_buffer(self, device: int, size: int) -> int:
        self.calls["new_buffer"] = self.calls.get("new_buffer", 0) + 1
        if self.used + size > self.memory_limit:
            return 0
        raw = np.full(size + 2 * _GAP + 256, 0xA5, np.uint8)
        raw = raw[-raw.ctypes.data % 256 :][: size + 2 * _GAP]
        self.used += size
        return self._new(_Buffer(raw, size))

    def page_bytes(self) -> int:
        return self.page

    def new_buffer_over(self, device: int, address: int, size: int) -> int:
        assert size > 0 and address % self.page == size % self.page == 0, "Metal takes whole pages"
        self.calls["new_buffer_over"] = self.calls.get("new_buffer_over", 0) + 1
        if self.refuses_pages:
            return 0
        raw = np.frombuffer((ctypes.c_uint8 * size).from_address(address), np.uint8)
        return self._new(_Buffer(raw, size, gap=0))

    def contents(self, buffer: int) -> int:
        return self._get(buffer, _Buffer).address

    def buffer_bytes(self, buffer: int) -> int:
        return self._get(buffer, _Buffer).size

    def is_of(self, buffer: int, device: int) -> bool:
        return self._get(buffer, _Buffer) is not None and buffer not in self.foreign

    gpu_address = contents  # which no kernel here is to confuse with the other

    # Code

    def new_library(self, device: int, text: str, version: str) -> int:
        assert version <= self.version
        try:
            compile_msl([text], checked=True)
        except (BuildError, ValueError) as e:
            raise DeviceError(f"Metal does not compile the text:\n  {e}") from e
        return self._new(text)

    def new_library_of(self, device: int, data: bytes) -> int:
        """What is behind the mark of a library is the text here."""
        if not data.startswith(b"MTLB"):
            raise DeviceError("Metal does not load the library:\n  Invalid library file")
        self.calls["new_library_of"] = self.calls.get("new_library_of", 0) + 1
        return self.new_library(device, data[4:].decode(), "0")

    def new_pipeline(self, device: int, library: int, name: str) -> int:
        text = self._get(library, str)
        if name not in kernels_of(text):
            raise DeviceError(f"Metal's library has no function {name!r}")
        return self._new((text, name))

    def pipeline_facts(self, pipeline: int) -> tuple[int, int, int]:
        return self.threads, 32, 0

    # Work

    def new_queue(self, device: int) -> int:
        queue = self._new("queue")
        self.waiting[queue] = []
        return queue

    def new_event(self, device: int) -> int:
        return self._new(_Event())

    def event_value(self, event: int) -> int:
        e = self._get(event, _Event)
        e.asked += 1
        if e.asked % 3 == 0:  # time passes
            for queue in e.queues:
                for commands in list(self.waiting.get(queue, [])):
                    self._run(commands)
        return e.value

    def set_event_value(self, event: int, value: int) -> None:
        e = self._get(event, _Event)
        e.value = max(value, e.value)

    def commands(self, queue: int) -> int:
        return self._new(_Commands(queue))

    def _encoder(self, commands: int, kind: str) -> int:
        c = self._get(commands, _Commands)
        assert not c.open and not c.committed, "an encoder is still open"
        c.open = True
        return self._new(_Encoder(commands, kind))

    def compute(self, commands: int) -> int:
        return self._encoder(commands, "compute")

    def blit(self, commands: int) -> int:
        return self._encoder(commands, "blit")

    def end(self, encoder: int) -> None:
        e = self._get(encoder, _Encoder)
        self._get(e.commands, _Commands).open = False
        self.release(encoder)

    def _step(self, encoder: int, kind: str, work: Any, holds: Sequence[int]) -> None:
        e = self._get(encoder, _Encoder)
        assert e.kind == kind, f"{kind} work in an encoder of {e.kind}"
        c = self._get(e.commands, _Commands)
        c.steps.append(work)
        c.holds += [self.retain(b) for b in holds]

    def step(self, what: str, *args: Any) -> tuple[Any, ...]:
        return (what, *args)

    def play(self, encoder: int, steps: Sequence[tuple[Any, ...]]) -> None:
        e = self._get(encoder, _Encoder)
        assert e.kind == "compute" and not e.ended
        for what, *args in steps:
            self.calls[what] = self.calls.get(what, 0) + 1
            if what == "pipeline":
                e.pipeline = args[0]
            elif what == "buffer":
                e.table[args[2]] = (args[0], args[1])
            elif what == "offset":
                held = e.table[args[1]]
                assert isinstance(held, tuple), "no buffer is there"
                e.table[args[1]] = (held[0], args[0])
            elif what == "bytes":
                assert len(args[0]) <= 4096, "Metal copies 4 KiB at most"
                e.table[args[1]] = bytes(args[0])
            elif what == "resource":
                e.resources.append(args[0])
            else:
                self._dispatch(encoder, e, *args)

    def _dispatch(self, encoder: int, e: _Encoder, grid: Sequence[int], block: Sequence[int]) -> None:
        """A launch with what the encoder knows now."""
        assert max(e.table) < 31
        text, name = self._get(e.pipeline, tuple)
        bound = re.search(r"max_total_threads_per_threadgroup\((\d+)\)", text)
        assert bound and block[0] * block[1] * block[2] <= int(bound[1])
        count = len(re.findall(r"\[\[buffer\(\d+\)\]\]", text))
        rows = [e.table[k] for k in range(count)]  # a table may have more, which an earlier kernel read
        buffers, structure = [r for r in rows if isinstance(r, tuple)], b"".join([r for r in rows if isinstance(r, bytes)])
        assert all(isinstance(r, tuple) for r in rows[: len(buffers)]), "the structure is not behind the buffers"
        reached = {b for b, _ in buffers} | set(e.resources)
        given = [self._get(b, _Buffer).address + offset for b, offset in buffers]
        work = partial(self._launch, text, name, given, structure, tuple(grid), tuple(block), reached)
        self._step(encoder, "compute", work, [e.pipeline, *reached])

    def _launch(self, text: str, name: str, given: list[int], structure: bytes, grid: tuple[int, ...], block: tuple[int, ...],
                reached: set[int]) -> None:  # fmt: skip
        held = np.frombuffer(structure + bytes(8), np.uint8).copy()
        memory = [Memory(b.address, b.size) for b in [self.objects[h] for h in reached]]
        own = Memory(held.ctypes.data, held.nbytes, read_only=True)
        compile_msl([text], checked=True).launch(name, grid, block, [*given, held.ctypes.data], memory=[*memory, own], order=2)

    def copy(self, encoder: int, source: int, at: int, to: int, offset: int, size: int) -> None:
        self.calls["copy"] = self.calls.get("copy", 0) + 1
        a, b = self._get(source, _Buffer), self._get(to, _Buffer)
        assert at + size <= a.size and offset + size <= b.size

        def work() -> None:
            b.bytes[offset : offset + size] = a.bytes[at : at + size].copy()

        self._step(encoder, "blit", work, (source, to))

    def fill(self, encoder: int, to: int, offset: int, size: int, value: int) -> None:
        b = self._get(to, _Buffer)
        assert offset + size <= b.size

        def work() -> None:
            b.bytes[offset : offset + size] = value

        self._step(encoder, "blit", work, (to,))

    def signal(self, commands: int, event: int, value: int) -> None:
        c, e = self._get(commands, _Commands), self._get(event, _Event)
        assert not c.open
        e.queues.add(c.queue)

        def work() -> None:
            assert value >= e.value, "an event goes back"
            e.value = value

        c.steps.append(work)

    def wait_for(self, commands: int, event: int, value: int) -> None:
        c, e = self._get(commands, _Commands), self._get(event, _Event)
        assert not c.open

        def work() -> None:
            for queue in e.queues:
                for other in list(self.waiting.get(queue, [])):
                    if e.value < value:
                        self._run(other)
            assert e.value >= value, "nobody signals what is waited for"

        c.steps.append(work)

    def commit(self, commands: int) -> None:
        c = self._get(commands, _Commands)
        assert not c.open and not c.committed
        c.committed = True
        self.retain(commands)
        self.waiting[c.queue].append(commands)

    def _run(self, commands: int) -> None:
        """Commands, after all that were committed to their queue before."""
        c = self._get(commands, _Commands)
        while not c.done:
            first = self.waiting[c.queue][0]
            f = self._get(first, _Commands)
            self.waiting[c.queue].pop(0)
            f.error = self.failures.pop(0) if self.failures else f.error
            for step in f.steps if not f.error[0] else []:
                try:
                    step()
                except EmulationError as e:
                    self.faults.append(str(e))
                    f.error = (Failure.PAGE_FAULT, f"Caused GPU Address Fault Error ({e})")
                    break  # also without coming to the signal at the end
            self.clock += 0.001
            f.done, f.ended = True, self.clock
            for held in f.holds:
                self.release(held)
            f.steps.clear()
            self.release(first)

    def finish(self, commands: int) -> None:
        assert self._get(commands, _Commands).committed
        self._run(commands)

    def error(self, commands: int) -> tuple[int, str]:
        return self._get(commands, _Commands).error

    def end_seconds(self, commands: int) -> float:
        c = self._get(commands, _Commands)
        assert c.done
        return c.ended


def _one_at_a_time(method: Callable[..., Any]) -> Callable[..., Any]:
    """Metal's objects may be used by several threads at once."""

    @wraps(method)
    def call(self: StandIn, *args: Any) -> Any:
        with self.lock:
            return method(self, *args)

    return call


for _name, _method in list(vars(StandIn).items()):
    if not _name.startswith("_") and callable(_method):
        setattr(StandIn, _name, _one_at_a_time(_method))

_KEPT = "metal-stand-in"


@contextmanager
def standin(**options: Any) -> Iterator[StandIn]:
    """Metal is a stand-in inside the block; devices opened before are forgotten, and again after it."""
    from kdsl.runtime import registry

    machine = StandIn(**options)

    def forget() -> None:
        for name in [name for name in registry._open if name.startswith("metal") and name != _KEPT]:
            del registry._open[name]

    forget()
    bindings.use_library(machine)
    try:
        yield machine
    finally:
        forget()
        bindings.use_library(None)


@cache
def kept_apple_gpu() -> Device:
    """A device over a stand-in of its own, for as long as the process runs."""
    from kdsl.kernel import provide_pool
    from kdsl.runtime.asynchronous import AsyncDevice
    from kdsl.runtime.metal.driver import MetalDriver

    provide_pool()
    with standin():
        return AsyncDevice(_KEPT, MetalDriver(0))
