"""The SQL that copies into a scratch schema what a run knew, as far as the tables still say it.

Of the rows of an export the presence columns say when each came, closed and left, so that what
later exports did is undone. A value that the portal corrected since is as it is now.

Source: docs/adr/0009-history-of-the-exports.md, docs/adr/0028-replaying-a-run.md.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from lib.db import scratch, tables
from lib.domain.stores import ALL
from lib.model import PRUNED, Status
from lib.pipelines.replay_run.result import StoredReport, StoredRun

#: A report says what a mail about the period before said: two months at most.
MAILS_BACK = timedelta(days=70)

#: Recipients, texts and profiles, which have no history.
_AS_THEY_ARE = (
    tables.pipelines,
    tables.notification_profiles,
    tables.email_templates,
    tables.notification_recipients,
    tables.store_master,
)
_OF_STORES = "upper(own.store_code) = ANY(%(stores)s)"
_SEEN = "(own.first_seen_on IS NULL OR own.first_seen_on <= %(known_on)s)"
_KNOWN_RUN = """
    (SELECT started_at FROM {source}.pipeline_run_summaries AS run
     WHERE run.run_id = own.run_id) <= %(until)s
"""


@dataclass(frozen=True)
class AsOf:
    """What is copied: `source` is the schema of the real tables, as SQL names it."""

    source: str
    run: StoredRun
    #: In upper case; nothing is copied of others.
    stores: tuple[str, ...]

    @property
    def values(self) -> dict[str, Any]:
        """Return the parameters of the statements."""
        return {
            "until": self.run.known_until,
            "started": self.run.ref.started_at,
            "report_on": self.run.ref.report_on,
            "run_id": self.run.ref.run_id,
            "pipeline": str(self.run.ref.pipeline),
            "stores": list(self.stores),
        }


def copy(
    connection: Connection,
    as_of: AsOf,
    rebuilt: Collection[StoredReport],
) -> None:
    """Copy what the run knew. The reports of `rebuilt` are left out, and so are its own mails."""
    for table in _AS_THEY_ARE:
        scratch.copy(connection, table, as_of.source)

    _copy_runs(connection, as_of)
    _copy_dashboards(connection, as_of)
    _copy_exports(connection, as_of)
    _copy_forms(connection, as_of)
    _copy_documents(connection, as_of, rebuilt)
    _copy_mails(connection, as_of)


def _copy_runs(connection: Connection, as_of: AsOf) -> None:
    """Copy every row, for others refer to it; what runs of other dates say is not needed."""
    of_date = "own.pipeline_name = %(pipeline)s AND own.report_date = %(report_on)s"

    scratch.copy(
        connection,
        tables.pipeline_run_summaries,
        as_of.source,
        "own.started_at <= %(until)s",
        changed={
            name: f"CASE WHEN {of_date} THEN own.{name} END"
            for name in ("metrics_json", "phases_json")
        },
        **as_of.values,
    )


def _copy_dashboards(connection: Connection, as_of: AsOf) -> None:
    scratch.copy(
        connection,
        tables.store_dashboard_summary,
        as_of.source,
        """
            own.created_at <= %(until)s AND own.dashboard_date <= %(report_on)s
            AND own.store_id IN (
                SELECT id FROM store_master AS store
                WHERE upper(store.store_code) = ANY(%(stores)s)
            )
        """,
        **as_of.values,
    )


def _copy_exports(connection: Connection, as_of: AsOf) -> None:
    known = f"{_OF_STORES} AND {_KNOWN_RUN}".format(source=as_of.source)
    scratch.copy(connection, tables.ingest_counts, as_of.source, known, **as_of.values)

    seen_on = tables.ingest_counts.c.seen_on
    known_on = connection.execute(select(func.max(seen_on))).scalar_one()
    values = as_of.values | {"known_on": known_on or as_of.run.ref.report_on}

    for table in (tables.repeat_customers, tables.nonpackage_orders):
        scratch.copy(connection, table, as_of.source, _OF_STORES, **values)

    _copy_orders(connection, as_of.source, values)
    _copy_leads(connection, as_of.source, values)


def _copy_orders(connection: Connection, source: str, values: dict[str, Any]) -> None:
    """Copy the orders; one that came back since has the days of the presence that it had then."""
    then = """
        LEFT JOIN LATERAL (
            SELECT * FROM {source}.undelivered_orders_history AS past
            WHERE past.store_code = own.store_code AND past.order_id = own.order_id
              AND own.first_seen_on > %(known_on)s AND past.ended_on > %(known_on)s
              AND (past.first_seen_on IS NULL OR past.first_seen_on <= %(known_on)s)
            ORDER BY past.ended_on LIMIT 1
        ) AS past ON true
    """
    open_again = "own.closed_seen_on > %(known_on)s"

    scratch.copy(
        connection,
        tables.undelivered_orders,
        source,
        f"{_OF_STORES} AND ({_SEEN} OR past.id IS NOT NULL)",
        joined=then.format(source=source),
        changed={
            "first_seen_on": _then("own.first_seen_on", "past.first_seen_on"),
            "last_seen_on": _then(_if_left("last_seen_on"), _if_left("last_seen_on", "past")),
            "left_on": _then(_if_left("left_on"), _if_left("left_on", "past")),
            "closed_seen_on": f"CASE WHEN NOT ({open_again}) THEN own.closed_seen_on END",
            "actual_deliver_on": f"CASE WHEN ({open_again}) IS NOT TRUE"
            " THEN own.actual_deliver_on END",
        },
        **values,
    )
    _copy_history(connection, tables.undelivered_orders_history, source, values)


def _copy_leads(connection: Connection, source: str, values: dict[str, Any]) -> None:
    """Copy the leads; where another pickup took the row since, the one before is in its place."""
    table, past = tables.missed_leads, tables.missed_leads_history
    open_again = "own.closed_seen_on > %(known_on)s"
    changed = {
        "last_seen_on": _if_left("last_seen_on"),
        "left_on": _if_left("left_on"),
        "closed_seen_on": f"CASE WHEN NOT ({open_again}) THEN own.closed_seen_on END",
        "is_order_placed": f"CASE WHEN {open_again} THEN false ELSE own.is_order_placed END",
    }

    scratch.copy(connection, table, source, f"{_OF_STORES} AND {_SEEN}", changed=changed, **values)
    _copy_history(connection, past, source, values)
    names = ", ".join(column.name for column in table.columns)
    chosen = ", ".join(changed.get(column.name, f"own.{column.name}") for column in table.columns)

    connection.exec_driver_sql(
        f"""
            INSERT INTO {table.name} ({names})
            SELECT DISTINCT ON (own.store_code, own.mobile_number) {chosen}
            FROM {scratch.in_schema(source, past)} AS own
            WHERE {_OF_STORES} AND own.ended_on > %(known_on)s AND {_SEEN}
            ORDER BY own.store_code, own.mobile_number, own.ended_on
            ON CONFLICT DO NOTHING
        """,  # noqa: S608 - names of our tables and SQL of ours
        values,
    )


def _then(present: str, past: str) -> str:
    return f"CASE WHEN past.id IS NULL THEN {present} ELSE {past} END"


def _if_left(name: str, row: str = "own") -> str:
    return f"CASE WHEN {row}.left_on <= %(known_on)s THEN {row}.{name} END"


def _copy_history(
    connection: Connection,
    table: Any,
    source: str,
    values: dict[str, Any],
) -> None:
    scratch.copy(
        connection,
        table,
        source,
        f"{_OF_STORES} AND own.ended_on <= %(known_on)s",
        **values,
    )


def _copy_forms(connection: Connection, as_of: AsOf) -> None:
    known = f"own.read_at <= %(until)s AND {_OF_STORES}"
    scratch.copy(connection, tables.form_returns, as_of.source, known, **as_of.values)

    is_copied = "own.return_id IN (SELECT id FROM form_returns)"
    scratch.copy(connection, tables.form_answers, as_of.source, is_copied)


def _copy_documents(
    connection: Connection,
    as_of: AsOf,
    rebuilt: Collection[StoredReport],
) -> None:
    """Copy the reports that were there before, each with the version that it was then."""
    was_replaced = "own.superseded_at >= %(started)s"
    known = _KNOWN_RUN.format(source=as_of.source)

    scratch.copy(
        connection,
        tables.documents,
        as_of.source,
        f"""
            own.reference_id_1 = %(pipeline)s AND own.doc_date = %(report_on)s
            AND own.run_id <> %(run_id)s AND {known} AND own.id <> ALL(%(rebuilt)s)
        """,
        changed={
            "superseded_at": f"CASE WHEN NOT ({was_replaced}) THEN own.superseded_at END",
            "status": f"CASE WHEN {was_replaced} AND own.status = '{PRUNED}'"
            f" THEN '{Status.OK}' ELSE own.status END",
        },
        **as_of.values,
        rebuilt=[one.id for one in rebuilt],
    )


def _copy_mails(connection: Connection, as_of: AsOf) -> None:
    """Copy what was owed and sent before the run began."""
    values = as_of.values | {"first": as_of.run.ref.report_on - MAILS_BACK}
    is_known = f"""
        own.pipeline_name = %(pipeline)s AND own.run_id <> %(run_id)s
        AND own.report_date BETWEEN %(first)s AND %(report_on)s
        AND own.created_at < %(started)s AND {_KNOWN_RUN.format(source=as_of.source)}
    """
    of_known = f"""
        own.message_id IN (
            SELECT message_id FROM {as_of.source}.notification_deliveries AS own WHERE {is_known}
        )
    """  # noqa: S608 - the name of a schema and SQL of ours

    for table, where in (
        (tables.notification_messages, of_known),
        (tables.notification_deliveries, is_known),
    ):
        scratch.copy(connection, table, as_of.source, where, **values)


def copy_rejects(connection: Connection, as_of: AsOf, skip: Collection[tuple[str, str]]) -> None:
    """Copy the run's rejected rows that are kept, without those of the `skip`ped exports.

    `skip` are pairs of bucket and store code whose whole export is replayed.
    """
    scratch.copy(
        connection,
        tables.ingest_rejects,
        as_of.source,
        """
            own.run_id = %(run_id)s AND own.row_json IS NOT NULL
            AND own.bucket || ' ' || own.store_code <> ALL(%(skip)s)
        """,
        **as_of.values,
        skip=[f"{bucket} {code}" for bucket, code in skip],
        changed={"replayed_at": "NULL"},
    )


def stores_of(report_stores: Collection[str], run: StoredRun, codes: Collection[str]) -> list[str]:
    """Return every store of which something may be needed, in upper case."""
    configured = (run.metrics.get("stores") or {}).get("configured") or ()
    found = {*report_stores, *run.expected, *codes, *configured} - {ALL}

    return sorted(code.upper() for code in found)
