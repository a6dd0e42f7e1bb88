"""One dashboard page into `store_master` and `store_dashboard_summary`.

Source: docs/reference/domain.md#store-master.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from lib.domain.limits import METRIC_LIMITS
from lib.ingest import dashboard_queries as queries
from lib.model import METRICS, Dashboard, Finding, Metric, Status

if TYPE_CHECKING:
    from sqlalchemy import Connection


def store_dashboard(
    connection: Connection,
    dashboard: Dashboard,
    run_at: datetime,
) -> tuple[Finding, ...]:
    """Store the figures of one store and day, inside the caller's transaction.

    Return what could not be stored.

    An unknown store is added, active and without GSTIN, for the page's belongs to the account; of a
    known one only an empty name and launch date are filled (lessons 31 to 33). The same day again:
    a value replaces a value, a null replaces nothing (lesson 64). A figure too large for its column
    is a finding and null, the other 32 are kept (lesson 63).
    """
    findings = tuple(_overflows(dashboard))
    store = {
        "store_code": dashboard.store_code.upper(),
        "store_name": dashboard.store_name.strip() or None,
        "launch_date": dashboard.launched_on,
        "run_at": run_at,
    }

    connection.exec_driver_sql(queries.FILL_STORE, store)
    connection.exec_driver_sql(queries.ADD_STORE, store)
    figures = {}

    for metric in METRICS:
        figures[metric.name] = _stored(metric, dashboard)

    connection.exec_driver_sql(
        queries.UPSERT_SUMMARY,
        store | {"dashboard_on": dashboard.dashboard_on} | figures,
    )

    return findings


def known_stores(connection: Connection) -> dict[str, str | None]:
    """Return the name of every known store, None where none is known, by its upper-case code."""
    found = {}

    for row in connection.exec_driver_sql(queries.KNOWN_STORES):
        found[row.code] = row.name

    return found


def _stored(metric: Metric, dashboard: Dashboard) -> Decimal | int | None:
    value = dashboard.metrics.get(metric.name)
    return value if value is not None and METRIC_LIMITS[metric.kind].fits(value) else None


def _overflows(dashboard: Dashboard) -> Iterator[Finding]:
    for metric in METRICS:
        value = dashboard.metrics.get(metric.name)
        if value is not None and not METRIC_LIMITS[metric.kind].fits(value):
            text = f"{metric.name} is too large to be stored and was left out"
            yield Finding(Status.WARNING, text, dashboard.store_code)
