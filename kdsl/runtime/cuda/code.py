"""PTX that the driver has compiled, and its functions ready to be launched.

One idea: all that a launch needs beside its arguments and its stream is fixed by the entry and the geometry, so it is
made once, as ctypes objects that the foreign call takes as they are.

The driver keeps what it compiled in a cache of its own on disk (CUDA_CACHE_PATH), so a second process loads in a
millisecond.
"""

from __future__ import annotations

import ctypes
from typing import Any

from ...artifact import Artifact, Entry
from ...diagnostics import DeviceError
from ..api import Geometry
from ..bindings.cuda import Error, FunctionAttribute, Jit
from .context import Context, raise_error

__all__ = ["Function", "Module"]

_LOG_BYTES = 16 << 10
_MOST_SHAPES = 256


class Module:
    """A loaded module. `log`: what the driver's compiler said about it."""

    __slots__ = ("context", "functions", "handle", "log")

    def __init__(self, context: Context, artifact: Artifact) -> None:
        self.context = context
        self.functions: list[Function] = []
        image = artifact.binary + b"\0"  # PTX is text, and ends with a zero byte; machine code knows its size
        info, error = ctypes.create_string_buffer(_LOG_BYTES), ctypes.create_string_buffer(_LOG_BYTES)
        options = (ctypes.c_int * 5)(Jit.INFO_LOG_BUFFER, Jit.INFO_LOG_BUFFER_SIZE_BYTES, Jit.ERROR_LOG_BUFFER,
                                     Jit.ERROR_LOG_BUFFER_SIZE_BYTES, Jit.LOG_VERBOSE)  # fmt: skip
        values = (ctypes.c_void_p * 5)(ctypes.addressof(info), _LOG_BYTES, ctypes.addressof(error), _LOG_BYTES, 1)
        handle = ctypes.c_void_p()
        with context.current():
            code = context.cuda.cuModuleLoadDataEx(ctypes.byref(handle), image, 5, options, values)
        self.log = info.value.decode(errors="replace").strip()
        if code:
            _refuse(context, code, artifact, error.value.decode(errors="replace").strip())
        self.handle: int = handle.value or 0

    def unload(self) -> None:
        self.context.call("cuModuleUnload", self.handle, doing="unloading code")

    def explain(self) -> str:
        """Registers, spills, shared memory and occupancy of each function that was asked for, and the compiler's log."""
        lines = [f.explain() for f in self.functions]
        return "\n".join([*lines, *([self.log] if self.log else [])])


def _refuse(context: Context, code: int, artifact: Artifact, log: str) -> None:
    entry = artifact.entries[0].name if artifact.entries else "?"
    doing = f"the driver does not load {entry!r}, made for {artifact.target}"
    if code == Error.UNSUPPORTED_PTX_VERSION:
        lines = artifact.binary[:2000].decode(errors="replace").splitlines()
        version = next((line.split()[1] for line in lines if line.startswith(".version")), "?")
        log = f"the code is PTX {version}, the driver is of CUDA {context.driver_version}. {log}"
    try:
        raise_error(context.cuda, code, doing)
    except DeviceError as e:
        if not log:
            raise
        text, _, help = str(e).partition("\n  = help: ")
        raise type(e)("\n".join([text, *(f"  {line}" for line in log.splitlines()[:12]),
                                 *([f"  = help: {help}"] if help else [])])) from None  # fmt: skip


class Function:
    """One entry of a module. `shape(geometry)`: what `cuLaunchKernel` takes in front of the stream."""

    __slots__ = ("context", "dynamic_bytes", "entry", "handle", "shapes")

    def __init__(self, module: Module, entry: Entry) -> None:
        self.context = module.context
        self.entry = entry
        self.shapes: dict[Geometry, tuple[Any, ...]] = {}
        handle = ctypes.c_void_p()
        self.context.call("cuModuleGetFunction", ctypes.byref(handle), module.handle, entry.symbol.encode(),
                          doing=f"looking for {entry.symbol!r}")  # fmt: skip
        self.handle: int = handle.value or 0
        # Shared memory that is not the function's own is given to it at the launch, past 48 KiB after asking for it.
        self.dynamic_bytes = max(entry.shared_bytes - self.attribute(FunctionAttribute.SHARED_SIZE_BYTES), 0)
        if self.dynamic_bytes > 0:
            which = FunctionAttribute.MAX_DYNAMIC_SHARED_SIZE_BYTES
            doing = f"{entry.name}: asking for {entry.shared_bytes} bytes of shared memory"
            self.context.call("cuFuncSetAttribute", self.handle, which, self.dynamic_bytes, doing=doing)
        module.functions.append(self)

    def attribute(self, which: int) -> int:
        value = ctypes.c_int()
        self.context.call("cuFuncGetAttribute", ctypes.byref(value), which, self.handle, doing="asking about a function")
        return value.value

    def shape(self, geometry: Geometry) -> tuple[Any, ...]:
        found = self.shapes.get(geometry)
        if found is None:
            if len(self.shapes) >= _MOST_SHAPES:
                self.shapes.clear()
            numbers = [ctypes.c_uint(n) for n in (*self.blocks(geometry), self.dynamic_bytes)]
            found = self.shapes[geometry] = (ctypes.c_void_p(self.handle), *numbers)
        return found

    def blocks(self, geometry: Geometry) -> tuple[int, int, int, int, int, int]:
        """Grid and block as the GPU has them: each of its threads may do several of the launch's."""
        gx, gy, gz, bx, by, bz = geometry[:6]
        return gx, gy, gz, bx // self.entry.coarsen, by, bz

    def explain(self) -> str:
        block = self.entry.block or (256, 1, 1)
        threads = block[0] // self.entry.coarsen * block[1] * block[2]
        blocks = ctypes.c_int()
        self.context.call("cuOccupancyMaxActiveBlocksPerMultiprocessor", ctypes.byref(blocks), self.handle, threads,
                          self.dynamic_bytes, doing="asking about a function")  # fmt: skip
        registers, local = self.attribute(FunctionAttribute.NUM_REGS), self.attribute(FunctionAttribute.LOCAL_SIZE_BYTES)
        shared = self.attribute(FunctionAttribute.SHARED_SIZE_BYTES) + self.dynamic_bytes
        return (f"{self.entry.name}: {registers} registers, {local} bytes of local memory, {shared} bytes of shared memory; "
                f"{blocks.value} blocks of {threads} threads on a multiprocessor")  # fmt: skip
