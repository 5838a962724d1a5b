"""Subgroups of 4 and of 16 lanes on a device: lavapipe's are as wide as the vectors that it is told to use.

One idea: what `test_subgroups` does at the device's own number of lanes, on some types and blocks, in a child process for each
number. Mesa's own cache of shaders does not know of the number, so those processes use none.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from toolbox import missing
from vulkan_launch import missing_vulkan

TESTS = Path(__file__).resolve().parents[1]

_PROGRAM = """
import sys
from conformance.backends import Interpreter
from conformance.khronos import Vulkan
from conformance.test_memory import check
from conformance.test_subgroups import arguments, kernel, launch, total_of
from kdsl.ir import types as T

backend = Vulkan()
print(backend.lanes)
for t in (T.f32, T.bool_) if backend.lanes == int(sys.argv[1]) else ():
    for where in ((2, 64, None), (2, (5, 3), None), (2, 48, 90)):
        args = arguments(t, total_of(where))
        wanted = [a.copy() for a in args]
        launch(Interpreter(), t, wanted, where, backend.lanes)
        launch(backend, t, args, where, backend.lanes)
        for k, p in enumerate(kernel(t).params):
            check(p.type.element, args[k], wanted[k], f"{p.name} at {where}")
"""


@pytest.mark.parametrize("lanes", [4, 16])
def test_subgroups_of_other_sizes(lanes: int, tmp_path: Path) -> None:
    if missing_vulkan():
        missing(missing_vulkan())
    env = {**os.environ, "LP_NATIVE_VECTOR_WIDTH": str(lanes * 32), "MESA_SHADER_CACHE_DISABLE": "true",
           "KDSL_VULKAN_VALIDATION": "0", "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}  # fmt: skip
    command = [sys.executable, "-c", _PROGRAM, str(lanes)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = int(done.stdout.split()[0])
    if found != lanes:
        # Only lavapipe has the width that it is told; another device has its own, which the rest of the suite runs.
        pytest.skip(f"this device has subgroups of {found}")
