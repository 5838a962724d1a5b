"""Calls: types as casts and constructors, intrinsics by their rows, device functions inlined.

One idea: what is called is known when the kernel is compiled, so a call is looked up, never dispatched; everything
that a kernel may call is an object with a mark (`__kdsl_intrinsic__`, `__kdsl_func__`, `__kdsl_struct__`), a type, or
in the table of Python's and NumPy's functions.
"""

from __future__ import annotations

import ast
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..diagnostics import Span
from ..ir import types as T
from ..ir.core import Value
from .arguments import spread_arguments
from .branches import RESULT, RETURN, has_ended, run
from .capture import admit, default_of
from .inlined import call_again, is_closed, kind_of, lowered_call
from .intrinsics.python import named
from .intrinsics.table import REQUIRED, ROWS, Row
from .lowering import MOST_INLINED, Frame, Lowering, expression
from .outside import python_types
from .parameters import resolve
from .places import converted, place_of, shape_tuple
from .promote import Weak, fits, promote
from .source import source_of
from .values import Agg, Place, Shape, describe, fields_of, is_array

__all__ = ["call_function"]

_MOST_DEPTH = 64


@expression(ast.Call)
def _call(L: Lowering, node: ast.Call) -> Any:
    if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        base = place_of(L, node.func.value)
        if isinstance(base, Place):
            base = L.load(base, node.func)
        if isinstance(base, (Value, Agg)):
            return _method(L, base, node.func.attr, node)
    f = L.eval(node.func)
    _check_keywords(L, node)
    row = _row(f)
    node = spread_arguments(L, node, has_place=row is not None and any(p.kind == "place" for p in row.params))
    if row is not None:
        return _intrinsic(L, row, node)
    if getattr(f, "__kdsl_func__", False):
        return _device_function(L, f, node)
    return _other(L, f, node)


def _limits(L: Lowering, f: Any, node: ast.Call) -> Any:
    """`np.iinfo(i16)`, whose attributes are constants."""
    t = python_types(L.eval(node.args[0])) if len(node.args) == 1 and not node.keywords else None
    fitting = "i32" if f is np.iinfo else "f32"
    if t is None:
        L.refuse("K120", node, f"{f.__name__} takes one type", help=f"write np.{f.__name__}({fitting})")
    if t.is_integer is not (f is np.iinfo) or t.storage:
        other = "" if t.storage or t.is_bool else f"; np.{'iinfo' if t.is_integer else 'finfo'} knows {t}"
        L.refuse("K205", node, f"{f.__name__} knows nothing of {t}", help=f"write np.{f.__name__}({fitting}){other}")
    return f(t.dtype)


def _row(f: Any) -> Row | None:
    name = getattr(f, "__kdsl_intrinsic__", None) if not isinstance(f, Value) else None
    if name is None and callable(f):
        name = named(f)
    return ROWS.get(name) if name is not None else None


def _check_keywords(L: Lowering, node: ast.Call) -> None:
    for k in node.keywords:
        if k.arg is None:
            L.refuse(
                "K109", k.value, "** in a call is not part of the kernel language", help="write the arguments by name"
            )


def _other(L: Lowering, f: Any, node: ast.Call) -> Any:
    t = python_types(f)
    if t is not None:
        return _cast(L, t, node)
    if f is np.iinfo or f is np.finfo:
        return _limits(L, f, node)
    defaults = getattr(f, "__kdsl_defaults__", {}) if not isinstance(f, Value) else {}
    f = getattr(f, "__kdsl_struct__", f) if not isinstance(f, Value) else f
    if isinstance(f, T.VectorType):
        return _vector(L, f, node)
    if getattr(f, "__kdsl_vector__", False):
        return _vector_type(L, node)
    if isinstance(f, T.StructType):
        return _struct(L, f, defaults, node)
    if getattr(f, "__kdsl_kernel__", False):
        L.refuse(
            "K119",
            node,
            "a kernel cannot launch another kernel",
            help="make the shared part a @kdsl.func and call that",
        )
    if isinstance(f, FunctionType):
        L.refuse("K118", node, f"{f.__name__} is a plain Python function, which a kernel cannot call",
                 help="decorate it with @kdsl.func to make it part of the kernel")  # fmt: skip
    if isinstance(f, ModuleType):
        L.refuse("K119", node, f"the module {f.__name__} cannot be called", help="call one of its functions")
    if callable(f):
        name = getattr(f, "__name__", type(f).__name__)
        L.refuse("K119", node, f"{name} is not available in a kernel",
                 help=_ELSE.get(name, "kernels may call kdsl's functions, @kdsl.func functions, and those of math "
                      "and numpy that work on one number"))  # fmt: skip
    L.refuse("K119", node, f"{describe(f)} cannot be called", help="call a function or a type")


_ELSE = {
    "isinstance": "decide by type with x.dtype == kdsl.f32",
    "type": "use x.dtype",
    "input": "pass the value as a parameter",
    "open": "read the file on the host and pass an array",
    "sorted": "sort on the host before the launch",
    "list": "use kdsl.local(n, f32) for an array of this thread",
    "range": "loop over it: for i in range(n):",
    "str": "only print and assert take strings",
    "complex": "keep real and imaginary part in two variables",
    "dist": "write kdsl.hypot(x, y), or kdsl.sqrt of the sum of squares",
    "isclose": "write kdsl.abs(a - b) <= tolerance",
    "square": "write x * x",
    "gcd": "write the loop: while b != 0: a, b = b, a % b",
    "erfc": "write 1 - kdsl.erf(x)",
    "dot": "write a for loop that adds the products",
    "mean": "write a for loop that adds up, and divide",
    "zeros": "kdsl.local(n, f32) is an array of this thread, kdsl.shared(n, f32) of the block; fill it in a loop",
    "empty": "kdsl.local(n, f32) is an array of this thread, kdsl.shared(n, f32) of the block",
    "array": "a table of constants is a tuple, w = ((1, 2), (3, 4)), read by w[i][k]; kdsl.local(n, f32) is an array of the thread "
             "to be filled element by element",
    "arange": "loop over it: for i in range(n):",
    **dict.fromkeys(("rand", "randn", "randint", "uniform", "normal", "standard_normal", "gauss", "randrange"),
                    "kdsl.random_uniform(seed, counter) gives a number in [0, 1), kdsl.random_normal a normal one"),
    "random": "kdsl.random_uniform(seed, counter) gives a number in [0, 1), kdsl.random_normal a normal one",
    "zip": "it stands in `for ... in zip(...)` over tuples only",
    "enumerate": "it stands in `for ... in enumerate(...)` over tuples only",
    "set": "use a tuple of constants, or an array",
    "dict": "use variables, a struct, or an array",
}

_METHODS = ("astype",)


def _method(L: Lowering, base: Any, name: str, node: ast.Call) -> Any:
    if is_array(base):
        L.refuse("K114", node, f".{name} of a whole array is a tile operation, which thread kernels do not have",
                 help="convert one element at a time: f32(x[i])")  # fmt: skip
    t = python_types(L.eval(node.args[0])) if len(node.args) == 1 and not node.keywords else None
    if t is None:
        L.refuse("K120", node, "astype takes one type", help="write x.astype(f32), or f32(x)")
    if isinstance(base, Agg):
        if isinstance(base.type, T.StructType):
            L.refuse("K205", node, "a struct cannot be converted", help="convert its fields one by one")
        return Agg(T.VectorType(t, base.type.count), tuple([L.cast(p, t, node) for p in base.parts]))
    return L.cast(base, t, node)


def _cast(L: Lowering, t: T.ScalarType, node: ast.Call) -> Any:
    if len(node.args) != 1 or node.keywords:
        L.refuse("K120", node, f"{t}(...) takes one number, {len(node.args) + len(node.keywords)} are given",
                 help=f"write {t}(x)")  # fmt: skip
    v = L.eval(node.args[0])
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if isinstance(v, str) and name == "float":
        return _python_cast(L, name, v, node)
    if isinstance(v, (bool, int, float)) and name in ("int", "float", "bool"):
        return _python_cast(L, name, v, node)
    if name in ("int", "float") and isinstance(v, Value) and isinstance(v.type, T.ScalarType):
        if v.type.is_integer if name == "int" else v.type.is_float:
            return v
    if isinstance(v, int) and not isinstance(v, bool) and t.is_integer:
        if not fits(v, t):
            lo, hi = T.limits(t)
            bits = (v - lo) % (hi - lo + 1) + lo
            L.refuse("K204", node, f"{v} does not fit {t}, whose numbers are {lo} to {hi}",
                     help=f"the number of {t} with the same lowest bits is {bits}")  # fmt: skip
        return L.convert(v, L.check(promote(t, Weak(False, v, v)), node), node)
    return L.cast(v, t, node)


def _python_cast(L: Lowering, name: str, v: Any, node: ast.Call) -> Any:
    try:
        return {"int": int, "float": float, "bool": bool}[name](v)
    except (OverflowError, ValueError) as error:
        L.refuse("K204", node, f"{v!r} cannot be converted: {error}", help="check the constant")


def _vector(L: Lowering, t: T.VectorType, node: ast.Call) -> Agg:
    if node.keywords:
        L.refuse(
            "K120",
            node,
            f"{t} takes its components by position",
            help=f"write them in order: {', '.join('xyzw'[: t.count])}",
        )
    scalars: list[Any] = []
    values = [L.eval(a) for a in node.args]
    for v in values:
        if isinstance(v, Agg) and isinstance(v.type, T.VectorType):
            scalars += v.parts
        else:
            scalars += v if isinstance(v, tuple) else [v]
    if len(values) == len(scalars) == 1:
        scalars *= t.count
    if len(scalars) != t.count:
        L.refuse("K213", node, f"{t} has {t.count} components, {len(scalars)} are given",
                 help=f"give {t.count} numbers, or one for all")  # fmt: skip
    return Agg(t, tuple([L.cast(s, t.element, node) for s in scalars]))


def _vector_type(L: Lowering, node: ast.Call) -> T.VectorType:
    """`kdsl.vec(f16, 2)`, which is called for a value, or stands where a type may."""
    given = [L.eval(a) for a in node.args]
    element = python_types(given[0]) if len(given) == 2 and not node.keywords else None
    if element is None or element is T.index or given[1] not in (2, 3, 4):
        L.refuse("K120", node, "vec takes the type of the components and their number, which is 2, 3 or 4",
                 help="write for example kdsl.vec(f32, 3)")  # fmt: skip
    return T.VectorType(element, int(given[1]))


def _struct(L: Lowering, t: T.StructType, defaults: dict[str, Any], node: ast.Call) -> Agg:
    names = [name for name, _, _ in t.fields]
    given: dict[str, tuple[Any, ast.expr]] = {}
    if len(node.args) > len(names):
        L.refuse(
            "K120",
            node,
            f"{t.name} has {len(names)} fields, {len(node.args)} values are given",
            help=f"its fields: {', '.join(names)}",
        )
    for name, a in zip(names, node.args, strict=False):
        given[name] = (L.eval(a), a)
    for k in node.keywords:
        if k.arg not in names or k.arg in given:
            L.refuse(
                "K120",
                k.value,
                f"{t.name} has no field {k.arg!r}, or it is given twice",
                help=f"its fields: {', '.join(names)}",
            )
        given[k.arg] = (L.eval(k.value), k.value)
    given.update({n: (admit(L, v, n, node), node) for n, v in defaults.items() if n not in given})
    missing = [n for n in names if n not in given]
    if missing:
        L.refuse("K120", node, f"{t.name} needs a value for {', '.join(missing)}", help="give every field a value")
    return Agg(t, tuple([converted(L, given[n][0], inner, given[n][1], f"field {n}") for n, inner, _ in fields_of(t)]))


# Intrinsics


def _bind(L: Lowering, what: str, names: list[str], node: ast.Call, optional: set[str]) -> dict[str, ast.expr]:
    if len(node.args) > len(names):
        fix = f"write {what}({', '.join(names)})"
        if what.startswith("atomic_"):
            fix = f"the element is one argument: kdsl.{what}({', '.join(['x[i]', *names[1:]])})"
        L.refuse("K120", node, f"{what} takes {_count(len(names))}, {len(node.args)} are given", help=fix)
    bound = dict(zip(names, node.args, strict=False))
    for k in node.keywords:
        assert k.arg is not None
        if k.arg not in names:
            L.refuse(
                "K120",
                k.value,
                f"{what} has no parameter {k.arg!r}",
                help=f"its parameters: {', '.join(names) or 'none'}",
            )
        if k.arg in bound:
            L.refuse("K120", k.value, f"{what} is given {k.arg!r} twice", help="leave one out")
        bound[k.arg] = k.value
    missing = [n for n in names if n not in bound and n not in optional]
    if missing:
        L.refuse("K120", node, f"{what} needs {', '.join(missing)}", help=f"write {what}({', '.join(names)})")
    return bound


def _count(n: int) -> str:
    return "no arguments" if n == 0 else "one argument" if n == 1 else f"{n} arguments"


def _intrinsic(L: Lowering, row: Row, node: ast.Call) -> Any:
    if row.variadic:
        return row.lower(L, node)
    names = [p.name for p in row.params]
    bound = _bind(L, row.name, names, node, {p.name for p in row.params if p.default is not REQUIRED})
    kinds = {p.name: p.kind for p in row.params}
    values: dict[str, Any] = {}
    for name, e in bound.items():
        values[name] = place_of(L, e) if kinds[name] == "place" else L.eval(e)
        if kinds[name] == "value":
            values[name] = _runtime(L, values[name], e)
    return row.lower(L, node, *[values.get(p.name, p.default) for p in row.params])


def _runtime(L: Lowering, v: Any, node: ast.expr) -> Any:
    if isinstance(v, (Value, Agg, int, float)) and not is_array(v):
        return v
    if isinstance(v, str):
        L.refuse("K111", node, "a string is no value in a kernel", help="pass a number")
    if is_array(v):
        L.refuse(
            "K205",
            node,
            "this works on one element at a time, not on a whole array",
            help="index the array, for example x[i]",
        )
    return L.number(v, node)


# Device functions


def _device_function(L: Lowering, f: Any, node: ast.Call) -> Any:
    function = f.function
    source = source_of(function)
    args = source.node.args
    if args.kwarg:
        L.refuse("K109", node, f"{function.__name__} has **{args.kwarg.arg}, which device functions cannot have",
                 help="name every parameter")  # fmt: skip
    by_place = [a.arg for a in args.posonlyargs + args.args]
    names = by_place + [a.arg for a in args.kwonlyargs]
    defaults = dict(zip(by_place[::-1], (function.__defaults__ or ())[::-1], strict=False))
    defaults.update(function.__kwdefaults__ or {})
    for k in node.keywords:
        if k.arg in by_place[: len(args.posonlyargs)]:
            L.refuse("K120", k.value, f"{k.arg!r} of {function.__name__} is positional-only",
                     help="give it at its place, without name")  # fmt: skip
    further = node.args[len(by_place) :] if args.vararg else []
    first = ast.copy_location(ast.Call(node.func, node.args[: len(node.args) - len(further)], node.keywords), node)
    bound = _bind(L, function.__name__, names, first, set(defaults))
    values: dict[str, Any] = {name: _argument(L, a) for name, a in bound.items()}  # as written: := and calls may act on others
    values.update({name: default_of(L, function, name, defaults[name], node) for name in names if name not in bound})
    if args.vararg:
        values[args.vararg.arg] = tuple([_argument(L, a) for a in further])
    return call_function(L, f, values, node)


def _argument(L: Lowering, node: ast.expr) -> Any:
    v = L.eval(node)
    return shape_tuple(L, v, node) if isinstance(v, Shape) else v


def call_function(L: Lowering, f: Any, values: dict[str, Any], node: ast.AST) -> Any:
    """Inline a device function."""
    function, site = f.function, L.span(node)
    kind, given = kind_of(L, values) or (None, [])
    key = (function, kind)
    known = L.calls.get(key)
    if known is not None and L.inlined + known.inlined <= MOST_INLINED and is_closed(known):
        L.inlined += known.inlined
        return call_again(L, known, given, site)
    region, first, inlined = L.b.region, len(L.b.region.ops), L.inlined
    result = _lower_call(L, f, values, node, site)
    if kind is not None and known is None:
        call = lowered_call(L, region, first, given, result, site, L.inlined - inlined)
        if call is not None:
            L.calls[key] = call
    return result


def _lower_call(L: Lowering, f: Any, values: dict[str, Any], node: ast.AST, site: Span) -> Any:
    function = f.function
    _check_recursion(L, function, node)
    source = source_of(function)
    frame = Frame(function, source, L.frame, site)
    with L.in_frame(frame):
        for name, v in values.items():
            frame.env[name] = _annotated(L, function, name, v, source.node)
        run(L, source.node.body, frozenset(), tail=True)
        if not source.facts.returns_value:
            return None
        if frame.flags.get(RETURN) is not True or not has_ended(L):
            L.refuse("K316", source.node, f"{function.__name__} returns a value on some paths, but not on all",
                     help="end it with a return that gives a value")  # fmt: skip
        return frame.env[RESULT]


def _annotated(L: Lowering, function: Any, name: str, v: Any, node: ast.AST) -> Any:
    """An annotated parameter converts numbers as assignment does; without annotation any value is taken."""
    annotation = function.__annotations__.get(name)
    if annotation is None:
        return v
    t = resolve(function, name, annotation)
    t = getattr(t, "__kdsl_struct__", t)
    scalar = python_types(t)
    if scalar is not None and not is_array(v):
        return L.assign_number(v, scalar, node, f"parameter {name}")
    if isinstance(t, (T.VectorType, T.StructType)):
        return converted(L, v, t, node, f"parameter {name}")
    return v


def _check_recursion(L: Lowering, function: Any, node: ast.AST) -> None:
    L.inlined += 1
    depth = 0
    chain = []
    frame: Frame | None = L.frame
    while frame is not None:
        chain.append(frame.function.__name__)
        depth += 1
        if frame.function.__code__ is function.__code__ and frame.function is function:
            path = " -> ".join([*reversed(chain), function.__name__])
            L.refuse("K117", node, f"{function.__name__} calls itself ({path}), which inlined functions cannot",
                     help="write a loop, with a kdsl.local array as a stack if one is needed")  # fmt: skip
        frame = frame.parent
    if depth > _MOST_DEPTH or L.inlined > MOST_INLINED:
        L.refuse("K117", node, f"too many functions are inlined ({min(L.inlined, MOST_INLINED)} calls, {depth} deep)",
                 help="use fewer calls, or loops instead of unrolled code")  # fmt: skip
