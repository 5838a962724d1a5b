"""Threads' numbers in 32 bits, where launches have so few threads that none wraps.

One idea: `x = i32(global_id(0))` and what is made of it are indices again in the end, `a[y, x + 1]`, and guards, `x < w`. In 32
bits they may wrap, in rows of more than 2**31 threads, so that nothing that looks at indices sees where they come from. Launches
say how many threads they have; of up to `FEW_THREADS` along each axis numbers and small sums and multiples of them are the same as
indices, and are made so; so are loops that count in 32 bits, by `range` or by `while`, in kernels with such numbers. In code for
launches of more (`kdsl.kernel.Walk`), which may have any number of them, that leaves loops, and what a thread is in its block.
"""

from __future__ import annotations

from ...target import FEW_THREADS
from .. import types as T
from ..analysis.ids import id_axis
from ..analysis.ranges import ORDER, Ranges, outcome
from ..builder import Rebuilder, clone_op
from ..core import Function, Op, Region, Value, walk
from ..ops import arith, scf, simt
from .opt_counted import opt_counted

__all__ = ["near_ids"]

_IN_BLOCKS = (simt.THREAD_ID, simt.BLOCK_ID)
_WRAP = (arith.ADD, arith.SUB, arith.MUL)
_KEEP = (arith.MINIMUM, arith.MAXIMUM, arith.MOD, arith.AND, arith.OR, arith.XOR)  # the same of numbers that have more bits
_BITS = 32
_LARGEST_BLOCK = 1 << 11  # along an axis, which may end inside the last block
_TAKEN = (*_WRAP, *_KEEP, arith.SHR, arith.SHL, arith.FLOORDIV)
_COMPARE = (*ORDER, "arith.eq", "arith.ne")


def near_ids(f: Function, *, few: bool = True, block: tuple[int, int, int] | None = None) -> Function:
    """A function that is equal in launches of at most `FEW_THREADS` threads along each axis (few=False: in all), in blocks of that
    shape, if it is known; `f` itself where it is no other."""
    casts = [op for op in walk(f.body) if op.defn is arith.CAST and _is_short(op.results[0])]
    if f.debug or not any(_of_id(op.operands[0], few=few) for op in casts):
        return f
    return _Near(opt_counted(f, _ranges(f, block, few=few)), block, few=few).new


def _is_short(v: Value) -> bool:
    return v.type is T.i32 or v.type is T.u32


def _of_id(v: Value, *, few: bool, depth: int = 3) -> bool:
    """Whether a thread's number is in a sum, or what else."""
    op = v.op
    if op is None:
        return False
    if op.defn in _IN_BLOCKS or (few and op.defn is simt.GLOBAL_ID):
        return True
    return depth > 0 and op.defn in _TAKEN and any(_of_id(x, few=few, depth=depth - 1) for x in op.operands)


def _ranges(f: Function, block: tuple[int, int, int] | None, *, few: bool) -> Ranges:
    """What is known of a function's numbers by how many threads there are."""
    out = Ranges(block)
    for op in walk(f.body):
        if few and (op.defn is simt.GLOBAL_ID or (op.defn is arith.ADD and id_axis(op, block) is not None)):
            out.known[op.results[0]] = (0, FEW_THREADS - 1)
        elif few and op.defn in (simt.BLOCK_ID, simt.GRID_DIM):
            begun = FEW_THREADS // (block[op.attributes["axis"]] if block else 1)
            out.known[op.results[0]] = (0, begun) if op.defn is simt.BLOCK_ID else (1, begun + 1)
        elif few and op.defn is arith.MUL and _counts_threads(op):
            out.known[op.results[0]] = (1, FEW_THREADS + _LARGEST_BLOCK)
        elif op.defn is scf.FOR:
            lo, hi, step = op.operands[:3]
            out.loops[op.regions[0].args[0]] = lo, hi, step
    return out


def _counts_threads(product: Op) -> bool:
    """Whether a product is how many threads a launch has along an axis."""
    a, c = [v.op for v in product.operands]
    if a is None or c is None or {a.defn, c.defn} != {simt.BLOCK_DIM, simt.GRID_DIM}:
        return False
    return a.attributes["axis"] == c.attributes["axis"]


class _Near(Rebuilder):
    """wide: by number of 32 bits that is made of threads' numbers, the index that it is."""

    def __init__(self, f: Function, block: tuple[int, int, int] | None, *, few: bool) -> None:
        super().__init__(f)
        self.wide: dict[Value, Value] = {}
        self.ranges = _ranges(f, block, few=few)
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        if op.defn is scf.FOR and _is_short(op.regions[0].args[0]):
            self.loop(op)
            return True
        if op.regions or len(op.results) != 1:
            return False
        if op.defn is arith.CAST and op.results[0].type is T.index and op.operands[0] in self.wide:
            self.mapping[op.results[0]] = self.wide[op.operands[0]]
            return True
        if op.defn.name in _COMPARE and any(v in self.wide for v in op.operands):
            a, c = [self.index(v) for v in op.operands]
            self.mapping[op.results[0]] = self.b.emit(op.defn, a, c)
            return True
        if _is_short(op.results[0]):
            clone_op(self.b, op, self.mapping)
            self.widen(op)
            return True
        return False

    def loop(self, op: Op) -> None:
        """A loop that counts by indices: what it counts has no more than 32 bits, as its end has."""
        (old,), b = op.regions, self.b
        counted, carried = old.args[0], old.args[1:]
        bounds = [self.index(v) for v in op.operands[:3]]
        new = Region((T.index, *[a.type for a in carried]), tuple([a.name for a in old.args]))
        self.mapping.update(zip(carried, new.args[1:], strict=True))
        with b.inside(new):
            self.wide[counted] = new.args[0]
            self.mapping[counted] = b.emit(arith.CAST, new.args[0], type=counted.type)
            self.fill(old)
        made = b.emit_op(op.defn, [*bounds, *[self.mapping[v] for v in op.operands[3:]]], [r.type for r in op.results],
                         op.attributes, (new,))  # fmt: skip
        for before, result in zip(op.results, made.results, strict=True):
            result.name = before.name
            self.mapping[before] = result

    def widen(self, op: Op) -> None:
        """The index that a number is, next to it: nobody may want it."""
        v, given = op.results[0], op.operands
        if op.defn is arith.CAST:
            if given[0].type is T.index and self.fits(self.ranges.of(given[0]), v):
                self.wide[v] = self.mapping[given[0]]
            return
        if op.defn not in _TAKEN or not any(x in self.wide for x in given):
            return
        ranges = [self.ranges.of(x) for x in given]
        if op.defn in _WRAP:
            same = self.fits(outcome(op.defn.name, *ranges), v)
        elif op.defn is arith.SHR or op.defn is arith.SHL:
            same = ranges[1][0] >= 0 and ranges[1][1] < _BITS
            if same and op.defn is arith.SHL:
                same = ranges[0][0] >= 0 and self.fits((0, ranges[0][1] << ranges[1][1]), v)
        elif op.defn is arith.FLOORDIV:  # the least number by -1 is itself
            same = ranges[0][0] > T.limits(T.element_of(v.type))[0] or ranges[1][0] >= 0
        else:
            same = op.defn in _KEEP
        if same:
            self.wide[v] = self.b.emit(op.defn, *[self.index(x) for x in given])
            self.mapping[v] = self.b.emit(arith.CAST, self.wide[v], type=v.type)  # so that ids are looked at as indices alone

    def fits(self, found: tuple[int, int], v: Value) -> bool:
        least, greatest = T.limits(T.element_of(v.type))
        return least <= found[0] and found[1] <= greatest

    def index(self, v: Value) -> Value:
        if isinstance(v.constant, int):
            return self.b.constant(v.constant, T.index)
        return self.wide.get(v) or self.b.emit(arith.CAST, self.mapping[v], type=T.index)
