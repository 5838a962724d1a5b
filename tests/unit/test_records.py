"""Records are what frozen, slotted dataclasses are, to every user of one."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from kdsl.artifact import Artifact, Entry, Param
from kdsl.records import made, names_of, record, replace


class Point(metaclass=record):
    """A point."""

    x: int
    y: int = 2
    marks: list[int] = made(default_factory=list)

    @property
    def sum(self) -> int:
        return self.x + self.y


class Single(metaclass=record, eq=False):
    x: int


def test_fields_and_defaults() -> None:
    p = Point(1)
    assert (p.x, p.y, p.marks, p.sum) == (1, 2, [], 3) and Point(1, y=5, marks=[1]).y == 5
    assert Point(1).marks is not Point(1).marks
    assert names_of(p) == names_of(Point) == ("x", "y", "marks") and Point.__doc__ == "A point."
    assert repr(p) == "Point(x=1, y=2, marks=[])"
    with pytest.raises(TypeError, match="x"):
        Point()  # pyright: ignore
    with pytest.raises(TypeError):
        Point(1, z=1)  # pyright: ignore


def test_frozen_and_slotted() -> None:
    p = Point(1)
    for change in (lambda: setattr(p, "x", 2), lambda: setattr(p, "other", 2), lambda: delattr(p, "x")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            change()
    assert not hasattr(p, "__dict__")
    assert type(Point) is type  # `isinstance` asks a class of another kind, which takes longer


def test_equality_and_hash() -> None:
    a, b = Param("x", "array", "f32", 4, 1), Param("x", "array", "f32", 4, 1)
    assert a == b and hash(a) == hash(b) and a != Param("y", "array", "f32", 4, 1) and a != ("x", "array", "f32", 4, 1)
    assert Single(1) != Single(1) and len({Single(1), Single(1)}) == 2


def test_copies() -> None:
    entry = Entry("kdsl_k", (Param("x", "array", "f32", 4, 1),))
    artifact = Artifact("cpu", "elf", b"code", (entry,), texts={"llvm": "text"})
    for same in (pickle.loads(pickle.dumps(artifact)), copy.copy(artifact), copy.deepcopy(artifact)):
        assert same == artifact


def test_dataclasses_knows_them() -> None:
    assert dataclasses.is_dataclass(Point)
    assert [f.name for f in dataclasses.fields(Point(1))] == ["x", "y", "marks"]  # pyright: ignore
    p = dataclasses.replace(Point(1), y=7)  # pyright: ignore
    assert (p.x, p.y, p.marks) == (1, 7, [])


def test_patterns() -> None:
    match Point(1, 3):
        case Point(1, y):
            assert y == 3
        case _:
            pytest.fail("no match")


def test_many_of_a_class() -> None:
    """After some, `__init__` is another function; all of them take the same arguments, and refuse the same."""
    for i in range(50):
        point = Point(i, marks=[i])
        assert (point.x, point.y, point.marks) == (i, 2, [i]) and point == Point(x=i, marks=[i]) != Point(i)
        assert replace(point, y=7) == Point(i, 7, [i])
        for wrong in (lambda: Point(1, 2, [], 4), lambda: Point(1, x=1), lambda: Point(y=1), lambda: replace(Point(1), z=1)):  # pyright: ignore
            with pytest.raises(TypeError, match=r"__init__\(\)"):
                wrong()
