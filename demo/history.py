"""Some weeks of the past, read from the simulated portal and loaded by the ingest code."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text
from sqlalchemy.engine import Engine

from demo.portal.dashboard import dashboard_page, style_of
from demo.portal.exports import Export, render, rows_of, spelling_of
from demo.portal.faults import Endpoint
from demo.portal.figures import figures
from demo.portal.world import Store, World
from lib import ingest
from lib.dates import DAY, Period, last_complete_month, last_complete_week
from lib.db.tables import pipeline_run_summaries
from lib.model import Bucket, Dashboard, Download, Pipeline, RunRef, Status
from lib.portal.dashboard import parse

#: When the daily run happens, by the clock of the stores.
#:
#: Source: docs/reference/domain.md#schedule.
RUN_AT = time(8, 0)


@dataclass(frozen=True)
class Past:
    """As much of the past as the reports of one morning show."""

    zone: ZoneInfo
    #: Days whose dashboards are needed of every store: four weeks up to the day before yesterday.
    trend: Period
    #: Days needed of the stores that get a weekly and a monthly report.
    periods: Period
    #: Days whose exports are needed of those stores: each says what was open at a period's end.
    exports: tuple[date, ...]

    def count(self, stores: int, chosen: int) -> int:
        """Return the number of dashboards of `stores`; `chosen` of them get a week and a month."""
        earlier = []

        for day in self.periods.days():
            if day not in self.trend:
                earlier.append(day)

        return stores * len(list(self.trend.days())) + chosen * len(earlier)


def needed(today: date, zone: ZoneInfo) -> Past:
    """Return what the morning of `today` needs; yesterday itself is left to the daily job.

    `zone` is the stores', in which their days begin.
    """
    last = today - 2 * DAY
    month = last_complete_month(today)
    ends = {month.last, last_complete_week(today).last}

    return Past(
        zone=zone,
        trend=Period(last - timedelta(days=27), last),
        periods=Period(min(month.first, last), last),
        exports=tuple(sorted(day for day in ends if day <= last)),
    )


def read(
    world: World,
    past: Past,
    chosen: Collection[str],
    step: Callable[[], None],
) -> list[tuple[date, Dashboard]]:
    """Return the dashboards that the portal showed on the days of the past, oldest first.

    `chosen` are the codes of the stores that get a week and a month. Needs no database.
    """
    pages = []

    for day in Period(min(past.periods.first, past.trend.first), past.trend.last).days():
        for store in world.by_code.values():
            if day in past.trend or (store.code in chosen and day in past.periods):
                pages.append((day, _dashboard(world, store, day)))
                step()

    return pages


def store(
    engine: Engine,
    world: World,
    past: Past,
    pages: Iterable[tuple[date, Dashboard]],
    chosen: Collection[str],
) -> None:
    """Load dashboards, and the exports of the `chosen` stores, through the ingest code."""
    with engine.begin() as connection:
        for day, page in pages:
            ingest.store_dashboard(connection, page, _run_at(day, past.zone))

    stores = [world.by_code[code] for code in chosen]

    for day in past.exports:
        _load_exports(engine, world, stores, _run(engine, day, _run_at(day, past.zone)))

    # A server does this by itself within a minute; until then it plans for empty tables, and the
    # day's exports take it two seconds longer.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def load(
    engine: Engine,
    world: World,
    days: Period,
    zone: ZoneInfo,
    step: Callable[[], None],
) -> None:
    """Make the database what it would be had the daily job run on every day after each of `days`.

    Exports are cumulative within a month, so loading them weekly and on each month's last day is
    enough.
    """
    stores = list(world.by_code.values())

    for day in days.days():
        run_at = _run_at(day, zone)

        with engine.begin() as connection:
            for store in stores:
                ingest.store_dashboard(connection, _dashboard(world, store, day), run_at)

        if day.weekday() == 6 or (day + DAY).day == 1:
            _load_exports(engine, world, stores, _run(engine, day, run_at))

        step()


def _run_at(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + DAY, RUN_AT, zone)


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


def _load_exports(engine: Engine, world: World, stores: Sequence[Store], run: RunRef) -> None:
    day = run.report_on

    with tempfile.TemporaryDirectory() as directory:
        for bucket in Bucket:
            merge = ingest.merge(
                bucket,
                list(_files(world, stores, bucket, day, Path(directory))),
                Path(directory),
                day + DAY,
            )

            ingest.load(engine, merge, run)


def _files(
    world: World,
    stores: Sequence[Store],
    bucket: Bucket,
    day: date,
    directory: Path,
) -> Iterator[Download]:
    for store in stores:
        path = directory / f"{store.code}-{bucket}.csv"
        path.write_bytes(_export(world, store, bucket, day))
        yield Download(store.code, bucket, path)


def _export(world: World, store: Store, bucket: Bucket, day: date) -> bytes:
    export = Export[Endpoint(bucket).name]
    rows = rows_of(world, export, store, day + DAY)
    return render(rows, spelling_of(world, store), {})


def weeks_before(today: date, weeks: int) -> Period:
    """Return the days of the past, up to the day before yesterday: T itself is the job's."""
    return Period(today - timedelta(weeks=weeks), today - 2 * DAY)
