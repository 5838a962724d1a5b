"""Random programs full of `break`, `continue` and `return`, as HIP and Metal texts, against Python itself.

One idea: the front end makes flags of exits and the texts make exits of flags, so what both come to is held against the language
that the program was written in. The programs are those of `test_frontend_control_flow`.
"""

from __future__ import annotations

import linecache

import numpy as np
import pytest
from conformance.backends import require
from conformance.base import job
from emulation.backends import Emulated, Hip, Metal
from property.test_frontend_control_flow import THREADS, as_python, program

import kdsl
from kdsl.diagnostics import CompileError
from kdsl.frontend import build
from kdsl.ir import types as T
from kdsl.ir.core import Function
from kdsl.target import GPU_TARGETS

PROGRAMS = 6


def as_function(text: str, name: str) -> Function | None:
    """The program's IR, of 32-bit integers, which Metal has to wrap; None where it is refused."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, object] = {"kdsl": kdsl, "__name__": "generated"}
    exec(compile(text, name, "exec"), space)
    arrays = {"x": T.ArrayType(T.i32, 1, unit_axis=0), "y": T.ArrayType(T.i32, 2, unit_axis=1)}
    try:
        return build(space["k"], arrays)  # type: ignore[arg-type]
    except CompileError as error:
        assert error.code in ("K310", "K315"), f"{text}\n{error}"  # noqa: PT017
        return None


def compared(backend: Emulated, numbers: range) -> list[str]:
    """What is wrong of these programs."""
    grid, block = (1, 1, 1), (THREADS, 1, 1)
    functions = {n: f for n in numbers if (f := as_function(program(n), f"<program {n}>")) is not None}
    assert len(functions) > len(numbers) // 2
    backend.prepare([job(f, grid, block, None) for f in functions.values()])
    wrong: list[str] = []
    for n, f in functions.items():
        x = np.arange(THREADS, dtype=np.int32) * 3 - 5
        want, got = np.full((THREADS, 16), -1, np.int32), np.full((THREADS, 16), -1, np.int32)
        as_python(program(n), x, want)
        backend.run(f, [x, got], grid, block)
        if not np.array_equal(want, got):
            wrong.append(f"program {n}\n{program(n)}\n{backend.artifact_of(job(f, grid, block, None)).texts['source']}")
    return wrong


@pytest.mark.parametrize(("kind", "target"), [(Hip, "hip:gfx942"), (Metal, "metal:3.1")])
def test_texts_do_what_python_does(kind, target):
    backend = kind(GPU_TARGETS[target])
    require(backend)
    assert compared(backend, range(PROGRAMS)) == []
