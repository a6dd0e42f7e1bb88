"""Everything that comes out of a run, but for the places that may hold personal data (docs/explanation/privacy.md)."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage

from sqlalchemy import Connection, Table, select

from lib.db import tables
from tests.proofs.faults.scenario import Scene
from tests.proofs.privacy.canaries import Canaries

MAY_HOLD: dict[Table, set[str]] = {
    tables.missed_leads: set(tables.missed_leads.c.keys()),
    tables.missed_leads_history: set(tables.missed_leads_history.c.keys()),
    tables.undelivered_orders: set(tables.undelivered_orders.c.keys()),
    tables.undelivered_orders_history: set(tables.undelivered_orders_history.c.keys()),
    tables.repeat_customers: set(tables.repeat_customers.c.keys()),
    tables.nonpackage_orders: set(tables.nonpackage_orders.c.keys()),
    tables.ingest_rejects: {"row_json"},
    tables.form_answers: {"about", "comment"},
    tables.form_returns: {"sender"},
    tables.portal_headers: {"texts"},
    tables.store_master: {"store_name"},
    tables.notification_recipients: {"email_address", "display_name"},
    tables.email_templates: {"subject_template", "body_template"},
}
"""Columns in which personal data, or what people wrote themselves, may stand."""


def leaks(here: Scene, output: str, canaries: Canaries) -> list[str]:
    """Return a line for each canary that came out of the runs of the scene so far, with the place."""
    found = [("stdout or stderr", canary) for canary in canaries.found_in(output)]
    for place, text in _files(here):
        found += [(place, canary) for canary in canaries.found_in(text)]
    for place, text in (*_rows(here), *_mails(here)):
        found += [(place, canary) for canary in canaries.found_in(text, sessions=False)]
    return [f"{canary!r} in {place}" for place, canary in found]


def _files(here: Scene) -> Iterator[tuple[str, str | bytes]]:
    """Yield the name of every file, and the content of those that are for operators."""
    for file in sorted(path for path in here.volumes.rglob("*") if path.is_file()):
        name = str(file.relative_to(here.volumes))
        yield "a file's name", name
        if name.startswith("logs_dir/"):
            yield name, file.read_bytes()


def _rows(here: Scene) -> Iterator[tuple[str, str]]:
    if not here.database:
        return
    with here.engine() as engine, engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            yield from _row_texts(connection, table)


def _row_texts(connection: Connection, table: Table) -> Iterator[tuple[str, str]]:
    columns = [column for column in table.c if column.name not in MAY_HOLD.get(table, set())]
    if columns:
        for row in connection.execute(select(*columns)):
            yield f"a row of {table.name}", repr(row._asdict())


def _mails(here: Scene) -> Iterator[tuple[str, str]]:
    for mail in here.mailbox.messages():
        yield "a mail", _shown(mail.message)


def _shown(message: EmailMessage) -> str:
    """Return headers, names of attachments and texts.

    Reports, which are attached, may hold personal data.
    """
    parts = [str(message.items())]
    for part in message.walk():
        parts.append(part.get_filename() or "")
        if part.get_content_maintype() == "text" and not part.get_filename():
            parts.append(part.get_content())
    return "\n".join(parts)
