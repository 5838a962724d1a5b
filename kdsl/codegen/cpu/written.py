"""Elementary functions that kernels call, as machine code: what LLVM makes of them is the same in every process, and took 4 of 10
milliseconds that it had for a kernel of 100 lines.

One idea: a function's machine code, with the constants that it reads behind it, is data that LLVM writes where the function begins
("prologue data"): the module stays one text, and its object is like any other. `functions-*.ll` has a line for each,
written by tools/make_cpu_functions.py. What is not there is compiled: other numbers of lanes than those of the target's vectors,
math="strict", f64 under math="fast", other targets.
"""

from __future__ import annotations

import functools
import os

from ...target import CPU_TARGETS, Target

__all__ = ["WRITTEN_FOR", "written"]

# Where constants are told from the place that reads them; on AArch64, from the page that it lies in.
# By target, whose code it takes: what x86-64-v4-vbmi has beside x86-64-v4 is nothing to them.
WRITTEN_FOR = {"x86-64-v3": "x86-64-v3", "x86-64-v4": "x86-64-v4", "x86-64-v4-vbmi": "x86-64-v4"}


@functools.cache
def _text(arch: str) -> str:
    path = os.path.join(os.path.dirname(__file__), f"functions-{arch}.ll")
    try:
        return __loader__.get_data(path).decode("ascii")  # type: ignore[name-defined]  # from an archive too
    except OSError:  # a program that kdsl was frozen into, without its data: they are compiled
        return ""


def written(name: str, target: Target) -> str | None:
    """The definition of the function of that name (`@math.sin.f32.8.default`), where it stands ready."""
    if target.arch not in WRITTEN_FOR or CPU_TARGETS[target.arch] != target:
        return None
    text = _text(WRITTEN_FOR[target.arch])
    at = text.find(f" {name}(")
    return None if at < 0 else text[text.rindex("\n", 0, at) + 1 : text.index("\n", at)]
