"""The command line: `kdsl doctor | run | build | explain | opt | ops | cache`.

One idea: a command reads its arguments, calls one function of the library, and prints what that gives. Every
`KdslError` becomes its message and exit code 1, here and nowhere else. `import kdsl` does not import this module.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import traceback
from typing import Annotated, Any

import typer

from .diagnostics import KdslError
from .programs import UsageError, constants, find_kernel, parse_signature, run_program, split_place

__all__ = ["app", "main"]

_PLAIN: dict[str, Any] = {"rich_markup_mode": None, "add_completion": False, "pretty_exceptions_enable": False}
_HELP: dict[str, Any] = {"help_option_names": ["-h", "--help"]}
app = typer.Typer(help="kdsl: compute kernels in Python.", no_args_is_help=True, context_settings=_HELP, **_PLAIN)
cache_app = typer.Typer(help="The disk cache of compiled code.", no_args_is_help=True, context_settings=_HELP, **_PLAIN)
app.add_typer(cache_app, name="cache")

_COLOURS = {"red": "31;1", "green": "32", "yellow": "33", "blue": "34;1", "dim": "2", "bold": "1"}


def _is_coloured(stream: Any) -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def _painted(text: str, colour: str, stream: Any = None) -> str:
    """`text` in a colour where the stream is a terminal and NO_COLOR (no-color.org) is not set."""
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if _is_coloured(stream or sys.stdout) else text


def _print_error(error: KdslError) -> None:
    head, newline, rest = str(error).partition("\n")
    first, colon, message = head.partition(":")
    text = _painted(first, "red", sys.stderr) + colon + message + newline
    text += re.sub(r"(?m)^(\s*= (?:help|note):)", lambda m: _painted(m[1], "blue", sys.stderr), rest)
    print(text, file=sys.stderr)


def main() -> None:
    """The program `kdsl`."""
    try:
        app(prog_name="kdsl")
    except KdslError as e:
        _print_error(e)
        sys.exit(1)
    except BrokenPipeError:  # `kdsl ops | head`: whoever read has gone, and so must the flush at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        from .compiler import VERSION

        print(f"kdsl {VERSION}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """kdsl: compute kernels in Python. `kdsl COMMAND --help` says more."""


# --- doctor ---

_MARKS = {"ok": ("ok", "green"), "info": ("-", "dim"), "warning": ("!!", "yellow"), "fault": ("XX", "red")}


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Look at this machine: compiler, targets, devices, threads, cache; why each was or was not chosen.

    The exit code is 1 if something keeps kernels from running.
    """
    from .doctor import examine

    findings = examine()
    faults = [f for f in findings if f.state == "fault"]
    if as_json:
        print(json.dumps({"ok": not faults, "findings": [f._asdict() for f in findings]}, indent=2))
        raise typer.Exit(1 if faults else 0)
    section = ""
    for f in findings:
        if f.section != section:
            section = f.section
            print(_painted(section, "bold"))
        mark, colour = _MARKS[f.state]
        print(f"  {_painted(f'{mark:2}', colour)} {f.name:18}  {f.text}")
    print(f"\n{len(faults)} faults: kernels will not run" if faults else "\nkernels run on this machine")
    raise typer.Exit(1 if faults else 0)


# --- run ---


@app.command(context_settings={**_HELP, "allow_interspersed_args": False, "ignore_unknown_options": False})
def run(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The Python program.")],
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[ARGUMENTS]...", help="The program's.")] = None,
    device: Annotated[str, typer.Option(help="The device that launches use (KDSL_DEVICE).")] = "",
    target: Annotated[str, typer.Option(help="The target that code is made for (KDSL_TARGET).")] = "",
    debug: Annotated[bool, typer.Option("--debug", help="Check accesses, asserts, divisions (KDSL_DEBUG=1).")] = False,
    interpret: Annotated[bool, typer.Option("--interpret", help="Run in the interpreter (KDSL_INTERPRET=1).")] = False,
    threads: Annotated[int | None, typer.Option(min=1, max=1024, help="KDSL_NUM_THREADS.")] = None,
    dump: Annotated[str, typer.Option(metavar="PASS", help="Print the IR after a pass (KDSL_DUMP), or `all`.")] = "",
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Compile everything anew (KDSL_CACHE_SIZE=0).")] = False,
    timed: Annotated[bool, typer.Option("--time", help="Print launches and time per kernel at the end.")] = False,
) -> None:
    """Run a Python program that uses kdsl, with what the options say set for it.

    Options stand before FILE; all that follows FILE is the program's: `kdsl run --debug blur.py photo.jpg --size 9`.
    """
    chosen = {
        "KDSL_DEVICE": device, "KDSL_TARGET": target, "KDSL_DEBUG": "1" if debug else "",
        "KDSL_INTERPRET": "1" if interpret else "", "KDSL_NUM_THREADS": str(threads or ""), "KDSL_DUMP": _moment(dump),
        # What comes out of the cache goes through no pass.
        "KDSL_CACHE_SIZE": "0" if no_cache or dump else "",
    }  # fmt: skip
    os.environ.update({name: value for name, value in chosen.items() if value})
    if arguments and arguments[0] == "--":
        arguments = arguments[1:]
    if not timed:
        _run_reporting(file, arguments or [])
        return
    from .timing import timed_launches

    with timed_launches() as times:
        start = time.perf_counter()
        try:
            _run_reporting(file, arguments or [])
        finally:
            print(times.table(time.perf_counter() - start), file=sys.stderr)


def _moment(dump: str) -> str:
    """`vectorize` as `after:vectorize`; checked, because a wrong name would print nothing."""
    if not dump or dump == "all":
        return dump
    from .ir.pipeline import PASSES

    moments = [m if ":" in m else f"after:{m}" for m in dump.split(",")]
    for moment in moments:
        when, _, name = moment.partition(":")
        if when not in ("before", "after") or name not in PASSES:
            raise UsageError(f"--dump {dump}: there is no {moment}", f"the passes are {', '.join(PASSES)}")
    return ",".join(moments)


def _run_reporting(file: str, arguments: list[str]) -> None:
    """Errors of kdsl without a traceback, but with the program's line; others as Python prints them."""
    try:
        run_program(file, arguments)
    except UsageError:
        raise
    except KdslError as e:
        _print_error(e)
        frames = [f for f in traceback.extract_tb(e.__traceback__) if f.filename == file]
        if frames:
            place = f"{os.path.basename(file)}:{frames[-1].lineno}: {frames[-1].line}"
            print(f"  = note: launched from {place}", file=sys.stderr)
        raise typer.Exit(1) from None
    except Exception as e:  # noqa: BLE001 - whatever the program raises is the program's, shown as python shows it
        tb = e.__traceback__
        while tb is not None and tb.tb_frame.f_code.co_filename != file:
            tb = tb.tb_next
        traceback.print_exception(type(e), e, tb or e.__traceback__)
        raise typer.Exit(1) from None


# --- explain ---

_STAGES = ("report", "source", "ir", "vectorized", "legal", "llvm", "asm", "html", "all")


@app.command()
def explain(
    what: Annotated[str, typer.Argument(metavar="CODE | FILE.py[:KERNEL]", help="Error code or kernel.")],
    target: Annotated[str, typer.Option(help="The target, such as cpu:x86-64-v3; this machine's if not given.")] = "",
    signature: Annotated[str, typer.Option(help="Types that annotations leave open: 'x: Array[f32, 1], a: f32'.")] = "",
    const: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A compile-time constant.")] = None,
    stage: Annotated[str, typer.Option(help="What to print: " + ", ".join(_STAGES) + ".")] = "report",
    html: Annotated[bool, typer.Option("--html", help="As --stage html: a page that marks what belongs together.")] = False,
) -> None:
    """Say what an error code means, or what a kernel became and why.

    `kdsl explain K301`; `kdsl explain blur.py:blur --target cpu:x86-64-v4 --const SIZE=9 --stage asm`;
    `kdsl explain blur.py:blur --target cuda:sm_90 --html > blur.html`: source, IR and target code in a page of its own.
    The file is run for it, with `__name__` other than "__main__".
    """
    if re.fullmatch(r"[kK]\d{3}", what):
        _explain_code(what.upper())
        return
    place = split_place(what)
    if place is None:
        help = "write `kdsl explain K301` or `kdsl explain blur.py:blur`"
        raise UsageError(f"{what!r} is neither an error code nor a kernel", help)
    if stage not in _STAGES:
        raise UsageError(f"there is no stage {stage!r}", f"the stages are {', '.join(_STAGES)}")
    from .explain import GPU_STAGES, STAGES, explain_kernel
    from .target import parse_target

    stage = "html" if html else stage
    of_target = GPU_STAGES if parse_target(target or None).is_gpu else STAGES
    if stage not in of_target:
        raise UsageError(f"there is no stage {stage!r} for this target", f"the stages are {', '.join(of_target)}")
    kernel, names = find_kernel(*place)
    types = parse_signature(signature) if signature else None
    print(explain_kernel(kernel, target or None, types, constants(const or [], names), stage=stage))


def _explain_code(code: str) -> None:
    from .codes import CODES
    from .error_docs import explanation, provoke

    if code not in CODES:
        near = [c for c in sorted(CODES) if c[:2] == code[:2]]
        raise UsageError(f"there is no error code {code}", f"codes of this family: {', '.join(near)}" if near else
                         "codes are K1xx (syntax) to K6xx (launch); docs/ERRORS.md lists them")  # fmt: skip
    print(f"{_painted(code, 'red')}: {_painted(CODES[code].title, 'bold')}\n")
    print(_wrapped(explanation(code)))
    shown = provoke(code)
    if shown is not None:
        print("\nThis program\n\n" + _indented(shown.program))
        print("\ngives\n\n" + _indented(shown.message))


def _indented(text: str) -> str:
    return "\n".join([("    " + line).rstrip() for line in text.splitlines()])


def _wrapped(text: str) -> str:
    import textwrap

    return "\n\n".join(textwrap.fill(" ".join(p.split()), 100) for p in text.split("\n\n"))


# --- build ---


@app.command()
def build(
    files: Annotated[list[str] | None, typer.Argument(metavar="[FILE.py]...", help="Files with kernels.")] = None,
    output: Annotated[str, typer.Option("--output", "-o", metavar="BUNDLE", help="A folder, or a file NAME.kdsl.")] = "",
    target: Annotated[list[str] | None, typer.Option(help="A target, such as x86-64-v3, cuda:sm_80; several times.")] = None,
    library: Annotated[str, typer.Option(metavar="NAME", help="Also a library for C, C++ and Rust.")] = "",
    prefix: Annotated[str, typer.Option(metavar="DIR", help="Where the library goes: DIR/include, DIR/lib.")] = ".",
    binary: Annotated[bool, typer.Option("--binary", help="GPUs' machine code too: ptxas, hipcc, xcrun.")] = False,
    skip_refused: Annotated[bool, typer.Option("--skip-refused", help="Leave out what a target refuses, and say so.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only say whether the bundle is up to date (exit code 1: not).")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Compile kernels ahead of time, for any targets on any machine, into a bundle that `kdsl.load` reads.

    `kdsl build mylib/kernels.py -o mylib/_kernels --target x86-64-v3 --target cuda:sm_80`. Without files, [tool.kdsl.build] of the
    folder's pyproject.toml says what to build; options replace what it says. Types come from annotations and
    @kdsl.kernel(export=[...]).
    """
    from dataclasses import replace

    from .bundle.command import make_bundle, outdated
    from .bundle.settings import DEFAULT_TARGETS, Settings, read_settings

    if files:
        if not output:
            raise UsageError("kdsl build does not know where to", "say -o BUNDLE: a folder, or a file NAME.kdsl")
        settings = Settings(tuple(files), output, tuple(target or DEFAULT_TARGETS), library, prefix, binary, skip_refused)
    else:
        settings = read_settings()
        settings = replace(settings, output=output or settings.output, targets=tuple(target or settings.targets),
                           library=library or settings.library, binary=binary or settings.binary,
                           skip_refused=skip_refused or settings.skip_refused)  # fmt: skip
    if check:
        why = outdated(settings)
        if why:
            print(f"{settings.output} is out of date: {why}", file=sys.stderr)
            raise typer.Exit(1)
        if not quiet:
            print(f"{settings.output} is up to date")
        return
    table = make_bundle(settings, show=not quiet and sys.stderr.isatty())
    if not quiet:
        print(table)


# --- opt ---


@app.command()
def opt(
    source: Annotated[str, typer.Argument(metavar="FILE.kir | FILE.py[:KERNEL] | -", help="IR or kernel.")],
    passes: Annotated[str, typer.Option(metavar="A,B,...", help="The passes to run, in order.")] = "",
    pipeline: Annotated[str, typer.Option(help="A whole pipeline instead: cpu, cpu_linear, simplify, none.")] = "",
    target: Annotated[str, typer.Option(help="The target, such as cpu:x86-64-v3; this machine's if not given.")] = "",
    verify: Annotated[bool, typer.Option("--verify/--no-verify", help="Verify the IR between passes.")] = True,
    timed: Annotated[bool, typer.Option("--time", help="Print the time of each pass to stderr.")] = False,
    spans: Annotated[bool, typer.Option("--spans", help="Print the place in the source with each op.")] = False,
    emit: Annotated[str, typer.Option(help="Print `ir`, or code made of it: `llvm` or `asm`.")] = "ir",
    signature: Annotated[str, typer.Option(help="As for explain.")] = "",
    const: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="As for explain.")] = None,
) -> None:
    """Run passes over IR and print it, in the form that `kdsl opt` reads.

    `kdsl opt blur.py:blur --passes checks,simplify > blur.kir`; `kdsl opt blur.kir --passes vectorize --time`.
    """
    from .ir.pipeline import PASSES, Timings, run_passes
    from .ir.verify import verify as check
    from .optimise import emitted, names_of_passes, read_function
    from .target import parse_target

    names = names_of_passes(passes, pipeline, emit)
    to = parse_target(target or None)
    f = read_function(source, parse_signature(signature) if signature else None, const or [])
    timings = Timings()
    for name in names:
        f = run_passes(f, [PASSES[name]], to, timings)
        if verify:
            check(f, f"the function after {name}")
    print(emitted(f, to, emit, with_spans=spans), end="")
    if timed:
        print(timings, file=sys.stderr)


# --- ops ---


@app.command()
def ops(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="An op (arith.add, add), or a family (subgroup).")] = "",
    markdown: Annotated[bool, typer.Option("--markdown", help="Print docs/OPS.md.")] = False,
) -> None:
    """List the operations of the IR; or say all about one: its signature, meaning, effects and fate on each target."""
    from . import optable

    if markdown:
        print(optable.markdown(), end="")
        return
    found = optable.matching(name)
    if not found:
        raise UsageError(f"there is no op {name!r}", "`kdsl ops` lists them all")
    print(optable.describe(found[0]) if len(found) == 1 else optable.table(found))


# --- cache ---


def _cache() -> Any:
    from .compiler import artifact_cache

    return artifact_cache()


@cache_app.command("path")
def cache_path() -> None:
    """Print the folder (KDSL_CACHE_DIR, or that of the system for a user's caches)."""
    print(_cache().directory)


@cache_app.command("list")
def cache_list() -> None:
    """Print the entries, the most recently used first."""
    from .doctor import size_text

    for entry in _cache().entries():
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.used))
        print(f"{when}  {size_text(entry.size_bytes):>10}  {entry.key}")


@cache_app.command("stats")
def cache_stats() -> None:
    """Print the folder, whether it works, and how full it is."""
    from .doctor import size_text

    cache = _cache()
    stats = cache.stats()
    print(f"folder   {cache.status()}\nentries  {stats.entries}\nsize     {size_text(stats.size_bytes)}")
    print(f"limit    {size_text(stats.limit_bytes)} (KDSL_CACHE_SIZE)")


@cache_app.command("clear")
def cache_clear() -> None:
    """Delete every entry; what is needed again is compiled again."""
    print(f"{_cache().clear()} entries deleted")


@cache_app.command("trim")
def cache_trim(size: Annotated[str, typer.Argument(help="What may stay, such as 100M.")] = "") -> None:
    """Delete the entries not used for longest, until the cache has the given size."""
    from .cache import parse_size

    print(f"{_cache().trim(parse_size(size) if size else None)} entries deleted")
