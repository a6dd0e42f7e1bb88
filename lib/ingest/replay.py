"""Rejected rows tried again after a fix: the same merge and load, for the day they were read.

Why so: docs/adr/0014-replaying-rejected-rows.md.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.domain.exports import EXPORTS
from lib.ingest.load import load
from lib.ingest.merge import merge
from lib.model import Bucket, Download, Pipeline, RunRef
from lib.scratch_directory import Purpose, scratch_directory

if TYPE_CHECKING:
    from sqlalchemy import Engine, Row

WAITING = """
    SELECT reject.id, reject.run_id, reject.bucket, reject.seen_on, reject.store_code,
           reject.row_json, run.pipeline_name, run.run_env, run.started_at
    FROM ingest_rejects AS reject JOIN pipeline_run_summaries AS run USING (run_id)
    WHERE row_json IS NOT NULL AND replayed_at IS NULL
    ORDER BY reject.seen_on, reject.run_id, reject.bucket, reject.store_code,
             row_json -> 'header', reject.id
"""
MARK_REPLAYED = """
    UPDATE ingest_rejects SET replayed_at = now(), row_json = NULL WHERE id = ANY(%(ids)s)
"""


@dataclass(frozen=True)
class Replayed:
    """What became of the rejected rows of one export."""

    bucket: Bucket
    store_code: str
    seen_on: date
    tried: int
    #: Refused again; each is a new row of `ingest_rejects` and can be tried once more.
    rejected: int


def replay(engine: Engine) -> Iterator[Replayed]:
    """Load every rejected row that was kept and not tried again yet, one export a transaction.

    The oldest export comes first. Stopped midway it goes on with the rest next time; a row that was
    loaded twice changes nothing.
    """
    with engine.connect() as connection:
        waiting = connection.exec_driver_sql(WAITING).all()

    for _, rows in groupby(waiting, key=_file_of):
        yield _replay_file(engine, list(rows))


def _file_of(row: Row[Any]) -> tuple[Any, ...]:
    """Return what the rows of one file share: files are told apart by their header."""
    return row.run_id, row.bucket, row.store_code, tuple(row.row_json["header"])


def _replay_file(engine: Engine, rows: list[Row[Any]]) -> Replayed:
    first = rows[0]
    bucket = Bucket(first.bucket)
    run = RunRef(
        Pipeline(first.pipeline_name),
        first.run_id,
        first.run_env,
        first.seen_on,
        first.started_at,
    )

    with scratch_directory(Purpose.REJECTS) as directory:
        path = directory / f"replay-{EXPORTS[bucket].file_name(first.store_code)}"
        _write(path, rows)

        download = Download(first.store_code, bucket, path)
        merged = merge(bucket, [download], path.parent, first.seen_on)
        counts = load(
            engine,
            merged,
            run,
            is_whole=False,
        ).counts[first.store_code]

    with engine.begin() as connection:
        connection.exec_driver_sql(MARK_REPLAYED, {"ids": [row.id for row in rows]})

    return Replayed(
        bucket,
        first.store_code,
        first.seen_on,
        len(rows),
        counts.rejected,
    )


def _write(path: Path, rows: list[Row[Any]]) -> None:
    """Write a store's file as it might have come; what was no row is written as it was."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(rows[0].row_json["header"])

        for row in rows:
            kept = row.row_json
            if "cells" in kept:
                writer.writerow(kept["cells"])
            else:
                file.write(kept["line"].rstrip("\r\n") + "\r\n")
