"""Random programs as HIP and as Metal texts, compiled and run on the CPU, against the interpreter.

The one-off run of many more is `python -m tests.property.run --count 20000 --compare hip --jobs 2`, and `--compare metal`.
"""

from __future__ import annotations

import pytest
from property.run import check_all
from toolbox import require_tool

_SIZES = (5, 6, 5, 8, 5, 7, 14)
_EACH = 48


def _jobs(first: int) -> list[tuple[int, int]]:
    return [(seed, _SIZES[seed % 7]) for seed in range(first, first + _EACH)]


@pytest.mark.parametrize("part", range(11))
def test_hip_texts_compute_what_the_interpreter_does(part: int) -> None:
    require_tool("g++")
    wrong = check_all(_jobs(8_000_016 + part * _EACH), "hip")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("part", range(14))  # one in four needs f64, which Metal refuses
def test_metal_texts_compute_what_the_interpreter_does(part: int) -> None:
    require_tool("g++")
    require_tool("clang-19")
    wrong = check_all(_jobs(9_000_000 + part * _EACH), "metal")
    assert not wrong, "\n".join(wrong)


def test_metal_programs_that_were_wrong_once() -> None:
    """A constant that two loops count down to, one of them in a branch; sums in memory that pass the largest i32."""
    require_tool("g++")
    require_tool("clang-19")
    wrong = check_all([(32_000_384, 20), (32_011_386, 5)], "metal")
    assert not wrong, "\n".join(wrong)
