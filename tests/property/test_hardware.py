"""Random programs on the GPUs that `make check-gpu` names; without them there is nothing to run.

How many: KDSL_CHECK_PROGRAMS (`make check-gpu ARGS="--programs 20000"`).
"""

from __future__ import annotations

import os

import pytest
from conformance.hardware import Hardware, hardware
from property.run import SIZES, check_all, seeds

_FIRST = 11_000_000  # other programs than those of the emulators
_EACH = 25
_PARTS = -(-int(os.environ.get("KDSL_CHECK_PROGRAMS", "1000")) // _EACH)


@pytest.mark.parametrize("device", hardware(), ids=lambda h: h.name)
@pytest.mark.parametrize("part", range(_PARTS if hardware() else 1))
def test_random_programs_compute_what_the_interpreter_does(device: Hardware, part: int) -> None:
    wrong = check_all(list(seeds(_FIRST + part * _EACH, _EACH, SIZES)), "hardware")
    assert not wrong, "\n".join(wrong)
