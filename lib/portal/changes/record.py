"""The portal of today beside the portal of last time, as the database remembers it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Engine

from lib import dates
from lib.model import Finding
from lib.portal.changes import compare, queries
from lib.portal.changes.compare import Headers


def notice_changes(engine: Engine, seen: Sequence[Headers], *, keep: bool) -> list[Finding]:
    """Say which headers differ from last time, and remember these unless `keep` is off: a change is told once."""
    with engine.begin() as connection:
        known = queries.known_headers(connection, {headers.store_code for headers in seen})
        if keep:
            queries.keep_headers(connection, seen, dates.now())

    return compare.changes(known, seen)
