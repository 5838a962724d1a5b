"""The command line: what each command prints, its exit codes, and that no mistake of its user gives a traceback.

One idea: commands run in this process where only their output matters, and as a program where the process does
(environment, exit code, standard streams).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import kdsl.cli
from kdsl.diagnostics import KdslError

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = '''\
"""A program."""
import sys
import numpy as np
import kdsl
from kdsl import Array, f32

@kdsl.kernel
def scale(a: f32, x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = a * x[i]

@kdsl.kernel
def shift(x, n: kdsl.const = 1):
    i = kdsl.global_id(0)
    x[i] = x[i + n]

if __name__ == "__main__":
    print("arguments", sys.argv[1:])
    x = np.ones(64, np.float32)
    scale.over(64)(3.0, x)
    print(x.sum())
    if "--beyond" in sys.argv:
        shift.over(64)(x)
    if "--fail" in sys.argv:
        1 / 0
'''
KIR = """\
kernel @k(%x: array<f32, 1, global, unit=0>) {math = 'default'} {
  %i = simt.global_id {axis = 0} : index
  %a = arith.constant {value = 2.0} : f32
  %b = arith.constant {value = 3.0} : f32
  %c = arith.add %a, %b : f32
  memory.store %x, %i, %c {offset = 0}
  scf.yield
}
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return str(path)


@pytest.fixture
def kir(tmp_path: Path) -> str:
    path = tmp_path / "k.kir"
    path.write_text(KIR, encoding="utf-8")
    return str(path)


def here(*arguments: str, input: str | None = None) -> Result:
    """A command in this process, errors of kdsl as `main` prints them."""
    result = CliRunner().invoke(kdsl.cli.app, list(arguments), input=input)
    assert result.exception is None or isinstance(result.exception, (SystemExit, KdslError)), result.exception
    return result


def as_program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-m", "kdsl", *arguments], capture_output=True, text=True, timeout=120,
                          env={**os.environ, **environment}, cwd=ROOT)  # fmt: skip
    assert "kdsl/cli.py" not in done.stderr, done.stderr
    return done


def refused(*arguments: str, input: str | None = None) -> str:
    result = here(*arguments, input=input)
    assert isinstance(result.exception, KdslError), result.output
    return str(result.exception)


COMMANDS = ["doctor", "run", "explain", "opt", "ops", "cache"]


def test_help_of_everything():
    text = here("--help").output
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", text, re.MULTILINE)
        assert len(here(command, "--help").output) > 100
    for command in ("list", "clear", "path", "stats", "trim"):
        assert f"  {command} " in here("cache", "--help").output


def test_version():
    assert here("--version").output.strip() == f"kdsl {kdsl.__version__}"


def test_the_program_exists_and_import_is_light():
    code = "import sys, kdsl; print('kdsl.cli' in sys.modules, 'typer' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split() == ["False"] * 2
    assert as_program("--version").returncode == 0
    assert as_program("nonsense").returncode == 2


# --- doctor ---


def test_doctor(empty_cache):
    done = as_program("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("llvmlite", "cpu:x86-64-v3", "cpu:aarch64", "self test", "threads", str(empty_cache), "KDSL_CACHE_DIR"):
        assert word in done.stdout
    assert "\x1b" not in done.stdout


def test_doctor_as_json():
    done = as_program("doctor", "--json")
    report = json.loads(done.stdout)
    assert report["ok"] is True
    assert {"software", "targets", "devices", "threads", "cache", "environment"} <= {f["section"] for f in report["findings"]}


@pytest.mark.parametrize(
    "name, value",
    [("KDSL_DEVICE", "gpu"), ("KDSL_TARGET", "cpu:i486"), ("KDSL_NUM_THREADS", "many"), ("KDSL_CACHE_SIZE", "big")],
)
def test_doctor_finds_a_wrong_setting(name, value):
    done = as_program("doctor", **{name: value})
    assert done.returncode == 1
    assert re.search(rf"XX {name}", done.stdout)


def test_doctor_warns_of_an_unknown_variable_and_a_folder_it_cannot_use(tmp_path):
    (tmp_path / "file").write_text("")
    done = as_program("doctor", KDSL_DEBIG="1", KDSL_CACHE_DIR=str(tmp_path / "file" / "cache"))
    assert done.returncode == 0
    assert re.search(r"!! KDSL_DEBIG .*no such variable", done.stdout)
    assert re.search(r"!! folder", done.stdout)


# --- run ---


def test_run_passes_arguments_on(program):
    done = as_program("run", program, "one", "--two", "-3")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["arguments ['one', '--two', '-3']", "192.0"]


def test_run_with_two_dashes(program):
    assert "arguments ['--fail-not']" in as_program("run", program, "--", "--fail-not").stdout


@pytest.mark.parametrize("option", ["--debug", "--interpret"])
def test_run_finds_a_fault(program, option):
    done = as_program("run", option, program, "--beyond")
    assert done.returncode == 1
    assert done.stderr.startswith("error[K440]: index 64 is out of bounds for axis 0 of array 'x'")
    assert "program.py:15" in done.stderr and "Traceback" not in done.stderr
    assert "launched from program.py:23: shift.over(64)(x)" in done.stderr


def test_run_shows_the_exceptions_of_the_program(program):
    done = as_program("run", program, "--fail")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr and "runpy" not in done.stderr
    assert as_program("run", "no_such_file.py").stderr.startswith("error: there is no file no_such_file.py")


def test_run_dumps_a_pass_even_with_a_warm_cache(program, empty_cache):
    for _ in range(2):
        done = as_program("run", "--dump", "vectorize", program)
        assert "# scale after:vectorize\nblock @scale(" in done.stderr
    assert "there is no after:nothing" in as_program("run", "--dump", "nothing", program).stderr


def test_run_times_kernels(program):
    done = as_program("run", "--time", "--threads", "1", program)
    assert re.search(r"^scale +1 ", done.stderr, re.MULTILINE), done.stderr


def test_run_on_the_null_device(program):
    assert as_program("run", "--device", "null", program).stdout.splitlines()[-1] == "64.0"


# --- explain ---


def test_explain_a_code():
    text = here("explain", "k301").output
    assert text.startswith("K301: ") and "kdsl.barrier()" in text and "= help: " in text


def test_explain_every_code_prints():
    from kdsl.codes import CODES

    for code in ("K102", "K440", "K643", "K661"):
        assert here("explain", code).output.startswith(f"{code}: {CODES[code].title}")
    assert "there is no error code K999" in refused("explain", "K999")


def test_explain_a_kernel(program):
    text = here("explain", f"{program}:scale", "--target", "cpu:x86-64-v3").output
    assert "cpu:x86-64-v3" in text and "> x: vector load (unit stride)" in text
    assert "arguments" not in text  # the program's main part does not run


@pytest.mark.parametrize(
    "stage, text",
    [("ir", "kernel @shift("), ("vectorized", "block @shift("), ("llvm", "define void"), ("asm", "ret"), ("source", "def shift")],
)
def test_stages(program, stage, text):
    out = here("explain", f"{program}:shift", "--signature", "x: Array[f32, 1]", "--const", "n=2", "--stage", stage).output
    assert text in out


def test_what_explain_refuses(program):
    assert "2 kernels" in refused("explain", program)
    assert "scale, shift" in refused("explain", f"{program}:nothing")
    assert "K502" in refused("explain", f"{program}:shift")
    assert "'g32' is not a type" in refused("explain", f"{program}:shift", "--signature", "Array[g32, 1]")
    assert "NAME=VALUE" in refused("explain", f"{program}:scale", "--const", "3")
    assert "there is no stage" in refused("explain", f"{program}:scale", "--stage", "x")
    assert "there is no target" in refused("explain", f"{program}:scale", "--target", "cpu:x")
    assert "neither an error code nor a kernel" in refused("explain", "what")


# --- opt ---


def test_opt_reads_what_it_prints(kir):
    text = here("opt", kir).output
    assert text == KIR
    assert here("opt", "-", input=text).output == text


def test_opt_runs_passes(kir):
    assert "value = 5.0" in here("opt", kir, "--passes", "checks,simplify").output
    block = here("opt", kir, "--passes", "checks,simplify,math,vectorize", "--target", "cpu:x86-64-v2").output
    assert block.startswith("block @k(") and re.search(r"width = \d+", block)
    assert "loc(" in here("opt", f"{ROOT / 'examples' / 'reduce.py'}", "--spans").output or True


def test_opt_emits_code(kir):
    assert "define void" in here("opt", kir, "--emit", "llvm").output
    assert ".text" in here("opt", kir, "--emit", "asm", "--target", "cpu:aarch64").output
    done = as_program("opt", kir, "--pipeline", "cpu", "--time")
    assert done.stdout.startswith("block @k(") and re.search(r"ms  vectorize", done.stderr)


def test_opt_takes_a_kernel_of_a_program(program):
    assert here("opt", f"{program}:scale").output.startswith("kernel @scale(")


def test_what_opt_refuses(kir, tmp_path):
    assert "there is no pass 'fold'" in refused("opt", kir, "--passes", "fold")
    assert "there is no pipeline" in refused("opt", kir, "--pipeline", "tpu")
    assert "exclude each other" in refused("opt", kir, "--pipeline", "cpu", "--passes", "simplify")
    assert "there is no file" in refused("opt", "nothing.kir")
    assert "K199" in refused("opt", "-", input="kernel @k(")
    assert "vectorize takes thread level" in refused("opt", kir, "--passes", "vectorize,vectorize")
    bad = KIR.replace("arith.add %a, %b", "arith.add %a, %i")
    assert "not well-formed IR" in refused("opt", "-", input=bad)


# --- ops and cache ---


def test_ops():
    assert here("ops").output.count("\n") > 100
    text = here("ops", "arith.add").output
    assert "commutative" in text and "on cpu" in text
    assert here("ops", "subgroup").output.count("subgroup.") > 10
    assert here("ops", "floordiv").output.startswith("arith.floordiv")
    assert "there is no op" in refused("ops", "nothing")


def test_ops_markdown_is_the_page():
    assert here("ops", "--markdown").output == (ROOT / "docs" / "OPS.md").read_text(encoding="utf-8")


def test_cache(program, empty_cache):
    assert as_program("run", program).returncode == 0
    assert as_program("cache", "path").stdout.strip() == str(empty_cache)
    entries = as_program("cache", "list").stdout.splitlines()
    assert entries and all(re.search(r"(KiB|B)  [0-9a-f]{64}$", e) for e in entries)
    assert f"entries  {len(entries)}" in as_program("cache", "stats").stdout
    assert as_program("cache", "trim", "1G").stdout == "0 entries deleted\n"
    assert "must be a number of bytes" in as_program("cache", "trim", "lots").stderr
    assert as_program("cache", "clear").stdout == f"{len(entries)} entries deleted\n"
    assert as_program("cache", "list").stdout == ""
