"""What is being emitted: lines, registers, the values they hold, open regions; and the dispatch from ops to spellings.

One idea: one line per instruction, appended in order. A value that provably fits in 32 bits may live in a 32-bit register
even where its type has 64 (`narrow`), and is extended where someone wants all of it. What is computed for convenience (an
extension, an address) is kept per region, and address arithmetic stands before the loops that do not change it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from ...diagnostics import InternalError, Span
from ...ir import types as T
from ...ir.analysis.uniformity import Uniformity, uniformity
from ...ir.core import Function, Op, Region, Value, all_ops, walk
from ...ir.opdef import OPS, OpDef
from ...ir.ops import arith, memory, scf, simt
from ...target import Target
from ..layout import Slot, layout_of, shared_offsets, symbol_of
from .alignment import Residues
from .bounds import Bounds
from .ranges import Ranges, fits_word
from .text import CLASS, PREFIX, sm_of
from .together import Together, plan_together

if TYPE_CHECKING:
    from .coarsen import Coarse
    from .twofold import Ways

__all__ = ["BY_ROW", "Emitter", "LOWERED", "Lines", "lowering"]

Handler = Callable[["Emitter", Op], "str | None"]
_R = TypeVar("_R")
LOWERED: dict[str, Handler] = {}
_HANDLERS: dict[OpDef, Handler] = {}  # as asked for: of the op, or by its row
BY_ROW = "*"
# What looks at the ops of a region before they are emitted (`number.plan_contraction`).
PLANS: list[Callable[[Emitter, list[Op]], None]] = [plan_together]

# Lines, and lists of lines that stand at a place known before what they are.
Lines = list["str | list"]

ARGUMENTS = "args"


def lowering(*names: str) -> Callable[[Handler], Handler]:
    """Registers a function that emits these ops; it gives the operand that holds the result, if there is one."""

    def register(function: Handler) -> Handler:
        for name in names:
            assert name not in LOWERED, name
            LOWERED[name] = function
        return function

    return register


class Loop:
    """An open loop: the lines before it, and what was known there."""

    __slots__ = ("before", "known")

    def __init__(self, before: Lines, known: dict[object, str]) -> None:
        self.before = before
        self.known = known


class Emitter:
    """One kernel on its way to PTX.

    names: operands of values; narrow: 32-bit operands of 64-bit integers that fit. entry: instructions of the start, each
    made once. module: what stands before the kernel (tables, dynamic shared memory). members: the operand that says which
    threads of the warp are in the region being emitted.
    """

    def __init__(self, function: Function, target: Target, block: tuple[int, int, int], coarse: Coarse | None = None,
                 files: dict[str, int] | None = None) -> None:  # fmt: skip
        self.function = function
        self.target = target
        self.sm = sm_of(target.arch)
        self.math = function.math
        self.symbol = symbol_of(function)
        self.coarse = coarse
        self.block = block  # as the kernel sees it
        self.hardware_block = (block[0] // (coarse.factor if coarse else 1), block[1], block[2])
        self.slots: dict[Value, Slot] = {slot.value: slot for slot in layout_of(function)}
        self.files: dict[str, int] = {} if files is None else files
        ops = all_ops(function.body)
        defns = {op.defn for op in ops}
        self.uses: dict[Value, int] = Counter(chain.from_iterable([op.operands for op in ops]))
        # Who goes which way matters only where the threads of a warp exchange something.
        self.exchanges = not _EXCHANGES.isdisjoint(defns)
        self.levels: Uniformity | None = uniformity(function) if self.exchanges else None
        self.ranges = Ranges(block)
        self.residues = Residues()
        self.bounds = Bounds(self.ranges)
        self.names: dict[Value, str] = {}
        self.narrow: dict[Value, str] = {}
        self.depth: dict[Value, int] = {}
        self.together: dict[Op, Together] = {}
        # What arguments are multiples of, in the ops `inside` and while `is_fast`; regions of which a part has two ways.
        self.aligned: dict[Value, int] = coarse.asked if coarse else {}
        self.inside: frozenset[Op] = coarse.inside if coarse else frozenset()
        self.is_fast = False
        self.twice: dict[Region, Ways] = {}
        self.fused: set[Op] = set()  # products that are part of the sum after them
        self.opposites = {op for op in _conditions(ops) if self.uses[op.results[0]] == 1}  # part of the branch after them
        self.fusions: dict[Op, tuple[Op, int]] = {}  # that sum -> the product, and which operand it is
        self.brains: dict[Op, Op] = {}  # roundings to bf16 -> the sum or product that is part of them
        self.lines: Lines = []
        self.entry: Lines = []
        self.module: list[str] = []
        self.known: list[dict[object, str]] = [{}]  # per open region: what was computed for convenience
        self.loops: list[Loop] = []
        # What the conditions of the open `while`s compute: their bodies read the same registers, and need not compute it again.
        self.conditions: list[dict[tuple[object, str], str]] = []
        self.condition = 0  # while one is emitted: how many regions are open there
        self.counts: dict[str, int] = dict.fromkeys(PREFIX, 0)
        self.labels = 0
        self.place: tuple[str, int] = ("", 0)
        self.members = ""
        self.arrays: dict[Value, object] = {}  # see `memory`
        self.read_only: frozenset[Op] = _read_only(function, ops) if memory.LOAD in defns else frozenset()
        self.allocates = memory.ALLOC in defns
        self.shared, self.shared_bytes = shared_offsets(function) if self.allocates else ({}, 0)
        self.spellings: dict[tuple[OpDef, T.Type, T.Type], Any] = {}  # see `number`
        self.locals: list[str] = []  # declarations of the kernel's own memory
        self.tables: dict[object, str] = {}

    # Lines and registers

    def register(self, cls: str) -> str:
        n = self.counts[cls] = self.counts[cls] + 1
        return f"{PREFIX[cls][0]}{n}"

    def do(self, cls: str, instruction: str, *operands: str) -> str:
        """Append an instruction whose first operand is a new register; gives the register."""
        n = self.counts[cls] = self.counts[cls] + 1
        name = f"{PREFIX[cls][0]}{n}"
        self.lines.append(f"{instruction} {name}, {', '.join(operands)};")
        return name

    def act(self, text: str) -> None:
        self.lines.append(f"{text};")

    def label(self, hint: str) -> str:
        self.labels += 1
        return f"${self.symbol}_{hint}{self.labels}"

    def begin(self, label: str) -> None:
        self.lines.append(f"{label}:")

    def once(self, key: object, cls: str, instruction: str, *operands: str) -> str:
        """The result of an instruction at the kernel's start, made once per key."""
        first = self.known[0]
        found = first.get(key)
        if found is None:
            lines, self.lines = self.lines, self.entry
            found = first[key] = self.do(cls, instruction, *operands)
            self.lines = lines
        return found

    def made(self, cls: str, instruction: str, operands: list[str]) -> str:
        """As `do`, once per region."""
        given = ", ".join(operands)
        line = instruction + given
        for frame in reversed(self.known):
            found = frame.get(line)
            if found is not None:
                return found
        n = self.counts[cls] = self.counts[cls] + 1
        name = self.known[-1][line] = f"{PREFIX[cls][0]}{n}"
        self.lines.append(f"{instruction} {name}, {given};")
        return name

    def kept(self, key: object, make: Callable[[], str], depth: int | None = None) -> str:
        """What `make` emits, once per key and region; before the loops that are deeper than `depth` where that is given."""
        for frame in reversed(self.known):
            found = frame.get(key)
            if found is not None:
                return found
        if depth is None or depth >= len(self.loops):
            found = self.known[-1][key] = make()
            return found
        known = self.loops[depth].known
        found = known[key] = self.ahead(depth, make)
        return found

    def ahead(self, depth: int, make: Callable[[], _R]) -> _R:
        """What `make` gives, and emits before the loops that are deeper than `depth`."""
        loop = self.loops[depth]
        lines, self.lines = self.lines, loop.before
        known, loops = self.known, self.loops
        # What `make` asks for must be computed before the loop as well.
        self.known, self.loops = _upto(known, loop.known), loops[:depth]
        found = make()
        self.lines, self.known, self.loops = lines, known, loops
        return found

    # Values

    def bind(self, v: Value, text: str) -> None:
        self.names[v] = text
        self.depth[v] = len(self.loops)

    def bind_narrow(self, v: Value, text: str) -> None:
        self.narrow[v] = text
        self.depth[v] = len(self.loops)

    def depth_of(self, *values: Value) -> int:
        """How many of the open loops the values need."""
        return max([self.depth.get(v, 0) for v in values], default=0)

    def value(self, v: Value) -> str:
        """The operand that holds a value: a register, or a number where that may stand."""
        found = self.names.get(v)
        if found is not None:
            return found
        word = self.narrow.get(v)
        if word is not None:
            if word[0] != "%":
                return word
            return self.kept(("wide", v), lambda: self.do("d", "cvt.s64.s32", word), self.depth_of(v))
        raise InternalError(f"{v!r} is used before it is made", where="PTX code generation", state=str(self.function))

    def in_register(self, v: Value) -> str:
        """The register that holds a value, also of a constant."""
        text = self.value(v)
        return text if text[0] == "%" else self.load_number(T.element_of(v.type), text)

    def load_number(self, t: T.ScalarType, text: str) -> str:
        suffix = {"f": "f32", "g": "f64"}.get(CLASS[t.name]) or PREFIX[CLASS[t.name]][1]
        return self.kept(("number", suffix, text), lambda: self.do(CLASS[t.name], f"mov.{suffix}", text))

    def word(self, v: Value) -> str | None:
        """A 64-bit integer in 32 bits with a sign, if it fits."""
        found = self.narrow.get(v)
        if found is not None:
            return found
        if not fits_word(self.ranges.of(v)):
            return None
        text = self.value(v)
        if text[0] != "%":
            return text
        return self.kept(("word", v), lambda: self.do("r", "cvt.u32.u64", text), self.depth_of(v))

    def low_word(self, v: Value) -> str:
        """The lower 32 bits of a 64-bit integer."""
        found = self.narrow.get(v)
        if found is not None:
            return found
        text = self.value(v)
        if text[0] != "%":
            return str(int(text) & 0xFFFFFFFF)
        return self.kept(("word", v), lambda: self.do("r", "cvt.u32.u64", text), self.depth_of(v))

    def is_uniform(self, op: Op) -> bool:
        """Whether all threads of a warp go the same way at a control op."""
        return self.levels is None or self.levels.control.get(op, 2) < 2

    # Ops

    def open_region(self) -> None:
        self.known.append({})

    def close_region(self) -> None:
        self.known.pop()

    def region(self, region: Region) -> list[Value]:
        """Emit a region's ops; gives the values that it yields, whose operands are current until the region is closed."""
        ways = self.twice.get(region)
        if ways is not None:
            ways.emit(self)
        else:
            self.run(region.ops[:-1])
        return list(region.yielded)

    def run(self, ops: list[Op]) -> None:
        """Emit ops that follow one another."""
        if not ops:
            return
        for plan in PLANS:
            plan(self, ops)
        uses, fused, names, depths, handlers = self.uses, self.fused, self.names, self.depth, _HANDLERS
        depth, last, opposites = len(self.loops), None, self.opposites
        for op in ops:
            if op in fused or op in opposites:
                continue
            defn, results, inner = op.defn, op.results, op.regions
            if results and results[0] not in uses and not inner and defn.pure:
                continue
            span = op.span
            if span is not last:
                if span.line and (span.line != self.place[1] or span.file != self.place[0]):
                    self.locate(span)
                last = span
            handler = handlers.get(defn)
            if handler is None:
                handler = handlers[defn] = LOWERED.get(defn.name) or LOWERED[BY_ROW]
            text = handler(self, op)
            if inner:
                last = None  # they have places of their own
            if text is not None and results:
                names[results[0]] = text
                depths[results[0]] = depth

    def locate(self, span: Span) -> None:
        """What follows is from this line."""
        self.place = (span.file, span.line)
        if span.file[:1] != "<":
            file = self.files.setdefault(span.file, len(self.files) + 1)
            self.lines.append(f".loc {file} {span.line} {span.col}")


def _upto(known: list[dict[object, str]], last: dict[object, str]) -> list[dict[object, str]]:
    for k, frame in enumerate(known):
        if frame is last:
            return known[: k + 1]
    return known


def flatten(lines: Lines) -> list[str]:
    """Lines in order, with the lists among them unfolded."""
    out: list[str] = []
    for line in lines:
        if line.__class__ is str:
            out.append(line)  # type: ignore[arg-type]
        else:
            out += flatten(line)  # type: ignore[arg-type]
    return out


def _conditions(ops: list[Op]) -> list[Op]:
    """What negates the condition of a branch."""
    made = [op.operands[0].op for op in ops if op.defn is scf.IF]
    return [op for op in made if op is not None and op.defn is arith.NOT]


_WRITES = frozenset(defn for defn in OPS.values() if defn.writes)
_EXCHANGES = frozenset(d for d in OPS.values() if d.convergent and d is not simt.BARRIER)

# Which loads may go through the path that is not coherent with stores.


def _read_only(f: Function, ops: list[Op]) -> frozenset[Op]:
    """Loads of global arrays that the kernel writes nothing through, before which it writes to no global array at all.

    Two arguments may overlap, so an array that nothing is written through is not yet one that nobody writes. But a thread that
    has written nothing so far cannot see its own writes, and no other thread's before a barrier or later, where this thread
    would have passed the same stores: what such a load could miss is a race, of which either value is a result. Nothing is
    asked of the launch for this.
    """
    written: set[Value] = set()
    for op in ops:
        if op.defn in _WRITES and _is_global(op):
            written.add(op.operands[0])
        elif op.defn is simt.FENCE:
            return frozenset()
    found: set[Op] = set()

    def scan(region: Region, dirty: bool) -> bool:
        for op in region.ops:
            defn = op.defn
            if op.regions:
                if defn is scf.IF:
                    after = [scan(inner, dirty) for inner in op.regions]
                    dirty = any(after)
                    continue
                inside = dirty or any(_writes(other) for inner in op.regions for other in all_ops(inner))
                for inner in op.regions:
                    dirty = scan(inner, inside) or inside
            elif defn is memory.LOAD:
                if not dirty and _is_global(op) and op.operands[0] not in written:
                    found.add(op)
            elif not dirty and defn in _WRITES and _writes(op):
                dirty = True
        return dirty

    scan(f.body, False)
    return frozenset(found)


def _is_global(op: Op) -> bool:
    t = op.operands[0].type if op.operands else None
    return isinstance(t, T.ArrayType) and t.space is T.Space.GLOBAL


def _writes(op: Op) -> bool:
    # The diagnostic buffer is nobody's argument.
    return op.defn in _WRITES and _is_global(op) and op.operands[0].name != "kdsl_diagnostics"


def needs_members(region: Region) -> bool:
    """Whether threads of a warp exchange something in a region."""
    return any(op.defn in _EXCHANGES for op in walk(region))
