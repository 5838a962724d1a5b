"""Loops: `for` over range, `while`, and loops unrolled at compile time.

One idea: a loop carries the variables that it assigns and that are live where a round begins or after the loop. Their
types are found by lowering the body until the types it ends with are those it began with; a variable that starts as a
literal (`s = 0.0`) is weak in the first attempt and takes the type that the loop gives it:

* what the body assigns to it, if that has a type of its own (`s += x[i]` gives the type of x);
* otherwise i32 or f32, or the 64-bit type (index, i64, f64) that it is used together with, so that a counter used as
  an array index is an `index`.

A `for` that contains `break` or `return` is a `while` with a counter; those exits are flags that the loop carries.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from ..diagnostics import Label
from ..ir import types as T
from ..ir.core import Region, Value
from ..ir.ops import arith
from .arguments import called, range_arguments, spread_arguments
from .branches import RESULT, RETURN, Step, branch, has_ended, run
from .expressions import both
from .facts import assigned_when
from .iterables import as_items, is_displayed, items
from .lowering import MOST_UNROLLED, Loop, Lowering, statement
from .merge import Slot, filler, meet, pack, same, slot_of, slot_types, unpack
from .operators import truth
from .promote import Conflict, Weak, holding, promote
from .statements import assign_target, lost_at_break
from .values import Undefined, describe, held_in

__all__ = ["lower_for", "lower_while"]

_MOST_ATTEMPTS = 12
_DONE = ".done"  # of a `while` whose condition stands in the body: that it was false


def _push(L: Lowering, node: ast.For | ast.While) -> Loop:
    facts = L.frame.source.facts
    loop = Loop(len(L.frame.loops), facts.head[node] | facts.live_out[node])
    L.frame.loops.append(loop)
    return loop


def _otherwise(L: Lowering, node: ast.For | ast.While, broken: bool | Value, *, held: Sequence[str] = (),
               done: Sequence[str] = ()) -> None:  # fmt: skip
    """A loop's else: what runs unless `break` left the loop. held: names that have a value after `break`; done: otherwise."""

    def left() -> None:
        held_in(L.frame.env, held)

    def rest() -> None:
        held_in(L.frame.env, done)
        run(L, node.orelse, live, tail=False)

    live = L.frame.source.facts.live_out[node]
    if isinstance(broken, Value):
        exits = L.frame.source.facts.exits_of(node.orelse)
        inner = live | L.frame.loops[-1].live if L.frame.loops and exits & {"break", "continue"} else live
        run(L, [Step(node, exits, lambda: branch(L, broken, left, rest, inner, node))], live, tail=False)
    elif not has_ended(L):
        left() if broken else run(L, [Step(node, frozenset(), rest)], live, tail=False)


class _Carry:
    """One loop being lowered: which variables it carries, as what."""

    def __init__(self, L: Lowering, node: ast.For | ast.While, *, endless: bool) -> None:
        facts = L.frame.source.facts
        self.L = L
        self.node = node
        self.endless = endless
        self.before = L.frame.env
        self.after = facts.live_out[node]
        self.keeps = endless or bool(node.orelse)  # what `break` leaves in variables without a value before is read
        self.assigned = facts.assigned[node]
        self.exits = facts.exits_of(node.body)
        live = facts.head[node] | self.after | facts.orelse[node]
        if isinstance(node, ast.For):  # the loop variable itself lives on only if it had a value before
            live = (live - self.bound()) | (self.bound() & self.after)
        L.unrolled += 1  # any number that is new for each loop
        self.mark = f"@{L.unrolled}"
        self.slots: dict[str, Slot] = {
            n: slot_of(L, v, n + self.mark)
            for n, v in self.before.items()
            if n in self.assigned and n in live and not isinstance(v, Undefined)
        }
        self.started = {n: L.frame.assigned_at.get(n) for n in self.slots}
        self.late: set[str] = set()  # carried, but without a value before the loop
        self.flags: list[str] = []

    def bound(self) -> frozenset[str]:
        if not isinstance(self.node, ast.For):
            return frozenset()
        return frozenset(n.id for n in ast.walk(self.node.target) if isinstance(n, ast.Name))

    def kept(self) -> list[str]:
        """Names that have no value but after `break`."""
        return sorted(self.late - {RESULT})

    def types(self) -> list[T.ScalarType]:
        return [t for s in self.slots.values() for t in slot_types(s)] + [T.bool_] * len(self.flags)

    def initial(self) -> list[Value]:
        """What the loop is entered with."""
        L = self.L
        out: list[Value] = []
        for name, slot in self.slots.items():
            v = self.before.get(name, _MISSING)
            if not isinstance(v, Undefined):
                self._must_fit(name, slot_of(L, v), slot)
            out += filler(L, slot, self.node) if isinstance(v, Undefined) else pack(L, v, slot, self.node)
        return out + [L.constant(False, T.bool_, self.node) for _ in self.flags]

    def _must_fit(self, name: str, start: Slot, slot: Slot) -> None:
        """Refuse a literal that the type that the loop gave its variable does not hold."""
        if slot[0] == "tuple":
            for before, inner in zip(start[1], slot[1], strict=True):
                self._must_fit(name, before, inner)
        elif slot[0] == "leaf" and isinstance(start[2], Weak) and isinstance(met := promote(start[2], slot[1]), Conflict):
            lo, hi = T.limits(slot[1])
            wide = holding(slot[1], start[2])
            number = start[2].lo if start[2].lo < lo else start[2].hi
            self.L.refuse(met.code, self.started[name] or self.node,
                          f"{name!r} starts as {number}, and in the loop it is {slot[1]}, whose numbers are {lo} to {hi}",
                          help=f"start it in a type that holds both, for example {wide}({number})",
                          labels=self._labels(name))  # fmt: skip

    def enter(self, args: Sequence[Value]) -> dict[str, Value]:
        """Bind the variables to a region's arguments; gives the flags' values."""
        env = {n: v for n, v in self.before.items() if n not in self.assigned}
        values = iter(args)
        self.entered: dict[str, Any] = {}
        for name, slot in self.slots.items():
            value = unpack(self.L, slot, values)
            if isinstance(value, Value) and not value.name:
                value.name = name.strip(".")
            self.entered[name] = value
            if name not in self.late or name == RESULT:
                env[name] = value
        for name in self.assigned:
            if name not in env and name in self.before:
                kept = self.before[name]
                if name in self.unchanged:
                    env[name] = kept
        self.L.frame.env = env
        self.L.frame.flags = {}
        return dict(zip(self.flags, values, strict=True))

    unchanged: frozenset[str] = frozenset()
    last: int | None = None  # what the loop variable is in the last round of a range of numbers, of which there is one

    def settle(self, adopted: Sequence[tuple[frozenset[str], T.ScalarType]]) -> bool:
        """Compare what a round ends with to what it began with; False to lower it again with other types."""
        L, env = self.L, self.L.frame.env
        stable = True
        for name, slot in list(self.slots.items()):
            if name in env and name not in self.late and same(env[name], self.entered[name]):
                if name not in self.bound():
                    del self.slots[name]
                    self.unchanged |= {name}
                    stable = stable and not slot_types(slot)  # an array that is stored to: no argument of a round
                continue
            end = _kept(env, name)
            if isinstance(end, Undefined):
                if name in self.late:
                    del self.slots[name]
                    stable = False
                continue
            met = meet(L, name, slot, slot_of(L, end), self.node, self._labels(name))
            types = {t for roots, t in adopted if name + self.mark in roots}
            new = _resolved(met, types)
            if new != slot and not (_same_types(new, slot) and types <= set(slot_types(slot))):
                stable = False
            self.slots[name] = new
        return self._late_names() and stable

    def _late_names(self) -> bool:
        """Variables that get their value inside the loop and keep it: what is read after `break`, and what is returned."""
        L, env = self.L, self.L.frame.env
        stable = True
        loop = L.frame.loops[-1]
        candidates = sorted(self.assigned & self.after) if self.keeps else []
        for name in [*candidates, RESULT]:
            v = _kept(env, name)
            if name in self.slots or isinstance(v, Undefined) or name in loop.undefined_at_break:
                continue
            if name in self.before and not isinstance(self.before[name], Undefined) and name != RESULT:
                continue
            if name == RESULT and "return" not in self.exits:
                continue
            self.slots[name] = _resolved(slot_of(L, v), set())
            self.late.add(name)
            stable = False
        return stable

    def _labels(self, name: str) -> list[Label]:
        at = self.L.frame.assigned_at.get(name)
        return [Label(at, "assigned here")] if at is not None else []

    def yields(self) -> list[Value]:
        """What a round ends with, in the carried types."""
        L, env = self.L, self.L.frame.env
        out: list[Value] = []
        for name, slot in self.slots.items():
            v = _kept(env, name)
            out += filler(L, slot, self.node) if isinstance(v, Undefined) else pack(L, v, slot, self.node)
        for key in self.flags:
            out += pack(L, L.frame.flags.get(key, False), ("leaf", T.bool_, None), self.node)
        return out

    def leave(self, results: Sequence[Value]) -> dict[str, Value]:
        """The variables after the loop; gives which exits were taken."""
        L = self.L
        env = {n: v for n, v in self.before.items() if n not in self.assigned or n in self.unchanged}
        values = iter(results)
        for name, slot in self.slots.items():
            env[name] = unpack(L, slot, values)
            if isinstance(env[name], Value) and not env[name].name:
                env[name].name = name.strip(".")
            if self.node.orelse and name in self.late and name != RESULT:
                env[name] = self._lost(name, held=env[name])
        flags = dict(zip(self.flags, values, strict=True))
        for name in sorted(self.assigned & (self.after | L.frame.source.facts.orelse[self.node])):
            if name not in env:
                env[name] = self._lost(name) if self.last is None or name not in self.bound() else self.last
        L.frame.env = env
        L.frame.flags = {RETURN: flags[RETURN]} if RETURN in flags else {}
        if self.endless and not flags.keys() - {RETURN}:  # the only way out of it was a return
            L.frame.flags = {RETURN: True}
        return flags

    def _lost(self, name: str, **held: Any) -> Undefined:
        at = self.L.frame.assigned_at.get(name)
        spans = (at,) if at is not None else ()
        if name in self.bound():
            reason = f"the loop variable {name!r} has no value after the loop, which may run zero times"
            return Undefined((self.L.span(self.node.target),), reason, "K311", **held)  # type: ignore[union-attr]
        if self.endless:
            return Undefined(spans, f"{name!r} may have no value here: the loop may be left before it is assigned", **held)
        return Undefined(spans, f"{name!r} may have no value here: the loop that assigns it may run zero times", **held)


def _kept(env: dict[str, Any], name: str) -> Any:
    """What a variable is where a round ends; where only a round that `break` ended gave it a value, that one."""
    v = env.get(name, _MISSING)
    return v.held if isinstance(v, Undefined) and v.is_held else v


_MISSING = Undefined()


def _same_types(a: Slot, b: Slot) -> bool:
    return a[0] == b[0] and slot_types(a) == slot_types(b)


def _resolved(s: Slot, adopted: set[T.ScalarType]) -> Slot:
    """A slot with the types of weak variables decided."""
    if s[0] == "leaf" and s[2] is not None:
        return ("leaf", _decide(s[2], s[1], adopted), None)
    if s[0] == "agg":
        return s
    return ("tuple", tuple([_resolved(p, adopted) for p in s[1]])) if s[0] == "tuple" else s


def _decide(weak: Weak, default: T.ScalarType, adopted: set[T.ScalarType]) -> T.ScalarType:
    wide = (T.f64,) if weak.is_float else (T.index, T.i64)
    return next((t for t in wide if t in adopted), default)


def _attempts(L: Lowering, carry: _Carry, loop: Loop, lower: Callable[[], Callable[[], Sequence[Value]]]) -> dict[str, Value]:
    """Lower until the types hold still; `lower` gives what to do once they do."""
    outer_env, outer_flags = L.frame.env, L.frame.flags
    for _ in range(_MOST_ATTEMPTS):
        loop.undefined_at_break.clear()
        mark = len(L.adopted)
        finish = lower()
        if carry.settle(L.adopted[mark:]):
            break
        L.frame.env, L.frame.flags = outer_env, outer_flags
    else:
        L.refuse("K206", carry.node, "the types of this loop's variables depend on each other in a circle",
                 help="give the variables a type before the loop, for example s = f32(0)")  # fmt: skip
    results = finish()
    L.frame.loops.pop()
    return carry.leave(results)


# while


@statement(ast.While)
def lower_while(L: Lowering, node: ast.While) -> None:
    is_assigning = any(isinstance(n, ast.NamedExpr) for n in ast.walk(node.test))
    test = None if is_assigning else _constant_test(L, node)
    if test is False:
        _otherwise(L, node, False)
        return
    endless = test is True
    carry = _Carry(L, node, endless=endless or is_assigning)
    if endless and not carry.exits & {"break", "return"}:
        L.refuse(
            "K315",
            node,
            "this loop never ends: it has neither a condition nor a way out",
            help="add a condition or `break`",
        )
    loop = _push(L, node)
    if "break" in carry.exits:
        carry.flags.append(loop.brk)
    if is_assigning:  # the body begins with the condition, so that it sees what that assigns
        carry.flags.append(_DONE)
    if "return" in carry.exits:
        carry.flags.append(RETURN)

    def round_() -> None:
        if not is_assigning:
            run(L, node.body, loop.live, tail=True)
            return
        going = L.value(truth(L, L.eval(node.test), node.test), node.test)
        branch(L, going, body_of_round, done, loop.live, node, tail=True)

    def body_of_round() -> None:
        held_in(L.frame.env, assigned_when(node.test, True))
        run(L, node.body, loop.live, tail=True)

    def done() -> None:
        if not node.orelse:
            lost_at_break(L, loop)
        L.frame.flags = {**L.frame.flags, _DONE: True}

    def lower() -> Callable[[], Sequence[Value]]:
        types = tuple(carry.types())
        cond, body = Region(types), Region(types)
        with L.b.inside(cond):
            flags = carry.enter(cond.args)
            going = _going(L, flags, node)
            if not endless and not is_assigning:
                going = both(L, going, lambda: truth(L, L.eval(node.test), node.test), node.test)
            L.b.yield_(L.value(going, node.test))
        with L.b.inside(body):
            carry.enter(body.args)
            round_()

        def finish() -> Sequence[Value]:
            with L.b.inside(body):
                L.b.yield_(*carry.yields())
            L.frame.env = carry.before
            init = carry.initial()
            L.b.span = L.span(node)
            return L.b.while_(init, cond, body).results

        return finish

    taken = _attempts(L, carry, loop, lower)
    _otherwise(L, node, taken.get(loop.brk, False), held=carry.kept(), done=sorted(assigned_when(node.test, False)))


def _constant_test(L: Lowering, node: ast.While) -> bool | None:
    """The condition if it can be read off: a literal, or a constant name that the loop does not assign."""
    reads = L.frame.source.facts.reads(node.test)
    if any(isinstance(n, ast.Call) for n in ast.walk(node.test)) or reads & L.frame.source.facts.assigned[node]:
        return None
    scratch = Region()
    with L.b.inside(scratch):
        v = truth(L, L.eval(node.test), node.test)
    return v if isinstance(v, bool) else None


def _going(L: Lowering, flags: dict[str, Value], node: ast.AST) -> bool | Value:
    """Whether no exit was taken in the rounds before."""
    out: bool | Value = True
    for v in flags.values():
        on = L.emit(node, arith.NOT, v)
        out = on if out is True else L.emit(node, arith.AND, out, on)
    return out


# for


@statement(ast.For)
def lower_for(L: Lowering, node: ast.For) -> None:
    call = node.iter
    f = called(L, call)
    if isinstance(call, ast.Call):
        call = spread_arguments(L, call)
        if f is range:
            _for_range(L, node, _range(L, call))
            return
        name = getattr(f, "__kdsl_intrinsic__", "")
        if name == "parallel":
            L.refuse("K114", call, "element regions (kdsl.parallel) belong to block programs, this is a thread kernel",
                     help="every thread works on its own element: use kdsl.global_id")  # fmt: skip
        if f is reversed and (backward := _reversed_range(L, call)) is not None:
            _for_range(L, node, backward)
            return
        if name == "static_range" or f in (enumerate, zip, reversed):
            _unrolled(L, node, items(L, call, getattr(f, "__name__", "")))
            return
    v = items(L, call, "a loop") if is_displayed(call) else L.eval(call)
    found = as_items(L, v, node.iter)
    if found is None:
        L.refuse("K112", node.iter, f"a loop goes over range, kdsl.static_range or a tuple; this is {describe(v)}",
                 help="write for i in range(n): and index with i")  # fmt: skip
    _unrolled(L, node, found)


def _range(L: Lowering, call: ast.Call) -> tuple[Value, Value, Value]:
    values = range_arguments(L, call)
    for v, a in zip(values, call.args, strict=True):
        v = L.number(v, a, "an integer")
        t = L.type_of(v)
        if t is T.bool_ or t.is_float:
            fix = ("count the steps, and multiply: for k in range(n): t = k * step" if a is call.args[-1] and len(values) == 3
                   else "write i32(...) around it")  # fmt: skip
            L.refuse("K205", a, f"range counts integers, this is {describe(v)}", help=fix)
    if len(values) == 3 and isinstance(values[2], int) and values[2] == 0:
        L.refuse("K314", call.args[2], "the step of a range cannot be 0", help="use a step of 1 or -1")
    out = [L.convert(v, T.index, a) if not isinstance(v, Value) or v in L.weak else L.cast(v, T.index, a)
           for v, a in zip(values, call.args, strict=True)]  # fmt: skip
    if len(out) == 1:
        out.insert(0, L.constant(0, T.index, call))
    if len(out) == 2:
        out.append(L.constant(1, T.index, call))
    return out[0], out[1], out[2]


def _reversed_range(L: Lowering, call: ast.Call) -> tuple[Value, Value, Value] | None:
    """`reversed(range(a, b))` as the bounds of `range(b - 1, a - 1, -1)`."""
    inner = call.args[0] if len(call.args) == 1 and not call.keywords else None
    if not isinstance(inner, ast.Call) or called(L, inner) is not range:
        return None
    if len(inner.args) == 3:
        L.refuse("K112", inner, "reversed works on ranges without a step", help="write the range that counts down")
    low, high, one = _range(L, spread_arguments(L, inner))  # as index, which has a number before 0
    before = [L.emit(inner, arith.SUB, bound, one) for bound in (high, low)]
    return before[0], before[1], L.constant(-1, T.index, inner)


def _for_range(L: Lowering, node: ast.For, bounds: tuple[Value, Value, Value]) -> None:
    if not isinstance(node.target, ast.Name):
        L.refuse("K132", node.target, "range gives one number per round", help="write for i in range(n):")
    name = node.target.id
    L.frame.assigned_at[name] = L.span(node.target)
    carry = _Carry(L, node, endless=False)
    loop = _push(L, node)
    if carry.exits & {"break", "return"}:
        _for_with_exits(L, node, carry, loop, bounds, name)
        return
    carry.last = _last(node, bounds)

    def lower() -> Callable[[], Sequence[Value]]:
        body = Region((T.index, *carry.types()))
        body.args[0].name = name
        with L.b.inside(body):
            carry.enter(body.args[1:])
            L.frame.env[name] = body.args[0]
            run(L, node.body, loop.live, tail=True)

        def finish() -> Sequence[Value]:
            with L.b.inside(body):
                L.b.yield_(*carry.yields())
            L.frame.env = carry.before
            init = carry.initial()
            L.b.span = L.span(node)
            return L.b.for_(*bounds, init, body).results

        return finish

    _attempts(L, carry, loop, lower)
    _otherwise(L, node, False)


def _last(node: ast.For, bounds: tuple[Value, Value, Value]) -> int | None:
    """What a loop variable that the loop does not assign is at the end of a range of numbers that is not empty."""
    numbers = [v.constant for v in bounds]
    if not all(isinstance(n, int) for n in numbers):
        return None
    assigned = {n.id for part in node.body for n in ast.walk(part) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    rounds = range(*numbers)  # type: ignore[arg-type]
    return rounds[-1] if rounds and node.target.id not in assigned else None  # type: ignore[union-attr]


def _for_with_exits(L: Lowering, node: ast.For, carry: _Carry, loop: Loop, bounds: tuple[Value, Value, Value],
                    name: str) -> None:  # fmt: skip
    lo, hi, step = bounds
    carry.flags += [loop.brk] if "break" in carry.exits else []
    carry.flags += [RETURN] if "return" in carry.exits else []

    def lower() -> Callable[[], Sequence[Value]]:
        types = (T.index, *carry.types())
        cond, body = Region(types), Region(types)
        cond.args[0].name = body.args[0].name = name
        with L.b.inside(cond):
            flags = carry.enter(cond.args[1:])
            more = _more(L, cond.args[0], hi, step, node)
            going = _going(L, flags, node)
            L.b.yield_(L.emit(node, arith.AND, going, more))  # type: ignore[arg-type]
        with L.b.inside(body):
            carry.enter(body.args[1:])
            L.frame.env[name] = body.args[0]
            run(L, node.body, loop.live, tail=True)

        def finish() -> Sequence[Value]:
            with L.b.inside(body):
                values = carry.yields()
                L.b.yield_(L.emit(node, arith.ADD, body.args[0], step), *values)
            L.frame.env = carry.before
            init = carry.initial()
            L.b.span = L.span(node)
            return L.b.while_([lo, *init], cond, body).results[1:]

        return finish

    taken = _attempts(L, carry, loop, lower)
    _otherwise(L, node, taken.get(loop.brk, False), held=carry.kept())


def _more(L: Lowering, i: Value, hi: Value, step: Value, node: ast.AST) -> Value:
    """Whether the counter has not reached the end."""
    known = step.constant
    if isinstance(known, int):
        return L.emit(node, arith.LT if known > 0 else arith.GT, i, hi)
    zero = L.constant(0, T.index, node)
    up = L.emit(node, arith.AND, L.emit(node, arith.GT, step, zero), L.emit(node, arith.LT, i, hi))
    down = L.emit(node, arith.AND, L.emit(node, arith.LT, step, zero), L.emit(node, arith.GT, i, hi))
    return L.emit(node, arith.OR, up, down)


# Unrolled


def _unrolled(L: Lowering, node: ast.For, values: Sequence[Any]) -> None:
    L.unrolled += len(values)
    if L.unrolled > MOST_UNROLLED:
        L.refuse("K313", node.iter, f"too many rounds to unroll (more than {MOST_UNROLLED} in this kernel)",
                 help="use range, which makes a loop")  # fmt: skip
    loop = _push(L, node)
    exits = L.frame.source.facts.exits_of(node.body)

    def act(value: Any) -> Callable[[], None]:
        def round_() -> None:
            assign_target(L, node.target, value, node)
            run(L, node.body, loop.live, tail=True)
            L.frame.flags = {k: v for k, v in L.frame.flags.items() if k != loop.cont}

        return round_

    run(L, [Step(node, exits, act(v)) for v in values], loop.live, tail=False)
    broken = L.frame.flags.get(loop.brk, False)
    L.frame.flags = {k: v for k, v in L.frame.flags.items() if k != loop.brk}
    L.frame.loops.pop()
    _otherwise(L, node, broken, held=sorted(L.frame.source.facts.assigned[node] - loop.undefined_at_break))
