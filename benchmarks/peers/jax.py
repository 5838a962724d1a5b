"""JAX: whole arrays under `jax.jit`, for XLA to fuse; the rows that arrays without loops or atomics can say.

One idea: functional code gives new arrays; an output that replaces an input donates its memory, as JAX advises.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import partial

import numpy as np

from problems import Case

__all__ = ["KERNELS", "unavailable", "version"]

Go = Callable[[], object]


def unavailable() -> str | None:
    return None if importlib.util.find_spec("jax") else "jax is not installed"


def version() -> str:
    import jax

    return f"JAX {jax.__version__}"


def _call(f: Callable, outputs: str, *arguments: object) -> Go:
    """Runs f on arrays that lie where JAX wants them, and waits for what it gives."""
    import jax
    import jax.numpy as jnp

    compiled, names = jax.jit(f), outputs.split()
    values = [jnp.asarray(a) if isinstance(a, np.ndarray) else np.float32(a) for a in arguments]

    def go() -> object:
        result = jax.block_until_ready(compiled(*values))
        return dict(zip(names, result if isinstance(result, tuple) else (result,)))

    return go


def _saxpy(c: Case) -> Go:
    import jax
    import jax.numpy as jnp

    @partial(jax.jit, donate_argnums=2)
    def saxpy(a, x, y):
        return a * x + y

    a, x, state = np.float32(c["a"]), jnp.asarray(c["x"]), {"y": jnp.array(c["y"])}

    def go() -> object:
        state["y"] = saxpy(a, x, state["y"]).block_until_ready()
        return state

    return go


def _triad(c: Case) -> Go:
    return _call(lambda a, x, y: x + a * y, "out", c["a"], c["x"], c["y"])


def _sweeps(c: Case, step: Callable) -> Go:
    """All sweeps in one compiled loop."""
    import jax

    sweeps = c["sweeps"]
    return _call(lambda k, a: jax.lax.fori_loop(0, sweeps, lambda _, now: step(k, now), a), "a", c["k"], c["a"])


def _heat(c: Case) -> Go:
    def step(k, a):
        around = a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:]
        return a.at[1:-1, 1:-1].add(k * (around - 4 * a[1:-1, 1:-1]))

    return _sweeps(c, step)


def _stencil7(c: Case) -> Go:
    m = slice(1, -1)

    def step(k, a):
        around = a[:-2, m, m] + a[2:, m, m] + a[m, :-2, m] + a[m, 2:, m] + a[m, m, :-2] + a[m, m, 2:]
        return a.at[m, m, m].add(k * (around - 6 * a[m, m, m]))

    return _sweeps(c, step)


def _blur(c: Case) -> Go:
    height, width = c["out"].shape

    def blur(image):
        along_x = image[:, :width] + 2 * image[:, 1 : width + 1] + image[:, 2:]
        return (along_x[:height] + 2 * along_x[1 : height + 1] + along_x[2:]) / 16

    return _call(blur, "out", c["image"])


def _conv7(c: Case) -> Go:
    import jax

    def conv7(image, weights):
        return jax.lax.conv(image[None, None], weights[None, None], (1, 1), "VALID")[0, 0]

    return _call(conv7, "out", c["image"], c["weights"])


def _mandelbrot(c: Case) -> Go:
    import jax
    import jax.numpy as jnp

    (height, width), limit = c["out"].shape, c["limit"]

    def mandelbrot(x0, y0, step):
        cx = x0 + step * jnp.arange(width, dtype=jnp.float32)[None, :]
        cy = y0 + step * jnp.arange(height, dtype=jnp.float32)[:, None]

        def body(_, state):
            zx, zy, count = state
            inside = zx * zx + zy * zy <= 4
            x, y = zx * zx - zy * zy + cx, 2 * zx * zy + cy
            return jnp.where(inside, x, zx), jnp.where(inside, y, zy), count + inside

        zero = jnp.zeros((height, width), jnp.float32)
        return jax.lax.fori_loop(0, limit, body, (zero, zero, zero.astype(jnp.int32)))[2]

    return _call(mandelbrot, "out", c["x0"], c["y0"], c["step"])


def _nbody(c: Case) -> Go:
    import jax.numpy as jnp
    from jax import lax

    def nbody(soft2, x, y, z, m):
        dx, dy, dz = (v[None, :] - v[:, None] for v in (x, y, z))
        inv = lax.rsqrt(dx * dx + dy * dy + dz * dz + soft2)
        s = m * inv * inv * inv
        return jnp.sum(s * dx, 1), jnp.sum(s * dy, 1), jnp.sum(s * dz, 1)

    return _call(nbody, "ax ay az", c["soft2"], *(c[name] for name in "xyzm"))


def _math(c: Case) -> Go:
    import jax.numpy as jnp

    return _call(lambda x: jnp.exp(jnp.sin(x)) + jnp.log1p(x * x), "out", c["x"])


def _sum(c: Case) -> Go:
    import jax.numpy as jnp

    return _call(jnp.sum, "out", c["x"])


def _dot(c: Case) -> Go:
    import jax.numpy as jnp

    return _call(jnp.dot, "out", c["x"], c["y"])


def _histogram(c: Case) -> Go:
    import jax.numpy as jnp

    return _call(lambda values: jnp.bincount(values, length=256), "counts", c["values"])


def _launch(c: Case) -> Go:
    go = _triad(c)

    def calls() -> object:
        for _ in range(c["calls"] - 1):
            go()
        return go()

    return calls


KERNELS = {
    "saxpy": _saxpy, "triad": _triad, "heat": _heat, "stencil7": _stencil7, "blur": _blur, "conv7": _conv7,
    "mandelbrot": _mandelbrot, "nbody": _nbody, "math-default": _math, "math-fast": _math, "sum": _sum, "dot": _dot,
    "histogram": _histogram, "launch_parallel": _launch,
}  # fmt: skip
