"""What a run found, as a table for people and as `benchmarks/results/<device>.json`."""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from .workers import ROOT, Outcome

__all__ = ["bench_lines", "is_good", "save", "suite_lines"]

_MOST_SHOWN = 12


def is_good(outcome: Outcome) -> bool:
    return outcome.outcome in ("passed", "skipped")


def suite_lines(name: str, outcomes: list[Outcome], seconds: float) -> list[str]:
    """A line of counts, and the first of what went wrong, one of a kind."""
    counts = Counter(o.outcome for o in outcomes)
    total = ", ".join(f"{n} {what}" for what, n in sorted(counts.items(), key=lambda kv: -kv[1]))
    lines = [f"  {name}: {total or 'nothing to run'} ({seconds:.0f} s)"]
    kinds: dict[str, list[Outcome]] = {}
    for o in outcomes:
        if not is_good(o):
            kinds.setdefault(re.sub(r"\d+", "#", o.text.split("\n")[0])[:100], []).append(o)
    for alike in sorted(kinds.values(), key=len, reverse=True)[:_MOST_SHOWN]:
        first = min(alike, key=lambda o: len(o.name))
        more = f" (and {len(alike) - 1} like it)" if len(alike) > 1 else ""
        lines.append(f"    {first.outcome}: {first.name}{more}")
        lines += [f"      {line[:300]}" for line in first.text.splitlines()[:7]]
    if len(kinds) > _MOST_SHOWN:
        lines.append(f"    and {len(kinds) - _MOST_SHOWN} more kinds, in the file")
    return lines


def bench_lines(rows: list[dict[str, Any]]) -> list[str]:
    """The table of the benchmarks."""
    lines = [f"  {'benchmark':34} {'value':>10} {'unit':5} {'against':>10} {'ratio':>7} {'wanted':>8}"]
    for r in rows:
        if "failed" in r:
            lines.append(f"  {r['name']:34} failed: {r['failed'][:400]}")
            continue
        against = f"{r['against']:10.2f}" if r["against"] else " " * 10
        ratio = f"{r['ratio']:7.3f}" if r["against"] else " " * 7
        wanted = f"{'>=' if r['bound'] > 0 else '<='} {abs(r['bound']):g}" if r["bound"] else ""
        missed = "" if r["met"] else "  MISSED"
        note = f"  {r['note']}" if r["note"] else ""
        lines.append(f"  {r['name']:34} {r['value']:10.2f} {r['unit']:5} {against} {ratio} {wanted:>8}{missed}{note}")
    return lines


def _short(o: Outcome) -> Outcome:
    """What the file keeps: the error, not the program that showed it, which its seed brings back."""
    return o._replace(text="\n".join(o.text.splitlines()[:3])[:600])


def save(device: str, text: str, suites: dict[str, list[Outcome]], rows: list[dict[str, Any]], facts: dict[str, Any]) -> Path:
    """Write what was found into benchmarks/results, under the device's name."""
    folder = ROOT / "benchmarks" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^a-z0-9]+", "-", f"{device.partition(':')[0]} {text.split(',')[0]}".lower()).strip("-")
    path = folder / f"{name}.json"
    found = {
        "device": device,
        "text": text,
        "date": datetime.date.today().isoformat(),
        **facts,
        "suites": {k: dict(Counter(o.outcome for o in v)) for k, v in suites.items()},
        "passed": {k: sorted(o.name for o in v if o.outcome == "passed") for k, v in suites.items()},
        "not_passed": {k: [_short(o)._asdict() for o in v if not is_good(o)] for k, v in suites.items()},
        "benchmarks": rows,
    }
    path.write_text(json.dumps(found, indent=1) + "\n")
    return path
