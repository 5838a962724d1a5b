"""Wheels with compiled kernels inside: made by two build backends, used without a compiler.

No network: the wheel is built in this environment, and "installed" by unpacking it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "embed_python"
HATCHLING = """
[build-system]
requires = ["hatchling", "kdsl"]
build-backend = "hatchling.build"

[project]
name = "mean-filter"
version = "1.0"

[tool.hatch.build.targets.wheel]
packages = ["mean_filter"]

[tool.hatch.build.targets.wheel.hooks.kdsl]

[tool.kdsl.build]
kernels = ["mean_filter/kernels.py"]
output = "mean_filter/kernels.kdsl"
targets = ["x86-64-v2", "aarch64"]
"""
USE = """
import sys
class Nothing:
    def find_spec(self, name, *rest):
        if name.split(".")[0] in ("llvmlite", "lark", "typer", "rich") or name == "mean_filter.kernels":
            raise ImportError(name + " must not be asked for")
sys.meta_path.insert(0, Nothing())
import numpy as np
from mean_filter import mean_filter
image = np.random.default_rng(1).random((50, 70))
edges = np.pad(image, 1, "edge")
expected = sum(edges[i : i + 50, j : j + 70] for i in range(3) for j in range(3)) / 9
for dtype, bound in ((np.float32, 1e-6), (np.float64, 1e-14)):
    assert np.abs(mean_filter(image.astype(dtype)) - expected).max() < bound
"""


@pytest.mark.parametrize("backend", ["setuptools", "hatchling"])
def test_a_wheel_carries_its_kernels(backend: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(EXAMPLE, project)
    if backend == "hatchling":
        (project / "pyproject.toml").write_text(HATCHLING)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    build = [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "-q", "-w", "dist"]
    done = subprocess.run(build, cwd=project, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = (project / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert "mean_filter/kernels.kdsl" in archive.namelist()
        archive.extractall(tmp_path / "site")
    assert not (project / "mean_filter" / "kernels.kdsl").exists()  # the source tree stays as it is
    env["PYTHONPATH"] = os.pathsep.join([str(tmp_path / "site"), str(ROOT)])
    subprocess.run([sys.executable, "-c", USE], cwd=tmp_path, env=env, check=True)
