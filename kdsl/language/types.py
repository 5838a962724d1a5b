"""Types as a kernel's author writes them: scalars, vectors, structs, `Array` annotations and `const`.

One idea: these are the compiler's own type objects, so `kdsl.f32` in an annotation, in `kdsl.shared(n, kdsl.f32)` and
as the cast `kdsl.f32(x)` is one thing.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from ..diagnostics import refuse
from ..ir.types import (
    ScalarType,
    StructType,
    VectorType,
    bf16,
    bool_,
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
    size_and_align,
    u8,
    u16,
    u32,
    u64,
)  # fmt: skip
from . import caller

__all__ = [
    "Array", "const", "struct", "vec", "numpy_dtype",
    "bool_", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "bf16", "f32", "f64", "f8e4m3", "f8e5m2",
    "index",
    "vec2", "vec3", "vec4", "ivec2", "ivec3", "ivec4", "uvec2", "uvec3", "uvec4", "dvec2", "dvec3", "dvec4",
]  # fmt: skip

_HOST_TYPES = {bool: bool_, int: i32, float: f32}


def vec(element: ScalarType, count: int) -> VectorType:
    """The type of `count` (2, 3 or 4) scalars side by side, with `.x .y .z .w` and swizzles such as `.xy`.

    Call it for a value: `kdsl.vec(f32, 3)(x, y, z)`, or with one number for all components. `kdsl.vec3` is `vec(f32,
    3)`; ivec is i32, uvec u32, dvec f64. In NumPy an array of vectors has one axis more, of length `count`. Raises
    K127.
    """
    element = _HOST_TYPES.get(element, element)  # type: ignore[call-overload]
    if not isinstance(element, ScalarType) or element is index:
        refuse(
            "K127",
            caller(),
            f"vec needs a scalar type, not {element!r}",
            help="write for example kdsl.vec(kdsl.f32, 3)",
        )
    if count not in (2, 3, 4) or isinstance(count, bool):
        refuse(
            "K127",
            caller(),
            f"a vector has 2, 3 or 4 components, not {count!r}",
            help="write for example kdsl.vec(kdsl.f32, 3)",
        )
    return VectorType(element, count)


vec.__kdsl_vector__ = True  # type: ignore[attr-defined]  # kernels may write it, too
vec2, vec3, vec4 = (VectorType(f32, n) for n in (2, 3, 4))
ivec2, ivec3, ivec4 = (VectorType(i32, n) for n in (2, 3, 4))
uvec2, uvec3, uvec4 = (VectorType(u32, n) for n in (2, 3, 4))
dvec2, dvec3, dvec4 = (VectorType(f64, n) for n in (2, 3, 4))


class _ArrayAnnotation:
    """`Array[f32, 2]`: an array parameter with elements f32 and two axes, of any strides."""

    __slots__ = ("element", "rank")
    __kdsl_array__ = True

    def __init__(self, element: Any, rank: Any) -> None:
        self.element = element
        self.rank = rank

    def __repr__(self) -> str:
        return f"Array[{self.element}, {self.rank}]"


class Array:
    """An array parameter: `Array[T, ndim]` with a scalar, vector or struct type and a number of axes; `Array` alone
    leaves both to the argument.

    In a kernel: `x[i, j]`, `x.shape[k]`, `x.size`, `x.ndim`, `x.dtype`, `len(x)`. Indices count from 0; they are not
    checked except in a debug build. Any strides are accepted; contiguous arrays get their own, faster code.
    """

    __kdsl_array__ = True

    def __new__(cls, *item: Any, **named: Any) -> NoReturn:
        refuse("K127", caller(), "Array is a type, and is written with square brackets", help="write for example Array[f32, 1]")

    def __class_getitem__(cls, item: Any) -> _ArrayAnnotation:
        if not isinstance(item, tuple):
            refuse("K127", caller(), f"Array[{item}] does not say how many axes there are",
                   help=f"write for example Array[{item}, 1]")  # fmt: skip
        if len(item) != 2:
            refuse("K127", caller(), f"Array[...] takes a type and a number of axes, {len(item)} are given",
                   help="write for example Array[f32, 2] for an array of two axes of any lengths")  # fmt: skip
        return _ArrayAnnotation(*item)


class _Const:
    """The annotation of a compile-time parameter: `n: kdsl.const`, `n: kdsl.const = 8`."""

    __kdsl_const__ = True

    def __repr__(self) -> str:
        return "kdsl.const"


const = _Const()


def numpy_dtype(t: ScalarType | VectorType | StructType) -> np.dtype[Any]:
    """The NumPy dtype that one element takes in memory."""
    if isinstance(t, ScalarType):
        return t.dtype
    if isinstance(t, VectorType):
        return np.dtype((t.element.dtype, (t.count,)))
    return np.dtype({
        "names": [name for name, _, _ in t.fields], "formats": [numpy_dtype(inner) for _, inner, _ in t.fields],
        "offsets": [offset for _, _, offset in t.fields], "itemsize": t.size_bytes, "aligned": True,
    })  # fmt: skip


def struct(cls: type) -> type:
    """Make a struct type of a class with annotated fields.

    Fields are scalars, vectors or other structs, laid out as C does, which is NumPy's `align=True`: `Ray.dtype` is
    that dtype, and an array of it is an array of Ray. `Ray(origin=(0, 0, 0), t=1)` makes a value: on the host a NumPy
    record, in a kernel a struct. Defaults in the class are used on both sides. Raises K127 for a field that has no
    such type.
    """
    fields: list[tuple[str, Any, int]] = []
    offset, align = 0, 1
    for name, annotation in _annotations(cls).items():
        t = _field_type(cls, name, annotation)
        size, own = size_and_align(t)
        offset = -(-offset // own) * own
        fields.append((name, t, offset))
        offset += size
        align = max(align, own)
    if not fields:
        refuse("K127", caller(), f"struct {cls.__name__} has no fields", help="annotate at least one: x: kdsl.f32")
    t = StructType(cls.__name__, tuple(fields), -(-offset // align) * align, align)
    defaults = {name: cls.__dict__[name] for name, _, _ in fields if name in cls.__dict__}
    return _struct_class(cls, t, defaults)


def _annotations(cls: type) -> dict[str, Any]:
    import sys

    out = {}
    scope = vars(sys.modules[cls.__module__]) if cls.__module__ in sys.modules else {}
    local = dict(sys._getframe(2).f_locals)
    for name, annotation in getattr(cls, "__annotations__", {}).items():
        if isinstance(annotation, str):
            try:
                annotation = eval(annotation, dict(scope), local)
            except (NameError, SyntaxError, AttributeError, TypeError) as error:
                refuse("K127", caller(), f"the type of {cls.__name__}.{name} cannot be evaluated: {error}",
                       help="import the name it uses")  # fmt: skip
        out[name] = annotation
    return out


def _field_type(cls: type, name: str, t: Any) -> ScalarType | VectorType | StructType:
    t = getattr(t, "__kdsl_struct__", t)
    t = _HOST_TYPES.get(t, t) if isinstance(t, type) else t
    if isinstance(t, (ScalarType, VectorType, StructType)) and t is not index:
        return t
    refuse("K127", caller(), f"field {name} of struct {cls.__name__} has type {t!r}, which a struct cannot hold",
           help="use a scalar type such as kdsl.f32, a vector, or another struct")  # fmt: skip


def _struct_class(cls: type, t: StructType, defaults: dict[str, Any]) -> type:
    dtype = numpy_dtype(t)

    def make(_: type, *args: Any, **named: Any) -> Any:
        names = [name for name, _, _ in t.fields]
        values = {**defaults, **dict(zip(names, args, strict=False)), **named}
        unknown = [k for k in named if k not in names]
        missing = [n for n in names if n not in values]
        if unknown or missing or len(args) > len(names):
            refuse("K120", caller(), f"{t.name}(...) has the fields {', '.join(names)}"
                   + (f"; {', '.join(missing)} missing" if missing else "")
                   + (f"; {', '.join(unknown)} unknown" if unknown else ""),
                   help="give every field a value")  # fmt: skip
        record = np.zeros((), dtype)
        for name in names:
            record[name] = values[name]
        return record[()]

    space = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__") and k not in defaults}
    space.update(__kdsl_struct__=t, __kdsl_defaults__=defaults, dtype=dtype, __new__=make)
    return type(cls.__name__, cls.__bases__, space)
