"""The tables in words, from the metadata: `python -m lib.db.reference > docs/reference/tables.md`.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import CheckConstraint, Column, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import dialect

from lib.db.tables import metadata
from lib.domain.exports import EXPORTS

#: What a row is, in one sentence.
HOLDS = {
    **{export.table: export.holds for export in EXPORTS.values()},
    "missed_leads_history": (
        "A lead as it was when another pickup of the customer replaced it, or when it came back."
    ),
    "undelivered_orders_history": (
        "An earlier stay in the export of an order that came back after it had left."
    ),
    "store_master": (
        "One row a store. Name and launch date are only ever filled, never overwritten."
    ),
    "store_dashboard_summary": "One row a store and day T: the 33 figures of its dashboard.",
    "portal_headers": "What the headers of the portal's tables and files looked like, last time.",
    "pipeline_run_summaries": (
        "One row a run, from its start; `closes` marks the run that closed its report date."
    ),
    "documents": "One row a report and version. References: pipeline, run id, store code.",
    "form_returns": "One row a filled-in form that came back; refused ones say why.",
    "form_answers": (
        "What a form says about one order or lead. Comments are customer data: never logged."
    ),
    "form_mailboxes": "How far each mailbox was read.",
    "ingest_counts": (
        "What became of the rows of one store's export: all but `duplicates` add up to `read`."
    ),
    "ingest_rejects": (
        "Every row that a load refused. `row_json` is customer data: never logged, "
        "emptied by a replay."
    ),
    "pipelines": "The pipelines by their code.",
    "notification_profiles": "Who is told what about a pipeline.",
    "email_templates": "The texts of a profile; the active one named `default` is sent.",
    "notification_recipients": "The addresses of a profile; a null store code is every store.",
    "notification_messages": "A mail as it was written into the outbox.",
    "notification_deliveries": "What became of a mail, by recipient.",
    "notification_alerts": "A failure, or lateness, that people were told of, until it is over.",
    "notification_sync_rows": (
        "What `jobs.notifications_sync` wrote, to tell later edits by hand from its own."
    ),
}

HEAD = """\
# Tables

Made from `lib/db/tables.py` by `python -m lib.db.reference`; a test compares them. Report dates T
are dates in PIPELINE_TIMEZONE, instants are UTC. `lib/db/backlog.py` says how `first_seen_on`,
`last_seen_on`, `left_on` and `closed_seen_on` are read.
"""


def as_markdown() -> str:
    """Return the whole page: the diagram of the references, then the columns of every table."""
    tables = list(metadata.tables.values())
    lines = [HEAD, "```mermaid", *_diagram(tables), "```"]

    for table in tables:
        lines += _section(table)

    return "\n".join(lines)


def _diagram(tables: list[Table]) -> Iterator[str]:
    yield "erDiagram"

    for table in tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            yield f"    {key.column.table.name} ||--o{{ {table.name} : {key.parent.name}"

    yield '    missed_leads ||..o{ missed_leads_history : "pickup_row_id"'
    yield '    undelivered_orders ||..o{ undelivered_orders_history : "order_id, store_code"'


def _section(table: Table) -> Iterator[str]:
    yield from (
        "",
        f"## {table.name}",
        "",
        HOLDS[table.name],
        "",
        "| column | type | null | refers to |",
        "|---|---|---|---|",
    )

    for column in table.columns:
        target = ", ".join(key.target_fullname for key in column.foreign_keys)
        nullable = "yes" if column.nullable else "no"
        yield f"| {column.name} | {_type(column)} | {nullable} | {target} |"

    yield from ("", f"- Primary key: {_names(table.primary_key)}.")
    yield from _rules(table)


def _type(column: Column[object]) -> str:
    return str(column.type.compile(dialect())).lower()  # type: ignore[no-untyped-call]


def _names(columns: Iterable[Column[Any]]) -> str:
    return ", ".join(column.name for column in columns)


def _rules(table: Table) -> Iterator[str]:
    unique = [rule for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    for rule in sorted(unique, key=lambda rule: str(rule.name)):
        yield f"- Unique: {_names(rule.columns)}."

    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        kind = "Unique" if index.unique else "Index"
        where = index.dialect_options["postgresql"]["where"]
        some = f" where {where}" if where is not None else ""

        yield f"- {kind}: {_names(index.columns)}{some}."

    checks = [rule for rule in table.constraints if isinstance(rule, CheckConstraint)]
    for check in sorted(checks, key=lambda rule: str(rule.name)):
        yield f"- Check: `{check.sqltext}`."


if __name__ == "__main__":
    print(as_markdown())  # noqa: T201 - that is what it is for
