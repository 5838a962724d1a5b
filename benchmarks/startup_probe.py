"""One start-up measure, in a process of its own; `startup.py` starts it many times.

One idea: a fresh process is the only honest place to time an import or a first compilation, so this file does one
thing per run and prints one line of JSON. Usage: startup_probe.py import | loads | first-call [MODULE ...]
"""

import json
import sys
import time


def _import() -> object:
    import numpy  # noqa: F401  # everyone who calls a kernel has numpy already

    before = set(sys.modules)
    start = time.perf_counter()
    import kdsl  # noqa: F401

    return {"ms": (time.perf_counter() - start) * 1e3, "modules": sorted(set(sys.modules) - before)}


def _first_call(modules: list[str]) -> object:
    """Time of a kernel's first call; `modules` are imported before the clock starts. Says which it loaded itself."""
    import importlib

    import numpy as np

    import kdsl
    from kdsl import Array, f32

    for name in modules:
        importlib.import_module(name)

    @kdsl.kernel
    def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
        i = kdsl.global_id(0)
        if i < y.shape[0]:
            y[i] = a * x[i] + y[i]

    x = np.arange(1000, dtype=np.float32)
    y = np.ones(1000, np.float32)
    before = set(sys.modules)
    start = time.perf_counter()
    saxpy[kdsl.cdiv(1000, 256), 256](2.0, x, y)
    ms = (time.perf_counter() - start) * 1e3
    assert np.array_equal(y, 2 * x + 1)
    return {"ms": ms, "modules": sorted(set(sys.modules) - before)}


if __name__ == "__main__":
    print(json.dumps(_import() if sys.argv[1] == "import" else _first_call(sys.argv[2:])))
