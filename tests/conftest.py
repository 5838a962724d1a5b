"""Settings and fixtures of the whole suite.

One idea: a run leaves no trace and takes nothing from earlier runs: the cache of compiled code is a fresh folder per
worker, set before anything can read the variable.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from toolbox import require_tool as _require_tool


def _has_validation() -> bool:
    """Whether Vulkan's validation layer is installed; in continuous integration it has to be."""
    folders = ("/usr/share/vulkan", "/etc/vulkan", "/usr/local/share/vulkan")
    name = "explicit_layer.d/VkLayer_khronos_validation.json"
    return bool(os.environ.get("CI")) or any(os.path.exists(f"{folder}/{name}") for folder in folders)


_cache = tempfile.mkdtemp(prefix=f"kdsl-test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-")
_owner = os.getpid()
os.environ["KDSL_CACHE_DIR"] = _cache
# What a developer's shell may have set must not change what is tested.
for _name in ("KDSL_DEBUG", "KDSL_INTERPRET", "KDSL_DUMP", "KDSL_DEVICE", "KDSL_TARGET", "KDSL_CACHE_SIZE"):
    os.environ.pop(_name, None)
os.environ["KDSL_VULKAN_VALIDATION"] = "1" if _has_validation() else "0"
os.environ["KDSL_VERIFY"] = "1"  # every pass's result is checked, not only the last one's


@atexit.register
def _remove_cache() -> None:
    if os.getpid() == _owner:  # not in a forked child
        shutil.rmtree(_cache, ignore_errors=True)


try:
    from hypothesis import HealthCheck, settings
except ImportError:  # the property tests say themselves that they need it
    pass
else:
    # A first example compiles, the next ones do not: time per example says nothing.
    settings.register_profile(
        "kdsl", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
    )
    settings.load_profile("kdsl")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of this suite."""
    parser.addoption("--update-golden", action="store_true", help="write what golden tests find instead of comparing")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that see a fault of the emulated processor run there, and may fail; see `entries`."""
    if not os.environ.get("TEST_AVX512"):
        return
    from entries import fault_of

    for item in items:
        if reason := fault_of(item.nodeid):  # not strict: a later release of the emulator may have mended it
            item.add_marker(pytest.mark.xfail(reason=reason, strict=False))


@pytest.fixture
def require_tool() -> Callable[..., str]:
    """`require_tool("qemu-aarch64")`: its path, or a skip with the reason; a failure where CI is set."""
    return _require_tool


@pytest.fixture(autouse=True)
def _vulkan_is_used_as_it_must_be() -> Iterator[None]:
    """What the validation layer says of a test's use of Vulkan fails the test."""
    yield
    instance = sys.modules.get("kdsl.runtime.vulkan.instance")
    if instance is not None and instance.messages:
        said = list(instance.messages)
        instance.messages.clear()
        pytest.fail("the Vulkan validation layer says: " + "\n".join(said), pytrace=False)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """`golden(path, text)`: the text must be what the file holds; `--update-golden` writes the file instead."""
    update = request.config.getoption("--update-golden")

    def check(path: Path, text: str) -> None:
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        assert path.exists(), f"{path} does not exist; make it with pytest --update-golden, and read it"
        assert text == path.read_text(encoding="utf-8")

    return check


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder for this test alone, also for processes that it starts."""
    path = tmp_path / "cache"
    path.mkdir()
    monkeypatch.setenv("KDSL_CACHE_DIR", str(path))
    return path
