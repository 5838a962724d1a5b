"""One command queue of Metal's as a queue of work.

One idea: launches and copies are gathered into a command buffer, in encoders that change when the kind of work does; `signal`
lets a shared event come to its value behind them and hands the buffer over. Metal runs the buffers of a queue in order, and
what the encoders of one touch, one after the other.
"""

from __future__ import annotations

import ctypes
import threading
from collections import deque
from typing import Any, NamedTuple

import numpy as np

from ...diagnostics import DeviceError
from ..api import Geometry
from ..driver import Memory, Queue, Uses
from .code import MetalFunction

__all__ = ["Mark", "MetalQueue"]

_FLUSH = 64  # launches that are gathered before they are handed over unasked


class Mark(NamedTuple):
    """A value of a queue's event, and the commands at whose end it is reached."""

    event: int
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
        self.device: int = driver.device
        self.metal = driver.metal
        self.native = self.metal.new_queue(driver.device)
        self._event = self.metal.new_event(driver.device)
        self._commands: Commands | None = None
        self._encoder = 0
        self._kind = ""
        self._count = 0
        self._pending: deque[tuple[int, Commands]] = deque()
        self._failed = ""
        self._lock = threading.Lock()  # of the two above

    # Gathering

    def _open(self) -> Commands:
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

    # Work

    def launch(self, code: MetalFunction, arguments: bytes, geometry: Geometry, uses: Uses) -> None:
        buffers, structure, named = code.bound(arguments)
        self.metal.dispatch(self._encode("compute"), code.pipeline, buffers, structure, geometry[:3], geometry[3:6], named)
        self._count += 1
        if self._count >= _FLUSH:
            self._hand_over()

    def upload(self, to: Memory, offset: int, source: np.ndarray[Any, Any]) -> None:
        staged = self.metal.new_buffer(self.device, source.size)
        if not staged:
            raise MemoryError
        ctypes.memmove(self.metal.contents(staged), source.__array_interface__["data"][0], source.size)
        self.metal.copy(self._encode("blit"), staged, 0, to.handle, offset, source.size)
        self.metal.release(staged)  # the commands hold it until they are done

    def download(self, source: Memory, offset: int, into: np.ndarray[Any, Any]) -> None:
        commands = self._open()
        self._hand_over()
        self.metal.finish(commands.handle)
        self._check(commands)
        ctypes.memmove(into.__array_interface__["data"][0], source.host + offset, into.size)

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
        self._hand_over()
        with self._lock:
            self._pending.append((value, commands))
        return Mark(self._event, value, commands)

    def reached(self) -> int:
        value = self.metal.event_value(self._event)
        with self._lock:
            while self._pending and self._pending[0][0] <= value:
                self._check(self._pending.popleft()[1])
        if self._failed:
            raise DeviceError(self._failed)
        return value

    def wait(self, value: int) -> None:
        with self._lock:
            waiting = [commands for v, commands in self._pending if v <= value]
        if waiting:
            self.metal.finish(waiting[-1].handle)
            self._check(waiting[-1])
            self.reached()

    def _check(self, commands: Commands) -> None:
        why = self.metal.error(commands.handle)
        if why:
            self._failed = f"work on the GPU failed: {why}"
            raise DeviceError(self._failed)

    def after(self, mark: Mark) -> None:
        commands = self._open()
        self._close_encoder()
        self.metal.wait_for(commands.handle, mark.event, mark.value)

    def elapsed_ms(self, start: Mark, end: Mark) -> float:
        first, last = [self.metal.end_seconds(mark.commands.handle) for mark in (start, end)]
        return max(last - first, 0.0) * 1e3

    def close(self) -> None:
        self._hand_over()
        self.metal.release(self._event)
        self.metal.release(self.native)
