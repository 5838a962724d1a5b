"""Recorded launches as a HIP graph: one call replays them all, and new arguments are set in the graph that exists.

One idea: as `kdsl.runtime.cuda.graph`, with the parameters of a node in HIP's own structure.
"""

from __future__ import annotations

import ctypes
from typing import Any

from ..bindings.hip import Dim3, NodeParams
from ..cuda.graph import CudaGraph
from ..driver import Work
from .code import HipFunction

__all__ = ["HipGraph"]


class KernelNodeParams:
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


class HipGraph(CudaGraph):
    """The same of HIP."""

    __slots__ = ()

    params = KernelNodeParams

    def instantiate(self) -> None:
        context = self.context
        with context.current():
            code = context.hip.own.hipGraphInstantiate(ctypes.byref(self.handle), self.graph, None, None, 0)
        context.check(code, "making a graph")
