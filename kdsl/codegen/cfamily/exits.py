"""while, and the ways out of it: `break`, `continue`, and a counter that stands in the head of a `for`; `return` of a kernel.

One idea: the IR has no jumps, so the front end made a flag of `break`, which the condition asks first and which spares what the
round still had to do. Here the flag becomes `break` again: the end of a round is followed into the branches that it ends in,
and each of them changes what is needed after it, and leaves.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ir import types as T
from ...ir.core import Op, Region, Value, walk
from ...ir.ops import arith, scf
from .control import advance, assign, carry, does_nothing, early, negated
from .emitter import Emitter, emits
from .forms import LOGICAL_OR, Expr, enclosed

__all__ = ["kernel_body"]

# What a variable is at the end of a path through a round; of a flag also a bool, where that is known.
End = Value | bool


class _Loop:
    """A `while` on its way to text. exits: numbers of the carried values that are flags; flags: of those that are jumps here.
    more: what the condition asks beside them, None: nothing; setup: the ops that it takes. counter: the number of what the head
    counts, -1: nothing. names: of variables, by number. needed: whether it is asked for after the loop, by number."""

    __slots__ = ("counter", "exits", "flags", "more", "names", "needed", "op", "setup")

    def __init__(self, e: Emitter, op: Op) -> None:
        cond = op.regions[0]
        self.op = op
        self.exits: list[int] = []
        self.flags: list[int] = []
        self.more: Value | None = cond.yielded[0]
        self.setup: list[Op] = cond.ops[:-1]
        self.counter = -1
        self.names: dict[int, str] = {}
        self.needed = [e.uses.get(r, 0) > 0 for r in op.results]


@emits("scf.while")
def _while(e: Emitter, op: Op) -> None:
    loop = _Loop(e, op)
    _find_exits(e, loop)
    cond, body = op.regions
    counters = scf.counters(op)
    head = _head(e, loop, counters)
    kept = [k for k in range(len(op.results)) if k != loop.counter and k not in loop.flags]
    hints = [cond.args[k].name or ("done" if k in loop.exits else "") for k in kept]
    names = carry(e, op, [op.operands[k] for k in kept], hints)
    variables = dict(zip(kept, names, strict=True))
    for k in loop.flags:
        if loop.needed[k]:
            variables[k] = e.name(op.results[k].name, "done")
            e.act(f"bool {variables[k]} = false;")
    loop.names.update(variables)
    e.loops += 1
    for k, (bound, step) in counters.items():
        e.ranges.loops[body.args[k]] = op.operands[k], bound, step
    _begin(e, loop, head)
    _round(e, loop, body, body.yielded)
    e.close()
    e.loops -= 1
    for k, name in variables.items():
        e.bind(op.results[k], name)


def kernel_body(e: Emitter, region: Region) -> None:
    """A kernel's body: who has nothing more to do returns, and the rest follows without another level of braces."""
    while True:
        ops = region.ops[:-1]
        last = ops[-1] if ops else None
        if last is None or last.defn is not scf.IF:
            break
        test, flag = last.operands[0], last.operands[0].op
        empty = [does_nothing(inner) for inner in last.regions]
        if empty == [True, False]:
            e.ops(ops[:-1])
            cond = e.take(test)
        elif empty == [False, True] and flag is not None and flag is ops[-2:][0] and flag.defn is arith.NOT and e.uses[test] == 1:
            e.ops(ops[:-2])
            cond = e.take(flag.operands[0])
        else:
            break
        e.before_region()
        _leave_if(e, cond, "return;")
        region = last.regions[empty.index(False)]
    e.region(region)


# What the condition asks


def _find_exits(e: Emitter, loop: _Loop) -> None:
    """The flags that `break` can stand for: false at first, and asked by the condition alone.

    Where threads meet in the loop it stays as it is: its condition is the one place where they leave it together. So it does
    where the dialect has one way out of a loop.
    """
    cond, body = loop.op.regions
    flags: list[int] = []
    setup = list(loop.setup)
    more = _without_flags(e, loop.op, cond.yielded[0], flags, setup)
    loop.exits = list(flags)
    if not flags or not e.dialect.jumps or any(e.uses.get(body.args[k], 0) for k in flags):
        return
    inside = [*walk(cond), *walk(body)]
    if not any(x.defn.convergent for x in inside) and not any(x.defn.writes or x.defn.orders for x in setup):
        loop.flags, loop.more, loop.setup = flags, more, setup


def _without_flags(e: Emitter, op: Op, v: Value, flags: list[int], setup: list[Op]) -> Value | None:
    """What `v` asks beside flags of the loop, which are entered; ops that only asked for them leave `setup`."""
    test = v.op
    if test is None or e.uses.get(v, 0) != 1 or test not in setup:
        return v
    if test.defn is arith.NOT:
        flag = test.operands[0]
        if flag.owner is op.regions[0] and e.uses.get(flag, 0) == 1 and op.operands[flag.index].constant is False:
            flags.append(flag.index)
            setup.remove(test)
            return None
    elif test.defn is arith.AND:
        a, b = [_without_flags(e, op, x, flags, setup) for x in test.operands]
        if a is None or b is None:
            setup.remove(test)
            return a if b is None else b
        # Two that are left, of which one may have lost a flag, would need another op.
        if a is not test.operands[0] or b is not test.operands[1]:
            flags.clear()
    elif test.defn is scf.IF and len(test.results) == 1 and test.regions[1].yielded[0].constant is False:
        # Asked only while no flag is set, as Python's `and` does.
        if _without_flags(e, op, test.operands[0], flags, setup) is None:
            at = setup.index(test)
            setup[at : at + 1] = test.regions[0].ops[:-1]
            return test.regions[0].yielded[0]
        flags.clear()
    return v


def _head(e: Emitter, loop: _Loop, counters: dict[int, tuple[Value, int]]) -> str:
    """How a counter starts that nobody asks for after the loop, or "": its loop is a `for`."""
    for k, (bound, step) in counters.items():
        initial, counted = loop.op.operands[k], loop.op.regions[1].yielded[k]
        t = T.element_of(counted.type)
        last = T.limits(t)[1]
        # A counter that may pass the end of its type would wrap, which Metal has no word for in a head.
        if loop.needed[k] or (step > 1 and e.ranges.of(bound)[1] + step - 1 > last):
            continue
        loop.counter = k
        loop.names[k] = name = e.name(loop.op.regions[0].args[k].name, "k")
        return f"{e.type(initial)} {name} = {e.plain(initial, e.take(initial))}"
    return ""


def _begin(e: Emitter, loop: _Loop, head: str) -> None:
    """The first line, and the condition where that is more than an expression."""
    cond, body = loop.op.regions
    for k, name in loop.names.items():
        if k == loop.counter:
            e.exprs[cond.args[k]] = e.exprs[body.args[k]] = Expr(name)
        elif k not in loop.flags:
            e.bind(cond.args[k], name)
            del e.held[cond.args[k]]  # nobody changes a variable in the condition: the body reads it too
    step = ""
    if head:
        counted = body.yielded[loop.counter].op
        assert counted is not None
        step = advance(loop.names[loop.counter], counted.operands[1])
    at = len(e.lines)
    e.open("while (true) {")
    e.ops(loop.setup)
    holds = e.take(loop.more) if loop.more is not None else Expr("true")
    if len(e.lines) == at + 1:
        text = f"for ({head}; {holds.text}; {step}) {{" if head else f"while ({holds.text}) {{"
        e.lines[at] = e.indent[4:] + text
    else:
        if head:
            e.lines[at] = f"{e.indent[4:]}for ({head};; {step}) {{"
        e.before_region()
        if loop.more is not None:
            _leave_if(e, negated(loop.more, holds), "break;")
    for k, name in loop.names.items():
        if k != loop.counter and k not in loop.flags:
            e.bind(body.args[k], name)


def _leave_if(e: Emitter, cond: Expr, *lines: str) -> None:
    e.open(f"if ({cond.text}) {{")
    for line in lines:
        e.act(line)
    e.close()


# How a round ends


def _round(e: Emitter, loop: _Loop, region: Region, ends: Sequence[End]) -> None:
    """A round's rest: a region, and what each variable is at its end."""
    ends = [_known(v) if k in loop.flags else v for k, v in enumerate(ends)]
    ops = region.ops[:-1]
    early(e, region, [(name, ends[k]) for k, name in _variables(loop)])
    branch = _last_branch(e, loop, region, ends) if loop.flags else None
    if branch is None:
        e.ops(ops)
        _end(e, loop, ends)
        return
    test = branch.operands[0]
    opposite = [x for x in ops if x.defn is arith.NOT and x.operands[0] is test and x.result in ends and e.uses[x.result] == 1]
    uses = e.uses[test] - len(opposite) - sum(v is test for v in ends if v in region.yielded)
    if uses == 1 and test.op in ops:
        e.movable.add(test)  # it is written as the condition, and nowhere else
    e.ops([x for x in ops if x is not branch and x not in opposite])
    _settle(e, loop, branch, region, ends)
    _fork(e, loop, branch, ends)


def _variables(loop: _Loop) -> list[tuple[int, str]]:
    """The variables that a round assigns at its end."""
    return [(k, name) for k, name in loop.names.items() if k != loop.counter and k not in loop.flags]


def _settle(e: Emitter, loop: _Loop, branch: Op, region: Region, ends: Sequence[End]) -> None:
    """Variables whose new values a branch does not decide, and whose old ones it does not need, change before it."""
    start, _ = e.plan.spans[branch]
    for k, name in _variables(loop):
        v = ends[k]
        if not isinstance(v, Value) or v.op is branch or v.op not in region.ops or v.constant is not None:
            continue
        if e.is_free(name, start - 1):
            assign(e, [(name, v)])
            e.bind(v, name)


def _last_branch(e: Emitter, loop: _Loop, region: Region, ends: Sequence[End]) -> Op | None:
    """The `if` that a round ends with, if a flag is what it decides: nothing after it is needed before it."""
    yielded = region.yielded
    for op in reversed(region.ops[:-1]):
        if op.defn is scf.IF:
            known = [ends[k] for k in loop.flags]
            changed = any(_follow(op, 0, v) is not v or _follow(op, 1, v) is not v for v in known)
            alone = all(e.uses.get(r, 0) == yielded.count(r) for r in op.results)
            return op if changed and alone else None
        if op.regions or not op.defn.mergeable:
            return None
    return None


def _follow(branch: Op, way: int, v: End) -> End:
    """What a value is where a branch was taken that way."""
    test = branch.operands[0]
    if isinstance(v, Value) and v.op is branch:
        v = branch.regions[way].yielded[v.index]
    v = _known(v)
    if not isinstance(v, Value):
        return v
    if v is test:
        return way == 0
    made = v.op
    return way == 1 if made is not None and made.defn is arith.NOT and made.operands[0] is test else v


def _known(v: End) -> End:
    return bool(v.constant) if isinstance(v, Value) and v.constant is not None else v


def _fork(e: Emitter, loop: _Loop, branch: Op, ends: Sequence[End]) -> None:
    """The branch that a round ends with. What leaves the loop, or has nothing more to do, comes first and does so; the rest
    follows it without another level of braces."""
    cond = e.take(branch.operands[0])
    e.before_region()
    ways: list[list[End]] = []
    for way in (0, 1):
        known = [_follow(branch, way, v) if k in loop.flags else
                 branch.regions[way].yielded[v.index] if isinstance(v, Value) and v.op is branch else v
                 for k, v in enumerate(ends)]  # fmt: skip
        ways.append(known)
    leaves = [any(ends[k] is True for k in loop.flags) for ends in ways]
    is_short = [does_nothing(region) for region in branch.regions]
    first = 1 if leaves[1] and not leaves[0] else 0
    cond = cond if first == 0 else negated(branch.operands[0], cond)
    e.open(f"if ({cond.text}) {{")
    _way(e, loop, branch, first, ways[first])
    if leaves[first] or (is_short[first] and not is_short[1 - first]):
        if not leaves[first]:
            e.act("continue;")
        e.close()
    else:
        e.close("} else {")
        at = len(e.lines)
        e.indent += "    "
        _way(e, loop, branch, 1 - first, ways[1 - first])
        if len(e.lines) == at:
            e.lines.pop()
        e.close()
        return
    _way(e, loop, branch, 1 - first, ways[1 - first])


def _way(e: Emitter, loop: _Loop, branch: Op, way: int, ends: Sequence[End]) -> None:
    region = branch.regions[way]
    _round(e, loop, region, ends)
    for v in region.yielded:
        if v.op in region.ops:
            e.waiting.pop(v, None)  # what is not needed on that way out must not wait for its place any longer


def _end(e: Emitter, loop: _Loop, ends: Sequence[End]) -> None:
    """A path's end: variables get their values, and the loop is left if a flag says so."""
    pairs = [(name, v) for k, name in _variables(loop) if isinstance(v := ends[k], Value)]
    if any(ends[k] is True for k in loop.flags):
        assign(e, [(loop.names[k], v) for k, _ in _variables(loop) if loop.needed[k] and isinstance(v := ends[k], Value)])
        _raise_flags(e, loop, ends)
        e.act("break;")
        return
    asked = [k for k in loop.flags if isinstance(ends[k], Value)]
    if asked:
        changes = any(loop.needed[k] and isinstance(v := ends[k], Value) and e.exprs[v].text != name
                      for k, name in _variables(loop))  # fmt: skip
        if changes:
            assign(e, pairs)
            pairs = []
        tests: list[Expr] = []
        for k in asked:
            test = e.take(v) if isinstance(v := ends[k], Value) else Expr("true")
            if loop.needed[k] and len(asked) > 1:
                e.act(f"{loop.names[k]} = {test.text};")
                test = Expr(loop.names[k])
            tests.append(test)
        if len(asked) == 1:
            _leave_if(e, tests[0], *([f"{loop.names[asked[0]]} = true;"] if loop.needed[asked[0]] else []), "break;")
        else:
            _leave_if(e, Expr(" || ".join([enclosed(x, LOGICAL_OR + 1) for x in tests])), "break;")
    assign(e, pairs)
    if loop.counter >= 0:
        e.waiting.pop(loop.op.regions[1].yielded[loop.counter], None)  # the head counts


def _raise_flags(e: Emitter, loop: _Loop, ends: Sequence[End]) -> None:
    """Flags that are asked for after the loop."""
    for k in loop.flags:
        if loop.needed[k] and (v := ends[k]) is not False:
            e.act(f"{loop.names[k]} = {'true' if v is True else e.take(v).text};")
