"""What one op with an `eval` computes: shared by the interpreter (arrays of lanes) and the constant folder (Python
numbers).

One idea: the row holds the meaning on plain NumPy arrays; here are the three things every caller must do the same
way: give `typed` rows the result type, give `encoded` rows bits instead of values, and round to the formats that are
computed in f32.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import formats, types as T
from .opdef import OpDef

__all__ = ["evaluate", "fold"]


def evaluate(defn: OpDef, result_type: T.Type, values: Sequence[Any], attributes: dict[str, Any],
             operand_types: Sequence[T.Type] = ()) -> Any:  # fmt: skip
    """The result's values, an array of its `value_dtype`; operands are arrays of theirs.

    `operand_types` is needed only by rows that are `encoded` (bitcast). The caller silences NumPy's warnings.
    """
    eval_row = defn.eval
    assert eval_row is not None, defn
    t = T.element_of(result_type)
    if defn.encoded:
        values = [formats.encode(T.element_of(s), v) for s, v in zip(operand_types, values, strict=True)]
    facts = {name: attributes[name] for name in defn.attributes}
    out = eval_row(t, *values, **facts) if defn.typed else eval_row(*values, **facts)
    return formats.round_to(t, out) if t.storage else out


def fold(defn: OpDef, result_type: T.Type, operand_types: Sequence[T.Type], values: Sequence[Any],
         attributes: dict[str, Any]) -> Any:  # fmt: skip
    """The result as a Python bool, int or float, of operands that are Python numbers (each fits its type)."""
    with np.errstate(all="ignore"):
        # One lane, not NumPy scalars: scalars would take other code paths (and warn on integer overflow).
        dtypes = [T.element_of(t).value_dtype for t in operand_types]
        lanes = [np.asarray([v]).astype(dtype) for v, dtype in zip(values, dtypes, strict=True)]
        return np.asarray(evaluate(defn, result_type, lanes, attributes, operand_types)).reshape(-1)[0].item()
