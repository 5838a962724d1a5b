"""if and for, and the variables that loops carry.

One idea: what a loop carries is a variable that is assigned at the end of its body. A variable that is not needed any more where
an inner loop or an if takes it over goes on under its own name, so `sum += x` inside two loops is one variable, not three.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ir import types as T
from ...ir.core import Op, Region, Value
from ...ir.ops import arith, scf
from .emitter import Emitter, emits, union
from .forms import ATOM, COMPARISON, EQUALITY, LOGICAL_AND, LOGICAL_OR, UNARY, Expr, changed, enclosed

__all__ = ["advance", "assign", "carry", "does_nothing", "early", "negated"]

Assignment = tuple[str, Value]


def _takeover(e: Emitter, op: Op, v: Value, taken: list[str]) -> str:
    """The variable that holds `v`, if `op` may change it: nobody else needs the value, and no loop comes by again."""
    if e.held.get(v) != e.loops:
        return ""
    name = e.exprs[v].text
    return name if name not in taken and e.is_free(name, e.plan.spans[op][1]) else ""


def assign(e: Emitter, pairs: list[Assignment]) -> None:
    """All at once: no variable changes while another's new value still needs the old one."""
    left: list[tuple[str, Expr, str]] = []
    for name, v in pairs:
        value = e.take(v)
        if value.text != name:
            if v in e.bare or value.narrow is not None:
                value = Expr(e.plain(v, value), ATOM, value.depends, value.reads)
            left.append((name, value, e.type(v)))
    while left:
        for k, (name, value, _) in enumerate(left):
            if not any(name in other.depends for j, (_, other, _) in enumerate(left) if j != k):
                e.before_change(name)
                e.act(changed(name, value))
                del left[k]
                break
        else:
            # In a ring each needs another: one of those that still depend on any is kept beside, until none does.
            k = next(k for k, (_, value, _) in enumerate(left) if value.depends)
            name, value, kind = left[k]
            kept = e.name(f"next_{name}")
            e.act(f"const {kind} {kept} = {value.text};")
            left[k] = name, Expr(kept), kind


def negated(v: Value, x: Expr) -> Expr:
    """Not `v`, whose expression is `x`: the opposite comparison where there is one, as of floats there is only of == and !=."""
    op = v.op
    if op is not None and x.level in (EQUALITY, COMPARISON) and op.operands:
        t = T.element_of(op.operands[0].type)
        for operator, opposite in _OPPOSITES if not t.is_float else _OPPOSITES[:2]:
            first, found, second = x.text.partition(f" {operator} ")
            if found and not set("=<>") & set(first + second):
                return Expr(f"{first} {opposite} {second}", x.level, x.depends, x.reads)
    return Expr(f"!{enclosed(x, ATOM)}", UNARY, x.depends, x.reads)


_OPPOSITES = (("==", "!="), ("!=", "=="), ("<", ">="), (">=", "<"), (">", "<="), ("<=", ">"))


def early(e: Emitter, region: Region, variables: Sequence[tuple[str, object]]) -> None:
    """Let what variables become at the end of a round go into them at once, where nobody asks for what they are any more.

    variables: name, and the value at the end.
    """
    wanted: dict[Op, list[tuple[str, Value]]] = {}
    for name, v in variables:
        if isinstance(v, Value) and v.op is not None and (v.op.defn is scf.IF or e.uses.get(v, 0) > 1):
            wanted.setdefault(v.op, []).append((name, v))
    if not wanted:
        return
    place = e.plan.starts[region]
    for op in region.ops:
        place = e.plan.spans[op][1] if op.regions else place + 1
        for name, v in wanted.get(op, ()):
            e.into[v] = name, place


# if


@emits("scf.if")
def _if(e: Emitter, op: Op) -> None:
    if len(op.results) == 1 and T.element_of(op.results[0].type).is_bool and _junction(e, op):
        return
    cond = e.take(op.operands[0])
    then, otherwise = op.regions
    e.before_region()
    wanted = [k for k, r in enumerate(op.results) if e.uses.get(r, 0)]
    names: list[str] = []
    started = set[str]()
    for k in wanted:
        names.append(_variable_for(e, op, k, names, started))
    first = [(name, then.yielded[k]) for name, k in zip(names, wanted, strict=True)]
    second = [(name, otherwise.yielded[k]) for name, k in zip(names, wanted, strict=True) if name not in started]
    if _is_silent(e, then, first):
        then, otherwise, first, second = otherwise, then, second, first
        cond = negated(op.operands[0], cond)
    e.open(f"if ({cond.text}) {{")
    e.region(then)
    assign(e, first)
    _forget(e, op, then)
    if not _is_silent(e, otherwise, second):
        head = len(e.lines)
        e.close("} else {")
        e.indent += "    "
        e.region(otherwise)
        assign(e, second)
        _else_if(e, head)
    _forget(e, op, otherwise)
    e.close()
    for name, k in zip(names, wanted, strict=True):
        e.bind(op.results[k], name)


def _junction(e: Emitter, op: Op) -> bool:
    """`a && b` and `a || b`, whose second part is a branch: as there, C asks for it only if the first does not decide."""
    v, sides = op.results[0], [region.yielded[0].constant for region in op.regions]
    if sides[1] is False and does_nothing(op.regions[1]):
        region, operator, level = op.regions[0], "&&", LOGICAL_AND
    elif sides[0] is True and does_nothing(op.regions[0]):
        region, operator, level = op.regions[1], "||", LOGICAL_OR
    else:
        return False
    if not e.uses.get(v, 0) or any(inner.regions or not inner.defn.pure for inner in region.ops[:-1]):
        return False
    cond = e.take(op.operands[0])
    e.before_region()
    head, indent = len(e.lines), e.indent
    e.indent += "    "
    e.region(region)
    value = e.take(region.yielded[0])
    e.indent = indent
    if len(e.lines) == head:
        e.into.pop(v, None)
        first, second = [x.text if x.level in (level, EQUALITY) else enclosed(x, EQUALITY) for x in (cond, value)]
        text = f"{first} {operator} {second}"
        e.give(v, Expr(text, level, *union((cond, value))))
        return True
    name = e.name(v.name)
    cond = cond if operator == "&&" else negated(op.operands[0], cond)
    e.into.pop(v, None)
    e.lines[head:head] = [f"{indent}bool {name} = {'false' if operator == '&&' else 'true'};", f"{indent}if ({cond.text}) {{"]
    e.act(f"    {name} = {value.text};")
    e.act("}")
    e.bind(v, name)
    return True


def does_nothing(region: Region) -> bool:
    """Whether a branch gives values that need no code."""
    return all(op.defn is arith.CONSTANT for op in region.ops[:-1])


def _else_if(e: Emitter, head: int) -> None:
    """An `else` that begins at that line, and consists of one `if`, is an `else if`."""
    inner = e.indent
    block = e.lines[head + 1 :]
    if not block or not block[0].startswith(f"{inner}if (") or block[-1] != f"{inner}}}":
        return
    if any(not line.startswith((f"{inner} ", f"{inner}}} else")) for line in block[1:-1]):
        return
    e.lines[head:] = [f"{e.lines[head][:-1]}{block[0].lstrip()}", *[line[4:] for line in block[1:-1]]]


def _forget(e: Emitter, op: Op, region: Region) -> None:
    """What a branch gives for results that nobody uses is not written at all: it must not wait for its place any longer."""
    for result, v in zip(op.results, region.yielded, strict=True):
        if not e.uses.get(result, 0):
            e.waiting.pop(v, None)


def _is_silent(e: Emitter, region: Region, pairs: list[Assignment]) -> bool:
    """Whether a branch does nothing and leaves its variables as they are."""
    return len(region.ops) == 1 and all(v in e.held and e.exprs[v].text == name for name, v in pairs)


def _variable_for(e: Emitter, op: Op, k: int, taken: list[str], started: set[str]) -> str:
    """The variable for a result of an if: the one that it is for, one that a branch leaves as it is, or a new one, with the value
    of a branch that does nothing else."""
    then, otherwise = op.regions
    v = op.results[k]
    name = e.wanted(v)
    if name in taken:
        name = ""
    for region in () if name else (otherwise, then):
        name = _takeover(e, op, region.yielded[k], taken)
        if name:
            break
    if not name:
        name = e.name(v.name)
        if does_nothing(otherwise):
            e.ops(otherwise.ops[:-1])
            given = otherwise.yielded[k]
            e.act(f"{e.type(v)} {name} = {e.plain(given, e.take(given))};")
            started.add(name)
        else:
            e.act(f"{e.type(v)} {name};")
    for region in op.regions:
        given = region.yielded[k]
        made = given.op
        if made is not None and made.defn is scf.IF and made in region.ops and e.uses[given] == 1:
            e.into[given] = name, e.plan.spans[made][1]  # its branches change it, if nobody asks for what it is any more
    return name


# Loops


def carry(e: Emitter, op: Op, initial: Sequence[Value], hints: Sequence[str]) -> list[str]:
    """Variables with the values that a loop starts with; those still needed afterwards are not taken over."""
    made: list[tuple[Value, str]] = []
    names: list[str] = []
    for v, hint in zip(initial, hints, strict=True):
        is_start = e.plan.last.get(v, 0) == e.plan.spans[op][0] and op.operands.count(v) == 1  # the loop does not read it again
        name = _takeover(e, op, v, names) if is_start else ""
        if not name or not e.is_free(name, e.plan.spans[op][0]):
            name = e.name(hint or v.name)
            made.append((v, name))
        names.append(name)
    for v, name in made:
        e.act(f"{e.type(v)} {name} = {e.plain(v, e.take(v))};")
    e.before_region()
    return names


@emits("scf.for")
def _for(e: Emitter, op: Op) -> None:
    lo, hi, step = op.operands[:3]
    body = op.regions[0]
    start = e.take(lo)
    # Read again before every trip, so they must be what they were.
    end, by = [e.take(v) if v.constant is not None else e.take_atom(v) for v in (hi, step)]
    end = e.named_here(hi, end) if end.depends else end
    by = e.named_here(step, by) if by.depends else by
    names = carry(e, op, op.operands[3:], [v.name for v in body.args[1:]])
    counter = e.name(body.args[0].name, "k")
    e.loops += 1
    e.exprs[body.args[0]] = Expr(counter)
    early(e, body, list(zip(names, body.yielded, strict=True)))
    e.ranges.loops[body.args[0]] = (lo, hi, step)
    for v, name in zip(body.args[1:], names, strict=True):
        e.bind(v, name)
    kind = e.type(body.args[0])
    first, more, next_ = e.plain(lo, start), _more(e, counter, hi, end, step, by), advance(counter, step, by.text)
    e.open(f"for ({kind} {counter} = {first}; {more}; {next_}) {{")
    e.region(body)
    assign(e, list(zip(names, body.yielded, strict=True)))
    e.close()
    e.loops -= 1
    for v, name in zip(op.results, names, strict=True):
        e.bind(v, name)


def _more(e: Emitter, counter: str, hi: Value, end: Expr, step: Value, by: Expr) -> str:
    stop = e.bare.get(hi) or enclosed(end, COMPARISON + 1)
    if step.constant == 0:
        return "false"
    least, most = e.ranges.of(step)
    if least > 0 or most < 0:
        return f"{counter} {'<' if least > 0 else '>'} {stop}"
    return f"({by.text} > 0 && {counter} < {stop}) || ({by.text} < 0 && {counter} > {stop})"


def advance(counter: str, step: Value, by: str = "") -> str:
    """The step of a counter; by: its text, if it is no number."""
    if step.constant is None:
        return f"{counter} += {by}"
    if step.constant in (1, -1):
        return f"{counter}++" if step.constant == 1 else f"{counter}--"
    return f"{counter} += {step.constant}" if step.constant > 0 else f"{counter} -= {-step.constant}"
