"""What the database remembers of the portal: the headers that each store's pages and files had last time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import case, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lib.db.tables import portal_headers
from lib.portal.changes.compare import Headers, Known

_headers = portal_headers.c


def known_headers(connection: Connection, store_codes: Collection[str]) -> Known:
    """Return what the stores showed last time."""
    wanted = select(_headers.store_code, _headers.source, _headers.texts).where(
        _headers.store_code.in_(store_codes)
    )
    return {
        (store_code, source): tuple(texts)
        for store_code, source, texts in connection.execute(wanted)
    }


def keep_headers(connection: Connection, seen: Iterable[Headers], at: datetime) -> None:
    """Remember what was seen; `first_seen_at` tells since when a store shows exactly this."""
    rows = [
        {
            "store_code": headers.store_code,
            "source": headers.source,
            "texts": list(headers.texts),
            "first_seen_at": at,
            "last_seen_at": at,
        }
        for headers in sorted(
            seen
        )  # one order for all runs, so that two cannot wait for each other
    ]
    if not rows:
        return

    new = insert(portal_headers)
    is_same = _headers.texts == new.excluded.texts
    connection.execute(
        new.on_conflict_do_update(
            constraint="pk_portal_headers",
            set_={
                "texts": new.excluded.texts,
                "first_seen_at": case(
                    (is_same, _headers.first_seen_at), else_=new.excluded.first_seen_at
                ),
                "last_seen_at": new.excluded.last_seen_at,
            },
        ),
        rows,
    )
