"""Segments whose threads run one after the other: those that access shared memory in strides, as trees of sums do.

One idea: `s[2 * d * t]` for lanes of a vector is as many accesses as there are lanes, with shuffles around them. A thread by
itself loads, adds and stores in as many, and needs no mask: which threads take part is the range of a loop. `if t < d` is its
end, `if t % (2 * d) == 0` its step, whether distances are numbers or known when the code runs. So the ops of a segment are
counted, and what a vector would take is held against the sum of its threads (as `single` does for whole kernels).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ... import types as T
from ...analysis.accesses import indices_of
from ...analysis.uniformity import BLOCK, SUBGROUP
from ...core import Op, Value, with_inner
from ...ops import arith, memory, scf, simt
from .body import Body
from .narrow import MIRROR, bound_of, guard_of, parts_of
from .plan import Segment, external
from .single import NEEDS_LANES

if TYPE_CHECKING:
    from .blocks import Blocks

__all__ = ["in_turn"]

# What a lane costs where lanes are taken one by one, beside an op on scalars: to load, with an insertion; to store.
_LOADED, _STORED = 1.5, 2.5
# The same for strides of two to four elements without a mask, which are vectors and shuffles.
_SHUFFLED, _SHUFFLES = 0.75, 4
# A vector that is stored under a mask: loaded, blended, and stored.
_MASKED = 3.0
_OFTEN = 8  # one of so many threads takes part, where that is known when the code runs
_FEW, _FEW_OPS = 8, 12  # so many threads, and ops of each, are straight code
_FAR = 1 << 20  # beyond all threads of a block


def in_turn(blocks: Blocks, segment: Segment, extents: Sequence[Value]) -> bool:
    """Emits the loop over a segment's threads, if they had better run one by one. extents: threads of the block along each axis."""
    if blocks.merged is not None or not _Costs(blocks, segment).pays():
        return False
    s = blocks.block.s
    zero, one = s.index(0), s.index(1)
    threads, rest, inside = _Threads(zero, extents[0], one), list[tuple[Value, bool]](), segment
    guard = guard_of(blocks, segment)
    if guard is not None:
        inside = guard.inside
        for cond, holds in parts_of(*guard.asks):
            fewer = _fewer(blocks, threads, cond, holds=holds)
            threads = fewer or threads
            if fewer is None:
                rest.append((cond, holds))
                threads = _at_most(blocks, _among(blocks, threads, cond, holds=holds), cond, holds=holds)
        known = {*external(segment.ops), *[r for op in segment.ops for r in op.results]}
        if any(cond not in known for cond, _ in rest):  # computed elsewhere, and kept as a whole
            rest = [guard.asks]

    def thread(x: Value, y: Value, z: Value) -> None:
        body = _body(blocks, (x, y, z), extents)
        wanted = [v for v, _ in segment.stores if v.op not in segment.ops]
        for v in [*external(inside.ops), *[cond for cond, _ in rest if cond.op not in inside.ops], *wanted]:
            blocks.fetch(body, v)
        if not rest:
            blocks.run_ops([body], inside)
            return
        first = len(segment.ops) - 1
        blocks.run_ops([body], Segment(inside.ops[:first]))
        _where(body, rest, lambda: blocks.run_ops([body], Segment(inside.ops[first:])))

    ops = with_inner(segment.ops)
    few = () if len(ops) > _FEW_OPS or any(op.defn in (scf.FOR, scf.WHILE) for op in ops) else _few(threads)

    def row(y: Value, z: Value) -> None:
        for x in few:
            thread(s.index(x), y, z)
        if not few:
            blocks.b.count(*threads, "x", lambda x: thread(x, y, z))

    blocks.b.count(zero, extents[2], one, "z",
           lambda z: blocks.b.count(zero, extents[1], one, "y", lambda y: row(y, z)))  # fmt: skip
    return True


def _few(threads: _Threads) -> Sequence[int]:
    """Which threads take part, where they are few and known; none else. Places in shared memory are numbers then."""
    lo, hi, step = [v.constant for v in threads]
    if not (isinstance(lo, int) and isinstance(hi, int) and isinstance(step, int) and step > 0):
        return ()
    return range(lo, hi, step) if -(-(hi - lo) // step) <= _FEW else ()


def _body(blocks: Blocks, at: tuple[Value, Value, Value], extents: Sequence[Value]) -> Body:
    """For one thread."""
    b, s = blocks.b, blocks.block.s
    ids = {("simt.thread_id", axis): s.uniform(v) for axis, v in enumerate(at)}
    for axis, v in enumerate(at):
        if blocks.uses_id(axis):
            size = b.emit(simt.BLOCK_DIM, axis=axis) if blocks.shape is None else s.index(blocks.shape[axis])
            first = b.emit(arith.MUL, b.emit(simt.BLOCK_ID, axis=axis), size)
            ids["simt.global_id", axis] = s.uniform(b.emit(arith.ADD, first, v))
    body = Body(b, 1, blocks.levels.alone(), blocks.uses, ids, dict(blocks.env), None)
    if blocks.slots or blocks.planner.slots:  # as vectors have them: rows of whole ones
        w = s.index(blocks.width)
        row = b.emit(arith.ADD, b.emit(arith.MUL, at[2], extents[1]), at[1])
        vectors = b.emit(arith.FLOORDIV, b.emit(arith.ADD, extents[0], s.index(blocks.width - 1)), w)
        body.slot = b.emit(arith.ADD, b.emit(arith.MUL, b.emit(arith.MUL, row, vectors), w), at[0])
    return body


def _where(body: Body, conditions: Sequence[tuple[Value, bool]], inside: Callable[[], None]) -> None:
    asked = [body.scalar(cond) if holds else body.not_(body.scalar(cond)) for cond, holds in conditions]
    for other in asked[1:]:
        asked[0] = body.b.emit(arith.AND, asked[0], other)
    body.b.when(asked[0], inside)


# --- which threads take part ---


class _Threads(NamedTuple):
    """Of those along axis 0: every `step`-th from `lo` on, below `hi`."""

    lo: Value
    hi: Value
    step: Value


def _fewer(blocks: Blocks, threads: _Threads, cond: Value, *, holds: bool) -> _Threads | None:
    """Those of them for which a condition holds (or does not), where that is a range, too."""
    end = bound_of(blocks, cond, holds, "simt.thread_id")
    if end is not None:
        return threads._replace(hi=blocks.b.emit(arith.MINIMUM, threads.hi, end))
    if threads.step.constant != 1 or threads.lo.constant != 0:
        return None
    for place, wanted in _equal(cond, holds=holds):
        found = _each(blocks, place, wanted)
        if found is not None:
            return threads._replace(lo=found[0], step=found[1])
    return None


def _at_most(blocks: Blocks, threads: _Threads, cond: Value, *, holds: bool) -> _Threads:
    """Those of them for which thread_id(0) * m < n may hold, where m and n are known when the code runs. Each is asked all the
    same: a product may wrap, and m be negative."""
    op = cond.op
    if op is None or op.defn.name not in MIRROR:
        return threads
    name, (v, n) = op.defn.name, op.operands
    if blocks.levels.of(v) == BLOCK:
        name, v, n = MIRROR[name], n, v
    product = v.op
    if name != ("arith.lt" if holds else "arith.ge") or product is None or product.defn is not arith.MUL or v.type is not T.index:
        return threads
    id, m = product.operands if _ahead(product.operands[0]) == 0 else product.operands[::-1]
    if _ahead(id) != 0 or id.type is not T.index or not (_is_known(blocks, m) and _is_known(blocks, n)):
        return threads
    b, s = blocks.b, blocks.block.s
    times, end = blocks.scalar(m), blocks.scalar(n)
    is_plain = b.emit(arith.GT, times, s.index(0))
    for v, most in ((times, s.index(_FAR)), (end, s.index(_FAR * _FAR))):
        is_plain = b.emit(arith.AND, is_plain, b.emit(arith.LT, v, most))
    needed = b.emit(arith.FLOORDIV, b.emit(arith.ADD, end, b.emit(arith.SUB, times, s.index(1))), times)
    return threads._replace(hi=b.emit(arith.SELECT, is_plain, b.emit(arith.MINIMUM, threads.hi, needed), threads.hi))


def _among(blocks: Blocks, threads: _Threads, cond: Value, *, holds: bool) -> _Threads:
    """Those of them for which thread_id(0) & m == 0 may hold, where m is known when the code runs: every so many where it has all
    bits up to one. Each is asked all the same."""
    b, s = blocks.b, blocks.block.s
    for place, wanted in _equal(cond, holds=holds):
        op = place.op
        if op is None or op.defn is not arith.AND or wanted.constant != 0 or threads.step.constant != 1:
            continue
        id, bits = op.operands if _ahead(op.operands[0]) == 0 else op.operands[::-1]
        if _ahead(id) != 0 or not _is_known(blocks, bits):
            continue
        m = blocks.scalar(bits) if bits.type is T.index else b.emit(arith.CAST, blocks.scalar(bits), type=T.index)
        next_ = b.emit(arith.ADD, m, s.index(1))
        is_plain = b.emit(arith.EQ, b.emit(arith.AND, m, next_), s.index(0))
        for defn, limit in ((arith.GE, 0), (arith.LT, _FAR)):
            is_plain = b.emit(arith.AND, is_plain, b.emit(defn, m, s.index(limit)))
        return threads._replace(step=b.emit(arith.SELECT, is_plain, next_, s.index(1)))
    return threads


def _equal(cond: Value, *, holds: bool) -> list[tuple[Value, Value]]:
    """Pairs of values of which a condition says that they are equal, either way round."""
    op = cond.op
    if op is None or op.defn is not (arith.EQ if holds else arith.NE):
        return []
    a, c = op.operands
    return [(a, c), (c, a)]


def _each(blocks: Blocks, place: Value, wanted: Value) -> tuple[Value, Value] | None:
    """(first, step) of the threads with (t + c) % m == wanted."""
    b, s, op = blocks.b, blocks.block.s, place.op
    if op is None or wanted.constant is None:
        return None
    c = _ahead(op.operands[0]) if op.operands else None
    if c is None:
        return None
    m = op.operands[1]
    if op.defn is arith.AND and isinstance(m.constant, int) and m.constant > 0 and m.constant & (m.constant + 1) == 0:
        number = m.constant + 1
    elif op.defn is arith.MOD and isinstance(m.constant, int) and m.constant > 0:
        number = m.constant
    elif op.defn is arith.MOD and wanted.constant == 0 and _is_known(blocks, m):
        # By 0 all leave 0; what is negative divides as its opposite does.
        wide = b.emit(arith.CAST, blocks.scalar(m), type=T.index) if m.type is not T.index else blocks.scalar(m)
        near = b.emit(arith.MINIMUM, b.emit(arith.MAXIMUM, wide, s.index(-_FAR)), s.index(_FAR))
        step = b.emit(arith.MAXIMUM, b.emit(arith.ABS, near), s.index(1))
        return b.emit(arith.MOD, s.index(-c), step), step
    else:
        return None
    if not 0 <= wanted.constant < number:
        return None
    step = min(number, _FAR)
    return s.index((wanted.constant - c) % step), s.index(step)


def _is_known(blocks: Blocks, v: Value) -> bool:
    """Whether the block knows a number, of a type whose negatives are such."""
    t = T.element_of(v.type)
    return t.kind is T.Kind.INT and blocks.levels.of(v) == BLOCK and v not in blocks.planner.threaded


def _ahead(v: Value) -> int | None:
    """c, where a value is thread_id(0) + c."""
    op = v.op
    if op is None:
        return None
    if op.defn.name == "simt.thread_id":
        return 0 if op.attributes["axis"] == 0 else None
    if op.defn is arith.CAST and T.element_of(v.type).bits >= 32 and T.element_of(v.type).is_integer:
        return _ahead(op.operands[0])
    if op.defn is arith.ADD and isinstance(n := op.operands[1].constant, int) and abs(n) < _FAR // 2:
        c = _ahead(op.operands[0])
        return None if c is None or abs(c + n) >= _FAR // 2 or (c + n < 0 and _wraps(v)) else c + n
    return None


def _wraps(v: Value) -> bool:
    return T.element_of(v.type).kind is not T.Kind.INT


# --- what it costs ---


class _Access(NamedTuple):
    """step: elements between lanes, None where there are too many, or how many is not known. masked: whether lanes may be off."""

    is_load: bool
    array: Value
    step: int | None
    masked: bool


class _Costs:
    """Of a vector of threads, and of its threads one by one."""

    def __init__(self, blocks: Blocks, segment: Segment) -> None:
        self.levels = blocks.levels
        self.lanes = blocks.width
        self.private = blocks.private
        self.values = 0  # ops on what lanes differ in, but for indices
        self.accesses: list[_Access] = []
        self.strides: dict[Value, int | None] = {}
        self.of_data: dict[Value, bool] = {}
        self.places: set[Value] = set()  # what tells where to access, or whether
        guard = guard_of(blocks, segment)
        parts = [] if guard is None else list(parts_of(*guard.asks))
        self.apart = _step(parts)
        is_short = all(bound_of(blocks, cond, holds, "simt.thread_id") is not None for cond, holds in parts)
        self.short = segment.ops[-1] if parts and is_short else None  # an `if` that is no mask (see `narrow`)
        self.fits = self.look(segment.ops, masked=False)

    def pays(self) -> bool:
        """Whether threads store apart from one another, or few of many do anything, and take less time one by one."""
        if not self.fits or not any(a.step not in (0, 1) or self.apart > 1 for a in self.accesses if not a.is_load):
            return False
        vector = threads = float(self.values)
        filled = {(a.array, a.step) for a in self.accesses if self.fills(a)}
        for a in self.accesses:
            threads += not (a.is_load and a.step == 0)
            if a.step is not None and a.step <= 1:
                vector += 1 if a.is_load or not a.masked else _MASKED
            elif a.step is not None and not a.masked and (a.is_load or (a.array, a.step) in filled):
                vector += self.lanes * _SHUFFLED
            else:
                vector += self.lanes * (_LOADED if a.is_load else _STORED)
        return threads * self.lanes / self.apart < vector

    def fills(self, a: _Access) -> bool:
        """Whether all that lies between lanes is stored."""
        return a.step == sum([1 for x in self.accesses if not x.is_load and x.array is a.array and x.step == a.step])

    def look(self, ops: Sequence[Op], *, masked: bool) -> bool:
        """Takes ops up, last ones first; False where a thread by itself cannot run one. masked: whether lanes may be off."""
        for op in reversed(ops):
            defn = op.defn
            if defn is scf.IF:
                # Of data: a branch that threads take one by one would be guessed wrong.
                off = masked or op is not self.short
                if self.loads(op.operands[0]) or not all(self.look(region.ops[:-1], masked=off) for region in op.regions):
                    return False
                self.places.add(op.operands[0])
            elif defn is memory.LOAD or defn is memory.STORE:
                if op.operands[0] in self.private:
                    return False
                self.access(op, masked=masked)
            elif op.regions or defn.touches or not defn.pure or defn.function or defn.name.startswith(NEEDS_LANES):
                return False
            elif op.results[0] in self.places:
                self.places.update(op.operands)
            elif defn.elementwise and self.levels.of(op.results[0]) > SUBGROUP:
                self.values += 1
        return True

    def access(self, op: Op, *, masked: bool) -> None:
        array, indices = op.operands[0], indices_of(op)
        self.places.update(indices)
        t = array.type
        assert isinstance(t, T.ArrayType)
        unit = t.unit_axis if t.space is T.Space.GLOBAL else t.rank - 1
        moves = [self.stride(v) for v in indices]
        step = None
        if unit is not None and all(m == 0 for k, m in enumerate(moves) if k != unit) and moves[unit] is not None:
            step = abs(moves[unit])  # type: ignore[operator]
        elif all(m == 0 for m in moves):
            step = 0
        step = None if step is not None and step > _SHUFFLES else step
        self.accesses.append(_Access(op.defn is memory.LOAD, array, step, masked))

    def stride(self, v: Value) -> int | None:
        """How much more a value is for the next thread, as far as vectors can make use of it."""
        return _settle(v, self.strides, self.stride_of)

    def stride_of(self, v: Value) -> int | None:
        op = v.op
        if self.levels.of(v) <= SUBGROUP or op is None:
            return 0 if self.levels.of(v) <= SUBGROUP else None
        if op.defn.varying:
            return 1 if op.attributes.get("axis") == 0 else None
        rule = _STRIDES.get(op.defn.name)
        moves = [self.strides[w] for w in op.operands] if rule is not None else [None]
        return None if rule is None or None in moves else rule(moves, op.operands[-1].constant)  # type: ignore[arg-type]

    def loads(self, v: Value) -> bool:
        """Whether a value is made of what memory holds."""
        return _settle(v, self.of_data, self.loads_itself)

    def loads_itself(self, v: Value) -> bool:
        op = v.op
        if self.levels.of(v) <= SUBGROUP:
            return False
        return op is None or op.defn.touches or bool(op.regions) or any(self.of_data[w] for w in op.operands if op.defn.elementwise)


def _settle(v: Value, known: dict[Value, Any], rule: Callable[[Value], Any]) -> Any:
    """What a rule makes of a value, once it has been asked about all that the value is computed from. (No recursion: that may be
    thousands of ops deep, and made of another many times over.)"""
    open_ = [v]
    while open_:
        w = open_[-1]
        parts = w.op.operands if w.op is not None and w.op.defn.elementwise else ()
        missing = next((x for x in parts if x not in known), None) if w not in known else None
        if missing is not None:
            open_.append(missing)
            continue
        if w not in known:
            known[w] = rule(w)
        open_.pop()
    return known[v]


def _step(conditions: Sequence[tuple[Value, bool]]) -> int:
    """From one thread that takes part to the next; a guess where that is known when the code runs."""
    for cond, holds in conditions:
        for place, wanted in _equal(cond, holds=holds):
            op = place.op
            if op is None or op.defn not in (arith.MOD, arith.AND) or wanted.constant is None:
                continue
            n = op.operands[1].constant
            if _ahead(op.operands[0]) is not None or (op.defn is arith.AND and _ahead(op.operands[1]) is not None):
                return n + (op.defn is arith.AND) if isinstance(n, int) and n > 0 else _OFTEN
    return 1


def _scaled(moves: list[int], by: Any) -> int | None:
    if not any(moves):
        return 0
    return moves[0] * by if isinstance(by, int) and moves[1] == 0 else None


def _shifted(moves: list[int], by: Any) -> int | None:
    if not any(moves):
        return 0
    return moves[0] << by if isinstance(by, int) and moves[1] == 0 and 0 <= by < 16 else None


def _of_piece(moves: list[int], by: Any) -> int | None:
    """The number of a piece of places, as `t >> n`: mostly the same where n is known when the code runs."""
    return 0 if moves == [1, 0] and by is None else None


def _same(moves: list[int], by: Any) -> int | None:
    return moves[0] if moves[1] == 0 else moves[1] if moves[0] == 0 else None


_STRIDES: dict[str, Callable[[list[int], Any], int | None]] = {
    "arith.add": lambda moves, by: sum(moves),
    "arith.sub": lambda moves, by: moves[0] - moves[1],
    "arith.cast": lambda moves, by: moves[0],
    "arith.mul": _scaled,
    "arith.shl": _shifted,
    "arith.shr": _of_piece,
    **dict.fromkeys(("arith.and", "arith.or", "arith.xor", "arith.mod", "arith.minimum", "arith.maximum"), _same),
}
