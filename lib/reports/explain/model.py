"""A page's figures as values, each with the rule that made it and what the rule was given.

Every text is one that the page prints: what explains it is found beside it, never printed anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lib.dates import Period
from lib.domain.values import Value
from lib.model import Bucket, Pipeline, RunRef
from lib.reports.explain.provenance import DashboardRead, DocumentRow, ListSource, SentMail


class Rule(StrEnum):
    """How a figure comes about, by the name that is printed."""

    STORED = "value of the dashboard"
    DIFFERENCE = "difference of counters"
    USUAL = "usual weekday"
    CHANGE = "change in per cent"
    SHARE = "share"
    TARGET = "rest of the target"
    CALENDAR = "days of the calendar"
    BAND = "band of a KPI"
    HEALTH = "mean score of the KPIs"
    LIST = "rows of a list"
    SUM = "sum of days"
    MEAN = "mean of days"
    BEST = "best or least day"
    STORES = "sum of stores"
    RESTATED = "restated figure"
    LIMIT = "fixed limit"
    UNKNOWN = "not known"


#: What each rule does, for a reader who meets it for the first time.
RULES: Mapping[Rule, str] = {
    Rule.STORED: "as the portal's dashboard of that store and day showed it",
    Rule.DIFFERENCE: (
        "the portal counts from the 1st of the month: the count of the day less that of the stored"
        " day before; a fall counts as 0"
    ),
    Rule.USUAL: "the mean of the same weekday in the four weeks before, as far as it is stored",
    Rule.CHANGE: "the difference of two figures in per cent of the earlier one",
    Rule.SHARE: "100 × part ÷ whole",  # noqa: RUF001 - a times sign
    Rule.TARGET: "the target less the sale so far, over the days that are left",
    Rule.CALENDAR: "counted in the calendar of PIPELINE_TIMEZONE",
    Rule.BAND: "the first limit that the unrounded value reaches names the band",
    Rule.HEALTH: "Excellent 100, Good 80, Needs Attention 55, Critical 35; KPIs with data only",
    Rule.LIST: "rows of the portal's export that were open at the end of the day",
    Rule.SUM: "the days that are stored, added",
    Rule.MEAN: "the days that are stored, added and divided by their number",
    Rule.BEST: "the days that are stored, compared",
    Rule.STORES: "the stores that have the figure, added",
    Rule.RESTATED: "a figure that an earlier mailed report said otherwise, then and now",
    Rule.LIMIT: "a limit of the rules, the same in every report",
    Rule.UNKNOWN: "nothing was read that says it; it is not 0",
}


@dataclass(frozen=True)
class StoredValue:
    """A value of a stored dashboard; None where that day showed none or is not stored."""

    store_code: str
    on: date
    #: Column of `store_dashboard_summary`.
    metric: str
    value: Value | None


@dataclass(frozen=True)
class Term:
    """One figure inside a printed text, and how it came about."""

    #: As it is printed: `₹24,550`, `5 late`.
    text: str
    rule: Rule
    #: How the rule was applied here; sentences.
    because: tuple[str, ...] = ()
    stored: tuple[StoredValue, ...] = ()
    #: Lists whose rows were counted or added.
    lists: tuple[Bucket, ...] = ()


@dataclass(frozen=True)
class Figure:
    """One place of a page that prints figures."""

    #: Heading of the part of the page.
    section: str
    label: str
    #: Every text that is printed there, in its order.
    printed: tuple[str, ...]
    #: What explains the figures of these texts.
    terms: tuple[Term, ...]

    @property
    def metrics(self) -> frozenset[str]:
        """Return the columns of the dashboard that it stands on."""
        found = set()

        for term in self.terms:
            for value in term.stored:
                found.add(value.metric)

        return frozenset(found)


#: What a page prints, by the label of the figure.
Says = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class SentReport:
    """The same, with what the page said then."""

    mail: SentMail
    #: Empty where nothing was kept.
    said: Says


@dataclass(frozen=True)
class Page:
    """The figures of one report, and where what it stands on comes from."""

    pipeline: Pipeline
    store_code: str
    store_name: str
    period: Period
    #: The run that signs it: of its newest document, else the run that would.
    run: RunRef
    figures: tuple[Figure, ...]
    #: By store code and day; a day that is not stored is not in it.
    readings: Mapping[tuple[str, date], DashboardRead]
    lists: tuple[ListSource, ...]
    #: Newest first.
    documents: tuple[DocumentRow, ...]
    #: Newest first.
    mailed: tuple[SentReport, ...]
    #: What the page says now of that which a mail keeps, by the figure's label.
    says: Says
    #: Rows behind the lists, each with the names of its columns: customers' data.
    rows: Mapping[Bucket, tuple[Mapping[str, str], ...]]
