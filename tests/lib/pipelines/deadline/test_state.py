"""How deadlines stand, as rows say it, and where the overview shows it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from lib import dates
from lib.domain.mail_states import CORRECTION, LATE
from lib.model import Pipeline, RunRef
from lib.pipelines.deadline import deadline_states, queries
from tests.factories import notify_rows
from tests.factories.notify_rows import settings as settings_of
from tests.factories.runs import add_run
from tests.programs import run_job

ZONE = ZoneInfo("Asia/Kolkata")
ON = date(2025, 11, 14)
BEGAN_AT = datetime(2025, 11, 15, 2, 30, tzinfo=UTC)
MORNING = {"login": 10.0, "download": 600.0, "report": 120.0, "notify": 40.0}
COMPLETE = {"may_close": True, "durations_s": MORNING}


@pytest.fixture
def configured(tmp_path):
    return replace(settings_of(tmp_path, None), deadlines={"daily": time(9)})


def daily(ago=0, minutes=0, name="run"):
    on = ON - timedelta(days=ago)
    at = BEGAN_AT - timedelta(days=ago) + timedelta(minutes=minutes)
    return RunRef(Pipeline.DAILY, f"{name}-{on}-{minutes}", "dev", on, at)


def add_history(engine, days=3):
    for ago in range(1, days + 1):
        add_run(engine, daily(ago), closes=True, metrics_json=COMPLETE)


def add_mail(engine, run, state="sent", at=BEGAN_AT, version="first"):
    notify_rows.add_mail(
        engine,
        run,
        f"<{run.run_id}-{version}-{state}@example.invalid>",
        message={"dated_at": at},
        store_code="A668",
        content_version=version,
        state=state,
        updated_at=at,
    )


def current(engine, configured, now=BEGAN_AT + timedelta(minutes=10)):
    with engine.connect() as connection:
        [found] = deadline_states(connection, configured, now)
    return found


def test_before_a_run_only_the_deadline_is_known(engine, configured):
    add_history(engine)
    found = current(engine, configured)

    assert (found.report_on, found.due_at) == (ON, datetime(2025, 11, 15, 3, 30, tzinfo=UTC))
    assert (found.has_run, found.expected_at, found.are_out) == (False, None, False)


def test_a_run_at_work_is_expected_to_take_what_is_usual(engine, configured):
    add_history(engine)
    add_run(
        engine,
        daily(),
        overall_status="running",
        metrics_json={"durations_s": {"login": 10.0}},
    )
    found = current(engine, configured)

    assert found.is_running
    assert found.expected_at == BEGAN_AT + timedelta(seconds=770)


@pytest.mark.parametrize("days", [0, 2])
def test_with_too_few_runs_nothing_is_expected(days, engine, configured):
    add_history(engine, days)
    add_run(engine, daily(), metrics_json=COMPLETE, closes=True)

    found = current(engine, configured)
    assert (found.expected_at, found.known_runs) == (None, days)


def test_a_retry_a_repetition_and_a_run_without_mails_say_nothing_of_what_is_usual(engine):
    add_history(engine)
    add_run(engine, daily(4), overall_status="error")
    add_run(engine, daily(4, minutes=30), closes=True, metrics_json=COMPLETE)
    unmailed = {"may_close": True, "durations_s": {"login": 1.0}}
    add_run(engine, daily(5), closes=True, metrics_json=unmailed)
    add_run(engine, daily(6), closes=True, metrics_json=None)
    add_run(engine, daily(7), metrics_json=COMPLETE)

    with engine.connect() as connection:
        known = queries.history(connection, Pipeline.DAILY, ON)
        assert known.durations_s == (MORNING,) * 3
        assert queries.history(connection, Pipeline.WEEKLY, ON).durations_s == ()


def test_mails_are_out_when_the_last_one_was_sent_that_the_first_complete_run_owed(
    engine, configured
):
    first, second, later = daily(), daily(minutes=20), daily(minutes=300)
    add_run(engine, first, overall_status="error", metrics_json={"may_close": True})
    add_run(engine, second, closes=True, metrics_json=COMPLETE)
    add_run(engine, later, metrics_json=COMPLETE)
    last = BEGAN_AT + timedelta(minutes=25)
    add_mail(engine, first, at=BEGAN_AT)
    add_mail(engine, first, at=BEGAN_AT + timedelta(minutes=40), version=LATE)
    add_mail(engine, second, at=last, version="second")
    add_mail(engine, second, at=BEGAN_AT + timedelta(hours=3), version=f"{CORRECTION}1")
    add_mail(engine, second, "uncertain", BEGAN_AT + timedelta(hours=2), "uncertain")
    add_mail(engine, later, at=BEGAN_AT + timedelta(hours=5), version="forced")

    found = current(engine, configured, BEGAN_AT + timedelta(hours=6))
    assert (found.are_out, found.out_at) == (True, last)


@pytest.mark.parametrize("state", ["pending", "sending"])
def test_mails_are_not_out_while_one_is_owed(state, engine, configured):
    add_run(engine, daily(), closes=True, metrics_json=COMPLETE)
    add_mail(engine, daily())
    add_mail(engine, daily(), state, version="other")

    found = current(engine, configured)
    assert (found.are_out, found.out_at) == (False, None)


def test_mails_are_not_out_while_a_report_is_owed(engine, configured):
    add_run(engine, daily(), overall_status="error", metrics_json={"may_close": True})
    add_mail(engine, daily())

    found = current(engine, configured)
    assert (found.are_out, found.out_at) == (False, None)


def test_a_week_is_about_its_sunday_until_the_next_one_is_over(engine, configured):
    weekly = replace(configured, deadlines={"weekly": time(9, 30), "monthly": time(9, 45)})
    with engine.connect() as connection:
        found = deadline_states(connection, weekly, datetime(2025, 11, 19, 12, tzinfo=UTC))

    assert [(one.report_on, one.due_at) for one in found] == [
        (date(2025, 11, 16), datetime(2025, 11, 17, 4, tzinfo=UTC)),
        (date(2025, 10, 31), datetime(2025, 11, 1, 4, 15, tzinfo=UTC)),
    ]


class TestTheJob:
    @pytest.fixture
    def ran(self, engine):
        """Yesterday's run, an hour ago; the job looks at the real clock."""
        now = dates.now()
        on = dates.report_day(dates.today(ZONE, now))
        ref = RunRef(Pipeline.DAILY, "today", "dev", on, now - timedelta(hours=1))
        add_run(engine, ref, closes=True, metrics_json=COMPLETE)
        add_mail(engine, ref, at=now)
        return on

    def test_all_four_ways_to_show_it_show_it(self, ran, database, tmp_path):
        given = {"DATABASE_URL": database, "DEADLINE_DAILY": "09:00"}
        said = run_job("status", cwd=tmp_path, **given).stdout
        plain = json.loads(run_job("status", "--json", cwd=tmp_path, **given).stdout)
        files = ("--html", "page.html", "--prometheus", "status.prom")
        run_job("status", *files, cwd=tmp_path, **given)

        assert f"Deadline: daily {ran}: mails out " in said
        [deadline] = plain["deadlines"]
        assert (deadline["pipeline"], deadline["report_date"]) == (Pipeline.DAILY, f"{ran}")
        assert (deadline["mails_are_out"], deadline["expected_at"]) == (True, None)
        assert datetime.fromisoformat(deadline["out_at"]).tzinfo is not None
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert f"<li>daily {ran}: mails out " in page
        metrics = (tmp_path / "status.prom").read_text(encoding="utf-8")
        assert 'simplify_mails_out_timestamp_seconds{pipeline="daily"}' in metrics

    @pytest.mark.usefixtures("ran")
    def test_without_a_deadline_nothing_is_shown(self, database, tmp_path):
        said = run_job("status", cwd=tmp_path, DATABASE_URL=database).stdout

        assert "Deadline" not in said

    def test_a_deadline_that_is_no_time_is_refused(self, database, tmp_path):
        done = run_job("status", cwd=tmp_path, DATABASE_URL=database, DEADLINE_DAILY="nine")

        assert done.returncode == 78
        assert "DEADLINE_DAILY: 'nine' is not a time of day; write it like 09:00" in done.stdout
