"""One HIP stream as a queue of work: CUDA's, but for how a launch passes its arguments."""

from __future__ import annotations

from typing import Any

from ..api import Geometry
from ..cuda.context import raise_error
from ..cuda.queue import BYTES_DATA, CudaQueue
from ..driver import Uses
from .code import HipFunction

__all__ = ["HipQueue"]


class HipQueue(CudaQueue):
    """A stream of its own, or the default stream."""

    def launch(self, code: Any, arguments: bytes, geometry: Geometry, uses: Uses) -> None:
        function: HipFunction = code
        shape = function.shapes.get(geometry) or function.shape(geometry)
        given = function.parameters(id(arguments) + BYTES_DATA)
        with self.context.current():
            result = self._launch(*shape, self._handle, given, None)
        if result:
            raise_error(self.context.cuda, result, f"launching {function.entry.name}")
