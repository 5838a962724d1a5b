"""Grid and block of a launch: what the user wrote, checked and turned into the nine numbers of `api.Geometry`.

One idea: `kernel[grid, block]` and `kernel.over(n)` differ only in how many threads exist in the last block, so both
become blocks, threads of a block, and threads, per axis; axis 0 varies fastest. Codes K651 to K657, see `checked`.
"""

from __future__ import annotations

from operator import index as as_int
from typing import Any

from ..diagnostics import refuse, shown
from .api import Geometry, Limits

__all__ = ["ANY_DEVICE", "check_geometry", "geometry", "geometry_over"]

Extent = Any  # an int or a tuple of up to three; anything else is refused here

# What a launch is held against before its device is known: block sizes as on GPUs, so that a kernel that runs on the CPU runs
# there; a grid as long as an int64 allows.
ANY_DEVICE = Limits(grid=(2**62, 2**62, 2**62), shared_bytes=1 << 30, subgroup_sizes=(4, 8, 16, 32))
_MOST_THREADS = 2**62  # of a launch: work is counted in an int64


def geometry(kernel: str, grid: Extent, block: Extent = 1, limits: Limits | None = None) -> Geometry:
    """`grid` blocks of `block` threads. An axis of zero blocks is allowed: nothing runs."""
    g, b = _extents(kernel, "grid", grid), _checked_block(kernel, block, limits)
    t = (g[0] * b[0], g[1] * b[1], g[2] * b[2])
    _check_grid(kernel, g, t, limits)
    return (*g, *b, *t)


def geometry_over(kernel: str, threads: Extent, block: Extent = 256, limits: Limits | None = None) -> Geometry:
    """Exactly `threads` threads per axis, in as many blocks as they need; the last block of an axis may be cut off."""
    t, b = _extents(kernel, "number of threads", threads), _checked_block(kernel, block, limits)
    g = (-(-t[0] // b[0]), -(-t[1] // b[1]), -(-t[2] // b[2]))
    _check_grid(kernel, g, t, limits)
    return (*g, *b, *t)


def check_geometry(kernel: str, geometry: Geometry, limits: Limits) -> None:
    """Refuse (K655, K656) what `geometry` gave for another device where this one does not allow it."""
    if limits != ANY_DEVICE:
        _checked_block(kernel, geometry[3:6], limits)
        _check_grid(kernel, geometry[:3], geometry[6:9], limits)


def _extents(kernel: str, what: str, value: Extent) -> tuple[int, int, int]:
    items = value if isinstance(value, (tuple, list)) else (value,)
    if len(items) > 3:
        refuse("K652", None, f"{kernel}: the {what} has {len(items)} axes; there are at most three",
               help="fold the further axes into the last one, and take them apart with // and %")  # fmt: skip
    if not items:
        refuse("K657", None, f"{kernel}: the {what} is empty", help=f"{kernel}.over(n)(...) and {kernel}[grid, block](...) launch")
    out = []
    for axis, item in enumerate(items):
        try:
            n = as_int(item) if type(item) is not bool else as_int(None)  # type: ignore[arg-type]
        except TypeError:
            kind = type(item).__name__
            if getattr(item, "shape", ()) and kernel:
                refuse("K651", None, f"{kernel}: the {what} must be ints, and axis {axis} is an array ({kind})",
                       help=f"threads first, arguments in brackets of their own: {kernel}.over(len(x))(x, ...)")  # fmt: skip
            refuse("K651", None, f"{kernel}: the {what} must be ints, and axis {axis} is {shown(item)} ({kind})",
                   help="kdsl.cdiv(n, block) or n // block gives an int; n / block does not")  # fmt: skip
        if n < 0:
            refuse("K653", None, f"{kernel}: the {what} is negative: axis {axis} is {shown(n)}",
                   help="a size that is a difference may have gone below zero")  # fmt: skip
        out.append(n)
    return (out + [1, 1, 1])[0], (out + [1, 1, 1])[1], (out + [1, 1, 1])[2]


def _checked_block(kernel: str, block: Extent, limits: Limits | None) -> tuple[int, int, int]:
    b = _extents(kernel, "block", block)
    if 0 in b:
        refuse(
            "K654", None, f"{kernel}: a block of {b} has no threads", help="a block has at least one thread per axis"
        )
    allowed = limits or ANY_DEVICE
    threads = b[0] * b[1] * b[2]
    if threads > allowed.block_threads:
        refuse("K655", None, f"{kernel}: a block of ({', '.join(map(shown, b))}) has {shown(threads)} threads; "
               f"{allowed.block_threads} are allowed",
               help="use smaller blocks and more of them")  # fmt: skip
    for axis in range(3):
        if b[axis] > allowed.block[axis]:
            refuse("K655", None, f"{kernel}: the block has {shown(b[axis])} threads on axis {axis}; this device allows "
                   f"{allowed.block[axis]} there", help="use smaller blocks, or put the long axis first")  # fmt: skip
    return b


def _check_grid(kernel: str, grid: tuple[int, int, int], threads: tuple[int, int, int], limits: Limits | None) -> None:
    allowed = (limits or ANY_DEVICE).grid
    for axis in range(3):
        if grid[axis] > allowed[axis]:
            refuse("K656", None, f"{kernel}: the grid has {shown(grid[axis])} blocks on axis {axis}; this device allows "
                   f"{allowed[axis]} there", help="use larger blocks, or put the long axis first")  # fmt: skip
    in_all = threads[0] * threads[1] * threads[2]
    if in_all > _MOST_THREADS:
        refuse("K656", None, f"{kernel}: the launch has {shown(in_all)} threads in all; {_MOST_THREADS} are allowed",
               help="no machine comes to the end of so many: look at the sizes that the grid is made of")  # fmt: skip
