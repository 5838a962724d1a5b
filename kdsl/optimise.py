"""What `kdsl opt` is made of: IR from wherever it is, the passes that were asked for, code from it.

One idea: IR is text, so every stage of the compiler can be looked at, changed by hand and continued.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from .ir.core import Function
from .ir.opdef import Level
from .ir.parse import parse
from .ir.pipeline import PASSES, PIPELINES
from .ir.text import print_function
from .ir.verify import errors_of
from .programs import UsageError, constants, find_kernel, split_place
from .target import Target

__all__ = ["emitted", "names_of_passes", "read_function"]

EMIT = ("ir", "llvm", "asm")


def names_of_passes(passes: str, pipeline: str, emit: str) -> list[str]:
    """The passes to run; without any, code is made by the whole pipeline."""
    if emit not in EMIT:
        raise UsageError(f"--emit {emit}: there is no such form", f"the forms are {', '.join(EMIT)}")
    if passes and pipeline:
        raise UsageError("--passes and --pipeline exclude each other")
    if pipeline and pipeline not in PIPELINES:
        raise UsageError(f"there is no pipeline {pipeline!r}", f"the pipelines are {', '.join(PIPELINES)}")
    if pipeline:
        return list(PIPELINES[pipeline])
    names = [p.strip() for p in passes.split(",") if p.strip()]
    for name in names:
        if name not in PASSES:
            raise UsageError(f"there is no pass {name!r}", f"the passes are {', '.join(PASSES)}")
    return names


def read_function(source: str, signature: Any, settings: Sequence[str]) -> Function:
    """The function that a `.kir` file, stdin ("-") or a kernel of a Python file holds."""
    place = split_place(source)
    if place is not None:
        from .specialise import declared_signature

        kernel, names = find_kernel(*place)
        return kernel.ir(*declared_signature(kernel, signature, constants(settings, names)))
    if source != "-" and not os.path.isfile(source):
        raise UsageError(f"there is no file {source}", "write FILE.kir, FILE.py:KERNEL, or - for standard input")
    if source == "-":
        f = parse(sys.stdin.read(), "<stdin>")
    else:
        with open(source, encoding="utf-8") as file:
            f = parse(file.read(), source)
    errors = errors_of(f)
    if errors:
        raise UsageError(f"{source} is not well-formed IR:\n  " + "\n  ".join(errors))
    return f


def emitted(f: Function, target: Target, form: str, *, with_spans: bool) -> str:
    """The function as IR, LLVM or assembly text."""
    if form == "ir":
        return print_function(f, with_spans=with_spans)
    if f.level is not Level.BLOCK:
        from .compiler import lower

        f = lower(f, target)
    from .codegen.cpu import assembly, emit

    return emit(f, target) if form == "llvm" else assembly(f, target)
