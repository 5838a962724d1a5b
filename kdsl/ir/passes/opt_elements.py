"""Vectors and structs are rows of scalars: what an element is made of gets an axis of its own.

One idea: an array of `vec4` lies in memory as an array of four columns does, and whatever is known of columns (points that stay
where they lie, transposed lanes, neighbours at edges) holds for components too, if they are said to be columns. Instead of the
byte where a component stands in its element, an access has its number along one axis more. That holds where all scalars of an
element have one size; those of another type than most are the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import types as T
from ..builder import Rebuilder
from ..core import Function, Op, Value, all_ops
from ..ops import arith, memory

__all__ = ["opt_elements"]

_MOST = 8  # scalars of an element: of more, rows are too long for what columns gain


def opt_elements(f: Function) -> Function:
    """An equal function; `f` itself where no array has such elements."""
    arrays = [*f.params, *[op.results[0] for op in all_ops(f.body) if op.defn is memory.ALLOC]]
    found = {v: t for v in arrays if (t := _taken_apart(v.type)) is not None}
    for op in all_ops(f.body):
        for k, v in enumerate(op.operands):
            if v in found and (k or not _is_access(op)) and op.defn not in (memory.EXTENT, memory.ALLOC):
                del found[v]
    return _TakenApart(f, found).new if found else f


def _is_access(op: Op) -> bool:
    return op.defn.touches and "offset" in op.attributes


def _scalars(t: T.ElementType, at: int = 0) -> Iterator[tuple[T.ScalarType, int]]:
    """The scalars of an element, with their bytes."""
    if isinstance(t, T.ScalarType):
        yield t, at
    elif isinstance(t, T.VectorType):
        yield from ((t.element, at + k * t.element.size_bytes) for k in range(t.count))
    else:
        for _, part, offset in t.fields:
            yield from _scalars(part, at + offset)


def _taken_apart(t: T.Type) -> T.ArrayType | None:
    """The array with an axis for the scalars of its elements; None where they have no such axis."""
    if not isinstance(t, T.ArrayType) or isinstance(t.element, T.ScalarType) or t.whole is not None:
        return None
    scalars = list(_scalars(t.element))
    kinds = [kind for kind, _ in scalars]
    size = kinds[0].size_bytes
    count, rest = divmod(T.size_and_align(t.element)[0], size)
    if not 1 < count <= _MOST or rest or any(kind.size_bytes != size or at % size for kind, at in scalars):
        return None
    if len(set(kinds)) > 1 and any(kind.storage or kind.is_bool for kind in kinds):
        return None  # such have bits of another width as values
    element = max(kinds, key=kinds.count)
    shape = None if t.shape is None else (*t.shape, count)
    return T.ArrayType(element, t.rank + 1, t.space, shape, t.rank, t if t.space is T.Space.GLOBAL else None)


class _TakenApart(Rebuilder):
    """A copy with other arrays."""

    def __init__(self, f: Function, found: dict[Value, T.ArrayType]) -> None:
        super().__init__(f, [(p.name, found.get(p, p.type)) for p in f.params])
        self.found = found
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        array = op.results[0] if op.defn is memory.ALLOC else op.operands[0] if op.operands else None
        t = None if array is None else self.found.get(array)
        if t is None or op.defn is memory.EXTENT:
            return False
        if op.defn is memory.ALLOC:
            made = self.b.emit_op(op.defn, (), (t,), op.attributes).results[0]
            made.name = op.results[0].name
            self.mapping[op.results[0]] = made
        else:
            self.access(op, t)
        return True

    def access(self, op: Op, t: T.ArrayType) -> None:
        b, rank, element = self.b, t.rank - 1, t.element
        assert isinstance(element, T.ScalarType)
        array, *given = [self.mapping[v] for v in op.operands]
        own = T.element_of(op.results[0].type if op.results else op.operands[-1].type)
        values = [v if own is element else b.emit(arith.BITCAST, v, type=element) for v in given[rank:]]
        number = b.constant(op.attributes["offset"] // element.size_bytes, T.index)
        results = [element for _ in op.results]
        made = b.emit_op(op.defn, [array, *given[:rank], number, *values], results, {**op.attributes, "offset": 0})
        for old, new in zip(op.results, made.results, strict=True):
            self.mapping[old] = new if own is element else b.emit(arith.BITCAST, new, type=own)
