"""Which code generators there are: a backend's name, and the function that loads it.

One idea: this is the only place in `codegen` that imports late, so that importing kdsl loads no compiler library.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ..artifact import Artifact
from ..diagnostics import InternalError
from ..ir.core import Function
from ..target import Target

__all__ = ["BACKENDS", "compile_function"]

Compile = Callable[..., Artifact]

# backend -> (module below this package, its function (function, target) -> Artifact)
BACKENDS: dict[str, tuple[str, str]] = {
    "cpu": ("cpu", "compile_cpu"),
}


def compile_function(function: Function, target: Target) -> Artifact:
    """Code of `function` for `target`, by the target's backend."""
    if target.backend not in BACKENDS:
        raise InternalError(f"no code generator is called {target.backend!r}", where="codegen")
    module, name = BACKENDS[target.backend]
    compile_: Compile = getattr(import_module(f".{module}", __package__), name)
    return compile_(function, target)
