import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from decimal import Decimal

import pytest

from lib.dates import Period
from lib.domain.headline import AgeGroup, DaySale
from lib.model import MetricKind
from lib.reports.render import chart_svg
from lib.reports.view import chart_data
from tests.factories.periods import day

DAYS = Period(date(2025, 10, 30), date(2025, 11, 3))
SIZE = (56, 24)


def revenues_of(stored):
    values = {each.on: each.metrics["ftd_revenue"] for each in stored}
    return {on: values.get(on) for on in DAYS.days()}


def trend(revenues):
    stored = [
        day(on, ftd_revenue=Decimal(value), target_revenue=Decimal(60000))
        for on, value in revenues.items()
    ]
    return chart_data.revenue_trend(
        revenues_of(stored), chart_data.daily_targets(stored, DAYS), SIZE
    )


def test_the_words_state_lowest_highest_latest_and_what_is_missing():
    chart = trend({date(2025, 11, 1): 300, date(2025, 11, 2): 100, date(2025, 11, 3): 200})
    assert chart.alt == (
        "Line chart of the revenue a day. Lowest ₹100 on 2 Nov 2025, highest ₹300 on 1 Nov 2025,"
        " latest ₹200 on 3 Nov 2025. 2 days without figures. The target at the end is ₹2,000 a day."
    )
    assert chart.series[0].values == (None, None, 300, 100, 200)


def test_the_target_of_a_day_is_its_own_months():
    stored = [
        day(date(2025, 10, 30), target_revenue=Decimal(31000)),
        day(date(2025, 11, 1), target_revenue=Decimal(60000)),
    ]
    assert list(chart_data.daily_targets(stored, DAYS).values()) == [1000, 1000, 2000, 2000, 2000]


def test_the_month_stands_beside_its_target_and_the_month_before():
    stored = [day(on, mtd_revenue=Decimal(1000 * on.day)) for on in DAYS.days()]
    chart = chart_data.month_to_date(stored, date(2025, 11, 3), Decimal(60_000), SIZE)
    earlier, target, now = chart.series
    assert now.values[:4] == (1000, 2000, 3000, None)
    assert len(now.values) == 30
    assert (target.values[0], target.values[-1]) == (2000, 60_000)
    assert [number for number, value in enumerate(earlier.values, 1) if value] == [30]
    assert [label for label in chart.labels if label] == ["1", "7", "14", "21", "30"]
    assert chart.alt == (
        "Line chart of the sale of the month: ₹3,000 by 3 Nov 2025, target ₹60,000,"
        " the month before by the same day N/A."
    )
    assert not chart.is_empty


def test_a_month_of_which_nothing_is_known_is_empty_whatever_the_target_is():
    chart = chart_data.month_to_date([], date(2025, 11, 3), Decimal(60_000), SIZE)
    assert chart.is_empty


def test_the_same_weekday_is_five_bars_of_which_the_last_is_dark():
    days = [date(2025, 10, 17) + timedelta(days=7 * week) for week in range(5)]
    sales = [DaySale(on, None if on.day == 31 else Decimal(on.day)) for on in days]
    chart = chart_data.same_weekday(sales, SIZE)
    assert chart.title == "The last five Fridays"
    assert chart.alt == (
        "Bar chart of the sale on Fridays:"
        " 17 Oct ₹17, 24 Oct ₹24, 31 Oct N/A, 7 Nov ₹7, 14 Nov ₹14."
    )
    drawn = ET.fromstring(chart_svg.svg(chart)).iter("{http://www.w3.org/2000/svg}rect")
    fills = [bar.get("fill") for bar in drawn]
    assert fills == [chart_svg.TONES[1]] * 3 + [chart_svg.TONES[0]]


@pytest.mark.parametrize("rupees", [Decimal(0), Decimal(-5), Decimal("9999999999.99")])
def test_the_backlog_has_a_line_for_each_age_inside_the_picture(rupees):
    groups = [AgeGroup(age, 306, rupees) for age in chart_data.AGES]
    chart = chart_data.by_age(groups, SIZE)
    root = ET.fromstring(chart_svg.svg(chart))
    svg = "{http://www.w3.org/2000/svg}"
    ends = [float(bar.get("x")) + float(bar.get("width")) for bar in root.iter(f"{svg}rect")]
    assert len(ends) == len(groups)
    assert all(0 < end < 10 * SIZE[0] for end in ends)
    assert len(list(root.iter(f"{svg}text"))) == 2 * len(groups)
    assert "over 10 days 306 · " in chart.alt


def test_bars_say_every_value_and_a_gap_is_not_available():
    chart = chart_data.bars(
        "X", MetricKind.COUNT, ["Mon", "Tue"], {"Pickups": [3, None], "Deliveries": [0, 4]}, SIZE
    )
    assert chart.alt == "Bar chart. Pickups: Mon 3, Tue N/A; Deliveries: Mon 0, Tue 4."
    assert chart.legend == "dark: Pickups, light: Deliveries"


@pytest.mark.parametrize(
    "values", [(), (5,), (0, 0, 0), (1, None, 3), (None, 2, None), (10**9, 10**9)], ids=str
)
@pytest.mark.parametrize("shape", ["line", "bars"])
def test_whatever_the_values_the_drawing_is_whole_and_the_same_each_time(values, shape):
    series = list(values) + [None] * (5 - len(values))
    if shape == "bars":
        chart = chart_data.bars("X", MetricKind.MONEY, list("abcde"), {"R": series}, SIZE)
    else:
        chart = chart_data.revenue_trend(
            dict(zip(DAYS.days(), series, strict=True)), dict.fromkeys(DAYS.days()), SIZE
        )
    assert chart.is_empty is (not values)
    drawn = chart_svg.svg(chart)
    root = ET.fromstring(drawn)
    assert root.findtext("{http://www.w3.org/2000/svg}title") == chart.alt
    assert "nan" not in drawn.lower().replace("finance", "")
    assert _paths(chart_svg.svg(chart)) == _paths(drawn)


@pytest.mark.parametrize(
    ("kind", "values", "wanted"),
    [
        pytest.param(MetricKind.COUNT, [0], ["0", "1", "2"], id="nothing happened"),
        pytest.param(MetricKind.COUNT, [1, 0], ["0", "1", "2"], id="one"),
        pytest.param(MetricKind.COUNT, [2, 1], ["0", "2", "4"], id="no halves"),
        pytest.param(MetricKind.COUNT, [22], ["0", "15", "30"], id="rounded upwards"),
        pytest.param(MetricKind.MONEY, [99_999], ["₹0", "₹60,000", "₹1.2 L"], id="lakhs"),
        pytest.param(MetricKind.MONEY, [280_000_000], ["₹0", "₹20 Cr", "₹40 Cr"], id="crores"),
        pytest.param(
            MetricKind.MONEY,
            [20_000, -5_000],
            ["−₹25,000", "₹0", "₹25,000"],  # noqa: RUF001
            id="taken back",
        ),
    ],
)
def test_an_axis_has_three_round_values_as_its_labels_say(kind, values, wanted):
    chart = chart_data.bars("X", kind, list("abcde")[: len(values)], {"R": values}, SIZE)
    drawn = ET.fromstring(chart_svg.svg(chart)).iter("{http://www.w3.org/2000/svg}text")
    assert [text.text for text in drawn if text.get("text-anchor") == "end"] == wanted


def _paths(drawn):
    return [
        element.get("d")
        for element in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}path")
    ]


def test_a_drawing_has_no_script_and_no_foreign_address():
    drawn = chart_svg.svg(trend({date(2025, 11, 1): 300}))
    assert "<script" not in drawn
    assert "pygal.org/" not in "".join(
        element.text or "" for element in ET.fromstring(drawn).iter()
    )
    assert 'id="' not in drawn.split(">")[0]


def test_only_the_goal_is_dashed():
    drawn = ET.fromstring(chart_svg.svg(trend({date(2025, 11, 1): 300, date(2025, 11, 2): 200})))
    paths = drawn.iter("{http://www.w3.org/2000/svg}path")
    assert {path.get("stroke"): path.get("stroke-dasharray") for path in paths} == {
        chart_svg.GRID: None,
        chart_svg.INK: None,
        chart_svg.GOAL["stroke"]: "9 9",
    }


def test_a_value_between_two_gaps_is_a_dot_and_others_have_none():
    lonely, joined = (
        chart_svg.svg(trend({date(2025, 11, n): 300 for n in days})) for days in ((1, 3), (1, 2, 3))
    )
    assert (lonely.count("<circle"), joined.count("<circle")) == (2, 0)


def test_nothing_is_in_a_drawing_that_is_not_seen():
    drawn = ET.fromstring(chart_svg.svg(trend({date(2025, 11, 1): 300, date(2025, 11, 2): 200})))
    tags = [element.tag.rpartition("}")[2] for element in drawn.iter()]
    groups = [element for element in drawn.iter() if element.tag.endswith("}g")]
    assert set(tags) == {"svg", "title", "g", "path", "text"}
    assert all(group.attrib and len(group) for group in groups)


def test_places_are_given_to_a_tenth_of_a_unit():
    drawn = chart_svg.svg(trend({date(2025, 11, 1): 300, date(2025, 11, 2): 200}))
    assert not re.search(r"\.\d\d", drawn)
