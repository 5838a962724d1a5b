"""Arrays made in a kernel, and atomics on elements."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from ...ir import types as T
from ...ir.core import Op, Value
from ...ir.opdef import OpDef
from ...ir.ops import arith, memory
from ..lowering import Lowering
from ..outside import python_types
from ..values import Place, describe
from .table import row

__all__: list[str] = []

_INTEGERS = (T.i32, T.u32, T.i64, T.u64)
_NARROW = (T.f16, T.bf16, T.f64)
# Which types each atomic works on (language.md, section 4).
_ATOMICS: dict[str, tuple[OpDef, tuple[T.ScalarType, ...]]] = {
    "add": (memory.ATOMIC_ADD, (*_INTEGERS, T.f32, *_NARROW)),
    "sub": (memory.ATOMIC_SUB, (*_INTEGERS, T.f32, *_NARROW)),
    "min": (memory.ATOMIC_MIN, (*_INTEGERS, T.f32, *_NARROW)),
    "max": (memory.ATOMIC_MAX, (*_INTEGERS, T.f32, *_NARROW)),
    "and": (memory.ATOMIC_AND, _INTEGERS),
    "or": (memory.ATOMIC_OR, _INTEGERS),
    "xor": (memory.ATOMIC_XOR, _INTEGERS),
    "exchange": (memory.ATOMIC_EXCHANGE, (*_INTEGERS, T.f32, *_NARROW)),
    "compare_exchange": (memory.ATOMIC_CAS, (*_INTEGERS, T.f32, *_NARROW)),
}
_MOST_ELEMENTS = 1 << 31


def _allocate(word: str, space: T.Space) -> Callable[..., Value]:
    def lower(L: Lowering, node: ast.AST, shape: Any, dtype: Any) -> Value:
        dtype = getattr(dtype, "__kdsl_struct__", dtype)
        element = python_types(dtype) or dtype
        if not isinstance(element, (T.ScalarType, T.VectorType, T.StructType)) or element is T.index:
            L.refuse("K402", node, f"kdsl.{word} needs the type of its elements, this is {describe(dtype)}",
                     help=f"write for example kdsl.{word}(256, f32)")  # fmt: skip
        extents = shape if isinstance(shape, tuple) else (shape,)
        sizes = tuple([L.const_int(n, node, f"the shape of a {word} array") for n in extents])
        total = 1
        for n in sizes:
            total *= n
        if not sizes or len(sizes) > 8 or min(sizes) < 1 or total > _MOST_ELEMENTS:
            L.refuse("K402", node, f"a {word} array cannot have the shape {sizes}",
                     help=f"give extents of {_MOST_ELEMENTS} elements at most, or pass a large array as an argument"
                     if sizes and len(sizes) <= 8 and min(sizes) > 0 else "give one to eight extents of at least 1")  # fmt: skip
        # One array for each place in the text (and each inlined call), as memory is laid out before the kernel runs.
        key = (node, L.frame.call_site)
        known = L.allocations.get(key)
        if known is None:
            t = T.ArrayType(element, len(sizes), space, sizes, len(sizes) - 1)
            name = L.hint or f"{word}{len(L.allocations)}"
            op = Op(memory.ALLOC, (), (t,), {"name": name}, (), L.span(node))
            L.alloc_region.ops.append(op)
            known = L.allocations[key] = op.result
            known.name = name
        return known

    return lower


row("shared(shape: any, dtype: any)", _allocate("shared", T.Space.SHARED))
row("local(shape: any, dtype: any)", _allocate("local", T.Space.PRIVATE))


def _element(L: Lowering, node: ast.AST, place: Any, name: str, types: tuple[T.ScalarType, ...]) -> T.ScalarType:
    if not isinstance(place, Place):
        L.refuse("K403", node, f"{name} works on an element of an array, this is {describe(place)}",
                 help=f"write kdsl.{name}(x[i], ...)")  # fmt: skip
    t = place.type
    if not isinstance(t, T.ScalarType) or place.swizzle is not None:
        L.refuse(
            "K215",
            node,
            f"{name} works on one number, this is {t}",
            help="name a component or field, for example x[i].x",
        )
    if t not in types:
        wide = next((x for x in types if t.is_integer and t.bits < 32 and x.is_integer and x.is_signed is t.is_signed), None)
        instead = f"; count in an array of {wide}" if wide else ""
        L.refuse("K215", node, f"there is no {name} on {t}", help=f"it works on {', '.join(map(str, types))}{instead}")
    if place.array.type.space is T.Space.PRIVATE:  # type: ignore[union-attr]
        L.refuse("K403", node, f"{name} on a local array: no other thread sees it", help="use a plain assignment")
    return t


def _atomic(name: str, defn: OpDef, types: tuple[T.ScalarType, ...]) -> Callable[..., Value]:
    def lower(L: Lowering, node: ast.AST, element: Any, *values: Any) -> Value:
        t = _element(L, node, element, name, types)
        operands = [L.assign_number(v, t, node, "the array") for v in values]
        row_ = defn
        if name == "atomic_sub" and t in _NARROW:  # targets only add these
            operands = [L.emit(node, arith.NEG, operands[0])]
            row_ = memory.ATOMIC_ADD
        return L.emit(node, row_, element.array, *element.indices, *operands, offset=element.offset)

    return lower


_WHOLE = (*_INTEGERS, T.f32, T.f64)


def _atomic_load(L: Lowering, node: ast.AST, element: Any) -> Value:
    """An update that changes nothing gives the value that is there."""
    t = _element(L, node, element, "atomic_load", _WHOLE)
    zero = L.constant(0, t, node)
    defn, operands = (memory.ATOMIC_CAS, (zero, zero)) if t.is_float else (memory.ATOMIC_OR, (zero,))
    return L.emit(node, defn, element.array, *element.indices, *operands, offset=element.offset)


def _atomic_store(L: Lowering, node: ast.AST, element: Any, value: Any) -> None:
    """An exchange of which nobody reads the old value."""
    t = _element(L, node, element, "atomic_store", _WHOLE)
    new = L.assign_number(value, t, node, "the array")
    L.emit(node, memory.ATOMIC_EXCHANGE, element.array, *element.indices, new, offset=element.offset)


row("atomic_load(element: place)", _atomic_load)
row("atomic_store(element: place, value)", _atomic_store)
for _name, (_defn, _types) in _ATOMICS.items():
    _values = "expected, desired" if _name == "compare_exchange" else "value"
    row(f"atomic_{_name}(element: place, {_values})", _atomic(f"atomic_{_name}", _defn, _types))
