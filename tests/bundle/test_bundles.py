"""Bundles: built, loaded, launched as the kernels they were made of; what is damaged, missing or of another version is said."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from bundle import kernels

import kdsl
from kdsl.bundle.building import build, plan
from kdsl.bundle.choice import artifacts_for
from kdsl.bundle.schema import manifest_schema
from kdsl.bundle.store import write_bundle
from kdsl.diagnostics import KernelFault, LaunchError
from kdsl.target import CPU_TARGETS, cpu_target_of_host, parse_target

ROOT = Path(__file__).resolve().parents[2]
KERNELS = [kernels.saxpy, kernels.totals, kernels.checked]
HERE = cpu_target_of_host().arch
GPUS = ["cuda:sm_80", "vulkan:1.3", "hip:gfx942", "metal:3.1", "opencl"]
OTHER = "aarch64" if HERE != "aarch64" else "x86-64-v3"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return build(plan(KERNELS, [HERE, OTHER])).files


@pytest.fixture(scope="module", params=["bundle", "bundle.kdsl"])
def path(request: Any, files: dict[str, bytes], tmp_path_factory: Any) -> str:
    where = str(tmp_path_factory.mktemp("built") / request.param)
    write_bundle(where, files)
    return where


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("step", [1, 3])
def test_flat_kernels_run(path: str, dtype: Any, step: int) -> None:
    loaded = kdsl.load(path)
    x, y = np.arange(999, dtype=dtype), np.ones(999, dtype)
    expected = y.copy()
    expected[::step] += 2 * x[::step]
    n = len(x[::step])
    loaded.saxpy.over(n)(2.0, x[::step], y[::step])
    assert np.array_equal(y, expected)
    loaded["saxpy"][4, 256](-2.0, x[::step], y[::step])
    assert np.array_equal(y, np.ones(999, dtype))


@pytest.mark.parametrize("scale", [2, 3])
@pytest.mark.parametrize("block", [64, 32])
def test_kernels_that_see_their_block_run(path: str, scale: int, block: int) -> None:
    """In blocks that the code was made for, and in others."""
    x, out = np.arange(640, dtype=np.int32), np.zeros(640 // block, np.int32)
    kdsl.load(path).totals[640 // block, block](x, out, SCALE=scale)
    assert np.array_equal(out, x.reshape(-1, block).sum(1) * scale)


def test_debug_builds_report(path: str) -> None:
    x = np.zeros(8, np.float32)
    checked = kdsl.load(path).checked
    checked.over(8)(x, 0)
    assert x.all()
    with pytest.raises(KernelFault) as fault:
        checked.over(8)(x, 3)
    assert fault.value.code == "K440" and "index 8" in str(fault.value)


def test_repeated_and_bound_launches(path: str) -> None:
    saxpy = kdsl.load(path).saxpy
    x, y = np.ones(100, np.float32), np.zeros(100, np.float32)
    for _ in range(50):
        saxpy.over(100)(1.0, x, y)
    run = saxpy.over(100).bind(1.0, x, y)
    for _ in range(50):
        run()
    assert (y == 100).all()


@pytest.mark.parametrize(
    "call, code",
    [
        (lambda k: k.saxpy.over(4)(2, np.ones(4, np.int32), np.ones(4, np.int32)), "K674"),
        (lambda k: k.saxpy.over(4)(2.0, np.ones((4, 4), np.float32), np.ones(4, np.float32)), "K674"),
        (lambda k: k.totals[1, 64](np.ones(64, np.int32), np.ones(1, np.int32), SCALE=4), "K674"),
        (lambda k: k.totals[1, 64](np.ones(64, np.int32), np.ones(1, np.int32)), "K601"),
        (lambda k: k.saxpy.over(4)(2.0, np.ones(4, np.float32)), "K601"),
        (lambda k: k.saxpy(2.0, np.ones(4, np.float32), np.ones(4, np.float32)), "K659"),
        (lambda k: k["sum"], "K670"),
        (lambda k: k.saxpy.over(4)(2.0, None, np.ones(4, np.float32)), "K611"),
    ],
)
def test_mistakes_are_said(path: str, call: Any, code: str) -> None:
    with pytest.raises(LaunchError) as error:
        call(kdsl.load(path))
    assert error.value.code == code
    assert "help" in str(error.value)


def test_a_missing_name_is_an_attribute_error(path: str) -> None:
    with pytest.raises(AttributeError, match="its kernels are: saxpy, totals, checked"):
        _ = kdsl.load(path).foo
    assert list(kdsl.load(path)) == ["saxpy", "totals", "checked"]


def test_no_code_for_this_machine(tmp_path: Path) -> None:
    kdsl.build([kernels.saxpy], tmp_path / "other", [OTHER])
    with pytest.raises(LaunchError) as error:
        kdsl.load(tmp_path / "other").saxpy.over(4)(2.0, np.ones(4, np.float32), np.ones(4, np.float32))
    assert error.value.code == "K673" and HERE in str(error.value)


def test_two_builds_are_the_same_bytes(tmp_path: Path, files: dict[str, bytes]) -> None:
    """Also in another process and folder, with another seed of hashes and nothing in the cache; of GPU targets, too."""
    code = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "import kernels, kdsl\n"
        "of = [kernels.saxpy, kernels.totals, kernels.checked]\n"
        f"kdsl.build(of, sys.argv[3] + '.kdsl', {[HERE, OTHER]})\n"
        f"kdsl.build(of[1:], sys.argv[3] + '-gpu.kdsl', {GPUS})\n"
    )
    for seed in ("1", "2"):
        folder = tmp_path / f"folder{seed}"
        folder.mkdir()
        shutil.copy(ROOT / "tests" / "bundle" / "kernels.py", folder)
        env = {**os.environ, "PYTHONHASHSEED": seed, "KDSL_CACHE_DIR": str(tmp_path / f"cache{seed}")}
        subprocess.run([sys.executable, "-c", code, str(ROOT), str(folder), str(tmp_path / seed)], check=True, env=env)
    write_bundle(str(tmp_path / "0.kdsl"), files)
    builds = [(tmp_path / f"{n}.kdsl").read_bytes() for n in range(3)]
    assert builds[0] == builds[1] == builds[2]
    assert (tmp_path / "1-gpu.kdsl").read_bytes() == (tmp_path / "2-gpu.kdsl").read_bytes()


def test_loading_needs_no_compiler(path: str) -> None:
    """Not its packages, not its modules, not the source."""
    code = f"""
import sys
class Nothing:
    def find_spec(self, name, *rest):
        if name.split(".")[0] in ("llvmlite", "lark", "typer", "rich"):
            raise ImportError(name + " must not be asked for")
sys.meta_path.insert(0, Nothing())
import numpy as np, kdsl
kdsl.freeze()
kernels = kdsl.load({path!r})
n = 1 << 20
x, y = np.ones(n, np.float32), np.zeros(n, np.float32)
for _ in range(40):
    kernels.saxpy.over(n)(3.0, x, y)
assert (y == 120).all()
from kdsl.runtime.cpu.threads import pool_status
compiler = [m for m in sys.modules if m.startswith(("kdsl.codegen", "kdsl.frontend.lowering", "kdsl.ir.passes"))]
assert not compiler, compiler
"""
    env = {**os.environ, "KDSL_CACHE_SIZE": "0", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], check=True, env=env, cwd=Path(path).parent)


# --- damage ---


@pytest.mark.parametrize("part", range(4))
def test_mutations_are_found(part: int, files: dict[str, bytes], tmp_path: Path) -> None:
    """1,000 of them over the parts: a changed byte, a cut, bytes too many, a file missing. Each an error, or the right result."""
    rng = random.Random(part)
    whole = tmp_path / "whole.kdsl"
    write_bundle(str(whole), files)
    archive = whole.read_bytes()
    folder = tmp_path / "folder"
    codes: list[str] = []
    for n in range(250):
        if n % 2:
            target = tmp_path / "mutated.kdsl"
            target.write_bytes(_mutated(rng, archive))
        else:
            target = folder
            write_bundle(str(folder), files)
            name = rng.choice(sorted(files))
            if rng.random() < 0.1:
                (folder / name).unlink()
            else:
                (folder / name).write_bytes(_mutated(rng, files[name]))
        x, y = np.arange(64, dtype=np.float32), np.ones(64, np.float32)
        try:
            kdsl.load(target).saxpy.over(64)(2.0, x, y)
        except LaunchError as error:
            codes.append(error.code if "help" in str(error) else "an error without a remedy")
            continue
        assert np.array_equal(y, 2 * x + 1)  # the damage was in what this launch does not read
    assert set(codes) <= {"K670", "K671", "K672"}
    assert len(codes) > 50


def _mutated(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    kind = rng.random()
    if kind < 0.7:
        return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
    return data[:at] if kind < 0.85 else data[:at] + rng.randbytes(rng.randrange(1, 20)) + data[at:]


def test_another_version_is_said(files: dict[str, bytes], tmp_path: Path) -> None:
    manifest = json.loads(files["manifest.json"])
    manifest["version"] = 3
    write_bundle(str(tmp_path / "b"), {**files, "manifest.json": json.dumps(manifest).encode()})
    with pytest.raises(LaunchError) as error:
        kdsl.load(tmp_path / "b")
    assert error.value.code == "K671"


@pytest.mark.parametrize("given", [3, None, ["x"], "zip"], ids=str)
def test_what_is_no_path(given: Any, tmp_path: Path) -> None:
    if given == "zip":
        with zipfile.ZipFile(tmp_path / "package.zip", "w") as archive:
            archive.writestr("kernels.kdsl", b"")
        given = zipfile.Path(tmp_path / "package.zip") / "kernels.kdsl"
    with pytest.raises(kdsl.LaunchError) as caught:
        kdsl.load(given)
    assert caught.value.code == "K670" and "kdsl.load" in str(caught.value)
    assert ("as_file" if isinstance(given, zipfile.Path) else "kdsl build") in caught.value.diagnostic.help


@pytest.mark.parametrize("make", ["missing", "empty_folder", "text", "archive"])
def test_no_bundle_at_all(make: str, tmp_path: Path) -> None:
    path = tmp_path / "b.kdsl"
    if make == "empty_folder":
        path.mkdir()
    elif make == "text":
        path.write_text("hello")
    elif make == "archive":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.txt", "hello")
    with pytest.raises(LaunchError) as error:
        kdsl.load(path)
    assert error.value.code == "K670"


# --- the manifest ---


def test_the_manifest_is_that_of_the_schema(files: dict[str, bytes]) -> None:
    schema = manifest_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(files["manifest.json"]), schema)
    broken = json.loads(files["manifest.json"])
    del broken["kernels"][0]["variants"][0]["artifacts"][0]["entry"]["width"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


def test_the_published_schema_is_todays(golden: Any) -> None:
    golden(ROOT / "docs" / "bundle.schema.json", json.dumps(manifest_schema(), indent=1) + "\n")


# --- which artifact ---


@pytest.mark.parametrize(
    "device, offered, wanted",
    [
        ("cuda:sm_90", ["cuda:sm_80", "cuda:sm_100", "cuda:sm_75", "cuda:sm_90a"], ["cuda:sm_90a", "cuda:sm_80", "cuda:sm_75"]),
        ("cuda:sm_86", ["cuda:sm_90a", "cuda:sm_90"], []),
        ("hip:gfx942", ["hip:gfx90a", "hip:gfx942"], ["hip:gfx942"]),
        ("metal:3.1", ["metal:2.4", "metal:3.1", "metal:3.2"], ["metal:3.1", "metal:2.4"]),
        ("vulkan:1.3", ["vulkan:1.2", "vulkan:1.3", "opencl:3.0"], ["vulkan:1.3", "vulkan:1.2"]),
    ],
)
def test_a_device_gets_the_best_code_that_runs(device: str, offered: list[str], wanted: list[str]) -> None:
    assert artifacts_for(offered, parse_target(device)) == wanted


def test_processors_get_what_they_have_the_instructions_for() -> None:
    host = cpu_target_of_host()
    names = artifacts_for([f"cpu:{arch}" for arch in CPU_TARGETS], host)
    assert names[0] == host.name
    assert ("cpu:aarch64" in names) == (host.arch == "aarch64")


# --- the command ---


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-m", "kdsl", "build", *arguments], cwd=cwd, env=env, capture_output=True, text=True)


def test_the_command_line(tmp_path: Path) -> None:
    shutil.copy(ROOT / "tests" / "bundle" / "kernels.py", tmp_path)
    made = run("kernels.py", "-o", "k.kdsl", "--target", HERE, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "saxpy" in made.stdout and "k.kdsl: " in made.stdout
    again = ("kernels.py", "-o", "k.kdsl", "--target", HERE, "--check")
    assert run(*again, cwd=tmp_path).returncode == 0
    source = (tmp_path / "kernels.py").read_text()
    (tmp_path / "kernels.py").write_text(source.replace("a * x[i]", "a - x[i]"))
    changed = run(*again, cwd=tmp_path)
    assert changed.returncode == 1 and "kernel saxpy has changed" in changed.stderr
    (tmp_path / "kernels.py").write_text("# moved\n" + source)  # other lines, the same kernels
    assert run(*again, cwd=tmp_path).returncode == 0


def test_the_settings_of_a_project(tmp_path: Path) -> None:
    shutil.copy(ROOT / "tests" / "bundle" / "kernels.py", tmp_path)
    table = f'[tool.kdsl.build]\nkernels = ["kernels.py"]\noutput = "out"\ntargets = ["{HERE}"]\n'
    (tmp_path / "pyproject.toml").write_text(table)
    assert run(cwd=tmp_path).returncode == 0
    assert (tmp_path / "out" / "manifest.json").is_file()
    assert run("--check", cwd=tmp_path).returncode == 0
    (tmp_path / "pyproject.toml").write_text(table + "target = 3\n")
    wrong = run(cwd=tmp_path)
    assert wrong.returncode == 1 and "no key 'target'" in wrong.stderr


@pytest.mark.parametrize("arguments", [["kernels.py"], ["missing.py", "-o", "x"], ["kernels.py", "-o", "x", "--target", "sm_20"]])
def test_wrong_command_lines(arguments: list[str], tmp_path: Path) -> None:
    shutil.copy(ROOT / "tests" / "bundle" / "kernels.py", tmp_path)
    wrong = run(*arguments, cwd=tmp_path)
    assert wrong.returncode == 1 and "help:" in wrong.stderr and "Traceback" not in wrong.stderr, wrong.stderr
