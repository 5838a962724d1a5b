"""One worker process: it is told names of tests and says how each one ended, a line of JSON each.

    python -m tests.check_gpu.worker DEVICE MODULE...

The parent ends a worker that takes too long, and starts another after one that crashed or whose device was lost.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback

__all__ = ["main", "tests_on"]


def tests_on(device: str, modules: list[str]) -> dict[str, object]:
    """The tests of these modules that run on a device, by name: those with a parameter that is the device (or its backend)."""
    from .collect import tests_of

    out = {}
    for module in modules:
        for test in tests_of(module):
            if any(device in (value, getattr(value, "device_name", None)) for value in test.values if _is_plain(value)):
                out[test.name] = test
    return out


def _is_plain(value: object) -> bool:
    return isinstance(value, str) or hasattr(value, "device_name")


def main(device: str, modules: list[str]) -> None:
    os.environ["KDSL_CHECK_GPU"] = device
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what tests print is no reply
    from .collect import Skipped, install, run

    install()
    from kdsl.runtime.driver import DeviceLost

    tests = tests_on(device, modules)
    print(json.dumps({"tests": list(tests)}), file=replies, flush=True)
    for line in sys.stdin:
        name = json.loads(line)
        start = time.perf_counter()
        lost = False
        try:
            run(tests[name])  # type: ignore[arg-type]
            outcome, text = "passed", ""
        except Skipped as e:
            outcome, text = "skipped", str(e)
        except BaseException as e:  # noqa: BLE001  # whatever a test raises is its result
            lost = isinstance(e, DeviceLost) or "CUDA_ERROR" in str(e)
            outcome, text = "failed", _short(e)
        reply = {"name": name, "outcome": outcome, "text": text, "seconds": time.perf_counter() - start, "lost": lost}
        print(json.dumps(reply), file=replies, flush=True)


def _short(e: BaseException) -> str:
    """The error, and where in the tests and in kdsl it came from."""
    frames = [f for f in traceback.extract_tb(e.__traceback__) if "/check_gpu/" not in f.filename]
    places = [f"{os.path.relpath(f.filename)}:{f.lineno} {f.name}" for f in frames[-6:]]
    return "\n".join([f"{type(e).__name__}: {e}"[:3000], *[f"  at {p}" for p in places]])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
