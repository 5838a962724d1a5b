"""Start-up: what `import kdsl` costs beyond NumPy, what a kernel's first call costs with and without a cache, and memory.

One idea: medians over fresh processes, of kdsl as it is once installed: with its bytecode. "Imports apart" is done by asking
one process which modules the first call loads, and importing those before the clock starts in the processes that are
timed.
"""

from __future__ import annotations

import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Measure", "measure"]

_PROBE = Path(__file__).with_name("startup_probe.py")
_HEAVY = ("llvmlite", "lark")


@dataclass(frozen=True)
class Measure:
    """One line of the table: what, its median, and what it may be at most (None: no target)."""

    name: str
    value: float
    unit: str
    limit: float | None
    note: str = ""

    @property
    def kept(self) -> bool:
        return self.limit is None or self.value <= self.limit


def _run(*arguments: str, cache: str) -> dict:
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, "KDSL_CACHE_DIR": cache, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    done = subprocess.run([sys.executable, str(_PROBE), *arguments], env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"startup_probe.py {' '.join(arguments)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def _heavy(modules: list[str]) -> str:
    found = sorted({name.split(".")[0] for name in modules} & set(_HEAVY))
    return f"LOADS {', '.join(found)}" if found else "loads neither llvmlite nor lark"


def measure(runs: int) -> list[Measure]:
    """All start-up measures, each the median of `runs` fresh processes."""
    compileall.compile_dir(Path(__file__).parents[1] / "kdsl", quiet=2)  # also where PYTHONDONTWRITEBYTECODE is set
    with tempfile.TemporaryDirectory() as root:
        used = iter(range(1_000_000))

        def empty() -> str:
            return str(Path(root, str(next(used))))

        def cold(kernel: str) -> float:
            """With an empty cache; what it imports is imported before the clock starts."""
            needed = [m for m in _run(kernel, cache=empty())["modules"] if not m.startswith("_")]
            return statistics.median(_run(kernel, *needed, cache=empty())["ms"] for _ in range(runs))

        imports = [_run("import", cache=empty()) for _ in range(runs)]
        first, long = cold("saxpy"), cold("long")
        cache = empty()
        _run("saxpy", cache=cache)
        warm = [_run("saxpy", cache=cache) for _ in range(runs)]
        alone = [_run("numpy", cache=cache)["mb"] for _ in range(runs)]

    middle = statistics.median
    return [
        Measure("import kdsl, beyond NumPy", middle(r["ms"] for r in imports), "ms", 20.0, _heavy(imports[0]["modules"])),
        Measure("first saxpy, empty cache, imports apart", first, "ms", 30.0),
        Measure("first saxpy, warm cache, after import kdsl", middle(r["ms"] for r in warm), "ms", 3.0,
                _heavy(warm[0]["modules"])),
        Measure("a kernel of 100 lines, empty cache, imports apart", long, "ms", 100.0),
        Measure("memory of the process, above NumPy alone", middle(r["mb"] for r in warm) - middle(alone), "MB", 15.0,
                "saxpy from the cache"),
    ]  # fmt: skip
