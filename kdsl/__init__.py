"""kdsl: a Python DSL and compiler for compute kernels.

    import kdsl
    from kdsl import Array, f32

    @kdsl.kernel
    def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
        i = kdsl.global_id(0)
        y[i] = a * x[i] + y[i]

    saxpy.over(len(x))(2.0, x, y)

One idea: this module is a table of names and where they live; a name is loaded when it is first used. What a launch of
code from the cache needs is loaded at once, so that the first launch is short; the front end, the passes, the backends,
the interpreter and the drivers of GPUs wait until they are wanted.
"""

# ruff: noqa: F401

from __future__ import annotations

import sys
import time
import types
from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
_BEGAN_NS = time.time_ns()  # before the first module of kdsl is read: see `compiler.compiler_state`

_WHERE: dict[str, tuple[str, ...]] = {
    "kernel": ("kernel", "Kernel"),
    "language.functions": ("func", "Func"),
    "language.types": (
        "Array", "const", "struct", "vec", "bool_", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16",
        "bf16", "f32", "f64", "f8e4m3", "f8e5m2", "index", "vec2", "vec3", "vec4", "ivec2", "ivec3", "ivec4", "uvec2",
        "uvec3", "uvec4", "dvec2", "dvec3", "dvec4",
    ),
    "language.ids": ("global_id", "thread_id", "block_id", "block_dim", "grid_dim", "cdiv"),
    "language.memory": ("shared", "local", "barrier", "fence"),
    "language.atomics": (
        "atomic_add", "atomic_sub", "atomic_min", "atomic_max", "atomic_and", "atomic_or", "atomic_xor",
        "atomic_exchange", "atomic_compare_exchange", "atomic_load", "atomic_store",
    ),
    "language.subgroup": (
        "subgroup_size", "lane_id", "shuffle", "shuffle_xor", "shuffle_up", "shuffle_down", "broadcast", "ballot",
        "any", "all", "subgroup_sum", "subgroup_min", "subgroup_max", "subgroup_inclusive_sum",
        "subgroup_exclusive_sum",
    ),
    "language.math": (
        "sqrt", "rsqrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos",
        "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "hypot", "cbrt", "ldexp", "frexp", "modf",
        "degrees", "radians", "pow", "fma", "abs", "sign", "floor", "ceil", "trunc",
        "round", "minimum", "maximum", "fmin", "fmax", "clamp", "isnan", "isinf", "isfinite", "copysign",
        "fmod", "popcount", "clz", "ctz", "bitcast", "select", "where",
    ),
    "language.random": ("random_uniform", "random_normal", "random_bits"),
    "language.control": ("static_range",),
    "language.debug": ("breakpoint",),
    "diagnostics": ("KdslError", "CompileError", "LaunchError", "KernelFault", "DeviceError", "InternalError"),
    "runtime.registry": ("device", "devices"),
    "compiler": ("freeze",),
    "bundle.loading": ("Bundle", "load"),
    "bundle.building": ("build",),
    "embedding": ("compile", "from_ir", "from_source"),
    "target": ("Target",),
    "artifact": ("Artifact",),
}  # fmt: skip
_MODULE_OF: dict[str, str] = {name: module for module, names in _WHERE.items() for name in names}
_MODULE_OF["bool"] = "language.types"

_CALLED = {"bool": "bool_", "build": "build_bundle", "compile": "compile_kernel"}  # what a name is called where it lives

# `from kdsl import *` leaves Python's own words alone.
_SHADOWS = {"abs", "all", "any", "bool", "breakpoint", "pow", "round", "compile"}
__all__ = [*(_name for _name in _MODULE_OF if _name not in _SHADOWS), "__version__"]  # pyright: ignore


def _unknown(name: str) -> AttributeError:
    """With what Python needs to say "did you mean", and what types are called here."""
    short = name.rstrip("_").replace("uint", "u").replace("int", "i").replace("bfloat", "bf").replace("float", "f")
    hint = f"; the type is kdsl.{short}" if short != name and short in _MODULE_OF else ""
    return AttributeError(f"module 'kdsl' has no attribute {name!r}{hint}", name=name, obj=sys.modules[__name__])


if not TYPE_CHECKING:  # type checkers are to know which names there are

    def __getattr__(name: str) -> Any:
        module = _MODULE_OF.get(name)
        if module is None:
            raise _unknown(name)
        value = getattr(import_module(f"{__name__}.{module}"), _CALLED.get(name, name))
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(types.ModuleType):
    """Importing the submodule `kdsl.kernel` must not put it in the place of the decorator `kdsl.kernel`."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _MODULE_OF and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package

for _part in ("language.types", "language.ids", "kernel", "specialise", "recall", "frontend.parameters", "runtime.geometry",
              "runtime.launcher", "runtime.cpu.device"):  # fmt: skip
    import_module(f"{__name__}.{_part}")
import_module(f"{__name__}.compiler").compiler_state()  # while the files are those that were read


if TYPE_CHECKING:
    from .artifact import Artifact
    from .bundle.building import build_bundle as build
    from .bundle.loading import Bundle, load
    from .compiler import freeze
    from .diagnostics import CompileError, DeviceError, InternalError, KdslError, KernelFault, LaunchError
    from .embedding import compile_kernel as compile, from_ir, from_source
    from .kernel import Kernel, kernel
    from .language.atomics import (
        atomic_add,
        atomic_and,
        atomic_compare_exchange,
        atomic_exchange,
        atomic_load,
        atomic_max,
        atomic_min,
        atomic_or,
        atomic_store,
        atomic_sub,
        atomic_xor,
    )  # fmt: skip
    from .language.control import static_range
    from .language.debug import breakpoint
    from .language.functions import Func, func
    from .language.ids import block_dim, block_id, cdiv, global_id, grid_dim, thread_id
    from .language.math import (
        abs,
        acos,
        acosh,
        asin,
        asinh,
        atan,
        atan2,
        atanh,
        bitcast,
        cbrt,
        ceil,
        clamp,
        clz,
        copysign,
        cos,
        cosh,
        ctz,
        degrees,
        erf,
        exp,
        exp2,
        expm1,
        floor,
        fma,
        fmax,
        fmin,
        fmod,
        frexp,
        hypot,
        isfinite,
        isinf,
        isnan,
        ldexp,
        log,
        log1p,
        log2,
        log10,
        maximum,
        minimum,
        modf,
        popcount,
        pow,
        radians,
        round,
        rsqrt,
        select,
        sign,
        sin,
        sinh,
        sqrt,
        tan,
        tanh,
        trunc,
        where,
    )  # fmt: skip
    from .language.memory import barrier, fence, local, shared
    from .language.random import random_bits, random_normal, random_uniform
    from .language.subgroup import (
        all,
        any,
        ballot,
        broadcast,
        lane_id,
        shuffle,
        shuffle_down,
        shuffle_up,
        shuffle_xor,
        subgroup_exclusive_sum,
        subgroup_inclusive_sum,
        subgroup_max,
        subgroup_min,
        subgroup_size,
        subgroup_sum,
    )  # fmt: skip
    from .language.types import (
        Array,
        bf16,
        bool_,
        const,
        dvec2,
        dvec3,
        dvec4,
        f8e4m3,
        f8e5m2,
        f16,
        f32,
        f64,
        i8,
        i16,
        i32,
        i64,
        index,
        ivec2,
        ivec3,
        ivec4,
        struct,
        u8,
        u16,
        u32,
        u64,
        uvec2,
        uvec3,
        uvec4,
        vec,
        vec2,
        vec3,
        vec4,
    )  # fmt: skip
    from .runtime.registry import device, devices
    from .target import Target
