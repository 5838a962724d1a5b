"""Static and shared libraries that kdsl writes without a linker, taken by the tools and loaders that read such files."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import pytest
from toolbox import require_tool

from kdsl.codegen.cpu.pool import compile_pool
from kdsl.native.archive import write_archive
from kdsl.native.shared_object import write_shared_object
from kdsl.target import CPU_TARGETS, cpu_target_of_host

POOL = ("kdsl_pool_run", "kdsl_pool_start", "kdsl_pool_stop", "kdsl_pool_take")
C = r"""
#include <stdint.h>
#include <stdio.h>
extern int64_t kdsl_pool_start(void *handles, int64_t workers, int32_t spin);
extern void kdsl_pool_stop(void *handles, int64_t workers);
extern int64_t kdsl_pool_run(void *entry, void *args, void *launch, int64_t items, int64_t grain);
static void entry(void *args, void *launch, int64_t begin, int64_t end, int64_t worker) {
    (void)launch, (void)worker;
    for (int64_t i = begin; i < end; i++) ((int64_t *)args)[i] += i;
}
int main(void) {
    int64_t handles[4], sums[100] = {0};
    int64_t started = kdsl_pool_start(handles, 1, 100);
    int64_t ran = kdsl_pool_run(entry, sums, 0, 100, 7);
    kdsl_pool_stop(handles, started);
    for (int i = 0; i < 100; i++) if (sums[i] != i) return 1;
    printf("%d %d\n", (int)started, (int)ran);
    return 0;
}
"""


def shared(arch: str) -> bytes:
    return write_shared_object([compile_pool(CPU_TARGETS[arch])], "libpool.so", POOL)


@pytest.fixture
def native_object() -> bytes:
    return compile_pool(cpu_target_of_host())


def test_a_shared_library_is_loaded_and_its_imports_found(tmp_path: Path, native_object: bytes) -> None:
    path = tmp_path / "libpool.so"
    path.write_bytes(write_shared_object([native_object], "libpool.so", POOL))
    pool = ctypes.CDLL(str(path))
    handles = (ctypes.c_int64 * 2)()
    assert (pool.kdsl_pool_take(), pool.kdsl_pool_take()) == (1, 0)
    assert pool.kdsl_pool_start(handles, ctypes.c_int64(1), 10) == 1  # pthread_create was found
    pool.kdsl_pool_stop(handles, ctypes.c_int64(1))


@pytest.mark.parametrize("kind", ["a", "so"])
def test_c_programs_link_with_both(tmp_path: Path, native_object: bytes, kind: str) -> None:
    cc = require_tool("gcc")
    (tmp_path / "main.c").write_text(C)
    library = tmp_path / f"libpool.{kind}"
    library.write_bytes(write_archive([("a_name_of_more_than_fifteen.o", native_object)]) if kind == "a" else
                        write_shared_object([native_object], "libpool.so", POOL))  # fmt: skip
    link = [cc, "-Wall", "-Werror", "-o", "main", "main.c", str(library), "-pthread", f"-Wl,-rpath,{tmp_path}"]
    subprocess.run(link, cwd=tmp_path, check=True, capture_output=True)
    ran = subprocess.run(["./main"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert ran.stdout == "1 1\n"


def test_tools_list_an_archive(tmp_path: Path, native_object: bytes) -> None:
    nm = require_tool("nm")
    path = tmp_path / "libpool.a"
    path.write_bytes(write_archive([("pool.o", native_object), ("pool_of_another_name_too_long.o", native_object)]))
    listed = subprocess.run([nm, "-s", str(path)], check=True, capture_output=True, text=True).stdout
    assert "kdsl_pool_run in pool.o" in listed
    assert "kdsl_pool_take in pool_of_another_name_too_long.o" in listed


@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_readelf_finds_nothing_odd(tmp_path: Path, arch: str) -> None:
    readelf = require_tool("readelf")
    path = tmp_path / "libpool.so"
    path.write_bytes(shared(arch))
    out = subprocess.run([readelf, "-W", "-a", str(path)], check=True, capture_output=True, text=True)
    assert not out.stderr
    assert "kdsl_pool_run" in out.stdout and "libc.so.6" in out.stdout


@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_two_builds_are_the_same_bytes(arch: str) -> None:
    assert shared(arch) == shared(arch)
