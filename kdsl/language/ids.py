"""Which thread this is: places in the launch along axis 0, 1 or 2. Axis 0 varies fastest. All are of type `index`. And `cdiv`, by
which programs find how many blocks they need.
"""

from __future__ import annotations

from typing import Any

from . import intrinsic, only_in_kernel

__all__ = ["block_dim", "block_id", "cdiv", "global_id", "grid_dim", "thread_id"]


@intrinsic("global_id")
def global_id(axis: int = 0) -> int:
    """The thread's place in the whole launch: block_id * block_dim + thread_id."""
    only_in_kernel("global_id")


@intrinsic("thread_id")
def thread_id(axis: int = 0) -> int:
    """The thread's place in its block, from 0 to block_dim - 1."""
    only_in_kernel("thread_id")


@intrinsic("block_id")
def block_id(axis: int = 0) -> int:
    """The block's place in the grid, the same for all its threads."""
    only_in_kernel("block_id")


@intrinsic("block_dim")
def block_dim(axis: int = 0) -> int:
    """How many threads a full block has."""
    only_in_kernel("block_dim")


@intrinsic("grid_dim")
def grid_dim(axis: int = 0) -> int:
    """How many blocks the grid has."""
    only_in_kernel("grid_dim")


@intrinsic("cdiv")
def cdiv(a: Any, b: Any) -> Any:
    """a / b rounded up, of integers: how many pieces of b cover a."""
    return -(-a // b)
