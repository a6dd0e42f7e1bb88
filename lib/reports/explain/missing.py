"""Why there is nothing to explain: what was never read, and what the runs of the day say of it."""

from __future__ import annotations

from sqlalchemy import Connection

from lib import formatting
from lib.dates import Period
from lib.domain.stores import ALL
from lib.plural import counted
from lib.reports.explain import queries

#: Runs that are named.
MOST = 10


def is_known(connection: Connection, store_code: str) -> bool:
    """Return True for ALL and for a store of the database."""
    return store_code == ALL or queries.is_known(connection, store_code)


def reasons(
    connection: Connection,
    store_code: str,
    period: Period,
) -> list[str]:
    """Return sentences on why no figure of the store and period is known."""
    days = formatting.day(period.last) if period.length == 1 else f"{period}"
    found = [f"No dashboard of {store_code} for {days} is stored, so no figure of it is known."]
    span = queries.stored_span(connection, store_code)

    if span is not None:
        found.append(f"The stored days of {store_code} are from {span.first} to {span.last}.")
    elif store_code != ALL:
        found.append(f"No dashboard of {store_code} was ever stored.")

    past = queries.runs_about(connection, period, store_code)

    if not past:
        found.append("No daily run about it has a row: its dashboards were never asked for.")

    for run in past[:MOST]:
        reason = f": {run.reason}" if run.reason else ""
        found.append(f"Run {run.run_id} about {run.report_on} ended as {run.status}{reason}")

    if len(past) > MOST:
        found.append(f"{counted(len(past) - MOST, 'more run')} about these days.")

    return found
