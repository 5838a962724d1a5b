"""What is known of an error code, with a program that gives it: `kdsl explain K301`, docs/ERRORS.md.

One idea: nothing here is written by hand twice. Titles and reasons come from `codes` and from the interpreter's
list, messages from runs of the examples, so a message that changes changes the page, and a test notices.
"""

from __future__ import annotations

import linecache
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from . import codes, compiler
from .diagnostics import CompileError
from .error_examples import PROGRAMS
from .ir.interpreter import CODES as FAULTS
from .target import cpu_target_of_host

__all__ = ["Shown", "errors_markdown", "explanation", "program_of", "provoke"]

_FILE = "example.py"
_ANY_TARGET = "cpu:x86-64-v4"  # what the page says instead of the target of the machine that wrote it
_TYPES = ("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "bf16", "f32", "f64")
_FAULT_TEXTS = {code: text for code, _, text in FAULTS}
_FAMILIES = {
    "K1": ("Syntax", "What the kernel language does not have, and how kernels are written."),
    "K2": ("Types", "What may meet what."),
    "K3": ("Control flow and uniformity", "What every thread must do together, and what every path must give."),
    "K4": ("Memory", "What the compiler sees; from K440 on, what a debug build or the interpreter finds in a running kernel."),
    "K5": ("Targets", "What a target cannot do, and building ahead of time."),
    "K6": ("Launches", "What is refused before anything ran."),
}


class Shown(NamedTuple):
    """A program and the message that it ends with."""

    program: str
    code: str
    message: str


def explanation(code: str) -> str:
    """Why the rule exists, and what to do."""
    return _FAULT_TEXTS.get(code) or codes.CODES[code].reason


def program_of(code: str) -> str:
    """A program that gives the error; "" where none is short enough to show."""
    written = PROGRAMS.get(code)
    if written is not None:
        return written.strip("\n") + "\n"
    example = codes.CODES[code].example.strip("\n")
    if not example:
        return ""
    return f"{example}\n\nk.compile()\n" if "def k(" in example else example + "\n"


@contextmanager
def _alone() -> Iterator[None]:
    """No setting of the user's, and no frozen compiler left behind, changes what an example says; no file stays."""
    before, was_frozen, folder = dict(os.environ), compiler._frozen, os.getcwd()
    for name in ("KDSL_DEBUG", "KDSL_INTERPRET", "KDSL_DEVICE", "KDSL_TARGET"):
        os.environ.pop(name, None)
    # A kernel that is in the cache would run after kdsl.freeze().
    os.environ["KDSL_CACHE_SIZE"] = "0"
    compiler.reset_cache()
    scratch = tempfile.TemporaryDirectory()
    os.chdir(scratch.name)
    try:
        yield
    finally:
        os.chdir(folder)
        scratch.cleanup()
        os.environ.clear()
        os.environ.update(before)
        compiler._frozen = was_frozen
        compiler.reset_cache()


def provoke(code: str) -> Shown | None:
    """Run the program of a code; None where there is none, or where it gives no error."""
    program = program_of(code)
    if not program:
        return None
    with _alone():
        try:
            exec(compile(_entered(program), _FILE, "exec"), _names())
        except CompileError as e:
            mine = re.escape(cpu_target_of_host().name)
            # In a list of targets it stands beside the others, and means itself.
            return Shown(program, e.code, re.sub(rf"(?<!, ){mine}(?!, \w+:)", _ANY_TARGET, str(e)))
    return None


def _entered(program: str) -> str:
    linecache.cache[_FILE] = (len(program), None, program.splitlines(keepends=True), _FILE)
    return program


def _names() -> dict[str, Any]:
    import numpy as np

    import kdsl

    return {"kdsl": kdsl, "np": np, "__name__": "example", **{n: getattr(kdsl, n) for n in ("Array", *_TYPES)}}


# --- the page ---

_HEAD = """\
# Errors

Every error of kdsl has a code. Its message says what is wrong, where (a caret under your own line), and what to do
about it; this page says why the rule exists, and shows for each code a program and what it prints.
`kdsl explain K301` prints one entry.

This file is generated from `kdsl/codes.py` and `kdsl/error_examples.py`; `pytest tests/errors --update-golden` writes
it.
The programs leave out their imports:

```python
import numpy as np
import kdsl
from kdsl import Array, f32, i32     # and the other scalar types
```
"""


def errors_markdown() -> str:
    """The whole of docs/ERRORS.md."""
    parts = [_HEAD]
    family = ""
    for code, row in sorted(codes.CODES.items()):
        if code[:2] != family:
            family = code[:2]
            title, words = _FAMILIES[family]
            parts.append(f"## {family}: {title}\n\n{words}\n")
        parts.append(f"### {code}: {row.title}\n\n{explanation(code)}\n")
        shown = provoke(code)
        if shown is not None:
            parts.append(f"```py\n{shown.program}```\n\n```text\n{shown.message}\n```\n")
    return "\n".join(parts)
