"""Looking into a running kernel. `print(...)` and `assert` are Python's own words and work in kernels too.

`print` takes strings, numbers, vectors and f-strings with constant formats, sep= and end=. `assert` is checked in
debug builds.
"""

from __future__ import annotations

import builtins

from . import intrinsic

__all__ = ["breakpoint"]


@intrinsic("breakpoint")
def breakpoint() -> None:
    """Stops in the Python debugger when the kernel is interpreted; nothing elsewhere. On the host Python's own."""
    builtins.breakpoint()
