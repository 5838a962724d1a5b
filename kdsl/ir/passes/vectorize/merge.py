"""Neighbouring blocks as one, for kernels whose blocks walk an array with the stride of the grid.

One idea: block k reads elements k * n to k * n + n - 1, then those a grid further on; the blocks behind it read what lies
between. A worker that runs several neighbours side by side reads one long run of memory per trip, as a stream, where a block
alone takes a kilobyte of every 64 (a page, a row of memory and few sets of the caches each time). The neighbours become
the rows of a larger block along an axis of which blocks have one row: block_id(0) is that of the first plus the row, and what
the block shares has one more axis. How many they are is known when the code runs: `Function.attributes["merged"]` is
(that axis, the most), and `block_dim` along it is their number.

Each thread still does what it did, in the order it did it. Barriers are waited at by all: only where they stand in control
flow that is the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from math import prod

from ... import types as T
from ...analysis.accesses import is_argument
from ...analysis.axes import sees_lanes
from ...analysis.uniformity import BLOCK, uniformity
from ...analysis.uses import users
from ...builder import Builder, clone_op, like, rebuild_op
from ...core import Function, Op, Region, Value, inner_ops, walk
from ...ops import arith, memory, scf, simt
from .pool import Pool, padding, pools
from .runs import Place, Run, place_in, round_of, runs
from .tables import total_of

__all__ = ["MOST_LANES", "merged", "merged_axis", "waits"]

_MOST_BLOCKS = 32
_MOST_THREADS = 8192
MOST_LANES = 16  # of a subgroup, on any CPU
# What merged blocks keep in memory: shared arrays, and what the loop carries for each thread. It should stay in the nearer caches.
_MOST_BYTES = 64 << 10


def merged_axis(f: Function) -> int | None:
    """The axis along which blocks lie that run as one, if they do."""
    found = f.attributes.get("merged")
    return None if found is None else found[0]


def merged(f: Function, *, strided: int) -> Function:
    """`f` for several blocks at a time; `f` itself where that cannot be, or does not pay. strided: it does, as loops walk with the
    stride of the grid, with so many elements of each thread in a trip; else, if 0, where blocks share a table (see `pool`)."""
    block: tuple[int, int, int] | None = f.attributes.get("block")
    if block is None:
        return f
    axis = next((k for k in (1, 2) if prod(block[k:]) == 1), None)
    if axis is None or not _may_merge(f, block[0]):
        return f
    # What a subgroup tells its threads may hang on the block, which pools do not look for.
    pooled = {} if any(sees_lanes(op) for op in walk(f.body)) else pools(f, block)
    count = _count(f, block, pooled, max(strided, 1))
    if count < 2 or not (pooled or strided):
        return f
    out = _Merge(f, block, axis, count, pooled).run()
    return out if _meets(out) else f


def _count(f: Function, block: tuple[int, int, int], pooled: Collection[Value], parts: int) -> int:
    ops = list(walk(f.body))
    shared = sum([_bytes(op) for op in ops if op.defn is memory.ALLOC and op.results[0] not in pooled])
    carried = max([sum([T.element_of(r.type).size_bytes for r in op.results]) for op in ops if op.defn is scf.FOR], default=0)
    count = min(_MOST_BLOCKS, _MOST_BYTES // max(shared + carried * prod(block), 1), _MOST_THREADS // (prod(block) * parts))
    return 1 << count.bit_length() - 1 if count else 0


def _bytes(op: Op) -> int:
    t = op.results[0].type
    assert isinstance(t, T.ArrayType) and t.shape is not None
    return T.size_and_align(t.element)[0] * prod(t.shape) if t.space is T.Space.SHARED else 0


def _may_merge(f: Function, row: int) -> bool:
    """Whether nothing sees the block's place, subgroups that are no part of a row, or waits for what another block does."""
    for op in walk(f.body):
        if op.defn.tells or op.defn is simt.FENCE or (sees_lanes(op) and row % MOST_LANES):
            return False  # what tells something tells the block's place
        if waits(op):
            return False
    return True


def waits(op: Op) -> bool:
    """Whether a loop may wait for what other threads do."""
    return op.defn is scf.WHILE and any(_looks(inner) for inner in inner_ops(op))


def _looks(op: Op) -> bool:
    return bool(op.operands) and op.defn.reads and is_argument(op.operands[0])


def _meets(f: Function) -> bool:
    """Whether all that must be reached together is."""
    levels = uniformity(f)
    for op in walk(f.body):
        if op.regions and levels.control.get(op, BLOCK) > BLOCK:
            if any(inner.defn.convergent for inner in inner_ops(op)):
                return False
    return True


class _Merge:
    """The function built anew."""

    def __init__(self, f: Function, block: tuple[int, int, int], axis: int, count: int, pooled: Mapping[Value, Pool]) -> None:
        self.source = f
        self.out = like(f)
        self.out.attributes["merged"] = (axis, count)
        self.b = Builder(self.out.body, f.span)
        self.block = block
        self.axis = axis
        self.count = count
        self.map: dict[Value, Value] = dict(zip(f.params, self.out.params, strict=True))
        self.shared: set[Value] = set()
        self.pooled = pooled
        self.levels = uniformity(f)
        self.runs = runs(f, self.levels, block[0], pooled) if pooled and block[1:] == (1, 1) else {}
        self.places: dict[Op, Place] = {}  # of the loop of those that is being made
        self.counter: Value | None = None
        self.once = frozenset[Op]().union(*[pool.once for pool in pooled.values()])
        self.looks: set[Op] = set()  # loads of what all count in
        self.users = users(f) if pooled else {}
        for array in pooled:
            self.looks.update([op for op in self.users.get(array, ()) if op.defn is memory.LOAD])

    def run(self) -> Function:
        self.region(self.source.body)
        return self.out

    def region(self, region: Region) -> None:
        """One block empties and brings what all count in, with all that hangs on it, so that no other visits its threads for that:
        what lies between and hangs on nothing of it goes before."""
        alone: list[Op] = []
        made: set[Value] = set()
        for op in region.ops:
            if self.only_one_does(op, made):
                alone.append(op)
                made.update(op.results)
                continue
            if op.regions or op.defn.reads or not op.defn.pure or op.defn is scf.YIELD:
                self.flush(alone)
                alone, made = [], set()
            self.op(op)
        self.flush(alone)

    def only_one_does(self, op: Op, made: set[Value]) -> bool:
        """Whether an op stays undone in all blocks but one, where those ops are that made `made`."""
        if op.regions:
            if op.defn is scf.WHILE or (op.defn is scf.FOR and any(self.levels.of(v) > BLOCK for v in op.operands[:3])):
                return False  # what threads share out is a loop of the block (see `strides`)
            inside = [inner for part in op.regions for inner in walk(part)]
            return all(self.only_one_does(inner, made) or (inner.defn.pure and not inner.regions) for inner in inside)
        return op in self.once or op in self.looks or (op.defn.elementwise and any(v in made for v in op.operands))

    def flush(self, ops: list[Op]) -> None:
        if not ops:
            return
        inside = [inner for op in ops for inner in (op, *[x for part in op.regions for x in walk(part)])]
        users, own = [user for op in ops for v in op.results for user in self.users.get(v, ())], set(inside)
        if self.once.isdisjoint(own) or not own.issuperset(users):
            self.each(ops)
            return
        once, self.once = self.once, frozenset()
        self.by_one(lambda: self.each(ops))
        self.once = once

    def each(self, ops: list[Op]) -> None:
        for op in ops:
            self.op(op)

    def op(self, op: Op) -> None:
        with self.b.at(op.span):
            if op in self.once:
                self.by_one(lambda: self.plain(op))
            else:
                self.plain(op)

    def plain(self, op: Op) -> None:
        if op in self.places:
            assert self.counter is not None
            self.map[op.results[0]] = place_in(self.b, self.places[op], self.counter, self.block[0], self.axis, self.map)
        elif op in self.runs:
            self.in_step(op, self.runs[op])
        elif op.regions:
            rebuild_op(self.b, op, self.map, self.region)
        elif op.defn in (simt.THREAD_ID, simt.BLOCK_DIM, simt.BLOCK_ID, simt.GLOBAL_ID):
            self.map[op.results[0]] = self.place(op)
        elif op.defn is memory.ALLOC and _bytes(op):
            self.alloc(op)
        elif op.operands and op.operands[0] in self.pooled:
            self.pool_access(op, self.pooled[op.operands[0]])
        elif op.operands and op.operands[0] in self.shared:
            self.access(op)
        else:
            clone_op(self.b, op, self.map)

    def in_step(self, op: Op, run: Run) -> None:
        """A loop in whose rounds the threads take elements that lie side by side: a barrier keeps them together."""

        def body(region: Region) -> None:
            self.b.emit(simt.BARRIER)
            self.counter = self.map[region.args[0]]
            self.places = run.places
            self.region(region)
            self.places = {}

        if run.counted is None:
            rebuild_op(self.b, op, self.map, body)
        else:
            self.counted(op.regions[0], run, run.counted)

    def counted(self, region: Region, run: Run, place: Place) -> None:
        """The same for a loop that counts elements: of its rounds, each thread's element as long as there are any."""
        b = self.b
        count = self.index(run.rounds) if isinstance(run.rounds, int) else self.map[run.rounds]
        end = None if run.end is None else self.map[run.end]
        if end is not None:
            count = b.emit(arith.MINIMUM, count, round_of(b, place, end, self.block[0], self.axis, self.map))
        loop, some, none = Region((T.index,), ("round",)), Region(), Region()
        with b.inside(loop):
            b.emit(simt.BARRIER)
            element = place_in(b, place, loop.args[0], self.block[0], self.axis, self.map)
            element.name = region.args[0].name
            self.map[region.args[0]] = element
            self.counter, self.places = loop.args[0], run.places
            with b.inside(loop if end is None else some):
                self.region(region)
            self.places = {}
            if end is not None:
                with b.inside(none):
                    b.yield_()
                b.if_(b.emit(arith.LT, element, end), [], some, none)
                b.yield_()
        b.for_(self.index(0), count, self.index(1), [], loop)

    def named(self, op: Op, made: Op) -> None:
        for old, result in zip(op.results, made.results, strict=True):
            result.name = old.name
            self.map[old] = result

    def index(self, n: int) -> Value:
        return self.b.constant(n, T.index)

    def row(self) -> Value:
        """The number of a thread's block among those that run as one."""
        return self.b.emit(simt.THREAD_ID, axis=self.axis)

    def place(self, op: Op) -> Value:
        b, axis = self.b, op.attributes["axis"]
        if op.defn is simt.BLOCK_DIM:
            return self.index(self.block[axis])
        if op.defn is simt.THREAD_ID:
            return self.index(0) if self.block[axis] == 1 else b.emit(simt.THREAD_ID, axis=axis)
        number = b.emit(simt.BLOCK_ID, axis=axis)
        if axis == 0:
            number = b.emit(arith.ADD, number, self.row())
        if op.defn is simt.BLOCK_ID:
            return number
        if self.block[axis] == 1:
            return number
        first = b.emit(arith.MUL, number, self.index(self.block[axis]))
        return b.emit(arith.ADD, first, b.emit(simt.THREAD_ID, axis=axis))

    def alloc(self, op: Op) -> None:
        t = op.results[0].type
        assert isinstance(t, T.ArrayType) and t.shape is not None
        unit = None if t.unit_axis is None else t.unit_axis + 1
        pool, shape = self.pooled.get(op.results[0]), t.shape
        several = self.count if pool is None else pool.ways
        if pool is not None:
            shape = (*shape[:-1], shape[-1] + padding(shape, T.size_and_align(t.element)[0], pool.ways))
        wide = T.ArrayType(t.element, t.rank + 1, t.space, (several, *shape), unit)
        attributes = dict(op.attributes)
        if pool is not None:
            attributes["ways"] = pool.ways  # rows that stand for one table: what is counted may be in any
        made = self.b.emit(memory.ALLOC, type=wide, **attributes)
        made.name = op.results[0].name
        self.map[op.results[0]] = made
        self.shared.add(op.results[0])

    def access(self, op: Op) -> None:
        array, *rest = [self.map[v] for v in op.operands]
        attributes = dict(op.attributes)
        if op.defn is memory.EXTENT:
            attributes["axis"] += 1
            operands = [array]
        else:
            operands = [array, self.row(), *rest]
        self.named(op, self.b.emit_op(op.defn, operands, [r.type for r in op.results], attributes, ()))

    def by_one(self, make: Callable[[], None]) -> None:
        """What one block does in place of all."""
        self.b.when(self.b.emit(arith.EQ, self.row(), self.index(0)), make)

    def pool_access(self, op: Op, pool: Pool) -> None:
        """Of the tables that all blocks share: neighbouring threads update different ones, and what is in them counts together."""
        array, *rest = [self.map[v] for v in op.operands]
        types, b = [r.type for r in op.results], self.b

        def of(way: Value) -> Op:
            return b.emit_op(op.defn, [array, way, *rest], types, dict(op.attributes), ())

        if op.defn is memory.EXTENT:
            t = op.operands[0].type
            assert isinstance(t, T.ArrayType) and t.shape is not None
            self.map[op.results[0]] = self.index(t.shape[op.attributes["axis"]])
        elif op.defn is memory.STORE:
            for way in range(pool.ways):
                of(self.index(way))
        elif op.defn is memory.LOAD:
            self.map[op.results[0]] = total_of(b, pool.kind, [of(self.index(way)).results[0] for way in range(pool.ways)])
        else:
            first = self.index(pool.ways - 1)
            of(b.emit(arith.AND, b.emit(simt.THREAD_ID, axis=0), first) if pool.ways > 1 else first)
