"""PTX as a backend of the conformance suite: compiled by the whole GPU pipeline, executed on the CPU.

One idea: which threads go first changes from case to case, so that nothing may hang on it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from conformance.base import Backend, Triple, Unsupported, expand_threads

from kdsl.artifact import Artifact
from kdsl.ir.core import Function
from kdsl.target import Target

from .launch import launch

__all__ = ["Ptx"]

ORDERS = ("together", "backwards", "together", "alone")
_ALONE = 512  # threads at most, warp by warp: it is slow


class Ptx(Backend):
    """Code for one architecture; warps of 32."""

    lanes = 32
    emulated = True
    thin = 61

    def __init__(self, target: Target) -> None:
        self.target = target
        self.name = target.name
        self.made: dict[tuple[object, ...], tuple[Function, Artifact]] = {}

    def refusal(self, op: str, operands: Sequence[str], result: str) -> str:
        """Why the target has no such op on such types: it has all of them."""
        return ""

    def artifact(self, function: Function, block: Triple, *, cut: bool) -> Artifact:
        key = (id(function), block, cut)
        found = self.made.get(key)
        if found is None:
            from kdsl.compiler import compile_function

            if len(self.made) > 128:
                self.made.clear()
            found = self.made[key] = (function, compile_function(function, self.target, block=block, cut=cut))
        return found[1]

    def run(self, function: Function, args: Sequence[Any], grid: Triple, block: Triple, threads: Triple | None = None,
            subgroup_size: int = 0) -> None:  # fmt: skip
        if subgroup_size not in (0, 32):
            raise Unsupported("subgroups of 32 lanes only")
        exist = expand_threads(grid, block, threads)
        cut = exist != expand_threads(grid, block, None)
        artifact = self.artifact(function, block, cut=cut)
        order = ORDERS[zlib.crc32(f"{function.name} {grid} {block}".encode()) % 4]
        if order == "alone" and exist[0] * exist[1] * exist[2] > _ALONE:
            order = "backwards"
        launch(artifact, args, grid, block, exist, order=order)
