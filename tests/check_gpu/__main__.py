"""`python -m tests.check_gpu`: finds the GPUs, runs the suites and the benchmarks on each, prints a table.

    python -m tests.check_gpu                       everything, in less than ten minutes
    python -m tests.check_gpu --minutes 4           in less than four
    python -m tests.check_gpu --device cuda:0       one device
    python -m tests.check_gpu --only conformance    a part: conformance, runtime, programs, bench; or `smoke` alone, in seconds
    python -m tests.check_gpu --programs 20000      as many random programs; 1,000 if it is not said
    python -m tests.check_gpu --match atomics       the tests with this in their name

Ends with 1 where a test failed, with 2 where there is no GPU.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from typing import Any

from . import report
from .workers import ROOT, Outcome, run_modules

SUITES: dict[str, list[str]] = {
    "conformance": ["conformance.test_ops", "conformance.test_kernels", "conformance.test_memory", "conformance.test_subgroups",
                    "conformance.test_planted_bugs"],
    "runtime": ["runtime.test_device", "runtime.test_gpu", "runtime.test_cuda_interop"],
    "programs": ["property.test_hardware"],
}  # fmt: skip
PARTS = ("smoke", *SUITES, "bench")

_SMOKE = """
import sys, time
import numpy as np, kdsl
from kdsl import Array, f32
device = kdsl.device(sys.argv[1])
print("  device:", device)
@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < y.shape[0]:
        y[i] = a * x[i] + y[i]
for n in (1000, 1 << 20):
    x, y = np.arange(n, dtype=np.float32), np.ones(n, np.float32)
    dx, dy = device.array(x), device.array(y)
    start = time.perf_counter()
    saxpy.over(n)(2.0, dx, dy)
    out = dy.numpy()
    took = time.perf_counter() - start
    right = np.array_equal(out, 2 * x + 1)
    print(f"  saxpy of {n}: {'right' if right else 'WRONG'}, compiled, loaded and run in {took * 1e3:.0f} ms")
    assert right
"""


def say(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)


def find_devices() -> tuple[list[tuple[str, str]], list[str]]:
    """(name, what it is) of every GPU, and why kinds of device are not here."""
    from kdsl.runtime.registry import list_kind

    found, missing = [], []
    for kind in ("cuda", "hip", "metal", "vulkan"):
        for one in list_kind(kind):
            if one.reason:
                missing.append(f"{kind}: {one.reason}")
            elif one.is_software:
                missing.append(f"{one.name}: {one.text}: a processor that plays a GPU")
            else:
                found.append((one.name, one.text))
    return found, missing


def smoke(device: str) -> Outcome:
    """One kernel from source to result, in a process of its own."""
    start = time.monotonic()
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "KDSL_DEVICE": device, "PYTHONPATH": path}
    with tempfile.TemporaryDirectory(prefix="kdsl-check-") as folder:
        script = os.path.join(folder, "smoke.py")
        with open(script, "w") as f:
            f.write(_SMOKE)
        try:
            done = subprocess.run([sys.executable, script, device], capture_output=True, text=True, timeout=120, cwd=ROOT,
                                  env=environment)  # fmt: skip
        except subprocess.TimeoutExpired as e:
            return Outcome("smoke", "hung", str(e), time.monotonic() - start)
    text = done.stdout + done.stderr[-3000:]
    return Outcome("smoke", "passed" if done.returncode == 0 else "failed", text, time.monotonic() - start)


def benchmarks(device: str, deadline: float) -> list[dict[str, Any]]:
    """The rows that `bench` prints until it ends or the time is up."""
    command = [sys.executable, "-m", "tests.check_gpu.bench", device]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=max(deadline - time.monotonic(), 20), cwd=ROOT)
        out, err, code = done.stdout, done.stderr, done.returncode
    except subprocess.TimeoutExpired as e:
        out, err, code = _text(e.stdout), "the time was up", 1
    rows = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    if code:
        rows.append({"name": "benchmarks", "failed": f"ended with {code}: {err[-600:]}"})
    return rows


def _text(data: Any) -> str:
    return data.decode(errors="replace") if isinstance(data, bytes) else data or ""


def check(device: str, text: str, args: argparse.Namespace, deadline: float) -> bool:
    """Everything on one device; whether all of it is well."""
    say(f"{device}: {text}")
    first = smoke(device)
    say(f"  smoke: {first.outcome} ({first.seconds:.1f} s)", *[f"  {line}" for line in first.text.splitlines()[-25:]])
    if first.outcome != "passed":
        return False
    suites: dict[str, list[Outcome]] = {}
    wanted = args.only or PARTS
    bench_s = 60.0 if "bench" in wanted else 0.0
    for name, modules in SUITES.items():
        if name not in wanted:
            continue
        there = [m for m in modules if (ROOT / "tests" / (m.replace(".", "/") + ".py")).exists()]
        start = time.monotonic()
        outcomes: list[Outcome] = []
        for module in there:
            outcomes += run_modules(device, [module], count=_workers(device, args.workers), deadline=deadline - bench_s,
                                    only=args.match, patience_s=args.patience)  # fmt: skip
        suites[name] = outcomes
        say(*report.suite_lines(name, outcomes, time.monotonic() - start))
    rows = benchmarks(device, deadline) if "bench" in wanted else []
    if rows:
        say(*report.bench_lines(rows))
    if suites or rows:
        facts = {"python": sys.version.split()[0], "numpy": _numpy_version(), "minutes": args.minutes}
        say(f"  written to {report.save(device, text, suites, rows, facts).relative_to(ROOT)}")
    return all(report.is_good(o) for v in suites.values() for o in v)


def _workers(device: str, wanted: int) -> int:
    """NVIDIA's Vulkan driver (580) starts no more than about a dozen logical devices at once."""
    return min(wanted, 8) if device.startswith("vulkan") else wanted


def _numpy_version() -> str:
    import numpy as np

    return np.__version__


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", action="append", help="such as cuda:0; repeatable; default: every GPU")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part alone; repeatable")
    parser.add_argument("--match", default="", help="tests with this text in their name")
    parser.add_argument("--programs", type=int, default=1000, help="random programs that are held against the interpreter")
    parser.add_argument("--minutes", type=float, default=9.5, help="for everything together")
    parser.add_argument("--workers", type=int, default=max(1, min(12, (os.cpu_count() or 2) - 1)), help="processes of the suites")
    parser.add_argument("--patience", type=float, default=90.0, help="seconds for one test")
    args = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    start = time.monotonic()
    devices, missing = find_devices()
    say(*[f"not here: {line}" for line in missing])
    if args.device:
        devices = [d for d in devices if d[0] in args.device] or [(d, "asked for by name") for d in args.device]
    if not devices:
        say("no GPU was found")
        return 2
    cache = tempfile.mkdtemp(prefix="kdsl-check-cache-")
    os.environ.setdefault("KDSL_CACHE_DIR", cache)
    os.environ["KDSL_CHECK_PROGRAMS"] = str(args.programs)
    try:
        good = True
        for k, (device, text) in enumerate(devices):
            left = start + args.minutes * 60 - time.monotonic()
            good &= check(device, text, args, time.monotonic() + left / (len(devices) - k))
    finally:
        shutil.rmtree(cache, ignore_errors=True)
    say(f"{'well' if good else 'NOT WELL'}, in {time.monotonic() - start:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
