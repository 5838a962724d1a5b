"""How a stub is tied to its lowering: a name on the function, which the front end looks up in its table of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from ..diagnostics import refuse

__all__ = ["F", "intrinsic", "only_in_kernel"]

F = TypeVar("F", bound=Callable[..., Any])


def intrinsic(name: str) -> Callable[[F], F]:
    """Mark a stub as the intrinsic `name` of the kernel language."""

    def mark(function: F) -> F:
        function.__kdsl_intrinsic__ = name  # type: ignore[attr-defined]
        return function

    return mark


def only_in_kernel(name: str) -> NoReturn:
    """What a stub does when Python calls it: K151."""
    refuse("K151", None, f"kdsl.{name} was called outside a kernel",
           help="it only has a meaning inside a function decorated with @kdsl.kernel or @kdsl.func")  # fmt: skip
