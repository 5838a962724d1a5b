"""A launch in the reference interpreter: the same arguments, the same geometry, every check on.

One idea: the interpreter knows only IR parameters, so structs and vectors among the arguments are taken apart here, as the
front end takes apart their parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .ir.core import Function
    from .kernel import Kernel, Launch

__all__ = ["interpret_launch", "interpreter_arguments"]


def interpret_launch(kernel: Kernel, args: tuple[Any, ...], launch: Launch) -> None:
    """Run a launch in the interpreter. Raises KernelFault (K44x) at the first fault."""
    from .ir.interpreter import interpret
    from .runtime.checked import check_argument
    from .specialise import signature_of

    spec = kernel._specialisation(args)
    signature, _ = signature_of(kernel, args)
    runtime = kernel._runtime(args)
    f = spec.function
    for param, value in zip(_params(f, signature), runtime, strict=True):
        check_argument(kernel.name, param, value, getattr(getattr(value, "device", None), "name", "cpu"))
    g = launch.geometry
    flat = list(interpreter_arguments(f, signature, runtime))
    interpret(f, flat, g[0:3], g[3:6], threads=g[6:9], **launch.options)


def _params(f: Function, signature: dict[str, Any]) -> list[Any]:
    """`Param`s as the compiled entry has them, for the launch checks."""
    from .artifact import Param
    from .ir import types as T
    from .ir.analysis.effects import array_effects
    from .ir.opdef import Effect

    effects = array_effects(f).items()
    reads = {v.name for v, e in effects if Effect.READ in e}
    writes = {v.name for v, e in effects if Effect.WRITE in e}
    out = []
    for name, t in signature.items():
        if isinstance(t, T.ArrayType):
            size = T.size_and_align(t.element)[0]
            out.append(Param(name, "array", str(t.element), size, t.rank, t.unit_axis, name in reads, name in writes))
        else:
            out.append(Param(name, "scalar", str(t), T.size_and_align(t)[0]))
    return out


def interpreter_arguments(f: Function, signature: dict[str, Any], args: Sequence[Any]) -> Iterator[Any]:
    """One value for each IR parameter: arrays as NumPy views, aggregates as their scalars."""
    from .ir import types as T
    from .runtime.dtypes import scalar_bytes
    from .runtime.views import as_host_view

    leaves = {name: parts for name, _, _, parts in f.attributes.get("aggregates", ())}
    types = {p.name: p.type for p in f.params}
    for (name, t), value in zip(signature.items(), args, strict=True):
        if isinstance(t, T.ArrayType):
            yield as_host_view(value)
        elif name in leaves:
            data = scalar_bytes(str(t), value)
            for leaf, offset in leaves[name]:
                scalar = T.element_of(types[leaf])
                yield np.frombuffer(data, scalar.dtype, 1, offset)[0]
        elif isinstance(t, T.ScalarType) and t.storage:
            yield np.float32(value)
        else:
            yield value
