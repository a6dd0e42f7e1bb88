"""What was counted and what was rejected in a load, in the transaction of the rows themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from lib.domain.exports import Export
from lib.ingest.counts import Counts
from lib.ingest.merge import Merge
from lib.ingest.rejects import Reject
from lib.ingest.staged_rows import RowStatus
from lib.model import Bucket, RunRef

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: The reason of a row that would take the identity or the key of a row that is not its own.
CLASH = "is another row's already"

_COUNTED = tuple(map(attrgetter("name"), fields(Counts)))
_NAMES = ", ".join(_COUNTED)
_TYPED = ", ".join(map("{} integer".format, _COUNTED))
_EXCLUDED = ", ".join(map("{0} = excluded.{0}".format, _COUNTED))

#: One statement, however many stores.
KEEP_COUNTS = f"""
    INSERT INTO ingest_counts (run_id, bucket, seen_on, store_code, {_NAMES})
    SELECT %(run_id)s, %(bucket)s, %(seen_on)s, store_code, {_NAMES}
    FROM jsonb_to_recordset(%(rows)s) AS counted (store_code text, {_TYPED})
    ON CONFLICT (run_id, bucket, store_code) DO UPDATE
    SET seen_on = excluded.seen_on, {_EXCLUDED}
"""  # noqa: S608 - the names of a dataclass

_KEEP_REJECTS = """
    INSERT INTO ingest_rejects
        (run_id, bucket, seen_on, file_name, store_code, line, column_name, reason, row_json)
    SELECT %(run_id)s, %(bucket)s, %(seen_on)s,
"""
KEEP_MERGE_REJECTS = f"""{_KEEP_REJECTS}
        file_name, store_code, line, kept ->> 'column', kept ->> 'reason', kept -> 'row'
    FROM jsonb_to_recordset(%(rows)s)
        AS rejected (file_name text, store_code text, line integer, kept jsonb)
"""
KEEP_STAGED_REJECTS = f"""{_KEEP_REJECTS}
        %(file_name)s, store_code, line, kept ->> 'column', kept ->> 'reason', kept -> 'row'
    FROM staged, LATERAL (SELECT reject::jsonb AS kept) AS parsed
    WHERE row_status = '{RowStatus.REJECTED}'
"""


def keep_counts(
    connection: Connection,
    run: RunRef,
    bucket: Bucket,
    counts: Mapping[str, Counts],
) -> None:
    """Keep what became of the rows of each store's export; the same run again replaces it."""
    rows = []

    for store, each in counts.items():
        rows.append({"store_code": store, **asdict(each)})

    connection.exec_driver_sql(
        KEEP_COUNTS,
        _parameters(run, bucket) | {"rows": json.dumps(rows)},
    )


def keep_rejects(
    connection: Connection,
    export: Export,
    merge: Merge,
    run: RunRef,
    *,
    has_clashes: bool,
) -> None:
    """Keep every rejected row: refused by the merge, refused in staging, or clashing."""
    parameters = _parameters(run, merge.bucket) | {"file_name": merge.path.name}

    if merge.rejects:
        rows = json.dumps(
            list(map(_as_row, merge.rejects)),
            ensure_ascii=False,
        )
        connection.exec_driver_sql(KEEP_MERGE_REJECTS, parameters | {"rows": rows})

    connection.exec_driver_sql(KEEP_STAGED_REJECTS, parameters)

    if has_clashes:
        connection.exec_driver_sql(
            _keep_clashes(export),
            parameters | {"identity": export.identity, "reason": CLASH},
        )


def _parameters(run: RunRef, bucket: Bucket) -> dict[str, Any]:
    return {"run_id": run.run_id, "bucket": str(bucket), "seen_on": run.report_on}


def _as_row(reject: Reject) -> dict[str, Any]:
    return {
        "file_name": reject.file_name,
        "store_code": reject.store_code,
        "line": reject.line,
        "kept": json.loads(reject.as_json()),
    }


def _keep_clashes(export: Export) -> str:
    """Return the statement for rows that took part in the load; their cells are coerced."""
    names = ", ".join(map("'{}'".format, export.names))
    cells = ", ".join(map("coalesce({}::text, '')".format, export.names))
    header = f"'header', jsonb_build_array({names})"
    row = f"jsonb_build_object({header}, 'cells', jsonb_build_array({cells}))"

    return f"""{_KEEP_REJECTS}
        %(file_name)s, store_code, line, %(identity)s, %(reason)s, {row}
        FROM staged WHERE row_status = '{RowStatus.CLASH}'
    """
