"""A world that quotes: pages, files, mail servers and databases that say the canaries wherever they can."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from html import escape

from demo.portal.visits import HTML, Reply, Visitor
from tests.proofs.privacy.canaries import DEVANAGARI, INSTRUCTION, NAME, PASSWORD, PHONE, TOKEN

Change = Callable[[Visitor, Reply], Reply]
"""From what the portal would answer to what it answers."""

SAYING = f"{NAME} {NAME.lower()} {DEVANAGARI} {PHONE} +91 {PHONE[:5]} {PHONE[5:]}: {INSTRUCTION} {PASSWORD} {TOKEN}"


def echo(status: int) -> Change:
    """A page of an error that quotes the request, as frameworks in debug mode do."""

    def change(visit: Visitor, _reply: Reply) -> Reply:
        asked = f"{dict(visit.cookies)} {dict(visit.query)} {dict(visit.form)}"
        body = (
            f'<!DOCTYPE html><html lang="en"><head><title>Order of {NAME}</title></head>'
            f'<body data-owner="{NAME}"><h1>whoops, {NAME.lower()}</h1><p>{escape(asked)}</p>'
            f'<p class="note">{escape(SAYING)}</p><{NAME.split()[1].lower()} x><table><tr><td>{escape(SAYING)}</td></tr></table>'
            f'<a href="/customers/{NAME.split()[1].lower()}?token={TOKEN}">order</a><pre>{escape(SAYING)}</pre></body></html>'
        )
        return Reply(
            body.encode(), status, (HTML, ("location", f"/x?token={TOKEN}"), ("x-debug", TOKEN))
        )

    return change


def at(store: str, change: Change) -> Change:
    """The change for one store only."""
    return lambda visit, reply: change(visit, reply) if visit.store == store else reply


def renamed(old: str, new: str) -> Change:
    """The same answer with other words in it."""
    return lambda _visit, reply: replace(reply, body=reply.body.replace(old.encode(), new.encode()))


def without_header(_visit: Visitor, reply: Reply) -> Reply:
    """An export whose first line is somebody's row."""
    return replace(reply, body=reply.body.partition(b"\n")[2])


def with_strange_columns(_visit: Visitor, reply: Reply) -> Reply:
    """An export with columns that are called like people."""
    head, *rows = reply.body.decode("utf-8-sig").splitlines()
    if not rows:  # the sentence of an export without rows
        return reply
    lines = [f"{head},{NAME},{PHONE}", *(f"{row},{NAME},{PHONE}" for row in rows)]
    return replace(reply, body="\n".join(lines).encode())


def with_people_everywhere(_visit: Visitor, reply: Reply) -> Reply:
    """Rows in which every cell but the store's code is somebody's, and lines that are no rows."""
    head, *rows = csv.reader(io.StringIO(reply.body.decode("utf-8-sig")))
    at = [column.lower().replace(" ", "_") for column in head].index("store_code")
    code = rows[0][at]
    people = [[SAYING if place != at else code for place in range(len(head))] for _ in range(3)]
    people += [[cell if place != 1 else PHONE for place, cell in enumerate(rows[0])]]
    strangers = [[PHONE if place == at else cell for place, cell in enumerate(rows[0])]]
    into = io.StringIO()
    csv.writer(into).writerows([head, *rows, *people, *strangers])
    broken = (
        f'{SAYING}\n"{SAYING}\n\0{NAME},{PHONE}\n'.encode() + b"\xff\xfe" + NAME.encode() + b"\n"
    )
    return replace(reply, body=into.getvalue().encode() + broken)


QUOTES_ROWS = """
CREATE OR REPLACE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING MESSAGE = '{saying} ' || NEW::text, DETAIL = NEW::text, HINT = NEW::text; END $$;
CREATE TRIGGER say BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION say()
"""


FORBIDS_NAMES = (
    "ALTER TABLE missed_leads ADD CONSTRAINT nameless CHECK (customer_name IS NULL) NOT VALID"
)
SILENCE = "DROP FUNCTION IF EXISTS say() CASCADE; ALTER TABLE missed_leads DROP CONSTRAINT IF EXISTS nameless"
"""SQL that takes all of this back."""


def refusing(table: str, event: str = "INSERT OR UPDATE") -> str:
    """SQL after which the database refuses each row of the table, and quotes it."""
    return QUOTES_ROWS.format(saying=SAYING.replace("'", ""), event=event, table=table)
