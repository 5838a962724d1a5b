"""NVIDIA's assembler for tests: where it is, and what it says of a text.

One idea: `ptxas` from a toolkit or from PyPI (`nvidia-cuda-nvcc`) is the judge of every PTX text; it needs no GPU.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from toolbox import missing

__all__ = ["ARCHITECTURES", "Resources", "assemble", "resources"]

# What is checked of sm_70 to sm_121a: the assemblers of today begin with sm_75.
ARCHITECTURES = ("sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120")


@cache
def _assembler() -> str:
    found = importlib.util.find_spec("nvidia")
    for folder in found.submodule_search_locations or () if found else ():
        for path in sorted(Path(folder).glob("*/bin/ptxas")):
            return str(path)
    return shutil.which("ptxas") or ""


def assemble(text: str, arch: str, *options: str) -> str:
    """What the assembler says of a text (with -v: resources); raises AssertionError where it does not take it."""
    program = _assembler() or missing("no ptxas: neither of a CUDA toolkit nor of the package nvidia-cuda-nvcc")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kernel.ptx"
        path.write_text(text)
        command = [program, "-v", f"-arch={arch}", *options, "-o", str(path.with_suffix(".cubin")), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [int(n) for n in re.findall(r"line (\d+)", done.stderr)]
        shown = text.splitlines()
        about = "\n".join(f"{n}: {shown[n - 1]}" for n in lines[:8] if n <= len(shown))
        raise AssertionError(f"ptxas -arch={arch}:\n{done.stderr[:3000]}\n{about}")
    return done.stderr


@dataclass(frozen=True)
class Resources:
    """What a kernel takes: registers, bytes of local memory and of spills, bytes of static shared memory."""

    registers: int
    stack_bytes: int
    spill_bytes: int
    shared_bytes: int


def resources(said: str) -> dict[str, Resources]:
    """By kernel, from what `assemble` gave."""
    out: dict[str, Resources] = {}
    for part in said.split("Compiling entry function '")[1:]:
        name = part.split("'")[0]

        def number(pattern: str, part: str = part) -> int:
            found = re.search(pattern, part)
            return int(found.group(1)) if found else 0

        spills = number(r"(\d+) bytes spill stores") + number(r"(\d+) bytes spill loads")
        registers, stack = number(r"Used (\d+) registers"), number(r"(\d+) bytes stack frame")
        out[name] = Resources(registers, stack, spills, number(r"(\d+) bytes smem"))
    return out
