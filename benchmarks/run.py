"""The benchmarks: kdsl against its peers on one machine, in one run.

One idea: peers take turns (A B C A B C ...), each in a process that sleeps when it is not its turn, so what disturbs the
machine disturbs all of them; of the runs of a turn the fastest counts, and what is reported are ratios of medians over
turns. Before anything is timed, every peer must give the expected answer. Nothing here is a test: a slow machine
prints a small ratio, it does not fail.

Which pages of memory arrays get changes how fast they are read: the same code took 3.8 to 5.6 ms for a triad in one process
whose arrays were allocated anew. So rows that memory bounds are measured with several allocations, the peers in another
order each time: the ratio is the median of theirs, and the table says how far they lie apart.

    python benchmarks/run.py                          everything, some minutes
    python benchmarks/run.py --only heat --only sum   some rows ("startup", "scaling" and "cost" are such names too)
    python benchmarks/run.py --peer kdsl --peer c     some peers
    python benchmarks/run.py --quick                  small inputs and few turns: whether it runs, not how fast
    python benchmarks/run.py --json out.json          the numbers too
    python benchmarks/run.py --out benchmarks/results the table as markdown, the numbers, and the charts as SVG; with --only,
                                                      the other rows stay as an earlier run left them there

With KDSL_BENCH_CLOCK=processor peers get one thread, and what is timed is the time it had a processor: for a machine on
which others work at the same time. Rows that memory bounds still feel them.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import report
import startup
from fleet import PEERS, Gone, Process, processor_seconds
from limits import best_of, measure_limits
from problems import PROBLEMS, Case, Outputs, Problem, make_photo

CLOCK = os.environ.get("KDSL_BENCH_CLOCK", "wall")  # or "processor"; workers read it too
THREADS = 2 if CLOCK == "wall" else 1
PAUSE_S = 0.02  # before a turn: threads of the peer before may still spin, waiting for more work
SLOW, TURNS_OF_SLOW = 4.0, 2  # who takes so many times as long as the fastest is measured in so many turns only
MEMORY_LEFT = 2 << 30  # a peer that leaves less than this is left out of the row
EXTRAS = ("scaling", "cost", "startup")
SIZES = [1 << k for k in range(10, 29, 2)]  # of the plot of cost against size


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def memory_available() -> int:
    """Bytes that could be allocated without swapping; very many where /proc does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 1 << 60
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")), 1 << 60)


class Fleet:
    """The processes by (peer, threads), each started when it is first needed; and why peers were left out."""

    def __init__(self, scratch: Path):
        self.scratch = scratch
        self.processes: dict[tuple[str, int], Process] = {}
        self.versions: dict[str, str] = {}
        self.missing: dict[str, str] = {}
        self.left_out: list[str] = []

    def start(self, peers: list[str], threads: int = THREADS) -> None:
        """Starts what does not run yet; all of them load at the same time."""
        fresh = [name for name in peers if (name, threads) not in self.processes and name not in self.missing]
        for name in fresh:
            try:
                self.processes[name, threads] = Process(PEERS[name], threads, self.scratch)
                self.processes[name, threads].send("hello")
            except Gone as e:
                self._lose(name, str(e))
        for name in fresh:
            if process := self.processes.get((name, threads)):
                try:
                    reply = process.receive()
                    self.versions[name] = reply["version"]
                    process.kernels = reply["kernels"]
                except Gone as e:
                    process.end()
                    del self.processes[name, threads]
                    self._lose(name, str(e))

    def _lose(self, name: str, reason: str) -> None:
        self.missing[name] = reason
        say(f"{PEERS[name].title}: not here: {reason}")

    def prepare(self, problem: Problem, size: int, crew: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Those of `crew` that can solve the problem and give the expected answer; prepared side by side, two at a time."""
        ready: list[tuple[str, int]] = []
        crew = [key for key in crew if key in self.processes and problem.kernel in self.processes[key].kernels]
        at_once = 1 if problem.large else 2
        for group in (crew[i : i + at_once] for i in range(0, len(crew), at_once)):
            asked = []
            for key in group:
                if memory_available() < MEMORY_LEFT + (3 * 4 * size if problem.large else 0):
                    self.left_out.append(f"{PEERS[key[0]].title} in {problem.name}: not enough memory left")
                    say(self.left_out[-1])
                else:
                    self.processes[key].send("prepare", name=problem.name, size=size)
                    asked.append(key)
            for key in asked:
                try:
                    apart = self.processes[key].receive()["apart"]
                    if not apart <= problem.limit:  # also refuses NaN
                        raise Gone(f"another answer: {apart:.3g} > {problem.limit:.3g}")
                    ready.append(key)
                except Gone as e:
                    self.drop_out(key, problem, str(e))
        return ready

    def drop_out(self, key: tuple[str, int], problem: Problem, reason: str) -> None:
        self.left_out.append(f"{PEERS[key[0]].title} in {problem.name}: {reason}")
        say(self.left_out[-1])
        if self.processes[key].child.poll() is None:
            self.processes[key].ask("drop")
        else:
            del self.processes[key]  # it is started again for the next row

    def time(self, problem: Problem, crew: list[tuple[str, int]], turns: int) -> dict[tuple[str, int], list[float]]:
        """Seconds of the fastest run of each turn; says so if a peer keeps a core busy while it waits."""
        seconds: dict[tuple[str, int], list[float]] = {key: [] for key in crew}
        busy, waited = dict.fromkeys(crew, 0.0), 0.0
        for turn in range(turns):
            for key in list(seconds):
                if turn >= TURNS_OF_SLOW and min(seconds[key]) > SLOW * min(map(min, seconds.values())):
                    continue
                time.sleep(PAUSE_S)
                before = {other: processor_seconds(self.processes[other].child.pid) for other in seconds if other != key}
                start = time.perf_counter()
                try:
                    seconds[key].append(min(self.processes[key].ask("turn", runs=20)["seconds"]))
                except Gone as e:
                    del seconds[key]
                    self.drop_out(key, problem, str(e))
                    continue
                waited += time.perf_counter() - start
                for other, used in before.items():
                    busy[other] += processor_seconds(self.processes[other].child.pid) - used
        for key, used in busy.items():
            if used > 0.02 * waited:
                say(f"{PEERS[key[0]].title} used {used / waited:.0%} of a core while others were timed")
        return seconds

    def let_go(self) -> None:
        """Frees the problem's memory everywhere."""
        for process in self.processes.values():
            process.send("drop")
        for key, process in list(self.processes.items()):
            try:
                process.receive()
            except Gone:
                del self.processes[key]

    def end(self) -> None:
        for process in self.processes.values():
            process.end()


def set_up(problem: Problem, size: int, scratch: Path) -> tuple[Case, Outputs]:
    """The problem's inputs and answer; the answer also lies in `scratch`, where the workers find it."""
    case = problem.make(size, scratch)
    answer = problem.expected(case)
    for name, array in answer.items():
        np.save(scratch / f"{problem.name}-{name}.npy", array)
    return case, answer


def clear(problem: Problem, scratch: Path) -> None:
    for name in problem.outputs:
        (scratch / f"{problem.name}-{name}.npy").unlink(missing_ok=True)


def measure(problem: Problem, fleet: Fleet, peers: list[str], quick: bool, turns: int) -> dict:
    """One row of the table."""
    size = problem.quick if quick else problem.size
    case, answer = set_up(problem, size, fleet.scratch)
    work = {"gb": problem.moved(case) * 1e-9, "gflop": problem.flops(case, answer) * 1e-9}
    del case, answer
    fleet.start(peers)
    places = 1 if quick else problem.places
    found: list[dict[str, list[float]]] = []
    crew = [(name, THREADS) for name in peers]
    for _ in range(places):
        crew = fleet.prepare(problem, size, crew)
        seconds = fleet.time(problem, crew, max(TURNS_OF_SLOW, -(-turns // places)))
        fleet.let_go()
        found.append({name: values for (name, _), values in seconds.items()})
        crew = [key for key in crew if key in seconds and min(seconds[key]) <= SLOW * min(map(min, seconds.values()))]
        crew = crew[1:] + crew[:1]
    clear(problem, fleet.scratch)
    return report.make_row(problem, found, work)


def measure_scaling(problem: Problem, fleet: Fleet, peers: list[str], quick: bool, turns: int) -> dict:
    """How much faster two threads are than one, for each peer."""
    size = problem.quick if quick else problem.size
    set_up(problem, size, fleet.scratch)
    for threads in (1, THREADS):
        fleet.start(peers, threads)
    crew = fleet.prepare(problem, size, [(name, threads) for name in peers for threads in (1, THREADS)])
    medians = {key: statistics.median(s) for key, s in fleet.time(problem, crew, turns).items()}
    fleet.let_go()
    clear(problem, fleet.scratch)
    scaling = {name: medians[name, 1] / medians[name, THREADS]
               for name in peers if (name, 1) in medians and (name, THREADS) in medians}  # fmt: skip
    return {"name": problem.name, "title": problem.title, "scaling": scaling}


def measure_cost(problem: Problem, fleet: Fleet, peers: list[str], sizes: list[int], turns: int) -> dict:
    """Seconds of a run at each size."""
    medians: dict[str, list[float | None]] = {name: [] for name in peers}
    fleet.start(peers)
    for size in sizes:
        set_up(problem, size, fleet.scratch)
        crew = fleet.prepare(problem, size, [(name, THREADS) for name in peers])
        seconds = fleet.time(problem, crew, turns)
        fleet.let_go()
        for name in peers:
            times = seconds.get((name, THREADS))
            medians[name].append(statistics.median(times) if times else None)
    clear(problem, fleet.scratch)
    return {"name": problem.name, "kernel": problem.kernel, "sizes": sizes, "seconds": medians}


def processor() -> str:
    """The processor's name, for the line over the table."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def machine() -> dict:
    return {
        "processor": processor(), "cores": os.cpu_count(), "threads": THREADS, "clock": CLOCK, "python": platform.python_version(),
        "system": platform.platform(terse=True), "date": datetime.date.today().isoformat(),
    }  # fmt: skip


def with_earlier(results: dict, args: argparse.Namespace) -> dict:
    """Results with those of rows that were not asked for, where an earlier run left them in the folder."""
    page = args.out / "results.json" if args.out else None
    if args.only and page and page.exists():
        results = report.merge(json.loads(page.read_text()), results)
    report.judge(results)
    return results


def measure_all(args: argparse.Namespace, scratch: Path) -> dict:
    """Everything that was asked for, as one value that JSON can hold. After each row the folder has what there is so far."""
    peers, wanted = args.peer or list(PEERS), args.only or [*PROBLEMS, *EXTRAS]
    turns = args.turns or (2 if args.quick else 7)
    fleet = Fleet(scratch)
    say("measuring the machine's limits ...")
    results: dict = {"machine": machine(), "quick": args.quick, "limits": measure_limits(THREADS), "rows": [], "scaling": [],
                     "cost": [], "startup": []}  # fmt: skip
    try:
        for name in filter(PROBLEMS.get, wanted):
            say(f"measuring {name} ...")
            results["rows"].append(measure(PROBLEMS[name], fleet, peers, args.quick, turns))
            results["limits"] = best_of(results["limits"], measure_limits(THREADS))
            if args.out and args.only:
                results |= {"versions": fleet.versions, "missing": fleet.missing, "left_out": fleet.left_out}
                report.save(with_earlier(results, args), args.out)
        ours = [name for name in ("kdsl", "c", "numba") if name in peers]
        if "scaling" in wanted:
            for problem in PROBLEMS.values():
                if problem.compute:
                    say(f"measuring how {problem.name} scales ...")
                    results["scaling"].append(measure_scaling(problem, fleet, ours, args.quick, turns))
        if "cost" in wanted:
            for name in ("triad-16M", "math-default"):
                say(f"measuring {name} at every size ...")
                sizes = SIZES[:4] if args.quick else SIZES
                results["cost"].append(measure_cost(PROBLEMS[name], fleet, ours, sizes, max(2, turns // 2)))
    finally:
        fleet.end()
    if "startup" in wanted and "kdsl" in peers:
        say("measuring start-up ...")
        results["startup"] = [vars(m) | {"kept": m.kept} for m in startup.measure(3 if args.quick else 11)]
    results |= {"versions": fleet.versions, "missing": fleet.missing, "left_out": fleet.left_out}
    return results


def main(argv: list[str] | None = None) -> None:
    """Parses the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=[*PROBLEMS, *EXTRAS], metavar="ROW", help="this row alone; repeatable")
    parser.add_argument("--peer", action="append", choices=list(PEERS), help="this peer alone; repeatable")
    parser.add_argument("--quick", action="store_true", help="small inputs, few turns")
    parser.add_argument("--turns", type=int, help="turns of each peer (default 7, quick 2)")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    parser.add_argument("--out", type=Path, help="write table, numbers and charts into this folder")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="kdsl-bench-") as scratch:
        make_photo(Path(scratch))
        results = measure_all(args, Path(scratch))
    results = with_earlier(results, args)
    report.show(results)
    if args.json:
        args.json.write_text(json.dumps(results, indent=1))
    if args.out:
        report.write(results, args.out)


if __name__ == "__main__":
    main()
