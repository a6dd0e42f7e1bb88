"""The combined report as a value: all that the page shows.

Source: docs/reference/domain.md#what-a-reader-needs-first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from lib.dates import DAY, Period, month_of
from lib.domain.headline import weekdays_before
from lib.domain.period_headline import CombinedHeadline
from lib.domain.stores import ALL
from lib.model import Pipeline, RunRef
from lib.reports.combined import headline, key_figures, notes, table, wording
from lib.reports.combined.table import StoreTable
from lib.reports.combined.wording import CombinedWording
from lib.reports.facts.model import StandingFacts
from lib.reports.metrics import standing
from lib.reports.metrics.standing import Standing
from lib.reports.period.context import UNNAMED
from lib.reports.period.wording import before_of
from lib.reports.view.how_to_ask import how_to_ask
from lib.reports.view.key_figures import KeyFigure
from lib.reports.view.target_dots import TargetDots, target_dots

ALL_STORES = "All stores"
#: Width and height of the picture.
DOTS_MM = (182, 14)


@dataclass(frozen=True)
class CombinedContext:
    """What `templates/combined_report.html` is rendered with."""

    words: CombinedWording
    #: For the metadata alone.
    store_code: str
    period: Period
    run_id: str
    generated_at: datetime
    read_at: datetime
    zone: ZoneInfo
    #: How many stores the page is about.
    stores: int
    #: What is kept with the report's row.
    headline: CombinedHeadline
    key_figures: tuple[KeyFigure, ...]
    counts: tuple[tuple[str, str], ...]
    dots: TargetDots
    table: StoreTable
    without_data: str
    notes: tuple[str, ...]
    #: Where a figure of this page is explained.
    how_to_ask: str
    #: Figures that a mailed report said otherwise, a line each.
    restated: tuple[str, ...] = ()


def stored_since(run: RunRef, period: Period) -> date:
    """Return from which day on `store_standing` needs the stored days."""
    if run.pipeline is Pipeline.DAILY:
        return month_of(weekdays_before(period.last)[0] - DAY).first

    return month_of(before_of(period, run.pipeline).first).first


def store_standing(
    facts: StandingFacts,
    run: RunRef,
    period: Period,
) -> Standing:
    """Return how one store stands at the end of the run's day or period."""
    if run.pipeline is Pipeline.DAILY:
        return standing.of_day(facts, period.last, UNNAMED)

    return standing.of_period(
        facts,
        period,
        before_of(period, run.pipeline),
        UNNAMED,
    )


def combined_context(
    stores: Sequence[Standing],
    run: RunRef,
    period: Period,
    zone: ZoneInfo,
    *,
    absent: Sequence[str] = (),
) -> CombinedContext:
    """Return the whole page of all stores together, signed by `run`.

    `stores` has at least one; `absent` are the names of the stores that have no data.
    """
    words = wording.of_run(run.pipeline, period)
    last = Period(period.last, period.last)
    month = month_of(period.last)
    even = 100 * Decimal(period.last.day) / month.last.day

    shares = []

    for store in stores:
        if store.month.share_pct is not None:
            shares.append((store.name, store.month.share_pct))

    return CombinedContext(
        words=words,
        store_code=ALL,
        period=period,
        run_id=run.run_id,
        generated_at=run.started_at,
        read_at=max(store.read_at for store in stores),
        zone=zone,
        stores=len(stores) + len(absent),
        headline=headline.headline(
            stores,
            period,
            words,
            absent,
        ),
        key_figures=key_figures.key_figures(stores, words),
        counts=key_figures.counts(stores, words),
        dots=target_dots(shares, even, DOTS_MM),
        table=table.table(stores, words, has_pace=period.last != month.last),
        without_data=notes.without_data(absent),
        notes=notes.notes(stores, words, last),
        how_to_ask=how_to_ask(run.pipeline, period, ALL),
    )
