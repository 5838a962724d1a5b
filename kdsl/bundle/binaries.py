"""Machine code of GPUs, by the vendors' own assemblers: `kdsl build --binary`.

One idea: machine code is for one architecture, so it stands beside the text that it was made of: a device of just that architecture
loads it without compiling anything, and every other one compiles the text, as without it. (A library of Metal's is for every GPU
of Apple's that has the version of the language; what is left to do there is the smaller part of compiling.) Which bytes come out
depends on the tool's version, so builds with machine code are the same only where the tools are.
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

FORMATS = {"cuda": "cubin", "hip": "hsaco", "metal": "metallib"}  # backend -> the format of its machine code
_SETS = {"cuda": "CUDA's ptxas", "hip": "ROCm's hipcc", "metal": "Xcode's xcrun"}
_INSTALL = {
    "cuda": "install the CUDA toolkit, or `pip install nvidia-cuda-nvcc`; KDSL_PTXAS names one that is not on the PATH",
    "hip": "install ROCm; KDSL_HIPCC names a hipcc that is not on the PATH",
    "metal": "Metal's compiler comes with Xcode, on Macs alone; KDSL_XCRUN names an xcrun that is not on the PATH",
}
# Version of Metal's language -> what `metal` calls it, and the first macOS that has it.
_METAL = {"2.4": ("macos-metal2.4", "12.0"), "3.0": ("metal3.0", "13.0"), "3.1": ("metal3.1", "14.0"), "3.2": ("metal3.2", "15.0")}
_MOST_LINES = 12


@dataclass(frozen=True)
class Tool:
    """A vendor's assembler: its path."""

    backend: str
    path: str

    def commands(self, target: Target, made: Artifact, source: str, out: str) -> list[list[str]]:
        """What to run, one after the other."""
        if self.backend == "cuda":
            return [[self.path, f"-arch={target.arch}", "-o", out, source]]
        if self.backend == "metal":
            standard, system = _METAL[target.arch]
            run = [self.path, "-sdk", "macosx"]
            # As the runtime has texts compiled: see `kdsl.runtime.bindings.metal`.
            options = [f"-std={standard}", f"-mmacosx-version-min={system}", "-fno-fast-math"]
            return [[*run, "metal", *options, "-c", source, "-o", "kernel.air"], [*run, "metallib", "kernel.air", "-o", out]]
        given: Any = made.metadata.get("options", ())
        return [[self.path, "--genco", f"--offload-arch={target.arch}", *given, "-include", "hip/hip_runtime.h", "-o", out,
                 source]]  # fmt: skip


def tools_for(targets: Iterable[Target]) -> dict[str, Tool]:
    """The tools for those of the targets that have machine code, by backend. K684 for one that is missing."""
    out: dict[str, Tool] = {}
    for backend in dict.fromkeys([t.backend for t in targets if t.backend in FORMATS]):
        path = {"cuda": _ptxas, "hip": _hipcc, "metal": _xcrun}[backend]()
        if not path:
            refuse("K684", None, f"--binary makes machine code for {backend} with {_SETS[backend]}, which is not here",
                   help=f"{_INSTALL[backend]}; without --binary the GPU's driver compiles on the user's machine")  # fmt: skip
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


def _xcrun() -> str:
    """`xcrun`, where it finds Metal's tools: they are a part of Xcode that may not be installed."""
    found = _named("KDSL_XCRUN") or shutil.which("xcrun") or ""
    for tool in ("metal", "metallib") if found else ():
        try:
            said = _run([found, "-sdk", "macosx", "--find", tool])
        except OSError as error:
            said = str(error)
        if said:
            refuse("K684", None, f"--binary makes machine code for metal with {tool}, which xcrun does not find: "
                   f"{said.splitlines()[0]}",
                   help="install Xcode, choose it with `xcode-select --switch`, and get its Metal toolchain with "
                   "`xcodebuild -downloadComponent MetalToolchain`")  # fmt: skip
    return found


def _run(command: list[str], folder: str | None = None) -> str:
    """What a program that fails says; "" of one that does not."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
    return (done.stderr or done.stdout).strip() or f"exit code {done.returncode}" if done.returncode else ""


def machine_code(tool: Tool, target: Target, made: Artifact) -> bytes:
    """The machine code of an artifact's text. K684 where the tool does not make it."""
    suffix = {"cuda": ".ptx", "hip": ".hip", "metal": ".metal"}[tool.backend]
    with tempfile.TemporaryDirectory(prefix="kdsl-") as folder:
        # A file name of no meaning, so that it may stand in the code and builds stay the same.
        source, out = os.path.join(folder, f"kernel{suffix}"), os.path.join(folder, "kernel.bin")
        Path(source).write_bytes(made.binary)
        try:
            for command in tool.commands(target, made, os.path.basename(source), os.path.basename(out)):
                said = _run(command, folder)
                if said:
                    break
            else:
                return Path(out).read_bytes()
        except OSError as error:
            said = str(error)
    refuse("K684", None, f"{os.path.basename(tool.path)} makes no machine code of {made.entry.name} for {target}:\n"
           + "\n".join([f"  {line}" for line in said.splitlines()[:_MOST_LINES]]),
           help="a tool may be too old for an architecture: update it, or build that target without --binary")  # fmt: skip
