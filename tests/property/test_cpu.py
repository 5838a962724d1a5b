"""Random programs as machine code for every target of this machine, and AArch64 code under emulation, against the interpreter.

The one-off run of many more is `python -m tests.property.run --count 100000 --compare cpu --jobs 2`.
"""

from __future__ import annotations

import pytest
from emulation_arm import has_emulator
from property.run import check_all
from toolbox import missing

from kdsl.target import CPU_TARGETS, why_not

_FIRST = 5_000_000  # other programs than those of the one-off run
_SIZES = (5, 6, 5, 12, 7, 6, 24)  # the large ones cost most of the time and find most of what there is to find
_EACH = 48


def _jobs(first: int, count: int) -> list[tuple[int, int]]:
    return [(seed, _SIZES[seed % 7]) for seed in range(first, first + count)]


@pytest.mark.parametrize("part", range(42))
def test_random_programs_compute_what_the_interpreter_does(part: int) -> None:
    wrong = check_all(_jobs(_FIRST + part * _EACH, _EACH), "cpu")
    assert not wrong, "\n".join(wrong)


@pytest.mark.qemu
@pytest.mark.parametrize("part", range(3))
def test_random_programs_on_arm(part: int) -> None:
    if not has_emulator() and why_not(CPU_TARGETS["aarch64"]):
        missing("no qemu-aarch64 on the PATH")
    wrong = check_all(_jobs(_FIRST + 500_000 + part * _EACH, _EACH), "arm")
    assert not wrong, "\n".join(wrong)
