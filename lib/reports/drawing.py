"""The only pygal: from a chart to SVG that is the same for the same chart."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from decimal import Decimal
from xml.etree.ElementTree import Element, tostring

import pygal  # type: ignore[import-untyped]
from pygal.style import Style  # type: ignore[import-untyped]

from lib.model import MetricKind
from lib.reports import figures
from lib.reports.charts import Chart, Shape
from lib.reports.kpis import Value

# pygal hooks itself into every import for plug-ins that we have not; Python warns of the hook's old kind each time.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

UNITS_A_MM = 10
LABEL_SIZE = 22
LAST_LABEL = 40
"""Half the width of a day's label: a line ends under the middle of its last one."""
ROUND = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
"""What the middle of an axis may be, times a power of ten."""
NOT_PRINTED = ("desc", "title", "script")

INK = """
text { font-family: Report; font-size: 22px; fill: #566373; }
.axis.y text { text-anchor: end; }
.axis.x text, .text-overlay text { text-anchor: middle; }
.text-overlay text { font-size: 20px; fill: #1c2733; }
.axis path { fill: none; stroke: #d5dbe2; stroke-width: 1.5; }
.axis.x path { stroke: none; }
.background { fill: none; }
.line { fill: none; stroke: #1c2733; stroke-width: 5; stroke-linejoin: round; stroke-linecap: round; }
.dot { fill: #1c2733; stroke: none; }
rect.bar, .bar rect { fill: #1c2733; }
.serie-1 .bar rect { fill: #9fb3c8; }
.goal .line { stroke: #5b7083; stroke-width: 3; stroke-dasharray: 9 9; stroke-linecap: butt; }
"""
"""Dark for the values and light for the second bars, so that grey prints tell them apart too. The same in each chart:
a browser applies the style of one drawing to all on the page."""


def svg(chart: Chart) -> str:
    """Return the chart as an `svg` element whose `title` is its alternative text, to be put into a page as it is."""
    drawn = _lines(chart) if chart.shape is Shape.LINE else _bars(chart)
    root = drawn.render_tree()
    return tostring(_cleaned(root, chart), encoding="unicode")


def _lines(chart: Chart) -> pygal.Line:
    line = pygal.Line(**_common(chart), show_dots=True, dots_size=3, allow_interruptions=True)
    for series in chart.series:
        line.add("", [_number(value) for value in series.values], show_dots=_has_lonely(series.values))
    return line


def _has_lonely(values: Sequence[Value | None]) -> bool:
    """Tell whether a value stands between gaps, where a line cannot show it."""
    before, after = [None, *values[:-1]], [*values[1:], None]
    each = zip(before, values, after, strict=True)
    return any(value is not None and left is None and right is None for left, value, right in each)


def _bars(chart: Chart) -> pygal.Bar:
    bar = pygal.Bar(**_common(chart), print_values=True, print_values_position="top", print_zeroes=True)
    for series in chart.series:
        bar.add("", [_number(value) for value in series.values])
    return bar


def _common(chart: Chart) -> dict[str, object]:
    ticks = _ticks(chart)
    return {
        "style": Style(
            label_font_size=LABEL_SIZE, major_label_font_size=LABEL_SIZE, value_font_size=20, font_family="Report"
        ),
        "css": [],
        "js": [],
        "width": chart.size_mm[0] * UNITS_A_MM,
        "height": chart.size_mm[1] * UNITS_A_MM,
        "margin": 4,
        "margin_top": LABEL_SIZE // 2,
        "margin_right": 4 if chart.shape is Shape.BARS else LAST_LABEL,
        "show_legend": False,
        "show_x_guides": False,
        "truncate_label": -1,
        "x_labels": list(chart.labels),
        "y_labels": [{"value": tick, "label": _short(tick, chart.kind)} for tick in ticks],
        "range": (ticks[0], ticks[-1]),
        "value_formatter": lambda value: _short(value, chart.kind),
    }


def _ticks(chart: Chart) -> list[float]:
    """Return three round values around everything that is drawn; money and counts begin at 0."""
    values = [float(value) for series in chart.series for value in series.values if value is not None] or [1.0]
    if chart.kind is MetricKind.PERCENT:
        low, high = 10 * math.floor(min(*values, 90) / 10), max(*values, 100.0)
        return [low, (low + high) / 2, high]
    head_room = 1.15 if chart.shape is Shape.BARS else 1.0
    step = _round_up(max(*values, 1.0) * head_room / 2)
    return [0, step, 2 * step]


def _round_up(value: float) -> float:
    scale = 10.0 ** math.floor(math.log10(value))
    return next(factor * scale for factor in ROUND if factor * scale >= value)


def _short(value: float, kind: MetricKind) -> str:
    if kind is MetricKind.MONEY and value >= 100_000:  # noqa: PLR2004 - a lakh
        return f"₹{value / 100_000:.3g} L"
    if kind is MetricKind.MONEY:
        return figures.rupees(round(value))
    return figures.figure(Decimal(f"{value:.0f}"), kind)


def _number(value: Decimal | int | None) -> float | None:
    return None if value is None else float(value)


def _cleaned(root: Element, chart: Chart) -> Element:
    """Put our own style in place of pygal's, and leave out what only a browser shows."""
    for parent in root.iter():
        for child in [child for child in parent if child.tag in NOT_PRINTED]:
            parent.remove(child)
    for style in root.iter("style"):
        style.text = INK
    goals = {f"serie-{number}" for number, series in enumerate(chart.series) if series.is_goal}
    for group in root.iter("g"):
        if goals & set(group.get("class", "").split()):
            group.set("class", f"{group.get('class')} goal")
    title = Element("title")
    title.text = chart.alt
    root.insert(0, title)
    del root.attrib["id"]
    return root
