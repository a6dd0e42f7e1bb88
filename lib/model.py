"""The values that services exchange: frozen, without behaviour that needs the outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path


class Pipeline(StrEnum):
    """A pipeline by its code, as every table and log line names it.

    Source: docs/reference/contract.md#pipelines-and-documents.
    """

    DAILY = "simplify_dashboard_daily"
    WEEKLY = "simplify_dashboard_weekly"
    MONTHLY = "simplify_dashboard_monthly"


class Phase(StrEnum):
    """A step of a run, in the order in which those of a daily run end.

    Source: docs/reference/contract.md#log-lines.
    """

    PREFLIGHT = "preflight"
    DB = "db"
    LOGIN = "login"
    DOWNLOAD = "download"
    MERGE = "merge"
    INGEST = "ingest"
    AUDIT = "audit"
    CLEANUP = "cleanup"
    SCRAPE = "scrape"
    REPORT = "report"
    RUN_SUMMARY = "run_summary"
    NOTIFY = "notify"


class Status(StrEnum):
    """How a unit of work (a store, bucket, report or mail), a phase or a run ended.

    Ordered: the worst one counts.
    """

    #: Done.
    OK = "ok"
    #: Done or given up for good, and somebody should read why. Nothing is owed.
    WARNING = "warning"
    #: Still owed: a later run does it.
    ERROR = "error"

    @classmethod
    def worst(cls, statuses: list[Status]) -> Status:
        """Return the most serious of `statuses`; `OK` when there are none."""
        return max(statuses, key=list(cls).index, default=cls.OK)


#: `overall_status` of a run's row from its start to its end; the row of a killed run keeps it.
RUNNING = "running"


#: `status` of a document whose file `jobs.prune` removed. Its `file_path` says where the file was
#: and may be again.
PRUNED = "pruned"


class Bucket(StrEnum):
    """One kind of CSV export (docs/reference/domain.md#buckets)."""

    MISSED_LEADS = "missed_leads"
    UNDELIVERED_ALL = "undelivered_all"
    REPEAT_CUSTOMERS = "repeat_customers"
    NONPACKAGE_ALL = "nonpackage_all"


class MetricKind(StrEnum):
    """How a dashboard figure is read and stored.

    Source: docs/reference/domain.md#dashboard-metrics, #tables-at-revision-0007.
    """

    #: Rupees, `numeric(14,2)`.
    MONEY = "money"
    #: Per cent, `numeric(6,2)`: 10,000 and more does not fit.
    PERCENT = "percent"
    #: A whole number, 32 bits.
    COUNT = "count"


@dataclass(frozen=True)
class Metric:
    """One figure of the dashboard; `name` is its column in `store_dashboard_summary`."""

    name: str
    kind: MetricKind


def _metric(name: str) -> Metric:
    if name.endswith("_revenue"):
        return Metric(name, MetricKind.MONEY)

    if name.endswith("_pct"):
        return Metric(name, MetricKind.PERCENT)

    return Metric(name, MetricKind.COUNT)


#: The 33 figures, in the column order of `store_dashboard_summary`.
#:
#: Source: docs/reference/domain.md#dashboard-metrics.
METRICS: tuple[Metric, ...] = tuple(
    _metric(name)
    for name in """
        prev_month_revenue target_revenue lmt_d_revenue mtd_revenue ftd_revenue
        tgt_vs_ach_pct growth_pct extrapolated_pct
        pickup_new_count pickup_new_conv_count pickup_new_conv_pct
        pickup_existing_count pickup_existing_conv_count pickup_existing_conv_pct
        pickup_total_count pickup_total_conv_count pickup_total_conv_pct
        delivery_total_orders delivery_within_tat_count delivery_tat_pct
        delivery_total_delivered delivery_undel_over_10_days delivery_total_undelivered
        repeat_customer_base_6m repeat_orders repeat_total_base_pct
        package_target package_new package_ftd package_achievement_pct package_overall
        package_non_pkg_over_800 package_non_pkg_over_800_undelivered
    """.split()
)


@dataclass(frozen=True)
class Finding:
    """A fact that a person should know, in words without personal data."""

    severity: Status
    text: str
    store_code: str | None = None
    bucket: Bucket | None = None

    def __str__(self) -> str:
        where = " ".join(filter(None, (self.store_code, self.bucket)))
        return f"{where}: {self.text}" if where else self.text


@dataclass(frozen=True)
class Download:
    """One store's validated export on disk. Zero rows is a valid download."""

    store_code: str
    bucket: Bucket
    path: Path
    #: The header as the file has it; empty for an export that is only a sentence.
    columns: tuple[str, ...] = ()
    #: False where nothing marked the end of the reply, so that rows may be missing.
    is_proven_whole: bool = True


@dataclass(frozen=True)
class Dashboard:
    """The figures of one dashboard page: one store, one day."""

    store_code: str
    store_name: str
    #: T: the day the figures are about.
    dashboard_on: date
    launched_on: date | None
    #: Every name of `METRICS`; None where the page shows no value, never 0 for it.
    metrics: Mapping[str, Decimal | int | None]
    findings: tuple[Finding, ...] = field(default=())
    #: By section, the headers of its columns as the page shows them.
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class RunRef:
    """The run that documents, mails and rows are signed with."""

    pipeline: Pipeline
    run_id: str
    run_env: str
    report_on: date
    #: Aware, UTC. Also the fixed date inside the run's PDFs.
    started_at: datetime
