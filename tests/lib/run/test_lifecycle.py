"""One life for every run, on a real PostgreSQL."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from lib.db.engine import connect
from lib.db.errors import PendingMigration
from lib.db.tables import pipeline_run_summaries as runs
from lib.errors import ConfigurationError, ExitCode, Interrupted, TemporaryError, UsageError
from lib.model import Phase, Pipeline, RunRef, Status
from lib.run import Outcome, execute, queries, rehearse
from lib.run.lifecycle import LockHeld

STORES = ("A668", "A817")


def ref(run_id="run-1", pipeline=Pipeline.DAILY, report_on=date(2025, 11, 14)):
    return RunRef(pipeline, run_id, "dev", report_on, datetime(2025, 11, 15, 2, 30, tzinfo=UTC))


def all_done(run):
    run.metrics["stores"] = {"configured": list(STORES)}
    run.record(Outcome(Phase.DOWNLOAD, Status.OK, "A668"))


def something_owed(run):
    all_done(run)
    run.record(Outcome(Phase.REPORT, Status.ERROR, "A817", "no figures"))


def nobody(run):
    pass


def rows(engine):
    with engine.connect() as connection:
        columns = (runs.c.run_id, runs.c.overall_status)
        return [tuple(row) for row in connection.execute(select(*columns).order_by(runs.c.id))]


def summary_text(engine, run_id="run-1"):
    with engine.connect() as connection:
        return connection.execute(select(runs.c.summary_text).where(runs.c.run_id == run_id)).scalar_one()


def live(engine, work=all_done, tell=nobody, *, run=None, force=False):
    return execute(engine, run or ref(), STORES, work, tell, force=force)


def test_a_complete_run_ends_ok(engine):
    assert live(engine) is ExitCode.OK

    assert rows(engine) == [("run-1", "ok")]


def test_the_row_exists_while_the_work_is_done(engine):
    seen = []

    live(engine, work=lambda _: seen.extend(rows(engine)))

    assert seen == [("run-1", "running")]


def test_the_row_is_complete_but_not_closed_when_the_mails_go_out(engine):
    seen = []

    live(engine, tell=lambda _: seen.append((rows(engine), summary_text(engine))))

    [(states, text)] = seen
    assert states == [("run-1", "running")]
    assert "- download: OK" in text


def test_the_outcome_of_the_mails_is_in_the_row_afterwards(engine):
    def tell(run):
        run.record(Outcome(Phase.NOTIFY, Status.ERROR, "run_summary", "the server is away"))

    assert live(engine, tell=tell) is ExitCode.TEMPORARY
    assert rows(engine) == [("run-1", "error")]
    assert "- run_summary: the server is away" in summary_text(engine)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(TemporaryError("the portal is away"), ExitCode.TEMPORARY, id="temporary"),
        pytest.param(ConfigurationError("login refused"), ExitCode.CONFIGURATION, id="configuration"),
        pytest.param(RuntimeError("a bug"), ExitCode.BUG, id="bug"),
    ],
)
def test_work_that_breaks_off_still_tells_people_and_finishes_its_row(engine, error, code):
    told = []

    def work(run):
        with run.phase(Phase.LOGIN):
            raise error

    assert live(engine, work=work, tell=lambda run: told.append(run.status)) is code

    assert told == [Status.ERROR]
    assert rows(engine) == [("run-1", "error")]
    assert "- login: ERROR" in summary_text(engine)


def test_a_stopped_run_tells_nobody_and_says_what_happened(engine):
    told = []

    def work(run):
        raise Interrupted("stopped by SIGTERM")

    assert live(engine, work=work, tell=told.append) is ExitCode.TEMPORARY

    assert told == []
    assert rows(engine) == [("run-1", "error")]
    assert "stopped by SIGTERM" in summary_text(engine)


def test_a_closed_day_is_left_alone(engine):
    live(engine)

    assert live(engine, work=something_owed, run=ref("run-2")) is ExitCode.OK
    assert rows(engine) == [("run-1", "ok")]


def test_a_closed_day_is_made_again_with_force(engine):
    live(engine)
    live(engine, run=ref("run-2"), force=True)

    assert rows(engine) == [("run-1", "ok"), ("run-2", "ok")]


def test_a_day_with_something_owed_is_done_again(engine):
    assert live(engine, work=something_owed) is ExitCode.TEMPORARY
    assert live(engine, run=ref("run-2")) is ExitCode.OK

    assert rows(engine) == [("run-1", "error"), ("run-2", "ok")]


def test_a_run_for_some_stores_does_not_close_the_day_for_all(engine):
    def only_one(run):
        run.metrics["stores"] = {"configured": ["A668"]}

    live(engine, work=only_one)
    live(engine, run=ref("run-2"))

    assert rows(engine) == [("run-1", "ok"), ("run-2", "ok")]


def test_a_second_start_is_refused_with_the_name_of_the_first(engine, database):
    second = connect(database, application_name="second")

    def work(run):
        with pytest.raises(LockHeld, match="run run-1 of simplify_dashboard_daily is at work since"):
            live(second, run=ref("run-2"))

    assert live(engine, work=work) is ExitCode.OK
    assert rows(engine) == [("run-1", "ok")]
    second.dispose()


def test_pipelines_do_not_lock_each_other_out(engine, database):
    second = connect(database, application_name="second")

    live(engine, work=lambda _: live(second, run=ref("run-2", Pipeline.WEEKLY)))

    assert sorted(rows(engine)) == [("run-1", "ok"), ("run-2", "ok")]
    second.dispose()


def test_the_lock_is_free_after_the_run(engine, database):
    live(engine)
    second = connect(database, application_name="second")

    assert live(second, run=ref("run-2"), force=True) is ExitCode.OK
    second.dispose()


def test_the_row_of_a_killed_run_is_closed_by_the_next(engine):
    with engine.begin() as connection:
        queries.begin(connection, ref("killed"))

    live(engine)

    assert rows(engine) == [("killed", "error"), ("run-1", "ok")]
    assert "closed by run run-1" in summary_text(engine, "killed")


def test_a_run_id_is_used_once(engine):
    live(engine)

    with pytest.raises(UsageError, match="run-1 is taken"):
        live(engine, force=True)


def test_a_pending_migration_refuses_before_anything_is_written(empty_database):
    engine = connect(empty_database, application_name="tests")

    with pytest.raises(PendingMigration, match=r"python -m jobs\.migrate"):
        live(engine)
    engine.dispose()


def test_a_rehearsal_leaves_no_row(engine):
    assert rehearse(engine, ref(), something_owed) is ExitCode.TEMPORARY

    assert rows(engine) == []
