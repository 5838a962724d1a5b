"""PyTorch: whole arrays under `torch.compile`, which writes C++ with OpenMP and compiles it with g++.

One idea: what its documentation says for inference: no gradients, one compiled function, tensors that share NumPy's memory.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable

import numpy as np

from problems import Case

__all__ = ["KERNELS", "unavailable", "version"]

Go = Callable[[], object]


def unavailable() -> str | None:
    if not importlib.util.find_spec("torch"):
        return "torch is not installed"
    if not shutil.which(os.environ.get("CXX", "g++")):
        return "torch.compile needs g++"
    import torch

    torch.set_num_threads(int(os.environ.get("KDSL_BENCH_THREADS", "2")))
    torch.set_grad_enabled(False)
    return None


def version() -> str:
    import torch

    return f"PyTorch {torch.__version__}"


def _tensor(value: object) -> object:
    import torch

    return torch.from_numpy(value) if isinstance(value, np.ndarray) else value


def _call(f: Callable, outputs: str, *arguments: object) -> Go:
    import torch

    compiled, names = torch.compile(f, fullgraph=True, dynamic=False), outputs.split()
    values = [_tensor(a) for a in arguments]

    def go() -> object:
        result = compiled(*values)
        return dict(zip(names, result if isinstance(result, tuple) else (result,)))

    return go


def _in_place(f: Callable, *arguments: object) -> Go:
    """f writes into the case's arrays."""
    import torch

    compiled = torch.compile(f, fullgraph=True, dynamic=False)
    values = [_tensor(a) for a in arguments]

    def go() -> None:
        compiled(*values)

    return go


def _saxpy(c: Case) -> Go:
    a = c["a"]
    return _in_place(lambda x, y: y.add_(x, alpha=a), c["x"], c["y"])


def _triad(c: Case) -> Go:
    a = c["a"]
    return _in_place(lambda x, y, out: out.copy_(x + a * y), c["x"], c["y"], c["out"])


def _sweeps(c: Case, step: Callable) -> Go:
    import torch

    compiled = torch.compile(step, fullgraph=True, dynamic=False)
    a, b = _tensor(c["a"]), _tensor(c["b"])

    def go() -> None:
        now, then = a, b
        for _ in range(c["sweeps"]):
            compiled(now, then)
            now, then = then, now

    return go


def _heat(c: Case) -> Go:
    k, m = c["k"], slice(1, -1)

    def step(a, b):
        around = a[:-2, m] + a[2:, m] + a[m, :-2] + a[m, 2:]
        b[m, m] = a[m, m] + k * (around - 4 * a[m, m])

    return _sweeps(c, step)


def _stencil7(c: Case) -> Go:
    k, m = c["k"], slice(1, -1)

    def step(a, b):
        around = a[:-2, m, m] + a[2:, m, m] + a[m, :-2, m] + a[m, 2:, m] + a[m, m, :-2] + a[m, m, 2:]
        b[m, m, m] = a[m, m, m] + k * (around - 6 * a[m, m, m])

    return _sweeps(c, step)


def _blur(c: Case) -> Go:
    def blur(image, out):
        corners = image[:-2, :-2] + image[:-2, 2:] + image[2:, :-2] + image[2:, 2:]
        sides = image[:-2, 1:-1] + image[1:-1, :-2] + image[1:-1, 2:] + image[2:, 1:-1]
        out.copy_((corners + 2 * sides + 4 * image[1:-1, 1:-1]) / 16)

    return _in_place(blur, c["image"], c["out"])


def _conv7(c: Case) -> Go:
    import torch

    return _call(lambda image, weights: torch.nn.functional.conv2d(image[None, None], weights[None, None])[0, 0],
                 "out", c["image"], c["weights"])  # fmt: skip


def _nbody(c: Case) -> Go:
    soft2 = c["soft2"]

    def nbody(x, y, z, m):
        dx, dy, dz = (v[None, :] - v[:, None] for v in (x, y, z))
        inv = (dx * dx + dy * dy + dz * dz + soft2).rsqrt()
        s = m * inv * inv * inv
        return (s * dx).sum(1), (s * dy).sum(1), (s * dz).sum(1)

    return _call(nbody, "ax ay az", *(c[name] for name in "xyzm"))


def _math(c: Case) -> Go:
    import torch

    return _in_place(lambda x, out: out.copy_(torch.exp(torch.sin(x)) + torch.log1p(x * x)), c["x"], c["out"])


def _sum(c: Case) -> Go:
    return _call(lambda x: x.sum(), "out", c["x"])


def _dot(c: Case) -> Go:
    import torch

    return _call(torch.dot, "out", c["x"], c["y"])


def _histogram(c: Case) -> Go:
    import torch

    values = _tensor(c["values"])
    return lambda: {"counts": torch.bincount(values, minlength=256)}  # data-dependent shapes are not compiled


def _launch(c: Case) -> Go:
    go = _triad(c)

    def calls() -> None:
        for _ in range(c["calls"]):
            go()

    return calls


KERNELS = {
    "saxpy": _saxpy, "triad": _triad, "heat": _heat, "stencil7": _stencil7, "blur": _blur, "conv7": _conv7,
    "nbody": _nbody, "math-default": _math, "math-fast": _math, "sum": _sum, "dot": _dot, "histogram": _histogram,
    "launch_parallel": _launch,
}  # fmt: skip
