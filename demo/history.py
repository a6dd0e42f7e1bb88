"""Some weeks of the past, read from the simulated portal's pages and exports and loaded through the ingest code."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.engine import Engine

from demo.portal.dashboard import dashboard_page, style_of
from demo.portal.exports import Export, render, rows_of, spelling_of
from demo.portal.figures import figures
from demo.portal.world import Store, World
from lib import ingest
from lib.dates import DAY, Period, last_complete_month
from lib.db.tables import pipeline_run_summaries
from lib.model import Bucket, Dashboard, Download, Pipeline, RunRef, Status
from lib.portal.dashboard import parse

_EXPORTS = {
    Bucket.MISSED_LEADS: Export.MISSED_LEADS,
    Bucket.UNDELIVERED_ALL: Export.UNDELIVERED_ALL,
    Bucket.REPEAT_CUSTOMERS: Export.REPEAT_CUSTOMERS,
}

RUN_AT = time(8, 0)
"""When the daily run happens, by the clock of the stores (DOMAIN G)."""


def load(
    engine: Engine, world: World, days: Period, zone: ZoneInfo, step: Callable[[], None]
) -> None:
    """Make the database what it would be had the daily job run on every day after each of `days`.

    Exports are cumulative within a month (DOMAIN B.1), so loading them weekly and on each month's last day is enough.
    """
    for day in days.days():
        run_at = datetime.combine(day + DAY, RUN_AT, zone)
        with engine.begin() as connection:
            for store in world.by_code.values():
                ingest.store_dashboard(connection, _dashboard(world, store, day), run_at)
        if day.weekday() == 6 or (day + DAY).day == 1:
            _load_exports(engine, world, _run(engine, day, run_at))
        step()


def _dashboard(world: World, store: Store, day: date) -> Dashboard:
    page = dashboard_page(store, figures(world, store, day), style_of(world, store, day))
    return parse.parse(page.encode(), store_code=store.code, expected_on=day, known_name=store.name)


def _run(engine: Engine, day: date, run_at: datetime) -> RunRef:
    """Return the run that read the exports of `day`, with its row."""
    run = RunRef(Pipeline.DAILY, f"demo_{day:%Y%m%d}", "local", day, run_at)
    with engine.begin() as connection:
        connection.execute(
            insert(pipeline_run_summaries).values(
                pipeline_name=run.pipeline,
                run_id=run.run_id,
                run_env=run.run_env,
                started_at=run_at,
                finished_at=run_at,
                total_time_taken="00:00:00",
                report_date=day,
                overall_status=Status.OK,
                summary_text="Made up by the demo: a run of the past.",
            )
        )
    return run


def _load_exports(engine: Engine, world: World, run: RunRef) -> None:
    day = run.report_on
    with tempfile.TemporaryDirectory() as directory:
        for bucket in Bucket:
            merge = ingest.merge(
                bucket,
                list(_files(world, bucket, day, Path(directory))),
                Path(directory),
                day + DAY,
            )
            ingest.load(engine, merge, run)


def _files(world: World, bucket: Bucket, day: date, directory: Path) -> Iterator[Download]:
    for store in world.by_code.values():
        path = directory / f"{store.code}-{bucket}.csv"
        path.write_bytes(_export(world, store, bucket, day))
        yield Download(store.code, bucket, path)


def _export(world: World, store: Store, bucket: Bucket, day: date) -> bytes:
    rows = rows_of(world, _EXPORTS[bucket], store, day + DAY)
    return render(rows, spelling_of(world, store), {})


def since_last_month(today: date) -> Period:
    """Return the days of the past that make the last complete month whole: from its 1st to the day before yesterday."""
    return Period(last_complete_month(today).first, today - 2 * DAY)


def weeks_before(today: date, weeks: int) -> Period:
    """Return the days of the past that the demo knows: up to the day before yesterday, T itself is the job's."""
    return Period(today - timedelta(weeks=weeks), today - 2 * DAY)
