"""Recorded launches as messages that are ready to be sent.

One idea: Metal's command buffers run once, so a recording is encoded again for each submission; but everything that can be known
before is: where the arguments lie, which buffers they are in, and what an encoder need not be told because it knows (`encoding`).

An encoder for the GPU's own indirect command buffers would save these, too, for pipelines that are made for it and arguments that
all lie in buffers; that is left alone until it can be measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..driver import Queue, Replay, Work
from .encoding import Encoding

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
        encoding, behind = Encoding(self._metal), first + _SEGMENT
        rows = zip(self.works[first:behind], self._bound[first:behind], strict=True)
        return [step for work, bound in rows for step in encoding.steps(work.code, bound, work.geometry)]

    def update(self, changes: dict[int, Work]) -> None:
        for i, work in changes.items():
            self.works[i] = work
            self._bound[i] = work.code.bound(work.arguments)
            self._steps.pop(i // _SEGMENT * _SEGMENT, None)
