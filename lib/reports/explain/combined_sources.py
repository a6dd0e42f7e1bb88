"""What the figures of the page of all stores are explained from. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lib import formatting
from lib.dates import Period
from lib.domain.values import Value
from lib.model import Pipeline, RunRef
from lib.reports.combined.context import CombinedContext, store_standing
from lib.reports.explain.model import Rule, Term
from lib.reports.explain.terms import Days
from lib.reports.facts.model import StandingFacts
from lib.reports.metrics.standing import Standing, rate_days
from lib.reports.period.wording import before_of


@dataclass(frozen=True)
class StoreSource:
    """One store of the page."""

    days: Days
    standing: Standing


@dataclass(frozen=True)
class CombinedSources:
    """The page and its stores, in the order in which they were asked for."""

    context: CombinedContext
    stores: tuple[StoreSource, ...]
    period: Period
    is_daily: bool
    #: The period that a weekly or monthly sale is compared with.
    before: Period
    #: The days of the two rates.
    rates: Period

    @property
    def standings(self) -> list[Standing]:
        """Return how the stores stand."""
        return [store.standing for store in self.stores]


def store_source(
    store_code: str,
    facts: StandingFacts,
    run: RunRef,
    period: Period,
) -> StoreSource:
    """Return the store with how it stands, as the page has it."""
    return StoreSource(Days(store_code, facts.days), store_standing(facts, run, period))


def sources(
    context: CombinedContext,
    stores: Sequence[StoreSource],
    run: RunRef,
) -> CombinedSources:
    """Return what the page was made from."""
    is_daily = run.pipeline is Pipeline.DAILY
    period = context.period

    return CombinedSources(
        context,
        tuple(stores),
        period,
        is_daily,
        before=period if is_daily else before_of(period, run.pipeline),
        rates=rate_days(period.last) if is_daily else period,
    )


def of_stores(
    text: str,
    stores: Sequence[Standing],
    value: Callable[[Standing], Value | None],
    printed: Callable[[Value], str],
) -> Term:
    """Return a sum over the stores that have the figure, each by name."""
    listed = []
    lacking = []

    for store in stores:
        own = value(store)
        if own is None:
            lacking.append(formatting.shortened(store.name))
        else:
            listed.append(f"{formatting.shortened(store.name)} {printed(own)}")

    if not listed:
        return Term(text, Rule.UNKNOWN, ("No store has the figure.",))

    because = [f"{'; '.join(listed)}."]
    if lacking:
        because.append(f"Without the figure: {'; '.join(lacking)}.")

    return Term(text, Rule.STORES, tuple(because))
