"""Weeks and months on a real PostgreSQL.

Reports and mails are rows and lists, so that hundreds of runs are quick.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from lib import dates
from lib.config import CatchUpMails, CatchUpSettings
from lib.dates import DAY, week_of
from lib.db.engine import connect
from lib.db.tables import documents
from lib.domain.pipelines import MONTHLY, WEEKLY
from lib.errors import ExitCode, UsageError
from lib.model import Pipeline, RunRef
from lib.pipelines import catch_up, period
from lib.pipelines.catch_up import Limits
from lib.pipelines.period import PeriodChoice
from lib.run.lock import LockHeld
from tests.factories import notify_rows
from tests.factories.period_jobs import LAST, MONDAY, STORES, closed, job, rows
from tests.factories.runs import add_run
from tests.factories.tables import add_day, add_store
from tests.fakes.period_boundaries import Doors


@pytest.fixture
def doors():
    return Doors()


@pytest.fixture
def engine(engine):
    for code in STORES:
        add_store(engine, code)
    return engine


def test_the_weeks_that_are_owed_are_made_oldest_first_and_told_of_together(engine, doors):
    for day in (date(2025, 11, 2), date(2025, 11, 12)):
        add_day(engine, day)

    assert job(engine, doors).run() is ExitCode.OK

    assert rows(engine) == [(date(2025, 11, 2), "warning", True), (LAST, "warning", True)]
    assert doors.made == [
        (last, code) for last in (date(2025, 11, 2), LAST) for code in ("A668", "ALL")
    ]
    assert doors.said == [frozenset(doors.made)]


def test_each_week_by_itself_where_the_setting_asks_for_it(engine, doors):
    for day in (date(2025, 11, 2), date(2025, 11, 12)):
        add_day(engine, day)

    job(engine, doors, catch_up=CatchUpSettings(26, 400, CatchUpMails.EACH)).run()

    assert [{last for last, _ in said} for said in doors.said] == [{date(2025, 11, 2)}, {LAST}]


@pytest.mark.parametrize("mails", CatchUpMails)
def test_the_run_of_a_week_begins_when_that_of_the_week_before_it_is_through(engine, doors, mails):
    for day in (date(2025, 11, 2), date(2025, 11, 12)):
        add_day(engine, day)

    job(engine, doors, catch_up=CatchUpSettings(26, 400, mails)).run()

    with engine.connect() as connection:
        made_at = dict(
            map(tuple, connection.execute(select(documents.c.doc_date, documents.c.created_at)))
        )
    assert dict(rows(engine, "report_date", "started_at"))[LAST] > made_at[date(2025, 11, 2)]


def test_what_the_cap_leaves_is_temporary_and_done_by_the_next_start(engine, doors):
    for day in (date(2025, 11, 2), date(2025, 11, 12)):
        add_day(engine, day)
    capped = CatchUpSettings(1, 400, CatchUpMails.DIGEST)

    assert job(engine, doors, "first", catch_up=capped).run() is ExitCode.TEMPORARY
    assert job(engine, doors, "second", catch_up=capped).run() is ExitCode.OK
    assert closed(engine) == {date(2025, 11, 2), LAST}


def test_a_store_without_data_is_a_stated_warning_and_the_week_closes(engine, doors):
    add_day(engine, LAST)
    job(engine, doors).run()
    [(text, metrics)] = rows(engine, "summary_text", "metrics_json")

    assert "- A817: no data in 2025-11-10 to 2025-11-16, so it has no report" in text
    assert "Details:\n- Period: 2025-11-10 to 2025-11-16" in text
    assert metrics["period"] == {"start": "2025-11-10", "end": "2025-11-16", "label": "2025-W46"}
    assert metrics["stores_without_data"] == ["A817"]


def test_a_report_that_failed_is_all_that_the_next_run_makes(engine, doors):
    for code in STORES:
        add_day(engine, LAST, code)
    doors.failing = {"A817"}
    assert job(engine, doors, "first").run() is ExitCode.TEMPORARY
    assert closed(engine) == set()
    doors.failing = set()

    assert job(engine, doors, "second").run() is ExitCode.OK

    assert doors.made == [(LAST, "A668"), (LAST, "ALL"), (LAST, "A817")]
    assert closed(engine) == {LAST}
    [metrics] = rows(engine, "metrics_json")[-1]
    assert metrics["pdfs_generated"] == 3


class TestLastDay:
    """A week is not made while the daily run of its last day is owed and the portal still shows it."""

    @pytest.fixture
    def engine(self, engine):
        """All of the week but its last day, which only the first store has."""
        for day in week_of(LAST).days():
            add_day(engine, day)
            if day != LAST:
                add_day(engine, day, "A817")
        return engine

    def daily(self, engine, **columns):
        at = datetime(2025, 11, 17, 3, 0, tzinfo=UTC)
        add_run(engine, RunRef(Pipeline.DAILY, "daily", "dev", LAST, at), **columns)

    def test_it_waits_on_the_first_day_and_ends_well(self, engine, doors):
        assert job(engine, doors, today=MONDAY).run() is ExitCode.OK
        assert (rows(engine), doors.made, doors.said) == ([], [], [])

    def test_it_says_what_it_waits_for(self, engine, doors):
        waiting = job(engine, doors, today=MONDAY)
        limits = Limits(max_periods=26, max_age_days=400)
        [line, nothing] = catch_up.describe(waiting.plan, WEEKLY, limits)

        assert line.startswith("left out: 2025-W46: waits for the daily run of 2025-11-16")
        assert nothing == "to do: nothing"

    def test_it_waits_also_when_it_is_asked_for_by_name(self, engine, doors):
        assert job(engine, doors, today=MONDAY, period=week_of(LAST)).run() is ExitCode.OK
        assert doors.made == []

    def test_an_operator_can_force_it(self, engine, doors):
        job(engine, doors, today=MONDAY, period=week_of(LAST), force=True).run()
        assert (LAST, "A668") in doors.made

    def test_the_daily_that_closes_the_day_lets_it_be_made(self, engine, doors):
        self.daily(engine, closes=True)
        job(engine, doors, today=MONDAY).run()

        assert (LAST, "A817") in doors.made

    def test_a_day_that_every_store_has_is_not_waited_for(self, engine, doors):
        add_day(engine, LAST, "A817")
        job(engine, doors, today=MONDAY).run()

        assert (LAST, "A817") in doors.made

    @pytest.mark.parametrize(
        ("columns", "is_made"),
        [
            pytest.param({"overall_status": "running"}, False, id="at work"),
            pytest.param(
                {"overall_status": "error", "phases_json": {"download": {"error": 1}}},
                False,
                id="an export is owed",
            ),
            pytest.param({"overall_status": "error", "phases_json": {}}, False, id="killed"),
            pytest.param(
                {"overall_status": "error", "phases_json": {"notify": {"error": 1}}},
                True,
                id="only a mail is owed",
            ),
        ],
    )
    def test_a_daily_that_left_data_undone_is_waited_for(self, engine, doors, columns, is_made):
        add_day(engine, LAST, "A817")
        self.daily(engine, **columns)
        job(engine, doors, today=MONDAY).run()

        assert ((LAST, "A817") in doors.made) is is_made

    def test_a_store_that_has_the_day_does_not_wait_for_the_others(self, engine, doors):
        job(engine, doors, today=MONDAY, stores=("A668",)).run()
        assert doors.made == [(LAST, "A668")]

    def test_older_weeks_do_not_wait(self, engine, doors):
        add_day(engine, date(2025, 11, 5))
        job(engine, doors, today=MONDAY).run()

        assert doors.made == [(date(2025, 11, 9), "A668"), (date(2025, 11, 9), "ALL")]

    def test_a_month_waits_too(self, engine, doors):
        add_day(engine, date(2025, 11, 30))
        first = job(engine, doors, calendar=MONTHLY, today=date(2025, 12, 1))

        assert (first.run(), doors.made) == (ExitCode.OK, [])
        job(engine, doors, calendar=MONTHLY, today=date(2025, 12, 2)).run()
        assert {code for _, code in doors.made} == {"A668", "A817", "ALL"}

    def test_from_the_second_day_on_it_is_made_and_names_the_missing_days(self, engine, doors):
        job(engine, doors).run()
        [(status, text, metrics)] = rows(engine, "overall_status", "summary_text", "metrics_json")

        assert (status, closed(engine)) == ("warning", {LAST})
        assert "- A817: no figures of 2025-11-16; the report is made without them" in text
        assert metrics["missing_days"] == {"A817": ["2025-11-16"]}

    def test_the_days_before_a_store_opened_are_not_missing(self, engine, doors):
        add_store(engine, "B002")
        add_day(engine, LAST - DAY, "B002")
        add_day(engine, LAST, "B002")
        job(engine, doors, stores=("A668", "B002")).run()
        [(metrics,)] = rows(engine, "metrics_json")

        assert metrics["missing_days"] == {}


class TestNoData:
    def test_a_run_that_was_to_mail_nobody_leaves_that_there_is_no_data_to_be_told(
        self, engine, doors
    ):
        add_day(engine, date(2025, 11, 9))
        job(engine, doors, "silent", period=week_of(LAST), notify=False).run()

        assert doors.said == []
        for number in range(2):
            job(engine, doors, f"run-{number}", period=week_of(LAST)).run()
        assert len(doors.said) == 1

    def test_the_latest_week_without_data_is_told_once_and_stays_open(self, engine, doors):
        add_day(engine, LAST - 10 * DAY)
        for number in range(3):
            assert job(engine, doors, f"run-{number}").run() is ExitCode.OK

        assert rows(engine) == [(LAST - 7 * DAY, "warning", True), (LAST, "warning", False)]
        assert len(doors.said) == 1

    def test_late_data_is_picked_up(self, engine, doors):
        add_day(engine, LAST - 10 * DAY)
        job(engine, doors, "first").run()
        add_day(engine, LAST)
        job(engine, doors, "second").run()

        assert LAST in closed(engine)

    def test_who_asks_for_it_again_gets_a_run_and_nobody_a_mail(self, engine, doors):
        for number in range(2):
            assert job(engine, doors, f"run-{number}", period=week_of(LAST)).run() is ExitCode.OK

        assert rows(engine) == [(LAST, "warning", False)] * 2
        assert len(doors.said) == 1


class TestOnePeriod:
    def test_a_closed_one_is_left_alone(self, engine, doors):
        add_day(engine, LAST)
        for number in range(2):
            assert job(engine, doors, f"run-{number}", period=week_of(LAST)).run() is ExitCode.OK

        assert len(rows(engine)) == 1

    def test_force_makes_a_new_version_that_closes_it(self, engine, doors):
        add_day(engine, LAST)
        job(engine, doors, "first").run()
        job(engine, doors, "second", period=week_of(LAST), force=True).run()

        assert rows(engine, "run_id", "closes") == [
            ("first-2025-W46", False),
            ("second-2025-W46", True),
        ]
        assert doors.made == [(LAST, "A668"), (LAST, "ALL")] * 2
        assert rows(engine, "metrics_json")[-1][0]["forced"] is True

    def test_some_stores_never_touch_the_report_about_all(self, engine, doors):
        for code in STORES:
            add_day(engine, LAST, code)
        job(engine, doors, stores=("A817",)).run()

        assert doors.made == [(LAST, "A817")]
        assert closed(engine) == set()

    def test_a_month(self, engine, doors):
        add_day(engine, date(2025, 10, 7))
        job(engine, doors, calendar=MONTHLY).run()

        assert closed(engine) == {date(2025, 10, 31)}


@pytest.mark.parametrize(
    ("zone", "at", "is_over"),
    [
        pytest.param(
            "Asia/Kolkata", datetime(2025, 11, 16, 18, 29, tzinfo=UTC), False, id="23:59 in India"
        ),
        pytest.param(
            "Asia/Kolkata", datetime(2025, 11, 16, 18, 30, tzinfo=UTC), True, id="midnight in India"
        ),
        pytest.param(
            "Europe/Berlin",
            datetime(2025, 3, 30, 21, 59, tzinfo=UTC),
            False,
            id="the 23-hour Sunday",
        ),
        pytest.param(
            "Europe/Berlin", datetime(2025, 3, 30, 22, 0, tzinfo=UTC), True, id="and after it"
        ),
        pytest.param(
            "Europe/Berlin",
            datetime(2025, 10, 26, 22, 59, tzinfo=UTC),
            False,
            id="the 25-hour Sunday",
        ),
        pytest.param(
            "Europe/Berlin", datetime(2025, 10, 26, 23, 0, tzinfo=UTC), True, id="and after that"
        ),
        pytest.param(
            "America/New_York",
            datetime(2025, 11, 3, 4, 59, tzinfo=UTC),
            False,
            id="New York's Sunday",
        ),
    ],
)
def test_a_week_is_over_by_the_clock_of_the_pipeline_s_zone(
    zone, at, is_over, database, monkeypatch
):
    monkeypatch.setattr(dates, "now", lambda: at)
    configured = replace(
        notify_rows.settings(Path("var"), None),
        zone=ZoneInfo(zone),
        database_url=database,
        report_stores=STORES,
    )
    sunday = week_of(dates.today(ZoneInfo(zone), at - timedelta(hours=12)))
    choice = PeriodChoice(STORES, period=sunday, dry_run=True)
    if is_over:
        assert period.run(configured, "run", WEEKLY, choice) is ExitCode.OK
    else:
        with pytest.raises(UsageError, match="is not complete yet"):
            period.run(configured, "run", WEEKLY, choice)


def test_a_clock_that_jumps_over_midnight_changes_nothing_for_the_run(
    engine, database, doors, monkeypatch
):
    """It starts on Sunday before midnight, when the week is not over, and ends on Monday."""
    add_day(engine, LAST - 7 * DAY)
    add_day(engine, LAST)
    start = datetime(2025, 11, 16, 18, 29, 59, tzinfo=UTC)
    ticks = iter(range(10_000))
    monkeypatch.setattr(dates, "now", lambda: start + timedelta(seconds=next(ticks)))
    today = dates.today(ZoneInfo("Asia/Kolkata"), dates.now())

    job(engine, doors, today=today).run()

    assert closed(engine) == {LAST - 7 * DAY}


def test_two_starts_at_once_make_one_set(engine, database, doors):
    for code in STORES:
        add_day(engine, LAST, code)
    together, endings = Barrier(2), []

    def start(number):
        door = connect(database, application_name=f"start {number}")
        together.wait()
        try:
            endings.append(job(door, doors, f"start-{number}").run())
        except LockHeld:
            endings.append(ExitCode.TEMPORARY)
        door.dispose()

    threads = [Thread(target=start, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ExitCode.OK in endings
    assert sorted(doors.made) == sorted((LAST, code) for code in (*STORES, "ALL"))
    assert [row[2] for row in rows(engine)].count(True) == 1
