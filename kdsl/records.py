"""`class P(metaclass=record)`: what `@dataclass(frozen=True, slots=True)` gives, made in a twentieth of the time.

One idea: a frozen dataclass costs half a millisecond when its module is imported, for six pieces of generated code and a new
class, and a `NamedTuple` as much; those that every launch needs made up half of `import kdsl`. Here nothing is generated
with the class: its methods are shared, and as its slots are known before it is made, it is made once. Only `__init__` is written
out, once a class has proved to be made often; what `dataclasses.fields` and `replace` ask for is made when they ask.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["made", "names_of", "record", "replace"]


class _Made:
    """The default of a field that is made anew for every record."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def made(*, default_factory: Callable[[], Any]) -> Any:
    """A default that is made for every record, as `field(default_factory=...)` of dataclasses."""
    return _Made(default_factory)


if TYPE_CHECKING:
    from dataclasses import field
    from typing import TypeVar

    from typing_extensions import dataclass_transform

    R = TypeVar("R")

    @dataclass_transform(frozen_default=True, field_specifiers=(field, made))
    class record(type):
        def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any], *, eq: bool = True) -> Any: ...

else:

    def record(name, bases, space, *, eq=True):
        """Makes a class with annotated fields, immutable, slotted, and (eq) compared and hashed by content.

        A function, so that the class's type is `type`: `isinstance` takes three times as long where it is another.
        """
        names = tuple(space["__annotations__"])
        defaults = {n: space.pop(n) for n in names if n in space}
        shared = {"__repr__": _repr, "__init__": _init_of(names, defaults), **(_compared(attrgetter(*names)) if eq else {})}
        return type(name, bases, {
            **shared, **space, **_FROZEN, "__slots__": names, "__match_args__": names, "__dataclass_fields__": _Fields(defaults),
        })  # fmt: skip


def _compared(content: Callable[[Any], Any]) -> dict[str, Any]:
    def __eq__(self: Any, other: Any) -> Any:
        return content(self) == content(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:
        return hash(content(self))

    return {"__eq__": __eq__, "__hash__": __hash__}


_FEW = 16  # records of a class, for which writing its `__init__` out would take longer than it saves


def _init_of(names: tuple[str, ...], defaults: dict[str, Any]) -> Callable[..., None]:
    """`__init__` for the first few records. What it cannot do it leaves to the one that is written out, such as refusals."""
    setters: list[Callable[[Any, Any], None]] | None = None
    left = _FEW

    def __init__(self: Any, *args: Any, **given: Any) -> None:
        nonlocal left, setters
        left -= 1
        cls, rest = type(self), names[len(args) :]
        if left < 0 or len(args) > len(names) or (given and not given.keys() <= set(rest)):
            cls.__init__ = _written_out(cls, names, defaults)
            cls.__init__(self, *args, **given)
            return
        try:
            args = (*args, *[given[n] if n in given else defaults[n] for n in rest])
        except KeyError:
            _written_out(cls, names, defaults)(self, *args, **given)
        if setters is None:
            setters = [vars(cls)[n].__set__ for n in names]
        for put, value in zip(setters, args, strict=True):
            put(self, value.make() if type(value) is _Made else value)

    return __init__


def _written_out(cls: Any, names: tuple[str, ...], defaults: dict[str, Any]) -> Callable[..., None]:
    """`__init__` as one would write it."""
    scope: dict[str, Any] = {"_set": object.__setattr__, "_not_given": _NOT_GIVEN}
    parameters, lines = [], []
    for n in names:
        parameter, value = n, n
        if n in defaults:
            default = defaults[n]
            if isinstance(default, _Made):
                scope[f"_make_{n}"] = default.make
                parameter, value = f"{n}=_not_given", f"_make_{n}() if {n} is _not_given else {n}"
            else:
                scope[f"_default_{n}"] = default
                parameter = f"{n}=_default_{n}"
        parameters.append(parameter)
        lines.append(f"    _set(self, {n!r}, {value})\n")
    text = f"def __init__(self, {', '.join(parameters)}):\n{''.join(lines)}"
    exec(compile(text, f"<record {cls.__qualname__}>", "exec"), scope)  # made of the names of our own fields
    return scope["__init__"]


_NOT_GIVEN: Any = object()


def names_of(record: Any) -> tuple[str, ...]:
    """The names of the fields of a record, or of a class of records, in order."""
    return record.__match_args__


def replace(record: R, **fields: Any) -> R:
    """A record like this one but for the fields that are given, as `dataclasses.replace` makes it."""
    kind: Any = type(record)
    return kind(**{n: getattr(record, n) for n in names_of(record)} | fields)


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
