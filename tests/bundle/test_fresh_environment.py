"""The photo example from a bundle, in an environment that has kdsl and NumPy and nothing else, and how long its first result takes.

One idea: an environment is a folder with two links that Python is shown in place of its packages; the program is the example's
own text, with the kernels taken from the bundle.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kdsl
from kdsl.kernel import Kernel
from kdsl.target import cpu_target_of_host

ROOT = Path(__file__).resolve().parents[2]
FIRST_RESULT_MS = 60.0  # from the end of `import kdsl`, on a machine that has nothing else to do
SLACK = 5  # tests share their machine with others

PROGRAM = """
import importlib.util, json, sys, time
site, bundle, picture, cache = sys.argv[1:]
sys.path.insert(0, site)
import os
os.environ["KDSL_CACHE_DIR"] = cache
there = [name for name in ("llvmlite", "lark", "typer", "rich", "numba", "scipy") if importlib.util.find_spec(name)]
assert not there, there
import numpy as np
rgb = np.load(picture)
import kdsl
start = time.perf_counter()
kdsl.freeze()
kernels = kdsl.load(bundle)
for name in kernels:
    globals()[name] = kernels[name]
{functions}
grey = run_greyscale(rgb)
first = time.perf_counter()
results = [grey, run_blur(grey), run_sobel(run_blur(grey)), run_equalise(grey), run_bilateral(grey)]
all_of_them = time.perf_counter()
compiler = [m for m in sys.modules if m.startswith(("kdsl.codegen", "kdsl.frontend.lowering", "kdsl.ir.passes", "kdsl.ir.core"))]
print(json.dumps({{"first_ms": (first - start) * 1e3, "all_ms": (all_of_them - start) * 1e3, "compiler": compiler}}))
np.savez(os.path.join(cache, "results.npz"), *results)
"""


def program() -> str:
    """The example's host side: its constants, and the functions that launch."""
    tree = ast.parse((ROOT / "examples" / "photo.py").read_text(encoding="utf-8"))
    kept = [n for n in tree.body if isinstance(n, ast.Assign)
            or (isinstance(n, ast.FunctionDef) and (n.name == "gaussian_taps" or n.name.startswith("run_")))]  # fmt: skip
    return PROGRAM.format(functions="\n".join(map(ast.unparse, kept)))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the bundle, a picture, and `site`: kdsl and NumPy."""
    folder = tmp_path_factory.mktemp("fresh")
    (folder / "site").mkdir()
    numpy = Path(np.__file__).parent
    for package in (ROOT / "kdsl", numpy, numpy.with_name("numpy.libs")):
        if package.exists():
            (folder / "site" / package.name).symlink_to(package)
    sys.path.insert(0, str(ROOT / "examples"))
    import photo

    kernels = [k for k in vars(photo).values() if isinstance(k, Kernel)]
    kdsl.build(kernels, folder / "photo.kdsl", [cpu_target_of_host()])
    np.save(folder / "picture.npy", np.random.default_rng(1).integers(0, 256, (600, 512, 3), np.uint8))
    (folder / "program.py").write_text(program(), encoding="utf-8")
    return folder


def run(environment: Path, cache: Path) -> dict:
    cache.mkdir()
    given = [environment / "program.py", environment / "site", environment / "photo.kdsl", environment / "picture.npy", cache]
    done = subprocess.run([sys.executable, "-I", "-S", *map(str, given)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_photo_example_runs_without_the_compiler(environment: Path, tmp_path: Path) -> None:
    import photo

    found = [run(environment, tmp_path / f"cache{n}") for n in range(2)]
    assert not found[0]["compiler"]
    assert min(f["first_ms"] for f in found) < FIRST_RESULT_MS * SLACK, found
    rgb = np.load(environment / "picture.npy")
    with np.load(tmp_path / "cache0" / "results.npz") as results:
        grey, blurred, edges, equalised, smooth = results.values()
    assert np.array_equal(grey, photo.numpy_greyscale(rgb)) and np.array_equal(equalised, photo.numpy_equalise(grey))
    assert np.abs(smooth - photo.numpy_bilateral(grey)).max() < 1e-2
    assert np.abs(blurred - photo.scipy_blur(grey)).max() < 1e-2 and np.abs(edges - photo.scipy_sobel(blurred)).max() < 1e-2
