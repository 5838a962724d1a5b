"""Recorded launches: what `with device.commands() as c:` collects, and how a recording is replayed and updated.

One idea: a recording is a list of steps, each with the original argument objects beside the packed bytes, so that an
update is "put another object there and pack again". A device with command buffers of its own builds them from these
steps; the host devices just run the steps in order.
"""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Callable, Sequence

from ..diagnostics import refuse
from .api import CommandBuffer, Device, Event, Geometry, Stream
from .checked import check_argument
from .launcher import Launcher, recording
from .signature import key_of

__all__ = ["Recording", "Step"]


class Step:
    """One recorded launch."""

    __slots__ = ("args", "data", "geometry", "launcher")

    def __init__(self, launcher: Launcher, args: Sequence[object], data: bytes, geometry: Geometry) -> None:
        self.launcher = launcher
        self.args = list(args)
        self.data = data
        self.geometry = geometry


class Recording(CommandBuffer):
    """A command buffer that replays its steps one by one. Safe to submit from several threads at once."""

    __slots__ = ("_replay", "device", "steps")

    def __init__(self, device: Device, replay: Callable[[Sequence[Step], Stream | None], Event]) -> None:
        self.device = device
        self.steps: list[Step] = []
        self._replay = replay

    def __enter__(self) -> Recording:
        mine = recording.setdefault(get_ident(), [])
        if self in mine:
            refuse("K643", None, "this command buffer is recording already",
                   help="leave its `with` block first, or make another one with device.commands()")  # fmt: skip
        mine.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        thread = get_ident()
        recording[thread].remove(self)
        if not recording[thread]:
            del recording[thread]

    def __len__(self) -> int:
        return len(self.steps)

    def add(self, launcher: Launcher, args: Sequence[object], data: bytes, geometry: Geometry) -> None:
        """One more step."""
        self.steps.append(Step(launcher, args, data, geometry))

    def submit(self, stream: Stream | None = None) -> Event:
        self._must_be_closed()
        return self._replay(self.steps, stream)

    def _must_be_closed(self) -> None:
        if recording and any(self in open_here for open_here in list(recording.values())):
            refuse("K643", None, "this command buffer is still recording",
                   help="submit it after the `with` block: what it records has not run")  # fmt: skip

    def update(self, *pairs: tuple[object, object], **named: object) -> None:
        changes: list[tuple[Step, int, object]] = []
        for name, value in named.items():
            found = [(s, i, value) for s in self.steps for i, p in enumerate(s.launcher.entry.params) if p.name == name]
            if not found:
                refuse("K641", None, f"no recorded launch has a parameter {name!r}", help=f"there are: {self._names()}")
            changes += found
        for old, value in pairs:
            found = [(s, i, value) for s in self.steps for i, arg in enumerate(s.args) if arg is old]
            if not found:
                refuse("K641", None, f"no launch was recorded with this {type(old).__name__} object",
                       help="pass the very object that the recorded call had, or update by name")  # fmt: skip
            changes += found
        for step, i, value in changes:  # all checks first: a refused update changes nothing
            self._check(step, i, value)
        self._apply(changes)

    def _names(self) -> str:
        return ", ".join(sorted({p.name for s in self.steps for p in s.launcher.entry.params})) or "no launches"

    def _check(self, step: Step, i: int, value: object) -> None:
        launcher = step.launcher
        param = launcher.entry.params[i]
        check_argument(launcher.kernel, param, value, self.device.name)
        if param.kind == "array" and key_of(value) != key_of(step.args[i]):
            refuse("K642", None, f"{launcher.kernel}: argument {param.name!r}: the recorded array has another type or "
                   "layout than this one", help="record again with the new array")  # fmt: skip

    def _apply(self, changes: Sequence[tuple[Step, int, object]]) -> None:
        touched: list[Step] = []
        for step, i, value in changes:
            step.args[i] = value
            if step not in touched:
                touched.append(step)
        for step in touched:
            step.data = step.launcher.pack(step.args)

    def __repr__(self) -> str:
        return f"<command buffer of {len(self.steps)} launches on {self.device.name}>"
