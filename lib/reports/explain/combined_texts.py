"""The picture and the small print of the page of all stores. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lib import formatting
from lib.dates import month_of
from lib.reports.combined import notes
from lib.reports.explain import money, terms
from lib.reports.explain.combined_sources import CombinedSources
from lib.reports.explain.combined_sums import how_many
from lib.reports.explain.model import Figure, Rule, Term

PICTURE, NOTES = "Picture", "Notes"


def picture(of: CombinedSources) -> Figure:
    """Return the picture of the stores' shares of their targets."""
    dots = of.context.dots
    last = of.period.last
    even = formatting.percent(dots.even)
    because = f"Day {last.day} of {month_of(last).last.day}: the share of the month that is over."
    candidates = [
        Term(
            even,
            Rule.CALENDAR,
            (because,),
        ),
        *how_many(of.standings),
    ]

    for store in of.standings:
        month = store.month
        if month.share_pct is None:
            continue

        text = formatting.percent(month.share_pct)
        candidates.append(
            terms.share(
                text,
                money.amount(month.to_date),
                money.amount(month.target),
            )
        )

    for number in range(len(of.stores) + 1):
        reason = "Stores on that side of the line."
        candidates.append(
            Term(
                f"{number} below",
                Rule.STORES,
                (reason,),
            )
        )
        candidates.append(
            Term(
                f"{number} at the target",
                Rule.STORES,
                (reason,),
            )
        )

    ends = () if dots.is_empty else (dots.lowest, dots.highest)
    printed = (
        dots.title,
        dots.legend,
        *ends,
        dots.alt,
    )

    return terms.figure(
        PICTURE,
        dots.title,
        printed,
        candidates,
    )


def small_print(of: CombinedSources) -> Iterator[Figure]:
    """Yield which stores are not in the page, and what its columns mean."""
    texts = (of.context.without_data, *of.context.notes)

    for number, text in enumerate(texts, 1):
        portals = terms.OVER_10_DAYS
        candidates = [portals, replace(portals, text="over 10 days")]

        for most in (notes.NAMED, notes.ABSENT):
            rest = of.context.stores - most
            candidates += [
                Term(
                    f"{formatting.count(one)} more",
                    Rule.STORES,
                    ("Stores that are not named.",),
                )
                for one in range(1, max(rest, 0) + 1)
            ]

        yield terms.figure(
            NOTES,
            f"Note {number}",
            (text,),
            candidates,
        )
