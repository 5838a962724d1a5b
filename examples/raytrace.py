"""A small ray tracer: structs, vectors, device functions, early returns, and a loop that ends differently per pixel.

One idea: a ray tracer is written as one would write it for one ray; that neighbouring rays run in one vector, and part
ways at every reflection, is the compiler's concern.

Usage: raytrace.py [--size PIXELS] [--bounces 4] [--out raytrace.png] [--device cpu]
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from support import best_ms, option_parser, print_steps, save_picture, use_device

import kdsl
from kdsl import Array, f32, i32, vec

float3 = vec(f32, 3)
FAR = 1e20
NUDGE = 1e-3  # starts a reflected ray this far off the surface, so that it does not hit it at once
LIGHT = (0.57735, 0.57735, -0.57735)  # the direction towards it
AMBIENT = 0.15


@kdsl.struct
@dataclass
class Ray:
    origin: float3
    direction: float3


@kdsl.struct
@dataclass
class Sphere:
    centre: float3
    radius: f32
    colour: float3
    mirror: f32


# Sphere as NumPy sees it: what an Array[Sphere, 1] is made of.
SPHERE = np.dtype([("centre", "f4", 3), ("radius", "f4"), ("colour", "f4", 3), ("mirror", "f4")])


# ---------------------------------------------------------------------------------------------- kernels


@kdsl.func
def dot(a, b):
    return a.x * b.x + a.y * b.y + a.z * b.z


@kdsl.func
def normalize(v):
    return v * kdsl.rsqrt(dot(v, v))


@kdsl.func
def distance_to(ray, sphere):
    """How far along the ray the sphere begins, or FAR if it never does."""
    to_centre = sphere.centre - ray.origin
    along = dot(to_centre, ray.direction)
    if along < 0.0:
        return f32(FAR)
    beside2 = dot(to_centre, to_centre) - along * along
    if beside2 > sphere.radius * sphere.radius:
        return f32(FAR)
    distance = along - kdsl.sqrt(sphere.radius * sphere.radius - beside2)
    if distance < 0.0:
        return f32(FAR)
    return distance


@kdsl.func
def in_shadow(ray, spheres):
    for k in range(spheres.shape[0]):
        if distance_to(ray, spheres[k]) < FAR:
            return True
    return False


@kdsl.func
def sky(direction):
    up = 0.5 * direction.y + 0.5
    return float3(1.0, 1.0, 1.0) * (1.0 - up) + float3(0.35, 0.55, 0.95) * up


@kdsl.func
def trace(first, spheres, bounces):
    """The colour that a ray sees."""
    ray = first
    colour = float3(0.0, 0.0, 0.0)
    strength = f32(1.0)
    light = float3(LIGHT[0], LIGHT[1], LIGHT[2])
    for _ in range(bounces + 1):
        nearest = f32(FAR)
        which = i32(-1)
        for k in range(spheres.shape[0]):
            distance = distance_to(ray, spheres[k])
            if distance < nearest:
                nearest = distance
                which = i32(k)
        if which < 0:
            return colour + sky(ray.direction) * strength
        sphere = spheres[which]
        place = ray.origin + ray.direction * nearest
        normal = (place - sphere.centre) * (1.0 / sphere.radius)
        start = place + normal * NUDGE
        shade = f32(AMBIENT)
        if not in_shadow(Ray(start, light), spheres):
            shade += (1.0 - AMBIENT) * max(dot(normal, light), 0.0)
        colour += sphere.colour * (strength * shade * (1.0 - sphere.mirror))
        strength *= sphere.mirror
        if strength < 0.01:
            break
        ray = Ray(start, ray.direction - normal * (2.0 * dot(ray.direction, normal)))
    return colour


@kdsl.kernel
def render(spheres: Array[Sphere, 1], bounces: i32, image: Array[f32, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    height, width = image.shape[0], image.shape[1]
    u = (2.0 * f32(x) + 1.0 - f32(width)) / f32(height)
    v = (f32(height) - 2.0 * f32(y) - 1.0) / f32(height)
    eye = float3(0.0, 0.8, -5.5)
    colour = trace(Ray(eye, normalize(float3(u, v, 2.0))), spheres, bounces)
    image[y, x, 0] = kdsl.clamp(colour.x, 0.0, 1.0)
    image[y, x, 1] = kdsl.clamp(colour.y, 0.0, 1.0)
    image[y, x, 2] = kdsl.clamp(colour.z, 0.0, 1.0)


# ------------------------------------------------------------------- the same on the host, and launches


def make_scene() -> np.ndarray:
    """A floor (a very large sphere), three large spheres and a ring of small ones."""
    spheres = [
        ((0.0, -100.0, 0.0), 99.0, (0.75, 0.75, 0.7), 0.15),
        ((-1.6, 0.0, 0.5), 1.0, (0.9, 0.3, 0.25), 0.3),
        ((0.0, 0.2, 1.5), 1.2, (0.95, 0.95, 0.95), 0.85),
        ((1.6, 0.0, 0.5), 1.0, (0.3, 0.5, 0.9), 0.3),
    ]
    for k in range(8):
        angle = 2 * np.pi * k / 8
        hue = (0.5 + 0.5 * np.cos(angle), 0.5 + 0.5 * np.cos(angle + 2.1), 0.5 + 0.5 * np.cos(angle + 4.2))
        spheres.append(((2.4 * np.cos(angle), -0.75, 0.6 + 2.0 * np.sin(angle)), 0.25, hue, 0.2))
    return np.array(spheres, SPHERE)


def run(size: int, bounces: int) -> np.ndarray:
    """The scene as (h, w, 3) f32 in 0..1, three wide to two high."""
    width, height = size, max(1, size * 2 // 3)
    image = np.empty((height, width, 3), np.float32)
    render.over((width, height))(make_scene(), bounces, image)
    return image


def _distances(origin: np.ndarray, direction: np.ndarray, sphere: np.void) -> np.ndarray:
    to_centre = sphere["centre"] - origin
    along = np.einsum("ij,ij->i", to_centre, direction)
    beside2 = np.einsum("ij,ij->i", to_centre, to_centre) - along * along
    inner = sphere["radius"] ** 2 - beside2
    distance = along - np.sqrt(np.maximum(inner, 0))
    return np.where((along < 0) | (inner < 0) | (distance < 0), np.float32(FAR), distance)


def reference(size: int, bounces: int) -> np.ndarray:
    """The same with NumPy: all rays at once, those that have ended sorted out after every bounce."""
    width, height = size, max(1, size * 2 // 3)
    f = np.float32
    scene, light = make_scene(), np.array(LIGHT, f)
    v, u = np.meshgrid((height - 2 * np.arange(height) - 1) / height, (2 * np.arange(width) + 1 - width) / height,
                       indexing="ij")  # fmt: skip
    direction = np.stack([u, v, np.full_like(u, 2)], axis=-1).reshape(-1, 3).astype(f)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    origin = np.broadcast_to(np.array([0, 0.8, -5.5], f), direction.shape)
    colour, strength = np.zeros_like(direction), np.ones(len(direction), f)
    alive = np.arange(len(direction))
    for _ in range(bounces + 1):
        distances = np.stack([_distances(origin, direction, s) for s in scene])
        which, nearest = np.argmin(distances, axis=0), np.min(distances, axis=0)
        missed = nearest >= FAR
        up = (f(0.5) * direction[missed, 1] + f(0.5))[:, None]
        seen = (1 - up) + np.array([0.35, 0.55, 0.95], f) * up
        colour[alive[missed]] += seen * strength[alive[missed], None]
        hit = ~missed
        alive, sphere = alive[hit], scene[which[hit]]
        place = origin[hit] + direction[hit] * nearest[hit, None]
        normal = (place - sphere["centre"]) / sphere["radius"][:, None]
        start = place + normal * f(NUDGE)
        towards = np.broadcast_to(light, start.shape)
        shadow = np.any([_distances(start, towards, s) < FAR for s in scene], axis=0)
        shade = f(AMBIENT) + np.where(shadow, f(0), f(1 - AMBIENT) * np.maximum(normal @ light, f(0)))
        colour[alive] += sphere["colour"] * (strength[alive] * shade * (1 - sphere["mirror"]))[:, None]
        strength[alive] *= sphere["mirror"]
        reflected = direction[hit] - normal * (2 * np.einsum("ij,ij->i", direction[hit], normal))[:, None]
        go_on = strength[alive] >= 0.01
        alive, origin, direction = alive[go_on], start[go_on], reflected[go_on]
    return np.clip(colour, 0, 1).reshape(height, width, 3)


def main(argv: Sequence[str] | None = None) -> None:
    """Parses the command line, renders in both ways, prints the table and writes the picture."""
    parser = option_parser(__doc__, 900, "pixels of the picture's width", "raytrace.png")
    parser.add_argument("--bounces", type=int, default=4, help="reflections that are followed")
    args = parser.parse_args(argv)
    use_device(args.device)

    image, expected = run(args.size, args.bounces), reference(args.size, args.bounces)
    ours, theirs = best_ms(lambda: run(args.size, args.bounces)), best_ms(lambda: reference(args.size, args.bounces), 1)
    # Rays that graze a sphere may hit it in one and miss it in the other, so a few pixels differ a lot.
    print_steps([("render", ours, theirs, float(np.max(np.abs(image - expected))))], "NumPy")
    print(f"{np.mean(np.abs(image - expected) > 1e-2):.3%} of the values differ by more than 0.01")
    save_picture(args.out, [(f"{len(make_scene())} spheres, {args.bounces} bounces", image)])


if __name__ == "__main__":
    main()
