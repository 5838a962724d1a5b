"""What code can be made for: `Target` names, and the features each one has.

One idea: a target is a name with a table behind it ("cpu:x86-64-v4"); everything that differs between targets of one
backend is a field here, so no pass ever compares names. LLVM ends the process on a CPU name that it does not
know, so names come from these tables and nowhere else.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from .diagnostics import refuse
from .records import names_of, record, replace

__all__ = ["CPU_TARGETS", "FEATURES", "FEW_THREADS", "GPU_DEFAULTS", "GPU_TARGETS", "Target", "cpu_target_of_host", "parse_target",
           "why_not"]  # fmt: skip


# Along an axis: eight times a thread's number, and a sum of eight, are still numbers of 32 bits (`ir/passes/near_ids`).
FEW_THREADS = 1 << 28


class Target(metaclass=record):
    """A place that code is made for.

    backend: which code generator ("cpu"). arch: the rest of the name.
    subgroup_size: lanes of a subgroup; 0 where it is known only at run time (of a CPU: `lanes`).

    has_fma: whether a fused multiply-add is an instruction.

    Of CPUs. triple / cpu / features: what LLVM is told. vector_bytes: width of the widest vector register that code uses.
    vector_registers: how many of them there are. has_f16: whether a conversion between f16 and f32 is an instruction.
    has_gather: whether loads from, and stores to, scattered addresses are instructions. They spare text, and little time:
    processors take them apart, AMD's for as long as lane by lane. streams: whether there are stores that go past the caches
    and spare reading the lines that they fill.

    Of GPUs. has: what the machine can do besides what all can (`FEATURES`). block_threads, block_limit, grid_limit,
    shared_bytes: the most threads of a block, in all and along each axis, the most blocks along each axis, and the most shared
    memory of a block.
    """

    backend: str
    arch: str
    triple: str = ""
    cpu: str = ""
    features: str = ""
    vector_bytes: int = 16
    has_fma: bool = False
    has_f16: bool = False
    has_gather: bool = False
    masked_memory: bool = False
    streams: bool = False
    vector_registers: int = 16
    has: frozenset[str] = frozenset()
    subgroup_size: int = 0
    block_threads: int = 1024
    block_limit: tuple[int, int, int] = (1024, 1024, 1024)
    grid_limit: tuple[int, int, int] = (2**31 - 1, 65535, 65535)
    shared_bytes: int = 48 << 10

    @property
    def name(self) -> str:
        return f"{self.backend}:{self.arch}"

    @property
    def lanes(self) -> int:
        """Threads that run together in one vector: as many 32-bit elements as a register holds."""
        return self.vector_bytes // 4

    @property
    def is_gpu(self) -> bool:
        return self.backend != "cpu"

    def under(self, math: str) -> Target:
        """The target without the instructions that a mode may not use: in "strict", those that lose subnormal numbers."""
        if math != "strict" or "flushes_f32" not in self.has:
            return self
        return replace(self, has_fma=False, has=self.has - {"atomic_f32_add", "atomic_f32_shared_add"})

    @property
    def key(self) -> str:
        """All that code depends on, as text that is the same in every process."""
        facts = [getattr(self, name) for name in names_of(self)]
        return repr([sorted(x) if isinstance(x, frozenset) else x for x in facts])

    def __str__(self) -> str:
        return self.name


_X86 = "x86_64-unknown-linux-gnu"
# What processors with AVX-512 have beside x86-64-v4 since Ice Lake and Zen 4: bytes that move from anywhere to anywhere (VBMI),
# counts of bits, dot products of bytes. A kernel on bytes is up to twice as fast, one that counts bits eight times.
_VBMI = "+avx512vbmi,+avx512vbmi2,+avx512bitalg,+avx512vpopcntdq,+avx512vnni,+avx512ifma,+gfni"
_ARM = "aarch64-unknown-linux-gnu"
CPU_TARGETS: dict[str, Target] = {
    t.arch: t
    for t in (
        Target("cpu", "x86-64-v2", _X86, "x86-64-v2", "", 16, streams=True),
        Target("cpu", "x86-64-v3", _X86, "x86-64-v3", "", 32, has_fma=True, has_f16=True, masked_memory=True,
               streams=True),
        Target("cpu", "x86-64-v4", _X86, "x86-64-v4", "", 64, has_fma=True, has_f16=True, has_gather=True,
               masked_memory=True, streams=True, vector_registers=32),
        Target("cpu", "x86-64-v4-vbmi", _X86, "x86-64-v4", _VBMI, 64, has_fma=True, has_f16=True, has_gather=True,
               masked_memory=True, streams=True, vector_registers=32),
        Target("cpu", "aarch64", _ARM, "generic", "+neon", 16, has_fma=True, has_f16=True, vector_registers=32),
    )
}  # fmt: skip

# x86-64 psABI levels, as /proc/cpuinfo spells the flags (x86-64 psABI 1.0, section 3.1.1).
_V2 = {"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"}
_V3 = _V2 | {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"}
_V4 = _V3 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
# Which the psABI has no level for: that of Ice Lake and Zen 4.
_V4_VBMI = _V4 | {"avx512vbmi", "avx512_vbmi2", "avx512_bitalg", "avx512_vpopcntdq", "avx512_vnni", "avx512ifma", "gfni"}
_NEEDS = {"x86-64-v2": _V2, "x86-64-v3": _V3, "x86-64-v4": _V4, "x86-64-v4-vbmi": _V4_VBMI}


@functools.cache
def _cpu_flags() -> set[str]:
    try:
        with open("/proc/cpuinfo", "rb", 0) as f:
            text = b""
            while part := f.read(8192):  # the kernel writes as much as it is asked for, and all processors' take it long
                text += part
                flags = text.partition(b"\nflags")[2]
                if b"\n" in flags:
                    return set(flags[flags.index(b":") + 1 : flags.index(b"\n")].decode().split())
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
    level = next((arch for arch in reversed(_NEEDS) if have >= _NEEDS[arch]), "x86-64-v2")
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


# GPUs

# What `Target.has` may hold: arithmetic on a type, storage of it, atomics by type and operation, subgroups.
FEATURES: dict[str, str] = {
    "f64": "arithmetic on f64",
    "i64": "arithmetic on 64-bit integers",
    "i16": "16-bit integers in memory",
    "i8": "8-bit integers in memory",
    "f16": "arithmetic on f16",
    "f16_storage": "f16 in memory, converted to and from f32",
    "bf16": "conversions between bf16 and f32",
    "subgroups": "shuffles and ballots between the threads of a subgroup",
    "atomic_i64": "atomics on 64-bit integers in global and shared memory",
    "shared_halves": "updates of half a 64-bit integer in shared memory",
    "atomic_u64_extremes": "minimum and maximum of u64 in global memory, without the old value",
    "atomic_i16": "compare and exchange of 16 bits in memory",
    "atomic_f32_add": "atomic sum of f32 in global memory",
    "atomic_f32_shared_add": "atomic sum of f32 in shared memory",
    "atomic_f32_min": "atomic minimum and maximum of f32 in global memory",
    "atomic_f64_add": "atomic sum of f64 in global memory",
    "atomic_f16_add": "atomic sum of f16 in global memory",
    "atomic_bf16_add": "atomic sum of bf16 in global memory",
    "exact_f32": "quotients and square roots of f32 that are correctly rounded",
    "flushes_f32": "comparisons, fused multiply-adds and atomic sums that take subnormal f32 for zero",
    "folds_zeros": "sums, products and quotients with a constant 0 that are folded without a thought for NaN",
    "fast_fma": "a fused multiply-add as quick as a product",
    **{
        f"{word}_{t}": f"{text} of {t} on demand"
        for t in ("f32", "f64")
        for word, text in {
            "denorm_preserve": "subnormal numbers",
            "rounding_rte": "rounding to nearest even",
            "signed_zero_inf_nan_preserve": "the sign of zeros, infinities and NaN",
        }.items()
    },
}

_ALL = frozenset(("f64", "i64", "i16", "i8", "f16", "f16_storage", "subgroups", "atomic_i64"))
_CUDA = _ALL | {"atomic_i16", "atomic_f32_add", "atomic_f32_shared_add", "atomic_f64_add", "atomic_f16_add"}
# A loop where the card has no instruction.
_HIP = _ALL | {"atomic_i16", "atomic_f32_add", "atomic_f32_shared_add", "atomic_f64_add"}
_METAL = frozenset(("i64", "i16", "i8", "f16", "f16_storage", "subgroups", "shared_halves"))
_VULKAN = _ALL  # of cards in desktops; a runtime says what its own device has
_ANY_GRID = (2**31 - 1, 2**31 - 1, 2**31 - 1)
_OPENCL = _ALL - {"f16", "subgroups"}


def _cuda(arch: str, shared_kilobytes: int) -> Target:
    """CUDA C++ Programming Guide 12.9, tables 27 and 28 (technical specifications by compute capability)."""
    version = int("".join([c for c in arch if c.isdigit()]))
    has = _CUDA | ({"bf16"} if version >= 80 else set()) | ({"atomic_bf16_add"} if version >= 90 else set())
    return Target("cuda", arch, has=frozenset(has), has_fma=True, subgroup_size=32, block_limit=(1024, 1024, 64),
                  shared_bytes=shared_kilobytes << 10)  # fmt: skip


def _hip(arch: str, lanes: int, shared_kilobytes: int = 64) -> Target:
    """lanes: GCN and CDNA have wavefronts of 64, and RDNA of 32, as HIP compiles them."""
    return Target("hip", arch, has=_HIP, has_fma=True, subgroup_size=lanes, shared_bytes=shared_kilobytes << 10)  # fmt: skip


def _metal(version: str) -> Target:
    """A version of the Metal Shading Language, on Apple's own GPUs, which have SIMD groups of 32."""
    has = _METAL | ({"atomic_f32_add"} if version >= "3.0" else set()) | ({"bf16"} if version >= "3.1" else set())
    return Target("metal", version, has=frozenset(has), has_fma=True, subgroup_size=32, grid_limit=_ANY_GRID,
                  shared_bytes=32 << 10)  # fmt: skip


def _khronos(backend: str, version: str, has: frozenset[str]) -> Target:
    return Target(backend, version, has=has, grid_limit=(65535, 65535, 65535), shared_bytes=32 << 10)


_CUDA_SHARED = {
    "sm_70": 96, "sm_72": 96, "sm_75": 64, "sm_80": 163, "sm_86": 99, "sm_87": 163, "sm_89": 99, "sm_90": 227, "sm_90a": 227,
    "sm_100": 227, "sm_100a": 227, "sm_103": 227, "sm_103a": 227, "sm_110": 227, "sm_110a": 227, "sm_120": 99, "sm_120a": 99,
    "sm_121": 99, "sm_121a": 99,
}  # fmt: skip
_HIP_LANES = {
    "gfx900": 64, "gfx906": 64, "gfx908": 64, "gfx90a": 64, "gfx942": 64, "gfx950": 64, "gfx1010": 32, "gfx1030": 32,
    "gfx1031": 32, "gfx1032": 32, "gfx1100": 32, "gfx1101": 32, "gfx1102": 32, "gfx1103": 32, "gfx1150": 32, "gfx1151": 32,
    "gfx1200": 32, "gfx1201": 32,
}  # fmt: skip

if TYPE_CHECKING:
    GPU_TARGETS: dict[str, Target]


@functools.cache
def __getattr__(name: str) -> dict[str, Target]:
    """`GPU_TARGETS`, made when somebody asks for it: a program that runs on the CPU does not."""
    if name != "GPU_TARGETS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = (
        *[_cuda(arch, shared) for arch, shared in _CUDA_SHARED.items()],
        *[_hip(arch, lanes, 160 if arch == "gfx950" else 64) for arch, lanes in _HIP_LANES.items()],
        *[_metal(version) for version in ("2.4", "3.0", "3.1", "3.2")],
        *[_khronos("vulkan", version, _VULKAN) for version in ("1.2", "1.3")],
        *[_khronos("opencl", version, _OPENCL) for version in ("2.0", "2.1", "2.2", "3.0")],
    )
    return {t.name: t for t in made}


def _gpu_targets() -> dict[str, Target]:
    return __getattr__("GPU_TARGETS")


# What a backend's bare name means.
GPU_DEFAULTS = {
    "cuda": "cuda:sm_75", "hip": "hip:gfx942", "metal": "metal:3.0", "vulkan": "vulkan:1.3", "opencl": "opencl:3.0",
}  # fmt: skip
# Also as the vendors write them: "vulkan1.3" (as in SPIR-V tools' --target-env), "metal3.1" (as in Metal's -std).
_SPELLED_WITH_VERSION = ("vulkan", "metal", "opencl")
_ALIASES = {**GPU_DEFAULTS, "metal3": "metal:3.0"}


def parse_target(name: str | Target | None) -> Target:
    """A `Target` from its name: "cpu" (this machine's), "cpu:x86-64-v3", or just "x86-64-v3"; "cuda:sm_90", "vulkan"."""
    if isinstance(name, Target):
        return name
    if name is None or name in ("cpu", "cpu:host"):
        return cpu_target_of_host()
    arch = name.removeprefix("cpu:") if isinstance(name, str) else ""
    if arch in CPU_TARGETS:
        return CPU_TARGETS[arch]
    found = _gpu_target(name) if isinstance(name, str) else None
    if found is not None:
        return found
    meant = _meant(name) if isinstance(name, str) else ""
    refuse("K501", None, f"there is no target {name!r}",
           help=f"it is written {meant!r}" if meant else f"the targets are: {_known_near(name)}")  # fmt: skip


def _gpu_target(name: str) -> Target | None:
    targets = _gpu_targets()
    for backend in _SPELLED_WITH_VERSION:
        if name.startswith(backend) and f"{backend}:{name.removeprefix(backend)}" in targets:
            return targets[f"{backend}:{name.removeprefix(backend)}"]
    return targets.get(_ALIASES.get(name, name))


def _meant(name: str) -> str:
    """The target whose architecture `name` ends with, as other tools write it: "sm_90", "cuda:sm90", "rocm:gfx90a"; or ""."""
    written = name.rpartition(":")[2].replace("_", "").replace("-", "").lower()
    for target in (*CPU_TARGETS.values(), *_gpu_targets().values()):
        if any(c.isalpha() for c in target.arch) and target.arch.replace("_", "").replace("-", "") == written:
            return target.name
    return ""


def _known_near(name: object) -> str:
    """The targets of the backend that is named, or all backends."""
    backend = name.partition(":")[0] if isinstance(name, str) else ""
    near = [t for t in _gpu_targets() if t.startswith(f"{backend}:")]
    if near:
        return ", ".join([backend, *near])
    known = ", ".join(f"cpu:{arch}" for arch in CPU_TARGETS)
    if backend == "cpu":
        return f"cpu, {known}"
    return f"cpu, {known}, and those of " + ", ".join(GPU_DEFAULTS) + " such as " + ", ".join(GPU_DEFAULTS.values())
