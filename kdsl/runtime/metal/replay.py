"""Recorded launches as messages that are ready to be sent.

One idea: Metal's command buffers run once, so a recording is encoded again for each submission; but everything that can be known
before is: where the arguments lie, which buffers they are in, and which messages would tell an encoder what it knows already, which
are left out. A launch that differs from the one before it in one array takes two messages.

An encoder for the GPU's own indirect command buffers would save these, too, for pipelines that are made for it and arguments that
all lie in buffers; that is left alone until it can be measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..driver import Queue, Replay, Work

__all__ = ["MetalReplay"]

_SEGMENT = 64  # launches after which the GPU may begin


class MetalReplay(Replay):
    """See `driver.Replay`. The launches of a segment share an encoder, in which they run one after the other."""

    __slots__ = ("_bound", "_metal", "_steps")

    def __init__(self, metal: Any, works: Sequence[Work]) -> None:
        super().__init__(works)
        self._metal = metal
        self._bound = [work.code.bound(work.arguments) for work in self.works]
        self._steps: dict[int, list[Any]] = {}  # by segment; made anew where arguments changed

    def run(self, queue: Queue) -> None:
        for first in range(0, len(self.works), _SEGMENT):
            steps = self._steps.get(first)
            if steps is None:
                steps = self._steps[first] = self._encoded(first)
            queue.play(steps, min(_SEGMENT, len(self.works) - first))  # type: ignore[attr-defined]

    def _encoded(self, first: int) -> list[Any]:
        """The messages for a segment, for an encoder of which nothing is known."""
        step, steps = self._metal.step, []
        pipeline, table = 0, {}  # what the encoder knows: a buffer and offset, or bytes, by index
        for work, (buffers, structure, named) in zip(
            self.works[first : first + _SEGMENT], self._bound[first : first + _SEGMENT], strict=True
        ):
            if work.code.pipeline != pipeline:
                pipeline = work.code.pipeline
                steps.append(step("pipeline", pipeline))
            for k, (buffer, offset) in enumerate(buffers):
                known = table.get(k)
                if known == (buffer, offset):
                    continue
                if isinstance(known, tuple) and known[0] == buffer:
                    steps.append(step("offset", offset, k))
                else:
                    steps.append(step("buffer", buffer, offset, k))
                table[k] = (buffer, offset)
            if structure and table.get(len(buffers)) != structure:
                steps.append(step("bytes", structure, len(buffers)))
                table[len(buffers)] = structure
            steps += [step("resource", buffer) for buffer in named]
            steps.append(step("launch", work.geometry[:3], work.geometry[3:6]))
        return steps

    def update(self, changes: dict[int, Work]) -> None:
        for i, work in changes.items():
            self.works[i] = work
            self._bound[i] = work.code.bound(work.arguments)
            self._steps.pop(i // _SEGMENT * _SEGMENT, None)
