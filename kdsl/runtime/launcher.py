"""One entry of a loaded artifact with one signature of arguments: check once, then pack and launch.

One idea: a `Launcher` exists only for arguments that were checked, so calling it with arguments of the same
`signature_key` needs no checks. Whoever dispatches (`kdsl.kernel`) keeps a dict from key to launcher, and is `Repeated`: what is
called very often is made native in the end (`kdsl.runtime.quick`, which most programs need not load).
"""

from __future__ import annotations

import struct
from _thread import get_ident
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..artifact import Entry
from ..diagnostics import CompileError, DeviceError
from .api import Executable, Geometry, Stream
from .checked import check_arguments
from .signature import make_packer

if TYPE_CHECKING:
    from .commands import Recording

__all__ = ["Launcher", "Repeated", "launcher_of", "record", "recording"]

_FIRST_OFFER, _LATER = 8, 2  # a table is made at the 8th call; the 16th, 32nd, ... where calls still come this way

# Thread identifier -> the recordings that are open in it, innermost last. Empty most of the time: launches look here.
recording: dict[int, list[Recording]] = {}


class Launcher:
    """`launcher(args, geometry)` runs the entry; while a command buffer records in this thread, it is recorded."""

    __slots__ = ("_launch", "_pack", "entry", "executable", "kernel")

    def __init__(self, kernel: str, executable: Executable, entry: Entry, samples: Sequence[object]) -> None:
        """Check `samples` against the entry's parameters (K601 to K633) and make the packer for their types."""
        check_arguments(kernel, entry.params, samples, executable.device.name)
        self.kernel = kernel
        self.executable = executable
        self.entry = entry
        self._pack = make_packer(kernel, entry.params, samples)
        self._launch = executable.bind(entry)

    def __call__(self, args: Sequence[object], geometry: Geometry, stream: Stream | None = None) -> None:
        """Launch with arguments of the key this was made for. Geometry from `kdsl.runtime.geometry`."""
        try:
            data = self._pack(*args)
        except (struct.error, OverflowError, TypeError, ValueError, AttributeError) as e:
            self._explain(args, e)
            raise
        if recording and record(self, args, data, geometry):
            return
        self._launch(data, geometry, stream)

    def runner(self, args: Sequence[object]) -> Callable[[bytes, Geometry, Stream | None], None]:
        """What launches `pack(args)` again and again."""
        del args
        return self._launch

    def pack(self, args: Sequence[object]) -> bytes:
        """The argument slots, for `Executable.launch`; range errors become K632."""
        try:
            return self._pack(*args)
        except (struct.error, OverflowError, TypeError, ValueError, AttributeError) as e:
            self._explain(args, e)
            raise

    def bound(self, args: Sequence[object], geometry: Geometry, stream: Stream | None = None) -> Callable[[], None]:
        """A function that launches with just these arguments, packed once. It keeps them alive; it can be recorded."""
        data, keep, launch = self.pack(args), tuple(args), self._launch

        def run() -> None:
            if recording and record(self, keep, data, geometry):
                return
            launch(data, geometry, stream)

        return run

    def _explain(self, args: Sequence[object], error: Exception) -> None:
        """Turn a failure to pack into the refusal that says why."""
        if not isinstance(error, (CompileError, DeviceError)):
            check_arguments(self.kernel, self.entry.params, args, self.executable.device.name)


def record(launcher: Launcher, args: Sequence[object], data: bytes, geometry: Geometry) -> bool:
    """Add a launch to this thread's innermost recording for the launcher's device; False when there is none."""
    for open_recording in reversed(recording.get(get_ident(), ())):
        if open_recording.device is launcher.executable.device:
            open_recording.add(launcher, args, data, geometry)
            return True
    return False


def launcher_of(kernel: str, executable: Executable, entry: Entry, samples: Sequence[object]) -> Launcher:
    """The launcher that the executable's device needs."""
    return (executable.launcher or Launcher)(kernel, executable, entry, samples)


class Repeated:
    """Base of what is called again and again. `_tables`: the state that compiled code reads, as `ObjectLayout` says."""

    __slots__ = ("_calls", "_offer_at", "_tables")

    def __init__(self) -> None:
        self._calls = 0
        self._offer_at = _FIRST_OFFER
        self._tables: tuple[Any, ...] | None = None

    def _is_due(self) -> bool:
        """Count a call that came through Python; whether a table should be made for it."""
        self._calls += 1
        if self._calls < self._offer_at:
            return False
        self._offer_at = self._calls * _LATER
        return True
