"""Streams and events of asynchronous devices: how far the host has given work, and how far the device has come.

One idea: a stream is a line of numbered pieces of work. What must wait for a point on it (an event, memory that is to be
reused) is the number at that point, and the driver is asked for a signal only when someone looks.
"""

from __future__ import annotations

import ctypes
import threading
from typing import TYPE_CHECKING, Any

from ..diagnostics import KernelFault, refuse
from .api import Event, Stream, check_event
from .driver import Memory, Queue

if TYPE_CHECKING:
    import numpy as np

    from .asynchronous import AsyncDevice
    from .loaded import Diagnostics

__all__ = ["AsyncEvent", "AsyncStream", "Line", "Point"]


class Line:
    """A queue and its numbers. It outlives the user's `AsyncStream`: memory may still wait for its work.

    given: pieces of work handed to the queue: those that `advance` counted, and those that compiled code gave, which adds to
    a number at `counter_address` and holds no lock. signalled: up to which of them a signal was asked for. pending: diagnostic
    buffers that work since the last synchronisation may have written to. met: what the host wrote to arrays, up to here on the
    default line, is there for this line's work (compiled code looks at `met_address`). is_borrowed: the stream is another
    library's, which may end it at any time, so every piece of work is signalled at once and the stream is not asked for anything
    later.
    """

    __slots__ = ("_compiled", "_given", "_mark", "_met", "is_borrowed", "lock", "pending", "queue", "seen", "signalled")

    def __init__(self, queue: Queue, *, is_borrowed: bool = False) -> None:
        self.queue = queue
        self.is_borrowed = is_borrowed
        self.lock = threading.RLock()
        self._given = 0
        self._compiled = ctypes.c_int64()
        self.signalled = 0
        self._met = ctypes.c_int64()
        self.seen = 0  # the device has come at least this far
        self.pending: dict[Diagnostics, None] = {}
        self._mark: Any = None

    @property
    def given(self) -> int:
        return self._given + self._compiled.value

    @property
    def counter_address(self) -> int:
        return ctypes.addressof(self._compiled)

    @property
    def met(self) -> int:
        return self._met.value

    @met.setter
    def met(self, value: int) -> None:
        self._met.value = value

    @property
    def met_address(self) -> int:
        return ctypes.addressof(self._met)

    def advance(self) -> None:
        """Count a piece of work that was handed to the queue. Under the lock."""
        self._given += 1
        if self.is_borrowed:
            self.signal()

    def signal(self) -> tuple[int, Any]:
        """The point after everything given so far: its value, and the driver's mark."""
        with self.lock:
            given = self.given  # before the signal: what compiled code gives meanwhile is not behind it
            if self.signalled < given:
                self._mark = self.queue.signal(given)
                self.signalled = given
            return self.signalled, self._mark

    def stamp(self) -> tuple[int, Any]:
        """A point of its own, with its time: a piece of work, so that two of them are two points in time."""
        with self.lock:
            self.advance()
            given = self.given
            self._mark = self.queue.stamp(given)
            self.signalled = given
            return given, self._mark

    def passed(self, value: int) -> bool:
        """Whether the device has come to `value`. Never blocks."""
        if value <= self.seen:
            return True
        if self.signalled < value:
            self.signal()
        self.seen = max(self.seen, self.queue.reached())
        return value <= self.seen

    def wait(self, value: int) -> None:
        """Block until the device has come to `value`."""
        if value <= self.seen:
            return
        if self.signalled < value:
            self.signal()
        self.queue.wait(value)
        self.seen = max(self.seen, value)

    def meet(self, other: Line) -> int:
        """Let what is given from here on start after all that was given to the other line; gives how much that is."""
        value, mark = other.signal()
        with self.lock:
            if not other.passed(value):
                self.queue.after(mark)
                self.advance()
        return value

    def upload(self, to: Memory, offset: int, data: np.ndarray[Any, Any]) -> None:
        if data.size:
            with self.lock:
                self.queue.upload(to, offset, data)
                self.advance()

    def download(self, source: Memory, offset: int, into: np.ndarray[Any, Any]) -> None:
        """Blocks until the bytes are there, which is when everything given so far is done."""
        if into.size:
            with self.lock:
                self.queue.download(source, offset, into)

    def synchronize(self) -> None:
        """Block until all that was given is done; raises the first fault that it wrote."""
        value, _ = self.signal()
        self.wait(value)
        if self.pending:
            self._report()

    def _report(self) -> None:
        """Read every diagnostic buffer, also behind one with a fault. The work that writes to them is done."""
        fault: KernelFault | None = None
        with self.lock:
            written, self.pending = list(self.pending), {}
            for diagnostics in written:
                try:
                    diagnostics.report(self.queue)
                except KernelFault as e:
                    fault = fault or e
        if fault is not None:
            raise fault


class Point:
    """Some lines at some values: what memory waits for before it is reused (`pool.Fence`)."""

    __slots__ = ("_at",)

    def __init__(self, lines: list[Line]) -> None:
        self._at = [(line, line.given) for line in lines if line.given > line.seen]

    @property
    def done(self) -> bool:
        while self._at:
            line, value = self._at[-1]
            if not line.passed(value):
                return False
            self._at.pop()
        return True

    def wait(self) -> None:
        while self._at:
            line, value = self._at[-1]
            line.wait(value)
            self._at.pop()


class AsyncEvent(Event):
    """A value on a stream's line."""

    __slots__ = ("line", "mark", "value")

    def __init__(self, line: Line, value: int, mark: Any) -> None:
        self.line = line
        self.value = value
        self.mark = mark

    def __repr__(self) -> str:
        return f"<event {self.value}>"

    @property
    def done(self) -> bool:
        return self.line.passed(self.value)

    def wait(self) -> None:
        if self.line.pending:  # diagnostics of later work cannot be told apart while it writes them: wait for that too
            self.line.synchronize()
        else:
            self.line.wait(self.value)

    def elapsed_ms(self, since: Event) -> float:
        check_event(since)
        if not isinstance(since, AsyncEvent) or since.line.queue.driver is not self.line.queue.driver:
            refuse("K626", None, "the time between events of two devices is not known", help="record both on one device")
        return since.line.queue.elapsed_ms(since.mark, self.mark)


class AsyncStream(Stream):
    """What the user holds of a line."""

    __slots__ = ("device", "line")

    def __init__(self, device: AsyncDevice, line: Line) -> None:
        self.device = device
        self.line = line

    def __repr__(self) -> str:
        return f"<stream of {self.device.name}, at {self.line.given}>"

    def __del__(self) -> None:
        line = getattr(self, "line", None)
        if line is not None:
            self.device.dropped.append(line)  # type: ignore[attr-defined]

    @property
    def native(self) -> int:
        return self.line.queue.native

    def record(self) -> AsyncEvent:
        return AsyncEvent(self.line, *self.line.stamp())

    def wait(self, event: Event) -> None:
        if not isinstance(event, AsyncEvent) or event.line.queue.driver is not self.line.queue.driver:
            check_event(event)
            event.wait()  # of another device
        elif event.line is not self.line and not event.done:
            with self.line.lock:
                self.line.queue.after(event.mark)
                self.line.advance()

    def synchronize(self) -> None:
        self.line.synchronize()
