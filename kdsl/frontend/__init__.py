"""A Python function becomes IR: `build`, and `annotations` for what its parameters say about themselves.

Reading order: `texts` (what a name's text is now), `source` (find and parse it), `facts` (names and liveness),
`parameters`, `outside` (what a kernel takes from the program around it), `values` (what an expression can be), `promote`
(types of arithmetic), `lowering` (the state and its verbs), `capture` (names), `operators`, `places` (elements and fields),
`merge` (where paths meet), `branches`, `expressions`, `statements`, `loops`, `inlined` (calls once more), `calls`,
`intrinsics/`, `entry` (build). Imports only `kdsl.ir` and the layer below.

A launch of code from the cache needs `parameters` and `outside`, so the names here load at first use.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .entry import build
    from .outside import captures_changed
    from .parameters import NO_DEFAULT, ParamSpec, parameter_specs as annotations

__all__ = ["NO_DEFAULT", "ParamSpec", "annotations", "build", "captures_changed"]

_WHERE = {
    "NO_DEFAULT": ("parameters", "NO_DEFAULT"), "ParamSpec": ("parameters", "ParamSpec"),
    "annotations": ("parameters", "parameter_specs"), "build": ("entry", "build"),
    "captures_changed": ("outside", "captures_changed"),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    where = _WHERE.get(name)
    if where is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{where[0]}"), where[1])
