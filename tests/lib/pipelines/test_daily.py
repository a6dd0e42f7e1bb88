"""What a daily run is about; what it does is tests/e2e's subject."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from lib import dates
from lib.db.tables import pipeline_run_summaries as runs
from lib.errors import ExitCode
from lib.pipelines import daily
from tests.factories import notify_rows

NO_STORE = daily.DailyChoice((), notify=False)
"""Nothing is owed then: no portal is asked, nothing is drawn."""


def configured(database, zone="Asia/Kolkata"):
    return replace(
        notify_rows.settings(Path("var"), None), database_url=database, zone=ZoneInfo(zone)
    )


def rows(engine):
    with engine.connect() as connection:
        return [
            tuple(row)
            for row in connection.execute(
                select(runs.c.report_date, runs.c.overall_status, runs.c.closes)
            )
        ]


@pytest.mark.parametrize(
    ("zone", "at", "report_on"),
    [
        pytest.param(
            "Asia/Kolkata",
            datetime(2025, 11, 15, 18, 29, tzinfo=UTC),
            date(2025, 11, 14),
            id="before midnight",
        ),
        pytest.param(
            "Asia/Kolkata",
            datetime(2025, 11, 15, 18, 30, tzinfo=UTC),
            date(2025, 11, 15),
            id="after it",
        ),
        pytest.param(
            "Europe/Berlin",
            datetime(2025, 3, 30, 22, 0, tzinfo=UTC),
            date(2025, 3, 30),
            id="summer time",
        ),
        pytest.param(
            "Europe/Berlin",
            datetime(2025, 10, 26, 22, 30, tzinfo=UTC),
            date(2025, 10, 25),
            id="winter time",
        ),
    ],
)
def test_t_is_the_day_before_by_the_clock_of_the_zone(
    zone, at, report_on, engine, database, monkeypatch
):
    monkeypatch.setattr(dates, "now", lambda: at)

    assert daily.run(configured(database, zone), "run", NO_STORE) is ExitCode.OK
    assert rows(engine) == [(report_on, "ok", True)]


def test_a_clock_that_jumps_over_midnight_changes_nothing_for_the_run(
    engine, database, monkeypatch
):
    ticks = iter(range(10_000))
    last_second = datetime(2025, 11, 15, 18, 29, 59, tzinfo=UTC)
    monkeypatch.setattr(dates, "now", lambda: last_second + timedelta(seconds=next(ticks)))
    daily.run(configured(database), "run", NO_STORE)

    assert next(ticks) > 1, "the clock went on"
    assert rows(engine) == [(date(2025, 11, 14), "ok", True)]


def test_a_closed_day_is_left_alone(engine, database, monkeypatch):
    monkeypatch.setattr(dates, "now", lambda: datetime(2025, 11, 15, 3, tzinfo=UTC))
    for number in range(2):
        assert daily.run(configured(database), f"run-{number}", NO_STORE) is ExitCode.OK

    assert len(rows(engine)) == 1
