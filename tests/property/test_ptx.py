"""Random programs as PTX: executed on the CPU against the interpreter, and taken by the assembler for every architecture.

The one-off run of many more is `python -m tests.property.run --count 20000 --compare ptx --jobs 2`.
"""

from __future__ import annotations

import pytest
from property.generate import random_case
from property.ptx import lowered, target_of
from property.run import check_all
from ptx_tools import ARCHITECTURES, assemble

from kdsl.codegen.ptx import compile_many
from kdsl.target import GPU_TARGETS

_FIRST = 7_000_000  # other programs than those of the one-off run
_SIZES = (5, 6, 5, 12, 7, 6, 24)
_EACH = 32


def _jobs(first: int, count: int) -> list[tuple[int, int]]:
    return [(seed, _SIZES[seed % 7]) for seed in range(first, first + count)]


@pytest.mark.parametrize("part", range(16))
def test_random_programs_compute_what_the_interpreter_does(part: int) -> None:
    wrong = check_all(_jobs(_FIRST + part * _EACH, _EACH), "ptx")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_assembler_takes_random_programs(arch: str) -> None:
    """Two dozen to a text: the assembler's start costs more than a kernel."""
    first = _FIRST + 100_000 + 100 * ARCHITECTURES.index(arch)
    made = []
    for seed, size in _jobs(first, 72):
        case = random_case(seed, size)
        if int(target_of(case).arch[3:]) <= int(arch[3:]):
            made.append(lowered(case))
    text = compile_many(made[:24], GPU_TARGETS[f"cuda:{arch}"]).texts["asm"]
    assemble(text, arch, "-O1")
