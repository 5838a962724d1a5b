"""What a bundle says of itself: its kernels, what they are compiled for, and each artifact's facts; as data and as JSON.

One idea: a manifest is checked as it is read, field by field, and an unknown field is an error, so that what loads is what
was written. docs/bundle.schema.json says the same to other programs; a test holds the two together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ..artifact import Entry, Param, Site
from ..diagnostics import LaunchError, refuse
from ..records import made, names_of, record
from .store import sha256

__all__ = ["FORMAT", "VERSION", "Argument", "BundledArtifact", "BundledKernel", "BundledVariant", "LeftOut", "Manifest",
           "Parameter", "Support", "arguments_of", "manifest_from_json", "manifest_to_json"]  # fmt: skip

FORMAT = "kdsl-bundle"
VERSION = 2

_T = TypeVar("_T")


class Argument(metaclass=record):
    """Where one value stands in the bytes that a GPU artifact takes: `name` ("a", "x.data", "x.extent0", "x.stride0",
    "threads0", "diagnostics.data"), byte `offset`, `size_bytes`, kdsl's name of its `type`."""

    name: str
    offset: int
    size_bytes: int
    type: str


class BundledArtifact(metaclass=record):
    """Code for one target and one way through a block (`kdsl.kernel.Walk`).

    file: in the bundle. block: the shape of block that the code is for, or None for any. cut: (GPUs) whether it is for
    launches that end inside blocks. linear: (CPUs) whether blocks are walked as one row. arguments: (GPUs) their bytes.
    requires: features of `kdsl.target.FEATURES` that the device must have. metadata: what else its runtime must know. Machine
    code of a GPU (format "cubin", "hsaco" or "metallib") has the facts of the text that it was made of, which stands before it.
    """

    target: str
    format: str
    file: str
    size_bytes: int
    sha256: str
    entry: Entry
    block: tuple[int, int, int] | None = None
    cut: bool = False
    linear: bool = False
    sites: tuple[Site, ...] = ()
    arguments: tuple[Argument, ...] = ()
    requires: tuple[str, ...] = ()
    metadata: dict[str, Any] = made(default_factory=dict)


class BundledVariant(metaclass=record):
    """A kernel for one choice of types and constants.

    name: of the function in C. params: what a launch passes, in order. constants: the `const` parameters' values. contiguous:
    the arrays' innermost axis is taken to be contiguous. flat, linear_matters: see `kdsl.ir.passes.vectorize`.
    """

    name: str
    params: tuple[Param, ...]
    constants: dict[str, Any]
    contiguous: bool
    flat: bool
    linear_matters: bool
    artifacts: tuple[BundledArtifact, ...]


class Parameter(metaclass=record):
    """A parameter as a caller sees it. kind: "array", "scalar", "const" or "any". default: of a constant."""

    name: str
    kind: str
    has_default: bool = False
    default: Any = None


class BundledKernel(metaclass=record):
    """A kernel: how it is called, and its variants. source_sha256: of its intermediate code, for `kdsl build --check`."""

    name: str
    doc: str
    math: str
    debug: bool
    block: tuple[int, ...] | None
    source_sha256: str
    parameters: tuple[Parameter, ...]
    variants: tuple[BundledVariant, ...]


class Support(metaclass=record):
    """Code that is no kernel's: `name` "pool" is the thread pool of CPUs."""

    name: str
    target: str
    file: str
    size_bytes: int
    sha256: str


class LeftOut(metaclass=record):
    """A variant (its function's name in C) that a target refused, with the error's code and message."""

    kernel: str
    variant: str
    target: str
    code: str
    message: str


class Manifest(metaclass=record):
    """compiler: kdsl's version. targets: the names that were asked for. left_out: what these have no code of, having refused it."""

    compiler: str
    targets: tuple[str, ...]
    kernels: tuple[BundledKernel, ...]
    support: tuple[Support, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def arguments_of(entry: Entry, has_sites: bool, metadata: dict[str, object] | None = None) -> tuple[Argument, ...]:
    """The bytes that a GPU entry takes (`kdsl.codegen.layout`): those of its parameters, then the hidden ones. metadata: of the
    artifact; Vulkan's code may have one more push constant (`kdsl.runtime.vulkan.parts`)."""
    out: list[Argument] = []
    at = 0

    def word(name: str, type: str = "index", size_bytes: int = 8) -> None:
        nonlocal at
        out.append(Argument(name, at, size_bytes, type))
        at += -(-size_bytes // 8) * 8

    def array(name: str, rank: int) -> None:
        word(f"{name}.data", "address")
        for what in ("extent", "stride"):
            for axis in range(rank):
                word(f"{name}.{what}{axis}")

    for p in entry.params:
        if p.kind == "array":
            array(p.name, p.rank)
        else:
            word(p.name, p.dtype, p.size_bytes)
    if entry.cut:
        for axis in range(3):
            word(f"threads{axis}")
    if has_sites:
        array("diagnostics", 1)
    facts = metadata or {}
    if facts.get("part_blocks") and facts.get("arguments") != "buffer":
        word("part")
    return tuple(out)


# --- to JSON ---


def manifest_to_json(manifest: Manifest) -> bytes:
    """Readable JSON, always the same for the same manifest, with the hash of all the rest as its last field."""
    body = {"format": FORMAT, "version": VERSION, **_plain(manifest)}
    return json.dumps({**body, "sha256": _hash(body)}, indent=1, ensure_ascii=False).encode() + b"\n"


def _hash(body: dict[str, Any]) -> str:
    return sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())


def _plain(value: Any) -> Any:
    if isinstance(
        value,
        (Manifest, BundledKernel, BundledVariant, BundledArtifact, Argument, Parameter, Support, LeftOut, Entry, Param,
         Site),
    ):
        return {n: _plain(getattr(value, n)) for n in names_of(value)}
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return value


# --- from JSON ---


def manifest_from_json(data: bytes, where: str) -> Manifest:
    """The manifest of the bundle `where`. K670 (no manifest), K671 (of another version), K672 (damaged)."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        refuse("K672", None, f"{where}: the manifest is damaged: {error}", help=_AGAIN)
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        refuse("K670", None, f"{where} is not a bundle of kernels: its manifest does not say {FORMAT!r}", help=_MAKE)
    if body.get("version") != VERSION:
        refuse("K671", None, f"{where}: the bundle has version {body.get('version')!r} of the format, and this kdsl reads version "
               f"{VERSION}", help="build it again with this kdsl, or install the kdsl that built it "
               f"({body.get('compiler', 'not said')})")  # fmt: skip
    wanted = body.pop("sha256", None)
    if wanted != _hash(body):
        refuse("K672", None, f"{where}: the manifest is damaged: its checksum does not match", help=_AGAIN)
    try:
        return _manifest({k: v for k, v in body.items() if k not in ("format", "version")})
    except LaunchError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        refuse("K672", None, f"{where}: the manifest is damaged: {error}", help=_AGAIN)


_AGAIN = "build or install it again; `kdsl build --check` says whether a bundle is that of its sources"
_MAKE = "`kdsl build FILE.py -o BUNDLE --target ...` makes one"


def _known(kind: Callable[..., _T], given: dict[str, Any], **made: Any) -> _T:
    """A record of fields that are all there and all known; `made` replaces what JSON cannot hold."""
    if given.keys() != set(names_of(kind)):
        raise ValueError(f"{getattr(kind, '__name__', kind)} has the fields {sorted(given)}")
    return kind(**{**given, **made})


def _manifest(body: dict[str, Any]) -> Manifest:
    return _known(Manifest, body, targets=tuple(body["targets"]), kernels=tuple([_kernel(k) for k in body["kernels"]]),
                  support=tuple([_known(Support, s) for s in body["support"]]),
                  left_out=tuple([_known(LeftOut, s) for s in body["left_out"]]))  # fmt: skip


def _kernel(body: dict[str, Any]) -> BundledKernel:
    block = body["block"]
    return _known(BundledKernel, body, block=None if block is None else tuple(block),
                  parameters=tuple([_known(Parameter, p) for p in body["parameters"]]),
                  variants=tuple([_variant(v) for v in body["variants"]]))  # fmt: skip


def _variant(body: dict[str, Any]) -> BundledVariant:
    return _known(BundledVariant, body, params=_params(body["params"]),
                  artifacts=tuple([_artifact(a) for a in body["artifacts"]]))  # fmt: skip


def _params(rows: Sequence[dict[str, Any]]) -> tuple[Param, ...]:
    return tuple([_known(Param, p) for p in rows])


def _artifact(body: dict[str, Any]) -> BundledArtifact:
    return _known(BundledArtifact, body, entry=_entry(body["entry"]), block=_triple(body["block"]),
                  sites=tuple([_site(s) for s in body["sites"]]), requires=tuple(body["requires"]),
                  arguments=tuple([_known(Argument, a) for a in body["arguments"]]))  # fmt: skip


def _entry(body: dict[str, Any]) -> Entry:
    return _known(Entry, body, params=_params(body["params"]), block=_triple(body["block"]))


def _site(body: dict[str, Any]) -> Site:
    return _known(Site, body, place=tuple(body["place"]), parts=tuple([tuple(p) for p in body["parts"]]))


def _triple(value: Sequence[int] | None) -> tuple[int, int, int] | None:
    if value is None:
        return None
    x, y, z = value
    return x, y, z
