"""A page's figures as values, each with the rule that made it and what the rule was given.

Every text is one that the page prints: what explains it is found beside it, never printed anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from lib.dates import Period
from lib.domain.values import Value
from lib.model import Bucket, Pipeline, RunRef


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


@dataclass(frozen=True)
class DashboardRead:
    """When the stored dashboard of a store and day was read; instants are aware."""

    read_at: datetime
    #: Earlier than `read_at` where the day was read again; a value that the later reading did not
    #: show is of an earlier one.
    first_read_at: datetime
    #: The run that was at work at `read_at`; None where no row of a run covers that instant.
    run_id: str | None


@dataclass(frozen=True)
class ExportAccount:
    """The load accounting of one export of a store."""

    bucket: Bucket
    seen_on: date
    run_id: str
    #: By the names of `ingest_counts`: read, inserted, updated, unchanged, skipped, rejected, …
    counts: Mapping[str, int]
    #: The name of the store's file.
    file_name: str
    #: The name of the run's merged file; None where the run's row does not say.
    merged_name: str | None
    #: Kept reasons of rejected rows, each with how many rows.
    rejects: Mapping[str, int]


@dataclass(frozen=True)
class ListSource:
    """What is known of the export behind a list."""

    bucket: Bucket
    #: The accounts of its newest day that is not after the report's, oldest run first.
    accounts: tuple[ExportAccount, ...]
    #: Why there is none; empty where there is one.
    reason: str = ""


@dataclass(frozen=True)
class PastRun:
    """A daily run of a day that is not stored."""

    run_id: str
    report_on: date
    #: `overall_status` of its row.
    status: str
    #: Why it made no report of the store; None where its row does not say.
    reason: str | None


@dataclass(frozen=True)
class DocumentRow:
    """The row of `documents` of a report."""

    run_id: str
    #: `ok`, `pruned`, `error`.
    status: str
    file_name: str
    made_at: datetime
    error: str | None


#: What a page prints, by the label of the figure.
Says = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class SentMail:
    """A mail that brought the report to somebody."""

    #: When the server took it, or it was last tried; aware.
    sent_at: datetime
    readers: int
    #: False where nobody knows whether it arrived.
    is_certain: bool
    #: `documents.figures_json` as it was then; None where nothing was kept.
    figures: Mapping[str, Any] | None


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
