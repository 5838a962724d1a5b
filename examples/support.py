"""What the examples share: command-line options, timing, and writing a picture. Nothing here is about kernels.

One idea: an example's file holds its kernels, what they are compared with, and a `main`, and nothing else.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

__all__ = ["best_ms", "option_parser", "print_steps", "save_picture", "use_device"]


def option_parser(doc: str | None, size: int, size_help: str, out: str | None) -> argparse.ArgumentParser:
    """A parser with --device, --size and, if the example writes a picture, --out."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", help='where to run, as kdsl.device() takes it ("cpu", ...); default: the best')
    parser.add_argument("--size", type=int, default=size, help=f"{size_help} (default {size})")
    if out:
        parser.add_argument("--out", type=Path, default=Path(out), help=f"the picture to write (default {out})")
    return parser


def use_device(name: str | None) -> None:
    """Makes `name` the device of launches on NumPy arrays, as setting KDSL_DEVICE in the shell would."""
    if name:
        os.environ["KDSL_DEVICE"] = name


def best_ms(f: Callable[[], object], runs: int = 5) -> float:
    """Milliseconds of the fastest of `runs` calls, after one that is not counted: a first call compiles."""
    f()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return min(times) * 1e3


def print_steps(steps: list[tuple[str, float, float, float]], other: str) -> None:
    """A table of (step, ms in kdsl, ms in `other`, largest difference of the results)."""
    print(f"{'step':<24}{'kdsl ms':>10}{other + ' ms':>18}{'speed-up':>10}{'max difference':>16}")
    for name, ours, theirs, apart in steps:
        print(f"{name:<24}{ours:>10.3f}{theirs:>18.3f}{theirs / ours:>9.1f}x{apart:>16.3g}")


def save_picture(path: Path, panels: list[tuple[str, np.ndarray]], columns: int = 1, cmap: str = "gray") -> None:
    """Writes titled images into one PNG, `columns` to a row; 2-D ones go through `cmap`, RGB ones are u8 or 0..1."""
    from matplotlib.figure import Figure

    rows = -(-len(panels) // columns)
    height, width = panels[0][1].shape[:2]
    figure = Figure(figsize=(5 * columns, 5 * rows * height / width + 0.3 * rows), layout="constrained")
    for k, (title, image) in enumerate(panels):
        axes = figure.add_subplot(rows, columns, k + 1)
        axes.imshow(image, cmap=cmap, interpolation="antialiased")
        axes.set_title(title)
        axes.set_axis_off()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    print(f"wrote {path}")
