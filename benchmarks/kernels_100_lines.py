"""Kernels of about a hundred lines, as people write them, and what their first launch costs in a fresh process.

One idea: compile time is promised for a class of kernels, not for one, so each kernel here leans on another part of the
compiler: inlined helpers and nested loops, stencils, barriers and shared memory, many elementary functions, structs,
doubles and integers.

Usage: kernels_100_lines.py [--runs 11] [NAME ...]        medians in ms, imports apart, empty cache
       kernels_100_lines.py --one NAME [MODULE ...]       one measurement in this process, as JSON
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import kdsl
from kdsl import Array, f32, f64, i32, u8, u32

vec3 = kdsl.vec3


# ------------------------------------------------------------------------------------ a ray marcher


@kdsl.func
def dot3(a, b):
    return a.x * b.x + a.y * b.y + a.z * b.z


@kdsl.func
def length3(v):
    return kdsl.sqrt(dot3(v, v))


@kdsl.func
def unit(v):
    return v * kdsl.rsqrt(dot3(v, v))


@kdsl.func
def smooth_min(a, b, k):
    h = kdsl.clamp(0.5 + 0.5 * (b - a) / k, 0.0, 1.0)
    return b * (1.0 - h) + a * h - k * h * (1.0 - h)


@kdsl.func
def sphere_distance(p, centre, radius):
    return length3(p - centre) - radius


@kdsl.func
def box_distance(p, half):
    qx = abs(p.x) - half.x
    qy = abs(p.y) - half.y
    qz = abs(p.z) - half.z
    outside = length3(vec3(max(qx, 0.0), max(qy, 0.0), max(qz, 0.0)))
    inside = min(max(qx, max(qy, qz)), 0.0)
    return outside + inside


@kdsl.func
def torus_distance(p, major, minor):
    q = kdsl.sqrt(p.x * p.x + p.z * p.z) - major
    return kdsl.sqrt(q * q + p.y * p.y) - minor


@kdsl.func
def scene(p, t):
    ball = sphere_distance(p, vec3(0.8 * kdsl.sin(t), 0.6, 0.0), 0.5)
    cube = box_distance(p - vec3(-0.7, 0.3, 0.2), vec3(0.3, 0.3, 0.3))
    ring = torus_distance(p - vec3(0.0, 0.4, 0.9), 0.5, 0.15)
    floor = p.y + 0.1 * kdsl.sin(3.0 * p.x) * kdsl.cos(3.0 * p.z)
    return min(smooth_min(smooth_min(ball, cube, f32(0.2)), ring, f32(0.1)), floor)


@kdsl.func
def slope(p, t):
    e = f32(1e-3)
    dx = scene(p + vec3(e, 0.0, 0.0), t) - scene(p - vec3(e, 0.0, 0.0), t)
    dy = scene(p + vec3(0.0, e, 0.0), t) - scene(p - vec3(0.0, e, 0.0), t)
    dz = scene(p + vec3(0.0, 0.0, e), t) - scene(p - vec3(0.0, 0.0, e), t)
    return unit(vec3(dx, dy, dz))


@kdsl.func
def soft_shadow(start, light, t):
    shade = f32(1.0)
    far = f32(0.02)
    for _ in range(24):
        h = scene(start + light * far, t)
        shade = min(shade, 8.0 * h / far)
        far += kdsl.clamp(h, 0.02, 0.3)
        if shade < 0.005 or far > 4.0:
            break
    return kdsl.clamp(shade, 0.0, 1.0)


@kdsl.kernel
def march(image: Array[f32, 3], t: f32):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    height, width = image.shape[0], image.shape[1]
    if x < width and y < height:
        u = (2.0 * f32(x) + 1.0 - f32(width)) / f32(height)
        v = (f32(height) - 2.0 * f32(y) - 1.0) / f32(height)
        eye = vec3(0.0, 1.2, -3.0)
        ray = unit(vec3(u, v - 0.2, 1.6))
        travelled = f32(0.0)
        hit = False
        for _ in range(96):
            h = scene(eye + ray * travelled, t)
            if h < 1e-3 * travelled:
                hit = True
                break
            travelled += h
            if travelled > 12.0:
                break
        colour = vec3(0.5, 0.7, 0.9) * (0.6 + 0.4 * v)
        if hit:
            p = eye + ray * travelled
            n = slope(p, t)
            light = unit(vec3(0.6, 0.8, -0.4))
            lambert = max(dot3(n, light), 0.0)
            half = unit(light - ray)
            gloss = kdsl.pow(max(dot3(n, half), 0.0), 32.0)
            shade = soft_shadow(p + n * 0.01, light, t)
            fog = kdsl.exp(-0.08 * travelled)
            lit = vec3(0.9, 0.6, 0.3) * (0.15 + 0.85 * lambert * shade) + vec3(1.0, 1.0, 1.0) * (0.4 * gloss * shade)
            colour = lit * fog + colour * (1.0 - fog)
        image[y, x, 0] = kdsl.clamp(kdsl.pow(max(colour.x, 0.0), 0.4545), 0.0, 1.0)
        image[y, x, 1] = kdsl.clamp(kdsl.pow(max(colour.y, 0.0), 0.4545), 0.0, 1.0)
        image[y, x, 2] = kdsl.clamp(kdsl.pow(max(colour.z, 0.0), 0.4545), 0.0, 1.0)


# ------------------------------------------------------------------------------- an image pipeline


@kdsl.func
def luma(r, g, b):
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@kdsl.func
def at(image, y, x, c):
    yy = min(max(y, 0), image.shape[0] - 1)
    xx = min(max(x, 0), image.shape[1] - 1)
    return f32(image[yy, xx, c]) * (1.0 / 255.0)


@kdsl.func
def to_linear(c):
    return kdsl.select(c <= 0.04045, c / 12.92, kdsl.pow((c + 0.055) / 1.055, 2.4))


@kdsl.func
def to_srgb(c):
    return kdsl.select(c <= 0.0031308, c * 12.92, 1.055 * kdsl.pow(c, 1.0 / 2.4) - 0.055)


@kdsl.func
def gauss(d2, sigma):
    return kdsl.exp(-d2 / (2.0 * sigma * sigma))


@kdsl.func
def gray_at(image, y, x):
    return luma(at(image, y, x, 0), at(image, y, x, 1), at(image, y, x, 2))


@kdsl.func
def curve(x, contrast):
    s = x * x * (3.0 - 2.0 * x)
    return x + contrast * (s - x)


@kdsl.kernel
def develop(image: Array[u8, 3], out: Array[u8, 3], exposure: f32, contrast: f32, saturation: f32, sigma: f32):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    height, width = image.shape[0], image.shape[1]
    if x >= width or y >= height:
        return
    # A bilateral filter over 5 x 5.
    centre = gray_at(image, y, x)
    r = g = b = weights = f32(0)
    for dy in range(-2, 3):
        for dx in range(-2, 3):
            other = gray_at(image, y + dy, x + dx)
            w = gauss(f32(dx * dx + dy * dy), f32(1.5)) * gauss((other - centre) * (other - centre), sigma)
            r += w * at(image, y + dy, x + dx, 0)
            g += w * at(image, y + dy, x + dx, 1)
            b += w * at(image, y + dy, x + dx, 2)
            weights += w
    r, g, b = r / weights, g / weights, b / weights
    # Sobel edges, to sharpen where there are any.
    gx = gray_at(image, y - 1, x + 1) + 2.0 * gray_at(image, y, x + 1) + gray_at(image, y + 1, x + 1)
    gx -= gray_at(image, y - 1, x - 1) + 2.0 * gray_at(image, y, x - 1) + gray_at(image, y + 1, x - 1)
    gy = gray_at(image, y + 1, x - 1) + 2.0 * gray_at(image, y + 1, x) + gray_at(image, y + 1, x + 1)
    gy -= gray_at(image, y - 1, x - 1) + 2.0 * gray_at(image, y - 1, x) + gray_at(image, y - 1, x + 1)
    edge = kdsl.clamp(kdsl.sqrt(gx * gx + gy * gy), 0.0, 1.0)
    amount = 0.6 * edge
    r += amount * (at(image, y, x, 0) - r)
    g += amount * (at(image, y, x, 1) - g)
    b += amount * (at(image, y, x, 2) - b)
    # Exposure and white balance, in linear light.
    r, g, b = to_linear(r), to_linear(g), to_linear(b)
    gain = kdsl.exp2(exposure)
    r, g, b = r * gain * 1.05, g * gain, b * gain * 0.92
    # Highlights roll off.
    r, g, b = r / (1.0 + 0.3 * r), g / (1.0 + 0.3 * g), b / (1.0 + 0.3 * b)
    # Saturation around the gray, less in the dark.
    gray = luma(r, g, b)
    strength = saturation * kdsl.clamp(gray * 8.0, 0.0, 1.0)
    r = gray + (r - gray) * strength
    g = gray + (g - gray) * strength
    b = gray + (b - gray) * strength
    # Vignette.
    u = (f32(x) - 0.5 * f32(width)) / f32(width)
    v = (f32(y) - 0.5 * f32(height)) / f32(height)
    fall = 1.0 - 0.5 * (u * u + v * v)
    r, g, b = r * fall, g * fall, b * fall
    # Split toning: warm light, cool shade.
    tone = kdsl.clamp(luma(r, g, b), 0.0, 1.0)
    r += 0.03 * (tone - 0.5)
    b -= 0.03 * (tone - 0.5)
    # Back to sRGB, contrast, and bytes with a little noise against banding.
    noise = kdsl.random_uniform(u32(7), u32(y * width + x)) - 0.5
    r = 255.0 * curve(kdsl.clamp(to_srgb(max(r, 0.0)), 0.0, 1.0), contrast) + noise
    g = 255.0 * curve(kdsl.clamp(to_srgb(max(g, 0.0)), 0.0, 1.0), contrast) + noise
    b = 255.0 * curve(kdsl.clamp(to_srgb(max(b, 0.0)), 0.0, 1.0), contrast) + noise
    out[y, x, 0] = u8(kdsl.clamp(r + 0.5, 0.0, 255.0))
    out[y, x, 1] = u8(kdsl.clamp(g + 0.5, 0.0, 255.0))
    out[y, x, 2] = u8(kdsl.clamp(b + 0.5, 0.0, 255.0))


# ---------------------------------------------- several phases in shared memory, barriers and atomics


@kdsl.kernel
def statistics_of(values: Array[f32, 1], out: Array[f32, 2], bins: Array[u32, 1], low: f32, high: f32):
    """Of each block of 256: its sorted values, prefix sums, least, greatest, mean, variance; a histogram of all."""
    tile = kdsl.shared(256, f32)
    sums = kdsl.shared((2, 256), f32)
    squares = kdsl.shared(256, f32)
    counts = kdsl.shared(64, u32)
    extremes = kdsl.shared(2, i32)
    t = kdsl.thread_id(0)
    block = kdsl.block_id(0)
    i = kdsl.global_id(0)
    n = values.shape[0]
    here = i < n
    value = f32(0)
    if here:
        value = values[i]
    # Phase 1: load, clear what is shared.
    tile[t] = value if here else high
    sums[0, t] = value
    squares[t] = value * value
    if t < 64:
        counts[t] = 0
    if t < 2:
        extremes[t] = i32(1 << 30) if t == 0 else i32(-(1 << 30))
    kdsl.barrier()
    # Phase 2: a histogram of the block and its extremes in fixed point.
    if here:
        scaled = (value - low) / (high - low) * 64.0
        which = kdsl.clamp(i32(kdsl.floor(scaled)), 0, 63)
        kdsl.atomic_add(counts[which], u32(1))
        fixed = i32(value * 65536.0)
        kdsl.atomic_min(extremes[0], fixed)
        kdsl.atomic_max(extremes[1], fixed)
    kdsl.barrier()
    # Phase 3: the block's histogram joins that of all.
    if t < 64:
        count = counts[t]
        if count > 0:
            kdsl.atomic_add(bins[t], count)
    # Phase 4: prefix sums, doubling the distance.
    side = i32(0)
    for step in kdsl.static_range(8):
        distance = 1 << step
        total = sums[side, t]
        if t >= distance:
            total += sums[side, t - distance]
        sums[1 - side, t] = total
        side = 1 - side
        kdsl.barrier()
    # Phase 5: the sum of squares, as a tree.
    width = i32(128)
    while width > 0:
        if t < width:
            squares[t] += squares[t + width]
        width //= 2
        kdsl.barrier()
    # Phase 6: a bitonic sort.
    size = i32(2)
    while size <= 256:
        stride = size // 2
        while stride > 0:
            partner = i32(t) ^ stride
            if partner > t:
                a = tile[t]
                b = tile[partner]
                rises = (i32(t) & size) == 0
                if (a > b) == rises:
                    tile[t] = b
                    tile[partner] = a
            stride //= 2
            kdsl.barrier()
        size *= 2
    # Phase 7: the results.
    alive = kdsl.minimum(n - block * 256, 256)
    mean = sums[side, 255] / f32(alive)
    variance = squares[0] / f32(alive) - mean * mean
    sigma = kdsl.sqrt(max(variance, 0.0))
    if here:
        out[0, i] = tile[t]
        out[1, i] = sums[side, t]
        out[2, i] = (value - mean) / max(sigma, 1e-6)
    if t == 0:
        row = block * 4
        out[3, row] = mean
        out[3, row + 1] = variance
        out[3, row + 2] = f32(extremes[0]) / 65536.0
        out[3, row + 3] = f32(extremes[1]) / 65536.0


# ----------------------------------------------------------------------- many elementary functions


@kdsl.func
def norm_cdf(x):
    return 0.5 * (1.0 + kdsl.erf(x * 0.70710678))


@kdsl.func
def norm_pdf(x):
    return 0.39894228 * kdsl.exp(-0.5 * x * x)


@kdsl.kernel
def price(spot: Array[f32, 1], strike: Array[f32, 1], years: Array[f32, 1], vol: Array[f32, 1], rate: f32, out: Array[f32, 2]):
    """Black and Scholes with all the Greeks, a barrier's correction, and a few transforms of the result."""
    i = kdsl.global_id(0)
    if i < spot.shape[0]:
        s = spot[i]
        k = strike[i]
        t = years[i]
        v = vol[i]
        root = kdsl.sqrt(t)
        d1 = (kdsl.log(s / k) + (rate + 0.5 * v * v) * t) / (v * root)
        d2 = d1 - v * root
        discount = kdsl.exp(-rate * t)
        call = s * norm_cdf(d1) - k * discount * norm_cdf(d2)
        put = k * discount * norm_cdf(-d2) - s * norm_cdf(-d1)
        delta = norm_cdf(d1)
        gamma = norm_pdf(d1) / (s * v * root)
        vega = s * norm_pdf(d1) * root
        theta = -s * norm_pdf(d1) * v / (2.0 * root) - rate * k * discount * norm_cdf(d2)
        rho = k * t * discount * norm_cdf(d2)
        vanna = -norm_pdf(d1) * d2 / v
        volga = vega * d1 * d2 / v
        # An exponent that moves with volatility.
        power = 2.0 * rate / (v * v) - 1.0
        reflected = kdsl.pow(k / s, power)
        down = call - reflected * (k * k / s) * norm_cdf(d2)
        # Implied quantities by two Newton steps.
        guess = kdsl.sqrt(2.0 * abs(kdsl.log(s / k) + rate * t) / t) + 0.1
        for _ in range(2):
            g1 = (kdsl.log(s / k) + (rate + 0.5 * guess * guess) * t) / (guess * root)
            g2 = g1 - guess * root
            value = s * norm_cdf(g1) - k * discount * norm_cdf(g2)
            slope_ = max(s * norm_pdf(g1) * root, 1e-4)
            guess = kdsl.clamp(guess - (value - call) / slope_, 0.01, 4.0)
        # A seasonal component.
        phase = 6.2831853 * t
        season = 0.1 * kdsl.sin(phase) + 0.05 * kdsl.cos(2.0 * phase) + 0.02 * kdsl.tan(0.1 * phase)
        wave = kdsl.sinh(0.1 * season) + kdsl.cosh(0.1 * season) + kdsl.tanh(season)
        angle = kdsl.atan2(delta, gamma + 1.0) + kdsl.asin(kdsl.clamp(delta, -1.0, 1.0)) + kdsl.acos(kdsl.clamp(delta, -1.0, 1.0))
        # Transforms.
        log_call = kdsl.log1p(max(call, 0.0))
        log_put = kdsl.log10(max(put, 1e-6))
        growth = kdsl.expm1(rate * t)
        doubling = kdsl.log2(1.0 + rate) * kdsl.exp2(t)
        out[0, i] = call
        out[1, i] = put
        out[2, i] = delta
        out[3, i] = gamma
        out[4, i] = vega
        out[5, i] = theta
        out[6, i] = rho
        out[7, i] = vanna
        out[8, i] = volga
        out[9, i] = down
        out[10, i] = guess
        out[11, i] = season + wave
        out[12, i] = angle
        out[13, i] = log_call + log_put
        out[14, i] = growth
        out[15, i] = doubling


# --------------------------------------------------------------------------- particles in structs


@kdsl.struct
@dataclass
class Particle:
    place: vec3
    velocity: vec3
    mass: f32
    charge: f32
    age: f32
    kind: i32


PARTICLE = np.dtype([("place", "f4", 3), ("velocity", "f4", 3), ("mass", "f4"), ("charge", "f4"), ("age", "f4"), ("kind", "i4")])


@kdsl.func
def cross(a, b):
    return vec3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)


@kdsl.func
def field_at(p, t):
    swirl = vec3(-p.z, 0.1 * kdsl.sin(t), p.x) * (1.0 / (0.1 + dot3(p, p)))
    lift = vec3(0.0, 0.3 * kdsl.exp(-p.y * p.y), 0.0)
    return swirl + lift


@kdsl.func
def push(p, v, mass, charge, t):
    electric = field_at(p, t)
    magnetic = vec3(0.0, 0.5, 0.1 * p.x)
    force = (electric + cross(v, magnetic)) * charge
    drag = v * (-0.05 * length3(v))
    return (force + drag) * (1.0 / mass) + vec3(0.0, -9.81, 0.0)


@kdsl.func
def bounce(x, v, low, high):
    if x < low:
        return 2.0 * low - x, -0.8 * v
    if x > high:
        return 2.0 * high - x, -0.8 * v
    return x, v


@kdsl.kernel
def advance(old: Array[Particle, 1], new: Array[Particle, 1], grid: Array[f32, 3], energy: Array[f32, 1], t: f32, dt: f32,
            seed: u32):  # fmt: skip
    i = kdsl.global_id(0)
    if i >= old.shape[0]:
        return
    me = old[i]
    # Runge and Kutta of fourth order.
    p1, v1 = me.place, me.velocity
    a1 = push(p1, v1, me.mass, me.charge, t)
    p2, v2 = p1 + v1 * (0.5 * dt), v1 + a1 * (0.5 * dt)
    a2 = push(p2, v2, me.mass, me.charge, t + 0.5 * dt)
    p3, v3 = p1 + v2 * (0.5 * dt), v1 + a2 * (0.5 * dt)
    a3 = push(p3, v3, me.mass, me.charge, t + 0.5 * dt)
    p4, v4 = p1 + v3 * dt, v1 + a3 * dt
    a4 = push(p4, v4, me.mass, me.charge, t + dt)
    place = p1 + (v1 + v2 * 2.0 + v3 * 2.0 + v4) * (dt / 6.0)
    speed = v1 + (a1 + a2 * 2.0 + a3 * 2.0 + a4) * (dt / 6.0)
    # Neighbours push back.
    for k in range(max(i - 4, 0), min(i + 5, old.shape[0])):
        if k != i:
            apart = place - old[k].place
            d2 = dot3(apart, apart) + 1e-4
            if d2 < 0.04:
                speed += apart * (dt * old[k].mass * kdsl.rsqrt(d2) * (0.2 - kdsl.sqrt(d2)))
    # Walls.
    place.x, speed.x = bounce(place.x, speed.x, -1.0, 1.0)
    place.y, speed.y = bounce(place.y, speed.y, 0.0, 2.0)
    place.z, speed.z = bounce(place.z, speed.z, -1.0, 1.0)
    # What its kind does.
    age = me.age + dt
    mass = me.mass
    kind = me.kind
    if kind == 0:
        mass = max(mass * (1.0 - 0.01 * dt), 0.1)
    elif kind == 1:
        speed = speed * kdsl.exp(-0.1 * dt)
        if age > 5.0:
            kind = 0
    else:
        jitter = kdsl.random_normal(seed, u32(i)) * 0.01
        speed += vec3(jitter, 0.0, -jitter)
    if age > 20.0 or length3(place) > 4.0:
        u = kdsl.random_uniform(seed, u32(i) * 2)
        w = kdsl.random_uniform(seed, u32(i) * 2 + 1)
        angle = 6.2831853 * u
        place = vec3(0.5 * kdsl.cos(angle), w, 0.5 * kdsl.sin(angle))
        speed = vec3(0.0, 1.0, 0.0)
        age = f32(0.0)
    # Deposit on the grid.
    gx = kdsl.clamp(i32((place.x + 1.0) * 8.0), 0, 15)
    gy = kdsl.clamp(i32(place.y * 8.0), 0, 15)
    gz = kdsl.clamp(i32((place.z + 1.0) * 8.0), 0, 15)
    kdsl.atomic_add(grid[gz, gy, gx], mass)
    energy[i] = 0.5 * mass * dot3(speed, speed) + 9.81 * mass * place.y
    new[i] = Particle(place, speed, mass, me.charge, age, kind)


# ------------------------------------------------------------------------------ doubles and integers


@kdsl.func
def mix(h):
    h = h ^ (h >> 16)
    h = h * u32(0x85EBCA6B)
    h = h ^ (h >> 13)
    h = h * u32(0xC2B2AE35)
    return h ^ (h >> 16)


@kdsl.func
def days_from_civil(year, month, day):
    y = year - (1 if month <= 2 else 0)
    era = y // 400
    of_era = y - era * 400
    shifted = (month + 9) % 12
    of_year = (153 * shifted + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@kdsl.func
def kepler(mean, e):
    x = mean
    for _ in range(6):
        x = x - (x - e * kdsl.sin(x) - mean) / (1.0 - e * kdsl.cos(x))
    return x


@kdsl.kernel
def orbits(dates: Array[i32, 2], elements: Array[f64, 2], out: Array[f64, 2], codes: Array[u32, 1], steps: i32):
    i = kdsl.global_id(0)
    if i < codes.shape[0]:
        year, month, day = dates[i, 0], dates[i, 1], dates[i, 2]
        days = f64(days_from_civil(year, month, day)) - 10957.5
        # Elements, and how they drift in a century.
        century = days / 36525.0
        a = elements[i, 0]
        e = elements[i, 1] + 1e-5 * century
        incline = elements[i, 2] + 1e-4 * century
        node = elements[i, 3] - 2e-3 * century
        perihelion = elements[i, 4] + 3e-3 * century
        motion = 0.01720209895 / (a * kdsl.sqrt(a))
        mean = elements[i, 5] + motion * days
        turns = kdsl.floor(mean / 6.283185307179586)
        mean = mean - turns * 6.283185307179586
        anomaly = kepler(mean, e)
        # In the plane of the orbit.
        px = a * (kdsl.cos(anomaly) - e)
        py = a * kdsl.sqrt(1.0 - e * e) * kdsl.sin(anomaly)
        true = kdsl.atan2(py, px)
        r = kdsl.sqrt(px * px + py * py)
        # In space.
        argument = true + perihelion - node
        cn, sn = kdsl.cos(node), kdsl.sin(node)
        ca, sa = kdsl.cos(argument), kdsl.sin(argument)
        ci, si = kdsl.cos(incline), kdsl.sin(incline)
        x = r * (cn * ca - sn * sa * ci)
        y = r * (sn * ca + cn * sa * ci)
        z = r * sa * si
        # A step-by-step correction by a large body.
        vx = vy = vz = f64(0)
        for k in range(steps):
            phase = 0.0014484 * (days + f64(k))
            dx = 5.2 * kdsl.cos(phase) - x
            dy = 5.2 * kdsl.sin(phase) - y
            dz = -z
            d2 = dx * dx + dy * dy + dz * dz
            pull = 2.8e-7 / (d2 * kdsl.sqrt(d2))
            vx += dx * pull
            vy += dy * pull
            vz += dz * pull
        x, y, z = x + 0.5 * vx, y + 0.5 * vy, z + 0.5 * vz
        out[i, 0] = x
        out[i, 1] = y
        out[i, 2] = z
        out[i, 3] = kdsl.exp(-r) + kdsl.log(r)
        # A code of the place: bits interleaved and mixed.
        ix = u32(i32(x * 1000.0)) & 1023
        iy = u32(i32(y * 1000.0)) & 1023
        code = u32(0)
        for bit in range(10):
            code = code | (((ix >> u32(bit)) & 1) << u32(2 * bit)) | (((iy >> u32(bit)) & 1) << u32(2 * bit + 1))
        digest = mix(code ^ u32(year * 373 + month * 31 + day))
        checksum = u32(0)
        while digest > 0:
            checksum = checksum * 31 + digest % 97
            digest = digest // 97
        codes[i] = checksum ^ u32(kdsl.popcount(code)) ^ (code << 7)


# ----------------------------------------------------------------------------------- measuring


def _march() -> None:
    march[(8, 8), (16, 16)](np.zeros((128, 128, 3), np.float32), 0.5)


def _develop() -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    develop[(6, 8), (16, 8)](image, np.zeros_like(image), 0.3, 0.5, 1.2, 0.2)


def _statistics() -> None:
    values = np.random.default_rng(0).standard_normal(4096, np.float32)
    statistics_of[16, 256](values, np.zeros((4, 4096), np.float32), np.zeros(64, np.uint32), -4.0, 4.0)


def _price() -> None:
    columns = [np.linspace(a, b, 4096, dtype=np.float32) for a, b in ((80, 120), (90, 110), (0.1, 2), (0.1, 0.5))]
    price.over(4096)(*columns, 0.03, np.zeros((16, 4096), np.float32))


def _advance() -> None:
    particles = np.zeros(1024, PARTICLE)
    particles["mass"], particles["kind"] = 1.0, np.arange(1024) % 3
    particles["place"] = np.random.default_rng(0).random((1024, 3), np.float32)
    energy = np.zeros(1024, np.float32)
    advance[4, 256](particles, particles.copy(), np.zeros((16, 16, 16), np.float32), energy, 0.0, 0.01, np.uint32(3))


def _orbits() -> None:
    dates = np.tile(np.array([2024, 3, 17], np.int32), (512, 1))
    elements = np.tile(np.array([1.5, 0.1, 0.05, 1.0, 2.0, 0.3]), (512, 1))
    orbits.over(512)(dates, elements, np.zeros((512, 4)), np.zeros(512, np.uint32), 16)


KERNELS: dict[str, Callable[[], None]] = {
    "march": _march, "develop": _develop, "statistics": _statistics, "price": _price, "advance": _advance, "orbits": _orbits,
}  # fmt: skip


def _one(name: str, modules: list[str]) -> dict[str, Any]:
    """The first launch in this process, with `modules` imported before the clock starts."""
    import importlib

    for module in modules:
        with contextlib.suppress(ImportError):  # some that compiled extensions bring have no name to import them by
            importlib.import_module(module)
    before = set(sys.modules)
    start = time.perf_counter()
    KERNELS[name]()
    ms = (time.perf_counter() - start) * 1e3
    return {"ms": ms, "modules": sorted(set(sys.modules) - before)}


def _run(*arguments: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [sys.executable, __file__, "--one", *arguments], env={**os.environ, "KDSL_CACHE_DIR": cache},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def measure(name: str, runs: int) -> float:
    """Median over fresh processes with an empty cache, imports apart, in ms."""
    needed = [m for m in _run(name)["modules"] if not m.startswith("_")]
    return statistics.median(_run(name, *needed)["ms"] for _ in range(runs))


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == ["--one"]:
        print(json.dumps(_one(arguments[1], arguments[2:])))
        return
    runs = 11
    if arguments[:1] == ["--runs"]:
        runs, arguments = int(arguments[1]), arguments[2:]
    for name in arguments or KERNELS:
        print(f"{name:12} {measure(name, runs):8.1f} ms", flush=True)


if __name__ == "__main__":
    main()
