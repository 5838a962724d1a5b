"""`@record`: what `@dataclass(frozen=True, slots=True)` gives, made in a fifth of the time.

One idea: a frozen dataclass costs half a millisecond when its module is imported, for six pieces of generated code and a new
class; those that every launch needs made up half of `import kdsl`. Here one piece is generated, the rest is shared, and
what `dataclasses.fields` and `replace` ask for is made when they ask.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

__all__ = ["made", "names_of", "record"]

C = TypeVar("C", bound=type)


class _Made:
    """The default of a field that is made anew for every record."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def made(*, default_factory: Callable[[], Any]) -> Any:
    """A default that is made for every record, as `field(default_factory=...)` of dataclasses."""
    return _Made(default_factory)


if TYPE_CHECKING:
    from dataclasses import field
    from typing import Protocol

    from typing_extensions import dataclass_transform

    class _Decorator(Protocol):
        def __call__(self, cls: C) -> C: ...

    @overload
    @dataclass_transform(frozen_default=True, field_specifiers=(field, made))
    def record(cls: C) -> C: ...
    @overload
    @dataclass_transform(frozen_default=True, field_specifiers=(field, made))
    def record(*, eq: bool) -> _Decorator: ...
    def record(cls: Any = None, *, eq: bool = True) -> Any: ...

else:

    def record(cls=None, *, eq=True):
        """Make a class with annotated fields immutable, slotted, and (eq) compared and hashed by content."""
        return _make(cls, eq) if cls is not None else lambda cls: _make(cls, eq)


_INIT = """\
def __init__(self, {parameters}):
{lines}
"""
_EQ = """\
def __eq__(self, other):
    if other.__class__ is not self.__class__:
        return NotImplemented
    return ({mine}) == ({others})
def __hash__(self):
    return hash(({mine}))
"""


def _make(cls: type, eq: Any) -> type:
    names = list(cls.__annotations__)
    space = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__", *names)}
    defaults = {n: vars(cls)[n] for n in names if n in vars(cls)}
    scope: dict[str, Any] = {"_set": object.__setattr__}
    parameters, lines = [], []
    for n in names:
        value = n
        default = defaults.get(n, scope)
        if isinstance(default, _Made):
            scope[f"_make_{n}"], scope["_not_given"] = default.make, _NOT_GIVEN
            parameters.append(f"{n}=_not_given")
            value = f"_make_{n}() if {n} is _not_given else {n}"
        elif default is not scope:
            scope[f"_default_{n}"] = default
            parameters.append(f"{n}=_default_{n}")
        else:
            parameters.append(n)
        lines.append(f"    _set(self, {n!r}, {value})")
    text = _INIT.format(parameters=", ".join(parameters), lines="\n".join(lines))
    if eq:
        mine, others = ("".join([f"{of}.{n}, " for n in names]) for of in ("self", "other"))
        text += _EQ.format(mine=mine, others=others)
    exec(compile(text, f"<record {cls.__qualname__}>", "exec"), scope)  # made of the names of our own fields
    kept = {k: scope[k] for k in ("__init__", "__eq__", "__hash__") if k in scope and k not in space}
    space = {"__repr__": _repr, **space, **kept, **_FROZEN, "__slots__": tuple(names), "__match_args__": tuple(names),
             "__dataclass_fields__": _Fields(defaults)}  # fmt: skip
    return type(cls)(cls.__name__, cls.__bases__, space)


_NOT_GIVEN: Any = object()


def names_of(record: Any) -> tuple[str, ...]:
    """The names of the fields of a record, or of a class of records, in order."""
    return record.__match_args__


def _repr(self: Any) -> str:
    return f"{type(self).__qualname__}({', '.join([f'{n}={getattr(self, n)!r}' for n in type(self).__slots__])})"


def _refuse_to_set(self: Any, name: str, value: Any) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: Any, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, n) for n in type(self).__slots__]


def _set_state(self: Any, state: list[Any]) -> None:
    for n, value in zip(type(self).__slots__, state, strict=True):
        object.__setattr__(self, n, value)


_FROZEN: dict[str, Any] = {
    "__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete, "__getstate__": _get_state, "__setstate__": _set_state,
}  # fmt: skip


class _Fields:
    """`__dataclass_fields__`, made when it is first looked at: `dataclasses.fields`, `replace` and `is_dataclass` do."""

    def __init__(self, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.known: dict[str, Any] | None = None

    def __get__(self, obj: Any, cls: type) -> dict[str, Any]:
        if self.known is None:
            from dataclasses import field, make_dataclass

            rows = [(n, Any, self._field(field, n)) for n in cls.__slots__]  # type: ignore[attr-defined]
            made_of: Any = make_dataclass(cls.__name__, rows, frozen=True)
            self.known = made_of.__dataclass_fields__
        return self.known or {}

    def _field(self, field: Any, name: str) -> Any:
        if name not in self.defaults:
            return field(kw_only=True)  # in whatever order
        default = self.defaults[name]
        return field(default_factory=default.make) if isinstance(default, _Made) else field(default=default)
