"""Pipelines: their order is checked, their passes are verified, dumped and timed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kdsl.diagnostics import DeviceError, InternalError
from kdsl.ir.builder import like
from kdsl.ir.core import Function
from kdsl.ir.opdef import Level
from kdsl.ir.parse import equal, parse
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.ir.pipeline import ORDER, PIPELINES, Order, Pass, Timings, check_pipeline, run_passes
from kdsl.target import CPU_TARGETS

TARGET = CPU_TARGETS["x86-64-v3"]
TEXT = """kernel @f(%x: array<f32, 1, global>, %v: f32) {} {
  %z = arith.constant {value = 0} : index
  %n = arith.neg %v : f32
  %m = arith.neg %n : f32
  memory.store %x, %z, %m {offset = 0}
  scf.yield
}
"""


def test_the_pipelines_keep_their_order() -> None:
    for names in PIPELINES.values():
        check_pipeline(names, ORDER)
    for row in ORDER:
        assert row.why
        with pytest.raises(InternalError, match="must run before"):
            check_pipeline([row.after, row.before], [row], {n: Pass(n, simplify) for n in (row.after, row.before)})


def test_unknown_passes_and_levels_that_do_not_meet() -> None:
    down = Pass("down", simplify, Level.THREAD, Level.BLOCK)
    with pytest.raises(InternalError, match="no pass 'up'"):
        check_pipeline(["down", "up"], passes={"down": down})
    with pytest.raises(InternalError, match="takes thread level but gets block"):
        check_pipeline(["down", "down"], passes={"down": down})
    with pytest.raises(InternalError, match="down must run before up: because"):
        check_pipeline(["up", "down"], [Order("down", "up", "because")], {"down": down, "up": Pass("up", simplify)})


def test_dumps_are_ir(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    f = parse(TEXT)
    monkeypatch.setenv("KDSL_DUMP", "before:simplify,after:simplify")
    g = run_passes(f, [Pass("simplify", simplify), Pass("again", simplify)], TARGET)
    shown = capsys.readouterr().err
    before, after = shown.split("# f after:simplify\n")
    assert equal(parse(before), f) and equal(parse(after), g)
    monkeypatch.setenv("KDSL_DUMP", "all")
    monkeypatch.setenv("KDSL_DUMP_DIR", str(tmp_path))
    run_passes(g, [Pass("simplify", simplify)], TARGET)
    texts = [p.read_text() for p in sorted(tmp_path.iterdir())]
    assert len(texts) == 2 and any("(unchanged)" in t for t in texts) and not capsys.readouterr().err


def test_a_folder_for_dumps_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KDSL_DUMP", "all")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        monkeypatch.setenv("KDSL_DUMP_DIR", str(folder))
        with pytest.raises(DeviceError, match=r"file.*\n.*help: set KDSL_DUMP_DIR"):
            run_passes(parse(TEXT), [Pass("simplify", simplify)], TARGET)
    name = "a" * 300  # longer than a file's name may be
    monkeypatch.setenv("KDSL_DUMP_DIR", str(tmp_path))
    with pytest.raises(DeviceError, match="too long"):
        run_passes(parse(TEXT.replace("@f", f"@{name}")), [Pass("simplify", simplify)], TARGET)


def test_a_pass_that_breaks_the_ir_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KDSL_VERIFY", "1")
    with pytest.raises(InternalError, match="after empty"):
        run_passes(parse(TEXT), [Pass("empty", lambda f, target: like(f))], TARGET)


def test_timings() -> None:
    timings = Timings()
    f = run_passes(parse(TEXT), [Pass("one", simplify), Pass("two", simplify)], TARGET, timings)
    assert isinstance(f, Function) and [name for name, _ in timings.passes] == ["one", "two"]
    assert timings.total_ms == pytest.approx(sum(ms for _, ms in timings.passes)) and "in all" in str(timings)
