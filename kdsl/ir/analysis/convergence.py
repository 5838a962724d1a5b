"""Refuses barriers and subgroup operations that not every thread reaches together.

A barrier needs control flow that is the same for the whole block, a subgroup operation for the subgroup. The message shows
the operation, the condition that parts the threads, and where that condition first differs between threads.
"""

from __future__ import annotations

from ...diagnostics import Label, Span, refuse
from ..core import Function, Op, Region, Value
from .uniformity import BLOCK, SUBGROUP, VARYING, Uniformity, uniformity

__all__ = ["check_convergence"]

# What is said of each control op that parts threads: (code, where the barrier stands, what the label calls it).
_ABOUT = {
    "scf.if": ("K301", "inside a branch that threads may take differently", "this condition varies between threads"),
    "scf.for": ("K302", "inside a loop that threads may leave at different times", "this loop's range varies between threads"),
    "scf.while": ("K302", "inside a loop that threads may leave at different times", "this loop's end varies between threads"),
}


def check_convergence(f: Function) -> None:
    """Raise K301 or K302 (a barrier), K303 (a subgroup operation) where threads may part."""
    needed = any(op.defn.convergent for op in _all(f.body))
    if needed:
        _region(f.body, uniformity(f), [])


def _all(region: Region):
    for op in region.ops:
        yield op
        for inner in op.regions:
            yield from _all(inner)


def _region(region: Region, levels: Uniformity, parting: list[Op]) -> None:
    for op in region.ops:
        if op.defn.convergent:
            _check(op, levels, parting)
        for inner in op.regions:
            inside = [*parting, op] if levels.control.get(op, BLOCK) > BLOCK else parting
            _region(inner, levels, inside)


def _check(op: Op, levels: Uniformity, parting: list[Op]) -> None:
    barrier = op.defn.name == "simt.barrier"
    allowed = BLOCK if barrier else SUBGROUP
    guilty = next((p for p in parting if levels.control[p] > allowed), None)
    if guilty is None:
        return
    code, where, about = _ABOUT[guilty.defn.name]
    if op.span.line > guilty.span.end_line and op.span.function == guilty.span.function:
        where, about = "that some threads may have left before", "threads part at this condition"
    what = "barrier" if barrier else f"subgroup operation {op.defn.name.removeprefix('subgroup.')}"
    if not barrier:
        code = "K303"
    condition = _condition(guilty)
    labels = [Label(_span(condition, guilty), about)]
    cause = _cause(condition, levels)
    if cause is not None and cause != labels[0].span and cause.line:
        labels.append(Label(cause, "because of this"))
    who = "every thread of the block" if barrier else "every thread of the subgroup"
    refuse(code, op.span, f"{what} {where}", caret=f"{who} must reach this", labels=labels,
           help=f"move the {'barrier' if barrier else 'operation'} out of the {'loop' if code == 'K302' else 'branch or loop'}, "
                f"or make the condition the same for all threads{_for_all(code)}")  # fmt: skip


def _for_all(code: str) -> str:
    arrive = " (a thread that has nothing to do must still arrive)"
    if code == "K302":
        return f"{arrive}: count from the block's first element, and ask in the loop which threads have one"
    return arrive


def _condition(op: Op) -> Value:
    if op.defn.name == "scf.if":
        return op.operands[0]
    return op.regions[0].yielded[0] if op.defn.name == "scf.while" else op.operands[1]


def _span(v: Value, fallback: Op) -> Span:
    return v.op.span if v.op is not None and v.op.span.line else fallback.span


def _cause(v: Value, levels: Uniformity) -> Span | None:
    """The place of the first op, going back from `v`, that differs between threads by itself."""
    seen: set[Value] = set()
    queue = [v]
    while queue:
        v = queue.pop(0)
        if v in seen or levels.of(v) < VARYING:
            continue
        seen.add(v)
        op = v.op
        if op is None:
            continue
        if op.defn.varying or op.defn.name.startswith(("memory.", "atomic.", "subgroup.")):
            return op.span
        queue += op.operands
        for region in op.regions:
            queue += region.yielded
    return None
