"""What `kdsl build` does: plan, compile with a bar that moves, write, and say in a table what was made.

One idea: whether a bundle is up to date is asked of its manifest alone: the hash of each kernel's intermediate code, the compiler's
version and the targets must be those of today; nothing is compiled to know it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..diagnostics import LaunchError
from .binaries import FORMATS
from .building import Built, Job, Plan, build, library_of, plan
from .manifest import manifest_from_json
from .settings import Settings, kernels_in
from .store import checked, open_files, write_bundle, write_tree

if TYPE_CHECKING:
    from .manifest import BundledArtifact, Manifest

__all__ = ["make_bundle", "outdated", "summary"]


def make_bundle(settings: Settings, *, show: bool = False) -> str:
    """Build what the settings say; gives the summary. show: a progress bar on stderr."""
    flags = {"binary": settings.binary, "skip_refused": settings.skip_refused}
    what = plan(kernels_in(settings.kernels), settings.targets, **flags)
    built = _with_bar(what) if show else build(what)
    library = library_of(built, settings.library) if settings.library else {}
    write_bundle(settings.output, built.files)
    write_tree(settings.prefix, library)
    made = [f"{os.path.join(settings.prefix, name)}: {_size(len(data))}" for name, data in sorted(library.items())]
    return "\n".join([summary(built, settings.output), *made])


def _with_bar(what: Plan) -> Built:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<40.40}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(what.jobs))
        done = build(what, _advance(bar.update, task))
        bar.update(task, completed=len(what.jobs))
    return done


def _advance(update: Callable[..., None], task: object) -> Callable[[Job], None]:
    count = iter(range(1 << 30))
    return lambda job: update(task, completed=next(count), description=job.file)


def summary(built: Built, path: str) -> str:
    """A row per kernel, a column per target: files and bytes."""
    manifest = built.manifest
    rows = [["kernel", "variants", *manifest.targets]]
    for k in manifest.kernels:
        made = [a for v in k.variants for a in v.artifacts]
        refused = {e.target: e.code for e in manifest.left_out if e.kernel == k.name}
        cells = [_cell([a for a in made if a.target == t], refused.get(t, "")) for t in manifest.targets]
        rows.append([k.name, str(len({v.name for v in k.variants})), *cells])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join([cell.ljust(w) for cell, w in zip(row, widths, strict=True)]).rstrip() for row in rows]
    total = sum(map(len, built.files.values()))
    out = [f"left out: {e.variant} for {e.target}: {e.code}, {e.message}" for e in manifest.left_out]
    return "\n".join([*lines, "", *out, f"{path}: {len(built.files)} files, {_size(total)}"])


def _cell(made: Sequence[BundledArtifact], refused: str) -> str:
    """One kernel for one target: how much code, how much machine code, what was refused."""
    parts: list[str] = []
    for formats in dict.fromkeys(a.format for a in made):
        sizes = [a.size_bytes for a in made if a.format == formats]
        kind = f" {formats}" if formats in FORMATS.values() else ""
        parts.append(f"{len(sizes)} x {_size(sum(sizes) // len(sizes))}{kind}")
    return " + ".join([*parts, *([f"refused {refused}"] if refused else [])]) or "-"


def _size(size_bytes: int) -> str:
    return (
        f"{size_bytes} B"
        if size_bytes < 1024
        else f"{size_bytes / 1024:.1f} KiB"
        if size_bytes < 1 << 20
        else f"{size_bytes / (1 << 20):.1f} MiB"
    )


def outdated(settings: Settings) -> str:
    """Why the bundle is not that of its sources; "" when it is."""
    if not os.path.exists(settings.output):
        return "there is no such bundle"
    try:
        files, data = open_files(settings.output)
        manifest = manifest_from_json(data, files.path)
        for a in [a for k in manifest.kernels for v in k.variants for a in v.artifacts]:
            checked(files, a.file, a.size_bytes, a.sha256)
    except LaunchError as error:
        return error.diagnostic.message
    today = plan(kernels_in(settings.kernels), settings.targets)
    formats = {a.format for k in manifest.kernels for v in k.variants for a in v.artifacts}
    wanted = {FORMATS[t.backend] for t in today.targets if settings.binary and t.backend in FORMATS}
    if formats & set(FORMATS.values()) != wanted:
        return "it was built without --binary" if wanted else "it was built with --binary"
    if manifest.left_out and not settings.skip_refused:
        return f"it leaves out {manifest.left_out[0].variant} for {manifest.left_out[0].target}"
    return _differs(manifest, today)


def _differs(manifest: Manifest, today: Plan) -> str:
    targets = tuple([t.name for t in today.targets])
    if manifest.targets != targets:
        return f"it is for {', '.join(manifest.targets)}, and {', '.join(targets)} are asked for"
    built = {k.name: k.source_sha256 for k in manifest.kernels}
    wanted = today.digests
    for name in [*wanted, *built]:
        if name not in built:
            return f"it has no kernel {name}"
        if name not in wanted:
            return f"its kernel {name} is not in the sources"
        if built[name] != wanted[name]:
            return f"kernel {name} has changed, or the compiler has"
    return ""
