"""What a kernel may call and name: typed, documented stubs, one file per family.

Reading order: `types` (scalars, vectors, structs, `Array`, `const`), `functions` (`@kdsl.func`), `ids`, `memory`,
`atomics`, `subgroup`, `math`, `random`, `control`, `debug`. Inside a kernel the compiler knows these functions by their mark, a
name that `intrinsic` puts on them and `kdsl/frontend/intrinsics` has rows for; called from Python, those that work on plain
numbers do, and the others say that they belong in a kernel.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..diagnostics import Span, refuse

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, NoReturn, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["caller", "intrinsic", "only_in_kernel"]


def intrinsic(name: str) -> Callable[[F], F]:
    """Mark a stub as the intrinsic `name` of the kernel language."""

    def mark(function: F) -> F:
        function.__kdsl_intrinsic__ = name  # type: ignore[attr-defined]
        return function

    return mark


def caller() -> Span | None:
    """The line of the user's that called into kdsl."""
    frame = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__", "")).split(".")[0] == __name__.split(".")[0]:
        frame = frame.f_back
    return None if frame is None else _place(frame)


def _place(frame: FrameType) -> Span:
    """The line that a frame is in, from its first to its last character (no Python before 3.11 knows more)."""
    import linecache

    file, line = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, line).rstrip()
    return Span(file, line, len(text) - len(text.lstrip()) + 1, line, len(text) + 1) if text else Span(file, line)


def only_in_kernel(name: str) -> NoReturn:
    """What a stub does when Python calls it: K151."""
    refuse("K151", caller(), f"kdsl.{name} was called outside a kernel",
           help="it only has a meaning inside a function decorated with @kdsl.kernel or @kdsl.func")  # fmt: skip
