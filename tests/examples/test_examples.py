"""Every example runs, gives what NumPy or SciPy give, and has no race that the interpreter can find.

One idea: the examples are imported and called as their readers would, at sizes that take no time and that fit no
block, so tails and borders are in play; tolerances are argued from the number of roundings (u = 2**-24 for f32).
"""

from __future__ import annotations

import importlib
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
U = 2.0**-24

for _module in ("scipy", "matplotlib", "tqdm"):
    pytest.importorskip(_module, reason=f"the examples need {_module}: pip install .[examples]")


@pytest.fixture
def example(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return importlib.import_module


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Smooth areas, edges and noise, RGB u8."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    base = 120 + 80 * np.sin(x / 9.0) * np.cos(y / 7.0) + 40 * (x > width // 2)
    return np.clip(base[..., None] + rng.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)


SHAPES = [(1, 1), (5, 3), (47, 61), (64, 128), (130, 70)]


@pytest.mark.parametrize("shape", SHAPES)
def test_photo_greyscale_is_exact(example, shape):
    photo = example("photo")
    rgb = picture(*shape)
    np.testing.assert_array_equal(photo.run_greyscale(rgb), photo.numpy_greyscale(rgb))


@pytest.mark.parametrize("shape", SHAPES)
def test_photo_blur(example, shape):
    photo = example("photo")
    grey = photo.numpy_greyscale(picture(*shape))
    # two passes of 17 products and sums, of values up to 255 with weights of sum 1; the taps are rounded once
    np.testing.assert_allclose(photo.run_blur(grey), photo.scipy_blur(grey), rtol=0, atol=2 * 18 * U * 255)


@pytest.mark.parametrize("shape", SHAPES)
def test_photo_sobel(example, shape):
    photo = example("photo")
    image = photo.numpy_greyscale(picture(*shape)).astype(np.float32)
    # sums of up to 4 * 255 per side and direction, and a root: fewer than ten roundings of numbers below 2048
    np.testing.assert_allclose(photo.run_sobel(image), photo.scipy_sobel(image), rtol=0, atol=10 * U * 2048)


@pytest.mark.parametrize("shape", SHAPES)
def test_photo_equalise_is_exact(example, shape):
    photo = example("photo")
    grey = photo.numpy_greyscale(picture(*shape))
    np.testing.assert_array_equal(photo.run_equalise(grey), photo.numpy_equalise(grey))


@pytest.mark.parametrize("shape", SHAPES)
def test_photo_bilateral(example, shape):
    photo = example("photo")
    grey = photo.numpy_greyscale(picture(*shape))
    # a mean of 81 values up to 255: 81 roundings in each sum, and weights that are 4 ULP (and an argument) apart
    np.testing.assert_allclose(photo.run_bilateral(grey), photo.numpy_bilateral(grey), rtol=0, atol=2 * 100 * U * 255)


def test_mandelbrot(example):
    mandelbrot = example("mandelbrot")
    counts, expected = mandelbrot.run(123, 60), mandelbrot.reference(123, 60)
    assert counts.min() >= 1
    assert counts.max() == 60
    # contraction changes last bits, and orbits near the rim of the set magnify them
    assert np.mean(counts != expected) < 0.01


@pytest.mark.parametrize("bodies", [1, 127, 300])
def test_nbody_acceleration(example, bodies):
    nbody = example("nbody")
    state, _ = nbody.make_bodies(bodies)
    expected = nbody.numpy_acceleration(state)
    # n terms added in another order, each a few roundings and one rsqrt (4 ULP, cubed) away
    atol = (bodies + 20) * U * max(1.0, float(np.max(np.abs(expected))))
    np.testing.assert_allclose(nbody.run_acceleration(state), expected, rtol=0, atol=atol)


def test_nbody_simulation(example):
    nbody = example("nbody")
    ours, theirs = nbody.make_bodies(200), nbody.make_bodies(200)
    nbody.simulate(*ours, 0.01, 5)
    nbody.numpy_simulate(*theirs, 0.01, 5)
    # close encounters magnify differences of an acceleration, five times in a row
    np.testing.assert_allclose(ours[0], theirs[0], rtol=0, atol=1e-4)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=0, atol=1e-3)


@pytest.mark.parametrize("size", [3, 17, 100])
def test_heat(example, size):
    heat = example("heat")
    plate = heat.make_plate(size)
    # a sweep is a weighted mean with four roundings, so differences of values up to 2 add up, sweep by sweep
    np.testing.assert_allclose(heat.run(plate, 50), heat.reference(plate, 50), rtol=0, atol=50 * 8 * U * 2)


def test_raytrace(example):
    raytrace = example("raytrace")
    image, expected = raytrace.run(90, 3), raytrace.reference(90, 3)
    assert image.shape == expected.shape == (60, 90, 3)
    # rays that graze an edge hit in one and miss in the other; all others agree
    assert np.mean(np.abs(image - expected) > 1e-2) < 0.01


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 100_003])
@pytest.mark.parametrize("kernel", ["sum_tree", "sum_subgroups"])
def test_reduce(example, kernel, size):
    reduce = example("reduce")
    values = np.random.default_rng(size).random(size, np.float32)
    total = reduce.run(getattr(reduce, kernel), values)
    # the longest chain of additions: ceil(n / threads) in a thread, then at most 256 in a block, twice
    assert total == pytest.approx(math.fsum(values), rel=600 * U, abs=0)


def test_reduce_gives_the_same_bits_every_time(example):
    reduce = example("reduce")
    values = np.random.default_rng(1).standard_normal(50_000).astype(np.float32)
    for kernel in (reduce.sum_tree, reduce.sum_subgroups):
        assert len({reduce.run(kernel, values) for _ in range(5)}) == 1


MAINS = {
    "photo": ["--size", "48"],
    "mandelbrot": ["--size", "32", "--steps", "20"],
    "nbody": ["--size", "40", "--steps", "2"],
    "heat": ["--size", "24", "--sweeps", "4"],
    "raytrace": ["--size", "24", "--bounces", "2"],
    "reduce": ["--size", "1000"],
}


def test_every_example_is_tested():
    assert {p.stem for p in EXAMPLES.glob("*.py")} - {"support"} == set(MAINS)


@pytest.mark.parametrize("name", MAINS)
def test_program(example, name, tmp_path, capsys):
    from PIL import Image

    out = tmp_path / "folder" / "picture.png"
    picture_options = [] if name == "reduce" else ["--out", str(out)]
    example(name).main([*MAINS[name], *picture_options])
    assert "speed-up" in capsys.readouterr().out
    if picture_options:
        with Image.open(out) as image:
            assert image.format == "PNG"


def test_photo_takes_any_picture(example, tmp_path):
    from PIL import Image

    source, out = tmp_path / "grey.jpg", tmp_path / "out.png"
    Image.fromarray(picture(40, 30)[..., 0]).save(source)  # one channel: becomes RGB
    example("photo").main([str(source), "--out", str(out)])
    assert out.exists()


# What the race detector sees: every kernel of the example, on a few blocks.
UNDER_THE_INTERPRETER = {
    "photo": """
        grey = photo.numpy_greyscale(rgb)
        np.testing.assert_array_equal(photo.run_greyscale(rgb), grey)
        np.testing.assert_allclose(photo.run_blur(grey), photo.scipy_blur(grey), rtol=0, atol=1e-3)
        photo.run_sobel(grey.astype(np.float32))
        np.testing.assert_array_equal(photo.run_equalise(grey), photo.numpy_equalise(grey))
        photo.run_bilateral(grey[:9, :9].copy())
    """,
    "mandelbrot": "mandelbrot.run(16, 12)",
    "nbody": "nbody.simulate(*nbody.make_bodies(140), 0.01, 1)",
    "heat": "heat.run(heat.make_plate(12), 2)",
    "raytrace": "raytrace.run(12, 2)",
    "reduce": """
        values = np.arange(700, dtype=np.float32)
        assert reduce.run(reduce.sum_tree, values) == values.sum()
        assert reduce.run(reduce.sum_subgroups, values) == values.sum()
    """,
}


@pytest.mark.parametrize("name", MAINS)
def test_no_race_is_found(name):
    body = "\n".join(line.strip() for line in UNDER_THE_INTERPRETER[name].strip().splitlines())
    pixels = "(np.arange(20 * 70 * 3) * 37 % 251).astype(np.uint8).reshape(20, 70, 3)"
    setup = f"import numpy as np, {name}\nrgb = {pixels}\n"
    env = {**os.environ, "KDSL_INTERPRET": "1", "PYTHONPATH": os.pathsep.join([str(EXAMPLES), str(EXAMPLES.parent)])}
    done = subprocess.run([sys.executable, "-c", setup + body], env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
