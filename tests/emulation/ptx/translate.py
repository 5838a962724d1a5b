"""Instructions to Python source: a function per stretch of instructions without branches, over arrays of threads.

One idea: a register is one array and views of it in the types that instructions read it as; a stretch runs under a mask `m` of
the threads that are there (or True), so an instruction is one NumPy call with `where=m`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import arithmetic as ar
from .memory import Fault, Space
from .syntax import SIZES, Address, Immediate, Instruction, Kernel, Operand, Register, Symbol, Vector

__all__ = ["Block", "Program", "UnknownInstruction", "translate"]


class UnknownInstruction(Exception):
    """An instruction beyond the subset."""


@dataclass
class Block:
    """A stretch of instructions. kind: what its last does: "next", "branch", "exit", "barrier" or "exchange" (then it is alone).

    predicate: of a branch, and whether it is negated; target, after: numbers of blocks. members: of an exchange.
    """

    number: int
    code: list[Instruction]
    kind: str = "next"
    guard: Register | None = None
    target: int = -1
    after: int = -1
    members: Operand | None = None
    run: Callable[[Any], None] | None = None


@dataclass
class Program:
    kernel: Kernel
    blocks: list[Block]
    source: str
    registers: dict[str, str]  # Python name of a register's array -> its type
    constants: dict[str, Any] = field(default_factory=dict)
    code: Any = None


_ENDS = {"bra", "ret", "exit"}
_EXCHANGES = {"shfl", "vote", "redux", "match"}


def _is_barrier(i: Instruction) -> bool:
    return i.words[0] in ("bar", "barrier") and "sync" in i.words


def translate(kernel: Kernel) -> Program:
    starts = {0, *kernel.labels.values()}
    for k, i in enumerate(kernel.body):
        if i.opcode in _ENDS or _is_barrier(i):
            starts.add(k + 1)
        if i.opcode in _EXCHANGES:
            starts |= {k, k + 1}
    order = sorted(k for k in starts if k < len(kernel.body))
    number = {k: n for n, k in enumerate(order)}
    for label, k in kernel.labels.items():
        number.setdefault(k, len(order))
    blocks = []
    for n, start in enumerate(order):
        end = order[n + 1] if n + 1 < len(order) else len(kernel.body)
        blocks.append(_block(kernel, n, kernel.body[start:end], number))
    blocks.append(Block(len(order), [], "exit"))
    w = _Writer(kernel)
    for b in blocks:
        w.block(b)
    return Program(kernel, blocks, "\n".join(w.lines), w.registers, w.constants)


def _block(kernel: Kernel, n: int, code: list[Instruction], number: dict[int, int]) -> Block:
    b = Block(n, code, "next", after=n + 1)
    last = code[-1]
    if last.opcode == "bra":
        (label,) = last.operands
        assert isinstance(label, Symbol)
        if label.name not in kernel.labels:
            raise UnknownInstruction(f"line {last.line}: no label {label.name}")
        b.kind, b.guard, b.target, b.code = "branch", last.guard, number[kernel.labels[label.name]], code[:-1]
    elif last.opcode in ("ret", "exit"):
        b.kind, b.guard, b.code = "exit", last.guard, code[:-1]
    elif _is_barrier(last):
        if last.guard is not None or len(last.operands) != 1 or last.operands[0] != Immediate(0):
            raise UnknownInstruction(f"line {last.line}: only bar.sync 0, for all threads: {last.text}")
        b.kind, b.code = "barrier", code[:-1]
    elif last.opcode in _EXCHANGES:
        b.kind, b.members = "exchange", last.operands[-1]
        if last.guard is not None:
            raise UnknownInstruction(f"line {last.line}: an exchange under a predicate: {last.text}")
    return b


_FLOATS = {"f16", "f32", "f64"}
_UNSIGNED = {1: "u8", 2: "u16", 4: "u32", 8: "u64"}


class _Writer:
    """Python source for the blocks of one kernel."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.lines: list[str] = []
        self.registers: dict[str, str] = {}
        self.constants: dict[str, Any] = {}
        self.known: dict[Any, str] = {}
        self.spaces = {v.name: v for v in kernel.variables}
        self.params: dict[str, int] = {}
        at = 0
        for p in kernel.params:
            at = -(-at // p.align) * p.align
            self.params[p.name] = at
            at += p.size

    def block(self, b: Block) -> None:
        self.lines.append(f"def block{b.number}(m):")
        before = len(self.lines)
        for i in b.code:
            self.instruction(i)
        if len(self.lines) == before:
            self.lines.append(" pass")

    def instruction(self, i: Instruction) -> None:
        mask = "m"
        if i.guard is not None:
            self.lines.append(f" g = m & {'~' if i.guard.negated else ''}{self.register(i.guard.name, 'pred')}")
            mask = "g"
        handler = _HANDLERS.get(i.opcode)
        if handler is None:
            raise UnknownInstruction(f"line {i.line}: {i.text}")
        try:
            handler(self, i, mask)
        except (KeyError, ValueError, AssertionError, TypeError) as error:
            raise UnknownInstruction(f"line {i.line}: {i.text} ({type(error).__name__}: {error})") from error

    def do(self, text: str) -> None:
        self.lines.append(" " + text)

    # Operands

    def register(self, name: str, kind: str) -> str:
        """The array of a register as an instruction of type `kind` sees it; narrower types see the lower bits by a copy."""
        if name not in self.kernel.registers:
            raise ValueError(f"register {name} is not declared")
        own = self.kernel.registers[name]
        base = "R_" + re.sub(r"\W", "_", name)
        if own == "pred" or kind == "pred":
            assert own == kind, f"{name} is a .{own}, not a .{kind}"
            self.registers[base] = "pred"
            return base
        size = SIZES[own]
        self.registers[base] = _UNSIGNED[size]
        if SIZES[kind] != size:
            raise ValueError(f"{name} has {size} bytes, .{kind} {SIZES[kind]}")
        if (own[0] == "f") != (kind[0] == "f") and own[0] != "b" and kind[0] != "b":
            raise ValueError(f"{name} is a .{own}, which .{kind} does not take")
        if kind[0] in "ub":
            return base
        self.registers[f"{base}_{kind}"] = kind
        return f"{base}_{kind}"

    def constant(self, value: Any) -> str:
        key = (value.dtype.str, value.tobytes())
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = f"C{len(self.known)}"
            self.constants[found] = value
        return found

    def read(self, x: Operand, kind: str, *, loose: bool = False) -> str:
        """An operand's value as `kind`. loose: the register may be wider (cvt, st)."""
        if isinstance(x, Register):
            text = self.loose(x.name, kind) if loose else self.register(x.name, kind)
            return f"(~{text})" if x.negated else text
        if isinstance(x, Immediate):
            return self.immediate(x, kind)
        if isinstance(x, Symbol):
            if x.name.startswith("%"):
                return self.special(x.name)
            return self.symbol(x, kind)
        raise ValueError(f"operand {x}")

    def loose(self, name: str, kind: str) -> str:
        own = self.kernel.registers[name]
        if own == "pred" or SIZES[own] == SIZES[kind]:
            return self.register(name, kind)
        if SIZES[own] < SIZES[kind]:
            raise ValueError(f"{name} is narrower than .{kind}")
        wide = self.register(name, _UNSIGNED[SIZES[own]])
        low = f"{wide}.astype(np.{ar.as_type(_UNSIGNED[SIZES[kind]]).name})"
        return low if kind[0] in "ub" else f"{low}.view(np.{ar.as_type(kind).name})"

    def immediate(self, x: Immediate, kind: str) -> str:
        if kind == "pred":
            return self.constant(np.bool_(x.value != 0))
        size = SIZES[kind]
        if x.float_bits:
            raw = np.array(x.value, np.uint64)
            value = raw.view(np.float64)[()] if x.float_bits == 64 else raw.astype(np.uint32).view(np.float32)[()]
            if kind[0] == "f":
                return self.constant(np.array(value, ar.as_type(kind))[()])
            assert x.float_bits == 8 * size
            return self.constant(raw.astype(f"u{size}")[()])
        bits = np.array(x.value & ((1 << (8 * size)) - 1), f"u{size}")
        if kind[0] == "f":
            raise ValueError(f"{x.value} is no number of type .{kind}")
        return self.constant(bits.view(ar.as_type(kind))[()])

    def special(self, name: str) -> str:
        return "S_" + name[1:].replace(".", "_")

    def symbol(self, x: Symbol, kind: str) -> str:
        """The address of a variable within its space."""
        assert SIZES[kind] in (4, 8), kind
        return f"np.{ar.as_type(_UNSIGNED[SIZES[kind]]).name}(address_of({x.name!r}) + {x.offset})"

    def write(self, x: Operand, kind: str, value: str, mask: str, *, loose: bool = False) -> None:
        """Put a value of type `kind` into a register; loose: a wider register is extended (cvt, ld)."""
        if isinstance(x, Symbol) and x.name == "_":
            return
        assert isinstance(x, Register), x
        own = self.kernel.registers[x.name]
        if loose and own != "pred" and SIZES[own] > SIZES[kind]:
            wide = ("s" if kind[0] == "s" else "u") + str(8 * SIZES[own])
            self.do(f"np.copyto({self.register(x.name, wide)}, np.asarray({value}), where={mask}, casting='unsafe')")
            return
        self.do(f"np.copyto({self.register(x.name, kind)}, {value}, where={mask}, casting='unsafe')")

    def call(self, ufunc: str, x: Operand, kind: str, operands: list[str], mask: str) -> None:
        assert isinstance(x, Register)
        self.do(f"{ufunc}({', '.join(operands)}, out={self.register(x.name, kind)}, where={mask}, casting='unsafe')")


Handler = Callable[[_Writer, Instruction, str], None]
_HANDLERS: dict[str, Handler] = {}


def _on(*names: str) -> Callable[[Handler], Handler]:
    def add(f: Handler) -> Handler:
        _HANDLERS.update(dict.fromkeys(names, f))
        return f

    return add


def _kind(i: Instruction) -> str:
    return i.words[-1]


def _float_result(w: _Writer, i: Instruction, kind: str, value: str, mask: str) -> None:
    if "sat" in i.words:
        value = f"np.clip({value}, 0, 1)"
    if "ftz" in i.words:
        value = f"ar.flush({value})"
    w.write(i.operands[0], kind, value, mask)


def _float_operands(w: _Writer, i: Instruction, kind: str, operands: tuple[Operand, ...]) -> list[str]:
    out = [w.read(x, kind) for x in operands]
    return [f"ar.flush({x})" for x in out] if "ftz" in i.words else out


_ROUNDINGS = {"rn", "rz", "rm", "rp"}
_PLAIN = {"add": "np.add", "sub": "np.subtract", "mul": "np.multiply"}


def _check_rounding(i: Instruction) -> None:
    if _ROUNDINGS & set(i.words) - {"rn"}:
        raise ValueError("only .rn")


def _brain_sum(w: _Writer, i: Instruction, m: str) -> None:
    """Arithmetic of bf16, which lies in .b16 registers."""
    assert "rn" in i.words and not {"relu", "oob"} & set(i.words), i.text
    operands = ", ".join([w.read(x, "b16") for x in i.operands[1:]])
    w.write(i.operands[0], "b16", f"ar.brain({i.opcode!r}, {operands})", m)


@_on("add", "sub")
def _add(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    _check_rounding(i)
    if kind == "bf16":
        _brain_sum(w, i, m)
        return
    if kind in _FLOATS and ({"ftz", "sat"} & set(i.words)):
        a, b = _float_operands(w, i, kind, i.operands[1:])
        _float_result(w, i, kind, f"{_PLAIN[i.opcode]}({a}, {b})", m)
        return
    if "sat" in i.words or "cc" in i.words:
        raise ValueError("integer saturation and carries")
    w.call(_PLAIN[i.opcode], i.operands[0], kind, [w.read(x, kind) for x in i.operands[1:]], m)


_WIDER = {"u16": "u32", "s16": "s32", "u32": "u64", "s32": "s64"}


def _product(w: _Writer, i: Instruction, kind: str) -> tuple[str, str]:
    """(the product, its type) of mul and mad."""
    a, b = [w.read(x, kind) for x in i.operands[1:3]]
    if "wide" in i.words:
        to = _WIDER[kind]
        name = ar.as_type(to).name
        return f"np.multiply({a}, {b}, dtype=np.{name}, casting='unsafe')", to
    if "hi" in i.words:
        return f"ar.mul_hi({a}, {b})", kind
    assert "lo" in i.words
    return f"np.multiply({a}, {b})", kind


@_on("mul")
def _mul(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    if kind == "bf16":
        _brain_sum(w, i, m)
        return
    if kind in _FLOATS:
        _check_rounding(i)
        a, b = _float_operands(w, i, kind, i.operands[1:])
        _float_result(w, i, kind, f"np.multiply({a}, {b})", m)
        return
    value, to = _product(w, i, kind)
    w.write(i.operands[0], to, value, m)


@_on("mad")
def _mad(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    if kind in _FLOATS:
        _fma(w, i, m)
        return
    value, to = _product(w, i, kind)
    w.write(i.operands[0], to, f"np.add({value}, {w.read(i.operands[3], to)})", m)


@_on("fma")
def _fma(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    _check_rounding(i)
    if kind == "bf16":
        _brain_sum(w, i, m)
        return
    _float_result(w, i, kind, f"ar.fma({', '.join(_float_operands(w, i, kind, i.operands[1:]))})", m)


@_on("div")
def _div(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    if kind in _FLOATS:
        _check_rounding(i)
        assert {"rn", "approx", "full"} & set(i.words), "a division of floats says how it rounds"
        _float_result(w, i, kind, f"np.divide({', '.join(_float_operands(w, i, kind, i.operands[1:]))})", m)
        return
    w.write(i.operands[0], kind, f"ar.divide({w.read(i.operands[1], kind)}, {w.read(i.operands[2], kind)})", m)


@_on("rem")
def _rem(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    w.write(i.operands[0], kind, f"ar.remainder({w.read(i.operands[1], kind)}, {w.read(i.operands[2], kind)})", m)


@_on("neg", "abs")
def _sign(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    ufunc = "np.negative" if i.opcode == "neg" else "np.abs"
    if "ftz" in i.words:
        (x,) = _float_operands(w, i, kind, i.operands[1:])
        w.write(i.operands[0], kind, f"{ufunc}({x})", m)
        return
    w.call(ufunc, i.operands[0], kind, [w.read(i.operands[1], kind)], m)


@_on("min", "max")
def _extreme(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    a, b = [w.read(x, kind) for x in i.operands[1:]]
    name = "minimum" if i.opcode == "min" else "maximum"
    if kind in _FLOATS:
        if "ftz" in i.words:
            a, b = f"ar.flush({a})", f"ar.flush({b})"
        w.write(i.operands[0], kind, f"ar.{name}({a}, {b}, {'NaN' in i.words})", m)
        return
    w.call(f"np.{name}", i.operands[0], kind, [a, b], m)


@_on("sqrt", "rcp", "rsqrt", "sin", "cos", "lg2", "ex2", "tanh")
def _function(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    (x,) = _float_operands(w, i, kind, i.operands[1:])
    if "approx" in i.words:
        _float_result(w, i, kind, f"ar.APPROXIMATE[{i.opcode!r}]({x})", m)
        return
    assert "rn" in i.words and i.opcode in ("sqrt", "rcp")
    _float_result(w, i, kind, f"np.sqrt({x})" if i.opcode == "sqrt" else f"np.divide({kind_name(kind)}(1), {x})", m)


def kind_name(kind: str) -> str:
    return f"np.{ar.as_type(kind).name}"


@_on("copysign")
def _copysign(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    sign, x = [w.read(x, kind) for x in i.operands[1:]]
    w.call("np.copysign", i.operands[0], kind, [x, sign], m)


@_on("testp")
def _testp(w: _Writer, i: Instruction, m: str) -> None:
    x = w.read(i.operands[1], _kind(i))
    test = {"finite": "np.isfinite({})", "infinite": "np.isinf({})", "number": "~np.isnan({})", "notanumber": "np.isnan({})"}
    w.write(i.operands[0], "pred", test[i.words[1]].format(x), m)


_LOGIC = {"and": "np.bitwise_and", "or": "np.bitwise_or", "xor": "np.bitwise_xor", "not": "np.bitwise_not"}


@_on("and", "or", "xor", "not")
def _logic(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    assert kind[0] in "bp"
    w.call(_LOGIC[i.opcode], i.operands[0], kind, [w.read(x, kind) for x in i.operands[1:]], m)


@_on("shl", "shr")
def _shift(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    name = "shift_left" if i.opcode == "shl" else "shift_right"
    w.write(i.operands[0], kind, f"ar.{name}({w.read(i.operands[1], kind)}, {w.read(i.operands[2], 'u32')})", m)


@_on("popc", "clz")
def _count(w: _Writer, i: Instruction, m: str) -> None:
    w.write(i.operands[0], "u32", f"ar.{i.opcode}({w.read(i.operands[1], _kind(i))})", m)


@_on("bfind")
def _bfind(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    assert kind in ("u32", "u64") and i.words[1:-1] in ((), ("shiftamt",))
    zeros = f"ar.clz({w.read(i.operands[1], kind)})"
    none = f"{zeros} == {8 * SIZES[kind]}"
    found = zeros if "shiftamt" in i.words else f"{8 * SIZES[kind] - 1} - {zeros}"
    w.write(i.operands[0], "u32", f"np.where({none}, np.uint32(0xFFFFFFFF), {found})", m)


@_on("brev")
def _brev(w: _Writer, i: Instruction, m: str) -> None:
    w.write(i.operands[0], _kind(i), f"ar.bit_reverse({w.read(i.operands[1], _kind(i))})", m)


@_on("bfe")
def _bfe(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    at, length = [w.read(x, "u32") for x in i.operands[2:]]
    w.write(i.operands[0], kind, f"ar.bit_field({w.read(i.operands[1], kind)}, {at}, {length})", m)


_COMPARE = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "lo": "<", "ls": "<=", "hi": ">", "hs": ">="}


def _comparison(word: str, kind: str, a: str, b: str) -> str:
    """Ordered comparisons are false with a NaN, those in ..u true."""
    if word == "num":
        return f"~(np.isnan({a}) | np.isnan({b}))"
    if word == "nan":
        return f"(np.isnan({a}) | np.isnan({b}))"
    if kind in _FLOATS and word in ("equ", "neu", "ltu", "leu", "gtu", "geu"):
        if word == "neu":
            return f"({a} != {b})"
        return f"(({a} {_COMPARE[word[:2]]} {b}) | np.isnan({a}) | np.isnan({b}))"
    if kind in _FLOATS and word == "ne":
        return f"(({a} != {b}) & ~(np.isnan({a}) | np.isnan({b})))"
    return f"({a} {_COMPARE[word]} {b})"


@_on("setp")
def _setp(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    operands = _float_operands(w, i, kind, i.operands[1:3]) if kind in _FLOATS else [w.read(x, kind) for x in i.operands[1:3]]
    found = _comparison(i.words[1], kind, *operands)
    other = f"(~np.asarray({found}))"
    combine = next((x for x in ("and", "or", "xor") if x in i.words[2:-1]), None)
    if combine:
        third = w.read(i.operands[3], "pred")
        sign = {"and": "&", "or": "|", "xor": "^"}[combine]
        found, other = f"({found} {sign} {third})", f"({other} {sign} {third})"
    to = i.operands[0]
    if isinstance(to, Vector):
        w.do(f"t0, t1 = np.asarray({found}), np.asarray({other})")
        w.write(to.parts[0], "pred", "t0", m)
        w.write(to.parts[1], "pred", "t1", m)
        return
    w.write(to, "pred", found, m)


@_on("selp")
def _selp(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    a, b = [w.read(x, kind) for x in i.operands[1:3]]
    w.write(i.operands[0], kind, f"np.where({w.read(i.operands[3], 'pred')}, {a}, {b})", m)


@_on("mov")
def _mov(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    to, source = i.operands
    if isinstance(to, Vector):
        part = f"u{8 * SIZES[kind] // len(to.parts)}"
        w.do(f"t = np.asarray({w.read(source, kind)})")
        for k, x in enumerate(to.parts):
            w.write(x, part, f"(t >> {k * 8 * SIZES[part]}).astype({kind_name(part)})", m)
        return
    if isinstance(source, Vector):
        part = f"u{8 * SIZES[kind] // len(source.parts)}"
        width, whole = 8 * SIZES[part], kind_name(kind)
        terms = [f"(np.asarray({w.read(x, part)}).astype({whole}) << {k * width})" for k, x in enumerate(source.parts)]
        w.write(to, kind, " | ".join(terms), m)
        return
    if isinstance(source, Register) and source.name not in w.kernel.registers:
        w.write(to, kind, w.special(source.name), m)
        return
    w.write(to, kind, w.read(source, kind), m)


@_on("cvt")
def _cvt(w: _Writer, i: Instruction, m: str) -> None:
    to, source = i.words[-2], i.words[-1]
    modifiers = tuple(i.words[1:-2])
    rounds = {"rn", "rz", "rm", "rp", "rni", "rzi", "rmi", "rpi"} & set(modifiers)
    if "bf16" in (to, source):
        _brain(w, i, to, source, modifiers, m)
        return
    if source[0] == "f" and to[0] != "f":
        assert any(x.endswith("i") for x in rounds), "a float becomes an integer with .rni, .rzi, .rmi or .rpi"
    if to[0] == "f" and source[0] != "f":
        assert rounds, "an integer becomes a float with a rounding"
    if to[0] == "f" == source[0] and SIZES[to] < SIZES[source]:
        assert rounds, "a float becomes narrower with a rounding"
    x = w.read(i.operands[1], source, loose=True)
    w.write(i.operands[0], to, f"ar.convert(np.asarray({x}), {to!r}, {source!r}, {modifiers!r})", m, loose=True)


def _brain(w: _Writer, i: Instruction, to: str, source: str, modifiers: tuple[str, ...], m: str) -> None:
    """bf16 is the upper half of an f32; its registers are .b16."""
    if to == "bf16":
        assert source == "f32" and modifiers == ("rn",)
        w.write(i.operands[0], "b16", f"ar.to_brain(np.asarray({w.read(i.operands[1], 'f32')}))", m)
        return
    assert to == "f32" and not modifiers
    w.write(i.operands[0], "f32", f"(np.asarray({w.read(i.operands[1], 'b16')}).astype(np.uint32) << 16).view(np.float32)", m)


@_on("cvta")
def _cvta(w: _Writer, i: Instruction, m: str) -> None:
    assert "global" in i.words, "generic addresses are global ones here"
    w.write(i.operands[0], "u64", w.read(i.operands[1], "u64"), m)


# Memory


def _space(i: Instruction, allowed: tuple[str, ...] = ("global", "shared", "local", "param", "const")) -> str:
    found = [x for x in i.words if x.split("::")[0] in allowed]
    assert len(found) == 1, "the state space is named"
    return found[0].split("::")[0]


def _addresses(w: _Writer, x: Operand) -> str:
    """An array (or a number) of 64-bit addresses."""
    assert isinstance(x, Address)
    if isinstance(x.base, Register):
        own = w.kernel.registers[x.base.name]
        base = w.register(x.base.name, _UNSIGNED[SIZES[own]])
        return f"({base}.astype(np.int64) + {x.offset})"
    if isinstance(x.base, Symbol):
        return f"np.int64(address_of({x.base.name!r}) + {x.base.offset + x.offset})"
    return f"np.int64({x.base.value + x.offset})"


def _parts(x: Operand) -> tuple[Operand, ...]:
    return x.parts if isinstance(x, Vector) else (x,)


@_on("ld", "ldu")
def _ld(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    space = _space(i)
    to, at = i.operands
    if space == "param":
        assert isinstance(at, Address) and isinstance(at.base, Symbol) and not isinstance(to, Vector)
        start = w.params[at.base.name] + at.base.offset + at.offset
        assert start % SIZES[kind] == 0, "misaligned parameter"
        w.write(to, kind, f"parameter({start}, {kind!r})", m, loose=True)
        return
    parts = _parts(to)
    assert len(parts) == int(next((x[1:] for x in i.words if re.fullmatch(r"v[24]", x)), "1"))
    w.do(f"L, A = lanes_of({m}), {_addresses(w, at)}")
    w.do(f"T = load({space!r}, A, L, {kind!r}, {len(parts)}, {_what(i)})")
    for k, part in enumerate(parts):
        _scatter(w, part, kind, f"T[{k}]")


def _what(i: Instruction) -> str:
    return repr(f"line {i.line}: {i.text}")


def _scatter(w: _Writer, x: Operand, kind: str, value: str) -> None:
    """Put what was loaded for the lanes L into a register."""
    if isinstance(x, Symbol) and x.name == "_":
        return
    assert isinstance(x, Register)
    own = w.kernel.registers[x.name]
    wide = kind
    if SIZES[own] > SIZES[kind]:
        wide = ("s" if kind[0] == "s" else "u") + str(8 * SIZES[own])
    w.do(f"{w.register(x.name, wide)}[L] = {value}")


@_on("st")
def _st(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    space = _space(i)
    assert space != "const" and space != "param"
    at, source = i.operands
    parts = _parts(source)
    assert len(parts) == int(next((x[1:] for x in i.words if re.fullmatch(r"v[24]", x)), "1"))
    w.do(f"L, A = lanes_of({m}), {_addresses(w, at)}")
    values = ", ".join(w.read(x, kind, loose=True) for x in parts)
    w.do(f"store({space!r}, A, L, {kind!r}, [{values}], {_what(i)})")


@_on("atom", "red")
def _atom(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    space = _space(i, ("global", "shared"))
    operation = next(x for x in i.words[1:] if x in ("add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec"))
    assert not (operation == "add" and kind == "s64"), "there is no atom.add.s64"
    assert operation not in ("min", "max", "inc", "dec") or kind[0] in "us"
    assert operation not in ("and", "or", "xor", "exch", "cas") or kind[0] == "b"
    assert not (operation == "add" and kind == "f16" and "noftz" not in i.words)
    operands = i.operands if i.opcode == "red" else i.operands[1:]
    w.do(f"L, A = lanes_of({m}), {_addresses(w, operands[0])}")
    values = ", ".join(w.read(x, kind) for x in operands[1:])
    w.do(f"T = atomic({space!r}, {operation!r}, A, L, {kind!r}, [{values}], {_what(i)})")
    if i.opcode == "atom":
        _scatter(w, i.operands[0], kind, "T")


@_on("prefetch", "prefetchu", "membar", "fence", "nanosleep", "discard")
def _nothing(w: _Writer, i: Instruction, m: str) -> None:
    """No effect on what a program computes: the executor's memory is always in order."""


# Exchanges


@_on("shfl")
def _shfl(w: _Writer, i: Instruction, m: str) -> None:
    assert i.words[1] == "sync" and _kind(i) == "b32"
    to = i.operands[0]
    parts = _parts(to)
    a = w.read(i.operands[1], "b32")
    b, c, members = [w.read(x, "b32") for x in i.operands[2:]]
    w.do(f"t0, t1 = shuffle({i.words[2]!r}, {m}, np.asarray({a}), {b}, {c}, {members}, {_what(i)})")
    w.write(parts[0], "b32", "t0", m)
    if len(parts) > 1:
        w.write(parts[1], "pred", "t1", m)


@_on("vote")
def _vote(w: _Writer, i: Instruction, m: str) -> None:
    assert i.words[1] == "sync"
    mode = i.words[2]
    p, members = w.read(i.operands[1], "pred"), w.read(i.operands[2], "b32")
    w.do(f"t0 = vote({mode!r}, {m}, {p}, {members})")
    w.write(i.operands[0], "b32" if mode == "ballot" else "pred", "t0", m)


@_on("redux")
def _redux(w: _Writer, i: Instruction, m: str) -> None:
    kind = _kind(i)
    w.do(f"t0 = reduce_({i.words[2]!r}, {m}, {w.read(i.operands[1], kind)}, {w.read(i.operands[2], 'b32')})")
    w.write(i.operands[0], kind, "t0", m)


@_on("activemask")
def _activemask(w: _Writer, i: Instruction, m: str) -> None:
    w.write(i.operands[0], "b32", f"active({m})", m)


_ = (Fault, Space)
