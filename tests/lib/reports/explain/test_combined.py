"""Every figure that a page of all stores prints can be explained, and every explained one is printed."""

from functools import cache
from zoneinfo import ZoneInfo

import pytest

from lib.model import Pipeline
from lib.reports.build.html import combined_html
from lib.reports.combined.context import combined_context
from lib.reports.explain.combined import figures
from lib.reports.explain.combined_sources import sources, store_source
from tests.factories import histories, periods
from tests.factories.periods import DAY, MONTH, WEEK, run_of
from tests.lib.reports.explain.printed import lost, not_printed
from tests.lib.reports.explain.worked_out import contradictions

IST = ZoneInfo("Asia/Kolkata")
KINDS = {Pipeline.DAILY: DAY, Pipeline.WEEKLY: WEEK, Pipeline.MONTHLY: MONTH}
NAMES = ("RIVERSIDE COLONY", "LAKE VIEW", "OLD FORT", "CLOCK TOWER", "MINT STREET")


def _many(pipeline, period):
    """More stores than a page has room for."""
    return [
        periods.standing_facts(
            pipeline, period, f"SHOP {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[n % 26] * (1 + n // 26)}", seed=n
        )
        for n in range(45)
    ]


WHICH = ("even", "many", *range(20))
"""Stores with even figures, more than a page has room for, and drawn ones by their seed."""


def _stores(pipeline, which):
    period = KINDS[pipeline]
    if which == "many":
        return _many(pipeline, period)

    if which == "even":
        return [
            periods.standing_facts(pipeline, period, name, seed=seed)
            for seed, name in enumerate(NAMES)
        ]

    drawn = [histories.standing(which, pipeline, period, name) for name in NAMES]
    return list(filter(None, drawn))


@cache
def page(pipeline, which):
    """Return the figures of a page and the page, which is made once for all tests."""
    period, stores = KINDS[pipeline], _stores(pipeline, which)
    assert stores
    run = run_of(pipeline, period)
    known = [store_source(f"S{n}", facts, run, period) for n, facts in enumerate(stores)]
    standings = [store.standing for store in known]
    context = combined_context(standings, run, period, IST, absent=["FAR SHORE"])
    return figures(sources(context, known, run)), combined_html(context)


def every_case(test):
    by_pipeline = pytest.mark.parametrize("pipeline", KINDS)
    return by_pipeline(pytest.mark.parametrize("which", WHICH)(test))


@every_case
def test_no_figure_of_the_page_is_without_an_explanation(pipeline, which):
    assert lost(*page(pipeline, which)) == {}


@every_case
def test_every_explained_text_is_on_the_page(pipeline, which):
    assert not_printed(*page(pipeline, which)) == []


@every_case
def test_what_is_printed_follows_from_the_values_that_are_given_for_it(pipeline, which):
    assert contradictions(page(pipeline, which)[0]) == []


def test_on_the_last_day_of_a_month_the_share_of_the_target_has_one_explanation():
    found, _ = page(Pipeline.MONTHLY, "even")

    for figure in found:
        by_text = [term.text for term in figure.terms if "of the month." in " ".join(term.because)]
        assert by_text == [], figure.label
