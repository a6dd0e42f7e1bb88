"""The only pygal: from a chart to SVG that is the same for the same chart."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from xml.etree.ElementTree import Element, tostring

import pygal  # type: ignore[import-untyped]
from pygal.style import Style  # type: ignore[import-untyped]

from lib.model import MetricKind
from lib.reports.facts.model import Value
from lib.reports.view import formatting
from lib.reports.view.chart_data import Chart, Shape

# pygal hooks itself into every import for plug-ins that we have not; Python warns of the hook's old
# kind each time.
sys.meta_path[:] = [
    finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)
]

UNITS_A_MM = 10
LABEL_SIZE = 22
#: Half the width of a day's label: a line ends under the middle of its last one.
LAST_LABEL = 40
#: What the middle of an axis may be, times a power of ten.
ROUND = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
LAKH, CRORE = 100_000, 10_000_000
#: A tenth of a unit is a hundredth of a millimetre.
DECIMALS = re.compile(r"(\.\d)\d+")
NOT_PRINTED = ("desc", "title", "script", "style", "defs")

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
GOAL = {"fill": "none", "stroke": "#5b7083", "stroke-width": "3", "stroke-dasharray": "9 9"}
TEXT = {"font-family": "Report", "font-size": "22", "fill": QUIET}
VALUE = TEXT | {"font-size": "20", "fill": INK, "text-anchor": "middle"}


def svg(chart: Chart) -> str:
    """Return the chart as an `svg` element whose `title` is its alternative text, to be put into a page as it is."""
    drawn = _lines(chart) if chart.shape is Shape.LINE else _bars(chart)
    root = drawn.render_tree()

    return tostring(_cleaned(root, chart), encoding="unicode")


def _lines(chart: Chart) -> pygal.Line:
    line = pygal.Line(**_common(chart), show_dots=True, dots_size=3, allow_interruptions=True)

    for series in chart.series:
        line.add(
            "", [_number(value) for value in series.values], show_dots=_has_lonely(series.values)
        )

    return line


def _has_lonely(values: Sequence[Value | None]) -> bool:
    """Tell whether a value stands between gaps, where a line cannot show it."""
    before, after = [None, *values[:-1]], [*values[1:], None]
    each = zip(before, values, after, strict=True)

    return any(value is not None and left is None and right is None for left, value, right in each)


def _bars(chart: Chart) -> pygal.Bar:
    bar = pygal.Bar(
        **_common(chart), print_values=True, print_values_position="top", print_zeroes=True
    )

    for series in chart.series:
        bar.add("", [_number(value) for value in series.values])

    return bar


def _common(chart: Chart) -> dict[str, object]:
    ticks = _ticks(chart)
    return {
        "style": Style(
            label_font_size=LABEL_SIZE,
            major_label_font_size=LABEL_SIZE,
            value_font_size=20,
            font_family="Report",
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
    """Return three round values around everything that is drawn; money and counts begin at 0 unless some are below."""
    values = [
        float(value) for series in chart.series for value in series.values if value is not None
    ] or [1.0]

    if chart.kind is MetricKind.PERCENT:
        low, high = 10 * math.floor(min(*values, 90) / 10), max(*values, 100.0)
        return [low, (low + high) / 2, high]

    head_room = 1.15 if chart.shape is Shape.BARS else 1.0
    lowest, highest = head_room * min(*values, 0.0), head_room * max(*values, 1.0)
    step = _round_up(max(-lowest, highest) if lowest < 0 else highest / 2)

    return [-step, 0, step] if lowest < 0 else [0, step, 2 * step]


def _round_up(value: float) -> float:
    """Return a round number of whole units, for labels have no decimals."""
    scale = 10.0 ** math.floor(math.log10(value))
    steps = (factor * scale for factor in ROUND)

    return next(step for step in steps if step >= value and step.is_integer())


def _short(value: float, kind: MetricKind) -> str:
    if kind is not MetricKind.MONEY:
        return formatting.figure(Decimal(f"{value:.0f}"), kind)

    unit, name = (CRORE, "Cr") if value >= CRORE else (LAKH, "L")
    return f"₹{value / unit:.3g} {name}" if value >= LAKH else formatting.rupees(round(value))


def _number(value: Decimal | int | None) -> float | None:
    return None if value is None else float(value)


def _cleaned(root: Element, chart: Chart) -> Element:
    """Leave only what is printed, each element with its own attributes: matching a style sheet costs far more."""
    for number, series in enumerate(chart.series):
        _dress_series(root, number, LINE if not series.is_goal else GOAL)

    for axis, anchor in (("x", "middle"), ("y", "end")):
        for group in _with_class(root, f"axis {axis}"):
            _dress(group, "text", TEXT | {"text-anchor": anchor})
            _dress(group, "path", GUIDE)

    for group in _with_class(root, "text-overlay"):
        _dress(group, "text", VALUE)

    root[:] = _pruned(root)
    title = Element("title")
    title.text = chart.alt

    root.insert(0, title)
    del root.attrib["id"]

    return root


def _pruned(parent: Element) -> list[Element]:
    """Return the children that are seen, with short numbers and without idle groups: each costs its drawing."""
    kept: list[Element] = []

    for child in parent:
        if _is_unseen(parent, child):
            continue

        child[:] = _pruned(child)

        child.attrib = {
            name: DECIMALS.sub(r"\1", value) for name, value in child.items() if name != "class"
        }
        if child.tag == "g" and not child.attrib:
            kept += child
        elif child.tag != "g" or len(child):
            kept.append(child)

    return kept


def _dress_series(root: Element, number: int, line: Mapping[str, str]) -> None:
    for group in _with_class(root, f"serie-{number}"):
        _dress(group, "path", line)
        _dress(group, "rect", {"fill": TONES[number % len(TONES)]})
        _dress(group, "circle", {"fill": INK})


def _with_class(root: Element, wanted: str) -> list[Element]:
    names = set(wanted.split())
    return [group for group in root.iter("g") if names <= set(group.get("class", "").split())]


def _dress(group: Element, tag: str, attributes: Mapping[str, str]) -> None:
    for element in group.iter(tag):
        element.attrib.update(attributes)


def _is_unseen(parent: Element, child: Element) -> bool:
    """Tell of pygal's backgrounds, empty labels, upright lines and what only a browser shows."""
    if child.tag in NOT_PRINTED or not isinstance(child.tag, str):
        return True

    is_blank = child.tag == "text" and not child.text
    is_upright = (
        child.tag == "path"
        and "axis" not in parent.get("class", "")
        and _is_vertical(child.get("d", ""))
    )

    is_hidden = {"background", "tooltip"} & set(child.get("class", "").split())
    return is_blank or is_upright or bool(is_hidden)


def _is_vertical(path: str) -> bool:
    """Tell whether the path is pygal's `M x y v height`, a line of the x axis."""
    return " v" in path and path.count(" ") == 2  # noqa: PLR2004 - three parts
