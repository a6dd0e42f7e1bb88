"""The books of a load: what was counted and what was rejected, in the transaction of the rows themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lib.domain.exports import Export
from lib.ingest.counts import Counts
from lib.ingest.merge import Merge
from lib.ingest.rejects import Reject
from lib.model import Bucket, RunRef

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NAMES = tuple(Counts.__dataclass_fields__)

#: One statement, however many stores.
KEEP_COUNTS = f"""
    INSERT INTO ingest_counts (run_id, bucket, seen_on, store_code, {", ".join(_NAMES)})
    SELECT %(run_id)s, %(bucket)s, %(seen_on)s, store_code, {", ".join(_NAMES)}
    FROM jsonb_to_recordset(%(rows)s) AS counted (store_code text, {", ".join(f"{name} integer" for name in _NAMES)})
    ON CONFLICT (run_id, bucket, store_code) DO UPDATE SET seen_on = excluded.seen_on,
        {", ".join(f"{name} = excluded.{name}" for name in _NAMES)}
"""  # noqa: S608 - the names of a dataclass

_KEEP_REJECTS = """
    INSERT INTO ingest_rejects
        (run_id, bucket, seen_on, file_name, store_code, line, column_name, reason, row_json)
    SELECT %(run_id)s, %(bucket)s, %(seen_on)s,
"""
KEEP_MERGE_REJECTS = f"""{_KEEP_REJECTS}
        file_name, store_code, line, kept ->> 'column', kept ->> 'reason', kept -> 'row'
    FROM jsonb_to_recordset(%(rows)s) AS rejected (file_name text, store_code text, line integer, kept jsonb)
"""
KEEP_STAGED_REJECTS = f"""{_KEEP_REJECTS}
        %(file_name)s, store_code, line, kept ->> 'column', kept ->> 'reason', kept -> 'row'
    FROM staged, LATERAL (SELECT reject::jsonb AS kept) AS parsed WHERE fate = 'rejected'
"""
CLASH = "is another row's already"


def keep_counts(
    connection: Connection, run: RunRef, bucket: Bucket, counts: Mapping[str, Counts]
) -> None:
    """Keep what became of the rows of each store's export; the same run again replaces it."""
    rows = [{"store_code": store, **asdict(each)} for store, each in counts.items()]
    connection.exec_driver_sql(KEEP_COUNTS, _facts(run, bucket) | {"rows": json.dumps(rows)})


def keep_rejects(
    connection: Connection, export: Export, merge: Merge, run: RunRef, *, has_clashes: bool
) -> None:
    """Keep every rejected row: those that the merge refused, those that staging refused, those that clash."""
    facts = _facts(run, merge.bucket) | {"file_name": merge.path.name}

    if merge.rejects:
        rows = json.dumps([_as_row(reject) for reject in merge.rejects], ensure_ascii=False)
        connection.exec_driver_sql(KEEP_MERGE_REJECTS, facts | {"rows": rows})

    connection.exec_driver_sql(KEEP_STAGED_REJECTS, facts)

    if has_clashes:
        connection.exec_driver_sql(
            _keep_clashes(export), facts | {"identity": export.identity, "reason": CLASH}
        )


def _facts(run: RunRef, bucket: Bucket) -> dict[str, Any]:
    return {"run_id": run.run_id, "bucket": str(bucket), "seen_on": run.report_on}


def _as_row(reject: Reject) -> dict[str, Any]:
    return {
        "file_name": reject.file_name,
        "store_code": reject.store_code,
        "line": reject.line,
        "kept": json.loads(reject.as_json()),
    }


def _keep_clashes(export: Export) -> str:
    """Return the statement for rows that took part in the load and lost; their cells are the coerced ones."""
    names = ", ".join(f"'{name}'" for name in export.names)
    cells = ", ".join(f"coalesce({name}::text, '')" for name in export.names)
    row = f"jsonb_build_object('header', jsonb_build_array({names}), 'cells', jsonb_build_array({cells}))"
    where = "FROM staged WHERE fate = 'clash'"

    return (
        f"{_KEEP_REJECTS} %(file_name)s, store_code, line, %(identity)s, %(reason)s, {row} {where}"
    )
