"""`if`, early exits, and what happens to variables where branches join.

One idea: there is no jump. `return`, `break` and `continue` set a flag; statements that follow an exit on some paths
only go into the branch that did not take it, so most flags never become values. A flag known to be True ends a block.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from ..diagnostics import Label
from ..ir import types as T
from ..ir.core import Region, Value
from ..ir.ops import arith
from .facts import always_exits
from .lowering import STATEMENTS, Loop, Lowering
from .merge import Slot, filler, meet, pack, same, slot_of, slot_types, unpack
from .operators import truth
from .values import Undefined, held_in

__all__ = ["Step", "branch", "has_ended", "run"]

RETURN = ".return"
RESULT = ".result"


class Step:
    """Something to do in a list of statements that is no statement: one round of an unrolled loop."""

    __slots__ = ("act", "exits", "node")

    def __init__(self, node: ast.stmt, exits: frozenset[str], act: Callable[[], None]) -> None:
        self.node = node
        self.exits = exits
        self.act = act


Item = ast.stmt | Step


def has_ended(L: Lowering) -> bool:
    """Whether control certainly left the block."""
    return any(v is True for v in L.frame.flags.values())


def _pending(L: Lowering) -> list[str]:
    return [k for k, v in L.frame.flags.items() if isinstance(v, Value)]


def run(L: Lowering, items: Sequence[Item], live_end: frozenset[str], *, tail: bool) -> None:
    """Lower statements in order. live_end: names live after the last. tail: nothing follows in this round or
    function."""
    for k, item in enumerate(items):
        if has_ended(L):
            return
        if _pending(L):
            _guarded(L, items[k:], live_end, tail=tail)
            return
        last = k == len(items) - 1
        if isinstance(item, Step):
            item.act()
        elif isinstance(item, ast.If):
            if _if(L, item, items[k + 1 :], live_end, tail=tail):
                return
        else:
            handler = STATEMENTS.get(type(item))
            if handler is None:
                L.refuse("K102", item, f"{type(item).__name__} statements are not part of the kernel language",
                         help="see docs/language.md for what a kernel may contain")  # fmt: skip
            handler(L, item)
            if last:
                return


def _exits(L: Lowering, items: Sequence[Item]) -> frozenset[str]:
    out: frozenset[str] = frozenset()
    for item in items:
        out |= item.exits if isinstance(item, Step) else L.frame.source.facts.exits.get(item, frozenset())
    return out


def _live(L: Lowering, items: Sequence[Item], live: frozenset[str]) -> frozenset[str]:
    """Names that matter after these statements: also where their `break` and `continue` lead."""
    loops = L.frame.loops
    return live | loops[-1].live if loops and _exits(L, items) & {"break", "continue"} else live


def _guarded(L: Lowering, items: Sequence[Item], live_end: frozenset[str], *, tail: bool) -> None:
    """The rest of a block, run only if no exit has been taken."""
    node = items[0].node if isinstance(items[0], Step) else items[0]
    flags = _pending(L)
    cond = L.frame.flags[flags[0]]
    for k in flags[1:]:
        cond = L.emit(node, arith.OR, cond, L.frame.flags[k])

    def taken() -> None:
        if len(flags) == 1:
            L.frame.flags = {**L.frame.flags, flags[0]: True}

    def rest() -> None:
        L.frame.flags = {k: v for k, v in L.frame.flags.items() if k not in flags}
        run(L, items, live_end, tail=tail)

    live = _live(L, items, live_end)
    if L.frame.loops:
        live |= L.frame.loops[-1].live
    branch(L, cond, taken, rest, live, node, tail=tail, left=True)


def _if(L: Lowering, node: ast.If, rest: Sequence[Item], live_end: frozenset[str], *, tail: bool) -> bool:
    """Lower an `if`; True when the statements after it went into its branches."""
    cond = truth(L, L.eval(node.test), node.test)
    if isinstance(cond, bool):
        held_in(L.frame.env, L.frame.source.facts.held_when(node.test, cond))
        run(L, [*(node.body if cond else node.orelse), *rest], live_end, tail=tail)
        return True
    then_exits, else_exits = always_exits(node.body), always_exits(node.orelse)
    absorbed = bool(rest) and (then_exits or else_exits)
    then: list[Item] = list(node.body)
    otherwise: list[Item] = list(node.orelse)
    live = live_end if absorbed or not rest else L.frame.source.facts.live_out[node]
    if absorbed:
        then += [] if then_exits else rest
        otherwise += [] if else_exits else rest
    inner_tail = tail and (absorbed or not rest)

    def side(outcome: bool, items: list[Item]) -> None:
        held_in(L.frame.env, L.frame.source.facts.held_when(node.test, outcome))
        run(L, items, live, tail=inner_tail)

    branch(
        L, cond, lambda: side(True, then), lambda: side(False, otherwise),
        _live(L, [*then, *otherwise], live), node, tail=inner_tail,
    )  # fmt: skip
    return absorbed


def branch(L: Lowering, cond: Value, then: Callable[[], None], otherwise: Callable[[], None], live: frozenset[str],
           node: ast.AST, *, tail: bool = False, left: bool = False) -> None:  # fmt: skip
    """An `scf.if` of two blocks of statements. left: in `then` control left before, so its variables are stale
    there."""
    frame = L.frame
    before, flags = frame.env, frame.flags
    regions: list[Region] = []
    ends: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for block in (then, otherwise):
        region = Region()
        frame.env, frame.flags = dict(before), dict(flags)
        with L.b.inside(region):
            block()
        regions.append(region)
        ends.append((frame.env, frame.flags))
    _Join(L, cond, before, regions, ends, live, node, tail=tail, left=left).finish()


class _Join:
    """The end of an `scf.if`: what its results are, and what the variables are afterwards."""

    def __init__(self, L: Lowering, cond: Value, before: dict[str, Any], regions: list[Region],
                 ends: list[tuple[dict[str, Any], dict[str, Any]]], live: frozenset[str], node: ast.AST, *,
                 tail: bool, left: bool) -> None:  # fmt: skip
        self.L = L
        self.cond = cond
        self.before = before
        self.regions = regions
        self.envs = [env for env, _ in ends]
        self.flags = [flags for _, flags in ends]
        self.live = live
        self.node = node
        self.tail = tail
        self.left = left
        self.env: dict[str, Any] = {}
        self.new_flags: dict[str, Any] = {}
        self.yields: tuple[list[Value], list[Value]] = ([], [])
        self.results: list[tuple[str, Slot, bool]] = []

    def finish(self) -> None:
        L, frame = self.L, self.L.frame
        for name in {**self.envs[0], **self.envs[1]}:
            if name in self.live or name == RESULT or name in self.before:
                self._variable(name)
        for key in {**self.flags[0], **self.flags[1]}:
            self._flag(key)
        if not self.results and not any(region.ops for region in self.regions):
            frame.env, frame.flags = self.env, self.new_flags
            return
        for region, values in zip(self.regions, self.yields, strict=True):
            with L.b.inside(region):
                L.b.yield_(*values)
        L.b.span = L.span(self.node)
        types = [t for _, slot, _ in self.results for t in slot_types(slot)]
        op = L.b.if_(self.cond, types, self.regions[0], self.regions[1])
        results = iter(op.results)
        for name, slot, is_flag in self.results:
            value = unpack(L, slot, results)
            if isinstance(value, Value) and not value.name and not is_flag:
                value.name = name.strip(".")
            known = self.env.get(name)
            if not is_flag and isinstance(known, Undefined):
                known.held = value
            else:
                (self.new_flags if is_flag else self.env)[name] = value
        frame.env, frame.flags = self.env, self.new_flags

    def _returned(self, side: int) -> bool:
        return self.flags[side].get(RETURN) is True or (self.left and side == 0)

    def _ended(self, side: int) -> bool:
        return any(v is True for v in self.flags[side].values()) or (self.left and side == 0)

    def _variable(self, name: str) -> None:
        missing = Undefined()
        values = [env.get(name, missing) for env in self.envs]
        if same(values[0], values[1]):
            self.env[name] = values[0]
            return
        if name not in self.live and name != RESULT:
            return  # nobody reads it again
        for side in (0, 1):
            other = values[1 - side]
            stale = (
                self._returned(side) and not self._returned(1 - side) and name != RESULT and not self._needed_at_exit()
            )
            gone = isinstance(values[side], Undefined) and (self._ended(side) or name == RESULT)
            if not (stale or gone) or isinstance(other, Undefined):
                continue
            if other is self.before.get(name, missing):
                self.env[name] = other
                return
            if stale or not self._leaves_loop(side):
                values[side] = missing
            self._result(name, values)
            return
        if any(isinstance(v, Undefined) for v in values):
            self._undefined(name, values)
            usable = [v.is_held if isinstance(v, Undefined) else self._leaves_loop(side) for side, v in enumerate(values)]
            if any(usable):
                self._result(name, values)
            return
        self._result(name, values)

    def _needed_at_exit(self) -> bool:
        """After a guard, what a variable was when `break` was taken matters after the loop."""
        return self.left and bool(self.L.frame.loops)

    def _leaves_loop(self, side: int) -> bool:
        """Whether this side may have taken `break`: what its variables are then matters after the loop."""
        loops = self.L.frame.loops
        return bool(loops) and ((self.left and side == 0) or self.flags[side].get(loops[-1].brk, False) is not False)

    def _result(self, name: str, values: list[Any]) -> None:
        """A result that is each side's value, or what it holds, or anything where it has none."""
        L = self.L
        known = [v.held if isinstance(v, Undefined) else v for v in values]
        is_gone = [isinstance(v, Undefined) and not v.is_held for v in values]
        slots = [slot_of(L, v) for v, gone in zip(known, is_gone, strict=True) if not gone]
        slot = slots[0] if len(slots) == 1 else meet(L, name, slots[0], slots[1], self.node, self._labels(name))
        for side in (0, 1):
            with L.b.inside(self.regions[side]):
                scalars = filler(L, slot, self.node) if is_gone[side] else pack(L, known[side], slot, self.node)
                self.yields[side].extend(scalars)
        self.results.append((name, slot, False))

    def _undefined(self, name: str, values: list[Any]) -> None:
        at = self.L.frame.assigned_at.get(name)
        spans = tuple(s for v in values if isinstance(v, Undefined) for s in v.spans)
        reason = next((v.reason for v in values if isinstance(v, Undefined) and v.reason), "")
        self.env[name] = Undefined(spans or ((at,) if at else ()), reason)

    def _labels(self, name: str) -> list[Label]:
        at = self.L.frame.assigned_at.get(name)
        return [Label(at, "last assigned here")] if at is not None else []

    def _flag(self, key: str) -> None:
        one, two = (flags.get(key, False) for flags in self.flags)
        if one is two:
            if one is not False:
                self.new_flags[key] = one
            return
        if self._droppable(key):
            return
        L = self.L
        if one is True and two is False:
            self.new_flags[key] = self.cond
            return
        if one is False and two is True:
            self.new_flags[key] = L.emit(self.node, arith.NOT, self.cond)
            return
        if isinstance(one, bool) and isinstance(two, bool):
            self.new_flags[key] = one
            return
        slot: Slot = ("leaf", T.bool_, None)
        for side, v in enumerate((one, two)):
            with L.b.inside(self.regions[side]):
                self.yields[side].extend(pack(L, v, slot, self.node))
        self.results.append((key, slot, True))

    def _droppable(self, key: str) -> bool:
        """At the end of a round `continue` changes nothing, nor does `return` at the end of a kernel."""
        if not self.tail:
            return False
        loops: list[Loop] = self.L.frame.loops
        if loops and key == loops[-1].cont:
            return True
        return not loops and key == RETURN and not self.L.frame.source.facts.returns_value
