"""What is measured: inputs, what counts as the same answer, and the ratios that kdsl promises.

One idea: a problem is data that every peer gets alike, so a peer is only a function from `Case` to a filled output.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["PROBLEMS", "Case", "Problem", "Promise"]

Case = dict[str, np.ndarray | float | int]


@dataclass(frozen=True)
class Promise:
    """kdsl must be at least `ratio` times as fast as `peer`."""

    peer: str
    ratio: float


@dataclass(frozen=True)
class Problem:
    """make(quick) gives inputs; `differs` gives how far two cases' outputs are apart, which must stay under `limit`.

    unit and work: what the fastest peer's rate is shown in (GB/s or GFLOP/s), and how many such one run takes, in 1e9.
    """

    name: str
    title: str
    make: Callable[[bool], Case]
    differs: Callable[[Case, Case], float]
    limit: float
    unit: str
    work: Callable[[Case], float]
    promises: tuple[Promise, ...]


def _make_saxpy(quick: bool) -> Case:
    n = 1 << (20 if quick else 24)
    rng = np.random.default_rng(1)
    return {"a": 0.25, "x": rng.random(n, np.float32), "y": rng.random(n, np.float32)}


def _make_mandelbrot(quick: bool) -> Case:
    size = 256 if quick else 1024
    return {
        "x0": -2.0, "y0": -1.25, "step": 2.5 / size, "limit": 200, "out": np.zeros((size, size), np.int32),
    }  # fmt: skip


def _make_nbody(quick: bool) -> Case:
    n = 1024 if quick else 4096
    rng = np.random.default_rng(2)
    case: Case = {name: rng.standard_normal(n).astype(np.float32) for name in "xyz"}
    case["m"] = (rng.random(n, np.float32) + 0.5) / n
    case |= {name: np.zeros(n, np.float32) for name in ("ax", "ay", "az")}
    case["soft2"] = 0.01
    return case


def _make_heat(quick: bool) -> Case:
    size = 512 if quick else 4096
    a = np.random.default_rng(3).random((size, size), np.float32)
    return {"a": a, "b": a.copy(), "k": 0.2, "sweeps": 10}  # an even number of sweeps leaves the result in a


def _largest_difference(*names: str) -> Callable[[Case, Case], float]:
    """Largest difference relative to the largest magnitude of the reference, over the named outputs."""

    def differs(case: Case, reference: Case) -> float:
        def one(name: str) -> float:
            want = np.asarray(reference[name], np.float64)
            return float(np.max(np.abs(np.asarray(case[name], np.float64) - want)) / np.max(np.abs(want)))

        return max(one(name) for name in names)

    return differs


def _share_of_other_counts(case: Case, reference: Case) -> float:
    return float(np.mean(np.asarray(case["out"]) != np.asarray(reference["out"])))


PROBLEMS = {
    p.name: p
    for p in (
        # a*x+y rounds once or twice, by whether the peer contracts: 2**-24 of a value up to 1.25 apart.
        Problem("saxpy", "saxpy, 16M f32", _make_saxpy, _largest_difference("y"), 2e-7,
                "GB/s", lambda c: c["x"].nbytes * 3e-9, (Promise("c", 0.95),)),
        # A last-bit difference grows along the orbit, so pixels at the rim of the set leave some steps apart.
        Problem("mandelbrot", "mandelbrot, 1024 x 1024, 200 steps", _make_mandelbrot, _share_of_other_counts, 0.01,
                "GFLOP/s", lambda c: float(np.sum(c["out"], dtype=np.float64)) * 10e-9,
                (Promise("c-scalar", 4.0), Promise("numba", 1.0))),
        # 4096 terms summed in different orders, each within a few units in the last place.
        Problem("nbody", "n-body, 4096 bodies", _make_nbody, _largest_difference("ax", "ay", "az"), 2e-5,
                "GFLOP/s", lambda c: c["x"].size ** 2 * 20e-9, (Promise("c-scalar", 4.0), Promise("numba", 1.0))),
        Problem("heat", "heat, 4096 x 4096, 10 sweeps", _make_heat, _largest_difference("a"), 2e-6,
                "GB/s", lambda c: c["a"].nbytes * 2e-9 * c["sweeps"], (Promise("c", 1.0),)),
    )
}  # fmt: skip
