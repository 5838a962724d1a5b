"""What the documentation shows is true: its Python runs, its links lead somewhere, and the Makefile has its targets.

One idea: a page is a program. The Python blocks of a page are put into one file, each at its own line numbers, and run
as a reader would run them.
"""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(p for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
# Pages about devices: test_device_pages.
PROGRAMS = ["README.md", "docs/TUTORIAL.md", "docs/DEBUGGING.md", "docs/TUNING.md"]


def python_of(text: str) -> str:
    """The page with every line emptied that is not in a ```python block, so that line numbers stay."""
    lines, inside = [], False
    for line in text.splitlines():
        if line.startswith("```"):
            inside = line.strip() == "```python"
            lines.append("")
        else:
            lines.append(line if inside else "")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("page", PROGRAMS)
def test_the_python_of_a_page_runs(page, tmp_path):
    program = tmp_path / (Path(page).stem.lower() + ".py")
    program.write_text(python_of((ROOT / page).read_text(encoding="utf-8")), encoding="utf-8")
    runpy.run_path(str(program))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "", text)  # `kernel[grid](...)` is no link
    targets = [t.split("#")[0] for t in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in t]
    broken = [t for t in targets if t and not (page.parent / t).exists()]
    assert not broken, f"{page.name} links to what does not exist: {', '.join(broken)}"


def test_the_commands_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"^make ([\w-]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), f"make {target}"
