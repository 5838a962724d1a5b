"""Recorded launches as a HIP graph: one call replays them all, and new arguments are set in the graph that exists.

One idea: as `kdsl.runtime.cuda.graph`, with the parameters of a node in HIP's own structure.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

from ..bindings.hip import Dim3, NodeParams
from ..driver import Queue, Replay, Work
from .code import HipFunction
from .context import HipContext

__all__ = ["HipGraph"]


class _Params:
    """hipKernelNodeParams of a launch, and all that it points to."""

    __slots__ = ("keep", "params", "places")

    def __init__(self, work: Work) -> None:
        function: HipFunction = work.code
        gx, gy, gz, bx, by, bz = function.blocks(work.geometry)
        self.keep = ctypes.create_string_buffer(work.arguments, max(len(work.arguments), 1))
        self.places = function.parameters(ctypes.addressof(self.keep))
        self.params = NodeParams(Dim3(bx, by, bz), None, function.handle, Dim3(gx, gy, gz), ctypes.addressof(self.places), 0)

    def reference(self) -> Any:
        return ctypes.byref(self.params)


class HipGraph(Replay):
    """An instantiated graph of `works`, one after the other. `works` is not empty."""

    __slots__ = ("context", "graph", "handle", "nodes")

    def __init__(self, context: HipContext, works: Sequence[Work]) -> None:
        super().__init__(works)
        self.context = context
        self.nodes: list[ctypes.c_void_p] = []
        self.graph, self.handle = ctypes.c_void_p(), ctypes.c_void_p()
        context.call("cuGraphCreate", ctypes.byref(self.graph), 0, doing="making a graph")
        for work in works:
            node, params = ctypes.c_void_p(), _Params(work)
            before = ctypes.byref(self.nodes[-1]) if self.nodes else None
            context.call("cuGraphAddKernelNode_v2", ctypes.byref(node), self.graph, before, len(self.nodes[-1:]),
                         params.reference(), doing=f"recording {work.code.entry.name}")  # fmt: skip
            self.nodes.append(node)
        with context.current():
            code = context.hip.own.hipGraphInstantiate(ctypes.byref(self.handle), self.graph, None, None, 0)
        context.check(code, "making a graph")

    def run(self, queue: Queue) -> None:
        self.context.call("cuGraphLaunch", self.handle, queue.native, doing="replaying a graph")

    def update(self, changes: dict[int, Work]) -> None:
        for i, work in changes.items():
            params = _Params(work)
            self.context.call("cuGraphExecKernelNodeSetParams_v2", self.handle, self.nodes[i], params.reference(),
                              doing=f"updating {work.code.entry.name}")  # fmt: skip
            self.works[i] = work

    def close(self) -> None:
        self.context.call("cuGraphExecDestroy", self.handle, doing="closing a graph")
        self.context.call("cuGraphDestroy", self.graph, doing="closing a graph")
