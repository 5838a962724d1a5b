"""if, for and while, and the variables that they carry.

One idea: what a loop carries is a variable that is assigned at the end of its body. A variable that is not needed any more where
an inner loop or an if takes it over goes on under its own name, so `sum += x` inside two loops is one variable, not three.
"""

from __future__ import annotations

from ...ir.core import Op, Region, Value
from .emitter import Emitter, emits
from .forms import ADDITIVE, ATOM, COMPARISON, UNARY, Expr, enclosed

Assignment = tuple[str, Value]


def _takeover(e: Emitter, op: Op, v: Value, taken: list[str]) -> str:
    """The variable that holds `v`, if `op` may change it: nobody else needs the value, and no loop comes by again."""
    if e.held.get(v) != e.loops:
        return ""
    name = e.exprs[v].text
    return name if name not in taken and e.plan.is_within(op, v) else ""


def _assign(e: Emitter, pairs: list[Assignment]) -> None:
    """All at once: no variable changes while another's new value still needs the old one."""
    left: list[tuple[str, Expr, str]] = []
    for name, v in pairs:
        value = e.take(v)
        if value.text != name:
            left.append((name, value, e.type(v)))
    while left:
        for k, (name, value, _) in enumerate(left):
            if not any(name in other.depends for j, (_, other, _) in enumerate(left) if j != k):
                e.before_change(name)
                e.act(_assignment(name, value))
                del left[k]
                break
        else:
            name, value, kind = left[0]
            kept = e.name(f"next_{name}")
            e.act(f"const {kind} {kept} = {value.text};")
            left[0] = (name, Expr(kept), kind)


def _assignment(name: str, value: Expr) -> str:
    """`x += y` rather than `x = x + y`."""
    text = value.text
    if value.level == ADDITIVE and text.startswith((f"{name} + ", f"{name} - ")):
        rest = text[len(name) + 3 :]
        if " + " not in rest and " - " not in rest:
            return f"{name} {text[len(name) + 1]}= {rest};"
    return f"{name} = {text};"


# if


@emits("scf.if")
def _if(e: Emitter, op: Op) -> None:
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
        cond = Expr(f"!{enclosed(cond, ATOM)}", UNARY)
    e.open(f"if ({cond.text}) {{")
    e.region(then)
    _assign(e, first)
    _forget(e, op, then)
    if not _is_silent(e, otherwise, second):
        e.close("} else {")
        e.indent += "    "
        e.region(otherwise)
        _assign(e, second)
    _forget(e, op, otherwise)
    e.close()
    for name, k in zip(names, wanted, strict=True):
        e.bind(op.results[k], name)


def _forget(e: Emitter, op: Op, region: Region) -> None:
    """What a branch gives for results that nobody uses is not written at all: it must not wait for its place any longer."""
    for result, v in zip(op.results, region.yielded, strict=True):
        if not e.uses.get(result, 0):
            e.waiting.pop(v, None)


def _is_silent(e: Emitter, region: Region, pairs: list[Assignment]) -> bool:
    """Whether a branch does nothing and leaves its variables as they are."""
    return len(region.ops) == 1 and all(v in e.held and e.exprs[v].text == name for name, v in pairs)


def _variable_for(e: Emitter, op: Op, k: int, taken: list[str], started: set[str]) -> str:
    """The variable for a result of an if: one that a branch leaves as it is, or a new one, with the value of a branch that does
    nothing else."""
    then, otherwise = op.regions
    for region in (otherwise, then):
        name = _takeover(e, op, region.yielded[k], taken)
        if name:
            return name
    v = op.results[k]
    name = e.name(v.name)
    if len(otherwise.ops) == 1:
        e.act(f"{e.type(v)} {name} = {e.take(otherwise.yielded[k]).text};")
        started.add(name)
    else:
        e.act(f"{e.type(v)} {name};")
    return name


# Loops


def _carry(e: Emitter, op: Op, initial: tuple[Value, ...], hints: tuple[Value, ...]) -> list[str]:
    """Variables with the values that a loop starts with; those still needed afterwards are not taken over."""
    made: list[tuple[Value, str]] = []
    names: list[str] = []
    for v, hint in zip(initial, hints, strict=True):
        name = _takeover(e, op, v, names) if e.uses.get(v, 0) == 1 else ""
        if not name:
            name = e.name(hint.name or v.name)
            made.append((v, name))
        names.append(name)
    for v, name in made:
        e.act(f"{e.type(v)} {name} = {e.take(v).text};")
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
    names = _carry(e, op, op.operands[3:], body.args[1:])
    counter = e.name(body.args[0].name, "k")
    e.loops += 1
    e.exprs[body.args[0]] = Expr(counter)
    e.ranges.loops[body.args[0]] = (lo, hi, step)
    for v, name in zip(body.args[1:], names, strict=True):
        e.bind(v, name)
    kind = e.type(body.args[0])
    e.open(f"for ({kind} {counter} = {start.text}; {_more(e, counter, end, step, by)}; {_advance(counter, step, by)}) {{")
    e.region(body)
    _assign(e, list(zip(names, body.yielded, strict=True)))
    e.close()
    e.loops -= 1
    for v, name in zip(op.results, names, strict=True):
        e.bind(v, name)


def _more(e: Emitter, counter: str, end: Expr, step: Value, by: Expr) -> str:
    stop = enclosed(end, COMPARISON + 1)
    if step.constant == 0:
        return "false"
    least, most = e.ranges.of(step)
    if least > 0 or most < 0:
        return f"{counter} {'<' if least > 0 else '>'} {stop}"
    return f"({by.text} > 0 && {counter} < {stop}) || ({by.text} < 0 && {counter} > {stop})"


def _advance(counter: str, step: Value, by: Expr) -> str:
    if step.constant in (1, -1):
        return f"{counter}++" if step.constant == 1 else f"{counter}--"
    if step.constant is not None and step.constant < 0:
        return f"{counter} -= {-step.constant}"
    return f"{counter} += {by.text}"


@emits("scf.while")
def _while(e: Emitter, op: Op) -> None:
    cond, body = op.regions
    names = _carry(e, op, op.operands, cond.args)
    e.loops += 1
    for v, name in zip(cond.args, names, strict=True):
        e.bind(v, name)
        del e.held[v]  # nobody changes a variable in the condition: the body reads it too
    head = len(e.lines)
    e.open("while (true) {")
    e.region(cond)
    holds = e.take(cond.yielded[0])
    if len(e.lines) == head + 1:
        e.lines[head] = f"{e.indent[4:]}while ({holds.text}) {{"
    else:
        e.before_region()
        e.act(f"if (!{enclosed(holds, ATOM)}) {{")
        e.act("    break;")
        e.act("}")
    for v, name in zip(body.args, names, strict=True):
        e.bind(v, name)
    e.region(body)
    _assign(e, list(zip(names, body.yielded, strict=True)))
    e.close()
    e.loops -= 1
    for v, name in zip(op.results, names, strict=True):
        e.bind(v, name)

