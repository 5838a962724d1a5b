"""docs/CONFORMANCE.md is what the suite says of itself, and the suite leaves no op out."""

from __future__ import annotations

from conformance import report
from conformance.matrix import is_partial

from kdsl.ir.opdef import OPS, Level

# What no program can reach: only passes make these. Tests of planted bugs and of print run what `lower_checks` makes, and every
# test of a GPU target runs what `legalize` makes.
MADE_BY_PASSES = {"memory.prefetch", "simt.check", "simt.healthy", "simt.looks_ahead", "simt.report"}
MADE_BY_PASSES |= {name for name in OPS if name.startswith("machine.")}
# Seen outside of memory: tests/unit and tests/runtime look at what was said.
SAID = {"simt.assert", "simt.print", "simt.breakpoint", "simt.fence"}


def test_every_op_is_tried():
    kernels = set(report.in_kernels())
    known = kernels | set(report.tested())
    missing = [n for n, op in OPS.items() if op.level is not Level.BLOCK and not is_partial(op) and n not in known]
    assert set(missing) <= MADE_BY_PASSES | SAID, missing


def test_the_report_is_current(golden):
    """`--update-golden` writes it anew."""
    golden(report.PATH, report.render())
