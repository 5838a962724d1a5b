"""docs/ERRORS.md is what kdsl says today: the page is made again and compared, and the list of codes is complete.

One idea: a code that the source can raise has a row, a program that gives it, and a message with a remedy.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kdsl.codes import CODES
from kdsl.error_docs import errors_markdown, explanation, program_of, provoke

ROOT = Path(__file__).resolve().parents[2]

# Codes that no short program gives, with the reason.
NOT_SHOWN = {
    "K102": "every statement of this Python has an error of its own; this is for those of later ones",
    "K675": "it takes a device that code is made for a block's shape for, which no processor is",
    "K126": "the program is thousands of characters deep",
}


def used_codes() -> set[str]:
    """Codes that stand in the source as those of a refusal."""
    lists = ("codes.py", "error_examples.py", "error_docs.py")
    files = [p for p in (ROOT / "kdsl").rglob("*.py") if p.name not in lists]
    return {code for p in files for code in re.findall(r'"(K[1-6]\d\d)"', p.read_text(encoding="utf-8"))}


def test_every_code_of_the_source_has_a_row():
    assert used_codes() - set(CODES) == set()


def test_pages_explain_codes_that_there_are():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    named = {code for p in pages for code in re.findall(r"kdsl explain (K\d\d\d)", p.read_text(encoding="utf-8"))}
    assert named and named <= set(CODES), named - set(CODES)


def test_every_row_is_used():
    assert set(CODES) - used_codes() == set()


def test_the_page_is_up_to_date(golden):
    golden(ROOT / "docs" / "ERRORS.md", errors_markdown())


@pytest.mark.parametrize("code", [c for c in sorted(CODES) if c not in NOT_SHOWN])
def test_the_program_of_a_code_gives_it(code):
    assert program_of(code), f"{code} has no program"
    shown = provoke(code)
    assert shown is not None, f"the program of {code} gives no error"
    assert shown.code == code, shown.message
    assert "= help: " in shown.message
    assert len(explanation(code)) > 20


@pytest.mark.parametrize("code", sorted(NOT_SHOWN))
def test_what_is_not_shown_has_no_program(code):
    assert not program_of(code)
