"""What kdsl says when something is wrong: places in the user's source, messages, and the exceptions that carry them.

One idea: a message is data (code, place, labels, help) until the moment it is printed, so tests, tools and
terminals all see the same facts. Exceptions are told apart by whose fault they report: `CompileError` (and its
children `LaunchError`, `KernelFault`) is the user's, `InternalError` is kdsl's, `DeviceError` is the machine's.
"""

from __future__ import annotations

import linecache
import os
import reprlib
from collections.abc import Sequence
from typing import NoReturn

__all__ = [
    "CompileError", "DeviceError", "Diagnostic", "InternalError", "KdslError", "KernelFault", "Label",
    "LaunchError", "Span", "refuse", "shown", "with_article",
]  # fmt: skip


class Span:
    """A place in source text: file, 1-based lines, 1-based character columns (`end_col` is one past the end).

    `call_site` is the place that called the `@kdsl.func` this span lies in, so a message can show the whole chain.
    """

    __slots__ = ("call_site", "col", "end_col", "end_line", "file", "function", "line")

    def __init__(self, file: str, line: int, col: int = 1, end_line: int = 0, end_col: int = 0,
                 function: str = "", call_site: Span | None = None) -> None:  # fmt: skip
        self.file = file
        self.line = line
        self.col = col
        self.end_line = end_line or line
        self.end_col = end_col or col + 1
        self.function = function
        self.call_site = call_site

    def _key(self) -> tuple[object, ...]:
        return (self.file, self.line, self.col, self.end_line, self.end_col, self.function, self.call_site)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}"


NOWHERE = Span("<unknown>", 0, 0)


class Label:
    """A second place that a message points at, with a few words on why it matters."""

    __slots__ = ("span", "text")

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text


class Diagnostic:
    """One message: a code (`K312`), what is wrong, where, related places, and what to do about it."""

    __slots__ = ("caret", "code", "help", "labels", "message", "notes", "span")

    def __init__(self, code: str, message: str, span: Span | None = None, *, caret: str = "",
                 labels: Sequence[Label] = (), help: str = "", notes: Sequence[str] = ()) -> None:  # fmt: skip
        self.code = code
        self.message = message
        self.span = span
        self.caret = caret
        self.labels = tuple(labels)
        self.help = help
        self.notes = tuple(notes)

    def render(self) -> str:
        """The message as text, with the source lines and carets, as `docs/ERRORS.md` shows."""
        lines = [f"error[{self.code}]: {self.message}"]
        if self.span is not None and self.span.line:
            lines += _snippet(self.span, self.caret, self.labels)
            site = self.span.call_site
            while site is not None:
                lines += [f"  = note: called from {os.path.basename(site.file)}:{site.line}:{site.col}"]
                site = site.call_site
        else:
            lines += [f"  = at {label.span}: {label.text}" for label in self.labels]
        lines += [f"  = note: {note}" for note in self.notes]
        if self.help:
            lines += [f"  = help: {self.help}"]
        return "\n".join(lines)


def _display_width(text: str) -> int:
    """Columns that `text` takes in a terminal; East Asian wide characters take two."""
    import unicodedata

    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)


def _marks(source: str, span: Span, mark: str, text: str) -> str:
    start = max(span.col - 1, 0)
    stop = span.end_col - 1 if span.end_line == span.line else len(source)
    source = source.expandtabs(1)
    pad = _display_width(source[:start])
    width = max(_display_width(source[start:stop]), 1)
    return (" " * pad + mark * width + (" " + text if text else "")).rstrip()


def _snippet(span: Span, caret: str, labels: Sequence[Label]) -> list[str]:
    near = [label for label in labels if label.span.line and label.span.file == span.file]
    far = [label for label in labels if label not in near]
    marks = [(label.span, "-", label.text) for label in near] + [(span, "^", caret)]
    marks.sort(key=lambda m: (m[0].line, m[1] == "^"))
    gutter = len(str(max(m[0].line for m in marks)))
    out = [f"{' ' * gutter}--> {os.path.basename(span.file)}:{span.line}:{span.col}", f"{' ' * gutter} |"]
    shown = 0
    for place, mark, text in marks:
        source = linecache.getline(place.file, place.line).rstrip("\n")
        if place.line != shown:
            if shown and place.line > shown + 1:
                out.append("...")
            out.append(f"{place.line:>{gutter}} | {source.expandtabs(1)}".rstrip())
            shown = place.line
        out.append(f"{' ' * gutter} | {_marks(source, place, mark, text)}")
    out.append(f"{' ' * gutter} |")
    out += [f"{' ' * gutter} = note: {os.path.basename(x.span.file)}:{x.span.line}: {x.text}" for x in far]
    return out


class KdslError(Exception):
    """Base of everything that kdsl raises on purpose."""


class CompileError(KdslError):
    """The user's kernel or call is wrong. `diagnostic` holds code, place and remedy as data."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.render())
        self.diagnostic = diagnostic

    @property
    def code(self) -> str:
        return self.diagnostic.code


class LaunchError(CompileError):
    """A launch was refused before anything ran (K6): wrong argument, grid, block or device."""


class KernelFault(CompileError):
    """A running kernel did what it must not (out of bounds, failed assertion, race): found by a debug run."""


class DeviceError(KdslError):
    """The machine could not do it: no such device, out of memory, device lost. Says what to do."""


class InternalError(KdslError):
    """A fault of kdsl itself; the state at the time is written to a file that a report can carry."""

    def __init__(self, message: str, *, state: str = "", where: str = "") -> None:
        path = ""
        if state:
            import tempfile

            with tempfile.NamedTemporaryFile("w", prefix="kdsl-report-", suffix=".txt", delete=False) as f:
                f.write(f"{message}\n{where}\n\n{state}\n")
                path = f.name
        place = f" in {where}" if where else ""
        tail = f"\n  = note: details are in {path}; please report them" if path else ""
        super().__init__(f"internal error{place}: {message}\n  = note: this is a fault of kdsl, not of your kernel{tail}")


def with_article(noun: str) -> str:
    """"an int", "a mask", "an f32": by how the letters are said."""
    vowel = noun[:1] in "aeioAEIO" or (noun[:1] == "f" and noun[1:2].isdigit()) or noun.startswith("ndarray")
    return f"{'an' if vowel else 'a'} {noun}"


def shown(value: object) -> str:
    """What a user gave, as part of a message: its repr, cut short."""
    try:
        return reprlib.repr(value)
    except ValueError:  # Python writes no int of more than some thousand digits
        return f"an int of {value.bit_length()} bits" if isinstance(value, int) else with_article(type(value).__name__)


def refuse(code: str, span: Span | None, message: str, *, caret: str = "", labels: Sequence[Label] = (),
           help: str = "", notes: Sequence[str] = ()) -> NoReturn:  # fmt: skip
    """Raise a `CompileError` (a `LaunchError` for K6 codes) for a user's fault, with a place and a way out."""
    kind = LaunchError if code.startswith("K6") else CompileError
    # `from None`: what kdsl itself caught on the way here tells a user nothing.
    raise kind(Diagnostic(code, message, span, caret=caret, labels=labels, help=help, notes=notes)) from None


for _public in (KdslError, CompileError, LaunchError, KernelFault, DeviceError, InternalError):
    _public.__module__ = "kdsl"  # the name that users import, in tracebacks too
