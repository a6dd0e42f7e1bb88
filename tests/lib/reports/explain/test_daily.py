"""Every figure that a daily page prints can be explained, and every explained one is printed."""

from functools import cache
from zoneinfo import ZoneInfo

import pytest

from lib.reports.build.html import daily_html
from lib.reports.daily.context import daily_context
from lib.reports.explain.daily import figures
from lib.reports.explain.model import Rule
from tests.factories import histories, reports
from tests.factories.reports import RUN
from tests.lib.reports.explain.printed import lost, not_printed
from tests.lib.reports.explain.worked_out import contradictions

IST = ZoneInfo("Asia/Kolkata")
FACTS = [reports.facts(orders=6, leads=6), *filter(None, map(histories.daily, range(90)))]


every_day = pytest.mark.parametrize("number", range(len(FACTS)))


@cache
def page(number):
    facts = FACTS[number]
    context = daily_context(facts, RUN, IST)
    return figures(facts, context), daily_html(context)


@every_day
def test_no_figure_of_the_page_is_without_an_explanation(number):
    assert lost(*page(number)) == {}


@every_day
def test_every_explained_text_is_on_the_page(number):
    assert not_printed(*page(number)) == []


@every_day
def test_what_is_printed_follows_from_the_values_that_are_given_for_it(number):
    found, _ = page(number)

    assert contradictions(found) == []


def test_every_rule_of_a_daily_is_met():
    seen = set()
    for number in range(len(FACTS)):
        found, _ = page(number)
        for figure in found:
            seen |= {term.rule for term in figure.terms}

    of_periods = {Rule.SUM, Rule.MEAN, Rule.BEST, Rule.STORES, Rule.RESTATED}

    assert seen == set(Rule) - of_periods
