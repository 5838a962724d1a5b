"""What is being emitted: the words of the body, the ids of values, the current block; and the dispatch from ops to words.

One idea: an op is one instruction by its row where it has one (`rows`), and a function registered with `lowering` where it
takes more. Values are held in registers of five types: bool, 32 and 64-bit integers, f32, f64. Narrow integers are 32-bit
numbers extended by their own sign, and f16 is its bits in such a number, so that a device needs no narrow arithmetic.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from ...diagnostics import NOWHERE, InternalError, Span
from ...ir import types as T
from ...ir.core import Function, Op, Region, Value, all_ops
from ...ir.opdef import OPS, Effect, OpDef
from ...ir.ops import arith
from ...target import Target
from ..layout import SLOT_BYTES, Slot, layout_of
from .flavour import flavour_of
from .grammar import OPCODES, STORAGE_CLASS
from .module import Module

__all__ = ["ByRow", "Emitter", "Handler", "LOWERED", "lowering"]

Handler = Callable[["Emitter", Op], "int | None"]
# op name -> the function that emits it
LOWERED: dict[str, Handler] = {}
# How an op is one instruction: its first word, the id of its type, words before its operands (None: there are none, and two
# operands), whether it is a float op.
Prepared = tuple[int, int, "tuple[int, ...] | None", bool]
ByRow = tuple[int, int, tuple[int, ...], bool]

# Register of each scalar type: "b", "w" (32 bits), "l" (64 bits), "f", "d".
REGISTER: dict[str, str] = {
    "bool": "b", "i8": "w", "u8": "w", "i16": "w", "u16": "w", "i32": "w", "u32": "w", "f16": "w", "i64": "l", "u64": "l",
    "index": "l", "f32": "f", "f64": "d",
}  # fmt: skip

_PHI, _LABEL, _BRANCH, _BRANCH_CONDITIONAL = [OPCODES[x] for x in ("Phi", "Label", "Branch", "BranchConditional")]
# Ops on arrays: which of (read, written) they make of them.
_TOUCHES = {
    defn: tuple([k for k, effect in enumerate((Effect.READ, Effect.WRITE)) if defn.effect & effect])
    for defn in OPS.values()
    if defn.operands and defn.operands[0].rule == "array" and defn.touches
}
_LINE = 4 << 16 | OPCODES["Line"]


def lowering(*names: str) -> Callable[[Handler], Handler]:
    """Registers a function that emits these ops; it returns the id of the result, if there is one."""

    def register_(function: Handler) -> Handler:
        for name in names:
            assert name not in LOWERED, name
            LOWERED[name] = function
        return function

    return register_


class Emitter:
    """One function on its way to a module.

    code: words of the body. entry: words at its start, made on first use: what does not depend on control flow. variables:
    those of the function, which come before all else. label: the block being filled. known: values that need not be computed
    again, by what they are, while the region they were computed in lasts. interface: global variables that are used.
    prepare: makes an instruction of an op that has a row.
    """

    def __init__(self, function: Function, target: Target, prepare: Callable[[Emitter, Op], ByRow]) -> None:
        self.function = function
        self.prepare = prepare
        self.prepared: dict[tuple[OpDef, T.Type, T.Type], Prepared] = {}  # by the types of the last operand and the result
        self.target = target
        self.flavour = flavour_of(target)
        self.pushes = self.flavour.pushes
        self.module = Module(self.flavour.version)
        self.code: list[int] = []
        self.entry: list[int] = []
        self.variables: list[int] = []
        self.interface: list[int] = []
        self.ids: dict[Value, int] = {}
        self.known: dict[tuple[object, ...], int] = {}
        self.log: list[tuple[object, ...]] = []
        self.label = 0
        self.line: tuple[str, int] = ("", 0)
        self.span: Any = None  # of the op before, where its line still holds
        self.constants: dict[tuple[T.ScalarType, Any], int] = {}
        self.is_fast = function.math == "fast"
        self.ops = all_ops(function.body)
        self.contains = frozenset([defn.name for defn in {op.defn for op in self.ops}])
        self.used: set[Value] = set(chain.from_iterable([op.operands for op in self.ops]))
        self.accesses: tuple[set[Value], set[Value]] = (set(), set())  # arrays that are read, that are written
        for op in self.ops:
            if op.defn in _TOUCHES:
                for which in _TOUCHES[op.defn]:
                    self.accesses[which].add(op.operands[0])
        # Whether threads meet in memory: then accesses to global memory take part in the order that barriers make.
        self.meets = any(name in ("simt.barrier", "simt.fence") or name.startswith("atomic.") for name in self.contains)
        self.slots: dict[Value, Slot] = {slot.value: slot for slot in layout_of(function)}
        # `memory`: accesses that go together, the loads that are done already, the stores that wait for a later one.
        self.groups: dict[Op, list[Op]] = {}
        self.ids_of_ops: dict[Op, int] = {}
        self.later: set[Op] = set()
        self.components: dict[tuple[Value, int], set[T.ScalarType]] = {}
        self.places: dict[tuple[Value, int], Any] = {}
        self.shared_bytes = 0
        # `fused`: sums with the products that go into them, and how.
        self.fused: dict[Op, Op] = {}
        self.products: set[Op] = set()
        self.apart: set[Op] = set()  # all of these
        self.fuse: Any = None
        self.careful: dict[str, Handler] = {}  # `subnormal`, `zeros`: ops that this device does otherwise than the instruction says
        self.flushes = "flushes_f32" in target.has and not self.is_fast
        self.arguments: Any = None  # entry.Arguments
        # Whether a launch may come as several dispatches: it may have more blocks than a device takes at once (`simt`).
        self.in_parts = self.pushes and bool(function.attributes.get("cut"))
        self._types: dict[str, int] = {}

    @property
    def registers(self) -> Iterable[str]:
        """The types of registers that are in use."""
        return self._types

    # Types and constants

    def type(self, register: str) -> int:
        """The id of a register's type."""
        made = self._types.get(register)
        if made is None:
            m = self.module
            made = {"b": m.bool_, "w": lambda: m.int_(32), "l": lambda: m.int_(64), "f": lambda: m.float_(32),
                    "d": lambda: m.float_(64)}[register]()  # fmt: skip
            self._types[register] = made
        return made

    def type_of(self, t: T.Type) -> int:
        return self.type(self.register(t))

    def register(self, t: T.Type) -> str:
        name = T.element_of(t).name
        if name not in REGISTER:
            raise InternalError(f"a value of type {name} is left", where="SPIR-V code generation", state=str(self.function))
        return REGISTER[name]

    def number(self, value: Any, t: T.ScalarType) -> int:
        """The id of a constant of an IR type."""
        m = self.module
        match REGISTER[t.name]:
            case "b":
                return m.truth(bool(value))
            case "l":
                return m.long(value)
            case "f":
                return m.constant(self.type("f"), *struct.unpack("<I", struct.pack("<f", value)))
            case "d":
                return m.constant(self.type("d"), *struct.unpack("<II", struct.pack("<d", value)))
            case _ if t is T.f16:
                return m.word(int.from_bytes(T.f16(value).tobytes(), "little"))
            case _:
                return m.word(value)

    def bytes_pointer(self) -> int:
        """OpenCL: what addresses of global memory are."""
        return self.storage_pointer(self.flavour.global_storage, self.module.int_(8))

    def storage_pointer(self, storage: str, target: int) -> int:
        return self.module.pointer(STORAGE_CLASS[storage], target)

    # Variables and arguments

    def global_variable(self, storage: str, type: int, *start: int) -> int:
        """A variable of the module that the kernel uses; from SPIR-V 1.4 on its entry point names all of them."""
        made = self.module.declare("Variable", self.storage_pointer(storage, type), STORAGE_CLASS[storage], *start)
        if self.flavour.lists_globals or storage == "Input":
            self.interface.append(made)
        return made

    def function_variable(self, type: int) -> int:
        made = self.fresh()
        pointer = self.storage_pointer("Function", type)
        self.variables += (4 << 16 | OPCODES["Variable"], pointer, made, STORAGE_CLASS["Function"])
        return made

    def argument(self, offset: int, *, pointer: bool = False) -> int:
        """The 8 bytes of the argument slot at `offset`: a 64-bit integer, or a pointer where the flavour has them."""
        slot = offset // SLOT_BYTES
        return self.once(("slot", slot), lambda: self.arguments.load(self, slot))

    # Instructions

    def do(self, opcode: str, type: int, *operands: int) -> int:
        """Append an instruction that has a result; gives the result."""
        m = self.module
        made = m.bound
        m.bound = made + 1
        self.code += ((len(operands) + 3) << 16 | OPCODES[opcode], type, made, *operands)
        return made

    def act(self, opcode: str, *operands: int) -> None:
        """Append an instruction without a result."""
        self.code += ((len(operands) + 1) << 16 | OPCODES[opcode], *operands)

    def library(self, name: str, type: int, *operands: int) -> int:
        """An instruction of the flavour's extended set."""
        return self.do("ExtInst", type, self.module.import_(self.flavour.library), self.flavour.instructions[name], *operands)

    @contextmanager
    def at_entry(self) -> Iterator[None]:
        """What is emitted within stands at the start of the function."""
        code, self.code = self.code, self.entry
        try:
            yield
        finally:
            self.code = code

    def once(self, key: tuple[object, ...], make: Callable[[], int]) -> int:
        """What `make` emits at the start of the function, made once per key."""
        made = self.module.made.get(("entry", *key))
        if made is None:
            with self.at_entry():
                made = make()
            self.module.made[("entry", *key)] = made
        return made

    def reuse(self, key: tuple[object, ...], make: Callable[[], int]) -> int:
        """What `make` emits here, unless it was emitted before in this region or around it."""
        made = self.known.get(key)
        if made is None:
            made = self.known[key] = make()
            self.log.append(key)
        return made

    def exact(self, id: int) -> int:
        """Forbids drivers to fuse or rearrange the arithmetic of `id`. OpenCL: an execution mode forbids it everywhere."""
        if self.pushes:
            self.module.exact.append(id)
        return id

    def keeps(self, op: Op) -> bool:
        """Whether the driver must do a float op as it stands. Outside of "fast" it always must: drivers that may contract also
        rearrange, and what is to be contracted is written as fused."""
        return not self.is_fast or op.attributes.get("exact", False) or op.attributes.get("ordered", False)

    # Shorthands for results of three registers

    def word(self, value: int) -> int:
        return self.module.word(value)

    def i32(self, opcode: str, *operands: int) -> int:
        return self.do(opcode, self.type("w"), *operands)

    def i64(self, opcode: str, *operands: int) -> int:
        return self.do(opcode, self.type("l"), *operands)

    def bool_(self, opcode: str, *operands: int) -> int:
        return self.do(opcode, self.type("b"), *operands)

    def whole(self, register: str, value: int) -> int:
        """An integer constant of one of the two widths."""
        return self.module.long(value) if register == "l" else self.module.word(value)

    def select(self, type: int, cond: int, a: int, b: int) -> int:
        return self.do("Select", type, cond, a, b)

    # Blocks

    def fresh(self) -> int:
        return self.module.fresh()

    def begin(self, label: int) -> None:
        self.code += (2 << 16 | _LABEL, label)
        self.label = label
        self.line, self.span = ("", 0), None  # a line holds to the end of its block

    def jump(self, label: int) -> None:
        self.code += (2 << 16 | _BRANCH, label)

    def branch(self, cond: int, yes: int, no: int) -> None:
        self.code += (4 << 16 | _BRANCH_CONDITIONAL, cond, yes, no)

    def phi(self, type: int, *incoming: tuple[int, int]) -> int:
        return self.do("Phi", type, *[x for pair in incoming for x in pair])

    # Values

    def value(self, v: Value) -> int:
        made = self.ids.get(v)
        if made is None:
            raise InternalError(f"{v!r} is used before it is made", where="SPIR-V code generation", state=str(self.function))
        return made

    # Ops

    def region(self, region: Region) -> list[int]:
        """Emit a region's ops; gives what it yields. What is known inside is forgotten after it. Most ops are by a row whose
        instruction is prepared, so what is done for those stands here."""
        depth = len(self.log)
        code, ids, m, prepared, apart, constant = self.code, self.ids, self.module, self.prepared, self.apart, arith.CONSTANT
        keeps_all, exact = self.pushes and not self.is_fast, m.exact.append
        for op in region.ops[:-1]:
            operands = op.operands
            if not operands and op.defn is constant:  # which stands at no line
                ids[op.results[0]] = self.constant(op)
                continue
            results = op.results
            found = prepared.get((op.defn, operands[-1].type, results[0].type)) if operands and results else None
            if found is None or (apart and op in apart):
                self.op(op)
                continue
            if op.span is not self.span:
                self.at_line(op.span)
            head, type_, tail, is_float = found
            made = m.bound
            m.bound = made + 1
            try:
                if tail is None:
                    first, second = operands
                    code += (head, type_, made, ids[first], ids[second])
                else:
                    code += (head, type_, made, *tail, *[ids[v] for v in operands])
            except KeyError:
                for v in operands:
                    self.value(v)
            ids[results[0]] = made
            if is_float:
                if keeps_all:
                    exact(made)
                elif self.keeps(op):
                    self.exact(made)
        for key in self.log[depth:]:
            del self.known[key]
        del self.log[depth:]
        return [self.value(v) for v in region.yielded]

    def at_line(self, span: Span) -> None:
        """What follows stands at a line of the user's."""
        self.span = span
        if span is not NOWHERE and span.line and (span.line != self.line[1] or span.file != self.line[0]):
            self.line = (span.file, span.line)
            self.code += (_LINE, self.module.string(span.file), span.line, span.col)

    def op(self, op: Op) -> None:
        """An op of which no instruction is prepared."""
        if op in self.products:
            return
        code = self.code
        start, before = len(code), self.line
        if op.span is not self.span:
            self.at_line(op.span)
        handler = LOWERED.get(op.defn.name)
        careful = self.careful.get(op.defn.name) if self.careful else None
        if careful is not None:
            made = careful(self, op)
            if made is not None:
                self.ids[op.results[0]] = made
                return
        if handler is None:
            product = self.fused.get(op)
            if product is None:
                self._by_row(op)
            else:
                self.ids[op.results[0]] = self.fuse(self, op, product)
            return
        made = handler(self, op)
        if made is not None and op.results:
            self.ids[op.results[0]] = made
        if self.line is not before and len(code) == start + 4 and code[start] == _LINE:  # nothing stands at the line
            del code[start:]
            self.line, self.span = before, None

    def _by_row(self, op: Op) -> None:
        """The first of its kind: `region` does those that follow."""
        head, type_, tail, is_float = self.prepare(self, op)
        self.remember(op, (head, type_, tail, is_float))
        made = self.fresh()
        self.code += (head, type_, made, *tail, *[self.value(v) for v in op.operands])
        self.ids[op.results[0]] = made
        if is_float and self.keeps(op):
            self.exact(made)

    def remember(self, op: Op, found: ByRow) -> None:
        """What is made of ops of this kind from here on."""
        head, type_, tail, is_float = found
        is_plain = not tail and len(op.operands) == 2
        self.prepared[op.defn, op.operands[-1].type, op.results[0].type] = head, type_, None if is_plain else tail, is_float

    def do_always(self, op: Op, opcode: str, type: int) -> int:
        """`do` on an op's operands, and on those of every op of its kind that follows."""
        self.remember(op, ((3 + len(op.operands)) << 16 | OPCODES[opcode], type, (), False))
        return self.do(opcode, type, *[self.value(v) for v in op.operands])

    def constant(self, op: Op) -> int:
        value, t = op.attributes["value"], T.element_of(op.results[0].type)
        if value == 0:  # of floats there are two
            return self.number(value, t)
        key = (t, value)
        made = self.constants.get(key)
        if made is None:
            made = self.constants[key] = self.number(value, t)
        return made


@lowering("arith.constant")
def _constant(e: Emitter, op: Op) -> int:
    return e.constant(op)
