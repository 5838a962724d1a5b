"""From kernels to the files of a bundle: compile every variant for every target, and write down the facts.

One idea: a job is (variant, target, way through a block); jobs are listed first, so that progress can be shown and the hash of
the sources is known without compiling anything; files are named after what is in them, so that a listing can be read.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..cache import make_key
from ..compiler import VERSION, Known, compile_function
from ..diagnostics import CompileError, Diagnostic, Span, refuse
from ..ir.core import Function, walk
from ..ir.text import print_function
from ..kernel import Specialisation
from ..target import Target, parse_target
from .binaries import FORMATS, Tool, machine_code, tools_for
from .exports import Export, exports_of
from .manifest import (
    BundledArtifact,
    BundledKernel,
    BundledVariant,
    LeftOut,
    Manifest,
    Parameter,
    Support,
    arguments_of,
    manifest_to_json,
)
from .store import MANIFEST, sha256, write_bundle, write_tree

if TYPE_CHECKING:
    from ..artifact import Artifact
    from ..kernel import Kernel

__all__ = ["Built", "Job", "Plan", "build", "build_bundle", "library_of", "plan", "plan_export"]

_REFUSED = "K5"  # codes of what one target does not take, and another may
_SUFFIX = {"elf": "o", "ptx": "ptx", "hip": "hip", "msl": "metal", "spirv": "spv"}
_OVER = {1: (256, 1, 1), 2: (32, 8, 1), 3: (32, 4, 2)}  # the blocks of `over`, by how many axes a kernel looks at


@dataclass(frozen=True)
class _Way:
    block: tuple[int, int, int] | None = None
    cut: bool = False
    linear: bool = False

    @property
    def text(self) -> str:
        parts = ["x".join(map(str, self.block))] if self.block else []
        return "-".join([*parts, *(["cut"] if self.cut else []), *(["linear"] if self.linear else [])])


@dataclass(frozen=True)
class Job:
    """One artifact to be made."""

    variant: str
    function: Function
    target: Target
    way: _Way

    @property
    def file(self) -> str:
        where = self.target.name.removeprefix("cpu:").replace(":", "-")
        return "-".join([self.variant, where, *([self.way.text] if self.way.text else [])])


@dataclass
class _VariantPlan:
    """A variant before its code is made."""

    name: str
    export: Export
    contiguous: bool
    specialisation: Specialisation
    jobs: list[Job]


@dataclass
class _KernelPlan:
    kernel: Kernel
    variants: list[_VariantPlan]
    digest: str
    folders: dict[Span, Span]  # from a place without its file's folder to the place with it, for messages


@dataclass
class Plan:
    """What a build will do. digests: by kernel, of what its code is made of. tools: for machine code of GPUs, by backend.
    skip_refused: what a target refuses is left out, and not an error."""

    targets: list[Target]
    kernels: list[_KernelPlan]
    tools: dict[str, Tool] = field(default_factory=dict)
    skip_refused: bool = False

    @property
    def jobs(self) -> list[Job]:
        return [job for k in self.kernels for v in k.variants for job in v.jobs]

    @property
    def digests(self) -> dict[str, str]:
        return {k.kernel.name: k.digest for k in self.kernels}


@dataclass
class Built:
    """A finished build: the manifest, and every file of the bundle by name (the manifest's too)."""

    manifest: Manifest
    files: dict[str, bytes]


def plan_export(kernel: Kernel, export: Export, targets: Sequence[Target]) -> Plan:
    """The plan of one variant of a kernel, whatever the kernel's own exports are."""
    return Plan(list(targets), [_plan_kernel(kernel, targets, [export])])


def plan(kernels: Sequence[Kernel], targets: Sequence[str | Target], *, binary: bool = False, skip_refused: bool = False) -> Plan:
    """List what has to be made. K501 (unknown target), K502 (a type is missing), K677, K678 (two kernels of one name), K684 (binary
    without the vendor's tool)."""
    kernels = _with_exports(kernels)
    if isinstance(targets, str) or not targets:
        refuse("K501", None, f"targets={targets!r} names no targets", help='give a list, as in ["x86-64-v3", "cuda:sm_80"]')
    found = list({t.name: t for t in map(parse_target, targets)}.values())
    names = [k.name for k in kernels]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        refuse(
            "K678",
            None,
            f"two kernels are called {twice!r}",
            help="give one of them another name: @kdsl.kernel(name=...)",
        )
    tools = tools_for(found) if binary else {}
    exports = [(k, exports_of(k)) for k in kernels]
    _refuse_shared_names(exports)
    return Plan(found, [_plan_kernel(k, found, rows) for k, rows in exports], tools, skip_refused)


def _with_exports(kernels: Sequence[Kernel]) -> list[Kernel]:
    """The kernels that are to be built: all but those with `export=[]`. K677 for what is no kernel, and where there is none."""
    from ..kernel import Kernel

    if isinstance(kernels, (str, bytes)) or not hasattr(kernels, "__iter__"):
        refuse("K677", None, f"{kernels!r} is no list of kernels", help="kdsl.build takes a list, as in [saxpy, blur]")
    wrong = [k for k in kernels if not isinstance(k, Kernel)]
    if wrong:
        refuse("K677", None, f"{wrong[0]!r} is no kernel that can be built",
               help="what is built is a function under @kdsl.kernel, or what kdsl.from_source gives")  # fmt: skip
    found = [k for k in kernels if k.export is None or len(k.export)]
    if not found:
        refuse("K677", None, "there is no kernel to build", help="a kernel with export=[] is left out; give one without it")
    return found


def _refuse_shared_names(exports: Sequence[tuple[Kernel, Sequence[Export]]]) -> None:
    """The exports of all kernels have names of their own: in C, and for files, also on disks that do not tell A from a."""
    owners: dict[str, tuple[Kernel, Export]] = {}
    for kernel, rows in exports:
        for export in rows:
            other, before = owners.setdefault(export.name.lower(), (kernel, export))
            if before is not export:
                refuse("K678", None, f"two exports have one name: {before.name!r} of {other.name}, {export.name!r} of "
                       f"{kernel.name}",
                       help='give one of them another name: @kdsl.kernel(export=[{..., "name": "..."}])')  # fmt: skip


def _plan_kernel(kernel: Kernel, targets: Sequence[Target], exports: Sequence[Export]) -> _KernelPlan:
    variants: list[_VariantPlan] = []
    texts: list[str] = []
    folders: dict[Span, Span] = {}
    for export in exports:
        strided = export.strided()
        forms = [(export.name, export, True)]
        if strided.types != export.types:
            forms.append((f"{export.name}-strided", strided, False))
        for name, form, contiguous in forms:
            function = kernel.ir(form.types, form.constants, debug=kernel.debug)
            folders.update(_forget_folders(function))
            spec = Specialisation.of(function, [], few=False)
            # A GPU's runtime makes arrays dense.
            wanted = [t for t in targets if export.is_for(t) and (contiguous or t.backend == "cpu")]
            jobs = [Job(name, function, t, way) for t in wanted for way in _ways(spec, export, t)]
            variants.append(_VariantPlan(name, form, contiguous, spec, jobs))
            texts.append(f"{name} {form.blocks} {form.targets}\n{print_function(function)}")
    return _KernelPlan(kernel, variants, hashlib.sha256("\n".join([VERSION, *texts]).encode()).hexdigest(), folders)


def _forget_folders(function: Function) -> dict[Span, Span]:
    """Lines stay in the code (of debug builds, of GPU targets), but not where on this machine the file lies. Gives the places
    back by what became of them."""
    known: dict[Span, Span] = {}
    function.span = _without_folder(function.span, known)
    for op in walk(function.body):
        op.span = _without_folder(op.span, known)
    return {short: whole for whole, short in known.items()}


def _without_folder(span: Span, known: dict[Span, Span]) -> Span:
    found = known.get(span)
    if found is None:
        caller = None if span.call_site is None else _without_folder(span.call_site, known)
        name = os.path.basename(span.file)
        found = known[span] = Span(name, span.line, span.col, span.end_line, span.end_col, span.function, caller)
    return found


def _ways(spec: Specialisation, export: Export, target: Target) -> list[_Way]:
    """The ways through a block that a target needs code for."""
    if target.backend != "cpu":
        blocks = export.blocks or (_OVER[_axes(spec.function)],)
        return [_Way(block, cut) for block in blocks for cut in (False, True)]
    if spec.is_flat:
        return [_Way()]
    ways = [_Way(), *([_Way(linear=True)] if spec.linear_matters else [])]
    for block in export.blocks or ():
        rows_fit = block[0] % target.lanes == 0 or block[1] * block[2] == 1
        ways.append(_Way(block, linear=spec.linear_matters and not rows_fit))
    return ways


def _axes(function: Function) -> int:
    """How many axes of the grid a kernel looks at, at least 1."""
    used = {v for op in walk(function.body) for v in op.operands}
    ids = [
        op
        for op in walk(function.body)
        if op.name.startswith("simt.") and "axis" in op.attributes and op.result in used
    ]
    return max([1, *[op.attributes["axis"] + 1 for op in ids]])


def build(plan: Plan, progress: Callable[[Job], None] = lambda job: None) -> Built:
    """Compile everything that a plan lists. `progress` is told of each job before it starts."""
    files: dict[str, bytes] = {}
    left_out: list[LeftOut] = []
    kernels = [_build_kernel(k, plan, files, left_out, progress) for k in plan.kernels]
    support = [_pool(t, files) for t in plan.targets if t.backend == "cpu"]
    manifest = Manifest(VERSION, tuple([t.name for t in plan.targets]), tuple(kernels), tuple(support), tuple(left_out))
    return Built(manifest, {MANIFEST: manifest_to_json(manifest), **files})


def _build_kernel(
    k: _KernelPlan, plan: Plan, files: dict[str, bytes], left_out: list[LeftOut], progress: Callable[[Job], None]
) -> BundledKernel:
    kernel = k.kernel
    variants = []
    refused: dict[tuple[str, str], CompileError] = {}
    for v in k.variants:
        made: list[BundledArtifact] = []
        for job in v.jobs:
            progress(job)
            at = (v.export.name, job.target.name)
            if at in refused:
                continue
            try:
                made += _artifacts(job, plan.tools, files)
            except CompileError as error:
                if not error.code.startswith(_REFUSED):
                    raise
                refused[at] = _explained(error, k.folders, *at)
                if not plan.skip_refused:
                    raise refused[at] from None
        artifacts = [a for a in made if (v.export.name, a.target) not in refused]
        for a in made:
            if a not in artifacts:
                del files[a.file]
        params = artifacts[0].entry.params if artifacts else ()
        variants.append(BundledVariant(v.export.name, params, v.export.constants, v.contiguous, v.specialisation.is_flat,
                                       v.specialisation.linear_matters, tuple(artifacts)))  # fmt: skip
    if refused and not any(v.artifacts for v in variants):
        raise next(iter(refused.values()))
    left_out += [LeftOut(kernel.name, n, t, e.code, e.diagnostic.message) for (n, t), e in refused.items()]
    block = kernel.block
    shape = (
        None
        if block is None
        else (block,)
        if isinstance(block, int)
        else tuple(block)
        if isinstance(block, tuple)
        else None
    )
    parameters = tuple([_parameter(s) for s in kernel.specs])
    return BundledKernel(kernel.name, kernel.function.__doc__ or "", kernel.math, kernel.debug, shape, k.digest, parameters,
                         tuple([v for v in variants if v.artifacts]))  # fmt: skip


def _explained(error: CompileError, folders: dict[Span, Span], variant: str, target: str) -> CompileError:
    """A refusal of one target, with what a build can do about it."""
    d = error.diagnostic
    note = f'this is {variant} for {target}; "targets" in its export= may leave that target out, and --skip-refused all that refuse'
    span = None if d.span is None else folders.get(d.span, d.span)
    return type(error)(Diagnostic(d.code, d.message, span, caret=d.caret, labels=d.labels, help=d.help, notes=(*d.notes, note)))


def _parameter(spec: Any) -> Parameter:
    is_plain = spec.has_default and isinstance(spec.default, (bool, int, float, str))
    is_plain = is_plain and (not isinstance(spec.default, float) or math.isfinite(spec.default))  # JSON has no other
    return Parameter(spec.name, spec.kind, is_plain, spec.default if is_plain else None)


def _artifacts(job: Job, tools: dict[str, Tool], files: dict[str, bytes]) -> list[BundledArtifact]:
    """What is made for a job: code as kdsl gives it, and machine code made of that."""
    way, target = job.way, job.target
    how: dict[str, Any] = {"linear": way.linear} if target.backend == "cpu" else {"cut": way.cut}
    # The same kernel may be in the cache with the lines of another file, which GPU code tells of.
    given = Known(make_key(print_function(job.function, with_spans=True)), job.function)
    made: Artifact = compile_function(given, target, block=way.block, **how)
    name = f"{job.file}.{_SUFFIX.get(made.format, made.format)}"
    files[name] = made.binary
    arguments = arguments_of(made.entry, bool(made.sites), made.metadata) if target.backend != "cpu" else ()
    metadata = {n: v for n, v in made.metadata.items() if n != "requires" and isinstance(v, (bool, int, float, str, tuple, list))}
    requires = made.metadata.get("requires", ())
    text = BundledArtifact(target.name, made.format, name, len(made.binary), sha256(made.binary), made.entry, way.block, way.cut,
                           way.linear, made.sites, arguments, tuple(sorted(requires)), metadata)  # type: ignore[arg-type, call-overload] # fmt: skip
    tool = tools.get(target.backend)
    if tool is None:
        return [text]
    binary, kind = machine_code(tool, target, made), FORMATS[target.backend]
    files[f"{job.file}.{kind}"] = binary
    return [text, replace(text, format=kind, file=f"{job.file}.{kind}", size_bytes=len(binary), sha256=sha256(binary))]


def _pool(target: Target, files: dict[str, bytes]) -> Support:
    from ..codegen.cpu.pool import compile_pool

    data = compile_pool(target)
    name = f"pool-{target.arch}.o"
    files[name] = data
    return Support("pool", target.name, name, len(data), sha256(data))


def build_bundle(
    kernels: Sequence[Kernel],
    path: str | os.PathLike[str],
    targets: Sequence[str | Target],
    *,
    library: str = "",
    prefix: str | os.PathLike[str] = "",
    binary: bool = False,
    skip_refused: bool = False,
    progress: Callable[[Job], None] = lambda job: None,
) -> Manifest:
    """Compile kernels ahead of time: what `kdsl build` does, as a function, `kdsl.build`.

    path: a folder, or a file whose name ends in .kdsl. targets: names such as "cuda:sm_80", of any machine. Which variants are
    made, the annotations and `@kdsl.kernel(export=...)` say. library: the name of a library for C, C++ and Rust, put below the
    folder `prefix` (include/, lib/). binary: machine code of GPUs too, by the vendors' tools. skip_refused: leave out what a target
    refuses (K5xx); the manifest's `left_out` says what. Raises K501, K502, K677, K678, K680, K684, and what compiling raises.
    """
    built = build(plan(kernels, targets, binary=binary, skip_refused=skip_refused), progress)
    made = library_of(built, library) if library else {}
    write_bundle(os.fspath(path), built.files)
    write_tree(os.fspath(prefix) or ".", made)
    return built.manifest


def library_of(built: Built, name: str) -> dict[str, bytes]:
    """The files of a C library of what was built for processors."""
    from ..native.library import library_files

    return library_files(built.manifest, built.files, name)
