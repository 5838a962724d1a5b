"""Static libraries: a System V `ar` archive with the index of symbols that linkers want.

One idea: every field that would say when, by whom and with which rights is 0, as `ar D` writes it, so that an archive
depends on its members alone. Format: System V gABI, chapter 7 (Archive File); long names as GNU ar writes them.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from ..runtime.cpu.elf import ABSOLUTE, UNDEFINED, Elf

__all__ = ["write_archive"]

_MAGIC = b"!<arch>\n"
_SHORT = 15  # characters of a name that stands in its member's header


def write_archive(members: Sequence[tuple[str, bytes]]) -> bytes:
    """An archive of object files, (name, bytes) each, in the given order. Names have no slash."""
    names = _long_names([name for name, _ in members])
    symbols = [(symbol, i) for i, (_, data) in enumerate(members) for symbol in _defined(data)]
    text = b"".join([symbol.encode() + b"\0" for symbol, _ in symbols])
    index_bytes = 4 + 4 * len(symbols) + len(text)
    at = len(_MAGIC) + _whole(index_bytes) + (_whole(len(names.table)) if names.table else 0)
    places: list[int] = []
    for _, data in members:
        places.append(at)
        at += _whole(len(data))
    index = struct.pack(f">{1 + len(symbols)}I", len(symbols), *[places[i] for _, i in symbols]) + text
    parts = [_MAGIC, _member("/", index)]
    if names.table:
        parts.append(_member("//", names.table))
    parts += [_member(name, data) for name, (_, data) in zip(names.fields, members, strict=True)]
    return b"".join(parts)


class _long_names:
    """What stands for each name in its header, and the table of those that are too long for it."""

    def __init__(self, names: Sequence[str]) -> None:
        self.fields: list[str] = []
        self.table = b""
        for name in names:
            if len(name) <= _SHORT:
                self.fields.append(f"{name}/")
                continue
            self.fields.append(f"/{len(self.table)}")
            self.table += name.encode() + b"/\n"


def _whole(size_bytes: int) -> int:
    """Bytes that a member takes with its header; members start at even offsets."""
    return 60 + size_bytes + size_bytes % 2


def _member(name: str, data: bytes) -> bytes:
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'644' if name[-1:] != '/' or len(name) > 2 else 0:<8}{len(data):<10}`\n"
    return header.encode() + data + b"\n" * (len(data) % 2)


def _defined(data: bytes) -> list[str]:
    """The global symbols that an object defines."""
    return [s.name for s in Elf(data).symbols if s.binding and s.name and s.section not in (UNDEFINED, ABSOLUTE)]
