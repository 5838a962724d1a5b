"""The charts of a run, as SVG, each for light and for dark pages.

One idea: a length is a ratio of speeds on a logarithmic axis, with a line at 1: what lies left of it is slower, and is
drawn in another colour. Peers are dots on the same axis, so each row shows the whole field and not only its winner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from fleet import PEERS

__all__ = ["draw"]

NEXT_TO = ("kdsl", "c", "numba")


@dataclass(frozen=True)
class Theme:
    """Colours of one page. `faster` and `slower` differ in lightness too, for those who see colours otherwise."""

    name: str
    ink: str
    faint: str
    faster: str
    slower: str
    peer: str
    lines: tuple[str, str, str]


THEMES = (
    Theme("light", "#1f2328", "#d1d9e0", "#2463b4", "#e08a1e", "#6e7781", ("#2463b4", "#6e7781", "#e08a1e")),
    Theme("dark", "#f0f6fc", "#3d444d", "#62a4f5", "#f0a94b", "#9198a1", ("#62a4f5", "#9198a1", "#f0a94b")),
)


def _plain(value: float, _: object = None) -> str:
    return f"{value:g}"


def _percent(value: float, _: object = None) -> str:
    return f"{value:.0%}"


def _dress(axes: Axes, theme: Theme, grid: str = "x") -> None:
    axes.patch.set_alpha(0)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom" and grid != "x")
        spine.set_color(theme.faint)
    axes.tick_params(colors=theme.ink, length=0)
    axes.grid(axis="both" if grid == "both" else "x", color=theme.faint, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.xaxis.label.set_color(theme.ink)
    axes.yaxis.label.set_color(theme.ink)


def _bars(axes: Axes, theme: Theme, names: list[str], values: list[float], colours: list[str], labels: list[str],
          peers: list[list[float]], limits: tuple[float, float]) -> None:  # fmt: skip
    """Horizontal bars, the first on top, on a logarithmic axis from 1, or from 0 if that is the lower limit; dots beside."""
    left = 1.0 if limits[0] else 0.0
    places = range(len(names))
    axes.set_xscale("log" if limits[0] else "linear")
    axes.barh(places, [v - left for v in values], left=left, height=0.62, color=colours, zorder=2)
    for place, dots in enumerate(peers):
        shown = [d for d in dots if limits[0] <= d <= limits[1]]
        axes.plot(shown, [place] * len(shown), "o", markersize=4.5, markerfacecolor="none", markeredgecolor=theme.peer, zorder=3)
    axes.set_yticks(list(places), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(*limits)
    for place, (value, label) in enumerate(zip(values, labels)):
        axes.annotate(label, (1.01, place), xycoords=("axes fraction", "data"), va="center", color=theme.ink,
                      annotation_clip=False, fontweight="bold" if value >= left else "normal")  # fmt: skip
    axes.xaxis.set_minor_locator(NullLocator())


def peers_chart(results: dict, theme: Theme) -> Figure | None:
    """kdsl's speed relative to the best peer's, row by row; dots are the other peers."""
    rows = [row for row in results["rows"] if "of_best" in row]
    if not rows:
        return None
    values = [row["of_best"] for row in rows]
    dots = []
    for row in rows:
        best = row["median_s"][row["best_peer"]]
        # where C's time is that of the loop without a call, it is faster than the best that competes, and no dot
        dots.append([best / s for name, s in row["median_s"].items() if name != "kdsl" and s >= best])
    limits = (min(0.1, min(values) * 0.8), max(4.0, max(values) * 1.2))
    figure, axes = _figure(10, 0.34 * len(rows) + 1.3)
    labels = [f"{v:.2f} × {PEERS[row['best_peer']].title}" for v, row in zip(values, rows)]
    colours = [theme.faster if v >= 1 else theme.slower for v in values]
    _bars(axes, theme, [row["title"] for row in rows], values, colours, labels, dots, limits)
    axes.axvline(1.0, color=theme.ink, linewidth=1.2, zorder=4)
    _ticks(axes, (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100), limits, _plain)
    _dress(axes, theme)
    axes.set_title("kdsl's speed, of the best peer's (bars); the peers' (dots)", color=theme.ink, loc="left", fontsize=11)
    return figure


def limit_chart(results: dict, theme: Theme) -> Figure | None:
    """Which part of the machine's limit kdsl reaches, and the best peer."""
    rows = [row for row in results["rows"] if "of_bound" in row]
    if not rows:
        return None
    values = [row["of_bound"] for row in rows]
    dots = [[row["bound_s"] / row["median_s"][row["best_peer"]]] if "best_peer" in row else [] for row in rows]
    limits = (0.0, max([1.05, *values, *(d for ds in dots for d in ds)]) * 1.02)
    figure, axes = _figure(10, 0.34 * len(rows) + 1.3)
    labels, colours = [_percent(v) for v in values], [theme.faster] * len(rows)
    _bars(axes, theme, [row["title"] for row in rows], values, colours, labels, dots, limits)
    axes.axvline(1.0, color=theme.ink, linewidth=1.2, zorder=4)
    axes.xaxis.set_major_formatter(FuncFormatter(_percent))
    _dress(axes, theme)
    axes.set_title("part of what memory and arithmetic allow: kdsl (bars), the best peer (dots)", color=theme.ink, loc="left",
                   fontsize=11)  # fmt: skip
    return figure


def scaling_chart(results: dict, theme: Theme) -> Figure | None:
    """Speed on two threads relative to one."""
    rows = results["scaling"]
    if not rows:
        return None
    figure, axes = _figure(8, 0.5 * len(rows) + 1.3)
    names = [name for name in NEXT_TO if any(name in row["scaling"] for row in rows)]
    for k, name in enumerate(names):
        places = [place + (k - (len(names) - 1) / 2) * 0.25 for place in range(len(rows))]
        values = [row["scaling"].get(name, 0.0) for row in rows]
        axes.barh(places, values, height=0.22, color=theme.lines[k], label=PEERS[name].title, zorder=2)
        if name == "kdsl":
            for place, value in zip(places, values):
                axes.annotate(f"{value:.2f}", (value, place), xytext=(4, 0), textcoords="offset points", va="center",
                              color=theme.ink, fontsize=9)  # fmt: skip
    axes.axvline(2.0, color=theme.ink, linewidth=1.2)
    axes.set_yticks(range(len(rows)), [row["title"] for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 2.35)
    _dress(axes, theme)
    _legend(axes, theme, "upper center", (0.45, -0.08))
    axes.set_title("speed of two threads, of one thread's", color=theme.ink, loc="left", fontsize=11)
    return figure


def cost_chart(results: dict, theme: Theme) -> Figure | None:
    """Nanoseconds of an element against how many there are: flat is linear."""
    if not results["cost"]:
        return None
    figure = Figure(figsize=(10, 3.8), layout="constrained")
    figure.patch.set_alpha(0)
    titles = {"triad": "triad: out = x + a y", "math-default": "out = exp(sin x) + log1p(x²)"}
    for k, cost in enumerate(results["cost"]):
        axes = figure.add_subplot(1, len(results["cost"]), k + 1)
        for name, colour in zip(NEXT_TO, theme.lines):
            if name in cost["seconds"]:
                points = [(n, s / n * 1e9) for n, s in zip(cost["sizes"], cost["seconds"][name]) if s]
                axes.plot(*zip(*points), "o-", color=colour, markersize=4, label=PEERS[name].title)
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(_plain))
        axes.set_xlabel("elements")
        axes.set_ylabel("ns an element" if k == 0 else "")
        _dress(axes, theme, "both")
        axes.set_title(titles.get(cost["kernel"], cost["kernel"]), color=theme.ink, loc="left", fontsize=11)
        if k == 0:
            _legend(axes, theme, "upper right", None)
    return figure


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0)
    return figure, figure.add_subplot()


def _ticks(axes: Axes, wanted: tuple[float, ...], limits: tuple[float, float], text: Callable[[float], str]) -> None:
    shown = [t for t in wanted if limits[0] <= t <= limits[1]]
    axes.set_xticks(shown, [text(t) for t in shown])


def _legend(axes: Axes, theme: Theme, place: str, anchor: tuple[float, float] | None) -> None:
    axes.legend(loc=place, bbox_to_anchor=anchor, ncols=3 if anchor else 1, frameon=False, labelcolor=theme.ink)


CHARTS = {"peers": peers_chart, "limit": limit_chart, "scaling": scaling_chart, "cost": cost_chart}


def draw(results: dict, folder: Path, kind: str = "svg") -> None:
    """Writes each chart that has something to show as NAME-light and NAME-dark."""
    matplotlib.rcParams["svg.hashsalt"] = "kdsl"  # the same numbers give the same file
    for name, chart in CHARTS.items():
        for theme in THEMES:
            if figure := chart(results, theme):
                figure.savefig(folder / f"{name}-{theme.name}.{kind}", metadata={"Date": None} if kind == "svg" else None, dpi=90)
