"""Arguments of an artifact's launch as the slots of `kdsl.codegen.layout`, and the memory that they stand for.

One idea: an array may be reached in exactly the bytes of the NumPy array that it is, or is a view of, so whatever else a kernel
touches is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from cpu_launch import pack_args

from emulation.executor import Memory
from kdsl.artifact import Artifact

__all__ = ["Packed", "memory_of", "packed"]


class Packed:
    """The bytes of the slots, and what they point at."""

    def __init__(self, data: bytes, memory: list[Memory]) -> None:
        self.slots = np.frombuffer(data + bytes(8), np.uint8).copy()
        own = Memory(self.slots.ctypes.data, self.slots.nbytes, read_only=True)
        self.memory = [*memory, own]

    def at(self, offset: int) -> int:
        return self.slots.ctypes.data + offset


def memory_of(a: np.ndarray, *, writes: bool) -> Memory:
    """The stretch of memory from an array's first byte to its last, whatever its strides."""
    low, high = np.lib.array_utils.byte_bounds(a) if hasattr(np.lib, "array_utils") else np.byte_bounds(a)  # type: ignore[attr-defined]
    return Memory(low, high - low, read_only=not writes)


def packed(artifact: Artifact, args: Sequence[Any], hidden: bytes = b"", more: Sequence[Memory] = ()) -> Packed:
    """User arguments and, behind them, the hidden slots."""
    memory = [
        memory_of(a, writes=p.writes)
        for p, a in zip(artifact.entry.params, args, strict=True)
        if p.kind == "array" and a.size
    ]
    return Packed(pack_args(artifact, args) + hidden, [*memory, *more])
