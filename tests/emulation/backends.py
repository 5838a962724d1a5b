"""HIP and Metal as backends of the conformance suite: their texts, executed on the CPU.

One idea: many functions are compiled together, because starting a compiler costs more than a kernel does. `prepare` takes what
will be run soon; what was not prepared is compiled alone. Texts of two targets that differ in their comments only are one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from conformance.base import Backend, Job, Triple, Unsupported, expand_threads, job

from emulation.arguments import Packed, packed
from emulation.executor import Memory
from kdsl.artifact import Artifact
from kdsl.diagnostics import CompileError
from kdsl.ir import types as T
from kdsl.ir.core import Function, walk
from kdsl.target import Target

from .amd import accepted
from .hip import compile_hip
from .msl import compile_msl

__all__ = ["Emulated", "Hip", "Metal", "sees_subgroups"]


class Module(Protocol):
    """Compiled kernels of one dialect."""

    def launch(self, name: str, grid: Sequence[int], block: Sequence[int], arguments: Any, *, lanes: int,
               memory: Sequence[Memory] = (), order: int = 0) -> None: ...  # fmt: skip


def _plain(text: str) -> str:
    return "\n".join([line for line in text.split("\n") if not line.startswith("//")])


def sees_subgroups(function: Function) -> bool:
    names = {op.defn.name for op in walk(function.body)}
    return any(name.startswith("subgroup.") or name in ("simt.lane_id", "simt.subgroup_size") for name in names)


class Emulated(Backend):
    """Texts for a target, run by the executor of blocks. checked: races and accesses out of bounds are errors. as_run_on: the
    backend whose texts are the same but where a kernel sees its subgroup, so that only such kernels are run."""

    emulated = True
    batches = True
    tool = "g++"

    def __init__(self, target: Target, *, checked: bool = True, as_run_on: str = "") -> None:
        self.target = target
        self.as_run_on = as_run_on
        self.name = target.name
        self.lanes = target.subgroup_size
        self.checked = checked
        self._artifacts: dict[tuple[int, Triple, bool], tuple[Function, Artifact]] = {}
        self._modules: dict[str, tuple[Module, str]] = {}
        self._twin: Emulated | None = None

    def missing(self) -> str:
        return "" if shutil.which(self.tool) else f"no {self.tool} on the PATH"

    @property
    def plain(self) -> Backend:
        if not self.checked:
            return self
        if self._twin is None:
            self._twin = type(self)(self.target, checked=False, as_run_on=self.as_run_on)
        return self._twin

    def refusal(self, op: str, operands: Sequence[str], result: str) -> str:
        types = {*operands, result}
        if "f64" in types and "f64" not in self.target.has:
            return "no f64"
        if op.startswith("atomic."):
            narrow = any(T.SCALARS[t].bits == 16 for t in types)
            if narrow:
                return "no compare and exchange of 16 bits"
            if any(T.SCALARS[t].bits == 64 for t in types) and "atomic_i64" not in self.target.has:
                return "no atomics of 64 bits"
        return ""

    def compile(self, texts: Sequence[str]) -> Module:
        """A module of texts whose kernels have different names."""
        raise NotImplementedError

    def start(self, module: Module, symbol: str, artifact: Artifact, given: Packed, geometry: tuple[Triple, Triple],
              order: int) -> None:  # fmt: skip
        """Launch one kernel."""
        raise NotImplementedError

    def execute(self, artifact: Artifact, given: Packed, geometry: tuple[Triple, Triple], order: int = 0) -> None:
        """Run code that has been prepared; order: of threads, see `executor.launch`."""
        module, symbol = self._modules[_plain(artifact.binary.decode())]
        self.start(module, symbol, artifact, given, geometry, order)

    def artifact_of(self, job: Job) -> Artifact:
        key = (id(job.function), job.block, job.cut)
        found = self._artifacts.get(key)
        if found is None:
            from kdsl.compiler import compile_function

            if len(self._artifacts) > 512:
                self._artifacts.clear()
            artifact = compile_function(job.function, self.target, block=job.block, cut=job.cut)
            found = self._artifacts[key] = (job.function, artifact)
        return found[1]

    def is_run_elsewhere(self, function: Function) -> bool:
        return bool(self.as_run_on) and not sees_subgroups(function)

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Compile what will be run, together. What the target refuses says so when it is run."""
        texts: dict[str, str] = {}
        for wanted in jobs:
            if self.is_run_elsewhere(wanted.function):
                continue
            try:
                artifact = self.artifact_of(wanted)
            except CompileError:
                continue
            text = _plain(artifact.binary.decode())
            if text not in self._modules:
                texts[text] = artifact.entry.symbol
        if not texts:
            return
        if len(self._modules) > 1024:
            self._modules.clear()
        renamed = {text: f"{symbol}_{k}" for k, (text, symbol) in enumerate(texts.items())}
        module = self.compile([re.sub(rf"(?:\b|(?<=_of_)){texts[text]}(?=\b|_)", name, text) for text, name in renamed.items()])
        for text, name in renamed.items():
            self._modules[text] = (module, name)

    def run(self, function: Function, args: Sequence[Any], grid: Triple, block: Triple, threads: Triple | None = None,
            subgroup_size: int = 0) -> None:  # fmt: skip
        if subgroup_size not in (0, self.lanes):
            raise Unsupported(f"subgroups of {self.lanes} lanes only")
        if self.is_run_elsewhere(function):
            raise Unsupported(f"no subgroups in it, so the text is the one that {self.as_run_on} runs")
        count = expand_threads(grid, block, threads)
        wanted = job(function, grid, block, threads)
        try:
            artifact = self.artifact_of(wanted)
        except CompileError as error:
            if not error.code.startswith("K5"):
                raise
            raise Unsupported(f"{error.code}: {error}") from error
        self.prepare([wanted])
        hidden = b"".join([n.to_bytes(8, "little") for n in count]) if artifact.entry.cut else b""
        self.execute(artifact, packed(artifact, args, hidden), (grid, block))


# AMD's compiler sees every text for one of these.
_ARCHITECTURES = {32: ("gfx1030", "gfx1100", "gfx1200"), 64: ("gfx90a", "gfx942")}


class Hip(Emulated):
    """HIP C++, compiled by g++ to be run, and by AMD's compiler to be accepted."""

    def refusal(self, op: str, operands: Sequence[str], result: str) -> str:
        return ""

    def compile(self, texts: Sequence[str]) -> Module:
        accepted(texts, _ARCHITECTURES[self.lanes])
        return compile_hip(texts, checked=self.checked)

    def start(self, module: Module, symbol: str, artifact: Artifact, given: Packed, geometry: tuple[Triple, Triple],
              order: int) -> None:  # fmt: skip
        slots = artifact.metadata["slots"]
        assert isinstance(slots, (tuple, list))
        grid, block = geometry
        module.launch(symbol, grid, block, [given.at(s) for s in slots], lanes=self.lanes, memory=given.memory, order=order)


class Metal(Emulated):
    """The Metal Shading Language, compiled by clang as C++ for OpenCL."""

    tool = "clang-19"

    def compile(self, texts: Sequence[str]) -> Module:
        return compile_msl(texts, checked=self.checked)

    def start(self, module: Module, symbol: str, artifact: Artifact, given: Packed, geometry: tuple[Triple, Triple],
              order: int) -> None:  # fmt: skip
        facts: Any = artifact.metadata
        structure = np.zeros(max(facts["structure_bytes"], 1), np.uint8)
        for slot, size, at in [*facts["members"], *[(slot, 8, at) for slot, at in facts["pointers"]]]:
            structure[at : at + size] = given.slots[slot : slot + size]
        pointers = [int.from_bytes(given.slots[slot : slot + 8].tobytes(), "little") for slot in facts["buffers"]]
        own = Memory(structure.ctypes.data, structure.nbytes, read_only=True)
        grid, block = geometry
        arguments = [*pointers, structure.ctypes.data]
        module.launch(symbol, grid, block, arguments, lanes=self.lanes, memory=[*given.memory, own], order=order)
