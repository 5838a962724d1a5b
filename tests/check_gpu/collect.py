"""As much of pytest as the suites use that run on GPUs: parameters, fixtures, marks, `raises`, `skip`.

One idea: a test module is imported with this module in pytest's place, and its tests are what it says they are: functions
with lists of parameters. `tests_of` gives each with its parameters filled in and a name as pytest would print it.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import itertools
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn

__all__ = ["Skipped", "Test", "install", "run", "tests_of"]


class Skipped(Exception):
    """The test does not apply here, and why."""


class Failed(AssertionError):
    """`pytest.fail`."""


class Param:
    def __init__(self, values: tuple[Any, ...], id: str | None, marks: Any = ()) -> None:
        self.values = values
        self.id = id
        self.marks = marks


def param(*values: Any, id: str | None = None, marks: Any = ()) -> Param:
    return Param(values, id, marks)


def skip(reason: str = "", **_: Any) -> NoReturn:
    raise Skipped(reason)


def fail(reason: str = "", **_: Any) -> NoReturn:
    raise Failed(reason)


def importorskip(name: str, **_: Any) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        skip(f"no module {name}")


class Raised:
    value: BaseException


@contextlib.contextmanager
def raises(kinds: Any, *, match: str | None = None) -> Iterator[Raised]:
    found = Raised()
    try:
        yield found
    except kinds as e:
        found.value = e
        if match is not None and not re.search(match, str(e)):
            raise Failed(f"{match!r} is not in {str(e)!r}") from e
        return
    raise Failed(f"did not raise {kinds}")


class approx:
    def __init__(self, wanted: Any, rel: float = 1e-6, abs: float = 1e-12) -> None:
        self.wanted, self.rel, self.abs = wanted, rel, abs

    def __eq__(self, other: object) -> bool:
        return abs(other - self.wanted) <= max(self.rel * abs(self.wanted), self.abs)  # type: ignore[operator]

    __hash__ = None  # type: ignore[assignment]


class _Mark:
    """`pytest.mark`: `parametrize` and `skipif` mean something, everything else is a label."""

    def __getattr__(self, name: str) -> Any:
        def mark(*args: Any, **named: Any) -> Any:
            if len(args) == 1 and callable(args[0]) and not named:
                return args[0]
            return lambda f: f

        return mark

    def parametrize(self, names: str | list[str], values: Any, ids: Any = None) -> Callable[..., Any]:
        listed = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)

        def add(f: Any) -> Any:
            f.__dict__.setdefault("check_params", []).append((listed, list(values), ids))
            return f

        return add

    def skipif(self, condition: Any, *, reason: str = "") -> Callable[..., Any]:
        def add(f: Any) -> Any:
            if condition:
                f.check_skip = reason or "skipif"
            return f

        return add


mark = _Mark()


class Fixture:
    def __init__(self, function: Callable[..., Any], params: Any, autouse: bool) -> None:
        self.function, self.params, self.autouse = function, params, autouse
        self.name = function.__name__


def fixture(function: Any = None, *, params: Any = None, autouse: bool = False, scope: str = "", name: str = "") -> Any:
    if function is None:
        return lambda f: Fixture(f, params, autouse)
    return Fixture(function, params, autouse)


def install() -> None:
    """Be pytest, for the modules that are imported from now on, and put the tests on the path as pytest.ini does."""
    tests = Path(__file__).resolve().parents[1]
    for folder in (str(tests.parent), str(tests)):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    fake: Any = ModuleType("pytest")
    shared = (param, skip, fail, raises, approx, fixture, importorskip)
    fake.__dict__.update({thing.__name__: thing for thing in shared}, mark=mark)
    fake.MonkeyPatch, fake.FixtureRequest, fake.CaptureFixture = MonkeyPatch, SimpleNamespace, Capture
    fake.skip.Exception = Skipped
    sys.modules["pytest"] = fake


class MonkeyPatch:
    """Changes that are undone after the test."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def setattr(self, target: Any, name: str, value: Any, raising: bool = True) -> None:
        old = getattr(target, name, None)
        had = name in vars(target) if hasattr(target, "__dict__") else hasattr(target, name)
        self._undo.append(lambda: setattr(target, name, old) if had else delattr(target, name))
        setattr(target, name, value)

    def setenv(self, name: str, value: str) -> None:
        self._keep_env(name)
        os.environ[name] = value

    def delenv(self, name: str, raising: bool = True) -> None:
        self._keep_env(name)
        os.environ.pop(name, None)

    def _keep_env(self, name: str) -> None:
        old = os.environ.get(name)
        self._undo.append(lambda: os.environ.pop(name, None) if old is None else os.environ.__setitem__(name, old))

    def setitem(self, target: Any, key: Any, value: Any) -> None:
        had, old = key in target, target.get(key)
        self._undo.append(lambda: target.__setitem__(key, old) if had else target.pop(key, None))
        target[key] = value

    def undo(self) -> None:
        while self._undo:
            self._undo.pop()()


class Capture:
    """What the test printed, as `capsys` gives it."""

    def __init__(self) -> None:
        self._out, self._redirect = io.StringIO(), contextlib.ExitStack()
        self._redirect.enter_context(contextlib.redirect_stdout(self._out))

    def readouterr(self) -> Any:
        text = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return SimpleNamespace(out=text, err="")

    def close(self) -> None:
        self._redirect.close()


class Test:
    """A test with its parameters. `fixtures`: of its module, by name, with the parameter that each has."""

    def __init__(self, module: str, function: Callable[..., Any], arguments: dict[str, Any], id: str,
                 fixtures: dict[str, tuple[Fixture, Any]]) -> None:  # fmt: skip
        self.module, self.function, self.arguments, self.fixtures = module, function, arguments, fixtures
        self.name = f"{module}::{function.__name__}" + (f"[{id}]" if id else "")

    @property
    def values(self) -> list[Any]:
        """All parameters, those of fixtures too."""
        return [*self.arguments.values(), *[p for _, p in self.fixtures.values() if p is not None]]


def _text(value: Any, ids: Any, position: int) -> str:
    if callable(ids):
        return str(ids(value))
    if ids is not None:
        return str(ids[position])
    if isinstance(value, (str, int, float, bool)) or value is None:
        return str(value)
    return getattr(value, "name", None) or getattr(value, "__name__", None) or str(position)


def _choices(f: Any) -> list[list[tuple[dict[str, Any], str]]]:
    """For each `parametrize` the ways to fill it in, with a text for each."""
    out = []
    for names, values, ids in getattr(f, "check_params", ()):
        ways = []
        for k, value in enumerate(values):
            given = value.values if isinstance(value, Param) else (value,) if len(names) == 1 else tuple(value)
            text = value.id if isinstance(value, Param) and value.id else "-".join([_text(v, ids, k) for v in given])
            ways.append((dict(zip(names, given, strict=True)), text))
        out.append(ways)
    return out


def _fixtures_of(f: Any, fixtures: dict[str, Fixture]) -> list[Fixture]:
    """The module's fixtures that a test needs, what they need first."""
    out: list[Fixture] = []

    def add(function: Any) -> None:
        for name in inspect.signature(function).parameters:
            if name in fixtures and fixtures[name] not in out:
                add(fixtures[name].function)
                out.append(fixtures[name])

    for fix in fixtures.values():
        if fix.autouse and fix not in out:
            add(fix.function)
            out.append(fix)
    add(f)
    return out


def tests_of(name: str) -> list[Test]:
    """Every test of a module, parameters filled in."""
    folder = str(Path(__file__).resolve().parents[1] / name.rpartition(".")[0])
    if folder not in sys.path:
        sys.path.insert(0, folder)  # a test's helpers lie beside it
    module = importlib.import_module(name)
    fixtures = {k: v for k, v in vars(module).items() if isinstance(v, Fixture)}
    out = []
    for key, f in list(vars(module).items()):
        if not key.startswith("test_") or not inspect.isfunction(f):
            continue
        needed = _fixtures_of(f, fixtures)
        with_params = [[(x, p) for p in x.params] if x.params else [(x, None)] for x in needed]
        for chosen in itertools.product(*with_params):
            for ways in itertools.product(*_choices(f)):
                arguments = {k: v for way, _ in ways for k, v in way.items()}
                texts = [_text(p, None, 0) for _, p in chosen if p is not None] + [text for _, text in ways]
                out.append(Test(name, f, arguments, "-".join(texts), {x.name: (x, p) for x, p in chosen}))
    return out


def run(test: Test) -> None:
    """Run one test. Returns if it passed, raises `Skipped`, or what it failed with."""
    reason = getattr(test.function, "check_skip", "")
    if reason:
        raise Skipped(reason)
    made: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:

        def value(name: str, param: Any = None) -> Any:
            if name not in made:
                made[name] = _make(name, param)
            return made[name]

        def _make(name: str, param: Any) -> Any:
            if name in test.arguments:
                return test.arguments[name]
            if name == "request":
                return SimpleNamespace(param=param)
            if name == "monkeypatch":
                patch = MonkeyPatch()
                stack.callback(patch.undo)
                return patch
            if name == "capsys":
                capture = Capture()
                stack.callback(capture.close)
                return capture
            if name == "tmp_path":
                return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kdsl-check-")))
            if name not in test.fixtures:
                raise Skipped(f"the fixture {name!r} is pytest's own")
            fix, own = test.fixtures[name]
            made.pop("request", None)
            result = fix.function(*[value(n, own) for n in inspect.signature(fix.function).parameters])
            if not inspect.isgenerator(result):
                return result
            first = next(result)
            stack.callback(lambda: next(result, None))
            return first

        for name in test.fixtures:
            value(name)
        test.function(*[value(n) for n in inspect.signature(test.function).parameters])
