"""The stand-in driver with an executor of PTX behind it: a GPU that runs what kdsl compiles, made of Python.

One idea: the executor's global memory is the stand-in's, so it sees what is allocated at the moment of the launch and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from emulation.ptx import Fault, Memory, Module
from standins.cuda import Arena, Fail, Launched, Machine, standin

from kdsl.runtime.api import Device
from kdsl.runtime.bindings.cuda import Error

__all__ = ["Executor", "gpu", "kept_gpu"]


class _ArenaMemory(Memory):
    """The executor's memory, laid over the stand-in's."""

    def __init__(self, arena: Arena) -> None:
        self.data, self.valid, self.base = arena.data, arena.valid, arena.base
        self._arena = arena

    def put(self, data: Any, align: int = 256, shift: int = 0) -> int:
        """Constants of a module; they stay."""
        start = self._arena.take(len(data))
        assert start is not None and not shift
        self.data[start : start + len(data)] = memoryview(data)
        return self.base + start


class Executor:
    """What runs the launches of a machine. `faults`: why launches ended with an illegal address, in the executor's words."""

    def __init__(self) -> None:
        self.machine: Machine | None = None
        self.modules: dict[str, Module] = {}
        self.faults: list[str] = []

    def __call__(self, text: str, entry: str, arguments: bytes, launch: Launched) -> None:
        assert self.machine is not None
        module = self.modules.get(text)
        if module is None:
            module = self.modules[text] = Module(text, _ArenaMemory(self.machine.arena))
        try:
            module.launch(entry, launch.grid, launch.block, arguments, shared_bytes=launch.dynamic_shared_bytes)
        except Fault as e:
            self.faults.append(str(e))
            raise Fail(Error.ILLEGAL_ADDRESS) from e

    def static_shared(self, text: str, entry: str) -> int:
        """Bytes that the function has of its own: `.shared` arrays in its body."""
        body = text[text.index(f".entry {entry}") :]
        body = body[: body.index("\n}")]
        lines = [line.split("[")[-1].split("]")[0] for line in body.splitlines() if line.strip().startswith(".shared")]
        return sum(int(n) for n in lines)


@cache
def kept_gpu(name: str) -> Device:
    """A device of that name over a stand-in of its own, for as long as the process runs."""
    from kdsl.kernel import provide_pool
    from kdsl.runtime.asynchronous import AsyncDevice
    from kdsl.runtime.cuda.driver import CudaDriver

    provide_pool()
    executor = Executor()
    with standin(executor, static_shared=executor.static_shared) as machine:
        executor.machine = machine
        return AsyncDevice(name, CudaDriver(0))


@contextmanager
def gpu(**options: Any) -> Iterator[Device]:
    """A device "cuda:0" over a stand-in driver that executes PTX."""
    from kdsl.kernel import provide_pool
    from kdsl.runtime import registry

    provide_pool()
    executor = Executor()
    with standin(executor, static_shared=executor.static_shared, **options) as machine:
        executor.machine = machine
        device = registry.device("cuda:0")
        try:
            yield device
        finally:
            if executor.faults:
                print("\n".join(executor.faults[:3]))
