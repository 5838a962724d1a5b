"""Writes ``kdsl/codegen/spirv/grammar.py`` from the machine-readable grammar of SPIR-V.

One idea: the numbers are read once, by this program, from the files of the SPIRV-Headers project (on Debian: the package
spirv-headers), and kept in the repository with their revision, so that kdsl needs none of them at run time.

Run ``python tools/make_spirv_table.py [folder with spirv.core.grammar.json] > kdsl/codegen/spirv/grammar.py``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_FOLDER = "/usr/include/spirv/unified1"
# What only one vendor's drivers take has no place in portable code.
_VENDORS = ("INTEL", "NV", "AMD", "NVX", "HUAWEI", "GOOGLE", "QCOM", "ARM")
_KINDS = (
    "AddressingModel", "BuiltIn", "Capability", "Decoration", "ExecutionMode", "ExecutionModel", "FunctionControl",
    "LoopControl", "MemoryAccess", "MemoryModel", "MemorySemantics", "Scope", "SelectionControl", "SourceLanguage",
    "StorageClass", "FPRoundingMode",
)  # fmt: skip


def _number(value: Any) -> int:
    return int(value, 0) if isinstance(value, str) else value


def _portable(name: str) -> bool:
    return not name.endswith(_VENDORS)


def _opcodes(grammar: dict[str, Any]) -> dict[str, int]:
    rows = {i["opname"].removeprefix("Op"): i["opcode"] for i in grammar["instructions"]}
    return {name: code for name, code in rows.items() if _portable(name)}


def _enumerants(grammar: dict[str, Any], kind: str) -> dict[str, int]:
    (found,) = [k for k in grammar["operand_kinds"] if k["kind"] == kind]
    rows = {e["enumerant"]: _number(e["value"]) for e in found["enumerants"]}
    return {name: value for name, value in rows.items() if _portable(name)}


def _table(name: str, rows: dict[str, int]) -> str:
    lines, line = [], "   "
    for key, value in rows.items():
        item = f' "{key}": {value},'
        if len(line) + len(item) > 119:
            lines.append(line)
            line = "   "
        line += item
    return "\n".join([f"{name}: dict[str, int] = {{", *lines, line, "}  # fmt: skip"])


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else _FOLDER)

    def read(name: str) -> dict[str, Any]:
        return json.loads((folder / name).read_text(encoding="utf-8"))

    core = read("spirv.core.grammar.json")
    revision = f"{core['major_version']}.{core['minor_version']} revision {core['revision']}"
    print('"""The numbers of SPIR-V: opcodes, enumerants, extended instructions. Written by tools/make_spirv_table.py.\n')
    print("One idea: names here are those of the specification, opcodes without their Op; vendors' own are left out.")
    print('"""\n\nfrom __future__ import annotations\n')
    tables = [("OPCODES", _opcodes(core))]
    tables += [(_constant(kind), _enumerants(core, kind)) for kind in _KINDS]
    for name, file in (("GLSL_STD_450", "extinst.glsl.std.450.grammar.json"),
                       ("OPENCL_STD", "extinst.opencl.std.100.grammar.json")):  # fmt: skip
        tables.append((name, {i["opname"]: i["opcode"] for i in read(file)["instructions"]}))
    print("__all__ = [")
    for name in ["REVISION", *sorted(name for name, _ in tables)]:
        print(f'    "{name}",')
    print("]\n")
    print(f'REVISION = "{revision}"  # of the grammar\n')
    print("\n\n".join(_table(name, rows) for name, rows in tables))


def _constant(kind: str) -> str:
    """MemoryModel as MEMORY_MODEL."""
    out = ""
    for k, c in enumerate(kind):
        out += "_" if k and c.isupper() and not kind[k - 1].isupper() else ""
        out += c.upper()
    return out.replace("FPROUNDING", "FP_ROUNDING")


if __name__ == "__main__":
    main()
