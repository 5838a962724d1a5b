"""The manifest as a JSON schema, for programs that are not kdsl: docs/bundle.schema.json.

One idea: the dataclasses of `manifest` are the schema; this writes them in the words of JSON Schema 2020-12, so the two cannot
differ. `python -m kdsl.bundle.schema` prints it.
"""

from __future__ import annotations

import json
import types
import typing
from dataclasses import fields, is_dataclass
from typing import Any

from ..artifact import Entry, Param, Site
from . import manifest as m

__all__ = ["manifest_schema"]

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}
_WORDS = {"sha256": "^[0-9a-f]{64}$", "source_sha256": "^[0-9a-f]{64}$"}


def manifest_schema() -> dict[str, Any]:
    """The schema of manifest.json."""
    kinds = (
        m.BundledKernel,
        m.BundledVariant,
        m.BundledArtifact,
        m.Argument,
        m.Parameter,
        m.Support,
        m.LeftOut,
        Entry,
        Param,
        Site,
    )
    top = _object(m.Manifest)
    top["properties"] = {
        "format": {"const": m.FORMAT},
        "version": {"const": m.VERSION},
        **top["properties"],
        "sha256": {"type": "string", "pattern": _WORDS["sha256"]},
    }
    top["required"] = list(top["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The manifest of a bundle of kdsl kernels",
        "description": "docs/BUNDLES.md explains each field.",
        **top,
        "$defs": {kind.__name__: _object(kind) for kind in kinds},
    }


def _object(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    properties = {f.name: _type(hints[f.name], f.name) for f in fields(kind)}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _type(t: Any, name: str = "") -> dict[str, Any]:
    origin, inner = typing.get_origin(t), typing.get_args(t)
    if t is Any:
        return {}
    if is_dataclass(t):
        return {"$ref": f"#/$defs/{t.__name__}"}  # type: ignore[union-attr]
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [{"type": "null"} if a is types.NoneType else _type(a) for a in inner]}
    if origin is tuple and inner[1:] == (Ellipsis,):
        return {"type": "array", "items": _type(inner[0])}
    if origin is tuple:
        return {
            "type": "array",
            "prefixItems": [_type(a) for a in inner],
            "minItems": len(inner),
            "maxItems": len(inner),
        }
    if origin is dict:
        return {"type": "object"}
    plain: dict[str, Any] = {"type": _PLAIN[t]}
    return {**plain, "pattern": _WORDS[name]} if name in _WORDS else plain


if __name__ == "__main__":
    print(json.dumps(manifest_schema(), indent=1))
