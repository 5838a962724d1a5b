"""Files that change while a program runs: a module that is loaded again has kernels of the new text, and a function whose text
has gone says so, whether the front end would be asked or the cache.
"""

from __future__ import annotations

import importlib
import itertools
import linecache
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import kdsl
from kdsl import CompileError, compiler

HEAD = "import kdsl\nfrom kdsl import Array, f32, i32\n\n"
Write = Callable[[str], None]


@pytest.fixture(params=["cache", "no cache"])
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Write]:
    """Writes the module `changing`, each time as if a second had passed."""
    monkeypatch.setenv("KDSL_CACHE_DIR", str(tmp_path / "cache"))
    if request.param == "no cache":
        monkeypatch.setenv("KDSL_CACHE_SIZE", "0")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(tmp_path))
    compiler.reset_cache()
    path, seconds = tmp_path / "changing.py", itertools.count()

    def write(body: str) -> None:
        path.write_text(HEAD + body)
        ns = path.stat().st_mtime_ns + next(seconds) * 1_000_000_000
        os.utime(path, ns=(ns, ns))
        importlib.invalidate_caches()

    yield write
    sys.modules.pop("changing", None)
    compiler.reset_cache()


def kernel(line: str, name: str = "k") -> str:
    return f"@kdsl.kernel\ndef {name}(y: Array):\n    t = 1.0\n    {line}\n    y[kdsl.global_id(0)] = y[0] + t\n"


def load() -> ModuleType:
    return importlib.reload(sys.modules["changing"]) if "changing" in sys.modules else importlib.import_module("changing")


def result(k: kdsl.Kernel, element: type = np.float32) -> float:
    y = np.full(1, 7, element)
    k.over(1)(y)
    return float(y[0])


CHANGES = [("t = 2.0", 9.0), ("t = 3.0", 10.0), ("t = y[0] + 4.0", 18.0), ("t = y[0] - 4.0", 10.0), ("t: f32 = 5", 12.0),
           ("t: i32 = 5", 12.0), ("t: i32 = 6", 13.0),
           ("t = kdsl.exp(y[0] * 0.0)", 8.0), ("t = kdsl.sin(y[0] * 0.0)", 7.0)]  # fmt: skip


def test_a_module_that_is_loaded_again(write: Write) -> None:
    for line, want in [*CHANGES, *reversed(CHANGES)]:
        write(kernel(line))
        assert result(load().k) == want, line


def test_a_helper_that_changed(write: Write) -> None:
    for number in (1.0, 2.0, 1.0):
        write(f"@kdsl.func\ndef more(x):\n    return x + {number}\n\n" + kernel("t = more(0.0)"))
        assert result(load().k) == 7.0 + number


def test_a_kernel_is_not_made_of_another_text(write: Write) -> None:
    """Not launched before the file changed; and launched, with other types behind it."""
    write(kernel("t = 1.0"))
    k = load().k
    for line in ("t = 2.0", "t = y[0]", "pass"):
        write(kernel(line))
        with pytest.raises(CompileError, match="K100"):
            result(k)
    write(kernel("t = 1.0") + "\n# moved nothing\n")
    assert result(k) == 8.0
    write("\n" + kernel("t = 2.0"))
    assert result(k, np.float64) == 8.0
    new = load().k
    assert (result(new), result(k), result(k, np.int32)) == (9.0, 8.0, 8.0)


def test_a_file_that_is_gone(write: Write) -> None:
    write(kernel("t = 1.0"))
    k = load().k
    assert result(k) == 8.0
    os.remove(sys.modules["changing"].__file__ or "")
    assert result(k, np.float64) == 8.0


def test_another_text_of_one_name() -> None:
    """As of cells that somebody else gives names to."""
    for number in (1.0, 2.0, 1.0):
        text = HEAD + kernel(f"t = {number}")
        linecache.cache["<a cell>"] = (len(text), None, text.splitlines(keepends=True), "<a cell>")
        space: dict[str, kdsl.Kernel] = {}
        exec(compile(text, "<a cell>", "exec"), space)
        assert result(space["k"]) == 7.0 + number


def test_asserts_that_pytest_has_put_otherwise(write: Write) -> None:
    import _pytest.assertion.rewrite as rewrite

    text = "@kdsl.kernel\ndef k(y: Array):\n    assert y.shape[0] > 0, 'none'\n    y[0] = {}\n"
    write(text.format("3.0"))
    space: dict[str, kdsl.Kernel] = {}
    file = Path(importlib.util.find_spec("changing").origin or "")  # type: ignore[union-attr]
    tree = rewrite.ast.parse(file.read_bytes())
    rewrite.rewrite_asserts(tree, file.read_bytes(), str(file))
    exec(compile(tree, str(file), "exec"), space)
    write(text.format("4.0"))
    with pytest.raises(CompileError, match="K100"):
        result(space["k"])
    write(text.format("3.0"))
    assert result(space["k"]) == 3.0
