"""Machine code of GPUs in bundles, targets per export, and what targets refuse.

One idea: NVIDIA's own assembler makes the code that is looked at; where a stand-in for a driver is to load it, a small program
plays the vendor's tool, whose "machine code" is what the stand-in runs.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "runtime"))
from bundle import kernels  # noqa: E402
from present import opened  # noqa: E402
from ptx_tools import _assembler  # noqa: E402
from toolbox import missing  # noqa: E402

import kdsl  # noqa: E402
from kdsl import Array, f32, f64  # noqa: E402
from kdsl.bundle.building import build, plan  # noqa: E402
from kdsl.bundle.command import make_bundle, outdated, summary  # noqa: E402
from kdsl.bundle.settings import Settings  # noqa: E402
from kdsl.diagnostics import CompileError, LaunchError  # noqa: E402

KERNELS = str(Path(__file__).parent / "kernels.py")


@kdsl.kernel(export=[{"x": Array[f32, 1]}, {"x": Array[f64, 1], "targets": ["cpu", "cuda:sm_80"]}])
def twice(x):
    i = kdsl.global_id(0)
    x[i] = x[i] + x[i]


@kdsl.kernel(export=[{"x": Array[f32, 1]}, {"x": Array[f64, 1]}])
def thrice(x):
    i = kdsl.global_id(0)
    x[i] = x[i] + x[i] + x[i]


@kdsl.kernel
def wide(x: Array[f64, 1]):
    x[kdsl.global_id(0)] = 1.0


def of(manifest, target: str) -> list[tuple[str, str]]:
    return [(v.name, a.format) for k in manifest.kernels for v in k.variants for a in v.artifacts if a.target == target]


# --- machine code ---


def test_ptxas_makes_machine_code_beside_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KDSL_PTXAS", _assembler() or missing("no ptxas"))
    settings = Settings((KERNELS,), str(tmp_path / "b"), ("cuda:sm_80", "vulkan:1.3"), binary=True)
    said = make_bundle(settings)
    assert re.search(r"totals +2 +4 x .* KiB \+ 4 x .* KiB cubin +4 x", said), said
    names = os.listdir(tmp_path / "b")
    for name in [n for n in names if n.endswith(".cubin")]:
        data = (tmp_path / "b" / name).read_bytes()
        assert data[:4] == b"\x7fELF" and int.from_bytes(data[18:20], "little") == 190  # EM_CUDA
        assert name.removesuffix("cubin") + "ptx" in names
    assert sum(n.endswith(".cubin") for n in names) == sum(n.endswith(".ptx") for n in names) > 0
    assert outdated(settings) == ""
    assert outdated(Settings(settings.kernels, settings.output, settings.targets)) == "it was built with --binary"


def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, body: str) -> None:
    """A vendor's tool that is a small program."""
    tool = tmp_path / "tool"
    files = "out, source = 'kernel.bin', next((a for a in sys.argv if a.startswith('kernel.') and a != 'kernel.bin'), '')"
    tool.write_text(f"#!{sys.executable}\nimport sys\n{files}\n{body}\n")
    tool.chmod(0o755)
    monkeypatch.setenv(variable, str(tool))


# `xcrun -sdk macosx --find TOOL`, `... metal ... -c kernel.metal -o kernel.air`, `... metallib kernel.air -o kernel.bin`
XCRUN = """
assert sys.argv[1:3] == ['-sdk', 'macosx']
if sys.argv[3] == 'metal':
    assert '-fno-fast-math' in sys.argv and sys.argv[4:6] in (['-std=metal3.1', '-mmacosx-version-min=14.0'],
                                                              ['-std=macos-metal2.4', '-mmacosx-version-min=12.0'])
    open('kernel.air', 'wb').write(b'AIR' + open('kernel.metal', 'rb').read())
elif sys.argv[3] == 'metallib':
    air = open('kernel.air', 'rb').read()
    assert air[:3] == b'AIR'
    open(out, 'wb').write(b'MTLB' + air[3:])
else:
    assert sys.argv[3] == '--find' and sys.argv[4] in ('metal', 'metallib')
"""
BAD_XCRUN = XCRUN.replace("b'MTLB'", "b'of another system'")
CASES = [
    ("cuda-stand-in", "KDSL_PTXAS", "assert sys.argv[1].startswith('-arch=sm_')\nopen(out, 'w').write(open(source).read())",
     "cubin"),
    ("hip-stand-in", "KDSL_HIPCC", "assert '-ffp-contract=off' in sys.argv\n"
     "open(out, 'wb').write(b'\\x7fELF stand-in\\n' + open(source, 'rb').read())", "hsaco"),
    ("metal-stand-in", "KDSL_XCRUN", XCRUN, "metallib"),
]  # fmt: skip


@pytest.mark.parametrize("name, variable, body, kind", CASES, ids=["cuda", "hip", "metal"])
@pytest.mark.parametrize("is_good", [True, False])
def test_a_device_loads_machine_code_and_else_the_text(
    name: str, variable: str, body: str, kind: str, is_good: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = opened(name, monkeypatch)
    bad = BAD_XCRUN if body is XCRUN else "open(out, 'wb').write(b'\\x7fELF of another driver')"
    play(tmp_path, monkeypatch, variable, body if is_good else bad)
    kdsl.build([twice], tmp_path / "b.kdsl", [device.target.name], binary=True)
    tried: list[str] = []
    load = type(device).load
    monkeypatch.setattr(type(device), "load", lambda self, artifact: (tried.append(artifact.format), load(self, artifact))[1])
    x = np.arange(300, dtype=np.float32)
    kdsl.load(tmp_path / "b.kdsl").twice.over(300)(x)
    assert np.array_equal(x, 2 * np.arange(300))
    assert tried == ([kind] if is_good else [kind, {"cubin": "ptx", "hsaco": "hip", "metallib": "msl"}[kind]])


def test_a_library_of_metals_is_for_newer_versions_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = opened("metal-stand-in", monkeypatch)
    assert device.target.name == "metal:3.1"
    play(tmp_path, monkeypatch, "KDSL_XCRUN", XCRUN)
    kdsl.build([twice], tmp_path / "b", ["metal:2.4"], binary=True)
    names = os.listdir(tmp_path / "b")
    assert sum(n.endswith(".metallib") for n in names) == sum(n.endswith(".metal") for n in names) > 0
    tried: list[str] = []
    load = type(device).load
    monkeypatch.setattr(type(device), "load", lambda self, artifact: (tried.append(artifact.format), load(self, artifact))[1])
    x = np.arange(300, dtype=np.float32)
    kdsl.load(tmp_path / "b").twice.over(300)(x)
    assert np.array_equal(x, 2 * np.arange(300)) and tried == ["metallib"]


def test_machine_code_is_for_its_own_architecture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = opened("cuda-stand-in", monkeypatch)
    assert device.target.name != "cuda:sm_75"
    play(tmp_path, monkeypatch, *CASES[0][1:3])
    kdsl.build([twice], tmp_path / "b.kdsl", ["cuda:sm_75"], binary=True)
    tried: list[str] = []
    load = type(device).load
    monkeypatch.setattr(type(device), "load", lambda self, artifact: (tried.append(artifact.format), load(self, artifact))[1])
    kdsl.load(tmp_path / "b.kdsl").twice.over(4)(np.ones(4, np.float32))
    assert tried == ["ptx"]


def test_a_missing_or_failing_tool_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("ROCM_PATH", "KDSL_HIPCC"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LaunchError, match=r"K684.*hipcc(.|\n)*KDSL_HIPCC"):
        kdsl.build([twice], tmp_path / "b", ["hip:gfx942"], binary=True)
    with pytest.raises(LaunchError, match=r"K684.*xcrun, which is not here(.|\n)*on Macs alone(.|\n)*without --binary"):
        kdsl.build([twice], tmp_path / "b", ["metal:3.1"], binary=True)
    # xcrun is there, found on the PATH; the tools of Metal, or what they are given, are not as they should be.
    lacks = "sys.exit('xcrun: error: unable to find utility \"metallib\"' if 'metallib' in sys.argv else 0)"
    play(tmp_path, monkeypatch, "KDSL_TOOL", lacks)
    os.rename(tmp_path / "tool", tmp_path / "xcrun")
    with pytest.raises(LaunchError, match=r"K684.*metallib, which xcrun does not find: xcrun: error(.|\n)*MetalToolchain"):
        kdsl.build([twice], tmp_path / "b", ["metal:3.1"], binary=True)
    play(tmp_path, monkeypatch, "KDSL_XCRUN", "sys.exit('kernel.metal:3: error: unknown' if sys.argv[3] == 'metal' else 0)")
    with pytest.raises(LaunchError, match=r"K684.*makes no machine code of twice(.|\n)*kernel.metal:3: error: unknown"):
        kdsl.build([twice], tmp_path / "b", ["metal:3.1"], binary=True)
    play(tmp_path, monkeypatch, "KDSL_PTXAS", "sys.exit('ptxas fatal: no such arch')")
    with pytest.raises(LaunchError, match=r"K684(.|\n)*no such arch"):
        kdsl.build([twice], tmp_path / "b", ["cuda:sm_80"], binary=True)
    kdsl.build([kernels.totals], tmp_path / "b", ["vulkan:1.3"], binary=True)  # has no machine code of a vendor's


# --- targets ---


def test_an_export_may_name_its_targets(tmp_path: Path) -> None:
    manifest = kdsl.build([twice], tmp_path / "b", ["x86-64-v2", "cuda:sm_80", "cuda:sm_90", "metal:3.1"])
    assert {n for n, _ in of(manifest, "cpu:x86-64-v2")} == {"twice_f32", "twice_f64"}
    assert {n for n, _ in of(manifest, "cuda:sm_80")} == {"twice_f32", "twice_f64"}
    assert {n for n, _ in of(manifest, "cuda:sm_90")} == {n for n, _ in of(manifest, "metal:3.1")} == {"twice_f32"}
    assert not manifest.left_out
    for wrong, code in (("cuda", "K677"), (["gameboy"], "K501"), ([], "K677")):
        with pytest.raises(CompileError) as error:
            plan([kdsl.kernel(export=[{"x": Array[f32, 1], "targets": wrong}])(twice.function)], ["cuda:sm_80"])
        assert error.value.code == code


def test_a_refusal_fails_the_build_and_says_the_ways_out(tmp_path: Path) -> None:
    with pytest.raises(CompileError) as error:
        kdsl.build([thrice], tmp_path / "b", ["x86-64-v2", "metal:3.1"])
    assert error.value.code == "K511"
    assert "thrice_f64 for metal:3.1" in str(error.value) and "--skip-refused" in str(error.value)
    assert not (tmp_path / "b").exists()


def test_what_is_refused_may_be_left_out(tmp_path: Path) -> None:
    built = build(plan([thrice], ["x86-64-v2", "metal:3.1"], skip_refused=True))
    assert [(e.variant, e.target, e.code) for e in built.manifest.left_out] == [("thrice_f64", "metal:3.1", "K511")]
    assert {n for n, _ in of(built.manifest, "metal:3.1")} == {"thrice_f32"}
    named = {a.file for k in built.manifest.kernels for v in k.variants for a in v.artifacts}
    assert built.files.keys() == {*named, "manifest.json", *[s.file for s in built.manifest.support]}
    said = summary(built, "b")
    assert "refused K511" in said and "left out: thrice_f64 for metal:3.1: K511" in said
    with pytest.raises(CompileError, match="K511"):  # nothing would be left of it
        build(plan([wide], ["metal:3.1"], skip_refused=True))
