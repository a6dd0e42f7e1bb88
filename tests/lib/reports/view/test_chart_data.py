import re
import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal

import pytest

from lib.dates import Period
from lib.model import MetricKind
from lib.reports.facts.model import trend_period
from lib.reports.metrics import kpis
from lib.reports.render import chart_svg
from lib.reports.view import chart_data
from tests.factories.periods import day

DAYS = Period(date(2025, 10, 30), date(2025, 11, 3))
SIZE = (56, 24)


def trend(revenues):
    stored = [
        day(on, ftd_revenue=Decimal(value), target_revenue=Decimal(60000))
        for on, value in revenues.items()
    ]
    return chart_data.revenue_trend(
        chart_data.revenues(stored, DAYS), chart_data.daily_targets(stored, DAYS), SIZE
    )


def test_a_trend_covers_28_days_up_to_the_last():
    assert trend_period(date(2025, 11, 14)) == Period(date(2025, 10, 18), date(2025, 11, 14))


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


def test_a_month_to_date_line_ends_with_its_month():
    stored = [day(on, delivery_tat_pct=Decimal(90)) for on in DAYS.days()]
    chart = chart_data.percentage_trend(stored, kpis.TAT, "Delivery within TAT", DAYS, SIZE)
    assert [series.values for series in chart.series] == [
        (90, 90, None, None, None),
        (None, None, 90, 90, 90),
        (95, 95, 95, 95, 95),
    ]
    assert [series.is_goal for series in chart.series] == [False, False, True]


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
