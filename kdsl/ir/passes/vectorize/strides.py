"""Loops that the threads of a block share out: `for i in range(global_id(0), n, all_threads)`, all threads in step.

One idea: thread t takes base + t, base + t + step, ...; as a loop over base, the same for the block, in which every thread has
one element, the block reads a run of neighbours in each trip instead of one vector's worth from places far apart (the strides
are powers of two as a rule, so that those few lines would fall into the same sets of every cache). A barrier at the start of a
trip keeps the threads in step: it means nothing else here, as the loop is the same for all. What is left at the end is one
element for some of the threads, or a loop as it was.

Only for blocks of a known shape, and counters of ids and numbers that cannot wrap; where a loop begins somewhere else, that the
block's threads have in common, is looked at when it runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from typing import NamedTuple

from ... import types as T
from ...analysis.accesses import indices_of, is_argument, split_constant
from ...analysis.uniformity import BLOCK, uniformity
from ...builder import Builder, clone_op, clone_region, like, rebuild_op
from ...core import Function, Op, Region, Value, walk
from ...ops import arith, memory, scf, simt
from .fills import fill_of
from .merge import merged, merged_axis

__all__ = ["in_step"]

# A longer body has work enough without: its copy would cost more than the better order gains.
_MOST_OPS = 120
# Ops, and runs of memory, of all trips that are made one. The runs are powers of two apart as a rule, so that their lines fall
# into the same sets of a cache, which has eight ways: with eight runs, dot products take up to 1.3 times as long. Where what a
# sum's next trip reads is on its way into the second cache (see `ahead`), eight make it 1.2 times as fast.
_MOST_TOGETHER, _MOST_STREAMS, _MOST_AHEAD = 64, 4, 8
# Each carried value goes through memory once a trip where registers do not hold all threads'.
_MOST_CARRIED = 4
# How far ahead to prefetch: about the time that memory takes, from rough times of a thread's op, and of an atomic.
_MEMORY_NS, _OP_NS, _LANE_NS = 300.0, 0.02, 0.4
# Of a loop that begins anywhere: beyond, sums are not made; of fewer trips, what each costs in memory is more than what their order
# gains, as long as the data come from a cache.
_FAR, _MANY_TRIPS = 1 << 62, 24
_FURTHEST = 1 << 14  # that a trip looks behind its counter
_NEAR = 1 << 59  # of what lies between, vectors know that it wraps nowhere


def in_step(f: Function, *, ahead: bool = False) -> Function:
    """`f` with the loops that its threads share out as loops of the block; `f` itself when it has none.

    ahead: whether the second cache has room for what several trips of merged blocks read, twice.
    """
    block = f.attributes.get("block")
    if block is None:
        return f
    found = [_strides_by_the_grid(op, block) for op in walk(f.body) if op.defn is scf.FOR]
    strided = max([parts for parts in found if parts == 1 or ahead], default=0)
    several = merged(f, strided=strided)
    if merged_axis(several) is not None:
        made = _rewritten(several, block, ahead) or (None if strided else several)
        if made is not None:
            return made
    shares = any(op.defn is scf.FOR and _is_own(op.operands[0]) for op in walk(f.body))
    return (_rewritten(f, block, False) if shares else None) or f


def _rewritten(f: Function, block: tuple[int, int, int], ahead: bool) -> Function | None:
    work = _Rewrite(f, block, ahead)
    work.region(f.body)
    return work.out if work.changed else None


def _strides_by_the_grid(op: Op, block: tuple[int, int, int]) -> int:
    """How many elements a thread takes in a trip, if neighbouring blocks start side by side, and go on far from there, or 0."""
    start = _form(op.operands[0], block)
    if start is None or not any(start.steps):
        return 0
    apart = sum([n for axis, n in start.terms if axis == 0])
    reach = sum([s * (n - 1) for s, n in zip(start.steps, block, strict=True)])
    parts = _parts(op.regions[0], block[0]) if reach + 1 == block[0] < apart else 1
    far = _has_grid(op.operands[2]) or (_least(op.operands[2]) or 0) > apart
    return max(parts, 1) if far and 0 < apart <= parts * (reach + 1) else 0


class _Form(NamedTuple):
    """The sum of `terms` and of steps[k] * thread_id(k); a term (k, n) is block_id(k) * n, (None, n) the number n. And of `values`,
    which are the same for the block and may be anything."""

    terms: tuple[tuple[int | None, int], ...]
    steps: tuple[int, int, int]
    values: tuple[Value, ...] = ()


class _Turn(NamedTuple):
    """What lies in the rows of merged blocks: they are no less than 1 << bits, and each has `parts` of the block's length, all of
    which a trip reads."""

    bits: Value
    parts: int


class _Rewrite:
    """The function built anew; inside control flow that is the same for the block, loops may become the block's."""

    def __init__(self, f: Function, block: tuple[int, int, int], ahead: bool) -> None:
        self.out = like(f)
        self.b = Builder(self.out.body, f.span)
        self.block = block
        self.ahead = ahead
        self.axis = merged_axis(f)
        self.levels = uniformity(f)
        self.map: dict[Value, Value] = dict(zip(f.params, self.out.params, strict=True))
        self.changed = False

    def region(self, region: Region) -> None:
        for op in region.ops:
            with self.b.at(op.span):
                self.op(op)

    def op(self, op: Op) -> None:
        start = self.shared_out(op) if op.defn is scf.FOR and fill_of(op, self.block, self.levels) is None else None
        if start is not None:
            self.changed = True
            self.loop(op, start)
        elif op.regions and self.levels.control.get(op) == BLOCK:
            rebuild_op(self.b, op, self.map, self.region)
        else:
            clone_op(self.b, op, self.map)

    def shared_out(self, op: Op) -> _Form | None:
        """Where the counter starts, if the loop is one that threads share out."""
        lo, hi, step = op.operands[:3]
        start = self.form(lo)
        if start is None or not any(start.steps) or self.levels.of(hi) != BLOCK or _least(step) is None:
            return None
        inside = list(walk(op.regions[0]))
        if len(inside) > _MOST_OPS or any(inner.defn.convergent for inner in inside):
            return None
        return start if len(op.results) <= _MOST_CARRIED else None

    def form(self, v: Value) -> _Form | None:
        """As `_form`, with what all threads of the block have alike: `range(first + thread_id(0), end, threads)` goes along what
        the block has for itself."""
        found, op = _form(v, self.block), v.op
        if found is not None:
            return found
        if self.levels.of(v) == BLOCK:
            return _Form((), (0, 0, 0), (v,))
        a, c = map(self.form, op.operands) if op is not None and op.defn is arith.ADD else (None, None)
        if a is None or c is None:
            return None
        return _Form(a.terms + c.terms, _triple([s + t for s, t in zip(a.steps, c.steps, strict=True)]), a.values + c.values)

    def index(self, n: int) -> Value:
        return self.b.constant(n, T.index)

    def sum_of(self, start: _Form) -> tuple[Value, Value]:
        """What the block shares of the counter's start, and what each thread adds."""
        b, shared, own = self.b, self.index(sum([n for axis, n in start.terms if axis is None])), self.index(0)
        for axis, n in start.terms:
            if axis is not None:
                shared = b.emit(arith.ADD, shared, self.times(b.emit(simt.BLOCK_ID, axis=axis), n))
        for value in start.values:
            shared = b.emit(arith.ADD, shared, self.map[value])
        for axis, step in enumerate(start.steps):
            if step:
                own = b.emit(arith.ADD, own, self.times(b.emit(simt.THREAD_ID, axis=axis), step))
        return shared, own

    def times(self, v: Value, n: int) -> Value:
        return v if n == 1 else self.b.emit(arith.MUL, v, self.index(n))

    def loop(self, op: Op, start: _Form) -> None:
        b = self.b
        hi, step, *init = [self.map[v] for v in op.operands[1:]]
        first, own = self.sum_of(start)
        first, hi, is_near = self.near(op, first, hi) if start.values else (first, hi, True)
        sure, further = _sure(op)
        reach = sum([s * (n - 1) for s, n in zip(start.steps, self.block, strict=True)]) + further
        # While the last thread is inside, with what it looks at, all are. Below `first` nobody is, and the difference cannot
        # wrap above it.
        stop = b.emit(arith.SUB, b.emit(arith.MAXIMUM, hi, first), self.index(reach))
        if self.axis is not None:
            others = b.emit(arith.SUB, b.emit(simt.BLOCK_DIM, axis=self.axis), self.index(1))
            stop = b.emit(arith.SUB, stop, self.times(others, start.steps[self.axis]))
        alone = self.goes_alone(first, hi, step, is_near=is_near) if start.values else None
        if alone is not None:
            stop = b.emit(arith.SELECT, alone, first, stop)
        source = op.regions[0]
        after, now = first, init
        parts = _parts(source, self.block[0])
        ahead = self.ahead and self.axis is not None and parts > 0 and start.steps[self.axis] == parts * self.block[0]
        several = _trips_together(op, _MOST_AHEAD if ahead else _MOST_STREAMS)
        if self.axis is None and step.constant == reach + 1 and not _is_short(op):
            several = 1  # trip after trip in the order in which it lies in memory, which processors foresee
        if several > 1:
            far = b.emit(arith.MUL, step, self.index(several - 1))
            after, *now = self.trips(source, after, b.emit(arith.SUB, stop, far), own, step, now, several, sure,
                                     _Turn(self.bits_of_rows(), parts) if ahead else None)  # fmt: skip
        after, *now = self.trips(source, after, stop, own, step, now, 1, sure)
        is_one = self.axis is None or not start.steps[self.axis]
        if is_one and first.constant is not None and hi.constant is not None and step.constant is not None:
            trips = max(-(-(max(hi.constant, first.constant) - reach - first.constant) // step.constant), 0)
            after = self.index(first.constant + trips * step.constant)
        if alone is None:
            once = self.goes_past(op.operands[2], start, reach)
            self.map.update(zip(op.results, self.rest(op, after, own, hi, step, now, once), strict=True))
            return
        if is_near:  # what the loop gave has no range by itself
            after = self.limited(after)
        some, none = Region(), Region()
        with b.inside(some):
            b.yield_(*self.rest(op, after, own, hi, step, now, False))
        with b.inside(none):
            b.yield_(*now)
        left = b.emit(arith.OR, alone, b.emit(arith.LT, after, hi))
        self.map.update(zip(op.results, b.if_(left, [v.type for v in now], some, none).results, strict=True))

    def near(self, op: Op, first: Value, hi: Value) -> tuple[Value, Value, bool]:
        """A loop's ends, and whether no sum near them wraps: that they are so near is known, or they are limited to it. They may be
        where each trip accesses an argument at its counter, as no argument reaches that far."""
        known = all(self.is_near(v) for v in op.operands[:2])
        if known or _accesses_its_counter(op.regions[0]):
            return (first, hi, True) if known else (self.limited(first), self.limited(hi), True)
        return first, hi, False

    def is_near(self, v: Value) -> bool:
        least, greatest = self.levels.range_of(v)
        return least >= -_NEAR and greatest <= _NEAR

    def limited(self, v: Value) -> Value:
        b = self.b
        return b.emit(arith.MINIMUM, b.emit(arith.MAXIMUM, v, self.index(-_NEAR)), self.index(_NEAR))

    def goes_alone(self, first: Value, hi: Value, step: Value, *, is_near: bool) -> Value:
        """Whether each thread goes through all of its loop alone: where a sum near `first` might wrap, or trips are few."""
        b = self.b
        few = b.emit(arith.LT, b.emit(arith.SUB, hi, first), b.emit(arith.MUL, step, self.index(_MANY_TRIPS)))
        if is_near:
            return few
        wraps = b.emit(arith.OR, b.emit(arith.LT, first, self.index(-_FAR)), b.emit(arith.GT, first, self.index(_FAR)))
        return b.emit(arith.OR, wraps, few)

    def trips(self, source: Region, first: Value, stop: Value, own: Value, step: Value, init: list[Value],
              several: int, sure: Sequence[Value], turn: _Turn | None = None) -> tuple[Value, ...]:  # fmt: skip
        """The block's loop from `first` on, each trip of it `several` of the source's: where it ended, and what it carries."""
        b = self.b
        body = Region((T.index, T.index, *[v.type for v in init]), (source.args[0].name, "", *[a.name for a in source.args[1:]]))
        with b.inside(body):
            base, _, *carried = body.args
            b.emit(simt.BARRIER)
            if turn is not None:
                b.when(b.emit(simt.LOOKS_AHEAD), partial(self.prefetch_in_turn, source, base, own, step, several, turn))
            for _ in range(several):
                counter = b.emit(arith.ADD, base, own)
                if several == 1 and step.constant is None and (self.axis is None or _streams(source) == 1):
                    self.prefetch(source, counter, step)
                carried = self.trip(source, counter, carried, sure)
                base = b.emit(arith.ADD, base, step)
            b.yield_(base, *carried)
        by = b.emit(arith.MUL, step, self.index(several)) if several > 1 else step
        return b.for_(first, stop, by, [first, *init], body).results

    def prefetch(self, source: Region, counter: Value, step: Value) -> None:
        """Ask for what some later trip reads: with other blocks' elements between, processors do not see it coming."""
        b = self.b
        ops = source.ops[:-1]
        trip_ns = sum([_LANE_NS if op.defn.name.startswith("atomic.") else _OP_NS for op in ops]) * prod(self.block)
        trip_ns *= self.out.attributes["merged"][1] if self.axis is not None else 1
        far = b.emit(arith.MUL, step, self.index(max(round(_MEMORY_NS / trip_ns), 1)))
        self.ask_for(source, b.emit(arith.ADD, counter, far), near=True)

    def bits_of_rows(self) -> Value:
        """How often the rows of a merged block can be halved."""
        b, most, bits = self.b, self.out.attributes["merged"][1], self.index(0)
        rows = b.emit(simt.BLOCK_DIM, axis=self.axis)
        for k in range(1, most.bit_length()):
            bits = b.emit(arith.SELECT, b.emit(arith.GE, rows, self.index(1 << k)), self.index(k), bits)
        return bits

    def prefetch_in_turn(self, source: Region, base: Value, own: Value, step: Value, several: int, turn: _Turn) -> None:
        """Ask for what the next trip reads, in the order in which it lies in memory and not in that in which it is read: the rows
        of a trip of merged blocks are parts of `several` long runs, and processors foresee one run better than many. Of a run of
        no power of two of rows, those behind it are not asked for."""
        b, axis = self.b, self.axis
        assert axis is not None
        counter = b.emit(arith.ADD, base, own)
        row, lines = b.emit(simt.THREAD_ID, axis=axis), several * turn.parts
        place = b.emit(arith.MUL, row, self.index(several))
        run = b.emit(arith.SHR, place, turn.bits)
        before = b.emit(arith.SHL, run, turn.bits)
        trips = b.emit(arith.MUL, b.emit(arith.ADD, run, self.index(several)), step)
        across = self.times(b.emit(arith.SUB, b.emit(arith.SUB, place, before), row), turn.parts * self.block[0])
        first = b.emit(arith.ADD, b.emit(arith.ADD, counter, trips), across)
        for k in range(lines):
            self.ask_for(source, b.emit(arith.ADD, first, self.index(k * self.block[0])), near=False)

    def ask_for(self, source: Region, counter: Value, *, near: bool) -> None:
        """Prefetch what a round reads that begins with that counter. near: into the nearest cache."""
        b, inner = self.b, {**self.map, source.args[0]: counter}
        for op in source.ops[:-1]:
            depends = any(v in inner and v not in self.map for v in op.operands)
            if op.defn is memory.LOAD and depends and is_argument(op.operands[0]):
                known = [inner.get(v) for v in op.operands]
                if None not in known:
                    b.emit(memory.PREFETCH, *[v for v in known if v is not None], near=near)
            elif op.defn.elementwise and len(op.results) == 1 and all(v in inner for v in op.operands):
                clone_op(b, op, inner)

    def trip(self, source: Region, counter: Value, carried: list[Value], sure: Sequence[Value] = ()) -> list[Value]:
        """sure: conditions that hold for all threads."""
        inner = dict(self.map)
        inner.update(zip(source.args, [counter, *carried], strict=True))
        for op in source.ops[:-1]:
            if op.results and op.results[0] in sure:
                inner[op.results[0]] = self.b.constant(True, T.bool_)
                continue
            clone_op(self.b, op, inner)
        return [inner.get(v, v) for v in source.yielded]

    def goes_past(self, step: Value, start: _Form, reach: int) -> bool:
        """Whether a step goes past all threads. Merged blocks are no more than the grid has, nor than the most."""
        least = _least(step) or 0
        if self.axis is None:
            return least >= reach
        apart, most = start.steps[self.axis], self.out.attributes["merged"][1]
        return least >= (max(reach, apart) if _has_grid(step) else reach + apart * (most - 1))

    def rest(self, op: Op, after: Value, own: Value, hi: Value, step: Value, now: list[Value], once: bool) -> tuple[Value, ...]:
        """What single threads have left: one trip at most, where a step goes past all threads."""
        b, source = self.b, op.regions[0]
        if after.constant is not None and hi.constant is not None and after.constant >= hi.constant:
            return tuple(now)
        i = b.emit(arith.ADD, after, own)
        if not once:
            return b.for_(i, hi, step, now, clone_region(b, source, dict(self.map))).results
        some, none = Region(), Region()
        with b.inside(some):
            b.yield_(*self.trip(source, i, now))
        with b.inside(none):
            b.yield_(*now)
        return b.if_(b.emit(arith.LT, i, hi), [v.type for v in now], some, none).results


def _sure(op: Op) -> tuple[list[Value], int]:
    """Conditions of a loop that hold for a trip's counter where the counter and a number, the second that is given, are below the
    loop's end: `if i + 256 < n` of a loop over i to n."""
    body, found, furthest = op.regions[0], list[Value](), 0
    for inner in body.ops:
        if inner.defn not in (arith.LT, arith.GT):
            continue
        less, more = inner.operands if inner.defn is arith.LT else inner.operands[::-1]
        counter, n = split_constant(less)
        if counter is body.args[0] and more is op.operands[1] and 0 <= n <= _FURTHEST:
            found.append(inner.results[0])
            furthest = max(furthest, n)
    return found, furthest


def _parts(body: Region, length: int) -> int:
    """How many elements of an array a trip reads, which are all that it reads: at its counter, a block's length behind it, two
    lengths and so on. (Of two arrays there are two runs in any order, and a dot product on two threads takes 1.0 to 1.1 times as
    long.)"""
    found = {(op.operands[0], *split_constant(op.operands[-1])) for op in _loads(body) if len(op.operands) == 2}
    numbers = sorted([n for _, _, n in found])
    along = len({array for array, _, _ in found}) == 1 and all(base is body.args[0] for _, base, _ in found)
    return len(numbers) if along and len(found) == len(_loads(body)) and numbers == [k * length for k in range(len(numbers))] else 0


def _accesses_its_counter(body: Region) -> bool:
    """Whether each trip loads or stores an argument's element at its counter."""
    accesses = [op for op in body.ops if op.defn in (memory.LOAD, memory.STORE) and is_argument(op.operands[0])]
    return any(body.args[0] in indices_of(op) for op in accesses)


def _is_short(op: Op) -> bool:
    """Whether a loop that begins at a thread's number, or somewhat behind, has few rounds, as it ends and steps by numbers."""
    hi, step = op.operands[1].constant, op.operands[2].constant
    return isinstance(hi, int) and isinstance(step, int) and hi < _MANY_TRIPS * step


def _trips_together(op: Op, most_streams: int) -> int:
    """How many trips to make one. What a loop carries goes through memory once for all of them."""
    body = op.regions[0]
    if not op.results or not _is_small(op.operands[2]):
        return 1
    inside, streams = len(list(walk(body))), max(_streams(body), 1)
    return next((n for n in (8, 4, 2) if n * inside <= _MOST_TOGETHER and n * streams <= most_streams), 1)


def _is_small(step: Value) -> bool:
    """Whether a few steps cannot wrap: a number, or one with a count of the grid's blocks, which has 31 bits."""
    return _bits(step) <= 58


def _bits(step: Value) -> int:
    n, op = step.constant, step.op
    if isinstance(n, int):
        return n.bit_length()
    if op is None or not op.operands:
        return 31
    a, b = op.operands
    return _bits(a) + (b.constant or 0 if op.defn is arith.SHL else _bits(b))


def _streams(body: Region) -> int:
    """Runs of memory that a trip reads. Those of merged blocks are long: asking for several ahead costs more than it saves."""
    return len(_loads(body))


def _loads(body: Region) -> list[Op]:
    return [op for op in walk(body) if op.defn is memory.LOAD and is_argument(op.operands[0])]


def _is_own(v: Value) -> bool:
    return v.op is not None and not v.op.regions and v.constant is None


def _least(step: Value) -> int | None:
    """At least how large a step is that is a product of launch facts and positive numbers; None for another."""
    n = step.constant
    if isinstance(n, int):
        return n if n > 0 else None
    op = step.op
    if op is None or not op.operands:
        return 1 if op is not None and op.defn is simt.GRID_DIM else None
    a, n = _least(op.operands[0]), op.operands[-1].constant
    if a is None:
        return None
    if op.defn is arith.SHL:
        return a << n if isinstance(n, int) and 0 <= n < 16 else None
    c = _least(op.operands[1]) if op.defn is arith.MUL else None
    return a * c if c is not None else None


def _has_grid(step: Value) -> bool:
    """Whether such a step is a multiple of the grid's blocks along axis 0."""
    op = step.op
    if op is None:
        return False
    if op.defn is simt.GRID_DIM:
        return op.attributes["axis"] == 0
    if op.defn is arith.MUL:
        return any(_has_grid(v) for v in op.operands)
    return op.defn is arith.SHL and _has_grid(op.operands[0])


def _form(v: Value, block: tuple[int, int, int]) -> _Form | None:
    """A sum of ids and small numbers, which cannot wrap."""
    if isinstance(v.constant, int):
        return _Form(((None, v.constant),), (0, 0, 0)) if 0 <= v.constant < 1 << 31 else None
    op = v.op
    if op is None:
        return None
    if not op.operands:
        axis: int = op.attributes.get("axis", 0)
        threads = (int(axis == 0), int(axis == 1), int(axis == 2))
        forms = {
            simt.THREAD_ID: lambda: _Form((), threads),
            simt.BLOCK_ID: lambda: _Form(((axis, 1),), (0, 0, 0)),
            simt.GLOBAL_ID: lambda: _Form(((axis, block[axis]),), threads),
        }
        return forms[op.defn]() if op.defn in forms else None
    a, n = _form(op.operands[0], block), op.operands[-1].constant
    if a is None:
        return None
    if op.defn is arith.ADD:
        c = _form(op.operands[1], block)
        return None if c is None else _Form(a.terms + c.terms, _triple([s + t for s, t in zip(a.steps, c.steps, strict=True)]))
    if op.defn not in (arith.MUL, arith.SHL) or not isinstance(n, int) or not 0 <= n < (1 << 15 if op.defn is arith.MUL else 16):
        return None
    if op.defn is arith.SHL:
        n = 1 << n
    return _Form(tuple([(axis, k * n) for axis, k in a.terms]), _triple([s * n for s in a.steps]))


def _triple(values: list[int]) -> tuple[int, int, int]:
    x, y, z = values
    return x, y, z
