"""The HIP runtime and hiprtc made of Python, with the executor of HIP texts behind them: a GPU of AMD's that runs what kdsl
compiles.

One idea: HIP's functions are CUDA's under other names, so this is the stand-in CUDA driver, as late and as literal, under them.
What differs is here. A "code object" is the text that g++ has accepted; launches run under the checker, and an access to what
is not allocated is an illegal address.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from emulation.building import BuildError
from emulation.executor import EmulationError, Memory
from emulation.hip import compile_hip, signature_of
from standins.cuda import Fail, Launched, Machine, _Function, _put

from kdsl.runtime.api import Device
from kdsl.runtime.bindings import cuda, hip as bindings
from kdsl.runtime.bindings.cuda import Error

__all__ = ["HipMachine", "kept_amd_gpu", "standin"]

_BYTES = {"bool": 1, "signed char": 1, "unsigned char": 1, "short": 2, "unsigned short": 2, "_Float16": 2, "int": 4, "unsigned": 4,
          "float": 4, "long long": 8, "unsigned long long": 8, "double": 8}  # fmt: skip
_MAGIC = b"\x7fELF stand-in\n"
_CUDA_NAMES = {new: old for old, new in bindings.NAMES.items()}
_QUESTIONS = {new: old for old, new in bindings.ATTRIBUTES.items()}


class HipMachine(Machine):
    """One GPU, its runtime and its compiler."""

    def __init__(self, *, architecture: str = "gfx1100", rocm: tuple[int, int] = (6, 3), new_properties: bool = True,
                 **options: Any) -> None:  # fmt: skip
        super().__init__(self._run, driver=rocm[0] * 10**7 + rocm[1] * 10**5, **options)
        self.architecture = architecture
        self.new_properties = new_properties  # whether only the structure of properties says what the GPU is
        self.programs: dict[int, dict[str, Any]] = {}
        self.faults: list[str] = []

    # As libraries

    def address_of(self, name: str) -> int:
        if name in self.missing:
            return 0
        if name not in self.libraries:
            self.libraries[name] = self._function(name)
        return ctypes.cast(self.libraries[name], ctypes.c_void_p).value or 0

    def _function(self, name: str) -> Any:
        if name in ("hipGetErrorName", "hipGetErrorString"):
            return ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_int)(self._error_text)
        known = _CUDA_NAMES.get(name, name)
        codes = cuda.FUNCTIONS.get(known) or {**bindings.FUNCTIONS, **bindings.RTC}.get(name, "")
        prototype = ctypes.CFUNCTYPE(ctypes.c_int, *[cuda._CODES[c] for c in codes])
        body = self._guarded(known)

        def call(*given: Any) -> int:
            self.context.current = 1  # HIP always has a device
            return body(*given)

        return prototype(call)

    # What differs from CUDA

    def _error_text(self, code: int) -> int:
        held = self.libraries.setdefault(f"text {code}", ctypes.create_string_buffer(f"hipError{code}".encode()))
        return ctypes.addressof(held)

    def hipGetDevice(self, out: int) -> None:
        _put(out, 0, ctypes.c_int)

    def hipSetDevice(self, index: int) -> None:
        if index >= self.devices:
            raise Fail(Error.INVALID_DEVICE)

    def cuDeviceGetAttribute(self, out: int, attribute: int, device: int) -> None:
        if attribute == bindings.GCN_ARCH_NAME and not self.new_properties:
            ctypes.memmove(out, self.architecture.encode() + b"\0", len(self.architecture) + 1)
            return
        if attribute not in _QUESTIONS:
            raise Fail(Error.INVALID_VALUE)
        super().cuDeviceGetAttribute(out, _QUESTIONS[attribute], device)
        if _QUESTIONS[attribute] == cuda.Attribute.WARP_SIZE and self.architecture.startswith("gfx9"):
            _put(out, 64, ctypes.c_int)

    def hipGetDevicePropertiesR0600(self, out: int, device: int) -> None:
        data = b"Stand-in GPU".ljust(1160, b"\0") + self.architecture.encode() + b"\0"
        ctypes.memmove(out, data, len(data))

    def hipModuleLoadData(self, out: int, image: int) -> int:
        data = ctypes.string_at(image)
        if not data.startswith(_MAGIC):
            return Error.INVALID_IMAGE
        _put(out, self.new_handle(data.removeprefix(_MAGIC).decode()))
        return 0

    def cuModuleGetFunction(self, out: int, module: int, name: bytes) -> None:
        text, wanted = self.get(module, str), name.decode()
        if wanted not in signature_of(text):
            raise Fail(Error.NOT_FOUND)
        _put(out, self.new_handle(_Function(text, wanted, getattr(self.context, "current", 0))))

    def _checked(self, function: int, shape: tuple[int, ...], shared: int, kernel_params: int, extra: int) -> Any:
        f, whole, _ = super()._checked(function, shape, shared, 0, 0)
        bound = re.search(rf"__launch_bounds__\((\d+)\) void {f.name}\b", f.module)
        if bound and shape[3] * shape[4] * shape[5] > int(bound[1]):
            raise Fail(Error.LAUNCH_FAILED)
        data = b""
        for k, p in enumerate(signature_of(f.module)[f.name]):  # read now: the caller's memory may change
            place = ctypes.c_uint64.from_address(kernel_params + 8 * k).value
            data += ctypes.string_at(place, 8 if p.is_pointer else _BYTES[p.type]).ljust(8, b"\0")
        return f, whole, data

    def _node_params(self, at: int) -> Any:
        p = bindings.NodeParams.from_address(at)
        shape = (p.grid.x, p.grid.y, p.grid.z, p.block.x, p.block.y, p.block.z)
        return self._checked(p.func or 0, shape, p.shared_bytes, p.kernel_params or 0, 0)

    def hipGraphInstantiate(self, out: int, graph: int, error_node: int, log: bytes, size: int) -> None:
        self.cuGraphInstantiateWithFlags(out, graph, 0)

    def _run(self, text: str, name: str, arguments: bytes, launch: Launched) -> None:
        block = ctypes.create_string_buffer(arguments, max(len(arguments), 8))
        base = ctypes.addressof(block)
        memory = [Memory(at, m.bytes.size) for at, m in self.memory.items()]
        lanes = 64 if self.architecture.startswith("gfx9") else 32
        module = compile_hip([text], checked=True)
        places = [base + at for at in range(0, len(arguments), 8)]
        try:
            module.launch(name, launch.grid, launch.block, places, lanes=lanes, order=2,
                          memory=[*memory, Memory(base, len(block), read_only=True)])  # fmt: skip
        except EmulationError as e:
            self.faults.append(str(e))
            raise Fail(Error.ILLEGAL_ADDRESS) from e

    # hiprtc

    def hiprtcCreateProgram(self, out: int, text: int, name: bytes, count: int, headers: int, names: int) -> None:
        handle = self.new_handle("program")
        self.programs[handle] = {"text": ctypes.string_at(text).decode(), "log": "", "code": b""}
        _put(out, handle)

    def hiprtcCompileProgram(self, program: int, count: int, options: int) -> int:
        p = self.programs[program]
        given = [ctypes.string_at(ctypes.c_uint64.from_address(options + 8 * k).value).decode() for k in range(count)]
        assert f"--offload-arch={self.architecture}" in given
        assert {"-fwrapv", "-ffp-contract=off"} <= set(given)
        try:
            compile_hip([p["text"]], checked=True)
        except BuildError as e:
            p["log"] = str(e)
            return 6  # HIPRTC_ERROR_COMPILATION
        p["code"] = _MAGIC + p["text"].encode() + b"\0"
        return 0

    def hiprtcGetProgramLogSize(self, program: int, out: int) -> None:
        _put(out, len(self.programs[program]["log"].encode()) + 1)

    def hiprtcGetProgramLog(self, program: int, out: int) -> None:
        log = self.programs[program]["log"].encode() + b"\0"
        ctypes.memmove(out, log, len(log))

    def hiprtcGetCodeSize(self, program: int, out: int) -> None:
        _put(out, len(self.programs[program]["code"]))

    def hiprtcGetCode(self, program: int, out: int) -> None:
        code = self.programs[program]["code"]
        ctypes.memmove(out, code, len(code))

    def hiprtcDestroyProgram(self, program: int) -> None:
        del self.programs[ctypes.c_uint64.from_address(program).value]


@contextmanager
def standin(**options: Any) -> Iterator[HipMachine]:
    """The machine's HIP is a stand-in inside the block; devices opened before are forgotten, and again after it."""
    from kdsl.runtime import registry

    machine = HipMachine(**options)

    def forget() -> None:
        for name in [name for name in registry._open if name.startswith("hip") and name != _KEPT]:
            del registry._open[name]

    forget()
    bindings.use_library(bindings.Hip(machine.address_of, "the stand-in"), bindings.Rtc(machine.address_of, "the stand-in"))
    try:
        yield machine
    finally:
        forget()
        bindings.use_library(None)


_KEPT = "hip-stand-in"


@cache
def kept_amd_gpu() -> Device:
    """A device over a stand-in of its own, for as long as the process runs."""
    from kdsl.kernel import provide_pool
    from kdsl.runtime.asynchronous import AsyncDevice
    from kdsl.runtime.hip.driver import HipDriver

    provide_pool()
    with standin():
        driver = HipDriver(0)
        driver.context.compiler()  # it compiles after the block, too
        return AsyncDevice(_KEPT, driver)
