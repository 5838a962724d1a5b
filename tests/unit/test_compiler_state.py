"""Code on disk is for those who have the same compiler, also when kdsl's files change while it runs.

One idea: a copy of kdsl, one file of which is edited under a process that has read it. The version of SPIR-V in a module's
second word tells which text of the file it comes from.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from kdsl import compiler

KDSL = Path(__file__).resolve().parents[2] / "kdsl"

_PROGRAM = """
import sys
import kdsl, kdsl.codegen.spirv
from kdsl.compiler import artifact_cache, compile_function
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function

print("ready", flush=True)
input()
for name in sys.argv[1:]:
    f = Function(name, ())
    Builder(f.body).yield_()
    artifact = compile_function(f, "vulkan:1.3", block=(1, 1, 1))
    print(artifact.binary[5], artifact_cache().stats().hits)
"""


@pytest.fixture
def copy(tmp_path, empty_cache) -> Path:
    """kdsl as it was yesterday."""
    shutil.copytree(KDSL, tmp_path / "kdsl", ignore=shutil.ignore_patterns("*.json", "*.html", "bindings"))
    return tmp_path


def start(folder: Path, *names: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(folder)}
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM, *names], env=env, cwd=folder, text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def finish(process: subprocess.Popen[str]) -> list[tuple[int, int]]:
    """What it printed of each kernel: (SPIR-V 1.which, how much came from the disk so far)."""
    out, _ = process.communicate("\n", timeout=60)
    assert process.returncode == 0
    rows = [line.split() for line in out.splitlines()]
    return [(int(version), int(hits)) for version, hits in rows]


def test_code_of_a_text_that_is_gone_is_kept_for_nobody(copy) -> None:
    before = start(copy, "a", "b", "a")
    time.sleep(0.05)
    file = copy / "kdsl" / "codegen" / "spirv" / "flavour.py"
    text = file.read_text()
    assert '"vulkan", (1, 5)' in text
    file.write_text(text.replace('"vulkan", (1, 5)', '"vulkan", (1, 4)'))
    assert finish(before) == [(5, 0), (5, 0), (5, 1)]  # for itself it is kept
    assert finish(start(copy, "a", "b")) == [(4, 0), (4, 0)]


@pytest.mark.parametrize("change", ["longer", "as long", "gone"])
def test_a_change_is_seen_once_the_module_is_read(monkeypatch, tmp_path, change: str) -> None:
    file = tmp_path / "a.py"
    file.write_text("1 + 1")
    facts = file.stat()
    looked = ({str(file): (facts.st_size, facts.st_mtime_ns)}, [f"a.py 5 {facts.st_mtime_ns}"], compiler._BEGAN_NS - 10**9)
    monkeypatch.setattr(compiler, "_states", {})
    monkeypatch.setattr(compiler, "_files", {})
    monkeypatch.setattr(compiler, "_as_then", {})
    monkeypatch.setattr(compiler, "_look", lambda gpu: looked)
    shared = compiler.compiler_state()
    assert shared == f"a.py 5 {facts.st_mtime_ns}" and compiler.is_still(shared)
    monkeypatch.setitem(sys.modules, f"early_{change}", SimpleNamespace(__file__=str(file)))
    assert compiler.is_still(shared)  # read in time, and not to be read again
    if change == "gone":
        file.unlink()
    else:
        file.write_text("1 + 10" if change == "longer" else "1 + 2")
        os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns + (change == "as long")))
    assert compiler.is_still(shared)  # nobody has read it
    monkeypatch.setitem(sys.modules, f"late_{change}", SimpleNamespace(__file__=str(file)))
    assert not compiler.is_still(shared)
    own = compiler.compiler_state()
    assert own != shared and compiler.is_still(own) and not compiler.is_still(shared)
    monkeypatch.setattr(compiler, "_states", {})
    looked = (*looked[:2], compiler._BEGAN_NS + 1)  # changed between the import and the first look
    assert compiler.compiler_state() not in (shared, own)


def test_what_makes_code_for_gpus_counts_for_gpus() -> None:
    """And all other folders of the compiler count for CPUs: a new one does until it is named."""
    cpu, gpu = [[Path(path).name for path in compiler._look(gpu)[0]] for gpu in (False, True)]
    assert sys.modules["kdsl.ir.types"].__file__ in compiler._look(False)[0]  # as modules say where they are from
    codegen = Path(compiler.__file__).parent / "codegen"
    assert {f.parent.name for f in codegen.glob("*/*.py")} == compiler._FOR_GPUS - {"legalize"} | {"cpu"}
    assert gpu.count("emitter.py") > cpu.count("emitter.py") > 0  # of cpu, ptx, spirv and cfamily
    assert gpu.count("ranges.py") > cpu.count("ranges.py") == 1  # of ptx besides that of the analyses


def test_a_compiler_in_an_archive(tmp_path, empty_cache) -> None:
    """It has no folder to look into: code is shared by those who have the same archive."""
    archive = shutil.make_archive(str(tmp_path / "all"), "zip", KDSL.parent, "kdsl")
    (tmp_path / "used.py").write_text(_ARCHIVED)
    for compiles in (True, False):
        done = subprocess.run([sys.executable, "used.py"], env={**os.environ, "PYTHONPATH": archive}, cwd=tmp_path,
                              text=True, capture_output=True, timeout=60)  # fmt: skip
        assert (done.returncode, done.stdout) == (0, f"True [1. 3. 5.] {compiles}\n"), done.stderr


_ARCHIVED = """
import sys
import numpy as np
import kdsl
from kdsl import Array, f32

@kdsl.kernel
def double(y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = 2.0 * f32(i) + y[i]

y = np.ones(3, np.float32)
double.over(3)(y)
print(kdsl.__file__.startswith(sys.path[1]) and ".zip" in kdsl.__file__, y, "llvmlite" in sys.modules)
"""
