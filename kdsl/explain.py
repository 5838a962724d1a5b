"""`kernel.explain()`: a kernel's source with what each line became on a target, and why, as text.

One idea: the report has one line of fact under each line of source, all of them from `outcomes`, and counts of the same
facts at the end; the further stages are the compiler's own texts, unchanged. For a GPU the report is source, IR and target
text side by side; for every target they make a page of HTML (`side_by_side`).
"""

from __future__ import annotations

import linecache
import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .diagnostics import Span
from .instructions import count_instructions
from .ir import types as T
from .ir.analysis.axes import CROSSED
from .ir.analysis.effects import array_effects
from .ir.core import Function, walk
from .ir.opdef import Effect, Level
from .ir.passes.near_ids import near_ids
from .ir.passes.opt_counted import opt_counted
from .ir.passes.vectorize import grid_strides, is_flat, needs_linear_order
from .ir.pipeline import PASSES, PIPELINES, run_passes
from .outcomes import Outcome, outcomes
from .side_by_side import page, text, together
from .target import Target, parse_target

if TYPE_CHECKING:
    from .kernel import Kernel

__all__ = ["GPU_STAGES", "STAGES", "explain_kernel"]

STAGES = ("report", "source", "ir", "vectorized", "llvm", "asm", "html", "all")
GPU_STAGES = ("report", "source", "ir", "legal", "asm", "html", "all")


class _Compiled:
    """A kernel at each stage for one target."""

    def __init__(self, f: Function, target: Target) -> None:
        from .codegen.cpu import assembly, emit

        names = PIPELINES["cpu"]
        split = next(k for k, name in enumerate(names) if PASSES[name].gives is Level.BLOCK)
        self.given = f
        # Before elementary functions become arithmetic: the report speaks of sin, not of its polynomial.
        early = [PASSES[n] for n in names[:split] if n != "math"]
        self.thread = run_passes(f, early, target)
        self.block = run_passes(f, [PASSES[n] for n in names], target)
        self.llvm = emit(self.block, target)
        self.asm = assembly(self.block, target)
        self.target = target


def explain_kernel(kernel: Kernel, target: Target | str | None = None, signature: Any = None,
                   consts: dict[str, Any] | None = None, *, stage: str = "report") -> str:  # fmt: skip
    """What a kernel became for a target; `stage`: one of STAGES (of a GPU: GPU_STAGES), "report" for the annotated source.

    signature and consts: as in `Kernel.compile`; where both are left out, those of the last launch if there was one.
    """
    from .specialise import declared_signature

    to = parse_target(target or os.environ.get("KDSL_TARGET") or None)
    if signature is None and not consts and kernel._specialisations:
        spec = list(kernel._specialisations.items())[-1]
        types, values, f = dict(spec[0][0]), spec[1].consts, spec[1].function
    else:
        types, values = declared_signature(kernel, signature, consts or {})
        f = kernel.ir(types, values)
    known = GPU_STAGES if to.is_gpu else STAGES
    if stage not in known:
        raise ValueError(f"there is no stage {stage!r} for {to}; the stages are {', '.join(known)}")
    texts = _on_gpu(f, to) if to.is_gpu else _on_cpu(kernel, types, values, f, to)
    if stage != "all":
        return texts[stage]().rstrip("\n")
    return "\n\n".join([f"=== {name} ===\n{make().rstrip()}" for name, make in texts.items() if name != "html"])


Texts = dict[str, Callable[[], str]]


def _on_cpu(kernel: Kernel, types: dict[str, Any], values: dict[str, Any], f: Function, to: Target) -> Texts:
    made = _Compiled(near_ids(f), to)
    return {
        "report": lambda: _report(kernel, types, values, made),
        "source": lambda: "\n".join(_source_of(f)),
        "ir": lambda: str(f),
        "vectorized": lambda: str(made.block),
        "llvm": lambda: made.llvm,
        "asm": lambda: made.asm,
        "html": lambda: page(together(f, made.thread, made.asm, to)),
    }


def _on_gpu(f: Function, to: Target) -> Texts:
    """The IR beside the code is that before it becomes what the target has: the user's ops."""
    from .codegen.registry import compile_function
    from .codegen.spirv.listing import listing
    from .compiler import lower

    legal = lower(f, to)
    code = compile_function(legal, to)
    shown = code.texts.get("source") or code.texts.get("asm") or listing(code.binary)
    side = together(f, run_passes(f, [PASSES["checks"], PASSES["simplify"]], to), shown, to)
    return {
        "report": lambda: text(side),
        "source": lambda: "\n".join(_source_of(f)),
        "ir": lambda: str(f),
        "legal": lambda: str(legal),
        "asm": lambda: shown,
        "html": lambda: page(side),
    }


# --- the head ---


def _report(kernel: Kernel, types: dict[str, Any], values: dict[str, Any], made: _Compiled) -> str:
    found = outcomes(made.thread, made.block, made.target)
    t = made.target
    width = made.block.attributes.get("width", t.lanes)
    how = "one thread after the other" if width == 1 else f"vectors of {t.vector_bytes} bytes, {width} threads side by side"
    lines = [f"kernel {kernel.name} for {t}: {how}", ""]
    lines += [f"  {name:12} {text}" for name, text in _head(types, values, made)]
    for function, rows in _functions(made.given, found).items():
        lines += ["", *_annotated(function, rows, made.given)]
    lines += ["", *_sums(found, made)]
    return "\n".join(lines)


def _head(types: dict[str, Any], values: dict[str, Any], made: _Compiled) -> Iterator[tuple[str, str]]:
    f = made.given
    effects = {v.name: e for v, e in array_effects(f).items()}
    for name, t in types.items():
        yield name, _type_text(t, effects.get(name, Effect.NONE))
    for name, value in values.items():
        yield name, f"constant {value!r}"
    build = "debug: accesses, asserts and divisions are checked" if f.debug else "release: nothing is checked"
    yield "build", f"{build}; math={f.math!r}"
    yield "runs", _how_it_runs(f) + _together(made.block)
    kept = [op for op in walk(made.block.body) if op.name == "memory.alloc"]
    for op in kept:
        a = op.results[0].type
        if isinstance(a, T.ArrayType) and a.space is T.Space.SLOTS:
            name = op.attributes["name"]
            what = f"a value of type {a.element}" if name == "kept" else f"{name} ({a.element})"
            yield "kept", f"{what} for every thread of the block, across barriers"
        elif isinstance(a, T.ArrayType) and a.space is T.Space.SHARED:
            yield "shared", f"{op.attributes['name']}: {' x '.join(map(str, a.shape or ()))} of {a.element}"


def _type_text(t: Any, effect: Effect) -> str:
    if not isinstance(t, T.ArrayType):
        return str(t)
    place = "any strides" if t.unit_axis is None else f"elements side by side along axis {t.unit_axis}"
    use = [word for flag, word in ((Effect.READ, "read"), (Effect.WRITE, "written")) if flag in effect]
    return f"Array[{t.element}, {t.rank}], {place}, {' and '.join(use) or 'not used'}"


def _how_it_runs(f: Function) -> str:
    if grid_strides(opt_counted(f)) is not None:
        return "flat: threads stride by the grid; cores take pieces of rows of any length, and all threads of one a trip at a time"
    if is_flat(f):
        return "flat: threads cannot see their block, so cores take pieces of rows of any length"
    barriers = sum(1 for op in walk(f.body) if op.name == "simt.barrier")
    order = "; in linear order where rows do not fill vectors" if needs_linear_order(f) else ""
    cut = f", cut at {barriers} barrier{'s' if barriers != 1 else ''}" if barriers else ""
    return f"in blocks: one core walks the threads of a block{cut}{order}"


def _together(block: Function) -> str:
    rows = block.attributes.get("rows", 1)
    turned = block.attributes.get("turned", 0)
    beside = "" if not turned else f"; threads along axis {turned} are side by side, which lie along memory"
    if turned == CROSSED:
        beside = "; threads along axis 2 are taken next to those along axis 0, as memory lies along both"
    if "march" in block.attributes:
        return beside + "; threads of a piece of rows take each turn of their loop together"
    return beside + (f"; {rows} rows run together and share what they load" if rows > 1 else "")


# --- the source ---


def _functions(f: Function, found: list[Outcome]) -> dict[tuple[str, str], list[Outcome]]:
    """Outcomes by the function they stand in, the kernel first."""
    groups: dict[tuple[str, str], list[Outcome]] = {(f.span.file, f.span.function or f.name): []}
    for o in found:
        if o.span.line:
            groups.setdefault((o.span.file, o.span.function or f.name), []).append(o)
    return groups


def _range(function: tuple[str, str], rows: list[Outcome], f: Function) -> tuple[int, int]:
    if function == (f.span.file, f.span.function or f.name) and f.span.line:
        return f.span.line, f.span.end_line
    lines = [o.span.line for o in rows]
    return min(lines), max(lines)


def _annotated(function: tuple[str, str], rows: list[Outcome], f: Function) -> Iterator[str]:
    file, name = function
    first, last = _range(function, rows, f)
    width = len(str(last))
    calls = sorted({o.span.call_site.line for o in rows if o.span.call_site is not None})
    called = f", called from line {', '.join(map(str, calls))}" if calls else ""
    yield f"{os.path.basename(file)}, {name}{called}"
    by_line: dict[int, list[str]] = {}
    for o in rows:
        texts = by_line.setdefault(o.span.line, [])
        if o.text not in texts:
            texts.append(o.text)
    for line in range(first, last + 1):
        yield f"{line:{width}} | {linecache.getline(file, line).rstrip()}".rstrip()
        yield from (f"{'':{width}} |     > {text}" for text in by_line.get(line, ()))


def _source_of(f: Function) -> Iterator[str]:
    span: Span = f.span
    for line in range(span.line, span.end_line + 1):
        yield linecache.getline(span.file, line).rstrip("\n")


# --- the sums ---


def _sums(found: list[Outcome], made: _Compiled) -> Iterator[str]:
    counts = Counter(o.kind for o in found)
    yield "in sum   " + (", ".join(f"{n} {_plural(kind, n)}" for kind, n in counts.items()) or "nothing but arithmetic")
    code = count_instructions(made.asm, made.target)
    yield "in code  " + ", ".join(f"{n} {what}" for what, n in code.items())
    if made.block.attributes.get("width") != 1:
        yield "         (each loop has a copy for full vectors and one, under a mask, for the rest)"


def _plural(kind: str, n: int) -> str:
    if n == 1:
        return kind
    return kind + ("es" if kind.endswith(("ch", "s")) else "s")
