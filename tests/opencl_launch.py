"""Launches of OpenCL SPIR-V without kdsl's runtime, on PoCL: for tests of code.

One idea: PoCL 3.1 takes no SPIR-V itself, so llvm-spirv makes LLVM bitcode of it, which PoCL builds.
"""

from __future__ import annotations

import os
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from cpu_launch import diagnostic_buffer, pack_args
from toolbox import require_tool

from kdsl.artifact import Artifact
from kdsl.target import GPU_TARGETS, Target

__all__ = ["Job", "launch", "missing_opencl", "opencl", "opencl_target"]

Triple = tuple[int, int, int]
os.environ.setdefault("POCL_KERNEL_CACHE", "0")  # a run leaves no trace


@dataclass
class Job:
    """One launch: its code, NumPy arrays and scalars, blocks of the grid, threads (where the code is cut)."""

    artifact: Artifact
    args: Sequence[Any]
    grid: Triple
    threads: Triple
    diagnostics: np.ndarray | None = None


class OpenCL:
    """PoCL's processor device."""

    def __init__(self) -> None:
        import pyopencl as cl

        self.cl = cl
        platforms = [p for p in cl.get_platforms() if p.name == "Portable Computing Language" and " 3." in p.version]
        if not platforms:
            raise OSError("no PoCL among the OpenCL platforms")
        self.device = max(platforms, key=lambda p: p.version).get_devices()[0]
        self.context = cl.Context([self.device])
        self.queue = cl.CommandQueue(self.context)
        self.kernels: dict[bytes, Any] = {}

    def kernel(self, artifact: Artifact) -> Any:
        found = self.kernels.get(artifact.binary)
        if found is not None:
            return found
        if len(self.kernels) > 64:
            self.kernels.clear()
        with tempfile.TemporaryDirectory() as folder:
            module, bitcode = f"{folder}/k.spv", f"{folder}/k.bc"
            with open(module, "wb") as out:
                out.write(artifact.binary)
            run = [require_tool("llvm-spirv-15"), "-r", module, "-o", bitcode]
            done = subprocess.run(run, capture_output=True, check=False)
            assert done.returncode == 0, done.stderr.decode()
            with open(bitcode, "rb") as made:
                program = self.cl.Program(self.context, [self.device], [made.read()])
        built = program.build(options=["-x", "spir", "-spir-std=1.2", "-cl-fp32-correctly-rounded-divide-sqrt"])
        found = self.kernels[artifact.binary] = self.cl.Kernel(built, artifact.entry.symbol)
        return found

    def run(self, job: Job) -> None:
        """The launch, finished on return; arrays are written in place."""
        kernel, memory = self.kernel(job.artifact), _Memory(self)
        for k, value in enumerate(memory.parameters(job)):
            kernel.set_arg(k, value)
        local = job.artifact.metadata["local_size"]
        whole = [n * m for n, m in zip(job.grid, local)]  # type: ignore[call-overload]
        self.cl.enqueue_nd_range_kernel(self.queue, kernel, whole, local)
        self.queue.finish()
        memory.take_back()


class _Memory:
    """Copies of the arrays' whole memory, so that views keep their place."""

    def __init__(self, device: OpenCL) -> None:
        self.device = device
        self.buffers: dict[int, tuple[Any, np.ndarray]] = {}  # by the host address of their start

    def hold(self, data: np.ndarray) -> int:
        base = data
        while isinstance(base.base, np.ndarray):
            base = base.base
        start, end = np.lib.array_utils.byte_bounds(base) if base.size else (base.ctypes.data, base.ctypes.data)
        if start not in self.buffers:
            import ctypes

            whole = np.frombuffer((ctypes.c_char * max(end - start, 1)).from_address(start), np.uint8)
            flags = self.device.cl.mem_flags
            made = self.device.cl.Buffer(self.device.context, flags.READ_WRITE | flags.COPY_HOST_PTR, hostbuf=whole)
            self.buffers[start] = made, whole
        return start

    def parameters(self, job: Job) -> list[Any]:
        starts = {a.ctypes.data: self.hold(a) for a in job.args if isinstance(a, np.ndarray)}
        slots = pack_args(job.artifact, job.args)
        if job.artifact.entry.cut:
            slots += struct.pack("<3q", *job.threads)
        if job.artifact.sites:
            job.diagnostics = diagnostic_buffer() if job.diagnostics is None else job.diagnostics
            starts[job.diagnostics.ctypes.data] = self.hold(job.diagnostics)
            slots += struct.pack("<Qqq", job.diagnostics.ctypes.data, job.diagnostics.nbytes // 4, 4)
        words = struct.unpack(f"<{len(slots) // 8}Q", slots)
        pointers: Sequence[int] = job.artifact.metadata["pointers"]  # type: ignore[assignment]
        if job.artifact.metadata["arguments"] == "buffer":
            places = {k: starts[words[k]] for k in pointers}
            self.slots = np.array([w - places.get(k, 0) for k, w in enumerate(words)], np.uint64)
            return [self.buffers[self.hold(self.slots)][0], *[self.buffers[places[k]][0] for k in pointers]]
        out: list[Any] = []
        for k, word in enumerate(words):
            if k in pointers:
                start = starts[word]
                out += [self.buffers[start][0], np.uint64(word - start)]
            else:
                out.append(np.uint64(word))
        return out

    def take_back(self) -> None:
        for buffer, data in self.buffers.values():
            if data.flags.writeable:
                self.device.cl.enqueue_copy(self.device.queue, data, buffer)


@cache
def opencl() -> OpenCL:
    return OpenCL()


@cache
def opencl_target() -> Target:
    target = GPU_TARGETS["opencl:2.2"]
    return replace(target, has=target.has | {"exact_f32", "fast_fma"}, has_fma=True, subgroup_size=0)


@cache
def missing_opencl() -> str:
    """Why there is no device, or ""."""
    try:
        opencl()
    except ImportError:
        return "no OpenCL: the Python module pyopencl is not installed"
    except Exception as error:  # noqa: BLE001  pyopencl has errors of its own
        return f"no OpenCL device: {error}"
    return ""


def launch(artifact: Artifact, args: Sequence[Any], grid: Triple, threads: Triple) -> None:
    opencl().run(Job(artifact, args, grid, threads))
