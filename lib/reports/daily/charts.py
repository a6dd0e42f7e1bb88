"""The three pictures of the daily page: the month, this weekday five times, the backlog by age.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

from lib.domain.headline import Headline
from lib.reports.facts.model import DailyFacts
from lib.reports.view import chart_data
from lib.reports.view.chart_data import Chart

#: Width and height.
MONTH_MM, WEEKDAY_MM, AGES_MM = (119, 25), (57, 16), (57, 25)


def same_weekday(headline: Headline) -> Chart:
    """Return the sale of T and of the same weekday four times before."""
    return chart_data.same_weekday(headline.sale.days, WEEKDAY_MM)


def month(
    facts: DailyFacts,
    headline: Headline,
) -> Chart:
    """Return the month so far against its target and the month before."""
    return chart_data.month_to_date(
        facts.history,
        headline.on,
        headline.month.target,
        MONTH_MM,
    )


def ages(headline: Headline) -> Chart | None:
    """Return the undelivered orders by age, oldest first; None where there is none."""
    if headline.undelivered is None or not headline.undelivered.groups:
        return None

    groups = {}

    for group in headline.undelivered.groups:
        groups[group.age] = group

    listed = []

    for age in chart_data.AGES:
        if age in groups:
            listed.append(groups[age])

    return chart_data.by_age(listed, AGES_MM)
