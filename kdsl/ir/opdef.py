"""What an op is: one row with its name, signature, meaning, effects, level and a sentence.

Everything else that knows about ops (builder, verifier, printer, parser, interpreter, folder, fuzzer, docs, the
table op x target) reads these rows, so a new op is a new row and its spelling on each target.

Signatures are text: `lhs:N rhs:N -> out:N`. A rule is a class letter, a concrete type, or a special:

    N number   I integer   F float that computes   S signed number   B bool or integer   A X Y any scalar
    bool i32 u32 u64 index ...   that type exactly
    array      a reference to an array            index*  any number of these        any*  any number of scalars

The same letter means the same element type. In an elementwise op (`elementwise=True`) every operand and result may
be a scalar, or all of them tiles of one shape. A result letter that no operand binds needs an explicit result type.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, Flag, auto
from typing import Any

from . import types as T

__all__ = ["CLASSES", "Effect", "Level", "OPS", "OpDef", "Operand", "Trait", "define"]


class Level(Enum):
    """Where an op may stand: in code of one thread, in code of a whole block, or in both."""

    ANY = "any"
    THREAD = "thread"
    BLOCK = "block"


class Effect(Flag):
    NONE = 0
    READ = auto()  # depends on memory
    WRITE = auto()  # changes memory
    SYNC = auto()  # orders memory between threads
    HOST = auto()  # seen outside: print, assert


class Trait(Flag):
    NONE = 0
    COMMUTATIVE = auto()
    ASSOCIATIVE = auto()  # of integers; floats only under math="fast"
    UNIFORM_RESULT = auto()  # one value for the whole block, whatever the operands
    VARYING_RESULT = auto()  # differs between threads, whatever the operands
    CONVERGENT = auto()  # every thread of the block (barrier) or subgroup must reach it together
    TERMINATOR = auto()
    DISTINCT = auto()  # every run gives another thing (an allocation): two of them are never one
    # takes the attributes exact=True (never contracted or reassociated) and ordered=True (never reassociated)
    EXACT_FLAG = auto()
    FUNCTION = auto()  # tens to hundreds of instructions on every target: not to be computed where it might be spared


_INTS = ("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "index")
_FLOATS = ("f16", "bf16", "f32", "f64")
CLASSES: dict[str, tuple[T.ScalarType, ...]] = {
    letter: tuple(T.SCALARS[name] for name in names)
    for letter, names in {
        "N": _INTS + _FLOATS,
        "I": _INTS,
        "F": _FLOATS,
        "S": ("i8", "i16", "i32", "i64", "index") + _FLOATS,
        "B": ("bool", *_INTS),
        "A": tuple(T.SCALARS),
        "X": tuple(T.SCALARS),
        "Y": tuple(T.SCALARS),
    }.items()
}
_MEMBERS = {letter: frozenset(types) for letter, types in CLASSES.items()}


class Operand:
    """One operand or result of a row: its name and rule; `variadic` when the rule ends in `*`."""

    __slots__ = ("allowed", "letter", "name", "rule", "variadic")

    def __init__(self, text: str) -> None:
        self.name, rule = text.split(":")
        self.variadic = rule.endswith("*")
        self.rule = rule.removesuffix("*")
        self.letter = self.rule if self.rule in CLASSES else ""
        exact = frozenset((T.SCALARS[self.rule],)) if self.rule in T.SCALARS else frozenset[T.ScalarType]()
        self.allowed: frozenset[T.ScalarType] = _MEMBERS[self.rule] if self.letter else exact


class OpDef:
    """A row. `eval` gives the meaning on NumPy arrays of the operands' `value_dtype`s.

    pure: may be removed when unused and computed more than once or not at all. mergeable: two of the same are one: nothing
    but a value comes of it, and memory does not matter. reads, writes, touches (either), orders: memory, as `effect` says.
    tells: the host sees it, with the thread's place. commutative, convergent, function, uniform, varying: those traits.
    typed: `eval` takes the result's scalar type first. encoded: `eval` takes the operands' bits in memory (arrays of
    `dtype`) instead of their values. attributes: names of required attributes (`eval` takes them by keyword).
    regions: names of the regions it holds. infer: result types from (operands, attributes) where the signature
    cannot say. The interpreter holds the meaning of ops without `eval` (memory, control flow, ids).
    """

    __slots__ = (
        "attributes", "commutative", "convergent", "doc", "effect", "elementwise", "encoded", "eval", "function", "infer", "level",
        "mergeable", "name", "operands", "orders", "pure", "reads", "regions", "results", "signature", "tells", "touches", "trait",
        "typed", "uniform", "varying", "writes",
    )  # fmt: skip

    def __init__(self, name: str, signature: str, doc: str, *, eval: Callable[..., Any] | None = None,
                 typed: bool = False, encoded: bool = False, elementwise: bool = False,
                 level: Level = Level.ANY, effect: Effect = Effect.NONE, trait: Trait = Trait.NONE,
                 attributes: tuple[str, ...] = (), regions: tuple[str, ...] = (),
                 infer: Callable[..., tuple[T.Type, ...]] | None = None) -> None:  # fmt: skip
        left, right = signature.split("->")
        self.name = name
        self.signature = signature
        self.operands = tuple(Operand(x) for x in left.split())
        self.results = tuple(Operand(x) for x in right.split())
        self.doc = doc
        self.eval = eval
        self.typed = typed
        self.encoded = encoded
        self.elementwise = elementwise
        self.level = level
        self.effect = effect
        self.trait = trait
        self.attributes = attributes
        self.regions = regions
        self.infer = infer
        # What passes ask of every op, so that they need not ask a Flag.
        self.reads = Effect.READ in effect
        self.writes = Effect.WRITE in effect
        self.touches = self.reads or self.writes
        self.orders = Effect.SYNC in effect
        self.convergent = Trait.CONVERGENT in trait
        self.uniform = Trait.UNIFORM_RESULT in trait
        self.varying = Trait.VARYING_RESULT in trait
        self.tells = Effect.HOST in effect
        self.pure = not (self.writes or self.orders or self.convergent or self.tells)
        self.mergeable = self.pure and not self.reads and Trait.DISTINCT not in trait
        self.commutative = Trait.COMMUTATIVE in trait
        self.function = Trait.FUNCTION in trait

    def __repr__(self) -> str:
        return f"<op {self.name}>"


OPS: dict[str, OpDef] = {}


def define(name: str, signature: str, doc: str, **facts: Any) -> OpDef:
    """Add a row to the table of ops."""
    assert name not in OPS, name
    row = OpDef(name, signature, doc, **facts)
    OPS[name] = row
    return row
