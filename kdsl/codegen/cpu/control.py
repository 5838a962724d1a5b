"""Structured control flow as basic blocks and phis.

One idea: loops are emitted already rotated (guard, body, test at the end) with trip tests that cannot overflow, so
LLVM's loop passes have nothing to repair.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.core import Op, Value
from .emitter import PART, Emitter, lowering
from .functions import is_rare, rare_region
from .masks import goes_in_parts, is_wide, mask_parts, wide_mask
from .text import lanes_of, register, vector

# Where a loop begins moves its speed by 4 % (Mandelbrot), as processors keep decoded instructions by lines of 64 bytes. Only for a
# `while` that holds no other loop: `for` gained nothing, and the scan, whose loops are short, lost 2 % to the padding.
_ALIGNED = ", !llvm.loop !3"


@lowering("scf.if")
def _if(e: Emitter, op: Op) -> None:
    cond = e.value(op.operands[0])
    then, otherwise = op.regions
    yes, join = e.fresh("then"), e.fresh("join")
    has_else = len(otherwise.ops) > 1
    no = e.fresh("else") if has_else else join
    unchanged = [] if has_else else [e.value(v) for v in otherwise.yielded]  # masks that loops carry take an instruction
    start = e.label
    rare = is_rare(then)
    e.branch(cond, yes, no, ", !prof !1" if rare else "")
    e.begin(yes)
    first = rare_region(e, then) if rare else e.region(then)
    from_yes = e.label
    e.jump(join)
    if has_else:
        e.begin(no)
        second = e.region(otherwise)
        from_no = e.label
        e.jump(join)
    else:
        second, from_no = unchanged, start
    e.begin(join)
    for result, a, b in zip(op.results, first, second, strict=True):
        e.names[result] = e.phi(register(result.type), [(a, from_yes), (b, from_no)])


class _Carried:
    """The phis at the head of a loop: reserved lines, filled in when the loop's end is known. Masks have forms of their own, one of
    which takes several. parted: see `goes_in_parts`."""

    def __init__(self, e: Emitter, values: tuple[Value, ...], initial: list[list[str]], before: str, *, parted: bool) -> None:
        self.e = e
        self.lines: list[tuple[int, str]] = []
        self.parted = parted
        self.names = [
            [self.add(carried_type(e, v, parted=parted), start, before) for start in starts]
            for v, starts in zip(values, initial, strict=True)
        ]

    def name(self, values: tuple[Value, ...]) -> None:
        """Makes the phis known as these values."""
        _name(self.e, values, self.names, parted=self.parted)

    def add(self, type: str, start: str, before: str) -> str:
        name = self.e.name()
        self.lines.append((len(self.e.lines), f"{name} = phi {type} [{start}, %{before}], "))
        self.e.lines.append("")
        return name

    def close(self, following: list[list[str]], label: str) -> None:
        flat = [value for values in following for value in values]
        for (at, text), value in zip(self.lines, flat, strict=True):
            self.e.lines[at] = f"{text}[{value}, %{label}]"


def _in_parts(v: Value, *, parted: bool) -> bool:
    return parted and T.element_of(v.type).is_bool and lanes_of(v.type) > PART


def carried_type(e: Emitter, v: Value, *, parted: bool = False) -> str:
    if _in_parts(v, parted=parted):
        return vector("i1", PART)
    return vector("i32", lanes_of(v.type)) if is_wide(e, v) else register(v.type)


def _name(e: Emitter, values: tuple[Value, ...], names: list[list[str]], *, parted: bool) -> None:
    for v, found in zip(values, names, strict=False):
        if _in_parts(v, parted=parted):
            e.parts[v] = found
        else:
            (e.wide if is_wide(e, v) else e.names)[v] = found[0]


def _given(e: Emitter, values: tuple[Value, ...], *, parted: bool) -> list[list[str]]:
    """Values in the form that loops carry."""
    return [
        mask_parts(e, v) if _in_parts(v, parted=parted) else [wide_mask(e, v) if is_wide(e, v) else e.value(v)] for v in values
    ]


@lowering("scf.for")
def _for(e: Emitter, op: Op) -> None:
    lo, hi, step = [e.value(v) for v in op.operands[:3]]
    parted = goes_in_parts(e, op)
    initial = _given(e, op.operands[3:], parted=parted)
    known = op.operands[2].constant
    body = op.regions[0]
    if known == 0:
        _name(e, op.results, initial, parted=parted)
        return
    e.loops += 1
    size, distance, enters = _trip(e, lo, hi, step, known)
    start, head, done = e.label, e.fresh("loop"), e.fresh("done")
    e.branch(enters, head, done)
    e.begin(head)
    carried = _Carried(e, body.args[1:], initial, start, parted=parted)
    index = carried.add("i64", lo, start)
    rest = carried.add("i64", distance, start) if distance else ""
    e.names[body.args[0]] = index
    carried.name(body.args[1:])
    before, e.parted = e.parted, parted
    e.run(body)
    e.parted = before
    following = _given(e, body.yielded, parted=parted)
    after = e.do(f"add {'nsw ' if known == 1 else ''}i64 {index}, {step}")
    more: list[str] = [after]
    if known == 1:
        again = e.do(f"icmp slt i64 {after}, {hi}")
    elif rest:
        again = e.do(f"icmp ugt i64 {rest}, {size}")
        more.append(e.do(f"sub i64 {rest}, {size}"))
    else:
        left = f"sub i64 {hi}, {index}" if known is not None and known > 0 else f"sub i64 {index}, {hi}"
        again = e.do(f"icmp ugt i64 {e.do(left)}, {size}")
    carried.close([*following, more], e.label)
    end = e.label
    e.branch(again, head, done)
    e.begin(done)
    made = [
        [e.phi(carried_type(e, v, parted=parted), [(a, start), (b, end)]) for a, b in zip(*ways, strict=True)]
        for v, *ways in zip(op.results, initial, following, strict=True)
    ]
    _name(e, op.results, made, parted=parted)


def _trip(e: Emitter, lo: str, hi: str, step: str, known: int | None) -> tuple[str, str, str]:
    """(|step|, the distance from lo to hi if the loop must count it, whether the loop runs at all)."""
    if known is not None:
        return str(abs(known)), "", e.do(f"icmp {'slt' if known > 0 else 'sgt'} i64 {lo}, {hi}")
    is_up = e.do(f"icmp sgt i64 {step}, 0")
    size = e.do(f"call i64 @llvm.abs.i64(i64 {step}, i1 false)")
    bottom, top = e.select(is_up, "i64", lo, hi, 0), e.select(is_up, "i64", hi, lo, 0)
    runs = e.do(f"and i1 {e.do(f'icmp slt i64 {bottom}, {top}')}, {e.do(f'icmp ne i64 {step}, 0')}")
    return size, e.do(f"sub i64 {top}, {bottom}"), runs


@lowering("scf.while")
def _while(e: Emitter, op: Op) -> None:
    cond, body = op.regions
    parted = goes_in_parts(e, op)
    initial = _given(e, op.operands, parted=parted)
    e.loops += 1
    start, head, inside, done = e.label, e.fresh("while"), e.fresh("body"), e.fresh("done")
    e.jump(head)
    e.begin(head)
    carried = _Carried(e, cond.args, initial, start, parted=parted)
    carried.name(cond.args)
    carried.name(body.args)
    (holds,) = e.region(cond)
    e.branch(holds, inside, done)
    e.begin(inside)
    before, outer, e.parted = e.loops, e.parted, parted
    e.run(body)
    e.parted = outer
    carried.close(_given(e, body.yielded, parted=parted), e.label)
    e.jump(head, _ALIGNED if e.loops == before else "")
    e.begin(done)
    carried.name(op.results)


@lowering("simt.fence")
def _fence(e: Emitter, op: Op) -> None:
    # All threads of a block run on one processor thread, so a block's fence only stops the compiler.
    scope = "" if op.attributes["scope"] == "device" else 'syncscope("singlethread") '
    e.act(f"fence {scope}seq_cst")
