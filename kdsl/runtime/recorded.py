"""Command buffers of asynchronous devices: launches that are recorded in the driver's own form and replayed as a whole.

One idea: a recording is made into the driver's form when it is first submitted, and again only when an update changes more
than arguments on the device. Arguments on the host keep their copies on the device from one submission to the next; their
contents go in before every replay and come out after it, where the device does not use them in place.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .api import Event, Stream
from .commands import Recording, Step
from .driver import Work
from .loaded import Diagnostics
from .staged import AsyncLauncher
from .staging import Stage, stage
from .timeline import AsyncEvent, Line

if TYPE_CHECKING:
    from .asynchronous import AsyncDevice

__all__ = ["AsyncRecording"]


class AsyncRecording(Recording):
    """See `api.CommandBuffer`. A submission with arguments on the host that are written, or used in place, has finished when it
    returns."""

    __slots__ = ("_built", "_diagnostics", "_last", "_lock", "_replay_of", "_staged")

    def __init__(self, device: AsyncDevice) -> None:
        super().__init__(device, self._never)
        self.device: AsyncDevice = device
        self._lock = threading.RLock()
        self._replay_of: Any = None
        self._built: list[int] = []  # the steps that are in it: those with blocks
        self._staged: Stage | None = None
        self._diagnostics: dict[object, Diagnostics] = {}
        self._last: AsyncEvent | None = None

    @staticmethod
    def _never(steps: Sequence[Step], stream: Stream | None) -> Event:
        raise AssertionError("an asynchronous recording is replayed by its driver")

    def __del__(self) -> None:
        if getattr(self, "_replay_of", None) is not None:
            self.device.discard_replay(self._replay_of)

    def submit(self, stream: Stream | None = None) -> Event:
        self._must_be_closed()
        line = self.device.line_of(stream)
        with self._lock:
            if self._replay_of is None:
                self._build(line)
            staged = self._staged
            if staged is not None:
                self._finish()  # the copies on the device are used by one submission at a time
                staged.upload(line)
            with line.lock:
                line.queue.replay(self._replay_of)
                line.advance()
                if self._diagnostics:
                    line.pending.update(dict.fromkeys(self._diagnostics.values()))
                event = self._last = AsyncEvent(line, *line.signal())
            if staged is not None and staged.must_finish:
                staged.download(line)
                line.synchronize()
            return event

    def _finish(self) -> None:
        """Wait for the last submission."""
        if self._last is not None:
            self._last.line.wait(self._last.value)

    def _build(self, line: Line) -> None:
        hosts = [host for step in self.steps for host in _launcher(step).hosts(step.args)]
        self._staged = stage(self.device, hosts) if hosts else None
        self._built = [i for i, s in enumerate(self.steps) if s.geometry[0] and s.geometry[1] and s.geometry[2]]
        arrays = iter(self._staged.arrays if self._staged else ())
        placed = [_launcher(s).placed(s.args, [next(arrays) for _ in _launcher(s).hosts(s.args)]) for s in self.steps]
        self._replay_of = self.device.driver.record([self._work(i, placed[i], line) for i in self._built])

    def _work(self, i: int, args: Sequence[object], line: Line) -> Work:
        step, launcher = self.steps[i], _launcher(self.steps[i])
        prepared, uses = launcher.executable.prepared(launcher.entry), launcher.uses(args)
        diagnostics = self._diagnostics_of(launcher, line) if prepared.sites else None
        if diagnostics is not None:
            uses = [*uses, (diagnostics.memory, True)]
        data = prepared.complete(launcher.pack(args), step.geometry, diagnostics)
        return Work(prepared.code, data, step.geometry, uses)

    def _diagnostics_of(self, launcher: AsyncLauncher, line: Line) -> Diagnostics:
        found = self._diagnostics.get(launcher.executable)
        if found is None:
            found = self._diagnostics[launcher.executable] = launcher.executable.new_diagnostics(line)
        return found

    def _apply(self, changes: Sequence[tuple[Step, int, object]]) -> None:
        with self._lock:
            touched: list[Step] = []
            for step, i, value in changes:
                step.args[i] = value
                if step not in touched:
                    touched.append(step)
            if self._replay_of is None:
                return
            self._finish()
            if self._staged is not None:
                self.device.discard_replay(self._replay_of)
                self._replay_of = None
                return
            line = self.device.line_of(None)
            at = {id(self.steps[i]): k for k, i in enumerate(self._built)}
            places = [(at[id(s)], self.steps.index(s), s) for s in touched if id(s) in at]
            self._replay_of.update({k: self._work(i, s.args, line) for k, i, s in places})


def _launcher(step: Step) -> AsyncLauncher:
    assert isinstance(step.launcher, AsyncLauncher)
    return step.launcher
