"""`kdsl explain kernel --target cuda:sm_90`: source, IR and PTX side by side, and the page in a browser."""

from __future__ import annotations

import re
import subprocess

import pytest
from toolbox import require_tool

import kdsl
from kdsl import Array, f32
from kdsl.explain import GPU_STAGES, explain_kernel


@kdsl.func
def twice(v: f32) -> f32:
    return v + v


@kdsl.kernel
def explained(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    if x[i] > 0.0:
        y[i] = a * x[i] + twice(y[i])


def number_of(line: str) -> int:
    """The line of this file that holds a text."""
    with open(__file__, encoding="utf-8") as file:
        return next(k for k, found in enumerate(file, 1) if line in found and "number_of" not in found)


def under(report: str, line: str) -> str:
    """What stands under a source line."""
    parts = report.split(f"| {line}\n")
    assert len(parts) == 2, report
    return "\n".join(re.split(r"\n *\d* +\| ", parts[1])[:1])


@pytest.mark.parametrize("target", ["cuda:sm_75", "cuda:sm_90"])
def test_each_line_has_its_ops_and_instructions(target):
    report = explain_kernel(explained, target)
    store = under(report, "        y[i] = a * x[i] + twice(y[i])")
    assert "memory.store" in store
    assert "st.global.f32" in store
    assert "fma.rn.f32" in store
    guard = under(report, "    if x[i] > 0.0:")
    assert "arith.gt" in guard
    assert "ld.global.nc.f32" in guard
    assert "setp.gt.f32" in guard
    called = under(report, "    return v + v")
    assert "arith.add" in called


@pytest.mark.parametrize("target", ["vulkan:1.3", "opencl:3.0"])
def test_instructions_of_spirv_are_listed(target):
    report = explain_kernel(explained, target)
    store = under(report, "        y[i] = a * x[i] + twice(y[i])")
    assert "memory.store" in store and "OpStore " in store and "OpFMul " in store
    assert "OpFAdd " in under(report, "    return v + v")
    assert '"kdsl_explained"' in report
    for stage in GPU_STAGES:
        assert explain_kernel(explained, target, stage=stage), stage


def test_every_stage_of_a_gpu():
    for stage in GPU_STAGES:
        assert explain_kernel(explained, "cuda:sm_90", stage=stage), stage
    with pytest.raises(ValueError, match="no stage 'llvm' for cuda:sm_90"):
        explain_kernel(explained, "cuda:sm_90", stage="llvm")


def test_page_needs_nothing_from_elsewhere():
    page = explain_kernel(explained, "cuda:sm_90", stage="html")
    assert not re.search(r"(src|href)\s*=|https?:|@import|url\(", page)
    assert page.count("<section") == 3
    assert explain_kernel(explained, "cpu:x86-64-v3", stage="html").count("<section") == 3


def test_pointing_at_a_source_line_marks_its_ops_and_instructions(tmp_path):
    """In a browser: the event that a pointer makes, and what is marked after it."""
    browser = require_tool("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    line = number_of("        y[i] = a * x[i] + twice")
    page = explain_kernel(explained, "cuda:sm_90", stage="html")
    act = f"""<script>
      const at = [...document.querySelectorAll("#source code.known")].find((x) => x.dataset.line.endsWith(":{line}"));
      at.dispatchEvent(new MouseEvent("mouseover", {{bubbles: true}}));
    </script>"""
    path = tmp_path / "page.html"
    path.write_text(page.replace("</body>", act + "</body>"), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={tmp_path / 'profile'}"]
    command = [browser, *options, "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    marked = re.findall(r'<section id="(\w+)">|<code class="known on"[^>]*>(.*?)</code>', done.stdout)
    column, found = "", {}
    for section, text in marked:
        column = section or column
        found.setdefault(column, []).extend([text] if text else [])
    assert len(found["source"]) == 1
    assert "twice(y[i])" in found["source"][0]
    assert any("memory.store" in text for text in found["ir"])
    assert any("st.global.f32" in text for text in found["code"])
    assert not any("setp.gt" in text for text in found["code"])
