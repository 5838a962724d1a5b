"""A kernel of kdsl's as a function of JAX arrays, under `jit`, `vmap` and the rest, through XLA's foreign function interface.

One idea: JAX's arrays never change, so what a kernel writes is a result: of an array that it also reads, or changes in part, the
kernel gets a copy where XLA cannot give it the argument's own memory. XLA calls the kernel's code itself; no Python runs then.

    saxpy_of = function(saxpy)
    y = jax.jit(lambda a, x, y: saxpy_of(len(x), a, x, y))(2.0, x, y)
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..artifact import Param
from ..diagnostics import refuse
from ..kernel import Kernel
from ..runtime.checked import check_argument
from ..runtime.dtypes import numpy_dtype
from .native import NativeFunction, check_kernel, geometry_of, native_function, sample_array

__all__ = ["function"]

_MOST_PARAMS = 64  # of `inside.c`
_RESULT, _ARGUMENT, _CONSTANT = 0, 1, 2  # where the handler finds a parameter
_handlers: dict[str, ctypes.c_void_p] = {}  # that XLA knows, by name


def function(kernel: Kernel, block: Any = None, **constants: Any) -> Callable[..., Any]:
    """What computes with JAX arrays as `kernel.over(threads, block)(*args)` computes with others, on the CPU.

    The result is called with the number of threads (an int, or a tuple of up to three; under `jit` it must be known, as shapes
    are) and the kernel's runtime arguments in order. It returns what the kernel writes: an array, or a tuple of them in the
    order of the parameters. For an array that the kernel fills, a `jax.ShapeDtypeStruct` may stand in its place: it begins as
    zeros. Derivatives are the caller's, with `jax.custom_vjp`. Raises K6xx for arguments that do not fit, K683 for what is no
    kernel, for a kernel that writes nothing, and for types that JAX does not have.
    """
    of = check_kernel(kernel)

    def launch(threads: Any, *args: Any) -> Any:
        return _launch(of, block, constants, threads, args)

    launch.__name__ = launch.__qualname__ = of.name
    launch.__doc__ = of.__doc__
    return launch


def _launch(kernel: Kernel, block: Any, constants: dict[str, Any], threads: Any, args: Sequence[Any]) -> Any:
    specs = [s for s in kernel.specs if s.kind != "const"]
    if len(args) != len(specs):
        refuse("K601", None, f"{kernel.name} takes {len(specs)} runtime arguments, and {len(args)} were given",
               help=f"pass: {', '.join(s.name for s in specs) or 'none'}")  # fmt: skip
    geometry = geometry_of(kernel, threads, block)
    given: list[Any] = [a if isinstance(a, (bool, int, float, np.generic, jax.ShapeDtypeStruct)) else jnp.asarray(a) for a in args]
    found = native_function(kernel, _samples(specs, given), constants)
    _check(kernel, found)
    sources: list[int] = []
    values = np.zeros(len(given), np.int64)
    operands: list[Any] = []
    results: list[jax.ShapeDtypeStruct] = []
    aliases: dict[int, int] = {}
    for i, (p, a) in enumerate(zip(found.params, given, strict=True)):
        if p.kind == "scalar":
            a = _number(kernel, p, a)
            if isinstance(a, np.generic):
                values[i : i + 1].view(np.uint8)[: a.nbytes] = np.frombuffer(a.tobytes(), np.uint8)
                sources.append(_CONSTANT)
                continue
        elif isinstance(a, jax.ShapeDtypeStruct):
            if not p.writes:
                refuse("K683", None, f"{kernel.name}: argument {p.name!r}: the kernel does not write it",
                       help="a ShapeDtypeStruct stands for an array that the kernel fills; pass an array")  # fmt: skip
            results.append(a)
            sources.append(_RESULT)
            continue
        sources.append(_ARGUMENT)
        if p.writes:
            aliases[len(operands)] = len(results)
            results.append(jax.ShapeDtypeStruct(a.shape, a.dtype))
        operands.append(a)
    call = jax.ffi.ffi_call(_registered(found), results, vmap_method="sequential", input_output_aliases=aliases)
    out = call(*operands, given=np.array(sources, np.int64), launch=np.array(geometry, np.int64), values=values)
    return out[0] if len(out) == 1 else tuple(out)


def _samples(specs: Sequence[Any], given: Sequence[Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for spec, a in zip(specs, given, strict=True):
        if isinstance(a, (bool, int, float, np.generic)):
            out[spec.name] = a
        elif a.ndim or spec.kind == "array":
            out[spec.name] = sample_array(a.dtype, a.ndim)
        elif spec.kind != "scalar":
            out[spec.name] = np.dtype(a.dtype).type(0)
    return out


def _check(kernel: Kernel, found: NativeFunction) -> None:
    written = [p for p in found.params if p.writes and p.kind == "array"]
    if not written:
        refuse("K683", None, f"{kernel.name} writes no array, so it has no result for JAX",
               help="launch it from Python; a JAX function is what it returns")  # fmt: skip
    if len(found.params) > _MOST_PARAMS:
        refuse("K683", None, f"{kernel.name} has {len(found.params)} parameters; XLA can pass {_MOST_PARAMS}",
               help="put numbers into arrays")  # fmt: skip
    odd = next((p for p in found.params if "<" in p.dtype or "{" in p.dtype), None)
    if odd is not None:
        refuse("K683", None, f"{kernel.name}: JAX has no type for {odd.name!r}, of {odd.dtype.split(' {')[0]}",
               help="give the kernel an array of numbers with one axis more")  # fmt: skip


def _number(kernel: Kernel, p: Param, value: Any) -> Any:
    """A scalar argument as XLA gets it: an array without axes, or a number that is part of the program, where JAX computes with
    32 bits and the kernel with 64."""
    dtype, is_plain = numpy_dtype(p.dtype), isinstance(value, (bool, int, float, np.generic))
    if isinstance(value, jax.ShapeDtypeStruct) or (not is_plain and value.ndim):
        check_argument(kernel.name, p, np.zeros(1, np.float32))  # says that this is no number
    if is_plain:
        check_argument(kernel.name, p, value)
        number = dtype.type(value)
        return number if jax.dtypes.canonicalize_dtype(dtype) != dtype else jnp.asarray(number)
    # An int may become a float, and either one of another size; a float does not become an int.
    if value.dtype == dtype:
        return value
    if jax.dtypes.canonicalize_dtype(dtype) != dtype or not jnp.can_cast(value.dtype, dtype, "same_kind"):
        refuse("K632", None, f"{kernel.name}: argument {p.name!r}: {p.dtype} is expected, and JAX has {value.dtype}",
               help="convert it with .astype(...), under jax.enable_x64 for 64 bits, or pass a Python number")  # fmt: skip
    return jnp.asarray(value, dtype)


def _registered(found: NativeFunction) -> str:
    """The name under which XLA calls the function. It follows from the code, as XLA may keep compiled programs on disk."""
    name = f"kdsl_{found.name}_{found.digest[:32]}"
    if name not in _handlers:
        found.library.kdsl_xla_version(_interface_version())
        _handlers[name] = handler = ctypes.c_void_p(found.xla_address)
        jax.ffi.register_ffi_target(name, jax.ffi.pycapsule(handler), platform="cpu")
    return name


def _interface_version() -> int:
    """The minor version of XLA's interface, as jaxlib's own header says it."""
    header = Path(jax.ffi.include_dir()) / "xla" / "ffi" / "api" / "c_api.h"
    found = re.search(r"#define XLA_FFI_API_MINOR (\d+)", header.read_text(encoding="utf-8"))
    return int(found[1]) if found else 0
