"""docs/CONFORMANCE.md is what the suite says of itself, and the suite leaves no op out."""

from __future__ import annotations

from conformance import report

from kdsl.ir.opdef import OPS, Level

# What no program can reach: only `lower_checks` makes these two, and tests of planted bugs and of print run them.
MADE_BY_PASSES = {"memory.prefetch", "simt.check", "simt.healthy", "simt.report"}
# Seen outside of memory: tests/unit and tests/runtime look at what was said.
SAID = {"simt.assert", "simt.print", "simt.breakpoint", "simt.fence"}


def test_every_op_is_tried():
    kernels = report.in_kernels()
    missing = [n for n, op in OPS.items() if op.level is not Level.BLOCK and n not in report.tested() and n not in kernels]
    assert set(missing) <= MADE_BY_PASSES | SAID, missing


def test_the_report_is_current(golden):
    """`--update-golden` writes it anew."""
    golden(report.PATH, report.render())
