"""Recorded launches as a CUDA graph: one call replays them all, and new arguments are set in the graph that exists.

One idea: the nodes form a chain, because a recording's launches run in order. The graph keeps its own copy of each
node's arguments, so between two replays only the nodes that changed are told. HIP's graphs are these with another structure of
parameters (`kdsl.runtime.hip.graph`).
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, ClassVar

from ..bindings.cuda import (
    LAUNCH_PARAM_BUFFER_POINTER,
    LAUNCH_PARAM_BUFFER_SIZE,
    LAUNCH_PARAM_END,
    KernelNodeParams,
)
from ..driver import Queue, Replay, Work
from .code import Function

__all__ = ["CudaGraph", "KernelParams"]


class KernelParams:
    """CUDA_KERNEL_NODE_PARAMS of a launch, and all that it points to."""

    __slots__ = ("extra", "keep", "params", "size")

    def __init__(self, work: Work) -> None:
        function: Function = work.code
        self.keep = ctypes.create_string_buffer(work.arguments, max(len(work.arguments), 1))
        self.size = ctypes.c_size_t(len(work.arguments))
        self.extra = (ctypes.c_void_p * 5)(LAUNCH_PARAM_BUFFER_POINTER, ctypes.addressof(self.keep), LAUNCH_PARAM_BUFFER_SIZE,
                                           ctypes.addressof(self.size), LAUNCH_PARAM_END)  # fmt: skip
        self.params = KernelNodeParams(function.handle, *function.blocks(work.geometry), function.dynamic_bytes, None,
                                       ctypes.addressof(self.extra))  # fmt: skip

    def reference(self) -> Any:
        return ctypes.byref(self.params)


class CudaGraph(Replay):
    """An instantiated graph of `works`, one after the other. `works` is not empty."""

    __slots__ = ("context", "graph", "handle", "nodes")

    params: ClassVar[type[Any]] = KernelParams

    def __init__(self, context: Any, works: Sequence[Work]) -> None:
        super().__init__(works)
        self.context = context
        self.nodes: list[ctypes.c_void_p] = []
        self.graph, self.handle = ctypes.c_void_p(), ctypes.c_void_p()
        context.call("cuGraphCreate", ctypes.byref(self.graph), 0, doing="making a graph")
        for work in works:
            node, params = ctypes.c_void_p(), self.params(work)
            before = ctypes.byref(self.nodes[-1]) if self.nodes else None
            context.call("cuGraphAddKernelNode_v2", ctypes.byref(node), self.graph, before, len(self.nodes[-1:]),
                         params.reference(), doing=f"recording {work.code.entry.name}")  # fmt: skip
            self.nodes.append(node)
        self.instantiate()

    def instantiate(self) -> None:
        self.context.call("cuGraphInstantiateWithFlags", ctypes.byref(self.handle), self.graph, 0, doing="making a graph")

    def run(self, queue: Queue) -> None:
        self.context.call("cuGraphLaunch", self.handle, queue.native, doing="replaying a graph")

    def update(self, changes: dict[int, Work]) -> None:
        for i, work in changes.items():
            params = self.params(work)
            self.context.call("cuGraphExecKernelNodeSetParams_v2", self.handle, self.nodes[i], params.reference(),
                              doing=f"updating {work.code.entry.name}")  # fmt: skip
            self.works[i] = work

    def close(self) -> None:
        self.context.call("cuGraphExecDestroy", self.handle, doing="closing a graph")
        self.context.call("cuGraphDestroy", self.graph, doing="closing a graph")
