"""Which peers there are, and their processes: started when first needed, asked by a line of JSON, ended together.

One idea: a peer that is missing, fails, crashes or hangs is a reason that is printed once; the others go on.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["PEERS", "Gone", "Peer", "Process", "processor_seconds"]

HERE = Path(__file__).parent
PATIENCE_S = 240.0  # torch compiles for a while


def _svml() -> Path:
    """The environment with a numba whose llvmlite is built for SVML; `make bench` makes it, see the Makefile."""
    return Path(os.environ.get("KDSL_BENCH_SVML_VENV") or Path(sys.prefix, "numba-svml"))


@dataclass(frozen=True)
class Peer:
    """A row of `PEERS`: the module under peers/, and how its process differs from this one's."""

    title: str
    module: str
    env: dict[str, str] = field(default_factory=dict)
    python: Callable[[], Path] = lambda: Path(sys.executable)


PEERS = {
    "kdsl": Peer("kdsl", "peers.kdsl"),
    "c": Peer("C, OpenMP", "peers.c"),
    "intrinsics": Peer("intrinsics", "peers.intrinsics"),
    "numba": Peer("numba", "peers.numba"),
    "numba-svml": Peer("numba, SVML", "peers.numba", {"KDSL_BENCH_SVML": "1", "LD_LIBRARY_PATH": f"{_svml()}/lib"},
                       lambda: _svml() / "bin" / "python"),
    "opencl-intel": Peer("OpenCL, Intel", "peers.opencl", {"KDSL_BENCH_OPENCL": "Intel"}),
    "opencl-pocl": Peer("OpenCL, PoCL", "peers.opencl", {"KDSL_BENCH_OPENCL": "Portable"}),
    "halide": Peer("Halide", "peers.halide"),
    "taichi": Peer("Taichi", "peers.taichi"),
    "warp": Peer("Warp", "peers.warp"),
    "jax": Peer("JAX", "peers.jax"),
    "torch": Peer("torch.compile", "peers.torch"),
}  # fmt: skip


class Gone(Exception):
    """The peer cannot go on; the text says why."""


class Process:
    """A peer's worker. `threads` is told to every runtime by the name it listens to."""

    def __init__(self, peer: Peer, threads: int, scratch: Path):
        if not peer.python().exists():
            raise Gone(f"no {peer.python()}")
        self.kernels: list[str] = []
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # for as long as the process lives
        names = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "KDSL_NUM_THREADS", "HL_NUM_THREADS", "MKL_NUM_THREADS",
                 "POCL_MAX_PTHREAD_COUNT", "KDSL_BENCH_THREADS")  # fmt: skip
        env = {**os.environ, **{name: str(threads) for name in names}, **peer.env}
        env["KDSL_CACHE_DIR"] = str(scratch / "cache")  # not code that another state of kdsl's sources has left
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HERE.parent), env.get("PYTHONPATH")]))
        command = [str(peer.python()), str(HERE / "worker.py"), peer.module, str(scratch)]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, env=env)

    def send(self, do: str, **arguments: object) -> None:
        assert self.child.stdin
        try:
            self.child.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
            self.child.stdin.flush()
        except BrokenPipeError:
            pass  # `receive` finds out, and why

    def receive(self) -> dict:
        """The reply to what was sent; raises Gone if there will be none, or if it says that the peer failed."""
        assert self.child.stdout
        ready, _, _ = select.select([self.child.stdout], [], [], PATIENCE_S)
        line = self.child.stdout.readline() if ready else b""
        if not line:
            hung = self.child.poll() is None and not ready
            self.end()
            self.errors.seek(0)
            said = self.errors.read().strip().splitlines()[-1:]
            raise Gone(f"no answer in {PATIENCE_S:.0f} s" if hung else f"ended with {self.child.returncode}: {' '.join(said)}")
        reply = json.loads(line)
        if reason := reply.get("failed") or reply.get("unavailable"):
            raise Gone(reason)
        return reply

    def ask(self, do: str, **arguments: object) -> dict:
        self.send(do, **arguments)
        return self.receive()

    def end(self) -> None:
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()


def processor_seconds(pid: int) -> float:
    """What the process's threads have used of the processors so far; 0 where the kernel does not say."""
    total = 0
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(path.read_text().split()[0])
        except (OSError, IndexError):
            continue
    return total * 1e-9
