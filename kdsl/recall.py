"""What an earlier process found out about a kernel, found again without reading its text as Python.

One idea: what the front end makes of a kernel follows from the text of its file, the types of its arguments, and what it
read from the program around it. So a record on disk, under a key of the first two, says what was read and which IR came
of it; where all of that is the same here, the IR's digest leads to the code, and the IR itself is made when somebody
wants to see it.

Whatever is not certain to be the same in another process has no words here (`_Words.of` raises), and then there is no record: the
front end runs, some milliseconds longer. A record can only name code that the same text was compiled to.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Sequence
from enum import Enum
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from .cache import make_key
from .compiler import VERSION, artifact_cache, compiler_state, is_still
from .frontend.outside import ABSENT, BY_DTYPE, Read, python_types
from .frontend.parameters import resolve
from .frontend.texts import lines_of
from .ir.types import ScalarType, StructType, VectorType
from .records import record
from .serialize import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from .kernel import Kernel

__all__ = ["Facts", "Question", "ask", "recall", "remember"]


class Facts(metaclass=record):
    """What the launch needs to know of a kernel's IR. digest: of its text. turned: the axis whose threads are better side by side
    than those along axis 0 (`kdsl.ir.analysis.axes`), or 0. axes: those along which it tells threads apart, as bits. folds: about
    how many ops a vector takes that goes on from point to point (`ops_to_fold`), or 0. short: whether it numbers threads in 32 bits
    (`kdsl.ir.passes.near_ids`). captured: as `kdsl.frontend.outside` has it."""

    digest: str
    is_flat: bool
    needs_linear_order: bool
    turned: int
    axes: int
    folds: int
    short: bool
    captured: list[Read]


class Question(metaclass=record):
    """A kernel with types for its parameters, as a key; the functions whose text is part of it, in order, and the texts; the
    compiler's state."""

    key: str
    functions: list[FunctionType]
    texts: list[_Text]
    state: str


class _Unknown(Exception):
    """An object that has no words."""


def ask(kernel: Kernel, signature: dict[str, Any], consts: dict[str, Any], debug: bool) -> Question | None:
    """The question that a record may answer; None where something has no words, or no cache is used."""
    cache = artifact_cache()
    if not cache.limit_bytes or not cache.directory or os.environ.get("KDSL_DUMP"):
        return None
    words = _Words()
    try:
        types = [(name, _type(t)) for name, t in signature.items()]
        given = [(name, words.of(v)) for name, v in consts.items()]
        text = repr((words.function(kernel.function), kernel.name, kernel.math, debug, types, given))
    except _Unknown:
        return None
    state = compiler_state()
    return Question(make_key(VERSION, state, _PYTHON, text), words.functions, words.texts, state)


_PYTHON = f"{sys.implementation.cache_tag} {sys.hexversion} {np.__version__}"


def recall(question: Question) -> Facts | None:
    """The answer, if there is one and everything that was read then is still so."""
    payload = artifact_cache().get(question.key)
    if payload is None:
        return None
    try:
        plain = from_json(payload)
        words = _Words(question.functions)
        captured = [_found(words, row) for row in plain["captured"]]
        for row in plain["bindings"]:
            _found(words, row)
        turned, axes, folds, short = [plain[name] for name in ("turned", "axes", "folds", "short")]
        return Facts(plain["digest"], plain["flat"], plain["linear"], turned, axes, folds, short, captured)
    except (_Unknown, KeyError, TypeError, ValueError, IndexError, AttributeError):
        return None


def remember(question: Question, facts: Facts, bindings: Sequence[Read]) -> bool:
    """Write down what the front end found; False where that cannot be said in words, or the text has changed meanwhile."""
    words = _Words(question.functions)
    try:
        if question.texts != [_text(f) for f in question.functions] or not all(map(_is_read, question.functions)):
            return False
        plain = {
            "captured": [_row(words, read) for read in facts.captured],
            "bindings": [_row(words, read) for read in bindings],
            "digest": facts.digest, "flat": facts.is_flat, "linear": facts.needs_linear_order,
            "turned": facts.turned, "axes": facts.axes, "folds": facts.folds, "short": facts.short,
        }  # fmt: skip
    except _Unknown:
        return False
    return is_still(question.state) and artifact_cache().put(question.key, to_json(plain))


# Where something was read: ["g", function, name], ["c", function, name], ["s", function, name], ["m", module, name],
# ["k", [module, class], name], ["d", function, "__defaults__" or "__kwdefaults__"], ["w", function, parameter].


def _row(words: _Words, read: Read) -> list[Any]:
    space, key, value = read
    place = _place(words, space, key)
    return [*place, "" if value is ABSENT else repr(words.of(value))]


def _place(words: _Words, space: Any, key: str) -> list[Any]:
    for i, f in enumerate(words.functions):
        if space is f.__globals__:
            return ["g", i, key]
        if space is getattr(f, "__kdsl_scope__", ABSENT):
            return ["s", i, key]
        if space is f or space is f.__kwdefaults__:
            return ["d" if space is f else "w", i, key]
        for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
            if space is cell:
                return ["c", i, name]
    if isinstance(space, type):
        return ["k", _place_of_class(space), key]
    if type(space) is dict:
        module = sys.modules.get(space.get("__name__", ""))
        if module is not None and module.__dict__ is space:
            return ["m", module.__name__, key]
    raise _Unknown


def _found(words: _Words, row: list[Any]) -> Read:
    """What is there now, where it is what it was; `_Unknown` where it is not."""
    kind, where, key, then = row
    space: Any
    if kind == "m":
        space = vars(sys.modules[where])
    elif kind == "k":
        space = _class_at(*where)
    elif kind == "c":
        f = words.functions[where]
        space, key = (f.__closure__ or ())[f.__code__.co_freevars.index(key)], "cell_contents"
    elif kind in ("d", "w"):
        f = words.functions[where]
        space = f if kind == "d" else f.__kwdefaults__ or {}
    else:
        f = words.functions[where]
        space = f.__globals__ if kind == "g" else f.__kdsl_scope__  # type: ignore[attr-defined]
    value = _value(space, key)
    if ("" if value is ABSENT else repr(words.of(value))) != then:
        raise _Unknown
    return space, key, value


def _place_of_class(value: type) -> list[str]:
    place = [value.__module__, value.__qualname__]
    if _class_at(*place) is not value:
        raise _Unknown
    return place


def _class_at(module: str, name: str) -> Any:
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def _value(space: Any, key: str) -> Any:
    if isinstance(space, (type, FunctionType)):
        return getattr(space, key, ABSENT)
    if type(space) is not CellType:
        return space.get(key, ABSENT)
    try:
        return space.cell_contents
    except ValueError:
        return ABSENT


# Objects in words.


def _type(t: Any) -> Any:
    if isinstance(t, StructType):
        return ("struct", t.name, [(n, _type(inner), at) for n, inner, at in t.fields], t.size_bytes, t.align)
    return str(t)


class _Words:
    """Objects in words: two that mean the same to the front end have the same, also in different processes.

    functions: those whose names and closures may be read, as they came up; the kernel's own is the first. texts: theirs.
    """

    def __init__(self, functions: Sequence[FunctionType] = ()) -> None:
        self.functions = list(functions)
        self.texts: list[_Text] = []

    def of(self, value: Any) -> Any:
        for known, words in _KINDS:
            if isinstance(value, known):
                return words(self, value)
        if getattr(value, "__kdsl_func__", False) is True:
            return ("func", self.function(value.function))
        if getattr(value, "__kdsl_const__", False) is True:
            return ("const",)
        if getattr(value, "__kdsl_array__", False) is True and hasattr(value, "rank"):
            return ("array", self.of(value.element), self.of(value.rank))
        raise _Unknown

    def function(self, f: FunctionType) -> Any:
        if f in self.functions:
            return self.functions.index(f)
        self.functions.append(f)
        text = _text(f)
        self.texts.append(text)
        c = f.__code__
        # The text of a file is that of now, and the function may be of before.
        code = (c.co_name, c.co_varnames, c.co_names, c.co_freevars, c.co_firstlineno, *_made(c))
        try:
            annotations = [(n, self.of(resolve(f, n, a))) for n, a in f.__annotations__.items() if n != "return"]
        except NameError:  # Python 3.14 evaluates them here
            raise _Unknown from None
        except Exception as error:  # what is evaluated is the user's own expression; the front end says so
            raise _Unknown from error
        given = [self.of(v) for v in f.__defaults__ or ()], [(n, self.of(v)) for n, v in (f.__kwdefaults__ or {}).items()]
        return (text, code, annotations, given)

    def plain(self, value: Any) -> Any:
        if type(value) not in (bool, int, float, complex, str, bytes, type(None)):
            raise _Unknown  # a subclass may be anything
        return (type(value).__name__, repr(value))

    def tuple(self, value: Any) -> Any:
        named = type(value)
        return ("tuple", named.__module__, named.__qualname__, getattr(named, "_fields", ()), [self.of(v) for v in value])

    def enum(self, value: Enum) -> Any:
        return ("enum", type(value).__qualname__, value.name, self.of(value.value))

    def builtin(self, value: Any) -> Any:
        if not (value.__self__ is None or isinstance(value.__self__, ModuleType)):
            raise _Unknown  # a method of some object
        return ("builtin", value.__module__, value.__qualname__)

    def intrinsic(self, value: Any) -> Any:
        if value.__module__.partition(".")[0] != "kdsl" or not hasattr(value, "__kdsl_intrinsic__"):
            raise _Unknown
        return ("intrinsic", value.__kdsl_intrinsic__)

    def number(self, value: np.generic) -> Any:
        if value.dtype not in BY_DTYPE:
            raise _Unknown
        return ("number", value.dtype.str, value.tobytes().hex())

    def type(self, value: Any) -> Any:
        struct = value.__dict__.get("__kdsl_struct__")
        if struct is not None:
            return ("struct", _type(struct), [(n, self.of(v)) for n, v in value.__kdsl_defaults__.items()])
        if issubclass(value, Enum):
            return ("enums", value.__qualname__, [self.enum(m) for m in value])
        if python_types(value) is None and value.__module__ not in ("builtins", "numpy") and not _of_kdsl(value):
            return ("class", *_place_of_class(value))  # what is read of it stands beside
        return ("type", value.__module__, value.__qualname__)


def _of_kdsl(value: Any) -> bool:
    return value.__module__.partition(".")[0] == "kdsl"


_KINDS: tuple[tuple[Any, Callable[[_Words, Any], Any]], ...] = (
    (Enum, _Words.enum),
    ((bool, int, float, complex, str, bytes, type(None)), _Words.plain),
    (tuple, _Words.tuple),
    (dict, lambda words, d: ("dict", [(words.of(k), words.of(v)) for k, v in d.items()])),  # of a function's defaults by name
    ((ScalarType, VectorType, StructType), lambda words, t: ("kdsl", _type(t))),
    (ModuleType, lambda words, m: ("module", m.__name__)),
    (BuiltinFunctionType, _Words.builtin),
    (FunctionType, _Words.intrinsic),
    (type, _Words.type),
    (np.ufunc, lambda words, f: ("ufunc", f.__name__)),
    (np.dtype, lambda words, t: ("dtype", t.str) if t in BY_DTYPE else _unknown()),
    (np.generic, _Words.number),
    ((np.iinfo, np.finfo), lambda words, v: ("limits", type(v).__name__, np.dtype(v.dtype).str)),
)


def _unknown() -> Any:
    raise _Unknown


# Texts.


class _Text(metaclass=record):
    file: str
    digest: str


_texts: dict[str, tuple[object, _Text]] = {}  # by file, beside what it was known by when it was read


def _text(f: FunctionType) -> _Text:
    """The text that the front end would read for a function: where it is, and a digest of the whole of it."""
    file = getattr(f, "__kdsl_source__", f.__code__.co_filename)
    entry = linecache.cache.get(file)
    held = entry[2] if entry is not None and len(entry) == 4 and entry[1] is None else None  # a notebook's cell, an exec's text
    known = _texts.get(file)
    try:
        if held is None:
            facts = os.stat(file)
            stamp = (facts.st_size, facts.st_mtime_ns)
            if known is not None and known[0] == stamp:
                return known[1]
            with open(file, "rb") as source:
                text = source.read()
        elif known is not None and known[0] == held:
            return known[1]
        else:
            stamp, text = held, "".join(held).encode("utf-8", "surrogatepass")
    except (OSError, ValueError):
        raise _Unknown from None
    found = _Text(file, make_key(text))
    _texts[file] = (stamp, found)
    return found


def _is_read(f: FunctionType) -> bool:
    """Whether the text of now is what the front end made its tree of."""
    tree = f.__dict__.get("__kdsl_tree__")
    file = getattr(f, "__kdsl_source__", f.__code__.co_filename)
    return tree is None or tree[1].lines is lines_of(file, f.__globals__)


def _made(code: CodeType) -> tuple[str, list[str]]:
    """What a function's code does, and its constants."""
    consts = []
    for c in code.co_consts:
        parts = sorted(map(repr, c)) if isinstance(c, frozenset) else _made(c) if isinstance(c, CodeType) else c
        consts.append(repr(parts))
    return make_key(code.co_code), consts
