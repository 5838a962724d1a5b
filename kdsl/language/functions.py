"""`@kdsl.func`: a function that kernels may call, inlined where it is called.

One idea: it stays a plain Python function on the host; the mark only tells the compiler that its text is kernel
language.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType
from typing import Any, Generic, TypeVar

__all__ = ["Func", "func"]

R = TypeVar("R")


class Func(Generic[R]):
    """A device function: generic over the types it is called with, unless its parameters are annotated."""

    __kdsl_func__ = True

    def __init__(self, function: Callable[..., R]) -> None:
        from ..frontend.parameters import capture

        capture(function)
        self.function = function
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **named: Any) -> R:
        """Outside a kernel: the Python function itself."""
        return self.function(*args, **named)

    def __repr__(self) -> str:
        return f"<kdsl func {self.function.__name__}>"

    def __reduce__(self) -> str:
        """Pickled and copied as functions are: by name."""
        return str(self.function.__qualname__)


def func(function: Callable[..., R]) -> Func[R]:
    """Make a function callable from kernels (and from other device functions).

    It may take numbers, vectors, structs, arrays, types and other device functions, by position or by name, with
    defaults; and return nothing, a value, or a tuple, from several places. Parameters without annotation take what
    they are given; annotated ones convert numbers as an assignment does. Recursion is an error (K117): the body is
    inlined at every call.
    """
    if isinstance(function, Func) or getattr(function, "__kdsl_kernel__", False) or not isinstance(function, FunctionType):
        from ..diagnostics import refuse

        refuse("K129", None, f"{function!r} cannot be a device function",
               help="decorate a function written with def, once: @kdsl.func above it")  # fmt: skip
    return Func(function)
