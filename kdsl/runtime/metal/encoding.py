"""What an encoder must be told for a launch.

One idea: an encoder keeps what it was told, so a launch tells it what is not so yet: of two launches that differ in one array, the
second takes two messages, one for the array and the launch itself.
"""

from __future__ import annotations

from typing import Any

from ..api import Geometry
from .code import Bound, MetalFunction

__all__ = ["Encoding"]


class Encoding:
    """What one encoder knows: nothing at first."""

    __slots__ = ("_pipeline", "_step", "_table")

    def __init__(self, metal: Any) -> None:
        self._step = metal.step
        self._pipeline = 0
        self._table: dict[int, Any] = {}  # a buffer and offset, or bytes, by index

    def steps(self, code: MetalFunction, bound: Bound, geometry: Geometry) -> list[tuple[Any, ...]]:
        """The messages for a launch, which are taken as sent."""
        buffers, structure, named = bound
        step, table = self._step, self._table
        steps: list[tuple[Any, ...]] = []
        if code.pipeline != self._pipeline:
            self._pipeline = code.pipeline
            steps.append(step("pipeline", code.pipeline))
        for k, place in enumerate(buffers):
            known = table.get(k)
            if known == place:
                continue
            if type(known) is tuple and known[0] == place[0]:
                steps.append(step("offset", place[1], k))
            else:
                steps.append(step("buffer", *place, k))
            table[k] = place
        if structure and table.get(len(buffers)) != structure:
            steps.append(step("bytes", structure, len(buffers)))
            table[len(buffers)] = structure
        for buffer in named:
            steps.append(step("resource", buffer))
        steps.append(code.launch_step(geometry))
        return steps
