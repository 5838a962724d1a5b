"""The devices of this machine as backends: through the whole runtime, as a user's launch goes.

One idea: `make check-gpu` names them in KDSL_CHECK_GPU; without it there are none, so no test depends on what machine it runs on.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from conformance.base import Backend, Triple, Unsupported, expand_threads

from kdsl.artifact import Artifact
from kdsl.diagnostics import CompileError
from kdsl.ir.core import Function

__all__ = ["Hardware", "hardware"]


class Hardware(Backend):
    """A GPU, opened when something first runs on it."""

    def __init__(self, device_name: str) -> None:
        self.name = self.device_name = device_name
        self._made: dict[tuple[object, ...], tuple[Function, Artifact, Any]] = {}

    @property
    def device(self) -> Any:
        from kdsl.runtime.registry import device

        return device(self.device_name)

    @property
    def lanes(self) -> int:  # type: ignore[override]
        return self.device.target.subgroup_size

    @property
    def flushes(self) -> bool:
        return "flushes_f32" in self.device.target.has

    def run(
        self,
        function: Function,
        args: Sequence[Any],
        grid: Triple,
        block: Triple,
        threads: Triple | None = None,
        subgroup_size: int = 0,
    ) -> None:
        from kdsl.runtime.launcher import launcher_of

        if subgroup_size not in (0, self.lanes):
            raise Unsupported(f"subgroups of {self.lanes} lanes only")
        geometry = (*grid, *block, *expand_threads(grid, block, threads))
        _, artifact, executable = self._loaded(function, block, cut=geometry[6:] != expand_threads(grid, block, None))
        launcher_of(function.name, executable, artifact.entry, args)(args, geometry)

    def _loaded(self, function: Function, block: Triple, *, cut: bool) -> tuple[Function, Artifact, Any]:
        from kdsl.compiler import compile_function

        key = (id(function), block, cut)
        found = self._made.get(key)
        if found is None:
            if len(self._made) > 256:
                self._made.clear()
            try:
                artifact = compile_function(function, self.device.target, block=block, cut=cut)
            except CompileError as error:
                if not error.code.startswith("K5"):  # what the device lacks, or has too little of
                    raise
                raise Unsupported(error.diagnostic.message) from None
            found = self._made[key] = (function, artifact, self.device.load(artifact))
        return found


def hardware() -> tuple[Hardware, ...]:
    return tuple([Hardware(name) for name in os.environ.get("KDSL_CHECK_GPU", "").split(",") if name])
