"""The benchmarks' table: kdsl against C and numba on one machine, in one run.

One idea: peers take turns (A B C A B C ...), so what disturbs the machine disturbs all of them, and what is reported is
the ratio of medians. Before anything is timed, all peers must agree on the answer. Nothing here is a test: a slow
machine prints a small ratio, it does not fail.

    python benchmarks/run.py                 everything
    python benchmarks/run.py --only heat     one problem (may be repeated; "startup" is one of them)
    python benchmarks/run.py --quick         small inputs and few rounds: whether it runs, not how fast
    python benchmarks/run.py --json out.json the numbers too
"""

from __future__ import annotations

import argparse
import copy
import importlib
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

# Before any peer loads its threads: everyone gets the same number of them.
THREADS = int(os.environ.get("KDSL_NUM_THREADS", "2"))
for _name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "KDSL_NUM_THREADS"):
    os.environ[_name] = str(THREADS)

sys.path.insert(0, str(Path(__file__).parent))

import startup  # noqa: E402
from problems import PROBLEMS, Case, Problem  # noqa: E402

PEERS = ("peers_c", "peers_numba", "peers_kdsl")
COLUMNS = ("c", "c-scalar", "numba", "kdsl")
# Threads of the peer before may still spin, waiting for more work; OpenMP's do for some milliseconds.
PAUSE_S = 0.03

Runner = Callable[[Case], None]


def load_runners(problem: str, peers: list[str]) -> dict[str, Runner]:
    """Every peer that can run here, by column; says why of those that cannot."""
    found: dict[str, Runner] = {}
    for peer in peers:
        module = importlib.import_module(peer)
        reason = module.unavailable()
        if reason:
            print(f"{peer}: {reason}", file=sys.stderr)
            continue
        found |= module.runners(problem)
    return found


def check_agreement(problem: Problem, runners: dict[str, Runner], quick: bool) -> Case:
    """Runs every peer once on equal inputs and refuses to go on if one gives another answer. Gives the answer."""
    reference: Case | None = None
    first = ""
    for column, runner in runners.items():
        case = problem.make(quick)
        runner(case)
        if reference is None:
            reference, first = case, column
            continue
        apart = problem.differs(case, reference)
        if not apart <= problem.limit:  # also refuses NaN
            raise SystemExit(f"{problem.name}: {column} and {first} disagree: {apart:.3g} > {problem.limit:.3g}")
    assert reference is not None
    return reference


def time_interleaved(runners: dict[str, Runner], cases: dict[str, Case], rounds: int) -> dict[str, list[float]]:
    """Seconds per run: `rounds` turns of each peer; a turn is one untimed run, which wakes threads, then two timed."""
    seconds: dict[str, list[float]] = {column: [] for column in runners}
    for _ in range(rounds):
        for column, runner in runners.items():
            case = cases[column]
            time.sleep(PAUSE_S)
            runner(case)
            for _ in range(2):
                start = time.perf_counter()
                runner(case)
                seconds[column].append(time.perf_counter() - start)
    return seconds


def measure(problem: Problem, peers: list[str], quick: bool, rounds: int) -> dict:
    """One row of the table."""
    runners = load_runners(problem.name, peers)
    if not runners:
        raise SystemExit("no peer can run here")
    answer = check_agreement(problem, runners, quick)
    fresh = problem.make(quick)
    seconds = time_interleaved(runners, {column: copy.deepcopy(fresh) for column in runners}, rounds)
    medians = {column: statistics.median(times) for column, times in seconds.items()}
    row: dict = {
        "problem": problem.name,
        "title": problem.title,
        "median_ms": {column: s * 1e3 for column, s in medians.items()},
        "quartiles_ms": {c: [q * 1e3 for q in statistics.quantiles(times, n=4)] for c, times in seconds.items()},
        "rate": {column: problem.work(answer) / s for column, s in medians.items()},
        "unit": problem.unit,
        "promises": [],
    }
    for promise in problem.promises:
        if "kdsl" in medians and promise.peer in medians:
            ratio = medians[promise.peer] / medians["kdsl"]
            row["promises"].append(
                {"peer": promise.peer, "ratio": ratio, "at_least": promise.ratio, "kept": ratio >= promise.ratio}
            )
    return row


def markdown(rows: list[list[str]], head: list[str]) -> str:
    """A table that reads as text and as markdown."""
    widths = [max(len(line[i]) for line in [head, *rows]) for i in range(len(head))]

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.ljust(w) for cell, w in zip(cells, widths, strict=True)) + " |"

    return "\n".join([line(head), "|" + "|".join("-" * (w + 2) for w in widths) + "|", *map(line, rows)])


def problem_table(rows: list[dict]) -> str:
    """Medians in ms with rates, and the promised ratios with what they came to."""
    lines = []
    for row in rows:
        cells = [row["title"]]
        for column in COLUMNS:
            ms = row["median_ms"].get(column)
            cells.append("-" if ms is None else f"{ms:.2f} ({row['rate'][column]:.1f})")
        cells.append(row["unit"])
        cells.append(
            "; ".join(
                f"{p['ratio']:.2f} x {p['peer']} (promised {p['at_least']:g}) {'yes' if p['kept'] else 'NO'}"
                for p in row["promises"]
            )
            or "-"
        )
        lines.append(cells)
    return markdown(lines, ["ms (rate)", "C -O3", "scalar C", "numba", "kdsl", "rate in", "kdsl is as fast as"])


def startup_table(measures: list[startup.Measure]) -> str:
    """Milliseconds, and the limit where one is promised."""
    lines = []
    for m in measures:
        limit = "-" if m.limit_ms is None else f"{m.limit_ms:g} {'yes' if m.kept else 'NO'}"
        lines.append([m.name, f"{m.ms:.1f}", limit, m.note])
    return markdown(lines, ["start-up", "ms", "at most", ""])


def processor() -> str:
    """The processor's name, for the line over the table."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def main(argv: list[str] | None = None) -> None:
    """Parses the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=[*PROBLEMS, "startup"], help="this row alone; repeatable")
    parser.add_argument("--peers", default=",".join(p.removeprefix("peers_") for p in PEERS), help="c,numba,kdsl")
    parser.add_argument("--quick", action="store_true", help="small inputs, few rounds")
    parser.add_argument("--rounds", type=int, help="turns of each peer (default 9, quick 2)")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    args = parser.parse_args(argv)
    peers = [f"peers_{name}" for name in args.peers.split(",")]
    rounds = args.rounds or (2 if args.quick else 9)
    wanted = args.only or [*PROBLEMS, "startup"]

    print(f"{processor()}, {THREADS} threads, Python {platform.python_version()}, median of {2 * rounds} runs")
    print("small inputs: the sizes in the table are not those that were run\n" if args.quick else "")
    rows = []
    for name in wanted:
        if name in PROBLEMS:
            print(f"measuring {name} ...", file=sys.stderr)
            rows.append(measure(PROBLEMS[name], peers, args.quick, rounds))
    if rows:
        print(problem_table(rows))

    starts = []
    if "startup" in wanted and "peers_kdsl" in peers:
        print("measuring start-up ...", file=sys.stderr)
        starts = startup.measure(3 if args.quick else 15)
        print("\n" + startup_table(starts))

    if args.json:
        args.json.write_text(json.dumps({"threads": THREADS, "rows": rows, "startup": [vars(m) for m in starts]}))


if __name__ == "__main__":
    main()
