"""The Rust example: built by cargo against the static library, and run. Where cargo is not installed, this is not tested."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import kdsl
from kdsl.programs import kernels_of
from kdsl.target import cpu_target_of_host

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "embed_rust"


def test_the_example_runs(tmp_path: Path) -> None:
    cargo = shutil.which("cargo")
    if cargo is None:
        # A whole second toolchain for one example: also in continuous integration it is run where it is.
        pytest.skip("no cargo on the PATH")
    kernels = kernels_of(str(ROOT / "examples" / "embed_c" / "kernels.py"))
    kdsl.build(kernels, tmp_path / "kernels.kdsl", [cpu_target_of_host()], library="demo", prefix=tmp_path / "demo")
    env = {**os.environ, "DEMO_PREFIX": str(tmp_path / "demo"), "CARGO_TARGET_DIR": str(tmp_path / "target")}
    env["RUSTFLAGS"] = "-D warnings"
    project = tmp_path / "embed_rust"
    shutil.copytree(EXAMPLE, project)
    done = subprocess.run([cargo, "run", "--offline", "--quiet"], cwd=project, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": right") == 4 and "WRONG" not in done.stdout
    env["DEMO_PREFIX"] = str(tmp_path)
    failed = subprocess.run([cargo, "build", "--offline", "--quiet"], cwd=project, env=env, capture_output=True, text=True)
    assert failed.returncode != 0 and "kdsl build --library demo" in failed.stderr
