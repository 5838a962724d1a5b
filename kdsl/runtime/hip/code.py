"""Code that HIP has loaded, and its functions ready to be launched.

One idea: a kernel's parameters are slots of the argument block, so a launch passes pointers into the block; which slots, the
artifact says.
"""

from __future__ import annotations

import ctypes
from typing import Any

from ...artifact import Artifact, Entry
from ..bindings.cuda import FunctionAttribute
from ..cuda.code import Function
from .compiler import code_object
from .context import HipContext, version

__all__ = ["HipFunction", "HipModule"]


class HipModule:
    """A loaded module. `log`: what the compiler said about it."""

    __slots__ = ("artifact", "context", "functions", "handle", "log")

    def __init__(self, context: HipContext, artifact: Artifact) -> None:
        self.context = context
        self.artifact = artifact
        self.functions: list[Any] = []
        image, self.log = (artifact.binary, "") if artifact.format == "hsaco" else _compiled(context, artifact)
        handle = ctypes.c_void_p()
        with context.current():
            code = context.hip.own.hipModuleLoadData(ctypes.byref(handle), image)
        context.check(code, f"the driver does not load {artifact.entry.name!r}, made for {artifact.target}")
        self.handle: int = handle.value or 0

    def unload(self) -> None:
        self.context.call("cuModuleUnload", self.handle, doing="unloading code")

    def explain(self) -> str:
        """Registers, scratch, shared memory and occupancy of each function that was asked for, and the compiler's log."""
        lines = [f.explain() for f in self.functions]
        return "\n".join([*lines, *([self.log] if self.log else [])])


def _compiled(context: HipContext, artifact: Artifact) -> tuple[bytes, str]:
    """The code object of a text, and the compiler's log."""
    options: Any = artifact.metadata.get("options", ())
    found = version(context.hip)
    rocm = (found // 10**7, found // 10**5 % 100)
    return code_object(context.compiler, artifact.binary.decode(), context.architecture, options, rocm)


class HipFunction(Function):
    """One entry of a module. slots: the byte offset of each parameter in the argument block."""

    __slots__ = ("places", "slots")

    def __init__(self, module: HipModule, entry: Entry) -> None:
        super().__init__(module, entry)  # type: ignore[arg-type]
        slots: Any = module.artifact.metadata["slots"]
        self.slots: tuple[int, ...] = tuple(slots)
        self.places = ctypes.c_void_p * max(len(self.slots), 1)
        self.dynamic_bytes = 0  # all shared memory is the function's own

    def parameters(self, block: int) -> Any:
        """Pointers to the parameters in the argument block at an address."""
        return self.places(*[block + at for at in self.slots])

    def explain(self) -> str:
        x, y, z = self.entry.block or (256, 1, 1)
        blocks = ctypes.c_int()
        self.context.call("cuOccupancyMaxActiveBlocksPerMultiprocessor", ctypes.byref(blocks), self.handle, x * y * z, 0,
                          doing="asking about a function")  # fmt: skip
        a = FunctionAttribute
        registers, local, shared = [self.attribute(n) for n in (a.NUM_REGS, a.LOCAL_SIZE_BYTES, a.SHARED_SIZE_BYTES)]
        return (f"{self.entry.name}: {registers} registers, {local} bytes of scratch, {shared} bytes of shared memory; "
                f"{blocks.value} blocks of {x * y * z} threads on a compute unit")  # fmt: skip
