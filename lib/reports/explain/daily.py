"""Every figure of a daily page, from its facts and the page that they made. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lib.domain.headline import Headline, from_json
from lib.reports.daily.context import DailyContext
from lib.reports.daily.day_rows import day_rows
from lib.reports.daily.key_figures import key_figures
from lib.reports.explain import daily_counts, daily_money, daily_texts, marks, terms
from lib.reports.explain.model import Figure, Says
from lib.reports.explain.terms import Days
from lib.reports.facts.model import DailyFacts
from lib.reports.metrics import kpis

MARKS = "Marks"


def figures(facts: DailyFacts, context: DailyContext) -> tuple[Figure, ...]:
    """Return the figures of the page in its order."""
    days = Days(facts.store_code, facts.history)

    return (
        *daily_money.key_figures(context, days),
        *daily_texts.actions(context, facts, days),
        *daily_counts.day_rows(context, facts, days),
        *_marks(facts, context, days),
        *daily_money.pictures(context, days),
        *daily_texts.sentences(context, facts, days),
        *daily_texts.lists(context),
        *daily_texts.notes(context),
    )


def _marks(facts: DailyFacts, context: DailyContext, days: Days) -> Iterator[Figure]:
    on = facts.today.on
    health = context.health
    bands = [(row.label, row.band) for row in context.kpis]

    if health.known:
        good = f"{health.good} of {health.known}"
        printed = (f"health {health.score} of 100", str(health.label), good)
        yield terms.figure(
            MARKS,
            "Health",
            printed,
            marks.health_terms(health, bands),
        )

    readings = kpis.read(facts.today.metrics, on)

    for reading, row in zip(readings, context.kpis, strict=True):
        printed_row = (
            row.basis,
            row.value,
            row.goal,
            str(row.band),
        )

        candidates = marks.reading_terms(reading, days, on)
        yield terms.figure(
            MARKS,
            row.label,
            printed_row,
            candidates,
        )


def said(
    figures: Mapping[str, Any] | None,
    facts: DailyFacts,
    context: DailyContext,
) -> Says:
    """Return what the page said when these figures were kept; nothing where none were."""
    headline = from_json(figures)

    return says(headline, facts, context) if headline else {}


def says(headline: Headline, facts: DailyFacts, context: DailyContext) -> Says:
    """Return what the page prints of the figures that are kept for mails, by label."""
    found = {}
    amounts = key_figures(headline, is_of_yesterday=True)

    for tile, printed in zip(context.key_figures, amounts, strict=True):
        found[tile.label] = (printed.value, *printed.lines)

    for row in day_rows(facts, headline):
        found[row.label] = tuple(
            filter(
                None,
                (
                    row.note,
                    row.day,
                    row.usual,
                    row.month,
                ),
            )
        )

    return found
