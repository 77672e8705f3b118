"""The figures of `bench/mls.py` as a table, and its curves as an SVG file."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

Rows = Mapping[str, Mapping[str, float]]
COLOURS = {"full": "#1b6ca8", "flat": "#b5452c"}
WORDS = {"full": "everybody commits in turn", "flat": "a lone committer"}
WIDTH, HEIGHT, EDGE = 460, 360, 60


def table(rows: Rows) -> str:
    """Markdown; microseconds of processor time, or bytes."""
    lines = ["| | ours | ts-mls | ours / ts-mls | primitives |", "|---|---|---|---|---|"]
    for name, by in rows.items():
        cells = [f"{by[who]:,.0f}" if who in by else "" for who in ("ours", "ts-mls")]
        cells.append(f"{by['ratio']:.2f}" if "ratio" in by else "")
        cells.append(f"{by['primitives']:,.0f}" if "primitives" in by else "")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def curves(rows: Rows) -> dict[int, dict[str, list[tuple[int, float]]]]:
    """By suite and shape: (members, milliseconds of one of our commits)."""
    found: dict[int, dict[str, list[tuple[int, float]]]] = {}
    for name, by in rows.items():
        matched = re.fullmatch(r"curve (\d+) (\w+) (\d+): commit", name)
        if matched:
            number, shape, size = int(matched[1]), matched[2], int(matched[3])
            found.setdefault(number, {}).setdefault(shape, []).append((size, by["ours"] / 1_000))
    return found


def write(rows: Rows, where: Path) -> None:
    """One panel a suite; both axes logarithmic: a line of slope one is linear growth, a flat one logarithmic."""
    panels = [
        _panel(number, shapes, at * WIDTH) for at, (number, shapes) in enumerate(sorted(curves(rows).items()))
    ]
    width = WIDTH * len(panels)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" font-family="sans-serif" font-size="12">'
    back = f'<rect width="{width}" height="{HEIGHT}" fill="white"/>'
    where.write_text("\n".join([head, back, *panels, "</svg>"]) + "\n")


def _panel(number: int, shapes: Mapping[str, list[tuple[int, float]]], left: int) -> str:
    points = [point for line in shapes.values() for point in line]
    sizes = sorted({size for size, _ in points})
    low = math.floor(math.log10(min(took for _, took in points)))
    high = max(low + 1, math.ceil(math.log10(max(took for _, took in points))))
    reach = max(1.0, math.log2(sizes[-1] / sizes[0]))

    def x(size: float) -> float:
        return left + EDGE + math.log2(size / sizes[0]) / reach * (WIDTH - 2 * EDGE)

    def y(took: float) -> float:
        return HEIGHT - EDGE - (math.log10(took) - low) / (high - low) * (HEIGHT - 2 * EDGE)

    parts = [f'<text x="{left + EDGE}" y="24">Suite {number}: one commit, ms of processor time</text>']
    under = f'y="{HEIGHT - EDGE + 18}" text-anchor="middle"'
    parts += [f'<text x="{x(size):.0f}" {under}>{size:,}</text>' for size in sizes]
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts.append(f'<path d="M{x(sizes[0]):.0f} {at:.0f}H{x(sizes[-1]):.0f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left + EDGE - 8}" y="{at + 4:.0f}" text-anchor="end">{10.0**power:g}</text>')
    middle = left + WIDTH // 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 20}" text-anchor="middle">members</text>')
    for at, (shape, line) in enumerate(sorted(shapes.items())):
        path = " ".join(f"{x(size):.1f},{y(took):.1f}" for size, took in line)
        colour = COLOURS[shape]
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(s):.1f}" cy="{y(t):.1f}" r="3" fill="{colour}"/>' for s, t in line]
        parts.append(f'<text x="{left + EDGE + 8}" y="{50 + 16 * at}" fill="{colour}">{WORDS[shape]}</text>')
    return "\n".join(parts)
