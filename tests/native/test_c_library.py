"""Libraries for C: the example's program, built by several compilers against both kinds of library, on both machines.

The example checks its results itself (examples/embed_c/main.c); what is asked here is that it says so everywhere.
"""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from toolbox import missing, require_tool

import kdsl
from kdsl.artifact import Entry
from kdsl.bundle.building import build, library_of, plan
from kdsl.bundle.store import write_tree
from kdsl.diagnostics import LaunchError
from kdsl.native.objects import CPUID, code_object, renamed
from kdsl.programs import kernels_of
from kdsl.records import replace
from kdsl.runtime.cpu.elf import Elf
from kdsl.runtime.cpu.schedule import make_plan
from kdsl.target import CPU_TARGETS, cpu_target_of_host

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "embed_c"
X86 = [arch for arch in CPU_TARGETS if arch.startswith("x86")]
ON_X86 = cpu_target_of_host().arch.startswith("x86")
CHECKS = 12  # what the example looks at


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: Any) -> Path:
    where = tmp_path_factory.mktemp("library")
    files = library_of(build(plan(kernels_of(str(EXAMPLE / "kernels.py")), [*X86, "aarch64"])), "demo")
    write_tree(str(where), files)
    return where


def ran_right(command: list[str], folder: Path) -> None:
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count(": right") == CHECKS and "WRONG" not in ran.stdout


def compiled(cc: list[str], prefix: Path, folder: Path, machine: str, kind: str) -> Path:
    library = prefix / "lib" / machine / f"libdemo.{kind}"
    program = folder / "main"
    strict = ["-Wall", "-Wextra", "-Werror", "-O1", f"-I{prefix / 'include'}"]
    where = [str(library), "-pthread", "-lm", f"-Wl,-rpath,{library.parent}"]
    link = subprocess.run([*cc, *strict, "-o", str(program), str(EXAMPLE / "main.c"), *where], capture_output=True, text=True)
    assert link.returncode == 0 and not link.stderr, link.stderr
    return program


@pytest.mark.skipif(not ON_X86, reason="runs the x86-64 library")
@pytest.mark.parametrize("kind", ["a", "so"])
@pytest.mark.parametrize("compiler", ["gcc -std=c99 -D_POSIX_C_SOURCE=200809L", "clang-19 -std=c11"])
def test_the_example_runs(prefix: Path, tmp_path: Path, compiler: str, kind: str) -> None:
    tool, *options = compiler.split()
    ran_right([str(compiled([require_tool(tool), *options], prefix, tmp_path, "x86_64", kind))], tmp_path)


@pytest.mark.skipif(not ON_X86, reason="runs the x86-64 library")
def test_valgrind_has_nothing_to_report(prefix: Path, tmp_path: Path) -> None:
    valgrind = require_tool("valgrind")
    program = compiled([require_tool("gcc")], prefix, tmp_path, "x86_64", "so")
    ran_right([valgrind, "-q", "--leak-check=full", "--error-exitcode=9", str(program)], tmp_path)


@pytest.mark.qemu
@pytest.mark.parametrize("kind", ["a", "so"])
def test_the_example_runs_on_aarch64(prefix: Path, tmp_path: Path, kind: str) -> None:
    program = compiled([require_tool("aarch64-linux-gnu-gcc")], prefix, tmp_path, "aarch64", kind)
    ran_right([require_tool("qemu-aarch64"), "-L", "/usr/aarch64-linux-gnu", str(program)], tmp_path)


@pytest.mark.skipif(not ON_X86, reason="emulates x86-64 processors of other levels")
@pytest.mark.qemu
@pytest.mark.parametrize("cpu", ["Nehalem", "Haswell"])
def test_a_processor_gets_code_that_it_can_run(prefix: Path, tmp_path: Path, cpu: str) -> None:
    """v2 code on Nehalem: one instruction of v3 would end the program."""
    program = compiled([require_tool("gcc")], prefix, tmp_path, "x86_64", "a")
    ran_right([require_tool("qemu-x86_64"), "-cpu", cpu, str(program)], tmp_path)


@pytest.mark.skipif(not ON_X86, reason="runs the x86-64 library")
def test_cmake_and_pkg_config_find_it(prefix: Path, tmp_path: Path) -> None:
    cmake, pkg_config = require_tool("cmake"), require_tool("pkg-config")
    require_tool("gcc")
    configure = [cmake, "-S", str(EXAMPLE), "-B", str(tmp_path), f"-DCMAKE_PREFIX_PATH={prefix}"]
    subprocess.run(configure, check=True, capture_output=True)
    subprocess.run([cmake, "--build", str(tmp_path)], check=True, capture_output=True)
    for program in ("main", "main_shared"):
        ran_right([str(tmp_path / program)], tmp_path)
    env = {**os.environ, "PKG_CONFIG_PATH": str(prefix / "lib" / "x86_64" / "pkgconfig")}
    flags = subprocess.run([pkg_config, "--cflags", "--libs", "demo"], env=env, check=True, capture_output=True, text=True).stdout
    assert "-ldemo" in flags and "include" in flags


def test_the_header_is_c_plus_plus_too(prefix: Path, tmp_path: Path) -> None:
    (tmp_path / "a.cpp").write_text('#include "demo.h"\nint main() { return demo_error_text(0) == nullptr; }\n')
    command = [require_tool("g++"), "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{prefix / 'include'}", "a.cpp"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)


@pytest.mark.skipif(not ON_X86, reason="runs the x86-64 library")
def test_two_libraries_in_one_program(tmp_path: Path) -> None:
    kernels = kernels_of(str(EXAMPLE / "kernels.py"))[:1]
    for name in ("one", "two"):
        write_tree(str(tmp_path), library_of(build(plan(kernels, ["x86-64-v2"])), name))
    call = "{n}_saxpy(&l, 1, &a, &a)"
    body = " || ".join([call.format(n=n) for n in ("one", "two")])
    lines = [
        '#include "one.h"', '#include "two.h"',
        "int main(void) {",
        "    float x[4] = {1, 1, 1, 1}; int64_t n = 4;",
        "    kdsl_array a = {x, &n, 0}; kdsl_launch l = kdsl_over(4);",
        f"    if ({body}) return 1;",
        "    return x[3] != 4;",
        "}",
    ]  # fmt: skip
    (tmp_path / "main.c").write_text("\n".join(lines))
    libraries = [str(tmp_path / "lib" / "x86_64" / f"lib{n}.a") for n in ("one", "two")]
    command = [require_tool("gcc"), "-Iinclude", "-o", "main", "main.c", *libraries, "-pthread"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert subprocess.run([str(tmp_path / "main")]).returncode == 0


def test_what_c_cannot_have_is_refused(tmp_path: Path) -> None:
    @kdsl.kernel(debug=True)
    def reports(x: kdsl.Array[kdsl.f32, 1]):
        x[kdsl.global_id(0)] = 1.0

    for name in ("demo", "2nd", "Demo"):
        with pytest.raises(LaunchError) as error:
            kdsl.build([reports], tmp_path / "b", ["x86-64-v2"], library=name, prefix=tmp_path)
        assert error.value.code == "K680"


class CWay(ctypes.Structure):
    """`Way` of support.c."""

    _fields_ = [
        ("code", ctypes.c_void_p), ("cost", ctypes.c_double),
        *[(n, ctypes.c_int64) for n in ("shared_bytes", "thread_bytes", "stream_bytes")],
        *[(n, ctypes.c_int32) for n in ("level", "strided", "linear", "flat", "width", "linear_matters")],
        ("block", ctypes.c_int32 * 3),
        *[(n, ctypes.c_int32) for n in ("rows", "turned", "ordered", "tabled", "counts_to", "asks")], ("round_ns", ctypes.c_double),
    ]  # fmt: skip


class CLaunch(ctypes.Structure):
    """`kdsl_launch` of support.c."""

    _fields_ = [("extents", ctypes.c_int64 * 9)]  # of grid, block and threads


class CPlan(ctypes.Structure):
    """`Plan` of support.c."""

    _fields_ = [*[(n, ctypes.c_int64) for n in ("items", "grain", "chunk")],
                *[(n, ctypes.c_int32) for n in ("shared", "brief", "streams")]]  # fmt: skip


def test_launches_are_cut_as_python_cuts_them(tmp_path: Path) -> None:
    """schedule.py and support.c on random entries, geometries and numbers of threads."""
    support = tmp_path / "support.so"
    opened = ["-Dstatic=", "-D_GNU_SOURCE", "-w", "-fno-builtin"]  # its inner functions can be called
    subprocess.run([require_tool("gcc"), "-shared", "-fPIC", "-O1", *opened, "-o", str(support),
                    str(ROOT / "kdsl" / "native" / "support.c")], check=True, capture_output=True)  # fmt: skip
    inside = ctypes.CDLL(str(support), mode=os.RTLD_LAZY)
    make, turned, cost_of = inside.make_plan, inside.turned, inside.cost_of
    make.restype, turned.restype, cost_of.restype = CPlan, CLaunch, ctypes.c_double
    rng = random.Random(1)
    for _ in range(3000):
        block = [rng.choice((1, 2, 8, 32)), rng.choice((1, 4)), rng.choice((1, 2))]
        threads = [rng.randrange(1, 10 ** rng.randrange(1, 6)), rng.choice((1, 1, rng.randrange(1, 3000))), rng.choice((1, 3))]
        grid = [-(-t // b) for t, b in zip(threads, block)]
        flat = rng.random() < 0.7
        entry = Entry("kdsl_k", (), flat=flat, width=rng.choice((4, 8, 16)), cost=10 ** rng.uniform(-3, 4),
                      rows=rng.choice((1, 1, 2, 4)) if flat else 1, turned=rng.choice((0, 0, 1, 2, 3)),
                      tabled=rng.choice((0, 0, 0, 100, 65536)),
                      counts_to=rng.choice((-1, 0, 2)), round_ns=10 ** rng.uniform(-3, 3), asks=rng.random() < 0.2)  # fmt: skip
        workers = rng.choice((1, 2, 3, 16))
        way = CWay(None, entry.cost, 0, 0, 0, 2, 0, 0, flat, entry.width, 0, (ctypes.c_int32 * 3)(), entry.rows, entry.turned,
                   entry.ordered, entry.tabled, entry.counts_to, entry.asks, entry.round_ns)  # fmt: skip
        numbers = [rng.choice((-1, 0, 3, 16, 1000, 100_000)) for _ in range(3)]
        cost = cost_of(ctypes.byref(way), (ctypes.c_int64 * 3)(*numbers))
        launch = turned(ctypes.byref(way), ctypes.byref(CLaunch((ctypes.c_int64 * 9)(*grid, *block, *threads))))
        found = make(ctypes.byref(way), ctypes.c_double(cost), ctypes.byref(launch), ctypes.c_int64(workers))
        known = max(entry.cost, 0.01) if entry.counts_to < 0 else entry.cost_at(numbers[entry.counts_to])
        plan = make_plan(replace(entry, cost=known), (*grid, *block, *threads), workers)
        wanted = (plan.items, plan.grain, plan.chunk, plan.shared, plan.brief, plan.streams)
        told = (found.items, found.grain, found.chunk, bool(found.shared), bool(found.brief), bool(found.streams))
        assert told == wanted, (entry, grid, block, threads, workers)


def test_support_is_that_of_its_source() -> None:
    if shutil.which("clang-19") is None:
        missing("no clang-19 on the PATH")
    done = subprocess.run([sys.executable, "tools/make_support.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_symbols_are_renamed_and_code_is_wrapped() -> None:
    made = code_object(CPUID)
    other = Elf(renamed(made, {"kdsl_cpuid": "a_name_that_is_longer", "kdsl_xgetbv": "b"}))
    assert {s.name for s in other.symbols if s.binding} == {"a_name_that_is_longer", "b"}
    assert [s.size for s in other.symbols if s.binding] == [len(code) for code in CPUID.values()]
