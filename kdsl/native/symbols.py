"""Objects joined into one: where each section comes to lie, and what each symbol means.

One idea: a library is a few runs of sections, by what may be done with their memory; an address is a run's start plus an
offset, so everything but the runs' starts is known before any address is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..diagnostics import InternalError
from ..runtime.cpu.elf import ABSOLUTE, ALLOC, COMMON, EXEC, GOT, NOBITS, UNDEFINED, WRITE, Elf, Symbol

__all__ = ["ABSOLUTE_WORD", "BSS", "CODE", "CONSTANT", "DATA", "ENDS", "Joined", "Run"]

CODE, CONSTANT, DATA, BSS, ENDS = range(5)
_FINI_ARRAY = 15  # sh_type of addresses of functions to call when the library goes
# The relocation that stores a whole address, by machine: the dynamic linker has to add where the library lies.
ABSOLUTE_WORD = {62: 1, 183: 257}  # R_X86_64_64, R_AARCH64_ABS64


@dataclass(slots=True)
class Run:
    """Sections with the same rights, one behind the other. at: (object, section) -> offset; extra bytes follow them."""

    at: dict[tuple[int, int], int] = field(default_factory=dict)
    size_bytes: int = 0
    address: int = 0

    def add(self, key: tuple[int, int], size_bytes: int, align: int) -> None:
        self.size_bytes = -(-self.size_bytes // align) * align
        self.at[key] = self.size_bytes
        self.size_bytes += size_bytes

    def extend(self, size_bytes: int, align: int = 16) -> int:
        """Room behind the sections; its offset."""
        start = self.size_bytes = -(-self.size_bytes // align) * align
        self.size_bytes += size_bytes
        return start


class Joined:
    """The objects of one library.

    defined: (object, symbol) of every global name. imports: names that nobody defines, sorted. slots: what has an entry in the
    table of addresses, an import's name or (object, symbol), in order. calls: imports that code jumps to.
    """

    def __init__(self, objects: Sequence[bytes]) -> None:
        self.objects = [Elf(data) for data in objects]
        self.machine = self.objects[0].machine
        if any(o.machine != self.machine for o in self.objects):
            raise InternalError("objects for two machines in one library", where="native")
        self.runs = [Run() for _ in range(5)]
        self.defined: dict[str, tuple[int, int]] = {}
        self._place()
        self._define()
        wanted = {s.name for o in self.objects for s in o.symbols if s.section == UNDEFINED and s.name}
        self.imports = sorted(wanted - self.defined.keys())
        self._commons: dict[tuple[int, int], int] = {}
        self.slots: dict[str | tuple[int, int], int] = {}
        self._find_slots()

    def _place(self) -> None:
        """Sections go where their rights say; constants that hold addresses are written once, by the dynamic linker."""
        for i, o in enumerate(self.objects):
            word = ABSOLUTE_WORD[o.machine]
            patched = {section for section, _, kind, _, _ in o.relocations if kind == word}
            for k, s in enumerate(o.sections):
                if not s.flags & ALLOC or not s.size or s.name == ".eh_frame":
                    continue
                if s.flags & EXEC:
                    run = CODE
                elif s.kind == _FINI_ARRAY:
                    run = ENDS
                elif s.kind == NOBITS:
                    run = BSS
                else:
                    run = DATA if s.flags & WRITE or k in patched else CONSTANT
                self.runs[run].add((i, k), s.size, max(s.align, 1))

    def _define(self) -> None:
        for i, o in enumerate(self.objects):
            for k, s in enumerate(o.symbols):
                if not s.binding or not s.name or s.section == UNDEFINED:
                    continue
                if s.name in self.defined and s.binding != 2:
                    raise InternalError(f"two objects define {s.name}", where="native")
                self.defined.setdefault(s.name, (i, k))

    def _find_slots(self) -> None:
        for i, o in enumerate(self.objects):
            for k, s in enumerate(o.symbols):
                if s.section == COMMON:
                    self._commons[i, k] = self.runs[BSS].extend(s.size, 64)
            for _, _, kind, symbol, _ in o.relocations:
                if kind in GOT[o.machine]:
                    self.slots.setdefault(self.meaning(i, symbol), 0)
        for name in self.imports:
            self.slots.setdefault(name, 0)  # stubs jump through it
        for n, slot in enumerate(self.slots):
            self.slots[slot] = n

    def symbol(self, at: tuple[int, int]) -> Symbol:
        return self.objects[at[0]].symbols[at[1]]

    def meaning(self, i: int, k: int) -> str | tuple[int, int]:
        """What a symbol of an object stands for: a definition, or the name of an import."""
        s = self.objects[i].symbols[k]
        if s.section != UNDEFINED:
            return i, k
        return self.defined.get(s.name, s.name)

    def address(self, at: tuple[int, int]) -> int:
        """Of a definition, once the runs have addresses."""
        s = self.symbol(at)
        if s.section == ABSOLUTE:
            return s.value
        if s.section == COMMON:
            return self.runs[BSS].address + self._commons[at]
        for run in self.runs:
            where = run.at.get((at[0], s.section))
            if where is not None:
                return run.address + where + s.value
        raise InternalError(f"{s.name or 'a symbol'} lies in a section that is not loaded", where="native")
