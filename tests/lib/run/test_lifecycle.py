"""One life for every run, on a real PostgreSQL."""

import json
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text, update

from lib import log
from lib.db.engine import connect
from lib.db.errors import PendingMigration
from lib.db.tables import pipeline_run_summaries as runs
from lib.errors import ConfigurationError, ExitCode, Interrupted, TemporaryError, UsageError
from lib.model import Phase, Pipeline, RunRef, Status
from lib.run import Mails, Outcome, Task, dry_run, execute, queries
from lib.run.lock import LockHeld


def ref(run_id="run-1", pipeline=Pipeline.DAILY, report_on=date(2025, 11, 14)):
    return RunRef(pipeline, run_id, "dev", report_on, datetime(2025, 11, 15, 2, 30, tzinfo=UTC))


def all_done(run):
    run.may_close = True
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
        return connection.execute(
            select(runs.c.summary_text).where(runs.c.run_id == run_id)
        ).scalar_one()


def each(tell):
    return lambda runs: [tell(run) for run in runs]


def nothing(connection, run):
    pass


def run_here(engine, work=all_done, tell=nobody, *, enqueue=nothing, run=None, supersedes=False):
    run = run or ref()
    tasks = [[Task(run, work, supersedes)]]
    return execute(engine, run.pipeline, run.run_id, lambda: tasks, Mails(enqueue, each(tell)))


def test_a_complete_run_ends_ok(engine):
    assert run_here(engine) is ExitCode.OK

    assert rows(engine) == [("run-1", "ok")]


def test_the_row_exists_while_the_work_is_done(engine):
    seen = []

    run_here(engine, work=lambda _: seen.extend(rows(engine)))

    assert seen == [("run-1", "running")]


def test_the_row_is_complete_but_not_closed_when_the_mails_go_out(engine):
    seen = []

    run_here(engine, tell=lambda _: seen.append((rows(engine), summary_text(engine))))

    [(states, text)] = seen
    assert states == [("run-1", "running")]
    assert "- download: OK" in text


def test_a_watch_begins_after_the_row_and_ends_after_its_final_status(engine):
    seen = []

    @contextmanager
    def watch(run):
        seen.append((run.ref.run_id, rows(engine)))
        yield
        seen.append(rows(engine))

    tasks = [[Task(ref(), all_done, watch=watch)]]
    execute(engine, Pipeline.DAILY, "run-1", lambda: tasks, Mails(nothing, each(nobody)))

    assert seen == [("run-1", [("run-1", "running")]), [("run-1", "ok")]]


def test_the_outcome_of_the_mails_is_in_the_row_afterwards(engine):
    def tell(run):
        run.record(Outcome(Phase.NOTIFY, Status.ERROR, "run_summary", "the server is away"))

    assert run_here(engine, tell=tell) is ExitCode.TEMPORARY
    assert rows(engine) == [("run-1", "error")]
    assert "- run_summary: the server is away" in summary_text(engine)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(TemporaryError("the portal is away"), ExitCode.TEMPORARY, id="temporary"),
        pytest.param(
            ConfigurationError("login refused"), ExitCode.CONFIGURATION, id="configuration"
        ),
        pytest.param(RuntimeError("a bug"), ExitCode.BUG, id="bug"),
    ],
)
def test_work_that_breaks_off_still_tells_people_and_finishes_its_row(engine, error, code):
    said = []

    def work(run):
        with run.phase(Phase.LOGIN):
            raise error

    assert run_here(engine, work=work, tell=lambda run: said.append(run.status)) is code

    assert said == [Status.ERROR]
    assert rows(engine) == [("run-1", "error")]
    assert "- login: ERROR" in summary_text(engine)


def written(run):
    """What a daily run leaves in its metrics."""
    all_done(run)
    run.metrics["pdf"] = {"records": [{"store_code": "A668", "file_path": "/r/2025/A668.pdf"}]}


def a_part(run):
    written(run)
    run.may_close = False


@pytest.mark.parametrize(
    ("work", "said"),
    [
        pytest.param(
            written,
            "run ended: ok; 2025-11-14 is closed; 1 report in /r/2025; 1 of 1 mail sent",
            id="done",
        ),
        pytest.param(
            a_part,
            (
                "run ended: ok; 2025-11-14 stays open for the next run of all stores;"
                " 1 report in /r/2025; 1 of 1 mail sent"
            ),
            id="some stores only",
        ),
        pytest.param(
            something_owed,
            "run ended: error; 2025-11-14 stays open: something is still owed; 1 of 1 mail sent",
            id="something is owed",
        ),
    ],
)
def test_the_last_line_says_what_was_made_and_where(engine, capsys, work, said):
    def tell(run):
        run.notes[Phase.NOTIFY] = "1 of 1 mail sent"

    log.start(pipeline_name="simplify_dashboard_daily", run_id="run-1")
    run_here(engine, work=work, tell=tell)

    *_, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert last["message"] == said


def test_the_summary_of_a_dry_run_is_told_under_its_own_phase(engine, capsys):
    log.start(pipeline_name="simplify_dashboard_daily", run_id="run-1")
    dry_run(engine, ref(), all_done)

    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    summary = [event for event in events if event["message"].startswith(("Pipeline:", "Status:"))]
    assert [event["phase"] for event in summary] == ["run_summary", "run_summary"]


class TestThePromise:
    """Written in the transaction that says that the reports are finished."""

    def test_it_sees_the_finished_row_and_nobody_else_does(self, engine):
        seen = []

        def enqueue(connection, run):
            columns = select(runs.c.phases_json, runs.c.summary_text)
            seen.append(connection.execute(columns).one())
            with engine.connect() as other:
                seen.append(other.execute(columns).one())

        run_here(engine, enqueue=enqueue)

        [(phases, text), (phases_outside, _)] = seen
        assert (phases["run_summary"], phases_outside) == (
            {"ok": 1, "warning": 0, "error": 0},
            None,
        )
        assert "- download: OK" in text

    def test_the_end_of_the_reports_is_not_to_be_seen_before_it(self, engine):
        seen = []

        def work(run):
            with run.phase(Phase.REPORT):
                pass
            with engine.connect() as connection:
                seen.append(connection.execute(select(runs.c.phases_json)).scalar_one())

        run_here(engine, work=work)
        assert seen == [None]

    @pytest.mark.parametrize(
        "broken",
        [lambda c: c.execute(text("SELECT 1 / 0")), lambda _: 1 // 0],
        ids=["in the database", "in Python"],
    )
    def test_one_that_breaks_takes_no_row_along_and_leaves_nothing_half_done(self, engine, broken):
        def enqueue(connection, run):
            connection.execute(update(runs).values(run_env="half done"))
            broken(connection)

        seen = []

        def tell(run):
            with engine.connect() as connection:
                seen.append(connection.execute(select(runs.c.run_env, runs.c.phases_json)).one())

        assert run_here(engine, enqueue=enqueue, tell=tell) is ExitCode.OK
        assert seen == [
            (
                "dev",
                {
                    phase: {"ok": 1, "warning": 0, "error": 0}
                    for phase in ("db", "download", "run_summary")
                },
            )
        ]

    def test_work_that_broke_off_has_its_mails_enqueued_too(self, engine):
        promised = []

        def work(run):
            raise TemporaryError("the portal is away")

        run_here(engine, work=work, enqueue=lambda _, run: promised.append(run.status))
        assert promised == [Status.ERROR]


def test_a_stopped_run_tells_nobody_and_says_what_happened(engine):
    said = []

    def work(run):
        raise Interrupted("stopped by SIGTERM")

    with pytest.raises(Interrupted):
        run_here(engine, work=work, tell=said.append)

    assert said == []
    assert rows(engine) == [("run-1", "error")]
    assert "stopped by SIGTERM" in summary_text(engine)


def closing(engine):
    with engine.connect() as connection:
        return list(connection.execute(select(runs.c.run_id).where(runs.c.closes)).scalars())


def test_a_complete_run_closes_its_date(engine):
    run_here(engine)
    assert closing(engine) == ["run-1"]


@pytest.mark.parametrize(
    "work", [something_owed, nobody], ids=["something is owed", "it is not for it to close"]
)
def test_other_runs_leave_their_date_open(engine, work):
    run_here(engine, work=work)
    assert closing(engine) == []


def test_the_first_run_to_close_a_date_stays_the_one_that_did(engine):
    run_here(engine)
    assert run_here(engine, run=ref("run-2")) is ExitCode.OK

    assert closing(engine) == ["run-1"]
    assert rows(engine) == [("run-1", "ok"), ("run-2", "warning")]
    assert "another run has closed 2025-11-14 already" in summary_text(engine, "run-2")


def test_a_run_that_may_takes_the_place_of_the_one_that_closed(engine):
    run_here(engine)
    run_here(engine, run=ref("run-2"), supersedes=True)

    assert closing(engine) == ["run-2"]
    assert rows(engine) == [("run-1", "ok"), ("run-2", "ok")]


def test_a_run_that_failed_takes_nobody_s_place(engine):
    run_here(engine)
    run_here(engine, work=something_owed, run=ref("run-2"), supersedes=True)

    assert closing(engine) == ["run-1"]


def test_runs_of_different_dates_close_each_its_own(engine):
    run_here(engine)
    run_here(engine, run=ref("run-2", report_on=date(2025, 11, 15)))

    assert closing(engine) == ["run-1", "run-2"]


def test_nothing_to_do_leaves_no_row(engine):
    assert execute(engine, Pipeline.DAILY, "run-1", list, Mails(nothing, nobody)) is ExitCode.OK
    assert rows(engine) == []


def test_what_is_done_is_kept_after_each_phase(engine):
    seen = []

    def work(run):
        with run.phase(Phase.DOWNLOAD):
            run.metrics["so_far"] = 1
        with engine.connect() as connection:
            seen.append(connection.execute(select(runs.c.metrics_json["so_far"])).scalar_one())

    run_here(engine, work=work)
    assert seen == [1]


class TestABatch:
    """Several runs of one start, of which people are told together."""

    @staticmethod
    def tasks(work):
        return [Task(ref(f"run-{day}", report_on=date(2025, 11, day)), work) for day in (7, 14)]

    def run_here(self, engine, work=all_done, tell=nobody):
        return execute(
            engine, Pipeline.DAILY, "run", lambda: [self.tasks(work)], Mails(nothing, tell)
        )

    def test_people_are_told_once_when_all_work_is_done(self, engine):
        said = []
        self.run_here(
            engine,
            tell=lambda batch: said.append(([run.ref.run_id for run in batch], rows(engine))),
        )

        assert said == [(["run-7", "run-14"], [("run-7", "running"), ("run-14", "running")])]
        assert rows(engine) == [("run-7", "ok"), ("run-14", "ok")]

    def test_one_run_that_fails_stops_no_other(self, engine):
        def work(run):
            all_done(run)
            if run.ref.run_id == "run-7":
                raise TemporaryError("away")

        assert self.run_here(engine, work) is ExitCode.TEMPORARY
        assert rows(engine) == [("run-7", "error"), ("run-14", "ok")]

    def test_when_telling_breaks_every_run_owes_its_mails(self, engine):
        def tell(batch):
            raise TemporaryError("the mail server is away")

        assert self.run_here(engine, tell=tell) is ExitCode.TEMPORARY
        assert rows(engine) == [("run-7", "error"), ("run-14", "error")]
        assert closing(engine) == []

    def test_a_stop_begins_no_other_run_and_says_what_those_owe_that_began(self, engine):
        def work(run):
            raise Interrupted("stopped by SIGTERM")

        with pytest.raises(Interrupted):
            self.run_here(engine, work)
        assert rows(engine) == [("run-7", "error")]


def test_a_second_start_is_refused_with_the_name_of_the_first(engine, database):
    second = connect(database, application_name="second")

    def work(run):
        with pytest.raises(
            LockHeld, match="run run-1 of simplify_dashboard_daily is at work since"
        ):
            run_here(second, run=ref("run-2"))

    assert run_here(engine, work=work) is ExitCode.OK
    assert rows(engine) == [("run-1", "ok")]
    second.dispose()


def test_pipelines_do_not_lock_each_other_out(engine, database):
    second = connect(database, application_name="second")

    run_here(engine, work=lambda _: run_here(second, run=ref("run-2", Pipeline.WEEKLY)))

    assert sorted(rows(engine)) == [("run-1", "ok"), ("run-2", "ok")]
    second.dispose()


def test_the_lock_is_free_after_the_run(engine, database):
    run_here(engine)
    second = connect(database, application_name="second")

    assert run_here(second, run=ref("run-2"), supersedes=True) is ExitCode.OK
    second.dispose()


def test_the_row_of_a_killed_run_is_closed_by_the_next(engine):
    with engine.begin() as connection:
        queries.begin(connection, ref("killed"))

    run_here(engine)

    assert rows(engine) == [("killed", "error"), ("run-1", "ok")]
    assert "closed by run run-1" in summary_text(engine, "killed")


def test_a_run_id_is_used_once(engine):
    run_here(engine)

    with pytest.raises(UsageError, match="run-1 is taken"):
        run_here(engine, supersedes=True)


def test_a_pending_migration_refuses_before_anything_is_written(empty_database):
    engine = connect(empty_database, application_name="tests")

    with pytest.raises(PendingMigration, match=r"python -m jobs\.migrate"):
        run_here(engine)
    engine.dispose()


def test_a_rehearsal_leaves_no_row(engine):
    assert dry_run(engine, ref(), something_owed) is ExitCode.TEMPORARY

    assert rows(engine) == []
