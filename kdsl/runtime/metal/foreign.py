"""Memory of the host's that kernels use in place.

One idea: Metal makes a buffer of pages that are there already. So an array's memory must be pages of its own: begin at one, and
have no part of one; the array is held until the buffer is given up. Everything else is copied, in and out.
"""

from __future__ import annotations

import mmap
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Pages", "pages_of"]


class Pages(NamedTuple):
    """Whole pages that an array lies in: the first one's address, and bytes. owner: what keeps them."""

    start: int
    size_bytes: int
    owner: object


def _root(view: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], object]:
    """The array that was made first of a memory, and what has that memory, None where it is the array's own."""
    while isinstance(view.base, np.ndarray):
        view = view.base
    owner = view.base
    while isinstance(owner, memoryview):
        owner = owner.obj
    return view, owner


def pages_of(view: np.ndarray[Any, Any], low: int, high: int, page_bytes: int, *, is_written: bool) -> Pages | None:
    """The pages that have all from the address `low` to before `high`; None where they are not the array's alone.

    A file or memory that is mapped (`np.memmap`, `mmap`) is pages throughout; but a kernel cannot write to the copies that a
    memmap of mode "c" makes as it is written to.
    """
    root, owner = _root(view)
    if not (root.flags.c_contiguous or root.flags.f_contiguous):
        return None
    start = root.__array_interface__["data"][0]
    end = start + root.nbytes
    if low < start or high > end:
        return None
    if isinstance(owner, mmap.mmap):
        if is_written and getattr(root, "mode", "") == "c":
            return None
        start, end = start // page_bytes * page_bytes, -(-end // page_bytes) * page_bytes
    if start % page_bytes or end % page_bytes:
        return None
    return Pages(start, end - start, root)
