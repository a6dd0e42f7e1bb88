"""From a chart to SVG: lines and bars on three guides, the same for the same chart.

Only what is printed, each element with its own attributes: every group and every rule of a style
sheet costs the engine time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, tostring

from lib import formatting
from lib.domain.values import Value
from lib.model import MetricKind
from lib.reports.view.chart_data import Chart, Series, Shape

UNITS_A_MM = 10
LABEL_SIZE, VALUE_SIZE = 22, 20
#: Above the plot, so that the highest label is whole.
TOP = LABEL_SIZE // 2
#: Below the plot, for the labels.
BOTTOM = LABEL_SIZE + 14
#: Left of the labels and between them and the plot.
LEFT = 14
#: Right of the plot: a line ends under the middle of its last label.
RIGHT = {Shape.LINE: 40, Shape.BARS: 4}
#: No character of a label is wider.
CHARACTER = 0.6 * LABEL_SIZE
#: The same, as a mean over the words of a row.
ROW_CHARACTER = 0.56 * LABEL_SIZE
#: Most that a row is high, and its bar's share of it.
ROW_HEIGHT, ROW_SHARE = 50, 0.6
#: Of the plot's width and height, on each side.
MARGIN = 0.02
#: Between two labels, and between two bars.
GAP = 0.06
#: What the middle of an axis may be, times a power of ten.
ROUND = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
LAKH, CRORE = 100_000, 10_000_000

INK, QUIET, GRID = "#1c2733", "#566373", "#d5dbe2"
#: Of the first and the second bars: dark and light, so that a grey print tells them apart too.
TONES = (INK, "#9fb3c8")
GUIDE = {"fill": "none", "stroke": GRID, "stroke-width": "1.5"}
LINE = {
    "fill": "none",
    "stroke": INK,
    "stroke-width": "5",
    "stroke-linejoin": "round",
    "stroke-linecap": "round",
}
GOAL = {
    "fill": "none",
    "stroke": "#5b7083",
    "stroke-width": "3",
    "stroke-dasharray": "9 9",
}
EARLIER = LINE | {"stroke": "#b9c4cf", "stroke-width": "4"}
TEXT = {"font-family": "Report", "font-size": f"{LABEL_SIZE}", "fill": QUIET}
VALUE = {"font-family": "Report", "font-size": f"{VALUE_SIZE}", "fill": INK}

Point = tuple[float, float]


def svg(chart: Chart) -> str:
    """Return the chart as an `svg` element, to be put into a page as it is.

    Its `title` is the alternative text.
    """
    width, height = (UNITS_A_MM * size for size in chart.size_mm)
    root = Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
    )
    SubElement(root, "title").text = chart.alt

    if chart.shape is Shape.ROWS:
        _draw_rows(root, chart)
        return tostring(root, encoding="unicode")

    plot = _plot(chart)
    group = SubElement(root, "g", transform=f"translate({plot.left:.1f}, {TOP})")

    _draw_axes(group, chart, plot)

    for number, series in enumerate(chart.series):
        if chart.shape is Shape.LINE:
            _draw_line(group, series, plot)
        else:
            _draw_bars(group, number, chart, plot)

    return tostring(root, encoding="unicode")


@dataclass(frozen=True)
class _Plot:
    """Where values are, in units from the plot's upper left corner."""

    left: float
    width: float
    height: float
    ticks: tuple[float, ...]
    #: Labels, and so places for values, from left to right.
    count: int
    shape: Shape

    def y(self, value: float) -> float:
        lowest, highest = self.ticks[0], self.ticks[-1]
        share = (highest - value) / (highest - lowest)
        # The value of a bar stands above it.
        reserved = VALUE_SIZE if self.shape is Shape.BARS else 0

        return reserved + (self.height - reserved) * (MARGIN + share) / (1 + 2 * MARGIN)

    def x(self, number: int) -> float:
        """Return the middle of that place, counted from 0."""
        if self.shape is Shape.BARS:
            share = (number + 0.5) / self.count
        else:
            share = number / (self.count - 1) if self.count > 1 else 0.5

        return self.width * (MARGIN + share) / (1 + 2 * MARGIN)

    @property
    def place(self) -> float:
        """Return how wide the place of one label is, where bars stand."""
        return self.width / (1 + 2 * MARGIN) / self.count


def _plot(chart: Chart) -> _Plot:
    width, height = (UNITS_A_MM * size for size in chart.size_mm)
    ticks = _ticks(chart)
    longest = max(len(_short(tick, chart.kind)) for tick in ticks)
    left = 0 if chart.is_bare else LEFT + longest * CHARACTER
    right = 0 if chart.is_bare else RIGHT[chart.shape]

    return _Plot(
        left=left,
        width=width - left - right,
        height=height - TOP - BOTTOM,
        ticks=ticks,
        count=len(chart.labels),
        shape=chart.shape,
    )


def _draw_axes(
    group: Element,
    chart: Chart,
    plot: _Plot,
) -> None:
    for tick in () if chart.is_bare else plot.ticks:
        y = plot.y(tick)
        SubElement(group, "path", {"d": f"M0 {y:.1f} h{plot.width:.1f}"} | GUIDE)
        # A third of its size below the guide, a label stands beside it.
        place = {"x": "-5", "y": f"{y + 0.35 * LABEL_SIZE:.1f}", "text-anchor": "end"}
        SubElement(
            group,
            "text",
            place | TEXT,
        ).text = _short(tick, chart.kind)

    for number, label in enumerate(chart.labels):
        if label:
            x, y = plot.x(number), plot.height + LABEL_SIZE - 1
            place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": "middle"}
            SubElement(group, "text", place | TEXT).text = label


def _draw_line(
    group: Element,
    series: Series,
    plot: _Plot,
) -> None:
    """Draw a line that ends at each gap, and a dot for a value between two gaps."""
    for points in _runs(series.values, plot):
        places = [f"{x:.1f} {y:.1f}" for x, y in points]

        if len(places) > 1:
            path = f"M{places[0]} L{' '.join(places[1:])}"
            SubElement(
                group,
                "path",
                {"d": path} | _stroke(series),
            )
        elif not series.is_goal:
            x, y = points[0]
            dot = {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "4", "fill": INK}
            SubElement(group, "circle", dot)


def _stroke(series: Series) -> dict[str, str]:
    if series.is_goal:
        return GOAL

    return EARLIER if series.is_earlier else LINE


def _runs(
    values: Sequence[Value | None],
    plot: _Plot,
) -> Iterator[list[Point]]:
    """Yield the points between two gaps."""
    points: list[Point] = []

    for number, value in enumerate(values):
        if value is not None:
            points.append((plot.x(number), plot.y(float(value))))
        elif points:
            yield points
            points = []

    if points:
        yield points


def _draw_bars(
    group: Element,
    number: int,
    chart: Chart,
    plot: _Plot,
) -> None:
    """Draw the bars of one of the sets that stand beside each other, each with its value."""
    beside = plot.place * (1 - 2 * GAP) / len(chart.series)
    width = beside * (1 - 2 * GAP)
    zero = plot.y(0)
    last = len(chart.labels) - 1

    for place, value in enumerate(chart.series[number].values):
        if value is None:
            continue

        first = plot.x(place) - beside * len(chart.series) / 2
        x = first + beside * (number + GAP)
        y = plot.y(float(value))
        top, bottom = min(y, zero), max(y, zero)

        bar = {
            "x": f"{x:.1f}",
            "y": f"{top:.1f}",
            "width": f"{width:.1f}",
            "height": f"{bottom - top:.1f}",
            "fill": TONES[int(place != last) if chart.is_bare else number % len(TONES)],
        }

        SubElement(group, "rect", bar)

        above = {
            "x": f"{x + width / 2:.1f}",
            "y": f"{top - VALUE_SIZE / 6:.1f}",
            "text-anchor": "middle",
        }

        SubElement(
            group,
            "text",
            above | VALUE,
        ).text = _short(float(value), chart.kind)


def _draw_rows(root: Element, chart: Chart) -> None:
    """Draw lying bars between their labels and their notes, each in a line of its own."""
    width, height = (UNITS_A_MM * size for size in chart.size_mm)
    values = [max(float(value or 0), 0.0) for value in chart.series[0].values]
    longest = max((*values, 1.0))

    begin = max(len(label) for label in chart.labels) * ROW_CHARACTER + LEFT
    room = width - begin - max(len(note) for note in chart.notes) * ROW_CHARACTER - LEFT
    step = min(height / len(values), ROW_HEIGHT)

    for number, value in enumerate(values):
        middle = (number + 0.5) * step
        length = room * value / longest
        fill = TONES[0] if number == 0 else TONES[1]
        bar = {
            "x": f"{begin:.1f}",
            "y": f"{middle - step * ROW_SHARE / 2:.1f}",
            "width": f"{max(length, 2):.1f}",
            "height": f"{step * ROW_SHARE:.1f}",
            "fill": fill,
        }

        SubElement(root, "rect", bar)

        y = f"{middle + 0.35 * LABEL_SIZE:.1f}"
        SubElement(root, "text", {"x": "0", "y": y} | TEXT).text = chart.labels[number]

        after = {"x": f"{begin + max(length, 2) + LEFT:.1f}", "y": y}
        SubElement(root, "text", after | VALUE).text = chart.notes[number]


def _ticks(chart: Chart) -> tuple[float, ...]:
    """Return three round values around everything that is drawn.

    Money and counts begin at 0 unless some are below.
    """
    values: list[float] = []

    for series in chart.series:
        for value in series.values:
            if value is not None:
                values.append(float(value))

    if chart.kind is MetricKind.PERCENT:
        low = 10 * math.floor(min(*values, 90) / 10)
        high = max(*values, 100.0)

        return low, (low + high) / 2, high

    head_room = 1.15 if chart.shape is Shape.BARS else 1.0
    lowest = head_room * min(*values, 0.0, 0.0)
    highest = head_room * max(*values, 1.0, 1.0)

    if lowest < 0:
        step = _round_up(max(-lowest, highest))
        return -step, 0, step

    step = _round_up(highest / 2)
    return 0, step, 2 * step


def _round_up(value: float) -> float:
    """Return a round number of whole units, for labels have no decimals."""
    scale = 10.0 ** math.floor(math.log10(value))

    for factor in ROUND:
        step = factor * scale
        if step >= value and step.is_integer():
            return step

    return 10 * scale


def _short(value: float, kind: MetricKind) -> str:
    """Return a value as an axis has room for it: `₹15,000`, `₹9.12 L`, `₹1,000 Cr`."""
    if kind is MetricKind.PERCENT:
        return f"{value:.0f}%"

    if kind is MetricKind.COUNT:
        return formatting.count(round(value))

    size = abs(value)
    if size < LAKH:
        return formatting.rupees(round(value))

    unit, name = (CRORE, "Cr") if size >= CRORE else (LAKH, "L")
    # Three figures: none after the point from 100 on.
    figures = Decimal(f"{size / unit:.3g}")
    whole, part = divmod(figures, 1)
    sign = "\N{MINUS SIGN}" if value < 0 else ""

    return f"{sign}{formatting.rupees(whole)}{str(part)[1:] if part else ''} {name}"
