"""What a run found, as numbers, as a table in the terminal and as markdown.

One idea: every ratio is a ratio of speeds, above 1 if kdsl is the faster; a target that was missed says so.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path

from fleet import PEERS
from limits import best_of, bound_s
from problems import PROBLEMS, Problem

__all__ = ["judge", "make_row", "merge", "save", "show", "write"]


def make_row(problem: Problem, found: list[dict[str, list[float]]], work: dict) -> dict:
    """One row of the table as it was measured, from the seconds of each peer's turns with each allocation of the arrays. Who
    was so slow that it was measured with the first only, or failed later, has fewer."""
    seconds: dict[str, list[float]] = {}
    for place in found:
        for name, times in place.items():
            seconds.setdefault(name, []).extend(times)
    return {
        "name": problem.name,
        "title": problem.title,
        "median_s": {name: statistics.median(times) for name, times in seconds.items()},
        "quartiles_s": {name: statistics.quantiles(times, n=4) for name, times in seconds.items()},
        "places_s": [{name: statistics.median(times) for name, times in place.items()} for place in found],
        "work": work,
    }


def judge(results: dict) -> None:
    """Adds to each row what follows from what was measured and the machine's limits: bound, ratios, targets."""
    for row in results["rows"]:
        row |= _verdict(PROBLEMS[row["name"]], row, bound_s(results["limits"], PROBLEMS[row["name"]], row["work"]))


def _verdict(problem: Problem, measured: dict, bound: float) -> dict:
    row: dict = {"bound_s": bound, "targets": []}
    medians = measured["median_s"]
    if problem.loop in medians:
        row["bound_s"] = bound = medians[problem.loop]
    mine = medians.get("kdsl")
    ratios = {name: _ratios(measured, name) for name in medians if name not in ("kdsl", problem.loop)} if mine else {}
    others = {name: statistics.median(found) for name, found in ratios.items() if found}
    if others:
        best = min(others, key=others.__getitem__)
        row["best_peer"], row["of_best"] = best, others[best]
        for target in problem.targets:
            if named := [name for name in target.of if name in others]:
                fastest = min(named, key=others.__getitem__)
                found = ratios[fastest]
                spread = [min(found), max(found)] if len(found) > 1 else []
                row["targets"].append(_target(f"× {PEERS[fastest].title}", others[fastest], target.ratio) | {"spread": spread})
    if mine and bound:
        row["of_bound"] = bound / mine
        if problem.share:
            row["targets"].append(_target("of the machine's limit", bound / mine, problem.share))
    if mine and problem.at_most and (bound or not problem.above):
        spent = mine - bound if problem.above else mine
        of = "µs above the loop" if problem.above else "µs"
        row["targets"].append(_target(of, spent * 1e6, problem.at_most * 1e6, most=True))
    return row


def _ratios(measured: dict, peer: str) -> list[float]:
    """The peer's time over kdsl's with each allocation of the arrays: with one the two took turns within seconds, while the
    machine may be another minutes later. (Of rows that were measured before there were several: of all turns.)"""
    places = measured.get("places_s") or [measured["median_s"]]
    return [place[peer] / place["kdsl"] for place in places if peer in place and "kdsl" in place]


def _target(of: str, value: float, wanted: float, most: bool = False) -> dict:
    return {"of": of, "value": value, "wanted": wanted, "most": most, "kept": value <= wanted if most else value >= wanted}


def duration(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def target_text(t: dict) -> str:
    spread = ", {:.2f} to {:.2f} by place in memory".format(*t["spread"]) if t.get("spread") else ""
    wanted = f"{'at most' if t['most'] else 'target'} {t['wanted']:g}: {'yes' if t['kept'] else 'NO'}"
    return f"{t['value']:.2f} {t['of']} ({wanted}{spread})"


def problem_cells(row: dict) -> list[str]:
    """Row, kdsl's time, what of the machine's bound that is, ratio to the best peer, targets."""
    mine = row["median_s"].get("kdsl")
    targets = "; ".join(map(target_text, row["targets"]))
    return [
        row["title"],
        duration(mine) if mine else "-",
        f"{row['of_bound']:.0%}" if "of_bound" in row else "-",
        f"{row['of_best']:.2f} × {PEERS[row['best_peer']].title}" if "of_best" in row else "-",
        targets or "-",
    ]


def time_cells(row: dict, peers: list[str]) -> list[str]:
    return [row["title"], *(duration(row["median_s"][name]) if name in row["median_s"] else "-" for name in peers)]


def tables(results: dict) -> list[tuple[str, list[str], list[list[str]]]]:
    """(title, head, rows) of each table that has rows."""
    rows = results["rows"]
    peers = [name for name in PEERS if any(name in row["median_s"] for row in rows)]
    found = [
        ("kdsl against its peers", ["", "kdsl", "of the machine's limit", "speed, of the best peer's", "what it should be"],
         [problem_cells(row) for row in rows]),
        ("Medians", ["", *(PEERS[name].title for name in peers)], [time_cells(row, peers) for row in rows]),
        ("Two threads against one", ["", *(PEERS[n].title for n in ("kdsl", "c", "numba"))],
         [[s["title"], *(f"{s['scaling'][n]:.2f}" if n in s["scaling"] else "-" for n in ("kdsl", "c", "numba"))]
          for s in results["scaling"]]),
        ("Start-up", ["", "median", "at most", ""],
         [[m["name"], f"{m['value']:.1f} {m['unit']}",
           "-" if m["limit"] is None else f"{m['limit']:g} {'yes' if m['kept'] else 'NO'}", m["note"]]
          for m in results["startup"]]),
    ]  # fmt: skip
    return [table for table in found if table[2]]


def heading(results: dict) -> str:
    m, limits = results["machine"], results["limits"]
    how = f"{m['threads']} threads" if m["threads"] > 1 else "1 thread, processor time"
    text = f"{m['processor']}, {how}, {m['system']}, Python {m['python']}, {m['date']}"
    if limits:
        text += (f"\nlimits: {limits['read']:.0f} GB/s read, {limits['write']:.0f} GB/s read and written, "
                 f"{limits['gflops']:.0f} GFLOP/s")  # fmt: skip
    return text + ("\nsmall inputs: the sizes in the table are not those that were run" if results["quick"] else "")


def remarks(results: dict) -> list[str]:
    """Versions, and who is not in the table and why."""
    lines = [f"{PEERS[name].title}: {version}" for name, version in results["versions"].items()]
    lines += [f"{PEERS[name].title}: not here: {reason}" for name, reason in results["missing"].items()]
    return lines + results["left_out"]


def show(results: dict) -> None:
    """Prints the tables."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not console.is_terminal:
        print(markdown(results))
        return
    console.print(heading(results), highlight=False)
    for title, head, rows in tables(results):
        table = Table(title=title, title_justify="left")
        for k, name in enumerate(head):
            table.add_column(name, justify="right" if 0 < k < len(head) - (head[-1] == "") else "left")
        for row in rows:
            table.add_row(*row, style="red" if any("NO" in cell for cell in row) else None)
        console.print(table)
    console.print("\n".join(remarks(results)), highlight=False, style="dim")


def markdown(results: dict) -> str:
    """All of it as a page."""
    parts = [heading(results).replace("\n", "  \n")]
    for title, head, rows in tables(results):
        widths = [max(len(line[i]) for line in [head, *rows]) for i in range(len(head))]

        def line(cells: list[str], widths: list[int] = widths) -> str:
            return "| " + " | ".join(cell.ljust(w) for cell, w in zip(cells, widths, strict=True)) + " |"

        rule = "|" + "|".join("-" * (w + 2) for w in widths) + "|"
        parts.append("\n".join([f"## {title}", "", line(head), rule, *map(line, rows)]))
    return "\n\n".join([*parts, "\n".join(f"* {remark}" for remark in remarks(results))]) + "\n"


MEASURED = ("rows", "scaling", "cost", "startup")  # lists of what was measured, each with a name


def merge(before: dict, now: dict) -> dict:
    """What both runs measured, in the order of the table; `now` wins. Raises ValueError if they are not of one kind."""
    same = {key: (before[part][key], now[part][key]) for part, key in (("machine", "processor"), ("machine", "threads"))}
    same["quick"] = (before["quick"], now["quick"])
    if apart := [f"{key}: {a} and {b}" for key, (a, b) in same.items() if a != b]:
        raise ValueError(f"these results are not of one kind: {'; '.join(apart)}")
    merged = {**before, **now, "limits": best_of(before["limits"], now["limits"])}
    for part in MEASURED:
        merged[part] = list({entry["name"]: entry for entry in before[part] + now[part]}.values())
    order = list(PROBLEMS)
    for part in ("rows", "scaling"):
        merged[part].sort(key=lambda entry: order.index(entry["name"]))
    measured_again = [row["name"] for row in now["rows"]]
    merged["versions"] = {name: (before["versions"] | now["versions"])[name] for name in PEERS
                          if name in before["versions"] or name in now["versions"]}  # fmt: skip
    merged["missing"] = {k: v for k, v in (before["missing"] | now["missing"]).items() if k not in merged["versions"]}
    kept = [line for line in before["left_out"] if not any(f" in {name}: " in line for name in measured_again)]
    merged["left_out"] = list(dict.fromkeys(kept + now["left_out"]))
    return merged


def save(results: dict, folder: Path) -> None:
    """The numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n")


def write(results: dict, folder: Path) -> None:
    """The page, the numbers, and the charts."""
    import charts

    save(results, folder)
    (folder / "README.md").write_text("# Results of `make bench`\n\n" + markdown(results))
    charts.draw(results, folder)
