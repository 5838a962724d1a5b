"""PTX text to kernels of instructions (PTX ISA, chapters 4 and 5: syntax, state spaces, types).

One idea: an instruction is its words between dots and its operands, each of a few plain shapes; nothing is looked up here, so
what the executor does not know is reported when it is translated, with its line. A function's body stands wherever it is called,
with names of its own ("Function Declarations", "call": parameters are memory of the thread).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = [
    "Address", "Immediate", "Instruction", "Kernel", "Register", "Symbol", "SyntaxFault", "Text", "Variable", "Vector", "parse",
]  # fmt: skip


class SyntaxFault(Exception):
    """Text that is no PTX, or PTX beyond the subset."""


@dataclass(frozen=True)
class Register:
    """%r1; negated: !%p1."""

    name: str
    negated: bool = False


@dataclass(frozen=True)
class Immediate:
    """An integer, or the bits of 0f... and 0d... with how many there are."""

    value: int
    float_bits: int = 0


@dataclass(frozen=True)
class Symbol:
    """A variable or label by name, and a constant added to its address."""

    name: str
    offset: int = 0


@dataclass(frozen=True)
class Address:
    """[base+offset]"""

    base: Register | Symbol | Immediate
    offset: int = 0


@dataclass(frozen=True)
class Vector:
    """{a, b, c, d}; or a|p: what an instruction gives besides its result."""

    parts: tuple[Operand, ...]


Operand = Register | Immediate | Symbol | Address | Vector


@dataclass
class Instruction:
    """words: opcode and modifiers. guard: the predicate it stands under."""

    words: tuple[str, ...]
    operands: tuple[Operand, ...]
    guard: Register | None
    line: int
    text: str

    @property
    def opcode(self) -> str:
        return self.words[0]


@dataclass
class Variable:
    """A variable in a state space; `size` 0: its size is given at the launch."""

    space: str
    name: str
    size: int
    align: int
    data: bytes = b""


@dataclass
class Kernel:
    name: str
    params: list[Variable] = field(default_factory=list)
    registers: dict[str, str] = field(default_factory=dict)  # name -> type
    variables: list[Variable] = field(default_factory=list)
    body: list[Instruction] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)  # -> index in body
    required_block: tuple[int, int, int] | None = None
    results: list[Variable] = field(default_factory=list)  # of a function
    passed: set[str] = field(default_factory=set)  # parameters of the calls in it
    calls: int = 0


@dataclass
class Text:
    version: tuple[int, int] = (0, 0)
    target: str = ""
    variables: list[Variable] = field(default_factory=list)
    kernels: dict[str, Kernel] = field(default_factory=dict)
    functions: dict[str, Kernel] = field(default_factory=dict)


SIZES = {
    "pred": 1, "b8": 1, "u8": 1, "s8": 1, "b16": 2, "u16": 2, "s16": 2, "f16": 2, "bf16": 2, "b32": 4, "u32": 4, "s32": 4, "f32": 4,
    "f16x2": 4, "b64": 8, "u64": 8, "s64": 8, "f64": 8,
}  # fmt: skip

_NUMBER = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|0[fF][0-9a-fA-F]{8}|0[dD][0-9a-fA-F]{16}|\d+)U?$")


def number(text: str) -> Immediate:
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("-").rstrip("U")
    kind = digits[:2].lower()
    if kind == "0f":
        return Immediate(int(digits[2:], 16), 32)
    if kind == "0d":
        return Immediate(int(digits[2:], 16), 64)
    if kind == "0x":
        return Immediate(sign * int(digits[2:], 16))
    return Immediate(sign * (int(digits, 8) if len(digits) > 1 and digits[0] == "0" else int(digits)))


def split(text: str) -> list[str]:
    """By commas that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for k, c in enumerate(text):
        if c in "[{(":
            depth += 1
        elif c in "]})":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:k].strip())
            start = k + 1
    last = text[start:].strip()
    return [*parts, last] if last else parts


def operand(text: str) -> Operand:
    if text[0] == "{":
        return Vector(tuple(operand(x) for x in split(text[1:-1])))
    if text[0] == "[":
        return _address(text[1:-1].strip())
    if "|" in text:
        return Vector(tuple(operand(x.strip()) for x in text.split("|")))
    if text[0] == "!":
        return Register(text[1:].strip(), True)
    if _NUMBER.match(text):
        return number(text)
    if text[0] == "%":
        return Register(text)
    found = re.match(r"([\w$.]+)\s*\+\s*(-?\d+)$", text)
    if found:
        return Symbol(found.group(1), int(found.group(2)))
    return Symbol(text)


def _address(text: str) -> Address:
    found = re.match(r"(.*?)\s*\+\s*(-?\d+)$", text)
    base, offset = (found.group(1), int(found.group(2))) if found else (text, 0)
    at = operand(base)
    if isinstance(at, Vector) or isinstance(at, Address):
        raise SyntaxFault(f"address [{text}]")
    return Address(at, offset)


_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
_KEEP_LINES = lambda found: "\n" * found.group(0).count("\n")  # noqa: E731


_ENDS = {ends: re.compile(f"[{ends}]") for ends in (";", "{", ";:")}


class _Reader:
    """Statements of a text one by one, with their lines."""

    def __init__(self, text: str) -> None:
        self.text = _COMMENT.sub(_KEEP_LINES, text)
        self.at = 0
        self.line = 1

    def peek(self) -> str:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.line += self.text[self.at] == "\n"
            self.at += 1
        return self.text[self.at : self.at + 1]

    def until(self, ends: str) -> tuple[str, str]:
        """Text up to one of `ends` (which stand in no bracket of a statement), and which it was."""
        found = _ENDS[ends].search(self.text, self.at)
        if found is None:
            raise SyntaxFault(f"line {self.line}: the text ends too early")
        out = self.text[self.at : found.start()]
        self.at = found.end()
        self.line += out.count("\n")
        return out.strip(), found.group()

    def rest_of_line(self) -> str:
        end = self.text.find("\n", self.at)
        out = self.text[self.at : end]
        self.at = end
        return out


def parse(text: str) -> Text:
    r, out = _Reader(text), Text()
    while r.peek():
        rest = r.text[r.at : r.at + 64]
        if re.match(r"\.(version|target|address_size|file|loc)\b", rest):
            _directive(r.rest_of_line(), out)
        elif re.match(r"(\.visible|\.weak|\.extern)?\s*\.entry\b", rest):
            _kernel(r, out)
        elif rest.startswith(".func"):
            _function(r, out)
        else:
            said, _ = r.until(";")
            out.variables.append(_variable(said))
    return out


def _directive(line: str, out: Text) -> None:
    words = line.split()
    if words[0] == ".version":
        major, minor = words[1].split(".")
        out.version = int(major), int(minor)
    elif words[0] == ".target":
        out.target = words[1].rstrip(",")
    elif words[0] == ".address_size" and words[1] != "64":
        raise SyntaxFault("only 64-bit addresses")


_VARIABLE = re.compile(
    r"(?:\.(?:visible|extern|weak)\s+)?\.(\w+)\s+(?:\.ptr\s+)?(?:\.align\s+(\d+)\s+)?\.(\w+)\s+([\w$%]+)\s*"
    r"((?:\[\d*\])*)\s*(?:=\s*(.*))?$",
    re.S,
)


def _variable(said: str) -> Variable:
    found = _VARIABLE.match(said)
    if not found:
        raise SyntaxFault(f"no variable: {said!r}")
    space, align, kind, name, shape, given = found.groups()
    count = 1
    for extent in re.findall(r"\[(\d*)\]", shape):
        count *= int(extent or 0)
    size = SIZES[kind]
    data = b""
    if given:
        for part in split(given.strip().strip("{}")):
            data += (number(part).value & ((1 << (8 * size)) - 1)).to_bytes(size, "little")
    return Variable(space, name, size * count, int(align or size), data)


def _params(said: str) -> list[Variable]:
    out = []
    for part in split(said):
        part = re.sub(r"\.ptr(\s+\.\w+)?(\s+\.align\s+\d+)?", "", part)
        found = re.match(r"\.param\s+(?:\.align\s+(\d+)\s+)?\.(\w+)\s+([\w$%]+)\s*(?:\[(\d+)\])?$", part.strip())
        if not found:
            raise SyntaxFault(f"no parameter: {part!r}")
        align, kind, name, count = found.groups()
        out.append(Variable("param", name, SIZES[kind] * int(count or 1), int(align or SIZES[kind])))
    return out


def _kernel(r: _Reader, out: Text) -> None:
    head, _ = r.until("{")
    found = re.match(r"(?:\.visible|\.weak)?\s*\.entry\s+([\w$]+)\s*(?:\((.*?)\))?\s*(.*)$", head, re.S)
    if not found:
        raise SyntaxFault(f"no kernel: {head!r}")
    name, params, about = found.groups()
    kernel = Kernel(name, _params(params or ""))
    shape = re.search(r"\.reqntid\s+([\d,\s]+)", about)
    if shape:
        x, y, z = [*[int(n) for n in shape.group(1).split(",") if n.strip()], 1, 1][:3]
        kernel.required_block = x, y, z
    _body(r, kernel, out.functions)
    out.kernels[name] = kernel


def _function(r: _Reader, out: Text) -> None:
    head, _ = r.until("{")
    found = re.fullmatch(r"\.func\s*(?:\((.*?)\))?\s*([\w$]+)\s*(?:\((.*?)\))?\s*", head, re.S)
    if not found:
        raise SyntaxFault(f"no function: {head!r}")
    results, name, params = found.groups()
    function = Kernel(name, _params(params or ""), results=_params(results or ""))
    _body(r, function, out.functions)
    out.functions[name] = function


def _body(r: _Reader, kernel: Kernel, functions: dict[str, Kernel]) -> None:
    while True:
        c = r.peek()
        if c == "}":
            r.at += 1
            return
        if c == "{":
            r.at += 1
            _body(r, kernel, functions)
            continue
        if re.match(r"\.(loc|file|pragma)\b", r.text[r.at : r.at + 10]):
            r.rest_of_line()
            continue
        line = r.line
        said, end = r.until(";:")
        if end == ":" and r.text[r.at : r.at + 1] != ":" and re.fullmatch(r"[\w$]+", said):
            kernel.labels[said] = len(kernel.body)
            continue
        while end == ":":  # `::` inside of a modifier
            more, end = r.until(";:")
            said = f"{said}:{more}"
        _statement(said, kernel, line, functions)


def _statement(said: str, kernel: Kernel, line: int, functions: dict[str, Kernel]) -> None:
    if said.startswith(".reg"):
        _, kind, names = re.match(r"(\.reg)\s+\.(\w+)\s+(.*)$", said, re.S).groups()  # type: ignore[union-attr]
        for name in split(names):
            found = re.match(r"([\w$%]+)<(\d+)>$", name)
            if found:
                for k in range(int(found.group(2))):
                    kernel.registers[f"{found.group(1)}{k}"] = kind
            else:
                kernel.registers[name] = kind
        return
    if said.startswith("."):
        variable = _variable(said)
        if variable.space == "param":
            kernel.passed.add(variable.name)
            variable.space = "local"
        kernel.variables.append(variable)
        return
    guard = None
    found = re.match(r"@(!?)\s*([\w$%]+)\s+(.*)$", said, re.S)
    if found:
        guard = Register(found.group(2), bool(found.group(1)))
        said = found.group(3)
    code, _, rest = said.partition(" ") if not re.match(r"\S+\t", said) else said.partition("\t")
    words = tuple(code.strip().split("."))
    if words[0] == "call":
        if guard is not None:
            raise SyntaxFault(f"line {line}: a call under a predicate")
        _call(rest, kernel, line, functions)
        return
    operands = tuple(_bare(operand(x), kernel) for x in split(rest.strip()))
    _append(kernel, Instruction(words, operands, guard, line, said))


def _append(kernel: Kernel, i: Instruction) -> None:
    at = next((x for x in i.operands if isinstance(x, Address)), None)
    if at is not None and isinstance(at.base, Symbol) and at.base.name in kernel.passed:
        i.words = tuple(["local" if word == "param" else word for word in i.words])
    kernel.body.append(i)


def _call(said: str, kernel: Kernel, line: int, functions: dict[str, Kernel]) -> None:
    found = re.fullmatch(r"(?:\((.*?)\)\s*,)?\s*([\w$]+)\s*(?:,\s*\((.*?)\))?", said.strip(), re.S)
    if not found or found.group(2) not in functions:
        raise SyntaxFault(f"line {line}: no call of a function that was defined: {said!r}")
    f = functions[found.group(2)]
    given, wanted = [split(found.group(3) or ""), split(found.group(1) or "")], [f.params, f.results]
    if [len(x) for x in given] != [len(x) for x in wanted]:
        raise SyntaxFault(f"line {line}: {f.name} takes {len(f.params)} and gives {len(f.results)} parameters")
    kernel.calls += 1
    mark = f"_{f.name}_{kernel.calls}"
    sizes = {v.name: v.size for v in kernel.variables}
    renamed = {name: f"{name}{mark}" for name in (*f.registers, *f.labels, *[v.name for v in f.variables])}
    for ours, theirs in zip([*given[0], *given[1]], [*wanted[0], *wanted[1]], strict=True):
        if ours not in kernel.passed or sizes[ours] != theirs.size:
            raise SyntaxFault(f"line {line}: {ours} is not {theirs.size} bytes of parameters")
        renamed[theirs.name] = ours
    kernel.registers.update({renamed[name]: kind for name, kind in f.registers.items()})
    kernel.variables += [Variable(v.space, renamed[v.name], v.size, v.align, v.data) for v in f.variables]
    kernel.passed |= {renamed[name] for name in f.passed}
    kernel.labels.update({renamed[name]: len(kernel.body) + at for name, at in f.labels.items()})
    end = f"$end{mark}"
    for i in f.body:
        guard = Register(renamed[i.guard.name], i.guard.negated) if i.guard else None
        if i.opcode == "ret":
            _append(kernel, Instruction(("bra",), (Symbol(end),), guard, i.line, i.text))
        else:
            _append(kernel, Instruction(i.words, tuple([_renamed(x, renamed) for x in i.operands]), guard, i.line, i.text))
    kernel.labels[end] = len(kernel.body)


def _renamed(x: Operand, names: dict[str, str]) -> Operand:
    if isinstance(x, Register):
        return Register(names.get(x.name, x.name), x.negated)
    if isinstance(x, Symbol):
        return Symbol(names.get(x.name, x.name), x.offset)
    if isinstance(x, Address):
        base = _renamed(x.base, names)
        assert not isinstance(base, Address | Vector)
        return Address(base, x.offset)
    return Vector(tuple([_renamed(part, names) for part in x.parts])) if isinstance(x, Vector) else x


def _bare(x: Operand, kernel: Kernel) -> Operand:
    """Registers may be named without a percent sign."""
    if isinstance(x, Symbol) and x.name in kernel.registers:
        return Register(x.name)
    if isinstance(x, Address) and isinstance(x.base, Symbol) and x.base.name in kernel.registers:
        return Address(Register(x.base.name), x.offset)
    if isinstance(x, Vector):
        return Vector(tuple(_bare(part, kernel) for part in x.parts))
    return x
