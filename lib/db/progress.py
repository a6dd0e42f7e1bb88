"""What is done already, as far as the database says.

Never by local files, which are moved and cleaned up.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from lib.dates import Period
from lib.db.tables import documents, store_dashboard_summary, store_master
from lib.db.tables import pipeline_run_summaries as runs
from lib.domain.stores import ALL
from lib.model import PRUNED, Pipeline, RunRef, Status


@dataclass(frozen=True)
class CombinedReportState:
    """The report of all stores of one date."""

    #: None while it is not made.
    path: Path | None
    #: Some store has a report of the date.
    has_stores: bool
    #: It was made after the newest report of a store.
    is_current: bool


_CODE = func.upper(store_master.c.store_code)
_DAY = store_dashboard_summary.c.dashboard_date


def reports(
    connection: Connection,
    pipeline: Pipeline,
    report_on: date,
) -> dict[str, Path]:
    """Return the files of the reports that are made, by store code (`ALL` too).

    The newest row of a store decides.
    """
    document = documents.c
    newest = (
        select(
            document.reference_id_3,
            document.status,
            document.file_path,
        )
        .ext(distinct_on(document.reference_id_3))
        .where(
            document.reference_name_1 == "pipeline",
            document.reference_id_1 == pipeline,
            document.reference_name_3 == "store_code",
            document.doc_date == report_on,
        )
        .order_by(document.reference_id_3, document.id.desc())
    )

    files = {}

    for store_code, status, file_path in connection.execute(newest):
        if status == Status.OK and file_path:
            files[store_code] = Path(file_path)

    return files


def combined_report(
    connection: Connection,
    pipeline: Pipeline,
    report_on: date,
) -> CombinedReportState:
    """Return how the report of all stores stands beside those of the single stores."""
    code = documents.c.reference_id_3
    newest = {}

    for name, condition in (("all", code == ALL), ("stores", code != ALL)):
        query = _reports(pipeline, report_on).where(
            condition,
            documents.c.status == Status.OK,
        )
        newest[name] = connection.execute(query.limit(1)).one_or_none()

    of_all, of_stores = newest["all"], newest["stores"]

    return CombinedReportState(
        path=Path(of_all.file_path) if of_all else None,
        has_stores=of_stores is not None,
        is_current=bool(of_all and of_stores and of_all.id > of_stores.id),
    )


def _reports(pipeline: Pipeline, report_on: date) -> Select[Any]:
    """Select the rows of the pipeline's reports of that date, the newest first."""
    document = documents.c

    return (
        select(document.id, document.file_path)
        .where(
            document.reference_name_1 == "pipeline",
            document.reference_id_1 == pipeline,
            document.reference_name_3 == "store_code",
            document.doc_date == report_on,
        )
        .order_by(document.id.desc())
    )


def signers(
    connection: Connection,
    pipeline: Pipeline,
    report_on: date,
) -> dict[str, RunRef]:
    """Return by store code the run that made its newest report, pruned since or not.

    That run signs the report when it is made again.
    """
    document = documents.c
    query = (
        select(
            document.reference_id_3,
            runs.c.run_id,
            runs.c.run_env,
            runs.c.started_at,
        )
        .join(runs, document.reference_id_2 == runs.c.run_id)
        .where(
            document.reference_name_1 == "pipeline",
            document.reference_id_1 == pipeline,
            document.reference_name_2 == "run_id",
            document.reference_name_3 == "store_code",
            document.doc_date == report_on,
            document.status.in_([Status.OK, PRUNED]),
        )
        .order_by(document.id)
    )

    rows = connection.execute(query)
    found = {}

    for code, run_id, env, at in rows:
        found[code] = RunRef(
            pipeline,
            run_id,
            env,
            report_on,
            at,
        )

    return found


def days_with_data(
    connection: Connection,
    store_codes: Collection[str] | None,
) -> frozenset[date]:
    """Return every day of which a dashboard of the stores is stored; None means any store."""
    days = connection.execute(_dashboards(store_codes, _DAY).distinct()).scalars()
    return frozenset(days)


def stored_days(
    connection: Connection,
    store_codes: Collection[str],
    period: Period,
) -> dict[str, frozenset[date]]:
    """Return the days of the period whose dashboards are stored, for the stores that have any."""
    query = _dashboards(store_codes, _CODE, func.array_agg(_DAY)).where(
        _DAY.between(period.first, period.last),
    )

    rows = connection.execute(query.group_by(_CODE))

    found = {}

    for code, days in rows:
        found[code] = frozenset(days)

    return found


def first_days(connection: Connection, store_codes: Collection[str]) -> dict[str, date]:
    """Return the first day ever stored of each store that has any."""
    query = _dashboards(store_codes, _CODE, func.min(_DAY)).group_by(_CODE)
    found = {}

    for code, day in connection.execute(query):
        found[code] = day

    return found


def _dashboards(store_codes: Collection[str] | None, *columns: Any) -> Select[Any]:
    joined = store_dashboard_summary.join(
        store_master,
        store_dashboard_summary.c.store_id == store_master.c.id,
    )

    query = select(*columns).select_from(joined)

    return query if store_codes is None else query.where(_CODE.in_(store_codes))
