"""One peer's process: it is told what to prepare and when to run, and says how long that took.

One idea: runtimes do not share a process (their OpenMPs, LLVMs and thread pools would meet), and a peer whose turn it is
not sleeps in `readline`. Requests come on standard input and replies go to standard output, a line of JSON each; what
the peer itself prints goes to standard error.

    worker.py MODULE THREADS SCRATCH
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from problems import PROBLEMS, Case, Problem

clock = time.process_time if os.environ.get("KDSL_BENCH_CLOCK") == "processor" else time.perf_counter
CHUNK = 1 << 20  # elements compared at a time
LONG_S = 0.1  # a run of this length is timed once in a turn
AT_LEAST_S = 0.04  # of one turn's timed runs together, if there may be as many
WARM_S = 0.15  # of runs before any is timed: runtimes compile, and start threads, in their first runs, not only in the very first


def difference(problem: Problem, got: np.ndarray, want: np.ndarray) -> float:
    """How far apart two outputs are, as `problem.limit` counts it. NaN if one is NaN."""
    got, want = got.reshape(-1), want.reshape(-1)
    if got.size != want.size:
        raise ValueError(f"{got.size} elements instead of {want.size}")
    worst, largest, other = 0.0, 0.0, 0
    for i in range(0, want.size, CHUNK):
        g, w = got[i : i + CHUNK], want[i : i + CHUNK]
        if problem.counts:
            other += int(np.count_nonzero(g != w))
        else:
            worst = float(np.maximum(worst, np.max(np.abs(g - w))))
            largest = max(largest, float(np.max(np.abs(w))))
    return other / want.size if problem.counts else worst / largest


class Worker:
    def __init__(self, module: str, scratch: Path):
        self.peer = importlib.import_module(module)
        self.scratch = scratch
        self.go: Callable[[], object] = lambda: None
        self.case: Case = {}
        self.calls = 1

    def hello(self) -> dict:
        reason = self.peer.unavailable()
        return {"unavailable": reason} if reason else {"version": self.peer.version(), "kernels": sorted(self.peer.KERNELS)}

    def prepare(self, name: str, size: int) -> dict:
        """Makes inputs, compiles, runs, says how far the answer is from the expected one, and goes on until the runtime is warm."""
        problem = PROBLEMS[name]
        self.drop()
        self.case = problem.make(size, self.scratch)
        self.go = self.peer.KERNELS[problem.kernel](self.case)
        self.calls = problem.calls(self.case)
        outputs = self.go() or self.case
        apart = [
            difference(problem, np.asarray(outputs[output]), np.load(self.scratch / f"{name}-{output}.npy", mmap_mode="r"))
            for output in problem.outputs
        ]
        start = time.perf_counter()
        while time.perf_counter() - start < WARM_S:
            self.go()
        return {"apart": float(np.max(apart))}

    def turn(self, runs: int) -> dict:
        """One run that is not counted, which wakes threads, then up to `runs` that are: two at least, or a long one."""
        gc.disable()
        self.go()
        seconds: list[float] = []
        while len(seconds) < 2 - (sum(seconds) > LONG_S) or (len(seconds) < runs and sum(seconds) < AT_LEAST_S):
            start = clock()
            self.go()
            seconds.append(clock() - start)
        gc.enable()
        return {"seconds": [s / self.calls for s in seconds]}

    def drop(self) -> dict:
        """Lets go of the last problem's memory."""
        self.go, self.case = lambda: None, {}
        gc.collect()
        return {}


def main() -> None:
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    worker = Worker(sys.argv[1], Path(sys.argv[2]))
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = getattr(worker, request.pop("do"))(**request)
        except Exception as e:  # noqa: BLE001  # whatever a peer raises is a reason to leave it out, not to stop
            reply = {"failed": f"{type(e).__name__}: {e}"}
        print(json.dumps(reply), file=replies, flush=True)


if __name__ == "__main__":
    main()
