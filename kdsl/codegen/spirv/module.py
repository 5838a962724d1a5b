"""A SPIR-V module as words: sections in the order that the specification demands, types and constants made once.

One idea: an instruction is a few integers appended to the list of its section; what may exist only once (a type, a
constant, a string, an import) is found again by its own words. Nothing here knows of kernels or of flavours.
"""

from __future__ import annotations

import sys
from array import array

from .grammar import CAPABILITY, DECORATION, OPCODES

__all__ = ["Module", "text_words"]

_MAGIC = 0x07230203
_GENERATOR = 0  # the registry has no number for us


def text_words(text: str) -> list[int]:
    """A literal string: UTF-8 and a zero byte, four to a word, the first in the lowest bits (section 2.2.1)."""
    data = text.encode("utf-8") + b"\0"
    data += b"\0" * (-len(data) % 4)
    words = array("I", data)
    if sys.byteorder == "big":
        words.byteswap()
    return words.tolist()


class Module:
    """Sections of a module; `words` and `binary` put them together.

    version: (major, minor). bound: one more than the highest id. functions: the words of all function bodies. exact: results of
    arithmetic that must not be contracted.
    """

    __slots__ = (
        "annotations", "bound", "capabilities", "declarations", "entry_points", "exact", "execution_modes", "extensions",
        "functions", "imports", "made", "memory_model", "names", "strings", "version",
    )  # fmt: skip

    def __init__(self, version: tuple[int, int]) -> None:
        self.version = version
        self.bound = 1
        self.capabilities: dict[str, None] = {}
        self.extensions: dict[str, None] = {}
        self.imports: list[int] = []
        self.memory_model: list[int] = []
        self.entry_points: list[int] = []
        self.execution_modes: list[int] = []
        self.strings: list[int] = []
        self.names: list[int] = []
        self.annotations: list[int] = []
        self.exact: list[int] = []
        self.declarations: list[int] = []
        self.functions: list[int] = []
        self.made: dict[tuple[object, ...], int] = {}

    def fresh(self) -> int:
        """An id that nothing has."""
        made = self.bound
        self.bound = made + 1
        return made

    # What a module says of itself

    def need(self, capability: str, extension: str = "") -> None:
        """Declares a capability, and the extension that brings it."""
        self.capabilities[capability] = None
        if extension:
            self.extensions[extension] = None

    def import_(self, name: str) -> int:
        """The id of a set of extended instructions."""
        made = self.made.get(("import", name))
        if made is None:
            made = self.made["import", name] = self.fresh()
            append(self.imports, "ExtInstImport", made, *text_words(name))
        return made

    def string(self, text: str) -> int:
        """The id of a string: the name of a source file."""
        made = self.made.get(("string", text))
        if made is None:
            made = self.made["string", text] = self.fresh()
            append(self.strings, "String", made, *text_words(text))
        return made

    def name(self, id: int, text: str) -> None:
        append(self.names, "Name", id, *text_words(text))

    def decorate(self, id: int, decoration: str, *literals: int) -> None:
        append(self.annotations, "Decorate", id, DECORATION[decoration], *literals)

    def decorate_member(self, id: int, member: int, decoration: str, *literals: int) -> None:
        append(self.annotations, "MemberDecorate", id, member, DECORATION[decoration], *literals)

    # Types

    def type(self, opcode: str, *words: int) -> int:
        """A type, by its instruction without the result."""
        made = self.made.get((opcode, *words))
        if made is None:
            made = self.made[(opcode, *words)] = self.fresh()
            append(self.declarations, opcode, made, *words)
        return made

    def void(self) -> int:
        return self.type("TypeVoid")

    def bool_(self) -> int:
        return self.type("TypeBool")

    def int_(self, bits: int) -> int:
        """Integers carry no sign: the instructions do, and kernels of OpenCL may not have any other."""
        if bits == 64:
            self.need("Int64")
        return self.type("TypeInt", bits, 0)

    def float_(self, bits: int) -> int:
        if bits == 64:
            self.need("Float64")
        return self.type("TypeFloat", bits)

    def vector(self, element: int, count: int) -> int:
        return self.type("TypeVector", element, count)

    def array_(self, element: int, count: int) -> int:
        """An array without a layout: what only invocations of this module see."""
        return self.type("TypeArray", element, self.word(count))

    def pointer(self, storage: int, target: int) -> int:
        return self.type("TypePointer", storage, target)

    # Constants

    def constant(self, type: int, *words: int) -> int:
        """A number, by its bits."""
        made = self.made.get((type, *words))
        if made is None:
            made = self.made[(type, *words)] = self.fresh()
            append(self.declarations, "Constant", type, made, *words)
        return made

    def word(self, value: int) -> int:
        """A 32-bit integer."""
        return self.constant(self.int_(32), value & 0xFFFFFFFF)

    def long(self, value: int) -> int:
        """A 64-bit integer."""
        return self.constant(self.int_(64), value & 0xFFFFFFFF, (value >> 32) & 0xFFFFFFFF)

    def truth(self, value: bool) -> int:
        opcode = "ConstantTrue" if value else "ConstantFalse"
        made = self.made.get((opcode,))
        if made is None:
            made = self.made[opcode,] = self.fresh()
            append(self.declarations, opcode, self.bool_(), made)
        return made

    def composite(self, type: int, parts: tuple[int, ...]) -> int:
        key = ("composite", type, *parts)
        made = self.made.get(key)
        if made is None:
            made = self.made[key] = self.fresh()
            append(self.declarations, "ConstantComposite", type, made, *parts)
        return made

    def declare(self, opcode: str, type: int, *words: int) -> int:
        """A global declaration that has a result of its own each time: a variable."""
        made = self.fresh()
        append(self.declarations, opcode, type, made, *words)
        return made

    # The whole

    def words(self) -> list[int]:
        out = [_MAGIC, self.version[0] << 16 | self.version[1] << 8, _GENERATOR, self.bound, 0]
        for name in self.capabilities:
            append(out, "Capability", CAPABILITY[name])
        for name in self.extensions:
            append(out, "Extension", *text_words(name))
        decorations = [3 << 16 | OPCODES["Decorate"], 0, DECORATION["NoContraction"]] * len(self.exact)
        decorations[1::3] = self.exact
        for section in (self.imports, self.memory_model, self.entry_points, self.execution_modes, self.strings, self.names,
                        self.annotations, decorations, self.declarations, self.functions):  # fmt: skip
            out += section
        return out

    def binary(self) -> bytes:
        """Little-endian words."""
        words = array("I", self.words())
        if sys.byteorder == "big":
            words.byteswap()
        return words.tobytes()


def append(section: list[int], opcode: str, *words: int) -> None:
    """One instruction at the end of a section (section 2.3 of the specification: length and opcode share a word)."""
    section.append((len(words) + 1) << 16 | OPCODES[opcode])
    section += words
