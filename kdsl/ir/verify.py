"""What makes a function well formed, checked. A fault found here is kdsl's own, never the user's.

CHECKED

Values
* Every operand is defined before its use, in the same region or in one around it: nothing leaves a region but by
  yield.
* No op and no value stands at two places. Results know their op and their place in it; arguments their region.
* An array comes from a parameter or `memory.alloc`: never selected, carried or yielded, so its origin is always known.

Signatures
* Operands fit the row's rules (count, classes, letters bound to one type, one shape in an elementwise op), and the
  results are what the row gives (`builder.infer_types`). A bitcast keeps the width. Tiles have a positive static
  shape and stand only at level BLOCK.
* Required attributes are there, every attribute is a Python literal, and of the right kind:
  `value` fits the result type exactly; `axis` lies in 0..2 or within the array's rank; `offset` names a component
  whose type is the one loaded or stored, or as wide as the unsigned integer that is; `table` is a non-empty tuple of
  numbers; `step` is an int; `kind`, `scope`, `name`, `message` are words; `site` is one of the function's sites; `exact`
  stands only where the row takes it.

Control flow
* Every region ends in its only `scf.yield`; the function's yields nothing.
* `scf.if`: two regions without arguments that yield the results' types. `scf.for`: the body takes (index, carried...)
  and yields the carried; bounds and conditions are scalars. `scf.while`: both regions take the carried; `cond` yields
  one bool, `body` the carried.

Memory
* As many indices as axes. A store's type, and an atomic's, is the component's at that offset, or that of its
  bits. Atomics work on i32, u32, i64, u64 and the floats that compute; bitwise ones on integers only. Indices of plain
  accesses are scalars.
* `memory.alloc` gives an array of static positive extents in shared or private memory, or (only at level BLOCK) slots
  of one axis, as long as the block needs.
  Parameters are scalars and global arrays.

Level
* The function is THREAD or BLOCK, and ops of the other level do not stand in it.

NOT CHECKED: whether convergent ops are reached together (`analysis/uniformity` refuses the user's program), indices in
range, races, values of a mask's off lanes (the interpreter reports those when it runs them).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..diagnostics import InternalError
from . import formats, types as T
from .builder import infer_types
from .core import Function, Op, Region, Value
from .opdef import Effect, Level, OpDef, Trait
from .ops import arith, memory, scf, tile

__all__ = ["component_at", "errors_of", "verify"]

_ATOMIC = frozenset((T.i32, T.u32, T.i64, T.u64, T.index, T.f16, T.bf16, T.f32, T.f64))
_BITWISE = frozenset(("and", "or", "xor"))
_KINDS = frozenset(("add", "sub", "min", "max", "exchange")) | _BITWISE
_SCOPES = ("block", "device")


def component_at(t: T.ElementType, offset: int) -> T.ScalarType | None:
    """The scalar that starts at byte `offset` of an element, or None."""
    if isinstance(t, T.ScalarType):
        return t if offset == 0 else None
    if isinstance(t, T.VectorType):
        k, rest = divmod(offset, t.element.size_bytes)
        return t.element if rest == 0 and 0 <= k < t.count else None
    for _, field, start in t.fields:
        if start <= offset < start + T.size_and_align(field)[0]:
            return component_at(field, offset - start)
    return None


def _is_literal(value: Any) -> bool:
    if type(value) is tuple:
        return all(map(_is_literal, value))
    return value is None or type(value) in (bool, int, float, str)


def _fits(value: Any, t: T.ScalarType) -> bool:
    """Whether a Python number is exactly a value of type `t`."""
    if t.is_bool:
        return type(value) is bool
    if t.is_integer:
        low, high = T.limits(t)
        return type(value) is int and low <= value <= high
    if type(value) is not float:
        return False
    if t is T.f64 or value != value:
        return True
    rounded = float(formats.convert(t, value))
    return rounded == value or rounded != rounded


# Per attribute: what is wrong with its value, or "".
Check = Callable[[Function, Op, Any], str]


def _value(f: Function, op: Op, value: Any) -> str:
    t = op.results[0].type if op.results else None
    return "" if isinstance(t, T.ScalarType) and _fits(value, t) else f"{value!r} is not a value of {t}"


def _axis(f: Function, op: Op, value: Any) -> str:
    first = op.operands[0].type if op.operands else None
    limit = first.rank if isinstance(first, T.ArrayType) else 3
    return "" if type(value) is int and 0 <= value < limit else f"{value!r} is not an axis below {limit}"


def _offset(f: Function, op: Op, value: Any) -> str:
    array = op.operands[0].type if op.operands else None
    if not isinstance(array, T.ArrayType):
        return ""
    found = component_at(array.element, value) if type(value) is int else None
    if op.defn.name.startswith("atomic.") and op.operands[-1].type is T.u32 and type(value) is int:
        halves = (found, component_at(array.element, value - 4))  # an atomic of 64 bits may be one of each half
        if any(whole is not None and whole.is_integer and whole.bits == 64 for whole in halves):
            return ""
    if found is None:
        return f"nothing starts at byte {value!r} of {array.element}"
    moved = op.results[0] if op.results else op.operands[-1]
    if isinstance(moved.type, T.ArrayType) or not _moves(T.element_of(moved.type), found):
        return f"byte {value} of {array.element} holds {found}, not {moved.type}"
    return ""


def _moves(moved: T.ScalarType, found: T.ScalarType) -> bool:
    """Whether a component may be loaded and stored as a type: its own, or its bits as an unsigned integer."""
    return moved is found or (moved.kind is T.Kind.UINT and moved.size_bytes == found.size_bytes)


def _table(f: Function, op: Op, value: Any) -> str:
    numbers = type(value) is tuple and len(value) > 0 and all(type(x) in (int, float, bool) for x in value)
    return "" if numbers else "must be a non-empty tuple of numbers"


def _site(f: Function, op: Op, value: Any) -> str:
    return "" if type(value) is int and 0 <= value < len(f.sites) else f"{value!r} is none of {len(f.sites)} sites"


def _kind(f: Function, op: Op, value: Any) -> str:
    if value not in _KINDS:
        return f"{value!r} is no kind of atomic"
    return _atomic_type(value, op)


def _atomic_type(kind: str, op: Op) -> str:
    last = op.operands[-1].type if op.operands else None
    if last is None or isinstance(last, T.ArrayType):
        return "needs a value"
    element = T.element_of(last)
    if kind in ("exchange", "compare_exchange") and element is T.u16:
        return ""  # the bits of a narrow float
    if element not in _ATOMIC or (kind in _BITWISE and element.is_float):
        return f"no atomic {kind} on {element}"
    return ""


def _of_type(kind: type) -> Check:
    return lambda f, op, value: "" if type(value) is kind else f"must be {kind.__name__}"


def _scope(f: Function, op: Op, value: Any) -> str:
    return "" if value in _SCOPES else f"must be one of {_SCOPES}"


def _exact(f: Function, op: Op, value: Any) -> str:
    if Trait.EXACT_FLAG not in op.defn.trait:
        return "this op does not take it"
    return "" if type(value) is bool else "must be bool"


_ATTRIBUTES: dict[str, Check] = {
    "value": _value, "axis": _axis, "offset": _offset, "table": _table, "site": _site, "kind": _kind, "scope": _scope,
    "exact": _exact, "ordered": _exact, "step": _of_type(int), "name": _of_type(str), "message": _of_type(str),
}  # fmt: skip


def _alloc(f: Function, op: Op) -> str:
    t = op.results[0].type if op.results else None
    if isinstance(t, T.ArrayType) and t.space is T.Space.SLOTS and f.level is Level.BLOCK:
        return "" if t.rank == 1 and t.shape is None else "slots have one axis, as long as the block needs"
    if not isinstance(t, T.ArrayType) or t.shape is None or len(t.shape) != t.rank or min(t.shape, default=1) < 1:
        return "gives an array of static positive extents"
    return "" if t.space in (T.Space.SHARED, T.Space.PRIVATE) else f"cannot allocate {t.space.value} memory here"


def _plain_indices(f: Function, op: Op) -> str:
    indices = _indices(op)
    return "" if all(isinstance(v.type, T.ScalarType) for v in indices) else "indices must be scalars"


def _bitcast(f: Function, op: Op) -> str:
    if not op.operands or not op.results or isinstance(op.operands[0].type, T.ArrayType):
        return ""
    before, after = T.element_of(op.operands[0].type), T.element_of(op.results[0].type)
    return "" if before.bits == after.bits else f"{before} and {after} differ in width"


def _scalar_control(f: Function, op: Op) -> str:
    first = op.operands[: 1 if op.defn is scf.IF else 3]
    scalars = all(isinstance(v.type, T.ScalarType) for v in first)
    return "" if scalars else "control flow takes scalars: tiles have masks"


def _whole_tile(f: Function, op: Op) -> str:
    t = op.results[0].type if op.results else None
    return "" if isinstance(t, T.TileType) else "gives a tile"


# Per op: rules that the signature cannot say.
_EXTRA: dict[OpDef, Callable[[Function, Op], str]] = {
    memory.ALLOC: _alloc, memory.LOAD: _plain_indices, memory.STORE: _plain_indices, tile.LOAD: _plain_indices,
    memory.PREFETCH: _plain_indices, tile.STORE: _plain_indices, tile.STREAM: _plain_indices, tile.LEAD: _plain_indices,
    tile.WRITE_AHEAD: _plain_indices, tile.AHEAD: _plain_indices, tile.SPLAT: _whole_tile, tile.IOTA: _whole_tile,
    arith.BITCAST: _bitcast, scf.IF: _scalar_control, scf.FOR: _scalar_control,
}  # fmt: skip


def _indices(op: Op) -> Sequence[Value]:
    """The operands of a memory op that are indices."""
    rules = op.defn.operands
    first = next(k for k, rule in enumerate(rules) if rule.variadic)
    return op.operands[first : len(op.operands) - (len(rules) - first - 1)]


def _has_indices(defn: OpDef) -> bool:
    return any(rule.variadic and rule.rule == "index" for rule in defn.operands)


class _Verifier:
    def __init__(self, f: Function) -> None:
        self.f = f
        self.errors: list[tuple[str, str]] = []
        self.visible: set[Value] = set()
        self.seen: set[Value | Op] = set()
        self.fitting: set[tuple[object, ...]] = set()  # (row, types) that were found to fit: most ops repeat
        self.foreign = Level.BLOCK if f.level is Level.THREAD else Level.THREAD

    def wrong(self, op: Op, why: str) -> None:
        what = op.defn.name + "".join(f" %{r.name or r.index}" for r in op.results[:1])
        self.errors.append((f"{what} at {op.span}" if op.span.line else what, why))

    def define(self, values: Sequence[Value], owner: Op | Region, at: Op | None) -> None:
        for k, v in enumerate(values):
            if v in self.seen:
                self.complain(at, f"%{v.name or v.index} is defined twice")
            if v.owner is not owner or v.index != k:
                self.complain(at, f"%{v.name or v.index} does not know its owner and place")
            if isinstance(v.type, T.TileType):
                self.tile(at, v.type)
        self.seen.update(values)
        self.visible.update(values)

    def tile(self, at: Op | None, t: T.TileType) -> None:
        if self.f.level is not Level.BLOCK:
            self.complain(at, f"{t} in a function of level {self.f.level.value}")
        if not t.shape or min(t.shape) < 1:
            self.complain(at, f"{t} has no lanes")

    def complain(self, at: Op | None, why: str) -> None:
        if at is None:
            self.errors.append((f"function {self.f.name}", why))
        else:
            self.wrong(at, why)

    def region(self, region: Region, parent: Op | None) -> None:
        """A region's arguments and ops; what it defines is not visible afterwards."""
        defined: list[Value] = list(region.args)
        self.define(region.args, region, parent)
        if not region.ops or region.ops[-1].defn is not scf.YIELD:
            self.complain(parent, "a region does not end in scf.yield")
        for op in region.ops:
            self.op(op, op is region.ops[-1])
            defined += op.results
        self.visible.difference_update(defined)

    def op(self, op: Op, last: bool) -> None:
        if op in self.seen:
            self.wrong(op, "this op stands at two places")
        self.seen.add(op)
        defn = op.defn
        if not self.visible.issuperset(op.operands):
            for k, v in enumerate(op.operands):
                if v not in self.visible:
                    self.wrong(op, f"operand {k} (%{v.name or v.index}: {v.type}) is not defined here")
        if defn.level is self.foreign:
            self.wrong(op, f"an op of level {defn.level.value} in a function of level {self.f.level.value}")
        if Trait.TERMINATOR in defn.trait and not last:
            self.wrong(op, "a terminator before the end of its region")
        self.signature(op)
        if defn.attributes or op.attributes:
            self.attributes(op)
        if _touches_memory(defn):
            self.memory(op)
        extra = _EXTRA.get(defn)
        if extra is not None and (why := extra(self.f, op)):
            self.wrong(op, why)
        if op.regions or defn.regions:
            self.control(op)
        self.define(op.results, op, op)

    def signature(self, op: Op) -> None:
        key = (op.defn, *[v.type for v in op.operands], None, *[r.type for r in op.results])
        if key in self.fitting:
            return
        given = op.results[0].type if len(op.results) == 1 else None
        if op.defn in (scf.IF, scf.YIELD):
            given = given or T.bool_  # any number of results of any type: their region says which
        try:
            types = infer_types(op.defn, op.operands, op.attributes, given)
        except InternalError as e:
            self.wrong(op, str(e).splitlines()[0])
            return
        found = tuple([r.type for r in op.results])
        if op.defn is not scf.IF and types != found:
            self.wrong(op, f"gives ({', '.join(map(str, types))}), not ({', '.join(map(str, found))})")
        elif op.defn is not memory.ALLOC and any(isinstance(r.type, T.ArrayType) for r in op.results):
            self.wrong(op, "an array may only come from a parameter or memory.alloc")
        elif wrong := _result_letters(op):
            self.wrong(op, wrong)
        else:
            self.fitting.add(key)

    def attributes(self, op: Op) -> None:
        for name in op.defn.attributes:
            if name not in op.attributes:
                self.wrong(op, f"lacks the attribute {name}")
        for name, value in op.attributes.items():
            check = _ATTRIBUTES.get(name)
            if not _is_literal(value):
                self.wrong(op, f"attribute {name}: {type(value).__name__} is no Python literal")
            elif check is not None and (why := check(self.f, op, value)):
                self.wrong(op, f"attribute {name}: {why}")

    def memory(self, op: Op) -> None:
        array = op.operands[0].type if op.operands else None
        if not isinstance(array, T.ArrayType):
            return
        if _has_indices(op.defn) and (count := len(_indices(op))) != array.rank:
            self.wrong(op, f"{count} indices into {array}")
        if op.defn.effect == Effect.READ | Effect.WRITE and "kind" not in op.defn.attributes:
            kind = op.defn.name.rpartition(".")[2]
            if why := _atomic_type(kind, op):
                self.wrong(op, why)

    def control(self, op: Op) -> None:
        if len(op.regions) != len(op.defn.regions):
            self.wrong(op, f"{len(op.regions)} regions, not {len(op.defn.regions)}")
            return
        for region in op.regions:
            self.region(region, op)
        carried = [r.type for r in op.results]
        for label, region in zip(op.defn.regions, op.regions, strict=True):
            takes, gives = _shape_of_region(op.defn, label, carried)
            self.match(op, label, "takes", [a.type for a in region.args], takes)
            if region.ops and region.terminator.defn is scf.YIELD:
                self.match(op, label, "yields", [v.type for v in region.yielded], gives)

    def match(self, op: Op, label: str, verb: str, found: list[T.Type], wanted: list[T.Type]) -> None:
        if found != wanted:
            have, want = (", ".join(map(str, types)) for types in (found, wanted))
            self.wrong(op, f"region {label} {verb} ({have}), not ({want})")

    def function(self) -> None:
        f = self.f
        if f.level not in (Level.THREAD, Level.BLOCK):
            self.complain(None, f"has level {f.level.value}")
        for p in f.params:
            t = p.type
            if isinstance(t, T.TileType) or (isinstance(t, T.ArrayType) and (t.space is not T.Space.GLOBAL or t.shape)):
                self.complain(None, f"parameter %{p.name}: {t} is neither a scalar nor a global array")
            if isinstance(t, T.ArrayType) and t.unit_axis is not None and not 0 <= t.unit_axis < t.rank:
                self.complain(None, f"parameter %{p.name}: {t} has no axis {t.unit_axis}")
        for name, value in f.attributes.items():
            if not _is_literal(value):
                self.complain(None, f"attribute {name}: {type(value).__name__} is no Python literal")
        if f.math not in ("default", "strict", "fast"):
            self.complain(None, f"attribute math: {f.math!r}")
        self.region(f.body, None)
        if f.body.ops and f.body.terminator.operands:
            self.complain(None, "a function yields nothing")


def _touches_memory(defn: OpDef) -> bool:
    return defn.touches


def _result_letters(op: Op) -> str:
    """A result type that was given, not inferred, must still be one that the row's rule allows."""
    for rule, r in zip(op.defn.results, op.results):
        if isinstance(r.type, T.ArrayType) or rule.rule == "any":
            continue
        if op.defn.infer is None and T.element_of(r.type) not in rule.allowed:
            return f"{rule.name} must be {rule.rule}, not {r.type}"
    return ""


def _shape_of_region(defn: OpDef, label: str, carried: list[T.Type]) -> tuple[list[T.Type], list[T.Type]]:
    """What a region of `defn` takes and yields."""
    if defn is scf.IF:
        return [], carried
    if defn is scf.FOR:
        return [T.index, *carried], carried
    return carried, ([T.bool_] if label == "cond" else carried)


def errors_of(f: Function) -> list[str]:
    """All that is wrong with `f`, each with the entity at fault; empty when it is well formed."""
    v = _Verifier(f)
    v.function()
    return [f"{where}: {why}" for where, why in v.errors]


def verify(f: Function, where: str = "verify") -> None:
    """Raise one `InternalError` with everything that is wrong with `f` and its text; nothing when it is well formed."""
    errors = errors_of(f)
    if errors:
        state = "\n".join([*errors, "", _text(f)])
        raise InternalError("malformed IR\n  " + "\n  ".join(errors), where=where, state=state)


def _text(f: Function) -> str:
    try:
        return str(f)
    except ValueError as e:  # regions that do not match their row have no text
        return f"(no text: {e})"
