"""What a running kernel may do wrong, as messages: shared by the interpreter and by the devices' debug builds.

One idea: the same fault reads the same wherever the kernel ran, so the wording of the faults that a debug build can
see (out of bounds, division by zero, a failed assertion) is here once. Codes are K4: `kdsl explain K440`.
"""

from __future__ import annotations

from collections.abc import Sequence

from .diagnostics import Diagnostic, Label, Span

__all__ = ["assertion_failed", "division_by_zero", "out_of_bounds", "where_text"]

Ids = Sequence[int]


def ids_text(ids: Ids) -> str:
    """`(3, 0, 0)`"""
    return "(" + ", ".join(str(int(i)) for i in ids) + ")"


def where_text(kernel: str, block: Ids, thread: Ids) -> str:
    """`block (1, 0, 0), thread (3, 0, 0) of kernel 'saxpy'`"""
    return f"block {ids_text(block)}, thread {ids_text(thread)} of kernel '{kernel}'"


def out_of_bounds(kernel: str, span: Span | None, array: str, axis: int, index: int, extent: int, block: Ids,
                  thread: Ids, *, labels: Sequence[Label] = ()) -> Diagnostic:  # fmt: skip
    """K440: an index outside [0, extent) along one axis of an array."""
    valid = f"valid indices are 0 to {extent - 1}" if extent else "the array is empty along this axis"
    hint = "negative indices do not count from the end; " if index < 0 else ""
    return Diagnostic(
        "K440", f"index {index} is out of bounds for axis {axis} of array '{array}' with extent {extent}, "
        f"in {where_text(kernel, block, thread)}", span, caret=f"index {index}, extent {extent}", labels=labels,
        help=f"{valid}; {hint}guard the access (`if i < {array}.shape[{axis}]:`) or launch exactly the threads you "
        "need with `.over(n)`")  # fmt: skip


def division_by_zero(kernel: str, span: Span | None, block: Ids, thread: Ids) -> Diagnostic:
    """K441: `//` or `%` of integers with a divisor of 0."""
    return Diagnostic(
        "K441", f"integer division by zero, in {where_text(kernel, block, thread)}", span, caret="the divisor is 0",
        help="a release build gives 0 here; guard the division (`x // d if d != 0 else 0`)")  # fmt: skip


def assertion_failed(kernel: str, span: Span | None, message: str, block: Ids, thread: Ids) -> Diagnostic:
    """K442: an `assert` whose condition is false."""
    said = f": {message}" if message else ""
    return Diagnostic(
        "K442", f"assertion failed{said}, in {where_text(kernel, block, thread)}", span, caret="this is false",
        help="asserts are checked with debug=True, KDSL_DEBUG=1 and in the interpreter")  # fmt: skip
