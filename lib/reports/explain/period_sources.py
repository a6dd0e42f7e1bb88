"""What the figures of a week or month are explained from, computed once a page. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lib.dates import Period
from lib.model import Bucket
from lib.reports.explain.terms import Days
from lib.reports.facts.model import PeriodFacts
from lib.reports.metrics import period_figures
from lib.reports.metrics.period_figures import PeriodFigures
from lib.reports.period.context import PeriodContext

ORDERS, LEADS = Bucket.UNDELIVERED_ALL, Bucket.MISSED_LEADS


@dataclass(frozen=True)
class PeriodSources:
    """Facts, page, and the figures that the page was made from."""

    facts: PeriodFacts
    context: PeriodContext
    days: Days
    now: PeriodFigures
    #: Those of the period before.
    then: PeriodFigures

    @property
    def period(self) -> Period:
        return self.facts.period


def sources(facts: PeriodFacts, context: PeriodContext) -> PeriodSources:
    """Return the same figures that the page was made from."""
    before = Period(context.headline.before_first, context.headline.before_last)

    return PeriodSources(
        facts,
        context,
        Days(facts.store_code, facts.days),
        period_figures.of_store(facts, facts.period),
        period_figures.of_store(facts, before),
    )
