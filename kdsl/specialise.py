"""From a call's arguments (or declared types) to the IR types a kernel is specialised on.

One idea: an annotation fixes a parameter's type; what it leaves open follows the argument: element type and axes of an
unannotated array, always the axis that is contiguous. A Python int is an i32, a float an f32, as literals in kernels are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .diagnostics import Span, refuse, with_article
from .ir import types as T
from .records import record

if TYPE_CHECKING:
    from .kernel import Kernel

__all__ = ["Consts", "declared_signature", "signature_of", "type_from_name"]

_PYTHON = {"bool": T.bool_, "int": T.i32, "float": T.f32}


class Consts(metaclass=record):
    """The `const` arguments: by name, and as a hashable key (`told_apart`)."""

    values: dict[str, Any]
    key: tuple[Any, ...]


def type_from_name(name: str) -> T.ElementType:
    """The element type that a name or layout text of `kdsl.runtime.dtypes` stands for."""
    if name in T.SCALARS:
        return T.SCALARS[name]
    if name.startswith("vec"):
        return T.VectorType(T.SCALARS[name[5:-1]], int(name[3]))
    from .runtime.dtypes import numpy_dtype

    return _struct_type(name.split()[1], numpy_dtype(name))


def _struct_type(name: str, dtype: np.dtype[Any]) -> T.StructType:
    assert dtype.fields is not None and dtype.names is not None
    fields = tuple((n, _field_type(n, dtype.fields[n][0]), dtype.fields[n][1]) for n in dtype.names)
    align = max((T.size_and_align(t)[1] for _, t, _ in fields), default=1)
    return T.StructType(name, fields, dtype.itemsize, align)


def _field_type(name: str, dtype: np.dtype[Any]) -> Any:
    from .runtime.dtypes import name_of

    if dtype.fields is not None:
        return _struct_type(name, dtype)
    if dtype.subdtype is not None:
        inner, shape = dtype.subdtype
        return T.VectorType(T.SCALARS[str(name_of(inner))], shape[0])
    return T.SCALARS[str(name_of(dtype))]


def signature_of(kernel: Kernel, args: Sequence[Any]) -> tuple[dict[str, Any], Consts]:
    """IR types of the runtime parameters, and the constants, of a call with all arguments in order.

    Refuses arguments that do not fit the annotations (K611 to K633) and constants that cannot be one (K634).
    """
    signature: dict[str, Any] = {}
    consts: dict[str, Any] = {}
    for spec, value in zip(kernel.specs, args, strict=True):
        if spec.kind == "const":
            consts[spec.name] = value
        else:
            signature[spec.name] = _type_of(kernel, spec, value)
    key = tuple([(n, _hashable(kernel, n, v)) for n, v in consts.items()])
    return signature, Consts(consts, key)


def _hashable(kernel: Kernel, name: str, value: Any) -> Any:
    """What a constant is known by."""
    from .frontend.outside import told_apart

    found = told_apart(value)
    try:
        hash(found)
    except TypeError:
        kind = with_article(type(value).__name__)
        refuse("K634", None, f"{kernel.name}: {name!r} is a compile-time constant, and {kind} cannot be one",
               help="constants are ints, floats, bools, strings, types, tuples of those, and @kdsl.func functions")  # fmt: skip
    return found


def _type_of(kernel: Kernel, spec: Any, value: Any) -> Any:
    from .artifact import Param
    from .runtime.checked import check_argument
    from .runtime.signature import classify

    if spec.kind == "scalar":
        return spec.type
    if spec.kind == "any" and (value is None or isinstance(value, (list, tuple))):
        check_argument(kernel.name, Param(spec.name, "array", "f32", 4), value)
    given = classify(value, kernel.name, spec.name)
    if given.kind == "scalar":
        if spec.kind == "array":
            check_argument(kernel.name, Param(spec.name, "array", str(spec.type or "f32"), 4, spec.rank or 1), value)
        return _PYTHON.get(str(given.dtype)) or type_from_name(str(given.dtype))
    if spec.kind == "array" and spec.type is not None:
        element, rank = spec.type, spec.rank
        param = Param(spec.name, "array", str(element), T.size_and_align(element)[0], rank)
        check_argument(kernel.name, param, value, given.device or "cpu")
    else:
        if given.dtype is None:
            check_argument(kernel.name, Param(spec.name, "array", "f32", 4, given.rank), value)
        element, rank = type_from_name(str(given.dtype)), given.rank
    return T.ArrayType(element, rank, unit_axis=_unit_axis(given, rank))


def _unit_axis(given: Any, rank: int) -> int | None:
    """The last axis where it is contiguous, else another that is."""
    if rank == 0:
        return None
    if given.dense or rank - 1 in given.unit_axes:
        return rank - 1
    return next((a for a in reversed(given.unit_axes) if a < rank), None)


def declared_signature(kernel: Kernel, signature: Any, consts: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """IR types from annotations, declared types and samples; contiguous arrays where nothing else is said."""
    runtime = [s for s in kernel.specs if s.kind != "const"]
    _check_declared(kernel, runtime, signature, consts)
    given = signature if isinstance(signature, dict) else dict(zip([s.name for s in runtime], signature or (), strict=False))
    types: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for spec in kernel.specs:
        if spec.kind == "const":
            if spec.name not in consts and not spec.has_default:
                refuse("K601", _place(kernel, spec), f"{kernel.name}: the constant {spec.name!r} has no value",
                       help=f"pass {spec.name}=...")  # fmt: skip
            values[spec.name] = consts.get(spec.name, spec.default)
        elif spec.name in given:
            types[spec.name] = _declared(kernel, spec, given[spec.name])
        else:
            types[spec.name] = _annotated(kernel, spec)
    return types, values


def _check_declared(kernel: Kernel, runtime: list[Any], signature: Any, consts: dict[str, Any]) -> None:
    """Refuse types and constants for parameters that are not there."""
    if signature is not None and not isinstance(signature, (dict, list, tuple)):
        refuse("K503", None, f"{kernel.name}: the signature is {with_article(type(signature).__name__)}",
               help='give a dict from parameter to type, as in {"x": Array[f32, 1]}, or the types in order')  # fmt: skip
    names = [s.name for s in runtime]
    constants = [s.name for s in kernel.specs if s.kind == "const"]
    for given, known, what in ((signature, names, "a runtime parameter"), (consts, constants, "a constant")):
        wrong = [n for n in given if n not in known] if isinstance(given, dict) else []
        if wrong:
            refuse("K602", None, f"{kernel.name}: {wrong[0]!r} is not {what}",
                   help=f"there {'is' if len(known) == 1 else 'are'}: {', '.join(known) or 'none'}")  # fmt: skip
    if isinstance(signature, (list, tuple)) and len(signature) > len(names):
        refuse("K601", None, f"{kernel.name}: {len(signature)} types for {len(names)} parameters",
               help=f"the parameters are: {', '.join(names)}")  # fmt: skip


def _place(kernel: Kernel, spec: Any) -> Span | None:
    """Where a parameter is written. What launches know of it was not read from the text."""
    from .frontend import annotations

    return next((s.span for s in annotations(kernel.function) if s.name == spec.name), None)


def _annotated(kernel: Kernel, spec: Any) -> Any:
    if spec.kind == "any" or spec.type is None:
        refuse("K502", _place(kernel, spec), f"{kernel.name}: parameter {spec.name!r} does not say its type, which is not known "
               "before a call", help=f"annotate it, as in `{spec.name}: Array[f32, 1]`, or give its type")  # fmt: skip
    if spec.kind == "array":
        return T.ArrayType(spec.type, spec.rank, unit_axis=spec.rank - 1 if spec.rank else None)
    return spec.type


def _declared(kernel: Kernel, spec: Any, what: Any) -> Any:
    if isinstance(what, (T.ScalarType, T.VectorType, T.StructType, T.ArrayType)):
        return what
    element, rank = getattr(what, "element", None), getattr(what, "rank", None)
    if element is not None and rank is not None:
        return T.ArrayType(element, rank, unit_axis=rank - 1 if rank else None)
    return _type_of(kernel, spec, what)
