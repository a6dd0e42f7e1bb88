# ruff: noqa: RUF001 - dashes as they are printed

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from lib.dates import Period
from lib.model import Pipeline
from lib.reports.metrics import kpis, period_figures
from lib.reports.metrics.counters import Total
from lib.reports.period import insights
from lib.reports.period.insights import Backlog, Insights
from lib.reports.period.wording import span
from tests.factories.periods import MONTH, WEEK, day, store

BEFORE = Period(date(2025, 11, 3), date(2025, 11, 9))
NOTHING_OPEN = Backlog(0, Decimal(0), 0)


def figures(period=WEEK, **changes):
    return replace(period_figures.of_store(store(Pipeline.WEEKLY, WEEK), period), **changes)


@pytest.mark.parametrize(
    ("now", "before", "wanted"),
    [
        pytest.param(Total(112, (), ()), Total(100, (), ()), 12, id="up"),
        pytest.param(Total(0, (), ()), Total(100, (), ()), -100, id="down to nothing"),
        pytest.param(Total(100, (), ()), Total(0, (), ()), None, id="nothing before"),
        pytest.param(Total(None, (), ()), Total(100, (), ()), None, id="nothing known"),
        pytest.param(Total(100, (), ()), Total(None, (), ()), None, id="nothing known before"),
        pytest.param(Total(-117, (), ()), Total(100, (), ()), None, id="below zero"),
        pytest.param(Total(100, (), ()), Total(-50, (), ()), None, id="below zero before"),
        pytest.param(Total(100, (WEEK.first,), ()), Total(100, (), ()), None, id="a gap"),
        pytest.param(Total(100, (), ()), Total(100, (BEFORE.last,), ()), None, id="a gap before"),
    ],
)
def test_only_whole_periods_are_compared(now, before, wanted):
    assert insights.change(now, before) == wanted


@pytest.mark.parametrize(
    ("period", "wanted"),
    [
        (WEEK, "10–16 Nov"),
        (Period(date(2025, 12, 29), date(2026, 1, 4)), "29 Dec – 4 Jan"),
        (MONTH, "Oct 2025"),
        (Period(date(2026, 2, 1), date(2026, 2, 28)), "Feb 2026"),
        (Period(date(2028, 2, 1), date(2028, 2, 28)), "1–28 Feb"),
        (Period(WEEK.first, WEEK.first), "10 Nov"),
    ],
    ids=["a week", "over a year's end", "a month", "February", "all but a leap day", "a day"],
)
def test_a_period_is_named_by_its_days(period, wanted):
    assert span(period) == wanted


@pytest.mark.parametrize(
    ("moved", "wanted"),
    [("12.4", "up 12% from 3–9 Nov"), ("-7.6", "down 8% from 3–9 Nov"), ("0.4", "same as 3–9 Nov")],
)
def test_a_change_is_worded_with_what_it_is_compared_with(moved, wanted):
    assert insights.worded(Decimal(moved), BEFORE) == wanted


def test_every_column_has_one_to_five_sentences_even_without_figures():
    empty = period_figures.of_store(
        replace(store(Pipeline.WEEKLY, WEEK), days=(day(WEEK.first),)), WEEK
    )
    for now in (empty, figures()):
        found = insights.insights(now, figures(BEFORE), Backlog(4, Decimal(1200), 7))
        assert all(1 <= len(column) <= 5 for column in (found.highlights, found.risks))
        assert len(found.focus) <= 5


def test_a_page_without_figures_says_only_what_is_known():
    empty = figures(kpis=(), days=())
    found = insights.insights(empty, empty, NOTHING_OPEN)
    assert found == Insights((insights.NO_HIGHLIGHT,), (insights.NO_RISK,), ())


def test_a_rise_is_a_highlight_and_a_fall_a_risk():
    many, few = Total(Decimal(120), (), ()), Total(Decimal(100), (), ())
    rise = insights.insights(figures(revenue=many), figures(BEFORE, revenue=few), NOTHING_OPEN)
    fall = insights.insights(figures(revenue=few), figures(BEFORE, revenue=many), NOTHING_OPEN)
    assert rise.highlights[0] == "Revenue rose 20% against 3–9 Nov, to ₹120."
    assert fall.risks[0] == "Revenue fell 17% against 3–9 Nov, to ₹100."


def test_what_is_open_is_a_risk():
    found = insights.insights(figures(kpis=()), figures(BEFORE), Backlog(1, Decimal(450), 2))
    assert {"1 order undelivered, worth ₹450.", "2 leads not converted."} <= set(found.risks)


def test_what_to_do_about_each_weak_kpi_is_for_a_whole_period_and_for_pages_without_lists():
    assert insights.REVIEWS.keys() == set(kpis.KPIS)
    said = [*insights.REVIEWS.values(), insights.NO_LEADS, insights.NO_ORDERS]
    assert not [
        sentence
        for sentence in said
        if any(word in sentence for word in ("today", "11:00", "below"))
    ]


def test_what_to_do_speaks_of_no_open_item_where_there_is_none():
    weak = replace(figures().kpis[0], band=kpis.Band.CRITICAL)
    late = replace(weak, kpi=kpis.UNDELIVERED)
    found = insights.insights(figures(kpis=(weak, late)), figures(BEFORE), NOTHING_OPEN)
    assert found.focus == (insights.NO_LEADS, insights.NO_ORDERS)
