"""Prints the accuracy and the cost of kdsl's elementary functions as markdown tables.

One idea: f32 functions are compared with NumPy's f64 functions over many samples (their own error is
invisible there), f64 functions with mpmath over fewer; costs are counted by evaluating the function on an
algebra that counts operations, in the common path, with every possible multiply-add fused.

Run ``python tools/accuracy.py [samples]``; a million samples take about a minute.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kdsl.ir.mathlib import FAST_FUNCTIONS, FUNCTIONS, Function, NumpyAlgebra, evaluate
from kdsl.ir.mathlib.common import F32, F64
from kdsl.ir.mathlib.ulp import references, sample, worst

Array = np.ndarray[Any, Any]
_NUMPY_NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "pow": "power"}


def _reference_f64(name: str, arguments: tuple[Array, ...]) -> Array:
    wide = [a.astype(np.float64) for a in arguments]
    with np.errstate(all="ignore"):
        if name == "rsqrt":
            return 1.0 / np.sqrt(wide[0])
        if name == "erf":
            return np.array([math.erf(x) for x in wide[0].tolist()])
        return getattr(np, _NUMPY_NAMES.get(name, name))(*wide)


def worst_f32(name: str, count: int, rng: np.random.Generator) -> list[float]:
    """The largest errors of a f32 function: strict, and contracted in two ways."""
    results = [0.0, 0.0, 0.0]
    while count > 0:
        arguments = sample(name, F32, min(count, 200_000), rng)
        exact = _reference_f64(name, arguments)
        for i, contract in enumerate((None, "left", "right")):
            computed = evaluate(FUNCTIONS[name]["f32"], *arguments, contract=contract)
            with np.errstate(all="ignore"):
                finite = np.isfinite(computed) & np.isfinite(exact.astype(np.float32))
                unit = np.spacing(np.abs(exact[finite]).astype(np.float32)).astype(np.float64)
                errors = np.abs(computed[finite] - exact[finite]) / unit
            results[i] = max(results[i], float(errors.max()))
        count -= arguments[0].size
    return results


def worst_f64(name: str, count: int, rng: np.random.Generator) -> list[float]:
    """The same for f64, against mpmath."""
    arguments = sample(name, F64, count, rng)
    exact = references(name, F64, arguments)
    modes = (None, "left", "right")
    return [
        worst(F64, evaluate(FUNCTIONS[name]["f64"], *arguments, contract=mode), exact, arguments)[0] for mode in modes
    ]


class CountingAlgebra(NumpyAlgebra):
    """Remembers which operation made which value, to count those that a result depends on.

    Every comparison, select and conversion counts as one; constants and bitcasts count as none, and so does a
    product that is fused into all its sums.
    """

    def __init__(self, fuse: bool) -> None:
        super().__init__("left" if fuse else None)
        self.made: list[tuple[Any, str, list[Any]]] = []

    def _parents(self, operand: Any) -> list[Any]:
        return next((parents for value, _, parents in self.made if value is operand), [])

    def apply(self, name: str, ufunc: Any, *operands: Any) -> Any:
        result = super().apply(name, ufunc, *operands)
        parents = list(operands)
        products = [x for x in operands if name in ("add", "sub") and getattr(x, "factors", None)]
        if products:  # the first one is computed within this operation
            parents = [x for x in operands if x is not products[0]] + self._parents(products[0])
        self.made.append((result, name, parents))
        return result

    def bitcast(self, x: Any, type: str) -> Any:
        result = super().bitcast(x, type)
        self.made.append((result, "bitcast", [x]))
        return result

    def select(self, mask: Any, a: Any, b: Any) -> Any:
        result = super().select(mask, a, b)
        self.made[-1][2].append(mask)
        return result

    def cost(self, result: Any) -> int:
        """The number of operations that the result needs."""
        needed, count = [result], 0
        for value, name, parents in reversed(self.made):
            if any(value is x for x in needed):
                needed += parents
                count += name not in ("bitcast", "neg")
        return count


def operations(function: Function) -> tuple[int, int]:
    """Operations in the common path: with fused multiply-adds, and without."""
    costs = []
    dtype = np.float32 if function.type == "f32" else np.float64
    for fuse in (True, False):
        m = CountingAlgebra(fuse)
        arguments = [m.wrap(np.array([0.7, 1.3], dtype)) for _ in range(function.arity)]
        costs.append(m.cost(function(m, *arguments)))
    return costs[0], costs[1]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rng = np.random.default_rng(1)
    print("Largest error in ULP (0.5 is perfect), strict and with multiply-adds fused, and number of")
    print("operations of the common path, with and without fused multiply-adds.\n")
    print("| function | f32 strict | f32 fused | f32 operations | f64 strict | f64 fused | f64 operations |")
    print("|---|---|---|---|---|---|---|")
    for name, by_type in FUNCTIONS.items():
        single, double = worst_f32(name, count, rng), worst_f64(name, max(count // 100, 1000), rng)
        cost = {kind: "{} / {}".format(*operations(f)) for kind, f in by_type.items()}
        cells = [f"{single[0]:.2f}", f"{max(single[1:]):.2f}", cost["f32"]]
        cells += [f"{double[0]:.2f}", f"{max(double[1:]):.2f}", cost["f64"]]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print("\nOperations of the fast f32 functions:\n\n| function | fused | separate |\n|---|---|---|")
    for name, by_type in FAST_FUNCTIONS.items():
        print("| {} | {} | {} |".format(name, *operations(by_type["f32"])))


if __name__ == "__main__":
    main()
