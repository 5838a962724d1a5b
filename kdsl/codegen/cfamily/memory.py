"""Arrays: parameters, memory of the block and of the thread, and how an element is reached.

One idea: an array whose elements lie side by side and are scalars is a pointer that is indexed, as one writes it; any other
is a pointer to bytes with its strides.
"""

from __future__ import annotations

from math import prod

from ...ir import types as T
from ...ir.core import Op, Value
from .emitter import Emitter, emits
from .forms import ADDITIVE, ATOM, EQUALITY, MULTIPLICATIVE, NOTHING, UNARY, Expr, changed
from .plan import Access

__all__ = ["Place", "address", "array_parameter", "bytes_of", "place_of", "shared_arrays"]


class Place:
    """Where an array is. cell: the scalar that it is indexed by, None for bytes. extents, strides: texts per axis."""

    __slots__ = ("cell", "constant", "extents", "name", "strides", "type")

    def __init__(self, name: str, type: T.ArrayType, cell: T.ScalarType | None, constant: bool) -> None:
        self.name = name
        self.type = type
        self.cell = cell
        self.constant = constant
        self.extents: dict[int, str] = {}
        self.strides: dict[int, str] = {}


def place_of(e: Emitter, array: Value) -> Place:
    place = e.arrays[array]
    assert isinstance(place, Place)
    return place


def _cell(t: T.ArrayType, access: Access, cells: dict[str, str]) -> T.ScalarType | None:
    """The scalar that an array may be indexed by: every access is to one whole element, of one type in memory."""
    if not isinstance(t.element, T.ScalarType) or not access.kinds:
        return t.element if isinstance(t.element, T.ScalarType) and not access.kinds else None
    if t.space is T.Space.GLOBAL and (t.rank != 1 or t.unit_axis != 0):
        return None
    types = {kind for kind, _ in access.kinds}
    is_whole = all(offset == 0 for _, offset in access.kinds)
    (first, *rest) = sorted(types, key=lambda x: x.name)
    if not is_whole or first.size_bytes != t.element.size_bytes or any(cells[x.name] != cells[first.name] for x in rest):
        return None
    return first


def array_parameter(e: Emitter, v: Value, name: str) -> Place:
    """The place of an array parameter; strides that code needs are in `strides` with names, likewise extents."""
    t = v.type
    assert isinstance(t, T.ArrayType)
    access = e.plan.arrays.get(v) or Access()
    place = Place(name, t, _cell(t, access, dict(e.dialect.cells)), not access.writes)
    one = t.rank == 1
    for axis in sorted(access.extents):
        place.extents[axis] = e.name(f"{name}_size" if one else f"{name}_size_{axis}")
    if place.cell is None and access.axes:
        for axis in range(t.rank):
            if axis != t.unit_axis:
                place.strides[axis] = e.name(f"{name}_stride" if one else f"{name}_stride_{axis}")
    e.arrays[v] = place
    return place


def bytes_of(t: T.ArrayType) -> int:
    assert t.shape is not None
    return prod(t.shape) * T.size_and_align(t.element)[0]


def _local_array(e: Emitter, op: Op) -> str:
    """The declaration of an array of the block or the thread."""
    v = op.results[0]
    t = v.type
    assert isinstance(t, T.ArrayType) and t.shape is not None
    name = e.name(str(op.attributes["name"]), "memory")
    cell = _cell(t, e.plan.arrays.get(v) or Access(), dict(e.dialect.cells))
    e.arrays[v] = place = Place(name, t, cell, False)
    place.extents = {k: str(n) for k, n in enumerate(t.shape)}
    local = e.dialect.local[t.space]
    if cell is not None:
        return f"{local}{e.dialect.cells[cell.name]} {name}{''.join([f'[{max(n, 1)}]' for n in t.shape])};"
    return f"{e.dialect.aligned(8)}{local}{e.dialect.byte} {name}[{max(bytes_of(t), 1)}];"


def shared_arrays(e: Emitter, ops: list[Op]) -> int:
    """Declare the arrays of the block at the top of the function; gives their bytes."""
    total = 0
    for op in ops:
        e.first.append(f"    {_local_array(e, op)}")
        t = op.results[0].type
        assert isinstance(t, T.ArrayType)
        total += -(-bytes_of(t) // 8) * 8
    return total


@emits("memory.alloc")
def _alloc(e: Emitter, op: Op) -> None:
    if op.results[0] not in e.arrays:  # those of the block stand at the top
        e.act(_local_array(e, op))


@emits("memory.extent")
def _extent(e: Emitter, op: Op) -> None:
    place = place_of(e, op.operands[0])
    text = place.extents[op.attributes["axis"]]
    e.exprs[op.results[0]] = Expr(text) if not text.isdigit() else e.dialect.literal(T.index, int(text))


def address(e: Emitter, op: Op, t: T.ScalarType, count: int, *, const: bool = False) -> tuple[Expr, bool]:
    """(the place of the element that an op reaches, whether it is an indexed name); a pointer is dereferenced otherwise.

    count: operands after the array that are indices. The text is an lvalue.
    """
    place = place_of(e, op.operands[0])
    indices = op.operands[1 : 1 + count]
    given = [e.take(v) for v in indices]
    depends = NOTHING
    reads = False
    for x in given:
        depends = depends | x.depends if x.depends else depends
        reads = reads or x.reads
    texts = [x.text if v.constant is None else str(v.constant) for v, x in zip(indices, given, strict=True)]
    if place.cell is not None:
        texts = [text if x.narrow is None else x.narrow.text for text, x in zip(texts, given, strict=True)]
        return Expr(place.name + "".join([f"[{text}]" for text in texts]), ATOM, depends, reads), True
    terms = _byte_terms(place, texts, given, op.attributes.get("offset", 0))
    target = e.dialect.pointer(e.dialect.cells[t.name], place.type.space, const)
    where = " + ".join([place.name, *terms])
    return Expr(f"*({target})({where})" if terms else f"*({target}){place.name}", UNARY, depends, reads), False


def _byte_terms(place: Place, texts: list[str], given: list[Expr], offset: int) -> list[str]:
    t = place.type
    size = T.size_and_align(t.element)[0]
    factors: list[str] = []
    for axis in range(t.rank):
        if t.shape is not None:
            factors.append(str(size * prod(t.shape[axis + 1 :])))
        else:
            factors.append(str(size) if axis == t.unit_axis else place.strides[axis])
    terms: list[str] = []
    for text, x, factor in zip(texts, given, factors, strict=True):
        if text == "0":
            continue
        if text.isdigit() and factor.isdigit():
            offset += int(text) * int(factor)
            continue
        if factor == "1":
            terms.append(text if x.level >= ADDITIVE else f"({text})")
            continue
        enclosed_text = text if x.level >= MULTIPLICATIVE else f"({text})"
        terms.append(f"{enclosed_text} * {factor}" if text != "1" else factor)
    return [*terms, str(offset)] if offset else terms


@emits("memory.load")
def _load(e: Emitter, op: Op) -> None:
    t = T.element_of(op.results[0].type)
    where, _ = address(e, op, t, len(op.operands) - 1, const=True)
    text = Expr(where.text, where.level, where.depends, reads=True)
    if t.is_bool:
        text = Expr(f"{where.text} != 0", EQUALITY, where.depends, reads=True)
    e.give(op.results[0], text)


@emits("memory.store")
def _store(e: Emitter, op: Op) -> None:
    t = T.element_of(op.operands[-1].type)
    where, _ = address(e, op, t, len(op.operands) - 2)
    value = e.take(op.operands[-1])
    e.before_effect()
    e.act(changed(where.text, value))
