"""Compiles the C of kdsl/native to LLVM's language, for the machines that libraries are built for.

    python tools/make_support.py            writes kdsl/native/support-*.ll and inside-*.ll
    python tools/make_support.py --check    says whether they are those of today's support.c and inside.c

Run by whoever changes these; building a library takes the results and no compiler. Needs clang 19 (its language is read by
every LLVM that kdsl works with).
"""

from __future__ import annotations

import argparse
import itertools
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1] / "kdsl" / "native"
SOURCES = ("support", "inside")
MACHINES = {"x86_64": "x86_64-unknown-linux-gnu", "aarch64": "aarch64-unknown-linux-gnu"}


def compiled(source: str, triple: str, clang: str) -> str:
    """The text of a C file for a machine, without what depends on where it was made."""
    command = [clang, f"--target={triple}", "-ffreestanding", "-nostdinc", "-std=c11", "-O2", "-fPIC", "-Wall", "-Wextra",
               "-Werror", "-fno-vectorize", "-fno-slp-vectorize", "-fno-stack-protector", "-fno-asynchronous-unwind-tables",
               "-S", "-emit-llvm", "-o", "-", f"{source}.c"]  # fmt: skip
    text = subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True).stdout
    text = re.sub(r"^; ModuleID.*\n|^source_filename.*\n|^!llvm\.ident.*\n", "", text, flags=re.M)
    text = re.sub(r'"clang version[^"]*"', '"clang"', text)
    return re.sub(r' "(target-cpu|target-features|tune-cpu)"="[^"]*"', "", text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    clang = shutil.which("clang-19")
    if clang is None:
        print("clang-19 is not on the PATH", file=sys.stderr)
        return 2
    stale = []
    for source, (machine, triple) in itertools.product(SOURCES, MACHINES.items()):
        path, text = HERE / f"{source}-{machine}.ll", compiled(source, triple, clang)
        if check and (not path.is_file() or path.read_text() != text):
            stale.append(path.name)
        if not check:
            path.write_text(text)
    if stale:
        print(f"not those of their sources: {', '.join(stale)}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
