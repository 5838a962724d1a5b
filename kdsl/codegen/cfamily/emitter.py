"""What is being written: the lines, names, expressions that wait for their place; and the dispatch from ops to spellings.

One idea: an op becomes an expression. It is written where it is used if that is one place and nothing in between changes what
it means; otherwise it becomes a local constant. What waits is written down before anything changes what it depends on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ...diagnostics import InternalError
from ...ir import types as T
from ...ir.analysis.ranges import Ranges, outcome
from ...ir.core import Function, Op, Region, Value
from ...ir.opdef import OpDef
from ...target import Target
from ..layout import name_beside, symbol_of
from .forms import ANY, ATOM, CHOICE, LOGICAL_OR, NOTHING, SHIFT, Expr, Form, Rows, changed, enclosed
from .plan import Plan

__all__ = ["Dialect", "Emitter", "Handler", "HANDLERS", "MACROS", "emits", "union", "words"]

Handler = Callable[["Emitter", Op], None]
# Op name -> the function that writes it, in every dialect; a dialect's own come first.
HANDLERS: dict[str, Handler] = {}

_LONGEST = 84  # characters of an expression before it gets a name
_FUSED = ("arith.add", "arith.sub")


def emits(*names: str) -> Callable[[Handler], Handler]:
    """Registers a function that writes these ops in every dialect."""

    def register(function: Handler) -> Handler:
        for name in names:
            assert name not in HANDLERS, name
            HANDLERS[name] = function
        return function

    return register


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


# Macros of the headers that these languages begin with: a variable of such a name would be a number.
MACROS = words(
    """
    CHAR_BIT SCHAR_MAX SCHAR_MIN UCHAR_MAX CHAR_MAX CHAR_MIN SHRT_MAX SHRT_MIN USHRT_MAX INT_MAX INT_MIN UINT_MAX LONG_MAX LONG_MIN
    ULONG_MAX LLONG_MAX LLONG_MIN ULLONG_MAX SIZE_MAX MAXFLOAT MAXHALF HUGE_VAL HUGE_VALF HUGE_VALH INFINITY NAN NULL
    FP_NAN FP_INFINITE FP_ZERO FP_SUBNORMAL FP_NORMAL FP_ILOGB0 FP_ILOGBNAN assert errno offsetof stdin stdout stderr EOF
    BUFSIZ RAND_MAX EXIT_SUCCESS EXIT_FAILURE I complex imaginary
    """
) | {
    f"{kind}_{what}" for kind in ("FLT", "DBL", "LDBL", "HALF", "BFLT")
    for what in words("MAX MIN EPSILON DIG MANT_DIG MAX_EXP MIN_EXP MAX_10_EXP MIN_10_EXP RADIX")
} | {
    f"M_{what}{end}" for end in ("", "_F", "_H", "_BF")
    for what in words("E LOG2E LOG10E LN2 LN10 PI PI_2 PI_4 1_PI 2_PI 2_SQRTPI SQRT2 SQRT1_2")
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Dialect:
    """types: C's name of each scalar type as a value. cells: as it lies in memory. rows: forms by (op, operand type).

    literal: a number of a type. cast: an expression in another C type. bits: {x} as the {type} of the same bits, where either is a
    float. pointer: to a C type in a space, constant or not.
    fused: the function of a fused multiply-add by type. handlers: ops that take a function. reserved: words that are no names.
    function: what a function of the file's begins with. body: lines at the top of a function's body. jumps: whether loops are left
    by `break`, too, and not by their condition alone.
    """

    name: str
    types: Mapping[str, str]
    cells: Mapping[str, str]
    rows: Rows
    literal: Callable[[T.ScalarType, object], Expr]
    cast: Callable[[str, Expr], Expr]
    pointer: Callable[[str, T.Space, bool], str]
    bits: str
    fused: Mapping[str, str]
    byte: str
    table: str  # how a table of constants at file level is declared
    local: Mapping[T.Space, str]  # how an array of the block, of the thread is declared
    aligned: Callable[[int], str]
    function: str
    jumps: bool
    body: Sequence[str] = ()
    reserved: frozenset[str] = frozenset()
    handlers: Mapping[str, Handler] = field(default_factory=dict)


class Emitter:
    """One function on its way to text. head: lines before the function. first: lines at the top of its body."""

    def __init__(self, function: Function, dialect: Dialect, target: Target, block: tuple[int, int, int]) -> None:
        self.function = function
        self.target = target
        self.symbol = symbol_of(function)
        self.dialect = dialect
        self.block = block
        self.plan = Plan(function)
        self.uses = self.plan.uses
        self.movable = self.plan.movable  # of what is used once
        self.lines: list[str] = []
        self.first: list[str] = []
        self.head: list[str] = []
        self.indent = "    "
        self.exprs: dict[Value, Expr] = {}
        self.waiting: dict[Value, None] = {}  # in the order they were made
        self.arrays: dict[Value, object] = {}  # memory.Place of each array
        self.names: set[str] = set(dialect.reserved)
        self.tables: dict[tuple[str, tuple[object, ...]], str] = {}
        self.held: dict[Value, int] = {}  # values that variables hold, and how many loops are around their place
        self.loops = 0
        self.bound: dict[str, list[Value]] = {}  # values that a variable has held
        # Values that a variable is to become as soon as they are made, and the place where they are.
        self.into: dict[Value, tuple[str, int]] = {}
        self.ranges = Ranges(block)
        self.facts: set[str] = set()  # what a dialect notes about what it has written
        self.contracts = function.math != "strict"
        self.bare: dict[Value, str] = {}  # 64-bit constants as they stand beside an operand that is as wide
        self._handlers = {**HANDLERS, **dialect.handlers}
        self._spellings: dict[tuple[OpDef, T.Type], _Spelling] = {}
        self._types: dict[T.Type, str] = {}
        self._counts: dict[str, int] = {}

    # Lines and names

    def act(self, text: str) -> None:
        self.lines.append(self.indent + text)

    def open(self, text: str) -> None:
        self.act(text)
        self.indent += "    "

    def close(self, text: str = "}") -> None:
        self.indent = self.indent[4:]
        self.act(text)

    def name(self, hint: str, default: str = "t") -> str:
        """A name that nothing else has: the hint if it can be, else with a number."""
        if not hint and default == "t":  # most of them
            names = self.names
            count = self._counts.get("t", 0) + 1
            while (made := f"t{count}") in names:
                count += 1
            self._counts["t"] = count
            names.add(made)
            return made
        base = hint if hint.isidentifier() and hint.isascii() and "_of_kdsl_" not in hint else default  # see `name_beside`
        base = base.replace("__", "_").strip("_") or default
        if base not in self.names and base != "t":
            self.names.add(base)
            return base
        stem = base + "_" if base[-1].isdigit() else base
        count = self._counts.get(stem, 0)
        while True:
            count += 1
            made = f"{stem}{count}"
            if made not in self.names:
                break
        self._counts[stem] = count
        self.names.add(made)
        return made

    # Values

    def type(self, v: Value) -> str:
        found = self._types.get(v.type)
        if found is None:
            found = self._types[v.type] = self.dialect.types[T.element_of(v.type).name]
        return found

    def take(self, v: Value) -> Expr:
        """The expression of a value, to be written now."""
        e = self.exprs.get(v)
        if e is None:
            raise InternalError(f"{v!r} is used before it is made", where="code generation", state=str(self.function))
        self.waiting.pop(v, None)
        return e

    def take_atom(self, v: Value) -> Expr:
        """As `take`, but a name or a literal."""
        e = self.take(v)
        if e.is_atom:
            return e
        # A constant is written in several scopes, so a name that one of them gives it is unknown in the others.
        return Expr(enclosed(e, ATOM)) if v.constant is not None else self.settle(v, e)

    def text(self, v: Value, least: int = ANY) -> str:
        return enclosed(self.take(v), least)

    def settle(self, v: Value, e: Expr) -> Expr:
        """A local constant for a value: its name from here on, so all its uses must be in this scope."""
        self.waiting.pop(v, None)
        name = self.wanted(v) if v in self.into else ""
        if name:
            self.before_change(name)
            self.act(changed(name, e))
            self.bind(v, name)
            return self.exprs[v]
        e = self.exprs[v] = self._constant(v, self.plain(v, e))
        return e

    def named_here(self, v: Value, e: Expr) -> Expr:
        """A local constant with what a value is now, for one who reads it several times in this scope."""
        return self._constant(v, e.text)

    def plain(self, v: Value, e: Expr) -> str:
        """The text of a value that becomes one of its type by being assigned: no suffix, and no cast to a wider integer."""
        return self.bare.get(v) or (e.text if e.narrow is None else e.narrow.text)

    def _constant(self, v: Value, text: str) -> Expr:
        name = self.name(v.name)
        self.lines.append(f"{self.indent}const {self.type(v)} {name} = {text};")
        return Expr(name)

    def give(self, v: Value, e: Expr) -> None:
        """Say what a value is. It waits for its only use, or gets a name."""
        if v not in self.uses:
            return
        if v in self.movable and len(e.text) <= _LONGEST:
            self.exprs[v] = e
            if e.depends or not e.is_atom:
                self.waiting[v] = None
        elif e.is_atom:
            self.exprs[v] = e
            if e.depends:
                self.waiting[v] = None
        else:
            self.settle(v, e)

    def give_name(self, v: Value, text: str) -> None:
        """A local constant for a value even if it is used once, or never: what is written has an effect of its own."""
        if v not in self.uses:
            self.act(f"{text};")
            return
        self.settle(v, Expr(text))

    def give_wide(self, v: Value, text: str) -> None:
        """A local constant that is wider than what its text computes with otherwise: it cannot be part of another."""
        if self.uses.get(v, 0):
            self.settle(v, Expr(text))

    def bind(self, v: Value, name: str) -> None:
        """A value is what a variable holds now; the variable may be assigned again."""
        self.exprs[v] = Expr(name, ATOM, frozenset((name,)))
        self.held[v] = self.loops
        self.bound.setdefault(name, []).append(v)

    def is_free(self, name: str, place: int) -> bool:
        """Whether nobody asks after that place for what a variable holds."""
        return all(self.plan.last.get(v, 0) <= place for v in self.bound.get(name, ()) if self.exprs[v].text == name)

    def wanted(self, v: Value) -> str:
        """The variable that a value is to become, if that may change now."""
        name, place = self.into.pop(v, ("", 0))
        return name if self.is_free(name, place) else ""

    # Order

    def before_effect(self) -> None:
        """Memory is about to change: what waits and reads it is written first."""
        for v in [v for v in self.waiting if self.exprs[v].reads]:
            self.settle(v, self.exprs[v])

    def before_region(self) -> None:
        """Regions are about to run: what waits and depends on anything that changes is written first."""
        for v in [v for v in self.waiting if self.exprs[v].reads or self.exprs[v].depends]:
            self.settle(v, self.exprs[v])

    def before_change(self, name: str) -> None:
        """A variable is about to change: what waits and depends on it is written first."""
        for v in [v for v in self.waiting if name in self.exprs[v].depends]:
            self.settle(v, self.exprs[v])

    # Ops

    def region(self, region: Region) -> None:
        self.ops(region.ops[:-1])

    def ops(self, ops: Sequence[Op]) -> None:
        handlers, spellings = self._handlers, self._spellings
        for op in ops:
            handler = handlers.get(op.defn.name)
            if handler is not None:
                handler(self, op)
                continue
            spelling = spellings.get((op.defn, op.operands[0].type)) or self._spelling(op)
            if spelling.wrapping is not None and self._may_wrap(op):
                self._spell(op, spelling.wrapping)
            elif spelling.infix and not spelling.is_sum:
                self._infix(op, spelling)
            else:
                self._spell(op, spelling)

    def _may_wrap(self, op: Op) -> bool:
        """Whether a sum, difference or product of two `index` may leave their 64 bits, as far as ranges say."""
        low, high = outcome(op.defn.name, *[self.ranges.of(v) for v in op.operands])
        return low < -(1 << 63) or high >= 1 << 63

    def by_row(self, op: Op) -> None:
        """Give what an op is by its row."""
        self._spell(op, self._spelling(op))

    def _spelling(self, op: Op) -> _Spelling:
        found = self._spellings[op.defn, op.operands[0].type] = _Spelling(self, op)
        return found

    def _spell(self, op: Op, spelling: _Spelling) -> None:
        """Give what an op's expression is by its form."""
        operands = op.operands
        if spelling.is_sum and not op.attributes.get("exact"):
            fused = self._fused(op, spelling.fused)
            if fused is not None:
                self.give(op.results[0], fused)
                return
        if spelling.infix:
            self._infix(op, spelling)
            return
        form = spelling.form
        if form.wraps is not None:
            self._wrapped(op, form, form.wraps)
            return
        take = self.take_atom if form.repeats else self.take
        given = [take(v) for v in operands]
        texts = [e.text if e.level >= least else f"({e.text})" for e, least in zip(given, form.inner)]
        if spelling.is_wide:
            first, second = self.bare.get(operands[0]), self.bare.get(operands[1])
            if first and not second and operands[1].constant is None:
                texts[0] = first
            elif second and not first and operands[0].constant is None:
                texts[1] = second
        self.give(op.results[0], Expr(form.text.format(*texts), form.level, *union(given)))

    def _infix(self, op: Op, spelling: _Spelling) -> None:
        """Two operands and what stands between them: most ops, so this is `take`, `_union` and `give` in one."""
        v, w = op.operands
        exprs, waiting = self.exprs, self.waiting
        a, b = exprs.get(v) or self.take(v), exprs.get(w) or self.take(w)
        waiting.pop(v, None)
        waiting.pop(w, None)
        chain = spelling.chain
        x = a.text if a.level >= spelling.left or a.level == chain else f"({a.text})"
        y = b.text if b.level >= spelling.right or b.level == chain else f"({b.text})"
        if spelling.is_wide:
            first, second = self.bare.get(v), self.bare.get(w)
            if first and not second and w.constant is None and not spelling.is_shift:
                x = first
            elif second and not first and v.constant is None:
                y = second
        if y[0] == "-" and spelling.infix == " + " and w.constant is not None:
            text = f"{x} - {y[1:]}"
        else:
            text = f"{x}{spelling.infix}{y}"
        result = op.results[0]
        if spelling.is_product and len(text) > _LONGEST and result in self.movable:
            # Its sum may be one instruction with it: a factor gets the name.
            if len(x) >= len(y):
                a = self._constant(v, a.text)
                text = f"{a.text}{spelling.infix}{y}"
            else:
                b = self._constant(w, b.text)
                text = f"{x}{spelling.infix}{b.text}"
        if result in self.movable and len(text) <= _LONGEST:
            depends = a.depends | b.depends if a.depends and b.depends else a.depends or b.depends
            e = exprs[result] = Expr(text, spelling.level, depends, a.reads or b.reads)
            if spelling.is_product and not op.attributes.get("exact"):
                e.factors = (a, b)
            waiting[result] = None
        elif result in self.uses:
            if result in self.into:
                self.settle(result, Expr(text, spelling.level))
            else:
                exprs[result] = self._constant(result, text)

    def _wrapped(self, op: Op, form: Form, wraps: tuple[str, str, str, int]) -> None:
        """Give a sum, difference or product of signed integers that is computed with unsigned ones; those of its operands that are
        computed so go on as they are."""
        kind, suffix, operator, level = wraps
        given, texts = [self.take(v) for v in op.operands], list[str]()
        for v, e, least in zip(op.operands, given, (level, level + 1), strict=True):
            if v.constant is not None and (v.constant >= 0 or (texts and operator == "+")):
                operator = operator if v.constant >= 0 else "-"
                texts.append(f"{abs(v.constant)}{suffix}")
            else:
                texts.append(f"{kind}({e.text})" if e.unsigned is None else enclosed(e.unsigned, least))
        depends, reads = union(given)
        text = f"{texts[0]} {operator} {texts[1]}"
        made = Expr(form.text[: form.text.index("(") + 1] + text + ")", form.level, depends, reads)
        made.unsigned = Expr(text, level)
        self.give(op.results[0], made)

    def _fused(self, op: Op, name: str) -> Expr | None:
        """A sum or difference with a product that is used nowhere else, rounded once."""
        for k in (0, 1):
            product, other = op.operands[k], op.operands[1 - k]
            e = self.exprs.get(product)
            if e is None or e.factors is None or product not in self.waiting or product is other:
                continue
            self.take(product)
            rest = self.take(other)
            a, b = e.factors
            minus = op.defn.name == "arith.sub"
            first = f"-{enclosed(a, ATOM)}" if minus and k == 1 else a.text
            last = f"-{enclosed(rest, ATOM)}" if minus and k == 0 else rest.text
            return Expr(f"{name}({first}, {b.text}, {last})", ATOM, *union((e, rest)))
        return None

    def table(self, t: T.ScalarType, values: Sequence[object]) -> str:
        """The name of a table of constants."""
        key = (t.name, tuple(values))
        known = self.tables.get(key)
        if known is None:
            known = self.tables[key] = name_beside(self.symbol, f"table{len(self.tables)}")
            numbers = ", ".join([self.dialect.literal(t, x).text for x in values])
            declared = self.dialect.table.format(type=self.dialect.types[t.name], name=known, count=len(values))
            self.head.append(f"{declared} = {{{numbers}}};")
        return known


class _Spelling:
    """How ops of one kind on operands of one type are written. is_sum, is_product: parts of what is rounded once, by the function
    `fused`. is_wide: numbers of 64 bits beside what is as wide need no suffix; is_shift: the type is the left one's. infix: what
    stands between two operands, if the form is nothing else; left, right: how strongly they must bind; chain: or how they may, as
    it does not matter which of several such is first. wrapping: how they are written where the result may have more
    bits, if that is another way (a row of the type "index:wraps")."""

    __slots__ = ("chain", "form", "fused", "infix", "is_product", "is_shift", "is_sum", "is_wide", "left", "level", "right",
                 "wrapping")  # fmt: skip

    def __init__(self, e: Emitter, op: Op, *, wraps: bool = False) -> None:
        name, t = op.defn.name, T.element_of(op.operands[0].type)
        form = e.dialect.rows.get((name, "index:wraps" if wraps else t.name))
        if form is None:
            raise InternalError(f"{e.dialect.name} has no spelling of {name} on {t.name}", where="code generation",
                                state=str(e.function))  # fmt: skip
        self.form = form
        has_two = t is T.index and not wraps and (name, "index:wraps") in e.dialect.rows
        self.wrapping = _Spelling(e, op, wraps=True) if has_two else None
        self.level = form.level
        self.fused = e.dialect.fused.get(t.name, "") if e.contracts else ""
        self.is_sum = bool(self.fused) and name in _FUSED
        self.is_product = bool(self.fused) and name == "arith.mul"
        is_infix = form.text.startswith("{0}") and form.text.endswith("{1}") and not form.repeats
        self.infix = form.text[3:-3] if is_infix else ""
        self.left, self.right = form.inner if is_infix else (ANY, ANY)
        self.chain = form.level if self.infix.strip() in ("&&", "||", "&", "|", "^") else -1
        self.is_shift = form.level == SHIFT
        self.is_wide = len(op.operands) == 2 and form.level != ATOM and t.bits == 64 and (bool(self.infix) or not self.is_shift)


def union(given: Sequence[Expr]) -> tuple[frozenset[str], bool]:
    """(what an expression of others depends on, whether it reads memory)."""
    depends, reads = NOTHING, False
    for e in given:
        if e.depends:
            depends = depends | e.depends if depends else e.depends
        if e.reads:
            reads = True
    return depends, reads


_LITERALS: dict[tuple[object, ...], Expr] = {}


@emits("arith.constant")
def _constant(e: Emitter, op: Op) -> None:
    # Written where it is used, as often as that is.
    v, value = op.results[0], op.attributes["value"]
    t = T.element_of(v.type)
    key = (t, value, str(value) if value == 0 else "")  # 0.0 and -0.0 are equal
    known = _LITERALS.get((e.dialect.name, *key))
    if known is None or value != value:
        if len(_LITERALS) > 4096:
            _LITERALS.clear()
        known = _LITERALS[(e.dialect.name, *key)] = e.dialect.literal(t, value)
    e.exprs[v] = known
    if t.bits == 64 and t.is_integer and -(1 << 31) < value < 1 << 31:
        e.bare[v] = str(value)


@emits("arith.select")
def _select(e: Emitter, op: Op) -> None:
    cond, yes, no = [e.take(v) for v in op.operands]
    text = f"{enclosed(cond, LOGICAL_OR)} ? {enclosed(yes, LOGICAL_OR)} : {enclosed(no, CHOICE)}"
    e.give(op.results[0], Expr(text, CHOICE, *union((cond, yes, no))))


@emits("arith.cast", "machine.convert")
def _cast(e: Emitter, op: Op) -> None:
    x = e.take(op.operands[0])
    source, target = e.type(op.operands[0]), e.type(op.results[0])
    made = x if source == target else e.dialect.cast(target, x)
    made = Expr(made.text, made.level, x.depends, x.reads)
    a, b = T.element_of(op.operands[0].type), T.element_of(op.results[0].type)
    if a.is_integer and b.is_integer and 32 <= a.bits < b.bits and not (a.is_signed and not b.is_signed):
        made.narrow = x
    e.give(op.results[0], made)


@emits("arith.bitcast")
def _bitcast(e: Emitter, op: Op) -> None:
    v = op.operands[0]
    source, target = T.element_of(v.type), T.element_of(op.results[0].type)
    # Narrow integers become int in an expression, which would be bits of another width.
    x = e.take_atom(v) if source.bits < 32 else e.take(v)
    kind = e.type(op.results[0])
    if e.type(v) == kind:
        made = x
    elif not source.is_float and not target.is_float:
        made = e.dialect.cast(kind, x)
    else:
        made = Expr(e.dialect.bits.format(type=kind, x=x.text))
    e.give(op.results[0], Expr(made.text, made.level, x.depends, x.reads))


@emits("simt.block_dim")
def _block_dim(e: Emitter, op: Op) -> None:
    e.exprs[op.results[0]] = e.dialect.literal(T.index, e.block[op.attributes["axis"]])


@emits("arith.lookup")
def _lookup(e: Emitter, op: Op) -> None:
    i = e.take(op.operands[0])
    name = e.table(T.element_of(op.results[0].type), op.attributes["table"])
    e.give(op.results[0], Expr(f"{name}[{i.text}]", ATOM, i.depends, i.reads))
