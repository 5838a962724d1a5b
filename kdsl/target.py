"""What code can be made for: `Target` names, and the features each one has.

One idea: a target is a name with a table behind it ("cpu:x86-64-v4"); everything that differs between targets of one
backend is a field here, so no pass ever compares names. LLVM ends the process on a CPU name that it does not
know, so names come from these tables and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .diagnostics import refuse

__all__ = ["CPU_TARGETS", "Target", "cpu_target_of_host", "parse_target", "why_not"]


@dataclass(frozen=True, slots=True)
class Target:
    """A place that code is made for.

    backend: which code generator ("cpu"). arch: the rest of the name. triple / cpu / features: what LLVM is told.
    vector_bytes: width of the widest vector register that code uses. vector_registers: how many of them there are.
    subgroup_size: lanes of a subgroup.
    has_fma / has_f16: whether a fused multiply-add, a conversion between f16 and f32 are instructions.
    fast_gather: whether loading from scattered addresses is better as one instruction than lane by lane.
    streams: whether there are stores that go past the caches and spare reading the lines that they fill.
    """

    backend: str
    arch: str
    triple: str = ""
    cpu: str = ""
    features: str = ""
    vector_bytes: int = 16
    has_fma: bool = False
    has_f16: bool = False
    fast_gather: bool = False
    masked_memory: bool = False
    streams: bool = False
    vector_registers: int = 16

    @property
    def name(self) -> str:
        return f"{self.backend}:{self.arch}"

    @property
    def lanes(self) -> int:
        """Threads that run together in one vector: as many 32-bit elements as a register holds."""
        return self.vector_bytes // 4

    def __str__(self) -> str:
        return self.name


_X86 = "x86_64-unknown-linux-gnu"
_ARM = "aarch64-unknown-linux-gnu"
CPU_TARGETS: dict[str, Target] = {
    t.arch: t
    for t in (
        Target("cpu", "x86-64-v2", _X86, "x86-64-v2", "", 16, streams=True),
        Target("cpu", "x86-64-v3", _X86, "x86-64-v3", "", 32, has_fma=True, has_f16=True, masked_memory=True,
               streams=True),
        Target("cpu", "x86-64-v4", _X86, "x86-64-v4", "", 64, has_fma=True, has_f16=True, fast_gather=True,
               masked_memory=True, streams=True, vector_registers=32),
        Target("cpu", "aarch64", _ARM, "generic", "+neon", 16, has_fma=True, has_f16=True, vector_registers=32),
    )
}  # fmt: skip

# x86-64 psABI levels, as /proc/cpuinfo spells the flags (x86-64 psABI 1.0, section 3.1.1).
_V2 = {"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"}
_V3 = _V2 | {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"}
_V4 = _V3 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
_NEEDS = {"x86-64-v2": _V2, "x86-64-v3": _V3, "x86-64-v4": _V4}


def _cpu_flags() -> set[str]:
    try:
        with open("/proc/cpuinfo") as f:
            for line in f:
                if line.startswith("flags"):
                    return set(line.split(":", 1)[1].split())
    except OSError:
        pass
    return set()


def cpu_target_of_host(machine: str | None = None, flags: Callable[[], set[str]] = _cpu_flags) -> Target:
    """The best CPU target that this machine runs."""
    if machine is None:
        import platform

        machine = platform.machine()
    if machine in ("aarch64", "arm64"):
        return CPU_TARGETS["aarch64"]
    have = flags()
    level = "x86-64-v4" if have >= _V4 else "x86-64-v3" if have >= _V3 else "x86-64-v2"
    return CPU_TARGETS[level]


def why_not(target: Target, machine: str | None = None, flags: Callable[[], set[str]] = _cpu_flags) -> str:
    """Why this machine cannot run code for a CPU target; "" when it can."""
    if machine is None:
        import platform

        machine = platform.machine()
    wanted = target.triple.partition("-")[0]
    if machine.replace("arm64", "aarch64").replace("AMD64", "x86_64") != wanted:
        return f"this machine is {machine}, not {wanted}"
    missing = _NEEDS.get(target.arch, set()) - flags()
    return f"the processor has no {', '.join(sorted(missing))}" if missing else ""


def parse_target(name: str | Target | None) -> Target:
    """A `Target` from its name: "cpu" (this machine's), "cpu:x86-64-v3", or just "x86-64-v3"."""
    if isinstance(name, Target):
        return name
    if name is None or name in ("cpu", "cpu:host"):
        return cpu_target_of_host()
    arch = name.removeprefix("cpu:") if isinstance(name, str) else ""
    if arch in CPU_TARGETS:
        return CPU_TARGETS[arch]
    known = ", ".join(f"cpu:{arch}" for arch in CPU_TARGETS)
    refuse("K501", None, f"there is no target {name!r}", help=f"the targets are: cpu, {known}")
