"""Type checkers and editors understand a program that uses kdsl: `py.typed`, and the stubs of the language.

One idea: pyright is run as a user's editor runs it, over a program of ordinary use and over one with typical slips.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from toolbox import require_module

import kdsl

HERE = Path(__file__).parent
SLIPS = """\
import kdsl
from kdsl import Array, f32

@kdsl.kernel
def k(x: Array[f32, 1]):
    x[0] = kdsl.sqr(x[1])
    i = kdsl.global_id("x")
    kdsl.barrier(i)
    x.push(1.0)

k.ovre(3)
"""


def diagnostics(path: Path) -> list[dict[str, Any]]:
    require_module("pyright")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=path.parent)
    assert done.stdout.lstrip().startswith("{"), done.stdout + done.stderr
    return json.loads(done.stdout)["generalDiagnostics"]


def test_the_marker_and_the_stubs_are_there():
    package = Path(kdsl.__file__).parent
    assert (package / "py.typed").exists() and (package / "language" / "types.pyi").exists()


def test_the_stub_has_the_names_of_the_module():
    import ast

    import kdsl.language.types as module

    stub = ast.parse((HERE.parents[1] / "kdsl" / "language" / "types.pyi").read_text(encoding="utf-8"))
    names = {getattr(n, "name", None) or ast.unparse(getattr(n, "target", n)) for n in stub.body}
    assert set(module.__all__) <= names


def test_ordinary_use_has_no_errors():
    found = [f"{d['range']['start']['line'] + 1}: {d['message']}" for d in diagnostics(HERE / "typed_user.py")]
    assert not found, "\n".join(found)


def test_slips_are_errors(tmp_path):
    path = tmp_path / "slips.py"
    path.write_text(SLIPS, encoding="utf-8")
    # Where kdsl is installed editable, its place is found by an import hook, which type checkers do not run.
    settings = {"extraPaths": [str(Path(kdsl.__file__).parents[1])]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    lines = {d["range"]["start"]["line"] + 1 for d in diagnostics(path) if d["severity"] == "error"}
    assert lines == {6, 7, 8, 9, 11}


@pytest.mark.parametrize("name", ["saxpy", "many", "trace"])
def test_the_same_program_compiles(name, monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    import typed_user

    kernel = getattr(typed_user, name)
    given = {"unknown": kdsl.f32} if name == "trace" else {}
    assert kernel.compile(given).entry.symbol
