"""The build hook `kdsl` of hatchling: see `kdsl.packaging`.

One idea: hatchling finds plugins by the entry points of installed packages (group "hatch"), so naming the hook in a project's
pyproject.toml is all that a project has to do.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.plugin import hookimpl

from .bundle.command import make_bundle
from .bundle.settings import read_settings

__all__ = ["KdslBuildHook", "hatch_register_build_hook"]


class KdslBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the project's bundle, and puts it into the wheel."""

    PLUGIN_NAME = "kdsl"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version
        settings = read_settings(self.root)
        self._scratch = tempfile.TemporaryDirectory()
        place = os.path.relpath(settings.output, self.root)
        output = os.path.join(self._scratch.name, os.path.basename(place))
        make_bundle(replace(settings, output=output, library=""))
        build_data["force_include"][output] = place

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        del version, build_data, artifact_path
        self._scratch.cleanup()


@hookimpl
def hatch_register_build_hook() -> type[KdslBuildHook]:
    return KdslBuildHook
