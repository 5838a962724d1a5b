"""Structured control flow as branches: labels, predicates and registers that are written again.

One idea: PTX registers may be assigned more than once, so what a region yields is moved where the other region or the next trip
expects it. Every branch is one forward or one backward jump to a label that ends its construct, so threads that part
meet again there. A short region without else runs under a predicate; two short pure ones both run, and `selp` chooses.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ir import types as T
from ...ir.core import Op, Region, Value
from ...ir.ops.scf import counters
from .emitter import Emitter, Lines, Loop, lowering, needs_members
from .number import choose, choose_bool
from .ranges import fits_word
from .simt import ballot
from .text import CLASS

_PREDICATED = 4  # instructions that cost no more than the branch around them
_CHOSEN = 6
# Not to be computed where it might be spared.
_LONG = frozenset(("arith.div", "arith.sqrt", "arith.lookup", "machine.quot", "machine.rem", "machine.payne_hanek"))
_MOVE = {"p": "mov.pred", "h": "mov.b16", "r": "mov.b32", "d": "mov.b64", "f": "mov.f32", "g": "mov.f64"}


def move(e: Emitter, cls: str, to: str, source: str) -> None:
    if to != source:
        e.lines.append(f"{_MOVE[cls]} {to}, {source};")


def move_all(e: Emitter, moves: Sequence[tuple[str, str, str]]) -> None:
    """All (class, to, from) as if at once."""
    real = [m for m in moves if m[1] != m[2]]
    targets = {to for _, to, _ in real}
    saved: dict[str, str] = {}
    for cls, _, source in real:
        if source in targets and source not in saved:
            saved[source] = e.register(cls)
            move(e, cls, saved[source], source)
    for cls, to, source in real:
        move(e, cls, to, saved.get(source, source))


def _class(v: Value) -> str:
    return CLASS[T.element_of(v.type).name]


def in_register(e: Emitter, v: Value) -> str:
    """What can be moved: 16-bit floats and predicates from registers only."""
    return e.in_register(v) if _class(v) in ("h", "p") else e.value(v)


class _Side:
    """A region of a branch once it is emitted: its lines, and what was known at its end."""

    def __init__(self, e: Emitter, region: Region, members: str) -> None:
        self.e = e
        self.yielded = region.yielded
        self.lines: Lines = []
        outer, e.lines = e.lines, self.lines
        around = e.members
        e.members = members or around
        self.known: dict[object, str] = {}
        e.known.append(self.known)
        e.region(region)
        e.known.pop()
        e.members = around
        e.lines = outer
        e.place = ("", 0)

    def operand(self, k: int, is_narrow: bool) -> str:
        """What it yields, computed at its end if need be."""
        e = self.e
        outer, e.lines = e.lines, self.lines
        e.known.append(self.known)
        v = self.yielded[k]
        text = (e.word(v) or "") if is_narrow else in_register(e, v)
        e.known.pop()
        e.lines = outer
        return text


@lowering("scf.if")
def _if(e: Emitter, op: Op) -> None:
    then, otherwise = op.regions
    cond = op.operands[0]
    if cond.op in e.opposites:  # which is not written: the branch is the other way round
        cond, then, otherwise = cond.op.operands[0], otherwise, then
    p = e.value(cond)
    goes, stays = f"@{p}", f"@!{p}"
    is_swapped = len(then.ops) == 1 and len(otherwise.ops) > 1
    if is_swapped:
        goes, stays, then, otherwise = stays, goes, otherwise, then
    members = ("", "")
    if e.exchanges and not e.is_uniform(op) and (needs_members(then) or needs_members(otherwise)):
        members = _split_members(e, p, then, otherwise, is_swapped=is_swapped)
    yes, no = _Side(e, then, members[0]), _Side(e, otherwise, members[1])
    narrow = [_in_words(e, *both) for both in zip(op.results, then.yielded, otherwise.yielded, strict=True)]
    first = [yes.operand(k, is_narrow) for k, is_narrow in enumerate(narrow)]
    second = [no.operand(k, is_narrow) for k, is_narrow in enumerate(narrow)]
    classes = ["r" if is_narrow else _class(v) for v, is_narrow in zip(op.results, narrow, strict=True)]
    if op.results and _may_choose(then, otherwise, yes.lines, no.lines):
        e.lines += yes.lines + no.lines
        for v, is_narrow, a, b in zip(op.results, narrow, first, second, strict=True):
            a, b = (b, a) if is_swapped else (a, b)
            _bind(e, v, _chosen(e, v, is_narrow, p, a, b), is_narrow)
        return
    registers = [e.register(cls) for cls in classes]
    after_yes, after_no = list(zip(classes, registers, first)), list(zip(classes, registers, second))
    if not no.lines and not op.results and op is e.function.body.ops[-2] and not _is_plain(yes.lines, _PREDICATED):
        # Nothing follows: threads that have nothing to do end here, and there is no place where they would have to meet.
        e.act(f"{stays} ret")
        e.lines += yes.lines
        return
    if not no.lines:
        _one_sided(e, goes, stays, yes.lines, after_yes, after_no)
    else:
        _two_sided(e, stays, yes.lines, no.lines, after_yes, after_no)
    for v, r, is_narrow in zip(op.results, registers, narrow, strict=True):
        _bind(e, v, r, is_narrow)


def _bind(e: Emitter, v: Value, text: str, is_narrow: bool) -> None:
    if is_narrow:
        e.bind_narrow(v, text)
    else:
        e.bind(v, text)


def _split_members(e: Emitter, p: str, then: Region, otherwise: Region, *, is_swapped: bool) -> tuple[str, str]:
    """The threads of the warp that go each way, among those that are here."""
    flipped = "!" if is_swapped else "", "" if is_swapped else "!"
    yes, no = [ballot(e, f"{sign}{p}") if needs_members(way) else "" for sign, way in zip(flipped, (then, otherwise), strict=True)]
    return yes, no


def _in_words(e: Emitter, result: Value, a: Value, b: Value) -> bool:
    """Note what a result may be, and say whether it is kept in 32 bits though its type has 64."""
    t = T.element_of(result.type)
    if not t.is_integer:
        return False
    p, q = e.ranges.of(a), e.ranges.of(b)
    both = min(p[0], q[0]), max(p[1], q[1])
    e.ranges.learn(result, both)
    return t.bits == 64 and fits_word(both)


def _chosen(e: Emitter, v: Value, is_narrow: bool, p: str, a: str, b: str) -> str:
    t = T.i32 if is_narrow else T.element_of(v.type)
    return choose_bool(e, p, a, b) if t.is_bool else choose(e, t, p, a, b)


def _may_choose(then: Region, otherwise: Region, yes: Lines, no: Lines) -> bool:
    """Whether both sides may simply run: short, nothing but arithmetic, and no long instruction."""
    if not _is_plain(yes + no, _CHOSEN):
        return False
    for op in (*then.ops[:-1], *otherwise.ops[:-1]):
        if not op.defn.pure or op.regions or op.defn.name.startswith("memory.") or op.defn.name in _LONG:
            return False
    return True


def _is_plain(lines: Lines, most: int) -> bool:
    """Whether lines may stand under a predicate: few instructions, none under one already, no labels, no meeting."""
    left = most
    for line in lines:
        if isinstance(line, list):  # before a loop
            return False
        if line[0] != ".":
            left -= 1
            if left < 0 or line[0] in "@${" or line.startswith(("bar", "shfl", "vote", "redux", "bra", "ret")):
                return False
    return True


_Moves = list[tuple[str, str, str]]


def _one_sided(e: Emitter, goes: str, stays: str, lines: Lines, taken: _Moves, skipped: _Moves) -> None:
    for m in skipped:
        move(e, *m)
    if _is_plain(lines, _PREDICATED - len(taken)):
        e.lines += [line if line[0] == "." else f"{goes} {line}" for line in lines]
        e.lines += [f"{goes} {_MOVE[cls]} {to}, {source};" for cls, to, source in taken if to != source]
        return
    done = e.label("join")
    e.act(f"{stays} bra {done}")
    e.lines += lines
    for m in taken:
        move(e, *m)
    e.begin(done)


def _two_sided(e: Emitter, stays: str, yes: Lines, no: Lines, after_yes: _Moves, after_no: _Moves) -> None:
    other, done = e.label("else"), e.label("join")
    e.act(f"{stays} bra {other}")
    e.lines += yes
    for m in after_yes:
        move(e, *m)
    e.act(f"bra {done}")
    e.begin(other)
    e.lines += no
    for m in after_no:
        move(e, *m)
    e.begin(done)


# Loops


class _Carried:
    """The registers of what a loop carries; after the loop they hold its results."""

    def __init__(self, e: Emitter, initial: Sequence[Value], args: Sequence[Value], mirror: Sequence[Value] = (),
                 narrow: frozenset[int] = frozenset()) -> None:  # fmt: skip
        """narrow: which of them are kept in 32 bits though their type has 64."""
        self.e = e
        self.narrow = narrow
        self.classes = ["r" if k in narrow else _class(v) for k, v in enumerate(args)]
        self.registers = [e.register(cls) for cls in self.classes]
        for k, (cls, r, v) in enumerate(zip(self.classes, self.registers, initial, strict=True)):
            move(e, cls, r, self._source(k, v))
        self.args = (args, mirror)

    def _source(self, k: int, v: Value) -> str:
        return self.e.low_word(v) if k in self.narrow else in_register(self.e, v)

    def _bind(self, values: Sequence[Value]) -> None:
        for k, (v, r) in enumerate(zip(values, self.registers, strict=False)):
            _bind(self.e, v, r, k in self.narrow)

    def open(self) -> None:
        for args in self.args:
            self._bind(args)

    def close(self, yielded: Sequence[Value]) -> None:
        sources = [self._source(k, v) for k, v in enumerate(yielded)]
        move_all(self.e, list(zip(self.classes, self.registers, sources, strict=True)))

    def leave(self, results: Sequence[Value]) -> None:
        self._bind(results)


def _enter(e: Emitter) -> None:
    """Open a loop: lines for what does not change in it stand here, where also threads pass that do not enter it: what they
    compute may be asked for behind the loop."""
    before: Lines = []
    e.lines.append(before)
    e.loops.append(Loop(before, e.known[-1]))
    e.known.append({})
    e.place = ("", 0)


def _leave(e: Emitter) -> None:
    e.known.pop()
    e.loops.pop()
    e.place = ("", 0)


@lowering("scf.for")
def _for(e: Emitter, op: Op) -> None:
    body = op.regions[0]
    if op.operands[2].constant == 0:
        for v, initial in zip(op.results, op.operands[3:], strict=True):
            e.bind(v, in_register(e, initial))
        return
    carried = _Carried(e, op.operands[3:], body.args[1:])
    trip = _Trip(e, op)
    exchanges = e.exchanges and not e.is_uniform(op) and needs_members(body)
    done, head, outer = e.label("done"), e.label("loop"), e.members
    if exchanges:
        e.members = e.register("r")
        if trip.surely:
            move(e, "r", e.members, outer)
        else:
            e.lines.append(f"vote.sync.ballot.b32 {e.members}, {trip.enters}, {outer};")
    _enter(e)
    if not trip.surely:
        e.act(f"@!{trip.enters} bra {done}")
    e.begin(head)
    carried.open()
    trip.open(body.args[0])
    e.region(body)
    carried.close(body.yielded)
    again = trip.close()
    if exchanges:
        e.lines.append(f"vote.sync.ballot.b32 {e.members}, {again}, {e.members};")
    e.act(f"@{again} bra {head}")
    _leave(e)
    e.members = outer
    e.begin(done)
    carried.leave(op.results)


class _Trip:
    """The counter of a `for` loop, tested at the end of the body so that it cannot overflow."""

    def __init__(self, e: Emitter, op: Op) -> None:
        self.e = e
        lo, hi, step = op.operands[:3]
        self.known: int | None = step.constant
        self.first = lo
        low, high, by = e.ranges.of(lo), e.ranges.of(hi), e.ranges.of(step)
        self.sign = 1 if by[0] > 0 else -1 if by[1] < 0 else 0  # which way it counts; 0: that is not known
        self.interval = (low[0], high[1] - 1) if self.sign > 0 else (high[0] + 1, low[1])
        past = max(abs(by[0]), abs(by[1])) - 1
        # The counter may go as far past the end: in 32 bits only where that, too, fits.
        reach = (min(low[0], high[0]) - past, max(low[1], high[1]) + past)
        self.is_narrow = self.sign != 0 and fits_word(reach) and fits_word(by)
        self.simple = self.sign != 0 and reach[0] > -(1 << 62) and reach[1] < 1 << 62
        self.cls, self.suffix = ("r", "s32") if self.is_narrow else ("d", "s64")
        read = (lambda v: e.word(v) or "") if self.is_narrow else e.value
        self.lo, self.hi, self.step = read(lo), read(hi), read(step)
        self.counter = e.register(self.cls)
        move(e, self.cls, self.counter, self.lo)
        self.rest = self.enters = ""
        self.surely = self.sign > 0 and low[1] < high[0]  # it runs at least once
        if self.simple or self.known is not None:
            if not self.surely:
                self.enters = e.do("p", f"setp.{self._before}.{self.suffix}", self.lo, self.hi)
            return
        self.enters = self._unknown_step()

    @property
    def _before(self) -> str:
        return "lt" if self.sign > 0 else "gt"

    def _unknown_step(self) -> str:
        e = self.e
        up = e.do("p", "setp.gt.s64", self.step, "0")
        self.size = e.do("d", "abs.s64", self.in_register(self.step))
        bottom = e.do("d", "selp.b64", self.lo, self.hi, up)
        top = e.do("d", "selp.b64", self.hi, self.lo, up)
        self.rest = e.register("d")
        e.lines.append(f"sub.s64 {self.rest}, {top}, {bottom};")
        runs = e.do("p", "setp.lt.s64", bottom, top)
        return e.do("p", "and.pred", runs, e.do("p", "setp.ne.s64", self.step, "0"))

    def in_register(self, text: str) -> str:
        return text if text[0] == "%" else self.e.do("d", "mov.b64", text)

    def open(self, counter: Value) -> None:
        e = self.e
        if self.sign:
            e.ranges.learn(counter, self.interval)
        if self.known is not None:
            e.residues.learn(counter, self.first, self.known)
        if self.is_narrow:
            e.bind_narrow(counter, self.counter)
        else:
            e.bind(counter, self.counter)

    def close(self) -> str:
        """Step, and say whether there is another trip."""
        e, known = self.e, self.known
        if self.simple or (known is not None and abs(known) == 1):
            e.lines.append(f"add.{self.suffix} {self.counter}, {self.counter}, {self.step};")
            return e.do("p", f"setp.{self._before}.{self.suffix}", self.counter, self.hi)
        if known is not None:
            left = e.do("d", "sub.s64", *((self.hi, self.counter) if known > 0 else (self.counter, self.hi)))
            again = e.do("p", "setp.gt.u64", left, str(abs(known)))
            e.lines.append(f"add.s64 {self.counter}, {self.counter}, {self.step};")
            return again
        again = e.do("p", "setp.gt.u64", self.rest, self.size)
        e.lines.append(f"sub.s64 {self.rest}, {self.rest}, {self.size};")
        e.lines.append(f"add.s64 {self.counter}, {self.counter}, {self.step};")
        return again


def _counted(e: Emitter, op: Op) -> frozenset[int]:
    """Note what counters of a `while` may be, and say which of 64 bits fit in 32."""
    cond, body = op.regions
    narrow: set[int] = set()
    for k, (bound, step) in counters(op).items():
        first, last = e.ranges.of(op.operands[k]), e.ranges.of(bound)[1] - 1
        reach = first[0], max(first[1], last + step)
        if e.ranges.learn(cond.args[k], reach):
            e.ranges.learn(body.args[k], (first[0], max(last, first[0])))
            e.ranges.learn(op.results[k], reach)
            if T.element_of(cond.args[k].type).bits == 64 and fits_word(reach):
                narrow.add(k)
    return frozenset(narrow)


@lowering("scf.while")
def _while(e: Emitter, op: Op) -> None:
    cond, body = op.regions
    carried = _Carried(e, op.operands, cond.args, body.args, _counted(e, op))
    exchanges = e.exchanges and not e.is_uniform(op) and (needs_members(cond) or needs_members(body))
    head, done, outer = e.label("while"), e.label("done"), e.members
    if exchanges:
        e.members = e.register("r")
        move(e, "r", e.members, outer)
    _enter(e)
    e.begin(head)
    carried.open()
    around, e.condition = e.condition, len(e.known)
    e.conditions.append({})
    e.region(cond)
    e.condition = around
    holds = e.in_register(cond.yielded[0])
    if exchanges:
        e.lines.append(f"vote.sync.ballot.b32 {e.members}, {holds}, {e.members};")
    e.act(f"@!{holds} bra {done}")
    e.region(body)
    carried.close(body.yielded)
    e.conditions.pop()
    e.act(f"bra {head}")
    _leave(e)
    e.members = outer
    e.begin(done)
    carried.leave(op.results)
