"""A run that will be late says so while there is time, once, and is none the worse for it.

A real database, a real alert channel and real runs; the clock is a fake where time has to go by.
"""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
import stamina
from sqlalchemy import select

from demo.mailbox import Refusal, Stage
from lib import dates, log
from lib.config.settings import MailSettings
from lib.db import tables
from lib.errors import ExitCode, Interrupted
from lib.model import Phase, Pipeline, RunRef, Status
from lib.notify.alerts import channels
from lib.notify.alerts.send import AlertSender
from lib.pipelines.deadline import monitor
from lib.pipelines.deadline.forecast import PastDurations, Progress
from lib.pipelines.deadline.monitor import LONGEST_WAIT_S, SHORTEST_WAIT_S, until_late, watch
from lib.run import Mails, Outcome, Task, execute
from tests.factories.notify_rows import add_recipient
from tests.factories.notify_rows import settings as settings_of
from tests.factories.runs import add_run
from tests.fakes.alert_channel import serving

BEGAN_AT = datetime(2025, 11, 15, 2, 30, tzinfo=UTC)
REPORT_ON = date(2025, 11, 14)
NINE = time(9)
DUE_AT = datetime(2025, 11, 15, 3, 30, tzinfo=UTC)
MORNING = {"login": 10, "scrape": 60, "download": 600, "report": 120, "notify": 40}
PATIENCE_S = 30


class Clock:
    """Time that goes by only where somebody waits."""

    def __init__(self, at=BEGAN_AT):
        self.at = at
        self.waits = []

    def now(self):
        return self.at

    def wait(self, seconds):
        self.waits.append(seconds)
        self.at += timedelta(seconds=seconds)
        return False


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(dates, "now", clock.now)
    return clock


def stuck_in(phase, clock, before):
    """A run that has done what is `before` and then does not get on."""

    def progress():
        elapsed_s = (clock.at - BEGAN_AT).total_seconds()
        spent = {Phase(name): MORNING[name] for name in before}
        return Progress(spent | {phase: elapsed_s - sum(spent.values())}, set(spent), {})

    return progress


def test_it_warns_as_soon_as_the_rest_does_not_fit_any_more(clock):
    progress = stuck_in(Phase.SCRAPE, clock, ["login"])
    late = until_late(DUE_AT, PastDurations((MORNING,) * 3), progress, clock.wait)

    still_to_come = timedelta(seconds=600 + 120 + 40)
    assert timedelta() <= late.at - (DUE_AT - still_to_come) <= timedelta(seconds=SHORTEST_WAIT_S)
    assert late.slow.phase is Phase.SCRAPE
    assert max(clock.waits) <= LONGEST_WAIT_S


def test_without_history_it_warns_when_the_deadline_is_over(clock):
    progress = stuck_in(Phase.SCRAPE, clock, ["login"])
    late = until_late(DUE_AT, PastDurations(()), progress, clock.wait)

    assert timedelta() <= late.at - DUE_AT <= timedelta(seconds=SHORTEST_WAIT_S)
    assert (late.expected_at, late.slow) == (None, None)


def test_a_clock_that_is_set_forward_is_noticed_within_a_minute(clock):
    def wait(seconds):
        clock.at += timedelta(hours=2)
        return clock.wait(seconds)

    progress = stuck_in(Phase.SCRAPE, clock, ["login"])
    late = until_late(DUE_AT, PastDurations((MORNING,) * 3), progress, wait)

    assert late.at == BEGAN_AT + timedelta(hours=2, seconds=LONGEST_WAIT_S)


def test_when_the_mails_are_out_nothing_is_late(clock):
    clock.at = DUE_AT + timedelta(hours=1)
    out = Progress({Phase.NOTIFY: 40.0}, {Phase.NOTIFY}, {})

    assert until_late(DUE_AT, PastDurations((MORNING,) * 3), lambda: out, clock.wait) is None


def test_a_run_that_ends_is_not_looked_at_any_more(clock):
    progress = stuck_in(Phase.SCRAPE, clock, ["login"])

    assert until_late(DUE_AT, PastDurations((MORNING,) * 3), progress, lambda _: True) is None


@pytest.fixture
def channel():
    with serving() as served:
        yield served


@pytest.fixture
def configured(database, channel, tmp_path):
    return replace(
        settings_of(tmp_path, None),
        database_url=database,
        alert_urls=(channel.url,),
        deadlines={"daily": NINE},
    )


def add_history(engine, days=3, **changes):
    for ago in range(1, days + 1):
        on = REPORT_ON - timedelta(days=ago)
        began_at = BEGAN_AT - timedelta(days=ago)
        ref = RunRef(Pipeline.DAILY, f"{on}", "dev", on, began_at)
        add_run(engine, ref, closes=True, metrics_json={"durations_s": MORNING | changes})


def run_daily(engine, configured, work, run_id="run-1", began_at=BEGAN_AT, *, is_wanted=True):
    """Execute a run that is watched; its mails are an outcome."""
    ref = RunRef(Pipeline.DAILY, run_id, "dev", REPORT_ON, began_at)
    watched = watch(configured, Pipeline.DAILY, is_wanted=is_wanted)

    def send(runs):
        for run in runs:
            with run.phase(Phase.NOTIFY):
                run.record(Outcome(Phase.NOTIFY, Status.OK, "A668"))

    mails = Mails(lambda *_: None, send)
    return execute(engine, ref.pipeline, run_id, lambda: [[Task(ref, work, watch=watched)]], mails)


def until(arrived):
    """Work that goes on until the channel has got something."""

    def work(run):
        run.may_close = True
        with run.phase(Phase.SCRAPE):
            assert arrived.wait(PATIENCE_S)

    return work


def quickly(run):
    run.may_close = True
    with run.phase(Phase.SCRAPE):
        pass


def events(capsys):
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in lines if "mails" in line["message"] and "DEADLINE" in line["message"]]


@pytest.fixture(autouse=True)
def logged():
    log.start(pipeline_name=Pipeline.DAILY, run_id="run-1")


def test_people_hear_once_that_mails_will_be_late_and_the_run_ends_well(
    engine, configured, channel, clock, capsys
):
    add_history(engine, scrape=600.0, report=3_400.0)

    assert run_daily(engine, configured, until(channel.arrived)) is ExitCode.OK

    [alert] = channel.received
    assert alert["title"] == "[Simplify] the daily mails of Fri 14 Nov will be late"
    assert alert["type"] == "warning"
    message = alert["message"]
    assert "- report: not begun, usually 57 min" in message
    assert "docs/how-to/meet-a-deadline.md" in message
    [expected, warned] = events(capsys)
    assert expected["status"] == "info"
    assert "median of the last 3 runs" in expected["message"]
    assert warned["status"] == "warning"
    assert warned["report_date"] == "2025-11-14"
    assert warned["message"] == (
        "the daily mails of Fri 14 Nov will be out by 15 Nov, 9:17 am IST, 17 min after"
        " 15 Nov, 9:00 am IST (DEADLINE_DAILY);"
        " no phase is slower than usual, so the run began too late"
    )
    assert message.splitlines()[0][1:] == f"{warned['message'][1:]}."


def test_a_retry_logs_it_again_and_warns_nobody_twice(engine, configured, channel, clock, capsys):
    add_history(engine, report=4_000.0)
    run_daily(engine, configured, until(channel.arrived))
    capsys.readouterr()

    def fail(run):
        run.record(Outcome(Phase.SCRAPE, Status.ERROR, "A668", "down"))
        arrived_again.wait(PATIENCE_S)

    arrived_again = threading.Event()
    known = monitor.notify.AlertSender.notify_deadline

    def notify_deadline(*arguments):
        try:
            return known(*arguments)
        finally:
            arrived_again.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(monitor.notify.AlertSender, "notify_deadline", notify_deadline)
        run_daily(engine, configured, fail, "run-2", BEGAN_AT + timedelta(minutes=5))

    assert len(channel.received) == 1
    assert [line["status"] for line in events(capsys)] == ["info", "warning"]
    with engine.connect() as connection:
        [row] = connection.execute(select(tables.notification_alerts)).all()
    assert (row.unit, row.cause, row.occurrences) == ("deadline of daily", "2025-11-14", 2)


def rows_of_alerts(engine):
    with engine.connect() as connection:
        return connection.execute(select(tables.notification_alerts)).all()


def alerting(engine, configured):
    return AlertSender(configured, engine, BEGAN_AT)


def warn(sender):
    return sender.notify_deadline(Pipeline.DAILY, REPORT_ON, "late", "words")


def test_a_run_that_is_killed_while_it_warns_is_not_followed_by_another_warning(
    engine, configured, channel, monkeypatch
):
    """Whether the channel had it is not known then."""

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(channels, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            warn(alerting(engine, configured))

    assert warn(alerting(engine, configured))
    assert channel.received == []


def test_a_warning_that_reached_nobody_is_sent_by_the_next_run(engine, configured, channel):
    channel.status = 500
    assert not warn(alerting(engine, configured))
    [row] = rows_of_alerts(engine)
    assert row.told_at is None

    channel.status = 200
    assert warn(alerting(engine, configured))
    assert warn(alerting(engine, configured))
    assert len(channel.received) == 2
    [row] = rows_of_alerts(engine)
    assert (row.occurrences, row.told_at is None) == (3, False)


def test_a_warning_by_mail_of_which_nobody_knows_is_not_repeated(engine, configured, mailbox):
    mail = MailSettings(mailbox.host, mailbox.port, "reports@example.invalid", use_tls=False)
    by_mail = replace(configured, alert_urls=(), mail=mail)
    add_recipient(engine, "run_summary", "operator@example.invalid")
    mailbox.refuse(Refusal(Stage.ACCEPTED, times=1, drops=True))

    assert warn(alerting(engine, by_mail))
    assert warn(alerting(engine, by_mail))
    assert len(mailbox.messages()) == 1


def test_a_run_in_time_warns_nobody(engine, configured, channel, clock, capsys):
    add_history(engine)

    assert run_daily(engine, configured, quickly) is ExitCode.OK

    assert channel.received == []
    assert [line["status"] for line in events(capsys)] in (["info"], [])


def test_what_is_not_known_is_said_and_not_guessed(engine, configured, channel, clock, capsys):
    add_history(engine, days=2)
    said = threading.Event()
    info = log.info

    def note(message, **fields):
        info(message, **fields)
        said.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "info", note)
        run_daily(engine, configured, until(said))

    [line] = events(capsys)
    assert line["message"] == (
        "when the mails will be out is not known: 2 earlier runs that did all of a date say how"
        " long it takes, and 3 are needed; they must be by 15 Nov, 9:00 am IST (DEADLINE_DAILY)"
    )
    assert channel.received == []


@pytest.mark.parametrize(
    ("changes", "began_at", "is_wanted"),
    [
        pytest.param({"deadlines": {}}, BEGAN_AT, True, id="no deadline"),
        pytest.param({"deadlines": {"weekly": NINE}}, BEGAN_AT, True, id="another pipeline's"),
        pytest.param({}, BEGAN_AT + timedelta(days=2), True, id="a period that is caught up"),
        pytest.param({}, BEGAN_AT, False, id="no mails"),
    ],
)
def test_nothing_is_watched_where_nothing_is_due(
    changes, began_at, is_wanted, engine, configured, channel, clock, capsys
):
    before = threading.active_count()
    threads = []

    def work(run):
        threads.append(threading.active_count())

    run_daily(engine, replace(configured, **changes), work, began_at=began_at, is_wanted=is_wanted)

    assert threads == [before]
    assert events(capsys) == []


def test_a_channel_that_hangs_holds_up_neither_the_mails_nor_the_row(
    engine, configured, channel, clock, monkeypatch
):
    channel.answers.clear()
    monkeypatch.setattr(monitor, "ENDING_S", 0.0)
    add_history(engine, report=4_000.0)

    assert run_daily(engine, configured, until(channel.arrived)) is ExitCode.OK
    with engine.connect() as connection:
        runs = tables.pipeline_run_summaries
        query = select(runs.c.overall_status).where(runs.c.run_id == "run-1")
        assert connection.execute(query).scalar_one() == "ok"

    watching = [one for one in threading.enumerate() if one.name == "deadline"]
    channel.answers.set()
    for thread in watching:
        thread.join(PATIENCE_S)


def test_a_database_that_refuses_the_watch_leaves_the_run_alone(
    engine, configured, channel, clock, capsys
):
    away = replace(configured, database_url="postgresql+psycopg2://nobody@127.0.0.1:1/none")
    said = threading.Event()
    warning = log.warning

    def note(message, **fields):
        warning(message, **fields)
        said.set()

    with pytest.MonkeyPatch.context() as patch, stamina.set_testing(True, attempts=1):
        patch.setattr(log, "warning", note)
        assert run_daily(engine, away, until(said)) is ExitCode.OK

    assert "the deadline of the mails is not watched" in capsys.readouterr().out
    assert channel.received == []


def test_a_machine_without_room_for_a_thread_runs_without_a_watch(
    engine, configured, clock, capsys, monkeypatch
):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    assert run_daily(engine, configured, quickly) is ExitCode.OK
    assert "the deadline of the mails is not watched" in capsys.readouterr().out


def test_a_stop_does_not_wait_for_an_alert(engine, configured, channel, clock):
    channel.answers.clear()
    add_history(engine, report=4_000.0)

    def work(run):
        until(channel.arrived)(run)
        raise Interrupted("stopped by SIGTERM")

    with pytest.raises(Interrupted):
        run_daily(engine, configured, work)

    watching = [one for one in threading.enumerate() if one.name == "deadline"]
    assert watching, "it still waits for the channel"
    channel.answers.set()
    for thread in watching:
        thread.join(PATIENCE_S)
