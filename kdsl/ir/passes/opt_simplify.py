"""Simplification: rules, constant folding, common subexpressions, dead code, control flow that is decided already.

One idea: one forward sweep builds the new function op by op, and every op asks the same questions on its way in
(fold, rule, seen before) with operands that are simplified already. Dead code is known before the sweep
(`analysis/liveness`) and not built. As operands come first, one sweep finds nearly all; another follows where a loop's
carried value or a branch turned out to be needless. Works on code of one thread and on vectorized code alike.

A load gives what an equal one before it gave, where no op between them could write or wait.

Control flow: an `if` on a constant becomes its branch; one whose branches are empty becomes selects; results that both
branches give alike leave it. A loop of no trips gives its initial values; of one trip, its body; `range(b, b + 8)` counts
from 0 to 8. Carried values that never change are no longer carried. Inside a branch its condition is known. An elementary
function of what a loop does not change is computed before the loop, though it may have no trips: no compiler behind this one
may move what becomes branches.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

from ...target import Target
from .. import evaluate, rules, types as T
from ..analysis.effects import has_effects
from ..analysis.liveness import Liveness, liveness
from ..analysis.ranges import Ranges, distance
from ..builder import Builder, infer_types, like
from ..core import Function, Op, Region, Value, inner_ops
from ..opdef import Level, OpDef
from ..ops import arith, memory, scf, simt, tile
from .one_store import alike, is_quick, store_once

__all__ = ["TooLong", "simplify", "unrolled"]

_SWEEPS = 6
_STEPS = 6  # that lead to the operand of a function
_BARRIER = 8  # ops that a barrier counts as when loops are unrolled: on a CPU a loop over threads begins behind it
_FEW_QUICK = 6  # ops of a condition that is computed where the one before it may say what both are
_UNKNOWN = object()


def simplify(f: Function, options: object = None) -> Function:
    """An equal function with less to do; `f` itself when nothing could be simplified. options: of a GPU, how many lanes its
    subgroups have is a number (on a CPU `vectorize` decides it)."""
    live = liveness(f)
    lanes = options.subgroup_size if isinstance(options, Target) and options.is_gpu else 0
    for _ in range(_SWEEPS):
        sweep = _Sweep(f, live)
        sweep.lanes = lanes
        g = sweep.run()
        if not sweep.changed:
            return f
        f, live = g, liveness(g)
        if not sweep.reopened and not _holds_dead_slots(live) and _purge(f.body, live):
            return f
    return f


class TooLong(Exception):
    """Unrolling would make more ops than it may."""


def unrolled(f: Function, loops: Collection[Op], most: int) -> Function:
    """The same with those loops of `f` that turn out to have a known number of trips unrolled, and simplified.

    Raises TooLong where the trips together have more ops than `most`.
    """
    sweep = _Sweep(f, liveness(f))
    sweep.loops, sweep.room = loops, most
    return simplify(sweep.run())


def _holds_dead_slots(live: Liveness) -> bool:
    return any(op.results and len(live.slots.get(op, ())) < len(op.results) for op in live.ops if op.regions)


def _purge(region: Region, live: Liveness, *, branch: bool = False) -> bool:
    """Take dead ops out of a function that was just built; False where a branch has nothing to do any more."""
    alive = [op for op in region.ops[:-1] if op in live.ops]
    if len(alive) != len(region.ops) - 1:
        if branch and not alive:
            return False
        region.ops[:-1] = alive
    return all(_purge(inner, live, branch=op.defn is scf.IF) for op in alive for inner in op.regions)


def _constant_key(value: Any, t: T.Type) -> tuple[object, ...]:
    if type(value) is float:
        return (arith.CONSTANT, t, value, math.copysign(1.0, value)) if value == value else (arith.CONSTANT, t, "nan")
    return (arith.CONSTANT, t, value)


class _Sweep:
    """One pass over a function. mapping: old value -> new. known: what is computed already, by what it computes."""

    def __init__(self, f: Function, live: Liveness) -> None:
        self.f = f
        self.live = live
        self.new = like(f)
        self.b = Builder(self.new.body)
        self.mapping: dict[Value, Value] = dict(zip(f.params, self.new.params))
        self.known: dict[tuple[object, ...], Value] = {}
        self.scope: list[tuple[object, ...]] = []  # keys of `known` that the current region added
        self.ranges = Ranges(None)
        self.writes = 0  # ops so far that may change what loads give: those of equal number give the same
        self.truth: dict[Value, bool] = {}  # bools that the branches around decide
        # Of each open region of a loop: the region around it, and the keys that this has added.
        self.around: list[tuple[Region, list[tuple[object, ...]]] | None] = []
        self.fast = f.math == "fast"
        self.legal = f.attributes.get("legal", False)  # after `legalize`: no op may come back that it has replaced
        self.changed = False
        self.reopened = False  # whether another sweep would see more
        self.loops: Collection[Op] = ()  # to be unrolled where they have a known number of trips
        self.room = 0  # ops that this may make
        self.lanes = 0  # of a subgroup, where that is known

    def run(self) -> Function:
        self.ops(self.f.body)
        self.b.yield_(*self.take(self.f.body.yielded))
        return self.new

    def take(self, values: Sequence[Value]) -> list[Value]:
        mapping = self.mapping
        return [mapping[v] for v in values]

    def ops(self, region: Region) -> None:
        """The ops of a region but its yield."""
        needed = self.live.ops
        for op in region.ops[:-1]:
            if op in needed:
                self.b.span = op.span
                self.op(op)
            else:
                self.changed = True

    def op(self, op: Op) -> None:
        handler = _CONTROL.get(op.defn)
        if handler is not None:
            handler(self, op)
        elif op.regions or len(op.results) > 1:
            self.copy_whole(op)
        elif not op.results:
            self.effect(op)
        else:
            self.define(op.results[0], self.value(op))

    def define(self, old: Value, new: Value) -> None:
        self.mapping[old] = new
        if old.name and not new.name:
            new.name = old.name

    def value(self, op: Op) -> Value:
        """The new value of an op with one result."""
        mapping = self.mapping
        operands = tuple([mapping[v] for v in op.operands])
        t = op.results[0].type
        if op.defn.function and self.around and self.around[-1] is not None:
            v = self.before_loops(op, operands, t)
            if v is not None:
                return v
        if op.defn.elementwise:
            before = len(self.b.region.ops)
            v = self.compute(op.defn, operands, t, op.attributes)
            made = v.owner
            if len(self.b.region.ops) != before + 1 or type(made) is not Op or made.defn is not op.defn:
                self.changed = True
            return v
        special = _SPECIAL.get(op.defn)
        v = special(self, op, operands) if special is not None else None
        if v is not None:
            self.changed = True
            return v
        return self.emit(op.defn, operands, t, op.attributes)

    # Values

    def compute(self, defn: OpDef, operands: tuple[Value, ...], t: T.Type, attributes: dict[str, Any]) -> Value:
        """An elementwise op, in its simplest form."""
        if defn is arith.CONSTANT:
            return self.constant(attributes["value"], t)
        first = rules.constant_of(operands[0])
        if first is not None:
            numbers = [first, *[rules.constant_of(v) for v in operands[1:]]]
            if None not in numbers and defn.eval is not None and not (self.legal and T.element_of(t).storage):
                types = [v.type for v in operands]
                return self.constant(evaluate.fold(defn, t, types, numbers, attributes), t)
            if defn.commutative:
                operands = (operands[1], operands[0])
                self.changed = True
        found = self.rewrite(defn, operands, t)
        if found is not None:
            self.changed = True
            return found
        scalars = _unsplat(operands)
        if scalars is not None and isinstance(t, T.TileType):
            self.changed = True
            return self.splat(self.compute(defn, scalars, t.element, attributes), t)
        return self.emit(defn, operands, t, attributes)

    def rewrite(self, defn: OpDef, operands: tuple[Value, ...], t: T.Type) -> Value | None:
        """What a rule puts in the place of an op, or None."""
        special = _ELEMENTWISE.get(defn)
        if special is not None and (v := special(self, operands, t)) is not None:
            return v
        for pattern, rule in rules.candidates(defn, operands):
            if (rule.fast and not self.fast) or (self.legal and not rule.legal):
                continue
            bound = rules.match(pattern, rule, operands)
            if bound is not None:
                return self.build(rule.replacement, bound, t, operands[-1].type)
        return None

    def build(self, p: Any, bound: dict[str, Any], result: T.Type | None, t: T.Type) -> Value:
        """A rule's replacement. result: the type of the whole, if it is the whole; t: the rule's type."""
        if not isinstance(p, str):
            operands = tuple([self.build(q, bound, None, t) for q in p[1:]])
            return self.compute(p[0], operands, result or infer_types(p[0], operands, {})[0], {})
        found = bound.get(p)
        if isinstance(found, Value):
            return found
        of = result or t
        return self.constant(rules.number(p, T.element_of(of)) if found is None else found, of)

    def constant(self, value: Any, t: T.Type) -> Value:
        element = T.element_of(t)
        key = _constant_key(value, element)
        v = self.known.get(key)
        if v is None:
            v = self.b.constant(value, element)
            self.remember(key, v)
        return self.splat(v, t) if isinstance(t, T.TileType) else v

    def splat(self, x: Value, t: T.TileType) -> Value:
        return self.emit(tile.SPLAT, (x,), t, {})

    def emit(self, defn: OpDef, operands: tuple[Value, ...], t: T.Type, attributes: dict[str, Any]) -> Value:
        """The op itself, unless the same was computed before."""
        if defn is memory.LOAD:
            key = (defn, operands, t, self.writes, *attributes.items())
        elif defn.mergeable:
            key = (defn, operands, t, *attributes.items()) if attributes else (defn, operands, t)
        else:
            self.writes += _may_change(defn)
            return self.append(defn, operands, t, attributes)
        v = self.known.get(key)
        if v is not None:
            self.changed = True
            return v
        v = self.known[key] = self.append(defn, operands, t, attributes)
        self.scope.append(key)
        return v

    def append(self, defn: OpDef, operands: tuple[Value, ...], t: T.Type, attributes: dict[str, Any]) -> Value:
        op = Op(defn, operands, (t,), attributes, (), self.b.span)
        self.b.region.ops.append(op)
        return op.results[0]

    def remember(self, key: tuple[object, ...], v: Value) -> None:
        self.known[key] = v
        self.scope.append(key)

    def before_loops(self, op: Op, operands: tuple[Value, ...], t: T.Type) -> Value | None:
        """The value of a function, computed before the open loops that change nothing of what it is made of; None without one."""
        key = (op.defn, operands, t)
        if op.attributes or self.f.level is not Level.THREAD or key in self.known:
            return None
        body, inside, found = self.b.region, frozenset[Value](), None
        for around in reversed(self.around):
            wider = inside.union(body.args, [v for x in body.ops for v in x.results])
            if around is None or not all(_is_fixed(v, wider) for v in operands):
                break
            found, inside, body = around, wider, around[0]
        if found is None:
            return None
        self.changed = True
        region, scope = found

        def move(v: Value) -> Value:
            made = v.op
            return emit(made, tuple([move(x) for x in made.operands]), v.type) if v in inside and made is not None else v

        def emit(made: Op, given: tuple[Value, ...], t: T.Type) -> Value:
            key = (made.defn, given, t, *made.attributes.items())
            if made.defn is arith.CONSTANT:
                key = _constant_key(made.attributes["value"], T.element_of(t))
            v = self.known.get(key)
            if v is None or v in inside:
                for keys in (self.scope, *[around[1] for around in self.around if around is not None]):
                    if key in keys:  # from here on it is known further out
                        keys.remove(key)
                v = self.known[key] = self.b.emit_op(made.defn, given, (t,), made.attributes).result
                scope.append(key)
            return v

        with self.b.inside(region):
            return emit(op, tuple([move(x) for x in operands]), t)

    # Effects and control flow

    def effect(self, op: Op) -> None:
        operands = self.take(op.operands)
        if op.defn in _CHECKS and rules.constant_of(operands[0]) is True:
            self.changed = True
            return
        self.writes += _may_change(op.defn)
        self.b.emit_op(op.defn, operands, (), op.attributes)

    def copy_whole(self, op: Op) -> None:
        """An op that this pass does not know: its regions simplified, itself kept."""
        self.writes += 1
        regions = tuple([self.region(r, None) for r in op.regions])
        new = self.b.emit_op(op.defn, self.take(op.operands), [r.type for r in op.results], op.attributes, regions)
        for old, result in zip(op.results, new.results, strict=True):
            self.define(old, result)

    def inside(self, region: Region, args: Sequence[Value], new: Region, *, loop: bool = False) -> list[Value]:
        """Build the ops of `region` into `new`; gives what it yields. What it computed is forgotten afterwards."""
        self.mapping.update(zip(region.args, args))
        outer, self.scope = self.scope, []
        self.around.append((self.b.region, outer) if loop else None)
        span = self.b.span
        with self.b.inside(new):
            self.ops(region)
        self.b.span = span
        self.around.pop()
        for key in self.scope:
            del self.known[key]
        self.scope = outer
        return self.take_yielded(region)

    def take_yielded(self, region: Region) -> list[Any]:
        # A dead slot's value was not built; nobody looks at it.
        return [self.mapping.get(v) for v in region.yielded]

    def close(self, region: Region, values: Sequence[Value]) -> Region:
        with self.b.inside(region):
            self.b.yield_(*values)
        return region

    def region(self, region: Region, keep: list[int] | None) -> Region:
        new = Region(tuple([a.type for a in region.args]), tuple([a.name for a in region.args]))
        values = self.inside(region, new.args, new)
        return self.close(new, values if keep is None else [values[k] for k in keep])

    def slots(self, op: Op) -> list[int]:
        live = self.live.slots.get(op, ())
        kept = [k for k in range(len(op.results)) if k in live]
        if len(kept) != len(op.results):
            self.changed = True
        return kept

    def if_(self, op: Op) -> None:
        cond = self.mapping[op.operands[0]]
        decided = self.decided(cond)
        if decided is not None:
            self.inline(op, op.regions[0 if decided else 1])
            return
        kept = self.slots(op)
        branches: list[Region] = []
        given: list[list[Value]] = []
        before = most = self.writes
        for region, holds in zip(op.regions, (True, False), strict=True):
            new = Region()
            self.truth[cond], self.writes = holds, before  # neither branch sees what the other writes
            given.append(self.inside(region, (), new))
            del self.truth[cond]
            most = max(most, self.writes)
            branches.append(new)
        self.writes = most
        self.compute_always(op, branches)
        kept = [k for k in kept if not self.settle(op, k, cond, branches, given)]
        if not kept and not branches[0].ops and not branches[1].ops:
            self.changed = True
            return
        stores = self.sunk(branches)
        plain = self.f.level is Level.THREAD and not (self.legal or kept or stores)
        if plain and store_once(self.b, self.compute, cond, branches):
            self.changed = self.reopened = True
            return
        for new, values, others in zip(branches, given, zip(*stores, strict=True) if stores else ((), ()), strict=True):
            self.close(new, [*[values[k] for k in kept], *[store.operands[-1] for store in others]])
        types = [*[op.results[k].type for k in kept], *[store.operands[-1].type for store, _ in stores]]
        made = self.b.if_(cond, types, branches[0], branches[1])
        for k, result in zip(kept, made.results, strict=False):
            self.define(op.results[k], result)
        for (store, _), result in zip(stores, made.results[len(kept) :], strict=True):
            with self.b.at(store.span):
                at = [self.made_again(v, branches[0]) for v in store.operands[:-1]]
                self.b.emit_op(store.defn, (*at, result), (), store.attributes)

    def compute_always(self, op: Op, branches: list[Region]) -> None:
        """The second part of `a and b`, or of `a or b`, if that takes few and quick operations: what is asked at once may be known
        of a whole row of threads, or say which of a row's threads take part."""
        if self.f.level is not Level.THREAD or self.legal or not op.results or not all(r.type is T.bool_ for r in op.results):
            return
        ops = [*branches[0].ops, *branches[1].ops]
        if 0 < len([o for o in ops if o.operands]) <= _FEW_QUICK and all(is_quick(o) for o in ops):
            self.b.region.ops += ops
            branches[0].ops, branches[1].ops = [], []
            self.changed = self.reopened = True

    def sunk(self, branches: list[Region]) -> list[tuple[Op, Op]]:
        """Stores to one place that both branches end with, taken out of them: behind them one will do, and what is left may be
        a choice of values. In their order."""
        found: list[tuple[Op, Op]] = []
        while True:
            one, other = [next((op for op in reversed(branch.ops) if not op.defn.elementwise), None) for branch in branches]
            if one is None or other is None or one.defn is not memory.STORE or other.defn is not memory.STORE:
                break
            values = one.operands[-1], other.operands[-1]
            if values[0].type != values[1].type or one.attributes != other.attributes:
                break
            made = [branch.ops for branch in branches]
            if not all(alike(v, w, made) for v, w in zip(one.operands[:-1], other.operands[:-1], strict=True)):
                break
            found.insert(0, (one, other))
            branches[0].ops.remove(one)
            branches[1].ops.remove(other)
            self.changed = self.reopened = True
        return found

    def made_again(self, v: Value, branch: Region) -> Value:
        """A value that a branch behind this place has made of what is known here."""
        op = v.op
        if op is None or op not in branch.ops:
            return v
        given = tuple([self.made_again(w, branch) for w in op.operands])
        return self.compute(op.defn, given, v.type, op.attributes)

    def decided(self, cond: Value) -> bool | None:
        known = rules.constant_of(cond)
        if known is None:
            known = self.truth.get(cond)
        if known is None and cond.op is not None and cond.op.defn is arith.NOT:
            inner = self.truth.get(cond.op.operands[0])
            known = None if inner is None else not inner
        return known

    def settle(self, op: Op, k: int, cond: Value, branches: list[Region], given: list[list[Value]]) -> bool:
        """Whether result `k` needs no branch: both give the same value, or there is nothing to run for it."""
        a, b = given[0][k], given[1][k]
        if a is b:
            self.define(op.results[k], a)
        elif (number := rules.constant_of(a)) is not None and _same(number, rules.constant_of(b)):
            self.define(op.results[k], self.constant(number, a.type))
        elif not branches[0].ops and not branches[1].ops and isinstance(a.type, T.ScalarType):
            self.define(op.results[k], self.compute(arith.SELECT, (cond, a, b), a.type, {}))
        else:
            return False
        self.changed = True
        return True

    def inline(self, op: Op, region: Region, args: Sequence[Value] = ()) -> None:
        """The ops of a region right here; the op's results are what it yields."""
        self.changed = True
        self.mapping.update(zip(region.args, args))
        self.ops(region)
        self.pass_on(op, self.take_yielded(region))

    def pass_on(self, op: Op, values: Sequence[Value | None]) -> None:
        for old, new in zip(op.results, values, strict=True):
            if new is not None:
                self.define(old, new)

    def for_(self, op: Op) -> None:
        lo, hi, step = self.take(op.operands[:3])
        body = op.regions[0]
        init = [self.mapping.get(v) for v in op.operands[3:]]
        trips = _trips(lo, hi, step)
        if trips == 0:
            self.changed = True
            self.pass_on(op, init)
            return
        if trips == 1:
            self.inline(op, body, [lo, *init])  # type: ignore[list-item]
            return
        if trips is not None and op in self.loops:
            self.unroll(op, lo, step, trips, init)
            return
        start = self.start(lo, hi, step) if trips is None else None
        if start is not None:
            lo, hi = self.constant(0, T.index), self.constant(start[1], T.index)
        self.writes += _changes(op)
        kept = self.invariant(op, init, op.operands[3:], body, body.args[1:], (body.args[1:],))
        new = Region((T.index, *[op.results[k].type for k in kept]),
                     (body.args[0].name, *[body.args[k + 1].name for k in kept]))  # fmt: skip
        self.mapping[body.args[0]] = new.args[0]
        self.ranges.loops[new.args[0]] = lo, hi, step
        if start is not None:
            self.changed = self.reopened = True
            with self.b.inside(new):
                self.mapping[body.args[0]] = self.append(arith.ADD, (new.args[0], start[0]), T.index, {})
        self.mapping.update({body.args[k + 1]: a for k, a in zip(kept, new.args[1:], strict=True)})
        values = self.inside(body, (), new, loop=True)
        self.close(new, [values[k] for k in kept])
        self.reopened |= _carries_nothing(new.yielded, new.args[1:], [init[k] for k in kept])
        made = self.b.for_(lo, hi, step, [init[k] for k in kept], new)  # type: ignore[list-item]
        for k, result in zip(kept, made.results, strict=True):
            self.define(op.results[k], result)

    def start(self, lo: Value, hi: Value, step: Value) -> tuple[Value, int] | None:
        """Where a loop starts and how far it goes, if only the latter is a number: it counts up from 0 instead."""
        by, far = rules.constant_of(step), distance(lo, hi, self.ranges)
        if self.f.level is not Level.THREAD or by is None or by <= 0 or far is None or far <= 0:
            return None
        return lo, far

    def unroll(self, op: Op, lo: Value, step: Value, trips: int, values: list[Any]) -> None:
        """All trips of a loop, one behind the other."""
        body = op.regions[0]
        first, by = rules.constant_of(lo), rules.constant_of(step)
        assert first is not None and by is not None
        size = _size(body)
        for k in range(trips):
            self.room -= size
            if self.room < 0:
                raise TooLong
            self.mapping.update(zip(body.args, [self.constant(first + k * by, T.index), *values], strict=True))
            self.ops(body)
            values = self.take_yielded(body)
        self.changed = True
        self.pass_on(op, values)

    def invariant(self, op: Op, init: Sequence[Value | None], before: Sequence[Value], body: Region,
                  carried: Sequence[Value], args: Sequence[Sequence[Value]]) -> list[int]:  # fmt: skip
        """Slots that change from trip to trip; the others are mapped to their initial value at once."""
        kept: list[int] = []
        for k in self.slots(op):
            first, after = init[k], body.yielded[k]
            if first is None or (after is not carried[k] and after is not before[k]):
                kept.append(k)
                continue
            self.changed = True
            for group in args:
                self.mapping[group[k]] = first
            self.mapping[op.results[k]] = first
        return kept

    def unroll_while(self, op: Op) -> None:
        """All trips of a loop, each behind its condition, as long as that is true."""
        cond, body = op.regions
        values: list[Any] = [self.mapping.get(v) for v in op.operands]
        self.changed = True
        size = _size(cond) + _size(body)
        while True:
            self.room -= size
            self.mapping.update(zip(cond.args, values, strict=True))
            self.ops(cond)
            holds = rules.constant_of(self.take_yielded(cond)[0])  # type: ignore[arg-type]
            if self.room < 0 or holds is None:
                raise TooLong
            if not holds:
                break
            self.mapping.update(zip(body.args, values, strict=True))
            self.ops(body)
            values = self.take_yielded(body)
        self.pass_on(op, values)

    def while_(self, op: Op) -> None:
        if op in self.loops:
            self.unroll_while(op)
            return
        cond, body = op.regions
        self.writes += _changes(op)
        init = [self.mapping.get(v) for v in op.operands]
        kept = self.invariant(op, init, op.operands, body, body.args, (cond.args, body.args))
        types = tuple([op.results[k].type for k in kept])
        made: list[Region] = []
        for region in (cond, body):
            new = Region(types, tuple([region.args[k].name for k in kept]))
            self.mapping.update({region.args[k]: a for k, a in zip(kept, new.args, strict=True)})
            values = self.inside(region, (), new, loop=True)
            if region is cond and rules.constant_of(values[0]) is False and not has_effects(cond):
                self.changed = True
                self.pass_on(op, init)
                return
            made.append(self.close(new, values if region is cond else [values[k] for k in kept]))
        self.reopened |= _carries_nothing(made[1].yielded, made[1].args, [init[k] for k in kept])
        loop = self.b.while_([init[k] for k in kept], made[0], made[1])  # type: ignore[list-item]
        for k, result in zip(kept, loop.results, strict=True):
            self.define(op.results[k], result)


def _size(region: Region) -> int:
    """Ops of a region, with those of branches, and with what a barrier makes; loops inside count by themselves if unrolled."""
    total = len(region.ops)
    for op in region.ops:
        total += _BARRIER if op.defn is simt.BARRIER else 0
        total += sum([_size(inner) for inner in op.regions]) if op.defn is scf.IF else 0
    return total


def _is_fixed(v: Value, inside: frozenset[Value], steps: int = _STEPS) -> bool:
    """Whether a value is none of those made inside of loops, or made in few steps of what is not."""
    if v not in inside:
        return True
    op = v.op
    return op is not None and op.defn.elementwise and steps > 0 and all(_is_fixed(x, inside, steps - 1) for x in op.operands)


def _may_change(defn: OpDef) -> bool:
    """Whether a load behind an op may give something else than before it: it writes, waits for others, or reads in some order."""
    return defn is not memory.LOAD and (defn.touches or defn.orders or defn.convergent)


def _changes(loop: Op) -> bool:
    """The same for a loop, whose first ops come behind its last ones."""
    return any(_may_change(op.defn) for op in inner_ops(loop))


def _carries_nothing(after: Sequence[Value], carried: Sequence[Value], init: Sequence[Value | None]) -> bool:
    """Whether a loop turned out to carry a value that stays what it was."""
    return any(a is c or a is first for a, c, first in zip(after, carried, init, strict=True))


def _same(a: Any, b: Any) -> bool:
    return b is not None and (rules.same_number(a, b) or (a != a and b != b))


def _unsplat(operands: Sequence[Value]) -> tuple[Value, ...] | None:
    """The scalars of which all operands are splats."""
    scalars = []
    for v in operands:
        op = v.owner
        if type(op) is not Op or op.defn is not tile.SPLAT:
            return None
        scalars.append(op.operands[0])
    return tuple(scalars) or None


def _trips(lo: Value, hi: Value, step: Value) -> int | None:
    """How often a loop runs, when that is known."""
    a, z, s = rules.constant_of(lo), rules.constant_of(hi), rules.constant_of(step)
    if lo is hi or s == 0:
        return 0
    if a is None or z is None or s is None:
        return None
    return scf.trip_count(a, z, s)


# Rules that need types or other ops than a pattern can say.


def _cast(s: _Sweep, operands: tuple[Value, ...], t: T.Type) -> Value | None:
    (x,) = operands
    if x.type == t:
        return x
    op = x.op
    if op is not None and op.defn in _BOUNDS and not s.legal:
        inner = _unclamped(x, T.element_of(t))
        return None if inner is x else s.compute(arith.CAST, (inner,), t, {})
    if op is None or op.defn is not arith.CAST:
        return None
    first = op.operands[0]
    middle, last = T.element_of(x.type), T.element_of(t)
    source = T.element_of(first.type)
    if not rules.cast_chain(source, middle, last) or (s.legal and not (source.is_integer and last.is_integer)):
        return None
    return s.compute(arith.CAST, (first,), t, {})


_BOUNDS = (arith.MINIMUM, arith.MAXIMUM)


def _unclamped(x: Value, t: T.ScalarType) -> Value:
    """A float before it was clamped to what an integer type holds, or further: a cast to it does that, and makes 0 of NaN, which
    clamps let through."""
    if not T.element_of(x.type).is_float or not t.is_integer:
        return x
    low, high = T.limits(t)
    while (op := x.op) is not None and op.defn in _BOUNDS and (c := rules.constant_of(op.operands[1])) is not None:
        if not (c >= high if op.defn is arith.MINIMUM else c <= low):
            break
        x = op.operands[0]
    return x


def _bitcast(s: _Sweep, operands: tuple[Value, ...], t: T.Type) -> Value | None:
    (x,) = operands
    if x.type == t:
        return x
    op = x.op
    return s.compute(arith.BITCAST, op.operands, t, {}) if op is not None and op.defn is arith.BITCAST else None


def _not(s: _Sweep, operands: tuple[Value, ...], t: T.Type) -> Value | None:
    """not (a < b) is a >= b where all numbers are ordered."""
    op = operands[0].op
    opposite = rules.NOT_ORDER.get(op.defn) if op is not None else None
    if op is None or opposite is None or not T.element_of(op.operands[0].type).is_integer:
        return None
    return s.compute(opposite, op.operands, t, {})


def _below(s: _Sweep, operands: tuple[Value, ...], t: T.Type) -> Value | None:
    """Numbers of lanes are 0 and more, and less than there are."""
    lanes, n = operands[0].op, rules.constant_of(operands[1])
    if n is None or lanes is None or lanes.defn is not tile.IOTA or not isinstance(t, T.TileType):
        return None
    return s.constant(n > 0, t) if n <= 0 or n >= math.prod(t.shape) else None


def _select(s: _Sweep, operands: tuple[Value, ...], t: T.Type) -> Value | None:
    known = s.truth.get(operands[0])
    return None if known is None else operands[1 if known else 2]


def _extent(s: _Sweep, op: Op, operands: tuple[Value, ...]) -> Value | None:
    t = operands[0].type
    if not isinstance(t, T.ArrayType) or t.shape is None:
        return None
    return s.constant(t.shape[op.attributes["axis"]], T.index)


def _block_dim(s: _Sweep, op: Op, operands: tuple[Value, ...]) -> Value | None:
    block, merged = s.f.attributes.get("block"), s.f.attributes.get("merged") or s.f.attributes.get("neighbours")
    axis = op.attributes["axis"]
    if block is None or (merged is not None and axis == merged[0]):  # how many blocks run as one is not known
        return None
    return s.constant(block[axis], T.index)


def _subgroup_size(s: _Sweep, op: Op, operands: tuple[Value, ...]) -> Value | None:
    return s.constant(s.lanes, T.index) if s.lanes else None


def _thread_id(s: _Sweep, op: Op, operands: tuple[Value, ...]) -> Value | None:
    """The only one along an axis of blocks of one thread. (On a CPU a row of lanes may go past the end.)"""
    block = s.f.attributes.get("block")
    is_only = block is not None and "cut" in s.f.attributes and block[op.attributes["axis"]] == 1
    return s.constant(0, T.index) if is_only else None


def _of_mask(s: _Sweep, op: Op, operands: tuple[Value, ...]) -> Value | None:
    """Any and all lanes of a splat are its scalar, and any of the first few are those."""
    scalars = _unsplat(operands)
    if scalars is not None:
        return scalars[0]
    test = operands[0].op
    return s.constant(True, T.bool_) if op.defn is tile.ANY and test is not None and _is_some_first(test) else None


def _is_some_first(test: Op) -> bool:
    """Whether a mask is that of the first lanes, one or more."""
    lanes = test.operands[0].op if test.defn is arith.LT else None
    return lanes is not None and lanes.defn is tile.IOTA and (rules.constant_of(test.operands[1]) or 0) > 0


def _extract(s: _Sweep, op: Op, operands: tuple[Value, ...]) -> Value | None:
    scalars = _unsplat(operands[:1])
    return scalars[0] if scalars is not None else None


_ELEMENTWISE = {arith.CAST: _cast, arith.BITCAST: _bitcast, arith.NOT: _not, arith.SELECT: _select, arith.LT: _below}
_SPECIAL = {
    memory.EXTENT: _extent, simt.BLOCK_DIM: _block_dim, simt.THREAD_ID: _thread_id, tile.ANY: _of_mask,
    tile.ALL: _of_mask, tile.EXTRACT: _extract, simt.SUBGROUP_SIZE: _subgroup_size,
}  # fmt: skip
_CHECKS = frozenset((simt.ASSERT, simt.CHECK, tile.CHECK))
_CONTROL = {scf.IF: _Sweep.if_, scf.FOR: _Sweep.for_, scf.WHILE: _Sweep.while_}
