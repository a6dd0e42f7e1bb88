"""Weeks and months whose run is killed, again and again, before any of its units of work."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from lib.db.tables import (
    documents,
    notification_deliveries,
    pipeline_run_summaries,
    store_dashboard_summary,
    store_master,
)
from lib.domain.pipelines import MONTHLY, WEEKLY
from lib.errors import ExitCode
from lib.run import Mails, lifecycle
from tests.factories.period_jobs import LAST, STORES, TUESDAY, closed, job, rows
from tests.factories.tables import add_day, add_store
from tests.fakes.period_boundaries import Doors, Killed


@pytest.fixture
def engine(engine):
    for code in STORES:
        add_store(engine, code)
    return engine


@pytest.fixture
def kills(monkeypatch):
    """Let `Killed` end a run as SIGKILL does: nothing of the run's last word is written."""
    whole = lifecycle._run_batch

    def run_batch(engine, batch, mails):
        finish = lifecycle._finish
        killed = False

        def said(runs):
            nonlocal killed
            try:
                mails.send(runs)
            except Killed:
                killed = True
                raise

        def watched(task):
            def work(run):
                nonlocal killed
                try:
                    task.work(run)
                except Killed:
                    killed = True
                    raise

            return replace(task, work=work)

        monkeypatch.setattr(
            lifecycle, "_finish", lambda run, task: None if killed else finish(run, task)
        )
        try:
            return whole(engine, [watched(task) for task in batch], Mails(mails.enqueue, said))
        finally:
            monkeypatch.setattr(lifecycle, "_finish", finish)

    monkeypatch.setattr(lifecycle, "_run_batch", run_batch)


def wiped(engine):
    with engine.begin() as connection:
        for table in (
            notification_deliveries,
            documents,
            pipeline_run_summaries,
            store_dashboard_summary,
        ):
            connection.execute(delete(table))
        assert connection.execute(select(store_master.c.id)).all()


histories = st.sets(st.tuples(st.integers(0, 40), st.sampled_from(STORES)), max_size=12)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(histories, st.lists(st.integers(0, 8), max_size=4), st.sampled_from([WEEKLY, MONTHLY]))
def test_however_often_it_is_killed_each_report_is_made_and_told_once(
    engine, kills, history, deaths, calendar
):
    wiped(engine)
    for ago, code in history:
        add_day(engine, LAST - timedelta(days=ago), code)
    doors = Doors()
    for number, units in enumerate(deaths):
        doors.units_left = units
        try:
            job(engine, doors, f"killed-{number}", calendar=calendar).run()
        except Killed:
            continue
    doors.units_left = None
    assert job(engine, doors, "last", calendar=calendar).run() is ExitCode.OK

    periods = calendar.complete(
        min((LAST - timedelta(days=ago) for ago, _ in history), default=TUESDAY), TUESDAY
    )
    stored = {(LAST - timedelta(days=ago), code) for ago, code in history}
    expected = set()
    for each in periods:
        codes = {code for day, code in stored if day in each}
        expected |= {(each.last, code) for code in (codes | {"ALL"} if codes else codes)}
    assert sorted(doors.made) == sorted(expected), "made once"
    assert sorted(one for said in doors.said for one in said) == sorted(expected), "told once"
    assert closed(engine) == {last for last, _ in expected}
    assert "running" not in {status for _, status, _ in rows(engine)}

    before = rows(engine)
    assert job(engine, doors, "again", calendar=calendar).run() is ExitCode.OK
    assert rows(engine) == before, "a second run does nothing"
