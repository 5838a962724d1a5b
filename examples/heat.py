"""Heat spreading over a plate: a five-point stencil, swept many times between two arrays.

One idea: reading from one array and writing to the other needs no synchronisation inside a sweep.

Usage: heat.py [--size POINTS] [--sweeps 2000] [--out heat.png] [--device cpu]
"""

from collections.abc import Sequence

import numpy as np
from support import best_ms, option_parser, print_steps, save_picture, use_device

import kdsl
from kdsl import Array, f32

DIFFUSION = 0.2  # of the square of the mesh width, per sweep; above 0.25 the scheme is not stable


@kdsl.kernel
def sweep(k: f32, now: Array[f32, 2], then: Array[f32, 2]):
    """One explicit step for every point but the rim, which keeps its temperature."""
    x, y = kdsl.global_id(0) + 1, kdsl.global_id(1) + 1
    around = now[y - 1, x] + now[y + 1, x] + now[y, x - 1] + now[y, x + 1]
    then[y, x] = now[y, x] + k * (around - 4.0 * now[y, x])


def make_plate(size: int) -> np.ndarray:
    """A cold plate with a hot upper rim and two hot discs."""
    y, x = np.mgrid[0:1 : size * 1j, 0:1 : size * 1j]
    plate = np.zeros((size, size), np.float32)
    plate[(x - 0.3) ** 2 + (y - 0.6) ** 2 < 0.02] = 1.0
    plate[(x - 0.75) ** 2 + (y - 0.4) ** 2 < 0.005] = 2.0
    plate[0] = 1.0
    return plate


def run(plate: np.ndarray, sweeps: int, progress: bool = False) -> np.ndarray:
    """The plate after `sweeps` sweeps; `progress` draws a bar."""
    height, width = plate.shape
    now, then = plate.copy(), plate.copy()
    launch = sweep.over((width - 2, height - 2))
    rounds = range(sweeps)
    if progress:
        from tqdm import tqdm

        rounds = tqdm(rounds, unit="sweep", mininterval=0.2)
    for _ in rounds:
        launch(DIFFUSION, now, then)
        now, then = then, now
    return now


def reference(plate: np.ndarray, sweeps: int) -> np.ndarray:
    """The same with NumPy."""
    now, then = plate.copy(), plate.copy()
    k, four = np.float32(DIFFUSION), np.float32(4)
    for _ in range(sweeps):
        around = now[:-2, 1:-1] + now[2:, 1:-1] + now[1:-1, :-2] + now[1:-1, 2:]
        then[1:-1, 1:-1] = now[1:-1, 1:-1] + k * (around - four * now[1:-1, 1:-1])
        now, then = then, now
    return now


def main(argv: Sequence[str] | None = None) -> None:
    """Parses the command line, compares a few sweeps, runs all of them and writes the picture."""
    parser = option_parser(__doc__, 1024, "points along each side", "heat.png")
    parser.add_argument("--sweeps", type=int, default=2000, help="sweeps to run")
    args = parser.parse_args(argv)
    use_device(args.device)

    plate = make_plate(args.size)
    apart = float(np.max(np.abs(run(plate, 10) - reference(plate, 10))))
    ours, theirs = best_ms(lambda: run(plate, 10)), best_ms(lambda: reference(plate, 10), 3)
    print_steps([("10 sweeps", ours, theirs, apart)], "NumPy")
    after = run(plate, args.sweeps, progress=True)
    save_picture(args.out, [("start", plate), (f"after {args.sweeps} sweeps", after)], columns=2, cmap="inferno")


if __name__ == "__main__":
    main()
