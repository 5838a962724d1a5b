"""Modules: SPIR-V given to the driver, or LLVM bitcode that llvm-spirv makes of it, which PoCL takes as "SPIR".

One idea: what llvm-spirv made is kept on disk by the module's own words, since starting it takes tens of milliseconds.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from typing import Any

from ...artifact import Artifact
from ...diagnostics import DeviceError
from .. import keep, kept
from .platforms import pyopencl, takes_spirv, translator

__all__ = ["Module", "build"]

_EXACT = "-cl-fp32-correctly-rounded-divide-sqrt"


class Module:
    """A built program; queues make kernels of it, since a kernel holds its arguments."""

    __slots__ = ("artifact", "program")

    def __init__(self, artifact: Artifact, program: Any) -> None:
        self.artifact = artifact
        self.program = program


def build(context: Any, device: Any, artifact: Artifact) -> Module:
    """`DeviceError` with the driver's words where it refuses the module."""
    cl = pyopencl()
    options = [_EXACT] if device.single_fp_config & cl.device_fp_config.CORRECTLY_ROUNDED_DIVIDE_SQRT else []
    if takes_spirv(device):
        program = cl.Program(context, artifact.binary)
    else:
        program = cl.Program(context, [device], [_bitcode(artifact.binary)])
        options += ["-x", "spir", "-spir-std=1.2"]
    try:
        return Module(artifact, program.build(options=options, devices=[device], cache_dir=False))
    except cl.Error as e:
        raise DeviceError(f"OpenCL: {device.name.strip()} does not build kernel {artifact.entry.name}: {e}\n"
                          "  = help: please report it, with the driver's version that `kdsl doctor` prints") from None  # fmt: skip


def _bitcode(words: bytes) -> bytes:
    name = f"opencl-{hashlib.sha256(words).hexdigest()}"
    found = kept(name)
    if found is None:
        found = _translated(words)
        keep(name, found)
    return found


def _translated(words: bytes) -> bytes:
    program = translator()
    if not program:
        raise DeviceError("this OpenCL driver takes no SPIR-V, and there is no llvm-spirv to make bitcode of it\n"
                          "  = help: install Debian's llvm-spirv-15, or the SPIRV-LLVM-Translator of your LLVM")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="kdsl-") as folder:
        source, made = os.path.join(folder, "kernel.spv"), os.path.join(folder, "kernel.bc")
        with open(source, "wb") as out:
            out.write(words)
        done = subprocess.run([program, "-r", source, "-o", made], capture_output=True, check=False)
        if done.returncode:
            raise DeviceError(f"{program} fails: {done.stderr.decode(errors='replace').strip()[:2000]}")
        with open(made, "rb") as result:
            return result.read()
