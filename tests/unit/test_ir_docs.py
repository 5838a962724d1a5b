"""docs/OPS.md is what the op rows say, and every op is in it."""

from __future__ import annotations

from pathlib import Path

from kdsl.ir.docs import ops_markdown
from kdsl.ir.opdef import OPS

FILE = Path(__file__).resolve().parents[2] / "docs" / "OPS.md"


def test_the_file_is_current() -> None:
    assert FILE.read_text("utf-8") == ops_markdown(), "run `make docs`"


def test_every_op_is_there_once_with_a_sentence() -> None:
    text = ops_markdown()
    for name, row in OPS.items():
        assert text.count(f"| `{name}` |") == 1, name
        assert row.doc.rstrip().endswith((".", ")", "`")), name
