"""The headers that each store's pages and files had last time, in the table `portal_headers`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lib.db.tables import portal_headers
from lib.portal.changes.compare import Headers, Known
from lib.portal.redaction import redact

_headers = portal_headers.c


def known_headers(
    connection: Connection,
    store_codes: Collection[str],
) -> Known:
    """Return the headers that the stores showed last time."""
    wanted = select(_headers.store_code, _headers.source, _headers.texts).where(
        _headers.store_code.in_(store_codes)
    )

    known = {}
    for store_code, source, texts in connection.execute(wanted):
        # Rows of earlier versions may hold texts as the file had them.
        known[store_code, source] = tuple(map(redact.safe_header, texts))

    return known


def keep_headers(
    connection: Connection,
    seen: Iterable[Headers],
    at: datetime,
) -> None:
    """Store what was seen; `first_seen_at` is since when a store shows exactly these headers."""
    # One order for all runs, so that two cannot wait for each other.
    rows = []

    for headers in sorted(seen):
        rows.append(
            {
                "store_code": headers.store_code,
                "source": headers.source,
                "texts": list(headers.texts),
                "first_seen_at": at,
                "last_seen_at": at,
            }
        )

    if not rows:
        return

    new = insert(portal_headers)
    is_same = _headers.texts == new.excluded.texts
    upsert = new.on_conflict_do_update(
        constraint="pk_portal_headers",
        set_={
            "texts": new.excluded.texts,
            "first_seen_at": case(
                (is_same, _headers.first_seen_at),
                else_=new.excluded.first_seen_at,
            ),
            "last_seen_at": new.excluded.last_seen_at,
        },
    )
    connection.execute(upsert, rows)


def forget_headers(connection: Connection, before: datetime) -> int:
    """Remove the headers that were last seen before an instant; return how many rows that were."""
    old = delete(portal_headers).where(_headers.last_seen_at < before)
    return connection.execute(old).rowcount
