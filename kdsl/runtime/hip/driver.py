"""A GPU of AMD's as `kdsl.runtime.driver` wants it.

One idea: the target is the table's row for the GPU's architecture, with this GPU's own limits and wavefront.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

from ...artifact import Artifact, Entry
from ...diagnostics import DeviceError
from ...records import replace
from ...target import GPU_TARGETS, Target
from ..api import Limits
from ..bindings.cuda import Attribute
from ..bindings.hip import load
from ..cuda.memory import Allocator, Staging
from ..cuda.queue import Events
from ..driver import Driver, Memory, Work
from .code import HipFunction, HipModule
from .context import HipContext, describe
from .graph import HipGraph
from .queue import HipQueue

__all__ = ["HipDriver", "target_of"]


def target_of(architecture: str, limits: Limits) -> Target:
    """The target of an architecture, with this GPU's own limits."""
    name = architecture.partition(":")[0]
    known = GPU_TARGETS.get(f"hip:{name}")
    if known is None:
        names = ", ".join([t.arch for t in GPU_TARGETS.values() if t.backend == "hip"])
        raise DeviceError(f"this GPU is {name}, which kdsl does not know\n  = help: it knows {names}")
    return replace(known, block_threads=limits.block_threads, block_limit=limits.block, grid_limit=limits.grid,
                   shared_bytes=limits.shared_bytes, subgroup_size=limits.subgroup_sizes[0])  # fmt: skip


def _limits(context: HipContext) -> Limits:
    a, ask = Attribute, context.attribute
    return Limits(
        block_threads=ask(a.MAX_THREADS_PER_BLOCK),
        block=(ask(a.MAX_BLOCK_DIM_X), ask(a.MAX_BLOCK_DIM_Y), ask(a.MAX_BLOCK_DIM_Z)),
        grid=(ask(a.MAX_GRID_DIM_X), ask(a.MAX_GRID_DIM_Y), ask(a.MAX_GRID_DIM_Z)),
        shared_bytes=ask(a.MAX_SHARED_MEMORY_PER_BLOCK),
        subgroup_sizes=(ask(a.WARP_SIZE),),
    )


class HipDriver(Driver):
    """GPU number `index` of this machine."""

    formats = ("hip", "hsaco")

    def __init__(self, index: int) -> None:
        self.context = context = HipContext(load(), index)
        self.limits = _limits(context)
        self.target = target_of(context.architecture, self.limits)
        self._allocator = Allocator(context)
        self._staging = Staging(context, self._allocator)
        self._events = Events(context)
        self.memories = self._allocator.names
        self.description = describe(context.hip, index)

    def allocate(self, size_bytes: int, memory: str) -> Memory:
        return self._allocator.allocate(size_bytes, memory)

    def free(self, memory: Memory) -> None:
        self._allocator.free(memory)

    def queue(self) -> HipQueue:
        return HipQueue(self, self.context, self._staging, self._events)

    def default_queue(self) -> HipQueue:
        return HipQueue(self, self.context, self._staging, self._events, native=0)

    def load(self, artifact: Artifact) -> HipModule:
        return HipModule(self.context, artifact)

    def prepare(self, module: HipModule, artifact: Artifact, entry: Entry) -> HipFunction:
        del artifact
        return HipFunction(module, entry)

    def unload(self, module: HipModule) -> None:
        module.unload()

    def record(self, works: Sequence[Work]) -> Any:
        return HipGraph(self.context, works) if works else super().record(works)

    def memory_info(self) -> tuple[int, int]:
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        self.context.call("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total), doing="asking how much memory is free")
        return free.value, total.value

    def explain(self, module: HipModule) -> str:
        return module.explain()
