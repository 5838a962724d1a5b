"""HIP texts through AMD's compiler: clang for each architecture, with a header of its own in place of ROCm.

One idea: the compiler goes all the way to machine code, because what an architecture lacks is often found only there; the notes
of the code say how many registers were spilled.
"""

from __future__ import annotations

import re
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .building import HERE, built, folder, run

__all__ = ["ARCHITECTURES", "Compiled", "accepted", "assembled"]

ARCHITECTURES = ("gfx90a", "gfx942", "gfx1030", "gfx1100", "gfx1200")
_FLAGS = ("-x", "hip", "--cuda-device-only", "-nogpulib", "-nogpuinc", "-std=c++17", "-ffp-contract=off", "-fwrapv",
          "-fno-strict-aliasing", "-Werror", "-Wno-unused-value")  # fmt: skip


@dataclass(frozen=True)
class Compiled:
    """What the compiler says of one kernel."""

    spilled: int
    scratch_bytes: int
    shared_bytes: int
    registers: int


def assembled(texts: Sequence[str], arch: str, clang: str, *, optimised: bool = True) -> dict[str, Compiled]:
    """Facts of each kernel of the texts, whose names must differ; BuildError where the compiler refuses one."""
    place = folder() / f"amd-{arch}-{abs(hash(tuple(texts))):x}"
    source, out = place.with_suffix(".hip"), place.with_suffix(".s")
    source.write_text("\n".join(['#include "amd.h"', *texts]))
    try:
        run([clang, *_FLAGS, "-O3" if optimised else "-O1", f"--offload-arch={arch}", "-I", HERE / "simt", "-S", source, "-o", out])
        return _facts(out)
    finally:
        source.unlink(missing_ok=True)
        out.unlink(missing_ok=True)


def accepted(texts: Sequence[str], architectures: Sequence[str]) -> None:
    """Nothing, where AMD's compiler takes the texts for one of the architectures; which, the texts themselves decide."""
    clang = shutil.which("clang-19") or shutil.which("clang")
    if clang is None:
        return  # a test of its own says that it is missing
    key = "\0".join(texts)
    arch = architectures[zlib.crc32(key.encode()) % len(architectures)]
    built(".accepted", [key, arch, clang], lambda out: _accept(texts, arch, clang, out))


def _accept(texts: Sequence[str], arch: str, clang: str, out: Path) -> None:
    assembled(texts, arch, clang, optimised=False)
    out.touch()


def _facts(path: Path) -> dict[str, Compiled]:
    notes = path.read_text().rpartition("amdhsa.kernels:")[2]
    found: dict[str, Compiled] = {}
    for kernel in re.split(r"^  - ", notes, flags=re.M)[1:]:
        facts = dict(re.findall(r"^ *\.(\w+): +(\S+)$", kernel, flags=re.M))
        if "symbol" not in facts:
            continue
        spilled = int(facts.get("sgpr_spill_count", 0)) + int(facts.get("vgpr_spill_count", 0))
        found[facts["symbol"].removesuffix(".kd")] = Compiled(
            spilled, int(facts["private_segment_fixed_size"]), int(facts["group_segment_fixed_size"]), int(facts["vgpr_count"])
        )
    return found
