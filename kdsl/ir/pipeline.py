"""The passes between front end and code generation: which, in what order, and why in that order.

One idea: a pipeline is a list of names, and every demand on the order is a row with its reason, checked when this
module is imported, so a list that breaks one never runs. Between passes the function is verified (`KDSL_VERIFY=1`, as
the tests do) and can be looked at:

    KDSL_DUMP=after:simplify     the text after that pass, `before:` it, or `all`; several with commas; to stderr
    KDSL_DUMP_DIR=/some/folder   into files there instead, numbered in order

A dump is IR that `parse` reads. A pass that changed nothing says "(unchanged)".
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..diagnostics import DeviceError, InternalError
from ..records import made, record, replace
from ..target import Target
from .core import Function
from .opdef import Level
from .parse import equal
from .passes.lower_checks import lower_checks
from .passes.lower_math import lower_math
from .passes.opt_apart import opt_apart
from .passes.opt_appends import opt_appends
from .passes.opt_axes import opt_axes
from .passes.opt_carried import opt_carried
from .passes.opt_counted import opt_counted
from .passes.opt_counts import opt_counts
from .passes.opt_derived import opt_derived
from .passes.opt_divisions import opt_divisions
from .passes.opt_elements import opt_elements
from .passes.opt_ends import opt_ends
from .passes.opt_every import opt_every
from .passes.opt_guards import opt_guards
from .passes.opt_ids import opt_ids
from .passes.opt_loads import opt_loads
from .passes.opt_locals import opt_locals
from .passes.opt_low_bits import low_bits
from .passes.opt_narrow import narrow
from .passes.opt_points import opt_points
from .passes.opt_shared import opt_shared
from .passes.opt_short import opt_short
from .passes.opt_simplify import simplify
from .passes.opt_stages import opt_stages
from .passes.tail import tail
from .passes.vectorize import vectorize
from .verify import verify

if TYPE_CHECKING:
    from .passes.legalize import Spells

__all__ = ["ORDER", "PASSES", "PIPELINES", "Order", "Pass", "Timings", "check_pipeline", "run_passes", "run_pipeline"]


class Pass(metaclass=record):
    """A function from a function to another. takes, gives: levels, ANY for "that of the input"."""

    name: str
    run: Callable[[Function, Target], Function]
    takes: Level = Level.ANY
    gives: Level = Level.ANY


class Order(metaclass=record):
    """Where both stand in a pipeline, the first `before` comes before the first `after`, because of `why`."""

    before: str
    after: str
    why: str


class Timings(metaclass=record):
    """Milliseconds per pass, in order; a pass that runs twice stands there twice."""

    passes: list[tuple[str, float]] = made(default_factory=list)

    @property
    def total_ms(self) -> float:
        return sum(ms for _, ms in self.passes)

    def __str__(self) -> str:
        return "\n".join([*[f"{ms:8.3f} ms  {name}" for name, ms in self.passes], f"{self.total_ms:8.3f} ms  in all"])


def _rows(f: Function, target: Target) -> Function:
    return vectorize(f, target.lanes, registers=target.vector_registers, streams=target.streams,
                     slow_masks=target.vector_bytes < 64)


def _linear(f: Function, target: Target) -> Function:
    return vectorize(f, target.lanes, linear=True)


# What only GPUs need is imported where it runs: a CPU's first compilation would spend a tenth of its time on reading it.


def _needs(f: Function, target: Target) -> Function:
    from .passes.legalize.needs import check_needs

    return check_needs(f, target)


def _legalize(f: Function, target: Target, spells: Spells | None = None) -> Function:
    from .passes.legalize import legalize

    return legalize(f, target) if spells is None else legalize(f, target, spells)


PASSES: dict[str, Pass] = {
    p.name: p
    for p in (
        Pass("checks", lambda f, target: lower_checks(f), Level.THREAD, Level.THREAD),
        Pass("elements", lambda f, target: opt_elements(f), Level.THREAD, Level.THREAD),
        Pass("ids", lambda f, target: opt_ids(f), Level.THREAD, Level.THREAD),
        Pass("guards", lambda f, target: opt_guards(f), Level.THREAD, Level.THREAD),
        Pass("simplify", simplify),
        Pass("counted", lambda f, target: opt_counted(f), Level.THREAD, Level.THREAD),
        Pass("derived", lambda f, target: opt_derived(f), Level.THREAD, Level.THREAD),
        Pass("ends", lambda f, target: opt_ends(f), Level.THREAD, Level.THREAD),
        Pass("axes", lambda f, target: opt_axes(f), Level.THREAD, Level.THREAD),
        Pass("every", lambda f, target: opt_every(f), Level.THREAD, Level.THREAD),
        Pass("stages", lambda f, target: opt_stages(f), Level.THREAD, Level.THREAD),
        Pass("divisions", lambda f, target: opt_divisions(f), Level.BLOCK, Level.BLOCK),
        Pass("appends", lambda f, target: opt_appends(f), Level.BLOCK, Level.BLOCK),
        Pass("points", lambda f, target: opt_points(f), Level.BLOCK, Level.BLOCK),
        Pass("carried", opt_carried, Level.BLOCK, Level.BLOCK),
        Pass("shared", lambda f, target: opt_shared(f), Level.BLOCK, Level.BLOCK),
        Pass("counts", opt_counts, Level.BLOCK, Level.BLOCK),
        Pass("apart", opt_apart, Level.BLOCK, Level.BLOCK),
        Pass("locals", lambda f, target: opt_locals(f), Level.THREAD, Level.THREAD),
        Pass("short", lambda f, target: opt_short(f), Level.THREAD, Level.THREAD),
        Pass("loads", lambda f, target: opt_loads(f), Level.THREAD, Level.THREAD),
        Pass("narrow", lambda f, target: narrow(low_bits(f)), Level.THREAD, Level.THREAD),
        Pass("math", lambda f, target: lower_math(f, target, share=True)),
        Pass("needs", _needs, Level.THREAD, Level.THREAD),
        Pass("tail", lambda f, target: tail(f), Level.THREAD, Level.THREAD),
        Pass("legalize", _legalize, Level.THREAD, Level.THREAD),
        Pass("vectorize", _rows, Level.THREAD, Level.BLOCK),
        Pass("vectorize_linear", _linear, Level.THREAD, Level.BLOCK),
    )
}

# Backend -> passes. `simplify` may stand at several places: it works at both levels.
PIPELINES: dict[str, tuple[str, ...]] = {
    "none": (),
    "simplify": ("simplify",),
    "cpu": ("checks", "elements", "ids", "simplify", "guards", "counted", "derived", "ends", "axes", "every", "stages", "locals",
            "short", "loads", "math", "narrow", "ids", "vectorize", "simplify", "divisions",
            "appends", "points", "carried", "shared", "counts",
            "apart"),
    # For blocks whose rows are no multiple of the lanes, where a kernel sees subgroups.
    "cpu_linear": ("checks", "elements", "simplify", "guards", "counted", "derived", "ends", "stages", "locals", "short", "loads",
                   "math", "narrow", "vectorize_linear", "simplify", "divisions", "appends", "carried", "shared", "counts",
                   "apart"),
    "gpu": ("checks", "simplify", "needs", "tail", "legalize"),
}

ORDER: tuple[Order, ...] = tuple(
    row
    for vectorized in ("vectorize", "vectorize_linear")
    for row in (
        Order("checks", "tail", "threads past the end must report nothing, so what reports has to be there"),
        Order("simplify", "needs", "what is never computed needs nothing"),
        Order("needs", "legalize", "the user's own ops are refused, not what they are made of"),
        Order("simplify", "legalize", "a function of a constant folds in its row; what is expanded costs per op"),
        Order("tail", "legalize", "the guard compares ids and counts as any other op does"),
        Order("checks", "simplify", "a division that may be by zero must be seen before folding makes it a 0"),
        Order("checks", vectorized, "a check is an op of one thread: it becomes a mask of failing lanes"),
        Order("simplify", "math", "a function of a constant folds in its row, not in its hundred ops"),
        Order("elements", "simplify", "what becomes of an access to a component is what any access has"),
        Order("ids", "simplify", "what they were made of is left over, and folding would take some of it apart"),
        Order("ids", vectorized, "a kernel that does not see its block has rows of any length"),
        Order("checks", "axes", "what reports says which thread did it, and its axes stay"),
        Order("simplify", "axes", "an index that folds says how far neighbours are apart"),
        Order("simplify", "guards", "a condition whose parts are quick is one"),
        Order("guards", "every", "which threads take part is asked of a branch"),
        Order("guards", vectorized, "a guard is what stands around all that a thread does"),
        Order("simplify", "counted", "a condition that folds is one comparison"),
        Order("counted", "axes", "how far neighbours are apart in a loop is asked of its counter"),
        Order("counted", "derived", "what is carried is asked about beside the counter of a `for`"),
        Order("counted", "ends", "a loop's end is one of a `for`"),
        Order("ends", vectorized, "a guard in every round is a mask in every round"),
        Order("counted", vectorized, "of a `while` each thread leaves when it leaves"),
        Order("axes", vectorized, "which threads are side by side"),
        Order("simplify", "every", "which threads take part is asked of one remainder"),
        Order("every", vectorized, "who takes part in a segment is asked there"),
        Order("simplify", "stages", "a loop that never runs is none"),
        Order("stages", "locals", "an index that counts stages is a number"),
        Order("stages", vectorized, "the other way round a distance in shared memory is not known"),
        Order("simplify", "locals", "an index that folds is a number"),
        Order("locals", "short", "loops that count on elements of a thread's array are unrolled for it, as far as they go"),
        Order("short", "math", "a function in an unrolled loop is called for each trip, or shared by them"),
        Order("short", "narrow", "sums of bytes that are straight code say how many there are"),
        Order("short", "loads", "what an unrolled loop counted is the same in every trip of the one around it"),
        Order("loads", vectorized, "a load is one of a thread"),
        Order("short", vectorized, "rows of threads run together where places differ by numbers"),
        Order("locals", "math", "a function in an unrolled loop is called for each trip, or shared by them"),
        Order("locals", vectorized, "elements become values that masks select; an array of lanes stays in memory"),
        Order("locals", "narrow", "what stands in memory is not seen"),
        Order("narrow", vectorized, "the other way round nothing knows which bits a tile holds"),
        Order(vectorized, "carried", "places of vectors, which are numbers where rows are straight code"),
        Order("carried", "shared", "what a loop carries is loaded and stored in straight code"),
        Order(vectorized, "shared", "vectors are handed on, not elements"),
        Order(vectorized, "counts", "what a vector of threads counts is one update, whose index is computed or loaded"),
        Order(vectorized, "appends", "lanes take their places together"),
        Order("points", "apart", "loops over numbers of points are looked for as they are written"),
        Order("shared", "apart", "memory that becomes values is in nobody's way"),
        Order(vectorized, "divisions", "vectors take long to divide, and branches are those of whole vectors"),
        Order("math", vectorized, "rare paths of a function are branches; vectorize puts them behind a test of all lanes"),
    )
)


def check_pipeline(names: Sequence[str], order: Sequence[Order] = (), passes: dict[str, Pass] | None = None) -> None:
    """Refuse (InternalError) a list with unknown passes, with levels that do not meet, or that breaks an `Order`."""
    passes = PASSES if passes is None else passes
    level = Level.ANY
    for name in names:
        if name not in passes:
            raise InternalError(f"there is no pass {name!r}", where="pipeline")
        takes, gives = passes[name].takes, passes[name].gives
        if Level.ANY not in (level, takes) and level is not takes:
            raise InternalError(f"{name} takes {takes.value} level but gets {level.value}", where="pipeline")
        level = gives if gives is not Level.ANY else takes if takes is not Level.ANY else level
    for row in order:
        before = [k for k, name in enumerate(names) if name == row.before]
        after = [k for k, name in enumerate(names) if name == row.after]
        if before and after and before[0] > after[0]:
            raise InternalError(f"{row.before} must run before {row.after}: {row.why}", where="pipeline")


for _names in PIPELINES.values():
    check_pipeline(_names, ORDER)


class _Dump:
    """Where and when the IR is shown, from the environment."""

    __slots__ = ("count", "folder", "wanted")

    def __init__(self) -> None:
        text = os.environ.get("KDSL_DUMP", "")
        self.wanted = frozenset(text.split(",")) if text else frozenset[str]()
        self.folder = os.environ.get("KDSL_DUMP_DIR", "")
        self.count = 0

    def show(self, moment: str, f: Function, text: str | None = None) -> None:
        if not self.wanted & {moment, "all"}:
            return
        body = str(f) if text is None else text
        if not self.folder:
            sys.stderr.write(f"# {f.name} {moment}\n{body}\n")
            return
        name = "".join([c if c.isalnum() or c in "-_" else "_" for c in f"{f.name}_{moment}"])
        try:
            os.makedirs(self.folder, exist_ok=True)
            with open(os.path.join(self.folder, f"{name}_{self.count:02}.kir"), "w", encoding="utf-8") as out:
                out.write(f"# {f.name} {moment}\n{body}\n")
        except OSError as error:
            raise DeviceError(f"the dumps that KDSL_DUMP asks for cannot be written: {error.strerror or error} ({self.folder})\n"
                              "  = help: set KDSL_DUMP_DIR to a folder that can be written, or to nothing: they go to stderr "
                              "then") from None  # fmt: skip
        self.count += 1


def run_passes(f: Function, passes: Sequence[Pass], target: Target, timings: Timings | None = None) -> Function:
    """`f` after the given passes; a fault in one is reported with the pass's name."""
    checked = os.environ.get("KDSL_VERIFY", "") not in ("", "0")
    dump = _Dump()
    if checked:
        verify(f, "the function as given")
    for p in passes:
        if p.takes not in (Level.ANY, f.level):
            why = f"{p.name} takes {p.takes.value} level, not {f.level.value}"
            raise InternalError(why, where="pipeline", state=str(f))
        if dump.wanted:
            dump.show(f"before:{p.name}", f)
        start = time.perf_counter()
        new = p.run(f, target)
        if timings is not None:
            timings.passes.append((p.name, (time.perf_counter() - start) * 1e3))
        if checked:
            verify(new, f"the function after {p.name}")
        if dump.wanted:
            dump.show(f"after:{p.name}", new, "# (unchanged)\n" if equal(f, new) else None)
        f = new
    return f


def run_pipeline(f: Function, name: str, target: Target, timings: Timings | None = None, *,
                 spells: Spells | None = None) -> Function:  # fmt: skip
    """`f` after the pipeline of that name. spells: what the backend has rows for, where a pass asks."""
    passes = [PASSES[p] for p in PIPELINES[name]]
    if spells is not None:
        passes = [replace(p, run=partial(_legalize, spells=spells)) if p.name == "legalize" else p for p in passes]
    return run_passes(f, passes, target, timings)
