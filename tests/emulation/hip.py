"""HIP texts on the executor: many to a translation unit, compiled by g++ behind a header that gives HIP's words a meaning.

One idea: the text is not changed. Around each kernel stand a section of its own for what is `__shared__`, and a function that
takes its arguments from an array of pointers.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .building import HERE, built, run
from .executor import Memory, launch, library, library_path, mapped_constants

__all__ = ["HipModule", "compile_hip", "signature_of"]

_SIGNATURE = re.compile(r"__global__\s+(?:__launch_bounds__\([^)]*\)\s*)?void\s+(\w+)\s*\(([^)]*)\)")
_DYNAMIC = re.compile(r"extern\s+__shared__\s+([\w ]+?)\s+(\w+)\s*\[\s*\]\s*;")
FLAGS = ("-std=c++17", "-O1", "-fPIC", "-shared", "-w", "-ffp-contract=off", "-fwrapv", "-fno-strict-aliasing",
         "-fno-math-errno", "-fexcess-precision=16")  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One parameter of a kernel, as its text says it."""

    type: str
    name: str

    @property
    def is_pointer(self) -> bool:
        return self.type.endswith("*")

    @property
    def is_constant(self) -> bool:
        return self.type.startswith("const ")


def signature_of(text: str) -> dict[str, list[Parameter]]:
    """The kernels of a text and their parameters."""
    out: dict[str, list[Parameter]] = {}
    for found in _SIGNATURE.finditer(text):
        parameters = [p.strip() for p in found[2].split(",") if p.strip()]
        split = [re.fullmatch(r"(.*?)\s*(?:__restrict__\s*)?\b(\w+)", p) for p in parameters]
        out[found[1]] = [Parameter(m[1].strip(), m[2]) for m in split if m]
    return out


def _unit(texts: Sequence[str]) -> str:
    """One translation unit of many texts; kernel k of the unit has section simt_shared_k."""
    lines = ['#include "hip.h"']
    number = 0
    for text in texts:
        text = re.sub(r"^[ \t]*#include\s*<hip/[^>]*>.*$", "", text, flags=re.M)
        text = _DYNAMIC.sub(r"\1 *\2 = (\1 *)simt_dynamic();", text)
        kernels = signature_of(text)
        section = f"simt_shared_{number}"
        bounds = f"char __start_{section}[], __stop_{section}[]"
        lines += [
            f'extern "C" {{ __attribute__((weak, visibility("hidden"))) extern {bounds}; }}',
            "#undef __shared__",
            f'#define __shared__ static __attribute__((used, section("{section}")))',
            f'#line 1 "{next(iter(kernels), "kernel")}"',
            text,
        ]
        for name, parameters in kernels.items():
            given = ", ".join([f"*({p.type}*)a[{k}]" for k, p in enumerate(parameters)])
            lines += [
                f'extern "C" __attribute__((no_sanitize_thread)) void simt_run_{name}(void** a) {{ {name}({given}); }}',
                f'extern "C" char* simt_shared_of_{name}(int end) {{ return end ? __stop_{section} : __start_{section}; }}',
            ]
        number += 1
    return "\n".join(lines) + "\n"


class HipModule:
    """Compiled kernels."""

    def __init__(self, path: Path, texts: Sequence[str], *, checked: bool) -> None:
        library()
        self.path = path
        self.checked = checked
        self.library = ctypes.CDLL(str(path))
        self.kernels = {name: p for text in texts for name, p in signature_of(text).items()}

    def shared_of(self, name: str) -> list[Memory]:
        bounds = getattr(self.library, f"simt_shared_of_{name}")
        bounds.restype = ctypes.c_size_t
        begin, end = bounds(0), bounds(1)
        return [Memory(begin, end - begin)] if begin else []

    def launch(self, name: str, grid: Sequence[int], block: Sequence[int], arguments: Sequence[int], *, lanes: int,
               memory: Sequence[Memory] = (), order: int = 0, dynamic: int = 0) -> None:  # fmt: skip
        """arguments: the address of each parameter's bytes."""
        entry = ctypes.cast(getattr(self.library, f"simt_run_{name}"), ctypes.c_void_p).value or 0
        constants = mapped_constants(str(self.path)) if self.checked else []
        launch(entry, grid, block, arguments, lanes=lanes, memory=[*memory, *constants], shared=self.shared_of(name),
               check=self.checked, order=order, dynamic=dynamic, module=str(self.path))  # fmt: skip


@cache
def _header() -> tuple[str, ...]:
    return tuple([(HERE / "simt" / name).read_text() for name in ("hip.h", "simt.h")])


def compile_hip(texts: Sequence[str], *, checked: bool = False, cxx: str = "g++") -> HipModule:
    """A module of the kernels of some texts. checked: races and accesses out of bounds are found."""
    unit = _unit(texts)
    flags = [*FLAGS, "-fsanitize=thread", "-g1"] if checked else [*FLAGS]

    def make(out: Path) -> None:
        source = out.with_suffix(".cpp")
        source.write_text(unit)
        # Linked without the sanitizer's library: its functions are the executor's.
        compiled = out.with_suffix(".o")
        run([cxx, *[f for f in flags if f != "-shared"], "-I", HERE / "simt", "-c", source, "-o", compiled])
        run([cxx, "-shared", compiled, library_path(cxx), "-lm", "-o", out])
        compiled.unlink()

    path = built(".so", [unit, *flags, cxx, *_header()], make)
    return HipModule(path, texts, checked=checked)
