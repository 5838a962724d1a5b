"""docs/CONFORMANCE.md: which op was tried on which type, on which backend, and how.

    python -m tests.conformance.report            prints it
    python -m tests.conformance.report --write    writes docs/CONFORMANCE.md

One idea: the table is read off the suite's own lists (cells, COVERED, cases), which its tests run or fail, off what each
backend says that it refuses, and off what `make check-gpu` wrote of the GPUs it ran on. So it is current when it equals the file,
without running anything.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).resolve().parents[1]
if str(_TESTS) not in sys.path:  # run as a program
    sys.path[:0] = [str(_TESTS.parent), str(_TESTS)]

from conformance import matrix, test_memory, test_subgroups  # noqa: E402
from conformance.backends import BACKENDS, Backend, Cpu, Emulated, Interpreter  # noqa: E402
from conformance.cases import all_cases, kernel_groups  # noqa: E402
from conformance.khronos import OpenCL, Vulkan  # noqa: E402
from conformance.planted import bounds, races  # noqa: E402
from emulation.backends import Emulated as Compiled  # noqa: E402
from emulation.ptx.backend import Ptx  # noqa: E402

from kdsl.ir import types as T  # noqa: E402
from kdsl.ir.core import walk  # noqa: E402
from kdsl.ir.opdef import OPS, Level  # noqa: E402

__all__ = ["PATH", "render", "tested"]

PATH = _TESTS.parent / "docs" / "CONFORMANCE.md"
RESULTS = _TESTS.parent / "benchmarks" / "results"
_HOW = {"executed": "E", "executed under emulation": "Q", "executed by software": "S", "not checked": "–"}


@cache
def on_hardware(kind: str) -> list[dict[str, Any]]:
    """What `make check-gpu` found on devices of that kind."""
    found = [json.loads(p.read_text(encoding="utf-8")) for p in sorted(RESULTS.glob(f"{kind}-*.json"))]
    return [f for f in found if f["passed"].get("conformance")]


@cache
def _groups_of() -> dict[tuple[str, str], set[str]]:
    """(op, type) -> the groups of cells that try it."""
    out: dict[tuple[str, str], set[str]] = {}
    for group in matrix.groups("strict"):
        for c in group.cells:
            out.setdefault((c.op.name, c.tested_type), set()).add(group.name)
    return out


@cache
def _passed(kind: str) -> frozenset[str]:
    """Names of the tests that passed on a device of the kind, without the device."""
    return frozenset(
        name.removeprefix("conformance.").replace(f"-{found['device']}", "")
        for found in on_hardware(kind)
        for name in found["passed"]["conformance"]
    )


def ran_on_hardware(kind: str, op: str, type_name: str) -> bool:
    """Whether the tests of a cell passed on a device of the kind."""
    passed = _passed(kind)
    groups = _groups_of().get((op, type_name))
    if groups:
        return all(f"test_ops::test_strict[{g}-vector]" in passed for g in groups)
    if (op, type_name) in test_subgroups.COVERED:
        return f"test_subgroups::test_backend[{type_name}]" in passed
    if (op, type_name) in test_memory.COVERED:
        names = ["own_cells", "shared_cells"] if op.startswith("atomic.") else []
        tests = [f"test_atomics_on_{n}" for n in names] or ["test_every_way_to_reach_an_element", "test_fields_and_components"]
        return all(f"test_memory::{test}[{type_name}]" in passed for test in tests)
    return any(f"test_kernels::test_kernel[{name}]" in passed for name in in_kernels().get(op, ()))


def tested() -> dict[str, set[str]]:
    """Op -> the types that a test of this suite tries it on, beyond kernels of the front end."""
    out: dict[str, set[str]] = {}
    for c in matrix.cells():
        out.setdefault(c.op.name, set()).add(c.tested_type)
    for name, t in test_memory.COVERED | test_subgroups.COVERED:
        out.setdefault(name, set()).add(t)
    return out


@cache
def in_kernels() -> dict[str, set[str]]:
    """Ops that the kernels of the front end contain, and the kernels that contain each."""
    from conformance.test_kernels import arguments, function_of

    found: dict[str, set[str]] = {}
    for name, cases in kernel_groups().items():
        for op in walk(function_of(cases[0], arguments(cases[0]), "strict").body):
            found.setdefault(op.defn.name, set()).add(name)
    return found


def status(backend: Backend, op: str, type_name: str) -> str:
    """What becomes of a cell on a backend: executed, executed under emulation, or refused with a reason."""
    if isinstance(backend, Interpreter):
        return "executed"
    if isinstance(backend, Compiled | OpenCL | Vulkan | Ptx):
        return _status_on_gpu(backend, op, type_name)
    from kdsl.codegen.cpu.rows import Refused, fate

    first = type_name.split("->")[0]
    answer = fate(op, T.SCALARS.get(first))
    if isinstance(answer, Refused) and not op.startswith(("atomic.", "memory.alloc")):
        return f"refused: {answer.reason}"
    # By name, not by this machine: the file must not depend on where it was made.
    return "executed under emulation" if isinstance(backend, Emulated) else "executed"


def _status_on_gpu(backend: Backend, op: str, type_name: str) -> str:
    operand, _, result = type_name.partition("->")
    refused = backend.refusal(op, [operand], result or operand)
    if refused:
        return f"refused: {refused}"
    if ran_on_hardware(backend.name.partition(":")[0], op, type_name):
        return "executed"
    return "executed under emulation" if isinstance(backend, Compiled | Ptx) else "executed by software"


def _types_text(names: Iterable[str]) -> str:
    """Types in the table's order; casts as sources to targets."""
    order = list(T.SCALARS)
    pairs = [n.split("->") for n in names]
    if any(len(p) == 2 for p in pairs):
        sources = {p[0] for p in pairs}
        if len(pairs) == len(sources) ** 2:
            return f"every one of {len(sources)} types to every one"
        return f"{len(pairs)} pairs of types of the same width"
    return " ".join(sorted((p[0] for p in pairs), key=order.index))


def _rows() -> list[str]:
    lines = []
    kernels = in_kernels()
    found = tested()
    for name, op in OPS.items():
        if op.level is Level.BLOCK or matrix.is_partial(op):
            continue
        types = found.get(name, set())
        if not types:
            where = "in kernels" if name in kernels else "not checked"
            fates = [where if where == "not checked" else status(b, name, "i32") for b in BACKENDS]
            marks = [_HOW.get(x, x) for x in fates]
            lines.append(f"| `{name}` | {where} | " + " | ".join(marks) + " |")
            continue
        by_fate: dict[tuple[str, ...], set[str]] = {}
        for t in sorted(types):
            by_fate.setdefault(tuple(status(b, name, t) for b in BACKENDS), set()).add(t)
        for fates, group in by_fate.items():
            marks = [_HOW.get(x, x) for x in fates]
            lines.append(f"| `{name}` | {_types_text(group)} | " + " | ".join(marks) + " |")
    return lines


def render() -> str:
    """The whole file."""
    cells, cases = matrix.cells(), all_cases()
    block_level = [name for name, op in OPS.items() if op.level is Level.BLOCK]
    header = "| op | types | " + " | ".join(b.name for b in BACKENDS) + " |"
    lines = [
        "# Conformance",
        "",
        "Written by `python -m tests.conformance.report --write`; a test checks that it is current. The suite is",
        "`tests/conformance`; what runs on every backend has its meaning from the interpreter and, in kernels, from an oracle in",
        "NumPy or plain Python.",
        "",
        "* **E**: executed on hardware. The targets x86-64-v3 and x86-64-v4-vbmi are skipped on a processor that has less, and so",
        "  is x86-64-v4; without AVX-512 all that x86-64-v4 decides (16 lanes, masks, gathers) runs in instructions of x86-64-v3.",
        *_devices(),
        "* **Q**: executed in emulation: AArch64 code by `qemu-aarch64` (on hardware when the suite runs there), texts for GPUs",
        "  by the executor of `tests/emulation`, which looks for races and accesses out of bounds; AMD's compiler accepts each",
        "  HIP text, and clang each Metal text as C++ for OpenCL.",
        "* **S**: executed by a driver of software: Vulkan on Mesa's lavapipe, OpenCL on PoCL; on hardware where Vulkan has it.",
        "* Anything else is the reason why the backend refuses the op for these types.",
        "",
        f"{len(cells)} cells of op and types are tried on all combinations of corner values and on random values, as a thread per",
        'value and as a loop in one thread. math="strict" must give the interpreter\'s bits; math="default" may differ by 4 ULP in',
        f"elementary functions. {len(cases)} launches of {len({c.kernel.name for c in cases})} kernels go through the whole",
        f"compiler. {len(bounds.BUGS)} planted accesses out of bounds are reported with line, array, axis, index and extent by the",
        f"interpreter and by debug builds; {len(races.RACES)} planted races are found by the interpreter.",
        "",
        header,
        "|" + "---|" * (2 + len(BACKENDS)),
        *_rows(),
        "",
        "Ops of block level are what vectorized code is made of; every case above runs through them on the CPU targets, and the",
        "property tests compare them with the thread level: " + ", ".join(f"`{n}`" for n in block_level) + ".",
        "",
    ]
    return "\n".join(lines)


def _devices() -> list[str]:
    """Which GPUs the suite ran on, from the files that `make check-gpu` writes."""
    found = [f for kind in ("cuda", "vulkan") for f in on_hardware(kind)]
    lines = []
    for f in found:
        kind, name = f["device"].partition(":")[0], f["text"].split(",")[0]
        lines.append(f"  {kind}: {name}, {f['date']}, {f['suites']['conformance']['passed']} tests passed.")
    return lines


def main() -> None:
    if "--write" in sys.argv[1:]:
        PATH.write_text(render(), encoding="utf-8")
    else:
        print(render())


_ = Cpu
if __name__ == "__main__":
    main()
