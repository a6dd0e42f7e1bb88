"""Every figure that a weekly or monthly page prints can be explained, and every explained one is printed."""

from dataclasses import replace
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from lib.domain.restatement import Restated
from lib.model import MetricKind, Pipeline
from lib.reports.build.html import period_html
from lib.reports.explain.period import figures
from lib.reports.explain.restatements import box
from lib.reports.period.context import store_context
from lib.reports.view import restated
from tests.factories import histories, periods
from tests.factories.periods import MONTH, WEEK, run_of
from tests.lib.reports.explain.printed import lost, not_printed
from tests.lib.reports.explain.worked_out import contradictions

IST = ZoneInfo("Asia/Kolkata")
KINDS = {Pipeline.WEEKLY: WEEK, Pipeline.MONTHLY: MONTH}


def cases():
    for pipeline, period in KINDS.items():
        yield pipeline, periods.store(pipeline, period, skip={period.first.replace(day=13)})
        for seed in range(30):
            facts = histories.period(seed, pipeline, period)
            if facts:
                yield pipeline, facts


CASES = list(cases())
every_case = pytest.mark.parametrize("number", range(len(CASES)))


@cache
def page(number):
    pipeline, facts = CASES[number]
    context = store_context(facts, run_of(pipeline, facts.period), IST)
    return figures(facts, context), period_html(context)


@every_case
def test_no_figure_of_the_page_is_without_an_explanation(number):
    assert lost(*page(number)) == {}


@every_case
def test_every_explained_text_is_on_the_page(number):
    assert not_printed(*page(number)) == []


@every_case
def test_what_is_printed_follows_from_the_values_that_are_given_for_it(number):
    assert contradictions(page(number)[0]) == []


def test_the_box_of_restated_figures_is_explained():
    facts = periods.store(Pipeline.WEEKLY, WEEK)
    moved = tuple(
        Restated(WEEK.first, WEEK.last, name, kind, said, right)
        for name, kind, said, right in (
            ("Sale", MetricKind.MONEY, 123456, 125000),
            ("Pickups", MetricKind.COUNT, None, 80),
            ("Deliveries", MetricKind.COUNT, 200, 201),
        )
    )
    context = store_context(facts, run_of(Pipeline.WEEKLY, WEEK), IST)
    html = period_html(replace(context, restated=restated.lines(moved)))
    found = (*figures(facts, context), *box(moved))

    right, said = next(box(moved)).terms
    assert right.because == (
        "Sale of 10\N{EN DASH}16 Nov by what was stored when this version was made.",
    )
    assert said.because == (
        "Sale of 10\N{EN DASH}16 Nov as the last report mailed before this version said it.",
    )
    assert len(list(box(moved))) == 2
    assert lost(found, html) == {}
    assert not_printed(found, html) == []
