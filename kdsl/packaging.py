"""Bundles in wheels: hooks by which setuptools and hatchling compile a project's kernels while they build it.

One idea: a hook does what `kdsl build` does with the project's own [tool.kdsl.build], and puts the bundle into the wheel at the
place that `output` says; the source tree stays as it is.

    # setuptools                                      # hatchling
    [build-system]                                    [build-system]
    requires = ["setuptools>=64", "kdsl"]             requires = ["hatchling", "kdsl"]
    build-backend = "setuptools.build_meta"           build-backend = "hatchling.build"

    [tool.setuptools.cmdclass]                        [tool.hatch.build.targets.wheel.hooks.kdsl]
    build_py = "kdsl.packaging.BuildPy"
"""

from __future__ import annotations

import os
from dataclasses import replace

from setuptools.command.build_py import build_py

from .bundle.command import make_bundle
from .bundle.settings import read_settings

__all__ = ["BuildPy", "build_into"]


def build_into(project: str, folder: str) -> str:
    """Build the bundle of the project in `project` at its place below `folder`; gives that place, relative. K679 and what building
    raises."""
    settings = read_settings(project)
    place = os.path.relpath(settings.output, project)
    output = os.path.join(folder, place)
    os.makedirs(os.path.dirname(output), exist_ok=True)
    make_bundle(replace(settings, output=output, library=""))
    return place


class BuildPy(build_py):
    """setuptools' `build_py`, and the bundle after it. In an editable install the bundle lies in the source tree."""

    def run(self) -> None:
        super().run()
        build_into(os.getcwd(), "." if self.editable_mode else self.build_lib)
