"""docs/INTEROP.md is true: each of its sections is a program, run with the library that it is about.

One idea: a library that the test extra installs must be there in continuous integration; those that are too large for it, or
need a GPU, are tested where they are installed.
"""

from __future__ import annotations

import importlib.util
import re
import runpy
from pathlib import Path

import pytest
from toolbox import require_module

PAGE = Path(__file__).resolve().parents[2] / "docs" / "INTEROP.md"
SECTIONS = {part.splitlines()[0]: part for part in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]}
NEEDS = {"NumPy": "numpy", "DLPack": "numpy", "torch": "torch", "JAX": "jax", "numba": "numba", "Arrow": "pyarrow", "MLX": "mlx",
         "metalcompute": "metalcompute", "pyopencl": "pyopencl", "CuPy and pycuda": "pycuda"}  # fmt: skip
OPTIONAL = ("torch", "mlx", "metalcompute", "pycuda")


def test_every_section_is_run() -> None:
    assert list(SECTIONS) == list(NEEDS)


@pytest.mark.parametrize("name", NEEDS)
def test_a_section_runs(name: str, tmp_path: Path) -> None:
    module = NEEDS[name]
    if module in OPTIONAL and importlib.util.find_spec(module) is None:
        # torch, MLX, CuPy and their like are no requirements of the tests: gigabytes, or of one system only.
        pytest.skip(f"the Python module {module} is not installed")
    require_module(module)
    program = tmp_path / "section.py"
    program.write_text("\n".join(re.findall(r"```python\n(.*?)```", SECTIONS[name], re.S)), encoding="utf-8")
    runpy.run_path(str(program))
