"""A Python function becomes IR: `build`, and `annotations` for what its parameters say about themselves.

Reading order: `source` (find and parse the text), `facts` (names and liveness), `annotations`, `values` (what an
expression can be), `promote` (types of arithmetic), `lowering` (the state and its verbs), `capture` (names),
`operators`, `places` (elements and fields), `merge` (where paths meet), `branches`, `expressions`, `statements`,
`loops`, `calls`, `intrinsics/`, `entry` (build). Imports only `kdsl.ir` and the layer below.
"""

from . import calls, expressions, loops, statements
from .annotations import NO_DEFAULT, ParamSpec, parameter_specs as annotations
from .capture import captures_changed
from .entry import build
from .source import capture_source

__all__ = [
    "NO_DEFAULT", "ParamSpec", "annotations", "build", "calls", "capture_source", "captures_changed", "expressions",
    "loops", "statements",
]  # fmt: skip
