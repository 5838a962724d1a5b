"""What stands written in files is what would be written today: the machine code of elementary functions.

One idea: whoever changes a function, or how CPUs spell its ops, is told at once; kernels would go on with the old one.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kdsl.codegen.cpu.written import WRITTEN_FOR, written
from kdsl.target import CPU_TARGETS

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import make_cpu_functions


@pytest.mark.parametrize("arch", sorted(set(WRITTEN_FOR.values())))
def test_they_are_made_of_the_functions_of_today(arch: str) -> None:
    target, names = CPU_TARGETS[arch], set()
    for name, text in make_cpu_functions.texts(target):
        line = written(name, target)
        assert line is not None and line.endswith(f" ; {make_cpu_functions.digest(text)}"), "run tools/make_cpu_functions.py"
        assert line.partition("(")[0] == text.partition("(")[0]
        names.add(name)
    lines = (make_cpu_functions.PLACE / f"functions-{arch}.ll").read_text().splitlines()
    assert len(lines) == len(names) + make_cpu_functions.HEAD.count("\n"), "one line each"
