"""LLVM can select every op of every type and width on every target: otherwise it would end the user's process.

One idea: all of it compiles in child processes, and a child that dies names what it was compiling.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from kdsl.codegen.cpu import fate
from kdsl.codegen.rows import Refused
from kdsl.ir import types as T
from kdsl.ir.opdef import OPS
from kdsl.target import CPU_TARGETS, Target

_CHILD = """
import sys
sys.path[:0] = sys.argv[1].split(":")
from cpu_rows import arith_cases, build, cast_cases
from kdsl.codegen import cpu
from kdsl.ir import types as T
from kdsl.target import CPU_TARGETS
target = CPU_TARGETS[sys.argv[2]]
for t in T.SCALARS.values():
    for lanes in (0, 4, 8, 16):
        print(t, lanes, flush=True)
        for family in (arith_cases, cast_cases):
            cpu.compile_cpu(build(t, family(t), lanes), target)
print("done")
"""


@pytest.mark.slow
@pytest.mark.parametrize("target", CPU_TARGETS)
def test_everything_selects(target: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, ":".join(p for p in sys.path if p), target], capture_output=True, text=True
    )
    lines = done.stdout.split("\n")
    assert done.returncode == 0 and "done" in lines, f"died on {target} at {lines[-2:]}: {done.stderr[-2000:]}"


@pytest.mark.parametrize("name", OPS)
def test_every_op_has_a_fate(name: str) -> None:
    defn = OPS[name]
    allowed = defn.operands[0].allowed if defn.operands else frozenset[T.ScalarType]()
    for t in allowed or (None,):
        result = fate(name, t)
        assert not isinstance(result, Refused), (name, t, result)


def test_unknown_processors_never_reach_llvm() -> None:
    from kdsl.codegen.cpu.llvm import object_of
    from kdsl.diagnostics import InternalError

    with pytest.raises(InternalError, match="not in the table"):
        object_of("", Target("cpu", "x86-64-v9", "x86_64-unknown-linux-gnu", "x86-64-v9"))


def test_bad_text_is_an_internal_error() -> None:
    from kdsl.codegen.cpu.llvm import object_of
    from kdsl.diagnostics import InternalError

    with pytest.raises(InternalError, match="LLVM refuses"):
        object_of("define void @f() { ret i32 0 }", CPU_TARGETS["x86-64-v3"])
