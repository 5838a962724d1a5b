"""Loops by which a block's threads share out the elements of a tile: rows of the tile take the place of rows of threads.

One idea: `for r in range(thread_id(1), 18, 16): for c in range(thread_id(0), 18, 16)` does each element of 18 x 18 once, and which
thread does it nobody can see, if the loops carry nothing and no thread looks at its own number. So a row's elements are vectors
from its first to its last, and not a vector of threads and then two threads of it. The same with one counter, `for k in range(tid,
18 * 18, 256)`, of which the body wants row and column alone, `k // 18` and `k % 18`: no division is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ... import types as T
from ...analysis.forms import Forms, added, known, number
from ...analysis.uniformity import BLOCK, Uniformity, uniformity
from ...builder import Rebuilder
from ...core import Function, Op, Region, Value, walk, with_inner
from ...ops import arith, memory, scf, simt

__all__ = ["Fill", "fill_of", "spread"]

_MOST = 1024  # rows, and elements of one


class Fill(NamedTuple):
    """counters: of elements along axes 0 and 1. extents: how many there are. ops: what is done for each."""

    counters: tuple[Value, Value]
    extents: tuple[int, int]
    ops: list[Op]


def fill_of(op: Op, block: tuple[int, int, int] | None, levels: Uniformity) -> Fill | None:
    """The tile that two loops, one in the other, share out; None where they are something else."""
    if op.defn is not scf.FOR or op.results or block is None or block[2] != 1:
        return None
    inner = [o for o in op.regions[0].ops if o.defn is scf.FOR]
    if len(inner) != 1 or inner[0].results:
        return None
    around = [o for o in op.regions[0].ops[:-1] if o is not inner[0]]
    (outer, rows), (axis, columns) = _side(op, block), _side(inner[0], block)
    if (outer, axis) != (1, 0) or not rows or not columns or not all(o.defn.pure and not o.regions for o in around):
        return None
    ops, counters = [*around, *inner[0].regions[0].ops[:-1]], (inner[0].regions[0].args[0], op.regions[0].args[0])
    return Fill(counters, (columns, rows), ops) if _is_of_elements(ops, counters, levels) else None


def _side(loop: Op, block: tuple[int, int, int]) -> tuple[int, int]:
    """The axis along which threads begin a loop that takes steps of all of them, and its end; an end of 0: it is none."""
    lo, hi, step = loop.operands[:3]
    axis: int = lo.op.attributes["axis"] if lo.op is not None and lo.op.defn is simt.THREAD_ID else -1
    n = hi.constant
    is_side = axis in (0, 1) and step.constant == block[axis] and isinstance(n, int) and 0 < n <= _MOST
    return axis, n if is_side else 0


def _is_of_elements(ops: Sequence[Op], counters: Sequence[Value], levels: Uniformity) -> bool:
    """Whether nothing is done that tells threads, waits for them, or may see what was done for another element."""
    inside = with_inner(ops)
    if any(o.defn.convergent or o.defn.orders or o.defn.varying or o.defn.tells for o in inside):
        return False
    if any(o.defn is memory.ALLOC or o.defn.name.startswith("atomic.") for o in inside):
        return False
    own = {*counters, *[v for o in inside for v in (*o.results, *[a for region in o.regions for a in region.args])]}
    if any(v not in own and levels.of(v) > BLOCK for o in inside for v in o.operands):
        return False
    accesses = [(_memory(o.operands[0]), o.defn.writes) for o in inside if o.defn.touches and o.operands]
    if T.Space.PRIVATE in [where for where, _ in accesses]:
        return False
    written = {where for where, writes in accesses if writes}
    if any(where in written for where, writes in accesses if not writes):
        return False
    # What a thread stores several times in its turns, vectors would store in another order: each turn needs elements of its own.
    stores = [o for o in inside if o.defn.writes and o.operands]
    places = {tuple(o.operands[:-1]) for o in stores}
    return len(stores) == len(written) or (len(places) == 1 and _is_own(stores[0].operands[1:-1], counters))


def _is_own(indices: Sequence[Value], counters: Sequence[Value]) -> bool:
    """Whether no other turn has an element at the same place: its index says what all counters are, if by row and column, of one
    length."""
    parts = [(v.op.defn, *v.op.operands) for v in indices if v.op is not None and len(v.op.operands) == 2]
    divided = [(c, n) for defn, c, n in parts if defn is arith.FLOORDIV]
    return all(c in indices or any(of is c and _takes_rest(parts, c, n) for of, n in divided) for c in counters)


def _takes_rest(parts: Sequence[tuple[object, Value, Value]], c: Value, n: Value) -> bool:
    return any(defn is arith.MOD and of is c and (by is n or (by.constant is not None and by.constant == n.constant))
               for defn, of, by in parts)  # fmt: skip


def _memory(array: Value) -> object:
    """An array of the block's, or all arguments, as those may overlap, or all of the thread's own."""
    t = array.type
    assert isinstance(t, T.ArrayType)
    return array if t.space is T.Space.SHARED else t.space


def spread(f: Function) -> Function:
    """An equal function whose loops with one counter for a tile have two; `f` itself where there are none."""
    block = f.attributes.get("block")
    if block is None or block[2] != 1 or f.debug:
        return f
    forms = Forms(f)
    found = {op: n for op in walk(f.body) if op.defn is scf.FOR and (n := _columns(op, forms)) is not None}
    if not found:
        return f
    levels, met = uniformity(f), set(_met(f.body))
    found = {op: n for op, n in found.items() if op in met and _is_of_elements(op.regions[0].ops[:-1], op.regions[0].args, levels)}
    return _Spread(f, found, block).new if found else f


def _met(region: Region) -> Iterator[Op]:
    """The loops that are segments by themselves: all threads come to them, and none goes on before all elements are done."""
    for op in region.ops:
        if any(inner.defn is simt.BARRIER for part in op.regions for inner in walk(part)):
            for part in op.regions:
                yield from _met(part)
        elif op.defn is scf.FOR:
            yield op


def _columns(op: Op, forms: Forms) -> int | None:
    """How long the rows are that a counter of all threads is divided into."""
    (x, y, _), (lo, hi, step), counter = forms.block, op.operands[:3], op.regions[0].args[0]
    linear = added(number(0), known(("thread", 0))) if x > 1 else number(0)
    linear = added(linear, known(("thread", 1)), x) if y > 1 else linear
    if op.results or step.constant != x * y or not isinstance(hi.constant, int) or forms.of(lo) != linear:
        return None
    users = [o for o in walk(op.regions[0]) if counter in o.operands]
    sizes = {o.operands[1].constant if o.defn in (arith.FLOORDIV, arith.MOD) and o.operands[0] is counter else None for o in users}
    n = sizes.pop() if len(sizes) == 1 else None
    return n if isinstance(n, int) and 1 < n <= _MOST and 0 < hi.constant <= _MOST * n and hi.constant % n == 0 else None


class _Spread(Rebuilder):
    def __init__(self, f: Function, found: dict[Op, int], block: tuple[int, int, int]) -> None:
        super().__init__(f)
        self.found = found
        self.block = block
        self.parts: dict[tuple[Value, bool], Value] = {}  # row and column of a counter
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        if op in self.found:
            self.loops(op, self.found[op])
            return True
        part = (op.operands[0], op.defn is arith.MOD) if op.defn in (arith.MOD, arith.FLOORDIV) else None
        if part is None or part not in self.parts:
            return False
        self.mapping[op.results[0]] = self.parts[part]
        return True

    def loops(self, op: Op, columns: int) -> None:
        b = self.b
        counter, rows = op.regions[0].args[0], op.operands[1].constant // columns
        row, column = Region((T.index,), ("row",)), Region((T.index,), ("column",))
        self.parts.update({(counter, False): row.args[0], (counter, True): column.args[0]})
        x, y = [b.emit(simt.THREAD_ID, axis=axis) for axis in (0, 1)]
        ends = [b.constant(n, T.index) for n in (columns, rows, self.block[0], self.block[1])]
        with b.inside(row):
            with b.inside(column):
                self.fill(op.regions[0])
            b.for_(x, ends[0], ends[2], [], column)
            b.yield_()
        b.for_(y, ends[1], ends[3], [], row)


