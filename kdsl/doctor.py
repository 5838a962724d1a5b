"""What `kdsl doctor` finds out: the machine, the compiler, devices, threads, the cache, and what the environment says.

One idea: a check gives findings (what, how it is, whether that is well), and never raises; printing them and the exit
code are the command line's. A fault is what keeps kernels from running; a warning is what makes them slower.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from .diagnostics import KdslError
from .target import CPU_TARGETS, cpu_target_of_host, parse_target, why_not

__all__ = ["Finding", "examine"]

OK, INFO, WARNING, FAULT = "ok", "info", "warning", "fault"


class Finding(NamedTuple):
    """One line of the report. state: "ok", "info", "warning" or "fault"."""

    section: str
    name: str
    text: str
    state: str = OK


VARIABLES: dict[str, str] = {
    "KDSL_DEVICE": "the device that launches use",
    "KDSL_TARGET": "the target that code is made for",
    "KDSL_DEBUG": "checks in every kernel",
    "KDSL_INTERPRET": "kernels run in the interpreter",
    "KDSL_NUM_THREADS": "threads of a launch",
    "KDSL_CACHE_DIR": "folder of compiled code",
    "KDSL_CACHE_SIZE": "most bytes in it; 0 is off",
    "KDSL_DUMP": "show the IR around passes",
    "KDSL_DUMP_DIR": "where to",
    "KDSL_VERIFY": "verify the IR between passes",
    "KDSL_TIMEOUT": "seconds that a launch on Vulkan may take",
    "KDSL_VULKAN_VALIDATION": "Vulkan's validation layer watches",
    "KDSL_VULKAN_MEMORY": "memory is treated as on other devices, for tests",
}
_OPTIONAL = {
    "ml_dtypes": "bf16 and fp8 as NumPy element types",
    "scipy": "examples", "matplotlib": "examples", "tqdm": "examples",
    "torch": "arrays through DLPack", "cupy": "arrays through DLPack", "jax": "arrays through DLPack",
    "numba": "benchmarks",
}  # fmt: skip


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _software() -> Iterator[Finding]:
    from .compiler import VERSION

    yield Finding("software", "kdsl", VERSION)
    yield Finding("software", "Python", f"{platform.python_version()} ({sys.executable})")
    yield Finding("software", "system", platform.platform())
    yield Finding("software", "NumPy", _installed("numpy") or "not installed", OK if _installed("numpy") else FAULT)
    yield _llvm()
    lark = _installed("lark")
    yield Finding("software", "lark", lark or "not installed: IR given as text cannot be read", OK if lark else WARNING)


def _llvm() -> Finding:
    try:
        from .codegen.cpu.llvm import versions

        return Finding("software", "llvmlite", versions())
    except (ImportError, OSError) as e:  # not installed, or its library does not load on this system
        text = f"cannot be loaded, so nothing can be compiled: {e}; pip install llvmlite"
        return Finding("software", "llvmlite", text, FAULT)


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as f:
            names = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def _targets() -> Iterator[Finding]:
    yield Finding("targets", "processor", f"{_processor()}, {os.cpu_count()} logical processors")
    wanted = os.environ.get("KDSL_TARGET")
    try:
        chosen = parse_target(wanted or None)
    except KdslError as e:
        yield Finding("targets", "KDSL_TARGET", str(e), FAULT)
        chosen = cpu_target_of_host()
    for target in CPU_TARGETS.values():
        reason = why_not(target)
        if target == chosen:
            how = "chosen by KDSL_TARGET" if wanted else "chosen: the most of what this processor has"
            text = f"{how}; {target.lanes} lanes of 32 bits"
            yield Finding("targets", target.name, f"{text}, but {reason}" if reason else text, FAULT if reason else OK)
        else:
            yield Finding("targets", target.name, f"not chosen: {reason or 'another target was'}", INFO)


def _devices() -> Iterator[Finding]:
    from .runtime.registry import KINDS, device, devices

    wanted = os.environ.get("KDSL_DEVICE", "")
    try:
        chosen = device().name
    except KdslError as e:
        yield Finding("devices", "KDSL_DEVICE", str(e), FAULT)
        chosen = ""
    for found in devices():
        if found.reason:
            reason = found.reason.replace("\n  = help: ", "; ")
            yield Finding("devices", found.name, f"not present: {reason}", INFO)
        elif found.name == chosen:
            how = "by KDSL_DEVICE" if wanted else "as the best available"
            yield Finding("devices", found.name, f"chosen {how}: {device(found.name)!r}, {found.text}")
        else:
            why = "a processor that plays a GPU is not chosen unasked" if found.is_software else f"{chosen} is preferred"
            why = "it is chosen by name only" if KINDS[found.name.partition(":")[0]].is_measure else why
            yield Finding("devices", found.name, f"not chosen, {why}: {found.text}", INFO)


def _self_test() -> Iterator[Finding]:
    """Compile and run a kernel that has not been seen before, and look at its result."""
    import numpy as np

    from .compiler import compile_function
    from .ir.parse import parse

    if _installed("lark") and _llvm().state == OK:
        start = time.perf_counter()
        try:
            artifact = compile_function(parse(_SAXPY, "<doctor>"))
            made_ms = (time.perf_counter() - start) * 1e3
            text = _run(artifact, np.arange(100_000, dtype=np.float32), np.ones(100_000, np.float32))
        except KdslError as e:
            yield Finding("devices", "self test", str(e), FAULT)
            return
        right = f"a kernel was compiled or loaded in {made_ms:.1f} ms and gave the right result"
        yield Finding("devices", "self test", text or right, FAULT if text else OK)


_SAXPY = """\
kernel @doctor(%a: f32, %x: array<f32, 1, global, unit=0>, %y: array<f32, 1, global, unit=0>) {math = 'default'} {
  %i = simt.global_id {axis = 0} : index
  %0 = memory.load %x, %i {offset = 0} : f32
  %1 = memory.load %y, %i {offset = 0} : f32
  %2 = arith.mul %a, %0 : f32
  %3 = arith.add %2, %1 : f32
  memory.store %y, %i, %3 {offset = 0}
  scf.yield
}
"""


def _run(artifact: object, x: object, y: object) -> str:
    import numpy as np

    from .artifact import Artifact
    from .runtime.geometry import geometry_over
    from .runtime.launcher import Launcher
    from .runtime.registry import device

    assert isinstance(artifact, Artifact) and isinstance(x, np.ndarray) and isinstance(y, np.ndarray)
    cpu = device("cpu")
    arguments = (2.0, x, y)
    launch = Launcher("doctor", cpu.load(artifact), artifact.entry, arguments)
    launch(arguments, geometry_over("doctor", x.size, 256, cpu.limits), None)
    return "" if np.array_equal(y, 2 * x + 1) else "a kernel was compiled and gave a wrong result"


def _threads() -> Iterator[Finding]:
    from .kernel import provide_pool
    from .runtime.cpu.threads import num_threads, pool_status, shared_pool
    from .runtime.quick import call_status, load_native

    try:
        count = num_threads()
    except KdslError as e:
        yield Finding("threads", "KDSL_NUM_THREADS", str(e), FAULT)
        return
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Finding("threads", "a launch uses", f"up to {count} threads; this process may use {usable} processors",
                  WARNING if count > usable else OK)  # fmt: skip
    provide_pool()
    pool = shared_pool()
    yield Finding("threads", "pool", pool_status(), OK if pool is not None or count == 1 else WARNING)
    load_native()
    status = call_status()
    yield Finding("threads", "calls", status, OK if status == "native" else WARNING)


def _cache() -> Iterator[Finding]:
    from .compiler import artifact_cache

    try:
        cache = artifact_cache()
    except KdslError as e:
        yield Finding("cache", "KDSL_CACHE_SIZE", str(e), FAULT)
        return
    status = cache.status()
    works = status == cache.directory
    yield Finding("cache", "folder", f"{status}, writable" if works else status, OK if works else WARNING)
    stats = cache.stats()
    sizes = f"{size_text(stats.size_bytes)} of {size_text(stats.limit_bytes)}"
    yield Finding("cache", "size", f"{stats.entries} entries, {sizes}")


def size_text(size_bytes: int) -> str:
    """`12.3 MiB`"""
    size = float(size_bytes)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


def _environment() -> Iterator[Finding]:
    found = {n: v for n, v in sorted(os.environ.items()) if n.startswith("KDSL_")}
    for name, value in found.items():
        known = VARIABLES.get(name)
        text = f"{value}  ({known})" if known else f"{value}  (kdsl knows no such variable)"
        yield Finding("environment", name, text, INFO if known else WARNING)
    if not found:
        yield Finding("environment", "KDSL_*", "none is set", INFO)


def _optional() -> Iterator[Finding]:
    for name, use in _OPTIONAL.items():
        found = _installed(name)
        yield Finding("optional packages", name, f"{found or 'not installed'} ({use})", INFO)


_CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _software, _targets, _devices, _self_test, _threads, _cache, _environment, _optional,
)  # fmt: skip


def examine() -> list[Finding]:
    """Everything there is to say, in order."""
    return [finding for check in _CHECKS for finding in check()]
