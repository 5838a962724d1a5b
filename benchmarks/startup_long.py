"""A kernel of a hundred lines, as one writes a picture: its compilation is timed by `startup_probe.py`.

One idea: nothing here is repeated or unrolled, so that a hundred lines are a hundred different things to compile.
"""

import kdsl
from kdsl import Array, f32, i32, u32

__all__ = ["aurora"]


@kdsl.kernel
def aurora(time: f32, image: Array[f32, 3]):
    px, py = kdsl.global_id(0), kdsl.global_id(1)
    height, width = image.shape[0], image.shape[1]
    if px >= width or py >= height:
        return
    aspect = f32(width) / f32(height)
    u = (f32(px) + 0.5) / f32(width)
    v = 1.0 - (f32(py) + 0.5) / f32(height)
    x = (2.0 * u - 1.0) * aspect
    horizon = 0.25 + 0.02 * kdsl.sin(9.0 * x) + 0.01 * kdsl.sin(23.0 * x + 1.3)
    red, green, blue = f32(0.01), f32(0.02), f32(0.06)

    # the sky grows lighter towards the horizon
    up = kdsl.maximum(v - horizon, 0.0)
    haze = kdsl.exp(-6.0 * up)
    red += 0.05 * haze
    green += 0.07 * haze
    blue += 0.12 * haze

    # stars, one cell in some hundred has one
    cell_x = i32(kdsl.floor(u * 160.0))
    cell_y = i32(kdsl.floor(v * 120.0))
    seed = u32(cell_x) * 374761393 + u32(cell_y) * 668265263
    seed = (seed ^ (seed >> 13)) * 1274126177
    seed = seed ^ (seed >> 16)
    if seed % 131 == 0 and v > horizon:
        middle_x = (f32(cell_x) + 0.5) / 160.0
        middle_y = (f32(cell_y) + 0.5) / 120.0
        away_x = (u - middle_x) * 160.0
        away_y = (v - middle_y) * 120.0
        away = kdsl.sqrt(away_x * away_x + away_y * away_y)
        twinkle = 0.7 + 0.3 * kdsl.sin(4.0 * time + f32(seed & 63))
        star = twinkle * kdsl.exp(-8.0 * away)
        red += star
        green += star
        blue += 1.1 * star

    # curtains of light: a few octaves of folded sines, marched upwards
    glow_low, glow_high = f32(0), f32(0)
    for step in range(12):
        level = f32(step) / 12.0
        fold = x * (1.5 + level) + 0.3 * time
        fold += 0.6 * kdsl.sin(1.7 * fold + 2.0 * level)
        fold += 0.3 * kdsl.sin(3.1 * fold - time)
        base = horizon + 0.15 + 0.08 * kdsl.sin(fold)
        rise = v - base - 0.03 * level
        if rise < 0.0:
            continue
        ray = 0.5 + 0.5 * kdsl.cos(40.0 * fold + 6.0 * level)
        strength = kdsl.exp(-5.0 * rise) * (0.4 + 0.6 * ray * ray)
        edge = kdsl.clamp(rise * 30.0, 0.0, 1.0)
        edge = edge * edge * (3.0 - 2.0 * edge)
        strength *= edge
        if rise > 0.22:
            glow_high += strength
        else:
            glow_low += strength
        if glow_low + glow_high > 6.0:
            break
    glow_low *= 0.12
    glow_high *= 0.16
    red += 0.10 * glow_low + 0.45 * glow_high
    green += 0.95 * glow_low + 0.20 * glow_high
    blue += 0.45 * glow_low + 0.60 * glow_high

    # below the horizon: a lake, which mirrors a little and shimmers, and a dark shore
    if v < horizon:
        depth = horizon - v
        wave = kdsl.sin(60.0 * depth / (depth + 0.1) + 5.0 * x + 2.0 * time)
        mirror = 0.35 + 0.1 * wave
        shore = kdsl.clamp(1.0 - depth * 40.0, 0.0, 1.0)
        mirror *= 1.0 - 0.9 * shore
        fresnel = kdsl.pow(kdsl.clamp(1.0 - 2.0 * depth, 0.0, 1.0), 3.0)
        red = red * mirror * fresnel + 0.004
        green = green * mirror * fresnel + 0.008
        blue = blue * mirror * fresnel + 0.016

    # a moon with a soft rim and a halo
    moon_x, moon_y = x + 0.6 * aspect, v - 0.8
    moon = kdsl.sqrt(moon_x * moon_x + moon_y * moon_y)
    disc = kdsl.clamp((0.06 - moon) * 80.0, 0.0, 1.0)
    halo = 0.15 / (1.0 + 90.0 * moon * moon)
    phase = kdsl.atan2(moon_y, moon_x)
    grain = 0.95 + 0.05 * kdsl.sin(7.0 * phase + 90.0 * moon)
    red += 0.9 * disc * grain + halo
    green += 0.9 * disc * grain + halo
    blue += 0.85 * disc * grain + 0.9 * halo

    # film: exposure, a vignette, gamma
    corner = (u - 0.5) * (u - 0.5) + (v - 0.5) * (v - 0.5)
    exposure = 1.4 * (1.0 - 0.6 * corner)
    image[py, px, 0] = kdsl.pow(1.0 - kdsl.exp(-exposure * red), 1.0 / 2.2)
    image[py, px, 1] = kdsl.pow(1.0 - kdsl.exp(-exposure * green), 1.0 / 2.2)
    image[py, px, 2] = kdsl.pow(1.0 - kdsl.exp(-exposure * blue), 1.0 / 2.2)
