"""What is being emitted: the words of the body, the ids of values, the current block; and the dispatch from ops to words.

One idea: an op is one instruction by its row where it has one (`rows`), and a function registered with `lowering` where it
takes more. Values are held in registers of five types: bool, 32 and 64-bit integers, f32, f64. Narrow integers are 32-bit
numbers extended by their own sign, and f16 is its bits in such a number, so that a device needs no narrow arithmetic.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ...diagnostics import NOWHERE, InternalError
from ...ir import types as T
from ...ir.core import Function, Op, Region, Value, walk
from ...ir.opdef import OPS, Effect, OpDef
from ...target import Target
from ..layout import SLOT_BYTES, Slot, layout_of
from .flavour import flavour_of
from .grammar import DECORATION, OPCODES, STORAGE_CLASS
from .module import Module

__all__ = ["Emitter", "Handler", "LOWERED", "Prepared", "lowering"]

Handler = Callable[["Emitter", Op], "int | None"]
# op name -> the function that emits it
LOWERED: dict[str, Handler] = {}
# How an op is one instruction: its first word, the id of its type, words before its operands, whether it is a float op.
Prepared = tuple[int, int, tuple[int, ...], bool]

# Register of each scalar type: "b", "w" (32 bits), "l" (64 bits), "f", "d".
REGISTER: dict[str, str] = {
    "bool": "b", "i8": "w", "u8": "w", "i16": "w", "u16": "w", "i32": "w", "u32": "w", "f16": "w", "i64": "l", "u64": "l",
    "index": "l", "f32": "f", "f64": "d",
}  # fmt: skip

_PHI, _LABEL, _BRANCH, _BRANCH_CONDITIONAL = [OPCODES[x] for x in ("Phi", "Label", "Branch", "BranchConditional")]
# Ops on arrays: which of (read, written) they make of them.
_TOUCHES = {
    name: tuple([k for k, effect in enumerate((Effect.READ, Effect.WRITE)) if defn.effect & effect])
    for name, defn in OPS.items()
    if defn.operands and defn.operands[0].rule == "array"
}
_LINE = 4 << 16 | OPCODES["Line"]
_DECORATE, _NO_CONTRACTION = 3 << 16 | OPCODES["Decorate"], DECORATION["NoContraction"]


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

    def __init__(self, function: Function, target: Target, prepare: Callable[[Emitter, Op], Prepared]) -> None:
        self.function = function
        self.prepare = prepare
        self.prepared: dict[tuple[OpDef, T.Type], Prepared] = {}
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
        self.is_fast = function.math == "fast"
        contains: set[OpDef] = set()
        self.used: set[Value] = set()
        self.accesses: tuple[set[Value], set[Value]] = (set(), set())  # arrays that are read, that are written
        for op in walk(function.body):
            defn, operands = op.defn, op.operands
            contains.add(defn)
            self.used.update(operands)
            for which in _TOUCHES.get(defn.name, ()):
                self.accesses[which].add(operands[0])
        self.contains = frozenset([defn.name for defn in contains])
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
        self.fuse: Any = None
        self.careful: dict[str, Handler] = {}  # `subnormal`: ops that this device does otherwise than the instruction says
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
            self.module.annotations += (_DECORATE, id, _NO_CONTRACTION)
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
        self.line = ("", 0)  # a line holds to the end of its block

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
        """Emit a region's ops; gives what it yields. What is known inside is forgotten after it."""
        depth = len(self.log)
        for op in region.ops[:-1]:
            self.op(op)
        for key in self.log[depth:]:
            del self.known[key]
        del self.log[depth:]
        return [self.value(v) for v in region.yielded]

    def op(self, op: Op) -> None:
        code, span = self.code, op.span
        start = len(code)
        before = self.line
        if span is not NOWHERE and span.line and (span.line != before[1] or span.file != before[0]):
            self.line = (span.file, span.line)
            code += (_LINE, self.module.string(span.file), span.line, span.col)
        defn = op.defn
        handler = LOWERED.get(defn.name)
        if self.careful and defn.name in self.careful:
            made = self.careful[defn.name](self, op)
            if made is not None:
                self.ids[op.results[0]] = made
                return
        if handler is None:
            if op in self.products:
                return
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
            self.line = before

    def _by_row(self, op: Op) -> None:
        """One instruction, prepared once for all ops of its kind: most ops of a kernel come through here."""
        operands = op.operands
        key = (op.defn, operands[0].type)
        found = self.prepared.get(key)
        if found is None:
            found = self.prepared[key] = self.prepare(self, op)
        head, type_, tail, is_float = found
        m, ids = self.module, self.ids
        made = m.bound
        m.bound = made + 1
        try:
            self.code += (head, type_, made, *tail, *[ids[v] for v in operands])
        except KeyError:
            for v in operands:
                self.value(v)
        ids[op.results[0]] = made
        if is_float and self.keeps(op):
            self.exact(made)


@lowering("arith.constant")
def _constant(e: Emitter, op: Op) -> int:
    return e.number(op.attributes["value"], T.element_of(op.result.type))
