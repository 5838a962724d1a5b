"""Memory of a block and of a thread, and waiting for each other."""

from __future__ import annotations

from typing import Any

from . import intrinsic, only_in_kernel

__all__ = ["barrier", "fence", "local", "shared"]


@intrinsic("shared")
def shared(shape: int | tuple[int, ...], dtype: Any) -> Any:
    """An array that all threads of a block share, with undefined contents.

    shape: compile-time ints (K121, K402). dtype: a scalar, vector or struct type. There is one array for each place
    in the text where this stands, and one more for each inlined call of a device function around it.
    """
    only_in_kernel("shared")


@intrinsic("local")
def local(shape: int | tuple[int, ...], dtype: Any) -> Any:
    """An array of this thread alone, with undefined contents. shape and dtype as in `shared`."""
    only_in_kernel("local")


@intrinsic("barrier")
def barrier() -> None:
    """Waits until every thread of the block is here; what they wrote before is seen after.

    Every thread must reach it: one under a condition that differs between threads is refused (K3).
    """
    only_in_kernel("barrier")


@intrinsic("fence")
def fence(scope: str = "device") -> None:
    """Orders this thread's reads and writes as the rest of the block ("block") or device ("device") sees them."""
    only_in_kernel("fence")
