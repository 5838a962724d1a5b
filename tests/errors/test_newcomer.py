"""Every mistake of `mistakes` gets one answer: an error of kdsl's with a code, a place, a reason and a remedy.

One idea: what a person sees is checked as they see it, the rendered message; a place is a line and a caret under it.
"""

from __future__ import annotations

import linecache
import textwrap
import traceback

import pytest
from errors.mistakes import BODIES, HEAD, PROGRAMS

from kdsl.codes import CODES
from kdsl.diagnostics import CompileError, LaunchError

# Of these the fault is in a call, which Python's own traceback shows; all others have a place in the kernel.
NO_PLACE = ("K129", "K150", "K151", "K5", "K6")

# What a person can do about it, where the code alone would suggest something else.
REMEDIES = {
    "a local array larger than memory": "as an argument",
    "a type that is no constant": "T: kdsl.const",
    "a tuple that is no constant": "weights: kdsl.const",
    "a parameter that is called stream": "at its place",
    "all bits set": "4294967295",
    "bits that an array does not hold": "the number -1",
    "max by a key": "compare by hand",
    "a mask as an index": "for 0 or 1",
    "steps of a tenth": "count the steps, and multiply",
    "print with %": "f-string",
    "a vector and a tuple": "kdsl.vec3(1, 2, 3)",
    "a table of rows of different length": "2 items each",
    "a table as an array": "[n][0]",
    "np.random": "random_uniform",
    "numba's fastmath": 'math="fast"',
    "brackets of a call": "Array[f32, 1]",
    "numba's array type": "Array[f32, 1]",
    "a Decimal": "float(rate)",
    "arguments of over": "fill.over(n)(x, y)",
    "over of the arguments": "fill.over(len(x))",
    "a grid that is a function": "grid=",
}


def program(name: str) -> str:
    if name in PROGRAMS:
        return HEAD + PROGRAMS[name][1]
    head = "@kdsl.kernel\ndef k(x: Array[f32, 1], y: Array[f32, 1], idx: Array[i32, 1], m: Array[f32, 2], n: i32):\n"
    return HEAD + head + textwrap.indent(BODIES[name][1], "    ") + "\n\nk.compile()\n"


def answer(text: str) -> CompileError:
    """The error that the program ends with."""
    linecache.cache["newcomer.py"] = (len(text), None, text.splitlines(keepends=True), "newcomer.py")
    with pytest.raises(CompileError) as caught:
        exec(compile(text, "newcomer.py", "exec"), {"__name__": "newcomer"})
    return caught.value


def test_there_are_enough():
    assert len({*BODIES, *PROGRAMS}) >= 150
    codes = {c for table in (BODIES, PROGRAMS) for expected, _ in table.values() for c in expected.split()}
    assert codes <= set(CODES)


@pytest.mark.parametrize("name", [*BODIES, *PROGRAMS])
def test_a_mistake_has_one_clear_answer(name):
    error = answer(program(name))
    expected = (BODIES.get(name) or PROGRAMS[name])[0].split()
    text = str(error)
    assert error.code in expected, text
    assert text.startswith(f"error[{error.code}]: ")
    assert error.diagnostic.help, text
    assert REMEDIES.get(name, "") in error.diagnostic.help, text
    assert len(error.diagnostic.message) > 8
    assert isinstance(error, LaunchError) == error.code.startswith("K6")
    # One answer: no chain of further exceptions is printed above it.
    shown = "".join(traceback.format_exception(error))
    assert "During handling" not in shown and "direct cause" not in shown, shown
    if not error.code.startswith(NO_PLACE):
        assert_has_a_place(error)


def test_names_that_are_nearly_right():
    import kdsl

    with pytest.raises(AttributeError) as caught:
        kdsl.kernal  # pyright: ignore  # noqa: B018
    assert caught.value.obj is kdsl and caught.value.name == "kernal"  # what Python needs to suggest a name
    with pytest.raises(AttributeError, match=r"the type is kdsl\.f32"):
        kdsl.float32  # pyright: ignore  # noqa: B018
    assert not hasattr(kdsl, "uint7")


def assert_has_a_place(error: CompileError) -> None:
    span = error.diagnostic.span
    text = str(error)
    assert span is not None and span.file == "newcomer.py" and span.line > HEAD.count("\n"), text
    lines = text.splitlines()
    assert any(line.lstrip().startswith("--> newcomer.py:") for line in lines), text
    caret = next(k for k, line in enumerate(lines) if "^" in line)
    source = linecache.getline("newcomer.py", span.line).rstrip()
    assert lines[caret - 1].endswith(source) or any(line.endswith(source) for line in lines), text
