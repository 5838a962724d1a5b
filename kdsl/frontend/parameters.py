"""What a kernel's annotations say about its parameters.

One idea: annotations are evaluated where the kernel was written (also when they are strings, for which `capture` sees to it that
their names are known), and each becomes one `ParamSpec`; what they leave open, the launch fills in from the arguments.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..diagnostics import CompileError, Span, refuse
from ..ir import types as T
from ..records import record
from .outside import python_types
from .texts import is_read

if TYPE_CHECKING:
    from types import FrameType

    from .source import SourceFunction

__all__ = ["NO_DEFAULT", "ParamSpec", "capture", "parameter_specs", "plain_specs", "resolve"]

NO_DEFAULT: Any = type("NoDefault", (), {"__repr__": lambda self: "<no default>"})()


class ParamSpec(metaclass=record):
    """One parameter as its annotation tells.

    kind: "array" (type and rank), "scalar" (type: scalar, vector or struct), "const", or "any" (nothing said). A bare
    `Array` is an array whose type and rank are None.
    """

    name: str
    kind: str
    type: Any = None
    rank: int | None = None
    default: Any = NO_DEFAULT
    span: Span | None = None

    @property
    def has_default(self) -> bool:
        return self.default is not NO_DEFAULT


def capture(function: Any) -> None:
    """Called by the decorators while the defining text is running: remember what cannot be found later.

    That is the local names that string annotations use, and the text of an `exec` or the REPL's line history.
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return
    _capture_scope(function)
    if code.co_filename.startswith("<") and not is_read(code.co_filename):
        from .source import capture_text  # which the kernels of files do not need unless they are compiled

        capture_text(function)


def _capture_scope(function: Any) -> None:
    """Under `from __future__ import annotations`, a name local to the function around a kernel is only in that
    frame."""
    annotations = getattr(function, "__annotations__", {}) if sys.version_info < (3, 14) else {}
    words = [a for a in annotations.values() if isinstance(a, str)]
    if not words:
        return
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals is not function.__globals__:
        frame = frame.f_back
    if frame is not None and frame.f_code.co_name != "<module>":
        text = " ".join(words)
        function.__kdsl_scope__ = {k: v for k, v in frame.f_locals.items() if k in text}


def parameter_specs(function: Any) -> list[ParamSpec]:
    """What is known of each parameter before any argument is seen."""
    from .source import source_of

    source = source_of(function)
    args = source.node.args
    for star, word in ((args.vararg, "*"), (args.kwarg, "**")):
        if star is not None:
            refuse("K109", source.span(star), f"a kernel cannot take {word}{star.arg}", help="name every parameter")
    names = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    defaults = dict(
        zip([a.arg for a in [*args.posonlyargs, *args.args]][::-1], (function.__defaults__ or ())[::-1], strict=False)
    )
    defaults.update(function.__kwdefaults__ or {})
    raw = _raw_annotations(function, source)
    if names and names[0].arg in ("self", "cls") and names[0].arg not in raw:
        refuse("K128", source.span(names[0]), "a method cannot be a kernel",
               help="define the kernel outside the class and pass what it needs")  # fmt: skip
    out = []
    for a in names:
        span = source.span(a)
        default = defaults.get(a.arg, NO_DEFAULT)
        if a.arg not in raw:
            out.append(ParamSpec(a.arg, "any", default=default, span=span))
            continue
        value = resolve(function, a.arg, raw[a.arg], source.span(a.annotation) if a.annotation is not None else span)
        out.append(_spec(a.arg, value, default, source.span(a.annotation or a)))
    returned = raw.get("return")
    if returned is not None and returned != "None":
        refuse("K116", source.span(source.node.returns or source.node), "a kernel returns nothing",
               help="leave out the return annotation, and write results into an array parameter")  # fmt: skip
    return out


def _raw_annotations(function: Any, source: SourceFunction) -> dict[str, Any]:
    try:
        return dict(function.__annotations__)
    except NameError as error:  # Python 3.14 evaluates them here
        refuse(
            "K127",
            source.span(source.node),
            f"an annotation cannot be evaluated: {error}",
            help="import the name that it uses",
        )


_UNUSUAL = 0x04 | 0x08 | 0x20 | 0x80 | 0x200  # *args, **named, and generators and coroutines (Include/cpython/code.h)


def plain_specs(function: Any) -> list[ParamSpec] | None:
    """The same without looking at the text, and so without places; None where it takes the text to say what is wrong."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    if code.co_flags & _UNUSUAL or code.co_name == "<lambda>" or names[:1] in (("self",), ("cls",)):
        return None
    defaults = dict(zip(code.co_varnames[: code.co_argcount][::-1], (function.__defaults__ or ())[::-1], strict=False))
    defaults.update(function.__kwdefaults__ or {})
    try:
        raw = dict(function.__annotations__)
        if raw.get("return") not in (None, "None"):
            return None
        out = []
        for name in names:
            default = defaults.get(name, NO_DEFAULT)
            if name not in raw:
                out.append(ParamSpec(name, "any", default=default))
            else:
                out.append(_spec(name, resolve(function, name, raw[name]), default, _NO_PLACE))
        return out
    except (CompileError, NameError):
        return None


_NO_PLACE = Span("", 0)


class _Names(dict[str, Any]):
    """The names an annotation may use: those around the function, the closure, and the frame it was defined in."""

    def __init__(self, function: Any) -> None:
        super().__init__(getattr(function, "__kdsl_scope__", None) or {})
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            try:
                self[name] = cell.cell_contents
            except ValueError:
                continue


def resolve(function: Any, name: str, annotation: Any, span: Span | None = None) -> Any:
    """An annotation's value; a string is evaluated where the function was written."""
    if not isinstance(annotation, str):
        return annotation
    place = span or Span(function.__code__.co_filename, function.__code__.co_firstlineno)
    try:
        names = _Names(function)
        value = eval(annotation, function.__globals__, names)
        # a quoted annotation under `from __future__ import annotations` is a string in a string
        return eval(value, function.__globals__, names) if isinstance(value, str) else value
    except CompileError as error:
        d = error.diagnostic
        refuse(d.code, place, d.message, help=d.help)  # in the kernel's text, not in the string
    except Exception as error:  # noqa: BLE001 - what is evaluated is the user's own expression
        refuse("K127", place, f"the annotation of {name!r} cannot be evaluated: {error}",
               help="import the names it uses, for example from kdsl import Array, f32")  # fmt: skip


def _spec(name: str, value: Any, default: Any, span: Span) -> ParamSpec:
    if getattr(value, "__kdsl_const__", False):
        return ParamSpec(name, "const", default=default, span=span)
    if getattr(value, "__kdsl_array__", False):
        return _array(name, value, default, span)
    value = getattr(value, "__kdsl_struct__", value)
    scalar = python_types(value)
    if (
        scalar is T.f8e4m3
        or scalar is T.f8e5m2
        or scalar is not None
        or isinstance(value, (T.VectorType, T.StructType))
    ):
        return ParamSpec(name, "scalar", scalar or value, default=default, span=span)
    from .values import describe

    refuse("K127", span, f"the annotation of {name!r} must be a type, this is {describe(value)}", help=_instead_of(value))


def _instead_of(value: Any) -> str:
    """What to write where that is an annotation."""
    name = getattr(getattr(value, "__origin__", value), "__name__", "")
    if name in _ARRAYS_ELSEWHERE:
        return "write what its elements are and how many axes it has, for example Array[f32, 1], or Array for any; or leave it out"
    return "write f32, Array[f32, 1], a vector or struct type, or kdsl.const; or leave it out"


_ARRAYS_ELSEWHERE = ("ndarray", "Tensor", "list", "tuple", "Sequence", "memoryview", "bytes", "bytearray")


def _array(name: str, value: Any, default: Any, span: Span) -> ParamSpec:
    element = getattr(value, "element", None)
    rank = getattr(value, "rank", None)
    if element is None:
        return ParamSpec(name, "array", default=default, span=span)
    element = getattr(element, "__kdsl_struct__", element)
    t = python_types(element) or element
    if not isinstance(t, (T.ScalarType, T.VectorType, T.StructType)) or t is T.index:
        from .values import describe

        refuse("K127", span, f"the elements of {name!r} must have a type, this is {describe(element)}",
               help="write for example Array[f32, 1]")  # fmt: skip
    if not isinstance(rank, int) or isinstance(rank, bool) or not 0 <= rank <= 8:
        refuse(
            "K127",
            span,
            f"the array {name!r} needs a number of axes from 0 to 8",
            help="write for example Array[f32, 2]",
        )
    return ParamSpec(name, "array", t, rank, default, span)
