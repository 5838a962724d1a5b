"""Control flow that Python has no word for."""

from __future__ import annotations

from typing import Any

from . import intrinsic

__all__ = ["static_range"]


@intrinsic("static_range")
def static_range(start: int, stop: int | None = None, step: int = 1) -> Any:
    """`for k in kdsl.static_range(n)`: like range, but unrolled, so k is a compile-time constant in the body.

    The bounds must be known at compile time (K121), with at most 20,000 rounds in a kernel (K313).
    """
    return range(start) if stop is None else range(start, stop, step)
