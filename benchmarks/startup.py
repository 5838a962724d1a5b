"""Start-up: what `import kdsl` costs beyond numpy, and what a kernel's first call costs with and without a cache.

One idea: medians over fresh processes. "Imports apart" is done by asking one process which modules the first call
loads, and importing those before the clock starts in the processes that are timed.
"""

from __future__ import annotations

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
    """One line of the table: what, its median in ms, and what it may be at most (None: no promise)."""

    name: str
    ms: float
    limit_ms: float | None
    note: str = ""

    @property
    def kept(self) -> bool:
        return self.limit_ms is None or self.ms <= self.limit_ms


def _run(*arguments: str, cache: str) -> dict:
    env = {**os.environ, "KDSL_CACHE_DIR": cache}
    done = subprocess.run([sys.executable, str(_PROBE), *arguments], env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"startup_probe.py {' '.join(arguments)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def measure(runs: int) -> list[Measure]:
    """All start-up measures, each the median of `runs` fresh processes."""
    with tempfile.TemporaryDirectory() as root:
        used = iter(range(1_000_000))

        def empty() -> str:
            return str(Path(root, str(next(used))))

        imports = [_run("import", cache=empty()) for _ in range(runs)]
        loaded = imports[0]["modules"]
        heavy = [name for name in loaded if name.split(".")[0] in _HEAVY]
        note = f"{len(loaded)} modules" + (f", LOADS {', '.join(heavy)}" if heavy else ", neither llvmlite nor lark")

        needed = [m for m in _run("first-call", cache=empty())["modules"] if not m.startswith("_")]
        cold = [_run("first-call", *needed, cache=empty())["ms"] for _ in range(runs)]
        warm_cache = empty()
        warm_needed = [m for m in _run("first-call", cache=warm_cache)["modules"] if not m.startswith("_")]
        warm_all = [_run("first-call", cache=warm_cache) for _ in range(runs)]
        warm = [_run("first-call", *warm_needed, cache=warm_cache)["ms"] for _ in range(runs)]

    middle = statistics.median
    heavy_warm = any(name.split(".")[0] in _HEAVY for name in warm_all[0]["modules"])
    return [
        Measure("import kdsl, beyond numpy", middle(r["ms"] for r in imports), 30.0, note),
        Measure("saxpy, first call, empty cache, imports apart", middle(cold), 40.0),
        Measure("saxpy, first call, warm cache, imports apart", middle(warm), None),
        Measure("saxpy, first call, warm cache, all of it", middle(r["ms"] for r in warm_all), None,
                "loads llvmlite or lark" if heavy_warm else "without llvmlite and lark"),
    ]  # fmt: skip
