"""A picture of how figures grow: one panel beside the other, sizes by their logarithm.

Each curve has its own marker and its name at its end, so that nobody needs to tell colours apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 460
HEIGHT: Final = 320
LEFT: Final = 56
RIGHT: Final = 150
TOP: Final = 64
BOTTOM: Final = 48
LINE: Final = 15
"""Between two names that would stand on each other."""

COLOURS: Final = ("#0b6266", "#9a5b00", "#5b3a9a", "#9a2f3f", "#35506b")
MARKERS: Final = (
    '<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>',
    '<rect x="{x0:.1f}" y="{y0:.1f}" width="8" height="8"/>',
    '<path d="M{x:.1f} {y0:.1f}l5 9h-10z"/>',
    '<path d="M{x:.1f} {y0:.1f}l5 4.5-5 4.5-5-4.5z"/>',
    '<path d="M{x0:.1f} {y0:.1f}l8 8m0-8l-8 8" stroke-width="2"/>',
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What was measured, by size."""

    name: str
    points: Mapping[int, float]


def draw(title: str, panels: Mapping[str, Sequence[Curve]], *, along: str) -> str:
    """The picture as SVG, with the figures in words for whoever does not see it."""
    width = WIDTH * len(panels)
    top = max(value for curves in panels.values() for c in curves for value in c.points.values())
    said = "; ".join(
        f"{panel}, {curve.name}: "
        + ", ".join(f"{value:.1f} at {size:,}" for size, value in curve.points.items())
        for panel, curves in panels.items()
        for curve in curves
    )
    size = f'viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}"'
    font = 'font-family="system-ui, sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font} role="img"',
        ' aria-labelledby="title words">',
        f'<title id="title">{escape(title)}</title><desc id="words">{escape(said)}</desc>',
        f'<rect width="{width}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="15" font-weight="600">{escape(title)}</text>',
    ]
    for number, (name, curves) in enumerate(panels.items()):
        parts.append(f'<g transform="translate({number * WIDTH} 0)">')
        parts += _panel(name, curves, _rounded(top), along)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(name: str, curves: Sequence[Curve], top: float, along: str) -> list[str]:
    sizes = sorted({size for curve in curves for size in curve.points})
    parts = [f'<text x="{LEFT}" y="48" font-weight="600">{escape(name)}</text>']
    for step in range(5):
        value = top * step / 4
        y = _y(value, top)
        parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#d9dddd"/>'
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
        )
    for size in sizes:
        x = _x(size, sizes)
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{size:,}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{along}</text>')
    for number, curve in enumerate(curves):
        parts.append(_curve(number, curve, sizes, top))
    return parts + _names(curves, sizes, top)


def _curve(number: int, curve: Curve, sizes: Sequence[int], top: float) -> str:
    places = [(_x(size, sizes), _y(value, top)) for size, value in sorted(curve.points.items())]
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    colour = COLOURS[number % len(COLOURS)]
    markers = "".join(
        MARKERS[number % len(MARKERS)].format(x=x, y=y, x0=x - 4, y0=y - 4) for x, y in places
    )
    return (
        f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>'
        f'<g fill="{colour}" stroke="{colour}">{markers}</g>'
    )


def _names(curves: Sequence[Curve], sizes: Sequence[int], top: float) -> list[str]:
    """Each beside the end of its curve, and none on another."""
    ends = sorted(
        (_y(curve.points[max(curve.points)], top), number) for number, curve in enumerate(curves)
    )
    parts, free_from = [], 0.0
    room = HEIGHT - BOTTOM - LINE * len(ends)
    for y, number in ends:
        at = max(min(y + 4, room + LINE), free_from)
        free_from = at + LINE
        parts.append(
            f'<text x="{WIDTH - RIGHT + 12}" y="{at:.1f}" fill="{COLOURS[number % len(COLOURS)]}">'
            f"{escape(curves[number].name)}</text>"
        )
    return parts


def _x(size: int, sizes: Sequence[int]) -> float:
    low, high = math.log(sizes[0]), math.log(sizes[-1])
    share = (math.log(size) - low) / (high - low) if high > low else 0.5
    return LEFT + 16 + share * (WIDTH - RIGHT - LEFT - 32)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP)


def _rounded(value: float) -> float:
    """The next number above that divides well."""
    step = 10 ** math.floor(math.log10(value)) if value > 0 else 1
    return next(step * times for times in (1, 2, 4, 6, 8, 10) if step * times >= value)
