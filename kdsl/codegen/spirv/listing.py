"""A SPIR-V module to be read: a line for each instruction, its operands in the order of the specification.

One idea: what an operand is (an id, a number, a bit) only the grammar's full tables say, which nothing else here needs; so all are
shown as numbers, and only texts as texts. What `Line` says becomes a `#line`, as in C.
"""

from __future__ import annotations

import sys
from array import array

from .grammar import OPCODES

__all__ = ["listing"]

_HEADER = 5  # words
_NAMES = {number: name for name, number in OPCODES.items()}
# Operands before a text.
_TEXTS = {"Name": 1, "MemberName": 2, "String": 1, "Extension": 0, "ExtInstImport": 1}


def listing(binary: bytes) -> str:
    """The instructions of a module, by their names in the specification."""
    words = array("I", binary)
    if sys.byteorder == "big":
        words.byteswap()
    lines: list[str] = []
    files: dict[int, str] = {}
    at = _HEADER
    while at < len(words):
        count, number = words[at] >> 16, words[at] & 0xFFFF
        operands, name = words[at + 1 : at + count].tolist(), _NAMES.get(number, str(number))
        at += count
        shown = [str(x) for x in operands]
        if name in _TEXTS:
            first = _TEXTS[name]
            shown = [*shown[:first], f'"{_text(operands[first:])}"']
        if name == "String":
            files[operands[0]] = _text(operands[1:])
        if name == "Line":
            lines.append(f'#line {operands[1]} "{files.get(operands[0], "")}"')
        else:
            lines.append(" ".join([f"Op{name}", *shown]))
    return "\n".join(lines)


def _text(words: list[int]) -> str:
    return b"".join([w.to_bytes(4, "little") for w in words]).split(b"\0")[0].decode("utf-8", "replace")
