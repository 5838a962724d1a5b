"""Threads' own arrays become values: where every index is a number once short loops are unrolled, an element is a variable.

One idea: what a thread keeps in `kdsl.local` it mostly indexes by numbers, or by the counters of loops of known length. Those loops
are unrolled (by a sweep of `opt_simplify`, which folds the indices on its way), and then each element is carried through control
flow as any variable is: branches yield it, loops carry it. Vector registers hold it afterwards, and masks become selects.
Otherwise the array lies in memory for every lane, through which a network of sorting or a block of sums goes at each step.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import types as T
from ..analysis.accesses import indices_of
from ..builder import Builder, clone_op, like
from ..core import Function, Op, Region, Value, inner_ops, walk
from ..ops import memory, scf
from .opt_simplify import TooLong, simplify, unrolled

__all__ = ["opt_locals"]

_MOST_ELEMENTS = 64  # of one array: beyond, they would not stay in registers either
_MOST_OPS = 800  # that unrolling may make

_Key = tuple[Value, tuple[int, ...], int]  # an array, the numbers of an element, the byte of a component


def opt_locals(f: Function) -> Function:
    """An equal function with fewer arrays of threads; `f` itself where none can go."""
    arrays = _arrays(f)
    if not arrays:
        return f
    g = _unroll(f, arrays)
    chosen = _replaceable(g)
    if not chosen:
        return f
    return simplify(_Promoter(g, chosen).run())


def _arrays(f: Function) -> list[Value]:
    """Arrays of threads that are small, and only loaded from and stored to."""
    found: dict[Value, bool] = {}
    for op in walk(f.body):
        if op.defn is memory.ALLOC:
            t = op.results[0].type
            assert isinstance(t, T.ArrayType)
            if t.space is T.Space.PRIVATE and _elements(t) <= _MOST_ELEMENTS:
                found[op.results[0]] = True
        elif op.defn.touches and op.defn not in (memory.LOAD, memory.STORE, memory.EXTENT) and op.operands:
            found[op.operands[0]] = False
    return [array for array, fits in found.items() if fits]


def _elements(t: T.ArrayType) -> int:
    count = 1
    for extent in t.shape or ():
        count *= extent
    return count


# Unrolling


def _unroll(f: Function, arrays: Sequence[Value]) -> Function:
    """With the loops unrolled that the indices of arrays count on, as far as all accesses of an array gain by it."""
    counters = {op.regions[0]: op for op in walk(f.body) if op.defn is scf.FOR}
    needed: dict[Value, set[Op] | None] = {array: set() for array in arrays}
    for op in walk(f.body):
        if op.defn not in (memory.LOAD, memory.STORE):
            continue
        loops = needed.get(op.operands[0])
        if loops is not None and not all(_static(v, counters, loops) for v in indices_of(op)):
            needed[op.operands[0]] = None
    loops = {loop for found in needed.values() if found for loop in found}
    if not loops:
        return f
    try:
        return unrolled(f, loops, _MOST_OPS)
    except TooLong:
        return f


def _static(v: Value, counters: dict[Region, Op], loops: set[Op]) -> bool:
    """Whether a value is a number once `loops` are unrolled, which grow by those that it takes."""
    if v.constant is not None:
        return True
    owner = v.owner
    if isinstance(owner, Op):
        return owner.defn.elementwise and all(_static(w, counters, loops) for w in owner.operands)
    loop = counters.get(owner)
    if loop is None or v.index != 0:
        return False
    if loop not in loops:
        if not all(_static(w, counters, loops) for w in loop.operands[:3]):
            return False
        loops.add(loop)
    return True


# Elements as values


def _replaceable(f: Function) -> set[Value]:
    """Arrays whose every access names one element, and always the same type of what lies at a byte of it."""
    good = set(_arrays(f))
    types: dict[tuple[Value, int], T.Type] = {}
    for op in walk(f.body):
        if op.defn is scf.WHILE:  # a condition yields an answer and nothing else
            good.difference_update([inner.operands[0] for inner in walk(op.regions[0]) if inner.defn is memory.STORE])
        elif op.defn is memory.EXTENT:
            good.discard(op.operands[0])
        if op.defn not in (memory.LOAD, memory.STORE) or op.operands[0] not in good:
            continue
        t = op.results[0].type if op.results else op.operands[-1].type
        array = op.operands[0]
        assert isinstance(array.type, T.ArrayType)
        inside = all(isinstance(i.constant, int) and 0 <= i.constant < n
                     for i, n in zip(indices_of(op), array.type.shape or (), strict=True))  # fmt: skip
        if not inside or types.setdefault((array, op.attributes["offset"]), t) is not t:
            good.discard(array)
    for (array, offset), t in types.items():
        end = offset + T.element_of(t).size_bytes
        if any(other is array and offset < start < end for other, start in types):
            good.discard(array)
    return good


class _Promoter:
    """Builds the function without its arrays. now: what each element is at this place; what none has written is 0."""

    def __init__(self, f: Function, arrays: set[Value]) -> None:
        self.f = f
        self.arrays = arrays
        self.new = like(f)
        self.b = Builder(self.new.body)
        self.mapping: dict[Value, Value] = dict(zip(f.params, self.new.params, strict=True))
        self.now: dict[_Key, Value] = {}
        self.types: dict[_Key, T.ScalarType] = {}

    def run(self) -> Function:
        self.ops(self.f.body)
        self.b.yield_()
        return self.new

    def key(self, op: Op) -> _Key:
        found = (op.operands[0], tuple([int(v.constant) for v in indices_of(op)]), op.attributes["offset"])
        self.types[found] = T.element_of(op.results[0].type if op.results else op.operands[-1].type)
        return found

    def value(self, key: _Key) -> Value:
        known = self.now.get(key)
        if known is None:
            t = self.types[key]
            known = self.b.constant(False if t.is_bool else 0, t)
        return known

    def ops(self, region: Region) -> None:
        for op in region.ops[:-1]:
            self.b.span = op.span
            self.op(op)

    def op(self, op: Op) -> None:
        if op.regions:
            _CONTROL[op.defn.name](self, op, self.written(op))
        elif op.operands and op.operands[0] in self.arrays:
            if op.defn is memory.LOAD:
                self.mapping[op.results[0]] = self.value(self.key(op))
            else:
                self.now[self.key(op)] = self.mapping[op.operands[-1]]
        elif not op.results or op.results[0] not in self.arrays:
            clone_op(self.b, op, self.mapping)

    def written(self, op: Op) -> list[_Key]:
        """Elements that a control op may change."""
        stores = [inner for inner in inner_ops(op) if inner.defn is memory.STORE]
        return list(dict.fromkeys([self.key(inner) for inner in stores if inner.operands[0] in self.arrays]))

    def inside(self, region: Region, new: Region, keys: Sequence[_Key]) -> Region:
        """A region and, behind what it yields, the elements."""
        self.mapping.update(zip(region.args, new.args, strict=False))
        before = dict(self.now)
        self.now.update(zip(keys, new.args[len(region.args) :], strict=False))
        with self.b.inside(new):
            self.ops(region)
            self.b.yield_(*[self.mapping[v] for v in region.yielded], *[self.value(k) for k in keys])
        self.now = before
        return new

    def entered(self, region: Region, keys: Sequence[_Key]) -> Region:
        types = tuple([a.type for a in region.args]) + tuple([self.types[k] for k in keys])
        return Region(types, (*[a.name for a in region.args], *[k[0].name for k in keys]))

    def close(self, op: Op, made: Op, keys: Sequence[_Key]) -> None:
        for old, new in zip(op.results, made.results, strict=False):
            new.name = old.name
            self.mapping[old] = new
        self.now.update(zip(keys, made.results[len(op.results) :], strict=True))

    def take(self, values: Sequence[Value]) -> list[Value]:
        return [self.mapping[v] for v in values]

    def if_(self, op: Op, keys: Sequence[_Key]) -> None:
        regions = [self.inside(r, Region(), keys) for r in op.regions]
        types = [r.type for r in op.results] + [self.types[k] for k in keys]
        self.close(op, self.b.if_(self.mapping[op.operands[0]], types, *regions), keys)

    def for_(self, op: Op, keys: Sequence[_Key]) -> None:
        first = [self.value(k) for k in keys]
        body = self.inside(op.regions[0], self.entered(op.regions[0], keys), keys)
        lo, hi, step, *init = self.take(op.operands)
        self.close(op, self.b.for_(lo, hi, step, [*init, *first], body), keys)

    def while_(self, op: Op, keys: Sequence[_Key]) -> None:
        first = [self.value(k) for k in keys]
        cond, body = [self.entered(r, keys) for r in op.regions]
        # What the condition is asked with, the body goes on with: it writes none of them.
        before = dict(self.now)
        self.now.update(zip(keys, cond.args[len(op.regions[0].args) :], strict=True))
        self.inside(op.regions[0], cond, ())
        self.now = before
        self.inside(op.regions[1], body, keys)
        self.close(op, self.b.while_([*self.take(op.operands), *first], cond, body), keys)


_CONTROL = {"scf.if": _Promoter.if_, "scf.for": _Promoter.for_, "scf.while": _Promoter.while_}
