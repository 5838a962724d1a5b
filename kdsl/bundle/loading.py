"""`kdsl.load`: the kernels of a bundle, called as those that they were made of.

One idea: a loaded kernel is launched by the same code as any other (`kdsl.kernel.Launchable`); what differs is that its code is
looked up in the manifest where another's is compiled.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..artifact import Artifact
from ..diagnostics import DeviceError, refuse
from ..kernel import Launch, Launchable, Specialisation, Walk
from ..runtime.checked import may_be
from ..target import Target, parse_target
from .choice import artifacts_for
from .manifest import BundledArtifact, BundledKernel, BundledVariant, Manifest, manifest_from_json
from .store import Files, checked, open_files

if TYPE_CHECKING:
    from ..runtime.api import Device, Executable
    from ..runtime.launcher import Launcher

__all__ = ["Bundle", "LoadedKernel", "load"]


def load(path: str | os.PathLike[str]) -> Bundle:
    """The kernels of a bundle that `kdsl build` made, a folder or a `.kdsl` file.

        kernels = kdsl.load("mylib/_kernels")
        kernels.saxpy.over(n)(2.0, x, y)

    Needs neither the compiler's packages nor the kernels' source. Raises K670 (no bundle), K671 (of another version of the
    format), K672 (damaged); a launch raises K673 (no code for the device), K674 (none for these types), K675 (none for the block).
    """
    files, data = open_files(path)
    return Bundle(files, manifest_from_json(data, files.path))


class Bundle:
    """Loaded kernels, by name: `bundle.saxpy`, `bundle["saxpy"]`, `for name in bundle`."""

    def __init__(self, files: Files, manifest: Manifest) -> None:
        self.path = files.path
        self.manifest = manifest
        self._kernels = {k.name: LoadedKernel(k, files, manifest) for k in manifest.kernels}

    def __getitem__(self, name: str) -> LoadedKernel:
        found = self._kernels.get(name)
        if found is None:
            refuse(
                "K670",
                None,
                f"{self.path} has no kernel {name!r}",
                help=f"its kernels are: {', '.join(self._kernels) or 'none'}",
            )
        return found

    def __getattr__(self, name: str) -> LoadedKernel:
        if name.startswith("_") or name not in self._kernels:
            raise AttributeError(
                f"{self.path} has no kernel {name!r}; its kernels are: {', '.join(self._kernels) or 'none'}"
            )
        return self._kernels[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kernels)

    def __len__(self) -> int:
        return len(self._kernels)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._kernels]

    def __repr__(self) -> str:
        return f"<bundle {self.path}: {', '.join(self._kernels)} for {', '.join(self.manifest.targets)}>"


class _Spec(NamedTuple):
    """As `frontend.ParamSpec`, of what a caller may know."""

    name: str
    kind: str
    has_default: bool
    default: Any


class _Variant(Specialisation):
    """A variant in the place of a specialisation: it is looked up where that one is compiled."""

    __slots__ = ("loaded", "variant")

    def __init__(self, variant: BundledVariant) -> None:
        self.variant = variant
        self.captured = []
        self.is_flat = variant.flat
        self.linear_matters = variant.linear_matters
        self.turned = self.axes = self.folds = 0  # there is code for one order of axes,
        self.short = False  # and for launches of any size
        self.launchers = {}
        self.executables: dict[Walk, Executable] = {}
        self.loaded: dict[tuple[str, str], Executable] = {}  # by device and file
        self.shapes = set()


class LoadedKernel(Launchable):
    """A kernel of a bundle: `kernel[grid, block](...)`, `kernel.over(n)(...)`."""

    def __init__(self, kernel: BundledKernel, files: Files, manifest: Manifest) -> None:
        super().__init__(kernel.name, None, kernel.block)
        self.__doc__ = kernel.doc
        self.debug = kernel.debug
        self._kernel = kernel
        self._files = files
        self._manifest = manifest
        self._specs = tuple([_Spec(p.name, p.kind, p.has_default, p.default) for p in kernel.parameters])
        self._const_at = tuple([i for i, s in enumerate(self._specs) if s.kind == "const"])
        self._variants = [_Variant(v) for v in kernel.variants]

    def __repr__(self) -> str:
        return f"<kernel {self.name} of {self._files.path}>"

    @property
    def specs(self) -> Any:
        return self._specs

    def _debug(self) -> bool:
        return self.debug  # what KDSL_DEBUG asks for would have to be compiled

    def _stale(self, captured: list[tuple[Any, str, Any]]) -> bool:
        return False  # what the code was made with, it was made with for good

    def _interpret(self, args: tuple[Any, ...], launch: Launch) -> None:
        del args, launch
        refuse("K676", None, f"{self.name} comes from {self._files.path}, which holds compiled code alone: there is nothing to "
               "interpret", help="unset KDSL_INTERPRET, or run the kernel from its source")  # fmt: skip

    # --- which variant ---

    def _specialisation(self, args: Sequence[Any]) -> _Variant:
        from ..runtime.signature import classify

        # A scalar that is annotated has the same type in every variant: the launcher holds the value against it.
        given = [None if s.kind == "scalar" else classify(a, self.name, s.name)
                 for a, s in zip(args, self._specs, strict=True) if s.kind != "const"]  # fmt: skip
        constants = {s.name: a for a, s in zip(args, self._specs, strict=True) if s.kind == "const"}
        fitting = [v for v in self._variants if _fits(v.variant, given, constants)]
        if not fitting:
            self._refuse_types(given, constants)
        return max(fitting, key=lambda v: (_exact(v.variant, given), v.variant.contiguous))

    def _refuse_types(self, given: Sequence[Any], constants: dict[str, Any]) -> None:
        def said(params: Sequence[Any], constants: dict[str, Any]) -> str:
            parts = [f"Array[{p.dtype}, {p.rank}]" if p.kind == "array" else str(p.dtype) for p in params]
            return ", ".join([*parts, *[f"{n}={v!r}" for n, v in constants.items()]])

        given = [p if g is None else g for p, g in zip(self._variants[0].variant.params, given, strict=True)]
        offered = dict.fromkeys(f"({said(v.variant.params, v.variant.constants)})" for v in self._variants)
        refuse("K674", None, f"{self.name} of {self._files.path} was not built for arguments ({said(given, constants)})",
               help=f"convert them, or build it for these too with export=; it was built for {' and '.join(offered)}")  # fmt: skip

    # --- which artifact ---

    def _target(self, device: Device) -> Target:
        wanted = os.environ.get("KDSL_TARGET")
        target = parse_target(wanted) if wanted else device.target
        return target if target.backend == device.target.backend else device.target

    def _make_launcher(self, spec: Specialisation, runtime: tuple[Any, ...], device: Device, target: Target,
                       walk: Walk) -> Launcher:  # fmt: skip
        from ..runtime.launcher import launcher_of

        assert isinstance(spec, _Variant)
        found = self._artifacts(spec.variant, device, target, walk)
        key = (device.name, found[0].file)
        executable = spec.loaded.get(key)
        if executable is None:
            self._provide_pool(target)
            executable = spec.loaded[key] = self._loaded(device, found)
        return launcher_of(self.name, executable, executable.artifact.entry, runtime)

    def _loaded(self, device: Device, found: Sequence[BundledArtifact]) -> Executable:
        """The first of the artifacts that the device takes: drivers refuse machine code that is not quite for their GPU."""
        for artifact in found[:-1]:
            data = self._read(artifact)
            try:
                return device.load(data)
            except DeviceError:
                pass
        return device.load(self._read(found[-1]))

    def _artifacts(self, variant: BundledVariant, device: Device, target: Target, walk: Walk) -> list[BundledArtifact]:
        """What a device may load, best first: machine code where it is for this architecture, then the code of kdsl."""
        names = artifacts_for({a.target for a in variant.artifacts}, target)
        if not names:
            refuse("K673", None, f"{self._files.path} has no code of {self.name} for {device.name} ({target})",
                   help=f"it has code for {self._targets() or 'nothing'}; build it with --target {target} too")  # fmt: skip
        for name in names:
            here = [a for a in variant.artifacts if a.target == name]
            exact = [a for a in here if (a.block, a.cut, a.linear) == (walk.block, walk.cut, walk.linear)]
            anyhow = [] if device.compiles_shapes else [a for a in here if a.block is None and a.linear == walk.linear]
            if exact or anyhow:
                fitting = sorted(exact or anyhow, key=lambda a: a.format not in _BINARY)
                is_own = name.partition(":")[2] == target.arch.partition(":")[0]
                return [a for a in fitting if is_own or a.format not in _BINARY or a.format in _FOR_NEWER]
        blocks = sorted({a.block for a in variant.artifacts if a.target in names and a.block is not None})
        refuse("K675", None, f"{self.name} of {self._files.path} has no code for blocks of {walk.block} on {device.name}",
               help=f"launch it with blocks of {' or '.join(map(str, blocks))}, or build it for these with block=")  # fmt: skip

    def _targets(self) -> str:
        """What the kernel was built for."""
        have = {a.target for v in self._variants for a in v.variant.artifacts}
        return ", ".join([t for t in self._manifest.targets if t in have])

    def _read(self, found: BundledArtifact) -> Artifact:
        data = checked(self._files, found.file, found.size_bytes, found.sha256)
        return Artifact(found.target, found.format, data, (found.entry,), found.sites, {}, dict(found.metadata))

    def _provide_pool(self, target: Target) -> None:
        """Threads for the CPU: the bundle's pool, where no other has been named."""
        from ..runtime.cpu.threads import offer_pool_provider

        if target.backend != "cpu":
            return
        pools = {s.target: s for s in self._manifest.support if s.name == "pool"}
        best = artifacts_for(pools, target)
        if best:
            pool = pools[best[0]]
            offer_pool_provider(lambda: checked(self._files, pool.file, pool.size_bytes, pool.sha256))


def _fits(variant: BundledVariant, given: Sequence[Any], constants: dict[str, Any]) -> bool:
    """Whether a variant's code takes arguments of these types."""
    for name, value in constants.items():
        wanted = variant.constants.get(name)
        if type(wanted) is not type(value) or wanted != value:
            return False
    return len(given) == len(variant.params) and all(map(_takes, variant.params, given))


_BINARY = ("cubin", "hsaco", "metallib")
_FOR_NEWER = ("metallib",)  # what devices of newer architectures load, too
def _exact(variant: BundledVariant, given: Sequence[Any]) -> int:
    """How many arrays have just the variant's element type: those of u16 are also taken for the bits of bf16."""
    return sum([g is not None and g.dtype == p.dtype for p, g in zip(variant.params, given, strict=True)])


_WEAK = {"bool": ("bool",), "int": ("i", "u", "f", "b"), "float": ("f", "b")}


def _takes(param: Any, given: Any) -> bool:
    if given is None:
        return True
    if param.kind != given.kind or given.dtype is None:
        return False
    if param.kind == "scalar":  # a Python number is what the parameter makes of it; checks look at its range
        return param.dtype == given.dtype or (given.dtype in _WEAK and param.dtype.startswith(_WEAK[given.dtype]))
    if not may_be(param, given.dtype, given.rank):
        return False
    return param.unit_axis is None or given.dense or param.unit_axis in given.unit_axes
