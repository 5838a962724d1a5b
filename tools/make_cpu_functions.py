"""Writes the elementary functions that CPU code calls as machine code: kdsl/codegen/cpu/functions-*.ll.

    python tools/make_cpu_functions.py            writes them
    python tools/make_cpu_functions.py --check    says whether they are of the functions of today

Run by whoever changes an elementary function (kdsl/ir/mathlib) or how CPUs spell its ops; a test checks. Each line ends with the
digest of the LLVM text that it was made of, since another LLVM makes other code of it, which is as good.
"""

from __future__ import annotations

import argparse
import re
import struct
import sys
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kdsl.codegen.cpu import TAIL
from kdsl.codegen.cpu.emitter import Emitter
from kdsl.codegen.cpu.functions import declared
from kdsl.codegen.cpu.llvm import object_of
from kdsl.codegen.cpu.written import WRITTEN_FOR
from kdsl.ir import types as T
from kdsl.ir.core import Function
from kdsl.ir.opdef import OPS, Level, OpDef
from kdsl.ir.ops import math
from kdsl.runtime.cpu.elf import ALLOC, Elf
from kdsl.target import CPU_TARGETS, Target

PLACE = Path(__file__).resolve().parents[1] / "kdsl" / "codegen" / "cpu"
HEAD = """\
; Elementary functions as machine code, a line each. Written by tools/make_cpu_functions.py; do not edit.
; The code is data in front of a body that nobody reaches; behind it stands the digest of the text that it was made of.
"""
_RELATIVE = (2, 4)  # R_X86_64_PC32, R_X86_64_PLT32
_ALIGN = 64  # of vectors in memory; loops begin where LLVM has put them


def texts(target: Target) -> Iterator[tuple[str, str]]:
    """Name and LLVM text of each function; the text begins with it, and holds what it calls and reads."""
    for mode in ("default", "fast"):
        for defns in [*[[defn] for defn in OPS.values() if defn.function], [math.SIN, math.COS]]:
            for elements in _types(defns[0], mode):
                e = Emitter(Function("f", (), level=Level.BLOCK, attributes={"math": mode, "width": target.lanes}), target)
                element = elements[0] if defns[0].results[0].letter else T.SCALARS[defns[0].results[0].rule]
                name, _ = declared(e, defns, elements, T.TileType(element, (target.lanes,)))
                yield name, "\n".join([e.tail.pop(name), *e.tail.values(), TAIL])


def _types(defn: OpDef, mode: str) -> Sequence[tuple[T.ScalarType, ...]]:
    """The types of operands that a function is written for."""
    if defn.operands[0].letter:
        return [(t,) * len(defn.operands) for t in ((T.f32, T.f64) if mode == "default" else (T.f32,))]
    return [tuple([T.SCALARS[x.rule] for x in defn.operands])]


def digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()


def line(name: str, text: str, target: Target) -> str:
    code = machine_code(text.replace("define internal", "define hidden"), name, target)
    data = "".join([chr(x) if 32 <= x < 127 and x not in b'"\\' else f"\\{x:02X}" for x in code])
    head, result = re.match(rf"(define internal (.+?) {re.escape(name)}\(.*\) #\d) \{{\n", text).group(1, 2)  # type: ignore[union-attr]
    return f'{head} align {_ALIGN} prologue [{len(code)} x i8] c"{data}" {{ ret {result} poison }} ; {digest(text)}\n'


def machine_code(text: str, name: str, target: Target) -> bytes:
    """The function's code, with all that it calls and reads behind it: it may lie anywhere at a multiple of 64."""
    elf = Elf(object_of(text, target))
    places: dict[int, int] = {}
    image = bytearray()
    # The section with code comes first, in the order of the text.
    wanted = [i for i, s in enumerate(elf.sections) if s.flags & ALLOC and s.size and s.name != ".eh_frame"]
    for i in sorted(wanted, key=lambda i: elf.sections[i].name != ".text"):
        section = elf.sections[i]
        assert section.align <= _ALIGN, section.name
        image += bytes(-len(image) % max(section.align, 1))
        places[i] = len(image)
        image += elf.data[section.offset : section.offset + section.size]
    for section, offset, kind, symbol, addend in elf.relocations:
        if section in places:
            assert kind in _RELATIVE, kind
            at = places[section] + offset
            struct.pack_into("<i", image, at, places[elf.symbols[symbol].section] + elf.symbols[symbol].value + addend - at)
    (start,) = [places[s.section] + s.value for s in elf.symbols if f"@{s.name}" == name]
    assert start == 0, name
    return bytes(image)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check, stale = parser.parse_args().check, []
    for arch in sorted(set(WRITTEN_FOR.values())):
        path, target = PLACE / f"functions-{arch}.ll", CPU_TARGETS[arch]
        if not check:
            path.write_text("".join([HEAD, *[line(name, text, target) for name, text in texts(target)]]), encoding="ascii")
            continue
        have = re.findall(r" (@[\w.]+)\(.* ; (\w+)$", path.read_text(encoding="ascii"), flags=re.M)
        if have != [(name, digest(text)) for name, text in texts(target)]:
            stale.append(path.name)
    if stale:
        print(f"not of the functions of today: {', '.join(stale)}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
