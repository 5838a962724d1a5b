"""Rounds in which each thread of blocks that count in common tables takes its own elements: `for k in range(16): j = i * 16 + k`.

One idea: nobody can tell which thread counted what, so in round k the threads may take other elements than they are written to
take, as long as each is taken once: those that lie side by side, from the first of the blocks that run as one to the last. Then a
round reads one run of memory, where lanes would be as far apart as a thread has elements, and a guard such as `j < n` is the same
for almost all vectors.

What must hold: what the loop does hangs on the thread's number, the block's and the round's by a sum of theirs alone that meets
each element once, `(b * T + t) * N + k` or `b * T * N + k * T + t` with N rounds and blocks of T threads; it updates tables in
common and does nothing else, and loads what no thread changes before the next barrier.

The counter may be the element itself, from a thread's first to the next one's: `for j in range(i * N, min(i * N + N, n))`. Rounds
are counted from 0 then, and each asks for n.

Where N is an argument, so are factors in these sums: `(b * T + t) * n + k` has `n` times T and `n` times 1. `analysis/forms` has
numbers there and takes minima and remainders apart, of which nothing is asked here.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from ... import types as T
from ...analysis.accesses import is_argument
from ...analysis.uniformity import BLOCK, Uniformity
from ...builder import Builder
from ...core import Function, Op, Value, walk
from ...ops import arith, memory, scf, simt
from .pool import Facts

__all__ = ["Place", "Run", "place_in", "round_of", "runs"]

_THREAD, _BLOCK, _ROUND, _REST = "thread", "block", "round", "rest"
_ALIKE = (simt.GRID_DIM, simt.BLOCK_DIM, memory.EXTENT)
# A sum of products: (what, a factor that is the same for all threads, or None) to how many times. Of _REST the factor is all.
_Sum = dict[tuple[str, Value | None], int]
# How far elements that follow one another are apart, and what else is added.
Place = tuple[int, _Sum]


class Run(NamedTuple):
    """A loop that is shared out. places: by op of it that gives such a sum. counted: that of the counter, where it is the element;
    rounds: how many there are then; end: where elements end, at the latest."""

    places: dict[Op, Place]
    counted: Place | None = None
    rounds: Value | int = 0
    end: Value | None = None


def runs(f: Function, levels: Uniformity, threads: int, pooled: Collection[Value]) -> dict[Op, Run]:
    """By loop, those whose rounds may be shared out so. threads: of a block, all along axis 0. pooled: the tables in common."""
    loops = [op for op in walk(f.body) if op.defn is scf.FOR and not op.results]
    loops = [op for op in loops if any(o.defn.name.startswith("atomic.") for o in walk(op.regions[0]))]
    if not loops:
        return {}
    facts = Facts(f)
    found = {}
    for op in loops:
        if op not in facts.apart:
            run = _Loop(facts, levels, threads, op).run(pooled)
            if run is not None:
                found[op] = run
    return found


def place_in(b: Builder, place: Place, counter: Value, threads: int, axis: int, known: dict[Value, Value]) -> Value:
    """The element of a thread in a round, where blocks of so many threads are rows of one along `axis`. known: values of before."""
    step, _ = place
    at = _times(b, b.emit(arith.MUL, counter, b.emit(simt.BLOCK_DIM, axis=axis)), threads * step)
    at = _with_rest(b, at, place, known)
    at = b.emit(arith.ADD, at, _times(b, b.emit(simt.THREAD_ID, axis=axis), threads * step))
    return b.emit(arith.ADD, at, _times(b, b.emit(simt.THREAD_ID, axis=0), step))


def round_of(b: Builder, place: Place, end: Value, threads: int, axis: int, known: dict[Value, Value]) -> Value:
    """The first round in which all elements are beyond the end."""
    first = _with_rest(b, b.constant(0, T.index), place, known)
    each = _times(b, b.emit(simt.BLOCK_DIM, axis=axis), threads)
    left = b.emit(arith.MAXIMUM, b.emit(arith.SUB, end, first), b.constant(0, T.index))
    up = b.emit(arith.ADD, left, b.emit(arith.SUB, each, b.constant(1, T.index)))
    return b.emit(arith.FLOORDIV, up, each)


def _times(b: Builder, v: Value, n: int) -> Value:
    return b.emit(arith.MUL, v, b.constant(n, T.index))


def _with_rest(b: Builder, at: Value, place: Place, known: dict[Value, Value]) -> Value:
    """With what threads and rounds have alike of a place."""
    for (what, factor), n in place[1].items():
        v = b.emit(simt.BLOCK_ID, axis=0) if what == _BLOCK else b.constant(1, T.index)
        at = b.emit(arith.ADD, at, _times(b, v if factor is None else b.emit(arith.MUL, v, known[factor]), n))
    return at


class _Loop:
    """One loop that might be shared out."""

    def __init__(self, facts: Facts, levels: Uniformity, threads: int, op: Op) -> None:
        self.facts = facts
        self.levels = levels
        self.threads = threads
        self.op = op
        self.body = op.regions[0]
        self.inside = list(walk(self.body))
        self.own = {*self.body.args}  # values that the loop makes
        for inner in self.inside:
            self.own.update(inner.results)
            for part in inner.regions:
                self.own.update(part.args)
        self.sums: dict[Value, _Sum | None] = {}

    def run(self, pooled: Collection[Value]) -> Run | None:
        """Where the loop's elements are, if nothing else of it hangs on the thread, the block or the round."""
        lo, hi, step = self.op.operands
        if step.constant != 1 or not self.keeps_memory(pooled):
            return None
        counter = self.body.args[0]
        self.sums[counter] = {(_ROUND, None): 1}
        if lo.constant == 0 and self.is_alike(hi):
            places = self.places(hi.constant if isinstance(hi.constant, int) else hi, {counter})
            return Run(places) if places else None
        first, last, end = self.sum_of(lo), *self.bounds(hi)
        reach = None if first is None or last is None else _added(last, first, -1)
        if first is None or reach is None or len(reach) != 1:
            return None
        ((what, factor), n), = reach.items()
        if what != _REST or (factor is not None and n != 1):
            return None
        self.sums[counter] = _added(first, {(_ROUND, None): 1}, 1)
        rounds = n if factor is None else factor
        counted = self.place(counter, rounds)
        places = None if counted is None else self.places(rounds, set())
        return None if places is None else Run(places, counted, rounds, end)

    def bounds(self, hi: Value) -> tuple[_Sum | None, Value | None]:
        """(where the next thread begins, where elements end at the latest)."""
        if hi.op is None or hi.op.defn is not arith.MINIMUM:
            return self.sum_of(hi), None
        for v, end in (hi.op.operands, hi.op.operands[::-1]):
            if self.is_alike(end) and not self.is_alike(v):
                return self.sum_of(v), end
        return None, None

    def places(self, rounds: Value | int, raw: set[Value]) -> dict[Op, Place] | None:
        """raw: values that hang on the thread, the block or the round otherwise, for which there is no other element."""
        found: dict[Op, Place] = {}
        for op in self.inside:
            place = self.place(op.results[0], rounds) if op.defn.elementwise else None
            if place is not None:
                found[op] = place
                continue
            is_id = op.defn.name.startswith("simt.") and op.defn not in _ALIKE
            if is_id or any(v in raw or not self.is_known(v) for v in op.operands):
                if not (is_id or op.defn.elementwise):
                    return None
                raw.update(op.results)
        return found

    def is_alike(self, v: Value) -> bool:
        """Whether a value from before the loop is the same for all threads of all blocks."""
        return v.constant is not None or (v not in self.own and self.levels.of(v) == BLOCK and v not in self.facts.own)

    def is_known(self, v: Value) -> bool:
        return v in self.own or isinstance(v.type, T.ArrayType) or self.is_alike(v)

    def keeps_memory(self, pooled: Collection[Value]) -> bool:
        """Whether the loop updates tables in common and no more, and nothing that it loads is changed before the next barrier."""
        loads = False
        for op in self.inside:
            if op.defn is memory.LOAD:
                loads = True
                if not is_argument(op.operands[0]):
                    return False
            elif op.defn.name.startswith("atomic."):
                if op.operands[0] not in pooled:
                    return False
            elif op.defn is not memory.EXTENT and (op.defn.reads or not op.defn.pure):
                return False
        return not loads or not any(op.defn.writes and is_argument(op.operands[0]) for op in self.facts.beside(self.op))

    def place(self, v: Value, rounds: Value | int) -> Place | None:
        found = self.sum_of(v)
        if found is None:
            return None
        count, times = (None, rounds) if isinstance(rounds, int) else (rounds, 1)
        moving = {key: n for key, n in found.items() if key[0] in (_THREAD, _ROUND)}
        for step, own, by_round in ((moving.get((_ROUND, None)), count, 1), (moving.get((_THREAD, None)), None, self.threads)):
            if step is None or step <= 0 or found.get((_BLOCK, count)) != self.threads * times * step:
                continue
            thread = times * step if by_round == 1 else step
            if moving == {(_THREAD, own): thread, (_ROUND, None): by_round * step}:
                rest = {key: n for key, n in found.items() if key not in moving}
                return (step, rest) if all(key == (_BLOCK, count) or key[0] == _REST for key in rest) else None
        return None

    def sum_of(self, v: Value) -> _Sum | None:
        if v not in self.sums:
            self.sums[v] = self.made(v)
        return self.sums[v]

    def made(self, v: Value) -> _Sum | None:
        if v.type is not T.index:
            return None
        if isinstance(v.constant, int):
            return {(_REST, None): v.constant}
        if self.is_alike(v):
            return {(_REST, v): 1}
        op = v.op
        if op is None:
            return None
        if op.defn in (simt.THREAD_ID, simt.BLOCK_ID, simt.GLOBAL_ID) and op.attributes["axis"] == 0:
            thread: _Sum = {} if op.defn is simt.BLOCK_ID else {(_THREAD, None): 1}
            block = 0 if op.defn is simt.THREAD_ID else 1 if op.defn is simt.BLOCK_ID else self.threads
            return thread | ({(_BLOCK, None): block} if block else {})
        if op.defn not in (arith.ADD, arith.SUB, arith.MUL, arith.SHL):
            return None
        x, y = op.operands
        if op.defn is arith.SHL:
            n = y.constant
            return _scaled(self.sum_of(x), 1 << n) if isinstance(n, int) and 0 <= n < 32 else None
        if op.defn is arith.MUL:
            return self.product(x, y) or self.product(y, x)
        return _added(self.sum_of(x), self.sum_of(y), -1 if op.defn is arith.SUB else 1)

    def product(self, x: Value, y: Value) -> _Sum | None:
        if isinstance(y.constant, int):
            return _scaled(self.sum_of(x), y.constant)
        found = self.sum_of(x) if self.is_alike(y) else None
        return None if found is None or any(key[1] for key in found) else {(what, y): n for (what, _), n in found.items()}


def _scaled(found: _Sum | None, n: int) -> _Sum | None:
    return None if found is None else {key: n * times for key, times in found.items()}


def _added(a: _Sum | None, c: _Sum | None, sign: int) -> _Sum | None:
    if a is None or c is None:
        return None
    both = {key: a.get(key, 0) + sign * c.get(key, 0) for key in {**a, **c}}
    return {key: n for key, n in both.items() if n}
