"""A GPU as `kdsl.runtime.driver` wants it: what it is, its memory, its streams, its code.

One idea: the default stream of a device is CUDA's legacy default stream, so that kernels stand in one order with the
work that torch, CuPy, numba and pycuda give when nobody names a stream; streams that are made here do not wait for it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ...artifact import Artifact, Entry
from ...calltable import MAX_ARGUMENT_SLOTS, CudaSlot
from ...diagnostics import DeviceError
from ...records import replace
from ...target import GPU_TARGETS, Target
from ..api import Geometry, Limits
from ..bindings.cuda import Attribute, load
from ..driver import Adopted, Driver, Memory, Queue, Work
from ..quick import cuda_launch_address
from .code import Function, Module
from .context import Context, describe
from .foreign import adopt, other_context, stream_handle
from .graph import CudaGraph
from .memory import Allocator, Staging
from .queue import CudaQueue, Events

__all__ = ["CudaDriver", "target_of"]


def target_of(capability: tuple[int, int], limits: Limits) -> Target:
    """The target of a compute capability: the newest that it runs, with this GPU's own limits."""
    version = 10 * capability[0] + capability[1]
    known = {int(t.arch[3:]): t for t in GPU_TARGETS.values() if t.backend == "cuda" and t.arch[3:].isdecimal()}
    runs = [v for v in known if v <= version]
    if not runs:
        raise DeviceError(f"this GPU has compute capability {capability[0]}.{capability[1]}, and kdsl needs "
                          f"{min(known) // 10}.{min(known) % 10} or later")  # fmt: skip
    return replace(known[max(runs)], block_threads=limits.block_threads, block_limit=limits.block, grid_limit=limits.grid,
                   shared_bytes=limits.shared_bytes)  # fmt: skip


def _limits(context: Context) -> Limits:
    a, ask = Attribute, context.attribute
    shared = max(ask(a.MAX_SHARED_MEMORY_PER_BLOCK_OPTIN), ask(a.MAX_SHARED_MEMORY_PER_BLOCK))
    return Limits(
        block_threads=ask(a.MAX_THREADS_PER_BLOCK),
        block=(ask(a.MAX_BLOCK_DIM_X), ask(a.MAX_BLOCK_DIM_Y), ask(a.MAX_BLOCK_DIM_Z)),
        grid=(ask(a.MAX_GRID_DIM_X), ask(a.MAX_GRID_DIM_Y), ask(a.MAX_GRID_DIM_Z)),
        shared_bytes=shared,
        subgroup_sizes=(ask(a.WARP_SIZE),),
    )


class CudaDriver(Driver):
    """GPU number `index` of this machine."""

    formats = ("ptx", "cubin")

    def __init__(self, index: int, handle: int = 0) -> None:
        """handle: a context of another library's, in place of the GPU's primary one."""
        self.context = context = Context(load(), index, handle)
        self.limits = _limits(context)
        self.target = target_of(context.capability, self.limits)
        self._allocator = Allocator(context)
        self._staging = Staging(context, self._allocator)
        self._events = Events(context)
        self.memories = self._allocator.names
        self.description = describe(context.cuda, index)

    def allocate(self, size_bytes: int, memory: str) -> Memory:
        return self._allocator.allocate(size_bytes, memory)

    def free(self, memory: Memory) -> None:
        self._allocator.free(memory)

    def queue(self) -> CudaQueue:
        return CudaQueue(self, self.context, self._staging, self._events)

    def default_queue(self) -> CudaQueue:
        return CudaQueue(self, self.context, self._staging, self._events, native=0)

    def adopt_queue(self, stream: object) -> CudaQueue | None:
        """The queue of another library's stream; None for what is no stream."""
        handle = stream_handle(stream)
        return None if handle is None else CudaQueue(self, self.context, self._staging, self._events, native=handle)

    def load(self, artifact: Artifact) -> Module:
        return Module(self.context, artifact)

    def prepare(self, module: Module, artifact: Artifact, entry: Entry) -> Function:
        del artifact
        return Function(module, entry)

    def call_record(self, code: Function, entry: Entry, geometry: Geometry, queue: Queue, counter: int) -> tuple[int, bytes] | None:
        address = cuda_launch_address()
        if not address or sum(p.slots for p in entry.params) > MAX_ARGUMENT_SLOTS:
            return None
        record = [0] * CudaSlot.COUNT
        record[CudaSlot.LAUNCH], record[CudaSlot.FUNCTION] = self.context.cuda.address("cuLaunchKernel"), code.handle
        record[CudaSlot.GRID : CudaSlot.GRID + 6] = code.blocks(geometry)
        record[CudaSlot.SHARED], record[CudaSlot.STREAM] = code.dynamic_bytes, queue.native
        record[CudaSlot.ARGUMENTS], record[CudaSlot.HIDDEN] = sum(p.slots for p in entry.params), 3 if entry.cut else 0
        record[CudaSlot.THREADS : CudaSlot.THREADS + 3] = geometry[6:]
        record[CudaSlot.COUNTER] = counter
        return address, np.array(record, np.uint64).view(np.int64).tobytes()

    def unload(self, module: Module) -> None:
        module.unload()

    def record(self, works: Sequence[Work]) -> Any:
        return CudaGraph(self.context, works) if works else super().record(works)

    def memory_info(self) -> tuple[int, int]:
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        self.context.call("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total), doing="asking how much memory is free")
        return free.value, total.value

    def explain(self, module: Module) -> str:
        return module.explain()

    def adopt(self, value: object) -> Adopted | None:
        return adopt(self.context, value)

    def sibling(self, value: object) -> tuple[str, Callable[[], Driver]] | None:
        handle = other_context(self.context, value)
        return (f"{handle:x}", partial(CudaDriver, self.context.index, handle)) if handle else None

    def cuda_index(self) -> int:
        return self.context.index
