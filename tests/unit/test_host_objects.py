"""Kernels and their parts as Python objects: pickled, copied, shown; and the arrays of every kind that people pass."""

from __future__ import annotations

import copy
import enum
import math
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np
import pytest

import kdsl
from kdsl import Array, bf16, f32, u8
from kdsl.ir import types as T


@kdsl.kernel
def add_one(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = x[i] + 1


@kdsl.func
def twice(x):
    return x + x


@kdsl.struct
class Record:
    kind: u8
    value: f32


@kdsl.kernel
def count_up(rows):
    i = kdsl.global_id(0)
    rows[i].value += 1
    rows[i].inner.q += 2.0


def test_kernels_and_functions_are_pickled_and_copied_by_name():
    for thing in (add_one, twice):
        assert pickle.loads(pickle.dumps(thing)) is thing
        assert copy.deepcopy(thing) is thing
        assert copy.copy(thing) is thing


def test_types_are_one_object_each_after_pickling_and_copying():
    for thing in (T.f32, T.Kind.UINT, T.Space.SHARED, T.TileType(T.f32, (8,))):
        for again in (pickle.loads(pickle.dumps(thing)), copy.copy(thing), copy.deepcopy(thing)):
            assert again is thing
    array = T.ArrayType(T.f32, 1, T.Space.SHARED, (4,))
    assert pickle.loads(pickle.dumps(array)) == array != T.ArrayType(T.f32, 1, T.Space.PRIVATE, (4,))
    assert repr(T.Space.SHARED) == "Space.SHARED" and set(T.SPACES.values()) >= {T.Space.GLOBAL, T.Space.SLOTS}


def test_launches_are_pickled_and_copied_however_often_they_were_called():
    x, y = np.arange(10, dtype=np.float32), np.zeros(10, np.float32)
    for launch in (add_one[1, 10], add_one.over(10), add_one.interpret.over(10)):
        for _ in range(20):  # by then launches and what is bound are native
            launch(x, y)
        for again in (pickle.loads(pickle.dumps(launch)), copy.copy(launch), copy.deepcopy(launch)):
            y[:] = 0
            again(x, y)
            assert (y == x + 1).all() and repr(again) == repr(launch)
    bound = add_one.over(10).bind(x, y)
    for _ in range(20):
        bound()
    y[:] = 0
    copy.copy(bound)()
    assert (y == x + 1).all()
    y[:] = 0
    pickle.loads(pickle.dumps(bound))()  # on copies of the arrays
    assert not y.any()


def test_what_people_print_says_what_it_is():
    x = np.zeros(10, np.float32)
    stream = kdsl.device().stream()
    shown = [add_one, add_one[2, 32], add_one.over(10), add_one.interpret, add_one.interpret.over(10),
             add_one.over(10).bind(x, x.copy()), stream, stream.record(), kdsl.vec3, twice]  # fmt: skip
    assert not [text for text in map(repr, shown) if " object at " in text]
    assert repr(kdsl.vec3) == "kdsl.vec(kdsl.f32, 3)"
    assert "add_one" in repr(add_one.over(10).bind(x, x.copy()))


def test_subclasses_of_numpy_arrays(tmp_path: Path):
    x = np.arange(10, dtype=np.float32)
    y = np.memmap(tmp_path / "y", np.float32, "w+", shape=10)
    for _ in range(2):  # checked, then known
        y[:] = 0
        add_one.over(10)(np.ma.array(x, mask=False), y)
        assert np.array_equal(y, x + 1)
    y[:] = 0
    add_one.interpret.over(10)(x, y)
    assert np.array_equal(y, x + 1)


def test_bits_of_bf16_with_and_without_its_type():
    @kdsl.kernel
    def widen(x: Array[bf16, 1], y: Array[f32, 1]):
        y[kdsl.global_id(0)] = x[kdsl.global_id(0)]

    x = np.arange(40).astype(ml_dtypes.bfloat16)
    for given in (x, x.view(np.uint16)):
        y = np.zeros(40, np.float32)
        widen.over(40)(given, y)
        assert np.array_equal(y, x.astype(np.float32))


@pytest.mark.parametrize("name", ["mass (kg)", "a:b", "a, b", " value", "it's", '"', "{", "1", "\\'", "class", "a@1}"])
def test_fields_that_kernels_cannot_name(name: str):
    """As tables from files have them: the other fields are there as ever."""
    rows = np.zeros(5, np.dtype([(name, np.float32), ("value", np.int32), ("inner", [(name, "f4", 3), ("q", "f8")])]))
    rows[name] = 7
    count_up.over(5)(rows)
    assert (rows["value"] == 1).all() and (rows["inner"]["q"] == 2).all() and (rows[name] == 7).all()


def test_a_struct_that_is_laid_out_otherwise_is_named_with_the_field():
    @kdsl.kernel
    def k(r: Array[Record, 1]):
        r[kdsl.global_id(0)].value += 1

    packed = np.dtype([("kind", "u1"), ("value", "f4")])
    with pytest.raises(kdsl.LaunchError, match="'value' is at byte 4 there, and at 1") as caught:
        k.over(3)(np.zeros(3, packed))
    assert caught.value.code == "K615"
    with pytest.raises(kdsl.LaunchError, match="its fields are kind, value"):
        k.over(3)(np.zeros(3, [("a", "u1"), ("b", "f4")]))


def test_loops_over_nested_iterators_and_backwards():
    steps, weights = ((0, 1), (1, 0)), (2, 3)

    @kdsl.kernel
    def k(out: Array[kdsl.i32, 1], n: kdsl.i32):
        s = 0
        for i, ((a, b), w) in enumerate(zip(steps, weights)):  # noqa: B905
            s += (i + 1) * (10 * a + b) * w
        out[0] = s
        s = 0
        for i in reversed(range(2, n)):
            s = s * 10 + i
        out[1] = s
        s = 0
        for i in reversed(range(n)):
            s = s * 10 + i
            if i == 2:
                break
        out[2] = s
        s = 0
        for a, i in zip(reversed(weights), range(2)):  # noqa: B905
            s = s * 10 + a + i
        out[3] = s

    for launch in (k, k.interpret):
        out = np.zeros(4, np.int32)
        launch.over(1)(out, 5)
        assert list(out) == [2 + 2 * 10 * 3, 432, 432, 33]


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


def test_members_of_enums_are_compared_with_is():
    @kdsl.kernel
    def k(out: Array[kdsl.i32, 1], colour: kdsl.const):
        out[0] = 1 if colour is Colour.RED else 2
        if colour is not Colour.GREEN:
            out[1] = 7

    out = np.zeros(2, np.int32)
    k.over(1)(out, Colour.RED)
    assert list(out) == [1, 7]
    k.over(1)(out, Colour.GREEN)
    assert out[0] == 2


def test_text_given_to_exec_as_a_literal():
    space: dict[str, Any] = {"kdsl": kdsl}
    exec("@kdsl.kernel\ndef k(x: kdsl.Array[kdsl.f32, 1]):\n    x[kdsl.global_id(0)] = 9\n", space)
    x = np.zeros(3, np.float32)
    space["k"].over(3)(x)
    assert x[2] == 9


_PROGRAM = """\
import kdsl, numpy as np
@kdsl.kernel
def three(x: kdsl.Array[kdsl.f32, 1]):
    x[kdsl.global_id(0)] = 3
x = np.zeros(2, np.float32)
three.over(2)(x)
print(x)
"""


@pytest.mark.parametrize("how", ["-c", "<"])
def test_programs_that_are_no_files(how: str, tmp_path: Path):
    path = tmp_path / "program.py"
    path.write_text(_PROGRAM)
    with path.open() as text:
        words = ["-B", "-c", _PROGRAM, "x"] if how == "-c" else ["-B"]
        ran = subprocess.run([sys.executable, *words], stdin=text, capture_output=True, text=True, check=False)
    assert ran.stdout == "[3. 3.]\n", ran.stderr


@pytest.mark.parametrize(("words", "advice"), [
    ([], "run `python file.py`"),
    pytest.param(["-i"], "import that", marks=pytest.mark.skipif(sys.version_info >= (3, 13), reason="this REPL keeps its text")),
    (["-c", "import sys; exec(sys.stdin.read())"], "`text = ...`, then `exec(text)`"),
    (["-c", "import sys; exec(compile(sys.stdin.read(), 'gone.py', 'exec'))"], "a file that is there when it is launched"),
])  # fmt: skip
def test_advice_where_a_program_is_not_kept(words: list[str], advice: str):
    text = _PROGRAM.replace("3\nx", "3\n\nx")  # a prompt wants an empty line behind a function
    ran = subprocess.run([sys.executable, "-B", *words], input=text, capture_output=True, text=True, check=False)
    assert "error[K100]" in ran.stderr and advice in ran.stderr


@pytest.mark.parametrize(("word", "code", "advice"), [
    ("kdsl.dot(x, x)", "K114", "tile operation"),
    ("kdsl.zeros((4, 4), f32)", "K114", "tile operation"),
    ("kdsl.syncthreads()", "K130", "kdsl.barrier()"),
    ("kdsl.program_id(0)", "K130", "kdsl.block_id"),
    ("math.dist(x[0], x[1])", "K119", "kdsl.hypot(x, y)"),
    ("TABLE[int(x[0])]", "K121", "write if and elif"),
    ("Colour.__name__", "K130", ""),
    ("1 > 2 & x[0]", "K205", "write `and`"),
])  # fmt: skip
def test_advice_for_what_other_languages_have(word: str, code: str, advice: str):
    text = f"@kdsl.kernel\ndef k(x: kdsl.Array[f32, 1]):\n    v = {word}\n"
    space: dict[str, Any] = {"kdsl": kdsl, "f32": f32, "math": math, "TABLE": ("a", 2, 3), "Colour": Colour}
    exec(text, space)
    with pytest.raises(kdsl.CompileError) as caught:
        space["k"].over(4)(np.zeros(4, np.float32))
    assert caught.value.code == code
    assert advice in str(caught.value)


def test_a_refused_annotation_is_marked_where_it_stands():
    space: Any = Array
    with pytest.raises(kdsl.CompileError, match=r"\n\d+ \|     +space\[f32\]\n +\|     +\^{10}\n"):
        space[f32]


@kdsl.func
def leaves_by_return(x):
    k = 0
    while True:
        k += 1
        if x % 7 == k:
            return k * 10
        while True:
            x += 3
            if x > 100:
                return x
            if x % 2 == 1:
                break


def test_a_loop_that_only_a_return_leaves_ends_its_function():
    @kdsl.kernel
    def k(out: Array[kdsl.i64, 1]):
        i = kdsl.global_id(0)
        out[i] = leaves_by_return(i)

    want = [leaves_by_return(i) for i in range(50)]
    for launch in (k, k.interpret):
        out = np.zeros(50, np.int64)
        launch.over(50)(out)
        assert list(out) == want


class Settings(NamedTuple):
    steps: int = 3
    rate: float = 0.5


def test_named_tuples_are_constants_with_names():
    outside = Settings()

    @kdsl.kernel
    def k(out: Array[f32, 1], given: kdsl.const):
        out[0] = outside.steps * outside.rate
        out[1] = given.steps * given[1]
        steps, rate = given
        out[2] = steps + rate

    out = np.zeros(3, np.float32)
    k.over(1)(out, Settings(5, 2.0))
    assert list(out) == [1.5, 10, 7]
    k.over(1)(out, Settings(4, 2.0))
    assert list(out) == [1.5, 8, 6]
