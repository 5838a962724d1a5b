"""Metal texts on the executor: many to a translation unit, compiled by clang as C++ for OpenCL against a library of MSL's names.

One idea: the text is not changed. Behind each kernel stands a function that takes its arguments from an array: the address of a
buffer for a pointer or a reference, and what `[[...]]` attributes ask for from the executor.
"""

from __future__ import annotations

import ctypes
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .building import HERE, built, run
from .executor import Memory, launch, library, library_path, mapped_constants

__all__ = ["MslModule", "Parameter", "compile_msl", "kernels_of"]

_KERNEL = re.compile(r"\bkernel\s+void\s+(\w+)\s*\(((?:[^()]|\([^()]*\))*)\)\s*\{")
_PARAMETER = re.compile(r"\s*(.*?)\b(\w+)\s*\[\[\s*(\w+)(?:\((\d+)\))?\s*\]\]\s*", re.S)
FLAGS = ("-x", "clcpp", "-cl-std=clc++2021", "-cl-no-stdinc", "-Xclang",
         "-cl-ext=-__opencl_c_generic_address_space,-__opencl_c_pipes,-__opencl_c_device_enqueue,+cl_khr_fp16",
         "-Wno-unknown-attributes", "-Wno-unknown-pragmas", "-Werror=pre-c++17-compat", "-O1", "-fPIC",
         "-ffp-contract=off")  # fmt: skip

_VECTORS = {
    "thread_position_in_threadgroup": "simt_place(0, {k})",
    "threadgroup_position_in_grid": "simt_place(1, {k})",
    "threads_per_threadgroup": "simt_place(2, {k})",
    "threadgroups_per_grid": "simt_place(3, {k})",
    "thread_position_in_grid": "(simt_place(1, {k}) * simt_place(2, {k}) + simt_place(0, {k}))",
}
_SCALARS = {
    "thread_index_in_threadgroup": "simt_linear()",
    "thread_index_in_simdgroup": "simt_lane()",
    "simdgroup_index_in_threadgroup": "(simt_linear() / simt_lanes())",
    "threads_per_simdgroup": "simt_lanes()",
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a kernel: its type, name, attribute and the attribute's number."""

    type: str
    name: str
    attribute: str
    index: int


def kernels_of(text: str) -> dict[str, list[Parameter]]:
    """The kernels of a text. Raises where an attribute is missing or unknown, or a buffer is given twice."""
    out: dict[str, list[Parameter]] = {}
    for kernel in _KERNEL.finditer(re.sub(r"//[^\n]*", "", text)):
        parameters: list[Parameter] = []
        for part in [p for p in kernel[2].split(",") if p.strip()]:
            found = _PARAMETER.fullmatch(part)
            if found is None:
                raise ValueError(f"{kernel[1]}: no attribute in {part.strip()!r}")
            parameters.append(Parameter(" ".join(found[1].split()), found[2], found[3], int(found[4] or 0)))
        _check(kernel[1], parameters)
        out[kernel[1]] = parameters
    return out


def _check(kernel: str, parameters: list[Parameter]) -> None:
    buffers = [p.index for p in parameters if p.attribute == "buffer"]
    if len(set(buffers)) != len(buffers) or any(n > 30 for n in buffers):
        raise ValueError(f"{kernel}: buffers {buffers}")
    for p in parameters:
        if p.attribute not in ("buffer", *_VECTORS, *_SCALARS):
            raise ValueError(f"{kernel}: {p.attribute} is no attribute of a kernel's parameter")


def _given(p: Parameter) -> str:
    if p.attribute == "buffer":
        return f"*({p.type.rstrip('& ')}*)(ulong)a[{p.index}]" if p.type.endswith("&") else f"({p.type})(ulong)a[{p.index}]"
    if p.attribute in _SCALARS:
        return _SCALARS[p.attribute]
    width = int(p.type[-1]) if p.type[-1].isdigit() else 1
    parts = [_VECTORS[p.attribute].format(k=k) for k in range(width)]
    return parts[0] if width == 1 else f"({p.type})({', '.join(parts)})"


def _unit(texts: Sequence[str]) -> str:
    lines: list[str] = []
    for text in texts:
        kernels = kernels_of(text)
        lines += [f'#line 1 "{next(iter(kernels), "kernel")}"', text]
        for name, parameters in kernels.items():
            given = ", ".join([_given(p) for p in parameters])
            plain = '__attribute__((no_sanitize("thread")))'
            lines.append(f'extern "C" {plain} void simt_run_{name}(__global ulong* a) {{ {name}({given}); }}')
    return "\n".join(lines) + "\n"


class MslModule:
    """Compiled kernels."""

    def __init__(self, path: Path, texts: Sequence[str], *, checked: bool) -> None:
        library()
        self.path = path
        self.checked = checked
        self.library = ctypes.CDLL(str(path))
        self.kernels = {name: p for text in texts for name, p in kernels_of(text).items()}
        self._variables = _variables(path)

    def shared_of(self, name: str) -> list[Memory]:
        """A kernel's threadgroup arrays: clang makes them static variables, whose names are mangled with the kernel's."""
        entry = f"simt_run_{name}"
        base = (ctypes.cast(getattr(self.library, entry), ctypes.c_void_p).value or 0) - self._variables[entry][0]
        of_kernel = f"_ZZ{len(name)}{name}E"
        return [Memory(base + at, size) for symbol, (at, size) in self._variables.items() if symbol.startswith(of_kernel)]

    def launch(self, name: str, grid: Sequence[int], block: Sequence[int], arguments: Sequence[int], *, lanes: int = 32,
               memory: Sequence[Memory] = (), order: int = 0) -> None:  # fmt: skip
        """arguments: the address of each buffer, in their order."""
        entry = ctypes.cast(getattr(self.library, f"simt_run_{name}"), ctypes.c_void_p).value or 0
        constants = mapped_constants(str(self.path)) if self.checked else []
        table = (ctypes.c_void_p * 32)(*arguments)
        own = Memory(ctypes.addressof(table), ctypes.sizeof(table), read_only=True)
        launch(entry, grid, block, [*arguments, *[0] * (32 - len(arguments))], lanes=lanes, memory=[*memory, own, *constants],
               shared=self.shared_of(name), check=self.checked, order=order, module=str(self.path))  # fmt: skip


@cache
def _variables(path: Path) -> dict[str, tuple[int, int]]:
    """Symbols of an ELF file: name -> (address, bytes), local ones too (System V ABI, chapter 4)."""
    data = path.read_bytes()
    sections_at, = struct.unpack_from("<Q", data, 40)
    size, count = struct.unpack_from("<HH", data, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, sections_at + k * size) for k in range(count)]
    out: dict[str, tuple[int, int]] = {}
    for kind, offset, length, link in [(s[1], s[4], s[5], s[6]) for s in sections]:
        if kind != 2:  # SHT_SYMTAB
            continue
        names = sections[link][4]
        for at in range(offset, offset + length, 24):
            name, _, _, _, value, bytes_ = struct.unpack_from("<IBBHQQ", data, at)
            text = data[names + name : data.index(b"\0", names + name)].decode()
            out[text] = (value, bytes_)
    return out


@cache
def _header() -> tuple[str, ...]:
    return ((HERE / "simt" / "metal" / "metal_stdlib").read_text(), (HERE / "simt" / "runtime.cpp").read_text())


def compile_msl(texts: Sequence[str], *, checked: bool = False, clang: str = "clang-19") -> MslModule:
    """A module of the kernels of some texts. checked: races and accesses out of bounds are found."""
    unit = _unit(texts)
    flags = [*FLAGS, "-fsanitize=thread", "-g1"] if checked else [*FLAGS]

    def make(out: Path) -> None:
        source, compiled = out.with_suffix(".metal"), out.with_suffix(".o")
        source.write_text(unit)
        run([clang, *flags, "-I", HERE / "simt" / "metal", "-c", source, "-o", compiled])
        run(["g++", "-shared", compiled, library_path(), "-lm", "-o", out])
        compiled.unlink()

    return MslModule(built(".so", [unit, *flags, clang, *_header()], make), texts, checked=checked)
