"""Code loaded on an asynchronous device: the hidden arguments of a launch, and the diagnostic buffers.

One idea: what a launch has beside the user's arguments is appended here, in the layout of `driver`: how many threads there
are, where a launch ends inside blocks; where diagnostics go, where the code may write some.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..artifact import Artifact, DiagnosticSlot, Entry, Site
from ..diagnostics import DeviceError
from .api import Buffer, CallPlan, Executable, Geometry, Stream
from .driver import Memory, Queue, Uses
from .faults import CAPACITY, new_buffer, report
from .staged import AsyncLauncher

if TYPE_CHECKING:
    from .asynchronous import AsyncDevice
    from .timeline import Line

__all__ = ["AsyncExecutable", "Diagnostics", "Prepared"]

_THREADS = struct.Struct("=3q").pack
_DIAGNOSTICS = struct.Struct("=Qqq").pack
_HEADER = 8 * DiagnosticSlot.HEADER
_WORDS = 2 * (DiagnosticSlot.HEADER + CAPACITY * DiagnosticSlot.RECORD)  # the code sees an array of u32


class Diagnostics:
    """A diagnostic buffer on the device. One belongs to one stream or recording, so it is read when nobody writes."""

    __slots__ = ("_buffer", "kernel", "memory", "sites", "slots")

    def __init__(self, kernel: str, sites: tuple[Site, ...], buffer: Buffer, queue: Queue) -> None:
        self.kernel = kernel
        self.sites = sites
        self._buffer = buffer
        self.memory: Memory = buffer.raw  # type: ignore[attr-defined]
        self.slots = _DIAGNOSTICS(buffer.address, _WORDS, 4)
        self._clear(queue)

    def _clear(self, queue: Queue) -> None:
        queue.upload(self.memory, 0, new_buffer()[: DiagnosticSlot.HEADER].view(np.uint8))

    def report(self, queue: Queue) -> None:
        """Print and raise what was written, and start again."""
        buffer = new_buffer()
        data = buffer.view(np.uint8)
        queue.download(self.memory, 0, data[:_HEADER])
        if not buffer[DiagnosticSlot.COUNT]:
            return
        queue.download(self.memory, 0, data)
        self._clear(queue)
        report(self.kernel, buffer, self.sites)


class Prepared:
    """One entry, ready to launch."""

    __slots__ = ("code", "entry", "executable", "is_cut", "sites")

    def __init__(self, executable: AsyncExecutable, entry: Entry, code: Any) -> None:
        self.executable = executable
        self.entry = entry
        self.code = code
        self.is_cut = entry.cut
        self.sites = executable.artifact.sites

    def check(self, geometry: Geometry) -> None:
        """`DeviceError` where the code was made for other launches: nothing but a fault of kdsl's own leads here."""
        g, shape = geometry, self.entry.block
        cut = g[6:] != (g[0] * g[3], g[1] * g[4], g[2] * g[5])
        if shape is not None and (g[3:6] != shape or (cut and not self.is_cut)):
            raise DeviceError(f"code for blocks of {shape} was given the launch {geometry}")

    def complete(self, arguments: bytes, geometry: Geometry, diagnostics: Diagnostics | None) -> bytes:
        """The arguments with the hidden ones."""
        if self.is_cut:
            arguments += _THREADS(*geometry[6:])
        return arguments if diagnostics is None else arguments + diagnostics.slots

    def run(self, line: Line, arguments: bytes, geometry: Geometry, uses: Uses) -> None:
        """Give a launch to a line."""
        if not (geometry[0] and geometry[1] and geometry[2]):
            return
        with line.lock:  # also around the choice of a diagnostic buffer: another thread may be reading those that are written
            if self.is_cut or self.sites:
                diagnostics = self.executable.diagnostics_of(line) if self.sites else None
                arguments = self.complete(arguments, geometry, diagnostics)
                if diagnostics is not None:
                    uses = [*uses, (diagnostics.memory, True)]
            line.queue.launch(self.code, arguments, geometry, uses)
            line.advance()


class AsyncExecutable(Executable):
    """An artifact on a device, through its driver."""

    __slots__ = ("_diagnostics", "_entries", "_module", "artifact", "device")

    launcher = AsyncLauncher

    def __init__(self, device: AsyncDevice, artifact: Artifact) -> None:
        driver = device.driver
        if artifact.format not in driver.formats:
            formats = " or ".join(driver.formats)
            raise DeviceError(f"{device.name} loads {formats} code, and this artifact is {artifact.format!r}")
        self.device: AsyncDevice = device  # pyright: ignore
        self.artifact = artifact
        self._module = driver.load(artifact)
        self._entries: dict[str, Prepared] = {}
        self._diagnostics: dict[Line, Diagnostics] = {}

    def __del__(self) -> None:
        if hasattr(self, "_module"):
            self.device.discard(self._module)

    def prepared(self, entry: Entry) -> Prepared:
        found = self._entries.get(entry.symbol)
        if found is None:
            code = self.device.driver.prepare(self._module, self.artifact, entry)
            found = self._entries[entry.symbol] = Prepared(self, entry, code)
        return found

    def launch(self, entry: Entry, arguments: bytes, geometry: Geometry, stream: Stream | None = None) -> None:
        prepared = self.prepared(entry)
        prepared.check(geometry)
        prepared.run(self.device.line_of(stream), arguments, geometry, self.device.uses_of(entry, arguments))

    def bind(self, entry: Entry) -> Callable[[bytes, Geometry, Stream | None], None]:
        self.prepared(entry)
        return super().bind(entry)

    def call_plan(self, entry: Entry, geometry: Geometry, stream: Stream | None = None) -> CallPlan | None:
        if self.artifact.sites or not (geometry[0] and geometry[1] and geometry[2]):
            return None
        device, line = self.device, self.device.line_of(stream)
        if line.is_borrowed:
            return None  # every piece of work is signalled
        found = device.driver.call_record(self.prepared(entry).code, entry, geometry, line.queue, line.counter_address)
        if found is None:
            return None
        code, record = found
        return CallPlan(code, 0, 0, False, 0, 0, record, ctypes.addressof(device.epoch), device.epoch.value, self,
                        sum(p.slots for p in entry.params), is_apart=True,
                        reaches=None if stream is None else (line.met_address, device.written_address))  # fmt: skip

    def new_diagnostics(self, line: Line) -> Diagnostics:
        buffer = self.device.allocate(new_buffer().nbytes)
        with line.lock:
            diagnostics = Diagnostics(self.artifact.entry.name, self.artifact.sites, buffer, line.queue)
            line.advance()
        return diagnostics

    def diagnostics_of(self, line: Line) -> Diagnostics:
        """The line's buffer for this code, which is looked at when the line is synchronised."""
        found = self._diagnostics.get(line)
        if found is None:
            found = self._diagnostics[line] = self.new_diagnostics(line)
        line.pending[found] = None
        return found

    def explain(self) -> str:
        return self.device.driver.explain(self._module)
