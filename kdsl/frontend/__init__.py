"""A Python function becomes IR: `build`, and `annotations` for what its parameters say about themselves.

Reading order: `source` (find and parse the text), `facts` (names and liveness), `host_types`, `parameters`, `outside` (what
a kernel took from the program around it), `values` (what an expression can be), `promote` (types of arithmetic),
`lowering` (the state and its verbs), `capture` (names), `operators`, `places` (elements and fields), `merge` (where paths
meet), `branches`, `expressions`, `statements`, `loops`, `calls`, `intrinsics/`, `entry` (build). Imports only `kdsl.ir`
and the layer below.

A launch of code from the cache needs `source`, `parameters` and `outside`, so the names here load at first use.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .entry import build
    from .outside import captures_changed
    from .parameters import NO_DEFAULT, ParamSpec, parameter_specs as annotations
    from .source import capture_source

__all__ = ["NO_DEFAULT", "ParamSpec", "annotations", "build", "capture_source", "captures_changed"]

_WHERE = {
    "NO_DEFAULT": ("parameters", "NO_DEFAULT"), "ParamSpec": ("parameters", "ParamSpec"),
    "annotations": ("parameters", "parameter_specs"), "build": ("entry", "build"),
    "capture_source": ("source", "capture_source"), "captures_changed": ("outside", "captures_changed"),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    where = _WHERE.get(name)
    if where is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{where[0]}"), where[1])
