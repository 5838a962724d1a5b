"""Where a Metal kernel's arguments come from: a buffer for each array, and one structure for everything else.

One idea: the structure has C's own layout, which is Metal's, so the runtime copies bytes from the slots of `kdsl.codegen.layout`
to where this says. A kernel has 31 buffers; past them the arrays' addresses stand in the structure too, as pointers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...diagnostics import refuse
from ...ir import types as T
from ...target import Target
from ..cfamily import memory
from ..cfamily.emitter import Emitter
from ..cfamily.forms import Expr
from ..layout import Slot, layout_of, name_beside
from .dialect import MSL

__all__ = ["BUFFERS", "Parameters", "parameters_of"]

BUFFERS = 31


@dataclass
class Parameters:
    """declared: the parameters' text. structure: lines before the function.

    buffers: the slot of the data pointer of each buffer, in order; the structure is the buffer after them, if it has members.
    members: (offset of the slot, bytes, offset in the structure). pointers: the same of addresses in the structure.
    """

    declared: list[str] = field(default_factory=list)
    structure: list[str] = field(default_factory=list)
    buffers: list[int] = field(default_factory=list)
    members: list[tuple[int, int, int]] = field(default_factory=list)
    pointers: list[tuple[int, int]] = field(default_factory=list)
    size: int = 0

    def metadata(self, target: Target) -> dict[str, object]:
        return {
            "buffers": tuple(self.buffers), "members": tuple(self.members), "pointers": tuple(self.pointers),
            "structure_bytes": -(-self.size // 8) * 8, "version": target.arch,
        }  # fmt: skip

    def place(self, size: int) -> int:
        """The offset of the next member, of `size` bytes."""
        at = -(-self.size // size) * size
        self.size = at + size
        return at


def parameters_of(e: Emitter, symbol: str, target: Target) -> Parameters:
    out = Parameters()
    slots = [s for s in layout_of(e.function) if s.value in e.plan.arrays or e.uses.get(s.value, 0)]
    arrays = [s for s in slots if isinstance(s.type, T.ArrayType) and e.plan.arrays[s.value].axes]
    packs = len(arrays) + 1 > BUFFERS
    if packs and target.arch < "3.0":
        refuse("K511", e.function.span, f"{target} has {BUFFERS} buffers, and {e.function.name} takes {len(arrays)} arrays",
               help="choose metal:3.0 or later, where arrays are also passed as pointers in a structure")  # fmt: skip
    fields: list[str] = []
    for slot in slots:
        if isinstance(slot.type, T.ArrayType):
            _array(e, slot, out, fields, packs)
        else:
            t = T.element_of(slot.type)
            name = e.name(slot.name, "x")
            e.exprs[slot.value] = _member(out, fields, e.dialect.types[t.name], name, slot.offset, t.size_bytes)
    if fields:
        structure = name_beside(symbol, "arguments")
        out.structure = [f"struct {structure} {{", *fields, "};", ""]
        out.declared.append(f"constant {structure}& arguments [[buffer({len(out.buffers)})]]")
    return out


def _member(out: Parameters, fields: list[str], type: str, name: str, slot: int, size: int) -> Expr:
    at = out.place(size)
    fields.append(f"    {type} {name};")
    out.members.append((slot, size, at))
    return Expr(f"arguments.{name}")


def _array(e: Emitter, slot: Slot, out: Parameters, fields: list[str], packs: bool) -> None:
    name = e.name(slot.name, "a")
    place = memory.array_parameter(e, slot.value, name)
    access = e.plan.arrays[slot.value]
    if access.axes:
        cell = "char" if place.cell is None or not access.kinds else MSL.cells[place.cell.name]
        type = MSL.pointer(cell, T.Space.GLOBAL, place.constant)
        if packs:
            fields.append(f"    {type} {name};")
            out.pointers.append((slot.offset, out.place(8)))
            place.name = f"arguments.{name}"
        else:
            out.declared.append(f"{type} {name} [[buffer({len(out.buffers)})]]")
            out.buffers.append(slot.offset)
    for axis, text in place.extents.items():
        place.extents[axis] = _member(out, fields, "long", text, slot.extents[axis], 8).text
    for axis, text in place.strides.items():
        place.strides[axis] = _member(out, fields, "long", text, slot.strides[axis], 8).text

