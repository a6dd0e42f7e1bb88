"""From the stores' shares of their targets to SVG: a dot each, piled up where many stand."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, tostring

from lib.reports.view.target_dots import TargetDots

UNITS_A_MM = 10
RADIUS = 11
LABEL_SIZE = 24
#: Left and right of the axis, for half a label.
SIDE = 60
#: Below the axis, for its labels.
BOTTOM = LABEL_SIZE + 16
INK, QUIET, GRID = "#1c2733", "#566373", "#9aa5b1"
TEXT = {
    "font-family": "Report",
    "font-size": f"{LABEL_SIZE}",
    "fill": QUIET,
}
#: How many parts the axis has at most.
PARTS = 6


def svg(dots: TargetDots) -> str:
    """Return the picture as an `svg` element; its `title` is the alternative text."""
    width, height = (UNITS_A_MM * size for size in dots.size_mm)
    root = Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
    )
    SubElement(root, "title").text = dots.alt

    axis_y = height - BOTTOM
    _draw_axis(root, dots, width, axis_y)
    _draw_dots(root, dots, width, axis_y)

    return tostring(root, encoding="unicode")


def _x(
    share: Decimal,
    dots: TargetDots,
    width: int,
) -> float:
    """Return where a share stands; one beyond an end of the axis stands at that end."""
    inside = min(max(0.0, float(share)), float(dots.most))
    return SIDE + (width - 2 * SIDE) * inside / dots.most


def _draw_axis(
    root: Element,
    dots: TargetDots,
    width: int,
    y: int,
) -> None:
    line = {
        "d": f"M{SIDE} {y} h{width - 2 * SIDE}",
        "stroke": GRID,
        "stroke-width": "2",
        "fill": "none",
    }
    SubElement(root, "path", line)

    step = 10 * -(-dots.most // (10 * PARTS))
    for share in range(0, dots.most + 1, step):
        place = {
            "x": f"{_x(Decimal(share), dots, width):.1f}",
            "y": f"{y + LABEL_SIZE + 4}",
            "text-anchor": "middle",
        }

        label = SubElement(root, "text", place | TEXT)
        label.text = f"{share}%"

    even = {
        "d": f"M{_x(dots.even, dots, width):.1f} 0 V{y}",
        "stroke": INK,
        "stroke-width": "3",
        "stroke-dasharray": "9 9",
        "fill": "none",
    }
    SubElement(root, "path", even)


def _draw_dots(
    root: Element,
    dots: TargetDots,
    width: int,
    axis_y: int,
) -> None:
    piles: dict[int, list[Decimal]] = defaultdict(list)

    for _, share in dots.stores:
        piles[int(_x(share, dots, width) // (2 * RADIUS))].append(share)

    for shares in piles.values():
        # A pile that is too high for the picture lies closer.
        step = min(2.0 * RADIUS, (axis_y - 2 * RADIUS) / len(shares))

        for number, share in enumerate(shares):
            y = axis_y - RADIUS - 2 - number * step
            dot = {
                "cx": f"{_x(share, dots, width):.1f}",
                "cy": f"{y:.1f}",
                "r": f"{RADIUS - 1}",
                "fill": INK,
                "stroke": "#ffffff",
                "stroke-width": "2",
            }
            SubElement(root, "circle", dot)
