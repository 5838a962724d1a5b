"""Several workers that share out the tests of some modules on one device.

One idea: a worker is trusted with one test at a time. One that ends, or does not answer in time, costs that test and is replaced.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import NamedTuple

__all__ = ["Outcome", "run_modules"]

ROOT = Path(__file__).resolve().parents[2]
START_S = 120.0  # until a worker has imported its modules and opened the device


class Outcome(NamedTuple):
    """How a test ended: "passed", "failed", "skipped", "crashed", "hung", "not run"."""

    name: str
    outcome: str
    text: str = ""
    seconds: float = 0.0


class Worker:
    """A process; `tests` are the names that it knows."""

    def __init__(self, device: str, modules: list[str], environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.check_gpu.worker", device, *modules]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
                                      env={**os.environ, **environment})  # fmt: skip
        self.said: deque[str] = deque(maxlen=30)
        threading.Thread(target=self._listen, daemon=True).start()
        reply = self.receive(START_S)
        self.tests: list[str] = reply["tests"] if reply else []
        self.works = reply is not None

    def _listen(self) -> None:
        """Keep the end of what it says, and never let its pipe fill up."""
        assert self.child.stderr
        for line in self.child.stderr:
            self.said.append(line.decode(errors="replace").rstrip())

    def receive(self, seconds: float) -> dict | None:
        """A reply; None when the process ended or did not answer."""
        assert self.child.stdout
        ready, _, _ = select.select([self.child.stdout], [], [], max(seconds, 0.0))
        line = self.child.stdout.readline() if ready else b""
        return json.loads(line) if line else None

    def ask(self, name: str, seconds: float) -> Outcome:
        assert self.child.stdin
        start = time.perf_counter()
        try:
            self.child.stdin.write(json.dumps(name).encode() + b"\n")
            self.child.stdin.flush()
            reply = self.receive(seconds)
        except OSError:
            reply = None
        took = time.perf_counter() - start
        if reply is not None:
            self.works = not reply["lost"]
            return Outcome(name, reply["outcome"], reply["text"], reply["seconds"])
        self.works = False
        if took >= seconds - 0.5 and self.child.poll() is None:
            return Outcome(name, "hung", f"no answer in {took:.0f} s", took)
        self.child.wait(10)
        return Outcome(name, "crashed", f"ended with {self.child.returncode}\n" + "\n".join(self.said), took)

    def end(self) -> None:
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()


def run_modules(device: str, modules: list[str], *, count: int, deadline: float, patience_s: float = 90.0,
                only: str = "", environment: dict[str, str] | None = None) -> list[Outcome]:  # fmt: skip
    """Every test of the modules on the device, by `count` workers. Ends at `deadline` (of `time.monotonic`)."""
    environment = environment or {}
    first = Worker(device, modules, environment)
    if not first.works:
        first.end()
        return [Outcome(modules[0], "crashed", "the worker does not start\n" + "\n".join(first.said))]
    todo = deque([t for t in first.tests if only in t])
    outcomes: list[Outcome] = []
    spare = [first]

    def work() -> None:
        worker = spare.pop() if spare else None
        while True:
            try:
                name = todo.popleft()
            except IndexError:
                break
            left = deadline - time.monotonic()
            if left < 1:
                outcomes.append(Outcome(name, "not run", "the time was up"))
                continue
            if worker is None or not worker.works:
                if worker is not None:
                    worker.end()
                worker = Worker(device, modules, environment)
            outcomes.append(worker.ask(name, min(patience_s, left)))
        if worker is not None:
            worker.end()

    threads = [threading.Thread(target=work) for _ in range(max(1, min(count, len(todo))))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
