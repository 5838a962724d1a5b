"""Which threads (or blocks, or pieces of rows) the lanes of one batch are, and their ids.

One idea: a batch is a set of blocks run in step, one lane per thread that exists. Blocks never wait for each other,
so running many at once changes nothing a correct kernel can see, and makes small blocks as cheap as large ones. A
function at block level has one lane per block, a flat one one lane per piece of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

from ...diagnostics import InternalError

__all__ = ["IDS", "Geometry", "Lanes", "batches", "flat_lanes"]

A = Any
Triple = tuple[int, int, int]


class Geometry:
    """Grid, block and threads of a launch; `threads` beyond which none exist (`over(n)`), per axis."""

    __slots__ = ("block", "grid", "threads", "threads_per_block")

    def __init__(self, grid: Triple, block: Triple, threads: Triple | None) -> None:
        self.grid = grid
        self.block = block
        full = tuple(g * b for g, b in zip(grid, block))
        self.threads = full if threads is None else threads
        self.threads_per_block = prod(block)
        if any(t > f for t, f in zip(self.threads, full)):
            raise InternalError(f"{threads} threads do not fit grid {grid} of blocks {block}", where="interpreter")

    def block_ids(self, linear: A) -> list[A]:
        """The three coordinates of blocks given by linear number, axis 0 fastest."""
        gx, gy, _ = self.grid
        return [linear % gx, linear // gx % gy, linear // (gx * gy)]

    def thread_ids(self, linear: A) -> list[A]:
        """The three coordinates of threads in their block given by linear number."""
        bx, by, _ = self.block
        return [linear % bx, linear // bx % by, linear // (bx * by)]

    def place(self, thread: int) -> tuple[list[int], list[int]]:
        """Block and thread coordinates of a thread of the launch (block number * threads per block + linear number)."""
        block, linear = divmod(thread, self.threads_per_block)
        return self.block_ids(block), self.thread_ids(linear)


class Lanes:
    """One batch: per lane its block's slot in the batch, its linear number in the block, and coordinates.

    blocks: linear number of the block in each slot. number: per lane, a number unique in the launch.
    population: per slot, how many of its lanes exist. rows: (begin, end, row 1, row 2, end along axis 1) of
    flat pieces.
    """

    __slots__ = (
        "block_ids", "blocks", "count", "geometry", "linear", "number", "population", "rows", "slot", "thread_ids",
    )  # fmt: skip

    def __init__(self, geometry: Geometry, blocks: A, slot: A, linear: A, rows: tuple[A, ...] = ()) -> None:
        self.geometry = geometry
        self.blocks = blocks
        self.slot = slot
        self.linear = linear
        self.count = len(slot)
        self.rows = rows
        self.block_ids = geometry.block_ids(blocks[slot])
        self.thread_ids = geometry.thread_ids(linear)
        self.number = blocks[slot] * geometry.threads_per_block + linear
        self.population = np.bincount(slot, minlength=len(blocks))

    def extent(self, axis: int) -> A:
        """Threads that exist in each lane's block along an axis."""
        g = self.geometry
        return np.clip(g.threads[axis] - self.block_ids[axis] * g.block[axis], 0, g.block[axis])


IDS: dict[str, Callable[[Lanes, int], A]] = {
    "simt.global_id": lambda lanes, axis: lanes.block_ids[axis] * lanes.geometry.block[axis] + lanes.thread_ids[axis],
    "simt.thread_id": lambda lanes, axis: lanes.thread_ids[axis],
    "simt.block_id": lambda lanes, axis: lanes.block_ids[axis],
    "simt.block_dim": lambda lanes, axis: np.full(lanes.count, lanes.geometry.block[axis], np.int64),
    "simt.grid_dim": lambda lanes, axis: np.full(lanes.count, lanes.geometry.grid[axis], np.int64),
    "block.row_begin": lambda lanes, axis: lanes.rows[0],
    "block.row_end": lambda lanes, axis: lanes.rows[1],
    "block.row": lambda lanes, axis: lanes.rows[1 + axis],
    "block.rows_end": lambda lanes, axis: lanes.rows[4],
    # Each piece by itself.
    "block.is_first": lambda lanes, axis: np.ones(lanes.count, np.bool_),
    "block.is_last": lambda lanes, axis: np.ones(lanes.count, np.bool_),
    "block.threads": lambda lanes, axis: (
        lanes.rows[1] - lanes.rows[0] if lanes.rows else np.full(lanes.count, lanes.geometry.threads_per_block)
    ),
    "block.worker": lambda lanes, axis: np.zeros(lanes.count, np.int64),
    "block.extent": lambda lanes, axis: lanes.extent(axis),
}


def batches(geometry: Geometry, blocks_at_once: int, *, one_lane_per_block: bool, order: str,
            rng: np.random.Generator | None) -> Iterator[Lanes]:  # fmt: skip
    """The launch as batches of blocks; `order` is that of blocks and of the lanes in a batch."""
    numbers = np.arange(prod(geometry.grid), dtype=np.int64)
    if order == "reverse":
        numbers = numbers[::-1]
    elif rng is not None:
        numbers = rng.permutation(numbers)
    threads = 1 if one_lane_per_block else geometry.threads_per_block
    for start in range(0, len(numbers), blocks_at_once):
        blocks = numbers[start : start + blocks_at_once]
        slot = np.repeat(np.arange(len(blocks)), threads)
        linear = np.tile(np.arange(threads, dtype=np.int64), len(blocks))
        slot, linear = _existing(geometry, blocks, slot, linear)
        if order == "reverse":
            slot, linear = slot[::-1], linear[::-1]
        elif rng is not None:
            shuffled = rng.permutation(len(slot))
            slot, linear = slot[shuffled], linear[shuffled]
        if len(slot):
            yield Lanes(geometry, blocks, slot, linear)


def _existing(geometry: Geometry, blocks: A, slot: A, linear: A) -> tuple[A, A]:
    """Without the lanes of threads beyond `threads`."""
    if all(t == g * b for t, g, b in zip(geometry.threads, geometry.grid, geometry.block)):
        return slot, linear
    exists = np.ones(len(slot), bool)
    block_ids, thread_ids = geometry.block_ids(blocks[slot]), geometry.thread_ids(linear)
    for axis in range(3):
        exists &= block_ids[axis] * geometry.block[axis] + thread_ids[axis] < geometry.threads[axis]
    return slot[exists], linear[exists]


def flat_lanes(geometry: Geometry, chunk: int | None, rows: int) -> Iterator[Lanes]:
    """A flat launch, all at once: `rows` rows of threads along axis 0 together, in pieces of `chunk` (all of it when None)."""
    width, rows_1, rows_2 = geometry.threads
    begin = np.arange(0, width, chunk or max(width, 1), dtype=np.int64)
    row_2, row_1, begin = (x.reshape(-1) for x in np.meshgrid(
        np.arange(rows_2, dtype=np.int64), np.arange(0, rows_1, rows, dtype=np.int64), begin, indexing="ij"))  # fmt: skip
    if len(begin) == 0:
        return
    end = np.minimum(begin + (chunk or width), width)
    slot = np.arange(len(begin))
    zeros = np.zeros(len(begin), np.int64)
    yield Lanes(geometry, zeros, slot, zeros, (begin, end, row_1, row_2, np.minimum(row_1 + rows, rows_1)))
