"""Machine code of GPUs, by the vendors' own assemblers: `kdsl build --binary`.

One idea: machine code is for one architecture, so it stands beside the text that it was made of: a device of just that architecture
loads it without compiling anything, and every other one compiles the text, as without it. Which bytes come out depends on the
tool's version, so builds with machine code are the same only where the tools are.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..artifact import Artifact
from ..diagnostics import refuse
from ..target import Target

__all__ = ["FORMATS", "Tool", "machine_code", "tools_for"]

FORMATS = {"cuda": "cubin", "hip": "hsaco"}  # backend -> the format of its machine code
_SETS = {"cuda": "CUDA's ptxas", "hip": "ROCm's hipcc"}
_MOST_LINES = 12


@dataclass(frozen=True)
class Tool:
    """A vendor's assembler: its path."""

    backend: str
    path: str

    def command(self, target: Target, made: Artifact, source: str, out: str) -> list[str]:
        if self.backend == "cuda":
            return [self.path, f"-arch={target.arch}", "-o", out, source]
        options: Any = made.metadata.get("options", ())
        return [self.path, "--genco", f"--offload-arch={target.arch}", *options, "-include", "hip/hip_runtime.h", "-o", out,
                source]  # fmt: skip


def tools_for(targets: Iterable[Target]) -> dict[str, Tool]:
    """The tools for those of the targets that have machine code, by backend. K684 for one that is missing."""
    out: dict[str, Tool] = {}
    for backend in dict.fromkeys([t.backend for t in targets if t.backend in FORMATS]):
        path = _ptxas() if backend == "cuda" else _hipcc()
        if not path:
            install = {
                "cuda": "install the CUDA toolkit, or `pip install nvidia-cuda-nvcc`; KDSL_PTXAS names one that is not on the PATH",
                "hip": "install ROCm; KDSL_HIPCC names a hipcc that is not on the PATH",
            }[backend]
            refuse("K684", None, f"--binary makes machine code for {backend} with {_SETS[backend]}, which is not here",
                   help=f"{install}; without --binary the GPU's driver compiles on the user's machine")  # fmt: skip
        out[backend] = Tool(backend, path)
    return out


def _named(variable: str) -> str:
    path = os.environ.get(variable, "")
    if path and not os.path.isfile(path):
        refuse("K684", None, f"{variable} is {path!r}, which is no file", help="name the program itself, or unset it")
    return path


def _ptxas() -> str:
    found = _named("KDSL_PTXAS") or shutil.which("ptxas")
    if found:
        return found
    roots = [os.environ.get("CUDA_HOME", ""), os.environ.get("CUDA_PATH", ""), "/usr/local/cuda"]
    package = importlib.util.find_spec("nvidia")
    wheels = [p for f in package.submodule_search_locations or () for p in sorted(Path(f).glob("*/bin/ptxas"))] if package else []
    there = [*[Path(r) / "bin" / "ptxas" for r in roots if r], *wheels]
    return next((str(p) for p in there if p.is_file()), "")


def _hipcc() -> str:
    found = _named("KDSL_HIPCC") or shutil.which("hipcc")
    roots = [os.environ.get("ROCM_PATH", ""), "/opt/rocm"]
    return found or next((p for r in roots if r and os.path.isfile(p := os.path.join(r, "bin", "hipcc"))), "")


def machine_code(tool: Tool, target: Target, made: Artifact) -> bytes:
    """The machine code of an artifact's text. K684 where the tool does not make it."""
    suffix = {"cuda": ".ptx", "hip": ".hip"}[tool.backend]
    with tempfile.TemporaryDirectory(prefix="kdsl-") as folder:
        # A file name of no meaning, so that it may stand in the code and builds stay the same.
        source, out = os.path.join(folder, f"kernel{suffix}"), os.path.join(folder, "kernel.bin")
        Path(source).write_bytes(made.binary)
        command = tool.command(target, made, os.path.basename(source), os.path.basename(out))
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
            if not done.returncode:
                return Path(out).read_bytes()
            said = (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
        except OSError as error:
            said = str(error)
    refuse("K684", None, f"{os.path.basename(tool.path)} makes no machine code of {made.entry.name} for {target}:\n"
           + "\n".join([f"  {line}" for line in said.splitlines()[:_MOST_LINES]]),
           help="a tool may be too old for an architecture: update it, or build that target without --binary")  # fmt: skip
