"""Which code generators there are: a backend's name, and where the functions are that it consists of.

One idea: this is the only place in `codegen` that imports late, so that importing kdsl loads no compiler library.

A GPU backend is a module with `compile_x(function, target) -> Artifact`, for functions that went through the pipeline
"gpu", and `spells(op_name, type, target) -> bool`: whether its rows have the op on that type. What it does not spell, `legalize`
rewrites. The type asked about is that of the first operand; of an atomic that of the value. Further names: "arith.cast:i32" on
f32 is a saturating cast to i32 in which NaN gives 0; "arith.cast" on bf16, f8e4m3, f8e5m2: casts to and from f32 are
instructions, and loads and stores have the type; "arith.minimum:function" (maximum, fmin, fmax) on a float: the op on two variables
is a call of a function, whose body is `body_of` of `legalize/functions.py`; "atomic.add:shared" on a float is one in shared
memory (integers are asked for without it).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ..artifact import Artifact
from ..diagnostics import InternalError
from ..ir.core import Function
from ..ir.types import ScalarType
from ..records import record
from ..target import Target

__all__ = ["BACKENDS", "Backend", "backend_of", "compile_function", "spells_of"]

Compile = Callable[[Function, Target], Artifact]
Spells = Callable[[str, ScalarType], bool]


class Backend(metaclass=record):
    """module: below this package. compile: its function. pipeline: what it takes, in `kdsl.ir.pipeline`."""

    module: str
    compile: str
    pipeline: str


BACKENDS: dict[str, Backend] = {
    "cpu": Backend("cpu", "compile_cpu", "cpu"),
    "cuda": Backend("ptx", "compile_ptx", "gpu"),
    "hip": Backend("hip", "compile_hip", "gpu"),
    "metal": Backend("msl", "compile_msl", "gpu"),
    "vulkan": Backend("spirv", "compile_spirv", "gpu"),
    "opencl": Backend("spirv", "compile_spirv", "gpu"),
}


def backend_of(target: Target) -> Backend:
    """The row of the target's backend."""
    if target.backend not in BACKENDS:
        raise InternalError(f"no code generator is called {target.backend!r}", where="codegen")
    return BACKENDS[target.backend]


def compile_function(function: Function, target: Target) -> Artifact:
    """Code of `function`, lowered by the backend's pipeline, for `target`."""
    row = backend_of(target)
    compile_: Compile = getattr(import_module(f".{row.module}", __package__), row.compile)
    return compile_(function, target)


def spells_of(target: Target) -> Spells:
    """Whether the target's backend has an op of that name on operands of that type. The backend is loaded at the first
    question."""
    row = backend_of(target)
    found: list[Callable[[str, ScalarType, Target], bool]] = []

    def spells(name: str, t: ScalarType) -> bool:
        if not found:
            found.append(import_module(f".{row.module}", __package__).spells)
        return found[0](name, t, target)

    return spells
