"""What can be read off a function's syntax before lowering: names assigned, ways out of a block, names live after it.

One idea: liveness by one backward walk over structured statements, so that control flow merges exactly the variables
that somebody still reads.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

__all__ = ["Facts", "always_exits", "assigned_when"]

Names = frozenset[str]
_NONE: Names = frozenset()
_EXITS: dict[type[ast.stmt], str] = {ast.Break: "break", ast.Continue: "continue", ast.Return: "return"}
_LOOPS = (ast.For, ast.While)


def always_exits(body: Sequence[ast.stmt]) -> bool:
    """Whether control never falls off the end of these statements, as far as syntax tells."""
    for s in body:
        if isinstance(s, (ast.Break, ast.Continue, ast.Return)):
            return True
        if isinstance(s, ast.If) and s.orelse and always_exits(s.body) and always_exits(s.orelse):
            return True
    return False


def assigned_when(node: ast.expr, outcome: bool | None) -> Names:
    """Names that := has certainly assigned where this condition came out as `outcome` (None: as either)."""
    if isinstance(node, ast.BoolOp):
        all_ran = outcome is isinstance(node.op, ast.And)
        values = node.values if all_ran else node.values[:1]
        return _NONE.union(*[assigned_when(v, outcome if all_ran else None) for v in values])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return assigned_when(node.operand, None if outcome is None else not outcome)
    if isinstance(node, ast.NamedExpr):
        return assigned_when(node.value, outcome) | {node.target.id}
    if isinstance(node, ast.IfExp):
        return assigned_when(node.test, None)
    if isinstance(node, ast.Compare) and outcome is not True:
        return assigned_when(node.left, None) | assigned_when(node.comparators[0], None)
    if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        return _NONE
    return _NONE.union(*[assigned_when(n, None) for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)])


class Facts:
    """Tables by statement, filled once per function.

    live_out: names read after the statement before they are assigned again. head: of a loop, names live where an
    iteration begins; orelse: of a loop, names live where it ends without `break`. assigned: names the statement may assign, at
    any depth. exits: which of "break", "continue" (of loops around the statement) and "return" it contains. locals: parameters
    and all names assigned.
    """

    __slots__ = ("_names", "assigned", "exits", "head", "live_out", "locals", "orelse", "returns_value")

    def __init__(self, node: ast.FunctionDef) -> None:
        self.live_out: dict[ast.stmt, Names] = {}
        self.head: dict[ast.stmt, Names] = {}
        self.orelse: dict[ast.stmt, Names] = {}
        self.assigned: dict[ast.stmt, Names] = {}
        self.exits: dict[ast.stmt, frozenset[str]] = {}
        self._names: dict[ast.AST, tuple[Names, Names]] = {}
        self.returns_value = False
        arguments = node.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *([arguments.vararg] if arguments.vararg else [])]
        names: set[str] = {a.arg for a in named}
        for s in node.body:
            names |= self._scan(s)
        self.locals = frozenset(names)
        self._block(node.body, _NONE, _NONE, _NONE)

    def exits_of(self, body: Sequence[ast.stmt]) -> frozenset[str]:
        """The ways out of a list of statements."""
        out: frozenset[str] = frozenset()
        for s in body:
            out |= self.exits.get(s, frozenset())
        return out

    def _scan(self, s: ast.stmt) -> Names:
        """Fill `assigned` and `exits` of a statement and those inside it."""
        names: set[str] = set()
        ways: set[str] = set()
        if type(s) in _EXITS:
            ways.add(_EXITS[type(s)])
            if isinstance(s, ast.Return) and s.value is not None and not _is_none(s.value):
                self.returns_value = True
        for child in ast.iter_child_nodes(s):
            if isinstance(child, ast.stmt):
                names |= self._scan(child)
                inner = self.exits[child]
                if isinstance(s, _LOOPS) and child not in s.orelse:
                    inner = inner - {"break", "continue"}
                ways |= inner
            else:
                names |= self._names_in(child)[1]
        if isinstance(s, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            names |= {n for t in _targets(s) if (n := _root(t))}
        self.assigned[s] = frozenset(names)
        self.exits[s] = frozenset(ways)
        return self.assigned[s]

    def reads(self, node: ast.AST | None) -> Names:
        """Names an expression reads."""
        if node is None:
            return _NONE
        return self._names_in(node)[0]

    def held_when(self, test: ast.expr, outcome: bool) -> Names:
        """`assigned_when` of a condition of this function, most of which assign nothing."""
        return assigned_when(test, outcome) if self._names_in(test)[1] else _NONE

    def _names_in(self, node: ast.AST) -> tuple[Names, Names]:
        """Names that an expression reads, and those that it assigns. Every one is asked about twice."""
        known = self._names.get(node)
        if known is None:
            known = self._names[node] = _names(node)
        return known

    def _block(self, body: Sequence[ast.stmt], after: Names, brk: Names, cont: Names) -> Names:
        live = after
        for s in reversed(body):
            self.live_out[s] = live
            live = self._statement(s, live, brk, cont)
        return live

    def _statement(self, s: ast.stmt, after: Names, brk: Names, cont: Names) -> Names:
        """Names live before `s`."""
        if isinstance(s, ast.Assign):
            plain = {t.id for t in s.targets if isinstance(t, ast.Name)}
            plain |= {e.id for t in s.targets if isinstance(t, (ast.Tuple, ast.List)) for e in t.elts
                      if isinstance(e, ast.Name)}  # fmt: skip
            return (after - plain) | self.reads(s.value) | self._target_reads(s.targets)
        if isinstance(s, ast.If):
            then = self._block(s.body, after, brk, cont)
            return then | self._block(s.orelse, after, brk, cont) | self.reads(s.test)
        if isinstance(s, ast.While):
            return self._loop(s, self.reads(s.test), _NONE, after, brk, cont)
        if isinstance(s, ast.For):
            bound = self._names_in(s.target)[1]
            return self._loop(s, _NONE, bound, after, brk, cont) | self.reads(s.iter)
        if isinstance(s, ast.Return):
            return self.reads(s.value)
        if isinstance(s, ast.Break):
            return brk
        if isinstance(s, ast.Continue):
            return cont
        if isinstance(s, ast.AugAssign):
            own = frozenset((s.target.id,)) if isinstance(s.target, ast.Name) else _NONE
            return after | own | self.reads(s.value) | self._target_reads([s.target])
        if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name):
            return (after - {s.target.id}) | self.reads(s.value)
        return after | self.reads(s)

    def _target_reads(self, targets: Sequence[ast.expr]) -> Names:
        out: set[str] = set()
        for t in targets:
            if isinstance(t, ast.Name):
                continue
            out |= self.reads(t)
        if len(targets) == 1 and isinstance(targets[0], ast.Name):
            return frozenset(out)
        return frozenset(
            out | {n for t in targets if not isinstance(t, (ast.Name, ast.Tuple, ast.List)) and (n := _root(t))}
        )

    def _loop(self, s: ast.For | ast.While, test: Names, bound: Names, after: Names, brk: Names, cont: Names) -> Names:
        done = self.orelse[s] = self._block(s.orelse, after, brk, cont)
        head = test | done
        while True:
            before = self._block(s.body, head, after, head)
            grown = head | (before - bound)
            if grown == head:
                break
            head = grown
        self.head[s] = head
        return head


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _names(node: ast.AST) -> tuple[Names, Names]:
    """Names that a node reads, and those that it assigns. (`ast.walk` takes three times as long.)"""
    reads: set[str] = set()
    stores: set[str] = set()
    left = [node]
    while left:
        n = left.pop()
        kind = type(n)
        if kind is ast.Name:
            if type(n.ctx) is ast.Load:  # type: ignore[attr-defined]
                reads.add(n.id)  # type: ignore[attr-defined]
            elif type(n.ctx) is ast.Store:  # type: ignore[attr-defined]
                stores.add(n.id)  # type: ignore[attr-defined]
        elif kind is ast.BinOp:
            left += (n.left, n.right)  # type: ignore[attr-defined]
        elif kind is ast.Attribute:
            left.append(n.value)  # type: ignore[attr-defined]
        elif kind is not ast.Constant:
            for field in n._fields:
                value = getattr(n, field, None)
                if isinstance(value, ast.AST):
                    left.append(value)
                elif type(value) is list:
                    left += [x for x in value if isinstance(x, ast.AST)]
    return frozenset(reads), frozenset(stores)


def _targets(s: ast.Assign | ast.AugAssign | ast.AnnAssign) -> Sequence[ast.expr]:
    targets = s.targets if isinstance(s, ast.Assign) else [s.target]
    flat: list[ast.expr] = []
    for t in targets:
        flat += t.elts if isinstance(t, (ast.Tuple, ast.List)) else [t]
    return flat


def _root(t: ast.expr) -> str:
    """The variable that `v.x = ...` changes."""
    while isinstance(t, (ast.Attribute, ast.Subscript)):
        t = t.value
    return t.id if isinstance(t, ast.Name) else ""
