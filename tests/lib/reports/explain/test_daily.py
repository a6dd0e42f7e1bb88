"""Every figure that a daily page prints can be explained, and every explained one is printed."""

from zoneinfo import ZoneInfo

import pytest

from lib.reports.build.html import daily_html
from lib.reports.daily.context import daily_context
from lib.reports.explain.daily import figures
from lib.reports.explain.model import Rule
from tests.factories import histories, reports
from tests.factories.reports import RUN
from tests.lib.reports.explain.printed import printed, unexplained
from tests.lib.reports.explain.worked_out import contradictions

IST = ZoneInfo("Asia/Kolkata")
FACTS = [reports.facts(orders=6, leads=6), *filter(None, map(histories.daily, range(120)))]


def page(facts):
    context = daily_context(facts, RUN, IST)
    return figures(facts, context), printed(daily_html(context))


def explaining(found, text):
    """Return the terms of the figures that a text of the page belongs to."""
    terms = []
    for figure in found:
        is_there = (
            figure.label == text.label
            if text.label
            else any(one in text.text for one in figure.printed)
        )
        if is_there:
            terms += [term.text for term in figure.terms]
    return terms


@pytest.mark.parametrize("facts", FACTS, ids=range(len(FACTS)))
def test_no_figure_of_the_page_is_without_an_explanation(facts):
    found, texts = page(facts)

    lost = {}
    for text in texts:
        left = unexplained(text.text, explaining(found, text))
        if left:
            lost[text] = left

    assert lost == {}


@pytest.mark.parametrize("facts", FACTS, ids=range(len(FACTS)))
def test_every_explained_text_is_on_the_page(facts):
    found, texts = page(facts)
    everything = "\n".join(text.text for text in texts)

    for figure in found:
        for one in figure.printed:
            assert one in everything, figure.label


@pytest.mark.parametrize("facts", FACTS, ids=range(len(FACTS)))
def test_what_is_printed_follows_from_the_values_that_are_given_for_it(facts):
    found, _ = page(facts)

    assert contradictions(found) == []


def test_every_rule_of_a_daily_is_met():
    seen = {term.rule for facts in FACTS for figure in page(facts)[0] for term in figure.terms}
    of_periods = {Rule.SUM, Rule.MEAN, Rule.BEST, Rule.STORES}

    assert seen == set(Rule) - of_periods
