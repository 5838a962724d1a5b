"""The codes of faults that happen while a kernel runs: (code, title, explanation), K440 to K469.

One idea: the explanation says what is wrong, why it matters and what to do, for `kdsl explain` and `docs/ERRORS.md`.
"""

from __future__ import annotations

__all__ = ["CODES"]

CODES: tuple[tuple[str, str, str], ...] = (
    (
        "K440",
        "index out of bounds",
        "An array was accessed at an index outside [0, extent) along one axis. Negative indices do not count from the "
        "end, as they do in Python. In a release build such an access reads or writes whatever lies there. Guard it "
        "with a comparison, or launch exactly as many threads as there are elements with `kernel.over(n)`.",
    ),
    (
        "K441",
        "integer division by zero",
        "`//` or `%` of integers had a divisor of 0. A release build gives 0 on every target. Guard the division.",
    ),
    (
        "K442",
        "assertion failed",
        "The condition of an `assert` was false. Asserts are checked in debug builds and in the interpreter, and cost "
        "nothing otherwise.",
    ),
    (
        "K443",
        "data race between threads of a block",
        "Two threads of one block accessed the same bytes, at least one of them writing, with no barrier in between, "
        "so the result depends on which came first. Writing the same value twice is a race, too. Put a "
        "`kdsl.barrier()` between the accesses (also at the end of a loop body whose next round overwrites what "
        "others still read), or use an atomic.",
    ),
    (
        "K444",
        "data race between blocks",
        "Threads of two blocks accessed the same bytes, at least one of them writing. Nothing inside a launch orders "
        "blocks: a barrier holds only the threads of one block. Write to another array, split the work into two "
        "launches, or use atomics for every access that others may see.",
    ),
    (
        "K445",
        "read of shared memory that was never written",
        "`kdsl.shared` memory starts with undefined contents. Write every element before it is read, with a "
        "`kdsl.barrier()` in between when another thread reads it.",
    ),
    (
        "K446",
        "read of a local array that was never written",
        "`kdsl.local` memory starts with undefined contents. Write every element before it is read.",
    ),
    (
        "K447",
        "barrier that not all threads of the block reach",
        "A barrier waits for every thread of its block. Some threads were inside a branch or loop that others had "
        "left, or had returned. On a device this hangs. Move the barrier to where every thread comes by; guard the "
        "work, not the barrier, at the edges of the data.",
    ),
    (
        "K448",
        "subgroup operation that not all threads of the subgroup reach",
        "A subgroup operation combines the values of all threads of a subgroup. Some of them were inside a branch or "
        "loop that others had left, so what they would read is not defined. Move the operation to where every thread "
        "comes by, and give threads that have nothing to add a neutral value.",
    ),
    (
        "K449",
        "loop did not end within the step limit",
        "A `while` loop ran longer than the limit the interpreter was given. Its condition may never become false, or "
        "it waits for another thread: threads of a block may run in step, so waiting in a loop for each other hangs.",
    ),
    (
        "K450",
        "broadcast from a lane that does not exist",
        "`kdsl.broadcast(x, lane)` gives every thread of a subgroup the x of one of them. The lane must be the same "
        "for all of them and must exist: in [0, subgroup_size), in the last subgroup of a block perhaps fewer.",
    ),
)
