"""What the database says about where stored values and reports come from, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lib.model import Bucket


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
