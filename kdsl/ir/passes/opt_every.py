"""Every second thread: where those take part between barriers, the first half of all does their work, side by side.

One idea: `if t % 2 == r % 2: ...` around an exchange of s[t] and s[t + 1] is half of all lanes under a mask, and each vector's
stores lie across the next one's loads. Which thread does what between two barriers nobody can tell, as long as it is the same work:
thread k may do that of thread 2 * k + r % 2. All lanes are on then, and pairs of neighbours are whole vectors and shuffles.

That may be where the work knows of its thread only which one it is, and keeps nothing for later. Barriers before it and behind it
see to it that other threads find what it has stored, and it what they have.
"""

from __future__ import annotations

from typing import NamedTuple

from .. import types as T
from ..analysis.forms import Form, Forms, known
from ..analysis.uniformity import BLOCK, Uniformity, uniformity
from ..builder import Rebuilder, clone_region
from ..core import Function, Op, Region, Value, joined_by, walk
from ..ops import arith, memory, scf, simt

__all__ = ["opt_every"]

_EACH = 2  # every second
_LEAST = 16  # threads that take part: fewer go one by one as well
_IDS = (simt.THREAD_ID, simt.GLOBAL_ID)
_THREAD = known(("thread", 0))


class _Half(NamedTuple):
    """Which threads take part: 2 * k + `which`, where the rest of the condition holds. limits: (c, n) for thread + c < n."""

    which: Value | int
    limits: tuple[tuple[int, Value], ...]
    rest: tuple[Value, ...]


def opt_every(f: Function) -> Function:
    """An equal function; `f` itself where there is nothing of the kind."""
    block = f.attributes.get("block")
    if block is None or block[0] % _EACH or block[0] < _LEAST * _EACH or f.debug or f.sites:
        return f
    if not any(op.defn is simt.BARRIER for op in walk(f.body)) or any(op.defn.convergent and op.defn is not simt.BARRIER
                                                                      for op in walk(f.body)):  # fmt: skip
        return f
    found = _Search(f).found
    return _Halved(f, found).new if found else f


class _Search:
    """found: by branch, which threads take it."""

    def __init__(self, f: Function) -> None:
        self.levels: Uniformity = uniformity(f)
        self.forms = Forms(f)
        self.found: dict[Op, _Half] = {}
        self.region(f.body)

    def region(self, region: Region) -> None:
        """Where all threads of a block come by."""
        for op in region.ops:
            if op.defn is scf.IF and (half := self.half(op)) is not None:
                self.found[op] = half
            elif any(inner.defn is simt.BARRIER for part in op.regions for inner in walk(part)):
                for part in op.regions:
                    self.region(part)

    def half(self, op: Op) -> _Half | None:
        parts = list(joined_by(op.operands[0], arith.AND))
        which = next(((k, found) for k, v in enumerate(parts) if (found := self.which(v)) is not None), None)
        yes, no = op.regions
        if which is None or op.results or len(no.ops) > 1 or not self.is_dense(yes):
            return None
        others = [v for k, v in enumerate(parts) if k != which[0]]
        limits = [found for v in others if (found := self.limit(v)) is not None]
        rest = [v for v in others if self.limit(v) is None]
        ops = list(walk(yes))
        own = {v for inner in ops for v in [*inner.results, *[a for part in inner.regions for a in part.args]]}
        given = [v for inner in ops for v in inner.operands if v not in own]
        barred = lambda d: d.orders or d.convergent or d.varying or d is memory.ALLOC  # noqa: E731
        is_free = not any(barred(inner.defn) for inner in ops)
        return _Half(which[1], tuple(limits), tuple(rest)) if is_free and all(map(self.is_made_again, [*rest, *given])) else None

    def which(self, v: Value) -> Value | int | None:
        """Of the condition that a thread's number leaves a certain remainder: which."""
        test = v.op
        if test is None or test.defn not in (arith.EQ, arith.NE):
            return None
        for a, b in (test.operands, test.operands[::-1]):
            if not _is_remainder(a) or a.op is None or self.forms.of(a.op.operands[0]) != _THREAD:
                continue
            n = b.constant
            if isinstance(n, int) and 0 <= n < _EACH:
                return n if test.defn is arith.EQ else 1 - n
            if test.defn is arith.EQ and _is_remainder(b) and self.levels.of(b) == BLOCK:
                return b
        return None

    def limit(self, v: Value) -> tuple[int, Value] | None:
        """Of the condition that a thread's number is below another: how they are compared."""
        test = v.op
        if test is None or test.defn is not arith.LT or test.operands[1].type is not T.index:
            return None
        form, n = self.forms.of(test.operands[0]), test.operands[1]
        return (form.number, n) if form.terms == _THREAD.terms and self.levels.of(n) == BLOCK else None

    def is_made_again(self, v: Value) -> bool:
        """Whether a value is the same for all threads of the block, or made of which thread it is."""
        op = v.op
        if isinstance(v.type, T.ArrayType):
            return v.type.space in (T.Space.GLOBAL, T.Space.SHARED)
        if self.levels.of(v) == BLOCK:
            return True
        if op is None or op.regions or not (op.defn.elementwise or op.defn in _IDS):
            return False
        return all(map(self.is_made_again, op.operands))

    def is_dense(self, region: Region) -> bool:
        """Whether what all take part in stores to whole runs of a shared array."""
        places: dict[object, set[int]] = {}
        for op in walk(region):
            t = op.operands[0].type if op.defn is memory.STORE else None
            if not isinstance(t, T.ArrayType) or t.space is not T.Space.SHARED:
                continue
            *others, last = [self.forms.of(v) for v in op.operands[1:-1]]
            if dict(last.terms).get(("thread", 0)) == 1:
                key = op.operands[0], tuple(others), Form(last.terms, 0)
                places.setdefault(key, set()).add(last.number % _EACH)
        return any(len(found) == _EACH for found in places.values())


def _is_remainder(v: Value) -> bool:
    """Of a division by how many there are to one that takes part."""
    op = v.op
    if op is None or v.type is not T.index:
        return False
    n = op.operands[1].constant if len(op.operands) == 2 else None
    return (op.defn is arith.AND and n == _EACH - 1) or (op.defn is arith.MOD and n == _EACH)


class _Halved(Rebuilder):
    def __init__(self, f: Function, found: dict[Op, _Half]) -> None:
        super().__init__(f)
        self.block: tuple[int, int, int] = f.attributes["block"]
        self.found = found
        self.levels = uniformity(f)
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        half = self.found.get(op)
        if half is None:
            return False
        b = self.b
        b.emit(simt.BARRIER)
        k, some, none = b.emit(simt.THREAD_ID, axis=0), Region(), Region()
        count = self.count(half)
        with b.inside(some):
            self.work(op, half, k)
            b.yield_()
        with b.inside(none):
            b.yield_()
        b.if_(b.emit(arith.LT, k, count), [], some, none)
        b.emit(simt.BARRIER)
        return True

    def count(self, half: _Half) -> Value:
        """How many threads take part at most."""
        b = self.b
        count = b.constant(self.block[0] // _EACH, T.index)
        for c, n in half.limits:
            if isinstance(half.which, int) and isinstance(n.constant, int):
                most = b.constant((n.constant - c - half.which + _EACH - 1) // _EACH, T.index)
            else:
                left = b.emit(arith.ADD, self.mapping[n], b.constant(_EACH - 1 - c, T.index))
                most = b.emit(arith.FLOORDIV, b.emit(arith.SUB, left, self.which(half)), b.constant(_EACH, T.index))
            count = b.emit(arith.MINIMUM, count, most)
        return count

    def which(self, half: _Half) -> Value:
        return self.b.constant(half.which, T.index) if isinstance(half.which, int) else self.mapping[half.which]

    def work(self, op: Op, half: _Half, k: Value) -> None:
        """What the thread does that is another's."""
        b = self.b
        thread = b.emit(arith.ADD, b.emit(arith.MUL, k, b.constant(_EACH, T.index)), self.which(half))
        made: dict[Value, Value] = {}
        conditions = [self.again(v, thread, made) for v in half.rest]
        body, none = Region(), Region()
        with b.inside(body):
            mapping = dict(self.mapping)
            inside = list(walk(op.regions[0]))
            own = {v for inner in inside for v in [*inner.results, *[a for part in inner.regions for a in part.args]]}
            for v in [v for inner in inside for v in inner.operands if v not in own]:
                mapping[v] = self.again(v, thread, made) if v not in mapping or self.levels.of(v) > BLOCK else mapping[v]
            copy = clone_region(b, op.regions[0], mapping)
        body.ops.extend(copy.ops)
        if not conditions:
            b.region.ops.extend(body.ops[:-1])
            return
        for v in conditions[1:]:
            conditions[0] = b.emit(arith.AND, conditions[0], v)
        with b.inside(none):
            b.yield_()
        b.if_(conditions[0], [], body, none)

    def again(self, v: Value, thread: Value, made: dict[Value, Value]) -> Value:
        """A value of that other thread."""
        op = v.op
        if isinstance(v.type, T.ArrayType) or self.levels.of(v) == BLOCK or op is None:
            return self.mapping[v]
        if v not in made:
            b = self.b
            if op.defn in _IDS and not op.attributes["axis"]:
                made[v] = thread
                if op.defn is simt.GLOBAL_ID:
                    first = b.emit(arith.MUL, b.emit(simt.BLOCK_ID, axis=0), b.constant(self.block[0], T.index))
                    made[v] = b.emit(arith.ADD, first, thread)
            else:
                operands = [self.again(x, thread, made) for x in op.operands]
                (made[v],) = b.emit_op(op.defn, operands, [v.type], op.attributes).results
        return made[v]
