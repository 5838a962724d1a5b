"""What the machine can do at most, measured by `peers/limits.c` in the same run; a process of its own, as peers have.

One idea: the bound of a row is a roof: the longer of the time to move its bytes and the time to do its arithmetic. Limits
are measured again after every row, and the best counts.

    limits.py        prints the limits as JSON
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from problems import Problem

__all__ = ["best_of", "bound_s", "measure_limits"]

_N = 1 << 24  # floats of each array: 64 MiB, more than a cache
_ROUNDS = 1 << 20


def bound_s(limits: dict, problem: Problem, work: dict) -> float:
    """Seconds that no program could beat; 0 if the row has no such bound."""
    if not limits:
        return 0.0
    return max(work["gb"] / limits[problem.mix], work["gflop"] / limits["gflops"])


def best_of(*measured: dict) -> dict:
    """The largest of each: what else runs on the machine can only make a limit look lower than it is."""
    names = {name for limits in measured for name in limits}
    return {name: max(limits[name] for limits in measured if name in limits) for name in sorted(names)}


def measure_limits(threads: int) -> dict:
    """GB/s of reading and of writing what was read elsewhere, and GFLOP/s; {} without a compiler or without AVX2."""
    env = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run([sys.executable, __file__], env=env, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def _main() -> None:
    from ctypes import c_double

    import numpy as np

    from peers.building import at, build, function, i32, i64, pointer

    library = build("limits")
    x, y, out = (np.ones(_N + 16, np.float32) for _ in range(3))
    x, y, out = (v[-at(v) % 64 // 4 :][:_N] for v in (x, y, out))
    stream = function(library, "stream", i32, i64, pointer, pointer, pointer, result=c_double)
    rate_of_fma = function(library, "fma_rate", i64, result=c_double)
    moved = {"read": (0, 8), "triad": (1, 12), "copy": (2, 8), "update": (3, 12)}
    rate = {name: _N * each * 1e-9 / stream(mix, _N, at(x), at(y), at(out)) for name, (mix, each) in moved.items()}
    print(json.dumps({**rate, "write": max(rate["triad"], rate["copy"], rate["update"]),
                      "gflops": rate_of_fma(_ROUNDS) * 1e-9}))  # fmt: skip


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    _main()
