"""One command queue of Metal's as a queue of work.

One idea: launches and copies are gathered into a command buffer, in encoders that change when the kind of work does; `signal`
lets a shared event come to its value behind them and hands the buffer over. Metal runs the buffers of a queue in order, and
what the encoders of one touch, one after the other.

Commands that failed may never have come to the signal at their end, so the host looks at the commands themselves, and lets the
event come to its value where nobody else will: another queue may be waiting for it.
"""

from __future__ import annotations

import ctypes
import threading
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...diagnostics import DeviceError
from ..api import Geometry
from ..bindings.metal import Failure
from ..driver import DeviceLost, Memory, Queue, Uses
from .code import MetalFunction
from .encoding import Encoding

if TYPE_CHECKING:
    from .driver import MetalDriver

__all__ = ["Mark", "MetalQueue"]

_FLUSH = 64  # launches that are gathered before they are handed over unasked
_LOST = (Failure.ACCESS_REVOKED, Failure.NOT_PERMITTED, Failure.DEVICE_REMOVED)
_HELP = {
    Failure.TIMEOUT: "the system stops work that holds the GPU for seconds: give it less to do in one launch",
    Failure.PAGE_FAULT: "a kernel touched memory outside of its arrays: KDSL_DEBUG=1 checks every access and names your line",
    Failure.OUT_OF_MEMORY: "the arrays of this work do not fit the GPU's memory at once: free some, or work in smaller pieces",
    Failure.INVALID_RESOURCE: "memory was freed while work with it was on its way: drop arrays instead of calling free()",
    Failure.ACCESS_REVOKED: "the system lets this process use the GPU no more, after work that hung: start it anew",
    Failure.NOT_PERMITTED: "the system does not let this process use the GPU, as in the background: start it anew",
    Failure.DEVICE_REMOVED: "the GPU was unplugged: start the program anew",
}


class Mark(NamedTuple):
    """A value of a queue's event, and the commands at whose end it is reached."""

    queue: MetalQueue
    value: int
    commands: Commands


class Commands:
    """A command buffer; it is given up with the last mark of it."""

    __slots__ = ("handle", "metal")

    def __init__(self, metal: Any, queue: int) -> None:
        self.metal = metal
        self.handle: int = metal.commands(queue)

    def __del__(self) -> None:
        self.metal.release(self.handle)


class MetalQueue(Queue):
    """A stream."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self._driver: MetalDriver = driver
        self.device: int = driver.device
        self.metal = driver.metal
        self.native = self.metal.new_queue(driver.device)
        self._event = self.metal.new_event(driver.device)
        self._commands: Commands | None = None
        self._encoder = 0
        self._encoding = Encoding(self.metal)
        self._kind = ""
        self._count = 0
        self._flushed: list[Commands] = []  # handed over without a value to reach
        self._pending: deque[tuple[int, list[Commands]]] = deque()  # values that are to be reached, and the commands before
        self._reached = self._signalled = 0
        self._needs: list[tuple[int, MetalQueue, int]] = []  # what is given behind a value waits for another queue's value
        self._owed: DeviceError | None = None  # a failure that was met by who waited for another queue
        self._lock = threading.Lock()  # of all these, and around handing over what has a value

    # Gathering

    def _open(self) -> Commands:
        self._driver.must_be_there()
        if self._commands is None:
            self._commands = Commands(self.metal, self.native)
        return self._commands

    def _encode(self, kind: str) -> int:
        """The encoder for a kind of work."""
        commands = self._open()
        if self._kind != kind:
            self._close_encoder()
            make = self.metal.compute if kind == "compute" else self.metal.blit
            self._encoder, self._kind = make(commands.handle), kind
            self._encoding = Encoding(self.metal)
        return self._encoder

    def _close_encoder(self) -> None:
        if self._kind:
            self.metal.end(self._encoder)
            self._encoder, self._kind = 0, ""

    def _hand_over(self) -> None:
        """Commit what was gathered, without a value to reach."""
        commands, self._commands, self._count = self._commands, None, 0
        if commands is not None:
            self._close_encoder()
            self.metal.commit(commands.handle)
            self._flushed.append(commands)

    # Work

    def launch(self, code: MetalFunction, arguments: bytes, geometry: Geometry, uses: Uses) -> None:
        encoder = self._encode("compute")
        self.metal.play(encoder, self._encoding.steps(code, code.bound(arguments), geometry))
        self._launched(1)

    def play(self, steps: Sequence[tuple[Any, ...]], launches: int) -> None:
        """Give an encoder the messages of some launches, which rely on nothing that it knows."""
        self.metal.play(self._encode("compute"), steps)
        self._encoding = Encoding(self.metal)
        self._launched(launches)

    def _launched(self, launches: int) -> None:
        self._count += launches
        if self._count >= _FLUSH:
            self._hand_over()

    def upload(self, to: Memory, offset: int, source: np.ndarray[Any, Any]) -> None:
        self._driver.must_be_there()
        staged = self.metal.new_buffer(self.device, source.size)
        if not staged:  # no room for a copy that waits for its turn: wait for the turn
            self._drain()
            ctypes.memmove(to.host + offset, source.__array_interface__["data"][0], source.size)
            return
        ctypes.memmove(self.metal.contents(staged), source.__array_interface__["data"][0], source.size)
        self.metal.copy(self._encode("blit"), staged, 0, to.handle, offset, source.size)
        self.metal.release(staged)  # the commands hold it until they are done

    def download(self, source: Memory, offset: int, into: np.ndarray[Any, Any]) -> None:
        self._drain()
        ctypes.memmove(into.__array_interface__["data"][0], source.host + offset, into.size)

    def _drain(self) -> None:
        """Wait for all that was given. Raises what it failed with."""
        last = self._open()
        self._hand_over()
        self.metal.finish(last.handle)
        with self._lock:
            done, self._flushed = self._flushed, []
            self._owed = self._owed or self._failure(done)
        self._pay()

    def copy(self, source: Memory, source_offset: int, to: Memory, offset: int, size_bytes: int) -> None:
        self.metal.copy(self._encode("blit"), source.handle, source_offset, to.handle, offset, size_bytes)

    def fill(self, to: Memory, offset: int, size_bytes: int, pattern: bytes) -> None:
        if len(set(pattern)) == 1:
            self.metal.fill(self._encode("blit"), to.handle, offset, size_bytes, pattern[0])
            return
        # A longer pattern is written once, and then what is there is copied behind itself, twice as much each time.
        self.upload(to, offset, np.frombuffer(pattern, np.uint8))
        done = len(pattern)
        while done < size_bytes:
            part = min(done, size_bytes - done)
            self.copy(to, offset, to, offset + done, part)
            done += part

    # Points in time

    def signal(self, value: int) -> Mark:
        commands = self._open()
        self._close_encoder()
        self.metal.signal(commands.handle, self._event, value)
        with self._lock:
            self._hand_over()
            self._pending.append((value, self._flushed))
            self._flushed = []
            self._signalled = value
        return Mark(self, value, commands)

    def reached(self) -> int:
        self._driver.must_be_there()
        self._settle(self.metal.event_value(self._event))
        self._pay()
        return self._reached

    def wait(self, value: int) -> None:
        self._come_to(value)
        self._pay()
        self._driver.must_be_there()

    def _come_to(self, value: int) -> None:
        """Wait for commands; what they failed with is owed. The queues that they wait for come first: where those failed, it is
        the host that lets these go on."""
        with self._lock:
            needed = [(queue, v) for behind, queue, v in self._needs if behind < value]
            waiting = [commands[-1] for v, commands in self._pending if v <= value]
        if waiting:
            for queue, v in needed:  # the earliest first, so that none of them has far to go back
                queue._come_to(v)
            self.metal.finish(waiting[-1].handle)
            self._settle(value)

    def _settle(self, value: int) -> None:
        """Commands up to `value` are done, and more that failed may be."""
        with self._lock:
            failed = False
            while self._pending:
                reached, commands = self._pending[0]
                if reached > value and not self.metal.error(commands[-1].handle)[0]:
                    break
                self._pending.popleft()
                self._reached = reached
                failure = self._failure(commands)
                failed = failed or failure is not None
                self._owed = self._owed or failure
            self._needs = [need for need in self._needs if need[0] >= self._reached]
            if failed:
                self.metal.set_event_value(self._event, self._reached)

    def _pay(self) -> None:
        """Raise what work failed with, once."""
        with self._lock:
            owed, self._owed = self._owed, None
        if owed is not None:
            raise owed

    def _failure(self, done: Sequence[Commands]) -> DeviceError | None:
        """What the first of commands that failed says."""
        for commands in done:
            code, why = self.metal.error(commands.handle)
            if code:
                help = _HELP.get(code)  # type: ignore[call-overload]
                text = f"work on the GPU failed: {why}" + (f"\n  = help: {help}" if help else "")
                if code in _LOST:
                    self._driver.lost = text
                    return DeviceLost(text)
                return DeviceError(text)
        return None

    def after(self, mark: Mark) -> None:
        commands = self._open()
        self._close_encoder()
        self.metal.wait_for(commands.handle, mark.queue._event, mark.value)
        with self._lock:
            self._needs.append((self._signalled, mark.queue, mark.value))

    def elapsed_ms(self, start: Mark, end: Mark) -> float:
        first, last = [self.metal.end_seconds(mark.commands.handle) for mark in (start, end)]
        return max(last - first, 0.0) * 1e3

    def close(self) -> None:
        self._hand_over()
        self.metal.release(self._event)
        self.metal.release(self.native)
