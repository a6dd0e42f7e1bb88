"""Customer data that is removed by age: files that an audit kept, content of rejected rows.

Source: lesson 103.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime

from lib.db.old_content import ContentRule
from lib.domain.exports import EXPORTS
from lib.removal import Seen

_BUCKETS = "|".join(EXPORTS)
_PARTS = "|".join(export.file_part for export in EXPORTS.values())
MERGED = re.compile(rf"merged_(?:{_BUCKETS})_(\d{{8}})(?:_(\d{{1,4}}))?\.csv", re.ASCII)
EXPORT = re.compile(rf"[A-Z0-9]{{1,16}}-(?:{_PARTS})\.csv", re.ASCII)

#: That a row was rejected, where and why, stays in the table.
REJECTED_ROWS = ContentRule(
    table="ingest_rejects",
    key="id",
    written_at="created_at",
    emptied={"row_json": "NULL"},
    is_old="row_json IS NOT NULL AND created_at < %(before)s",
    noted="replayed_at IS NULL",
)


def kind_of_file(name: str) -> str | None:
    """Return what a file of that name in DATA_DIR is; None for a name that is not ours."""
    if MERGED.fullmatch(name):
        return "merged file"

    return "export" if EXPORT.fullmatch(name) else None


def dated_at(seen: Seen) -> datetime:
    """Return the later of the bytes' instant and the day in a merged file's name."""
    named = MERGED.fullmatch(seen.path.name)

    # Eight digits need not be a day.
    with suppress(ValueError):
        day = datetime.strptime(named[1] if named else "", "%Y%m%d").replace(tzinfo=UTC)
        return max(seen.modified_at, day)

    return seen.modified_at
