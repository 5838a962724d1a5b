"""What is being emitted: the lines, the names of values, the current block; and the dispatch from ops to spellings.

One idea: LLVM text is appended line by line, each line one instruction; a row spells an op where it can, a function
registered with `lowering` where it cannot. Nothing is ever patched but the phis of loops, whose lines are reserved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from ...diagnostics import InternalError
from ...ir import types as T
from ...ir.core import Function, Op, Region, Value, all_ops, walk
from ...target import Target
from .text import REGISTER, constant, lanes_of, register, suffix, vector

if TYPE_CHECKING:
    from .extremes import Most
    from .groups import Group

__all__ = ["BY_ROW", "Emitter", "LOWERED", "PART", "by_registers", "lowering"]

Handler = Callable[["Emitter", Op], "str | None"]
# op name -> the function that emits it
LOWERED: dict[str, Handler] = {}
BY_ROW = "*"  # the function that emits every op without one of its own, from its row

PART = 16  # lanes of a part of a mask (see `masks`)
_LONG = 600  # ops of a kernel that takes LLVM longer than many launches: what is no faster inlined is called
_FLAGS = {
    "default": "contract ",
    "strict": "",
    # No nnan, ninf: infinities and NaN keep their meaning under math="fast" too.
    "fast": "reassoc nsz arcp contract afn ",
}


def lowering(*names: str) -> Callable[[Handler], Handler]:
    """Registers a function that emits these ops; it returns the text of the result, if there is one."""

    def register_(function: Handler) -> Handler:
        for name in names:
            assert name not in LOWERED, name
            LOWERED[name] = function
        return function

    return register_


class Emitter:
    """One function on its way to LLVM text.

    lines: the body. entry: instructions of the entry block (arguments, allocas), made on first use. tail: globals and
    helper functions of the module, shared by all its functions. first_site: number of this function's first site among
    the module's. label: the block being filled. takes_written: functions that stand ready as machine code are taken as such.
    """

    def __init__(self, function: Function, target: Target, tail: dict[str, str] | None = None, first_site: int = 0) -> None:
        self.function = function
        self.target = target
        self.lanes = lane_count(function, target)
        self.threads: int = function.attributes.get("width") or self.lanes  # that a piece of code is for
        self.is_flat = bool(function.attributes.get("flat", True))
        self.block: tuple[int, int, int] | None = None if self.is_flat else function.attributes.get("block")
        # Blocks that run as one: the axis along which they lie, and how many at most (`vectorize/merge.py`).
        # The axis along which neighbouring blocks of one item are counted, and the most: that run side by side, or else.
        near = function.attributes.get("merged") or function.attributes.get("neighbours")
        self.merged: tuple[int, int] | None = None if self.is_flat or near is None else near[:2]
        self.flags = self.scalar_flags = _FLAGS[function.math]
        if self.threads == 1:
            # A thread by itself waits for its sums: a fused one takes longer than an addition, which a product does not hold up.
            self.scalar_flags = self.flags.replace("contract ", "")
        self.names: dict[Value, str] = {}
        self.wide: dict[Value, str] = {}  # masks that loops carry, in another form (see `masks`)
        self.parts: dict[Value, list[str]] = {}  # and with AVX-512: one for each vector
        self.parted = False  # in a loop that carries some in parts
        self.arrays: dict[Value, str] = {}  # data pointers of arrays
        self.lines: list[str] = []
        self.entry: list[str] = []
        self.tail: dict[str, str] = {} if tail is None else tail
        self.rare: dict[tuple[object, ...], tuple[str, tuple[int, ...]]] = {}  # see `functions`
        self.first_site = first_site
        self.takes_written = False
        self.once: dict[tuple[object, ...], str] = {}  # values of the entry block by what they are
        self.here: dict[str, str] = {}  # values of the current block, see `same`
        self.outermost: set[str] = set()  # what the entry block defines and bodies use
        self.label = "start"
        self.writes = 0  # ops emitted so far that may write memory of the caller's
        self.own_writes: dict[Value, int] = {}  # and of a block's or a thread's: into each array
        self.loaded: dict[Op, tuple[str, str | int, int, int]] = {}  # what all lanes have loaded: from where, and when
        self.count = 0
        self.loops = 0  # emitted so far
        ops = all_ops(function.body)
        self.is_long = len(ops) > _LONG
        self.accesses = [op for op in ops if op.defn.touches]
        self.used: set[Value] = set(chain.from_iterable([op.operands for op in ops]))
        self.streamed: dict[Value, int] = {}  # arrays with stores that may go past the caches -> bytes of an element
        self.asks = False  # whether memory is asked for that is read much later
        self.rows: int = function.attributes.get("rows", 1)  # of a flat piece of work
        self.layout: object = None  # entry.Layout, once an array is allocated
        self.unread: str | None = None  # where lanes that are off store, once some do
        self.lane_gathers = self.byte_masks = 0  # how many were emitted that take lane after lane
        self.groups: dict[Op, Group] | None = None  # see `groups`
        self.interleaved: dict[Op, str] = {}  # loads of a group, as they are in memory
        self.turns: dict[Op, list[Op]] | None = None  # see `atomics`
        self.partners: dict[Op, Op] | None = None  # see `functions`
        self.maxima: dict[Value, tuple[str, Most]] = {}  # by the block they are made in; see `extremes`
        self.place: dict[str, str] = {}  # names of what the work loop decodes: "row_begin", "block0", ...

    # Lines

    def name(self) -> str:
        self.count += 1
        return f"%v{self.count}"

    def do(self, text: str) -> str:
        """Append an instruction that has a result; gives the result."""
        self.count += 1
        name = f"%v{self.count}"
        self.lines.append(f"{name} = {text}")
        return name

    def same(self, text: str) -> str:
        """The result of an instruction that depends on its operands only, made once per block: accesses to neighbours have most of
        their addresses alike, and what LLVM finds out to be the same it has read and taken apart."""
        known = self.here.get(text)
        if known is None:
            known = self.here[text] = self.do(text)
        return known

    def act(self, text: str) -> None:
        """Append an instruction without a result."""
        self.lines.append(text)

    def at_entry(self, key: tuple[object, ...], text: str) -> str:
        """The result of an instruction in the entry block, made once per key."""
        known = self.once.get(key)
        if known is None:
            known = self.once[key] = self.name()
            self.entry.append(f"{known} = {text}")
            self.outermost.add(known)
        return known

    def alloca(self, text: str, *, top: bool = True) -> str:
        """Stack memory, from the entry block so that it is allocated once. top: in the frame, at known distances; else its address
        is a value, since LLVM splits the entry block at divisions and takes what is allocated behind for memory of unknown size."""
        name = self.name()
        self.entry.insert(0 if top else len(self.entry), f"{name} = alloca {text}")
        return name

    def declare(self, name: str, text: str) -> None:
        """A global, a declaration or a helper function, once per module."""
        self.tail.setdefault(name, text)

    # Blocks

    def fresh(self, hint: str) -> str:
        self.count += 1
        return f"{hint}{self.count}"

    def begin(self, label: str) -> None:
        self.lines.append(f"{label}:")
        self.label = label
        self.here.clear()

    def jump(self, label: str, mark: str = "") -> None:
        self.lines.append(f"br label %{label}{mark}")

    def branch(self, cond: str, yes: str, no: str, mark: str = "") -> None:
        self.lines.append(f"br i1 {cond}, label %{yes}, label %{no}{mark}")

    @property
    def is_x86(self) -> bool:
        return self.target.triple.startswith("x86_64")

    def phi(self, type: str, incoming: Sequence[tuple[str, str]]) -> str:
        return self.do(f"phi {type} " + ", ".join(f"[{value}, %{label}]" for value, label in incoming))

    def intrinsic(self, name: str, base: str, lanes: int, *operands: str, more: str = "") -> str:
        """A call of an intrinsic on operands of one type that gives the same type."""
        t = vector(base, lanes)
        given = ", ".join([f"{t} {x}" for x in operands]) + more
        return self.do(f"call {t} @llvm.{name}.{suffix(base, lanes)}({given})")

    def select(self, cond: str, type: str, a: str, b: str, lanes: int) -> str:
        return self.do(f"select {vector('i1', lanes)} {cond}, {type} {a}, {type} {b}")

    # Values

    def value(self, v: Value) -> str:
        name = self.names.get(v)
        if name is None and (wide := self.wide.get(v)) is not None:  # made at every use, for the block of code it stands in
            return self.do(f"icmp slt {vector('i32', lanes_of(v.type))} {wide}, zeroinitializer")
        if name is None and (parts := self.parts.get(v)) is not None:
            return self.joined(parts, "i1", PART)
        if name is None:
            raise InternalError(
                f"{v!r} is used before it is made", where="cpu code generation", state=str(self.function)
            )
        return name

    def joined(self, parts: list[str], base: str, lanes: int) -> str:
        """One tile of parts of so many lanes each, a power of two of them."""
        while len(parts) > 1:
            places, t = ", ".join([f"i32 {k}" for k in range(2 * lanes)]), vector(base, lanes)
            pairs = zip(parts[::2], parts[1::2], strict=True)
            parts = [self.do(f"shufflevector {t} {a}, {t} {b}, <{2 * lanes} x i32> <{places}>") for a, b in pairs]
            lanes *= 2
        return parts[0]

    def typed(self, v: Value) -> str:
        return f"{register(v.type)} {self.value(v)}"

    def spread(self, x: str, base: str, lanes: int) -> str:
        """A uniform value in every lane."""
        if not lanes:
            return x
        if x[0] != "%":
            return f"splat ({base} {x})"
        t = vector(base, lanes)
        first, all_lanes = f"insertelement {t} poison, {base} {x}, i64 0", f"{t} poison, <{lanes} x i32> zeroinitializer"
        if x in self.outermost:  # once for all threads
            one = self.at_entry(("spread", t, x, 0), first)
            return self.at_entry(("spread", t, x), f"shufflevector {t} {one}, {all_lanes}")
        return self.do(f"shufflevector {t} {self.do(first)}, {all_lanes}")

    def spread_value(self, v: Value, lanes: int) -> str:
        """A value as a tile: a scalar is spread."""
        text = self.value(v)
        return text if lanes_of(v.type) else self.spread(text, REGISTER[T.element_of(v.type).name], lanes)

    def note_load(self, op: Op, pointer: str, step: str | int) -> None:
        """A `tile.load`, `step` bytes from lane to lane. Of lanes that are off, nothing was read, and nothing may be again."""
        self.loaded[op] = pointer, step, self._writes(op.operands[0]), self.loops

    def _writes(self, array: Value) -> int:
        """Ops so far that may have written where an array lies."""
        return self.writes if is_of_launch(array) else self.writes + self.own_writes.get(array, 0)

    def still_in_memory(self, op: Op) -> tuple[str, str | int] | None:
        """Where the first lane of a `tile.load` has its element, and how many bytes it is from lane to lane, if memory cannot have
        changed since: nothing was written on the way, and no loop was entered, which may write before its next round."""
        pointer, step, writes, loops = self.loaded.get(op, ("", 0, -1, -1))
        return (pointer, step) if (writes, loops) == (self._writes(op.operands[0]), self.loops) else None

    # Ops

    def region(self, region: Region) -> list[str]:
        """Emit a region's ops; gives what it yields."""
        self.run(region)
        return [self.value(v) for v in region.yielded]

    def run(self, region: Region) -> None:
        """Emit a region's ops."""
        for op in region.ops[:-1]:
            self.op(op)

    def op(self, op: Op) -> None:
        name = op.defn.name
        if op.defn.orders or (op.defn.writes and (not op.operands or is_of_launch(op.operands[0]))):
            self.writes += 1
        elif op.defn.writes:
            self.own_writes[op.operands[0]] = self.own_writes.get(op.operands[0], 0) + 1
        handler = LOWERED.get(name) or LOWERED[BY_ROW]
        text = handler(self, op)
        if text is not None and op.results:
            self.names[op.results[0]] = text


def is_of_launch(v: Value) -> bool:
    """Whether a value may be memory of the caller's, which others see: not that of a block or of a thread."""
    return not isinstance(v.type, T.ArrayType) or v.type.space is T.Space.GLOBAL


def lane_count(function: Function, target: Target) -> int:
    """Lanes of the function's tiles, which are elements where it is for one thread; the target's when it has none."""
    given = function.attributes.get("width", 0)
    if given > 1:
        return given
    found = [v.type.shape[0] for op in walk(function.body) for v in op.results if isinstance(v.type, T.TileType)]
    return max(found, default=given or target.lanes)


@lowering("arith.constant")
def _constant(e: Emitter, op: Op) -> str:
    t = op.results[0].type
    return constant(T.element_of(t), op.attributes["value"], lanes_of(t))


def by_registers(e: Emitter, what: Callable[[Emitter, str, int], str], x: str, lanes: int, most: int,
                 types: tuple[str, str] = ("float", "float")) -> str:  # fmt: skip
    """What `what` gives for each register of a tile, of `most` lanes. types: of x, and of what is given."""
    if lanes <= most:
        return what(e, x, lanes)
    base, to = types
    t, half = vector(base, lanes), lanes // 2
    parts = []
    for first in (0, half):
        places = ", ".join(f"i32 {first + k}" for k in range(half))
        part = e.do(f"shufflevector {t} {x}, {t} poison, <{half} x i32> <{places}>")
        parts.append(by_registers(e, what, part, half, most, types))
    return e.joined(parts, to, half)
