"""What tests of every folder share: tools that may be missing.

One idea: a check that needs a tool fails in continuous integration when the tool is missing, and is skipped with its
reason on a person's machine; it never passes silently.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from typing import NoReturn

import pytest

__all__ = ["missing", "require_module", "require_tool"]


def missing(reason: str) -> NoReturn:
    """Fails the test where CI is set, skips it with its reason elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(f"needed in continuous integration: {reason}", pytrace=False)
    pytest.skip(reason)


def require_tool(name: str, *others: str) -> str:
    """The path of the first of these programs that is installed."""
    for candidate in (name, *others):
        path = shutil.which(candidate)
        if path:
            return path
    missing(f"no {' or '.join((name, *others))} on the PATH")


def require_module(name: str) -> None:
    """Returns if the Python module is installed."""
    if importlib.util.find_spec(name) is None:
        missing(f"the Python module {name} is not installed")
