"""Where a kernel's text is: from a function object to its syntax tree, wherever the function was typed.

One idea: everything goes through `linecache`, which knows files, notebook cells and (since Python 3.13) the REPL;
text given to `exec` is looked for in the frames that are running it, once, when the decorator runs, and entered there
under a name of its own. Trees are cached per code object, as long as the text is the same: a file that has changed is read
again, and held against the function, which may be of before. Columns of `ast` are UTF-8 bytes and leave here as characters.
"""

from __future__ import annotations

import ast
import dis
import linecache
import os
import stat
import sys
import textwrap
from types import CodeType, FrameType, FunctionType
from typing import Any

from ..diagnostics import Span, refuse
from .texts import is_as_imported, lines_of

__all__ = ["SourceFunction", "capture_text", "source_of"]

_MOST_ATTEMPTS = 200
_MOST_FRAMES = 40
_MOST_TEXT = 4_000_000


class SourceFunction:
    """A function's syntax tree, its place, and what the front end worked out about it once."""

    __slots__ = ("_is_ascii", "facts", "file", "line_offset", "lines", "node")

    def __init__(self, node: ast.FunctionDef, file: str, line_offset: int, lines: list[str]) -> None:
        self.node = node
        self.file = file
        self.line_offset = line_offset
        self.lines = lines
        first = min([node.lineno, *[d.lineno for d in node.decorator_list]]) + line_offset
        own = lines[first - 1 : (node.end_lineno or node.lineno) + line_offset]
        self._is_ascii = "".join(own).isascii()  # bytes are characters then
        from .facts import Facts  # not for a kernel whose code is in the cache

        self.facts = Facts(node)

    def span(self, node: ast.AST, call_site: Span | None = None) -> Span:
        """The place of a node, in characters."""
        line = getattr(node, "lineno", 1)
        col = getattr(node, "col_offset", 0)
        end_line = getattr(node, "end_lineno", None) or line
        end_col = getattr(node, "end_col_offset", None) or col + 1
        line += self.line_offset
        end_line += self.line_offset
        if self._is_ascii:
            return Span(self.file, line, col + 1, end_line, end_col + 1, self.node.name, call_site)
        return Span(self.file, line, self._column(line, col), end_line, self._column(end_line, end_col),
                    self.node.name, call_site)  # fmt: skip

    def _column(self, line: int, byte: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return byte + 1
        return len(text.encode()[:byte].decode(errors="ignore")) + 1


_parsed: dict[tuple[str, int, CodeType], SourceFunction] = {}


def _place(code: CodeType, file: str = "") -> Span:
    return Span(file or code.co_filename, code.co_firstlineno)


def source_of(function: FunctionType) -> SourceFunction:
    """The tree of a function; a K1 error when its text cannot be found, is no `def`, or is no longer that of the function."""
    known = function.__dict__.get("__kdsl_tree__")
    if known is not None and known[0] is function.__code__:
        return known[1]
    code = function.__code__
    file = getattr(function, "__kdsl_source__", code.co_filename)
    key = (file, code.co_firstlineno, code)
    lines = lines_of(file, function.__globals__)
    source = _parsed.get(key)
    if source is None or source.lines is not lines:
        source = _parsed[key] = _parse(code, file, lines)
    function.__dict__["__kdsl_tree__"] = (code, source)
    return source


def _parse(code: CodeType, file: str, lines: list[str]) -> SourceFunction:
    if code.co_name == "<lambda>":
        refuse("K105", _place(code, file), "a lambda cannot be a kernel or device function",
               help="write it with def")  # fmt: skip
    changed = not is_as_imported(file)
    if len(lines) < code.co_firstlineno and not (lines and changed):
        refuse("K100", None, f"the source of {code.co_name!r} cannot be found (it says it is in {file})", help=_way_out(file))
    node, offset = _function_at(lines, code.co_firstlineno - 1) if len(lines) >= code.co_firstlineno else (None, 0)
    if isinstance(node, ast.AsyncFunctionDef):
        refuse("K107", _place(code, file), "a kernel cannot be async", help="write def instead of async def")
    if node is None or node.name != code.co_name or (changed and not _is_text_of(node, code)):
        refuse("K100", _place(code, file), f"the text here is no longer that of {code.co_name!r}: the file has changed",
               help="reload the module, or start Python again")  # fmt: skip
    return SourceFunction(node, file, offset, lines)


def _is_text_of(node: ast.FunctionDef, code: CodeType) -> bool:
    """Whether a function was made of this text, as far as its code shows."""
    try:
        whole = compile(ast.Module([node], []), code.co_filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return False
    made = next((c for c in whole.co_consts if isinstance(c, CodeType) and c.co_name == code.co_name), None)
    if made is None or made.co_varnames[: made.co_argcount] != code.co_varnames[: code.co_argcount]:
        return False
    if any(isinstance(inner, ast.Assert) for inner in ast.walk(node)):  # which pytest puts otherwise
        return _numbers(made) <= _numbers(code)
    return _steps(made) == _steps(code)


def _numbers(code: CodeType) -> set[str]:
    return {repr(c) for c in code.co_consts if isinstance(c, (int, float))}


def _steps(code: CodeType) -> list[str]:
    """Names, constants and operators in their order, which do not depend on what is around a function, as the way of calls does."""
    found: list[str] = []
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_CLOSURE":  # what an inner function has of one around this, whose text is not here
            continue
        if step.opname.startswith(("BINARY_", "COMPARE_", "CONTAINS_", "INPLACE_", "IS_", "UNARY_")):
            found.append(f"{step.opname} {step.argrepr}")
        elif isinstance(step.argval, CodeType):
            found += _steps(step.argval)
        elif step.opcode in dis.hasconst or step.opname == "LOAD_SMALL_INT" or isinstance(step.argval, (str, tuple)):
            found.append(repr(step.argval))
    return found


def _way_out(file: str) -> str:
    """Where the text would be found, of a function that says it is in `file`."""
    if file == "<stdin>" and hasattr(sys, "ps1"):
        return ("the plain REPL keeps what is typed since Python 3.13, before that where `readline` is; "
                "put the kernel in a file and import that, or use IPython or a notebook")  # fmt: skip
    if file in ("<stdin>", "/dev/stdin"):
        return "Python does not keep a program that comes through a pipe: write it to a file, and run `python file.py`"
    if file.startswith("<"):
        return "keep text that is given to exec in a variable: `text = ...`, then `exec(text)`; or put the kernel in a file"
    return "put the kernel in a file that is there when it is launched, or in a notebook cell"


def _function_at(lines: list[str], first: int) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef | None, int]:
    """The `def` whose first decorator or own line is lines[first], and what to add to its line numbers."""
    indent = _indent(lines[first])
    attempts = 0
    for stop in range(first + 1, len(lines) + 1):
        if stop < len(lines) and not _may_end(lines[stop], indent):
            continue
        tree = _try_parse("".join(lines[first:stop]), indented=bool(indent))
        if tree is not None:
            return tree, first - (1 if indent else 0)
        attempts += 1
        if attempts > _MOST_ATTEMPTS:
            break
    return None, 0


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _may_end(line: str, indent: str) -> bool:
    """Whether a block indented by `indent` may end before this line."""
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith("#") and len(_indent(line)) <= len(indent)


def _try_parse(text: str, *, indented: bool) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    try:
        tree = ast.parse("if 1:\n" + text if indented else text)
    except (SyntaxError, ValueError, MemoryError):
        return None
    body: list[ast.stmt] = tree.body
    if indented:
        body = body[0].body if body and isinstance(body[0], ast.If) else []
    found = body[0] if body else None
    return found if isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)) else None


def capture_text(function: Any) -> None:
    """Remember the text of an `exec` or of a REPL without one of its own, while it runs."""
    code = function.__code__
    if linecache.getlines(code.co_filename, function.__globals__):
        return
    text = _executed_text(code)
    if text is None:
        return
    name = f"<kdsl text {len(_texts)}>"
    known = _texts.setdefault(text, name)
    linecache.cache[known] = (len(text), None, text.splitlines(keepends=True), known)
    function.__kdsl_source__ = known


_texts: dict[str, str] = {}


def _executed_text(code: CodeType) -> str | None:
    """The string that a running `exec` was given, or a piece of it, among the variables and literals of the frames below."""
    frame: FrameType | None = sys._getframe(2)
    for _ in range(_MOST_FRAMES):
        if frame is None:
            break
        spaces = (frame.f_locals, frame.f_globals) if frame.f_globals is not frame.f_locals else (frame.f_locals,)
        for space in (*[s.values() for s in spaces], frame.f_code.co_consts):
            for value in list(space):
                found = _placed(value, code) if isinstance(value, str) else None
                if found is not None:
                    return found
        frame = frame.f_back
    return _from_history(code) or _from_command(code)


def _placed(text: str, code: CodeType) -> str | None:
    """`text` moved to the lines that the function says it has, if it holds the function (perhaps indented)."""
    if len(text) > _MOST_TEXT or "def " + code.co_name not in text:
        return None
    for candidate in (text, textwrap.dedent(text)):
        try:
            whole = compile(candidate, code.co_filename, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
        for inner in _codes(whole):
            shift = code.co_firstlineno - inner.co_firstlineno
            if shift >= 0 and _same(inner, code):
                return "\n" * shift + candidate
    return None


def _same(one: CodeType, other: CodeType) -> bool:
    """Whether two functions have one text. Not their bytecode: that depends on the imports beside them."""
    return _facts(one) == _facts(other)


def _facts(code: CodeType) -> tuple[object, ...]:
    consts = tuple([c.co_name if isinstance(c, CodeType) else repr(c) for c in code.co_consts])
    lines = tuple([line - code.co_firstlineno for _, _, line in code.co_lines() if line is not None])
    return code.co_name, code.co_varnames, code.co_names, code.co_freevars, consts, sorted(set(lines))


def _codes(code: CodeType) -> list[CodeType]:
    found = [c for c in code.co_consts if isinstance(c, CodeType)]
    return found + [inner for c in found for inner in _codes(c)]


def _from_command(code: CodeType) -> str | None:
    """The text of `python -c` (which Python itself keeps since 3.13), or of a file that is the standard input."""
    texts = sys.orig_argv[1:] if code.co_filename == "<string>" else [_standard_input()] if code.co_filename == "<stdin>" else []
    return next((found for found in (_placed(text, code) for text in texts) if found is not None), None)


def _standard_input() -> str:
    try:
        if not stat.S_ISREG(os.fstat(0).st_mode):
            return ""  # what came through a pipe is gone
        return os.pread(0, _MOST_TEXT, 0).decode()
    except (OSError, AttributeError, UnicodeDecodeError):  # closed, a system without pread, something else than text
        return ""


def _from_history(code: CodeType) -> str | None:
    """The plain REPL before 3.13: the last lines of its history, if it keeps one."""
    readline = sys.modules.get("readline")
    if readline is None or code.co_filename != "<stdin>":
        return None
    count = readline.get_current_history_length()
    lines = [readline.get_history_item(i) or "" for i in range(max(1, count - 500), count + 1)]
    for first in range(len(lines) - 1, -1, -1):
        if lines[first].lstrip().startswith(("@", "def ")):
            text = _placed("\n".join(lines[first:]) + "\n", code)
            if text is not None:
                return text
    return None
