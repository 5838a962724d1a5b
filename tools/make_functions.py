"""Writes the functions that texts call as they stand in them: kdsl/codegen/written.py.

    python tools/make_functions.py            writes it
    python tools/make_functions.py --check    says whether it is what would be written today

Run by whoever changes the reduction of huge arguments, or how PTX, HIP or Metal texts look; a test checks.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kdsl.codegen.cfamily import functions as cfamily
from kdsl.codegen.hip.dialect import HIP
from kdsl.codegen.msl.dialect import MSL
from kdsl.codegen.ptx import functions as ptx
from kdsl.ir import types as T
from kdsl.ir.ops import machine
from kdsl.ir.passes.legalize.functions import name_of
from kdsl.target import GPU_DEFAULTS, parse_target

PLACE = Path(__file__).resolve().parents[1] / "kdsl" / "codegen" / "written.py"
HEAD = '''"""Functions that texts call, as they stand in them. Written by tools/make_functions.py; do not edit.

One idea: these are the same in every process, and to make them took a seventh of the time of the first text that has one. What
is not here is made when it is wanted: the functions of math="strict" and "fast", which fewer kernels ask for.
"""

from __future__ import annotations

__all__ = ["WRITTEN"]

# (Language, name) -> what stands in the text for it, in parts.
WRITTEN: dict[tuple[str, str], tuple[str, ...]] = {
'''


def functions() -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for backend, dialect, types in (("cuda", None, (T.f32, T.f64)), ("hip", HIP, (T.f32, T.f64)), ("metal", MSL, (T.f32,))):
        target = parse_target(GPU_DEFAULTS[backend])
        for t in types:
            name = name_of(machine.PAYNE_HANEK, t, "default")
            if dialect is None:
                found["PTX", name] = ptx.write(t, target, "default")
            else:
                found[dialect.name, name] = (cfamily.write(machine.PAYNE_HANEK, t, dialect, target, "default"),)
    return found


def text() -> str:
    out = [HEAD]
    for (language, name), parts in functions().items():
        out.append(f'    ("{language}", "{name}"): (\n')
        out += [f'        """\\\n{part}""",\n' for part in parts]
        out.append("    ),\n")
    return "".join([*out, "}\n"])


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes kdsl/codegen/written.py.")
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        PLACE.write_text(text(), encoding="utf-8")
        return 0
    is_current = PLACE.read_text(encoding="utf-8") == text()
    if not is_current:
        print(f"{PLACE.name} is not what would be written today", file=sys.stderr)
    return 0 if is_current else 1


if __name__ == "__main__":
    sys.exit(main())
