"""Launches of more blocks than a device takes at once, as several dispatches.

One idea: code for such launches (`metadata["part_blocks"]`) has one more push constant, a word with the number of the part
along each axis, 16 bits each. An axis that is short enough is one part, number 0; the others are cut into parts of
`part_blocks` blocks. Blocks know nothing of one another, so the order of the parts does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from ...diagnostics import DeviceError

__all__ = ["FIRST", "Triple", "dispatches"]

Triple = tuple[int, int, int]

FIRST = bytes(8)  # the word of the one part of a launch that is no longer than the device allows


def dispatches(grid: Triple, limit: Triple, part_blocks: int) -> Iterator[tuple[bytes, Triple]]:
    """(word of the part, its blocks) of each part. limit: blocks along each axis that the device takes at once, no less than
    `part_blocks`. `DeviceError` where the code is for whole launches (0)."""
    if not part_blocks:
        raise DeviceError(f"this code is for launches of up to {limit} blocks, and this one has {grid}\n"
                          "  = help: compile it with cut=True, or use larger blocks")  # fmt: skip
    axes = [_of_axis(n, most, part_blocks) for n, most in zip(grid, limit, strict=True)]
    for z, y, x in product(axes[2], axes[1], axes[0]):
        word = x[0] | y[0] << 16 | z[0] << 32
        yield word.to_bytes(8, "little"), (x[1], y[1], z[1])


def _of_axis(blocks: int, limit: int, part_blocks: int) -> list[tuple[int, int]]:
    """(number, blocks) of each part."""
    if blocks <= limit:
        return [(0, blocks)]
    return [(k, min(part_blocks, blocks - first)) for k, first in enumerate(range(0, blocks, part_blocks))]
