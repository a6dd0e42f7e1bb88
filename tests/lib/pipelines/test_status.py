"""The overview: how periods stand, what to do next, and the three ways to show it."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert, select

from lib import dates
from lib.db.tables import (
    documents,
    notification_deliveries,
    notification_messages,
    pipelines,
)
from lib.db.tables import notification_profiles as profiles
from lib.db.tables import notification_recipients as recipients
from lib.db.tables import pipeline_run_summaries as runs
from lib.domain.mail_states import WITHDRAWN
from lib.model import Pipeline, RunRef
from lib.pipelines.status import as_json, page
from lib.pipelines.status.facts import (
    Cell,
    MailGroup,
    Morning,
    Overview,
    RunRow,
    State,
    Step,
    grid,
    recoverable_days,
)
from lib.pipelines.status.headline import headline, reason_of
from lib.pipelines.status.lines import grid_lines, mail_lines, unread_lines
from lib.pipelines.status.next_steps import next_steps
from lib.pipelines.status.queries import days_without_reports, undelivered_mails, unread_combined
from lib.pipelines.status.show import on_terminal
from lib.run import queries
from tests.factories.documents import report_row
from tests.factories.notify_rows import settings as settings_of
from tests.factories.runs import add_run
from tests.factories.tables import add_day, add_store
from tests.programs import run_job

TODAY = date(2025, 11, 18)
ZONE = ZoneInfo("Asia/Kolkata")
AT = datetime(2025, 11, 18, 3, tzinfo=UTC)
COMMAND = "python -m jobs.{}".format
NOTHING = dict.fromkeys(Pipeline, frozenset())
SUNDAY = date(2025, 11, 16)


def run(status="ok", pipeline=Pipeline.DAILY, report_on=date(2025, 11, 17), hours=0):
    at = AT + timedelta(hours=hours)
    return RunRow(pipeline, f"run-{hours}", report_on, status, at, at, closes=False, summary="")


def states(cells, pipeline):
    return {cell.label: cell.state for cell in cells[pipeline]}


def test_the_grid_goes_back_five_weeks_twelve_weeks_and_twelve_months():
    cells = grid(TODAY, (), (), NOTHING)
    ends = {pipeline: (row[0].label, row[-1].label, len(row)) for pipeline, row in cells.items()}

    assert ends == {
        Pipeline.DAILY: ("2025-10-14", "2025-11-17", 35),
        Pipeline.WEEKLY: ("2025-W35", "2025-W46", 12),
        Pipeline.MONTHLY: ("2024-11", "2025-10", 12),
    }


@pytest.mark.parametrize(
    ("days", "made", "closed", "expected"),
    [
        pytest.param((), [], (), State.NO_DATA, id="nothing stored"),
        pytest.param((date(2025, 11, 12),), [], (), State.OPEN, id="data and no run"),
        pytest.param((SUNDAY,), [run("error")], (), State.OWED, id="a run that owes"),
        pytest.param((SUNDAY,), [run("running")], (), State.RUNNING, id="at work"),
        pytest.param(
            (SUNDAY,),
            [run("error", hours=1), run("warning")],
            (),
            State.OWED,
            id="the latest run decides",
        ),
        pytest.param(
            (SUNDAY,), [run("error", hours=1)], (SUNDAY,), State.CLOSED, id="closed stays closed"
        ),
        pytest.param((), [run("warning")], (), State.NO_DATA, id="a run that found nothing"),
    ],
)
def test_how_a_week_stands(days, made, closed, expected):
    rows = [replace(each, pipeline=Pipeline.WEEKLY, report_on=SUNDAY) for each in made]
    cells = grid(TODAY, days, rows, NOTHING | {Pipeline.WEEKLY: closed})

    assert states(cells, Pipeline.WEEKLY)["2025-W46"] is expected


def steps(days=(), closed=NOTHING, mails=(), made=(), unmade=()):
    """Return what must be done and what may be done, as commands."""
    cells = grid(TODAY, days, made, closed)
    found = next_steps(cells, mails, unmade, has_history=bool(days))
    lines = {True: [], False: []}
    for step in found:
        lines[step.is_required].append(step.text(COMMAND(step.job)))
    assert [step.is_required for step in found] == sorted(
        (step.is_required for step in found), reverse=True
    )
    return lines[True], lines[False]


def test_a_fresh_database_needs_the_daily_job():
    assert steps() == (["python -m jobs.daily"], [])


def test_everything_that_is_open_has_its_command():
    mails = [
        MailGroup(Pipeline.WEEKLY, SUNDAY, "pending", 2),
        MailGroup(Pipeline.DAILY, date(2025, 11, 17), "uncertain", 1),
        MailGroup(Pipeline.DAILY, date(2025, 11, 16), "failed", 2, ("T105",)),
    ]
    notify = "python -m jobs.notify --pipeline simplify_dashboard"

    assert steps({date(2025, 10, 12)}, mails=mails) == (
        [
            "python -m jobs.daily",
            "python -m jobs.weekly",
            "python -m jobs.monthly",
            f"{notify}_daily --report-date 2025-11-17 --accept  # or --resend",
            f"{notify}_daily --report-date 2025-11-16 --resend  # after correcting the recipient",
        ],
        [f"{notify}_weekly --report-date 2025-11-16  # a timer does it, too"],
    )


def test_where_all_is_closed_there_is_nothing_to_do():
    closed = {
        Pipeline.DAILY: {date(2025, 11, 17)},
        Pipeline.WEEKLY: {date(2025, 10, 12)},
        Pipeline.MONTHLY: {date(2025, 10, 31)},
    }
    assert steps({date(2025, 10, 12)}, closed) == ([], [])


YESTERDAY_IS_CLOSED = NOTHING | {Pipeline.DAILY: {date(2025, 11, 17)}}


def test_a_past_day_gets_the_reports_of_what_is_stored_the_latest_ones_first_to_be_named():
    unmade = [TODAY - timedelta(days=number) for number in range(9, 1, -1)]
    assert steps(closed=YESTERDAY_IS_CLOSED, unmade=unmade) == (
        [],
        [
            f"python -m jobs.reports --date 2025-11-{day}"
            "  # what is stored of that day; it stays open"
            for day in (12, 13, 14, 15, 16)
        ],
    )


@pytest.mark.parametrize(
    ("state", "must", "may"),
    [
        pytest.param(
            "uncertain",
            ["… --accept  # or --resend"] * 5
            + ["python -m jobs.status --json  # names 29 more dates to decide about"],
            [],
            id="each-is-decided-by-itself",
        ),
        pytest.param(
            "pending",
            [],
            ["python -m jobs.notify  # a timer does it, too"],
            id="one-command-sends-all",
        ),
    ],
)
def test_many_dates_make_few_steps(state, must, may):
    mails = [
        MailGroup(Pipeline.DAILY, TODAY - timedelta(days=number), state, 1)
        for number in range(1, 35)
    ]
    required, possible = steps(closed=YESTERDAY_IS_CLOSED, mails=mails)

    assert ["… " + line.split(" ", 7)[-1] if "--accept" in line else line for line in required] == (
        must
    )
    assert possible == may


def test_on_a_host_the_command_is_the_one_that_is_typed_there():
    settings = replace(settings_of(Path(), None), job_command="simplify {job}")

    assert settings.command("daily") == "simplify daily"
    assert Step("notify", "--resend").text(settings.command("notify")) == "simplify notify --resend"


def lines_of(days, unmade=(), mails=()):
    cells = grid(TODAY, days, [], NOTHING, recoverable_days(unmade, mails))
    return [line.strip() for line in grid_lines(overview(grid=cells)) if "…  " not in line]


def test_a_past_day_without_data_is_lost_unless_it_was_before_the_first_one():
    days = {date(2025, 11, 14), date(2025, 11, 17)}
    found = [line for line in lines_of(days) if line[0] in "○⊘"]

    assert found == [
        "⊘ 2025-11-14 … 2025-11-16 (3) lost: the portal shows only yesterday",
        "○ 2025-11-17 open",
        "○ 2025-W46 open",
    ]


def test_a_past_day_whose_reports_can_be_made_is_not_lost():
    days = {date(2025, 11, 14), date(2025, 11, 17)}
    found = [line for line in lines_of(days, unmade={date(2025, 11, 14)}) if line[0] in "○⊘"]

    assert found[:2] == [
        "○ 2025-11-14 open: the commands above do what can still be done",
        "⊘ 2025-11-15 … 2025-11-16 (2) lost: the portal shows only yesterday",
    ]


@pytest.mark.parametrize(
    ("pipeline", "is_lost"), [(Pipeline.DAILY, False), (Pipeline.WEEKLY, True)]
)
def test_a_past_day_with_a_mail_that_may_still_close_it_is_not_lost(pipeline, is_lost):
    mails = [MailGroup(pipeline, date(2025, 11, 14), "pending", 1)]
    found = lines_of({date(2025, 11, 14)}, mails=mails)

    assert any(line.startswith("⊘ 2025-11-14") for line in found) is is_lost


def test_before_the_first_day_nothing_is_lost():
    assert not [line for line in lines_of(()) if "⊘" in line]


def test_many_like_mails_are_one_line_and_a_refused_one_names_its_store():
    mails = (
        *(MailGroup(Pipeline.DAILY, date(2025, 11, day), "pending", 2) for day in (17, 16, 15)),
        MailGroup(Pipeline.WEEKLY, SUNDAY, "failed", 1, ("T105",)),
    )
    assert list(mail_lines(overview(mails=mails))) == [
        "6 mails pending, daily 2025-11-15 … 2025-11-17 (3 dates)",
        "1 mail refused for good (T105), weekly 2025-11-16",
    ]


def test_a_combined_report_that_nobody_reads_is_named():
    assert list(unread_lines(overview(unread=(Pipeline.WEEKLY,)))) == [
        "The weekly report of all stores (ALL) has no reader: docs/how-to/add-a-recipient.md"
    ]


# The first line.

CODES = ("A668", "A817", "B002", "T105", "TS48")


def this_morning(missing, refused=(), *, has_run=True, is_running=False, stores=CODES):
    return Morning(YESTERDAY, stores, missing, has_run, is_running, refused)


YESTERDAY = date(2025, 11, 17)


@pytest.mark.parametrize(
    ("morning", "line"),
    [
        pytest.param(this_morning({}), "all 5 stores have their report", id="all-is-well"),
        pytest.param(
            this_morning({}, stores=("A668",)), "1 store has its report", id="one-store-only"
        ),
        pytest.param(
            this_morning({"TS48": "server error (status 500)", "B002": "it shows A900"}, ("T105",)),
            "2 of 5 stores have no report: TS48 (server error (status 500)), B002 (it shows A900); "
            "1 owner's mail was refused: T105",
            id="each-with-its-reason",
        ),
        pytest.param(
            this_morning({"TS48": "busy", "B002": "busy", "A668": ""}, ("A817", "T105")),
            "3 of 5 stores have no report: TS48, B002 (busy), A668 (the runs do not say why); "
            "2 owners' mails were refused: A817, T105",
            id="one-reason-once",
        ),
        pytest.param(
            this_morning({"TS48": "busy"}),
            "1 of 5 stores has no report: TS48 (busy)",
            id="one-store-is-singular",
        ),
        pytest.param(
            this_morning(dict.fromkeys(CODES, ""), has_run=False),
            "5 of 5 stores have no report: no daily run of 2025-11-17 has begun",
            id="before-the-run",
        ),
        pytest.param(
            this_morning({"TS48": ""}, is_running=True),
            "1 of 5 stores has no report yet: the daily run is at work",
            id="while-it-runs",
        ),
        pytest.param(
            this_morning({}, stores=()),
            "no store is configured to get a report (REPORT_STORES_LIST)",
            id="no-store",
        ),
        pytest.param(
            this_morning({f"S{n}": "away" for n in range(10)}),
            "10 of 5 stores have no report: S0, S1, S2, S3, S4, S5, S6, S7 and 2 more (away)",
            id="many-are-counted",
        ),
    ],
)
def test_the_first_line_says_how_the_morning_stands(morning, line):
    assert headline(morning) == f"Today: {line}"


SUMMARY = """Pipeline: simplify_dashboard_daily
Status: error

Phases:
- scrape: ERROR

Data:
- Stores processed: A668

Issues:
- TS48 missed_leads: TS48: missed leads is missing: server error (status 500)
- TS48: no dashboard of TS48 for 2025-11-17 is stored; run the daily job
- B002: B002: dashboard is missing: the title shows the code A900
- the login failed"""


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("TS48", "server error (status 500)"),
        ("B002", "the title shows the code A900"),
        ("A817", "the login failed"),
    ],
)
def test_the_reason_of_a_store_is_the_first_error_about_it_else_that_of_the_run(code, reason):
    runs = [replace(run("error"), summary=SUMMARY)]
    assert reason_of(code, runs, YESTERDAY) == reason


def test_the_latest_run_that_says_a_reason_counts_and_other_days_say_none():
    silent = replace(run("warning", hours=2), summary="Issues:\n- none")
    later = replace(run("error", hours=1), summary="\nIssues:\n- TS48: busy")
    first = replace(run("error"), summary=SUMMARY)

    assert reason_of("TS48", [silent, later, first], YESTERDAY) == "busy"
    assert reason_of("TS48", [later], SUNDAY) == ""


def overview(**changes):
    cells = grid(TODAY, {SUNDAY}, [run()], NOTHING)
    made = Overview(
        at=AT,
        today=TODAY,
        headline="Today: <all> is well",
        morning=this_morning({"TS48": "busy"}, ("T105",)),
        runs=(run(),),
        grid=cells,
        mails=(MailGroup(Pipeline.DAILY, SUNDAY, "pending", 3),),
        unread=(Pipeline.MONTHLY,),
        killed=("gone",),
        steps=(Step("do", "<this>"), Step("do", "that", is_required=False)),
    )
    return replace(made, **changes)


def test_json_has_every_fact():
    shown = json.loads(as_json(overview(), COMMAND))

    assert list(shown) == [
        "at",
        "today",
        "headline",
        "without_report",
        "refused",
        "runs",
        "periods",
        "undelivered",
        "unread",
        "killed",
        "deadlines",
        "next_steps",
        "possible_steps",
    ]
    assert (shown["headline"], shown["without_report"], shown["refused"]) == (
        "Today: <all> is well",
        {"TS48": "busy"},
        ["T105"],
    )
    assert shown["runs"][0]["report_date"] == "2025-11-17"
    assert shown["periods"][Pipeline.WEEKLY][-1] == {
        "label": "2025-W46",
        "report_date": "2025-11-16",
        "state": "open",
    }
    assert shown["undelivered"] == [
        {
            "pipeline": Pipeline.DAILY,
            "report_date": "2025-11-16",
            "state": "pending",
            "deliveries": 3,
            "stores": [],
        }
    ]
    assert (shown["killed"], shown["unread"]) == (["gone"], [Pipeline.MONTHLY])
    assert shown["next_steps"] == ["python -m jobs.do <this>"]
    assert shown["possible_steps"] == ["python -m jobs.do that"]


def test_the_terminal_begins_with_the_first_line_and_tells_must_from_may(capsys):
    on_terminal(overview(), ZONE, COMMAND)
    lines = capsys.readouterr().out.splitlines()

    assert lines[:7] == [
        "Today: <all> is well",
        "",
        "To do:",
        "  python -m jobs.do <this>",
        "",
        "Possible, or done by a timer:",
        "  python -m jobs.do that",
    ]
    assert "Undelivered: 3 mails pending, daily 2025-11-16" in lines
    assert "Run gone was killed; its row says so now." in lines


def test_without_a_required_step_there_is_nothing_to_do(capsys):
    on_terminal(overview(steps=()), ZONE, COMMAND)
    assert "Nothing to do." in capsys.readouterr().out.splitlines()


def test_a_narrow_terminal_cuts_no_date_and_no_run(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    weekly = replace(
        run("warning", Pipeline.WEEKLY), run_id="20251118_034020930917-2025-W46", closes=True
    )
    on_terminal(overview(runs=(weekly, run())), ZONE, COMMAND)
    shown = capsys.readouterr().out

    assert (
        "weekly    2025-11-17   warning,     2025-11-18    20251118_034020930917-2025-W46" in shown
    )
    assert "daily     2025-11-17   ok           2025-11-18    run-0" in shown


class Loads(HTMLParser):
    """Collects whatever a page would load or run."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found += [tag] if tag in {"script", "img", "link", "iframe", "object"} else []
        self.found += [
            name
            for name, _ in attrs
            if name in {"src", "href", "srcset", "data"} or name.startswith("on")
        ]


def test_the_page_loads_nothing_and_escapes_what_it_shows():
    text = page(overview(), ZONE, COMMAND)

    assert Loads(text).found == []
    assert "url(" not in text
    assert "<code>python -m jobs.do &lt;this&gt;</code>" in text
    assert '<p class="headline">Today: &lt;all&gt; is well</p>' in text
    assert "as of 2025-11-18 08:30 (Asia/Kolkata)" in text


def test_the_page_has_a_square_for_every_period_and_says_states_in_words():
    text = page(overview(), ZONE, COMMAND)

    assert text.count("<td class=") == 35
    assert text.count("<li class=") == 24
    assert 'title="2025-11-16: lost"' in text


def test_the_days_stand_under_their_weekdays():
    cells = {
        **overview().grid,
        Pipeline.DAILY: (Cell(dates.Period(SUNDAY, SUNDAY), "2025-11-16", State.CLOSED),),
    }
    row = (
        page(overview(grid=cells), ZONE, COMMAND)
        .split('<table class="days">')[1]
        .split("</table>")[0]
    )

    assert row.count("<td></td>") == 6
    assert row.index("<td></td>") < row.index("16 Nov")


def test_the_page_with_nothing_in_it():
    text = page(overview(runs=(), mails=(), killed=(), steps=()), ZONE, COMMAND)

    assert "Nothing to do." in text
    assert "None yet." in text


class TestTheJob:
    def test_it_shows_the_state_of_a_database(self, engine, database, tmp_path):
        add_store(engine)
        add_day(engine, dates.today(ZONE, dates.now()) - timedelta(days=40))
        done = run_job("status", cwd=tmp_path, DATABASE_URL=database)

        assert (done.returncode, done.stderr) == (0, "")
        assert "No run yet." in done.stdout
        assert "python -m jobs.daily" in done.stdout

    def test_its_first_line_names_the_stores_without_report_and_the_host_s_command(
        self, engine, database, tmp_path
    ):
        yesterday = dates.report_day(dates.today(ZONE, dates.now()))
        ref = RunRef(Pipeline.DAILY, "daily", "dev", yesterday, dates.now())
        issues = "\nIssues:\n- TS48: TS48: dashboard is missing: server error (status 500)"
        add_run(engine, ref, overall_status="error", summary_text=issues)
        with engine.begin() as connection:
            row = report_row(ref, "A668", file_path="2025/A668.pdf")
            connection.execute(insert(documents).values(**row))
        mailed(engine, yesterday, "failed", "A668")
        done = run_job(
            "status",
            cwd=tmp_path,
            DATABASE_URL=database,
            REPORT_STORES_LIST="A668,TS48",
            JOB_COMMAND="simplify {job}",
        )

        assert done.stdout.splitlines()[0] == (
            "Today: 1 of 2 stores has no report: TS48 (server error (status 500)); "
            "1 owner's mail was refused: A668"
        )
        assert (
            f"  simplify notify --pipeline {Pipeline.DAILY} --report-date {yesterday} --resend"
            in (done.stdout)
        )
        assert "python -m" not in done.stdout
        assert "Nothing to do." not in done.stdout

    def test_a_killed_run_is_closed(self, engine, database, tmp_path):
        ref = RunRef(Pipeline.WEEKLY, "killed", "dev", SUNDAY, AT)
        with engine.begin() as connection:
            queries.begin(connection, ref)
        done = run_job("status", "--json", cwd=tmp_path, DATABASE_URL=database)

        assert json.loads(done.stdout)["killed"] == ["killed"]
        with engine.connect() as connection:
            row = connection.execute(select(runs.c.overall_status, runs.c.summary_text)).one()
        assert row.overall_status == "error"
        assert row.summary_text.endswith("Killed before its end; closed by jobs.status.")

    def test_a_run_at_work_is_left_alone(self, engine, database, tmp_path):
        ref = RunRef(Pipeline.WEEKLY, "at-work", "dev", SUNDAY, AT)
        with engine.connect() as holder:
            assert queries.try_lock(holder, Pipeline.WEEKLY)
            with engine.begin() as connection:
                queries.begin(connection, ref)
            done = run_job("status", "--json", cwd=tmp_path, DATABASE_URL=database)

        assert json.loads(done.stdout)["killed"] == []
        with engine.connect() as connection:
            assert connection.execute(select(runs.c.overall_status)).scalar_one() == "running"

    def test_the_page_is_written_whole(self, database, tmp_path):
        done = run_job("status", "--html", "status.html", cwd=tmp_path, DATABASE_URL=database)

        assert done.returncode == 0
        assert (tmp_path / "status.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
        assert [file.name for file in tmp_path.iterdir()] == ["status.html"]

    def test_a_page_without_a_path_goes_out_of_sight_and_its_path_is_logged(
        self, database, tmp_path
    ):
        done = run_job("status", "--html", cwd=tmp_path, DATABASE_URL=database)

        assert done.returncode == 0
        page = tmp_path / "var" / "status.html"
        assert page.exists()
        assert json.loads(done.stdout)["message"] == f"the status page is {page}"

    def test_a_page_that_cannot_be_written_is_for_a_person(self, database, tmp_path):
        done = run_job("status", "--html", "away/status.html", cwd=tmp_path, DATABASE_URL=database)

        assert done.returncode == 78
        assert "choose another --html PATH" in done.stdout

    def test_an_empty_database_says_what_to_run(self, empty_database, tmp_path):
        done = run_job("status", cwd=tmp_path, DATABASE_URL=empty_database)

        assert done.returncode == 78
        assert "python -m jobs.migrate" in done.stdout


@pytest.mark.integration
def test_looking_on_does_not_pay_for_what_makes_things():
    code = "import sys, lib.pipelines.status; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert {"alembic", "weasyprint", "playwright", "httpx", "jinja2", "rich"} & set(
        done.stdout.split()
    ) == set()


def test_days_lack_reports_while_a_store_with_figures_has_none(engine):
    first, second, third = (date(2025, 11, day) for day in (12, 13, 14))
    for code in ("A668", "A817", "T105"):
        add_store(engine, code)
        add_day(engine, first, code)
        add_day(engine, third, code)
    add_day(engine, second, "T105")
    ref = RunRef(Pipeline.DAILY, "run", "dev", first, AT)
    add_run(engine, ref)
    made = {"A668": (first, third), "A817": (third,)}
    statuses = {("A668", first): "ok", ("A668", third): "pruned", ("A817", third): "ok"}
    with engine.begin() as connection:
        for code, days in made.items():
            for day in days:
                connection.execute(
                    insert(documents).values(
                        **report_row(ref, code, doc_date=day, status=statuses[code, day])
                    )
                )
        connection.execute(insert(documents).values(**report_row(ref, "A817", status="error")))
    with engine.connect() as connection:
        assert days_without_reports(connection, ("A668", "A817"), first, third) == [first]
        assert days_without_reports(connection, ("A668",), first, third) == []
        assert days_without_reports(connection, ("T105",), second, third) == [second, third]
        assert days_without_reports(connection, (), first, third) == []


def mailed(engine, report_on, state, store_code="A668", reason="refused with 550"):
    """Add a delivery of a mail about a store and a day, in that state."""
    ref = RunRef(Pipeline.DAILY, f"run-{report_on}-{store_code}-{state}", "dev", report_on, AT)
    add_run(engine, ref)
    message = {
        "message_id": f"<{ref.run_id}@example.invalid>",
        "position": 0,
        "subject": "A report",
        "body": "Dear reader",
        "to_addresses": [],
        "cc_addresses": [],
        "attachments": [],
        "dated_at": AT,
    }
    delivery = {
        "pipeline_name": Pipeline.DAILY,
        "report_date": report_on,
        "profile_code": "readers",
        "profile_env": "any",
        "store_code": store_code,
        "recipient": "reader@example.invalid",
        "content_version": "1",
        "send_as": "to",
        "run_id": ref.run_id,
        "message_id": message["message_id"],
        "state": state,
        "reason": reason,
    }
    with engine.begin() as connection:
        connection.execute(insert(notification_messages).values(message))
        connection.execute(insert(notification_deliveries).values(delivery))


def test_what_is_refused_is_undelivered_and_a_withdrawn_reader_is_not(engine):
    day = date(2025, 11, 17)
    mailed(engine, day, "failed", "T105")
    mailed(engine, day, "failed", "A817", reason=WITHDRAWN)
    mailed(engine, day, "sent", "A668")
    mailed(engine, day, "uncertain", "B002")
    mailed(engine, date(2025, 10, 1), "failed", "TS48")
    with engine.connect() as connection:
        assert undelivered_mails(connection, date(2025, 11, 10)) == [
            MailGroup(Pipeline.DAILY, day, "failed", 1, ("T105",)),
            MailGroup(Pipeline.DAILY, day, "uncertain", 1, ("B002",)),
        ]


def test_a_combined_report_is_unread_until_its_profile_has_a_reader(engine):
    ref = RunRef(Pipeline.WEEKLY, "run", "dev", SUNDAY, AT)
    add_run(engine, ref)
    with engine.begin() as connection:
        connection.execute(insert(documents).values(**report_row(ref, "ALL", doc_date=SUNDAY)))
    unread = partial(unread_combined, run_env="dev", since=SUNDAY)
    with engine.begin() as connection:
        # The seeded profile has those of the mail about the run.
        assert unread(connection) == []
        connection.execute(delete(recipients))
        assert unread(connection) == [Pipeline.WEEKLY], "a profile alone reads nothing"
        assert unread_combined(connection, "dev", TODAY) == [], "too long ago"
        weekly = select(pipelines.c.id).where(pipelines.c.code == Pipeline.WEEKLY)
        seeded = select(profiles.c.id).where(
            profiles.c.pipeline_id == weekly.scalar_subquery(), profiles.c.scope == "combined"
        )
        profile_id = connection.execute(seeded).scalar_one()
        reader = {
            "profile_id": profile_id,
            "email_address": "owner@example.invalid",
            "send_as": "to",
        }
        connection.execute(insert(recipients).values(reader))
        assert unread(connection) == []
