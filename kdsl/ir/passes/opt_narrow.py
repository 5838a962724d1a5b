"""Sums of bytes in 16 bits: what is made of narrower numbers and cannot grow past 16 bits goes twice as many to a vector.

One idea: `i32(a[y, x])` says that a sum shall not wrap at 255, not that it needs 32 bits. What each value can be follows from the
types that it was cast from, through sums, products, choices and loops of known length. A tree of such values whose leaves are casts
and numbers is computed in i16 or u16, and cast where somebody wants it wider: half the work where vectors are split into lanes.
Where the casts would take more than is gained, everything stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import types as T
from ..analysis.uniformity import VARYING, uniformity
from ..builder import Builder, clone_op, like
from ..core import Function, Op, Region, Value, walk
from ..ops import arith, scf

__all__ = ["narrow"]

_Range = tuple[int, int]

_ROWS = {d.name for d in (arith.ADD, arith.SUB, arith.MUL, arith.NEG, arith.MINIMUM, arith.MAXIMUM, arith.SELECT, arith.AND,
                          arith.OR, arith.XOR, arith.SHL, arith.SHR, arith.FLOORDIV, arith.ABS, arith.CAST)}  # fmt: skip
_WIDENED = 2  # vectors that a cast to 32 bits makes of one
_DIVISION = 4  # ops that one by a number saves: there is a product's upper half of 16 bits, and none of 32
_IN_LOOP = 8  # times that what is in a loop is taken to run
_MOST_TRIPS = 1 << 12


def narrow(f: Function) -> Function:
    """An equal function with less in 32 bits; `f` itself where nothing is gained."""
    if not any(op.defn is arith.CAST and _is_wide(op.results[0].type) and _is_small(op.operands[0].type) for op in walk(f.body)):
        return f
    ranges, levels, ops = _Ranges(f), uniformity(f, rows=True), _weighed(f.body, 1)
    may = {v for op, _ in ops for v in _made_by(op) if _is_wide(v.type) and levels.of(v) == VARYING and ranges.of(v)}
    best, chosen, gain = T.i16, set[Value](), 0
    divides = any(op.defn is arith.FLOORDIV for op, _ in ops)  # which rounds down by itself where nothing is negative
    for t in (T.u16, T.i16) if divides else (T.i16, T.u16):
        found, gained = _Choice(ops, ranges, t).made(may)
        if gained > gain:
            best, chosen, gain = t, found, gained
    return _Rewriter(f, chosen, best).run() if chosen else f


def _is_wide(t: T.Type) -> bool:
    return t is T.i32 or t is T.u32


def _is_small(t: T.Type) -> bool:
    return isinstance(t, T.ScalarType) and t.is_integer and t.bits <= 16


def _number(v: Value) -> int | None:
    return v.constant if isinstance(v.constant, int) and not isinstance(v.constant, bool) else None


class _Ranges:
    """What integers of 32 bits can be: least and largest, or None."""

    def __init__(self, f: Function) -> None:
        self.loops = {op.regions[0]: op for op in walk(f.body) if op.defn is scf.FOR}
        self.known: dict[Value, _Range | None] = {}

    def of(self, v: Value) -> _Range | None:
        if v not in self.known:
            self.known[v] = None  # where a value is asked for on the way to itself
            found, t = self._of(v), v.type
            if found is not None and isinstance(t, T.ScalarType):
                lo, hi = T.limits(t)
                self.known[v] = found if lo <= found[0] and found[1] <= hi else None
        return self.known[v]

    def _of(self, v: Value) -> _Range | None:
        if not (isinstance(v.type, T.ScalarType) and v.type.is_integer):
            return None
        number, op = _number(v), v.op
        if number is not None:
            return number, number
        if op is None:
            loop = self.loops.get(v.owner) if isinstance(v.owner, Region) else None
            return self._carried(loop, v.index - 1) if loop is not None and v.index else None
        if op.defn is scf.FOR:
            return self._carried(op, v.index)
        if op.defn is scf.IF:
            return _union([self.of(r.yielded[v.index]) for r in op.regions])
        if op.name == "arith.cast":
            t = op.operands[0].type
            if t is T.bool_:
                return 0, 1
            if not (isinstance(t, T.ScalarType) and t.is_integer and t.bits <= 32):
                return None
            return self.of(op.operands[0]) or T.limits(t)
        return self._computed(op)

    def _computed(self, op: Op) -> _Range | None:
        if op.name == "arith.select":
            return _union([self.of(v) for v in op.operands[1:]])
        if op.name not in _ROWS:
            return None
        given = [self.of(v) for v in op.operands]
        if op.name == "arith.and" and not all(given):  # of a number that is not negative, whatever the other is
            low = [r for r in given if r is not None and r[0] >= 0]
            return (0, low[0][1]) if low else None
        a, b = given[0], given[-1]
        if a is None or b is None:
            return None
        shift = b[0] if b[0] == b[1] and 0 <= b[0] < 16 else None
        match op.name:
            case "arith.add":
                return self._blended(*op.operands) or self._blended(*op.operands[::-1]) or (a[0] + b[0], a[1] + b[1])
            case "arith.sub":
                return a[0] - b[1], a[1] - b[0]
            case "arith.mul":
                ends = [x * y for x in a for y in b]
                return min(ends), max(ends)
            case "arith.abs":
                return max(a[0], -a[1], 0), max(abs(a[0]), abs(a[1]))
            case "arith.neg":
                return -a[1], -a[0]
            case "arith.minimum":
                return min(a[0], b[0]), min(a[1], b[1])
            case "arith.maximum":
                return max(a[0], b[0]), max(a[1], b[1])
            case "arith.shl" if shift is not None:
                return a[0] << shift, a[1] << shift
            case "arith.shr" if shift is not None:
                return a[0] >> shift, a[1] >> shift
            case "arith.floordiv" if b[0] == b[1] > 0:
                return a[0] // b[0], a[1] // b[0]
            case "arith.and" if a[0] >= 0 or b[0] >= 0:
                return 0, min(r[1] for r in (a, b) if r[0] >= 0)
            case "arith.or" | "arith.xor" if a[0] >= 0 and b[0] >= 0:
                return 0, (1 << max(a[1], b[1]).bit_length()) - 1
        return None

    def _blended(self, one: Value, other: Value) -> _Range | None:
        """Of x * w + y * (whole - w), as where pictures lie over one another: no more than the larger of x and y, `whole` times."""
        if one.op is None or other.op is None or not one.op.defn is other.op.defn is arith.MUL:
            return None
        for x, w in (one.op.operands, one.op.operands[::-1]):
            for y, rest in (other.op.operands, other.op.operands[::-1]):
                if rest.op is None or rest.op.defn is not arith.SUB or rest.op.operands[1] is not w:
                    continue
                whole, share, both = _number(rest.op.operands[0]), self.of(w), _union([self.of(x), self.of(y)])
                if whole is not None and both is not None and share is not None and share[0] >= 0 and share[1] <= whole:
                    return whole * both[0], whole * both[1]
        return None

    def _carried(self, loop: Op, k: int) -> _Range | None:
        """What a loop of known length adds to at each trip."""
        trips, first = scf.known_trips(loop), self.of(loop.operands[3 + k])
        if trips is None or trips > _MOST_TRIPS or first is None:
            return None
        added = self._added(loop.regions[0].yielded[k], loop.regions[0].args[1 + k])
        return None if added is None else (first[0] + trips * min(added[0], 0), first[1] + trips * max(added[1], 0))

    def _added(self, v: Value, base: Value) -> _Range | None:
        """The range of v - base, where v is base and what is added to it."""
        if v is base:
            return 0, 0
        op = v.op
        if op is None:
            return None
        if op.name in ("arith.add", "arith.sub"):
            for one, other in (op.operands, op.operands[::-1])[: 2 if op.name == "arith.add" else 1]:
                more, by = self._added(one, base), self.of(other)
                if more is not None and by is not None:
                    return (more[0] + by[0], more[1] + by[1]) if op.name == "arith.add" else (more[0] - by[1], more[1] - by[0])
        if op.name == "arith.select":
            return _union([self._added(x, base) for x in op.operands[1:]])
        if op.defn is scf.IF:
            return _union([self._added(r.yielded[v.index], base) for r in op.regions])
        if op.defn is scf.FOR:
            trips, body = scf.known_trips(op), op.regions[0]
            more = self._added(op.operands[3 + v.index], base)
            each = self._added(body.yielded[v.index], body.args[1 + v.index])
            if more is not None and each is not None and trips is not None and trips <= _MOST_TRIPS:
                return more[0] + trips * min(each[0], 0), more[1] + trips * max(each[1], 0)
        return None


def _union(ranges: Sequence[_Range | None]) -> _Range | None:
    known = [r for r in ranges if r is not None]
    return (min(r[0] for r in known), max(r[1] for r in known)) if len(known) == len(ranges) else None


def _weighed(region: Region, weight: int) -> list[tuple[Op, int]]:
    """All ops, each with how often it is taken to run."""
    out: list[tuple[Op, int]] = []
    for op in region.ops:
        out.append((op, weight))
        for inner in op.regions:
            out += _weighed(inner, weight * (_IN_LOOP if op.defn in (scf.FOR, scf.WHILE) else 1))
    return out


def _made_by(op: Op) -> tuple[Value, ...]:
    if op.defn is scf.FOR:
        return (*op.results, *op.regions[0].args[1:])
    return op.results if op.defn is scf.IF or op.name in _ROWS else ()


class _Choice:
    """Which values of a function are computed as `t`."""

    def __init__(self, ops: list[tuple[Op, int]], ranges: _Ranges, t: T.ScalarType) -> None:
        self.ops = ops
        self.ranges = ranges
        self.limits = T.limits(t)

    def made(self, may: set[Value]) -> tuple[set[Value], int]:
        chosen = {v for v in may if self._fits(v)}
        if not chosen:
            return chosen, 0
        ops, before = [op for op, _ in self.ops], 0
        while len(chosen) != before:  # what an op loses counts for those behind it at once: a sweep or two, but for loops
            before = len(chosen)
            ops = [op for op in ops if not chosen.isdisjoint(_made_by(op))]
            for op in ops:
                chosen.difference_update(self._without(op, chosen))
        return self._worth(chosen)

    def _fits(self, v: Value) -> bool:
        found = self.ranges.of(v)
        return found is not None and self.limits[0] <= found[0] and found[1] <= self.limits[1]

    def _is_there(self, v: Value, chosen: set[Value]) -> bool:
        return v in chosen or ((number := _number(v)) is not None and self.limits[0] <= number <= self.limits[1])

    def _without(self, op: Op, chosen: set[Value]) -> list[Value]:
        """What cannot be narrow, as something that it is made of is not."""
        if op.defn is scf.FOR:
            body, out = op.regions[0], []
            for k, result in enumerate(op.results):
                same = (result, body.args[1 + k])
                parts = (op.operands[3 + k], body.yielded[k])
                if not (all(v in chosen for v in same) and all(self._is_there(v, chosen) for v in parts)):
                    out += same
            return out
        if op.defn is scf.IF:
            return [r for k, r in enumerate(op.results) if not all(self._is_there(x.yielded[k], chosen) for x in op.regions)]
        if op.name not in _ROWS:
            return []
        if op.name == "arith.cast":
            t = op.operands[0].type
            return [] if _is_small(t) or t is T.bool_ else list(op.results)
        operands = op.operands[1:] if op.name == "arith.select" else op.operands
        if op.name in ("arith.shl", "arith.shr") and not 0 <= (-1 if (n := _number(operands[1])) is None else n) < 16:
            return list(op.results)
        return [] if all(self._is_there(v, chosen) for v in operands) else list(op.results)

    def _worth(self, chosen: set[Value]) -> tuple[set[Value], int]:
        """The trees that gain more than their casts take."""
        parent: dict[Value, Value] = {v: v for v in chosen}

        def root(v: Value) -> Value:
            while parent[v] is not v:
                parent[v] = v = parent[parent[v]]
            return v

        def join(values: Sequence[Value]) -> None:
            inside = [v for v in values if v in chosen]
            for v in inside[1:]:
                parent[root(v)] = root(inside[0])

        gains: list[tuple[Value, int]] = []
        for op, weight in self.ops:
            if op.defn is scf.FOR:
                for k, r in enumerate(op.results):
                    join((r, op.regions[0].args[1 + k], op.operands[3 + k], op.regions[0].yielded[k]))
            elif op.defn is scf.IF:
                for k, r in enumerate(op.results):
                    join((r, *[x.yielded[k] for x in op.regions]))
            elif op.results and op.results[0] in chosen:
                join((op.results[0], *op.operands))
                gains.append((op.results[0], weight * _DIVISION if op.defn is arith.FLOORDIV else weight))
        where = {v: weight for op, weight in self.ops for v in _made_by(op)}
        gains += [(v, -_WIDENED * where[v]) for v in _widened(self.ops, chosen)]
        total: dict[Value, int] = {}
        for v, gain in gains:
            total[root(v)] = total.get(root(v), 0) + gain
        kept = {v for v in chosen if total.get(root(v), 0) > 0}
        return kept, sum(gain for gain in total.values() if gain > 0)


def _widened(ops: Sequence[tuple[Op, int]], chosen: set[Value]) -> set[Value]:
    """Narrow values that somebody wants as they were."""
    out: set[Value] = set()
    for op, _ in ops:
        if op.defn is scf.YIELD or (op.results and op.results[0] in chosen and not op.regions) or _takes_narrow(op):
            continue
        first = 3 + len(op.results) if op.defn is scf.FOR else 0
        out.update(v for v in op.operands[first:] if v in chosen)
        if op.defn is scf.FOR:
            out.update(v for v, r in zip(op.operands[3:], op.results, strict=True) if v in chosen and r not in chosen)
        for region in op.regions:
            results = op.results if op.defn in (scf.FOR, scf.IF) else (None,) * len(region.yielded)
            out.update(v for v, r in zip(region.yielded, results, strict=False) if v in chosen and r not in chosen)
    return out


def _takes_narrow(op: Op) -> bool:
    """A cast of the lowest bits: they are the same."""
    return op.name == "arith.cast" and _is_small(op.results[0].type)


class _Rewriter:
    """Builds the function with `chosen` as `t`. slim: those, by what they were; mapping: all others, and these cast back."""

    def __init__(self, f: Function, chosen: set[Value], t: T.ScalarType) -> None:
        self.f = f
        self.chosen = chosen
        self.t = t
        self.new = like(f)
        self.b = Builder(self.new.body)
        self.mapping: dict[Value, Value] = dict(zip(f.params, self.new.params, strict=True))
        self.slim: dict[Value, Value] = {}
        self.wide = _widened([(op, 0) for op in walk(f.body)], chosen)

    def run(self) -> Function:
        self.ops(self.f.body, ())
        return self.new

    def made(self, old: Value, new: Value) -> None:
        new.name = old.name
        if old not in self.chosen:
            self.mapping[old] = new
            return
        self.slim[old] = new
        if old in self.wide:
            self.mapping[old] = self.b.emit(arith.CAST, new, type=old.type)

    def narrow(self, v: Value) -> Value:
        known = self.slim.get(v)
        return self.b.constant(v.constant, self.t) if known is None else known

    def ops(self, region: Region, results: Sequence[Value]) -> None:
        """results: what the yielded values become."""
        for op in region.ops[:-1]:
            self.b.span = op.span
            self.op(op)
        yielded = region.yielded
        kinds = [*results, *[None] * (len(yielded) - len(results))]
        self.b.yield_(*[self.narrow(v) if r is not None and r in self.chosen else self.mapping[v]
                        for v, r in zip(yielded, kinds, strict=True)])  # fmt: skip

    def inside(self, region: Region, results: Sequence[Value]) -> Region:
        new = Region(tuple([self.t if a in self.chosen else a.type for a in region.args]), tuple([a.name for a in region.args]))
        with self.b.inside(new):
            for old, arg in zip(region.args, new.args, strict=True):
                self.made(old, arg)
            self.ops(region, results)
        return new

    def op(self, op: Op) -> None:
        if op.regions:
            keeps = op.defn in (scf.FOR, scf.IF)
            regions = tuple([self.inside(r, op.results if keeps else ()) for r in op.regions])
            first = 3 if op.defn is scf.FOR else len(op.operands)
            operands = [self.mapping[v] for v in op.operands[:first]]
            operands += [self.narrow(v) if r in self.chosen else self.mapping[v]
                         for v, r in zip(op.operands[first:], op.results, strict=False)]  # fmt: skip
            types = [self.t if r in self.chosen else r.type for r in op.results]
            made = self.b.emit_op(op.defn, operands, types, op.attributes, regions, op.span)
            for old, new in zip(op.results, made.results, strict=True):
                self.made(old, new)
        elif op.results and op.results[0] in self.chosen:
            source = op.operands[0]
            if op.name == "arith.cast":
                new = self.mapping[source]
                new = new if source.type is self.t else self.b.emit(arith.CAST, new, type=self.t)
            else:
                first = 1 if op.name == "arith.select" else 0
                operands = [*[self.mapping[v] for v in op.operands[:first]], *[self.narrow(v) for v in op.operands[first:]]]
                new = self.b.emit_op(op.defn, operands, [self.t], op.attributes, (), op.span).results[0]
            self.made(op.results[0], new)
        elif _takes_narrow(op) and op.operands[0] in self.slim:
            new, t = self.slim[op.operands[0]], op.results[0].type
            self.mapping[op.results[0]] = new if new.type is t else self.b.emit(arith.CAST, new, type=t)
        else:
            clone_op(self.b, op, self.mapping)
