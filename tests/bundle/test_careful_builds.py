"""Building: names that would meet, folders that hold other things, files of packages, targets as vendors write them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from bundle import kernels

import kdsl
from kdsl import Array, bf16, f32, f64, i32, u16, vec
from kdsl.bundle.building import build, plan
from kdsl.bundle.settings import read_settings
from kdsl.bundle.store import write_bundle
from kdsl.diagnostics import CompileError, KdslError, LaunchError
from kdsl.ir.text import print_function
from kdsl.programs import UsageError, kernels_of
from kdsl.specialise import declared_signature
from kdsl.target import cpu_target_of_host, parse_target


@kdsl.kernel(export=[{"x": Array[f32, 1]}, {"x": Array[f64, 1]}])
def grow(x):
    i = kdsl.global_id(0)
    x[i] = x[i] + 1


@kdsl.kernel
def grow_f32(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = x[i] + 100


@kdsl.kernel(export=[{"name": "GROW_F64"}])
def shout(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = x[i] + 100


@pytest.mark.parametrize("other", [grow_f32, shout])
def test_exports_of_one_name_are_refused(other: kdsl.Kernel) -> None:
    """One of them would be read for the other: their files have their names."""
    with pytest.raises(LaunchError) as error:
        plan([grow, other], ["x86-64-v3"])
    assert error.value.code == "K678" and "grow" in str(error.value) and other.name in str(error.value)


def test_a_build_deletes_nothing_but_what_a_build_made(tmp_path: Path) -> None:
    (tmp_path / "kernels.py").write_text("mine")
    (tmp_path / "mine.o").write_text("mine")
    write_bundle(str(tmp_path), build(plan([kernels.saxpy], ["x86-64-v3"])).files)
    before = {p.name for p in tmp_path.iterdir()}
    write_bundle(str(tmp_path), build(plan([kernels.saxpy], ["aarch64"])).files)
    after = {p.name for p in tmp_path.iterdir()}
    assert {"kernels.py", "mine.o", "pool-aarch64.o"} <= after and (tmp_path / "kernels.py").read_text() == "mine"
    assert "pool-x86-64-v3.o" in before - after


def test_another_manifest_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"name": "an app"}')
    with pytest.raises(LaunchError) as error:
        kdsl.build([kernels.saxpy], tmp_path, ["x86-64-v3"])
    assert error.value.code == "K670" and "manifest.json" in str(error.value)
    assert (tmp_path / "manifest.json").read_text() == '{"name": "an app"}'


@pytest.mark.parametrize(
    "name, meant",
    [("vulkan1.3", "vulkan:1.3"), ("vulkan1.2", "vulkan:1.2"), ("metal3", "metal:3.0"), ("metal3.1", "metal:3.1")],
)
def test_targets_as_vendors_write_them(name: str, meant: str) -> None:
    assert parse_target(name).name == meant


def test_what_a_target_refuses_is_shown_in_its_line() -> None:
    with pytest.raises(CompileError) as error:
        build(plan([grow], ["metal:3.1"]))
    assert error.value.code == "K511" and "x[i] = x[i] + 1" in str(error.value)


KERNEL = """
import kdsl
from kdsl import Array, f32
from .parts.numbers import FACTOR

@kdsl.kernel
def times(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = x[i] * FACTOR
"""


def _package(folder: Path, factor: int) -> Path:
    (folder / "my_lib" / "parts").mkdir(parents=True)
    (folder / "my_lib" / "__init__.py").write_text("import kdsl\nkernels = kdsl.load(__path__[0] + '/not_built_yet')\n")
    (folder / "my_lib" / "parts" / "__init__.py").touch()
    (folder / "my_lib" / "parts" / "numbers.py").write_text(f"FACTOR = {factor}\n")
    (folder / "my_lib" / "kernels.py").write_text(KERNEL)
    return folder / "my_lib" / "kernels.py"


def test_kernels_of_packages_import_relatively(tmp_path: Path) -> None:
    """Also where the package loads the bundle that is not there yet; and of two packages of one name each has its own parts."""
    path = list(sys.path)
    for factor in (3, 5):
        (made,) = kernels_of(str(_package(tmp_path / f"of {factor}", factor)))
        assert f"{factor}.0" in print_function(made.ir(declared_signature(made, {}, {})[0]))
    assert sys.path == path and not [m for m in sys.modules if m.startswith("my_lib")]


@pytest.mark.parametrize(
    "text, said",
    [("import nothing_of_this_name", ":1: running the file raises ModuleNotFoundError"), ("x = 1\ndef f(:", ":2: "),
     ("\nimport sys\nsys.exit(3)", ":3: ")],
)  # fmt: skip
def test_a_file_that_does_not_run_is_said_in_one_message(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "k.py").write_text(text)
    with pytest.raises(UsageError) as error:
        kernels_of(str(tmp_path / "k.py"))
    assert said in str(error.value) and "help" in str(error.value)


# --- arrays whose elements are more than numbers ---


@kdsl.struct
class Body:
    place: vec(f32, 3)
    mass: f32
    kind: i32


@kdsl.kernel
def age(bodies: Array[Body, 1], by: i32):
    i = kdsl.global_id(0)
    bodies[i].kind += by
    bodies[i].place.y = bodies[i].mass


@kdsl.kernel
def shift(points: Array[vec(f32, 3), 1], by: vec(f32, 3)):
    i = kdsl.global_id(0)
    points[i] = points[i] + by


@kdsl.kernel(export=[{"x": Array[bf16, 1], "out": Array[f32, 1]}, {"x": Array[u16, 1], "out": Array[f32, 1]}])
def widen(x, out):
    i = kdsl.global_id(0)
    out[i] = f32(x[i])


@kdsl.kernel(export=[{"x": Array[bf16, 1]}])
def bits(x, out: Array[f32, 1]):
    i = kdsl.global_id(0)
    out[i] = f32(x[i])


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> kdsl.Bundle:
    path = tmp_path_factory.mktemp("rich") / "b.kdsl"
    kdsl.build([age, shift, widen, bits], path, [cpu_target_of_host()])
    return kdsl.load(path)


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("step", [1, -2])
def test_structs_are_taken_by_their_fields(rich: kdsl.Bundle, align: bool, step: int) -> None:
    fields = [("place", np.float32, 3), ("mass", np.float32), ("kind", np.int32)]
    found = np.zeros(9, np.dtype(fields, align=align))
    found["mass"] = np.arange(9)
    wanted = found.copy()
    mine, theirs = found[::step], wanted[::step]
    rich.age.over(len(mine))(mine, np.int64(2))
    age.over(len(theirs))(theirs, np.int64(2))
    assert np.array_equal(found, wanted) and mine["kind"].min() == 2
    with pytest.raises(LaunchError) as error:
        rich.age.over(3)(np.zeros(3, [("x", np.float32)]), 1)
    assert error.value.code == "K674"


@pytest.mark.parametrize("step", [1, 2])
def test_vectors_are_the_last_axis(rich: kdsl.Bundle, step: int) -> None:
    x = np.arange(24, dtype=np.float32).reshape(8, 3)
    wanted = x.copy()
    wanted[::step] += np.float32([1, 2, 3])
    rich.shift.over(len(x[::step]))(x[::step], (1, 2, 3))
    assert np.array_equal(x, wanted)
    ours = kdsl.device("cpu").array(x, "vec3<f32>")
    rich.shift.over(8)(ours, (0, 0, 1))
    assert np.array_equal(ours.numpy(), wanted + np.float32([0, 0, 1]))


def test_bits_are_taken_for_bf16_where_nothing_fits_better(rich: kdsl.Bundle) -> None:
    x, out = np.full(4, 0x4040, np.uint16), np.zeros(4, np.float32)
    rich.bits.over(4)(x, out)
    assert (out == 3).all()
    rich.widen.over(4)(x, out)
    assert (out == 0x4040).all()


# --- mistakes ---


@pytest.mark.parametrize("path", ["a file", "a folder.kdsl", "a file/b.kdsl"])
def test_a_place_that_cannot_be_written_is_said(path: str, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("mine")
    (tmp_path / "a folder.kdsl").mkdir()
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(LaunchError) as error:
        write_bundle(str(tmp_path / path), {"manifest.json": b"{}"})
    assert error.value.code == "K685" and sorted(os.listdir(tmp_path)) == before  # and nothing half made stays


def test_folders_above_an_archive_are_made(tmp_path: Path) -> None:
    kdsl.build([shift], tmp_path / "a" / "b" / "c.kdsl", ["aarch64"])
    assert [k for k in kdsl.load(tmp_path / "a" / "b" / "c.kdsl")] == ["shift"]


@kdsl.kernel(export=[])
def helper(x: Array[f32, 1]):
    x[0] = 1.0


@kdsl.kernel(export=[{"LIMIT": float("inf")}])
def limited(x: Array[f32, 1], LIMIT: kdsl.const):
    x[0] = min(x[0], LIMIT)


@pytest.mark.parametrize(
    "given, targets, code",
    [(shift, ["aarch64"], "K677"), ([3], ["aarch64"], "K677"), ([], ["aarch64"], "K677"), ([helper], ["aarch64"], "K677"),
     ([limited], ["aarch64"], "K677"), ([shift], "aarch64", "K501"), ([shift], [], "K501")],
)  # fmt: skip
def test_what_cannot_be_built_is_said(given: object, targets: object, code: str, tmp_path: Path) -> None:
    with pytest.raises(KdslError) as error:
        kdsl.build(given, tmp_path / "b.kdsl", targets)
    assert error.value.code == code and "help" in str(error.value) and not list(tmp_path.iterdir())


def test_a_kernel_that_exports_nothing_is_left_out() -> None:
    assert [k.name for k in build(plan([helper, shift], ["aarch64"])).manifest.kernels] == ["shift"]


@pytest.mark.parametrize(
    "text",
    ["tool = 3", "[tool]\nkdsl = 3", "[tool.kdsl]\nbuild = 3", "[tool.kdsl.build]\nkernels = ['k.py']\noutput = 'o'\ntargets = []",
     "[tool.kdsl.build]\nkernels = ['k.py']\noutput = 'o'\nlibrary = 3"],
)  # fmt: skip
def test_settings_of_the_wrong_kind_are_said(text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(LaunchError) as error:
        read_settings(str(tmp_path))
    assert error.value.code == "K679" and "help" in str(error.value)


SUMS = """
import kdsl
from kdsl import Array, f32

@kdsl.kernel
def total(a: Array[f32, 1], b: Array[f32, 1], c: Array[f32, 1], d: Array[f32, 1], e: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < out.shape[0]:
        out[i] = a[i] + b[i] + c[i] + d[i] + e[i]
"""


def test_code_for_gpus_is_the_same_from_every_process(tmp_path: Path) -> None:
    """Where several arrays are asked for their alignment, these stand in an order that does not hang on addresses of objects."""
    (tmp_path / "k.py").write_text(SUMS)
    code = "import sys, kdsl\nfrom kdsl.programs import kernels_of\nkdsl.build(kernels_of('k.py'), sys.argv[1], ['cuda:sm_80'])"
    root = str(Path(__file__).resolve().parents[2])
    for name in ("1.kdsl", "2.kdsl"):
        env = {**os.environ, "PYTHONPATH": root, "PYTHONHASHSEED": name[0], "KDSL_CACHE_DIR": str(tmp_path / name[0])}
        subprocess.run([sys.executable, "-c", code, name], cwd=tmp_path, env=env, check=True)
    assert (tmp_path / "1.kdsl").read_bytes() == (tmp_path / "2.kdsl").read_bytes()


def test_texts_of_one_name_do_not_meet() -> None:
    """Two libraries may call what they generate the same; each kernel is compiled from its own text, whenever that happens."""
    text = "@kernel\ndef k(x: Array[f32, 1]):\n    i = kdsl.global_id(0)\n    x[i] = x[i] * FACTOR\n"
    product = kdsl.from_source(text, names={"FACTOR": 3}, file="generated.py")
    total = kdsl.from_source(text.replace("*", "+"), names={"FACTOR": 5}, file="generated.py")
    x = np.ones(4, np.float32)
    product.over(4)(x)
    total.over(4)(x)
    assert (x == 8).all()
