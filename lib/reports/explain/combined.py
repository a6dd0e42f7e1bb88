"""Every figure of the page of all stores, from how each of them stands. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib import formatting
from lib.domain.period_headline import CombinedHeadline, combined_from_json
from lib.reports.explain import combined_stores, combined_sums, combined_texts
from lib.reports.explain.combined_sources import CombinedSources
from lib.reports.explain.model import Figure, Says


def figures(of: CombinedSources) -> tuple[Figure, ...]:
    """Return the figures of the page in its order."""
    return (
        *combined_sums.amounts(of),
        *combined_sums.counts(of),
        *combined_stores.look_first(of),
        combined_texts.picture(of),
        *combined_stores.stores(of),
        combined_sums.total(of),
        *combined_texts.small_print(of),
    )


def said(figures: Mapping[str, Any] | None, of: CombinedSources) -> Says:
    """Return what the page said when these figures were kept; nothing where none were."""
    headline = combined_from_json(figures)

    return says(headline, of) if headline else {}


def says(headline: CombinedHeadline, of: CombinedSources) -> Says:
    """Return the figures that are kept for mails, by the label of their place."""
    sale, month, undelivered = of.context.key_figures
    short = formatting.short_rupees
    orders = headline.undelivered

    return {
        sale.label: (short(headline.sale),),
        month.label: (
            short(headline.month.to_date if headline.month else None),
            short(headline.month.target if headline.month else None),
        ),
        undelivered.label: (
            short(orders.rupees if orders else None),
            formatting.counted(orders.orders, "order") if orders else formatting.NOTHING,
        ),
    }
