"""A kernel's source, IR and target text together: `kdsl explain kernel --target cuda:sm_90`, as text or as a page of HTML.

One idea: everything is put under the source line it came from: ops know theirs (`Span`), and a target's text says it in its own
way (`.loc` of PTX, `#line` of C). The page needs nothing but itself; pointing at any line of it marks the lines of all three
that belong to the same line of source.
"""

from __future__ import annotations

import html
import linecache
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .ir.core import Function
from .ir.text import print_function
from .target import Target

__all__ = ["Line", "Together", "page", "text", "together"]

Place = tuple[str, int]  # a file and a line in it
_NOWHERE: Place = ("", 0)


@dataclass(frozen=True)
class Line:
    """A line of a column, and the source line that it belongs to."""

    text: str
    place: Place = _NOWHERE


@dataclass(frozen=True)
class Together:
    """What is shown: the source's lines, the IR's, the target's; title says what of."""

    title: str
    source: tuple[Line, ...]
    ir: tuple[Line, ...]
    code: tuple[Line, ...]


def together(f: Function, lowered: Function, code: str, target: Target) -> Together:
    """f: as the front end made it. lowered: the IR to show. code: the target's text."""
    ir = tuple(_ir_lines(lowered))
    shown = tuple(_code_lines(code))
    source = tuple(_source_lines(f, {line.place for line in (*ir, *shown)}))
    return Together(f"{f.name} for {target.name}", source, ir, shown)


_LOC = re.compile(r" loc\((?P<file>'(?:[^'\\]|\\.)*'), (?P<line>\d+), .*?\)(?= \{|$|(?= [a-z]+ [({]))")


def _ir_lines(f: Function) -> Iterator[Line]:
    place = _NOWHERE
    for line in print_function(f, with_spans=True).splitlines():
        found = _LOC.search(line)
        if found:
            place = (found["file"][1:-1].replace("\\\\", "\\").replace("\\'", "'"), int(found["line"]))
            line = line[: found.start()] + line[found.end() :]
        elif line.strip() in ("", "}"):
            place = _NOWHERE
        yield Line(line.rstrip(), place if found else _NOWHERE)


def _code_lines(text: str) -> Iterator[Line]:
    """PTX names files by number in `.file` and places in `.loc`; C's family says `#line`."""
    files: dict[str, str] = {}
    place = _NOWHERE
    for line in text.splitlines():
        words = line.split()
        if words[:1] == [".file"]:
            files[words[1]] = line.split('"')[1].replace("\\\\", "\\")
        elif words[:1] == [".loc"]:
            place = files[words[1]], int(words[2])
            continue
        elif words[:1] == ["#line"]:
            place = (line.split('"')[1] if '"' in line else place[0]), int(words[1])
            continue
        elif words[:1] == ["}"]:
            place = _NOWHERE
        yield Line(line.expandtabs(4), place)


def _source_lines(f: Function, used: set[Place]) -> Iterator[Line]:
    """The kernel, and of every function that it calls what stands between the first and the last line that it takes."""
    ranges: dict[str, list[tuple[int, int]]] = {f.span.file: [(f.span.line, f.span.end_line)]} if f.span.line else {}
    for file, line in sorted(used):
        if not line or any(a <= line <= b for a, b in ranges.get(file, ())):
            continue
        own = ranges.setdefault(file, [])
        if own and line - own[-1][1] <= 3 and own[-1] != (f.span.line, f.span.end_line):
            own[-1] = own[-1][0], line
        else:
            own.append((line, line))
    for file, own in ranges.items():
        for first, last in own:
            yield Line(f"{os.path.basename(file)}:{first}")
            for line in range(first, last + 1):
                yield Line(linecache.getline(file, line).rstrip("\n"), (file, line))


def text(shown: Together, width: int = 150) -> str:
    """Each line of source, and under it its ops on the left and its instructions on the right."""
    ir: dict[Place, list[str]] = {}
    code: dict[Place, list[str]] = {}
    for table, lines in ((ir, shown.ir), (code, shown.code)):
        for line in lines:
            if line.text.strip() not in ("", "}", "{"):
                table.setdefault(line.place, []).append(line.text.strip())
    left = width // 2 - 6
    out = [shown.title, ""]
    for line in shown.source:
        number = str(line.place[1]) if line.place[1] else ""
        out.append(f"{number:>5} | {line.text}".rstrip() if number else f"      {line.text}")
        if line.place[1]:
            out += _pairs(ir.pop(line.place, []), code.pop(line.place, []), left)
    rest = ir.pop(_NOWHERE, []), code.pop(_NOWHERE, [])
    if any(rest):
        out += ["      around it", *_pairs(*rest, left)]
    return "\n".join(out)


def _pairs(ir: list[str], code: list[str], left: int) -> Iterator[str]:
    for k in range(max(len(ir), len(code))):
        a = ir[k] if k < len(ir) else ""
        b = code[k] if k < len(code) else ""
        a = a if len(a) <= left else a[: left - 1] + "…"
        yield f"      . {a:{left}} . {b}".rstrip()


_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; font: 14px/1.45 system-ui, sans-serif; }
h1 { font-size: 17px; margin: 12px 16px; }
main { display: grid; grid-template-columns: 1fr 1.2fr 1.1fr; height: calc(100vh - 50px); }
section { overflow: auto; border-left: 1px solid #8886; }
h2 { position: sticky; top: 0; margin: 0; padding: 4px 12px; font-size: 13px; background: Canvas; border-bottom: 1px solid #8886; }
pre { margin: 0; padding: 0; }
code { display: block; padding: 0 12px; white-space: pre; font: 12px/1.5 ui-monospace, monospace; min-height: 1.5em; }
code.known { cursor: default; }
code.on { background: #f5c84266; }
i { font-style: normal; opacity: 0.5; display: inline-block; width: 3.2em; user-select: none; }
"""

_SCRIPT = """
const lines = document.querySelectorAll("code[data-line]");
let held = null;
function mark(line) {
  for (const x of lines) x.classList.toggle("on", x.dataset.line === line);
}
function show(from, line) {
  for (const section of document.querySelectorAll("section")) {
    if (section.contains(from)) continue;
    const first = section.querySelector("code.on");
    if (first) section.scrollTop = first.offsetTop - section.clientHeight / 3;
  }
}
document.addEventListener("mouseover", (e) => {
  const x = e.target.closest("code[data-line]");
  if (!held) mark(x ? x.dataset.line : null);
});
document.addEventListener("click", (e) => {
  const x = e.target.closest("code[data-line]");
  held = x && held !== x.dataset.line ? x.dataset.line : null;
  mark(x ? x.dataset.line : null);
  if (x) show(x, x.dataset.line);
});
"""


def page(shown: Together) -> str:
    """A page that needs nothing from anywhere else. Pointing at a line marks what belongs to it; a click keeps the mark."""
    files = {file: k for k, file in enumerate(sorted({line.place[0] for line in shown.source}))}
    columns = (("source", shown.source), ("IR", shown.ir), ("code", shown.code))
    body = "".join([_column(name, lines, files) for name, lines in columns])
    title = html.escape(shown.title)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width">\n<style>{_STYLE}</style>\n</head>\n<body>\n'
        f"<h1>{title}</h1>\n<main>\n{body}</main>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n"
    )


def _column(name: str, lines: tuple[Line, ...], files: dict[str, int]) -> str:
    out = [f'<section id="{name.lower()}"><h2>{name}</h2><pre>']
    for line in lines:
        content = html.escape(line.text)
        file, number = line.place
        if name == "source":
            content = f"<i>{number or ''}</i>{content}"
        if number and file in files:
            out.append(f'<code class="known" data-line="{files[file]}:{number}">{content}</code>')
        else:
            out.append(f"<code>{content}</code>")
    return "".join([*out, "</pre></section>\n"])
