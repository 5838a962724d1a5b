"""Atomic read-modify-write, one element or lane by lane.

One idea: what the processor's instructions say exactly is one `atomicrmw`; the rest (extremes, narrow floats) is a
compare-and-swap loop over the bits in memory. An extreme that changes nothing is a load and a comparison: most updates of a depth
buffer or of a bounding box are, and a locked instruction takes twenty cycles and the line from all others. All are relaxed;
lanes take turns, lowest first. Only memory that other workers see needs any of this: one worker runs a whole block, so on shared
memory an update is a load, an operation and a store (a fifth of the time of the locked instruction, and it can be overlapped
with its neighbours).
"""

from __future__ import annotations

from collections.abc import Callable

from ...ir import types as T
from ...ir.analysis.combining import JOINED, neutral
from ...ir.analysis.effects import only_reads
from ...ir.analysis.masks import is_on
from ...ir.core import Op, Region, Value
from .emitter import Emitter, lowering
from .lookups import kept_by_casts, narrow_number
from .memory import any_lane, lane_pointers, mask_of, scalar_pointer, strides
from .narrow import from_memory, round_narrow, to_memory
from .text import MEMORY, REGISTER, lanes_of, literal, splat, suffix, vector

_INTEGER = {"add": "add", "sub": "sub", "and": "and", "or": "or", "xor": "xor", "exchange": "xchg"}
_FLOAT = {"add": "fadd", "sub": "fsub"}
_COMPUTE = {
    "add": "fadd float {0}, {1}",
    "sub": "fsub float {0}, {1}",
    "min": "call {t} @llvm.minimum.{v}({t} {0}, {t} {1})",
    "max": "call {t} @llvm.maximum.{v}({t} {0}, {t} {1})",
}
_PLAIN_INTEGER = {k: f"{k} {{t}} {{0}}, {{1}}" for k in ("add", "sub", "and", "or", "xor")} | {
    k: f"call {{t}} @llvm.{{sign}}{k}.{{v}}({{t}} {{0}}, {{t}} {{1}})" for k in ("min", "max")
}


def _is_own(array: Value) -> bool:
    """Whether no other worker can see an array."""
    return isinstance(array.type, T.ArrayType) and array.type.space is not T.Space.GLOBAL


def update(e: Emitter, kind: str, t: T.ScalarType, pointer: str, x: str, *, own: bool = False) -> str:
    """Apply `kind` with register value `x`; gives the old value. own: in memory of this worker alone."""
    if own:
        return _plain(e, kind, t, pointer, x)
    base = MEMORY[t.name]
    if kind == "exchange" or (kind in _INTEGER and not t.is_float):
        bits = _as_integer(e, t, to_memory(e, t, x, 0))
        old = e.do(f"atomicrmw {_INTEGER[kind]} ptr {pointer}, i{t.size_bytes * 8} {bits} monotonic, align {t.size_bytes}")
        return from_memory(e, t, _from_integer(e, t, old), 0)
    if kind in _FLOAT and t.bits >= 32:
        return e.do(f"atomicrmw {_FLOAT[kind]} ptr {pointer}, {base} {x} monotonic, align {t.size_bytes}")
    return _by_exchange(e, kind, t, pointer, x)


def _plain(e: Emitter, kind: str, t: T.ScalarType, pointer: str, x: str) -> str:
    """An update that nobody can come between."""
    memory = MEMORY[t.name]
    old = from_memory(e, t, e.do(f"load {memory}, ptr {pointer}, align {t.size_bytes}"), 0)
    new = x if kind == "exchange" else _computed(e, kind, t, old, x)
    e.act(f"store {memory} {to_memory(e, t, new, 0)}, ptr {pointer}, align {t.size_bytes}")
    return old


def _computed(e: Emitter, kind: str, t: T.ScalarType, old: str, x: str) -> str:
    base = REGISTER[t.name]
    spelling = _COMPUTE[kind].replace("float", base) if t.is_float else _PLAIN_INTEGER[kind]
    new = e.do(spelling.format(old, x, t=base, v=suffix(base, 0), sign="s" if t.is_signed else "u"))
    return round_narrow(e, t, new, 0) if t.is_float and t.bits < 32 else new


def _load(e: Emitter, t: T.ScalarType, pointer: str) -> str:
    bits = e.do(f"load atomic i{t.size_bytes * 8}, ptr {pointer} monotonic, align {t.size_bytes}")
    return from_memory(e, t, _from_integer(e, t, bits), 0)


def _as_integer(e: Emitter, t: T.ScalarType, x: str) -> str:
    base = MEMORY[t.name]
    return x if base[0] == "i" else e.do(f"bitcast {base} {x} to i{t.bits}")


def _from_integer(e: Emitter, t: T.ScalarType, x: str) -> str:
    base = MEMORY[t.name]
    return x if base[0] == "i" else e.do(f"bitcast i{t.bits} {x} to {base}")


def _by_exchange(e: Emitter, kind: str, t: T.ScalarType, pointer: str, x: str) -> str:
    integer = f"i{t.size_bytes * 8}"
    start, head, done = e.label, e.fresh("attempt"), e.fresh("updated")
    first = e.do(f"load atomic {integer}, ptr {pointer} monotonic, align {t.size_bytes}")
    e.jump(head)
    e.begin(head)
    at = len(e.lines)
    e.lines.append("")
    bits = e.name()
    old = from_memory(e, t, _from_integer(e, t, bits), 0)
    stored = _as_integer(e, t, to_memory(e, t, _computed(e, kind, t, old, x), 0))
    if kind in ("min", "max"):
        changes = e.fresh("changes")
        e.branch(e.do(f"icmp eq {integer} {stored}, {bits}"), done, changes)
        e.begin(changes)
    pair = e.do(
        f"cmpxchg weak ptr {pointer}, {integer} {bits}, {integer} {stored} monotonic monotonic, align {t.size_bytes}"
    )
    found = e.do(f"extractvalue {{ {integer}, i1 }} {pair}, 0")
    won = e.do(f"extractvalue {{ {integer}, i1 }} {pair}, 1")
    e.lines[at] = f"{bits} = phi {integer} [{first}, %{start}], [{found}, %{e.label}]"
    e.branch(won, done, head)
    e.begin(done)
    return old


def compare_exchange(e: Emitter, t: T.ScalarType, pointer: str, expected: str, x: str) -> str:
    integer = f"i{t.size_bytes * 8}"
    old, new = [_as_integer(e, t, to_memory(e, t, v, 0)) for v in (expected, x)]
    pair = e.do(f"cmpxchg ptr {pointer}, {integer} {old}, {integer} {new} monotonic monotonic, align {t.size_bytes}")
    found = e.do(f"extractvalue {{ {integer}, i1 }} {pair}, 0")
    return from_memory(e, t, _from_integer(e, t, found), 0)


@lowering(*[f"atomic.{kind}" for kind in ("add", "sub", "min", "max", "and", "or", "xor", "exchange")])
def _atomic(e: Emitter, op: Op) -> str:
    array, *indices, x = op.operands
    pointer = scalar_pointer(e, array, indices, op.attributes["offset"])
    if only_reads(op):
        return _load(e, T.element_of(x.type), pointer)
    return update(e, op.name.removeprefix("atomic."), T.element_of(x.type), pointer, e.value(x), own=_is_own(array))


@lowering("atomic.compare_exchange")
def _compare_exchange(e: Emitter, op: Op) -> str:
    array, *indices, expected, x = op.operands
    pointer = scalar_pointer(e, array, indices, op.attributes["offset"])
    if only_reads(op):
        return _load(e, T.element_of(x.type), pointer)
    return compare_exchange(e, T.element_of(x.type), pointer, e.value(expected), e.value(x))


# Lanes


@lowering("tile.atomic")
def _tile_atomic(e: Emitter, op: Op) -> str | None:
    if e.turns is None:
        e.turns = {}
        _find_turns(e, e.function.body, e.turns)
    if op in e.turns:
        _in_turns(e, e.turns[op])
        return None
    array, *indices, mask, x = op.operands
    kind, t = op.attributes["kind"], T.element_of(x.type)
    if not any(lanes_of(i.type) for i in indices) and op.results[0] not in e.used and _reduces(e, kind, t):
        _reduced(e, op, kind, t)
        return None
    own = _is_own(array)
    if only_reads(op):
        return _lane_by_lane(e, op, array, indices, mask, (), lambda p, _: _load(e, t, p))
    return _lane_by_lane(e, op, array, indices, mask, (x,), lambda p, values: update(e, kind, t, p, values[0], own=own))


def _find_turns(e: Emitter, region: Region, turns: dict[Op, list[Op]]) -> None:
    """Runs of updates of what blocks share, one behind the other, with all lanes on and nobody looking at old values: each by
    its first, and the others with nothing left to do."""
    run: list[Op] = []
    for op in region.ops:
        if op.name == "tile.atomic" and _takes_turns(e, op) and (not run or op.operands[0] is run[0].operands[0]):
            run.append(op)
            continue
        _give_turns(run, turns)
        run = []
        for inner in op.regions:
            _find_turns(e, inner, turns)


def _give_turns(run: list[Op], turns: dict[Op, list[Op]]) -> None:
    if len(run) > 1:
        turns.update({op: [] for op in run[1:]})
        turns[run[0]] = run


def _takes_turns(e: Emitter, op: Op) -> bool:
    array, *indices, mask, _ = op.operands
    varies = any(lanes_of(i.type) for i in indices)
    if any(lanes_of(i.type) and _apart(i, e.lanes)[1] for i in indices):
        return False  # lanes have tables of their own
    return varies and _is_own(array) and e.lanes <= 16 and is_on(mask) and op.results[0] not in e.used


def _in_turns(e: Emitter, ops: list[Op]) -> None:
    """A lane of each in turn: updates of one element wait for each other, and those of another table's do not."""
    rows = []
    for op in ops:
        array, *indices, _, x = op.operands
        t = T.element_of(x.type)
        value = to_memory(e, t, e.spread_value(x, e.lanes), e.lanes)
        rows.append((op, t, _Address(e, array, indices, op.attributes["offset"]), value))
    for k in range(e.lanes):
        for op, t, place, value in rows:
            one = from_memory(e, t, e.do(f"extractelement {vector(MEMORY[t.name], e.lanes)} {value}, i64 {k}"), 0)
            update(e, op.attributes["kind"], t, place.of_lane(k), one, own=True)


def _reduces(e: Emitter, kind: str, t: T.ScalarType) -> bool:
    """Whether values may be combined before they are brought to an element, floats too: an order of updates is nowhere promised,
    and but for math="strict" neither is a grouping."""
    if not t.is_float:
        return kind in JOINED
    return t.bits >= 32 and (kind in ("min", "max") or (kind in ("add", "sub") and e.function.math != "strict"))


def _reduced(e: Emitter, op: Op, kind: str, t: T.ScalarType) -> None:
    """All lanes at one address and nobody wants the old values: combine the lanes, update once."""
    array, *indices, mask_value, x = op.operands
    base, lanes = REGISTER[t.name], e.lanes
    wide = vector(base, lanes)
    mask = mask_of(e, mask_value, e.lanes)
    values = e.spread_value(x, lanes)
    if mask is not None:
        values = e.select(mask, wide, values, splat(base, neutral(kind, t), lanes), lanes)
    how, start, flags = JOINED[kind], "", ""
    if t.is_float:
        how = "fadd" if how == "add" else f"f{how}imum"
        start, flags = (f"{base} {literal(base, -0.0)}, ", "reassoc ") if how == "fadd" else ("", "")
    elif how in ("min", "max"):
        how = ("s" if t.is_signed else "u") + how
    total = e.do(f"call {flags}{base} @llvm.vector.reduce.{how}.{suffix(base, lanes)}({start}{wide} {values})")
    join = ""
    if mask is not None:
        some, join = e.fresh("some"), e.fresh("join")
        e.branch(any_lane(e, mask, lanes), some, join)
        e.begin(some)
    update(e, kind, t, scalar_pointer(e, array, indices, op.attributes["offset"]), total, own=_is_own(array))
    if join:
        e.jump(join)
        e.begin(join)


@lowering("tile.atomic_cas")
def _tile_cas(e: Emitter, op: Op) -> str | None:
    array, *indices, mask, expected, x = op.operands
    t = T.element_of(x.type)
    if only_reads(op):
        return _lane_by_lane(e, op, array, indices, mask, (), lambda p, _: _load(e, t, p))
    return _lane_by_lane(
        e, op, array, indices, mask, (expected, x), lambda p, values: compare_exchange(e, t, p, values[0], values[1])
    )


def _lane_by_lane(e: Emitter, op: Op, array: Value, indices: list[Value], mask_value: Value, values: tuple[Value, ...],
                  change: Callable[[str, list[str]], str]) -> str | None:  # fmt: skip
    """The lanes that are on, one after the other. Where all are, in a row of instructions; else in a loop whose operands
    pass through the stack."""
    lanes = e.lanes
    t = T.element_of(op.results[0].type)
    base, wide = MEMORY[t.name], vector(MEMORY[t.name], e.lanes)
    place = _Address(e, array, indices, op.attributes["offset"])
    given = [to_memory(e, t, e.spread_value(v, lanes), lanes) for v in values]
    is_wanted = op.results[0] in e.used
    results = _spill(e, "zeroinitializer", base, lanes) if is_wanted else ""

    def lane(k: str, pointer: str, operands: list[str]) -> None:
        old = to_memory(e, t, change(pointer, [from_memory(e, t, x, 0) for x in operands]), 0)
        if is_wanted:
            at = e.do(f"getelementptr {base}, ptr {results}, i64 {k}")
            e.act(f"store {base} {old}, ptr {at}, align {t.size_bytes}")

    def straight() -> None:
        for k in range(lanes):
            lane(str(k), place.of_lane(k), [e.do(f"extractelement {wide} {x}, i64 {k}") for x in given])

    def loop(on: str) -> None:
        fetch = place.through_memory()
        at = [_spill(e, x, base, lanes) for x in given]

        def body(k: str) -> None:
            places = [e.do(f"getelementptr {base}, ptr {spilled}, i64 {k}") for spilled in at]
            lane(k, fetch(k), [e.do(f"load {base}, ptr {p}, align {t.size_bytes}") for p in places])

        _loop(e, on, body)

    _lanes_in_turn(e, mask_of(e, mask_value, e.lanes), lanes, straight if _is_own(array) and lanes <= 16 else None, loop)
    if not is_wanted:
        return None
    return from_memory(e, t, e.do(f"load {wide}, ptr {results}, align 64"), lanes)


class _Address:
    """Where each lane's element is: a pointer and an index. Lanes of narrow numbers (the bytes that a histogram counts) are
    loaded once more, eight bytes at a time, if they were loaded just before, and taken apart by shifts: cheaper than widening
    all lanes to addresses. Those that lie apart, as a channel of points, and numbers of 32 bits and more are each loaded where
    they are counted, and the vector that nobody else looks at is never made. So are those of several axes, if all lie in memory."""

    def __init__(self, e: Emitter, array: Value, indices: list[Value], offset: int) -> None:
        self.e = e
        self.words: dict[tuple[int, str], str] = {}
        self.shift = [0] * e.lanes
        known: set[Value] = set()
        given = list(zip(indices, strides(e, array), strict=True))
        for axis, (i, s) in enumerate(given):
            if not lanes_of(i.type) or not isinstance(s, int):
                continue
            rest, numbers = _apart(i, e.lanes)
            if numbers:
                self.shift = [before + n * s for before, n in zip(self.shift, numbers, strict=True)]
                known.update([i] if rest is None else [])
                indices = [*indices[:axis], rest or i, *indices[axis + 1 :]]
        terms = [(i, s) for i, (_, s) in zip(indices, given, strict=True) if lanes_of(i.type) and i not in known]
        self.more = self._several(array, terms) if len(terms) > 1 else []  # of further axes
        is_one = len(terms) == 1 + len(self.more) and isinstance(terms[0][1], int)
        alike, own = _parted(terms[0][0]) if is_one else ([], None)
        self.narrow = None if own is None else narrow_number(own)
        if self.narrow is None and own is not None:
            *_, self.narrow = kept_by_casts(own)
            self.narrow = None if self._in_memory(array, self.narrow) is None else self.narrow
        if self.narrow is not None:
            self.pointer, self.stride = scalar_pointer(e, array, indices, offset), terms[0][1]
            for v in alike:
                self.pointer = self.element(e.value(v))
            self.source = self._in_memory(array, self.narrow)
        else:
            self.pointers = lane_pointers(e, array, indices, offset, e.lanes, known)

    def _in_memory(self, array: Value, loaded: Value | None) -> tuple[str, str | int] | None:
        """Where lanes are, and how far apart, in another array, which updates of the block's own memory leave alone."""
        op = loaded.op if loaded is not None else None
        if op is None or op.name != "tile.load" or not _is_own(array) or op.operands[0] is array:
            return None
        return self.e.still_in_memory(op)

    def _several(self, array: Value, terms: list[tuple[Value, str | int]]) -> list[tuple[Value, str | int]]:
        """What was loaded for all axes but the first, and their strides, if all lie in memory, one number behind the other."""
        found = list[tuple[Value, str | int]]()
        for i, stride in terms:
            *_, loaded = kept_by_casts(i)
            source = self._in_memory(array, loaded)
            if source is None or source[1] != T.element_of(loaded.type).size_bytes or not isinstance(stride, int):
                return []
            found.append((loaded, stride))
        return found[1:]

    def of_lane(self, k: int) -> str:
        pointer = self._of_lane(k)
        for loaded, stride in self.more:
            assert loaded.op is not None
            t, (source, _) = T.element_of(loaded.type), self.e.loaded[loaded.op][:2]
            one = self.e.do(f"load i{t.bits}, ptr {self.moved(source, str(k * t.size_bytes))}, align {t.size_bytes}")
            pointer = self.e.do(f"getelementptr [{stride} x i8], ptr {pointer}, i64 {_widened(self.e, t, one)}")
        return pointer

    def _of_lane(self, k: int) -> str:
        e = self.e
        if self.narrow is None:
            return self.moved(e.do(f"extractelement {vector('ptr', e.lanes)} {self.pointers}, i64 {k}"), str(self.shift[k]))
        t = T.element_of(self.narrow.type)
        bits, is_dense = t.bits, self.source is None or self.source[1] == t.size_bytes
        if is_dense and e.lanes * bits >= 64 and bits <= 16 and not t.is_signed:
            shifted = e.do(f"lshr i64 {self.word(k * bits // 64, bits)}, {k * bits % 64}")
            index = e.do(f"and i64 {shifted}, {(1 << bits) - 1}")
        elif self.source is not None:
            index = _widened(e, t, e.do(f"load i{bits}, ptr {self.lane_at(k)}, align {bits // 8}"))
        else:
            index = e.do(f"zext i{bits} {e.do(f'extractelement {e.typed(self.narrow)}, i64 {k}')} to i64")
        return self.moved(self.element(index), str(self.shift[k]))

    def lane_at(self, k: int) -> str:
        """Where a lane's number lies in memory."""
        assert self.source is not None
        pointer, step = self.source
        if not k or isinstance(step, int):
            return self.moved(pointer, str(k * int(step) if k else 0))
        return self.e.same(f"getelementptr i8, ptr {self.lane_at(k - 1)}, i64 {step}")

    def moved(self, pointer: str, by: str) -> str:
        return pointer if by == "0" else self.e.do(f"getelementptr i8, ptr {pointer}, i64 {by}")

    def word(self, n: int, bits: int) -> str:
        """Lanes that lie in the nth 64 bits, together: shifts are cheaper than a load for each, which takes the place of an
        update's load or store."""
        e = self.e
        if (n, e.label) not in self.words:
            if self.source is not None:
                at = e.do(f"getelementptr i8, ptr {self.source[0]}, i64 {8 * n}")
                self.words[n, e.label] = e.do(f"load i64, ptr {at}, align {bits // 8}")
            else:
                assert self.narrow is not None
                words = vector("i64", e.lanes * bits // 64)
                every = e.do(f"bitcast {e.typed(self.narrow)} to {words}")
                self.words[n, e.label] = e.do(f"extractelement {words} {every}, i64 {n}")
        return self.words[n, e.label]

    def element(self, index: str) -> str:
        return self.e.do(f"getelementptr [{self.stride} x i8], ptr {self.pointer}, i64 {index}")

    def through_memory(self) -> Callable[[str], str]:
        """The same for a lane whose number is a value."""
        if not any(self.shift):
            return self._through_memory()
        e, fetch = self.e, self._through_memory()
        shifts = _spill(e, "<" + ", ".join([f"i64 {n}" for n in self.shift]) + ">", "i64", e.lanes)
        by = lambda k: e.do(f"load i64, ptr {e.do(f'getelementptr i64, ptr {shifts}, i64 {k}')}, align 8")  # noqa: E731
        return lambda k: self.moved(fetch(k), by(k))

    def _through_memory(self) -> Callable[[str], str]:
        e = self.e
        if self.narrow is None:
            at = _spill(e, self.pointers, "ptr", e.lanes)
            return lambda k: e.do(f"load ptr, ptr {e.do(f'getelementptr ptr, ptr {at}, i64 {k}')}, align 8")
        t = T.element_of(self.narrow.type)
        bits = t.bits
        spilled = _spill(e, e.value(self.narrow), f"i{bits}", e.lanes)

        def fetch(k: str) -> str:
            one = e.do(f"load i{bits}, ptr {e.do(f'getelementptr i{bits}, ptr {spilled}, i64 {k}')}, align {bits // 8}")
            pointer = self.element(_widened(e, t, one))
            for loaded, stride in self.more:
                assert loaded.op is not None
                wide, (source, _) = T.element_of(loaded.type), e.loaded[loaded.op][:2]
                at = e.do(f"getelementptr i{wide.bits}, ptr {source}, i64 {k}")
                one = _widened(e, wide, e.do(f"load i{wide.bits}, ptr {at}, align {wide.size_bytes}"))
                pointer = e.do(f"getelementptr [{stride} x i8], ptr {pointer}, i64 {one}")
            return pointer

        return fetch


def _numbers(v: Value, lanes: int) -> list[int]:
    """What the lanes of an index are, if that is known: their own numbers, low bits of them, so many times those. Else nothing."""
    op = v.op
    if op is None or op.name not in ("tile.iota", "arith.and", "arith.mul"):
        return []
    if op.name == "tile.iota":
        return list(range(lanes))
    other, inner = op.operands[1].constant, _numbers(op.operands[0], lanes)
    return [k & other if op.name == "arith.and" else k * other for k in inner] if isinstance(other, int) else []


def _apart(v: Value, lanes: int) -> tuple[Value | None, list[int]]:
    """(the rest of an index, what is known of its lanes): their sum is the index."""
    if numbers := _numbers(v, lanes):
        return None, numbers
    if v.op is not None and v.op.name == "arith.add" and (numbers := _numbers(v.op.operands[1], lanes)):
        rest = v.op.operands[0]
        return rest.op.operands[0] if rest.op is not None and rest.op.name == "tile.splat" else rest, numbers
    return v, []


def _parted(v: Value) -> tuple[list[Value], Value]:
    """(what all lanes add to an index, what else it is)."""
    op = v.op
    for k in (0, 1) if op is not None and op.name == "arith.add" else ():
        same = op.operands[k].op if op is not None else None
        if op is not None and same is not None and same.name == "tile.splat":
            alike, own = _parted(op.operands[1 - k])
            return [*alike, same.operands[0]], own
    return [], v


def _widened(e: Emitter, t: T.ScalarType, x: str) -> str:
    return x if t.bits == 64 else e.do(f"{'sext' if t.is_signed else 'zext'} i{t.bits} {x} to i64")


def _spill(e: Emitter, x: str, base: str, lanes: int) -> str:
    t = vector(base, lanes)
    place = e.alloca(f"{t}, align 64")
    e.act(f"store {t} {x}, ptr {place}, align 64")
    return place


def _lanes_in_turn(e: Emitter, mask: str | None, lanes: int, straight: Callable[[], None] | None,
                   loop: Callable[[str], None]) -> None:  # fmt: skip
    """`straight()` where all lanes are on, if it is given; else `loop(the lanes that are on, as bits)`."""
    if mask is None:
        if straight is not None:
            straight()
        else:
            loop("-1" if lanes == 64 else str((1 << lanes) - 1))
        return
    on = e.do(f"bitcast {vector('i1', lanes)} {mask} to i{lanes}")
    on = on if lanes == 64 else e.do(f"zext i{lanes} {on} to i64")
    if straight is None:
        loop(on)
        return
    every, some, done = e.fresh("every"), e.fresh("some"), e.fresh("lanes")
    e.branch(e.do(f"icmp eq i64 {on}, {(1 << lanes) - 1}"), every, some)
    e.begin(every)
    straight()
    e.jump(done)
    e.begin(some)
    loop(on)
    e.jump(done)
    e.begin(done)


def _loop(e: Emitter, on: str, body: Callable[[str], None]) -> None:
    start, head, done = e.label, e.fresh("lane"), e.fresh("lanes")
    e.branch(e.do(f"icmp ne i64 {on}, 0"), head, done)
    e.begin(head)
    at = len(e.lines)
    e.lines.append("")
    left = e.name()
    body(e.do(f"call i64 @llvm.cttz.i64(i64 {left}, i1 true)"))
    rest = e.do(f"and i64 {left}, {e.do(f'add i64 {left}, -1')}")
    e.lines[at] = f"{left} = phi i64 [{on}, %{start}], [{rest}, %{e.label}]"
    e.branch(e.do(f"icmp ne i64 {rest}, 0"), head, done)
    e.begin(done)
