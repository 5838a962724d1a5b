"""The sum of an array in two ways: a tree in shared memory, and subgroups whose size is never assumed.

One idea: each block makes one number of its share, and the same kernel, run as one block, adds up those numbers. The
order of additions is fixed by the grid, so a sum has the same bits in every run.

Usage: reduce.py [--size ELEMENTS] [--device cpu]
"""

import math
from collections.abc import Sequence

import numpy as np
from support import best_ms, option_parser, print_steps, use_device

import kdsl
from kdsl import Array, f32

BLOCK = 256
MAX_BLOCKS = 64


@kdsl.func
def share_of_thread(values):
    """Every thread of the grid adds up elements that lie a grid's width apart."""
    total = f32(0)
    for i in range(kdsl.global_id(0), values.shape[0], kdsl.grid_dim(0) * BLOCK):
        total += values[i]
    return total


@kdsl.kernel
def sum_tree(values: Array[f32, 1], sums: Array[f32, 1]):
    """Halves the number of active threads until one is left."""
    partial = kdsl.shared((BLOCK,), f32)
    t = kdsl.thread_id(0)
    partial[t] = share_of_thread(values)
    kdsl.barrier()
    width = kdsl.index(BLOCK // 2)
    while width > 0:
        if t < width:
            partial[t] += partial[t + width]
        kdsl.barrier()
        width //= 2
    if t == 0:
        sums[kdsl.block_id(0)] = partial[0]


@kdsl.kernel
def sum_subgroups(values: Array[f32, 1], sums: Array[f32, 1]):
    """Each subgroup adds up its lanes without shared memory; what subgroups found is added up by a subgroup again."""
    partial = kdsl.shared((BLOCK,), f32)  # room for subgroups of a single lane
    t, lane, lanes = kdsl.thread_id(0), kdsl.lane_id(), kdsl.subgroup_size()
    found = kdsl.subgroup_sum(share_of_thread(values))
    if lane == 0:
        partial[t // lanes] = found
    kdsl.barrier()
    rest = f32(0)
    for k in range(lane, kdsl.cdiv(BLOCK, lanes), lanes):
        rest += partial[k]
    total = kdsl.subgroup_sum(rest)
    if t == 0:
        sums[kdsl.block_id(0)] = total


def run(kernel, values: np.ndarray) -> float:
    """The sum of a 1-D f32 array by one of the two kernels."""
    blocks = max(1, min(MAX_BLOCKS, kdsl.cdiv(values.size, BLOCK)))
    sums, total = np.empty(blocks, np.float32), np.empty(1, np.float32)
    kernel[blocks, BLOCK](values, sums)
    kernel[1, BLOCK](sums, total)
    return float(total[0])


def main(argv: Sequence[str] | None = None) -> None:
    """Parses the command line, compares both kernels with NumPy and with the exact sum."""
    args = option_parser(__doc__, 1 << 24, "elements", None).parse_args(argv)
    use_device(args.device)

    values = np.random.default_rng(5).random(args.size, np.float32)
    exact = math.fsum(values)
    numpy_ms = best_ms(values.sum)
    steps = []
    for name, kernel in (("shared memory tree", sum_tree), ("subgroups", sum_subgroups)):
        try:
            apart = abs(run(kernel, values) - exact) / exact
        except kdsl.CompileError as e:  # a device may have no subgroups
            print(f"{name}: left out. {e}\n")
            continue
        steps.append((name, best_ms(lambda k=kernel: run(k, values)), numpy_ms, apart))
    print_steps(steps, "NumPy")
    print(f"The difference is relative to the exact sum; NumPy's is {abs(float(values.sum()) - exact) / exact:.3g}.")


if __name__ == "__main__":
    main()
