"""Subscripts and attributes, read and written: array elements, components of vectors and structs, shapes.

One idea: an element is a `Place` until somebody reads it, so `p[i].x` touches only that field, and assignment,
augmented assignment and atomics all start from the same place.
"""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

from ..ir import types as T
from ..ir.core import Value
from ..ir.ops import arith, memory, simt
from .capture import host_attribute
from .lowering import Lowering, expression, given
from .operators import binary, select
from .promote import Weak, default_type, promote
from .values import Agg, Place, Shape, Undefined, describe, fields_of, is_array, is_number, leaves, type_name

__all__ = ["converted", "once", "place_of", "shape_tuple", "size", "store", "store_target"]


def place_of(L: Lowering, node: ast.expr) -> Any:
    """The place that an expression names, or the value it has when it names none."""
    if isinstance(node, ast.Subscript):
        return _subscript(L, node)
    if isinstance(node, ast.Attribute):
        return _attribute(L, node)
    return L.eval(node)


def once(L: Lowering, target: ast.Subscript | ast.Attribute) -> ast.Subscript | ast.Attribute:
    """A target whose index has been evaluated, where it is a variable's component, which is looked at more than once."""
    name, path = _local_path(target)
    step = path[-1] if path else None
    if name is None or not isinstance(L.frame.env.get(name), Agg) or not isinstance(step, ast.Subscript):
        return target
    if isinstance(step.slice, (ast.Slice, ast.Tuple, ast.Constant)):
        return target
    return ast.copy_location(ast.Subscript(step.value, given(L.eval(step.slice), step.slice), step.ctx), step)


# Subscripts


class _Row(NamedTuple):
    """The first indices of an element, whose others follow in brackets of their own: `x[i]` of `x[i][j]`."""

    array: Value
    indices: tuple[Value, ...]


class _Chosen(NamedTuple):
    """Tuples, one of which a number chooses, and whose item follows in brackets of its own: `t[i]` of `t[i][j]`."""

    items: tuple[Any, ...]
    at: Value


@expression(ast.Subscript)
def _subscript(L: Lowering, node: ast.Subscript, *, goes_on: bool = False) -> Any:
    inner = node.value
    base = _subscript(L, inner, goes_on=True) if isinstance(inner, ast.Subscript) else place_of(L, inner)
    if isinstance(base, _Row) or is_array(base):
        row = base if isinstance(base, _Row) else _Row(base, ())
        return _element(L, row.array, node, row.indices, goes_on=goes_on)
    if isinstance(base, Shape):
        return _extent(L, base.array, _const_index(L, node, _runtime_index(L, node)[0], base.rank), node)
    if isinstance(base, Place):
        if isinstance(base.type, T.VectorType) and base.swizzle is None:
            index, at = _runtime_index(L, node)
            if at is not None:
                return _component_at(L, L.load(base, node).parts, at, node)
            k = _const_index(L, node, index, base.type.count)
            return Place(base.array, base.indices, base.type.element, base.offset + k * base.type.element.size_bytes)
        base = L.load(base, node)
    if isinstance(base, Agg) and isinstance(base.type, T.VectorType):
        index, at = _runtime_index(L, node)
        return base.parts[_const_index(L, node, index, base.type.count)] if at is None else _component_at(L, base.parts, at, node)
    if isinstance(base, _Chosen):
        return _tuple_item(L, base.items, base.at, node, goes_on=goes_on)
    if isinstance(base, tuple):
        return _tuple_item(L, (base,), None, node, goes_on=goes_on)
    L.refuse("K205", node, f"{describe(base)} cannot be indexed",
             help="make bytes of it, whose items are numbers: b\"...\"[k]" if isinstance(base, str) else
                  "index arrays, tuples, vectors and shapes")  # fmt: skip


def _tuple_item(L: Lowering, tuples: tuple[Any, ...], at: Value | None, node: ast.Subscript, *, goes_on: bool) -> Any:
    """An item of a tuple; or of tuples of one length, of which `at` chooses: one item of each, chosen in the same way."""
    if isinstance(node.slice, ast.Tuple):
        item = "".join([ast.unparse(node.value), *[f"[{ast.unparse(k)}]" for k in node.slice.elts]])
        L.refuse("K121", node.slice, "one number is needed as the index here",
                 help=f"tuples of tuples have an index each in brackets of its own: write {item}")  # fmt: skip
    index, place = _runtime_index(L, node)
    count = len(tuples[0])
    if isinstance(node.slice, ast.Slice):
        cut = _bounds(L, node.slice, node)
        items = tuple([t[cut] for t in tuples])
    elif place is None or not count:
        k = _const_index(L, node, index, count)
        items = tuple([t[k] for t in tuples])
    else:
        items = tuple([x for t in tuples for x in t])
        _check_inside(L, place, count, "a tuple", node)
        if at is not None:  # one table of all numbers, as the rows of an array lie: one look-up, and one index that folds
            place = L.emit(node, arith.ADD, L.emit(node, arith.MUL, at, L.constant(count, T.index, node)), place)
        at = place
    if at is None:
        return items[0]
    _check_alike(L, items, node)
    return _Chosen(items, at) if goes_on and isinstance(items[0], tuple) else _chosen(L, items, at, node)


def _chosen(L: Lowering, items: tuple[Any, ...], at: Value, node: ast.Subscript) -> Any:
    """Item `at`: a number; or of tuples one, whose numbers are each looked up among those of its place."""
    first = items[0]
    if not isinstance(first, tuple):
        return _looked_up(L, items, at, node) if all(isinstance(x, (int, float)) for x in items) else _picked(L, items, at, node)
    columns = list(zip(*items))
    for column in columns:
        _check_alike(L, column, node)
    parts = [_chosen(L, column, at, node) for column in columns]
    return getattr(first, "_make", tuple)(parts) if len({type(x) for x in items}) == 1 else tuple(parts)


def _check_alike(L: Lowering, items: tuple[Any, ...], node: ast.Subscript) -> None:
    """A number chooses among numbers, and among tuples of one length."""
    lengths = sorted({len(x) for x in items if isinstance(x, tuple)})
    are_tuples = all(isinstance(x, tuple) for x in items)
    if all(map(is_number, items)) or (are_tuples and len(lengths) == 1):
        return
    if are_tuples:
        found, fix = f"tuples of {lengths[0]} and of {lengths[-1]} items", f"give them {lengths[-1]} items each, with zeros behind"
    elif lengths:
        found, fix = "tuples and other things side by side", "make all of them tuples of as many items"
    else:
        odd = describe(next(x for x in items if not is_number(x)))
        found, fix = f"things that are no numbers, {odd} for one", "write if and elif, with one of them on each branch"
    L.refuse("K121", node, f"an index that is known only when the kernel runs chooses among {found}",
             help=f"{fix}; or go over them by kdsl.static_range, whose numbers are known")  # fmt: skip


def _bounds(L: Lowering, cut: ast.Slice, node: ast.AST) -> slice:
    written = (cut.lower, cut.upper, cut.step)
    parts = [None if x is None else L.const_int(L.eval(x), x, "a bound of a tuple's slice") for x in written]
    if parts[2] == 0:
        L.refuse("K401", node, "the step of a slice cannot be 0", help="use a step of 1 or -1")
    return slice(*parts)


def _runtime_index(L: Lowering, node: ast.Subscript) -> tuple[Any, Value | None]:
    """What stands in these brackets, and again as an index if it is an integer that is known when the kernel runs."""
    if isinstance(node.slice, (ast.Slice, ast.Tuple)):
        return None, None
    k = L.eval(node.slice)
    runtime = isinstance(k, Value) and isinstance(k.type, T.ScalarType) and k.type.is_integer and k.constant is None
    return k, L.cast(k, T.index, node) if runtime else None


def _check_inside(L: Lowering, at: Value, count: int, what: str, node: ast.AST) -> None:
    """A debug build reports an index that is out of range; otherwise some item is taken."""
    low, high = L.constant(0, T.index, node), L.constant(count, T.index, node)
    is_inside = L.emit(node, arith.AND, L.emit(node, arith.GE, at, low), L.emit(node, arith.LT, at, high))
    L.emit(node, simt.ASSERT, is_inside, message=f"an index into {what} of {count} is out of range")


def _component_at(L: Lowering, parts: tuple[Any, ...], at: Value, node: ast.AST) -> Any:
    _check_inside(L, at, len(parts), "a vector", node)
    return _picked(L, parts, at, node)


def _picked(L: Lowering, parts: tuple[Any, ...], at: Value, node: ast.AST) -> Any:
    """One of a few values, by comparing with each place."""
    out = parts[-1]
    for k, part in enumerate(parts[:-1]):
        out = select(L, L.emit(node, arith.EQ, at, L.constant(k, T.index, node)), part, out, node)
    return out


def _looked_up(L: Lowering, base: tuple[Any, ...], at: Value, node: ast.AST) -> Value:
    """A number of a table: as weak as a literal, so of the type of what it is used with."""
    masks = [isinstance(x, bool) for x in base]
    if any(masks) and not all(masks):
        L.refuse("K203", node, "masks (bool) and numbers in one tuple", help="write 1 and 0, or True and False, for all of them")
    if all(masks):
        return L.table(base, at, T.bool_, node)
    numbers: Any = L.type_of(base[0])
    for x in base[1:]:
        numbers = promote(numbers, L.type_of(x))
    out = L.table(base, at, default_type(numbers), node)
    L.weak[out] = numbers
    return out


def _const_index(L: Lowering, node: ast.Subscript, index: Any, count: int) -> int:
    if isinstance(node.slice, (ast.Slice, ast.Tuple)):
        L.refuse("K121", node.slice, "one number is needed as the index here", help="write for example x.shape[0]")
    k = L.const_int(index, node.slice, "this index",
                    "tuples, shapes and vectors are indexed by constants; for a table that threads look things up in, pass "
                    "an array, or copy it into kdsl.local or kdsl.shared")  # fmt: skip
    if not -count <= k < count:
        L.refuse("K401", node.slice, f"index {k} is out of range: there are {count}", help=f"use 0 to {count - 1}")
    return k % count


def _element(L: Lowering, array: Value, node: ast.Subscript, first: tuple[Value, ...], *, goes_on: bool) -> Place | _Row:
    t = array.type
    assert isinstance(t, T.ArrayType)
    parts = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    for p in parts:
        _check_index_form(L, p, node)
    values: list[tuple[Any, ast.expr]] = []
    for p in parts:
        v = L.eval(p)
        values += [(x, p) for x in v] if isinstance(v, tuple) else [(v, p)]
    count = len(first) + len(values)
    if count > t.rank or (count < t.rank and not goes_on):
        root = node.value
        while isinstance(root, ast.Subscript):
            root = root.value
        words = f"{count} {'index' if count == 1 else 'indices'}"
        is_row = 0 < count < t.rank and isinstance(node.ctx, ast.Load)
        L.refuse("K211", node, f"{words} given, but the array has {t.rank} {'axis' if t.rank == 1 else 'axes'}",
                 help=_instead_of_row(ast.unparse(root), parts, t.rank) if is_row and not first
                 else f"write {ast.unparse(root)}[{', '.join('ijklmn'[: t.rank]) or '()'}]")  # fmt: skip
    indices = first + tuple([_index(L, v, p, t, axis) for axis, (v, p) in enumerate(values, len(first))])
    return Place(array, indices, t.element) if count == t.rank else _Row(array, indices)


def _instead_of_row(array: str, given: list[ast.expr], rank: int) -> str:
    """What to write where a part of an array is taken for a value."""
    known = [ast.unparse(part) for part in given]
    free = [name for name in "jklmn" if name not in known][: rank - len(known)]
    return (f"a row is no value in a kernel: write its elements, {array}[{', '.join([*known, *free])}], in a loop over "
            f"{' and '.join(free)}, and give a function {array} and {' and '.join(known)}")  # fmt: skip


def _check_index_form(L: Lowering, part: ast.expr, node: ast.Subscript) -> None:
    if isinstance(part, ast.Slice):
        L.refuse("K114", part, "a slice is a tile operation, which thread kernels do not have",
                 help="index one element per thread, for example x[i], and loop over the rest")  # fmt: skip
    if isinstance(part, ast.Constant) and (part.value is None or part.value is Ellipsis):
        L.refuse("K114", part, f"{part.value} in an index is a tile operation, which thread kernels do not have",
                 help="give one integer per axis")  # fmt: skip


def _index(L: Lowering, v: Any, node: ast.expr, t: T.ArrayType, axis: int) -> Value:
    if is_array(v):
        L.refuse(
            "K210", node, "an array cannot be an index", help="index with one of its elements, for example x[idx[i]]"
        )
    v = L.number(v, node, "an integer")
    have = L.type_of(v)
    if isinstance(have, Weak) and not have.is_float and not have.roots and not isinstance(v, Value):
        _check_constant_index(L, v, node, t, axis)
    if have.is_float if isinstance(have, Weak) else not have.is_integer:
        is_mask = not isinstance(have, Weak) and have.is_bool
        divides = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
        L.refuse("K210", node, f"an index must be an integer, this is {describe(v)}",
                 help="test it with if, or write i32(...) around it for 0 or 1" if is_mask
                 else "divide integers with // for an integer, or write i32(...) around it to cut off the fraction" if divides
                 else f"write i32({ast.unparse(node)}): // and floor of floats are floats, and i32(...) cuts off a fraction; of "
                      "integers // is an integer, / is not")  # fmt: skip
    return L.convert(v, T.index, node) if not isinstance(v, Value) or v in L.weak else L.cast(v, T.index, node)


def _check_constant_index(L: Lowering, k: int, node: ast.expr, t: T.ArrayType, axis: int) -> None:
    if k < 0:
        L.refuse("K401", node, f"index {k} is negative: kernels do not count from the end",
                 help=f"write shape[{axis}] - {-k} to count from the end")  # fmt: skip
    if t.shape is not None and k >= t.shape[axis]:
        L.refuse("K401", node, f"index {k} is out of range: axis {axis} has {t.shape[axis]} elements",
                 help=f"use 0 to {t.shape[axis] - 1}")  # fmt: skip


# Attributes


@expression(ast.Attribute)
def _attribute(L: Lowering, node: ast.Attribute) -> Any:
    base = place_of(L, node.value)
    name = node.attr
    if isinstance(base, Place):
        if isinstance(base.type, T.ScalarType):
            base = L.load(base, node)
        else:
            return _part_of_place(L, base, name, node)
    if is_array(base):
        return _array_attribute(L, base, name, node)
    if isinstance(base, Agg):
        return _component(L, base, name, node)
    if isinstance(base, Value):
        if name == "dtype":
            return base.type
        L.refuse("K130", node, f"{base.type} has no attribute {name!r}", help="a number has only .dtype")
    if isinstance(base, (Undefined, Shape)):
        L.refuse("K130", node, f"a shape has no attribute {name!r}", help="take an axis of it, for example x.shape[0]")
    return host_attribute(L, base, node)


def _array_attribute(L: Lowering, array: Value, name: str, node: ast.Attribute) -> Any:
    t = array.type
    assert isinstance(t, T.ArrayType)
    if name == "shape":
        return Shape(array)
    if name == "ndim":
        return t.rank
    if name == "dtype":
        return t.element
    if name == "size":
        return size(L, array, node)
    L.refuse("K130", node, f"an array in a kernel has no attribute {name!r}",
             help="it has .shape, .size, .ndim and .dtype; the rest is done on its elements")  # fmt: skip


def size(L: Lowering, array: Value, node: ast.AST) -> Any:
    """How many elements an array has."""
    total: Any = 1
    for axis in range(array.type.rank):  # type: ignore[union-attr]
        total = binary(L, "*", total, _extent(L, array, axis, node), node) if axis else _extent(L, array, 0, node)
    return total


def _extent(L: Lowering, array: Value, axis: int, node: ast.AST) -> Any:
    t = array.type
    assert isinstance(t, T.ArrayType)
    if t.shape is not None:
        return t.shape[axis]
    return L.emit(node, memory.EXTENT, array, axis=axis)


def shape_tuple(L: Lowering, shape: Shape, node: ast.AST) -> tuple[Any, ...]:
    """Every axis of a shape."""
    return tuple([_extent(L, shape.array, k, node) for k in range(shape.rank)])


def _of_vectors(name: str, letters: str) -> str:
    """What to write for a function of vectors that others have."""
    squares = " + ".join([f"v.{c} * v.{c}" for c in letters])
    return {"dot": f"write {' + '.join([f'v.{c} * w.{c}' for c in letters])}, or a @kdsl.func of yours",
            **dict.fromkeys(("length", "norm"), f"write kdsl.sqrt({squares}), or a @kdsl.func of yours"),
            **dict.fromkeys(("normalized", "normalize"), f"write v * kdsl.rsqrt({squares}), or a @kdsl.func of yours"),
            }.get(name, "")  # fmt: skip


def _swizzle(L: Lowering, t: T.VectorType, name: str, node: ast.AST) -> list[int]:
    letters = "xyzw"[: t.count]
    if not name or len(name) > 4 or any(c not in letters for c in name):
        parts = f"its components are {', '.join(letters)}, and swizzles such as .{letters[1::-1]}"
        L.refuse("K212", node, f"{t} has no component {name!r}", help=_of_vectors(name, letters) or parts)
    return [letters.index(c) for c in name]


def _field(L: Lowering, t: T.StructType, name: str, node: ast.AST) -> tuple[int, T.ElementType, int]:
    for k, (field, inner, offset) in enumerate(t.fields):
        if field == name:
            return k, inner, offset
    names = ", ".join(f for f, _, _ in t.fields)
    L.refuse("K212", node, f"struct {t.name} has no field {name!r}", help=f"its fields are {names}")


def _part_of_place(L: Lowering, place: Place, name: str, node: ast.AST) -> Place:
    t = place.type
    if isinstance(t, T.StructType):
        _, inner, offset = _field(L, t, name, node)
        return Place(place.array, place.indices, inner, place.offset + offset)
    assert isinstance(t, T.VectorType)
    ks = _swizzle(L, t, name, node)
    if place.swizzle is not None:
        ks = [place.swizzle[k] for k in ks]
    if len(ks) == 1:
        return Place(place.array, place.indices, t.element, place.offset + ks[0] * t.element.size_bytes)
    return Place(place.array, place.indices, t, place.offset, tuple(ks))


def _component(L: Lowering, v: Agg, name: str, node: ast.AST) -> Any:
    if isinstance(v.type, T.StructType):
        return v.parts[_field(L, v.type, name, node)[0]]
    ks = _swizzle(L, v.type, name, node)
    if len(ks) == 1:
        return v.parts[ks[0]]
    return Agg(T.VectorType(v.type.element, len(ks)), tuple([v.parts[k] for k in ks]))


# Writing


def store_target(L: Lowering, target: ast.Subscript | ast.Attribute, value: Any, node: ast.AST) -> None:
    """`target = value` where the target is an element or a component."""
    target = once(L, target)
    base = place_of(L, target)
    if isinstance(base, Place):
        store(L, base, value, node, target)
        return
    name, path = _local_path(target)
    if name is not None and isinstance(L.frame.env.get(name), Agg):
        L.frame.env[name] = _updated(L, L.frame.env[name], path, value, node)
        return
    held = L.frame.env.get(name or "")
    if isinstance(held, tuple) and len(path) == 1 and isinstance(path[0], ast.Subscript):
        L.refuse("K131", target, f"{name} is a tuple, whose items stay as they are",
                 help=f"take a name for each item, a vector such as vec{min(max(len(held), 2), 4)}(...), or an array of the "
                      f"thread's own: kdsl.local({len(held)}, f32)")  # fmt: skip
    of_element = is_array(L.frame.env.get(name or "")) and isinstance(path[0], ast.Subscript)
    help = ("which component of an element is assigned must be known when the kernel is compiled: v = x[i]; v[k] = ...; x[i] = v"
            if of_element and isinstance(base, Value) else "assign variables, elements x[i], and fields v.x")  # fmt: skip
    L.refuse("K131", target, f"{ast.unparse(target)} cannot be assigned", help=help)


def _local_path(target: ast.expr) -> tuple[str | None, list[ast.Attribute | ast.Subscript]]:
    path: list[ast.Attribute | ast.Subscript] = []
    while isinstance(target, (ast.Attribute, ast.Subscript)):
        path.insert(0, target)
        target = target.value
    return (target.id if isinstance(target, ast.Name) else None), path


def _updated(L: Lowering, v: Any, path: list[ast.Attribute | ast.Subscript], value: Any, node: ast.AST) -> Any:
    """A copy of a vector or struct with one part replaced."""
    if not path:
        return converted(L, value, v.type, node, "it")
    assert isinstance(v, Agg)
    step, rest = path[0], path[1:]
    parts = list(v.parts)
    if isinstance(v.type, T.StructType):
        assert isinstance(step, ast.Attribute)
        k, inner, _ = _field(L, v.type, step.attr, step)
        parts[k] = (
            converted(L, value, inner, node, f"field {step.attr}")
            if not rest
            else _updated(L, parts[k], rest, value, node)
        )
        return Agg(v.type, tuple(parts))
    index, at = _runtime_index(L, step) if isinstance(step, ast.Subscript) and not rest else (None, None)
    if at is not None:
        return Agg(v.type, tuple(_replaced(L, parts, at, L.assign_number(value, v.type.element, node, "the vector"), node)))
    ks = (
        _swizzle(L, v.type, step.attr, step)
        if isinstance(step, ast.Attribute)
        else [_const_index(L, step, index, v.type.count)]
    )
    if rest:
        L.refuse(
            "K131",
            node,
            "part of a swizzle cannot be assigned",
            help="name the components directly, for example v.x = ...",
        )
    for k, x in zip(ks, _swizzle_values(L, ks, v.type.element, value, node, step), strict=True):
        parts[k] = x
    return Agg(v.type, tuple(parts))


def _replaced(L: Lowering, parts: list[Any], at: Value, new: Value, node: ast.AST) -> list[Any]:
    """A vector's components with one of them changed, which one is known when the kernel runs."""
    _check_inside(L, at, len(parts), "a vector", node)
    is_it = [L.emit(node, arith.EQ, at, L.constant(k, T.index, node)) for k in range(len(parts))]
    return [select(L, here, new, part, node) for here, part in zip(is_it, parts, strict=True)]


def _swizzle_values(L: Lowering, ks: list[int] | tuple[int, ...], element: T.ScalarType, value: Any, node: ast.AST,
                    target: ast.AST) -> list[Value]:  # fmt: skip
    if len(set(ks)) != len(ks):
        L.refuse("K131", target, "a component is assigned twice", help="name each component once")
    is_vector = isinstance(value, Agg) and isinstance(value.type, T.VectorType)
    if len(ks) > 1 and (is_vector or isinstance(value, tuple)):
        parts = value if isinstance(value, tuple) else value.parts
        if len(parts) != len(ks):
            L.refuse("K213", node, f"{len(ks)} components are assigned from {describe(value)}",
                     help="give as many values as components")  # fmt: skip
        return [L.assign_number(x, element, node, "the vector") for x in parts]
    one = L.assign_number(value, element, node, "the vector")
    return [one] * len(ks)


def store(L: Lowering, place: Place, value: Any, node: ast.AST, target: ast.AST) -> None:
    """Write an element; numbers convert to the type that the place holds."""
    if place.swizzle is not None:
        assert isinstance(place.type, T.VectorType)
        e = place.type.element
        values = _swizzle_values(L, place.swizzle, e, value, node, target)
        for k, x in zip(place.swizzle, values, strict=True):
            L.emit(node, memory.STORE, place.array, *place.indices, x, offset=place.offset + k * e.size_bytes)
        return
    new = converted(L, value, place.type, node, "the array")
    _store(L, place, place.type, place.offset, new, node)


def _store(L: Lowering, place: Place, t: T.ElementType, offset: int, v: Any, node: ast.AST) -> None:
    if isinstance(t, T.ScalarType):
        L.emit(node, memory.STORE, place.array, *place.indices, v, offset=offset)
        return
    for part, (_, inner, at) in zip(v.parts, fields_of(t), strict=True):
        _store(L, place, inner, offset + at, part, node)


def converted(L: Lowering, value: Any, t: T.ElementType, node: ast.AST, where: str) -> Any:
    """`value` as type `t`, by the rules of assignment into memory."""
    if isinstance(t, T.ScalarType):
        if isinstance(value, Agg):
            L.refuse(
                "K207", node, f"{where} holds {t}, this is {describe(value)}", help="take a component, for example v.x"
            )
        return L.assign_number(value, t, node, where)
    if isinstance(value, Agg) and (value.type == t or _same_layout(value.type, t)):
        return value if value.type == t else Agg(t, value.parts)
    if isinstance(t, T.VectorType):
        if isinstance(value, Agg) and isinstance(value.type, T.VectorType) and value.type.count == t.count:
            return Agg(t, tuple([L.assign_number(x, t.element, node, where) for x in value.parts]))
        if isinstance(value, tuple) and len(leaves(value)) == t.count == len(value):
            return Agg(t, tuple([L.assign_number(x, t.element, node, where) for x in value]))
        if not isinstance(value, (Agg, tuple)):
            one = L.assign_number(value, t.element, node, where)
            return Agg(t, (one,) * t.count)
    L.refuse("K207", node, f"{where} holds {type_name(t)}, this is {describe(value)}",
             help=f"make a {type_name(t)} of it, or assign its fields one by one")  # fmt: skip


def _same_layout(a: T.ElementType, b: T.ElementType) -> bool:
    return isinstance(a, T.StructType) and isinstance(b, T.StructType) and a.name == b.name and a.fields == b.fields
