"""Names: variables of the kernel, and constants of the program around it.

One idea: what a kernel takes from outside is read when it is compiled, and every such read is recorded as
(namespace, key, value), so that the launch layer can see cheaply that a constant has changed and compile again.
"""

from __future__ import annotations

import ast
import builtins
from enum import Enum
from types import (
    BuiltinFunctionType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any, NoReturn

import numpy as np

from ..diagnostics import Label, with_article
from ..ir import types as T
from ..ir.core import Value
from .lowering import Frame, Lowering, expression
from .outside import ABSENT, BY_DTYPE, is_ours, python_types
from .values import Agg, Undefined, describe

__all__ = ["admit", "default_of", "host_attribute", "lookup"]

_NOTHING = object()


@expression(ast.Name)
def _name(L: Lowering, node: ast.Name) -> Any:
    return lookup(L, node.id, node)


def lookup(L: Lowering, name: str, node: ast.AST) -> Any:
    """The value of a name: a variable, or a constant from the scopes around the function."""
    frame = L.frame
    v = frame.env.get(name, _NOTHING)
    if v is _NOTHING:
        if name in frame.source.facts.locals:
            v = Undefined()
        else:
            return _outer(L, frame, name, node)
    if isinstance(v, Undefined):
        _refuse_undefined(L, name, v, node)
    return v


def _refuse_undefined(L: Lowering, name: str, v: Undefined, node: ast.AST) -> NoReturn:
    spans = v.spans or ((L.frame.assigned_at[name],) if name in L.frame.assigned_at else ())
    if not spans and not v.reason:
        function, fix = L.frame.function, "assign it first"
        if name in function.__code__.co_freevars or name in function.__globals__:
            fix = f"the {name} outside is not changed by a kernel: give this variable another name, or pass an array"
        L.refuse("K115", node, f"the variable {name!r} is read before it is assigned", help=fix)
    labels = [Label(s, "it is assigned here, which may not run") for s in spans if s != L.span(node)]
    why = v.reason or f"{name!r} may have no value here: it is not assigned on every path"
    L.refuse(v.code, node, why, labels=labels, help=f"give {name} a value before the branch or loop")


def _outer(L: Lowering, frame: Frame, name: str, node: ast.AST) -> Any:
    function = frame.function
    free = function.__code__.co_freevars
    if name in free:
        cell = function.__closure__[free.index(name)]
        try:
            value = cell.cell_contents
        except ValueError:
            L.refuse("K115", node, f"the variable {name!r} of the enclosing function has no value yet",
                     help="assign it before the kernel is called")  # fmt: skip
        return _record(L, cell, "cell_contents", value, name, node)
    scope = getattr(function, "__kdsl_scope__", None)
    globals_ = function.__globals__
    if name in globals_:
        return _record(L, globals_, name, globals_[name], name, node)
    if scope and name in scope:
        return _record(L, scope, name, scope[name], name, node)
    value = getattr(builtins, name, _NOTHING)
    if value is _NOTHING:
        _refuse_unknown(L, frame, name, node)
    L.outside.bindings.append((globals_, name, ABSENT))
    return value


# What is called so in CUDA, numba, Triton, Taichi, OpenCL.
_ELSEWHERE = {
    **dict.fromkeys(("threadIdx", "get_local_id"), "the place of a thread in its block is kdsl.thread_id(axis)"),
    **dict.fromkeys(("blockIdx", "get_group_id"), "the place of the block in the grid is kdsl.block_id(axis)"),
    **dict.fromkeys(("blockDim", "get_local_size"), "the threads of a block are kdsl.block_dim(axis)"),
    **dict.fromkeys(("gridDim", "get_num_groups"), "the blocks of the grid are kdsl.grid_dim(axis)"),
    "get_global_id": "the place of a thread in the grid is kdsl.global_id(axis)",
    "__syncthreads": "threads of a block wait for each other at kdsl.barrier()",
    "cuda": "kdsl.global_id(0) is cuda.grid(1), kdsl.shared(shape, type) is cuda.shared.array, kdsl.barrier() is syncthreads",
    "tl": "kdsl.block_id(0) is tl.program_id(0); a kernel says what one thread does: kdsl.global_id(0)",
    "prange": "a kernel is run by many threads: kdsl.global_id(0) says which one this is; or write range",
    "ti": "kdsl.global_id(0) says which thread this is; math is in kdsl, as in kdsl.sqrt(x)",
}
# The same, where it is looked for in kdsl itself.
_ELSEWHERE_IN_KDSL = {
    "grid": "kdsl.global_id(axis) is the place of a thread in the launch, kdsl.grid_dim(axis) the number of blocks",
    "program_id": "kdsl.block_id(axis) is the place of the block; a kernel says what one thread does: kdsl.global_id(axis)",
    "num_programs": "the blocks of the grid are kdsl.grid_dim(axis)",
    **dict.fromkeys(("ndrange", "grouped"),
                    "launch kernel.over(n, m): kdsl.global_id(0) and kdsl.global_id(1) are the indices; or write a loop in a loop"),
    "static": "kdsl.static_range(n) is unrolled, and an if whose condition is known at compile time drops the other branch",
    **dict.fromkeys(("Vector", "Matrix"), "kdsl.vec3(x, y, z) is a vector of f32, kdsl.vec(f64, 3) the type of others"),
    "tid": "the place of a thread in the launch is kdsl.global_id(axis)",
    **dict.fromkeys(("threadIdx", "thread_idx"), "the place of a thread in its block is kdsl.thread_id(axis)"),
    **dict.fromkeys(("blockIdx", "block_idx"), "the place of the block in the grid is kdsl.block_id(axis)"),
    **dict.fromkeys(("syncthreads", "sync", "sync_threads", "debug_barrier", "syncwarp"),
                    "threads of a block wait for each other at kdsl.barrier()"),
    **dict.fromkeys(("threadfence", "memory_fence"), 'kdsl.fence("device") orders memory operations'),
    **dict.fromkeys(("atomic_cas", "atomic_compare_and_swap"), "write kdsl.atomic_compare_exchange(x[i], expected, desired)"),
    **dict.fromkeys(("atomic_xchg", "atomic_exch", "atomic_swap"), "write kdsl.atomic_exchange(x[i], value)"),
    **dict.fromkeys(("random", "rand", "randn"), "kdsl.random_uniform(seed, counter) and kdsl.random_normal give random numbers"),
    "length": "write kdsl.sqrt(v.x * v.x + v.y * v.y), with all components, or a @kdsl.func of yours",
    **dict.fromkeys(("norm", "normalize"), "write v * kdsl.rsqrt(v.x * v.x + v.y * v.y), with all components, or a @kdsl.func of "
                    "yours"),
    "cross": "write vec3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x), or a @kdsl.func of yours",
    **dict.fromkeys(("mix", "lerp"), "write a + (b - a) * t"),
    **dict.fromkeys(("laneid", "lane"), "the place in the subgroup is kdsl.lane_id()"),
    **dict.fromkeys(("warpsize", "warp_size"), "lanes of a subgroup are kdsl.subgroup_size()"),
}  # fmt: skip
_TILES = (
    "arange", "argmax", "argmin", "astype", "broadcast_to", "concatenate", "cumulative_prod", "cumulative_sum", "dot",
    "expand_dims", "full", "gather", "load", "max", "min", "ones", "parallel", "prod", "reduce", "reshape", "scan", "scatter",
    "sort", "store", "sum", "tile", "transpose", "zeros",
)  # fmt: skip
# What such a name is in a thread kernel.
_OF_A_THREAD = {
    "dot": "of two vectors write a.x * b.x + a.y * b.y, with all components, or a @kdsl.func of yours; of arrays a loop that adds "
           "the products",
    "max": "of two numbers write max(a, b); of an array a loop",
    "min": "of two numbers write min(a, b); of an array a loop",
}
_BUILTINS = ("range", "min", "max", "abs", "len", "round", "print", "kdsl")


def _refuse_unknown(L: Lowering, frame: Frame, name: str, node: ast.AST) -> NoReturn:
    import difflib

    elsewhere = _ELSEWHERE.get(name)
    if elsewhere is not None:
        L.refuse("K115", node, f"the name {name!r} is not defined", help=elsewhere)
    known = [*frame.env, *frame.function.__globals__, *frame.function.__code__.co_freevars]
    close = difflib.get_close_matches(name, [k for k in known if not k.startswith((".", "__"))], 1)
    close = close or difflib.get_close_matches(name, _BUILTINS, 1, 0.75)
    hint = f"did you mean {close[0]!r}?" if close else f"assign {name} before this line, or pass it as a parameter"
    L.refuse("K115", node, f"the name {name!r} is not defined", help=hint)


def _record(L: Lowering, space: Any, key: str, value: Any, name: str, node: ast.AST) -> Any:
    value_in_kernel = admit(L, value, name, node)
    _note(L, space, key, value)
    return value_in_kernel


def _note(L: Lowering, space: Any, key: str, value: Any) -> None:
    mark = (id(space), key)
    if mark not in L.captured_names:
        L.captured_names.add(mark)
        reads = L.outside.bindings if isinstance(value, ModuleType) else L.outside.captured
        reads.append((space, key, value))


def default_of(L: Lowering, function: FunctionType, name: str, value: Any, node: ast.AST) -> Any:
    """The default of a device function's parameter, noted as read: Python lets anybody change it."""
    by_name = function.__kwdefaults__
    if by_name and name in by_name:
        _note(L, function, "__kwdefaults__", by_name)
        _note(L, by_name, name, value)
    else:
        _note(L, function, "__defaults__", function.__defaults__)
    return admit(L, value, name, node)


def admit(L: Lowering, value: Any, name: str, node: ast.AST) -> Any:
    """A Python object as a kernel sees it, or an error when kernels cannot use its like."""
    kind = type(value)
    if kind is int or kind is float or kind is bool or kind is str or value is None or isinstance(value, T.ScalarType):
        return value
    if isinstance(value, Enum):
        return admit(L, value.value, name, node)
    if isinstance(value, (bool, int, float, np.bool_)):
        return (
            bool(value)
            if isinstance(value, (bool, np.bool_))
            else int(value)
            if isinstance(value, int)
            else float(value)
        )
    if isinstance(value, np.generic):
        t = BY_DTYPE.get(value.dtype)
        if t is not None:
            return L.constant(value.item(), t, node)
    if isinstance(value, tuple):
        items = [admit(L, x, name, node) for x in value]
        make = getattr(kind, "_make", None)  # a NamedTuple keeps its names
        return tuple(items) if make is None else make(items)
    if isinstance(value, bytes):  # what its items are, and what may be indexed by any number
        return tuple(value)
    if isinstance(value, np.dtype):
        t = BY_DTYPE.get(value)
        if t is not None:
            return t
    if isinstance(value, (T.VectorType, T.StructType, ModuleType, type, FunctionType, BuiltinFunctionType, np.ufunc)):
        return value
    if isinstance(value, (np.iinfo, np.finfo)):
        return value
    if isinstance(value, (Value, Agg)) or callable(value):
        return value
    what = "an array" if isinstance(value, np.ndarray) or hasattr(value, "__dlpack__") else with_article(kind.__name__)
    L.refuse("K125", node, f"{name!r} is {what} from outside the kernel; only constants can be taken from there",
             help=f"pass it as an argument{_as_tuple(value, name)}" if what == "an array"
             else f"pass an array as an argument, or make a tuple of it: {name} = (..., ...)"
             if kind.__name__ in ("list", "set")
             else f"make a number of it before: n = float({name})" if hasattr(value, "__float__")
             else "keep real and imaginary part as two numbers" if kind is complex
             else "keep what kernels need as names of the module, or in a NamedTuple" if kind is dict
             else f"take out the numbers that the kernel needs before it: n = {name}.n, or pass them as arguments")  # fmt: skip


_MOST_OF_TABLE = 256  # numbers that one would keep in a tuple


def _as_tuple(array: Any, name: str) -> str:
    """What to write for a table of few numbers, as the weights of a window."""
    if not isinstance(array, np.ndarray) or array.ndim not in (1, 2) or not 0 < array.size <= _MOST_OF_TABLE:
        return ""
    make, item = [("tuple({}.tolist())", "[k]"), ("tuple(map(tuple, {}.tolist()))", "[i][k]")][array.ndim - 1]
    new = f"{name.replace('.', '_')}_TABLE".upper()
    return f", or make a tuple of its numbers before: {new} = {make.format(name)}, and write {new}{item}"


# What makes something else of an object's attribute than what the class has.
_OF_THE_CLASS = (FunctionType, BuiltinFunctionType, MethodType, MethodDescriptorType, WrapperDescriptorType, MethodWrapperType,
                 GetSetDescriptorType, MemberDescriptorType, property)  # fmt: skip


def host_attribute(L: Lowering, base: Any, node: ast.Attribute) -> Any:
    """`module.name`, and the few attributes of types that a kernel may use."""
    if isinstance(base, ModuleType):
        try:
            value = getattr(base, node.attr)
        except AttributeError:
            _refuse_attribute(L, base, node)
        if callable(value) or isinstance(value, ModuleType):
            if is_ours(base):
                return value
            if node.attr not in base.__dict__:
                L.outside.bindings.append((None, node.attr, value))  # the module makes it when it is asked
                return value
        return _record(L, base.__dict__, node.attr, value, f"{base.__name__}.{node.attr}", node)
    if isinstance(base, type) and issubclass(base, Enum) and node.attr in base.__members__:
        return base.__members__[node.attr]  # of an IntEnum a number, of others something that has a .value
    if isinstance(base, Enum) and node.attr in ("value", "name"):
        return admit(L, getattr(base, node.attr), node.attr, node)
    if isinstance(base, T.ScalarType) and node.attr in (
        "bits",
        "name",
        "is_float",
        "is_integer",
        "is_signed",
        "is_bool",
    ):
        return getattr(base, node.attr)
    if isinstance(base, (np.iinfo, np.finfo)) and isinstance(getattr(base, node.attr, None), (int, np.generic)):
        return admit(L, getattr(base, node.attr), node.attr, node)
    if isinstance(base, T.VectorType) and node.attr in ("count", "element"):
        return getattr(base, node.attr)
    if isinstance(base, type) and hasattr(base, node.attr):
        value = getattr(base, node.attr)
        if not (python_types(base) or node.attr.startswith("__") or isinstance(value, _OF_THE_CLASS)):
            return _record(L, base, node.attr, value, f"{base.__name__}.{node.attr}", node)
        L.refuse("K130", node, f"{base.__name__}.{node.attr} is no constant that a kernel can use",
                 help="constants of a class are numbers, strings, types and tuples of them; a function that kernels call is a "
                      "@kdsl.func outside of the class")  # fmt: skip
    if isinstance(base, tuple) and node.attr in getattr(base, "_fields", ()):
        return getattr(base, node.attr)
    name = getattr(base, "__name__", "")
    axis = "xyz".find(node.attr) if len(node.attr) == 1 and name in _ALONG_AXES else -1
    L.refuse("K130", node, f"{describe(base)} has no attribute {node.attr!r} in a kernel",
             help=f"write kdsl.{name}({axis}): an axis is a number" if axis >= 0 else
                  f"write np.{'finfo' if base.is_float else 'iinfo'}({base}).{node.attr}"
                  if isinstance(base, T.ScalarType) and node.attr in ("min", "max", "eps") else
                  "kernels use attributes of arrays, vectors, structs, modules and enums")  # fmt: skip


_ALONG_AXES = ("global_id", "thread_id", "block_id", "block_dim", "grid_dim")


def _refuse_attribute(L: Lowering, base: ModuleType, node: ast.Attribute) -> NoReturn:
    import difflib

    ours = base.__name__ == __name__.split(".", maxsplit=1)[0]
    if ours and node.attr in _TILES:
        L.refuse("K114", node, f"kdsl.{node.attr} is a tile operation, which thread kernels do not have",
                 help=_OF_A_THREAD.get(node.attr) or
                 "say what one thread does, on elements: x[i] and loops; threads of a block share kdsl.shared "
                 "memory, those of a subgroup have kdsl.subgroup_sum and its like")  # fmt: skip
    elsewhere = _ELSEWHERE_IN_KDSL.get(node.attr) if ours else None
    close = difflib.get_close_matches(node.attr, dir(base), 1)
    hint = elsewhere or (
        f"did you mean {base.__name__}.{close[0]}?"
        if close
        else f"see what {base.__name__} has with help({base.__name__})"
    )
    L.refuse("K130", node, f"the module {base.__name__} has no {node.attr!r}", help=hint)
