"""Every figure of a weekly or monthly page, from its facts and the page that they made. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib import formatting
from lib.domain.period_headline import PeriodHeadline, period_from_json
from lib.reports.explain import period_money, period_tables, period_texts
from lib.reports.explain.model import Figure, Says
from lib.reports.explain.period_sources import PeriodSources, sources
from lib.reports.facts.model import PeriodFacts
from lib.reports.period.context import PeriodContext
from lib.reports.period.key_figures import key_figures


def figures(facts: PeriodFacts, context: PeriodContext) -> tuple[Figure, ...]:
    """Return the figures of the page in its order."""
    of = sources(facts, context)

    return (
        *period_money.key_figures(of),
        *period_money.actions(of),
        *period_money.counts(of),
        *period_texts.pictures(of),
        *period_texts.health(of),
        *period_tables.key_performance(of),
        *period_tables.totals(of),
        *period_tables.blocks(of),
        *period_tables.weekdays(of),
        *period_texts.sentences(of),
        *period_texts.notes(of),
        *period_texts.lists(of),
    )


def said(
    figures: Mapping[str, Any] | None,
    facts: PeriodFacts,
    context: PeriodContext,
) -> Says:
    """Return what the page said when these figures were kept; nothing where none were."""
    headline = period_from_json(figures)

    return says(headline, sources(facts, context)) if headline else {}


def says(headline: PeriodHeadline, of: PeriodSources) -> Says:
    """Return what the page prints of the figures that are kept for mails, by label."""
    context = of.context
    rows = context.undelivered_orders_rows
    amounts = key_figures(
        headline,
        of.now,
        rows,
        context.calendar,
    )
    sale, month, undelivered = context.key_figures
    # Of the amounts a mail keeps the values, and of the month its lines.
    found = {
        sale.label: (amounts[0].value,),
        month.label: (amounts[1].value, *amounts[1].lines),
        undelivered.label: (amounts[2].value,),
    }

    for tile, count in zip(
        context.strip,
        headline.counts,
        strict=True,
    ):
        found[tile.label] = (formatting.count(count.value),)

    return found
