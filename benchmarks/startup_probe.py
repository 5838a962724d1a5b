"""One start-up measure, in a process of its own; `startup.py` starts it many times.

One idea: a fresh process is the only honest place to time an import or a first compilation, so this file does one
thing per run and prints one line of JSON: milliseconds, modules that it loaded meanwhile, megabytes resident at the end.

    startup_probe.py import | numpy | saxpy [MODULE ...] | long [MODULE ...]
"""

import json
import sys
import time


def _resident_mb() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


def _import() -> dict:
    import numpy  # noqa: F401  # everyone who calls a kernel has numpy already

    before = set(sys.modules)
    start = time.perf_counter()
    import kdsl  # noqa: F401

    return {"ms": (time.perf_counter() - start) * 1e3, "modules": sorted(set(sys.modules) - before)}


def _numpy() -> dict:
    import numpy as np

    x, y = np.arange(1000, dtype=np.float32), np.ones(1000, np.float32)
    y += 2 * x
    return {"mb": _resident_mb()}


def _first_call(which: str, modules: list[str]) -> dict:
    """Time from the decorator to the end of a kernel's first call; `modules` are imported before the clock starts."""
    import importlib

    import numpy as np

    import kdsl
    from kdsl import Array, f32

    for name in modules:
        importlib.import_module(name)
    if which == "long":

        def call() -> None:
            from startup_long import aurora

            aurora.over((64, 64))(0.5, image)

        image = np.zeros((64, 64, 3), np.float32)
    else:

        x, y = np.arange(1000, dtype=np.float32), np.ones(1000, np.float32)

        def call() -> None:
            @kdsl.kernel
            def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
                i = kdsl.global_id(0)
                if i < y.shape[0]:
                    y[i] = a * x[i] + y[i]

            saxpy[kdsl.cdiv(1000, 256), 256](2.0, x, y)

    before = set(sys.modules)
    start = time.perf_counter()
    call()
    ms = (time.perf_counter() - start) * 1e3
    assert np.all(np.isfinite(image)) and image.max() > 0 if which == "long" else np.array_equal(y, 2 * x + 1)
    return {"ms": ms, "modules": sorted(set(sys.modules) - before), "mb": _resident_mb()}


def _main(which: str, *modules: str) -> dict:
    if which == "import":
        return _import()
    return _numpy() if which == "numpy" else _first_call(which, list(modules))


if __name__ == "__main__":
    print(json.dumps(_main(*sys.argv[1:])))
