"""A library for C, C++ and Rust out of the processors' artifacts of a build: header, static and shared library, by machine.

One idea: a library is objects: those of the kernels as they are in the bundle, under names of the library's own, and some more
that are made here (the tables of `glue`, `support.c`, the thread pool). Two libraries in one program share no symbol.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from importlib.resources import files as package_files
from typing import TYPE_CHECKING, NamedTuple

from ..codegen.cpu.llvm import object_of
from ..codegen.cpu.pool import pool_source
from ..diagnostics import refuse
from ..runtime.dtypes import numpy_dtype
from ..target import CPU_TARGETS, Target
from .archive import write_archive
from .glue import Function, Way, glue_text, xla_text
from .header import cmake_config, header_text, pkg_config
from .objects import CPUID, code_object, renamed
from .shared_object import write_shared_object

if TYPE_CHECKING:
    from ..artifact import Param
    from ..bundle.manifest import BundledVariant, Manifest

__all__ = ["Inside", "library_files", "library_for_process"]

_MACHINES = {
    "x86_64": "x86-64-v2",
    "aarch64": "aarch64",
}  # machine -> the target that glue and support are compiled for
_LEVELS = {"x86-64-v2": 2, "x86-64-v3": 3, "x86-64-v4": 4, "x86-64-v4-vbmi": 5, "aarch64": 2}
_PUBLIC = ("set_threads", "set_parallel", "shutdown", "error_text")


def library_files(manifest: Manifest, built: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    """The files of the library `name`, by path below its prefix: include/, lib/MACHINE/, lib/cmake/. K680 where it cannot be."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        refuse(
            "K680", None, f"a library cannot be called {name!r}", help="use small letters, digits and _, a letter first"
        )
    out: dict[str, bytes] = {}
    functions: list[Function] = []
    for machine, arch in _MACHINES.items():
        objects: dict[str, bytes] = {}
        functions_here = _functions(manifest, built, name, machine, objects)
        if not functions_here:
            continue
        functions = functions_here
        made = [*_common(name, functions, machine, CPU_TARGETS[arch]), *objects.items()]
        exports = [*[f"{name}_{f.name}" for f in functions], *[f"{name}_{p}" for p in _PUBLIC]]
        where = f"lib/{machine}"
        out[f"{where}/lib{name}.a"] = write_archive(made)
        out[f"{where}/lib{name}.so"] = write_shared_object([data for _, data in made], f"lib{name}.so", exports)
        out[f"{where}/pkgconfig/{name}.pc"] = pkg_config(name, machine, manifest.compiler).encode()
    if not functions:
        refuse("K680", None, f"there is no code for processors to make the library {name} of",
               help="build for a processor, such as --target x86-64-v3; debug builds and kernels that print have no function in "
                    "C")  # fmt: skip
    out[f"include/{name}.h"] = header_text(name, functions, manifest.compiler).encode()
    out[f"lib/cmake/{name}/{name}Config.cmake"] = cmake_config(name).encode()
    return out


class Inside(NamedTuple):
    """A shared library for a process that has kdsl, and the parameters of each of its functions `kdsl_NAME`."""

    data: bytes
    params: dict[str, tuple[Param, ...]]


def library_for_process(manifest: Manifest, built: Mapping[str, bytes], machine: str) -> Inside:
    """A library whose functions are called by other compilers' code in this process (`inside.c`): each kernel as from C, as
    `kdsl_NAME`, and from XLA, as `kdsl_NAME_xla`. K680 where a kernel has no function in C."""
    name, target = "kdsl", CPU_TARGETS[_MACHINES[machine]]
    objects: dict[str, bytes] = {}
    functions = _functions(manifest, built, name, machine, objects)
    if len(functions) != len({v.name for k in manifest.kernels for v in k.variants}):
        refuse("K680", None, "a debug build, or a kernel that prints, has no function in C",
               help="its reports go to a host that reads them: launch it from Python, or build it without debug=True")  # fmt: skip
    made = [*_common(name, functions, machine, target, inside=True), *objects.items()]
    names = [f"{name}_{f.name}" for f in functions]
    exports = [*names, *[f"{n}_xla" for n in names], f"{name}_share_pool", f"{name}_xla_version", f"{name}_error_text"]
    data = write_shared_object([data for _, data in made], "libkdsl_inside.so", exports)
    return Inside(data, {f.name: f.params for f in functions})


def _functions(
    manifest: Manifest, built: Mapping[str, bytes], library: str, machine: str, objects: dict[str, bytes]
) -> list[Function]:
    """The kernels' functions on a machine; puts their objects, renamed, into `objects`."""
    out: list[Function] = []
    for kernel in manifest.kernels:
        named: dict[str, list[BundledVariant]] = {}
        for v in kernel.variants:
            named.setdefault(v.name, []).append(v)
        for name, variants in named.items():
            ways = [w for v in variants for w in _ways(v, built, library, machine, objects)]
            if ways:
                ways.sort(key=lambda w: -w.level)
                params = variants[0].params
                out.append(Function(name, kernel.doc, params, tuple(map(_align, params)), tuple(ways)))
    return out


def _ways(
    v: BundledVariant, built: Mapping[str, bytes], library: str, machine: str, objects: dict[str, bytes]
) -> list[Way]:
    ways: list[Way] = []
    for a in v.artifacts:
        backend, _, arch = a.target.partition(":")
        if backend != "cpu" or a.sites or CPU_TARGETS[arch].triple.partition("-")[0] != machine:
            continue  # what reports to the host needs a host that reads it
        symbol = f"{library}__{re.sub(r'[^A-Za-z0-9_]', '_', a.file[:-2])}"
        objects[a.file] = renamed(built[a.file], {a.entry.symbol: symbol})
        ways.append(Way(symbol, _LEVELS[arch], not v.contiguous, a.linear, v.linear_matters, a.block, a.entry))
    return ways


def _align(p: Param) -> int:
    return numpy_dtype(p.dtype[5:-1] if p.dtype.startswith("vec") else p.dtype).alignment if p.kind == "array" else 1


def _common(
    name: str, functions: list[Function], machine: str, target: Target, *, inside: bool = False
) -> list[tuple[str, bytes]]:
    """What is no kernel's: glue, support, pool, and how to ask the processor."""

    glue = glue_text(name, functions, target.triple) + (xla_text(name, functions) if inside else "")
    made = [(f"{name}-glue.o", object_of(glue, target))]
    made += [(f"{name}-{what}.o", _same_for_all(what, name, machine, target)) for what in ("support", "pool")]
    if inside:
        made.append((f"{name}-inside.o", _same_for_all("inside", name, machine, target)))
    if machine == "x86_64":
        made.append(
            (f"{name}-cpuid.o", code_object({f.replace("kdsl_", f"{name}_"): code for f, code in CPUID.items()}))
        )
    return made


@functools.lru_cache(maxsize=16)
def _same_for_all(what: str, name: str, machine: str, target: Target) -> bytes:
    """An object that does not depend on the kernels, under the library's names: two libraries may live in one program."""
    if what == "pool":
        text = pool_source(target)
    else:
        text = (package_files(__package__ or "kdsl.native") / f"{what}-{machine}.ll").read_text(encoding="utf-8")
    own = re.sub(r"@kdsl_(pool|cpuid|xgetbv)", rf"@{name}_\1", text).replace("@KDSL_", f"@{name}_")
    return object_of(own, target)
