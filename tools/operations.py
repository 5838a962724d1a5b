"""Prints the cost of kdsl's elementary functions, as a markdown table.

One idea: a function is evaluated on an algebra that counts operations, in the common path, with every possible multiply-add
fused and with none. Their errors are in docs/ACCURACY.md.

Run ``python tools/operations.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kdsl.ir.mathlib import FAST_FUNCTIONS, FUNCTIONS, Function, NumpyAlgebra


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
    print("Operations of the common path, with fused multiply-adds / without.\n")
    print("| function | f32 | f64 | f32, math=\"fast\" |\n|---|---|---|---|")
    for name, by_type in FUNCTIONS.items():
        variants = (by_type["f32"], by_type["f64"], FAST_FUNCTIONS.get(name, {}).get("f32"))
        cells = ["{} / {}".format(*operations(f)) if f else "" for f in variants]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
