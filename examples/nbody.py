"""Gravity of n bodies on each other: shared memory as a cache that the block fills together, barriers in a loop.

One idea: a block of threads loads the next bodies once, all of its threads use them, and only then come the next.

Usage: nbody.py [--size BODIES] [--steps 20] [--out nbody.png] [--device cpu]
"""

from collections.abc import Sequence

import numpy as np
from support import best_ms, option_parser, print_steps, use_device

import kdsl
from kdsl import Array, f32, vec

float3 = vec(f32, 3)
BLOCK = 128
SOFTENING = 0.01  # squared; keeps close encounters finite


@kdsl.func
def pull(here, there, mass):
    """Acceleration at `here` by a body at `there`."""
    d = there - here
    inv = kdsl.rsqrt(d.x * d.x + d.y * d.y + d.z * d.z + SOFTENING)
    return d * (mass * inv * inv * inv)


@kdsl.kernel
def accelerate(bodies: Array[f32, 2], acceleration: Array[f32, 2]):
    """bodies: (n, 4), x y z mass. acceleration: (n, 3)."""
    cached = kdsl.shared((4, BLOCK), f32)
    i, t = kdsl.global_id(0), kdsl.thread_id(0)
    n = bodies.shape[0]
    mine = min(i, n - 1)  # threads beyond the end work along: a barrier waits for all
    here = float3(bodies[mine, 0], bodies[mine, 1], bodies[mine, 2])
    total = float3(0.0, 0.0, 0.0)
    for start in range(0, n, BLOCK):
        j = start + t
        for c in kdsl.static_range(4):
            cached[c, t] = bodies[j, c] if j < n else f32(0)  # a body without mass pulls nobody
        kdsl.barrier()
        for k in range(BLOCK):
            total += pull(here, float3(cached[0, k], cached[1, k], cached[2, k]), cached[3, k])
        kdsl.barrier()
    if i < n:
        acceleration[i, 0] = total.x
        acceleration[i, 1] = total.y
        acceleration[i, 2] = total.z


@kdsl.kernel
def advance(dt: f32, acceleration: Array[f32, 2], velocity: Array[f32, 2], bodies: Array[f32, 2]):
    """One leapfrog step: kick, then drift. One thread per coordinate."""
    c, i = kdsl.global_id(0), kdsl.global_id(1)
    velocity[i, c] += dt * acceleration[i, c]
    bodies[i, c] += dt * velocity[i, c]


def make_bodies(n: int) -> tuple[np.ndarray, np.ndarray]:
    """A turning disc: bodies (n, 4) and velocities (n, 3), total mass 1."""
    rng = np.random.default_rng(7)
    radius, angle = np.sqrt(rng.random(n)) + 0.05, rng.random(n) * 2 * np.pi
    bodies = np.stack([radius * np.cos(angle), radius * np.sin(angle), 0.05 * rng.standard_normal(n),
                       np.full(n, 1 / n)], axis=1)  # fmt: skip
    speed = 0.7 * np.sqrt(radius)
    velocity = np.stack([-speed * np.sin(angle), speed * np.cos(angle), np.zeros(n)], axis=1)
    return bodies.astype(np.float32), velocity.astype(np.float32)


def run_acceleration(bodies: np.ndarray) -> np.ndarray:
    """Acceleration of each body, (n, 3) f32."""
    out = np.empty((len(bodies), 3), np.float32)
    accelerate[kdsl.cdiv(len(bodies), BLOCK), BLOCK](bodies, out)
    return out


def numpy_acceleration(bodies: np.ndarray) -> np.ndarray:
    """The same with NumPy, in blocks of rows so that the (rows, n, 3) array stays small."""
    out = np.empty((len(bodies), 3), np.float32)
    for start in range(0, len(bodies), 256):
        d = bodies[None, :, :3] - bodies[start : start + 256, None, :3]
        inv = 1 / np.sqrt(np.einsum("ijk,ijk->ij", d, d) + np.float32(SOFTENING))
        out[start : start + 256] = np.einsum("ij,ijk->ik", bodies[:, 3] * inv**3, d)
    return out


def simulate(bodies: np.ndarray, velocity: np.ndarray, dt: float, steps: int) -> None:
    """`steps` leapfrog steps in place."""
    acceleration = np.empty((len(bodies), 3), np.float32)
    for _ in range(steps):
        accelerate[kdsl.cdiv(len(bodies), BLOCK), BLOCK](bodies, acceleration)
        advance.over((3, len(bodies)))(dt, acceleration, velocity, bodies)


def numpy_simulate(bodies: np.ndarray, velocity: np.ndarray, dt: float, steps: int) -> None:
    """The same with NumPy."""
    for _ in range(steps):
        velocity += np.float32(dt) * numpy_acceleration(bodies)
        bodies[:, :3] += np.float32(dt) * velocity


def main(argv: Sequence[str] | None = None) -> None:
    """Parses the command line, times one evaluation, runs the simulation and draws where the bodies are."""
    parser = option_parser(__doc__, 4096, "bodies", "nbody.png")
    parser.add_argument("--steps", type=int, default=20, help="steps of the simulation")
    args = parser.parse_args(argv)
    use_device(args.device)

    bodies, velocity = make_bodies(args.size)
    apart = float(np.max(np.abs(run_acceleration(bodies) - numpy_acceleration(bodies))))
    ours, theirs = best_ms(lambda: run_acceleration(bodies)), best_ms(lambda: numpy_acceleration(bodies), 1)
    print_steps([("acceleration", ours, theirs, apart)], "NumPy")

    before = bodies.copy()
    simulate(bodies, velocity, 0.01, args.steps)
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 5), layout="constrained")
    for k, (title, state) in enumerate([("start", before), (f"after {args.steps} steps", bodies)]):
        axes = figure.add_subplot(1, 2, k + 1, aspect="equal", title=title)
        axes.plot(state[:, 0], state[:, 1], ",")
    args.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(args.out, dpi=110)
    print(f"wrote {args.out}")


if __name__ == "__main__":
    main()
