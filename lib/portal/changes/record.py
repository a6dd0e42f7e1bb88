"""The portal's headers of today compared with those in the database, which then hold today's."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Engine

from lib import dates
from lib.model import Finding
from lib.portal.changes import compare, queries
from lib.portal.changes.compare import Headers

#: A store or section that was not seen for so long is gone.
KEPT = 100 * dates.DAY


def notice_changes(
    engine: Engine,
    seen: Sequence[Headers],
    *,
    keep: bool,
) -> list[Finding]:
    """Return which headers differ from last time, and store these unless `keep` is off.

    Each change is reported once.
    """
    store_codes = {headers.store_code for headers in seen}

    with engine.begin() as connection:
        known = queries.known_headers(connection, store_codes)

        if keep:
            now = dates.now()
            queries.keep_headers(connection, seen, now)
            queries.forget_headers(connection, now - KEPT)

    return compare.changes(known, seen)
