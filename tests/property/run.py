"""Many random programs, compared: `python -m tests.property.run --count 100000 --seed 0 --jobs 2`.

One idea: a comparison is a function from a case to "" or what is wrong, named `module:function` or by a word below,
so any two implementations can be held against each other; every failure is printed with its seed, made smaller, and
with its IR.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from kdsl.diagnostics import KdslError
from kdsl.ir.core import Function, walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.parse import equal, parse
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.ir.pipeline import run_pipeline
from kdsl.ir.text import print_function
from kdsl.ir.verify import errors_of
from kdsl.target import CPU_TARGETS

from .generate import Case, compare, random_case, repro

__all__ = ["COMPARISONS", "Comparison", "check", "check_all", "interpreted", "seeds", "shrink"]

Comparison = Callable[[Case], str]
_PATIENCE_S = 300
_TESTS = str(Path(__file__).parents[1])  # helpers that all tests share; pytest puts it there by itself
if _TESTS not in sys.path:
    sys.path.insert(0, _TESTS)


def interpreted(case: Case, function: Function | None = None, **options: Any) -> list[Any]:
    """The arguments after the interpreter ran the case's function (or another on its arguments)."""
    args = case.args()
    options = {"check": case.checked, "step_limit": 100_000, **options}
    interpret(function or case.function, args, case.grid, case.block, threads=case.threads, **options)
    return args


def against_simplify(case: Case) -> str:
    """The simplified program means the same, and is well formed."""
    g = simplify(case.function)
    return "\n".join(errors_of(g)) or compare(case, interpreted(case), interpreted(case, g))


def against_text(case: Case) -> str:
    """The program's text is read back as the same program."""
    text = print_function(case.function)
    again = parse(text)
    if print_function(again) != text:
        return "the text changes when it is read and printed"
    return "" if equal(case.function, again) else "what is read differs from what was printed"


def against_order(case: Case) -> str:
    """Nothing depends on the order of blocks and threads: the generator's own promise."""
    other = interpreted(case, order="reverse", subgroup_size=32)
    return compare(case, interpreted(case, subgroup_size=32), other)


def against_vectorize(case: Case) -> str:
    """The CPU's whole pipeline, run by the interpreter at block level, means the same as the thread-level program."""
    target = tuple(CPU_TARGETS.values())[case.seed % 3]
    linear = case.block[0] % target.lanes != 0
    g = run_pipeline(case.function, "cpu_linear" if linear else "cpu", target)
    after = interpreted(case, g, check=False, subgroup_size=target.lanes)
    return compare(case, interpreted(case, subgroup_size=target.lanes), after)


def _late(name: str, module: str = "cpu") -> Callable[..., Any]:
    """A function of another file, imported when it is called: the other comparisons need no machine code."""

    def call(given: Any) -> Any:
        return getattr(importlib.import_module(f".{module}", __package__), name)(given)

    return call


def well_formed(case: Case) -> str:
    return "\n".join(errors_of(case.function))


COMPARISONS: dict[str, Comparison] = {
    "verify": well_formed, "simplify": against_simplify, "text": against_text, "order": against_order,
    "vectorize": against_vectorize, "cpu": _late("against_cpu"), "arm": _late("against_arm"),
    "vulkan": _late("against_vulkan", "vulkan"), "ptx": _late("against_ptx", "ptx"),
    "hip": _late("against_hip", "emulated"), "metal": _late("against_metal", "emulated"),
    "hardware": _late("against_hardware", "hardware"),
}  # fmt: skip

# Comparisons that are faster on many cases at once.
TOGETHER: dict[str, Callable[[list[Case]], list[str]]] = {
    "cpu": _late("against_cpu_many"), "arm": _late("against_arm_many"),
    "vulkan": _late("against_vulkan_many", "vulkan"), "hip": _late("against_hip_many", "emulated"),
    "metal": _late("against_metal_many", "emulated"),
}  # fmt: skip
BATCH = 48


def comparison(name: str) -> Comparison:
    """A comparison by its word, or `module:function`."""
    if name in COMPARISONS:
        return COMPARISONS[name]
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def outcome(case: Case, compare_with: Comparison) -> str:
    """What a comparison says; an error that kdsl raises on purpose is a difference too."""
    try:
        return compare_with(case)
    except KdslError as e:
        return f"{type(e).__name__}: {e}"


def check(seed: int, size: int, compare_with: Comparison) -> str:
    """"" or a report of what is wrong with the program of `seed`, in the smallest size that still shows it."""
    case = random_case(seed, size)
    wrong = outcome(case, compare_with)
    return report(*shrink(case, wrong, compare_with)) if wrong else ""


def shrink(case: Case, wrong: str, compare_with: Comparison) -> tuple[Case, str]:
    """The least number of statements of the same seed that still fails: a prefix of the same program."""
    for size in range(case.size):
        smaller = random_case(case.seed, size)
        found = outcome(smaller, compare_with)
        if found:
            return smaller, found
    return case, wrong


def report(case: Case, wrong: str) -> str:
    ops = sum(1 for _ in walk(case.function.body))
    return f"{wrong}\n# {ops} ops\n{repro(case)}"


SIZES = (5, 20, 40, 80)


def seeds(first: int, count: int, sizes: Sequence[int] = SIZES) -> Iterator[tuple[int, int]]:
    """(seed, size) of a run: small programs and large ones in turn."""
    for k in range(first, first + count):
        yield k, sizes[k % len(sizes)]


def check_all(jobs: list[tuple[int, int]], name: str) -> list[str]:
    """The reports of what is wrong with the programs of some (seed, size)."""
    alone = comparison(name)
    if name not in TOGETHER:
        return [found for found in [check(*job, alone) for job in jobs] if found]
    cases = [random_case(*job) for job in jobs]
    wrong = TOGETHER[name](cases)
    return [report(*shrink(case, found, alone)) for case, found in zip(cases, wrong, strict=True) if found]


def _batch(name: str, jobs: list[tuple[int, int]]) -> list[str]:
    faulthandler.dump_traceback_later(_PATIENCE_S, exit=True)  # a program that does not end says where it is
    try:
        return check_all(jobs, name)
    finally:
        faulthandler.cancel_dump_traceback_later()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; the run takes `count` from there on")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="statements of a program, taken in turn")
    parser.add_argument("--compare", default="simplify", help=f"{', '.join(COMPARISONS)}, or module:function")
    parser.add_argument("--stop", type=int, default=3, help="give up after this many failures")
    options = parser.parse_args()
    comparison(options.compare)  # an unknown name fails here, not in every worker
    start, failures, k, said = time.time(), 0, 0, 0
    jobs = list(seeds(options.seed, options.count, [int(x) for x in options.sizes.split(",")]))
    batches = [jobs[at : at + BATCH] for at in range(0, len(jobs), BATCH)]
    # An executor, not a pool: when a program kills its process the run ends instead of waiting for ever.
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as workers:
        for batch, found in zip(batches, workers.map(partial(_batch, options.compare), batches), strict=True):
            k += len(batch)
            failures += len(found)
            for text in found:
                print(text, flush=True)
            if k // 1000 > said:
                said = k // 1000
                done = f"{k} of {options.count} (up to seed {batch[-1][0]}), {failures} failures, {time.time() - start:.0f} s"
                print(done, file=sys.stderr, flush=True)
            if failures >= options.stop:
                workers.shutdown(cancel_futures=True)
                break
    print(f"{k} programs, {failures} failures, {time.time() - start:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
