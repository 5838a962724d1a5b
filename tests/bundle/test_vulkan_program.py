"""A C program runs the SPIR-V of a bundle, by the manifest's facts alone."""

from __future__ import annotations

import os
import runpy
import subprocess
from pathlib import Path

import pytest
from toolbox import require_tool

import kdsl
from kdsl.diagnostics import KdslError
from kdsl.programs import kernels_of
from kdsl.runtime.registry import list_kind

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "embed_vulkan_c"


@pytest.mark.parametrize("target", ["vulkan:1.2", "vulkan:1.3"])
def test_a_c_program_runs_the_spirv(target: str, tmp_path: Path) -> None:
    cc = require_tool("gcc")
    if not any(not found.reason for found in list_kind("vulkan")) and not os.environ.get("CI"):
        pytest.skip("no Vulkan device")
    kdsl.build(kernels_of(str(EXAMPLE / "kernels.py")), tmp_path / "bundle", [target])
    facts = runpy.run_path(str(EXAMPLE / "facts.py"))["facts"]
    (tmp_path / "facts.h").write_text(facts(tmp_path / "bundle"))
    strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-I."]
    subprocess.run([cc, *strict, str(EXAMPLE / "main.c"), "-o", "main", "-lvulkan"], cwd=tmp_path, check=True, capture_output=True)
    ran = subprocess.run(["./main", "bundle"], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0 and ran.stdout.endswith(": right\n"), ran.stdout + ran.stderr


def test_a_kernel_that_vulkan_lacks_is_refused_at_build(tmp_path: Path) -> None:
    @kdsl.kernel
    def narrow(x: kdsl.Array[kdsl.f64, 1]):
        x[kdsl.global_id(0)] = 1.0

    with pytest.raises(KdslError) as error:
        kdsl.build([narrow], tmp_path / "b", ["metal:3.1"])
    assert "K511" in str(error.value) and not (tmp_path / "b").exists()
