"""Random programs as SPIR-V on the Vulkan device, against the interpreter.

The one-off run of many more is `python -m tests.property.run --count 20000 --compare vulkan --jobs 2`.
"""

from __future__ import annotations

import pytest
from property.run import check_all
from toolbox import missing
from vulkan_launch import missing_vulkan

_FIRST = 7_000_000  # other programs than those of the one-off run
_SIZES = (5, 6, 5, 8, 5, 7, 12)
_EACH = 48


@pytest.mark.parametrize("part", range(42))
def test_random_programs_compute_what_the_interpreter_does(part: int) -> None:
    if missing_vulkan():
        missing(missing_vulkan())
    first = _FIRST + part * _EACH
    wrong = check_all([(seed, _SIZES[seed % 7]) for seed in range(first, first + _EACH)], "vulkan")
    assert not wrong, "\n".join(wrong)


def test_programs_that_were_wrong_once() -> None:
    """Sums and quotients with a constant 0, which the device folded."""
    if missing_vulkan():
        missing(missing_vulkan())
    wrong = check_all([(30_008_178, 6), (30_007_139, 18)], "vulkan")
    assert not wrong, "\n".join(wrong)
