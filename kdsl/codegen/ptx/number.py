"""Arithmetic: ops by their row, what takes several instructions, and contraction.

One idea: 64-bit integer ops whose operands and result provably fit in 32 bits are done there. PTX contracts nothing that
says `.rn`, so a product and a sum become one `fma.rn` here, where math= allows it, or nowhere.
"""

from __future__ import annotations

from ...diagnostics import InternalError
from ...ir import types as T
from ...ir.core import Op, Value
from ...ir.ops import arith
from ..layout import name_beside
from .brain import convert, rounded_by_instruction
from .emitter import BY_ROW, PLANS, Emitter, lowering
from .ranges import fits_word
from .rows import LOGIC, PtxRow, row_of
from .text import ARITHMETIC, CLASS, PREFIX, number

_HALVES = (T.f16, T.bf16)
_COMPARES = frozenset(f"arith.{name}" for name in ("eq", "ne", "lt", "le", "gt", "ge"))
_IN_WORDS = _COMPARES | {
    f"arith.{name}" for name in ("add", "sub", "mul", "neg", "abs", "minimum", "maximum", "and", "or", "xor")
} | {"machine.quot", "machine.rem"}  # fmt: skip
_INDICES = (arith.ADD, arith.SUB, arith.MUL)  # before loops that do not change them
# math="fast": the short instructions, which flush subnormals.
_FAST = {
    "arith.add": "add.rn.ftz.f32", "arith.sub": "sub.rn.ftz.f32", "arith.mul": "mul.rn.ftz.f32", "arith.fma": "fma.rn.ftz.f32",
    "arith.div": "div.full.ftz.f32", "arith.sqrt": "sqrt.approx.ftz.f32", "arith.rsqrt": "rsqrt.approx.ftz.f32",
}  # fmt: skip


# Spelling, type of the operands and of the result -> instruction, class of its register.
_TEXTS: dict[tuple[str, T.ScalarType, T.ScalarType], tuple[str, str]] = {}


def scalar(v: Value) -> T.ScalarType:
    """The type of what is no array: code of one thread has no tiles."""
    return v.type  # type: ignore[return-value]


class _Spelling:
    """How ops of one kind, on operands of one type and with results of one, are spelled: instruction and class of its register.
    plain: operands are as they are, and nothing is to be asked of a single op."""

    __slots__ = ("cls", "in_words", "is_sum", "plain", "prefix", "row", "short", "text")

    def __init__(self, e: Emitter, op: Op) -> None:
        name, t = op.defn.name, scalar(op.operands[0])
        row = row_of(name, t.name, e.sm)
        if row is None:
            raise InternalError(f"PTX has no row for {name} on {t}", where="PTX code generation", state=str(e.function))
        self.row = row
        self.text, self.cls = _text_of(row, t, scalar(op.results[0]))
        self.prefix = PREFIX[self.cls][0]
        self.in_words = t.bits == 64 and t.is_integer and name in _IN_WORDS
        self.is_sum = name in ("arith.add", "arith.sub") and t.is_float
        self.short = _FAST.get(name, "") if t is T.f32 and e.math == "fast" else ""
        halves = any(v.type in _HALVES for v in op.operands)
        self.plain = not (self.in_words or self.short or halves or self.text.startswith("cvt"))


@lowering(BY_ROW)
def _by_row(e: Emitter, op: Op) -> str | None:
    operands = op.operands
    kind = op.defn, operands[0].type, op.results[0].type
    spelling = e.spellings.get(kind)
    if spelling is None:
        spelling = e.spellings[kind] = _Spelling(e, op)
    if spelling.is_sum and op in e.fusions:
        return _contracted(e, op, scalar(operands[0]))
    if spelling.plain:
        names = e.names
        if len(operands) == 2:
            v, w = operands
            given = f"{names.get(v) or e.value(v)}, {names.get(w) or e.value(w)}"
        else:
            given = ", ".join([names.get(v) or e.value(v) for v in operands])
        if e.conditions:
            for lines in e.conditions:
                found = lines.get((spelling, given))
                if found is not None:
                    return found
        cls, counts = spelling.cls, e.counts
        counts[cls] = n = counts[cls] + 1
        name = f"{spelling.prefix}{n}"
        e.lines.append(f"{spelling.text} {name}, {given};")
        if e.condition and e.condition == len(e.known):
            e.conditions[-1][spelling, given] = name
        return name
    if spelling.in_words:
        if e.loops and op.defn in _INDICES and (depth := e.depth_of(*operands)) < len(e.loops):
            e.ahead(depth, lambda: _of_words(e, op, spelling))
        else:
            _of_words(e, op, spelling)
        return None
    if spelling.short and not op.attributes.get("exact"):
        return e.do("f", spelling.short, *[e.value(v) for v in operands])
    return _spell(e, op, spelling.row, scalar(operands[0]), [_operand(e, v) for v in operands])


def _operand(e: Emitter, v: Value) -> str:
    """16-bit floats have no literals."""
    t = v.type
    return e.in_register(v) if t is T.f16 or t is T.bf16 else e.names.get(v) or e.value(v)


def _spell(e: Emitter, op: Op, row: PtxRow, t: T.ScalarType, operands: list[str]) -> str:
    text, cls = _text_of(row, t, scalar(op.results[0]))
    if operands[0][0] != "%" and text.startswith("cvt"):
        operands = [e.load_number(t, operands[0])]
    return e.made(cls, text, operands)


def _text_of(row: PtxRow, t: T.ScalarType, result: T.ScalarType) -> tuple[str, str]:
    found = _TEXTS.get((row.spelling, t, result))
    if found is None:
        text = row.spelling.format(t=ARITHMETIC[t.name], b=LOGIC.get(t.name, "pred"), r=ARITHMETIC[result.name])
        found = _TEXTS[row.spelling, t, result] = text, CLASS[result.name]
    return found


def _in_words(e: Emitter, op: Op, row: PtxRow) -> bool:
    """Emit a 64-bit op in 32 bits, if it gives the same."""
    if op.defn.name not in _COMPARES and not fits_word(e.ranges.of(op.results[0])):
        return False
    for v in op.operands:
        if v not in e.narrow and not fits_word(e.ranges.of(v)):
            return False
    operands = [e.word(v) for v in op.operands]
    assert None not in operands
    result = op.results[0]
    if op.defn.name in _COMPARES:
        e.bind(result, _spell(e, op, row, T.i32, operands))  # type: ignore[arg-type]
        return True
    text = row.spelling.format(t="s32", b="b32")
    e.bind_narrow(result, e.do("r", text, *operands))  # type: ignore[arg-type]
    return True


def _of_words(e: Emitter, op: Op, spelling: _Spelling) -> None:
    if _in_words(e, op, spelling.row):
        return
    wide = _wide_product(e, op) if op.defn is arith.MUL else None
    e.bind(op.results[0], wide or _spell(e, op, spelling.row, scalar(op.operands[0]), [e.value(v) for v in op.operands]))


def _wide_product(e: Emitter, op: Op) -> str | None:
    """A 64-bit product of numbers of 32 bits: one instruction where one of 64 takes four."""
    a, b = [e.word(v) for v in op.operands]
    return None if a is None or b is None else e.made("d", "mul.wide.s32", [a, b])


# Contraction


def plan_contraction(e: Emitter, ops: list[Op]) -> None:
    """Note which products of a region become part of the one sum that uses them."""
    if e.math == "strict":
        return
    products: set[Op] = set()  # of this region
    fused, fusions, uses = e.fused, e.fusions, e.uses
    for op in ops:
        defn = op.defn
        if defn is arith.MUL:
            if not op.attributes or not op.attributes.get("exact"):
                products.add(op)
        elif defn is arith.ADD or defn is arith.SUB:
            if op in fusions or (op.attributes and op.attributes.get("exact")):
                continue  # in the fusions, it was emitted before, in another way (`twofold`)
            for k, v in enumerate(op.operands):
                made = v.owner
                if made in products and made not in fused and uses[v] == 1 and scalar(v).is_float:
                    assert isinstance(made, Op)
                    fused.add(made)
                    fusions[op] = made, k
                    break


def _contracted(e: Emitter, op: Op, t: T.ScalarType) -> str:
    product, k = e.fusions[op]
    given = *product.operands, op.operands[1 - k]
    names = e.names
    a, b, c = [_operand(e, v) for v in given] if t.bits == 16 else [names.get(v) or e.value(v) for v in given]
    if op.defn is arith.SUB:
        if k == 0:
            c = _negated(e, t, c)
        elif b[0] != "%":
            b = _negated(e, t, b)
        else:
            a = _negated(e, t, a)
    cls = CLASS[t.name]
    n = e.counts[cls] = e.counts[cls] + 1
    name = f"{PREFIX[cls][0]}{n}"
    flush = "ftz." if t is T.f32 and e.math == "fast" else ""
    e.lines.append(f"fma.rn.{flush}{ARITHMETIC[t.name]} {name}, {a}, {b}, {c};")
    return name


def _negated(e: Emitter, t: T.ScalarType, x: str) -> str:
    """-x: of a number, another; of a register, what the assembler makes a sign of the operand of."""
    if x[0] != "%":
        return f"{x[:2]}{int(x[2], 16) ^ 8:X}{x[3:]}"
    return e.made(CLASS[t.name], f"neg.{ARITHMETIC[t.name]}", [x])


def all_aligned(e: Emitter, arrays: dict[Value, int]) -> str:
    """Whether pointers and strides are multiples of so many bytes: of the bits below the largest, none is set."""
    by_mask: dict[int, str] = {}
    for v, size in arrays.items():
        slot = e.slots[v]
        t = v.type
        assert isinstance(t, T.ArrayType)
        offsets = [slot.offset, *[at for axis, at in enumerate(slot.strides) if axis != t.unit_axis]]
        for at in offsets:
            low = e.once(("low bits", at), "r", "ld.param.u32", f"[{e.symbol}_args+{at}]")
            before = by_mask.get(size - 1)
            by_mask[size - 1] = low if before is None else e.do("r", "or.b32", before, low)
    together = ""
    for mask, bits in by_mask.items():
        low = e.do("r", "and.b32", bits, str(mask))
        together = e.do("r", "or.b32", together, low) if together else low
    return e.do("p", "setp.eq.s32", together, "0")


PLANS.append(plan_contraction)

# Ops of several instructions


@lowering("arith.constant")
def _constant(e: Emitter, op: Op) -> str | None:
    t = scalar(op.results[0])
    value = op.attributes["value"]
    if e.coarse is not None and op is e.coarse.aligned:
        return all_aligned(e, e.coarse.asked)
    if t.is_bool:
        e.depth[op.results[0]] = 0
        e.names[op.results[0]] = e.once(("bool", value), "p", "mov.pred", str(int(value)))
        return None
    text = number(t, value)
    e.names[op.results[0]] = text
    e.depth[op.results[0]] = 0
    if t.bits == 64 and t.is_integer and fits_word((value, value)):
        e.narrow[op.results[0]] = text
    return None


@lowering("arith.not")
def _not(e: Emitter, op: Op) -> str:
    t = scalar(op.operands[0])
    x = e.value(op.operands[0])
    if t.is_bool:
        return e.do("p", "not.pred", x)
    if t.bits < 32 and not t.is_signed:
        return e.do("r", "xor.b32", x, str((1 << t.bits) - 1))
    return e.do(CLASS[t.name], f"not.{LOGIC[t.name]}", x)


@lowering("arith.eq", "arith.ne")
def _equal(e: Emitter, op: Op) -> str | None:
    if not scalar(op.operands[0]).is_bool:
        return _by_row(e, op)
    differ = e.do("p", "xor.pred", *[e.value(v) for v in op.operands])
    return differ if op.defn.name == "arith.ne" else e.do("p", "not.pred", differ)


@lowering("arith.abs")
def _abs(e: Emitter, op: Op) -> str | None:
    if scalar(op.operands[0]) in (T.u32, T.u64):
        return e.value(op.operands[0])
    return _by_row(e, op)


@lowering("arith.isnan")
def _isnan(e: Emitter, op: Op) -> str:
    x = e.in_register(op.operands[0])
    return e.do("p", f"setp.nan.{ARITHMETIC[scalar(op.operands[0]).name]}", x, x)


@lowering("arith.rsqrt")
def _rsqrt(e: Emitter, op: Op) -> str:
    t = scalar(op.operands[0])
    x = e.value(op.operands[0])
    if t is T.f32 and e.math == "fast":
        return e.do("f", _FAST["arith.rsqrt"], x)
    if t is T.f32 and e.math == "default":
        # 2 ** -22.4 at most: within the 4 ULP that the row allows. Not to flush takes three instructions more.
        return e.do("f", f"rsqrt.approx.{'ftz.' if e.bounds.is_normal(op.operands[0]) else ''}f32", x)
    root = e.do(CLASS[t.name], f"sqrt.rn.{t.name}", x)
    return e.do(CLASS[t.name], f"rcp.rn.{t.name}", root)


@lowering("math.exp", "math.exp2")
def _exp(e: Emitter, op: Op) -> str:
    """ex2.approx is within 2 ULP of the correctly rounded result for every argument (PTX ISA 9.1, `ex2`): 2.5 of the 4 ULP that
    math="default" allows."""
    x = e.value(op.operands[0])
    if e.math != "fast":
        return e.do("f", "ex2.approx.f32", x) if op.defn.name == "math.exp2" else _exp_of_any(e, x)
    if op.defn.name == "math.exp":
        x = e.do("f", "mul.rn.ftz.f32", x, number(T.f32, 1.4426950408889634))
    return e.do("f", "ex2.approx.ftz.f32", x)


_BIASED = number(T.f32, 12582912.0 + 127)  # what is added to it is rounded, and behind its last 9 bits is the exponent


def _exp_of_any(e: Emitter, x: str) -> str:
    """2**n * 2**(x/ln(2) - n), where n is the exponent of a normal number; the rest, of an x beyond, makes the result subnormal, 0,
    infinite or NaN."""
    near = e.do("f", "min.f32", e.do("f", "max.f32", x, number(T.f32, -87.3)), number(T.f32, 88.0))
    biased = e.do("f", "fma.rn.f32", near, number(T.f32, 1.4426950408889634), _BIASED)
    n = e.do("f", "sub.rn.f32", _BIASED, biased)  # -n
    rest = e.do("f", "fma.rn.f32", x, number(T.f32, 1.4426950408889634), n)
    rest = e.do("f", "fma.rn.f32", x, number(T.f32, 1.925963033500011e-08), rest)
    power = e.do("r", "shl.b32", e.do("r", "mov.b32", biased), "23")
    return e.do("f", "mul.rn.f32", e.do("f", "ex2.approx.ftz.f32", rest), e.do("f", "mov.b32", power))


@lowering("arith.select")
def _select(e: Emitter, op: Op) -> str | None:
    cond, a, b = op.operands
    t = scalar(a)
    p = e.value(cond)
    if t.is_bool:
        return choose_bool(e, p, e.value(a), e.value(b))
    result = op.results[0]
    if t.bits == 64 and t.is_integer and fits_word(e.ranges.of(result)):
        x, y = e.word(a), e.word(b)
        assert x is not None and y is not None
        e.bind_narrow(result, e.do("r", "selp.b32", x, y, p))
        return None
    return choose(e, t, p, _operand(e, a), _operand(e, b))


def choose(e: Emitter, t: T.ScalarType, p: str, a: str, b: str) -> str:
    suffix = {"f": "f32", "g": "f64", "h": "b16", "r": "b32", "d": "b64"}[CLASS[t.name]]
    return e.do(CLASS[t.name], f"selp.{suffix}", a, b, p)


def choose_bool(e: Emitter, p: str, a: str, b: str) -> str:
    """There is no selp of predicates."""
    yes = e.do("p", "and.pred", p, a)
    no = e.do("p", "and.pred", e.do("p", "not.pred", p), b)
    return e.do("p", "or.pred", yes, no)


@lowering("arith.popcount")
def _popcount(e: Emitter, op: Op) -> str | None:
    return _count(e, op, "popc")


@lowering("arith.clz")
def _clz(e: Emitter, op: Op) -> str | None:
    return _count(e, op, "clz")


@lowering("arith.ctz")
def _ctz(e: Emitter, op: Op) -> str | None:
    t = scalar(op.operands[0])
    bits = f"b{t.bits}"
    turned = e.do(CLASS[t.name], f"brev.{bits}", e.in_register(op.operands[0]))
    return _narrow_result(e, op, e.do("r", f"clz.{bits}", turned))


def _count(e: Emitter, op: Op, instruction: str) -> str | None:
    t = scalar(op.operands[0])
    return _narrow_result(e, op, e.do("r", f"{instruction}.b{t.bits}", e.in_register(op.operands[0])))


def _narrow_result(e: Emitter, op: Op, text: str) -> str | None:
    """A 32-bit register as the result of an op on 32 or 64 bits."""
    if scalar(op.results[0]).bits == 32:
        return text
    e.bind_narrow(op.results[0], text)
    return None


# Shifts: PTX clamps the amount, an unsigned number of 32 bits, to the width, which is what the rows of `arith` say.


@lowering("arith.shl", "machine.shl")
def _shl(e: Emitter, op: Op) -> str | None:
    return _shift(e, op, "shl.b")


@lowering("arith.shr", "machine.shr")
def _shr(e: Emitter, op: Op) -> str | None:
    t = scalar(op.operands[0])
    return _shift(e, op, "shr.s" if t.is_signed else "shr.u")


def _shift(e: Emitter, op: Op, instruction: str) -> str | None:
    x, amount = op.operands
    t = scalar(x)
    result = op.results[0]
    if t.bits == 32:
        return e.do("r", f"{instruction}32", e.value(x), e.value(amount))
    low, high = e.ranges.of(amount)
    by = e.low_word(amount) if low >= 0 and high < 1 << 31 else _clamped(e, amount)
    if fits_word(e.ranges.of(result)) and low >= 0 and high < 32 and e.word(x) is not None:
        kind = "shl.b32" if instruction == "shl.b" else "shr.s32"
        e.bind_narrow(result, e.do("r", kind, e.word(x) or "", by))
        return None
    return e.do("d", f"{instruction}64", e.value(x), by)


def _clamped(e: Emitter, amount: Value) -> str:
    if amount.op is not None and amount.op.defn.name == "arith.constant":
        return str(min(int(amount.op.attributes["value"]) & ((1 << 64) - 1), 64))
    return e.do("r", "cvt.u32.u64", e.do("d", "min.u64", e.value(amount), "64"))


# Casts


@lowering("arith.cast")
def _cast(e: Emitter, op: Op) -> str | None:
    (x,) = op.operands
    source, to = scalar(x), scalar(op.results[0])
    if to.is_bool:
        return e.value(x) if source.is_bool else _to_bool(e, x, source)
    if source.is_bool:
        return choose(e, to, e.value(x), *[_literal(e, to, value) for value in (1, 0)])
    if source.is_integer and to.is_integer:
        return _integer(e, x, source, op.results[0], to)
    if source.is_integer:
        return _to_float(e, x, source, to)
    if source is T.bf16 or to is T.bf16:
        return (rounded_by_instruction(e, op) if to is T.bf16 else None) or convert(e, e.in_register(x), to)
    if to.is_float:
        rounding = "" if to.bits > source.bits else "rn."
        text = f"cvt.{rounding}{ARITHMETIC[to.name]}.{ARITHMETIC[source.name]}"
        return e.value(x) if to is source else e.do(CLASS[to.name], text, e.in_register(x))
    return _from_float(e, e.in_register(x), source, to)


def _to_bool(e: Emitter, x: Value, source: T.ScalarType) -> str:
    zero = _literal(e, source, 0)
    return e.do("p", f"setp.{'neu' if source.is_float else 'ne'}.{ARITHMETIC[source.name]}", _operand(e, x), zero)


def _literal(e: Emitter, t: T.ScalarType, value: int) -> str:
    text = number(t, float(value) if t.is_float else value)
    return e.load_number(t, text) if CLASS[t.name] == "h" else text


def _integer(e: Emitter, x: Value, source: T.ScalarType, result: Value, to: T.ScalarType) -> str | None:
    if to.bits == 64:
        if source.bits == 64:
            if x in e.narrow and fits_word(e.ranges.of(result)) and e.ranges.of(result) == e.ranges.of(x):
                e.bind_narrow(result, e.narrow[x])
                return None
            return e.value(x)
        text = e.value(x)
        if fits_word(e.ranges.of(result)) and e.ranges.of(result) == e.ranges.of(x):
            e.bind_narrow(result, text)
            return None
        if text[0] != "%":
            return str(int(text) % (1 << 64)) if not to.is_signed else text
        return e.do("d", "cvt.s64.s32" if source.is_signed else "cvt.u64.u32", text)
    low = e.low_word(x) if source.bits == 64 else e.value(x)
    kept = source.bits < to.bits and (source.is_signed == to.is_signed or not source.is_signed)
    if to.bits == 32:
        return _wrapped_number(low, to) if low[0] != "%" else low
    if kept or source is to:
        return low
    if low[0] != "%":
        return _wrapped_number(low, to)
    if to.is_signed:
        return e.do("r", f"cvt.s32.s{to.bits}", low)
    return e.do("r", "and.b32", low, str((1 << to.bits) - 1))


def _wrapped_number(text: str, to: T.ScalarType) -> str:
    value = int(text) & ((1 << to.bits) - 1)
    return str(value - (1 << to.bits) if to.is_signed and value >> (to.bits - 1) else value)


def _to_float(e: Emitter, x: Value, source: T.ScalarType, to: T.ScalarType) -> str:
    if source.bits == 64:
        word = e.word(x)
        if word is not None:
            word = word if word[0] == "%" else e.load_number(T.i32, word)
            return e.do(CLASS[to.name], f"cvt.rn.{ARITHMETIC[to.name]}.s32", word)
    return e.do(CLASS[to.name], f"cvt.rn.{ARITHMETIC[to.name]}.{ARITHMETIC[source.name]}", e.in_register(x))


def _from_float(e: Emitter, x: str, source: T.ScalarType, to: T.ScalarType) -> str:
    """The instruction saturates; NaN gives 0 where both sides are narrow (PTX ISA, `cvt`), and is looked for where not."""
    kind = ARITHMETIC[source.name]
    if to.bits < 32:
        out = e.do("r", f"cvt.rzi.{'s' if to.is_signed else 'u'}32.{kind}", x)
        low, high = T.limits(to)
        suffix = "s32" if to.is_signed else "u32"
        out = e.do("r", f"min.{suffix}", out, str(high))
        out = e.do("r", "max.s32", out, str(low)) if low else out
    else:
        out = e.do(CLASS[to.name], f"cvt.rzi.{ARITHMETIC[to.name]}.{kind}", x)
    if source is not T.f64 and to.bits < 64:
        return out
    return choose(e, to, e.do("p", f"setp.nan.{kind}", x, x), "0", out)


@lowering("machine.convert")
def _convert(e: Emitter, op: Op) -> str:
    (x,) = op.operands
    to = scalar(op.results[0])
    return e.do(CLASS[to.name], f"cvt.rzi.{ARITHMETIC[to.name]}.{ARITHMETIC[scalar(x).name]}", e.in_register(x))


@lowering("arith.bitcast")
def _bitcast(e: Emitter, op: Op) -> str:
    (x,) = op.operands
    source, to = scalar(x), scalar(op.results[0])
    if CLASS[source.name] == CLASS[to.name] and (source.bits >= 32 or source.is_signed == to.is_signed or to.is_float):
        text = e.value(x)
        return text if text[0] == "%" or source.bits < 32 or to.is_float else _wrapped_number(text, to)
    register = e.in_register(x)
    if to.bits < 32 and to.is_integer:
        if source.is_float:
            return e.do("r", f"cvt.{'s32.s16' if to.is_signed else 'u32.u16'}", register)
        if to.is_signed:
            return e.do("r", f"cvt.s32.s{to.bits}", register)
        return e.do("r", "and.b32", register, str((1 << to.bits) - 1))
    if to.bits == 16:
        return e.do("h", "cvt.u16.u32", register)
    return e.do(CLASS[to.name], f"mov.b{to.bits}", register)


@lowering("arith.lookup")
def _lookup(e: Emitter, op: Op) -> str:
    """An element of a table in global memory: constant memory serves one address at a time, and lanes look up different ones."""
    i, t = op.operands[0], scalar(op.results[0])
    table = op.attributes["table"]
    name = e.tables.get((table, t.name))
    if name is None:
        name = e.tables[table, t.name] = name_beside(e.symbol, f"table{len(e.tables)}")
        numbers = ", ".join([number(t, float(x) if t.is_float else int(x)) for x in table])
        kind = {"f": "f32", "g": "f64"}.get(CLASS[t.name]) or f"b{t.bits}"
        e.module.append(f".global .align {t.size_bytes} .{kind} {name}[{len(table)}] = {{{numbers}}};")
        e.ranges.known.setdefault(op.results[0], (int(min(table)), int(max(table)))) if t.is_integer else None
    base = e.once(("table", name), "d", "mov.u64", name)
    it = scalar(i)
    if it.bits == 64:
        word = e.word(i)
        if word is None:
            at = e.do("d", "mad.lo.s64", e.value(i), str(t.size_bytes), base)
        else:
            at = e.do("d", "mad.wide.s32", word, str(t.size_bytes), base)
    else:
        at = e.do("d", f"mad.wide.{ARITHMETIC[it.name]}", e.value(i), str(t.size_bytes), base)
    kind = {"f": "f32", "g": "f64"}.get(CLASS[t.name]) or f"b{t.bits}"
    return e.do(CLASS[t.name], f"ld.global.nc.{kind}", f"[{at}]")
