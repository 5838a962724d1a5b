"""SPIR-V in tests: every module that a test makes goes through `validated`.

One idea: spirv-val, of the package spirv-tools, is the judge of what is well formed, for the environment that the module is for.
"""

from __future__ import annotations

import struct
import subprocess
from functools import cache

from toolbox import require_tool

from kdsl.artifact import Artifact
from kdsl.codegen.spirv.grammar import CAPABILITY, OPCODES

__all__ = ["disassembled", "validated"]

_ENVIRONMENTS = {"vulkan:1.2": "vulkan1.2", "vulkan:1.3": "vulkan1.3"}


@cache
def _problems(binary: bytes, environment: str) -> str:
    options = ["--scalar-block-layout"] if environment.startswith("vulkan") else []
    run = [require_tool("spirv-val"), "--target-env", environment, *options, "-"]
    done = subprocess.run(run, input=binary, capture_output=True, check=False)
    return "" if done.returncode == 0 else done.stderr.decode() + done.stdout.decode() or "spirv-val failed"


def validated(artifact: Artifact) -> Artifact:
    """The artifact; fails the test with spirv-val's words where its module is not valid."""
    environment = _ENVIRONMENTS.get(artifact.target) or _opencl(artifact.binary)
    wrong = _problems(artifact.binary, environment)
    assert not wrong, f"{wrong}\n{disassembled(artifact)[:20000]}"
    return artifact


def _opencl(binary: bytes) -> str:
    """What devices of OpenCL take by an extension (64-bit atomics, subgroups) spirv-val takes only outside of OpenCL."""
    words = struct.unpack(f"<{len(binary) // 4}I", binary)
    declared, at = set(), 5
    while words[at] & 0xFFFF == OPCODES["Capability"]:
        declared.add(words[at + 1])
        at += words[at] >> 16
    extended = declared & {CAPABILITY["Int64Atomics"], CAPABILITY["GroupNonUniform"]}
    return f"spv1.{words[1] >> 8 & 0xFF}" if extended else "opencl2.2"


def disassembled(artifact: Artifact) -> str:
    """The module as text, without the header's comments."""
    run = [require_tool("spirv-dis"), "--no-header", "-"]
    return subprocess.run(run, input=artifact.binary, capture_output=True, check=True).stdout.decode()
