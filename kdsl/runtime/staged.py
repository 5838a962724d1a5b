"""Launches on asynchronous devices, once their arguments are checked.

One idea: with arrays of the device a launch is packing and giving work to the stream's line; with arrays of the host, their
copies on the device take their place (`staging`), and the launch has finished when it returns, as on the CPU.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..artifact import Entry
from ..diagnostics import DeviceError
from .api import Executable, Geometry, Stream
from .arrays import DeviceArray
from .checked import check_argument, check_arguments, elements_overlap
from .driver import Uses
from .launcher import Launcher, record, recording
from .signature import make_packer
from .staging import Host, dense_layout, stage
from .views import as_host_view

if TYPE_CHECKING:
    from .loaded import AsyncExecutable
    from .timeline import Line

__all__ = ["AsyncLauncher"]

_NOWHERE: Any = None  # the buffer of an array that stands for its layout only


class AsyncLauncher(Launcher):
    """`launcher(args, geometry, stream)` for devices whose memory is not the host's."""

    __slots__ = ("_arrays", "_device", "_hosts", "_prepared")

    executable: AsyncExecutable

    def __init__(self, kernel: str, executable: Executable, entry: Entry, samples: Sequence[object]) -> None:
        self.kernel = kernel
        self.executable = executable  # type: ignore[assignment]
        self.entry = entry
        self._device = self.executable.device
        self._check_memory()
        check_arguments(kernel, entry.params, samples, self._device.name)
        arrays = [i for i, p in enumerate(entry.params) if p.kind == "array"]
        self._hosts = [i for i in arrays if type(samples[i]) is not DeviceArray]
        self._arrays = [(i, entry.params[i].writes) for i in arrays] if self._device.driver.wants_uses else []
        placed = list(samples)
        for i in self._hosts:
            placed[i] = self._stand_in(i, samples[i])
        self._pack = make_packer(kernel, entry.params, placed)
        self._prepared = self.executable.prepared(entry)
        self._launch = executable.bind(entry)

    def _check_memory(self) -> None:
        allowed = self._device.limits.shared_bytes
        if self.entry.shared_bytes > allowed:
            raise DeviceError(
                f"{self.kernel}: a block needs {self.entry.shared_bytes} bytes of shared memory, and {self._device.name} has "
                f"{allowed}\n  = help: use smaller blocks or smaller shared arrays"
            )

    def _stand_in(self, i: int, sample: object) -> DeviceArray:
        shape, strides, _ = dense_layout(Host(as_host_view(sample), self.entry.params[i]))
        return DeviceArray(self._device, _NOWHERE, self.entry.params[i].dtype, shape, strides)

    def __call__(self, args: Sequence[object], geometry: Geometry, stream: Stream | None = None) -> None:
        if recording and record(self, args, b"", geometry):  # packed when it is first submitted: see `recorded`
            return
        line = self._device.line_of(stream)
        if self._hosts:
            self._launch_staged(args, geometry, line)
        else:
            self._prepared.run(line, self.pack(args), geometry, self.uses(args))

    def uses(self, args: Sequence[Any]) -> Uses:
        """What a launch with these arguments, all of them on the device, touches; () where the driver does not ask."""
        return [(args[i].buffer.raw, writes) for i, writes in self._arrays]

    def hosts(self, args: Sequence[object]) -> list[Host]:
        """The arguments that are on the host, checked as far as their types' key leaves something open."""
        out = []
        for i in self._hosts:
            view, param = as_host_view(args[i]), self.entry.params[i]
            if param.writes and not view.flags.c_contiguous and elements_overlap(view.shape, view.strides, view.itemsize):
                check_argument(self.kernel, param, view)
            out.append(Host(view, param))
        return out

    def placed(self, args: Sequence[object], arrays: Sequence[DeviceArray]) -> list[object]:
        """The arguments, with `arrays` in the place of those on the host."""
        placed = list(args)
        for i, array in zip(self._hosts, arrays, strict=True):
            placed[i] = array
        return placed

    def _launch_staged(self, args: Sequence[object], geometry: Geometry, line: Line) -> None:
        staged = stage(self._device, self.hosts(args))
        placed = self.placed(args, staged.arrays)
        data = self.pack(placed)
        staged.upload(line)
        self._prepared.run(line, data, geometry, self.uses(placed))
        staged.download(line)
        line.synchronize()
        staged.close()

    def runner(self, args: Sequence[object]) -> Callable[[bytes, Geometry, Stream | None], None]:
        device, prepared = self._device, self._prepared

        if self._hosts:
            def staged(_: bytes, geometry: Geometry, stream: Stream | None = None) -> None:
                self._launch_staged(args, geometry, device.line_of(stream))

            return staged
        uses = self.uses(args)

        def direct(data: bytes, geometry: Geometry, stream: Stream | None = None) -> None:
            prepared.run(device.line_of(stream), data, geometry, uses)

        return direct

    def pack(self, args: Sequence[object]) -> bytes:
        """The argument slots; of arguments on the host, no more than whether the numbers beside them fit."""
        if self._hosts and any(type(args[i]) is not DeviceArray for i in self._hosts):
            check_arguments(self.kernel, self.entry.params, args, self._device.name)
            return b""
        return super().pack(args)

    def bound(self, args: Sequence[object], geometry: Geometry, stream: Stream | None = None) -> Callable[[], None]:
        data, keep, run = self.pack(args), tuple(args), self.runner(args)

        def again() -> None:
            if recording and record(self, keep, data, geometry):
                return
            run(data, geometry, stream)

        return again
