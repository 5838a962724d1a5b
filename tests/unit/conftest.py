from __future__ import annotations

from collections.abc import Iterator

import pytest
from lowered import V4, runs


@pytest.fixture(autouse=True)
def _runs_what_it_is_given(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that is given x86-64-v4 runs its code, on whatever machine."""
    spec = getattr(request.node, "callspec", None)
    given = spec is not None and any(isinstance(x, str) and x == V4.arch for x in spec.params.values())
    if given:
        with runs(V4):
            yield
    else:
        yield
