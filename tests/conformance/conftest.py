"""Which tests of the suite share compilations: pytest-xdist gives them to one worker.

One idea: a backend that compiles many functions at once is told of the functions of a few tests together (`prepare`), by the first
of them that runs. Were they spread over the workers, each would compile all of them.
"""

from __future__ import annotations

from typing import Any

import pytest
from conformance.base import Backend


def together(item: Any) -> str:
    """A name for what is compiled with this test's code; "" for nothing."""
    found = getattr(item, "callspec", None)
    backend = found.params.get("backend") if found is not None else None
    share = getattr(item.module, "share_of", None)
    if not isinstance(backend, Backend) or not backend.batches or share is None:
        return ""
    return f"{backend.name} {item.module.__name__} {share(item.originalname, found.params)}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[Any]) -> None:
    for item in items:
        name = together(item) if item.nodeid.startswith("tests/conformance/") else ""
        if name:
            item.add_marker(pytest.mark.xdist_group(name))
