"""The runner of `make check-gpu`: what becomes of tests that pass, fail, skip, crash and hang; and that it needs no library."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.check_gpu import report
from tests.check_gpu.__main__ import find_devices
from tests.check_gpu.workers import ROOT, run_modules

SAMPLE = """
import os, time
import numpy as np
import pytest

@pytest.fixture(params=["toy:0", "other"])
def dev(request):
    yield request.param

def test_passes(dev): assert dev == "toy:0"
def test_fails(dev): assert 1 == 2, "one is not two"
def test_skips(dev): pytest.skip("not here")
def test_crashes(dev): os.abort()
def test_hangs(dev): time.sleep(60)
@pytest.mark.parametrize("n, m", [(1, 2), pytest.param(3, 4, id="last")])
@pytest.mark.parametrize("kind", ["a", "b"])
def test_parameters(dev, n, m, kind, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("KDSL_NOTHING", "1")
    print(kind)
    assert capsys.readouterr().out == kind + "\\n" and m == n + 1 and tmp_path.exists()
    with pytest.raises(ValueError, match="b+"): raise ValueError("abba")
def test_raises_nothing(dev):
    with pytest.raises(ValueError): pass
def test_of_no_device(): assert False
"""


def test_every_end_of_a_test(tmp_path: Path) -> None:
    (tmp_path / "sample_of_tests.py").write_text(SAMPLE)
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    outcomes = run_modules("toy:0", ["sample_of_tests"], count=2, deadline=time.monotonic() + 60, patience_s=4,
                           environment={"PYTHONPATH": path})  # fmt: skip
    ends = {o.name.partition("::")[2]: o.outcome for o in outcomes}
    assert ends == {
        "test_passes[toy:0]": "passed", "test_fails[toy:0]": "failed", "test_skips[toy:0]": "skipped",
        "test_crashes[toy:0]": "crashed", "test_hangs[toy:0]": "hung", "test_raises_nothing[toy:0]": "failed",
        "test_parameters[toy:0-a-1-2]": "passed", "test_parameters[toy:0-b-1-2]": "passed",
        "test_parameters[toy:0-a-last]": "passed", "test_parameters[toy:0-b-last]": "passed",
    }  # fmt: skip
    text = "\n".join(report.suite_lines("sample", outcomes, 1.0))
    assert "5 passed" in text and "one is not two" in text and "no answer in" in text


NO_LIBRARIES = """
import sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, *rest):
        absent = ("lark", "llvmlite", "typer", "rich", "pytest", "hypothesis", "scipy")
        return None if name.split(".")[0] in absent else self.finder.find_spec(name, *rest)
sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
from tests.check_gpu.collect import install
install()
from tests.check_gpu.__main__ import SUITES, find_devices
from tests.check_gpu.worker import tests_on
find_devices()
tests = tests_on("cuda:9", [m for modules in SUITES.values() for m in modules])
from tests.check_gpu import bench, kernels, native
from kdsl import Array, f32
artifact = kernels.accelerate.compile([Array[f32, 2], Array[f32, 2]], "cuda:sm_90")
assert artifact.format == "ptx" and b".entry" in artifact.binary
print(len(tests))
"""


def test_every_kind_of_gpu_is_looked_for(monkeypatch) -> None:
    from kdsl.runtime import registry

    def list_kind(kind: str) -> list[registry.Found]:
        return [registry.Found(kind, "", reason="no driver") if kind == "vulkan" else registry.Found(f"{kind}:1", "a GPU")]

    monkeypatch.setattr(registry, "list_kind", list_kind)
    found, missing = find_devices()
    assert [name for name, _ in found] == ["cuda:1", "hip:1", "metal:1"] and missing == ["vulkan: no driver"]


def test_it_needs_python_and_numpy_alone() -> None:
    """Importing every suite and compiling for a GPU load neither a compiler library nor pytest."""
    environment = {**os.environ, "KDSL_CHECK_GPU": "cuda:9", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", NO_LIBRARIES], capture_output=True, text=True, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout) > 400


@pytest.mark.parametrize("arguments, code, text", [(["--help"], 0, "--minutes"), (["--only", "nothing"], 2, "invalid choice")])
def test_command_line(arguments, code, text) -> None:
    done = subprocess.run([sys.executable, "-m", "tests.check_gpu", *arguments], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == code and text in done.stdout + done.stderr
